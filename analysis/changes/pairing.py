"""Which row of the new state is which row of the old one.

Ids come first only among rows that are otherwise equal: a coder who removes the first of three statements and numbers
the others anew has withdrawn one statement, not changed three. So rows that are equal in all but the id are paired
before a row is held against another one that merely has its id.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

_Numbers = np.ndarray[Any, np.dtype[np.int64]]


class Rule(NamedTuple):
    """Columns that must agree, and those of which at least one must hold something (none: no such demand)."""

    agree: Sequence[str]
    needed: Sequence[str] = ()


_PLACE = ("article_id", "coder_id")
_WORDS = ("words", "span")
_SAID = ("speaker_id", "issue_id")
# After equal rows: the same id at the same passage, the same passage under another id, at last the id alone.
_RULES: dict[str, tuple[Rule, ...]] = {
    "statement": (
        Rule(("id", "article_id", *_WORDS), _WORDS),
        Rule((*_PLACE, *_WORDS, *_SAID), _WORDS),
        Rule((*_PLACE, "gloss", *_SAID), ("gloss",)),
        Rule(("id",)),
    ),
    "mention": (
        Rule(("id", "article_id", *_WORDS), _WORDS),
        Rule((*_PLACE, "event_id", *_WORDS), _WORDS),
        Rule((*_PLACE, "event_id", "gloss"), ("gloss",)),
        Rule(("id",)),
    ),
    "event": (
        Rule(("id", "label")),
        Rule(("label", "type", "date_start", "date_end"), ("label",)),
        Rule(("id",)),
    ),
    "article": (Rule(("id",)),),
    "actor": (Rule(("id",)), Rule(("name", "kind", "role", "country"), ("name",))),
    "issue": (Rule(("id",)), Rule(("proposition",), ("proposition",))),
}
_RESPELT_ONLY = ("actor", "issue")  # an equal row under another id is told, as a change of the id


class Codes(NamedTuple):
    """Rows of both states with their common columns as numbers that are equal where the values are; −1 for a gap."""

    columns: list[str]
    old: _Numbers
    new: _Numbers

    def at(self, names: Sequence[str]) -> list[int]:
        """The places of those columns that both states have, each once."""
        return [self.columns.index(name) for name in dict.fromkeys(names) if name in self.columns]


def codes(old: pd.DataFrame, new: pd.DataFrame) -> Codes:
    """The rows of two states as numbers."""
    common = [column for column in old.columns if column in new]
    both = pd.concat([old[common], new[common]], ignore_index=True)
    numbers = np.empty((len(both), len(common)), dtype="int64")
    for at, column in enumerate(common):
        numbers[:, at] = pd.factorize(both[column])[0]
    return Codes(common, numbers[: len(old)], numbers[len(old) :])


def paired(kind: str, rows: Codes, fields: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """The places `old` and `new` of the rows that are one and the same record, in the order of `new`.

    Parameters
    ----------
    kind
        What the rows are; see `records`.
    rows
        Of both states. Rows that agree are paired in their order.
    fields
        The fields of the kind, whose columns together are all that a record says.
    """
    content = (*_PLACE, *(column for columns in fields.values() for column in columns if column != "id"))
    equal = (Rule(("id", *content)), Rule(content)) if kind not in _RESPELT_ONLY else ()
    places: list[tuple[int, int]] = []
    before, after = np.arange(len(rows.old)), np.arange(len(rows.new))
    for rule in (*equal, *_RULES[kind]):
        if not (len(before) and len(after)):
            break
        agree, needed = rows.at(rule.agree), rows.at(rule.needed)
        if not agree or (rule.needed and not needed):
            continue
        places += _agreeing(_keys(rows.old, before, agree, needed), _keys(rows.new, after, agree, needed))
        before, after = (np.setdiff1d(left, [pair[at] for pair in places]) for at, left in enumerate((before, after)))
    return pd.DataFrame(sorted(places, key=itemgetter(1)), columns=["old", "new"], dtype="int64")


def _keys(side: _Numbers, places: _Numbers, agree: list[int], needed: list[int]) -> list[tuple[bytes, int]]:
    """What the rows at these places must agree in, with the place; those that lack what is needed are left out."""
    if needed:
        places = places[(side[places][:, needed] >= 0).any(axis=1)]
    values = np.ascontiguousarray(side[places][:, agree])
    return [(row.tobytes(), place) for row, place in zip(values, places.tolist(), strict=True)]


def _agreeing(before: list[tuple[bytes, int]], after: list[tuple[bytes, int]]) -> list[tuple[int, int]]:
    """The places that agree, the first with the first; each place once."""
    waiting: dict[bytes, deque[int]] = {}
    for key, place in before:
        waiting.setdefault(key, deque()).append(place)
    return [(waiting[key].popleft(), place) for key, place in after if waiting.get(key)]


def differing(rows: Codes, pairs: pd.DataFrame, fields: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """For each pair, which fields differ. A field that one state lacks does not differ."""
    is_other = rows.old[pairs["old"]] != rows.new[pairs["new"]]
    found = {field: is_other[:, rows.at(columns)].any(axis=1) for field, columns in fields.items()}
    return pd.DataFrame(found, index=pairs.index, dtype=bool)
