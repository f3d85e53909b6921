"""The command line: what it prints where, and its exit codes."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from corpus_builder import CODING, article, corpus, write
from typer.testing import CliRunner, Result

from analysis.__main__ import app

COUNTS = "Tables(articles: 1, actors: 4, issues: 2, statements: 1, events: 1, event_actors: 2, mentions: 1)"


def invoke(*arguments: object) -> Result:
    """The command's result; an exception of any other kind than its own exit is a failure."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
    assert "Traceback" not in result.output
    return result


def left(project: Path) -> set[str]:
    """The files below the project, locks left out."""
    found = (path for path in project.rglob("*") if path.is_file() and path.suffix != ".lock")
    return {path.relative_to(project).as_posix() for path in found}


def test_check_reads_all_corpora_and_writes_nothing(project: Path) -> None:
    corpus(project, name="town")
    corpus(project, name="city")
    before = left(project)
    result = invoke("check")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == f"city: {COUNTS}\ntown: {COUNTS}\n"
    assert left(project) == before


def test_check_tells_everything_that_is_wrong_in_all_corpora_at_once(project: Path) -> None:
    corpus(project, article("one", coding=CODING.replace("speaker: ann", "speaker: an")), name="town")
    corpus(project, article("b") | article("a", coding="statements: [\n"), name="city")
    corpus(project, name="fine")
    result = invoke("check")
    assert (result.exit_code, result.stdout) == (1, f"fine: {COUNTS}\n")
    lines = [line for line in result.stderr.splitlines() if not line.startswith(" ")]
    assert [line[:70] for line in lines] == [
        "data/raw/city/articles/a.ann.yaml:1: broken YAML: did not find expected node content"[:70],
        "data/raw/town/articles/one.ann.yaml:2: statement s1: speaker is 'an'",
        "2 problems",
    ]


def test_build_writes_the_tables_of_the_corpora_named(project: Path) -> None:
    corpus(project, name="town")
    corpus(project, name="city")
    result = invoke("build", "town")
    assert (result.exit_code, result.stdout, result.stderr) == (0, f"town: {COUNTS}\n", "")
    assert (project / "data/processed/town/statements.parquet").is_file()
    assert not (project / "data/processed/city").exists()


def test_build_builds_what_it_can_and_fails_for_the_rest(project: Path) -> None:
    corpus(project, article("one", coding="statements: [\n"), name="city")
    corpus(project, name="town")
    result = invoke("build")
    assert (result.exit_code, result.stdout) == (1, f"town: {COUNTS}\n")
    assert result.stderr.startswith("data/raw/city/articles/one.ann.yaml:1: broken YAML: ")
    assert not (project / "data/processed/city").exists()


@pytest.mark.parametrize("command", ["check", "build"])
def test_without_a_corpus_the_next_step_is_told(project: Path, command: str) -> None:
    result = invoke(command)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "data/raw: there is no corpus\n"
        "    next: make a folder there with codebook.yaml and articles/; docs/tutorial.md shows how\n"
    )
    assert left(project) == set()


@pytest.mark.parametrize("command", [("check",), ("build",), ("withhold", "--to", "copy")])
def test_a_name_that_leads_out_of_data_raw_is_refused(
    project: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.chdir(project)
    corpus(project)
    before = left(project)
    result = invoke(*command, "../raw/town")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "'../raw/town' cannot be the name of a corpus\n"
        "    expected: a folder of data/raw named with letters, digits, - and _\n"
    )
    assert left(project) == before


def test_a_misspelt_corpus_is_told_with_the_nearest(project: Path) -> None:
    corpus(project)
    result = invoke("check", "twon")
    assert (result.exit_code, result.stderr) == (
        1,
        "the corpus 'twon' is not known\n    expected: one of town\n    next: did you mean 'town'?\n",
    )


def test_withhold_makes_a_folder_that_is_a_corpus(project: Path) -> None:
    corpus(project)
    result = invoke("withhold", "town", "--to", project / "data/raw/bare")
    assert (result.exit_code, result.stdout) == (0, f"{project / 'data/raw/bare'}: 3 files\n")
    assert invoke("check", "bare").stdout == f"bare: {COUNTS}\n"
    assert "said yes" not in (project / "data/raw/bare/articles/one.ann.yaml").read_text()


def test_withhold_never_writes_into_a_folder_that_exists(project: Path) -> None:
    corpus(project)
    target = project / "copy"
    write(target / "mine.txt", "mine")
    result = invoke("withhold", "town", "--to", target)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        f"{target}: this folder exists already\n    expected: a new folder\n    next: name another one\n"
    )
    assert [path.name for path in target.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("target", ["file/copy", "x" * 300])
def test_withhold_to_where_nothing_can_be_written_is_told(project: Path, target: str) -> None:
    corpus(project)
    write(project / "file", "a file")
    before = left(project)
    result = invoke("withhold", "town", "--to", project / target)
    assert (result.exit_code, result.stdout) == (1, "")
    assert re.search(": it cannot be written: (Not a directory|File exists|File name too long)\n", result.stderr)
    assert left(project) == before


def test_a_broken_corpus_is_not_withheld(project: Path) -> None:
    corpus(project, article("one", coding="statements: [\n"))
    result = invoke("withhold", "town", "--to", project / "copy")
    assert (result.exit_code, (project / "copy").exists()) == (1, False)
    assert result.stderr.startswith("data/raw/town/articles/one.ann.yaml:1: broken YAML: ")


def test_a_disk_that_cannot_be_written_is_told(project: Path) -> None:
    corpus(project)
    write(project / "data/processed", "a file")
    result = invoke("build")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("data/processed: it cannot be written: File exists\n    next: free some space ")


@pytest.mark.parametrize("arguments", [("chekc",), ("check", "--fast"), ("withhold", "town")])
def test_a_command_that_is_not_understood_ends_with_two(project: Path, arguments: tuple[str, ...]) -> None:
    result = invoke(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert left(project) == set()


def test_help_names_the_commands_and_what_exit_codes_mean() -> None:
    result = invoke("--help")
    assert result.exit_code == 0
    for word in ("check", "build", "report", "refresh", "withhold", "Exit code 0"):
        assert word in result.stdout


def test_as_a_module_it_works_from_any_folder_and_fails_without_a_traceback(tmp_path: Path) -> None:
    project = tmp_path / "project"
    corpus(project, article("one", coding="statements: [\n"))
    environment = os.environ | {"STANCEBOOK_ROOT": str(project), "PYTHONPATH": str(Path(__file__).parents[1])}
    command = [sys.executable, "-W", "error", "-m", "analysis", "check"]
    result = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.splitlines()[0].startswith("data/raw/town/articles/one.ann.yaml:1: broken YAML: ")
    assert "Traceback" not in result.stderr
