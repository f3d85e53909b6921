"""What marks mean under a mapping: the records of our own format, with the actors and issues that they name.

A mark that gives a speaker, an issue and a stance is a record of its own. Marks that give less belong together where
they stand on one span: they add to the records there, or make one between them. Several speakers or issues on one span
are a record each; a stance on both sides is mixed; any other contradiction is an error.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count, product
from typing import Any

import pandas as pd

from analysis.codebook import Codebook
from analysis.errors import Problem, brief, nearest
from analysis.readers.found import Feature, Found, Mark
from analysis.readers.mapping import Code, Meanings, Source
from analysis.readers.native.fields import STANCE_WORDS
from analysis.schema import frame

_WHOLE = ("speaker", "issue", "stance")
_SEVERAL = ("speaker", "issue")
_LISTS = ("actors", "recipients")
_ACTORS = ("speaker", "on_behalf_of", *_LISTS)
Values = dict[str, list[str]]


@dataclass
class Named:
    """Actors or issues: how each is called, matched to a codebook's or made from what the data call them."""

    what: str
    aliases: Mapping[str, str]
    known: dict[str, str] = field(default_factory=dict)
    is_closed: bool = False
    made: dict[str, str] = field(default_factory=dict)

    def id_of(self, text: str) -> str | None:
        """The id of who or what is called so; None where the codebook has nothing of that name."""
        name = self.aliases.get(text, text)
        key = _key(name)
        if key in self.known:
            return self.known[key]
        if self.is_closed:
            return None
        identifier = name if text in self.aliases else unique(slug(name), self.made)
        self.made.setdefault(identifier, text)
        self.known[key] = self.known[_key(identifier)] = identifier
        return identifier


@dataclass(frozen=True)
class Record:
    """One record of our format, and the mark that it comes from first."""

    kind: str
    mark: Mark
    fields: dict[str, Any]


@dataclass(frozen=True)
class Meaning:
    """The records, their codebook, what could not be understood, and what was not mapped, counted by kind."""

    records: list[Record]
    book: Codebook
    problems: list[Problem]
    unmapped: Counter[str]
    left_out: Counter[str]


def meaning(found: Found, meanings: Meanings, book: Codebook | None) -> Meaning:
    """What the marks mean; a codebook is made from the names in the data where none is given."""
    actors, issues = _named(meanings, book)
    problems: list[Problem] = []
    unmapped, left_out = Counter[str](), Counter(found.left_out)
    groups: dict[Any, list[tuple[Mark, Code, str]]] = defaultdict(list)
    texts = {document.name: document.text for document in found.documents}
    for given in found.marks:
        mark = _with_words(given, texts.get(given.document))
        mapped = meanings.of(mark.kind)
        code, star = mapped or (None, "")
        if mapped is None:
            unmapped[mark.kind] += 1
        elif code is None:
            left_out[f"{mark.kind}: left out by the mapping"] += 1
        else:
            place = (mark.start, mark.end, mark.pieces) if mark.start is not None else mark.name
            groups[mark.document, mark.coder, place, code.record].append((mark, code, star))
    records = [
        record for (*_, kind), marks in groups.items() for record in _records(kind, marks, (actors, issues), problems)
    ]
    return Meaning(records, book or _book(actors, issues, records), problems, unmapped, left_out)


def _with_words(mark: Mark, text: str | None) -> Mark:
    """The mark with the words of its span, where the tool gives no quote."""
    has_words = mark.quote is not None or mark.start is None or text is None
    return mark if has_words else mark._replace(quote=text[mark.start : mark.end] if text else None)


def _named(meanings: Meanings, book: Codebook | None) -> tuple[Named, Named]:
    if book is None:
        return Named("actor", meanings.aliases), Named("issue", meanings.aliases)
    return (
        Named("actor", meanings.aliases, _called(book.actors, "actor_id", "name"), is_closed=True),
        Named("issue", meanings.aliases, _called(book.issues, "issue_id", "proposition"), is_closed=True),
    )


def _called(table: pd.DataFrame, identifier: str, name: str) -> dict[str, str]:
    """The id of everything that is called by its name or id."""
    pairs = zip(table[identifier].astype(str), table[name].astype(str), strict=True)
    return {_key(text): key for key, called in pairs for text in (called, key)}


def _records(
    kind: str, marks: list[tuple[Mark, Code, str]], named: tuple[Named, Named], problems: list[Problem]
) -> Iterator[Record]:
    """The records of one span: whole ones for themselves, with what the others add; or one of all together."""
    told = [(mark, _values(mark, code, star)) for mark, code, star in marks]
    whole = [entry for entry in told if kind == "event" or all(entry[1].get(name) for name in _WHOLE)]
    rest = [values for entry in told if entry not in whole for values in [entry[1]]] if len(whole) < len(told) else []
    for mark, values in whole or [(told[0][0], {})]:
        yield from _resolved(kind, mark, _joined([values, *rest]), named, problems)


