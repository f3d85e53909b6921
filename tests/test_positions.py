"""How actors lie to each other: similarity and order, salience and controversy, change between periods."""

import datetime as dt
import math
import random
from collections import defaultdict
from itertools import combinations, pairwise, product
from statistics import mean, pvariance
from typing import Any

import numpy as np
import pandas as pd
import pytest
from corpus_builder import assert_equal_tables, said, tables
from scipy import integrate, stats
from scipy.cluster import hierarchy

import analysis
from analysis import dates
from analysis.errors import ParameterError
from analysis.positions import change
from analysis.positions.ordering import leaf_order
from analysis.schema import STANCES, Tables

NO = float("nan")
PAIR = ["source", "target", "distance", "n_shared"]
SHIFT = ["actor", "issue_id", "period_before", "period_after", "kind"]


def cells(rows: dict[str, dict[str, float]]) -> pd.DataFrame:
    """Cells as `stance_cells` gives them, from actor → issue → stance; NaN is mixed. Each rests on one statement."""
    table = [(actor, issue, stance) for actor, said in rows.items() for issue, stance in said.items()]
    frame = pd.DataFrame(table, columns=["actor", "issue_id", "stance"])
    frame = frame.astype({"actor": "str", "issue_id": "str", "stance": "float64"})
    sides = [frame["stance"] > 0, frame["stance"] < 0, frame["stance"] == 0]
    state = np.select(sides, ["support", "oppose", "neutral"], default="mixed")
    return frame.assign(state=pd.Series(state, dtype="str"), n_statements=1)


def drawn(seed: int, *, actors: int = 9, issues: int = 5) -> pd.DataFrame:
    """Random cells with gaps and mixed ones, in random order."""
    pick = random.Random(seed)  # noqa: S311  # seeded draws, no secrets
    names, topics = [f"a{at}" for at in range(actors)], [f"i{at}" for at in range(issues)]
    rows = {name: {i: pick.choice([*STANCES, 1 / 3, NO]) for i in topics if pick.random() < 0.5} for name in names}
    return cells(rows).sample(frac=1, random_state=seed, ignore_index=True)


MEASURES = [analysis.stance_similarity, analysis.stance_clusters, analysis.issue_salience]


# Similarity


def test_similarity_is_one_minus_half_the_mean_difference_over_shared_issues() -> None:
    table = cells({"bob": {"x": 0.5, "y": -1, "z": 1}, "ann": {"x": 1, "y": 1, "w": 0}, "cid": {"x": 1, "y": 1}})
    found = analysis.stance_similarity(table)
    # ann–bob: (|1 − 0.5| + |1 + 1|) / 2 over the two issues x and y = (0.25 + 1) / 2 = 0.625; bob–cid the same
    assert found[PAIR].to_numpy().tolist() == [
        ["ann", "bob", 0.625, 2],
        ["ann", "cid", 0.0, 2],
        ["bob", "cid", 0.625, 2],
    ]
    assert found["similarity"].tolist() == [0.375, 1.0, 0.375]


def test_a_pair_that_shares_too_little_has_no_row_and_mixed_is_not_shared() -> None:
    table = cells({"ann": {"x": 1, "y": NO}, "bob": {"x": -1, "y": 1}, "cid": {"z": 0}})
    assert analysis.stance_similarity(table).empty
    found = analysis.stance_similarity(table, least_shared=1)
    assert found[PAIR].to_numpy().tolist() == [["ann", "bob", 1.0, 1]]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("least", [1, 2, 3])
def test_similarity_is_that_of_a_naive_computation(seed: int, least: int) -> None:
    table = drawn(seed)
    stance = {(row.actor, row.issue_id): row.stance for row in table.itertuples() if not math.isnan(row.stance)}
    expected = []
    for one, other in combinations(sorted(set(table["actor"])), 2):
        shared = [i for i in sorted(set(table["issue_id"])) if (one, i) in stance and (other, i) in stance]
        if len(shared) >= least:
            gap = mean(abs(stance[one, i] - stance[other, i]) / 2 for i in shared)
            expected.append([one, other, pytest.approx(gap), len(shared)])
    found = analysis.stance_similarity(table, least_shared=least)
    assert found[PAIR].to_numpy().tolist() == expected
    assert found["similarity"].tolist() == pytest.approx((1 - found["distance"]).tolist())


