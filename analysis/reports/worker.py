"""What a worker does: a notebook executed and watched, what is new in it, and its page. Loaded once, then forked."""

import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat

from analysis import digests
from analysis.reports import kernels, news
from analysis.reports import reads as lineage
from analysis.reports.page import render
from analysis.reports.provenance import Frame
from analysis.reports.run import execute
from analysis.reports.version import Made, Version

Job = tuple[str, Path, Mapping[str, Any], Frame, Version]
_STARTUP = "from analysis.reports.reads import watch\nwatch({path!r})\ndel watch\n"
_SHOWN = 12


def executed(job: tuple[str, Path, Mapping[str, Any]]) -> bytes:
    """The executed notebook of a job (name, notebook, parameters) as the bytes of its file.

    Raises
    ------
    ReportError
        It did not run to its end.
    """
    return _bytes(execute(*job))


def made(job: Job) -> Made:
    """The report of a job: name, notebook, parameters, frame of its page, and the version it is.

    Raises
    ------
    ReportError
        As for `executed`.
    """
    name, path, parameters, frame, version = job
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="r-", dir=kernels.folder(kernels.server())) as folder:
        noted = Path(folder) / "reads.jsonl"
        notebook = execute(name, path, parameters, startup=_STARTUP.format(path=str(noted)))
        reads = lineage.in_file(noted)
    new = news.of(version, reads)
    frame = replace(frame, news=new.html, provenance=[*_rows(reads), *frame.provenance])
    is_new = version.previous is None or new.record != version.previous["news"]
    page = render(notebook, frame).encode()
    return Made(_bytes(notebook), page, frame, reads, new.record, is_new, round(time.monotonic() - begun, 3))


def _rows(reads: Sequence[lineage.Read]) -> list[tuple[str, str]]:
    """Which tables a page rests on, and the digest of the rows that were read."""
    told = []
    for corpus in dict.fromkeys(read.corpus for read in reads):
        own = [read for read in reads if read.corpus == corpus and read.table]
        digest = digests.of_bytes(*sorted({f"{read.table} {read.digest}".encode() for read in own}))[:_SHOWN]
        tables = ", ".join(sorted({read.table.replace("_", " ") for read in own}))
        told.append(("Rows read", f"{corpus}: {tables}; SHA-256 {digest}…"))
    return told


def _bytes(notebook: nbformat.NotebookNode) -> bytes:
    """An executed notebook as the bytes of its file."""
    text: str = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
    return (text.rstrip("\n") + "\n").encode()
