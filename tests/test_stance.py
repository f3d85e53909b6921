"""Stance cells: literal statements in, literal cells out."""

import random
from collections import defaultdict
from dataclasses import replace
from statistics import mean

import numpy as np
import pandas as pd
import pytest
from corpus_builder import assert_equal_tables, said, tables

from analysis import schema, stance
from analysis.errors import ParameterError
from analysis.intervals import mean_interval, mean_intervals
from analysis.schema import STANCES, Tables
from analysis.tidy import select

COUNTS = ["n_articles", "n_statements", "n_support", "n_neutral", "n_oppose", "n_mixed"]


def cell(drawn: Tables, actor: str = "speaker_id") -> pd.Series:
    """The only cell of these tables."""
    cells = stance.stance_cells(drawn, actor)
    assert len(cells) == 1
    return cells.iloc[0]


def of(*stances: float | None, article: str = "x") -> list[dict[str, object]]:
    """Statements by ann on the bridge in one article."""
    return [said(article, "ann", "bridge", value) for value in stances]


def test_an_articles_mean_comes_before_the_mean_of_the_cell() -> None:
    found = cell(tables([*of(1, 1, 1, article="x"), *of(-0.5, article="y")]))
    assert found["stance"] == 0.25
    assert found[COUNTS].tolist() == [2, 4, 3, 0, 1, 0]
    assert found["state"] == "support"


def test_copies_of_one_text_count_once() -> None:
    rows = [*of(1, article="x"), *of(1, article="y"), *of(-1, article="z")]
    found = cell(tables(rows, origins={"x": "wire", "y": "wire"}))
    assert (found["stance"], found["state"]) == (0.0, "mixed")
    assert found[COUNTS].tolist() == [2, 2, 1, 0, 1, 0]


def test_of_several_copies_the_earliest_counts_and_then_the_first_by_name() -> None:
    rows = [*of(1, article="x"), *of(-1, article="y"), *of(0, article="z")]
    same = dict.fromkeys("xyz", "wire")
    dated = tables(rows, origins=same, published={"x": "2024-03", "y": "2024-02", "z": "2024-02"})
    assert cell(dated)["stance"] == -1.0
    assert cell(tables(rows, origins=same))["stance"] == 1.0
    assert stance.evidence(dated)["article_id"].tolist() == ["y"]


def test_an_article_counts_as_the_origin_of_its_copies() -> None:
    found = cell(tables([*of(1, article="x"), *of(1, article="y")], origins={"y": "x"}))
    assert found["n_articles"] == 1


def test_what_one_copy_leaves_out_another_may_say() -> None:
    rows = [said("x", "ann", "bridge", 1), said("y", "ann", "bridge", 1), said("y", "bob", "bridge", -1)]
    cells = stance.stance_cells(tables(rows, origins={"x": "wire", "y": "wire"}))
    assert cells[["actor", "stance", "n_statements"]].to_numpy().tolist() == [["ann", 1.0, 1], ["bob", -1.0, 1]]


@pytest.mark.parametrize("kept", [["x"], []])
def test_statements_of_articles_that_were_taken_out_do_not_count(kept: list[str]) -> None:
    corpus = tables([said("x", "ann", "bridge", 1), said("y", "ann", "bridge", -1), said("y", "bob", "toll", -1)])
    some = replace(corpus, articles=corpus.articles[corpus.articles["article_id"].isin(kept)])
    assert stance.stance_cells(some)[["actor", "stance"]].to_numpy().tolist() == [["ann", 1.0]] * len(kept)
    assert stance.evidence(some)["article_id"].tolist() == kept


@pytest.mark.parametrize(
    ("stances", "state", "value"),
    [
        ((1, 0.5), "support", 0.75),
        ((0.5, 0), "support", 0.25),
        ((1, None), "support", 1.0),
        ((-1, -0.5), "oppose", -0.75),
        ((1, -1, -0.5), "oppose", -1 / 6),
        ((0,), "neutral", 0.0),
        ((0, 0), "neutral", 0.0),
        ((1, -1), "mixed", 0.0),
        ((0.5, 0.5, -1), "mixed", 0.0),
        ((0, None), "mixed", 0.0),
        ((None,), "mixed", None),
        ((None, None), "mixed", None),
    ],
)
def test_the_states_that_a_reader_must_be_able_to_tell_apart(
    stances: tuple[float | None, ...], state: str, value: float | None
) -> None:
    found = cell(tables(of(*stances)))
    assert found["state"] == state
    assert pd.isna(found["stance"]) if value is None else found["stance"] == pytest.approx(value, abs=1e-15)


