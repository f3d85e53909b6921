"""Coalitions, camps and the issues that carry a network: cases worked by hand, and fast paths against naive ones."""

import itertools
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import analysis
from analysis.errors import ParameterError
from analysis.networks import Network
from analysis.networks.coalitions import _agreement, _stable, adjusted_rand
from analysis.networks.polarisation import _moved, compared, searched

TWO_MODE = r'got a two-mode network of speaker_id × issue_id\n.*kind="one-mode"\n.*analysis\.network\('
TRIANGLES = "a x +, b x +, c x +, d y +, e y +, f y +, c z +, d z +, g w +"  # abc, def, a tie of c and d; g alone
FOUR = "a toll +, b toll +, c toll -, d toll 0.5"


def says(text: str) -> pd.DataFrame:
    """Statements as `speaker issue stance, …` with + for 1 and - for −1."""
    rows = [part.split() for part in text.split(",") if part.strip()]
    table = pd.DataFrame(rows, columns=["speaker_id", "issue_id", "stance"], dtype="str")
    return table.assign(stance=table["stance"].replace({"+": "1", "-": "-1"}).astype("float64"))


def tied(said: pd.DataFrame, aggregation: str = "congruence", **other: Any) -> Network:
    return analysis.network(said, kind="one-mode", aggregation=aggregation, **other)


def both(said: pd.DataFrame, **other: Any) -> tuple[Network, Network]:
    return tied(said, "congruence", **other), tied(said, "conflict", **other)


