import json
import os
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from analysis.errors import CorpusError
from analysis.readers import formats, span_jsonl
from analysis.readers.found import Found
from analysis.readers.inputs import json_records
from analysis.readers.inputs.json_input import load_json
from analysis.readers.inputs.json_records import load_records
from analysis.readers.inputs.offsets import code_points

ENTITIES = [
    {"id": 4, "label": "Speaker", "start_offset": 0, "end_offset": 3},
    {"id": 5, "label": "Statement", "start_offset": 9, "end_offset": 12},
]


def saved(folder: Path, *records: Any) -> Path:
    path = folder / "all.jsonl"
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records), "utf-8")
    return path


def read(folder: Path, *records: Any, **options: str) -> Found:
    return span_jsonl.read(saved(folder, *records), options)


def message(folder: Path, *records: Any, **options: str) -> str:
    with pytest.raises(CorpusError) as error:
        read(folder, *records, **options)
    return str(error.value)


def spans(found: Found) -> list[tuple[Any, ...]]:
    return [(mark.document, mark.coder, mark.name, mark.kind, mark.start, mark.end) for mark in found.marks]


@pytest.mark.parametrize("key", ["label", "labels"])
def test_doccano_lists(tmp_path: Path, key: str) -> None:
    found = read(tmp_path, {"id": 9, "text": "Ann said yes", key: [[0, 3, "A"], [0, 3, "A"]], "source": "Post"})
    assert found.documents[0] == ("9", "Ann said yes", {"id": "9", "source": "Post"}, "all.jsonl:1: record 1")
    assert spans(found) == [("9", "main", "1", "A", 0, 3), ("9", "main", "2", "A", 0, 3)]


def test_doccano_entities_and_relations(tmp_path: Path) -> None:
    relations = [
        {"id": 1, "from_id": 5, "to_id": 4, "type": "said_by"},
        {"id": 2, "from_id": 5, "to_id": 77, "type": "said_by"},
    ]
    found = read(tmp_path, {"text": "Ann said yes", "entities": ENTITIES, "relations": relations})
    assert spans(found) == [("1", "main", "4", "Speaker", 0, 3), ("1", "main", "5", "Statement", 9, 12)]
    assert found.marks[1].features == {"said_by": "Ann", "said_by.kind": "Speaker"}
    assert found.left_out == {"a relation to a span that is not there": 1}


def test_a_label_on_the_whole_text_has_no_span(tmp_path: Path) -> None:
    found = read(
        tmp_path, {"text": "One", "label": ["A", "B"]}, {"text": "Two", "label": "C"}, {"text": "3", "label": []}
    )
    assert [mark[:7] for mark in found.marks] == [
        ("1", "main", "text/A", "A", None, None, None),
        ("1", "main", "text/B", "B", None, None, None),
        ("2", "main", "text/C", "C", None, None, None),
    ]
    assert len(found.documents) == 3


def test_labels_on_the_text_stand_beside_spans(tmp_path: Path) -> None:
    """Doccano's projects for intents write both."""
    both = {"text": "Ann said yes", "entities": [[0, 3, "Speaker"]], "cats": ["report", "report"]}
    found = read(tmp_path, both, {"text": "Bo left", "entities": [], "cats": ["report"]}, {"text": "So", "cats": []})
    assert spans(found) == [
        ("1", "main", "text/report", "report", None, None),
        ("1", "main", "1", "Speaker", 0, 3),
        ("2", "main", "text/report", "report", None, None),
    ]
    assert len(found.documents) == 3
    path = saved(tmp_path, {"text": "Bo left", "cats": ["report"]})
    assert span_jsonl.fits(path, path.read_bytes())


def older(user: int, label: int, **more: Any) -> dict[str, Any]:
    return {"id": 70 + label, "label": label, "user": user} | more


