"""The rows of tables as marks: what each says of its document, coder, id and span, and what all of a document share.

The rows of a sound table are all alike, so a block of them is made marks column by column. A block with a row that is
not goes row by row, which gives the same marks and tells what is wrong with which row.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, repeat
from operator import lt
from typing import NamedTuple

from analysis.errors import Problem, brief
from analysis.readers.found import Document, Feature, Mark
from analysis.readers.inputs.json_input import Problems
from analysis.readers.tables.sheet import Block, Columns, Sheet

IDS = ("statement_id", "id")
_OFFSET = re.compile(r"\d{1,9}", re.ASCII)
_BY_ROWS = "name the column of ids with the option `id`, or give it nothing to go by rows"


class Roles(NamedTuple):
    """The columns that say whose a row is and where; None where there is none."""

    document: str | None
    coder: str | None
    name: str | None
    start: str | None
    end: str | None
    quote: str | None


class _Places(NamedTuple):
    """Of each row of a block: document, coder, name, start, end and quote."""

    documents: Sequence[str]
    coders: Sequence[str]
    names: Sequence[str]
    starts: Sequence[int | None]
    ends: Sequence[int | None]
    quotes: Sequence[str | None]


@dataclass
class Reading:
    """What is gathered over the sheets of a file; `stem` is the document where no column names one."""

    stem: str
    problems: Problems
    facts: dict[str, dict[str, Feature]] = field(default_factory=dict)
    where: dict[str, str] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    seen: set[tuple[str, ...]] = field(default_factory=set)

    def tell(self, sheet: Sheet, line: int, found: str, expected: str = "", hint: str = "") -> None:
        """Add a problem of a row."""
        self.problems.add([Problem(self.problems.file, line, f"{sheet.about}{found}", expected, hint)])

    def is_new(self, *key: str) -> bool:
        """Whether a row of this document, coder and name has not been met before."""
        count = len(self.seen)
        self.seen.add(key)
        return len(self.seen) > count

    def are_new(self, keys: Sequence[tuple[str, ...]]) -> bool:
        """Whether none of these has been met before and no two are alike; only then are they met now."""
        fresh = set(keys)
        is_sound = len(fresh) == len(keys) and self.seen.isdisjoint(fresh)
        if is_sound:
            self.seen |= fresh
        return is_sound

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

    def note_all(self, documents: Iterable[str], block: Block, columns: Columns, places: Sequence[str]) -> None:
        """The same for each row of a block, whose rows on one document mostly stand together."""
        start = 0
        for document, run in groupby(documents):
            end = start + len([*run])
            if end - start == 1:
                self.note(document, block.rows[start], places[start])
                start = end
                continue
            first = {name: cells[start] for name, cells in columns.items() if cells[start] == cells[end - 1]}
            same = {name: cell for name, cell in first.items() if columns[name][start:end].count(cell) == end - start}
            self.note(document, {name: cell for name, cell in same.items() if cell}, places[start])
            start = end

    def documents(self) -> Iterator[Document]:
        """The documents with their facts."""
        for name, facts in self.facts.items():
            texts = {key: value for key, value in facts.items() if isinstance(value, str)}
            yield Document(name, None, texts, self.where[name])


def marks_of(block: Block, sheet: Sheet, roles: Roles | None, reading: Reading) -> Iterable[Mark]:
    """The marks of some rows of a table; without roles there are none, but empty rows are counted."""
    at_once = _at_once(block, sheet, roles, reading) if roles and block.columns and not sheet.name else None
    return _row_by_row(block, sheet, roles, reading) if at_once is None else at_once


def _at_once(block: Block, sheet: Sheet, roles: Roles, reading: Reading) -> Iterable[Mark] | None:
    """The marks of a block of a file's only table, by column; None, and nothing noted, where a row is not usual."""
    columns = block.columns or {}
    try:
        found = _places(block, columns, roles, reading.stem)
    except (LookupError, ValueError):
        return None
    if roles.name and not reading.are_new([*zip(found.documents, found.coders, found.names, strict=True)]):
        return None
    where = [f"{sheet.place}{line}" for line in block.lines]
    reading.note_all(found.documents, block, columns, where)
    said = zip(*found[:3], repeat("row"), *found[3:], repeat(()), block.rows, where)
    return map(Mark._make, said)


def _places(block: Block, columns: Columns, roles: Roles, stem: str) -> _Places:
    """What the columns say of each row; LookupError or ValueError where not all say it as they should."""
    n_rows = len(block.lines)
    documents = _full(columns, roles.document) if roles.document else [stem] * n_rows
    names = _full(columns, roles.name) if roles.name else [f"r{line}" for line in block.lines]
    if not (roles.document or roles.name or any(map(all, columns.values()))):
        raise ValueError  # there may be empty rows
    coders = [coder or "main" for coder in _texts(columns, roles.coder)] if roles.coder else ["main"] * n_rows
    quotes = [quote or None for quote in _texts(columns, roles.quote)] if roles.quote else [None] * n_rows
    if not (roles.start and roles.end):
        return _Places(documents, coders, names, [None] * n_rows, [None] * n_rows, quotes)
    first, last = _texts(columns, roles.start), _texts(columns, roles.end)
    if not (all(map(_OFFSET.fullmatch, first)) and all(map(_OFFSET.fullmatch, last))):
        raise ValueError
    starts, ends = [*map(int, first)], [*map(int, last)]
    if not all(map(lt, starts, ends)):
        raise ValueError
    return _Places(documents, coders, names, starts, ends, quotes)


def _texts(columns: Columns, name: str) -> Sequence[str]:
    """A column of single texts; ValueError where there are lists in it."""
    texts = [cell for cell in columns[name] if isinstance(cell, str)]
    if len(texts) < len(columns[name]):
        raise ValueError
    return texts


def _full(columns: Columns, name: str) -> Sequence[str]:
    """A column of texts none of which is empty; ValueError where one is."""
    texts = _texts(columns, name)
    if not all(texts):
        raise ValueError
    return texts


def _row_by_row(block: Block, sheet: Sheet, roles: Roles | None, reading: Reading) -> Iterator[Mark]:
    kind, prefix = sheet.name or "row", f"{sheet.name}/" if sheet.name else ""
    for line, features in zip(block.lines, block.rows, strict=True):
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
    raise ValueError(found, "one value", _BY_ROWS if column in IDS else "")


def _span(features: Mapping[str, Feature], first: str, last: str) -> tuple[int | None, int | None]:
    start, end = _cell(features, first, ""), _cell(features, last, "")
    if not start and not end:
        return None, None
    if not _OFFSET.fullmatch(start) or not _OFFSET.fullmatch(end) or int(start) >= int(end):
        raise ValueError(f"the span {brief(start)}–{brief(end)} is none", "whole numbers, 0 ≤ start < end")
    return int(start), int(end)
