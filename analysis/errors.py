"""The one tree of exceptions, and how a problem is told.

    StancebookError             anything a user can put right; shown as a message, never as a traceback
    ├── CorpusError             articles, annotations or a codebook that cannot be read as they stand
    ├── ParameterError          a name or value that was asked for and does not exist
    ├── StoreError              a folder that cannot be read or written
    └── ReportError             a report whose notebook did not run to its end

Every error carries :class:`Problem` records: what was found, where, what was expected, and the next step.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

_SHOWN = 12
_WIDEST = 120


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong: the file and line (or record) it stands in, what was found, and what would be right."""

    file: str
    line: int
    found: str
    expected: str = ""
    hint: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: " if self.line else f"{self.file}: " if self.file else ""
        more = [f"\n    {word}: {text}" for word, text in (("expected", self.expected), ("next", self.hint)) if text]
        return f"{where}{self.found}{''.join(more)}"


class StancebookError(Exception):
    """Something a user can put right. Its text lists every problem, sorted by file and line."""

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems = [problems] if isinstance(problems, Problem) else sorted(set(problems))
        super().__init__(str(self))

    def __reduce__(self) -> tuple[type, tuple[list[Problem]]]:
        """Rebuild from the problems, so that the error survives the way back from a worker process."""
        return type(self), (self.problems,)

    def __str__(self) -> str:
        count = f"\n{len(self.problems)} problems" if len(self.problems) > 1 else ""
        return "\n".join(map(str, self.problems)) + count

    def _render_traceback_(self) -> list[str]:
        """What Jupyter shows in place of a traceback."""
        return [f"{type(self).__name__}: {self}"]


class CorpusError(StancebookError):
    """Articles, annotations or a codebook that cannot be read as they stand."""


class ParameterError(StancebookError):
    """A parameter, column or name that was asked for and does not exist."""


class StoreError(StancebookError):
    """A folder or file that cannot be read or written."""


class BusyError(StoreError):
    """A folder that another run is writing into; nothing is wrong, and it can be tried again later."""


class ReportError(StancebookError):
    """A report whose notebook did not run to its end."""


def one_of(allowed: Iterable[object]) -> str:
    """The allowed values as a message lists them: all of a few, the first of many with their count."""
    names = [str(value) for value in allowed]
    more = f" … ({len(names)} in all)" if len(names) > _SHOWN else ""
    return "one of " + ", ".join(names[:_SHOWN]) + more if names else "nothing is defined yet"


def brief(value: object) -> str:
    """The value as a message shows it, cut where it would fill the screen."""
    text = repr(value)
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"


def nearest(value: object, allowed: Iterable[object]) -> str:
    """The hint "did you mean …?" with the allowed value that is spelt most alike; empty when nothing is near."""
    names: Sequence[str] = [str(option) for option in allowed]
    lowered = {name.lower(): name for name in names}
    near = get_close_matches(str(value).lower(), lowered, n=1, cutoff=0.4)
    return f"did you mean {lowered[near[0]]!r}?" if near else ""


def unknown(what: str, value: object, allowed: Iterable[object], *, file: str = "", line: int = 0) -> Problem:
    """The problem of a `value` that is none of the `allowed` ones."""
    options = list(allowed)
    return Problem(file, line, f"{what} {brief(value)} is not known", one_of(options), nearest(value, options))
