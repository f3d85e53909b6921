"""The texts of a corpus of the native format, which its tables do not hold, for exports that write them out."""

from pathlib import Path

from analysis import codebook, paths
from analysis.readers.native import _apart, _split, sources


def article_texts(path: Path) -> dict[str, str]:
    """The text of each article in the folder `path`, as it was coded, by article_id; those withheld are not in it.

    Raises
    ------
    CorpusError
        A file cannot be read.
    """
    found = {}
    for source in sources(path)[0]:
        file = paths.shown(source.article)
        text = _split(codebook.text_of(source.article, file), file)[1]
        if not text and source.text:
            text = _apart(source.text, paths.shown(source.text))[0]
        if text:
            found[source.article_id] = text
    return found
