"""Two states of a corpus made comparable: one type per column, whatever version of ours wrote the tables.

A table of an older version may lack a column or hold another dtype. Columns are brought to the type of the contract,
and only those that both states have are compared. An empty text is a missing one, and missing equals missing.
"""

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from analysis.schema import CONTRACTS, NAMES, Tables

TABLE_OF = {
    "statement": "statements",
    "mention": "mentions",
    "event": "events",
    "article": "articles",
    "actor": "actors",
    "issue": "issues",
}
_MADE_OF = {
    "statement": ("statements", "actors"),
    "mention": ("mentions", "events"),
    "event": ("events", "event_actors", "mentions"),
    "article": ("articles",),
    "actor": ("actors",),
    "issue": ("issues",),
}
# What a reader calls a field, and the columns that it is made of. `words` and `span` are made by `with_passages`.
_PASSAGE = {"quote": ("words",), "span": ("span",), "gloss": ("gloss",), "coder": ("coder_id",)}
_DATE = {"date": ("date_start", "date_end", "date_precision")}
FIELDS: dict[str, dict[str, tuple[str, ...]]] = {
    "statement": {
        "stance": ("stance", "is_mixed"),
        "speaker": ("speaker_id",),
        "organisation": ("organisation_id",),
        "issue": ("issue_id",),
        "certainty": ("certainty",),
        "condition": ("condition",),
        "speech": ("speech",),
        **_DATE,
        **_PASSAGE,
    },
    "mention": {"event": ("event_id",), **_PASSAGE},
    "event": {
        "label": ("label",),
        "type": ("type",),
        "mode": ("mode",),
        "quad class": ("quad_class",),
        **_DATE,
        "basis": ("date_basis",),
        "status": ("status",),
        "place": ("place",),
        "actors": ("actors",),
        "recipients": ("recipients",),
    },
    "article": {
        "id": ("id",),
        "text": ("text_sha256",),
        "published": ("published_start", "published_end", "published_precision"),
        "origin": ("origin_id",),
        "title": ("title",),
        "outlet": ("outlet",),
        "language": ("language",),
        "url": ("url",),
    },
    "actor": {
        "id": ("id",),
        "name": ("name",),
        "kind": ("kind",),
        "organisation": ("organisation_id",),
        "role": ("role",),
        "country": ("country",),
    },
    "issue": {"id": ("id",), "proposition": ("proposition",)},
}
_TRUE = ("true", "1", "1.0")


def typed(old: Tables, new: Tables) -> tuple[Tables, Tables]:
    """Both with the columns of the contract that they have, each of its type; other columns are left out.

    A table that is the same in both states is one object in both.
    """
    before, after = {}, {}
    for name in NAMES:
        left, right = getattr(old, name), getattr(new, name)
        before[name] = _typed(left, name)
        after[name] = before[name] if left is right or left.equals(right) else _typed(right, name)
    return Tables(**before), Tables(**after)


def alike(kind: str, old: Tables, new: Tables) -> bool:
    """Whether all that the records of a kind are made of is the same in two states, which `typed` returned together."""
    return all(getattr(old, name) is getattr(new, name) for name in _MADE_OF[kind])


def _typed(table: pd.DataFrame, name: str) -> pd.DataFrame:
    columns = CONTRACTS[name][1]
    found = table[[column for column in columns if column in table]].reset_index(drop=True)
    both = {str(column): (values, _as(values, columns[str(column)].dtype)) for column, values in found.items()}
    made = {column: new for column, (old, new) in both.items() if new is not old}
    return found.assign(**made) if made else found


def _as(values: pd.Series, dtype: str) -> pd.Series:
    if dtype == "str" and values.dtype == "str":  # as it nearly always is, and most columns are
        is_blank = values.array == ""
        return values.mask(is_blank) if is_blank.any() else values
    if dtype in ("float64", "int64") or dtype == values.dtype == "bool":
        return pd.to_numeric(values, errors="coerce").astype("float64").round(12) + 0.0  # −0 is 0
    if dtype == "datetime64[us]":
        return _as_day(values)
    texts = values.astype(object).where(values.notna(), None).astype("str")
    if dtype == "bool":
        return texts.str.lower().isin(_TRUE).astype("float64").where(texts.notna())
    return texts.where(texts != "")


def _as_day(values: pd.Series) -> pd.Series:
    if values.dtype == "datetime64[us]":
        return values
    if not pd.api.types.is_datetime64_any_dtype(values.dtype):
        values = pd.to_datetime(values.astype("str"), errors="coerce", format="ISO8601", utc=True)
    days: pd.Series = values.dt.tz_localize(None).astype("datetime64[us]")
    return days