def test_a_balance_that_rounding_spoils_is_still_mixed() -> None:
    found = cell(tables([*of(1, 1, 0.5, article="x"), *of(0, -1, -1, article="y"), *of(0, 0, -0.5, article="z")]))
    assert found["stance"] != 0
    assert found["stance"] == pytest.approx(0, abs=1e-15)
    assert found["state"] == "mixed"


def test_who_said_nothing_has_no_row_and_an_empty_field_in_the_matrix() -> None:
    rows = [said("x", "ann", "bridge", 0), said("x", "bob", "toll", 1), said("x", "cid", "toll", None)]
    cells = stance.stance_cells(tables(rows))
    assert cells[["actor", "issue_id"]].to_numpy().tolist() == [["ann", "bridge"], ["bob", "toll"], ["cid", "toll"]]
    expected = pd.DataFrame(
        {"bridge": [0.0, np.nan, np.nan], "toll": [np.nan, 1.0, np.nan]},
        index=pd.Index(["ann", "bob", "cid"], name="actor"),
    ).rename_axis("issue_id", axis="columns")
    pd.testing.assert_frame_equal(stance.stance_matrix(cells), expected, check_column_type=False)
    states = stance.stance_matrix(cells, values="state")
    assert states.where(states.notna(), "-").to_numpy().tolist() == [["neutral", "-"], ["-", "support"], ["-", "mixed"]]


def test_the_rows_and_columns_of_a_matrix_are_those_asked_for_silent_ones_included() -> None:
    cells = stance.stance_cells(tables(of(1)))
    matrix = stance.stance_matrix(cells, actors=["zed", "ann"], issues=["toll", "bridge"])
    assert (matrix.index.tolist(), matrix.columns.tolist()) == (["zed", "ann"], ["toll", "bridge"])
    assert matrix.isna().to_numpy().tolist() == [[True, True], [True, False]]


@pytest.mark.parametrize(("articles", "is_thin"), [(1, True), (2, True), (3, False), (4, False)])
def test_under_three_articles_a_cell_is_thin_and_from_three_it_has_an_interval(articles: int, is_thin: bool) -> None:  # noqa: FBT001  # drawn by pytest
    found = cell(tables([row for at in range(articles) for row in of(1, 0.5, article=f"x{at}")]))
    if is_thin:
        assert (found["ci_method"], pd.isna(found["ci_low"]), pd.isna(found["ci_high"])) == ("thin", True, True)
    else:
        assert found["ci_method"] == "Gaffke 95%"
        assert (found["ci_low"], found["ci_high"]) == pytest.approx(mean_interval([0.75] * articles), abs=1e-12)


def test_articles_with_mixed_statements_only_count_but_do_not_make_an_interval() -> None:
    rows = [*of(1, article="x"), *of(1, article="y"), *of(None, article="z")]
    found = cell(tables(rows))
    assert (found["stance"], found["n_articles"], found["n_mixed"], found["ci_method"]) == (1.0, 3, 1, "thin")


def test_at_the_level_of_organisations_who_speaks_for_none_is_left_out() -> None:
    rows = [
        said("x", "ann", "bridge", 1, organisation_id="ministry"),
        said("x", "bob", "bridge", 0, organisation_id="ministry"),
        said("x", "cid", "bridge", -1),
    ]
    found = cell(tables(rows), "organisation_id")
    assert (found["actor"], found["stance"], found["n_statements"]) == ("ministry", 0.5, 2)
    assert stance.evidence(tables(rows), "organisation_id")["speaker"].tolist() == ["Ann", "Bob"]


def test_cells_on_fewer_articles_than_asked_for_are_left_out() -> None:
    rows = [*of(1, article="x"), *of(1, article="y"), said("x", "bob", "bridge", 1), said("x", "bob", "bridge", 1)]
    drawn = tables(rows)
    assert stance.stance_cells(drawn, min_articles=2)["actor"].tolist() == ["ann"]
    assert stance.stance_cells(drawn, min_articles=3).empty
    assert stance.stance_cells(drawn, min_articles=1)["actor"].tolist() == ["ann", "bob"]


