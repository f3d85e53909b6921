"""Agreement of coders for exploring: alpha of each code with its interval and all other coefficients."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from analysis.figures.agreement import RELIABLE, TENTATIVE, labelled
from analysis.figures.interactive import screen
from analysis.figures.marks import FAINT, PAPER, STATES, counted, each, plain

_BLUE = STATES["support"].fill


def agreement(rows: pd.DataFrame) -> go.Figure:
    """Krippendorff's alpha as a dot per code with its 95% interval; pointing at a dot gives the other coefficients.

    A hollow dot has no interval; a code without alpha has none.

    Parameters
    ----------
    rows
        What `agreement` returned, without groups.
    """
    if rows.empty:
        return screen.empty("passage coded twice")
    named = labelled(rows)
    alt = "Krippendorff's alpha by code: " + "; ".join(f"{row.code} {_alpha(row)}" for row in each(named))
    drawn = named[named["alpha"].notna()].assign(at=[at for at, alpha in enumerate(named["alpha"]) if pd.notna(alpha)])
    low, high = (drawn["alpha"] - drawn["ci_low"]).fillna(0), (drawn["ci_high"] - drawn["alpha"]).fillna(0)
    bars = {"type": "data", "symmetric": False, "array": _round(high), "arrayminus": _round(low), "color": _BLUE}
    fills = [PAPER if pd.isna(value) else _BLUE for value in drawn["ci_low"]]
    dots = {
        "type": "scatter", "x": _round(drawn["alpha"]), "y": drawn["at"].tolist(), "mode": "markers", "error_x": bars,
        "marker": {"size": 10, "color": fills, "line": {"color": _BLUE, "width": 2}},
        "hovertext": [_said(row) for row in each(drawn)], "hoverinfo": "text",
    }  # fmt: skip
    ticks = [f"{plain(row.code)} (n {int(row.n_units)})" for row in each(named)]
    start = min([0.0, *rows["alpha"].dropna(), *rows["ci_low"].dropna()]) - 0.05
    codes = {"range": [len(rows) - 0.5, -0.9], "tickvals": list(range(len(rows))), "ticktext": ticks, "showgrid": False}
    alphas = {"title": {"text": "Krippendorff’s alpha", "font": {"size": 11}}, "tickformat": ".1f"}
    return screen.chart(
        f"{alt}.", [dots], height=130 + 34 * len(rows), showlegend=False, yaxis=codes,
        xaxis=alphas | {"range": [start, 1.05]}, **_thresholds(),
    )  # fmt: skip


def _thresholds() -> dict[str, Any]:
    """Dashed lines from which on codes count as tentative and as reliable, with these words."""
    places = ((TENTATIVE, "tentative"), (RELIABLE, "reliable"))
    line = {"type": "line", "yref": "y domain", "y0": 0, "y1": 1, "line": {"color": FAINT, "width": 1, "dash": "dash"}}
    word = {
        "yref": "y domain", "y": 1, "showarrow": False, "font": {"size": 10, "color": FAINT}, "xanchor": "left",
        "yanchor": "top",
    }  # fmt: skip
    return {
        "shapes": [{**line, "xref": "x", "x0": at, "x1": at} for at, _ in places],
        "annotations": [{**word, "xref": "x", "x": at, "text": text} for at, text in places],
    }


def _round(values: Any) -> list[float]:
    return [round(float(value), 3) for value in values]


def _alpha(row: Any) -> str:
    if pd.isna(row.alpha):
        return "no alpha"
    return f"{row.alpha:.2f}" + ("" if pd.isna(row.ci_low) else f" (95% {row.ci_low:.2f} to {row.ci_high:.2f})")


def _said(row: Any) -> str:
    others = {"same in": row.percent, "kappa": row.kappa, "AC1": row.ac1}
    return screen.hover(
        f"<b>{plain(row.code)}</b>",
        f"alpha {_alpha(row)}",
        " · ".join(f"{name} {value:.2f}" for name, value in others.items() if pd.notna(value)),
        f"{counted(int(row.n_units), 'passage')} compared, {int(row.n_alone)} of one coder only",
    )
