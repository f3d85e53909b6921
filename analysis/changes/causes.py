"""Because of what a record is new, revised or withdrawn: its article, the codebook, or the coder."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from analysis.changes.pairing import codes, differing, paired
from analysis.changes.records import FIELDS, alike, records, respelt
from analysis.schema import Tables

if TYPE_CHECKING:
    import pandas as pd

_OF_TEXT, _OF_DATE = {"quote", "span"}, {"date"}


@dataclass(frozen=True)
class _Mentioned:
    """Events by what happened to the articles that mention them: to one of them (`in_*`), or to all (`only_*`)."""

    in_lone: set[str]
    only_lone: set[str]
    in_edited: set[str]


@dataclass(frozen=True)
class Causes:
    """What happened to the articles: those that only one state has, and those whose text or date changed.

    `lone` holds the articles, and `events` the events, by whether the new state is the one that has them.
    """

    lone: dict[bool, set[str]]
    text_changed: set[str]
    date_changed: set[str]
    events: dict[bool, _Mentioned]

    def of_unpaired(self, kind: str, row: Mapping[Any, Any], *, is_new: bool) -> str:
        """The cause of a record that only one of the states has."""
        if kind == "event":
            is_lone = row["id"] in self.events[is_new].only_lone
            is_edited = row["id"] in self.events[is_new].in_edited
        else:
            is_lone, is_edited = row["article_id"] in self.lone[is_new], row["article_id"] in self.text_changed
        if is_lone:
            return "new article" if is_new else "article withdrawn"
        return "article revised" if is_edited else "recoding"

    def of_revised(self, kind: str, both: tuple[Mapping[Any, Any], Mapping[Any, Any]], fields: set[str]) -> str:
        """The cause of a record that differs in `fields` beyond what the codebook explains; the old one and the new."""
        old, new = both
        if not fields:
            return "codebook"
        if kind == "event" and new["id"] in self.events[True].in_lone:
            return "new article"
        if kind == "event" and old["id"] in self.events[False].in_lone:
            return "article withdrawn"
        article = new.get("article_id")
        by_article = _OF_TEXT if article in self.text_changed else set()
        by_article = by_article | (_OF_DATE if article in self.date_changed else set())
        return "article revised" if kind != "event" and fields <= by_article else "recoding"


def causes(old: Tables, new: Tables, respell: Mapping[str, Mapping[str, str]]) -> Causes:
    """What happened to the articles between two states; `respell` is what `renamed` returned for them."""
    is_same = alike("article", old, new)
    before, after = (None, None) if is_same else (records("article", respelt(old, respell)), records("article", new))
    if before is None or after is None:
        return Causes({True: set(), False: set()}, set(), set(), {True: _mentioned(new), False: _mentioned(old)})
    rows = codes(before, after)
    pairs = paired("article", rows, FIELDS["article"])
    differs = differing(rows, pairs, FIELDS["article"])
    ids = after.loc[pairs["new"], "id"].set_axis(pairs.index)
    text, date = (set(ids[differs[field]]) for field in ("text", "published"))
    text |= {was for was, now in respell["article"].items() if now in text}  # a withdrawn record has the old spelling
    lone = {True: set(after.drop(pairs["new"])["id"]), False: set(before.drop(pairs["old"])["id"])}
    events = {True: _mentioned(new, lone[True], text), False: _mentioned(old, lone[False], text)}
    return Causes(lone, text, date, events)


def _mentioned(tables: Tables, lone: set[str] | None = None, edited: set[str] | None = None) -> _Mentioned:
    if not {"event_id", "article_id"} <= {*tables.mentions}:
        return _Mentioned(set(), set(), set())
    events, articles = tables.mentions["event_id"], tables.mentions["article_id"]
    is_lone: pd.Series[bool] = articles.isin(lone or set())
    return _Mentioned(
        in_lone=set(events[is_lone]),
        only_lone=set(events[is_lone]) - set(events[~is_lone]),
        in_edited=set(events[articles.isin(edited or set())]),
    )
