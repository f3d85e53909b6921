import copy
import json
import os
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from analysis.errors import CorpusError
from analysis.readers import formats, label_studio
from analysis.readers.found import Found
from analysis.readers.label_studio import regions

TEXT = "🏛 Ann Lee (Greens)\r\nsaid yes 💩 to it."


def region(name: str, start: int, end: int, text: str | None = None, **value: Any) -> dict[str, Any]:
    """A result of type labels, or of the type that `value` has a key of besides labels."""
    kind = next(iter(value), "labels")
    quote = {} if text is None else {"text": text}
    where = {"start": start, "end": end, **quote, **value}
    return {"id": name, "from_name": f"the_{kind}", "to_name": "page", "type": kind, "value": where}


def relation(source: str, target: str, *labels: str, direction: str = "right") -> dict[str, Any]:
    return {"type": "relation", "from_id": source, "to_id": target, "labels": [*labels], "direction": direction}


ANN = region("a", 2, 9, "Ann Lee", labels=["Speaker"])
GREENS = region("g", 11, 17, "Greens", labels=["Party"])
YES = region("y", 25, 28, "yes", labels=["Statement"])


def annotation(*results: Any, **more: Any) -> dict[str, Any]:
    return {"id": 5, "completed_by": 1, "was_cancelled": False, "result": [*results], **more}


def task(*annotations: Any, **more: Any) -> dict[str, Any]:
    return {"id": 7, "annotations": [*annotations], "data": {"body": TEXT}, **more}


def saved(folder: Path, *tasks: Any) -> Path:
    path = folder / "export.json"
    path.write_text(json.dumps(tasks), "utf-8")
    return path


def read(folder: Path, *tasks: Any, **options: str) -> Found:
    return label_studio.read(saved(folder, *tasks), options)


def message(folder: Path, *tasks: Any) -> str:
    with pytest.raises(CorpusError) as error:
        read(folder, *tasks)
    return str(error.value)


def test_a_region_becomes_a_mark_in_code_points_and_cr_lf_are_two(tmp_path: Path) -> None:
    found = read(tmp_path, task(annotation(YES), created_at="2024-05-28", data={"body": TEXT, "date": "2024", "n": 3}))
    assert found.documents[0][:3] == ("7", TEXT, {"created_at": "2024-05-28", "date": "2024", "n": "3"})
    assert found.marks[0][:9] == ("7", "1", "y", "Statement", 25, 28, "yes", (), {"the_labels": "Statement"})
    assert found.marks[0].where == "export.json:1: task 7, annotation 1, region y"
    assert TEXT[25:28] == "yes"


def test_results_of_one_region_share_its_id(tmp_path: Path) -> None:
    results = [
        YES,
        region("y", 25, 28, "yes", choices=["support"]),
        region("y", 25, 28, "yes", taxonomy=[["Energy", "Coal"], ["Energy"]]),
        region("y", 25, 28, "yes", rating=4),
        region("y", 25, 28, "yes", number=1.5),
        region("y", 25, 28, "yes", datetime="2024-05-28"),
        region("y", 25, 28, textarea=[]) | {"type": "textarea", "value": {"start": 25, "end": 28, "text": ["sure"]}},
    ]
    (mark,) = read(tmp_path, task(annotation(*results))).marks
    assert mark.features == {
        "the_labels": "Statement",
        "the_choices": "support",
        "the_taxonomy": ["Energy/Coal", "Energy"],
        "the_rating": "4",
        "the_number": "1.5",
        "the_datetime": "2024-05-28",
        "the_textarea": "sure",
    }


def test_several_labels_make_a_mark_each(tmp_path: Path) -> None:
    found = read(tmp_path, task(annotation(region("y", 25, 28, "yes", labels=["A", "B"]))))
    assert [(mark.name, mark.kind) for mark in found.marks] == [("y", "A"), ("y/B", "B")]


