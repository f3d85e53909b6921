"""Events in time: literal events in, literal counts out, and the same by counting days one at a time."""

import datetime as dt
import random
from collections import Counter

import pandas as pd
import pytest
from corpus_builder import assert_equal_tables, happened, tables

from analysis import events
from analysis.errors import ParameterError
from analysis.schema import QUAD_CLASSES, STATUSES, Tables


def counted(drawn: Tables, every: str = "MS", **asked: object) -> dict[str, list[float]]:
    """Per period of verbal cooperation: certain, possible and expected events, and articles."""
    series = events.event_series(drawn, every, **asked)
    series = series[series["quad_class"] == "verbal_cooperation"]
    numbers = series[["n_certain", "n_possible", "n_expected", "n_articles"]].round(9).to_numpy().tolist()
    return dict(zip([start.date().isoformat() for start in series["period_start"]], numbers, strict=True))


def test_an_event_is_certain_within_a_period_and_possible_across_two() -> None:
    drawn = tables(events=[happened("a", "2024-01-15"), happened("b", "2024-01-31", "2024-02-03")])
    assert counted(drawn) == {"2024-01-01": [1, 1, 1.25, 0], "2024-02-01": [0, 1, 0.75, 0]}


def test_the_calendar_is_complete_and_has_every_quad_class_in_every_period() -> None:
    drawn = tables(events=[happened("a", "2023-11-05"), happened("b", "2024-03-01")])
    series = events.event_series(drawn, "MS")
    months = ["2023-11", "2023-12", "2024-01", "2024-02", "2024-03"]
    assert series["period_start"].dt.strftime("%Y-%m").tolist() == [month for month in months for _ in QUAD_CLASSES]
    assert series["quad_class"].tolist() == list(QUAD_CLASSES) * 5
    assert series["n_expected"].tolist() == [1.0, 0, 0, 0] + [0.0] * 12 + [1.0, 0, 0, 0]


@pytest.mark.parametrize(
    ("year", "end", "share"),
    [("2024", "2024-02-29", 29 / 366), ("2023", "2023-02-28", 28 / 365)],
    ids=["leap", "common"],
)
def test_february_has_its_share_of_a_year(year: str, end: str, share: float) -> None:
    series = events.event_series(tables(events=[happened("a", year)]), "MS")
    february = series[(series["period_end"] == end) & (series["quad_class"] == "verbal_cooperation")]
    assert february["n_expected"].tolist() == pytest.approx([share], abs=1e-15)


def test_planned_events_do_not_count_unless_asked_for() -> None:
    drawn = tables(
        events=[
            happened("a", "2024-01"),
            happened("b", "2024-01", status="ongoing"),
            happened("c", "2024-01", status="planned"),
        ]
    )
    assert counted(drawn) == {"2024-01-01": [2, 0, 2.0, 0]}
    assert counted(drawn, status=["planned"]) == {"2024-01-01": [1, 0, 1.0, 0]}
    assert counted(drawn, status=STATUSES) == {"2024-01-01": [3, 0, 3.0, 0]}


def test_articles_tell_where_nobody_looked() -> None:
    drawn = tables(
        events=[happened("a", "2024-01-15"), happened("b", "2024-04-15")],
        published={"x": "2024-01-31", "y": "2024-01/2024-02", "z": "2024-04-01"},
    )
    assert {month: numbers[3] for month, numbers in counted(drawn).items()} == {
        "2024-01-01": 2,
        "2024-02-01": 1,
        "2024-03-01": 0,
        "2024-04-01": 1,
    }


def test_articles_in_time_are_a_complete_calendar_too() -> None:
    drawn = tables(published={"x": "2024-01-31", "y": "2024-01-31/2024-02-01", "z": "2024-04-01"})
    series = events.article_series(drawn)
    columns = ["n_certain", "n_possible", "n_expected", "n_articles"]
    assert series[columns].to_numpy().tolist() == [[1, 1, 1.5, 2], [0, 1, 0.5, 1], [0, 0, 0, 0], [1, 0, 1, 1]]
    assert events.article_series(tables()).empty


