"""What a notebook reads: which rows of which tables, so that its page is made again only when one of these changes.

The kernel of a report calls `watch` before its first cell. From then on `analysis.load` gives tables that note, when
one of them is used, how they came about (`one_coding`, `select` and their arguments) and the digest of their rows. A
function that needs less than the tables it is given, such as `stance_cells` of the articles, is handed just that.
Whatever else a notebook does with the tables counts as use of all their rows, so a report is rather made too often.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import wraps
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import digests, tidy
from analysis.errors import StancebookError
from analysis.schema import NAMES, Tables

_LENGTH = 16
_PAIR = 2
_CITED, _SEVERAL = "cited", "coded_by_several"
_SUFFICES = {
    **dict.fromkeys(("evidence", "stance_cells", "stance_points", "event_list", "swimlanes", "ideal_points"), _CITED),
    **dict.fromkeys(("agreement", "coded_twice", "confusion", "disagreements"), _SEVERAL),
}
CELLS = "stance_cells"

Step = tuple[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Read:
    """A table of a corpus after some steps, the digest of its rows, and the call of `stance_cells` it was used in."""

    corpus: str
    steps: Sequence[Step]
    table: str = ""
    digest: str = ""
    cells: Mapping[str, Any] | None = None

    @property
    def is_for_agreement(self) -> bool:
        """Whether it was only used to compare coders."""
        return any(name == _SEVERAL for name, _ in self.steps)

    @property
    def is_of_cited(self) -> bool:
        """Whether only the articles count that something is from."""
        return any(name == _CITED for name, _ in self.steps)


def cited(tables: Tables) -> Tables:
    """The tables with only the articles that a statement or mention is from."""
    used = {*tables.statements["article_id"], *tables.mentions["article_id"]}
    return replace(tables, articles=tables.articles[tables.articles["article_id"].isin(used)].reset_index(drop=True))


def coded_by_several(tables: Tables) -> Tables:
    """The tables with only the statements of articles in which several coders have some: agreement rests on these."""
    said = tables.statements
    several = said.groupby("article_id")["coder_id"].transform("nunique") >= _PAIR
    return replace(tables, statements=said[several].reset_index(drop=True))


_STEPS: Mapping[str, Callable[..., Tables]] = {
    "one_coding": tidy.one_coding,
    "select": tidy.select,
    _CITED: cited,
    _SEVERAL: coded_by_several,
}


def after(tables: Tables, steps: Iterable[Step]) -> Tables:
    """The tables after the steps of a read."""
    for name, arguments in steps:
        tables = _STEPS[name](tables, **arguments)
    return tables


class Present:
    """The corpora as they are now, to see what a read would find in them; equal reads of many reports cost one."""

    def __init__(self, corpora: Mapping[str, Tables]) -> None:
        self._made: dict[str, Tables | None] = {json.dumps([name, []]): tables for name, tables in corpora.items()}
        self._digests: dict[str, str] = {}

    def changed(self, reads: Iterable[Read]) -> list[Read]:
        """The reads that would find other rows than they found, or nothing at all any more."""
        return [read for read in reads if read.table and self.digest(read) != read.digest]

    def digest(self, read: Read) -> str:
        """The digest of the rows that a read would find now; empty where its corpus, or an actor it names, is gone."""
        key = json.dumps([read.corpus, read.steps, read.table])
        if key not in self._digests:
            tables = self.after(read.corpus, read.steps)
            self._digests[key] = digests.of_table(getattr(tables, read.table))[:_LENGTH] if tables else ""
        return self._digests[key]

    def after(self, corpus: str, steps: Sequence[Step]) -> Tables | None:
        """The tables of a corpus after some steps; None where these cannot be taken."""
        key = json.dumps([corpus, list(steps)])
        if key not in self._made:
            before = self.after(corpus, steps[:-1]) if steps else None
            try:
                self._made[key] = after(before, steps[-1:]) if before else None
            except (StancebookError, KeyError, TypeError):  # a name that is gone; a step of another version
                self._made[key] = None
        return self._made[key]


def written(reads: Iterable[Read]) -> list[list[Any]]:
    """The reads as JSON knows them."""
    return [[read.corpus, [list(step) for step in read.steps], read.table, read.digest, read.cells] for read in reads]


def parsed(records: Iterable[Sequence[Any]]) -> list[Read]:
    """The reads that `written` gave."""
    return [Read(corpus, [(name, given) for name, given in steps], *rest) for corpus, steps, *rest in records]


def in_file(path: Path) -> list[Read]:
    """What `watch` noted in a file, each read once and in order of what it is of; none when there is no file."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return parsed(json.loads(line) for line in sorted(set(lines)))


