"""What a page says around its notebook: what it shows, and where it comes from."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version

from analysis import paths
from analysis.reports.parameters import Report

UNKNOWN = "not under version control"
_MADE_FROM = ("analysis", "notebooks", "data/raw", "requirements.lock")
_PACKAGES = ("pandas", "numpy", "scipy", "matplotlib", "plotly", "papermill", "nbconvert")


@dataclass(frozen=True)
class Frame:
    """What stands around a notebook: title, description, its parameters in words, its provenance, and what is new.

    Parameters and provenance are pairs of label and text; the news are HTML of our own.
    """

    name: str
    title: str
    description: str
    facts: Sequence[tuple[str, str]]
    provenance: Sequence[tuple[str, str]]
    news: str = ""


def frame(report: Report, facts: Sequence[tuple[str, str]], key: dict[str, str], made_from: str) -> Frame:
    """What the page of a report says around its notebook.

    Parameters
    ----------
    report
        The report.
    facts
        Its parameters in words.
    key
        The digests of what it is made from.
    made_from
        The commit.
    """
    notebook = paths.shown(report.notebook)
    origin = [
        ("Notebook", f"{notebook}, SHA-256 {key['notebook']}…"),
        ("Commit", made_from),
        ("Computed with", versions()),
        ("Make it again", f"python -m analysis report --only {report.name} --force"),
    ]
    return Frame(report.name, report.title, report.description, facts, origin)


def commit() -> str:
    """The commit that the project stands at, and whether its files differ from it."""
    head = _git("rev-parse", "--short=12", "HEAD")
    if not head:
        return UNKNOWN
    return f"{head}, with changes not committed" if _git("status", "--porcelain", "--", *_MADE_FROM) else head


def versions() -> str:
    """The Python and the packages that computed and drew the page."""
    python = ".".join(map(str, sys.version_info[:3]))
    return ", ".join([f"Python {python}", *(f"{package} {version(package)}" for package in _PACKAGES)])


def _git(*arguments: str) -> str:
    """What git answers; empty when there is no git, or no repository."""
    try:
        command = ["git", "-C", str(paths.root()), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # fixed words
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
