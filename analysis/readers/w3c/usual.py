"""The short way through W3C annotations of the usual form: one target with a quote, one coder, plain bodies and tags.

Nearly all annotations have this form, and reading a million of them takes a third of the time that it takes to look
for everything that the standard allows. Whatever is missing, of another type or seldom makes None, and the annotation
goes the long way (`notes.note`, `marks.marks`), which alone tells what is wrong. Both give the same.
"""

from collections.abc import Mapping
from typing import Any

from analysis.errors import brief
from analysis.readers.found import Mark
from analysis.readers.w3c.anchors import Page, Selector
from analysis.readers.w3c.notes import COMMENT, LARGEST, TAG, Note, Said, Target, add, coder, features, place_of, title

_SELDOM = frozenset(("deleted", "references", "bodies", "bodyValue"))
_SELDOM_IN_A_BODY = frozenset(("creator", "user", "items"))
_SELDOM_IN_A_SELECTOR = frozenset(("quote", "refinedBy", "items"))
_SEVERAL = 100  # more marks of one annotation go the long way, which has a limit


def note(record: Mapping[str, Any], name: str, file: str, known: dict[str, str]) -> Note | None:
    """The annotation, if all of it is of the usual form."""
    motivation = record.get("motivation", COMMENT)
    if type(motivation) is not str or motivation == "replying":
        return None
    if record.get("hidden") or not _SELDOM.isdisjoint(record):
        return None
    target = _target(record.get("target"))
    said = _said(record, motivation) if target else None
    if not (target and said):
        return None
    whose = _coder(record, name, file, known)  # last: it remembers whom it met
    words = title(record) if "document" in record else ""
    return Note(name, [target], words, {whose or "main": said}, motivation == "linking", file)


def _target(value: Any) -> Target | None:
    """A target that names its source and has selectors of which one is a quote, in whatever order."""
    if type(value) is list and len(value) == 1:
        value = value[0]
    if type(value) is not dict or "items" in value:
        return None
    source, forms = value.get("source"), value.get("selector")
    if type(source) is not str or not source or type(forms) is not list:
        return None
    quoted = placed = None
    for form in forms:
        kind = form.get("type") if type(form) is dict and _SELDOM_IN_A_SELECTOR.isdisjoint(form) else None
        if kind == "TextQuoteSelector":
            quoted = quoted or form
        elif kind == "TextPositionSelector":
            placed = placed or form
        elif type(kind) is not str or not kind or ":" in kind:
            return None
    selector = quoted and _selector(quoted, placed)
    return Target(source, (selector,)) if selector else None


def _selector(quoted: Mapping[str, Any], placed: Mapping[str, Any] | None) -> Selector | None:
    quote, before, after = quoted.get("exact"), quoted.get("prefix", ""), quoted.get("suffix", "")
    if not (type(quote) is type(before) is type(after) is str and quote):
        return None
    if placed is None:
        return Selector(quote, before, after)
    start, end = placed.get("start"), placed.get("end")
    if not (type(start) is int and type(end) is int and 0 <= start <= end <= LARGEST):
        return None
    return Selector(quote, before, after, (start, end))


def _said(record: Mapping[str, Any], motivation: str) -> Said | None:
    """What the only coder says, where every body has words; one without a purpose has the annotation's motivation."""
    bodies, tags, text = record.get("body", []), record.get("tags", []), record.get("text", "")
    if type(bodies) is dict:
        bodies = [bodies]
    if not (type(bodies) is type(tags) is list and type(text) is str):
        return None
    said = Said([], {})
    for body in bodies:
        if type(body) is not dict or not _SELDOM_IN_A_BODY.isdisjoint(body):
            return None
        purpose, value = body.get("purpose", motivation), body.get("value")
        if not (type(purpose) is type(value) is str):
            return None
        if purpose == TAG and value.strip():  # as `add` does, which is a call less
            said.tags.append(value)
        else:
            add(said, purpose, value)
    for tag in tags:
        if type(tag) is not str:
            return None
        add(said, TAG, tag)
    if text:
        add(said, COMMENT, text)
    return said


def _coder(record: Mapping[str, Any], name: str, file: str, known: dict[str, str]) -> str:
    """Who made it; the long way where that is neither a text nor somebody with an id and a name."""
    if "user" in record:
        user = record["user"]
        return user if type(user) is str else coder(record, place_of(name, file), known)
    agent = record.get("creator", "")
    if type(agent) is str:
        return agent
    if type(agent) is dict:
        identifier, called = agent.get("id"), agent.get("name")
        if type(identifier) is type(called) is str and identifier and called:
            return called if known.setdefault(called, identifier) == identifier else f"{called} ({identifier})"
    return coder(record, place_of(name, file), known)


def marks(note: Note, pages: Mapping[str, Page], file: str) -> list[Mark]:
    """The marks of an annotation whose quote stands at its position, where only one coder says something; else none."""
    if len(note.targets) != 1 or len(note.said) != 1:
        return []
    ((source, selectors),) = note.targets
    page = pages.get(source)
    span = page.at_position(selectors[0]) if page and len(selectors) == 1 else None
    ((coder, said),) = note.said.items()
    kinds = said.tags or ["annotation"]
    if span is None or len(kinds) > _SEVERAL:
        return []
    (start, end), quote, where = span, selectors[0].quote, f"{file}: annotation {brief(note.name)}"
    found = [Mark(source, coder, note.name, kinds[0], start, end, quote, (), features(said), where)]
    for number, kind in enumerate(kinds[1:], 2):
        found.append(Mark(source, coder, f"{note.name}.{number}", kind, start, end, quote, (), features(said), where))
    return found
