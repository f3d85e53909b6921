"""Who speaks with whom: coalitions of actors in a one-mode network, and how far the answer depends on chance.

Louvain's method moves actors in random order, and different orders end in different divisions. One run is therefore no
result: here it is run many times, the best division is taken, and it is told how often and how nearly runs agree.

Sources: V. Blondel, J.-L. Guillaume, R. Lambiotte and E. Lefebvre (2008), Fast unfolding of communities in large
networks; J. Reichardt and S. Bornholdt (2006), Statistical mechanics of community detection, for the resolution;
L. Hubert and P. Arabie (1985), Comparing partitions; C. Hennig (2007), Cluster-wise assessment of cluster stability,
for Jaccard's coefficient as stability; V. Traag, L. Waltman and N. J. van Eck (2019), From Louvain to Leiden, for a
limit that stays: a coalition of Louvain's may hang together loosely.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import ParameterError, Problem
from analysis.networks import Network

_Labels = NDArray[np.int64]
_Floats = NDArray[np.float64]
_DIGITS = 12  # weights and modularities that differ less are equal: no last bit decides between runs
_MEMBERS = {"resolution": "float64", "actor": "str", "coalition": "Int64", "share_stable": "float64"}
_RUNS = {
    "resolution": "float64",
    "n_coalitions": "int64",
    "modularity": "float64",
    **dict.fromkeys(("n_runs", "n_distinct"), "int64"),
    **dict.fromkeys(("share_best", "agreement"), "float64"),
}


@dataclass(frozen=True)
class Coalitions:
    """The coalitions of each resolution, and how they came about.

    Attributes
    ----------
    members : pandas.DataFrame
        resolution, actor
            Each actor of the network at each resolution, in this order.
        coalition
            1 is the largest; of two of one size, that with the alphabetically first actor. Missing for an actor without
            a tie of positive weight: who stands alone is no coalition.
        share_stable
            How like this coalition the actor's coalitions in all runs are, 0 to 1: of the actors who are with this one
            in either, the share who are in both (the actor counts as one of them), as mean over runs. 1: each run puts
            the actor together with the same others.
    runs : pandas.DataFrame
        A row per resolution: n_coalitions, modularity (of the best division; NaN without a tie); n_runs, n_distinct
        (different divisions among them), share_best (runs that end in the best one), agreement (mean adjusted Rand
        index of all pairs of runs: 1 all the same, 0 as alike as chance has it; NaN for a single run).
    """

    members: pd.DataFrame
    runs: pd.DataFrame


def coalitions(
    network: Network, *, resolutions: Sequence[float] | float = (0.5, 1.0, 2.0), runs: int = 100, seed: int = 0
) -> Coalitions:
    """The coalitions of actors who are tied more to each other than to others, with their stability.

    Parameters
    ----------
    network
        A one-mode network of congruence, or of congruence minus conflict (`subtract`). Ties of weight 0 or less are set
        aside: they are no reason to be in one coalition.
    resolutions
        One or several, above 0 each. Below 1 favours few large coalitions, above 1 many small ones. Nothing in the data
        says which is right: a coalition that shows at several resolutions rests on more.
    runs
        How often Louvain's method is run at each resolution. Time grows with it and with the number of ties.
    seed
        Of the orders in which actors are moved; the same for each resolution.

    Raises
    ------
    ParameterError
        The network is not one-mode, or a resolution or the number of runs is none.

    Notes
    -----
    Q = Σ_c (w_c / m − γ (s_c / 2m)²): m is the weight of all ties, w_c of those within coalition c, s_c the sum of what
    its actors' ties weigh, γ the resolution. The best division has the greatest Q of all runs; among equals it is the
    one that most runs reach, then the one whose first actors share a coalition.

    Examples
    --------
    >>> import analysis
    >>> said = pd.DataFrame({"speaker_id": list("abcd"), "issue_id": list("xxyy"), "stance": [1.0, 1.0, -1.0, -1.0]})
    >>> found = coalitions(analysis.network(said, kind="one-mode", aggregation="congruence"), resolutions=1, runs=20)
    >>> found.members["coalition"].tolist(), found.runs.loc[0, ["modularity", "agreement"]].tolist()
    ([1, 1, 2, 2], [0.5, 1.0])
    """
    resolutions = np.ravel(resolutions).tolist()
    problems = [*not_one_mode(network, "coalitions"), *_wrong_numbers(resolutions, runs)]
    if problems:
        raise ParameterError(problems)
    weights = np.maximum(network.matrix.to_numpy(dtype="float64"), 0)
    weights = np.round(weights / max(weights.max(initial=0), np.finfo(float).tiny), _DIGITS)
    tied = np.flatnonzero(weights.any(axis=0))
    graph = _graph(weights[np.ix_(tied, tied)])
    seeds = np.random.default_rng(seed).integers(2**32, size=runs)
    actors, members, rows = network.matrix.index, [], []
    for resolution in resolutions:
        coalition, stable, row = _divided(graph, resolution, seeds)
        member = pd.DataFrame({"coalition": coalition, "share_stable": stable}, index=tied).reindex(range(len(actors)))
        members.append(member.assign(resolution=resolution, actor=actors))
        rows.append(row)
    return Coalitions(
        pd.concat(members, ignore_index=True)[list(_MEMBERS)].astype(_MEMBERS), pd.DataFrame(rows).astype(_RUNS)
    )


def not_one_mode(network: Any, what: str) -> Iterator[Problem]:
    """The problem of a measure of actors that is given another network, or none at all."""
    hint = 'make it with analysis.network(statements, kind="one-mode", aggregation="congruence")'
    if not isinstance(network, Network):
        yield Problem("", 0, f"{what} got a {type(network).__name__}", "a one-mode network", hint)
    elif network.kind != "one-mode":
        found = f"{what} got a {network.kind} network of {network.rows} × {network.columns}"
        yield Problem("", 0, found, 'one of kind="one-mode"', hint)


def _wrong_numbers(resolutions: Sequence[float], runs: int) -> Iterator[Problem]:
    if not resolutions:
        yield Problem("", 0, "resolutions is empty", "at least one", "leave it out for 0.5, 1 and 2")
    for resolution in resolutions:
        if not 0 < resolution < np.inf:
            yield Problem("", 0, f"the resolution {resolution!r}", "a number above 0", "1 is the usual one")
    if not isinstance(runs, int) or runs < 1:
        yield Problem("", 0, f"runs is {runs!r}", "a whole number from 1 up", "100 is the usual one")


def _graph(weights: _Floats) -> "nx.Graph[int]":
    """The graph of these weights. Its nodes are numbers: a set of texts is in another order in each process."""
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(len(weights)))
    ends = zip(*(side.tolist() for side in np.nonzero(np.triu(weights))), strict=True)
    graph.add_weighted_edges_from((a, b, float(weights[a, b])) for a, b in ends)
    return graph


def _divided(graph: "nx.Graph[int]", resolution: float, seeds: _Labels) -> tuple[_Labels, _Floats, dict[str, Any]]:
    """The best division's number and stability of each node, and what the runs say of it."""
    row = {"resolution": resolution, "n_coalitions": 0, "modularity": np.nan, "n_runs": len(seeds), "n_distinct": 0}
    row |= {"share_best": np.nan, "agreement": np.nan}
    if not len(graph):
        return np.empty(0, dtype=np.int64), np.empty(0), row
    divisions, counts = np.unique([_run(graph, resolution, int(seed)) for seed in seeds], axis=0, return_counts=True)
    values = [_modularity(graph, division, resolution) for division in divisions]
    best = max(range(len(values)), key=lambda at: (values[at], counts[at], -at))
    sizes = np.bincount(divisions[best])
    number = np.empty(len(sizes), dtype=np.int64)
    number[np.argsort(-sizes, kind="stable")] = np.arange(1, len(sizes) + 1)
    row |= {"n_coalitions": len(sizes), "modularity": values[best], "n_distinct": len(counts)}
    row |= {"share_best": counts[best] / len(seeds), "agreement": _agreement(divisions, counts)}
    return number[divisions[best]], _stable(divisions, counts, best), row


