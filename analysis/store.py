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
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from io import BytesIO
from multiprocessing import get_context
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
from filelock import FileLock
from rich.console import Console
from rich.progress import Progress

from analysis import codebook, digests, disk, paths, tidy
from analysis.errors import CorpusError, ParameterError, Problem, StoreError, brief, unknown
from analysis.readers import native
from analysis.schema import NAMES, Tables

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*", re.ASCII)
_PARTS = ("articles", "statements", "event_records")
_SUMS = "digests.json"
_CHUNK = 100
_READING_CODE = ("codebook.py", "dates.py", "schema.py", "tidy.py", "yaml12.py", "readers")


def corpora() -> list[str]:
    """The names of the corpora in data/raw."""
    folder = paths.raw()
    found = folder.iterdir() if folder.is_dir() else ()
    return sorted(child.name for child in found if child.is_dir() and not child.name.startswith("."))


def corpus_folder(corpus: str) -> Path:
    """The raw folder of `corpus`.

    Raises
    ------
    ParameterError
        There is no corpus of that name in data/raw, or the name is no name (`../x`).
    """
    if not _NAME.fullmatch(corpus):
        found = f"{brief(corpus)} cannot be the name of a corpus"
        raise ParameterError(Problem("", 0, found, "a folder of data/raw named with letters, digits, - and _"))
    if corpus not in corpora():
        raise ParameterError(unknown("the corpus", corpus, corpora()))
    return paths.raw(corpus)


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
    with disk.writing(target.parent):
        target.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(target.parent / f".{corpus}.lock"):
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
    with progress() as bar, ProcessPoolExecutor(mp_context=context) as pool:
        with without_main():
            results = pool.map(native.read_articles, chunks, [book] * len(chunks))
        for piece, wrong in bar.track(results, len(chunks), description="reading articles"):
            pieces.append(piece)
            problems += wrong
    return tidy.join(pieces), problems


@contextmanager
def without_main() -> Iterator[None]:
    """Let workers start without running the caller's script again, which would call `load` there in its turn."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def progress() -> Progress:
    """A progress bar on standard error; silent when that is not a terminal."""
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


def add(corpus: str, files: dict[str, str], *, overwrite: bool = False) -> int:
    """Write the files into the raw folder of a corpus, all or none; how many were new or other than they stood there.

    Raises
    ------
    ParameterError
        The name cannot be that of a corpus.
    StoreError
        A file stands there already with other content, and is not to be overwritten; or the disk refuses.
    """
    if not _NAME.fullmatch(corpus):
        expected = "a name of letters, digits, - and _"
        raise ParameterError(Problem("", 0, f"{brief(corpus)} cannot be the name of a corpus", expected))
    folder = paths.raw(corpus)
    stands = {name: (folder / name).read_bytes() for name in files if (folder / name).is_file()}
    other = [name for name, content in stands.items() if content != files[name].encode()]
    if other and not overwrite:
        hint = "import into another corpus, or give --overwrite to lose what stands there"
        raise StoreError(
            [
                Problem(paths.shown(folder / name), 0, "it was edited, or holds another import", "", hint)
                for name in other
            ]
        )
    changed = [name for name in files if name in other or name not in stands]
    if changed:
        with disk.writing(folder), disk.fresh_folder(folder) as fresh:
            if folder.is_dir():
                shutil.copytree(folder, fresh, dirs_exist_ok=True)
            for name in changed:
                (fresh / name).parent.mkdir(exist_ok=True)
                (fresh / name).write_bytes(files[name].encode())
    return len(changed)
