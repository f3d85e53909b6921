"""YAML with line numbers and the plain meaning of version 1.2: every scalar is a text, and `no` is a word.

What a text means (a number, a date) is for the field it stands in to say, not for YAML to guess. Duplicate keys,
anchors, aliases and tags are errors: each is a way to make a file mean something other than it seems to.
Parsing is libyaml's; only the walk over its nodes is ours.
"""

import re
from typing import Any

import yaml
from yaml._yaml import CParser
from yaml.resolver import BaseResolver

from analysis.errors import CorpusError, Problem

_NULLS = {"", "~", "null", "Null", "NULL"}
_DEPTH = 50
_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map")}


class Record(dict[str, Any]):
    """A mapping that knows the `line` it starts on and, in `lines`, the line of each key."""

    line: int
    lines: dict[str, int]


class _Loader(CParser, BaseResolver):
    def __init__(self, text: str) -> None:
        CParser.__init__(self, text)
        BaseResolver.__init__(self)


def load(text: str, file: str, *, first_line: int = 1) -> Record:
    """The mapping that `text` holds; texts, lists and :class:`Record` mappings inside.

    Parameters
    ----------
    text
        The whole file, or a part of it.
    file
        Its name, for messages.
    first_line
        The line of the file on which `text` begins.

    Raises
    ------
    CorpusError
        Broken YAML, duplicate keys, anchors, aliases, tags, or a file that holds no mapping.
    """
    problems: list[Problem] = []
    try:
        if _is_deep(text):
            raise CorpusError(Problem(file, first_line, "this YAML is nested too deeply to be an annotation"))
        node = _Loader(text).get_single_node()
    except yaml.YAMLError as error:
        raise CorpusError(_broken(error, text, file, first_line)) from None
    if re.search(r"[&*]", text):
        problems += _references(text, file, first_line)
    if problems:  # aliases of aliases: a walk over them would not end
        raise CorpusError(problems)
    value = _value(node, file, first_line, problems) if node else Record()
    if not isinstance(value, Record):
        problems.append(Problem(file, first_line, "the file holds no mapping", "lines of the form `key: value`"))
    if problems:
        raise CorpusError(problems)
    if node is None:
        value.line, value.lines = first_line, {}
    return value


def _value(node: yaml.Node, file: str, first: int, problems: list[Problem]) -> Any:
    line = node.start_mark.line + first
    if node.tag not in _TAGS:
        problems.append(Problem(file, line, f"the tag {node.tag!r} is not allowed", "plain text, lists and mappings"))
    if isinstance(node, yaml.ScalarNode):
        return None if not node.style and node.value in _NULLS else node.value
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, file, first, problems) for item in node.value]
    record = Record()
    record.line, record.lines = line, {}
    for key_node, value_node in node.value:
        key, at = str(key_node.value), key_node.start_mark.line + first
        if not isinstance(key_node, yaml.ScalarNode):
            problems.append(Problem(file, at, "a list or mapping stands in the place of a key", "a word"))
            continue
        if key in record:
            hint = "keep one of the two"
            problems.append(Problem(file, at, f"the key {key!r} stands on line {record.lines[key]} already", "", hint))
        record[key] = _value(value_node, file, first, problems)
        record.lines[key] = at
    return record


def _is_deep(text: str) -> bool:
    """Whether lists and mappings are nested by the dozen: libyaml's composer would run out of stack and crash."""
    if text.count("[") + text.count("{") < _DEPTH and not re.search(rf"^[ ?-]{{{_DEPTH}}}", text, re.MULTILINE):
        return False
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEPTH:
            return True
    return False


def _references(text: str, file: str, first: int) -> list[Problem]:
    """Anchors and aliases, which composed nodes no longer show."""
    return [
        Problem(file, event.start_mark.line + first, "YAML anchors and aliases are not allowed", "", "write it out")
        for event in yaml.parse(text, Loader=yaml.CSafeLoader)
        if getattr(event, "anchor", None) and event.start_mark
    ]


def _broken(error: yaml.YAMLError, text: str, file: str, first: int) -> Problem:
    mark: Any = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    row = mark.line if mark else text.encode()[: getattr(error, "position", 0) or 0].count(b"\n")
    rows = text.rstrip("\n").split("\n")
    row = min(row, len(rows) - 1)  # the end of the file is no line
    if re.match(r" *\t", rows[row]):
        return Problem(file, row + first, "a tab indents this line", "spaces", "replace the tab by spaces")
    reason = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read"
    context, begun = getattr(error, "context", None), getattr(error, "context_mark", None)
    if context and begun and begun.line != row:
        reason += f" {context} that begins on line {begun.line + first}"
    hint = "check the indentation and colons here; a value that holds ': ' or ' #' needs double quotes"
    if isinstance(error, yaml.reader.ReaderError):
        hint = "take the invisible character out"
    return Problem(file, row + first, f"broken YAML: {reason}", "", hint)


class _Dumper(yaml.emitter.Emitter, yaml.serializer.Serializer, yaml.representer.SafeRepresenter, BaseResolver):
    def __init__(self, stream: Any, **options: Any) -> None:
        layout = ("canonical", "indent", "width", "allow_unicode", "line_break")
        yaml.emitter.Emitter.__init__(self, stream, **{key: options.get(key) for key in layout})
        yaml.serializer.Serializer.__init__(self)
        yaml.representer.SafeRepresenter.__init__(self, default_flow_style=False, sort_keys=False)
        BaseResolver.__init__(self)

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  # the representer asks for it
        """True: a list that stands in two records is written out in both."""
        return True


def _text(dumper: _Dumper, value: str) -> yaml.ScalarNode:
    is_odd = value in _NULLS or re.search("[\x85\u2028\u2029]", value)  # line ends to YAML 1.1, which it would fold
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style='"' if is_odd else None)


def _flow(dumper: _Dumper, value: tuple[str, ...]) -> yaml.SequenceNode:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=True)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(tuple, _flow)
_Dumper.add_representer(Record, yaml.representer.SafeRepresenter.represent_dict)


def dump(record: dict[str, Any]) -> str:
    """The YAML text that :func:`load` reads back as `record`: texts, lists, tuples (on one line) and mappings."""
    return str(yaml.dump(record, Dumper=_Dumper, width=100, allow_unicode=True))
