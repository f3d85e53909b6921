"""W3C annotations in their dialects: anchored by quote first, by position second, and every wrong type told."""

import copy
import json
import os
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from analysis.errors import CorpusError
from analysis.readers import w3c
from analysis.readers.found import Found
from analysis.readers.w3c import usual
from analysis.readers.w3c.anchors import Page

TEXT = "Ann said yes.\nBob said no, and Ann said yes again.\n"
URL = "https://news.example/2024/toll"


def quote(exact: str, prefix: str = "", suffix: str = "") -> dict[str, Any]:
    return {"type": "TextQuoteSelector", "exact": exact, "prefix": prefix, "suffix": suffix}


def position(start: Any, end: Any) -> dict[str, Any]:
    return {"type": "TextPositionSelector", "start": start, "end": end}


def annotation(*selectors: dict[str, Any], **more: Any) -> dict[str, Any]:
    target = {"source": URL, "selector": list(selectors)}
    return {"type": "Annotation", "id": "a1", "target": target, **more}


def tag(value: str, **more: Any) -> dict[str, Any]:
    return {"type": "TextualBody", "value": value, "purpose": "tagging", **more}


def write(folder: Path, value: Any, text: str | None = TEXT) -> Path:
    if text is not None:
        (folder / "toll.txt").write_bytes(text.encode())
    path = folder / "toll.json"
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def read(folder: Path, value: Any, text: str | None = TEXT) -> Found:
    return w3c.read(write(folder, value, text), {})


def spans(found: Found) -> list[tuple[int | None, int | None]]:
    return [(mark.start, mark.end) for mark in found.marks]


def refused(folder: Path, value: Any, text: str | None = TEXT) -> str:
    with pytest.raises(CorpusError) as error:
        read(folder, value, text)
    return str(error.value)


@pytest.mark.parametrize("text", [TEXT, None])
@pytest.mark.parametrize(("second", "expected"), [((3, 7), "Ann Lee"), ((4, 7), "Ann Lee")])
def test_pieces_are_joined_by_what_stands_between_them(
    tmp_path: Path, second: tuple[int, int], expected: str, text: str | None
) -> None:
    """Of those that touch nothing does, also where only the positions tell it."""
    words = "Ann Lee"
    items = [
        {"source": URL, "selector": [quote(words[start:end]), position(start, end)]} for start, end in ((0, 3), second)
    ]
    value = {"type": "Annotation", "id": "a1", "target": {"type": "List", "items": items}, "body": [tag("x")]}
    (mark,) = read(tmp_path, value, text and text.replace(TEXT[:7], words)).marks
    assert mark.quote == expected


def test_tags_are_marks_on_one_span_and_other_bodies_features(tmp_path: Path) -> None:
    bodies = [
        tag("support"),
        {"type": "TextualBody", "value": "sure", "purpose": "commenting"},
        tag("toll"),
        {"type": "TextualBody", "value": "Q1", "purpose": ["identifying", "linking"]},
        "https://other.example/",
    ]
    one = annotation(quote("Bob"), body=bodies, creator={"id": "u7", "name": "Eve"})
    found = read(tmp_path, {"@context": "http://www.w3.org/ns/anno.jsonld", **one})
    features = {"comment": ["sure", "https://other.example/"], "identifying": "Q1", "linking": "Q1"}
    where = "toll.json: annotation 'a1'"
    assert found.marks == [
        (URL, "Eve", "a1", "support", 14, 17, "Bob", (), features, where),
        (URL, "Eve", "a1.2", "toll", 14, 17, "Bob", (), features, where),
    ]
    assert found.documents == [(URL, TEXT, {"url": URL}, "toll.txt")]


def test_hypothesis_rows(tmp_path: Path) -> None:
    row = {
        "id": "h1",
        "user": "acct:eve@hypothes.is",
        "uri": URL,
        "tags": ["oppose"],
        "text": "clear",
        "document": {"title": ["The toll"]},
        "target": [{"source": URL, "selector": [{"type": "RangeSelector"}, position(14, 17), quote("Bob")]}],
    }
    reply = {**row, "id": "h2", "references": ["h1"], "target": [{"source": URL}]}
    page_note = {**row, "id": "h3", "target": [{"source": URL}], "tags": []}
    rows = [row, reply, page_note, {**row, "id": "h4", "hidden": True}, {**row, "id": "h5", "deleted": True}]
    found = read(tmp_path, {"total": 9, "rows": rows})
    assert found.documents[0].facts == {"url": URL, "title": "The toll"}
    assert [(m.name, m.coder, m.kind, m.start, m.features) for m in found.marks] == [
        ("h1", "acct:eve@hypothes.is", "oppose", 14, {"comment": "clear"}),
        ("h3", "acct:eve@hypothes.is", "annotation", None, {"comment": "clear"}),
    ]
    part = "not in the file, which holds a part of a search"
    assert found.left_out == Counter({"replies": 1, "hidden by a moderator": 1, "deleted": 1, part: 4})


