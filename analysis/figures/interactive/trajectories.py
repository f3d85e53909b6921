"""Positions over time for exploring."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from analysis import dates
from analysis.figures import lanes
from analysis.figures.interactive import screen
from analysis.figures.marks import (
    FAINT,
    INK,
    OTHERS,
    PAPER,
    Actor,
    actor_marks,
    counted,
    grouped,
    issue_label,
    name_of,
    number,
    plain,
    wrapped,
)

_PANEL = 190
_WORDS = {-1: "oppose", 0: "neutral", 1: "support"}
_HEADING = {"size": 13, "color": INK}
_TIME = {"type": "date", "showticklabels": True}
_SCALE = {
    "range": [-1.3, 1.9], "tickvals": list(_WORDS), "ticktext": list(_WORDS.values()), "zeroline": True,
    "zerolinecolor": FAINT, "zerolinewidth": 1,
}  # fmt: skip


def trajectories(
    points: pd.DataFrame,
    events: pd.DataFrame,
    *,
    names: Mapping[str, str] | pd.Series,
    issues: pd.DataFrame,
) -> go.Figure:
    """Positions in time, a panel per issue on which something was said; pointing at a mark gives date and counts.

    Marks, bars, lines and gaps as on paper (see `print.trajectories`); an actor in the legend can be switched off.

    Parameters
    ----------
    points
        What `stance_points` returned.
    events
        What `event_list` returned.
    names
        The actors' names by id.
    issues
        The panels in order; issues without a point get none.
    """
    drawn = points[points["issue_id"].isin(issues["issue_id"])]
    if drawn.empty:
        return screen.empty("statement")
    shown = [issue for issue in issues["issue_id"] if issue in set(drawn["issue_id"])]
    look = actor_marks(lanes.busiest(drawn["actor"]))
    alt = (
        f"Positions of {counted(len(look), 'actor')} on {counted(len(shown), 'issue')} over time, "
        f"{counted(len(drawn), 'point')}; "
        f"most by {', '.join(name_of(names, actor) for actor in list(look)[:3])}. The table lists them all."
    )
    groups = {actor: actor if mark is not OTHERS else "" for actor, mark in look.items()}
    marks = []
    for panel, issue in enumerate(shown, 1):
        rows = lanes.dodged(drawn[drawn["issue_id"] == issue])
        for (group,), own in grouped(rows.assign(group=rows["actor"].map(groups)), "group").items():
            marks += [trace | _place(panel) for trace in _traces(own, look.get(group, OTHERS), names)]
    bars, numbers = _events(drawn, events)
    behind = [numbers | _place(panel) for panel in range(1, len(shown) + 1)]
    return screen.chart(
        alt, [*marks, *_legend(groups, look, names), *behind], height=120 + _PANEL * len(shown), shapes=bars,
        **_panels(shown, _reach(drawn)),
    )  # fmt: skip


def _place(panel: int) -> dict[str, str]:
    """The axes of a panel, as plotly names them."""
    number = "" if panel == 1 else str(panel)
    return {"xaxis": f"x{number}", "yaxis": f"y{number}"}


def _panels(shown: list[str], reach: list[str]) -> dict[str, Any]:
    """Axes and headings of one panel below the other, so that all share the time axis and a phone can show them."""
    height = 120 + _PANEL * len(shown)
    spacing = min(0.3 * _PANEL / height, 0.9 / max(len(shown) - 1, 1))
    share = (1 - spacing * (len(shown) - 1)) / len(shown)
    title = {"xref": "paper", "x": 0, "xanchor": "left", "yref": "paper", "yanchor": "bottom", "showarrow": False}
    layout: dict[str, Any] = {"annotations": []}
    for at, issue in enumerate(shown):
        low = (len(shown) - 1 - at) * (share + spacing)
        x, y = _place(at + 1).values()
        own = {"anchor": x, "domain": [low, low + share]}
        layout["xaxis" + x[1:]] = _TIME | {"anchor": y, "range": reach} | ({"matches": "x"} if at else {})
        layout["yaxis" + y[1:]] = _SCALE | own
        layout["annotations"].append(title | {"y": low + share, "text": plain(issue_label(issue)), "font": _HEADING})
    return layout


def _traces(points: list[Any], mark: Actor, names: Mapping[str, str] | pd.Series) -> list[dict[str, Any]]:
    """One actor's points on one issue, or those of all the others: date bars, lines, marks."""
    bars = [[(point.date_start, point.y), (point.date_end + screen.DAY, point.y)] for point in points]
    actors = dict.fromkeys(point.actor for point in points)
    pieces = [piece for actor in actors for piece in lanes.joined(point for point in points if point.actor == actor)]
    lines = [[(point.middle, point.y) for point in piece] for piece in pieces if len(piece) > 1]
    mixed = [pd.isna(point.stance) for point in points]
    marker = {
        "symbol": mark.shape,
        "size": [6 + 2 * min(int(point.n_statements), 8) for point in points],
        "color": [PAPER if both else mark.color for both in mixed] if any(mixed) else mark.color,
        "line": {"color": mark.color, "width": 1},
    }
    symbols = {
        "x": screen.iso(point.middle for point in points), "y": [round(point.y, 3) for point in points],
        "mode": "markers+text", "marker": marker, "textfont": {"size": 10, "color": mark.color},
        "text": ["±" if both else "" for both in mixed] if any(mixed) else None, "hoverinfo": "text",
        "hovertext": [_said(point, name_of(names, point.actor)) for point in points],
    }  # fmt: skip
    group = {"type": "scatter", "legendgroup": points[0].actor if mark is not OTHERS else "others", "showlegend": False}
    traces = [_strokes(bars, mark.color, 3, 0.3), _strokes(lines, mark.color, 1.3, 1.0), symbols]
    return [trace | group for trace in traces if trace["x"]]


