"""The tables of a database of Discourse Network Analyzer 3.0, which 3.1 opens too: columns, limits and links as there.

A short text has fewer than 191 characters, a colour three numbers to 255; what is deleted takes with it what hangs on
it. DNA knows who may open a file from CODERS: the password is kept as jasypt's StrongPasswordEncryptor keeps it.
"""

import base64
import hashlib

VERSION = (("version", "3.0.7"), ("date", "2022-06-10"))
SHORT = 190
PASSWORD = "stancebook"  # noqa: S105  # told in docs/exports.md: the file is open to everybody, but DNA asks
_ROUNDS = 100_000
_ID = "ID INTEGER NOT NULL PRIMARY KEY"
_COUNTED = "ID INTEGER PRIMARY KEY NOT NULL"
_PERMISSIONS = (
    *(f"{verb}Documents" for verb in ("Add", "Edit", "Delete", "Import")),
    *(f"{verb}Statements" for verb in ("Add", "Edit", "Delete")),
    *(f"Edit{what}" for what in ("Attributes", "Regex", "StatementTypes", "Coders", "CoderRelations")),
    *(f"{verb}Others{what}" for what in ("Documents", "Statements") for verb in ("View", "Edit")),
)
_RELATIONS = ("viewStatements", "editStatements", "viewDocuments", "editDocuments")


def _short(name: str, default: str = "") -> str:
    return f"{name} TEXT NOT NULL{default and ' DEFAULT ' + default} CHECK (LENGTH({name}) < 191)"


def _within(name: str, first: int, last: int, default: int | None = None, null: str = " NOT NULL") -> str:
    given = "" if default is None else f" DEFAULT {default}"
    return f"{name} INTEGER{null}{given} CHECK ({name} BETWEEN {first} AND {last})"


def _colours(default: int | None = 0, null: str = " NOT NULL") -> list[str]:
    return [_within(name, 0, 255, default, null) for name in ("Red", "Green", "Blue")]


def _link(column: str, table: str) -> str:
    return f"FOREIGN KEY({column}) REFERENCES {table}(ID) ON DELETE CASCADE"


def _values(value: str, *links: str) -> list[str]:
    """A table of the values that statements have of variables."""
    keys = ["StatementId INTEGER NOT NULL", "VariableId INTEGER NOT NULL"]
    known = [_link("StatementId", "STATEMENTS"), _link("VariableId", "VARIABLES"), *links]
    return [_COUNTED, *keys, value, *known, "UNIQUE (StatementId, VariableId)"]


def tables() -> dict[str, list[str]]:
    """The columns and constraints of each table, in the order in which they can be made."""
    types = " OR ".join(f"DataType = '{name}'" for name in ("boolean", "integer", "long text", "short text"))
    flags = ("ColorByCoder", 0), ("PopupDecoration", 0), ("PopupAutoComplete", 1)
    return {
        "SETTINGS": ["Property TEXT PRIMARY KEY", "Value TEXT NOT NULL"],
        "CODERS": [
            *(_ID, _short("Name"), *_colours()),
            *(_within("Refresh", 0, 9999, 0), _within("FontSize", 1, 99, 14), _short("Password")),
            _within("PopupWidth", 100, 9999, 300, null=""),
            *(_within(name, 0, 1, default) for name, default in flags),
            *(_within(f"Permission{name}", 0, 1, 1) for name in _PERMISSIONS),
        ],
        "DOCUMENTS": [
            *(_ID, _short("Title"), "Text TEXT NOT NULL", "Coder INTEGER"),
            *(_short(name, "''") for name in ("Author", "Source", "Section")),
            *("Notes TEXT NOT NULL DEFAULT ''", _short("Type", "''"), "Date INTEGER NOT NULL"),
            _link("Coder", "CODERS"),
        ],
        "STATEMENTTYPES": [_ID, _short("Label"), *_colours()],
        "VARIABLES": [
            *(_ID, _short("Variable"), f"DataType TEXT NOT NULL DEFAULT 'short text' CHECK ({types})"),
            *("StatementTypeId INTEGER", _link("StatementTypeId", "STATEMENTTYPES")),
            "UNIQUE (Variable, StatementTypeId)",
        ],
        "VARIABLELINKS": [
            *(_ID, "SourceVariableId INTEGER", "TargetVariableId INTEGER"),
            "CHECK (TargetVariableId != SourceVariableId)",
            *(_link(f"{side}VariableId", "VARIABLES") for side in ("Source", "Target")),
        ],
        "REGEXES": ["Label TEXT PRIMARY KEY CHECK (LENGTH(Label) < 191)", *_colours()],
        "CODERRELATIONS": [
            *(_ID, *(f"{name} INTEGER CHECK ({name} > 0)" for name in ("Coder", "OtherCoder"))),
            *(_within(name, 0, 1, 1) for name in _RELATIONS),
            "CHECK (Coder != OtherCoder)",
            *(_link(name, "CODERS") for name in ("Coder", "OtherCoder")),
        ],
        "STATEMENTS": [
            *(_ID, "StatementTypeId INTEGER", "DocumentId INTEGER"),
            *(f"{name} INTEGER NOT NULL CHECK ({name} >= 0)" for name in ("Start", "Stop")),
            *("Coder INTEGER", "CHECK (Start < Stop)", _link("StatementTypeId", "STATEMENTTYPES")),
            *(_link("Coder", "CODERS"), _link("DocumentId", "DOCUMENTS")),
        ],
        "DATABOOLEAN": _values("Value INTEGER NOT NULL DEFAULT 1"),
        "DATAINTEGER": _values("Value INTEGER NOT NULL DEFAULT 0"),
        "ENTITIES": [
            *(_COUNTED, "VariableId INTEGER NOT NULL", _short("Value", "''"), *_colours(None, null="")),
            *("ChildOf INTEGER CHECK (ChildOf > 0)", "UNIQUE (VariableId, Value)"),
            *(_link("ChildOf", "ENTITIES"), _link("VariableId", "VARIABLES")),
        ],
        "DATASHORTTEXT": _values("Entity INTEGER NOT NULL", _link("Entity", "ENTITIES")),
        "DATALONGTEXT": _values("Value TEXT DEFAULT ''"),
        "ATTRIBUTEVARIABLES": [
            *(_COUNTED, "VariableId INTEGER NOT NULL", _short("AttributeVariable")),
            *("UNIQUE (VariableId, AttributeVariable)", _link("VariableId", "VARIABLES")),
        ],
        "ATTRIBUTEVALUES": [
            *(_COUNTED, "EntityId INTEGER NOT NULL", "AttributeVariableId INTEGER NOT NULL"),
            *(_short("AttributeValue", "''"), "UNIQUE (EntityId, AttributeVariableId)"),
            *(_link("EntityId", "ENTITIES"), _link("AttributeVariableId", "ATTRIBUTEVARIABLES")),
        ],
    }


def password_hash() -> str:
    """The password as CODERS keeps it: salt and salted SHA-256 of many rounds; the salt is fixed, as all bytes are."""
    salt = hashlib.sha256(PASSWORD.encode()).digest()[:16]
    digest = salt + PASSWORD.encode()
    for _ in range(_ROUNDS):
        digest = hashlib.sha256(digest).digest()
    return base64.b64encode(salt + digest).decode()
