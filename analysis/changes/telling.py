"""A record's fields in a few words, as a table of changes shows them before and after."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from analysis.changes import wording

_TEXTS = ("quote", "gloss", "condition", "title", "name", "role", "proposition", "label")
_ACTORS = ("speaker", "organisation", "actors", "recipients")
_COLUMNS = {
    "id": "id",
    "organisation": "organisation_id",
    "speaker": "speaker_id",
    "issue": "issue_id",
    "event": "event_id",
    "coder": "coder_id",
    "origin": "origin_id",
    "quad class": "quad_class",
    "basis": "date_basis",
}


def told(fields: Iterable[str], row: Mapping[Any, Any], names: Mapping[str, str]) -> str:
    """The fields with their values: "stance +0.5; certainty probable".

    Parameters
    ----------
    fields
        Names of fields, as `records.FIELDS` has them.
    row
        The record.
    names
        The actors' names by id.
    """
    return "; ".join(f"{field} {value(field, row, names)}" for field in fields)


def value(field: str, row: Mapping[Any, Any], names: Mapping[str, str]) -> str:
    """The value of one field in a few words; `none` where it is missing."""
    if field == "stance":
        return "±" if row.get("is_mixed") == 1 else wording.signed(row.get("stance", float("nan")))
    if field in ("date", "published"):
        return wording.day(row, field)
    if field == "text":
        return _text(row)
    found = row.get(_COLUMNS.get(field, field))
    return wording.NONE if found is None or pd.isna(found) else _word(field, str(found), names)


def _word(field: str, found: str, names: Mapping[str, str]) -> str:
    if field in _ACTORS:
        return wording.clipped(", ".join(names.get(actor, actor) for actor in found.split()))
    if field == "issue":
        return wording.label(found)
    return wording.quoted(found) if field in _TEXTS else wording.clipped(found)


def _text(row: Mapping[Any, Any]) -> str:
    """A text by its first signs of identity: a digest, and its length."""
    digest, length = row.get("text_sha256"), row.get("n_chars")
    size = "" if length is None or pd.isna(length) else f" ({wording.counted(int(length), 'character')})"
    return f"{wording.NONE if digest is None or pd.isna(digest) else str(digest)[:8]}{size}"
