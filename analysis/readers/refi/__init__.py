"""REFI-QDA projects (.qdpx), the exchange format of NVivo, ATLAS.ti, MAXQDA, QualCoder and others.

Quirks: a .qdpx is a zip file with one .qde, not always called project.qde, and texts in sources/; tools write their
places as internal://x.txt, relative:///x.txt, or bare. A text may stand in the .qde itself, start with a byte order
mark, or be missing. Offsets are code points; whether the end is included and CR LF is one character depends on the
tool, see text.py. Codes nest: a kind is the path of their names. A .qdc is a codebook and has no texts at all.
"""

import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from lxml import etree

from analysis.errors import CorpusError, Problem, brief, one_of
from analysis.readers.found import Document, Found, Mark
from analysis.readers.inputs import xml_input
from analysis.readers.inputs.json_input import Problems
from analysis.readers.inputs.xml_input import Archive, Element, Files, Folder
from analysis.readers.refi import left_out, selections, stream
from analysis.readers.refi import project as refi_project
from analysis.readers.refi.marks import Project, Source, marks, unique
from analysis.readers.refi.selections import Selections
from analysis.readers.refi.text import Written, reading

_ZIP = b"PK\x03\x04"
_SPACE = b"urn:QDA-XML:"
_Parser = Callable[[bytes, str, Problems], tuple[Element, Selections]]
_SCHEME = re.compile(r"(?:internal|relative|absolute|file):/*", re.IGNORECASE)


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
    head = head.replace(b"\0", b"")
    return _SPACE in head or (path.suffix.lower() == ".qde" and b"<Project" in head)


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
    with suppress(CorpusError):
        return _read(path, options, stream.parsed)
    return _read(path, options, selections.parsed)  # slower, but tells where something is wrong, and all of it


def _read(path: Path, options: Mapping[str, str], parsed: _Parser) -> Found:
    files, qde = _opened(path)
    problems = Problems(path.name)
    root, selected = parsed(files.read(qde), path.name if path.name == qde else f"{path.name}/{qde}", problems)
    _must_be_project(root, path.name)
    sources = _sources(root, files, path.name, selected)
    texts = [Written(source.text, source.selections) for source in sources]
    codes, users = refi_project.codes(root, problems), refi_project.users(root)
    problems.refuse()
    way = reading(texts, root.get("origin", ""), options, path.name)
    project = Project(path.name, codes, users, selected.keys, way, problems, left_out.reasons(root))
    found = _found(root, sources, project)
    problems.refuse()
    return found


def _must_be_project(root: Element, shown: str) -> None:
    kind = etree.QName(root).localname
    if kind == "CodeBook":
        hint = "export the project (.qdpx) from the tool; it holds the texts and their codings"
        raise CorpusError(Problem(shown, 0, "this is a codebook, without texts or codings", "a project", hint))
    if kind != "Project":
        raise CorpusError(Problem(shown, 0, f"its root element is {brief(kind)}", "Project"))


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


def _sources(root: Element, files: Files, shown: str, selected: Selections) -> list[Source]:
    """The text sources, each document under a name of its own."""
    taken: Counter[str] = Counter()
    places = {name.lower(): name for name in reversed(files.names)}
    places |= {name.lower().rpartition("/")[2]: name for name in reversed(files.names)} | places
    sources = []
    for element in root.iterfind("{*}Sources/{*}TextSource"):
        path = _SCHEME.sub("", element.get("plainTextPath", "")).replace("\\", "/")
        name = element.get("name") or path.rpartition("/")[2] or element.get("guid") or "text"
        name = unique(name, taken)
        text = element.findtext("{*}PlainTextContent")
        if text is None and path:
            member = places.get(f"sources/{path}".lower()) or places.get(path.lower().rpartition("/")[2])
            text = _decoded(files.read(member), f"{shown}/{member}") if member else None
        text = text.removeprefix("\ufeff") if text else text
        sources.append(Source(element, name, text, selected.of(element, name), [*selected.on(element)]))
    return sources


def _decoded(data: bytes, shown: str) -> str:
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        found = f"the text is not {encoding.removesuffix('-sig').upper()} at byte {error.start}"
        raise CorpusError(Problem(shown, 0, found, "UTF-8", "save the text as UTF-8 and pack it again")) from None


def _found(root: Element, sources: Iterable[Source], project: Project) -> Found:
    documents: list[Document] = []
    found: list[Mark] = []
    facts = refi_project.facts(root, project.left_out)
    for source in sources:
        text = project.way.text(source.text) if source.text is not None else None
        documents.append(Document(source.name, text, facts[source.element], f"{project.shown}, {source.name}"))
        found += marks(source, text, project)
        if text is None:
            project.left_out["a text that is missing"] += 1
    return Found(documents, found, project.left_out)
