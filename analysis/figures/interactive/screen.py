"""What all plotly figures share: a plain layout, text to the letter, and how a figure reaches the page.

plotly's own display hands out an HTML page that fetches its script from a CDN. `shown` gives the figure's data alone:
JupyterLab draws it with the extension that plotly brings along, reports with the one script they ship.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from analysis.figures.marks import FAINT, INK, NOTHING, PAPER, RULE, literal, plain, wrapped

MIME = "application/vnd.plotly.v1+json"
DAY = pd.Timedelta(days=1)
_AXIS = {"automargin": True, "gridcolor": RULE, "zeroline": False, "linecolor": RULE, "fixedrange": False}


class Chart:
    """A plotly figure on a page: its data for whatever draws it, its text alternative for all else."""

    def __init__(self, figure: go.Figure) -> None:
        self.figure = figure

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        data = json.loads(self.figure.to_json())
        data["config"] = {"displaylogo": False, "responsive": True}
        return {MIME: data, "text/plain": repr(self)}

    def __repr__(self) -> str:
        return str(self.figure.layout.meta["alt"])


def shown(figure: go.Figure) -> Chart:
    """The figure as JupyterLab and reports show it; nothing is fetched from anywhere."""
    return Chart(figure)


def chart(alt: str, marks: Sequence[Mapping[str, Any]], *, height: int, **layout: Any) -> go.Figure:
    """A white figure with these traces and the text alternative `alt`; white, because its marks are made for paper.

    Axes in `layout` have the usual look where they say nothing else. Traces and layout are plain dicts and come all at
    once: plotly checks a figure's parts whenever one is added or changed, which took most of the time of a chart.
    """
    axes = {"xaxis": {}, "yaxis": {}} | {name: part for name, part in layout.items() if name[1:5] == "axis"}
    look = {
        "template": "none", "meta": {"alt": literal(alt)}, "height": height, "paper_bgcolor": PAPER,
        "plot_bgcolor": PAPER, "font": {"family": "system-ui, sans-serif", "size": 12, "color": INK},
        "hovermode": "closest", "margin": {"l": 10, "r": 10, "t": 30, "b": 10},
        "hoverlabel": {"bgcolor": PAPER, "bordercolor": FAINT, "font": {"color": INK}, "align": "left"},
        "legend": {"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom", "font": {"size": 11}},
    }  # fmt: skip
    return go.Figure(list(marks), look | layout | {name: _AXIS | axis for name, axis in axes.items()})


def entry(word: str, marker: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A trace that only stands in the legend."""
    return {"type": "scatter", "x": [None], "y": [None], "mode": "markers", "marker": marker, "name": word} | more


def empty(what: str) -> go.Figure:
    """A figure that says that there is nothing to draw."""
    text, hidden = NOTHING.format(what=what), {"visible": False}
    note = {"text": text, "showarrow": False, "x": 0.5, "y": 0.5, "xref": "paper", "yref": "paper"}
    return chart(text, [], height=120, xaxis=hidden, yaxis=hidden, annotations=[note])


def broken(text: Any, width: int, *, lines: int = 3) -> str:
    """`text` to the letter, in lines."""
    return "<br>".join(plain(line) for line in wrapped(text, width, lines=lines))


def hover(*lines: str) -> str:
    """What a mark says when pointed at: its lines, empty ones left out. They are plotly's pseudo-HTML already."""
    return "<br>".join(line for line in lines if line)


def iso(times: Any) -> list[str]:
    """Dates as plotly reads them: days as short texts."""
    return [f"{time:%Y-%m-%d}" if time == time.normalize() else f"{time:%Y-%m-%d %H:%M}" for time in times]
