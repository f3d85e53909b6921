import os
import re
import time
import zipfile
from collections import Counter
from pathlib import Path

import pytest
from refi_projects import CODES, TEXT, WORDS, coding, packed, project, quotes, selection, source

from analysis.errors import CorpusError, ParameterError
from analysis.readers import formats, refi

INCLUSIVE = selection(4, 11) + selection(18, 20) + selection(29, 34)


def test_codings_become_marks_of_their_coders_with_the_path_of_the_code(tmp_path: Path) -> None:
    two = coding("a2", "c1") + coding("A3", "c2", "{U2}")
    found = refi.read(packed(tmp_path, project(source(selection(4, 12, two) + WORDS + coding("a1", "c9")))), {})
    assert found.documents[0][:3] == ("One", TEXT, {})
    assert [mark[:7] for mark in found.marks if mark.name in {"c1", "c2", "c9"}] == [
        ("One", "Ann", "c1", "Stance/Support", 4, 12, "minister"),
        ("One", "Bob", "c2", "Bridge", 4, 12, "minister"),
        ("One", "Ann", "c9", "Stance", None, None, None),
    ]


@pytest.mark.parametrize("selections", [WORDS, INCLUSIVE])
def test_whether_ends_are_included_is_inferred_from_the_words(tmp_path: Path, selections: str) -> None:
    found = refi.read(packed(tmp_path, project(source(selections))), {})
    assert quotes(found) == ["minister", "yes", "bridge"]


def test_a_name_that_is_the_quote_tells_the_end(tmp_path: Path) -> None:
    inclusive = selection(29, 35, more='name="bridge."')
    assert quotes(refi.read(packed(tmp_path, project(source(inclusive))), {})) == ["bridge."]
    exclusive = selection(29, 35, more='name="bridge"')
    assert quotes(refi.read(packed(tmp_path, project(source(exclusive))), {})) == ["bridge"]


def test_a_selection_without_a_name_has_no_quote_to_tell_the_end(tmp_path: Path) -> None:
    inclusive = selection(0, 0) + selection(2, 9) + selection(11, 14) + selection(16, 18)
    found = refi.read(packed(tmp_path, project(source(inclusive)), t="a minister said yes."), {})
    assert quotes(found) == ["a", "minister", "said", "yes"]


def test_where_the_texts_do_not_tell_the_end_is_asked_for(tmp_path: Path) -> None:
    path = packed(tmp_path, project(source(selection(29, 35))))
    with pytest.raises(CorpusError, match=r"(?s)do not tell .*by a tool.*`end` to exclusive or inclusive"):
        refi.read(path, {})
    assert quotes(refi.read(path, {"end": "exclusive"})) == ["bridge"]
    assert quotes(refi.read(path, {"end": "inclusive"})) == ["bridge."]
    with pytest.raises(ParameterError, match="'both' is not known"):
        refi.read(path, {"end": "both"})


def test_selections_that_meet_tell_the_end_without_a_text(tmp_path: Path) -> None:
    sources = source(selection(0, 5) + selection(5, 9) + selection(9, 12), "internal://gone.txt")
    found = refi.read(packed(tmp_path, project(sources)), {})
    assert (found.documents[0].text, quotes(found)) == (None, [None] * 3)
    assert [(mark.start, mark.end) for mark in found.marks] == [(0, 5), (5, 9), (9, 12)]


@pytest.mark.parametrize("shift", [0, 1])
def test_crlf_is_one_character_or_two_as_the_selections_tell(tmp_path: Path, shift: int) -> None:
    text = "A line.\r\n" + TEXT
    at = 9 - (1 - shift)
    selections = "".join(selection(at + start, at + end) for start, end in ((4, 12), (18, 21), (29, 35)))
    found = refi.read(packed(tmp_path, project(source(selections)), t=text), {})
    assert quotes(found) == ["minister", "yes", "bridge"]
    assert found.documents[0].text == (text if shift else text.replace("\r\n", "\n"))