# Clusters and order


def test_like_stands_beside_like_and_the_tree_is_cut_at_the_distance_asked_for() -> None:
    table = cells({"ann": {"x": -1}, "bob": {"x": 1}, "cid": {"x": -0.5}, "dee": {"x": 0.5}})
    found = analysis.stance_clusters(table)
    # bob–dee and cid–ann are 0.25 apart, one step; the two pairs (0.5 + 0.75 + 0.75 + 1) / 4 = 0.75
    assert found[["actor", "position", "cluster"]].to_numpy().tolist() == [
        ["bob", 0, 1],
        ["dee", 1, 1],
        ["cid", 2, 2],
        ["ann", 3, 2],
    ]
    clusters = {at: analysis.stance_clusters(table, at=at)["cluster"].tolist() for at in (0, 0.24, 0.74, 0.75, 1)}
    apart = [1, 2, 3, 4]
    assert clusters == {0: apart, 0.24: apart, 0.74: [1, 1, 2, 2], 0.75: [1, 1, 1, 1], 1: [1, 1, 1, 1]}


def test_a_height_that_rounding_spoils_is_still_the_distance_asked_for() -> None:
    table = cells({"ann": {"x": -1}, "bob": {"x": -0.9}, "cid": {"x": -0.8}})
    assert analysis.stance_clusters(table, at=0.075)["cluster"].tolist() == [1, 1, 1]  # (0.05 + 0.1) / 2


def test_a_pair_that_cannot_be_compared_counts_with_the_mean_of_the_known_distances() -> None:
    table = cells({"ann": {"x": 1}, "bob": {"x": 1, "y": 1}, "cid": {"y": 0.5}})
    # ann–bob 0, bob–cid 0.25, so ann–cid counts as 0.125: cid joins ann and bob at (0.25 + 0.125) / 2 = 0.1875, beside
    # ann, as 0 + 0.125 is less than 0 + 0.25
    assert analysis.stance_clusters(table, at=0.1875)["cluster"].tolist() == [1, 1, 1]
    found = analysis.stance_clusters(table, at=0.1874)
    assert found[["actor", "cluster", "n_compared", "n_shared_min"]].to_numpy().tolist() == [
        ["bob", 1, 2, 1],
        ["ann", 1, 1, 1],
        ["cid", 2, 1, 1],
    ]


def test_who_cannot_be_compared_has_a_place_of_its_own_behind_the_larger_components() -> None:
    table = cells(
        {"ann": {"w": 1}, "bob": {"v": NO}, "cid": {"y": 1}, "dee": {"y": 1}, "eve": {"x": 0}}
        | {"fay": {"x": 0, "z": -1}, "gus": {"z": -1}, "hal": {"v": 0}}
    )
    found = analysis.stance_clusters(table)
    assert list(found["actor"]) == ["eve", "fay", "gus", "cid", "dee", "ann", "bob", "hal"]
    assert found["component"].tolist() == [1, 1, 1, 2, 2, 3, 4, 5]
    assert found["cluster"].tolist() == [1, 1, 1, 2, 2, 3, 4, 5]
    assert found["n_compared"].tolist() == [1, 2, 1, 1, 1, 0, 0, 0]
    assert found["n_shared_min"].tolist() == [1, 1, 1, 1, 1, 0, 0, 0]
    matrix = analysis.stance_matrix(table, actors=list(found["actor"]))
    assert list(matrix.index) == list(found["actor"])


def test_the_fewest_shared_issues_are_those_of_comparable_pairs() -> None:
    table = cells({"ann": {"x": 1, "y": 1, "z": 1}, "bob": {"x": 1, "y": 1, "z": 1}, "cid": {"x": 1, "y": 0}})
    found = analysis.stance_clusters(table, least_shared=2).set_index("actor")
    assert found["n_shared_min"].to_dict() == {"ann": 2, "bob": 2, "cid": 2}
    found = analysis.stance_clusters(table, least_shared=3).set_index("actor")
    assert found["n_shared_min"].to_dict() == {"ann": 3, "bob": 3, "cid": 0}
    assert found["component"].to_dict() == {"ann": 1, "bob": 1, "cid": 2}


