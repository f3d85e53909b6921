"""From W3C annotations to marks: the documents they are on, the texts beside the file, the places, the links."""

import re
from collections import Counter
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import NamedTuple

from analysis.errors import Problem
from analysis.readers.found import Document, Feature, Mark, joined
from analysis.readers.inputs import texts
from analysis.readers.inputs.json_input import Problems
from analysis.readers.w3c import usual
from analysis.readers.w3c.anchors import LONGEST, Page, Span, words
from analysis.readers.w3c.notes import Note, Target, features, listed

_SUFFIXES = (".txt", ".html", ".htm")
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}")
_COPIES = 20
_MOST_MARKS = 1000
_SHOWN = 20


class Placed(NamedTuple):
    """Where a target is: no pieces where it is the whole document, or the text is not there to look in."""

    document: str
    pieces: tuple[Span, ...]
    quote: str | None


def documents(path: Path, notes: list[Note]) -> dict[str, Document]:
    """What the annotations are on, in the file's order; with its text where that lies beside the file."""
    titles: dict[str, str] = {}
    for note in notes:
        for target in [] if note.is_link else note.targets:
            name = target.source or path.stem
            if not titles.get(name):
                titles[name] = note.title
    found, read = {}, dict[Path, str]()
    for name, title in titles.items():
        file = _beside(path, name, is_only=len(titles) == 1)
        if file and file not in read:
            read[file] = texts.beside(file, file.name)
        facts = {"url": name if name != path.stem else "", "title": title}
        facts = {key: value for key, value in facts.items() if value}
        found[name] = Document(name, read[file] if file else None, facts, file.name if file else path.name)
    return found


def _beside(path: Path, source: str, *, is_only: bool) -> Path | None:
    """The file with the text of a source: under the annotations' own name, or that at the end of its address."""
    last = source.partition("#")[0].partition("?")[0].rstrip("/").rpartition("/")[2]
    stems = [path.stem, path.name.partition(".")[0]] if is_only else []
    if _NAME.fullmatch(last):
        stems += [last, last.rpartition(".")[0]] if last.endswith(_SUFFIXES) else [last]
    folder = path.parent
    files = (folder / f"{stem}{suffix}" for stem in stems if stem for suffix in _SUFFIXES)
    return next((file for file in files if file.is_file() and file != path), None)


def marks(
    notes: list[Note], file: str, pages: Mapping[str, Page], problems: Problems, left_out: Counter[str]
) -> dict[str, list[Mark]]:
    """The marks of each annotation by its id."""
    found: dict[str, list[Mark]] = {}
    for note in (note for note in notes if not note.is_link):
        if usually := usual.marks(note, pages, file):
            found[note.name] = usually
            continue
        several = len(note.targets) * sum([len(said.tags) or 1 for said in note.said.values()])
        if several > _MOST_MARKS:
            problems.add(note.place().wrong(f"it makes {several} marks", f"at most {_MOST_MARKS}").problems)
            continue
        placed = []
        for target in note.targets:
            place = _place(note, target, file, pages, problems)
            if place and _is_empty(place):
                left_out["empty spans"] += 1
            elif place:
                placed.append(place)
        found[note.name] = _of(note, placed, file)
    return found


def _is_empty(place: Placed) -> bool:
    return bool([True for start, end in place.pieces if start == end])


def _place(note: Note, target: Target, file: str, pages: Mapping[str, Page], problems: Problems) -> Placed | None:
    """Where the target is; None, and `problems` told, where it cannot be found."""
    name = target.source or file.rpartition(".")[0] or file
    page = pages.get(name)
    if page is None:
        quotes = [selector.quote for selector in target.selectors]
        if all(quotes):
            return Placed(name, (), _quoted(target, quotes) or None)
        hint = f"put the text beside it as {file.partition('.')[0]}.txt"
        problems.add(note.place().wrong("it has a position, and no quote or text to look in", "", hint).problems)
        return None
    pieces = []
    for selector in target.selectors:
        span = page.place(selector)
        if isinstance(span, str):  # the nearest passage takes time to find: only for what is shown
            is_shown = problems.count < _SHOWN
            wrong = page.problem(span, selector, file, note.place().what) if is_shown else Problem(file, 0, span)
            problems.add([wrong])
            return None
        pieces.append(span)
    pieces.sort()
    told = sum([len(selector.quote) for selector in target.selectors])
    return Placed(name, tuple(pieces), words(page.text, pieces, max(told, LONGEST)))


def _quoted(target: Target, quotes: list[str]) -> str:
    """The quotes of the pieces as one; which of them touch, only positions can tell."""
    places = [selector.position for selector in target.selectors]
    known = [place for place in places if place is not None]
    return joined(quotes, known) if len(known) == len(quotes) else " ".join(quotes)


def _of(note: Note, placed: list[Placed], file: str) -> list[Mark]:
    """A mark for each coder, target and tag, named by the annotation and, from the second on, a number."""
    found: list[Mark] = []
    where = f"{file}: {note.place().what}"
    for coder, said in note.said.items():
        for document, pieces, quote in placed:
            start, end = (pieces[0][0], max([end for _, end in pieces])) if pieces else (None, None)
            parts = pieces if len(pieces) > 1 else ()
            for kind in said.tags or ["annotation"]:
                name = f"{note.name}.{len(found) + 1}" if found else note.name
                found.append(Mark(document, coder, name, kind, start, end, quote, parts, features(said), where))
    return found


def link(notes: list[Note], found: Mapping[str, list[Mark]], problems: Problems, left_out: Counter[str]) -> None:
    """Add to the marks of an annotation what a link says that it is related to."""
    links = [note for note in notes if note.is_link]
    ids = {target.source for note in links for target in note.targets}
    own = {name: dict(found[name][0].features) for name in ids if found.get(name)}
    room = _COPIES * (len(notes) + 50)
    for note in links:
        start, *ends = [target.source for target in note.targets]
        if not ends or not all(name in own for name in (start, *ends)):
            left_out["links to what is left out or not in the file"] += 1
            continue
        roles = [tag for said in note.said.values() for tag in said.tags] or ["linking"]
        for role, end in product(roles, ends):
            room -= len(found[start]) * (2 + len(own[end]))
            if room < 0:
                wrong = f"the links up to here repeat more than {_COPIES} features an annotation"
                problems.add(note.place().wrong(wrong).problems)
                return
            for mark in found[start]:
                _relate(mark, role, found[end][0], own[end])


def _relate(mark: Mark, role: str, target: Mark, own: Mapping[str, Feature]) -> None:
    """Add to a mark's features the words, kind and own features of what it points at."""
    told = {role: target.quote or "", f"{role}.kind": target.kind, **{f"{role}.{name}": own[name] for name in own}}
    features = mark.features
    if isinstance(features, dict):
        for name, value in told.items():
            several = [*listed(features.get(name)), *listed(value)]
            features[name] = several[0] if len(several) == 1 else several
