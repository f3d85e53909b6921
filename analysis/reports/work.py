"""A run of the reports: everything checked first, then run, and each page written as soon as it is whole.

A page is in place before the manifest vouches for it, and the history knows of it with the manifest; so a run that is
killed at any moment leaves the pages of before and those it had finished, and the next run makes the rest. Of more
than fifty reports the manifest is written after some at a time, and what it does not vouch for yet is made again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import inf
from pathlib import Path
from typing import Any

from analysis import changes, disk, history, paths, store
from analysis.errors import CorpusError, ParameterError, Problem, ReportError, StancebookError
from analysis.reports import (
    FAILED,
    MADE,
    REMOVED,
    UNCHANGED,
    Asked,
    Outcome,
    alone,
    freshness,
    parameters,
    pool,
    provenance,
    site,
    values,
)
from analysis.reports import reads as lineage
from analysis.reports.parameters import Report
from analysis.reports.version import FIRST, Version
from analysis.schema import Tables

_SAVES = 50  # so often is noted how far a run has come: of a thousand reports to note each would take half of the time
_Corpora = dict[str, Tables | StancebookError]
_Keys = dict[str, dict[str, str]]


@dataclass
class _Run:
    """A run: when, the reports with their keys and corpora, the manifest as it grows, and what the history gets."""

    at: str
    keys: _Keys
    corpora: _Corpora
    built: dict[str, str]
    manifest: dict[str, Any]
    made: dict[str, Any] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    took: dict[str, float] = field(default_factory=history.seconds)
    unsaved: int = 0

    @cached_property
    def present(self) -> lineage.Present:
        """What a read would find in the corpora as they are now."""
        return lineage.Present(self.tables)

    @property
    def tables(self) -> dict[str, Tables]:
        """The corpora that can be read."""
        return {name: tables for name, tables in self.corpora.items() if isinstance(tables, Tables)}

    def expected(self, report: Report) -> tuple[float, int]:
        """How long a report will run: the seconds it took last; where it is new, what tells is its notebook's size."""
        return self.took.get(report.name, inf), report.notebook.stat().st_size

    def moved(self, reads: Sequence[lineage.Read]) -> list[str]:
        """The corpora of which a notebook read other rows than this run knows, as when a file was saved meanwhile."""
        rebuilt = [name for name in self.tables if store.built(name) != self.built[name]]
        return sorted({read.corpus for read in self.present.changed(reads)} & {*rebuilt} if rebuilt else ())


def make(asked: Asked) -> list[Outcome]:
    """See `analysis.reports.make`."""
    reports, problems = parameters.read()
    corpora = _load(reports)
    built = {name: store.built(name) for name in corpora}
    wrong = [*problems, *(each for report in reports for each in values.check(report, _tables(report, corpora)))]
    if wrong:
        raise ParameterError(wrong)
    wanted = parameters.chosen(reports, asked.names)
    with disk.writing(paths.reports()), alone.alone():
        manifest = freshness.read()
        run = _Run(history.now(), freshness.keys(reports, manifest), corpora, built, manifest, history.unfinished())
        site.begin()
        due = [report for report in wanted if asked.force or not _is_current(report, run)]
        outcomes = {report.name: Outcome(report.name, UNCHANGED) for report in wanted}
        for report in wanted:
            if report not in due:
                asked.told(outcomes[report.name])
        if due:
            run.states.update({name: history.keep(name, tables) for name, tables in run.tables.items()})
        for report, result in _results(due, run, asked):
            outcomes[report.name] = _keep(report, result, run)
            asked.told(outcomes[report.name])
        removed = [Outcome(name, REMOVED) for name in _forget(manifest, reports)]
        history.settle()
        history.keep_seconds({report.name: run.took[report.name] for report in reports if report.name in run.took})
        site.finish(reports, manifest)
        _save(run, freshness.site_key(reports, run.keys))
        shown = (pair for entry in manifest["reports"].values() for pair in entry.get("states", {}).items())
        history.prune(shown, in_full=changes.MOST)
    for outcome in removed:
        asked.told(outcome)
    return [*outcomes.values(), *removed]


def _is_current(report: Report, run: _Run) -> bool:
    """Whether a report need not be made: nothing changed, or in its corpus only rows that it does not read."""
    entry, key = run.manifest["reports"].get(report.name, {}), run.keys[report.name]
    differing = freshness.differing(report.name, key, run.manifest)
    if not freshness.is_there(report.name, run.manifest) or set(differing) - {freshness.RAW}:
        return False
    reads = lineage.parsed(entry.get("reads", ()))
    if differing and (not reads or run.present.changed(reads)):
        return False
    entry["key"] = key
    return True


def refresh() -> list[Path]:
    """See `analysis.reports.refresh`."""
    notebooks = sorted(paths.notebooks().glob("*.ipynb"))
    if not notebooks:
        raise ReportError(Problem(paths.shown(paths.notebooks()), 0, "there is no notebook", "files *.ipynb"))
    for corpus in store.corpora():
        store.load(corpus)
    done = dict(pool.run({path: ("executed", (path.stem, path, {})) for path in notebooks}, jobs=None))
    failed = [result for result in done.values() if isinstance(result, StancebookError)]
    if failed:
        raise ReportError(problem for error in failed for problem in error.problems)
    with disk.writing(paths.notebooks()):
        for notebook in notebooks:
            if notebook.read_bytes() != done[notebook]:
                disk.write_atomically(notebook, done[notebook])
    return notebooks


