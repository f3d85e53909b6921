"""The process that kernels are forked from: the slow packages are loaded here once, and no kernel outlives it.

    python -m analysis.reports.forking LISTENER FOLDER

LISTENER is the number of an inherited socket, FOLDER is removed at the end. Over each connection comes one request, a
line of JSON with the kernel's `argv`, `env` and `cwd`. The answer is a line with its process number, and at its end one
with its exit code. A line with a number that is sent later is a signal for it. Whoever hangs up has its kernel killed;
when standard input ends, which the starting process keeps open as long as it lives, all are killed.

Packages that few notebooks need are loaded while the first kernels run and nobody asks for one.
"""

import ctypes
import gc
import importlib
import json
import os
import selectors
import shutil
import signal
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from analysis.reports import loading

_DIE_WITH_PARENT = 1
_YOUNG = 20_000  # objects between two looks for rubbish, which take a twentieth of the time at Python's 700
_BUFFER = 1 << 16
_CALM = 0.4  # seconds, in which all kernels that can run at once have been asked for


def _is_over() -> bool:
    """Whether the starting process has gone."""
    with selectors.DefaultSelector() as selector:
        selector.register(0, selectors.EVENT_READ)
        return bool(selector.select(0))


class Server:
    """Forks a kernel for each request, passes signals on to it, and tells its end."""

    def __init__(self, listener: socket.socket) -> None:
        self.listener = listener
        self.children: dict[int, socket.socket] = {}
        self.wake, wake = socket.socketpair()
        self.wake.settimeout(0)
        wake.settimeout(0)
        self.waking = wake
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
        self.selector = selectors.DefaultSelector()
        for source, action in ((listener, self._accept), (self.wake, self._reap), (0, None)):
            self.selector.register(source, selectors.EVENT_READ, action)

    def run(self) -> None:
        """Serve until standard input ends, then kill what is left."""
        later = [*loading.LATER]
        while True:
            ready = self.selector.select(_CALM if later and self.children else None)
            if not ready:
                loading.load([later.pop(0)])
            for key, _ in ready:
                if key.data is None:
                    return self._end()
                if key.fileobj in (self.listener, self.wake) or key.fileobj in self.selector.get_map():
                    key.data(key.fileobj)

    def _accept(self, listener: socket.socket) -> None:
        connection, _ = listener.accept()
        self.selector.register(connection, selectors.EVENT_READ, self._fork)

    def _fork(self, connection: socket.socket) -> None:
        line = _line(connection)
        self.selector.unregister(connection)
        if not line:
            connection.close()
            return
        gc.freeze()  # what is loaded is never looked at again, so that kernels go on sharing its memory
        child = os.fork()
        if not child:
            self._become(json.loads(line))
        self.children[child] = connection
        self.selector.register(connection, selectors.EVENT_READ, self._pass_on)
        _tell(connection, child)

    def _become(self, request: dict[str, Any]) -> NoReturn:
        """Turn this process, just forked, into the kernel."""
        code = 1
        try:
            self._let_go()
            become_kernel(request)
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(bool(end.code))
        except BaseException:  # noqa: BLE001  # nothing of this process's own may go on in a child
            sys.excepthook(*sys.exc_info())
        finally:
            os._exit(code)

    def _let_go(self) -> None:
        """Close what belongs to the server: a connection that a kernel kept open would never be seen to end."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self.selector.close()
        for each in (self.listener, self.wake, self.waking, *self.children.values()):
            each.close()

    def _pass_on(self, connection: socket.socket) -> None:
        child = next(child for child, own in self.children.items() if own is connection)
        line = _line(connection)
        if not line:
            self.selector.unregister(connection)
        for number in line.split() or ["9"]:  # SIGKILL
            _signal(child, int(number))

    def _reap(self, wake: socket.socket) -> None:
        """Tell the ends of kernels; what a kernel had started in its turn ends with it."""
        with suppress(BlockingIOError):
            wake.recv(_BUFFER)
        with suppress(ChildProcessError):
            while ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                _signal(ended.si_pid, signal.SIGKILL)
                _, status = os.waitpid(ended.si_pid, 0)
                connection = self.children.pop(ended.si_pid)
                with suppress(KeyError):
                    self.selector.unregister(connection)
                _tell(connection, os.waitstatus_to_exitcode(status))
                connection.close()

    def _end(self) -> None:
        for child in self.children:
            _signal(child, signal.SIGKILL)
        for child in self.children:
            os.waitpid(child, 0)


def become_kernel(request: dict[str, Any]) -> None:
    """Run a kernel as `python -m ipykernel_launcher` would, in a session, environment and random state of its own."""
    gc.set_threshold(_YOUNG)
    gc.enable()
    os.setsid()
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.environ.clear()
    os.environ.update(request["env"], JPY_PARENT_PID=str(os.getppid()))
    time.tzset()
    os.chdir(request["cwd"])
    sys.argv = request["argv"]
    _reseed()
    importlib.import_module("ipykernel.kernelapp").launch_new_instance()


def _reseed() -> None:
    """Give numpy's old generator a new state, as `random` gives itself at a fork; else all kernels draw the same."""
    numpy = sys.modules.get("numpy")
    if numpy:
        numpy.random.seed()


def _line(connection: socket.socket) -> str:
    """What came over a connection up to the end of a line; nothing when it was closed."""
    got = b""
    while not got.endswith(b"\n"):
        try:
            piece = connection.recv(_BUFFER)
        except OSError:
            piece = b""
        if not piece:
            return ""
        got += piece
    return got.decode()


def _tell(connection: socket.socket, number: int) -> None:
    with suppress(OSError):  # nobody listens any more
        connection.sendall(f"{number}\n".encode())


def _signal(child: int, number: int) -> None:
    """Send a signal to a kernel and to what it started; right after the fork it has no group of its own yet."""
    try:
        os.killpg(child, number)
    except OSError:
        with suppress(OSError):
            os.kill(child, number)


def main() -> None:
    """Load the packages, serve, and leave nothing behind."""
    listener, folder = int(sys.argv[1]), Path(sys.argv[2])
    if Path(sys.path[0]) == Path.cwd():
        del sys.path[0]  # `python -m` puts the caller's folder there, and a kernel takes it away
    os.environ["JPY_PARENT_PID"] = str(os.getpid())  # which ipykernel reads when it is imported
    try:
        loading.begin(_is_over)
        Server(socket.socket(fileno=listener)).run()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)  # taking down what is loaded piece by piece takes a while, and serves nothing


if __name__ == "__main__":
    main()
