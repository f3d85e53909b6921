import datetime as dt

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import dates
from analysis.errors import ParameterError


@pytest.mark.parametrize(
    ("text", "start", "end", "precision"),
    [
        ("2024-05-28", "2024-05-28", "2024-05-28", "day"),
        ("2024-05", "2024-05-01", "2024-05-31", "month"),
        ("2024-02", "2024-02-01", "2024-02-29", "month"),
        ("2023-02", "2023-02-01", "2023-02-28", "month"),
        ("2024", "2024-01-01", "2024-12-31", "year"),
        ("2024-05/2024-12", "2024-05-01", "2024-12-31", "interval"),
        ("2023-12-29/2024-01-31", "2023-12-29", "2024-01-31", "interval"),
        ("2024/2024-03", "2024-01-01", "2024-03-31", "interval"),
        ("2024-05/2024-05", "2024-05-01", "2024-05-31", "month"),
        (" 2024 ", "2024-01-01", "2024-12-31", "year"),
        ("0001", "0001-01-01", "0001-12-31", "year"),
        ("9999-12-31", "9999-12-31", "9999-12-31", "day"),
    ],
)
def test_a_date_becomes_the_interval_it_stands_for(text: str, start: str, end: str, precision: str) -> None:
    found = dates.parse(text)
    assert (found.start.date().isoformat(), found.end.date().isoformat(), found.precision) == (start, end, precision)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2024-02-30", "'2024-02-30' is not in the calendar"),
        ("2023-02-29", "'2023-02-29' is not in the calendar"),
        ("2024-13", "'2024-13' is not in the calendar"),
        ("2024-00", "'2024-00' is not in the calendar"),
        ("2024-05-00", "'2024-05-00' is not in the calendar"),
        ("2024-00-01", "'2024-00-01' is not in the calendar"),
        ("0000", "'0000' is not in the calendar"),
        ("28.5.2024", "'28.5.2024' is not a date"),
        ("24-05-28", "'24-05-28' is not a date"),
        ("2024-5-28", "'2024-5-28' is not a date"),
        ("20240528", "'20240528' is not a date"),
        ("2024-05-28T12:00", "'2024-05-28T12:00' is not a date"),
        ("٢٠٢٤", "'٢٠٢٤' is not a date"),
        ("", "'' is not a date"),
        ("2024/", "'' is not a date"),
        ("2024/2025/2026", "'2025/2026' is not a date"),
        ("2024-05/2024-04", r"it ends \(2024-04-30\) before it starts \(2024-05-01\)"),
    ],
)
def test_what_is_no_date_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=f"^{reason}$"):
        dates.parse(text)


def test_a_date_that_was_asked_for_and_is_none_is_a_parameter_error() -> None:
    assert dates.asked("2024", "since") == dates.parse("2024")
    with pytest.raises(
        ParameterError, match=r"^since is 'May'\n    expected: an ISO 8601 date: 2024, .*\n.*'May' is not"
    ):
        dates.asked("May", "since")


@pytest.mark.parametrize(
    "text", ["2024-05-28", "2024-05", "2024", "0999", "0001-02-03", "2024-05 to 2024-12", "2023 to 2024"]
)
def test_a_label_gives_a_date_back_as_its_source_gave_it(text: str) -> None:
    start, end, precision = dates.parse(text.replace(" to ", "/"))
    assert dates.label(pd.Timestamp(start), pd.Timestamp(end), precision) == text


def test_a_label_of_days_in_whole_months_is_not_made_vaguer_than_months() -> None:
    assert dates.label(pd.Timestamp("2023-12-29"), pd.Timestamp("2024-01-31"), "interval") == "2023-12-29 to 2024-01-31"
    assert dates.label(pd.Timestamp("2024-05-01"), pd.Timestamp("2024-05-31"), "interval") == "2024-05"
    assert dates.label(pd.NaT, pd.NaT, "day") == "no date"


@given(st.dates(), st.sampled_from(["%Y-%m-%d", "%Y-%m", "%Y"]))
def test_every_day_lies_in_its_own_day_month_and_year(day: dt.date, form: str) -> None:
    width = {"%Y-%m-%d": 10, "%Y-%m": 7, "%Y": 4}[form]
    found = dates.parse(day.isoformat()[:width])
    assert found.start.date() <= day <= found.end.date()
    assert dates.label(pd.Timestamp(found.start), pd.Timestamp(found.end), found.precision) == day.isoformat()[:width]
