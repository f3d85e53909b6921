"""Which tool a file or folder is from, found from its content, and what the reader of that format finds in it."""

import gc
import stat
import zipfile
from collections import Counter
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from analysis.errors import ParameterError, Problem, one_of, unknown
from analysis.readers.found import Found
from analysis.readers.mapping import check_options

FORMATS = {
    "dna": "dna",
    "label-studio": "label_studio",
    "uima-cas": "cas",
    "refi-qda": "refi",
    "catma": "w3c.catma",
    "brat": "brat",
    "w3c": "w3c",
    "span-jsonl": "span_jsonl",
    "tables": "tables",
}
_HEAD = 4096


def format_of(path: Path) -> str:
    """The format of a file or folder, from what is in it.

    Raises
    ------
    ParameterError
        It cannot be read, or it is of no format that is known.
    """
    try:
        inside = [part for part in sorted(path.iterdir()) if part.is_file()] if path.is_dir() else []
        name = next((name for part in (path, *inside) if (name := _fitting(part))), None)
    except OSError as error:
        raise ParameterError(Problem(str(path), 0, f"it cannot be read: {error.strerror}")) from None
    if name is None:
        hint = "unpack the zip file, and give what is in it" if path.is_file() and zipfile.is_zipfile(path) else ""
        raise ParameterError(Problem(str(path), 0, "the format is not known", one_of(["native", *FORMATS]), hint))
    return name


def _fitting(path: Path) -> str | None:
    """The format of one file or folder, as a whole."""
    head = b""
    if path.is_file():
        with path.open("rb") as file:
            head = file.read(_HEAD)
    return next((name for name in FORMATS if _reader(name).fits(path, head)), None)


def _reader(name: str) -> Any:
    return import_module(f"analysis.readers.{FORMATS[name]}")


def _must_be_there(path: Path) -> None:
    """ParameterError unless the path is that of a file or a folder: a pipe or a device would be waited for."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise ParameterError(Problem(str(path), 0, "there is no such file or folder")) from None
    except OSError as error:
        raise ParameterError(Problem(str(path), 0, f"it cannot be read: {error.strerror}")) from None
    except ValueError:
        raise ParameterError(Problem(repr(str(path)), 0, "no file can be called so")) from None
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise ParameterError(Problem(str(path), 0, "this is no file and no folder", "a file or folder"))


def find(path: Path, format: str | None = None, options: Mapping[str, str] | None = None) -> Found:  # noqa: A002
    """What a file or folder holds: documents and marks, whatever they mean.

    Raises
    ------
    CorpusError, ParameterError
        Nothing is at the path, or what is there cannot be read; everything that is wrong with it. No reader has such
        an option.
    """
    if format is not None and format not in FORMATS:
        raise ParameterError(unknown("the format", format, ["native", *FORMATS]))
    check_options(options or {})
    _must_be_there(path)
    name = format or format_of(path)
    paths = _parts(path, name)
    is_on = gc.isenabled()
    gc.disable()  # a million marks make no circles; looking for some takes half of the time
    try:
        return _together([(part, _reader(name).read(part, options or {})) for part in paths])
    finally:
        if is_on:
            gc.enable()


def _parts(path: Path, name: str) -> list[Path]:
    """The file or folder itself where the format is one of such, else the files of the format in the folder."""
    if not path.is_dir() or _reader(name).fits(path, b""):
        return [path]
    try:
        parts = [part for part in sorted(path.iterdir()) if part.is_file() and _fitting(part) == name]
    except OSError as error:
        raise ParameterError(Problem(str(path), 0, f"it cannot be read: {error.strerror}")) from None
    if not parts:
        raise ParameterError(Problem(str(path), 0, f"no file in this folder is of the format {name}"))
    return parts


def _together(pieces: list[tuple[Path, Found]]) -> Found:
    """The files of a folder as one; documents that two of them call alike carry the file's name as well."""
    if len(pieces) == 1:
        return pieces[0][1]
    counts = Counter(document.name for _, found in pieces for document in found.documents)
    whole = Found([], [])
    for path, found in pieces:
        names = {name: f"{path.stem}/{name}" if n > 1 else name for name, n in counts.items()}
        whole.documents.extend(document._replace(name=names[document.name]) for document in found.documents)
        whole.marks.extend(mark._replace(document=names[mark.document]) for mark in found.marks)
        whole.left_out.update(found.left_out)
    return whole