def test_relations_carry_the_quote_kind_and_features_of_their_target(tmp_path: Path) -> None:
    role = region("a", 2, 9, "Ann Lee", choices=["minister"])
    relations = [relation("y", "a", "said_by"), relation("g", "a", "has", direction="left")]
    statement, speaker, party = read(tmp_path, task(annotation(YES, ANN, role, GREENS, *relations))).marks
    assert statement.features == {
        "the_labels": "Statement",
        "said_by": "Ann Lee",
        "said_by.kind": "Speaker",
        "said_by.the_labels": "Speaker",
        "said_by.the_choices": "minister",
        "said_by.has": "Greens",
    }
    assert speaker.features["has"] == "Greens"
    assert party.features == {"the_labels": "Party"}


def test_a_relation_may_have_several_targets_go_both_ways_and_have_no_label(tmp_path: Path) -> None:
    relations = [relation("y", "a", "by"), relation("y", "g", "by"), relation("a", "g", direction="bi")]
    statement, speaker, party = read(tmp_path, task(annotation(YES, ANN, GREENS, *relations))).marks
    assert (statement.features["by"], statement.features["by.kind"]) == (["Ann Lee", "Greens"], ["Speaker", "Party"])
    assert (speaker.features["relation"], party.features["relation"]) == ("Greens", "Ann Lee")


def test_a_relation_to_nothing_is_counted(tmp_path: Path) -> None:
    found = read(tmp_path, task(annotation(YES, relation("y", "gone", "by"))))
    assert found.left_out == Counter({"a relation to a region that is not there": 1})


def test_a_relation_named_as_a_control_is_refused(tmp_path: Path) -> None:
    assert "'the_labels' is the name of a relation and of a control" in message(
        tmp_path, task(annotation(YES, ANN, relation("y", "a", "the_labels")))
    )


def test_a_choice_on_the_whole_text_is_a_mark_without_span(tmp_path: Path) -> None:
    choice = {"id": "c", "from_name": "tone", "to_name": "page", "type": "choices", "value": {"choices": ["calm"]}}
    (mark,) = read(tmp_path, task(annotation(choice))).marks
    assert mark[:9] == ("7", "1", "c", "tone", None, None, None, (), {"tone": "calm"})


def test_coders_are_kept_apart(tmp_path: Path) -> None:
    people: list[Any] = [1, 1, {"id": 2, "email": "b@x.example"}, {"id": 3}, "dan", None]
    found = read(tmp_path, task(*(annotation(YES, completed_by=person) for person in people)))
    assert [mark.coder for mark in found.marks] == ["1", "1-2", "b@x.example", "3", "dan", "main"]


def test_what_is_nobodys_coding_is_counted(tmp_path: Path) -> None:
    unlabelled = region("y", 25, 28, "yes", labels=[])
    empty = region("e", 3, 3, "", labels=["A"])
    annotations = [annotation(YES, was_cancelled=True), annotation(), annotation(unlabelled, empty)]
    found = read(tmp_path, task(*annotations, predictions=[{}, {}], drafts=[{}]))
    assert found.marks == []
    assert found.left_out == {
        "cancelled": 1, "empty": 1, "without a label": 1, "an empty span": 1, "predictions": 2, "drafts": 1
    }  # fmt: skip


def test_the_field_is_the_one_that_all_spans_fit(tmp_path: Path) -> None:
    data = {"title": "🏛 Ann Lee", "body": TEXT, "lead": TEXT[:20]}
    found = read(tmp_path, task(annotation(ANN), data=data), task(annotation(YES), data=data, id=8))
    assert [document.text for document in found.documents] == [TEXT, TEXT]
    assert found.documents[0].facts == {"title": data["title"], "lead": data["lead"]}


def test_several_fitting_fields_are_told_unless_one_is_named(tmp_path: Path) -> None:
    data = {"title": "🏛 Ann Lee", "body": TEXT}
    expected = "the spans of 'page' fit several fields of the data\n    expected: one field; here one of title, body"
    assert expected in message(tmp_path, task(annotation(ANN), data=data))
    assert read(tmp_path, task(annotation(ANN), data=data), text="title").documents[0].text == data["title"]
    assert read(tmp_path, task(annotation(ANN), data=data | {"page": TEXT})).documents[0].text == TEXT


