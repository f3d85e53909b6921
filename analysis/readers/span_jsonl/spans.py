"""The spans and relations of one record of doccano or Prodigy.

Quirks: doccano writes a span as `[start, end, label]` or as an object with `start_offset` and `end_offset`, Prodigy as
an object with `start` and `end`. A relation of doccano names two ids, one of Prodigy repeats both spans.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from analysis.errors import brief
from analysis.readers.found import Feature
from analysis.readers.inputs.json_input import Place, fact, facts
from analysis.readers.inputs.json_relations import Target, related
from analysis.readers.inputs.offsets import Units

_LONGEST_TARGET = 2_000
_PARTS = len(("start", "end", "label"))
NOTHING: Mapping[str, str] = MappingProxyType({})
_OF_A_SPAN = (
    "start",
    "end",
    "start_offset",
    "end_offset",
    "token_start",
    "token_end",
    "label",
    "text",
    "id",
    "input_hash",
)


class Span(NamedTuple):
    """A span of the record: its id or number, its place in code points, and what the tool says of it."""

    name: str
    start: int
    end: int
    label: str | None
    quote: str | None
    features: Mapping[str, str]


Row = tuple[int, int, str]


def sound(given: Any, units: Units) -> Sequence[Row]:
    """The spans, where all are sound: lists with a label, in code points, none empty. Nothing where any is not.

    Nearly all of doccano's are. Looked at so, and not each with its place at hand, they are read in half of the time.
    """
    if type(given) is not list or not units.is_plain or {*map(type, given)} != {list} or {*map(len, given)} != {_PARTS}:
        return ()
    for start, end, label in given:
        if not (type(start) is type(end) is int and type(label) is str and label and 0 <= start < end <= units.n_units):
            return ()
    return given


def span_of(value: Any, number: int, text: str, units: Units, place: Place) -> Span:
    """A span, written as a list or as an object."""
    if isinstance(value, list):
        return _listed(value, number, units, place)
    value = place.need(value, dict, "the span")
    first, last = (value.get(name, value.get(f"{name}_offset")) for name in ("start", "end"))
    start, end = _ends(first, last, units, place)
    quote = value.get("text")
    if quote is not None and text[start:end] != place.need(quote, str, "text of the span"):
        there = text[start : min(end, start + 200)]
        raise place.wrong(f"{brief(there)} stands at {start}–{end}, not the quote {brief(quote)}")
    name = fact(value.get("id")) or f"{number}"
    features = facts({key: inner for key, inner in value.items() if key not in _OF_A_SPAN})
    return Span(name, start, end, fact(value.get("label")) or None, quote, features)


def _listed(value: list[Any], number: int, units: Units, place: Place) -> Span:
    """A span that is written as a list."""
    if len(value) != _PARTS:
        raise place.wrong(f"the span has {len(value)} parts", "[start, end, label]")
    start, end = _ends(value[0], value[1], units, place)
    return Span(f"{number}", start, end, fact(value[2]) or None, None, NOTHING)


def _ends(first: Any, last: Any, units: Units, place: Place) -> tuple[int, int]:
    """Start and end in code points."""
    try:
        return units.span(place.need(first, int, "start"), place.need(last, int, "end"))
    except ValueError as error:
        raise place.wrong(str(error), "offsets in the text", "look whether offset_unit is right") from None


def relations_of(
    record: Mapping[str, Any], spans: Sequence[Span], text: str, place: Place, left_out: Counter[str]
) -> dict[str, dict[str, Feature]]:
    """What relations add to the features of each span: by id in doccano, by place in Prodigy."""
    if not record.get("relations"):
        return {}
    by_name = {span.name: span for span in spans}
    by_place = {(span.start, span.end): span.name for span in spans}
    there = []
    for relation in place.need(record["relations"], list, "relations"):
        relation = place.need(relation, dict, "a relation")  # noqa: PLW2901  # the same, with its type known
        source, target = (
            _end(relation, names, by_place) for names in (("from_id", "head_span"), ("to_id", "child_span"))
        )
        label = fact(relation.get("type", relation.get("label"))) or "relation"
        if source in by_name and target in by_name:
            there.append((source, target, label))
        else:
            left_out["a relation to a span that is not there"] += 1
    targets = {name: _target(by_name[name], text, place) for _, name, _ in there}
    return related(there, targets, place)


def _end(relation: Mapping[str, Any], names: tuple[str, str], by_place: Mapping[tuple[int, int], str]) -> str:
    """The name of the span at one end of a relation; empty where there is none."""
    by_id, by_span = names
    span = relation.get(by_span)
    if isinstance(span, dict) and isinstance(span.get("start"), int) and isinstance(span.get("end"), int):
        return by_place.get((span["start"], span["end"]), "")
    return fact(relation.get(by_id)) or ""


def _target(span: Span, text: str, place: Place) -> Target:
    if span.end - span.start > _LONGEST_TARGET:
        raise place.wrong(f"a relation points at span {span.name}, which is longer than {_LONGEST_TARGET} characters")
    return Target(text[span.start : span.end], span.label or "", span.features)
