"""Networks on paper: the ties of actors with how often they survive, and the ties of one window after the other."""

from collections.abc import Iterable
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch, PathPatch, Rectangle
from matplotlib.path import Path
from matplotlib.ticker import FuncFormatter, MaxNLocator

from analysis.figures import sides
from analysis.figures.marks import FAINT, GAP, INK, PAPER, RULE, STATES, each, name_of, wrapped
from analysis.figures.print import paper
from analysis.figures.sides import THIN, WORDS, Names

_CELL = 0.27
_TICKS = 12
_LEAST = 6  # places for bars: two bars as wide as the sheet look like one
_SHADES = ((0.95, "#8f8f89", "95% and more"), (0.8, "#bdbdb7", "80%"), (0.5, "#e4e4de", "50%"))


def ties(ties: pd.DataFrame, *, names: Names, members: pd.DataFrame) -> Figure:
    """Two halves of a matrix: below the diagonal the ties, above it how many draws of articles each of them survives.

    Below, the glyph tells agreement (+), conflict (−) or a balance of 0, in full colour where the tie has an interval,
    pale where it is thin. Above stands the share of draws in per cent, on darker grey the surer. A hatched field is no
    tie; a frame surrounds a coalition.

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
        return paper.empty("tie")
    extent = _CELL * len(members)
    figure = paper.sheet(max(7.0, 2.7 + extent), 0.8 + extent)
    axes = figure.add_subplot()
    _grid(axes, members, names)
    placed = sides.placed(ties, members)
    for (state, is_thin), group in placed.groupby(["state", "is_thin"]):
        look = STATES[str(state)]
        _fields(axes, group["column"], group["row"], look.pale if is_thin else look.fill)
    _fields(axes, placed["row"], placed["column"], PAPER)
    for least, shade, _ in reversed(_SHADES):
        sure = placed[placed["share_kept"] >= least]
        _fields(axes, sure["row"], sure["column"], shade)
    for tie in each(placed):
        look = STATES[tie.state]
        _text(axes, tie.column, tie.row, look.glyph, INK if tie.is_thin else look.ink, fontsize=9)
        _text(axes, tie.row, tie.column, f"{100 * tie.share_kept:.0f}" if tie.weight else "–", INK, fontsize=6.5)
    for first, last in sides.blocks(members):
        width = last - first + 1
        axes.add_patch(Rectangle((first, first), width, width, fill=False, edgecolor=INK, linewidth=1.6, zorder=4))
    paper.legend(figure, _key(), columns=4)
    return figure


def _grid(axes: Axes, members: pd.DataFrame, names: Names) -> None:
    """Hatched fields all over, which the ties then cover; rows with names and numbers, columns with numbers."""
    size = len(members)
    hatched: Any = {"facecolor": PAPER, "edgecolor": GAP, "hatch": "////", "hatch_linewidth": 0.35, "lw": 0}
    axes.add_patch(Rectangle((0, 0), size, size, **hatched))
    _fields(axes, range(size), range(size), RULE)
    middles = [at + 0.5 for at in range(size)]
    labels = [wrapped(name_of(names, actor), 34, lines=1)[0] for actor in members["actor"]]
    axes.set_xticks(middles, [str(at + 1) for at in range(size)])
    axes.set_yticks(middles, [f"{name}  {at + 1}" for at, name in enumerate(labels)], parse_math=False)
    axes.set(xlim=(0, size), ylim=(size, 0), aspect="equal")
    axes.xaxis.tick_top()
    paper.tidy(axes)
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(labelsize=7)
    axes.hlines(range(size + 1), 0, size, color=RULE, linewidth=0.5, zorder=2)
    axes.vlines(range(size + 1), 0, size, color=RULE, linewidth=0.5, zorder=2)


def _fields(axes: Axes, columns: Iterable[int], rows: Iterable[int], fill: str) -> None:
    """Fields of one colour as one path, those side by side joined: a fraction of the bytes of a patch each."""
    runs: list[list[int]] = []
    for row, column in sorted(zip(rows, columns, strict=True)):
        if runs and runs[-1][1:] == [column, row]:
            runs[-1][1] = column + 1
        else:
            runs.append([column, column + 1, row])
    paths = [Path([(x, y), (end, y), (end, y + 1), (x, y + 1), (x, y)], closed=True) for x, end, y in runs]
    if paths:
        axes.add_patch(PathPatch(Path.make_compound_path(*paths), facecolor=fill, linewidth=0, zorder=1.5))


def _text(axes: Axes, x: int, y: int, text: str, color: str, *, fontsize: float) -> None:
    place: Any = {"ha": "center", "va": "center", "zorder": 3, "in_layout": False}
    axes.text(x + 0.5, y + 0.52, text, color=color, fontsize=fontsize, **place)


def _key() -> list[Patch]:
    look = STATES["support"]
    thin = Patch(facecolor=look.pale, edgecolor=look.edge, label=THIN)
    shares = [Patch(facecolor=shade, edgecolor=FAINT, label=f"kept in {word} of draws") for _, shade, word in _SHADES]
    return [*_states(), thin, *shares, _nothing("no tie")]


def _states() -> list[Patch]:
    looks = [(STATES[name], word) for name, word in WORDS.items()]
    return [Patch(facecolor=look.fill, edgecolor=look.edge, label=f"{look.glyph}  {word}") for look, word in looks]


def _nothing(label: str) -> Patch:
    return Patch(facecolor=PAPER, edgecolor=GAP, hatch="//////", label=label)


def windows(rows: pd.DataFrame) -> Figure:
    """The ties of one window after the other: those of agreement upwards, those of conflict downwards.

    Ties whose balance is 0 stand on those of agreement. A hatched window has no statement that certainly falls into it.

    Parameters
    ----------
    rows
        What `sides.by_window` returned.
    """
    if rows.empty:
        return paper.empty("statement dated to a window")
    figure = paper.sheet(9.0, 2.9)
    axes = figure.add_subplot()
    at = range(len(rows))
    for first, last in sides.silences(rows):
        axes.axvspan(first - 0.5, last + 0.5, facecolor=PAPER, edgecolor=GAP, hatch="////", hatch_linewidth=0.3, lw=0)
    _bars(axes, "support", rows["n_agreement"])
    _bars(axes, "neutral", rows["n_balance"], base=rows["n_agreement"])
    _bars(axes, "oppose", -rows["n_conflict"])
    paper.tidy(axes)
    axes.axhline(0, color=INK, linewidth=0.8)
    step = -(-len(rows) // _TICKS)
    begins = [str(window).split(" ")[0] for window in rows["window"]]
    axes.set_xticks(list(at)[::step], begins[::step], parse_math=False)
    most = max(1, int((rows["n_agreement"] + rows["n_balance"]).max()))
    axes.set(
        xlim=(-0.6, max(len(rows), _LEAST) - 0.4),
        ylim=(-1.15 * max(int(rows["n_conflict"].max()), most / 8), 1.1 * most),
    )
    axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{abs(value):g}"))
    axes.set_ylabel("ties", fontsize=paper.NORMAL, color=INK)
    paper.legend(figure, [*_states(), _nothing("no statement that is dated to it")], columns=4)
    return figure


def _bars(axes: Axes, name: str, heights: "pd.Series[int]", *, base: Any = 0) -> None:
    look = STATES[name]
    edge: Any = {"edgecolor": look.edge, "linewidth": [0.5 if height else 0 for height in heights]}
    axes.bar(range(len(heights)), heights, bottom=base, width=0.7, color=look.fill, label=WORDS[name], **edge)
