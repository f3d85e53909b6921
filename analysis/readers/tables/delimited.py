"""Tables as text: CSV and TSV, each cell as it is written.

Quirks: Excel separates by semicolons where the comma is the decimal sign, may say so in a first line `sep=;`, and
pads rows to the widest one; a quoted cell may hold line ends; a quote that is not closed swallows what follows. The
separator is the one of , ; tab | that the header has most often outside quotes. Cells may be longer than the `csv`
module takes by itself.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import chain, islice
from pathlib import Path
from string import whitespace

from analysis.errors import CorpusError, Problem
from analysis.readers.inputs.json_input import Problems, check_size, text_of
from analysis.readers.tables.sheet import (
    ROWS,
    Block,
    Known,
    Row,
    Sheet,
    block_of,
    check_header,
    header_again,
    shape_of,
)

_SEPARATORS = ",;\t|"
_QUOTED = re.compile(r'"[^"]*(?:"|$)')
_SAID = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)
_START = 1 << 16
_PART = 1 << 20
_LONGEST = 1 << 29
Records = tuple[list[int], list[list[str]]]


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
    lines, some = next(rows, ([], []))
    if said:
        del lines[:1], some[:1]
    line, header = (lines.pop(0), some.pop(0)) if some else (1, [])
    columns = list(header)
    while columns and not columns[-1]:
        columns.pop()
    check_header(columns, line, problems)
    return Sheet("", columns, _blocks(chain([(lines, some)], rows), header, columns, problems), f"{path.name}: line ")


def _start(path: Path) -> str:
    """The first part of the text, once all of it is known to be UTF-8; the whole is never in memory at once."""
    try:
        check_size(path)
        with path.open(encoding="utf-8-sig", newline="") as file:
            start = file.read(_START)
            is_sound = "\0" not in start and not any("\0" in part for part in iter(partial(file.read, _PART), ""))
    except OSError as error:
        raise CorpusError(Problem(path.name, 0, f"the file cannot be read: {error.strerror}")) from None
    except UnicodeDecodeError:
        start, is_sound = "?", False
    if not start.strip(whitespace):
        raise CorpusError(Problem(path.name, 0, "the file is empty", "a header and rows", "export it again"))
    if not is_sound:
        text = text_of(path)  # which tells the line of what is no UTF-8
        line = text.count("\n", 0, text.index("\0")) + 1
        raise CorpusError(Problem(path.name, line, "this is no text: it has a NUL character", "UTF-8 text"))
    return start


@contextmanager
def _long_cells() -> Iterator[None]:
    before = csv.field_size_limit(_LONGEST)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _records(path: Path, delimiter: str) -> Iterator[Records]:
    """The records that are no blank lines, in blocks: the lines that they start on, and the records.

    Lines are split at the separator for as long as nothing is quoted; from there on, each quote has to be looked at.
    """
    done, some = 0, list[str]()
    with _long_cells(), path.open(encoding="utf-8-sig", newline="") as file:
        while some := list(islice(file, ROWS)):
            texts = [line.rstrip("\r\n") for line in some]
            if not all(texts) or '"' in "".join(texts):
                break
            yield list(range(done + 1, done + 1 + len(some))), [text.split(delimiter) for text in texts]
            done += len(some)
        yield from _parsed(chain(some, file), delimiter, done, path.name)


def _parsed(texts: Iterable[str], delimiter: str, done: int, shown: str) -> Iterator[Records]:
    """The same from the lines of text after the first `done`, whatever is quoted in them."""
    line, lines, records = done, list[int](), list[list[str]]()
    reader = csv.reader(texts, delimiter=delimiter, strict=True)
    try:
        for record in reader:
            if record:
                lines.append(line + 1)
                records.append(record)
                if len(records) == ROWS:
                    yield lines, records
                    lines, records = [], []
            line = done + reader.line_num
        yield lines, records
    except csv.Error as error:
        is_open = "unexpected end" in str(error)
        found = "a quoted cell that starts in this row is never closed" if is_open else f"this row is broken: {error}"
        hint = 'a quote inside a quoted cell is written twice: ""'
        raise CorpusError(Problem(shown, line + 1, found, "cells, quoted or not", hint)) from None


def _blocks(
    records: Iterable[Records], header: list[str], columns: Sequence[str], problems: Problems
) -> Iterator[Block]:
    """The rows, by column where all of a block are as wide as the header; else one by one, told in their order."""
    width, named, shape, known = len(header), len(columns), shape_of(columns), [Known() for _ in header]
    for lines, rows in records:
        if {*map(len, rows)} != {width} or header in rows:
            is_sound = False
        else:
            cells = [each.column(column) for each, column in zip(known, zip(*rows, strict=True), strict=True)]
            is_sound = not any(map(any, cells[named:]))
        if is_sound:
            yield block_of(lines, shape, cells[:named])
        else:
            yield from (Block(*row) for row in _rows(zip(lines, rows, strict=True), header, columns, problems))


def _rows(
    records: Iterable[tuple[int, list[str]]], header: list[str], columns: Sequence[str], problems: Problems
) -> Iterator[tuple[list[int], list[Row]]]:
    """The line and the row of each record; what is wrong with one is told, and there is no row."""
    width, named, shape = len(header), len(columns), shape_of(columns)
    for line, record in records:
        if len(record) != width:
            found, hint = f"this row has {_cells(len(record))}", "quote a cell that holds the separator"
            problems.add([Problem(problems.file, line, found, f"{_cells(width)}, as in the header", hint)])
        elif record == header:
            header_again(line, problems)
        elif any(record[named:]):
            problems.add([Problem(problems.file, line, "a cell of this row is below no name", "a name in the header")])
        else:
            yield [line], [Row(shape, tuple(record[:named]))]


def _cells(count: int) -> str:
    return f"{count} cell{'s' if count != 1 else ''}"
