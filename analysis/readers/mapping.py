"""Which code, tag, label, feature, attribute or column of another tool means which field and value: one file for all.

    options: {offset_unit: utf-16}      # what a format does not say of itself
    documents: {published: date, outlet: source}
    codes:
      Statement: {speaker: {from: person}, issue: {from: concept}, stance: {from: agreement, values: {yes: 1, no: -1}}}
      Stance/Support: {stance: 1}        # several codes on one span belong to one record
      "Actor/*": {speaker: {from: "*"}}
      Meeting: {record: event, label: {from: quote}, type: CONSULT, actors: {from: who, split: ";"}, start: 2024}
      Note: leave out
    aliases: {lavrov: [Sergey Lavrov, S. Lavrov]}

A field is a value, or is taken `from` a feature (`quote` is the span's words, `*` what the star of the code stands
for), with `values` for what its texts mean, `split` for several in one text, and `default` where neither it nor another
code on the span says anything.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from analysis import yaml12
from analysis.codebook import text_of
from analysis.errors import CorpusError, ParameterError, Problem, brief, one_of, unknown

LEFT_OUT = "leave out"
STATEMENT = ("speaker", "on_behalf_of", "issue", "stance", "certainty", "condition", "speech", "date", "gloss")
EVENT = ("id", "label", "type", "mode", "actors", "recipients", "start", "end", "basis", "status", "place", "gloss")
FACTS = ("title", "outlet", "language", "published", "url", "origin_id")
OPTIONS = ("offset_unit", "end", "document", "coder", "start", "quote", "id", "sheet", "text", "time_zone")
RECORDS = {"statement": STATEMENT, "event": EVENT}
_KEYS = ("format", "options", "documents", "codes", "aliases", "codebook")
_SOURCE = ("from", "values", "default", "split")


@dataclass(frozen=True)
class Source:
    """Where a field's value comes from: a feature, or one `value` for all."""

    name: str | None = None
    means: Mapping[str, str] = field(default_factory=dict)
    default: str | None = None
    split: str | None = None
    value: str | None = None


@dataclass(frozen=True)
class Code:
    """What a code says: of which record, and which of its fields."""

    record: str
    fields: Mapping[str, Source]


@dataclass(frozen=True)
class Meanings:
    """A mapping: what the codes mean (None: left out), what articles are told by, and who is called what."""

    codes: Mapping[str, Code | None]
    documents: Mapping[str, Source] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)
    format: str | None = None
    codebook: Path | None = None

    def of(self, kind: str) -> tuple[Code | None, str] | None:
        """The code of a kind of mark and what its star stands for; nothing where no code is mapped."""
        if kind in self.codes:
            return self.codes[kind], ""
        stars = [code for code in self.codes if code.endswith("*") and kind.startswith(code[:-1])]
        longest = max(stars, key=len, default=None)
        return None if longest is None else (self.codes[longest], kind[len(longest) - 1 :])


def load(path: Path) -> Meanings:
    """The mapping in the file `path`.

    Raises
    ------
    CorpusError
        The file is missing or no mapping; everything that is wrong in it, with its line.
    """
    return parse(text_of(path, path.name), path.name, folder=path.parent)


def parse(text: str, file: str, *, folder: Path | None = None) -> Meanings:
    """The mapping that a text holds; `file` is its name in messages, `folder` where a codebook is looked for."""
    document = yaml12.load(text, file)
    problems: list[Problem] = [
        unknown("the key", key, _KEYS, file=file, line=document.lines[key]) for key in document if key not in _KEYS
    ]
    parts = {name: _mapping(document, name, file, problems) for name in _KEYS if name not in ("format", "codebook")}
    codes = {name: _code(parts["codes"], name, file, problems) for name in parts["codes"]}
    documents = dict(_fields(parts["documents"], FACTS, file, problems))
    options = {name: _text(parts["options"], name, OPTIONS, file, problems) for name in parts["options"]}
    aliases = dict(_aliases(parts["aliases"], file, problems))
    problems += [
        Problem(file, document.lines[name], f"{name} is {brief(document[name])}", "a text")
        for name in ("format", "codebook")
        if not isinstance(document.get(name), str | None)
    ]
    if not codes:
        problems.append(Problem(file, document.line, "no code is mapped", "codes: and at least one code under it"))
    if problems:
        raise CorpusError(problems)
    named = document.get("codebook")
    return Meanings(
        codes, documents, aliases, options, document.get("format"), (folder or Path()) / named if named else None
    )


