"""The order of statements, in which the first of identical ones is found: by date, document, place and id."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Codes = NDArray[np.int64]
ORDER = ("date_start", "article_id", "start", "end", "statement_id")


def rank_of(values: "pd.Series[Any]") -> Codes:
    """Whole numbers in the order of `_sortable`, in which what is missing comes last."""
    sortable = _sortable(values)
    if sortable.dtype.kind == "M":
        return np.where(np.isnat(sortable), np.iinfo(np.int64).max, sortable.astype(np.int64))
    return np.unique(sortable, return_inverse=True)[1] if sortable.dtype.kind == "f" else sortable.astype(np.int64)


def in_order(statements: pd.DataFrame, at: Codes) -> Codes:
    """The order of the statements at these places by date, document, place and id, as far as these are known."""
    keys = [_sortable(statements[name].iloc[at]) for name in reversed(ORDER) if name in statements]
    return np.lexsort(keys) if keys else np.arange(len(at))


def _sortable(values: "pd.Series[Any]") -> NDArray[Any]:
    """Codes in the order of the values themselves, not of a column's categories; what is missing comes last."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype(values.cat.categories.dtype)
    if values.dtype.kind in "iufM" and isinstance(values.dtype, np.dtype):
        return values.to_numpy()
    codes = pd.factorize(values, sort=True)[0]
    return np.where(codes < 0, len(codes), codes)
