"""The rows of a summary as pages and mails show them: named, short, and not more than asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from analysis.changes import wording
from analysis.changes.summary import FRAMES, UNCHANGED, Summary

if TYPE_CHECKING:
    from jinja2 import Template

_WORDS, _TITLE, _VALUES, _NAME = 220, 90, 140, 60
_SCHEMES = ("", "http", "https")


@dataclass(frozen=True)
class Entry:
    """What a mail or a feed tells of one report.

    `sentence` stands in for the one of `summary`; with an `error` the report failed, and its last page stands.
    `version` is any text that changes when the page does, `updated` the time when it did: a feed needs both.
    """

    name: str
    title: str
    url: str = ""
    sentence: str = ""
    summary: Summary | None = None
    error: str = ""
    version: str = ""
    updated: datetime | None = None

    @property
    def is_quiet(self) -> bool:
        """Whether there is nothing to tell: no error, and nothing that changed."""
        if self.error:
            return False
        return self.summary.is_empty if self.summary else self.sentence in ("", UNCHANGED)

    @property
    def told(self) -> str:
        """One sentence on the report: why it failed, or what changed."""
        if self.error:
            return wording.clipped(f"The last run failed: {self.error}", 400)
        found = self.sentence or (self.summary.sentence() if self.summary else "")
        return wording.clipped(found, 400)


def rows(summary: Summary, most: int) -> dict[str, dict[str, Any]]:
    """Of each frame the first `most` rows as texts (`rows`), and how many `more` it has."""
    views = {"cells": _cell, "evidence": _evidence, "articles": _article, "codebook": _codebook}
    return {
        name: {
            "rows": [views[name](row, summary) for row in getattr(summary, name).head(most).to_dict("records")],
            "more": max(0, len(getattr(summary, name)) - most),
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


def _cell(row: Mapping[Any, Any], summary: Summary) -> dict[str, Any]:
    return {
        "actor": summary.name(row["actor"]),
        "issue": wording.label(row["issue_id"]),
        "change": row["change"],
        "before": _standing(row, "before"),
        "after": _standing(row, "after"),
    }


def _standing(row: Mapping[Any, Any], when: str) -> dict[str, str]:
    """A cell's state as glyph, word, value and number of articles; only words where it had no statement."""
    state = row[f"state_{when}"]
    if state not in wording.GLYPHS:
        return {"state": "", "glyph": "", "word": "no statement", "size": ""}
    value = row[f"stance_{when}"]
    number = "" if value != value else f" {wording.signed(value)}"  # noqa: PLR0124  # a mixed cell may have none
    size = wording.counted(row[f"n_articles_{when}"], "article")
    return {"state": state, "glyph": wording.GLYPHS[state], "word": f"{state}{number}", "size": size}


def _evidence(row: Mapping[Any, Any], summary: Summary) -> dict[str, Any]:
    """A record in the words of its article, else of its coder, else of its event."""
    del summary  # all views are called alike
    has_quote = bool(wording.clean(row["quote"]))
    if row["kind"] == "statement":
        head = f"{wording.clipped(row['speaker'], _NAME)} on {wording.label(row['issue_id'])}"
    else:
        head = f"{row['kind']}: {wording.clipped(row['event'], _NAME)}"
    return {
        "change": row["change"],
        "because": row["because"] + (" (a copy)" if row["is_copy"] else ""),
        "date": wording.day(row),
        "head": head,
        "words": wording.clipped(row["quote"] if has_quote else row["gloss"], _WORDS),
        "is_quote": has_quote,
        "title": wording.clipped(row["title"], _TITLE),
        **_values(row),
    }


def _article(row: Mapping[Any, Any], summary: Summary) -> dict[str, Any]:
    del summary
    name = wording.clipped(row["title"], _TITLE) or wording.clipped(row["article_id"])
    change = row["change"] + (" (a copy)" if row["is_copy"] else "")
    return {"change": change, "name": name, "date": wording.day(row, "published"), **_values(row)}


def _codebook(row: Mapping[Any, Any], summary: Summary) -> dict[str, Any]:
    del summary
    name = wording.clipped(row["name"], _TITLE) or wording.clipped(row["id"])
    return {"change": row["change"], "name": f"{row['kind']}: {name}", **_values(row)}


def _values(row: Mapping[Any, Any]) -> dict[str, str]:
    return {"before": wording.clipped(row["before"], _VALUES), "after": wording.clipped(row["after"], _VALUES)}
