"""What a REFI-QDA project has beside codes on texts, counted and left out: no table of ours has a place for it."""

from collections import Counter
from collections.abc import Iterator

from lxml import etree

from analysis.readers.inputs.xml_input import Element
from analysis.readers.refi.selections import TEXT_SOURCE

_HOLDERS = {
    "Notes/{*}Note": "a note",
    "Links/{*}Link": "a link",
    "Sets/{*}Set": "a set",
    "Graphs/{*}Graph": "a graph",
    "Cases/{*}Case/{*}CodeRef": "a code on a case",
    "Cases/{*}Case/{*}SelectionRef": "a selection of a case",
    "Cases/{*}Case/{*}Description": "a description of a case",
    "CodeBook/{*}Codes//{*}Code/{*}Description": "a description of a code",
    "Variables/{*}Variable/{*}Description": "a description of a variable",
}
_SOURCES = {
    "PictureSource": "a picture source",
    "PDFSource": "a PDF source",
    "AudioSource": "an audio source",
    "VideoSource": "a video source",
}
_CODING = "{*}Coding"
_OTHER = "a source of another kind"


def reasons(root: Element) -> Counter[str]:
    """How often something is left out for which reason: what is no code on a text, and sources that are no texts."""
    left_out = Counter({reason: _count(root.iterfind(f"{{*}}{path}")) for path, reason in _HOLDERS.items()})
    known = 0
    for source in root.iterfind("{*}Sources/*"):
        kind = etree.QName(source).localname
        if kind == TEXT_SOURCE:
            known += _count(source.iterchildren(_CODING))
        else:
            medium = _SOURCES.get(kind, _OTHER)
            left_out[medium] += 1
            left_out[f"on {medium}"] += _count(source.iter(_CODING))
    left_out["on a note"] = sum(_count(note.iter(_CODING)) for note in root.iterfind("{*}Notes/{*}Note"))
    known += sum(n for reason, n in left_out.items() if reason.startswith("on "))
    left_out["a coding where none is expected"] = _count(root.iter(_CODING)) - known
    return +left_out


def _count(elements: Iterator[Element]) -> int:
    return sum(1 for _ in elements)
