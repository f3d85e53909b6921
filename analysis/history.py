"""reports/history/: the states in which reports showed a corpus, and what each run found new.

    states/<corpus>-<digest>/   the tidy tables of a corpus, as Parquet; each state lies there once, the last hundred
    runs/<time>.json            of one run the reports it made, from which states, and what had changed; in a sentence
                                where that is long ago
    seconds.json                how long each report took when it was made last

A state is written before the first notebook runs, a run's file grows with the pages that are done. What cannot be read
(cut off, edited, of another version) is left out: a report without an earlier version says that it is the first.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import digests, disk, paths, store, tidy
from analysis.errors import ParameterError
from analysis.schema import NAMES, Tables

_LENGTH = 16
_STATES = 100  # of each corpus so many are kept
_READING = ["state", "stance", "n_articles", "n_statements", "ci_low", "ci_high"]
_CELL = ["actor", "issue_id"]


def folder() -> Path:
    """Where the history lies."""
    return paths.reports() / "history"


def keep(corpus: str, tables: Tables) -> str:
    """The digest of a corpus's state, which is written where it is not there yet."""
    digest = digests.of_bytes(*(digests.of_table(getattr(tables, name)).encode() for name in NAMES))[:_LENGTH]
    target = _state(corpus, digest)
    if _read(target) is None:
        _clear(target.parent)
        disk.remove(target)
        with disk.fresh_folder(target) as fresh:
            store.write_tables(fresh, {name: getattr(tables, name) for name in NAMES})
    return digest


def state(corpus: str, digest: str) -> Tables | None:
    """The tables of a corpus in that state; None when they are gone or cannot be read."""
    return _read(_state(corpus, digest))


def _state(corpus: str, digest: str) -> Path:
    return folder() / "states" / f"{corpus}-{digest}"


def _read(target: Path) -> Tables | None:
    try:
        return store.read_tables(target)
    except (OSError, ValueError):  # pyarrow's errors are of these kinds
        return None


def record(at: str, reports: dict[str, Any]) -> None:
    """Write what a run has made so far; `at` is the time of the run, such as 2026-11-22T06:00:00.000Z.

    Until `settle` it is no part of the past: no page of a run shall depend on which others were done before it.
    """
    _clear(folder() / "runs")
    place = _file(at).with_suffix(".part")
    disk.put_record(place, {"at": at, "reports": reports})
    for path in {*_parts()} - {place}:
        disk.remove(path)


def unfinished() -> dict[str, Any]:
    """What a run had made that was killed, for the run that goes on with it and records it with what it makes."""
    found = [disk.record(path) for path in _parts()]
    return {name: made for run in found if run for name, made in run["reports"].items()}


def _file(at: str) -> Path:
    return folder() / "runs" / f"{at.replace(':', '')}.json"


def _parts() -> list[Path]:
    return sorted((folder() / "runs").glob("*.part"))


def _clear(inner: Path) -> None:
    """Take away files that stand where a folder of the history belongs."""
    for place in (folder(), inner):
        if place.is_file():
            disk.remove(place)


def now() -> str:
    """The time of a run that begins now, which is after all earlier ones also when the clock was set back."""
    last = max((datetime.fromisoformat(run["at"]) for run in past()), default=datetime.min.replace(tzinfo=UTC))
    at = max(datetime.now(UTC), last + timedelta(milliseconds=1))
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def settle() -> None:
    """Let what was recorded be part of the past: at the end of a run."""
    for path in _parts():
        whole = path.with_suffix(".json")
        if whole.is_dir():
            disk.remove(whole)
        path.replace(whole)


def past() -> list[dict[str, Any]]:
    """What all runs made, `at` and `reports` of each, the oldest first."""
    files = [path for path in sorted((folder() / "runs").glob("*.json")) if path.is_file()]
    return [run for path in files if (run := _run(path, path.stat().st_mtime_ns))]


def last() -> dict[str, Any]:
    """Of each report the last version of which all is kept."""
    return {name: made for run in past() for name, made in run["reports"].items() if "reads" in made}


@cache
def _run(path: Path, _changed: int) -> dict[str, Any] | None:
    """What a run made, read once as long as its file stays as it is: a run of the reports asks several times."""
    return disk.record(path)


def seconds() -> dict[str, float]:
    """How long each report took when it was made last; nothing of those that never were."""
    return disk.record(_seconds()) or {}


def keep_seconds(took: dict[str, float]) -> None:
    """Note how long each report took."""
    disk.put_record(_seconds(), took)


def _seconds() -> Path:
    return folder() / "seconds.json"


