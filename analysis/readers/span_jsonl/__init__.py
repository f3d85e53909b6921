"""Spans as JSON lines: the exports of doccano and Prodigy, one text a record.

Quirks: doccano counts UTF-16 units or graphemes, as the project was set, and its export does not say which; so where a
text has emoji, combining marks or CR LF, the mapping must (`offset_unit`). Prodigy counts code points; of its records
only those that were accepted are kept, and a record without an `answer` was never in question. A file that ends in
.jsonl may be one array or pretty-printed. Labels on a whole text make a mark without a span.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from pathlib import Path
from typing import Any, NamedTuple

from analysis.errors import CorpusError, unknown
from analysis.readers.found import Document, Found, Mark
from analysis.readers.inputs.json_input import Place, Problems, fact, facts, sample, told
from analysis.readers.inputs.json_records import load_records
from analysis.readers.inputs.offsets import UNITS, Units, code_points
from analysis.readers.span_jsonl.older import SIGN, by_coder
from analysis.readers.span_jsonl.spans import NOTHING, Row, Span, relations_of, sound, span_of

_TEXT = re.compile(rb'"text"\s*:\s*"|"data"\s*:\s*"')
_SPANS = re.compile(rb'"(?:spans|labels?|entities|cats)"\s*:\s*[\[{]|"(?:answer|_task_hash|_input_hash)"\s*:')
_OTHERS = re.compile(rb'"(?:annotations|completions|predictions|annotation_id|@context|%TYPES|target|body)"\s*:')
_HANGUL = re.compile("[\u1100-\u11ff\ua960-\ua97c\ud7b0-\ud7fb]")
_KEYS = ("spans", "entities", "label", "labels")
_INNER = (*_KEYS, "text", "data", "relations", "tokens", "answer", "meta", "cats", "accept", "annotations")


@dataclass
class _Reading:
    """What is gathered over the file."""

    unit: str | None
    problems: Problems
    documents: dict[str, Document] = field(default_factory=dict)
    marks: list[Mark] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    seen: dict[tuple[str, str], range | set[tuple[int | None, int | None, str]]] = field(default_factory=dict)


class _Record(NamedTuple):
    """A record that counts: its fields and text, the field with its spans, and how offsets count in it."""

    fields: Mapping[str, Any]
    text: str
    key: str | None
    units: Units
    place: Place


def fits(path: Path, head: bytes) -> bool:
    """Whether the file looks like records with a text and spans or labels."""
    if head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] not in (b"{", b"["):
        return False
    start = head if _SPANS.search(head) else sample(path, head)
    if SIGN.search(start):
        return bool(_TEXT.search(start))
    return bool(_TEXT.search(start) and _SPANS.search(start)) and not _OTHERS.search(start)


def read(path: Path, options: Mapping[str, str]) -> Found:
    """The records as documents, and their spans and labels as marks.

    Parameters
    ----------
    path
        The exported file.
    options
        `offset_unit`: how doccano counted, one of code points, utf-16 and graphemes.

    Raises
    ------
    CorpusError
        Everything that is wrong with the records, or texts whose offsets may be counted in several ways.
    """
    unit = options.get("offset_unit")
    if unit is not None and unit not in UNITS:
        raise CorpusError(unknown("offset_unit", unit, UNITS))
    reading = _Reading(unit, Problems(path.name))
    for number, (line, value) in enumerate(load_records(path), 1):
        try:
            _record(value, Place(path.name, line, f"record {number}"), reading)
        except CorpusError as error:
            reading.problems.add(error.problems)
    reading.problems.refuse()
    return Found(list(reading.documents.values()), reading.marks, +reading.left_out)


def _record(value: Any, place: Place, reading: _Reading) -> None:
    record = place.need(value, dict, "the record")
    text = place.need(record.get("text", record.get("data")), str, "text")
    document = _document(record, text, place, reading)
    answer = record.get("answer")
    if answer not in (None, "accept"):
        reading.left_out[{"reject": "rejected", "ignore": "ignored"}.get(fact(answer) or "", "not accepted")] += 1
        return
    whose = fact(record.get("_annotator_id")) or fact(record.get("_session_id")) or "main"
    if "annotations" in record and record.keys().isdisjoint(_KEYS):
        for coder, part in by_coder(record, place).items():
            _part(part, text, (document, coder or whose), place, reading)
    else:
        _part(record, text, (document, whose), place, reading)


def _part(record: Mapping[str, Any], text: str, whose: tuple[str, str], place: Place, reading: _Reading) -> None:
    """Read what one coder made of the text."""
    one = _Record(record, text, *_key_and_units(record, text, place, reading), place)
    is_plain = not ("spans" in record or record.get("relations") or record.get("cats"))
    rows = sound(record[one.key], one.units) if is_plain and one.key else ()
    marks = _at_once(rows, *whose, place, reading) if rows else _one_by_one(one, *whose, reading)
    _keep(marks, whose, reading)


def _at_once(rows: Sequence[Row], document: str, coder: str, place: Place, reading: _Reading) -> list[Mark]:
    """The marks of spans that are all sound; those of all records share their names, which are numbers."""
    names = reading.names
    names += map(str, range(len(names) + 1, len(rows) + 1))
    starts, ends, labels = zip(*rows, strict=True)
    same = (repeat(None), repeat(()), repeat(NOTHING), repeat(_where(place)))
    return [*map(Mark._make, zip(repeat(document), repeat(coder), names, labels, starts, ends, *same, strict=False))]


def _one_by_one(one: _Record, document: str, coder: str, reading: _Reading) -> list[Mark]:
    """The marks of a record of any form."""
    spans, classes = _annotated(one, reading)
    told_by = relations_of(one.fields, spans, one.text, one.place, reading.left_out)
    where, marks = _where(one.place), list[Mark]()
    for kind in dict.fromkeys(classes):
        marks.append(Mark(document, coder, f"text/{kind}", kind, None, None, None, (), {}, where))
    for name, start, end, label, quote, own in spans:
        if label is None or start == end:
            reading.left_out["without a label" if label is None else "an empty span"] += 1
            continue
        told = told_by.get(name) if told_by else None
        features = {**told, **own} if told else own
        marks.append(Mark(document, coder, name, label, start, end, quote, (), features, where))
    return marks


def _where(place: Place) -> str:
    return f"{place.file}:{place.line}: {place.what}"


def _keep(marks: list[Mark], whose: tuple[str, str], reading: _Reading) -> None:
    """Add the marks of a record; what a record before it told of this text already is left out.

    Prodigy asks for one decision at a time in some recipes, and writes a record for each: they make one coding.
    """
    before = reading.seen.get(whose)
    if before is None:
        first = len(reading.marks)
        reading.marks += marks
        reading.seen[whose] = range(first, len(reading.marks))
        return
    if isinstance(before, range):
        before = {(mark.start, mark.end, mark.kind) for mark in reading.marks[before.start : before.stop]}
        reading.seen[whose] = before
    record = f"{len(reading.marks)}."
    new = [mark for mark in marks if (mark.start, mark.end, mark.kind) not in before]
    reading.left_out["a repetition"] += len(marks) - len(new)
    reading.marks += [mark._replace(name=f"{record}{mark.name}") for mark in new]
    before.update((mark.start, mark.end, mark.kind) for mark in new)


def _document(record: Mapping[str, Any], text: str, place: Place, reading: _Reading) -> str:
    """The document's name: its id, Prodigy's hash of the input, or the number of the record."""
    given = record.get("id", record.get("_input_hash"))
    name = fact(given) or place.what.removeprefix("record ")
    meta = record.get("meta")
    inner = facts(meta) if isinstance(meta, dict) else {}
    outer = facts({key: value for key, value in record.items() if key not in _INNER and key[:1] != "_"})
    known = reading.documents.setdefault(name, Document(name, text, inner | outer, _where(place)))
    if known.text != text:
        raise place.wrong(f"the name {told(name)} stands for another text before", "one text a name")
    return name


def _key_and_units(record: Mapping[str, Any], text: str, place: Place, reading: _Reading) -> tuple[str | None, Units]:
    """The field with spans or labels in it, and how offsets in it count."""
    key = next((key for key in _KEYS if record.get(key)), None)
    if "spans" not in record and key and not _is_class(record[key]):
        return key, _units(text, place, reading)
    return key, code_points(text, "code points")


def _annotated(one: _Record, reading: _Reading) -> tuple[list[Span], list[str]]:
    """The spans of the record, and the labels on its whole text."""
    classes: list[str] = []
    found: list[Span] = []
    given = one.fields[one.key] if one.key else []
    for number, value in enumerate(given if isinstance(given, list) else [given], 1):
        try:
            if isinstance(value, str):
                classes.append(value)
            else:
                found.append(span_of(value, number, one.text, one.units, one.place.inside(f"{one.key} {number}")))
        except CorpusError as error:
            reading.problems.add(error.problems)
    classes += _classes(one.fields)
    if len({span.name for span in found}) < len(found):
        raise one.place.wrong("two spans have the same id", "one id a span")
    return found, classes


def _is_class(given: Any) -> bool:
    """Whether labels are about the whole text: a text, or a list of texts."""
    return isinstance(given, str) or (isinstance(given, list) and all(isinstance(label, str) for label in given))


def _classes(record: Mapping[str, Any]) -> list[str]:
    """Labels on the whole text beside spans: doccano's `cats`, and Prodigy's `label` or what was chosen (`accept`)."""
    chosen = record["cats"] if isinstance(record.get("cats"), list) else []
    if "spans" in record:
        chosen = [record.get("label"), *(record["accept"] if isinstance(record.get("accept"), list) else []), *chosen]
    return [label for label in chosen if isinstance(label, str) and label]


def _units(text: str, place: Place, reading: _Reading) -> Units:
    """How doccano counts in this text; told by the user where the ways of counting differ."""
    if reading.unit is None and _is_unsure(text):
        found = "the text has emoji, combining marks or CR LF, which doccano counts in one of two ways"
        hint = "write `options: {offset_unit: utf-16}` (or `graphemes`, or `code points`) into the mapping"
        raise place.wrong(found, "the way of counting, which the export does not say", hint)
    try:
        return code_points(text, reading.unit or "code points")
    except ValueError as error:
        raise place.wrong(str(error)) from None


def _is_unsure(text: str) -> bool:
    """Whether UTF-16 units, graphemes and code points may count this text differently."""
    if text.isascii():
        return "\r\n" in text
    return "\r\n" in text or any(
        char > "\uffff" or _HANGUL.match(char) or unicodedata.category(char) in ("Mn", "Mc", "Me", "Cf")
        for char in set(text)
    )
