"""A UIMA CAS through dkpro-cassis, after checks that it leaves out, with places for what is wrong.

cassis makes a class of each type, and program text of the names of its features: names that are no identifiers are
refused before. It tells a wrong offset at a cost that grows with the text, and each time a type gets a feature all its
heirs are made anew: offsets and the size of the type system are checked first. In XMI it converts the offsets of
indexed annotations only, and of one in two views twice: such a file is refused.
"""

import io
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from lxml import etree

from analysis.errors import CorpusError, Problem, brief
from analysis.readers.cas.types import HINT, Types, TypeSystems, check_types, guarded
from analysis.readers.inputs import xml_input
from analysis.readers.inputs.json_input import Problems
from analysis.readers.inputs.offsets import Units, code_points

if TYPE_CHECKING:
    from cassis import Cas  # type: ignore[import-untyped]

_NUMBER = re.compile(r"-?\d{1,15}", re.ASCII)
_HALF = re.compile(r"\\u[dD][89a-fA-F]")
_ID = "{http://www.omg.org/XMI}id"
_ROOT = "{http://www.omg.org/XMI}XMI"
_CAS = "{http:///uima/cas.ecore}"
_METADATA = "de.tudarmstadt.ukp.dkpro.core.api.metadata.type.DocumentMetaData"
_TOLD = ("documentTitle", "documentId", "documentUri", "collectionId", "language")


class Loaded(NamedTuple):
    """A CAS, the lines of its feature structures by id in the file's order, and what the document's metadata tell.

    `is_converted` is whether all offsets are code points; else only those of annotations in an index are. `dropped`
    counts, by type, the annotations of tools that no type system describes.
    """

    cas: "Cas"
    lines: Mapping[int, int]
    about: Mapping[str, str]
    is_converted: bool
    dropped: Mapping[str, int]


class _Scan(NamedTuple):
    """What XMI holds, before cassis reads it: `spans` are id, sofa, start and end; `about` is of the document."""

    types: Counter[str]
    lines: dict[int, int]
    texts: dict[str, str | None]
    spans: list[tuple[int, str, int, int]]
    members: list[str]
    about: dict[str, str]


def from_xmi(data: bytes, types: Types | None, systems: TypeSystems, shown: str) -> Loaded:
    """The CAS of an XMI file and the type system beside it, None where there is none."""
    import cassis  # noqa: PLC0415  # slow, and most corpora need it never

    xml_input.refuse_doctype(data, shown)
    scan = _scanned(data, shown)
    system = systems.of(types, scan.types, shown)
    dropped = {name: n for name, n in scan.types.items() if not system.contains_type(name, match_exactly=True)}
    cas = guarded(lambda: cassis.load_cas_from_xmi(io.BytesIO(data), system, lenient=bool(dropped)), shown)
    dropped.pop(_METADATA, None)
    return Loaded(cas, scan.lines, scan.about, is_converted=False, dropped=dropped)


def _scanned(data: bytes, shown: str) -> _Scan:
    """The XMI looked through once; CorpusError with lines for ids, offsets and references that are wrong."""
    scan = _Scan(Counter(), {}, {}, [], [], {})
    problems = Problems(shown)
    try:
        events = etree.iterparse(io.BytesIO(data), ("end",), resolve_entities=False, no_network=True, huge_tree=False)
        for _, element in events:
            parent = element.getparent()
            if parent is not None and parent.getparent() is None:
                _look_at(element, scan, problems)
                element.clear()
                parent.remove(element)
            elif parent is None and element.tag != _ROOT:
                problems.add([Problem(shown, 1, f"its root element is {brief(element.tag)}", "xmi:XMI", HINT)])
    except etree.XMLSyntaxError as error:
        raise xml_input.broken(error, shown) from None
    units = {sofa: _units(text) for sofa, text in scan.texts.items()}
    if len(scan.members) > len(set(scan.members)):
        problems.add([Problem(shown, 0, "an annotation is a member twice, of one view or of two", "", HINT)])
    for identifier, sofa, start, end in scan.spans:
        problems.add(_wrong_span(units, sofa, (start, end), (shown, scan.lines[identifier], identifier)))
    problems.refuse()
    return scan


def _look_at(element: xml_input.Element, scan: _Scan, problems: Problems) -> None:
    line, tag = element.sourceline or 0, str(element.tag)
    given = element.attrib
    if tag == f"{_CAS}View":
        scan.members.extend(str(given.get("members", "")).split())
        return
    numbers = [str(given.get(key, "0")) for key in (_ID, "begin", "end")]
    if _ID not in given or not all(map(_NUMBER.fullmatch, numbers)):
        problems.add([Problem(problems.file, line, f"{brief(tag)}: its id, begin and end are {numbers}", "numbers")])
        return
    identifier, start, end = map(int, numbers)
    if identifier in scan.lines:
        found = f"the xmi:id {identifier} stands on line {scan.lines[identifier]} already"
        problems.add([Problem(problems.file, line, found, "", HINT)])
    scan.lines[identifier] = line
    if tag == f"{_CAS}Sofa":
        scan.texts[str(given[_ID])] = given.get("sofaString")
        return
    name = tag[9:].replace("/", ".").replace("ecore}", "").removeprefix("uima.noNamespace.")
    scan.types[name] += 1
    if name == _METADATA:
        scan.about.update({str(key): str(text) for key, text in given.items() if key in _TOLD})
    if "begin" in given and "sofa" in given:
        scan.spans.append((identifier, str(given["sofa"]), start, end))


