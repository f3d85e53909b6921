"""Databases of Discourse Network Analyzer (DNA) 2 and 3: each statement a mark, its variables the features.

Quirks: SETTINGS 'version' tells 2 from 3. Version 3 keeps short texts in ENTITIES, with attributes that the user
names, and dates as epoch seconds in UTC. Version 2 keeps the text itself, attributes in ATTRIBUTES by variable and
value, and dates as epoch milliseconds of midnight where the coder sat: the option `time_zone` ("Europe/Berlin") says
where, else UTC is taken. Offsets are Java's: UTF-16 in a text whose line ends are LF. A document's title need not be
its own, so documents and statements go by their numbers. A yes/no variable is "1" or "0"; an empty text is missing.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from analysis.errors import CorpusError, ParameterError, Problem, brief
from analysis.readers.dna.variables import FACTS, SETTINGS, TABLES_2, TABLES_3, Source, features, is_text, shown
from analysis.readers.found import Document, Feature, Found, Mark
from analysis.readers.inputs.json_input import Problems
from analysis.readers.inputs.offsets import Units, code_points
from analysis.readers.inputs.sqlite_input import Database, is_sqlite

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def fits(path: Path, head: bytes) -> bool:
    """Whether the file is an SQLite database with the tables of DNA, or is named .dna and of DNA's first version."""
    if is_sqlite(head):
        return path.suffix.lower() == ".dna" or {"STATEMENTS", "DATASHORTTEXT"} <= Database.tables_of(path)
    return path.suffix.lower() == ".dna" and b"<discourse" in head


def read(path: Path, options: Mapping[str, str]) -> Found:
    """All documents and statements of the database.

    Raises
    ------
    CorpusError
        Everything that is wrong with it.
    ParameterError
        The option `time_zone` names no zone.
    """
    zone, problems = _zone(options.get("time_zone", "UTC")), Problems(path.name)
    with Database(path) as data:
        source = Source(data, _version(data), zone, problems)
        data.need(TABLES_3 if source.version == "3" else TABLES_2)
        documents = dict(_documents(source))
        statements = _statements(source)
        told = features(source, (number for number, *_ in statements))
        marks = list(_marks(source, documents, statements, told))
    problems.refuse()
    return Found(list(documents.values()), marks)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        expected = "the name of a zone, such as Europe/Berlin"
        raise ParameterError(Problem("", 0, f"the time zone {brief(name)} is not known", expected)) from None


def _version(data: Database) -> str:
    data.need(SETTINGS)
    told = {name: value for name, value in data.rows("SETTINGS") if isinstance(name, str)}.get("version")
    version = told.strip()[:1] if isinstance(told, str) else ""
    if version not in ("2", "3"):
        hint = "open it with DNA 3 and save it from there"
        raise CorpusError(Problem(data.file, 0, f"its version is {shown(told)}", "a database of DNA 2 or 3", hint))
    return version


def _documents(source: Source) -> Iterator[tuple[int, Document]]:
    seen = set()
    for number, text, date, *told in source.data.rows("DOCUMENTS"):
        what = f"document {brief(number)}"
        if type(number) is not int or number in seen:
            source.tell(f"{what}: its number is not its own", "a number of its own for each")
            continue
        seen.add(number)
        facts = {name: fact or "" for name, fact in zip(FACTS, told, strict=True)}
        wrong = [name for name, fact in {"text": text, **facts}.items() if not is_text(fact)]
        if wrong:
            source.tell(f"{what}: {', '.join(wrong)}: no text, or not UTF-8", "texts")
            continue
        facts = {name: fact for name, fact in facts.items() if fact} | _moment(source, date, what)
        lines = text.replace("\r\n", "\n").replace("\r", "\n")
        yield number, Document(str(number), lines, facts, f"{source.data.file}: document {number}")


def _moment(source: Source, date: Any, what: str) -> dict[str, str]:
    """The date of publication, and the time of day where it is not midnight."""
    if date is None:
        return {}
    unit, zone = ("seconds", UTC) if source.version == "3" else ("milliseconds", source.zone)
    try:
        moment = (_EPOCH + timedelta(**{unit: date})).astimezone(zone)
    except (OverflowError, ValueError, TypeError):
        source.tell(f"{what}: its date is {shown(date)}", f"{unit} since 1970, in the years 1 to 9999")
        return {}
    time = moment.time().isoformat("seconds")
    return {"published": moment.date().isoformat()} | ({"time": time} if time != "00:00:00" else {})


def _statements(source: Source) -> list[tuple[Any, ...]]:
    found, seen = [], set()
    for row in source.data.rows("STATEMENTS"):
        if type(row[0]) is not int or row[0] in seen:
            source.tell(f"statement {brief(row[0])}: its number is not its own", "a number of its own for each")
        else:
            seen.add(row[0])
            found.append(row)
    return found


def _marks(
    source: Source,
    documents: Mapping[int, Document],
    statements: Iterable[tuple[Any, ...]],
    told: Mapping[int, dict[str, Feature]],
) -> Iterator[Mark]:
    kinds, coders = source.names("STATEMENTTYPES"), _coders(source)
    units: dict[int, Units] = {}
    for number, kind, home, start, stop, coder in statements:
        if home not in documents or kind not in kinds or coder not in coders:
            lost = "document" if home not in documents else "statement type" if kind not in kinds else "coder"
            source.tell(f"statement {number}: its {lost} is not in the database")
            continue
        document = documents[home]
        if home not in units:
            units[home] = code_points(document.text or "", "utf-16")
        try:
            span = _span(units[home], start, stop)
        except ValueError as error:
            source.tell(f"statement {number} of document {home}: {error}", "a span of the document's text")
            continue
        where = f"{source.data.file}: statement {number}"
        yield Mark(document.name, coders[coder], str(number), kinds[kind], *span, None, (), told[number], where)


def _span(units: Units, start: Any, stop: Any) -> tuple[int, int]:
    if type(start) is not int or type(stop) is not int or start == stop:
        raise ValueError(f"its span is {shown(start)}–{shown(stop)}")
    return units.span(start, stop)


def _coders(source: Source) -> dict[int | None, str]:
    """Each coder's name, with the number where two have one name; `main` where a statement has none."""
    names = source.names("CODERS")
    count = Counter(names.values())
    told: dict[int | None, str] = {None: "main"}
    told.update({number: name if count[name] == 1 else f"{name} ({number})" for number, name in names.items()})
    return told