def _load(reports: Sequence[Report]) -> _Corpora:
    """The corpora of all reports, brought up to date once; the error in place of one that cannot be read."""
    corpora: _Corpora = {}
    for corpus in sorted({report.corpus for report in reports if report.corpus}):
        try:
            corpora[corpus] = store.load(corpus)
        except (CorpusError, ParameterError) as error:
            corpora[corpus] = error
    return corpora


def _tables(report: Report, corpora: _Corpora) -> Tables | None:
    tables = corpora.get(report.corpus)
    return tables if isinstance(tables, Tables) else None


def _results(due: Sequence[Report], run: _Run, asked: Asked) -> Iterator[tuple[Report, Any]]:
    """Each report that is due with what came of it, or with its error, as soon as it is there."""
    commit = provenance.commit() if due else ""
    past = history.last()
    calls = {}
    for report in sorted(due, key=run.expected, reverse=True):  # the longest first, so that no core waits at the end
        error = run.corpora.get(report.corpus)
        if isinstance(error, StancebookError):
            yield report, _unreadable(report, error)
            continue
        key = run.keys[report.name]
        frame = provenance.frame(report, values.in_words(report, _tables(report, run.corpora)), key, commit)
        version = Version(key, run.states, past.get(report.name))
        calls[report.name] = ("made", (report.name, report.notebook, report.given, frame, version))
    by_name = {report.name: report for report in due}
    for name, result in pool.run(calls, asked.jobs, scheduler=asked.scheduler):
        yield by_name[name], result


def _unreadable(report: Report, error: StancebookError) -> ReportError:
    """The error of a report whose corpus is broken: the first problem, and the command that lists them all."""
    more = f" (and {len(error.problems) - 1} more)" if len(error.problems) > 1 else ""
    found = f"report {report.name!r}: the corpus {report.corpus} cannot be read: {error.problems[0]}{more}"
    hint = f"python -m analysis check {report.corpus}"
    return ReportError(Problem(paths.shown(report.notebook), 0, found, "", hint))


def _keep(report: Report, result: Any, run: _Run) -> Outcome:
    """Write what a report came to, page and executed notebook before the manifest that vouches for them."""
    if isinstance(result, StancebookError):
        return _stale(report, result.problems[0], run)
    if moved := run.moved(result.reads):
        found = f"report {report.name!r}: the corpus {moved[0]} was changed while this report was made"
        return _stale(report, Problem(paths.shown(report.notebook), 0, found, "", "run it again"), run)
    site.put(report.name, result)
    run.took[report.name] = result.seconds
    version = {
        "key": run.keys[report.name],
        "reads": lineage.written(result.reads),
        "states": {read.corpus: run.states[read.corpus] for read in result.reads if read.corpus in run.states},
        "news": {name: value for name, value in result.news.items() if name != "changes"},
    }
    run.manifest["reports"][report.name] = version | {
        "state": freshness.CURRENT,
        "commit": dict(result.frame.provenance)["Commit"],
        "files": freshness.intact((freshness.page(report.name).name, freshness.executed(report.name).name)),
        "facts": [pair for pair in result.frame.facts if pair[0] in values.labels(report.given)],
    }
    if result.is_new:
        run.made[report.name] = version | {"at": run.at, "title": report.title, "news": result.news}
    _save_at_times(run)
    news = "" if result.news["kind"] == FIRST else result.news["sentence"]
    return Outcome(report.name, MADE, news=news, seconds=result.seconds)


def _stale(report: Report, problem: Problem, run: _Run) -> Outcome:
    """Mark the page of a report that failed; what it was made from stays known."""
    site.mark(report.name, str(problem))
    entry = run.manifest["reports"].setdefault(report.name, {})
    entry |= {"state": freshness.STALE, "reason": str(problem)}
    _save_at_times(run)
    return Outcome(report.name, FAILED, problem)


def _forget(manifest: dict[str, Any], reports: Sequence[Report]) -> list[str]:
    """Take reports that are no longer in reports.yaml out of the manifest, and name them."""
    removed = sorted(manifest["reports"].keys() - {report.name for report in reports})
    for name in removed:
        del manifest["reports"][name]
    return removed


def _save_at_times(run: _Run) -> None:
    """Save after each report; where they are many, after a fiftieth of them, which is what a kill can cost then."""
    run.unsaved += 1
    if run.unsaved * _SAVES >= len(run.keys):
        _save(run)
        run.unsaved = 0


def _save(run: _Run, site_key: str = "") -> None:
    """Write the manifest, and what the run has made so far into the history."""
    run.manifest |= {"site": site_key, "files": freshness.intact(freshness.SITE if site_key else ())}
    if run.made and not site_key:
        history.record(run.at, run.made)
    freshness.write(run.manifest)
