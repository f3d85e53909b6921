"""What is new on the whole site: changes.json for programs, feed.xml for feed readers, email.html to be sent.

All follow from the history, the manifest and reports.yaml, so a run in which nothing changed leaves them as they are.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from analysis import changes, history
from analysis.reports import freshness, parameters
from analysis.reports.parameters import Report
from analysis.reports.version import CHANGED

_TITLE = "Stancebook reports"


def files(reports: Sequence[Report], manifest: Mapping[str, Any]) -> dict[str, bytes]:
    """The files by name."""
    past, entries = history.past(), manifest["reports"]
    failed = [report for report in reports if entries.get(report.name, {}).get("state") == freshness.STALE]
    return {
        "changes.json": _changes(reports, entries, past),
        "feed.xml": _feed(past, {report.name for report in reports}),
        "email.html": _email(reports, past, {report.name: entries[report.name]["reason"] for report in failed}),
    }


def _changes(reports: Sequence[Report], entries: Mapping[str, Any], past: Sequence[Mapping[str, Any]]) -> bytes:
    """Of each report its title and page, whether it is current, and its last news in full."""
    last = {name: version["news"] for run in past for name, version in run["reports"].items()}
    told = {}
    for report in reports:
        entry = entries.get(report.name, {})
        state = {"state": entry.get("state", "not made"), "reason": entry.get("reason", "")}
        news = last.get(report.name, entry.get("news"))
        told[report.name] = {"title": report.title, "page": f"{report.name}.html", **state, "news": news}
    return (json.dumps({"reports": told}, indent=1, ensure_ascii=False) + "\n").encode()


def _feed(past: Sequence[Mapping[str, Any]], names: Collection[str]) -> bytes:
    """The last versions with news of the pages that there are, the newest first."""
    base = parameters.site()
    entries = [
        _entry(name, version, base)
        for run in past
        for name, version in run["reports"].items()
        if name in names and version["news"]["kind"] == CHANGED
    ]
    first = past[0]["at"] if past else "1970-01-01T00:00:00Z"
    updated = max([datetime.fromisoformat(first), *(entry.updated for entry in entries if entry.updated)])
    own = base and f"{base}feed.xml"
    return changes.feed(_TITLE, entries, site=base or _TITLE, updated=updated, base=base, own=own)


def _email(reports: Sequence[Report], past: Sequence[Mapping[str, Any]], failed: Mapping[str, str]) -> bytes:
    """What the last run that made a page found new, and which pages are out of date."""
    made = past[-1]["reports"] if past else {}
    base = parameters.site()
    entries = []
    for report in reports:
        if report.name in failed:
            page = f"{base}{report.name}.html"
            entries.append(changes.Entry(report.name, report.title, page, error=failed[report.name]))
        elif made.get(report.name, {}).get("news", {}).get("kind") == CHANGED:
            entries.append(_entry(report.name, made[report.name], base))
        else:
            entries.append(changes.Entry(report.name, report.title))
    intro = f"Run of {past[-1]['at'][:16].replace('T', ' ')} UTC." if past else ""
    return changes.email(_TITLE, entries, intro=intro).encode()


def _entry(name: str, version: Mapping[str, Any], base: str) -> changes.Entry:
    news = version["news"]
    return changes.Entry(
        name,
        version["title"],
        f"{base}{name}.html",
        sentence=news["sentence"],
        changes=news.get("changes"),
        version=version["at"],
        updated=datetime.fromisoformat(version["at"]),
    )