def prune(used: Iterable[tuple[str, str]], in_full: int) -> None:
    """Keep the history small, however long the reports run.

    All is kept of the last version of each report and of the last `in_full` versions with news; of others the title,
    the time, the sentence and the states. Of each corpus the last hundred states stay, and those that the last versions
    or the pages, whose corpora and digests are `used`, rest on.
    """
    newest = {name: run["at"] for run in past() for name, made in run["reports"].items() if "reads" in made}
    told = [(name, run["at"]) for run in past() for name, made in run["reports"].items() if "changes" in made["news"]]
    whole = {*newest.items(), *told[-in_full:]}
    for run in past():
        reports = {name: made if (name, run["at"]) in whole else _thin(made) for name, made in run["reports"].items()}
        if reports != run["reports"]:
            disk.put_record(_file(run["at"]), run | {"reports": reports})
    kept = {*used}
    for made in last().values():
        kept |= {*made["states"].items(), *made["news"].get("base", {}).items()}
    for corpus in {name for run in past() for made in run["reports"].values() for name in made["states"]}:
        kept |= {(corpus, digest) for _, digest in _shown(corpus)[-_STATES:]}
    names = {f"{corpus}-{digest}" for corpus, digest in kept}
    for path in (folder() / "states").glob("*"):
        if path.name not in names:
            disk.remove(path)


def _thin(made: dict[str, Any]) -> dict[str, Any]:
    """A version without what only the next one of its report asks for, and without the rows of what was new."""
    told = {name: value for name, value in made["news"].items() if name != "changes"}
    return {name: made[name] for name in ("at", "title", "states")} | {"news": told}


def cell_history(
    corpus: str, cells: pd.DataFrame, *, actor: str = "speaker_id", coder: str = "", runs: int = 10, **selected: Any
) -> pd.DataFrame:
    """How the reading of each stance cell changed from run to run of the reports, to how it stands now.

    Parameters
    ----------
    corpus
        The name of a folder in data/raw.
    cells
        The cells as they stand now, from `stance_cells` with the same `actor`, `coder` and selection.
    actor
        `speaker_id`, or `organisation_id`.
    coder
        As in `analysis.one_coding`.
    runs
        How many earlier states of the corpus to look at, of which the last hundred are kept; 0: none, and no rows come
        back.
    selected
        As in `analysis.select`: actors, issues, certainty, since, until.

    Returns
    -------
    pandas.DataFrame
        actor, issue_id
            The cell.
        run
            When reports first showed the corpus like this (UTC); missing for how it stands now.
        state, stance, n_articles, n_statements, ci_low, ci_high
            As in `analysis.stance_cells`; all missing where the cell had no statement any more.

        Of each cell whose reading changed the first one, and each that differs from the one before. All readings are
        computed by the present code, so that what differs is the coding.

    Raises
    ------
    ParameterError
        There is no column `actor`.
    """
    from analysis.stance import stance_cells  # noqa: PLC0415  # a run that keeps states needs none

    readings = []
    for at, digest in _shown(corpus)[-runs:] if runs > 0 else ():
        if (found := state(corpus, digest)) is None:
            continue
        with suppress(ParameterError):  # a state in which an actor, issue or coder was not there yet
            found = tidy.select(tidy.one_coding(found, coder), **selected)
            readings.append((at, stance_cells(found, actor)))
    return _changes([*readings, ("", cells)] if runs > 0 else [("", cells.head(0))])


def _shown(corpus: str) -> list[tuple[str, str]]:
    """The states that reports showed of a corpus, in order and each change once, with the time of the run."""
    shown: list[tuple[str, str]] = []
    for run in past():
        for made in run["reports"].values():
            digest = made["states"].get(corpus)
            if digest and (not shown or shown[-1][1] != digest):
                shown.append((run["at"], digest))
    return shown


def _changes(readings: Sequence[tuple[str, pd.DataFrame]]) -> pd.DataFrame:
    """Of readings in order of time the first of each cell, and those that differ from the one before."""
    cells = pd.concat([reading[_CELL] for _, reading in readings]).drop_duplicates()
    told = [
        cells.merge(reading, on=_CELL, how="left", validate="1:1").assign(place=place, run=at)
        for place, (at, reading) in enumerate(readings)
    ]
    every = pd.concat(told, ignore_index=True).sort_values([*_CELL, "place"], ignore_index=True)
    before = every.groupby(_CELL)[_READING].shift()
    is_same = (every[_READING] == before) | (every[_READING].isna() & before.isna())
    changed = every.loc[~is_same.all(axis=1), [*_CELL, "run", *_READING]]
    changed = changed[changed.duplicated(_CELL, keep=False)].reset_index(drop=True)
    return changed.assign(run=pd.to_datetime(changed["run"].replace("", None), format="ISO8601").dt.tz_localize(None))
