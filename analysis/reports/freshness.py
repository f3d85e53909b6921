"""reports/manifest.json: what each page was made from, so that a page whose inputs did not change is not made again.

Change is told by contents, never by times. This room must stay light: with nothing changed it is all that runs.
"""

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from analysis import digests, paths
from analysis.reports.parameters import Report

CURRENT, STALE = "current", "stale"
_PACKAGE = Path(__file__).parents[1]
_LENGTH = 16
_PIECE = re.compile(r"\.(html|ipynb|json|js)-")


def read() -> dict[str, Any]:
    """The manifest: `site` (the key of the index) and, by name, `reports`; an empty one when there is none to trust."""
    try:
        manifest = json.loads((paths.reports() / "manifest.json").read_text(encoding="utf-8"))
        entries = {name: dict(entry) for name, entry in manifest["reports"].items()}
        return {"site": str(manifest["site"]), "reports": entries}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {"site": "", "reports": {}}


def written(manifest: dict[str, Any]) -> bytes:
    """The manifest as the bytes of its file."""
    return (json.dumps(manifest, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def keys(reports: Iterable[Report]) -> dict[str, dict[str, str]]:
    """Of each report, by name, the digests of all that its page is made from."""
    code = digests.of_files([_PACKAGE])
    lock = digests.of_files([paths.root() / "requirements.lock"])
    corpora: dict[str, str] = {}
    found = {}
    for report in reports:
        if report.corpus and report.corpus not in corpora:
            corpora[report.corpus] = digests.of_corpus(paths.raw(report.corpus))
        parts = {
            "articles or coding": corpora.get(report.corpus, ""),
            "notebook": digests.of_files([report.notebook]),
            "parameters": digests.of_bytes(json.dumps(report.given, sort_keys=True).encode()),
            "title or description": digests.of_bytes(report.title.encode(), report.description.encode()),
            "code": code,
            "package versions": lock,
        }
        found[report.name] = {part: digest[:_LENGTH] for part, digest in parts.items()}
    return found


def is_current(name: str, key: dict[str, str], manifest: dict[str, Any]) -> bool:
    """Whether the report's page and executed notebook are there and were made from just this."""
    entry = manifest["reports"].get(name, {})
    files = (page(name), executed(name))
    return entry.get("state") == CURRENT and entry.get("key") == key and all(file.is_file() for file in files)


def is_whole(reports: Sequence[Report], key: dict[str, dict[str, str]], manifest: dict[str, Any]) -> bool:
    """Whether the site has its index and plotly.js, and no page that no report makes."""
    folder = paths.reports()
    needed = (folder / "index.html", folder / "assets" / "plotly.min.js")
    is_same = manifest["site"] == site_key(reports, key) and all(file.is_file() for file in needed)
    return is_same and not left_over(reports)


def left_over(reports: Iterable[Report]) -> list[Path]:
    """Files of the site that no report makes: pages and notebooks of removed reports, and pieces a killed run left."""
    folder = paths.reports()
    names = {report.name for report in reports}
    made = [path for kind in ("*.html", "*.ipynb") for path in folder.glob(kind)]
    strange = [path for path in made if path.stem not in {*names, "index"}]
    pieces = [path for path in folder.rglob(".*") if _PIECE.search(path.name)]
    return sorted({*strange, *pieces})


def site_key(reports: Iterable[Report], key: dict[str, dict[str, str]]) -> str:
    """The key of the index page: the reports in their order, and the code that draws it."""
    names = [report.name for report in reports]
    code = sorted({parts["code"] for parts in key.values()})
    return digests.of_bytes(json.dumps([names, code]).encode())[:_LENGTH]


def page(name: str) -> Path:
    """The page of the report `name`."""
    return paths.reports() / f"{name}.html"


def executed(name: str) -> Path:
    """The executed notebook of the report `name`."""
    return paths.reports() / f"{name}.ipynb"
