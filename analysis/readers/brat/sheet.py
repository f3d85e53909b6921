"""The lines of one brat .ann: what each says, and what they say of each other; brat.py tells the format's quirks."""

from collections import defaultdict
from dataclasses import dataclass, field
from sys import intern
from typing import NamedTuple

from analysis.errors import Problem, brief
from analysis.readers.found import Feature
from analysis.readers.inputs.json_input import Problems

SHAPES = {
    "T": "T1⇥Type 0 5⇥words",
    "R": "R1⇥Type Arg1:T1 Arg2:T2",
    "E": "E1⇥Type:T1 Role:T2",
    "A": "A1⇥Name T1, or A1⇥Name T1 value",
    "N": "N1⇥Reference T1 Resource:id⇥name",
    "#": "#1⇥AnnotatorNotes T1⇥the note",
    "*": "*⇥Type T1 T2",
}


class Line(NamedTuple):
    """One annotation: its id, what stands between the tabs, and what follows the second tab."""

    number: int
    name: str
    body: str
    tail: str

    @property
    def words(self) -> list[str]:
        """The parts of the body."""
        return self.body.split()


class Span(NamedTuple):
    """A mark to be: its line, kind, and words; `pieces` in the order of the text."""

    number: int
    kind: str
    pieces: tuple[tuple[int, int], ...]
    quote: str
    is_event: bool = False


@dataclass
class Sheet:
    """One .ann while it is read: lines by kind, marks by id, whose the other ids are, features and those by links."""

    file: str
    problems: Problems
    lines: dict[str, list[Line]] = field(default_factory=lambda: defaultdict(list))
    spans: dict[str, Span] = field(default_factory=dict)
    owners: dict[str, tuple[str, str]] = field(default_factory=dict)
    features: dict[str, dict[str, Feature]] = field(default_factory=lambda: defaultdict(dict))
    linked: dict[str, dict[str, Feature]] = field(default_factory=lambda: defaultdict(dict))
    room: int = 0

    def wrong(self, line: Line, found: str, expected: str = "", hint: str = "") -> None:
        """Add a problem of this line."""
        self.problems.add([Problem(self.file, line.number, f"{line.name}: {found}", expected, hint)])

    def misshapen(self, line: Line) -> None:
        """Add the problem of a line that has not the parts of its kind."""
        self.wrong(line, f"{brief(line.body)} is no annotation of this kind", SHAPES[line.name[0].replace("M", "A")])

    def owner(self, line: Line, target: str) -> tuple[str, str] | None:
        """The mark that an id belongs to, with what stands before its features' names; None, and told, if unknown."""
        found = (target, "") if target in self.spans else self.owners.get(target)
        if found is None:
            self.wrong(line, f"there is no annotation {brief(target)} in this file", "", "take the line away")
        return found


def add(features: dict[str, Feature], name: str, value: str) -> None:
    """Add a value to a feature: the first stands alone, several in a list. Names are many times the same few."""
    had = features.get(name)
    if had is None:
        features[intern(name)] = value
    elif isinstance(had, list):
        had.append(value)
    else:
        features[name] = [had, value]
