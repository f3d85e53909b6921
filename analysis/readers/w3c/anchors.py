"""Where the words of a selector stand in a text: by quote with what is before and after it, then by position.

The quote decides. A position is believed only where the quote stands at it, and is needed only where the quote stands
in several places; without a quote it is all there is. Nothing is guessed: letters and spaces must be the text's own,
and a quote that no context and no position makes unique is a problem.
"""

from collections.abc import Sequence
from typing import NamedTuple

from analysis.errors import Problem, brief
from analysis.readers.found import joined
from analysis.readers.inputs.offsets import code_points
from analysis.readers.native import spans

_MOST_SEARCHED, _MOST_COMPARED = 1 << 32, 30_000_000
LONGEST = 10_000
Span = tuple[int, int]


class Selector(NamedTuple):
    """What a tool keeps of a span: its words, what stands around them, and its position in the tool's own units."""

    quote: str = ""
    before: str = ""
    after: str = ""
    position: Span | None = None


def words(text: str, pieces: Sequence[Span], most: int = LONGEST) -> str | None:
    """The text of the pieces as one; None above `most` characters, which nobody reads as a quote."""
    if len(pieces) == 1 and pieces[0][1] - pieces[0][0] <= most:
        return text[slice(*pieces[0])]
    if not pieces or sum(end - start for start, end in pieces) > most:
        return None
    return joined([text[start:end] for start, end in pieces], pieces)


class Page:
    """A text in which selectors are looked up; positions count in one of `units`, the first where they agree."""

    def __init__(self, text: str, units: tuple[str, ...]) -> None:
        self.text = text
        counts = [code_points(text, unit) for unit in units]
        alike = all(count.n_units == len(text) for count in counts)
        self._counts = counts[:1] if alike else counts
        self._is_plain = alike and counts[0].is_plain
        self._searched = self._compared = 0

    def at_position(self, selector: Selector) -> Span | None:
        """The span at the selector's position, where its quote stands there and what is around it; by far the most."""
        quote, before, after, position = selector
        if not quote or position is None:
            return None
        if not self._is_plain:
            near = self._near(selector)
            return near[0] if len(near) == 1 and self._stands(before, near[0], after) else None
        start, end = position
        first = start - len(before)
        is_there = end - start == len(quote) and first >= 0 and self.text.startswith(before + quote + after, first)
        return position if is_there else None

    def place(self, selector: Selector) -> Span | str:
        """The span that the selector means; a word for what is wrong where it means none or several."""
        if not selector.quote:
            near = self._positions(selector)
            return near[0] if len(near) == 1 else "unit" if near else "position"
        if span := self.at_position(selector):
            return span
        near = self._near(selector)
        contexts = dict.fromkeys(
            [(selector.before, selector.after), (selector.before, ""), ("", selector.after), ("", "")]
        )
        is_there = False
        for before, after in contexts:
            fitting = [span for span in near if self._stands(before, span, after)]
            if len(fitting) == 1:
                return fitting[0]
            places = self._two(before + selector.quote + after)
            if len(places) == 1:
                start = places[0] + len(before)
                return start, start + len(selector.quote)
            is_there = is_there or bool(places)
        return "long" if self._searched > _MOST_SEARCHED else "ambiguous" if is_there else "absent"

    def problem(self, wrong: str, selector: Selector, file: str, what: str) -> Problem:
        """The problem that such a word stands for."""
        if wrong == "absent":
            return self._absent(selector.quote, file, what)
        if wrong == "ambiguous":
            found = f"the quote {brief(selector.quote)} stands in several places of the text"
            expected = "a prefix and suffix, or a position, that fit one of them"
        elif wrong == "long":
            found, expected = "there are too many quotes to look up in so long a text", "positions that fit the text"
        elif wrong == "unit":
            found = f"the position {selector.position} depends on how characters beyond U+FFFF (emoji) count"
            expected = "the option offset_unit: utf-16 (browsers) or code points"
        else:
            found, expected = f"the position {selector.position} is not in the text", "the text that was annotated"
        return Problem(file, 0, f"{what}: {found}", expected)

    def _absent(self, quote: str, file: str, what: str) -> Problem:
        """The problem of a quote that stands nowhere; with the nearest passage, unless many were compared already."""
        is_first, size = not self._compared, len(self.text) * len(quote)
        self._compared += size
        if is_first or self._compared <= _MOST_COMPARED:
            return spans.absent(spans.Quote(quote), self.text, file=file, line=0, what=what)
        return Problem(file, 0, f"{what}: the quote {brief(quote)} is not in the text")

    def _positions(self, selector: Selector) -> list[Span]:
        found: list[Span] = []
        for count in self._counts if selector.position else ():
            try:
                span = count.span(*(selector.position or (0, 0)))
            except ValueError:  # not in the text as this unit counts
                continue
            if span not in found:
                found.append(span)
        return found

    def _near(self, selector: Selector) -> list[Span]:
        """The places that the position may mean at which the quote stands."""
        quote, size = selector.quote, len(selector.quote)
        places = self._positions(selector)
        return [(start, end) for start, end in places if end - start == size and self.text.startswith(quote, start)]

    def _stands(self, before: str, span: Span, after: str) -> bool:
        start = span[0] - len(before)
        return start >= 0 and self.text.startswith(before, start) and self.text.startswith(after, span[1])

    def _two(self, words: str) -> list[int]:
        """The first two places of these words; none where too much of the text has been searched already."""
        places: list[int] = []
        at = -1
        while len(places) < 2 and self._searched <= _MOST_SEARCHED:  # noqa: PLR2004  # the second tells: not unique
            start = at + 1
            at = self.text.find(words, start)
            self._searched += (at if at >= 0 else len(self.text)) - start + len(words)
            if at < 0:
                break
            places.append(at)
        return places
