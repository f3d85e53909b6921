"""UIMA CAS, the format of INCEpTION, WebAnno and DKPro: XMI with its type system, or CAS JSON.

Quirks: offsets are UTF-16 units, made code points in load.py. XMI says only with TypeSystem.xml what its types are;
INCEpTION packs both into a zip file, and a project into annotation/<document>/<annotator>.zip (the untouched
INITIAL_CAS.zip is no annotator's). In XMI a line break inside an attribute is a space, also in the text, unless it was
written as a character reference, and control characters cannot stand at all: CAS JSON keeps both. A CAS may hold
several texts (views): each is a document. Relations are layers with Governor and Dependent, slots are lists of links
with role and target, and both are told as features of the span they start from.
"""

import gc
import os
import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from analysis.errors import CorpusError, Problem, one_of
from analysis.readers.cas import load as cas_load
from analysis.readers.cas.marks import View
from analysis.readers.cas.types import Types, TypeSystems, layer_of_tool
from analysis.readers.found import Document, Feature, Found, Mark
from analysis.readers.inputs import xml_input
from analysis.readers.inputs.xml_input import Archive, Files, Folder

_ZIP = b"PK\x03\x04"
_XMI, _JSON = b"http://www.omg.org/XMI", (b'"%TYPES"', b'"%FEATURE_STRUCTURES"', b'"%VIEWS"')
_TYPES = re.compile(r".*types.*\.xml", re.IGNORECASE)
_OF_PROJECT = re.compile(r"(?:.*/)?(?:annotation|curation)/[^/]+/[^/]+\.(?:zip|xmi|json)")
_FOLDERS = ("annotation", "curation")
_UNTOUCHED = "INITIAL_CAS"
_INITIAL_VIEW = "_InitialView"
_SEARCHED = 5000


class _Entry(NamedTuple):
    """A file with a CAS: what holds it, type systems there, its name there and in messages, its parts as of a path."""

    files: Files
    types: list[PurePosixPath]
    name: str
    shown: str
    parts: tuple[str, ...]

    @property
    def stem(self) -> str:
        return PurePosixPath(self.name).stem

    @property
    def owner(self) -> tuple[str, str] | None:
        """The document and the annotator that the layout of a project's folders tells."""
        if len(self.parts) > 2 and self.parts[-3] in _FOLDERS:  # noqa: PLR2004  # folder, document, annotator
            return self.parts[-2], PurePosixPath(self.parts[-1]).stem
        return None


class _Read(NamedTuple):
    """What has been read: documents by name, which document and coder were met, marks, and what was left out."""

    documents: dict[str, Document]
    seen: set[tuple[str, str]]
    marks: list[Mark]
    left_out: Counter[str]


def fits(path: Path, head: bytes) -> bool:
    """Whether it is a CAS as XMI or JSON, a zip file with one, or a folder of them."""
    try:
        if path.is_dir():
            return any(_is_cas_file(file) for file in islice(path.rglob("*"), _SEARCHED))
        if head.startswith(_ZIP):
            with zipfile.ZipFile(path) as archive:
                names = archive.namelist()[:_SEARCHED]
                return any(map(_is_told_by_name, names)) or any(_is_cas_member(archive, name) for name in names)
    except Exception:  # noqa: BLE001  # a broken zip file raises almost anything, and is only no CAS
        return False
    return _is_cas(head)


def _is_told_by_name(name: str) -> bool:
    return name.lower().endswith(".xmi") or bool(_OF_PROJECT.fullmatch(name))


def _is_cas_member(archive: zipfile.ZipFile, name: str) -> bool:
    return name.lower().endswith(".json") and _is_cas(archive.open(name).read(4096))


def _is_cas(head: bytes) -> bool:
    return _XMI in head or any(key in head for key in _JSON)


def _is_cas_file(file: Path) -> bool:
    if not file.is_file() or file.suffix.lower() != ".json":
        return file.is_file() and _is_told_by_name(file.as_posix())
    with file.open("rb") as opened:
        return _is_cas(opened.read(4096))


def read(path: Path, options: Mapping[str, str]) -> Found:  # noqa: ARG001  # a CAS says all that options could
    """The texts, span annotations and annotators of a CAS, or of all in a zip file or folder.

    Raises
    ------
    CorpusError
        All that is wrong with the first file that has something wrong.
    """
    entries = list(_entries(path))
    if not entries:
        raise CorpusError(Problem(path.name, 0, "it holds no CAS", "*.xmi with TypeSystem.xml, or CAS JSON"))
    systems, read = TypeSystems(), _Read({}, set(), [], Counter())
    for entry in entries:
        _add(entry, systems, read)
        gc.collect(1)  # what cassis makes refers to itself in circles; where nobody looks for them it would all stay
    return Found(list(read.documents.values()), _short_kinds(read.marks), +read.left_out)


def _add(entry: _Entry, systems: TypeSystems, read: _Read) -> None:
    """Read one file, and add its documents and marks."""
    loaded = _loaded(entry, systems)
    read.left_out.update({layer_of_tool(name): count for name, count in loaded.dropped.items()})
    for view in loaded.cas.views:
        text = view.sofa.sofaString
        if text is None:
            read.left_out["on a view without text"] += len(view.get_all_fs())
            is_elsewhere = view.sofa.sofaURI is not None or view.sofa.sofaArray is not None
            read.left_out["a view whose text is not in the file as text"] += is_elsewhere
            continue
        document, coder = _named(entry, loaded.about, view.sofa.sofaID, text, (read.documents, read.seen))
        read.documents.setdefault(document, Document(document, text, dict(loaded.about), entry.shown))
        read.seen.add((document, coder))
        read.marks.extend(View(view, loaded, document, coder, entry.shown).marks(read.left_out))


