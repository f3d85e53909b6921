"""Where marks go so that none covers another. Layout only: frames in, the same rows with places out."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from analysis import dates

_DAY = pd.Timedelta(days=1)


def tracks(spans: Iterable[tuple[float, float]]) -> list[int]:
    """For each span the lowest track on which it touches none before it, the spans taken in the given order.

    Examples
    --------
    >>> tracks([(0, 5), (1, 2), (3, 4), (6, 7)])
    [0, 1, 1, 0]
    """
    taken: list[list[tuple[float, float]]] = []
    placed = []
    for start, end in spans:
        free = (at for at, track in enumerate(taken) if all(end < left or start > right for left, right in track))
        at = next(free, len(taken))
        if at == len(taken):
            taken.append([])
        taken[at].append((start, end))
        placed.append(at)
    return placed


def window(rows: pd.DataFrame, since: str, until: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """The first day and the end of the last day to draw: the dates asked for, else those of the rows."""
    first = pd.Timestamp(dates.parse(since).start) if since else rows["date_start"].min()
    last = pd.Timestamp(dates.parse(until).end) if until else rows["date_end"].max()
    return first, max(last, first) + _DAY


def swimlanes(rows: pd.DataFrame, since: str, until: str, *, label: float = 0.035) -> pd.DataFrame:
    """The rows of `events.swimlanes` with their places, one per actor and event.

    Parameters
    ----------
    rows
        What `events.swimlanes` returned. Rows wholly outside the time asked for are left out.
    since, until
        ISO dates of the axis; empty for the rows' own.
    label
        The width of a mark and its number, as a part of the axis; what keeps labels apart.

    Returns
    -------
    pandas.DataFrame
        The rows, role ("actor", "recipient" or both), with x0 and x1 (the date's interval, cut to the axis; its end is
        the end of its last day), is_cut_left, is_cut_right (it goes on beyond), lane (0 for the first actor) and y
        (0 for the top track, one more for each track further down, over all lanes).
    """
    first, last = window(rows, since, until)
    keys = ["actor_id", "event_id"]
    roles = rows.groupby(keys, sort=False)["role"].agg(lambda role: " and ".join(sorted(set(role))))
    seen = rows[(rows["date_end"] >= first) & (rows["date_start"] < last)].drop_duplicates(keys).drop(columns="role")
    seen = seen.join(roles, on=keys, validate="1:1")
    seen = seen.assign(
        is_cut_left=seen["date_start"] < first,
        is_cut_right=seen["date_end"] >= last,
        x0=seen["date_start"].where(seen["date_start"] > first, first),
        x1=(seen["date_end"] + _DAY).where(seen["date_end"] + _DAY < last, last),
        lane=pd.factorize(seen["actor_id"])[0],
    )
    return _stacked(seen, (last - first) * label)


def _stacked(seen: pd.DataFrame, label: pd.Timedelta) -> pd.DataFrame:
    """The rows with `y`: each lane as many tracks as it needs, the lanes one below the other."""
    pieces, top = [], 0
    for _, lane in seen.groupby("lane", sort=True):
        spans = zip(_days(lane["x0"] - label / 2), _days(lane["x1"] + label), strict=True)
        placed = tracks(spans)
        pieces.append(lane.assign(y=[top + at for at in placed]))
        top += max(placed) + 1
    return pd.concat(pieces, ignore_index=True) if pieces else seen.assign(y=0)


def _days(times: pd.Series) -> list[float]:
    return [float(days) for days in (times - pd.Timestamp(0)) / _DAY]


def dodged(points: pd.DataFrame, *, step: float = 0.11, margin: float = 20.0) -> pd.DataFrame:
    """The points of one issue with `y`: the stance, moved a little where marks would lie on each other.

    Mixed points (no stance) are placed around the neutral line. Marks at the ends of the scale move inwards only.
    """
    level = points["stance"].fillna(0.0).round(2)
    starts, ends = _days(points["date_start"] - margin * _DAY), _days(points["date_end"] + margin * _DAY)
    spans = pd.Series(list(zip(starts, ends, strict=True)), index=points.index, dtype=object)
    places = [pd.Series(tracks(group), index=group.index) for _, group in spans.groupby(level)]
    track = pd.concat(places).reindex(points.index) if places else pd.Series(dtype=float)
    outward = level.map(lambda at: -1.0 if at > 0 else 1.0)
    return points.assign(y=level + outward * step * track)


def joined(points: Iterable[Any], *, reach: int = 183) -> list[list[Any]]:
    """One actor's points on one issue, rows of `dodged`, cut into the pieces that a line may join.

    A line joins two successive points when both dates are of day, month or interval precision and at most `reach` days
    lie between the two intervals; over a longer silence nothing is known, and nothing is drawn.
    """
    pieces: list[list[Any]] = []
    for point in sorted(points, key=lambda point: (point.middle, point.article_id)):
        last = pieces[-1][-1] if pieces else point
        is_vague = "year" in (point.date_precision, last.date_precision)
        if not pieces or is_vague or point.date_start - last.date_end > reach * _DAY:
            pieces.append([])
        pieces[-1].append(point)
    return pieces


def known(
    events: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp, *, days: int = 92
) -> list[tuple[Any, Any, str]]:
    """Events that are dated to within `days` and lie between `first` and `last`: start, end and their numbers.

    Events of one interval share one bar. Bars that lie over the same time have their numbers one below the other.
    """
    if events.empty:
        return []
    brief = (events["date_end"] - events["date_start"]).dt.days < days
    near = events[brief & (events["date_end"] >= first) & (events["date_start"] <= last)]
    grouped: Any = near.groupby(["date_start", "date_end"])["number"].agg(lambda at: ", ".join(map(str, at)))
    spans = [(start, end + _DAY, numbers) for (start, end), numbers in grouped.items()]
    reach = max((last - first) / 30, _DAY)
    places = tracks([(start.timestamp(), max(end, start + reach).timestamp()) for start, end, _ in spans])
    return [(start, end, "\n" * place + numbers) for (start, end, numbers), place in zip(spans, places, strict=True)]


def busiest(actors: pd.Series) -> list[str]:
    """The actors in order of how many rows each has; of equals the first by id."""
    counts = actors.value_counts().sort_index(kind="stable").sort_values(ascending=False, kind="stable")
    return [str(actor) for actor in counts.index]
