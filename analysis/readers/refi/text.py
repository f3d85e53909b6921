"""How the tool that wrote a REFI-QDA project counted: whether ends are included, and CR LF is one character or two.

The standard does not say it and tools differ, so the texts are asked: under the right reading, spans begin and end
where words do, equal the quotes that some tools give as names, and do not overlap by one character all along.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from analysis.errors import CorpusError, ParameterError, Problem, unknown
from analysis.readers.inputs.offsets import Units, code_points
from analysis.readers.refi.selections import Selection

ENDS = ("exclusive", "inclusive")
_INSIDE_WORD, _BLANK_AT_EDGE, _OVERLAP, _NOT_THE_QUOTE, _OUTSIDE = 2, 1, 1, 4, 50
_CLEAR = 2
_ENOUGH = 2000
_ONE_FOR_CRLF = "atlas"


class Written(NamedTuple):
    """A text, None where it is missing, and the selections on it."""

    text: str | None
    selections: Sequence[Selection]


class Reading(NamedTuple):
    """One way to count: `is_one` tells whether CR LF is one character, `more` is 1 where ends are included."""

    is_one: bool
    more: int
    unit: str

    def text(self, text: str) -> str:
        """The text in which the offsets count."""
        return text.replace("\r\n", "\n") if self.is_one else text

    def units(self, text: str) -> Units:
        """The offsets of such a text."""
        return code_points(text, self.unit)


def reading(texts: Sequence[Written], origin: str, options: Mapping[str, str], shown: str) -> Reading:
    """The way of counting that fits the texts best, or that `options` give.

    Raises
    ------
    CorpusError
        The texts do not tell whether ends are included; the message names the option to set.
    """
    end, unit = options.get("end"), options.get("offset_unit", "code points")
    if end is not None and end not in ENDS:
        raise ParameterError(unknown("end", end, ENDS))
    has_crlf = any("\r\n" in (written.text or "") for written in texts)
    likely = origin.lower().startswith(_ONE_FOR_CRLF)
    variants = [likely, not likely] if has_crlf else [False]
    ends = [ENDS.index(end)] if end else [0, 1]
    if len(variants) == len(ends) == 1 and unit != "graphemes":
        return Reading(variants[0], ends[0], unit)
    ways = [Reading(one, more, unit) for one in variants for more in ends]
    try:
        way, is_clear = _best(_some(texts), ways)
        if not is_clear:
            way, is_clear = _best(texts, ways)
    except ValueError as error:
        raise CorpusError(Problem(shown, 0, str(error), "", "set the option offset_unit to another unit")) from None
    if not is_clear and any(written.selections for written in texts):
        found = "the texts do not tell whether a selection includes the character at its endPosition"
        hint = "set the option `end` to exclusive or inclusive; compare a passage in the tool that wrote the file"
        raise CorpusError(Problem(shown, 0, f"{found} (written by {origin or 'an unnamed tool'})", "", hint))
    return way


def _some(texts: Sequence[Written]) -> Sequence[Written]:
    """As many texts as are enough to ask, and those with CR LF first; a large project has many more."""
    found: list[Written] = []
    n_selections = 0
    for written in sorted(texts, key=lambda written: "\r\n" not in (written.text or "")):
        if n_selections >= _ENOUGH:
            break
        found.append(written)
        n_selections += len(written.selections)
    return found


def _best(texts: Sequence[Written], ways: Sequence[Reading]) -> tuple[Reading, bool]:
    """The way that fits the texts best, and whether it clearly fits better than with the other end."""
    costs = {way: _cost(texts, way) for way in ways}
    best = min(ways, key=lambda way: costs[way])
    others = [costs[way] for way in ways if way.is_one == best.is_one and way != best]
    return best, all(other - costs[best] >= _CLEAR and costs[best] * 2 <= other for other in others)


def _cost(texts: Iterable[Written], way: Reading) -> int:
    """How badly the selections of these texts fit them under this reading."""
    cost = 0
    for written in texts:
        starts = {selection.start for selection in written.selections}
        cost += _OVERLAP * way.more * sum(selection.end in starts for selection in written.selections)
        if written.text is not None:
            text = way.text(written.text)
            units = way.units(text)
            cost += sum(_misfit(text, units, selection, way.more) for selection in written.selections)
    return cost


def _misfit(text: str, units: Units, selection: Selection, more: int) -> int:
    try:
        start, end = units.span(selection.start, selection.end + more)
    except ValueError:
        return _OUTSIDE
    if start == end:
        return _BLANK_AT_EDGE
    cost = _INSIDE_WORD * (_is_inside_word(text, start) + _is_inside_word(text, end))
    cost += _BLANK_AT_EDGE * (text[start].isspace() + text[end - 1].isspace())
    is_other = _is_other_end(text, start, end, more, selection.name or "")
    return cost + _NOT_THE_QUOTE * (is_other or _is_other_end(text, start, end, more, selection.description or ""))


def _is_inside_word(text: str, at: int) -> bool:
    return 0 < at < len(text) and text[at - 1].isalnum() and text[at].isalnum()


def _is_other_end(text: str, start: int, end: int, more: int, name: str) -> bool:
    """Whether the name is the quote that the other way of ending would give."""
    other = end - 1 if more else end + 1
    return 0 < len(name) == other - start and text.startswith(name, start)
