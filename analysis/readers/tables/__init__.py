"""Tables with a row for each statement: CSV, TSV, XLSX, Parquet and JSON lines; each row is a mark of kind `row`.

Quirks: coders work in spreadsheets, so nothing but an empty cell is missing, a cell stays as it is written, and a
mapping says what the columns mean. The options name columns: `document` (else one that is called article_id, article,
document, document_id or doc; else the file is one document), `id` (else statement_id or id; `id:` with nothing behind
it goes by rows), `coder`, `start`, `end` and `quote`; `sheet` is the sheet of a workbook to read. Where several sheets
of it are filled, or one is wanted, a mark's kind is the sheet's name. What is the same in all rows of a document is
told of the document: its date and title may stand there.
"""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from analysis.errors import CorpusError, Problem, brief, unknown
from analysis.readers.found import Document, Feature, Found, Mark
from analysis.readers.inputs.json_input import Problems
from analysis.readers.tables.delimited import read_delimited, read_json_lines, separator
from analysis.readers.tables.sheet import Sheet

_DOCUMENT = ("article_id", "article", "document", "document_id", "doc")
_ID = ("statement_id", "id")
_LABEL_STUDIO = {"annotation_id", "lead_time"}
_SPANS = {"label", "labels", "spans", "entities", "relations", "_task_hash", "_input_hash"}
_OFFSET = re.compile(r"\d{1,9}", re.ASCII)
_TEXT_SUFFIXES, _JSON_SUFFIXES = (".csv", ".tsv", ".tab"), (".jsonl", ".ndjson")
_BOOK_SUFFIXES = (".xlsx", ".xlsm", ".xls")
_LINE = 1 << 20
_HEAD = 4096
_ZIP, _OLD_BOOK, _PARQUET, _BOM = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"PAR1", b"\xef\xbb\xbf"
_BLANK = _BOM + b" \t\r\n"
_BY_ROWS = "name the column of ids with the option `id`, or give it nothing to go by rows"


class Roles(NamedTuple):
    """The columns that say whose a row is and where; None where there is none."""

    document: str | None
    coder: str | None
    name: str | None
    start: str | None
    end: str | None
    quote: str | None


@dataclass
class _Reading:
    """What is gathered over the sheets of a file."""

    stem: str
    problems: Problems
    facts: dict[str, dict[str, Feature]] = field(default_factory=dict)
    where: dict[str, str] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    seen: set[tuple[str, ...]] = field(default_factory=set)

    def tell(self, sheet: Sheet, line: int, found: str, expected: str = "", hint: str = "") -> None:
        self.problems.add([Problem(self.problems.file, line, f"{sheet.about}{found}", expected, hint)])

    def is_new(self, *key: str) -> bool:
        """Whether a row of this document, coder and name has not been met before."""
        count = len(self.seen)
        self.seen.add(key)
        return len(self.seen) > count

    def note(self, document: str, features: Mapping[str, Feature], where: str) -> None:
        """What is the same in all rows of a document stays a fact of it."""
        before = self.facts.get(document)
        if before is None:
            self.facts[document] = dict(features)
            self.where[document] = where
            return
        for name, value in before.items():  # in a long table it is a few of the columns after the first rows
            if features.get(name) != value:
                self.facts[document] = {name: value for name, value in before.items() if features.get(name) == value}
                return

    def documents(self) -> Iterator[Document]:
        for name, facts in self.facts.items():
            texts = {key: value for key, value in facts.items() if isinstance(value, str)}
            yield Document(name, None, texts, self.where[name])


def fits(path: Path, head: bytes) -> bool:
    """Whether the file is a Parquet file, a workbook, JSON lines of flat objects, or named as a table of text."""
    suffix, start = path.suffix.lower(), head.removeprefix(_BOM).lstrip()
    if head.startswith(_PARQUET):
        return True
    if head.startswith((_ZIP, _OLD_BOOK)):
        return suffix in _BOOK_SUFFIXES
    if start.startswith(b"{"):
        return suffix in _JSON_SUFFIXES and _is_flat(path)
    is_other = start.startswith((b"[", b"<", b"SQLite format 3"))
    return suffix in _TEXT_SUFFIXES and path.is_file() and not is_other and not _is_label_studio(start)


def _is_flat(path: Path) -> bool:
    """Whether the first line is an object of single values, and not a text with spans or labels on it."""
    try:
        with path.open("rb") as file:
            lines = iter(lambda: file.readline(_LINE), b"")
            first = json.loads(next((line for line in lines if line.strip(_BLANK)), b""))
    except (OSError, ValueError, RecursionError):
        return False
    if not isinstance(first, dict) or any(isinstance(value, dict) for value in first.values()):
        return False
    parts = [part for value in first.values() if isinstance(value, list) for part in value]
    is_marked = any(isinstance(first.get(key), list | dict) or key[:1] == "_" for key in _SPANS & first.keys())
    return not is_marked and not any(isinstance(part, list | dict) for part in parts)


def _is_label_studio(start: bytes) -> bool:
    """Whether the header is that of Label Studio's table, which loses relations and is refused by its reader."""
    text = start.decode("utf-8", "replace")
    try:
        header = next(csv.reader(io.StringIO(text), delimiter=separator(text)), [])
    except csv.Error:
        return False
    return set(header) >= _LABEL_STUDIO


