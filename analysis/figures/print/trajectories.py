"""Positions over time on paper."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from analysis.figures import lanes
from analysis.figures.marks import (
    FAINT,
    INK,
    OTHERS,
    PAPER,
    RULE,
    Actor,
    actor_marks,
    grouped,
    issue_label,
    name_of,
    wrapped,
)
from analysis.figures.print import paper

_DAY = pd.Timedelta(days=1)
_WORDS = {1: "support", 0: "neutral", -1: "oppose"}


def trajectories(
    points: pd.DataFrame,
    events: pd.DataFrame,
    *,
    names: Mapping[str, str] | pd.Series,
    issues: pd.DataFrame,
) -> Figure:
    """Positions in time, a panel per issue on which something was said.

    A mark is one actor in one article: the thin bar spans the date's interval, the symbol stands in its middle and
    grows with the number of statements. ± stands for both sides in one breath. A line joins two marks of an actor only
    where no more than 183 days lie between; a longer silence stays open. Marks that would lie on each other are moved a
    little up or down. Grey bars behind are events whose date is known to three months, with the number of the events'
    table; they are there for orientation and say nothing about what moved whom.

    Parameters
    ----------
    points
        What `stance_points` returned. The eight actors with most points have colours and symbols of their own.
    events
        What `event_list` returned.
    names
        The actors' names by id.
    issues
        The panels in order; issues without a point get none.
    """
    drawn = points[points["issue_id"].isin(issues["issue_id"])]
    if drawn.empty:
        return paper.empty("statement")
    shown = [issue for issue in issues["issue_id"] if issue in set(drawn["issue_id"])]
    look = actor_marks(lanes.busiest(drawn["actor"]))
    columns = min(2, len(shown))
    rows = -(-len(shown) // columns)
    figure = paper.sheet(9.0, 1.3 + 1.95 * rows)
    panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).flat
    figure.axes[0].set(ylim=(-1.25, 1.75))  # which all panels share
    figure.axes[0].set_yticks(list(_WORDS), list(_WORDS.values()))
    for axes, issue in zip(panels, shown, strict=False):
        _panel(axes, drawn[drawn["issue_id"] == issue], issue, look)
    first, last = drawn["date_start"].min(), drawn["date_end"].max() + _DAY
    margin = max((last - first) * 0.04, 5 * _DAY)
    paper.time_axis(figure.axes[0], first - margin, last + margin, most=7)
    known = lanes.known(events, first, last)
    for axes in figure.axes[: len(shown)]:
        paper.time_rules(axes)
        _events(axes, known)
    for axes in figure.axes[len(shown) :]:
        axes.set_visible(False)
        figure.axes[len(shown) - 2].tick_params(labelbottom=True)
    paper.legend(figure, _key(look, names), columns=3)
    return figure


def _panel(axes: Axes, points: pd.DataFrame, issue: str, look: dict[str, Actor]) -> None:
    paper.tidy(axes)
    axes.axhline(0, color=FAINT, linewidth=0.6)
    axes.grid(axis="y", color=RULE, linewidth=0.5)
    style: Any = {"loc": "left", "fontsize": paper.LARGE, "color": INK, "weight": "bold", "parse_math": False}
    axes.set_title(issue_label(issue), y=1.0, **style)  # told where, it is not looked for
    for (actor,), own in grouped(lanes.dodged(points), "actor").items():
        mark = look[actor]
        for piece in lanes.joined(own):
            if len(piece) > 1:
                ends = zip(*((point.middle, point.y) for point in piece), strict=True)
                paper.line(axes, *ends, color=mark.color, linewidth=1.1, zorder=2)
        for point in own:
            _draw(axes, point, mark)


def _draw(axes: Axes, point: Any, mark: Actor) -> None:
    ends = [point.date_start, point.date_end + _DAY]
    bar: Any = {"linewidth": 2.2, "alpha": 0.35, "solid_capstyle": "butt", "zorder": 2}
    paper.line(axes, ends, [point.y, point.y], color=mark.color, **bar)
    is_mixed = bool(pd.isna(point.stance))
    symbol: Any = (
        {"marker": "o", "markerfacecolor": PAPER} if is_mixed else {"marker": mark.symbol, "markeredgewidth": 0}
    )
    size = (16 + 9 * min(int(point.n_statements), 8)) ** 0.5
    paper.line(axes, [point.middle], [point.y], color=mark.color, markersize=size, zorder=3, **symbol)
    if is_mixed:
        style: Any = {"ha": "center", "va": "center_baseline", "in_layout": False}
        axes.text(point.middle, point.y, "±", fontsize=7, color=mark.color, zorder=4, **style)


def _events(axes: Axes, known: Sequence[tuple[Any, Any, str]]) -> None:
    """The events behind a panel."""
    for start, end, numbers in known:
        paper.span(axes, start, end, color="#000000", alpha=0.07, linewidth=0, zorder=0)
        middle = start + (end - start) / 2
        style: Any = {"fontsize": 6, "color": FAINT, "ha": "center", "va": "top", "in_layout": False}
        axes.text(middle, 0.99, numbers, transform=axes.get_xaxis_transform(), **style)


def _key(look: dict[str, Actor], names: Mapping[str, str] | pd.Series) -> list[Any]:
    own = {actor: mark for actor, mark in look.items() if mark is not OTHERS}
    handles: list[Any] = [
        Line2D([], [], marker=mark.symbol, color=mark.color, linewidth=1.1, markersize=5.5,
               label=" ".join(wrapped(name_of(names, actor), 40, lines=1)))
        for actor, mark in own.items()
    ]  # fmt: skip
    if len(look) > len(own):
        label = f"{len(look) - len(own)} others"
        handles.append(Line2D([], [], marker="o", color=OTHERS.color, linewidth=1.1, markersize=5.5, label=label))
    handles.append(Line2D([], [], color="#555555", alpha=0.4, linewidth=2.2, label="the date lies in this time"))
    handles.append(Patch(facecolor="#ececec", label="event, numbered as in the table"))
    return handles
