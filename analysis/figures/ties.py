"""Matrices of a network: who agrees with whom, each tie opening to the words of both sides, and who speaks to what.

A tie is agreement, conflict, or a balance of 0, in which both weigh the same. Where two actors speak to no common issue
there is no tie, and the field is hatched. A cell is a button, the words are a popover: no script is needed.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from analysis.figures import fragments, sides, table, words
from analysis.figures.fragments import Html, safe
from analysis.figures.marks import GAP, NOTHING, SILENT, STATES, each, issue_label, name_of, number
from analysis.figures.sides import THIN, WORDS, Names

_STANCES = {"support": "support", "oppose": "opposition", "neutral": "balance 0, or neutral"}
NO_TIE = "no tie"
_STYLE = f"""
.sb .sb-ties thead th:not(:first-child){{writing-mode:vertical-rl;transform:rotate(180deg);min-width:0;height:9rem;
padding:.3rem .1rem;text-align:left;vertical-align:middle;font-weight:500}}
.sb .sb-ties tbody th,.sb .sb-ties thead th:first-child{{max-width:11rem;font-size:.8125rem;line-height:1.2}}
.sb .sb-ties td{{height:2.4rem;min-width:2.8rem;padding:0;font-size:.8125rem;line-height:1.2;white-space:nowrap;
font-variant-numeric:tabular-nums}}
.sb .sb-ties td.sb-thin{{border:1px dashed var(--sb-faint)}}
.sb .sb-ties td:empty{{background:repeating-linear-gradient(135deg,transparent 0 5px,{GAP}66 5px 6px)}}
.sb .sb-ties .sb-self{{background:var(--sb-rule)}}
.sb .sb-ties small{{display:block;font-size:.6875rem}}
.sb .sb-ties button{{display:block;width:100%;min-height:2.4rem;padding:0;border:0;background:none;color:inherit;
font:inherit;cursor:pointer}}
.sb .sb-ties button:hover{{text-decoration:underline}}
.sb .sb-ties.sb-ties .sb-cut>*{{border-top:3px solid var(--sb-ink)}}
.sb-paper{{display:none}}
@media print{{.sb .sb-ties.sb-ties{{break-inside:avoid}}.sb .sb-ties.sb-ties :is(td,button){{font-size:5.5pt;
min-width:0;min-height:1.5rem;height:1.5rem;print-color-adjust:exact;-webkit-print-color-adjust:exact}}
.sb .sb-ties.sb-ties small{{font-size:5pt}}.sb .sb-ties.sb-ties thead th:not(:first-child){{height:7.5rem;
font-size:6pt;line-height:1.1;white-space:normal;padding:2px}}
.sb .sb-ties.sb-ties :is(tbody th,thead th:first-child){{width:20%;font-size:6.5pt;line-height:1.1;padding:1px}}
.sb-paper{{display:block}}}}
"""


def matrix(
    ties: pd.DataFrame,
    statements: pd.DataFrame,
    *,
    names: Names,
    issues: pd.DataFrame,
    members: pd.DataFrame,
    caption: str,
) -> Html:
    """Who agrees with whom: a row and a column per actor; each tie opens to the statements of both, side by side.

    Parameters
    ----------
    ties
        What `tie_intervals` returned for a one-mode network of `subtract`, with the columns `congruence` and `conflict`
        (the weights in these two networks). A cell shows the sign's glyph, the weight and the number of articles; it is
        pale and dashed where it has no interval, hatched where there is no tie.
    statements
        The statements that the network counted, with the columns of `evidence`.
    names
        The actors' names by id.
    issues
        The issues in order, with their propositions.
    members
        The rows in order: `actor`, and `coalition`; a heavy line is drawn where it changes.
    caption
        What the table shows; two tables of one page need different captions.
    """
    if ties.empty:
        return words.finding(NOTHING.format(what="tie") + ".")
    key = fragments.slug(caption)
    opened = [(f"{key}-{at}", tie) for at, tie in enumerate(each(ties))]
    found = {ends: pair for pair in opened for ends in _both_ways(pair[1])}
    rows = [
        [
            _tie(found.get((actor, other)), names, is_first=across < down)
            for across, other in enumerate(members["actor"])
        ]
        for down, actor in enumerate(members["actor"])
    ]
    for at, row in enumerate(rows):
        row[at] = "<td class='sb-self'> </td>"
    heads = [name_of(names, actor) for actor in members["actor"]]
    parts = [
        _framed(rows, heads, names=names, members=members, caption=caption),
        _legend(WORDS, NO_TIE, "n: articles", is_thin=True),
        '<p class="sb-paper">On screen each tie opens to what both sides said.</p>',
        *sides.popovers(opened, statements, names=names, issues=issues),
    ]
    styles = (fragments.MATRIX, fragments.QUOTES, sides.STYLE, _STYLE, _cuts(key, members))
    return Html("".join(parts), f"Table: {caption}", *styles)


def spoken(cells: pd.DataFrame, *, names: Names, issues: pd.DataFrame, members: pd.DataFrame, caption: str) -> Html:
    """Who speaks to what: a row per actor, a column per issue, in each cell the balance of the stances.

    Parameters
    ----------
    cells
        The `edges` of a two-mode network of `subtract`: source (actor), target (issue), weight, n_statements.
    names, issues, members, caption
        As for `matrix`.
    """
    if cells.empty:
        return words.finding(NOTHING.format(what="statement") + ".")
    found = {(cell.source, cell.target): cell for cell in each(cells)}
    rows = [[_said(found.get((actor, issue))) for issue in issues["issue_id"]] for actor in members["actor"]]
    heads = [issue_label(issue) for issue in issues["issue_id"]]
    framed = _framed(rows, heads, names=names, members=members, caption=caption)
    legend = _legend(_STANCES, SILENT, "n: statements")
    return Html(framed + legend, f"Table: {caption}", fragments.MATRIX, _STYLE)


def division(runs: pd.DataFrame, camps: Any) -> Html:
    """Into how many coalitions and how completely into two camps the actors fall, in two sentences.

    Parameters
    ----------
    runs
        The row of `coalitions(…).runs` for one resolution.
    camps
        What `polarisation` returned.
    """
    if runs.empty or pd.isna(camps.score):
        return words.finding(NOTHING.format(what="tie") + ": there is nothing to divide.")
    row, has_camps = runs.iloc[0], camps.score > camps.one_camp
    return words.finding(
        "Those who have a tie fall into {found:coalition}. Of {runs:run} {same} end in just this division; {distinct} "
        "came up in all.",
        "Split into two camps, the ties fit with a score of {score}; left in one, with {one_camp}."
        + ("" if has_camps else " A second camp explains nothing here."),
        found=row["n_coalitions"],
        runs=row["n_runs"],
        same=f"{row['share_best']:.0%}",
        distinct=int(row["n_distinct"]),
        score=number(camps.score).lstrip("+"),
        one_camp=number(camps.one_camp).lstrip("+"),
    )


def _both_ways(tie: Any) -> tuple[tuple[str, str], tuple[str, str]]:
    return (tie.source, tie.target), (tie.target, tie.source)


def _tie(found: tuple[str, Any] | None, names: Names, *, is_first: bool) -> str:
    """A tie stands twice in the matrix; only the `is_first` one is on the keyboard's way and read out by name."""
    if found is None:
        return "<td></td>"
    anchor, tie = found
    way = f"aria-label='{safe(sides.title(tie, names))}: {sides.worded(tie)}'" if is_first else "tabindex='-1'"
    button = f"<button popovertarget='{anchor}' {way}>{_value(tie)}<small>n {int(tie.n_articles)}</small></button>"
    return f"<td class='sb-{sides.state(tie.weight)}{' sb-thin' * (tie.ci_method == THIN)}'>{button}</td>"


