"""The records of a JSON file one by one: an array, one object a line (JSON lines), or objects one after the other.

The file is read piece by piece, and what has become records is let go: a text with an emoji in it takes four bytes a
character, so that a whole file as one text would be the largest thing in the memory.
"""

import codecs
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from analysis.errors import CorpusError, Problem
from analysis.readers.inputs.json_input import after_blanks, broken, check_size, decoded, empty, next_value

_PIECE = 1 << 20
_SHOWN = 20


def load_records(path: Path) -> Iterator[tuple[int, Any]]:
    """The file's records with the lines they start on: the items of an array, or values that follow one another.

    Raises
    ------
    CorpusError
        The file cannot be read, or is broken from here on.
    """
    try:
        check_size(path)
        with path.open("rb") as file:
            yield from _lines(file, path.name) if _is_lines(path) else _records(_Pieces(file, path.name))
    except OSError as error:
        raise CorpusError(Problem(path.name, 0, f"the file cannot be read: {error.strerror}")) from None


def _is_lines(path: Path) -> bool:
    """Whether the first line that is not blank holds one whole object, as a file of JSON lines does."""
    try:
        with path.open("rb") as file:
            start = file.read(_SHOWN).removeprefix(codecs.BOM_UTF8).lstrip(b" \t\r\n")
            if start and not start.startswith(b"{"):  # an array may be one line of many megabytes: it need not be read
                return False
            file.seek(0)
            first = next((line for line in file if line.strip(b"\xef\xbb\xbf \t\r\n")), b"")
        return first.lstrip(b"\xef\xbb\xbf \t").startswith(b"{") and isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        return False


def _lines(file: BinaryIO, name: str) -> Iterator[tuple[int, Any]]:
    for line, content in enumerate(file, 1):
        text = decoded(content, name, line).strip(" \t\r\n")
        if not text:
            continue
        try:
            value, end = next_value(text, 0, name, line)
        except json.JSONDecodeError as error:
            raise CorpusError(broken(error, text, name, line)) from None
        if end < len(text):
            raise CorpusError(Problem(name, line, "the line goes on after its JSON value", "one value a line"))
        yield line, value


def _records(pieces: "_Pieces") -> Iterator[tuple[int, Any]]:
    pieces.skip_blanks()
    if pieces.is_over():
        raise empty(pieces.file)
    is_array = pieces.skip("[")
    line = pieces.line
    while not (pieces.is_next("]") if is_array else pieces.is_over()):
        line = pieces.line
        yield line, pieces.value()
        if is_array and not pieces.is_next("]") and (not pieces.skip(",") or pieces.is_next("]")):
            raise pieces.wrong()
    if is_array:
        pieces.skip("]")
        if not pieces.is_over():
            raise CorpusError(
                Problem(pieces.file, line, "the file goes on after its JSON value has ended", "one array")
            )


class _Pieces:
    """A text while it is read: what is there of it, the place in it that is next, and the line of that place."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        self.file, self.line = name, 1
        self._source, self._decoder = file, codecs.getincrementaldecoder("utf-8")()
        self._text, self._at, self._before = "", 0, 0
        self._n_breaks, self._is_end = 0, False

    def _more(self) -> None:
        """Read on, at least as much as is waiting, and let go what is done with."""
        self._before = self._column(self._at)
        rest = self._text[self._at :]
        content = self._source.read(max(_PIECE, len(rest)))
        self._is_end = not content
        is_start = not self._n_breaks and not self._text
        try:
            piece = self._decoder.decode(content, final=self._is_end)
        except UnicodeDecodeError as error:
            decoded(error.object, self.file, 1 + self._n_breaks)  # which tells it with the line
            raise
        self._n_breaks += content.count(b"\n")
        self._text, self._at = rest + (piece.removeprefix("\ufeff") if is_start else piece), 0

    def _column(self, at: int) -> int:
        """How many characters its line has before a place."""
        start = self._text.rfind("\n", 0, at)
        return at - start - 1 if start >= 0 else self._before + at

    def _go(self, end: int) -> None:
        self.line += self._text.count("\n", self._at, end)
        self._at = end

    def skip_blanks(self) -> None:
        """Go to the next character that is not blank."""
        if self._text[self._at : self._at + 1] > " ":  # it is there already, as it mostly is
            return
        self._go(after_blanks(self._text, self._at))
        while self._at == len(self._text) and not self._is_end:
            self._more()
            self._go(after_blanks(self._text, self._at))

    def is_over(self) -> bool:
        """Whether nothing but blanks is left."""
        self.skip_blanks()
        return self._at == len(self._text)

    def is_next(self, sign: str) -> bool:
        """Whether this sign comes next, behind blanks."""
        self.skip_blanks()
        return self._text.startswith(sign, self._at)

    def skip(self, sign: str) -> bool:
        """Whether this sign comes next; then it is passed."""
        is_there = self.is_next(sign)
        self._at += is_there
        return is_there

    def value(self) -> Any:
        """The value that comes next; a mistake in it is one only if the file does not go on."""
        self.skip_blanks()
        while True:
            try:
                value, end = next_value(self._text, self._at, self.file, self.line)
            except json.JSONDecodeError as error:
                if self._is_end:
                    raise self.wrong(error) from None
            else:
                if self._is_end or end < len(self._text) or isinstance(value, dict | list | str):
                    self._go(end)
                    return value
            self._more()

    def wrong(self, error: json.JSONDecodeError | None = None) -> CorpusError:
        """The error of what stands here, or where the parser found it."""
        while len(self._text) - self._at < _SHOWN and not self._is_end:
            self._more()
        error = error or json.JSONDecodeError("", self._text, self._at)
        line = self.line + self._text.count("\n", self._at, error.pos)
        return CorpusError(broken(error, self._text, self.file, line, self._before))
