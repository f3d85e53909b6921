"""Whole corpora exported and read back: tables as they were, statements as they were, and nobody's files in danger."""

import base64
import hashlib
import json
import os
import re
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from corpus_builder import CODEBOOK, FRONT, article, corpus, said, tables, write

import analysis
from analysis import store
from analysis.errors import ParameterError, StoreError
from analysis.exports.dna import export_dna
from analysis.exports.tidy import export_tables
from analysis.exports.w3c import export_w3c
from analysis.readers.native.texts import article_texts
from analysis.schema import CONTRACTS, NAMES, Tables

HAZARDS = (
    "=1+1", "-1", "#N/A", "NA", "nan", "None", "007", "TRUE", "a,b;c", 'say "no"', "two\nlines", "cr\rlf\r\n", "a\tb",
    "<b>", "مرحبا \u200fRTL", "é e\u0301", "😀", " padded ", "2024-05-28", "_x0041_",
)  # fmt: skip
FIELDS = ["coder_id", "start", "end", "quote", "gloss", "speaker_id", "organisation_id", "issue_id", "stance"]
FIELDS += ["is_mixed", "certainty", "condition", "speech", "date_start", "date_end", "date_precision"]
ORDER = ["article_id", "coder_id", "start", "end", "speaker_id", "issue_id", "gloss"]
TEXT = "Un 🚢 came in. Ann Lee said yes 😀 to the bridge. Bob Roe said no. Ann Lee said yes again."
CODING = """\
statements:
  - {id: s1, quote: Ann Lee said yes 😀, speaker: ann, on_behalf_of: ministry, issue: bridge, stance: 0.5, gloss: "Yes; \\"she\\" says."}
  - {id: s2, quote: Ann Lee said yes 😀, speaker: ann, issue: toll, stance: -0.5, certainty: possible, speech: direct}
  - {id: s3, quote: Bob Roe said no, speaker: bob, issue: toll, stance: mixed, condition: only if, date: 2024-05/2024-06}
  - {id: s4, quote: Ann Lee said yes, after: " again", speaker: ann, issue: bridge, stance: 0, date: 2023}
"""  # noqa: E501  # YAML on one line
NO_CODING = "statements: []\n"


@pytest.fixture(scope="module")
def real() -> tuple[Tables, dict[str, str]]:
    return analysis.load("russia-taliban"), article_texts(store.corpus_folder("russia-taliban"))


@pytest.fixture
def town(project: Path) -> tuple[Tables, dict[str, str]]:
    """Two coders and a text with emoji, in which two statements stand on one span; an article without statements."""
    one = article("one", TEXT, CODING, coder="eve") | article("one", TEXT, CODING, coder="Admin")
    front = "---\ntitle: A toll\noutlet: Gazette\nlanguage: en\npublished: 2024-05\nurl: https://x.example/a?b=1\n---\n"
    folder = corpus(project, one | article("two", TEXT, CODING, front=front) | article("three", TEXT, NO_CODING))
    return analysis.load("town"), article_texts(folder)


def hazards() -> Tables:
    """Every hazard is a speaker, an issue, a gloss and a condition."""
    made = tables([said("one", text, text, 0.5, gloss=text, condition=text) for text in HAZARDS])
    return replace(made, actors=made.actors.assign(name=made.actors["actor_id"]))


def mapping(kind: str, folder: Path, name: str = "town") -> Path:
    """The mapping that the documentation gives, beside the corpus's codebook."""
    text = Path(__file__).parents[1] / "docs/exports.md"
    given = re.findall(r"```yaml\n(# (\w+)\.yaml.*?)```", text.read_text(encoding="utf-8"), re.DOTALL)
    write(folder / f"{kind}.yaml", next(content for content, named in given if named == kind))
    write(folder / "codebook.yaml", (store.corpus_folder(name) / "codebook.yaml").read_bytes())
    return folder / f"{kind}.yaml"


