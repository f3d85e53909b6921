"""One W3C annotation as it stands in JSON, in any of the dialects: what it is on, and what each coder says of it.

Quirks: Hypothesis writes `user`, `tags`, `text` and `uri` where the standard has `creator`, `body` and a source.
Recogito gives each body its own creator, and its newer versions write `bodies`, and a selector for every piece of a
span, without types. JSON-LD lets one value stand for a list of one, and `@id` for `id`. A body without a purpose has
the annotation's motivation, else it is a comment. A motivation "linking" joins annotations, not texts.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, NamedTuple

from analysis.errors import brief
from analysis.readers.found import Feature
from analysis.readers.inputs.json_input import Place, fact, told
from analysis.readers.w3c.anchors import Selector

LARGEST = 1 << 53
_DEEPEST = 8
_NO_WORDS = "without the words or position of a span"
TAG, COMMENT = "tagging", "commenting"
_BODIES = ("body", "bodies", "bodyValue")


class Target(NamedTuple):
    """A source, or another annotation; with selectors, one for each piece of the span, none for the whole source."""

    source: str
    selectors: tuple[Selector, ...]


class Said(NamedTuple):
    """What one coder says in an annotation: tags, and texts by what they are for."""

    tags: list[str]
    features: dict[str, list[str]]


class Note(NamedTuple):
    """One annotation: its id, targets, the page's title, what each coder says, and whether it joins others."""

    name: str
    targets: list[Target]
    title: str
    said: dict[str, Said]
    is_link: bool
    file: str

    def place(self) -> Place:
        """Where it stands, as a message tells it."""
        return place_of(self.name, self.file)


def place_of(name: str, file: str) -> Place:
    """Where the annotation of this id stands."""
    return Place(file, 0, f"annotation {brief(name)}")


def note(record: Mapping[str, Any], name: str, place: Place, known: dict[str, str]) -> Note | str:
    """The annotation; the reason where it is to be left out. `known` holds the ids of the coders met, by name."""
    motivations = _words(record.get("motivation"), "motivation", place)
    if record.get("deleted") is True:
        return "deleted"
    if record.get("references") or "replying" in motivations:
        return "replies"
    if record.get("hidden") is True:
        return "hidden by a moderator"
    targets = []
    for value in listed(record.get("target")) or [""]:
        inner = _target(value, record, place)
        if isinstance(inner, str):
            return inner
        targets += inner
    said = _said(record, motivations, place, known)
    return Note(name, targets, title(record), said, "linking" in motivations, place.file)


def listed(value: Any) -> list[Any]:
    """The values of a field that may hold one, several or none."""
    return value if isinstance(value, list) else [] if value is None else [value]


def text_of(record: Mapping[str, Any], *names: str) -> str:
    """The first of the fields that holds a text; empty where none does."""
    for name in names:
        value = record.get(name)
        if isinstance(value, str) and value:
            return value
    return ""


def _words(value: Any, name: str, place: Place) -> list[str]:
    return [value] if type(value) is str else [place.need(word, str, name) for word in listed(value)]


def title(record: Mapping[str, Any]) -> str:
    """The title of the page that the annotation is on, as Hypothesis tells it."""
    document = record.get("document")
    titles = listed(document.get("title")) if isinstance(document, dict) else []
    return titles[0].strip() if titles and isinstance(titles[0], str) else ""


def _source(target: Mapping[str, Any], record: Mapping[str, Any]) -> str:
    inner = target.get("source")
    named = text_of(inner, "id", "@id") if isinstance(inner, dict) else inner if isinstance(inner, str) else ""
    return named or text_of(target, "id", "@id") or text_of(record, "uri")


def _target(value: Any, record: Mapping[str, Any], place: Place) -> list[Target] | str:
    """The targets in this value; several pieces of one text are one target."""
    if isinstance(value, str):
        return [Target(value or text_of(record, "uri"), ())]
    target = place.need(value, dict, "target")
    if "items" not in target:
        found = _selectors(target.get("selector"), place)
        return found if isinstance(found, str) else [Target(_source(target, record), found)]
    parts = []
    for item in place.need(target["items"], list, "target.items"):
        inner = {"source": item} if isinstance(item, str) else place.need(item, dict, "target.items")
        found = _selectors(inner.get("selector"), place)
        if isinstance(found, str):
            return found
        parts.append(Target(_source(inner, record), found))
    whole = len({part.source for part in parts}) == 1 and all(part.selectors for part in parts)
    if whole and target.get("type") in ("List", "Composite"):
        return [Target(parts[0].source, tuple(selector for part in parts for selector in part.selectors))]
    return parts


