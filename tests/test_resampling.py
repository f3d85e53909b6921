"""Intervals and survival of ties when articles are drawn anew: the fast path against drawing rows one by one."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

import analysis
from analysis.errors import ParameterError
from analysis.networks import draws, resampling


def corpus(n: int = 120, seed: int = 0, articles: int = 12) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    day = pd.Timestamp("2024-01-01")
    number = random.integers(0, articles, n)
    return pd.DataFrame(
        {
            "statement_id": [f"s{at:03}" for at in range(n)],
            "article_id": [f"d{at:02}" for at in number],
            "speaker_id": random.choice(list("abcd"), n),
            "issue_id": random.choice(list("xyz"), n),
            "stance": random.choice([-1.0, -0.5, 0.0, 1.0], n),
            "date_start": [day + pd.Timedelta(days=int(at) * 20) for at in number],
        }
    )


def drawn_by_hand(said: pd.DataFrame, how: dict[str, Any], n_draws: int, seed: int) -> np.ndarray:
    """The matrix of each draw from a frame in which the rows of a drawn article stand as often as it was drawn."""
    weights = draws._drawn(said["article_id"].nunique(), n_draws, seed)
    names = pd.factorize(said["article_id"])[1]
    whole = analysis.network(said, **how).matrix
    found = []
    for counts in weights.T.astype(int):
        copies = [
            said[said["article_id"] == name].assign(article_id=f"{name}/{copy}")
            for name, count in zip(names, counts, strict=True)
            for copy in range(count)
        ]
        network = analysis.network(pd.concat(copies), scale=(-1, 1), **how)
        matrix = network.matrix.reindex(index=whole.index, columns=whole.columns, fill_value=0.0)
        found.append(matrix.to_numpy())
    return np.array(found)


CASES = [
    {"aggregation": aggregation, "normalization": normalization, "duplicates": duplicates}
    for aggregation in ("ignore", "subtract", "combine")
    for normalization in ("no", "activity", "prominence")
    for duplicates in ("include", "document", "month", "acrossrange")
] + [
    {"kind": "one-mode", "aggregation": aggregation, "normalization": normalization, "duplicates": duplicates}
    for aggregation in ("ignore", "congruence", "conflict", "subtract")
    for normalization in ("no", "average", "jaccard", "cosine")
    for duplicates in ("include", "document", "acrossrange")
]


@pytest.mark.parametrize("how", CASES, ids=lambda how: "-".join(how.values()))
def test_drawing_weights_is_drawing_articles(how: dict[str, Any]) -> None:
    said = corpus(40, articles=5)
    if how["aggregation"] == "ignore" and how["normalization"] == "jaccard":
        said = said.assign(stance=1.0)  # which of several stances stands for a group is decided before the draw
    network = analysis.network(said, scale=(-1, 1), **how)
    slow = drawn_by_hand(said, how, 3, seed=1)
    fast = np.concatenate(list(draws.stacks(network, 3, 1)))
    np.testing.assert_allclose(fast, slow, rtol=0, atol=1e-12)
    if network.kind == "two-mode":
        told = np.zeros((slow[0].size, 3))
        for used, values in draws.cells(network, 3, 1):
            told[used] = values
        np.testing.assert_allclose(told.T, slow.reshape(3, -1), rtol=0, atol=1e-12)


def test_parts_of_a_matrix_give_what_the_whole_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    for how in ({"normalization": "activity"}, {"normalization": "prominence"}, {"kind": "one-mode"}):
        network = analysis.network(corpus(), **how)  # type: ignore[arg-type]
        whole = analysis.tie_intervals(network, draws=50)
        monkeypatch.setattr(draws, "_ROOM", 150)
        pd.testing.assert_frame_equal(analysis.tie_intervals(network, draws=50), whole)
        monkeypatch.undo()


# Two articles: each draw holds p twice, q twice, or both (chance 1/2). The tie from p alone is lost when q comes twice.
def test_the_share_kept_is_the_share_of_draws_in_which_the_tie_is_there() -> None:
    said = pd.DataFrame({"speaker_id": ["a", "b"], "issue_id": ["x", "x"], "article_id": ["p", "q"]})
    kept = analysis.tie_intervals(analysis.network(said), draws=4000)["share_kept"]
    assert kept.tolist() == pytest.approx([0.75, 0.75], abs=0.03)


def test_a_tie_that_changes_its_sign_is_not_kept() -> None:
    said = corpus().assign(stance=1.0)
    said.loc[said["article_id"] == "d00", "stance"] = -1.0
    told = analysis.tie_intervals(analysis.network(said, aggregation="subtract"), draws=400)
    values = np.concatenate(list(draws.stacks(analysis.network(said, aggregation="subtract"), 400, 0)))
    first = (values[:, 0, 0] > 0).mean()
    assert told["share_kept"][0] == pytest.approx(first)


def test_the_ends_are_quantiles_at_the_level_of_students_t_for_the_articles_behind() -> None:
    network = analysis.network(corpus(2000))
    told = analysis.tie_intervals(network, draws=999)
    values = np.concatenate(list(draws.stacks(network, 999, 0)))
    row = told.iloc[0]
    # For 12 articles: sqrt(12 / 11) * 2.200985 = 2.298840, and the normal tail beyond it is 0.0107568.
    assert row["n_articles"] == 12
    low, high = np.quantile(values[:, 0, 0], [0.0107568, 1 - 0.0107568])
    assert [row["ci_low"], row["ci_high"]] == pytest.approx([low, high], abs=1e-3)
    assert row["ci_low"] < row["weight"] < row["ci_high"]
    assert row["ci_method"] == resampling.METHOD


def test_few_articles_and_no_variation_have_no_interval() -> None:
    thin = analysis.tie_intervals(analysis.network(corpus(articles=7)), draws=50)
    assert thin["ci_low"].isna().all()
    assert set(thin["ci_method"]) == {"thin"}
    still = corpus(400).assign(issue_id="x")
    told = analysis.tie_intervals(analysis.network(still, normalization="activity"), draws=50)
    assert told["ci_low"].isna().all()
    assert set(told["ci_method"]) == {"no variation"}


def test_a_weight_of_zero_is_neither_kept_nor_lost() -> None:
    said = pd.DataFrame(
        {"speaker_id": ["a", "a"], "issue_id": ["x", "x"], "article_id": ["p", "q"], "stance": [1.0, -1.0]}
    )
    told = analysis.tie_intervals(analysis.network(said, aggregation="subtract"), draws=20)
    assert told["share_kept"].isna().all()


def test_the_same_seed_gives_the_same_and_another_does_not() -> None:
    network = analysis.network(corpus(400), kind="one-mode", aggregation="congruence")
    first = analysis.tie_intervals(network, draws=100)
    pd.testing.assert_frame_equal(first, analysis.tie_intervals(network, draws=100))
    assert (first["ci_low"] != analysis.tie_intervals(network, draws=100, seed=1)["ci_low"]).any()


def test_ties_below_the_least_number_of_statements_have_no_row_but_count_in_the_sums() -> None:
    said = corpus(60)
    whole = analysis.tie_intervals(analysis.network(said, normalization="activity"), draws=30)
    some = analysis.tie_intervals(analysis.network(said, normalization="activity", min_statements=5), draws=30)
    expected = whole[whole["n_statements"] >= 5].reset_index(drop=True)
    pd.testing.assert_frame_equal(some, expected)


def test_a_window_is_resampled_over_its_own_articles() -> None:
    windows = analysis.window(corpus(400), unit="year", duplicates="acrossrange")
    for piece in windows:
        told = analysis.tie_intervals(piece.network, draws=20)
        assert told[["source", "target"]].equals(piece.network.edges[["source", "target"]])


def test_an_aggregate_has_its_value_and_an_interval() -> None:
    network = analysis.network(corpus(400), kind="one-mode", aggregation="subtract", normalization="average")
    value, low, high = analysis.aggregate_interval(network, lambda stack: stack.sum(axis=(1, 2)), draws=300)
    assert value == pytest.approx(network.matrix.to_numpy().sum())
    assert low < value < high


def test_an_aggregate_that_is_mostly_undefined_or_rests_on_little_has_no_interval() -> None:
    def undefined(stack: np.ndarray) -> np.ndarray:
        return np.full(len(stack), np.nan)

    assert np.isnan(analysis.aggregate_interval(analysis.network(corpus()), undefined, draws=10)).all()
    thin = analysis.network(corpus(articles=5))
    value, low, _ = analysis.aggregate_interval(thin, lambda stack: stack.sum(axis=(1, 2)), draws=10)
    assert value == 120
    assert np.isnan(low)


@pytest.mark.parametrize("kind", ["two-mode", "one-mode"])
def test_nothing_in_nothing_out(kind: str) -> None:
    empty = analysis.network(corpus().iloc[:0], kind=kind)
    told = analysis.tie_intervals(empty, draws=10)
    full = analysis.tie_intervals(analysis.network(corpus(), kind=kind), draws=10)
    assert told.empty
    assert told.dtypes.to_dict() == full.dtypes.to_dict()
    value, low, high = analysis.aggregate_interval(empty, lambda stack: stack.sum(axis=(1, 2)), draws=10)
    assert value == 0
    assert np.isnan([low, high]).all()


def test_what_is_asked_wrongly_is_told() -> None:
    network = analysis.network(corpus())
    with pytest.raises(ParameterError, match="draws is 0"):
        analysis.tie_intervals(network, draws=0)
    with pytest.raises(ParameterError, match="one number per matrix"):
        analysis.aggregate_interval(network, lambda stack: stack.sum(axis=1), draws=10)
    kernel = next(iter(analysis.window(corpus(), unit="month", kernel="uniform"))).network
    with pytest.raises(ParameterError, match="kernel weights has no intervals"):
        analysis.tie_intervals(kernel)


def test_more_than_fits_is_refused_before_it_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resampling, "_MOST", 10)
    with pytest.raises(ParameterError, match=r"6 ties × 1000 draws(.|\n)*min_statements"):
        analysis.tie_intervals(analysis.network(corpus(), kind="one-mode"))