@pytest.mark.parametrize("encoded", ["\ufeff" + TEXT, ("\ufeff" + TEXT).encode("utf-16-le")])
def test_a_byte_order_mark_is_no_character(tmp_path: Path, encoded: str | bytes) -> None:
    found = refi.read(packed(tmp_path, project(source(WORDS)), t=encoded), {})
    assert (found.documents[0].text, quotes(found)) == (TEXT, ["minister", "yes", "bridge"])


@pytest.mark.parametrize(
    "place", ["t.txt", "internal://T.txt", "relative:///t.txt", "sources/t.txt", "internal:///t.txt"]
)
def test_texts_are_found_however_their_place_is_written(tmp_path: Path, place: str) -> None:
    found = refi.read(packed(tmp_path, project(source(WORDS, place)), name="Other.qde"), {})
    assert found.documents[0].text == TEXT


def test_a_text_may_stand_in_the_project_itself_and_the_project_in_a_folder(tmp_path: Path) -> None:
    inside = f"<PlainTextContent>{TEXT}</PlainTextContent>{WORDS}"
    (tmp_path / "x.qde").write_text(project(source(inside)), encoding="utf-8")
    for path in (tmp_path, tmp_path / "x.qde"):
        assert refi.fits(path, b"" if path.is_dir() else path.read_bytes())
        assert quotes(refi.read(path, {})) == ["minister", "yes", "bridge"]


def test_offsets_in_utf16_are_an_option(tmp_path: Path) -> None:
    path = packed(tmp_path, project(source(selection(3, 5))), t="😀 no!")
    assert quotes(refi.read(path, {"end": "exclusive", "offset_unit": "utf-16"})) == ["no"]


def test_graphemes_that_cannot_be_counted_are_an_error_of_ours(tmp_path: Path) -> None:
    path = packed(tmp_path, project(source(selection(0, 2))), t="का no")
    with pytest.raises(CorpusError, match="cannot be counted with certainty"):
        refi.read(path, {"end": "exclusive", "offset_unit": "graphemes"})


def test_codings_and_descriptions_are_found_among_other_elements_of_any_namespace(tmp_path: Path) -> None:
    other = '<NoteRef targetGUID="n"/><x:Note xmlns:x="urn:x"><x:CodeRef targetGUID="a2"/></x:Note>'
    code = '<Coding guid="c1" creatingUser="u2"><NoteRef targetGUID="n"/><CodeRef targetGUID="{A2}"/>'
    both = f'{code}<x:CodeRef xmlns:x="urn:x" targetGUID="a3"/></Coding>'
    inner = f"{other}<Description>minister</Description>{both}<!-- c -->{other}{coding(guid='c1', user='')}"
    more = 'creatingUser="u1"'
    found = refi.read(packed(tmp_path, project(source(selection(4, 12, inner, more)))), {})
    assert [mark[1:7] for mark in found.marks] == [
        ("Bob", "c1", "Stance/Support", 4, 12, "minister"),
        ("Bob", "c1 (2)", "Bridge", 4, 12, "minister"),
        ("Ann", "c1", "Stance/Support", 4, 12, "minister"),
    ]


@pytest.mark.parametrize("space", ["", 'xmlns="urn:QDA-XML:project:2.0"', 'xmlns="https://www.qdasoftware.org/"'])
def test_a_project_of_another_namespace_or_of_none_is_read_alike(tmp_path: Path, space: str) -> None:
    picture = f'<PictureSource guid="p">{coding()}</PictureSource>'
    content = project(source(WORDS + coding("a1", "c9")) + picture)
    other = content.replace('xmlns="urn:QDA-XML:project:1.0"', space)
    with pytest.raises(CorpusError, match=r"p.qdpx:1: .*its code 'a1' is no code here"):
        refi.read(packed(tmp_path, other.replace('<Code guid="A1"', '<Code guid="A9"')), {})
    found = refi.read(packed(tmp_path, other), {})
    assert found == refi.read(packed(tmp_path, content), {})
    assert quotes(found) == ["minister", "yes", "bridge", None]
    assert found.left_out == Counter({"a picture source": 1, "on a picture source": 1})