def read(path: Path, options: Mapping[str, str]) -> Found:
    """The rows of the table as marks.

    Parameters
    ----------
    path
        The file.
    options
        `document`, `id`, `coder`, `start`, `end`, `quote`: names of columns; `sheet`: that of a workbook's sheet.

    Raises
    ------
    CorpusError
        Everything that is wrong with the file.
    ParameterError
        There is no such sheet.
    """
    reading = _Reading(path.stem, Problems(path.name))
    marks: list[Mark] = []
    for sheet in _sheets(path, options.get("sheet"), reading.problems):
        roles = _roles(sheet, options, reading)
        before = len(marks), reading.left_out.total()
        marks += _marks(sheet, roles, reading)
        if before == (len(marks), reading.left_out.total()):
            reading.left_out["a table without rows"] += 1
    reading.problems.refuse()
    return Found(list(reading.documents()), marks, reading.left_out)


def _sheets(path: Path, wanted: str | None, problems: Problems) -> list[Sheet]:
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise CorpusError(Problem(path.name, 0, f"the file cannot be read: {error.strerror}")) from None
    if head.startswith((_ZIP, _OLD_BOOK)):
        from analysis.readers.tables.workbook import read_workbook  # noqa: PLC0415  # openpyxl is slow to import

        return read_workbook(path, wanted, problems)
    if head.startswith(_PARQUET):
        from analysis.readers.tables.parquet import read_parquet  # noqa: PLC0415  # and so is pyarrow

        return [read_parquet(path, problems)]
    suffix = path.suffix.lower()
    is_object = head.removeprefix(_BOM).lstrip().startswith(b"{")
    is_json = suffix in _JSON_SUFFIXES or (is_object and suffix not in _TEXT_SUFFIXES)
    return [(read_json_lines if is_json else read_delimited)(path, problems)]


def _roles(sheet: Sheet, options: Mapping[str, str], reading: _Reading) -> Roles | None:
    """The columns that the options name, or the names that are usual; None, and told, where one is not there."""
    before = reading.problems.count

    def column(role: str, usual: tuple[str, ...] = ()) -> str | None:
        wanted = options.get(role)
        if wanted is None:
            return next((name for name in usual if name in sheet.columns), None)
        if wanted and wanted not in sheet.columns:
            problem = unknown(f"{sheet.about}the column of the option `{role}`,", wanted, sheet.columns)
            reading.problems.add([replace(problem, file=reading.problems.file)])
        return wanted or None

    start, end, quote = map(column, ("start", "end", "quote"))
    roles = Roles(column("document", _DOCUMENT), column("coder"), column("id", _ID), start, end, quote)
    if (roles.start is None) != (roles.end is None):
        found = "one of the options `start` and `end` is given without the other"
        reading.tell(sheet, 0, found, "both or none")
    return roles if reading.problems.count == before else None


def _marks(sheet: Sheet, roles: Roles | None, reading: _Reading) -> Iterator[Mark]:
    kind, prefix = sheet.name or "row", f"{sheet.name}/" if sheet.name else ""
    for line, features in sheet.rows:
        if not features:
            reading.left_out["empty row"] += 1
        elif roles:
            try:
                place = _place(features, roles, reading.stem, line)
            except ValueError as error:
                reading.tell(sheet, line, *error.args)
                continue
            document, coder, name, start, end, quote = place
            if roles.name and not reading.is_new(document, coder, prefix + name):
                found = f"the id {brief(name)} stands in a row before"
                reading.tell(sheet, line, found, "an id for each row", _BY_ROWS)
                continue
            where = f"{sheet.place}{line}"
            reading.note(document, features, where)
            yield Mark(document, coder, prefix + name, kind, start, end, quote, (), features, where)


def _place(
    features: Mapping[str, Feature], roles: Roles, stem: str, line: int
) -> tuple[str, str, str, int | None, int | None, str | None]:
    """Document, coder, name, start, end and quote of a row; ValueError (found, expected, hint) where it is unsound."""
    document = _cell(features, roles.document) if roles.document else stem
    coder = _cell(features, roles.coder, "main") if roles.coder else "main"
    name = _cell(features, roles.name) if roles.name else f"r{line}"
    start, end = _span(features, roles.start, roles.end) if roles.start and roles.end else (None, None)
    quote = _cell(features, roles.quote, "") if roles.quote else ""
    return document, coder, name, start, end, quote or None


def _cell(features: Mapping[str, Feature], column: str, default: str | None = None) -> str:
    value = features.get(column, default)
    if type(value) is str:
        return value
    found = f"column {brief(column)} is {'empty' if value is None else 'a list'}"
    raise ValueError(found, "one value", _BY_ROWS if column in _ID else "")


def _span(features: Mapping[str, Feature], first: str, last: str) -> tuple[int | None, int | None]:
    start, end = _cell(features, first, ""), _cell(features, last, "")
    if not start and not end:
        return None, None
    if not _OFFSET.fullmatch(start) or not _OFFSET.fullmatch(end) or int(start) >= int(end):
        raise ValueError(f"the span {brief(start)}–{brief(end)} is none", "whole numbers, 0 ≤ start < end")
    return int(start), int(end)
