from pathlib import Path

import pytest
from corpus_builder import CODEBOOK, write

from analysis import codebook
from analysis.errors import CorpusError


def read(tmp_path: Path, content: str | bytes = CODEBOOK) -> codebook.Codebook:
    write(tmp_path / "codebook.yaml", content)
    return codebook.read(tmp_path / "codebook.yaml")


def test_a_codebook_becomes_tables(tmp_path: Path) -> None:
    book = read(tmp_path)
    assert book.actors.astype(object).where(book.actors.notna(), None).to_dict("list") == {
        "actor_id": ["ann", "bob", "ministry", "union"],
        "name": ["Ann Lee", "Bob Roe", "Ministry", "Union"],
        "kind": ["person", "person", "organisation", "organisation"],
        "organisation_id": ["ministry", None, None, None],
        "role": [None] * 4,
        "country": ["XA", None, "XA", None],
    }
    assert book.issues["issue_id"].tolist() == ["bridge", "toll"]
    assert book.quad_classes == {"CONSULT": "verbal_cooperation", "REJECT": "verbal_conflict"}
    assert book.modes == {"CONSULT": ("visit", "phone"), "REJECT": ()}


def test_ids_that_look_like_numbers_or_switches_or_nothing_are_texts(tmp_path: Path) -> None:
    odd = CODEBOOK.replace("id: bob", "id: no").replace("id: union", "id: NA").replace("id: toll", "id: 007")
    book = read(tmp_path, odd)
    assert book.actors["actor_id"].tolist() == ["ann", "no", "ministry", "NA"]
    assert book.issues["issue_id"].tolist() == ["bridge", "007"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            CODEBOOK.replace("id: bob", "id: ann"),
            "^codebook.yaml:3: the id 'ann' stands on line 2 already\n    next: give one of the two another id$",
        ),
        (CODEBOOK.replace("person}", "persn}"), "^codebook.yaml:3: kind 'persn' is not known\n.*\n.*mean 'person'"),
        (
            CODEBOOK.replace("organisation: ministry", "organisation: minstr"),
            (
                "^codebook.yaml:2: organisation 'minstr' is not known\n    expected: one of ann, bob, ministry, union\n"
                "    next: did you mean 'ministry'\\?$"
            ),
        ),
        (CODEBOOK.replace("verbal_conflict", "verbal"), "^codebook.yaml:11: quad_class 'verbal' is not known"),
        (
            CODEBOOK.partition("issues")[0] + "event_types: []\n",
            (
                "^codebook.yaml:1: the list 'issues' is missing or empty\n    expected: a list of records with an id\n"
                "codebook.yaml:6: the list 'event_types' is missing or empty\n"
            ),
        ),
        (
            CODEBOOK.replace("country: XA}", "contry: XA}", 1),
            "^codebook.yaml:2: the field 'contry' is not known\n.*\n.*'c",
        ),
        (CODEBOOK.replace("id: bob, ", ""), "^codebook.yaml:3: actors: the field 'id' is missing or empty\n"),
        (CODEBOOK.replace("id: bob", 'id: ""'), "^codebook.yaml:3: actors: the field 'id' is missing or empty\n"),
        (
            CODEBOOK.replace("id: bob", "id: [b]"),
            r"^codebook.yaml:3: actors: the field 'id' is \['b'\]\n    expected: a t",
        ),
        (
            CODEBOOK.replace("{visit: One travels., phone: By phone.}", "[visit]"),
            r"^codebook.yaml:10: event_types: the field 'modes' is \['visit'\]\n    expected: lines of the form `",
        ),
        (
            CODEBOOK.replace("actors:\n", "actors:\n  - bob\n"),
            "^codebook.yaml:3: actors holds 'bob', which is no record\n",
        ),
        (
            "actors: é".encode("latin-1"),
            "^codebook.yaml:1: the file is not UTF-8 text\n.*\n    next: save it as UTF-8$",
        ),
        ("", "^codebook.yaml:1: the list 'actors' is missing or empty\n"),
        ("actors: [\n", "^codebook.yaml:1: broken YAML: "),
    ],
    ids=range(14),
)
def test_a_broken_codebook_is_told_by_line(tmp_path: Path, content: str | bytes, message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        read(tmp_path, content)


def test_everything_wrong_in_a_codebook_comes_at_once(tmp_path: Path) -> None:
    content = (
        CODEBOOK.replace("person}", "persn}").replace("verbal_conflict", "verbal").replace("id: toll", "id: bridge")
    )
    with pytest.raises(CorpusError) as error:
        read(tmp_path, content)
    assert [problem.line for problem in error.value.problems] == [3, 8, 11]


def test_a_folder_in_the_place_of_the_file_is_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / "codebook.yaml").mkdir()
    with pytest.raises(CorpusError, match=r"^codebook.yaml: the file cannot be read: Is a directory$"):
        codebook.read(tmp_path / "codebook.yaml")


def test_line_ends_and_byte_order_marks_of_other_systems_change_nothing(tmp_path: Path) -> None:
    plain = read(tmp_path)
    other = read(tmp_path, b"\xef\xbb\xbf" + CODEBOOK.replace("\n", "\r\n").encode())
    assert other.actors.equals(plain.actors)
    assert (other.modes, other.quad_classes) == (plain.modes, plain.quad_classes)
