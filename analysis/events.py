"""What happened, when, and how sure that is: events by actor, and their number over a complete calendar.

A date that is uncertain is an interval. An event is certain in a period when its whole interval lies in it, possible
when only part does, and its expected share is the part of the interval's days that does.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis import dates
from analysis.errors import ParameterError, unknown
from analysis.schema import QUAD_CLASSES, STATUSES, Tables

EVERY = {"W-MON": "week", "MS": "month", "QS": "quarter", "YS": "year"}
HAPPENED = ("occurred", "ongoing")
_DAY = pd.Timedelta(days=1)
_COUNTS = {"n_certain": "int64", "n_possible": "int64", "n_expected": "float64"}


def event_list(tables: Tables) -> pd.DataFrame:
    """The events in order of date, numbered from 1, with who took part and how many spans report them.

    Returns
    -------
    pandas.DataFrame
        number, all columns of `events`, date (the interval as its source gave it), actors and recipients (names,
        joined by "; "), n_mentions, n_articles.
    """
    names = tables.actors[["actor_id", "name"]]
    roles = tables.event_actors.merge(names, on="actor_id", validate="m:1")
    joined = roles.groupby(["event_id", "role"])["name"].agg("; ".join).unstack()
    joined = joined.reindex(columns=["actor", "recipient"]).set_axis(["actors", "recipients"], axis="columns")
    counts = tables.mentions.groupby("event_id").agg(
        n_mentions=("mention_id", "size"), n_articles=("article_id", "nunique")
    )  # fmt: skip
    events = tables.events.sort_values(["date_start", "date_end", "event_id"], ignore_index=True)
    events.insert(0, "number", range(1, len(events) + 1))
    spans = zip(events["date_start"], events["date_end"], events["date_precision"], strict=True)
    events["date"] = pd.Series([dates.label(*span) for span in spans], dtype="str")
    events = events.join(joined, on="event_id").join(counts, on="event_id")
    return events.astype({"actors": "str", "recipients": "str"}).fillna({"n_mentions": 0, "n_articles": 0})


def swimlanes(tables: Tables) -> pd.DataFrame:
    """Events by actor: one row per event and actor in it, for a chart with a lane per actor.

    Returns
    -------
    pandas.DataFrame
        actor_id, name, role, and the columns of `event_list`; the actor with most events first, then by date.
    """
    names = tables.actors[["actor_id", "name"]]
    rows = tables.event_actors.merge(names, on="actor_id", validate="m:1")
    rows = rows.merge(event_list(tables), on="event_id", validate="m:1")
    rows = rows.assign(busy=rows.groupby("actor_id")["event_id"].transform("nunique"))
    order = ["busy", "name", "number", "role"]
    return rows.sort_values(order, ascending=[False, True, True, True], ignore_index=True).drop(columns="busy")


def event_series(
    tables: Tables, every: str = "MS", *, since: str = "", until: str = "", status: Sequence[str] = HAPPENED
) -> pd.DataFrame:
    """The number of events of each quad class in every period from the first to the last, empty periods included.

    Parameters
    ----------
    tables
        A corpus, or what `select` kept of it.
    every
        week (from Monday), month, quarter or year, or pandas' words for them: W-MON, MS, QS, YS.
    since, until
        ISO dates: the periods from that of the first to that of the last, each counted whole. Default: the first and
        last event.
    status
        Events of this status; by default those that happened or are going on, not those only planned.

    Returns
    -------
    pandas.DataFrame
        period_start, period_end (last day), quad_class; n_certain and n_possible (events), n_expected (events, a sum of
        shares), n_articles (articles that may have been published then: 0 means that nobody looked, not that nothing
        happened).

    Raises
    ------
    ParameterError
        `every` is no such period, a status is unknown, or `since` or `until` is no date.

    Notes
    -----
    n_expected(p, q) = sum over events e of class q of |days of e in p| / |days of e|.
    """
    every = _offset(every)
    wrong = [unknown("the status", word, STATUSES) for word in status if word not in STATUSES]
    if wrong:
        raise ParameterError(wrong)
    events = tables.events[tables.events["status"].isin(status)]
    periods = _calendar(events, every, since, until)
    grid = periods.merge(pd.DataFrame({"quad_class": pd.Series(QUAD_CLASSES, dtype="str")}), how="cross")
    series = _counted(grid, periods, events, ["period_start", "quad_class"])
    articles = _counted(periods, periods, _dated(tables), ["period_start"])
    here = (articles["n_certain"] + articles["n_possible"]).set_axis(articles["period_start"])
    series["n_articles"] = series["period_start"].map(here).astype("int64")
    return series.astype({"quad_class": "str"})


def article_series(tables: Tables, every: str = "MS", *, since: str = "", until: str = "") -> pd.DataFrame:
    """The number of articles in every period from the first to the last, empty periods included.

    Parameters
    ----------
    tables
        A corpus.
    every, since, until
        As for `event_series`.

    Returns
    -------
    pandas.DataFrame
        period_start, period_end (last day), n_certain (articles dated surely within it), n_possible (those
        whose date may), n_expected (a sum of shares of days), n_articles (certain or possible).

    Raises
    ------
    ParameterError
        `every` is no such period, or `since` or `until` is no date.
    """
    dated = _dated(tables)
    periods = _calendar(dated, _offset(every), since, until)
    series = _counted(periods, periods, dated, ["period_start"])
    series["n_articles"] = series["n_certain"] + series["n_possible"]
    return series


def _dated(tables: Tables) -> pd.DataFrame:
    """The articles with their dates named as those of events are."""
    return tables.articles.rename(columns={"published_start": "date_start", "published_end": "date_end"})


def _counted(grid: pd.DataFrame, periods: pd.DataFrame, dated: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """The rows of `grid` with how many of the `dated` ones fall into each: n_certain, n_possible and n_expected."""
    pairs = periods.merge(dated, how="cross")
    share = _overlap(pairs)
    pairs = pairs.assign(n_certain=share == 1, n_possible=(share > 0) & (share < 1), n_expected=share)
    counts = pairs.groupby(keys)[list(_COUNTS)].sum()
    return grid.join(counts, on=keys).fillna(dict.fromkeys(_COUNTS, 0)).astype(_COUNTS)


def _offset(every: str) -> str:
    """The pandas offset of a period's name."""
    if every in EVERY:
        return every
    offsets = {word: offset for offset, word in EVERY.items()}
    if every not in offsets:
        raise ParameterError(unknown("the period", every, EVERY.values()))
    return offsets[every]


