"""Who takes which position on which issue: statements become cells (long), and cells a matrix (wide, made last).

A cell is one actor on one issue. Each article counts once with the mean of its statements, and copies of one text (same
`origin_id`) count as one. Where an actor said nothing on an issue there is no row: silence is not neutrality.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.cells import CELL, SIDES, heard
from analysis.cells import cells as cells_of
from analysis.errors import ParameterError, unknown
from analysis.intervals import LEAST, METHOD, mean_intervals
from analysis.schema import Tables

LEVELS = {"speaker": "speaker_id", "organisation": "organisation_id"}
ACTORS = tuple(LEVELS.values())
STATES = ("support", "oppose", "neutral", "mixed")
THIN = "thin"
_DAY, _TEXT = "datetime64[us]", "str"
_CELLS = {
    "actor": _TEXT,
    "issue_id": _TEXT,
    "state": _TEXT,
    "stance": "float64",
    **dict.fromkeys(("n_articles", "n_statements", *SIDES), "int64"),
    **dict.fromkeys(("ci_low", "ci_high"), "float64"),
    "ci_method": _TEXT,
    **dict.fromkeys(("first", "last"), _DAY),
}
_POINTS = {
    **dict.fromkeys((*CELL, "article_id"), _TEXT),
    **dict.fromkeys(("date_start", "date_end"), _DAY),
    "date_precision": _TEXT,
    "stance": "float64",
    "n_statements": "int64",
    "middle": _DAY,
}


def actor_column(level: str) -> str:
    """The column of `statements` that holds the actors of a level: `speaker`, or `organisation` for who is spoken for.

    Raises
    ------
    ParameterError
        There is no such level.

    Examples
    --------
    >>> actor_column("organisation")
    'organisation_id'
    """
    if level not in LEVELS:
        raise ParameterError(unknown("the level of actors", level, LEVELS))
    return LEVELS[level]


def stance_cells(tables: Tables, actor: str = "speaker_id", *, min_articles: int = 1) -> pd.DataFrame:
    """One row per actor and issue that has evidence, sorted by actor and issue.

    Parameters
    ----------
    tables
        A corpus, or what `select` kept of it. Its `statements` and `articles` may also be polars DataFrames or
        LazyFrames, DuckDB relations, Dask, PySpark or SQLFrame DataFrames, both of one engine: the engine then finds
        what counts and groups it, and only a row for each cell and value of an article's mean comes over.
    actor
        Whose position: `speaker_id`, or `organisation_id` for the institution spoken for. Statements without one,
        such as an independent analyst's at the level of organisations, are left out.
    min_articles
        Leave out cells that rest on fewer articles.

    Returns
    -------
    pandas.DataFrame
        actor, issue_id
            The cell.
        state
            support or oppose by the sign of `stance`; neutral where every statement took no side; mixed where both
            sides were taken and balance, or were taken in one breath. No row: no statement.
        stance
            Mean over articles of the article's mean stance, −1 to +1; NaN where only mixed statements stand.
        n_articles, n_statements, n_support, n_neutral, n_oppose, n_mixed
            Articles (copies once) and statements counted; the last four add up to `n_statements`.
        ci_low, ci_high, ci_method
            95% interval of `stance` with the articles as the sample (see `analysis.intervals`), from three articles
            with a stance on; below that NaN and `thin`.
        first, last
            Earliest and latest possible day of the statements.

    Raises
    ------
    ParameterError
        `actor` is no such column; a table is of no such kind, or has no such column; an article is there twice.

    Notes
    -----
    stance(a, i) = mean over articles d of mean over statements s of (a, i) in d of stance(s).

    Examples
    --------
    >>> import analysis
    >>> cells = analysis.stance_cells(analysis.load("russia-taliban"))
    >>> bool((cells[["n_support", "n_neutral", "n_oppose", "n_mixed"]].sum(axis=1) == cells["n_statements"]).all())
    True
    """
    found = cells_of(tables, _known(actor))
    n, known, n_cells = found.n_articles, ~np.isnan(found.mean), len(found.table)
    n_known, total = (np.bincount(found.cell[known], weight, n_cells) for weight in (n[known], (n * found.mean)[known]))
    with np.errstate(invalid="ignore"):
        stance = total / n_known
    n_articles = np.bincount(found.cell, n, n_cells)
    cells = found.table.assign(stance=stance, n_articles=n_articles)
    cells["state"] = _states(cells)
    cells["ci_low"], cells["ci_high"] = _intervals(found.mean[known].repeat(n[known]), n_known.astype(np.int64))
    cells["ci_method"] = np.where(n_known < LEAST, THIN, METHOD)
    return cells.loc[n_articles >= min_articles, list(_CELLS)].astype(_CELLS).reset_index(drop=True)


def _known(actor: str) -> str:
    if actor not in ACTORS:
        raise ParameterError(unknown("the actor column", actor, ACTORS))
    return actor


def _counted(tables: Tables, actor: str) -> pd.DataFrame:
    """The statements that count, with `actor`."""
    said = tables.statements.assign(actor=tables.statements[_known(actor)])
    return said.iloc[heard(tables, actor).row]


def _states(cells: pd.DataFrame) -> np.ndarray:
    stance = cells["stance"].round(12)
    only_neutral = cells["n_neutral"] == cells["n_statements"]
    return np.select([stance > 0, stance < 0, only_neutral], STATES[:3], default=STATES[3])


def _intervals(values: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Lower and upper ends of the intervals of cells whose values follow each other; NaN for those with too few."""
    ends, enough = np.full((2, len(counts)), np.nan), counts >= LEAST
    if enough.any():
        ends[:, enough] = mean_intervals(values[enough.repeat(counts)], counts[enough])
    return ends


