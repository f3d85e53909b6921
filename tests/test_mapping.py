"""What codes mean: the mapping file, the records that marks make under it, and the native files that these become."""

from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

import analysis
from analysis import store
from analysis.errors import CorpusError, ParameterError, StancebookError, StoreError
from analysis.readers import draft, foreign, formats, mapping, native
from analysis.readers.found import Document, Found, Mark, joined
from analysis.readers.native.files import native_files

TEXT = "Ana backs the pier. Ben is against it."
FACTS = {"title": "Pier", "published": "2024-05-03T10:00:00", "outlet": "Courier"}
FEATURES = {"speaker": "Ana Sousa", "organization": "Town Hall", "issue": "new pier", "stance": "pro"}


def mark(name: str, kind: str, start: int | None, end: int | None, **features: Any) -> Mark:
    quote = TEXT[start:end] if start is not None else None
    return Mark("a", features.pop("coder", "main"), name, kind, start, end, quote, (), features, f"file: {name}")


def found(*marks: Mark, text: str | None = TEXT, left_out: Counter[str] | None = None) -> Found:
    return Found([Document("a", text, FACTS, "file")], list(marks), left_out or Counter())


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """A way to read marks as if a file held them: `reads(found)` gives the path of that file."""

    def reads(what: Found) -> Path:
        reader = SimpleNamespace(fits=lambda *_: True, read=lambda *_: what)
        monkeypatch.setattr(formats, "_reader", lambda _: reader)
        path = tmp_path / "export.json"
        path.write_text("{}", encoding="utf-8")
        return path

    return reads


CODES = """
codes:
  Support: {stance: 1}
  Oppose: {stance: -1}
  "Actor/*": {speaker: {from: "*"}}
  "Issue/*": {issue: {from: "*"}}
  Sure: {certainty: certain}
  Note: leave out
"""


def test_names_that_tell_need_no_mapping(reads: Any) -> None:
    tables = analysis.read(reads(found(mark("1", "Statement", 0, 18, **FEATURES))))
    row = tables.statements.iloc[0]
    told = ["statement_id", "speaker_id", "organisation_id", "issue_id", "stance", "start", "end", "quote", "coder_id"]
    expected = ["a/1", "ana-sousa", "town-hall", "new-pier", 1.0, 0, 18, "Ana backs the pier", "main"]
    assert row[told].tolist() == expected
    assert tables.articles.loc[0, ["title", "outlet"]].tolist() == ["Pier", "Courier"]
    assert tables.articles.loc[0, "published_start"] == pd.Timestamp("2024-05-03")
    kinds = dict(zip(tables.actors["actor_id"], tables.actors["kind"], strict=True))
    assert kinds == {"ana-sousa": "person", "town-hall": "organisation"}


def test_codes_on_one_span_are_one_record(reads: Any) -> None:
    marks = [mark("1", "Support", 0, 18), mark("2", "Actor/Ana", 0, 18), mark("3", "Issue/pier", 0, 18)]
    other = [mark("4", "Oppose", 20, 37), mark("5", "Actor/Ben", 20, 37), mark("6", "Issue/pier", 20, 37)]
    said = analysis.read(reads(found(*marks, mark("7", "Sure", 0, 18), *other)), mapping=CODES).statements
    assert said[["speaker_id", "issue_id", "stance", "certainty"]].to_numpy().tolist() == [
        ["ana", "pier", 1.0, "certain"],
        ["ben", "pier", -1.0, "unspecified"],
    ]


def test_whole_records_on_one_span_stay_apart_and_share_what_is_added(reads: Any) -> None:
    text = "codes:\n  S: {speaker: {from: who}, issue: pier, stance: {from: side}}\n  Sure: {certainty: certain}\n"
    marks = [mark("1", "S", 0, 18, who="Ana", side="1"), mark("2", "S", 0, 18, who="Ben", side="-1")]
    said = analysis.read(reads(found(*marks, mark("3", "Sure", 0, 18))), mapping=text).statements
    assert said[["speaker_id", "stance", "certainty"]].to_numpy().tolist() == [
        ["ana", 1.0, "certain"],
        ["ben", -1.0, "certain"],
    ]


