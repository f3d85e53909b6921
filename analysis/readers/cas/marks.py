"""The marks of one view of a CAS: its span annotations, with what links and relations point at as their features."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from analysis.errors import CorpusError, Problem
from analysis.readers.cas.load import Loaded
from analysis.readers.cas.types import is_of_tool, layer_of_tool
from analysis.readers.found import Feature, Mark
from analysis.readers.inputs.offsets import code_points

_ANNOTATION, _OF_DOCUMENT = "uima.tcas.Annotation", "uima.cas.AnnotationBase"
_ENDS = ("Governor", "Dependent")
_LINK = ("role", "target")
_OF_EACH = ("sofa", "begin", "end")
_RENAMED = {"self_": "self", "type_": "type"}  # cassis renames what is a word of Python
_LONGEST_LIST = 10_000
_LONGEST_QUOTE = 10_000  # thousands of spans of a whole long text would fill the memory with its copies
_MOST_LINKS = 1_000_000
Features = dict[str, list[str]]


class View:
    """A view of a CAS as marks of one document and coder. `shown` is how messages call the file."""

    def __init__(self, view: Any, loaded: Loaded, document: str, coder: str, shown: str) -> None:
        self._order = {identifier: n for n, identifier in enumerate(loaded.lines)}
        self._members = sorted(view.get_all_fs(), key=lambda each: self._order.get(each.xmiID, -1))
        self._indexed = {each.xmiID for each in self._members}
        self._text: str = view.sofa.sofaString
        self._is_converted = loaded.is_converted
        self._lines, self._system = loaded.lines, loaded.cas.typesystem
        self._document, self._coder, self._shown = document, coder, shown
        self._names: dict[str, list[tuple[str, str]]] = {}
        self._is_span: dict[str, bool] = {}
        self._is_base: dict[str, bool] = {}
        self._pointed: dict[int, Features] = {}
        self._links_left = _MOST_LINKS

    def marks(self, left_out: Counter[str]) -> Iterator[Mark]:
        """The marks in the order of the file; what is none is counted in `left_out`."""
        related = self._related(left_out)
        for each in self._members:
            reason = self._why_not(each)
            if reason:
                left_out[reason] += 1
            elif reason is None:
                features = self._features(each)
                _add(features, related.get(each.xmiID, {}))
                start, end = each.begin, each.end
                quote = self._text[start:end] if end - start <= _LONGEST_QUOTE else None
                yield self._mark(each, (start, end, quote), features)
            elif self._is_of_document(each):
                yield self._mark(each, (None, None, None), self._features(each))

    def _mark(self, each: Any, span: tuple[int | None, int | None, str | None], features: Features) -> Mark:
        line = self._lines.get(each.xmiID)
        where = f"{self._shown}, annotation {each.xmiID}" + (f" on line {line}" if line else "")
        start, end, quote = span
        told, name = _told(features), str(each.xmiID)
        return Mark(self._document, self._coder, name, each.type.name, start, end, quote, (), told, where)

    def _why_not(self, each: Any) -> str | None:
        """Why a feature structure is no mark: a reason to count, or "" for what nobody would look for; None for one."""
        name = each.type.name
        if not self._has_span(each) or name.endswith((".DocumentAnnotation", ".DocumentMetaData")):
            return ""
        if is_of_tool(name):
            return layer_of_tool(name)
        if self._is_relation(each):
            return ""
        if each.begin is None or each.end is None:
            return "without offsets"
        return "an empty span" if each.begin == each.end else None

    def _is_of_document(self, each: Any) -> bool:
        """Whether it says something of the whole document, as a layer for its metadata does in INCEpTION.

        The head of a chain has no span either, but only leads to its first link.
        """
        name = each.type.name
        if name not in self._is_base:
            is_base = self._system.is_instance_of(name, _OF_DOCUMENT) and not self._has_span(each)
            self._is_base[name] = is_base and not is_of_tool(name)
        if not self._is_base[name]:
            return False
        told = (_text(value) for key, _ in self._feature_names(each) for value in _items(getattr(each, key, None)))
        return any(told)

    def _has_span(self, each: Any) -> bool:
        """Whether its type is an annotation, looked up once for each type."""
        name = each.type.name
        if name not in self._is_span:
            self._is_span[name] = self._system.is_instance_of(name, _ANNOTATION)
        return self._is_span[name]

    def _feature_names(self, each: Any) -> list[tuple[str, str]]:
        """The features of its type, as cassis and as the file call them, listed once for each type."""
        name = each.type.name
        if name not in self._names:
            found = [feature.name for feature in each.type.all_features if feature.name not in _OF_EACH]
            self._names[name] = [(feature, _RENAMED.get(feature, feature)) for feature in found]
        return self._names[name]

    def _is_relation(self, each: Any) -> bool:
        return {name for _, name in self._feature_names(each)}.issuperset(_ENDS)

    def _features(self, each: Any) -> Features:
        """All that the features of an annotation tell, those of what they point at included."""
        found: Features = {}
        for attribute, name in self._feature_names(each):
            for value in _items(getattr(each, attribute, None)):
                text = _text(value)
                if text is not None:
                    found.setdefault(name, []).append(text)
                elif {shown for _, shown in self._feature_names(value)}.issuperset(_LINK):
                    role = _text(getattr(value, "role", None))
                    for key in dict.fromkeys((name, role or name)):
                        _add(found, self._pointed_at(key, value.target))
                else:
                    _add(found, self._pointed_at(name, value))
        return found

    def _pointed_at(self, name: str, target: Any) -> Features:
        """The quote, kind and plain features of an annotation under the name of what points at it."""
        self._links_left -= 1
        if self._links_left < 0:  # a list may be shared by all annotations
            raise CorpusError(Problem(self._shown, 0, f"it has more than {_MOST_LINKS} links"))
        if target is None or not self._has_span(target) or target.begin is None or target.end is None:
            return {}
        if target.xmiID not in self._pointed:
            self._pointed[target.xmiID] = self._plain(target)
        return {name + inner: texts for inner, texts in self._pointed[target.xmiID].items()}

    def _plain(self, target: Any) -> Features:
        """The quote of an annotation under "", its kind under ".kind", and its plain features under their names."""
        start, end = target.begin, target.end
        text = target.sofa.sofaString or ""
        if not self._is_converted and target.xmiID not in self._indexed and target.sofa.sofaString == self._text:
            start, end = code_points(text, "utf-16").span(start, end)
        found = {"": [text[start:end]]} if end - start <= _LONGEST_QUOTE else {}
        found[".kind"] = [target.type.name]
        for attribute, inner in self._feature_names(target):
            texts = [told for value in _items(getattr(target, attribute, None)) if (told := _text(value)) is not None]
            if texts:
                found[f".{inner}"] = texts
        return found

    def _related(self, left_out: Counter[str]) -> dict[int, Features]:
        """What relations add to the annotations that they start from, by id.

        A relation is called as its type, and as its labels where it has some; its direction is the arrow's.
        """
        related: dict[int, Features] = {}
        for each in self._members:
            if not self._has_span(each) or is_of_tool(each.type.name) or not self._is_relation(each):
                continue
            source, target = (getattr(each, end) for end in _ENDS)
            if source is None or target is None:
                left_out["a relation without an end"] += 1
                continue
            if source.xmiID not in self._indexed or self._why_not(source) is not None:
                left_out["a relation that starts at no annotation"] += 1
                continue
            plain = [attribute for attribute, name in self._feature_names(each) if name not in _ENDS]
            labels = [text for name in plain if (text := _text(getattr(each, name, None))) is not None]
            for name in dict.fromkeys((each.type.name.rpartition(".")[2], *labels)):
                _add(related.setdefault(source.xmiID, {}), self._pointed_at(name, target))
        return related


def _items(value: Any) -> Iterable[Any]:
    """The items of an array or list; a value alone is one; nothing where there is none."""
    if value is None:
        return []
    elements = getattr(value, "elements", value if isinstance(value, list) else None)
    if elements is not None:
        return [each for each in elements[:_LONGEST_LIST] if each is not None]
    if hasattr(value, "head") and hasattr(value, "tail"):
        items: list[Any] = []
        while hasattr(value, "head") and len(items) < _LONGEST_LIST:  # a list may bite its own tail
            items.append(value.head)
            value = value.tail
        return [each for each in items if each is not None]
    return [] if getattr(getattr(value, "type", None), "name", "").startswith("uima.cas.Empty") else [value]


def _text(value: Any) -> str | None:
    """A plain value as text; None for what is none."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else None


def _add(found: Features, more: Mapping[str, list[str]]) -> None:
    for name, texts in more.items():
        found.setdefault(name, []).extend(texts)


def _told(features: Features) -> dict[str, Feature]:
    """A text where there is one, a list where there are several; empty texts tell nothing."""
    kept = {name: [text for text in texts if text] for name, texts in features.items()}
    return {name: texts[0] if len(texts) == 1 else texts for name, texts in kept.items() if texts}
