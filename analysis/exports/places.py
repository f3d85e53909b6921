"""Statements in their texts, for formats that hold both: the texts that were coded, with line ends as those tools have.

Tables hold no texts, only their hashes: a text is taken for an article's when it has the hash. In it every line end
becomes LF and a byte order mark goes, as browsers and Java programs count; spans move with that.
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pandas as pd

from analysis.errors import ParameterError, Problem
from analysis.schema import Tables

_SHOWN = 5
_BOM = "\ufeff"
_COLUMNS = {
    "speaker": "speaker_id",
    "on_behalf_of": "organisation_id",
    "issue": "issue_id",
    "certainty": "certainty",
    "condition": "condition",
    "speech": "speech",
    "gloss": "gloss",
}
_WIDTHS = {"day": 10, "month": 7, "year": 4}


class Said(NamedTuple):
    """A statement in its text: its ids, its span in code points with the words, and what it says, as native fields."""

    statement_id: str
    article_id: str
    coder_id: str
    start: int
    end: int
    quote: str
    fields: dict[str, str]


def placed(tables: Tables, texts: Mapping[str, str] | None, what: str) -> tuple[dict[str, str], list[Said]]:
    """The text of every article, and the statements in the order of the table.

    Parameters
    ----------
    tables
        A corpus, or what `select` kept of it.
    texts
        The texts as they were coded, by article_id.
    what
        The format that needs them, for messages.

    Raises
    ------
    ParameterError
        Articles whose text is not here or is another than was coded; statements that stand on no words.
    """
    texts = texts or {}
    _check_texts(tables.articles, texts, what)
    clean = {name: _clean(texts[name]) for name in tables.articles["article_id"]}
    shorter = {name for name in clean if len(clean[name]) != len(texts[name])}
    said, wrong = [], []
    rows: Iterator[Any] = tables.statements.itertuples()
    for row in rows:
        name, text = row.article_id, clean[row.article_id]
        span = (row.start, row.end)
        start, end = (_offset(texts[name], at) for at in span) if name in shorter else span
        if not 0 <= start < end <= len(text):
            wrong.append(row.statement_id)
        said.append(Said(row.statement_id, name, row.coder_id, start, end, text[start:end], _fields(row)))
    if wrong:
        found = f"{len(wrong)} statements stand on no words of their text: {_listed(wrong)}"
        raise ParameterError(Problem("", 0, found, f"a span of at least one character for each statement in {what}"))
    return clean, said


def _check_texts(articles: pd.DataFrame, texts: Mapping[str, str], what: str) -> None:
    coded = dict(zip(articles["article_id"], articles["text_sha256"], strict=True))
    lost = [name for name in coded if name not in texts]
    other = [name for name in coded if name in texts and _sha256(texts[name]) != coded[name]]
    problems = []
    if lost:
        found = f"the texts of {len(lost)} of {len(coded)} articles are not here: {_listed(lost)}"
        hint = (
            "give them with texts={article_id: text}; those of a text-free corpus belong into its folder texts/ first; "
            "export_tables and export_statements need none"
        )
        problems.append(Problem("", 0, found, f"{what} holds the texts beside the statements", hint))
    if other:
        found = f"the texts given for {len(other)} articles have another SHA-256 than was coded: {_listed(other)}"
        problems.append(Problem("", 0, found, "the texts that were coded, with nothing changed"))
    if problems:
        raise ParameterError(problems)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _listed(names: list[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")


def _clean(text: str) -> str:
    return text.removeprefix(_BOM).replace("\r\n", "\n").replace("\r", "\n")


def _offset(text: str, offset: int) -> int:
    """Where an offset in the text lies when it is clean."""
    return offset - text.count("\r\n", 0, offset) - (text.startswith(_BOM) and offset > 0)


def _fields(statement: Any) -> dict[str, str]:
    """What a row of `statements` says, as texts under the names that the native format has; what is missing is left."""
    told = {name: getattr(statement, column) for name, column in _COLUMNS.items()}
    told["stance"] = "mixed" if statement.is_mixed else f"{statement.stance + 0:g}"  # never -0
    told["date"] = _iso(statement.date_start, statement.date_end, statement.date_precision)
    return {name: value for name, value in told.items() if isinstance(value, str) and value}


def _iso(start: pd.Timestamp, end: pd.Timestamp, precision: str) -> str:
    """A date as ISO 8601 has it: `2024-05`, or `2024-05-01/2024-12-31` for an interval."""
    first, last = start.date().isoformat(), end.date().isoformat()
    return f"{first}/{last}" if precision == "interval" else first[: _WIDTHS[precision]]
