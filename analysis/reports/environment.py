"""The environment in which two runs of one notebook give the same bytes. Light: a worker's first step."""

import atexit
import gc
import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from analysis import paths

_GRAMMAR = "rfc3987_syntax"
# A run has a process for each core. More threads in each would wait for one another, and add up in another order.
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
_STEADY = _ONE_THREAD | {
    "PYTHONHASHSEED": "0",
    "SOURCE_DATE_EPOCH": "0",
    "TZ": "UTC",
    "LC_ALL": "C.UTF-8",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    "PYDEVD_USE_FRAME_EVAL": "NO",  # which the debugger that a plain kernel loads would set
}


def steadied(root: str = "", package: str = "") -> dict[str, str]:
    """The variables of this process for a kernel: steady ones, the project's root, and where `analysis` is found.

    Parameters
    ----------
    root
        The project's folder; default: the one that this process works for. A worker may serve another one.
    package
        The folder to import `analysis` from, whatever folder a kernel runs in; default: where it lies here.
    """
    package = package or str(Path(__file__).parents[2])
    found = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    search = [package, *(folder for folder in found if folder and folder != package)]
    ours = {"STANCEBOOK_ROOT": root or str(paths.root()), "PYTHONPATH": os.pathsep.join(search)}
    return os.environ | _STEADY | ours


def steady(root: str, package: str) -> None:
    """Give this process, a worker of the project `root`, the variables of its kernels."""
    os.environ.update(steadied(root, package))


def of_command() -> None:
    """Settle the process of a command, before it loads any package: linear algebra in one thread, a quick end."""
    os.environ.update(_ONE_THREAD)
    atexit.register(gc.freeze)  # what is loaded is not looked through at the end, which takes a fifth of a second


def without_grammar() -> AbstractContextManager[None]:
    """A block in which jsonschema is imported without the check of international addresses, which nothing here uses.

    The package behind it compiles a grammar for two seconds in every process.
    """
    return without(_GRAMMAR)


@contextmanager
def without(package: str) -> Iterator[None]:
    """A block in which others are imported as if `package` were not there; after it, it can be imported as ever."""
    if sys.modules.get(package):
        yield
        return
    sys.modules[package] = None  # type: ignore[assignment]  # the way to say that there is none
    try:
        yield
    finally:
        sys.modules.pop(package, None)
