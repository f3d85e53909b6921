"""What an engine is asked when it counts statements: whether each counts or why not, and which ones are identical."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis import frames
from analysis.networks.rules import DOCUMENT, PERIODS, Rules, day

if TYPE_CHECKING:
    import narwhals as nw

    Lazy = nw.LazyFrame[Any]

REASONS = ("no row or column", "outside the dates", "document excluded", "value excluded", "no stance")
LABELLED, KEPT = 3, len(REASONS)  # from the first on a statement gives labels to isolates
SIDES = ("row", "column")
_NEVER = pd.Timestamp("9999-12-31")
_LAST = "\U0010ffff"  # no text sorts behind it
_WEEK = 7


def counts(frame: "Lazy", rules: Rules, *, with_stance: bool) -> "Lazy":
    """A row for each row, column, stance and reason: how many statements count (n), identical ones once, of n_given."""
    import narwhals as nw  # noqa: PLC0415  # only for those who need it

    keys = [*SIDES, *(["stance"] if with_stance else []), "reason"]
    said, periods = _asked(frame, rules, with_stance=with_stance), _periods(rules)
    found = said.group_by(*keys, *periods).agg(nw.len().alias("n_given")).with_columns(nw.col("n_given").cast(nw.Int64))
    if rules.duplicates == "include":
        return found.with_columns(n=nw.col("n_given"))
    is_one = nw.col("reason") == KEPT
    if periods:
        is_one = is_one & ~nw.col(periods[0]).is_null()
    found = frames.settled(found).with_columns(n=nw.when(is_one).then(nw.lit(1)).otherwise(nw.col("n_given")))
    return found.group_by(keys).agg(nw.col("n").sum(), nw.col("n_given").sum())


def articles(frame: "Lazy", rules: Rules) -> "Lazy":
    """A row for each row and column: in how many articles (n) are the statements that count."""
    import narwhals as nw  # noqa: PLC0415  # only for those who need it

    with_stance = rules.aggregation != "ignore"
    periods = [*SIDES, *(["stance"] if with_stance else []), *_periods(rules)]
    said = _asked(frame, rules, with_stance=with_stance, more=["article_id", "date_start"])
    said = said.filter(nw.col("reason") == KEPT)
    if rules.duplicates in {*PERIODS, "acrossrange"}:
        said = _of_firsts(said, periods, is_dated=rules.duplicates in PERIODS)
    once = frames.settled(said.group_by(*SIDES, "article_id").agg(nw.len().alias("n")))
    return once.group_by(*SIDES).agg(nw.len().alias("n"))


def _of_firsts(said: "Lazy", keys: list[str], *, is_dated: bool) -> "Lazy":
    """Of identical statements those in the article of the first; those without a date are identical to none."""
    import narwhals as nw  # noqa: PLC0415

    known = ~nw.col("first").is_null()
    alone = said.filter(~known).select(*SIDES, "article_id") if is_dated else None
    said = said.filter(known) if is_dated else said
    said = said.group_by(*keys, "date_start", "article_id").agg(nw.len().alias("n"))
    for name in ("date_start", "article_id"):
        said = frames.lowest(said, name, keys)
    said = frames.settled(said).select(*SIDES, "article_id")
    return said if alone is None else nw.concat([said, alone])


def _asked(frame: "Lazy", rules: Rules, *, with_stance: bool, more: list[str] | None = None) -> "Lazy":
    """Statements with the columns to group by; those that give no labels lose theirs, so that they are few groups."""
    import narwhals as nw  # noqa: PLC0415

    schema = frame.collect_schema()
    labels = {"row": rules.rows, "column": rules.columns}
    labels |= {"stance": str(rules.stance)} if with_stance else {}
    reason = _reason(rules, schema)
    told: list[Any] = [nw.when(reason >= LABELLED).then(nw.col(name)).alias(label) for label, name in labels.items()]
    told += [period.alias(name) for name, period in _period(rules, schema).items()]
    for name in more or []:
        last = nw.lit(_LAST) if name == "article_id" else nw.lit(_NEVER)
        told += [nw.col(name).fill_null(last)] if name in schema else [last.alias(name)]
    return frame.select(*told, reason.alias("reason"))


def _reason(rules: Rules, schema: Any) -> Any:
    """0 and so on for the first of `REASONS` that holds, `KEPT` for none."""
    import narwhals as nw  # noqa: PLC0415

    is_wrong = {
        0: _is_missing(rules.rows, schema) | _is_missing(rules.columns, schema),
        1: _outside(rules, schema),
        2: _excluded(rules, schema, of_document=True),
        3: _excluded(rules, schema, of_document=False),
        4: None if rules.aggregation == "ignore" else _is_missing(str(rules.stance), schema),
    }
    reason = nw.lit(KEPT)
    for at, is_so in reversed(is_wrong.items()):
        reason = reason if is_so is None else nw.when(is_so).then(nw.lit(at)).otherwise(reason)
    return reason


def _is_missing(name: str, schema: Any) -> Any:
    import narwhals as nw  # noqa: PLC0415

    column = nw.col(name)
    return column.is_null() | (column == "") if isinstance(schema[name], nw.String) else column.is_null()


def _outside(rules: Rules, schema: Any) -> Any:
    """Whether no day of a statement's date lies in the time asked for; one without a date never does."""
    import narwhals as nw  # noqa: PLC0415

    parts = []
    if rules.since:
        last = nw.col("date_end" if "date_end" in schema else "date_start")
        parts.append(last.is_null() | (last < nw.lit(day(rules.since, "since")[0].to_pydatetime())))
    if rules.until:
        after = day(rules.until, "until")[1].normalize() + pd.Timedelta(days=1)
        first = nw.col("date_start")
        parts.append(first.is_null() | (first >= nw.lit(after.to_pydatetime())))
    return None if not parts else parts[0] if len(parts) == 1 else parts[0] | parts[1]


