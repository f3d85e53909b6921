"""matplotlib, for paper: each function returns a Figure, ready for `savefig`; `shown` puts it on a page as SVG."""

from analysis.figures.print.agreement import agreement
from analysis.figures.print.matrix import matrix
from analysis.figures.print.network import ties, windows
from analysis.figures.print.paper import Picture, shown
from analysis.figures.print.series import coverage, series
from analysis.figures.print.swimlanes import swimlanes
from analysis.figures.print.trajectories import trajectories

__all__ = [
    "Picture",
    "agreement",
    "coverage",
    "matrix",
    "series",
    "shown",
    "swimlanes",
    "ties",
    "trajectories",
    "windows",
]
