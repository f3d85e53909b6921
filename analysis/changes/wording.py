"""Values as the sentences and tables of this room write them: short, harmless, and missing ones named as missing.

Texts come from articles and codebooks and may hold anything. Escaping is left to the templates; what is taken out here
are characters that nobody sees but that reorder the line around them, or that XML does not allow at all.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from analysis import dates

GLYPHS = {"support": "+", "oppose": "−", "neutral": "0", "mixed": "±"}
NONE = "none"
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
_WIDEST = 80


def clean(text: object) -> str:
    """`text` without control characters, marks of direction, and what no XML document may hold.

    Examples
    --------
    >>> clean("a" + chr(0) + chr(0x202E) + "b")
    'ab'
    """
    return "" if text is None or text is pd.NaT or text != text else _HIDDEN.sub("", str(text))  # noqa: PLR0124  # NaN


def clipped(text: object, width: int = _WIDEST) -> str:
    """`text` on one line of at most `width` characters; nothing where it is missing."""
    flat = " ".join(clean(text).split())
    return flat if len(flat) <= width else f"{flat[: width - 2].rstrip()} …"


def signed(value: float) -> str:
    """A stance with its sign, a true minus, at most two decimals; `none` where there is none.

    Examples
    --------
    >>> signed(0.5), signed(-1.0), signed(-0.001), signed(float("nan"))
    ('+0.5', '−1', '0', 'none')
    """
    if pd.isna(value):
        return NONE
    rounded = round(float(value), 2)
    return f"{rounded:+g}".replace("-", "−") if rounded else "0"


def counted(count: int, noun: str) -> str:
    """A count with its noun: "1 article", "1,200 articles", "2 copies"."""
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{count:,} {noun if count == 1 else plural}"


def label(identifier: object) -> str:
    """An id as words: `de_facto_authority` reads "de facto authority"."""
    return clipped(identifier).replace("_", " ")


def name(actor: str, names: Mapping[str, str]) -> str:
    """The actor's name, or the id where there is none, cut to a sentence's measure."""
    return clipped(names.get(actor, actor), 60)


def day(row: Mapping[str, Any], prefix: str = "date") -> str:
    """The date of a row as its source gave it; `none` where the row has none.

    A table of an older version may lack the precision: then the interval itself is told.
    """
    start, end, precision = (row.get(f"{prefix}_{part}") for part in ("start", "end", "precision"))
    if start is None or pd.isna(start):
        return NONE
    known = precision if precision in dates.PRECISIONS else "interval"
    return dates.label(start, start if end is None or pd.isna(end) else end, known)


def quoted(text: object, width: int = _WIDEST) -> str:
    """`text` between quotation marks; `none` where it is missing."""
    words = clipped(text, width)
    return f"“{words}”" if words else NONE


def listed(texts: Sequence[str], most: int) -> str:
    """The first `most` of the texts, and how many more there are."""
    more = [f"and {len(texts) - most:,} more"] if len(texts) > most else []
    return "; ".join([*texts[:most], *more])
