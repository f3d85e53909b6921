"""Tables as Markdown with aligned columns: readable in a terminal, and pasted into docs/benchmarks.md as they stand."""

from collections.abc import Sequence


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table, its first column to the left and the others to the right.

    Examples
    --------
    >>> print(table(["what", "n"], [["articles", "5"]]))
    | what     |   n |
    |:---------|----:|
    | articles |   5 |
    """
    widths = [max(3, *(len(row[column]) for row in [header, *rows])) for column in range(len(header))]
    lines = [_line(row, widths) for row in [header, *rows]]
    rules = [":" + "-" * (widths[0] + 1), *("-" * (width + 1) + ":" for width in widths[1:])]
    return "\n".join([lines[0], "|" + "|".join(rules) + "|", *lines[1:]])


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    left, *right = zip(cells, widths, strict=True)
    padded = [left[0].ljust(left[1]), *(cell.rjust(width) for cell, width in right)]
    return "| " + " | ".join(padded) + " |"
