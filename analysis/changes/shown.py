"""The rows of a summary's record as pages and mails show them: named, short, and not more than asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pandas as pd

from analysis.changes import wording
from analysis.changes.summary import FRAMES, UNCHANGED

if TYPE_CHECKING:
    from jinja2 import Template

_WORDS, _TITLE, _VALUES, _NAME = 220, 90, 140, 60
_SCHEMES = ("", "http", "https")


@dataclass(frozen=True)
class Entry:
    """What a mail or a feed tells of one report.

    `changes` is what `Summary.as_json` gives; `sentence` stands in for its own. With an `error` the report failed, and
    its last page stands. `version` is any text that changes when the page does, `updated` the time when it did: a feed
    needs both.
    """

    name: str
    title: str
    url: str = ""
    sentence: str = ""
    changes: Mapping[str, Any] | None = None
    error: str = ""
    version: str = ""
    updated: datetime | None = None

    @property
    def is_quiet(self) -> bool:
        """Whether there is nothing to tell: no error, and nothing that changed."""
        if self.error:
            return False
        return not any(self.changes[name] for name in FRAMES) if self.changes else self.sentence in ("", UNCHANGED)

    @property
    def told(self) -> str:
        """One sentence on the report: why it failed, or what changed."""
        if self.error:
            return wording.clipped(f"The last run failed: {self.error}", 400)
        return wording.clipped(self.sentence or (self.changes["sentence"] if self.changes else ""), 400)


def rows(record: Mapping[str, Any], most: int) -> dict[str, dict[str, Any]]:
    """Of each frame of a `Summary.as_json` the first `most` rows as texts (`rows`), and how many `more` it has."""
    views = {"cells": _cell, "evidence": _evidence, "articles": _article, "codebook": _codebook}
    return {
        name: {
            "rows": [views[name](row, record["names"]) for row in record[name][:most]],
            "more": max(0, len(record[name]) - most),
        }
        for name in FRAMES
    }


def address(url: str) -> str:
    """`url` where it may be linked to: relative, or on the web; nothing where it is anything else."""
    try:
        return url if urlsplit(wording.clean(url).strip()).scheme in _SCHEMES else ""
    except ValueError:
        return ""


@cache
def template(name: str) -> "Template":
    """A template of this room, compiled once; what is put into it is cleaned and escaped."""
    from jinja2 import Environment, FileSystemLoader  # noqa: PLC0415  # takes time, and frames need none
    from markupsafe import Markup  # noqa: PLC0415

    loader = FileSystemLoader(Path(__file__).with_name("template"))
    finalize = partial(_finalized, Markup)
    environment = Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True, finalize=finalize)
    environment.filters["address"] = address
    environment.filters["counted"] = wording.counted
    return environment.get_template(name)


def _finalized(markup: type, value: object) -> object:
    return value if isinstance(value, markup) else wording.clean(value)


def _cell(row: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "actor": wording.name(row["actor"], names),
        "issue": wording.label(row["issue_id"]),
        "change": row["change"],
        "before": _standing(row, "before"),
        "after": _standing(row, "after"),
    }


def _standing(row: Mapping[str, Any], when: str) -> dict[str, str]:
    """A cell's state as glyph, word, value and number of articles; only words where it had no statement."""
    state = row[f"state_{when}"]
    if state not in wording.GLYPHS:
        return {"state": "", "glyph": "", "word": "no statement", "size": ""}
    value = row[f"stance_{when}"]
    number = "" if value is None else f" {wording.signed(value)}"  # a mixed cell may have none
    size = wording.counted(row[f"n_articles_{when}"], "article")
    return {"state": state, "glyph": wording.GLYPHS[state], "word": f"{state}{number}", "size": size}


def _evidence(row: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """A record in the words of its article, else of its coder, else of its event."""
    del names  # all views are called alike
    has_quote = bool(wording.clean(row["quote"]))
    if row["kind"] == "statement":
        head = f"{wording.clipped(row['speaker'], _NAME)} on {wording.label(row['issue_id'])}"
    else:
        head = f"{row['kind']}: {wording.clipped(row['event'], _NAME)}"
    return {
        "change": row["change"],
        "because": row["because"] + (" (a copy)" if row["is_copy"] else ""),
        "date": _day(row, "date"),
        "head": head,
        "words": wording.clipped(row["quote"] if has_quote else row["gloss"], _WORDS),
        "is_quote": has_quote,
        "title": wording.clipped(row["title"], _TITLE),
        **_values(row),
    }


def _article(row: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    del names
    name = wording.clipped(row["title"], _TITLE) or wording.clipped(row["article_id"])
    change = row["change"] + (" (a copy)" if row["is_copy"] else "")
    return {"change": change, "name": name, "date": _day(row, "published"), **_values(row)}


def _codebook(row: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    del names
    name = wording.clipped(row["name"], _TITLE) or wording.clipped(row["id"])
    return {"change": row["change"], "name": f"{row['kind']}: {name}", **_values(row)}


def _day(row: Mapping[str, Any], prefix: str) -> str:
    """The date of a row, whose days are ISO texts here."""
    days = {name: pd.Timestamp(row[name]) for name in (f"{prefix}_start", f"{prefix}_end") if row.get(name)}
    return wording.day({f"{prefix}_precision": row.get(f"{prefix}_precision")} | days, prefix)


def _values(row: Mapping[str, Any]) -> dict[str, str]:
    return {"before": wording.clipped(row["before"], _VALUES), "after": wording.clipped(row["after"], _VALUES)}
