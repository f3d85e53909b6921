"""Stancebook: annotated articles in, tidy tables, stance matrices and event charts out.

    tables = analysis.load("russia-taliban")
    cells = analysis.stance_cells(tables)
    matrix = analysis.stance_matrix(cells)
    series = analysis.event_series(tables, every="MS")

The names below are imported when they are first used, so that a command that needs no pandas starts at once.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analysis.coding import actor_list as actor_list
    from analysis.coding import article_list as article_list
    from analysis.coding import coding_checks as coding_checks
    from analysis.coding import issue_list as issue_list
    from analysis.coefficients import krippendorff_alpha as krippendorff_alpha
    from analysis.errors import StancebookError as StancebookError
    from analysis.events import article_series as article_series
    from analysis.events import event_list as event_list
    from analysis.events import event_series as event_series
    from analysis.events import swimlanes as swimlanes
    from analysis.reliability import agreement as agreement
    from analysis.reliability import disagreements as disagreements
    from analysis.schema import Tables as Tables
    from analysis.stance import actor_column as actor_column
    from analysis.stance import evidence as evidence
    from analysis.stance import most_heard as most_heard
    from analysis.stance import row_order as row_order
    from analysis.stance import stance_cells as stance_cells
    from analysis.stance import stance_matrix as stance_matrix
    from analysis.stance import stance_points as stance_points
    from analysis.store import corpora as corpora
    from analysis.store import load as load
    from analysis.store import read as read
    from analysis.tidy import select as select

_ROOMS = {
    "coefficients": ("krippendorff_alpha",),
    "coding": ("actor_list", "article_list", "coding_checks", "issue_list"),
    "errors": ("StancebookError",),
    "events": ("article_series", "event_list", "event_series", "swimlanes"),
    "reliability": ("agreement", "disagreements"),
    "schema": ("Tables",),
    "stance": ("actor_column", "evidence", "most_heard", "row_order", "stance_cells", "stance_matrix", "stance_points"),
    "store": ("corpora", "load", "read"),
    "tidy": ("select",),
}
_HOME = {name: room for room, names in _ROOMS.items() for name in names}
__all__ = sorted(_HOME)  # noqa: PLE0605  # a sorted list of names is one


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'analysis' has no attribute {name!r}")
    return getattr(import_module(f"analysis.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