def test_first_and_last_are_the_ends_of_uncertain_dates() -> None:
    day = pd.Timestamp
    rows = [
        said("x", "ann", "bridge", 1, date_start=day("2024-02-01"), date_end=day("2024-02-29")),
        said("x", "ann", "bridge", 1, date_start=day("2024-02-10"), date_end=day("2024-02-10")),
    ]
    assert cell(tables(rows))[["first", "last"]].tolist() == [day("2024-02-01"), day("2024-02-29")]


@pytest.mark.parametrize("actor", stance.ACTORS)
def test_nothing_in_gives_empty_tables_of_full_type_out(actor: str) -> None:
    full = tables([said("x", "ann", "bridge", 1, organisation_id="ministry")])
    nothing = select(full, until="1900")
    for measure in (stance.stance_cells, stance.stance_points, stance.evidence):
        empty = measure(nothing, actor)
        assert len(empty) == 0
        pd.testing.assert_series_equal(empty.dtypes, measure(full, actor).dtypes)
    assert stance.stance_matrix(stance.stance_cells(nothing, actor)).shape == (0, 0)
    assert stance.most_heard(stance.stance_cells(nothing, actor)) == []


@pytest.mark.parametrize("measure", [stance.stance_cells, stance.stance_points, stance.evidence])
def test_an_unknown_column_of_actors_is_told_with_the_nearest(measure: object) -> None:
    expected = (
        "^the actor column 'speaker' is not known\n    expected: one of speaker_id, organisation_id\n"
        "    next: did you mean 'speaker_id'\\?$"
    )
    with pytest.raises(ParameterError, match=expected):
        measure(tables(of(1)), "speaker")


def test_an_unknown_column_of_cells_is_told_with_the_nearest() -> None:
    with pytest.raises(
        ParameterError, match=r"^the column 'n_article' is not known\n.*\n    next: did you mean 'n_arti"
    ):
        stance.stance_matrix(stance.stance_cells(tables(of(1))), values="n_article")


def test_measures_leave_the_tables_as_they_were() -> None:
    rows = [*of(1, None, -1), *of(0, article="y")]
    drawn, before = tables(rows, origins={"x": "o"}), tables(rows, origins={"x": "o"})
    cells = stance.stance_cells(drawn)
    kept = cells.copy()
    stance.stance_matrix(cells, issues=["toll"])
    stance.most_heard(cells)
    stance.stance_points(drawn)
    stance.evidence(drawn)
    assert_equal_tables(drawn, before)
    pd.testing.assert_frame_equal(cells, kept)


def test_the_most_heard_come_first() -> None:
    rows = [said("x", "bob", "bridge", 1), said("x", "bob", "toll", 1), said("x", "cid", "toll", 1)]
    rows += [said("x", "ann", "toll", 1), said("x", "dee", "toll", 1), said("x", "dee", "toll", 1)]
    assert stance.most_heard(stance.stance_cells(tables(rows))) == ["bob", "dee", "ann", "cid"]


def test_positions_in_time_are_one_per_article_and_date() -> None:
    start, end = pd.Timestamp("2024-05-01"), pd.Timestamp("2024-05-31")
    month = {"date_start": start, "date_end": end, "date_precision": "month"}
    rows = [
        said("x", "ann", "bridge", 1),
        said("x", "ann", "bridge", 0),
        said("x", "ann", "bridge", -1, **month),
        said("y", "ann", "bridge", None),
    ]
    points = stance.stance_points(tables(rows))
    assert points["article_id"].tolist() == ["x", "x", "y"]
    assert points["stance"].tolist()[:2] == [-1.0, 0.5]
    assert points["stance"].isna().tolist() == [False, False, True]
    assert points["n_statements"].tolist() == [1, 2, 1]
    assert points["middle"].tolist() == [pd.Timestamp("2024-05-16"), *[pd.Timestamp("2024-05-28")] * 2]