@pytest.mark.parametrize(
    ("selectors", "span"),
    [
        ([quote("Bob")], (14, 17)),
        ([quote("Ann said yes", suffix=" again")], (31, 43)),
        ([quote("Ann said yes", prefix="and ")], (31, 43)),
        ([quote("Ann said yes", prefix="changed since ", suffix=" again")], (31, 43)),
        ([quote("Ann said yes", prefix="and ", suffix="!")], (31, 43)),
        ([quote("Ann said yes"), position(0, 12)], (0, 12)),
        ([quote("Ann said yes"), position(31, 43)], (31, 43)),
        ([position(31, 43), quote("Ann said yes")], (31, 43)),
        ([quote("Bob"), position(0, 3)], (14, 17)),  # the quote decides
        ([quote("Ann said yes", suffix=" again"), position(0, 12)], (31, 43)),
        ([position(14, 17)], (14, 17)),
        ([{"type": "XPathSelector", "value": "/p", "refinedBy": [quote("Bob"), position(0, 3)]}], (14, 17)),
        ([{"type": "Choice", "items": [quote("Bob")]}], (14, 17)),
    ],
)
def test_the_quote_finds_its_place_and_the_position_chooses(
    tmp_path: Path, selectors: list[dict[str, Any]], span: tuple[int, int]
) -> None:
    assert spans(read(tmp_path, annotation(*selectors))) == [span]


@pytest.mark.parametrize(
    ("selectors", "told"),
    [
        ([quote("Bob said no and Ann")], "the nearest passage is 'yes. Bob said no, and Ann'"),
        ([quote("Ann  said yes")], "is not in the article"),  # spaces are not forgiven
        ([quote("Ann said yes")], "the quote 'Ann said yes' stands in several places of the text"),
        ([quote("Ann said yes"), position(1, 13)], "stands in several places"),
        ([position(0, 999)], "the position (0, 999) is not in the text"),
    ],
)
def test_a_quote_without_one_place_is_told(tmp_path: Path, selectors: list[dict[str, Any]], told: str) -> None:
    assert told in refused(tmp_path, annotation(*selectors))


def test_positions_count_as_the_standard_says_or_as_browsers_do_whichever_fits(tmp_path: Path) -> None:
    text = "😀 yes yes yes"
    assert spans(read(tmp_path, annotation(quote("yes"), position(2, 5)), text)) == [(2, 5)]
    assert spans(read(tmp_path, annotation(quote("yes"), position(7, 10)), text)) == [(6, 9)]
    assert "the option offset_unit" in refused(tmp_path, annotation(position(3, 6)), text)
    path = write(tmp_path, annotation(position(3, 6)), text)
    assert spans(w3c.read(path, {"offset_unit": "utf-16"})) == [(2, 5)]
    assert spans(w3c.read(path, {"offset_unit": "code points"})) == [(3, 6)]
    path = write(tmp_path, annotation(position(3, 6)), "\u1100 yes yes")
    with pytest.raises(CorpusError, match="graphemes of this text cannot be counted with certainty"):
        w3c.read(path, {"offset_unit": "graphemes"})
    assert spans(read(tmp_path, {"total": 1, "rows": [annotation(position(3, 6))]}, text)) == [(2, 5)]


