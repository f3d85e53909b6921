"""The spans of one brat .ann: where each line of a text-bound annotation stands, in one piece or several."""

import re
from sys import intern

from analysis.errors import brief
from analysis.readers.brat.sheet import Line, Sheet, Span
from analysis.readers.found import joined
from analysis.readers.inputs.offsets import Units

_ONE = re.compile(r"(\S+) ([0-9]{1,12}) ([0-9]{1,12})")
_SPAN = re.compile(r"(\S+) ([0-9]{1,12} [0-9]{1,12}(?:;[0-9]{1,12} [0-9]{1,12})*)")
_BREAKS = str.maketrans("\r\n", "  ")
_MARGIN = 200


def place(sheet: Sheet, line: Line, text: str, units: Units) -> None:
    """Add the span of a line to the marks, or tell what is wrong with it."""
    match = _ONE.fullmatch(line.body)
    if match and units.is_plain:
        kind, first, last = match.groups()
        start, end = int(first), int(last)
        if start < end <= units.n_units and text[start:end] == line.tail:  # by far the most
            sheet.spans[line.name] = Span(line.number, intern(kind), ((start, end),), line.tail)
            return
    match = _SPAN.fullmatch(line.body.strip())
    if match:
        _placed(sheet, line, match, text, units)
    else:
        sheet.misshapen(line)


def _placed(sheet: Sheet, line: Line, match: re.Match[str], text: str, units: Units) -> None:
    """Add the span of a line, in one piece or several; or tell why it stands nowhere."""
    try:
        pieces = [units.span(*map(int, pair.split())) for pair in match[2].split(";")]
    except ValueError as error:
        sheet.owners[line.name] = line.name, ""  # told here; not once more wherever it is pointed at
        sheet.wrong(line, str(error), f"offsets in {sheet.file[:-4]}.txt, from 0 to {units.n_units}")
        return
    words = _words(text, pieces, 2 * len(line.tail))
    if any(start == end for start, end in pieces):
        sheet.wrong(line, "the span is empty", "a span of at least one character")
    elif " ".join(words) != line.tail and line.tail not in _as_written(" ".join(words)):
        hint = "offsets are characters of the text as it stands; a CR counts, an emoji is one"
        there = brief(" ".join(words))
        sheet.wrong(line, f"the words are {brief(line.tail)}, but the text there is {there}", "", hint)
    pieces.sort()
    words = _words(text, pieces, 2 * len(line.tail))
    quote = joined(words, pieces[: len(words)])
    sheet.spans[line.name] = Span(line.number, intern(match[1]), tuple(pieces), quote)


def _as_written(words: str) -> tuple[str, str]:
    """How brat writes words with line breaks: each character of CR LF as a space, or both as one."""
    return words.translate(_BREAKS), words.replace("\r\n", " ").translate(_BREAKS)


def _words(text: str, pieces: list[tuple[int, int]], most: int) -> list[str]:
    """The words of each piece; cut soon after `most` characters, for a hostile line can name the whole text often."""
    words: list[str] = []
    for start, end in pieces:
        words.append(text[start : min(end, start + most + _MARGIN)])
        most -= end - start
        if most < -_MARGIN:
            break
    return words
