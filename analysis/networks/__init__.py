"""Networks of actors and issues from statements: who speaks to what, and who agrees with whom on it.

`rules` checks what is asked, `counting` finds the statements that count, `ties` aggregates and normalises them, and
`support` tells how many articles a tie rests on and which statements. The formulas are those of Discourse Network
Analyzer, and the matrices equal its own wherever it is right (P. Leifeld 2016, Policy debates as dynamic networks;
P. Leifeld, J. Gruber and F. Bossner 2019, Discourse network analyzer manual).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.errors import ParameterError, unknown
from analysis.networks import support, ties
from analysis.networks.counting import Codes, Counted, count
from analysis.networks.rules import Rules, checked, in_pandas, statement_frame

if TYPE_CHECKING:
    from analysis.frames import Frame
    from analysis.schema import Tables

_EDGES = {"source": "str", "target": "str", "weight": "float64", "n_statements": "int64", "n_articles": "int64"}


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Network(Rules):
    """A network and the statements it was counted from; the parameters of `network` are its attributes."""

    parts: Counted = field(repr=False)

    @cached_property
    def matrix(self) -> pd.DataFrame:
        """The ties as a table: rows × columns, or rows × rows for one-mode; labels sorted, 0 where there is no tie."""
        values = self._weights()
        if self.min_statements > 1:
            values = np.where(self.n_statements >= self.min_statements, values, 0.0)
        return pd.DataFrame(values, *self._axes, copy=False)

    @property
    def _base(self) -> Counted:
        """What the matrix is counted from; in `engines` it is what an engine counted."""
        return self.parts

    def _weights(self) -> Any:
        if self.kind == "two-mode":
            return ties.table(self.parts, self)
        return ties.one_mode(ties.blocks(self.parts, root=True), self.parts, self)

    def _n(self) -> Any:
        return ties.n_statements(self.parts, self)

    def _n_articles(self, source: Codes, target: Codes) -> Codes:
        return support.n_articles(self.parts, self, source, target)

    def _evidence(self, codes: list[int], names: tuple[str, str]) -> pd.DataFrame:
        return support.evidence(self.parts, self, codes, names)

    @property
    def _axes(self) -> tuple["pd.Index[Any]", "pd.Index[Any]"]:
        rows = pd.Index(self._base.labels[0], dtype="str", name=self.rows)
        return rows, rows if self.kind == "one-mode" else pd.Index(self._base.labels[1], dtype="str", name=self.columns)

    @cached_property
    def n_statements(self) -> Any:
        """How many statements each tie rests on, as an array like the matrix."""
        n = self._n()
        if self.kind == "one-mode":
            np.fill_diagonal(n, 0)
        return n

    @cached_property
    def edges(self) -> pd.DataFrame:
        """One row per tie that rests on statements: source, target, weight, n_statements, n_articles.

        Sorted by source and target; a one-mode tie stands once, the name that sorts first as the source. A weight may
        be 0 where there is evidence, such as support and opposition that cancel: that is not the same as no tie.
        """
        is_tie = self.n_statements >= self.min_statements
        source, target = np.nonzero(np.triu(is_tie) if self.kind == "one-mode" else is_tie)
        values, (rows, columns) = self.matrix.to_numpy(), self._axes
        table = {
            "source": rows[source],
            "target": columns[target],
            "weight": values[source, target],
            "n_statements": self.n_statements[source, target],
            "n_articles": self._n_articles(source, target),
        }
        return pd.DataFrame(table).astype(_EDGES)

    @property
    def counted(self) -> pd.DataFrame:
        """The statements that count, as they were given, in order of date, document and place."""
        return self.parts.frame

    @property
    def left_out(self) -> "pd.Series[int]":
        """How many statements were left out, for the first reason that holds."""
        return pd.Series(self._base.left_out, dtype="int64", name="n_statements").rename_axis("reason")

    def statements(self, a: str, b: str) -> pd.DataFrame:
        """The statements behind the cell or tie of `a` and `b`, in order of date, document and place.

        Returns
        -------
        pandas.DataFrame
            All columns of the statements as they were given; `side` (a or b for a one-mode tie, whose statements those
            of both are, on shared columns; a for a cell); and `contribution`. Contributions add up to the weight of the
            tie before it is normalised; a pair of statements is divided between its two.

        Raises
        ------
        ParameterError
            There is no such row or column.
        """
        for name, axis, side in zip((a, b), self._axes, ("row", "column"), strict=True):
            if name not in axis:
                raise ParameterError(unknown(f"the {side if self.kind == 'two-mode' else 'row'}", name, axis))
        codes = [axis.tolist().index(name) for name, axis in zip((a, b), self._axes, strict=True)]
        return self._evidence(codes, (a, b))

    def __repr__(self) -> str:
        n_rows, n_columns = self.matrix.shape
        return f"Network({self.kind}, {self.aggregation}: {n_rows} × {n_columns}, {self._base.n} statements)"


def network(  # noqa: PLR0913  # DNA's parameters, each by name
    statements: "Frame | Tables",
    *,
    kind: str = "two-mode",
    rows: str = "speaker_id",
    columns: str = "issue_id",
    stance: str | None = "stance",
    aggregation: str = "ignore",
    normalization: str = "no",
    duplicates: str = "include",
    since: Any = "",
    until: Any = "",
    isolates: bool = False,
    exclude: Mapping[str, Any] | None = None,
    min_statements: int = 1,
    scale: tuple[float, float] | None = None,
) -> Network:
    """The network of rows and columns, or of rows with each other over what they say on the same columns.

    Parameters
    ----------
    statements
        One row per statement, such as `tables.statements` or `analysis.evidence(tables)`; or the tables of a corpus,
        whose statements then carry `outlet` and `title`. Beside pandas this may be a polars DataFrame or LazyFrame, a
        DuckDB relation, or a DataFrame of Dask, PySpark or SQLFrame. The engine then counts, by row, column and stance;
        the statements of a tie come over when they are asked for, and all of them, with the columns that counting
        reads, only for one-mode `edges` and for what draws articles anew.
    kind
        `two-mode` (actors × issues) or `one-mode` (actors × actors).
    rows, columns
        Any columns of the statements with names in them. `speaker`, `organisation`, `issue` and `article` stand for the
        columns that end in `_id`. Statements in which either is missing or empty are left out.
    stance
        The column of positions: numbers on a scale, true and false, or names. Its levels q_1 < … < q_K are those in all
        statements given, before any filter. Only `ignore` counts statements without one, and needs no such column.
    aggregation
        With A[i, j, k] the number of statements of row i on column j at level q_k. Two-mode: `ignore` Σ_k A;
        `combine` Σ_k 2^(K−1−k) [A > 0], so with false and true 1 is for, 2 against and 3 both; `subtract` Σ_k q_k A,
        false being −1. One-mode: `ignore` Σ_j (Σ_k A[a,j,k]) (Σ_k A[b,j,k]); `congruence` Σ_j Σ_kl A[a,j,k] A[b,j,l]
        (1 − |q_k − q_l| / R); `conflict` the same with |q_k − q_l| / R; `subtract` congruence − conflict. For names
        congruence is Σ_jk A[a,j,k] A[b,j,k], and conflict counts the statements where one has any and the other none.
    normalization
        Two-mode: `activity` divides by the row's, `prominence` by the column's sum (of cells for ignore, of statements
        for subtract, of cells in use for combine). One-mode: `average` (n_a + n_b) / 2; `jaccard` Σ_jk A[a] [A[b] = 0]
        + A[b] [A[a] = 0] + A[a] A[b]; `cosine` the root of both rows' congruence with themselves (where the stance is
        ignored, of both rows' Σ_j (Σ_k A)²); `dna_cosine` n_a n_b. Nothing divided by zero is 0.
    duplicates
        `include` counts all; the others the first of identical statements (row, column, and unless ignored the stance)
        within a `document`, `day`, ISO `week`, `month`, `year`, or `acrossrange`.
    since, until
        Only statements that may have been made from the first to the last of these days.
    isolates
        Keep rows and columns whose statements are all left out as excluded by value, or for want of a stance.
    exclude
        Values to leave out by column. Those of a document (article_id, outlet, section …) leave no isolates.
    min_statements
        Leave out ties that rest on fewer statements.
    scale
        The ends of the stance's scale; by default the lowest and highest level, and for decimal numbers none beyond −1
        and +1 is let through.

    Raises
    ------
    ParameterError
        Statements of no such kind; no such column, word or date; a stance outside its scale; all at once.

    Notes
    -----
    Where DNA errs, this does not follow: months and weeks keep their year, and weeks are ISO weeks; equal numbers are
    equal, 500 as well as 5; one level of stance gives no conflict, not NaN; `combine` can be divided by prominence;
    `cosine` is cosine similarity, and DNA's number is `dna_cosine`; identical statements are found in one pass.

    Examples
    --------
    >>> said = pd.DataFrame({"speaker_id": ["a", "b", "b"], "issue_id": ["x", "x", "y"], "stance": [1.0, -1.0, 0.5]})
    >>> network(said, aggregation="subtract").matrix.loc["b"].tolist()
    [-1.0, 0.5]
    >>> float(network(said, kind="one-mode", aggregation="conflict").matrix.loc["a", "b"])
    1.0
    """
    asked = {name: value for name, value in locals().items() if name != "statements"} | {"exclude": exclude or {}}
    if not in_pandas(statements):
        from analysis.networks.engines import gathered  # noqa: PLC0415  # only for those who need it

        return gathered(statements, asked)
    frame = statement_frame(statements)
    rules = checked(frame, asked)
    return Network(**rules.names, parts=count(frame, rules))