@pytest.mark.parametrize("key", ["type", "@type"])
@pytest.mark.parametrize("form", ["{}", "oa:{}", ["{}"], ["Content", "oa:{}"]])
def test_a_type_may_have_its_prefix_or_be_one_of_several(tmp_path: Path, key: str, form: str | list[str]) -> None:
    """JSON-LD lets it, and drafts of the standard had it so: what is said twice in the text needs the position."""
    several = form if isinstance(form, list) else [form]
    selectors = [quote("Ann said yes"), position(31, 43)]
    for selector in selectors:
        kinds = [each.format(selector["type"]) for each in several]
        selector[key] = kinds if isinstance(form, list) else kinds[0]
        if key == "@type":
            del selector["type"]
    assert spans(read(tmp_path, annotation(*selectors))) == [(31, 43)]
    assert spans(read(tmp_path, annotation(quote("Ann said yes"), selectors[1]))) == [(31, 43)]
    assert spans(read(tmp_path, annotation(selectors[1]))) == [(31, 43)]


def test_a_page_is_read_as_a_browser_shows_it(tmp_path: Path) -> None:
    page = "<head><title>T</title></head><body>\r\n<p>One <b>Zwölf</b><!-- no --></p><script>x</script> two</body>"
    (tmp_path / "toll.html").write_bytes(page.encode())
    found = read(tmp_path, annotation(quote("Zwölf")), None)
    assert (found.documents[0].text, found.documents[0].where) == ("\nOne Zwölfx two", "toll.html")
    assert spans(found) == [(5, 10)]
    (tmp_path / "toll.html").write_bytes(b"<meta charset=latin-1><p>Zw\xf6lf")
    assert spans(read(tmp_path, annotation(quote("Zwölf")), None)) == [(0, 5)]
    (tmp_path / "toll.html").write_bytes(b"<p>Zw\xf6lf")
    assert "toll.html:1: the file is not UTF-8 text" in refused(tmp_path, annotation(quote("Zwölf")), None)
    (tmp_path / "toll.html").write_bytes(b"  ")
    assert "this page has no text" in refused(tmp_path, annotation(quote("Zwölf")), None)


def test_a_text_from_windows_is_counted_as_a_browser_counts_it(tmp_path: Path) -> None:
    found = read(tmp_path, annotation(quote("yes.\nBob")), "\ufeff" + TEXT.replace("\n", "\r\n"))
    assert (found.documents[0].text, spans(found)) == (TEXT, [(9, 17)])


def test_without_a_text_quotes_are_kept_and_have_no_offsets(tmp_path: Path) -> None:
    found = read(tmp_path, annotation(quote("Ann said yes"), position(0, 12)), None)
    assert (found.documents[0].text, found.documents[0].where) == (None, "toll.json")
    assert [(m.start, m.end, m.quote, m.pieces) for m in found.marks] == [(None, None, "Ann said yes", ())]


def test_the_annotations_are_not_their_own_text(tmp_path: Path) -> None:
    path = tmp_path / "toll.txt"
    path.write_text(json.dumps(annotation(quote("Ann"))), encoding="utf-8")
    assert spans(w3c.read(path, {})) == [(None, None)]


def test_a_position_alone_needs_a_text(tmp_path: Path) -> None:
    told = refused(tmp_path, annotation(position(0, 12)), None)
    assert "it has a position, and no quote or text to look in" in told
    assert "put the text beside it as toll.txt" in told


