"""plotly, for exploring: each function returns a go.Figure; `shown` puts it on a page without any script or address.

Every figure carries its text alternative in `layout.meta["alt"]`, where reports find it.
"""

from analysis.figures.interactive.agreement import agreement
from analysis.figures.interactive.matrix import matrix
from analysis.figures.interactive.network import ties
from analysis.figures.interactive.screen import Chart, shown
from analysis.figures.interactive.series import series
from analysis.figures.interactive.swimlanes import swimlanes
from analysis.figures.interactive.trajectories import trajectories

__all__ = ["Chart", "agreement", "matrix", "series", "shown", "swimlanes", "ties", "trajectories"]
