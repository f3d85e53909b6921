"""How fast files of other tools are read, and in how much memory, each against the bare parser of its format.

    python benchmarks/readers.py [--megabytes 50] [--quick] [--only "Label Studio,brat"]

The files are made (see `annotated.py`): articles of 3 to 5 kB with 20 annotations each, most of them ASCII. A reader's
part is `formats.find`: the file parsed, every field's type checked, offsets made code points, quotes compared with the
text. It turns the search for circular garbage off meanwhile, and so it is off for the bare parser too. The bare parser
is what anyone would call first who wants the file's content as objects of Python: json, lxml, sqlite3 (all rows of all
tables), dkpro-cassis, csv, pyarrow, and pandas for a workbook; for brat, which has none, lines split at tabs. It also
reads the texts that lie beside, and checks nothing.

Every run is a process of its own, ours and the bare one in turn; a format's time is the median of the rounds, in
seconds of processor time, which other programs disturb less than the clock's. Memory is the growth of the process's
largest resident size over what it was when all modules were imported, the largest of the rounds. The size
of what is packed is that of its unpacked content: of a zip file that of its members, of a Parquet file that of its
table in memory.
"""

import argparse
import csv
import gc
import json
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import shown

from analysis.readers import formats

_MB = 1e6
_ROUNDS = 3
_XMI, _ALL = ".xmi", "*"


class Format(NamedTuple):
    """A format: its name here, what makes the file, the bare parser and the modules that it needs."""

    reader: str
    maker: str
    bare: Callable[[Path], Any]
    parser: str
    needs: tuple[str, ...]


def json_file(path: Path) -> Any:
    """The file as `json` reads it, and the texts beside it."""
    return json.loads(path.read_bytes()), [text.read_text(encoding="utf-8") for text in path.parent.glob("*.txt")]


def json_lines(path: Path) -> Any:
    """Each line as `json` reads it."""
    with path.open("rb") as file:
        return [json.loads(line) for line in file]


def json_folder(path: Path) -> Any:
    """All files of a folder: JSON parsed, texts read."""
    files = [file for file in path.rglob(_ALL) if file.is_file()]
    read = [file.read_text(encoding="utf-8") for file in files]
    return [json.loads(text) if file.suffix == ".json" else text for file, text in zip(files, read, strict=True)]


def split_lines(path: Path) -> Any:
    """All texts read, all lines of annotations split at tabs."""
    read = [(file.suffix, file.read_text(encoding="utf-8")) for file in path.iterdir()]
    return [[line.split("\t") for line in text.split("\n")] if suffix == ".ann" else text for suffix, text in read]


def cassis(path: Path) -> Any:
    """Each file of a folder as dkpro-cassis reads it; none is kept, with its circles, while the next is read."""
    import cassis as parser  # noqa: PLC0415  # slow

    for file in sorted(path.glob("*.json")):
        parser.load_cas_from_json(file.read_text(encoding="utf-8"))
        gc.collect(1)
    if (path / "TypeSystem.xml").exists():
        types = parser.load_typesystem((path / "TypeSystem.xml").read_text(encoding="utf-8"))
        for file in sorted(path.glob(f"*{_XMI}")):
            parser.load_cas_from_xmi(file, types)
            gc.collect(1)


def lxml(path: Path) -> Any:
    """The project as lxml parses it, and the texts of the archive."""
    from lxml import etree  # noqa: PLC0415  # slow

    with zipfile.ZipFile(path) as archive:
        read = {name: archive.read(name) for name in archive.namelist()}
    return [etree.fromstring(data) if name.endswith(".qde") else data.decode() for name, data in read.items()]


def sqlite(path: Path) -> Any:
    """All rows of all tables."""
    import sqlite3  # noqa: PLC0415  # as the others

    connection = sqlite3.connect(path)
    names = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")]
    return {name: connection.execute(f"select * from {name}").fetchall() for name in names}  # noqa: S608  # our own


