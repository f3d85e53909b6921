"""Tiny corpora for tests, as literals: files of a corpus folder, and tables that no file stands behind."""

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import dates, schema
from analysis.schema import Tables

CODEBOOK = """\
actors:
  - {id: ann, name: Ann Lee, kind: person, organisation: ministry, country: XA}
  - {id: bob, name: Bob Roe, kind: person}
  - {id: ministry, name: Ministry, kind: organisation, country: XA}
  - {id: union, name: Union, kind: organisation}
issues:
  - {id: bridge, proposition: The bridge should be built.}
  - {id: toll, proposition: Crossing should cost a toll.}
event_types:
  - {id: CONSULT, quad_class: verbal_cooperation, definition: Talk., modes: {visit: One travels., phone: By phone.}}
  - {id: REJECT, quad_class: verbal_conflict, definition: One refuses.}
"""
FRONT = "---\ntitle: A bridge\npublished: 2024-05-28\n---\n\n"
TEXT = "Ann Lee said yes to the bridge. Bob Roe said no to the toll."
STATEMENT = "{id: s1, quote: Ann Lee said yes, gloss: She agrees., speaker: ann, issue: bridge, stance: 1}"
EVENT = "{id: e1, quote: no to the toll, label: Talks, type: CONSULT, actors: [ann, bob], start: 2024-05}"
CODING = f"statements:\n  - {STATEMENT}\nevents:\n  - {EVENT}\n"


def corpus(
    root: Path,
    articles: Mapping[str, str | bytes] | None = None,
    *,
    name: str = "town",
    codebook: str | bytes | None = CODEBOOK,
) -> Path:
    """The folder data/raw/<name> under `root` with these files of articles/ (name to content; default: `one`)."""
    folder = root / "data" / "raw" / name
    (folder / "articles").mkdir(parents=True)
    if codebook is not None:
        write(folder / "codebook.yaml", codebook)
    for file, content in (article("one") if articles is None else articles).items():
        write(folder / "articles" / file, content)
    return folder


def article(
    article_id: str, text: str = TEXT, coding: str = CODING, *, front: str = FRONT, coder: str = ""
) -> dict[str, str]:
    """The two files of an article."""
    return {f"{article_id}.md": front + text + "\n", f"{article_id}{coder and '.' + coder}.ann.yaml": coding}


def write(path: Path, content: str | bytes) -> None:
    """Write the file as it is, line ends and all; texts as UTF-8."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def said(article_id: str, speaker: str, issue: str, stance: float | None, **other: Any) -> dict[str, Any]:
    """A row of `statements` for :func:`tables`; `other` replaces what does not matter to most tests."""
    day = dt.datetime(2024, 5, 28)
    row = {
        "article_id": article_id,
        "coder_id": "main",
        "start": 0,
        "end": 1,
        "speaker_id": speaker,
        "issue_id": issue,
        "stance": stance,
        "is_mixed": stance is None,
        "certainty": "certain",
        "date_start": day,
        "date_end": day,
        "date_precision": "day",
    }
    return row | other


def happened(event_id: str, start: str, end: str = "", **other: Any) -> dict[str, Any]:
    """A row of `events` for :func:`tables`; dates as ISO texts."""
    when = dates.span(dates.parse(start), dates.parse(end or start))
    row = {
        "event_id": event_id,
        "label": event_id,
        "type": "CONSULT",
        "quad_class": "verbal_cooperation",
        "date_start": when.start,
        "date_end": when.end,
        "date_precision": when.precision,
        "date_basis": "stated",
        "status": "occurred",
    }
    return row | other


def tables(  # noqa: PLR0913  # one for each table that a test may care about
    statements: Iterable[Mapping[str, Any]] = (),
    events: Iterable[Mapping[str, Any]] = (),
    *,
    origins: Mapping[str, str] | None = None,
    published: Mapping[str, str] | None = None,
    roles: Iterable[tuple[str, str, str]] = (),
    mentions: Iterable[tuple[str, str]] = (),
    is_checked: bool = True,
) -> Tables:
    """Tables of these rows, found to keep the contract; actors, issues and articles are those that occur in them."""
    statements = [{"statement_id": f"{row['article_id']}/s{at}"} | dict(row) for at, row in enumerate(statements)]
    events, published, origins, roles = list(events), published or {}, origins or {}, list(roles)
    places = [
        {"mention_id": f"{article}/{event}~{at}", "event_id": event, "article_id": article, "coder_id": "main"}
        for at, (event, article) in enumerate(mentions)
    ]
    articles = {row["article_id"] for row in (*statements, *places)} | published.keys() | origins.keys()
    actors = {row[key] for row in statements for key in ("speaker_id", "organisation_id") if row.get(key)}
    actors |= {actor for _, actor, _ in roles}
    rows = {
        "articles": [_article_row(name, published.get(name, "2024-05-28"), origins.get(name)) for name in articles],
        "actors": [{"actor_id": name, "name": name.title(), "kind": "person"} for name in sorted(actors)],
        "issues": [{"issue_id": name, "proposition": name} for name in sorted({row["issue_id"] for row in statements})],
        "statements": statements,
        "events": events,
        "event_actors": [{"event_id": event, "actor_id": actor, "role": role} for event, actor, role in roles],
        "mentions": [place | {"start": 0, "end": 1} for place in places],
    }
    made = Tables(**{name: schema.frame(name, rows[name]) for name in schema.NAMES})
    return schema.check(made) if is_checked else made


def _article_row(article_id: str, published: str, origin: str | None) -> dict[str, Any]:
    start, end, precision = dates.parse(published)
    days = {"published_start": start, "published_end": end, "published_precision": precision}
    facts = {"title": article_id, "origin_id": origin, "text_sha256": "0" * 64, "n_chars": 10, "has_text": False}
    return {"article_id": article_id} | days | facts


def assert_equal_tables(left: Tables, right: Tables) -> None:
    """The same values, dtypes and order in every table."""
    for name in schema.NAMES:
        pd.testing.assert_frame_equal(getattr(left, name), getattr(right, name), obj=name)
