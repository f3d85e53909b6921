"""Who changed position from one period to the next, and who kept it.

M. Fay, M. Proschan and E. Brittain (2015), Combining one-sample confidence procedures for inference in the two-sample
case, Biometrics 71(1): how the two intervals become one for the change.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis import dates
from analysis.intervals import LEAST, LEVEL, METHOD, share_above
from analysis.schema import Tables
from analysis.stance import THIN, evidence, stance_cells

_CELL = ["actor", "issue_id"]
_SIDES = ("support", "oppose")
_DIGITS = 12
_GRID = np.linspace(-1, 1, 401)
_CHANGES = {
    **dict.fromkeys((*_CELL, "period_before", "period_after"), "str"),
    "since": "datetime64[us]",
    **dict.fromkeys(("state_before", "state_after", "kind"), "str"),
    **dict.fromkeys(("stance_before", "stance_after", "change", "ci_low", "ci_high"), "float64"),
    "ci_method": "str",
    **dict.fromkeys(("n_articles_before", "n_articles_after", "n_unplaced"), "int64"),
    "loyalty": "float64",
    "n_comparable": "int64",
}
_Days = NDArray[np.datetime64]
_Floats = NDArray[np.float64]


def stance_change(tables: Tables, at: str | Sequence[str], *, actor: str = "speaker_id") -> pd.DataFrame:
    """One row per actor and issue with evidence in two periods that follow each other: the stance in both, the change.

    Parameters
    ----------
    tables
        A corpus, or what `select` kept of it.
    at
        ISO date or dates. The first day of each begins a new period.
    actor
        Whose position: `speaker_id`, or `organisation_id` for the institution spoken for.

    Returns
    -------
    pandas.DataFrame
        actor, issue_id, period_before, period_after, since
            What is compared, sorted by actor, issue and `since`, the first day of the later period.
        state_before, state_after, stance_before, stance_after, change
            As in `stance_cells` of the statements of either period; change is after − before, −2 to +2, NaN where a
            stance is missing.
        kind
            kept: the same state and stance; moved: the same state, the stance became stronger or weaker; flipped:
            support became opposition or the reverse; to_neutral, to_mixed: what it became; from_neutral, from_mixed:
            what support or opposition came from.
        ci_low, ci_high, ci_method
            95% interval of `change` with the articles of either period as two samples, where both have at least three
            articles with a stance; else NaN and `thin`.
        n_articles_before, n_articles_after
            Articles, copies of one text once over all periods.
        n_unplaced
            Statements of this actor on this issue that may have fallen into one of the two periods, but whose date is
            too uncertain to tell which. They are in neither stance.
        loyalty, n_comparable
            Of the actor's rows with a stance in both periods (`n_comparable`) the share whose side stayed the same: the
            same on all rows of an actor; NaN without such a row.

        No rows where no actor has evidence in two periods that follow each other.

    Raises
    ------
    ParameterError
        A part of `at` is no date, or `actor` no such column.

    Notes
    -----
    loyalty(a) = share of rows r of actor a with sign(stance_before(r)) = sign(stance_after(r)), where the sign of a
    neutral or balanced stance is 0: who falls silent on an issue is not disloyal, who turns neutral is.

    The interval is melded (Fay, Proschan and Brittain 2015) from Gaffke's two bounds of `analysis.intervals`: its lower
    end is the 2.5% quantile of L(after) − U(before), L and U being independent and distributed as the weighted means
    that give the lower and the upper bound, its upper end the 97.5% quantile of U(after) − L(before). For stances at
    the two ends of the scale it agrees with Fisher's exact test. Ends are rounded outwards, by at most 0.01. An article
    with statements of both periods counts in both samples, which are then not quite independent.

    Examples
    --------
    >>> import analysis
    >>> changes = analysis.stance_change(analysis.load("russia-taliban"), "2024")
    >>> changes.loc[changes["actor"] == "russia", ["issue_id", "period_after", "kind"]].to_numpy().tolist()
    [['engagement', 'from 2024-01-01', 'moved']]
    """
    starts = _starts(at)
    said = evidence(tables, actor)
    said = said.assign(period=_period(said["date_start"], starts), last=_period(said["date_end"], starts))
    placed = said[said["period"] == said["last"]]
    pairs = _pairs(_cells(tables, placed, actor, len(starts) + 1), _values(placed))
    pairs["change"] = pairs["stance_after"] - pairs["stance_before"]
    labels = _labels(starts)
    rows = pairs.assign(
        period_before=pairs["period"].map(labels),
        period_after=(pairs["period"] + 1).map(labels),
        since=starts[pairs["period"]],
        kind=[_kind(*states) for states in pairs[["state_before", "state_after", "change"]].itertuples(index=False)],
        n_unplaced=_unplaced(said, pairs),
        **_loyalty(pairs),
    )
    ends = [_interval(*values) for values in zip(pairs["values_before"], pairs["values_after"], strict=True)]
    rows[["ci_low", "ci_high", "ci_method"]] = pd.DataFrame(ends, columns=["low", "high", "method"])
    return rows[list(_CHANGES)].astype(_CHANGES)


def _starts(at: str | Sequence[str]) -> _Days:
    """The first days of all periods but the first, each once and in order."""
    asked = [at] if isinstance(at, str) else list(at)
    days = sorted({dates.asked(text, "the date at").start for text in asked})
    return np.array(days, dtype="datetime64[us]")


def _period(days: "pd.Series[Any]", starts: _Days) -> NDArray[np.int64]:
    """The number of the period of each day, from 0."""
    return np.searchsorted(starts, days.to_numpy(dtype="datetime64[us]"), side="right")


def _labels(starts: _Days) -> dict[int, str]:
    days = [pd.Timestamp(start) for start in starts]
    if not days:
        return {}
    between = [dates.label(first, after - pd.Timedelta(days=1), "interval") for first, after in pairwise(days)]
    names = [f"before {days[0].date()}", *between, f"from {days[-1].date()}"]
    return dict(enumerate(names))


def _cells(tables: Tables, placed: pd.DataFrame, actor: str, n_periods: int) -> pd.DataFrame:
    """The stance cells of each period."""
    parts = []
    for period in range(n_periods):
        ids = placed.loc[placed["period"] == period, "statement_id"]
        statements = tables.statements[tables.statements["statement_id"].isin(ids)]
        parts.append(stance_cells(replace(tables, statements=statements), actor).assign(period=period))
    return pd.concat(parts, ignore_index=True)


def _values(placed: pd.DataFrame) -> pd.DataFrame:
    """The stances of the articles behind each cell of each period."""
    by_article = placed.groupby([*_CELL, "period", "article_id"])["stance"].mean()
    return by_article.groupby([*_CELL, "period"]).agg(list).reset_index(name="values")


def _pairs(cells: pd.DataFrame, values: pd.DataFrame) -> pd.DataFrame:
    """The cells of two periods that follow each other, side by side; `period` is the earlier one."""
    keys = [*_CELL, "period"]
    cells = cells.merge(values, on=keys, validate="1:1")
    after = cells.assign(period=cells["period"] - 1)
    pairs = cells.merge(after, on=keys, suffixes=("_before", "_after"), validate="1:1")
    return pairs.sort_values(keys, ignore_index=True)


def _kind(before: str, after: str, change: float) -> str:
    if before == after:
        return "moved" if round(abs(change), _DIGITS) > 0 else "kept"
    if after not in _SIDES:
        return f"to_{after}"
    return "flipped" if before in _SIDES else f"from_{before}"


def _unplaced(said: pd.DataFrame, pairs: pd.DataFrame) -> "pd.Series[int]":
    """How many statements each pair lacks because they may have fallen into more periods than one."""
    unsure = said.loc[said["period"] < said["last"], [*_CELL, "period", "last"]]
    rows = pairs[[*_CELL, "period"]].reset_index(names="row")
    both = rows.merge(unsure, on=_CELL, suffixes=("", "_first"), validate="m:m")
    both = both[(both["period_first"] <= both["period"] + 1) & (both["last"] >= both["period"])]
    return both.groupby("row").size().reindex(pairs.index, fill_value=0)


def _loyalty(pairs: pd.DataFrame) -> dict[str, "pd.Series[Any]"]:
    before, after = (np.sign(pairs[column].round(_DIGITS)) for column in ("stance_before", "stance_after"))
    n_same = (before == after).groupby(pairs["actor"]).transform("sum")
    n_comparable = pairs["change"].notna().groupby(pairs["actor"]).transform("sum")
    return {"loyalty": n_same / n_comparable.where(n_comparable > 0), "n_comparable": n_comparable}


def _interval(before: Sequence[float], after: Sequence[float]) -> tuple[float, float, str]:
    before, after = ([value for value in values if not np.isnan(value)] for values in (before, after))
    if min(len(before), len(after)) < LEAST:
        return np.nan, np.nan, THIN
    return _least_rise(before, after), -_least_rise(after, before), f"melded {METHOD}"


def _least_rise(before: Sequence[float], after: Sequence[float]) -> float:
    """The 2.5% quantile of L(after) − U(before), at most two steps of the grid too low; −U(x) is L(−x)."""
    turned = sorted(-value for value in before)
    chances = np.convolve(_chances(tuple(sorted(after))), _chances(tuple(turned))).cumsum()
    step = np.searchsorted(chances.round(_DIGITS), round((1 - LEVEL) / 2, _DIGITS), side="right")
    return round(float(2 * _GRID[0] + step * (_GRID[1] - _GRID[0])), _DIGITS)


@lru_cache(maxsize=4096)
def _chances(values: tuple[float, ...]) -> _Floats:
    """The chance of each step of the grid, the last left out, for L of these stances rounded down to a step."""
    points = sorted([*values, -1.0])
    return np.diff([1 - share_above(points, at) for at in _GRID[1:].tolist()], prepend=0.0)
