"""Events by actor for exploring."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from analysis.figures import lanes
from analysis.figures.interactive import screen
from analysis.figures.marks import (
    FAINT,
    INK,
    PAPER,
    QUADS,
    RULE,
    counted,
    each,
    plain,
)

_EDGE = {"color": FAINT, "width": 1.5}
_KEYS = [  # legend entries for what is no quad class
    screen.entry(
        word, {"symbol": shape, "size": 8, "color": fill, "line": _EDGE}, line=_EDGE, hoverinfo="skip", mode=mode
    )
    for shape, fill, mode, word in (
        ("circle", FAINT, "lines+markers", "symbol, bar, symbol: some time between"),
        ("triangle-right", FAINT, "markers", "goes on beyond the chart"),
        ("circle", PAPER, "markers", "planned only"),
    )
]


def swimlanes(rows: pd.DataFrame, *, since: str = "", until: str = "") -> go.Figure:
    """Events in a lane per actor; pointing at one gives its date as the source has it, parties, place and sources.

    A single symbol is a day; two symbols with a bar between, some time in between; an arrow, beyond the chart; hollow,
    only planned. The number is that of the table.

    Parameters
    ----------
    rows
        What `events.swimlanes` returned.
    since, until
        ISO dates of the time axis; empty for the first and last event.
    """
    placed = lanes.swimlanes(rows, since, until, label=0.045) if len(rows) else rows
    if placed.empty:
        return screen.empty("event")
    first, last = lanes.window(rows, since, until)
    heights = placed.groupby("lane")["y"].agg(["min", "max"])
    total = int(heights["max"].max()) + 1
    people = placed.drop_duplicates("lane")
    alt = (
        f"Events of {counted(len(people), 'actor')}, {counted(placed['event_id'].nunique(), 'event')} "
        f"from {first:%Y-%m-%d} to {last - screen.DAY:%Y-%m-%d}."
        f" Most events: {', '.join(people['name'].head(3))}. The table lists them all."
    )
    groups = placed.groupby("quad_class")
    marks = [mark for name in QUADS if name in groups.groups for mark in _marks(groups.get_group(name), name)]
    margin = (last - first) * 0.05
    labels = [screen.broken(name, 34, lines=2) for name in people["name"]]
    middles = [float(middle) for middle in (heights["min"] + heights["max"]) / 2]
    names = {"tickvals": middles, "ticktext": labels, "showgrid": False, "tickfont": {"size": 10}}
    rule = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "line": {"color": RULE, "width": 1}}
    return screen.chart(
        alt, [*marks, *_KEYS], height=130 + 25 * total, yaxis=names | {"range": [total - 0.4, -0.6]},
        xaxis={"range": screen.iso([first - margin * 0.3, last + margin]), "type": "date"},
        shapes=[{**rule, "y0": low - 0.5, "y1": low - 0.5} for low in map(int, heights["min"])],
    )  # fmt: skip


def _marks(events: pd.DataFrame, quad_class: str) -> list[dict[str, Any]]:
    """One quad class: its bars, then its symbols, which carry number and hover text, and its entry in the legend."""
    quad = QUADS[quad_class]
    bars = events[events["date_precision"] != "day"]
    ends = [value for bar in each(bars) for value in (*screen.iso([bar.x0, bar.x1]), None)]
    heights = [value for y in bars["y"].astype(int) for value in (y, y, None)]
    own = {"type": "scatter", "legendgroup": quad_class, "showlegend": False}
    line = {"color": quad.color, "width": 2}
    marks = [mark for event in each(events) for mark in _symbols(event, quad.shape)]
    columns = {name: [mark[name] for mark in marks] for name in marks[0]}
    fills = [PAPER if status == "planned" else quad.color for status in columns["status"]]
    style = {"symbol": columns["shape"], "size": 8, "color": fills, "line": {"color": quad.color, "width": 1.5}}
    symbols = {
        "x": columns["x"], "y": columns["y"], "mode": "markers+text", "text": columns["text"], "marker": style,
        "textposition": "middle right", "textfont": {"size": 10, "color": INK}, "hovertext": columns["hover"],
        "hoverinfo": "text", "cliponaxis": False,
    }  # fmt: skip
    return [
        {**own, "x": ends, "y": heights, "mode": "lines", "line": line, "hoverinfo": "skip"},
        {**own, **symbols},
        screen.entry(quad.word, {"symbol": quad.shape, "size": 8, "color": quad.color}, legendgroup=quad_class),
    ]


def _symbols(event: Any, shape: str) -> list[dict[str, Any]]:
    """The symbols of one event: on its day, or at both ends of its interval, arrows where it goes on beyond."""
    common = {"y": int(event.y), "status": event.status, "hover": _said(event)}
    if event.date_precision == "day":
        return [{**common, "x": screen.iso([event.x0])[0], "shape": shape, "text": f" {event.number}"}]
    left, right = screen.iso([event.x0, event.x1])
    shapes = ("triangle-left" if event.is_cut_left else shape, "triangle-right" if event.is_cut_right else shape)
    return [
        {**common, "x": left, "shape": shapes[0], "text": ""},
        {**common, "x": right, "shape": shapes[1], "text": f" {event.number}"},
    ]


def _said(event: Any) -> str:
    kind = f"{event.type}{f' / {event.mode}' if pd.notna(event.mode) else ''}"
    place = f" · {plain(event.place)}" if pd.notna(event.place) else ""
    return screen.hover(
        f"<b>{event.number}. {screen.broken(event.label, 60)}</b>",
        f"{plain(event.date)} ({event.date_precision}, {event.date_basis}) · {event.status}{place}",
        f"{QUADS[event.quad_class].word} · {plain(kind)} · here as {event.role}",
        f"who: {screen.broken(event.actors, 60)}",
        f"to whom: {screen.broken(event.recipients, 60)}" if pd.notna(event.recipients) else "",
        f"{counted(int(event.n_mentions), 'mention')} in {counted(int(event.n_articles), 'article')}",
    )
