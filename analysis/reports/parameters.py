"""notebooks/reports.yaml read and checked: which notebook is run with which parameters.

Everything about names and types is checked here, without pandas, so that a run in which nothing changed ends at once.
What the values mean (an actor of that corpus, a date of the calendar) is checked in `values`.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from analysis import paths, yaml12
from analysis.errors import ParameterError, Problem, StancebookError, one_of, unknown
from analysis.reports import declared

FILE = "reports.yaml"
_TOP = ("reports", "site")
_ADDRESS = re.compile(r"(https?://[^\s<>\"]+/)?")
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
TAKEN = ("index", "email")
_REQUIRED = ("name", "title", "notebook")
_FIELDS = (*_REQUIRED, "description", "parameters")
_TYPES: dict[type, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text",
    list: "a list of texts, such as [one, two]",
}
_Declares = Callable[[Path], dict[str, Any]]
_SPELLING: dict[type, str] = {bool: "true|false", int: r"[+-]?\d+"}


@dataclass(frozen=True)
class Report:
    """One page to be made: its file name and title, its notebook, and the parameters `given` over the `defaults`."""

    name: str
    title: str
    description: str
    notebook: Path
    given: dict[str, Any]
    defaults: dict[str, Any]
    line: int = 0
    lines: dict[str, int] = field(default_factory=dict)

    @property
    def values(self) -> dict[str, Any]:
        """Every parameter of the notebook with the value it has in this report."""
        return self.defaults | self.given

    @property
    def corpus(self) -> str:
        """The corpus that the report draws on; empty when its notebook has no such parameter."""
        return str(self.values.get("corpus", ""))


def read() -> tuple[list[Report], list[Problem]]:
    """The reports of notebooks/reports.yaml in order, and what is wrong with its names and types.

    Raises
    ------
    ParameterError
        The file is missing, no YAML, or holds no list `reports`.
    """
    path = paths.notebooks() / FILE
    shown = paths.shown(path)
    document = _document(path, shown)
    records = document.get("reports")
    if not isinstance(records, list) or not all(isinstance(record, yaml12.Record) for record in records):
        line = document.lines.get("reports", 1)
        raise ParameterError(Problem(shown, line, "there is no list of reports", "`reports:` and records with a name"))
    strange = document.keys() - set(_TOP)
    problems = [unknown("the field", key, _TOP, file=shown, line=document.lines[key]) for key in strange]
    if not _ADDRESS.fullmatch(str(document.get("site", ""))):
        line, expected = document.lines["site"], "an address on the web that ends with a slash"
        problems.append(Problem(shown, line, f"site is {document['site']!r}", expected))
    problems += _twice(records, shown)
    defaults = cache(declared.parameters)
    parsed = [_report(record, shown, problems, defaults) for record in records]
    return [report for report in parsed if report], problems


def site() -> str:
    """The address at which the site is published, by which its feed and mail link to pages; empty when not given."""
    path = paths.notebooks() / FILE
    return str(_document(path, paths.shown(path)).get("site", ""))


def chosen(reports: Sequence[Report], names: Sequence[str]) -> list[Report]:
    """The reports of these `names`, or all of them when none is given.

    Raises
    ------
    ParameterError
        No report has one of the names.
    """
    known = [report.name for report in reports]
    shown = paths.shown(paths.notebooks() / FILE)
    strange = [unknown("the report", name, known, file=shown) for name in names if name not in known]
    if strange:
        raise ParameterError(strange)
    return [report for report in reports if not names or report.name in names]


def _document(path: Path, shown: str) -> yaml12.Record:
    try:
        return yaml12.load(path.read_bytes().decode("utf-8-sig"), shown)
    except FileNotFoundError:
        hint = "make it; docs/tutorial.md shows one" if path.parent.is_dir() else "run this in the project's folder"
        raise ParameterError(Problem(shown, 0, "the file is missing", "the list of reports", hint)) from None
    except UnicodeDecodeError:
        raise ParameterError(Problem(shown, 0, "the file is not UTF-8 text", "UTF-8", "save it as UTF-8")) from None
    except OSError as error:
        raise ParameterError(Problem(shown, 0, f"the file cannot be read: {error.strerror}")) from None
    except StancebookError as error:
        raise ParameterError(error.problems) from None


def _twice(records: Sequence[yaml12.Record], shown: str) -> list[Problem]:
    """Names that stand twice: the second page would silently replace the first."""
    first: dict[Any, int] = {}
    problems = []
    for record in records:
        name = str(record.get("name"))
        if name in first:
            found = f"the report {name!r} stands on line {first[name]} already"
            problems.append(Problem(shown, record.line, found, "", "give one of the two another name"))
        first.setdefault(name, record.line)
    return problems


def _report(record: yaml12.Record, shown: str, problems: list[Problem], declares: _Declares) -> Report | None:
    """The report that a record describes; None, and the reasons in `problems`, when it cannot be told."""
    strange = record.keys() - set(_FIELDS)
    wrong = [unknown("the field", key, _FIELDS, file=shown, line=record.lines[key]) for key in strange]
    for key in (*_REQUIRED, "description"):
        if (key in _REQUIRED and not record.get(key)) or not isinstance(record.get(key, ""), str):
            line = record.lines.get(key, record.line)
            wrong.append(Problem(shown, line, f"a report's {key} is missing or no text", one_of(_REQUIRED)))
    name = str(record.get("name") or "")
    if name and (not _NAME.fullmatch(name) or name in TAKEN):
        expected = "small letters, digits and single hyphens; `index` and `email` are taken"
        wrong.append(Problem(shown, record.lines["name"], f"the name {name!r} is no file name", expected))
    problems += wrong
    return None if wrong else _with_parameters(record, shown, problems, declares)


def _with_parameters(record: yaml12.Record, shown: str, problems: list[Problem], declares: _Declares) -> Report | None:
    notebook = paths.notebooks() / f"{record['notebook'].removesuffix('.ipynb')}.ipynb"
    if not notebook.is_file() or notebook.parent != paths.notebooks():
        known = sorted(path.stem for path in paths.notebooks().glob("*.ipynb"))
        problems.append(unknown("the notebook", record["notebook"], known, file=shown, line=record.lines["notebook"]))
        return None
    try:
        defaults = declares(notebook)
    except ParameterError as error:
        problems += error.problems
        return None
    given = record.get("parameters") or yaml12.Record()
    if not isinstance(given, yaml12.Record):
        line = record.lines["parameters"]
        problems.append(Problem(shown, line, "parameters holds no mapping", "lines of the form `name: value`"))
        return None
    return Report(
        name=record["name"],
        title=record["title"],
        description=record.get("description") or "",
        notebook=notebook,
        given=_typed(given, defaults, shown, problems),
        defaults=defaults,
        line=record.line,
        lines=getattr(given, "lines", {}),
    )


def _typed(given: yaml12.Record, defaults: dict[str, Any], shown: str, problems: list[Problem]) -> dict[str, Any]:
    """The values as what the notebook's defaults are; a name or value that does not fit goes to `problems`."""
    typed = {}
    for name, value in given.items():
        line = given.lines[name]
        if name not in defaults:
            problems.append(unknown("the parameter", name, defaults, file=shown, line=line))
            continue
        try:
            typed[name] = _as(type(defaults[name]), value)
        except (ValueError, TypeError):
            expected = f"{_TYPES.get(type(defaults[name]), 'a text')}, as its default {defaults[name]!r} is"
            problems.append(Problem(shown, line, f"the parameter {name!r} is {value!r}", expected))
    return typed


def _as(kind: type, value: Any) -> Any:
    """`value`, which YAML gives as text, as a `kind`; ValueError or TypeError when it is none."""
    if kind is list:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise TypeError
        return list(value)
    if not isinstance(value, str) or not re.fullmatch(_SPELLING.get(kind, ".*"), value, re.ASCII | re.DOTALL):
        raise ValueError
    return value == "true" if kind is bool else kind(value)
