"""Reports survive kills: of the run, at random moments and at each write, of a worker, of a kernel."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import killed_at
import pytest
import small_site
from faulty_site import PACKAGE, assert_whole, cells, report, site, started, states, within

from analysis import reports


def test_a_run_killed_at_any_moment_leaves_whole_pages_and_the_next_one_heals(made: Path, root: Path) -> None:
    good, drawn = site(made), random.Random(7)  # noqa: S311
    begun = time.monotonic()
    report(root, "--force")
    whole = time.monotonic() - begun
    for _ in range(8):
        with started(root, "--force") as process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(drawn.uniform(0.3, 1) * whole)
            process.kill()
        assert_whole(root, good)
    assert reports.FAILED not in states(reports.make()).values()
    assert site(root) == good


def test_a_run_killed_at_each_of_its_writes_heals(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, killed_at.__file__, str(tmp_path), "11"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(PACKAGE), str(PACKAGE / "tests")])},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(done.stdout.split()[0]) >= 35


@pytest.mark.parametrize("victim", ["worker", "kernel"])
def test_a_process_that_is_killed_takes_no_other_report_along(root: Path, victim: str) -> None:
    told = root / "told"
    line = f"import os, pathlib, time; me = pathlib.Path({str(told)!r}); begun = me.exists()"
    waits = (
        f"{line}; me.write_text(f'{{os.getppid()}} {{os.getpid()}}'); time.sleep(0 if begun else 60); print('two', n)"
    )
    small_site.notebook(root, "two", cells(waits))
    with started(root, "--force") as process:
        assert within(60, lambda: told.exists() and told.read_text().count(" "))
        os.kill(int(told.read_text().split()[victim == "kernel"]), signal.SIGKILL)
        printed = process.communicate(timeout=60)[0]
    assert "Traceback" not in printed
    assert printed.count("made  ") == (3 if victim == "worker" else 2), printed
    assert process.returncode == (victim == "kernel")
    assert ("stopped at cell 3 of 3: the kernel died" in printed) == (victim == "kernel")
