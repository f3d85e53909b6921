"""Annotations from anywhere on the disk: our own format and other tools', found from the content."""

from pathlib import Path

import pandas as pd

from analysis.errors import CorpusError, ParameterError, Problem, brief
from analysis.readers import foreign, formats, native
from analysis.readers import mapping as mapping_file
from analysis.readers.found import Mark
from analysis.readers.native.files import native_files
from analysis.schema import Tables


def read(path: str | Path, format: str | None = None, mapping: object = None) -> Tables:  # noqa: A002  # contract
    """The tidy tables of annotations anywhere on the disk, without storing them.

    Parameters
    ----------
    path
        A file or folder: of the native format (codebook.yaml and articles/), or of another tool; see docs/formats.
    format
        Its name; by default it is found from the content.
    mapping
        The file that says which code means what, or its text; by default what is called as our fields are.

    Raises
    ------
    ParameterError
        No such path, format or mapping.
    CorpusError
        Everything that is wrong in the files. Nothing is read by halves.
    """
    source = Path(path)
    if format == "native" or (format is None and _is_file(source / "codebook.yaml")):
        if mapping is not None:
            raise ParameterError(
                Problem("", 0, "a mapping was given", "none: native annotations name their own fields")
            )
        if not _is_file(source / "codebook.yaml"):
            expected = "a folder with codebook.yaml and articles/"
            raise ParameterError(Problem(str(path), 0, "there is no such folder", expected))
        return native.read(source)
    return foreign.tables(foreign.imported(source, format, meanings(mapping)))


def _is_file(path: Path) -> bool:
    """Whether there is such a file; no, too, where it may not be looked for or no path can be called so."""
    try:
        return path.is_file()
    except OSError:
        return False


def meanings(given: object) -> mapping_file.Meanings | None:
    """The mapping in a file, or in a text of several lines."""
    if given is None:
        return None
    if isinstance(given, str) and "\n" in given:
        return mapping_file.parse(given, "mapping")
    if isinstance(given, str | Path):
        return mapping_file.load(Path(given))
    raise ParameterError(Problem("", 0, f"the mapping is {brief(given)}", "the path of a mapping file, or its text"))


def annotations(path: str | Path, format: str | None = None, options: dict[str, str] | None = None) -> pd.DataFrame:  # noqa: A002
    """Everything that a file of another tool marks, one row each, before a mapping says what it means.

    Returns
    -------
    pandas.DataFrame
        document, coder, name, kind, start, end (code points; missing without a span), quote, features (a dict), where
        (the place in the file). In the order of the file.

    Raises
    ------
    ParameterError, CorpusError
        As for `read`.
    """
    found = formats.find(Path(path), format, options)
    table = pd.DataFrame(found.marks, columns=list(Mark._fields)).drop(columns="pieces")
    texts = {document.name: document.text for document in found.documents}
    table["features"] = pd.Series([dict(mark.features) for mark in found.marks], dtype="object")
    table["quote"] = pd.Series([_words(mark, texts.get(mark.document)) for mark in found.marks], dtype="str")
    types = dict.fromkeys(("document", "coder", "name", "kind", "quote", "where"), "str")
    return table.astype(types | {"start": "Int64", "end": "Int64"})


def _words(mark: Mark, text: str | None) -> str | None:
    """The words of a mark: of the text where it is there, of all pieces where it has several."""
    if mark.pieces or text is None or mark.start is None:
        return mark.quote
    return text[mark.start : mark.end]


def native_corpus(
    path: Path,
    format: str | None = None,  # noqa: A002
    mapping: Path | None = None,
) -> tuple[dict[str, str], str]:
    """The files of the native format that a file of another tool becomes, and what came in and what did not.

    Raises
    ------
    ParameterError, CorpusError
        As for `read`.
    """
    given = meanings(mapping)
    found = foreign.imported(path, format, given)
    if not found.meaning.records:
        hint = "map its codes to statements or events; `python -m analysis mapping` drafts a mapping"
        raise CorpusError(Problem(path.name, 0, "nothing of it would come in", "a statement or an event", hint))
    foreign.tables(found)
    book = given.codebook.read_text(encoding="utf-8") if given and given.codebook else None
    return native_files(found, book), found.summary