def ordered(statements: pd.DataFrame) -> pd.DataFrame:
    """What must come back; readers of other tools' files make ids of the coders' names, in small letters."""
    statements = statements.assign(coder_id=statements["coder_id"].str.lower())
    return statements.sort_values(ORDER, ignore_index=True)[["article_id", *FIELDS]]


# --- tables ---


def read_csv(folder: Path, name: str) -> pd.DataFrame:
    """A table as the documentation reads it."""
    columns = pd.read_csv(folder / "dictionary.csv", keep_default_na=False)
    types = columns[columns["table"] == name].set_index("column")["type"].to_dict()
    return pd.read_csv(folder / f"{name}.csv", keep_default_na=False, na_values=[""]).astype(types)


def read_xlsx(path: Path, name: str) -> pd.DataFrame:
    types = {column: contract.dtype for column, contract in CONTRACTS[name][1].items()}
    texts = {column: "str" for column, dtype in types.items() if dtype == "str"}
    return pd.read_excel(path, sheet_name=name, keep_default_na=False, na_values=[""], dtype=texts).astype(types)


@pytest.mark.parametrize("name", NAMES)
def test_tables_come_back_from_every_form(real: tuple[Tables, Any], name: str, tmp_path: Path) -> None:
    table = getattr(real[0], name)
    folder = export_tables(real[0], tmp_path / "csv")
    pd.testing.assert_frame_equal(read_csv(folder, name), table)
    parquet = export_tables(real[0], tmp_path / "parquet", form="parquet") / f"{name}.parquet"
    pd.testing.assert_frame_equal(pd.read_parquet(parquet), table)
    book = export_tables(real[0], tmp_path / "all.xlsx")
    pd.testing.assert_frame_equal(read_xlsx(book, name), table)


