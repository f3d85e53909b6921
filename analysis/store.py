"""data/processed in and out: tables as Parquet, rebuilt when the raw files or the code that reads them changed.

Change is told by content, never by time. Beside the tables lie `event_records.parquet` (what each mention says of its
event), `manifest.json` (the digest of every article's files, so that one changed article costs one article's reading)
and `digests.json` (of the tables, so that a damaged one is built again). A new build is written beside the old one and
takes its place in one step; a killed build changes nothing.
"""

import json
import os
import re
import shutil
import signal
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from io import BytesIO
from multiprocessing import get_context, parent_process
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis import codebook, digests, disk, paths, tidy
from analysis.errors import CorpusError, Problem
from analysis.raw import add, corpora, corpus_folder, held
from analysis.readers import native
from analysis.schema import NAMES, Tables

if TYPE_CHECKING:
    from rich.progress import Progress

__all__ = [
    "add",
    "built",
    "corpora",
    "corpus_folder",
    "load",
    "progress",
    "read_tables",
    "without_main",
    "write_tables",
]
_PARTS = ("articles", "statements", "event_records")
_SUMS = "digests.json"
_CHUNK = 100
_READING_CODE = ("codebook.py", "dates.py", "schema.py", "tidy.py", "yaml12.py", "readers")


def load(corpus: str) -> Tables:
    """The tidy tables of a corpus; data/processed is built or brought up to date first when the raw files changed.

    Parameters
    ----------
    corpus
        The name of a folder in data/raw.

    Raises
    ------
    ParameterError
        There is no such corpus.
    CorpusError
        Everything that is wrong in its files. What was built before stays as it was.
    StoreError
        data/processed cannot be written.
    """
    source = corpus_folder(corpus)
    target = paths.processed(corpus)
    with held(corpus):
        manifest, orphans = _manifest(source)
        old = _old_manifest(target)
        if old == manifest and not orphans:
            with suppress(OSError, ValueError):  # pyarrow's errors: a table is damaged, and built again
                return read_tables(target)
            old = {}
        _build(source, target, manifest, old, orphans)
        return read_tables(target)


def read_tables(folder: Path) -> Tables:
    """The tables that lie in `folder`; OSError or ValueError where one is gone or damaged."""
    found = _frames(folder, {*NAMES, *(disk.record(folder / _SUMS) or {})})
    return Tables(**{name: found[name] for name in NAMES})


def write_tables(folder: Path, frames: Mapping[str, pd.DataFrame]) -> None:
    """Write frames by name into `folder`, with checksums that reading checks."""
    for name, table in frames.items():
        table.to_parquet(folder / f"{name}.parquet", index=False)
    files = {name: digests.of_bytes((folder / f"{name}.parquet").read_bytes()) for name in frames}
    (folder / _SUMS).write_bytes(disk.sealed(files))


def _frames(folder: Path, names: Iterable[str]) -> dict[str, pd.DataFrame]:
    """Tables whose files are as they were written: Parquet's own checksums leave the names of columns unchecked."""
    sums = disk.record(folder / _SUMS) or {}
    files = {name: (folder / f"{name}.parquet").read_bytes() for name in names}
    if any(sums.get(name) != digests.of_bytes(content) for name, content in files.items()):
        raise ValueError(folder)
    return {name: pd.read_parquet(BytesIO(content)) for name, content in files.items()}


def _manifest(source: Path) -> tuple[dict[str, Any], list[Problem]]:
    """The digests that the tables rest on, and the files that lack their counterpart."""
    found, orphans = native.sources(source)
    package = Path(__file__).parent
    manifest = {
        "code": digests.of_files(package / name for name in _READING_CODE),
        "codebook": digests.of_files([source / "codebook.yaml"]),
        "articles": {article.article_id: article.digest() for article in found},
    }
    return manifest, orphans