@pytest.mark.parametrize(
    ("every", "starts", "ends"),
    [
        ("W-MON", ["2024-02-26", "2024-03-04"], ["2024-03-03", "2024-03-10"]),
        ("week", ["2024-02-26", "2024-03-04"], ["2024-03-03", "2024-03-10"]),
        ("MS", ["2024-02-01", "2024-03-01"], ["2024-02-29", "2024-03-31"]),
        ("month", ["2024-02-01", "2024-03-01"], ["2024-02-29", "2024-03-31"]),
        ("QS", ["2024-01-01"], ["2024-03-31"]),
        ("quarter", ["2024-01-01"], ["2024-03-31"]),
        ("YS", ["2024-01-01"], ["2024-12-31"]),
        ("year", ["2024-01-01"], ["2024-12-31"]),
    ],
)
def test_periods_start_and_end_where_the_calendar_says(every: str, starts: list[str], ends: list[str]) -> None:
    series = events.event_series(tables(events=[happened("a", "2024-02-29", "2024-03-04")]), every)
    found = series[["period_start", "period_end"]].drop_duplicates()
    assert found["period_start"].dt.strftime("%Y-%m-%d").tolist() == starts
    assert found["period_end"].dt.strftime("%Y-%m-%d").tolist() == ends


@pytest.mark.parametrize("every", ["M", "monthly", "D", ""])
def test_an_unknown_period_is_told(every: str) -> None:
    with pytest.raises(
        ParameterError, match=f"^the period '{every}' is not known\n    expected: one of week, month, q"
    ):
        events.event_series(tables(), every)


def test_an_unknown_status_and_a_bound_that_is_no_date_are_told() -> None:
    drawn = tables(events=[happened("a", "2024")])
    with pytest.raises(ParameterError, match=r"^the status 'plan' is not known\n.*\n    next: did you mean 'planned'"):
        events.event_series(drawn, status=["plan"])
    with pytest.raises(ParameterError, match=r"^since is '2024-13'\n.*\n    next: '2024-13' is not in the calendar$"):
        events.event_series(drawn, since="2024-13")
    with pytest.raises(ParameterError, match=r"^until is 'now'\n"):
        events.event_series(drawn, until="now")


def test_since_and_until_bound_the_calendar_in_whole_periods() -> None:
    drawn = tables(events=[happened("a", "2024-01-31", "2024-02-01"), happened("b", "2024-06-01")])
    inside = counted(drawn, since="2024-02-15", until="2024-04")
    assert inside == {"2024-02-01": [0, 1, 0.5, 0], "2024-03-01": [0, 0, 0.0, 0], "2024-04-01": [0, 0, 0.0, 0]}
    wider = counted(drawn, "YS", since="2023", until="2025")
    assert wider == {"2023-01-01": [0, 0, 0.0, 0], "2024-01-01": [2, 0, 2.0, 0], "2025-01-01": [0, 0, 0.0, 0]}


def test_no_events_give_an_empty_series_of_full_type() -> None:
    full = events.event_series(tables(events=[happened("a", "2024")]))
    empty = events.event_series(tables())
    assert len(empty) == 0
    pd.testing.assert_series_equal(empty.dtypes, full.dtypes)


def test_dates_of_the_first_and_the_last_year_are_no_trouble() -> None:
    for year in ("0001", "9998"):
        drawn = tables(events=[happened("a", year)])
        assert counted(drawn, "YS") == {f"{year}-01-01": [1, 0, 1.0, 0]}
        assert events.event_list(drawn)["date"].tolist() == [year]


