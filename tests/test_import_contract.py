"""What every reader keeps: the same corpus in every format gives the same tables, and an import reads back so."""

from pathlib import Path

import mini_corpus
import pandas as pd
import pytest
from typer.testing import CliRunner

import analysis
from analysis.__main__ import app

NAMES = list(mini_corpus.FORMATS)


def read(name: str, folder: Path) -> analysis.Tables:
    write, mapping, _ = mini_corpus.FORMATS[name]
    return analysis.read(write(folder), mapping=mapping)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_statements_come_out_of_every_format(name: str, tmp_path: Path) -> None:
    tables = read(name, tmp_path)
    said = tables.statements.sort_values("statement_id", ignore_index=True).merge(
        tables.actors[["actor_id", "name"]], left_on="speaker_id", right_on="actor_id"
    )
    said = said.merge(tables.issues, on="issue_id").sort_values(["quote"], ignore_index=True)
    has_text = mini_corpus.FORMATS[name][2]
    expected = sorted(
        (quote, speaker, issue, float(stance)) for _, quote, speaker, issue, stance in mini_corpus.STATEMENTS
    )
    told = said[["quote", "name", "proposition", "stance"]].itertuples(index=False, name=None)
    assert list(told) == expected
    starts = {quote: start for _, start, _, quote, _ in mini_corpus.spans()}
    if has_text:
        assert said["start"].tolist() == [starts[quote] for quote in said["quote"]]
        assert sorted(tables.articles["n_chars"]) == sorted(map(len, mini_corpus.TEXTS.values()))
    assert set(said["coder_id"]) == {"main"} or name == "label-studio"
    assert len(tables.articles) == 2


@pytest.mark.parametrize("name", NAMES)
def test_an_import_reads_back_as_it_was_and_again_changes_nothing(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STANCEBOOK_ROOT", str(tmp_path / "root"))
    source = tmp_path / "source"
    source.mkdir()
    write, mapping, _ = mini_corpus.FORMATS[name]
    path = write(source)
    given = tmp_path / "mapping.yaml"
    given.write_text(mapping, encoding="utf-8")
    command = ["import", str(path), "--to", "town", "--mapping", str(given)]
    first = CliRunner().invoke(app, command)
    assert first.exit_code == 0, first.output
    assert "2 articles, 3 statements, 0 event mentions" in first.output
    tables, again = analysis.read(path, mapping=mapping), analysis.load("town")
    for table in ("articles", "actors", "issues", "statements"):
        pd.testing.assert_frame_equal(getattr(again, table), getattr(tables, table))
    assert "\n0 of" in CliRunner().invoke(app, command).output


@pytest.mark.parametrize("name", NAMES)
def test_the_drafted_mapping_names_every_kind_with_its_count(name: str, tmp_path: Path) -> None:
    path = mini_corpus.FORMATS[name][0](tmp_path)
    asked = ["--option", "offset_unit=code points"] if name == "doccano" else []
    drafted = CliRunner().invoke(app, ["mapping", str(path), *asked])
    assert drafted.exit_code == 0, drafted.output
    marks = analysis.annotations(path, options={"offset_unit": "code points"} if name == "doccano" else None)
    for kind, n in marks["kind"].value_counts().items():
        assert f"# {n} annotations" in drafted.output
        assert str(kind) in drafted.output


def test_an_option_of_the_command_line_that_is_none_is_told(tmp_path: Path) -> None:
    path = mini_corpus.label_studio(tmp_path)
    told = CliRunner().invoke(app, ["mapping", str(path), "--option", "txt=body", "--option", "sheet"])
    assert told.exit_code == 1
    assert "the option 'txt' is not known" in told.output
    assert "did you mean 'text'?" in told.output
    assert "the option 'sheet' has no value" in told.output


@pytest.mark.parametrize("form", ["csv", "parquet", "xlsx", "w3c", "dna"])
def test_the_command_line_exports_a_corpus(form: str, tmp_path: Path) -> None:
    to = tmp_path / {"xlsx": "out.xlsx", "dna": "out.dna"}.get(form, "out")
    done = CliRunner().invoke(app, ["export", "russia-taliban", "--to", str(to), "--form", form])
    assert done.exit_code == 0, done.output
    assert to.exists()
    wrong = CliRunner().invoke(app, ["export", "russia-taliban", "--to", str(to), "--form", "cvs"])
    assert wrong.exit_code == 1
    assert "did you mean 'csv'" in wrong.output
