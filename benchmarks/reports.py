"""Whether the reports are reproducible, how long they take, and how large they are.

    python benchmarks/reports.py [--quick]

The repository's last commit is cloned into two folders with different names. In each, `python -m analysis report` makes
the whole site from nothing, with this Python and its packages but another time zone and hash seed. Then every file of
the two sites is compared byte by byte, but for history/, feed.xml and email.html, which tell when a run was; and the
command is run again where nothing changed. Seconds are the clock's and include Python's start. Sizes are those of the
pages as they lie in reports/; plotly.min.js should lie there once, whatever the number of pages.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import shown

ROOT = Path(__file__).resolve().parents[1]
CLONES = {"one": {"TZ": "UTC", "PYTHONHASHSEED": "0"}, "another-place": {"TZ": "Asia/Kabul", "PYTHONHASHSEED": "7"}}
TIMED = ("history/", "feed.xml", "email.html")
_KB = 1e3


def cloned(folder: Path) -> Path:
    """A clone of the last commit in `folder`."""
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(folder)], check=True)
    return folder


def report(clone: Path) -> float:
    """Seconds of `python -m analysis report` in the clone, started from a folder that is not the clone's."""
    surroundings = os.environ | CLONES[clone.name] | {"STANCEBOOK_ROOT": str(clone), "PYTHONPATH": str(clone)}
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "analysis", "report"],
        cwd=clone.parent,
        env=surroundings,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        print(f"`python -m analysis report` ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return time.perf_counter() - start


def files(clone: Path) -> dict[str, bytes]:
    """The made site: each file's name in reports/ and its content."""
    site = clone / "reports"
    return {path.relative_to(site).as_posix(): path.read_bytes() for path in sorted(site.rglob("*")) if path.is_file()}


def comparison(sites: list[dict[str, bytes]]) -> str:
    """The table of files by kind: how many there are, and how many are equal in both sites."""
    one, other = sites
    both = sorted(name for name in one.keys() | other.keys() if not name.startswith(TIMED))
    rows = []
    for kind in sorted({Path(name).suffix for name in both}):
        names = [name for name in both if Path(name).suffix == kind]
        different = [name for name in names if one.get(name) != other.get(name)]
        rows.append(
            [kind or "(none)", str(len(names)), str(len(names) - len(different)), ", ".join(different[:3]) or "–"]
        )
    return shown.table(["files in reports/", "in all", "equal in both clones", "different"], rows)


def times(clones: list[Path], n_rounds: int) -> tuple[str, list[dict[str, bytes]]]:
    """The table of seconds, and the two sites as the first run left them."""
    full = [report(clone) for clone in clones]
    sites = [files(clone) for clone in clones]
    again = [report(clones[0]) for _ in range(n_rounds)]
    is_same = files(clones[0]) == sites[0]
    rows = [
        ["whole site from nothing, first clone", f"{full[0]:.1f}"],
        ["whole site from nothing, second clone", f"{full[1]:.1f}"],
        [f"nothing changed, median of {n_rounds} (aim: below 2)", f"{median(again):.2f}"],
        ["nothing changed, longest", f"{max(again):.2f}"],
        ["the site is the same afterwards", "yes" if is_same else "no"],
    ]
    return shown.table(["python -m analysis report", "seconds"], rows), sites


def sizes(site: dict[str, bytes]) -> str:
    """The table of pages by size, and the number of copies of plotly."""
    pages = {name: len(content) for name, content in site.items() if name.endswith(".html")}
    copies = [len(content) for name, content in site.items() if Path(name).name == "plotly.min.js"]
    rows = [[name, f"{size / _KB:.0f}"] for name, size in sorted(pages.items(), key=lambda page: -page[1])]
    rows.append(["median of the pages", f"{median(pages.values()) / _KB:.0f}" if pages else "–"])
    rows.append([f"plotly.min.js, copies: {len(copies)}", f"{sum(copies) / _KB:.0f}"])
    rows.append(["everything in reports/", f"{sum(map(len, site.values())) / _KB:.0f}"])
    return shown.table(["page (aim: below 300 kB)", "kB"], rows)


def main() -> None:
    """Clone twice, make both sites, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one round with nothing changed in place of five")
    n_rounds = 1 if parser.parse_args().quick else 5
    with tempfile.TemporaryDirectory() as folder:
        clones = [cloned(Path(folder) / name) for name in CLONES]
        seconds, sites = times(clones, n_rounds)
    print(comparison(sites), seconds, sizes(sites[0]), sep="\n\n")


if __name__ == "__main__":
    main()
