"""How long a run takes in which nothing changed, or one thing, by the number of reports.

    python benchmarks/incremental.py [--reports 16,100,1000]

A copy of this project's first corpus gets one small notebook and so many reports of it, each on one actor and with a
number of its own; all are made. Then `python -m analysis report` is run again: five times with nothing changed, once
with the title of one report changed, and once with one statement recoded, after which the reports on its actor must
be made anew and no other. Seconds are the clock's and include Python's start.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from statistics import median

import nbformat
import shown
import yaml

import analysis

ROOT = Path(__file__).resolve().parents[1]
CORPUS = "russia-taliban"
_ROUNDS = 5
PARAMETERS = f"""\
corpus = "{CORPUS}"  # a corpus of data/raw
actors = []  # ids; none: all
number = 0  # a whole number"""
CELL = """\
import analysis

tables = analysis.select(analysis.load(corpus), actors=actors)
print(number, len(analysis.stance_cells(tables)))"""


def project(folder: Path, n_reports: int) -> list[dict[str, object]]:
    """A project in `folder` with so many reports, and those."""
    shutil.copytree(ROOT / "data/raw" / CORPUS, folder / "data/raw" / CORPUS)
    shutil.copy(ROOT / "requirements.lock", folder)
    (folder / "notebooks").mkdir()
    cells = [
        nbformat.v4.new_markdown_cell("# How many cells?", id="title"),
        nbformat.v4.new_code_cell(PARAMETERS, id="given", metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell(CELL, id="count"),
    ]
    text = nbformat.writes(nbformat.v4.new_notebook(cells=cells))
    (folder / "notebooks/small.ipynb").write_text(text, encoding="utf-8")
    actors = sorted(analysis.load(CORPUS).statements["speaker_id"].unique())
    reports = [
        {
            "name": f"report-{number}",
            "title": f"Report {number}",
            "notebook": "small",
            "parameters": {"actors": [actors[number % len(actors)]], "number": number},
        }
        for number in range(n_reports)
    ]
    write(folder, reports)
    return reports


def write(folder: Path, reports: list[dict[str, object]]) -> None:
    """Write notebooks/reports.yaml."""
    (folder / "notebooks/reports.yaml").write_text(yaml.safe_dump({"reports": reports}, sort_keys=False))


def report(folder: Path) -> tuple[float, Counter[str]]:
    """Seconds of `python -m analysis report`, and how many reports it says to be made, unchanged or failed."""
    surroundings = os.environ | {"STANCEBOOK_ROOT": str(folder), "PYTHONPATH": str(ROOT)}
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "analysis", "report"],
        cwd=folder,
        env=surroundings,
        capture_output=True,
        text=True,
        check=False,
    )
    taken = time.perf_counter() - start
    if done.returncode:
        sys.exit(f"`python -m analysis report` ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return taken, Counter(re.findall(r"^(made|unchanged|failed|removed)\b", done.stdout, re.MULTILINE))


def recode(folder: Path) -> None:
    """Change the stance of one statement."""
    path = min((folder / "data/raw" / CORPUS).rglob("*.ann.yaml"))
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"\bstance: 1\b(?!\.)", "stance: 0.5", text, count=1), encoding="utf-8")


def row(n_reports: int) -> list[str]:
    """The row of the table on so many reports."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        reports = project(folder, n_reports)
        whole, _ = report(folder)
        idle = [report(folder) for _ in range(_ROUNDS)]
        if any(made["made"] for _, made in idle):
            sys.exit("a report was made again though nothing had changed")
        reports[0]["title"] = "Another title"
        write(folder, reports)
        one, made_one = report(folder)
        recode(folder)
        several, made_several = report(folder)
        seconds = [taken for taken, _ in idle]
    return [
        str(n_reports),
        f"{whole:.1f}",
        f"{median(seconds):.2f}",
        f"{max(seconds):.2f}",
        f"{one:.1f} ({made_one['made']} made)",
        f"{several:.1f} ({made_several['made']} made)",
    ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reports", default="16,100,1000", help="how many, with commas between")
    counts = [int(word) for word in parser.parse_args().reports.split(",")]
    header = ["reports", "all made, s", "nothing changed, median, s", "longest, s", "one title, s", "one statement, s"]
    print(shown.table(header, [row(count) for count in counts]))


if __name__ == "__main__":
    main()