@pytest.mark.parametrize(
    ("rows", "first"),
    [
        ({"ann": {"x": -1}, "bob": {"x": 1}}, "bob"),
        ({"ann": {"x": 1}, "bob": {"x": -1}}, "ann"),
        ({"ann": {"x": 0}, "bob": {"x": 0}}, "ann"),
        ({"ann": {"x": 1, "y": -1}, "bob": {"x": -1, "y": 1}}, "ann"),
    ],
)
def test_the_more_supportive_end_comes_first_then_the_alphabet(rows: dict[str, dict[str, float]], first: str) -> None:
    assert analysis.stance_clusters(cells(rows))["actor"].iloc[0] == first


def orders(tree: hierarchy.ClusterNode) -> list[list[int]]:
    """All orders of leaves that a tree allows."""
    if tree.is_leaf():
        return [[tree.id]]
    sides = list(product(orders(tree.left), orders(tree.right)))
    return [one + other for one, other in sides] + [other + one for one, other in sides]


def total(order: list[int], gaps: np.ndarray) -> float:
    """The sum of the distances between neighbours."""
    return sum(gaps[one, other] for one, other in pairwise(order))


@pytest.mark.parametrize("seed", range(5))
def test_no_other_order_that_the_tree_allows_has_nearer_neighbours(seed: int) -> None:
    stance = np.random.default_rng(seed).uniform(-1, 1, (6, 3)).round(3)
    names = list("abcdef")
    table = cells({name: dict(zip("xyz", row, strict=True)) for name, row in zip(names, stance.tolist(), strict=True)})
    gaps = np.abs(stance[:, None] - stance[None]).mean(axis=2) / 2
    tree = hierarchy.linkage(gaps[np.triu_indices(6, 1)], "average")
    best = min(total(order, gaps) for order in orders(hierarchy.to_tree(tree)))
    found = analysis.stance_clusters(table, at=0.2)
    assert total([names.index(name) for name in found["actor"]], gaps) == pytest.approx(best, abs=1e-6)
    flat = dict(zip(names, hierarchy.fcluster(tree, 0.2, "distance").tolist(), strict=True))
    together = found.groupby("cluster")["actor"].agg(set).tolist()
    assert sorted(map(sorted, together)) == sorted(
        sorted(n for n in names if flat[n] == at) for at in set(flat.values())
    )
    assert found["cluster"].diff().iloc[1:].isin([0, 1]).all()


@pytest.mark.parametrize("method", ["average", "single"])
@pytest.mark.parametrize("n", [1, 2, 3, 5, 8])
@pytest.mark.parametrize("digits", [1, 6])
def test_the_order_of_leaves_is_the_best_of_all_orders_ties_included(method: str, n: int, digits: int) -> None:
    for seed in range(10):
        places = np.random.default_rng(seed).uniform(0, 1, (n, 2)).round(digits)
        gaps = np.abs(places[:, None] - places[None]).mean(axis=2)
        tree = hierarchy.linkage(gaps[np.triu_indices(n, 1)], method) if n > 1 else np.empty((0, 4))
        found = leaf_order(tree, gaps)
        lengths = (
            {tuple(order): total(order, gaps) for order in orders(hierarchy.to_tree(tree))} if n > 1 else {(0,): 0}
        )
        assert lengths[tuple(found)] == pytest.approx(min(lengths.values()), abs=1e-9)
        assert found[0] <= found[-1]


def test_a_tree_as_deep_as_it_has_leaves_is_ordered() -> None:
    places = np.cumsum(np.arange(1100.0))[:, None] / 1e6
    tree = hierarchy.linkage(places, "single")
    assert leaf_order(tree, np.abs(places - places.T)) == list(range(1100))


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_the_input_is_irrelevant(seed: int) -> None:
    table = drawn(seed, actors=14)
    shuffled = table.sample(frac=1, random_state=seed + 1)
    for measure in MEASURES:
        pd.testing.assert_frame_equal(measure(table), measure(shuffled))


# Salience


