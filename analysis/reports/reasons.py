"""Why a report would be made again: which of the things that its page rests on are no longer what they were."""

from collections.abc import Mapping, Sequence
from typing import Any

from analysis import paths, store
from analysis.errors import ParameterError
from analysis.reports import freshness, parameters
from analysis.reports import reads as lineage
from analysis.reports.parameters import Report


def of(names: Sequence[str]) -> dict[str, list[str]]:
    """See `analysis.reports.why`."""
    reports, problems = parameters.read()
    wanted = parameters.chosen(reports, names)
    if problems:
        raise ParameterError(problems)
    manifest = freshness.read()
    keys = freshness.keys(reports, manifest)
    return {report.name: _reasons(report, keys[report.name], manifest) for report in wanted}


def _reasons(report: Report, key: dict[str, str], manifest: dict[str, Any]) -> list[str]:
    entry = manifest["reports"].get(report.name, {})
    if not entry.get("key"):
        return [f"it was never made: {entry['reason']}" if entry.get("reason") else "it was never made"]
    files = (freshness.page(report.name), freshness.executed(report.name))
    found = [f"{paths.shown(file)} is gone" for file in files if not file.is_file()]
    if not found and entry.get("state") == freshness.CURRENT and not freshness.is_there(report.name, manifest):
        found.append(f"{paths.shown(files[0])} or its notebook was edited or damaged")
    if entry.get("state") != freshness.CURRENT:
        found.append(f"its last run failed: {entry.get('reason', '')}")
    differing = freshness.differing(report.name, key, manifest)
    found += [f"changed: {part}" for part in differing if part != freshness.RAW]
    return found + (_rows(entry) if freshness.RAW in differing else [])


def _rows(entry: Mapping[str, Any]) -> list[str]:
    """The tables of which the report read rows that changed, and how it came to them."""
    reads = lineage.parsed(entry.get("reads", ()))
    corpora = {corpus: store.load(corpus) for corpus in sorted({read.corpus for read in reads})}
    if not reads:
        return [f"changed: {freshness.RAW}"]
    changed = lineage.Present(corpora).changed(reads)
    return list(dict.fromkeys(f"changed: rows of {read.table} in {read.corpus}{_through(read)}" for read in changed))


def _through(read: lineage.Read) -> str:
    """The steps of a read with what was asked for in them."""
    told = []
    for name, given in read.steps:
        asked = ", ".join(f"{key}={value!r}" for key, value in given.items() if value not in ("", []))
        told += [f"{name}({asked})"] if asked else []
    return f", through {' and '.join(told)}" if told else ""
