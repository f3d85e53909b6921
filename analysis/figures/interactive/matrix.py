"""The stance matrix for exploring."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from analysis.figures.interactive import screen
from analysis.figures.marks import (
    GAP,
    INK,
    PAPER,
    RULE,
    SILENT,
    STATES,
    column_head,
    counted,
    described,
    each,
    interval,
    issue_label,
    name_of,
    number,
    plain,
)

_Places = Mapping[tuple[str, str], tuple[int, int]]
_TOLD = 12


def matrix(
    cells: pd.DataFrame,
    *,
    names: Mapping[str, str] | pd.Series,
    issues: pd.DataFrame,
    actors: Sequence[str],
) -> go.Figure:
    """The stance matrix: glyph and mean stance in each cell; pointing at it gives counts, interval and dates.

    Parameters
    ----------
    cells
        What `stance_cells` returned. Thin cells are pale; a hatched field means that nothing was said.
    names
        The actors' names by id.
    issues
        The columns in order, with their propositions.
    actors
        The rows in order, silent ones included.
    """
    if cells.empty or issues.empty or not len(actors):
        return screen.empty("statement")
    ids = list(issues["issue_id"])
    places = {(actor, issue): (x, y) for y, actor in enumerate(actors) for x, issue in enumerate(ids)}
    drawn = cells[[pair in places for pair in zip(cells["actor"], cells["issue_id"], strict=True)]]
    alt = f"Stance matrix of {counted(len(actors), 'actor')} and {counted(len(ids), 'issue')}. " + "; ".join(
        f"{name_of(names, cell.actor)} on {issue_label(cell.issue_id)}: {described(cell)}"
        for cell in each(drawn.head(_TOLD))
    )
    marks = [_silent(set(places.values()), [places[row.actor, row.issue_id] for row in each(drawn)])]
    propositions = dict(zip(ids, issues["proposition"], strict=True))
    for state in STATES:
        for thin in (False, True):
            rows = drawn[(drawn["state"] == state) & (drawn["ci_low"].isna() == thin)]
            if len(rows):
                marks.append(_squares(rows, places, thin=thin))
    marks.append(_labels(drawn, places, names, propositions))
    rows_shown = [screen.broken(name_of(names, actor), 30, lines=2) for actor in actors]
    heads = ["<br>".join(map(plain, column_head(issue))) for issue in ids]
    top = {"range": [-0.5, len(ids) - 0.5], "tickvals": list(range(len(ids))), "ticktext": heads, "side": "top"}
    side = {"range": [len(actors) - 0.5, -0.5], "tickvals": list(range(len(actors))), "ticktext": rows_shown}
    return screen.chart(
        alt + (" …" if len(drawn) > _TOLD else ""), marks, height=150 + 34 * len(actors),
        xaxis=top | {"showgrid": False, "tickangle": 0, "tickfont": {"size": 10}},
        yaxis=side | {"showgrid": False, "tickfont": {"size": 11}},
    )  # fmt: skip


def _outline(places: Sequence[tuple[int, int]], inset: float) -> dict[str, Any]:
    """Squares as closed lines, one trace for all of a kind; a heatmap has no colour for what is missing."""
    a, b = 0.5 - inset, 0.5 - inset * 1.5
    xs: list[float | None] = []
    ys: list[float | None] = []
    for x, y in places:
        xs += [x - a, x + a, x + a, x - a, x - a, None]
        ys += [y - b, y - b, y + b, y + b, y - b, None]
    rounded = {name: [at if at is None else round(at, 2) for at in ats] for name, ats in (("x", xs), ("y", ys))}
    return {"type": "scatter", "mode": "lines", "fill": "toself", "hoverinfo": "skip", **rounded}


def _silent(every: set[tuple[int, int]], said: list[tuple[int, int]]) -> dict[str, Any]:
    places = sorted(every - set(said))
    pattern = {"shape": "/", "fgcolor": GAP, "bgcolor": PAPER, "size": 5, "solidity": 0.12}
    look = {"line": {"width": 0.6, "color": RULE}, "fillpattern": pattern}
    return _outline(places, 0.0) | look | {"name": SILENT}


def _squares(rows: pd.DataFrame, places: _Places, *, thin: bool) -> dict[str, Any]:
    look = STATES[str(rows["state"].iloc[0])]
    at = [places[row.actor, row.issue_id] for row in each(rows)]
    name = f"{look.glyph} {look.word}{', thin' if thin else ''}"
    line = {"width": 1.2, "color": look.edge, "dash": "dot" if thin else "solid"}
    fill = look.pale if thin else look.fill
    return _outline(at, 0.04) | {"line": line, "fillcolor": fill, "name": name}


def _labels(
    cells: pd.DataFrame, places: _Places, names: Mapping[str, str] | pd.Series, propositions: Mapping[str, str]
) -> dict[str, Any]:
    """Glyph and value on every cell, and what it says when pointed at."""
    at = [places[cell.actor, cell.issue_id] for cell in each(cells)]
    inks = [INK if pd.isna(cell.ci_low) else STATES[cell.state].ink for cell in each(cells)]
    texts = [f"{STATES[cell.state].glyph} {number(cell.stance).lstrip('+−')}" for cell in each(cells)]
    said = [_said(cell, name_of(names, cell.actor), propositions[cell.issue_id]) for cell in each(cells)]
    return {
        "type": "scatter", "x": [x for x, _ in at], "y": [y for _, y in at], "mode": "text", "text": texts,
        "textfont": {"color": inks, "size": 11}, "hovertext": said, "hoverinfo": "text", "showlegend": False,
    }  # fmt: skip


def _said(cell: Any, name: str, proposition: str) -> str:
    look = STATES[cell.state]
    counts = f"{counted(int(cell.n_articles), 'article')}, {counted(int(cell.n_statements), 'statement')}"
    split = f"{cell.n_support} support, {cell.n_neutral} neutral, {cell.n_oppose} oppose, {cell.n_mixed} mixed"
    return screen.hover(
        f"<b>{plain(name)}: {plain(issue_label(cell.issue_id))}</b>",
        screen.broken(proposition, 60),
        f"{look.glyph} {look.word} {number(cell.stance)} · {interval(cell.ci_low, cell.ci_high)}",
        f"{counts} ({split})",
        f"said between {cell.first:%Y-%m-%d} and {cell.last:%Y-%m-%d}",
    )
