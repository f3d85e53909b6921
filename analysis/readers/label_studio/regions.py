"""One annotation of a Label Studio task: its results gathered by region.

Quirks: what belongs to one region shares its id, and each result repeats the span. `text` is the quote, but in a
`textarea` it is what the coder wrote. A relation names two regions and goes either way or both. A region without a span
is something that was said of the whole text.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, NamedTuple

from analysis.errors import CorpusError
from analysis.readers.inputs.json_input import Place, Problems, fact, told
from analysis.readers.label_studio.texts import Fields, Span, Texts, span_of

_LABELS = ("labels", "hypertextlabels", "paragraphlabels")
_ALSO = ("labels", "htmllabels")  # where the labels stand in older exports
_ELSEWHERE = frozenset(("x", "points", "vertices", "rle", "bbox", "sequence", "ranges"))
_MOST_FEATURES = 100
_FIELDS = itemgetter("type", "id", "to_name", "from_name", "value")
_N_KEYS = len(("start", "end", "text", "labels"))


@dataclass
class Reading:
    """What is gathered over the file: its problems, what was left out, and the fields that fit."""

    problems: Problems
    fields: Fields
    left_out: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Region:
    """One region, or one thing that was said of the whole text: what all results with its id say together."""

    about: str
    kinds: tuple[str, ...] = ()
    features: dict[str, list[str]] = field(default_factory=dict)
    span: Span | None = None


class Coding(NamedTuple):
    """One annotation of a task: whose, its regions by id, and its relations as source, target and label."""

    coder: str
    regions: dict[str, Region]
    relations: list[tuple[str, str, str]]
    place: Place


def coding(annotation: Any, texts: Texts, place: Place, reading: Reading) -> Coding | None:
    """What the annotation says; None, and counted, where it was cancelled or is empty."""
    annotation = place.need(annotation, dict, "the annotation")
    if annotation.get("was_cancelled") or annotation.get("skipped"):
        reading.left_out["cancelled"] += 1
        return None
    results = place.need(annotation.get("result"), list, "result")
    if not results:
        reading.left_out["empty"] += 1
        return None
    found = Coding(_coder(annotation.get("completed_by")), {}, [], place)
    for number, result in enumerate(results, 1):
        if _is_added(result, found, texts, reading.fields):
            continue
        try:
            _add(result, number, found, texts, reading)
        except CorpusError as error:
            reading.problems.add(error.problems)
    return found


def _coder(completed_by: Any) -> str:
    """The coder's e-mail or id; some exports hold the whole person."""
    if isinstance(completed_by, dict):
        completed_by = completed_by.get("email") or completed_by.get("username") or completed_by.get("id")
    return fact(completed_by) or "main"


def _is_added(result: Any, found: Coding, texts: Texts, fields: Fields) -> bool:
    """Add a result of the usual form, a label or choice for words of a plain text; False, and nothing done, for others.

    Nearly all results are of this form, and need no more than this. All others, and all that is wrong, go the long way,
    which gives the same for these too.
    """
    try:
        kind, name, about, control, value = _FIELDS(result)
        given, quote, start, end = value[kind], value["text"], value["start"], value["end"]
    except (LookupError, TypeError):
        return False
    is_usual = kind in ("labels", "choices") and len(value) == _N_KEYS and type(given) is list and len(given) == 1
    is_usual = is_usual and "meta" not in result
    if not (is_usual and type(name) is type(about) is type(control) is type(quote) is type(given[0]) is str):
        return False
    if not (type(start) is int and type(end) is int and 0 <= start <= end and name and control and given[0]):
        return False
    span, region = ("plain", start, end, quote), found.regions.get(name)
    if region is None and fields.are_unchanged(about, span, texts):
        kinds = (given[0],) if kind == "labels" else ()
        found.regions[name] = Region(about, kinds, {control: given}, Span._make(span))
        return True
    if region is None or region.span != span or control in region.features or len(region.features) >= _MOST_FEATURES:
        return False
    region.features[control] = given
    if kind == "labels":
        region.kinds = tuple(dict.fromkeys((*region.kinds, given[0])))
    return True


