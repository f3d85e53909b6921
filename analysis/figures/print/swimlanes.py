"""Events by actor on paper."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analysis.figures import lanes
from analysis.figures.marks import (
    INK,
    PAPER,
    QUADS,
    RULE,
    each,
    wrapped,
)
from analysis.figures.print import paper

_TRACK, _SIZE = 0.235, 5.5


def swimlanes(rows: pd.DataFrame, *, since: str = "", until: str = "") -> Figure:
    """Events in a lane per actor, the actor with most events first.

    A single symbol is an event on that day. Two symbols joined by a bar: some time between the two, the source says no
    more. An arrow in place of a symbol: the interval goes on beyond the chart; where it does on both sides the symbol
    stands with the number. Symbol and colour tell the quad class; hollow: only planned. The number is the table's.

    Parameters
    ----------
    rows
        What `events.swimlanes` returned.
    since, until
        ISO dates of the time axis; empty for the first and last event.
    """
    placed = lanes.swimlanes(rows, since, until) if len(rows) else rows
    if placed.empty:
        return paper.empty("event")
    first, last = lanes.window(rows, since, until)
    heights = placed.groupby("lane")["y"].agg(["min", "max"])
    total = int(heights["max"].max()) + 1
    figure = paper.sheet(9.0, 1.25 + _TRACK * total)
    axes = figure.add_subplot()
    margin = (last - first) * 0.035
    paper.time_axis(axes, first - margin * 0.4, last + margin)
    _lanes(axes, placed, heights)
    for event in each(placed):
        _draw(axes, event, margin)
    axes.set_ylim(total - 0.4, -0.6)
    paper.legend(figure, _key(), columns=4)
    return figure


def _lanes(axes: Axes, placed: pd.DataFrame, heights: pd.DataFrame) -> None:
    """A name and a rule per lane."""
    names = placed.drop_duplicates("lane").sort_values("lane")["name"]
    lines = [max(2, int(high - low) + 1) for low, high in zip(heights["min"], heights["max"], strict=True)]
    labels = ["\n".join(wrapped(name, 34, lines=most)) for name, most in zip(names, lines, strict=True)]
    axes.set_yticks((heights["min"] + heights["max"]) / 2, labels, parse_math=False)
    paper.tidy(axes)
    axes.tick_params(axis="y", labelsize=6.8)
    for low in heights["min"]:
        axes.axhline(low - 0.5, color=RULE, linewidth=0.6)


def _draw(axes: Axes, event: Any, margin: pd.Timedelta) -> None:
    quad = QUADS[event.quad_class]
    fill = PAPER if event.status == "planned" else quad.color
    symbol: Any = {"markersize": _SIZE, "color": quad.color, "markerfacecolor": fill, "linestyle": "none", "zorder": 3}
    end = event.x1
    if event.date_precision == "day":
        paper.line(axes, [event.x0], [event.y], marker=quad.symbol, **symbol)
        end = event.x0
    else:
        bar: Any = {"solid_capstyle": "butt", "linestyle": "-" if event.status != "planned" else (0, (2, 1))}
        paper.line(axes, [event.x0, event.x1], [event.y, event.y], color=quad.color, linewidth=1.6, **bar)
        marks = {
            event.x0: "<" if event.is_cut_left else quad.symbol,
            event.x1: ">" if event.is_cut_right else quad.symbol,
        }
        for at, mark in marks.items():
            arrow = {"markersize": 4, "markerfacecolor": quad.color} if mark in "<>" else {}
            paper.line(axes, [at], [event.y], marker=mark, **symbol | arrow)
        if event.is_cut_left and event.is_cut_right:
            end = event.x1 + margin * 0.4
            paper.line(axes, [end], [event.y], marker=quad.symbol, clip_on=False, **symbol)
    axes.annotate(
        str(event.number), (end, event.y), xytext=(5, 0), textcoords="offset points", va="center",
        fontsize=paper.SMALL, color=INK, annotation_clip=False,
    )  # fmt: skip


def _key() -> list[Line2D]:
    quads = [
        Line2D([], [], marker=quad.symbol, color=quad.color, linestyle="none", markersize=_SIZE, label=quad.word)
        for quad in QUADS.values()
    ]
    grey: Any = {"color": "#555555", "markersize": _SIZE}
    return [
        *quads,
        Line2D([], [], marker="o", linestyle="none", label="on this day", **grey),
        Line2D([], [], marker="o", linewidth=1.6, label="some time between", **grey),
        Line2D([], [], marker=">", linestyle="none", label="goes on beyond the chart", **grey),
        Line2D([], [], marker="o", linestyle="none", markerfacecolor=PAPER, label="planned only", **grey),
    ]
