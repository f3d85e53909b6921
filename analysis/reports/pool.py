"""Notebooks run by an executor: by our own workers over all cores, or by any other, such as a cluster of machines.

Our own are processes forked from one that has papermill and nbconvert loaded already. A call carries with it which
project it is for, so that a worker of any kind can be asked to do it.
"""

import gc
import multiprocessing
import os
import pickle
import signal
import threading
from collections.abc import Callable, Hashable, Iterator, Mapping
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, as_completed
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import partial
from multiprocessing import connection
from pathlib import Path
from typing import Any, TypeVar

from analysis import paths, store
from analysis.errors import ParameterError, Problem, ReportError, StancebookError
from analysis.reports import alone, environment, kernels

_Key = TypeVar("_Key", bound=Hashable)
_IS_POSIX = os.name == "posix"
_PACKAGE = str(Path(__file__).parents[2])
_PATIENCE = 10
_OPENED = """(
    package in __import__("sys").path or __import__("sys").path.append(package),
    __import__("pickle").loads(call)(),
)[-1]"""
_NOWHERE = "tcp://"  # where Dask is given no address, it starts a cluster of its own


def run(
    calls: Mapping[_Key, tuple[str, Any]],
    jobs: int | None,
    *,
    executor: Executor | None = None,
    scheduler: str = "",
) -> Iterator[tuple[_Key, Any]]:
    """The result of each call, or the error in its place, as soon as it is there.

    Parameters
    ----------
    calls
        By key: the name of a function of `worker`, and its one argument.
    jobs
        Calls that run at once in our own processes. Default: one a core.
    executor
        What runs the calls in place of our own processes. It is left open.
    scheduler
        The address of a Dask scheduler whose workers shall run them: see `cluster`.
    """
    lost = {}
    for key, result in _run(calls, jobs, executor, scheduler):
        if isinstance(result, BrokenExecutor):
            lost[key] = calls[key]
        else:
            yield key, result
    for key, call in lost.items():  # each by itself, so that one which ends its worker takes no other with it
        for _, result in _run({key: call}, 1, None, ""):
            yield key, _unforeseen(result) if isinstance(result, BrokenExecutor) else result


def _run(
    calls: Mapping[_Key, tuple[str, Any]], jobs: int | None, executor: Executor | None, scheduler: str
) -> Iterator[tuple[_Key, Any]]:
    """As `run`; BrokenExecutor in place of a result that was lost with a worker."""
    if not calls:
        return
    with _chosen(len(calls), jobs, executor, scheduler) as chosen, store.progress() as bar:
        with store.without_main():
            futures = {
                chosen.submit(_call, name, argument, str(paths.root()), _PACKAGE): key
                for key, (name, argument) in calls.items()
            }
        try:
            for future in bar.track(as_completed(futures), len(futures), description="running notebooks"):
                yield futures[future], _result(future)
        finally:
            for future in futures:
                future.cancel()


@contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """The workers of a Dask scheduler as an executor.

    They must see the project in the same place as this process, and have its packages. A call whose worker dies is
    given to another one.

    Parameters
    ----------
    address
        Of the scheduler, such as tcp://host:8786.

    Raises
    ------
    ParameterError
        Dask is not installed, or there is no scheduler at the address.
    """
    client = _client(address)
    if client is None:
        hint = "`dask scheduler` starts one and prints its address; `dask worker ADDRESS` adds a worker to it"
        found = f"no Dask scheduler answers at {address!r}"
        raise ParameterError(Problem("", 0, found, "an address such as tcp://host:8786", hint))
    with client:
        executor: Executor = client.get_executor(pure=False)
        try:
            yield _Far(executor)
        finally:
            executor.shutdown(wait=False)