def debate(seed: int, n_actors: int, n_issues: int, n_statements: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    sides = {f"s{at:02}": rng.choice([-1, 1]) for at in range(n_actors)}
    speakers = rng.choice(list(sides), n_statements)
    stances = np.array([sides[name] for name in speakers]) * rng.choice([1, 0.5, 0, -1], n_statements)
    issues = [f"i{at}" for at in rng.integers(0, n_issues, n_statements)]
    return pd.DataFrame({"speaker_id": speakers, "issue_id": issues, "stance": stances})


def test_coalitions_of_two_triangles_worked_by_hand() -> None:
    found = analysis.coalitions(tied(says(TRIANGLES)), resolutions=1, runs=10)
    # m = 7 ties of weight 1; either triangle has 3 of them and half of all ends: Q = 2 (3/7 − (7/14)²) = 5/14
    assert found.runs.drop(columns="modularity").to_numpy().tolist() == [[1, 2, 10, 1, 1, 1]]
    assert found.runs["modularity"].tolist() == pytest.approx([5 / 14])
    assert found.members["actor"].tolist() == list("abcdefg")
    assert found.members["coalition"].tolist() == [1, 1, 1, 2, 2, 2, pd.NA]
    assert found.members["share_stable"].iloc[:6].tolist() == [1] * 6
    assert found.members["share_stable"].isna().tolist() == [False] * 6 + [True]
    assert dict(found.members.dtypes.astype(str)) == {
        "resolution": "float64", "actor": "str", "coalition": "Int64", "share_stable": "float64"
    }  # fmt: skip


def test_coalitions_are_the_same_in_whatever_order_a_run_names_them() -> None:
    found = analysis.coalitions(tied(says("a x +, c x +, e x +, b y +, d y +, f y +, a z +, b z +")), runs=20)
    assert found.runs["n_distinct"].tolist()[1] == 1
    assert found.members["coalition"].tolist()[6:12] == [1, 2] * 3


def test_a_low_resolution_joins_all_and_a_high_one_none() -> None:
    # one coalition: 1 − γ, two: 6/7 − γ/2, six: −γ 34/196; so one is best below γ = 2/7, six above some 2.6
    found = analysis.coalitions(tied(says(TRIANGLES)), resolutions=(0.2, 1.0, 4.0), runs=5)
    assert found.runs["n_coalitions"].tolist() == [1, 2, 6]
    assert found.runs["modularity"].tolist() == pytest.approx([0.8, 5 / 14, -4 * 34 / 196])
    assert found.members.loc[found.members["resolution"] == 4, "coalition"].tolist() == [1, 2, 3, 4, 5, 6, pd.NA]


def test_the_largest_coalition_is_the_first() -> None:
    found = analysis.coalitions(tied(says("a x +, b x +, c y +, d y +, e y +")), resolutions=1, runs=3)
    assert found.members["coalition"].tolist() == [2, 2, 1, 1, 1]


def test_ties_of_no_or_negative_weight_join_nobody() -> None:
    said = says("a x +, b x +, c x -, d y +, a y -, d z +, a z +")  # b and c: −1, a and d: −1 + 1 = 0
    found = analysis.coalitions(tied(said, "subtract"), resolutions=1, runs=3)
    assert found.members["coalition"].tolist() == [1, 1, pd.NA, pd.NA]


@pytest.mark.parametrize("said", ["", "a x +", "a x +, b y +", "a x +, b x -"])
def test_without_a_tie_there_are_no_coalitions(said: str) -> None:
    found = analysis.coalitions(tied(says(said)), resolutions=[0.5, 1], runs=4)
    n_actors = len(set(says(said)["speaker_id"]))
    assert found.members["coalition"].isna().tolist() == [True] * n_actors * 2
    assert found.runs[["n_coalitions", "n_runs", "n_distinct"]].to_numpy().tolist() == [[0, 4, 0]] * 2
    assert found.runs[["modularity", "share_best", "agreement"]].isna().to_numpy().all()


def naive_rand(one: list[int], other: list[int]) -> float:
    """The adjusted Rand index from the four kinds of pairs."""
    pairs = list(itertools.combinations(range(len(one)), 2))
    first, second = ([row[a] == row[b] for a, b in pairs] for row in (one, other))
    n_both = sum(x and y for x, y in zip(first, second, strict=True))
    chance = sum(first) * sum(second) / len(pairs)
    most = (sum(first) + sum(second)) / 2
    return 1.0 if most == chance else (n_both - chance) / (most - chance)


def numbered(rows: Any) -> np.ndarray:
    """Divisions with coalitions numbered in order of their first actors."""
    return np.array([[list(dict.fromkeys(row)).index(value) for value in row] for row in rows])


@pytest.mark.parametrize("seed", range(3))
def test_the_rand_index_is_that_of_counting_pairs(seed: int) -> None:
    drawn = numbered([*np.random.default_rng(seed).integers(0, 4, (8, 7)).tolist(), [0] * 7, list(range(7))])
    naive = [[naive_rand(one, other) for other in drawn.tolist()] for one in drawn.tolist()]
    assert adjusted_rand(drawn) == pytest.approx(np.array(naive), abs=1e-12)


def test_stability_and_agreement_worked_by_hand() -> None:
    divisions, counts = np.array([[0, 0, 1, 1], [0, 0, 1, 2]]), np.array([3, 1])
    # c is with d in three runs and alone in the fourth, where {c} and {c, d} share one of two: (3 · 1 + 1/2) / 4
    assert _stable(divisions, counts, 0).tolist() == [1, 1, 0.875, 0.875]
    # of 6 pairs of runs 3 are the same, 3 are (1 − 2·1/6) / (1.5 − 2·1/6) = 4/7
    assert _agreement(divisions, counts) == pytest.approx((3 + 3 * 4 / 7) / 6)
    assert np.isnan(_agreement(divisions[:1], np.array([1])))


def test_stability_is_that_of_sets() -> None:
    rng = np.random.default_rng(5)
    divisions, counts = numbered(rng.integers(0, 3, (6, 9)).tolist()), rng.integers(1, 9, 6)

    def circle(at: int, actor: int) -> set[int]:
        return set(np.flatnonzero(divisions[at] == divisions[at][actor]).tolist())

    naive = [
        sum(
            n * len(circle(2, actor) & circle(at, actor)) / len(circle(2, actor) | circle(at, actor))
            for at, n in enumerate(counts)
        )
        / counts.sum()
        for actor in range(9)
    ]
    assert _stable(divisions, counts, 2) == pytest.approx(naive)


def test_of_the_runs_that_differ_the_best_is_taken() -> None:
    network = tied(debate(2, 20, 8, 120), normalization="average")
    many = analysis.coalitions(network, resolutions=1, runs=40, seed=3)
    assert many.runs.loc[0, "n_distinct"] > 1
    assert 0 < many.runs.loc[0, "share_best"] < 1
    assert many.runs.loc[0, "agreement"] < 1
    single = [analysis.coalitions(network, resolutions=1, runs=1, seed=seed) for seed in range(20)]
    assert many.runs.loc[0, "modularity"] >= max(one.runs.loc[0, "modularity"] for one in single) - 1e-12
    assert len({tuple(one.members["coalition"]) for one in single}) > 1


def test_the_order_of_statements_and_other_resolutions_change_nothing() -> None:
    said = debate(2, 20, 8, 120)
    one = analysis.coalitions(tied(said, normalization="average"), resolutions=1, runs=20)
    other = analysis.coalitions(tied(said.iloc[::-1], normalization="average"), resolutions=[2, 1], runs=20)
    is_one = other.members["resolution"] == 1
    pd.testing.assert_frame_equal(one.members, other.members[is_one].reset_index(drop=True))
    pd.testing.assert_frame_equal(one.runs, other.runs.iloc[[1]].reset_index(drop=True))


def test_every_process_finds_the_same_coalitions_and_camps() -> None:
    code = (
        "import analysis, test_coalitions as t; said = t.debate(2, 30, 8, 150)\n"
        "found = analysis.coalitions(t.tied(said, normalization='average'), resolutions=1, runs=9)\n"
        "camps = analysis.polarisation(*t.both(said), starts=5)\n"
        "print(found.members.to_csv(), found.runs.to_csv(), camps, camps.camps.to_csv())\n"
        "print(analysis.backbone(said).to_csv())"
    )
    places = os.pathsep.join([str(Path(__file__).parent), str(Path(__file__).parents[1])])
    told = [
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True,
                       env=os.environ | {"PYTHONPATH": places, "PYTHONHASHSEED": seed}).stdout
        for seed in ("1", "2")
    ]  # fmt: skip
    assert told[0] == told[1] != ""


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"resolutions": []}, r"resolutions is empty\n.*at least one"),
        ({"resolutions": [1, 0]}, r"the resolution 0\n.*a number above 0"),
        ({"resolutions": float("nan")}, r"the resolution nan\n.*a number above 0"),
        ({"runs": 0}, r"runs is 0\n.*whole number from 1 up"),
        ({"runs": 2.5}, r"runs is 2\.5\n.*whole number from 1 up"),
    ],
)
def test_a_resolution_or_number_of_runs_that_is_none_is_told(asked: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        analysis.coalitions(tied(says(FOUR)), **asked)


def test_another_kind_of_network_is_told() -> None:
    two_mode = analysis.network(says(FOUR))
    with pytest.raises(ParameterError, match="coalitions " + TWO_MODE):
        analysis.coalitions(two_mode)
    with pytest.raises(ParameterError, match="polarisation " + TWO_MODE):
        analysis.polarisation(two_mode, two_mode)
    with pytest.raises(ParameterError, match=r"coalitions got a DataFrame\n.*a one-mode network"):
        analysis.coalitions(tied(says(FOUR)).matrix)


def test_camps_of_four_worked_by_hand() -> None:
    found = analysis.polarisation(*both(says(FOUR)))
    # R = 2. congruence ab 1, ad ¾, bd ¾, cd ¼, in all 2¾; conflict ac 1, bc 1, ad ¼, bd ¼, cd ¾, in all 3¼
    # abd | c: within ab + ad + bd = 2½, between ac + bc + cd = 2¾
    assert (found.score, found.one_camp) == (5.25 / 6, pytest.approx(2.75 / 6))
    assert (found.within, found.between) == pytest.approx((2.5 / 2.75, 2.75 / 3.25))
    # a moves: bd within, ab, ad, bc, cd between: ¾ + 2 = 2¾; b the same; c would leave all in one: 2¾;
    # d moves: ab, cd within, ac, ad, bc, bd between: 1¼ + 2½ = 3¾
    assert found.camps["margin"].tolist() == pytest.approx([2.5 / 6, 2.5 / 6, 2.5 / 6, 1.5 / 6])
    assert found.camps[["actor", "camp"]].to_numpy().tolist() == [["a", 1], ["b", 1], ["c", 2], ["d", 1]]
    assert (found.n_best, found.is_exhaustive, found.n_starts, found.n_reached) == (1, True, None, None)


def divisions(n: int) -> list[tuple[int, ...]]:
    """All divisions with the first actor in camp 1 and camp 2 not empty, in lexicographic order."""
    return [(1, *rest) for rest in itertools.product((1, 2), repeat=n - 1) if 2 in rest]


def naive_score(camps: tuple[int, ...], congruence: np.ndarray, conflict: np.ndarray) -> float:
    pairs = list(itertools.combinations(range(len(camps)), 2))
    kept = sum(congruence[a, b] if camps[a] == camps[b] else conflict[a, b] for a, b in pairs)
    return float(kept / sum(congruence[a, b] + conflict[a, b] for a, b in pairs))


@pytest.mark.parametrize("normalization", ["no", "average"])
@pytest.mark.parametrize(("seed", "n"), [(1, 2), (2, 3), (3, 5), (4, 8), (5, 9), (6, 9)])
def test_the_best_camps_are_those_of_trying_all(seed: int, n: int, normalization: str) -> None:
    networks = both(debate(seed, n, 4, 4 * n), normalization=normalization)
    weights = [network.matrix.to_numpy() for network in networks]
    assert (sum(weights).any(axis=0)).all()
    scores = {camps: naive_score(camps, *weights) for camps in divisions(n)}
    best = [camps for camps in scores if scores[camps] > max(scores.values()) - 1e-9]
    found = analysis.polarisation(*networks)
    camps = tuple(found.camps["camp"])
    assert (found.score, found.n_best, camps) == (pytest.approx(scores[best[0]]), len(best), best[0])
    for at, margin in enumerate(found.camps["margin"]):
        moved = tuple(3 - camp if at == place else camp for place, camp in enumerate(camps))
        assert margin == pytest.approx(found.score - naive_score(moved, *weights), abs=1e-9)


@pytest.mark.parametrize("seed", range(20))
def test_the_search_finds_what_trying_all_finds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(3, 13))
    bonds = (
        np.triu(rng.integers(-9, 10, (n, n)), 1).astype(float) * 1000
    )  # thousands: ties of score are exact, and told
    bonds += bonds.T
    sides, n_best = compared(bonds)
    found, n_found, n_reached = searched(bonds, 200, seed)
    assert found @ bonds @ found == sides @ bonds @ sides
    assert (found.tolist(), n_found) == (sides.tolist(), n_best)
    assert 1 <= n_reached <= 200


