"""How fast statements become cells, matrices and intervals, against the same work in polars, SciPy and BLAS.

    python benchmarks/networks.py [--quick] [--rows 100000 1000000]

Statements are made (seeded): ten to an article, dates over ten years, 5,000 actors and 200 issues of which some are
heard often and most seldom, stances in half steps. In the first table, ours and the other do the same work in one
process in turn (A B A B), and the ratio is the median over the rounds: 1.0 would be as fast. What they give is compared
first, so that the same means the same. "polars" has its frame ready-made; "polars, from pandas" begins with the frame
that ours gets; "polars, wide" ends with a matrix as ours does. "SciPy" and "BLAS" are the bare products of arrays that
lie ready: what any implementation has to do at least. BLAS has one thread, in ours as in theirs; polars has all cores.

The second table says whether each rule for duplicates is linear: its time by statements, and the ratio of times of the
largest number to the smallest. The third sets the times that were published for Discourse Network Analyzer beside ours.
The fourth is the largest resident memory of a process that makes the statements and does one thing with them.
"""

import argparse
import os
import resource
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from statistics import median
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import polars as pl
import shown

import analysis
from analysis import schema, stance
from analysis.networks import draws, ties
from analysis.networks.rules import DUPLICATES

ACTORS, ISSUES, FEW = 5000, 200, 200
DAYS = 3650
DRAWS = 1000
STANCES = [-1, -0.5, 0, 0.5, 1]
DNA = {20_000: "106", 100_000: "more than 1,500"}
_CELL = ["speaker_id", "issue_id"]
_EVERY = {"day": "1d", "week": "1w", "month": "1mo", "year": "1y"}
_ENDS = (0.025, 0.975)


