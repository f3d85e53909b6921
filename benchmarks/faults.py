"""What reports are like after every fault that we could think of, each of them done for real, and whether they heal.

    python benchmarks/faults.py [--kills 100] [--times 20] [--seed 0] [--jobs N] [--only WORDS]

A small made-up project has three reports. Each trial takes a copy of it, lets one fault happen to
`python -m analysis report --force`, looks at what is left, takes the cause away, and runs the command again. A row of
the table tells, of one fault:

- times: how often it was tried, at moments that are drawn anew each time;
- whole after it: how often every page, executed notebook and script was there as before, apart from the mark of a stale
  page, and every link of the index led to a file; and which pages were marked as stale;
- exit codes of the run that it happened to; −9 is a kill;
- last process gone: seconds until no process of that run was left, since the signal or since the run's own end;
- healed: how often the second run ended with 0 and left the site of an undisturbed run, byte for byte, but for what
  tells the time (history/, feed.xml, email.html); and the seconds that it took, median and longest.

A damaged or missing file is there before the run, so only the run that meets it counts. Trials run side by side, so
that seconds are those of a busy machine; runs that are told to end come one after the other. Whatever does not hold is
listed below the table; `--only` with the words of a fault tries it alone. Ctrl-C: the table of what was tried so far.
"""

import argparse
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from statistics import median

TESTS = Path(__file__).parents[1] / "tests"
sys.path.insert(0, str(TESTS))

import faulty_site  # noqa: E402  # from tests/
import killed_at  # noqa: E402
import shown  # noqa: E402
import small_site  # noqa: E402
from faulty_site import family, site, unlinked, within  # noqa: E402
from harm import ACT, FORCED, TIMED, Fault, Trial, file, met, refused, told_or_killed  # noqa: E402

from analysis import store  # noqa: E402

PATIENCE = 20.0
STALE = re.compile(rb"<!--stale-->(.*?)<!--/stale-->", re.DOTALL)
GARBAGE = b"\xff\x00garbage"
WRITES = "kill -9 before each write"
HEADER = ["fault", "times", "whole after it", "exit codes", "last process gone, s", "healed", "second run, s"]


@dataclass
class Result:
    """What one trial came to; `wrong` is what does not hold."""

    codes: list[int] = field(default_factory=list)
    is_whole: bool = True
    stale: list[str] = field(default_factory=list)
    gone: float = 0.0
    is_healed: bool = True
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)


def tried(fault: Fault, good: Path, trial: Trial) -> Result:
    """One trial, from a copy of the good project to its comparison with it."""
    shutil.copytree(good, trial.root)
    result, before = Result(), site(good)
    for code, told in fault.happens(trial):
        result.codes.append(code)
        if code not in fault.expected:
            result.wrong.append(f"exit code {code}: {told[-300:]}")
        if "Traceback" in told:
            result.wrong.append(f"a traceback: {told[-600:]}")
    if not fault.is_before:
        look(trial, before, result)
    trial.undo()
    begun = time.monotonic()
    code, told = trial.run(*fault.again)
    result.seconds = time.monotonic() - begun
    compare(trial, before, result)
    if code or "Traceback" in told:
        result.wrong.append(f"the second run ended with {code}: {told[-600:]}")
    result.is_healed &= not code
    shutil.rmtree(trial.root)
    return result


def look(trial: Trial, before: dict[str, bytes], result: Result) -> None:
    """Note what is left right after the fault, and when the last process was gone."""
    if not within(PATIENCE, lambda: not family(trial.root)):
        result.wrong.append(f"processes were left behind: {len(family(trial.root))}")
    result.gone = time.monotonic() - trial.asked
    now = site(trial.root)
    pages = [name for name in before if name.endswith(".html") and (STALE.findall(now.get(name, b"")) or [b""])[0]]
    result.stale = sorted(Path(name).stem for name in pages)
    kept = [name for name in before if name.endswith(faulty_site.WHOLE) and not (pages and name == "index.html")]
    torn = [name for name in kept if plain(now.get(name, b"")) != plain(before[name])] + unlinked(trial.root)
    result.is_whole = not torn
    if torn:
        result.wrong.append(f"not whole: {', '.join(torn)}")


def plain(page: bytes) -> bytes:
    """A page without the mark that it is stale."""
    return STALE.sub(b"", page, count=1)


def compare(trial: Trial, before: dict[str, bytes], result: Result) -> None:
    """Note what the second run left that is not as an undisturbed run leaves it."""
    now = site(trial.root)
    other = [name for name in sorted({*before, *now}) if now.get(name) != before.get(name)]
    timed = [name for name in TIMED if GARBAGE in file(trial.root / "reports" / name, GARBAGE)]
    tables = [] if is_readable(trial.root) else ["data/processed"]
    result.is_healed = not (other or timed or tables)
    if not result.is_healed:
        result.wrong.append(f"not healed: {', '.join(other + timed + tables)}")


def is_readable(root: Path) -> bool:
    """Whether the tables in data/processed are there and whole."""
    try:
        return len(store.read_tables(root / "data/processed/town").statements) == 1
    except (OSError, ValueError):
        return False


def row(fault: Fault, results: list[Result]) -> list[str]:
    """The row of the table on one fault."""
    stale = sorted({name for result in results for name in result.stale})
    codes = Counter(str(code).replace("-", "−") for result in results for code in result.codes)
    healed = sum(result.is_healed for result in results)
    whole = f"{sum(result.is_whole for result in results)}" + (f"; stale: {', '.join(stale)}" if stale else "")
    told = ", ".join(f"{code} ×{times}" for code, times in codes.most_common())
    gone = spread([result.gone for result in results])
    left = ["–"] * 3 if fault.is_before else [whole, told, gone]
    return [fault.name, str(len(results)), *left, str(healed), spread([result.seconds for result in results])]