def test_the_search_gets_past_a_loss() -> None:
    bonds = np.array([[0, 10, 3, 3, -1], [10, 0, 3, 3, -1], [3, 3, 0, 10, -2], [3, 3, 10, 0, -2], [-1, -1, -2, -2, 0]])
    # ab | cde: e moves for a gain of 2; then each is a loss: a's 10 − 6 − 1, c's 10 − 6 + 2; with a gone b gains 17
    best, value = _moved(np.array([[1.0, 1, -1, -1, -1]]), bonds.astype(float))
    assert best.tolist() == [[-1, -1, -1, -1, 1]]
    assert value.tolist() == [2 * (10 + 10 + 4 * 3 + 1 + 1 + 2 + 2)]


def test_many_actors_are_searched_and_it_is_told_how_often_the_best_was_reached() -> None:
    parties = says(", ".join(f"s{at:02} x {'+-'[at % 2]}, s{at:02} y {'-+'[at % 2]}" for at in range(23)))
    found = analysis.polarisation(*both(parties, normalization="average"), starts=7)
    assert (found.score, found.within, found.between) == (1, 1, 1)
    assert found.camps["camp"].tolist() == [1 + at % 2 for at in range(23)]
    assert (found.n_best, found.is_exhaustive, found.n_starts, found.n_reached) == (1, False, 7, 7)


