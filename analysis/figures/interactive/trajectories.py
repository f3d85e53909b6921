"""Positions over time for exploring."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from analysis import dates
from analysis.figures import lanes
from analysis.figures.interactive import screen
from analysis.figures.marks import (
    FAINT,
    INK,
    OTHERS,
    PAPER,
    RULE,
    Actor,
    actor_marks,
    counted,
    each,
    issue_label,
    name_of,
    number,
    plain,
    wrapped,
)

_PANEL = 190
_WORDS = {-1: "oppose", 0: "neutral", 1: "support"}


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
    figure = _panels(shown, alt)
    groups = {actor: actor if mark is not OTHERS else "" for actor, mark in look.items()}
    for at, issue in enumerate(shown):
        rows = lanes.dodged(drawn[drawn["issue_id"] == issue])
        for group, own in rows.groupby(rows["actor"].map(groups), sort=False):
            _add(figure, own, look.get(str(group), OTHERS), names, at + 1)
    _legend(figure, groups, look, names)
    _behind(figure, drawn, events)
    return figure


def _panels(shown: list[str], alt: str) -> go.Figure:
    """One panel below the other, so that all share the time axis and a phone can show them."""
    titles = [plain(issue_label(issue)) for issue in shown]
    height = 120 + _PANEL * len(shown)
    spacing = min(0.3 * _PANEL / height, 0.9 / max(len(shown) - 1, 1))
    grid = make_subplots(rows=len(shown), cols=1, shared_xaxes=True, subplot_titles=titles, vertical_spacing=spacing)
    blank = screen.canvas(alt, height=height)
    grid.layout.template = blank.layout.template
    grid.update_layout(blank.layout)
    axis = {"gridcolor": RULE, "zeroline": False, "linecolor": RULE, "automargin": True}
    grid.update_yaxes(range=[-1.3, 1.9], tickvals=list(_WORDS), ticktext=list(_WORDS.values()), **axis)
    grid.update_yaxes(zeroline=True, zerolinecolor=FAINT, zerolinewidth=1)
    grid.update_xaxes(type="date", showticklabels=True, **axis)
    grid.update_annotations(x=0, xanchor="left", font={"size": 13, "color": INK})
    return grid


def _add(figure: go.Figure, own: pd.DataFrame, mark: Actor, names: Mapping[str, str] | pd.Series, panel: int) -> None:
    """One actor's points on one issue, or those of all the others: date bars, lines, marks."""
    bars = [[(point.date_start, point.y), (point.date_end + screen.DAY, point.y)] for point in each(own)]
    pieces = [piece for _, points in own.groupby("actor", sort=False) for piece in lanes.joined(points)]
    lines = [list(zip(piece["middle"], piece["y"], strict=True)) for piece in pieces if len(piece) > 1]
    mixed = own["stance"].isna()
    marker = {
        "symbol": mark.shape,
        "size": [6 + 2 * min(int(count), 8) for count in own["n_statements"]],
        "color": [PAPER if both else mark.color for both in mixed] if mixed.any() else mark.color,
        "line": {"color": mark.color, "width": 1},
    }
    symbols = go.Scatter(
        x=screen.iso(own["middle"]), y=own["y"].round(3).tolist(), mode="markers+text", marker=marker,
        text=["±" if both else "" for both in mixed] if mixed.any() else None,
        textfont={"size": 10, "color": mark.color},
        hovertext=[_said(point, name_of(names, point.actor)) for point in each(own)], hoverinfo="text",
    )  # fmt: skip
    traces = [_strokes(bars, mark.color, 3, 0.3), _strokes(lines, mark.color, 1.3, 1.0), symbols]
    group = own["actor"].iloc[0] if mark is not OTHERS else "others"
    for trace in traces:
        if trace.x:
            figure.add_trace(trace.update(legendgroup=group, showlegend=False), row=panel, col=1)


def _strokes(lines: list[list[tuple[Any, float]]], color: str, width: float, opacity: float) -> go.Scatter:
    """Several lines as one trace, with a gap after each."""
    xs = [x for line in lines for x in (*screen.iso(at for at, _ in line), None)]
    ys = [y for line in lines for y in (*(round(height, 3) for _, height in line), None)]
    style = {"color": color, "width": width}
    return go.Scatter(x=xs, y=ys, mode="lines", line=style, opacity=opacity, hoverinfo="skip")


def _legend(
    figure: go.Figure, groups: Mapping[str, str], look: Mapping[str, Actor], names: Mapping[str, str] | pd.Series
) -> None:
    """The legend in order of the actors; selecting one switches its marks off in all panels."""
    for group in dict.fromkeys(groups.values()):
        mark = look.get(group, OTHERS)
        others = sum(not other for other in groups.values())
        name = " ".join(wrapped(name_of(names, group), 40, lines=1)) if group else f"{others} others"
        style = {"symbol": mark.shape, "color": mark.color, "size": 9}
        entry = go.Scatter(
            x=[None], y=[None], mode="markers", marker=style, name=plain(name), legendgroup=group or "others"
        )
        figure.add_trace(entry, row=1, col=1)


def _said(point: Any, name: str) -> str:
    stance = number(point.stance) if pd.notna(point.stance) else "± mixed"
    return screen.hover(
        f"<b>{plain(name)}: {plain(issue_label(point.issue_id))}</b>",
        f"stance {stance} · {counted(int(point.n_statements), 'statement')}",
        f"said {dates.label(point.date_start, point.date_end, point.date_precision)} ({point.date_precision})",
        f"article {plain(point.article_id)}",
    )


def _behind(figure: go.Figure, points: pd.DataFrame, events: pd.DataFrame) -> None:
    """Events as grey bars behind all panels, their numbers at the top of each."""
    first, last = points["date_start"].min(), points["date_end"].max() + screen.DAY
    margin = max((last - first) * 0.04, 5 * screen.DAY)
    figure.update_xaxes(range=screen.iso([(first - margin).normalize(), (last + margin).normalize()]))
    known = lanes.known(events, first, last)
    box = {
        "type": "rect",
        "layer": "below",
        "line": {"width": 0},
        "fillcolor": "#ececec",
        "yref": "paper",
        "y0": 0,
        "y1": 1,
    }
    edges = [screen.iso([start, end]) for start, end, _ in known]
    figure.update_layout(shapes=[{**box, "xref": "x", "x0": x0, "x1": x1} for x0, x1 in edges])
    middles = screen.iso(start + (end - start) / 2 for start, end, _ in known)
    texts = [text.replace("\n", "<br>") for _, _, text in known]
    for panel in range(1, len(figure.layout.annotations) + 1):
        numbers = go.Scatter(
            x=middles, y=[1.8] * len(known), mode="text", text=texts, textposition="bottom center", hoverinfo="skip",
            textfont={"size": 9, "color": FAINT}, showlegend=False,
        )  # fmt: skip
        figure.add_trace(numbers, row=panel, col=1)
