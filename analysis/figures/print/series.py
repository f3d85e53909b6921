"""Counts over a complete calendar on paper: events by quad class, and articles."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from analysis.figures.marks import (
    GAP,
    INK,
    PAPER,
    QUADS,
    STATES,
    each,
)
from analysis.figures.print import paper

_DAY = pd.Timedelta(days=1)
_UP = ("verbal_cooperation", "material_cooperation")


def series(series: pd.DataFrame) -> Figure:
    """Expected events per period: cooperation upwards from zero, conflict downwards, stacked by quad class.

    Solid is what certainly fell into the period (n_certain), hatched what possibly did (n_expected − n_certain). A grey
    hatched period has no article in the corpus: nobody looked, which is not the same as nothing happened.

    Parameters
    ----------
    series
        What `event_series` returned.
    """
    if series.empty:
        return paper.empty("event")
    figure = paper.sheet(9.0, 3.6)
    axes = figure.add_subplot()
    _silent(axes, series)
    for classes, sign in ((_UP, 1), ([name for name in QUADS if name not in _UP], -1)):
        base = pd.Series(0.0, index=sorted(series["period_start"].unique()))
        for name in classes:
            base = _bars(axes, series[series["quad_class"] == name].set_index("period_start"), base, sign)
    _frame(axes, series, "expected events")
    axes.axhline(0, color=INK, linewidth=0.8)
    axes.text(0.005, 0.98, "cooperation ↑", transform=axes.transAxes, va="top", fontsize=paper.SMALL, color=INK)
    axes.text(0.005, 0.02, "conflict ↓", transform=axes.transAxes, va="bottom", fontsize=paper.SMALL, color=INK)
    paper.legend(figure, _key(), columns=4)
    return figure


def coverage(series: pd.DataFrame) -> Figure:
    """Articles per period, expected: solid where the date is certain, hatched where the article may be from then.

    Parameters
    ----------
    series
        What `article_series` returned. A grey hatched period has no article.
    """
    if series.empty:
        return paper.empty("article")
    figure = paper.sheet(9.0, 2.5)
    axes = figure.add_subplot()
    look = STATES["support"]
    _silent(axes, series)
    rows = series.set_index("period_start")
    width: Any = rows["period_end"] - rows.index + _DAY
    common: Any = {"width": width * 0.86, "align": "edge", "edgecolor": look.edge, "linewidth": 0.5}
    axes.bar(rows.index, rows["n_certain"], color=look.fill, **common)
    rest = rows["n_expected"] - rows["n_certain"]
    axes.bar(rows.index, rest, bottom=rows["n_certain"], color=look.pale, hatch="////", hatch_linewidth=0.5, **common)
    _frame(axes, series, "expected articles")
    axes.set_ylim(bottom=0)
    certain = Patch(facecolor=look.fill, edgecolor=look.edge, label="date certain to lie in the period")
    possible = Patch(facecolor=look.pale, edgecolor=look.edge, hatch="//////", label="date may lie in the period")
    paper.legend(figure, [certain, possible, _no_article()], columns=3)
    return figure


def _silent(axes: Axes, series: pd.DataFrame) -> None:
    """Hatch the periods without an article."""
    periods = series.drop_duplicates("period_start")
    for period in each(periods[periods["n_articles"] == 0]):
        style: Any = {"facecolor": "#f7f7f7", "edgecolor": GAP, "hatch": "////", "hatch_linewidth": 0.3, "linewidth": 0}
        paper.span(axes, period.period_start, period.period_end + _DAY, zorder=0, **style)


def _bars(axes: Axes, rows: pd.DataFrame, base: pd.Series, sign: int) -> pd.Series:
    """Stack one quad class on `base`, certain part first; returns the new base."""
    quad = QUADS[str(rows["quad_class"].iloc[0])]
    width: Any = rows["period_end"] - rows.index + _DAY
    certain, possible = rows["n_certain"] * sign, (rows["n_expected"] - rows["n_certain"]) * sign
    hatch: Any = {"hatch": "////", "hatch_linewidth": 0.5}
    for part, heights, fill, more in (("certain", certain, quad.color, {}), ("possible", possible, quad.tint, hatch)):
        some = heights != 0
        place: Any = {"bottom": base[some], "width": width[some] * 0.86, "align": "edge"}
        look: Any = {"color": fill, "edgecolor": quad.color, "linewidth": 0.5, "label": f"{quad.word}, {part}"}
        axes.bar(rows.index[some], heights[some], **place, **look, **more)
        base = base + heights
    return base


def _frame(axes: Axes, series: pd.DataFrame, label: str) -> None:
    paper.tidy(axes)
    paper.time_axis(axes, series["period_start"].min(), series["period_end"].max() + _DAY)
    low, high = axes.get_ylim()
    axes.set_ylim(low * 1.12, max(high, 1.0) * 1.08)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{abs(value):g}"))
    axes.set_ylabel(label, fontsize=paper.NORMAL, color=INK)


def _no_article() -> Patch:
    return Patch(facecolor=PAPER, edgecolor=GAP, hatch="//////", label="no article in the corpus")


def _key() -> list[Patch]:
    quads = [Patch(facecolor=quad.color, edgecolor=quad.color, label=quad.word) for quad in QUADS.values()]
    possible = Patch(facecolor="#eeeeee", edgecolor="#555555", hatch="//////", label="possible, not certain, part")
    return [*quads, possible, _no_article()]
