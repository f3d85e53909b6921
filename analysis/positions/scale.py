"""Where actors stand on one line: ideal points from graded stances, with intervals from resampling articles.

Sources: J. Clinton, S. Jackman and D. Rivers (2004), The statistical analysis of roll call data, American Political
Science Review 98(2), for the spatial model; S. Jackman (2001), Multidimensional analysis of roll call data via Bayesian
simulation, Political Analysis 9(3), for its kinship with factor analysis. The arithmetic: analysis/positions/factor.py.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from analysis.errors import ParameterError, Problem, one_of, unknown
from analysis.positions.factor import Fit, Sample
from analysis.schema import Tables
from analysis.stance import THIN, evidence

METHOD = "bootstrap 95%"
LEAST_ARTICLES = 3
LEAST_IN_ALL = 8
LEAST_ACTORS = 5
LEAST_RELIABILITY = 0.8
_REASONS = ("mixed only", "one issue", "not linked", "no variation")
_PAIR = 2
_DIGITS = 6  # the fit comes to rest beyond them
_COUNTS = dict.fromkeys(("n_articles", "n_statements"), "int64")
_ACTORS = {
    "actor": "str",
    **dict.fromkeys(("position", "ci_low", "ci_high"), "float64"),
    "ci_method": "str",
    "n_issues": "int64",
    **_COUNTS,
}
_ISSUES = {"issue_id": "str", **dict.fromkeys(("loading", "mean"), "float64"), "n_actors": "int64", **_COUNTS}
_LEFT_OUT = {"actor": "str", "reason": "str", "n_issues": "int64", **_COUNTS}


@dataclass(frozen=True)
class Scale:
    """Actors on one line, the issues that it is made of, and the actors that could not be placed.

    Attributes
    ----------
    actors
        One row per actor with a position: actor; position; ci_low, ci_high, ci_method; n_issues, n_articles,
        n_statements (those with a stance on an issue of the scale). Sorted by position.
    issues
        What the line means: issue_id; loading (by how much the stance rises over one unit of position); mean (the
        stance to expect at position 0); n_actors, n_articles, n_statements. The largest loadings, up or down, first.
    left_out
        One row per actor without a position: actor, reason, n_issues, n_articles, n_statements (those with a stance).
        The reason is the first that holds: `mixed only` (no stance is a number), `one issue`, `not linked` (too few
        issues shared with the rest, see the Notes of `ideal_points`), `no variation` (nobody differs on any issue).
    anchor
        The issue whose supporters have the greater positions; empty where nobody could be placed.
    share_explained
        What share, 0 to 1, of the squared distance of stances from their issue's mean the positions account for. Close
        to 1 as a matter of course where actors have few issues. NaN where nobody could be placed.
    reliability
        1 − the mean squared standard error of the positions, their own variance being 1. Stances that follow no line
        at all still give 0.3 to 0.7. NaN without resampling, or where a sample of articles shows no line.
    """

    actors: pd.DataFrame
    issues: pd.DataFrame
    left_out: pd.DataFrame
    anchor: str
    share_explained: float
    reliability: float


def ideal_points(
    tables: Tables, *, actor: str = "speaker_id", anchor: str = "", draws: int = 1000, seed: int = 0
) -> Scale:
    """Actors on the one line that tells most about all their stances at once, and the issues that make the line.

    Parameters
    ----------
    tables
        A corpus, or what `select` kept of it.
    actor
        Whose position: `speaker_id`, or `organisation_id` for the institution spoken for.
    anchor
        The issue whose supporters shall have the greater positions: a line can be read from either end. Default: the
        issue with most articles, of those that have a loading.
    draws, seed
        Of the bootstrap; 0 draws: no interval.

    Returns
    -------
    Scale
        Of its columns, position has mean 0 and standard deviation 1, an actor counting as often as it has articles.
        ci_low and ci_high are its 95% interval with the articles as the sample, and ci_method says `bootstrap 95%`;
        NaN and `thin` for actors with fewer than 3 articles, and for all actors where the scale has fewer than 8
        articles or 5 actors, or a reliability below 0.8. benchmarks/scales.py shows what the intervals hold, and why
        these limits.

    Raises
    ------
    ParameterError
        `actor` is no such column, there is no issue `anchor`, or it has no loading on this scale.

    Notes
    -----
    s(a, i, d) = alpha(i) + beta(i) theta(a) + noise for the mean stance s of actor a on issue i in article d: alpha is
    the column `mean`, beta `loading`, theta `position`. In the spatial model of roll calls (Clinton, Jackman and Rivers
    2004) an actor supports what lies nearer to its ideal point; with quadratic utilities the difference is linear in
    that point, and a graded stance shows the difference itself. Mixed stances are left out, copies count once.

    An actor needs two issues, and positions can be compared only within one set of linked issues: two issues are linked
    where at least two actors have a stance on both, and so are all in a chain of such links. One actor in common would
    tell neither which end of one line is which of the other's, nor its scale. The set with most actors is kept.

    The interval is position ± t · e / √reliability: e is the standard deviation of the positions when articles are
    drawn anew with replacement, each draw with mean 0 and standard deviation 1 and turned like the estimate, times
    √(n / (n − 1)) for the actor's n articles; t is Student's quantile for n − 1 degrees of freedom. Reliability enters
    because drawn positions contain the noise and yet have standard deviation 1. It says what other articles by the same
    outlets could have shown, not whether one line is enough; where two lines tell about as much, it can turn from one
    to the other. All numbers are rounded to six digits.

    Examples
    --------
    >>> import analysis
    >>> scale = analysis.ideal_points(analysis.load("russia-taliban"), anchor="delisting")
    >>> scale.issues.loc[0, "issue_id"], scale.actors["ci_method"].unique().tolist()
    ('delisting', ['thin'])
    """
    if anchor and anchor not in set(tables.issues["issue_id"]):
        raise ParameterError(unknown("the anchor", anchor, tables.issues["issue_id"]))
    said = evidence(tables, actor)
    stances = _stances(tables, said)
    linked = stances[is_linked(stances)]
    sample = Sample(linked)
    fit = sample.fit()
    if fit is None:
        nobody = linked.iloc[:0]
        actors, issues = _table(_counts(nobody, "actor"), _ACTORS), _table(_counts(nobody, "issue_id"), _ISSUES)
        return Scale(actors, issues, _left_out(said, stances, linked, nobody), "", np.nan, np.nan)
    issues = _counts(linked, "issue_id").assign(loading=fit.beta[0], mean=fit.alpha[0])
    anchor = _anchor(issues, anchor)
    fit = fit.turned(sample.issues.index(anchor))
    actors, reliability = _actors(_counts(linked, "actor"), sample, fit, draws, seed)
    return Scale(
        actors,
        _issues(issues.assign(loading=fit.beta[0])),
        _left_out(said, stances, linked, linked),
        anchor,
        round(sample.explained(fit), _DIGITS),
        round(reliability, _DIGITS),
    )


def _stances(tables: Tables, said: pd.DataFrame) -> pd.DataFrame:
    """The mean stance of each actor, issue and article: copies of one text are one article, a mixed stance is none."""
    origins = tables.articles.set_index("article_id")["origin_id"]
    said = said.assign(work=said["article_id"].map(origins).fillna(said["article_id"])).dropna(subset="stance")
    by = said.groupby(["actor", "issue_id", "work"], as_index=False)
    return by.agg(stance=("stance", "mean"), n_statements=("stance", "size"))


def is_linked(stances: pd.DataFrame) -> NDArray[np.bool_]:
    """Which rows are about the largest set of linked issues, by actors who have at least two of them.

    Leaving out an actor may undo a link, so it goes on until nothing is left out. Of two sets with as many actors that
    with more cells is kept, then that whose issues come first by name.
    """
    (at_actor, actors), (at_issue, issues) = (pd.factorize(stances[key], sort=True) for key in ("actor", "issue_id"))
    seen = np.zeros((len(actors), len(issues)), dtype=np.int64)
    seen[at_actor, at_issue] = 1
    while seen.any():
        kept = _several(seen)
        _, part = connected_components(kept.T @ kept >= _PAIR, directed=False)
        sets = [_several(kept * (part == number)) for number in range(part.max() + 1)]
        kept = max(sets, key=lambda one: (one.any(axis=1).sum(), one.sum()))
        if (kept == seen).all():
            break
        seen = kept
    return np.asarray(seen[at_actor, at_issue] > 0)


def _several(seen: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.asarray(seen * (seen.sum(axis=1, keepdims=True) >= _PAIR))


def _anchor(issues: pd.DataFrame, asked: str) -> str:
    usable = issues[issues["loading"].round(_DIGITS) != 0]
    if asked and asked not in usable.index:
        raise ParameterError(Problem("", 0, f"the anchor {asked!r} has no loading on this scale", one_of(usable.index)))
    return asked or str(usable["n_articles"].idxmax())


def _actors(counts: pd.DataFrame, sample: Sample, fit: Fit, draws: int, seed: int) -> tuple[pd.DataFrame, float]:
    position, (reach, reliability) = fit.theta[0], sample.interval(fit, draws, seed)
    is_known = is_shown(sample, reliability)
    low, high = (np.where(is_known, position + side * reach, np.nan) for side in (-1, 1))
    method = np.where(is_known, METHOD, THIN)
    actors = _table(counts.assign(position=position, ci_low=low, ci_high=high, ci_method=method), _ACTORS)
    return actors.sort_values("position", kind="stable", ignore_index=True), reliability


def is_shown(sample: Sample, reliability: float) -> NDArray[np.bool_]:
    """Which actors are given their interval."""
    is_rich = sample.n_works >= LEAST_IN_ALL and len(sample.n_articles) >= LEAST_ACTORS
    return (is_rich and reliability >= LEAST_RELIABILITY) & (sample.n_articles >= LEAST_ARTICLES)


def _issues(issues: pd.DataFrame) -> pd.DataFrame:
    table = _table(issues, _ISSUES)
    return table.sort_values("loading", key=np.abs, ascending=False, kind="stable", ignore_index=True)


def _counts(stances: pd.DataFrame, key: str) -> pd.DataFrame:
    """Issues or actors, articles and statements of each actor or issue, sorted by its name."""
    n_others, other = ("n_issues", "issue_id") if key == "actor" else ("n_actors", "actor")
    counts = {n_others: (other, "nunique"), "n_articles": ("work", "nunique"), "n_statements": ("n_statements", "sum")}
    return stances.groupby(key).agg(**counts)


def _left_out(said: pd.DataFrame, stances: pd.DataFrame, linked: pd.DataFrame, placed: pd.DataFrame) -> pd.DataFrame:
    names = pd.Index(sorted(set(said["actor"]) - set(placed["actor"])), name="actor")
    counts = _counts(stances, "actor").reindex(names, fill_value=0)
    tests = [counts["n_issues"] == 0, counts["n_issues"] == 1, ~names.isin(linked["actor"])]
    return _table(counts.assign(reason=np.select(tests, _REASONS[:-1], default=_REASONS[-1])), _LEFT_OUT)


def _table(rows: pd.DataFrame, columns: dict[str, str]) -> pd.DataFrame:
    """The rows with these columns, numbers rounded, and no zero with a sign."""
    table = rows.reset_index().reindex(columns=list(columns)).astype(columns)
    numbers = [column for column, dtype in columns.items() if dtype == "float64"]
    return table.assign(**{column: table[column].round(_DIGITS) + 0.0 for column in numbers})
