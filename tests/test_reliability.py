"""Agreement between coders: published values, cases worked by hand, and how statements are matched."""

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest
from corpus_builder import said, tables

from analysis.coefficients import cohen_kappa, fleiss_kappa, gwet_ac1, krippendorff_alpha, percent_agreement
from analysis.errors import ParameterError
from analysis.matching import matched
from analysis.reliability import agreement, coded_twice, confusion, disagreements

KRIPPENDORFF = ("123321412...", "1233224125.3", ".3332342251.", "12332441251.")
COEFFICIENTS = (krippendorff_alpha, fleiss_kappa, gwet_ac1, percent_agreement)


def coders(*rows: str, is_number: bool = False) -> pd.DataFrame:
    """A column per row of signs, `.` for missing."""
    columns = {f"c{at}": [np.nan if sign == "." else sign for sign in row] for at, row in enumerate(rows)}
    return pd.DataFrame(columns, dtype=float if is_number else object)


def coded(coder: str, start: int, end: int, speaker: str = "ann", **other: Any) -> dict[str, Any]:
    stance = other.pop("stance", 1.0)
    return said(other.pop("article", "one"), speaker, other.pop("issue", "toll"), stance, coder_id=coder, start=start,
                end=end, **other)  # fmt: skip


def units(*rows: dict[str, Any], by: str = "overlap") -> list[list[str]]:
    found = matched(tables(rows).statements, by=by)
    return [[str(value).removeprefix("one/") for value in row] for row in found.fillna("-").to_numpy()]


