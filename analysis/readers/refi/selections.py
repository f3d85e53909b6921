"""The selections of a REFI-QDA project and their codings, taken out of the tree while it is read.

A project has a handful of codes and users, and a hundred thousand selections: as elements these would fill the memory.
Elements are told by their names in whatever namespace, or in none: not all tools write that of the standard.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from analysis.errors import Problem, brief
from analysis.readers.inputs import xml_input
from analysis.readers.inputs.json_input import Problems
from analysis.readers.inputs.xml_input import Element
from analysis.readers.refi.project import Keys, Kinds

SELECTION, TEXT_SOURCE, SOURCES = "PlainTextSelection", "TextSource", "Sources"
_WHOLE_NUMBER = re.compile(r"\s*-?\d{1,15}\s*", re.ASCII)


class Coding(NamedTuple):
    """A coding: its GUID, its user's as a key, those of its codes as they are written, and its line."""

    guid: str
    user: str
    targets: Sequence[str | None]
    line: int


class Selection(NamedTuple):
    """A stretch of a text as the tool counts it, its name and description, either perhaps the quote; its codings, line.

    The tuple of codings is mostly of one: a list would be larger.
    """

    start: int
    end: int
    name: str | None
    description: str | None
    guid: str | None
    codings: tuple[Coding, ...]
    line: int


class Selections:
    """The selections by the source that they stand in; `problems` tell of those without a place, by source as well."""

    def __init__(self, problems: Problems) -> None:
        self.keys = Keys()
        self.kinds = Kinds()
        self._problems = problems
        self._by_source: dict[Element, list[Selection]] = {}
        self._wrong: dict[Element, list[tuple[int, str]]] = {}

    def begin(self, source: Element) -> list[Selection]:
        """The list for the selections of a source, empty as yet."""
        kept = self._by_source[source] = []
        return kept

    def take(self, element: Element) -> bool:
        """Whether the element stands on a source of text: then what it says is kept."""
        source = element.getparent()
        if source is None or (source not in self._by_source and not self._is_text(source)):
            return False
        kept = self._by_source[source] if source in self._by_source else self.begin(source)
        first, last = element.get("startPosition", ""), element.get("endPosition", "")
        guid, line = element.get("guid"), element.sourceline or 0
        if not (_WHOLE_NUMBER.fullmatch(first) and _WHOLE_NUMBER.fullmatch(last)):
            found = f"selection {guid}: its positions are {brief(first)}, {brief(last)}"
            self._wrong.setdefault(source, []).append((line, found))
            return True
        description, codings = None, []
        for child in element:
            kind = self.kinds[child.tag]
            if kind == "Coding":
                codings.append(self._coding(child, element.get("creatingUser")))
            elif kind == "Description":
                description = child.text
        said = element.get("name"), description, guid
        kept.append(Selection(int(first), int(last), *said, tuple(codings), line))
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

    def _is_text(self, element: Element) -> bool:
        """Whether it is a text source where the standard has them, in Sources below the root."""
        outer = element.getparent()
        root = outer.getparent() if outer is not None else None
        if outer is None or root is None or root.getparent() is not None:
            return False
        return (self.kinds[outer.tag], self.kinds[element.tag]) == (SOURCES, TEXT_SOURCE)

    def _coding(self, element: Element, user: str | None) -> Coding:
        """What a coding says; who coded it says itself, else its holder does, as `user`."""
        targets = [reference.get("targetGUID") for reference in element if self.kinds[reference.tag] == "CodeRef"]
        user = self.keys[element.get("creatingUser") or user]
        return Coding(element.get("guid") or "coding", user, targets, element.sourceline or 0)


def parsed(data: bytes, shown: str, problems: Problems) -> tuple[Element, Selections]:
    """The root element of a project without the selections on its texts, and these.

    Raises
    ------
    CorpusError
        It is no sound XML; what is wrong with selections is told by `Selections.of`.
    """
    selections = Selections(problems)
    return xml_input.root_without(data, shown, f"{{*}}{SELECTION}", selections.take), selections
