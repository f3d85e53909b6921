"""The selections of a REFI-QDA project and their codings, taken out of the tree while it is read.

A project has a handful of codes and users, and a hundred thousand selections: as elements these would fill the memory.
"""

import re
from collections.abc import Iterator
from sys import intern
from typing import NamedTuple

from analysis.errors import Problem, brief
from analysis.readers.inputs.json_input import Problems
from analysis.readers.inputs.xml_input import Element
from analysis.readers.refi.project import key
from analysis.readers.refi.text import Selection

SELECTION = "{*}PlainTextSelection"
_WHOLE_NUMBER = re.compile(r"\s*-?\d{1,15}\s*", re.ASCII)


class Coding(NamedTuple):
    """A coding: its GUID, its user's as a key, those of its codes as they are written, and its line."""

    guid: str
    user: str
    targets: tuple[str | None, ...]
    line: int


class Selected(NamedTuple):
    """A selection: its GUID, its place, its codings, and its line."""

    guid: str | None
    place: Selection
    codings: tuple[Coding, ...]
    line: int


class Selections:
    """The selections by the source that they stand in; `problems` tell of those without a place, by source as well."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._by_source: dict[Element, list[Selected]] = {}
        self._wrong: dict[Element, list[tuple[int, str]]] = {}

    def take(self, element: Element) -> bool:
        """Whether the element stands on a source of text: then what it says is kept."""
        source = element.getparent()
        if source is None or not str(source.tag).endswith("}TextSource"):
            return False
        first, last = element.get("startPosition", ""), element.get("endPosition", "")
        guid, line = element.get("guid"), element.sourceline or 0
        if not (_WHOLE_NUMBER.fullmatch(first) and _WHOLE_NUMBER.fullmatch(last)):
            found = f"selection {guid}: its positions are {brief(first)}, {brief(last)}"
            self._wrong.setdefault(source, []).append((line, found))
            return True
        told = (element.get("name"), *(child.text for child in element.iterchildren("{*}Description")))
        place = Selection(int(first), int(last), tuple(filter(None, told)))
        selected = Selected(guid, place, tuple(codings(element)), line)
        self._by_source.setdefault(source, []).append(selected)
        return True

    def of(self, source: Element, name: str) -> list[Selected]:
        """The selections of a source; what is wrong with others is told under the `name` of its document."""
        told = ((line, f"{name}, {found}") for line, found in self._wrong.get(source, ()))
        self._problems.add(Problem(self._problems.file, line, found, "two whole numbers") for line, found in told)
        return self._by_source.get(source, [])


def codings(holder: Element) -> Iterator[Coding]:
    """The codings of a selection or a source; who coded says the coding, else its holder."""
    for coding in holder.iterchildren("{*}Coding"):
        user = intern(key(coding.get("creatingUser") or holder.get("creatingUser")))
        targets = tuple(reference.get("targetGUID") for reference in coding.iterchildren("{*}CodeRef"))
        yield Coding(coding.get("guid") or "coding", user, targets, coding.sourceline or 0)
