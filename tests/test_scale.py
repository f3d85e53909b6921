"""Ideal points: lines that are known, recovered ones, and intervals that hold the truth."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from corpus_builder import said, tables
from scipy.stats import t as student

import analysis
from analysis.errors import ParameterError
from analysis.positions import factor, scale
from analysis.positions.factor import Fit, Sample, best_fit, fitted
from analysis.schema import Tables

_Row = dict[str, Any]
ISSUES = "xyzuvw"


def heard(article: str, actor: str, **stances: float | None) -> list[_Row]:
    """What one article has an actor say: a stance per issue."""
    return [said(article, actor, issue, stance) for issue, stance in stances.items()]


def positions(found: scale.Scale) -> dict[str, float]:
    return dict(zip(found.actors["actor"], found.actors["position"], strict=True))


def loadings(found: scale.Scale) -> dict[str, float]:
    return dict(zip(found.issues["issue_id"], found.issues["loading"], strict=True))


def reasons(found: scale.Scale) -> dict[str, str]:
    return dict(zip(found.left_out["actor"], found.left_out["reason"], strict=True))


TWO = [*heard("d", "ann", x=1, y=0.5), *heard("e", "bob", x=-1, y=-0.5)]


def test_two_actors_on_two_issues_by_hand() -> None:
    """The table is (1, ½; −1, −½): its columns have mean 0 and its one singular value is √(2 · 5/4) = √2.5.

    The penalty leaves √2.5 − ¼ of it, so each loading is the stance of position 1 times 1 − ¼/√2.5 = 0.841886, and what
    the line misses is (¼)² = 0.0625 of 2.5.
    """
    found = analysis.ideal_points(tables(TWO))
    assert found.actors.to_numpy().tolist()[0][:2] == ["bob", -1.0]
    assert positions(found) == {"bob": -1.0, "ann": 1.0}
    assert found.issues[["issue_id", "loading", "mean"]].to_numpy().tolist() == [
        ["x", 0.841886, 0.0],
        ["y", 0.420943, 0.0],
    ]
    assert found.issues[["n_actors", "n_articles", "n_statements"]].to_numpy().tolist() == [[2, 2, 2]] * 2
    assert (found.anchor, found.share_explained, len(found.left_out)) == ("x", 0.975, 0)


def test_an_actor_counts_for_the_unit_as_often_as_it_has_articles() -> None:
    """Ann has two articles, bob one: positions p and q with 2p + q = 0 and (2p² + q²) / 3 = 1 are √½ and −√2."""
    found = analysis.ideal_points(tables([*TWO, *heard("f", "ann", x=1, y=0.5)]))
    assert positions(found) == {"bob": -1.414214, "ann": 0.707107}
    assert found.actors[["actor", "n_issues", "n_articles", "n_statements"]].to_numpy().tolist() == [
        ["bob", 2, 1, 2],
        ["ann", 2, 2, 4],
    ]


def test_an_issue_on_which_all_agree_has_no_loading() -> None:
    rows = [*TWO, *heard("d", "ann", z=1), *heard("e", "bob", z=1), *heard("f", "bob", z=1)]
    found = analysis.ideal_points(tables(rows))
    assert loadings(found)["z"] == 0.0
    assert found.issues.set_index("issue_id").loc["z", "mean"] == 1.0
    assert found.anchor == "x"  # z has more articles, but nobody is nearer to it


def test_the_anchor_says_which_end_is_positive() -> None:
    rows = [*heard("d", "ann", x=1, y=-0.5), *heard("e", "bob", x=-1, y=0.5)]
    assert positions(analysis.ideal_points(tables(rows)))["ann"] == 1.0
    turned = analysis.ideal_points(tables(rows), anchor="y")
    assert positions(turned)["ann"] == -1.0
    assert turned.anchor == "y"
    assert loadings(turned) == {"x": -0.841886, "y": 0.420943}


def test_an_anchor_that_cannot_be_one_is_told() -> None:
    rows = tables([*TWO, *heard("d", "ann", z=1), *heard("e", "bob", z=1), *heard("g", "eve", u=1)])
    with pytest.raises(ParameterError, match=r"^the anchor 'xx' is not known\n.*one of u, x, y, z\n.*mean 'x'"):
        analysis.ideal_points(rows, anchor="xx")
    for issue in "zu":
        with pytest.raises(ParameterError, match=rf"^the anchor '{issue}' has no loading .*\n +expected: one of x, y$"):
            analysis.ideal_points(rows, anchor=issue)
    with pytest.raises(ParameterError, match="the actor column 'speaker' is not known"):
        analysis.ideal_points(rows, actor="speaker")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], {}),
        (heard("d", "ann", x=1, y=-1), {"ann": "not linked"}),
        ([*heard("d", "ann", x=1), *heard("e", "bob", x=-1)], {"ann": "one issue", "bob": "one issue"}),
        ([*heard("d", "ann", x=None, y=None)], {"ann": "mixed only"}),
        ([*heard("d", "ann", x=1, y=1), *heard("e", "bob", x=1, y=1)], {"ann": "no variation", "bob": "no variation"}),
        ([*heard("d", "ann", x=1, y=1), *heard("e", "bob", z=1, u=-1)], {"ann": "not linked", "bob": "not linked"}),
    ],
    ids=["no statement", "one actor", "one issue", "all mixed", "all agree", "nothing shared"],
)
def test_where_nobody_can_be_placed_the_scale_is_empty_and_says_why(rows: list[_Row], expected: dict[str, str]) -> None:
    found = analysis.ideal_points(tables(rows), anchor="x" if expected else "")
    assert (len(found.actors), len(found.issues), found.anchor) == (0, 0, "")
    assert np.isnan([found.share_explained, found.reliability]).all()
    assert reasons(found) == expected
    full = analysis.ideal_points(tables(TWO))
    for name in ("actors", "issues", "left_out"):
        assert getattr(found, name).dtypes.equals(getattr(full, name).dtypes)


def test_actors_that_share_no_issues_stand_on_no_common_line() -> None:
    third = heard("f", "cat", x=0, y=0)
    others = [*heard("g", "dan", u=1, v=1), *heard("h", "eve", u=-1, v=-1)]
    found = analysis.ideal_points(tables([*TWO, *third, *others, *heard("h", "fay", w=1), *heard("h", "gus", x=None)]))
    assert list(positions(found)) == ["bob", "cat", "ann"]
    assert reasons(found) == {"dan": "not linked", "eve": "not linked", "fay": "one issue", "gus": "mixed only"}
    assert found.left_out[["n_issues", "n_articles", "n_statements"]].to_numpy().tolist() == [
        [2, 1, 2],
        [2, 1, 2],
        [1, 1, 1],
        [0, 0, 0],
    ]


def test_one_actor_in_common_does_not_link_two_lines_and_two_do() -> None:
    third = heard("f", "cat", x=0.5, y=1)
    others = [*heard("g", "ann", u=1, v=0.5), *heard("h", "eve", u=-1, v=-1)]
    found = analysis.ideal_points(tables([*TWO, *third, *others]))
    assert sorted(loadings(found)) == ["x", "y"]
    assert reasons(found) == {"eve": "not linked"}
    found = analysis.ideal_points(tables([*TWO, *third, *others, *heard("h", "bob", u=-0.5)]))
    assert sorted(loadings(found)) == ["u", "v", "x", "y"]
    assert reasons(found) == {}


def test_leaving_out_goes_on_until_all_is_linked() -> None:
    """Without dan, who has nobody beside him on u, cat is left with one issue."""
    rows = [*TWO, *heard("f", "cat", y=1, z=1), *heard("g", "dan", z=1, u=1)]
    found = analysis.ideal_points(tables(rows))
    assert sorted(positions(found)) == ["ann", "bob"]
    assert reasons(found) == {"cat": "not linked", "dan": "not linked"}


def test_mixed_stances_and_further_copies_do_not_count() -> None:
    mixed = [*heard("d", "bob", x=None), *heard("f", "ann", y=None)]
    copies = heard("e2", "bob", x=1, y=1)
    plain = analysis.ideal_points(tables(TWO))
    found = analysis.ideal_points(tables([*TWO, *mixed, *copies], origins={"e2": "e"}, published={"e2": "2024-06-01"}))
    pd.testing.assert_frame_equal(found.actors, plain.actors)
    pd.testing.assert_frame_equal(found.issues, plain.issues)


def test_what_a_copy_adds_is_of_the_same_article() -> None:
    rows = [*TWO[:3], *heard("e2", "bob", y=-0.5)]
    found = analysis.ideal_points(tables(rows, origins={"e": "wire", "e2": "wire"}))
    assert found.actors["n_articles"].tolist() == [1, 1]
    assert positions(found) == {"bob": -1.0, "ann": 1.0}


def test_a_stance_is_the_mean_of_an_article_before_it_is_that_of_a_cell() -> None:
    """Ann's x is the mean of (1, 1, 1, 0, 0, 0) in d and 1 in f: ¾ of two articles, not of seven statements."""
    rows = [said("d", "ann", "x", stance) for stance in (1, 1, 1, 0, 0, 0)]
    rows += [*heard("f", "ann", x=1), *heard("d", "ann", y=0.5), *heard("f", "ann", y=0.5), *TWO[2:]]
    same = [*heard("d", "ann", x=0.5, y=0.5), *heard("f", "ann", x=1, y=0.5), *TWO[2:]]
    found, expected = analysis.ideal_points(tables(rows)), analysis.ideal_points(tables(same))
    assert loadings(found) == loadings(expected)
    assert found.actors["n_statements"].tolist() == [2, 9]