def test_coders_in_one_record_of_an_older_doccano_are_kept_apart(tmp_path: Path) -> None:
    given = [
        older(3, 1, start_offset=0, end_offset=3, prob=0.5),
        older(4, 2, start_offset=9, end_offset=12, label_name="Statement", user_name="bo"),
        older(3, 2, start_offset=9, end_offset=12),
        {"label": None, "start_offset": 0, "end_offset": 3, "user": 3},
    ]
    found = read(
        tmp_path,
        {"id": 8, "text": "Ann said yes", "annotations": given, "annotation_approver": "cy"},
        {"id": 9, "text": "Bo left", "annotations": [older(4, 5), {"text": "Bo went", "user": 3}]},
        {"id": 10, "text": "So", "annotations": []},
    )
    assert spans(found) == [
        ("8", "3", "71", "1", 0, 3),
        ("8", "3", "72", "2", 9, 12),
        ("8", "bo", "72", "Statement", 9, 12),
        ("9", "4", "text/5", "5", None, None),
        ("9", "3", "text/Bo went", "Bo went", None, None),
    ]
    assert [dict(mark.features) for mark in found.marks[:3]] == [{"prob": "0.5"}, {}, {}]
    assert [document.name for document in found.documents] == ["8", "9", "10"]
    assert found.documents[0].facts == {"id": "8", "annotation_approver": "cy"}
    assert found.left_out == {"without a label": 1}
    path = tmp_path / "all.jsonl"
    assert formats.format_of(path) == "span-jsonl"


def test_what_is_wrong_in_older_records_is_told(tmp_path: Path) -> None:
    record = {"text": "Ann 😀 yes", "annotations": [older(3, 1, start_offset=0, end_offset=99)]}
    assert "counts in one of two ways" in message(tmp_path, record)
    told = message(tmp_path, record, {"text": "a", "annotations": {}}, offset_unit="utf-16")
    assert "record 1, entities 1: offset 99 is not in the text" in told
    assert "record 2: annotations is an object" in told
    assert "record 1, annotations 1: the annotation is 7" in message(tmp_path, {"text": "a", "annotations": [7]})


def test_prodigy_keeps_what_was_accepted(tmp_path: Path) -> None:
    records = [
        {"text": "Ann 💩 yes", "_input_hash": -4, "meta": {"source": "Post"}, "answer": "accept", "_session_id": "s-bo",
         "spans": [{"start": 6, "end": 9, "label": "A", "token_start": 2, "text": "yes", "stance": 1}]},
        {"text": "No", "spans": [{"start": 0, "end": 2, "label": "A"}], "answer": "reject"},
        {"text": "Or", "spans": [{"start": 0, "end": 2, "label": "A"}], "answer": "ignore"},
        {"text": "So", "spans": [{"start": 0, "end": 2, "label": "A"}], "_annotator_id": "db-al", "_session_id": "x"},
    ]  # fmt: skip
    found = read(tmp_path, *records)
    assert found.documents[0][:3] == ("-4", "Ann 💩 yes", {"source": "Post"})
    assert spans(found) == [("-4", "s-bo", "1", "A", 6, 9), ("4", "db-al", "1", "A", 0, 2)]
    assert (found.marks[0].quote, found.marks[0].features) == ("yes", {"stance": "1"})
    assert found.left_out == {"rejected": 1, "ignored": 1}


def test_prodigy_relations_and_choices(tmp_path: Path) -> None:
    head, child = {"start": 9, "end": 12, "label": "S"}, {"start": 0, "end": 3, "label": "P"}
    link = {"head": 2, "child": 0, "head_span": head, "child_span": child, "label": "by"}
    found = read(tmp_path, {"text": "Ann said yes", "spans": [head, child], "relations": [link], "accept": ["tone"]})
    assert [mark.kind for mark in found.marks] == ["tone", "S", "P"]
    assert found.marks[1].features == {"by": "Ann", "by.kind": "P"}