def test_salience_and_controversy_of_a_case_worked_by_hand() -> None:
    table = cells(
        {
            "ann": {"x": 1, "y": 1},
            "bob": {"x": -1, "y": 0.5},
            "cid": {"x": 0, "y": NO},
            "dee": {"x": NO},
            "eve": {"x": 1},
        }
    )
    table["n_statements"] = [3, 1, 1, 2, 1, 1, 1, 2]
    found = analysis.issue_salience(table)
    counts = ["n_actors", "n_statements", "n_actors_support", "n_actors_neutral", "n_actors_oppose", "n_actors_mixed"]
    assert found["issue_id"].tolist() == ["x", "y"]
    assert found[counts].to_numpy().tolist() == [[5, 8, 2, 1, 1, 1], [3, 4, 2, 0, 0, 1]]
    assert found["share_statements"].tolist() == pytest.approx([8 / 12, 4 / 12])
    # x: stances 1, −1, 0, 1 with mean 0.25: (0.5625 + 1.5625 + 0.0625 + 0.5625) / 4 = 0.6875; y: 1, 0.5: 0.25²
    assert found["stance"].tolist() == [0.25, 0.75]
    assert found["controversy"].tolist() == [0.6875, 0.0625]


@pytest.mark.parametrize(
    ("stances", "controversy"),
    [
        ([1, -1], 1.0),
        ([1, 1, -1, -1], 1.0),
        ([1, 1, -1], 1 - 1 / 9),
        ([0.5, -0.5], 0.25),
        ([1, 1, 1], 0.0),
        ([1 / 3, 1 / 3, 1 / 3], 0.0),
        ([1, 0, 0], NO),
        ([0, 0], NO),
        ([1, NO], NO),
        ([NO, NO], NO),
    ],
)
def test_controversy_runs_from_agreement_to_even_halves(stances: list[float], controversy: float) -> None:
    table = cells({f"a{at}": {"x": stance} for at, stance in enumerate(stances)})
    assert analysis.issue_salience(table)["controversy"].iloc[0] == pytest.approx(controversy, abs=1e-12, nan_ok=True)


def test_equal_stances_have_no_controversy_whatever_rounding_leaves() -> None:
    table = cells({"ann": {"x": (1 + 2 / 3) / 2}, "bob": {"x": 5 / 6}})
    assert table["stance"].nunique() == 2
    assert analysis.issue_salience(table)["controversy"].tolist() == [0.0]


@pytest.mark.parametrize("seed", range(3))
def test_salience_is_that_of_a_naive_computation(seed: int) -> None:
    table = drawn(seed, actors=20)
    found = analysis.issue_salience(table).set_index("issue_id")
    by_issue: dict[str, list[float]] = defaultdict(list)
    for row in table.itertuples():
        by_issue[row.issue_id].append(row.stance)
    assert sorted(by_issue) == found.index.tolist()
    for issue, stances in by_issue.items():
        known = [value for value in stances if not math.isnan(value)]
        row = found.loc[issue]
        assert (
            row["n_actors"]
            == len(stances)
            == row[["n_actors_support", "n_actors_neutral", "n_actors_oppose", "n_actors_mixed"]].sum()
        )
        assert (row["stance"], row["controversy"]) == pytest.approx((mean(known), pvariance(known)))


# What all of them do with little and with wrong input


@pytest.mark.parametrize("measure", MEASURES)
def test_little_in_gives_tables_of_full_type_out(measure: Any) -> None:
    full = measure(drawn(0))
    assert not full.empty
    rows = cells({"ann": {"x": 1, "y": 0}, "bob": {"x": NO}})
    untyped = pd.DataFrame(columns=["actor", "issue_id", "stance", "state", "n_statements"])
    one, mixed, alone = rows.iloc[:1], rows[rows["stance"].isna()], rows[rows["actor"] == "ann"]
    for little in (rows.iloc[:0], untyped, one, mixed, alone):
        found = measure(little)
        pd.testing.assert_series_equal(found.dtypes, full.dtypes)
        assert isinstance(found.index, pd.RangeIndex)
        expected = little["issue_id"].nunique() if measure is analysis.issue_salience else little["actor"].nunique()
        assert len(found) == (0 if measure is analysis.stance_similarity else expected)


@pytest.mark.parametrize("measure", MEASURES)
def test_measures_leave_the_cells_as_they_were(measure: Any) -> None:
    table = drawn(1)
    before = table.copy()
    measure(table)
    pd.testing.assert_frame_equal(table, before)


