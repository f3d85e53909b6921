"""brat standoff: every kind of line, where offsets count from, and what is told of a broken file."""

import os
import random
from collections import Counter
from pathlib import Path

import pytest

from analysis.errors import CorpusError
from analysis.readers import brat
from analysis.readers.brat.usual import usual_marks
from analysis.readers.found import Found, Mark

TEXT = "Ann Lee of Acme said yes to the toll; Bob said no.\n"


def write(folder: Path, ann: str, text: str = TEXT, name: str = "a") -> Path:
    (folder / f"{name}.txt").write_bytes(text.encode())
    path = folder / f"{name}.ann"
    path.write_bytes(ann.encode())
    return path


def read(folder: Path, ann: str, text: str = TEXT) -> Found:
    return brat.read(write(folder, ann, text), {})


def refused(folder: Path, ann: str, text: str = TEXT) -> str:
    with pytest.raises(CorpusError) as error:
        read(folder, ann, text)
    return str(error.value)


def test_a_span_is_a_mark_with_its_words(tmp_path: Path) -> None:
    found = read(tmp_path, "T1\tPerson 0 7\tAnn Lee\n\nT2\tSpeech 11 15;21 24\tAcme yes\n")
    assert [(d.name, d.text, d.where) for d in found.documents] == [("a", TEXT, "a.txt")]
    assert found.marks == [
        Mark("a", "main", "T1", "Person", 0, 7, "Ann Lee", (), {}, "a.ann:1"),
        Mark("a", "main", "T2", "Speech", 11, 24, "Acme yes", ((11, 15), (21, 24)), {}, "a.ann:3"),
    ]


def test_pieces_may_stand_in_any_order_and_come_out_in_that_of_the_text(tmp_path: Path) -> None:
    (mark,) = read(tmp_path, "T1\tSpeech 21 24;11 15\tyes Acme\n").marks
    assert (mark.pieces, mark.quote, mark.start, mark.end) == (((11, 15), (21, 24)), "Acme yes", 11, 24)


def test_pieces_that_touch_are_joined_without_a_space(tmp_path: Path) -> None:
    (mark,) = read(tmp_path, "T1\tName 0 2;2 3;4 7\tAn n Lee\n").marks
    assert (mark.pieces, mark.quote) == (((0, 2), (2, 3), (4, 7)), "Ann Lee")


def test_attributes_normalisations_and_notes_are_features_of_their_target(tmp_path: Path) -> None:
    lines = (
        "A1\tstance T1 pro toll\nM2\tcertain T1\nA3\tissue T1 a\nA4\tissue T1 b\n"
        "N1\tReference T1 Wikidata:Q1\tLee, Ann\n#1\tAnnotatorNotes T1\tcheck\tthis\n#2\tAnnotatorNotes A1\twhy?\n"
        "T1\tPerson 0 7\tAnn Lee\n"
    )
    assert read(tmp_path, lines).marks[0].features == {
        "stance": "pro toll",
        "certain": "true",
        "issue": ["a", "b"],
        "normalization": "Wikidata:Q1",
        "normalization.text": "Lee, Ann",
        "note": "check\tthis",
        "stance.note": "why?",
    }


def test_a_relation_is_a_feature_of_the_mark_it_starts_from(tmp_path: Path) -> None:
    lines = (
        "R1\tspeaker Arg1:T2 Arg2:T1\t\nT1\tPerson 0 7\tAnn Lee\nT2\tStatement 16 24\tsaid yes\n"
        "A1\tsex T1 f\nA2\tsure R1\n#1\tAnnotatorNotes R1\tclear\n"
    )
    person, statement = read(tmp_path, lines).marks
    assert person.features == {"sex": "f"}
    assert statement.features == {
        "speaker.sure": "true",
        "speaker.note": "clear",
        "speaker": "Ann Lee",
        "speaker.kind": "Person",
        "speaker.sex": "f",
    }


