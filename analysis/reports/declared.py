"""Which parameters a notebook declares: the literals of its cell tagged `parameters`, read without running anything.

Papermill's own inspection takes seconds to import, gives every default as a text, and lets unknown names pass.
"""

import ast
import json
from pathlib import Path
from typing import Any

from analysis import paths
from analysis.errors import ParameterError, Problem

_TAGS = 'a cell tagged `parameters` that holds only lines like `corpus = "…"  # meaning`'


def parameters(notebook: Path) -> dict[str, Any]:
    """The parameters that `notebook` declares, in order, with their default values.

    Raises
    ------
    ParameterError
        The file is no notebook, or its `parameters` cell holds something other than literals.
    """
    shown = paths.shown(notebook)
    try:
        cells = json.loads(notebook.read_bytes())["cells"]
        sources = ["".join(cell["source"]) for cell in cells if "parameters" in cell["metadata"].get("tags", ())]
    except OSError as error:
        raise ParameterError(Problem(shown, 0, f"the notebook cannot be read: {error.strerror}")) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        hint = "open it in JupyterLab; a merge conflict in it is the usual cause"
        raise ParameterError(Problem(shown, 0, "this is not a notebook", "the format nbformat 4", hint)) from None
    if not sources:
        return {}
    try:
        return dict(_literal(statement) for statement in ast.parse(sources[0]).body)
    except (SyntaxError, ValueError):
        raise ParameterError(Problem(shown, 0, "the parameters cell is more than a list of literals", _TAGS)) from None


def _literal(statement: ast.stmt) -> tuple[str, Any]:
    """The name and value that a line `name = literal` gives; ValueError for any other line."""
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    value = getattr(statement, "value", None)
    if len(targets) != 1 or not isinstance(targets[0], ast.Name) or value is None:
        raise ValueError(ast.dump(statement))
    return targets[0].id, ast.literal_eval(value)
