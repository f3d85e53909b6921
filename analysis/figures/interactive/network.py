"""Networks for exploring: the ties of actors with how often they survive."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from analysis.figures import sides
from analysis.figures.interactive import screen
from analysis.figures.marks import INK, STATES, counted, each, name_of, plain
from analysis.figures.sides import Names

_WEIGHTS = [[0, STATES["oppose"].fill], [0.5, STATES["neutral"].pale], [1, STATES["support"].fill]]
_SHARES = [[0, "#ffffff"], [1, "#8f8f89"]]
_LISTED = 12


def ties(ties: pd.DataFrame, *, names: Names, members: pd.DataFrame) -> go.Figure:
    """Two halves of a matrix: below the diagonal the ties, above it the share of draws that each of them survives.

    Pointing at a tie below the diagonal gives its weight and what it rests on. A frame surrounds a coalition.

    Parameters
    ----------
    ties
        What `tie_intervals` returned for a one-mode network of `subtract`.
    names
        The actors' names by id.
    members
        The rows in order, with the `coalition` of each `actor`.
    """
    if ties.empty:
        return screen.empty("tie")
    size = len(members)
    strongest = sides.pairs(ties.loc[ties["weight"].abs().nlargest(_LISTED).index], names)
    more = " …" if len(ties) > _LISTED else ""
    alt = f"Ties of {counted(size, 'actor')}: {counted(len(ties), 'tie')}. Strongest: {'; '.join(strongest)}{more}"
    placed = sides.placed(ties, members)
    most = float(placed["weight"].abs().max()) or 1.0
    marks = [sides.looks(weight).glyph for weight in placed["weight"]]
    below = {"x": placed["column"], "y": placed["row"], "z": placed["weight"].round(3), "text": marks}
    said = [*(_said(tie, names) for tie in each(placed)), *[""] * size]
    lower = _half(below, size, colorscale=_WEIGHTS, zmin=-most, zmax=most, hovertext=said, hoverinfo="text")
    kept = (100 * placed["share_kept"]).round()
    shares = [f"{share:.0f}" if share == share else "–" for share in kept]  # noqa: PLR0124  # not NaN
    above = {"x": placed["row"], "y": placed["column"], "z": kept.fillna(0), "text": shares}
    upper = _half(above, size, colorscale=_SHARES, zmin=0, zmax=100, hoverinfo="skip")
    labels = [
        f"{screen.broken(name_of(names, actor), 32, lines=1)}  {at}" for at, actor in enumerate(members["actor"], 1)
    ]
    axis = {"tickvals": list(range(size)), "showgrid": False, "tickfont": {"size": 10}}
    frame = {"type": "rect", "line": {"color": INK, "width": 2}}
    return screen.chart(
        alt, [lower, upper], height=150 + 26 * size, shapes=[frame | _corners(*ends) for ends in sides.blocks(members)],
        xaxis={**axis, "range": [-0.5, size - 0.5], "ticktext": list(range(1, size + 1)), "side": "top"},
        yaxis={**axis, "range": [size - 0.5, -0.5], "ticktext": labels},
    )  # fmt: skip


def _corners(first: int, last: int) -> dict[str, float]:
    return {"x0": first - 0.5, "y0": first - 0.5, "x1": last + 0.5, "y1": last + 0.5}


def _half(cells: dict[str, Any], size: int, **look: Any) -> dict[str, Any]:
    """One half of the matrix; the empty fields of the diagonal keep plotly from widening the others over gaps."""
    blank: dict[str, list[Any]] = {
        "x": list(range(size)),
        "y": list(range(size)),
        "z": [None] * size,
        "text": [""] * size,
    }
    columns = {name: [*values, *blank[name]] for name, values in cells.items()}
    style = {"texttemplate": "%{text}", "xgap": 1, "ygap": 1, "showscale": False, "hoverongaps": False}
    return {"type": "heatmap", **columns, **style, **look}


def _said(tie: Any, names: Names) -> str:
    return screen.hover(
        f"<b>{plain(sides.title(tie, names))}</b>", sides.worded(tie), sides.basis(tie), sides.survival(tie)
    )
