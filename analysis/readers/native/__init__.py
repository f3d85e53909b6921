"""The native format: articles/<id>.md beside <id>.ann.yaml, records anchored by quote; see docs/format.md.

Quirks: a Windows checkout turns LF into CRLF, so line ends are made LF and letters composed (NFC) before anything is
counted. Where the text is withheld, records carry `span` in place of `quote` and the file the text's SHA-256; the
text is looked for in texts/, as the untouched file (<id>.txt) or as an article of this format (<id>.md).
"""

import hashlib
import os
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from analysis import codebook, digests, paths, tidy, yaml12
from analysis.errors import CorpusError, Problem, one_of
from analysis.readers.native import fields
from analysis.readers.native.records import Coding, Text, article_row, checked, mention_rows, statement_rows
from analysis.schema import Tables

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*", re.ASCII)
_ANNOTATION = ".ann.yaml"


class Source(NamedTuple):
    """The files of one article: its own, its annotations (one per coder), and its text where that lies apart."""

    article_id: str
    article: Path
    annotations: tuple[Path, ...]
    text: Path | None

    def digest(self) -> str:
        """SHA-256 over the names and contents of the files; empty when one cannot be read, which reading will tell."""
        files = [self.article, *self.annotations, *([self.text] if self.text else [])]
        try:
            return digests.of_bytes(*(part for file in files for part in (file.name.encode(), file.read_bytes())))
        except OSError:
            return ""


def read(path: Path) -> Tables:
    """The tidy tables of the corpus in the folder `path`.

    Raises
    ------
    CorpusError
        Everything that is wrong with any of its files, sorted by file and line.
    """
    problems: list[Problem] = []
    found, orphans = sources(path)
    problems += orphans
    try:
        book = codebook.read(path / "codebook.yaml", shown=paths.shown(path / "codebook.yaml"))
    except CorpusError as error:
        raise CorpusError(problems + error.problems) from None
    parts, wrong = read_articles(found, book)
    return tidy.assemble(parts, book, problems + wrong)


def sources(path: Path) -> tuple[list[Source], list[Problem]]:
    """The articles of a corpus folder by id, and a problem for each file that has no counterpart."""
    folder = path / "articles"
    try:
        names = sorted(file.name for file in folder.iterdir() if file.is_file()) if folder.is_dir() else []
        texts = _text_files(path / "texts")
    except OSError as error:
        shown, reason = paths.shown(Path(str(error.filename))), os.strerror(error.errno or 0)
        raise CorpusError(Problem(shown, 0, f"the folder cannot be read: {reason}")) from None
    articles = {name.removesuffix(".md") for name in names if name.endswith(".md")}
    coded: dict[str, list[Path]] = {}
    problems = []
    for name in (name for name in names if name.endswith(_ANNOTATION)):
        article_id = name.removesuffix(_ANNOTATION).partition(".")[0]
        coded.setdefault(article_id, []).append(folder / name)
        if article_id not in articles:
            hint = f"add articles/{article_id}.md, or rename the annotation to its article"
            problems.append(Problem(paths.shown(folder / name), 0, "this annotation has no article", "", hint))
    for article_id in sorted(articles):
        file = folder / f"{article_id}.md"
        if not _ID.fullmatch(article_id):
            problems.append(
                Problem(paths.shown(file), 0, "this name cannot be an id", "letters, digits, - and _", "rename it")
            )
        if article_id not in coded:
            hint = f"add articles/{article_id}.ann.yaml; `statements: []` says that there is nothing to code"
            problems.append(Problem(paths.shown(file), 0, "this article has no annotation", "", hint))
    if not articles and not coded:
        hint = "add articles/<id>.md and articles/<id>.ann.yaml; docs/tutorial.md shows how"
        problems.append(Problem(paths.shown(path), 0, "the corpus has no article", "", hint))
    both = sorted(articles & coded.keys())
    return [Source(name, folder / f"{name}.md", tuple(coded[name]), texts.get(name)) for name in both], problems


def _text_files(folder: Path) -> dict[str, Path]:
    """The texts that lie apart, by article id; of two, the untouched file."""
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    return {file.stem: file for file in files if file.suffix in (".md", ".txt") and file.is_file()}


def read_articles(found: Iterable[Source], book: codebook.Codebook) -> tuple[dict[str, pd.DataFrame], list[Problem]]:
    """What the files of these articles say, one frame each for articles, statements and event records."""
    kinds = fields.statement_fields(book), fields.event_fields(book)
    rows: dict[str, list[dict[str, Any]]] = {"articles": [], "statements": [], "event_records": []}
    problems: list[Problem] = []
    for source in found:
        try:
            _read_article(source, kinds, book, rows, problems)
        except CorpusError as error:
            problems += error.problems
    return tidy.parts(rows), problems


