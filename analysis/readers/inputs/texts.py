"""Texts that lie beside annotations, as the annotator saw them: plain text, and what a browser shows of a page.

Quirks: links in a folder from somebody else could point anywhere and are not followed. A browser makes CR LF one LF
before it counts and takes the text of <body> with that of scripts in it; a page that does not say its encoding is taken
for UTF-8, not for Latin-1 as lxml would.
"""

import codecs
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from analysis.errors import CorpusError, Problem

_LARGEST = 1 << 29
_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_:.-]{1,40})""", re.IGNORECASE)
_NO_ENCODINGS = {"idna", "raw_unicode_escape", "raw-unicode-escape", "unicode_escape", "unicode-escape", "utf-7"}
_BLOCKED = "a copy of the file in its place"


def files(folder: Path, hint: str = "") -> Iterator[tuple[Path, str]]:
    """Every file below the folder in the order of names, with its name relative to the folder; hidden ones are passed.

    Raises
    ------
    CorpusError
        A folder cannot be read, or something in it is a link.
    """
    waiting = [""]
    while waiting:
        inside = waiting.pop()
        folders = []
        for entry in _entries(folder, inside):
            shown = f"{inside}{entry.name}"
            if entry.is_symlink():
                raise CorpusError(Problem(shown, 0, "this is a link, and links are not followed", _BLOCKED, hint))
            if entry.is_dir():
                folders.append(f"{shown}/")
            elif entry.is_file():  # a pipe would be waited for
                yield Path(entry.path), shown
        waiting += reversed(folders)


def _entries(folder: Path, inside: str) -> list[os.DirEntry[str]]:
    """What is in a folder inside the folder, in the order of names, but for what is hidden."""
    try:
        with os.scandir(folder / inside) as entries:
            return sorted((entry for entry in entries if entry.name[0] != "."), key=lambda entry: entry.name)
    except OSError as error:
        shown = inside.rstrip("/") or "."
        raise CorpusError(Problem(shown, 0, f"the folder cannot be read: {error.strerror}")) from None


def plain(path: Path, shown: str) -> str:
    """The UTF-8 text of a file with nothing changed: a byte order mark and every CR stay, for offsets count them."""
    return _decoded(_content(path, shown), "utf-8", shown)


def beside(path: Path, shown: str) -> str:
    """The text of a file as a browser counts it: of an HTML page that of its body, CR LF as LF, no byte order mark."""
    content = _content(path, shown)
    is_page = path.suffix.lower() in (".html", ".htm", ".xhtml")
    text = _decoded(content, _encoding(content) if is_page else "utf-8", shown).removeprefix("\ufeff")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _body(text, shown) if is_page else text


def _content(path: Path, shown: str) -> bytes:
    try:
        about = path.lstat()
        if stat.S_ISLNK(about.st_mode):
            raise CorpusError(Problem(shown, 0, "this is a link, and links are not followed", _BLOCKED))
        if about.st_size > _LARGEST:
            found, limit = f"the file has {about.st_size >> 20} MB", f"at most {_LARGEST >> 20} MB"
            raise CorpusError(Problem(shown, 0, found, limit, "split it"))
        return path.read_bytes()
    except OSError as error:
        raise CorpusError(Problem(shown, 0, f"the file cannot be read: {error.strerror}")) from None


def _decoded(content: bytes, encoding: str, shown: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        name = "UTF-8" if encoding == "utf-8" else encoding
        raise CorpusError(Problem(shown, line, f"the file is not {name} text", name, f"save it as {name}")) from None


def _encoding(page: bytes) -> str:
    """The encoding that a page names in its head where Python has it; else UTF-8."""
    named = _CHARSET.search(page, 0, 4096)
    if page.startswith(codecs.BOM_UTF8) or not named:
        return "utf-8"
    try:
        name = codecs.lookup(named[1].decode()).name
        return name if name not in _NO_ENCODINGS and "a".encode(name) == b"a" else "utf-8"
    except (LookupError, ValueError, TypeError):
        return "utf-8"


def _body(page: str, shown: str) -> str:
    from lxml import etree, html  # noqa: PLC0415  # seldom needed, slow to import

    parser = html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False)
    try:
        root = html.document_fromstring(page.replace("\0", "\ufffd").encode(), parser=parser)
    except (etree.LxmlError, ValueError):
        raise CorpusError(Problem(shown, 0, "this page has no text", "an HTML page", "save it again")) from None
    body = root.find("body")
    return str((root if body is None else body).text_content())