def _said(cell: Any) -> str:
    if cell is None:
        return "<td></td>"
    return f"<td class='sb-{sides.state(cell.weight)}'>{_value(cell)}<small>n {int(cell.n_statements)}</small></td>"


def _value(tie: Any) -> str:
    """The weight with its sign, or 0 where it is none; a weight that is rounded to 0.00 keeps its sign."""
    return f"{sides.looks(tie.weight).glyph}{number(tie.weight).lstrip('+−')}" if tie.weight else "0"


def _framed(
    rows: Sequence[Sequence[str]], heads: Sequence[str], *, names: Names, members: pd.DataFrame, caption: str
) -> str:
    body = [
        f"<tr{' class=sb-cut' * starts}><th scope='row'>{safe(name_of(names, actor))}</th>{''.join(row)}</tr>"
        for actor, starts, row in zip(members["actor"], sides.starts(members), rows, strict=True)
    ]
    head = "".join(f'<th scope="col">{safe(name)}</th>' for name in heads)
    name = f"sb-matrix sb-ties {fragments.slug(caption)}"
    return table.framed(caption, f'<tr><th scope="col">actor</th>{head}</tr>', "".join(body), name)


def _cuts(key: str, members: pd.DataFrame) -> str:
    """The heavy lines between columns."""
    places = [at + 2 for at, starts in enumerate(sides.starts(members)) if starts]
    return "".join(f".sb .{key}.sb-ties tr>:nth-child({at}){{border-left:3px solid var(--sb-ink)}}" for at in places)


def _legend(words: Mapping[str, str], nothing: str, count: str, *, is_thin: bool = False) -> str:
    marks = [(f"sb-{name}", STATES[name].glyph, word) for name, word in words.items()]
    marks += [("sb-support sb-thin", "+", f"{THIN}: too few articles for an interval")] * is_thin
    marks += [("sb-silent", "", nothing)]
    listed = "".join(f'<li><i class="{name}" aria-hidden="true">{glyph}</i>{word}</li>' for name, glyph, word in marks)
    return f'<ul class="sb-legend">{listed}<li>{count}</li></ul>'
