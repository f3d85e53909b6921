"""All tidy tables with their data dictionary: a workbook, or a folder of CSV or Parquet files."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import disk
from analysis.errors import ParameterError, Problem, unknown
from analysis.exports.folder import write_folder
from analysis.exports.rows import Rows, as_csv, rows_of
from analysis.exports.workbook import _check_fits, as_xlsx
from analysis.schema import CONTRACTS, NAMES, Tables

FORMS = ("csv", "parquet")
DICTIONARY = "dictionary"
_COLUMNS = ("table", "column", "type", "may_be_empty", "meaning", "allowed_values")
_FIRST_IN_A_SPREADSHEET = pd.Timestamp("1900-03-01")  # before it Excel counts a day that never was


def export_tables(tables: Tables, path: str | Path, *, form: str = "csv") -> Path:
    """The path of the workbook or folder that now holds all tidy tables and what their columns mean.

    Parameters
    ----------
    tables
        A corpus, or what `select` kept of it.
    path
        Ends in `.xlsx`: a workbook with a sheet per table. Else a folder, with a file per table. Both hold
        `dictionary`: table, column, type, may_be_empty, meaning and allowed_values (separated by `; `) of every column.
    form
        What a folder holds: `csv` or `parquet` files; the dictionary is CSV in both. A workbook does not ask.

    Raises
    ------
    ParameterError
        There is no such format or form, or a table is larger than a spreadsheet.
    StoreError
        It cannot be written, or the folder holds other files; what stood there before is untouched.

    Notes
    -----
    Dates are `2024-05-28` in CSV and date cells in a workbook; a column with a day before March 1900 is text there.
    Missing is an empty cell. Only Parquet tells a missing text from an empty one.

    Examples
    --------
    >>> import analysis, tempfile
    >>> tables = analysis.load("russia-taliban")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = export_tables(tables, f"{folder}/tables", form="parquet")
    ...     pd.read_parquet(path / "statements.parquet").equals(tables.statements)
    True
    """
    target = Path(path)
    if form not in FORMS:
        raise ParameterError(unknown("the form", form, FORMS))
    if target.suffix.lower() == ".xlsx":
        content = _workbook(tables)
        with disk.writing(target.parent):
            disk.write_atomically(target, content)
        return target
    if target.suffix and not target.suffix[1:].isdigit():
        hint = f'name a folder and the form, such as "{target.stem}", form="{FORMS[0]}"'
        found = f"the format {target.suffix!r} is not known"
        raise ParameterError(Problem(str(path), 0, found, "a folder, or a file that ends in .xlsx", hint))
    return write_folder(target, _files(tables, form), also=_names(FORMS))


def _names(forms: Iterable[str]) -> list[str]:
    return [f"{name}.{form}" for form in forms for name in NAMES]


def _files(tables: Tables, form: str) -> dict[str, bytes]:
    written = {name: _bytes(getattr(tables, name), form) for name in NAMES}
    return {f"{name}.{form}": content for name, content in written.items()} | {
        f"{DICTIONARY}.csv": as_csv(_dictionary())
    }


def _bytes(table: pd.DataFrame, form: str) -> bytes:
    if form == "csv":
        return as_csv(rows_of(_with_dates(table, list(_dates(table)))))
    import pyarrow as pa  # noqa: PLC0415  # slow to import, and CSV needs none
    from pyarrow import parquet  # noqa: PLC0415

    made = BytesIO()
    parquet.write_table(pa.Table.from_pandas(table, preserve_index=False), made)
    return made.getvalue()


def _dates(table: pd.DataFrame) -> Iterator[str]:
    return (str(name) for name in table.columns if pd.api.types.is_datetime64_any_dtype(table[name]))


def _with_dates(table: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    """The table with these dates as ISO texts."""
    return table.assign(**{name: table[name].map(_iso, na_action="ignore").astype("str") for name in columns})


def _iso(day: pd.Timestamp) -> str:
    return day.date().isoformat()


def _workbook(tables: Tables) -> bytes:
    sheets = {name: _cells(getattr(tables, name)) for name in NAMES} | {DICTIONARY: _dictionary()}
    try:
        for name, rows in sheets.items():  # all of them first: openpyxl complains of a workbook that is left half done
            _check_fits(name, rows)
    except ParameterError as error:
        hint = "write a folder of CSV or Parquet files instead"
        raise ParameterError(replace(problem, hint=hint) for problem in error.problems) from None
    return as_xlsx(sheets)


def _cells(table: pd.DataFrame) -> Rows:
    """The rows for a spreadsheet, with days as dates where it knows them."""
    dates = list(_dates(table))
    early = [name for name in dates if (table[name] < _FIRST_IN_A_SPREADSHEET).any()]
    days = {name: table[name].dt.date.astype(object) for name in dates if name not in early}
    return rows_of(_with_dates(table, early).assign(**days))


def _dictionary() -> Rows:
    """A row per column of every table."""
    rows: list[list[Any]] = [list(_COLUMNS)]
    for table, (_, columns) in CONTRACTS.items():
        for name, contract in columns.items():
            allowed = "; ".join(f"{value:g}" if isinstance(value, float) else value for value in contract.allowed)
            empty = "yes" if contract.may_be_empty else "no"
            rows.append([table, name, contract.dtype, empty, contract.meaning, allowed])
    return rows