def test_several_speakers_are_a_record_each_and_both_sides_are_mixed(reads: Any) -> None:
    kinds = ["Support", "Oppose", "Actor/Ana", "Actor/Ben", "Issue/pier"]
    marks = [mark(str(at), kind, 0, 18) for at, kind in enumerate(kinds)]
    said = analysis.read(reads(found(*marks)), mapping=CODES).statements
    assert said["speaker_id"].tolist() == ["ana", "ben"]
    assert said["is_mixed"].tolist() == [True, True]
    assert said["statement_id"].is_unique


@pytest.mark.parametrize("text", [TEXT, f"{TEXT}\n"])
def test_what_is_said_of_a_whole_text_stands_on_all_of_it(reads: Any, tmp_path: Path, text: str) -> None:
    marks = [mark("1", "Support", None, None), mark("2", "Actor/Ana", None, None), mark("3", "Issue/pier", None, None)]
    path = reads(found(*marks, mark("4", "Statement", 0, 3, **FEATURES), text=text))
    mapped = CODES + "  Statement: leave out\n"
    tables = analysis.read(path, mapping=mapped)
    (row,) = tables.statements[["start", "end", "quote"]].itertuples(index=False)
    assert tuple(row) == (0, len(text), text)
    (tmp_path / "mapping.yaml").write_text(mapped, encoding="utf-8")
    for name, content in native_files(foreign.imported(path, None, mapping.parse(mapped, "m"))).items():
        (tmp_path / "native" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "native" / name).write_bytes(content.encode())
    pd.testing.assert_frame_equal(native.read(tmp_path / "native").statements, tables.statements)


def test_coders_and_discontinuous_spans_are_kept_apart(reads: Any) -> None:
    one = mark("1", "Statement", 0, 18, **FEATURES)
    pieces = one._replace(name="2", coder="bo", end=37, quote="Ana against it", pieces=((0, 3), (27, 37)))
    tables = analysis.read(reads(found(one, pieces)))
    assert tables.statements["statement_id"].tolist() == ["a.bo/2", "a/1"]
    assert tables.statements["quote"].tolist() == [TEXT[:37], "Ana backs the pier"]
    assert tables.statements["gloss"].tolist()[0] == "Ana against it"