def test_organisations_can_be_placed_as_well() -> None:
    rows = [row | {"organisation_id": "m" + row["speaker_id"]} for row in TWO] + heard("d", "eve", x=1, y=1)
    assert positions(analysis.ideal_points(tables(rows), actor="organisation_id")) == {"mbob": -1.0, "mann": 1.0}


def made(seed: int, *, n_actors: int, n_articles: int, n_issues: int = 6) -> tuple[Tables, "pd.Series[float]"]:
    """A corpus from one line, and the true positions; four positions an article, one in ten of them far from expected.

    What is expected is beta_i theta_a within ±1. A stance is one of the two steps next to it, or if far +1 or −1, with
    chances that make the expected one its mean.
    """
    rng = np.random.default_rng(seed)
    theta, beta = rng.uniform(-1, 1, n_actors), np.resize([0.9, -0.8, 0.7, -0.6], n_issues)
    tops = n_articles, n_actors, n_issues
    keys = np.unique(np.column_stack([rng.integers(0, top, 4 * n_articles) for top in tops]), axis=0)
    expected = theta[keys[:, 1]] * beta[keys[:, 2]]
    luck, below = rng.random(len(keys)), np.floor(2 * expected) / 2
    near, far = below + 0.5 * (luck < 2 * (expected - below)), np.where(luck < (1 + expected) / 2, 1, -1)
    stances = np.where(rng.random(len(keys)) < 0.1, far, near).tolist()
    rows = [
        said(f"d{article:03}", f"a{actor:02}", ISSUES[issue], stance)
        for (article, actor, issue), stance in zip(keys.tolist(), stances, strict=True)
    ]
    return tables(rows, is_checked=False), pd.Series(theta, [f"a{actor:02}" for actor in range(n_actors)])


