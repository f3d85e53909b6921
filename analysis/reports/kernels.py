"""Kernels for notebooks: forked from a process that has their packages loaded, or started the plain way.

A kernel's packages take seconds to import. On Linux one process (`forking`) imports them once, and every kernel is a
fork of it: a fresh process with a fresh namespace. Elsewhere a fork is not safe, or there is none, and kernels are
plain subprocesses. Light, for it is what a run starts with; `managers` is what a worker needs of a kernel.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from functools import cache
from multiprocessing.util import Finalize
from pathlib import Path

from analysis.errors import ParameterError, unknown
from analysis.reports import environment

CHOICE = "STANCEBOOK_KERNELS"
ADDRESS = "STANCEBOOK_KERNEL_SERVER"
_LONGEST = 60
_END = 1
_LAST = -1000  # after multiprocessing has removed its own folder, which lies in ours
_STARTING = threading.Lock()


def kind() -> str:
    """How kernels are started here: "forked", or "plain: " and why.

    Raises
    ------
    ParameterError
        The environment variable STANCEBOOK_KERNELS is neither `forked` nor `plain`.
    """
    choice = os.environ.get(CHOICE) or "forked"
    if choice not in ("forked", "plain"):
        raise ParameterError(unknown(f"the environment variable {CHOICE}", choice, ("forked", "plain")))
    if choice == "plain":
        return f"plain: {CHOICE} asks for it"
    return "forked" if sys.platform == "linux" else f"plain: on {sys.platform} processes cannot be forked safely"


def server() -> Path | None:
    """The socket of the process that kernels are forked from, which is started when there is none; nothing for plain.

    It is the one that the environment names, as in a worker process, or this process's own, which ends with it. Where
    it has died, kernels are plain from then on.
    """
    if kind() != "forked":
        return None
    given = os.environ.get(ADDRESS)
    with _STARTING:
        address = Path(given) if given else _own()
    return address if _answers(address) else None


def _answers(address: Path) -> bool:
    """Whether a process listens there, though it may still be loading its packages."""
    with socket.socket(socket.AF_UNIX) as caller:
        try:
            caller.connect(str(address))
        except OSError:
            return False
    return True


def folder(of: Path | None) -> str | None:
    """Where the private folder of a kernel is made: in its server's, which removes what a killed worker left there."""
    if of:
        return str(of.parent)
    is_short = (
        len(tempfile.gettempdir()) < _LONGEST
    )  # a socket's path may have 107 letters, and lies two folders deeper
    return None if is_short else "/tmp"  # noqa: S108


@cache
def _own() -> Path:
    """The socket of a server that this process starts, and that goes when this process does, however it ends."""
    private = Path(tempfile.mkdtemp(prefix="stancebook-", dir=folder(None)))
    address = private / "s"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(address))  # so that requests may wait while the server loads its packages
        listener.listen(128)
        process = subprocess.Popen(  # noqa: S603  # this very Python
            [sys.executable, "-m", "analysis.reports.forking", str(listener.fileno()), str(private)],
            stdin=subprocess.PIPE,
            pass_fds=[listener.fileno()],
            start_new_session=True,  # Ctrl-C is for us; it ends when its standard input does
            env=environment.steadied(),
        )
    Finalize(None, _stop, (process, private), exitpriority=_LAST)
    return address


def _stop(process: "subprocess.Popen[bytes]", private: Path) -> None:
    """Let the server end, also while it still loads its packages."""
    if process.stdin:
        process.stdin.close()
    try:
        process.wait(_END)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    shutil.rmtree(private, ignore_errors=True)  # it does so itself, unless it was killed
