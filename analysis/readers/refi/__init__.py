"""REFI-QDA projects (.qdpx), the exchange format of NVivo, ATLAS.ti, MAXQDA, QualCoder and others.

Quirks: a .qdpx is a zip file with one .qde, not always called project.qde, and texts in sources/; tools write their
places as internal://x.txt, relative:///x.txt, or bare. A text may stand in the .qde itself, start with a byte order
mark, or be missing. Offsets are code points; whether the end is included and CR LF is one character depends on the
tool, see refi_text. Codes nest: a kind is the path of their names. A .qdc is a codebook and has no texts at all.
"""

import re
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from lxml import etree

from analysis.errors import CorpusError, Problem, brief, one_of
from analysis.readers.found import Document, Found, Mark
from analysis.readers.inputs import xml_input
from analysis.readers.inputs.json_input import Problems
from analysis.readers.inputs.xml_input import Archive, Element, Files, Folder
from analysis.readers.refi import project as refi_project
from analysis.readers.refi.selections import SELECTION, Coding, Selection, Selections
from analysis.readers.refi.text import Reading, Written, reading

_ZIP = b"PK\x03\x04"
_SPACE = b"urn:QDA-XML:"
_LONGEST_QUOTE = 10_000  # thousands of spans of a whole long text would fill the memory with its copies
_SCHEME = re.compile(r"(?:internal|relative|absolute|file):/*", re.IGNORECASE)


class _Source(NamedTuple):
    """A text source: its element, the name of its document, its text, and its selections."""

    element: Element
    name: str
    text: str | None
    selections: list[Selection]
    codings: list[Coding]


class _Project(NamedTuple):
    """What the marks of all sources refer to, and where to tell what is wrong or left out."""

    shown: str
    codes: Mapping[str, str]
    users: Mapping[str, str]
    keys: refi_project.Keys
    way: Reading
    problems: Problems
    left_out: Counter[str]


def fits(path: Path, head: bytes) -> bool:
    """Whether it is a project or codebook: a zip file with a .qde, a folder with one, or one that was unpacked."""
    try:
        if path.is_dir():
            return any(path.glob("*.qde"))
        if head.startswith(_ZIP):
            with zipfile.ZipFile(path) as archive:
                return any(name.lower().endswith(".qde") for name in archive.namelist())
    except Exception:  # noqa: BLE001  # a broken zip file raises almost anything, and is only no project
        return False
    return _SPACE in head.replace(b"\0", b"")


def read(path: Path, options: Mapping[str, str]) -> Found:
    """The texts, codings and coders of a project.

    Parameters
    ----------
    options
        `end`: "exclusive" or "inclusive", where the texts do not tell; `offset_unit`, where it is not code points.

    Raises
    ------
    CorpusError
        All that is wrong with the project.
    """
    files, qde = _opened(path)
    problems = Problems(path.name)
    selections = Selections(problems)
    shown = path.name if path.name == qde else f"{path.name}/{qde}"
    root = xml_input.root_without(files.read(qde), shown, SELECTION, selections.take)
    kind = etree.QName(root).localname
    if kind == "CodeBook":
        hint = "export the project (.qdpx) from the tool; it holds the texts and their codings"
        raise CorpusError(Problem(path.name, 0, "this is a codebook, without texts or codings", "a project", hint))
    if kind != "Project":
        raise CorpusError(Problem(path.name, 0, f"its root element is {brief(kind)}", "Project"))
    sources = _sources(root, files, path.name, selections)
    texts = [Written(source.text, source.selections) for source in sources]
    codes, users = refi_project.codes(root, problems), refi_project.users(root)
    problems.refuse()
    way = reading(texts, root.get("origin", ""), options, path.name)
    project = _Project(path.name, codes, users, selections.keys, way, problems, Counter(refi_project.left_out(root)))
    found = _found(root, sources, project)
    problems.refuse()
    return found


def _opened(path: Path) -> tuple[Files, str]:
    """The files of a project, and which of them is the .qde."""
    if path.is_dir():
        files: Files = Folder(path, "sources", "Sources")
    else:
        data = xml_input.content(path)
        if not data.startswith(_ZIP):
            return Folder(path.parent, "sources", "Sources"), path.name
        files = Archive(data, path.name)
    found = [name for name in files.names if name.lower().endswith(".qde")]
    main = [name for name in found if name.lower().rpartition("/")[2] == "project.qde"] or found
    if len(main) != 1:
        told = "several projects" if main else "no project"
        raise CorpusError(Problem(path.name, 0, f"it holds {told}", "one .qde", one_of(main) if main else ""))
    return files, main[0]


