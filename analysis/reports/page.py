"""An executed notebook as one HTML page: nbconvert's exporter, our own template, and nothing fetched from anywhere."""

import base64
import hashlib
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import Markup
from nbconvert.exporters.templateexporter import TemplateExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode
from traitlets.config import Config

from analysis.reports.provenance import Frame

PLOTLY = "application/vnd.plotly.v1+json"
TEMPLATES = Path(__file__).with_name("template")
_PRIORITY = [PLOTLY, "text/html", "text/markdown", "image/svg+xml", "image/png", "image/jpeg", "text/plain"]
_HEIGHT = 450


class _Exporter(TemplateExporter):
    """nbconvert's, with every text escaped unless the template says otherwise."""

    output_mimetype = "text/html"

    def _create_environment(self) -> Environment:
        environment: Environment = super()._create_environment()  # type: ignore[no-untyped-call]
        environment.autoescape = True
        return environment


class _Headings(IPythonRenderer):
    """Markdown with anchors at its headings, which are collected; the page's title stands above the notebook's."""

    def __init__(self) -> None:
        super().__init__(escape=False, exclude_anchor_links=True)
        self.found: list[tuple[int, str, str]] = []

    def heading(self, text: str, level: int, **_: Any) -> str:
        plain = Markup(text).striptags()  # noqa: S704  # it is made plain here
        slug = re.sub(r"\W+", "-", plain.lower()).strip("-") or "section"
        taken = sum(anchor == slug or anchor.rpartition("-")[0] == slug for _, anchor, _ in self.found)
        anchor = f"{slug}-{taken + 1}" if taken else slug
        self.found.append((level, anchor, plain))
        if level == 1 and len(self.found) == 1:
            return ""
        level = max(level, 2)
        link = f'<a class="anchor" href="#{anchor}" aria-label="Link to this section">#</a>'
        return f'<h{level} id="{anchor}">{text}{link}</h{level}>\n'


def render(notebook: NotebookNode, frame: Frame) -> str:
    """The page of an executed notebook; the same bytes for the same notebook and frame."""
    headings = _Headings()
    markdown = MarkdownWithMath(renderer=headings)
    cells = {cell.id: Markup(markdown.render(cell.source)) for cell in notebook.cells if cell.cell_type == "markdown"}  # noqa: S704  # our own prose
    boot = (TEMPLATES / "boot.js").read_text(encoding="utf-8")
    resources = {
        "frame": frame,
        "plotly": PLOTLY,
        "cells": cells,
        "code": _code(notebook),
        "kicker": headings.found[0][2] if headings.found and headings.found[0][0] == 1 else "",
        "contents": [(level, anchor, text) for level, anchor, text in headings.found if level in (2, 3)],
        "style": Markup((TEMPLATES / "style.css").read_text(encoding="utf-8")),  # noqa: S704  # our own file
        "boot": Markup(boot),  # noqa: S704  # our own file
        "boot_hash": digest(boot),
        "has_charts": any(PLOTLY in output.get("data", {}) for output in _outputs(notebook)),
    }
    body, _ = exporter().from_notebook_node(notebook, resources)
    return str(body)


def _code(notebook: NotebookNode) -> dict[str, list[str]]:
    """The sources to show at each cell: one without outputs waits for the next, so that its switch is not one more."""
    shown: dict[str, list[str]] = {}
    waiting: list[str] = []
    for cell, following in zip(notebook.cells, [*notebook.cells[1:], None], strict=True):
        if cell.cell_type != "code":
            continue
        waiting.append(cell.source.strip())
        if cell.outputs or following is None or following.cell_type != "code":
            shown[cell.id], waiting = [source for source in waiting if source], []
    return shown


def digest(script: str) -> str:
    """The hash by which a Content-Security-Policy allows just this inline script."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _outputs(notebook: NotebookNode) -> list[NotebookNode]:
    return [output for cell in notebook.cells for output in cell.get("outputs", ())]


@cache
def exporter() -> TemplateExporter:
    """The exporter, made once for a process: to find and compile its templates takes longer than to draw a page."""
    exporter = _Exporter(  # type: ignore[no-untyped-call]
        config=Config({"NbConvertBase": {"display_data_priority": _PRIORITY}}),
        extra_template_basedirs=[str(TEMPLATES.parent)],
        template_name=TEMPLATES.name,
        template_file="page.html.j2",
    )
    for name, function in (("chart", _chart), ("prose", _prose)):
        exporter.register_filter(name, function)  # type: ignore[no-untyped-call]
    return exporter


def _prose(source: str) -> Markup:
    """Markdown that a cell printed: names and titles of articles may stand in it, so that HTML in it is only text."""
    return Markup(MarkdownWithMath(renderer=IPythonRenderer(escape=True, exclude_anchor_links=True)).render(source))  # noqa: S704


def _chart(bundle: dict[str, Any]) -> dict[str, Any]:
    """A plotly bundle as the template needs it: its JSON safe inside a script, its words, the height to keep free."""
    layout = bundle.get("layout", {})
    text = json.dumps({"data": bundle.get("data", []), "layout": layout}, ensure_ascii=False, separators=(",", ":"))
    meta = layout.get("meta")
    alt = meta.get("alt") if isinstance(meta, dict) else None
    title = layout.get("title", {}).get("text")
    safe = text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return {"json": Markup(safe), "alt": alt or title or "Chart", "height": layout.get("height") or _HEIGHT}  # noqa: S704
