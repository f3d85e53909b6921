"""What the lines of one brat .ann say of its spans and of each other: events, relations, attributes, notes."""

import re
from sys import intern

from analysis.errors import brief
from analysis.readers.brat.sheet import SHAPES, Line, Sheet, add
from analysis.readers.brat.spans import place
from analysis.readers.inputs.offsets import Units

_NUMBERED = re.compile(r"(.*?[^0-9])[0-9]{1,9}")
_COPIES = 20
_ARGUMENTS, _WITH_VALUE = 2, 3


def fill(sheet: Sheet, text: str, units: Units) -> None:
    """Read what the lines say, of the text and of each other: triggers first, for all else may point at events."""
    sheet.room = _COPIES * (sum(map(len, sheet.lines.values())) + 50)
    for line in sheet.lines.pop("T", []):
        place(sheet, line, text, units)
    for line in sheet.lines["E"]:
        _event(sheet, line)
    for line in sheet.lines["R"]:
        _holder(sheet, line)
    for kind in "AN#":
        for line in sheet.lines.pop(kind, []):
            if kind != "A" or not _attribute(sheet, line):
                _feature(sheet, line, kind)
    for line in sheet.lines["E"]:
        _roles(sheet, line)
    for line in sheet.lines["R"]:
        _relation(sheet, line)
    for line in sheet.lines["*"]:
        _equals(sheet, line)


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


def _attribute(sheet: Sheet, line: Line) -> bool:
    """Whether the line is an attribute of a mark with its value, as nearly all are: then it is added to it."""
    words = line.body.split()
    if len(words) != _WITH_VALUE or words[1] not in sheet.spans:
        return False
    name, target, value = words
    add(sheet.features[target], name, value)
    sheet.owners[line.name] = target, f"{name}."
    return True


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
        sheet.wrong(line, f"{target} is no T, E or R", SHAPES[kind])
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
    if line.name in sheet.owners and len(line.words) > _ARGUMENTS:
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
