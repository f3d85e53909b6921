"""Files of other tools as tables of ours: the format is found from the content, a mapping says what the codes mean."""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis import codebook, dates, tidy
from analysis.errors import CorpusError, Problem
from analysis.readers import draft, formats
from analysis.readers.found import Document, Found
from analysis.readers.mapping import FACTS, Meanings, Source
from analysis.readers.meaning import Meaning, Record, meaning
from analysis.readers.named import slug, unique
from analysis.readers.native import fields
from analysis.readers.native.records import Coding, Text, article_row, checked, mention_rows, statement_rows
from analysis.schema import Tables
from analysis.yaml12 import Record as Fields

_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})[T ].+", re.ASCII)
_LONGEST, _LONGEST_CODER = 80, 40  # of ids that are parts of a file's name, which has 255 bytes
_LISTS = {"statement": "statements", "event": "events"}


@dataclass(frozen=True)
class Article:
    """A document as an article of ours: its id, what is told of it, its text, and where it stands."""

    article_id: str
    front: dict[str, Any]
    text: str | None
    where: str


@dataclass(frozen=True)
class Imported:
    """Articles by document, records by article and coder, and what the marks meant."""

    articles: dict[str, Article]
    codings: dict[tuple[str, str], dict[str, list[Fields]]]
    meaning: Meaning

    @property
    def summary(self) -> str:
        """What came in, and by kind and reason what did not."""
        counts = Counter(record.kind for record in self.meaning.records)
        told = [f"{len(self.articles)} articles, {counts['statement']} statements, {counts['event']} event mentions"]
        told += [f"not mapped: {n} × {kind}" for kind, n in self.meaning.unmapped.most_common()]
        told += [f"left out: {n} × {reason}" for reason, n in self.meaning.left_out.most_common()]
        return "\n".join(told)


def imported(path: Path, format: str | None = None, meanings: Meanings | None = None) -> Imported:  # noqa: A002
    """The records of a file or folder under a mapping; without one, under that which its names suggest.

    Raises
    ------
    CorpusError, ParameterError
        Everything that is wrong; nothing is read by halves.
    """
    given = meanings.options if meanings else {}
    found = formats.find(path, format or (meanings.format if meanings else None), given)
    if not found.documents and not found.marks:
        raise CorpusError(_nothing(path, found))
    if meanings is None:
        meanings = draft.draft(found)
        if not meanings.codes:
            raise CorpusError(_unclear(path, found))
    book = codebook.read(meanings.codebook, shown=meanings.codebook.name) if meanings.codebook else None
    read = meaning(found, meanings, book)
    problems = list(read.problems)
    articles = _articles(found, meanings, problems)
    if problems:
        raise CorpusError(problems)
    return Imported(articles, _codings(read.records, articles), read)


def _unclear(path: Path, found: Found) -> Problem:
    kinds = Counter(mark.kind for mark in found.marks).most_common()
    told = (
        f"nothing in it says what a statement is: {', '.join(f'{n} × {kind}' for kind, n in kinds[:12]) or 'no marks'}"
    )
    hint = f"draft a mapping with `python -m analysis mapping {path.name}`, edit it, and give it with --mapping"
    return Problem(path.name, 0, told, "a mapping of its codes", hint)


def _nothing(path: Path, found: Found) -> Problem:
    """The problem of a file that would make an empty corpus, with what was passed over in it."""
    passed = ", ".join(f"{n} × {reason}" for reason, n in found.left_out.most_common())
    told = f"there is nothing in it to import{f': {passed}' if passed else ''}"
    return Problem(path.name, 0, told, "a document or an annotation", "export it again, with what was coded")


def _articles(found: Found, meanings: Meanings, problems: list[Problem]) -> dict[str, Article]:
    """The documents as articles; ids are of the letters that a file name may have everywhere."""
    articles: dict[str, Article] = {}
    taken: set[str] = set()
    sources = {**draft.draft(found).documents, **meanings.documents}
    for document in found.documents:
        wanted = slug(document.name).encode("ascii", "ignore").decode()[:_LONGEST].strip("-") or "document"
        article_id = unique(wanted, taken)
        taken.add(article_id)
        told = {name: _fact(document, sources.get(name), name) for name in FACTS}
        told["title"] = told["title"] or document.name
        record = _record({name: value for name, value in told.items() if value})
        front, is_sound = _front(record, document, problems)
        if is_sound:
            articles[document.name] = Article(article_id, front, document.text, document.where)
    return articles


