"""A CATMA project: names for ids, spans in pieces, UTF-16 offsets, and nothing read from outside the folder."""

import copy
import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from analysis.errors import CorpusError
from analysis.readers.found import Found
from analysis.readers.w3c import catma

TEXT = "😀 Ann said yes.\r\nBob said no.\n"


def definition(name: str, parent: str = "") -> dict[str, Any]:
    return {
        "name": name,
        "uuid": f"tag-{name}",
        "parentUuid": parent,
        "systemPropertyDefinitions": {"s1": {"name": "catma_markupauthor"}, "s2": {"name": "catma_displaycolor"}},
        "userDefinedPropertyDefinitions": {"u1": {"name": "speaker"}, "u2": {"name": "tone"}},
    }


def annotation(
    *ranges: tuple[Any, Any], name: str = "a1", tag: str = "tag-Support", **user: list[str]
) -> dict[str, Any]:
    items = [{"source": "D1", "selector": {"start": start, "end": end}} for start, end in ranges]
    properties = {"system": {"s1": ["eve"], "s2": ["-1"]}, "user": user}
    body = {"tagset": "tagsets/T1", "tag": f"tagsets/T1/{tag}", "properties": properties}
    return {"id": f"collections/C1/annotations/{name}", "body": body, "target": {"items": items}}


def project(*annotations: Any) -> dict[str, Any]:
    """A project's files by their place in it."""
    facts = {
        "gitContentInfoSet": {"title": "The toll", "author": "", "publisher": None},
        "gitTechInfoSet": {"fileName": "t"},
    }
    return {
        "documents/D1/header.json": facts,
        "documents/D1/D1.txt": TEXT,
        "documents/D1/D1_orig.text": "not this one",
        "collections/C1/header.json": {"name": "first", "responsibleUser": "max", "sourceDocumentId": "D1"},
        "collections/C1/annotations/eve_0.json": list(annotations),
        "tagsets/T1/header.json": {"name": "Stances"},
        "tagsets/T1/tag-Stance/propertydefs.json": definition("Stance"),
        "tagsets/T1/tag-Stance/tag-Support/propertydefs.json": definition("Support", "tag-Stance"),
    }


