"""Dates that are no more precise than their source: an ISO 8601 text becomes the interval it stands for.

`2024` is the year, `2024-05` the month, `2024-05-28` the day, and `2024-05/2024-12` some time from May to December.
"""

import calendar
import datetime as dt
import re
from typing import NamedTuple

import pandas as pd

from analysis.errors import ParameterError, Problem

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


def asked(text: str, what: str) -> Interval:
    """The interval that the parameter `what` stands for.

    Raises
    ------
    ParameterError
        The text is no date.
    """
    try:
        return parse(text)
    except ValueError as error:
        raise ParameterError(Problem("", 0, f"{what} is {text!r}", EXPECTED, str(error))) from None


def span(start: Interval, end: Interval) -> Interval:
    """The interval from the first day of `start` to the last day of `end`."""
    if end.end < start.start:
        raise ValueError(f"it ends ({end.end.date()}) before it starts ({start.start.date()})")
    return start if start == end else Interval(start.start, end.end, "interval")


def _single(text: str) -> Interval:
    match = _ISO.fullmatch(text)
    if not match:
        raise ValueError(f"{text!r} is not a date")
    year, month, day = (int(part) if part else None for part in match.groups())
    try:
        if month is None:
            return Interval(dt.datetime(year or 0, 1, 1), dt.datetime(year or 0, 12, 31), "year")
        first = dt.datetime(year or 0, month, 1 if day is None else day)
    except ValueError:
        raise ValueError(f"{text!r} is not in the calendar") from None
    if day is not None:
        return Interval(first, first, "day")
    return Interval(first, first.replace(day=calendar.monthrange(first.year, month)[1]), "month")


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
        return start.date().isoformat()[: {"day": 10, "month": 7, "year": 4}[precision]]
    years, months = start.is_year_start and end.is_year_end, start.is_month_start and end.is_month_end
    width = 4 if years else 7 if months else 10
    first, last = start.date().isoformat()[:width], end.date().isoformat()[:width]
    return first if first == last else f"{first} to {last}"
