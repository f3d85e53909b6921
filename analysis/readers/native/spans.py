"""Anchoring by quote: where in a text a quote stands, and what to tell the coder when it does not."""

import math
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from analysis.errors import Problem

_CONTEXT = 32
_CANDIDATES = 5
_LONG = 80
_ENOUGH = 8
_SEARCHED, _SEARCHED_WORDS = 500_000, 300
_LONGEST, _MOST = 2_000, 1_000


class Quote(NamedTuple):
    """The words of a span, with the characters before and after it where the words alone are not unique."""

    words: str
    before: str = ""
    after: str = ""


def find(quote: Quote, text: str, most: int = _MOST) -> list[int]:
    """The places, in code points, at which the quote's words start with its context around them; the first `most`."""
    return list(islice(_places(quote, text), most))


def _places(quote: Quote, text: str) -> Iterator[int]:
    needle = quote.before + quote.words + quote.after
    at = text.find(needle)
    while at >= 0:
        yield at + len(quote.before)
        at = text.find(needle, at + 1)


def absent(quote: Quote, text: str, *, file: str, line: int, what: str) -> Problem:
    """The problem of a quote that stands nowhere, with the passage of the text that is nearest to it."""
    if quote.words in text:
        found = f"{what}: the quote is there, but not between this before and after"
        return Problem(file, line, found, "the exact characters around the quote", _contexts(quote, text))
    passage = _nearest_passage(quote.words, text)
    hint = f"the nearest passage is {passage!r}; paste the words as they stand" if passage else "check the article"
    return Problem(file, line, f"{what}: the quote {_short(quote.words)!r} is not in the article", "", hint)


def ambiguous(quote: Quote, text: str, *, file: str, line: int, what: str) -> Problem:
    """The problem of a quote that stands in several places, with the context to paste for each."""
    count = len(find(quote, text))
    times = f"{count} times" if count < _MOST else f"at least {count} times"
    found = f"{what}: the quote {_short(quote.words)!r} stands {times} in the article"
    return Problem(file, line, found, "one place", _contexts(quote, text))


def _contexts(quote: Quote, text: str) -> str:
    """For each place of the words a `before:` that makes it unique, or an `after:` where that is shorter to tell."""
    lines = []
    for at in find(Quote(quote.words), text, _CANDIDATES):
        before = text[max(0, at - _CONTEXT) : at].rpartition("\n")[2]
        end = at + len(quote.words)
        after = text[end : end + _CONTEXT].partition("\n")[0]
        row = text.count("\n", 0, at) + 1
        unique = before and len(find(Quote(quote.words, before), text, 2)) == 1
        context = f'before: "{before}"' if unique else f'before: "{before}" after: "{after}"'
        lines.append(f"text line {row}: {context}")
    return "paste the context of the one you mean, for " + "; for ".join(lines)


def _nearest_passage(words: str, text: str) -> str:
    """The stretch of the text around the longest run of characters shared with the quote; empty if that is short."""
    searched = words[:_SEARCHED_WORDS]
    least = math.ceil(min(_ENOUGH, len(searched) / 2))
    in_words, in_text, size = _longest_run(searched, text[:_SEARCHED], least)
    if size < least:
        return ""
    start = max(0, in_text - in_words)
    end = min(len(text), start + min(len(words), _LONGEST))
    near = max(0, start - _CONTEXT)
    start = max(near, text.rfind(" ", near, start + 1) + 1)
    stop = text.find(" ", end, end + _CONTEXT)
    return " ".join(text[start : stop if stop >= 0 else end + _CONTEXT].split())


def _longest_run(words: str, text: str, least: int) -> tuple[int, int, int]:
    """Where in the words and where in the text the longest run stands that both have, and its length; 0 below `least`.

    Only runs longer than the longest so far are looked for, so the text is searched at most twice for each character
    of the words, whatever repeats in it.
    """
    best, size, start = (0, 0, 0), max(least, 1), 0
    while start + size <= len(words):
        at = text.find(words[start : start + size])
        if at < 0:
            start += 1
            continue
        while start + size < len(words) and text.startswith(words[start + size], at + size):
            size += 1
        best = start, at, size
        size += 1
    return best


def _short(words: str) -> str:
    return words if len(words) <= _LONG else words[: _LONG - 1] + "…"
