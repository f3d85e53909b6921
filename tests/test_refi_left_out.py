"""What a REFI-QDA project has beside codes on texts is counted, each thing once; nothing goes without a word."""

from collections import Counter
from pathlib import Path

import pytest
from refi_projects import WORDS, coding, packed, project, quotes, selection, source

from analysis.readers import foreign, mapping, refi

MEDIA = {"PictureSource": "a picture", "PDFSource": "a PDF", "AudioSource": "an audio", "VideoSource": "a video"}


def left_out(folder: Path, sources: str, more: str = "") -> Counter[str]:
    """The reasons beside three codes on words, which are always read."""
    found = refi.read(packed(folder, project(source(WORDS) + sources, more)), {"end": "exclusive"})
    assert quotes(found)[:3] == ["minister", "yes", "bridge"]
    return found.left_out


def test_selections_without_a_span_or_a_code_are_counted(tmp_path: Path) -> None:
    found = left_out(tmp_path, source(selection(5, 5) + selection(1, 3, "") + selection(6, 6, coding() * 2)))
    assert found == Counter({"an empty span": 3, "a selection without a code": 1})


def test_a_coding_that_names_no_code_is_counted(tmp_path: Path) -> None:
    empty = '<Coding guid="c9" creatingUser="u1"><NoteRef targetGUID="n"/></Coding>'
    found = left_out(tmp_path, source(selection(4, 12, empty + empty + coding()) + empty))
    assert found == Counter({"a coding without a code": 3})


def test_a_description_is_counted_unless_it_is_the_quote(tmp_path: Path) -> None:
    quote, memo = "<Description> minister </Description>", "<Description>ask her again</Description>"
    inner = selection(4, 12, quote + coding()) + selection(18, 21, memo + coding()) + selection(29, 35, memo)
    found = left_out(tmp_path, source(inner + selection(0, 3, f"<Description/>{coding()}")))
    assert found == Counter({"a description of a selection": 1, "a selection without a code": 1})


def test_a_text_that_is_missing_is_counted(tmp_path: Path) -> None:
    gone = source(WORDS, "internal://gone.txt") + '<TextSource guid="t2" name="Two"/>'
    assert left_out(tmp_path, gone) == Counter({"a text that is missing": 2})


@pytest.mark.parametrize(("kind", "medium"), MEDIA.items())
def test_sources_that_are_no_texts_are_counted_and_so_are_their_codes(tmp_path: Path, kind: str, medium: str) -> None:
    on = f"<{kind[:-6]}Selection>{coding()}</{kind[:-6]}Selection>{coding()}"
    inner = f"<Transcript><TranscriptSelection>{coding()}</TranscriptSelection></Transcript>{on}"
    found = left_out(tmp_path, f'<{kind} guid="p">{inner}</{kind}><{kind} guid="q" name="bare"/>')
    assert found == Counter({f"{medium} source": 2, f"on {medium} source": 3})


def test_texts_that_stand_for_a_pdf_or_picture_are_counted_with_it(tmp_path: Path) -> None:
    pdf = f'<PDFSource guid="p" name="Scan">{selection(4, 12) + selection("x", 4)}{coding()}</PDFSource>'
    page = f"<PDFSource><PDFSelection><Representation>{selection(4, 12)}</Representation></PDFSelection></PDFSource>"
    told = f"<PictureSource><TextDescription>{selection(4, 12)}{coding()}</TextDescription></PictureSource>"
    found = left_out(tmp_path, pdf + page + told)
    assert found == Counter({"a PDF source": 2, "on a PDF source": 4, "a picture source": 1, "on a picture source": 2})


def test_a_kind_of_source_that_the_standard_has_not_is_counted(tmp_path: Path) -> None:
    found = left_out(tmp_path, f"<WebSource>{selection(4, 12)}</WebSource>")
    assert found == Counter({"a source of another kind": 1, "on a source of another kind": 1})


