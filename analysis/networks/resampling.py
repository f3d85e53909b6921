"""How far a network would differ with other articles: intervals for ties and aggregates, and which ties survive.

`draws` makes the drawn networks. A plain percentile interval is too short for few articles, so its levels are those of
Student's t: with n articles behind a tie, Φ(± √(n / (n − 1)) t(n − 1)) in place of 2.5% and 97.5% (T. Hesterberg 2015,
What teachers should know about the bootstrap, The American Statistician 69(4); A. Davison and D. Hinkley 1997,
Bootstrap methods and their application, 3.8). benchmarks/survival.py measures how often it covers. It is shown only
where that is as often as it says: from eight articles on, and not where all draws give the same.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr, stdtrit  # the whole of scipy.stats takes a second to import

from analysis.errors import ParameterError, Problem
from analysis.networks import Network
from analysis.networks.counting import Codes
from analysis.networks.draws import Floats, cells, stacks

LEAST = 8
METHOD = "expanded percentile 95%"
THIN, STILL = "thin", "no variation"
_MOST = 200_000_000
_AT_ONCE = 2_000_000
_TAIL = 0.025
_TINY = 1e-12  # below it is rounding


def tie_intervals(network: Network, *, draws: int = 1000, seed: int = 0) -> pd.DataFrame:
    """The ties of a network, each with an interval for its weight and how often it survives.

    Parameters
    ----------
    network
        Any network without kernel weights.
    draws, seed
        How often the articles are drawn, and where the random numbers start.

    Returns
    -------
    pandas.DataFrame
        The columns of `network.edges`; ci_low, ci_high, ci_method (a 95% interval for the weight; NaN and `thin` where
        fewer than eight articles hold statements of the tie, NaN and `no variation` where all draws give the same);
        share_kept (the share of draws, 0 to 1, in which the weight has the same sign; NaN for a weight of 0).

    Raises
    ------
    ParameterError
        Kernel weights, no draws, or more ties and draws than fit into memory.

    Examples
    --------
    >>> from analysis import network
    >>> said = pd.DataFrame({"speaker_id": ["a", "a"], "issue_id": ["x", "x"], "article_id": ["p", "q"]})
    >>> tie_intervals(network(said), draws=200)["share_kept"].tolist()
    [1.0]
    """
    edges = network.edges
    low, high, kept = (_of_cells if network.kind == "two-mode" else _of_pairs)(network, edges, draws, seed)
    is_thin = edges["n_articles"].to_numpy() < LEAST
    method = np.where(is_thin, THIN, np.where(np.isnan(low), STILL, METHOD))
    return edges.assign(
        ci_low=low,
        ci_high=high,
        ci_method=pd.array(method, dtype="str"),
        share_kept=np.where(edges["weight"] != 0, kept, np.nan),
    )


def _of_cells(network: Network, edges: pd.DataFrame, draws: int, seed: int) -> Floats:
    """Lower end, upper end and share kept of each cell, in the order of the edges."""
    rows, columns = network.matrix.index, network.matrix.columns
    tie = _places(rows, edges["source"]) * len(columns) + _places(columns, edges["target"])
    told = np.full((3, len(rows) * len(columns)), np.nan)
    weight, n_articles = network.matrix.to_numpy().ravel(), np.zeros(told.shape[1], dtype=np.int64)
    n_articles[tie] = edges["n_articles"]
    for used, values in cells(network, draws, seed):
        told[:, used] = _summary(values, weight[used], n_articles[used])
    return told[:, tie]


def _of_pairs(network: Network, edges: pd.DataFrame, draws: int, seed: int) -> Floats:
    """Lower end, upper end and share kept of each pair of rows, in the order of the edges."""
    if len(edges) * draws > _MOST:
        found, hint = f"{len(edges)} ties × {draws} draws", "fewer draws, or fewer ties with min_statements"
        raise ParameterError(Problem("", 0, found, f"at most {_MOST} numbers", hint))
    names = network.matrix.index
    source, target = _places(names, edges["source"]), _places(names, edges["target"])
    values, done = np.empty((len(edges), draws)), 0
    for stack in stacks(network, draws, seed):
        values[:, done : done + len(stack)] = stack[:, source, target].T
        done += len(stack)
    return _summary(values, edges["weight"].to_numpy(), edges["n_articles"].to_numpy())


def _places(names: "pd.Index[Any]", asked: "pd.Series[Any]") -> Codes:
    return names.get_indexer(pd.Index(asked)).astype(np.int64)


def _summary(values: Floats, weight: Floats, n_articles: Codes) -> Floats:
    """Both ends and the share of draws with the sign of the weight, of values in the rows."""
    told, step = np.full((3, len(values)), np.nan), max(1, _AT_ONCE // values.shape[1])
    for start in range(0, len(values), step):
        here = slice(start, start + step)
        told[2, here] = (values[here] * np.sign(weight[here])[:, None] > 0).mean(axis=1)
        told[:2, here] = np.where(n_articles[here] >= LEAST, _ends(values[here], n_articles[here]), np.nan)
    return told


def _ends(values: Floats, n: Codes) -> Floats:
    """Both ends of the interval of values in the rows, for n articles each; NaN where they are all the same."""
    n = np.maximum(n, 2)
    tail = ndtr(np.sqrt(n / (n - 1)) * stdtrit(n - 1, _TAIL))
    ordered, last = np.sort(values, axis=-1), values.shape[-1] - 1
    at = np.stack([tail, 1 - tail], axis=-1) * last
    below, above = (np.take_along_axis(ordered, end.astype(np.int64), axis=-1) for end in (np.floor(at), np.ceil(at)))
    ends = below + (above - below) * (at - np.floor(at))
    return np.where(ordered[..., -1] - ordered[..., 0] > _TINY, ends.T, np.nan)


def aggregate_interval(
    network: Network, measure: Callable[[Floats], NDArray[Any]], *, draws: int = 1000, seed: int = 0
) -> tuple[float, float, float]:
    """A number computed from the whole matrix, and the ends of its 95% interval.

    Parameters
    ----------
    network
        Any network without kernel weights.
    measure
        Takes a stack of matrices, draws × rows × columns, and gives one number for each.
    draws, seed
        How often the articles are drawn, and where the random numbers start.

    Returns
    -------
    tuple
        Value, lower and upper end. Draws in which the measure is NaN are left out; the ends are NaN where more than
        half are, where fewer than eight articles hold statements, and where all draws give the same.

    Raises
    ------
    ParameterError
        As for `tie_intervals`; or the measure does not give one number per draw.

    Notes
    -----
    Sums and means of ties are held as often as an interval says. A number of ties, such as a density, is not: every
    draw loses ties that rest on few articles, so that the interval lies too low (benchmarks/survival.py measures both).

    Examples
    --------
    >>> from analysis import network
    >>> said = pd.DataFrame({"speaker_id": list("ab"), "issue_id": ["x", "y"], "article_id": ["p", "q"]})
    >>> aggregate_interval(network(said), lambda stack: (stack > 0).mean(axis=(1, 2)))
    (0.5, nan, nan)
    """
    value = np.asarray(measure(network.matrix.to_numpy()[None]), dtype=float)
    drawn = [np.asarray(measure(stack), dtype=float) for stack in stacks(network, draws, seed)]
    if any(part.ndim != 1 for part in (value, *drawn)):
        found = f"the measure gives an array of shape {value.shape}"
        raise ParameterError(Problem("", 0, found, "one number per matrix", "sum over the last two axes"))
    values = np.concatenate(drawn) if drawn else np.empty(0)
    known = values[~np.isnan(values)]
    n_articles = network.counted["article_id"].nunique()
    if n_articles < LEAST or len(known) <= len(values) / 2:
        return float(value[0]), np.nan, np.nan
    low, high = _ends(known[None], np.array([n_articles]))[:, 0]
    return float(value[0]), float(low), float(high)
