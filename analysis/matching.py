"""Which statements of different coders are one unit: the same or nearly the same span of one article."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import ParameterError, unknown

LEAST_SHARE = {"overlap": 0.5, "exact": 1.0}
_PAIR = 2


def matched(statements: pd.DataFrame, *, by: str = "overlap") -> pd.DataFrame:
    """The units of agreement: a row per span, a column per coder with the statement_id, missing where a coder has none.

    Rows are named by article_id and unit_id. Only articles in which at least two coders have statements are compared.
    Two statements of different coders may be one unit if their spans are equal (`exact`), or if the characters they
    share are at least half of those that either covers (`overlap`). The greatest share is joined first, then the span
    that starts first; where spans are equal, those that share speaker and issue, then by statement_id. Each statement
    is in one unit, each coder once in a unit, and any two statements of a unit satisfy the rule. Speaker and issue need
    not be the same. What is left stands alone, as does the second of two statements of a coder on one span.

    Raises
    ------
    ParameterError
        There is no such rule.
    """
    if by not in LEAST_SHARE:
        raise ParameterError(unknown("the matching rule", by, LEAST_SHARE))
    said = statements[statements.groupby("article_id")["coder_id"].transform("nunique") >= _PAIR]
    said = said.sort_values(["article_id", "start", "end", "statement_id"], ignore_index=True)
    shares = _candidates(said, LEAST_SHARE[by])
    coders, units = list(said["coder_id"]), {at: [at] for at in range(len(said))}
    for one, other in shares:
        a, b = units[one], units[other]
        is_free = {coders[at] for at in a}.isdisjoint(coders[at] for at in b)
        if is_free and all((min(x, y), max(x, y)) in shares for x in a for y in b):
            a.extend(b)
            units.update(dict.fromkeys(a, a))
    said["unit"] = [min(units[at]) for at in range(len(said))]
    number = said.groupby("article_id")["unit"].rank("dense").astype(int).astype(str)
    said["unit_id"] = said["article_id"] + "/u" + number
    order = pd.MultiIndex.from_frame(said.drop_duplicates("unit")[["article_id", "unit_id"]])
    return said.pivot(index=["article_id", "unit_id"], columns="coder_id", values="statement_id").reindex(order)


def _candidates(said: pd.DataFrame, least: float) -> dict[tuple[int, int], None]:
    """The pairs of rows that may be one unit, in the order in which they are joined."""
    start, end = (said[name].to_numpy(dtype="int64") for name in ("start", "end"))
    coder, speaker, issue = (pd.factorize(said[name])[0] for name in ("coder_id", "speaker_id", "issue_id"))
    a, b = _pairs(said["article_id"])
    a, b = a[coder[a] != coder[b]], b[coder[a] != coder[b]]
    inner = np.minimum(end[a], end[b]) - np.maximum(start[a], start[b])
    outer = np.maximum(end[a], end[b]) - np.minimum(start[a], start[b])
    is_equal = (start[a] == start[b]) & (end[a] == end[b])
    share = np.where(is_equal, 1.0, inner / np.maximum(outer, 1))
    n_other = (speaker[a] != speaker[b]).astype(int) + (issue[a] != issue[b])
    order = np.lexsort((b, a, n_other, end[b], start[b], end[a], start[a], -share))
    order = order[share[order] >= least]
    return dict.fromkeys(zip(a[order].tolist(), b[order].tolist(), strict=True))


def _pairs(articles: "pd.Series[str]") -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every two rows of one article, of rows in order of articles."""
    codes, rows = pd.factorize(articles)[0], np.arange(len(articles))
    n_after = np.cumsum(np.bincount(codes))[codes] - rows - 1
    first = np.repeat(rows, n_after)
    return first, first + 1 + np.arange(len(first)) - np.repeat(np.cumsum(n_after) - n_after, n_after)