def test_in_a_rich_corpus_true_positions_and_loadings_come_back() -> None:
    corpus, truth = made(1, n_actors=20, n_articles=600)
    found = analysis.ideal_points(corpus, anchor="x")
    assert np.corrcoef(found.actors["position"], truth[found.actors["actor"]])[0, 1] > 0.97
    assert found.reliability > 0.9
    assert [loadings(found)[issue] > 0 for issue in ISSUES] == [True, False, True, False, True, False]
    assert found.actors["position"].is_monotonic_increasing
    assert found.issues["loading"].abs().is_monotonic_decreasing
    assert (found.actors["ci_method"] == "bootstrap 95%").all()


def held(rows: pd.DataFrame, truth: "pd.Series[float]") -> list[bool]:
    """For each interval, whether it holds the true position, in the scale's unit."""
    true, weight = truth[rows["actor"]].to_numpy(), rows["n_articles"].to_numpy()
    true = true - np.average(true, weights=weight)
    true = true / np.average(true**2, weights=weight) ** 0.5
    return ((rows["ci_low"] <= true) & (true <= rows["ci_high"]))[rows["ci_low"].notna()].tolist()


@pytest.mark.parametrize("n_articles", [20, 60])
def test_in_a_simulation_intervals_hold_the_truth_and_a_percentile_bootstrap_does_not(n_articles: int) -> None:
    """Intervals of one corpus miss together, so 95% blur by some 1.5 points; benchmarks/scales.py draws thousands."""
    ours, theirs = [], []
    for seed in range(25):
        corpus, truth = made(seed, n_actors=10, n_articles=n_articles)
        found = analysis.ideal_points(corpus, anchor="x", draws=200).actors
        ours += held(found, truth)
        found = found.sort_values("actor", ignore_index=True)
        line = Fit(found["position"].to_numpy()[None], np.empty(0), np.empty(0))
        low, high = np.quantile(sample_of(corpus).drawn(line, 200, 0), [0.025, 0.975], axis=0)
        theirs += held(found.assign(ci_low=np.where(found["ci_low"].notna(), low, np.nan), ci_high=high), truth)
    assert len(ours) >= 200
    assert np.mean(ours) >= 0.95
    assert np.mean(theirs) < 0.945


