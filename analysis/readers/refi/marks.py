"""The marks of a REFI-QDA project: each code of each coding on a selection or on a whole source."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import NamedTuple

from analysis.errors import Problem, brief
from analysis.readers.found import Mark
from analysis.readers.inputs.json_input import Problems
from analysis.readers.inputs.xml_input import Element
from analysis.readers.refi.project import Keys
from analysis.readers.refi.selections import Coding, Selection
from analysis.readers.refi.text import Reading

_LONGEST_QUOTE = 10_000  # thousands of spans of a whole long text would fill the memory with its copies

Place = tuple[int | None, int | None, str | None]


class Source(NamedTuple):
    """A text source: its element, the name of its document, its text, and its selections."""

    element: Element
    name: str
    text: str | None
    selections: list[Selection]
    codings: list[Coding]


class Project(NamedTuple):
    """What the marks of all sources refer to, and where to tell what is wrong or left out."""

    shown: str
    codes: Mapping[str, str]
    users: Mapping[str, str]
    keys: Keys
    way: Reading
    problems: Problems
    left_out: Counter[str]


def marks(source: Source, text: str | None, project: Project) -> list[Mark]:
    """The codings of a source: those on its selections, then those on the whole."""
    units = project.way.units(text) if text is not None else None
    more, coded = project.way.more, _Coded(source.name, project)
    for first, last, _, description, guid, codings, line in source.selections:
        try:
            if units:
                start, end = units.span(first, last + more)
            elif 0 <= first <= last + more:
                start, end = first, last + more
            else:
                raise ValueError(f"{first}–{last + more} is no span")  # noqa: TRY301  # told like the others
        except ValueError as error:
            found = f"{source.name}, selection {guid}: {error}"
            project.problems.add([Problem(project.shown, line, found, "a span of the text")])
            continue
        if start == end or not codings:
            project.left_out["an empty span" if codings else "a selection without a code"] += len(codings) or 1
            continue
        quote = text[start:end] if text is not None and end - start <= _LONGEST_QUOTE else None
        for coding in codings:
            coded.add(coding, (start, end, quote))
        if description and (text is None or description.strip() != text[start:end].strip()):
            project.left_out["a description of a selection"] += 1
    for coding in source.codings:
        coded.add(coding, (None, None, None))
    return coded.marks


class _Coded:
    """The marks of one source; of two codings of one name and coder the second gets a number."""

    def __init__(self, document: str, project: Project) -> None:
        self.marks: list[Mark] = []
        self._document, self._project = document, project
        self._where = f"{project.shown}, {document}, coding "
        self._taken: dict[str, Counter[str]] = defaultdict(Counter)

    def add(self, coding: Coding, place: Place) -> None:
        """The mark of a coding, or of each of its codes; `place` is start, end and quote."""
        guid, user, targets, line = coding
        project = self._project
        coder = project.users.get(user, user) or "main"
        taken, where = self._taken[coder], self._where + guid
        for target in targets:
            kind = project.codes.get(project.keys[target])
            if kind is None:
                found = f"{self._document}, coding {guid}: its code {brief(target)} is no code here"
                project.problems.add([Problem(project.shown, line, found, "the GUID of a code")])
                continue
            name = unique(guid, taken) if guid in taken else guid
            taken[name] = 1
            self.marks.append(Mark._make((self._document, coder, name, kind, *place, (), {}, where)))  # twice as fast
        if not targets:
            project.left_out["a coding without a code"] += 1


def unique(wanted: str, taken: Counter[str]) -> str:
    """The name, with a number behind it where it is taken."""
    name = wanted
    while name in taken:
        taken[wanted] += 1
        name = f"{wanted} ({taken[wanted]})"
    taken[name] = 1
    return name
