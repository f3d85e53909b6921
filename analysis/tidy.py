"""What readers return becomes the tidy tables of a corpus: sorted, joined, checked. Pure: frames in, frames out.

Readers give three frames: `articles` and `statements` as in the contract, and `event_records`, one row per mention
with what it says of its event. Mentions of one event share its id, so the events are put together here.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from analysis import dates
from analysis.codebook import Codebook
from analysis.errors import CorpusError, ParameterError, Problem, unknown
from analysis.schema import CERTAINTIES, CONTRACTS, Tables, check, frame

_EVENT_FIELDS = ["label", "type", "mode", "date", "basis", "status", "place", "actors", "recipients"]
_REQUIRED = {"label": "label", "type": "type", "date": "start", "actors": "actors"}
_SORTED_BY = {
    "articles": ["article_id"],
    "statements": ["article_id", "coder_id", "start", "end", "statement_id"],
    "event_records": ["article_id", "coder_id", "start", "end", "mention_id"],
}


def parts(rows: Mapping[str, Iterable[Mapping[str, Any]]]) -> dict[str, pd.DataFrame]:
    """The rows that a reader collected, as one frame each."""
    columns = [*CONTRACTS["mentions"][1], *_EVENT_FIELDS, "file", "line"]
    types = {name: contract.dtype for name, contract in CONTRACTS["mentions"][1].items()}
    records = pd.DataFrame(list(rows["event_records"]), columns=columns, dtype=object)
    records = records.astype(types | dict.fromkeys([*_EVENT_FIELDS, "file"], "str") | {"line": "int64"})
    named = {name: frame(name, rows[name]) for name in ("articles", "statements")}
    return named | {"event_records": records}


def join(pieces: Iterable[Mapping[str, pd.DataFrame]]) -> dict[str, pd.DataFrame]:
    """Several readers' parts as one, in the order of articles and places, whatever order they came in."""
    pieces = list(pieces)
    joined = {name: pd.concat([piece[name] for piece in pieces], ignore_index=True) for name in _SORTED_BY}
    return {name: joined[name].sort_values(by, ignore_index=True) for name, by in _SORTED_BY.items()}


def assemble(read: Mapping[str, pd.DataFrame], book: Codebook, problems: Iterable[Problem] = ()) -> Tables:
    """The tidy tables of what was `read` under the codebook `book`.

    Parameters
    ----------
    read
        The frames `articles`, `statements` and `event_records`.
    book
        The corpus's codebook.
    problems
        What readers found wrong; any of them stops the corpus.

    Raises
    ------
    CorpusError
        All of `problems` and every event whose mentions contradict each other or leave a needed field open.
    """
    read = join([read])
    records = read["event_records"]
    wrong = list(problems)
    wrong += [*_contradictions(records), *_gaps(records, wrong)]
    if wrong:
        raise CorpusError(wrong)
    told = _told(records)
    return check(
        Tables(
            articles=read["articles"],
            actors=book.actors.sort_values("actor_id", ignore_index=True),
            issues=book.issues,
            statements=read["statements"],
            events=_events(told, book),
            event_actors=_event_actors(told),
            mentions=records[list(CONTRACTS["mentions"][1])],
        )
    )


def _told(records: pd.DataFrame) -> pd.DataFrame:
    """Each event with the first thing that any mention says of each field."""
    return records.groupby("event_id", as_index=False, sort=True)[_EVENT_FIELDS].first()


def _contradictions(records: pd.DataFrame) -> list[Problem]:
    """Events of which one coder says two different things. Coders may differ: the first one's word then counts."""
    problems = []
    keys = ["event_id", "coder_id"]
    for field in _EVENT_FIELDS:
        disputed = records[records.groupby(keys)[field].transform("nunique") > 1]
        for (event, _), mentions in disputed.dropna(subset=[field]).groupby(keys):
            said = mentions.drop_duplicates(field)
            first, other = said.iloc[0], said.iloc[1]
            found = f"event {event}: {field} is {other[field]} here and {first[field]} at {first.file}:{first.line}"
            hint = "mentions of one event agree; give another event another id"
            problems.append(Problem(other.file, int(other.line), found, "", hint))
    return problems


def _gaps(records: pd.DataFrame, known: list[Problem]) -> list[Problem]:
    """Events that lack a needed field; not those with a mention that is `known` to be wrong, which may well have it."""
    problems = []
    told = _told(records).set_index("event_id")
    for event, row in told[told[list(_REQUIRED)].isna().any(axis=1)].iterrows():
        missing = [name for column, name in _REQUIRED.items() if pd.isna(row[column])]
        if not any(problem.found.startswith(f"event {event}:") for problem in known):
            at = records[records["event_id"] == event].iloc[0]
            found = f"event {event}: no mention of it gives its {', '.join(missing)}"
            problems.append(Problem(at.file, int(at.line), found, "label, type, actors and start at one mention"))
    return problems


def _events(told: pd.DataFrame, book: Codebook) -> pd.DataFrame:
    date = told["date"].str.split("/", expand=True).reindex(columns=range(3))
    events = told.assign(
        quad_class=told["type"].map(book.quad_classes),
        date_start=pd.to_datetime(date[0]),
        date_end=pd.to_datetime(date[1]),
        date_precision=date[2],
        date_basis=told["basis"].fillna("stated"),
        status=told["status"].fillna("occurred"),
    )
    columns = {name: contract.dtype for name, contract in CONTRACTS["events"][1].items()}
    return events[list(columns)].astype(columns).sort_values(["date_start", "date_end", "event_id"], ignore_index=True)


