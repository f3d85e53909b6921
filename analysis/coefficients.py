"""Coefficients of agreement between coders, each from a table of units × coders with NaN where a coder gave no rating.

A unit with fewer than two ratings says nothing about agreement: every coefficient leaves it out.
Sources: K. Krippendorff (2011), Computing Krippendorff's alpha-reliability; J. Cohen (1960), A coefficient of agreement
for nominal scales; J. Fleiss (1971), Measuring nominal scale agreement among many raters; K. Gwet (2008), Computing
inter-rater reliability and its variance in the presence of high agreement, and (2014), Handbook of inter-rater
reliability, for units with different numbers of raters.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import ParameterError, Problem, unknown

LEVELS = ("nominal", "ordinal", "interval", "ratio")
LEAST_UNITS = 10
_PAIR = 2
_Floats = NDArray[np.float64]


def krippendorff_alpha(ratings: pd.DataFrame, *, level: str = "nominal") -> float:
    """Krippendorff's alpha of units × coders: 1 is full agreement, 0 what chance gives, below 0 is worse than chance.

    Parameters
    ----------
    ratings
        A row per unit, a column per coder, NaN where a coder gave none; numbers, or for nominal also texts.
    level
        nominal, ordinal, interval, or ratio (numbers from 0 up).

    Returns
    -------
    float
        NaN where no unit has two ratings. NaN too where all ratings are one category: the disagreement expected by
        chance is then 0 and alpha is 0/0. Without variation nothing tells reliable coders from inattentive ones.

    Raises
    ------
    ParameterError
        There is no such level, or the ratings are no numbers of that level.

    Notes
    -----
    alpha = 1 − (n − 1) Σ_u Σ_ck n_uc n_uk δ²(c, k) / (m_u − 1) / Σ_ck n_c n_k δ²(c, k), where n_uc of the m_u ratings
    of unit u are c, n_c of all n are. δ² is 1 for c ≠ k (nominal), (c − k)² (interval), that of mid-ranks (ordinal),
    ((c − k) / (c + k))² (ratio). Krippendorff (2011).

    Examples
    --------
    >>> pair = pd.DataFrame({"ann": list("0100000010"), "bob": list("1110010000")})
    >>> round(krippendorff_alpha(pair), 3)
    0.095
    """
    if level not in LEVELS:
        raise ParameterError(unknown("the level", level, LEVELS))
    counts, values = _counts(ratings if level == "nominal" else _numbers(ratings, level))
    delta = _delta(counts, values, level)
    return float(_alphas(counts, delta, np.ones((1, len(counts))))[0])


def _numbers(ratings: pd.DataFrame, level: str) -> pd.DataFrame:
    numbers: pd.DataFrame = ratings.apply(pd.to_numeric, errors="coerce").astype(float)
    is_wrong = ratings.notna() & (~np.isfinite(numbers) | ((level == "ratio") & (numbers < 0)))
    wrong = ratings.to_numpy(dtype=object)[is_wrong.to_numpy(dtype=bool)]
    if len(wrong):
        found = f"level {level!r} of ratings {list(wrong[:5])} ({len(wrong)} in all)"
        expected = "numbers from 0 up" if level == "ratio" else "finite numbers"
        raise ParameterError(Problem("", 0, found, expected, "use level='nominal' for names"))
    return numbers


def _counts(ratings: pd.DataFrame) -> tuple[_Floats, NDArray[Any]]:
    """How often each pairable unit got each category, and the categories in use, numbers in ascending order."""
    given = ratings.notna().to_numpy(dtype=bool)
    ratings, given = ratings[given.sum(axis=1) >= _PAIR], given[given.sum(axis=1) >= _PAIR]
    is_numeric = all(pd.api.types.is_numeric_dtype(dtype) for dtype in ratings.dtypes)
    codes, values = pd.factorize(ratings.to_numpy(dtype=object)[given], sort=is_numeric)
    cells = np.nonzero(given)[0] * len(values) + codes
    counts = np.bincount(cells, minlength=len(given) * len(values)).reshape(len(given), len(values))
    return counts.astype(float), np.asarray(values)


def _delta(counts: _Floats, values: NDArray[Any], level: str) -> _Floats | None:
    """The squared difference of every two categories; None for nominal ones, see `_spread`."""
    if level == "nominal":
        return None
    totals = counts.sum(axis=0)
    values = totals.cumsum() - totals / 2 if level == "ordinal" else values.astype(float)
    gaps = values[:, None] - values[None, :]
    if level == "ratio":
        sums = values[:, None] + values[None, :]
        gaps = np.divide(gaps, sums, out=np.zeros_like(gaps), where=sums > 0)
    return np.asarray(gaps**2)


def _alphas(counts: _Floats, delta: _Floats | None, weights: _Floats) -> _Floats:
    """Alpha for each row of `weights`, which says how often each unit counts."""
    totals = weights @ counts
    observed = weights @ (_spread(counts, delta) / (counts.sum(axis=1) - 1))
    expected = _spread(totals, delta)
    has_variation = (totals > 0).sum(axis=1) >= _PAIR
    part = np.divide(observed, expected, out=np.full(len(weights), np.nan), where=has_variation)
    return np.asarray(1 - (totals.sum(axis=1) - 1) * part)


def _spread(counts: _Floats, delta: _Floats | None) -> _Floats:
    """Σ_ck n_c n_k δ²(c, k) of each row; without `delta` the nominal one, which needs no square of categories."""
    if delta is None:
        return np.asarray(counts.sum(axis=1) ** 2 - (counts**2).sum(axis=1))
    return np.asarray(((counts @ delta) * counts).sum(axis=1))


def _interval(counts: _Floats, delta: _Floats | None, draws: int, seed: int) -> tuple[float, float]:
    """Percentile bootstrap over units. Units rated alike are one kind, so a draw is how many of each kind it holds."""
    if len(counts) < LEAST_UNITS or draws < 1:
        return np.nan, np.nan
    kinds, sizes = np.unique(counts, axis=0, return_counts=True)
    drawn = np.random.default_rng(seed).multinomial(len(counts), sizes / len(counts), size=draws)
    alphas = _alphas(kinds, delta, drawn.astype(float))
    alphas = alphas[~np.isnan(alphas)]
    low, high = np.percentile(alphas, [2.5, 97.5]) if len(alphas) else (np.nan, np.nan)
    return float(low), float(high)


def percent_agreement(ratings: pd.DataFrame) -> float:
    """The share of pairs of coders that gave the same, 0 to 1: per unit, then the mean; NaN without a pair.

    Notes
    -----
    p_a = mean over units u of Σ_c n_uc (n_uc − 1) / (m_u (m_u − 1)). Fleiss (1971); chance is not taken out.

    Examples
    --------
    >>> percent_agreement(pd.DataFrame({"ann": [1, 1, 2, 2], "bob": [1, 1, 2, 1]}))
    0.75
    """
    return _percent(_counts(ratings)[0])


def _percent(counts: _Floats) -> float:
    sizes = counts.sum(axis=1)
    shares = (counts * (counts - 1)).sum(axis=1) / (sizes * (sizes - 1))
    return float(shares.mean()) if len(shares) else np.nan


def cohen_kappa(a: Iterable[Any], b: Iterable[Any]) -> float:
    """Cohen's kappa of two coders whose ratings stand in the same order; NaN without a pair or without variation.

    Raises ParameterError where `a` and `b` are not of one length.

    Notes
    -----
    kappa = (p_a − p_e) / (1 − p_e), p_e = Σ_c p_a(c) p_b(c): each coder keeps their own habits. Cohen (1960).

    Examples
    --------
    >>> cohen_kappa([1, 1, 2, 2], [1, 1, 2, 1])
    0.5
    """
    first, second = pd.Series(list(a), dtype=object), pd.Series(list(b), dtype=object)
    if len(first) != len(second):
        found = f"cohen_kappa got {len(first)} and {len(second)} ratings"
        raise ParameterError(Problem("", 0, found, "as many of each coder", "put NaN where a coder gave none"))
    both = (first.notna() & second.notna()).to_numpy()
    codes, values = pd.factorize(pd.concat([first[both], second[both]]).to_numpy())
    one, other = codes[: both.sum()], codes[both.sum() :]
    shares = [np.bincount(part, minlength=len(values)) / max(len(part), 1) for part in (one, other)]
    agreed = float((one == other).mean()) if len(one) else np.nan
    return _beyond(agreed, float(shares[0] @ shares[1]), len(values))


def fleiss_kappa(ratings: pd.DataFrame) -> float:
    """Fleiss's kappa of units × coders; NaN without a pair or without variation, as for alpha.

    Notes
    -----
    kappa = (p_a − p_e) / (1 − p_e), p_e = Σ_c π_c², π_c = mean over units of n_uc / m_u. Fleiss (1971); for units with
    different numbers of ratings Gwet (2014).

    Examples
    --------
    >>> round(fleiss_kappa(pd.DataFrame({"ann": [1, 1, 2, 2], "bob": [1, 1, 2, 1]})), 4)
    0.4667
    """
    return _fleiss(_counts(ratings)[0])


def _fleiss(counts: _Floats) -> float:
    shares = _shares(counts)
    return _beyond(_percent(counts), float((shares**2).sum()), len(shares))


def gwet_ac1(ratings: pd.DataFrame, *, n_categories: int | None = None) -> float:
    """Gwet's AC1 of units × coders, which stays high where coders agree on a category that is nearly always used.

    `n_categories` is the size of the scale, by default as many as were used. NaN without a pair. One category only
    gives 1: p_e is then 0 for a scale of any size.

    Notes
    -----
    AC1 = (p_a − p_e) / (1 − p_e), p_e = Σ_c π_c (1 − π_c) / (q − 1), q categories, π_c as for Fleiss. Gwet (2008).

    Examples
    --------
    >>> round(gwet_ac1(pd.DataFrame({"ann": [1, 1, 2, 2], "bob": [1, 1, 2, 1]})), 4)
    0.5294
    """
    return _ac1(_counts(ratings)[0], n_categories)


def _ac1(counts: _Floats, n_categories: int | None) -> float:
    shares = _shares(counts)
    n_used = max(len(shares), n_categories or 0, _PAIR)
    return _beyond(_percent(counts), float((shares * (1 - shares)).sum()) / (n_used - 1), n_used)


def _shares(counts: _Floats) -> _Floats:
    return np.asarray((counts / counts.sum(axis=1, keepdims=True)).sum(axis=0) / max(len(counts), 1))


def _beyond(agreed: float, chance: float, n_used: int) -> float:
    return (agreed - chance) / (1 - chance) if n_used >= _PAIR else np.nan


def coefficients(
    ratings: pd.DataFrame, *, level: str = "nominal", n_categories: int | None = None, draws: int = 1000, seed: int = 0
) -> dict[str, Any]:
    """All coefficients of units × coders at once, as the columns of `agreement` from n_units on."""
    counts, values = _counts(ratings if level == "nominal" else _numbers(ratings, level))
    delta = _delta(counts, values, level)
    low, high = _interval(counts, delta, draws, seed)
    given = ratings.notna().to_numpy(dtype=bool)
    n_given = given.sum(axis=1)
    rated = ratings.loc[:, given[n_given >= _PAIR].any(axis=0)]
    is_pair = rated.shape[1] == _PAIR
    return {
        "n_units": len(counts),
        "n_alone": int((n_given == 1).sum()),
        "n_coders": rated.shape[1],
        "percent": _percent(counts),
        "alpha": float(_alphas(counts, delta, np.ones((1, len(counts))))[0]),
        "ci_low": low,
        "ci_high": high,
        "kappa": cohen_kappa(rated.iloc[:, 0], rated.iloc[:, 1]) if is_pair else _fleiss(counts),
        "ac1": _ac1(counts, n_categories),
    }
