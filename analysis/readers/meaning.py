"""What marks mean under a mapping: the records of our own format, with the actors and issues that they name.

A mark that gives a speaker, an issue and a stance is a record of its own. Marks that give less belong together where
they stand on one span: they add to the records there, or make one between them. Several speakers or issues on one span
are a record each; a stance on both sides is mixed; any other contradiction is an error. A default of the mapping fills
in last, a field of which nothing on the span says anything.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import compress, product
from operator import not_
from typing import Any

from analysis.codebook import Codebook
from analysis.errors import Problem, brief, nearest
from analysis.readers.found import Feature, Found, Mark
from analysis.readers.mapping import Code, Meanings, Source
from analysis.readers.named import Named, called
from analysis.readers.native.fields import STANCE_WORDS
from analysis.schema import frame

_WHOLE = ("speaker", "issue", "stance")
_SEVERAL = ("speaker", "issue")
_LISTS = ("actors", "recipients")
_ACTORS = ("speaker", "on_behalf_of", *_LISTS)
Values = dict[str, list[str]]


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
        mark = _placed(given, texts.get(given.document))
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


def _placed(mark: Mark, text: str | None) -> Mark:
    """The mark with the words of its span, where the tool gives no quote; of a whole text, all of it is its span."""
    if mark.quote is not None or not text:
        return mark
    if mark.start is None:
        return mark if "quote" in mark.features else mark._replace(start=0, end=len(text))
    return mark._replace(quote=text[mark.start : mark.end])


def _named(meanings: Meanings, book: Codebook | None) -> tuple[Named, Named]:
    if book is None:
        return Named("actor", meanings.aliases), Named("issue", meanings.aliases)
    return (
        Named("actor", meanings.aliases, called(book.actors, "actor_id", "name"), is_closed=True),
        Named("issue", meanings.aliases, called(book.issues, "issue_id", "proposition"), is_closed=True),
    )


def _records(
    kind: str, marks: list[tuple[Mark, Code, str]], named: tuple[Named, Named], problems: list[Problem]
) -> Iterator[Record]:
    """The records of one span: whole ones for themselves, with what the others add; or one of all together."""
    told = [(mark, _values(mark, code, star), _defaults(code)) for mark, code, star in marks]
    is_whole = [kind == "event" or _is_whole(values, spare) for _, values, spare in told]
    if kind != "event" and _are_parts(
        [values for (_, values, _), is_one in zip(told, is_whole, strict=True) if is_one]
    ):
        is_whole = [False] * len(told)
    whole, rest = (list(compress(told, flags)) for flags in (is_whole, map(not_, is_whole)))
    for mark, values, spare in whole or [(told[0][0], {}, {})]:
        said = _joined([values, *(values for _, values, _ in rest)])
        last = _joined([spare, *(spare for _, _, spare in rest)])
        yield from _resolved(kind, mark, last | said, named, problems)


def _values(mark: Mark, code: Code, star: str) -> Values:
    """The texts of each field that a mark gives; fields without any are left out."""
    return {name: texts for name, source in code.fields.items() if (texts := _texts(mark, source, star))}


def _defaults(code: Code) -> Values:
    """The text of each field for a span on which nothing is said of it."""
    sources = code.fields.items()
    return {name: [source.default] for name, source in sources if source.default is not None}


def _is_whole(values: Values, spare: Values) -> bool:
    return all(values.get(name) or spare.get(name) for name in _WHOLE)


def _are_parts(several: list[Values]) -> bool:
    """Whether several marks that only defaults make whole say different things: together they are one record."""
    said = [name for values in several for name in _WHOLE if name in values]
    return len(several) > 1 and len(said) == len(set(said))


def _texts(mark: Mark, source: Source, star: str) -> list[str]:
    """What the mark says under this source: the one value for all, or what stands where the source takes it from."""
    if source.value is not None:
        return [source.value]
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
    return [source.means.get(text, text) for text in texts if text]


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
