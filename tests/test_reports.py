"""Reports: what reports.yaml may say, what a run writes, what it leaves alone, and what a page may contain."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import corpus_builder
import nbformat
import pytest
import small_site
from typer.testing import CliRunner

from analysis import reports
from analysis.__main__ import app
from analysis.errors import ParameterError, ReportError
from analysis.reports import FAILED, MADE, REMOVED, UNCHANGED, freshness, parameters, pool, run, site, work
from analysis.reports.normalise import normalise

PLAIN = "reports:\n  - {name: plain, title: Plain, notebook: plain}\n"
PLAIN_CELLS = [("markdown", "# Plain"), ("parameters", "n = 1\n"), ("code", "print(n + 1)")]
FAULT = 'raise ValueError("<b> & \\x1b[31m")'
PLOTLY = "application/vnd.plotly.v1+json"


@pytest.fixture
def copied(made_site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the made site to change at will."""
    root = tmp_path / "copy"
    shutil.copytree(made_site, root)
    monkeypatch.setenv("STANCEBOOK_ROOT", str(root))
    return root


@pytest.fixture
def plain(project: Path) -> Path:
    """A project with one notebook that needs no corpus and no package, so that it runs fast."""
    (project / "notebooks").mkdir()
    small_site.notebook(
        project, "plain", [("markdown", "# Plain"), ("parameters", "n = 1\n"), ("code", "print(n + 1)")]
    )
    small_site.reports(project, PLAIN)
    return project


def one(parameters: str, notebook: str = "02-matrix") -> str:
    return f"reports:\n  - name: one\n    title: One\n    notebook: {notebook}\n    parameters:\n      {parameters}\n"


def states(outcomes: list[reports.Outcome]) -> dict[str, str]:
    return {outcome.name: outcome.state for outcome in outcomes}


def files(folder: Path) -> dict[str, bytes]:
    made = (path for path in folder.rglob("*") if path.is_file() and path.name != ".lock")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in made}


def timeless(folder: Path) -> dict[str, bytes]:
    """The files of a site but for those that say when a run was."""
    timed = ("history/", "feed.xml", "email.html")
    return {name: content for name, content in files(folder).items() if not name.startswith(timed)}


def within(seconds: float, happened: Callable[[], Any]) -> bool:
    end = time.monotonic() + seconds
    while not happened() and time.monotonic() < end:
        time.sleep(0.1)
    return bool(happened())


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


# What reports.yaml may say


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ("actor: [ann]", r"reports.yaml:6: the parameter 'actor' is not known\n.*corpus.*\n.*did you mean 'actors'\?"),
        ("actors: ann", r"reports.yaml:6: the parameter 'actors' is 'ann'\n.*a list of texts"),
        ("since: [2024]", r"the parameter 'since' is \['2024'\]\n.*a text"),
        ("since:", r"the parameter 'since' is None\n.*a text"),
        ("min_articles: many", r"the parameter 'min_articles' is 'many'\n.*a whole number, as its default 1 is"),
        ("min_articles: 0", r"min_articles: the value is 0\n.*1 or more"),
        ("share: half", r"the parameter 'share' is 'half'\n.*a number"),
        ("is_short: yes", r"the parameter 'is_short' is 'yes'\n.*true or false"),
        ("corpus: twon", r"corpus: the value 'twon' is not known\n.*one of town\n.*did you mean 'town'\?"),
        ("actor_level: person", r"actor_level: the value 'person' is not known\n.*one of speaker, organisation"),
        ("actors: [ann, bobb]", r"actors: the value 'bobb' is not known\n.*ann, bob, ministry, union\n.*'bob'"),
        ("issues: [tol]", r"issues: the value 'tol' is not known\n.*one of bridge, toll"),
        ("since: last year", r"since: 'last year' .*\n.*an ISO 8601 date"),
        ("until: 2024-02-30", r"until: '2024-02-30' is not in the calendar"),
        ("{since: 2025, until: 2024}", r"since \(2025\) is after until \(2024\)"),
        ("certainty: [sure]", r"certainty: the value 'sure' is not known\n.*certain, probable"),
        ("every: day", r"every: the value 'day' is not known\n.*week, month, quarter, year"),
    ],
)
def test_a_wrong_parameter_is_told_with_its_line(project: Path, parameters: str, message: str) -> None:
    small_site.build(project)
    small_site.reports(project, one(parameters))
    with pytest.raises(ParameterError, match=message):
        reports.make()
    assert not (project / "reports").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("reports: []\nextra: 1\n", r"reports.yaml:2: the field 'extra' is not known"),
        ("report:\n  - {name: a}\n", r"reports.yaml:1: there is no list of reports"),
        ("reports: [a]\n", r"there is no list of reports"),
        ("reports:\n\t- x\n", r"reports.yaml:2: a tab indents this line"),
        ("reports:\n  - {name: a, title: A, notebook: 02-matrx}\n", r"'02-matrx' is not known\n.*\n.*'02-matrix'"),
        ("reports:\n  - {name: a, title: A, notebook: ../x}\n", r"the notebook '../x' is not known"),
        ("reports:\n  - {name: A b, title: A, notebook: 01-corpus}\n", r"the name 'A b' is no file name"),
        ("reports:\n  - {name: index, title: A, notebook: 01-corpus}\n", r"the name 'index' is no file name"),
        ("reports:\n  - {name: a, notebook: 01-corpus}\n", r"a report's title is missing or no text"),
        ("reports:\n  - {name: a, title: A, notebook: 01-corpus, colour: red}\n", r"the field 'colour' is not known"),
        ("reports:\n  - {name: a, title: A, notebook: 01-corpus, parameters: [x]}\n", r"parameters holds no mapping"),
        (
            "reports:\n  - {name: a, title: A, notebook: 01-corpus}\n  - {name: a, title: B, notebook: 01-corpus}\n",
            r"reports.yaml:3: the report 'a' stands on line 2 already",
        ),
    ],
)
def test_a_broken_list_of_reports_is_told_with_its_line(project: Path, text: str, message: str) -> None:
    small_site.build(project)
    small_site.reports(project, text)
    with pytest.raises(ParameterError, match=message):
        reports.make()


