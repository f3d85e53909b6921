"""What a database of Discourse Network Analyzer says of its statements: variables, and attributes of their values.

The quirks of versions 2 and 3 stand in `dna`, which reads documents and spans.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from analysis.errors import Problem, brief
from analysis.readers.found import Feature
from analysis.readers.inputs.json_input import Problems
from analysis.readers.inputs.sqlite_input import Database

FACTS = ("title", "author", "source", "section", "type", "notes")
_DATA = dict.fromkeys(("DATABOOLEAN", "DATAINTEGER", "DATALONGTEXT"), ("StatementId", "VariableId", "Value"))
TABLES = {
    "CODERS": ("ID", "Name"),  # and never its passwords
    "DOCUMENTS": ("ID", "Text", "Date", *FACTS),
    "STATEMENTTYPES": ("ID", "Label"),
    "VARIABLES": ("ID", "Variable"),
    "STATEMENTS": ("ID", "StatementTypeId", "DocumentId", "Start", "Stop", "Coder"),
    **_DATA,
}
SETTINGS = {"SETTINGS": ("Property", "Value")}
TABLES_2 = {**TABLES, "DATASHORTTEXT": ("StatementId", "VariableId", "Value")}
_ATTRIBUTES_2 = {"ATTRIBUTES": ("VariableId", "Value", "Type", "Alias", "Notes")}  # the first versions 2 have none
TABLES_3 = {
    **TABLES,
    "DATASHORTTEXT": ("StatementId", "VariableId", "Entity"),
    "ENTITIES": ("ID", "VariableId", "Value"),
    "ATTRIBUTEVARIABLES": ("ID", "VariableId", "AttributeVariable"),
    "ATTRIBUTEVALUES": ("EntityId", "AttributeVariableId", "AttributeValue"),
}
_HALF = re.compile("[\ud800-\udfff]")
_MOST = 1000
Cell = Callable[[Any, Any], Mapping[str, str] | None]


class Source(NamedTuple):
    """An open database, its version, where its coders sat, and what is wrong with it so far."""

    data: Database
    version: str
    zone: ZoneInfo
    problems: Problems

    def tell(self, found: str, expected: str = "", hint: str = "") -> None:
        """Note a problem; a database with a thousand of them is not read to its end."""
        self.problems.add([Problem(self.problems.file, 0, found, expected, hint)])
        if self.problems.count >= _MOST:
            self.problems.refuse()

    def names(self, table: str) -> dict[int, str]:
        """The names in a table of numbers and names."""
        found: dict[int, str] = {}
        for number, name in self.data.rows(table):
            if type(number) is not int or number in found or not is_text(name) or not name:
                self.tell(f"{table} {brief(number)}: its name is {shown(name)}", "a number of its own, and a text")
            else:
                found[number] = name
        return found


def features(source: Source, numbers: Iterable[int]) -> dict[int, dict[str, Feature]]:
    """The variables of each of the statements of these numbers, by variable name."""
    found: dict[int, dict[str, Feature]] = {number: {} for number in numbers}
    names = source.names("VARIABLES")
    for table, cell in _cells(source, names).items():
        for statement, variable, value in source.data.rows(table):
            mine = found.get(statement)
            if mine is None or variable not in names:
                lost = f"statement {brief(statement)}" if mine is None else f"variable {brief(variable)}"
                source.tell(f"{table}: a value of {lost}, which is not in the database")
                continue
            told = cell(variable, value)
            if told is None or names[variable] in mine:
                reason = "it stands twice" if told is not None else f"{shown(value)} is no value of it"
                source.tell(f"{table}: statement {statement}, variable {names[variable]}: {reason}")
            else:
                mine.update(told)
    return found


def _cells(source: Source, names: Mapping[int, str]) -> dict[str, Cell]:
    """By table, what a variable's cell says: features, none where it is empty, None where it is wrong."""
    yes_no = {0: "0", 1: "1", None: ""}
    return {
        "DATASHORTTEXT": _entities(source, names) if source.version == "3" else _short_texts(source, names),
        "DATABOOLEAN": lambda variable, value: _one(names[variable], yes_no.get(value)),
        "DATAINTEGER": lambda variable, value: _one(names[variable], _whole(value)),
        "DATALONGTEXT": lambda variable, value: _one(names[variable], _words(value)),
    }


