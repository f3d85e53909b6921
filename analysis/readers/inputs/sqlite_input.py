"""SQLite databases that strangers made: opened read-only, within limits, every failure told as one of ours.

Quirks: changes that a program has not yet put into the file lie beside it (-wal, -journal), and opening the file for
reading alone passes over them: such a database is refused. A cell may hold any type whatever its column says, a view
or a computed column may stand where a table should, and a damaged file may lead in circles: only stored columns of
tables are read, with a limit on the steps and on the text that a file of its size can hold.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from analysis.errors import CorpusError, Problem, one_of

_MAGIC = b"SQLite format 3\0"
_HOT = b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"
_STEPS, _STEPS_PER_BYTE, _AT_ONCE = 10_000_000, 8, 10_000
_TEXT, _TEXT_PER_BYTE = 1 << 16, 2
_AGAIN = "open it in the program that made it and save it again"


def is_sqlite(head: bytes) -> bool:
    """Whether a file that starts so is an SQLite database."""
    return head.startswith(_MAGIC)


class Database:
    """A database to be read once, in a `with` block.

    Raises
    ------
    CorpusError
        Here and from all methods: it cannot be opened or is damaged, or changes to it are not in the file yet.
    """

    def __init__(self, path: Path) -> None:
        self.file = path.name
        self._columns: dict[str, tuple[str, ...]] = {}
        size = _size(path)
        self._steps = (_STEPS + _STEPS_PER_BYTE * size) // _AT_ONCE
        self._text = _TEXT + _TEXT_PER_BYTE * size
        try:
            self._connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
        except sqlite3.Error as error:
            raise self._broken(error) from None
        self._connection.text_factory = self._decoded
        self._connection.set_progress_handler(self._step, _AT_ONCE)
        self._tables = self._names()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._connection.close()

    @classmethod
    def tables_of(cls, path: Path) -> set[str]:
        """The names of its tables, in capitals; none where it cannot be read."""
        try:
            with cls(path) as database:
                return database._tables
        except CorpusError:
            return set()

    def has(self, table: str) -> bool:
        """Whether there is a table of this name."""
        return table in self._tables

    def need(self, tables: Mapping[str, Sequence[str]]) -> None:
        """Say which columns of which tables are to be read; CorpusError names all that are missing."""
        problems = []
        for table, columns in tables.items():
            hint = "" if self.has(table) else "a view or a virtual table is not read"
            stored = self._stored(table) if self.has(table) else {}
            missing = [name for name in columns if name.upper() not in stored]
            if not self.has(table):
                problems.append(Problem(self.file, 0, f"it has no table {table}", one_of(tables), hint))
            elif missing:
                expected = f"the stored columns {', '.join(columns)}"
                problems.append(Problem(self.file, 0, f"{table} has no column {', '.join(missing)}", expected))
            self._columns[table] = tuple(columns)
        if problems:
            raise CorpusError(problems)

    def rows(self, table: str) -> Iterator[tuple[Any, ...]]:
        """The rows of a table that was asked for with `need`, in the order of the file."""
        columns = ", ".join(f'"{name}"' for name in self._columns[table])
        yield from self._select(f'SELECT {columns} FROM "{table}" NOT INDEXED')  # noqa: S608  # names of ours

    def _names(self) -> set[str]:
        try:
            found = self._select("SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0")
            return {name.upper() for (name,) in found if isinstance(name, str)}
        except CorpusError:
            self._connection.close()
            raise

    def _stored(self, table: str) -> set[str]:
        query = "SELECT name FROM pragma_table_xinfo(?) WHERE hidden = 0"
        return {name.upper() for (name,) in self._select(query, table) if isinstance(name, str)}

    def _select(self, query: str, *values: str) -> Iterator[tuple[Any, ...]]:
        try:
            yield from self._connection.execute(query, values)
        except (sqlite3.Error, UnicodeDecodeError) as error:  # the latter for a message that quotes damaged bytes
            raise self._broken(error) from None

    def _step(self) -> int:
        self._steps -= 1
        return int(self._steps < 0)

    def _decoded(self, content: bytes) -> str:
        """The text; bytes that are no UTF-8 become halves of characters, for the reader to tell where they stand."""
        self._text -= len(content)
        if self._text < 0:
            raise CorpusError(Problem(self.file, 0, "it holds more text than a file of its size can", "", _AGAIN))
        return content.decode("utf-8", "surrogateescape")

    def _broken(self, error: Exception) -> CorpusError:
        reason = "reading it takes more steps than a file of its size needs" if "interrupted" in str(error) else error
        return CorpusError(
            Problem(self.file, 0, f"the database cannot be read: {reason}", "a sound SQLite file", _AGAIN)
        )


def _size(path: Path) -> int:
    """The bytes of the file, where nothing of it lies beside it."""
    try:
        with path.open("rb") as file:
            head = file.read(len(_MAGIC))
        wal, journal = (path.with_name(path.name + suffix) for suffix in ("-wal", "-journal"))
        is_open = (wal.is_file() and wal.stat().st_size > 0) or (journal.is_file() and _starts(journal, _HOT))
        size = path.stat().st_size
    except OSError as error:
        raise CorpusError(Problem(path.name, 0, f"the file cannot be read: {error.strerror}")) from None
    if not is_sqlite(head):
        found = "the file is empty" if not head else "this is no SQLite database"
        raise CorpusError(Problem(path.name, 0, found, "an SQLite file", _AGAIN))
    if is_open:
        found = f"there are changes beside it that are not in it yet ({path.name}-wal or -journal)"
        raise CorpusError(Problem(path.name, 0, found, "", "close the program that has it open, then try again"))
    return size


def _starts(path: Path, magic: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(magic)) == magic