def test_all_problems_come_at_once(project: Path) -> None:
    small_site.build(project)
    second = "  - {name: two, title: Two, notebook: 02-matrix, parameters: {actors: [cid], every: 1, colour: red}}\n"
    small_site.reports(project, one("issues: [tol]") + second)
    with pytest.raises(ParameterError, match="4 problems"):
        reports.make()


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("corpus = input()", "the parameters cell is more than a list of literals"),
        ("%matplotlib inline", "the parameters cell is more than a list of literals"),
        ("a, b = 1, 2", "the parameters cell is more than a list of literals"),
    ],
)
def test_a_parameters_cell_holds_literals_only(project: Path, source: str, message: str) -> None:
    small_site.build(project)
    small_site.notebook(project, "01-corpus", [("parameters", source)])
    with pytest.raises(ParameterError, match=message):
        reports.make()


def test_a_file_that_is_no_notebook_is_told(project: Path) -> None:
    small_site.build(project)
    corpus_builder.write(project / "notebooks" / "01-corpus.ipynb", "<<<<<<< HEAD")
    with pytest.raises(ParameterError, match=r"01-corpus.ipynb: this is not a notebook\n.*\n.*merge conflict"):
        reports.make()


@pytest.mark.usefixtures("project")
def test_a_missing_list_of_reports_is_told() -> None:
    with pytest.raises(ParameterError, match=r"notebooks/reports.yaml: the file is missing"):
        reports.make()


def test_an_unknown_report_is_told_with_the_nearest(project: Path) -> None:
    small_site.build(project)
    with pytest.raises(ParameterError, match=r"the report 'matrx' is not known\n.*\n.*did you mean 'matrix'"):
        reports.make(["matrx"])


# What a run writes


def test_a_forced_run_elsewhere_gives_the_same_bytes(made_site: Path, copied: Path) -> None:
    shutil.rmtree(copied / "reports")
    assert set(states(reports.make(force=True)).values()) == {MADE}
    assert timeless(copied / "reports") == timeless(made_site / "reports")