def test_words_come_back_as_they_were(tmp_path: Path) -> None:
    made = hazards()
    folder = export_tables(made, tmp_path / "csv")
    pd.testing.assert_frame_equal(read_csv(folder, "statements"), made.statements)
    pd.testing.assert_frame_equal(read_csv(folder, "actors"), made.actors)
    parquet = export_tables(made, tmp_path / "parquet", form="parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(parquet / "statements.parquet"), made.statements)
    sheet = read_xlsx(export_tables(made, tmp_path / "all.xlsx"), "statements")
    shown = made.statements["gloss"].str.replace("\r", "␍")
    assert sheet["gloss"].tolist() == shown.tolist()


def test_the_dictionary_has_every_column(tmp_path: Path) -> None:
    made = tables([said("one", "ann", "toll", 1.0)])
    columns = pd.read_csv(export_tables(made, tmp_path / "t") / "dictionary.csv", keep_default_na=False)
    assert list(columns) == ["table", "column", "type", "may_be_empty", "meaning", "allowed_values"]
    assert [*zip(columns["table"], columns["column"], strict=True)] == [
        (name, column) for name in NAMES for column in getattr(made, name)
    ]
    stance = columns[columns["column"] == "stance"].iloc[0]
    assert stance.tolist() == [
        *("statements", "stance", "float64", "yes"),
        *("+1 support to −1 opposition; empty when mixed", "1; 0.5; 0; -0.5; -1"),
    ]
    book = openpyxl.load_workbook(export_tables(made, tmp_path / "t.xlsx"))
    assert book.sheetnames == [*NAMES, "dictionary"]
    assert book["dictionary"].max_row == len(columns) + 1


def test_days_are_iso_in_csv_and_dates_in_a_workbook(tmp_path: Path) -> None:
    made = tables([said("one", "ann", "toll", 1.0)], published={"one": "1899-12"})
    row = (export_tables(made, tmp_path / "t") / "statements.csv").read_text(encoding="utf-8").splitlines()[1]
    assert row.endswith('"certain",,,"2024-05-28","2024-05-28","day"')
    book = openpyxl.load_workbook(export_tables(made, tmp_path / "t.xlsx"))
    cells = {sheet: dict(zip(*map(list, book[sheet].iter_rows()), strict=True)) for sheet in ("articles", "statements")}
    cells = {sheet: {name.value: cell for name, cell in row.items()} for sheet, row in cells.items()}
    assert cells["statements"]["date_start"].is_date
    assert cells["statements"]["date_start"].number_format == "yyyy-mm-dd"
    assert cells["articles"]["published_start"].value == "1899-12-01"  # which no spreadsheet has as a date


@pytest.mark.parametrize("name", ["t", "p", "t.xlsx"])
def test_tables_have_the_same_bytes_at_every_run(name: str, tmp_path: Path) -> None:
    form = "parquet" if name == "p" else "csv"

    def content() -> dict[str, bytes]:
        path = export_tables(hazards(), tmp_path / name, form=form)
        return {file.name: file.read_bytes() for file in ([path] if path.is_file() else path.iterdir())}

    assert content() == content()


def test_a_form_may_take_the_place_of_the_other(tmp_path: Path) -> None:
    made = tables([said("one", "ann", "toll", 1.0)])
    export_tables(made, tmp_path / "t")
    export_tables(made, tmp_path / "t", form="parquet")
    names = {*(f"{name}.parquet" for name in NAMES), "dictionary.csv"}
    assert {file.name for file in (tmp_path / "t").iterdir()} == names
    assert [file.name for file in tmp_path.iterdir()] == ["t"]


@pytest.mark.parametrize(
    ("path", "form", "message"),
    [
        ("a.csv", "csv", r"the format '\.csv' is not known\n    expected: a folder, or a file that ends in \.xlsx\n"),
        ("a.zip", "csv", r'the format .*\n.*\n    next: name a folder and the form, such as "a", form="csv"'),
        ("a", "tsv", r"the form 'tsv' is not known\n    expected: one of csv, parquet\n"),
        ("a.xlsx", "excel", r"the form 'excel' is not known"),
    ],
)
def test_an_unknown_format_is_refused(path: str, form: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match=message):
        export_tables(hazards(), tmp_path / path, form=form)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_may_be_named_after_a_version(tmp_path: Path) -> None:
    assert (export_tables(hazards(), tmp_path / "v1.2") / "dictionary.csv").is_file()


def test_what_a_cell_cannot_hold_is_refused_with_what_can(tmp_path: Path) -> None:
    made = tables([said("one", "ann", "toll", 1.0, gloss="x" * 40_000)])
    with pytest.raises(
        ParameterError, match=r"40,000 characters in a cell\n.*\n    next: write a folder of CSV or Parq"
    ):
        export_tables(made, tmp_path / "t.xlsx")


# --- folders ---


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path / "t/thesis.docx", "ten years")
    with pytest.raises(StoreError, match=r"this folder holds what this export does not write: thesis\.docx\n"):
        export_tables(hazards(), tmp_path / "t")
    assert [file.name for file in (tmp_path / "t").iterdir()] == ["thesis.docx"]


def test_many_other_files_are_counted(tmp_path: Path) -> None:
    for number in range(7):
        write(tmp_path / f"t/{number}", "")
    with pytest.raises(StoreError, match=r": 0, 1, 2, 3, 4 and 2 more\n"):
        export_tables(hazards(), tmp_path / "t")


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    write(tmp_path / "t", "a file")
    with pytest.raises(StoreError, match=r"t: this is a file\n    expected: a new or empty folder"):
        export_tables(hazards(), tmp_path / "t")
    with pytest.raises(StoreError, match=r"it cannot be written: (File exists|Not a directory)"):
        export_tables(hazards(), tmp_path / "t/below")
    with pytest.raises(StoreError, match=r"it cannot be written: (File exists|Not a directory)"):
        export_tables(hazards(), tmp_path / "t/below.xlsx")
    assert (tmp_path / "t").read_text(encoding="utf-8") == "a file"


