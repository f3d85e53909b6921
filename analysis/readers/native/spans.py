"""Anchoring by quote: where in a text a quote stands, and what to tell the coder when it does not."""

from difflib import SequenceMatcher
from typing import NamedTuple

from analysis.errors import Problem

_CONTEXT = 32
_CANDIDATES = 5
_LONG = 80
_ENOUGH = 8
_SEARCHED, _SEARCHED_WORDS = 200_000, 300


class Quote(NamedTuple):
    """The words of a span, with the characters before and after it where the words alone are not unique."""

    words: str
    before: str = ""
    after: str = ""


def find(quote: Quote, text: str) -> list[int]:
    """Every place, in code points, at which the quote's words start with its context around them."""
    needle = quote.before + quote.words + quote.after
    places, at = [], text.find(needle)
    while at >= 0:
        places.append(at + len(quote.before))
        at = text.find(needle, at + 1)
    return places


def absent(quote: Quote, text: str, *, file: str, line: int, what: str) -> Problem:
    """The problem of a quote that stands nowhere, with the passage of the text that is nearest to it."""
    if find(Quote(quote.words), text):
        found = f"{what}: the quote is there, but not between this before and after"
        return Problem(file, line, found, "the exact characters around the quote", _contexts(quote, text))
    passage = _nearest_passage(quote.words, text)
    hint = f"the nearest passage is {passage!r}; paste the words as they stand" if passage else "check the article"
    return Problem(file, line, f"{what}: the quote {_short(quote.words)!r} is not in the article", "", hint)


def ambiguous(quote: Quote, text: str, *, file: str, line: int, what: str) -> Problem:
    """The problem of a quote that stands in several places, with the context to paste for each."""
    count = len(find(quote, text))
    found = f"{what}: the quote {_short(quote.words)!r} stands {count} times in the article"
    return Problem(file, line, found, "one place", _contexts(quote, text))


def _contexts(quote: Quote, text: str) -> str:
    """For each place of the words a `before:` that makes it unique, or an `after:` where that is shorter to tell."""
    lines = []
    for at in find(Quote(quote.words), text)[:_CANDIDATES]:
        before = text[max(0, at - _CONTEXT) : at].rpartition("\n")[2]
        end = at + len(quote.words)
        after = text[end : end + _CONTEXT].partition("\n")[0]
        row = text.count("\n", 0, at) + 1
        unique = before and len(find(Quote(quote.words, before), text)) == 1
        context = f'before: "{before}"' if unique else f'before: "{before}" after: "{after}"'
        lines.append(f"text line {row}: {context}")
    return "paste the context of the one you mean, for " + "; for ".join(lines)


def _nearest_passage(words: str, text: str) -> str:
    """The stretch of the text around the longest run of characters shared with the quote; empty if that is short."""
    matcher = SequenceMatcher(None, text[:_SEARCHED], words[:_SEARCHED_WORDS], autojunk=False)
    run = matcher.find_longest_match()
    if run.size < min(_ENOUGH, len(words) / 2):
        return ""
    start = max(0, run.a - run.b)
    end = min(len(text), start + len(words))
    start = text.rfind(" ", 0, start + 1) + 1
    stop = text.find(" ", end)
    return " ".join(text[start : stop if stop >= 0 else len(text)].split())


def _short(words: str) -> str:
    return words if len(words) <= _LONG else words[: _LONG - 1] + "…"