def test_two_annotated_fields_are_two_documents(tmp_path: Path) -> None:
    head = region("h", 0, 3, "Yes", labels=["A"]) | {"to_name": "title"}
    found = read(tmp_path, task(annotation(YES, head), data={"title": "Yes!", "body": TEXT}))
    assert [document.name for document in found.documents] == ["7/body", "7/title"]
    assert [mark.document for mark in found.marks] == ["7/body", "7/title"]


def test_quotes_that_do_not_fit_are_told_all_at_once(tmp_path: Path) -> None:
    wrong = region("w", 2, 9, "Bob Lee", labels=["A"])
    far = region("f", 2, 900, "Bob Lee", labels=["A"])
    told = message(tmp_path, task(annotation(YES, wrong, far)))
    assert "export.json:1: task 7, annotation 1, region w: 'Ann Lee' stands at 2–9, not the quote 'Bob Lee'" in told
    assert f"region f: the span 2–900 is not in the text, which has {len(TEXT)} characters" in told
    assert told.endswith("2 problems")


def html(start: int, end: int, quote: str, **more: Any) -> dict[str, Any]:
    where = {"start": "/p[1]/text()[1]", "end": "/p[2]", "startOffset": 0, "endOffset": 2, "text": quote}
    value = where | {"globalOffsets": {"start": start, "end": end}, "hypertextlabels": ["A"]} | more
    return {"id": "x", "from_name": "l", "to_name": "page", "type": "hypertextlabels", "value": value}


PAGE = '<!-- <p> --><p class="a">Ann &amp; Bob</p>\r\n<p>said<br/>yes</p>'


def test_html_is_counted_in_its_text(tmp_path: Path) -> None:
    found = read(tmp_path, task(annotation(html(4, 14, "& Bob\\n\\nsaid")), data={"body": PAGE}))
    assert found.documents[0].text == "Ann & Bob\nsaid\nyes"
    assert found.marks[0][3:7] == ("A", 4, 14, None)


def test_a_note_on_a_region_is_a_feature(tmp_path: Path) -> None:
    noted = YES | {"meta": {"text": ["check the tape", "and the date"]}}
    sure = region("y", 25, 28, "yes", choices=["sure"]) | {"meta": noted["meta"]}
    empty = ANN | {"meta": {}}
    found = read(tmp_path, task(annotation(noted, sure, empty, GREENS | {"meta": {"text": []}})))
    assert [dict(mark.features) for mark in found.marks] == [
        {"the_labels": "Statement", "meta": ["check the tape", "and the date"], "the_choices": "sure"},
        {"the_labels": "Speaker"},
        {"the_labels": "Party"},
    ]
    wrong = message(tmp_path, task(annotation(YES | {"meta": {"text": [{}]}})))
    assert "meta holds an object\n    expected: texts or numbers" in wrong


def test_one_annotation_of_a_storage_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "12"
    path.write_text(json.dumps(annotation(YES, task={"id": 7, "data": {"body": TEXT}}), indent=1), encoding="utf-8")
    with pytest.raises(CorpusError, match=r"12:1: this is one annotation, from a storage\n    expected: the full JSON"):
        formats.find(path)


def test_labels_of_older_exports_stand_under_another_name(tmp_path: Path) -> None:
    old = html(4, 14, "& Bob\\n\\nsaid", htmllabels=["B"])
    del old["value"]["hypertextlabels"]
    assert [mark.kind for mark in read(tmp_path, task(annotation(old), data={"body": PAGE})).marks] == ["B"]


def test_html_without_offsets_in_its_text_is_refused(tmp_path: Path) -> None:
    told = message(tmp_path, task(annotation(html(4, 14, "& Bob", globalOffsets=None)), data={"body": PAGE}))
    assert "a region of HTML has an XPath only\n    expected: `globalOffsets` beside it" in told
    assert "stands at 4–14, not the quote 'Eve'" in message(
        tmp_path, task(annotation(html(4, 14, "Eve")), data={"body": PAGE})
    )


def said(start: Any, first: int, end: Any, last: int, **more: Any) -> dict[str, Any]:
    value = {"start": start, "end": end, "startOffset": first, "endOffset": last, "paragraphlabels": ["A"]} | more
    return {"id": "x", "from_name": "l", "to_name": "page", "type": "paragraphlabels", "value": value}


