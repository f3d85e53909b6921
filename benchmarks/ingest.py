"""How fast annotated articles are read, against bare YAML parsing, and what 10,000 of them cost in time and memory.

    python benchmarks/ingest.py [--quick]

The first table is the ratio that matters: articles per second of `native.read_articles` (YAML with line numbers, every
field checked, quotes anchored, typed frames) against PyYAML's C parser on the same files with nothing checked. Both
read the files, in one process, in turn (A B A B), and are timed in seconds of processor time, which other programs
disturb less than the clock's; the ratio is the median over the rounds, and 1.0 would be free checking.

The second table is `analysis.load` on a made corpus (see `corpora.py`), each step in a fresh process: built over all
cores, loaded again with nothing changed, and after one annotation changed. Seconds are the clock's, medians over the
rounds. "Peak memory" is the largest sum of the resident sizes of the loading process and all its workers, sampled every
20 ms; shared pages count once for each process, so it is an upper bound. "Read" counts the articles that were given to
the reader.

The third table says whether the tables refreshed by the last step are equal to those of a build from nothing, and how
long `stance_cells` with its intervals takes on the whole corpus.
"""

import argparse
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from statistics import median
from typing import Any

import corpora
import psutil
import shown
import yaml

import analysis
from analysis import codebook, paths
from analysis.readers import native
from analysis.schema import NAMES

CORPUS, SCRATCH = "made", "made-again"
_MB = 1e6


@dataclass(frozen=True)
class Step:
    """What one `analysis.load` took: seconds, peak memory in bytes, and how many articles were read."""

    seconds: float
    memory: int
    n_read: str


def bare(found: Iterable[native.Source]) -> None:
    """Parse the front matter and the annotation of each article with PyYAML's C parser, and do nothing with them."""
    for source in found:
        front = source.article.read_text(encoding="utf-8").split("---\n", 2)[1]
        yaml.load(front, yaml.CSafeLoader)
        for annotation in source.annotations:
            yaml.load(annotation.read_text(encoding="utf-8"), yaml.CSafeLoader)


def timed(work: Callable[[], Any], clock: Callable[[], float] = time.perf_counter) -> float:
    """Seconds that `work` takes."""
    start = clock()
    work()
    return clock() - start


def against_bare(n_articles: int, n_rounds: int) -> str:
    """The table of reading against bare parsing, over rounds in turn."""
    folder = paths.raw(CORPUS)
    book = codebook.read(folder / "codebook.yaml")
    found = native.sources(folder)[0][:n_articles]
    bare(found[:20])
    native.read_articles(found[:20], book)
    rounds = [
        (
            timed(lambda: native.read_articles(found, book), time.process_time),
            timed(lambda: bare(found), time.process_time),
        )
        for _ in range(n_rounds)
    ]
    ratios = [ours / theirs for ours, theirs in rounds]
    ours, theirs = (n_articles / median(column) for column in zip(*rounds, strict=True))
    rows = [
        ["ratio of times, median (aim: at most 2.5)", f"{median(ratios):.2f}"],
        ["ratio, smallest and largest round", f"{min(ratios):.2f} – {max(ratios):.2f}"],
        ["bare parsing, articles/s", f"{theirs:.0f}"],
        ["native.read_articles, articles/s", f"{ours:.0f}"],
    ]
    return shown.table([f"one process, {n_articles} articles, {n_rounds} rounds", "value"], rows)


def load_plainly(corpus: str) -> tuple[float, str]:
    """Seconds of one `analysis.load` that may read over all cores; how many articles is not counted."""
    return timed(lambda: analysis.load(corpus)), "all"


def load_counting(corpus: str) -> tuple[float, str]:
    """Seconds of one `analysis.load`, and how many articles it gave to the reader."""
    counts = [0]
    read = native.read_articles

    def counting(found: list[native.Source], book: codebook.Codebook) -> Any:
        counts.append(len(found))
        return read(found, book)

    native.read_articles = counting
    return timed(lambda: analysis.load(corpus)), str(sum(counts))


def step(load: Callable[[str], tuple[float, str]], corpus: str) -> Step:
    """`load` in a process of its own, with the memory of that process and its children watched."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        done = pool.submit(load, corpus)
        memory = peak(done)
    seconds, n_read = done.result()
    return Step(seconds, memory, n_read)


def peak(done: Future[Any]) -> int:
    """The largest sum of the children's resident sizes until `done`, in bytes."""
    highest = 0
    while not done.done():
        highest = max(highest, sum(map(resident, psutil.Process().children(recursive=True))))
        time.sleep(0.02)
    return highest


def resident(process: psutil.Process) -> int:
    """The memory that a process holds, 0 when it has ended."""
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def described(rounds: list[Step], n_articles: int) -> list[str]:
    """A row's values over the rounds: median seconds and rate, the largest memory, every number read."""
    seconds = median(taken.seconds for taken in rounds)
    memory = max(taken.memory for taken in rounds)
    n_read = ", ".join(sorted({taken.n_read for taken in rounds}))
    return [f"{seconds:.2f}", f"{n_articles / seconds:.0f}", f"{memory / _MB:.0f}", n_read]


def loads(n_articles: int, n_rounds: int) -> str:
    """The table of the ways to load the corpus."""
    steps: dict[str, list[Step]] = {"built on all cores": [], "nothing changed": [], "one annotation changed": []}
    for number in range(n_rounds):
        shutil.rmtree(paths.processed(CORPUS), ignore_errors=True)
        steps["built on all cores"].append(step(load_plainly, CORPUS))
        steps["nothing changed"].append(step(load_counting, CORPUS))
        corpora.change(paths.raw(CORPUS), number)
        steps["one annotation changed"].append(step(load_counting, CORPUS))
    rows = [[name, *described(taken, n_articles)] for name, taken in steps.items()]
    header = [
        f"analysis.load, {n_articles} articles, {n_rounds} rounds",
        "seconds",
        "articles/s",
        "peak memory, MB",
        "read",
    ]
    return shown.table(header, rows)


def checks() -> str:
    """The table of what was made: whether the refreshed tables are those of a new build, and what cells cost."""
    refreshed = analysis.load(CORPUS)
    paths.raw(SCRATCH).symlink_to(paths.raw(CORPUS))
    anew = analysis.load(SCRATCH)
    pairs = [(getattr(refreshed, name), getattr(anew, name)) for name in NAMES]
    same = sum(one.equals(other) for one, other in pairs)
    start = time.perf_counter()
    cells = analysis.stance_cells(refreshed)
    seconds = time.perf_counter() - start
    rows = [
        ["tables equal after the change and built anew", f"{same} of {len(NAMES)}"],
        ["stance_cells, seconds", f"{seconds:.2f}"],
        ["cells", str(len(cells))],
        [
            "articles in the median and the largest cell",
            f"{cells.n_articles.median():.0f}, {cells.n_articles.max()}",
        ],
    ]
    return shown.table([f"{len(refreshed.statements)} statements", "value"], rows)


def main() -> None:
    """Make the corpus, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a tenth of the articles, and fewer rounds")
    n_articles, n_rounds = (1000, 1) if parser.parse_args().quick else (10_000, 3)
    source = paths.raw("russia-taliban")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["STANCEBOOK_ROOT"] = folder
        corpora.make(source, paths.raw(CORPUS), n_articles)
        print(f"{n_articles} made articles, {corpora.size(paths.raw(CORPUS))}; {os.cpu_count()} cores\n")
        print(against_bare(n_articles // 20, 5 * n_rounds), end="\n\n")
        print(loads(n_articles, n_rounds), end="\n\n")
        print(checks())


if __name__ == "__main__":
    main()
