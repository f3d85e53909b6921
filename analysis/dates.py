"""Dates that are no more precise than their source: an ISO 8601 text becomes the interval it stands for.

`2024` is the year, `2024-05` the month, `2024-05-28` the day, and `2024-05/2024-12` some time from May to December.
"""

import calendar
import datetime as dt
import re
from typing import NamedTuple

import pandas as pd

PRECISIONS = ("day", "month", "year", "interval")
EXPECTED = "an ISO 8601 date: 2024, 2024-05, 2024-05-28, or an interval such as 2024-05/2024-12"
_ISO = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)


class Interval(NamedTuple):
    """The first and last possible day, and how precise the source is: day, month, year or interval."""

    start: dt.datetime
    end: dt.datetime
    precision: str


def parse(text: str) -> Interval:
    """The interval that an ISO 8601 `text` stands for.

    Raises
    ------
    ValueError
        The text is no such date, no day of the calendar, or ends before it starts.

    Examples
    --------
    >>> parse("2024-02").end.date().isoformat(), parse("2024-02").precision
    ('2024-02-29', 'month')
    """
    first, slash, last = text.strip().partition("/")
    return span(_single(first), _single(last)) if slash else _single(first)


def span(start: Interval, end: Interval) -> Interval:
    """The interval from the first day of `start` to the last day of `end`."""
    if end.end < start.start:
        raise ValueError(f"it ends ({end.end:%Y-%m-%d}) before it starts ({start.start:%Y-%m-%d})")
    return start if start == end else Interval(start.start, end.end, "interval")


def _single(text: str) -> Interval:
    match = _ISO.fullmatch(text)
    if not match:
        raise ValueError(f"{text!r} is not a date")
    year, month, day = (int(part) if part else None for part in match.groups())
    try:
        if day and month and year:
            return Interval(dt.datetime(year, month, day), dt.datetime(year, month, day), "day")
        if month and year:
            last = calendar.monthrange(year, month)[1]
            return Interval(dt.datetime(year, month, 1), dt.datetime(year, month, last), "month")
        if year and not match[2]:
            return Interval(dt.datetime(year, 1, 1), dt.datetime(year, 12, 31), "year")
    except (ValueError, calendar.IllegalMonthError):
        pass
    raise ValueError(f"{text!r} is not in the calendar")


def label(start: pd.Timestamp, end: pd.Timestamp, precision: str) -> str:
    """A date as its source gave it: `2024`, `2024-05`, `2024-05-28` or `2024-05 to 2024-12`.

    Examples
    --------
    >>> label(pd.Timestamp("2024-05-01"), pd.Timestamp("2024-05-31"), "month")
    '2024-05'
    """
    if pd.isna(start):
        return "no date"
    if precision != "interval":
        return str(start.strftime({"day": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y"}[precision]))
    years, months = start.is_year_start and end.is_year_end, start.is_month_start and end.is_month_end
    form = "%Y" if years else "%Y-%m" if months else "%Y-%m-%d"
    first, last = start.strftime(form), end.strftime(form)
    return first if first == last else f"{first} to {last}"
