"""Networks: every aggregation and normalisation against plain loops on drawn statements, and worked by hand."""

import dataclasses
import datetime as dt
from collections.abc import Iterable
from math import sqrt
from typing import Any

import numpy as np
import pandas as pd
import pytest
from corpus_builder import said, tables
from naive_networks import DUPLICATES, ONE, REASONS, STYLES, TWO, Naive, drawn, drawn_parameters, has_meaning, naive

import analysis
from analysis import schema
from analysis.errors import ParameterError
from analysis.networks import ties

EDGES = ["source", "target", "weight", "n_statements", "n_articles"]


def assert_equal(made: Any, found: Naive, case: object) -> None:
    rows, columns = found.labels
    columns = columns if made.kind == "two-mode" else rows
    assert (made.matrix.index.tolist(), made.matrix.columns.tolist()) == (rows, columns), case
    assert (made.matrix.dtypes == "float64").all(), case
    expected = np.array([[found.weight[row, column] for column in columns] for row in rows]).reshape(made.matrix.shape)
    np.testing.assert_allclose(made.matrix.to_numpy(), expected, rtol=1e-12, atol=1e-12, err_msg=str(case))
    assert made.counted["statement_id"].tolist() == [it["statement_id"] for it in found.counted], case
    assert made.left_out.to_dict() == found.left_out, case
    edges = [
        [*tie, len(behind), len({it["article_id"] for it in behind})]
        for tie, behind in sorted(found.behind.items())
        if len(behind) >= made.min_statements
    ]
    assert made.edges.drop(columns="weight").to_numpy().tolist() == edges, case
    assert made.edges["weight"].tolist() == [made.matrix.loc[a, b] for a, b, *_ in edges], case


def assert_evidence_adds_up(made: Any, found: Naive, tie: tuple[str, str], case: object) -> None:
    shown = made.statements(*tie)
    assert sorted(shown["statement_id"]) == sorted(it["statement_id"] for it in found.behind.get(tie, [])), case
    assert shown["contribution"].sum() == pytest.approx(found.raw[tie], abs=1e-9), case
    row = shown["speaker_id"].astype("str").tolist() if made.kind == "one-mode" else [tie[0]] * len(shown)
    assert shown["side"].tolist() == row, case
    if made.kind == "one-mode":
        place = {it["statement_id"]: it["at"] for it in found.counted}
        parts = [found.shares[tie][place[name]] for name in shown["statement_id"]]
        assert shown["contribution"].tolist() == pytest.approx(parts), case


def compare(rng: np.random.Generator, style: str, **asked: Any) -> None:
    frame = drawn(rng, style)
    asked |= drawn_parameters(rng, frame, style)
    case = (style, asked, frame.to_dict("list"))
    found, made = naive(frame, style.partition(",")[0], asked), analysis.network(frame, **asked)
    assert_equal(made, found, case)
    for tie in list(found.raw)[::7]:
        assert_evidence_adds_up(made, found, tie, case)


@pytest.mark.parametrize(("kind", "aggregation", "normalization"), TWO + ONE)
def test_every_network_is_the_one_that_plain_loops_find(kind: str, aggregation: str, normalization: str) -> None:
    rng = np.random.default_rng([ord(letter) for letter in kind + aggregation + normalization])
    asked = {"kind": kind, "aggregation": aggregation, "normalization": normalization}
    styles = [style for style in STYLES if has_meaning(style, kind, aggregation)]
    for style, duplicates in zip(rng.permutation(styles)[:7], rng.permutation(DUPLICATES), strict=True):
        compare(rng, str(style), **asked, duplicates=str(duplicates))


