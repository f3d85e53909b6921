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


@dataclass(frozen=True, kw_only=True)
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


def statement_frame(statements: pd.DataFrame | Tables) -> pd.DataFrame:
    """The statements to count; those of a corpus's tables with the outlet and title of their article."""
    if not isinstance(statements, Tables):
        return statements
    articles = statements.articles[["article_id", "outlet", "title"]]
    return statements.statements.merge(articles, on="article_id", how="left", validate="m:1")


def checked(statements: pd.DataFrame, asked: Mapping[str, Any]) -> Rules:
    """The rules that were asked for, with full names of columns, or every problem with them at once."""
    rules = Rules(**{name: _full(value, statements, name) for name, value in asked.items()})
    problems = [*_wrong_words(rules), *_wrong_columns(rules, statements), *_wrong_numbers(rules)]
    if problems:
        raise ParameterError(problems)
    _check_stance(rules, statements)
    return rules


def _full(value: Any, statements: pd.DataFrame, name: str) -> Any:
    """The column that a short word for rows or columns stands for; every other value as it is."""
    is_short = name in {"rows", "columns"} and value not in statements and SHORT.get(value) in statements
    return SHORT[value] if is_short else value


def _wrong_words(rules: Rules) -> Iterable[Problem]:
    if rules.kind not in AGGREGATIONS:
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
    for what, column in (*needed.items(), *(("exclude", column) for column in rules.exclude)):
        if column not in statements:
            yield unknown(f"{what}: the column", column, statements.columns)
    for column in ("date_start", "date_end"):
        if "dates" in needed and column in statements and not _is_date(statements[column]):
            found = f"{column} holds {statements[column].dtype}"
            yield Problem("statements", 0, found, "dates", f"convert it with pd.to_datetime(statements[{column!r}])")


def _is_date(values: "pd.Series[Any]") -> bool:
    return pd.api.types.is_datetime64_any_dtype(values)


def _wrong_numbers(rules: Rules) -> Iterable[Problem]:
    if isinstance(rules.min_statements, bool) or not isinstance(rules.min_statements, int) or rules.min_statements < 1:
        yield Problem("", 0, f"min_statements is {rules.min_statements!r}", "a whole number from 1 up")
    if rules.scale is not None and not (len(rules.scale) == 2 and rules.scale[0] < rules.scale[1]):  # noqa: PLR2004
        yield Problem("", 0, f"scale is {rules.scale!r}", "its lower and upper end, such as (-1, 1)")


def day(text: Any, what: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """The first and last day that a parameter stands for: an ISO text, or anything that pandas takes for a time."""
    if isinstance(text, str):
        asked = dates.asked(text, what)
        return pd.Timestamp(asked.start), pd.Timestamp(asked.end)
    try:
        moment = pd.Timestamp(text).tz_localize(None).normalize()
    except (TypeError, ValueError) as error:
        raise ParameterError(Problem("", 0, f"{what} is {text!r}", dates.EXPECTED, str(error))) from None
    return moment, moment


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


def _check_stance(rules: Rules, statements: pd.DataFrame) -> None:
    """Refuse stances that the aggregation has no meaning for, and numbers beyond the ends of the scale."""
    if rules.stance is None or rules.stance not in statements or rules.aggregation == "ignore":
        return
    values = statements[rules.stance]
    if not is_number(values):
        if rules.kind == "two-mode" and rules.aggregation == "subtract":
            found = f"{rules.stance} holds names, and names cannot be subtracted"
            raise ParameterError(Problem("statements", 0, found, "numbers, or true and false", "use 'combine'"))
        return
    if is_yes_no(values):
        return
    low, high = rules.scale or ((-1.0, 1.0) if pd.api.types.is_float_dtype(values) else (-np.inf, np.inf))
    wrong = values[(values < low) | (values > high) | np.isinf(values.astype("float64"))]
    if len(wrong):
        shown = ", ".join(f"{value:g} in {_record(statements, at)}" for at, value in wrong.iloc[:5].items())
        hint = "give the ends of another scale as scale=(low, high)"
        raise ParameterError(
            Problem("statements", 0, f"{rules.stance} outside the scale: {shown} ({len(wrong)} in all)",
                    f"numbers from {low:g} to {high:g}", hint)
        )  # fmt: skip


def _record(statements: pd.DataFrame, at: Any) -> str:
    named = "statement_id" in statements and statements.index.is_unique
    return str(statements.loc[at, "statement_id"]) if named else f"row {at}"