@pytest.mark.parametrize("measure", MEASURES)
def test_columns_that_lack_are_told_all_at_once_with_the_nearest(measure: Any) -> None:
    table = drawn(0).drop(columns="stance").rename(columns={"issue_id": "issue"})
    expected = (
        "^cells have no column 'issue_id'\n    next: did you mean 'issue'\\?\n"
        "cells have no column 'stance'\n    next: did you mean 'state'\\?\n2 problems$"
    )
    with pytest.raises(ParameterError, match=expected):
        measure(table)
    with pytest.raises(ParameterError, match=r"no column 'actor'\n    next: cells are what stance_cells returns"):
        measure(pd.DataFrame())


def test_salience_asks_for_the_columns_that_it_alone_needs() -> None:
    with pytest.raises(ParameterError, match=r"no column 'n_statements'[^§]*no column 'state'"):
        analysis.issue_salience(drawn(0)[["actor", "issue_id", "stance"]])


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("wrong", [1.5, -2, math.inf, "yes"])
def test_a_stance_beyond_the_scale_is_refused(measure: Any, wrong: object) -> None:
    table = cells({"ann": {"x": 1, "y": NO}, "bob": {"x": 1}}).astype({"stance": object})
    table.loc[0, "stance"] = wrong
    expected = rf"^1 cells with a stance beyond the scale: \[{wrong!r}\]\n    expected: a number from −1 to 1, or none$"
    with pytest.raises(ParameterError, match=expected):
        measure(table)


@pytest.mark.parametrize("measure", MEASURES)
def test_a_cell_with_two_rows_is_refused(measure: Any) -> None:
    table = cells({"ann": {"x": 1}, "bob": {"x": 1}})
    with pytest.raises(ParameterError, match=r"^1 cells with more than one row: \['ann on x'\]\n    expected: one row"):
        measure(pd.concat([table, table.iloc[:1].assign(stance=0.5)]))


@pytest.mark.parametrize("measure", MEASURES[:2])
@pytest.mark.parametrize("least", [0, -1])
def test_fewer_than_one_shared_issue_is_refused(measure: Any, least: int) -> None:
    with pytest.raises(ParameterError, match=f"^least_shared is {least}\n    expected: a whole number from 1 up$"):
        measure(drawn(0), least_shared=least)


@pytest.mark.parametrize("at", [-0.1, 1.1, NO])
def test_a_cut_that_is_no_distance_is_refused(at: float) -> None:
    with pytest.raises(ParameterError, match=f"^the distance at is {at}\n    expected: a number from 0 to 1$"):
        analysis.stance_clusters(drawn(0), at=at)


# Change between periods


def on(
    date: str, stance: float | None, *, actor: str = "ann", issue: str = "bridge", article: str = ""
) -> dict[str, Any]:
    """A statement of this date, in an article of its own unless one is named."""
    when = dates.parse(date)
    days = {"date_start": when.start, "date_end": when.end, "date_precision": when.precision}
    return said(article or f"{actor}-{issue}-{date}".replace("/", "_"), actor, issue, stance, **days)


def changed(*rows: dict[str, Any], at: str | list[str] = "2024") -> pd.DataFrame:
    """The changes in tables of these statements."""
    return analysis.stance_change(tables(rows), at)


@pytest.mark.parametrize(
    ("before", "after", "kind", "by"),
    [
        ([1], [1], "kept", 0.0),
        ([0.5], [1], "moved", 0.5),
        ([-0.5], [-1], "moved", -0.5),
        ([1], [-0.5], "flipped", -1.5),
        ([-1], [1], "flipped", 2.0),
        ([1], [0], "to_neutral", -1.0),
        ([-1], [1, -1], "to_mixed", 1.0),
        ([1], [None], "to_mixed", NO),
        ([0], [-1], "from_neutral", -1.0),
        ([None], [1], "from_mixed", NO),
        ([0], [None], "to_mixed", NO),
        ([1, -1], [0], "to_neutral", 0.0),
        ([None], [1, -1], "kept", NO),
        ([0], [0], "kept", 0.0),
    ],
)
def test_the_kinds_of_change(before: list[float | None], after: list[float | None], kind: str, by: float) -> None:
    found = changed(*[on("2023", value) for value in before], *[on("2024", value) for value in after])
    assert found["kind"].tolist() == [kind]
    assert found["change"].iloc[0] == pytest.approx(by, nan_ok=True)


