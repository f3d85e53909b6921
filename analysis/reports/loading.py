"""What the process that kernels are forked from has loaded: first what most notebooks use, later what few do.

A kernel must find what it would find in a process of its own. So nothing here asks which shell it runs in: pandas is
told that it runs in a kernel, and modules that ask when they are imported are imported once more by the kernel.
"""

import builtins
import gc
import importlib
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress

from analysis.reports import environment

_ROOMS = "store stance coding events reliability networks"
_NETWORKS = "resampling windows backbone"
_FIGURES = "table words agreement interactive print sides ties"
_PARTS = "_heatmap bar.marker layout.annotation layout.shape layout.xaxis layout.yaxis scatter.marker scatter._line"
_DEBUGGER = "debugpy"  # half of the time in which a kernel starts, and nobody is there to use it
_ASK_WHERE_THEY_RUN = ("matplotlib.pyplot", "matplotlib_inline.backend_inline", "plotly.io._renderers")
_PACKAGES = (
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "IPython.core.debugger",
    "IPython.core.completerlib",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "sqlite3",
    "tornado.platform.asyncio",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",
    "matplotlib.figure",
    *(f"analysis.{room}" for room in _ROOMS.split()),
    *(f"analysis.networks.{part}" for part in _NETWORKS.split()),
    *(f"analysis.figures.{figure}" for figure in _FIGURES.split()),
    *(f"plotly.graph_objs.{part}" for part in _PARTS.split()),
    "pyarrow.dataset",
    "pyarrow.parquet",
    "pandas.core.arrays.arrow.extension_types",
    "pandas.core.reshape.reshape",
    "scipy.cluster.hierarchy",
    *_ASK_WHERE_THEY_RUN,
)
LATER = ("networkx", "analysis.networks.coalitions", "analysis.networks.polarisation")  # slow, and used by few


class _InKernel:
    """What pandas takes for the shell of a kernel."""

    kernel = True


def begin(is_over: Callable[[], bool] = lambda: False) -> None:
    """Import what most notebooks use, as it would come out in a kernel, unless it is over in the meantime."""
    gc.disable()  # imports make hardly any rubbish, and looking for it takes a tenth of their time
    builtins.get_ipython = _InKernel  # type: ignore[attr-defined]
    importlib.import_module("pandas")
    del builtins.get_ipython  # type: ignore[attr-defined]
    with environment.without(_DEBUGGER):
        load(["ipykernel.debugger"])
    load(_PACKAGES, is_over)
    with suppress(ImportError):
        _draw()
    for name in _ASK_WHERE_THEY_RUN:
        sys.modules.pop(name, None)


def _draw() -> None:
    """Draw an empty figure on paper and one for the screen, for what both packages load and keep with the first one."""
    paper = importlib.import_module("analysis.figures.print.paper")
    screen = importlib.import_module("analysis.figures.interactive.screen")
    paper.shown(paper.empty(""), "")
    screen.shown(screen.empty(""))._repr_mimebundle_()


def load(names: Sequence[str], is_over: Callable[[], bool] = lambda: False) -> None:
    """Import these modules, as far as they are there; a project need not have every package."""
    with environment.without_grammar():
        for name in names:
            if is_over():
                sys.exit()
            with suppress(ImportError):
                importlib.import_module(name)
