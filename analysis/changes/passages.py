"""Which statements, mentions and events are new, revised or withdrawn, what differs in them, and because of what."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from analysis.changes.causes import Causes, causes
from analysis.changes.matching import Match, match
from analysis.changes.records import TABLE_OF, alike, by_id, respelt, typed
from analysis.changes.sources import copies, names_of, renamed
from analysis.changes.telling import told
from analysis.errors import ParameterError, Problem
from analysis.schema import Tables

KINDS = ("statement", "mention", "event")
_CHANGES = ("new", "revised", "withdrawn")
_DAY = "datetime64[us]"
_EVIDENCE = {
    **dict.fromkeys(("kind", "id", "change", "because", "article_id", "title"), "str"),
    "is_copy": "bool",
    **dict.fromkeys(("coder_id", "speaker_id", "speaker", "organisation_id", "issue_id", "event"), "str"),
    **dict.fromkeys(("quote", "gloss", "fields", "before", "after"), "str"),
    **dict.fromkeys(("date_start", "date_end"), _DAY),
    "date_precision": "str",
}
_MAIN: dict[str, tuple[str, ...]] = {"statement": ("stance",), "event": ("type",), "mention": ()}


@dataclass(frozen=True)
class _Side:
    """One state: the whole corpus, and the ids of each kind in the selection."""

    whole: Tables
    chosen: dict[str, set[str]]

    @cached_property
    def names(self) -> dict[str, str]:
        """The actors' names by id."""
        return names_of(self.whole)

    @cached_property
    def titles(self) -> dict[Any, str]:
        """The articles' titles by id."""
        return by_id(self.whole.articles, "article_id", "title").to_dict()

    @cached_property
    def copies(self) -> set[str]:
        """The articles that another one of the same origin comes before."""
        return copies(self.whole)


def evidence(old: Tables, new: Tables, *, whole: tuple[Tables, Tables] | None = None) -> pd.DataFrame:
    """One row per statement, mention or event that is new, revised or withdrawn.

    Parameters
    ----------
    old, new
        Two states of a corpus, or what `select` kept of them.
    whole
        The whole corpora that `old` and `new` were selected from. A record that is in both, but in only one of the
        selections, then entered or left the selection; without them it would look new or withdrawn.

    Returns
    -------
    pandas.DataFrame
        kind
            statement, mention or event; in this order, and below it by change, date, article and id.
        id, article_id, coder_id
            As the new state spells them; of a withdrawn record as the old one did. An event's article is that of its
            first mention.
        change
            new, revised or withdrawn.
        because
            `selection`: the record entered or left the selection. `new article`, `article withdrawn`: its article
            did. `codebook`: all that differs follows from the codebook: an actor or issue is spelt anew, a speaker
            who speaks for the own organisation now belongs to another one, or an event's type changed its quad class.
            `article revised`: the record is new or withdrawn where the text changed, or only its quote differs and
            the text changed, or only its date and that of the article. `recoding`: anything else.
        title, is_copy
            Title of the article; whether another article of the same origin comes before it.
        speaker_id, speaker, organisation_id, issue_id, event
            Who on what; the label of the event.
        quote, gloss
            Where the text is withheld the quote is empty.
        fields, before, after
            What differs ("stance, certainty") and its values in short ("stance +0.5; certainty probable"). Of a new or
            withdrawn record `fields` is empty, and the one side tells its stance, or the type of the event; of one
            that entered or left the selection `fields` is what differs in it, and may be empty.
        date_start, date_end, date_precision
            Of the statement or event.

    Raises
    ------
    ParameterError
        A selection holds ids that its whole corpus does not have.

    Notes
    -----
    Records that are equal in all but the id are the same record, and no change: a coder numbered them anew. Else a
    record is known by its id at the same passage, then by article, coder, passage, speaker and issue, then by its id.
    A passage is its quote; where a quote is withheld in one of the states, the gloss, and the offsets in an unchanged
    text. So a span that moved because the text before it was edited is no change. Missing equals missing; a mixed
    stance is a value of its own. Each copy of a text is told, since each was coded. Columns that one of the states
    lacks are not compared; where it lacks the ids of a table, nothing is told of that table. An event's fields are
    what all its mentions say together: one that differs and gained a mention in a new article differs because of it.
    """
    before, after = typed(*(whole or (old, new)))
    return evidence_of((before, after), (old, new) if whole else None, renamed(before, after))