def test_of_several_pages_each_takes_the_file_named_like_its_address(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("Ann said yes.")
    (tmp_path / "two.html").write_text("<p>Bob said no.")
    sources = ["https://x.example/one?a=b#c", "https://x.example/two.html", "https://x.example/three/"]
    values = [{"id": f"{n}", "target": {"source": s, "selector": quote("said")}} for n, s in enumerate(sources)]
    found = read(tmp_path, values)  # toll.txt is nobody's
    assert [document.where for document in found.documents] == ["one.txt", "two.html", "toll.json"]
    assert spans(found) == [(4, 8), (4, 8), (None, None)]


def test_pages_and_collections_are_unpacked(tmp_path: Path) -> None:
    inner = [annotation(quote("Bob"), id=f"a{n}") for n in range(4)]
    last = {"type": "AnnotationPage", "items": [inner[1], "https://x.example/anno/9"], "next": "https://x.example/p3"}
    page = {"type": "AnnotationPage", "items": inner[:1], "next": last}
    found = read(tmp_path, {"type": "AnnotationCollection", "total": 9, "first": page})
    assert [mark.name for mark in found.marks] == ["a0", "a1"]
    assert found.left_out == Counter({"given by address only": 2})
    for packed in (inner, {"items": inner}, {"annotations": inner}, {"@graph": inner}):
        assert len(read(tmp_path, packed).marks) == 4


def test_recogito_links_annotations_and_writes_pieces_and_creators_of_bodies(tmp_path: Path) -> None:
    pieces = [{"quote": "Bob", "start": 14, "end": 17}, {"quote": "no", "start": 23, "end": 25}]
    bodies = [tag("Refusal", creator={"id": "e", "name": "Eve"}), tag("No", creator={"id": "m", "name": "Max"})]
    values = [
        {"id": "r1", "bodies": bodies, "target": {"selector": pieces}},
        annotation(quote("Bob"), id="r2", body=[tag("Person"), {"value": "male"}]),
        {"id": "r3", "motivation": "linking", "body": tag("speaker"), "target": [{"id": "r1"}, {"id": "r2"}]},
        {"id": "r4", "motivation": "linking", "body": tag("speaker"), "target": [{"id": "r1"}, {"id": "r9"}]},
        {"id": "r5", "motivation": "replying", "target": "r1"},
        {"id": "r6", "body": "yes", "target": "r1"},
    ]
    values[0]["target"]["source"] = URL
    found = read(tmp_path, values)
    speaker = {"speaker": "Bob", "speaker.kind": "Person", "speaker.comment": "male"}
    assert [(m.name, m.coder, m.kind, m.quote, m.pieces, m.features) for m in found.marks] == [
        ("r1", "Eve", "Refusal", "Bob no", ((14, 17), (23, 25)), speaker),
        ("r1.2", "Max", "No", "Bob no", ((14, 17), (23, 25)), speaker),
        ("r2", "main", "Person", "Bob", (), {"comment": "male"}),
    ]
    assert found.left_out == Counter({"links to what is left out or not in the file": 1, "replies": 2})


def test_two_people_of_one_name_stay_two(tmp_path: Path) -> None:
    people = [{"id": "u1", "name": "Eve"}, {"id": "u2", "name": "Eve"}, {"id": "u3"}, "Max"]
    values = [annotation(quote("Bob"), id=f"a{n}", creator=creator) for n, creator in enumerate(people)]
    assert [mark.coder for mark in read(tmp_path, values).marks] == ["Eve", "Eve (u2)", "u3", "Max"]


def test_what_is_on_no_words_is_left_out_and_counted(tmp_path: Path) -> None:
    region = {"type": "FragmentSelector", "value": "xywh=1,1,2,2"}
    values = [annotation(region), annotation(position(3, 3), id="a2"), annotation(id="a3") | {"target": URL}]
    found = read(tmp_path, values)
    assert [(mark.name, mark.start) for mark in found.marks] == [("a3", None)]
    assert found.left_out == Counter({"without the words or position of a span": 1, "empty spans": 1})


def test_a_list_target_is_one_span_in_pieces_and_other_targets_are_marks_each(tmp_path: Path) -> None:
    items = [{"source": URL, "selector": quote(words)} for words in ("Bob", "no")]
    found = read(tmp_path, {"id": "a1", "target": {"type": "List", "items": items}})
    assert [(mark.quote, mark.pieces) for mark in found.marks] == [("Bob no", ((14, 17), (23, 25)))]
    found = read(tmp_path, {"id": "a1", "target": items})
    assert [(mark.name, mark.quote) for mark in found.marks] == [("a1", "Bob"), ("a1.2", "no")]


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({}, "there is no annotation in it"),
        ([1], "the file: an annotation is 1"),
        ({"rows": {}}, "rows is an object"),
        (annotation(quote(7)), "annotation 'a1': exact is 7"),  # type: ignore[arg-type]
        (annotation(position("4", 7)), "start is '4'"),
        (annotation(position(start=True, end=7)), "start is True"),
        (annotation(position(4.0, 7)), "start is 4.0"),
        (annotation(position(7, 4)), "the span 7–4 is not in the text"),
        (annotation(position(-1, 4)), "the span -1–4"),
        (annotation(position(1, 10**400)), "is not in the text"),
        (annotation(position(float("nan"), 4)), "start is nan"),
        ([annotation(quote("Bob")), annotation(quote("Bob"))], "this id stands in the file twice"),
        (annotation(quote("Bob"), body=[tag(str(n)) for n in range(2000)]), "it makes 2000 marks"),
        ([{"body": {"tagset": "t"}}], "give the project's folder"),
    ],
)
def test_wrong_values_are_told_with_the_annotation(tmp_path: Path, value: Any, told: str) -> None:
    assert told in refused(tmp_path, value)


