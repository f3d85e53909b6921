"""What all printed figures share: the sheet, text to the letter, time axes, and SVG that is the same in every run.

Figures are made without pyplot, so that no figure stays open and no notebook's settings leak in. Text is never read as
mathematics: an article may speak of $5 and $6.
"""

import hashlib
import io
import re
import warnings
from collections.abc import Iterable, Sequence
from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG, RendererSVG
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.ticker import FixedFormatter, FixedLocator

from analysis.figures.fragments import Html, safe
from analysis.figures.marks import FAINT, INK, NOTHING, PAPER, RULE

SMALL, NORMAL, LARGE = 7.5, 8.5, 10.0
_POINTS = 72  # an inch has
_NO_METADATA = dict.fromkeys(("Date", "Creator", "Format", "Type"))
_COMMAND = re.compile(r" ?([A-Za-z]) ")  # of a path
_STYLE = """
.sb-figure{margin:.75rem 0;background:#fff;padding:.5rem;border-radius:4px;overflow-x:auto}
.sb-figure svg{display:block;width:100%;max-width:60rem;height:auto;min-width:34rem}
@media print{.sb-figure{padding:0;overflow:visible;break-inside:avoid}.sb-figure svg{min-width:0;max-height:24cm}}
"""


class Picture(Html):
    """A figure on a page: inline SVG with its text alternative."""


def sheet(width: float, height: float) -> Figure:
    """An empty white sheet, in inches, that lays itself out."""
    layout = ConstrainedLayoutEngine(w_pad=0.06, h_pad=0.06)
    return Figure(figsize=(width, height), facecolor=PAPER, layout=layout)


def empty(what: str) -> Figure:
    """A sheet that says that there is nothing to draw."""
    figure = sheet(7.0, 1.2)
    figure.text(0.5, 0.5, NOTHING.format(what=what), ha="center", va="center", fontsize=LARGE, color=FAINT)
    return figure


def tidy(axes: Axes) -> None:
    """Take away the frame that carries nothing, and quieten what is left."""
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(RULE)
    axes.tick_params(length=0, labelsize=NORMAL, labelcolor=INK)
    axes.set_axisbelow(True)


def time_axis(axes: Axes, first: pd.Timestamp, last: pd.Timestamp, *, most: int = 9) -> None:
    """Dates along the bottom, with thin rules upwards.

    They are found once, since drawing asks for them hundreds of times. Of panels that share their axis, one is enough;
    the others take `time_rules`.
    """
    axes.set_xlim(first, last)  # type: ignore[arg-type]  # matplotlib converts time stamps
    locator = AutoDateLocator(minticks=3, maxticks=most)  # type: ignore[no-untyped-call]  # matplotlib's own
    names = ConciseDateFormatter(locator, show_offset=False)  # type: ignore[no-untyped-call]  # matplotlib's own
    places = locator.tick_values(first, last)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(FixedLocator(places))
    axes.xaxis.set_major_formatter(FixedFormatter(names.format_ticks(places)))  # type: ignore[no-untyped-call]
    time_rules(axes)


def time_rules(axes: Axes) -> None:
    """The look of a time axis."""
    axes.tick_params(axis="x", length=3, color=RULE)
    axes.grid(axis="x", color=RULE, linewidth=0.5)


def line(axes: Axes, x: Iterable[Any], y: Iterable[float], **look: Any) -> None:
    """A line or symbols in time on axes whose limits are set; `axes.plot` would look for new limits each time."""
    days: Any = date2num(x)  # type: ignore[no-untyped-call]  # matplotlib's own
    axes.add_artist(Line2D(days, list(y), **look))


def span(axes: Axes, start: Any, end: Any, **look: Any) -> None:
    """A time behind everything, from the bottom to the top of axes whose limits are set."""
    left, right = date2num([start, end])  # type: ignore[no-untyped-call]  # matplotlib's own
    axes.add_artist(Rectangle((left, 0), right - left, 1, transform=axes.get_xaxis_transform(), **look))


