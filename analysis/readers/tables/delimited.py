"""Tables as text: CSV, TSV and JSON lines, each cell as it is written.

Quirks: Excel separates by semicolons where the comma is the decimal sign, may say so in a first line `sep=;`, and
pads rows to the widest one; a quoted cell may hold line ends; a quote that is not closed swallows what follows. The
separator is the one of , ; tab | that the header has most often outside quotes. Cells may be longer than the `csv`
module takes by itself. In JSON lines a number stays as it is written (1.0, 1e3), yes/no is "true" or "false", a list
of values is a list of texts, and null is an empty cell.
"""

import codecs
import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from analysis.errors import CorpusError, Problem, brief
from analysis.readers.found import Feature
from analysis.readers.inputs.json_input import Problems, text_of, told
from analysis.readers.tables.sheet import Known, Row, Shapes, Sheet, check_header, header_again, shape_of

_SEPARATORS = ",;\t|"
_QUOTED = re.compile(r'"[^"]*(?:"|$)')
_SAID = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)
_START = 1 << 16
_LONGEST = 1 << 29
_TEXT_OR_NULL = {str, type(None)}
_HALF = re.compile(r"\\u[dD][89a-fA-F]")


def separator(start: str, *, is_tsv: bool = False) -> str:
    """The separator of a table whose text starts so; `is_tsv` decides between two that stand equally often.

    >>> separator('"a, b";c;d')
    ';'
    """
    lines = _QUOTED.sub("", start).splitlines()
    header = next((line for line in lines if line.strip()), "")
    order = "\t,;|" if is_tsv else _SEPARATORS
    return max(order, key=header.count)


def read_delimited(path: Path, problems: Problems) -> Sheet:
    """The table in a CSV or TSV file; its rows are read, and their problems added, as they are asked for."""
    start = _start(path)
    said = _SAID.match(start)
    rows = _records(path, said[1] if said else separator(start, is_tsv=path.suffix.lower() in (".tsv", ".tab")))
    first = (row for row in rows if row[1])
    if said:
        next(first, None)
    line, header = next(first, (1, []))
    columns = list(header)
    while columns and not columns[-1]:
        columns.pop()
    check_header(columns, line, problems)
    return Sheet("", columns, _rows(rows, header, columns, problems), f"{path.name}: line ")


def _start(path: Path) -> str:
    """The first part of the text, once all of it is known to be UTF-8."""
    try:
        with path.open("rb") as file:
            is_empty = not file.read(_START).removeprefix(codecs.BOM_UTF8).strip()
    except OSError as error:
        raise CorpusError(Problem(path.name, 0, f"the file cannot be read: {error.strerror}")) from None
    if is_empty:
        raise CorpusError(Problem(path.name, 0, "the file is empty", "a header and rows", "export it again"))
    text = text_of(path)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise CorpusError(Problem(path.name, line, "this is no text: it has a NUL character", "UTF-8 text"))
    return text[:_START]


@contextmanager
def _long_cells() -> Iterator[None]:
    before = csv.field_size_limit(_LONGEST)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _records(path: Path, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line that it starts on."""
    line = 0
    with _long_cells(), path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        try:
            for record in reader:
                yield line + 1, record
                line = reader.line_num
        except csv.Error as error:
            is_open = "unexpected end" in str(error)
            found = (
                "a quoted cell that starts in this row is never closed" if is_open else f"this row is broken: {error}"
            )
            hint = 'a quote inside a quoted cell is written twice: ""'
            raise CorpusError(Problem(path.name, line + 1, found, "cells, quoted or not", hint)) from None


def _rows(
    records: Iterator[tuple[int, list[str]]], header: list[str], columns: Sequence[str], problems: Problems
) -> Iterator[tuple[int, Mapping[str, Feature]]]:
    width, named, shape, known = len(header), len(columns), shape_of(columns), Known()
    for line, record in records:
        if len(record) != width:
            if record:
                found, hint = f"this row has {_cells(len(record))}", "quote a cell that holds the separator"
                problems.add([Problem(problems.file, line, found, f"{_cells(width)}, as in the header", hint)])
        elif record == header:
            header_again(line, problems)
        elif width > named and any(record[named:]):
            problems.add([Problem(problems.file, line, "a cell of this row is below no name", "a name in the header")])
        else:
            yield line, Row(shape, known.kept(record if width == named else record[:named]))


def _cells(count: int) -> str:
    return f"{count} cell{'s' if count != 1 else ''}"


def read_json_lines(path: Path, problems: Problems) -> Sheet:
    """The table in a file of JSON lines, whose columns are the keys of its objects."""
    decoder = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=_no_number)
    shapes, known, rows = Shapes(), Known(), []
    try:
        with path.open("rb") as file:
            for line, content in enumerate(file, 1):
                record = _object(content, line, decoder, problems)
                if record is not None:
                    rows.append((line, _row(record, shapes[tuple(record)], known, problems, line)))
    except OSError as error:
        raise CorpusError(Problem(path.name, 0, f"the file cannot be read: {error.strerror}")) from None
    columns = dict.fromkeys(column for shape in shapes.values() for column in shape)
    if not columns and not problems.count:
        raise CorpusError(Problem(path.name, 0, "the file has no rows", "one JSON object a line", "export it again"))
    return Sheet("", list(columns), rows, f"{path.name}: line ")


def _object(content: bytes, line: int, decoder: json.JSONDecoder, problems: Problems) -> dict[str, Any] | None:
    """The object on a line; None where the line is blank, or no object and told so."""
    found = ""
    try:
        text = content.decode("utf-8-sig" if line == 1 else "utf-8").strip()
        value = decoder.decode(text) if text else None
        if "\\u" in text and _HALF.search(text):
            json.dumps(value, ensure_ascii=False).encode()
        if not text or isinstance(value, dict):
            return value
        found = f"this line is {told(value)}"
    except json.JSONDecodeError as error:
        found = f"this line is no JSON at column {error.colno}"
    except UnicodeDecodeError:
        found = "this line is not UTF-8 text"
    except UnicodeEncodeError:
        found = "this line has half a character (\\ud800 to \\udfff without its other half)"
    except RecursionError:
        found = "this line is nested too deeply"
    except ValueError as error:
        found = str(error)
    problems.add([Problem(problems.file, line, found, "one JSON object a line")])
    return None


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no value of JSON")


def _row(record: dict[str, Any], shape: Mapping[str, int], known: Known, problems: Problems, line: int) -> Row:
    """The values of an object, as the cells of a row."""
    if {*map(type, record.values())} <= _TEXT_OR_NULL:
        return Row(shape, known.kept([value or "" for value in record.values()]))
    return Row(shape, [_cell(key, value, line, problems) for key, value in record.items()])


def _cell(key: str, value: Any, line: int, problems: Problems) -> Feature:
    """A value as text, a list of values as texts; empty where there is none."""
    parts = [_text(part) for part in (value if isinstance(value, list) else [value])]
    if None in parts:
        found, hint = f"{brief(key)} is {told(value)} that holds more than values", "one value, or a list of them"
        problems.add([Problem(problems.file, line, found, hint)])
    texts = [part for part in parts if part]
    return "" if not texts else texts if isinstance(value, list) else texts[0]


def _text(value: Any) -> str | None:
    """A value as text, empty where it is null; None where it is no single value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else "" if value is None else None
