import json
import os
import time
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from analysis.errors import CorpusError, ParameterError
from analysis.readers import cas, foreign, formats
from analysis.readers.found import Found

TEXT = "😀 Ann said yes."
META = "de.tudarmstadt.ukp.dkpro.core.api.metadata.type"
TOKENS = "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type"
SPACES = {"xmi": "www.omg.org/XMI", "cas": "/uima/cas.ecore", "custom": "/webanno/custom.ecore"} | {
    name: f"/{package.replace('.', '/')}.ecore" for name, package in (("meta", META), ("seg", TOKENS))
}


def described(name: str, parent: str = "uima.tcas.Annotation", **features: str) -> str:
    listed = "".join(
        f"<featureDescription><name>{key}</name><rangeTypeName>uima.{kind}</rangeTypeName></featureDescription>"
        if not kind.startswith("webanno")
        else f"<featureDescription><name>{key}</name><rangeTypeName>{kind}</rangeTypeName></featureDescription>"
        for key, kind in features.items()
    )
    head = f"<typeDescription><name>{name}</name><supertypeName>{parent}</supertypeName>"
    return f"{head}<features>{listed}</features></typeDescription>"


def type_system(*types: str) -> str:
    listed = "".join(types)
    space = "http://uima.apache.org/resourceSpecifier"
    return f'<typeSystemDescription xmlns="{space}"><types>{listed}</types></typeSystemDescription>'


TYPES = type_system(
    described("webanno.custom.Span", value="cas.String", weight="cas.Integer", sure="cas.Boolean"),
    described("webanno.custom.Link", "uima.cas.TOP", role="cas.String", target="tcas.Annotation"),
    described("webanno.custom.Claim", stance="cas.String", speaker="cas.FSArray", tags="cas.StringArray"),
    described("webanno.custom.Says", Governor="tcas.Annotation", Dependent="tcas.Annotation", label="cas.String"),
    described("webanno.other.Says"),
)
TOKEN = described(f"{TOKENS}.Token", order="cas.Integer")
TO_SAID = ("", "said"), (".kind", "Token")
SPANS = (
    '<custom:Span xmi:id="10" sofa="1" begin="3" end="6" value="Ann" weight="2" sure="true"/>',
    '<custom:Span xmi:id="11" sofa="1" begin="12" end="15"/>',
)
DATA = '<meta:DocumentMetaData xmi:id="5" sofa="1" begin="0" end="16" documentTitle="a.txt" documentId="{}"/>'


def xmi(*inner: str, text: str = TEXT, members: str = "", more: str = "") -> str:
    spaces = " ".join(f'xmlns:{key}="http://{place}"' for key, place in SPACES.items())
    ids = members or " ".join(each.partition('xmi:id="')[2].partition('"')[0] for each in inner)
    sofa = f'<cas:Sofa xmi:id="1" sofaNum="1" sofaID="_InitialView" sofaString="{text}"/>'
    body = "\n".join((*inner, sofa, f'<cas:View sofa="1" members="{ids}"/>', more))
    return f'<xmi:XMI {spaces} xmi:version="2.0">\n{body}</xmi:XMI>'


def written(folder: Path, *inner: str, types: str | None = TYPES, **more: str) -> Path:
    if types is not None:
        (folder / "TypeSystem.xml").write_text(types, encoding="utf-8")
    (folder / "one.xmi").write_text(xmi(*inner, **more), encoding="utf-8")
    return folder / "one.xmi"


def told(found: Found) -> list[tuple[Any, ...]]:
    return [(mark.name, mark.kind, mark.start, mark.end, mark.quote, dict(mark.features)) for mark in found.marks]


def test_spans_are_code_points_with_their_features_as_text(tmp_path: Path) -> None:
    path = written(tmp_path, *SPANS)
    assert cas.fits(path, path.read_bytes()[:4096])
    found = cas.read(path, {})
    assert [document[:3] for document in found.documents] == [("one", TEXT, {})]
    assert told(found) == [
        ("10", "Span", 2, 5, "Ann", {"value": "Ann", "weight": "2", "sure": "true"}),
        ("11", "Span", 11, 14, "yes", {}),
    ]
    assert [(mark.coder, mark.where) for mark in found.marks] == [
        ("main", "one.xmi, annotation 10 on line 2"),
        ("main", "one.xmi, annotation 11 on line 3"),
    ]