def test_decisions_on_one_text_make_one_coding(tmp_path: Path) -> None:
    base = {"text": "Ann said yes", "_input_hash": 1, "answer": "accept"}
    first, second = {"start": 0, "end": 3, "label": "A"}, {"start": 9, "end": 12, "label": "A"}
    found = read(tmp_path, base | {"spans": [first]}, base | {"spans": [first, second]})
    assert spans(found) == [("1", "main", "1", "A", 0, 3), ("1", "main", "1.2", "A", 9, 12)]
    assert (len(found.documents), found.left_out) == (1, {"a repetition": 1})
    assert "the name '1' stands for another text before" in message(tmp_path, base, base | {"text": "Bob"})


def test_spans_that_tell_nothing_are_counted(tmp_path: Path) -> None:
    found = read(tmp_path, {"text": "abc", "spans": [{"start": 0, "end": 1}, {"start": 1, "end": 1, "label": "A"}]})
    assert found.left_out == {"without a label": 1, "an empty span": 1}


@pytest.mark.parametrize("text", ["😀 yes", "e\u0301 yes", "a\r\nyes", "\u1112\u1161\u11ab yes", "a\u200dyes"])
def test_doccano_must_be_told_how_it_counted(tmp_path: Path, text: str) -> None:
    told = message(tmp_path, {"text": text, "label": [[0, 1, "A"]]})
    assert told.startswith("all.jsonl:1: record 1: the text has emoji, combining marks or CR LF")
    assert "{offset_unit: utf-16}" in told
    assert read(tmp_path, {"text": text, "spans": [{"start": 0, "end": 1, "label": "A"}]}).marks
    assert read(tmp_path, {"text": text, "label": "A"}).marks


def test_a_text_without_such_characters_needs_no_unit(tmp_path: Path) -> None:
    assert spans(read(tmp_path, {"text": "Žižek – “ja”\nno", "label": [[8, 12, "A"]]}))[0][4:] == (8, 12)


@pytest.mark.parametrize(
    ("unit", "start", "end"), [("code points", 2, 5), ("utf-16", 3, 6), ("graphemes", 2, 5)]
)  # fmt: skip
def test_each_unit_becomes_code_points(tmp_path: Path, unit: str, start: int, end: int) -> None:
    found = read(tmp_path, {"text": "😀 yes", "label": [[start, end, "A"]]}, offset_unit=unit)
    assert spans(found)[0][4:] == (2, 5)


def test_offsets_that_the_unit_does_not_have_are_told(tmp_path: Path) -> None:
    assert "in the middle of a character" in message(
        tmp_path, {"text": "😀 yes", "label": [[1, 3, "A"]]}, offset_unit="utf-16"
    )
    assert "offset_unit 'bytes' is not known" in message(tmp_path, {"text": "a"}, offset_unit="bytes")


@pytest.mark.parametrize("indent", [None, 2])
def test_an_array_and_pretty_printed_records_are_read(tmp_path: Path, indent: int | None) -> None:
    records = [{"text": "Ann", "label": [[0, 3, "A"]]}, {"text": "Bob", "label": [[0, 3, "B"]]}]
    path = tmp_path / "all.jsonl"
    path.write_text("\ufeff" + json.dumps(records, indent=indent), "utf-8")
    assert [mark.kind for mark in span_jsonl.read(path, {}).marks] == ["A", "B"]
    path.write_text("\n".join(json.dumps(record, indent=indent) for record in records), "utf-8")
    assert [mark.kind for mark in span_jsonl.read(path, {}).marks] == ["A", "B"]