def test_a_link_to_a_folder_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    export_tables(hazards(), tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real/dictionary.csv").is_file()


def test_an_id_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    made = tables([said("../one", "ann", "toll", 1.0)])
    made = replace(made, articles=made.articles.assign(text_sha256=hashlib.sha256(b"yes").hexdigest()))
    with pytest.raises(ParameterError, match=r"'\.\./one\.json' cannot be the name of a file"):
        export_w3c(made, tmp_path / "w", texts={"../one": "yes"})
    assert list(tmp_path.iterdir()) == []


# --- texts ---

WITH_TEXTS = [(export_w3c, "w"), (export_dna, "a.dna")]


@pytest.mark.parametrize(("export", "name"), WITH_TEXTS)
def test_without_texts_nothing_is_written(export: Callable[..., Path], name: str, tmp_path: Path) -> None:
    free = analysis.load("russia-taliban-originals")
    with pytest.raises(ParameterError, match=r"^the texts of 5 of 5 articles are not here: 000_\S+, .*\n.*\n.*texts/"):
        export(free, tmp_path / name)
    with pytest.raises(ParameterError, match=r"the texts of 5 of 5 articles"):
        export(free, tmp_path / name, texts=article_texts(store.corpus_folder("russia-taliban-originals")))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("export", "name"), WITH_TEXTS)
def test_another_text_is_refused(
    export: Callable[..., Path], name: str, town: tuple[Tables, dict[str, str]], tmp_path: Path
) -> None:
    given = town[1] | {"one": "Another text."}
    with pytest.raises(ParameterError, match=r"the texts given for 1 articles have another SHA-256 .*: one\n"):
        export(town[0], tmp_path / name, texts=given)
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize(("export", "name"), WITH_TEXTS)
def test_a_statement_on_no_words_is_refused(export: Callable[..., Path], name: str, tmp_path: Path) -> None:
    made = tables([said("one", "ann", "toll", 1.0, start=2, end=9)])
    made = replace(made, articles=made.articles.assign(text_sha256=hashlib.sha256(b"yes").hexdigest()))
    with pytest.raises(ParameterError, match=r"1 statements stand on no words of their text: one/s0\n"):
        export(made, tmp_path / name, texts={"one": "yes"})


def windows(start: int, end: int) -> tuple[Tables, dict[str, str]]:
    """A text with a byte order mark and the line ends of Windows, and a statement in it."""
    text = "\ufeffOne.\r\nTwo 😀.\rThree."
    made = tables([said("one", "ann", "toll", 1.0, start=start, end=end)])
    digest = hashlib.sha256(text.encode()).hexdigest()
    return replace(made, articles=made.articles.assign(text_sha256=digest)), {"one": text}


def test_line_ends_become_lf_and_spans_move(tmp_path: Path) -> None:
    made, texts = windows(7, 14)
    page = json.loads((export_w3c(made, tmp_path / "w", texts=texts) / "one.json").read_bytes())
    assert (tmp_path / "w/one.txt").read_bytes().decode() == "One.\nTwo 😀.\nThree."
    assert page["items"][0]["target"]["selector"] == [
        {"type": "TextQuoteSelector", "exact": "Two 😀.\n", "prefix": "One.\n", "suffix": "Three."},
        {"type": "TextPositionSelector", "start": 5, "end": 12},
    ]
    export_dna(made, tmp_path / "a.dna", texts=texts)
    assert query(tmp_path / "a.dna", "select Start, Stop from STATEMENTS") == [(5, 13)]  # UTF-16


def test_a_statement_on_half_a_line_end_is_refused(tmp_path: Path) -> None:
    made, texts = windows(6, 7)
    with pytest.raises(ParameterError, match="1 statements stand on no words"):
        export_w3c(made, tmp_path / "w", texts=texts)


def test_texts_of_a_corpus_are_those_that_were_coded(project: Path, town: tuple[Tables, dict[str, str]]) -> None:
    assert town[1] == dict.fromkeys(["one", "three", "two"], TEXT)
    digest = hashlib.sha256(b"a\r\nb").hexdigest()
    coding = f"text_sha256: {digest}\nn_chars: 4\nstatements: []\n"
    apart = corpus(project, article("far", "", coding), name="apart")
    assert article_texts(apart) == {}
    write(apart / "texts/far.txt", "a\r\nb")
    assert article_texts(apart) == {"far": "a\r\nb"}
    assert analysis.load("apart").articles["text_sha256"].tolist() == [digest]


# --- W3C ---