def _read_article(
    source: Source,
    kinds: tuple[fields.Fields, fields.Fields],
    book: codebook.Codebook,
    rows: dict[str, list[dict[str, Any]]],
    problems: list[Problem],
) -> None:
    file = paths.shown(source.article)
    codings = [coding for path in source.annotations for coding in _coding(path, source.article_id, problems)]
    problems += _one_file_each(codings)
    article: dict[str, Any] = {}
    text, is_sound = None, False
    try:
        front, body = _split(codebook.text_of(source.article, file), file)
        text = _text(source, body, codings, problems)
        front_matter = yaml12.load(front, file, first_line=2)
        article, is_sound = checked(front_matter, fields.ARTICLE, file, "front matter", problems)
    except CorpusError as error:
        problems += error.problems
    if text and is_sound:
        rows["articles"].append(article_row(source.article_id, article, text))
    published = article.get("published")
    for coding in codings:
        rows["statements"] += statement_rows(coding, kinds[0], text, published, problems)
        rows["event_records"] += mention_rows(coding, kinds[1], text, book.modes, problems)


def _coding(path: Path, article_id: str, problems: list[Problem]) -> list[Coding]:
    """The annotation file in a list of one; an empty list, and `problems` told, when it is no YAML."""
    file = paths.shown(path)
    try:
        document = yaml12.load(codebook.text_of(path, file), file)
    except CorpusError as error:
        problems += error.problems
        return []
    if not document:
        problems.append(
            Problem(file, 1, "the annotation is empty", "", "`statements: []` says that nothing is to be coded")
        )
    content = checked(document, fields.CODING, file, "annotation", problems)[0]
    named = path.name.removesuffix(_ANNOTATION).partition(".")[2]
    said = content.get("coder")
    if named and said and named != said:
        line = document.lines["coder"]
        problems.append(Problem(file, line, f"the coder is {said!r} here and {named!r} in the file's name"))
    prefix = f"{article_id}.{named}" if named else article_id
    return [Coding(file, article_id, named or said or "main", prefix, content, document.lines)]


def _one_file_each(codings: list[Coding]) -> list[Problem]:
    """The problem of a coder with two files for one article, whose records would count twice."""
    files: dict[str, str] = {}
    problems = []
    for coding in codings:
        if coding.coder in files:
            found = f"the coder {coding.coder!r} has coded this article in {files[coding.coder]} already"
            problems.append(Problem(coding.file, 0, found, "one file a coder", "put both into one file"))
        files.setdefault(coding.coder, coding.file)
    return problems


def _split(content: str, file: str) -> tuple[str, str]:
    """Front matter and text of an article."""
    match = re.match(r"---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)", content, re.DOTALL | re.MULTILINE)
    if not match:
        expected = "`---`, lines such as `title: …` and `published: 2024-05-28`, `---`, then the text"
        raise CorpusError(Problem(file, 1, "the article has no front matter", expected))
    body = unicodedata.normalize("NFC", content[match.end() :]).strip("\n").rstrip()
    return match[1], body


def _text(source: Source, body: str, codings: list[Coding], problems: list[Problem]) -> Text | None:
    """The article's text, from its own file or from texts/, found to fit the hashes that its codings carry."""
    where, words, sha256 = paths.shown(source.text or source.article), body, hashlib.sha256(body.encode()).hexdigest()
    if not body and source.text:
        words, sha256 = _apart(source.text, where)
    elif not body:
        return _withheld(source, codings, problems)
    others = [coding for coding in codings if coding.content.get("text_sha256", sha256) != sha256]
    for coding in others:
        hint = f"put the text that was coded, byte for byte, into {where}, or take it away"
        coded = coding.content["text_sha256"]
        found = f"the text in {where} has the SHA-256 {sha256[:12]}…, but {coded[:12]}… was coded"
        problems.append(Problem(coding.file, coding.lines["text_sha256"], found, "the text that was coded", hint))
    return None if others else Text(words, sha256, len(words))


def _apart(path: Path, shown: str) -> tuple[str, str]:
    """A text in texts/, with the hash of the file's bytes, or of the text where the file is an article."""
    if path.suffix == ".md":
        body = _split(codebook.text_of(path, shown), shown)[1]
        return body, hashlib.sha256(body.encode()).hexdigest()
    try:
        content = path.read_bytes()
        return content.decode(), hashlib.sha256(content).hexdigest()
    except OSError as error:
        raise CorpusError(Problem(shown, 0, f"the text cannot be read: {error.strerror}")) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise CorpusError(Problem(shown, line, "the text is not UTF-8", "UTF-8")) from None


def _withheld(source: Source, codings: list[Coding], problems: list[Problem]) -> Text | None:
    known = {coding.content["text_sha256"] for coding in codings if "text_sha256" in coding.content}
    lengths = {coding.content["n_chars"] for coding in codings if "n_chars" in coding.content}
    if len(known) == 1 and len(lengths) == 1:
        return Text(None, known.pop(), lengths.pop())
    file = paths.shown(source.article)
    hint = f"write the text below the front matter, or put it into texts/{source.article_id}.txt"
    found = "the article has no text, and its annotations do not agree on text_sha256 and n_chars"
    if not known:
        found = "the article has no text, and its annotation carries no text_sha256 and n_chars"
    problems.append(Problem(file, 0, found, one_of(["a text", "a text-free coding"]), hint))
    return None
