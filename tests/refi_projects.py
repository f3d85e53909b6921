"""REFI-QDA projects, small and written out, for the tests of their reader."""

import zipfile
from pathlib import Path

from analysis.readers.found import Found

TEXT = "The minister said yes to the bridge. The union said no."
CODES = (
    '<Code guid="A1" name="Stance" isCodable="true"><Code guid="{a2}" name="Support" isCodable="true"/></Code>'
    '<Code guid="a3" name="Bridge" isCodable="true"/>'
)
USERS = '<Users><User guid="u1" name="Ann"/><User guid="u2" name="Bob"/></Users>'


def coding(code: str = "a2", guid: str = "c1", user: str = "u1") -> str:
    return f'<Coding guid="{guid}" creatingUser="{user}"><CodeRef targetGUID="{code}"/></Coding>'


def selection(start: object, end: object, inner: str | None = None, more: str = "") -> str:
    inner = coding(guid=f"c{start}") if inner is None else inner
    place = f'guid="s{start}" startPosition="{start}" endPosition="{end}"'
    return f"<PlainTextSelection {place} {more}>{inner}</PlainTextSelection>"


def source(inner: str, path: str = "internal://t.txt") -> str:
    return f'<TextSource guid="t1" name="One" plainTextPath="{path}">{inner}</TextSource>'


def project(sources: str, more: str = "", origin: str = "a tool") -> str:
    head = f'<Project xmlns="urn:QDA-XML:project:1.0" name="x" origin="{origin}">{USERS}'
    return f"{head}<CodeBook><Codes>{CODES}</Codes></CodeBook>{more}<Sources>{sources}</Sources></Project>"


def packed(folder: Path, qde: str | bytes, *, name: str = "project.qde", **texts: str | bytes) -> Path:
    path = folder / "p.qdpx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, qde)
        for member, content in (texts or {"t": TEXT}).items():
            archive.writestr(f"sources/{member}.txt", content)
    return path


def quotes(found: Found) -> list[str | None]:
    return [mark.quote for mark in found.marks]


WORDS = selection(4, 12) + selection(18, 21) + selection(29, 35)