def test_stances_that_differ_by_rounding_only_are_kept() -> None:
    before = [on("2023", value, article="x") for value in (1, 1, 1)] + [
        on("2023", value, article="y") for value in (1, 1, 0)
    ]
    found = changed(*before, *[on("2024", value) for value in (1, 1, 0.5)])  # (1 + 2/3) / 2 and 2.5 / 3
    assert found["change"].iloc[0] != 0
    assert found["kind"].tolist() == ["kept"]


def test_a_period_begins_with_the_first_day_of_its_date() -> None:
    found = changed(on("2024-05-27", -1), on("2024-05-28", 1), at="2024-05-28")
    assert found[["period_before", "period_after"]].to_numpy().tolist() == [["before 2024-05-28", "from 2024-05-28"]]
    assert found[["stance_before", "stance_after"]].to_numpy().tolist() == [[-1.0, 1.0]]
    assert found["since"].tolist() == [pd.Timestamp("2024-05-28")]
    assert changed(on("2024-05-27", -1), on("2024-05-28", 1), at="2024-05").empty


def test_a_date_that_may_lie_in_either_period_lies_in_none_and_is_counted() -> None:
    rows = [on("2023-12", 1), on("2023-12/2024-01", -1), on("2023/2024", -1), on("2024-01", 1)]
    found = changed(*rows, on("2023/2024", 1, issue="toll"), on("2023", 1, issue="toll"))
    assert found[[*SHIFT, "n_unplaced"]].to_numpy().tolist() == [
        ["ann", "bridge", "before 2024-01-01", "from 2024-01-01", "kept", 2]
    ]
    assert found["loyalty"].tolist() == [1.0]


def test_only_periods_that_follow_each_other_are_compared() -> None:
    rows = [on("2021", 1), on("2022", 0.5), on("2024", -1), on("2023/2024", 0), on("2021/2022", 0)]
    rows += [on("2020", 1, actor="bob"), on("2023", -1, actor="bob")]
    found = changed(*rows, at=["2024", "2022", "2023", "2022"])
    assert found[[*SHIFT, "n_unplaced"]].to_numpy().tolist() == [
        ["ann", "bridge", "before 2022-01-01", "2022", "moved", 1]
    ]
    found = changed(*rows, at=["2024", "2022"])
    assert found[[*SHIFT, "n_unplaced"]].to_numpy().tolist() == [
        ["ann", "bridge", "before 2022-01-01", "2022 to 2023", "moved", 2],
        ["ann", "bridge", "2022 to 2023", "from 2024-01-01", "flipped", 2],
        ["bob", "bridge", "before 2022-01-01", "2022 to 2023", "flipped", 0],
    ]


def test_loyalty_is_the_share_of_comparable_issues_with_the_same_side() -> None:
    before = {"a": 1, "b": -0.5, "c": 1, "d": 0, "e": 1, "f": None, "g": 1}
    after = {"a": 0.5, "b": -1, "c": -1, "d": 0, "e": 0, "f": 1}
    rows = [on("2023", stance, issue=issue) for issue, stance in before.items()]
    rows += [on("2024", stance, issue=issue) for issue, stance in after.items()]
    rows += [on("2023", None, actor="bob"), on("2024", 1, actor="bob")]
    found = changed(*rows)
    # a, b and d kept their side, c and e did not; f has no stance before, g none after: 3 of 5
    assert found.groupby("actor")[["loyalty", "n_comparable"]].first().loc["ann"].tolist() == [0.6, 5]
    assert found[found["actor"] == "ann"].groupby(["loyalty", "n_comparable"]).size().tolist() == [6]
    bob = found[found["actor"] == "bob"].iloc[0]
    assert (bob["n_comparable"], math.isnan(bob["loyalty"])) == (0, True)


