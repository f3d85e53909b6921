"""Whether any file, however damaged, gets more out of a reader than its tables or an error of ours.

    python benchmarks/fuzz.py [--files 100000] [--quick] [--jobs 3] [--seed 0] [--keep FOLDER] [--case N]

Small files of every format are damaged at random (see `mutations.py`), with a seed: bytes, structure, packing, the
mapping, and what lies around them. Each is then read, imported, listed or made a corpus of the native format in a
worker process. "Read" counts those that gave tables, "refused" those that gave a `StancebookError`; all else is a
failure: another exception, more than 5 seconds of processor time, a death of the process (also for more than 3 GB of
addresses), a peak of more than 64 MB and 10 times the input above what the process had before, anything written beside
the input, or a corpus that does not read back as it was imported. Failures are told by where they arose, each with a
case to repeat (`--case`) and its files in the folder `--keep`.
"""

import argparse
import gc
import os
import random
import re
import resource
import shutil
import signal
import socket
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import mutations
import pandas as pd
import seeds
import shown

from analysis import reading
from analysis.errors import StancebookError
from analysis.readers import draft, foreign, formats, native

SECONDS, DEAD_AFTER, ADDRESSES = 5.0, 40.0, 3 << 30
MEMORY, MEMORY_PER_BYTE = 64 << 20, 10
OUTCOMES = ("read", "refused", "failed")
_SHOWN = 3
_PAUSE = 10.0


class Hang(BaseException):
    """The time of a case is over."""


@dataclass(frozen=True)
class Outcome:
    """What became of a case: one of OUTCOMES, and where and how it failed."""

    kind: str
    outcome: str
    seconds: float = 0.0
    memory: int = 0
    where: str = ""
    told: str = ""


