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
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from analysis.errors import CorpusError, Problem, unknown
from analysis.readers.found import Found, Mark
from analysis.readers.inputs.json_input import Problems
from analysis.readers.tables.delimited import read_delimited, separator
from analysis.readers.tables.json_lines import read_json_lines
from analysis.readers.tables.rows import IDS, Reading, Roles, marks_of
from analysis.readers.tables.sheet import Sheet

_DOCUMENT = ("article_id", "article", "document", "document_id", "doc")
_LABEL_STUDIO = {"annotation_id", "lead_time"}
_SPANS = {"label", "labels", "spans", "entities", "relations", "_task_hash", "_input_hash"}
_TEXT_SUFFIXES, _JSON_SUFFIXES = (".csv", ".tsv", ".tab"), (".jsonl", ".ndjson")
_BOOK_SUFFIXES = (".xlsx", ".xlsm", ".xls")
_LINE = 1 << 20
_HEAD = 4096
_ZIP, _OLD_BOOK, _PARQUET, _BOM = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"PAR1", b"\xef\xbb\xbf"
_BLANK = _BOM + b" \t\r\n"


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
    reading = Reading(path.stem, Problems(path.name))
    marks: list[Mark] = []
    for sheet in _sheets(path, options.get("sheet"), reading.problems):
        roles = _roles(sheet, options, reading)
        before = len(marks), reading.left_out.total()
        for block in sheet.blocks:
            marks += marks_of(block, sheet, roles, reading)
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


def _roles(sheet: Sheet, options: Mapping[str, str], reading: Reading) -> Roles | None:
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
    roles = Roles(column("document", _DOCUMENT), column("coder"), column("id", IDS), start, end, quote)
    if (roles.start is None) != (roles.end is None):
        found = "one of the options `start` and `end` is given without the other"
        reading.tell(sheet, 0, found, "both or none")
    return roles if reading.problems.count == before else None