def test_a_text_that_was_copied_later_counts_once_over_all_periods() -> None:
    rows = [on("2023", 1, article="x"), on("2024-02", 1, article="y"), on("2024-03", -1, article="z")]
    published = {"x": "2023-05", "y": "2024-02", "z": "2024-03"}
    found = analysis.stance_change(tables(rows, origins={"x": "wire", "y": "wire"}, published=published), "2024")
    assert found[["stance_before", "stance_after", "n_articles_before", "n_articles_after"]].to_numpy().tolist() == [
        [1.0, -1.0, 1, 1]
    ]


def years(before: list[float], after: list[float]) -> list[dict[str, Any]]:
    """These stances in 2023 and 2024, each in an article of its own."""
    rows = [on("2023", value, article=f"b{at}") for at, value in enumerate(before)]
    return rows + [on("2024", value, article=f"a{at}") for at, value in enumerate(after)]


@pytest.mark.parametrize(("n_before", "n_after", "is_thin"), [(2, 5, True), (5, 2, True), (3, 3, False)])
def test_an_interval_asks_for_three_articles_on_either_side(n_before: int, n_after: int, is_thin: bool) -> None:  # noqa: FBT001  # drawn by pytest
    found = changed(*years([0.5] * n_before, [1] * n_after)).iloc[0]
    assert (found["ci_method"] == "thin") == is_thin == math.isnan(found["ci_low"]) == math.isnan(found["ci_high"])
    assert found["ci_method"] in ("thin", "melded Gaffke 95%")
    mixed = [*years([0.5, 0.5], [1] * 3), on("2023", None, article="m")]
    assert changed(*mixed)[["ci_method", "n_articles_before"]].to_numpy().tolist() == [["thin", 3]]


def test_at_the_ends_of_the_scale_the_interval_is_that_of_fay_and_agrees_with_fishers_test() -> None:
    found = changed(*years([-1] * 4, [1] * 4)).iloc[0]
    # L(after) is 2 B − 1 with B ~ Beta(4, 1), U(before) is 1 − 2 C with C ~ Beta(4, 1), both like the largest of four
    # uniform draws: L − U < 0 is B + C < 1, with the chance 1 / (8 over 4) = 1/70 < 0.025 of Fisher's one-sided test
    largest = stats.beta(4, 1)

    def below(rise: float) -> float:
        return integrate.quad(lambda b: largest.pdf(b) * largest.cdf(1 + rise / 2 - b), 0, 1)[0]

    assert below(0) == pytest.approx(1 / 70)
    assert below(found["ci_low"]) <= 0.025 <= below(found["ci_low"] + 0.015)
    assert found["ci_low"] > 0
    assert found["ci_high"] == 2
    three = changed(*years([-1] * 3, [1] * 3)).iloc[0]
    assert (three["ci_low"] < 0, three["ci_high"]) == (True, 2)  # Fisher: 1 / (6 over 3) = 0.05


def test_turning_time_or_sides_turns_the_interval() -> None:
    before, after = [1, 0.5, -0.5], [0, 1, -1, 0.5]
    low, high = changed(*years(before, after))[["ci_low", "ci_high"]].iloc[0]
    assert low < mean(after) - mean(before) < high
    turned = changed(*years(after, before))[["ci_low", "ci_high"]].iloc[0]
    assert turned.tolist() == pytest.approx([-high, -low], abs=1e-12)
    other = changed(*years([-v for v in before], [-v for v in after]))[["ci_low", "ci_high"]].iloc[0]
    assert other.tolist() == pytest.approx([-high, -low], abs=1e-12)


@pytest.mark.parametrize(
    ("before", "after"),
    [((0.9, 0, 0, 0, 0.1), (0.1, 0, 0, 0, 0.9)), ((0.5, 0, 0, 0, 0.5),) * 2, ((0.05, 0.05, 0.1, 0.2, 0.6), (0.2,) * 5)],
)
@pytest.mark.parametrize("sizes", [(3, 3), (3, 6), (5, 5)])
def test_in_a_simulation_the_interval_of_a_change_covers(
    before: tuple[float, ...], after: tuple[float, ...], sizes: tuple[int, int]
) -> None:
    steps = np.array(STANCES[::-1])
    truth = float(steps @ after - steps @ before)
    draw = np.random.default_rng(20240528)
    shares = (before, after)
    sides = [np.sort(draw.choice(steps, (1000, n), p=p), axis=1) for n, p in zip(sizes, shares, strict=True)]
    samples, counts = np.unique(np.hstack(sides), axis=0, return_counts=True)
    ends = [change._interval(sample[: sizes[0]], sample[sizes[0] :]) for sample in samples.tolist()]
    held = [low - 1e-9 <= truth <= high + 1e-9 for low, high, _ in ends]
    assert np.average(held, weights=counts) >= 0.95


