"""How far independent coders agree: their statements are matched by span, and each variable gets its coefficients.

A unit is one span of one article; a rating is what one coder put there. Units that one coder alone has are in no
coefficient; they are counted, and `disagreements` lists them. The formulas and their sources: analysis/coefficients.py.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from analysis.coefficients import coefficients
from analysis.errors import ParameterError, unknown
from analysis.matching import matched
from analysis.schema import CONTRACTS, Tables

VARIABLES = ("speaker_id", "organisation_id", "issue_id", "stance", "certainty", "speech")
GROUPS = ("issue_id", "article_id")
_PAIR = 2
_DEFAULT = ("speaker_id", "issue_id", "stance", "certainty")
_ROW = {
    **dict.fromkeys(("variable", "group", "level"), "str"),
    **dict.fromkeys(("n_units", "n_alone", "n_coders"), "int64"),
    **dict.fromkeys(("percent", "alpha", "ci_low", "ci_high", "kappa", "ac1"), "float64"),
}
_SIDE = ("coder_id", "statement_id", "value", "quote", "gloss")
_SIDES = ["article_id", "unit_id", "variable", "kind", *(f"{column}_{side}" for column in _SIDE for side in (1, 2))]
_CROSSED = [f"{column}_{side}" for column in ("coder_id", "value") for side in (1, 2)]


def agreement(
    tables: Tables,
    *,
    variables: Sequence[str] = _DEFAULT,
    by: str = "overlap",
    groups: str | None = None,
    draws: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """How far the coders of a corpus agree: one row per variable, and per group where `groups` is given.

    Parameters
    ----------
    tables
        A corpus, or what `select` kept of it.
    variables
        Any of `VARIABLES`. stance is of level interval, and a mixed one has no place on that scale: it is missing here.
    by
        How spans are matched: `overlap` or `exact`, see `matched`.
    groups
        `article_id`, or `issue_id`: the units to which any coder gave the issue; for the variable issue_id itself all
        units, rated as this issue or another, since units chosen by their issue cannot vary freely in it.
    draws, seed
        Of the bootstrap; 0 draws: no interval. Draws without variation have no alpha and are left out.

    Returns
    -------
    pandas.DataFrame
        variable, group (missing without `groups`), level
            What is compared.
        n_units, n_alone, n_coders
            Units with at least two ratings, units with one (not in any coefficient), coders in the former.
        percent, alpha, kappa, ac1
            The coefficients; kappa is Cohen's for exactly two coders, else Fleiss's. All but alpha take stance as
            names. NaN where undefined. AC1 takes the categories of the contract, else those that were used.
        ci_low, ci_high
            95% percentile bootstrap of alpha over units; NaN below ten units.

        No rows where no article has two coders.

    Raises
    ------
    ParameterError
        There is no such variable, rule or group.
    """
    said, units = _compared(tables, variables, by)
    if groups is not None and groups not in GROUPS:
        raise ParameterError(unknown("the group", groups, GROUPS))
    rows: list[dict[str, Any]] = []
    for variable in variables if len(units) else ():
        level = "interval" if variable == "stance" else "nominal"
        n_categories = len(CONTRACTS["statements"][1][variable].allowed)
        for group, ratings in _grouped(units, said, variable, groups):
            row: dict[str, Any] = {"variable": variable, "group": group, "level": level}
            rows.append(row | coefficients(ratings, level=level, n_categories=n_categories, draws=draws, seed=seed))
    return pd.DataFrame(rows, columns=list(_ROW)).astype(_ROW)


def _compared(tables: Tables, variables: Sequence[str], by: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    for variable in variables:
        if variable not in VARIABLES:
            raise ParameterError(unknown("the variable", variable, VARIABLES))
    return tables.statements.set_index("statement_id"), matched(tables.statements, by=by)


def _grouped(
    units: pd.DataFrame, said: pd.DataFrame, variable: str, groups: str | None
) -> Iterator[tuple[str | None, pd.DataFrame]]:
    ratings = units.apply(lambda column: column.map(said[variable]))
    if groups is None:
        yield None, ratings
    elif groups == "article_id":
        yield from ((str(name), part) for name, part in ratings.groupby(level="article_id"))
    else:
        issues = units.apply(lambda column: column.map(said["issue_id"]))
        for issue in sorted(set(issues.to_numpy(dtype=object)[issues.notna().to_numpy()])):
            is_it = issues == issue
            whole = is_it.astype(object).where(issues.notna(), np.nan)
            yield issue, whole if variable == groups else ratings[is_it.any(axis=1)]


def disagreements(tables: Tables, *, variables: Sequence[str] = _DEFAULT, by: str = "overlap") -> pd.DataFrame:
    """What there is to adjudicate: a row per unit, variable and pair of coders who differ, both sides in one row.

    Returns
    -------
    pandas.DataFrame
        article_id, unit_id, variable; kind (`values differ`, or `only one coder` where the other of the pair, who coded
        the article, has no statement); and for either side coder_id, statement_id, value, quote and gloss, ending in _1
        and _2. Values are texts; a mixed stance is the value `mixed` here. In order of article, place and variable.

    Raises
    ------
    ParameterError
        There is no such variable or rule.
    """
    said, units = _compared(tables, variables, by)
    said = _worded(said)
    has_coded = units.notna().groupby(level="article_id").transform("any")
    parts = [pd.DataFrame(columns=[*_SIDES, "at", "nth"])]
    for first, second in combinations(units.columns, 2):
        is_here = (has_coded[[first, second]].all(axis=1) & units[[first, second]].notna().any(axis=1)).to_numpy()
        for nth, variable in enumerate(variables):
            part = units.index.to_frame(index=False).assign(variable=variable, at=range(len(units)), nth=nth)
            sides = [_side(units[first], said, variable, 1), _side(units[second], said, variable, 2)]
            part = pd.concat([part, *sides], axis=1)
            is_alone = part[["statement_id_1", "statement_id_2"]].isna().any(axis=1)
            part["kind"] = np.where(is_alone, "only one coder", "values differ")
            parts.append(part[is_here & (is_alone | (part["value_1"].fillna("") != part["value_2"].fillna("")))])
    table = pd.concat(parts).sort_values(["at", "nth", "coder_id_1", "coder_id_2"], ignore_index=True)
    return table[_SIDES].astype("str")


def _worded(said: pd.DataFrame) -> pd.DataFrame:
    """The statements with their stance as a text, so that mixed is a value as well."""
    return said.assign(stance=said["stance"].map("{:g}".format, na_action="ignore").mask(said["is_mixed"], "mixed"))


def _side(ids: "pd.Series[Any]", said: pd.DataFrame, variable: str, side: int) -> pd.DataFrame:
    """What one coder has for each unit."""
    facts = said[[variable, "quote", "gloss"]].set_axis(["value", "quote", "gloss"], axis=1)
    facts = facts.reindex(ids).reset_index(names="statement_id").assign(coder_id=str(ids.name))
    return facts.add_suffix(f"_{side}")


def coded_twice(tables: Tables, *, by: str = "overlap") -> pd.DataFrame:
    """What can be compared: a row per coder of each article that several people coded.

    Returns
    -------
    pandas.DataFrame
        article_id, coder_id, n_statements, n_matched (of these, that share a unit with another coder's), n_alone (the
        others). Sorted by article and coder; no rows where no article has two coders.

    Raises
    ------
    ParameterError
        There is no such rule.
    """
    units = matched(tables.statements, by=by).reset_index()
    parts = units.melt(["article_id", "unit_id"], var_name="coder_id", value_name="statement_id").dropna()
    is_shared = parts.groupby("unit_id")["coder_id"].transform("size") >= _PAIR
    parts = parts.assign(n_statements=1, n_matched=is_shared.astype("int64"), n_alone=(~is_shared).astype("int64"))
    rows = parts.groupby(["article_id", "coder_id"], as_index=False)[["n_statements", "n_matched", "n_alone"]].sum()
    return rows.astype({"article_id": "str", "coder_id": "str"})


def confusion(tables: Tables, *, variable: str = "stance", by: str = "overlap") -> pd.DataFrame:
    """Which values two coders gave to the units that both have: a row per pair of coders and of values.

    Returns
    -------
    pandas.DataFrame
        coder_id_1, coder_id_2, value_1, value_2 (texts as in `disagreements`, missing where there is none), n_units.

    Raises
    ------
    ParameterError
        There is no such variable or rule.
    """
    said, units = _compared(tables, [variable], by)
    values = _worded(said)[variable]
    parts = [pd.DataFrame(columns=[*_CROSSED, "n_units"])]
    for pair in combinations(units.columns, 2):
        both = units[list(pair)].dropna()
        given = pd.DataFrame({f"value_{side}": both[coder].map(values) for side, coder in enumerate(pair, start=1)})
        counts = given.groupby(list(given), dropna=False, as_index=False).size().rename(columns={"size": "n_units"})
        parts.append(counts.assign(coder_id_1=str(pair[0]), coder_id_2=str(pair[1])))
    return pd.concat(parts, ignore_index=True).astype({**dict.fromkeys(_CROSSED, "str"), "n_units": "int64"})
