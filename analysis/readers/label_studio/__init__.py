"""Label Studio's full JSON export: tasks with annotations, each a list of results.

Quirks: offsets are code points, and CR and LF count one each. All results of one region share its id: labels, and per
region choices, comments, taxonomy or numbers, which become features named by their control (`from_name`). A relation is
a result of its own. A choice without a region is about the whole text. Each annotation is a coder's; a second one by
the same person on the same task is kept apart as `1-2`. JSON-MIN, CSV, TSV and CoNLL lose relations and say not whose
choice is about which region: they are refused. Predictions and drafts are nobody's coding, and are left out.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from analysis.errors import CorpusError, Problem, brief
from analysis.readers.found import Document, Found, Mark
from analysis.readers.inputs.json_input import Place, Problems, fact, facts, sample
from analysis.readers.inputs.json_records import load_records
from analysis.readers.label_studio.marks import marks
from analysis.readers.label_studio.regions import Coding, Reading, coding
from analysis.readers.label_studio.texts import Fields, Texts
from analysis.readers.label_studio.texts import fits as is_there

_HEAD = 4096
_FULL = re.compile(rb'"(?:annotations|completions|predictions)"\s*:\s*\[')
_MIN = re.compile(
    rb'"annotation_id"\s*:.{0,400}?"lead_time"\s*:|"annotator"\s*:.{0,100}?"annotation_id"\s*:', re.DOTALL
)
_STORED = re.compile(rb'"task"\s*:\s*\{')
_HINT = "export the project again as JSON (the first format in the list)"


class _Task(NamedTuple):
    name: str
    texts: Texts
    facts: dict[str, str]
    codings: list[Coding]
    place: Place


def fits(path: Path, head: bytes) -> bool:
    """Whether the file is an export of Label Studio, of whatever kind: those that lose too much are refused by name."""
    if not _is_json(head):
        return bool(_lossy(head))
    start = head if _FULL.search(head) else sample(path, head)
    is_stored = b'"result"' in start and b'"from_name"' in start and _STORED.search(start)
    return bool(((_FULL.search(start) or is_stored) and b'"data"' in start) or _MIN.search(start))


def read(path: Path, options: Mapping[str, str]) -> Found:
    """The tasks of the export as documents, and what was annotated in them.

    Parameters
    ----------
    path
        The exported file.
    options
        `text`: the field of the data that was annotated, where the spans fit several.

    Raises
    ------
    CorpusError
        The file is broken or another kind of export, or spans do not fit the text; all at once.
    """
    if lossy := _lossy(sample(path, b"", _HEAD)):
        raise CorpusError(_refused(lossy, path.name))
    reading = Reading(Problems(path.name), Fields(options.get("text")))
    tasks: dict[str, _Task] = {}
    for number, (line, value) in enumerate(load_records(path), 1):
        if number == 1:
            _check_kind(value, path.name, line)
        try:
            task = _task(value, Place(path.name, line, f"task {number}"), reading)
            if tasks.setdefault(task.name, task) is not task:
                raise task.place.wrong("this id stands twice in the file", "one task an id")
        except CorpusError as error:
            reading.problems.add(error.problems)
    reading.problems.refuse()
    return _found(list(tasks.values()), reading)


def _is_json(head: bytes) -> bool:
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"[", b"{")


def _lossy(head: bytes) -> str:
    """The name of the kind of export that loses too much; empty where it is none."""
    if head.startswith(b"-DOCSTART- -X- O") or (head.startswith(b"PK") and b".conll" in head[:100]):
        return "CoNLL"
    first = head[:_HEAD].removeprefix(b"\xef\xbb\xbf").partition(b"\n")[0]
    if not _is_json(head) and b"annotation_id" in first and b"annotator" in first and b"lead_time" in first:
        return "TSV" if b"\t" in first else "CSV"
    return ""


def _refused(kind: str, file: str, line: int = 0) -> Problem:
    found = f"this is Label Studio's {kind} export, which loses relations and the choices made for each region"
    return Problem(file, line, found, "the full JSON export", _HINT)


def _check_kind(first: Any, file: str, line: int) -> None:
    """Refuse a file whose first record shows that it is another export, or no export."""
    if not isinstance(first, dict) or "annotations" in first or "completions" in first:
        return
    if "annotation_id" in first and "annotator" in first:
        raise CorpusError(_refused("JSON-MIN", file, line))
    is_stored = "result" in first and isinstance(first.get("task"), dict)
    found = "this is one annotation, from a storage" if is_stored else "this file holds tasks without annotations"
    raise CorpusError(Problem(file, line, found, "the full JSON export", _HINT))


def _task(value: Any, place: Place, reading: Reading) -> _Task:
    task = place.need(value, dict, "the task")
    name = fact(task.get("id")) or fact(task.get("file_upload")) or place.what.removeprefix("task ")
    place = place._replace(what=f"task {name}")
    data = place.need(task.get("data"), dict, "data")
    texts = Texts(data)
    reading.fields.measure(texts)
    for key in ("predictions", "drafts"):
        if isinstance(task.get(key), list) and task[key]:
            reading.left_out[key] += len(task[key])
    told = {key: task[key] for key in ("created_at", "updated_at", "file_upload", "meta") if key in task}
    annotations = place.need(task.get("annotations", task.get("completions")), list, "annotations")
    codings = list(_codings(annotations, texts, place, reading))
    return _Task(name, texts, facts(told | data), codings, place)


def _codings(annotations: list[Any], texts: Texts, place: Place, reading: Reading) -> Iterator[Coding]:
    """The annotations that count; a second one by the same coder under a name of its own."""
    times: Counter[str] = Counter()
    for number, annotation in enumerate(annotations, 1):
        try:
            found = coding(annotation, texts, place.inside(f"annotation {number}"), reading)
        except CorpusError as error:
            reading.problems.add(error.problems)
            continue
        if found:
            coder = found.coder
            while coder in times:
                times[found.coder] += 1
                coder = f"{found.coder}-{times[found.coder]}"
            times[coder] = 1
            yield found._replace(coder=coder)


def _found(tasks: list[_Task], reading: Reading) -> Found:
    chosen = reading.fields.chosen(reading.problems.file)
    keys = list(dict.fromkeys(chosen.values()))
    documents: list[Document] = []
    found: list[Mark] = []
    for task in tasks:
        named = {key: task.name if len(keys) == 1 else f"{task.name}/{key}" for key in keys}
        kinds = {key: reading.fields.kinds.get(name, "plain") for name, key in chosen.items()}
        texts = {key: task.texts.of(kinds[key], key) for key in keys}
        told = {name: text for name, text in task.facts.items() if name not in keys}
        where = f"{task.place.file}:{task.place.line}: {task.place.what}"
        documents += [Document(named[key], texts[key], told, where) for key in keys] or [
            Document(task.name, None, told, where)
        ]
        main = documents[-max(len(keys), 1)]
        seen = {name: (named[key], texts[key]) for name, key in chosen.items()} | {"": (main.name, main.text)}
        for each in task.codings:
            reading.problems.add(_misplaced(each, seen))
            try:
                found += marks(each, seen, reading.left_out)
            except CorpusError as error:
                reading.problems.add(error.problems)
    reading.problems.refuse()
    return Found(documents, found, +reading.left_out)


def _misplaced(each: Coding, seen: Mapping[str, tuple[str, str | None]]) -> Iterator[Problem]:
    """The problem of each span that is not in the text, or whose quote is not there."""
    for name, region in each.regions.items():
        text = seen.get(region.about, seen[""])[1]
        if region.span and not is_there(region.span, text):
            start, end, quote = region.span[1:]
            what = f"{each.place.what}, region {name}"
            there = f"{brief(text[start : min(end, start + 200)])} stands" if text is not None else "there is no text"
            found = f"{what}: {there} at {start}–{end}, not the quote {brief(quote)}"
            if text is not None and end > len(text):
                found = f"{what}: the span {start}–{end} is not in the text, which has {len(text)} characters"
            yield Problem(each.place.file, each.place.line, found, "the text that was annotated")
