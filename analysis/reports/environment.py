"""The environment in which two runs of one notebook give the same bytes. Light: a worker's first step."""

import os

_STEADY = {
    "PYTHONHASHSEED": "0",
    "SOURCE_DATE_EPOCH": "0",
    "TZ": "UTC",
    "LC_ALL": "C.UTF-8",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}


def steady(root: str, package: str) -> None:
    """Set the variables that kernels inherit: steady ones, the project's `root`, and where `analysis` is found.

    Parameters
    ----------
    root
        The project's folder. Workers may be forked from a process that was started for another one.
    package
        The folder to import `analysis` from, the caller's own, whatever folder a kernel runs in.
    """
    found = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    search = [package, *(folder for folder in found if folder and folder != package)]
    os.environ.update(_STEADY | {"STANCEBOOK_ROOT": root, "PYTHONPATH": os.pathsep.join(search)})
