"""The lines of one brat .ann: what each says, and what they say of each other; brat.py tells the format's quirks."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from sys import intern
from typing import NamedTuple

from analysis.errors import Problem, brief
from analysis.readers.found import Feature
from analysis.readers.inputs.json_input import Problems
from analysis.readers.inputs.offsets import Units

_SPAN = re.compile(r"(\S+) ([0-9]{1,12} [0-9]{1,12}(?:;[0-9]{1,12} [0-9]{1,12})*)")
_NUMBERED = re.compile(r"(.*?[^0-9])[0-9]{1,9}")
_BREAKS = str.maketrans("\r\n", "  ")
_COPIES = 20
_MARGIN = 200
_ARGUMENTS = 2
_SHAPES = {
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
        self.wrong(line, f"{brief(line.body)} is no annotation of this kind", _SHAPES[line.name[0].replace("M", "A")])

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


def fill(sheet: Sheet, text: str, units: Units) -> None:
    """Read what the lines say, of the text and of each other: triggers first, for all else may point at events."""
    sheet.room = _COPIES * (sum(map(len, sheet.lines.values())) + 50)
    for line in sheet.lines.pop("T", []):
        _span(sheet, line, text, units)
    for line in sheet.lines["E"]:
        _event(sheet, line)
    for line in sheet.lines["R"]:
        _holder(sheet, line)
    for kind in "AN#":
        for line in sheet.lines.pop(kind, []):
            _feature(sheet, line, kind)
    for line in sheet.lines["E"]:
        _roles(sheet, line)
    for line in sheet.lines["R"]:
        _relation(sheet, line)
    for line in sheet.lines["*"]:
        _equals(sheet, line)


def _span(sheet: Sheet, line: Line, text: str, units: Units) -> None:
    match = _SPAN.fullmatch(line.body.strip())
    if not match:
        sheet.misshapen(line)
        return
    try:
        pieces = [units.span(*map(int, pair.split())) for pair in match[2].split(";")]
    except ValueError as error:
        sheet.owners[line.name] = line.name, ""  # told here; not once more wherever it is pointed at
        sheet.wrong(line, str(error), f"offsets in {sheet.file[:-4]}.txt, from 0 to {units.n_units}")
        return
    words = _words(text, pieces, 2 * len(line.tail))
    if any(start == end for start, end in pieces):
        sheet.wrong(line, "the span is empty", "a span of at least one character")
    elif line.tail != words and line.tail not in _as_written(words):
        hint = "offsets are characters of the text as it stands; a CR counts, an emoji is one"
        sheet.wrong(line, f"the words are {brief(line.tail)}, but the text there is {brief(words)}", "", hint)
    if pieces != sorted(pieces):
        pieces, words = sorted(pieces), _words(text, sorted(pieces), len(words))
    sheet.spans[line.name] = Span(line.number, intern(match[1]), tuple(pieces), words)


def _as_written(words: str) -> tuple[str, str]:
    """How brat writes words with line breaks: each character of CR LF as a space, or both as one."""
    return words.translate(_BREAKS), words.replace("\r\n", " ").translate(_BREAKS)


def _words(text: str, pieces: list[tuple[int, int]], most: int) -> str:
    """The words of the pieces; cut soon after `most` characters, for a hostile line can name the whole text often."""
    words: list[str] = []
    for start, end in pieces:
        words.append(text[start : min(end, start + most + _MARGIN)])
        most -= end - start
        if most < -_MARGIN:
            break
    return " ".join(words)


def _event(sheet: Sheet, line: Line) -> None:
    """Let the event be the mark of its trigger, or, where that is another event's, one of its own."""
    pairs = [word.partition(":")[::2] for word in line.words]
    if not pairs or not all(role and target for role, target in pairs):
        sheet.misshapen(line)
        return
    kind, trigger = pairs[0]
    span = sheet.spans.get(trigger)
    if span is None:
        if not trigger.startswith("T") or sheet.owner(line, trigger):
            sheet.wrong(line, f"its trigger {brief(trigger)} is no span that can be read", "the id of a T line")
        return
    name, number = (line.name, line.number) if span.is_event else (trigger, span.number)
    sheet.spans[name] = span._replace(number=number, kind=intern(kind), is_event=True)
    sheet.owners[line.name] = name, ""


def _holder(sheet: Sheet, line: Line) -> None:
    """Let what is said of a relation stand on the mark that the relation starts from."""
    parts = [word.partition(":") for word in line.words[1:]]
    if len(parts) != _ARGUMENTS or not all(target for *_, target in parts):
        sheet.misshapen(line)
        return
    found = sheet.owner(line, parts[0][2])
    if found and not found[1]:
        sheet.owners[line.name] = found[0], f"{line.words[0]}."
    elif found:
        sheet.wrong(line, f"{parts[0][2]} is a relation itself", "a T or an E")


def _feature(sheet: Sheet, line: Line, kind: str) -> None:
    """Add an attribute, normalisation or note to the mark it is about."""
    name, target, *rest = line.words if len(line.words) > 1 else ("", "")
    if not target or (kind == "N") > bool(rest) or (kind == "#" and rest):
        sheet.misshapen(line)
        return
    found = sheet.owner(line, target)
    if found is None:
        return
    if kind != "#" and target[0] not in "TER":
        sheet.wrong(line, f"{target} is no T, E or R", _SHAPES[kind])
        return
    owner, prefix = found
    if kind != "A":
        name = "normalization" if kind == "N" else "note" if name == "AnnotatorNotes" else name
    add(sheet.features[owner], prefix + name, line.tail if kind == "#" else " ".join(rest) or "true")
    if kind == "N" and line.tail:
        add(sheet.features[owner], f"{prefix}{name}.text", line.tail)
    if kind != "#":
        sheet.owners[line.name] = owner, f"{prefix}{name}."


def _roles(sheet: Sheet, line: Line) -> None:
    """Add what an event's roles point at to its mark."""
    if line.name not in sheet.owners:
        return
    pairs = [word.partition(":")[::2] for word in line.words[1:]]
    plain = {role for role, _ in pairs}
    for role, target in pairs:
        numbered = _NUMBERED.fullmatch(role)
        name = numbered[1] if numbered and numbered[1] in plain else role
        _link(sheet, line, (sheet.owners[line.name][0], name, target))


def _relation(sheet: Sheet, line: Line) -> None:
    if line.name in sheet.owners:
        target = line.words[2].partition(":")[2]
        _link(sheet, line, (sheet.owners[line.name][0], line.words[0], target))


def _link(sheet: Sheet, line: Line, link: tuple[str, str, str]) -> None:
    """Add to a mark what it points at, as (mark, role, target): the words, their kind and their own features."""
    holder, role, target = link
    found = sheet.owner(line, target)
    if found is None or found[0] not in sheet.spans:
        return
    if found[1]:
        sheet.wrong(line, f"{target} is no span and no event", "a T or an E")
        return
    span = sheet.spans[found[0]]
    features = sheet.linked[holder]
    add(features, role, span.quote)
    add(features, f"{role}.kind", span.kind)
    for name, value in sheet.features.get(found[0], {}).items():
        values = value if isinstance(value, list) else [value]
        sheet.room -= len(values)
        if sheet.room < 0:
            sheet.wrong(line, f"the relations up to here repeat more than {_COPIES} features a line")
            return
        for each in values:
            add(features, f"{role}.{name}", each)


def _equals(sheet: Sheet, line: Line) -> None:
    if len(line.words) <= _ARGUMENTS:
        sheet.misshapen(line)
    for target in line.words[1:]:
        sheet.owner(line, target)
