"""The notebooks as they are committed: executed, parameterised, more prose than code, no machine's traces."""

import ast
import io
import json
import re
import tokenize
from pathlib import Path

import nbformat
import pytest
import small_site

from analysis import dates, events, matching, paths, reports, schema, stance, store
from analysis.errors import ParameterError
from analysis.reports import values as report_values

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
PLOTLY = "application/vnd.plotly.v1+json"
SPEAK_OF_PLACES = re.compile(r"/(?:home|root|tmp|work|Users)/|[A-Z]:\\\\|0x[0-9a-f]{8,}")
XML_NAMES = ("http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink")
PARAMETERS = {
    "01-corpus": {"corpus", "coder"},
    "02-stance-matrix": {
        "corpus", "coder", "actor_level", "actors", "issues", "since", "until", "min_articles", "certainty",
    },
    "03-events": {"corpus", "coder", "actors", "since", "until", "every"},
    "04-stance-over-time": {
        "corpus", "coder", "actor_level", "actors", "issues", "since", "until", "certainty", "runs",
    },
    "05-networks": {
        "corpus", "coder", "actor_level", "actors", "issues", "since", "until", "certainty", "min_statements", "window",
    },
    "06-agreement": {"corpus", "by"},
}  # fmt: skip
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def cells(path: Path, kind: str) -> list[nbformat.NotebookNode]:
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == kind]


def parameters(path: Path) -> nbformat.NotebookNode:
    (found,) = [cell for cell in cells(path, "code") if "parameters" in cell.metadata.get("tags", [])]
    return found


def values(path: Path) -> dict[str, object]:
    tree = ast.parse(parameters(path).source)
    return {line.targets[0].id: ast.literal_eval(line.value) for line in tree.body}  # type: ignore[attr-defined]


def outputs(path: Path) -> list[nbformat.NotebookNode]:
    return [output for cell in cells(path, "code") for output in cell.outputs]


def html(path: Path) -> list[str]:
    return [output.data["text/html"] for output in outputs(path) if "text/html" in output.get("data", {})]


def test_all_are_there() -> None:
    assert {path.stem for path in NOTEBOOKS} >= set(PARAMETERS)


