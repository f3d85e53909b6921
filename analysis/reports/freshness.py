"""reports/manifest.json: what each page was made from, so that a page whose inputs did not change is not made again.

Change is told by contents, never by times. This room must stay light: with nothing changed it is all that runs. Where
only the files of a corpus changed, the rows that the report read decide; that takes the tables, and is asked in `work`.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from analysis import digests, disk, paths
from analysis.reports.parameters import TAKEN, Report

CURRENT, STALE = "current", "stale"
RAW = "articles or coding"
SITE = ("index.html", "assets/plotly.min.js", "changes.json")
_TIMED = ("feed.xml", "email.html")  # two runs that make the same pages differ in them, and not in the manifest
_PACKAGE = Path(__file__).parents[1]
_LENGTH = 16
_PIECE = re.compile(r"\.(html|ipynb|json|js|xml|part)-")


def read() -> dict[str, Any]:
    """The manifest: `site` (the key of the index), digests of `files`, and `reports` by name.

    An empty one when there is none to trust: gone, damaged or edited.
    """
    return disk.record(paths.reports() / "manifest.json") or {"site": "", "files": {}, "reports": {}}


def write(manifest: dict[str, Any]) -> None:
    """Write the manifest."""
    disk.put_record(paths.reports() / "manifest.json", manifest)


def keys(reports: Iterable[Report], manifest: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Of each report, by name, the digests of all that its page is made from."""
    of_files, of_corpora = cache(lambda path: digests.of_files([path])), cache(_of_corpora)
    code, lock = of_files(_PACKAGE), of_files(paths.root() / "requirements.lock")
    found = {}
    for report in reports:
        read = {record[0] for record in manifest["reports"].get(report.name, {}).get("reads", ())}
        parts = {
            RAW: of_corpora(frozenset({report.corpus, *read} - {""})),
            "notebook": of_files(report.notebook),
            "parameters": digests.of_bytes(json.dumps(report.given, sort_keys=True).encode()),
            "title or description": digests.of_bytes(report.title.encode(), report.description.encode()),
            "code": code,
            "package versions": lock,
        }
        found[report.name] = {part: digest[:_LENGTH] for part, digest in parts.items()}
    return found


def _of_corpora(names: frozenset[str]) -> str:
    return digests.of_bytes(*(digests.of_corpus(paths.raw(name)).encode() for name in sorted(names))) if names else ""


def differing(name: str, key: dict[str, str], manifest: dict[str, Any]) -> list[str]:
    """The parts of its key in which a report's page is out of date; all of them when it was never made."""
    made = manifest["reports"].get(name, {}).get("key") or {}
    return [part for part, digest in key.items() if made.get(part) != digest]


def is_current(name: str, key: dict[str, str], manifest: dict[str, Any]) -> bool:
    """Whether the report's page and executed notebook are there and were made from just this."""
    return is_there(name, manifest) and not differing(name, key, manifest)


def is_there(name: str, manifest: dict[str, Any]) -> bool:
    """Whether the report's page and executed notebook are there, as the last run that made them wrote them."""
    entry = manifest["reports"].get(name, {})
    return entry.get("state") == CURRENT and bool(entry.get("files")) and is_intact(entry["files"])


def intact(names: Iterable[str]) -> dict[str, str]:
    """The digests of files in reports/ by their names, for the manifest."""
    return {name: _digest(paths.reports() / name) for name in names}


def is_intact(files: Mapping[str, str]) -> bool:
    """Whether files, which the manifest has the digests of, are there and as they were written."""
    return all(digest and _digest(paths.reports() / name) == digest for name, digest in files.items())


def _digest(path: Path) -> str:
    """The digest of a file; empty where there is none."""
    try:
        return digests.of_bytes(path.read_bytes())
    except OSError:
        return ""


def is_whole(reports: Sequence[Report], key: dict[str, dict[str, str]], manifest: dict[str, Any]) -> bool:
    """Whether the site has its index and plotly.js, and no page that no report makes."""
    is_same = manifest["site"] == site_key(reports, key) and set(manifest["files"]) == set(SITE)
    return is_same and is_intact(manifest["files"]) and _is_announced() and not left_over(reports)


def announced() -> None:
    """Vouch for the feed and the mail as they are now."""
    disk.put_record(_announced(), intact(_TIMED))


def _is_announced() -> bool:
    files = disk.record(_announced()) or {}
    return set(files) == set(_TIMED) and is_intact(files)


def _announced() -> Path:
    return paths.reports() / "history" / "announced.json"


def left_over(reports: Iterable[Report]) -> list[Path]:
    """Files of the site that no report makes: pages and notebooks of removed reports, and pieces a killed run left."""
    folder = paths.reports()
    names = {report.name for report in reports}
    made = [path for kind in ("*.html", "*.ipynb") for path in folder.glob(kind)]
    strange = [path for path in made if path.stem not in {*names, *TAKEN}]
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
