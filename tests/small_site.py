"""A small site for tests: the town corpus, notebooks written here as lists of cells, and a reports.yaml."""

from pathlib import Path

import corpus_builder
import nbformat

PARAMETERS = """\
corpus = "town"  # a corpus of data/raw
actor_level = "speaker"  # speaker or organisation
actors = []  # ids; none: all
issues = []  # ids; none: all
since = ""  # ISO date
until = ""  # ISO date
min_articles = 1  # articles that a cell needs
certainty = []  # none: all
every = "month"  # week, month, quarter or year
share = 0.5  # a number
is_short = False  # true or false
"""
CHART = """\
import plotly.graph_objects as go

figure = go.Figure(go.Bar(x=["</script><script>hostile()</script>", "b"], y=[1, 2]))
figure.update_layout(meta={"alt": 'Bars: "one" </figure> and two'}, height=300)
figure"""
MATRIX = """\
import analysis
from analysis.figures import table
from IPython.display import Markdown

tables = analysis.load(corpus)
cells = analysis.stance_cells(tables)
names = tables.actors.set_index("actor_id")["name"]
said = analysis.evidence(tables)
table.matrix(cells, said, names=names, issues=tables.issues, actors=list(names.index), caption="Stances")"""
MATRIX_CELLS = [
    ("markdown", "# Who takes which position?\n\nPlain prose, 5 < 6."),
    ("parameters", PARAMETERS),
    ("markdown", "## What do we find?"),
    ("code", MATRIX),
    ("code", 'Markdown(f"**{len(tables.statements)}** statements, <script>hostile()</script>")'),
    ("markdown", "## What do we find?\n\n### In a chart"),
    ("code", CHART),
    ("code", 'print("one")\nprint("two")\nobject()'),
]
CORPUS_CELLS = [
    ("markdown", "# What was coded?"),
    ("parameters", 'corpus = "town"  # a corpus of data/raw\n'),
    ("code", "import analysis\n\nlen(analysis.load(corpus).statements)"),
]
REPORTS = """\
reports:
  - name: matrix
    title: Positions <script>hostile()</script>
    description: A & B
    notebook: 02-matrix
    parameters:
      actors: [ann, bob]
      since: "2024"
  - name: corpus
    title: What was coded
    notebook: 01-corpus
"""


def build(root: Path) -> Path:
    """The project in the folder `root`: corpus, notebooks and reports.yaml, nothing run."""
    front = corpus_builder.FRONT.replace("A bridge", '"<script>hostile()</script>"')
    corpus_builder.corpus(root, corpus_builder.article("one", front=front))
    (root / "notebooks").mkdir()
    notebook(root, "01-corpus", CORPUS_CELLS)
    notebook(root, "02-matrix", MATRIX_CELLS)
    reports(root, REPORTS)
    return root


def notebook(root: Path, name: str, cells: list[tuple[str, str]]) -> Path:
    """Write a notebook of these cells: kind (markdown, code or parameters) and source."""
    made = []
    for number, (kind, source) in enumerate(cells):
        cell = nbformat.v4.new_markdown_cell(source) if kind == "markdown" else nbformat.v4.new_code_cell(source)
        cell.id = f"{kind}-{number}"
        if kind == "parameters":
            cell.metadata["tags"] = ["parameters"]
        made.append(cell)
    path = root / "notebooks" / f"{name}.ipynb"
    path.write_text(nbformat.writes(nbformat.v4.new_notebook(cells=made)), encoding="utf-8")
    return path


def reports(root: Path, text: str) -> None:
    """Write notebooks/reports.yaml."""
    (root / "notebooks" / "reports.yaml").write_text(text, encoding="utf-8")
