"""An interval for the mean of a few bounded values that covers at its nominal rate, whatever their distribution.

Stances lie between −1 and +1, cells rest on three to a dozen articles, and the articles often agree to the letter.
There Student's t collapses to a point and misses; benchmarks/coverage.py shows both. Gaffke's bound does not: give
the values, and one more at the worst end of the scale, random weights that are uniform on the simplex; the bound is
the quantile of the weighted mean. For values at the two ends only it is Clopper and Pearson's exact interval.

Sources: N. Gaffke (2005), Three test statistics for a nonparametric one-sided hypothesis on the mean of a nonnegative
variable, Mathematical Methods of Statistics 14(4); E. Learned-Miller and P. Thomas (2020), A new confidence interval
for the mean of a bounded random variable (tightness, simulations). The weighted mean's distribution is computed, not
drawn: it is a divided difference of truncated powers, and Leibniz's rule turns that into sums of positive terms.
"""

from collections.abc import Sequence
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from scipy.optimize import brentq

LEVEL = 0.95
METHOD = "Gaffke 95%"
LEAST = 3
_EXACT = 60


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
    if points[-1] - points[0] < 1e-12:  # noqa: PLR2004  # equal but for rounding
        return float(points[0])
    if len(points) > _EXACT:
        return _by_moments(points, share)
    return float(brentq(lambda at: share_above(points, at) - (1 - share), points[0], points[-1], xtol=1e-12))


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


def _by_moments(points: Sequence[float], share: float) -> float:
    """The same quantile for many points, by Cornish and Fisher's expansion of its four moments.

    Under uniform weights on the simplex of m points the mean's central moments are, with s_k the sum of the k-th powers
    of the deviations, s_2 / m(m+1), 2 s_3 / m(m+1)(m+2) and (6 s_4 + 3 s_2²) / m(m+1)(m+2)(m+3). A test holds it
    against the exact quantile.
    """
    values = np.asarray(points, dtype=float)
    m, centre = len(values), values.mean()
    s2, s3, s4 = (((values - centre) ** power).sum() for power in (2, 3, 4))
    variance = s2 / (m * (m + 1))
    skew = 2 * s3 / (m * (m + 1) * (m + 2)) / variance**1.5
    excess = (6 * s4 + 3 * s2**2) / (m * (m + 1) * (m + 2) * (m + 3)) / variance**2 - 3
    z = NormalDist().inv_cdf(share)
    shift = (z**2 - 1) * skew / 6 + (z**3 - 3 * z) * excess / 24 - (2 * z**3 - 5 * z) * skew**2 / 36
    return float(np.clip(centre + variance**0.5 * (z + shift), points[0], points[-1]))