def _entries(path: Path) -> Iterator[_Entry]:
    """The files of a path that hold a CAS, those in zip files too."""
    if not path.is_dir():
        data = xml_input.content(path)
        if data.startswith(_ZIP):
            yield from _inside(Archive(data, path.name), path.name, path.absolute().parts)
        else:
            yield _alone(path.absolute())
        return
    folders = [folder.relative_to(path).as_posix() for folder in sorted(path.rglob("*")) if folder.is_dir()]
    yield from _inside(Folder(path, *folders), "", path.absolute().parts)


def _alone(path: Path) -> _Entry:
    """A file that is given for itself, with the type systems in its folder, or else those in the folder around it."""
    folder, name = path.parent, path.name
    files = Folder(folder)
    if not _types_in(files) and os.access(folder.parent, os.R_OK):
        files, name = Folder(folder.parent, folder.name), f"{folder.name}/{name}"
    return _Entry(files, _types_in(files), name, path.name, path.parts)


def _inside(files: Files, shown: str, parts: tuple[str, ...], *, is_inner: bool = False) -> Iterator[_Entry]:
    """The CAS files in a folder or zip file; those of a zip file in it are told by its own place."""
    names, types = files.names, _types_in(files)
    if any(map(_OF_PROJECT.fullmatch, names)):
        names = [name for name in names if _OF_PROJECT.fullmatch(name)]
    for name in names:
        where = f"{shown}/{name}" if shown else name
        inner = parts if is_inner else (*parts, *PurePosixPath(name).parts)
        ending = PurePosixPath(name).suffix.lower()
        if PurePosixPath(name).stem == _UNTOUCHED:
            continue
        if ending == ".zip" and not is_inner:
            data = files.read(name)
            if data.startswith(_ZIP):
                yield from _inside(Archive(data, where), where, inner, is_inner=True)
        elif ending == ".xmi" or (ending == ".json" and _is_cas(files.read(name)[:4096])):
            yield _Entry(files, types, name, where, inner)


def _types_in(files: Files) -> list[PurePosixPath]:
    return [path for path in map(PurePosixPath, files.names) if _TYPES.fullmatch(path.name)]


def _loaded(entry: _Entry, systems: TypeSystems) -> cas_load.Loaded:
    data = entry.files.read(entry.name)
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return cas_load.from_json(cas_load.parsed(data, entry.shown), entry.shown)
    return cas_load.from_xmi(data, _types_beside(entry), systems, entry.shown)


def _types_beside(entry: _Entry) -> Types | None:
    """The type system in the folder of a file, or in one around it."""
    folder = PurePosixPath(entry.name).parent
    for around in (folder, *folder.parents):
        found = [name for name in entry.types if name.parent == around]
        exact = [name for name in found if name.name.lower() == "typesystem.xml"]
        best = exact or [name for name in found if name.name.startswith(entry.stem)] or found
        if len(best) > 1:
            told = f"{len(best)} files could be its type system"
            raise CorpusError(Problem(entry.shown, 0, told, "one of them called TypeSystem.xml", one_of(best)))
        if best:
            return Types(entry.files.read(str(best[0])), str(best[0]))
    return None


def _named(
    entry: _Entry,
    about: Mapping[str, str],
    sofa: str,
    text: str,
    known: tuple[Mapping[str, Document], set[tuple[str, str]]],
) -> tuple[str, str]:
    """The names of the document and of the coder; CorpusError where two annotators have different texts."""
    documents, seen = known
    title, identifier = about.get("documentTitle"), about.get("documentId")
    name = title or (entry.owner[0] if entry.owner else identifier) or entry.stem
    coder = "main"
    if entry.owner:
        coder = entry.owner[1]
    elif title and identifier == entry.stem and entry.stem not in (title, PurePosixPath(title).stem):
        coder = entry.stem  # INCEpTION gives an annotator's name as the id of what this annotator made
    name = name if sofa == _INITIAL_VIEW else f"{name} ({sofa})"
    is_other = name in documents and documents[name].text != text
    if is_other and entry.owner:
        found = f"the text of {name!r} differs from that in {documents[name].where}"
        raise CorpusError(Problem(entry.shown, 0, found, "one text for all annotators", "export the project again"))
    if is_other or (name, coder) in seen:
        name = next(free for n in range(1, len(seen) + 2) if (free := f"{name} ({entry.stem}{n})") not in documents)
    return name, coder


def _short_kinds(marks: list[Mark]) -> list[Mark]:
    """The marks with the short names of their types, but for types of which two would be called the same."""
    kinds = {mark.kind for mark in marks}
    for mark in marks:
        for name, value in mark.features.items():
            if name.endswith(".kind"):
                kinds.update([value] if isinstance(value, str) else value)
    same = Counter(kind.rpartition(".")[2] for kind in kinds)
    short = {kind: kind if same[kind.rpartition(".")[2]] > 1 else kind.rpartition(".")[2] for kind in kinds}
    return [mark._replace(kind=short[mark.kind], features=_shortened(mark.features, short)) for mark in marks]


def _shortened(features: Mapping[str, Feature], short: Mapping[str, str]) -> Mapping[str, Feature]:
    kinds = [name for name in features if name.endswith(".kind")]
    if not kinds:
        return features
    told = {}
    for name in kinds:
        value = features[name]
        told[name] = short.get(value, value) if isinstance(value, str) else [short.get(each, each) for each in value]
    return {**features, **told}
