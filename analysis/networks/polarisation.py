"""Into which two camps a debate falls, and how completely.

The division sought has most congruence within its camps and most conflict between them. What it gets wrong, agreement
across camps and conflict inside them, is the frustration of a signed network, and finding the best division is a
maximum cut. For few actors all divisions are compared, so the answer is the best there is; for many the best of a
search is given, and how often the search came to it. Discourse Network Analyzer searches for another score, by default
from a seed that changes, and its result differs from run to run.

Sources: F. Harary (1959), On the measurement of structural balance; P. Doreian and A. Mrvar (1996), A partitioning
approach to structural balance; B. Kernighan and S. Lin (1970), An efficient heuristic procedure for partitioning
graphs, and C. Fiduccia and R. Mattheyses (1982), A linear-time heuristic for improving network partitions, for the
search.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import ParameterError, Problem
from analysis.networks import Network
from analysis.networks.coalitions import not_one_mode

_Floats = NDArray[np.float64]
_MOST = 22  # actors whose divisions are all compared: two million, in a fraction of a second
_DIGITS = 12
_SHOWN = 5
_CAMPS = {"actor": "str", "camp": "Int64", "margin": "float64"}


@dataclass(frozen=True)
class Polarisation:
    """Two camps, how completely the debate falls into them, and how the division was found.

    Attributes
    ----------
    score : float
        P, 0 to 1: the share of all congruence and conflict that is as the camps have it. NaN without a tie.
    one_camp : float
        P if all were in one camp: the share of congruence. Where the score is not well above it, there are hardly two
        camps: nearly all agree, and someone had to be set apart.
    within, between : float
        The share of congruence that lies within the camps, and of conflict that lies between them; NaN where there is
        none. Without conflict the score tells of separate circles, not of opponents.
    camps : pandas.DataFrame
        actor; camp (1 holds the alphabetically first actor who has a tie; missing for one without any); margin (by how
        much the score would fall if this actor alone changed camps. 0: either camp fits as well. Below 0 only for an
        actor who is a camp of their own and may not leave it empty).
    n_best : int
        How many divisions have the best score, of all or of those the search found. `camps` is the one that puts the
        alphabetically first actors into camp 1.
    is_exhaustive : bool
        All divisions were compared: no other has a better score.
    n_starts, n_reached : int or None
        From how many random divisions the search began, and from how many it came to the best score; None where none
        was needed.
    """

    score: float
    one_camp: float
    within: float
    between: float
    camps: pd.DataFrame
    n_best: int
    is_exhaustive: bool
    n_starts: int | None
    n_reached: int | None


def polarisation(congruence: Network, conflict: Network, *, starts: int = 100, seed: int = 0) -> Polarisation:
    """The two camps of a debate with most congruence within and most conflict between them.

    Parameters
    ----------
    congruence, conflict
        One-mode networks of the same actors, aggregated as their names say and normalised alike: `average` keeps those
        who speak much from deciding alone.
    starts, seed
        Of the search, which is made from 23 actors with a tie up; below that all divisions are compared.

    Raises
    ------
    ParameterError
        A network is not one-mode, or of another aggregation; the two differ in actors or normalisation; all at once.

    Notes
    -----
    P = (Σ congruence within camps + Σ conflict between camps) / (Σ all congruence + Σ all conflict), each pair of
    actors once. With x_a = 1 in camp 1 and −1 in camp 2 and M = congruence − conflict, P = ½ + x'Mx / 4T, T the
    divisor: the greatest x'Mx is sought with neither camp empty. Random camps have P = ½ on average, so the best are
    hardly ever below; with few ties they are far above by chance alone. Compare networks of similar size.

    Examples
    --------
    >>> import analysis
    >>> said = pd.DataFrame(
    ...     {"speaker_id": list("abcd"), "issue_id": ["toll"] * 4, "stance": [1.0, 1.0, -1.0, 0.5]}
    ... )
    >>> both = [analysis.network(said, kind="one-mode", aggregation=what) for what in ("congruence", "conflict")]
    >>> found = polarisation(*both)
    >>> found.score, found.camps["camp"].tolist()
    (0.875, [1, 1, 2, 1])
    """
    problems = list(_wrong(congruence, conflict, starts))
    if problems:
        raise ParameterError(problems)
    actors = congruence.matrix.index
    friendly, hostile = (network.matrix.to_numpy(dtype="float64") for network in (congruence, conflict))
    tied = np.flatnonzero((friendly + hostile).any(axis=0))
    friendly, hostile = (weights[np.ix_(tied, tied)] for weights in (friendly, hostile))
    bonds = _whole(friendly - hostile)
    is_exhaustive = len(tied) <= _MOST
    sides, n_best, n_reached = (*compared(bonds), None) if is_exhaustive else searched(bonds, starts, seed)
    margin, shares = _told(sides, friendly, hostile)
    camps = pd.DataFrame({"camp": np.where(sides > 0, 1, 2), "margin": margin}, index=tied).reindex(range(len(actors)))
    return Polarisation(
        **shares,
        camps=camps.assign(actor=actors)[list(_CAMPS)].astype(_CAMPS),
        n_best=n_best,
        is_exhaustive=is_exhaustive,
        n_starts=None if is_exhaustive else starts,
        n_reached=n_reached,
    )


def _wrong(congruence: Network, conflict: Network, starts: int) -> Iterator[Problem]:
    if not isinstance(starts, int) or starts < 1:
        yield Problem("", 0, f"starts is {starts!r}", "a whole number from 1 up", "100 is the usual one")
    kinds = [problem for network in (congruence, conflict) for problem in not_one_mode(network, "polarisation")]
    yield from kinds
    if kinds:
        return
    for network, name in ((congruence, "congruence"), (conflict, "conflict")):
        if network.aggregation != name:
            found = f"the aggregation of the {name} given is {network.aggregation!r}"
            yield Problem("", 0, found, f"{name!r}", "give the network of congruence first, then that of conflict")
    if congruence.normalization != conflict.normalization:
        found = f"congruence is normalised by {congruence.normalization!r}, conflict by {conflict.normalization!r}"
        yield Problem("", 0, found, "the same in both", 'make both with normalization="average"')
    only = sorted(set(congruence.matrix.index) ^ set(conflict.matrix.index))
    if only:
        more = f" … ({len(only)} in all)" if len(only) > _SHOWN else ""
        found = f"actors in only one of the networks: {', '.join(only[:_SHOWN])}{more}"
        yield Problem(
            "", 0, found, "the same actors in both", "make both from the same statements with the same filters"
        )


def _whole(bonds: _Floats) -> _Floats:
    """The bonds in whole numbers so large that x'Mx still fits: their sums are exact in any order, on any machine."""
    largest = np.abs(bonds).max(initial=0)
    if not largest:
        return bonds
    return np.asarray(np.rint(bonds / largest * 2.0 ** (52 - 2 * np.ceil(np.log2(len(bonds))))))


