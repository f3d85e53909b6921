"""What all plotly figures share: a plain layout, text to the letter, and how a figure reaches the page.

plotly's own display hands out an HTML page that fetches its script from a CDN. `shown` gives the figure's data alone:
JupyterLab draws it with the extension that plotly brings along, reports with the one script they ship.
"""

import json
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from analysis.figures.marks import FAINT, INK, NOTHING, PAPER, RULE, literal, plain, wrapped

MIME = "application/vnd.plotly.v1+json"
DAY = pd.Timedelta(days=1)
_AXIS = {"gridcolor": RULE, "zeroline": False, "linecolor": RULE, "fixedrange": False}


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


def canvas(alt: str, *, height: int, **layout: Any) -> go.Figure:
    """An empty white figure with the text alternative `alt`; white, because its marks are made for paper."""
    figure = go.Figure()
    figure.update_layout(
        template="none", meta={"alt": literal(alt)}, height=height, paper_bgcolor=PAPER, plot_bgcolor=PAPER,
        font={"family": "system-ui, sans-serif", "size": 12, "color": INK}, hovermode="closest",
        margin={"l": 10, "r": 10, "t": 30, "b": 10},
        hoverlabel={"bgcolor": PAPER, "bordercolor": FAINT, "font": {"color": INK}, "align": "left"},
        legend={"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom", "font": {"size": 11}}, **layout,
    )  # fmt: skip
    figure.update_xaxes(automargin=True, **_AXIS)
    figure.update_yaxes(automargin=True, **_AXIS)
    return figure


def empty(what: str) -> go.Figure:
    """A figure that says that there is nothing to draw."""
    text = NOTHING.format(what=what)
    figure = canvas(text, height=120)
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    figure.add_annotation(text=text, showarrow=False, x=0.5, y=0.5, xref="paper", yref="paper")
    return figure


def broken(text: Any, width: int, *, lines: int = 3) -> str:
    """`text` to the letter, in lines."""
    return "<br>".join(plain(line) for line in wrapped(text, width, lines=lines))


def hover(*lines: str) -> str:
    """What a mark says when pointed at: its lines, empty ones left out. They are plotly's pseudo-HTML already."""
    return "<br>".join(line for line in lines if line)


def iso(times: Any) -> list[str]:
    """Dates as plotly reads them: days as short texts."""
    return [f"{time:%Y-%m-%d}" if time == time.normalize() else f"{time:%Y-%m-%d %H:%M}" for time in times]