@pytest.mark.parametrize(
    ("marks", "message"),
    [
        ([mark("1", "Support", 0, 18)], "statement 1: nothing on its span gives its speaker, issue"),
        (
            [mark("1", "Statement", 0, 18, **FEATURES | {"stance": "perhaps"})],
            "stance is 'perhaps'(.|\n)*one of 1, 0.5, 0",
        ),
        ([mark("1", "Statement", 0, 99, **FEATURES)], "its span ends at 99, but the text has 38 characters"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(reads: Any, marks: list[Mark], message: str) -> None:
    given = CODES if marks[0].kind == "Support" else None
    with pytest.raises(CorpusError, match=message):
        analysis.read(reads(found(*marks)), mapping=given)


def test_contradictions_on_one_span_are_told(reads: Any) -> None:
    text = CODES + "  Perhaps: {certainty: possible}\n"
    kinds = ["Support", "Actor/Ana", "Issue/pier", "Sure", "Perhaps"]
    marks = [mark(str(at), kind, 0, 18) for at, kind in enumerate(kinds)]
    with pytest.raises(CorpusError, match="certainty is 'certain' and 'possible' on one span"):
        analysis.read(reads(found(*marks)), mapping=text)


def test_without_a_meaning_the_kinds_are_named_with_the_next_step(reads: Any) -> None:
    with pytest.raises(CorpusError, match=r"2 × Theme(.|\n)*python -m analysis mapping export.json"):
        analysis.read(reads(found(mark("1", "Theme", 0, 3), mark("2", "Theme", 4, 9))))


def test_a_document_without_a_date_is_an_error_that_a_default_cures(reads: Any) -> None:
    whole = found(mark("1", "Statement", 0, 18, **FEATURES))
    undated = Found([Document("a", TEXT, {}, "file")], whole.marks)
    with pytest.raises(CorpusError, match=r"no date of publication(.|\n)*published: {default: 2024}"):
        analysis.read(reads(undated))
    text = draft.as_text(undated, "x").replace("1970", "2024-05")
    assert analysis.read(reads(undated), mapping=text).articles["published_precision"].tolist() == ["month"]


def test_a_codebook_is_matched_by_id_name_and_alias(reads: Any, tmp_path: Path) -> None:
    (tmp_path / "book.yaml").write_text(
        "actors:\n  - {id: ana, name: Ana Sousa, kind: person}\n  - {id: hall, name: Town Hall, kind: organisation}\n"
        "issues:\n  - {id: pier, proposition: Build it.}\n",
        encoding="utf-8",
    )
    given = tmp_path / "map.yaml"
    given.write_text(
        "codebook: book.yaml\naliases: {pier: [new pier]}\ncodes:\n  Statement: {speaker: {from: speaker}, "
        "on_behalf_of: {from: organization}, issue: {from: issue}, stance: {from: stance, values: {pro: 1}}}\n",
        encoding="utf-8",
    )
    path = reads(found(mark("1", "Statement", 0, 18, **FEATURES)))
    said = analysis.read(path, mapping=given).statements.iloc[0]
    assert said[["speaker_id", "organisation_id", "issue_id"]].tolist() == ["ana", "hall", "pier"]
    path = reads(found(mark("1", "Statement", 0, 18, **FEATURES | {"speaker": "Anna Sousa"})))
    with pytest.raises(CorpusError, match=r"actor 'Anna Sousa' of 1 is not in the codebook"):
        analysis.read(path, mapping=given)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("codes:\n  A: {stanze: 1}\n", "map:2: the field 'stanze' is not known(.|\n)*did you mean 'stance'"),
        ("codez:\n  A: {stance: 1}\n", "map:1: the key 'codez' is not known(.|\n)*did you mean 'codes'"),
        ("codes:\n  A: [1]\n", "map:2: the code 'A' is"),
        ("codes:\n  A: {stance: {form: x}}\n", "in stance the key 'form' is not known(.|\n)*did you mean 'from'"),
        ("codes:\n  A: {record: deed}\n", "the record 'deed' is not known(.|\n)*one of statement, event"),
        ("codes: {}\n", "no code is mapped"),
        ("options: {offset: x}\ncodes:\n  A: {stance: 1}\n", "the option 'offset' is not known"),
        ("aliases: {a: [x], b: [x]}\ncodes:\n  A: {stance: 1}\n", "'x' is an alias of a and of b"),
    ],
)
def test_a_wrong_mapping_is_told_by_line(text: str, message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        mapping.parse(text, "map")


def test_the_draft_is_a_mapping_with_counts() -> None:
    marks = [mark("1", "Statement", 0, 18, **FEATURES), mark("2", 'odd "kind"', 0, 3, note="x")]
    text = draft.as_text(found(*marks), "export.json")
    meanings = mapping.parse(text, "draft")
    assert meanings.codes['odd "kind"'] is None
    assert meanings.codes["Statement"] == draft.draft(found(*marks)).codes["Statement"]
    assert "# 1 annotations; features: speaker (1)" in text


@pytest.mark.parametrize("text", [TEXT, TEXT + "\n", TEXT.replace(". ", ".\r\n"), "A\u0308" + TEXT[1:], None])
def test_an_import_reads_back_as_what_was_read(reads: Any, tmp_path: Path, text: str | None) -> None:
    span = (0, 18) if text else (None, None)
    marks = [mark("1", "Statement", *span, **FEATURES), mark("2", "Statement", *span, coder="bo", **FEATURES)]
    path = reads(found(*marks, text=text))
    read = foreign.imported(path)
    for name, content in native_files(read).items():
        (tmp_path / "corpus" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "corpus" / name).write_bytes(content.encode())
    again = native.read(tmp_path / "corpus")
    expected = foreign.tables(read)
    for name in ("articles", "actors", "issues", "statements"):
        pd.testing.assert_frame_equal(getattr(again, name), getattr(expected, name))


def test_an_import_is_repeated_without_a_change_and_spares_edits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STANCEBOOK_ROOT", str(tmp_path))
    files = {"codebook.yaml": "a", "articles/x.md": "b"}
    assert store.add("town", files) == 2
    assert store.add("town", files) == 0
    edited = tmp_path / "data/raw/town/articles/x.md"
    edited.write_text("edited", encoding="utf-8")
    with pytest.raises(StoreError, match=r"x.md: it was edited(.|\n)*--overwrite"):
        store.add("town", files | {"articles/new.md": "c"})
    assert not (edited.parent / "new.md").exists()
    assert store.add("town", files, overwrite=True) == 1
    with pytest.raises(StancebookError, match="cannot be the name of a corpus"):
        store.add("../town", files)


DEFAULTS = """
codes:
  Statement:
    {speaker: {from: who}, issue: {from: what}, stance: {from: side, default: 0}, certainty: {default: certain}}
  Oppose: {stance: -1}
  Maybe: {certainty: {from: how, default: possible}}
"""
WHO = {"who": "Ana", "what": "pier"}


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([], [["ana", 0.0, "certain"]]),
        ([("Oppose", {})], [["ana", -1.0, "certain"]]),
        ([("Maybe", {"how": "probable"})], [["ana", 0.0, "probable"]]),
        (
            [("Statement", {"who": "Ben", "what": "pier", "side": "1"})],
            [["ana", 0.0, "certain"], ["ben", 1.0, "certain"]],
        ),
    ],
)
def test_a_default_fills_in_only_what_nothing_on_the_span_says(
    reads: Any, others: list[tuple[str, dict[str, str]]], expected: list[list[Any]]
) -> None:
    marks = [mark("0", "Statement", 0, 18, **WHO)]
    marks += [mark(str(at), kind, 0, 18, **features) for at, (kind, features) in enumerate(others, 1)]
    said = analysis.read(reads(found(*marks)), mapping=DEFAULTS).statements
    assert said[["speaker_id", "stance", "certainty"]].to_numpy().tolist() == expected


