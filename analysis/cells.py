"""From statements to what a cell is made from: counts, first and last day, and the means of its articles.

Two ways lead there. Statements in pandas are sorted by actor, issue and article in three counting passes over codes,
and everything else is a sum between two places of that order. Statements of another engine are grouped by the engine,
and only one row for each cell and value of an article's mean comes over.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from analysis import frames
from analysis.errors import ParameterError, Problem
from analysis.schema import Tables

if TYPE_CHECKING:
    import narwhals as nw

Codes = NDArray[np.int64]
CELL = ["actor", "issue_id"]
SIDES = ("n_support", "n_neutral", "n_oppose", "n_mixed")
_SAID = ("article_id", "issue_id", "stance", "is_mixed", "date_start", "date_end")
_PAPERS = ("article_id", "origin_id", "published_start")
_DAY = "datetime64[us]"
_NEVER = pd.Timestamp("9999-12-31")


@dataclass(frozen=True)
class Cells:
    """Cells sorted by actor and issue, and the means of their articles.

    `table` has actor, issue_id, n_statements, the sides, first and last. The others are one value a row, in order of
    cells: the place of the cell in the table, the mean of an article (NaN where all its statements are mixed), and for
    how many articles the row stands.
    """

    table: pd.DataFrame
    cell: Codes
    mean: NDArray[np.float64]
    n_articles: Codes


@dataclass(frozen=True)
class Heard:
    """Statements that count as codes: the labels of actors and issues, the row of each in the frame, and its codes."""

    labels: tuple["pd.Index[Any]", "pd.Index[Any]"]
    row: Codes
    actor: Codes
    issue: Codes
    work: Codes


def cells(tables: Tables, actor: str) -> Cells:
    """The cells of all statements that count, whatever engine holds them."""
    if isinstance(tables.statements, pd.DataFrame) and isinstance(tables.articles, pd.DataFrame):
        return _in_pandas(tables.statements, heard(tables, actor))
    return _in_engine(tables, actor)


def heard(tables: Tables, actor: str) -> Heard:
    """The statements that count: with an actor, an issue and an article, and of copies of a text only the earliest."""
    articles = tables.articles.sort_values(["published_start", "article_id"])
    _once(articles["article_id"][articles["article_id"].duplicated()].head(1).tolist())
    works = pd.factorize(articles["origin_id"].fillna(articles["article_id"]))[0]
    codes, names = pd.factorize(tables.statements["article_id"])
    place = np.append(pd.Index(articles["article_id"]).get_indexer(names), -1)[codes]
    (who, actors), (what, issues) = (_coded(tables.statements[name]) for name in (actor, "issue_id"))
    row = np.flatnonzero((who >= 0) & (what >= 0) & (place >= 0))
    place = place[row]
    found = Heard((actors, issues), row, who[row], what[row], works[place])
    is_copied = (np.bincount(works, minlength=1) > 1)[found.work] if len(works) else np.empty(0, dtype=bool)
    kept = ~is_copied
    among = np.flatnonzero(is_copied)
    cell = found.actor[among] * len(issues) + found.issue[among]
    _, at = np.unique(cell * (len(works) + 1) + found.work[among], return_inverse=True)
    earliest = np.full(at.max(initial=-1) + 1, len(articles))
    np.minimum.at(earliest, at, place[among])
    kept[among] = place[among] == earliest[at]
    return Heard(found.labels, row[kept], found.actor[kept], found.issue[kept], found.work[kept])


def _coded(values: "pd.Series[Any]") -> tuple[Codes, "pd.Index[Any]"]:
    """Each value's code among the sorted ones, −1 for what is missing."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype(values.cat.categories.dtype)
    codes, names = pd.factorize(values, sort=True)
    return codes.astype(np.int64), pd.Index(names)