def legend(figure: Figure, handles: Sequence[Artist], *, columns: int = 4) -> None:
    """A legend below everything, with its labels to the letter."""
    made = figure.legend(
        handles=list(handles), loc="outside lower left", ncols=columns, frameon=False, fontsize=SMALL, labelcolor=INK
    )
    literal_text(made.get_texts())


def literal_text(texts: Iterable[Text]) -> None:
    """Have these texts drawn to the letter."""
    for text in texts:
        text.set_parse_math(False)


def shown(figure: Figure, alt: str) -> Picture:
    """The figure as inline SVG with the text alternative `alt`.

    The SVG is the same in every run, has no outside reference, and its ids are its own, so that several stand on one
    page. It scales with the page; on a narrow one it scrolls in its box before its text gets too small to read.
    """
    svg = svg_of(figure)
    body = f'<figure class="sb-figure"><div role="img" aria-label="{safe(alt)}">{svg}</div></figure>'
    return Picture(body, alt, _STYLE)


def svg_of(figure: Figure) -> str:
    """The figure as an SVG element, without XML prolog, metadata and comments."""
    literal_text(figure.findobj(Text))
    _settle(figure)
    figure.set_dpi(_POINTS)
    drawn, (width, height) = io.StringIO(), figure.get_size_inches() * _POINTS
    settings: Any = {"svg.hashsalt": "stancebook", "svg.fonttype": "path"}
    with mpl.rc_context(settings), warnings.catch_warnings():
        # A script that the font lacks is drawn as boxes; the table under the figure has the words.
        warnings.filterwarnings("ignore", message=r"Glyph \d+")
        renderer: Any = RendererSVG(width, height, drawn, metadata=_NO_METADATA)  # type: ignore[no-untyped-call]
        canvas: Any = FigureCanvasSVG(figure)
        canvas.get_renderer = lambda: renderer  # else the layout measures all text with one of its own
        figure.draw(renderer)
        renderer.finalize()
    return _lean(drawn.getvalue())


def _settle(figure: Figure) -> None:
    """Say where empty titles and labels stand; matplotlib would look for their places in each of its passes."""
    for axes in figure.axes:
        if not any(axes.get_title(place) for place in ("left", "center", "right")):
            axes.set_title("", y=1.0)
        for axis in (axes.xaxis, axes.yaxis):
            if not axis.get_label_text():
                axis.set_label_coords(0.5, 0.5)


def _lean(svg: str) -> str:
    """The bare SVG element: no prolog, metadata, comments, line breaks or ids that nothing refers to.

    Hundredths of a point are enough. The ids that stay get a prefix that no other figure of the page has.
    """
    svg = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    svg = re.sub(r' (?:width|height)="[\d.]+pt"', "", svg)
    # matplotlib's style sheet holds for the whole page; as attributes it holds for this picture.
    svg = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>", "", svg, flags=re.DOTALL)
    svg = svg.replace("<svg ", '<svg stroke-linejoin="round" stroke-linecap="butt" ', 1)
    svg = re.sub("  +", " ", svg.replace("\n", " "))
    svg = re.sub(r"([1-9]\d*\.\d\d)\d+", r"\1", svg).replace("> <", "><")
    # Glyphs are most of the bytes. Their places count in hundredths of the font's size.
    svg = re.sub(r'transform="translate\((-?[\d.]+) 0\)"/>', lambda match: f'x="{float(match[1]):.0f}"/>', svg)
    svg = re.sub(r'(?<= d=")[^"]*', lambda match: _COMMAND.sub(r"\1", match[0]), svg)
    key = "f" + hashlib.sha256(svg.encode()).hexdigest()[:5]
    used = dict.fromkeys(re.findall(r'(?:xlink:href="#|url\(#)([^")]+)', svg))
    ids = {name: f"{key}-{number}" for number, name in enumerate(used)}
    svg = re.sub(r' id="([^"]+)"', lambda match: f' id="{ids[match[1]]}"' if match[1] in ids else "", svg)
    svg = re.sub(r'xlink:href="#([^"]+)"', lambda match: f'href="#{ids[match[1]]}"', svg)
    svg = re.sub(r"url\(#([^)]+)\)", lambda match: f"url(#{ids[match[1]]})", svg)
    return re.sub(r"<g ?/>", "", svg).strip()
