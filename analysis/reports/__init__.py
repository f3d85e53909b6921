"""Reports: parameter sets × notebooks → one HTML page each, and an index.

notebooks/reports.yaml says which notebook is run with which parameters. `make` runs those whose inputs changed;
`refresh` runs the notebooks themselves and keeps their outputs in place.

    parameters, declared   reports.yaml read, names and types checked; values: what they mean
    freshness, reads       what has to be made again: keys of files, and the rows that a notebook read; reasons: why
    work, alone            a run from its start to its end, alone in its folder
    pool, worker           notebooks over all cores or a cluster; run, normalise, page, news: one report
    kernels                forking: the process that they are forked from, loading: what it has loaded; managers: how
                           papermill gets one
    site, announce         the index, stale marks, what no longer belongs; changes.json, feed and mail
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.errors import Problem

MADE, UNCHANGED, FAILED, REMOVED = "made", "unchanged", "failed", "removed"


@dataclass(frozen=True)
class Outcome:
    """What became of one report, why when it failed; what is new when it was made, and how many seconds that took."""

    name: str
    state: str
    problem: Problem | None = None
    news: str = ""
    seconds: float | None = None

    @property
    def failed(self) -> bool:
        """Whether the report's page is not what it should be."""
        return self.state == FAILED

    def __str__(self) -> str:
        told = f"\n{self.problem}" if self.problem else f": {self.news}" if self.news else ""
        return f"{self.state:9}  {self.name}{told}"


@dataclass(frozen=True)
class Asked:
    """Which reports to make, whether though nothing changed, on how many cores or whose cluster, and who is told."""

    names: Sequence[str] = ()
    force: bool = False
    jobs: int | None = None
    scheduler: str = ""
    told: Callable[[Outcome], None] = lambda _: None


def make(
    names: Sequence[str] = (),
    *,
    force: bool = False,
    jobs: int | None = None,
    scheduler: str = "",
    told: Callable[[Outcome], None] = lambda _: None,
) -> list[Outcome]:
    """Make the pages whose inputs changed, and the index, the news and the feed.

    Parameters
    ----------
    names
        Reports of notebooks/reports.yaml. Default: all.
    force
        Make them though nothing changed.
    jobs
        Notebooks that run at once. Default: one a core.
    scheduler
        The address of a Dask scheduler, such as tcp://host:8786, whose workers shall run them; they must see this
        folder under the same path. Default: this machine.
    told
        Called with each outcome as soon as it is there.

    Returns
    -------
    list of Outcome
        One a report, in the order of reports.yaml. A report that failed keeps its last page, marked as stale.

    Raises
    ------
    ParameterError
        All that is wrong with reports.yaml, `names` or `scheduler`; then nothing was run.
    BusyError
        Another run is making these reports.
    StoreError
        reports/ cannot be written.
    """
    current = None if force else _nothing_due(names)
    if current is not None:
        for outcome in current:
            told(outcome)
        return current
    from analysis.reports import alone  # a run in which nothing changed needs none of these

    with alone.ended_in_order():
        alone.warm_up()  # before pandas is imported here, which takes a second

        from analysis.reports import work

        return work.make(Asked(names, force, jobs, scheduler, told))


def _nothing_due(names: Sequence[str]) -> list[Outcome] | None:
    """The outcomes where neither a report nor the index has to be made again."""
    from analysis.reports import freshness, parameters  # as above

    reports, problems = parameters.read()
    if problems:
        return None
    wanted, manifest = parameters.chosen(reports, names), freshness.read()
    keys = freshness.keys(reports, manifest)
    is_current = all(freshness.is_current(each.name, keys[each.name], manifest) for each in wanted)
    if not is_current or not freshness.is_whole(reports, keys, manifest):
        return None
    return [Outcome(report.name, UNCHANGED) for report in wanted]


def why(names: Sequence[str] = ()) -> dict[str, list[str]]:
    """Of each report, by name, what changed since its page was made; nothing where the page is current.

    Parameters
    ----------
    names
        Reports of notebooks/reports.yaml. Default: all.

    Raises
    ------
    ParameterError
        Names that are not there, or a list of reports that cannot be read.
    CorpusError
        A corpus that cannot be read.
    """
    from analysis.reports import reasons  # as above

    return reasons.of(names)


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
    from analysis.reports import alone  # as above

    with alone.ended_in_order():
        alone.warm_up()

        from analysis.reports import work

        return work.refresh()