def spread(seconds: list[float]) -> str:
    """Median and longest."""
    return f"{median(seconds):.1f} / {max(seconds):.1f}"


def at_each_write(folder: Path, code: Path) -> tuple[list[str], list[str]]:
    """The row on kills before each write, one after the other, of a run with news; and what did not hold."""
    folder.mkdir()
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, killed_at.__file__, str(folder), "1"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(code), str(TESTS)])},
    )
    writes, *wrong = done.stdout.splitlines() or ["0 writes"]
    tried_at, taken = int(writes.split()[0]), time.monotonic() - begun
    if done.returncode and not wrong:
        wrong = [done.stderr[-600:]]
    wrong = [f"{WRITES}: {each}" for each in wrong]
    torn = sum("not whole" in each for each in wrong)
    seconds = f"{taken / max(tried_at, 1):.1f} each"
    return [
        "kill -9 before each write",
        str(tried_at),
        str(tried_at - torn),
        "−9",
        "–",
        str(tried_at - len(wrong)),
        seconds,
    ], wrong


def campaign(chosen: list[Fault], options: argparse.Namespace, folder: Path, good: Path) -> dict[str, list[Result]]:
    """The results of all trials by fault."""
    code = folder / "code"
    alone = [(fault, number) for fault in chosen if fault.is_alone for number in range(fault.times)]
    beside = [(fault, number) for fault in chosen if not fault.is_alone for number in range(fault.times)]
    random.Random(options.seed).shuffle(beside)  # so that each was tried when the campaign is ended early
    results: dict[str, list[Result]] = {fault.name: [] for fault in chosen}
    places = count()
    with store.progress() as bar:
        task = bar.add_task("faults", total=len(alone) + len(beside))
        for group, jobs in ((alone, 1), (beside, options.jobs)):
            whole = length(folder, good, code, jobs) if group else 0.0
            with ThreadPoolExecutor(jobs) as pool:
                calls = {}
                for fault, number in group:
                    drawn = random.Random(f"{options.seed} {fault.name} {number}")
                    trial = Trial(folder / str(next(places)) / "site", drawn, code, whole)
                    calls[pool.submit(safely, fault, good, trial)] = fault.name
                try:
                    for call in as_completed(calls):
                        results[calls[call]].append(call.result())
                        bar.advance(task)
                except KeyboardInterrupt:
                    pool.shutdown(cancel_futures=True)
    return results


def safely(fault: Fault, good: Path, trial: Trial) -> Result:
    """A trial; what stops it is a fault of ours that is told as such."""
    try:
        return tried(fault, good, trial)
    except Exception as error:  # noqa: BLE001  # the other trials go on
        return Result(is_whole=False, is_healed=False, wrong=[f"the trial failed: {type(error).__name__}: {error}"])


def length(folder: Path, good: Path, code: Path, jobs: int) -> float:
    """Seconds of the longest of some runs side by side."""

    def one(number: int) -> float:
        trial = Trial(folder / f"length-{number}" / "site", random.Random(0), code, 0.0)
        shutil.copytree(good, trial.root)
        begun = time.monotonic()
        trial.run(*FORCED)
        shutil.rmtree(trial.root)
        return time.monotonic() - begun

    with ThreadPoolExecutor(jobs) as pool:
        return max(pool.map(one, range(jobs)))


def made(folder: Path, code: Path) -> Path:
    """The good project, every report made."""
    good = faulty_site.build(folder)
    small_site.notebook(good, "two", faulty_site.cells(ACT))
    told = Trial(good, random.Random(0), code, 0.0).run()
    if told[0]:
        sys.exit(told[1])
    (good / "temporary").mkdir()
    return good


def options() -> argparse.Namespace:
    """What the command was asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=100, help="at drawn moments, half of them of the whole group")
    parser.add_argument("--times", type=int, default=20, help="that a run is told to end, by each signal")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=max(1, len(os.sched_getaffinity(0)) - 1), help="trials at once")
    parser.add_argument("--only", default="", metavar="WORDS", help="faults whose name has these words")
    return parser.parse_args()


def main() -> None:
    """Try every fault, print the table and what does not hold."""
    asked = options()
    begun = time.monotonic()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell lets commands in the background ignore it
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # a copy of the package, for its code is part of what pages are made from, and somebody may be editing it
        shutil.copytree(Path(store.__file__).parent, folder / "code" / "analysis")
        good = made(folder / "good", folder / "code")
        every = [*told_or_killed(asked.kills, asked.times), *refused(), *met()]
        chosen = [fault for fault in every if asked.only in fault.name]
        with ThreadPoolExecutor(1) as beside:
            written = beside.submit(at_each_write, folder / "writes", folder / "code") if asked.only in WRITES else None
            results = campaign(chosen, asked, folder, good)
            told, wrong = written.result() if written else ([], [])
        rows = [row(fault, results[fault.name]) for fault in chosen if results[fault.name]] + [told] * bool(told)
        wrong += [f"{name}: {each}" for name, some in results.items() for result in some for each in result.wrong]
    print(shown.table(HEADER, rows), "")
    print(f"{len(wrong)} things did not hold; {time.monotonic() - begun:.0f} seconds, {asked.jobs} trials at once.")
    print(*wrong, sep="\n")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