def sample_of(corpus: Tables) -> Sample:
    stances = scale._stances(corpus, analysis.evidence(corpus))
    return Sample(stances[scale.is_linked(stances)])


def test_few_articles_few_actors_or_much_noise_give_no_interval() -> None:
    rows = [
        row
        for at, stance in enumerate((1, 0.5, 0, -0.5, -1))
        for article in "defghijk"
        for row in heard(article, f"a{at}", x=stance, y=stance, z=-stance)
    ]
    methods = analysis.ideal_points(tables(rows), draws=100).actors["ci_method"]
    assert methods.tolist() == ["bootstrap 95%"] * 5

    seldom = [row for row in rows if row["speaker_id"] != "a2" or row["article_id"] in "de"]
    found = analysis.ideal_points(tables(seldom), draws=100).actors.set_index("actor")
    assert found["ci_method"].to_dict() == dict.fromkeys(found.index, "bootstrap 95%") | {"a2": "thin"}
    assert (
        found["ci_low"].isna().to_dict() == found["ci_high"].isna().to_dict() == {at: at == "a2" for at in found.index}
    )

    for few in ([row for row in rows if row["speaker_id"] != "a2"], [row for row in rows if row["article_id"] != "k"]):
        thin = analysis.ideal_points(tables(few), draws=100)
        assert thin.reliability > 0.8
        assert set(thin.actors["ci_method"]) == {"thin"}

    random = np.random.default_rng(0)
    lot = [row | {"stance": float(random.choice([-1, 1]))} for row in rows]
    noise = analysis.ideal_points(tables(lot), draws=100)
    assert noise.reliability < 0.8
    assert noise.actors[["ci_low", "ci_high"]].isna().all(axis=None)


def test_without_draws_there_are_positions_and_no_intervals() -> None:
    corpus, _ = made(3, n_actors=6, n_articles=60)
    whole, bare = analysis.ideal_points(corpus), analysis.ideal_points(corpus, draws=0)
    pd.testing.assert_frame_equal(
        bare.actors.drop(columns=["ci_low", "ci_high", "ci_method"]),
        whole.actors.drop(columns=["ci_low", "ci_high", "ci_method"]),
    )
    assert np.isnan(bare.reliability)
    assert set(bare.actors["ci_method"]) == {"thin"}


def test_the_seed_decides_and_neither_rows_nor_memory_do(monkeypatch: pytest.MonkeyPatch) -> None:
    corpus, _ = made(4, n_actors=6, n_articles=60)
    found = analysis.ideal_points(corpus).actors
    pd.testing.assert_frame_equal(analysis.ideal_points(corpus).actors, found)
    assert not analysis.ideal_points(corpus, seed=1).actors["ci_low"].equals(found["ci_low"])
    turned = Tables(**(vars(corpus) | {"statements": corpus.statements[::-1], "articles": corpus.articles[::-1]}))
    pd.testing.assert_frame_equal(analysis.ideal_points(turned).actors, found)
    monkeypatch.setattr(factor, "_AT_ONCE", 7000)
    pd.testing.assert_frame_equal(analysis.ideal_points(corpus).actors, found)


def naive(cells: dict[tuple[int, int], list[float]], theta: Sequence[float], n_issues: int) -> list[float]:
    """The positions by the definition, one regression after the other; `theta` to start with."""
    theta = list(theta)
    for _ in range(400):
        lines = []
        for issue in range(n_issues):
            pairs = [(theta[a], s) for (a, i), values in cells.items() if i == issue for s in values]
            n, x, y = len(pairs), sum(t for t, _ in pairs), sum(s for _, s in pairs)
            xx, xy = sum(t * t for t, _ in pairs) + 0.25, sum(t * s for t, s in pairs)
            slope = (n * xy - x * y) / (n * xx - x * x) if n else 0.0
            lines.append(((y - slope * x) / n if n else 0.0, slope))
        for actor in range(len(theta)):
            facts = [(*lines[i], s) for (a, i), values in cells.items() if a == actor for s in values]
            theta[actor] = sum(b * (s - h) for h, b, s in facts) / (sum(b * b for _, b, _ in facts) + 0.25)
    return theta


