"""An interval for the mean of a few bounded values that covers at its nominal rate, whatever their distribution.

Stances lie between −1 and +1, cells rest on three to a dozen articles, and the articles often agree to the letter.
There Student's t collapses to a point and misses; benchmarks/coverage.py shows both. Gaffke's bound does not: give
the values, and one more at the worst end of the scale, random weights that are uniform on the simplex; the bound is
the quantile of the weighted mean. For values at the two ends only it is Clopper and Pearson's exact interval.

Sources: N. Gaffke (2005), Three test statistics for a nonparametric one-sided hypothesis on the mean of a nonnegative
variable, Mathematical Methods of Statistics 14(4); E. Learned-Miller and P. Thomas (2020), A new confidence interval
for the mean of a bounded random variable (tightness, simulations). The weighted mean's distribution is computed, not
drawn: it is a divided difference of truncated powers, and Leibniz's rule turns that into sums of positive terms.
R. Lugannani and S. Rice (1980), Saddle point approximation for the distribution of the sum of independent random
variables, Advances in Applied Probability 12(2), for many values.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq, elementwise
from scipy.special import ndtr

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
LEVEL = 0.95
METHOD = "Gaffke 95%"
LEAST = 3
_EXACT = 60
_NORMAL = NormalDist()
_SAME = 1e-12  # points nearer to each other are equal but for rounding
_MIDDLE = 1e-4  # nearer to the mean the saddlepoint formula is 0/0
_EDGE = 1e-9  # so far from the last θ that is possible the chance is 0 or 1
_SHARP = {"xatol": 1e-14, "xrtol": 1e-15, "fatol": 0.0, "frtol": 0.0}
_LENGTHS = (0, 5, 8, 12, 17, 24, 32, 44, _EXACT - 1)  # samples of like length are computed side by side
_SIDE_BY_SIDE = 1024


def mean_interval(values: Sequence[float], *, low: float = -1.0, high: float = 1.0) -> tuple[float, float]:
    """Lower and upper end of a 95% interval for the mean of what `values` were drawn from.

    Parameters
    ----------
    values
        Independent draws, at least one, each from `low` to `high`.
    low, high
        The ends of the scale.

    Examples
    --------
    >>> [round(end, 4) for end in mean_interval([1, 1, 1])]
    [-0.4152, 1.0]
    >>> round(2 * 0.025 ** (1 / 3) - 1, 4)  # Clopper and Pearson, three of three, lower end, from -1 to 1
    -0.4152
    """
    tail = (1 - LEVEL) / 2
    lower = _quantile(tuple(sorted([*values, low])), tail)
    return lower, _quantile(tuple(sorted([*values, high])), 1 - tail)


@lru_cache(maxsize=65536)
def _quantile(points: tuple[float, ...], share: float) -> float:
    """The quantile of the mean of the sorted `points` under weights uniform on the simplex."""
    if points[-1] - points[0] < _SAME:
        return float(points[0])
    above = share_above if len(points) <= _EXACT else _nearly_above
    return float(brentq(lambda at: above(points, at) - (1 - share), points[0], points[-1], xtol=1e-12))


def share_above(points: Sequence[float], at: float) -> float:
    """The chance that the mean of `points` under weights uniform on the simplex exceeds `at`.

    With u a point above `at` and v one not above it, the chance for all points S is
    P(S) = ((u − at) P(S without v) + (at − v) P(S without u)) / (u − v);
    it is 1 when all points lie above `at` and 0 when none does.

    Examples
    --------
    >>> share_above([0.0, 1.0], 0.25)
    0.75
    """
    above = [point for point in points if point > at]
    chances = [0.0] + [1.0] * len(above)
    for low in (point for point in points if point <= at):
        for index, high in enumerate(above, start=1):
            upper, lower = (high - at) * chances[index], (at - low) * chances[index - 1]
            chances[index] = (upper + lower) / (high - low)
    return chances[-1]


def _nearly_above(points: Sequence[float], at: float) -> float:
    """The same chance for many points, by Lugannani and Rice's saddlepoint formula; 2.5% comes out as 2.4 to 2.6%.

    Uniform weights on the simplex are exponential draws E_i over their sum, so the chance is that of
    sum E_i (x_i - at) > 0, whose cumulant generating function is K(s) = - sum log(1 - s (x_i - at)). An expansion by
    moments is not enough: with one dissenter among many it leaves 12% beyond an end that should leave 2.5%.
    """
    gaps = np.asarray(points, dtype=float) - at
    if gaps.min() >= 0 or gaps.max() <= 0:
        return float(gaps.max() > 0)
    ends = (1 - 1e-12) / gaps.min(), (1 - 1e-12) / gaps.max()
    saddle = brentq(lambda s: (gaps / (1 - s * gaps)).sum(), *ends, xtol=1e-14)
    tilted = gaps / (1 - saddle * gaps)
    u = saddle * (tilted**2).sum() ** 0.5
    if abs(u) < _MIDDLE:
        return float(0.5 - (tilted**3).sum() / (tilted**2).sum() ** 1.5 / (3 * (2 * np.pi) ** 0.5))
    r = np.sign(saddle) * (2 * np.log1p(-saddle * gaps).sum()) ** 0.5
    return float(1 - _NORMAL.cdf(r) + _NORMAL.pdf(r) * (1 / u - 1 / r))


def mean_intervals(values: Floats, counts: Codes) -> Floats:
    """Lower and upper ends of the 95% intervals of many samples on the scale from −1 to +1, as two rows.

    `values` are those of all samples, one behind the other, and `counts` how many each has, at least one.

    Notes
    -----
    The numbers of `mean_interval` to 1e-12. Equal samples are computed once, short ones side by side by its recurrence.
    For long ones θ = s / (1 + s at) is sought in place of the end and its saddle point s: with w_i = 1 / (1 − θ x_i)
    the end is at = Σ w_i x_i / Σ w_i, so that one equation is left of two.

    Examples
    --------
    >>> mean_intervals(np.array([1.0, 1, 1, 1, 0, -1]), np.array([3, 3])).round(4).tolist()
    [[-0.4152, -0.8664], [1.0, 0.8664]]
    """
    sample, starts = np.repeat(np.arange(len(counts)), counts), np.cumsum(counts) - counts
    values = values[np.lexsort((values, sample))]
    ends = np.empty((2, len(counts)))
    for shorter, longest in pairwise(_LENGTHS):
        at = np.flatnonzero((counts > shorter) & (counts <= longest))
        if len(at):
            is_in = np.arange(longest) < counts[at, None]
            samples = np.where(is_in, values[np.where(is_in, starts[at, None] + np.arange(longest), 0)], np.inf)
            different, which = np.unique(samples, axis=0, return_inverse=True)
            ends[:, at] = _short(different)[:, which]
    many = counts > _LENGTHS[-1]
    if many.any():
        ends[:, many] = _long(values[many[sample]], counts[many])
    return ends


def _short(samples: Floats) -> Floats:
    """The ends of samples in sorted rows that are filled up with infinity."""
    n, size, tail = np.isfinite(samples).sum(axis=1), (len(samples), 1), (1 - LEVEL) / 2
    lower, upper = np.hstack([np.full(size, -1.0), samples]), np.hstack([samples, np.full(size, np.inf)])
    upper[np.arange(len(n)), n] = 1.0
    points, above = np.vstack([lower, upper]), np.repeat([1 - tail, tail], len(n))
    parts = (slice(at, at + _SIDE_BY_SIDE) for at in range(0, len(points), _SIDE_BY_SIDE))
    return np.concatenate([_quantiles(points[part], above[part]) for part in parts]).reshape(2, -1)


def _quantiles(points: Floats, above: Floats) -> Floats:
    """Where the chance that the weighted mean of a row of `points` is higher is that in `above`."""
    n = np.isfinite(points).sum(axis=1)
    least, most = points[:, 0], points[np.arange(len(n)), n - 1]
    found = least.copy()
    apart = np.flatnonzero(most - least >= _SAME)
    found[apart] = _root(lambda at, row: shares_above(points[row], at) - above[row], (least, most), apart)
    return found


def _root(function: Callable[[Floats, Codes], Floats], ends: tuple[Floats, Floats], rows: Codes) -> Floats:
    """The root of `function(x, rows)` between the ends of each of the rows."""
    if not len(rows):
        return np.empty(0)
    return np.asarray(
        elementwise.find_root(function, (ends[0][rows], ends[1][rows]), args=(rows,), tolerances=_SHARP).x
    )


def shares_above(points: Floats, at: Floats) -> Floats:
    """`share_above` of each row of sorted points, filled up with infinity, and each value of `at`.

    The chances of i points not above and j above stand on diagonal i + j of a square, which follows from the last one.
    """
    points = np.ascontiguousarray(points.T)
    n, n_low = np.isfinite(points).sum(axis=0), (points <= at).sum(axis=0)
    place, rows = np.arange(len(points))[:, None], np.arange(len(at))
    lows = np.where(place < n_low, points, at - 1)
    highs = np.where(place < n - n_low, points[np.minimum(n_low + place, len(points) - 1), rows], at + 1)
    up, down = highs - at, at - lows
    chances, found = np.zeros((len(points) + 1, len(at))), np.empty(len(at))
    chances[0] = 1.0
    for diagonal in range(1, len(chances)):
        low, high = slice(diagonal - 1), slice(diagonal - 2, None, -1) if diagonal > 1 else slice(0)
        upper, lower = up[high] * chances[low], down[low] * chances[1:diagonal]
        chances[1:diagonal] = (upper + lower) / (highs[high] - lows[low])
        found[n == diagonal] = chances[n_low, rows][n == diagonal]
    return found


@dataclass(frozen=True)
class _Long:
    """Samples of many points around their means: different points, how often each occurs, and where samples start."""

    points: Floats
    times: Floats
    sample: Codes
    starts: Codes

    def chances(self, tilt: Floats) -> tuple[Floats, Floats]:
        """The end that belongs to each sample's θ, and the chance of `_nearly_above` there."""
        weight = self.times / (1 - tilt[self.sample] * self.points)
        end = self._sum(weight * self.points) / self._sum(weight)
        gaps, saddle = self.points - end[self.sample], tilt / (1 - tilt * end)
        tilted = gaps / (1 - saddle[self.sample] * gaps)
        square = self._sum(self.times * tilted**2)
        u = saddle * np.sqrt(square)
        r = np.sign(saddle) * np.sqrt(2 * self._sum(self.times * np.log1p(-saddle[self.sample] * gaps)).clip(0))
        middle = 0.5 - self._sum(self.times * tilted**3) / square**1.5 / (3 * (2 * np.pi) ** 0.5)
        is_middle = abs(u) < _MIDDLE
        u, r = np.where(is_middle, 1, u), np.where(is_middle, 1, r)
        above = ndtr(-r) + np.exp(-(r**2) / 2) / (2 * np.pi) ** 0.5 * (1 / u - 1 / r)
        return end, np.where(is_middle, middle, above)

    def _sum(self, values: Floats) -> Floats:
        return np.asarray(np.add.reduceat(values, self.starts))


