"""What is asked of a network, checked before anything is counted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from analysis import dates
from analysis.errors import ParameterError, Problem, unknown
from analysis.schema import CONTRACTS, Tables

AGGREGATIONS = {
    "two-mode": ("ignore", "combine", "subtract"),
    "one-mode": ("ignore", "congruence", "conflict", "subtract"),
}
NORMALIZATIONS = {
    "two-mode": ("no", "activity", "prominence"),
    "one-mode": ("no", "average", "jaccard", "cosine", "dna_cosine"),
}
PERIODS = ("day", "week", "month", "year")
DUPLICATES = ("include", "document", *PERIODS, "acrossrange")
SHORT = {word: f"{word}_id" for word in ("speaker", "organisation", "issue", "article")}
DOCUMENT = frozenset(CONTRACTS["articles"][1]) | {"author", "source", "section", "type"}
_LONGEST = 52  # 2 ** 52 is the last power of two to whose neighbours a float can count


@dataclass(frozen=True, kw_only=True, eq=False)
class Rules:
    """The parameters of `analysis.network`, with `rows`, `columns` and `stance` as names of columns."""

    kind: str = "two-mode"
    rows: str = "speaker_id"
    columns: str = "issue_id"
    stance: str | None = "stance"
    aggregation: str = "ignore"
    normalization: str = "no"
    duplicates: str = "include"
    since: Any = ""
    until: Any = ""
    isolates: bool = False
    exclude: Mapping[str, Any] = field(default_factory=dict)
    min_statements: int = 1
    scale: tuple[float, float] | None = None

    @property
    def names(self) -> dict[str, Any]:
        """All parameters by name, for tables and files about the network."""
        return {name: getattr(self, name) for name in Rules.__dataclass_fields__}


def in_pandas(statements: Any) -> bool:
    """Whether statements, or those of the tables of a corpus, are a pandas DataFrame."""
    return isinstance(statements.statements if isinstance(statements, Tables) else statements, pd.DataFrame)


def statement_frame(statements: Any) -> pd.DataFrame:
    """The statements to count; those of a corpus's tables with the outlet and title of their article."""
    if isinstance(statements, pd.DataFrame):
        return statements.copy(deep=False)  # what is done to the caller's frame later does not reach the network
    articles = statements.articles[["article_id", "outlet", "title"]]
    told: pd.DataFrame = statements.statements.merge(articles, on="article_id", how="left", validate="m:1")
    return told


def checked(statements: pd.DataFrame, asked: Mapping[str, Any], times: "pd.Series[int] | None" = None) -> Rules:
    """The rules that were asked for, with full names of columns, or every problem with them at once.

    `times` tells for how many statements each row of the frame stands; nothing: for one.
    """
    rules = Rules(**{name: _full(value, statements, name) for name, value in asked.items()})
    problems = [*_wrong_words(rules), *_wrong_columns(rules, statements), *_wrong_numbers(rules), *_wrong_days(rules)]
    if _is_scale(rules.scale):
        problems += _wrong_stances(rules, statements, times)
    if problems:
        raise ParameterError(problems)
    return rules


def _full(value: Any, statements: pd.DataFrame, name: str) -> Any:
    """The column that a short word for rows or columns stands for; every other value as it is."""
    if name not in {"rows", "columns"} or not isinstance(value, str) or value in statements:
        return value
    return SHORT[value] if SHORT.get(value) in statements else value


def _wrong_words(rules: Rules) -> Iterable[Problem]:
    if rules.kind not in [*AGGREGATIONS]:
        yield unknown("the kind of network", rules.kind, AGGREGATIONS)
        return
    for name, allowed in (
        ("aggregation", AGGREGATIONS[rules.kind]),
        ("normalization", NORMALIZATIONS[rules.kind]),
        ("duplicates", DUPLICATES),
    ):
        if getattr(rules, name) not in allowed:
            yield unknown(f"for a {rules.kind} network {name}", getattr(rules, name), allowed)


def _wrong_columns(rules: Rules, statements: pd.DataFrame) -> Iterable[Problem]:
    needed = {"rows": rules.rows, "columns": rules.columns}
    if rules.aggregation != "ignore":
        needed["stance"] = rules.stance or ""
    if rules.duplicates == "document":
        needed["duplicates='document'"] = "article_id"
    if rules.duplicates in PERIODS or rules.since or rules.until:
        needed["dates"] = "date_start"
    excluded = rules.exclude if isinstance(rules.exclude, Mapping) else ()
    if rules.exclude and not excluded:
        yield Problem("", 0, f"exclude is {rules.exclude!r}", "values by column, such as {'outlet': ['Bell', 'Horn']}")
    for what, column in (*needed.items(), *(("exclude", column) for column in excluded)):
        if column not in [*statements.columns]:
            yield unknown(f"{what}: the column", column, statements.columns)
    for column in ("date_start", "date_end"):
        if "dates" in needed and column in statements and not _is_date(statements[column]):
            found = f"{column} holds {statements[column].dtype}"
            yield Problem("statements", 0, found, "dates", f"convert it with pd.to_datetime(statements[{column!r}])")


