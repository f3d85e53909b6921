"""Agreement of coders on paper: alpha of each code with its interval."""

from typing import Any

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analysis.figures.agreement import RELIABLE, TENTATIVE, labelled
from analysis.figures.marks import FAINT, INK, PAPER, RULE, STATES, each
from analysis.figures.print import paper

_BLUE = STATES["support"].fill


def agreement(rows: pd.DataFrame) -> Figure:
    """Krippendorff's alpha as a dot per code, with its 95% interval as a bar.

    A hollow dot has no interval; a code without alpha says so in words. Dashed lines stand at the customary levels.

    Parameters
    ----------
    rows
        What `agreement` returned, without groups.
    """
    if rows.empty:
        return paper.empty("passage coded twice")
    figure = paper.sheet(7.0, 1.1 + 0.34 * len(rows))
    axes = figure.add_subplot()
    for at, row in enumerate(each(rows)):
        _draw(axes, row, at)
    lowest = min([0.0, *rows["alpha"].dropna(), *rows["ci_low"].dropna()])
    axes.set(xlim=(lowest - 0.05, 1.05), ylim=(len(rows) - 0.5, -0.9))
    labels = [f"{row.code} (n {int(row.n_units)})" for row in each(labelled(rows))]
    axes.set_yticks(range(len(rows)), labels, parse_math=False)
    paper.tidy(axes)
    axes.grid(axis="x", color=RULE, linewidth=0.5)
    for place, word in ((TENTATIVE, "tentative"), (RELIABLE, "reliable")):
        axes.axvline(place, color=FAINT, linewidth=0.9, linestyle=(0, (3, 2)), zorder=1)
        axes.text(place + 0.008, -0.62, word, fontsize=paper.SMALL, color=FAINT, va="center")
    axes.set_xlabel("Krippendorff’s alpha (0: as chance gives, 1: full agreement)", fontsize=paper.SMALL, color=INK)
    paper.legend(figure, _key(), columns=2)
    return figure


def _draw(axes: Any, row: Any, at: int) -> None:
    if pd.isna(row.alpha):
        axes.text(0.0, at, "no alpha: too little to compare", fontsize=paper.SMALL, color=FAINT, va="center")
        return
    is_sure = pd.notna(row.ci_low)
    if is_sure:
        axes.plot([row.ci_low, row.ci_high], [at, at], color=_BLUE, linewidth=1.8, solid_capstyle="butt")
        axes.plot([row.ci_low, row.ci_high], [at, at], color=_BLUE, marker="|", markersize=8, linestyle="none")
    fill = _BLUE if is_sure else PAPER
    axes.plot([row.alpha], [at], marker="o", markersize=6.5, color=_BLUE, markerfacecolor=fill, zorder=3)


def _key() -> list[Line2D]:
    common: Any = {"color": _BLUE, "marker": "o", "markersize": 6.5}
    return [
        Line2D([], [], linewidth=1.8, label="alpha with its 95% interval", **common),
        Line2D([], [], linestyle="none", markerfacecolor=PAPER, label="alpha without one: fewer than 10", **common),
    ]
