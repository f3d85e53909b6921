"""How far coders agree: the finding, the coefficients, who gave which value, and both sides of what they differ on."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from analysis.figures import fragments, table, words
from analysis.figures.fragments import Html, safe
from analysis.figures.marks import counted, each, issue_label, name_of, number

TENTATIVE, RELIABLE = 0.667, 0.8  # Krippendorff's customary levels of alpha
COLUMNS = ("code", "level", "n_units", "n_alone", "percent", "alpha", "ci_low", "ci_high", "kappa", "ac1")
_CODES = ("speaker_id", "issue_id", "stance", "certainty")
_NOBODY = "No article here was coded by more than one coder, so nothing is known about how far coders agree."
_NONE_SHARED = "Several coders worked on the same articles, but no passage was recorded by two of them."
_FOUND = (
    "{coders:coder} worked on the same articles: {units:passage} recorded by two or more of them, {alone} by one only."
)
_ON_STANCE = "On the stance they agree in {same} of {compared}. Alpha is {alpha} ({interval}): {level}."
_NO_ALPHA = "On the stance there is no alpha: too few passages, or no variation in them."
_LOWEST = "Of {codes:code} compared, alpha is lowest for {lowest}: {lowest_alpha}."
_STYLE = """
.sb .sb-sides{width:100%;table-layout:fixed;margin-bottom:1.5rem}
.sb .sb-sides th,.sb .sb-sides td{padding:.4rem .6rem;border:0;border-bottom:1px solid var(--sb-rule)}
.sb .sb-sides thead th{border-bottom:2px solid var(--sb-ink)}
.sb .sb-sides th:first-child{width:17%;font-weight:400}
.sb .sb-sides blockquote{margin:0 0 .2rem;padding:0;border:0;color:inherit;overflow-wrap:anywhere}
.sb .sb-sides p{margin:.1rem 0;color:var(--sb-faint);font-size:.8125rem}
.sb .sb-sides p strong{color:var(--sb-ink)}
@media (max-width:40rem){.sb .sb-sides :is(tbody,tr,th,td){display:block}.sb .sb-sides thead{display:none}
.sb .sb-sides tr{border-bottom:1px solid var(--sb-rule);padding:.5rem 0}
.sb .sb-sides tbody :is(th,td){border:0;padding:.2rem .1rem}
.sb .sb-sides tbody th:first-child{font-weight:600;width:auto}
.sb .sb-sides td::before{content:attr(data-coder) ": "}.sb .sb-sides td:has(blockquote)::before{display:block}}
.sb .sb-cross{margin-bottom:1rem}
.sb .sb-cross th,.sb .sb-cross td{padding:.3rem .7rem;text-align:right;border:1px solid var(--sb-rule);
font-variant-numeric:tabular-nums;font-weight:400}
.sb .sb-cross td.sb-same{font-weight:700;border:2px solid var(--sb-ink)}
"""


def code_label(variable: str) -> str:
    """A compared column in words: `speaker_id` reads "speaker"."""
    return issue_label(variable.removesuffix("_id"))


def finding(rows: pd.DataFrame) -> Html:
    """The agreement of a corpus in two sentences; where no article has two coders, that nothing is known of it.

    Parameters
    ----------
    rows
        What `agreement` returned, without groups.
    """
    if rows.empty:
        return words.finding(_NOBODY)
    most = rows.iloc[int(rows["n_units"].argmax())]
    if not most["n_units"]:
        return words.finding(_NONE_SHARED)
    values: dict[str, Any] = {"coders": most["n_coders"], "units": most["n_units"], "alone": int(most["n_alone"])}
    sentences = [_FOUND]
    for row in each(rows[rows["variable"] == "stance"]):
        sentences.append(_NO_ALPHA if pd.isna(row.alpha) else _ON_STANCE)
        values |= _facts(row)
    known = rows[rows["alpha"].notna()]
    if len(known) > 1:
        lowest = known.iloc[int(known["alpha"].argmin())]
        sentences.append(_LOWEST)
        values |= {
            "codes": len(known),
            "lowest": code_label(lowest["variable"]),
            "lowest_alpha": _number(lowest["alpha"]),
        }
    return words.finding(*sentences, **values)


def _facts(row: Any) -> dict[str, str]:
    """What the sentence on the stance holds."""
    low, high = _number(row.ci_low), _number(row.ci_high)
    return {
        "same": f"{row.percent:.0%}" if pd.notna(row.percent) else "none",
        "compared": counted(int(row.n_units), "passage"),
        "alpha": _number(row.alpha),
        "interval": f"95% interval {low} to {high}" if low else "too few passages for an interval",
        "level": level(row.alpha),
    }


def _number(value: Any) -> str:
    return f"{round(float(value), 2) + 0.0:.2f}".replace("-", "−") if pd.notna(value) else ""


def level(alpha: float) -> str:
    """What may be built on codes of this alpha, by custom."""
    if alpha >= RELIABLE:
        return "enough to rely on by the customary levels"
    return "enough for tentative conclusions only" if alpha >= TENTATIVE else "too little to build on"


def labelled(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of `agreement` with `code`, the compared column in words."""
    return rows.assign(code=pd.Series([code_label(name) for name in rows["variable"]], index=rows.index, dtype="str"))


def summary(rows: pd.DataFrame) -> Html:
    """The finding and, where there is anything to compare, the table of coefficients: what a report on codes prints.

    Parameters
    ----------
    rows
        What `agreement` returned, without groups.
    """
    said = finding(rows)
    caption = "Agreement of coders, by code"
    return said if rows.empty else said + table.plain_table(labelled(rows), caption=caption, columns=COLUMNS)


