"""What a reader of another tool's files finds: documents and the marks on them, before a mapping says what they mean.

Offsets are Unicode code points of the document's own text, however the tool counted. A mark's features are texts, or
lists of texts where there are several; what a relation, slot or role points at stands under the relation's name, as the
quote of its target (`speaker`), with the target's kind (`speaker.kind`) and features (`speaker.name`) beside it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

Feature = str | list[str]


class Document(NamedTuple):
    """A text that was annotated, None where the file does not hold it, and what the file says of it."""

    name: str
    text: str | None
    facts: Mapping[str, str]
    where: str


class Mark(NamedTuple):
    """One annotation: whose, on what, of which kind (layer, label, tag, code, entity type, or `row` of a table).

    `start` and `end` are None where it stands on no span (a row of a table, a code on a whole document). `pieces` are
    the parts of a discontinuous span, else empty. `quote` is the tool's own, None where it gives none; of pieces, their
    words as `joined`. `where` is the place in the file, as a message tells it.
    """

    document: str
    coder: str
    name: str
    kind: str
    start: int | None
    end: int | None
    quote: str | None
    pieces: tuple[tuple[int, int], ...]
    features: Mapping[str, Feature]
    where: str


@dataclass(frozen=True)
class Found:
    """All documents and marks of a file or folder, and how many annotations were left out for which reason."""

    documents: list[Document]
    marks: list[Mark]
    left_out: Counter[str] = field(default_factory=Counter)


def joined(words: Sequence[str], places: Sequence[tuple[int, int]]) -> str:
    """The words of pieces as one text: a space stands between two pieces, but for those that touch.

    >>> joined(["Har", "bour", "pier"], [(0, 3), (3, 7), (12, 16)])
    'Harbour pier'
    """
    ends = (None, *(end for _, end in places))
    gaps = ("" if end in (None, start) else " " for end, (start, _) in zip(ends, places, strict=False))
    return "".join(part for pair in zip(gaps, words, strict=True) for part in pair)
