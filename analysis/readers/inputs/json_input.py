r"""JSON files as other tools write them: read within limits, and every wrong type told with its place.

Quirks: some tools write a byte order mark, which is dropped; of a key that stands twice the last value counts, as in
Python's own reader. `\ud83d` without its other half is no character and could not be written to any table: refused.
"""

import codecs
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from analysis.errors import CorpusError, Problem, brief

LARGEST = 1 << 29
_SAMPLE = 1 << 20
_SHOWN = 20
_BLANK = re.compile(r"[ \t\r\n]*")
_HALF = re.compile(r"\\u[dD][89a-fA-F]")
_DECODER = json.JSONDecoder()
_WORDS = {str: "a text", int: "a whole number", dict: "an object", list: "a list", bool: "true or false"}

T = TypeVar("T")


class Place(NamedTuple):
    """Where a value stands: the file, its line (0 where not known) and the record, as a message tells them."""

    file: str
    line: int
    what: str

    def inside(self, what: str) -> "Place":
        """The place of a part of the record."""
        return Place(self.file, self.line, f"{self.what}, {what}")

    def wrong(self, found: str, expected: str = "", hint: str = "") -> CorpusError:
        """The error to raise for what was `found` here."""
        return CorpusError(Problem(self.file, self.line, f"{self.what}: {found}", expected, hint))

    def need(self, value: Any, kind: type[T], name: str) -> T:
        """The `value` of the field `name`, which must be of this `kind` and no other (true is no number)."""
        if type(value) is kind:
            return value
        raise self.wrong(f"{name} is {told(value)}", _WORDS.get(kind, kind.__name__))

    def span(self, start: Any, end: Any, length: int) -> tuple[int, int]:
        """Two offsets that lie in a text of this `length`, in their order."""
        first, last = self.need(start, int, "start"), self.need(end, int, "end")
        if 0 <= first <= last <= length:
            return first, last
        raise self.wrong(f"the span {told(first)}–{told(last)} is not in the text", f"0 ≤ start ≤ end ≤ {length}")


class Problems:
    """What is wrong with a file: all of it counted, the first of it kept, so that a hostile file fills no memory."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.count = 0
        self.first: list[Problem] = []

    def add(self, problems: Iterable[Problem]) -> None:
        """Count these as well."""
        for problem in problems:
            self.count += 1
            if len(self.first) < _SHOWN:
                self.first.append(problem)

    def refuse(self) -> None:
        """Raise one error with all that was added, if there is any."""
        if self.count > len(self.first):
            head = Problem(self.file, 0, f"{self.count} problems, of which the first {len(self.first)} are shown")
            raise CorpusError([head, *self.first])
        if self.count:
            raise CorpusError(self.first)


def load_json(path: Path) -> Any:
    """The one value that the file holds; a mistake in it is told with its line."""
    text = text_of(path)
    value, end = _value(text, after_blanks(text, 0), path.name, 1)
    rest = after_blanks(text, end)
    if rest < len(text):
        line = text.count("\n", 0, rest) + 1
        raise CorpusError(Problem(path.name, line, "the file goes on after its JSON value has ended", "one JSON value"))
    return value


def text_of(path: Path) -> str:
    """The text of a UTF-8 file as it stands, line ends included, without the byte order mark."""
    try:
        check_size(path)
        content = path.read_bytes()
    except OSError as error:
        raise CorpusError(Problem(path.name, 0, f"the file cannot be read: {error.strerror}")) from None
    if not content.removeprefix(codecs.BOM_UTF8).strip():
        raise empty(path.name)
    return decoded(content, path.name, 1)


def check_size(path: Path) -> None:
    """CorpusError for a file that is larger than any of annotations is; OSError where there is none."""
    size = path.stat().st_size
    if size > LARGEST:
        found, limit = f"the file has {size >> 20} MB", f"at most {LARGEST >> 20} MB"
        raise CorpusError(Problem(path.name, 0, found, limit, "split it"))


def empty(file: str) -> CorpusError:
    """The error of a file with nothing in it."""
    return CorpusError(Problem(file, 0, "the file is empty", "JSON", "export it again"))


def sample(path: Path, head: bytes, size: int = _SAMPLE) -> bytes:
    """The beginning of the file, long enough to show the keys of a first record."""
    try:
        with path.open("rb") as file:
            return file.read(size)
    except OSError:
        return head


def told(value: Any) -> str:
    """A value as a message shows it; of lists and objects only that they are, for they may be large or deep."""
    if value is None:
        return "missing or null"
    return _WORDS[type(value)] if isinstance(value, list | dict) else brief(value)


def fact(value: Any) -> str | None:
    """A text, number or list of them as one text; None where it is missing (NaN too) or holds more than that."""
    if type(value) is str:
        return value
    if isinstance(value, list):
        parts = [fact(part) for part in value if not isinstance(part, list)]
        return "; ".join(part for part in parts if part is not None) if None not in parts and parts else None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) and value == value else None  # noqa: PLR0124  # not NaN


def facts(record: Mapping[str, Any]) -> dict[str, str]:
    """The record's fields that are facts, those of an object in it as `outer.inner`; of one name the last counts."""
    found: dict[str, str] = {}
    for key, value in record.items():
        if isinstance(value, dict):
            found |= {f"{key}.{name}": text for name, part in value.items() if (text := fact(part)) is not None}
        elif (text := fact(value)) is not None:
            found[key] = text
    return {key: found[key] for key in sorted(found)}