def test_an_event_is_its_trigger_with_the_roles_and_numbered_roles_are_one(tmp_path: Path) -> None:
    lines = (
        "T1\tPerson 0 7\tAnn Lee\nT2\tOrg 11 15\tAcme\nT3\tSay 16 20\tsaid\nT4\tSay 42 46\tsaid\n"
        "T5\tPerson 38 41\tBob\nE1\tSpeech:T3 Who:T1 Who2:T5 Arg1:T2\nE2\tReply:T4 To:E1\nA1\tmood E1 glad\n"
    )
    by_name = {mark.name: mark for mark in read(tmp_path, lines).marks}
    assert by_name["T3"].kind == "Speech"
    assert by_name["T3"].features == {
        "mood": "glad",
        "Who": ["Ann Lee", "Bob"],
        "Who.kind": ["Person", "Person"],
        "Arg1": "Acme",
        "Arg1.kind": "Org",
    }
    assert by_name["T4"].features == {"To": "said", "To.kind": "Speech", "To.mood": "glad"}


def test_a_second_event_on_a_trigger_is_a_mark_of_its_own(tmp_path: Path) -> None:
    lines = "T1\tPerson 0 7\tAnn Lee\nT2\tOrg 11 15\tAcme\nT3\tSay 16 20\tsaid\nE1\tSay:T3 Who:T1\nE2\tAsk:T3 Who:T2\n"
    marks = [(m.name, m.kind, m.start, m.features.get("Who"), m.where) for m in read(tmp_path, lines).marks]
    assert marks[2:] == [("T3", "Say", 16, "Ann Lee", "a.ann:3"), ("E2", "Ask", 16, "Acme", "a.ann:5")]


def test_equivalences_are_counted(tmp_path: Path) -> None:
    found = read(tmp_path, "T1\tPerson 0 7\tAnn Lee\nT2\tPerson 38 41\tBob\n*\tAlias T1 T2\n")
    assert found.left_out == Counter({"equivalence": 1})
    assert read(tmp_path, "").left_out == Counter()


def test_an_empty_sheet_is_a_document_without_marks(tmp_path: Path) -> None:
    found = read(tmp_path, "")
    assert (len(found.documents), found.marks) == (1, [])


def test_offsets_are_characters_of_the_text_as_it_stands(tmp_path: Path) -> None:
    text = "\ufeff😀 one\r\ntwo 👩‍👧 three"
    start = text.index("three")
    found = read(tmp_path, f"T1\tX {start} {start + 5}\tthree\r\nT2\tX 3 11\tone  two\nT3\tX 3 11\tone two\n", text)
    assert found.documents[0].text == text
    assert [mark.quote for mark in found.marks] == ["three", "one\r\ntwo", "one\r\ntwo"]


def test_offsets_of_another_unit_are_read_on_request(tmp_path: Path) -> None:
    path = write(tmp_path, "T1\tX 3 6\tone\n", "😀 one")
    assert brat.read(path, {"offset_unit": "utf-16"}).marks[0].start == 2
    with pytest.raises(CorpusError, match=r"^a\.txt: graphemes of this text cannot be counted with certainty"):
        brat.read(write(tmp_path, "T1\tX 0 1\tone\n", "\u1100 one"), {"offset_unit": "graphemes"})


def test_a_line_break_in_the_words_is_a_space_and_line_separators_end_no_line(tmp_path: Path) -> None:
    (mark,) = read(tmp_path, "T1\tX 0 5\ta b\u2028c\n", "a\nb\u2028c").marks
    assert mark.quote == "a\nb\u2028c"


def test_folders_are_part_of_a_documents_name(tmp_path: Path) -> None:
    for folder in ("ann/day1", "bob/day1"):
        (tmp_path / folder).mkdir(parents=True)
        write(tmp_path / folder, "T1\tX 0 3\tAnn\n")
    (tmp_path / "annotation.conf").write_text("[entities]\n")
    found = brat.read(tmp_path, {})
    assert [d.name for d in found.documents] == ["ann/day1/a", "bob/day1/a"]
    assert [m.where for m in found.marks] == ["ann/day1/a.ann:1", "bob/day1/a.ann:1"]