def _in_pandas(statements: pd.DataFrame, said: Heard) -> Cells:
    order = np.arange(len(said.row))
    for codes in (said.work, said.issue, said.actor):
        order = order[_sorting(codes[order])]
    actor, issue, work = (codes[order] for codes in (said.actor, said.issue, said.work))
    is_cell = (np.diff(actor, prepend=-1) != 0) | (np.diff(issue, prepend=-1) != 0)
    is_work = is_cell | (np.diff(work, prepend=-1) != 0)
    row, start, cell = said.row[order], np.flatnonzero(is_cell), np.cumsum(is_cell) - 1
    stance = statements["stance"].to_numpy(dtype="float64", na_value=np.nan)[row]
    mixed = statements["is_mixed"].to_numpy(dtype=bool)[row]
    sides = zip(SIDES, (stance > 0, stance == 0, stance < 0, mixed), strict=True)
    table: dict[str, Any] = {name: np.bincount(cell[is_side], minlength=len(start)) for name, is_side in sides}
    table |= {"actor": said.labels[0].take(actor[start]), "issue_id": said.labels[1].take(issue[start])}
    table["n_statements"] = np.bincount(cell, minlength=len(start))
    table["first"] = _extreme(_days(statements["date_start"])[row], start, least=True)
    table["last"] = _extreme(_days(statements["date_end"])[row], start, least=False)
    known, at = ~np.isnan(stance), np.cumsum(is_work) - 1
    n_known, total = (np.bincount(at, weight) for weight in (known, np.where(known, stance, 0.0)))
    with np.errstate(invalid="ignore"):
        mean = total / n_known
    return Cells(pd.DataFrame(table), cell[is_work], mean, np.ones(len(mean), dtype=np.int64))


def _sorting(codes: Codes) -> Codes:
    """The order that sorts codes and keeps that of equal ones, by counting."""
    n, n_codes = len(codes), int(codes.max(initial=-1)) + 1
    at = sparse.csc_array((np.ones(n, dtype=bool), codes, np.arange(n + 1)), shape=(n_codes, n))
    return np.asarray(at.tocsr().indices, dtype=np.int64)


def _days(dates: "pd.Series[Any]") -> NDArray[np.datetime64]:
    return dates.astype("datetime64[us]").to_numpy()


def _extreme(days: NDArray[np.datetime64], start: Codes, *, least: bool) -> NDArray[np.datetime64]:
    """The first or last day from each start to the next, passing over what is missing."""
    if not len(start):
        return days[:0]
    numbers, missing = days.astype(np.int64), np.iinfo(np.int64).min
    if not least:
        return np.maximum.reduceat(numbers, start).astype(_DAY)  # NaT is the lowest of numbers
    found = np.minimum.reduceat(np.where(numbers == missing, np.iinfo(np.int64).max, numbers), start)
    return np.where(found == np.iinfo(np.int64).max, missing, found).astype(_DAY)


def _in_engine(tables: Tables, actor: str) -> Cells:
    said, papers = _taken(tables, actor)
    grouped = frames.small(_by_mean(said.rename({actor: "actor"}), papers)).sort_values([*CELL, "mean"])
    counts = ["n_articles", "n_statements", *SIDES]
    grouped = grouped.astype(dict.fromkeys(counts, "int64"))
    place = grouped.groupby(CELL, sort=False).ngroup().to_numpy().astype(np.int64)
    ways = dict.fromkeys(CELL, "first") | dict.fromkeys(counts, "sum") | {"first": "min", "last": "max"}
    return Cells(grouped.groupby(place).agg(ways), place, grouped["mean"].to_numpy(), grouped["n_articles"].to_numpy())