def _add(result: Any, number: int, found: Coding, texts: Texts, reading: Reading) -> None:
    place = found.place.inside(f"result {number}")
    result = place.need(result, dict, "the result")
    kind = place.need(result.get("type"), str, "type")
    if kind == "relation":
        found.relations.extend(_relations(result, place))
        return
    value = place.need(result.get("value"), dict, "value")
    about = fact(result.get("to_name")) or ""
    name = fact(result.get("id")) or f"result {number}"
    region = found.regions.get(name)
    if region is None:
        region = found.regions[name] = Region(about)
    if (kind.endswith("labels") and kind not in _LABELS) or not _ELSEWHERE.isdisjoint(value):
        hint = "export a project whose regions stand on texts only"
        raise place.wrong(
            f"region {told(name)} is of type {told(kind)}, which is not on a text", "spans of a text", hint
        )
    if "start" in value:
        _place_span(region, value, kind, texts, place, reading)
    given = _given(value, kind, place)
    if given is None:
        reading.left_out[f"a result of type {kind}"] += 1
    _say(region, result, given or [], place)
    if len(region.features) > _MOST_FEATURES:
        raise place.wrong(f"region {told(name)} has more than {_MOST_FEATURES} features")


def _say(region: Region, result: Mapping[str, Any], given: list[str], place: Place) -> None:
    """Add to the region its labels, or what was chosen or written, and the note on it, which all its results repeat."""
    if result["type"] in _LABELS:
        region.kinds = tuple(dict.fromkeys((*region.kinds, *given)))
    if given:
        region.features.setdefault(fact(result.get("from_name")) or result["type"], []).extend(given)
    meta = result.get("meta")
    if isinstance(meta, dict) and meta.get("text"):
        region.features.setdefault("meta", _texts(meta["text"], place, "meta"))


def _relations(result: Mapping[str, Any], place: Place) -> Iterator[tuple[str, str, str]]:
    """Source, target and label of a relation; without a label it is called `relation`."""
    source, target = fact(result.get("from_id")), fact(result.get("to_id"))
    if source is None or target is None:
        raise place.wrong("a relation without from_id or to_id", "the ids of two regions")
    labels = _texts(result.get("labels") or [], place, "labels") or ["relation"]
    direction = result.get("direction", "right")
    if direction not in ("right", "left", "bi"):
        raise place.wrong(f"the direction of a relation is {told(direction)}", "right, left or bi")
    for label in labels:
        if direction != "left":
            yield source, target, label
        if direction != "right":
            yield target, source, label


def _place_span(
    region: Region, value: Mapping[str, Any], kind: str, texts: Texts, place: Place, reading: Reading
) -> None:
    """Give the region the span that this result tells; all its results must tell the same."""
    before = region.span
    if before and _is_same(value, before):
        return
    quote = value.get("text") if kind != "textarea" else None
    quote = place.need(quote, str, "text") if quote is not None else None
    span, author = span_of(value, quote, texts, place)
    if before and (before.start, before.end) != (span.start, span.end):
        raise place.wrong(
            f"a region stands at {before.start}–{before.end} and at {span.start}–{span.end}", "one span an id"
        )
    if before is None or before.quote is None:
        region.span = span
        reading.fields.weigh(region.about, span, texts, place)
    if author:
        region.features.setdefault("author", [author])


def _is_same(value: Mapping[str, Any], before: Span) -> bool:
    """Whether the value tells the span of a plain text that is known already, as most results of a region do."""
    start, end = value.get("start"), value.get("end")
    is_typed = before.kind == "plain" and type(start) is int and type(end) is int and "startOffset" not in value
    return is_typed and (start, end, value.get("text")) == (before.start, before.end, before.quote)


def _given(value: Mapping[str, Any], kind: str, place: Place) -> list[str] | None:
    """What was chosen, written or labelled, as texts; None for a result of which nothing can be made."""
    key = "text" if kind == "textarea" else kind
    if kind in _LABELS:
        given = next((value[name] for name in (kind, *_ALSO) if name in value), None)
        return _texts(given or [], place, kind)
    if key not in value or isinstance(value[key], dict):
        return None
    return _texts(value[key], place, key)


def _texts(value: Any, place: Place, name: str) -> list[str]:
    """A text or number, or a list of them; the steps of a path in a taxonomy are joined by `/`."""
    parts = value if isinstance(value, list) else [value]
    found: list[str] = []
    for part in parts:
        if type(part) is str:
            found += [part] if part else []
            continue
        steps = [fact(step) for step in part] if isinstance(part, list) else [fact(part)]
        if None in steps and part is not None:
            raise place.wrong(f"{name} holds {told(part)}", "texts or numbers")
        found += ["/".join(step for step in steps if step is not None)] if part not in (None, "", []) else []
    return found