def _event_actors(told: pd.DataFrame) -> pd.DataFrame:
    rows = [
        {"event_id": event.event_id, "actor_id": actor, "role": role}
        for event in told.itertuples()
        for role, listed in (("actor", event.actors), ("recipient", event.recipients))
        for actor in (json.loads(listed) if isinstance(listed, str) else ())
    ]
    return frame("event_actors", rows)


def select(
    tables: Tables,
    *,
    actors: Iterable[str] = (),
    issues: Iterable[str] = (),
    certainty: Iterable[str] = (),
    since: str = "",
    until: str = "",
) -> Tables:
    """The tables with only the statements and events asked for; articles, actors and issues stay whole.

    Parameters
    ----------
    tables
        A corpus.
    actors
        Ids: statements whose speaker or organisation, and events whose actor or recipient, is one of them. None: all.
    issues, certainty
        Statements on these issues, of this certainty. None: all.
    since, until
        ISO dates: statements and events that may have fallen into this time, the ends included. A date that is
        uncertain counts as long as some day of it lies inside.

    Raises
    ------
    ParameterError
        An actor or issue that the codebook does not have, no such certainty, or no date.
    """
    statements, events, roles = tables.statements, tables.events, tables.event_actors
    actors, issues, certainty = _words(actors), _words(issues), _words(certainty)
    _known("the actor", actors, tables.actors["actor_id"])
    _known("the issue", issues, tables.issues["issue_id"])
    _known("the certainty", certainty, CERTAINTIES)
    if actors:
        statements = statements[statements["speaker_id"].isin(actors) | statements["organisation_id"].isin(actors)]
        events = events[events["event_id"].isin(roles.loc[roles["actor_id"].isin(actors), "event_id"])]
    for column, values in (("issue_id", issues), ("certainty", certainty)):
        statements = statements[statements[column].isin(values)] if values else statements
    statements, events = _within(statements, since, until), _within(events, since, until)
    kept = events["event_id"]
    return replace(
        tables,
        statements=statements.reset_index(drop=True),
        events=events.reset_index(drop=True),
        event_actors=roles[roles["event_id"].isin(kept)].reset_index(drop=True),
        mentions=tables.mentions[tables.mentions["event_id"].isin(kept)].reset_index(drop=True),
    )


def one_coding(tables: Tables, coder: str = "") -> Tables:
    """The tables in which every article counts with one coding, so that no passage counts once for each coder.

    Where two coders worked on an article, both recorded the same passages: pooled, those would count twice, and where
    the two differ a speaker would seem to be of two minds. Which coding stands is a convention; the first is not the
    truth. Another can be asked for, and `analysis.agreement` tells how far they lie apart.

    Parameters
    ----------
    tables
        A corpus as it was loaded: in what `select` kept, a coder may seem to have coded less.
    coder
        Whose coding stands wherever this coder coded the article. Elsewhere, and where empty, that of its coder who
        coded most articles of the corpus; of equals the first by name.

    Returns
    -------
    Tables
        The statements and mentions of the coding that stands; no event whose mentions all went. Who has no statement,
        or no mention, in any article did not look for them: another's stand. Fields of an event stay as they were.

    Raises
    ------
    ParameterError
        There is no such coder.
    """
    kinds = [tables.statements, tables.mentions]
    coded = pd.concat([kind[["article_id", "coder_id"]] for kind in kinds]).drop_duplicates()
    _known("the coder", _words(coder), sorted(set(coded["coder_id"])))
    most = coded.groupby("coder_id")["article_id"].transform("size")
    coded = coded.assign(is_asked=coded["coder_id"] == coder, most=most)
    ranked = coded.sort_values(["is_asked", "most", "coder_id"], ascending=[False, False, True])
    statements, mentions = (_of_first(kind, ranked) for kind in kinds)
    gone = set(tables.mentions["event_id"]) - set(mentions["event_id"])
    left = (table[~table["event_id"].isin(gone)] for table in (tables.events, tables.event_actors))
    events, roles = (table.reset_index(drop=True) for table in left)
    return replace(tables, statements=statements, mentions=mentions, events=events, event_actors=roles)


def _of_first(records: pd.DataFrame, ranked: pd.DataFrame) -> pd.DataFrame:
    """The records of each article's first coder, of those `ranked` ones who made records of this kind at all."""
    first = ranked[ranked["coder_id"].isin(records["coder_id"])].drop_duplicates("article_id")
    stands = records["article_id"].map(first.set_index("article_id")["coder_id"])
    return records[records["coder_id"] == stands].reset_index(drop=True)


def _words(asked: Iterable[str]) -> list[str]:
    """What is asked for as a list; a single word, as `papermill -p actors kabulov` gives it, is a list of one."""
    return [asked] if isinstance(asked, str) and asked else list(asked)


def _known(what: str, asked: list[str], allowed: Iterable[str]) -> None:
    """Refuse what is asked for and does not exist: it would select nothing, in silence."""
    allowed = list(allowed)
    wrong = [unknown(what, value, allowed) for value in asked if value not in allowed]
    if wrong:
        raise ParameterError(wrong)


def _within(table: pd.DataFrame, since: str, until: str) -> pd.DataFrame:
    if since:
        table = table[table["date_end"] >= dates.asked(since, "since").start]
    return table[table["date_start"] <= dates.asked(until, "until").end] if until else table
