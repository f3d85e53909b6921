"""What a notebook reads: noted row by row, and asked again of a corpus that changed."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import corpus_builder
import pandas as pd
import pytest
from corpus_builder import said, tables

from analysis import reports, tidy
from analysis.reports import reads
from analysis.schema import Tables

ROWS = [
    said("d", "ann", "x", 1.0),
    said("d", "bob", "x", -1.0),
    said("d", "bob", "x", -1.0, coder_id="other"),
    said("e", "ann", "y", 0.5),
]
NOTEBOOK = """
import sys
from analysis.reports.reads import watch
watch(sys.argv[1])
import analysis
from analysis import stance, store
whole = analysis.load("town")
chosen = analysis.select(whole, actors=["ann"])
cells = analysis.stance_cells(chosen, min_articles=1)
assert type(cells).__name__ == "DataFrame"
assert store.load is analysis.load and stance.stance_cells is analysis.stance_cells
"""


@pytest.fixture
def town(project: Path) -> Path:
    return corpus_builder.corpus(project)


def watched(folder: Path, code: str) -> list[reads.Read]:
    """What code reads in a process of its own, as a kernel is one."""
    package = str(Path(reports.__file__).parents[2])
    noted = folder / "reads.jsonl"
    subprocess.run([sys.executable, "-c", NOTEBOOK + code, str(noted)], check=True, cwd=package)
    return reads.in_file(noted)


def kinds(found: list[reads.Read]) -> set[tuple[str, str]]:
    """The last step of each read and its table."""
    return {(read.steps[-1][0] if read.steps else "", read.table) for read in found}


@pytest.mark.usefixtures("town")
def test_cells_count_only_their_statements_and_the_articles_of_these(tmp_path: Path) -> None:
    found = watched(tmp_path, "")
    assert kinds(found) == {("cited", "statements"), ("cited", "articles"), ("select", "")}
    (cells,) = [read for read in found if read.cells is not None]
    assert (cells.cells, cells.corpus) == ({"min_articles": 1}, "town")
    assert cells.steps == [("select", {"actors": ["ann"]})]


@pytest.mark.usefixtures("town")
@pytest.mark.parametrize(
    ("code", "noted"),
    [
        ("len(whole.statements)", ("", "statements")),
        ("chosen.actors", ("select", "actors")),
        ("analysis.one_coding(chosen).mentions", ("one_coding", "mentions")),
        ("analysis.agreement(whole, draws=0)", ("coded_by_several", "statements")),
        ("from dataclasses import replace; replace(whole, events=whole.events)", ("", "issues")),
        ("analysis.article_list(chosen)", ("select", "articles")),
        ("repr(whole)", ("", "articles")),
    ],
)
def test_whatever_else_is_used_counts_whole(tmp_path: Path, code: str, noted: tuple[str, str]) -> None:
    assert noted in kinds(watched(tmp_path, code))


@pytest.mark.parametrize(
    ("edit", "changed"),
    [
        (lambda rows: [*rows, said("f", "bob", "x", 0.0)], set()),
        (lambda rows: [*rows, said("f", "ann", "x", 0.0)], {"statements", "articles"}),
        (lambda rows: [rows[0] | {"certainty": "possible"}, *rows[1:]], {"statements"}),
        (lambda rows: [rows[0], rows[1] | {"stance": 0.0}, *rows[2:]], set()),
        (lambda rows: rows[1:], {"statements", "articles"}),
        (lambda rows: [row for row in rows if row["speaker_id"] != "ann"], {"statements", "articles"}),
    ],
    ids=["another's in a new article", "own in a new article", "recoded", "another's recoded", "one less", "all gone"],
)
def test_a_read_changes_with_its_own_rows_only(edit: Callable[[list], list], changed: set[str]) -> None:
    steps = [("select", {"actors": ["ann"]}), ("cited", {})]
    before, now = reads.Present({"town": tables(ROWS)}), reads.Present({"town": tables(edit(ROWS))})
    plain = [reads.Read("town", steps, name) for name in ("statements", "articles")]
    made = [reads.Read("town", steps, read.table, before.digest(read)) for read in plain]
    assert before.changed(made) == []
    assert {read.table for read in now.changed(made)} == changed


def test_agreement_rests_on_articles_that_several_coded() -> None:
    kept = reads.coded_by_several(tables(ROWS)).statements
    assert kept["article_id"].tolist() == ["d", "d", "d"]


def test_what_cannot_be_read_again_has_changed() -> None:
    present = reads.Present({"town": tables(ROWS)})
    for corpus, steps in (("gone", []), ("town", [("select", {"actors": ["zoe"]})]), ("town", [("old_step", {})])):
        assert present.changed([reads.Read(corpus, steps, "statements", "0123")])


def test_reads_survive_json() -> None:
    found = [
        reads.Read("town", [("one_coding", {"coder": ""}), ("select", {"actors": ["a"]})], "statements", "0123"),
        reads.Read("town", [], cells={"actor": "speaker_id"}),
    ]
    assert reads.parsed(json.loads(json.dumps(reads.written(found)))) == found


def test_steps_are_those_of_the_rooms() -> None:
    corpus = tables(ROWS)
    told = reads.after(corpus, [("one_coding", {"coder": "other"}), ("select", {"issues": ["x"]})])
    expected = tidy.select(tidy.one_coding(corpus, "other"), issues=["x"])
    assert isinstance(told, Tables)
    pd.testing.assert_frame_equal(told.statements, expected.statements)
