"""Workbooks (XLSX): the sheets as tables, each cell as the text that it stands for.

Quirks: a sheet is XML in a zip file, and says of itself how large it is, often wrongly, so only cells that are there
are read. 1 and 1.0 are the same number: "1". A date is a number with a date's format: ISO here, with the time where
it is not midnight. Yes/no is "TRUE" or "FALSE". A formula's value is the one Excel last computed; other programs may
save none. Of merged cells only the first has the value. Control characters stand as `_x000D_` in the file.
"""

import io
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._reader import FORMULA_TAG, WorkSheetParser

from analysis.errors import CorpusError, ParameterError, Problem, StancebookError, brief, unknown
from analysis.readers.found import Feature
from analysis.readers.inputs import xml_input
from analysis.readers.inputs.json_input import Problems
from analysis.readers.tables.sheet import Sheet, blocks_of, check_header, header_again

OLD = b"\xd0\xcf\x11\xe0"
_MOST, _MOST_RATIO = 1 << 24, 40
_EXACT = 1e15
_ENTITIES = tuple(
    word.encode(code) for word in ("<!DOCTYPE", "<!ENTITY") for code in ("utf-8", "utf-16-le", "utf-16-be")
)
_LONG_FORMAT = re.compile(rb"""formatCode\s*=\s*(?:"[^"]{1000}|'[^']{1000})""")
_CONTROL = re.compile("_x00([01][0-9A-Fa-f])_")
_AGAIN = "open it in Excel or LibreOffice and save it again as .xlsx"
Row = tuple[int, dict[int, str]]


