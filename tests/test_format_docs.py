"""The pages on other tools' formats hold: their mappings read the mini corpus, and what they name is there."""

import json
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mini_corpus
import pandas as pd
import pytest
from typer.testing import CliRunner

import analysis
from analysis import paths
from analysis.__main__ import app
from analysis.readers import formats, mapping

DOCS = paths.root() / "docs/formats"
PAGES = sorted(DOCS.glob("*.md"))
BLOCK = re.compile(r"```yaml\n(.*?)```", re.DOTALL)
MESSAGE = re.compile(r"^\| `([^`]+)` \|", re.MULTILINE)
ROW = re.compile(r"^\| .* \| `([\w-]+)` \| \[([\w.-]+)\]\(\2\) \|$", re.MULTILINE)
SAID = {("ana", "new-pier", 1.0), ("ben", "new-pier", -1.0), ("ana", "market-hall", -0.5)}
Writer = Callable[[Path], Path]


def text(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


def catma(folder: Path) -> Path:
    """The mini corpus as a CATMA project: one tag with three properties."""

    def write(name: str, content: Any) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8", newline="")

    names = ("speaker", "issue", "stance")
    properties = {f"P_{name}": {"name": name} for name in names}
    tag = {"name": "Statement", "uuid": "T", "parentUuid": "", "userDefinedPropertyDefinitions": properties}
    write("tagsets/S/header.json", {"name": "Coding"})
    write("tagsets/S/T/propertydefs.json", tag)
    for article, words in mini_corpus.TEXTS.items():
        write(f"documents/{article}/header.json", {"gitContentInfoSet": {"title": article}})
        write(f"documents/{article}/{article}.txt", words)
        write(f"collections/{article}/header.json", {"name": "Coding", "sourceDocumentId": article})
        notes = []
        for at, (of, start, end, _, fields) in enumerate(mini_corpus.spans()):
            place = (
                {"start": mini_corpus.utf16(article, start), "end": mini_corpus.utf16(article, end)}
                if of == article
                else {}
            )
            given = {f"P_{name}": [value] for name, value in fields.items()}
            body = {"tag": "T", "tagset": "S", "properties": {"user": given}}
            notes += [
                {"id": f"a{at}", "body": body, "target": {"items": [{"source": article, "selector": place}]}}
            ] * bool(place)
        write(f"collections/{article}/annotations/anna.json", notes)
    return folder


# The formats of the mini corpus that the first mappings of a page read, in the page's order.
READ: dict[str, list[list[str]]] = {
    "label-studio.md": [["label-studio"]],
    "inception-uima.md": [["cas-xmi", "cas-json"]],
    "brat.md": [["brat"]],
    "refi-qda.md": [["refi-qda"]],
    "dna.md": [["dna"]],
    "hypothesis-recogito-w3c.md": [["w3c"]],
    "catma.md": [["catma"]],
    "doccano-prodigy.md": [["doccano"], ["prodigy"]],
    "spreadsheets.md": [["csv", "xlsx", "parquet", "jsonl"]],
}
CASES = [(page, at, name) for page, blocks in READ.items() for at, names in enumerate(blocks) for name in names]


@pytest.mark.parametrize(("page", "at", "name"), CASES)
def test_the_mapping_of_a_page_reads_the_mini_corpus(page: str, at: int, name: str, tmp_path: Path) -> None:
    write: Writer = catma if name == "catma" else mini_corpus.FORMATS[name][0]
    said = analysis.read(write(tmp_path), mapping=BLOCK.findall(text(page))[at]).statements
    assert set(zip(said["speaker_id"], said["issue_id"], said["stance"], strict=True)) == SAID
    assert set(said["quote"]) == {quote for _, quote, *_ in mini_corpus.STATEMENTS}


def test_every_format_of_the_mini_corpus_is_on_a_page() -> None:
    assert {name for *_, name in CASES} >= mini_corpus.FORMATS.keys()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_mapping_is_one_and_every_message_is_ours(page: Path) -> None:
    source = "\n".join(
        path.read_text(encoding="utf-8") for path in sorted(Path(analysis.__file__).parent.rglob("*.py"))
    )
    content = page.read_text(encoding="utf-8")
    for block in BLOCK.findall(content):
        mapping.parse(block, page.name)
    messages = MESSAGE.findall(content.partition("## Messages")[2])
    assert messages
    assert [message for message in messages if message not in source] == []


def test_the_index_lists_all_formats_options_and_fields() -> None:
    index = text("README.md")
    rows = ROW.findall(index)
    assert {name for name, _ in rows} == formats.FORMATS.keys()
    assert {page for _, page in rows} == READ.keys() == {page.name for page in PAGES} - {"README.md"}
    for name in (*mapping.OPTIONS, *mapping.STATEMENT, *mapping.EVENT, *mapping.FACTS, *mapping._KEYS):
        assert f"`{name}`" in index, name
    for name in mapping._SOURCE:
        assert f"| `{name}: " in index, name


def test_the_commands_of_the_index_do_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STANCEBOOK_ROOT", str(tmp_path))
    export = mini_corpus.label_studio(tmp_path)
    looked = analysis.annotations(export)
    columns = text("README.md").partition("One row per annotation: ")[2].partition(".")[0]
    assert list(looked.columns) == columns.split(", ")
    draft = CliRunner().invoke(app, ["mapping", str(export)])
    given = tmp_path / "mapping.yaml"
    given.write_text(draft.stdout, encoding="utf-8")
    command = ["import", str(export), "--to", "harbour", "--mapping", str(given)]
    assert "2 articles, 3 statements, 0 event mentions\n5 of 5 files written" in CliRunner().invoke(app, command).stdout
    assert "0 of 5 files written" in CliRunner().invoke(app, command).stdout
    edited = next((tmp_path / "data/raw/harbour/articles").glob("*.ann.yaml"))
    imported = edited.read_bytes()
    edited.write_bytes(imported + b"# mine\n")
    refused = CliRunner().invoke(app, command)
    assert (refused.exit_code, edited.read_bytes()) == (1, imported + b"# mine\n")
    assert "it was edited, or holds another import" in refused.stderr
    assert "1 of 5 files written" in CliRunner().invoke(app, [*command, "--overwrite"]).stdout
    assert edited.read_bytes() == imported
    assert len(analysis.load("harbour").statements) == len(SAID)
    assert analysis.read(export, mapping=given).statements["stance"].sum() == sum(stance for *_, stance in SAID)


def test_the_example_of_the_index_means_what_it_says(tmp_path: Path) -> None:
    sides = {"1": "for", "-1": "against", "-0.5": "both"}
    export = mini_corpus.label_studio(tmp_path)
    tasks = json.loads(export.read_text(encoding="utf-8"))
    tasks[1]["data"]["source"] = "The Courier"
    for result in (result for task in tasks for result in task["annotations"][0]["result"]):
        if result["from_name"] == "label":
            result["value"]["labels"] += ["Speech/direct", "Hedge", "Draft"]
        else:
            chosen = result["value"]["choices"]
            chosen[:] = [{**sides, "Ana": "A. Sousa"}.get(chosen[0], chosen[0])]
    export.write_text(json.dumps(tasks), encoding="utf-8")
    tables = analysis.read(export, mapping=BLOCK.findall(text("README.md"))[0])
    said = tables.statements[["speaker_id", "issue_id", "is_mixed", "certainty", "speech"]]
    assert said.to_numpy().tolist() == [
        ["ana", "new-pier", False, "possible", "direct"],
        ["ben", "new-pier", False, "possible", "direct"],
        ["ana", "market-hall", True, "possible", "direct"],
    ]
    assert tables.statements["stance"].tolist()[:2] == [1.0, -1.0]
    assert tables.articles["outlet"].tolist() == ["The Example", "The Courier"]


def test_the_second_mapping_for_spreadsheets_reads_such_a_table(tmp_path: Path) -> None:
    rows = ["article no,initials,day,paper,who,position,summary", "7,ab,2024-05,Courier,Ana;Ben,against,They object."]
    path = tmp_path / "coding.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    tables = analysis.read(path, mapping=BLOCK.findall(text("spreadsheets.md"))[1])
    said = tables.statements[["article_id", "coder_id", "speaker_id", "issue_id", "stance", "gloss"]]
    told = ["new-pier", -1.0, "They object."]
    assert said.to_numpy().tolist() == [["7", "ab", "ana", *told], ["7", "ab", "ben", *told]]
    assert tables.articles["outlet"].tolist() == ["Courier"]


def test_dna_needs_no_mapping_where_variables_are_called_as_its_own(tmp_path: Path) -> None:
    path = mini_corpus.dna(tmp_path)
    with sqlite3.connect(path) as database:
        for own, name in (("person", "speaker"), ("concept", "issue"), ("agreement", "stance")):
            database.execute("update VARIABLES set Variable = ? where Variable = ?", (own, name))
        database.execute("update DATALONGTEXT set Value = case Value when '1' then '1' else '0' end")
    database.close()
    mapped = analysis.read(path, mapping=BLOCK.findall(text("dna.md"))[1]).statements
    assert mapped["stance"].tolist() == [1.0, -1.0, -1.0]
    pd.testing.assert_frame_equal(analysis.read(path).statements, mapped)


def test_links_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (DOCS / target).is_file(), f"{page.name}: {target}"
