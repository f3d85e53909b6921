"""Reports: parameter sets × notebooks → one HTML page each, and an index.

notebooks/reports.yaml says which notebook is run with which parameters. `make` runs those whose inputs changed;
`refresh` runs the notebooks themselves and keeps their outputs in place.

    parameters, declared   reports.yaml read, names and types checked; values: what they mean
    freshness              what has to be made again
    work                   all that is due, over all cores; run, normalise, page: one report
    site                   the index, stale marks, what no longer belongs
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.errors import Problem

MADE, UNCHANGED, FAILED, REMOVED = "made", "unchanged", "failed", "removed"


@dataclass(frozen=True)
class Outcome:
    """What became of one report, and why when it failed."""

    name: str
    state: str
    problem: Problem | None = None

    @property
    def failed(self) -> bool:
        """Whether the report's page is not what it should be."""
        return self.state == FAILED

    def __str__(self) -> str:
        return f"{self.state:9}  {self.name}" + (f"\n{self.problem}" if self.problem else "")


def make(names: Sequence[str] = (), *, force: bool = False, jobs: int | None = None) -> list[Outcome]:
    """Make the pages whose inputs changed, and the index.

    Parameters
    ----------
    names
        Reports of notebooks/reports.yaml. Default: all.
    force
        Make them though nothing changed.
    jobs
        Notebooks that run at once. Default: one a core.

    Returns
    -------
    list of Outcome
        One a report, in the order of reports.yaml. A report that failed keeps its last page, marked as stale.

    Raises
    ------
    ParameterError
        All that is wrong with reports.yaml or `names`; then nothing was run.
    StoreError
        reports/ cannot be written.
    """
    from analysis.reports import freshness, parameters  # as below

    reports, problems = parameters.read()
    if not problems:
        wanted = parameters.chosen(reports, names)
        manifest, keys = freshness.read(), freshness.keys(reports)
        due = [each for each in wanted if force or not freshness.is_current(each.name, keys[each.name], manifest)]
        if not due and freshness.is_whole(reports, keys, manifest):
            return [Outcome(report.name, UNCHANGED) for report in wanted]
    from analysis.reports import work  # a run in which nothing changed needs none of its imports

    return work.make(reports, problems, names, force=force, jobs=jobs)


def refresh() -> list[Path]:
    """Execute every notebook in place with its own default parameters; a second run changes no byte.

    Returns
    -------
    list of Path
        The notebooks, in order.

    Raises
    ------
    ReportError
        Notebooks that did not run to their end; then none was written.
    """
    from analysis.reports import work  # as above

    return work.refresh()
