"""HTML tables: the stance matrix whose cells open to their dated quotes, and plain tables of tidy frames.

No JavaScript: a cell is a button, its quotes a native popover. Printed, the popovers become a list of evidence.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.figures import fragments, quotes
from analysis.figures.fragments import Html, safe
from analysis.figures.marks import (
    NOTHING,
    SILENT,
    STATES,
    THIN,
    described,
    each,
    grouped,
    heading,
    issue_label,
    name_of,
    number,
)

_TALL = 30
_DATE = re.compile(r"\d{4}(?:-\d\d){0,2}")
_DATES = re.compile(
    rf"{_DATE.pattern}(?: to {_DATE.pattern})?"
)  # as `dates.label` writes them; none breaks at a hyphen


def matrix(
    cells: pd.DataFrame,
    evidence: pd.DataFrame,
    *,
    names: Mapping[str, str] | pd.Series,
    issues: pd.DataFrame,
    actors: Sequence[str],
    caption: str,
) -> Html:
    """The stance matrix, a row per actor and a column per issue; each cell opens to what was said.

    Parameters
    ----------
    cells
        What `stance_cells` returned. A cell shows its state's glyph, the mean stance and the number of articles; it is
        pale and dashed where it is thin (fewer than three articles, so no interval), hatched where nothing was said.
    evidence
        What `evidence` returned for the same tables: the sentences behind the cells.
    names
        The actors' names by id.
    issues
        The columns in order, with their propositions.
    actors
        The rows in order, silent ones included.
    caption
        What the table shows; two tables of one page need different captions.
    """
    if not len(actors) or issues.empty or cells.empty:
        return _notice(NOTHING.format(what="statement"), caption)
    key = fragments.slug(caption)
    by_cell = {(row.actor, row.issue_id): row for row in each(cells)}
    said = grouped(evidence, "actor", "issue_id")
    body, popovers = [], []
    for row, actor in enumerate(actors):
        name = name_of(names, actor)
        body.append(f'<tr><th scope="row">{safe(name)}</th>')
        for column, issue in enumerate(each(issues)):
            cell, anchor = by_cell.get((actor, issue.issue_id)), f"{key}-{row + 1}-{column + 1}"
            title = f"{name}: {issue_label(issue.issue_id)}"
            body.append(_cell(cell, anchor, title))
            if cell is not None:
                sentences = said.get((actor, issue.issue_id), ())
                popovers.append(quotes.popover(anchor, title, issue.proposition, cell, sentences))
        body.append("</tr>")
    parts = [framed(caption, _head(issues), "".join(body), "sb-matrix"), _legend(), _propositions(issues)]
    parts += ['<h3 class="sb-evidence">Evidence</h3>', *popovers]
    return Html("".join(parts), f"Table: {caption}", fragments.MATRIX, fragments.QUOTES)


def plain_table(frame: pd.DataFrame, *, caption: str, columns: Mapping[str, str] | Sequence[str]) -> Html:
    """A tidy frame as a table that can be read aloud, copied and printed.

    Parameters
    ----------
    frame
        Any frame; its rows are kept in order. Missing values show as –, floats with two decimals, dates as ISO days.
    caption
        What the table shows.
    columns
        The columns to show, in order; with their headings, or without for the usual ones (`marks.heading`).
    """
    headings = dict(columns) if isinstance(columns, Mapping) else {column: heading(column) for column in columns}
    if frame.empty:
        return _notice(NOTHING.format(what="row"), caption)
    numeric = {column for column in headings if pd.api.types.is_numeric_dtype(frame[column])}
    empty = {column: f'<td class="sb-none{" sb-num" if column in numeric else ""}">–</td>' for column in headings}
    heads = [
        f'<th scope="col"{_class("sb-num" if column in numeric else "")}>{safe(head)}</th>'
        for column, head in headings.items()
    ]
    rows = [
        "<tr>"
        + "".join(_value(value) or empty[column] for column, value in zip(headings, values, strict=True))
        + "</tr>"
        for values in zip(*(frame[column] for column in headings), strict=True)
    ]
    table = framed(caption, f"<tr>{''.join(heads)}</tr>", "".join(rows), "sb-table", rows=len(rows))
    return Html(table, f"Table: {caption}", fragments.TABLE)


def framed(caption: str, head: str, body: str, name: str, *, rows: int = 0) -> str:
    """A table in a box of its own that scrolls sideways (and down, as its caption then says), by keyboard too."""
    is_tall = rows > _TALL
    more = f'<span class="sb-more"> · {rows} rows, scroll for more</span>' if is_tall else ""
    return (
        f'<div class="sb-box{" sb-tall" if is_tall else ""}" role="region" tabindex="0" aria-label="{safe(caption)}">'
        f'<table class="{name}"><caption>{safe(caption)}{more}</caption><thead>{head}</thead><tbody>{body}</tbody>'
        "</table></div>"
    )


def _head(issues: pd.DataFrame) -> str:
    heads = [
        f'<th scope="col" title="{safe(issue.proposition)}">{safe(issue_label(issue.issue_id))}</th>'
        for issue in each(issues)
    ]
    return f'<tr><th scope="col">actor</th>{"".join(heads)}</tr>'


def _cell(cell: Any, anchor: str, title: str) -> str:
    if cell is None:
        return f'<td class="sb-silent"><span>{SILENT}</span></td>'
    look = STATES[cell.state]
    thin = " sb-thin" if pd.isna(cell.ci_low) else ""
    label = f"{title}: {described(cell)}. Show what was said."
    return (
        f'<td><button type="button" class="sb-cell sb-{cell.state}{thin}" popovertarget="{anchor}" '
        f'aria-label="{safe(label)}"><span class="sb-glyph">{look.glyph}</span>{_unsigned(cell.stance)}'
        f"<small>n {int(cell.n_articles)}</small></button></td>"
    )


def _unsigned(stance: float) -> str:
    """The value without its sign, which the glyph already shows; with it where glyph and sign differ."""
    return number(stance).lstrip("+−")


def _legend() -> str:
    entries = [(f"sb-{name}", look.glyph, look.word) for name, look in STATES.items()]
    entries += [("sb-support sb-thin", "+", THIN), ("sb-silent", "", f"{SILENT} (not the same as neutral)")]
    marks = "".join(f'<li><i class="{name}" aria-hidden="true">{glyph}</i>{word}</li>' for name, glyph, word in entries)
    return f'<ul class="sb-legend">{marks}<li>n: articles</li></ul>'


def _propositions(issues: pd.DataFrame) -> str:
    listed = "".join(
        f"<dt>{safe(issue_label(issue.issue_id))}</dt><dd>{safe(issue.proposition)}</dd>" for issue in each(issues)
    )
    return f"<details open><summary>What each issue stands for</summary><dl>{listed}</dl></details>"


def _notice(text: str, caption: str) -> Html:
    body = f'<p><strong>{safe(caption)}</strong><br><span class="sb-none">{safe(text)}.</span></p>'
    return Html(body, f"Table: {caption}. {text}.", fragments.TABLE)


def _value(value: Any) -> str:
    """A value as a cell; nothing where it is missing."""
    if pd.isna(value):
        return ""
    if isinstance(value, pd.Timestamp):
        return f'<td class="sb-date">{value:%Y-%m-%d}</td>'
    if isinstance(value, bool):
        return f"<td>{'yes' if value else 'no'}</td>"
    if isinstance(value, str) and _DATES.fullmatch(value):
        whole = _DATE.sub(r'<span class="sb-date">\g<0></span>', value)
        return f"<td>{whole}</td>"
    if isinstance(value, int | float | np.integer):
        shown = f"{value:,}" if isinstance(value, int | np.integer) else f"{round(value, 2) + 0.0:.2f}"
        return f'<td class="sb-num">{shown.replace("-", "−")}</td>'
    return f'<td dir="auto">{safe(value)}</td>'


def _class(name: str) -> str:
    return f' class="{name}"' if name else ""