@dataclass
class Tally:
    """What became of all."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    slowest: dict[str, float] = field(default_factory=dict)
    largest: dict[str, int] = field(default_factory=dict)
    failures: dict[str, list[tuple[int, str]]] = field(default_factory=dict)

    def add(self, number: int, outcome: Outcome) -> None:
        """Count it."""
        self.counts[outcome.kind, outcome.outcome] += 1
        self.slowest[outcome.kind] = max(outcome.seconds, self.slowest.get(outcome.kind, 0))
        self.largest[outcome.kind] = max(outcome.memory, self.largest.get(outcome.kind, 0))
        if outcome.outcome == "failed":
            self.failures.setdefault(outcome.where, []).append((number, outcome.told))

    def table(self) -> str:
        """A row per format, and one of all."""
        rows = []
        for kind in sorted(self.slowest):
            numbers = [self.counts[kind, outcome] for outcome in OUTCOMES]
            worst = f"{self.slowest[kind]:.2f}", str(self.largest[kind] >> 20)
            rows.append([kind, *map(str, (sum(numbers), *numbers)), *worst])
        sums = [str(sum(int(row[column]) for row in rows)) for column in range(1, 2 + len(OUTCOMES))]
        worst = f"{max(self.slowest.values()):.2f}", str(max(self.largest.values()) >> 20)
        header = ["format", "files", *OUTCOMES, "slowest (s)", "largest peak (MB)"]
        return shown.table(header, [*rows, ["all", *sums, *worst]])


class Fuzzer:
    """Makes and runs cases by their numbers."""

    def __init__(self, seed: int, found: list[mutations.Seed] | None = None) -> None:
        self.seed = seed
        self.seeds = found or seeds.seeds()

    def case(self, number: int) -> tuple[mutations.Case, random.Random]:
        """The case of this number, and what its reading draws from."""
        drawn = random.Random(f"{self.seed}:{number}")
        return mutations.case(drawn, self.seeds), drawn

    def run(self, number: int, folder: Path) -> Outcome:
        """What becomes of the case, whose files are written to the folder."""
        case, drawn = self.case(number)
        write(case, folder)
        before, had = _listing(folder), _peak(reset=True)
        start = time.process_time()
        outcome, where, told = "read", "", ""
        try:
            signal.setitimer(signal.ITIMER_PROF, SECONDS, 1.0)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                _read(case, folder, drawn.random())
        except StancebookError as error:
            outcome = "refused"
            told = str(error)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # noqa: BLE001  # everything else is what is looked for
            outcome, where, told = "failed", _where(error), traceback.format_exc()
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        seconds, memory = time.process_time() - start, _peak() - had
        if outcome != "failed":
            problem = _harm(case, folder, before, memory)
            outcome, where = ("failed", problem) if problem else (outcome, where)
        return Outcome(case.seed.kind, outcome, seconds, memory, where, told)


def write(case: mutations.Case, folder: Path) -> None:
    """The files of a case, and what is none."""
    for name, content in case.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.parent.is_dir() and not path.is_dir():
            path.write_bytes(content)
    for name, what in case.specials.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _special(path, what)


def _special(path: Path, what: str) -> None:
    if what == "fifo":
        os.mkfifo(path)
    elif what == "loop":
        path.symlink_to(path.name)
    elif what == "dangling":
        path.symlink_to("nothing")
    elif what == "folder":
        path.mkdir()
    elif what == "socket":
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(path)) if len(str(path)) < 100 else path.mkdir()
    else:
        path.write_bytes(b"secret")
        path.chmod(0)


def _read(case: mutations.Case, folder: Path, chance: float) -> None:
    """Read the case in one of the ways there are."""
    path, mapping = folder / case.seed.entry, folder / "mapping.yaml"
    if case.seed.format == "native" or case.format == "native":
        reading.read(path, case.format)
    elif chance < 0.06:
        reading.read(path, case.format, mapping)
    elif chance < 0.65:
        foreign.imported(path, case.format, reading.meanings(mapping))
    elif chance < 0.72:
        foreign.imported(path, case.format)
    elif chance < 0.96:
        given = reading.meanings(mapping) if chance < 0.85 else None
        options = dict(given.options) if given else {}
        reading.annotations(path, case.format, options)
        text = draft.as_text(formats.find(path, case.format, options), path.name, options)
        if "leave out" in text or "{from:" in text:
            reading.meanings(text)
    else:
        _there_and_back(path, case.format, mapping)


def _there_and_back(path: Path, format: str | None, mapping: Path) -> None:  # noqa: A002
    """Import, and read what came of it, which must be no error and no other tables."""
    files, _ = reading.native_corpus(path, format, mapping)
    expected = reading.read(path, format, mapping)
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            target = Path(folder) / "corpus" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content, encoding="utf-8", newline="")
        try:
            again = native.read(Path(folder) / "corpus")
        except StancebookError as error:
            raise AssertionError(f"an import that does not read back: {error}") from error
    for table in ("articles", "actors", "issues", "statements"):
        pd.testing.assert_frame_equal(getattr(again, table), getattr(expected, table), obj=table)


def _where(error: BaseException) -> str:
    """The exception's name, and the last line of ours that it went through."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "/analysis/" in frame.filename] or frames
    last = f"{Path(ours[-1].filename).name}:{ours[-1].lineno} {ours[-1].name}"
    if isinstance(error, AssertionError):
        return "not read back: " + re.sub(r"/\S*/tmp\w+/", "", str(error))[:160].replace("\n", " ")
    return f"{type(error).__name__} at {last}"


def _harm(case: mutations.Case, folder: Path, before: dict[str, int], memory: int) -> str:
    after = _listing(folder)
    if after != before:
        return f"it wrote {sorted(after.keys() ^ before.keys())[:1]}"
    size = sum(map(len, case.files.values()))
    return f"memory: {case.seed.kind}" if memory > MEMORY + MEMORY_PER_BYTE * size else ""


def _listing(folder: Path) -> dict[str, int]:
    return {str(path): path.lstat().st_size for path in folder.rglob("*") if not path.is_dir()}


