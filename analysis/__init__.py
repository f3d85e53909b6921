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
    from analysis.coding import coder_list as coder_list
    from analysis.coding import coding_checks as coding_checks
    from analysis.coding import issue_list as issue_list
    from analysis.coefficients import krippendorff_alpha as krippendorff_alpha
    from analysis.errors import StancebookError as StancebookError
    from analysis.events import article_series as article_series
    from analysis.events import event_list as event_list
    from analysis.events import event_series as event_series
    from analysis.events import swimlanes as swimlanes
    from analysis.exports import export_network as export_network
    from analysis.exports import export_statements as export_statements
    from analysis.exports.dna import export_dna as export_dna
    from analysis.exports.tidy import export_tables as export_tables
    from analysis.exports.w3c import export_w3c as export_w3c
    from analysis.history import cell_history as cell_history
    from analysis.networks import Network as Network
    from analysis.networks import network as network
    from analysis.networks.backbone import backbone as backbone
    from analysis.networks.coalitions import coalitions as coalitions
    from analysis.networks.polarisation import polarisation as polarisation
    from analysis.networks.resampling import aggregate_interval as aggregate_interval
    from analysis.networks.resampling import tie_intervals as tie_intervals
    from analysis.networks.windows import window as window
    from analysis.positions.change import stance_change as stance_change
    from analysis.positions.salience import issue_salience as issue_salience
    from analysis.positions.scale import ideal_points as ideal_points
    from analysis.positions.similarity import stance_clusters as stance_clusters
    from analysis.positions.similarity import stance_similarity as stance_similarity
    from analysis.reading import annotations as annotations
    from analysis.reading import read as read
    from analysis.reliability import agreement as agreement
    from analysis.reliability import coded_twice as coded_twice
    from analysis.reliability import confusion as confusion
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
    from analysis.tidy import one_coding as one_coding
    from analysis.tidy import select as select

_ROOMS = {
    "coefficients": ("krippendorff_alpha",),
    "coding": ("actor_list", "article_list", "coder_list", "coding_checks", "issue_list"),
    "errors": ("StancebookError",),
    "events": ("article_series", "event_list", "event_series", "swimlanes"),
    "exports": ("export_network", "export_statements"),
    "exports.dna": ("export_dna",),
    "exports.tidy": ("export_tables",),
    "exports.w3c": ("export_w3c",),
    "history": ("cell_history",),
    "networks": ("Network", "network"),
    "networks.backbone": ("backbone",),
    "networks.coalitions": ("coalitions",),
    "networks.polarisation": ("polarisation",),
    "networks.resampling": ("aggregate_interval", "tie_intervals"),
    "networks.windows": ("window",),
    "positions.change": ("stance_change",),
    "positions.salience": ("issue_salience",),
    "positions.scale": ("ideal_points",),
    "positions.similarity": ("stance_clusters", "stance_similarity"),
    "reading": ("annotations", "read"),
    "reliability": ("agreement", "coded_twice", "confusion", "disagreements"),
    "schema": ("Tables",),
    "stance": ("actor_column", "evidence", "most_heard", "row_order", "stance_cells", "stance_matrix", "stance_points"),
    "store": ("corpora", "load"),
    "tidy": ("one_coding", "select"),
}
_HOME = {name: room for room, names in _ROOMS.items() for name in names}
__all__ = sorted(_HOME)  # noqa: PLE0605  # a sorted list of names is one


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'analysis' has no attribute {name!r}")
    return getattr(import_module(f"analysis.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
