"""What stands behind a cell: its dated sentences, in a popover that needs no script."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from analysis import dates
from analysis.figures.fragments import safe
from analysis.figures.marks import (
    STATES,
    counted,
    interval,
    number,
)


def popover(anchor: str, heading: str, proposition: str, cell: Any, sentences: Iterable[Any]) -> str:
    """The popover `anchor` of one cell: the cell in words, then each sentence with date, source and coding.

    The quote stands where the text is at hand; where it is withheld the coder's sentence does, and says so.
    """
    items = "".join(_sentence(row) for row in sentences)
    return (
        f'<section popover class="sb-pop" id="{anchor}" aria-label="{safe(heading)}">'
        f'<button type="button" class="sb-close" popovertarget="{anchor}" popovertargetaction="hide" '
        f'aria-label="Close">×</button><h4>{safe(heading)}</h4><p>“{safe(proposition)}”</p><p>{_summary(cell)}</p>'
        f"<ol>{items}</ol></section>"
    )


def _summary(cell: Any) -> str:
    look, value = STATES[cell.state], number(cell.stance)
    kinds = ("support", "neutral", "oppose", "mixed")
    split = [f"{int(count)} {kind}" for kind in kinds if (count := getattr(cell, f"n_{kind}"))]
    counts = [counted(int(cell.n_articles), "article"), counted(int(cell.n_statements), "statement")]
    head = f"<strong>{look.glyph} {look.word}{f' {value}' if value else ''}</strong>"
    return f"{head} · {' · '.join(counts)} ({', '.join(split)}) · {interval(cell.ci_low, cell.ci_high)}"


def _sentence(row: Any) -> str:
    date = dates.label(row.date_start, row.date_end, row.date_precision)
    if pd.notna(row.quote):
        words = f'<blockquote dir="auto">“{safe(row.quote)}”</blockquote>'
    else:
        gloss = safe(row.gloss) if pd.notna(row.gloss) else "no summary either"
        words = f'<blockquote dir="auto">{gloss}</blockquote><p>coder’s summary; quote withheld</p>'
    outlet = f", {safe(row.outlet)}" if pd.notna(row.outlet) else ""
    source = f"{safe(row.speaker)} · <cite>{safe(row.title)}</cite>{outlet}"
    parts = "".join(f"<p>{part}</p>" for part in (source, _coding(row)))
    return f"<li><strong>{date}</strong>{words}{parts}</li>"


def _coding(row: Any) -> str:
    stance = "stance ± (both sides)" if row.is_mixed else f"stance {number(row.stance)}"
    parts = [stance, f"certainty {safe(row.certainty)}"]
    parts += [f"{safe(row.speech)} speech"] if pd.notna(row.speech) else []
    parts += [f"condition: {safe(row.condition)}"] if pd.notna(row.condition) else []
    return " · ".join(parts)
