"""The interval of a mean of a few bounded values: exact where that is known, and it covers at its nominal rate."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis import intervals
from analysis.intervals import mean_interval

VALUES = st.lists(st.sampled_from([-1.0, -0.5, 0.0, 0.5, 1.0]) | st.floats(-1, 1), min_size=1, max_size=12)


@pytest.mark.parametrize(("n", "support"), [(n, k) for n in (1, 3, 5, 12, 40) for k in {0, 1, n // 2, n - 1, n}])
def test_for_values_at_the_two_ends_it_is_clopper_and_pearsons(n: int, support: int) -> None:
    exact = stats.binomtest(support, n).proportion_ci(0.95, method="exact")
    low, high = mean_interval([1.0] * support + [-1.0] * (n - support))
    assert (low, high) == pytest.approx((2 * exact.low - 1, 2 * exact.high - 1), abs=1e-9)


@given(VALUES)
def test_it_contains_the_mean_and_lies_on_the_scale(values: list[float]) -> None:
    low, high = mean_interval(values)
    assert -1 <= low <= np.mean(values) + 1e-9
    assert np.mean(values) - 1e-9 <= high <= 1


@given(VALUES)
def test_turning_support_into_opposition_turns_the_interval(values: list[float]) -> None:
    low, high = mean_interval(values)
    assert mean_interval([-value for value in values]) == pytest.approx((-high, -low), abs=1e-9)


@given(VALUES, st.data())
def test_a_higher_value_never_lowers_either_end(values: list[float], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(values) - 1))
    raised = [*values[:at], data.draw(st.floats(values[at], 1)), *values[at + 1 :]]
    before, after = mean_interval(values), mean_interval(raised)
    assert after[0] >= before[0] - 1e-9
    assert after[1] >= before[1] - 1e-9


@given(VALUES, st.randoms(use_true_random=False))
def test_the_order_of_values_is_irrelevant(values: list[float], random: object) -> None:
    shuffled = random.sample(values, len(values))
    assert mean_interval(shuffled) == mean_interval(values)


def test_on_another_scale_it_is_the_same_interval_there() -> None:
    low, high = mean_interval([1.0, 0.5, -1.0])
    expected = ((low + 1) / 2, (high + 1) / 2)
    assert mean_interval([1.0, 0.75, 0.0], low=0.0, high=1.0) == pytest.approx(expected, abs=1e-9)


def test_the_chance_that_a_weighted_mean_exceeds_a_value_is_that_of_drawn_weights() -> None:
    points = [-1.0, -0.5, 0.0, 0.5, 0.5, 1.0]
    drawn = np.random.default_rng(1).dirichlet(np.ones(6), 200_000) @ points
    for at in (-0.6, -0.25, 0.0, 0.1, 0.5, 0.7):
        assert intervals.share_above(points, at) == pytest.approx((drawn > at).mean(), abs=0.005)
    assert (intervals.share_above(points, 1.0), intervals.share_above(points, -1.1)) == (0.0, 1.0)


@pytest.mark.parametrize("seed", range(4))
def test_many_points_leave_beyond_their_ends_what_they_should(seed: int) -> None:
    random = np.random.default_rng(seed)
    drawn = random.choice([-1, -0.5, 0, 0.5, 1], 80, p=random.dirichlet(np.ones(5))).tolist()
    for values in (drawn, [-1.0] + [1.0] * 79, [0.5] + [1.0] * 79):
        low, high = mean_interval(values)
        assert 1 - intervals.share_above(sorted([*values, -1.0]), low) == pytest.approx(0.025, abs=1e-3)
        assert intervals.share_above(sorted([*values, 1.0]), high) == pytest.approx(0.025, abs=1e-3)


def student(values: Sequence[float]) -> tuple[float, float]:
    """What the simulation must be able to reject."""
    middle, error = np.mean(values), np.std(values, ddof=1) / len(values) ** 0.5
    reach = stats.t.ppf(0.975, len(values) - 1) * error
    return float(middle - reach), float(middle + reach)


def coverage(method: Callable[[Sequence[float]], tuple[float, float]], n: int, shares: Sequence[float]) -> float:
    """How often the interval of n stances, drawn with these `shares` of −1 … +1, contains their true mean."""
    steps = np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
    truth = float(steps @ shares)
    draws = np.random.default_rng(20240528).choice(steps, (2000, n), p=shares)
    ends = [method(sorted(draw)) for draw in draws.tolist()]
    return sum(low - 1e-9 <= truth <= high + 1e-9 for low, high in ends) / len(ends)


SKEWED, BALANCED = (0.1, 0.0, 0.0, 0.1, 0.8), (0.3, 0.1, 0.2, 0.1, 0.3)


@pytest.mark.parametrize("shares", [SKEWED, BALANCED], ids=["skewed", "balanced"])
@pytest.mark.parametrize("n", [3, 5, 10])
def test_in_a_simulation_it_covers_at_its_nominal_rate(n: int, shares: Sequence[float]) -> None:
    assert coverage(mean_interval, n, shares) >= 0.94


@pytest.mark.parametrize("n", [3, 5, 10])
def test_in_the_same_simulation_students_t_does_not(n: int) -> None:
    assert coverage(student, n, SKEWED) < 0.9
