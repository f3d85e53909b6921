"""From counted statements to matrices: aggregation and normalisation, each a few sums and products of blocks.

Block k is A[:, :, k], the number of statements of each row on each column at stance level q_k; the last block holds
those without a stance, if any. Blocks are dense where they fit and sparse elsewhere, and may be stacks of matrices, one
a draw. Sums of whole numbers and halves are exact in floating point, and R divides last: the same on every machine.
"""

from dataclasses import replace
from typing import Any

import numpy as np
from scipy import sparse

from analysis.errors import ParameterError, Problem
from analysis.networks.counting import Codes, Counted
from analysis.networks.rules import Rules

Matrix = Any  # an array, or a stack of arrays
_DENSE = 50_000_000
_MOST_LEVELS = 52


def blocks(counted: Counted, *, root: bool = False) -> Matrix:
    """The blocks side by side, rows × (levels × columns); for `root` of the roots of weights, so that products fit."""
    n_rows, n_columns, n_levels = counted.shape
    weight = counted.weight if counted.weight is None or not root else np.sqrt(counted.weight)
    place, width = counted.layer * n_columns + counted.column, n_levels * n_columns
    if n_rows * width > _DENSE:
        return tally(counted.row, place, (n_rows, width), weight)
    return np.bincount(counted.row * width + place, weight, n_rows * width).astype(float).reshape(n_rows, width)


def tally(row: Codes, column: Codes, shape: tuple[int, int], weight: Matrix | None = None) -> Any:
    """How often each pair occurs, or what these weigh together, as a sparse matrix."""
    weight = np.ones(len(row)) if weight is None else weight
    return sparse.csr_array(sparse.coo_array((weight, (row, column)), shape=shape))


def in_use(counted: Counted) -> tuple[Codes, Codes]:
    """The cells with statements, told by row × number of columns + column, and where among them each statement's is."""
    n_rows, n_columns, _ = counted.shape
    cell = counted.row * n_columns + counted.column
    is_used = np.bincount(cell, minlength=n_rows * n_columns) > 0
    return np.flatnonzero(is_used), (np.cumsum(is_used) - 1)[cell]


def table(counted: Counted, rules: Rules) -> Matrix:
    """The rows × columns of one network, normalised: the same as `two_mode`, but only cells in use are computed."""
    n_rows, n_columns, n_levels = counted.shape
    used, at = in_use(counted)
    parts = np.bincount(counted.layer * len(used) + at, counted.weight, n_levels * len(used)).astype(float)
    values, base = cells(list(parts.reshape(n_levels, len(used))), counted, rules)
    if rules.normalization != "no":
        side = used // max(n_columns, 1) if rules.normalization == "activity" else used % max(n_columns, 1)
        values = ratio(values, np.bincount(side, base)[side])
    matrix = np.zeros(n_rows * n_columns)
    matrix[used] = values
    return matrix.reshape(n_rows, n_columns)


def two_mode(parts: list[Any], counted: Counted, rules: Rules) -> Matrix:
    """The rows × columns of a stack of networks, normalised."""
    values, base = cells(parts, counted, rules)
    if rules.normalization == "no":
        return values
    return ratio(values, base.sum(axis=-1 if rules.normalization == "activity" else -2, keepdims=True))


def cells(parts: list[Any], counted: Counted, rules: Rules) -> tuple[Any, Any]:
    """The value of each cell, and what it adds to the sum that cells are divided by."""
    if rules.aggregation != "combine":
        return weighed(parts, counted, rules), sum(parts)
    ranked = (rank * (part > 0) for rank, part in zip(_ranks(counted), parts, strict=False))
    codes = sum(ranked, start=0 * parts[-1])
    return codes, (codes > 0) * 1.0


def weighed(parts: list[Any], counted: Counted, rules: Rules) -> Any:
    """The sum of the blocks, each with its level for `subtract`."""
    if rules.aggregation == "ignore":
        return sum(parts)
    return sum((level * part for level, part in zip(counted.levels, parts, strict=False)), start=0 * parts[-1])


def _ranks(counted: Counted) -> Matrix:
    """2 ** (K − 1 − k): a sum of these tells which levels are in use."""
    n_levels = len(counted.levels)
    if n_levels > _MOST_LEVELS:
        found = f"aggregation 'combine' of {n_levels} levels of stance"
        raise ParameterError(Problem("", 0, found, f"at most {_MOST_LEVELS}", "use 'ignore' or 'subtract'"))
    return 2.0 ** np.arange(n_levels - 1, -1, -1)