def _client(address: str) -> Any:
    """A client of the scheduler; nothing where none answers.

    Dask closes a client that could not start when it is collected as rubbish. Should that be while another one starts,
    both would wait for one lock for ever, so it is collected here.
    """
    try:
        from distributed import Client
    except ImportError:
        hint = 'pip install "stancebook[cluster]"'
        raise ParameterError(Problem("", 0, "a cluster needs Dask, which is not installed", "", hint)) from None
    try:
        return Client(address or _NOWHERE, timeout=_PATIENCE, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TypeError):
        pass
    gc.collect()
    return None


class _Far(Executor):
    """An executor of other machines, to which calls go as bytes.

    So a scheduler, which looks into what it passes on, need not have our packages; a worker is told where they are.
    """

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    def submit(self, function: Callable[..., Any], /, *given: Any, **named: Any) -> Future[Any]:
        """The future result of a call."""
        call = pickle.dumps(partial(function, *given, **named))
        return self._executor.submit(eval, _OPENED, {"call": call, "package": _PACKAGE})


def _chosen(
    n_calls: int, jobs: int | None, executor: Executor | None, scheduler: str
) -> AbstractContextManager[Executor]:
    if executor:
        return nullcontext(executor)
    return cluster(scheduler) if scheduler else _processes(min(n_calls, jobs or _cores()))


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def _processes(n_workers: int) -> Iterator[Executor]:
    """Our own worker processes; when the block is left by an error, as Ctrl-C is one, they end amid their calls."""
    alone.warm_up()
    context = multiprocessing.get_context("forkserver" if _IS_POSIX else "spawn")
    heard, told = context.Pipe(duplex=False)
    server = kernels.server()
    given = (str(paths.root()), _PACKAGE, str(server or ""), heard)
    pool = ProcessPoolExecutor(n_workers, context, _begin, given)
    try:
        yield pool
    except BaseException:
        told.close()  # the workers see it
        alone.end_forkserver()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
        told.close()
        heard.close()


def _begin(root: str, package: str, server: str, heard: "connection.Connection") -> None:
    """The first step of a worker process."""
    environment.steady(root, package)
    os.environ[kernels.ADDRESS] = server
    signal.signal(signal.SIGINT, lambda *_: None)  # ignoring it would be handed on to plain kernels
    threading.Thread(target=_leave_with_parent, args=(heard,), daemon=True).start()


def _leave_with_parent(heard: "connection.Connection") -> None:
    """End this worker when the run that started it does; otherwise it would go on, or wait for a call for ever."""
    parent = multiprocessing.parent_process()
    if parent:
        connection.wait([parent.sentinel, heard])
        for child in _children():  # a plain kernel would notice a second later, and what it has started never
            with suppress(OSError):
                os.killpg(child, signal.SIGKILL)
        os._exit(1)


def _children() -> list[int]:
    """The processes that this one has started, where the system tells them."""
    told = Path("/proc/self/task").glob("*/children")
    return [int(child) for each in told for child in each.read_text(encoding="ascii").split()]


def _call(name: str, argument: Any, root: str, package: str) -> Any:
    """Do one call, in whatever process this is."""
    if str(paths.root()) != root:
        environment.steady(root, package)
    with environment.without_grammar():
        from analysis.reports import worker  # heavy, and needed in the worker only
    function: Callable[[Any], Any] = getattr(worker, name)
    return function(argument)


def _result(future: Future[Any]) -> Any:
    """What a call gave; whatever stopped it becomes an error of ours, for it must not stop the others."""
    try:
        return future.result()
    except (StancebookError, BrokenExecutor) as error:
        return error
    except Exception as error:  # noqa: BLE001
        return _unforeseen(error)


def _unforeseen(error: Exception) -> ReportError:
    """What is told of an error that is none of ours."""
    hint = "this is a fault of Stancebook or of a package, not of your files; please report it"
    if isinstance(error, OSError):
        hint = "free some space or allow writing, then run it again"
    if isinstance(error, BrokenExecutor):
        hint = "a lack of memory is the usual cause"
    return ReportError(Problem("", 0, f"the worker failed with {type(error).__name__}: {error}", "", hint))
