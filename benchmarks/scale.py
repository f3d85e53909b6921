"""How far cells and networks reach: statements that no memory need hold, through DuckDB, polars and Dask.

    python benchmarks/scale.py [--rows 10000000] [--engines duckdb polars dask]

Statements are made (seeded) and written year by year into a temporary folder as Parquet, which is removed at the end:
ten to an article, dates over ten years, 5,000 actors and 200 issues of which some are heard often and most seldom,
stances in half steps, a tenth of the articles copies of another. Each measure runs once, in a process of its own, on
files only. Memory is the most that this process and its children held at one time, asked twenty times a second, with
what the libraries themselves take. All have three threads. DuckDB is given a `memory_limit` of 1.5 GB and writes to
disk what goes beyond; polars streams. pandas reads all of a million statements, as a scale for the others. What the
engines give is compared by the sum of its numbers.
"""

import argparse
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil
import shown

import analysis
from analysis import schema, stance

ACTORS, ISSUES, YEARS, PIECE = 5000, 200, 10, 500_000
STANCES = np.array([-1, -0.5, 0, 0.5, 1])
LIMIT, THREADS = "1.5GB", 3
SMALL = 1_000_000


def write(folder: Path, n: int) -> None:
    """`n` statements and their articles in a folder for each year, a piece at a time."""
    per_year = n // YEARS
    for year in range(YEARS):
        for start in range(0, per_year, PIECE):
            size = min(PIECE, per_year - start)
            said = statements(2014 + year, year * per_year + start, size)
            for name, frame in (("statements", said), ("articles", articles(said))):
                part = folder / name / f"year={2014 + year}"
                part.mkdir(parents=True, exist_ok=True)
                frame.to_parquet(part / f"{start}.parquet", index=False)


