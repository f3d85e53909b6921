"""The architecture as a test: which room may import which, who may write to the disk, and what starts at once."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "analysis"
MODULES = sorted(PACKAGE.rglob("*.py"))
LEAVES = {"errors", "paths", "dates", "digests", "yaml12"}
ALLOWED = {
    "errors": set(),
    "paths": set(),
    "digests": set(),
    "intervals": set(),
    "coefficients": {"errors"},
    "dates": {"errors"},  # a parameter that is no date is told as an error of ours
    "yaml12": {"errors"},
    "schema": {"errors", "dates"},
    "codebook": {"errors", "yaml12", "schema"},
    "tidy": {"errors", "dates", "schema", "codebook"},
    "readers": LEAVES | {"schema", "codebook", "tidy"},  # a reader hands its rows to tidy; tidy knows no reader
    "reading": {"errors", "schema", "readers"},
    "frames": {"errors"},
    "cells": {"errors", "schema", "frames"},
    "stance": {"errors", "dates", "schema", "codebook", "intervals", "cells", "frames"},
    "events": {"errors", "dates", "schema", "codebook", "intervals"},
    "coding": {"errors", "dates", "schema", "codebook", "intervals"},
    "matching": {"errors"},
    "reliability": {"errors", "schema", "coefficients", "matching"},
    "networks": {"errors", "dates", "schema", "frames"},
    "positions": {"errors", "dates", "schema", "stance", "intervals"},
    "changes": {"errors", "dates", "schema"},  # frames in, frames and pages out: it reads no store and writes no file
    "exports": {"errors", "dates", "schema", "networks", "disk"},  # whole or not at all
    "figures": {"dates"},  # which writes an interval as its source gave it; no measure and no store
    "withhold": {"yaml12", "schema", "codebook", "readers"},
    "raw": {"errors", "paths", "disk"},
    "store": {"errors", "paths", "digests", "disk", "raw", "schema", "codebook", "readers", "tidy"},
    "disk": {"errors", "paths"},
    "history": {"errors", "paths", "digests", "disk", "store", "schema", "tidy", "stance"},
    "reports": LEAVES
    | {"disk", "store", "schema", "tidy", "stance", "history", "changes"},  # what a page read, and news
    "documents": {"schema", "stance", "store", "tidy", "figures"},  # the README's picture is drawn from measured cells
    "__main__": {
        "errors",
        "paths",
        "disk",
        "store",
        "readers",
        "reading",
        "exports",
        "withhold",
        "reports",
        "documents",
    },
}
CONTENT = {"write_text", "write_bytes", "to_parquet", "to_csv", "to_pickle", "write_html", "write_image", "copy2"}
FOLDERS = {
    "mkdir",
    "makedirs",
    "unlink",
    "rmtree",
    "rmdir",
    "mkdtemp",
    "mkstemp",
    "TemporaryDirectory",
    "touch",
    "chmod",
}


def name_of(path: Path) -> str:
    """A module's dotted name."""
    parts = ("analysis", *path.relative_to(PACKAGE).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str:
    """A module's room: the part of its name behind `analysis`."""
    return ([*module.split("."), ""])[1]


def at_run_time(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node but those below `if TYPE_CHECKING:`."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            continue
        yield node
        yield from at_run_time(node)


def imported(path: Path) -> set[str]:
    """The modules of the project that the one in `path` imports when it runs; notebooks would be seen as well."""
    names = {name_of(module) for module in MODULES}
    found = set()
    for node in at_run_time(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are written in full"
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {module if module in names else str(node.module) for module in inner}
    return {module for module in found if module.split(".")[0] in {"analysis", "notebooks", "tests"}} - {name_of(path)}


@pytest.mark.parametrize("path", [path for path in MODULES if path != PACKAGE / "__init__.py"], ids=name_of)
def test_a_room_imports_only_what_lies_below_it(path: Path) -> None:
    room = room_of(name_of(path))
    assert {room_of(module) for module in imported(path)} - {room} <= ALLOWED[room]


def test_every_room_is_in_the_plan_and_the_plan_has_no_others() -> None:
    assert {room_of(name_of(path)) for path in MODULES} - {""} == set(ALLOWED)


def test_the_plan_is_a_house_without_circles() -> None:
    assert len(list(TopologicalSorter(ALLOWED).static_order())) == len(ALLOWED)


def test_no_module_imports_itself_in_a_circle() -> None:
    graph = {name_of(path): imported(path) for path in MODULES}
    inside = {
        module: {other for other in others if not module.startswith(f"{other}.")} for module, others in graph.items()
    }
    TopologicalSorter(inside).prepare()


def test_figures_know_no_measure_and_no_store_and_measures_no_figure() -> None:
    measures = {"stance", "events", "coding", "intervals", "networks", "positions"}
    measures |= {"reliability", "matching", "coefficients"}
    assert not ALLOWED["figures"] & (measures | {"store", "tidy", "readers", "reports"})
    for room in measures:
        assert not ALLOWED[room] & {"figures", "store", "reports", "readers", "tidy"}
    assert not any("notebooks" in imported(path) for path in MODULES)


def calls(path: Path) -> set[str]:
    """The names of all functions and methods that a module calls; `open` only where it is opened for writing."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            modes = [str(argument.value) for argument in node.args if isinstance(argument, ast.Constant)]
            if name not in {"open", "fdopen"} or any(set(mode) & set("wax+") for mode in modes):
                found.add(name)
    return found


def test_only_the_store_and_the_command_line_write_files() -> None:
    """But for what a kernel is started with, and notes, in a folder that goes with it."""
    writers = {name_of(path) for path in MODULES if calls(path) & (CONTENT | {"open", "fdopen"})}
    private = {"analysis.reports.reads", "analysis.reports.run"}
    assert writers - private == {"analysis.__main__", "analysis.disk", "analysis.raw", "analysis.store"}


def test_only_the_store_the_command_line_and_the_reports_make_or_remove_folders() -> None:
    rooms = {room_of(name_of(path)) for path in MODULES if calls(path) & FOLDERS}
    assert rooms <= {"disk", "raw", "store", "history", "__main__", "reports"}


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = "import sys, analysis.__main__; print({'pandas', 'matplotlib', 'plotly', 'nbformat'} & {*sys.modules})"
    environment = os.environ | {"PYTHONPATH": str(PACKAGE.parent)}
    result = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert result.stdout == "set()\n"


def test_the_public_names_are_there() -> None:
    import analysis  # noqa: PLC0415  # what is tested

    assert {"load", "read", "stance_cells", "stance_matrix", "event_series"} <= set(analysis.__all__)
    for name in analysis.__all__:
        assert callable(getattr(analysis, name))
        assert name in dir(analysis)
    with pytest.raises(AttributeError, match=r"^module 'analysis' has no attribute 'laod'$"):
        analysis.laod  # noqa: B018  # the access is the test