def test_a_dialogue_becomes_one_text(tmp_path: Path) -> None:
    talk = [{"author": "Ann", "text": "Hello."}, {"author": "Bob", "text": "Yes, yes 💩."}, {"text": "No."}]
    found = read(tmp_path, task(annotation(said("1", 5, 2, 2, text="yes 💩.\n\nNo")), data={"talk": talk}))
    assert found.documents[0].text == "Hello.\nYes, yes 💩.\nNo."
    assert (found.marks[0].start, found.marks[0].end, found.marks[0].features["author"]) == (12, 21, "Bob")
    for wrong, words in (
        (said("1", 5, "2", 2), "a paragraph with emoji, which offsets here may count twice, has no quote"),
        (said("1", 5, "9", 2, text="x"), "end is character 2 of paragraph 9"),
        (said("a", 5, "1", 2), "start is 'a'"),
    ):
        assert words in message(tmp_path, task(annotation(wrong), data={"talk": talk}))
    assert "but 0 fields of the data are dialogues" in message(tmp_path, task(annotation(said("0", 0, "0", 1))))


def test_the_words_of_a_dialogue_may_be_called_otherwise(tmp_path: Path) -> None:
    """As `textKey` of <Paragraphs> says, which no export repeats."""
    talk = [{"role": "Ann", "content": "Hello."}, {"role": "Bob", "content": "Yes, yes."}]
    data = {"talk": talk, "sources": ["a", "b"]}
    found = read(tmp_path, task(annotation(said("1", 5, "1", 8, text="yes")), data=data))
    assert found.documents[0].text == "Hello.\nYes, yes."
    assert (found.marks[0].start, found.marks[0].end, dict(found.marks[0].features)) == (12, 15, {"l": "A"})
    without = message(tmp_path, task(annotation(said("1", 5, "1", 8)), data=data))
    assert "a paragraph whose words are in no field `text` has no quote\n    expected: a quote" in without
    other = message(tmp_path, task(annotation(said("0", 0, "0", 3, text="Ann")), data=data))
    assert "'Hel' stands at 0–3, not the quote 'Ann'" in other
    named = {"talk": [{"author": "Bob", "text": "Yes."}], "by": [{"name": "Ann, who wrote it all down"}]}
    assert read(tmp_path, task(annotation(said(0, 0, 0, 3)), data=named)).documents[0].text == "Yes."


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (region("y", 28, 25, labels=["A"]), "the span 28–25 is reversed or negative"),
        (region("y", -1, 2, labels=["A"]), "the span -1–2 is reversed or negative"),
        (region("y", 1.5, 2, labels=["A"]), "start is 1.5\n    expected: a whole number"),  # type: ignore[arg-type]
        (region("y", "3", 5, labels=["A"]), "start is '3'\n    expected: a whole number"),  # type: ignore[arg-type]
        (region("z", 1, 5, labels=[{"a": 1}]), "labels holds an object"),
        (region("y", 1, 5, labels="A") | {"value": []}, "value is a list\n    expected: an object"),
        ({"id": "y"}, "type is missing or null"),
        (YES | {"type": 10**30, "value": "yes"}, "type is"),
        (3, "the result is 3\n    expected: an object"),
        (relation("y", "a", direction="up"), "the direction of a relation is 'up'"),
        ({"type": "relation"}, "a relation without from_id or to_id"),
        (region("y", 1, 2, polygonlabels=["A"]), "is of type 'polygonlabels', which is not on a text"),
    ],
)
def test_a_wrong_result_is_told_with_its_place(tmp_path: Path, wrong: Any, words: str) -> None:
    told = message(tmp_path, task(annotation(YES, wrong)))
    assert "export.json:1: task 7, annotation 1, result 2: " in told
    assert words in told