def test_a_prefix_of_the_namespace_makes_no_difference(tmp_path: Path) -> None:
    content = project(source(WORDS)).replace("xmlns=", "xmlns:q=").replace("</", "</q:")
    found = refi.read(packed(tmp_path, re.sub(r"<(?=[A-Z])", "<q:", content)), {})
    assert found == refi.read(packed(tmp_path, project(source(WORDS))), {})


def test_a_file_without_the_namespace_is_known_by_its_name(tmp_path: Path) -> None:
    content = project(source(f"<PlainTextContent>{TEXT}</PlainTextContent>{WORDS}")).replace("urn:QDA-XML", "urn")
    for name, is_project in (("x.qde", True), ("x.xml", False)):
        (tmp_path / name).write_text(content, encoding="utf-8")
        assert refi.fits(tmp_path / name, content.encode()) == is_project
    assert quotes(formats.find(tmp_path / "x.qde")) == ["minister", "yes", "bridge"]


def test_variables_and_cases_are_facts_of_the_document(tmp_path: Path) -> None:
    value = '<VariableValue><VariableRef targetGUID="V1"/><{0}Value>{1}</{0}Value></VariableValue>'
    more = '<Variables><Variable guid="v1" name="outlet" typeOfVariable="Text"/></Variables>'
    more += (
        f'<Cases><Case guid="k" name="North">{value.format("Text", "Post")}<SourceRef targetGUID="t1"/></Case></Cases>'
    )
    found = refi.read(packed(tmp_path, project(source(WORDS + value.format("Text", "Daily")), more)), {})
    assert found.documents[0].facts == {"outlet": "Daily; Post", "case": "North"}


def test_two_variables_of_one_name_are_both_told(tmp_path: Path) -> None:
    value = '<VariableValue><VariableRef targetGUID="{0}"/><TextValue>{1}</TextValue></VariableValue>'
    more = '<Variables><Variable guid="v1" name="outlet"/><Variable guid="v2" name="outlet"/></Variables>'
    inner = WORDS + value.format("v1", "Daily") + value.format("v2", "Post") + value.format("v2", "")
    found = refi.read(packed(tmp_path, project(source(inner), more)), {})
    assert (found.documents[0].facts, found.left_out) == ({"outlet": "Daily; Post"}, Counter())


def test_sources_without_a_guid_keep_their_own_facts(tmp_path: Path) -> None:
    sources = source(f"<Description>first</Description>{WORDS}") + source("<Description>second</Description>")
    more = '<Cases><Case guid="k" name="North"><SourceRef/></Case></Cases>'
    found = refi.read(packed(tmp_path, project(sources.replace('guid="t1"', ""), more)), {})
    assert [document.facts for document in found.documents] == [{"Description": "first"}, {"Description": "second"}]
    assert found.left_out == Counter({"a case without a text": 1})


def test_documents_users_and_codings_of_one_name_are_kept_apart(tmp_path: Path) -> None:
    content = project(source(WORDS + WORDS) + source(WORDS) + source("").replace('"One"', '"One (2)"'))
    found = refi.read(packed(tmp_path, content.replace('name="Bob"', 'name="Ann"')), {})
    assert [document.name for document in found.documents] == ["One", "One (2)", "One (2) (2)"]
    assert {mark.coder for mark in found.marks} == {"Ann u1"}
    assert len({(mark.document, mark.coder, mark.name) for mark in found.marks}) == len(found.marks) == 9