def test_a_file_without_its_partner_is_told(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("x")
    (tmp_path / "two.ann").write_text("")
    with pytest.raises(CorpusError, match=r"(?s)one\.txt: this text has no annotation.*two\.ann: .* has no text"):
        brat.read(tmp_path, {})
    with pytest.raises(CorpusError, match=r"two\.ann: this annotation has no text"):
        brat.read(tmp_path / "two.ann", {})


@pytest.mark.parametrize(
    ("ann", "told"),
    [
        ("T1\tX 0 7\tBob Lee\n", "a.ann:1: T1: the words are 'Bob Lee', but the text there is 'Ann Lee'"),
        ("T1\tX 0 3\tAnn\nand a line more\n", "a.ann:2: 'and a line more' is no annotation"),
        ("X1\tX 0 3\tAnn\n", "a.ann:1: 'X1"),
        ("T1\tX 0 3\tAnn\nR1\tSure T1\nR1\tY Arg1:T1 Arg2:T1\n", "R1: this id stands on line 2 already"),
        ("The\tX 0 3\tAnn\n", "is no annotation"),
        ("T1\tX 0 99\tAnn\n", "a.ann:1: T1: offset 99 is not in the text, which has 51 characters"),
        ("T1\tX 3 0\tAnn\n", "the span ends at 0, before its start at 3"),
        ("T1\tX -1 3\tAnn\n", "T1: 'X -1 3' is no annotation of this kind"),
        ("T1\tX 0 " + "9" * 5000 + "\tAnn\n", "is no annotation of this kind"),
        ("T1\tX 0\tAnn\n", "expected: T1⇥Type 0 5⇥words"),
        ("T1\tX 0 3", "the words are '', but"),
        ("T1\tX 3 3\t\n", "the span is empty"),
        ("T1\tX 0 3\tAnn\nT1\tX 0 3\tAnn\n", "a.ann:2: T1: this id stands on line 1 already"),
        ("A1\tstance T9 pro\n", "a.ann:1: A1: there is no annotation 'T9' in this file"),
        ("A1\tstance\n", "A1⇥Name T1"),
        ("R1\tspeaker Arg1:T1\n", "R1⇥Type Arg1:T1 Arg2:T2"),
        ("E1\tSay\n", "E1⇥Type:T1 Role:T2"),
        ("E1\tSay:E1\n", "its trigger 'E1' is no span"),
        ("E1\tSay:T4\n", "there is no annotation 'T4'"),
        ("T1\tX 0 3\tAnn\nE1\tSay:T1 Who:E9\n", "there is no annotation 'E9'"),
        ("T1\tX 0 3\tAnn\nN1\tReference T1\n", "N1⇥Reference T1 Resource:id"),
        ("#1\tAnnotatorNotes\tx\n", "AnnotatorNotes T1"),
        ("*\tAlias T1\n", "T1 T2"),
        ("T1\tX 0 3\tAnn\nR1\tx Arg1:T1 Arg2:T1\nR2\tx Arg1:R1 Arg2:T1\n", "R1 is a relation itself"),
        ("T1\tX 0 3\tAnn\nR1\tx Arg1:T1 Arg2:T1\nR2\tx Arg1:T1 Arg2:R1\n", "R1 is no span and no event"),
    ],
)
def test_a_broken_line_is_told_with_its_place(tmp_path: Path, ann: str, told: str) -> None:
    assert told in refused(tmp_path, ann)


def test_all_problems_come_at_once_and_the_first_twenty_are_shown(tmp_path: Path) -> None:
    told = refused(tmp_path, "".join(f"T{n}\tX 0 3\tBob\n" for n in range(30)))
    assert told.startswith("a.ann: 30 problems, of which the first 20 are shown")
    assert told.count("the words are 'Bob'") == 20


def test_files_in_another_encoding_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "")
    path.write_bytes("T1\tX 0 3\tÄnn".encode("latin-1"))
    with pytest.raises(CorpusError, match=r"a\.ann:1: the file is not UTF-8 text"):
        brat.read(path, {})
    (tmp_path / "a.txt").write_bytes("\nÄnn".encode("utf-16"))
    with pytest.raises(CorpusError, match=r"a\.txt:1: the file is not UTF-8 text"):
        brat.read(path, {})


