"""A run of the reports killed at each of its writes, one after the other; a second run must heal every one.

    python tests/killed_at.py FOLDER EVERY

The corpus has changed, so that pages have news. Notebooks are executed once; after that each run is a fork of this
process that takes their outputs as they are, and does all the rest: news, pages, history, manifest, index.
EVERY 1 tries each write, 7 every seventh. Prints how many writes there were; ends with 1 and says which did not heal.
"""

import json
import os
import re
import shutil
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import corpus_builder
import nbformat
import small_site

from analysis import history, reports, stance
from analysis.reports import alone, pool, preloaded, worker
from analysis.reports import reads as lineage

CHANGES = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "shutil.rmtree"}
LIST = (
    "reports:\n  - {name: town, title: Town, notebook: town}\n  - {name: again, title: Again, notebook: town}\n"
    "  - {name: plain, title: Plain, notebook: plain}\n"
)
Known = dict[str, tuple[nbformat.NotebookNode, list[lineage.Read]]]


def in_project(root: Path, act: Callable[[], Any]) -> int:
    """The exit code of a fork of this process that does this with the project in `root`."""
    child = os.fork()
    if not child:
        os.environ["STANCEBOOK_ROOT"] = str(root)
        try:
            act()
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def from_memory(known: Known) -> None:
    """Let pages be made in this process, from notebooks that were executed before."""

    def execute(name: str, *_: Any, startup: str = "", **__: Any) -> nbformat.NotebookNode:
        notebook, found = known[name]
        noted = Path(re.findall(r"watch\('(.*)'\)", startup)[0])
        noted.write_text("".join(json.dumps(line) + "\n" for line in lineage.written(found)), encoding="utf-8")
        return notebook

    def run(calls: Mapping[str, tuple[str, Any]], *_: Any, **__: Any) -> Iterator[tuple[str, Any]]:
        for key, (name, argument) in calls.items():
            yield key, getattr(worker, name)(argument)

    assert preloaded.worker  # which forks then have, as workers do
    assert callable(stance.stance_cells)  # and this they need not load
    worker.execute, pool.run, alone.warm_up = execute, run, lambda: None  # type: ignore[assignment]


def killed(root: Path, moment: int) -> Callable[[], None]:
    """A run that kills itself just before its write of that number in `root`."""

    def act() -> None:
        count = 0

        def watch(event: str, given: tuple[Any, ...]) -> None:
            nonlocal count
            if event not in CHANGES or not str(given[0]).startswith(str(root)):
                return
            if event == "open" and not (isinstance(given[2], int) and given[2] & (os.O_WRONLY | os.O_RDWR)):
                return
            count += 1
            if count == moment:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(watch)
        reports.make()

    return act


def site(root: Path) -> dict[str, bytes]:
    """The site without what tells the time of a run."""
    files = {path.relative_to(root / "reports").as_posix(): path for path in (root / "reports").rglob("*")}
    skipped = ("history", "feed.xml", "email.html", ".lock", "manifest.json")
    read = {name: path.read_bytes() for name, path in files.items() if path.is_file() and not name.startswith(skipped)}
    read["index.html"] = re.sub(rb"\d{4}-\d\d-\d\d \d\d:\d\d UTC", b"some day", read["index.html"])
    return read


def wrong(root: Path, before: dict[str, bytes], after: dict[str, bytes]) -> str:
    """What is not as it should be once a run was killed, and once another one has healed it; nothing if all is."""
    now = site(root)
    torn = [name for name in before if now.get(name) not in (before[name], after[name])]
    if torn:
        return f"not whole: {torn}"
    if in_project(root, reports.make):
        return "the second run failed"
    healed = site(root)
    return "".join(f"not healed: {name}; " for name in {*after, *healed} if healed.get(name) != after.get(name))


def main(folder: Path, every: int = 1) -> int:
    """Make a site, change its corpus, then kill and heal."""
    root = folder / "first"
    coding = corpus_builder.corpus(root) / "articles/one.ann.yaml"
    (root / "notebooks").mkdir()
    small_site.notebook(root, "town", small_site.CORPUS_CELLS)
    small_site.notebook(root, "plain", [("parameters", "n = 1\n"), ("code", "print(n)")])
    small_site.reports(root, LIST)
    os.environ["STANCEBOOK_ROOT"] = str(root)
    reports.make()
    before = site(root)
    corpus_builder.write(coding, coding.read_text().replace("stance: 1", "stance: -1"))
    shutil.copytree(root, folder / "whole")
    os.environ["STANCEBOOK_ROOT"] = str(folder / "whole")
    reports.make()
    after, entries = site(folder / "whole"), history.past()[-1]["reports"]
    known = {
        name: (nbformat.read(folder / f"whole/reports/{name}.ipynb", as_version=4), lineage.parsed(made["reads"]))
        for name, made in entries.items()
    }
    from_memory(known)
    moment, faults, code = 0, [], -signal.SIGKILL
    while code == -signal.SIGKILL:
        moment += every
        place = folder / f"killed-{moment}"
        shutil.copytree(root, place)
        code = in_project(place, killed(place, moment))
        if fault := wrong(place, before, after):
            faults.append(f"{moment}: {fault}")
        shutil.rmtree(place)
    faults += [f"the run that was not killed ended with {code}"] if code else []
    sys.stdout.write("\n".join([f"{moment} writes", *faults, ""]))
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