@pytest.mark.parametrize("content", [b"", b"[", b'[{"id": "a"', b"\xff\xfe[", b"[" * 100_000, b"\x89PNG\r\n\x1a\n\0"])
def test_broken_files_are_errors_of_ours(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "toll.json"
    path.write_bytes(content)
    with pytest.raises(CorpusError, match=r"toll\.json"):
        w3c.read(path, {})


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container in a JSON value, with each of its keys."""
    pairs = list(value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ())
    for key, inner in pairs:
        yield value, key
        yield from places(inner)


def test_a_wrong_type_anywhere_is_an_error_of_ours_or_left_out(tmp_path: Path) -> None:
    target = {
        "type": "List",
        "items": [{"source": {"id": URL}, "selector": [quote("Bob", "\n", " said"), position(1, 2)]}],
    }
    whole = {
        "first": {
            "items": [
                {
                    "id": "a",
                    "target": target,
                    "motivation": ["x"],
                    "creator": [{"name": "E", "id": "e"}],
                    "body": tag("t"),
                },
                {
                    "id": "b",
                    "uri": URL,
                    "user": "u",
                    "text": "t",
                    "tags": ["x"],
                    "document": {"title": ["t"]},
                    "target": [URL],
                },
                {"id": "c", "motivation": "linking", "body": [tag("r")], "target": [{"id": "a"}, {"id": "b"}]},
                {
                    "id": "d",
                    "bodies": [{"items": [{"source": {"id": "x"}}]}],
                    "target": {"selector": [{"quote": "Bob"}]},
                },
            ],
            "next": "x",
        }
    }
    assert len(read(tmp_path, whole).marks) == 3
    for number in range(len(list(places(whole)))):
        for bad in (None, [], {}, [[]], [{}], "x", 1.5, True):
            value = copy.deepcopy(whole)
            container, key = list(places(value))[number]
            container[key] = bad
            try:
                assert isinstance(read(tmp_path, value), Found)
            except CorpusError as error:
                assert error.problems  # noqa: PT017  # either is right


ODD: list[Any] = [None, True, 0, -1, 12, 1.5, "", " ", "x", "replying", "linking", "tagging", [], ["x"], [[]], {}, [{}]]
CREATORS: list[Any] = ["Eve", {"id": "u1", "name": "Eve"}, {"id": "u2", "name": "Eve"}, [{"name": "Max"}]]


def drawn(draw: random.Random, name: str, text: str) -> dict[str, Any]:
    """An annotation of the usual form in one dialect or another, in which up to two things are odd."""
    start, end = draw.choice([(0, 3), (0, 12), (31, 43), (14, 17)])
    words, shift = text[start:end], draw.choice([0, 0, 0, 1])
    forms = [
        quote(words, text[max(start - 4, 0) : start], text[end : end + 4]),
        position(start + shift, end + draw.choice([shift, shift, shift, 2])),
    ]
    forms = draw.choice([forms, forms[:1], forms[::-1], [{"type": "RangeSelector"}, *forms], forms[1:]])
    target: Any = draw.choice([{"source": URL, "selector": forms}, [{"source": URL, "selector": forms}], f"{URL}#x"])
    record: dict[str, Any] = {"id": name, "target": target}
    said: list[dict[str, Any]] = [
        {"body": [tag("a")]},
        {"body": tag("a"), "motivation": "tagging"},
        {"body": [tag("a"), {"value": "sure"}, tag("b")], "motivation": "linking"},
        {"body": [tag("a", creator=draw.choice(CREATORS))], "motivation": ["tagging"]},
        {"body": [tag("a"), tag("b", creator=draw.choice(CREATORS))]},
        {"body": [{"value": "a"}], "motivation": "tagging"},
        {"body": [tag("a")], "motivation": "replying"},
        {"user": "u", "uri": URL, "tags": ["a", "b"], "text": "clear", "document": {"title": ["The toll"]}},
    ]
    record |= draw.choice(said)
    if draw.random() < 0.5:
        record["creator"] = draw.choice(CREATORS)
    for _ in range(draw.choice([0, 0, 1, 2])):
        container, key = draw.choice(list(places(record)))
        new = draw.choice(
            ["deleted", "references", "hidden", "items", "refinedBy", "quote", "bodies", "user", key, key]
        )
        container[new if isinstance(container, dict) else key] = copy.deepcopy(draw.choice(ODD))
    return record


@pytest.mark.parametrize("text", [TEXT, TEXT.replace("yes", "😀es"), None])
def test_the_short_way_and_the_long_way_find_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None
) -> None:
    draw = random.Random(7)  # noqa: S311  # drawn alike each time
    note, marks, at_position, n_short = usual.note, usual.marks, Page.at_position, 0

    def told(values: list[Any]) -> Any:
        try:
            return read(tmp_path, values, text)
        except CorpusError as error:
            return str(error)

    def counted(*given: Any) -> Any:
        nonlocal n_short
        found = (marks if text else note)(*given)
        n_short += bool(found)
        return found

    for _ in range(300):
        values = [drawn(draw, f"a{n}", text or TEXT) for n in range(draw.randint(1, 4))]
        with monkeypatch.context() as patch:
            patch.setattr(usual, "marks" if text else "note", counted)
            shortly = told(values)
            patch.setattr(usual, "note", lambda *_: None)
            patch.setattr(usual, "marks", lambda *_: [])
            patch.setattr(Page, "at_position", lambda *_: None)
            assert shortly == told(values), values
    assert (usual.note, usual.marks, Page.at_position) == (note, marks, at_position)
    assert n_short > 40


def test_only_the_first_twenty_lost_quotes_are_looked_into(tmp_path: Path) -> None:
    values = [annotation(quote(f"{n} nobody said this"), id=f"a{n}") for n in range(300)]
    told = refused(tmp_path, values, "some other words " * 1000)
    assert told.startswith("toll.json: 300 problems, of which the first 20 are shown")


def test_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "toll.txt").symlink_to(tmp_path / "secret")
    assert "links are not followed" in refused(tmp_path, annotation(quote("Bob")), None)


def test_what_fits(tmp_path: Path) -> None:
    path = tmp_path / "toll.json"
    for value in (
        annotation(quote("Bob")),
        [annotation(quote("Bob"))],
        {"total": 0, "rows": []},
        [{"uri": URL, "target": [{"selector": []}]}],
        {"@context": "http://www.w3.org/ns/anno.jsonld", "items": []},
    ):
        assert w3c.fits(path, b"\xef\xbb\xbf " + json.dumps(value, indent=1).encode())
    for head in (b"", b'{"type": "object"}', b'"type": "Annotation"', b'[{"id": 1, "annotations": []}]', b"\xff\0"):
        assert not w3c.fits(path, head)


FIXTURES = Path(os.environ.get("STANCEBOOK_FIXTURES", "")) / "hypothesis_w3c"
needs_fixtures = pytest.mark.skipif(
    "STANCEBOOK_FIXTURES" not in os.environ, reason="STANCEBOOK_FIXTURES names no folder"
)


@needs_fixtures
def test_hypothesis_baselines_are_anchored() -> None:
    for name, count in (("minimal.json", 1), ("wikipedia-regression-testing.json", 5)):
        found = w3c.read(FIXTURES / name, {})
        rows = json.loads((FIXTURES / name).read_text())["rows"]
        exact = {row["id"]: row["target"][0]["selector"][2]["exact"] for row in rows if row["id"] == "test"}
        assert len(found.marks) == count
        for mark in found.marks:
            assert (found.documents[0].text or "")[mark.start : mark.end] == exact.get(mark.name, mark.quote)
    assert Counter(m.features["comment"] for m in found.marks) == Counter(
        ["Footer", "Body", "Quote", "Introduction", "Heading"]
    )
    assert {mark.features["comment"]: mark.start for mark in found.marks}["Heading"] == 33


@needs_fixtures
def test_recogitos_annotations_come_without_a_text() -> None:
    found = w3c.read(FIXTURES / "recogito_annotations.w3c.json", {})
    assert [(mark.kind, mark.quote) for mark in found.marks] == [
        ("A Tag", "Troy"),
        ("Another Tag", "Troy"),
        ("annotation", "death in battle"),
        ("annotation", "Ithaca"),
    ]
    assert found.marks[0].features["isRelatedTo"] == "death in battle"


@needs_fixtures
def test_a_schema_for_annotations_is_none() -> None:
    schemas = sorted((FIXTURES / "w3c-tests").glob("*.json"))
    assert len(schemas) == 3
    assert not any(w3c.fits(path, path.read_bytes()[:4096]) for path in schemas)