def test_a_record_without_text_is_told_with_its_line(tmp_path: Path) -> None:
    told = message(tmp_path, {"text": "a"}, {"label": []}, {"text": "b"}, {"text": None})
    assert told == (
        "all.jsonl:2: record 2: text is missing or null\n    expected: a text\n"
        "all.jsonl:4: record 4: text is missing or null\n    expected: a text\n2 problems"
    )


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ([0, 9, "A"], "offset 9 is not in the text"),
        ([2, 1, "A"], "the span ends at 1, before its start at 2"),
        ([-1, 1, "A"], "offset -1 is not in the text"),
        (["0", 1, "A"], "start is '0'\n    expected: a whole number"),
        ([0, 1.0, "A"], "end is 1.0"),
        ([0, True, "A"], "end is True"),
        ([0, float("inf"), "A"], "end is inf"),
        ([0, 1], "the span has 2 parts"),
        (3, "the span is 3\n    expected: an object"),
        ({"label": "A"}, "start is missing or null"),
        ({"start": 0, "end": 1, "label": "A", "text": "b"}, "'a' stands at 0–1, not the quote 'b'"),
        ({"start": 0, "end": 1, "label": "A", "text": []}, "text of the span is a list"),
    ],
)
def test_a_wrong_span_is_told_with_its_place(tmp_path: Path, wrong: Any, words: str) -> None:
    told = message(tmp_path, {"text": "abc", "label": [[0, 1, "A"], wrong]})
    assert told.startswith("all.jsonl:1: record 1, label 2: ")
    assert words in told


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ([], "the record is a list"),
        ({"text": "abc", "entities": [{**ENTITIES[0]}] * 2}, "two spans have the same id"),
        ({"text": "abc", "spans": {"a": 1}}, "start is missing"),
        ({"text": "abc", "label": [], "relations": 5}, "relations is 5"),
        ({"text": "abc", "label": [], "relations": [5]}, "a relation is 5"),
    ],
)
def test_a_wrong_record_is_told(tmp_path: Path, wrong: Any, words: str) -> None:
    assert words in message(tmp_path, {"text": "fine"}, wrong)


PIECEWISE = [
    ' \ufeff[ {"a": "😀\\ud83d\\ude00", "b": [1, -2.5e3]} ,\n 12, "x]y" , null\n]\n ',
    "\ufeff[]",
    '{\n"a": 1}\n\n {"b": "\\"}"} 34 56\n',
    "[1, 2",
    '[{"a": 1}\n, {"b": tru}]',
    "[\n1,\n2\n] 3",
    '["a" "b"]',
    "[1,,2]",
]


@pytest.mark.parametrize("content", PIECEWISE)
def test_records_are_the_same_in_whatever_pieces_a_file_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    path = tmp_path / "all.json"
    path.write_bytes(content.lstrip(" ").encode())

    def told(size: int) -> Any:
        monkeypatch.setattr(json_records, "_PIECE", size)
        try:
            return list(load_records(path))
        except CorpusError as error:
            return str(error)

    whole = told(1 << 20)
    assert [told(size) for size in (1, 2, 3, 7, 11)] == [whole] * 5
    if content in PIECEWISE[:3]:
        assert not isinstance(whole, str)


def test_a_byte_that_is_no_utf_8_is_told_with_its_line_in_a_later_piece(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_records, "_PIECE", 4)
    path = tmp_path / "all.json"
    path.write_bytes(b'[1,\n2,\n"\xff"]')
    with pytest.raises(CorpusError, match=r"all.json:3: the file is not UTF-8"):
        list(load_records(path))


@pytest.mark.parametrize("label", [3, "", None, ["x"], "A"])
@pytest.mark.parametrize("start", [0, -1, 99, True, "1", 1.0])
def test_a_list_of_sound_spans_is_read_as_each_alone_is(tmp_path: Path, label: Any, start: Any) -> None:
    """The short way for lists that are all sound gives what the long way gives, and leaves all others to it."""
    text, rows = "Ann said yes", [[0, 3, "A"], [start, 12, label]]

    def told(shown: list[Any]) -> Any:
        try:
            found = read(tmp_path, {"id": "d", "text": text, "label": shown})
        except CorpusError as error:
            return str(error)
        return [mark[3:7] for mark in found.marks], found.left_out

    alone, together = told([{"start": s, "end": e, "label": k} for s, e, k in rows]), told(rows)
    assert together == alone


