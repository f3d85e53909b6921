"""All reports that are due: checked first, then run, and each page written as soon as it is whole."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from filelock import FileLock

from analysis import paths, store
from analysis.errors import CorpusError, ParameterError, Problem, ReportError, StancebookError
from analysis.reports import (
    FAILED,
    MADE,
    REMOVED,
    UNCHANGED,
    Outcome,
    freshness,
    parameters,
    pool,
    provenance,
    site,
    values,
)
from analysis.reports.parameters import Report
from analysis.schema import Tables

_Corpora = dict[str, Tables | StancebookError]


def make(
    reports: Sequence[Report], problems: Sequence[Problem], names: Sequence[str], *, force: bool, jobs: int | None
) -> list[Outcome]:
    """See `analysis.reports.make`; `problems` is what is wrong with the names and types in reports.yaml."""
    pool.warm_up()
    corpora = _load(reports)
    wrong = [*problems, *(each for report in reports for each in values.check(report, _tables(report, corpora)))]
    if wrong:
        raise ParameterError(wrong)
    wanted = parameters.chosen(reports, names)
    with store.writing(paths.reports()):
        paths.reports().mkdir(parents=True, exist_ok=True)
        with FileLock(paths.reports() / ".lock"):
            manifest, keys = freshness.read(), freshness.keys(reports)
            due = [each for each in wanted if force or not freshness.is_current(each.name, keys[each.name], manifest)]
            outcomes = {report.name: Outcome(report.name, UNCHANGED) for report in wanted}
            for report, result in _results(due, corpora, keys, jobs):
                outcomes[report.name] = _keep(report, result, manifest, keys[report.name])
            removed = _forget(manifest, reports)
            site.finish(reports, manifest)
            _save(manifest | {"site": freshness.site_key(reports, keys)})
    return [*outcomes.values(), *(Outcome(name, REMOVED) for name in removed)]


def refresh() -> list[Path]:
    """See `analysis.reports.refresh`."""
    pool.warm_up()
    notebooks = sorted(paths.notebooks().glob("*.ipynb"))
    if not notebooks:
        raise ReportError(Problem(paths.shown(paths.notebooks()), 0, "there is no notebook", "files *.ipynb"))
    for corpus in store.corpora():
        store.load(corpus)
    done = dict(pool.run({path: ("executed", (path.stem, path, {})) for path in notebooks}, jobs=None))
    failed = [result for result in done.values() if isinstance(result, StancebookError)]
    if failed:
        raise ReportError(problem for error in failed for problem in error.problems)
    with store.writing(paths.notebooks()):
        for notebook in notebooks:
            if notebook.read_bytes() != done[notebook]:
                store.write_atomically(notebook, done[notebook])
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


def _results(
    due: Sequence[Report], corpora: _Corpora, keys: dict[str, dict[str, str]], jobs: int | None
) -> Iterator[tuple[Report, Any]]:
    """Each report that is due with its executed notebook and page, or with its error, as soon as it is there."""
    commit = provenance.commit() if due else ""
    calls = {}
    for report in due:
        error = corpora.get(report.corpus)
        if isinstance(error, StancebookError):
            yield report, _unreadable(report, error)
            continue
        facts = values.in_words(report, _tables(report, corpora))
        frame = provenance.frame(report, facts, keys[report.name], commit)
        calls[report.name] = ("made", (report.name, report.notebook, report.given, frame))
    by_name = {report.name: report for report in due}
    for name, result in pool.run(calls, jobs):
        yield by_name[name], result


def _unreadable(report: Report, error: StancebookError) -> ReportError:
    """The error of a report whose corpus is broken: the first problem, and the command that lists them all."""
    more = f" (and {len(error.problems) - 1} more)" if len(error.problems) > 1 else ""
    found = f"report {report.name!r}: the corpus {report.corpus} cannot be read: {error.problems[0]}{more}"
    hint = f"python -m analysis check {report.corpus}"
    return ReportError(Problem(paths.shown(report.notebook), 0, found, "", hint))


def _keep(report: Report, result: Any, manifest: dict[str, Any], key: dict[str, str]) -> Outcome:
    """Write what a report came to, page and executed notebook before the manifest that vouches for them."""
    entry = manifest["reports"].setdefault(report.name, {})
    if isinstance(result, StancebookError):
        problem = result.problems[0]
        site.mark(report.name, str(problem))
        entry |= {"state": freshness.STALE, "reason": str(problem)}
        _save(manifest)
        return Outcome(report.name, FAILED, problem)
    executed, page, frame = result
    store.write_atomically(freshness.executed(report.name), executed)
    store.write_atomically(freshness.page(report.name), page)
    manifest["reports"][report.name] = {
        "state": freshness.CURRENT,
        "key": key,
        "commit": dict(frame.provenance)["Commit"],
        "facts": [pair for pair in frame.facts if pair[0] in values.labels(report.given)],
    }
    _save(manifest)
    return Outcome(report.name, MADE)


def _forget(manifest: dict[str, Any], reports: Sequence[Report]) -> list[str]:
    """Take reports that are no longer in reports.yaml out of the manifest, and name them."""
    removed = sorted(manifest["reports"].keys() - {report.name for report in reports})
    for name in removed:
        del manifest["reports"][name]
    return removed


def _save(manifest: dict[str, Any]) -> None:
    store.write_atomically(paths.reports() / "manifest.json", freshness.written(manifest))
