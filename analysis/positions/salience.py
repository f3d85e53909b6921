"""Which issues are talked about, by how many actors, and how divided the actors are on each.

P. DiMaggio, J. Evans and B. Bryson (1996), Have Americans' social attitudes become more polarized?, American Journal of
Sociology 102(3): dispersion as one dimension of polarisation, measured by the variance of positions.
"""

import pandas as pd

from analysis.positions.similarity import checked
from analysis.stance import STATES

_LEAST_SIDES = 2
_DIGITS = 12
_ISSUES = {
    "issue_id": "str",
    "n_actors": "int64",
    "n_statements": "int64",
    "share_statements": "float64",
    **{f"n_actors_{state}": "int64" for state in ("support", "neutral", "oppose", "mixed")},
    "stance": "float64",
    "controversy": "float64",
}


def issue_salience(cells: pd.DataFrame) -> pd.DataFrame:
    """One row per issue that has evidence, sorted by issue: how much was said, by how many, and how divided they are.

    Parameters
    ----------
    cells
        What `stance_cells` returned: actor, issue_id, state, stance, n_statements.

    Returns
    -------
    pandas.DataFrame
        issue_id, n_actors, n_statements
            The issue, the actors heard on it, and their statements.
        share_statements
            Salience: the share of all statements of `cells` that are on this issue, 0 to 1.
        n_actors_support, n_actors_neutral, n_actors_oppose, n_actors_mixed
            Actors, not statements, by the state of their cell; they add up to `n_actors`.
        stance
            Mean of the actors' stances, −1 to +1, each actor once; NaN where no actor has one. It has no interval: the
            actors are all who were heard, chosen by newsrooms, and no sample of anybody else.
        controversy
            0 (all actors hold the same stance) to 1 (one half fully in support, the other fully opposed); NaN where
            fewer than two actors took a side.

    Raises
    ------
    ParameterError
        `cells` lacks a column, has two rows for one cell or a stance that is no number from −1 to 1.

    Notes
    -----
    controversy(i) = mean over actors a with a stance on i of (s(a, i) − mean stance of i)²: the variance, whose largest
    value on a scale from −1 to +1 is 1. Dispersion in DiMaggio, Evans and Bryson (1996).

    Its limits: it holds how far apart the sides are together with how even they are, so two halves at +0.5 and −0.5
    give 0.25. Of an odd number n of actors it can reach 1 − 1/n² at most. An actor who is heard once weighs as much as
    one who is heard daily, and what an actor thinks who was not heard is unknown.

    Examples
    --------
    >>> cells = pd.DataFrame({"actor": ["a", "b", "c"], "issue_id": "x", "state": ["support", "oppose", "mixed"]})
    >>> cells = cells.assign(stance=[1.0, -1.0, float("nan")], n_statements=[2, 1, 1])
    >>> issue_salience(cells)[["n_actors", "n_statements", "n_actors_mixed", "controversy"]].to_numpy().tolist()
    [[3.0, 4.0, 1.0, 1.0]]
    """
    cells = checked(cells, "state", "n_statements")
    states = {f"n_actors_{state}": cells["state"] == state for state in STATES}
    by_issue = cells.assign(**states).groupby("issue_id")
    issues = by_issue.agg(n_actors=("actor", "size"), **{name: (name, "sum") for name in ("n_statements", *states)})
    has_sides = issues["n_actors_support"] + issues["n_actors_oppose"] >= _LEAST_SIDES
    issues = issues.assign(
        share_statements=issues["n_statements"] / issues["n_statements"].sum(),
        stance=by_issue["stance"].mean(),
        controversy=by_issue["stance"].var(ddof=0).round(_DIGITS).where(has_sides),
    )
    return issues.reset_index()[list(_ISSUES)].astype(_ISSUES)
