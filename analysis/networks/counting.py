"""Which statements count in a network, as codes of row, column and stance: one pass, whatever the duplicates rule.

Two statements are identical when row and column are, the stance (unless the aggregation ignores it), and the document
or period. The first by date, document, place and id stands for all. A date that spans several periods is in one only
with dates that span the same; without a date or document nothing is identical.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.networks.order import ORDER, in_order, rank_of
from analysis.networks.rules import DOCUMENT, Rules, day, is_number, is_yes_no, stances

if TYPE_CHECKING:
    from collections.abc import Callable

Codes = NDArray[np.int64]
_CALENDAR = {"day": "D", "month": "M", "year": "Y"}
_MONDAY = 3  # days from the last Monday before 1970 to its first day
_WEEK = 7


@dataclass(frozen=True)
class Counted:
    """The statements that count: their places in the frame, and codes into sorted labels and levels.

    `level` is −1 where there is no stance. `span` is R, how far apart the ends of the stance's scale are; none where
    stances are names. `group` tells identical statements, of which all but the first are left out
    of `place`; `every` has them all, for resampling. `weight` is what each counts for; nothing: 1.
    """

    statements: pd.DataFrame
    labels: tuple[NDArray[Any], NDArray[Any]]
    levels: NDArray[Any]
    span: float | None
    place: Codes
    row: Codes
    column: Codes
    level: Codes
    left_out: dict[str, int]
    group: Codes | None = None
    weight: NDArray[np.float64] | None = None
    every: "Counted | None" = None

    @property
    def shape(self) -> tuple[int, int, int]:
        """Rows, columns and levels; statements without a stance, if any, have a level of their own, the last."""
        n_levels = len(self.levels) + bool((self.level < 0).any())
        return len(self.labels[0]), len(self.labels[1]), max(n_levels, 1)

    @property
    def n(self) -> int:
        """How many statements count."""
        return len(self.place)

    @property
    def layer(self) -> Codes:
        """The level of each statement, with the last for those without one."""
        return np.where(self.level < 0, len(self.levels), self.level)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The statements that count, in order of date, document and place."""
        return self.statements.iloc[self.place[self.order]]

    @property
    def order(self) -> Codes:
        """The order of the statements that count by date, document, place and id."""
        return in_order(self.statements, self.place)

    def unweighted(self) -> "Counted":
        """The same statements, each counting for 1."""
        return replace(self, weight=None)

    def keep(self, mask: NDArray[np.bool_]) -> "Counted":
        """The same of fewer statements; labels and levels stay."""
        return self.take(np.flatnonzero(mask))

    def take(self, at: Codes) -> "Counted":
        """The same of the statements at these positions, in this order."""
        parts = {name: getattr(self, name) for name in ("place", "row", "column", "level", "group", "weight")}
        taken: dict[str, Any] = {name: None if part is None else part[at] for name, part in parts.items()}
        return replace(self, **taken, every=None)

    def only_used_labels(self) -> "Counted":
        """The same with only the labels that some statement has."""
        kept = np.ones(len(self.place), dtype=bool)
        (row, rows), (column, columns) = (
            used(codes, labels, kept) for codes, labels in zip((self.row, self.column), self.labels, strict=True)
        )
        return replace(self, labels=(rows, columns), row=row, column=column)

    def codes(self, column: str) -> tuple[Codes, int]:
        """A code per statement for the values of another column, a missing one too, and how many values there are."""
        codes, values = pd.factorize(self.statements[column].iloc[self.place], use_na_sentinel=False)
        return codes.astype(np.int64), len(values)


def count(statements: pd.DataFrame, rules: Rules) -> Counted:
    """The statements that count under the `rules`, and how many were left out for which reason."""
    return first_of_each(eligible(statements, rules))


def eligible(statements: pd.DataFrame, rules: Rules) -> Counted:
    """All statements that pass the filters, identical ones included and told by their `group`."""
    levels, level, span = levels_of(statements, rules)
    sides = [labelled(statements[name]) for name in (rules.rows, rules.columns)]
    reasons: dict[str, Callable[[], NDArray[np.bool_]]] = {
        "no row or column": lambda: (sides[0][0] >= 0) & (sides[1][0] >= 0),
        "outside the dates": lambda: _in_time(statements, rules),
        "document excluded": lambda: _admitted(statements, rules, of_document=True),
        "value excluded": lambda: _admitted(statements, rules, of_document=False),
        "no stance": lambda: np.asarray((level >= 0) | (rules.aggregation == "ignore")),
    }
    kept, left_out, named_by = np.ones(len(statements), dtype=bool), {}, None
    for reason, passes in reasons.items():
        before, kept = kept, kept & passes()
        left_out[reason] = int(before.sum() - kept.sum())
        named_by = kept if reason == "document excluded" else named_by
    named = named_by if rules.isolates and named_by is not None else kept
    (row, rows), (column, columns) = (used(codes, values, named) for codes, values in sides)
    at = np.flatnonzero(kept)
    counted = Counted(
        statements, (rows, columns), levels, span, at, row[at], column[at], level[at].astype(np.int64), left_out
    )
    return replace(counted, group=_groups(counted, rules))


def first_of_each(every: Counted) -> Counted:
    """Of each group of identical statements the first."""
    if every.group is None:
        return replace(every, left_out=every.left_out | {"duplicate": 0})
    group, groups = pd.factorize(every.group)
    n_alike = np.bincount(group, minlength=len(groups))[group]
    is_kept = n_alike == 1
    is_kept[_firsts(every, np.flatnonzero(~is_kept), group)] = True
    return replace(every.keep(is_kept), left_out=every.left_out | {"duplicate": int((~is_kept).sum())}, every=every)


