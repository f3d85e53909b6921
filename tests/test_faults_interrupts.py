"""A run that is told to end, by Ctrl-C or by SIGTERM, ends at once and takes every process of its own along."""

import os
import signal
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import corpus_builder
import pytest
import small_site
from faulty_site import cells, family, started, within
from filelock import FileLock

SECONDS, AT_MOST, TIMES = 2, 10, 3
Send = Callable[[int, int], None]


def seconds_to_end(root: Path, number: int, send: Send, begun: Callable[[], Any], **given: Any) -> float:
    """Seconds from the signal to the end of the last process of a run, which must tell what ended it."""
    with started(root, **given) as process:
        assert within(60, begun)
        assert len(family(root)) > 1
        send(process.pid, number)
        asked = time.monotonic()
        printed = process.communicate(timeout=2 * AT_MOST)[0]
        assert within(AT_MOST - (time.monotonic() - asked), lambda: not family(root)), family(root)
        taken = time.monotonic() - asked
    assert process.returncode == {signal.SIGINT: 130, signal.SIGTERM: 143}[number]
    assert printed.split("\n").count({signal.SIGINT: "Interrupted.", signal.SIGTERM: "Terminated."}[number]) == 1
    assert "Traceback" not in printed
    return taken


def waiting(root: Path) -> tuple[Path, Path]:
    """Let the notebooks `one` and `two` wait in a cell; the files by which they say so, and by which they go on."""
    begun, go = root / "begun", root / "go"
    for path in (begun, go):
        path.unlink(missing_ok=True)
    waits = (
        f"import pathlib, time; pathlib.Path({str(begun)!r}).touch()\n"
        f"for _ in range(600): pathlib.Path({str(go)!r}).exists() or time.sleep(0.1)"
    )
    for name in ("one", "two"):
        small_site.notebook(root, name, cells(waits))
    return begun, go


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("send", [os.kill, os.killpg], ids=["process", "group"])
@pytest.mark.parametrize("at", ["while workers start", "in a cell"])
def test_a_run_that_is_told_to_end_ends_at_once(root: Path, number: int, send: Send, at: str) -> None:
    """The best of three counts: what else a machine does can make an end late, and never early."""
    lock = root / "reports/.lock"
    taken: list[float] = []
    while len(taken) < TIMES and min(taken, default=AT_MOST) > SECONDS:
        lock.unlink(missing_ok=True)
        begun, _ = waiting(root)
        taken.append(seconds_to_end(root, number, send, begun.exists if at == "in a cell" else lock.exists))
    assert min(taken) <= SECONDS, taken


def files(root: Path) -> dict[str, bytes]:
    """The notebooks and the documentation."""
    found = [path for name in ("notebooks", "docs") for path in (root / name).rglob("*")]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in found}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("at", ["while workers start", "in a cell", "in the documentation"])
def test_a_refresh_that_is_told_to_end_ends_at_once_and_leaves_nothing(root: Path, number: int, at: str) -> None:
    """As above; its kernels are forked, as they are by default."""
    corpus_builder.corpus(root, name="russia-taliban")
    (root / "docs").mkdir()
    lock, taken = FileLock(root / "data/processed/.russia-taliban.lock"), []

    def is_in_the_documentation() -> bool:
        if begun.exists() and not go.exists():
            lock.acquire()  # so that the corpus of its picture cannot be read
            go.touch()
        return files(root)["notebooks/two.ipynb"] != before["notebooks/two.ipynb"]  # which is written last

    while len(taken) < TIMES and min(taken, default=AT_MOST) > SECONDS:
        begun, go = waiting(root)
        before = files(root)
        reached = {"while workers start": lambda: len(family(root)) > 3, "in a cell": begun.exists}
        with tempfile.TemporaryDirectory(prefix="s-") as folder:
            given = {"command": "refresh", "env": {"STANCEBOOK_KERNELS": "forked", "TMPDIR": folder}}
            taken.append(seconds_to_end(root, number, os.kill, reached.get(at, is_in_the_documentation), **given))
            assert list(Path(folder).iterdir()) == []
        lock.release()
        assert files(root).keys() == before.keys()
        assert (files(root) == before) == (at != "in the documentation")
    assert min(taken) <= SECONDS, taken