@pytest.mark.parametrize(("saves", "times"), [(50, 3), (1, 2)], ids=["few reports", "many"])
@pytest.mark.usefixtures("copied")
def test_a_large_site_is_noted_now_and_then(saves: int, times: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two reports both are, and the end; where one note must do for all, there is that and the end."""
    written, write = [], freshness.write
    monkeypatch.setattr(freshness, "write", lambda manifest: [written.append(1), write(manifest)])
    monkeypatch.setattr(work, "_SAVES", saves)
    assert set(states(reports.make(force=True)).values()) == {MADE}
    assert len(written) == times


def test_an_unchanged_run_executes_and_writes_nothing(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_: Any) -> None:
        raise AssertionError("something was run")

    monkeypatch.setattr(pool, "run", run)
    times = {path: path.stat().st_mtime_ns for path in (copied / "reports").rglob("*")}
    assert set(states(reports.make()).values()) == {UNCHANGED}
    assert {path: path.stat().st_mtime_ns for path in (copied / "reports").rglob("*")} == times


@pytest.mark.usefixtures("copied")
def test_an_unchanged_run_imports_nothing_heavy() -> None:
    code = (
        "import sys; from analysis import reports; reports.make();"
        "print([name for name in ('pandas', 'papermill', 'nbconvert', 'nbformat', 'plotly') if name in sys.modules])"
    )
    package = str(Path(reports.__file__).parents[2])
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=package)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("change", "due"),
    [
        (lambda root: corpus_builder.write(root / "data/raw/town/articles/two.md", "x"), {"matrix", "corpus"}),
        (lambda root: small_site.notebook(root, "01-corpus", small_site.CORPUS_CELLS[:2]), {"corpus"}),
        (lambda root: small_site.reports(root, small_site.REPORTS.replace("[ann, bob]", "[ann]")), {"matrix"}),
        (lambda root: small_site.reports(root, small_site.REPORTS.replace("A & B", "A")), {"matrix"}),
        (lambda root: corpus_builder.write(root / "requirements.lock", "pandas==9"), {"matrix", "corpus"}),
        (lambda root: (root / "reports" / "corpus.html").unlink(), {"corpus"}),
        (lambda root: (root / "reports" / "manifest.json").write_text("{"), {"matrix", "corpus"}),
    ],
    ids=["corpus", "notebook", "parameters", "description", "lock", "page gone", "broken manifest"],
)
def test_what_changed_is_due(copied: Path, change: Callable[[Path], Any], due: set[str]) -> None:
    change(copied)
    listed, problems = parameters.read()
    manifest = freshness.read()
    keys = freshness.keys(listed, manifest)
    assert not problems
    assert {name for name, key in keys.items() if not freshness.is_current(name, key, manifest)} == due


def test_a_removed_report_leaves_the_site(copied: Path) -> None:
    corpus_builder.write(copied / "reports" / ".matrix.html-abc", "a piece that a killed run left")
    small_site.reports(copied, small_site.REPORTS[: small_site.REPORTS.index("  - name: corpus")])
    assert states(reports.make()) == {"matrix": UNCHANGED, "corpus": REMOVED}
    left = timeless(copied / "reports")
    made = ["changes.json", "index.html", "manifest.json", "matrix.html", "matrix.ipynb"]
    assert sorted(left) == ["assets/plotly.min.js", *made]
    assert b"corpus.html" not in left["index.html"]


def test_a_failing_cell_keeps_the_last_page_and_heals(plain: Path) -> None:
    assert states(reports.make()) == {"plain": MADE}
    good = files(plain / "reports")
    notebook = (plain / "notebooks" / "plain.ipynb").read_bytes()
    cells = [
        ("markdown", "# Plain"),
        ("parameters", "n = 1\n"),
        ("code", "n"),
        ("code", 'raise ValueError("<b> & \\x1b[31m")'),
    ]
    small_site.notebook(plain, "plain", cells)
    done = CliRunner().invoke(app, ["report"])
    assert done.exit_code == 1
    expected = "notebooks/plain.ipynb: report 'plain' stopped at cell 4 of 4: ValueError: <b> &"
    assert expected in done.output
    stale = files(plain / "reports")
    assert stale["plain.ipynb"] == good["plain.ipynb"]
    assert b"This page is out of date." in stale["plain.html"]
    assert b"ValueError: &lt;b&gt; &amp;" in stale["plain.html"]
    assert site.marked(stale["plain.html"], "") == good["plain.html"]
    assert b"Out of date" in stale["index.html"]
    (plain / "notebooks" / "plain.ipynb").write_bytes(notebook)
    assert states(reports.make()) == {"plain": MADE}
    took: dict[str, bytes] = {"history/seconds.json": b""}
    assert files(plain / "reports") | took == good | took


def test_one_failure_does_not_stop_the_others(plain: Path) -> None:
    small_site.notebook(plain, "dies", [("markdown", "text"), ("code", "import os; os._exit(1)")])
    small_site.reports(plain, PLAIN + "  - {name: dies, title: Dies, notebook: dies}\n")
    outcomes = reports.make()
    assert states(outcomes) == {"plain": MADE, "dies": FAILED}
    assert "report 'dies' stopped at cell 2 of 2: the kernel died" in str(outcomes[1])
    assert not (plain / "reports" / "dies.html").exists()
    index = (plain / "reports" / "index.html").read_text(encoding="utf-8")
    assert "Not made" in index
    assert 'href="dies.html"' not in index


def test_a_cell_that_takes_too_long_is_told(plain: Path) -> None:
    path = small_site.notebook(plain, "plain", [("parameters", "n = 1\n"), ("code", "import time; time.sleep(60)")])
    started = time.monotonic()
    with pytest.raises(ReportError, match="stopped at cell 2 of 2: it took longer than 1 seconds"):
        run.execute("slow", path, {"n": 2}, timeout=1)
    assert time.monotonic() - started < 30


def test_a_killed_run_leaves_no_half_page_and_no_process(plain: Path) -> None:
    told = plain / "kernel"
    slow = f"import os, pathlib, time; pathlib.Path({str(told)!r}).write_text(str(os.getpid())); time.sleep(100)"
    small_site.notebook(plain, "plain", [("code", slow)])
    package = str(Path(reports.__file__).parents[2])
    with subprocess.Popen([sys.executable, "-m", "analysis", "report"], cwd=package) as run:
        assert within(40, lambda: told.exists() and told.read_text())
        run.kill()
    assert within(20, lambda: not alive(int(told.read_text())))
    assert not [path for path in (plain / "reports").rglob("*") if path.suffix in (".html", ".ipynb")]


def test_a_corpus_that_cannot_be_read_fails_its_reports(copied: Path) -> None:
    (copied / "data/raw/town/articles/one.ann.yaml").unlink()
    outcomes = reports.make()
    assert set(states(outcomes).values()) == {FAILED}
    assert "the corpus town cannot be read" in str(outcomes[0])
    assert "python -m analysis check town" in str(outcomes[0])
    assert b"out of date" in (copied / "reports" / "matrix.html").read_bytes()


def test_the_manifest_says_no_more_than_the_files(copied: Path) -> None:
    manifest = json.loads((copied / "reports" / "manifest.json").read_text(encoding="utf-8"))
    assert sorted(manifest["reports"]) == ["corpus", "matrix"]
    assert {entry["state"] for entry in manifest["reports"].values()} == {"current"}


# What a page may contain


class Page(HTMLParser):
    """All start tags of a page with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="session")
