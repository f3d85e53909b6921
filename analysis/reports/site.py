"""The made site as a whole: its index, the one copy of plotly.js, marks on stale pages, and what no longer belongs."""

import re
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup, escape

from analysis import paths, store
from analysis.reports import freshness
from analysis.reports.parameters import Report

_TEMPLATES = Path(__file__).with_name("template")
_BANNER = re.compile(r"<!--stale-->.*?<!--/stale-->", re.DOTALL)
_SHOWN = 600


def marked(page: bytes, reason: str) -> bytes:
    """The page with a banner that says it is stale and why; an empty reason takes the banner away."""
    short = reason if len(reason) <= _SHOWN else f"{reason[:_SHOWN]} …"
    told = Markup(
        '<aside class="stale" role="status"><p><strong>This page is out of date.</strong> The last run of this report '
        "failed; below is the page of the last run that succeeded.</p><pre>{}</pre></aside>"
    )
    banner = f"<!--stale-->{told.format(escape(short)) if reason else ''}<!--/stale-->"
    return _BANNER.sub(lambda _: banner, page.decode(), count=1).encode()


def mark(name: str, reason: str) -> None:
    """Put the banner on the page of the report `name`, if there is one."""
    page = freshness.page(name)
    if page.is_file():
        store.write_atomically(page, marked(page.read_bytes(), reason))


def finish(reports: Sequence[Report], manifest: dict[str, Any]) -> None:
    """Write plotly.js and the index where they differ, and remove what no report makes."""
    for path in freshness.left_over(reports):
        path.unlink(missing_ok=True)
    _write(paths.reports() / "assets" / "plotly.min.js", _plotly())
    _write(paths.reports() / "index.html", index(reports, manifest).encode())


def index(reports: Sequence[Report], manifest: dict[str, Any]) -> str:
    """The page that lists all reports, by corpus in the order of reports.yaml."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for report in reports:
        entry = manifest["reports"].get(report.name, {})
        shown = {"report": report, "has_page": freshness.page(report.name).is_file()} | entry
        groups.setdefault(report.corpus, []).append(shown)
    environment = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True, trim_blocks=True)
    style = Markup((_TEMPLATES / "style.css").read_text(encoding="utf-8"))  # noqa: S704  # our own file
    titles = {corpus: _title(corpus) for corpus in groups}
    return environment.get_template("index.html.j2").render(groups=groups, titles=titles, style=style)


def _title(corpus: str) -> str:
    """The heading of the corpus's README, or its name: two codings of one matter share their codebook's title."""
    try:
        lines = (paths.raw(corpus) / "README.md").read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return corpus
    return next((line[2:].strip() for line in lines if line.startswith("# ")), corpus)


def _plotly() -> bytes:
    """plotly.js as the installed package carries it; the package itself takes a second to import, and is not."""
    spec = find_spec("plotly")
    folder = Path(spec.origin).parent if spec and spec.origin else Path()
    return (folder / "package_data" / "plotly.min.js").read_bytes()


def _write(path: Path, content: bytes) -> None:
    if not path.is_file() or path.read_bytes() != content:
        store.write_atomically(path, content)