def _values(mark: Mark, code: Code, star: str) -> Values:
    """The texts of each field that a mark gives; fields without any are left out."""
    return {name: texts for name, source in code.fields.items() if (texts := _texts(mark, source, star))}


def _texts(mark: Mark, source: Source, star: str) -> list[str]:
    given: Feature | None = None
    if source.name == "*":
        given = star
    elif source.name == "quote" and "quote" not in mark.features:
        given = mark.quote
    elif source.name is not None:
        given = mark.features.get(source.name)
    texts = given if isinstance(given, list) else [given] if given else []
    if source.split:
        texts = [part.strip() for text in texts for part in text.split(source.split)]
    texts = [source.means.get(text, text) for text in texts if text]
    return texts or ([source.default] if source.default is not None else [])


def _joined(parts: Iterable[Values]) -> Values:
    joined: Values = {}
    for values in parts:
        for name, texts in values.items():
            joined[name] = list(dict.fromkeys([*joined.get(name, []), *texts]))
    return joined


def _resolved(
    kind: str, mark: Mark, values: Values, named: tuple[Named, Named], problems: list[Problem]
) -> Iterator[Record]:
    """The records with ids for names, one for each speaker and issue; none, and `problems` told, where one is wrong."""
    before = len(problems)
    fields: dict[str, list[str]] = {}
    for name, texts in values.items():
        book = named[0] if name in _ACTORS else named[1] if name == "issue" else None
        fields[name] = texts if book is None else _ids(book, texts, mark, problems)
    if "stance" in fields:
        fields["stance"] = _stance(fields["stance"])
    for name in (name for name in fields if name not in (*_SEVERAL, *_LISTS) and len(fields[name]) > 1):
        found = f"{kind} {mark.name}: {name} is {' and '.join(map(repr, fields[name]))} on one span"
        problems.append(Problem(mark.where, 0, found, "one value", "correct one of the codes, or leave one out"))
    missing = [name for name in _WHOLE if not fields.get(name)] if kind == "statement" else []
    if missing and len(problems) == before:
        found = f"statement {mark.name}: nothing on its span gives its {', '.join(missing)}"
        hint = f"map a code or feature to it; the mark is {mark.kind!r} with {brief(sorted(mark.features))}"
        problems.append(Problem(mark.where, 0, found, "", hint))
    if len(problems) == before:
        whole = {name: texts if name in _LISTS else texts[0] for name, texts in fields.items()}
        for speaker, issue in product(*(fields.get(name, [""]) for name in _SEVERAL)):
            several = {name: value for name, value in (("speaker", speaker), ("issue", issue)) if value}
            yield Record(kind, mark, whole | several)


def _ids(named: Named, texts: list[str], mark: Mark, problems: list[Problem]) -> list[str]:
    found = []
    for text in texts:
        identifier = named.id_of(text)
        if identifier is None:
            hint = nearest(text, dict.fromkeys(named.known.values())) or "add it to the codebook, or give an alias"
            problem = f"{named.what} {text!r} of {mark.name} is not in the codebook"
            problems.append(Problem(mark.where, 0, problem, "an id, a name or an alias", hint))
        else:
            found.append(identifier)
    return found


def _stance(texts: list[str]) -> list[str]:
    """One stance; both sides are mixed. What is no number is left for the field's own check to tell."""
    numbers = {text: float(text) for text in texts if text in STANCE_WORDS and text != "mixed"}
    if len(texts) > 1 and len(numbers) == len(texts) and min(numbers.values()) < 0 < max(numbers.values()):
        return ["mixed"]
    return texts


def _book(actors: Named, issues: Named, records: list[Record]) -> Codebook:
    """A codebook of the names met: who is only spoken for is an organisation, everybody else a person."""
    speakers = {record.fields.get("speaker") for record in records}
    rows = [
        {"actor_id": identifier, "name": name, "kind": "person" if identifier in speakers else "organisation"}
        for identifier, name in sorted(actors.made.items())
    ]
    propositions = [{"issue_id": key, "proposition": name} for key, name in sorted(issues.made.items())]
    return Codebook(frame("actors", rows), frame("issues", propositions), {}, {})


def slug(name: str) -> str:
    """A name as an id: small letters, digits and hyphens, of any script."""
    words = re.findall(r"\w+", unicodedata.normalize("NFC", name).casefold())
    return "-".join(words).replace("_", "-") or "unnamed"


def unique(wanted: str, taken: Container[str]) -> str:
    """The id, with a number behind it where it is taken."""
    numbered = (wanted if n == 1 else f"{wanted}-{n}" for n in count(1))
    return next(name for name in numbered if name not in taken)


def _key(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())