def _firsts(every: Counted, among: Codes, group: Codes) -> Codes:
    """Of the statements `among` all the first of each group: by date alone as a rule, so that few texts are sorted."""
    found = [among[:0]]
    for name in (name for name in ORDER if name in every.statements):
        code, groups = pd.factorize(group[among])
        rank = rank_of(every.statements[name].iloc[every.place[among]])
        least = np.full(len(groups), np.iinfo(np.int64).max)
        np.minimum.at(least, code, rank)
        among, code = among[rank == least[code]], code[rank == least[code]]
        is_alone = np.bincount(code, minlength=len(groups))[code] == 1
        found.append(among[is_alone])
        among = among[~is_alone]
    found.append(among[~pd.Series(group[among]).duplicated().to_numpy()])
    return np.concatenate(found)


def levels_of(statements: pd.DataFrame, rules: Rules) -> tuple[NDArray[Any], Codes, float | None]:
    """The levels of stance in use in all statements, each statement's code, and how far apart the scale's ends are."""
    is_ignored = rules.aggregation == "ignore" and rules.normalization != "jaccard"
    if is_ignored or rules.stance is None or rules.stance not in statements:
        return np.empty(0), np.full(len(statements), -1), 0.0
    values = stances(statements[rules.stance])
    if is_yes_no(values):
        return np.array([-1.0, 1.0]), values.astype("float64").fillna(-1).to_numpy().astype(np.int64), 2.0
    if not is_number(values):
        return *reversed(labelled(values)), None
    codes, levels = pd.factorize(values.to_numpy(dtype="float64", na_value=np.nan), sort=True)
    low, high = rules.scale or (levels[[0, -1]] if len(levels) else (0, 0))
    return levels, codes, float(high - low)


def labelled(values: "pd.Series[Any]") -> tuple[Codes, NDArray[Any]]:
    """Each value's code among the sorted texts; −1 for what is missing or empty."""
    codes, names = pd.factorize(values)
    texts = [str(name) for name in names.tolist()]
    labels = sorted({text for text in texts if text})
    place = {label: code for code, label in enumerate(labels)} | {"": -1}
    table = np.array([place[text] for text in texts] + [-1], dtype=np.int64)
    return table[codes], np.array(labels, dtype=object)


def used(codes: Codes, labels: NDArray[Any], mask: NDArray[np.bool_]) -> tuple[Codes, NDArray[Any]]:
    """The same codes among only those labels that occur where the mask is set."""
    is_used = np.bincount(codes[mask & (codes >= 0)], minlength=len(labels)) > 0
    return np.append(np.cumsum(is_used) - 1, -1)[codes], labels[is_used]


def _in_time(statements: pd.DataFrame, rules: Rules) -> NDArray[np.bool_]:
    """Statements that may have been made in the time asked for: some day of their date lies in it."""
    kept = np.ones(len(statements), dtype=bool)
    if rules.since:
        kept &= day_of(statements, "date_end") >= np.datetime64(day(rules.since, "since")[0], "D")
    if rules.until:
        kept &= day_of(statements, "date_start") <= np.datetime64(day(rules.until, "until")[1], "D")
    return kept


def day_of(statements: pd.DataFrame, column: str) -> NDArray[np.datetime64]:
    """The days of a date, in its own time zone; a frame without `date_end` has dates of one day."""
    dates = statements[column if column in statements else "date_start"].dt.tz_localize(None).to_numpy()
    return np.asarray(dates).astype("datetime64[D]")


def _admitted(statements: pd.DataFrame, rules: Rules, *, of_document: bool) -> NDArray[np.bool_]:
    """Statements without an excluded value, either of their document or of their own."""
    kept = np.ones(len(statements), dtype=bool)
    for column, values in rules.exclude.items():
        if (column in DOCUMENT) == of_document:
            listed = [values] if isinstance(values, str) or not np.iterable(values) else list(values)
            kept &= ~statements[column].isin(listed).to_numpy()
    return kept


def _groups(counted: Counted, rules: Rules) -> Codes | None:
    """A code that identical statements share; nothing where all are to be counted."""
    if rules.duplicates == "include":
        return None
    _, n_columns, n_levels = counted.shape
    same = counted.row * n_columns + counted.column
    if rules.aggregation != "ignore":
        same = same * n_levels + counted.layer
    if rules.duplicates == "acrossrange":
        return same
    within, n_within = _period(counted, rules.duplicates)
    return np.where(within < 0, -1 - np.arange(len(within)), same * n_within + within)


def _period(counted: Counted, rule: str) -> tuple[Codes, int]:
    """The code of each statement's document or calendar period, −1 without a date; and how many there are."""
    if rule == "document":
        codes, n_articles = counted.codes("article_id")
        return np.where(counted.statements["article_id"].iloc[counted.place].isna(), -1, codes), n_articles
    first, last = (period(day_of(counted.statements, name)[counted.place], rule) for name in ("date_start", "date_end"))
    codes, spans = pd.factorize(first * (1 << 31) + last)
    is_dated = ~np.isnat(day_of(counted.statements, "date_start")[counted.place])
    return np.where(is_dated, codes, -1), len(spans)


def period(days: NDArray[np.datetime64], unit: str) -> Codes:
    """The number of the calendar day, ISO week, month or year of each day, counted from 1970."""
    if unit == "week":
        return np.asarray((days.astype(np.int64) + _MONDAY) // _WEEK)
    return days.astype(f"datetime64[{_CALENDAR[unit]}]").astype(np.int64)
