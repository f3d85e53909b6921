"""From one annotation file's records to rows: fields checked, spans anchored, ids made unique in the corpus."""

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from analysis import dates
from analysis.errors import Problem, brief, nearest, one_of
from analysis.readers.native import spans
from analysis.readers.native.fields import Fields, WrongError
from analysis.yaml12 import Record

EVENT_FIELDS = ("label", "type", "mode", "date", "basis", "status", "place", "actors", "recipients")
_ANCHORS = ("quote", "before", "after", "span")


class Text(NamedTuple):
    """An article's text, None where it is withheld, with its SHA-256 and length."""

    words: str | None
    sha256: str
    n_chars: int


class Coding(NamedTuple):
    """One annotation file: its name, whose it is, the prefix of its ids, its fields as they stand and their lines."""

    file: str
    article_id: str
    coder: str
    prefix: str
    content: dict[str, Any]
    lines: dict[str, int]


def checked(
    record: Record, fields: Fields, file: str, what: str, problems: list[Problem]
) -> tuple[dict[str, Any], bool]:
    """The record's sound fields as typed values, empty ones left out, and whether all are sound; `problems` tell."""
    values: dict[str, Any] = {}
    before = len(problems)
    for key, value in record.items():
        check = fields.checks.get(key)
        if check is None:
            hint = nearest(key, fields.checks)
            found = f"{what}: there is no field {brief(key)}"
            problems.append(Problem(file, record.lines[key], found, one_of(fields.checks), hint))
        elif value is not None:
            try:
                values[key] = check(value)
            except WrongError as wrong:
                found = f"{what}: {key} is {brief(value)}"
                problems.append(Problem(file, record.lines[key], found, wrong.expected, wrong.hint))
    missing = [key for key in fields.required if record.get(key) in (None, "")]
    problems += [Problem(file, record.line, f"{what}: the field {key!r} is missing or empty") for key in missing]
    return values, len(problems) == before


def article_row(article_id: str, front: dict[str, Any], text: Text) -> dict[str, Any]:
    """A row of `articles`."""
    start, end, precision = front["published"]
    return {key: value for key, value in front.items() if key != "published"} | {
        "article_id": article_id,
        "published_start": start,
        "published_end": end,
        "published_precision": precision,
        "text_sha256": text.sha256,
        "n_chars": text.n_chars,
        "has_text": text.words is not None,
    }


def statement_rows(
    coding: Coding, fields: Fields, text: Text | None, published: dates.Interval | None, problems: list[Problem]
) -> Iterator[dict[str, Any]]:
    """The rows of `statements` that the file holds; a statement without a date takes the article's."""
    seen: dict[str, int] = {}
    for line, values in _anchored(coding, "statements", fields, text, problems):
        if values.get("id") in seen:
            found = f"statement {values['id']}: this id stands on line {seen[values['id']]} already"
            problems.append(Problem(coding.file, line, found, "", "give one of the two another id"))
            continue
        if "id" in values:
            seen[values["id"]] = line
        date = values.get("date", published)
        if "span_of" not in values or date is None:
            continue
        start, end, precision = date
        yield values["span_of"] | {
            "statement_id": f"{coding.prefix}/{values['id']}",
            "gloss": values.get("gloss"),
            "speaker_id": values["speaker"],
            "organisation_id": values.get("on_behalf_of"),
            "issue_id": values["issue"],
            "stance": values["stance"],
            "is_mixed": values["stance"] is None,
            "certainty": values.get("certainty", "unspecified"),
            "condition": values.get("condition"),
            "speech": values.get("speech"),
            "date_start": start,
            "date_end": end,
            "date_precision": precision,
        }


def mention_rows(
    coding: Coding, fields: Fields, text: Text | None, modes: dict[str, tuple[str, ...]], problems: list[Problem]
) -> Iterator[dict[str, Any]]:
    """The event records of the file: a mention each, with what it says of its event."""
    seen: dict[tuple[str, int, int], int] = {}
    count: dict[str, int] = {}
    for line, values in _anchored(coding, "events", fields, text, problems):
        if "span_of" not in values:
            continue
        event, place = values["id"], values["span_of"]
        key = (event, place["start"], place["end"])
        if key in seen:
            found = f"event {event}: this mention stands on line {seen[key]} already"
            problems.append(Problem(coding.file, line, found, "", "remove one of the two, or give it another id"))
            continue
        seen[key] = line
        count[event] = count.get(event, 0) + 1
        wrong = _wrong_event(values, modes)
        if wrong:
            problems.append(Problem(coding.file, line, f"event {event}: {wrong[0]}", wrong[1], wrong[2]))
            continue
        again = f"~{count[event]}" if count[event] > 1 else ""
        told = {name: _told(values.get(name)) for name in EVENT_FIELDS if name != "date"}
        yield (
            place
            | told
            | {
                "mention_id": f"{coding.prefix}/{event}{again}",
                "event_id": event,
                "gloss": values.get("gloss"),
                "date": _told_date(values),
                "file": coding.file,
                "line": line,
            }
        )