def test_the_search_is_that_of_its_seed() -> None:
    bonds = np.triu(np.random.default_rng(0).integers(-9, 10, (60, 60)), 1) * 1000.0
    bonds += bonds.T
    reached = [searched(bonds, 60, seed)[2] for seed in (1, 1, 2, 3)]
    assert reached[0] == reached[1]
    assert len(set(reached)) > 1


def test_of_camps_that_are_equally_good_the_first_is_taken() -> None:
    found = analysis.polarisation(*both(says("a x +, b x +, c x 0, d x -, e x -")))  # c is half with either
    assert (found.n_best, found.camps["camp"].tolist()) == (2, [1, 1, 1, 2, 2])
    assert found.camps["margin"].tolist()[2] == 0


def test_where_all_agree_two_camps_are_no_better_than_one() -> None:
    found = analysis.polarisation(*both(says("a x +, b x +, c x +")))
    assert (found.score, found.one_camp, found.n_best) == (pytest.approx(1 / 3), 1, 3)
    assert np.isnan(found.between)
    # either of b and c may be left alone as well; whoever is alone would better go
    assert found.camps["camp"].tolist() == [1, 1, 2]
    assert found.camps["margin"].tolist() == pytest.approx([0, 0, -2 / 3])


def test_two_who_disagree_are_two_camps_and_a_third_without_a_tie_is_in_none() -> None:
    found = analysis.polarisation(*both(says("a w +, b x +, c x -")))
    assert (found.score, found.between) == (1, 1)
    assert np.isnan(found.within)
    assert found.camps["camp"].tolist() == [pd.NA, 1, 2]
    assert found.camps["margin"].isna().tolist() == [True, False, False]


