"""What changed, as HTML for the top of a report's page: readable without JavaScript, in grey, and on paper."""

from pathlib import Path

from analysis.changes import shown, wording
from analysis.changes.summary import Summary

LIMIT = 30_000
ROWS = 12
_STEPS = (8, 5, 3, 2, 1, 0)


def block(summary: Summary, *, heading: str = "What changed", link: str = "changes.json", rows: int = ROWS) -> str:
    """The sentence of `summary`, and below it, folded, tables of cells, evidence, articles and codebook.

    Parameters
    ----------
    summary
        What changed.
    heading
        What stands above it.
    link
        Address of the file that has all rows; the tables refer to it where they leave some out.
    rows
        The most rows of a table. There are fewer where the block would have `LIMIT` bytes or more.

    Returns
    -------
    str
        A section with its own style; every text in it is escaped.
    """
    record = summary.as_json()
    page = shown.template("block.html.j2")
    style = Path(__file__).with_name("template").joinpath("style.css").read_text(encoding="utf-8")
    for most in (rows, *(step for step in _STEPS if step < rows)):
        made = page.render(
            summary=summary,
            sentence=_short(summary),
            heading=heading,
            link=link,
            style=style,
            tables=shown.rows(record, most),
        )
        if len(made.encode()) < LIMIT:
            break
    return made


def _short(summary: Summary) -> str:
    return wording.clipped(summary.sentence(), 1000)