def _told(value: Any) -> str | None:
    """A field of an event as one comparable text."""
    return json.dumps(sorted(set(value)), ensure_ascii=False) if value and isinstance(value, tuple) else value or None


def _told_date(values: dict[str, Any]) -> str | None:
    if "start" not in values:
        return None
    start, end, precision = dates.span(values["start"], values.get("end", values["start"]))
    return f"{start.date()}/{end.date()}/{precision}"


def _wrong_event(values: dict[str, Any], modes: dict[str, tuple[str, ...]]) -> tuple[str, str, str] | None:
    """What is wrong between the fields of an event: found, expected, hint."""
    kind, mode = values.get("type"), values.get("mode")
    if mode and kind and mode not in modes[kind]:
        expected = one_of(modes[kind]) if modes[kind] else f"no mode: the codebook has none for {kind}"
        return f"{mode!r} is no mode of {kind}", expected, nearest(mode, modes[kind])
    if "end" in values and "start" not in values:
        return "an end without a start", "start, and end where it is another date", ""
    try:
        _told_date(values)
    except ValueError as error:
        return str(error), "an end that is not before the start", ""
    return None


def _anchored(
    coding: Coding, name: str, fields: Fields, text: Text | None, problems: list[Problem]
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each record of the list `name` with its line and its values; its place is under `span_of` if it is sound."""
    for record in coding.content.get(name, ()):
        if not isinstance(record, Record):
            found = f"{name}: {brief(record)} is no record"
            problems.append(Problem(coding.file, coding.lines[name], found, "`- id: …` and its fields"))
            continue
        what = f"{name.removesuffix('s')} {record.get('id') or '(no id)'}"
        values, is_sound = checked(record, fields, coding.file, what, problems)
        is_anchored = all(key in values for key in _ANCHORS if record.get(key) is not None)
        line = record.lines.get("quote", record.line)
        place = _place(values, text, coding.file, line, what, problems) if text and is_anchored else None
        if text and place and is_sound:
            start, end = place
            quote = text.words[start:end] if text.words is not None else values.get("quote")
            ids = {"article_id": coding.article_id, "coder_id": coding.coder}
            values["span_of"] = ids | {"start": start, "end": end, "quote": quote}
        yield record.line, values


def _place(
    values: dict[str, Any], text: Text, file: str, line: int, what: str, problems: list[Problem]
) -> tuple[int, int] | None:
    """Start and end of the record's span; None, and `problems` told, when it has none."""
    tell: Callable[[str, str], None] = lambda found, hint: problems.append(Problem(file, line, found, "", hint))  # noqa: E731
    words = values.get("quote")
    if not words:
        return _given_span(values, text, what, tell)
    if text.words is None and not text.n_chars:
        return 0, 0
    if text.words is None:
        tell(f"{what}: it has a quote, but the article's text is not here", "add the text, or withhold the quotes")
        return None
    quote = spans.Quote(words, values.get("before", ""), values.get("after", ""))
    places = spans.find(quote, text.words)
    if len(places) != 1:
        explain = spans.ambiguous if places else spans.absent
        problems.append(explain(quote, text.words, file=file, line=line, what=what))
        return None
    place = places[0], places[0] + len(words)
    if values.get("span", place) != place:
        tell(f"{what}: its span {list(values['span'])} is not where its quote stands, {list(place)}", "drop the span")
        return None
    return place


def _given_span(
    values: dict[str, Any], text: Text, what: str, tell: Callable[[str, str], None]
) -> tuple[int, int] | None:
    if "span" not in values and text.words is None and not text.n_chars:
        return 0, 0
    if "span" not in values:
        tell(f"{what}: it has no quote", "quote the exact words of the span")
        return None
    start, end = values["span"]
    if end > text.n_chars:
        tell(f"{what}: its span ends at {end}, but the text has {text.n_chars} characters", "code this text again")
        return None
    return start, end