def _selectors(value: Any, place: Place) -> tuple[Selector, ...] | str:
    """The selector in all its forms as one, or, where the forms have no type, one for each; a reason if of no use."""
    given = listed(value)
    if not given:
        return ()
    forms = [(place.need(form, dict, "selector"), 0) for form in given if type(form) is not str]
    if forms and "quote" in forms[0][0] and all("quote" in form and "type" not in form for form, _ in forms):
        return tuple(_untyped(form, place) for form, _ in forms)
    quoted: dict[str, Any] = {}
    placed: dict[str, Any] = {}
    for form, depth in forms:
        kinds = [kind.removeprefix("oa:") for kind in _words(form.get("type") or form.get("@type"), "type", place)]
        if "TextQuoteSelector" in kinds:
            quoted = quoted or form
        elif "TextPositionSelector" in kinds and not depth:  # inside another selector it counts from there
            placed = placed or form
        if "refinedBy" in form or "items" in form:
            forms += _inner(form, depth, place)
    selector = _selector(quoted, placed, place)
    return (selector,) if selector.quote or selector.position else _NO_WORDS


def _inner(form: Mapping[str, Any], depth: int, place: Place) -> list[tuple[dict[str, Any], int]]:
    """The selectors inside a selector, which say more closely, or otherwise, what it selects."""
    if depth == _DEEPEST:
        raise place.wrong("selectors stand in selectors too deeply", f"at most {_DEEPEST}")
    inner = [*listed(form.get("refinedBy")), *listed(form.get("items"))]
    return [(place.need(each, dict, "selector"), depth + 1) for each in inner if not isinstance(each, str)]


def _selector(quoted: Mapping[str, Any], placed: Mapping[str, Any], place: Place) -> Selector:
    position = _position(placed, place) if placed else None
    if not quoted:
        return Selector(position=position)
    before = place.need(quoted.get("prefix") or "", str, "prefix")
    after = place.need(quoted.get("suffix") or "", str, "suffix")
    return Selector(place.need(quoted.get("exact"), str, "exact"), before, after, position)


def _untyped(form: Mapping[str, Any], place: Place) -> Selector:
    position = _position(form, place) if form.get("start") is not None else None
    return Selector(place.need(form["quote"], str, "quote"), position=position)


def _position(form: Mapping[str, Any], place: Place) -> tuple[int, int]:
    return place.span(form.get("start"), form.get("end"), LARGEST)


def _said(record: Mapping[str, Any], motivations: list[str], place: Place, known: dict[str, str]) -> dict[str, Said]:
    """What each coder says; who says nothing but marked the words stands there with nothing."""
    whose = coder(record, place, known) or "main"
    said: dict[str, Said] = defaultdict(lambda: Said([], {}))
    for body in _bodies(record):
        by = (coder(body, place, known) if isinstance(body, dict) else "") or whose
        purposes = _words(body.get("purpose"), "purpose", place) if isinstance(body, dict) else []
        for purpose in purposes or motivations or [COMMENT]:
            add(said[by], purpose, _value(body, place))
    for tag in listed(record.get("tags")):
        add(said[whose], TAG, place.need(tag, str, "tags"))
    if record.get("text"):
        add(said[whose], COMMENT, place.need(record["text"], str, "text"))
    if not said[whose].tags and not said[whose].features and len(said) > 1:
        del said[whose]
    return said


def _bodies(record: Mapping[str, Any]) -> list[Any]:
    bodies = [body for name in _BODIES if name in record for body in listed(record[name])]
    if not [body for body in bodies if isinstance(body, dict) and "items" in body]:
        return bodies
    inner = [listed(body["items"]) if isinstance(body, dict) and "items" in body else [body] for body in bodies]
    return [body for several in inner for body in several]


def add(said: Said, purpose: str, value: str) -> None:
    """Add a text to what a coder says, by what it is for; blanks say nothing."""
    if not value.strip():
        return
    if purpose == TAG:
        said.tags.append(value)
    else:
        said.features.setdefault("comment" if purpose == COMMENT else purpose, []).append(value)


def _value(body: Any, place: Place) -> str:
    if isinstance(body, str):
        return body
    record = place.need(body, dict, "body")
    if record.get("value") is not None:
        text = fact(record["value"])
        if text is None:
            raise place.wrong(f"the body's value is {told(record['value'])}", "a text")
        return text
    source = record.get("source")
    return text_of(source, "label", "id", "@id") if isinstance(source, dict) else text_of(record, "source", "id", "@id")


def coder(record: Mapping[str, Any], place: Place, known: dict[str, str]) -> str:
    """Who made it, by name; with the id behind it where somebody else has the name too."""
    if record.get("user") is None and record.get("creator") is None:
        return ""
    agent = next(iter([*listed(record.get("user")), *listed(record.get("creator"))]), "")
    if isinstance(agent, str):
        return agent
    identifier = text_of(place.need(agent, dict, "creator"), "id", "@id", "email")
    name = text_of(agent, "name", "nickname") or identifier
    return name if known.setdefault(name, identifier) == identifier else f"{name} ({identifier})"


def features(said: Said) -> dict[str, Feature]:
    """What a coder says besides tags, as features of a mark of its own."""
    if not said.features:
        return {}
    return {name: values[0] if len(values) == 1 else [*values] for name, values in said.features.items()}
