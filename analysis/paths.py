"""Where everything lies, found from the package and never from the caller's folder.

Papermill runs a notebook in the caller's folder, nbval in the notebook's; both must find the same data.
"""

import os
from pathlib import Path


def root() -> Path:
    """The project's top folder; the environment variable STANCEBOOK_ROOT names another one (tests use it)."""
    return Path(os.environ.get("STANCEBOOK_ROOT") or Path(__file__).parents[1]).resolve()


def raw(corpus: str = "") -> Path:
    """data/raw, or one corpus in it. Immutable input."""
    return root() / "data" / "raw" / corpus


def processed(corpus: str = "") -> Path:
    """data/processed, or one corpus in it. Rebuilt from raw and code, never edited."""
    return root() / "data" / "processed" / corpus


def notebooks() -> Path:
    """The notebooks and their reports.yaml."""
    return root() / "notebooks"


def reports() -> Path:
    """The made site: index.html, a page and an executed notebook per report, assets/."""
    return root() / "reports"


def shown(path: Path) -> str:
    """`path` as messages show it: relative to the project where it lies inside, else as it is."""
    try:
        return path.resolve().relative_to(root()).as_posix()
    except ValueError:
        return str(path)