def test_the_real_corpus_comes_back_from_w3c(real: tuple[Tables, dict[str, str]], tmp_path: Path) -> None:
    folder = export_w3c(real[0], tmp_path / "w", texts=real[1])
    found = analysis.read(folder, mapping=mapping("w3c", tmp_path, "russia-taliban")).statements
    pd.testing.assert_frame_equal(ordered(found), ordered(real[0].statements))


def test_hard_statements_come_back_from_w3c(town: tuple[Tables, dict[str, str]], tmp_path: Path) -> None:
    folder = export_w3c(town[0], tmp_path / "w", texts=town[1])
    found = analysis.read(folder, mapping=mapping("w3c", tmp_path)).statements
    found["article_id"] = found["article_id"].replace({"https-x-example-a-b-1": "two"})  # called by its address
    pd.testing.assert_frame_equal(ordered(found), ordered(town[0].statements))


def test_the_tags_alone_tell_what_stands_on_spans_of_its_own(
    town: tuple[Tables, dict[str, str]], tmp_path: Path
) -> None:
    alone = replace(town[0], statements=town[0].statements[~town[0].statements["issue_id"].eq("bridge")])
    folder = export_w3c(alone, tmp_path / "w", texts=town[1])
    tags = "codebook: codebook.yaml\ndocuments: {published: {default: 2024}}\ncodes:\n  Statement: leave out\n"
    for tag, field in [("Speaker", "speaker"), ("Issue", "issue"), ("Stance", "stance"), ("Certainty", "certainty")]:
        tags += f'  "{tag}/*": {{{field}: {{from: "*"}}}}\n'
    given = mapping("w3c", tmp_path)
    write(given, tags)
    found = ordered(analysis.read(folder, mapping=given).statements.assign(gloss=None).astype({"gloss": "str"}))
    columns = ["coder_id", "start", "end", "quote", "speaker_id", "issue_id", "stance", "is_mixed", "certainty"]
    wanted = ordered(alone.statements.replace({"article_id": {"two": "https-x-example-a-b-1"}}))
    pd.testing.assert_frame_equal(found[columns], wanted[columns])
    assert found["is_mixed"].sum() == 3


def test_an_annotation_is_as_the_standard_has_it(town: tuple[Tables, dict[str, str]], tmp_path: Path) -> None:
    folder = export_w3c(town[0], tmp_path / "w", texts=town[1])
    assert sorted(file.name for file in folder.iterdir()) == [
        *("one.json", "one.txt", "three.json", "three.txt", "two.json", "two.txt")
    ]
    page = json.loads((folder / "two.json").read_bytes())
    assert page["@context"][0] == "http://www.w3.org/ns/anno.jsonld"
    assert (page["id"], page["type"]) == ("two.json", "AnnotationPage")
    first, mixed = page["items"][0], page["items"][2]
    assert [*first] == ["id", "type", "motivation", "creator", "body", "target"]
    assert first["id"] == "urn:stancebook:two/s1"
    assert first["creator"] == {"type": "Person", "name": "main"}
    assert first["target"] == {
        "source": "https://x.example/a?b=1",
        "selector": [
            {
                "type": "TextQuoteSelector",
                "exact": "Ann Lee said yes 😀",
                "prefix": "Un 🚢 came in. ",
                "suffix": " to the bridge. Bob Roe said no.",
            },
            {"type": "TextPositionSelector", "start": 14, "end": 32},
        ],
    }
    assert bodies(first, "tagging") == [
        *("Statement", "Speaker/ann", "Organisation/ministry", "Issue/bridge", "Stance/0.5", "Certainty/unspecified")
    ]
    assert bodies(first, "commenting") == ['Yes; "she" says.']
    assert bodies(first, "stance") == ["0.5"]
    assert "Stance/1" in bodies(mixed, "tagging")
    assert "Stance/-1" in bodies(mixed, "tagging")
    assert [bodies(mixed, name) for name in ("stance", "date", "commenting")] == [
        *(["mixed"], ["2024-05-01/2024-06-30"], [])
    ]
    purposes = {body["purpose"] for item in page["items"] for body in item["body"]}
    assert purposes - {"tagging", "commenting"} <= set(page["@context"][1])