def statements(year: int, first: int, n: int) -> pd.DataFrame:
    """Statements of a year, numbered from the `first`."""
    rng = np.random.default_rng(first)
    number = np.arange(first, first + n)
    day = pd.Timestamp(year, 1, 1) + pd.to_timedelta(
        rng.integers(0, 365, n // 10 + 1)[(number - first) // 10], unit="D"
    )
    dates = pd.Series(day).astype("datetime64[us]")
    speaker = _named("a", _uneven(n, ACTORS, rng))
    return pd.DataFrame({
        "statement_id": _named("s", number),
        "article_id": _named("d", number // 10),
        "speaker_id": speaker,
        "organisation_id": speaker,
        "issue_id": _named("i", _uneven(n, ISSUES, rng)),
        "stance": rng.choice(STANCES, n),
        "is_mixed": False,
        "date_start": dates,
        "date_end": dates,
    })  # fmt: skip


def articles(said: pd.DataFrame) -> pd.DataFrame:
    """Their articles, of which a tenth are copies."""
    papers = said.drop_duplicates("article_id")[["article_id", "date_start"]].reset_index(drop=True)
    origin = papers["article_id"].where(papers.index % 10 != 9, papers["article_id"].shift())
    return papers.rename(columns={"date_start": "published_start"}).assign(origin_id=origin)


def _uneven(n: int, n_names: int, rng: np.random.Generator) -> np.ndarray:
    """Codes of which the one of rank r is drawn in proportion to 1 / r."""
    chances = 1 / np.arange(1, n_names + 1)
    return np.searchsorted(chances.cumsum() / chances.sum(), rng.random(n))


def _named(letter: str, codes: np.ndarray) -> "pd.Series[str]":
    names, place = np.unique(codes, return_inverse=True)
    return pd.Series(np.array([f"{letter}{code:08}" for code in names], dtype=object)[place], dtype="str")


@contextmanager
def opened(engine: str, folder: Path) -> Iterator[Callable[[str], Any]]:
    """What gives the table of a name as a frame of the engine; the year of the folder is no column."""
    if engine == "duckdb":
        import duckdb  # noqa: PLC0415  # each engine in a process of its own

        with duckdb.connect(config={"memory_limit": LIMIT, "threads": THREADS, "temp_directory": str(folder)}) as base:
            yield lambda name: base.read_parquet(f"{folder}/{name}/*/*.parquet", hive_partitioning=False)
    elif engine == "polars":
        import polars as pl  # noqa: PLC0415

        yield lambda name: pl.scan_parquet(f"{folder}/{name}/*/*.parquet", hive_partitioning=False)
    elif engine == "dask":
        import dask  # noqa: PLC0415
        import dask.dataframe as dd  # noqa: PLC0415

        with dask.config.set(scheduler="threads", num_workers=THREADS):
            yield lambda name: dd.read_parquet(sorted(map(str, folder.glob(f"{name}/*/*.parquet"))))
    else:
        yield lambda name: pd.concat(
            map(pd.read_parquet, sorted(folder.glob(f"{name}/*/*.parquet"))), ignore_index=True
        )


def _cells(table: Callable[[str], Any], *, with_ends: bool = True) -> Any:
    empty = {name: schema.frame(name, []) for name in schema.NAMES}
    given = {name: table(name) for name in ("statements", "articles")}
    if not with_ends:
        stance.mean_intervals = lambda _, counts: np.full((2, len(counts)), np.nan)
    return analysis.stance_cells(schema.Tables(**empty | given))


def _most_heard(table: Callable[[str], Any]) -> Any:
    """Actors and issues change places: 200 rows that share 5,000 columns."""
    asked = {"kind": "one-mode", "rows": "issue", "columns": "speaker", "aggregation": "congruence"}
    return analysis.network(table("statements"), **asked).matrix


THINGS: dict[str, Callable[[Callable[[str], Any]], Any]] = {
    "start, nothing counted": len,
    "stance_cells, without intervals": lambda table: _cells(table, with_ends=False),
    "stance_cells, with intervals": _cells,
    "two-mode matrix, subtract": lambda table: analysis.network(table("statements"), aggregation="subtract").matrix,
    "two-mode matrix, by document": lambda table: analysis.network(table("statements"), duplicates="document").matrix,
    "two-mode edges": lambda table: analysis.network(table("statements")).edges,
    "one-mode matrix of the issues": _most_heard,
}


def run(engine: str, what: str, folder: Path) -> tuple[float, float, float]:
    """Seconds, the most memory held in GB, and a sum by which results are told apart."""
    peak, is_over = [0], threading.Event()
    watch = threading.Thread(target=_watch, args=(peak, is_over))
    watch.start()
    start, total = time.perf_counter(), 0.0
    try:
        if not what.startswith("start"):
            with opened(engine, folder) as table:
                total = float(THINGS[what](table).select_dtypes("number").to_numpy(dtype=float, na_value=0).sum())
        else:
            with opened(engine, folder):
                pass
    finally:
        taken = time.perf_counter() - start
        is_over.set()
        watch.join()
    return taken, peak[0] / 1e9, total


def _watch(peak: list[int], is_over: threading.Event) -> None:
    """Keep the most memory that this process and its children hold."""
    me = psutil.Process()
    while not is_over.wait(0.05):
        held = 0
        for process in [me, *me.children(recursive=True)]:
            try:
                held += process.memory_info().rss
            except psutil.NoSuchProcess:
                continue
        peak[0] = max(peak[0], held)


def fresh(work: Callable[..., Any], *given: Any) -> Any:
    """What `work` gives in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *given).result()


def measured(engines: list[str], folder: Path, n: int) -> list[list[str]]:
    """The rows of the table on `n` statements; those of one measure hold the same, or this stops."""
    rows = []
    for what in THINGS:
        found = {engine: fresh(run, engine, what, folder) for engine in engines}
        totals = [total for *_, total in found.values()]
        if not np.allclose(totals, totals[0], rtol=1e-9, atol=1e-6):
            raise SystemExit(f"{what}: the engines differ: {dict(zip(engines, totals, strict=True))}")
        for engine, (taken, held, _) in found.items():
            rows.append([what, f"{n:,}", engine, f"{taken:,.1f}", f"{held:.2f}"])
            print(rows[-1], flush=True)
    return rows


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000, help="number of statements")
    parser.add_argument("--small", type=int, default=SMALL, help="number to compare with pandas; 0 leaves it out")
    parser.add_argument("--engines", nargs="+", default=["duckdb", "polars", "dask"])
    options = parser.parse_args()
    os.environ |= {"OPENBLAS_NUM_THREADS": "1", "POLARS_MAX_THREADS": str(THREADS)}
    rows, runs = [], [(options.small, ["pandas", *options.engines]), (options.rows, options.engines)]
    for n, engines in runs[not options.small :]:
        with tempfile.TemporaryDirectory() as folder:
            fresh(write, Path(folder), n)
            rows += measured(engines, Path(folder), n)
    print(shown.table(["once each", "statements", "engine", "seconds", "most memory, GB"], rows))


if __name__ == "__main__":
    main()
