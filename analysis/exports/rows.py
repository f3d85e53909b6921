"""What an export holds, as rows of texts and numbers below a row of names, and the same as CSV."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.networks import Network
from analysis.schema import Tables

PICTURES = {code: 0x2400 + code for code in range(32) if chr(code) not in "\t\n"} | {0xFFFE: 0xFFFD, 0xFFFF: 0xFFFD}
_FACTS = {
    **dict.fromkeys(("speaker_id", "organisation_id", "actor"), ("actors", "actor_id")),
    "issue_id": ("issues", "issue_id"),
}
Rows = list[list[Any]]


def rows_of(table: pd.DataFrame) -> Rows:
    """The table, its column names first."""
    return [list(table.columns), *map(list, table.itertuples(index=False, name=None))]


def matrix_of(network: Network) -> Rows:
    """The matrix with its labels around it, and the name of its rows in the corner."""
    matrix = network.matrix
    values = zip(matrix.index, matrix.to_numpy().tolist(), strict=True)
    return [[network.rows, *matrix.columns], *([label, *numbers] for label, numbers in values)]


def nodes_of(network: Network, tables: Tables | None) -> pd.DataFrame:
    """A row per node, rows of the matrix first: label, for two-mode its mode, and what the codebook says of it."""
    sides = {"row": (network.rows, network.matrix.index)}
    if network.kind == "two-mode":
        sides["column"] = (network.columns, network.matrix.columns)
    parts = []
    for mode, (column, labels) in sides.items():
        part = pd.DataFrame({"label": labels.astype("str")}).assign(**{"mode": mode} if len(sides) > 1 else {})
        if tables is not None and column in _FACTS:
            table, key = _FACTS[column]
            facts = getattr(tables, table).rename(columns={key: "label"})
            part = part.merge(facts, on="label", how="left", validate="1:1")
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def about(network: Network) -> dict[str, Any]:
    """The parameters of the network, then how many statements count and were left out, and why."""
    left_out = {f"statements left out, {reason}": int(n) for reason, n in network.left_out.items()}
    return {name: _plain(value) for name, value in network.names.items()} | {
        "statements counted": len(network.counted),
        **left_out,
    }


def _plain(value: Any) -> Any:
    """A parameter as a text or number that is the same at every run, which the order of a set is not."""
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, Mapping):
        return "; ".join(f"{column} {_plain(values)}" for column, values in value.items())
    if isinstance(value, set | frozenset):
        return _plain(sorted(map(str, value)))
    return ", ".join(map(str, value)) if np.iterable(value) else str(value)


def as_csv(rows: Rows, separator: str = ",") -> bytes:
    """The rows as CSV in UTF-8: line ends are LF, all texts in quotation marks, which are doubled inside."""
    return "".join(separator.join(map(_quoted, row)) + "\n" for row in rows).encode()


def _quoted(value: Any) -> str:
    """Text in quotation marks, a number to its last digit, and nothing where nothing is: an actor may be called NA."""
    if isinstance(value, str):
        return '"' + value.replace('"', '""') + '"'
    return "" if pd.isna(value) else str(value)