@pytest.mark.parametrize(
    ("level", "alpha"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
)
def test_alpha_of_krippendorff_2011_four_coders(level: str, alpha: float) -> None:
    assert round(krippendorff_alpha(coders(*KRIPPENDORFF, is_number=True), level=level), 3) == alpha


@pytest.mark.parametrize(
    ("a", "b", "alpha"), [("0100000010", "1110010000", 0.095), ("aabbdcccedda", "babbbccceddd", 0.692)]
)
def test_alpha_of_krippendorff_2011_pairs(a: str, b: str, alpha: float) -> None:
    assert round(krippendorff_alpha(coders(a, b)), 3) == alpha


def naive_alpha(ratings: pd.DataFrame, level: str) -> float:
    """Krippendorff's formula pair by pair."""
    rows = [[v for v in row if v == v] for row in ratings.to_numpy()]  # noqa: PLR0124  # NaN differs from itself
    rows = [row for row in rows if len(row) > 1]
    pool = [v for row in rows for v in row]

    def differ(c: float, k: float) -> float:
        low, high = min(c, k), max(c, k)
        if level == "ordinal":
            between = sum(low <= v <= high for v in pool)
            return 0.0 if c == k else (between - (pool.count(c) + pool.count(k)) / 2) ** 2
        return {"nominal": float(c != k), "interval": (c - k) ** 2, "ratio": ((c - k) / (c + k or 1)) ** 2}[level]

    within = sum(sum(differ(c, k) for c, k in itertools.permutations(row, 2)) / (len(row) - 1) for row in rows)
    across = sum(differ(c, k) for c, k in itertools.permutations(pool, 2))
    return 1 - (len(pool) - 1) * within / across


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
@pytest.mark.parametrize("seed", range(5))
def test_alpha_is_that_of_the_naive_formula(level: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    ratings = pd.DataFrame(rng.integers(0, 5, (30, 4)).astype(float)).mask(rng.random((30, 4)) < 0.3)
    assert krippendorff_alpha(ratings, level=level) == pytest.approx(naive_alpha(ratings, level), abs=1e-12)


def test_coefficients_of_a_table_worked_by_hand() -> None:
    pair = coders("yyyyyynnnn", "yyyyynnnny")  # yy 5, yn 1, ny 1, nn 3
    assert percent_agreement(pair) == pytest.approx(0.8)
    assert cohen_kappa(pair["c0"], pair["c1"]) == pytest.approx((0.8 - 0.52) / 0.48)
    assert fleiss_kappa(pair) == pytest.approx((0.8 - 0.52) / 0.48)
    assert gwet_ac1(pair) == pytest.approx((0.8 - 0.48) / 0.52)
    assert gwet_ac1(pair, n_categories=3) == pytest.approx((0.8 - 0.24) / 0.76)


def test_three_coders_by_hand_and_a_unit_of_one_rating_is_left_out() -> None:
    ratings = coders("aab.", "abb.", "ab.a")  # units: aaa 1, abb 1/3, bb 1; the fourth is alone
    assert percent_agreement(ratings) == pytest.approx(7 / 9)
    share = (1 + 1 / 3 + 0) / 3  # of a
    chance = share**2 + (1 - share) ** 2
    assert fleiss_kappa(ratings) == pytest.approx((7 / 9 - chance) / (1 - chance))
    assert gwet_ac1(ratings) == pytest.approx((7 / 9 - (1 - chance)) / chance)


def test_coders_who_never_agree_have_kappa_zero_when_each_uses_one_category() -> None:
    assert cohen_kappa("aaa", "bbb") == 0


@pytest.mark.parametrize("measure", COEFFICIENTS)
@pytest.mark.parametrize("ratings", [coders("..", ".."), coders("ab"), coders("a.", ".b"), pd.DataFrame()])
def test_without_a_pair_nothing_is_defined(measure: Any, ratings: pd.DataFrame) -> None:
    assert np.isnan(measure(ratings))


def test_a_single_category_has_no_alpha_and_no_kappa_but_full_percent_and_ac1() -> None:
    same = coders("aaaa", "aaaa")
    found = [krippendorff_alpha(same), fleiss_kappa(same), cohen_kappa(same["c0"], same["c1"])]
    assert np.isnan(found).all()
    assert (percent_agreement(same), gwet_ac1(same)) == (1, 1)
    for level in ("ordinal", "interval", "ratio"):
        assert np.isnan(krippendorff_alpha(coders("00", "00", is_number=True), level=level))
    assert np.isnan(cohen_kappa([], []))


def test_an_unknown_level_names_the_nearest() -> None:
    with pytest.raises(ParameterError, match=r"the level 'intervall' is not known\n.*nominal, ordinal.*\n.*'interval'"):
        krippendorff_alpha(coders("ab", "ab"), level="intervall")


@pytest.mark.parametrize(("level", "values"), [("interval", ["a", 1]), ("ratio", [-1, 1]), ("ordinal", [np.inf, 1])])
def test_ratings_that_do_not_fit_the_level_are_told(level: str, values: list[Any]) -> None:
    with pytest.raises(
        ParameterError, match=rf"level '{level}' of ratings \[.*\] \(1 in all\)\n.*numbers.*\n.*nominal"
    ):
        krippendorff_alpha(pd.DataFrame({"a": values, "b": [1, 1]}), level=level)


def test_coders_of_different_length_are_told() -> None:
    with pytest.raises(ParameterError, match=r"got 2 and 1 ratings\n.*as many"):
        cohen_kappa("ab", "a")


def test_overlap_of_half_is_matched_and_less_is_not() -> None:
    assert units(coded("x", 0, 10), coded("y", 5, 10)) == [["s0", "s1"]]
    assert units(coded("x", 0, 11), coded("y", 6, 11)) == [["s0", "-"], ["-", "s1"]]
    assert units(coded("x", 0, 10), coded("y", 5, 10), by="exact") == [["s0", "-"], ["-", "s1"]]
    assert units(coded("x", 5, 10), coded("y", 5, 10), by="exact") == [["s0", "s1"]]
    assert units(coded("x", 5, 5), coded("y", 5, 5)) == [["s0", "s1"]]


def test_the_greatest_share_comes_first_then_the_first_place() -> None:
    assert units(coded("x", 0, 10), coded("y", 0, 7), coded("y", 1, 10)) == [["-", "s1"], ["s0", "s2"]]
    assert units(coded("x", 2, 10), coded("y", 0, 8), coded("y", 4, 12)) == [["s0", "s1"], ["-", "s2"]]


def test_statements_on_one_span_are_matched_by_what_they_share() -> None:
    rows = [
        coded(c, 0, 9, issue=issue) for c, issue in (("x", "toll"), ("x", "bridge"), ("y", "bridge"), ("y", "toll"))
    ]
    assert units(*rows) == [["s0", "s3"], ["s1", "s2"]]


def test_the_second_coding_of_one_span_by_one_coder_stands_alone() -> None:
    assert units(coded("x", 0, 9), coded("x", 0, 9), coded("y", 0, 9, "bob")) == [["s0", "s2"], ["s1", "-"]]


def test_any_two_of_three_coders_in_a_unit_overlap_by_half() -> None:
    assert units(coded("x", 0, 9), coded("y", 1, 9), coded("z", 0, 8)) == [["s0", "s1", "s2"]]
    assert units(coded("x", 0, 10), coded("y", 3, 13), coded("z", 5, 15)) == [["s0", "-", "-"], ["-", "s1", "s2"]]


def test_only_articles_of_two_coders_are_compared() -> None:
    rows = [coded("x", 0, 9), coded("x", 0, 9, article="two"), coded("y", 0, 9, article="two")]
    assert list(matched(tables(rows).statements).index) == [("two", "two/u1")]


def corpus(order: slice = slice(None)) -> Any:
    """Twelve spans of two coders: ann on toll throughout; y differs on two stances, once by a mixed one."""
    stances = [1.0, -1.0] * 6
    rows = [coded("x", at * 10, at * 10 + 9, stance=stance, statement_id=f"one/x{at}", quote=f"q{at}") for at, stance
            in enumerate(stances)]  # fmt: skip
    other = [*stances[:10], 0.5, None]
    rows += [coded("y", at * 10, at * 10 + 9, stance=stance, statement_id=f"one/y{at}") for at, stance
             in enumerate(other)]  # fmt: skip
    return tables([*rows, coded("x", 300, 310, "bob", issue="bridge", statement_id="one/x9alone")][order])


def test_agreement_of_a_corpus() -> None:
    table = agreement(corpus()).set_index("variable")
    assert table["level"].to_dict() == dict.fromkeys(table.index, "nominal") | {"stance": "interval"}
    assert table[["n_units", "n_alone", "n_coders"]].loc["speaker_id"].tolist() == [12, 1, 2]
    assert table[["n_units", "n_alone", "n_coders"]].loc["stance"].tolist() == [11, 2, 2]  # a mixed one is missing
    stance = table.loc["stance"]
    assert stance["percent"] == pytest.approx(10 / 11)
    values = [1.0, -1.0] * 5
    pair = pd.DataFrame({"x": [*values, 1.0], "y": [*values, 0.5]})
    assert stance["alpha"] == pytest.approx(naive_alpha(pair, "interval"))
    assert stance["kappa"] == pytest.approx(cohen_kappa(pair["x"], pair["y"]))
    assert stance["ac1"] == pytest.approx(gwet_ac1(pair, n_categories=5))
    assert stance["ci_low"] <= stance["alpha"] <= stance["ci_high"] <= 1
    assert table.loc["speaker_id", ["alpha", "kappa", "ci_low"]].isna().all()
    assert table.loc["speaker_id", ["percent", "ac1"]].tolist() == [1, 1]


def test_agreement_is_reproducible_and_knows_no_order_of_rows() -> None:
    pd.testing.assert_frame_equal(agreement(corpus(), seed=3), agreement(corpus(slice(None, None, -1)), seed=3))
    pd.testing.assert_frame_equal(disagreements(corpus()), disagreements(corpus(slice(None, None, -1))))
    low = [agreement(corpus(), seed=seed, variables=["stance"], draws=20)["ci_low"].item() for seed in range(4)]
    assert len(set(low)) > 1


def test_the_bootstrap_draws_units() -> None:
    rng = np.random.default_rng(1)
    rows = [coded(c, at * 10, at * 10 + 9, stance=float(s)) for at in range(40)
            for c, s in zip("xy", rng.choice([-1, 0, 1], 2), strict=True)]  # fmt: skip
    found = agreement(tables(rows), variables=["stance"], draws=2000).iloc[0]
    pair = np.array([row["stance"] for row in rows]).reshape(-1, 2)
    drawn = [krippendorff_alpha(pd.DataFrame(pair[rng.integers(0, 40, 40)]), level="interval") for _ in range(500)]
    assert found[["ci_low", "ci_high"]].tolist() == pytest.approx(np.percentile(drawn, [2.5, 97.5]), abs=0.06)
    assert agreement(tables(rows), variables=["stance"], draws=0)[["ci_low", "ci_high"]].isna().all(axis=None)


def test_groups_and_three_coders() -> None:
    rows = [coded(c, 0, 9, issue=i) for c, i in (("x", "toll"), ("y", "toll"), ("z", "bridge"))]
    rows += [coded(c, 20, 29, issue="bridge", article="one") for c in "xyz"]
    rows += [coded(c, 20, 29, issue="toll", article="two") for c in "xy"]
    corpus = tables(rows)
    table = agreement(corpus, variables=["issue_id", "speaker_id"], groups="issue_id").set_index(["variable", "group"])
    assert table["n_units"].to_dict() == {
        ("issue_id", "bridge"): 3, ("issue_id", "toll"): 3, ("speaker_id", "bridge"): 2, ("speaker_id", "toll"): 2,
    }  # fmt: skip
    whole = agreement(corpus, variables=["issue_id"]).iloc[0]
    assert table.loc[("issue_id", "toll"), "alpha"] == pytest.approx(whole["alpha"])
    assert (whole["n_coders"], whole["percent"]) == (3, pytest.approx((1 / 3 + 1 + 1) / 3))
    by_article = agreement(corpus, variables=["issue_id"], groups="article_id")
    assert by_article[["group", "n_units", "n_coders"]].to_numpy().tolist() == [["one", 2, 3], ["two", 1, 2]]


@pytest.mark.parametrize("rows", [[], [coded("x", 0, 9)], [coded("x", 0, 9), coded("y", 0, 9, article="two")]])
def test_one_coder_gives_empty_tables_of_the_same_types(rows: list[dict[str, Any]]) -> None:
    for measure in (agreement, disagreements, coded_twice, confusion):
        empty, full = measure(tables(rows)), measure(corpus())
        assert empty.empty
        pd.testing.assert_series_equal(empty.dtypes, full.dtypes)


def test_all_missing_is_a_row_of_nothing() -> None:
    rows = [coded("x", 0, 9, stance=None), coded("y", 0, 9, stance=None)]
    row = agreement(tables(rows), variables=["stance", "speech"])
    assert row["n_units"].tolist() == row["n_coders"].tolist() == row["n_alone"].tolist() == [0, 0]
    assert row[["percent", "alpha", "ci_low", "ci_high", "kappa", "ac1"]].isna().all(axis=None)


def test_disagreements_stand_side_by_side() -> None:
    table = disagreements(corpus(), variables=["stance", "issue_id"])
    columns = ["variable", "kind", "statement_id_1", "value_1", "quote_1", "statement_id_2", "value_2"]
    assert table[columns].fillna("-").to_numpy().tolist() == [
        ["stance", "values differ", "one/x10", "1", "q10", "one/y10", "0.5"],
        ["stance", "values differ", "one/x11", "-1", "q11", "one/y11", "mixed"],
        ["stance", "only one coder", "one/x9alone", "1", "-", "-", "-"],
        ["issue_id", "only one coder", "one/x9alone", "bridge", "-", "-", "-"],
    ]
    assert table[["coder_id_1", "coder_id_2"]].drop_duplicates().to_numpy().tolist() == [["x", "y"]]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (
            {"variables": ["speaker"]},
            r"the variable 'speaker' is not known\n.*speaker_id.*\n.*did you mean 'speaker_id'",
        ),
        ({"by": "exakt"}, r"the matching rule 'exakt' is not known\n.*overlap, exact\n.*'exact'"),
        ({"groups": "issue"}, r"the group 'issue' is not known\n.*issue_id, article_id\n.*'issue_id'"),
    ],
)
def test_what_is_not_known_is_told(asked: dict[str, Any], told: str) -> None:
    with pytest.raises(ParameterError, match=told):
        agreement(corpus(), **asked)