def records(kind: str, tables: Tables) -> pd.DataFrame | None:
    """The rows of a kind with their key as `id`; None where the table has no key, so that nothing can be told.

    Parameters
    ----------
    kind
        statement, mention, event, article, actor or issue. A statement also tells whether it speaks for its speaker's
        own organisation (`is_own`), an event who acts in it (`actors`, `recipients`) and where it is first mentioned
        (`first_article`), and a mention what its event is (`event`, the label, and its date).
    tables
        What `typed` returned.
    """
    table: pd.DataFrame = getattr(tables, TABLE_OF[kind])
    key = CONTRACTS[TABLE_OF[kind]][0][0]
    if key not in table or (kind in ("statement", "mention") and "article_id" not in table):
        return None
    more = {"statement": _with_home, "mention": _with_event, "event": _with_roles}
    found = table.rename(columns={key: "id"})
    return more[kind](found, tables) if kind in more else found


def _with_home(statements: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    if not {"speaker_id", "organisation_id"} <= {*statements}:
        return statements
    home = statements["speaker_id"].map(by_id(tables.actors, "actor_id", "organisation_id")).astype("str")
    spoken_for = statements["organisation_id"]
    return statements.assign(is_own=(spoken_for == home) | (spoken_for.isna() & home.isna()))


def _with_event(mentions: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    if "event_id" not in mentions:
        return mentions
    columns = {"event": "label"} | {column: column for column in ("date_start", "date_end", "date_precision")}
    return mentions.assign(
        **{
            column: by_id(tables.events, "event_id", source).reindex(mentions["event_id"]).set_axis(mentions.index)
            for column, source in columns.items()
            if source in tables.events and "event_id" in tables.events
        }
    )


def by_id(table: pd.DataFrame, key: str, column: str) -> "pd.Series[str]":
    """The column by id; empty where the table lacks one of the two."""
    if not {key, column} <= {*table}:
        return pd.Series(dtype="str")
    found: pd.Series[str] = table.drop_duplicates(key).set_index(key)[column]
    return found


def _with_roles(events: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    first = events["id"].map(by_id(tables.mentions, "event_id", "article_id")).astype("str")
    events = events.assign(first_article=first, **({"event": events["label"]} if "label" in events else {}))
    if not {"event_id", "actor_id", "role"} <= {*tables.event_actors}:
        return events
    roles = tables.event_actors.sort_values(["event_id", "actor_id"])
    for role, column in (("actor", "actors"), ("recipient", "recipients")):
        of_role, listed = roles[roles["role"] == role], dict[str, list[str]]()
        for event, actor in zip(of_role["event_id"], of_role["actor_id"], strict=True):
            listed.setdefault(event, []).append(actor)
        texts = {event: " ".join(actors) for event, actors in listed.items()}
        events[column] = events["id"].map(texts).astype("str")
    return events


def respelt(tables: Tables, renamed: Mapping[str, Mapping[str, str]]) -> Tables:
    """The tables with ids of articles, actors and issues as the other state spells them; rows keep their order.

    They are the same object where it spells all as this one does.
    """
    if not any(renamed.values()):
        return tables
    columns = {
        "article": ("article_id",),
        "actor": ("actor_id", "speaker_id", "organisation_id"),
        "issue": ("issue_id",),
    }
    made = {}
    for name in NAMES:
        table = getattr(tables, name)
        new = {
            column: table[column].map(lambda value, kind=kind: renamed[kind].get(value, value), na_action="ignore")
            for kind, names in columns.items()
            for column in names
            if column in table and renamed.get(kind)
        }
        made[name] = table.assign(**new)
    return replace(tables, **made)


def with_passages(old: pd.DataFrame, new: pd.DataFrame, text_changed: set[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both with what tells a passage: its `words` where both states know them, else its `span` in the same text.

    Where the text of an article is withheld in one of the states, its quotes say nothing. Offsets say something only
    there, and only as long as the text is the same: what stands before a passage may have been edited.
    """
    dark: set[str] = set()
    for side in (old, new):
        dark |= set(side.loc[side["quote"].isna(), "article_id"]) if "quote" in side else set(side["article_id"])
    return _with_passage(old, dark, text_changed), _with_passage(new, dark, text_changed)


def _with_passage(side: pd.DataFrame, dark: set[str], text_changed: set[str]) -> pd.DataFrame:
    nothing = pd.Series(None, index=side.index, dtype="str")
    words = side.get("quote", nothing)
    if not dark:
        return side.assign(words=words, span=nothing)
    is_dark = side["article_id"].isin(dark)
    ends = [side[column].astype("Int64").astype("str") for column in ("start", "end") if column in side]
    span = ends[0].str.cat(ends[1], sep="–") if len(ends) == 2 else nothing  # noqa: PLR2004  # both ends
    is_told = is_dark & ~side["article_id"].isin(text_changed)
    return side.assign(words=words.mask(is_dark), span=span.where(is_told))