def bodies(annotation: dict[str, Any], purpose: str) -> list[str]:
    return [body["value"] for body in annotation["body"] if body["purpose"] == purpose]


def test_articles_that_share_an_address_keep_their_ids(town: tuple[Tables, dict[str, str]], tmp_path: Path) -> None:
    shared = replace(town[0], articles=town[0].articles.assign(url="https://x.example/"))
    folder = export_w3c(shared, tmp_path / "w", texts=town[1])
    page = json.loads((folder / "two.json").read_bytes())
    assert {item["target"]["source"] for item in page["items"]} == {"two"}


def test_w3c_has_the_same_bytes_at_every_run(town: tuple[Tables, dict[str, str]], tmp_path: Path) -> None:
    folders = [export_w3c(town[0], tmp_path / name, texts=town[1]) for name in ("a", "b", "a")]
    first, second, _ = ({file.name: file.read_bytes() for file in folder.iterdir()} for folder in folders)
    assert first == second


# --- DNA ---


def query(path: Path, sql: str) -> list[tuple[Any, ...]]:
    database = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        return database.execute(sql).fetchall()
    finally:
        database.close()


def from_dna(path: Path, given: Path, articles: pd.DataFrame) -> pd.DataFrame:
    """The statements of the database, articles by their ids in place of their numbers."""
    found = analysis.read(path, mapping=given).statements
    return found.assign(article_id=articles["article_id"].to_numpy()[found["article_id"].astype("int64") - 1]).astype(
        {"article_id": "str"}
    )


def test_the_real_corpus_comes_back_from_dna(real: tuple[Tables, dict[str, str]], tmp_path: Path) -> None:
    path = export_dna(real[0], tmp_path / "a.dna", texts=real[1])
    given = mapping("dna", tmp_path, "russia-taliban")
    found = from_dna(path, given, real[0].articles)
    pd.testing.assert_frame_equal(ordered(found), ordered(real[0].statements))
    facts = ["title", "outlet", "language", "origin_id", "url", "published_start", "text_sha256", "n_chars"]
    pd.testing.assert_frame_equal(analysis.read(path, mapping=given).articles[facts], real[0].articles[facts])


def test_hard_statements_come_back_from_dna(town: tuple[Tables, dict[str, str]], tmp_path: Path) -> None:
    path = export_dna(town[0], tmp_path / "a.dna", texts=town[1])
    found = from_dna(path, mapping("dna", tmp_path), town[0].articles)
    pd.testing.assert_frame_equal(ordered(found), ordered(town[0].statements))


def test_a_dna_database_is_whole(town: tuple[Tables, dict[str, str]], tmp_path: Path) -> None:
    path = export_dna(town[0], tmp_path / "a.dna", texts=town[1])
    assert query(path, "pragma integrity_check") == [("ok",)]
    assert query(path, "pragma foreign_key_check") == []
    assert query(path, "select * from SETTINGS") == [("version", "3.0.7"), ("date", "2022-06-10")]
    assert query(path, "select ID, Name from CODERS") == [(1, "Admin"), (2, "eve"), (3, "main")]
    assert len(query(path, "select * from CODERRELATIONS")) == 6
    documents = query(path, "select ID, Title, Coder, Source, Section, Notes, Type, Date from DOCUMENTS")
    assert documents == [
        (1, "A bridge", 1, "", "", "", "", 1716854400),
        (2, "A bridge", 1, "", "", "", "", 1716854400),
        (3, "A toll", 3, "Gazette", "", "https://x.example/a?b=1", "en", 1714521600),
    ]
    types = query(path, "select t.Label, v.Variable, v.DataType from VARIABLES v join STATEMENTTYPES t "
                        "on t.ID = v.StatementTypeId order by v.ID")  # fmt: skip
    usual = [(name, kind) for label, name, kind in types if label == "DNA Statement"]
    assert usual[:4] == [
        *(("person", "short text"), ("organization", "short text"), ("concept", "short text"), ("agreement", "boolean"))
    ]
    assert [pair for pair in usual if pair[0] != "agreement"] == [
        (name, kind) for label, name, kind in types if label == "DNA Statement, neutral or mixed"
    ]