def csv_rows(path: Path) -> Any:
    """Each row as the `csv` module reads it."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def workbook(path: Path) -> Any:
    """The sheet as pandas reads it, every cell a text."""
    import pandas as pd  # noqa: PLC0415  # slow

    return pd.read_excel(path, dtype=str)


def parquet(path: Path) -> Any:
    """The rows as pyarrow makes objects of them."""
    import pyarrow.parquet as pq  # noqa: PLC0415  # slow

    return pq.read_table(path).to_pylist()


_PANDAS = ("pandas", "pyarrow.parquet", "pyarrow.compute", "openpyxl")
FORMATS = {
    "Label Studio": Format("label-studio", "annotated.label_studio", json_file, "json", ()),
    "doccano": Format("span-jsonl", "annotated.doccano", json_lines, "json", ()),
    "W3C": Format("w3c", "annotated.w3c", json_file, "json", ()),
    "CATMA": Format("catma", "annotated.catma", json_folder, "json", ()),
    "brat": Format("brat", "annotated.brat", split_lines, "str.split", ()),
    "REFI-QDA": Format("refi-qda", "annotated_archives.refi", lxml, "lxml", ("lxml.etree",)),
    "CAS XMI": Format("uima-cas", "annotated_archives.cas_xmi", cassis, "dkpro-cassis", ("cassis",)),
    "CAS JSON": Format("uima-cas", "annotated_archives.cas_json", cassis, "dkpro-cassis", ("cassis",)),
    "DNA": Format("dna", "annotated_archives.dna", sqlite, "sqlite3", ("sqlite3",)),
    "CSV": Format("tables", "annotated_archives.csv", csv_rows, "csv", _PANDAS),
    "XLSX": Format("tables", "annotated_archives.xlsx", workbook, "pandas", _PANDAS),
    "Parquet": Format("tables", "annotated_archives.parquet", parquet, "pyarrow", _PANDAS),
    "JSON lines": Format("tables", "annotated_archives.json_lines", json_lines, "json", _PANDAS),
}


class Run(NamedTuple):
    """Seconds of processor time, growth of the memory in bytes, and annotations found."""

    seconds: float
    memory: int
    n_records: int


def peak() -> int:
    """The largest resident size of this process so far, in bytes.

    Linux lets a process start with the largest size of the one that started it, but for the status of its memory.
    """
    status = Path("/proc/self/status")
    if status.exists():
        return 1024 * int(status.read_text(encoding="ascii").partition("VmHWM:")[2].split()[0])
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def make(name: str, folder: Path, size: int) -> None:
    """Write the file of a format, and print its path."""
    module, function = FORMATS[name].maker.split(".")
    print(getattr(import_module(module), function)(folder, size))


def run(name: str, side: str, path: Path) -> None:
    """Read the file once with all modules imported before, and print what it took as JSON."""
    given = FORMATS[name]
    for needed in given.needs:
        import_module(needed)
    read = given.bare
    if side == "ours":
        options = {"offset_unit": "code points"} if name == "doccano" else {}
        import_module(f"analysis.readers.{formats.FORMATS[given.reader]}")

        def read(path: Path) -> Any:
            return formats.find(path, given.reader, options)

    gc.collect()
    gc.disable()
    before, start = peak(), time.process_time()
    found = read(path)
    seconds = time.process_time() - start
    print(json.dumps([seconds, peak() - before, len(found.marks) if side == "ours" else 0]))


def child(*words: str) -> str:
    """What this script prints in a process of its own."""
    command = [sys.executable, __file__, "--child", *words]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def size_of(path: Path) -> int:
    """The bytes of a file, unpacked if it is packed, or of all files in a folder."""
    if path.is_dir():
        return sum(file.stat().st_size for file in path.rglob(_ALL) if file.is_file())
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return sum(member.file_size for member in archive.infolist())
    if path.suffix == ".parquet":
        import pyarrow.parquet as pq  # noqa: PLC0415  # slow

        return int(pq.read_table(path).nbytes)
    return path.stat().st_size + sum(text.stat().st_size for text in path.parent.glob("*.txt"))


def row(name: str, megabytes: float, n_rounds: int) -> list[str]:
    """The table's row of a format."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(child("make", name, folder, str(int(megabytes * _MB))))
        size = size_of(path)
        rounds = [(measured(name, "ours", path), measured(name, "bare", path)) for _ in range(n_rounds)]
    ours, bare = (list(sides) for sides in zip(*rounds, strict=True))
    seconds, alone = (median(taken.seconds for taken in side) for side in (ours, bare))
    ratios = [one.seconds / other.seconds for one, other in rounds]
    return [
        name,
        FORMATS[name].parser,
        f"{size / _MB:.0f}",
        f"{ours[0].n_records}",
        f"{size / _MB / alone:.1f}",
        f"{size / _MB / seconds:.1f}",
        f"{ours[0].n_records / seconds:,.0f}",
        f"{median(ratios):.1f}",
        f"{max(taken.memory for taken in bare) / size:.1f}",
        f"{max(taken.memory for taken in ours) / size:.1f}",
    ]


def measured(name: str, side: str, path: Path) -> Run:
    """One run in a process of its own."""
    return Run(*json.loads(child("run", name, side, str(path))))


def main(words: Iterable[str] | None = None) -> None:
    """Make each file, read it, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=float, default=50, help="size of each file")
    parser.add_argument("--quick", action="store_true", help="files of 2 MB, read once")
    parser.add_argument("--only", default="", help="names of formats, separated by commas")
    given = parser.parse_args(words)
    only = [name.strip() for name in given.only.split(",") if name.strip()]
    if unknown := set(only) - FORMATS.keys():
        parser.error(f"no format {', '.join(sorted(unknown))}; there are {', '.join(FORMATS)}")
    megabytes, n_rounds = (2.0, 1) if given.quick else (given.megabytes, _ROUNDS)
    header = ["format", "bare parser", "MB", "annotations", "bare, MB/s", "ours, MB/s", "ours, annotations/s"]
    header += ["ratio of times (aim: at most 3)", "bare, memory per byte", "ours, memory per byte (aim: at most 6)"]
    print(shown.table(header, [row(name, megabytes, n_rounds) for name in FORMATS if not only or name in only]))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        task, name, first, second = sys.argv[2:6]
        if task == "make":
            make(name, Path(first), int(second))
        else:
            run(name, first, Path(second))
    else:
        main()