def decoded(content: bytes, file: str, line: int) -> str:
    """The text of UTF-8 bytes that start on this line of the file; CorpusError, with the line, where they are none."""
    try:
        return content.decode("utf-8-sig" if line == 1 else "utf-8")
    except UnicodeDecodeError as error:
        line += content.count(b"\n", 0, error.start)
        is_wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
        found = f"the file is {'UTF-16' if is_wide else 'not UTF-8 text'}"
        raise CorpusError(Problem(file, line, found, "UTF-8", "save it as UTF-8")) from None


def next_value(text: str, start: int, file: str, line: int) -> tuple[Any, int]:
    """The value that starts here and where it ends; `line` is that of the start.

    Raises
    ------
    json.JSONDecodeError
        There is no value, or it is cut off.
    CorpusError
        What there is could never be read.
    """
    try:
        value, end = _DECODER.raw_decode(text, start)
        if _HALF.search(text, start, end):
            json.dumps(value, ensure_ascii=False).encode()
    except json.JSONDecodeError:
        raise
    except UnicodeEncodeError as error:
        half = f"\\u{ord(error.object[error.start]):04x}"
        raise CorpusError(Problem(file, line, f"{half} is half a character", "its other half beside it")) from None
    except RecursionError:
        raise CorpusError(Problem(file, line, "this JSON is nested too deeply to be an annotation")) from None
    except ValueError:
        raise CorpusError(Problem(file, line, "a number here has thousands of digits")) from None
    return value, end


def _value(text: str, start: int, file: str, line: int) -> tuple[Any, int]:
    """As `next_value`, with a mistake as an error of ours."""
    try:
        return next_value(text, start, file, line)
    except json.JSONDecodeError as error:
        raise CorpusError(broken(error, text, file, line + text.count("\n", start, error.pos))) from None


def broken(error: json.JSONDecodeError, text: str, file: str, line: int, before: int = 0) -> Problem:
    """The problem of a mistake, or of an early end; `before` is how many characters its line has before this text."""
    if not text[error.pos :].strip() or error.msg.startswith("Unterminated"):
        return Problem(file, line, "the file ends in the middle of its JSON", "the whole file", "export it again")
    start = text.rfind("\n", 0, error.pos)
    column = error.pos - start + (before if start < 0 else 0)
    found = f"this is no JSON, at {brief(text[error.pos : error.pos + 20])} in column {column}"
    return Problem(file, line, found, "JSON", "export it again, or correct it there")


def after_blanks(text: str, at: int) -> int:
    """The place of the next character that is not blank, or the end."""
    match = _BLANK.match(text, at)
    return match.end() if match else at
