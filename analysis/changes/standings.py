"""Which cells of a stance matrix changed, and how."""

import numpy as np
import pandas as pd

MOVED = 0.25
"""Half of one step of the coder's scale (−1, −½, 0, ½, 1): what no single statement can say is rounding to a reader."""
LEAST = 3
"""Articles from which a cell has an interval."""
CHANGES = ("flipped", "new", "emptied", "moved", "thinned", "firmed")
_CELL = ["actor", "issue_id"]
_SIDES = ("support", "oppose")
_NUMBERS = ("stance", "n_articles", "ci_low")
_DIGITS = 9  # means of the same stances may differ in the last bit


def cells(old_cells: pd.DataFrame, new_cells: pd.DataFrame) -> pd.DataFrame:
    """One row per cell that changed, the strongest change first.

    Parameters
    ----------
    old_cells, new_cells
        What `stance_cells` returned for two states of a corpus, with the same parameters.

    Returns
    -------
    pandas.DataFrame
        actor, issue_id
            The cell.
        change
            The first that holds of these; the rows stand in this order, and below it by how far the stance moved (the
            furthest first), by the articles the cell rests on (the most first), by actor and issue.

            flipped: from support to oppose or back. new: there was no row. emptied: there is none now. moved: any
            other change of state, or the stance moved by `MOVED` or more. thinned: the cell lost its interval, or lost
            articles and has fewer than `LEAST` of them now. firmed: the contrary of thinned.
        state_before, state_after, stance_before, stance_after, n_articles_before, n_articles_after
            Empty on the side that has no row; a mixed cell may have no stance. n_articles is 0 where there is no row.

    Examples
    --------
    >>> old = pd.DataFrame({"actor": ["a"], "issue_id": ["x"], "state": ["support"], "stance": [0.5]})
    >>> cells(old, old.assign(state="oppose", stance=-0.5))["change"].tolist()
    ['flipped']
    """
    sides = [_side(frame) for frame in (old_cells, new_cells)]
    both = sides[0].merge(sides[1], on=_CELL, how="outer", suffixes=("_before", "_after"), validate="1:1")
    for column in _NUMBERS:  # what an older table lacks did not change
        if not (column in old_cells and column in new_cells):
            both[f"{column}_before"] = both[f"{column}_after"]
    both["change"] = _changes(both)
    both["shift"] = _shift(both).fillna(0)
    both["rank"] = both["change"].map(CHANGES.index, na_action="ignore")
    both = both.fillna({"n_articles_before": 0, "n_articles_after": 0})
    both = both.astype({"n_articles_before": "int64", "n_articles_after": "int64"})
    both["weight"] = both[["n_articles_before", "n_articles_after"]].max(axis=1)
    order = ["rank", "shift", "weight", *_CELL]
    told = both.dropna(subset=["change"]).sort_values(
        order, ascending=[True, False, False, True, True], ignore_index=True
    )
    pairs = [f"{column}_{when}" for column in ("state", "stance", "n_articles") for when in ("before", "after")]
    return told[[*_CELL, "change", *pairs]]


def _side(frame: pd.DataFrame) -> pd.DataFrame:
    columns = [*_CELL, "state", *_NUMBERS]
    texts = dict.fromkeys([*_CELL, "state"], "str")
    if frame.empty:  # pandas cannot merge two empty columns of text that come from a grouping
        frame = pd.DataFrame(columns=columns)
    return frame.reindex(columns=columns).astype(texts | dict.fromkeys(_NUMBERS, "float64"))


def _shift(both: pd.DataFrame) -> "pd.Series[float]":
    return (both["stance_after"] - both["stance_before"]).abs().round(_DIGITS)


def _changes(both: pd.DataFrame) -> "pd.Series[str]":
    before, after = both["state_before"], both["state_after"]
    had, has = both["ci_low_before"].notna(), both["ci_low_after"].notna()
    fewer = both["n_articles_after"] < both["n_articles_before"]
    more = both["n_articles_after"] > both["n_articles_before"]
    was_ample, is_ample = both["n_articles_before"] >= LEAST, both["n_articles_after"] >= LEAST
    holds = {
        "flipped": before.isin(_SIDES) & after.isin(_SIDES) & (before != after),
        "new": before.isna(),
        "emptied": after.isna(),
        "moved": (before != after) | (_shift(both) >= MOVED),
        "thinned": (had & ~has) | (fewer & was_ample & ~is_ample),
        "firmed": (has & ~had) | (more & is_ample & ~was_ample),
    }
    found = np.select([holds[name] for name in CHANGES], CHANGES, default="")
    return pd.Series(found, index=both.index).replace("", None)
