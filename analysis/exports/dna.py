"""Statements and texts as a database of Discourse Network Analyzer 3, to be opened and coded on there.

DNA's yes and no cannot tell a neutral or mixed stance, and a statement of its type must have one of the two: the
neutral and mixed are of a type of their own, without `agreement`, so that no network of DNA counts them as opposition.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from itertools import permutations
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import disk
from analysis.errors import ParameterError, Problem, unknown
from analysis.exports import dna_schema
from analysis.exports.dna_statements import COLUMNS, Rows, coded, cut
from analysis.exports.places import Said, placed
from analysis.schema import Tables

_ADMIN, _YELLOW = "Admin", (255, 255, 0)
_PALETTE = ((51, 153, 255), (255, 102, 102), (102, 255, 0), (255, 153, 0), (204, 102, 255), (0, 204, 204))
_LONGEST_ID = 150
_COLUMNS = {
    "SETTINGS": "Property, Value",
    "CODERS": "ID, Name, Red, Green, Blue, Password",
    "CODERRELATIONS": "Coder, OtherCoder",
    "DOCUMENTS": "ID, Title, Text, Coder, Source, Section, Notes, Type, Date",
    **COLUMNS,
}


def export_dna(tables: Tables, path: str | Path, *, texts: Mapping[str, str] | None = None) -> Path:
    """The path of the database that now holds the articles with their texts, and the statements on them, for DNA 3.

    Parameters
    ----------
    tables
        A corpus, or what `select` kept of it. Events have no place here.
    path
        Ends in `.dna`. Folders are made; a file of that name is replaced.
    texts
        The texts that were coded, by article_id; line ends become LF.

    Returns
    -------
    pathlib.Path
        The file. Documents are numbered in the order of the articles, statements in that of the table. Statements are
        of the type `DNA Statement`, with `agreement` 1 for a stance above 0 and 0 for one below, or, where the stance
        is neutral or mixed, `DNA Statement, neutral or mixed`, without it. Both have person, organization, concept,
        stance, certainty, speech, condition, date, gloss and stancebook_id (our statement_id). All coders, and Admin,
        have the password `stancebook`.

    Raises
    ------
    ParameterError
        The path ends in something else; texts are missing or are not those that were coded; an id is too long.
    StoreError
        The file cannot be written; what stood there before is untouched.
    """
    target = Path(path)
    if target.suffix.lower() != ".dna":
        raise ParameterError(unknown("the format", target.suffix, [".dna"], file=str(path)))
    words, said = placed(tables, texts, "a DNA database")
    _check_ids(tables)
    content = _database(_rows(tables, words, said))
    with disk.writing(target.parent):
        disk.write_atomically(target, content)
    return target


def _check_ids(tables: Tables) -> None:
    """Refuse ids that DNA's short texts cannot hold: names are cut there, ids never."""
    ids = {
        "actor": tables.actors["actor_id"],
        "issue": tables.issues["issue_id"],
        "coder": tables.statements["coder_id"],
    }
    expected = f"an id of at most {_LONGEST_ID} characters"
    problems = [
        Problem("", 0, f"the id of the {what} {name[:20]!r}… has {len(name)} characters", expected)
        for what, names in ids.items()
        for name in names.unique()
        if len(name) > _LONGEST_ID
    ]
    if problems:
        raise ParameterError(problems)


def _database(rows: Rows) -> bytes:
    """An SQLite file of these rows, the same at every run of one version of SQLite."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as database:
        database.execute("BEGIN")
        for table, parts in dna_schema.tables().items():
            database.execute(f"CREATE TABLE {table}({', '.join(parts)})")
        for table, columns in _COLUMNS.items():
            marks = ", ".join("?" for _ in columns.split(","))
            database.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows[table])  # noqa: S608  # ours
        database.execute("COMMIT")
        return database.serialize()


def _rows(tables: Tables, words: Mapping[str, str], said: list[Said]) -> Rows:
    names = sorted({one.coder_id for one in said} - {_ADMIN})
    coders = {name: number for number, name in enumerate([_ADMIN, *names], start=1)}
    password = dna_schema.password_hash()
    colours = [_YELLOW, *(_PALETTE[at % len(_PALETTE)] for at in range(len(names)))]
    return {
        "SETTINGS": list(dna_schema.VERSION),
        "CODERS": [(coders[name], name, *colour, password) for name, colour in zip(coders, colours, strict=True)],
        "CODERRELATIONS": list(permutations(coders.values(), 2)),
        "DOCUMENTS": list(_documents(tables.articles, words, said, coders)),
        **coded(tables, words, said, coders),
    }


def _documents(
    articles: pd.DataFrame, words: Mapping[str, str], said: list[Said], coders: Mapping[str, int]
) -> Iterator[tuple[Any, ...]]:
    """A row per article, which belongs to the first who coded it."""
    first = {one.article_id: coders[one.coder_id] for one in reversed(said)}
    facts = articles.astype(dict.fromkeys(("outlet", "origin_id", "url", "language"), object))
    rows: Iterator[Any] = facts.where(facts.notna(), "").itertuples(index=False)
    for number, row in enumerate(rows, start=1):
        date = int(row.published_start.timestamp())
        told = [cut(text) for text in (row.outlet, row.origin_id)]
        owner = first.get(row.article_id, coders[_ADMIN])
        yield number, cut(row.title), words[row.article_id], owner, *told, row.url, cut(row.language), date
