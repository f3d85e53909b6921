"""A table as its file holds it, before anyone says what its columns mean: the names of its columns, and its rows.

A row's features are its cells by column, without those that are empty: only an empty cell is missing, "NA" is a word.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from analysis.errors import Problem, one_of
from analysis.readers.found import Feature
from analysis.readers.inputs.json_input import Problems

_UNNAMED = "name each column, and take the empty ones out"


class Sheet(NamedTuple):
    """A table: its name where the file has several, its columns, and its rows with the line or row they stand on.

    `place` is what a message says before the number of a line; `about` what a problem says before what was found.
    """

    name: str
    columns: Sequence[str]
    rows: Iterable[tuple[int, Mapping[str, Feature]]]
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