ODD: list[Any] = [None, True, 0, -1, 3, 99, 1.0, "", "A", "abc", [], ["A"], {}, [0, 3], [0, 3, "A", "B"], [3, 3, "A"]]


def drawn(draw: random.Random) -> dict[str, Any]:
    """A record of sound spans, in which up to two things are another or missing."""
    text = draw.choice(["Ann said yes", "Žižek said „ja“", "😀 Ann said yes"])
    rows: list[Any] = [[n, n + draw.randint(1, 4), draw.choice("AB")] for n in range(draw.randint(1, 4))]
    record: dict[str, Any] = {"text": text, draw.choice(["label", "labels", "entities", "spans"]): rows}
    record["accept"] = draw.choice([[], ["tone"]])
    for _ in range(draw.choice([0, 0, 1, 2])):
        where, value = draw.randint(0, 5), draw.choice(ODD)
        row = draw.choice(rows)
        if where == 0 and isinstance(row, list) and row:
            row[draw.randrange(len(row))] = value
        elif where == 1:
            rows[draw.randrange(len(rows))] = value
        else:
            record[["text", "answer", "_session_id", "relations"][where - 2]] = value
    return record


@pytest.mark.parametrize("unit", ["code points", "utf-16", ""])
def test_the_short_way_and_the_long_way_find_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unit: str
) -> None:
    draw = random.Random(7)  # noqa: S311  # drawn alike each time
    options, n_short = {"offset_unit": unit} if unit else {}, 0
    short = span_jsonl.sound

    def told(records: list[Any]) -> Any:
        try:
            return span_jsonl.read(saved(tmp_path, *records), options)
        except CorpusError as error:
            return str(error)

    for _ in range(300):
        records = [{**drawn(draw), "id": draw.choice("de")} for _ in range(draw.randint(1, 2))]
        monkeypatch.setattr(span_jsonl, "sound", short)
        shortly = told(records)
        monkeypatch.setattr(span_jsonl, "sound", lambda *_: ())
        assert shortly == told(records), records
        n_short += isinstance(shortly, Found) and any(
            short(r.get("label"), code_points(r["text"], "code points")) for r in records
        )
    assert n_short > 10


def test_a_field_named_like_one_inside_another_is_told_by_the_last(tmp_path: Path) -> None:
    found = read(tmp_path, {"text": "a", "meta": {}, "by": {"name": "Ann"}, "by.name": "Bob", "spans": []})
    assert found.documents[0].facts == {"by.name": "Bob"}
    found = read(tmp_path, {"text": "a", "by.name": "Bob", "by": {"name": "Ann"}, "spans": []})
    assert found.documents[0].facts == {"by.name": "Ann"}