def test_slots_and_lists_are_features_of_their_host(tmp_path: Path) -> None:
    claim = (
        '<custom:Claim xmi:id="20" sofa="1" begin="12" end="15" stance="for" speaker="21 22">'
        "<tags>a</tags><tags>b</tags></custom:Claim>"
    )
    links = ('<custom:Link xmi:id="21" role="who" target="10"/>', '<custom:Link xmi:id="22" target="11"/>')
    found = cas.read(written(tmp_path, *SPANS, *links, claim), {})
    who = {"who": "Ann", "who.kind": "Span", "who.value": "Ann", "who.weight": "2", "who.sure": "true"}
    speaker = {
        "speaker": ["Ann", "yes"],
        "speaker.kind": ["Span", "Span"],
        "speaker.value": "Ann",
        "speaker.weight": "2",
        "speaker.sure": "true",
    }
    assert told(found)[2] == ("20", "Claim", 11, 14, "yes", {"stance": "for", "tags": ["a", "b"], **who, **speaker})


def test_a_target_that_is_in_no_index_is_converted_too(tmp_path: Path) -> None:
    claim = '<custom:Claim xmi:id="20" sofa="1" begin="12" end="15" speaker="21"/>'
    link = '<custom:Link xmi:id="21" target="10"/>'
    found = cas.read(written(tmp_path, SPANS[0], link, claim, members="20"), {})
    assert [(mark.quote, mark.features["speaker"]) for mark in found.marks] == [("yes", "Ann")]


def test_relations_are_features_of_where_they_start(tmp_path: Path) -> None:
    says = '<custom:Says xmi:id="30" sofa="1" begin="3" end="6" Governor="11" Dependent="10" label="speaker"/>'
    half = '<custom:Says xmi:id="31" sofa="1" begin="3" end="6" Governor="11"/>'
    found = cas.read(written(tmp_path, *SPANS, says, half), {})
    assert [mark.name for mark in found.marks] == ["10", "11"]
    features = found.marks[1].features
    assert (features["Says"], features["speaker"], features["speaker.value"]) == ("Ann", "Ann", "Ann")
    assert found.left_out == Counter({"a relation without an end": 1})


@pytest.mark.parametrize("types", [TYPES, TYPES.replace("</types>", f"{TOKEN}</types>")])
def test_relations_between_tokens_are_counted(tmp_path: Path, types: str) -> None:
    """INCEpTION attaches relation layers to tokens too, and its type system may leave out what DKPro Core has."""
    tokens = (
        '<seg:Token xmi:id="20" sofa="1" begin="3" end="6"/>',
        '<seg:Token xmi:id="21" sofa="1" begin="7" end="11"/>',
    )
    says = '<custom:Says xmi:id="30" sofa="1" begin="3" end="6" Governor="{}" Dependent="{}" label="by"/>'
    found = cas.read(written(tmp_path, *SPANS, *tokens, says.format(20, 21), types=types), {})
    assert [mark.name for mark in found.marks] == ["10", "11"]
    assert found.left_out == Counter({"Token, a layer of the tool": 2, "a relation that starts at no annotation": 1})
    found = cas.read(written(tmp_path, *SPANS, *tokens, says.format(11, 21), types=types), {})
    assert dict(found.marks[1].features) == {key + more: value for key in ("Says", "by") for more, value in TO_SAID}
    assert found.left_out == Counter({"Token, a layer of the tool": 2})


def test_a_layer_of_the_document_has_no_span(tmp_path: Path) -> None:
    """INCEpTION has such layers for metadata; the head of a chain is of the same kind, and says nothing."""
    base = "uima.cas.AnnotationBase"
    links = described("webanno.custom.CoLink", next="webanno.custom.CoLink")
    chain = described("webanno.custom.CoChain", base, first="webanno.custom.CoLink")
    types = TYPES.replace(
        "</types>", f"{described('webanno.custom.Paper', base, outlet='cas.String')}{links}{chain}</types>"
    )
    inner = (
        '<custom:Paper xmi:id="40" sofa="1" outlet="Courier"/>',
        '<custom:Paper xmi:id="41" sofa="1"/>',
        '<custom:CoLink xmi:id="43" sofa="1" begin="3" end="6"/>',
        '<custom:CoChain xmi:id="42" sofa="1" first="43"/>',
    )
    found = cas.read(written(tmp_path, *SPANS, *inner, types=types), {})
    assert told(found)[2:] == [
        ("40", "Paper", None, None, None, {"outlet": "Courier"}),
        ("43", "CoLink", 2, 5, "Ann", {}),
    ]
    assert found.marks[2].where.startswith("one.xmi, annotation 40 on line")
    assert not found.left_out


