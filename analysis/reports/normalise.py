"""An executed notebook without what differs between two runs of the same thing, so that same input gives same bytes.

Papermill and the kernel leave times, the number of the Python release, random ids of cells, object addresses, names of
styled tables and process numbers in it; and how often a kernel flushes its output decides how many pieces a stream is
cut into.
"""

import re
from collections.abc import Collection
from typing import Any

from nbformat import NotebookNode

_INJECTED = "injected-parameters"
_RUN = ("papermill", "execution")
_STYLED = re.compile(r'<table id="(T_[0-9a-f]{5})"')
_ITS_NAME = re.compile(r"\bT_[0-9a-f]{5}(?![0-9a-f])")
_SPELT = (
    ("at 0x", re.compile(r"\bat 0x[0-9a-fA-F]{6,}"), "at 0x…"),
    ("ipykernel_", re.compile(r"\S*ipykernel_\d+[/\\]\d+\.py"), "<cell>"),
)


def normalise(notebook: NotebookNode, kept_ids: Collection[str]) -> NotebookNode:
    """`notebook`, changed in place: every byte of it follows from its cells and parameters.

    Parameters
    ----------
    notebook
        As papermill returned it.
    kept_ids
        The ids that cells have in the notebook's file; others are random and are numbered instead.
    """
    for key in _RUN:
        notebook.metadata.pop(key, None)
    language = notebook.metadata.get("language_info", {})
    if "version" in language:
        language["version"] = ".".join(language["version"].split(".")[:2])
    styled: dict[str, str] = {}
    for number, cell in enumerate(notebook.cells, start=1):
        _cell(cell, number, kept_ids)
        for output in cell.get("outputs", ()):
            _number_tables(output.get("data", {}), styled)
    return notebook


def _cell(cell: NotebookNode, number: int, kept_ids: Collection[str]) -> None:
    for key in _RUN:
        cell.metadata.pop(key, None)
    if _INJECTED in cell.metadata.get("tags", ()):
        cell.id = _INJECTED
    elif cell.get("id") not in kept_ids:
        cell.id = f"cell-{number}"
    if not cell.metadata.get("tags", True):
        del cell.metadata["tags"]  # papermill gives every cell an empty list
    if cell.cell_type == "code":
        cell.outputs = _merged(cell.outputs)


def _number_tables(data: dict[str, Any], numbers: dict[str, str]) -> None:
    """Give the tables that pandas styled, in an output's `data`, numbers in the notebook in place of random names."""
    html = data.get("text/html")
    for name in _STYLED.findall(html) if isinstance(html, str) else ():
        numbers.setdefault(name, f"T_{len(numbers) + 1:05}")
    if numbers and isinstance(html, str):
        data["text/html"] = _ITS_NAME.sub(lambda found: numbers.get(found[0], found[0]), html)


def _merged(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """The outputs with neighbouring pieces of one stream joined and their texts spelt alike."""
    kept: list[NotebookNode] = []
    for output in outputs:
        if output.output_type == "stream" and kept and kept[-1].get("name") == output.name:
            kept[-1].text += output.text
        else:
            kept.append(output)
    for output in kept:
        if "text" in output:
            output.text = _spelt(output.text)
        for kind, content in output.get("data", {}).items():
            output.data[kind] = _spelt(content)
    return kept


def _spelt(content: Any) -> Any:
    if isinstance(content, str):
        for mark, pattern, word in _SPELT:
            if mark in content:  # found at once, while the pattern takes its time over a figure
                content = pattern.sub(word, content)
    return content
