"""The contract of every tidy table: its key, and each column's type, allowed values and meaning.

docs/tables.md is generated from here. Missing is not zero: a column that may be empty says so, all others are full.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

import pandas as pd

from analysis.dates import PRECISIONS
from analysis.errors import CorpusError, Problem

STANCES = (1.0, 0.5, 0.0, -0.5, -1.0)
CERTAINTIES = ("certain", "probable", "possible", "unspecified")
SPEECH = ("direct", "indirect", "paraphrase", "anonymous")
KINDS = ("person", "organisation", "state", "group", "anonymous")
QUAD_CLASSES = ("verbal_cooperation", "material_cooperation", "verbal_conflict", "material_conflict")
BASES = ("stated", "inferred")
STATUSES = ("occurred", "planned", "ongoing")
ROLES = ("actor", "recipient")


@dataclass(frozen=True)
class Column:
    """The contract of one column: its pandas dtype, what it means, the values allowed (any: none listed), and gaps."""

    dtype: str
    meaning: str
    allowed: tuple[Any, ...] = ()
    may_be_empty: bool = False


def _text(meaning: str, allowed: Iterable[str] = (), *, empty: bool = False) -> Column:
    return Column("str", meaning, tuple(allowed), empty)


def _dates(prefix: str, what: str) -> dict[str, Column]:
    return {
        f"{prefix}_start": Column("datetime64[us]", f"first possible day {what}"),
        f"{prefix}_end": Column("datetime64[us]", f"last possible day {what}"),
        f"{prefix}_precision": _text("how precise the source is", PRECISIONS),
    }


_ACTOR = "actor_id of `actors`"
_SPAN = {
    "article_id": _text("article_id of `articles`"),
    "coder_id": _text("who coded it; `main` where the files do not say"),
    "start": Column("int64", "first character of the span, in Unicode code points from 0"),
    "end": Column("int64", "one past its last character; `text[start:end] == quote`"),
    "quote": _text("the words of the span; empty where the text is withheld", empty=True),
    "gloss": _text("the same in one sentence of the coder", empty=True),
}

CONTRACTS: dict[str, tuple[list[str], dict[str, Column]]] = {
    "articles": (
        ["article_id"],
        {
            "article_id": _text("name of its files"),
            "title": _text("headline"),
            "outlet": _text("who published it", empty=True),
            "language": _text("BCP 47 code", empty=True),
            **_dates("published", "of publication"),
            "origin_id": _text("shared by copies of one text, which count once", empty=True),
            "url": _text("where it was published", empty=True),
            "text_sha256": _text("SHA-256 of the text (of the file's bytes where it lies in texts/)"),
            "n_chars": Column("int64", "length of the text in Unicode code points"),
            "has_text": Column("bool", "the text is here, so that quotes are filled"),
        },
    ),
    "actors": (
        ["actor_id"],
        {
            "actor_id": _text("id in the codebook"),
            "name": _text("name as shown"),
            "kind": _text("what sort of actor", KINDS),
            "organisation_id": _text(f"where the actor belongs: {_ACTOR}", empty=True),
            "role": _text("office at the time covered", empty=True),
            "country": _text("ISO 3166-1 alpha-2 code", empty=True),
        },
    ),
    "issues": (
        ["issue_id"],
        {"issue_id": _text("id in the codebook"), "proposition": _text("what a stance is for or against")},
    ),
    "statements": (
        ["statement_id"],
        {
            "statement_id": _text("`article/id`, or `article.coder/id`"),
            **_SPAN,
            "speaker_id": _text(f"who holds the position: {_ACTOR}"),
            "organisation_id": _text(f"the institution spoken for: {_ACTOR}", empty=True),
            "issue_id": _text("issue_id of `issues`"),
            "stance": Column("float64", "+1 support to −1 opposition; empty when mixed", STANCES, may_be_empty=True),
            "is_mixed": Column("bool", "both sides were taken in one span"),
            "certainty": _text("how committed the speaker is", CERTAINTIES),
            "condition": _text('"only if …"', empty=True),
            "speech": _text("how the article reports it", SPEECH, empty=True),
            **_dates("date", "on which it was said"),
        },
    ),
    "events": (
        ["event_id"],
        {
            "event_id": _text("id that its mentions share"),
            "label": _text("short name"),
            "type": _text("PLOVER event type, or X-PROPOSE"),
            "mode": _text("PLOVER mode of that type", empty=True),
            "quad_class": _text("verbal or material, cooperation or conflict", QUAD_CLASSES),
            **_dates("date", "of the event"),
            "date_basis": _text("the text states the date, or the coder inferred it", BASES),
            "status": _text("whether it happened", STATUSES),
            "place": _text("where", empty=True),
        },
    ),
    "event_actors": (
        ["event_id", "actor_id", "role"],
        {
            "event_id": _text("event_id of `events`"),
            "actor_id": _text(_ACTOR),
            "role": _text("who did it, or to whom", ROLES),
        },
    ),
    "mentions": (
        ["mention_id"],
        {
            "mention_id": _text("`article/event`, `~2` and so on for a further mention there"),
            "event_id": _text("event_id of `events`"),
            **_SPAN,
        },
    ),
}

_LINKS = (
    ("statements", "article_id", "articles", "article_id"),
    ("statements", "speaker_id", "actors", "actor_id"),
    ("statements", "organisation_id", "actors", "actor_id"),
    ("statements", "issue_id", "issues", "issue_id"),
    ("mentions", "article_id", "articles", "article_id"),
    ("mentions", "event_id", "events", "event_id"),
    ("event_actors", "event_id", "events", "event_id"),
    ("event_actors", "actor_id", "actors", "actor_id"),
    ("actors", "organisation_id", "actors", "actor_id"),
)


@dataclass(frozen=True)
class Tables:
    """The tidy tables of a corpus, one DataFrame each; docs/tables.md lists their columns."""

    articles: pd.DataFrame
    actors: pd.DataFrame
    issues: pd.DataFrame
    statements: pd.DataFrame
    events: pd.DataFrame
    event_actors: pd.DataFrame
    mentions: pd.DataFrame

    def __repr__(self) -> str:
        return "Tables(" + ", ".join(f"{name}: {len(getattr(self, name))}" for name in NAMES) + ")"


NAMES = tuple(field.name for field in fields(Tables))


def frame(name: str, records: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """The `records` as the table `name`: its columns in order and of its types, whatever the number of rows."""
    columns = CONTRACTS[name][1]
    table = pd.DataFrame(list(records), columns=list(columns), dtype=object)
    return table.astype({column: contract.dtype for column, contract in columns.items()})


def check(tables: Tables) -> Tables:
    """The same tables, each found to keep its contract, and all ids found where they point.

    Raises
    ------
    CorpusError
        All failures of all tables at once, at most five rows of each.
    """
    problems = [problem for name in NAMES for problem in _failures(name, getattr(tables, name))]
    for table, column, other, key in _LINKS:
        values = getattr(tables, table)[column].dropna().unique()
        lost = sorted(set(values) - set(getattr(tables, other)[key]))
        problems += [Problem(table, 0, f"{column} {value!r} is not in {other}") for value in lost[:5]]
    if problems:
        raise CorpusError(problems)
    return tables


def _failures(name: str, table: pd.DataFrame) -> list[Problem]:
    """What pandera finds, and the dtypes, which it takes less strictly than we do."""
    import pandera.pandas as pa  # noqa: PLC0415  # slow to import, and only a build needs it

    key, columns = CONTRACTS[name]
    rules = {
        column: pa.Column(
            checks=pa.Check.isin(contract.allowed) if contract.allowed else None, nullable=contract.may_be_empty
        )
        for column, contract in columns.items()
    }
    problems = []
    try:
        pa.DataFrameSchema(rules, unique=key, strict=True, ordered=True).validate(
            table.reset_index(drop=True), lazy=True
        )
    except pa.errors.SchemaErrors as error:
        for (column, rule), rows in error.failure_cases.groupby(["column", "check"], dropna=False):
            what = f"column {column}" if isinstance(column, str) else "the columns"
            found = f"{what}: {list(rows['failure_case'])[:5]} in {len(rows)} rows"
            problems.append(Problem(name, 0, found, str(rule)))
    wrong = {column: table[column].dtype for column in columns if column in table and not _is(table, column, columns)}
    return problems + [
        Problem(name, 0, f"column {column} is {dtype!r}", columns[column].dtype) for column, dtype in wrong.items()
    ]


def _is(table: pd.DataFrame, column: str, columns: dict[str, Column]) -> bool:
    return bool(table[column].dtype == pd.api.types.pandas_dtype(columns[column].dtype))


def describe() -> str:
    """The contracts as Markdown: a heading per table, its key, and a row per column."""
    parts = ["# Tables and columns", "", "Generated from `analysis/schema.py` by `make refresh`; do not edit.", ""]
    for name, (key, columns) in CONTRACTS.items():
        parts += [f"## {name}", "", f"Key: {', '.join(f'`{column}`' for column in key)}", ""]
        parts += ["| column | type | may be empty | meaning | allowed values |", "|---|---|---|---|---|"]
        parts += [_row(column, contract) for column, contract in columns.items()] + [""]
    return "\n".join(parts)


def _row(name: str, contract: Column) -> str:
    values = " · ".join(f"{value:g}" if isinstance(value, float) else str(value) for value in contract.allowed)
    return f"| {name} | {contract.dtype} | {'yes' if contract.may_be_empty else ''} | {contract.meaning} | {values} |"
