"""The statements, mentions or events of two states held against each other."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from analysis.changes.causes import Causes
from analysis.changes.pairing import codes, differing, paired
from analysis.changes.records import FIELDS, records, with_passages
from analysis.schema import Tables


@dataclass(frozen=True)
class Match:
    """Both states' records of a `kind`, the `pairs` of places that are the same, and for each pair and field a truth.

    `differs` holds where a field differs as each state spells it, `explained` where that follows from the codebook.
    """

    kind: str
    old: pd.DataFrame
    new: pd.DataFrame
    pairs: pd.DataFrame
    differs: pd.DataFrame
    explained: pd.DataFrame

    def respelt_ids(self) -> dict[str, str]:
        """The ids that differ though the record is the same: old id to new id."""
        both = zip(self.old.loc[self.pairs["old"], "id"], self.new.loc[self.pairs["new"], "id"], strict=True)
        return {was: now for was, now in both if was != now}


def match(kind: str, states: tuple[Tables, Tables, Tables], known: Causes, events: Mapping[str, str]) -> Match | None:
    """The records of a kind in two states; None where one of them has no ids.

    Parameters
    ----------
    kind
        statement, mention or event.
    states
        The old state as it is, the same as the new one spells ids, and the new one; `typed` ones.
    known
        What happened to the articles.
    events
        Events that the new state only spells anew: old id to new id.
    """
    is_respelt = states[0] is not states[1]
    old, new = (records(kind, tables) for tables in states[1:])
    raw = records(kind, states[0]) if is_respelt else old
    if raw is None or old is None or new is None:
        return None
    if kind != "event":
        old, new = with_passages(old, new, known.text_changed)
        raw = raw.assign(words=old["words"], span=old["span"])
    if kind == "mention" and "event_id" in old and events:
        spelt = old["event_id"].map(lambda event: events.get(event, event), na_action="ignore")
        old, raw = old.assign(event_id=spelt), raw.assign(event_id=spelt)
    rows = codes(old, new)
    pairs = paired(kind, rows, FIELDS[kind])
    truly = differing(rows, pairs, FIELDS[kind])
    differs = differing(codes(raw, new), pairs, FIELDS[kind]) if is_respelt else truly
    return Match(kind, raw, new, pairs, differs, _explained(kind, (old, new), pairs, (differs, truly)))


def _explained(
    kind: str, sides: tuple[pd.DataFrame, pd.DataFrame], pairs: pd.DataFrame, both: tuple[pd.DataFrame, pd.DataFrame]
) -> pd.DataFrame:
    """Where a difference follows from the codebook; `both` are the differences as spelt and those that are true."""
    differs, truly = both
    explained = differs & ~truly
    if kind == "statement" and all("is_own" in side for side in sides):
        places = zip(sides, ("old", "new"), strict=True)
        was_own, is_own = (side["is_own"].to_numpy()[pairs[place]] for side, place in places)
        explained["organisation"] |= truly["organisation"] & ~truly["speaker"] & was_own & is_own
    if kind == "event":
        explained["quad class"] |= truly["quad class"] & ~truly["type"]
    return explained
