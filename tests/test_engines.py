"""Tables of any engine give what those of pandas give, whatever types and orders the engine has."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from typing import Any

import dask
import dask.dataframe as dd
import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest
from corpus_builder import said, tables
from sqlframe.duckdb import DuckDBSession

import analysis
from analysis.errors import ParameterError
from analysis.schema import Tables

ENGINES = ("polars", "polars lazy", "duckdb", "dask", "spark api")
Engine = Callable[[pd.DataFrame], Any]


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """What turns a frame of pandas into one of the engine; SQLFrame speaks PySpark's language without Java."""
    folder = tmp_path_factory.mktemp("parquet")
    number = count()

    def parquet(frame: pd.DataFrame) -> str:
        path = folder / f"{next(number)}.parquet"
        frame.reset_index(drop=True).to_parquet(path)
        return str(path)

    if request.param.startswith("polars"):
        yield (
            lambda frame: (
                pl.read_parquet(parquet(frame)) if request.param == "polars" else pl.scan_parquet(parquet(frame))
            )
        )
    elif request.param == "duckdb":
        with duckdb.connect() as base:
            yield lambda frame: base.read_parquet(parquet(frame))
    elif request.param == "dask":
        with dask.config.set(scheduler="synchronous"):
            yield lambda frame: dd.read_parquet(parquet(frame)).repartition(npartitions=3)
    else:
        with duckdb.connect() as base:
            session = DuckDBSession(conn=base)
            yield lambda frame: session.read.parquet(parquet(frame))


def over(corpus: Tables, engine: Engine) -> Tables:
    """The corpus with statements and articles of an engine."""
    return replace(corpus, statements=engine(corpus.statements), articles=engine(corpus.articles))


def assert_same_cells(corpus: Tables, engine: Engine, **asked: Any) -> None:
    mine, theirs = analysis.stance_cells(corpus, **asked), analysis.stance_cells(over(corpus, engine), **asked)
    pd.testing.assert_frame_equal(mine, theirs, check_exact=False, rtol=0, atol=1e-12)


@pytest.fixture(scope="module")
def taliban() -> Tables:
    return analysis.load("russia-taliban")


@pytest.mark.parametrize("actor", ["speaker_id", "organisation_id"])
@pytest.mark.parametrize("min_articles", [1, 2])
def test_cells_of_a_corpus_are_those_of_pandas(taliban: Tables, engine: Engine, actor: str, min_articles: int) -> None:
    assert_same_cells(taliban, engine, actor=actor, min_articles=min_articles)


TWO_MODE = [("two-mode", word, norm) for word, norm in (("ignore", "no"), ("subtract", "activity"), ("combine", "no"))]
ONE_MODE = [("one-mode", word, norm) for word, norm in (("congruence", "average"), ("conflict", "jaccard"))]


def assert_same_network(given: Any, other: Any, **asked: Any) -> None:
    mine, theirs = analysis.network(given, **asked), analysis.network(other, **asked)
    pd.testing.assert_frame_equal(mine.matrix, theirs.matrix)
    pd.testing.assert_series_equal(mine.left_out, theirs.left_out)
    np.testing.assert_array_equal(mine.n_statements, theirs.n_statements)
    pd.testing.assert_frame_equal(mine.edges, theirs.edges)
    assert repr(mine) == repr(theirs)
    for tie in mine.edges[["source", "target"]].head(2).itertuples(index=False):
        one, same = (made.statements(*tie).reset_index(drop=True) for made in (mine, theirs))
        columns = [name for name in ("statement_id", "stance", "side", "contribution") if name in one]
        pd.testing.assert_frame_equal(one[columns], same[columns], check_dtype=False)


@pytest.mark.parametrize(("kind", "aggregation", "normalization"), TWO_MODE + ONE_MODE)
def test_networks_of_a_corpus_are_those_of_pandas(
    taliban: Tables, engine: Engine, kind: str, aggregation: str, normalization: str
) -> None:
    asked = {"kind": kind, "aggregation": aggregation, "normalization": normalization}
    assert_same_network(taliban.statements, engine(taliban.statements), **asked)


