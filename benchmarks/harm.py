"""Faults that can happen to a run of the reports, each done for real to a small made-up project: see `faults`."""

import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import faulty_site  # from tests/
import psutil
from faulty_site import family, within

# What a trial puts beside the project is done by the notebook `two`, which stays the same in all of them.
ACT = """\
import os, pathlib
act = pathlib.Path(os.environ["STANCEBOOK_ROOT"], "act.py")
exec(act.read_text() if act.exists() else "")
print("two", n)"""
ONCE = (
    "import time\nbegun = act.with_name('begun')\nis_first = not begun.exists()\nbegun.write_text(str(os.getpid()))\n"
)
WAIT = f"{ONCE}time.sleep(60 * is_first)"
DEAF = "import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: time.sleep(1)"
DISK, LEAST = 24 << 20, 1 << 12
FORCED = ("--force",)
TIMED = ("feed.xml", "email.html")


@dataclass
class Trial:
    """One project to be hurt: where it lies, how runs of it are started, and how long a whole one takes."""

    root: Path
    drawn: random.Random
    code: Path
    whole: float
    env: dict[str, str] = field(default_factory=dict)
    asked: float = 0.0

    def started(self, *words: str, **given: Any) -> "subprocess.Popen[str]":
        """A run at work, its kernels forked as they are by default."""
        env = {"STANCEBOOK_KERNELS": "forked", "PYTHONPATH": str(self.code)} | self.env | given.pop("env", {})
        return faulty_site.started(self.root, *words, env=env, cwd=self.code, **given)

    def run(self, *words: str, **given: Any) -> tuple[int, str]:
        """Exit code and output of a whole run."""
        with self.started(*words, **given) as process:
            told = process.communicate(timeout=180)[0]
        self.asked = self.asked or time.monotonic()
        return process.returncode, told

    def act(self, source: str) -> None:
        """Let the notebook `two` do this."""
        (self.root / "act.py").write_text(source, encoding="utf-8")

    def undo(self) -> None:
        """Take away what the notebook did."""
        for name in ("act.py", "begun"):
            (self.root / name).unlink(missing_ok=True)


Ran = Iterable[tuple[int, str]]
Happens = Callable[[Trial], Ran]


@dataclass(frozen=True)
class Fault:
    """What happens in a trial, as exit codes and outputs; how often; and what the second run is asked."""

    name: str
    happens: Happens
    times: int = 5
    expected: tuple[int, ...] = (1,)
    again: tuple[str, ...] = ()
    is_alone: bool = False
    is_before: bool = False


def file(path: Path, otherwise: bytes) -> bytes:
    """The content of a file, or what is to be taken for it where there is none."""
    return path.read_bytes() if path.is_file() else otherwise


def ends(trial: Trial, number: int, send: Callable[[int, int], None], *, waits: bool = False) -> Ran:
    """A signal at a drawn moment of a run."""
    if waits:
        trial.act(WAIT)
    with trial.started(*FORCED) as process:
        with suppress(subprocess.TimeoutExpired):
            process.wait(trial.drawn.uniform(0.05, 1) * trial.whole)
        trial.asked = time.monotonic()
        with suppress(ProcessLookupError):
            send(process.pid, number)
        told = process.communicate(timeout=60)[0]
    yield process.returncode, told


def either(trial: Trial, number: int) -> Ran:
    """A signal to a run that would go on for a minute, as a terminal sends it to the group, or to the process alone."""
    return ends(trial, number, trial.drawn.choice([os.kill, os.killpg]), waits=True)


def victims(trial: Trial, kind: str) -> list[int]:
    """The processes of a run that are of this kind: kernel server, kernel or worker."""
    mark = "forkserver" if kind == "worker" else "analysis.reports.forking"
    found = []
    for number in family(trial.root):
        with suppress(psutil.Error):
            process = psutil.Process(number)
            is_forked = mark in " ".join(psutil.Process(process.ppid()).cmdline())
            if mark in " ".join(process.cmdline()) and is_forked != (kind == "kernel server"):
                found.append(number)
    return found