def _peak(*, reset: bool = False) -> int:
    """The largest resident size of this process since the last reset; where Linux does not tell, since it began."""
    try:
        if reset:
            Path("/proc/self/clear_refs").write_text("5")
        status = Path("/proc/self/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) << 10
    except (OSError, ValueError, IndexError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10


def _alarm(*_: Any) -> None:
    raise Hang


def work(pipe: Connection, fuzzer: Fuzzer, numbers: range, scratch: Path) -> None:
    """Run the cases of these numbers, each told before and after; `scratch` holds the files of the one at work."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGPROF, _alarm)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    gc.freeze()
    for number in numbers:
        pipe.send((number, None))
        folder = scratch / str(number)
        shutil.rmtree(folder, ignore_errors=True)  # kept by an earlier run
        folder.mkdir()
        outcome = fuzzer.run(number, folder)
        if outcome.outcome != "failed":
            shutil.rmtree(folder)
        pipe.send((number, outcome))
    pipe.send((None, None))


class Worker:
    """A process that runs cases; it is begun again behind a case that ends it."""

    def __init__(self, fuzzer: Fuzzer, numbers: range, scratch: Path) -> None:
        self.fuzzer, self.numbers, self.scratch = fuzzer, numbers, scratch
        self.at, self.since = numbers.start, time.monotonic()
        self.begin()

    def begin(self) -> None:
        """Start a process on the numbers that are left."""
        self.pipe, other = get_context("fork").Pipe(duplex=False)
        arguments = (other, self.fuzzer, self.numbers, self.scratch)
        self.process = get_context("fork").Process(target=work, args=arguments, daemon=True)
        self.process.start()
        other.close()
        self.since = time.monotonic()

    def ended(self, how: str) -> tuple[int, Outcome]:
        """The outcome of the case at work, whose process is gone or has to go; begin again behind it."""
        self.process.kill()
        self.process.join()
        kind = self.fuzzer.case(self.at)[0].seed.kind
        self.numbers = range(self.at + self.numbers.step, self.numbers.stop, self.numbers.step)
        code = self.process.exitcode if how == "death" else ""
        self.begin()
        return self.at, Outcome(kind, "failed", 0, 0, f"{how} {code} {kind}")


def outcomes(fuzzer: Fuzzer, n_files: int, jobs: int, scratch: Path) -> Iterator[tuple[int, Outcome]]:
    """What becomes of the first cases, as they end."""
    workers = [Worker(fuzzer, range(job, n_files, jobs), scratch) for job in range(jobs)]
    woke = time.monotonic()
    while workers:
        ready = wait([worker.pipe for worker in workers], timeout=1.0)
        paused, woke = time.monotonic() - woke, time.monotonic()
        for worker in workers if paused > _PAUSE else []:  # all of us were stopped, or the machine slept: no hang
            worker.since = woke
        for worker in list(workers):
            if worker.pipe in ready:
                try:
                    number, outcome = worker.pipe.recv()
                except EOFError:
                    yield worker.ended("death")
                    continue
                if number is None:
                    worker.process.join()
                    workers.remove(worker)
                elif outcome is None:
                    worker.at, worker.since = number, time.monotonic()
                else:
                    yield number, outcome
            elif time.monotonic() - worker.since > DEAD_AFTER:
                yield worker.ended("hang")


def repeat(fuzzer: Fuzzer, number: int, folder: Path) -> None:
    """Run one case here and tell what became of it."""
    folder.mkdir(parents=True, exist_ok=True)
    case, _ = fuzzer.case(number)
    print(f"{case.seed.kind}: {case.seed.entry}, format {case.format}, in {folder}")
    outcome = fuzzer.run(number, folder)
    print(f"{outcome.outcome} {outcome.where} {outcome.seconds:.2f} s, {outcome.memory >> 20} MB\n{outcome.told}")


def main() -> None:
    """Run the cases and print the table and the failures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--quick", action="store_true", help="2,000 files")
    parser.add_argument("--jobs", type=int, default=min(3, os.cpu_count() or 1))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--case", type=int, help="run this one alone")
    parser.add_argument("--keep", type=Path, help="where the files of failures stay; default: a temporary folder")
    given = parser.parse_args()
    keep = given.keep or Path(tempfile.mkdtemp(prefix="fuzz-"))
    keep.mkdir(parents=True, exist_ok=True)
    fuzzer = Fuzzer(given.seed)
    if given.case is not None:
        repeat(fuzzer, given.case, keep / f"case-{given.case}")
        return
    tally = Tally()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        for number, outcome in outcomes(fuzzer, 2000 if given.quick else given.files, given.jobs, keep):
            tally.add(number, outcome)
    except KeyboardInterrupt:
        print("stopped before the end; so far:\n")
    print(tally.table())
    for where, failures in sorted(tally.failures.items(), key=lambda item: -len(item[1])):
        print(
            f"\n{len(failures)} × {where}: cases {', '.join(str(number) for number, _ in failures[:_SHOWN])} in {keep}"
        )
        print("\n".join(failures[0][1].splitlines()[-6:]))
    sys.exit(bool(tally.failures))


if __name__ == "__main__":
    main()
