"""How long it takes to make all reports again, beside the ways that papermill's and nbconvert's users have.

    python benchmarks/regeneration.py [--rounds 5] [--reports 16] [--only ours,bare]

The first reports of notebooks/reports.yaml are made, with data/processed there already, in a copy of this project:

- commands: `papermill` and then `jupyter nbconvert --to html` for one report after the other;
- make -j: the same commands as rules of a Makefile, as many at once as there are cores;
- ours: `python -m analysis report --force`, from its start to its end;
- bare cells: the code cells with their parameters in forks of a process that has every package loaded, as many at once
  as there are cores, their results drawn and thrown away: no kernel, no notebook, no page. The limit of what a way of
  running them can reach. Loading the packages is not counted.

Seconds are the clock's, medians of the rounds; the ways take turns in each round, so that their ratios are of one time
and machine. Memory is the largest sum of proportional set sizes over the process tree, sampled in a round of its own,
since looking takes a core. The second table tells where the time of one report goes, alone on the machine.
"""

import argparse
import ast
import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

import psutil
import shown
import yaml

ROOT = Path(__file__).resolve().parents[1]
CORES = len(os.sched_getaffinity(0))
TARGETS = {"commands": "at least 18", "make -j": "at least 6", "bare cells": "within 1/4"}
_MB = 1e6
_EVERY = 0.25
_PARTS = ("README.md", "requirements.lock", "data", "notebooks", "analysis")


def project(folder: Path, n_reports: int) -> list[dict[str, Any]]:
    """A copy of this project in `folder` with so many reports, and those."""
    for part in _PARTS:
        source = ROOT / part
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / part)
    (folder / "out").mkdir()
    listed = yaml.safe_load((ROOT / "notebooks" / "reports.yaml").read_text(encoding="utf-8"))
    chosen = listed["reports"][:n_reports]
    text = yaml.safe_dump(listed | {"reports": chosen}, allow_unicode=True, sort_keys=False)
    (folder / "notebooks" / "reports.yaml").write_text(text, encoding="utf-8")
    return chosen


def environment(folder: Path) -> dict[str, str]:
    """The variables for the commands: this Python's programs first, the copy of the project found."""
    search = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return os.environ | {
        "PATH": search,
        "STANCEBOOK_ROOT": str(folder),
        "PYTHONPATH": str(folder),
        "PYTHONHASHSEED": "0",
    }


def commands(folder: Path, report: dict[str, Any]) -> list[list[str]]:
    """What makes one report by papermill's and nbconvert's own commands."""
    name, parameters = report["name"], json.dumps(report.get("parameters") or {}, ensure_ascii=False)
    source = str(folder / "notebooks" / f"{report['notebook']}.ipynb")
    made = str(folder / "out" / f"{name}.ipynb")
    quiet = ["--no-progress-bar", "--log-level", "ERROR"]
    papermill = ["papermill", source, made, "-k", "python3", "-y", parameters, *quiet]
    return [papermill, ["jupyter", "nbconvert", "--to", "html", "--log-level", "ERROR", made]]


def makefile(folder: Path, reports: list[dict[str, Any]]) -> Path:
    """A Makefile with a rule for each report."""
    rules = [f"all: {' '.join(report['name'] for report in reports)}"]
    for report in reports:
        lines = [" ".join("'" + word.replace("$", "$$") + "'" for word in line) for line in commands(folder, report)]
        rules.append("\n\t".join([f".PHONY: {report['name']}\n{report['name']}:", *lines]))
    path = folder / "out" / "Makefile"
    path.write_text("\n".join(rules) + "\n", encoding="utf-8")
    return path


def bare(folder: Path, reports: list[dict[str, Any]]) -> float:
    """Seconds for the cells alone, in forks of this process, which has every package loaded."""
    jobs = [(folder, report) for report in reports]
    start = time.perf_counter()
    with get_context("fork").Pool(CORES, maxtasksperchild=1) as pool:
        pool.map(cells, jobs, chunksize=1)
    return time.perf_counter() - start


def cells(job: tuple[Path, dict[str, Any]]) -> None:
    """Run the code cells of a report's notebook with its parameters, and draw what they show."""
    folder, report = job
    notebook = json.loads((folder / "notebooks" / f"{report['notebook']}.ipynb").read_text(encoding="utf-8"))
    space: dict[str, Any] = {"display": draw}
    for cell in notebook["cells"]:
        if cell["cell_type"] != "code":
            continue
        with contextlib.redirect_stdout(io.StringIO()):
            evaluate("".join(cell["source"]), space)
        if "parameters" in cell["metadata"].get("tags", ()):
            space |= report.get("parameters") or {}


