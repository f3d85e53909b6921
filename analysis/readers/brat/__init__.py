"""brat standoff: x.txt with its x.ann beside it, alone or in folders; each line of the .ann is one annotation.

Quirks: offsets are code points of the .txt as it stands, so CR LF is two characters and a byte order mark is one. A
discontinuous span is `0 5;9 12`, its words are joined by a space, even where the pieces touch (here they are not), and
a line break in a span is written as a space.
Lines refer to lines below them. An event stands on its trigger, whose mark it becomes; a further event on the same
trigger is a mark of its own, named by the event. brat numbers the roles of one kind (Theme, Theme2): they are one role
with several targets wherever the plain name stands beside them. An empty .ann says that there is nothing to annotate.
The file does not say who annotated: in a folder per coder the folder's name is part of the document's.
"""

import os
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

from analysis.errors import CorpusError, Problem, brief
from analysis.readers.brat.lines import fill
from analysis.readers.brat.sheet import Line, Sheet, add
from analysis.readers.brat.usual import usual_marks
from analysis.readers.found import Document, Found, Mark
from analysis.readers.inputs import texts
from analysis.readers.inputs.json_input import Problems
from analysis.readers.inputs.offsets import Units, code_points

_LINE = re.compile(r"(?:[TREAMN#][0-9]{1,18}|\*)\t")
_ID = re.compile(r"[TREAMN#][0-9]{1,18}|\*")
_LOOKED_AT = 10_000


def fits(path: Path, head: bytes) -> bool:
    """Whether this is an .ann of brat, or a folder with one in it."""
    try:
        if not path.is_dir():
            return path.suffix == ".ann" and _is_sheet(path, head)
        names = ((place, name) for place, _, names in os.walk(path) for name in names)
        sheets = (Path(place, name) for place, name in islice(names, _LOOKED_AT) if name.endswith(".ann"))
        return any(sheet.is_file() and _is_sheet(sheet, _head(sheet)) for sheet in sheets)
    except (OSError, ValueError):
        return False


def _is_sheet(path: Path, head: bytes) -> bool:
    first = head.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0].decode(errors="replace")
    return path.with_suffix(".txt").is_file() or bool(_LINE.match(first))


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(256)


def read(path: Path, options: Mapping[str, str]) -> Found:
    """The documents of an .ann or of all in a folder, with their marks.

    Raises
    ------
    CorpusError
        Everything that is wrong with any of the files.
    """
    problems = Problems(path.name)
    found = Found([], [])
    for sheet, text, name in _pairs(path, problems):
        try:
            words = texts.plain(text, f"{name}.txt")
            content = texts.plain(sheet, f"{name}.ann").removeprefix("\ufeff")
            units = _units(words, f"{name}.txt", options)
        except CorpusError as error:
            problems.add(error.problems)
            continue
        found.documents.append(Document(name, words, {}, f"{name}.txt"))
        marks = usual_marks(content, words, name) if units.is_plain else None
        if marks is not None:
            found.marks.extend(marks)
            continue
        reading = Sheet(f"{name}.ann", problems)
        _split(reading, content)
        fill(reading, words, units)
        found.left_out["equivalence"] += len(reading.lines["*"])
        found.marks.extend(_marks(reading, name))
    problems.refuse()
    return Found(found.documents, found.marks, +found.left_out)


def _units(text: str, file: str, options: Mapping[str, str]) -> Units:
    try:
        return code_points(text, options.get("offset_unit", "code points"))
    except ValueError as error:
        raise CorpusError(Problem(file, 0, str(error), "another offset_unit")) from None


def _pairs(path: Path, problems: Problems) -> Iterator[tuple[Path, Path, str]]:
    """Each .ann with its .txt and their common name; `problems` tell which have no partner."""
    if path.is_dir():
        files = {shown: file for file, shown in texts.files(path) if file.suffix in (".ann", ".txt")}
    else:
        pair = (path, path.with_suffix(".txt"))
        files = {file.name: file for file in pair if file.is_file() or file is path}
    names = sorted({shown[:-4] for shown in files})
    for name in names:
        sheet, text = files.get(f"{name}.ann"), files.get(f"{name}.txt")
        if sheet and text:
            yield sheet, text, name
        elif sheet:
            hint = "put the text that was annotated beside it, byte for byte"
            problems.add([Problem(f"{name}.ann", 0, "this annotation has no text", f"{name}.txt beside it", hint)])
        else:
            hint = "an empty file says that there is nothing to annotate; take a text that is no document away"
            problems.add([Problem(f"{name}.txt", 0, "this text has no annotation", f"{name}.ann beside it", hint)])
    if not names:
        problems.add([Problem(path.name, 0, "there is no .ann here", "x.ann with x.txt beside it")])


def _split(sheet: Sheet, content: str) -> None:
    """Sort the lines by kind; of a continuation or an unknown kind of line the problem is told."""
    seen: dict[str, int] = {}
    for number, row in enumerate(content.split("\n"), 1):
        if row[-1:] == "\r":  # a .ann from Windows
            row = row[:-1]  # noqa: PLW2901  # the same without its end
        name, tab, rest = row.partition("\t")
        if tab and _ID.fullmatch(name):
            body, _, tail = rest.partition("\t")
            line = Line(number, name, body, tail)
            if seen.setdefault(name, number) != number and name != "*":
                sheet.wrong(line, f"this id stands on line {seen[name]} already", "an id of its own")
            sheet.lines[name[0]].append(line)
        elif row:
            hint = "in brat the words of a span stand on one line, with a space for each line break"
            found = f"{brief(row)} is no annotation"
            sheet.problems.add([Problem(sheet.file, number, found, "a line that starts with T1, R1, E1, A1 …", hint)])
    if "M" in sheet.lines:  # an older name of attributes
        sheet.lines["A"] = sorted([*sheet.lines["A"], *sheet.lines.pop("M")])


def _marks(sheet: Sheet, document: str) -> Iterator[Mark]:
    """The marks in the order of the file."""
    for name, (number, kind, pieces, quote, _) in sorted(sheet.spans.items(), key=lambda item: item[1].number):
        features = sheet.features.pop(name, None) or {}
        if name in sheet.linked:
            for key, value in sheet.linked.pop(name).items():
                for each in value if isinstance(value, list) else [value]:
                    add(features, key, each)
        start, end = pieces[0]
        parts = pieces if len(pieces) > 1 else ()
        if parts:
            end = max(end for _, end in parts)
        yield Mark(document, "main", name, kind, start, end, quote, parts, features, f"{sheet.file}:{number}")
