"""Networks in plain loops over statements, from the formulas alone, and statements drawn at random to try them on."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations, product
from math import sqrt
from typing import Any

import numpy as np
import pandas as pd

_TWO_MODE = ("ignore", "combine", "subtract"), ("no", "activity", "prominence")
_ONE_MODE = ("ignore", "congruence", "conflict", "subtract"), ("no", "average", "jaccard", "cosine", "dna_cosine")
TWO = [("two-mode", *pair) for pair in product(*_TWO_MODE)]
ONE = [("one-mode", *pair) for pair in product(*_ONE_MODE)]
DUPLICATES = ("include", "document", "day", "week", "month", "year", "acrossrange")
Statement = dict[str, Any]
Likeness = Callable[[Any, Any], float]
Evidence = tuple[Counter[int], dict[int, Statement]]

REASONS = ["no row or column", "outside the dates", "document excluded", "value excluded", "no stance", "duplicate"]


@dataclass
class Naive:
    """What plain loops find: statements are rows of the frame as dictionaries, each with its place `at`."""

    counted: list[Statement]
    left_out: dict[str, int]
    labels: tuple[list[str], list[str]]
    raw: dict[tuple[str, str], float]
    weight: dict[tuple[str, str], float]
    behind: dict[tuple[str, str], list[Statement]]
    shares: dict[tuple[str, str], Counter[int]]


def naive(frame: pd.DataFrame, style: str, asked: Mapping[str, Any]) -> Naive:
    records = [read(record, at, style) for at, record in enumerate(frame.to_dict("records"))]
    levels = sorted({record["level"] for record in records} - {None})
    levels = [-1.0, 1.0] if style.startswith("yes-no") else levels
    counted, left_out, labelled = filtered(records, asked)
    sides = [sorted({record[side] for record in labelled}) for side in ("row", "column")]
    found = Naive(counted, left_out, (sides[0], sides[1]), {}, {}, {}, {})
    if asked["kind"] == "two-mode":
        fill_cells(found, levels, asked)
    else:
        fill_pairs(found, levels, style, asked)
    for tie, behind in found.behind.items():
        if len(behind) < asked["min_statements"]:
            found.weight[tie] = 0.0
            if asked["kind"] == "one-mode":
                found.weight[tie[::-1]] = 0.0
    return found


def read(record: Statement, at: int, style: str) -> Statement:
    stance = record.get("stance")
    if stance is None or pd.isna(stance) or stance == "":
        level: Any = None
    elif style.startswith("yes-no"):
        level = 1.0 if stance else -1.0
    else:
        level = stance
    row, column = ("" if pd.isna(record[name]) else str(record[name]) for name in ("speaker_id", "issue_id"))
    first = record["date_start"].date()
    last = record["date_end"].date() if "date_end" in record else first
    return record | {"at": at, "row": row, "column": column, "level": level, "first": first, "last": last}


def filtered(
    records: list[Statement], asked: Mapping[str, Any]
) -> tuple[list[Statement], dict[str, int], list[Statement]]:
    kept, left_out, labelled, seen = [], dict.fromkeys(REASONS, 0), [], set()
    for record in sorted(records, key=lambda it: (it["first"], it["article_id"], it["start"], it["end"], it["at"])):
        reason = why_not(record, asked)
        if asked["isolates"] and reason not in REASONS[:3]:
            labelled.append(record)
        if not reason and asked["duplicates"] != "include":
            group = identity(record, asked)
            reason = "duplicate" if group in seen else ""
            seen.add(group)
        if reason:
            left_out[reason] += 1
        else:
            kept.append(record)
    return kept, left_out, labelled if asked["isolates"] else kept


def why_not(record: Statement, asked: Mapping[str, Any]) -> str:
    if not record["row"] or not record["column"]:
        return "no row or column"
    since, until = DAYS[asked["since"]][0], DAYS[asked["until"]][1]
    if record["last"] < since or record["first"] > until:
        return "outside the dates"
    excluded = [column for column, values in asked["exclude"].items() if record[column] in values]
    if {"outlet", "article_id"} & set(excluded):
        return "document excluded"
    if excluded:
        return "value excluded"
    return "no stance" if record["level"] is None and asked["aggregation"] != "ignore" else ""


def identity(record: Statement, asked: Mapping[str, Any]) -> tuple[Any, ...]:
    what = (record["row"], record["column"], None if asked["aggregation"] == "ignore" else record["level"])
    calendar = {
        "day": lambda day: day,
        "week": lambda day: day.isocalendar()[:2],
        "month": lambda day: (day.year, day.month),
        "year": lambda day: day.year,
    }
    if asked["duplicates"] == "acrossrange":
        return what
    if asked["duplicates"] == "document":
        return *what, record["article_id"]
    period = calendar[asked["duplicates"]]
    return *what, period(record["first"]), period(record["last"])


def fill_cells(found: Naive, levels: list[Any], asked: Mapping[str, Any]) -> None:
    base: dict[tuple[str, str], float] = {}
    for cell in product(*found.labels):
        behind = [it for it in found.counted if (it["row"], it["column"]) == cell]
        used = {it["level"] for it in behind}
        combined = sum(2 ** (len(levels) - 1 - k) for k, level in enumerate(levels) if level in used)
        if asked["aggregation"] == "ignore":
            value, base[cell] = float(len(behind)), len(behind)
        elif asked["aggregation"] == "combine":
            value, base[cell] = float(combined), float(combined > 0)
        else:
            value, base[cell] = float(sum(it["level"] for it in behind)), len(behind)
        found.raw[cell] = value
        if behind:
            found.behind[cell] = behind
    for row, column in product(*found.labels):
        below = {
            "no": 1.0,
            "activity": sum(base[row, other] for other in found.labels[1]),
            "prominence": sum(base[other, column] for other in found.labels[0]),
        }[asked["normalization"]]
        found.weight[row, column] = found.raw[row, column] / below if below else 0.0


def fill_pairs(found: Naive, levels: list[Any], style: str, asked: Mapping[str, Any]) -> None:
    likeness = liking(levels, style, asked)
    is_names = style == "names" and asked["aggregation"] != "ignore"
    for a, b in combinations(found.labels[0], 2):
        both = [[it for it in found.counted if it["row"] == name] for name in (a, b)]
        shares, behind = shared(both, likeness, asked["aggregation"], is_names=is_names)
        if is_names and asked["aggregation"] != "congruence":
            shares, behind = with_lone(both, shares, behind, asked["aggregation"])
        if behind:
            found.behind[a, b], found.shares[a, b] = list(behind.values()), shares
        found.raw[a, b] = sum(shares.values())
        below = divisor(both, likeness, asked["normalization"])
        found.weight[a, b] = found.weight[b, a] = found.raw[a, b] / below if below else 0.0
    found.weight |= {(a, a): 0.0 for a in found.labels[0]}


def liking(levels: list[Any], style: str, asked: Mapping[str, Any]) -> Likeness:
    """How alike two stances are, from 0 to 1."""
    if asked["aggregation"] == "ignore":
        return lambda *_: 1.0
    if style == "names":
        return lambda one, other: float(one == other)
    low, high = asked["scale"] or ((levels[0], levels[-1]) if levels else (0, 1))
    reach = 2.0 if style.startswith("yes-no") else float(high - low) or 1.0
    return lambda one, other: 1 - abs(one - other) / reach


def shared(both: list[list[Statement]], likeness: Likeness, aggregation: str, *, is_names: bool) -> Evidence:
    """Of each statement half of what it makes with those of the other side on its column; of names only equal ones."""
    shares: Counter[int] = Counter()
    behind = {}
    for one, other in product(*both):
        if one["column"] == other["column"] and not (is_names and one["level"] != other["level"]):
            alike = likeness(one["level"], other["level"])
            worth = {"conflict": 1 - alike, "subtract": alike - (1 - alike)}.get(aggregation, alike)
            for side in (one, other):
                shares[side["at"]] += worth / 2
                behind[side["at"]] = side
    return shares, behind


def with_lone(
    both: list[list[Statement]], shares: Counter[int], agreed: dict[int, Statement], aggregation: str
) -> Evidence:
    """The same with those statements whose name the other side never gave to the column."""
    lone = {it["at"]: it for side in both for it in side if it["at"] not in agreed}
    shares.update(dict.fromkeys(lone, 1 if aggregation == "conflict" else -1))
    return shares, lone if aggregation == "conflict" else agreed | lone


def divisor(both: list[list[Statement]], likeness: Likeness, normalization: str) -> float:
    n_a, n_b = len(both[0]), len(both[1])
    if normalization == "jaccard":
        a, b = (Counter((it["column"], it["level"]) for it in side) for side in both)
        return sum(a[key] * (not b[key]) + b[key] * (not a[key]) + a[key] * b[key] for key in a | b)
    if normalization == "cosine":
        return sqrt(with_itself(both[0], likeness) * with_itself(both[1], likeness))
    return {"no": 1.0, "average": (n_a + n_b) / 2, "dna_cosine": n_a * n_b}[normalization]


def with_itself(side: list[Statement], likeness: Likeness) -> float:
    pairs = [(one, other) for one, other in product(side, side) if one["column"] == other["column"]]
    return sum(likeness(one["level"], other["level"]) for one, other in pairs)


# ---- statements drawn at random, with everything that a column may hold ----

DAYS = {
    "": (dt.date.min, dt.date.max),
    "2020": (dt.date(2020, 1, 1), dt.date(2020, 12, 31)),
    "2020-06": (dt.date(2020, 6, 1), dt.date(2020, 6, 30)),
    "2020-12-31": (dt.date(2020, 12, 31), dt.date(2020, 12, 31)),
    pd.Timestamp("2020-06-30 17:00"): (dt.date(2020, 6, 30), dt.date(2020, 6, 30)),
    dt.date(2021, 1, 1): (dt.date(2021, 1, 1), dt.date(2021, 1, 1)),
}
NAMES = ["ann", "Bob", "Zoë", "NA", "nan", "None", "ärzte", "10", "9", "", None]
ISSUES = ["toll", "bridge", "Δ", "NA", None, ""]
DATES = ["2019-12-31", "2020-01-01", "2020-01-31", "2020-06-29", "2020-06-30", "2020-12-28", "2020-12-31", "2021-01-01"]
STYLES = {
    "halves": ([1.0, 0.5, 0.0, -0.5, -1.0, np.nan], "float64"),
    "one level": ([0.5, np.nan], "float64"),
    "whole numbers": ([5, 500, -3, 0], "int64"),
    "whole numbers or missing": ([5, 500, -3, pd.NA], "Int64"),
    "numbers as objects": ([1, 0.5, -1.0, None], "object"),
    "yes-no": ([True, False], "bool"),
    "yes-no or missing": ([True, False, pd.NA], "boolean"),
    "yes-no as objects": ([True, False, None], "object"),
    "names": (["tax", "ban", "Ärger", "NA", "", None], "str"),
    "names, categories": (["tax", "ban", None], "category"),
    "missing": ([None], "object"),
    "none": ([], ""),
}


def has_meaning(style: str, kind: str, aggregation: str) -> bool:
    """No names can be subtracted in a cell, and without stances there is nothing but to count."""
    if style.startswith("names"):
        return (kind, aggregation) != ("two-mode", "subtract")
    return style != "none" or aggregation == "ignore"


def drawn(rng: np.random.Generator, style: str) -> pd.DataFrame:
    n = int(rng.choice([0, 1, 2, 12, 30, 30]))
    people = [3, 10, 20, 100] if rng.random() < 0.2 else NAMES[: rng.integers(1, len(NAMES) + 1)]
    dtype = "int64" if 3 in people else rng.choice(["str", "object", "category"])
    values, stance_dtype = STYLES[style]
    first = pd.to_datetime(rng.choice(DATES, n)).as_unit("us")
    frame = pd.DataFrame(
        {
            "statement_id": [f"s{at:02}" for at in range(n)],
            "article_id": pd.Series(rng.choice(["d1", "d2", "d10", "d3"], n), dtype=rng.choice(["str", "category"])),
            "outlet": pd.Series(rng.choice(np.array(["x", "y", None], dtype=object), n), dtype="str"),
            "start": rng.integers(0, 3, n),
            "end": rng.integers(3, 6, n),
            "speaker_id": pd.Series(rng.choice(np.array(people, dtype=object), n), dtype=dtype),
            "issue_id": pd.Series(rng.choice(np.array(ISSUES[: rng.integers(1, 7)], dtype=object), n), dtype="str"),
            "certainty": pd.Series(rng.choice(["certain", "possible"], n), dtype="str"),
            "date_start": first,
        }
    )
    if style != "none":
        frame["stance"] = pd.Series(rng.choice(np.array(values, dtype=object), n), dtype=stance_dtype)
    if rng.random() < 0.5:
        frame["date_end"] = first + pd.to_timedelta(rng.choice([0, 0, 0, 1, 3, 30, 365], n), unit="D")
    frame.index = pd.Index(rng.choice([7, 7, 8, -1], n))
    return frame


def drawn_parameters(rng: np.random.Generator, frame: pd.DataFrame, style: str) -> dict[str, Any]:
    people = frame["speaker_id"].dropna().tolist()
    days = list(DAYS)
    excludes = [
        {},
        {},
        {"speaker_id": people[:1]},
        {"outlet": ["x"]},
        {"certainty": ["possible"], "article_id": ["d1", "d9"]},
    ]
    scale = {"halves": (-1, 1), "one level": (-1.0, 1.0), "whole numbers": (-100, 500)}.get(style)
    return {
        "since": days[rng.integers(len(days))] if rng.random() < 0.3 else "",
        "until": days[rng.integers(len(days))] if rng.random() < 0.3 else "",
        "isolates": bool(rng.random() < 0.5),
        "exclude": excludes[rng.integers(len(excludes))],
        "min_statements": int(rng.choice([1, 1, 1, 2, 3])),
        "scale": scale if rng.random() < 0.5 else None,
    }
