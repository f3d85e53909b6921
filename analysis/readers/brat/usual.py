"""The usual .ann of brat, of spans in one piece and attributes with a value, read in one go.

Nearly all files are of such lines alone, and nearly all of their time is Python looking at one line after the other:
here one expression takes a whole file apart. A file with any other line, or with anything wrong, is left to the rest
of this package, which gives the same marks and tells what is wrong.
"""

import re
from sys import intern

from analysis.readers.brat.sheet import add
from analysis.readers.found import Feature, Mark

_LINE = re.compile(r"^([TA][0-9]{1,18})\t(\S+) (\S+) (\S+)(?:\t(.*))?$", re.MULTILINE)
_OFFSETS = re.compile(r"[0-9]{1,12} [0-9]{1,12}")


def usual_marks(content: str, text: str, document: str) -> list[Mark] | None:
    """The marks of an .ann whose offsets are code points of `text`; None where a line needs a closer look."""
    lines = _LINE.findall(content)
    n_lines = content.count("\n") + (content[-1:] not in ("", "\n"))
    if len({line[0] for line in lines}) < n_lines or "\r" in content:
        return None
    features: dict[str, dict[str, Feature]] = {}
    marks, length, file = [], len(text), f"{document}.ann:"
    for number, (name, kind, first, last, words) in enumerate(lines, 1):
        if name[0] == "A":
            own = features.get(first)
            if own is None:  # of no span, or of one below
                return None
            if kind in own:
                add(own, kind, last)
            else:
                own[intern(kind)] = last
        elif _OFFSETS.fullmatch(f"{first} {last}"):
            start, end = int(first), int(last)
            if not start < end <= length or text[start:end] != words:
                return None
            own = features[name] = {}
            marks.append(Mark(document, "main", name, intern(kind), start, end, words, (), own, f"{file}{number}"))
        else:
            return None
    return marks
