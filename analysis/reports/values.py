"""What the parameters of our notebooks mean: which values are right, and how a reader is told of them."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from analysis import dates, paths, schema, store
from analysis.errors import Problem, unknown
from analysis.reports.parameters import FILE, Report
from analysis.schema import Tables


class Meaning(NamedTuple):
    """A parameter in words: its label, what stands for an empty value, and the values that a corpus allows."""

    label: str
    empty: str = "all"
    allowed: Callable[[Tables | None], Iterable[str]] | None = None


def _actors(tables: Tables | None) -> Iterable[str]:
    return () if tables is None else tables.actors["actor_id"]


def _issues(tables: Tables | None) -> Iterable[str]:
    return () if tables is None else tables.issues["issue_id"]


def _coders(tables: Tables | None) -> Iterable[str]:
    return () if tables is None else sorted({*tables.statements["coder_id"], *tables.mentions["coder_id"]})


MEANINGS: dict[str, Meaning] = {
    "corpus": Meaning("Corpus", allowed=lambda _: store.corpora()),
    "coder": Meaning("Coding by", "for each article who coded most articles", allowed=_coders),
    "actor_level": Meaning("Positions of", allowed=lambda _: ("speaker", "organisation")),
    "actors": Meaning("Actors", allowed=_actors),
    "issues": Meaning("Issues", allowed=_issues),
    "since": Meaning("From", "the first date"),
    "until": Meaning("Until", "the last date"),
    "min_articles": Meaning("Articles a cell needs"),
    "min_statements": Meaning("Statements a tie needs"),
    "certainty": Meaning("Certainty", "any", allowed=lambda _: schema.CERTAINTIES),
    "every": Meaning("Counted by", allowed=lambda _: ("week", "month", "quarter", "year")),
    "window": Meaning("Time cut by", allowed=lambda _: ("day", "week", "month", "year")),
    "runs": Meaning("Earlier states shown"),
    "by": Meaning("Passages matched by", allowed=lambda _: ("overlap", "exact")),
}


def check(report: Report, tables: Tables | None) -> list[Problem]:
    """What is wrong with the values of a report's parameters.

    Parameters
    ----------
    report
        Names and types are right already.
    tables
        Its corpus; None when that cannot be read, and then ids are not checked.
    """
    problems = []
    for name, value in report.given.items():
        meaning, line = MEANINGS.get(name), report.lines.get(name, report.line)
        allowed = list(meaning.allowed(tables)) if meaning and meaning.allowed else []
        items = value if isinstance(value, list) else [value] if value else []
        strange = [item for item in items if allowed and item not in allowed]
        problems += [unknown(f"{name}: the value", item, allowed, file=_file(), line=line) for item in strange]
    for name, least in (("min_articles", 1), ("min_statements", 1), ("runs", 0)):
        if report.values.get(name, least) < least:
            found = f"{name}: the value is {report.values[name]}"
            problems.append(Problem(_file(), report.lines.get(name, report.line), found, f"{least} or more"))
    return problems + _dates(report)


def _dates(report: Report) -> list[Problem]:
    problems, ends = [], {}
    for name in ("since", "until"):
        text, line = report.values.get(name, ""), report.lines.get(name, report.line)
        try:
            ends[name] = dates.parse(text) if text else None
        except ValueError as error:
            problems.append(Problem(_file(), line, f"{name}: {error}", dates.EXPECTED))
    since, until = ends.get("since"), ends.get("until")
    if since and until and since.start > until.end:
        line = report.lines.get("until", report.line)
        found = f"since ({report.values['since']}) is after until ({report.values['until']})"
        problems.append(Problem(_file(), line, found, "a time that ends after it begins"))
    return problems


def _file() -> str:
    return paths.shown(paths.notebooks() / FILE)


def in_words(report: Report, tables: Tables | None) -> list[tuple[str, str]]:
    """The report's parameters as a reader is told of them: label and value, actors by their names."""
    names: dict[str, str] = {}
    if tables is not None:
        names = dict(zip(tables.actors["actor_id"], tables.actors["name"], strict=True))
    told = []
    for name, value in report.values.items():
        meaning = _meaning(name)
        told.append((meaning.label, _text(name, value, meaning.empty, names)))
    return told


def labels(names: Iterable[str]) -> list[str]:
    """The labels of these parameters; not that of the corpus, under whose heading a report stands anyway."""
    return [_meaning(name).label for name in names if name != "corpus"]


def _meaning(name: str) -> Meaning:
    return MEANINGS.get(name, Meaning(name.replace("_", " ").capitalize()))


def _text(name: str, value: Any, empty: str, names: Mapping[str, str]) -> str:
    if name == "actor_level":
        return f"{value}s"
    if isinstance(value, bool):
        return "yes" if value else "no"
    items = value if isinstance(value, list) else [str(value)] if value != "" else []
    if name == "actors":
        items = [names.get(item, item) for item in items]
    if name == "issues":
        items = [item.replace("_", " ") for item in items]
    return ", ".join(items) or empty