def evaluate(source: str, space: dict[str, Any]) -> None:
    """Run a cell, and draw the value of its last line."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), space)  # noqa: S102  # our own notebooks
    if isinstance(last, ast.Expr):
        draw(eval(compile(ast.Expression(last.value), "cell", "eval"), space))  # noqa: S307


def draw(*values: Any) -> None:
    """Make of each value what a notebook would show of it."""
    for value in values:
        for name in ("_repr_mimebundle_", "_repr_html_", "_repr_svg_", "_repr_markdown_"):
            if callable(method := getattr(value, name, None)):
                method()


class Memory:
    """The largest memory of a process and all below it, in MB."""

    def __init__(self, *, is_on: bool) -> None:
        self.peak, self.is_on = 0.0, is_on

    @contextlib.contextmanager
    def watch(self, process: int) -> Iterator[None]:
        """A block during which it is sampled, if at all."""
        if not self.is_on:
            yield
            return
        over = threading.Event()
        thread = threading.Thread(target=self._sample, args=(psutil.Process(process), over))
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _sample(self, process: psutil.Process, over: threading.Event) -> None:
        while not over.wait(_EVERY):
            sizes = []
            with contextlib.suppress(psutil.Error):
                for each in [process, *process.children(recursive=True)]:
                    with contextlib.suppress(psutil.Error, OSError):
                        sizes.append(each.memory_full_info().pss)
            self.peak = max(self.peak, sum(sizes) / _MB)


def run(lines: list[list[str]], folder: Path, memory: Memory) -> float:
    """Seconds for the commands, one after the other."""
    start = time.perf_counter()
    for line in lines:
        with (
            subprocess.Popen(
                line, env=environment(folder), cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
            ) as process,
            memory.watch(process.pid),
        ):
            told, _ = process.communicate()
        if process.returncode:
            print(f"{' '.join(line)[:200]} ended with {process.returncode}:\n{told[-2000:]}", file=sys.stderr)
    return time.perf_counter() - start


def ways(folder: Path, reports: list[dict[str, Any]]) -> dict[str, Callable[[Memory], float]]:
    """The four ways by name."""
    one_by_one = [line for report in reports for line in commands(folder, report)]
    at_once = ["make", "--silent", f"-j{CORES}", "-f", str(makefile(folder, reports))]
    ours = [sys.executable, "-m", "analysis", "report", "--force"]
    return {
        "commands": lambda memory: run(one_by_one, folder, memory),
        "make -j": lambda memory: run([at_once], folder, memory),
        "ours": lambda memory: run([ours], folder, memory),
        "bare cells": lambda memory: watched(lambda: bare(folder, reports), memory),
    }


def watched(action: Callable[[], float], memory: Memory) -> float:
    """What the action gives, this process's memory sampled."""
    with memory.watch(os.getpid()):
        return action()


def prepare(folder: Path) -> None:
    """Build the data, make the site once, and load what the bare cells need."""
    os.environ |= {"STANCEBOOK_ROOT": str(folder), "MPLBACKEND": "agg"}
    sys.path.insert(0, str(folder))
    subprocess.run(
        [sys.executable, "-m", "analysis", "build"], env=environment(folder), check=True, capture_output=True
    )
    subprocess.run(
        [sys.executable, "-m", "analysis", "report"], env=environment(folder), check=False, capture_output=True
    )
    from analysis.reports import loading  # noqa: PLC0415  # of the copy

    loading.begin()
    loading.load(("analysis.networks.coalitions", "analysis.networks.polarisation"))


def parts(reports: list[dict[str, Any]]) -> list[list[str]]:
    """Of one report of each notebook the seconds of its cells, papermill around them, the kernel, and the page."""
    from analysis.reports import alone, page, provenance, run  # noqa: PLC0415
    from analysis.reports import environment as steady  # noqa: PLC0415  # of the copy, as below

    steady.steady(os.environ["STANCEBOOK_ROOT"], os.environ["STANCEBOOK_ROOT"])
    alone.warm_up()
    rows = [["cells", "papermill around them", "kernel's start and end", "page"]]
    frame = provenance.Frame("x", "x", "", [], [])
    for report in {each["notebook"]: each for each in reports}.values():
        given = report.get("parameters") or {}
        notebook = Path(os.environ["STANCEBOOK_ROOT"]) / "notebooks" / f"{report['notebook']}.ipynb"
        rounds = [
            one(lambda n=notebook, g=given: run.execute("x", n, g), lambda made: page.render(made, frame))
            for _ in range(4)
        ]
        rows.append([report["notebook"], *(f"{median(took):.2f}" for took in zip(*rounds[1:], strict=True))])
    return rows


def one(execute: Callable[[], Any], render: Callable[[Any], Any]) -> tuple[float, float, float, float]:
    """The parts of one execution; papermill leaves its own times in what it made, until it is normalised."""
    from analysis.reports import run  # noqa: PLC0415

    found: dict[str, float] = {}

    def noting(notebook: Any, kept: Any) -> Any:
        found["in all"] = notebook.metadata.papermill.duration
        found["cells"] = sum(cell.metadata.get("papermill", {}).get("duration") or 0 for cell in notebook.cells)
        return plain(notebook, kept)

    plain, run.normalise = run.normalise, noting
    start = time.perf_counter()
    made = execute()
    end = time.perf_counter()
    run.normalise = plain
    render(made)
    page = time.perf_counter() - end
    return found["cells"], found["in all"] - found["cells"], end - start - found["in all"], page


def main() -> None:
    """Copy, let the ways take turns, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--reports", type=int, default=16)
    parser.add_argument("--only", default="", help="names of ways, with commas")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="regeneration-") as name:
        folder = Path(name)
        reports = project(folder, asked.reports)
        prepare(folder)
        chosen = {way: go for way, go in ways(folder, reports).items() if way in (asked.only or way).split(",")}
        seconds: dict[str, list[float]] = {way: [] for way in chosen}
        memory = {way: Memory(is_on=True) for way in chosen}
        for at in range(asked.rounds):
            for way, go in chosen.items():
                seconds[way].append(go(Memory(is_on=False)))
                if at == asked.rounds - 1:
                    go(memory[way])
        told = parts(reports)
    ours = median(seconds.get("ours", [1.0]))
    rows = [
        [
            way,
            f"{median(took):.2f}",
            f"{min(took):.2f}–{max(took):.2f}",
            f"{median(took) / ours:.2f}",
            TARGETS.get(way, ""),
            f"{memory[way].peak:.0f}",
        ]
        for way, took in seconds.items()
    ]
    header = [f"{len(reports)} reports, {CORES} cores", "seconds", "range", "times ours", "aim", "peak MB"]
    print(shown.table(header, rows))
    print()
    print(shown.table(["seconds of a report, medians of 3", *told[0]], [list(row) for row in told[1:]]))


if __name__ == "__main__":
    main()