def test_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    folder = tmp_path / "corpus"
    folder.mkdir()
    write(folder, "")
    (folder / "a.txt").unlink()
    (folder / "a.txt").symlink_to(tmp_path / "secret")
    for path in (folder, folder / "a.ann"):
        with pytest.raises(CorpusError, match="links are not followed"):
            brat.read(path, {})


def test_what_fits(tmp_path: Path) -> None:
    path = write(tmp_path, "T1\tX 0 3\tAnn\n")
    assert brat.fits(path, path.read_bytes())
    assert brat.fits(tmp_path, b"")
    assert not brat.fits(tmp_path / "a.txt", b"T1\tX 0 3\tAnn\n")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "x.ann").write_text("no brat")
    assert not brat.fits(tmp_path / "other", b"")
    assert not brat.fits(tmp_path / "nowhere", b"")


def test_lines_that_multiply_are_refused_and_not_followed(tmp_path: Path) -> None:
    many = range(3000)
    copies = "T1\tX 0 3\tAnn\n" + "".join(f"A{n}\ta{n} T1\nR{n}\tr{n} Arg1:T1 Arg2:T1\n" for n in many)
    assert "repeat more than 20 features a line" in refused(tmp_path, copies)
    pieces = ";".join(["0 100000"] * 20_000)
    assert "the words are 'x'" in refused(tmp_path, f"T1\tX {pieces}\tx\n", "x" * 100_000)


def test_no_garbled_sheet_ends_in_anything_but_an_error_of_ours(tmp_path: Path) -> None:
    sheet = "T1\tX 0 7\tAnn Lee\nT2\tY 11 15;21 24\tAcme yes\nE1\tY:T2 a:T1 a2:E1\nR1\tr Arg1:T1 Arg2:E1\nA1\tb R1 c\n"
    sheet += "N1\tReference T1 d:e\tf\n#1\tAnnotatorNotes N1\tg\n*\tAlias T1 T2\n"
    draw = random.Random(7)  # noqa: S311  # seeded draws, no secrets
    for _ in range(300):
        at = draw.randrange(len(sheet))
        ann = sheet[:at] + draw.choice(["", "\t", " ", "\n", ":", ";", "9", "T", "é", "\0", "\r"]) + sheet[at + 1 :]
        try:
            assert len(read(tmp_path, ann).marks) == 2
        except CorpusError as error:
            assert error.problems  # noqa: PT017  # either is right


FIXTURES = Path(os.environ.get("STANCEBOOK_FIXTURES", "")) / "brat"


@pytest.mark.skipif("STANCEBOOK_FIXTURES" not in os.environ, reason="STANCEBOOK_FIXTURES names no folder")
def test_brats_own_tutorials_come_out_whole() -> None:
    import json  # noqa: PLC0415  # for this test alone

    manifest = json.loads((FIXTURES.parent / "MANIFEST.json").read_text())
    expected = {key[5:-4]: value["must_contain"] for key, value in manifest.items() if key.endswith(".ann")}
    found = brat.read(FIXTURES, {})
    texts = {document.name: document.text for document in found.documents}
    marks = Counter(mark.document for mark in found.marks)
    assert len(texts) == 13
    assert {name: marks[name] for name in texts} == {name: expected[name].get("T", 0) for name in texts}
    assert found.left_out["equivalence"] == sum(expected[name].get("*", 0) for name in texts)
    for mark in found.marks:
        assert (texts[mark.document] or "")[mark.start : mark.end] == mark.quote
    transfer = next(m for m in found.marks if m.kind == "Transfer-money")
    assert transfer.features["Beneficiary-Arg"] == "Raul Salinas de Gortari"
    assert transfer.features["Beneficiary-Arg.Mention"] == "Name"
    assert transfer.features["Confidence"] == "High"