def dies(trial: Trial, kind: str) -> Ran:
    """A process that a run has started is killed while a cell runs: a kernel, the one of that cell."""
    begun = trial.root / "begun"
    trial.act(WAIT)
    with trial.started(*FORCED) as process:
        within(60, lambda: file(begun, b"") or process.poll() is not None)
        for number in [int(begun.read_text())] if kind == "kernel" else victims(trial, kind)[-1:]:
            os.kill(number, signal.SIGKILL)
        told = process.communicate(timeout=120)[0]
    trial.asked = time.monotonic()
    yield process.returncode, told


def dies_at_start(trial: Trial, kind: str) -> Ran:
    """The first process of a kind that a run starts is killed as soon as it is there."""
    with trial.started(*FORCED) as process:
        within(60, lambda: victims(trial, kind) or process.poll() is not None)
        for number in victims(trial, kind)[:1]:
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        told = process.communicate(timeout=120)[0]
    trial.asked = time.monotonic()
    yield process.returncode, told


def cell(trial: Trial, source: str) -> Ran:
    """A cell that does this, with a time limit of some seconds."""
    trial.act(source)
    yield trial.run(*FORCED, env={"STANCEBOOK_TIMEOUT": "4"})


@contextmanager
def disk(folder: Path) -> Iterator[bool]:
    """A small disk of its own in the place of a folder, with what lies there; whether this machine allows it."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "stancebook", str(folder)]
    kept = folder.rename(folder.with_name(f"{folder.name}-kept"))
    folder.mkdir()
    is_allowed = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    shutil.copytree(kept, folder, dirs_exist_ok=True)
    try:
        yield is_allowed
        shutil.copytree(folder, kept, dirs_exist_ok=True)
    finally:
        if is_allowed:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)
        shutil.rmtree(folder)
        kept.rename(folder)


def can_mount() -> bool:
    """Whether this machine lets us have a disk of our own."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "disk").mkdir()
        with disk(Path(folder) / "disk") as is_allowed:
            return is_allowed


def full(trial: Trial, place: str) -> Ran:
    """A disk that is full before, or in the middle of, what a run writes: below `place`, or for temporary files."""
    folder = trial.root / place
    folder.mkdir(exist_ok=True)
    (trial.root / "data/processed/town/manifest.json").unlink()  # so that tables are written, too
    with disk(folder) as is_full:
        env = {"TMPDIR": str(folder)} if place == "temporary" else {}
        ballast = folder / "ballast"
        if is_full:
            free = trial.drawn.choice([0, 0, 1, 2, 4, 8, 16, 32])
            ballast.write_bytes(bytes(LEAST * (os.statvfs(folder).f_bavail - free)))
        yield trial.run(*FORCED, env=env, **({} if is_full else {"preexec_fn": faulty_site.limited}))
        ballast.unlink(missing_ok=True)


def read_only(trial: Trial, place: str, missing: str = "") -> Ran:
    """A folder that cannot be written while something in it is missing."""
    if missing:
        (trial.root / missing).unlink()
    (trial.root / place).chmod(0o555)
    yield trial.run(*FORCED, preexec_fn=faulty_site.without_root_rights)
    (trial.root / place).chmod(0o755)


def damaged(trial: Trial, kinds: str) -> Ran:
    """One file of these kinds, drawn anew each time, is cut off, emptied, overwritten or removed."""
    found = sorted(path for kind in kinds.split() for path in trial.root.glob(kind))
    damage = trial.drawn.choice([faulty_site.cut, faulty_site.empty, faulty_site.garble, faulty_site.delete])
    damage(trial.drawn.choice(found))
    return []


def changed(trial: Trial, name: str, damage: Callable[[Path], None]) -> Ran:
    """One file of the site is damaged in one way."""
    damage(trial.root / "reports" / name)
    return []


