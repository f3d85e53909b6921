"""Findings and selections as sentences. Every number in them is handed in from a frame; none is worked out here."""

from collections.abc import Iterable, Mapping, Sequence
from html import unescape
from string import Formatter
from typing import Any

import pandas as pd

from analysis.figures import fragments
from analysis.figures.fragments import Html, safe
from analysis.figures.marks import (
    STATES,
    counted,
    each,
    issue_label,
    name_of,
    number,
)


class _Sentence(Formatter):
    """`{name:noun}` is a count with its noun, `{name:stance}` a stance, `{name}` a text or a list of texts."""

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec == "stance":
            return f"<strong>{number(value) or 'no value'}</strong>"
        if format_spec:
            return f"<strong>{safe(counted(int(value), format_spec))}</strong>"
        return listed(value) if isinstance(value, list | tuple) else f"<strong>{safe(value)}</strong>"


def finding(*sentences: str, **values: Any) -> Html:
    """Sentences of a notebook with numbers from its data, set off as its finding.

    Parameters
    ----------
    sentences
        Texts with fields: `{n:article}` becomes "5 articles" (or "no article"), `{mean:stance}` "+0.42", `{who}` a text
        or, for a list, "a, b and c". What fills a field is escaped; the sentences themselves are the notebook's own.
    values
        What the fields hold.

    Examples
    --------
    >>> finding("{n:article} by {who}.", n=1, who=["A", "B"])
    1 article by A and B.
    """
    texts = [_Sentence().vformat(sentence, (), values) for sentence in sentences]
    body = "".join(f"<p>{text}</p>" for text in map(_capital, texts))
    return Html(f'<div class="sb-finding">{body}</div>', " ".join(map(_bare, texts)), fragments.FINDING)


def selection(n: int, what: str, **parameters: object) -> Html:
    """What a notebook was asked for, in words, and how many `what` that leaves; that it leaves none, where it does.

    Parameters
    ----------
    n
        The number of `what` (a noun such as "statement") that the parameters leave.
    parameters
        The notebook's parameters by name; empty ones, which restrict nothing, are left out.
    """
    given = {name.replace("_", " "): value for name, value in parameters.items() if value not in ("", [], ())}
    asked = "; ".join(f"{safe(name)}: {_asked(value)}" for name, value in given.items())
    left = f"This selection holds <strong>{counted(n, what) if n else f'no {what}'}</strong>."
    left += "" if n else " The figures and tables below are empty."
    return Html(f'<div class="sb-finding sb-aside"><p>{asked}.</p><p>{left}</p></div>', _bare(left), fragments.FINDING)


def names(actors: Iterable[str], known: Mapping[str, str] | pd.Series, *, most: int = 3) -> list[str]:
    """The names of the first `most` of the `actors`."""
    return [name_of(known, actor) for actor in list(actors)[:most]]


def cells(rows: pd.DataFrame, known: Mapping[str, str] | pd.Series) -> list[str]:
    """Rows of `stance_cells` in a few words: "Russia on engagement (support +0.73, 4 articles)"."""
    return [
        f"{name_of(known, row.actor)} on {issue_label(row.issue_id)} "
        f"({STATES[row.state].word} {number(row.stance)}, {counted(int(row.n_articles), 'article')})".replace(" ,", ",")
        for row in each(rows)
    ]


def listed(texts: Sequence[object]) -> str:
    """Texts as a list in a sentence, escaped: "a, b and c"; "none" where there is none."""
    shown = [f"<strong>{safe(text)}</strong>" for text in texts]
    if len(shown) < 2:  # noqa: PLR2004  # one needs no "and"
        return shown[0] if shown else "none"
    return f"{', '.join(shown[:-1])} and {shown[-1]}"


def _asked(value: object) -> str:
    return ", ".join(map(safe, value)) if isinstance(value, list | tuple) else safe(value)


def _bare(text: str) -> str:
    return unescape(text.replace("<strong>", "").replace("</strong>", ""))


def _capital(text: str) -> str:
    """The text with a capital where it starts, also where that lies inside a tag."""
    tag = "<strong>" if text.startswith("<strong>") else ""
    rest = text[len(tag) :]
    return f"{tag}{rest[:1].upper()}{rest[1:]}"
