"""All that changed between two states as one object: counts, one sentence, and JSON."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from analysis.changes import sources, standings, wording
from analysis.changes.passages import KINDS, evidence_of
from analysis.changes.records import typed
from analysis.schema import Tables

FRAMES = ("cells", "evidence", "articles", "codebook")
UNCHANGED = "No change."
_DIGITS = 6
_NAMED = 2
_IS = ("new", "emptied", "moved", "thinned", "firmed", "flipped")  # which is last, because its cells are named


@dataclass(frozen=True, eq=False)
class Summary:
    """What changed: the frames of `evidence`, `articles`, `codebook` and `cells`, and the actors' `names` by id."""

    evidence: pd.DataFrame
    articles: pd.DataFrame
    codebook: pd.DataFrame
    cells: pd.DataFrame
    names: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def counts(self) -> dict[str, dict[str, int]]:
        """How many of each kind changed in which way: `{"statement": {"new": 3}, "cell": {"flipped": 1}, …}`."""
        parts = {kind: self.evidence[self.evidence["kind"] == kind] for kind in KINDS}
        parts |= {"article": self.articles}
        parts |= {kind: self.codebook[self.codebook["kind"] == kind] for kind in ("actor", "issue")}
        parts |= {"cell": self.cells}
        return {kind: dict(sorted(Counter(part["change"]).items())) for kind, part in parts.items()}

    @property
    def is_empty(self) -> bool:
        """Whether nothing changed at all."""
        return all(getattr(self, name).empty for name in FRAMES)

    def sentence(self) -> str:
        """What changed in one plain sentence, not escaped; "No change." where nothing did."""
        return self._sentence

    @cached_property
    def _sentence(self) -> str:
        parts = [self._statements(), *(self._others(kind) for kind in ("event", "mention"))]
        parts += [self._articles(), self._codebook(), self._cells()]
        told = "; ".join(part for part in parts if part)
        return f"{told[0].upper()}{told[1:]}." if told else UNCHANGED

    def as_json(self) -> dict[str, Any]:
        """The sentence, the counts, and the rows of each frame; dates as ISO days, missing values as null."""
        return self._record

    @cached_property
    def _record(self) -> dict[str, Any]:
        rows = {name: [_plain(row) for row in getattr(self, name).to_dict("records")] for name in FRAMES}
        return {"sentence": self.sentence(), "counts": self.counts, "names": dict(self.names), **rows}

    def _statements(self) -> str:
        """Statements by change; those that entered or left the selection are told apart."""
        rows = self.evidence[self.evidence["kind"] == "statement"]
        is_selection = rows["because"] == "selection"
        entered, left = (int((is_selection & (rows["change"] == change)).sum()) for change in ("new", "withdrawn"))
        rows = rows[~is_selection]
        told = [self._new_statements(rows[rows["change"] == "new"])]
        noun = "statement " if not told[0] else ""
        for change in ("revised", "withdrawn"):
            n = int((rows["change"] == change).sum())
            by_book = int(((rows["change"] == change) & (rows["because"] == "codebook")).sum())
            why = "" if not by_book else " by the codebook" if by_book == n else f" ({by_book:,} by the codebook)"
            shown = noun.strip() and wording.counted(n, noun.strip())
            told += [f"{shown or f'{n:,}'} {change}{why}"] if n else []
            noun = "" if n else noun
        told += [f"{wording.counted(entered, 'statement')} entered the selection"] if entered else []
        told += [f"{wording.counted(left, 'statement')} left the selection"] if left else []
        return ", ".join(part for part in told if part)

    def _new_statements(self, rows: pd.DataFrame) -> str:
        if rows.empty:
            return ""
        shown = wording.counted(len(rows), "new statement")
        fresh = rows[rows["because"] == "new article"]
        if fresh.empty:
            return shown
        found = fresh.drop_duplicates("article_id")
        n_copies = int(found["is_copy"].sum())
        copies = f" ({n_copies:,} of them {'copies' if n_copies > 1 else 'a copy'})" if n_copies else ""
        share = "" if len(fresh) == len(rows) else f", {len(fresh):,} of them"
        return f"{shown}{share} from {wording.counted(len(found), 'new article')}{copies}"

    def _others(self, kind: str) -> str:
        """Events or mentions by change."""
        counts = self.counts[kind]
        told = [wording.counted(counts["new"], f"new {kind}")] if "new" in counts else []
        for change in ("revised", "withdrawn"):
            if change in counts:
                told.append(f"{wording.counted(counts[change], kind) if not told else f'{counts[change]:,}'} {change}")
        return ", ".join(told)

    def _articles(self) -> str:
        """Articles that no statement tells of yet: new ones without, and revised and withdrawn ones."""
        heard = set(self.evidence.loc[self.evidence["because"] == "new article", "article_id"])
        silent = (self.articles["change"] == "new") & ~self.articles["article_id"].isin(heard)
        told = [f"{wording.counted(int(silent.sum()), 'new article')} without coding"] if silent.any() else []
        counts = self.counts["article"]
        told += [f"{wording.counted(counts[change], 'article')} {change}" for change in ("revised", "withdrawn")
                 if change in counts]  # fmt: skip
        return ", ".join(told)

    def _codebook(self) -> str:
        told = [
            f"{wording.counted(n, kind)} {change}"
            for kind in ("actor", "issue")
            for change, n in sorted(self.counts[kind].items(), reverse=True)
        ]
        return f"in the codebook {', '.join(told)}" if told else ""

    def _cells(self) -> str:
        """Cells by change, the first of those that flipped by name."""
        told: list[str] = []
        for change in _IS:
            if n := self.counts["cell"].get(change, 0):
                told.append(f"{n:,} {change}" if told else f"{wording.counted(n, 'cell')} {_verb(change, n)}{change}")
        rows = self.cells[self.cells["change"] == "flipped"].to_dict("records")
        flipped = [
            f"{wording.name(row['actor'], self.names)} on {wording.label(row['issue_id'])}, "
            f"{row['state_before']} → {row['state_after']}"
            for row in rows
        ]
        return ", ".join(told) + (f": {wording.listed(flipped, _NAMED)}" if flipped else "")