@pytest.mark.parametrize("style", ["halves", "yes-no", "names"])
def test_the_sparse_way_finds_what_the_dense_way_finds(style: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(9)
    for kind, aggregation, normalization in TWO + ONE:
        if not has_meaning(style, kind, aggregation):
            continue
        frame = drawn(rng, style)
        asked = {"kind": kind, "aggregation": aggregation, "normalization": normalization}
        dense = analysis.network(frame, **asked)
        with monkeypatch.context() as patch:
            patch.setattr(ties, "_DENSE", 0)
            sparse = analysis.network(frame, **asked)
            pd.testing.assert_frame_equal(sparse.matrix, dense.matrix, check_exact=True)
            pd.testing.assert_frame_equal(sparse.edges, dense.edges, check_exact=True)


def test_the_statements_given_are_not_touched() -> None:
    frame = drawn(np.random.default_rng(5), "numbers as objects")
    before = frame.copy(deep=True)
    for kind, aggregation, normalization in TWO + ONE:
        asked = {"kind": kind, "aggregation": aggregation, "normalization": normalization, "duplicates": "week"}
        made = analysis.network(frame, **asked)
        _ = made.edges, made.counted, made.left_out, made.statements(made.matrix.index[0], made.matrix.columns[0])
    pd.testing.assert_frame_equal(frame, before)


# ---- worked by hand ----


def spoken(*rows: tuple[Any, ...], **more: Any) -> pd.DataFrame:
    """Statements of (speaker, issue, stance), each in an article of its own unless told otherwise."""
    frame = pd.DataFrame(rows, columns=["speaker_id", "issue_id", "stance"])
    places = {"statement_id": [f"s{at}" for at in range(len(frame))], "article_id": [f"d{at}" for at in frame.index]}
    return frame.assign(**(places | more))


YES_NO = spoken(
    ("ann", "bridge", True),
    ("ann", "bridge", True),
    ("ann", "bridge", False),
    ("ann", "toll", True),
    ("bob", "bridge", False),
    ("bob", "park", True),
    ("cid", "toll", False),
    ("cid", "toll", False),
)


@pytest.mark.parametrize(
    ("aggregation", "normalization", "expected"),
    [  # columns: bridge, park, toll
        ("ignore", "no", [[3, 0, 1], [1, 1, 0], [0, 0, 2]]),
        ("ignore", "activity", [[3 / 4, 0, 1 / 4], [1 / 2, 1 / 2, 0], [0, 0, 1]]),
        ("ignore", "prominence", [[3 / 4, 0, 1 / 3], [1 / 4, 1, 0], [0, 0, 2 / 3]]),
        ("combine", "no", [[3, 0, 1], [2, 1, 0], [0, 0, 2]]),  # 1 for, 2 against, 3 both
        ("combine", "activity", [[3 / 2, 0, 1 / 2], [2 / 2, 1 / 2, 0], [0, 0, 2]]),  # cells in use: 2, 2, 1
        ("combine", "prominence", [[3 / 2, 0, 1 / 2], [2 / 2, 1, 0], [0, 0, 2 / 2]]),  # cells in use: 2, 1, 2
        ("subtract", "no", [[1, 0, 1], [-1, 1, 0], [0, 0, -2]]),
        ("subtract", "activity", [[1 / 4, 0, 1 / 4], [-1 / 2, 1 / 2, 0], [0, 0, -1]]),  # statements: 4, 2, 2
        ("subtract", "prominence", [[1 / 4, 0, 1 / 3], [-1 / 4, 1, 0], [0, 0, -2 / 3]]),  # statements: 4, 1, 3
    ],
)
def test_actors_and_issues_of_yes_and_no(aggregation: str, normalization: str, expected: list[list[float]]) -> None:
    made = analysis.network(YES_NO, aggregation=aggregation, normalization=normalization)
    wanted = pd.DataFrame(
        expected,
        index=pd.Index(["ann", "bob", "cid"], dtype="str", name="speaker_id"),
        columns=pd.Index(["bridge", "park", "toll"], dtype="str", name="issue_id"),
        dtype="float64",
    )
    pd.testing.assert_frame_equal(made.matrix, wanted)


@pytest.mark.parametrize(
    ("aggregation", "normalization", "expected"),
    [  # ann–bob share the bridge (2 yes and 1 no; 1 no), ann–cid the toll (1 yes; 2 no), bob–cid nothing
        ("ignore", "no", (3, 2, 0)),
        ("congruence", "no", (1, 0, 0)),
        ("conflict", "no", (2, 2, 0)),
        ("subtract", "no", (-1, -2, 0)),
        ("ignore", "average", (3 / 3, 2 / 3, 0)),  # statements: ann 4, bob 2, cid 2
        ("subtract", "average", (-1 / 3, -2 / 3, 0)),
        ("congruence", "dna_cosine", (1 / 8, 0, 0)),
        ("conflict", "dna_cosine", (2 / 8, 2 / 8, 0)),
        # ann alone 2 + 1, bob alone 1, both 1 · 1; ann alone 4, cid alone 2
        ("congruence", "jaccard", (1 / 5, 0, 0)),
        ("ignore", "jaccard", (3 / 5, 2 / 6, 0)),
        # with themselves: ann 2² + 1² + 1², bob 1 + 1, cid 2²; with stances ignored ann 3² + 1²
        ("congruence", "cosine", (1 / sqrt(12), 0, 0)),
        ("subtract", "cosine", (-1 / sqrt(12), -2 / sqrt(24), 0)),
        ("ignore", "cosine", (3 / sqrt(20), 2 / sqrt(40), 0)),
    ],
)
def test_actors_with_each_other_by_yes_and_no(
    aggregation: str, normalization: str, expected: tuple[float, float, float]
) -> None:
    matrix = analysis.network(YES_NO, kind="one-mode", aggregation=aggregation, normalization=normalization).matrix
    assert (matrix.index.name, matrix.columns.name) == ("speaker_id", "speaker_id")
    assert matrix.index.tolist() == matrix.columns.tolist() == ["ann", "bob", "cid"]
    (_, ab, ac), (ba, _, bc), (ca, cb, _) = matrix.to_numpy().tolist()
    assert np.diag(matrix).tolist() == [0, 0, 0]
    assert (ab, ac, bc) == pytest.approx(expected, abs=1e-15)
    assert (ab, ac, bc) == (ba, ca, cb)


HALVES = spoken(("ann", "toll", 1.0), ("ann", "toll", 0.5), ("bob", "toll", -0.5))


@pytest.mark.parametrize(
    ("aggregation", "scale", "expected"),
    [  # ann's 1 and ½ are 1½ and 1 away from bob's −½
        ("congruence", None, 1 / 3),  # R = 1½, the levels in use
        ("conflict", None, 5 / 3),
        ("subtract", None, -4 / 3),
        ("congruence", (-1, 1), 0.75),  # R = 2
        ("conflict", (-1, 1), 1.25),
        ("subtract", (-1, 1), -0.5),
    ],
)
def test_likeness_is_measured_on_the_scale(aggregation: str, scale: tuple[float, float], expected: float) -> None:
    made = analysis.network(HALVES, kind="one-mode", aggregation=aggregation, scale=scale)
    assert made.matrix.loc["ann", "bob"] == pytest.approx(expected, abs=1e-15)


def test_numbers_are_summed_or_told_apart_by_powers_of_two() -> None:
    # K = 3 levels: −½ counts 4, ½ counts 2, 1 counts 1
    assert analysis.network(HALVES, aggregation="subtract").matrix["toll"].tolist() == [1.5, -0.5]
    assert analysis.network(HALVES, aggregation="combine").matrix["toll"].tolist() == [3, 4]


NAMED = spoken(
    ("ann", "park", "ban"),
    ("ann", "park", "ban"),
    ("bob", "park", "ban"),
    ("bob", "park", "tax"),
    ("cid", "park", "tax"),
)


@pytest.mark.parametrize(
    ("aggregation", "expected"),
    [  # ann–bob, ann–cid, bob–cid: weight, statements, articles
        ("ignore", [(4, 4, 4), (2, 3, 3), (2, 3, 3)]),
        ("congruence", [(2, 3, 3), None, (1, 2, 2)]),
        ("conflict", [(1, 1, 1), (3, 3, 3), (1, 1, 1)]),  # bob's tax; all; bob's ban
        ("subtract", [(1, 4, 4), (-3, 3, 3), (0, 3, 3)]),
    ],
)
def test_names_agree_or_stand_alone(aggregation: str, expected: list[tuple[float, int, int] | None]) -> None:
    edges = analysis.network(NAMED, kind="one-mode", aggregation=aggregation).edges
    pairs = [("ann", "bob"), ("ann", "cid"), ("bob", "cid")]
    wanted = [[*pair, *numbers] for pair, numbers in zip(pairs, expected, strict=True) if numbers]
    assert edges.to_numpy().tolist() == wanted
    assert analysis.network(NAMED, aggregation="combine").matrix["park"].tolist() == [2, 3, 1]


# ---- where Discourse Network Analyzer errs ----


def kept(duplicates: str, *dates: str, **asked: Any) -> list[str]:
    frame = spoken(*(("ann", "toll", 1.0) for _ in dates), date_start=pd.to_datetime(list(dates)))
    return analysis.network(frame, duplicates=duplicates, **asked).counted["statement_id"].tolist()


@pytest.mark.parametrize(
    ("duplicates", "dates", "expected"),
    [
        ("month", ("2020-01-05", "2021-01-05", "2020-01-31"), ["s0", "s1"]),
        ("week", ("2020-12-31", "2021-01-01", "2021-01-04"), ["s0", "s2"]),  # 53rd ISO week; then a Monday
        ("week", ("2020-01-08", "2021-01-13"), ["s0", "s1"]),  # both in a second week
        ("week", ("1969-12-29", "1970-01-04", "1970-01-05"), ["s0", "s2"]),
        ("year", ("2020-12-31", "2021-01-01", "2021-12-31"), ["s0", "s1"]),
        ("day", ("2020-12-31 09:00", "2020-12-31 23:00", "2021-01-01 00:00"), ["s0", "s2"]),
        ("acrossrange", ("2020-12-31", "2019-01-01", "2021-01-01"), ["s1"]),
        ("include", ("2020-12-31", "2019-01-01", "2020-12-31"), ["s1", "s0", "s2"]),
    ],
)
def test_months_and_weeks_have_a_year(duplicates: str, dates: tuple[str, ...], expected: list[str]) -> None:
    assert kept(duplicates, *dates) == expected


@pytest.mark.parametrize("value", [5, 500, 0.5])
def test_equal_numbers_are_equal_whatever_their_size(value: float) -> None:
    frame = spoken(("ann", "toll", value), ("ann", "toll", value))
    assert len(analysis.network(frame, aggregation="subtract", duplicates="acrossrange").counted) == 1


def test_one_level_is_no_conflict_and_not_nan() -> None:
    frame = spoken(("ann", "toll", 0.5), ("bob", "toll", 0.5))
    asked = {"kind": "one-mode", "normalization": "cosine"}
    made = {name: analysis.network(frame, aggregation=name, **asked).matrix for name in ("congruence", "conflict")}
    assert made["congruence"].to_numpy().tolist() == [[0, 1], [1, 0]]
    assert made["conflict"].to_numpy().tolist() == [[0, 0], [0, 0]]


def test_many_identical_statements_are_found_in_one_pass() -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({name: rng.integers(0, 40, 100_000) for name in ("speaker_id", "issue_id", "article_id")})
    made = analysis.network(frame.assign(stance=True), duplicates="document")
    assert len(made.counted) == len(frame.drop_duplicates())


# ---- what counts ----


def test_the_first_by_date_document_place_and_id_stands_for_all() -> None:
    same = {"speaker_id": "ann", "issue_id": "toll", "stance": 1.0}
    day, later = pd.Timestamp("2020-01-01"), pd.Timestamp("2020-01-02")
    order = [
        (day, "a", 1, 5, "z"),
        (day, "b", 0, 4, "y"),
        (day, "b", 0, 5, "x"),
        (day, "b", 1, 2, "b"),
        (day, "b", 1, 2, "c"),
        (later, "a", 0, 1, "a"),
    ]
    names = ["date_start", "article_id", "start", "end", "statement_id"]
    frame = pd.DataFrame(order, columns=names).assign(**same).sample(frac=1, random_state=3)
    assert analysis.network(frame).counted["statement_id"].tolist() == ["z", "y", "x", "b", "c", "a"]
    assert analysis.network(frame, duplicates="acrossrange").counted["statement_id"].tolist() == ["z"]
    assert analysis.network(frame, duplicates="document").counted["statement_id"].tolist() == ["z", "y"]
    assert analysis.network(frame, duplicates="year", aggregation="subtract").matrix.loc["ann", "toll"] == 1.0


def test_the_order_is_that_of_the_ids_and_not_of_categories_and_the_missing_come_last() -> None:
    for ids, dtype in (
        ([None, "b", "a"], pd.CategoricalDtype(["c", "b", "a"])),
        ([None, "b", "a"], "str"),
        ([None, "b", "a"], "object"),
        ([None, 10, 9], "Int64"),
        ([None, 10, 9], "float64"),
    ):
        frame = spoken(*[("ann", "toll", 1.0)] * 3, article_id=pd.Series(ids, dtype=dtype))
        assert analysis.network(frame).counted["statement_id"].tolist() == ["s2", "s1", "s0"]
        assert analysis.network(frame, duplicates="acrossrange").counted["statement_id"].tolist() == ["s2"]


def test_a_stance_makes_a_difference_unless_it_is_ignored() -> None:
    frame = spoken(("ann", "toll", 1.0), ("ann", "toll", -1.0), ("ann", "toll", 1.0))
    asked = {"duplicates": "acrossrange"}
    assert analysis.network(frame, **asked).matrix.loc["ann", "toll"] == 1
    assert analysis.network(frame, aggregation="combine", **asked).matrix.loc["ann", "toll"] == 3
    assert len(analysis.network(frame, aggregation="combine", **asked).counted) == 2


def test_a_date_that_spans_periods_is_identical_to_its_like_only() -> None:
    spans = [("2020-01-05", "2020-01-05"), ("2020-01-01", "2020-01-31"), ("2020-01-20", "2020-02-03")]
    spans += [("2020-01-02", "2020-02-28"), (None, None), (None, None)]
    start, end = (pd.to_datetime([span[at] for span in spans]) for at in (0, 1))
    frame = spoken(*(("ann", "toll", 1.0) for _ in spans), date_start=start, date_end=end)
    found = {
        rule: sorted(analysis.network(frame, duplicates=rule).counted["statement_id"]) for rule in ("month", "year")
    }
    assert found == {"month": ["s1", "s3", "s4", "s5"], "year": ["s1", "s4", "s5"]}


def test_statements_without_an_article_are_in_no_document_together() -> None:
    frame = spoken(*[("ann", "toll", 1.0)] * 4, article_id=["p", None, "p", None])
    assert analysis.network(frame, duplicates="document").counted["statement_id"].tolist() == ["s0", "s1", "s3"]


def test_statements_that_may_have_been_made_in_the_time_count() -> None:
    start, end = pd.to_datetime(["2020-01-01", "2020-03-31"]), pd.to_datetime(["2020-02-10", "2020-04-30"])
    frame = spoken(("ann", "toll", 1.0), ("bob", "toll", 1.0), date_start=start, date_end=end)
    times = [("2020-02", "2020-03"), ("2020-02-11", "2020-03-30"), ("", "2020-01"), ("2020-04-30", ""), ("2021", "")]
    found = ["".join(analysis.network(frame, since=a, until=b).counted["speaker_id"]) for a, b in times]
    assert found == ["annbob", "", "ann", "bob", ""]


def test_a_year_may_be_a_number_as_yaml_reads_it() -> None:
    assert kept("include", "2019-12-31", "2020-01-01", "2021-01-01", since=2020, until=2020) == ["s1"]


def test_dates_with_a_time_zone_are_days_of_their_own_calendar() -> None:
    days = pd.to_datetime(["2020-01-01 00:30", "2020-01-01 23:30"]).tz_localize("Asia/Kabul")
    frame = spoken(("ann", "toll", 1.0), ("ann", "toll", 1.0), date_start=days)
    made = analysis.network(frame, duplicates="day", since="2020-01-01", until="2020-01-01")
    assert made.left_out.to_dict() == dict.fromkeys(REASONS, 0) | {"duplicate": 1}


def test_isolates_are_left_by_values_and_stances_but_not_by_documents_dates_or_empty_names() -> None:
    frame = spoken(
        ("ann", "toll", 1.0),
        ("bob", "bridge", np.nan),
        ("cid", "park", 1.0),
        ("dan", "pier", 1.0),
        ("eve", "tram", 1.0),
        ("", "tax", 1.0),
        ("fay", None, 1.0),
        date_start=pd.to_datetime(["2020-01-01"] * 4 + ["2021-01-01"] * 3),
    )
    asked = {"aggregation": "subtract", "exclude": {"issue_id": "park", "article_id": ["d3"]}, "until": "2020"}
    matrix = analysis.network(frame, isolates=True, **asked).matrix
    assert (matrix.index.tolist(), matrix.columns.tolist()) == (["ann", "bob", "cid"], ["bridge", "park", "toll"])
    assert matrix.to_numpy().sum() == matrix.loc["ann", "toll"] == 1
    made = analysis.network(frame, **asked)
    assert (made.matrix.index.tolist(), made.matrix.columns.tolist()) == (["ann"], ["toll"])
    assert made.left_out.index.name == "reason"
    assert made.left_out.to_dict() == dict(zip(REASONS, [2, 1, 1, 1, 1, 0], strict=True))


@pytest.mark.parametrize("column", ["article_id", "outlet", "title", "section", "author", "source", "type", "language"])
def test_what_belongs_to_a_document_leaves_no_isolates(column: str) -> None:
    frame = spoken(("ann", "toll", 1.0), ("bob", "toll", 1.0)).assign(**{column: ["x", "y"]})
    assert analysis.network(frame, isolates=True, exclude={column: "y"}).matrix.index.tolist() == ["ann"]


def test_only_where_the_stance_is_ignored_do_statements_without_one_count() -> None:
    frame = spoken(("ann", "toll", 1.0), ("ann", "toll", np.nan), ("bob", "toll", -1.0))
    assert analysis.network(frame).matrix["toll"].tolist() == [2, 1]
    assert analysis.network(frame, aggregation="subtract", normalization="prominence").matrix["toll"].tolist() == [
        0.5,
        -0.5,
    ]
    assert analysis.network(frame.drop(columns="stance"), kind="one-mode").matrix.loc["ann", "bob"] == 2
    assert analysis.network(frame, stance=None, kind="one-mode").matrix.loc["ann", "bob"] == 2


def test_levels_are_those_of_all_statements_also_of_those_left_out() -> None:
    frame = spoken(("ann", "toll", 1), ("bob", "toll", 2), ("cid", "toll", 5), ("", "", 9))
    asked = {"exclude": {"speaker_id": "cid"}}
    made = analysis.network(frame, kind="one-mode", aggregation="conflict", **asked)
    assert made.matrix.loc["ann", "bob"] == 1 / 8
    assert analysis.network(frame, aggregation="combine", **asked).matrix["toll"].tolist() == [8, 4]


def test_ties_on_few_statements_are_left_out_but_their_rows_stay() -> None:
    made = analysis.network(YES_NO, min_statements=2)
    assert made.edges[EDGES[:4]].to_numpy().tolist() == [["ann", "bridge", 3.0, 3], ["cid", "toll", 2.0, 2]]
    assert made.matrix.to_numpy().tolist() == [[3, 0, 0], [0, 0, 0], [0, 0, 2]]
    pairs = analysis.network(YES_NO, kind="one-mode", min_statements=4)
    assert pairs.edges[EDGES[:4]].to_numpy().tolist() == [["ann", "bob", 3.0, 4]]
    assert pairs.matrix.to_numpy().tolist() == [[0, 3, 0], [3, 0, 0], [0, 0, 0]]


# ---- what a network tells ----


def test_a_tie_that_cancels_is_a_tie_of_weight_0_and_each_pair_stands_once() -> None:
    frame = spoken(
        ("bob", "toll", True), ("ann", "toll", True), ("ann", "toll", False), ("cid", "toll", True),
        article_id=["p", "p", "q", "r"],
    )  # fmt: skip
    edges = analysis.network(frame, aggregation="subtract").edges
    assert edges.dtypes.astype("str").to_dict() == dict(
        zip(EDGES, ["str", "str", "float64", "int64", "int64"], strict=True)
    )
    assert edges.to_numpy().tolist() == [["ann", "toll", 0, 2, 2], ["bob", "toll", 1, 1, 1], ["cid", "toll", 1, 1, 1]]
    edges = analysis.network(frame, kind="one-mode", aggregation="subtract").edges
    assert edges.to_numpy().tolist() == [["ann", "bob", 0, 3, 2], ["ann", "cid", 0, 3, 3], ["bob", "cid", 1, 2, 2]]


def test_statements_without_an_article_make_no_article_of_another_tie() -> None:
    frame = spoken(("ann", "toll", 1.0), ("bob", "toll", 1.0), ("bob", "toll", 1.0), article_id=["p", "q", None])
    assert analysis.network(frame).edges["n_articles"].tolist() == [1, 2]


def test_the_statements_behind_a_tie_tell_side_and_contribution() -> None:
    made = analysis.network(YES_NO, kind="one-mode", aggregation="subtract", normalization="average")
    shown = made.statements("bob", "ann")
    assert shown[["statement_id", "side", "contribution"]].to_numpy().tolist() == [
        ["s0", "ann", -0.5],  # yes against bob's no
        ["s1", "ann", -0.5],
        ["s2", "ann", 0.5],  # no as bob's
        ["s4", "bob", -0.5],
    ]
    assert shown.columns.tolist() == [*YES_NO.columns, "side", "contribution"]
    assert shown["contribution"].sum() == -1
    assert made.statements("bob", "cid").empty
    assert made.statements("ann", "ann").empty


def test_the_statements_behind_a_cell_add_up_before_it_is_normalised() -> None:
    for aggregation, expected in (("ignore", [1, 1, 1]), ("combine", [0.5, 0.5, 2]), ("subtract", [1, 1, -1])):
        shown = analysis.network(YES_NO, aggregation=aggregation, normalization="activity").statements("ann", "bridge")
        assert shown["statement_id"].tolist() == ["s0", "s1", "s2"]
        assert shown["contribution"].tolist() == expected
        assert set(shown["side"]) == {"ann"}
    assert analysis.network(YES_NO).statements("cid", "bridge").empty


def test_labels_are_texts_in_the_order_of_their_characters() -> None:
    frame = spoken((10, "NA", 1.0), (9, "b", 1.0), (100, "Z", 1.0))
    matrix = analysis.network(frame).matrix
    assert (matrix.index.tolist(), matrix.columns.tolist()) == (["10", "100", "9"], ["NA", "Z", "b"])
    assert matrix.index.dtype == matrix.columns.dtype == "str"
    assert analysis.network(frame).statements("9", "b")["speaker_id"].tolist() == [9]


@pytest.mark.parametrize("aggregation", ["congruence", "conflict"])
def test_numbers_are_numbers_in_a_column_of_objects_too(aggregation: str) -> None:
    asked = {"kind": "one-mode", "aggregation": aggregation}
    plain = HALVES.astype({"stance": "float64"})
    expected = analysis.network(plain, **asked).matrix
    pd.testing.assert_frame_equal(analysis.network(plain.astype({"stance": object}), **asked).matrix, expected)


def test_a_network_is_frozen_and_what_is_done_to_the_statements_later_does_not_reach_it() -> None:
    frame = YES_NO.copy()
    made = analysis.network(frame, kind="one-mode")
    for name, value in {"kind": "two-mode", "aggregation": "subtract", "matrix": None}.items():
        with pytest.raises((dataclasses.FrozenInstanceError, AttributeError)):
            setattr(made, name, value)
    frame["article_id"] = "one"
    frame.loc[0, "speaker_id"] = "zed"
    assert made.edges["n_articles"].tolist() == [4, 3]
    pd.testing.assert_frame_equal(made.counted, YES_NO)


def test_a_network_is_equal_to_none_but_itself() -> None:
    made, other = analysis.network(YES_NO), analysis.network(NAMED)
    assert made != other
    assert len({made, other, made}) == 2


def test_a_network_tells_what_it_is() -> None:
    made = analysis.network(YES_NO, rows="speaker", columns="issue", aggregation="subtract", duplicates="document")
    assert (made.kind, made.rows, made.columns) == ("two-mode", "speaker_id", "issue_id")
    assert (made.aggregation, made.normalization, made.duplicates) == ("subtract", "no", "document")
    assert repr(made) == "Network(two-mode, subtract: 3 × 3, 8 statements)"


def test_short_words_stand_for_columns_of_ids() -> None:
    drawn_tables = tables(
        [
            said("x", "ann", "toll", 1, organisation_id="ministry"),
            said("y", "bob", "toll", -1, organisation_id="ministry"),
        ]
    )
    for rows, columns, expected in (
        ("speaker", "issue", {"ann": {"toll": 1}, "bob": {"toll": 1}}),
        ("organisation", "article", {"ministry": {"x": 1, "y": 1}}),
        ("article", "speaker_id", {"x": {"ann": 1, "bob": 0}, "y": {"ann": 0, "bob": 1}}),
    ):
        made = analysis.network(drawn_tables.statements, rows=rows, columns=columns)
        assert made.matrix.T.to_dict() == expected
        assert made.matrix.index.name in {"speaker_id", "organisation_id", "article_id"}
    own = drawn_tables.statements.assign(speaker="one")
    assert analysis.network(own, rows="speaker").matrix.index.tolist() == ["one"]


def test_the_tables_of_a_corpus_lend_outlet_and_title() -> None:
    made = tables([said("x", "ann", "toll", 1), said("y", "bob", "toll", -1), said("z", "bob", "toll", 1)])
    outlets = {"x": "Bell", "y": "Horn", "z": None}
    articles = made.articles.assign(outlet=made.articles["article_id"].map(outlets).astype("str"))
    lent = dataclasses.replace(made, articles=articles)
    found = analysis.network(lent, rows="outlet", columns="speaker", aggregation="subtract")
    assert found.matrix.T.to_dict() == {"Bell": {"ann": 1, "bob": 0}, "Horn": {"ann": 0, "bob": -1}}
    assert found.left_out["no row or column"] == 1
    assert analysis.network(lent, rows="title").matrix.index.tolist() == ["x", "y", "z"]


# ---- nothing to count ----

FULL = tables([said("x", "ann", "toll", 1), said("y", "ann", "toll", -1)]).statements


@pytest.mark.parametrize(
    ("frame", "asked"),
    [
        (FULL.iloc[:0], {}),
        (schema.frame("statements", []), {}),
        (pd.DataFrame(columns=FULL.columns), {}),
        (FULL, {"since": "2030"}),
        (FULL, {"exclude": {"speaker_id": ["ann"]}}),
        (FULL, {"exclude": {"article_id": ["x", "y"]}, "isolates": True}),
        (FULL.assign(speaker_id=""), {}),
        (FULL.assign(issue_id=None), {"isolates": True}),
    ],
)
def test_nothing_that_counts_is_an_empty_network(frame: pd.DataFrame, asked: dict[str, Any]) -> None:
    for kind, aggregation, normalization in TWO + ONE:
        asked |= {"kind": kind, "aggregation": aggregation, "normalization": normalization}
        made = analysis.network(frame, **asked)
        assert made.matrix.shape == (0, 0)
        assert made.edges.columns.tolist() == EDGES
        assert (len(made.edges), len(made.counted)) == (0, 0)
        assert made.left_out.sum() == len(frame)
        assert "0 × 0, 0 statements" in repr(made)


@pytest.mark.parametrize("stance", [np.nan, None, pd.NA])
@pytest.mark.parametrize("isolates", [False, True])
def test_without_any_stance_there_are_rows_at_most(stance: Any, isolates: bool) -> None:  # noqa: FBT001  # drawn by pytest
    for kind, aggregation, normalization in TWO + ONE:
        asked = {"kind": kind, "aggregation": aggregation, "normalization": normalization, "isolates": isolates}
        made = analysis.network(FULL.assign(stance=stance), **asked)
        n_counted = 2 if aggregation == "ignore" else 0
        assert len(made.counted) == n_counted
        assert len(made.matrix) == int(isolates or n_counted > 0)
        assert (made.matrix.dtypes == "float64").all()
        assert made.matrix.to_numpy().sum() == (made.edges["weight"].sum())


def test_one_actor_has_no_ties_and_actors_without_shared_issues_have_none_either() -> None:
    for _, aggregation, normalization in ONE:
        asked = {"kind": "one-mode", "aggregation": aggregation, "normalization": normalization}
        assert analysis.network(FULL, **asked).matrix.to_numpy().tolist() == [[0.0]]
        made = analysis.network(spoken(("ann", "toll", 1.0), ("bob", "park", 1.0)), **asked)
        assert (made.matrix.to_numpy().tolist(), len(made.edges)) == ([[0, 0], [0, 0]], 0)


# ---- what cannot be asked ----

DATED = YES_NO.assign(stance=1.0, date_start=pd.Timestamp("2020-01-01"))


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"rows": "speker_id"}, r"rows: the column 'speker_id' is not known(?s:.*)did you mean 'speaker_id'"),
        ({"columns": "isue_id"}, r"columns: the column 'isue_id'(?s:.*)one of speaker_id, issue_id(?s:.*)'issue_id'"),
        ({"rows": "organisation"}, "rows: the column 'organisation' is not known"),
        ({"rows": ["speaker_id"]}, r"rows: the column \['speaker_id'\] is not known"),
        ({"stance": "stanse", "aggregation": "combine"}, "stance: the column 'stanse'(?s:.*)did you mean 'stance'"),
        ({"stance": None, "aggregation": "subtract"}, "stance: the column"),
        ({"exclude": {"speker_id": "x"}}, "exclude: the column 'speker_id'(?s:.*)did you mean 'speaker_id'"),
        ({"exclude": ["ann"]}, r"exclude is \['ann'\](?s:.*)values by column"),
        ({"kind": "onemode"}, "kind of network 'onemode'(?s:.*)one of two-mode, one-mode(?s:.*)'one-mode'"),
        ({"kind": ["one-mode"]}, "kind of network"),
        ({"aggregation": "substract"}, "'substract'(?s:.*)one of ignore, combine, subtract(?s:.*)mean 'subtract'"),
        ({"aggregation": "congruence"}, "two-mode network aggregation 'congruence' is not known"),
        ({"aggregation": "combine", "kind": "one-mode"}, "'combine'(?s:.*)ignore, congruence, conflict, subtract"),
        ({"normalization": "activty"}, "'activty'(?s:.*)one of no, activity, prominence(?s:.*)mean 'activity'"),
        (
            {"normalization": "activity", "kind": "one-mode"},
            "'activity'(?s:.*)no, average, jaccard, cosine, dna_cosine",
        ),
        (
            {"duplicates": "weekly"},
            "'weekly'(?s:.*)include, document, day, week, month, year, acrossrange(?s:.*)mean 'week'",
        ),
        ({"since": "2020-13"}, "since is '2020-13'(?s:.*)ISO 8601"),
        ({"until": "soon"}, "until is 'soon'(?s:.*)ISO 8601"),
        ({"since": pd.NaT}, "since is(?s:.*)ISO 8601"),
        ({"until": [1]}, r"until is \[1\](?s:.*)ISO 8601"),
        ({"min_statements": 0}, "min_statements is 0(?s:.*)whole number from 1"),
        ({"min_statements": True}, "min_statements is True"),
        ({"min_statements": 1.5}, "min_statements is 1.5"),
        ({"scale": (1, -1)}, r"scale is \(1, -1\)(?s:.*)lower and upper end"),
        ({"scale": (1, 1)}, "lower and upper end"),
        ({"scale": (0, 1, 2)}, "lower and upper end"),
        ({"scale": 1}, "scale is 1"),
        ({"scale": ("low", "high")}, "lower and upper end"),
        ({"scale": (float("-inf"), float("inf")), "aggregation": "subtract"}, "lower and upper end"),
        ({"scale": (float("nan"), 1)}, "lower and upper end"),
    ],
)
def test_what_is_not_known_is_told_with_what_is(asked: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        analysis.network(DATED, **asked)


def test_all_problems_are_told_at_once() -> None:
    asked = {"rows": "who", "aggregation": "add", "normalization": "max", "duplicates": "all", "min_statements": 0}
    asked |= {"since": "soon", "until": "never", "scale": (1, 0)}
    with pytest.raises(ParameterError, match="8 problems") as caught:
        analysis.network(DATED, **asked)
    told = str(caught.value)
    assert [
        word for word in ("'who'", "'add'", "'max'", "'all'", "'soon'", "'never'", "(1, 0)") if word not in told
    ] == []
    with pytest.raises(ParameterError, match="2 problems"):
        analysis.network(DATED.assign(stance=1.5), aggregation="subtract", duplicates="all")


@pytest.mark.parametrize("value", [1.5, -2.0, np.inf])
def test_a_decimal_stance_beyond_1_needs_a_scale(value: float) -> None:
    frame = HALVES.assign(stance=[value, 0.5, -0.5])
    for kind, aggregation in {case[:2] for case in TWO + ONE} - {("two-mode", "ignore"), ("one-mode", "ignore")}:
        with pytest.raises(
            ParameterError, match=rf"stance outside the scale: {value:g} in s0 \(1 in all\)(?s:.*)scale="
        ):
            analysis.network(frame, kind=kind, aggregation=aggregation)
    if np.isfinite(value):
        made = analysis.network(frame, aggregation="subtract", scale=(-2, 2))
        assert made.matrix["toll"].tolist() == [value + 0.5, -0.5]
    with pytest.raises(ParameterError, match=r"numbers from 0 to 0.5"):
        analysis.network(frame, aggregation="subtract", scale=(0, 0.5))


def test_whole_numbers_make_their_own_scale() -> None:
    frame = spoken(("ann", "toll", 1), ("bob", "toll", 7))
    assert analysis.network(frame, kind="one-mode", aggregation="conflict").matrix.loc["ann", "bob"] == 1
    with pytest.raises(ParameterError, match=r"7 in s1 \(1 in all\)\n.*numbers from 1 to 5"):
        analysis.network(frame, kind="one-mode", aggregation="conflict", scale=(1, 5))


def test_names_cannot_be_subtracted_from_each_other_in_a_cell() -> None:
    with pytest.raises(ParameterError, match=r"stance holds names, and names cannot be subtracted(?s:.*)'combine'"):
        analysis.network(NAMED, aggregation="subtract")


@pytest.mark.parametrize("asked", [{"duplicates": "week"}, {"since": "2020"}, {"until": "2020"}])
def test_dates_are_needed_where_they_are_asked_for(asked: dict[str, str]) -> None:
    with pytest.raises(ParameterError, match="dates: the column 'date_start' is not known"):
        analysis.network(YES_NO, **asked)
    with pytest.raises(
        ParameterError, match=r"date_start holds str(?s:.*)pd.to_datetime\(statements\['date_start'\]\)"
    ):
        analysis.network(YES_NO.assign(date_start="2020-01-01"), **asked)
    with pytest.raises(ParameterError, match="date_end holds object"):
        analysis.network(DATED.assign(date_end=dt.date(2020, 1, 1)), **asked)


def test_documents_are_needed_where_they_are_asked_for() -> None:
    frame = YES_NO.drop(columns="article_id")
    with pytest.raises(ParameterError, match="the column 'article_id' is not known"):
        analysis.network(frame, duplicates="document")
    with pytest.raises(ParameterError, match="ties count articles: the column 'article_id' is not known"):
        _ = analysis.network(frame).edges
    assert analysis.network(frame).matrix.loc["ann", "bridge"] == 3


@pytest.mark.parametrize(
    ("kind", "tie", "message"),
    [
        ("two-mode", ("an", "toll"), "the row 'an' is not known(?s:.*)ann, bob, cid(?s:.*)did you mean 'ann'"),
        (
            "two-mode",
            ("ann", "tol"),
            "the column 'tol' is not known(?s:.*)bridge, park, toll(?s:.*)did you mean 'toll'",
        ),
        ("one-mode", ("ann", "bobb"), "the row 'bobb' is not known(?s:.*)did you mean 'bob'"),
        ("one-mode", ("toll", "ann"), "the row 'toll' is not known"),
    ],
)
def test_a_tie_of_nobody_has_no_statements(kind: str, tie: tuple[str, str], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        analysis.network(YES_NO, kind=kind).statements(*tie)


def of(levels: Iterable[int]) -> pd.DataFrame:
    return spoken(*(("ann", "toll", level) for level in levels))


def test_more_levels_than_a_sum_of_powers_of_two_can_tell_apart_are_not_combined() -> None:
    assert analysis.network(of(range(52)), aggregation="combine").matrix.loc["ann", "toll"] == 2**52 - 1
    with pytest.raises(ParameterError, match=r"60 levels of stance(?s:.*)at most 5"):
        _ = analysis.network(of(range(60)), aggregation="combine").matrix
