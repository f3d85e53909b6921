"""A table as its file holds it, before anyone says what its columns mean: the names of its columns, and its rows.

A row's features are its cells by column, without those that are empty: only an empty cell is missing, "NA" is a word.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from analysis.errors import Problem, one_of
from analysis.readers.found import Feature
from analysis.readers.inputs.json_input import Problems

_UNNAMED = "name each column, and take the empty ones out"
_SHORT, _MOST_KNOWN = 40, 100_000
ROWS = 1000  # of a block: enough for what is done once a block not to count, and few enough to take little memory
Columns = Mapping[str, Sequence[Feature]]


class Row(Mapping[str, Feature]):
    """The cells of a row by column; an empty one is not there.

    A table has a million rows and few columns. Where each row was a dictionary, these took half of the memory: so the
    rows share one `shape`, which says at which place of `cells` a column stands.
    """

    __slots__ = ("cells", "shape")

    def __init__(self, shape: Mapping[str, int], cells: Sequence[Feature]) -> None:
        self.shape, self.cells = shape, cells

    def __getitem__(self, column: str) -> Feature:
        cell = self.cells[self.shape[column]]
        if cell:
            return cell
        raise KeyError(column)

    def get(self, column: str, default: Any = None) -> Any:
        """The cell of a column; the default where it is empty or there is no such column."""
        at = self.shape.get(column)
        return default if at is None else self.cells[at] or default

    def __iter__(self) -> Iterator[str]:
        return (column for column, at in self.shape.items() if self.cells[at])

    def __bool__(self) -> bool:
        return any(self.cells)

    def __len__(self) -> int:
        return len(self.cells) - self.cells.count("")

    def __repr__(self) -> str:
        return repr(dict(self))


def shape_of(columns: Iterable[str]) -> dict[str, int]:
    """Where the cells of each column stand in a row."""
    return {column: at for at, column in enumerate(columns)}


class Shapes(dict[tuple[str, ...], dict[str, int]]):
    """The shapes of rows that need not all have the same columns."""

    def __missing__(self, columns: tuple[str, ...]) -> dict[str, int]:
        shape = self[columns] = shape_of(columns)
        return shape


class Known(dict[str, str]):
    """The texts of a table or column, to keep each once however often it stands there: most are names and codes."""

    is_varied = False

    def __missing__(self, cell: str) -> str:
        if len(cell) < _SHORT and len(self) < _MOST_KNOWN:
            self[cell] = cell
        return cell

    def kept(self, cells: Iterable[str]) -> tuple[str, ...]:
        """The cells as they are to be kept."""
        return tuple(map(self.__getitem__, cells))

    def column(self, cells: Sequence[str]) -> Sequence[str]:
        """The next cells of a column as they are to be kept; of one where most cells differ nothing is known."""
        if self.is_varied:
            return cells
        before = len(self)
        kept = tuple(map(self.setdefault, cells, cells))
        if 2 * (len(self) - before) > len(cells) or len(self) > _MOST_KNOWN:
            self.is_varied = True
            self.clear()
        return kept


class Block(NamedTuple):
    """Some rows of a table with the lines they stand on; `columns` has the same cells where all have one shape."""

    lines: Sequence[int]
    rows: Sequence[Mapping[str, Feature]]
    columns: Columns | None = None


def block_of(lines: Sequence[int], shape: Mapping[str, int], columns: Sequence[Sequence[Feature]]) -> Block:
    """The rows that have these cells in their columns."""
    rows = [Row(shape, cells) for cells in zip(*columns, strict=True)]
    return Block(lines, rows, {column: columns[at] for column, at in shape.items()})


def blocks_of(rows: Iterable[tuple[int, Mapping[str, Feature]]]) -> Iterator[Block]:
    """Rows with the lines they stand on, in blocks."""
    left = iter(rows)
    while some := list(islice(left, ROWS)):
        yield Block([line for line, _ in some], [row for _, row in some])


class Sheet(NamedTuple):
    """A table: its name where the file has several, its columns, and its rows with the line or row they stand on.

    `place` is what a message says before the number of a line; `about` what a problem says before what was found.
    """

    name: str
    columns: Sequence[str]
    blocks: Iterable[Block]
    place: str
    about: str = ""


def check_header(names: Sequence[str], line: int, problems: Problems, about: str = "") -> None:
    """Add a problem for a header that is empty, or has columns without a name or two of one name."""
    twice = [name for name, count in Counter(names).items() if count > 1 and name]
    if not any(names):
        problems.add(
            [Problem(problems.file, line, f"{about}the header is empty", "the names of the columns", _UNNAMED)]
        )
    elif "" in names:
        places = one_of(place for place, name in enumerate(names, 1) if not name).removeprefix("one of ")
        found = f"{about}the header has no name for column {places}"
        problems.add([Problem(problems.file, line, found, "a name for each column", _UNNAMED)])
    if twice:
        listed = one_of(map(repr, twice)).removeprefix("one of ")
        found, expected = f"{about}the header has {listed} more than once", "a name of its own for each column"
        problems.add([Problem(problems.file, line, found, expected, "rename one of them")])


def header_again(line: int, problems: Problems, about: str = "") -> None:
    """Add the problem of a row that is the header once more, as where files were put one below the other."""
    found = f"{about}this row is the header again"
    problems.add([Problem(problems.file, line, found, "a row of values", "remove the row")])