def test_what_was_coded_twice_is_counted_by_article_and_coder() -> None:
    rows = [coded("x", 0, 9), coded("y", 0, 9), coded("x", 20, 29), coded("x", 40, 49), coded("z", 60, 69)]
    rows += [coded("x", 0, 9, article="two"), coded("x", 0, 9, article="six"), coded("z", 0, 9, article="six")]
    assert coded_twice(tables(rows)).to_numpy().tolist() == [
        ["one", "x", 3, 1, 2],
        ["one", "y", 1, 1, 0],
        ["one", "z", 1, 0, 1],
        ["six", "x", 1, 1, 0],
        ["six", "z", 1, 1, 0],
    ]
    near = [coded("x", 0, 9), coded("y", 0, 8)]
    assert coded_twice(tables(near), by="exact")["n_matched"].tolist() == [0, 0]
    with pytest.raises(ParameterError, match="the matching rule 'exakt' is not known"):
        coded_twice(tables(near), by="exakt")


def test_confusion_counts_the_values_that_two_coders_gave_to_one_unit() -> None:
    assert confusion(corpus()).to_numpy().tolist() == [
        ["x", "y", "-1", "-1", 5],
        ["x", "y", "-1", "mixed", 1],
        ["x", "y", "1", "0.5", 1],
        ["x", "y", "1", "1", 5],
    ]
    three = [coded(c, 0, 9, organisation_id=o) for c, o in (("x", "union"), ("y", "union"), ("z", None))]
    assert confusion(tables(three), variable="organisation_id").fillna("-").to_numpy().tolist() == [
        ["x", "y", "union", "union", 1],
        ["x", "z", "union", "-", 1],
        ["y", "z", "union", "-", 1],
    ]
    with pytest.raises(ParameterError, match="the variable 'stanse' is not known"):
        confusion(corpus(), variable="stanse")


def test_confusion_adds_up_to_the_units_that_agreement_compares() -> None:
    row = agreement(corpus(), variables=["issue_id"]).iloc[0]
    counts = confusion(corpus(), variable="issue_id")
    assert counts["n_units"].sum() == row["n_units"]
    assert counts.loc[counts["value_1"] == counts["value_2"], "n_units"].sum() / row["n_units"] == row["percent"]
