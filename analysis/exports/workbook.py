"""A workbook whose bytes depend on what is in it alone, and whose texts are texts."""

import re
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from analysis.errors import ParameterError, Problem
from analysis.exports.rows import PICTURES, Rows

_MOST = {"rows": 1_048_576, "columns": 16_384, "characters in a cell": 32_767}


def as_xlsx(sheets: dict[str, Rows]) -> bytes:
    """A workbook of these sheets that bears no hour of its making, neither in its properties nor in its ZIP archive."""
    book, made, settled = Workbook(write_only=True), BytesIO(), BytesIO()
    for name, rows in sheets.items():
        _check_fits(name, rows)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([_cell(sheet, value) for value in row])
    book.save(made)
    with ZipFile(made) as old, ZipFile(settled, "w") as new:
        for name in old.namelist():
            entry = ZipInfo(name)  # of 1980, the first year that a ZIP knows
            entry.compress_type, entry.create_system = ZIP_DEFLATED, 0
            content = old.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"1980-01-01T00:00:00Z", content)
            new.writestr(entry, content)
    return settled.getvalue()


def _check_fits(name: str, rows: Rows) -> None:
    """Refuse what a spreadsheet would cut off without a word."""
    longest = max((len(value) for row in rows for value in row if isinstance(value, str)), default=0)
    for (what, most), n in zip(_MOST.items(), (len(rows), len(rows[0]), longest), strict=True):
        if n > most:
            hint = "write .csv or .graphml instead"
            raise ParameterError(Problem("", 0, f"sheet {name} has {n:,} {what}", f"XLSX holds {most:,}", hint))


def _cell(sheet: Any, value: Any) -> Any:
    """A cell that is text where the value is, and a number to its last digit.

    openpyxl would take `=1+1` for a formula and `#N/A` for an error, and cut a number after 16 digits.
    """
    if pd.isna(value) or value == "":
        return None
    if not isinstance(value, str | float):
        return value
    cell = WriteOnlyCell(sheet, str(value).translate(PICTURES))
    cell.data_type = "s" if isinstance(value, str) else "n"
    return cell
