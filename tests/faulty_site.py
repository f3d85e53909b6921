"""A small project with three reports that tests hurt: made, copied, run by the command, and looked at afterwards."""

import contextlib
import ctypes
import os
import re
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import corpus_builder
import psutil
import pytest
import small_site

from analysis import reports

PACKAGE = Path(reports.__file__).parents[2]
LIST = """\
reports:
  - {name: one, title: One, notebook: one}
  - {name: two, title: Two, notebook: two}
  - {name: town, title: Town, notebook: town}
"""
TIMED = ("history/", "feed.xml", "email.html")
WHOLE = (".html", ".ipynb", ".js")
_DROP, _DAC = 24, (1, 2)  # PR_CAPBSET_DROP, and the rights by which root writes where nobody may
_CAPACITY = 1_000_000


def cells(last: str) -> list[tuple[str, str]]:
    return [("markdown", "# Plain"), ("parameters", "n = 1\n"), ("code", last)]


def build(root: Path) -> Path:
    """A project of three reports, two of which need no package and run fast."""
    corpus_builder.corpus(root)
    (root / "notebooks").mkdir()
    for name in ("one", "two"):
        small_site.notebook(root, name, cells(f"print({name!r}, n)"))
    small_site.notebook(root, "town", small_site.CORPUS_CELLS)
    small_site.reports(root, LIST)
    return root


def made(root: Path) -> Path:
    """The project in the folder `root`, its reports made."""
    code, told = report(build(root))
    assert code == 0, told
    return root


def copied(good: Path, root: Path, patch: pytest.MonkeyPatch) -> Path:
    """A copy of a made project, to be hurt, which is then the project of this process."""
    patch.setenv("STANCEBOOK_ROOT", str(root))
    return Path(shutil.copytree(good, root))


def started(root: Path, *words: str, **given: Any) -> "subprocess.Popen[str]":
    """`python -m analysis report`, or another `command`, at work; plain kernels cost a run of three reports least."""
    surroundings = os.environ | {"STANCEBOOK_ROOT": str(root), "STANCEBOOK_KERNELS": "plain"} | given.pop("env", {})
    piped = {"cwd": PACKAGE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    command = [sys.executable, "-m", "analysis", given.pop("command", "report"), *words]
    return subprocess.Popen(command, env=surroundings, start_new_session=True, **piped | given)


def report(root: Path, *words: str, **given: Any) -> tuple[int, str]:
    """Exit code and output of `python -m analysis report`, which never shows a traceback."""
    with started(root, *words, **given) as process:
        told = process.communicate(timeout=120)[0]
    assert "Traceback" not in told, told
    return process.returncode, told


def site(root: Path) -> dict[str, bytes]:
    """The files of the made site that two runs have in common."""
    folder = root / "reports"
    names = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in names.items() if name != ".lock" and not name.startswith(TIMED)}


def torn(root: Path, good: dict[str, bytes]) -> list[str]:
    """The pages, notebooks and scripts that are not there as they were."""
    now = site(root)
    return [name for name, content in good.items() if name.endswith(WHOLE) and now.get(name) != content]


def unlinked(root: Path) -> list[str]:
    """What the index links and is not there."""
    index = (root / "reports/index.html").read_text(encoding="utf-8")
    return [link for link in re.findall(r'href="([^"#]+)"', index) if not (root / "reports" / link).is_file()]


def assert_whole(root: Path, good: dict[str, bytes]) -> None:
    """Every page is there and as it was, and the index links nothing that is not there."""
    assert (torn(root, good), unlinked(root)) == ([], [])


def states(outcomes: list[reports.Outcome]) -> dict[str, str]:
    return {outcome.name: outcome.state for outcome in outcomes}


def within(seconds: float, happened: Callable[[], Any]) -> bool:
    end = time.monotonic() + seconds
    while not happened() and time.monotonic() < end:
        time.sleep(0.02)
    return bool(happened())


def family(root: Path) -> list[int]:
    """The processes that a run of this project started: whatever group they are in, they have its environment."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get("STANCEBOOK_ROOT") == str(root) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.pid)
    return found


def limited() -> None:
    """Let no file of this process grow beyond a megabyte, as on a disk that is full."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (_CAPACITY, _CAPACITY))


def without_root_rights() -> None:
    """Let this process, if it is root, be refused what others are refused."""
    for right in _DAC:
        ctypes.CDLL(None).prctl(_DROP, right)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def garble(path: Path) -> None:
    path.write_bytes(b"\xff\x00garbage" * 9)


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)


def delete(path: Path) -> None:
    path.unlink()
