"""Networks of statements that another engine holds: the engine counts, and only its counts come over.

For the matrix these are the statements of each row, column and level of stance, and how many were left out for which
reason. Articles of two-mode ties are counted by the engine as well. The statements of a cell or tie come over when they
are asked for; everything else that asks for statements one by one (articles behind one-mode ties, articles drawn anew,
windows, backbones) brings over the columns that counting reads, of all statements.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from analysis import frames
from analysis.errors import ParameterError, unknown
from analysis.networks import Network, reasons, support, ties
from analysis.networks.counting import Codes, Counted, count, labelled, levels_of, used
from analysis.networks.rules import Rules, checked
from analysis.schema import Tables

if TYPE_CHECKING:
    import narwhals as nw

    Lazy = nw.LazyFrame[Any]

_TOLD = ("outlet", "title")
_READ = ("date_start", "date_end", "article_id", "start", "end", "statement_id")


class Tally(Counted):
    """Statements counted together: `weight` is how many each row stands for."""

    @property
    def n(self) -> int:
        """How many statements count."""
        return int(0 if self.weight is None else self.weight.sum())

    def unweighted(self) -> Counted:
        """The same: the numbers of statements are no weights to be left out."""
        return self


@dataclass(frozen=True)
class Engine:
    """The statements of an engine, what it counted, and the values behind the labels of rows and columns."""

    frame: "Lazy"
    rules: Rules
    tally: Tally
    named: tuple[dict[str, list[Any]], dict[str, list[Any]]]

    def rows(self, *keys: Any) -> pd.DataFrame:
        """The statements for which all `keys` hold, in pandas."""
        return frames.small(self.frame.filter(*keys) if keys else self.frame)

    def read(self) -> pd.DataFrame:
        """All statements with the columns that counting reads."""
        rules, there = self.rules, self.frame.collect_schema().names()
        wanted = dict.fromkeys([rules.rows, rules.columns, rules.stance, *rules.exclude, *_READ])
        return frames.small(self.frame.select(name for name in wanted if name in there))


_LATER = cast("Counted", None)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Gathered(Network):
    """A network of statements in an engine; with `parts` of its own it is one as any other."""

    engine: Engine | None = None
    parts: Counted = field(default_factory=lambda: _LATER, repr=False)

    def __post_init__(self) -> None:
        if self.parts is _LATER:
            object.__delattr__(self, "parts")  # brought over by __getattr__ when it is asked for
        else:
            object.__setattr__(self, "engine", None)

    def __getattr__(self, name: str) -> Any:
        engine = self.__dict__.get("engine")
        if name != "parts" or engine is None:
            return object.__getattribute__(self, name)  # which tells what is wrong
        object.__setattr__(self, "parts", count(engine.read(), engine.rules))
        return self.__dict__["parts"]

    @property
    def _base(self) -> Counted:
        return self.engine.tally if self.engine else self.parts

    def _weights(self) -> Any:
        if not self.engine or self.kind == "two-mode":
            return ties.table(self._base, self) if self.kind == "two-mode" else super()._weights()
        tally = self.engine.tally
        return ties.one_mode(ties.blocks(tally), replace(tally, weight=None), self)

    def _n(self) -> Any:
        if not self.engine or self.kind == "one-mode":
            return ties.n_statements(self._base, self)
        n_rows, n_columns, _ = self.engine.tally.shape
        tally, n_cells = self.engine.tally, n_rows * n_columns
        n = np.bincount(tally.row * n_columns + tally.column, tally.weight, n_cells)
        return n.astype(np.int64).reshape(n_rows, n_columns)

    def _n_articles(self, source: Codes, target: Codes) -> Codes:
        if not self.engine or self.kind == "one-mode":
            return super()._n_articles(source, target)
        schema = self.engine.frame.collect_schema()
        if "article_id" not in schema:
            raise ParameterError(unknown("ties count articles: the column", "article_id", schema))
        found = frames.small(reasons.articles(self.engine.frame, self.engine.rules))
        (row, rows), (column, columns) = (labelled(found[side]) for side in reasons.SIDES)
        n = pd.Series(found["n"].to_numpy(), index=pd.MultiIndex.from_arrays([rows[row], columns[column]]))
        labels = self._base.labels
        asked = pd.MultiIndex.from_arrays([labels[0][source], labels[1][target]])
        return n.groupby(level=[0, 1]).sum().reindex(asked).to_numpy(dtype=np.int64)

    @property
    def counted(self) -> pd.DataFrame:
        """The statements that count, in order of date, document and place: all of them are brought over."""
        if not self.engine:
            return super().counted
        return count(self.engine.rows(), self.engine.rules).frame

    def _evidence(self, codes: list[int], names: tuple[str, str]) -> pd.DataFrame:
        if not self.engine:
            return super()._evidence(codes, names)
        rules, values = self.engine.rules, self.engine.named
        sides = [rules.rows, rules.columns]
        if self.kind == "two-mode":
            keys = [_among(side, known[name]) for side, known, name in zip(sides, values, names, strict=True)]
        else:
            keys = [_among(rules.rows, [value for name in names for value in values[0][name]])]
        here = count(self.engine.rows(*keys), rules)
        return support.evidence(_recoded(here, self.engine.tally), self, codes, names)


def _among(name: str, values: list[Any]) -> Any:
    import narwhals as nw  # noqa: PLC0415  # only for those who need it

    return nw.col(name).is_in(values)


def _recoded(some: Counted, whole: Counted) -> Counted:
    """The same statements with the codes that labels and levels have in the whole network."""
    row, column = (
        np.searchsorted(labels, known)[codes]
        for labels, known, codes in zip(whole.labels, some.labels, (some.row, some.column), strict=True)
    )
    place = np.append(np.searchsorted(whole.levels, some.levels), -1)
    some = replace(some, labels=whole.labels, levels=whole.levels, span=whole.span)
    return replace(some, row=row, column=column, level=place[some.level].astype(np.int64))


def gathered(statements: Any, asked: Mapping[str, Any]) -> Network:
    """The network of statements that another engine holds."""
    frame = _frame(statements)
    sample, times = _levels(frame, asked)
    rules = checked(sample, asked, times)
    if rules.duplicates != "include" and rules.aggregation == "ignore" and rules.normalization == "jaccard":
        # which of identical statements is the first tells whose stance is counted, and that takes their order
        return Network(**rules.names, parts=count(frames.small(frame), rules))
    return Gathered(**rules.names, engine=_counted(frame, sample, rules))


def _frame(statements: Any) -> "Lazy":
    """The statements; those of a corpus's tables with the outlet and title of their article."""
    if not isinstance(statements, Tables):
        return frames.lazy(statements)
    said = frames.lazy(statements.statements)
    papers = frames.lazy(statements.articles, ["article_id", *_TOLD], what="articles")
    return frames.settled(said.join(papers, on="article_id", how="left"))


