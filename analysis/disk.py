"""Files and folders that are put in place whole or not at all, whenever a run is killed or the disk is full."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from analysis import paths
from analysis.errors import Problem, StoreError

_SUM = "sha256"


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Turn what the disk refuses (read-only, full, not allowed) into an error of ours that names `folder`."""
    try:
        yield
    except OSError as error:
        where = paths.shown(Path(error.filename) if isinstance(error.filename, str) else folder)
        hint = "free some space or allow writing, then run it again; nothing was changed"
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise StoreError(Problem(where, 0, f"it cannot be written: {reason}", "", hint)) from None


@contextmanager
def fresh_folder(target: Path) -> Iterator[Path]:
    """A new folder to fill, which becomes `target` when the block ends well and disappears when it does not."""
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    old = folder.with_name(f"{folder.name}.old")
    try:
        yield folder
        folder.chmod(0o755)
        if target.exists():
            target.replace(old)
        folder.replace(target)
    finally:
        if old.exists() and not target.exists():
            old.replace(target)
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def write_atomically(path: Path, content: bytes) -> None:
    """Write `path` so that it holds either what it held or all of `content`, whenever the run is killed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)


def put(path: Path, content: bytes) -> None:
    """Write a file that only we make: as `write_atomically`, and whatever else stands in its place goes."""
    if path.parent.is_file():
        remove(path.parent)
    if path.is_dir():
        remove(path)
    write_atomically(path, content)


def remove(path: Path) -> None:
    """Remove a file, or a folder with all that is in it; a link goes, and what it leads to stays."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def put_record(path: Path, record: dict[str, Any]) -> None:
    """Write a record, `sealed`."""
    put(path, sealed(record))


def sealed(record: dict[str, Any]) -> bytes:
    """A record as JSON with its checksum, by which `record` tells whether it is as it was written."""
    return _as_json(record | {_SUM: _sum(record)})


def record(path: Path) -> dict[str, Any] | None:
    """The record in a file that was written `sealed`; None when it is gone, cut off, damaged or edited."""
    try:
        found = json.loads(path.read_bytes())
        told = found.pop(_SUM)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return found if told == _sum(found) else None


def _sum(record: dict[str, Any]) -> str:
    """Of the record without spaces and line breaks, which is written in a tenth of the time."""
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()


def _as_json(record: dict[str, Any]) -> bytes:
    return (json.dumps(record, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode(errors="backslashreplace")