def _run(graph: "nx.Graph[int]", resolution: float, seed: int) -> _Labels:
    """One run: each node's coalition, numbered in order of their first nodes, so that equal divisions look equal."""
    sets = nx.community.louvain_communities(graph, weight="weight", resolution=resolution, seed=seed)
    division = np.empty(len(graph), dtype=np.int64)
    for number, nodes in enumerate(sorted(sets, key=min)):
        division[list(nodes)] = number
    return division


def _modularity(graph: "nx.Graph[int]", division: _Labels, resolution: float) -> float:
    sets = [set(np.flatnonzero(division == number).tolist()) for number in range(division.max() + 1)]
    return round(float(nx.community.modularity(graph, sets, weight="weight", resolution=resolution)), _DIGITS)


def _agreement(divisions: _Labels, counts: _Labels) -> float:
    """The mean adjusted Rand index of all pairs of runs; runs of one division agree fully."""
    n_pairs = counts.sum() * (counts.sum() - 1) / 2
    same = (counts * (counts - 1)).sum() / 2
    other = np.triu(adjusted_rand(divisions) * np.outer(counts, counts), 1).sum()
    return round(float((same + other) / n_pairs), _DIGITS) if n_pairs else np.nan


def adjusted_rand(divisions: _Labels) -> _Floats:
    """The adjusted Rand index of every two divisions (a row each, at least two nodes, numbers from 0 without a gap).

    Notes
    -----
    ARI = (t − e) / ((s_1 + s_2) / 2 − e), e = s_1 s_2 / N: of N pairs of nodes, s_1 are together in one division, s_2
    in the other, t in both. Where both put all nodes together, or none, it is 1. Hubert and Arabie (1985).

    Examples
    --------
    >>> adjusted_rand(np.array([[0, 0, 1, 1], [0, 0, 1, 2]]))[0].round(4).tolist()
    [1.0, 0.5714]
    """
    tables, starts = _crossed(divisions)
    n_nodes = divisions.shape[1]
    squares = np.add.reduceat(np.add.reduceat(tables**2, starts, axis=0), starts, axis=1)
    both = (squares - n_nodes) / 2
    own = both.diagonal()
    chance = np.outer(own, own) / (n_nodes * (n_nodes - 1) / 2)
    room = (own[:, None] + own) / 2 - chance
    return np.asarray(np.divide(both - chance, room, out=np.ones_like(both), where=room > 0))


def _crossed(divisions: _Labels) -> tuple[_Floats, _Labels]:
    """How many nodes every two coalitions of all divisions share, and where in that table each division starts."""
    starts = np.concatenate([[0], np.cumsum(divisions.max(axis=1) + 1)])
    belongs = np.zeros((divisions.shape[1], starts[-1]))
    belongs[np.arange(divisions.shape[1]), divisions + starts[:-1, None]] = 1
    return belongs.T @ belongs, starts[:-1]


def _stable(divisions: _Labels, counts: _Labels, best: int) -> _Floats:
    """Each node's mean over runs of Jaccard's coefficient of its coalition there and in the best division."""
    tables, starts = _crossed(divisions)
    sizes, places = tables.diagonal(), divisions + starts[:, None]
    shared = tables[places[best], places]
    jaccard = shared / (sizes[places[best]] + sizes[places] - shared)
    return np.asarray((counts @ jaccard / counts.sum()).round(_DIGITS))