def one_mode(every: Matrix, counted: Counted, rules: Rules) -> Matrix:
    """The rows × rows of a network over its columns, normalised; 0 on the diagonal. `every` are the blocks."""
    plain = _whatever_level(every, counted) if rules.aggregation == "ignore" else every
    other, divisor = _weighed(plain, counted, rules)
    ties = _dense(plain @ _turned(other))
    if counted.span is None and rules.aggregation in {"conflict", "subtract"}:
        alone = only_one(every)
        ties = alone if rules.aggregation == "conflict" else ties - alone
    ties /= divisor
    if rules.normalization != "no":
        ties = ratio(ties, _base(every, counted, rules))
    if counted.weight is not None:
        ties = (ties + ties.mT) / 2
    at = np.arange(ties.shape[-1])
    ties[..., at, at] = 0
    return ties


def _whatever_level(every: Matrix, counted: Counted) -> Matrix:
    """The sum of the blocks: rows × columns."""
    _, n_columns, n_levels = counted.shape
    if sparse.issparse(every):
        return every @ sparse.kron(np.ones((n_levels, 1)), sparse.eye_array(n_columns))
    return every.reshape(*every.shape[:-1], n_levels, n_columns).sum(axis=-2)


def _weighed(every: Matrix, counted: Counted, rules: Rules) -> tuple[Any, float]:
    """What the blocks side by side are multiplied by, and what the product is divided by then: R, or 1.

    On a scale Σ_l (R − |q_k − q_l|) A[:, :, l] stands beside level k for congruence, so that one product does it.
    """
    n_levels = len(counted.levels)
    if rules.aggregation == "ignore" or counted.span is None or not n_levels:
        return every, 1.0
    span = counted.span or 1.0
    gaps = np.abs(counted.levels[:, None] - counted.levels[None, :])
    factors = {"congruence": span - gaps, "conflict": gaps}.get(rules.aggregation, span - 2 * gaps)
    n_columns = every.shape[-1] // n_levels
    if sparse.issparse(every):
        return every @ sparse.kron(factors, sparse.eye_array(n_columns)), span
    return (factors @ every.reshape(*every.shape[:-1], n_levels, n_columns)).reshape(every.shape), span


def only_one(every: Any) -> Matrix:
    """For every two rows the statements of either where the other has none."""
    alone = np.asarray(every.sum(axis=-1))[..., None] - _dense(every @ _turned((every > 0).astype(float)))
    return alone + alone.mT


def _base(every: Matrix, counted: Counted, rules: Rules) -> Matrix:
    if rules.normalization == "jaccard":
        return only_one(every) + _dense(every @ _turned(every))
    if rules.normalization == "cosine":
        plain = _whatever_level(every, counted) if rules.aggregation == "ignore" else every
        alike = rules if rules.aggregation == "ignore" else replace(rules, aggregation="congruence")
        other, span = _weighed(plain, counted, alike)
        length = np.sqrt(np.asarray((plain * other).sum(axis=-1)) / span)
        return length[..., :, None] * length[..., None, :]
    activity = np.asarray(every.sum(axis=-1))
    if rules.normalization == "dna_cosine":
        return activity[..., :, None] * activity[..., None, :]
    return (activity[..., :, None] + activity[..., None, :]) / 2


def n_statements(counted: Counted, rules: Rules) -> Matrix:
    """How many statements each tie rests on.

    For a one-mode tie these are both sides' statements on columns that both speak to; where stances are names, those
    with a name that both gave to a column, or for conflict only one of them.
    """
    n_rows, n_columns, _ = counted.shape
    if rules.kind == "two-mode":
        n = np.bincount(counted.row * n_columns + counted.column, minlength=n_rows * n_columns)
        return n.reshape(n_rows, n_columns)
    every = blocks(counted.unweighted())
    if counted.span is not None or rules.aggregation == "ignore":
        return _shared(_whatever_level(every, counted))
    same, other = _shared(every), only_one(every)
    return {"congruence": same, "conflict": other}.get(rules.aggregation, same + other)


def _shared(part: Any) -> Matrix:
    both = _dense(part @ _turned((part > 0).astype(float)))
    return both + both.mT


def ratio(above: Matrix, below: Matrix) -> Matrix:
    """The quotient, 0 where it is divided by 0."""
    below = np.broadcast_to(below, above.shape)
    return np.divide(above, below, out=np.zeros_like(above), where=below != 0)


def _turned(matrix: Any) -> Any:
    return matrix.T if sparse.issparse(matrix) else matrix.mT


def _dense(matrix: Any) -> Any:
    """The matrix as an array."""
    return matrix.toarray() if sparse.issparse(matrix) else matrix