def _front(record: Fields, document: Document, problems: list[Problem]) -> tuple[dict[str, Any], bool]:
    """The checked front matter of a document; a date of publication that is missing is told with what to do."""
    if "published" not in record:
        hint = "map it: `documents: {published: name}`, or `{published: {default: 2024}}` for all"
        found = f"the document {document.name!r} has no date of publication"
        problems.append(Problem(document.where, 0, found, dates.EXPECTED, hint))
        return {}, False
    return checked(record, fields.ARTICLE, document.where, f"document {document.name}", problems)


def _fact(document: Document, source: Source | None, name: str) -> str | None:
    if source is None:
        return None
    text = document.facts.get(source.name or "", "")
    text = source.means.get(text, text) or source.default or ""
    moment = _MOMENT.fullmatch(text) if name == "published" else None
    return moment[1] if moment else text or None


def _record(content: Mapping[str, Any]) -> Fields:
    """The fields as a record that stands on no line."""
    record = Fields(content)
    record.line, record.lines = 0, dict.fromkeys(content, 0)
    return record


def _codings(records: list[Record], articles: dict[str, Article]) -> dict[tuple[str, str], dict[str, list[Fields]]]:
    """The records of each document and coder, with ids that are theirs alone and spans in place of quotes."""
    codings: dict[tuple[str, str], dict[str, list[Fields]]] = {
        (name, "main"): {"statements": [], "events": []} for name in articles
    }
    taken: dict[tuple[str, str], set[str]] = defaultdict(set)
    coders = _coders(records)
    for record in records:
        key = record.mark.document, coders[record.mark.coder]
        content = {"id": record.fields.get("id") or _id(record, taken[key]), **_place(record), **record.fields}
        if record.mark.pieces and "gloss" not in content and record.mark.quote:
            content["gloss"] = record.mark.quote
        lists = codings.setdefault(key, {"statements": [], "events": []})
        lists[_LISTS[record.kind]].append(_record(content))
    coded = {name for name, coder in codings if coder != "main"}
    return {
        key: lists
        for key, lists in codings.items()
        if any(lists.values()) or (key[1] == "main" and key[0] not in coded)
    }


def _coders(records: list[Record]) -> dict[str, str]:
    """The id of each coder, which becomes a part of a file's name: two who are spelt almost alike stay two."""
    coders = {"main": "main"}
    taken = {"main"}
    for record in records:
        name = record.mark.coder
        if name not in coders:
            coders[name] = unique(slug(name)[:_LONGEST_CODER].strip("-"), taken)
            taken.add(coders[name])
    return coders


def _id(record: Record, taken: set[str]) -> str:
    identifier = unique(record.mark.name.replace("~", "-"), taken)
    taken.add(identifier)
    return identifier


def _place(record: Record) -> dict[str, Any]:
    mark = record.mark
    if mark.start is not None:
        return {"span": [str(mark.start), str(mark.end)]}
    quote = mark.quote or mark.features.get("quote")
    return {"quote": quote} if isinstance(quote, str) else {}


def tables(read: Imported) -> Tables:
    """The tidy tables of what was imported.

    Raises
    ------
    CorpusError
        Everything that a field or a span has wrong.
    """
    book = read.meaning.book
    rows: dict[str, list[dict[str, Any]]] = {"articles": [], "statements": [], "event_records": []}
    problems: list[Problem] = []
    kinds = fields.statement_fields(book), fields.event_fields(book)
    texts = {name: _text(article.text) for name, article in read.articles.items()}
    for name, article in read.articles.items():
        rows["articles"].append(article_row(article.article_id, article.front, texts[name]))
    for coding, name in _each(read):
        published = read.articles[name].front["published"]
        rows["statements"] += statement_rows(coding, kinds[0], texts[name], published, problems)
        rows["event_records"] += mention_rows(coding, kinds[1], texts[name], book.modes, problems)
    return tidy.assemble(tidy.parts(rows), book, problems)


def _each(read: Imported) -> Iterator[tuple[Coding, str]]:
    for (name, coder), lists in read.codings.items():
        article = read.articles[name]
        prefix = article.article_id if coder == "main" else f"{article.article_id}.{coder}"
        yield Coding(article.where, article.article_id, coder, prefix, dict(lists), dict.fromkeys(lists, 0)), name


def _text(words: str | None) -> Text:
    return Text(words, hashlib.sha256((words or "").encode()).hexdigest(), len(words or ""))