@pytest.mark.parametrize("actor", ["speaker_id", "organisation_id"])
def test_nothing_to_compare_gives_an_empty_table_of_full_type(actor: str) -> None:
    rows = [on("2023", 1) | {"organisation_id": "ministry"}, on("2024", 1) | {"organisation_id": "ministry"}]
    full = analysis.stance_change(tables(rows), "2024", actor=actor)
    assert len(full) == 1
    one_period = tables(rows[:1])
    for corpus, at in [(tables(), "2024"), (one_period, "2024"), (tables(rows), []), (tables(rows), "1999")]:
        empty = analysis.stance_change(corpus, at, actor=actor)
        assert len(empty) == 0
        assert isinstance(empty.index, pd.RangeIndex)
        pd.testing.assert_series_equal(empty.dtypes, full.dtypes)


@pytest.mark.parametrize("at", ["", "2024-13", ["2023", "May"]])
def test_a_date_that_is_none_is_refused(at: str | list[str]) -> None:
    with pytest.raises(ParameterError, match=r"^the date at is '(2024-13|May|)'\n    expected: an ISO 8601 date"):
        changed(on("2023", 1), at=at)


def test_an_unknown_column_of_actors_is_told() -> None:
    with pytest.raises(ParameterError, match=r"^the actor column 'speaker' is not known"):
        analysis.stance_change(tables([on("2023", 1)]), "2024", actor="speaker")


def random_corpus(seed: int) -> Tables:
    """Statements of three actors over four years, some with dates that no period holds."""
    pick = random.Random(seed)  # noqa: S311  # seeded draws, no secrets
    when = ["2021", "2022-03", "2022", "2023-05-06", "2021-06/2022-05", "2022/2024", "2024-01", "2024"]
    rows = [
        on(pick.choice(when), pick.choice([*STANCES, None]), actor=pick.choice("abc"), issue=pick.choice("ij"))
        | {"article_id": f"x{pick.randrange(15)}"}
        for _ in range(80)
    ]
    return tables(rows)


@pytest.mark.parametrize("seed", range(4))
def test_changes_are_those_of_a_naive_computation(seed: int) -> None:
    corpus = random_corpus(seed)
    before = random_corpus(seed)
    found = analysis.stance_change(corpus, ["2022", "2023-06"])
    assert_equal_tables(corpus, before)
    starts = [dt.datetime(2022, 1, 1), dt.datetime(2023, 6, 1)]
    heard: dict[tuple[str, str], dict[int, dict[str, list[float]]]] = defaultdict(lambda: defaultdict(dict))
    unplaced: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for row in corpus.statements.itertuples():
        first, last = (sum(day >= start for start in starts) for day in (row.date_start, row.date_end))
        key = row.speaker_id, row.issue_id
        if first != last:
            unplaced[key].append((first, last))
            continue
        values = heard[key][first].setdefault(row.article_id, [])
        values += [] if math.isnan(row.stance) else [row.stance]
    expected = []
    for key, period in product(sorted(heard), range(2)):
        if period in heard[key] and period + 1 in heard[key]:
            sides = [heard[key][at] for at in (period, period + 1)]
            means = [[mean(values) for values in side.values() if values] for side in sides]
            stances = [mean(side) if side else NO for side in means]
            ends = change._interval(*means)[:2]
            n = sum(first <= period + 1 and last >= period for first, last in unplaced[key])
            numbers = [pytest.approx(number, nan_ok=True, abs=1e-12) for number in (*stances, *ends)]
            expected.append([*key, *numbers, len(sides[0]), n])
    columns = [
        "actor",
        "issue_id",
        "stance_before",
        "stance_after",
        "ci_low",
        "ci_high",
        "n_articles_before",
        "n_unplaced",
    ]
    assert found[columns].to_numpy().tolist() == expected
    assert found["ci_low"].notna().any()