def test_one_region_has_one_span(tmp_path: Path) -> None:
    other = region("y", 2, 9, "Ann Lee", choices=["a"])
    assert "a region stands at 25–28 and at 2–9" in message(tmp_path, task(annotation(YES, other)))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ([[]], "the task is a list"),
        ([{"annotations": 3, "data": {}}], "annotations is 3"),
        ([{"annotations": [], "data": None}], "data is missing or null"),
        ([task(), task()], "task 7: this id stands twice in the file"),
        ([{"data": {"text": "a"}, "predictions": []}], "this file holds tasks without annotations"),
        ([task([])], "annotation 1: the annotation is a list"),
        ([task({"result": None})], "result is missing or null"),
    ],
)
def test_a_wrong_task_is_told_with_its_place(tmp_path: Path, wrong: list[Any], words: str) -> None:
    assert words in message(tmp_path, *wrong)


def test_many_problems_are_cut_and_counted(tmp_path: Path) -> None:
    told = message(tmp_path, task(annotation(*[{}] * 500)))
    assert told.startswith("export.json: 500 problems, of which the first 20 are shown")
    assert told.endswith("21 problems")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe[\0",
        b"[",
        b"[" * 9999,
        b'[{"annotations": [',
        b"\0\1\2",
        b'[{"id": "\\ud800"}]',
        b"[" + b"9" * 5000,
    ],
)
def test_a_broken_file_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "export.json"
    path.write_bytes(content)
    label_studio.fits(path, content[:4096])
    with pytest.raises(CorpusError, match=r"^export\.json"):
        label_studio.read(path, {})


def test_a_hub_of_relations_is_no_trap(tmp_path: Path) -> None:
    regions = [region(str(n), 2, 9, "Ann Lee", labels=["A"]) for n in range(2000)]
    links = [relation("0", str(n), f"r{n}") for n in range(2000)] + [relation(str(n), "0", "r") for n in range(2000)]
    assert "have more than 100 features" in message(tmp_path, task(annotation(*regions, *links)))


MIN = '[{"body": "x", "id": 1, "annotator": 1, "annotation_id": 2, "created_at": "2024", "lead_time": null}]'


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.json", MIN, "JSON-MIN"),
        ("a.csv", '"annotation_id","annotator","created_at","lead_time"\n1,2,3,4\n', "CSV"),
        ("a.csv", "annotation_id\tannotator\tlead_time\n1\t2\t3\n", "TSV"),
        ("a.conll", "-DOCSTART- -X- O\nx -X- _ O\n", "CoNLL"),
    ],
)
def test_exports_that_lose_too_much_are_refused(tmp_path: Path, name: str, content: str, kind: str) -> None:
    path = tmp_path / name
    path.write_text(content, "utf-8")
    assert label_studio.fits(path, content.encode()[:4096])
    with pytest.raises(CorpusError, match=f"{kind} export, which loses relations(.|\n)*next: export the project again"):
        label_studio.read(path, {})


def test_the_format_is_known_from_the_content(tmp_path: Path) -> None:
    late = saved(tmp_path, {"data": {"body": "x" * 9000}, "annotations": [annotation()]})
    assert label_studio.fits(late, late.read_bytes()[:4096])
    for other in (b"", b"\0", b"text,label\na,b\n", b'{"text": "a", "label": []}', b'[{"body": {}}]'):
        path = tmp_path / "other"
        path.write_bytes(other)
        assert not label_studio.fits(path, other)
    assert not label_studio.fits(tmp_path / "absent", b"[")


def fixture(name: str) -> Found:
    folder = os.environ.get("STANCEBOOK_FIXTURES")
    if not folder:
        pytest.skip("STANCEBOOK_FIXTURES names no folder of other people's files")
    return label_studio.read(Path(folder) / "label_studio" / name, {})


def test_a_real_export_is_read() -> None:
    found = fixture("server_1.23.2/export.json")
    assert len(found.documents) == 2
    assert Counter(mark.kind for mark in found.marks) == {
        "Statement": 2, "Speaker": 1, "Organisation": 2, "Event": 1
    }  # fmt: skip
    assert found.left_out == {"cancelled": 1}
    first = found.marks[0].features
    assert (first["stance"], first["issue"], first["said_by"], first["said_by.member_of"]) == (
        "support", "Energy/Coal phase-out", "Minister Ana Ruiz", "Greens"
    )  # fmt: skip


