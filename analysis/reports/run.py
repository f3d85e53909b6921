"""One notebook with one set of parameters, executed by papermill in a kernel of its own.

Heavy to import (papermill, nbconvert), so only worker processes and tests do.
"""

import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from time import monotonic
from typing import Any

import nbformat
import papermill
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.exceptions import PapermillExecutionError

from analysis import paths
from analysis.errors import ParameterError, Problem, ReportError, brief
from analysis.reports import environment, kernels
from analysis.reports.managers import closing_loop, manager
from analysis.reports.normalise import normalise

TIMEOUT = 900
LIMIT = "STANCEBOOK_TIMEOUT"
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_LEAST = 0.01
_STARTUP = Path("profile_default", "startup", "00-report.py")


def execute(
    name: str, path: Path, parameters: Mapping[str, Any], *, timeout: float | None = None, startup: str = ""
) -> nbformat.NotebookNode:
    """The executed notebook of the report `name`, normalised.

    Parameters
    ----------
    name
        The report, for messages.
    path
        The notebook's file, which stays as it is.
    parameters
        What to set; nothing for the notebook's own defaults, and then no cell is injected.
    timeout
        Seconds that all of it may take; default: see `limit`. A kernel that is still busy then is killed.
    startup
        Python source that the kernel runs before the first cell.

    Raises
    ------
    ReportError
        A cell failed, time ran out, or the kernel died; names the report, the notebook and the cell.
    """
    source, clock = _source(path), _Clock(timeout or limit())
    try:
        notebook = _survived(source, parameters, clock, startup)
    except PapermillExecutionError as error:
        clock.at, reason = error.cell_index, f"{error.ename}: {error.evalue}"
    except (DeadKernelError, CellTimeoutError, RuntimeError) as error:
        reason = _reason(error, clock)
    else:
        return normalise(notebook, {cell.id for cell in source.cells if "id" in cell})
    where = _place(source, clock.at, has_injected=bool(parameters))
    found = f"report {name!r} stopped at {where}: {_ANSI.sub('', reason).strip()}"
    hint = "open the notebook in JupyterLab with these parameters and run it to that cell"
    raise ReportError(Problem(paths.shown(path), 0, found, "", hint))


def limit() -> int:
    """Seconds that a notebook may take: what the environment variable STANCEBOOK_TIMEOUT says, or 900.

    Raises
    ------
    ParameterError
        The variable holds no whole number from 1 up.
    """
    given = os.environ.get(LIMIT) or str(TIMEOUT)
    if not given.isascii() or not given.isdigit() or not int(given):
        found = f"the environment variable {LIMIT} is {brief(given)}"
        raise ParameterError(Problem("", 0, found, "seconds, a whole number from 1 up"))
    return int(given)


class _Clock:
    """The time that is left for a notebook, and the cell it has reached."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.end, self.at = seconds, monotonic() + seconds, -1

    def left(self, _: object = None) -> float:
        """Seconds that are left; some, for none would mean that there is no limit."""
        return max(self.end - monotonic(), _LEAST)

    def reach(self, cell: object, cell_index: int) -> None:  # noqa: ARG002  # nbclient's signature
        """Note the cell that is begun."""
        self.at = cell_index


def _survived(
    source: nbformat.NotebookNode, parameters: Mapping[str, Any], clock: _Clock, startup: str
) -> nbformat.NotebookNode:
    """As `_run`; once more, with a plain kernel, where the process that kernels are forked from died with it."""
    server = kernels.server()
    try:
        return _run(source, parameters, clock, startup, server)
    except (DeadKernelError, RuntimeError, ReportError):
        if not server or kernels.server():
            raise
        return _run(source, parameters, clock, startup, None)


def _run(
    source: nbformat.NotebookNode, parameters: Mapping[str, Any], clock: _Clock, startup: str, server: Path | None
) -> nbformat.NotebookNode:
    """The notebook as papermill returns it, from a kernel that has gone when this returns."""
    with tempfile.TemporaryDirectory(prefix="k-" if server else "stancebook-", dir=kernels.folder(server)) as folder:
        if startup:
            (Path(folder) / _STARTUP).parent.mkdir(parents=True)
            (Path(folder) / _STARTUP).write_text(startup, encoding="utf-8")
        env = environment.steadied() | {"IPYTHONDIR": folder}  # so that no user's profile takes part
        for name in (
            kernels.ADDRESS,
            kernels.CHOICE,
            LIMIT,
        ):  # what is none of its business makes no difference in it
            env.pop(name, None)
        with closing_loop():
            executed: nbformat.NotebookNode = papermill.execute_notebook(
                source,
                None,
                parameters=dict(parameters) or None,
                kernel_name="python3",
                language="python",
                progress_bar=False,
                log_output=False,
                start_timeout=max(1, int(clock.left())),
                timeout_func=clock.left,
                on_cell_start=clock.reach,
                kernel_manager_class=manager(folder, env, server),
                shutdown_kernel="immediate",  # waiting for its goodbye takes a second, and nothing in it is kept
            )
    return executed


def _source(path: Path) -> nbformat.NotebookNode:
    try:
        return _read(path)
    except (nbformat.ValidationError, nbformat.reader.NotJSONError, OSError) as error:
        found = f"this is not a notebook: {str(error).splitlines()[0]}"
        hint = "open it in JupyterLab; a merge conflict in it is the usual cause"
        raise ReportError(Problem(paths.shown(path), 0, found, "the format nbformat 4", hint)) from None


def _read(path: Path) -> nbformat.NotebookNode:
    """The notebook without what it came to before, which papermill would copy and check for nothing."""
    notebook: nbformat.NotebookNode = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    return notebook


def _reason(error: Exception, clock: _Clock) -> str:
    if isinstance(error, CellTimeoutError) or monotonic() > clock.end:
        return f"it took longer than {clock.seconds} seconds"
    if isinstance(error, DeadKernelError):
        return "the kernel died; a lack of memory is the usual cause"
    return str(error)


def _place(source: nbformat.NotebookNode, at: int, *, has_injected: bool) -> str:
    """The cell in words, counted as the notebook shows it: the injected cell of parameters is not in it."""
    tagged = [place for place, cell in enumerate(source.cells) if "parameters" in cell.metadata.get("tags", ())]
    number = at + 1 - (has_injected and at > (tagged[0] if tagged else -1))
    return f"cell {number} of {len(source.cells)}" if number > 0 else "its start"
