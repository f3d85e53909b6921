"""What a worker process does: one notebook executed, and drawn as a page. Loaded once, then forked for each worker."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat

from analysis.reports.page import render
from analysis.reports.provenance import Frame
from analysis.reports.run import execute

_Job = tuple[str, Path, Mapping[str, Any]]


def executed(job: _Job) -> bytes:
    """The executed notebook of a job (name, notebook, parameters) as the bytes of its file.

    Raises
    ------
    ReportError
        It did not run to its end.
    """
    return _bytes(execute(*job))


def made(job: tuple[str, Path, Mapping[str, Any], Frame]) -> tuple[bytes, bytes, Frame]:
    """The executed notebook of a job and its page, as the bytes of their files, and the frame of the page.

    Raises
    ------
    ReportError
        As for `executed`.
    """
    name, path, parameters, frame = job
    notebook = execute(name, path, parameters)
    return _bytes(notebook), render(notebook, frame).encode(), frame


def _bytes(notebook: nbformat.NotebookNode) -> bytes:
    text: str = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
    return (text.rstrip("\n") + "\n").encode()