def compared(bonds: _Floats) -> tuple[_Floats, int]:
    """The best of all divisions as 1 and −1, and how many are as good; actors are split in halves to share the sums."""
    if not len(bonds):
        return np.empty(0), 0
    n_first = len(bonds) // 2
    first = _signs(n_first)[: 2 ** (n_first - 1)]  # who comes first is in camp 1: the rest mirrors these
    last = _signs(len(bonds) - n_first)
    inner = [((half @ part) * half).sum(axis=1) for half, part in ((first, bonds[:n_first, :n_first]),
                                                                  (last, bonds[n_first:, n_first:]))]  # fmt: skip
    values = inner[0][:, None] + inner[1] + 2 * (first @ bonds[:n_first, n_first:] @ last.T)
    values[0, 0] = -np.inf  # all in one camp
    best = np.flatnonzero(values >= values.max() - _tolerance(bonds))
    row, column = divmod(int(best[0]), len(last))
    return np.concatenate([first[row], last[column]]), len(best)


def _signs(n: int) -> _Floats:
    """All rows of n times 1 or −1, in lexicographic order with 1 first."""
    bits = np.arange(2**n)[:, None] >> np.arange(n - 1, -1, -1)
    return np.asarray(1.0 - 2.0 * (bits & 1), dtype=np.float64)


def _tolerance(bonds: _Floats) -> int:
    """How far x'Mx of equal divisions may differ, each bond being rounded by up to a half."""
    return len(bonds) ** 2


def searched(bonds: _Floats, starts: int, seed: int) -> tuple[_Floats, int, int]:
    """The best division of a search from random ones, how many are as good, and from how many starts it was reached."""
    sides = np.random.default_rng(seed).choice([-1.0, 1.0], size=(starts, len(bonds)))
    sides[np.abs(sides.sum(axis=1)) == len(bonds), -1] *= -1
    while True:
        better, values = _moved(sides, bonds)
        if np.array_equal(better, sides):
            break
        sides = better
    is_best = values >= values.max() - _tolerance(bonds)
    best = np.unique(sides[is_best] * sides[is_best, :1], axis=0)
    return best[-1], len(best), int(is_best.sum())


def _moved(sides: _Floats, bonds: _Floats) -> tuple[_Floats, _Floats]:
    """One pass from each start: every actor moves once, the best move first even at a loss; the best point stays."""
    sides, rows, is_free = sides.copy(), np.arange(len(sides)), np.ones(sides.shape, dtype=bool)
    pull = sides @ bonds
    value = (pull * sides).sum(axis=1)
    best, best_value = sides.copy(), value.copy()
    for _ in range(len(bonds)):
        gain = np.where(is_free, -4 * sides * pull, -np.inf)
        at = gain.argmax(axis=1)
        value += gain[rows, at]
        sides[rows, at] *= -1
        is_free[rows, at] = False
        pull += 2 * sides[rows, at, None] * bonds[at]
        is_better = (value > best_value) & (np.abs(sides.sum(axis=1)) < len(bonds))
        best[is_better], best_value[is_better] = sides[is_better], value[is_better]
    return best, best_value


def _told(sides: _Floats, friendly: _Floats, hostile: _Floats) -> tuple[_Floats, dict[str, float]]:
    """Each actor's margin, and the shares that the camps are told by."""
    is_same = np.outer(sides, sides) > 0
    within, between = friendly[is_same].sum(), hostile[~is_same].sum()
    n_friendly, n_hostile = friendly.sum(), hostile.sum()
    margin = 2 * sides * ((friendly - hostile) * sides).sum(axis=1) / ((n_friendly + n_hostile) or np.nan)
    return margin.round(_DIGITS), {
        "score": _share(within + between, n_friendly + n_hostile),
        "one_camp": _share(n_friendly, n_friendly + n_hostile),
        "within": _share(within, n_friendly),
        "between": _share(between, n_hostile),
    }


def _share(part: float, whole: float) -> float:
    return round(float(part / whole), _DIGITS) if whole else np.nan