def test_the_evidence_of_a_cell_is_its_statements_in_order_of_date() -> None:
    early = {"date_start": pd.Timestamp("2023-01-01"), "date_end": pd.Timestamp("2023-01-01")}
    drawn = tables([said("x", "ann", "bridge", 1, start=5, end=6), said("y", "ann", "bridge", -1, **early)])
    found = stance.evidence(drawn)
    assert found["statement_id"].tolist() == ["y/s1", "x/s0"]
    assert found[["speaker", "title"]].to_numpy().tolist() == [["Ann", "y"], ["Ann", "x"]]
    assert set(schema.CONTRACTS["statements"][1]) < set(found)


def test_levels_are_told_by_their_columns() -> None:
    assert stance.actor_column("speaker") == "speaker_id"
    with pytest.raises(ParameterError, match=r"^the level of actors 'speakers' is not known\n.*\n.*mean 'speaker'"):
        stance.actor_column("speakers")


def naive(drawn: Tables, actor: str) -> dict[tuple[str, str], dict[str, object]]:
    """The cells by the definition: plain loops, no frames."""
    origin = dict(zip(drawn.articles["article_id"], drawn.articles["origin_id"], strict=True))
    heard: dict[tuple[str, str], dict[str, dict[str, list[float | None]]]] = defaultdict(dict)
    for row in drawn.statements.itertuples():
        name = getattr(row, actor)
        if isinstance(name, str):
            work = origin[row.article_id] if isinstance(origin[row.article_id], str) else row.article_id
            articles = heard[name, row.issue_id].setdefault(work, {})
            articles.setdefault(row.article_id, []).append(None if row.is_mixed else row.stance)
    cells = {}
    for key, works in heard.items():
        counted = [articles[min(articles)] for articles in works.values()]
        means = [mean(known) for said in counted if (known := [value for value in said if value is not None])]
        values = [value for said in counted for value in said]
        cells[key] = {
            "n_articles": len(counted),
            "n_statements": len(values),
            "n_support": sum(value is not None and value > 0 for value in values),
            "n_neutral": sum(value == 0 for value in values),
            "n_oppose": sum(value is not None and value < 0 for value in values),
            "n_mixed": sum(value is None for value in values),
            "stance": mean(means) if means else None,
            "ci": mean_interval(means) if len(means) >= 3 else None,
        }
    return cells


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("actor", stance.ACTORS)
def test_cells_are_those_of_a_naive_computation(seed: int, actor: str) -> None:
    pick = random.Random(seed)  # noqa: S311  # seeded draws, no secrets
    articles = [f"x{at}" for at in range(12)]
    rows = [
        said(
            pick.choice(articles),
            pick.choice("abc"),
            pick.choice("ijk"),
            pick.choice([*STANCES, None]),
            organisation_id=pick.choice(["m", "n", None]),
        )
        for _ in range(150)
    ]
    drawn = tables(rows, origins={name: pick.choice(["o", "p"]) for name in pick.sample(articles, 5)})
    expected = naive(drawn, actor)
    cells = stance.stance_cells(drawn, actor).set_index(["actor", "issue_id"])
    assert cells.index.tolist() == sorted(expected)
    for key, row in cells.iterrows():
        known = expected[key]
        assert row[COUNTS].tolist() == [known[name] for name in COUNTS]
        assert pd.isna(row["stance"]) if known["stance"] is None else row["stance"] == pytest.approx(known["stance"])
        ends = (row["ci_low"], row["ci_high"])
        assert np.isnan(ends).all() if known["ci"] is None else ends == pytest.approx(known["ci"])


DRAWS = {
    "few halves": lambda rng, n: rng.choice(STANCES, n, p=rng.dirichlet(np.full(5, 0.4))),
    "few thirds": lambda rng, n: rng.integers(-3, 4, n) / 3,
    "any": lambda rng, n: rng.uniform(-1, 1, n),
    "all the same": lambda rng, n: np.full(n, rng.choice(STANCES)),
    "one dissenter": lambda rng, n: np.append(np.full(n - 1, rng.choice([0.5, 1.0])), -1.0),
    "rounded": lambda rng, n: 0.1 * 3 + rng.choice([0, 1e-16], n),
}


