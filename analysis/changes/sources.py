"""What changed in the articles and in the codebook, and which ids are only spelt anew."""

from typing import Any

import pandas as pd

from analysis.changes.pairing import codes, differing, paired
from analysis.changes.records import FIELDS, alike, records, respelt, typed
from analysis.changes.telling import told
from analysis.schema import CONTRACTS, Tables

_DAYS = ["published_start", "published_end", "published_precision"]
_ARTICLES = ["article_id", "change", "fields", "before", "after", "title", "outlet", "is_copy", *_DAYS]
_CODEBOOK = ["kind", "id", "change", "fields", "before", "after", "name"]
_RANK = {"new": 0, "revised": 1, "changed": 1, "withdrawn": 2, "gone": 2}
_RENAMED = ("article", "actor", "issue")


def articles(old: Tables, new: Tables) -> pd.DataFrame:
    """One row per article that is new, revised or withdrawn, in this order, then by id.

    Returns
    -------
    pandas.DataFrame
        article_id (as `new` spells it; of a withdrawn one as `old` did), change, fields (what differs, as "text,
        title"), before and after (those fields in short), title, outlet, is_copy (another article of the same
        `origin_id` comes first, so that this one does not count in a cell), published_start, published_end,
        published_precision.

    Notes
    -----
    An article under another id that is the same in everything else is revised in its `id`, not withdrawn and new.
    Whether its text is at hand is no property of an article: a text that is withheld now is no revision.
    """
    return articles_of(*typed(old, new))


def articles_of(old: Tables, new: Tables) -> pd.DataFrame:
    """The same as `articles` of states that are `typed` already."""
    found = changed("article", old, new, ("new", "revised", "withdrawn"))
    is_gone = found["change"] == "withdrawn"
    copied = (copies(old), copies(new)) if len(found) else (set(), set())
    found["is_copy"] = (is_gone & found["id"].isin(copied[0])) | (~is_gone & found["id"].isin(copied[1]))
    return _ordered(found.rename(columns={"id": "article_id"}), _ARTICLES, ["article_id"], "articles")


def codebook(old: Tables, new: Tables) -> pd.DataFrame:
    """One row per actor and issue that is new, changed or gone; actors first, then by change and id.

    Returns
    -------
    pandas.DataFrame
        kind (actor or issue), id (as `new` spells it; of one that is gone as `old` did), change, fields (what differs,
        as "name, organisation"), before and after (those fields in short), name (of an issue its proposition).

    Notes
    -----
    An actor under another id with the same name, kind, role and country, or an issue with the same proposition, is
    changed in its `id`. Organisations are compared under their new ids.
    """
    return codebook_of(*typed(old, new))


def codebook_of(old: Tables, new: Tables) -> pd.DataFrame:
    """The same as `codebook` of states that are `typed` already."""
    parts = []
    for kind, name in (("actor", "name"), ("issue", "proposition")):
        part = changed(kind, old, new, ("new", "changed", "gone"))
        parts.append(part.assign(kind=kind, name=part.get(name)))
    return _ordered(pd.concat(parts, ignore_index=True), _CODEBOOK, ["kind", "change", "id"], "")


def changed(kind: str, old: Tables, new: Tables, words: tuple[str, str, str]) -> pd.DataFrame:
    """The rows of articles, actors or issues that are new, differ or are gone, with `change` and what differs.

    Parameters
    ----------
    kind
        article, actor or issue.
    old, new
        Two states that are `typed`.
    words
        What the three sorts of change are called.
    """
    before, after = (None, None) if alike(kind, old, new) else _sides(kind, old, new)
    if before is None or after is None:
        return pd.DataFrame(columns=["id", "change", "fields", "before", "after"])
    fields = FIELDS[kind]
    numbers = codes(before, after)
    pairs = paired(kind, numbers, fields)
    differs = differing(numbers, pairs, fields)
    names = {"old": names_of(old), "new": names_of(new)}
    rows = [_whole(row, words[0]) for row in after.drop(pairs["new"]).to_dict("records")]
    rows += [_whole(row, words[2]) for row in before.drop(pairs["old"]).to_dict("records")]
    for at in differs.index[differs.any(axis=1)]:
        listed = [field for field in fields if differs.at[at, field]]  # noqa: PD008  # one cell
        was, now = before.loc[pairs.loc[at, "old"]].to_dict(), after.loc[pairs.loc[at, "new"]].to_dict()
        texts = {"before": told(listed, was, names["old"]), "after": told(listed, now, names["new"])}
        rows.append(now | texts | {"change": words[1], "fields": ", ".join(listed)})
    columns = [*after.columns, *before.columns, "change", "fields", "before", "after"]
    return pd.DataFrame(rows, columns=list(dict.fromkeys(columns)), dtype=object)


def _whole(row: dict[Any, Any], word: str) -> dict[Any, Any]:
    return row | {"change": word, "fields": "", "before": "", "after": ""}


def _sides(kind: str, old: Tables, new: Tables) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
    """Both states' records; an actor's organisation is spelt as in the new state, its own id as it was."""
    before, after = records(kind, old), records(kind, new)
    if kind == "actor" and before is not None and after is not None:
        spelt = records(kind, respelt(old, {"actor": _renamed("actor", before, after)}))
        before = before if spelt is None else spelt.assign(id=before["id"])
    return before, after


def renamed(old: Tables, new: Tables) -> dict[str, dict[str, str]]:
    """Of articles, actors and issues, the ids that the new state spells differently: old id to new id.

    Parameters
    ----------
    old, new
        Two states that are `typed`.
    """
    return {
        kind: {} if alike(kind, old, new) else _renamed(kind, records(kind, old), records(kind, new))
        for kind in _RENAMED
    }


def _renamed(kind: str, before: pd.DataFrame | None, after: pd.DataFrame | None) -> dict[str, str]:
    if before is None or after is None:
        return {}
    pairs = paired(kind, codes(before, after), FIELDS[kind])
    both = zip(before.loc[pairs["old"], "id"], after.loc[pairs["new"], "id"], strict=True)
    return {was: now for was, now in both if was != now}


def names_of(tables: Tables) -> dict[str, str]:
    """The actors' names by id, for those that have one."""
    if not {"actor_id", "name"} <= {*tables.actors}:
        return {}
    named = tables.actors.dropna(subset=["actor_id", "name"])
    return dict(zip(named["actor_id"], named["name"], strict=True))


def copies(tables: Tables) -> set[str]:
    """The articles that another one of the same origin comes before, by date of publication and id."""
    if not {"article_id", "origin_id"} <= {*tables.articles}:
        return set()
    order = [column for column in ("published_start", "article_id") if column in tables.articles]
    ranked = tables.articles.dropna(subset="origin_id").sort_values(order)
    return set(ranked.loc[ranked["origin_id"].duplicated(), "article_id"])


def _ordered(found: pd.DataFrame, columns: list[str], by: list[str], table: str) -> pd.DataFrame:
    """The columns asked for, typed as the contract of `table` types them, in the order of change and `by`."""
    contract = CONTRACTS[table][1] if table else {}
    types = {column: contract[column].dtype if column in contract else "str" for column in columns}
    types |= {"is_copy": "bool"} if "is_copy" in columns else {}
    made = found.reindex(columns=columns).astype(types)
    keys = ["rank" if key == "change" else key for key in (by if "change" in by else ["change", *by])]
    ranked = made.assign(rank=made["change"].map(_RANK))
    return ranked.sort_values(keys, ignore_index=True)[columns]
