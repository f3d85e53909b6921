"""Networks and statements as files for other programs: spreadsheets, Gephi, visone, UCINET, R, and DNA's event list.

A file is written whole or not at all, and with the same bytes at every run: no hour, no user, no order that varies.
Labels are other people's words: text stays text, also where a spreadsheet would take it for a formula. XML and XLSX
cannot hold control characters; there each becomes its picture (U+0000 is ␀). docs/exports.md tells what opens what.
"""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from analysis import disk
from analysis.errors import ParameterError, unknown
from analysis.exports.graphs import as_xml
from analysis.exports.rows import Rows, about, as_csv, matrix_of, nodes_of, rows_of
from analysis.exports.workbook import as_xlsx
from analysis.networks import Network
from analysis.schema import Tables

FORMATS = (".csv", ".xlsx", ".graphml", ".gexf")
FORMS = ("edges", "matrix")


def export_network(network: Network, path: str | Path, *, form: str = "edges", tables: Tables | None = None) -> Path:
    """The path of the file that now holds the network, in the format that its suffix names.

    Parameters
    ----------
    network
        What `analysis.network` returned.
    path
        Ends in `.csv`, `.xlsx` (sheets matrix, edges, nodes, about), `.graphml` or `.gexf`. Folders are made; a file of
        that name is replaced.
    form
        What a CSV holds: `edges` (source, target, weight, n_statements, n_articles; a row per tie) or `matrix` (labels
        in the first row and column). The other formats do not ask.
    tables
        The corpus: nodes get what its codebook says of them. Actors: name, kind, organisation_id, role, country;
        issues: proposition. A CSV has no place for it.

    Raises
    ------
    ParameterError
        There is no such format or form, or the network is larger than a spreadsheet.
    StoreError
        The file cannot be written; what stood there before is untouched.

    Notes
    -----
    Graphs are undirected. A node's id is its label; in a two-mode network with `row:` or `column:` before it, since one
    label may stand on both sides. Missing facts are left out.

    Examples
    --------
    >>> import analysis, tempfile
    >>> network = analysis.network(analysis.load("russia-taliban"), aggregation="subtract")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = analysis.export_network(network, f"{folder}/stances.csv", form="matrix")
    ...     pd.read_csv(path, index_col=0, keep_default_na=False).equals(network.matrix)
    True
    """
    target = _target(path, FORMATS)
    if form not in FORMS:
        raise ParameterError(unknown("the form", form, FORMS))
    match target.suffix.lower():
        case ".csv":
            return _written(target, as_csv(matrix_of(network) if form == "matrix" else rows_of(network.edges)))
        case ".xlsx":
            return _written(target, as_xlsx(_sheets(network, tables)))
        case suffix:
            return _written(target, as_xml(network, tables, suffix))


def _target(path: str | Path, formats: Iterable[str]) -> Path:
    target = Path(path)
    if target.suffix.lower() not in formats:
        raise ParameterError(unknown("the format", target.suffix, formats, file=str(path)))
    return target


def _written(target: Path, content: bytes) -> Path:
    with disk.writing(target.parent):
        disk.write_atomically(target, content)
    return target


def _sheets(network: Network, tables: Tables | None) -> dict[str, Rows]:
    return {
        "matrix": matrix_of(network),
        "edges": rows_of(network.edges),
        "nodes": rows_of(nodes_of(network, tables)),
        "about": [["parameter", "value"], *map(list, about(network).items())],
    }


def export_statements(tables: Tables, path: str | Path) -> Path:
    """The path of the CSV file that now holds the statements as Discourse Network Analyzer's event list has them.

    Parameters
    ----------
    tables
        A corpus, or what `select` kept of it: a row per statement, by date of the article, article and place in it.
    path
        Ends in `.csv`. Folders are made; a file of that name is replaced.

    Returns
    -------
    pathlib.Path
        The file: separated by `;`, texts in quotation marks, which are doubled inside. Its columns are DNA's first:

        statement_id, document_id, coder
            Whole numbers from 1: by row, and by the order of article_id and coder_id.
        time, document_title, document_source
            First possible day of the article's publication, title, outlet.
        person, organization, concept, agreement
            Name of the speaker, of the organisation spoken for (may be empty), proposition; 1 for a stance above 0, 0
            for one below. Empty for the neutral and the mixed, which yes and no cannot tell; DNA knows no such rows.
        start_position, stop_position, text
            The span, in Unicode code points, and its words.
        document_author, document_section, document_type
            Empty.

        Then stancebook_id (our statement_id), origin_id of the article, and what else `statements` has: article_id,
        coder_id, gloss, speaker_id, organisation_id, issue_id, stance and so on, so that nothing is lost.

    Raises
    ------
    ParameterError
        The path ends in something else.
    StoreError
        The file cannot be written; what stood there before is untouched.
    """
    target = _target(path, (".csv",))
    articles = tables.articles[["article_id", "title", "outlet", "published_start", "origin_id"]]
    articles = articles.assign(document_id=articles["article_id"].rank(method="dense").astype("int64"))
    said = tables.statements.merge(articles, on="article_id", validate="m:1")
    said = said.merge(tables.issues, on="issue_id", validate="m:1")
    said = said.sort_values(["published_start", "article_id", "start", "end", "statement_id"], ignore_index=True)
    rest = tables.statements.columns.drop(["statement_id", "start", "end", "quote"])
    ours = said[["statement_id", "origin_id", *rest]].rename(columns={"statement_id": "stancebook_id"})
    return _written(target, as_csv(rows_of(pd.concat([_events(said, tables), ours], axis=1)), ";"))


def _events(said: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """DNA's columns in DNA's order; its texts are empty where nothing is, never missing."""
    names = tables.actors.set_index("actor_id")["name"]
    agreement = (said["stance"] > 0).astype("Int64").where(said["stance"].abs() > 0)
    columns = {
        "statement_id": said.index + 1,
        "time": said["published_start"],
        "person": said["speaker_id"].map(names),
        "organization": said["organisation_id"].map(names).fillna(""),
        "concept": said["proposition"],
        "agreement": agreement,
        "start_position": said["start"],
        "stop_position": said["end"],
        "text": said["quote"].fillna(""),
        "coder": said["coder_id"].rank(method="dense").astype("int64"),
        "document_id": said["document_id"],
        "document_title": said["title"],
        "document_author": "",
        "document_source": said["outlet"].fillna(""),
        "document_section": "",
        "document_type": "",
    }
    return pd.DataFrame(columns, index=said.index)
