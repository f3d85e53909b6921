"""What a tie rests on: how many articles, and which statements with what share of its weight."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import ParameterError, unknown
from analysis.networks.counting import Codes, Counted
from analysis.networks.rules import Rules
from analysis.networks.ties import tally

_Mask = NDArray[np.bool_]
_ROOM = 2_000_000


def n_articles(counted: Counted, rules: Rules, source: Codes, target: Codes) -> Codes:
    """How many articles hold the statements of each tie from a `source` row to a `target`."""
    if "article_id" not in counted.statements:
        raise ParameterError(unknown("ties count articles: the column", "article_id", counted.statements.columns))
    article, n_all = counted.codes("article_id")
    if rules.kind == "two-mode":
        n_columns = counted.shape[1]
        cell = counted.row * n_columns + counted.column
        is_first = ~pd.Series(cell * n_all + article).duplicated().to_numpy()
        counts = np.bincount(cell[is_first], minlength=counted.shape[0] * n_columns)
        return np.asarray(counts[source * n_columns + target])
    return _of_pairs(counted, rules, article)[source, target].astype(np.int64)


def _key(counted: Counted, rules: Rules) -> Codes:
    """What two rows have to share: the column, and where stances are names, the stance."""
    is_named = counted.span is None and rules.aggregation != "ignore"
    return counted.column * counted.shape[2] + counted.layer if is_named else counted.column


def _relation(counted: Counted, rules: Rules) -> str:
    """Which statements of two rows make their tie: those with a shared key, one that is theirs alone, or any."""
    is_named = counted.span is None and rules.aggregation != "ignore"
    return {"conflict": "alone", "subtract": "any"}.get(rules.aggregation, "shared") if is_named else "shared"


def _of_pairs(counted: Counted, rules: Rules, article: Codes) -> NDArray[np.float64]:
    """For every two rows the number of articles that make their tie.

    An article that makes it for either row counts once: those of one, and of the other, less those of both.
    """
    n_rows, key = counted.shape[0], _key(counted, rules)
    spoken = np.zeros((n_rows, key.max(initial=0) + 1), dtype=bool)
    spoken[counted.row, key] = True
    fits = np.ascontiguousarray(_fits(_relation(counted, rules), spoken).T, dtype=float)
    heard, at = np.unique(article * n_rows + counted.row, return_inverse=True)
    keys = tally(at, key, (len(heard), spoken.shape[1]))
    paper, row = np.divmod(heard, max(n_rows, 1))
    found = np.zeros((n_rows, n_rows))
    cuts = np.unique(np.searchsorted(paper, paper[:: max(1, _ROOM // max(n_rows, 1))]))
    for low, high in pairwise([*cuts, len(heard)]):  # whole articles, as many as there is room for
        makes = (keys[low:high] @ fits) > 0
        who, place = np.unique(row[low:high], return_inverse=True)
        one, other = _together(paper[low:high])
        found[who] += tally(place, np.arange(high - low), (len(who), high - low)) @ makes
        a, b = row[low + one], row[low + other]
        twice = makes[one, b] & makes[other, a]
        np.subtract.at(found, (a[twice], b[twice]), 0.5)
    return found + found.T


def _together(codes: Codes) -> tuple[Codes, Codes]:
    """The places of every two that have the same code."""
    belongs = tally(np.arange(len(codes)), codes - codes[0], (len(codes), codes[-1] - codes[0] + 1))
    one, other = (belongs @ belongs.T).nonzero()
    return one, other


def _fits(relation: str, is_shared: _Mask) -> _Mask:
    return {"shared": is_shared, "alone": ~is_shared}.get(relation, np.ones_like(is_shared))


def evidence(counted: Counted, rules: Rules, codes: Sequence[int], names: Sequence[str]) -> pd.DataFrame:
    """The statements behind one cell or tie, with the side that each stands on and its share of the weight."""
    a, b = codes
    if rules.kind == "two-mode":
        here = counted.keep((counted.row == a) & (counted.column == b))
        return _told(here, np.full(len(here.place), names[0], dtype=object), _cell_shares(here, rules))
    if a == b:
        return _told(counted.keep(np.zeros(len(counted.place), dtype=bool)), np.empty(0, dtype=object), np.empty(0))
    both = counted.keep((counted.row == a) | (counted.row == b))
    key, is_first = _key(both, rules), both.row == a
    is_shared = np.where(is_first, np.isin(key, key[~is_first]), np.isin(key, key[is_first]))
    shares = _pair_shares(both, is_first, rules)
    if counted.span is None and rules.aggregation in {"conflict", "subtract"}:
        shares += np.where(is_shared, 0, 1 if rules.aggregation == "conflict" else -1)
    fits = _fits(_relation(counted, rules), is_shared)
    here = both.keep(fits)
    return _told(here, np.where(is_first[fits], *names).astype(object), shares[fits])


def _told(counted: Counted, side: NDArray[Any], contribution: NDArray[np.float64]) -> pd.DataFrame:
    told = counted.statements.iloc[counted.place].assign(side=pd.array(side, dtype="str"), contribution=contribution)
    return told.iloc[counted.order]


def _cell_shares(counted: Counted, rules: Rules) -> NDArray[np.float64]:
    weight = np.ones(len(counted.place)) if counted.weight is None else counted.weight
    if rules.aggregation == "ignore":
        return weight
    if rules.aggregation == "subtract":
        return np.asarray(weight * counted.levels[counted.level])
    n_alike = np.bincount(counted.level, minlength=1)[counted.level]
    return np.asarray(2.0 ** (len(counted.levels) - 1 - counted.level) / n_alike)


def _pair_shares(both: Counted, is_first: _Mask, rules: Rules) -> NDArray[np.float64]:
    """Half of what each statement adds to the tie together with those of the other side on its column."""
    is_pair = (both.column[:, None] == both.column[None, :]) & (is_first[:, None] != is_first[None, :])
    if rules.aggregation == "ignore":
        likeness = np.ones(is_pair.shape)
    elif both.span is None:
        likeness = (both.level[:, None] == both.level[None, :]) * float(rules.aggregation != "conflict")
    else:
        stance = both.levels[both.level]
        apart = np.abs(stance[:, None] - stance[None, :]) / (both.span or 1)
        likeness = {"congruence": 1 - apart, "conflict": apart}.get(rules.aggregation, 1 - 2 * apart)
    weight = np.ones(len(both.place)) if both.weight is None else np.sqrt(both.weight)
    return np.asarray((is_pair * likeness * weight[:, None] * weight[None, :]).sum(axis=1) / 2)