def read_workbook(path: Path, wanted: str | None, problems: Problems) -> list[Sheet]:
    """The sheets that hold something, or the one that is `wanted`; of a single sheet only if wanted with its name."""
    data = xml_input.content(path)
    _check(data, path.name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = _opened(data)
            tables = {sheet.title: _rows(book, sheet, problems) for sheet in _chosen(book.worksheets, wanted)}
    except StancebookError:
        raise
    except Exception as error:  # noqa: BLE001  # openpyxl takes a file at its word: any error can come of a bad one
        found = f"the workbook cannot be read ({type(error).__name__})"
        raise CorpusError(Problem(path.name, 0, found, "a sound XLSX file", _AGAIN)) from None
    filled = {name: rows for name, rows in tables.items() if rows}
    if not filled:
        raise CorpusError(Problem(path.name, 0, "there is nothing in the workbook", "a header and rows"))
    is_named = wanted is not None or len(filled) > 1
    return [_table(name, rows, problems, is_named=is_named) for name, rows in filled.items()]


def _opened(data: bytes) -> Any:
    """The workbook with its cells' formats, without what else stands in it.

    `load_workbook` also takes print areas and the like apart, for which a long one keeps it busy for hours.
    """
    reader = ExcelReader(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    reader.read_manifest()
    reader.read_strings()
    reader.read_workbook()
    apply_stylesheet(reader.archive, reader.wb)
    reader.read_worksheets()
    return reader.wb


def _check(data: bytes, shown: str) -> None:
    """Refuse what openpyxl would follow into harm: packed bytes beyond measure, entities, endless number formats."""
    if data.startswith(OLD):
        found = "this is an old workbook (.xls), or one with a password"
        raise CorpusError(Problem(shown, 0, found, "an XLSX file", "save it as .xlsx, without a password"))
    archive = xml_input.Archive(data, shown)
    left = _MOST + _MOST_RATIO * len(data)
    for name in archive.names:
        part = archive.read(name)
        left -= len(part)
        if left < 0:
            expected = f"at most {_MOST_RATIO} times of what it is packed"
            raise CorpusError(Problem(shown, 0, "the workbook grows too large as it is unpacked", expected))
        if name.endswith((".xml", ".rels")):
            xml_input.refuse_doctype(part, f"{shown}/{name}")
        if any(word in part for word in _ENTITIES) or _LONG_FORMAT.search(part):
            found = "it has a DOCTYPE, an entity or an endless number format, which could do harm"
            raise CorpusError(Problem(f"{shown}/{name}", 0, found, "plain XML", _AGAIN))


def _chosen(sheets: Sequence[Any], wanted: str | None) -> list[Any]:
    names = [sheet.title for sheet in sheets]
    if wanted is not None and wanted not in names:
        raise ParameterError(unknown("the sheet", wanted, names))
    return [sheet for sheet in sheets if wanted in (None, sheet.title)]


class _Parser(WorkSheetParser):
    """The rows of one sheet; a cell without a sound value is told, and empty."""

    def __init__(self, tell: Callable[[int, str, str], None], *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.tell = tell

    def parse_cell(self, element: Any) -> dict[str, Any]:
        """The cell as openpyxl reads it."""
        place = f"cell {brief(element.get('r') or '?')}"
        try:
            cell: dict[str, Any] = super().parse_cell(element)
        except (ValueError, TypeError, LookupError, ArithmeticError, AttributeError):
            self.tell(self.row_counter, f"{place} cannot be read", "type the value again")
            return {"column": self.col_counter, "value": None}
        if cell["data_type"] == "e":
            self.tell(self.row_counter, f"{place} holds the error {brief(cell['value'])}", "correct the formula")
        elif cell["value"] is None and element.find(FORMULA_TAG) is not None and element.get("t") != "str":
            self.tell(self.row_counter, f"{place} holds a formula whose value is not saved", _AGAIN)
        elif isinstance(cell["value"], str) and cell["data_type"] == "s" and element.get("t") != "s":
            cell["value"] = _plain(cell["value"])
        return cell


def _rows(book: Any, sheet: Any, problems: Problems) -> list[Row]:
    """The rows that hold something: their number, and their texts by column."""

    def tell(row: int, found: str, hint: str) -> None:
        problems.add([Problem(problems.file, row, f"sheet {sheet.title}: {found}", "a value", hint)])

    strings = [_plain(text) for text in sheet._shared_strings]  # noqa: SLF001  # as openpyxl's own rows do
    with book._archive.open(sheet._worksheet_path) as source:  # noqa: SLF001
        parser = _Parser(
            tell,
            source,
            strings,
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,  # noqa: SLF001
            timedelta_formats=book._timedelta_formats,  # noqa: SLF001
        )
        rows = [
            (row, {cell["column"]: text for cell in cells if (text := _text(cell["value"]))})
            for row, cells in parser.parse()
        ]
    rows = [(row, texts) for row, texts in rows if texts]
    for merged in parser.merged_cells.mergeCell if parser.merged_cells and rows else ():
        if merged.max_row > rows[0][0]:
            tell(
                merged.min_row,
                f"the cells {merged.coord} are merged: only the first has the value",
                "unmerge and fill them",
            )
    return rows


def _plain(text: str) -> str:
    return _CONTROL.sub(lambda code: chr(int(code[1], 16)), text) if "_x00" in text else text


def _text(value: Any) -> str:
    """A cell's value as text, empty where there is none."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < _EXACT else repr(value)
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _table(name: str, rows: list[Row], problems: Problems, *, is_named: bool) -> Sheet:
    about, (line, header) = f"sheet {name}: ", rows[0]
    check_header(list(header.values()), line, problems, about)
    place = f"{problems.file}: sheet {name}, row "
    blocks = blocks_of(_features(rows, about, problems))
    return Sheet(name if is_named else "", list(header.values()), blocks, place, about)


def _features(rows: list[Row], about: str, problems: Problems) -> Iterator[tuple[int, Mapping[str, Feature]]]:
    header = rows[0][1]
    for row, texts in rows[1:]:
        if texts == header:
            header_again(row, problems, about)
        elif texts.keys() <= header.keys():
            yield row, {header[column]: text for column, text in texts.items()}
        else:
            letters = ", ".join(get_column_letter(column) for column in sorted(texts.keys() - header.keys())[:5])
            found, hint = f"{about}there is a value in column {letters}, which has no name", "name the column"
            problems.add([Problem(problems.file, row, found, "values below the names of the header", hint)])