def test_what_tools_add_and_empty_spans_are_counted_and_left_out(tmp_path: Path) -> None:
    word = '<seg:Token xmi:id="40" sofa="1" begin="3" end="6"/>'
    empty = '<custom:Span xmi:id="41" sofa="1" begin="3" end="3"/>'
    found = cas.read(written(tmp_path, DATA.format("x"), word, empty, SPANS[0]), {})
    assert [mark.name for mark in found.marks] == ["10"]
    assert found.left_out == Counter({"Token, a layer of the tool": 1, "an empty span": 1})
    assert found.documents[0][:3] == ("a.txt", TEXT, {"documentTitle": "a.txt", "documentId": "x"})


def test_types_of_one_short_name_keep_their_full_one(tmp_path: Path) -> None:
    types = type_system(described("webanno.custom.Span"), described("webanno.other.Span"))
    other = '<o:Span xmlns:o="http:///webanno/other.ecore" xmi:id="12" sofa="1" begin="3" end="6"/>'
    plain = '<custom:Span xmi:id="11" sofa="1" begin="12" end="15"/>'
    found = cas.read(written(tmp_path, plain, other, types=types), {})
    assert [mark.kind for mark in found.marks] == ["webanno.custom.Span", "webanno.other.Span"]


def test_line_breaks_are_kept_where_they_are_written_as_references(tmp_path: Path) -> None:
    span = '<custom:Span xmi:id="10" sofa="1" begin="2" end="3"/>'
    found = cas.read(written(tmp_path, span, text="a&#13;&#10;b\nc"), {})
    assert (found.documents[0].text, found.marks[0].quote) == ("a\r\nb c", "\n")


def test_each_view_with_a_text_is_a_document(tmp_path: Path) -> None:
    more = (
        '<custom:Span xmi:id="50" sofa="2" begin="0" end="2"/><cas:Sofa xmi:id="2" sofaNum="2" sofaID="translation"'
        ' sofaString="Ja"/><cas:View sofa="2" members="50"/>'
        '<custom:Span xmi:id="51" sofa="3" begin="0" end="2"/><cas:Sofa xmi:id="3" sofaNum="3" sofaID="picture"/>'
        '<cas:View sofa="3" members="51"/>'
    )
    found = cas.read(written(tmp_path, *SPANS, more=more), {})
    assert [(document.name, document.text) for document in found.documents] == [
        ("one", TEXT),
        ("one (translation)", "Ja"),
    ]
    assert [(mark.document, mark.quote) for mark in found.marks][2:] == [("one (translation)", "Ja")]
    assert found.left_out == Counter({"on a view without text": 1})


def test_a_file_without_a_text_says_why_nothing_is_in_it(tmp_path: Path) -> None:
    sofa = {"%ID": 1, "%TYPE": "uima.cas.Sofa", "sofaNum": 1, "sofaID": "_InitialView"}
    views = {"_InitialView": {"%SOFA": 1, "%MEMBERS": []}}
    for more, left_out in (
        ({"sofaURI": "file:/harbour.txt"}, {"a view whose text is not in the file as text": 1}),
        ({}, {}),
    ):
        content = {"%TYPES": {}, "%FEATURE_STRUCTURES": [sofa | more], "%VIEWS": views}
        found = cas.read(as_json(tmp_path, content), {})
        assert (found.documents, found.left_out) == ([], Counter(left_out))
        with pytest.raises(CorpusError, match="nothing in it to import" + (": 1 × a view" if more else "$|\n")):
            foreign.imported(tmp_path / "one.json")


def project(path: Path, *names: str, text: str = TEXT) -> Path:
    """An export of a whole project: the annotators' own zip files in the zip file."""
    with zipfile.ZipFile(path, "w") as outer:
        outer.writestr("exportedproject.json", '{"name": "p"}')
        outer.writestr("source/a.txt", TEXT)
        for name in names:
            stem = Path(name).stem
            with zipfile.ZipFile(path.with_suffix(".inner"), "w") as inner:
                inner.writestr(f"{stem}.xmi", xmi(DATA.format(stem), SPANS[0], text=text if stem == "bob" else TEXT))
                inner.writestr("TypeSystem.xml", TYPES)
            outer.writestr(name, path.with_suffix(".inner").read_bytes())
    return path


