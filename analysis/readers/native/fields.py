"""What each field of a native record may hold, and the typed value that it becomes.

Every `check_…` takes the text that stands in the file and gives the value; a text that is not allowed raises
:class:`WrongError`, which the reader turns into a located problem.
"""

import math
import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from analysis import dates
from analysis.codebook import Codebook
from analysis.errors import nearest, one_of
from analysis.schema import BASES, CERTAINTIES, SPEECH, STANCES, STATUSES

_DIGITS = 12
STANCE_WORDS = ("1", "0.5", "0", "-0.5", "-1", "mixed")


class WrongError(ValueError):
    """A field's text that is not allowed: what would be, and the hint."""

    def __init__(self, expected: str, hint: str = "") -> None:
        super().__init__(expected)
        self.expected, self.hint = expected, hint


Check = Callable[[Any], Any]


def text(value: Any) -> str:
    """A text, composed (NFC) as the articles are."""
    if not isinstance(value, str):
        raise WrongError("a text")
    return value if value.isascii() else unicodedata.normalize("NFC", value)


def identifier(value: Any) -> str:
    """A text without `~`, which counts the mentions of an event: `e1~2`."""
    if "~" in text(value):
        raise WrongError("an id without `~`")
    return text(value)


def choice(allowed: Collection[str]) -> Check:
    """One of the `allowed` words."""

    def check(value: Any) -> str:
        if not isinstance(value, str) or value not in allowed:
            raise WrongError(one_of(allowed), nearest(value, allowed))
        return value

    return check


def choices(allowed: Collection[str]) -> Check:
    """A list of the `allowed` words; a single word counts as a list of one."""
    single = choice(allowed)

    def check(value: Any) -> tuple[str, ...]:
        return tuple(map(single, value if isinstance(value, list) else [value]))

    return check


def stance(value: Any) -> float | None:
    """A stance from +1 to −1; None when both sides are taken."""
    if value == "mixed":
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise WrongError(one_of(STANCE_WORDS), nearest(value, STANCE_WORDS)) from None
    if number not in STANCES:
        near = min(STANCES, key=lambda allowed: abs(allowed - min(max(number, -1.0), 1.0)))
        raise WrongError(one_of(STANCE_WORDS), "" if math.isnan(number) else f"the nearest one is {near:g}")
    return number


def date(value: Any) -> dates.Interval:
    """An ISO 8601 date or interval."""
    try:
        return dates.parse(value if isinstance(value, str) else "")
    except ValueError as error:
        raise WrongError(dates.EXPECTED, str(error)) from None


def whole(value: Any) -> int:
    """A whole number from 0, of a size that a text may have."""
    if not isinstance(value, str) or not (value.isascii() and value.isdigit()) or len(value) > _DIGITS:
        raise WrongError("a whole number from 0")
    return int(value)


def offsets(value: Any) -> tuple[int, int]:
    """Where a span starts and ends, in code points, the end exclusive."""
    if not isinstance(value, list) or len(value) != 2:  # noqa: PLR2004  # start and end
        raise WrongError("two whole numbers: [start, end]")
    start, end = map(whole, value)
    if end <= start:
        raise WrongError("two whole numbers: [start, end]", "the end must lie behind the start")
    return start, end


def items(value: Any) -> list[Any]:
    """A list; what stands in it is looked at record by record."""
    if not isinstance(value, list):
        raise WrongError("a list of records, each `- id: …` and its fields")
    return value


def sha256(value: Any) -> str:
    """A SHA-256 in hexadecimal."""
    if not isinstance(value, str) or not re.fullmatch("[0-9a-f]{64}", value):
        raise WrongError("64 digits of 0-9 and a-f, as `sha256sum` prints them")
    return value


@dataclass(frozen=True)
class Fields:
    """The checks of a kind of record, and which of its fields must be there."""

    checks: Mapping[str, Check]
    required: tuple[str, ...]


ARTICLE = Fields(
    {"title": text, "outlet": text, "language": text, "published": date, "url": text, "origin_id": text},
    ("title", "published"),
)
CODING = Fields({"coder": text, "text_sha256": sha256, "n_chars": whole, "statements": items, "events": items}, ())

_SPAN: dict[str, Check] = {
    "id": identifier,
    "quote": text,
    "before": text,
    "after": text,
    "span": offsets,
    "gloss": text,
}


def statement_fields(codebook: Codebook) -> Fields:
    """The fields of a statement under `codebook`."""
    actors = dict.fromkeys(codebook.actors["actor_id"])
    checks = _SPAN | {
        "speaker": choice(actors),
        "on_behalf_of": choice(actors),
        "issue": choice(dict.fromkeys(codebook.issues["issue_id"])),
        "stance": stance,
        "certainty": choice(CERTAINTIES),
        "condition": text,
        "speech": choice(SPEECH),
        "date": date,
    }
    return Fields(checks, ("id", "speaker", "issue", "stance"))


def event_fields(codebook: Codebook) -> Fields:
    """The fields of an event mention under `codebook`."""
    actors = choices(dict.fromkeys(codebook.actors["actor_id"]))
    modes = dict.fromkeys(mode for modes in codebook.modes.values() for mode in modes)
    checks = _SPAN | {
        "start": date,
        "end": date,
        "label": text,
        "type": choice(codebook.quad_classes),
        "mode": choice(modes),
        "actors": actors,
        "recipients": actors,
        "basis": choice(BASES),
        "status": choice(STATUSES),
        "place": text,
    }
    return Fields(checks, ("id",))