def test_every_statement_has_a_value_of_every_variable(town: tuple[Tables, dict[str, str]], tmp_path: Path) -> None:
    path = export_dna(town[0], tmp_path / "a.dna", texts=town[1])
    wanted = query(path, "select s.ID, v.ID from STATEMENTS s join VARIABLES v using (StatementTypeId) order by 1, 2")
    given = [
        pair
        for name in ("DATABOOLEAN", "DATAINTEGER", "DATASHORTTEXT", "DATALONGTEXT")
        for pair in query(path, f"select StatementId, VariableId from {name}")  # noqa: S608  # names of ours
    ]
    assert sorted(given) == wanted
    entities = query(path, "select e.ID, a.ID from ENTITIES e join ATTRIBUTEVARIABLES a using (VariableId)")
    assert sorted(entities) == sorted(query(path, "select EntityId, AttributeVariableId from ATTRIBUTEVALUES"))


def test_agreement_is_the_sign_and_what_has_none_is_of_another_type(
    town: tuple[Tables, dict[str, str]], tmp_path: Path
) -> None:
    path = export_dna(town[0], tmp_path / "a.dna", texts=town[1])
    rows = query(
        path,
        "select l.Value, t.Label, b.Value from STATEMENTS s join STATEMENTTYPES t on t.ID = s.StatementTypeId "
        "join VARIABLES v on v.StatementTypeId = t.ID and v.Variable = 'stancebook_id' "
        "join DATALONGTEXT l on l.StatementId = s.ID and l.VariableId = v.ID "
        "left join DATABOOLEAN b on b.StatementId = s.ID where l.Value like 'two/%' order by 1",
    )
    assert rows == [
        ("two/s1", "DNA Statement", 1),
        ("two/s2", "DNA Statement", 0),
        ("two/s3", "DNA Statement, neutral or mixed", None),
        ("two/s4", "DNA Statement, neutral or mixed", None),
    ]


def test_offsets_in_dna_are_those_of_java(town: tuple[Tables, dict[str, str]], tmp_path: Path) -> None:
    path = export_dna(town[0], tmp_path / "a.dna", texts=town[1])
    rows = query(
        path, "select d.Text, Start, Stop from STATEMENTS s join DOCUMENTS d on d.ID = DocumentId order by s.ID"
    )
    cut = [text.encode("utf-16-le")[2 * start : 2 * stop].decode("utf-16-le") for text, start, stop in rows]
    assert cut == town[0].statements["quote"].tolist()


def test_the_password_is_the_documented_one(town: tuple[Tables, dict[str, str]], tmp_path: Path) -> None:
    path = export_dna(town[0], tmp_path / "a.dna", texts=town[1])
    kept = {row[0] for row in query(path, "select Password from CODERS")}
    assert len(kept) == 1
    content = base64.b64decode(kept.pop())
    digest = hashlib.sha256(content[:16] + b"stancebook").digest()
    for _ in range(99_999):
        digest = hashlib.sha256(digest).digest()
    assert content[16:] == digest


def test_names_that_dna_cannot_hold_or_tell_apart_give_way_to_ids(project: Path, tmp_path: Path) -> None:
    book = CODEBOOK.replace("name: Bob Roe", "name: 'ann  lee'").replace("name: Union", f"name: {'u' * 190}")
    book = book.replace("name: Ministry", f"name: {'m' * 191}").replace("The bridge should be built.", "p" * 191)
    coding = CODING.replace("only if}", "x}").replace("on_behalf_of: ministry", "on_behalf_of: union")
    coding = coding.replace("speaker: bob", "on_behalf_of: ministry, speaker: bob")
    folder = corpus(project, article("one", TEXT, coding, front=FRONT.replace("A bridge", "t" * 191)), codebook=book)
    made, texts = analysis.load("town"), article_texts(folder)
    path = export_dna(made, tmp_path / "a.dna", texts=texts)
    names = {row[0] for row in query(path, "select Value from ENTITIES where VariableId in (1, 2, 3, 12, 13, 14)")}
    assert names == {"", "ann", "bob", "ministry", "u" * 190, "bridge", "Crossing should cost a toll."}
    assert query(path, "select Title from DOCUMENTS") == [("t" * 189 + "…",)]
    found = from_dna(path, mapping("dna", tmp_path), made.articles)
    pd.testing.assert_frame_equal(ordered(found), ordered(made.statements))