def _levels(frame: "Lazy", asked: Mapping[str, Any]) -> tuple[pd.DataFrame, "pd.Series[int]"]:
    """A frame with one statement for each level of stance in use, by which rules can be checked, and their numbers."""
    import narwhals as nw  # noqa: PLC0415  # only for those who need it

    schema, stance = frame.collect_schema(), asked["stance"]
    dates = [name for name, dtype in schema.items() if isinstance(dtype, nw.Datetime)]
    empty = pd.DataFrame(columns=schema.names(), dtype=object).astype(dict.fromkeys(dates, "datetime64[us]"))
    is_ignored = asked["aggregation"] == "ignore" and asked["normalization"] != "jaccard"
    if is_ignored or stance not in schema.names():
        return empty, pd.Series(dtype="int64")
    told = [nw.col("statement_id").min()] if "statement_id" in schema and stance != "statement_id" else []
    found = frames.small(frame.group_by(stance).agg(nw.len().alias("times of it"), *told))
    found = found.sort_values(found.columns[-1], ignore_index=True)
    times = found.pop("times of it")
    return empty.drop(columns=found.columns).join(found, how="right")[schema.names()], times


def _counted(frame: "Lazy", sample: pd.DataFrame, rules: Rules) -> Engine:
    """What the engine counts: statements of each row, column and level, and those left out."""
    is_read = rules.stance in sample and not (rules.aggregation == "ignore" and rules.normalization != "jaccard")
    found = frames.small(reasons.counts(frame, rules, with_stance=is_read))
    found = found.astype({"reason": "int64", "n": "int64", "n_given": "int64"})
    left_out = {reason: int(found.loc[found["reason"] == at, "n"].sum()) for at, reason in enumerate(reasons.REASONS)}
    left_out["duplicate"] = int((found["n_given"] - found["n"]).sum())
    level, levels, span = np.full(len(found), -1), np.empty(0), cast("float | None", 0.0)
    if is_read:
        stance = str(rules.stance)
        values = pd.concat([sample[stance], found["stance"]], ignore_index=True)
        levels, codes, span = levels_of(values.to_frame(stance), rules)
        level = codes[len(sample) :]
    sides = [labelled(found[side]) for side in reasons.SIDES]
    kept = (found["reason"] == reasons.KEPT).to_numpy()
    named = (found["reason"] >= reasons.LABELLED).to_numpy() if rules.isolates else kept
    (row, rows), (column, columns) = (used(codes, names, named) for codes, names in sides)
    at, weight = np.flatnonzero(kept), found["n"].to_numpy(dtype=float)
    tally = Tally(
        sample.iloc[:0], (rows, columns), levels, span, at, row[at], column[at], level[at].astype(np.int64), left_out,
        weight=weight[at],
    )  # fmt: skip
    return Engine(frame, rules, tally, (_values(found["row"]), _values(found["column"])))


def _values(given: "pd.Series[Any]") -> dict[str, list[Any]]:
    """The values that are told by each label."""
    values: dict[str, list[Any]] = {}
    for value in given.dropna().unique().tolist():
        values.setdefault(str(value), []).append(value)
    return values