def _taken(tables: Tables, actor: str) -> tuple["nw.LazyFrame[Any]", "nw.LazyFrame[Any]"]:
    """Statements and articles as frames of one engine, each article once."""
    import narwhals as nw  # noqa: PLC0415  # only for those who need it

    given = {"statements": (tables.statements, [actor, *_SAID]), "articles": (tables.articles, _PAPERS)}
    kinds = {name: "pandas" for name, (frame, _) in given.items() if isinstance(frame, pd.DataFrame)}
    taken = {name: frames.lazy(*it, what=name) for name, it in given.items() if name not in kinds}
    kinds |= {name: frame.implementation.value for name, frame in taken.items()}
    if kinds["statements"] != kinds["articles"]:
        found = " and ".join(f"{name} of {kinds[name]}" for name in given)
        raise ParameterError(Problem("", 0, found, "both of one engine"))
    said, papers = taken.values()
    twice = papers.group_by("article_id").agg(nw.len().alias("n")).filter(nw.col("n") > 1)
    _once(frames.small(twice.sort("article_id").head(1))["article_id"].tolist())
    return said, papers


def _once(twice: list[Any]) -> None:
    if twice:
        raise ParameterError(
            Problem("articles", 0, f"article_id {twice[0]!r} more than once", "one row for each article")
        )


def _by_mean(said: "nw.LazyFrame[Any]", papers: "nw.LazyFrame[Any]") -> "nw.LazyFrame[Any]":
    """A row for each actor, issue and value of an article's mean, which the engine has to find when it is collected.

    Copies of a text are few: the others are not asked which of them is the earliest.
    """
    import narwhals as nw  # noqa: PLC0415  # only for those who need it

    said, papers = _flagged(said), papers.select(
        "article_id",
        nw.coalesce(nw.col("origin_id"), nw.col("article_id")).alias("work"),
        nw.col("published_start").fill_null(nw.lit(_NEVER)).alias("published"),
    )  # fmt: skip
    copies = papers.group_by("work").agg(nw.len().alias("n_copies"))
    papers = _joined(papers, frames.settled(copies), "work")
    alone = _joined(said, papers.filter(nw.col("n_copies") == 1).select("article_id"), "article_id")
    several = _joined(said, papers.filter(nw.col("n_copies") > 1).drop("n_copies"), "article_id")
    several = _by_article(several, "work", "published")
    for name in ("published", "article_id"):
        several = frames.lowest(several, name, [*CELL, "work"])
    rows = nw.concat([_by_article(alone), several.drop("work", "published")])
    counts = (nw.col(name).sum() for name in ("n_statements", *SIDES))
    days = nw.col("first").min(), nw.col("last").max()
    return rows.group_by(*CELL, "mean").agg(nw.len().alias("n_articles"), *counts, *days)


def _flagged(said: "nw.LazyFrame[Any]") -> "nw.LazyFrame[Any]":
    """Statements with an actor and an issue, their sides as 0 and 1."""
    import narwhals as nw  # noqa: PLC0415  # only for those who need it

    stance, whole = nw.col("stance").cast(nw.Float64), nw.Int64
    sides = zip(SIDES, (stance > 0, stance == 0, stance < 0, nw.col("is_mixed")), strict=True)
    return said.filter(~nw.col("actor").is_null(), ~nw.col("issue_id").is_null()).select(
        *CELL, "article_id", stance.alias("mean"), *(is_side.cast(whole).alias(name) for name, is_side in sides),
        nw.col("date_start").alias("first"), nw.col("date_end").alias("last"),
    )  # fmt: skip


def _joined(left: "nw.LazyFrame[Any]", right: "nw.LazyFrame[Any]", on: str) -> "nw.LazyFrame[Any]":
    return frames.settled(left.join(right, on=on, how="inner"))


def _by_article(said: "nw.LazyFrame[Any]", *more: str) -> "nw.LazyFrame[Any]":
    """A row for each actor, issue and article; `more` are keys that the article gives."""
    import narwhals as nw  # noqa: PLC0415  # only for those who need it

    values = nw.col("mean").mean(), nw.col("first").min(), nw.col("last").max()
    sums = (nw.col(name).sum() for name in SIDES)
    found = said.group_by(*CELL, "article_id", *more).agg(nw.len().alias("n_statements"), *sums, *values)
    return frames.settled(found).select(*CELL, "article_id", *more, "n_statements", *SIDES, "mean", "first", "last")