def test_a_project_has_one_document_and_its_annotators(tmp_path: Path) -> None:
    names = [f"annotation/a.txt/{name}.zip" for name in ("ann", "bob", "INITIAL_CAS")]
    path = project(tmp_path / "p.zip", *names, "curation/a.txt/CURATION_USER.zip")
    assert cas.fits(path, path.read_bytes()[:4096])
    found = cas.read(path, {})
    assert [document.name for document in found.documents] == ["a.txt"]
    assert [(mark.document, mark.coder) for mark in found.marks] == [
        ("a.txt", "ann"),
        ("a.txt", "bob"),
        ("a.txt", "CURATION_USER"),
    ]


def test_annotators_with_different_texts_of_one_document_are_an_error(tmp_path: Path) -> None:
    path = project(
        tmp_path / "p.zip", *(f"annotation/a.txt/{name}.zip" for name in ("ann", "bob")), text="Another text of it"
    )
    with pytest.raises(
        CorpusError, match=r"the text of 'a.txt' differs from that in p.zip/annotation/a.txt/ann.zip/ann.xmi"
    ):
        cas.read(path, {})


def test_a_folder_of_files_and_one_annotators_own_file(tmp_path: Path) -> None:
    (tmp_path / "TypeSystem.xml").write_text(TYPES, encoding="utf-8")
    for name in ("ann", "bob"):
        (tmp_path / f"{name}.xmi").write_text(xmi(DATA.format(name), SPANS[0]), encoding="utf-8")
    assert cas.fits(tmp_path, b"")
    assert [(mark.document, mark.coder) for mark in cas.read(tmp_path, {}).marks] == [
        ("a.txt", "ann"),
        ("a.txt", "bob"),
    ]


def test_the_type_system_may_lie_in_the_folder_around(tmp_path: Path) -> None:
    path = written(tmp_path, *SPANS)
    (tmp_path / "texts").mkdir()
    inner = path.rename(tmp_path / "texts" / path.name)
    assert [mark.name for mark in cas.read(inner, {}).marks] == ["10", "11"]
    (tmp_path / "texts" / "TypeSystem.xml").write_text(type_system(), encoding="utf-8")
    with pytest.raises(CorpusError, match=r"TypeSystem.xml does not define it"):
        cas.read(inner, {})


def test_a_missing_type_system_is_asked_for_by_name(tmp_path: Path) -> None:
    with pytest.raises(
        CorpusError, match=r"(?s)its type webanno.custom.Span is in no type system.*no TypeSystem.xml beside"
    ):
        cas.read(written(tmp_path, *SPANS, types=None), {})
    with pytest.raises(CorpusError, match=r"TypeSystem.xml does not define it"):
        cas.read(written(tmp_path, *SPANS, types=type_system()), {})
    says = '<custom:Says xmi:id="30" sofa="1" begin="3" end="6" Governor="10" Dependent="11"/>'
    with pytest.raises(CorpusError, match=r"2 of its types are in no type system, such as webanno.custom.Says"):
        cas.read(written(tmp_path, *SPANS, says, types=type_system()), {})