def _old_manifest(target: Path) -> dict[str, Any]:
    """The manifest of the last build; empty when there is none."""
    try:
        old = json.loads((target / "manifest.json").read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return old if isinstance(old, dict) and isinstance(old.get("articles"), dict) else {}


def built(corpus: str) -> str:
    """What the tables of a corpus were last built from, as a digest; empty when they are not built."""
    return digests.of_files([paths.processed(corpus) / "manifest.json"])


def _build(source: Path, target: Path, manifest: dict[str, Any], old: dict[str, Any], orphans: list[Problem]) -> None:
    """Read what changed, keep the rest, check the whole, and put it in place."""
    shown = paths.shown(source / "codebook.yaml")
    try:
        book = codebook.read(source / "codebook.yaml", shown=shown)
    except CorpusError as error:
        raise CorpusError(orphans + error.problems) from None
    same_rules = all(old.get(key) == manifest[key] for key in ("code", "codebook"))
    before = old.get("articles", {}) if same_rules else {}
    kept = {name for name, value in manifest["articles"].items() if before.get(name) == value}
    pieces = _pieces(target) if kept else {}
    kept = kept if pieces else set()
    changed = [article for article in native.sources(source)[0] if article.article_id not in kept]
    parts, problems = _read(changed, book)
    if kept:
        parts = tidy.join([parts, {name: piece[piece["article_id"].isin(kept)] for name, piece in pieces.items()}])
    tables = tidy.assemble(parts, book, orphans + problems)
    _swap(target, {name: getattr(tables, name) for name in NAMES} | {"event_records": parts["event_records"]}, manifest)


def _pieces(target: Path) -> dict[str, pd.DataFrame]:
    """The rows of the last build; none where they are damaged."""
    try:
        return _frames(target, _PARTS)
    except (OSError, ValueError):
        return {}


def _read(found: Sequence[native.Source], book: codebook.Codebook) -> tuple[dict[str, pd.DataFrame], list[Problem]]:
    """What the articles' files say, read over all cores when there are many."""
    chunks = [found[start : start + _CHUNK] for start in range(0, len(found), _CHUNK)]
    if len(chunks) <= 1:
        return native.read_articles(found, book)
    pieces, problems = [], []
    context = get_context("forkserver" if os.name == "posix" else "spawn")
    with progress() as bar, ProcessPoolExecutor(mp_context=context, initializer=_begin) as pool:
        with without_main():
            results = pool.map(native.read_articles, chunks, [book] * len(chunks))
        try:
            for piece, wrong in bar.track(results, len(chunks), description="reading articles"):
                pieces.append(piece)
                problems += wrong
        except BaseException:
            pool.shutdown(cancel_futures=True)  # otherwise all the rest would be read before this process ends
            raise
    return tidy.join(pieces), problems


def _begin() -> None:
    """The first step of a worker process: Ctrl-C is for the process that started it, with which it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    """End this worker when the process that started it was killed; otherwise it would wait for ever."""
    parent = parent_process()
    if parent:
        parent.join()
        os._exit(1)


@contextmanager
def without_main() -> Iterator[None]:
    """Let workers start without running the caller's script again, which would call `load` there in its turn."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def progress() -> "Progress":
    """A progress bar on standard error; silent when that is not a terminal."""
    from rich.console import Console  # noqa: PLC0415  # slow, and kernels need none
    from rich.progress import Progress  # noqa: PLC0415

    console = Console(stderr=True)
    return Progress(console=console, transient=True, disable=not console.is_terminal)


def _swap(target: Path, frames: dict[str, pd.DataFrame], manifest: dict[str, Any]) -> None:
    """Write all frames beside `target`, then let them take its place."""
    with disk.fresh_folder(target) as folder:
        write_tables(folder, frames)
        (folder / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True), encoding="utf-8")
    for sibling in target.parent.iterdir():
        if re.fullmatch(rf"\.{target.name}-[a-z0-9_]{{8}}(\.old)?", sibling.name):  # of a run that was killed
            shutil.rmtree(sibling, ignore_errors=True)
