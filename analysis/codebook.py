"""The codebook of a corpus as data: who may speak, on which propositions, and which events are told apart."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import yaml12
from analysis.errors import CorpusError, Problem, brief, unknown
from analysis.schema import KINDS, QUAD_CLASSES, frame

_FIELDS = {
    "actors": (("id", "name", "kind"), ("organisation", "role", "country")),
    "issues": (("id", "proposition"), ()),
    "event_types": (("id", "quad_class", "definition"), ("modes",)),
}


@dataclass(frozen=True)
class Codebook:
    """What a coder may write: `actors` and `issues` as tables, and of each event type its quad class and modes."""

    actors: pd.DataFrame
    issues: pd.DataFrame
    quad_classes: dict[str, str]
    modes: dict[str, tuple[str, ...]]


def read(path: Path, *, shown: str = "codebook.yaml") -> Codebook:
    """The codebook in the file `path`.

    Parameters
    ----------
    path
        A YAML file with the lists `actors`, `issues` and, where events are coded, `event_types`.
    shown
        The file's name in messages.

    Raises
    ------
    CorpusError
        The file is missing or broken, an id stands twice, or a value is not allowed; all at once.
    """
    document = yaml12.load(text_of(path, shown), shown)
    problems: list[Problem] = []
    lists = {name: _records(document, name, shown, problems) for name in _FIELDS}
    known = {record.get("id") for record in lists["actors"]}
    for record in lists["actors"]:
        problems += _not_in(record, "kind", KINDS, shown)
        problems += _not_in(record, "organisation", known, shown)
    for record in lists["event_types"]:
        problems += _not_in(record, "quad_class", QUAD_CLASSES, shown)
    if problems:
        raise CorpusError(problems)
    return _codebook(lists)


def text_of(path: Path, shown: str) -> str:
    """The text of a UTF-8 file with its line ends made LF; what is wrong with the file becomes a located error."""
    try:
        return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except FileNotFoundError:
        hint = "a corpus is a folder with codebook.yaml and articles/; docs/tutorial.md shows one"
        raise CorpusError(Problem(shown, 0, "the file is missing", "", hint)) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        hint = "save it as UTF-8"
        raise CorpusError(Problem(shown, line, "the file is not UTF-8 text", "UTF-8", hint)) from None
    except OSError as error:
        raise CorpusError(Problem(shown, 0, f"the file cannot be read: {error.strerror}")) from None


def _codebook(lists: dict[str, list[yaml12.Record]]) -> Codebook:
    renamed = {"id": "actor_id", "organisation": "organisation_id"}
    actors = [{renamed.get(key, key): value for key, value in record.items()} for record in lists["actors"]]
    issues = [{"issue_id": record["id"], "proposition": record["proposition"]} for record in lists["issues"]]
    types = lists["event_types"]
    return Codebook(
        actors=frame("actors", actors),
        issues=frame("issues", issues),
        quad_classes={record["id"]: record["quad_class"] for record in types},
        modes={record["id"]: tuple(record.get("modes") or ()) for record in types},
    )


def _records(document: yaml12.Record, name: str, shown: str, problems: list[Problem]) -> list[yaml12.Record]:
    """The list `name` with each record's fields checked; broken records are left out and told in `problems`."""
    found = document.get(name)
    if found is None and name == "event_types":
        return []
    if not isinstance(found, list) or not found:
        line = document.lines.get(name, document.line)
        problems.append(Problem(shown, line, f"the list {name!r} is missing or empty", "a list of records with an id"))
        return []
    kept: dict[str, yaml12.Record] = {}
    for record in found:
        wrong = _wrong_fields(record, name, shown, found)
        if not wrong and record["id"] in kept:
            text = f"the id {record['id']!r} stands on line {kept[record['id']].line} already"
            wrong = [Problem(shown, record.line, text, "", "give one of the two another id")]
        problems += wrong
        if not wrong:
            kept[record["id"]] = record
    return list(kept.values())


def _wrong_fields(record: Any, name: str, shown: str, found: list[Any]) -> list[Problem]:
    if not isinstance(record, yaml12.Record):
        line = next((item.line for item in found if isinstance(item, yaml12.Record)), 0)
        return [Problem(shown, line, f"{name} holds {brief(record)}, which is no record", "`id: …` and its fields")]
    required, optional = _FIELDS[name]
    allowed = required + optional
    wrong = [unknown("the field", key, allowed, file=shown, line=record.lines[key]) for key in record.keys() - allowed]
    for key in allowed:
        value = record.get(key)
        kind = yaml12.Record if key == "modes" else str
        if (value in (None, "") and key in required) or (value is not None and not isinstance(value, kind)):
            told = f"{name}: the field {key!r} is {'missing or empty' if value in (None, '') else brief(value)}"
            right = "lines of the form `mode: meaning`" if key == "modes" else "a text"
            wrong.append(Problem(shown, record.lines.get(key, record.line), told, right))
    return wrong


def _not_in(record: yaml12.Record, key: str, allowed: Any, shown: str) -> list[Problem]:
    value = record.get(key)
    if value is None or value in allowed:
        return []
    return [unknown(key, value, sorted(allowed), file=shown, line=record.lines[key])]
