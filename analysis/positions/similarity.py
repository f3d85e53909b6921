"""How alike the positions of two actors are, and an order of rows in which like stands beside like.

Two actors are compared on the issues on which both have a stance. A pair without enough of them has no similarity: it
is neither 0 nor 1. J. Gower (1971), A general coefficient of similarity and some of its properties, Biometrics 27(4);
Z. Bar-Joseph, D. Gifford and T. Jaakkola (2001), Fast optimal leaf ordering for hierarchical clustering,
Bioinformatics 17(S1).
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.cluster import hierarchy
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import squareform

from analysis.errors import ParameterError, Problem, brief, nearest
from analysis.positions.ordering import leaf_order
from analysis.stance import stance_matrix

_PAIRS = {"source": "str", "target": "str", "similarity": "float64", "distance": "float64", "n_shared": "int64"}
_ROWS = {"actor": "str", **dict.fromkeys(("position", "cluster", "component", "n_compared", "n_shared_min"), "int64")}
_CELL = ["actor", "issue_id"]
_SHOWN = 5
_DIGITS = 12  # what differs beyond is rounding; ties must not hang on it
_Floats = NDArray[np.float64]
_Counts = NDArray[np.int64]
_NONE = np.empty(0, dtype=np.int64)


def stance_similarity(cells: pd.DataFrame, *, least_shared: int = 2) -> pd.DataFrame:
    """One row per two actors that can be compared: how alike their stances are, 0 (opposite throughout) to 1 (equal).

    Parameters
    ----------
    cells
        What `stance_cells` returned: actor, issue_id, stance. A cell without a stance (mixed) is compared with nothing.
    least_shared
        Leave out pairs with fewer shared issues. On one issue alone, who agrees once is as like as can be.

    Returns
    -------
    pandas.DataFrame
        source, target
            The actors, each pair once, source before target in the alphabet; sorted.
        similarity, distance
            0 to 1; their sum is 1.
        n_shared
            Issues on which both have a stance.

    Raises
    ------
    ParameterError
        `cells` lacks a column, has two rows for one cell or a stance that is no number from −1 to 1; `least_shared` is
        below 1.

    Notes
    -----
    distance(a, b) = mean over issues i with a stance of both of |s(a, i) − s(b, i)| / 2, similarity = 1 − distance:
    Gower's coefficient for the range −1 to 1, missing values left out. Gower (1971). Every shared issue weighs the
    same, whatever number of articles stands behind it.

    Examples
    --------
    >>> cells = pd.DataFrame({"actor": ["a", "a", "b", "b"], "issue_id": ["x", "y"] * 2, "stance": [1, 1, 1, 0.5]})
    >>> stance_similarity(cells).to_dict("records")
    [{'source': 'a', 'target': 'b', 'similarity': 0.875, 'distance': 0.125, 'n_shared': 2}]
    """
    matrix = stance_matrix(checked(cells))
    distance, shared = _compared(matrix, least_shared)
    source, target = np.nonzero(np.triu(~np.isnan(distance)))
    pairs = {
        "source": matrix.index[source],
        "target": matrix.index[target],
        "similarity": 1 - distance[source, target],
        "distance": distance[source, target],
        "n_shared": shared[source, target],
    }
    return pd.DataFrame(pairs).astype(_PAIRS)


def stance_clusters(cells: pd.DataFrame, *, least_shared: int = 1, at: float = 0.25) -> pd.DataFrame:
    """The actors in an order in which like stands beside like, with the cluster of each: an order for matrix rows.

    Parameters
    ----------
    cells, least_shared
        As for `stance_similarity`; here one shared issue is enough by default, so that few actors stand alone.
    at
        The distance, 0 to 1, at which trees are cut into clusters: groups that lie farther apart on average are two.
        0.25 is one step of the scale (−1, −0.5, 0, 0.5, 1) on each issue.

    Returns
    -------
    pandas.DataFrame
        actor
            All actors of `cells`, in order: `list(result["actor"])` can be the rows of `stance_matrix`.
        position, cluster, component
            The place from 0; the numbers of the cluster and of the tree from 1, in order of position.
        n_compared, n_shared_min
            Actors that this one could be compared with, and the fewest issues it shared with any of them; 0 and 0 for
            who stands alone, by having no stance or by sharing too few issues with everybody.

    Raises
    ------
    ParameterError
        As for `stance_similarity`; `at` is not within 0 to 1.

    Notes
    -----
    Actors who are linked by comparable pairs, directly or through others, form one component. Each has a tree of its
    own, made by average linkage of the distances of `stance_similarity`. A pair of a component that cannot be compared
    counts there with the mean of the component's known distances: unknown is neither like nor unlike. Where distances
    are equal, the alphabet decides who is joined first. Nothing joins two components; they follow each other by size,
    largest first, then by their first actor in the alphabet.

    Leaves are ordered so that the sum of the distances between neighbours is least among all orders that the tree
    allows (see `analysis.positions.ordering`). Of the two directions that are left, the one is taken that begins
    with the end whose actor has the higher mean stance over issues; then the one that is first in the alphabet.

    Examples
    --------
    >>> cells = pd.DataFrame({"actor": ["a", "b", "c"], "issue_id": "x", "stance": [-1, 1, -0.5]})
    >>> stance_clusters(cells)[["actor", "cluster"]].to_numpy().tolist()
    [['b', 1], ['c', 2], ['a', 2]]
    """
    if not 0 <= at <= 1:
        raise ParameterError(Problem("", 0, f"the distance at is {at!r}", "a number from 0 to 1"))
    matrix = stance_matrix(checked(cells))
    distance, shared = _compared(matrix, least_shared)
    is_known = ~np.isnan(distance)
    support = matrix.mean(axis=1).round(_DIGITS).to_numpy()
    parts = _components(is_known)
    trees = [_seriated(distance[np.ix_(part, part)], support[part], at) for part in parts]
    order = np.concatenate([part[leaves] for part, (leaves, _) in zip(parts, trees, strict=True)] or [_NONE])
    starts = np.concatenate([is_first for _, is_first in trees] or [_NONE])
    fewest = np.where(is_known, shared, np.inf).min(axis=1, initial=np.inf)
    rows = {
        "actor": matrix.index[order],
        "position": np.arange(len(order)),
        "cluster": starts.cumsum(),
        "component": np.repeat(np.arange(len(parts)) + 1, [len(part) for part in parts]),
        "n_compared": is_known.sum(axis=1)[order],
        "n_shared_min": np.where(np.isinf(fewest), 0, fewest)[order],
    }
    return pd.DataFrame(rows).astype(_ROWS)


def checked(cells: pd.DataFrame, *more: str) -> pd.DataFrame:
    """The cells with the stance as a number, found to have the columns of a measure and one row per cell.

    Raises
    ------
    ParameterError
        All that is wrong with them: columns that lack, cells with two rows, stances beyond the scale.
    """
    lacking = [column for column in (*_CELL, "stance", *more) if column not in cells]
    if lacking:
        usual = "cells are what stance_cells returns"
        hints = [nearest(name, cells.columns) or usual for name in lacking]
        raise ParameterError(
            [
                Problem("", 0, f"cells have no column {name!r}", hint=hint)
                for name, hint in zip(lacking, hints, strict=True)
            ]
        )
    stance = pd.to_numeric(cells["stance"], errors="coerce").astype(float)
    beyond = cells.loc[cells["stance"].notna() & ~stance.between(-1, 1), "stance"].tolist()
    again = cells.loc[cells.duplicated(_CELL), _CELL].drop_duplicates()
    twice = [f"{actor} on {issue}" for actor, issue in again.itertuples(index=False)]
    wrong = [
        (beyond, "with a stance beyond the scale", "a number from −1 to 1, or none"),
        (twice, "with more than one row", "one row per actor and issue"),
    ]
    problems = [
        Problem("", 0, f"{len(rows)} cells {what}: {brief(rows[:_SHOWN])}", expected)
        for rows, what, expected in wrong
        if rows
    ]
    if problems:
        raise ParameterError(problems)
    return cells.assign(stance=stance)


def _compared(matrix: pd.DataFrame, least: int) -> tuple[_Floats, _Counts]:
    """Distance and number of shared issues of every two actors; the distance is NaN where too few are shared."""
    if least < 1:
        raise ParameterError(Problem("", 0, f"least_shared is {least!r}", "a whole number from 1 up"))
    size = len(matrix)
    gaps, shared = np.zeros((size, size)), np.zeros((size, size), dtype=np.int64)
    for stances in matrix.to_numpy(dtype=float).T:  # issue by issue, so that memory does not grow with their number
        gap = np.abs(stances[:, None] - stances[None, :])
        shared += ~np.isnan(gap)
        gaps += np.nan_to_num(gap, nan=0.0)
    np.fill_diagonal(shared, 0)
    distance = np.divide(gaps, 2 * shared, out=np.full_like(gaps, np.nan), where=shared >= least)
    return distance.round(_DIGITS), shared


def _components(is_known: NDArray[np.bool_]) -> list[_Counts]:
    """The rows of each set of actors that comparable pairs link, the largest first, then by the first actor."""
    number, label = connected_components(csr_array(is_known), directed=False)
    parts = [np.flatnonzero(label == at) for at in range(number)]
    return sorted(parts, key=lambda part: (-len(part), int(part[0])))


def _seriated(distance: _Floats, support: _Floats, at: float) -> tuple[_Counts, _Counts]:
    """The order of one component's rows, and in that order 1 where a cluster begins and else 0."""
    if len(distance) == 1:
        return np.array([0]), np.array([1])
    np.fill_diagonal(distance, 0.0)
    distance = np.where(np.isnan(distance), np.nanmean(squareform(distance, checks=False)).round(_DIGITS), distance)
    tree = hierarchy.linkage(squareform(distance, checks=False), "average")
    tree[:, 2] = tree[:, 2].round(_DIGITS)
    order = np.array(leaf_order(tree, distance))
    order = order[::-1] if support[order[-1]] > support[order[0]] else order
    cluster = hierarchy.fcluster(tree, at, "distance")[order]
    return order, (np.diff(cluster, prepend=0) != 0).astype(np.int64)