@each_notebook
def test_a_notebook_is_valid_and_names_its_kernel(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"


@each_notebook
def test_it_is_committed_executed_once_from_top_to_bottom(path: Path) -> None:
    counts = [cell.execution_count for cell in cells(path, "code")]
    assert counts == list(range(1, len(counts) + 1))
    assert [output.execution_count for output in outputs(path)] == [
        cell.execution_count for cell in cells(path, "code") for _ in cell.outputs
    ]


@each_notebook
def test_it_carries_no_times_and_no_random_ids(path: Path) -> None:
    raw = json.loads(path.read_text(encoding="utf-8"))
    metadata = [raw["metadata"], *(cell["metadata"] for cell in raw["cells"])]
    assert not [keys for keys in metadata if {"papermill", "execution"} & set(keys)]
    assert all(cell["id"].startswith(path.stem[:2]) for cell in raw["cells"])


@each_notebook
def test_its_parameters_are_literals_with_a_word_of_help_each(path: Path) -> None:
    source = parameters(path).source
    comments = {
        token.start[0]
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }
    assert comments == {line.lineno for line in ast.parse(source).body}
    assert len(comments) == len(source.splitlines())
    assert set(values(path)) == PARAMETERS.get(path.stem, set(values(path)))


@each_notebook
def test_the_defaults_are_right(path: Path) -> None:
    given = values(path)
    assert given["corpus"] in store.corpora()
    assert given.get("actor_level", "speaker") in stance.LEVELS
    assert given.get("every", "month") in events.EVERY.values()
    assert given.get("coder", "") == ""
    assert given.get("by", "overlap") in matching.LEAST_SHARE
    assert set(given.get("certainty", [])) <= set(schema.CERTAINTIES)  # type: ignore[call-overload]
    for name in ("since", "until"):
        assert not given.get(name) or dates.parse(str(given[name]))


@each_notebook
def test_nothing_below_repeats_a_parameter(path: Path) -> None:
    given = values(path)
    others = [cell for cell in cells(path, "code") if cell.source != parameters(path).source]
    trees = [ast.parse(cell.source) for cell in others]
    assigned = {
        node.id
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    used = {node.id for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Name)}
    texts = {node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    assert not assigned & set(given)
    assert set(given) <= used
    assert not texts & {given["corpus"], given.get("since") or None} - {None}


@each_notebook
def test_it_is_short_and_holds_more_prose_than_code(path: Path) -> None:
    code, prose = cells(path, "code"), cells(path, "markdown")
    assert len(code) <= 15
    assert sum(len(cell.source) for cell in prose) >= sum(len(cell.source) for cell in code)


@each_notebook
def test_it_starts_with_a_title_and_its_headings_are_questions(path: Path) -> None:
    first = nbformat.read(path, as_version=4).cells[0]
    headings = [line for cell in cells(path, "markdown") for line in cell.source.splitlines() if line.startswith("#")]
    assert first.source.startswith("# ")
    assert [line for line in headings if not line.endswith("?")] == []
    assert len([line for line in headings if line.startswith("# ")]) == 1


@each_notebook
def test_caveats_come_before_results(path: Path) -> None:
    kinds = [
        "caveats" if "## What should be kept in mind?" in cell.source else "result"
        for cell in nbformat.read(path, as_version=4).cells
        if "kept in mind" in cell.source or re.search(r"\b(table|printed|interactive)\.\w+\(", cell.source)
    ]
    assert kinds[0] == "caveats"
    assert kinds.count("caveats") == 1


@each_notebook
def test_code_is_calls_only(path: Path) -> None:
    wrong = (ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.If, ast.Try, ast.Lambda, ast.With, ast.ListComp)
    for cell in cells(path, "code"):
        tree = ast.parse(cell.source)
        assert not [node for node in ast.walk(tree) if isinstance(node, wrong)]
        texts = [
            node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
        assert not [text for text in texts if "/" in text or text.endswith((".csv", ".yaml", ".parquet"))]
        assert "matplotlib" not in cell.source
        assert "plotly" not in cell.source


@each_notebook
def test_under_each_figure_stands_the_table_that_it_draws(path: Path) -> None:
    sources = [cell.source for cell in cells(path, "code")]
    figures = [at for at, source in enumerate(sources) if ".shown(" in source]
    tables = [at for at, source in enumerate(sources) if source.startswith("table.plain_table(")]
    assert figures
    for at in figures:
        following = [later for later in range(at + 1, len(sources)) if later not in figures]
        assert following[0] in tables


@each_notebook
def test_every_picture_has_a_text_alternative(path: Path) -> None:
    for piece in html(path):
        assert piece.count("<svg") == len(re.findall(r'<div role="img" aria-label="[^"]{20,}"><svg', piece))
    charts = [output.data[PLOTLY] for output in outputs(path) if PLOTLY in output.get("data", {})]
    assert all(len(chart["layout"]["meta"]["alt"]) > 20 for chart in charts)


@each_notebook
def test_outputs_need_no_network_and_name_no_machine(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for name in XML_NAMES:
        text = text.replace(name, "")
    assert re.findall(r"(?:https?:)?//[a-z0-9-]+\.[a-z]", text) == []
    assert "<script" not in text
    assert str(paths.root()) not in text
    assert SPEAK_OF_PLACES.findall(text) == []


@each_notebook
def test_outputs_are_results_and_nothing_went_wrong(path: Path) -> None:
    assert {output.output_type for output in outputs(path)} == {"execute_result"}
    assert {kind for output in outputs(path) for kind in output.data} <= {"text/html", "text/plain", PLOTLY}


@each_notebook
def test_it_stays_small(path: Path) -> None:
    assert path.stat().st_size < 400_000


def run(path: Path, **given: str) -> list[str]:
    """The outputs of a notebook's code, run here with these parameters: HTML, or a chart's text alternative."""
    room: dict[str, object] = {}
    shown = []
    for cell in cells(path, "code"):
        tree = ast.parse(cell.source)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, path.name, "exec"), room)  # noqa: S102  # our own notebook
        if "parameters" in cell.metadata.get("tags", []):
            room.update(given)
        if last:
            value = eval(compile(ast.Expression(last.value), path.name, "eval"), room)  # noqa: S307  # the same
            shown.append(str(value) if hasattr(value, "_repr_html_") else repr(value))
    return shown


def test_the_agreement_of_a_single_coder_is_said_to_be_unknown() -> None:
    shown = run(FOLDER / "06-agreement.ipynb", corpus="russia-taliban-originals")
    assert "nothing is known about how far coders agree" in shown[0]
    assert [text for text in shown[1:] if "<svg" not in text and not re.search(r"(?:No|no|nothing) ", text)] == []
    assert not any("<td" in text for text in shown)


def test_a_matrix_of_a_single_coder_says_so_and_shows_no_coefficients() -> None:
    shown = run(FOLDER / "02-stance-matrix.ipynb", corpus="russia-taliban-originals")
    assert "nothing is known about how far coders agree" in shown[-1]
    assert "<table" not in shown[-1]


@pytest.mark.parametrize("name", ["01-corpus", "02-stance-matrix", "03-events", "04-stance-over-time"])
def test_another_coding_can_be_asked_for(name: str) -> None:
    path = FOLDER / f"{name}.ipynb"
    usual, other = run(path), run(path, coder="restated-2")
    assert usual[0] == html(path)[0]
    assert (usual[0] == other[0]) == (name == "03-events")  # the second coder recorded no events: the first one's stand


def test_the_values_that_a_report_allows_are_those_of_the_measures() -> None:
    tables = store.load("russia-taliban")
    assert list(values_of("by", tables)) == list(matching.LEAST_SHARE)
    assert list(values_of("coder", tables)) == ["restated-1", "restated-2"]


def values_of(name: str, tables: schema.Tables) -> list[str]:
    allowed = report_values.MEANINGS[name].allowed
    assert allowed is not None
    return list(allowed(tables))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("coder: mian", r"coder: the value 'mian' is not known\n.*one of main\n.*did you mean 'main'"),
        ("by: overlaps", r"by: the value 'overlaps' is not known\n.*one of overlap, exact\n.*'overlap'"),
    ],
)
def test_a_coder_or_rule_that_does_not_exist_is_told_before_anything_runs(
    project: Path, given: str, message: str
) -> None:
    small_site.build(project)
    source = 'corpus = "town"  # a corpus\ncoder = ""  # a coder\nby = "overlap"  # a rule\n'
    small_site.notebook(project, "01-corpus", [("parameters", source), ("code", "1 / 0")])
    listed = "reports:\n  - {name: one, title: One, notebook: 01-corpus, parameters: {" + given + "}}\n"
    small_site.reports(project, listed)
    with pytest.raises(ParameterError, match=message):
        reports.make()