@pytest.mark.parametrize("size", [1, 2, 3, 5, 1 << 20])
@pytest.mark.parametrize(
    ("content", "line", "column"),
    [
        ('[{"a": 1}, {"b": 2}, {"c": 3}, tru]', 1, 32),
        ('[{"a": 1}, {"b": 2}\n, {"c": 3}, tru]', 2, 13),
        ('[{"a": 1},\n{"b": 2},\n {"c": "é😀"}, {"d": 4}, {"e": nul}]', 3, 31),
        ('[\n"a", "b", "c" "d", "e"]', 2, 15),
        ('[{"a": 1},\n{"b": 2}, {"c":\n3, "d" 4}]', 3, 8),
    ],
)
def test_the_column_counts_from_the_start_of_its_line_in_an_earlier_piece(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, line: int, column: int, size: int
) -> None:
    monkeypatch.setattr(json_records, "_PIECE", size)
    path = tmp_path / "all.json"
    path.write_text(content, "utf-8")
    with pytest.raises(CorpusError, match=rf"^all\.json:{line}: this is no JSON, at .* in column {column}\n"):
        list(load_records(path))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b' \n{"text": "a"}\n{"text": "b', r"all.jsonl:3: the file ends in the middle"),
        (b'{"text": "a"}\n{"text": "\xff"}', r"all.jsonl:2: the file is not UTF-8"),
        (b"\xff\xfe{\0", "the file is UTF-16"),
        (b'{"text": "\\ud83d"}', r"\\ud83d is half a character"),
        (b'{"text": ' * 50_000, "nested too deeply"),
        (b'{"text": ' + b"9" * 5000 + b"}", "thousands of digits"),
        (b'{"text": "a"}\n{"text": "b"} {}', r"all.jsonl:2: the line goes on"),
        (b'[{"text": "a"},]', r"this is no JSON, at '\]' in column 16"),
        (b'[{"text": "a"}] 3', "the file goes on after"),
        (b'[\n{"text": "a"}\n{}]', r"all.jsonl:3: this is no JSON, at '\{\}\]' in column 1"),
    ],
)
def test_a_broken_file_is_told_with_its_line(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "all.jsonl"
    path.write_bytes(content)
    span_jsonl.fits(path, content[:4096])
    with pytest.raises(CorpusError, match=words):
        span_jsonl.read(path, {})


def test_whole_files_and_absent_ones(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    path.write_text('\ufeff{"a": 1, "a": 2}\n', "utf-8")
    assert load_json(path) == {"a": 2}
    path.write_text("1\n\n2", "utf-8")
    assert list(load_records(path)) == [(1, 1), (3, 2)]
    with pytest.raises(CorpusError, match=r"one\.json:3: the file goes on after its JSON value"):
        load_json(path)
    with pytest.raises(CorpusError, match="cannot be read: No such file"):
        load_json(tmp_path / "absent")
    with pytest.raises(CorpusError, match="cannot be read: Is a directory"):
        list(load_records(tmp_path))


def test_the_format_is_known_from_the_content(tmp_path: Path) -> None:
    for head in (
        b'{"text": "a", "label": []}',
        b'\xef\xbb\xbf[{"text":"a","spans":[',
        b'{"text": "a", "answer": "accept"}',
    ):
        assert span_jsonl.fits(tmp_path, head)
    for head in (b"", b"\0", b"text,label", b'{"annotations": [], "text": "a", "label": []}', b'{"body": "a"}'):
        assert not span_jsonl.fits(tmp_path, head)
    late = saved(tmp_path, {"text": "x" * 9000, "spans": []})
    assert span_jsonl.fits(late, late.read_bytes()[:4096])


def fixture(name: str) -> Found:
    folder = os.environ.get("STANCEBOOK_FIXTURES")
    if not folder:
        pytest.skip("STANCEBOOK_FIXTURES names no folder of other people's files")
    return span_jsonl.read(Path(folder) / name, {})


@pytest.mark.parametrize(
    ("name", "documents", "marks"),
    [
        ("data_export__pipeline__examples__relation_extraction__example", 1, 4),
        ("data_export__pipeline__examples__sequence_labeling__example", 3, 4),
        ("data_import__tests__data__relation_extraction__example", 1, 4),
        ("data_import__tests__data__sequence_labeling__example_overlapping", 1, 2),
    ],
)
def test_real_files_of_doccano(name: str, documents: int, marks: int) -> None:
    found = fixture(f"doccano/{name}.jsonl")
    assert (len(found.documents), len(found.marks)) == (documents, marks)
    if "relation" in name:
        assert found.marks[0].features["foundedBy"] == ["Larry Page", "Sergey Brin"]


def test_real_files_of_prodigy() -> None:
    found = fixture("prodigy/annotated_news_headlines-ORG-PERSON-LOCATION-ner.jsonl")
    assert (len(found.documents), found.left_out) == (373, {"ignored": 1})
    kinds = {"LOCATION": 121, "ORG": 136, "PERSON": 38, "PRODUCT": 8}
    assert Counter(mark.kind for mark in found.marks) == kinds
    assert len(fixture("prodigy/bio_events.jsonl").marks) == 422
