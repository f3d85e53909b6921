"""A folder of exported files, put in place as a whole; a folder that holds anything else is left alone."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from analysis import disk
from analysis.errors import ParameterError, Problem, StoreError, brief

_SHOWN = 5


def write_folder(path: str | Path, files: Mapping[str, bytes], also: Iterable[str] = ()) -> Path:
    """The path of the folder that now holds these files (name to content) and no others.

    Parameters
    ----------
    path
        Folders above it are made. What stands there is replaced only if it holds nothing but files of these names, or
        of those in `also`: a wrong path must not cost anybody a folder of theirs.
    files, also
        What is written; names that an earlier export of the same kind may have left.

    Raises
    ------
    ParameterError
        A name would lie outside the folder, or in one below it.
    StoreError
        There are other files in it, it is a file, or the disk refuses. Nothing was changed.
    """
    outside = [name for name in files if Path(name).name != name]
    if outside:
        expected = "an id of letters, digits, - and _"
        raise ParameterError(Problem("", 0, f"{brief(outside[0])} cannot be the name of a file", expected))
    target = Path(path)
    place = target.resolve()
    with disk.writing(target):
        if place.exists() and not place.is_dir():
            raise StoreError(Problem(str(path), 0, "this is a file", "a new or empty folder", "name another one"))
        theirs = sorted({entry.name for entry in place.iterdir()} - {*files, *also}) if place.is_dir() else []
        if theirs:
            more = f" and {len(theirs) - _SHOWN} more" if len(theirs) > _SHOWN else ""
            found = f"this folder holds what this export does not write: {', '.join(theirs[:_SHOWN])}{more}"
            hint = "name another folder, or empty this one; nothing was changed"
            raise StoreError(Problem(str(path), 0, found, "a new or empty folder", hint))
        with disk.fresh_folder(place) as folder:
            for name, content in files.items():
                disk.write_atomically(folder / name, content)
    return target
