"""Type systems of UIMA: the file's own, with DKPro Core's where the file leaves its types out; checked before use."""

import io
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from analysis.errors import CorpusError, Problem, brief
from analysis.readers.inputs import xml_input
from analysis.readers.inputs.json_input import Problems

if TYPE_CHECKING:
    from cassis import TypeSystem  # type: ignore[import-untyped]

HINT = "export the document again, as `UIMA CAS XMI` or `UIMA CAS JSON`"
_NAME = re.compile(r"[A-Za-z]\w*(?:\.\w+)*(?:\[\])?", re.ASCII)
_FEATURE = re.compile(r"[A-Za-z]\w*", re.ASCII)
_LAYERS = tuple(f"de.tudarmstadt.ukp.dkpro.core.api.{name}.type." for name in ("metadata", "segmentation", "lexmorph"))
_TOOL_TYPES = ("uima.tcas.DocumentAnnotation", "uima.cas.NULL", "uima.cas.Sofa")
_MOST_TYPES, _MOST_WORK = 1500, 300_000


class Types(NamedTuple):
    """The content of a type system's file, and how messages call it."""

    data: bytes
    shown: str


class TypeSystems:
    """The type systems met in one reading: the documents of a project bring the same one each."""

    def __init__(self) -> None:
        self._systems: dict[tuple[bytes, bool], TypeSystem] = {}

    def of(self, types: Types | None, used: Iterable[str], shown: str) -> "TypeSystem":
        """The type system for the types `used` in the file `shown`; `types` is None where none lies beside it.

        Layers that tools make, and that are left out in any case, may be in none; but where DKPro Core has them they
        are read, for a relation may stand between tokens.
        """
        for with_core in (False, True):
            system = self._system(types, with_core=with_core)
            unknown = [name for name in used if not system.contains_type(name, match_exactly=True)]
            if not unknown:
                return system
        missing = sorted(name for name in unknown if not is_of_tool(name))
        if not missing:
            return system
        several = f"{len(missing)} of its types are in no type system, such as {missing[0]}"
        told = several if len(missing) > 1 else f"its type {missing[0]} is in no type system"
        where = f"{types.shown} does not define it" if types else "there is no TypeSystem.xml beside it"
        hint = f"{where}; INCEpTION puts TypeSystem.xml into the zip file with the .xmi: give that zip file"
        raise CorpusError(Problem(shown, 0, told[:200], "TypeSystem.xml", hint))

    def _system(self, types: Types | None, *, with_core: bool) -> "TypeSystem":
        import cassis  # noqa: PLC0415  # slow, and most corpora need it never

        key = types.data if types else b"", with_core
        if key not in self._systems:
            if with_core:
                own, name = self._system(types, with_core=False), types.shown if types else ""
                merge = cassis.merge_typesystems
                self._systems[key] = guarded(lambda: merge(own, cassis.load_dkpro_core_typesystem()), name)
            elif types:
                check_types(dict(_definitions(*types)), types.shown)
                self._systems[key] = guarded(lambda: cassis.load_typesystem(io.BytesIO(types.data)), types.shown)
            else:
                self._systems[key] = cassis.TypeSystem()
        return self._systems[key]


def is_of_tool(name: str) -> bool:
    """Whether a type is a layer that tools make and nobody codes: tokens, sentences, parts of speech, metadata."""
    return name.startswith(_LAYERS) or name in _TOOL_TYPES or name.endswith(".CASMetadata")


def layer_of_tool(name: str) -> str:
    """Why annotations of such a type are left out."""
    return f"{name.rpartition('.')[2]}, a layer of the tool"


def guarded(load: Callable[[], Any], shown: str) -> Any:
    """What cassis makes of a file; whatever goes wrong in it is an error of ours."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.filterwarnings("error", message="Not mapping")  # each would copy the whole text
            return load()
    except Exception as error:  # noqa: BLE001  # cassis checks little: a wrong file raises almost anything
        reason = str(error) if isinstance(error, ValueError | UserWarning) else f"{type(error).__name__} at {error}"
        raise CorpusError(Problem(shown, 0, f"this is no sound UIMA CAS: {brief(reason)}", "", HINT)) from None


def _definitions(data: bytes, shown: str) -> Iterator[tuple[str, tuple[str, list[str]]]]:
    """Each type of a type system with the type it inherits from and its features."""
    for element in xml_input.root(data, shown).iter("{*}typeDescription"):
        features = [feature.findtext("{*}name") or "" for feature in element.iterfind("{*}features/*")]
        name, parent = ((element.findtext(key) or "").strip() for key in ("{*}name", "{*}supertypeName"))
        yield name, (parent, [feature.strip() for feature in features])


def check_types(types: Mapping[str, tuple[str, list[str]]], shown: str) -> None:
    """CorpusError for names that are no identifiers, and type systems that would take minutes to build."""
    problems = Problems(shown)
    for name, (parent, features) in types.items():
        wrong = [text for text in (name, parent) if not _NAME.fullmatch(text)]
        wrong += [feature for feature in features if not _FEATURE.fullmatch(feature)]
        problems.add(Problem(shown, 0, f"{brief(text)} cannot be the name of a type or feature") for text in wrong)
    problems.refuse()
    work = 0
    sizes: dict[str, int] = {}
    for name in types:
        path = [name]
        while path[-1] in types and path[-1] not in sizes and len(path) <= len(types) + 1:
            path.append(types[path[-1]][0])
        if len(path) > len(types) + 1:
            raise CorpusError(Problem(shown, 0, f"the type {brief(name)} inherits from itself"))
        for each in reversed(path):
            parent, features = types.get(each, ("", []))
            sizes.setdefault(each, sizes.get(parent, 0) + len(features) + 1)
        work += sizes[name] ** 2
    if work > _MOST_WORK or len(types) > _MOST_TYPES:
        raise CorpusError(Problem(shown, 0, f"the type system is too large: {len(types)} types with their features"))