@pytest.mark.parametrize(
    ("types", "reason"),
    [
        (type_system(described("webanno.custom.Span", **{"x=print(1)": "cas.String"})), "cannot be the name of a type"),
        (type_system(described("a.B", "a.C"), described("a.C", "a.B")), "inherits from itself"),
        (type_system(described("a.B", "no.such.Type")), "no sound UIMA CAS"),
        (type_system(*(described(f"a.T{n}", f"a.T{n - 1}" if n else "uima.cas.TOP") for n in range(300))), "too large"),
        ("<a>", "TypeSystem.xml:1: this is no sound XML"),
        ('<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "it has a DOCTYPE"),
    ],
)
def test_hostile_type_systems_are_refused(tmp_path: Path, types: str, reason: str) -> None:
    with pytest.raises(CorpusError, match=reason):
        cas.read(written(tmp_path, *SPANS, types=types), {})


@pytest.mark.parametrize(
    ("inner", "reason"),
    [
        (
            ['<custom:Span xmi:id="9" sofa="1" begin="1" end="4"/>'],
            r"one.xmi:2: annotation 9: offset 1 is in the middle",
        ),
        (['<custom:Span xmi:id="9" sofa="1" begin="3" end="99"/>'], "offset 99 is not in the text"),
        (['<custom:Span xmi:id="9" sofa="1" begin="-3" end="9"/>'], "offset -3 is not in the text"),
        (['<custom:Span xmi:id="9" sofa="1" begin="5" end="3"/>'], "before its start at 5"),
        (['<custom:Span xmi:id="9" sofa="1" begin="1e3" end="4"/>'], "its id, begin and end are"),
        (['<custom:Span xmi:id="9" sofa="7" begin="1" end="4"/>'], "its sofa, the text it stands on, is not here"),
        (['<custom:Span sofa="1" begin="3" end="4"/>'], "its id, begin and end are"),
        ([SPANS[0], SPANS[0]], r"one.xmi:3: the xmi:id 10 stands on line 2 already"),
        (['<custom:Span xmi:id="9" sofa="1" begin="3" end="4" weight="x"/>'], "no sound UIMA CAS"),
        (['<custom:Span xmi:id="9" sofa="1" begin="3" end="4" what="x"/>'], "no sound UIMA CAS"),
        (['<custom:Claim xmi:id="9" sofa="1" begin="3" end="4" speaker="77"/>'], "no sound UIMA CAS"),
    ],
)
def test_what_is_wrong_in_xmi_is_told(tmp_path: Path, inner: list[str], reason: str) -> None:
    with pytest.raises(CorpusError, match=reason):
        cas.read(written(tmp_path, *inner), {})


def test_a_member_of_two_views_would_be_converted_twice_and_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="is a member twice"):
        cas.read(written(tmp_path, *SPANS, members="10 11 10"), {})


@pytest.mark.parametrize(
    "content", [b"", b"\x00\xff", b"<a/>", b"<xmi:XMI", b"<!DOCTYPE a><a/>", b"[1]", b'{"a":1}', b"{"]
)
@pytest.mark.parametrize("name", ["x.xmi", "x.json"])
def test_files_that_are_no_cas_are_refused(tmp_path: Path, content: bytes, name: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert not cas.fits(tmp_path / name, content)
    with pytest.raises(CorpusError):
        cas.read(tmp_path / name, {})


def cas_json(**more: Any) -> dict[str, Any]:
    annotation = {"%ID": 2, "%TYPE": "my.Span", "@sofa": 1, "begin": 3, "end": 6, "value": "a\u0001b\n"} | more
    sofa = {"%ID": 1, "%TYPE": "uima.cas.Sofa", "sofaNum": 1, "sofaID": "_InitialView", "sofaString": TEXT}
    value = {"%NAME": "value", "%RANGE": "uima.cas.String"}
    return {
        "%TYPES": {"my.Span": {"%NAME": "my.Span", "%SUPER_TYPE": "uima.tcas.Annotation", "value": value}},
        "%FEATURE_STRUCTURES": [sofa, annotation],
        "%VIEWS": {"_InitialView": {"%SOFA": 1, "%MEMBERS": [2]}},
    }


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_control_characters_in_xmi_are_told(tmp_path: Path, version: str) -> None:
    content = f'<?xml version="{version}" encoding="UTF-8"?>\n{xmi(*SPANS, text=TEXT.replace("said", "&#7;aid"))}'
    (tmp_path / "one.xmi").write_text(content, encoding="utf-8")
    with pytest.raises(
        CorpusError, match=r"(?s)one.xmi:\d+: it has a control character.*or export a UIMA CAS as `UIMA CAS JSON`"
    ):
        cas.read(tmp_path / "one.xmi", {})


def test_a_zip_file_may_hold_cas_json(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.json", "{}")
        archive.writestr("one.json", json.dumps(cas_json()))
    assert formats.format_of(path) == "uima-cas"
    assert [(mark.document, mark.quote) for mark in formats.find(path).marks] == [("one", "Ann")]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("all.jsonl", "{}")
    with pytest.raises(ParameterError, match=r"(?s)the format is not known.*next: unpack the zip file"):
        formats.format_of(path)


def as_json(folder: Path, content: Any) -> Path:
    (folder / "one.json").write_text(json.dumps(content), encoding="utf-8-sig")
    return folder / "one.json"


def test_cas_json_keeps_control_characters_and_line_breaks(tmp_path: Path) -> None:
    path = as_json(tmp_path, cas_json())
    assert cas.fits(path, path.read_bytes())
    assert told(cas.read(path, {})) == [("2", "Span", 2, 5, "Ann", {"value": "a\u0001b\n"})]


@pytest.mark.parametrize("value", [None, "3", [], {}, True, 1.5, 10**30, -1, 99, 1])
def test_wrong_offsets_in_json_are_told(tmp_path: Path, value: object) -> None:
    with pytest.raises(CorpusError, match=r"one.json: annotation 2: |no sound UIMA CAS"):
        cas.read(as_json(tmp_path, cas_json(begin=value, end=value if value != "3" else [])), {})


@pytest.mark.parametrize("nested", [["a"], [], {"x": 1}, [{}]])
def test_a_feature_that_holds_a_list_or_an_object_is_told(tmp_path: Path, nested: object) -> None:
    with pytest.raises(CorpusError, match=r"one.json: annotation 2: 'value' holds a list or an object"):
        cas.read(as_json(tmp_path, cas_json(value=nested)), {})
    content = cas_json()
    content["%FEATURE_STRUCTURES"].append({"%ID": 3, "%TYPE": "uima.cas.FSArray", "%ELEMENTS": [nested]})
    with pytest.raises(CorpusError, match="annotation 3: '%ELEMENTS' holds a list or an object"):
        cas.read(as_json(tmp_path, content), {})


@pytest.mark.parametrize("key", ["%TYPES", "%FEATURE_STRUCTURES", "%VIEWS"])
@pytest.mark.parametrize("value", [None, 1, "x", [1], {"a": 1}, [[]]])
def test_wrong_parts_of_json_are_told(tmp_path: Path, key: str, value: object) -> None:
    with pytest.raises(CorpusError):
        cas.read(as_json(tmp_path, cas_json() | {key: value}), {})


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('{"%TYPES": ' + "[" * 100_000, "nested too deeply"),
        ('{"%TYPES": {}, "x": ' + "9" * 5000 + "}", "thousands of digits"),
        ('{"%TYPES": {}, "x": "\\ud83d"}', "half a character"),
        ('{"%TYPES": {},\n "x": }', r"x.json:2: this is no JSON"),
    ],
)
def test_hostile_json_is_refused(tmp_path: Path, content: str, reason: str) -> None:
    (tmp_path / "x.json").write_text(content, encoding="utf-8")
    with pytest.raises(CorpusError, match=reason):
        cas.read(tmp_path / "x.json", {})