def test_a_real_export_with_emoji_and_all_line_ends_is_read() -> None:
    found = fixture("server_1.23.2/ui_emoji_crlf_export.json")
    assert [mark.quote for mark in found.marks] == ["Ruiz", "Unions", "Bonn", "Mac", "Berlin"]


def test_real_html_dialogue_and_choices_are_read() -> None:
    assert len(fixture("lsf_examples/rich_text_html/annotations_1.json").marks) == 4
    assert len(fixture("lsf_examples/phrases/annotations_1.json").marks) == 1
    assert len(fixture("lsf_examples/named_entity/annotations_1.json").marks) == 1
    assert fixture("lsf_examples/sentiment_analysis/annotations_1.json").marks[0].kind == "sentiment"
    with pytest.raises(CorpusError, match="not the quote 'February 22'"):
        fixture("lsf_examples/rich_text_plain/annotations_1.json")


ODD: list[Any] = [None, True, 0, -1, 3, 99, 1.0, "", "yes", "text", "choices", [], ["a"], ["a", "b"], [["a"]], [3], {}]


def alike(value: Any) -> list[Any]:
    """Values that look like this one and are not the same."""
    return {
        int: [float(value)] if isinstance(value, int) else [],
        str: ["", ""],
        list: [[""], [3], [value, value], ["A", "C"]],
    }.get(type(value), [None])


def drawn(draw: random.Random) -> list[dict[str, Any]]:
    """Results on few regions, most of them labels and choices on words, in which up to two things are odd."""
    words = {"a": (2, 9, "Ann Lee"), "b": (11, 17, "Greens"), "c": (25, 28, None), "d": (34, 99, TEXT[34:])}
    results = []
    for _ in range(draw.randint(1, 5)):
        name = draw.choice("aaaaaabbbbbbccd")
        start, end, text = words[name]
        kind = draw.choice(["labels", "labels", "choices", "choices", "textarea", "taxonomy", "hypertextlabels"])
        results.append(region(name, start, end, text, **{kind: [draw.choice(["A", "B"])]}))
        results[-1]["from_name"] = draw.choice(["label", "stance"])
        if draw.random() < 0.1:
            results[-1]["meta"] = {"text": [draw.choice("mn")]}
    results += [relation("a", "b", "by")] * draw.randint(0, 1)
    for _ in range(draw.choice([0, 0, 1, 2])):
        result = draw.choice(results)
        held = draw.choice([result, result["value"]]) if isinstance(result.get("value"), dict) else result
        key = draw.choice([*held, "startOffset", "x"])
        held[key] = copy.deepcopy(draw.choice(draw.choice([ODD, alike(held.get(key))])))
        if draw.random() < 0.2:
            del held[key]
    return results


def test_the_short_way_and_the_long_way_find_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draw = random.Random(7)  # noqa: S311  # drawn alike each time
    short, added = regions._is_added, Counter[bool]()

    def counted(*given: Any) -> bool:
        is_added = short(*given)
        added[is_added] += 1
        return is_added

    def told(tasks: list[Any]) -> Any:
        try:
            return read(tmp_path, *tasks)
        except CorpusError as error:
            return str(error)

    for _ in range(1500):
        texts = [{"body": TEXT}, {"body": TEXT, "title": TEXT[:20]}, {"title": "no", "body": TEXT}, {"title": TEXT}]
        first, data = draw.choices(texts, [3, 2, 2, 1], k=2)
        page = region("h", 0, 0, "Ann Lee", hypertextlabels=["A"])
        page["value"] |= {"start": "/p", "globalOffsets": {"start": 2, "end": 9}}
        notes = [annotation(*drawn(draw), completed_by=coder) for coder in draw.choice(["1", "12", "11"])]
        tasks = [task(annotation(draw.choice([ANN, ANN, ANN, page])), id=6, data=first), task(*notes, data=data)]
        monkeypatch.setattr(regions, "_is_added", counted)
        shortly = told(tasks)
        monkeypatch.setattr(regions, "_is_added", lambda *_: False)
        assert shortly == told(tasks), tasks
    assert min(added.values()) > 300
