"""W3C Web Annotations: the standard's own JSON-LD, Hypothesis (API and export), Recogito.

Quirks: the text is not in the file. It is looked for beside it, as .txt or .html: for the one page of a file under the
file's own name, for several under the last part of each page's address. Without it marks keep their quotes and have no
offsets. What is anchored, and how, tells anchors.py: Hypothesis counts UTF-16 units of the text in <body>, and the
standard code points. A selector that finds no quote or position (a region of an image) and replies are left out and
counted. Each tag of an annotation is a mark: `id`, `id.2`, `id.3`; so is each coder's part in one.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from analysis.errors import CorpusError, Problem
from analysis.readers.found import Document, Found
from analysis.readers.inputs.json_input import Place, Problems, load_json
from analysis.readers.w3c import marks as w3c_marks
from analysis.readers.w3c import usual
from analysis.readers.w3c.anchors import Page
from analysis.readers.w3c.notes import Note, listed, note, place_of, text_of

_SIGNS = (
    re.compile(rb'"(@?type)"\s*:\s*\[?\s*"(oa:)?(Annotation(Page|Collection)?|Text(Quote|Position)Selector)"'),
    re.compile(rb'"https?://www\.w3\.org/ns/anno(\.jsonld)?"'),
)
_CONTAINERS = ("rows", "annotations", "items", "@graph")


def fits(path: Path, head: bytes) -> bool:
    """Whether the file starts as JSON with an annotation of the standard, or as an answer of Hypothesis."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start.startswith((b"{", b"[")):
        return False
    is_hypothesis = (b'"rows"' in head and b'"total"' in head) or (b'"uri"' in head and b'"selector"' in head)
    return path.suffix != ".ipynb" and (is_hypothesis or any(sign.search(head) for sign in _SIGNS))


def read(path: Path, options: Mapping[str, str]) -> Found:
    """The documents that the file is about and the marks on them.

    Raises
    ------
    CorpusError
        Everything that is wrong with the file, and every quote that does not stand in a text beside it.
    """
    problems = Problems(path.name)
    left_out = Counter[str]()
    value = load_json(path)
    records = _records(value, Place(path.name, 0, "the file"), left_out)
    units = _units(value, records, options)
    del value  # each record can go once it is read
    notes = _notes(records, path.name, problems, left_out)
    documents = w3c_marks.documents(path, notes)
    pages = _pages(documents.values(), units)
    marks = w3c_marks.marks(notes, path.name, pages, problems, left_out)
    if not problems.count:
        w3c_marks.link(notes, marks, problems, left_out)
    problems.refuse()
    found = [mark for several in marks.values() for mark in several]
    return Found(list(documents.values()), found, +left_out)


def _units(value: Any, records: list[dict[str, Any]], options: Mapping[str, str]) -> tuple[str, ...]:
    """How positions may count: Hypothesis in UTF-16; others as the standard says or as browsers do, whichever fits."""
    if "offset_unit" in options:
        return (options["offset_unit"],)
    is_hypothesis = (isinstance(value, dict) and "rows" in value) or any("uri" in record for record in records[:1])
    return ("utf-16",) if is_hypothesis else ("code points", "utf-16")


def _pages(documents: Iterable[Document], units: tuple[str, ...]) -> dict[str, Page]:
    """The texts that are there, to look things up in, by document; one for documents with one text."""
    read: dict[str, Page] = {}
    pages = {}
    for document in documents:
        if document.text is not None:
            if document.where not in read:
                try:
                    read[document.where] = Page(document.text, units)
                except ValueError as error:
                    raise CorpusError(Problem(document.where, 0, str(error), "another offset_unit")) from None
            pages[document.name] = read[document.where]
    return pages


def _records(value: Any, place: Place, left_out: Counter[str]) -> list[dict[str, Any]]:
    """The annotations in the file, whatever they are packed in."""
    found: list[Any] = []
    pages: list[Any] = [value]
    for page in pages:
        inner = page if isinstance(page, list) else [page]
        if isinstance(page, dict) and "target" not in page:
            held = [name for name in _CONTAINERS if name in page]
            inner = [record for name in held for record in place.need(page[name], list, name)]
            others = [other for name in ("first", "next") for other in listed(page.get(name))]
            if not held and not others:
                raise place.wrong("there is no annotation in it", "W3C annotations, or rows of Hypothesis")
            pages += [other for other in others if isinstance(other, dict)]
            left_out["pages"] += sum(isinstance(other, str) for other in others)
            total = page.get("total")
            more = total - len(inner) if type(total) is int and "rows" in held else 0
            left_out["not in the file, which holds a part of a search"] += max(more, 0)
        found += inner
    if any(isinstance(record, dict) and _is_catma(record) for record in found[:1]):
        raise place.wrong("this is one file of a CATMA project", "the project", "give the project's folder")
    left_out["given by address only"] += sum(isinstance(record, str) for record in found) + left_out.pop("pages", 0)
    return [place.need(record, dict, "an annotation") for record in found if not isinstance(record, str)]


def _is_catma(record: Mapping[str, Any]) -> bool:
    body = record.get("body")
    return isinstance(body, dict) and "tagset" in body


def _notes(records: list[dict[str, Any]], file: str, problems: Problems, left_out: Counter[str]) -> list[Note]:
    """The annotations that count; `records` is empty afterwards, so that memory holds only what is still needed."""
    notes: list[Note] = []
    seen: set[str] = set()
    known: dict[str, str] = {}
    records.reverse()
    for number in range(1, len(records) + 1):
        record = records.pop()
        name = record.get("id")
        if type(name) is not str or not name:
            name = text_of(record, "@id") or f"annotation-{number}"
        try:
            one = usual.note(record, name, file, known) or note(record, name, place_of(name, file), known)
            if name in seen:
                raise place_of(name, file).wrong("this id stands in the file twice", "an id of its own")
        except CorpusError as error:
            problems.add(error.problems)
            continue
        seen.add(name)
        if isinstance(one, str):
            left_out[one] += 1
        else:
            notes.append(one)
    if seen.isdisjoint([target.source for one in notes for target in one.targets]):
        return notes
    kept = [one for one in notes if one.is_link or not seen.intersection([target.source for target in one.targets])]
    left_out["replies"] += len(notes) - len(kept)
    return kept
