"""A network's matrices with its articles drawn anew: as many as there are, with replacement, as weights.

Statements of one article stand or fall together. Identical statements of several articles count as long as one of these
is drawn. All draws come from the same arrays by products with the weights: units × draws, where a unit is an article,
or a group of identical statements.
"""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import ParameterError, Problem
from analysis.networks import Network, ties
from analysis.networks.counting import Codes, Counted

Floats = NDArray[np.float64]
_ROOM = 2_000_000


def stacks(network: Network, draws: int, seed: int) -> Iterator[Floats]:
    """The matrices of all draws, draws × rows × columns, as many at a time as there is room for."""
    _check(network, draws)
    parts = network.parts
    n_rows, n_columns, n_levels = parts.shape
    unit, weights = _units(parts, draws, seed)
    cell = (parts.row * n_levels + parts.layer) * n_columns + parts.column
    layers = ties.tally(cell, unit, (n_rows * n_levels * n_columns, len(weights)))
    width = n_levels * n_rows * n_columns + (n_rows**2 if network.kind == "one-mode" else 0)
    step = max(1, _ROOM // max(width, 1))
    for start in range(0, draws if n_rows else 0, step):
        found = (layers @ np.ascontiguousarray(weights[:, start : start + step])).T
        stack = np.ascontiguousarray(found).reshape(len(found), n_rows, n_levels, n_columns)
        if network.kind == "two-mode":
            yield ties.two_mode([stack[:, :, level] for level in range(n_levels)], parts, network)
        else:
            yield ties.one_mode(stack.reshape(len(found), n_rows, n_levels * n_columns), parts, network)


def cells(network: Network, draws: int, seed: int) -> Iterator[tuple[Codes, Floats]]:
    """The cells of a two-mode network in use and their values, cells × draws, as many at a time as there is room for.

    A cell is told by row × number of columns + column. Cells that one sum normalises come together.
    """
    _check(network, draws)
    parts, rules = network.parts, network
    n_columns, n_levels = parts.shape[1:]
    unit, weights = _units(parts, draws, seed)
    weights = np.ascontiguousarray(weights)
    used, at = ties.in_use(parts)
    side = used % n_columns if rules.normalization == "prominence" else used // max(n_columns, 1)
    order = np.argsort(side, kind="stable")
    used, side, at = used[order], side[order], np.argsort(order)[at]
    layers = [
        ties.tally(at[here], unit[here], (len(used), len(weights)))
        for here in (parts.layer == level for level in range(n_levels))
    ]
    if rules.aggregation != "combine":
        weighed = ties.weighed(layers, parts, rules)
        is_base = rules.normalization == "no" or rules.aggregation == "ignore"
        layers = [weighed] if is_base else [sum(layers), weighed]
    starts = np.flatnonzero(np.r_[True, side[1:] != side[:-1]]) if len(side) else np.empty(0, dtype=np.int64)
    for low, high in _spans(starts, len(used), max(1, _ROOM // draws)):
        found = [layer[low:high] @ weights for layer in layers]
        values, base = (found[-1], found[0]) if rules.aggregation != "combine" else ties.cells(found, parts, rules)
        if rules.normalization != "no":
            first = starts[(starts >= low) & (starts < high)] - low
            sums = np.add.reduceat(base.astype(float), first, axis=0)
            values = ties.ratio(values, np.repeat(sums, np.diff(np.r_[first, high - low]), axis=0))
        yield used[low:high], values


def _spans(starts: Codes, n: int, room: int) -> Iterator[tuple[int, int]]:
    """Spans of whole groups, which begin at `starts`, of about as many cells as there is room for."""
    low = 0
    for end, following in pairwise([*starts[1:], n, n + room + 1] if n else []):
        if following - low > room:
            yield low, int(end)
            low = int(end)


def _check(network: Network, draws: int) -> None:
    if network.parts.weight is not None:
        found = "a network with kernel weights has no intervals"
        raise ParameterError(Problem("", 0, found, "a network without a kernel", "window(…, kernel='no')"))
    if isinstance(draws, bool) or not isinstance(draws, int) or draws < 1:
        raise ParameterError(Problem("", 0, f"draws is {draws!r}", "a whole number from 1 up"))


def _units(parts: Counted, draws: int, seed: int) -> tuple[Codes, Floats]:
    """The unit of each statement that counts, and how often each unit is drawn: units × draws."""
    every = parts.every or parts
    article, n_articles = every.codes("article_id")
    weights = _drawn(n_articles, draws, seed)
    counts = np.isin(every.place, parts.place)
    pairs = pd.DataFrame({"group": np.arange(len(article)) if every.group is None else every.group, "article": article})
    pairs = pairs.drop_duplicates()
    if not pairs["group"].duplicated().any():
        return article[counts], weights
    codes, groups = pd.factorize(pairs["group"])
    members = ties.tally(codes, pairs["article"].to_numpy(), (len(groups), n_articles))
    assert every.group is not None  # noqa: S101  # or no group would stand in two articles
    return pd.Index(groups).get_indexer(pd.Index(every.group[counts])), (members @ weights > 0).astype(float)


def _drawn(n: int, draws: int, seed: int) -> Floats:
    """How often each of n articles is drawn: articles × draws."""
    random = np.random.default_rng(seed)
    weights = np.zeros((draws, n))
    step = max(1, _ROOM // max(n, 1))
    for here in (weights[start : start + step] for start in range(0, draws if n else 0, step)):
        codes = random.integers(0, n, here.shape) + n * np.arange(len(here))[:, None]
        here[:] = np.bincount(codes.ravel(), minlength=here.size).reshape(here.shape)
    return weights.T
