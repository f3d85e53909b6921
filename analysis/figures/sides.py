"""A tie of two actors in words, and what both of them said, side by side in a popover that needs no script."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from analysis import dates
from analysis.figures.fragments import safe
from analysis.figures.marks import STATES, State, counted, each, grouped, issue_label, name_of, number

Names = Mapping[str, str] | pd.Series
THIN = "thin"  # the `ci_method` of a tie with too few articles for an interval
WORDS = {"support": "agreement", "oppose": "conflict", "neutral": "balance 0"}
STYLE = """
.sb .sb-both{width:100%;table-layout:fixed}
.sb .sb-both caption{padding:0 2.5rem .7rem 0;font-weight:400}
.sb .sb-tie .sb-close{position:absolute;top:.7rem;right:.8rem}
.sb .sb-both th,.sb .sb-both td{padding:.25rem .6rem .25rem 0}
.sb .sb-both tr+tr th{border-top:1px solid var(--sb-rule);color:var(--sb-faint);font-weight:500}
.sb .sb-both td p{unicode-bidi:plaintext;color:inherit;margin:0 0 .45rem;overflow-wrap:anywhere}
.sb .sb-both small{display:block;font-size:.8125rem;color:var(--sb-faint)}
@media print{.sb .sb-pop.sb-tie{display:none!important}}
"""
_COUNTS = ("n_statements", "n_possible", "n_agreement", "n_conflict", "n_balance")
_WINDOWS = {"window": "str", **dict.fromkeys(_COUNTS, "int64")}
_MOST = 12  # statements of one side on one issue; with more the other side is out of sight


def state(weight: float) -> str:
    """The state whose look a tie of this weight has: `support` for agreement, `oppose` for conflict, else `neutral`."""
    return "support" if weight > 0 else "oppose" if weight < 0 else "neutral"


def looks(weight: float) -> State:
    """Glyph and colours of a tie of this weight."""
    return STATES[state(weight)]


def title(tie: Any, names: Names) -> str:
    """The names of both sides of a tie."""
    return f"{name_of(names, tie.source)} and {name_of(names, tie.target)}"


def worded(tie: Any) -> str:
    """The state of a tie and its weight."""
    return f"{WORDS[state(tie.weight)]} {number(tie.weight)}" if tie.weight else WORDS["neutral"]


def basis(tie: Any) -> str:
    """What a tie rests on."""
    return f"{counted(int(tie.n_statements), 'statement')} in {counted(int(tie.n_articles), 'article')}"


def survival(tie: Any) -> str:
    """How often a tie survives when articles are drawn, and its interval, or that it has none."""
    kept = [] if pd.isna(tie.share_kept) else [f"kept in {tie.share_kept:.0%} of draws"]
    has_interval = pd.notna(tie.ci_low)
    interval = f"95% interval {number(tie.ci_low)} to {number(tie.ci_high)}" if has_interval else str(tie.ci_method)
    return " · ".join([*kept, interval])


def pairs(ties: pd.DataFrame, names: Names) -> list[str]:
    """Ties in a few words each: "Ann and Bob (agreement +0.50, 3 statements in 2 articles)"."""
    return [f"{title(tie, names)} ({worded(tie)}, {basis(tie)})" for tie in each(ties)]


def placed(ties: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    """The ties with their place below the diagonal of a matrix of `members` (row, column), `state` and `is_thin`."""
    at = {actor: place for place, actor in enumerate(members["actor"])}
    ends = [sorted((at[tie.source], at[tie.target])) for tie in each(ties)]
    return ties.assign(
        row=[last for _, last in ends],
        column=[first for first, _ in ends],
        state=[state(weight) for weight in ties["weight"]],
        is_thin=ties["ci_method"] == THIN,
    )


def starts(members: pd.DataFrame) -> list[bool]:
    """For each row whether another coalition begins with it; those without one stand together."""
    numbers = members["coalition"].fillna(0).tolist()
    return [one != other for one, other in zip(numbers, [*numbers[:1], *numbers], strict=False)]


def blocks(members: pd.DataFrame) -> list[tuple[int, int]]:
    """The first and last place of each coalition of two and more."""
    places = pd.Series(range(len(members)), index=members["coalition"].to_numpy(dtype="float64", na_value=float("nan")))
    ends = places[places.index.notna()].groupby(level=0).agg(["min", "max"])
    return [(int(first), int(last)) for first, last in ends.to_numpy() if last > first]


def by_window(windows: Iterable[Any]) -> pd.DataFrame:
    """The ties of one window after the other, from the first to the last that has a statement, by state.

    Parameters
    ----------
    windows
        What `analysis.window` returned for a one-mode network of `subtract`.

    Returns
    -------
    pandas.DataFrame
        window (its time as text), n_statements, n_possible (which may have been made in it, but need not), n_agreement,
        n_conflict, n_balance (ties).
    """
    rows = [
        (dates.label(piece.start, piece.end, "interval"), piece.network.parts.n, piece.n_possible, *_split(piece))
        for piece in windows
    ]
    table = pd.DataFrame(rows, columns=list(_WINDOWS)).astype(_WINDOWS)
    spoken = table.index[table["n_statements"] > 0]
    return table.loc[spoken.min() : spoken.max()].reset_index(drop=True) if len(spoken) else table.head(0)


def _split(piece: Any) -> list[int]:
    states = [state(weight) for weight in piece.network.edges["weight"]]
    return [states.count(name) for name in WORDS]


def silences(windows: pd.DataFrame) -> list[tuple[int, int]]:
    """The first and last place of each run of windows without a statement."""
    is_silent = windows["n_statements"] == 0
    runs = pd.Series(range(len(windows)))[is_silent].groupby((~is_silent).cumsum()).agg(["min", "max"])
    return [(int(first), int(last)) for first, last in runs.to_numpy()]


def popovers(
    opened: Sequence[tuple[str, Any]], statements: pd.DataFrame, *, names: Names, issues: pd.DataFrame
) -> Iterator[str]:
    """The popover of each tie: the tie in words, then issue by issue what either side said, in order of date.

    Parameters
    ----------
    opened
        The popovers' ids and the ties.
    statements, names, issues
        As for `ties.matrix`.
    """
    said = grouped(statements, "actor", "issue_id")
    for anchor, tie in opened:
        shared = [issue for issue in issues["issue_id"] if {(tie.source, issue), (tie.target, issue)} <= said.keys()]
        rows = [
            f"<tr><th colspan='2'>{safe(issue_label(issue))}</th></tr><tr>"
            + "".join(_side(said[actor, issue], name_of(names, actor)) for actor in (tie.source, tie.target))
            + "</tr>"
            for issue in shared
        ]
        yield _popover(anchor, tie, names, "".join(rows))


def _popover(anchor: str, tie: Any, names: Names, rows: str) -> str:
    heads = "".join(f"<th>{safe(name_of(names, actor))}</th>" for actor in (tie.source, tie.target))
    parts = " − ".join(number(part).lstrip("+") for part in (tie.congruence, tie.conflict))
    return (
        f"<section popover class='sb-pop sb-tie' id='{anchor}'><button class='sb-close' popovertarget='{anchor}' "
        f"aria-label='Close'>×</button><table class='sb-both'><caption><b>{worded(tie)}</b> = {parts} · {basis(tie)} · "
        f"{survival(tie)}</caption><tr>{heads}</tr>{rows}</table></section>"
    )


def _side(rows: Sequence[Any], name: str) -> str:
    """One side's statements on an issue: those of latest date where there are many."""
    lines = [_line(row, name) for row in rows[-_MOST:]]
    before = f"<p>and {len(rows) - _MOST} earlier</p>" if len(rows) > _MOST else ""
    return f"<td>{''.join(lines)}{before}</td>"


def _line(row: Any, name: str) -> str:
    date = dates.label(row.date_start, row.date_end, row.date_precision)
    words = f"“{safe(row.quote)}”" if pd.notna(row.quote) else safe(row.gloss)
    source = [row.speaker] * (row.speaker != name) + [row.outlet] * pd.notna(row.outlet)
    return f"<p>{words}<small>{number(row.stance)} · {' · '.join(map(safe, [date, *source]))}</small></p>"