def drawn_cells(rng: np.random.Generator, n_actors: int, n_issues: int) -> dict[tuple[int, int], list[float]]:
    line = np.outer(rng.uniform(-1, 1, n_actors), rng.uniform(-1, 1, n_issues))
    return {
        (a, i): (line[a, i] + 0.2 * rng.standard_normal(rng.integers(1, 4))).tolist()
        for a in range(n_actors)
        for i in range(n_issues)
        if rng.random() < 0.8
    }


def as_arrays(cells: dict[tuple[int, int], list[float]], shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    weight, total = np.zeros(shape), np.zeros(shape)
    for at, values in cells.items():
        weight[at], total[at] = len(values), sum(values)
    return weight, total


def test_a_stack_of_tables_gives_what_a_naive_computation_gives_one_by_one() -> None:
    rng = np.random.default_rng(5)
    tables_, starts = [drawn_cells(rng, 5, 4) for _ in range(6)], rng.standard_normal((6, 5))
    weight, total = (np.stack(parts) for parts in zip(*(as_arrays(cells, (5, 4)) for cells in tables_), strict=True))
    fit = fitted(weight, total, starts)
    expected = np.array([naive(cells, start, 4) for cells, start in zip(tables_, starts, strict=True)])
    assert fit.theta == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("seed", range(5))
def test_no_drawn_start_finds_a_better_line(seed: int) -> None:
    rng = np.random.default_rng(seed)
    weight, total = as_arrays(drawn_cells(rng, 6, 4), (6, 4))
    found = best_fit(weight, total)
    many = [np.broadcast_to(part, (50, 6, 4)) for part in (weight, total)]
    other = fitted(*many, rng.standard_normal((50, 6)))
    assert loss(found, weight, total).item() <= loss(other, weight, total).min() + 1e-6


def loss(fit: Fit, weight: np.ndarray, total: np.ndarray) -> np.ndarray:
    """What a line minimises, but for the spread within cells."""
    gaps = total / np.maximum(weight, 1) - fit.alpha[:, None, :] - fit.theta[:, :, None] * fit.beta[:, None, :]
    return np.asarray(
        (weight * gaps**2).sum(axis=(1, 2)) + 0.25 * ((fit.theta**2).sum(axis=1) + (fit.beta**2).sum(axis=1))
    )


def test_a_table_without_empty_cells_gives_its_singular_vector() -> None:
    rng = np.random.default_rng(8)
    table = rng.uniform(-1, 1, (7, 4))
    left, size, right = np.linalg.svd(table - table.mean(axis=0), full_matrices=False)
    fit = best_fit(np.ones((7, 4)), table)
    line = fit.theta[0][:, None] * fit.beta[0]
    assert line == pytest.approx((size[0] - 0.25) * np.outer(left[:, 0], right[0]), abs=1e-6)
    assert fit.alpha[0] == pytest.approx(table.mean(axis=0), abs=1e-6)


def test_intervals_are_those_of_a_naive_bootstrap() -> None:
    corpus, _ = made(6, n_actors=5, n_articles=80, n_issues=3)
    found = analysis.ideal_points(corpus, draws=25, seed=9)
    stances = scale._stances(corpus, analysis.evidence(corpus))
    names, works = sorted(set(stances["actor"])), sorted(set(stances["work"]))
    position = found.actors.set_index("actor")["position"][names].to_numpy()
    n = found.actors.set_index("actor")["n_articles"][names].to_numpy()
    rows, rng = [], np.random.default_rng(9)
    for _ in range(25):
        times = dict(zip(works, rng.multinomial(len(works), np.full(len(works), 1 / len(works))), strict=True))
        cells: dict[tuple[int, int], list[float]] = {}
        for row in stances.itertuples():
            key = names.index(row.actor), ISSUES.index(row.issue_id)
            cells.setdefault(key, []).extend([row.stance] * times[row.work])
        theta = np.array(naive(cells, position, 3))
        theta = theta - np.average(theta, weights=n)
        theta = theta / np.average(theta**2, weights=n) ** 0.5
        rows.append(theta * np.sign((theta * position * n).sum()))
    spread = np.std(rows, axis=0, ddof=1)
    reliability = 1 - np.average(spread**2, weights=n)
    reach = student.ppf(0.975, n - 1) * spread * np.sqrt(n / (n - 1) / reliability)
    assert found.reliability == pytest.approx(reliability, abs=1e-4)
    ends = found.actors.set_index("actor").loc[names, ["ci_low", "ci_high"]].to_numpy()
    assert ends == pytest.approx(np.column_stack([position - reach, position + reach]), abs=1e-3)
