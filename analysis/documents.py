"""What is made in the documentation, not written: the reference of columns, and the README's picture."""

from analysis import schema, stance, store, tidy
from analysis.figures import print as printed
from analysis.figures.print import paper

CORPUS = "russia-taliban"
_ROWS = 10


def made() -> dict[str, bytes]:
    """The generated files by their path below the project's folder.

    Raises
    ------
    CorpusError
        The first corpus cannot be read.
    """
    return {"docs/tables.md": schema.describe().encode(), "docs/matrix.svg": _picture().encode()}


def _picture() -> str:
    """The first corpus's matrix, as far as it fits above the fold: the voices that are heard on most issues."""
    tables = tidy.one_coding(store.load(CORPUS))
    cells = stance.stance_cells(tables)
    names = tables.actors.set_index("actor_id")["name"]
    actors = stance.most_heard(cells)[:_ROWS]
    return paper.svg_of(printed.matrix(cells, names=names, issues=tables.issues, actors=actors)) + "\n"
