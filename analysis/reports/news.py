"""What is new on a page: its evidence and cells beside those of the last version that succeeded.

A version is what a report read and what it was made with. Made again from just the same, its page says what it said.
Made again though the same rows were read, it says that nothing changed, and why it was made again. Cells of both states
are computed by the present code, so that what is told to have changed is the coding and never the program.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any

import pandas as pd
from markupsafe import Markup

from analysis import changes, history, schema
from analysis.reports import reads as lineage
from analysis.reports.freshness import RAW
from analysis.reports.reads import Present, Read
from analysis.reports.version import CHANGED, FIRST, SAME, Version, day
from analysis.schema import Tables

_FIRST = "This is the first version of this page: there is no earlier one to compare it with."
_OTHER = "No change in evidence and cells. Other rows that this page reads changed, such as those of a second coder."
_EVIDENCE = ("statements", "mentions", "events")


@dataclass(frozen=True)
class News:
    """What is new: `record` is what the history keeps of it, `html` the block on the page."""

    record: dict[str, Any]
    html: str


def of(version: Version, reads: Sequence[Read]) -> News:
    """What is new in a version that has read this."""
    previous = version.previous
    if previous is None:
        return _noted({"kind": FIRST, "sentence": _FIRST})
    if not _differs(previous["reads"], reads):
        because = [part for part in version.key if part != RAW and previous["key"].get(part) != version.key[part]]
        return _same(previous, because) if because else _told(previous["news"], previous["states"], reads)
    record = {"kind": CHANGED, "since": previous["at"], "base": dict(previous["states"])}
    return _told(record, version.states, reads, _before(previous))


def _differs(before: Iterable[Any], reads: Iterable[Read]) -> bool:
    """Whether two sets of reads found other rows, however these were asked for."""
    old, new = ({(read.table, read.digest) for read in some} for some in (lineage.parsed(before), reads))
    return old != new


def _same(previous: Mapping[str, Any], because: Sequence[str]) -> News:
    """Nothing changed but what the page is made with; what changed before that is told in a sentence."""
    sentence = f"No change in what this page rests on. It was made again with a change in: {', '.join(because)}."
    return _noted({"kind": SAME, "since": previous["at"], "sentence": sentence, "before": _before(previous)})


def _before(previous: Mapping[str, Any]) -> dict[str, Any] | None:
    """What a page with no news says of the last change: when it was told, and in which sentence."""
    last = previous["news"]
    found = {"at": previous["at"], "sentence": last["sentence"]} if last["kind"] == CHANGED else last.get("before")
    return dict(found) if found else None


def _noted(record: dict[str, Any]) -> News:
    before = record.get("before")
    return News(
        record, _note(record["sentence"], f"Before that, {day(before['at'])}: {before['sentence']}" if before else "")
    )


def _told(
    record: Mapping[str, Any], states: Mapping[str, str], reads: Sequence[Read], before: dict[str, Any] | None = None
) -> News:
    """What changed between the states that a record names and these; where nothing did, what was told `before`."""
    if record["kind"] != CHANGED:
        return _noted(dict(record))
    try:
        old, new = _present(record["base"]), _present(states)
    except FileNotFoundError:
        lost = "What this page rests on has changed; the earlier version cannot be read any more to say how."
        return News({**record, "sentence": lost}, _note(lost))
    summary = _summary(old, new, reads)
    if summary.is_empty:
        return _noted({**record, "kind": SAME, "sentence": _OTHER, "before": before})
    record = {**record, "sentence": summary.sentence(), "changes": summary.as_json()}
    return News(record, changes.block(summary, heading=f"What is new since {day(record['since'])}"))


def _present(states: Mapping[str, str]) -> Present:
    """The corpora in these states; FileNotFoundError where one cannot be read."""
    return Present({corpus: _state(corpus, digest) for corpus, digest in states.items()})


@lru_cache(maxsize=4)
def _state(corpus: str, digest: str) -> Tables:
    """A state of a corpus, which the next report mostly asks for too."""
    tables = history.state(corpus, digest)
    if tables is None:
        raise FileNotFoundError(digest)
    return tables


@cache
def _nothing() -> Tables:
    """Tables without a row."""
    return Tables(**{name: schema.frame(name, []) for name in schema.NAMES})


def _summary(old: Present, new: Present, reads: Sequence[Read]) -> changes.Summary:
    """What changed in that which was read: of articles and codes only those, where the list of all was not read."""
    shown = [read for read in reads if read.table in _EVIDENCE]
    shown = [read for read in shown if not read.is_for_agreement] or shown
    everything = [Read(read.corpus, [], name) for read in shown[:1] for name in _EVIDENCE]
    chosen, whole = [(_joined(old, some), _joined(new, some)) for some in (shown, everything)]
    cells = (_cells(old, reads), _cells(new, reads))
    summary = changes.compare(*chosen, cells=cells, whole=whole)
    if any(read.table == "articles" and not read.is_of_cited for read in reads):
        return summary
    articles, codes = _named(chosen)
    return replace(
        summary,
        articles=summary.articles[summary.articles["article_id"].isin(articles)],
        codebook=summary.codebook[summary.codebook["id"].isin(codes)],
    )


def _named(chosen: Iterable[Tables]) -> tuple[set[str], set[str]]:
    """The articles that something chosen is from, and the actors and issues that it names."""
    articles, codes = set(), set()
    for side in chosen:
        articles |= {*side.statements["article_id"], *side.mentions["article_id"]}
        codes |= {code for column in ("speaker_id", "organisation_id", "issue_id") for code in side.statements[column]}
        taking_part = side.event_actors[side.event_actors["event_id"].isin(side.events["event_id"])]
        codes |= {*taking_part["actor_id"]}
    return articles, codes


def _joined(present: Present, reads: Sequence[Read]) -> Tables:
    """The rows of these reads, each once, with the whole of the articles and the codebook."""
    found: dict[str, list[pd.DataFrame]] = {name: [] for name in schema.NAMES}
    for corpus in dict.fromkeys(read.corpus for read in reads):
        if tables := present.after(corpus, []):
            for name in set(schema.NAMES) - set(_EVIDENCE):
                found[name].append(getattr(tables, name))
    for read in reads:
        if tables := present.after(read.corpus, read.steps):
            found[read.table].append(getattr(tables, read.table))
    keys = {name: schema.CONTRACTS[name][0] for name in schema.NAMES}
    return Tables(**{
        name: pd.concat(some or [getattr(_nothing(), name)]).drop_duplicates(keys[name], ignore_index=True)
        for name, some in found.items()
    })  # fmt: skip


def _cells(present: Present, reads: Sequence[Read]) -> pd.DataFrame:
    """The stance cells of the report's first call for some; none where it made none."""
    from analysis.stance import stance_cells  # with SciPy it is slow to import

    for read in reads:
        if read.cells is not None and (tables := present.after(read.corpus, read.steps)):
            return stance_cells(tables, **read.cells)
    return stance_cells(_nothing())


def _note(sentence: str, before: str = "") -> str:
    """The block of a page on which nothing is new."""
    more = Markup("<p>{}</p>").format(before) if before else ""
    return Markup('<aside class="news" aria-label="What is new"><p>{}</p>{}</aside>').format(sentence, more)