def compare(
    old: Tables,
    new: Tables,
    *,
    cells: tuple[pd.DataFrame, pd.DataFrame] | None = None,
    whole: tuple[Tables, Tables] | None = None,
) -> Summary:
    """All that changed between two states of a corpus, or of a selection from it.

    Parameters
    ----------
    old, new
        Two states of a corpus, or what `select` kept of them.
    cells
        The cells of both, as `stance_cells` returned them; actors and issues that are only spelt anew are the same.
    whole
        The whole corpora that `old` and `new` were selected from.
    """
    before, after = typed(*(whole or (old, new)))
    spelt = sources.renamed(before, after)
    was, now = cells or (pd.DataFrame(), pd.DataFrame())
    columns = {"actor": "actor", "issue_id": "issue"}
    was = was.assign(**{
        column: was[column].map(lambda value, kind=kind: spelt[kind].get(value, value), na_action="ignore")
        for column, kind in columns.items() if column in was and spelt[kind]
    })  # fmt: skip
    return Summary(
        evidence=evidence_of((before, after), (old, new) if whole else None, spelt),
        articles=sources.articles_of(before, after),
        codebook=sources.codebook_of(before, after),
        cells=standings.cells(was, now),
        names=sources.names_of(before) | sources.names_of(after),
    )


def _verb(change: str, n: int) -> str:
    """Cells are new, but they flipped."""
    return ("is " if n == 1 else "are ") if change in ("new", "emptied") else ""


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(column): _json(value) for column, value in row.items()}


def _json(value: Any) -> Any:
    """A value of a frame as JSON knows it."""
    if value is None or pd.isna(value):
        return None
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if hasattr(value, "item"):
        value = value.item()
    return round(value, _DIGITS) if isinstance(value, float) else value
