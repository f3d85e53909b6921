"""The shared look: one glyph, word, colour and symbol per meaning, in every figure and table.

Colour never stands alone. Diverging colours of one lightness turn into the same grey on a printer, and one reader in
twelve sees red and green alike: each state has its glyph, each quad class its symbol, each actor colour and symbol.
"""

import re
import textwrap
import unicodedata
from collections import namedtuple
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from html import escape
from typing import Any, NamedTuple

import pandas as pd

INK, FAINT, RULE, PAPER = "#1c1c1c", "#5c5c5c", "#d0d0d0", "#ffffff"
GAP = "#b8b8b8"  # the hatching of "no statement" and "no article"
NOTHING = "No {what} in this selection"
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


class State(NamedTuple):
    """A cell's state: `glyph` and `word`; `fill` under `ink` where evidence is ample, `pale` with `edge` where thin."""

    glyph: str
    word: str
    fill: str
    ink: str
    pale: str
    edge: str


class Quad(NamedTuple):
    """An event's quad class: `word`, `symbol` (matplotlib), `shape` (plotly), `color`, and `tint` for the uncertain."""

    word: str
    symbol: str
    shape: str
    color: str
    tint: str


class Actor(NamedTuple):
    """An actor's line: `color`, `symbol` (matplotlib) and `shape` (plotly)."""

    color: str
    symbol: str
    shape: str


STATES = {
    "support": State("+", "support", "#1d4f8a", "#ffffff", "#d3e3f4", "#1d4f8a"),
    "mixed": State("±", "mixed", "#7d62a8", "#ffffff", "#e6dff0", "#7d62a8"),
    "oppose": State("−", "oppose", "#e8923a", "#1c1c1c", "#fbe5cd", "#b8650f"),
    "neutral": State("0", "neutral", "#dcdcd6", "#1c1c1c", "#f4f4f0", "#77776f"),
}
SILENT = "no statement"
THIN = "thin: fewer than 3 articles, no interval"
QUADS = {
    "verbal_cooperation": Quad("verbal cooperation", "o", "circle", "#4a90c8", "#cfe3f3"),
    "material_cooperation": Quad("material cooperation", "s", "square", "#0d3057", "#b3c6dc"),
    "verbal_conflict": Quad("verbal conflict", "^", "triangle-up", "#e39a3b", "#f9e2c4"),
    "material_conflict": Quad("material conflict", "D", "diamond", "#93330d", "#e0bfb1"),
}
ACTORS = (
    Actor("#0b62a4", "o", "circle"),
    Actor("#c9510c", "s", "square"),
    Actor("#00805e", "^", "triangle-up"),
    Actor("#b0548c", "D", "diamond"),
    Actor("#3f9fd6", "v", "triangle-down"),
    Actor("#b37a00", "P", "cross"),
    Actor("#1c1c1c", "X", "x"),
    Actor("#7a5230", "*", "star"),
)
OTHERS = Actor("#8c8c8c", "o", "circle")


_HEADINGS = {
    "number": "no.",
    "label": "event",
    "title": "article",
    "article_id": "article",
    "check": "the statement …",
    "share": "share of all",
    "articles": "in",
    "actors": "who",
    "recipients": "to whom",
    "published_precision": "precision",
    "date_precision": "precision",
    "date_basis": "basis",
    "date_start": "from",
    "date_end": "to",
    "period_start": "from",
    "period_end": "to",
    "first": "from",
    "last": "to",
    "ci_low": "95% from",
    "ci_high": "95% to",
    "n_support": "+",
    "n_neutral": "0",
    "n_oppose": "−",
    "n_mixed": "±",
    "n_spoken_for": "as institution",
    "coder_id": "coder",
    "n_units": "compared",
    "n_alone": "one coder only",
    "n_matched": "both",
    "percent": "same",
    "ac1": "AC1",
}


def heading(column: str) -> str:
    """The usual heading of a column; for one without, its name without the prefix of counts.

    Examples
    --------
    >>> heading("date_start"), heading("n_articles"), heading("outlet")
    ('from', 'articles', 'outlet')
    """
    return _HEADINGS.get(column, column.removeprefix("n_").replace("_", " "))


