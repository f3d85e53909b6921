"""Tables in Parquet files: each column as texts.

Quirks: a type stands for the whole column, and whole numbers with a gap among them were made floats by pandas, so 1.0
is "1" again. A date is ISO, with the time where it is not midnight: that of the clocks in the column's time zone, if
it has one. A column of texts is read as the texts that differ and where they stand: a small file can repeat a long
text a million times.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from analysis.errors import CorpusError, Problem, brief
from analysis.readers.inputs.json_input import Problems
from analysis.readers.tables.sheet import ROWS, Block, Sheet, block_of, check_header, shape_of

MAGIC = b"PAR1"
_CELLS, _CELLS_PER_BYTE = 1_000_000, 16
_ROWS, _BYTES_PER_ROW = 50_000, 4  # an id for each row takes more
_AGAIN = "write the file again"
Texts = list[Any]


def read_parquet(path: Path, problems: Problems) -> Sheet:
    """The table in a Parquet file; its rows are read as they are asked for."""
    try:
        schema = pq.read_schema(path)
        words = [
            field.name for field in schema if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)
        ]
        file = pq.ParquetFile(path, read_dictionary=words)
        size, n_rows = path.stat().st_size, file.metadata.num_rows
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _broken(path, error) from None
    is_bomb = n_rows * len(schema) > _CELLS + _CELLS_PER_BYTE * size or n_rows > _ROWS + size // _BYTES_PER_ROW
    if is_bomb or not schema.names:
        found = f"{n_rows} rows and {len(schema)} columns in {size} bytes"
        raise CorpusError(Problem(path.name, 0, found, "a table that a file of this size can hold", _AGAIN))
    check_header(schema.names, 0, problems)
    for field in schema:
        if not _is_known(field.type):
            found = f"column {brief(field.name)} is of the type {field.type}"
            problems.add([Problem(path.name, 0, found, "texts, numbers, dates, yes/no, or lists of texts")])
    if problems.count:
        return Sheet("", schema.names, [], "")
    return Sheet("", schema.names, _blocks(path, file, schema.names), f"{path.name}: row ")


def _blocks(path: Path, file: Any, names: list[str]) -> Iterator[Block]:
    done, shape = 0, shape_of(names)
    for group in range(file.num_row_groups):
        try:
            columns = [_texts(column) for column in file.read_row_group(group, use_threads=False).columns]
        except (pa.ArrowException, OSError, ValueError) as error:
            raise _broken(path, error) from None
        pa.default_memory_pool().release_unused()  # what pyarrow took to unpack the group, several times its size
        n_rows = len(columns[0])
        for at in range(0, n_rows, ROWS):
            some = [column[at : at + ROWS] for column in columns]
            yield block_of(range(done + at + 1, done + at + 1 + len(some[0])), shape, some)
        done += n_rows


def _broken(path: Path, error: Exception) -> CorpusError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else "it is damaged or cut off"
    return CorpusError(Problem(path.name, 0, f"the Parquet file cannot be read: {reason}", "a sound file", _AGAIN))


def _is_known(kind: Any) -> bool:
    types = pa.types
    if types.is_list(kind) or types.is_large_list(kind):
        return not types.is_nested(kind.value_type) and _is_known(kind.value_type)
    if types.is_dictionary(kind):
        return _is_known(kind.value_type)
    text = types.is_string(kind) or types.is_large_string(kind)
    number = types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind) or types.is_boolean(kind)
    return bool(
        text or number or types.is_date(kind) or types.is_timestamp(kind) or types.is_time(kind) or types.is_null(kind)
    )


def _texts(column: Any) -> Texts:
    """The cells as texts, or lists of texts; empty where one is missing."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return [text for chunk in column.chunks for text in _repeated(chunk)]
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return [text for chunk in column.chunks for text in _lists(chunk)]
    if pa.types.is_null(kind):
        return [""] * len(column)
    if pa.types.is_floating(kind):
        text = pc.replace_substring_regex(column.cast(pa.string()), r"^nan$|\.0$", "")
    elif pa.types.is_timestamp(kind):
        local = pc.local_timestamp(column) if kind.tz else column
        text = pc.replace_substring_regex(local.cast(pa.string()), r"(\.\d*[1-9])0+$|\.0+$", r"\1")
        text = pc.replace_substring_regex(pc.replace_substring(text, " ", "T"), r"T00:00:00$", "")
    else:
        text = column.cast(pa.string())
    texts: Texts = text.fill_null("").to_pylist()
    return texts


def _repeated(chunk: Any) -> Texts:
    """The texts of a column that keeps those which differ, and where each stands."""
    words = np.array([*_texts(pa.chunked_array([chunk.dictionary])), ""], dtype=object)
    places = chunk.indices.fill_null(len(words) - 1).to_numpy(zero_copy_only=False)
    texts: Texts = words[places].tolist()
    return texts


def _lists(chunk: Any) -> Texts:
    texts = _texts(pa.chunked_array([chunk.flatten()]))
    ends = np.cumsum(pc.fill_null(pc.list_value_length(chunk), 0).to_numpy(zero_copy_only=False)).tolist()
    return [[text for text in texts[start:end] if text] or "" for start, end in zip([0, *ends], ends, strict=False)]
