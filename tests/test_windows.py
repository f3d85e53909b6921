"""Networks in time: which statements fall into which window, and what kernels weigh."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

import analysis
from analysis.errors import ParameterError


def statements(rows: list[tuple[str, ...]]) -> pd.DataFrame:
    """Speaker, issue, stance, first day and last day of each; one article each."""
    frame = pd.DataFrame(rows, columns=["speaker_id", "issue_id", "stance", "date_start", "date_end"])
    ids = [f"s{at}" for at in range(len(frame))]
    dates = {name: pd.to_datetime(frame[name]) for name in ("date_start", "date_end")}
    return frame.assign(statement_id=ids, article_id=ids, stance=frame["stance"].astype(float), **dates)


DAYS = statements(
    [
        ("a", "x", "1", "2023-12-30", "2023-12-30"),
        ("b", "x", "1", "2024-01-02", "2024-01-02"),
        ("a", "y", "-1", "2024-03-01", "2024-03-31"),
        ("b", "y", "-1", "2024-01-01", "2024-12-31"),
    ]
)


def starts(windows: Any, column: str = "start") -> list[str]:
    return [day.date().isoformat() for day in windows.summary[column]]


def test_months_are_those_of_the_calendar_and_none_is_left_out() -> None:
    windows = analysis.window(DAYS, unit="month")
    assert starts(windows)[:3] == ["2023-12-01", "2024-01-01", "2024-02-01"]
    assert starts(windows, "end")[:3] == ["2023-12-31", "2024-01-31", "2024-02-29"]
    assert windows.summary["n_statements"].tolist() == [1, 1, 0, 1, *[0] * 9]


def test_a_statement_that_may_lie_elsewhere_is_told_and_not_counted() -> None:
    windows = analysis.window(DAYS, unit="month")
    assert windows.summary["n_possible"].tolist() == [0, *[1] * 12]
    years = analysis.window(DAYS, unit="year")
    assert years.summary[["n_statements", "n_possible"]].to_numpy().tolist() == [[1, 0], [3, 0]]


def test_weeks_start_on_monday_and_cross_the_year() -> None:
    windows = analysis.window(DAYS.iloc[:2], unit="week")
    assert starts(windows) == ["2023-12-25", "2024-01-01"]
    assert windows.summary["n_statements"].tolist() == [1, 1]


@pytest.mark.parametrize(("width", "days"), [(1, 1), (2, 3), (3, 3), (4, 5), (5, 5), (6, 7)])
def test_a_window_reaches_half_of_its_width_less_one_to_either_side_halves_upwards(width: int, days: int) -> None:
    first = next(iter(analysis.window(DAYS.iloc[:2], unit="day", width=width)))
    assert (first.end - first.start).days + 1 == days
    assert first.middle == pd.Timestamp("2023-12-30")


def test_days_without_a_statement_are_windows_too() -> None:
    windows = analysis.window(DAYS.iloc[:2], unit="day")
    assert windows.summary["n_statements"].tolist() == [1, 0, 0, 1]


def test_windows_over_statements_are_those_before_and_after_each() -> None:
    shuffled = DAYS.iloc[[2, 0, 3, 1]]
    windows = analysis.window(shuffled, unit="statement", width=3)
    made = [piece.network.counted["statement_id"].tolist() for piece in windows]
    assert made == [["s0", "s3"], ["s0", "s3", "s1"], ["s3", "s1", "s2"], ["s1", "s2"]]


def test_the_long_frame_holds_the_ties_of_every_window() -> None:
    frame = analysis.window(DAYS, unit="year", aggregation="subtract").frame
    told = frame[["source", "target", "weight", "n_statements"]].to_numpy().tolist()
    assert told == [["a", "x", 1.0, 1], ["a", "y", -1.0, 1], ["b", "x", 1.0, 1], ["b", "y", -1.0, 1]]
    assert frame["start"].dt.year.tolist() == [2023, 2024, 2024, 2024]


def test_every_window_is_the_network_of_its_statements() -> None:
    options = {"kind": "one-mode", "aggregation": "congruence", "normalization": "average", "isolates": True}
    for piece in analysis.window(DAYS, unit="year", **options):
        whole = analysis.network(DAYS, **options, since=piece.start, until=piece.end, exclude={"statement_id": ["s3"]})
        without = analysis.network(DAYS[DAYS["statement_id"].isin(piece.network.counted["statement_id"])], **options)
        assert set(piece.network.matrix.index) == {"a", "b"}
        assert piece.network.matrix.to_numpy().sum() == without.matrix.to_numpy().sum()
        assert set(whole.counted["statement_id"]) <= set(DAYS["statement_id"])


def test_labels_stay_with_isolates_and_go_without() -> None:
    with_all = [piece.network.matrix.shape for piece in analysis.window(DAYS, unit="year", isolates=True)]
    used = [piece.network.matrix.shape for piece in analysis.window(DAYS, unit="year")]
    assert with_all == [(2, 2), (2, 2)]
    assert used == [(1, 1), (2, 2)]


def test_identical_statements_go_before_the_time_is_cut() -> None:
    twice = pd.concat([DAYS.iloc[:1], DAYS.iloc[:1].assign(date_start=DAYS["date_start"][1], statement_id="later")])
    twice["date_end"] = twice["date_start"]
    windows = analysis.window(twice, unit="year", duplicates="acrossrange", since="2023", until="2024")
    assert windows.summary["n_statements"].tolist() == [1]


# Three statements 0, 1 and 2 days from the middle of a window of 3 days: d = 0, 2/3, 4/3.
KERNEL_WEIGHTS = {
    "uniform": [0.5, 0.5, 0.0],
    "epanechnikov": [0.75, 0.75 * (1 - 4 / 9), 0.0],
    "triangular": [1.0, 1 / 3, 0.0],
    "gaussian": [math.exp(-(d**2) / 2) / math.sqrt(2 * math.pi) for d in (0, 2 / 3, 4 / 3)],
}


@pytest.mark.parametrize("kernel", KERNEL_WEIGHTS)
def test_kernels_weigh_by_whole_days_from_the_middle(kernel: str) -> None:
    days = ["2024-05-01", "2024-05-02", "2024-05-03"]
    said = statements([(name, "x", "-1", day, day) for name, day in zip("abc", days, strict=True)])
    first = next(iter(analysis.window(said, unit="day", width=3, kernel=kernel, aggregation="subtract", isolates=True)))
    expected = [-weight for weight in KERNEL_WEIGHTS[kernel]]
    np.testing.assert_allclose(first.network.matrix["x"], expected, rtol=0, atol=1e-15)
    pair = {"kind": "one-mode", "aggregation": "congruence", "isolates": True}
    tie = next(iter(analysis.window(said, unit="day", width=3, kernel=kernel, **pair))).network.matrix.loc["a", "b"]
    assert tie == pytest.approx(math.sqrt(KERNEL_WEIGHTS[kernel][0] * KERNEL_WEIGHTS[kernel][1]), abs=1e-15)


@pytest.mark.parametrize("kernel", KERNEL_WEIGHTS)
def test_kernels_are_symmetric(kernel: str) -> None:
    days = ["2024-05-01", "2024-05-02", "2024-05-03"]
    said = statements([(name, "x", "1", day, day) for name, day in zip("abc", days, strict=True)])
    middle = list(analysis.window(said, unit="day", width=3, kernel=kernel, isolates=True))[1]
    weights = middle.network.matrix["x"]
    assert weights["a"] == weights["c"]


def test_an_interval_has_the_mean_weight_of_its_days() -> None:
    said = statements([("a", "x", "1", "2024-05-02", "2024-05-02"), ("b", "x", "1", "2024-05-01", "2024-05-03")])
    middle = list(analysis.window(said, unit="day", width=3, kernel="triangular", isolates=True))[1]
    assert middle.network.matrix.loc["b", "x"] == pytest.approx((1 / 3 + 1 + 1 / 3) / 3, abs=1e-15)


def test_a_normalised_kernel_network_stays_symmetric_and_finite() -> None:
    random = np.random.default_rng(3)
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 60, 200), unit="D")
    rows = [(f"a{random.integers(6)}", f"i{random.integers(4)}", random.choice([-1, 0, 0.5]), day, day) for day in days]
    how: dict[str, Any] = {"kind": "one-mode", "aggregation": "subtract", "normalization": "cosine"}
    for piece in analysis.window(statements(rows), unit="week", width=3, kernel="gaussian", **how):
        matrix = piece.network.matrix.to_numpy()
        assert (matrix == matrix.T).all()
        assert np.isfinite(matrix).all()
        assert (abs(matrix) <= 1 + 1e-12).all()


@pytest.mark.parametrize("unit", ["day", "week", "month", "year", "statement"])
def test_nothing_selected_gives_no_window_and_empty_tables_of_the_right_kind(unit: str) -> None:
    for said in (DAYS.iloc[:0], DAYS.assign(speaker_id="")):
        windows = analysis.window(said, unit=unit)
        assert list(windows) == []
        assert windows.summary.empty
        full = analysis.window(DAYS, unit=unit)
        assert windows.frame.dtypes.to_dict() == full.frame.dtypes.to_dict()
        assert windows.summary.dtypes.to_dict() == full.summary.dtypes.to_dict()


@pytest.mark.parametrize("kernel", ["no", "gaussian"])
def test_statements_without_a_date_are_in_no_window(kernel: str) -> None:
    undated = DAYS.assign(date_start=DAYS["date_start"].where([True, False, False, False]))
    undated["date_end"] = undated["date_start"]
    windows = analysis.window(undated, unit="year", kernel=kernel)
    assert windows.summary["n_statements"].tolist() == [1]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"unit": "monht"}, "unit of windows 'monht' is not known(.|\n)*did you mean 'month'"),
        ({"kernel": "gauss"}, "kernel 'gauss' is not known(.|\n)*did you mean 'gaussian'"),
        ({"width": 0}, "width is 0(.|\n)*from 1 up"),
        ({"width": True}, "width is True"),
        ({"unit": "statement", "kernel": "uniform"}, "kernels weigh days"),
        ({"aggregation": "congruence"}, "two-mode network aggregation 'congruence' is not known"),
    ],
)
def test_what_is_asked_wrongly_is_told(asked: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        analysis.window(DAYS, **asked)


def test_windows_need_dates() -> None:
    with pytest.raises(ParameterError, match="column 'date_start' is not known"):
        analysis.window(DAYS.drop(columns=["date_start", "date_end"]))
