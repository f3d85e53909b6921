"""A CATMA project as its git folder: documents/, collections/ with the annotations, tagsets/.

Quirks: annotations are W3C Annotations with positions only, which count UTF-16 units (CATMA is written in Java) of
documents/<id>/<id>.txt; the `_orig` file beside it is the upload and is not counted in. An annotation of several ranges
is one discontinuous span; its ranges may touch. Tags and properties are written as ids, whose names stand in the tag's
propertydefs.json; an annotation whose tag is deleted stays in the files and is left out here, as CATMA does not show
it. Each annotation names its author. CATMA gives no quotes: those of up to 10,000 characters are taken from the text.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from analysis.errors import CorpusError, Problem, brief, one_of
from analysis.readers.found import Document, Feature, Found, Mark
from analysis.readers.inputs import texts
from analysis.readers.inputs.json_input import Place, Problems, fact, load_json
from analysis.readers.inputs.offsets import Units, code_points
from analysis.readers.w3c.anchors import Span, words

_AUTHOR = "catma_markupauthor"
_FACTS = {"gitContentInfoSet": ("title", "author", "publisher", "description"), "gitTechInfoSet": ("fileName",)}
_DEEPEST = 30
_TAG_FILES = ("header.json", "propertydefs.json")
_PARTS = ("documents", "collections")
Json = dict[str, Any]


class Tag(NamedTuple):
    """A tag: its name, the id of the tag above it, that of its tagset, and where it is defined."""

    name: str
    parent: str
    tagset: str
    place: Place


class Collection(NamedTuple):
    """Annotations of one document by one person: what it is called and whose it is where an annotation does not say."""

    name: str
    coder: str
    document: str


@dataclass
class Project:
    """What of a project has been read; the names of tagsets and properties by their ids."""

    problems: Problems
    documents: dict[str, Document] = field(default_factory=dict)
    units: dict[str, Units] = field(default_factory=dict)
    tagsets: dict[str, str] = field(default_factory=dict)
    tags: dict[str, Tag] = field(default_factory=dict)
    properties: dict[str, str] = field(default_factory=dict)
    seen: dict[str, str] = field(default_factory=dict)
    marks: list[Mark] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


def fits(path: Path, head: bytes) -> bool:
    """Whether this is the folder of a project, or of nothing but one; a file (with its `head`) never is."""
    try:
        return not head and path.is_dir() and _root(path) is not None
    except OSError:
        return False


def _root(path: Path) -> Path | None:
    """The folder with documents/ and collections/: this one, or the only one in it."""
    inner = [folder for folder in path.iterdir() if not folder.name.startswith(".")]
    folders = [path, *inner] if len(inner) == 1 and not inner[0].is_symlink() else [path]
    return next((folder for folder in folders if all((folder / name).is_dir() for name in _PARTS)), None)


def read(path: Path, options: Mapping[str, str]) -> Found:
    """The documents of a project and the marks on them.

    Raises
    ------
    CorpusError
        Everything that is wrong with any of the files.
    """
    root = _root(path) if fits(path, b"") else None
    if root is None:
        raise CorpusError(Problem(path.name, 0, "this is no CATMA project", "a folder with documents and collections"))
    project = Project(Problems(path.name))
    files = {shown: file for file, shown in texts.files(root)}
    unit = options.get("offset_unit", "utf-16")
    for shown in (shown for shown in files if shown.startswith("tagsets/") and shown.endswith(_TAG_FILES)):
        _guarded(project, _tagset, (shown, files))
    for name in dict.fromkeys(shown.split("/")[1] for shown in files if shown.startswith("documents/")):
        _guarded(project, _document, (name, files, unit))
    collections: dict[str, dict[str, Path]] = defaultdict(dict)
    for shown in (shown for shown in files if shown.startswith("collections/")):
        collections[shown.split("/")[1]][shown] = files[shown]
    for name, inside in collections.items():
        _guarded(project, _collection, (name, inside))
    project.problems.refuse()
    return Found(list(project.documents.values()), project.marks, project.left_out)


def _guarded(project: Project, act: Callable[..., None], given: tuple[Any, ...]) -> None:
    """Do one part of the reading; what is wrong with it goes to the problems of all."""
    try:
        act(project, *given)
    except CorpusError as error:
        project.problems.add(error.problems)


def _load(files: Mapping[str, Path], shown: str) -> Any:
    """The JSON in a file, told in messages by its place in the project."""
    if shown not in files:
        raise CorpusError(Problem(shown, 0, "the file is missing", "a whole project", "clone or export it again"))
    try:
        return load_json(files[shown])
    except CorpusError as error:
        raise CorpusError([replace(problem, file=shown) for problem in error.problems]) from None


def _header(files: Mapping[str, Path], shown: str) -> tuple[Json, Place]:
    place = Place(shown, 0, "the file")
    return place.need(_load(files, shown), dict, "it"), place


def _tagset(project: Project, shown: str, files: Mapping[str, Path]) -> None:
    """Add a tagset, or a tag with the names of its properties."""
    record, place = _header(files, shown)
    tagset = shown.split("/")[1]
    if shown.endswith("header.json"):
        project.tagsets[tagset] = place.need(record.get("name"), str, "name")
        return
    name, identifier = (place.need(record.get(key), str, key) for key in ("name", "uuid"))
    if identifier in project.tags:
        raise place.wrong(f"the tag {brief(identifier)} is in {project.tags[identifier].place.file} already")
    project.tags[identifier] = Tag(name, place.need(record.get("parentUuid") or "", str, "parentUuid"), tagset, place)
    for group in ("systemPropertyDefinitions", "userDefinedPropertyDefinitions"):
        for key, definition in place.need(record.get(group) or {}, dict, group).items():
            called = place.need(definition, dict, f"{group}.{key}").get("name")
            project.properties[key] = place.need(called, str, f"the name of {key}")


def _document(project: Project, name: str, files: Mapping[str, Path], unit: str) -> None:
    header, place = _header(files, f"documents/{name}/header.json")
    shown = f"documents/{name}/{name}.txt"
    if shown not in files:
        raise place.wrong(f"its text {name}.txt is missing", "the text beside it", "clone or export the project again")
    text = texts.plain(files[shown], shown)
    told = [(group, key) for group, keys in _FACTS.items() for key in keys]
    facts = {key: fact(place.need(header.get(group) or {}, dict, group).get(key)) or "" for group, key in told}
    facts = {key: value for key, value in facts.items() if value}
    project.documents[name] = Document(name, text, facts, shown)
    try:
        project.units[name] = code_points(text, unit)
    except ValueError as error:
        raise CorpusError(Problem(shown, 0, str(error), "another offset_unit")) from None


def _collection(project: Project, name: str, files: Mapping[str, Path]) -> None:
    header, place = _header(files, f"collections/{name}/header.json")
    title = place.need(header.get("name") or "", str, "name")
    coder = place.need(header.get("responsibleUser") or "main", str, "responsibleUser")
    collection = Collection(title, coder, place.need(header.get("sourceDocumentId") or "", str, "sourceDocumentId"))
    for shown in files:
        if shown.startswith(f"collections/{name}/annotations/") and shown.endswith(".json"):
            _guarded(project, _annotations, (shown, files, collection))


def _annotations(project: Project, shown: str, files: Mapping[str, Path], collection: Collection) -> None:
    """Add what is in one file: a list of annotations, or, before CATMA 7, one."""
    value = _load(files, shown)
    for number, record in enumerate(value if isinstance(value, list) else [value], 1):
        identifier = record.get("id") if isinstance(record, dict) else None
        name = identifier.rpartition("/")[2] if isinstance(identifier, str) and identifier else f"number {number}"
        _guarded(project, _annotation, (record, Place(shown, 0, f"annotation {brief(name)}"), name, collection))


def _annotation(project: Project, value: Any, place: Place, name: str, collection: Collection) -> None:
    record = place.need(value, dict, "it")
    if name in project.seen:
        raise place.wrong(f"this id stands in {project.seen[name]} already", "an id of its own")
    project.seen[name] = place.file
    body = place.need(record.get("body"), dict, "body")
    tag = place.need(body.get("tag"), str, "body.tag").rpartition("/")[2]
    tagset = place.need(body.get("tagset") or "", str, "body.tagset").rpartition("/")[2]
    if tag not in project.tags:
        if tagset not in project.tagsets:
            raise place.wrong(f"its tagset {brief(tagset)} is not in the project", "", "clone or export it again")
        project.left_out["tags that are deleted"] += 1
        return
    document, pieces = _place(project, record, place, collection.document)
    if any(start == end for start, end in pieces):
        project.left_out["empty spans"] += 1
        return
    coder, features = _properties(project, body, place, collection)
    features.setdefault("tagset", project.tagsets.get(project.tags[tag].tagset, ""))
    kind, where = _path(project, tag), f"{place.file}: {place.what}"
    start, end = pieces[0][0], max(end for _, end in pieces)
    quote, parts = words(project.documents[document].text or "", pieces), pieces if len(pieces) > 1 else ()
    project.marks.append(Mark(document, coder, name, kind, start, end, quote, parts, features, where))


def _place(project: Project, record: Json, place: Place, default: str) -> tuple[str, tuple[Span, ...]]:
    """The document and the pieces of the span in the order of the text."""
    target = place.need(record.get("target"), dict, "target")
    items = [place.need(item, dict, "an item") for item in place.need(target.get("items"), list, "target.items")]
    sources = {place.need(item.get("source") or default, str, "source").rpartition("/")[2] for item in items}
    if len(sources) != 1 or not sources <= project.units.keys():
        named = ", ".join(map(brief, sorted(sources)[:3])) or "nothing"
        raise place.wrong(f"it is on {named}", one_of(project.units))
    (document,) = sources
    units = project.units[document]
    pieces = []
    for item in items:
        selector = place.need(item.get("selector"), dict, "selector")
        start, end = place.span(selector.get("start"), selector.get("end"), units.n_units)
        try:
            pieces.append(units.span(start, end))
        except ValueError as error:
            raise place.wrong(str(error), "offsets in UTF-16 units, or the option offset_unit") from None
    return document, tuple(sorted(pieces))


def _properties(project: Project, body: Json, place: Place, collection: Collection) -> tuple[str, dict[str, Feature]]:
    """The author, and the properties by name; the collection's name is added to them."""
    groups = place.need(body.get("properties") or {}, dict, "properties")
    read: dict[str, dict[str, list[str]]] = {"system": {}, "user": {}}
    for group, found in read.items():
        for key, values in place.need(groups.get(group) or {}, dict, group).items():
            given = [place.need(text, str, f"{group}.{key}") for text in place.need(values, list, f"{group}.{key}")]
            found.setdefault(project.properties.get(key) or key, []).extend(filter(None, given))
    coder = next(iter(read["system"].get(_AUTHOR, [])), collection.coder)
    features: dict[str, Feature] = {
        key: values[0] if len(values) == 1 else values for key, values in read["user"].items() if values
    }
    features.setdefault("collection", collection.name)
    return coder, features


def _path(project: Project, tag: str) -> str:
    """The names of the tag and those above it: Parent/Child."""
    names, place = list[str](), project.tags[tag].place
    while tag in project.tags:
        names.append(project.tags[tag].name)
        tag = project.tags[tag].parent
        if len(names) > _DEEPEST:
            raise place.wrong("the tags above it go on in a circle or too high", f"at most {_DEEPEST}")
    return "/".join(reversed(names))
