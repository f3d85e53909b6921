"""XML and zip files that strangers made: parsed without entities, read without being unpacked, refused with a place.

Any DOCTYPE is refused before the text behind it is looked at, since entities can read other files and grow without
end. Members of a zip file are read by name into memory, with caps on their number, bytes and ratio; a name such as
`../../x` is only a name here, as nothing is ever written.
"""

import io
import lzma
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from lxml import etree

from analysis.errors import CorpusError, Problem, brief

_CHUNK = 1 << 16
_MOST_MEMBERS, _MOST_BYTES, _MOST_IN_ALL, _MOST_RATIO = 20_000, 1 << 28, 1 << 30, 400
_SMALL = 1 << 20
_BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, RuntimeError, ValueError)
Element = etree._Element  # noqa: SLF001  # lxml gives its class no public name
_DAMAGED = "export the file again; it may have been cut off on its way"


def content(path: Path) -> bytes:
    """The bytes of the file; CorpusError where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        found = f"the file cannot be read: {error.strerror or 'no such file'}"
        raise CorpusError(Problem(path.name, 0, found)) from None


def root(data: bytes, shown: str) -> Element:
    """The root element of an XML file; CorpusError, with the line, for one that is broken or has a DOCTYPE."""
    refuse_doctype(data, shown)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise broken(error, shown) from None


def root_without(data: bytes, shown: str, tag: str, take: Callable[[Element], bool]) -> Element:
    """The root element as of `root`, without elements of the `tag` for which `take` gives true.

    They are given to it as soon as they are read, so that the tree needs no memory for a million of them.
    """
    refuse_doctype(data, shown)
    events = etree.iterparse(
        io.BytesIO(data),
        ("end",),
        tag=tag,
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        for _, element in events:
            parent = element.getparent()
            if parent is not None and take(element):
                parent.remove(element)
    except etree.XMLSyntaxError as error:
        raise broken(error, shown) from None
    if events.root is None:
        raise CorpusError(Problem(shown, 0, "the file is empty", "an XML file"))
    return events.root


def refuse_doctype(data: bytes, shown: str) -> None:
    """CorpusError if what stands before the first element is no XML, or has a DOCTYPE."""
    if not data.strip():
        raise CorpusError(Problem(shown, 0, "the file is empty", "an XML file"))
    parser = etree.XMLPullParser(("start",), resolve_entities=False, no_network=True, huge_tree=False)
    try:
        for at in range(0, len(data), _CHUNK):
            parser.feed(data[at : at + _CHUNK])
            for _, element in parser.read_events():
                _no_doctype(element, shown)
                return
    except etree.XMLSyntaxError as error:
        raise broken(error, shown) from None


def _no_doctype(element: Element, shown: str) -> None:
    about = element.getroottree().docinfo
    if about.internalDTD is not None or about.doctype:
        raise _has_doctype(shown)


def _has_doctype(shown: str) -> CorpusError:
    hint = "export the file again, or take the DOCTYPE out if you trust it"
    return CorpusError(Problem(shown, 1, "it has a DOCTYPE, whose entities could do harm", "plain XML", hint))


def broken(error: etree.XMLSyntaxError, shown: str) -> CorpusError:
    """What the parser says of a broken file, as our error."""
    reason = (error.msg or "it ends too early").partition(", line ")[0]
    if "entity amplification" in reason:  # a small file is parsed in one piece, before its DOCTYPE can be seen
        return _has_doctype(shown)
    if error.code == etree.ErrorTypes.ERR_INVALID_CHAR:  # INCEpTION's `XMI (XML 1.1)` may have some
        hint = "take it out of the text, or export a UIMA CAS as `UIMA CAS JSON`"
        found = "it has a control character, which XML 1.0 cannot hold"
        return CorpusError(Problem(shown, error.lineno or 0, found, "", hint))
    return CorpusError(Problem(shown, error.lineno or 0, f"this is no sound XML: {reason}", "", _DAMAGED))


class Files(Protocol):
    """What holds files by name: a folder or a zip file."""

    names: list[str]

    def read(self, name: str) -> bytes:
        """The bytes of one of the files."""
        ...


class Folder:
    """The files of a folder and of some folders in it, under their paths within it."""

    def __init__(self, path: Path, *inner: str) -> None:
        folders = [folder for folder in (path, *(path / name for name in inner)) if folder.is_dir()]
        found = [file for folder in folders for file in sorted(folder.iterdir()) if file.is_file()]
        self._files = {file.relative_to(path).as_posix(): file for file in found}
        self.names = list(self._files)

    def read(self, name: str) -> bytes:
        """The bytes of one of the files."""
        return content(self._files[name])


class Archive:
    """The members of a zip file by name. `shown` is how messages call the file.

    Raises
    ------
    CorpusError
        The file is no zip file, or has too many members, or two of one name.
    """

    def __init__(self, data: bytes, shown: str) -> None:
        self.shown = shown
        self._left, self._size = _MOST_IN_ALL, len(data)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            members = self._zip.infolist()
        except _BROKEN:
            raise CorpusError(Problem(shown, 0, "this is no sound zip file", "", _DAMAGED)) from None
        self.names = [member.filename for member in members if not member.filename.endswith("/")]
        if len(members) > _MOST_MEMBERS:
            expected = f"at most {_MOST_MEMBERS} members"
            raise CorpusError(Problem(shown, 0, f"the zip file has {len(members)} members", expected))
        twice = [name for name, count in Counter(self.names).items() if count > 1]
        if twice:
            raise CorpusError(Problem(shown, 0, f"the zip file has two members {brief(twice[0])}", "one of each name"))

    def read(self, name: str) -> bytes:
        """The bytes of a member; CorpusError where it is broken, locked, or larger than any annotation file is."""
        shown = f"{self.shown}/{name}"
        try:
            member = self._zip.getinfo(name)
            packed = min(member.compress_size, self._size)
            most = min(_MOST_BYTES, self._left, max(_SMALL, packed * _MOST_RATIO))
            with self._zip.open(member) as file:
                data = file.read(most + 1)
        except KeyError:
            raise CorpusError(Problem(shown, 0, "the zip file has no such member")) from None
        except _BROKEN:
            hint = "export it again, without a password"
            raise CorpusError(Problem(shown, 0, "this member of the zip file cannot be read", "", hint)) from None
        if len(data) > most:
            expected = f"at most {_MOST_BYTES >> 20} MB, packed at most {_MOST_RATIO} times"
            raise CorpusError(Problem(shown, 0, "this member of the zip file grows too large", expected))
        self._left -= len(data)
        return data