def _units(text: object) -> Units | None:
    """The offsets of a text; None where a sofa has none, of a picture say, and any offset will do."""
    return code_points(text, "utf-16") if isinstance(text, str) else None


def _wrong_span(
    units: Mapping[Any, Units | None], sofa: object, span: tuple[int, int], where: tuple[str, int, int]
) -> Iterator[Problem]:
    shown, line, identifier = where
    if sofa not in units:
        yield Problem(shown, line, f"annotation {identifier}: its sofa, the text it stands on, is not here", "", HINT)
        return
    try:
        on = units[sofa]
        if on:
            on.span(*span)
    except ValueError as error:
        yield Problem(shown, line, f"annotation {identifier}: {error}", "", HINT)


def from_json(content: Any, shown: str) -> Loaded:
    """The CAS of a parsed CAS JSON file."""
    import cassis  # noqa: PLC0415  # as above

    problem = Problem(shown, 0, "this is no CAS JSON", "an object with %TYPES, %FEATURE_STRUCTURES and %VIEWS", HINT)
    if not isinstance(content, dict) or not isinstance(content.get("%TYPES"), dict):
        raise CorpusError(problem)
    structures = content.get("%FEATURE_STRUCTURES")
    if isinstance(structures, dict):
        structures = [{**each, "%ID": key} for key, each in structures.items() if isinstance(each, dict)]
    if not isinstance(structures, list) or not all(isinstance(each, dict) for each in structures):
        raise CorpusError(problem)
    kinds = {name: each for name, each in content["%TYPES"].items() if isinstance(each, dict)}
    parents = {name: str(each.get("%SUPER_TYPE")) for name, each in kinds.items()}
    own = {name: [key for key in each if not key.startswith("%")] for name, each in kinds.items()}
    check_types({name: (parents[name], own[name]) for name in kinds}, shown)
    lines = _json_ids(structures, set(kinds), shown)
    about: dict[str, Any] = next((each for each in structures if each["%TYPE"] == _METADATA), {})
    cas = guarded(lambda: cassis.load_cas_from_json(json.dumps(content)), shown)
    told = {key: about[key] for key in _TOLD if isinstance(about.get(key), str)}
    return Loaded(cas, lines, told, is_converted=True, dropped={})


def _json_ids(structures: list[dict[str, Any]], types: set[str], shown: str) -> dict[int, int]:
    """The ids in the order of the file; CorpusError for ids, types and spans that are wrong."""
    problems = Problems(shown)
    ids: dict[int, int] = {}
    sofas = [each for each in structures if each.get("%TYPE") == "uima.cas.Sofa"]
    units = {_whole(each.get("%ID")): _units(each.get("sofaString")) for each in sofas}
    for each in structures:
        identifier, kind = _whole(each.get("%ID")), each.get("%TYPE")
        if identifier is None or identifier in ids:
            problems.add([Problem(shown, 0, f"the %ID {brief(each.get('%ID'))} is no whole number, or stands twice")])
        elif not isinstance(kind, str) or (kind not in types and not kind.startswith("uima.") and kind[-2:] != "[]"):
            problems.add([Problem(shown, 0, f"{identifier}: its %TYPE {brief(kind)} is not in %TYPES", "", HINT)])
        elif name := _nested(each):
            found = f"annotation {identifier}: {brief(name)} holds a list or an object"
            problems.add([Problem(shown, 0, found, "a value, or the id of a feature structure", HINT)])
        elif "begin" in each and "@sofa" in each:
            start, end, sofa = (_whole(each.get(key)) for key in ("begin", "end", "@sofa"))
            if start is None or end is None:
                problems.add([Problem(shown, 0, f"annotation {identifier}: its begin or end is no whole number")])
            else:
                problems.add(_wrong_span(units, sofa, (start, end), (shown, 0, identifier)))
        ids[identifier or 0] = 0
    problems.refuse()
    return ids


def _nested(structure: dict[str, Any]) -> str:
    """The feature that holds more than one value, which cassis would hand on as it stands; empty where none does."""
    elements = structure.get("%ELEMENTS")
    if isinstance(elements, list) and any(isinstance(each, list | dict) for each in elements):
        return "%ELEMENTS"
    names = (name for name, value in structure.items() if isinstance(value, list | dict) and name[:1] != "%")
    return next(names, "")


def _whole(value: Any) -> int | None:
    """A whole number, also where it is a key and so a text; None for all else."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return int(value)
    return value if type(value) is int and abs(value) < 1 << 53 else None


def parsed(data: bytes, shown: str) -> Any:
    """What a JSON file holds; CorpusError, with the line, where it is broken."""
    try:
        text = data.decode("utf-8-sig")
        content = json.loads(text)
        if _HALF.search(text):
            json.dumps(content, ensure_ascii=False).encode()
    except UnicodeDecodeError:
        raise CorpusError(Problem(shown, 0, "the file is not UTF-8", "UTF-8", HINT)) from None
    except UnicodeEncodeError:
        raise CorpusError(Problem(shown, 0, "it holds half a character, such as \\ud83d alone", "", HINT)) from None
    except RecursionError:
        raise CorpusError(Problem(shown, 0, "this JSON is nested too deeply to be a CAS")) from None
    except ValueError as error:
        line, reason = getattr(error, "lineno", 0), getattr(error, "msg", "a number has thousands of digits")
        raise CorpusError(Problem(shown, line, f"this is no JSON: {reason}", "", HINT)) from None
    return content
