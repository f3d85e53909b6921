"""Offsets as tools count them, made code points of the text: `code_points(text, unit).span(start, end)`.

Browsers and Java count UTF-16 units, where a character beyond U+FFFF (an emoji) is two; doccano can count grapheme
clusters, where a letter with its combining marks, an emoji with its modifiers and CR LF are one. Only the characters at
which the counts part are kept, so a text without them costs one search, and an offset one bisection.

Grapheme clusters follow UAX 29 for combining marks, flags, emoji sequences and CR LF. For conjoining Hangul letters,
spacing marks, viramas and prepended signs the rules differ between versions of Unicode: such a text is refused.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator

from analysis.errors import ParameterError, unknown

UNITS = ("code points", "utf-16", "graphemes")
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_FLAGS = "\U0001f1e6-\U0001f1ff"
_JOINED = "\u200c\u200d\U0001f3fb-\U0001f3ff"
_VIRAMA = 9
_HANGUL = re.compile("[\u1100-\u11ff\ua960-\ua97c\ud7b0-\ud7fb]")
_PREPENDED = re.compile(
    "[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u0d4e\U000110bd\U000110cd\U000111c2\U000111c3\U0001193f\U00011941"
    "\U00011a3a\U00011a84-\U00011a89\U00011d46\U00011f02]"
)


class Units:
    """The offsets of a text in some unit: `longer` are the places, in that unit, after which the counts part.

    `shifts[k]` is what an offset behind k of the places needs to become a code point. `n_units` is the length of the
    text. `width` is the number of units that a character at one of the places has: only its first can be pointed at.
    """

    def __init__(self, n_units: int, *, longer: list[int], shifts: list[int], width: int = 1) -> None:
        self.n_units, self._longer, self._shifts, self._width = n_units, longer, shifts, width
        self.is_plain = not longer  # offsets are code points already

    def point(self, offset: int) -> int:
        """The code point at which `offset` stands; ValueError, with the reason, where there is none."""
        if not 0 <= offset <= self.n_units:
            raise ValueError(f"offset {offset} is not in the text, which has {self.n_units} characters as counted here")
        behind = bisect_left(self._longer, offset)
        if behind and offset < self._longer[behind - 1] + self._width:
            raise ValueError(f"offset {offset} is in the middle of a character")
        return offset + self._shifts[behind]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Start and end as code points; ValueError, with the reason, where they are no span of the text."""
        if self.is_plain and 0 <= start <= end <= self.n_units:  # by far the most
            return start, end
        if end < start:
            raise ValueError(f"the span ends at {end}, before its start at {start}")
        return self.point(start), self.point(end)


def code_points(text: str, unit: str) -> Units:
    """The offsets of `text` counted in `unit`, one of UNITS; ParameterError for another unit.

    >>> code_points("😀 yes", "utf-16").span(3, 6)
    (2, 5)

    Raises
    ------
    ValueError
        Graphemes are asked for in a text whose graphemes are not certain.
    """
    if unit not in UNITS:
        raise ParameterError(unknown("offset_unit", unit, UNITS))
    if unit == "code points" or (text.isascii() and "\r" not in text):
        return Units(len(text), longer=[], shifts=[0])
    return _utf16(text) if unit == "utf-16" else _graphemes(text)


def _utf16(text: str) -> Units:
    longer = [match.start() + k for k, match in enumerate(_ASTRAL.finditer(text))]
    return Units(len(text) + len(longer), longer=longer, shifts=list(range(0, -len(longer) - 1, -1)), width=2)


def _graphemes(text: str) -> Units:
    """A cluster of several code points shifts all that follows; inside it no offset can point."""
    longer, shifts = [], [0]
    for start, end in _clusters(text):
        longer.append(start - shifts[-1])
        shifts.append(shifts[-1] + end - start - 1)
    return Units(len(text) - shifts[-1], longer=longer, shifts=shifts)


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each grapheme cluster that has more than one code point."""
    found = set(text)
    unsure = sorted(char for char in found if _is_unsure(char))
    if unsure:
        signs = ", ".join(f"U+{ord(char):04X}" for char in unsure[:5])
        raise ValueError(f"graphemes of this text cannot be counted with certainty: it has {signs}")
    marks = _class(char for char in found if unicodedata.category(char) in ("Mn", "Me")) + _JOINED
    controls = _class(char for char in found if unicodedata.category(char) in ("Cc", "Zl", "Zp"))
    formats = _class(char for char in found if unicodedata.category(char) == "Cf" and char not in "\u200c\u200d")
    signs = _class(char for char in found if unicodedata.category(char) == "So" and char > "\u2000") + "\u2194"
    base = f"[{_FLAGS}]{{2}}|[^\0{controls}{formats}]"
    joined = f"(?:[{marks}]|(?<=\u200d)(?:(?<![^{signs}{marks}]\u200d))[{signs}])"
    cluster = re.compile(f"\r\n|(?:{base}){joined}+|[{_FLAGS}]{{2}}")
    return (match.span() for match in cluster.finditer(text))


def _class(chars: Iterator[str]) -> str:
    return "".join(map(re.escape, sorted(chars)))


def _is_unsure(char: str) -> bool:
    if char.isascii():
        return False
    unsure = unicodedata.category(char) == "Mc" or unicodedata.combining(char) == _VIRAMA
    return unsure or bool(_HANGUL.match(char) or _PREPENDED.match(char))
