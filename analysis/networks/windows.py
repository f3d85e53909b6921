"""Networks in time: one for every day, week, month or year, or for every statement, with or without a kernel.

A window is [t − a, t + a] with a = round((width − 1) / 2), halves upwards, and t steps by one unit. Kernels weigh a
statement by d = 2 Δ / w, Δ being whole days from the window's middle and w the window's days: uniform 1/2, epanechnikov
3/4 (1 − d²), triangular 1 − |d|, all zero beyond |d| = 1, and gaussian φ(d). Two-mode cells add up weights, one-mode
ties the roots of their products. Formulas: Discourse Network Analyzer, whose triangular kernel is not symmetric.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import ParameterError, Problem, unknown
from analysis.networks import Network, network
from analysis.networks.counting import Counted, day_of, period
from analysis.schema import Tables

UNITS = ("day", "week", "month", "year", "statement")
KERNELS = ("no", "uniform", "epanechnikov", "triangular", "gaussian")
_DAY = np.timedelta64(1, "D")
_TINY = 1e-12  # below it is rounding
_TIMES = {"start": "datetime64[us]", "middle": "datetime64[us]", "end": "datetime64[us]"}


class Slice(NamedTuple):
    """One window: its first, middle and last day, its network, and how many statements may lie in it but need not."""

    start: pd.Timestamp
    middle: pd.Timestamp
    end: pd.Timestamp
    network: Network
    n_possible: int


@dataclass(frozen=True)
class Windows:
    """The networks of all windows in order of time, made one by one as they are asked for."""

    whole: Network
    unit: str
    width: int
    kernel: str

    def __iter__(self) -> Iterator[Slice]:
        if len(self.whole.parts.place):
            yield from self._by_statement() if self.unit == "statement" else self._by_calendar()

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The ties of all windows: start, middle, end, and the columns of a network's edges."""
        parts = [piece.network.edges.assign(**dict(zip(_TIMES, piece[:3], strict=True))) for piece in self]
        columns = {**_TIMES, **self.whole.edges.dtypes}
        return pd.concat(parts or [pd.DataFrame(columns=list(columns))], ignore_index=True)[list(columns)].astype(
            columns
        )

    @cached_property
    def summary(self) -> pd.DataFrame:
        """One row per window, those without a statement included.

        Columns: start, middle, end, n_statements (that count), n_possible (that may lie in the window, but whose date
        is not precise enough; they do not count without a kernel), n_ties.
        """
        rows = [
            (*piece[:3], len(piece.network.parts.place), piece.n_possible, len(piece.network.edges)) for piece in self
        ]
        counts = ["n_statements", "n_possible", "n_ties"]
        table = pd.DataFrame(rows, columns=[*_TIMES, *counts])
        return table.astype(_TIMES | dict.fromkeys(counts, "int64"))

    def _by_statement(self) -> Iterator[Slice]:
        parts, reach = self.whole.parts, _reach(self.width)
        parts = parts.take(parts.order)
        first, last = (day_of(parts.statements, name)[parts.place] for name in ("date_start", "date_end"))
        for at in range(len(parts.place)):
            here = np.arange(len(parts.place))
            within = abs(here - at) <= reach
            yield self._slice(parts.keep(within), first[within].min(), first[at], last[within].max(), 0)

    def _by_calendar(self) -> Iterator[Slice]:
        parts, reach = self.whole.parts, _reach(self.width)
        first, last = (day_of(parts.statements, name)[parts.place] for name in ("date_start", "date_end"))
        is_dated = ~np.isnat(first)
        if not is_dated.any():
            return
        ends = period(np.array([first[is_dated].min(), last[is_dated].max()]), self.unit)
        for at in range(ends[0], ends[1] + 1):
            start, end = _first_day(at - reach, self.unit), _first_day(at + reach + 1, self.unit) - _DAY
            middle = start + (end - start) // 2
            certain, possible = (first >= start) & (last <= end), (first <= end) & (last >= start)
            if self.kernel == "no":
                here, n_possible = parts.keep(certain), int(possible.sum() - certain.sum())
            else:
                days = self.width if self.unit == "day" else int((end - start) // _DAY) + 1
                weight = _weights(self.kernel, first, last, middle, days)
                here, n_possible = replace(parts, weight=weight).keep(weight > 0), 0
            yield self._slice(here, start, middle, end, n_possible)

    def _slice(self, parts: Counted, start: Any, middle: Any, end: Any, n_possible: int) -> Slice:
        parts = parts if self.whole.isolates else parts.only_used_labels()
        made = replace(self.whole, parts=parts)
        return Slice(pd.Timestamp(start), pd.Timestamp(middle), pd.Timestamp(end), made, n_possible)


def window(
    statements: pd.DataFrame | Tables, *, unit: str = "month", width: int = 1, kernel: str = "no", **asked: Any
) -> Windows:
    """The networks of every window of `width` units from the first statement to the last.

    Parameters
    ----------
    statements, **asked
        As for `network`. Identical statements are left out over the whole time first, as DNA does. With `isolates` all
        networks have the labels of the whole time, otherwise each has its own.
    unit
        day, week (ISO), month, year: calendar windows, of which none is left out, empty ones included. Or `statement`:
        windows over so many consecutive statements, in order of date, document, place and id.
    width
        How many units a window has; an even number gets one more, so that there is a middle.
    kernel
        no, uniform, epanechnikov, triangular, gaussian. Without one a statement counts where its whole date lies in the
        window; with one, a date that is an interval has the mean weight of its days.

    Returns
    -------
    Windows
        To iterate over: `Slice(start, middle, end, network, n_possible)`. `.frame` has the ties of all as one long
        table, `.summary` one row per window.

    Raises
    ------
    ParameterError
        As for `network`; no such unit, kernel or width; statements without dates.

    Examples
    --------
    >>> days = pd.to_datetime(["2024-01-05", "2024-03-09"])
    >>> said = pd.DataFrame({"speaker_id": ["a", "b"], "issue_id": ["x", "x"], "date_start": days})
    >>> window(said.assign(article_id="p")).summary["n_statements"].tolist()
    [1, 0, 1]
    """
    problems = []
    if unit not in UNITS:
        problems.append(unknown("the unit of windows", unit, UNITS))
    if kernel not in KERNELS:
        problems.append(unknown("the kernel", kernel, KERNELS))
    elif unit == "statement" and kernel != "no":
        problems.append(Problem("", 0, f"kernel {kernel!r} over statements", "kernel='no'", "kernels weigh days"))
    if isinstance(width, bool) or not isinstance(width, int) or width < 1:
        problems.append(Problem("", 0, f"width is {width!r}", "a whole number from 1 up"))
    if problems:
        raise ParameterError(problems)
    whole = network(statements, **asked)
    if "date_start" not in whole.parts.statements:
        raise ParameterError(unknown("windows: the column", "date_start", whole.parts.statements.columns))
    return Windows(whole, unit, width, kernel)


def _reach(width: int) -> int:
    """Half of (width − 1), halves rounded up."""
    return width // 2


def _first_day(number: int, unit: str) -> Any:
    """The first day of a calendar period, which `period` numbers."""
    if unit == "week":
        return np.datetime64(7 * number - 3, "D")
    return np.array(number).astype(f"datetime64[{unit[0].upper()}]").astype("datetime64[D]")[()]


def _weights(kernel: str, first: NDArray[Any], last: NDArray[Any], middle: np.datetime64, days: int) -> NDArray[Any]:
    """The mean over the days of each date of the kernel's weight."""
    low, high = ((day - middle).astype(np.int64) for day in (first, last))
    is_dated = ~np.isnat(first)
    start = low[is_dated].min()
    d = 2.0 * np.arange(start, high[is_dated].max() + 1) / days
    inside = np.abs(d) <= 1
    shapes = {
        "uniform": np.where(inside, 0.5, 0.0),
        "epanechnikov": np.where(inside, 0.75 * (1 - d**2), 0.0),
        "triangular": np.where(inside, 1 - np.abs(d), 0.0),
        "gaussian": np.exp(-(d**2) / 2) / np.sqrt(2 * np.pi),
    }
    weight = shapes[kernel]
    summed = np.concatenate([[0.0], np.cumsum(weight)])
    low, high = low[is_dated] - start, high[is_dated] - start
    mean = (summed[high + 1] - summed[low]) / (high - low + 1)
    found = np.zeros(len(first))
    found[is_dated] = np.where(low == high, weight[low], np.where(mean > _TINY, mean, 0.0))
    return found
