"""One notebook with one set of parameters, executed by papermill in a kernel of its own.

Heavy to import (papermill, nbconvert), so only worker processes and tests do. Kernels talk over sockets in a private
folder: TCP ports are chosen before they are bound, and two kernels that start at once then take the same one.
"""

import os
import re
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
import papermill
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.exceptions import PapermillExecutionError

from analysis import paths
from analysis.errors import Problem, ReportError
from analysis.reports.normalise import normalise

TIMEOUT = 900
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_SOCKET = 90


class _Kernels(AsyncKernelManager):
    """Kernels of this very Python, whatever kernel of that name a user has installed, over private sockets."""

    @property
    def kernel_spec(self) -> KernelSpec:
        command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=command, display_name="Python 3", language="python")


def execute(name: str, path: Path, parameters: Mapping[str, Any], *, timeout: int = TIMEOUT) -> nbformat.NotebookNode:
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
        Seconds that a cell may take.

    Raises
    ------
    ReportError
        A cell failed or took too long, or the kernel died; names the report, the notebook and the cell.
    """
    source = _source(path)
    short = None if len(tempfile.gettempdir()) < _SOCKET else "/tmp"  # noqa: S108  # a socket's path may have 107 letters
    with tempfile.TemporaryDirectory(prefix="stancebook-", dir=short) as folder:
        output = Path(folder) / "executed.ipynb"
        try:
            notebook = papermill.execute_notebook(
                source,
                output,
                parameters=dict(parameters) or None,
                kernel_name="python3",
                language="python",
                progress_bar=False,
                log_output=False,
                execution_timeout=timeout,
                kernel_manager_class=_manager(folder),
                shutdown_kernel="immediate",  # waiting for its goodbye takes a second, and nothing in it is kept
            )
        except PapermillExecutionError as error:
            at, reason = error.cell_index, f"{error.ename}: {error.evalue}"
        except (DeadKernelError, CellTimeoutError, RuntimeError) as error:
            at, reason = _reached(output), _reason(error, timeout)
        else:
            return normalise(notebook, {cell.id for cell in source.cells if "id" in cell})
    where = _place(source, at, has_injected=bool(parameters))
    found = f"report {name!r} stopped at {where}: {_ANSI.sub('', reason).strip()}"
    hint = "open the notebook in JupyterLab with these parameters and run it to that cell"
    raise ReportError(Problem(paths.shown(path), 0, found, "", hint))


def _source(path: Path) -> nbformat.NotebookNode:
    try:
        return _read(path)
    except (nbformat.ValidationError, nbformat.reader.NotJSONError, OSError) as error:
        found = f"this is not a notebook: {str(error).splitlines()[0]}"
        hint = "open it in JupyterLab; a merge conflict in it is the usual cause"
        raise ReportError(Problem(paths.shown(path), 0, found, "the format nbformat 4", hint)) from None


def _read(path: Path) -> nbformat.NotebookNode:
    notebook: nbformat.NotebookNode = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    return notebook


def _manager(folder: str) -> type[_Kernels]:
    """The kernel manager whose sockets and IPython settings lie in `folder`, so that no user's profile takes part."""
    os.environ["IPYTHONDIR"] = folder
    private = {"transport": "ipc", "connection_file": f"{folder}/k.json"} if os.name == "posix" else {}

    class Private(_Kernels):
        def __init__(self, **settings: Any) -> None:
            super().__init__(**settings | private)

    return Private


def _reached(output: Path) -> int:
    """The place of the cell that papermill had begun last."""
    try:
        cells = _read(output).cells
    except (OSError, ValueError):
        return -1
    begun = [place for place, cell in enumerate(cells) if cell.metadata.papermill.get("status") != "pending"]
    return max(begun, default=-1)


def _reason(error: Exception, timeout: int) -> str:
    if isinstance(error, CellTimeoutError):
        return f"it took longer than {timeout} seconds"
    if isinstance(error, DeadKernelError):
        return "the kernel died; a lack of memory is the usual cause"
    return str(error)


def _place(source: nbformat.NotebookNode, at: int, *, has_injected: bool) -> str:
    """The cell in words, counted as the notebook shows it: the injected cell of parameters is not in it."""
    tagged = [place for place, cell in enumerate(source.cells) if "parameters" in cell.metadata.get("tags", ())]
    number = at + 1 - (has_injected and at > (tagged[0] if tagged else -1))
    return f"cell {number} of {len(source.cells)}" if number > 0 else "its start"
