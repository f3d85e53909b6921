"""Notebooks over all cores: workers are forked from one process that has papermill and nbconvert loaded already."""

import multiprocessing
import os
from collections.abc import Hashable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from multiprocessing import connection, forkserver
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

from analysis import paths, store
from analysis.errors import Problem, ReportError, StancebookError
from analysis.reports import environment

_Key = TypeVar("_Key", bound=Hashable)
_IS_POSIX = os.name == "posix"


def warm_up() -> None:
    """Let the process that workers are forked from load its packages while this one reads the corpora."""
    if _IS_POSIX:
        multiprocessing.set_forkserver_preload(["analysis.reports.worker"])
        forkserver.ensure_running()


def run(calls: Mapping[_Key, tuple[str, Any]], jobs: int | None) -> Iterator[tuple[_Key, Any]]:
    """The result of each call, or the error in its place, as soon as it is there.

    Parameters
    ----------
    calls
        By key: the name of a function of `worker`, and its one argument.
    jobs
        Calls that run at once. Default: one a core.
    """
    if not calls:
        return
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    context = multiprocessing.get_context("forkserver" if _IS_POSIX else "spawn")
    workers = min(len(calls), jobs or cores)
    package = str(Path(__file__).parents[2])
    pool = ProcessPoolExecutor(workers, context, _begin, (str(paths.root()), package))
    with store.progress() as bar:
        try:
            futures = {pool.submit(_call, *call): key for key, call in calls.items()}
            for future in bar.track(as_completed(futures), len(futures), description="running notebooks"):
                yield futures[future], _result(future)
        finally:
            pool.shutdown(cancel_futures=True)


def _begin(root: str, package: str) -> None:
    environment.steady(root, package)
    Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    """End this worker when the run that started it is killed; otherwise it would wait for its next call for ever."""
    parent = multiprocessing.parent_process()
    if parent:
        connection.wait([parent.sentinel])
        os._exit(1)


def _call(name: str, argument: Any) -> Any:
    from analysis.reports import worker  # heavy, and needed in the worker only

    return getattr(worker, name)(argument)


def _result(future: Future[Any]) -> Any:
    """What a call gave; whatever stopped it becomes an error of ours, for it must not stop the others."""
    try:
        return future.result()
    except StancebookError as error:
        return error
    except Exception as error:  # noqa: BLE001
        hint = "this is a fault of Stancebook or of a package, not of your files; please report it"
        return ReportError(Problem("", 0, f"the worker failed with {type(error).__name__}: {error}", "", hint))