def pages(made_site: Path) -> dict[str, Page]:
    return {
        path.stem: Page(path.read_text(encoding="utf-8"))
        for path in (made_site / "reports").glob("*.html")
        if path.stem != "email"
    }


def test_no_page_loads_anything_from_elsewhere(made_site: Path, pages: dict[str, Page]) -> None:
    for name, page in pages.items():
        loads = [value for _, attributes in page.tags for key, value in attributes.items() if key in ("src", "srcset")]
        assert set(loads) <= {"assets/plotly.min.js"}
        links = [attributes.get("href", "") for tag in ("a", "link") for attributes in page.all(tag)]
        assert [link for link in links if re.match(r"(\w+:)?//", link)] == []
        text = (made_site / "reports" / f"{name}.html").read_text(encoding="utf-8")
        assert not re.search(r"@import|url\(|<link|<iframe|<object|<embed|cdn", text)


def test_every_page_forbids_requests(pages: dict[str, Page]) -> None:
    for page in pages.values():
        policies = [each["content"] for each in page.all("meta") if each.get("http-equiv") == "Content-Security-Policy"]
        assert len(policies) == 1
        assert policies[0].startswith("default-src 'none'")
        assert not re.search(r"https?:|unsafe-eval|script-src[^;]*unsafe-inline|connect-src", policies[0])


def test_plotly_is_there_once_and_pages_are_small(made_site: Path, pages: dict[str, Page]) -> None:
    made = files(made_site / "reports")
    assert [name for name, content in made.items() if len(content) > 1_000_000] == ["assets/plotly.min.js"]
    assert all(len(content) < 300_000 for name, content in made.items() if name.endswith(".html"))
    scripts = {name: [each["src"] for each in page.all("script") if "src" in each] for name, page in pages.items()}
    assert scripts == {"index": [], "corpus": [], "matrix": ["assets/plotly.min.js"]}


