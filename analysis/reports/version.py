"""What travels between a run and its workers: from what a report is to be made, and what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from analysis.reports.provenance import Frame
from analysis.reports.reads import Read

FIRST, SAME, CHANGED = "first", "same", "changed"  # the kinds of news


@dataclass(frozen=True)
class Version:
    """From what a report is made now, and when and from what its last version that succeeded was."""

    key: Mapping[str, str]
    states: Mapping[str, str]
    previous: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Made:
    """A report as the bytes of its files, with what its page says of itself, what it read, and what is new.

    `is_new`: whether this is another version than the last, or the same made again. `seconds`: how long it took.
    """

    executed: bytes
    page: bytes
    frame: Frame
    reads: Sequence[Read]
    news: Mapping[str, Any]
    is_new: bool
    seconds: float = field(default=0, compare=False)


def day(at: str) -> str:
    """The day and minute of a time such as 2026-11-22T06:00:00.000Z."""
    return f"{at[:10]} {at[11:16]} UTC"