@pytest.mark.parametrize("said", ["", "a x +", "a x +, b y -"])
def test_without_a_tie_there_is_no_score_and_no_camp(said: str) -> None:
    found = analysis.polarisation(*both(says(said)))
    assert np.isnan([found.score, found.one_camp, found.within, found.between]).all()
    assert found.camps["camp"].isna().all()
    assert (len(found.camps), found.n_best) == (len(set(says(said)["speaker_id"])), 0)
    assert dict(found.camps.dtypes.astype(str)) == {"actor": "str", "camp": "Int64", "margin": "float64"}


@pytest.mark.parametrize(
    ("place", "said", "asked", "message"),
    [
        (0, FOUR, {"aggregation": "subtract"}, r"of the congruence given is 'subtract'\n.*'congruence'"),
        (1, FOUR, {}, r"of the conflict given is 'congruence'\n.*'conflict'\n.*congruence first"),
        (0, FOUR, {"normalization": "average"}, r"by 'average', conflict by 'no'\n.*the same in both"),
        (0, "a x +, z x -", {}, r"in only one of the networks: b, c, d, z\n.*the same actors"),
        (0, "q x +, r x +, s x -", {}, r"networks: a, b, c, d, q … \(7 in all\)\n"),
    ],
)
def test_networks_that_do_not_belong_together_are_told(
    place: int, said: str, asked: dict[str, Any], message: str
) -> None:
    networks = list(both(says(FOUR)))
    networks[place] = tied(says(said), **asked)
    with pytest.raises(ParameterError, match=message):
        analysis.polarisation(*networks)


def test_a_number_of_starts_that_is_none_is_told() -> None:
    with pytest.raises(ParameterError, match=r"starts is 0\n.*whole number from 1 up"):
        analysis.polarisation(*both(says(FOUR)), starts=0)


def test_all_that_is_wrong_with_the_networks_is_told_at_once() -> None:
    wrong = tied(says("a x +, z x -"), "conflict", normalization="average")
    with pytest.raises(ParameterError, match=r"3 problems$"):
        analysis.polarisation(wrong, tied(says(FOUR), "conflict"))


def test_the_backbone_of_three_issues_worked_by_hand() -> None:
    found = analysis.backbone(says("a toll +, b toll +, c toll -, a park +, b park -, a bridge +"))
    # n: a 3, b 2, c 1. toll: ab 1/2½, ac −1/2, bc −1/1½. park: ab −1/2½. bridge: nothing. all: ab 0, ac −½, bc −⅔
    # ‖all‖² = 1/4 + 4/9 = 25/36; ‖toll‖² = 4/25 + 25/36; ‖park‖ = 2/5
    alone = [((4 / 25 + 25 / 36) / (25 / 36)) ** 0.5, (2 / 5) / (5 / 6), 0]
    assert found["loss_alone"].tolist() == pytest.approx(alone)
    assert found["loss_left"].tolist() == pytest.approx([1, 0.48, 0])
    assert found.drop(columns=["loss_alone", "loss_left"]).to_numpy().tolist() == [
        ["toll", 1, 3, 3], ["park", 2, 2, 2], ["bridge", 3, 1, 1]
    ]  # fmt: skip
    assert list(found.columns) == ["issue_id", "rank", "loss_alone", "loss_left", "n_statements", "n_actors"]


def naive_backbone(said: pd.DataFrame) -> list[tuple[str, float]]:
    """Taking out one issue after the other, each time with networks counted anew from the statements that are left."""
    n = said.groupby("speaker_id").size()
    whole = tied(said, "subtract", normalization="average").matrix

    def loss(issues: set[str]) -> float:
        kept = tied(said, "subtract", exclude={"issue_id": sorted(issues)}, isolates=True, scale=(-1.0, 1.0)).matrix
        kept = kept.reindex(index=n.index, columns=n.index, fill_value=0) / ((n.to_numpy()[:, None] + n.to_numpy()) / 2)
        return float(np.linalg.norm(whole - kept) / np.linalg.norm(whole))

    out: list[tuple[str, float]] = []
    size, gone = said.groupby("issue_id").size(), set[str]()
    names = sorted(size.index, reverse=True)
    while len(out) < len(names):
        losses = {name: loss(gone | {name}) for name in names if name not in gone}
        least = min(losses.values())
        name = min((name for name in losses if losses[name] < least + 1e-9), key=lambda name: size[name])
        gone.add(name)
        out.append((name, losses[name]))
    return out[::-1]