def traps(seed: int, n: int = 400) -> Tables:
    """A corpus with missing stances and actors, copies with like and missing dates, and names that sort awkwardly."""
    pick = np.random.default_rng(seed)
    papers = [f"d{at}" for at in range(40)]
    days = pd.to_datetime(["2019-12-30", "2019-12-31", "2020-01-01", "2020-02-29", "2020-12-31", "2021-01-03"])
    rows = []
    for at in range(n):
        first = days[pick.integers(6)]
        rows.append(
            said(
                str(pick.choice(papers)),
                str(pick.choice(["ann", "Bob", "Zoë", "NA", "nan", "None", "ärzte", "10", "9"])),
                str(pick.choice(["toll", "bridge", "Δ", "NA"])),
                [1.0, 0.5, 0.0, -0.5, -1.0, None][pick.integers(6)],
                organisation_id=[None, "union", "Ministry"][pick.integers(3)],
                start=int(pick.integers(3)),
                end=4,
                date_start=first,
                date_end=first + pd.Timedelta(days=int(pick.choice([0, 0, 1, 40]))),
                gloss=f"g{at}",
            )
        )
    origins = {name: str(pick.choice(["wire", "d1", "agency"])) for name in pick.choice(papers, 15)}
    published = {name: str(pick.choice(["2020-01", "2020-01-05", "2019"])) for name in papers}
    return tables(rows, origins=origins, published=published)


def with_gaps(corpus: Tables) -> Tables:
    """The same with days, actors and an article missing: what a contract forbids, but a table may hold."""
    statements, articles = corpus.statements.copy(), corpus.articles.iloc[3:].copy()
    statements.loc[statements.index % 17 == 3, "speaker_id"] = pd.NA
    statements.loc[statements.index % 19 == 4, "issue_id"] = pd.NA
    statements.loc[statements.index % 13 == 5, ["date_start", "date_end"]] = pd.NaT
    statements.loc[statements.index % 23 == 6, "article_id"] = pd.NA
    articles.loc[articles.index % 5 == 1, "published_start"] = pd.NaT
    return replace(corpus, statements=statements, articles=articles)


@pytest.mark.parametrize("actor", ["speaker_id", "organisation_id"])
def test_cells_of_a_corpus_with_every_trap_are_those_of_pandas(engine: Engine, actor: str) -> None:
    for seed in range(2):
        assert_same_cells(traps(seed), engine, actor=actor)
    assert_same_cells(with_gaps(traps(2)), engine, actor=actor)


ASKED = [
    {"duplicates": "document", "isolates": True, "exclude": {"speaker_id": ["NA", "Bob"]}},
    {"duplicates": "week", "aggregation": "subtract", "since": "2020", "min_statements": 2},
    {
        "duplicates": "day",
        "aggregation": "combine",
        "exclude": {"article_id": ["d1"], "stance": [0.5]},
        "isolates": True,
    },
    {"duplicates": "acrossrange", "until": "2020-02", "rows": "organisation"},
    {"duplicates": "month", "kind": "one-mode", "aggregation": "congruence", "normalization": "cosine"},
    {"duplicates": "year", "aggregation": "subtract", "normalization": "activity"},
    {"duplicates": "document", "kind": "one-mode", "normalization": "jaccard"},
    {"stance": "speech_ok", "kind": "one-mode", "aggregation": "subtract", "duplicates": "document"},
    {"stance": "certainty", "aggregation": "combine", "rows": "article_id"},
]


@pytest.mark.parametrize("asked", ASKED, ids=lambda it: "-".join(map(str, it.values()))[:40])
def test_networks_with_every_rule_are_those_of_pandas(engine: Engine, asked: dict[str, Any]) -> None:
    given = with_gaps(traps(3, 150)).statements
    given = given.assign(speech_ok=pd.array(given["stance"] > 0, dtype="boolean"))
    given.loc[given.index % 7 == 0, "speech_ok"] = pd.NA
    assert_same_network(given, engine(given), **asked)


def test_other_kinds_of_table_are_told_which_are_allowed(taliban: Tables) -> None:
    for other, name in (([1], "list"), (3, "int"), (np.ones(3), "numpy ndarray")):
        expected = rf"^statements as {name}\n    expected: a DataFrame of pandas, polars, Dask, PySpark or"
        with pytest.raises(ParameterError, match=expected):
            analysis.network(other)
        with pytest.raises(ParameterError, match=expected):
            analysis.stance_cells(replace(taliban, statements=other, articles=other))


def test_statements_and_articles_are_of_one_engine(taliban: Tables, engine: Engine) -> None:
    with pytest.raises(ParameterError, match=r"^statements of pandas and articles of \w+\n    expected: both of"):
        analysis.stance_cells(replace(taliban, articles=engine(taliban.articles)))