@pytest.mark.parametrize(("column", "what"), [("speaker_id", "actor"), ("issue_id", "issue"), ("coder_id", "coder")])
def test_an_id_that_dna_cannot_hold_is_refused(column: str, what: str, tmp_path: Path) -> None:
    row = said("one", "ann", "toll", 1.0) | {column: "x" * 151}
    made = tables([row])
    made = replace(made, articles=made.articles.assign(text_sha256=hashlib.sha256(b"yes").hexdigest()))
    with pytest.raises(ParameterError, match=rf"the id of the {what} 'x+'… has 151 characters\n"):
        export_dna(made, tmp_path / "a.dna", texts={"one": "yes"})


def test_dna_has_the_same_bytes_at_every_run(town: tuple[Tables, dict[str, str]], tmp_path: Path) -> None:
    first, second = (export_dna(town[0], tmp_path / name, texts=town[1]).read_bytes() for name in ("a.dna", "b.dna"))
    assert first == second


def test_dna_goes_into_dna_only(town: tuple[Tables, dict[str, str]], tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match=r"the format '\.db' is not known\n    expected: one of \.dna\n"):
        export_dna(town[0], tmp_path / "a.db", texts=town[1])


def test_a_corpus_without_statements_can_be_exported(town: tuple[Tables, dict[str, str]], tmp_path: Path) -> None:
    bare = replace(town[0], statements=town[0].statements[:0])
    path = export_dna(bare, tmp_path / "a.dna", texts=town[1])
    assert query(path, "select count(*) from DOCUMENTS") == [(3,)]
    assert query(path, "select Coder from DOCUMENTS") == [(1,), (1,), (1,)]
    assert json.loads((export_w3c(bare, tmp_path / "w", texts=town[1]) / "one.json").read_bytes())["items"] == []


@pytest.mark.skipif("STANCEBOOK_DNA" not in os.environ, reason="STANCEBOOK_DNA names no folder with DNA's own database")
def test_the_tables_are_those_of_dna(town: tuple[Tables, dict[str, str]], tmp_path: Path) -> None:
    theirs, ours = Path(os.environ["STANCEBOOK_DNA"]) / "sample.dna", tmp_path / "a.dna"
    export_dna(town[0], ours, texts=town[1])
    names = [name for (name,) in query(theirs, "select name from sqlite_master where type = 'table' order by 1")]
    assert [name for (name,) in query(ours, "select name from sqlite_master where type = 'table' order by 1")] == names
    for name in names:
        for pragma in (f"pragma table_xinfo({name})", f"pragma foreign_key_list({name})"):
            assert sorted(query(ours, pragma), key=str) == sorted(query(theirs, pragma), key=str), pragma
        assert unique(ours, name) == unique(theirs, name), name
        assert checks(ours, name) == checks(theirs, name), name


def unique(path: Path, table: str) -> set[tuple[str, ...]]:
    """The columns of each unique index."""
    indexes = [row[1] for row in query(path, f"pragma index_list({table})") if row[2]]
    return {tuple(row[2] for row in query(path, f"pragma index_info({name})")) for name in indexes}


def checks(path: Path, table: str) -> list[str]:
    """What each CHECK of a table says."""
    sql = query(path, f"select sql from sqlite_master where name = '{table}'")[0][0]  # noqa: S608  # a table's name
    return sorted(re.sub(r"\s", "", found) for found in re.findall(r"CHECK ?\(((?:[^()]|\([^()]*\))*)\)", sql))