def _calendar(events: pd.DataFrame, every: str, since: str, until: str) -> pd.DataFrame:
    """Every period from that of the first day to that of the last."""
    first = dates.asked(since, "since").start if since else events["date_start"].min()
    last = dates.asked(until, "until").end if until else events["date_end"].max()
    if pd.isna(first) or pd.isna(last) or events.empty:
        starts = pd.DatetimeIndex([], dtype="datetime64[us]")
        return pd.DataFrame({"period_start": starts, "period_end": starts})
    offset = pd.tseries.frequencies.to_offset(every)
    edges = pd.date_range(offset.rollback(first), pd.Timestamp(last) + _DAY + offset, freq=offset, unit="us")
    periods = pd.DataFrame({"period_start": edges[:-1], "period_end": edges[1:] - _DAY})
    return periods[periods["period_start"] <= last]


def _overlap(pairs: pd.DataFrame) -> np.ndarray:
    """The part of each event's days that lies in the period, 0 to 1."""
    start, end = pairs["date_start"].to_numpy(), pairs["date_end"].to_numpy()
    first = np.maximum(start, pairs["period_start"].to_numpy())
    last = np.minimum(end, pairs["period_end"].to_numpy())
    shared, whole = (last - first) / _DAY.to_numpy() + 1, (end - start) / _DAY.to_numpy() + 1
    shares: np.ndarray = np.clip(shared / whole, 0, None)
    return shares
