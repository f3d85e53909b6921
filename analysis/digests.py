"""Whether something changed, told by contents and never by times. Light: it imports no pandas."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

_CORPUS = ("articles", "texts", "codebook.yaml")


def of_bytes(*contents: bytes) -> str:
    """SHA-256 over the SHA-256 of each of the contents, in hexadecimal."""
    return hashlib.sha256("\n".join(hashlib.sha256(content).hexdigest() for content in contents).encode()).hexdigest()


def of_files(files: Iterable[Path]) -> str:
    """SHA-256 over the names and contents of `files`; of a folder every file in it, caches left out."""
    every = sorted({inner for file in files for inner in ([file] if file.is_file() else file.rglob("*"))})
    kept = [file for file in every if file.is_file() and "__pycache__" not in file.parts]
    return of_bytes(*(part for file in kept for part in (file.name.encode(), file.read_bytes())))


def of_corpus(folder: Path) -> str:
    """SHA-256 over all that the tables of the corpus in `folder` are made from."""
    return of_files(folder / name for name in _CORPUS)


def of_table(table: "pd.DataFrame") -> str:
    """SHA-256 over the columns, types and rows of a table, in their order."""
    from pandas.util import hash_pandas_object  # noqa: PLC0415  # slow to import

    columns = json.dumps([(str(name), str(dtype)) for name, dtype in table.dtypes.items()])
    return of_bytes(columns.encode(), hash_pandas_object(table, index=False).to_numpy().tobytes())