def made_sheet(draw: random.Random, text: str) -> str:
    """Annotations of a text, most of them spans in one piece and attributes with a value, few of them odd or wrong."""
    lines, spans = [], []
    for number in range(1, draw.randint(1, 9)):
        start = draw.randrange(len(text) - 9)
        end = start + draw.randint(1, 8)
        words = text[start:end].replace("\r", " ").replace("\n", " ") if draw.random() < 0.9 else text[start:end]
        spans.append(f"T{number}")
        lines.append(f"T{number}\tX{number % 3} {start} {end}\t{words}")
        lines += [f"A{number}{n}\t{draw.choice('ab')} {draw.choice(spans)} {draw.choice('xüz')}" for n in (1, 2)]
    wrong = [
        "",
        "\r",
        "T1\tX 0 3\tAnn",
        f"A1\ta T{draw.randint(1, 9)} \u00a0",
        "A9\ta T1",
        "T98\tX 0 2;3 4\tAn  ",
        "T97\tX 3 3\t",
    ]
    wrong += [
        "N1\tReference T1 d:e\tf",
        "R1\tr Arg1:T1 Arg2:T2",
        "#1\tnote T1\tg",
        "M1\ta T1 b",
        "*\tAlias T1 T2",
        "xT99\ta b c",
    ]
    wrong += [
        "E1\tX1:T1",
        "T96\tX ٣ 4\t ",
        "A2\ta T1 b c",
        "A3\ta  T1 b",
        "A4\ta T1 b\tc\td",
        "T95\tX 0 4000\tAnn",
        "T94\tX_1 1_0 9\t",
    ]
    for line in draw.choices(wrong, k=draw.choice([0, 0, 0, 1, 2])):
        lines.insert(draw.randint(0, len(lines)), line)
    if draw.random() < 0.2:
        draw.shuffle(lines)
    return "\n".join(lines) + draw.choice(["", "\n", "\n\n"])


def test_a_sheet_in_one_go_is_as_line_by_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draw = random.Random(11)  # noqa: S311  # seeded draws, no secrets
    counts = Counter[bool]()

    def outcome(unit: str) -> tuple[object, ...]:
        try:
            found = brat.read(tmp_path / "a.ann", {"offset_unit": unit})
        except CorpusError as error:
            return tuple(error.problems)
        return found.documents, [(*mark, *mark.features.items()) for mark in found.marks], found.left_out

    for _ in range(600):
        text = draw.choice([TEXT, TEXT, "\ufeffÄnn 🚢 Lee\r\nof Acme\u2028 said\n\nno"])
        write(tmp_path, made_sheet(draw, text), text)
        unit = draw.choice(["code points", "code points", "utf-16"])
        with monkeypatch.context() as patch:
            patch.setattr(brat, "usual_marks", lambda *_: None)
            slow = outcome(unit)
        assert outcome(unit) == slow
        counts[isinstance(slow[0], list)] += 1
    assert min(counts.values()) > 100


def test_the_usual_sheet_is_read_in_one_go_and_no_other() -> None:
    line = "T1\tX 0 7\tAnn Lee\n"
    assert [mark.where for mark in usual_marks(line + "A1\ta T1 b\nT2\tY 8 10\tof", TEXT, "a") or ()] == [
        "a.ann:1",
        "a.ann:3",
    ]
    assert usual_marks("", TEXT, "a") == []
    odd = [
        line * 2,
        line + "\n",
        line + "A1\ta T2 b",
        line + "x",
        "A1\ta T1 b\n" + line,
        "T1\tX 0 7\tAnn\n",
        "xT1\tX 0 7\tAnn Lee",
    ]
    odd += [
        line + "T2\tX 3 3\t",
        line + "T2\tX 0 99\t" + TEXT,
        line + "A1\ta T1 b c",
        "T1\tX ٠ 7\tAnn Lee",
        line + "R1\ta T1 b",
    ]
    assert [usual_marks(sheet, TEXT, "a") for sheet in odd] == [None] * len(odd)