def _long(values: Floats, counts: Codes) -> Floats:
    """The ends of samples of many values, which are sorted in each."""
    after, tail = np.cumsum(counts), (1 - LEVEL) / 2
    lower, upper = np.insert(values, after - counts, -1.0), np.insert(values, after, 1.0)
    return np.array([_saddle_quantiles(lower, counts + 1, 1 - tail), _saddle_quantiles(upper, counts + 1, tail)])


def _saddle_quantiles(points: Floats, counts: Codes, above: float) -> Floats:
    """Where the saddlepoint formula's chance that the weighted mean of sorted points is higher is `above`."""
    sample = np.repeat(np.arange(len(counts)), counts)
    first = np.flatnonzero((np.diff(points, prepend=np.nan) != 0) | (np.diff(sample, prepend=-1) != 0))
    times, points, sample = np.diff(first, append=len(points)).astype(float), points[first], sample[first]
    starts = np.searchsorted(sample, np.arange(len(counts)))
    middle = np.add.reduceat(points * times, starts) / counts
    many = _Long(points - middle[sample], times, sample, starts)
    least, most = (extreme.reduceat(many.points, starts) for extreme in (np.minimum, np.maximum))
    tilt, apart = np.zeros(len(counts)), np.flatnonzero(most - least >= _SAME)

    def missing(at: Floats, rows: Codes) -> Floats:
        tilt[rows] = at
        return many.chances(tilt)[1][rows] - above

    with np.errstate(divide="ignore", invalid="ignore"):  # of samples whose points are all the same
        tilt[apart] = _root(missing, ((1 - _EDGE) / least, (1 - _EDGE) / most), apart)
        return np.asarray(middle + many.chances(tilt)[0])