@pytest.mark.parametrize(
    ("sources", "reason"),
    [
        (source(selection("x", 4)), "positions are 'x', '4'"),
        (source(selection("", 4)), "two whole numbers"),
        (source(selection("9" * 30, 4)), "two whole numbers"),
        (source(selection(-3, 4)), "offset -3 is not in the text"),
        (source(selection(12, 4)), "before its start at 12"),
        (source(selection(4, 900)), "offset 900 is not in the text"),
        (source(selection(9, 4), "gone.txt"), "9–4 is no span"),
        (source(selection(4, 12, coding("nope"))), "its code 'nope' is no code here"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, sources: str, reason: str) -> None:
    with pytest.raises(CorpusError, match=reason):
        refi.read(packed(tmp_path, project(sources)), {"end": "exclusive"})


def test_a_codebook_is_refused_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "c.qdc"
    path.write_text(f'<CodeBook xmlns="urn:QDA-XML:codebook:1.0"><Codes>{CODES}</Codes></CodeBook>', encoding="utf-8")
    assert refi.fits(path, path.read_bytes())
    with pytest.raises(CorpusError, match="this is a codebook, without texts or codings"):
        refi.read(path, {})


def test_code_names_cannot_fill_the_memory(tmp_path: Path) -> None:
    long = project(source(WORDS)).replace('name="Stance"', f'name="{"x" * 2000}"')
    with pytest.raises(CorpusError, match="too long a name"):
        refi.read(packed(tmp_path, long), {})


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b"<Project", "no sound XML"),
        (b"\x00\xff\x01", "no sound XML"),
        (b"<html/>", "root element is 'html'"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hosts">]><a>&x;</a>', "it has a DOCTYPE"),
        (b"<!--" + b"x" * 70_000 + b"--><!DOCTYPE a><a/>", "it has a DOCTYPE"),
        (b"<a>" * 5000, "no sound XML"),
        (b"<a x='\xff'/>", "no sound XML"),
    ],
)
def test_hostile_xml_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(CorpusError, match=reason):
        refi.read(packed(tmp_path, content), {})


def test_hostile_zip_files_are_refused(tmp_path: Path) -> None:
    good = packed(tmp_path, project(source(WORDS))).read_bytes()
    cut = tmp_path / "cut.qdpx"
    cut.write_bytes(good[: len(good) // 2])
    assert not refi.fits(cut, cut.read_bytes())
    with pytest.raises(CorpusError, match="no sound zip file"):
        refi.read(cut, {})
    with pytest.raises(CorpusError, match=r"p.qdpx/sources/t.txt: this member .* grows too large"):
        refi.read(packed(tmp_path, project(source(WORDS)), t=b"\0" * (1 << 23)), {})
    two = packed(tmp_path, project(source(WORDS)), u=TEXT, t=TEXT).read_bytes()
    cut.write_bytes(two.replace(b"sources/u.txt", b"sources/t.txt"))
    with pytest.raises(CorpusError, match=r"two members 'sources/t.txt'"):
        refi.read(cut, {})


def test_a_zip_file_without_or_with_two_projects_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no project"):
        refi.read(packed(tmp_path, "x", name="readme.md"), {})
    with zipfile.ZipFile(packed(tmp_path, "x", name="a.qde"), "a") as archive:
        archive.writestr("b.qde", "x")
    with pytest.raises(CorpusError, match=r"(?s)several projects.*one of a.qde, b.qde"):
        refi.read(tmp_path / "p.qdpx", {})


@pytest.fixture
def fixtures() -> Path:
    folder = os.environ.get("STANCEBOOK_FIXTURES")
    if not folder:
        pytest.skip("STANCEBOOK_FIXTURES does not say where other people's files are")
    return Path(folder)


@pytest.mark.parametrize("name", ["refi_qda/qc_demo.qdpx", "security_synthetic/atlas.qdpx"])
def test_real_projects_have_all_their_selections(fixtures: Path, name: str) -> None:
    found = refi.read(fixtures / name, {})
    assert len({(mark.document, mark.start, mark.end) for mark in found.marks}) == 158
    n_missing = sum(document.text is None for document in found.documents)
    assert (len(found.marks), len(found.documents)) == (205, 2)
    assert found.left_out == (Counter({"a text that is missing": n_missing}) if n_missing else Counter())
    assert {mark.coder for mark in found.marks} == {"cp"}
    assert all(mark.quote is None or mark.quote.endswith("\n") for mark in found.marks)


@pytest.mark.parametrize("name", ["bomb", "xxe"])
def test_bombs_are_refused_at_once(fixtures: Path, name: str) -> None:
    start = time.monotonic()
    with pytest.raises(CorpusError, match="it has a DOCTYPE"):
        refi.read(fixtures / f"security_synthetic/{name}.qdpx", {})
    assert time.monotonic() - start < 2
