"""The stance matrix on paper."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from analysis.figures.marks import (
    GAP,
    INK,
    PAPER,
    RULE,
    SILENT,
    STATES,
    THIN,
    column_head,
    each,
    name_of,
    number,
    wrapped,
)
from analysis.figures.print import paper

_WIDTH, _HEIGHT = 0.72, 0.36


def matrix(
    cells: pd.DataFrame,
    *,
    names: Mapping[str, str] | pd.Series,
    issues: pd.DataFrame,
    actors: Sequence[str],
) -> Figure:
    """The stance matrix: a row per actor, a column per issue.

    A cell with evidence shows its state's glyph, the mean stance without sign, and n, the number of articles; full
    colour from three articles on, pale with a dashed edge below. A hatched field: nothing was said.

    Parameters
    ----------
    cells
        What `stance_cells` returned.
    names
        The actors' names by id.
    issues
        The columns in order.
    actors
        The rows in order, silent ones included.
    """
    if cells.empty or issues.empty or not len(actors):
        return paper.empty("statement")
    labels = ["\n".join(wrapped(name_of(names, actor), 30, lines=2)) for actor in actors]
    width = max(6.5, 2.4 + _WIDTH * len(issues))
    heads = ["\n".join(column_head(issue_id)) for issue_id in issues["issue_id"]]
    figure = paper.sheet(width, 0.65 + 0.12 * max(head.count("\n") + 1 for head in heads) + _HEIGHT * len(actors))
    axes = figure.add_subplot()
    _grid(axes, labels, heads)
    columns = {issue: at for at, issue in enumerate(issues["issue_id"])}
    rows = {actor: at for at, actor in enumerate(actors)}
    for cell in each(cells):
        if cell.issue_id in columns and cell.actor in rows:
            _draw(axes, cell, columns[cell.issue_id], rows[cell.actor])
    paper.legend(figure, _key(), columns=7)
    return figure


def _grid(axes: Axes, rows: list[str], columns: list[str]) -> None:
    """Hatched fields all over, which the cells then cover."""
    axes.add_patch(
        Rectangle(
            (0, 0), len(columns), len(rows), facecolor=PAPER, edgecolor=GAP, hatch="////", hatch_linewidth=0.35, lw=0
        )
    )
    axes.set(xlim=(0, len(columns)), ylim=(len(rows), 0))
    paper.tidy(axes)
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(axis="x", labelsize=6.5)
    axes.xaxis.tick_top()
    axes.set_xticks([at + 0.5 for at in range(len(columns))], columns, parse_math=False)
    axes.set_yticks([at + 0.5 for at in range(len(rows))], rows, parse_math=False)
    axes.hlines(range(len(rows) + 1), 0, len(columns), color=RULE, linewidth=0.6)
    axes.vlines(range(len(columns) + 1), 0, len(rows), color=RULE, linewidth=0.6)


def _draw(axes: Axes, cell: Any, column: int, row: int) -> None:
    look, thin = STATES[cell.state], bool(pd.isna(cell.ci_low))
    fill, ink = (look.pale, INK) if thin else (look.fill, look.ink)
    style: Any = {"linestyle": (0, (3, 2)) if thin else "-", "edgecolor": look.edge, "linewidth": 0.9}
    axes.add_artist(Rectangle((column + 0.04, row + 0.06), 0.92, 0.88, facecolor=fill, **style))
    value = number(cell.stance).lstrip("+−")
    place: Any = {"color": ink, "ha": "center", "va": "center", "in_layout": False}
    axes.text(column + 0.2, row + 0.5, look.glyph, fontsize=11, weight="bold", **place)
    axes.text(column + 0.63, row + 0.36, value, fontsize=8, **place)
    axes.text(column + 0.63, row + 0.74, f"n {int(cell.n_articles)}", fontsize=6, **place)


def _key() -> list[Patch]:
    states = [
        Patch(facecolor=look.fill, edgecolor=look.edge, label=f"{look.glyph} {look.word}") for look in STATES.values()
    ]
    support = STATES["support"]
    thin = Patch(facecolor=support.pale, edgecolor=support.edge, linestyle=(0, (3, 2)), label=THIN)
    silent = Patch(facecolor=PAPER, edgecolor=GAP, hatch="//////", lw=0.5, label=SILENT)
    return [*states, silent, thin, Patch(alpha=0, label="n: articles")]