def options_of(words: Iterable[str]) -> dict[str, str]:
    """Options as they are given on the command line, each as `key=value`.

    Raises
    ------
    ParameterError
        All that are no such pair, are not known, or are given twice.
    """
    pairs = [word.partition("=") for word in words]
    problems = [
        Problem("", 0, f"the option {brief(name)} has no value", "key=value") for name, is_, _ in pairs if not is_
    ]
    names = Counter(name for name, *_ in pairs)
    problems += [Problem("", 0, f"the option {name} is given {n} times", "once") for name, n in names.items() if n > 1]
    options = {name: value for name, _, value in pairs}
    try:
        check_options(options)
    except ParameterError as error:
        problems += error.problems
    if problems:
        raise ParameterError(problems)
    return options


def check_options(options: Iterable[str]) -> None:
    """ParameterError for the names that are no option of any reader, with the nearest that is one."""
    problems = [unknown("the option", name, OPTIONS) for name in options if name not in OPTIONS]
    if problems:
        raise ParameterError(problems)


def _mapping(document: yaml12.Record, name: str, file: str, problems: list[Problem]) -> yaml12.Record:
    value = document.get(name)
    if isinstance(value, yaml12.Record):
        return value
    if value is not None:
        problems.append(
            Problem(file, document.lines[name], f"{name} is {brief(value)}", "lines of the form `key: value`")
        )
    empty = yaml12.Record()
    empty.line, empty.lines = document.line, {}
    return empty


def _code(codes: yaml12.Record, name: str, file: str, problems: list[Problem]) -> Code | None:
    value, line = codes[name], codes.lines[name]
    if value == LEFT_OUT:
        return None
    if not isinstance(value, yaml12.Record):
        expected = f"fields such as `stance: 1`, or `{LEFT_OUT}`"
        problems.append(Problem(file, line, f"the code {name!r} is {brief(value)}", expected))
        return None
    record = value.get("record", "statement")
    if not isinstance(record, str) or record not in RECORDS:
        problems.append(unknown("the record", record, RECORDS, file=file, line=value.lines["record"]))
        return None
    given = yaml12.Record({key: entry for key, entry in value.items() if key != "record"})
    given.line, given.lines = value.line, value.lines
    return Code(record, dict(_fields(given, RECORDS[record], file, problems)))


def _fields(
    given: yaml12.Record, allowed: tuple[str, ...], file: str, problems: list[Problem]
) -> Iterator[tuple[str, Source]]:
    for name, value in given.items():
        line = given.lines[name]
        if name not in allowed:
            problems.append(unknown("the field", name, allowed, file=file, line=line))
        elif isinstance(value, str):
            is_fact = allowed is FACTS
            yield name, Source(name=value) if is_fact else Source(value=value)
        elif isinstance(value, yaml12.Record):
            yield name, _source(value, name, file, problems)
        else:
            problems.append(Problem(file, line, f"{name} is {brief(value)}", "a value, or `{from: …}`"))


def _source(given: yaml12.Record, name: str, file: str, problems: list[Problem]) -> Source:
    wrong = [key for key in given if key not in _SOURCE]
    problems += [unknown(f"in {name} the key", key, _SOURCE, file=file, line=given.lines[key]) for key in wrong]
    texts = {key: given.get(key) for key in ("from", "default", "split")}
    for key, value in texts.items():
        if value is not None and not isinstance(value, str):
            problems.append(Problem(file, given.lines[key], f"{name}: {key} is {brief(value)}", "a text"))
    values = given.get("values") or {}
    if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
        problems.append(
            Problem(file, given.lines["values"], f"{name}: values is {brief(values)}", "`text: value` lines")
        )
        values = {}
    return Source(texts["from"], dict(values), texts["default"], texts["split"])


def _text(given: yaml12.Record, name: str, allowed: tuple[str, ...], file: str, problems: list[Problem]) -> str:
    value = given[name]
    if name not in allowed:
        problems.append(unknown("the option", name, allowed, file=file, line=given.lines[name]))
    elif not isinstance(value, str):
        problems.append(Problem(file, given.lines[name], f"{name} is {brief(value)}", "a text"))
    return value if isinstance(value, str) else ""


def _aliases(given: yaml12.Record, file: str, problems: list[Problem]) -> Iterator[tuple[str, str]]:
    seen: dict[str, str] = {}
    for identifier, names in given.items():
        line = given.lines[identifier]
        listed = names if isinstance(names, list) else [names]
        if not all(isinstance(name, str) for name in listed):
            problems.append(Problem(file, line, f"the aliases of {identifier} are {brief(names)}", "a list of names"))
            continue
        for name in listed:
            if seen.setdefault(name, identifier) != identifier:
                found = f"{name!r} is an alias of {seen[name]} and of {identifier}"
                problems.append(Problem(file, line, found, one_of([seen[name], identifier])))
            yield name, identifier