def _excluded(rules: Rules, schema: Any, *, of_document: bool) -> Any:
    """Whether a statement has an excluded value, of its document or of its own."""
    found = None
    for name, values in rules.exclude.items():
        if (name in DOCUMENT) == of_document:
            is_one = _is_one_of(name, values, schema[name])
            found = is_one if found is None else found if is_one is None else found | is_one
    return found


def _is_one_of(name: str, values: Any, dtype: Any) -> Any:
    import narwhals as nw  # noqa: PLC0415

    listed = [values] if isinstance(values, str) or not np.iterable(values) else list(values)
    kind = str if isinstance(dtype, nw.String) else (int, float, np.number) if dtype.is_numeric() else object
    known = [value for value in listed if not pd.isna(value) and isinstance(value, kind)]
    column = nw.col(name)
    is_one = column.is_in(known) & ~column.is_null()
    return is_one | column.is_null() if [value for value in listed if pd.isna(value)] else is_one


def _periods(rules: Rules) -> list[str]:
    return ["first", "last"] if rules.duplicates in PERIODS else ["document"] if rules.duplicates == "document" else []


def _period(rules: Rules, schema: Any) -> dict[str, Any]:
    """The columns that identical statements share beside row, column and stance."""
    import narwhals as nw  # noqa: PLC0415

    if rules.duplicates == "document":
        return {"document": nw.col("article_id")}
    if rules.duplicates not in PERIODS:
        return {}
    end = "date_end" if "date_end" in schema else "date_start"
    first, last = (_number(nw.col(name), rules.duplicates) for name in ("date_start", end))
    return {"first": first, "last": last.fill_null(0)}  # no year, month, week or day is 0


def _number(date: Any, unit: str) -> Any:
    """The number of a date's year, month, ISO week or day; days count from the first of the year 1, a Monday."""
    year = date.dt.year()
    if unit == "year":
        return year
    if unit == "month":
        return year * 12 + date.dt.month()
    before = year - 1
    days = before * 365 + before // 4 - before // 100 + before // 400 + date.dt.ordinal_day()
    return (days - 1) // _WEEK if unit == "week" else days
