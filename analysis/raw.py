"""The corpora of data/raw: which there are, the right to change one, and files put into it.

An import writes the corpus anew in a hidden folder beside it, as `new`, moves the corpus there, as `old`, and lets the
new one take its place. Killed between these two steps it leaves no corpus, and whoever looks for it next brings the old
one back; killed at any other moment it leaves a folder that the next import or build removes.
"""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from filelock import FileLock

from analysis import disk, paths
from analysis.errors import ParameterError, Problem, StoreError, brief, unknown

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*", re.ASCII)
_BESIDE = re.compile(r"\.(.+)-[0-9a-f]{32}", re.ASCII)  # nobody names a folder so: what is in it is ours to remove


def corpora() -> list[str]:
    """The names of the corpora in data/raw, with one that an import had moved aside when it was killed."""
    folder = paths.raw()
    found = {child.name for child in folder.iterdir() if child.is_dir()} if folder.is_dir() else set()
    aside = {_BESIDE.sub(r"\1", beside.name) for beside in _beside(folder) if _is_amid(beside)}
    return sorted(aside | {name for name in found if not name.startswith(".")})


def corpus_folder(corpus: str) -> Path:
    """The raw folder of `corpus`.

    Raises
    ------
    ParameterError
        There is no corpus of that name in data/raw, or the name is no name (`../x`).
    """
    if _named(corpus) not in corpora():
        raise ParameterError(unknown("the corpus", corpus, corpora()))
    if not paths.raw(corpus).is_dir():
        with held(corpus):  # which brings it back
            pass
    return paths.raw(corpus)


def _named(corpus: str) -> str:
    """The name, when it can be that of a corpus."""
    if not _NAME.fullmatch(corpus):
        found = f"{brief(corpus)} cannot be the name of a corpus"
        raise ParameterError(Problem("", 0, found, "a folder of data/raw named with letters, digits, - and _"))
    return corpus


@contextmanager
def held(corpus: str) -> Iterator[None]:
    """The right to change the folders of a corpus; first, what a killed import left of it is put right."""
    folder = paths.processed(corpus).parent
    with disk.writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / f".{corpus}.lock"):
            for beside in _beside(paths.raw()):
                if _BESIDE.sub(r"\1", beside.name) == corpus:
                    _settle(beside, paths.raw(corpus))
            yield


def _beside(folder: Path) -> list[Path]:
    """The folders that imports work in."""
    return [path for path in folder.iterdir() if _BESIDE.fullmatch(path.name)] if folder.is_dir() else []


def _is_amid(beside: Path) -> bool:
    """Whether an import was between its two steps."""
    return (beside / "old").exists() and (beside / "new").exists()


def _settle(beside: Path, folder: Path) -> None:
    """Let the corpus be what it was before an import, or after, and nothing be left beside it."""
    if _is_amid(beside):
        if folder.exists():
            return  # which somebody made by hand, and may miss the old one
        (beside / "old").replace(folder)
    shutil.rmtree(beside, ignore_errors=True)


def add(corpus: str, files: dict[str, str], *, overwrite: bool = False) -> int:
    """Write the files into the raw folder of a corpus, all or none; how many were new or other than they stood there.

    Raises
    ------
    ParameterError
        The name cannot be that of a corpus.
    StoreError
        A file stands there already with other content, and is not to be overwritten; or the disk refuses.
    """
    folder = paths.raw(_named(corpus))
    with held(corpus):
        return _add(folder, files, overwrite=overwrite)


def _add(folder: Path, files: dict[str, str], *, overwrite: bool) -> int:
    """As `add`, into a folder that nobody else changes."""
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
        with disk.writing(folder):
            _put(folder, {name: files[name] for name in changed})
    return len(changed)


def _put(folder: Path, files: dict[str, str]) -> None:
    """Let a copy of the folder that has these files take its place."""
    beside = folder.with_name(f".{folder.name}-{uuid4().hex}")
    new, old = beside / "new", beside / "old"
    try:
        new.mkdir(parents=True)
        if folder.is_dir():
            shutil.copytree(folder, new, dirs_exist_ok=True)
        for name, content in files.items():
            (new / name).parent.mkdir(exist_ok=True)
            (new / name).write_bytes(content.encode())
        if folder.exists():
            folder.replace(old)
        new.replace(folder)
    finally:
        _settle(beside, folder)