def _one(name: str, text: str | None) -> dict[str, str] | None:
    if text:
        return {name: text}
    return None if text is None else {}


def _short_texts(source: Source, names: Mapping[int, str]) -> Cell:
    """Version 2: the text is in the cell, its attributes are found by variable and text."""
    extra: dict[tuple[Any, Any], dict[str, str]] = {}
    if source.data.has("ATTRIBUTES"):
        source.data.need(_ATTRIBUTES_2)
        for variable, value, *told in source.data.rows("ATTRIBUTES"):
            if variable not in names or None in map(_words, (value, *told)):
                source.tell(f"ATTRIBUTES: variable {brief(variable)}, {shown(value)}: no such variable, or no texts")
                continue
            pairs = zip(("type", "alias", "notes"), told, strict=True)
            extra[variable, value] = {f"{names[variable]}.{name}": text for name, text in pairs if text}

    def cell(variable: Any, value: Any) -> Mapping[str, str] | None:
        one = _one(names[variable], _words(value))
        return {**one, **extra.get((variable, value), {})} if one else one

    return cell


def _entities(source: Source, names: Mapping[int, str]) -> Cell:
    """Version 3: the cell holds the number of an entity, which has the text and the attributes."""
    entities: dict[int, tuple[int, dict[str, str]]] = {}
    for number, variable, value in source.data.rows("ENTITIES"):
        if type(number) is not int or number in entities or variable not in names or not is_text(value):
            source.tell(f"entity {brief(number)}: {shown(value)} of variable {brief(variable)}", "a text of a variable")
        else:
            entities[number] = variable, _one(names[variable], value) or {}
    kinds = _attribute_names(source, names)
    for number, kind, value in source.data.rows("ATTRIBUTEVALUES"):
        variable, told = entities.get(number, (None, {}))
        owner, name = kinds.get(kind, (None, ""))
        if variable is None or owner != variable or _words(value) is None:
            source.tell(f"attribute {brief(kind)} of entity {brief(number)}: no entity of that variable, or no text")
        elif told and value:
            told[name] = value
    return lambda variable, value: entities[value][1] if entities.get(value, (None,))[0] == variable else None


def _attribute_names(source: Source, names: Mapping[int, str]) -> dict[int, tuple[int, str]]:
    """The variable and feature name of each attribute: `person.type`, with its number where that is taken."""
    found: dict[int, tuple[int, str]] = {}
    taken: Counter[tuple[int, str]] = Counter()
    for number, variable, name in source.data.rows("ATTRIBUTEVARIABLES"):
        if type(number) is not int or variable not in names or not is_text(name):
            source.tell(f"attribute {brief(number)}: {shown(name)} of variable {brief(variable)}", "a variable's text")
            continue
        feature = f"{names[variable]}.{name.lower()}"
        found[number] = variable, f"{feature} ({number})" if taken[variable, feature] else feature
        taken[variable, feature] += 1
    return found


def is_text(value: Any) -> bool:
    """Whether the cell holds a text, and one that was UTF-8."""
    return isinstance(value, str) and (value.isascii() or not _HALF.search(value))


def shown(value: Any) -> str:
    """A cell as a message shows it."""
    return "missing" if value is None else "binary data" if isinstance(value, bytes) else brief(value)


def _words(value: Any) -> str | None:
    return "" if value is None else value if is_text(value) else None


def _whole(value: Any) -> str | None:
    return "" if value is None else str(value) if type(value) is int else None