def test_notes_links_sets_and_graphs_are_counted(tmp_path: Path) -> None:
    more = f'<Notes><Note guid="n"/><Note>{selection(1, 2)}{coding()}</Note></Notes><Links><Link/></Links>'
    more += "<Sets><Set/><Set><MemberCode/></Set></Sets><Graphs><Graph><Vertex/></Graph></Graphs>"
    assert left_out(tmp_path, "", more) == Counter({"a note": 2, "on a note": 2, "a link": 1, "a set": 2, "a graph": 1})


def test_what_cases_and_variables_have_beside_values_of_texts_is_counted(tmp_path: Path) -> None:
    value = '<VariableValue><VariableRef targetGUID="{}"/><TextValue>Post</TextValue></VariableValue>'
    refers = '<CodeRef targetGUID="a2"/><SelectionRef targetGUID="s4"/><SelectionRef targetGUID="s18"/>'
    cases = (
        f'<Case guid="k"><Description>d</Description>{refers}<SourceRef targetGUID="t1"/>{value.format("no")}</Case>'
    )
    cases += f'<Case guid="l" name="North">{value.format("v1")}<SourceRef targetGUID="p"/></Case><Case guid="m"/>'
    variables = '<Variable guid="v1" name="outlet"><Description>d</Description></Variable>'
    found = left_out(tmp_path, "", f"<Variables>{variables}</Variables><Cases>{cases}</Cases>")
    assert found == Counter(
        {
            "a code on a case": 1,
            "a selection of a case": 2,
            "a description of a case": 1,
            "a description of a variable": 1,
            "a value of no variable": 1,
            "a case without a text": 2,
        }
    )


def test_descriptions_of_codes_are_counted(tmp_path: Path) -> None:
    content = project(source(WORDS)).replace('name="Bridge" isCodable="true"/>', "><Description>d</Description></Code>")
    assert "<Description>" in content
    found = refi.read(packed(tmp_path, content), {})
    assert found.left_out == Counter({"a description of a code": 1})


@pytest.mark.parametrize(
    "outside",
    [
        f"<TextSource>{selection(4, 12)}</TextSource>",
        f"<Sources><Sources><TextSource>{selection(4, 12)}</TextSource></Sources></Sources>",
        f"<Sources>{coding()}</Sources>",
        coding(),
    ],
)
def test_codings_where_the_standard_has_none_are_counted(tmp_path: Path, outside: str) -> None:
    found = left_out(tmp_path, "", outside)
    assert found["a coding where none is expected"] + found["on a source of another kind"] == 1


def test_each_coding_is_a_mark_or_counted(tmp_path: Path) -> None:
    inside = selection(4, 12, coding() * 3) + coding() + selection(5, 5)
    other = (
        f"<PDFSource>{selection(4, 12)}</PDFSource><Odd>{coding()}</Odd><TextSource><Odd>{coding()}</Odd></TextSource>"
    )
    content = project(source(WORDS + inside) + other, f"<Notes><Note>{coding()}</Note></Notes>{coding()}")
    found = refi.read(packed(tmp_path, content), {"end": "exclusive"})
    others = {"a note", "a PDF source", "a source of another kind", "a text that is missing"}
    n_left_out = sum(n for reason, n in found.left_out.items() if reason not in others)
    assert len(found.marks) + n_left_out == content.count("<Coding ")


def test_the_summary_of_an_import_tells_what_is_left_out(tmp_path: Path) -> None:
    picture = f'<PictureSource guid="p">{coding()}</PictureSource>'
    path = packed(tmp_path, project(source(WORDS) + picture))
    said = "documents: {published: {default: 2024}}\ncodes: {Stance/Support: {speaker: ana, issue: bridge, stance: 1}}"
    summary = foreign.imported(path, None, mapping.parse(said, "m")).summary
    assert summary.splitlines() == [
        "1 articles, 3 statements, 0 event mentions",
        "left out: 1 × a picture source",
        "left out: 1 × on a picture source",
    ]
