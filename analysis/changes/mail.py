"""What changed in all reports as one mail: tables and inline styles, as mail programs want it, and never too long."""

from collections.abc import Sequence
from typing import Any

from analysis.changes import shown, wording
from analysis.changes.shown import Entry

LIMIT = 100_000
CELLS, EVIDENCE = 5, 3
_REST = 1_000  # for the line that counts what was left out


def email(title: str, entries: Sequence[Entry], *, intro: str = "") -> str:
    """An HTML document of less than `LIMIT` bytes: failed reports first, then those that changed.

    Parameters
    ----------
    title
        Its heading.
    entries
        The reports. Those in which nothing changed are only counted. As many as fit are told in one sentence, and of
        these the first as fit with their strongest cells and first new evidence; how many did not fit is said.
    intro
        A sentence below the heading.

    Returns
    -------
    str
        Every text is escaped; no script, no image, nothing fetched.
    """
    from markupsafe import Markup  # noqa: PLC0415  # frames need no templates

    page = shown.template("email.html.j2")
    item = page.make_module({}).item  # type: ignore[attr-defined]  # a macro of the template
    loud = sorted((entry for entry in entries if not entry.is_quiet), key=lambda entry: not entry.error)
    facts: dict[str, Any] = {
        "title": wording.clipped(title, 200),
        "intro": wording.clipped(intro, 600),
        "n_quiet": len(entries) - len(loud),
    }
    room = LIMIT - _REST - len(page.render(items=[], left_out=[], **facts).encode())
    items, room = _fitting([str(item(entry, {})) for entry in loud], room)
    for at, entry in enumerate(loud[: len(items)]):
        full = str(item(entry, _details(entry)))
        room -= _size(full) - _size(items[at])
        if room <= 0:
            break
        items[at] = full
    rest = loud[len(items) :]
    return page.render(items=[Markup(each) for each in items], left_out=_left_out(rest), **facts)  # noqa: S704  # ours


def _fitting(items: Sequence[str], room: int) -> tuple[list[str], int]:
    """The first items that fit into so many bytes, and the bytes that are left."""
    kept: list[str] = []
    for each in items:
        if _size(each) >= room:
            break
        kept.append(each)
        room -= _size(each)
    return kept, room


def _size(text: str) -> int:
    return len(text.encode()) + 1


def _details(entry: Entry) -> dict[str, Any]:
    if entry.changes is None or entry.error:
        return {}
    tables = shown.rows(entry.changes, CELLS)
    evidence = tables["evidence"]
    left = max(0, len(evidence["rows"]) - EVIDENCE) + evidence["more"]
    return {"cells": tables["cells"], "evidence": {"rows": evidence["rows"][:EVIDENCE], "more": left}}


def _left_out(rest: Sequence[Entry]) -> list[str]:
    """What did not fit, counted."""
    failed = sum(bool(entry.error) for entry in rest)
    counts = ((failed, "failed"), (len(rest) - failed, "changed"))
    return [f"{wording.counted(n, 'more report')} {what}" for n, what in counts if n]