def test_every_chart_of_the_notebook_is_on_the_page_with_its_words(made_site: Path, pages: dict[str, Page]) -> None:
    for name in ("corpus", "matrix"):
        notebook = nbformat.read(made_site / "reports" / f"{name}.ipynb", as_version=4)
        outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
        charts = [output.data[PLOTLY] for output in outputs if PLOTLY in output.get("data", {})]
        figures = [each for each in pages[name].all("figure") if each.get("class") == "chart"]
        assert [figure["aria-label"] for figure in figures] == [chart.layout.meta.alt for chart in charts]
        scripts = [each for each in pages[name].all("script") if each.get("type") == "application/json"]
        assert len(scripts) == len(charts) == (name == "matrix")


def test_titles_parameters_and_outputs_are_text_and_never_markup(made_site: Path, pages: dict[str, Page]) -> None:
    assert len(pages["matrix"].all("script")) == 3  # plotly.js, the boot script, the chart's data
    text = (made_site / "reports" / "matrix.html").read_text(encoding="utf-8")
    assert "<script>hostile" not in text
    assert "<h1>Positions &lt;script&gt;hostile()&lt;/script&gt;</h1>" in text
    assert "\\u003c/script>\\u003cscript>hostile()" in text
    assert "<script>hostile" not in (made_site / "reports" / "index.html").read_text(encoding="utf-8")


def test_the_page_says_what_it_shows_and_where_it_comes_from(made_site: Path) -> None:
    text = (made_site / "reports" / "matrix.html").read_text(encoding="utf-8")
    assert "not under version control" in text
    for told in (
        "<dd>Ann Lee, Bob Roe</dd>",
        "<dd>speakers</dd>",
        "<dd>2024</dd>",
        "not under version control",
        "pandas ",
    ):
        assert told in text
    assert re.search(r"town: actors, articles, issues, statements; SHA-256 [0-9a-f]{12}…", text)
    assert "&lt;object at 0x…&gt;" in text


def test_headings_have_anchors_and_the_notebook_title_stands_once(pages: dict[str, Page]) -> None:
    page = pages["matrix"]
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {"what-do-we-find", "what-do-we-find-2", "in-a-chart"} <= set(ids)
    assert len(page.all("h1")) == 1
    targets = {each["href"][1:] for each in page.all("a") if each["href"].startswith("#")}
    assert targets <= set(ids)


# The normaliser, and the committed notebooks


def test_the_normaliser_drops_what_a_run_leaves() -> None:
    streams = [nbformat.v4.new_output("stream", name="stdout", text=text) for text in ("a\n", "<x at 0x7f12ab34cd>\n")]
    warned = nbformat.v4.new_output("stream", name="stderr", text="/tmp/ipykernel_12/345.py:1: W\n")  # noqa: S108
    cell = nbformat.v4.new_code_cell(
        "1", outputs=[*streams, warned], metadata={"papermill": {}, "execution": {}, "tags": []}
    )
    injected = nbformat.v4.new_code_cell("n = 1", metadata={"tags": ["injected-parameters"]})
    metadata = {"papermill": {"duration": 1}, "language_info": {"name": "python", "version": "3.11.7"}}
    notebook = normalise(nbformat.v4.new_notebook(cells=[injected, cell], metadata=metadata), set())
    assert notebook.metadata == {"language_info": {"name": "python", "version": "3.11"}}
    assert [each.id for each in notebook.cells] == ["injected-parameters", "cell-2"]
    assert notebook.cells[1].metadata == {}
    assert [each.text for each in notebook.cells[1].outputs] == ["a\n<x at 0x…>\n", "<cell>:1: W\n"]


def test_refresh_twice_changes_no_byte(plain: Path) -> None:
    assert [path.name for path in reports.refresh()] == ["plain.ipynb"]
    first = files(plain / "notebooks")
    notebook = nbformat.reads(first["plain.ipynb"].decode(), as_version=4)
    assert [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"] == [1, 2]
    assert [cell.metadata.get("tags") for cell in notebook.cells] == [None, ["parameters"], None]
    assert notebook.cells[2].outputs[0].text == "2\n"
    reports.refresh()
    assert files(plain / "notebooks") == first


def test_refresh_writes_nothing_when_a_notebook_fails(plain: Path) -> None:
    small_site.notebook(plain, "broken", [("code", "1 / 0")])
    before = files(plain / "notebooks")
    with pytest.raises(ReportError, match=r"broken.ipynb: report 'broken' stopped at cell 1 of 1: ZeroDivisionError"):
        reports.refresh()
    assert files(plain / "notebooks") == before