def statements(n: int, n_actors: int = ACTORS) -> pd.DataFrame:
    """`n` made statements with the columns that networks and stance cells read."""
    rng = np.random.default_rng(0)
    article = np.arange(n) // 10
    day = pd.Timestamp("2014-01-01") + pd.to_timedelta(article * DAYS // (n // 10), unit="D")
    dates = pd.Series(day).astype("datetime64[us]")
    speaker = _named("a", _uneven(n, n_actors, rng))
    return pd.DataFrame({
        "statement_id": _named("s", np.arange(n)),
        "article_id": _named("d", article),
        "speaker_id": speaker,
        "organisation_id": speaker,
        "issue_id": _named("i", _uneven(n, ISSUES, rng)),
        "stance": rng.choice(STANCES, n),
        "is_mixed": False,
        "date_start": dates,
        "date_end": dates,
    })  # fmt: skip


def _uneven(n: int, n_names: int, rng: np.random.Generator) -> np.ndarray:
    """Codes of which the one of rank r is drawn in proportion to 1 / r."""
    chances = 1 / np.arange(1, n_names + 1)
    return np.searchsorted(chances.cumsum() / chances.sum(), rng.random(n))


def _named(letter: str, codes: np.ndarray) -> "pd.Series[str]":
    names = np.array([f"{letter}{code:07}" for code in range(int(codes.max()) + 1)], dtype=object)
    return pd.Series(names[codes], dtype="str")


def tables(said: pd.DataFrame) -> schema.Tables:
    """The statements as a corpus; a tenth of the articles are copies."""
    empty = {name: schema.frame(name, []) for name in schema.NAMES}
    articles = said.drop_duplicates("article_id")[["article_id", "date_start"]].reset_index(drop=True)
    origin = articles["article_id"].where(articles.index % 10 != 9, articles["article_id"].shift())
    articles = articles.rename(columns={"date_start": "published_start"}).assign(origin_id=origin)
    return schema.Tables(**empty | {"articles": articles, "statements": said})


def seconds(work: Callable[[], Any]) -> float:
    """How long `work` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


class Run(NamedTuple):
    """What one comparison took: medians over the rounds in seconds, and the median of the ratios of each round."""

    what: str
    n: int
    ours: float
    other: str = "–"
    theirs: float = np.nan
    ratio: float = np.nan

    def cells(self) -> list[str]:
        """The row of the first table."""
        told = [
            "–" if np.isnan(value) else form.format(value)
            for form, value in (("{:,.0f}", self.theirs * 1e3), ("{:.2f}", self.ratio))
        ]
        return [self.what, f"{self.n:,}", f"{self.ours * 1e3:,.0f}", self.other, *told]


class Race:
    """Runs on `n` statements, each in `n_rounds` rounds after one that does not count."""

    def __init__(self, n: int, n_rounds: int) -> None:
        self.n, self.n_rounds = n, n_rounds
        self.runs: list[Run] = []

    def run(self, what: str, ours: Callable[[], Any], **others: Callable[[], Any]) -> None:
        """Ours against each of the `others` in turn; a double underscore in a name is a comma."""
        rounds = [[seconds(work) for work in (ours, *others.values())] for _ in range(self.n_rounds + 1)][1:]
        mine, *theirs = zip(*rounds, strict=True)
        for name, taken in zip(others, theirs, strict=True):
            ratio = median(one / other for one, other in zip(mine, taken, strict=True))
            other = name.replace("__", ", ").replace("_", " ")
            self.runs.append(Run(what, self.n, median(mine), other, median(taken), ratio))

    def alone(self, what: str, ours: Callable[[], Any]) -> None:
        """Ours with nothing to compare, timed once."""
        self.runs.append(Run(what, self.n, seconds(ours)))


def of_cells(race: Race, said: pd.DataFrame) -> None:
    """Stance cells: the group-by, and what the intervals of the cells cost on top."""
    corpus, with_ends = tables(said), stance.mean_intervals
    articles, ready = (
        pl.from_pandas(corpus.articles[["article_id", "origin_id", "published_start"]]),
        pl.from_pandas(said),
    )
    stance.mean_intervals = lambda _, counts: np.full((2, len(counts)), np.nan)
    mine, theirs = analysis.stance_cells(corpus), polars_cells(ready, articles)
    for name in ("n_articles", "n_statements", "n_oppose", "stance", "first"):
        pd.testing.assert_series_equal(mine[name], theirs[name].to_pandas(), check_dtype=False)
    race.run(
        "stance_cells, without intervals",
        lambda: analysis.stance_cells(corpus),
        polars=lambda: polars_cells(ready, articles),
        polars__from_pandas=lambda: polars_cells(pl.from_pandas(said), pl.from_pandas(corpus.articles)),
    )
    stance.mean_intervals = with_ends
    race.alone("stance_cells, with intervals", lambda: analysis.stance_cells(corpus))


def polars_cells(said: pl.DataFrame, articles: pl.DataFrame) -> pl.DataFrame:
    """The columns of `stance_cells` but for states and intervals."""
    works = articles.sort("published_start", "article_id").with_row_index("place")
    works = works.select("article_id", "place", work=pl.coalesce("origin_id", "article_id"))
    said = said.drop_nulls("speaker_id").join(works, on="article_id")
    said = said.filter(pl.col("place") == pl.col("place").min().over(*_CELL, "work"))
    means = said.group_by(*_CELL, "work").agg(pl.col("stance").mean()).group_by(_CELL)
    position = pl.col("stance")
    counts = said.group_by(_CELL).agg(
        pl.len().alias("n_statements"),
        (position > 0).sum().alias("n_support"),
        (position == 0).sum().alias("n_neutral"),
        (position < 0).sum().alias("n_oppose"),
        pl.col("is_mixed").sum().alias("n_mixed"),
        pl.col("date_start").min().alias("first"),
        pl.col("date_end").max().alias("last"),
    )
    return counts.join(means.agg(position.mean(), n_articles=pl.len()), on=_CELL).sort(_CELL)


def of_cells_in_use(said: pl.DataFrame, aggregation: str) -> pl.DataFrame:
    """The cells of a two-mode network, by polars."""
    if aggregation == "ignore":
        return said.group_by(_CELL).agg(value=pl.len())
    if aggregation == "subtract":
        return said.group_by(_CELL).agg(value=pl.col("stance").sum())
    ranks = said.unique([*_CELL, "stance"]).with_columns(rank=2 ** (2 - 2 * pl.col("stance")))
    return ranks.group_by(_CELL).agg(value=pl.col("rank").sum())


def check_same(matrix: pd.DataFrame, cells: pl.DataFrame) -> None:
    """Stop where the matrix does not hold the values of the cells."""
    wide = cells.to_pandas().pivot(index=_CELL[0], columns=_CELL[1], values="value")
    wide = wide.reindex(index=matrix.index, columns=matrix.columns).fillna(0.0)
    pd.testing.assert_frame_equal(matrix, wide.astype(float))


def of_two_mode(race: Race, said: pd.DataFrame) -> None:
    """Two-mode matrices, and ties as a table."""
    columns = [*_CELL, "stance"]
    ready = pl.from_pandas(said)
    wide = {"on": "issue_id", "index": "speaker_id", "values": "value"}
    for aggregation in ("ignore", "subtract", "combine"):
        check_same(analysis.network(said, aggregation=aggregation).matrix, of_cells_in_use(ready, aggregation))
        race.run(
            f"two-mode matrix, {aggregation}",
            lambda word=aggregation: analysis.network(said, aggregation=word).matrix,
            polars=lambda word=aggregation: of_cells_in_use(ready, word),
            polars__from_pandas=lambda word=aggregation: of_cells_in_use(pl.from_pandas(said[columns]), word),
            polars__wide=lambda word=aggregation: of_cells_in_use(ready, word).pivot(**wide),
        )
    race.run(
        "two-mode edges, ignore",
        lambda: analysis.network(said).edges,
        polars=lambda: ready.group_by(_CELL).agg(pl.len(), pl.col("article_id").n_unique()).sort(_CELL),
    )


def of_one_mode(race: Race, said: pd.DataFrame) -> None:
    """One-mode matrices, against the product of the same two arrays, and ties as a table."""
    asked = {"kind": "one-mode", "aggregation": "congruence"}
    made = analysis.network(said, **asked)
    every = ties.blocks(made.parts)
    other, span = ties._weighed(every, made.parts, made)  # noqa: SLF001
    bare = every @ other.T / span
    np.fill_diagonal(bare, 0)
    np.testing.assert_array_equal(made.matrix.to_numpy(), bare)
    race.run(
        "one-mode matrix, congruence", lambda: analysis.network(said, **asked).matrix, BLAS=lambda: every @ other.T
    )
    race.alone(f"one-mode edges of {len(every):,} actors", lambda: analysis.network(said, **asked).edges)


def of_draws(race: Race, said: pd.DataFrame, few: pd.DataFrame, n_draws: int) -> None:
    """Intervals from draws of all articles, against the bare products with the same weights and the same quantiles."""
    made = analysis.network(said, aggregation="subtract")
    one_mode = analysis.network(few, kind="one-mode", aggregation="congruence")
    n_edges = len(made.edges), len(one_mode.edges)  # made before the clock runs
    unit, weights = draws._units(made.parts, n_draws, 0)  # noqa: SLF001
    weights = np.ascontiguousarray(weights)
    used, at = ties.in_use(made.parts)
    stances = made.parts.levels[made.parts.level]
    cells = ties.tally(at, unit, (len(used), len(weights)), stances)
    race.run(
        f"{n_draws:,} draws, {n_edges[0]:,} cells",
        lambda: analysis.tie_intervals(made, draws=n_draws),
        SciPy=lambda: [np.quantile(part @ weights, _ENDS, axis=1) for part in parts_of(cells, draws._ROOM // n_draws)],  # noqa: SLF001
    )
    parts = one_mode.parts
    n_rows, n_columns, n_levels = parts.shape
    place = (parts.layer * n_rows + parts.row) * n_columns + parts.column
    table = ties.tally(place, parts.codes("article_id")[0], (n_levels * n_rows * n_columns, len(weights)))
    step = max(1, draws._ROOM // (table.shape[0] + n_rows**2))  # noqa: SLF001
    rng = np.random.default_rng(0)
    stack, pairs = rng.random((step, n_rows, n_levels * n_columns)), rng.random((n_edges[1], n_draws))

    def bare() -> None:
        for start in range(0, n_draws, step):
            _ = table @ weights[:, start : start + step]
            _ = stack @ stack.mT
        np.quantile(pairs, _ENDS, axis=1)

    race.run(
        f"{n_draws:,} draws, {n_edges[1]:,} ties of {n_rows} actors",
        lambda: analysis.tie_intervals(one_mode, draws=n_draws),
        SciPy_and_BLAS=bare,
    )


def parts_of(table: Any, step: int) -> Iterator[Any]:
    """The rows of a sparse matrix, `step` at a time."""
    return (table[start : start + step] for start in range(0, table.shape[0], step))


def races(n: int, n_rounds: int, n_draws: int) -> list[Run]:
    """All runs on `n` statements."""
    race, said = Race(n, n_rounds), statements(n)
    of_cells(race, said)
    of_two_mode(race, said)
    of_rules(race, said)
    of_one_mode(race, said)
    few = statements(n, FEW)
    of_draws(race, said, few, n_draws)
    race.alone(f"one-mode edges of {FEW} actors", lambda: analysis.network(few, kind="one-mode").edges)
    return race.runs


def of_rules(race: Race, said: pd.DataFrame) -> None:
    """Two-mode matrices by each rule for duplicates."""
    ready = pl.from_pandas(said)
    for rule in DUPLICATES:
        check_same(single(said, rule), polars_single(ready, rule))
        race.run(
            f"duplicates: {rule}", lambda it=rule: single(said, it), polars=lambda it=rule: polars_single(ready, it)
        )


def single(said: pd.DataFrame, rule: str) -> pd.DataFrame:
    """Our two-mode matrix without duplicates."""
    return analysis.network(said, duplicates=rule).matrix


def polars_single(said: pl.DataFrame, rule: str) -> pl.DataFrame:
    """The cells of a two-mode network of the first of identical statements, by polars."""
    if rule == "include":
        return of_cells_in_use(said, "ignore")
    if rule in _EVERY:
        said = said.with_columns(period=pl.col("date_start").dt.truncate(_EVERY[rule]))
    within = {"document": ["article_id"], "acrossrange": []}.get(rule, ["period"])
    said = said.sort("date_start", "article_id", "statement_id")
    return of_cells_in_use(said.unique([*_CELL, *within], keep="first"), "ignore")


def linearity(runs: list[Run], sizes: list[int]) -> str:
    """The table of times by number of statements."""
    rows = []
    for rule in DUPLICATES:
        taken = [run.ours for run in runs if run.what == f"duplicates: {rule}"]
        each = [f"{one / n * 1e6:.2f}" for one, n in zip(taken, sizes, strict=True)]
        rows.append([rule, *each, f"{taken[-1] / taken[0]:.1f}"])
    return shown.table(["duplicates", *(f"{n:,}, µs each" for n in sizes), "ratio of times"], rows)


def against_dna() -> str:
    """The table of DNA's published times."""
    rows = []
    for n, published in DNA.items():
        said = statements(n)
        taken = median(seconds(lambda at=said: single(at, "document")) for _ in range(3))
        rows.append([f"{n:,} statements by document", published, f"{taken:.3f}"])
    return shown.table(["seconds", "DNA 3.1, as published", "ours"], rows)


THINGS: dict[str, Callable[[pd.DataFrame], Any]] = {
    "make the statements": len,
    "stance_cells, with intervals": lambda said: analysis.stance_cells(tables(said)),
    "two-mode matrix, by month": lambda said: single(said, "month"),
    "two-mode edges": lambda said: analysis.network(said).edges,
    f"{DRAWS:,} draws of the two-mode network": lambda said: analysis.tie_intervals(
        analysis.network(said), draws=DRAWS
    ),
    "one-mode matrix": lambda said: analysis.network(said, kind="one-mode", aggregation="congruence").matrix,
    "one-mode edges": lambda said: analysis.network(said, kind="one-mode", aggregation="congruence").edges,
}


def peak(name: str, n: int) -> float:
    """The largest resident memory of this process after one of `THINGS`, in GB."""
    THINGS[name](statements(n))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def memory(sizes: list[int]) -> str:
    """The table of memory."""
    rows = [[name, *(f"{fresh(peak, name, n):.2f}" for n in sizes)] for name in THINGS]
    return shown.table(["largest resident memory, GB", *(f"{n:,} statements" for n in sizes)], rows)


def fresh(work: Callable[..., Any], *given: Any) -> Any:
    """What `work` gives in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *given).result()


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="2,000 statements, one round, no memory")
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000], help="numbers of statements")
    options = parser.parse_args()
    sizes, n_rounds, n_draws = ([2000], 1, 20) if options.quick else (options.rows, 5, DRAWS)
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # read by the processes that are started from here
    runs = [run for n in sizes for run in fresh(races, n, n_rounds, n_draws)]
    header = [f"medians of {n_rounds} rounds", "statements", "ours, ms", "against", "theirs, ms", "ratio"]
    print(shown.table(header, [run.cells() for run in runs]), linearity(runs, sizes), sep="\n\n")
    if not options.quick:
        print("", fresh(against_dna), "", memory(sizes), sep="\n")


if __name__ == "__main__":
    main()
