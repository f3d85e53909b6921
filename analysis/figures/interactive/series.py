"""Events over a complete calendar for exploring."""

from collections.abc import Iterator
from math import ceil
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from analysis.figures.interactive import screen
from analysis.figures.marks import (
    GAP,
    INK,
    QUADS,
    counted,
    each,
)

_MS = 86_400_000
_SILENT = "#ececec"
_GAP_ENTRY = screen.entry(
    "no article in the corpus", {"symbol": "square", "size": 12, "color": _SILENT, "line": {"color": GAP, "width": 1}}
)


def series(series: pd.DataFrame) -> go.Figure:
    """Expected events per period: cooperation upwards from zero, conflict downwards, stacked by quad class.

    Solid is what certainly fell into the period, hatched what possibly did; a grey period has no article in the corpus.

    Parameters
    ----------
    series
        What `event_series` returned.
    """
    if series.empty:
        return screen.empty("event")
    periods = series.drop_duplicates("period_start")
    silent = periods[periods["n_articles"] == 0]
    alt = (
        f"Events by quad class in {counted(len(periods), 'period')} from {periods['period_start'].min():%Y-%m-%d} to "
        f"{periods['period_end'].max():%Y-%m-%d}; {len(silent)} of them without an article. The table has the numbers."
    )
    bars = [bar for name in QUADS for bar in _bars(series[series["quad_class"] == name])]
    left = {"xref": "paper", "x": 0.005, "xanchor": "left", "yref": "paper", "showarrow": False}
    notes = [
        {"text": "cooperation ↑", "y": 1, "yanchor": "top", **left},
        {"text": "conflict ↓", "y": 0, "yanchor": "bottom", **left},
    ]
    marks = _ticks(series)
    ticks = {"tickvals": marks, "ticktext": [f"{abs(mark):g}" for mark in marks]}
    zero = {"zeroline": True, "zerolinecolor": INK, "zerolinewidth": 1, "range": [marks[0] - 0.3, marks[-1] + 0.3]}
    return screen.chart(
        alt, [*bars, _GAP_ENTRY], height=380, barmode="relative", bargap=0, annotations=notes,
        shapes=[_gap(period) for period in each(silent)], xaxis={"showgrid": False, "type": "date"},
        yaxis={"title": {"text": "expected events"}, **ticks, **zero},
    )  # fmt: skip


def _bars(rows: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """One quad class: its certain part, then its possible part."""
    name = str(rows["quad_class"].iloc[0])
    quad, sign = QUADS[name], -1 if name.endswith("conflict") else 1
    length: Any = rows["period_end"] - rows["period_start"] + screen.DAY
    said = [_said(row, quad.word) for row in each(rows)]
    parts = (
        ("certain", rows["n_certain"], quad.color, ""),
        ("possible", rows["n_expected"] - rows["n_certain"], quad.tint, "/"),
    )
    for part, heights, fill, shape in parts:
        marker = {"color": fill, "line": {"color": quad.color, "width": 0.6}}
        pattern = {
            "shape": shape,
            "fgcolor": quad.color,
            "bgcolor": fill,
            "size": 5,
            "solidity": 0.25,
            "fillmode": "overlay",
        }
        yield {
            "type": "bar", "x": screen.iso(rows["period_start"] + length / 2),
            "y": [round(sign * height, 4) if height > 0 else None for height in heights],
            "width": [int(days * 0.86 * _MS) for days in length.dt.days], "marker": {**marker, "pattern": pattern},
            "name": f"{quad.word}, {part}", "hovertext": said, "hoverinfo": "text",
        }  # fmt: skip


def _said(row: Any, word: str) -> str:
    return screen.hover(
        f"<b>{row.period_start:%Y-%m-%d} to {row.period_end:%Y-%m-%d}: {word}</b>",
        f"{row.n_expected:.2f} expected: {row.n_certain} certain, {row.n_possible} possible",
        f"{counted(int(row.n_articles), 'article')} may be from this time",
    )


def _ticks(series: pd.DataFrame) -> list[int]:
    """Whole numbers that reach as far as the bars do, at most some nine of them, 0 among them."""
    conflict = series["quad_class"].str.endswith("conflict")
    up, down = (
        float(side.groupby("period_start")["n_expected"].sum().max()) for side in (series[~conflict], series[conflict])
    )
    step = max(1, ceil(max(up, down) / 4))
    return list(range(-step * ceil(down / step), step * ceil(max(up, 1) / step) + 1, step))


def _gap(period: Any) -> dict[str, Any]:
    """The ground behind a period without an article."""
    start, end = screen.iso([period.period_start, period.period_end + screen.DAY])
    edges = {"x0": start, "x1": end, "yref": "paper", "y0": 0, "y1": 1}
    return {"type": "rect", "layer": "below", "fillcolor": _SILENT, "line": {"width": 0}, **edges}
