"""The made site as a whole: its index, the one copy of plotly.js, marks on stale pages, and what no longer belongs."""

import re
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, Template
from markupsafe import Markup, escape

from analysis import disk, history, paths
from analysis.changes import shown
from analysis.reports import announce, freshness
from analysis.reports.parameters import Report
from analysis.reports.version import CHANGED, Made, day

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
    text = page.decode(errors="surrogateescape")  # a damaged page is marked, too
    return _BANNER.sub(lambda _: banner, text, count=1).encode(errors="surrogateescape")


def mark(name: str, reason: str) -> None:
    """Put the banner on the page of the report `name`, if there is one."""
    page = freshness.page(name)
    if page.is_file():
        disk.put(page, marked(page.read_bytes(), reason))


def put(name: str, made: Made) -> None:
    """Put a report's executed notebook and page in place."""
    disk.put(freshness.executed(name), made.executed)
    disk.put(freshness.page(name), made.page)


def begin() -> None:
    """Write plotly.js, which a page needs from its first moment on, and compile the templates that `finish` takes."""
    _write(paths.reports() / "assets" / "plotly.min.js", _plotly())
    _template()
    for name in ("entry.html.j2", "email.html.j2"):
        shown.template(name)


def finish(reports: Sequence[Report], manifest: dict[str, Any]) -> None:
    """Write the index and the news where they differ, then remove what no report makes."""
    _write(paths.reports() / "assets" / "plotly.min.js", _plotly())
    _write(paths.reports() / "index.html", index(reports, manifest).encode())
    for name, content in announce.files(reports, manifest).items():
        _write(paths.reports() / name, content)
    freshness.announced()
    for path in freshness.left_over(reports):
        disk.remove(path)


def index(reports: Sequence[Report], manifest: dict[str, Any]) -> str:
    """The page that lists all reports, by corpus in the order of reports.yaml."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for report in reports:
        entry = manifest["reports"].get(report.name, {})
        told = {"report": report, "has_page": freshness.page(report.name).is_file()} | entry
        groups.setdefault(report.corpus, []).append(told)
    style = Markup((_TEMPLATES / "style.css").read_text(encoding="utf-8"))  # noqa: S704  # our own file
    titles = {corpus: _title(corpus) for corpus in groups}
    return _template().render(groups=groups, titles=titles, style=style, latest=_latest(reports))


@cache
def _template() -> Template:
    environment = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True, trim_blocks=True)
    environment.filters["day"] = day
    return environment.get_template("index.html.j2")


def _latest(reports: Sequence[Report]) -> dict[str, Any]:
    """The last run that made a page, and its reports with news; nothing where there are none."""
    run: dict[str, Any] = next(reversed(history.past()), {"reports": {}})
    new = [report for report in reports if run["reports"].get(report.name, {}).get("news", {}).get("kind") == CHANGED]
    return {"at": run["at"], "reports": new} if new else {}


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
        disk.put(path, content)