def _sources(root: Element, files: Files, shown: str, selections: Selections) -> list[_Source]:
    """The text sources, each document under a name of its own."""
    taken: Counter[str] = Counter()
    places = {name.lower(): name for name in reversed(files.names)}
    places |= {name.lower().rpartition("/")[2]: name for name in reversed(files.names)} | places
    sources = []
    for element in root.iterfind("{*}Sources/{*}TextSource"):
        path = _SCHEME.sub("", element.get("plainTextPath", "")).replace("\\", "/")
        name = element.get("name") or path.rpartition("/")[2] or element.get("guid") or "text"
        name = _unique(name, taken)
        text = element.findtext("{*}PlainTextContent")
        if text is None and path:
            member = places.get(f"sources/{path}".lower()) or places.get(path.lower().rpartition("/")[2])
            text = _decoded(files.read(member), f"{shown}/{member}") if member else None
        text = text.removeprefix("\ufeff") if text else text
        sources.append(_Source(element, name, text, selections.of(element, name), [*selections.on(element)]))
    return sources


def _unique(wanted: str, taken: Counter[str]) -> str:
    """The name, with a number behind it where it is taken."""
    name = wanted
    while name in taken:
        taken[wanted] += 1
        name = f"{wanted} ({taken[wanted]})"
    taken[name] = 1
    return name


def _decoded(data: bytes, shown: str) -> str:
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        found = f"the text is not {encoding.removesuffix('-sig').upper()} at byte {error.start}"
        raise CorpusError(Problem(shown, 0, found, "UTF-8", "save the text as UTF-8 and pack it again")) from None


def _found(root: Element, sources: Iterable[_Source], project: _Project) -> Found:
    documents: list[Document] = []
    marks: list[Mark] = []
    facts = refi_project.facts(root)
    for source in sources:
        text = project.way.text(source.text) if source.text is not None else None
        told = facts.get(refi_project.key(source.element.get("guid")), {})
        documents.append(Document(source.name, text, told, f"{project.shown}, {source.name}"))
        marks += _marks(source, text, project)
    return Found(documents, marks, project.left_out)


def _marks(source: _Source, text: str | None, project: _Project) -> list[Mark]:
    """The codings of a source: those on its selections, then those on the whole."""
    units = project.way.units(text) if text is not None else None
    marks: list[Mark] = []
    taken: dict[str, Counter[str]] = defaultdict(Counter)
    for selected in source.selections:
        start, end = selected.start, selected.end + project.way.more
        try:
            if units:
                start, end = units.span(start, end)
            elif not 0 <= start <= end:
                raise ValueError(f"{start}–{end} is no span")  # noqa: TRY301  # told like the others
        except ValueError as error:
            found = f"{source.name}, selection {selected.guid}: {error}"
            project.problems.add([Problem(project.shown, selected.line, found, "a span of the text")])
            continue
        if start == end or not selected.codings:
            reason = "an empty span" if selected.codings else "a selection without a code"
            project.left_out[reason] += len(selected.codings) or 1
            continue
        quote = text[start:end] if text is not None and end - start <= _LONGEST_QUOTE else None
        for coding in selected.codings:
            marks += _coded(coding, source.name, (start, end, quote), taken, project)
    for coding in source.codings:
        marks += _coded(coding, source.name, (None, None, None), taken, project)
    return marks


def _coded(
    coding: Coding,
    name: str,
    place: tuple[int | None, int | None, str | None],
    taken: dict[str, Counter[str]],
    project: _Project,
) -> list[Mark]:
    """The mark of a coding, or of each of its codes; `place` is start, end and quote, `taken` the names by coder."""
    coder = project.users.get(coding.user, coding.user) or "main"
    where = f"{project.shown}, {name}, coding {coding.guid}"
    marks = []
    for target in coding.targets:
        kind = project.codes.get(project.keys[target])
        if kind is None:
            found = f"{name}, coding {coding.guid}: its code {brief(target)} is no code here"
            project.problems.add([Problem(project.shown, coding.line, found, "the GUID of a code")])
            continue
        marks.append(Mark(name, coder, _unique(coding.guid, taken[coder]), kind, *place, (), {}, where))
    return marks