def test_what_is_wrong_is_told_as_for_pandas(taliban: Tables, engine: Engine) -> None:
    said, over_it = taliban.statements, engine(taliban.statements)
    wide = engine(said.assign(stance=said["stance"] * 3))
    for asked in (
        {"rows": "speker_id"},
        {"kind": "three"},
        {"since": "soon"},
        {"aggregation": "combine", "stance": "x"},
    ):
        with pytest.raises(ParameterError) as mine:
            analysis.network(said, **asked)
        with pytest.raises(ParameterError) as theirs:
            analysis.network(over_it, **asked)
        assert str(mine.value) == str(theirs.value)
    n = int((said["stance"].abs() * 3 > 1).sum())
    with pytest.raises(ParameterError, match=rf"^statements: stance outside the scale: .* \({n} in all\)"):
        analysis.network(wide, aggregation="subtract")
    with pytest.raises(ParameterError, match=r"^statements: the column 'stance' is not known"):
        analysis.stance_cells(replace(taliban, statements=engine(said.drop(columns="stance")), articles=engine(said)))
    doubled = pd.concat([taliban.articles, taliban.articles.iloc[:1]], ignore_index=True)
    with pytest.raises(ParameterError, match=r"^articles: article_id .* more than once"):
        analysis.stance_cells(replace(taliban, statements=over_it, articles=engine(doubled)))


def test_tables_of_an_engine_bring_outlet_and_title(taliban: Tables, engine: Engine) -> None:
    asked = {"columns": "outlet", "exclude": {"outlet": [taliban.articles["outlet"].dropna().iloc[0]]}}
    mine, theirs = (analysis.network(given, **asked) for given in (taliban, over(taliban, engine)))
    pd.testing.assert_frame_equal(mine.matrix, theirs.matrix)
    assert mine.left_out.to_dict() == theirs.left_out.to_dict()


def test_what_asks_for_statements_one_by_one_brings_them_over(taliban: Tables, engine: Engine) -> None:
    mine, theirs = (analysis.network(given) for given in (taliban.statements, engine(taliban.statements)))
    assert "parts" not in vars(theirs)
    pd.testing.assert_frame_equal(analysis.tie_intervals(mine, draws=20), analysis.tie_intervals(theirs, draws=20))
    assert theirs.counted["statement_id"].tolist() == mine.counted["statement_id"].tolist()
    fewer = replace(theirs, min_statements=2)
    pd.testing.assert_frame_equal(fewer.matrix, analysis.network(taliban.statements, min_statements=2).matrix)


TYPES: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "days": lambda said: said.assign(date_start=said["date_start"].dt.date, date_end=said["date_end"].dt.date),
    "milliseconds": lambda said: said.astype({"date_start": "datetime64[ms]", "date_end": "datetime64[ms]"}),
    "nanoseconds": lambda said: said.astype({"date_start": "datetime64[ns]", "date_end": "datetime64[ns]"}),
    "categories": lambda said: said.astype({"speaker_id": "category", "issue_id": "category"}),
    "truth as numbers": lambda said: said.astype({"is_mixed": "int64"}),
    "singles": lambda said: said.astype({"stance": "float32"}),
    "large texts": lambda said: said.astype(
        {"speaker_id": "large_string[pyarrow]", "article_id": "large_string[pyarrow]"}
    ),
}


@pytest.mark.parametrize("name", TYPES)
def test_types_of_an_engine_are_made_alike(engine: Engine, name: str) -> None:
    corpus = traps(4, 60)
    other = replace(corpus, statements=TYPES[name](corpus.statements))
    cells = analysis.stance_cells(replace(other, statements=engine(other.statements), articles=engine(corpus.articles)))
    pd.testing.assert_frame_equal(cells, analysis.stance_cells(corpus), check_exact=False, rtol=0, atol=1e-12)
    asked = {"aggregation": "subtract", "duplicates": "week", "since": "2020"}
    mine, theirs = (analysis.network(given, **asked) for given in (corpus.statements, engine(other.statements)))
    pd.testing.assert_frame_equal(mine.matrix, theirs.matrix)


def test_nothing_in_gives_empty_tables_of_full_type_out(engine: Engine) -> None:
    corpus = traps(5, 30)
    none = replace(corpus, statements=corpus.statements.iloc[:0], articles=corpus.articles.iloc[:0])
    assert_same_cells(none, engine)
    assert_same_network(none.statements, engine(none.statements), aggregation="subtract")


def test_pandas_does_without_narwhals() -> None:
    code = (
        "import sys, analysis; t = analysis.load('russia-taliban'); analysis.stance_cells(t); analysis.network(t);"
        "print({'polars', 'duckdb', 'dask'} & {*sys.modules}, 'analysis.networks.engines' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == "set() False\n"
