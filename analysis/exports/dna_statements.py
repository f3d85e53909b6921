"""What a database of Discourse Network Analyzer says of statements: types, variables, entities and their attributes."""

import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from itertools import count
from typing import Any, NamedTuple

from analysis.exports.dna_schema import SHORT
from analysis.exports.places import Said
from analysis.schema import Tables

_TYPES = ("DNA Statement", (239, 208, 51)), ("DNA Statement, neutral or mixed", (190, 190, 190))
_VARIABLES = {
    **dict.fromkeys(("person", "organization", "concept"), "short text"),
    "agreement": "boolean",
    **dict.fromkeys(("stance", "certainty", "speech"), "short text"),
    **dict.fromkeys(("condition", "date", "gloss", "stancebook_id"), "long text"),
}
_NAMED = {"person": "speaker", "organization": "on_behalf_of", "concept": "issue"}
_ATTRIBUTES = ("Type", "Alias", "Notes", "ID")
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
COLUMNS = {
    "STATEMENTTYPES": "ID, Label, Red, Green, Blue",
    "VARIABLES": "ID, Variable, DataType, StatementTypeId",
    "ATTRIBUTEVARIABLES": "ID, VariableId, AttributeVariable",
    "ENTITIES": "ID, VariableId, Value, Red, Green, Blue",
    "ATTRIBUTEVALUES": "EntityId, AttributeVariableId, AttributeValue",
    "STATEMENTS": "ID, StatementTypeId, DocumentId, Start, Stop, Coder",
    "DATABOOLEAN": "StatementId, VariableId, Value",
    "DATASHORTTEXT": "StatementId, VariableId, Entity",
    "DATALONGTEXT": "StatementId, VariableId, Value",
}
Rows = dict[str, list[tuple[Any, ...]]]


def cut(text: str, most: int = SHORT) -> str:
    """The text as far as a short text holds it."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


class _Kind(NamedTuple):
    """A statement type's number, its variables' numbers by name, and their entities' numbers by value."""

    number: int
    variables: dict[str, int]
    entities: dict[str, dict[str, int]]


def coded(tables: Tables, words: Mapping[str, str], said: list[Said], coders: Mapping[str, int]) -> Rows:
    """The statement types with their variables and entities, and the statements with their values."""
    rows: Rows = {table: [] for table in COLUMNS}
    by_type: list[list[Said]] = [[], []]
    for one in said:
        by_type[one.fields["stance"] in ("0", "mixed")].append(one)
    kinds = [_kind(at, tables, ours, rows) for at, ours in enumerate(by_type)]
    documents = {name: number for number, name in enumerate(tables.articles["article_id"], start=1)}
    astral = {name: [match.start() for match in _ASTRAL.finditer(text)] for name, text in words.items()}
    for number, one in enumerate(said, start=1):
        kind = kinds[one.fields["stance"] in ("0", "mixed")]
        start, end = (at + bisect_left(astral[one.article_id], at) for at in (one.start, one.end))
        place = (documents[one.article_id], start, end, coders[one.coder_id])
        rows["STATEMENTS"].append((number, kind.number, *place))
        _add_values(number, one, kind, rows)
    return rows


def _kind(at: int, tables: Tables, said: list[Said], rows: Rows) -> _Kind:
    """One of the types, written into `rows`; entities are those that occur, and all issues."""
    label, colour = _TYPES[at]
    rows["STATEMENTTYPES"].append((at + 1, label, *colour))
    kind = _Kind(at + 1, {}, {})
    for name, data_type in _VARIABLES.items():
        if name != "agreement" or not at:
            kind.variables[name] = len(rows["VARIABLES"]) + 1
            rows["VARIABLES"].append((kind.variables[name], name, data_type, kind.number))
    for name in (name for name, data_type in _VARIABLES.items() if data_type == "short text"):
        used = dict.fromkeys(["", *(one.fields.get(_NAMED.get(name, name), "") for one in said)])
        facts = _facts(tables, name)
        known = {key: facts.get(key, (key,)) for key in [*used, *(facts if name == "concept" else ())]}
        kind.entities[name] = _add_entities(kind.variables[name], known, rows, has_attributes=name in _NAMED)
    return kind


def _facts(tables: Tables, variable: str) -> dict[str, tuple[str, ...]]:
    """What is known of actors or issues by id: label, and the attributes; nothing of other values."""
    if variable not in _NAMED:
        return {}
    if variable == "concept":
        names = dict(zip(tables.issues["issue_id"], tables.issues["proposition"], strict=True))
        return {key: (label, "", "", "", key) for key, label in _labels(names).items()}
    rows: list[Any] = list(tables.actors.itertuples())
    labels = _labels({row.actor_id: row.name for row in rows})
    roles = {row.actor_id: cut(row.role) if isinstance(row.role, str) else "" for row in rows}
    return {row.actor_id: (labels[row.actor_id], row.kind, "", roles[row.actor_id], row.actor_id) for row in rows}


def _labels(names: Mapping[str, str]) -> dict[str, str]:
    """What DNA shows of each id: the name, or the id where the name is too long or, but for case and spaces, another's.

    So whoever reads the file again with the codebook finds everybody, by name or by id.
    """
    used = Counter(map(_key, [*names.values(), *(key for key, name in names.items() if _key(key) != _key(name))]))
    return {
        key: name if len(name) <= SHORT and _key(name) and used[_key(name)] == 1 else key for key, name in names.items()
    }


def _key(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def _add_entities(
    variable: int, known: Mapping[str, tuple[str, ...]], rows: Rows, *, has_attributes: bool
) -> dict[str, int]:
    """The number of each value of a variable, with what is known of it written into `rows`."""
    numbers = dict(zip(known, count(len(rows["ENTITIES"]) + 1)))
    rows["ENTITIES"] += [(numbers[key], variable, facts[0], 0, 0, 0) for key, facts in known.items()]
    if has_attributes:
        attributes = [len(rows["ATTRIBUTEVARIABLES"]) + at for at in range(1, len(_ATTRIBUTES) + 1)]
        rows["ATTRIBUTEVARIABLES"] += [(at, variable, name) for at, name in zip(attributes, _ATTRIBUTES, strict=True)]
        for key, (_, *values) in known.items():
            told = values or [""] * len(_ATTRIBUTES)
            rows["ATTRIBUTEVALUES"] += [(numbers[key], *pair) for pair in zip(attributes, told, strict=True)]
    return numbers


def _add_values(number: int, one: Said, kind: _Kind, rows: Rows) -> None:
    """A value of every variable, empty where nothing is said: DNA changes rows that are there and adds none."""
    for name, variable in kind.variables.items():
        said = one.statement_id if name == "stancebook_id" else one.fields.get(_NAMED.get(name, name), "")
        if name == "agreement":
            rows["DATABOOLEAN"].append((number, variable, int(float(one.fields["stance"]) > 0)))
        elif name in kind.entities:
            rows["DATASHORTTEXT"].append((number, variable, kind.entities[name][said]))
        else:
            rows["DATALONGTEXT"].append((number, variable, said))
