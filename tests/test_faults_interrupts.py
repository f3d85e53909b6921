"""A run that is told to end, by Ctrl-C or by SIGTERM, ends at once and takes every process of its own along."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import small_site
from faulty_site import cells, family, started, within

SECONDS, AT_MOST, TIMES = 2, 10, 3


def seconds_to_end(root: Path, number: int, send: Callable[[int, int], None], at: str) -> float:
    """Seconds from the signal to the end of the last process of a run, which must tell what ended it."""
    lock, begun = root / "reports/.lock", root / "begun"
    for path in (lock, begun):
        path.unlink(missing_ok=True)
    with started(root) as process:
        assert within(60, begun.exists if at == "in a cell" else lock.exists)
        assert len(family(root)) > 1
        send(process.pid, number)
        asked = time.monotonic()
        printed = process.communicate(timeout=2 * AT_MOST)[0]
        assert within(AT_MOST - (time.monotonic() - asked), lambda: not family(root)), family(root)
        taken = time.monotonic() - asked
    assert process.returncode == {signal.SIGINT: 130, signal.SIGTERM: 143}[number]
    assert {signal.SIGINT: "Interrupted.", signal.SIGTERM: "Terminated."}[number] in printed.splitlines()
    assert "Traceback" not in printed
    return taken


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("send", [os.kill, os.killpg], ids=["process", "group"])
@pytest.mark.parametrize("at", ["while workers start", "in a cell"])
def test_a_run_that_is_told_to_end_ends_at_once(
    root: Path, number: int, send: Callable[[int, int], None], at: str
) -> None:
    """The best of three counts: what else a machine does can make an end late, and never early."""
    for name in ("one", "two"):
        last = f"import pathlib, time; pathlib.Path({str(root / 'begun')!r}).touch(); time.sleep(60)"
        small_site.notebook(root, name, cells(last))
    taken: list[float] = []
    while len(taken) < TIMES and min(taken, default=AT_MOST) > SECONDS:
        taken.append(seconds_to_end(root, number, send, at))
    assert min(taken) <= SECONDS, taken