def _strokes(lines: list[list[tuple[Any, float]]], color: str, width: float, opacity: float) -> dict[str, Any]:
    """Several lines as one trace, with a gap after each."""
    xs = [x for line in lines for x in (*screen.iso(at for at, _ in line), None)]
    ys = [y for line in lines for y in (*(round(height, 3) for _, height in line), None)]
    style = {"color": color, "width": width}
    return {"x": xs, "y": ys, "mode": "lines", "line": style, "opacity": opacity, "hoverinfo": "skip"}


def _legend(
    groups: Mapping[str, str], look: Mapping[str, Actor], names: Mapping[str, str] | pd.Series
) -> Iterator[dict[str, Any]]:
    """The legend in order of the actors; selecting one switches its marks off in all panels."""
    for group in dict.fromkeys(groups.values()):
        mark = look.get(group, OTHERS)
        others = sum(not other for other in groups.values())
        name = " ".join(wrapped(name_of(names, group), 40, lines=1)) if group else f"{others} others"
        marker = {"symbol": mark.shape, "color": mark.color, "size": 9}
        yield screen.entry(plain(name), marker, legendgroup=group or "others") | _place(1)


def _said(point: Any, name: str) -> str:
    stance = number(point.stance) if pd.notna(point.stance) else "± mixed"
    return screen.hover(
        f"<b>{plain(name)}: {plain(issue_label(point.issue_id))}</b>",
        f"stance {stance} · {counted(int(point.n_statements), 'statement')}",
        f"said {dates.label(point.date_start, point.date_end, point.date_precision)} ({point.date_precision})",
        f"article {plain(point.article_id)}",
    )


def _reach(points: pd.DataFrame) -> list[str]:
    """The ends of the time axis."""
    first, last = _ends(points)
    margin = max((last - first) * 0.04, 5 * screen.DAY)
    return screen.iso([(first - margin).normalize(), (last + margin).normalize()])


def _ends(points: pd.DataFrame) -> tuple[pd.Timestamp, pd.Timestamp]:
    return points["date_start"].min(), points["date_end"].max() + screen.DAY


def _events(points: pd.DataFrame, events: pd.DataFrame) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Events as grey bars behind all panels, and a trace of their numbers for the top of each."""
    known = lanes.known(events, *_ends(points))
    box = {"type": "rect", "layer": "below", "line": {"width": 0}, "fillcolor": "#ececec", "xref": "x"}
    edges = [screen.iso([start, end]) for start, end, _ in known]
    bars = [{**box, "yref": "paper", "y0": 0, "y1": 1, "x0": x0, "x1": x1} for x0, x1 in edges]
    return bars, {
        "type": "scatter", "x": screen.iso(start + (end - start) / 2 for start, end, _ in known),
        "y": [1.8] * len(known), "mode": "text", "text": [text.replace("\n", "<br>") for _, _, text in known],
        "textposition": "bottom center", "hoverinfo": "skip", "textfont": {"size": 9, "color": FAINT},
        "showlegend": False,
    }  # fmt: skip