def twice(trial: Trial) -> Ran:
    """Two runs at once, the second one some moments later."""
    with trial.started(*FORCED) as one:
        time.sleep(trial.drawn.uniform(0, trial.whole / 8))
        other = trial.run(*FORCED)
        told = one.communicate(timeout=120)[0]
    trial.asked = time.monotonic()
    return [(one.returncode, told), other]


def left_lock(trial: Trial) -> Ran:
    """A lock whose process is dead, as a kill leaves it."""
    gone = subprocess.Popen(["true"])
    gone.wait()
    (trial.root / "reports/.lock").write_text(f"{gone.pid}\n", encoding="utf-8")
    return []


def told_or_killed(n_kills: int, n_times: int) -> list[Fault]:
    """Signals to a run and to what it has started."""
    ended = partial(Fault, times=n_times, is_alone=True)
    return [
        ended("Ctrl-C", partial(either, number=signal.SIGINT), expected=(130,)),
        ended("SIGTERM", partial(either, number=signal.SIGTERM), expected=(143, -15)),  # -15: Python had not begun
        Fault("kill -9 of the group", partial(ends, number=9, send=os.killpg), n_kills // 2, (-9, 0)),
        Fault("kill -9 of the process", partial(ends, number=9, send=os.kill), n_kills - n_kills // 2, (-9, 0)),
        Fault("a worker killed", partial(dies, kind="worker"), expected=(0,)),
        Fault("a worker killed at its start", partial(dies_at_start, kind="worker"), expected=(0,)),
        Fault("a kernel killed", partial(dies, kind="kernel")),
        Fault("a kernel killed at its start", partial(dies_at_start, kind="kernel"), expected=(0, 1)),
        Fault("the kernel server killed", partial(dies, kind="kernel server"), expected=(0,)),
        Fault("the kernel server killed at its start", partial(dies_at_start, kind="kernel server"), expected=(0,)),
    ]


def refused() -> list[Fault]:
    """Cells that fail, disks that are full, folders that cannot be written, runs that meet each other."""
    where = "" if can_mount() else " (as RLIMIT_FSIZE)"
    manifest = "data/processed/town/manifest.json"
    read = partial(Fault, times=2)
    return [
        Fault("a cell with an error", partial(cell, source="1 / 0"), 2),
        Fault("a cell that never ends", partial(cell, source="while True: pass"), 2),
        Fault("a cell that ignores the interrupt", partial(cell, source=DEAF), 2),
        Fault(f"a full disk: reports/{where}", partial(full, place="reports"), 12, (0, 1)),
        Fault(f"a full disk: data/processed/{where}", partial(full, place="data/processed"), 6, (0, 1)),
        Fault(f"a full disk: temporary files{where}", partial(full, place="temporary"), 6, (0, 1)),
        read("read-only: reports/", partial(read_only, place="reports")),
        read("read-only: data/processed/", partial(read_only, place="data/processed", missing=manifest)),
        Fault("two runs at once", twice, 6, (0, 3)),
    ]


def met() -> list[Fault]:
    """What a run meets when it starts."""
    before = partial(Fault, is_before=True, expected=())
    history = "reports/history/*/*.json reports/history/*/*/*"
    ways = {"removed": faulty_site.delete, "damaged": faulty_site.garble}
    return [
        before("tables damaged", partial(damaged, kinds="data/processed/town/*"), 16, again=FORCED),
        before("history damaged", partial(damaged, kinds=history), 16, again=FORCED),
        before("manifest.json or changes.json damaged", partial(damaged, kinds="reports/*.json"), 8),
        before("page or notebook damaged", partial(damaged, kinds="reports/[!e]*.html reports/*.ipynb"), 16),
        before("plotly.min.js damaged", partial(damaged, kinds="reports/assets/*"), 4),
        *(
            before(f"{name} {way}", partial(changed, name=name, damage=damage), 2)
            for name in TIMED
            for way, damage in ways.items()
        ),
        before("a lock left by a dead process", left_lock, 2, again=FORCED),
    ]