def test_marks_that_only_defaults_make_whole_complete_each_other(reads: Any) -> None:
    sources = {"speaker": "Ana", "issue": "pier", "stance": "0"}
    given = ", ".join(f"{name}: {{from: {name}, default: {value!r}}}" for name, value in sources.items())
    marks = [mark("1", "A", 0, 18, speaker="Ben"), mark("2", "B", 0, 18, stance="1")]
    said = analysis.read(reads(found(*marks)), mapping=f"codes:\n  A: {{{given}}}\n  B: {{{given}}}\n").statements
    assert said[["speaker_id", "issue_id", "stance"]].to_numpy().tolist() == [["ben", "pier", 1.0]]


def test_options_are_given_as_pairs_and_told_where_they_are_none() -> None:
    assert mapping.options_of(["offset_unit=utf-16", "id="]) == {"offset_unit": "utf-16", "id": ""}
    wrong = ["offset_units=utf-16", "sheet", "id=a", "id=b"]
    with pytest.raises(ParameterError) as raised:
        mapping.options_of(wrong)
    told = str(raised.value)
    assert "the option 'offset_units' is not known" in told
    assert "did you mean 'offset_unit'?" in told
    assert "the option 'sheet' has no value" in told
    assert "the option id is given 2 times" in told


def test_an_option_that_no_reader_has_is_refused(reads: Any) -> None:
    with pytest.raises(ParameterError, match="did you mean 'time_zone'"):
        analysis.annotations(reads(found()), options={"timezone": "UTC"})


def test_the_draft_carries_the_options_as_they_are_to_be_written() -> None:
    told = draft.as_text(found(mark("1", "S", 0, 3, **FEATURES)), "x", {"document": "Artikel, Nr", "id": ""})
    assert mapping.parse(told, "x").options == {"document": "Artikel, Nr", "id": ""}


def test_pieces_are_joined_with_a_space_where_they_do_not_touch() -> None:
    assert joined(["Har", "bour", "pier"], [(0, 3), (3, 7), (12, 16)]) == "Harbour pier"
    assert joined([], []) == ""


def test_a_file_with_nothing_in_it_is_no_import(reads: Any) -> None:
    empty = Found([], [], Counter({"cancelled": 2}))
    with pytest.raises(CorpusError, match="there is nothing in it to import: 2 × cancelled"):
        analysis.read(reads(empty), mapping=CODES)
