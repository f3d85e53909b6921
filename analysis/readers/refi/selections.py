"""The selections of a REFI-QDA project and their codings, taken out of the tree while it is read.

A project has a handful of codes and users, and a hundred thousand selections: as elements these would fill the memory.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from analysis.errors import Problem, brief
from analysis.readers.inputs.json_input import Problems
from analysis.readers.inputs.xml_input import Element
from analysis.readers.refi.project import Keys

SELECTION = "{*}PlainTextSelection"
_WHOLE_NUMBER = re.compile(r"\s*-?\d{1,15}\s*", re.ASCII)


class Coding(NamedTuple):
    """A coding: its GUID, its user's as a key, those of its codes as they are written, and its line."""

    guid: str
    user: str
    targets: Sequence[str | None]
    line: int


class Selection(NamedTuple):
    """A stretch of a text as the tool counts it, what it calls it, which may be the quote; its codings, and its line.

    The tuple of names and that of codings are mostly of one: a list would be larger.
    """

    start: int
    end: int
    names: tuple[str, ...]
    guid: str | None
    codings: tuple[Coding, ...]
    line: int


class _Kinds(dict[object, str]):
    """The names of elements in whatever namespace: to look each child's up is faster than to search for children."""

    def __missing__(self, tag: object) -> str:
        kind = self[tag] = str(tag).rpartition("}")[2]
        return kind


class Selections:
    """The selections by the source that they stand in; `problems` tell of those without a place, by source as well."""

    def __init__(self, problems: Problems) -> None:
        self.keys = Keys()
        self._kinds = _Kinds()
        self._problems = problems
        self._by_source: dict[Element, list[Selection]] = {}
        self._wrong: dict[Element, list[tuple[int, str]]] = {}

    def take(self, element: Element) -> bool:
        """Whether the element stands on a source of text: then what it says is kept."""
        source = element.getparent()
        if source is None or (source not in self._by_source and not str(source.tag).endswith("}TextSource")):
            return False
        kept = self._by_source.setdefault(source, [])
        first, last = element.get("startPosition", ""), element.get("endPosition", "")
        guid, line = element.get("guid"), element.sourceline or 0
        if not (_WHOLE_NUMBER.fullmatch(first) and _WHOLE_NUMBER.fullmatch(last)):
            found = f"selection {guid}: its positions are {brief(first)}, {brief(last)}"
            self._wrong.setdefault(source, []).append((line, found))
            return True
        names, codings, user = [element.get("name")], list[Coding](), element.get("creatingUser")
        for child in element:
            kind = self._kinds[child.tag]
            if kind == "Coding":
                codings.append(self._coding(child, user))
            elif kind == "Description":
                names.append(child.text)
        kept.append(Selection(int(first), int(last), tuple(filter(None, names)), guid, tuple(codings), line))
        return True

    def of(self, source: Element, name: str) -> list[Selection]:
        """The selections of a source; what is wrong with others is told under the `name` of its document."""
        told = ((line, f"{name}, {found}") for line, found in self._wrong.get(source, ()))
        self._problems.add(Problem(self._problems.file, line, found, "two whole numbers") for line, found in told)
        return self._by_source.get(source, [])

    def on(self, source: Element) -> Iterator[Coding]:
        """The codings of a source as a whole."""
        for element in source.iterchildren("{*}Coding"):
            yield self._coding(element, source.get("creatingUser"))

    def _coding(self, element: Element, user: str | None) -> Coding:
        """What a coding says; who coded it says itself, else its holder does, as `user`."""
        targets = [reference.get("targetGUID") for reference in element if self._kinds[reference.tag] == "CodeRef"]
        user = self.keys[element.get("creatingUser") or user]
        return Coding(element.get("guid") or "coding", user, targets, element.sourceline or 0)