@pytest.mark.parametrize("seed", range(5))
def test_the_backbone_is_that_of_counting_anew(seed: int) -> None:
    said = debate(seed, 4, 8, 60)
    found, naive = analysis.backbone(said), naive_backbone(said)
    assert found["issue_id"].tolist() == [name for name, _ in naive]
    assert found["loss_left"].tolist() == pytest.approx([loss for _, loss in naive], abs=1e-9)
    assert found["rank"].tolist() == list(range(1, len(naive) + 1))


def test_stances_that_are_yes_and_no_or_names_have_a_backbone_too() -> None:
    said = says("a toll +, b toll +, c toll -, a park +, b park -").assign(
        position=lambda table: table["stance"] > 0, word=lambda table: table["stance"].map({1.0: "yes", -1.0: "no"})
    )
    expected = analysis.backbone(said)
    pd.testing.assert_frame_equal(analysis.backbone(said, stance="position"), expected)
    assert analysis.backbone(said, stance="word")["issue_id"].tolist() == ["toll", "park"]
    # organisations instead of issues: the column keeps its name
    other = analysis.backbone(said.rename(columns={"issue_id": "topic"}), columns="topic")
    pd.testing.assert_frame_equal(other.rename(columns={"topic": "issue_id"}), expected)


def test_of_issues_that_lose_nothing_the_one_with_fewer_statements_is_less_important() -> None:
    found = analysis.backbone(says("a x +, b x +, b p +, a q +, a z +, a z +"))
    assert found["issue_id"].tolist() == ["x", "z", "p", "q"]
    assert found["loss_alone"].tolist() == [1, 0, 0, 0]
    assert found[["n_statements", "n_actors"]].to_numpy().tolist() == [[2, 2], [2, 1], [1, 1], [1, 1]]


@pytest.mark.parametrize("seed", range(5, 10))
def test_losses_that_differ_by_rounding_only_are_equal(seed: int) -> None:
    rng, names = np.random.default_rng(seed), list("abcdefgh")
    one = pd.DataFrame({"speaker_id": names * 2, "issue_id": "p", "stance": rng.choice([1, 0.5, -0.5, -1], 16)})
    mirrored = one.assign(issue_id="q", speaker_id=one["speaker_id"].map(dict(zip(names, names[::-1], strict=True))))
    kept = rng.random(16) < 0.8
    found = analysis.backbone(pd.concat([one[kept], mirrored[kept]]))
    assert found["issue_id"].tolist() == ["p", "q"]


def test_issues_that_cancel_leave_no_network_to_lose() -> None:
    found = analysis.backbone(says("a x +, b x +, a y +, b y -, c z +"))
    assert found["issue_id"].tolist() == ["x", "y", "z"]
    assert found[["loss_alone", "loss_left"]].isna().to_numpy().all()


def test_one_issue_carries_all_and_one_actor_or_none_has_no_network() -> None:
    assert analysis.backbone(says("a x +, b x +"))[["loss_alone", "loss_left"]].to_numpy().tolist() == [[1, 1]]
    alone = analysis.backbone(says("a x +, a y +"))
    assert alone[["issue_id", "n_actors"]].to_numpy().tolist() == [["x", 1], ["y", 1]]
    assert alone["loss_alone"].isna().all()
    none = analysis.backbone(says(""))
    assert len(none) == 0
    assert dict(none.dtypes.astype(str)) == dict(alone.dtypes.astype(str))


def test_a_column_that_is_not_there_is_told() -> None:
    with pytest.raises(ParameterError, match=r"columns: the column 'isue_id' is not known\n.*\n.*'issue_id'"):
        analysis.backbone(says(FOUR), columns="isue_id")


def test_the_corpus_has_coalitions_camps_and_a_backbone() -> None:
    tables = analysis.load("russia-taliban")
    networks = [analysis.network(tables, kind="one-mode", aggregation=what, normalization="average")
                for what in ("congruence", "conflict")]  # fmt: skip
    actors = networks[0].matrix.index.tolist()
    assert analysis.coalitions(networks[0], resolutions=1, runs=3).members["actor"].tolist() == actors
    camps = analysis.polarisation(*networks)
    assert camps.is_exhaustive
    assert camps.camps["actor"].tolist() == actors
    issues = analysis.backbone(tables)
    assert (issues.loc[0, "loss_left"], set(issues["issue_id"])) == (1, set(tables.statements["issue_id"]))
