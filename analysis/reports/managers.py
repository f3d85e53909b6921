"""What papermill starts and talks to kernels with: a manager for one notebook, and what it is made of.

Kernels talk over sockets in a private folder: TCP ports are chosen before they are bound, and two kernels that start at
once then take the same one.
"""

import json
import os
import signal
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty
from time import monotonic
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from jupyter_core.utils import ensure_event_loop

from analysis.errors import Problem, ReportError
from analysis.reports.kernels import CHOICE

_PATIENCE = 60
_END = 5
_BUFFER = 1 << 12
_GLANCE = 0.1


class Fork:
    """A forked kernel, with the methods of `subprocess.Popen` that jupyter_client uses."""

    stdin = stdout = stderr = None

    def __init__(self, server: Path, argv: list[str], env: Mapping[str, str]) -> None:
        self.returncode: int | None = None
        self._told = b""
        self._server = socket.socket(socket.AF_UNIX)
        request = json.dumps({"argv": argv, "env": dict(env), "cwd": str(Path.cwd())})
        try:
            self._server.settimeout(_PATIENCE)
            self._server.connect(str(server))
            self._server.sendall(request.encode() + b"\n")
            self.pid = int(self._line(_PATIENCE))
        except (OSError, ValueError):
            self._server.close()
            hint = f"set {CHOICE}=plain in the environment to do without it, and please report it"
            raise ReportError(Problem("", 0, "the process that forks kernels does not answer", "", hint)) from None

    def poll(self) -> int | None:
        """The exit code; nothing as long as it runs."""
        return self._ended(0)

    def wait(self) -> int | None:
        """The exit code, once it has ended; nothing when it does not within some seconds."""
        return self._ended(_END)

    def send_signal(self, number: int) -> None:
        """Send a signal to the kernel and the processes it started."""
        with suppress(OSError):
            self._server.sendall(f"{number}\n".encode())

    def kill(self) -> None:
        """End it, and wait until it is gone: jupyter_client would look again after a tenth of a second."""
        self.send_signal(signal.SIGKILL)
        self._ended(_END)

    def _ended(self, seconds: float) -> int | None:
        if self.returncode is None:
            with suppress(BlockingIOError, TimeoutError):
                told = self._line(seconds)
                self.returncode = int(told) if told else -signal.SIGKILL
                self._server.close()
        return self.returncode

    def _line(self, seconds: float) -> bytes:
        """The next line from the server; nothing when it is gone."""
        self._server.settimeout(seconds)
        while b"\n" not in self._told:
            try:
                piece = self._server.recv(_BUFFER)
            except ConnectionError:
                piece = b""
            if not piece:
                return b""
            self._told += piece
        line, _, self._told = self._told.partition(b"\n")
        return line


class Provisioner(LocalProvisioner):
    """Kernels with the environment of `manager`, forked where it names a server."""

    def __init__(self, server: Path | None, env: Mapping[str, str], **given: Any) -> None:
        super().__init__(**given)
        self._server, self._env = server, env

    async def pre_launch(self, **given: Any) -> dict[str, Any]:
        """The command to run and its arguments, with our environment."""
        launch: dict[str, Any] = await super().pre_launch(**given | {"env": dict(self._env)})
        return launch

    async def launch_kernel(self, cmd: list[str], **given: Any) -> KernelConnectionInfo:
        """Start the kernel."""
        if not self._server:
            return await super().launch_kernel(cmd, **given)
        self.process: Any = Fork(self._server, cmd[2:], given["env"])
        self.pid, self.pgid = self.process.pid, None  # its group is signalled by the server, which knows if it lives
        return self.connection_info

    async def send_signal(self, signum: int) -> None:
        """Pass a signal on; no interrupt to a kernel that is about to be killed, which would only complain."""
        if signum != signal.SIGINT or not getattr(self.parent, "shutting_down", False):
            await super().send_signal(signum)

    async def kill(self, restart: bool = False) -> None:  # noqa: FBT001, FBT002  # jupyter_client's signature
        """End the kernel at once."""
        if isinstance(self.process, Fork):
            self.process.kill()
        else:
            await super().kill(restart)


class Client(AsyncKernelClient):
    """A client that goes on once the kernel answers; jupyter_client's waits for a fifth of a second of silence.

    It has no channel for input, which no notebook here gets, and none for heartbeats, whose thread takes a tenth of a
    second to end: whether the kernel lives is asked of its manager.
    """

    def start_channels(self, *_: bool, **__: bool) -> None:
        """Start those that are used."""
        super().start_channels(stdin=False, hb=False)

    async def wait_for_ready(self, timeout: float | None = None) -> None:  # noqa: ASYNC109  # the signature of jupyter_client
        """Return when the kernel has answered, and what it prints from now on will be heard.

        Raises
        ------
        RuntimeError
            It died, or did not answer within `timeout` seconds.
        """
        end = monotonic() + (timeout or _PATIENCE)
        again = 0.0
        heard = {"iopub": False, "shell": False}
        while not all(heard.values()):
            if monotonic() > again:
                self.kernel_info()
                again = monotonic() + 1
            for name, get in (("iopub", self.get_iopub_msg), ("shell", self.get_shell_msg)):
                with suppress(Empty):
                    heard[name] = heard[name] or bool(await get(timeout=_GLANCE))
            if not await self.is_alive():
                raise RuntimeError("the kernel died before it was ready")
            if monotonic() > end:
                raise RuntimeError(f"the kernel was not ready after {timeout:.0f} seconds")


@contextmanager
def closing_loop() -> Iterator[None]:
    """A block after which the event loop that nbclient made for this thread is closed: no thread closes its own."""
    try:
        yield
    finally:
        loop = ensure_event_loop()
        if not loop.is_running():
            loop.close()


def manager(private: str, env: Mapping[str, str], server: Path | None) -> type[AsyncKernelManager]:
    """The class of kernel managers for one notebook.

    Parameters
    ----------
    private
        A folder of its own, for sockets.
    env
        All environment variables of the kernel.
    server
        What to fork it from; nothing for a plain kernel.
    """
    sockets = {"transport": "ipc", "connection_file": f"{private}/k.json"} if os.name == "posix" else {}

    class Kernels(AsyncKernelManager):
        """Kernels of this very Python, whatever kernel of that name a user has installed."""

        def __init__(self, **given: Any) -> None:
            super().__init__(**given | sockets | {"client_factory": Client})
            self.kernel_id = Path(private).name
            self.provisioner = Provisioner(
                server, env, kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self
            )

        @property
        def kernel_spec(self) -> KernelSpec:
            command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
            return KernelSpec(argv=command, display_name="Python 3", language="python")

    return Kernels