def test_many_wrong_offsets_in_a_long_text_take_no_time(tmp_path: Path) -> None:
    spans = [f'<custom:Span xmi:id="{n}" sofa="1" begin="0" end="9999999"/>' for n in range(10, 5000)]
    start = time.monotonic()
    with pytest.raises(CorpusError, match="4990 problems, of which the first 20 are shown"):
        cas.read(written(tmp_path, *spans, text="word " * 100_000), {})
    assert time.monotonic() - start < 10


@pytest.fixture
def fixtures() -> Path:
    folder = os.environ.get("STANCEBOOK_FIXTURES")
    if not folder:
        pytest.skip("STANCEBOOK_FIXTURES does not say where other people's files are")
    return Path(folder)


def test_real_xmi_has_all_its_spans(fixtures: Path) -> None:
    expected = json.loads((fixtures / "MANIFEST.json").read_text(encoding="utf-8"))
    found = cas.read(fixtures / "inception_webanno", {})
    spans = sum(
        entry["must_contain"].get("spans", 0)
        for name, entry in expected.items()
        if name.startswith("inception_webanno/")
    )
    assert (
        len(found.marks) + found.left_out["an empty span"] + found.left_out["POS_NOUN, a layer of the tool"]
        == spans + 5
    )
    smileys = [mark for mark in found.marks if mark.document == "huggingface.txt"]
    assert [(mark.quote, mark.features) for mark in smileys[:3]] == [("Transformers", {"value": "OTH"})] * 3
    assert {document.text for document in found.documents} >= {"This is\na test .", "This is\ta test ."}


def test_real_cas_json_has_the_offsets_of_its_emoji(fixtures: Path) -> None:
    expected = json.loads((fixtures / "MANIFEST.json").read_text(encoding="utf-8"))
    for path in sorted((fixtures / "uima_cas_json").glob("*/data.json")):
        annotations = expected[path.relative_to(fixtures).as_posix()]["must_contain"]["annotations"]
        found = cas.read(path, {})
        assert [[mark.start, mark.end, mark.quote] for mark in found.marks] == annotations
