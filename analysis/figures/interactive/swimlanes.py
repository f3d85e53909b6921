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
    figure = screen.canvas(alt, height=130 + 25 * total)
    for quad_class in QUADS:
        events = placed[placed["quad_class"] == quad_class]
        if len(events):
            _add(figure, events, quad_class)
    _key(figure)
    margin = (last - first) * 0.05
    figure.update_xaxes(range=screen.iso([first - margin * 0.3, last + margin]), type="date")
    labels = [screen.broken(name, 34, lines=2) for name in people["name"]]
    middles = [float(middle) for middle in (heights["min"] + heights["max"]) / 2]
    figure.update_yaxes(
        tickvals=middles, ticktext=labels, range=[total - 0.4, -0.6], showgrid=False, tickfont={"size": 10}
    )
    rule = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "line": {"color": RULE, "width": 1}}
    figure.update_layout(shapes=[{**rule, "y0": low - 0.5, "y1": low - 0.5} for low in map(int, heights["min"])])
    return figure


def _add(figure: go.Figure, events: pd.DataFrame, quad_class: str) -> None:
    """One quad class: its bars, then its symbols, which carry number and hover text."""
    quad = QUADS[quad_class]
    bars = events[events["date_precision"] != "day"]
    ends = [value for bar in each(bars) for value in (*screen.iso([bar.x0, bar.x1]), None)]
    heights = [value for y in bars["y"].astype(int) for value in (y, y, None)]
    line = {"color": quad.color, "width": 2}
    figure.add_trace(
        go.Scatter(
            x=ends, y=heights, mode="lines", line=line, hoverinfo="skip", legendgroup=quad_class, showlegend=False
        )
    )
    marks = pd.DataFrame([mark for event in each(events) for mark in _marks(event, quad.shape)])
    fills = [PAPER if mark.status == "planned" else quad.color for mark in each(marks)]
    edge = {"color": quad.color, "width": 1.5}
    figure.add_trace(
        go.Scatter(
            x=marks["x"].tolist(), y=marks["y"].tolist(), mode="markers+text", text=marks["text"].tolist(),
            textposition="middle right", textfont={"size": 10, "color": INK}, legendgroup=quad_class, showlegend=False,
            marker={"symbol": marks["shape"].tolist(), "size": 8, "color": fills, "line": edge},
            hovertext=marks["hover"].tolist(), hoverinfo="text", cliponaxis=False,
        )
    )  # fmt: skip
    entry = {"symbol": quad.shape, "size": 8, "color": quad.color}
    figure.add_trace(
        go.Scatter(x=[None], y=[None], mode="markers", marker=entry, name=quad.word, legendgroup=quad_class)
    )


def _key(figure: go.Figure) -> None:
    """Legend entries for what is no quad class."""
    line = {"color": FAINT, "width": 1.5}
    keys = (
        ("circle", FAINT, "symbol, bar, symbol: some time between"),
        ("triangle-right", FAINT, "goes on beyond the chart"),
    )
    for shape, fill, word in (*keys, ("circle", PAPER, "planned only")):
        marker = {"symbol": shape, "size": 8, "color": fill, "line": line}
        mode = "lines+markers" if "bar" in word else "markers"
        figure.add_trace(
            go.Scatter(x=[None], y=[None], mode=mode, marker=marker, line=line, name=word, hoverinfo="skip")
        )


def _marks(event: Any, shape: str) -> list[dict[str, Any]]:
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
