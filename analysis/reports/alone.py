"""A run that has reports/ for itself, and that takes its processes along when it is told to end."""

import os
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import forkserver, set_forkserver_preload
from multiprocessing.util import Finalize
from typing import NoReturn

from filelock import FileLock, Timeout

from analysis import paths
from analysis.errors import BusyError, Problem
from analysis.reports import kernels

_BY_SIGNAL = 128


@contextmanager
def alone() -> Iterator[None]:
    """The right to write into reports/, which the system takes back from a run that is killed.

    Raises
    ------
    BusyError
        Another run has it.
    """
    paths.reports().mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(paths.reports() / ".lock", timeout=0):
            yield
    except Timeout:
        found, hint = "another run is making these reports", "wait until it has ended; nothing was done"
        raise BusyError(Problem(paths.shown(paths.reports()), 0, found, "one run at a time", hint)) from None


@contextmanager
def ended_in_order() -> Iterator[None]:
    """A block in which SIGTERM ends this process as Ctrl-C does, so that it can still take its workers along.

    Within another such block it does nothing.
    """
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGTERM) is _end:
        yield
        return
    before = signal.signal(signal.SIGTERM, _end)
    try:
        yield
    except (KeyboardInterrupt, SystemExit) as error:
        if isinstance(error, KeyboardInterrupt):
            sys.stderr.write("Interrupted.\n")
            # Where it came while a text was run as source, as in making a dataclass, Python would remember that and end
            # by the signal in place of our exit code, unless another text is run after it.
            exec("")  # noqa: S102
        end_forkserver()  # it may still load, and would fork workers when all is over
        raise
    finally:
        signal.signal(signal.SIGTERM, before)


def _end(number: int, _: object) -> NoReturn:
    sys.stderr.write("Terminated.\n")
    sys.exit(_BY_SIGNAL + number)


def warm_up() -> None:
    """Let the processes that workers and kernels are forked from load their packages while this one goes on.

    Raises
    ------
    ParameterError
        The environment variable STANCEBOOK_KERNELS names no kind of kernel.
    """
    server = kernels.server()
    if os.name != "posix":
        return
    set_forkserver_preload(["analysis.reports.preloaded"])
    before = tempfile.tempdir
    tempfile.tempdir = kernels.folder(server) or before  # for its socket, whose path must be short
    try:
        with _deaf():
            forkserver.ensure_running()
    finally:
        tempfile.tempdir = before


@contextmanager
def _deaf() -> Iterator[None]:
    """Processes started in this block do not hear Ctrl-C, which is for us alone, not even before they have begun."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def end_forkserver() -> None:
    """End the process that workers are forked from at once; by itself it takes a second after this one to end."""
    process = getattr(forkserver._forkserver, "_forkserver_pid", None)  # noqa: SLF001  # there is no public way
    if process:
        with suppress(OSError):
            os.kill(process, signal.SIGKILL)


Finalize(None, end_forkserver, exitpriority=0)