def stance_matrix(
    cells: pd.DataFrame, *, values: str = "stance", actors: Sequence[str] = (), issues: Sequence[str] = ()
) -> pd.DataFrame:
    """The cells as a table of actors × issues: NaN where an actor said nothing.

    Parameters
    ----------
    cells
        What `stance_cells` returned.
    values
        The column of `cells` to show: `stance`, or for example `state` or `n_articles`.
    actors, issues
        The rows and columns in this order, silent ones included. Default: those of `cells`, sorted.

    Raises
    ------
    ParameterError
        `values` is no column of `cells`.

    Examples
    --------
    >>> cells = pd.DataFrame({"actor": ["a", "b"], "issue_id": ["x", "y"], "stance": [1.0, 0.0]})
    >>> stance_matrix(cells).loc["b"].tolist()
    [nan, 0.0]
    """
    if values not in cells:
        raise ParameterError(unknown("the column", values, cells.columns))
    matrix = cells.pivot(index="actor", columns="issue_id", values=values)
    rows, columns = list(actors) or matrix.index, list(issues) or matrix.columns
    return matrix.reindex(index=pd.Index(rows, name="actor"), columns=pd.Index(columns, name="issue_id"))


def most_heard(cells: pd.DataFrame) -> list[str]:
    """The actors of `cells`, those with evidence on most issues first, then by statements and name."""
    weight = cells.groupby("actor").agg(issues=("issue_id", "size"), statements=("n_statements", "sum"))
    return list(weight.sort_values(["issues", "statements", "actor"], ascending=[False, False, True]).index)


def row_order(cells: pd.DataFrame, tables: Tables, asked: Sequence[str] = ()) -> list[str]:
    """The rows of a matrix: the actors of `cells`, most heard first, then those `asked` for who said nothing at all.

    Parameters
    ----------
    cells
        What `stance_cells` returned.
    tables
        What `select` kept for these cells.
    asked
        Ids that a reader asked for. One that stands in `tables` as a speaker or organisation is not silent, even if its
        words count for an actor of another level.
    """
    heard = set(tables.statements["speaker_id"]) | set(tables.statements["organisation_id"])
    return most_heard(cells) + [actor for actor in dict.fromkeys(asked) if actor not in heard]


def evidence(tables: Tables, actor: str = "speaker_id") -> pd.DataFrame:
    """The statements behind the cells, one row each in order of date, with the names that a reader needs.

    Returns
    -------
    pandas.DataFrame
        actor, issue_id (the cell), all columns of `statements`, speaker (name), title and outlet (of the article).
        Copies that a cell does not count are not in it.

    Raises
    ------
    ParameterError
        `actor` is no such column.
    """
    names = tables.actors[["actor_id", "name"]].rename(columns={"actor_id": "speaker_id", "name": "speaker"})
    articles = tables.articles[["article_id", "title", "outlet"]]
    said = _counted(tables, actor)
    said = said.merge(names, on="speaker_id", validate="m:1").merge(articles, on="article_id", validate="m:1")
    return said.sort_values(["date_start", "date_end", "article_id", "start", "statement_id"], ignore_index=True)


def stance_points(tables: Tables, actor: str = "speaker_id") -> pd.DataFrame:
    """Positions in time: one row per actor, issue, article and date on which something was said.

    Returns
    -------
    pandas.DataFrame
        actor, issue_id, article_id, date_start, date_end, date_precision; stance (mean of the statements, −1 to +1,
        NaN where all are mixed), n_statements, and middle (the middle of the date's interval, for placing a mark; the
        interval itself is the date). Sorted by actor, issue and middle.

    Raises
    ------
    ParameterError
        `actor` is no such column.
    """
    keys = [*CELL, "article_id", "date_start", "date_end", "date_precision"]
    points = _counted(tables, actor).groupby(keys, as_index=False).agg(
        stance=("stance", "mean"), n_statements=("statement_id", "size")
    )  # fmt: skip
    points["middle"] = points["date_start"] + (points["date_end"] - points["date_start"]) / 2
    return points[list(_POINTS)].astype(_POINTS).sort_values([*CELL, "middle", "article_id"], ignore_index=True)
