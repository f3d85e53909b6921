"""Which issues carry the structure of a network of actors, and which could be left out without changing it.

A tie of congruence minus conflict is a sum over issues, so a network is the sum of one network per issue, and what is
lost without some issues is the size of theirs together. As in the nested backbone of Discourse Network Analyzer the
issue whose loss is least is taken out, then the next, until none is left. The loss differs: DNA compares the spectra of
the networks, in which two networks are the same when actors merely change places, and negative ties count as none. Here
the ties themselves are compared, pair by pair, conflict included.

Sources: rDNA, dna_backbone with method "nested" (P. Leifeld and T. Henrichsen), for the elimination; G. Golub and
C. Van Loan (2013), Matrix computations, for the Frobenius norm.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.networks import Network, network
from analysis.schema import Tables

_Floats = NDArray[np.float64]
_DIGITS = 12
_EQUAL = 1e-12  # squares of losses that differ less are equal: no last bit decides the order
_COLUMNS = {
    "rank": "int64",
    **dict.fromkeys(("loss_alone", "loss_left"), "float64"),
    **dict.fromkeys(("n_statements", "n_actors"), "int64"),
}


def backbone(
    statements: pd.DataFrame | Tables,
    *,
    rows: str = "speaker_id",
    columns: str = "issue_id",
    stance: str = "stance",
    duplicates: str = "include",
) -> pd.DataFrame:
    """The issues in order of how much of the network of actors rests on them: one row each, the most important first.

    Parameters
    ----------
    statements, rows, columns, stance, duplicates
        As for `analysis.network`: who speaks, to what, with which position, and what counts once.

    Returns
    -------
    pandas.DataFrame
        issue_id (or what `columns` is)
            The issue.
        rank
            1 for the one that is taken out last.
        loss_alone
            The loss without this issue and with all others: 0 changes nothing.
        loss_left
            The loss without this and all less important issues: what the issues of smaller rank fail to show. 1 in the
            first row, where nothing is left. Read upwards it says how few issues give nearly the same network.
        n_statements, n_actors
            Statements on the issue that count, and those who made them.

        Losses are NaN where the network of all issues has no tie; they exceed 1 where issues cancel each other.

    Raises
    ------
    ParameterError
        No such column or word, a stance outside its scale.

    Notes
    -----
    W_j[a, b] = (congruence − conflict of a and b on issue j) / ((n_a + n_b) / 2), n statements on all issues, and
    W = Σ_j W_j, which is `analysis.network` of aggregation `subtract`, normalised by `average`. The loss without the
    issues T is ‖Σ_{j in T} W_j‖ / ‖W‖, the root of the sum of squares over all pairs of actors. The n stay those of all
    issues, since nobody has said less because an issue is left out of the picture: so one that a single actor speaks to
    loses nothing. Of equal losses (to a millionth of the network) the issue with fewer statements goes first, then the
    alphabetically last. Taking out one at a time need not find the best set of each size.

    Examples
    --------
    >>> said = [("a", "toll", 1.0), ("b", "toll", 1.0), ("c", "toll", -1.0), ("a", "bridge", 1.0), ("b", "park", 1.0)]
    >>> table = backbone(pd.DataFrame(said, columns=["speaker_id", "issue_id", "stance"]))
    >>> table[["issue_id", "rank", "loss_alone", "loss_left"]].to_numpy().tolist()
    [['toll', 1, 1.0, 1.0], ['bridge', 2, 0.0, 0.0], ['park', 3, 0.0, 0.0]]
    """
    asked: dict[str, Any] = {"rows": rows, "columns": columns, "stance": stance, "duplicates": duplicates}
    whole = network(statements, kind="one-mode", aggregation="subtract", **asked)
    parts, issues = whole.parts, whole.parts.labels[1]
    ties = _ties(whole)
    spoken = np.unique(np.column_stack([parts.column, parts.row]), axis=0)[:, 0]
    n_statements, n_actors = (np.bincount(column, minlength=len(issues)) for column in (parts.column, spoken))
    order = _eliminated(ties, n_statements)
    size = float(np.linalg.norm(ties.sum(axis=0)))
    size = size if round(size, _DIGITS) else np.nan
    table = pd.DataFrame({
        whole.columns: issues[order],
        "rank": np.arange(len(issues), 0, -1),
        "loss_alone": np.round(np.linalg.norm(ties, axis=1)[order] / size, _DIGITS),
        "loss_left": np.round(np.linalg.norm(ties[order].cumsum(axis=0), axis=1) / size, _DIGITS),
        "n_statements": n_statements[order],
        "n_actors": n_actors[order],
    })  # fmt: skip
    return table.iloc[::-1].astype({whole.columns: "str"} | _COLUMNS).reset_index(drop=True)


def _ties(whole: Network) -> _Floats:
    """What each issue adds to the tie of each pair of actors: issues × pairs."""
    activity = np.bincount(whole.parts.row, minlength=len(whole.parts.labels[0])).astype(float)
    first, second = np.triu_indices(len(activity), 1)
    ties = np.zeros((len(whole.parts.labels[1]), len(first)))
    for at in range(len(ties)):
        ties[at] = _of_issue(whole, at)[first, second]
    return np.asarray(ties / ((activity[first] + activity[second]) / 2))


def _of_issue(whole: Network, at: int) -> _Floats:
    """The network of one issue, of all actors."""
    parts = whole.parts.keep(whole.parts.column == at)
    labels = (parts.labels[0], parts.labels[1][[at]])
    return replace(whole, parts=replace(parts, labels=labels, column=np.zeros_like(parts.column))).matrix.to_numpy()


def _eliminated(ties: _Floats, n_statements: NDArray[np.int64]) -> list[int]:
    """The issues in the order in which they are taken out.

    ‖Σ W_j‖² is a sum over pairs of issues, so each step needs the products of issues only, not the pairs of actors.
    """
    products = ties @ ties.T
    margin = _EQUAL * max(products.sum(), products.diagonal().max(initial=0))
    last_first = np.lexsort([-np.arange(len(ties)), n_statements])
    losses, left, order = products.diagonal()[last_first].copy(), np.ones(len(ties), dtype=bool), []
    for _ in range(len(ties)):
        at = int(np.argmax(left & (losses <= losses[left].min() + margin)))
        order.append(int(last_first[at]))
        left[at] = False
        losses += 2 * products[last_first[at], last_first]
    return order