def write(folder: Path, files: dict[str, Any]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((content if name.endswith((".txt", ".text")) else json.dumps(content)).encode())
    return folder


def read(folder: Path, files: dict[str, Any]) -> Found:
    return catma.read(write(folder, files), {})


def refused(folder: Path, files: dict[str, Any]) -> str:
    with pytest.raises(CorpusError) as error:
        read(folder, files)
    return str(error.value)


def test_tags_and_properties_come_by_name_and_offsets_as_code_points(tmp_path: Path) -> None:
    one = annotation((3, 11), (12, 15), u1=["Ann"], u2=["glad", "", "loud"], u9=["x"])
    found = read(tmp_path, project(one, annotation((18, 21), name="a2", tag="tag-Stance")))
    where = "collections/C1/annotations/eve_0.json: annotation "
    said = {"speaker": "Ann", "tone": ["glad", "loud"], "u9": "x", "collection": "first", "tagset": "Stances"}
    assert found.documents == [("D1", TEXT, {"title": "The toll", "fileName": "t"}, "documents/D1/D1.txt")]
    assert found.marks == [
        ("D1", "eve", "a1", "Stance/Support", 2, 14, "Ann said yes", ((2, 10), (11, 14)), said, f"{where}'a1'"),
        (
            "D1",
            "eve",
            "a2",
            "Stance",
            18 - 1,
            20,
            "Bob",
            (),
            {"collection": "first", "tagset": "Stances"},
            f"{where}'a2'",
        ),
    ]
    assert found.left_out == Counter()


def test_ranges_may_stand_in_any_order(tmp_path: Path) -> None:
    (mark,) = read(tmp_path, project(annotation((12, 15), (3, 6)))).marks
    assert (mark.pieces, mark.quote) == (((2, 5), (11, 14)), "Ann yes")


def test_ranges_that_touch_are_joined_without_a_space(tmp_path: Path) -> None:
    (mark,) = read(tmp_path, project(annotation((3, 5), (5, 6)))).marks
    assert (mark.start, mark.end, mark.quote) == (2, 5, "Ann")


def test_who_is_not_named_is_the_collections_person_or_main(tmp_path: Path) -> None:
    files = project(annotation((3, 6)))
    del files["collections/C1/annotations/eve_0.json"][0]["body"]["properties"]
    assert [mark.coder for mark in read(tmp_path, files).marks] == ["max"]
    del files["collections/C1/header.json"]["responsibleUser"]
    assert [mark.coder for mark in read(tmp_path, files).marks] == ["main"]


def test_deleted_tags_and_empty_spans_are_left_out_and_counted(tmp_path: Path) -> None:
    found = read(tmp_path, project(annotation((3, 6), tag="tag-Gone"), annotation((3, 3), name="a2")))
    assert (found.marks, found.left_out) == ([], Counter({"tags that are deleted": 1, "empty spans": 1}))


def test_a_file_may_hold_one_annotation_and_a_document_none(tmp_path: Path) -> None:
    files = project() | {"collections/C1/annotations/CATMA_1.json": annotation((3, 6))}
    assert [mark.quote for mark in read(tmp_path, files).marks] == ["Ann"]
    (tmp_path / "bare").mkdir()
    bare = {name: content for name, content in project().items() if not name.startswith("collections/C1/ann")}
    assert len(read(tmp_path / "bare", bare).documents) == 1


def test_offsets_of_another_unit_are_read_on_request(tmp_path: Path) -> None:
    folder = write(tmp_path, project(annotation((2, 5))))
    assert catma.read(folder, {"offset_unit": "code points"}).marks[0].quote == "Ann"


def test_a_very_long_quote_is_left_to_the_text(tmp_path: Path) -> None:
    files = project(annotation((0, 10_000)), annotation((0, 10_001), name="a2"))
    files["documents/D1/D1.txt"] = "x" * 20_000
    assert [mark.quote for mark in read(tmp_path, files).marks] == ["x" * 10_000, None]


def change(*path: Any, to: Any) -> dict[str, Any]:
    """The project with one value changed; taken out where `to` is Ellipsis."""
    files = project(annotation((3, 6), u1=["Ann"]))
    inner: Any = files
    for key in path[:-1]:
        inner = inner[key]
    if to is ...:
        del inner[path[-1]]
    else:
        inner[path[-1]] = to
    return files


NOTES = "collections/C1/annotations/eve_0.json"
SUPPORT = "tagsets/T1/tag-Stance/tag-Support/propertydefs.json"


@pytest.mark.parametrize(
    ("files", "told"),
    [
        (change(NOTES, 0, to=7), f"{NOTES}: annotation 'number 1': it is 7"),
        (change(NOTES, 0, "body", "tag", to=None), "body.tag is missing or null"),
        (change(NOTES, 0, "body", "tagset", to="tagsets/T9"), "this fits"),
        (change(NOTES, 0, "body", "properties", "user", "u1", to="Ann"), "user.u1 is 'Ann'"),
        (change(NOTES, 0, "target", "items", to=[]), "it is on nothing"),
        (change(NOTES, 0, "target", "items", 0, "source", to="D9"), "it is on 'D9'\n    expected: one of D1"),
        (change(NOTES, 0, "target", "items", 0, "selector", "start", to="3"), "start is '3'"),
        (change(NOTES, 0, "target", "items", 0, "selector", "start", to=-3), "the span -3–6"),
        (change(NOTES, 0, "target", "items", 0, "selector", "start", to=9), "the span 9–6"),
        (change(NOTES, 0, "target", "items", 0, "selector", "start", to=1), "offset 1 is in the middle of a character"),
        (change(NOTES, 0, "target", "items", 0, "selector", "end", to=10**30), "0 ≤ start ≤ end ≤ 31"),
        (change("tagsets/T1/header.json", "name", to=None), "tagsets/T1/header.json: the file: name is missing"),
        (
            change(SUPPORT, "uuid", to="tag-Stance"),
            "the tag 'tag-Stance' is in tagsets/T1/tag-Stance/propertydefs.json",
        ),
        (change(SUPPORT, "parentUuid", to="tag-Support"), "the tags above it go on in a circle"),
        (change("documents/D1/D1.txt", to=...), "documents/D1/header.json: the file: its text D1.txt is missing"),
        (change("documents/D1/header.json", to=...), "documents/D1/header.json: the file is missing"),
        (change("collections/C1/header.json", to=...), "collections/C1/header.json: the file is missing"),
        (project(annotation((3, 6)), annotation((3, 6))), f"this id stands in {NOTES} already"),
    ],
)
def test_wrong_values_are_told_with_their_file(tmp_path: Path, files: dict[str, Any], told: str) -> None:
    if told == "this fits":  # the tag is there, whatever the annotation calls its tagset
        assert len(read(tmp_path, files).marks) == 1
    else:
        assert told in refused(tmp_path, files)


def test_a_tagset_that_is_not_there_is_told(tmp_path: Path) -> None:
    files = {name: content for name, content in project(annotation((3, 6))).items() if not name.startswith("tagsets")}
    assert "its tagset 'T1' is not in the project" in refused(tmp_path, files)


def test_broken_json_is_told_with_its_place_in_the_project(tmp_path: Path) -> None:
    write(tmp_path, project())
    (tmp_path / NOTES).write_text('[\n{"id": 1,')
    with pytest.raises(CorpusError, match=f"{NOTES}:2: the file ends in the middle"):
        catma.read(tmp_path, {})


@pytest.mark.parametrize("place", ["documents/D1/D1.txt", "collections/C2", "tagsets/T1/x.json"])
def test_links_are_not_followed(tmp_path: Path, place: str) -> None:
    (tmp_path / "outside").mkdir()
    folder = write(tmp_path / "project", project())
    (folder / place).unlink(missing_ok=True)
    (folder / place).symlink_to(tmp_path / "outside")
    with pytest.raises(CorpusError, match=f"{place}: this is a link, and links are not followed"):
        catma.read(folder, {})


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container in a JSON value, with each of its keys."""
    pairs = list(value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ())
    for key, inner in pairs:
        yield value, key
        yield from places(inner)


@pytest.mark.parametrize("bad", [None, [], {}, [[]], [{}], "x", -1, 1.5, float("nan"), True])
def test_a_wrong_type_anywhere_is_an_error_of_ours_or_left_out(tmp_path: Path, bad: Any) -> None:
    whole = project(annotation((3, 6), u1=["Ann"]))
    for name, content in whole.items():
        write(tmp_path, whole)
        for number in range(len(list(places(content)))):
            value = copy.deepcopy(content)
            container, key = list(places(value))[number]
            container[key] = bad
            try:
                assert isinstance(read(tmp_path, {name: value}), Found)
            except CorpusError as error:
                assert error.problems  # noqa: PT017  # either is right


def test_what_fits(tmp_path: Path) -> None:
    write(tmp_path / "CATMA_1", project())
    assert catma.fits(tmp_path / "CATMA_1", b"")
    assert catma.fits(tmp_path, b"")  # a folder with nothing but the project
    (tmp_path / "other").mkdir()
    assert not catma.fits(tmp_path, b"")
    assert not catma.fits(tmp_path / "nowhere", b"")
    with pytest.raises(CorpusError, match="this is no CATMA project"):
        catma.read(tmp_path, {})


FIXTURES = Path(os.environ.get("STANCEBOOK_FIXTURES", ""))


@pytest.mark.skipif("STANCEBOOK_FIXTURES" not in os.environ, reason="STANCEBOOK_FIXTURES names no folder")
def test_the_demo_project_of_gitma_comes_out_whole() -> None:
    (folder,) = (FIXTURES / "catma_git").iterdir()
    manifest = json.loads((FIXTURES / "MANIFEST.json").read_text())
    expected = {
        Path(key).name.removesuffix("_0.json"): value["must_contain"]
        for key, value in manifest.items()
        if key.startswith("catma_git/") and "annotations" in value["must_contain"]
    }
    found = catma.read(folder, {})
    ids = {
        json.loads(path.read_text())["name"]: path.parent.name
        for path in (folder / "tagsets").rglob("propertydefs.json")
    }
    assert {mark.coder for mark in found.marks} == expected.keys() == {"MVauth", "mvgoogle"}
    for coder, told in expected.items():
        marks = [mark for mark in found.marks if mark.coder == coder]
        assert len(marks) == told["annotations"]
        assert sum(max(1, len(mark.pieces)) for mark in marks) == told["ranges"]
        assert sum(bool(mark.pieces) for mark in marks) == told["multi_range"]
        assert Counter(ids[mark.kind] for mark in marks) == told["tags"]
    first = found.marks[0]
    assert first.quote == "One morning, as Gregor Samsa was waking up from anxious dreams"
    assert first.features["representation_type"] == "narrator_speech"