def actor_marks(actors: Iterable[str]) -> dict[str, Actor]:
    """The mark of each actor: the first eight each their own, all others the same grey dot."""
    listed = list(dict.fromkeys(actors))
    return {actor: ACTORS[at] if at < len(ACTORS) else OTHERS for at, actor in enumerate(listed)}


def name_of(names: Mapping[str, str] | pd.Series, actor: str) -> str:
    """The actor's name as shown; the id itself where the codebook has none."""
    name = names.get(actor)
    return str(name) if isinstance(name, str) and name.strip() else str(actor)


def each(frame: pd.DataFrame) -> Iterator[Any]:
    """The rows of a frame, its columns as attributes; pandas' own way takes three times as long for a few rows."""
    row = _row(tuple(frame.columns))
    return map(row._make, zip(*(values.tolist() for _, values in frame.items()), strict=True))


def grouped(frame: pd.DataFrame, *keys: str) -> dict[tuple[Any, ...], list[Any]]:
    """The rows of `each` by what they have in the columns `keys`, in the frame's order."""
    groups: dict[tuple[Any, ...], list[Any]] = {}
    for row, key in zip(each(frame), zip(*(frame[column].tolist() for column in keys), strict=True), strict=True):
        groups.setdefault(key, []).append(row)
    return groups


@cache
def _row(columns: tuple[str, ...]) -> Any:
    return namedtuple("Row", columns, rename=True)  # noqa: PYI024  # its columns are known when it is made


def literal(text: Any) -> str:
    """`text` without characters that nobody sees but that reorder or break what stands around them."""
    return _HIDDEN.sub("", "" if pd.isna(text) else str(text))


def plain(text: Any) -> str:
    """`text` as plotly shows it to the letter: its labels read tags, entities and, between $ signs, TeX.

    Examples
    --------
    >>> plain("<b>$x$</b>")
    '&lt;b&gt;&#36;x&#36;&lt;/b&gt;'
    """
    return escape(literal(text), quote=False).replace("$", "&#36;")


def wrapped(text: Any, width: int, *, lines: int = 3) -> list[str]:
    """`text` in at most `lines` lines of `width` characters; too long words are broken, the rest cut off."""
    flat = " ".join(unicodedata.normalize("NFC", literal(text)).split())
    return textwrap.wrap(flat, width, max_lines=lines, placeholder=" …", break_long_words=True) or [""]


def number(value: Any) -> str:
    """A stance as it is written everywhere: sign and two decimals, a true minus, nothing where there is none.

    Examples
    --------
    >>> number(-0.5), number(0.0), number(float("nan"))
    ('−0.50', '0.00', '')
    """
    if pd.isna(value):
        return ""
    shown = f"{round(float(value), 2) + 0.0:+.2f}".replace("-", "−")
    return shown.lstrip("+−") if shown[1:] == "0.00" else shown


def interval(low: Any, high: Any) -> str:
    """The 95% interval in words; where there is none, that there is none."""
    return THIN if pd.isna(low) else f"95% interval {number(low)} to {number(high)}"


def counted(count: int, noun: str) -> str:
    """A count with its noun.

    Examples
    --------
    >>> counted(0, "actor"), counted(1, "actor"), counted(1200, "copy")
    ('0 actors', '1 actor', '1,200 copies')
    """
    if count == 1:
        return f"1 {noun}"
    return f"{count:,} {noun[:-1] + 'ies' if noun.endswith('y') else noun + 's'}"


def described(cell: Any) -> str:
    """A cell in words for those who do not see it; `cell` is a row of `stance_cells`."""
    state, value = STATES[cell.state].word, number(cell.stance)
    counts = f"{counted(int(cell.n_articles), 'article')}, {counted(int(cell.n_statements), 'statement')}"
    return f"{state} {value}, {counts}, {interval(cell.ci_low, cell.ci_high)}".replace(" ,", ",")


def issue_label(issue_id: str) -> str:
    """An issue's id as a heading: `de_facto_authority` reads "de facto authority"."""
    return literal(issue_id).replace("_", " ")


def column_head(issue_id: str) -> list[str]:
    """An issue's label in lines for a narrow column; words of up to 16 letters stay whole."""
    label = issue_label(issue_id)
    return wrapped(label, max(11, min(16, max(map(len, label.split()), default=0))), lines=4)