LISTED = tables(
    events=[
        happened("walk", "2024-05-28"),
        happened("talks", "2024-03", "2024-04"),
        happened("plan", "2025", status="planned"),
    ],
    roles=[
        ("talks", "bob", "actor"),
        ("talks", "ann", "actor"),
        ("talks", "cid", "recipient"),
        ("walk", "ann", "actor"),
    ],
    mentions=[("talks", "x"), ("talks", "x"), ("talks", "y")],
)


def test_the_list_of_events_is_numbered_in_order_of_date() -> None:
    listed = events.event_list(LISTED)
    columns = ["number", "event_id", "date", "actors", "recipients", "n_mentions", "n_articles"]
    assert listed[columns].astype(object).where(listed[columns].notna(), None).to_numpy().tolist() == [
        [1, "talks", "2024-03 to 2024-04", "Bob; Ann", "Cid", 3, 2],
        [2, "walk", "2024-05-28", "Ann", None, 0, 0],
        [3, "plan", "2025", None, None, 0, 0],
    ]


def test_the_busiest_actor_has_the_first_lane() -> None:
    lanes = events.swimlanes(LISTED)
    assert lanes[["actor_id", "event_id", "role"]].to_numpy().tolist() == [
        ["ann", "talks", "actor"],
        ["ann", "walk", "actor"],
        ["bob", "talks", "actor"],
        ["cid", "talks", "recipient"],
    ]
    assert events.swimlanes(tables()).empty


def test_measures_leave_the_tables_as_they_were() -> None:
    drawn = tables(events=[happened("b", "2024-05"), happened("a", "2024-03")], mentions=[("a", "x")])
    before = tables(events=[happened("b", "2024-05"), happened("a", "2024-03")], mentions=[("a", "x")])
    for measure in (events.event_list, events.swimlanes, events.event_series, events.article_series):
        measure(drawn)
    assert_equal_tables(drawn, before)


def period(day: dt.date, every: str) -> dt.date:
    """The first day of the period in which `day` lies."""
    return {
        "W-MON": day - dt.timedelta(days=day.weekday()),
        "MS": day.replace(day=1),
        "QS": day.replace(month=day.month - (day.month - 1) % 3, day=1),
        "YS": day.replace(month=1, day=1),
    }[every]


@pytest.mark.parametrize("every", ["W-MON", "MS", "QS", "YS"])
@pytest.mark.parametrize("seed", range(3))
def test_counts_are_those_of_going_through_the_days_one_by_one(every: str, seed: int) -> None:
    pick = random.Random(seed)  # noqa: S311  # seeded draws, no secrets
    rows = []
    for at in range(25):
        start = dt.date(2023, 11, 1) + dt.timedelta(days=pick.randrange(300))
        end = start + dt.timedelta(days=pick.choice([0, 0, 1, 6, 40, 200]))
        quad, status = pick.choice(QUAD_CLASSES), pick.choice(STATUSES)
        rows.append(happened(f"e{at}", start.isoformat(), end.isoformat(), quad_class=quad, status=status))
    expected: Counter[tuple[dt.date, str]] = Counter()
    certain: Counter[tuple[dt.date, str]] = Counter()
    possible: Counter[tuple[dt.date, str]] = Counter()
    for row in (row for row in rows if row["status"] != "planned"):
        first, last = row["date_start"].date(), row["date_end"].date()
        days = [first + dt.timedelta(days=at) for at in range((last - first).days + 1)]
        touched = {period(day, every) for day in days}
        for day in days:
            expected[period(day, every), row["quad_class"]] += 1 / len(days)
        for start in touched:
            (certain if len(touched) == 1 else possible)[start, row["quad_class"]] += 1
    series = events.event_series(tables(events=rows), every)
    assert series["n_expected"].sum() == pytest.approx(sum(row["status"] != "planned" for row in rows))
    assert {start for start, _ in expected} <= set(series["period_start"].dt.date)
    for row in series.itertuples():
        key = (row.period_start.date(), row.quad_class)
        assert row.n_expected == pytest.approx(expected[key])
        assert (row.n_certain, row.n_possible) == (certain[key], possible[key])
