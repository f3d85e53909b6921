"""Tables as JSON lines: one flat object a line, its keys the columns.

Quirks: a number stays as it is written (1.0, 1e3), yes/no is "true" or "false", a list of values is a list of texts,
and null is an empty cell. Not all objects need to have the same keys.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from analysis.errors import CorpusError, Problem, brief
from analysis.readers.found import Feature
from analysis.readers.inputs.json_input import Problems, told
from analysis.readers.tables.sheet import Block, Known, Row, Shapes, Sheet, blocks_of

_TEXT_OR_NULL = {str, type(None)}
_HALF = re.compile(r"\\u[dD][89a-fA-F]")


def read_json_lines(path: Path, problems: Problems) -> Sheet:
    """The table in a file of JSON lines, whose columns are the keys of its objects."""
    decoder = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=_no_number)
    shapes, known = Shapes(), Known()
    rows: list[tuple[int, Row]] = []
    try:
        with path.open("rb") as file:
            for line, content in enumerate(file, 1):
                record = _object(content, line, decoder, problems)
                if record is not None:
                    rows.append((line, _row(record, shapes[tuple(record)], known, problems, line)))
    except OSError as error:
        raise CorpusError(Problem(path.name, 0, f"the file cannot be read: {error.strerror}")) from None
    columns = dict.fromkeys(column for shape in shapes.values() for column in shape)
    if not columns and not problems.count:
        raise CorpusError(Problem(path.name, 0, "the file has no rows", "one JSON object a line", "export it again"))
    return Sheet("", list(columns), map(_by_column, blocks_of(rows)), f"{path.name}: line ")


def _by_column(block: Block) -> Block:
    """The block with its columns where all its objects have the same keys."""
    rows = [row for row in block.rows if isinstance(row, Row)]
    shape = rows[0].shape
    if any(row.shape is not shape for row in rows):
        return block
    return block._replace(columns=dict(zip(shape, zip(*(row.cells for row in rows), strict=True), strict=True)))


def _object(content: bytes, line: int, decoder: json.JSONDecoder, problems: Problems) -> dict[str, Any] | None:
    """The object on a line; None where the line is blank, or no object and told so."""
    found = ""
    try:
        text = content.decode("utf-8-sig" if line == 1 else "utf-8").strip()
        value = decoder.decode(text) if text else None
        if "\\u" in text and _HALF.search(text):
            json.dumps(value, ensure_ascii=False).encode()
        if not text or isinstance(value, dict):
            return value
        found = f"this line is {told(value)}"
    except json.JSONDecodeError as error:
        found = f"this line is no JSON at column {error.colno}"
    except UnicodeDecodeError:
        found = "this line is not UTF-8 text"
    except UnicodeEncodeError:
        found = "this line has half a character (\\ud800 to \\udfff without its other half)"
    except RecursionError:
        found = "this line is nested too deeply"
    except ValueError as error:
        found = str(error)
    problems.add([Problem(problems.file, line, found, "one JSON object a line")])
    return None


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no value of JSON")


def _row(record: dict[str, Any], shape: Mapping[str, int], known: Known, problems: Problems, line: int) -> Row:
    """The values of an object, as the cells of a row."""
    if {*map(type, record.values())} <= _TEXT_OR_NULL:
        return Row(shape, known.kept([value or "" for value in record.values()]))
    return Row(shape, [_cell(key, value, line, problems) for key, value in record.items()])


def _cell(key: str, value: Any, line: int, problems: Problems) -> Feature:
    """A value as text, a list of values as texts; empty where there is none."""
    parts = [_text(part) for part in (value if isinstance(value, list) else [value])]
    if None in parts:
        found, hint = f"{brief(key)} is {told(value)} that holds more than values", "one value, or a list of them"
        problems.add([Problem(problems.file, line, found, hint)])
    texts = [part for part in parts if part]
    return "" if not texts else texts if isinstance(value, list) else texts[0]


def _text(value: Any) -> str | None:
    """A value as text, empty where it is null; None where it is no single value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else "" if value is None else None