def watch(path: str) -> None:
    """Note from now on, in the file `path`, what this process reads of any corpus."""
    seen: dict[int, tuple[pd.DataFrame, str]] = {}

    def note(read: Read, table: pd.DataFrame | None = None) -> None:
        if table is not None:
            if id(table) not in seen:  # kept, so that its id stays its own
                seen[id(table)] = table, digests.of_table(table)[:_LENGTH]
            read = replace(read, digest=seen[id(table)][1])
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(json.dumps(written([read])[0], sort_keys=True) + "\n")

    def loading(load: Callable[[str], Tables]) -> Callable[[str], Tables]:
        return wraps(load)(lambda corpus: _Watched.of(load(corpus), _Lineage(note, corpus)))

    _put("load", loading)
    for name in ("one_coding", "select"):
        _put(name, _stepping)
    for name in _SUFFICES:
        _put(name, _needing)


def _put(name: str, wrapped: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
    """Let the public name stand for its wrapped function, in `analysis` and in its room."""
    package = import_module("analysis")
    function = getattr(package, name)
    put = wrapped(function)
    for module in (package, import_module(function.__module__)):
        setattr(module, name, put)


@dataclass(frozen=True)
class _Lineage:
    """How watched tables came about, and where that is noted."""

    note: Callable[..., None]
    corpus: str
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, repr=False)
class _Watched(Tables):
    """Tables that note which of them are used. One that is replaced keeps the lineage of what it was made from."""

    lineage: _Lineage = field(default=None, kw_only=True)  # type: ignore[assignment]

    @classmethod
    def of(cls, tables: Tables, lineage: _Lineage) -> "_Watched":
        return cls(**_plain(tables), lineage=lineage)

    def __getattribute__(self, name: str) -> Any:
        value = super().__getattribute__(name)
        if name in NAMES:
            lineage = super().__getattribute__("lineage")
            lineage.note(Read(lineage.corpus, lineage.steps, name), value)
        return value


def _plain(tables: Tables) -> dict[str, pd.DataFrame]:
    """The tables by name, without a note."""
    return {name: object.__getattribute__(tables, name) for name in NAMES}


def _stepping(function: Callable[..., Tables]) -> Callable[..., Tables]:
    """`one_coding` or `select`: what comes back is watched, too."""

    @wraps(function)
    def stepped(tables: Tables, *args: Any, **given: Any) -> Tables:
        if not isinstance(tables, _Watched):
            return function(tables, *args, **given)
        made = function(Tables(**_plain(tables)), *args, **given)
        return _Watched.of(made, _further(tables, function.__name__, _arguments(function, tables, args, given)))

    return stepped


def _needing(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that needs only some rows: these alone count as read."""
    step = _SUFFICES[function.__name__]

    @wraps(function)
    def needed(tables: Tables, *args: Any, **given: Any) -> Any:
        if not isinstance(tables, _Watched):
            return function(tables, *args, **given)
        if function.__name__ == CELLS:
            lineage = tables.lineage
            lineage.note(Read(lineage.corpus, lineage.steps, cells=_arguments(function, tables, args, given)))
        made = _STEPS[step](Tables(**_plain(tables)))
        return function(_Watched.of(made, _further(tables, step, {})), *args, **given)

    return needed


def _further(tables: _Watched, name: str, arguments: Mapping[str, Any]) -> _Lineage:
    lineage = tables.lineage
    return replace(lineage, steps=(*lineage.steps, (name, arguments)))


def _arguments(
    function: Callable[..., Any], tables: Tables, args: Sequence[Any], given: Mapping[str, Any]
) -> dict[str, Any]:
    """The arguments of a call by name, without the tables; lists for whatever else is iterable."""
    bound = signature(function).bind(tables, *args, **given).arguments
    return {
        name: value if isinstance(value, str | int | float | None) else [str(item) for item in value]
        for name, value in list(bound.items())[1:]
    }