@pytest.mark.parametrize("how", DRAWS)
def test_many_intervals_at_once_are_those_of_each_sample(how: str) -> None:
    rng = np.random.default_rng(len(how))
    counts = np.concatenate([rng.integers(1, 30, 60), np.arange(55, 65), rng.integers(65, 900, 8)])
    samples = [DRAWS[how](rng, n) for n in counts]
    ends = mean_intervals(np.concatenate(samples), counts)
    expected = np.array([mean_interval(sample.tolist()) for sample in samples]).T
    np.testing.assert_allclose(ends, expected, rtol=0, atol=1e-12)


def test_no_intervals_of_no_samples() -> None:
    assert mean_intervals(np.empty(0), np.empty(0, dtype=np.int64)).shape == (2, 0)


def by_groups(drawn: Tables, actor: str) -> pd.DataFrame:
    """The counts of cells by pandas' own grouping, in as many steps as the definition has."""
    articles = drawn.articles.sort_values(["published_start", "article_id"], ignore_index=True)
    articles = articles.assign(work=articles["origin_id"].fillna(articles["article_id"]), place=articles.index)
    said = drawn.statements.assign(actor=drawn.statements[actor])
    said = said.merge(articles[["article_id", "work", "place"]], on="article_id", validate="m:1")
    said = said.dropna(subset=["actor", "issue_id"])
    said = said[said["place"] == said.groupby(["actor", "issue_id", "work"])["place"].transform("min")]
    sides = {"n_support": said["stance"] > 0, "n_neutral": said["stance"] == 0, "n_oppose": said["stance"] < 0}
    said = said.assign(**sides, n_mixed=said["is_mixed"])
    means = said.groupby(["actor", "issue_id", "work"])["stance"].mean().groupby(["actor", "issue_id"])
    cells = said.groupby(["actor", "issue_id"]).agg(
        n_statements=("statement_id", "size"),
        **{name: (name, "sum") for name in (*sides, "n_mixed")},
        first=("date_start", "min"),
        last=("date_end", "max"),
    )
    return cells.assign(stance=means.mean(), n_articles=means.size()).reset_index()


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("actor", stance.ACTORS)
def test_cells_with_gaps_ties_and_copies_are_those_of_plain_grouping(seed: int, actor: str) -> None:
    pick = np.random.default_rng(seed)
    n, papers = int(pick.choice([1, 30, 600])), [f"x{at}" for at in range(30)]
    rows = [
        said(str(pick.choice(papers)), str(pick.choice(list("abcZ"))), str(pick.choice(list("ijk"))), value)
        for value in pick.choice(np.array([*STANCES, 0.3, None], dtype=object), n)
    ]
    dates = ["2024-01", "2024-01-01", "2023"]
    drawn = tables(
        rows,
        origins={name: str(pick.choice(["o", "p", "x1"])) for name in pick.choice(papers, 14)},
        published={name: str(pick.choice(dates)) for name in papers},
        is_checked=False,
    )
    statements, articles = drawn.statements, drawn.articles.copy()
    statements["organisation_id"] = pd.Series(pick.choice(np.array(["m", "n", None], dtype=object), n), dtype="str")
    statements.loc[pick.random(n) < 0.1, "speaker_id"] = None
    statements.loc[pick.random(n) < 0.1, "issue_id"] = None
    statements.loc[pick.random(n) < 0.2, "date_start"] = pd.NaT
    statements.loc[statements["speaker_id"] == "a", "date_end"] = pd.NaT
    statements.index = pd.Index(pick.choice([7, 7, 8], n))
    articles.loc[pick.random(len(articles)) < 0.2, "published_start"] = pd.NaT
    drawn = replace(drawn, statements=statements, articles=articles.iloc[2:])
    expected, cells = by_groups(drawn, actor), stance.stance_cells(drawn, actor)
    pd.testing.assert_frame_equal(
        cells[list(expected)], expected, check_dtype=False, check_exact=False, rtol=0, atol=1e-12
    )


def test_an_article_that_is_there_twice_is_told() -> None:
    drawn = tables(of(1))
    twice = replace(drawn, articles=pd.concat([drawn.articles, drawn.articles], ignore_index=True))
    with pytest.raises(
        ParameterError, match=r"^articles: article_id 'x' more than once\n    expected: one row for each"
    ):
        stance.stance_cells(twice)