def _is_date(values: "pd.Series[Any]") -> bool:
    return pd.api.types.is_datetime64_any_dtype(values)


def _wrong_numbers(rules: Rules) -> Iterable[Problem]:
    least = rules.min_statements
    if isinstance(least, bool) or not isinstance(least, int | np.integer) or least < 1:
        yield Problem("", 0, f"min_statements is {least!r}", "a whole number from 1 up")
    if not _is_scale(rules.scale):
        yield Problem("", 0, f"scale is {rules.scale!r}", "its lower and upper end, such as (-1, 1)")


def _is_scale(scale: Any) -> bool:
    try:
        return scale is None or (len(scale) == 2 and -np.inf < scale[0] < scale[1] < np.inf)  # noqa: PLR2004
    except (TypeError, IndexError, KeyError):
        return False


def _wrong_days(rules: Rules) -> Iterable[Problem]:
    for what in ("since", "until"):
        try:
            day(getattr(rules, what) or "2024", what)
        except ParameterError as error:
            yield from error.problems


def day(text: Any, what: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """The first and last day that a parameter stands for: an ISO text, or anything that pandas takes for a time."""
    if isinstance(text, str | int | float) or text is pd.NaT:  # YAML reads 2024 as a number, pandas as nanoseconds
        asked = dates.asked(str(text), what)
        return pd.Timestamp(asked.start), pd.Timestamp(asked.end)
    try:
        moment = pd.Timestamp(text).tz_localize(None).normalize()
    except (TypeError, ValueError) as error:
        raise ParameterError(Problem("", 0, f"{what} is {text!r}", dates.EXPECTED, str(error))) from None
    return moment, moment


def stances(values: "pd.Series[Any]") -> "pd.Series[Any]":
    """The same values; numbers in a column of objects become a column of numbers."""
    return values.where(values.notna(), None).infer_objects() if values.dtype == object else values


def is_yes_no(values: "pd.Series[Any]") -> bool:
    """Whether a stance is for or against and nothing between: true or false."""
    if pd.api.types.is_bool_dtype(values):
        return True
    known = values.dropna() if values.dtype == object else values.iloc[:0]
    return len(known) > 0 and all(isinstance(value, bool | np.bool_) for value in known)


def is_number(values: "pd.Series[Any]") -> bool:
    """Whether a stance lies on a scale, of numbers or of no and yes; else its values are names."""
    is_missing = values.dtype == object and not values.notna().any()
    return is_yes_no(values) or is_missing or pd.api.types.is_numeric_dtype(values)


def _wrong_stances(rules: Rules, statements: pd.DataFrame, times: "pd.Series[int] | None" = None) -> Iterable[Problem]:
    """Stances that the aggregation has no meaning for, and numbers beyond the ends of the scale."""
    if rules.aggregation == "ignore" or rules.stance not in [*statements.columns]:
        return
    values = stances(statements[rules.stance])
    if not is_number(values):
        if rules.kind == "two-mode" and rules.aggregation == "subtract":
            found = f"{rules.stance} holds names, and names cannot be subtracted"
            yield Problem("statements", 0, found, "numbers, or true and false", "use 'combine'")
        return
    if is_yes_no(values):
        return
    low, high = rules.scale or ((-1.0, 1.0) if pd.api.types.is_float_dtype(values) else (-np.inf, np.inf))
    wrong = values[(values < low) | (values > high) | np.isinf(values.astype("float64"))]
    if len(wrong):
        shown = ", ".join(f"{value:g} in {_record(statements, at)}" for at, value in wrong.iloc[:5].items())
        n_all = len(wrong) if times is None else times[wrong.index].sum()
        hint = "give the ends of another scale as scale=(low, high)"
        found = f"{rules.stance} outside the scale: {shown} ({n_all} in all)"
        yield Problem("statements", 0, found, f"numbers from {low:g} to {high:g}", hint)


def _record(statements: pd.DataFrame, at: Any) -> str:
    named = "statement_id" in statements and statements.index.is_unique
    return str(statements.loc[at, "statement_id"]) if named else f"row {at}"