def evidence_of(
    whole: tuple[Tables, Tables], chosen: tuple[Tables, Tables] | None, respell: Mapping[str, Mapping[str, str]]
) -> pd.DataFrame:
    """The same as `evidence` of whole corpora that are `typed` already, and of which `renamed` returned `respell`.

    `chosen` is what was selected from them; nothing: all.
    """
    sides = [_side(*both) for both in zip(whole, chosen or (None, None), strict=True)]
    before, after = whole
    known = causes(before, after, respell)
    states = (before, respelt(before, respell), after)
    rows: list[dict[str, Any]] = []
    events: dict[str, str] = {}
    for kind in ("event", "mention", "statement"):
        is_same = alike(kind, before, after) and sides[0].chosen[kind] == sides[1].chosen[kind]
        found = None if is_same and not any(respell.values()) else match(kind, states, known, events)
        if found:
            events = found.respelt_ids() if kind == "event" else events
            rows += _alone(found, sides, known)
            rows += _both(found, sides, known)
    return _ordered(rows)


def _side(whole: Tables, chosen: Tables | None) -> _Side:
    known = {kind: _ids(kind, whole) for kind in KINDS}
    ids = {kind: _ids(kind, chosen) for kind in KINDS} if chosen else known
    problems = [
        Problem(f"{kind}s", 0, f"{missing[0]!r} is in the selection and not in the whole corpus", "ids of the corpus")
        for kind in KINDS
        if (missing := sorted(ids[kind] - known[kind]))
    ]
    if problems:
        raise ParameterError(problems)
    return _Side(whole, ids)


def _ids(kind: str, tables: Tables) -> set[str]:
    table = getattr(tables, TABLE_OF[kind])
    return set(table[f"{kind}_id"].dropna().astype(str)) if f"{kind}_id" in table else set()


def _alone(found: Match, sides: Sequence[_Side], known: Causes) -> Iterator[dict[str, Any]]:
    """The records that only one of the states has."""
    for change, side, table, paired in (
        ("new", sides[1], found.new, found.pairs["new"]),
        ("withdrawn", sides[0], found.old, found.pairs["old"]),
    ):
        is_told = table["id"].isin(side.chosen[found.kind]).to_numpy(copy=True)
        is_told[paired] = False
        for row in table[is_told].to_dict("records") if is_told.any() else ():
            because = known.of_unpaired(found.kind, row, is_new=change == "new")
            text = told(_MAIN[found.kind], row, side.names)
            yield _row(found.kind, row, side) | {
                "change": change, "because": because, "after" if change == "new" else "before": text
            }  # fmt: skip


def _both(found: Match, sides: Sequence[_Side], known: Causes) -> Iterator[dict[str, Any]]:
    """The records of both states that differ, or that entered or left the selection."""
    left, right = (found.pairs[when].to_numpy() for when in ("old", "new"))
    was_in = found.old["id"].isin(sides[0].chosen[found.kind]).to_numpy()[left]
    is_in = found.new["id"].isin(sides[1].chosen[found.kind]).to_numpy()[right]
    at = np.flatnonzero((was_in != is_in) | (was_in & found.differs.to_numpy().any(axis=1)))
    if not len(at):
        return
    flags = (was_in[at], is_in[at], found.differs.to_numpy()[at], found.explained.to_numpy()[at])
    rows = (found.old.iloc[left[at]].to_dict("records"), found.new.iloc[right[at]].to_dict("records"))
    for before, after, differs, explained, old, new in zip(*flags, *rows, strict=True):
        fields = [str(field) for field in found.differs.columns[differs]]
        left_open = {str(field) for field in found.differs.columns[differs & ~explained]}
        told_of = "revised" if before and after else "new" if after else "withdrawn"
        because = known.of_revised(found.kind, (old, new), left_open) if before and after else "selection"
        yield _row(found.kind, *((new, sides[1]) if after else (old, sides[0]))) | {
            "change": told_of, "because": because, "fields": ", ".join(fields),
            "before": told(fields, old, sides[0].names), "after": told(fields, new, sides[1].names),
        }  # fmt: skip


def _row(kind: str, row: Mapping[Any, Any], side: _Side) -> dict[str, Any]:
    """The columns that need no comparison."""
    article, speaker = row.get("article_id", row.get("first_article")), row.get("speaker_id")
    shared = {column: row[column] for column in _EVIDENCE if column in row}
    return shared | {
        "kind": kind,
        "article_id": article,
        "title": side.titles.get(article),
        "is_copy": article in side.copies,
        "speaker": side.names.get(str(speaker), speaker),
        "fields": "",
        "before": "",
        "after": "",
    }


def _ordered(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    listed = sorted(rows, key=_place)
    return pd.DataFrame(
        {column: pd.Series([row.get(column) for row in listed], dtype=dtype) for column, dtype in _EVIDENCE.items()}
    )


def _place(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """By what a row is sorted; what is missing comes last."""
    values = (row.get(column) for column in ("date_start", "article_id", "id"))
    known = ((True,) if pd.isna(value) else (False, value) for value in values)
    return KINDS.index(row["kind"]), _CHANGES.index(row["change"]), *known
