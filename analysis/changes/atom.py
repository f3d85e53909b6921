"""What changed as an Atom feed (RFC 4287), the same bytes for the same reports."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any
from urllib.parse import urljoin

from analysis.changes import shown, wording
from analysis.changes.shown import Entry

MOST = 200
ROWS = 8
_AUTHOR = "Stancebook"


def feed(
    title: str, entries: Sequence[Entry], *, site: str, updated: dt.datetime, base: str = "", own: str = ""
) -> bytes:
    """The feed as XML: one entry per report and version, the newest first, at most `MOST`.

    Parameters
    ----------
    title
        Name of the feed.
    entries
        The reports that changed or failed, former versions included as long as they are to be read. The id of an entry
        is made from `site`, its name and its version; a second one with the same id is left out.
    site
        What the feed is of: a name or an address that stays the same for ever. The feed's id is made from it.
    updated
        When the feed last changed. A time without a zone is taken as UTC; entries without a time take this one.
    base
        The address that relative addresses of entries are below; empty: they stay relative.
    own
        The address of the feed itself.

    Raises
    ------
    UnicodeEncodeError
        Never for texts: what XML does not allow is taken out of them.
    """
    from feedgen.feed import FeedGenerator  # type: ignore[import-untyped]  # noqa: PLC0415  # lxml takes time

    made = FeedGenerator()
    key = uuid.uuid5(uuid.NAMESPACE_URL, wording.clean(site))
    made.id(key.urn)
    made.title(_text(title))
    made.updated(_zoned(updated))
    made.author(name=_AUTHOR)
    made.language("en")
    made.generator(_AUTHOR)
    if shown.address(base):
        made.link(href=wording.clean(base), rel="alternate", type="text/html")
    if shown.address(own):
        made.link(href=wording.clean(own), rel="self", type="application/atom+xml")
    content = shown.template("entry.html.j2")
    ids = {uuid.uuid5(key, wording.clean(f"{entry.name}\n{entry.version}")).urn: entry for entry in reversed(entries)}
    newest = sorted(ids.items(), key=lambda found: (_time(found[1], updated), found[1].name, found[0]), reverse=True)
    for identifier, entry in newest[:MOST]:
        tables = shown.rows(entry.changes, ROWS) if entry.changes and not entry.error else {}
        text = content.render(entry=entry, tables=tables)
        _add(made.add_entry(order="append"), entry, (identifier, text), (base, _time(entry, updated)))
    return bytes(made.atom_str(pretty=True))


def _add(made: Any, entry: Entry, told: tuple[str, str], where: tuple[str, dt.datetime]) -> None:
    """Fill an entry of the feed: its id and content, and the base of its address and its time."""
    made.id(told[0])
    made.title(_text(entry.title or entry.name))
    made.updated(where[1])
    made.content(told[1], type="html")
    if entry.url and shown.address(entry.url):
        made.link(href=urljoin(where[0], wording.clean(entry.url)), rel="alternate", type="text/html")


def _text(text: str) -> str:
    """A title, which Atom demands."""
    return wording.clipped(text, 200) or "Untitled"


def _time(entry: Entry, otherwise: dt.datetime) -> dt.datetime:
    return _zoned(entry.updated or otherwise)


def _zoned(time: dt.datetime) -> dt.datetime:
    """The time in UTC."""
    return (time if time.tzinfo else time.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