def confusion(rows: pd.DataFrame, *, what: str) -> Html:
    """Who gave which value: a table per pair of coders, the first one's values down, the second one's across.

    Parameters
    ----------
    rows
        What `confusion` returned. Fields on the diagonal, where both gave the same, are framed.
    what
        What the values are values of, for the caption.
    """
    if rows.empty:
        return words.finding("No passage here was recorded by two coders.")
    pairs = rows.fillna({"value_1": "none", "value_2": "none"}).groupby(["coder_id_1", "coder_id_2"])
    tables = [_crossed(pair, [str(coder) for coder in coders], what) for coders, pair in pairs]
    return Html("".join(tables), f"Table: {what} by pair of coders", fragments.TABLE, _STYLE)


def _crossed(rows: pd.DataFrame, coders: Sequence[str], what: str) -> str:
    counts = {(row.value_1, row.value_2): int(row.n_units) for row in each(rows)}
    values = sorted({value for pair in counts for value in pair}, key=_place)
    shown = {value: safe(_signed(value)) for value in values}
    body = "".join(
        f'<tr><th scope="row">{shown[down]}</th>'
        + "".join(_count(counts.get((down, across), 0), is_same=down == across) for across in values)
        + "</tr>"
        for down in values
    )
    heads = "".join(f'<th scope="col">{shown[value]}</th>' for value in values)
    first, second = coders
    caption = f"{what}: {first} down, {second} across"
    return table.framed(caption, f"<tr><td></td>{heads}</tr>", body, "sb-cross")


def _count(n: int, *, is_same: bool) -> str:
    names = [name for name, holds in (("sb-same", is_same), ("sb-none", not n)) if holds]
    return f'<td class="{" ".join(names)}">{n}</td>'


def _place(value: str) -> tuple[bool, float, str]:
    """Numbers first, the highest at the top; then words."""
    try:
        return False, -float(value), value
    except ValueError:
        return True, 0.0, value


def _signed(value: str) -> str:
    """A number as stances are written everywhere; words as they are."""
    is_word, place, _ = _place(value)
    return value if is_word else number(-place)


def disagreements(rows: pd.DataFrame, statements: pd.DataFrame, *, titles: Mapping[str, str] | pd.Series) -> Html:
    """What there is to talk over: a table per article, a row per passage, both coders' words and codes side by side.

    Parameters
    ----------
    rows
        What `disagreements` returned.
    statements
        The statements of the same tables, for the codes on which the two agree. Those on which they differ are bold.
    titles
        The articles' titles by id.
    """
    if rows.empty:
        return words.finding("No article here was coded by two coders who differ: there is nothing to talk over.")
    coded = {row.statement_id: row for row in each(statements)}
    pairs = rows.groupby(["article_id", "coder_id_1", "coder_id_2"], sort=False)
    tables = [_article(part, coded, name_of(titles, str(at)), list(map(str, pair))) for (at, *pair), part in pairs]
    return Html("".join(tables), "Table: passages on which coders differ", fragments.TABLE, _STYLE)


def _article(rows: pd.DataFrame, coded: Mapping[str, Any], title: str, coders: Sequence[str]) -> str:
    units = [unit for _, unit in rows.groupby("unit_id", sort=False)]
    heads = "".join(f'<th scope="col">{safe(coder)}</th>' for coder in coders)
    return table.framed(
        f"{title}: {counted(len(units), 'passage')}",
        f'<tr><th scope="col">differs in</th>{heads}</tr>',
        "".join(_unit(unit, coded, coders) for unit in units),
        "sb-sides",
        rows=len(units),
    )


def _unit(rows: pd.DataFrame, coded: Mapping[str, Any], coders: Sequence[str]) -> str:
    """One passage; `rows` has a row per code on which the two differ."""
    is_alone = rows["kind"].iloc[0] == "only one coder"
    differing = list(rows["variable"])
    what = "only one coder has it" if is_alone else ", ".join(map(code_label, differing))
    ids = rows[["statement_id_1", "statement_id_2"]].iloc[0]
    bold = [] if is_alone else differing
    sides = "".join(_side(coded.get(name), coder, bold) for name, coder in zip(ids, coders, strict=True))
    return f'<tr><th scope="row">{safe(what)}</th>{sides}</tr>'


def _side(said: Any, coder: str, differing: Sequence[str]) -> str:
    """One coder's words and codes; the name stands in the field too, for phones, where the sides are stacked."""
    start = f'<td data-coder="{safe(coder)}"'
    if said is None:
        return f'{start} class="sb-none">no record</td>'
    quote = f"“{safe(said.quote)}”" if pd.notna(said.quote) else "quote withheld"
    gloss = f'<p dir="auto">{safe(said.gloss)}</p>' if pd.notna(said.gloss) else ""
    codes = " · ".join(_code(said, name, is_bold=name in differing) for name in dict.fromkeys((*_CODES, *differing)))
    record = safe(said.statement_id.rpartition("/")[2])
    return f'{start}><blockquote dir="auto">{quote}</blockquote>{gloss}<p>{record}: {codes}</p></td>'


def _code(said: Any, variable: str, *, is_bold: bool) -> str:
    value = getattr(said, variable)
    if variable == "stance":
        shown = "both sides" if said.is_mixed else number(value)
    else:
        shown = issue_label(value) if variable == "issue_id" else value
    text = f"{safe(code_label(variable))} {safe(shown) or 'none'}"
    return f"<strong>{text}</strong>" if is_bold else text
