"""What the fuzzer damages: the small corpus of the tests in every format, and richer files of its own."""

# ruff: noqa: E501  # data, a line each

import io
import json
import sqlite3
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import mini_corpus
import openpyxl
import pandas as pd
from corpus_builder import CODEBOOK, article
from mutations import Files, Seed, packing

TEXT = "🚢 Ann Lee of Acme said yes to the toll;\r\nBob said no, e\u0301t voilà.\n"
LEAVE = 'documents: {published: {default: "2024/2025"}}\ncodes:\n  '
STAR = LEAVE + '"*": {speaker: {from: speaker, default: Ann}, issue: {from: quote, default: toll}, stance: 1}\n'
FULL = """
format: tables
options: {document: article, id: nr, coder: who, quote: words, sheet: One}
documents: {title: article, published: {from: day, default: "2024-05"}, outlet: {default: Post}, language: {default: en}}
codes:
  One:
    speaker: {from: speaker, split: ";"}
    on_behalf_of: {from: party}
    issue: {from: issue, values: {the toll: toll}}
    stance: {from: stance, values: {yes: 1, no: -1, both: mixed}}
    date: {from: day}
  Two: {record: event, label: {from: words}, type: CONSULT, actors: {from: speaker, split: ";"}, start: {from: day}}
  Three: leave out
aliases: {ann: [Ann Lee, A. Lee], bob: Bob}
codebook: codebook.yaml
"""
_SPANS = {"Speaker": (2, 9), "Party": (13, 17), "Statement": (18, 26)}


def seeds() -> list[Seed]:
    """All of them, in an order that does not change."""
    found = [_mini(name) for name in mini_corpus.FORMATS]
    made = (_brat, _w3c, _catma, _label_studio, _doccano, _prodigy, _csv, _xlsx, _refi, _qdc, _xmi, _dna_2, _native)
    return found + [make() for make in made]


def _mini(kind: str) -> Seed:
    formats = {"doccano": "span-jsonl", "prodigy": "span-jsonl", "cas-xmi": "uima-cas", "cas-json": "uima-cas"}
    write, mapping, _ = mini_corpus.FORMATS[kind]
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder))
        files = {file.name: file.read_bytes() for file in sorted(Path(folder).iterdir())}
        entry = "source" if path.is_dir() else f"source/{path.name}"
    if kind in ("xlsx", "refi-qda"):
        files = {name: _packed_again(content) for name, content in files.items()}
    format = "tables" if kind in ("csv", "xlsx", "parquet", "jsonl") else formats.get(kind, kind)  # noqa: A001
    return Seed(kind, _in_source(files, mapping), entry, format)


def _packed_again(content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return packing([(info.filename, archive.read(info)) for info in archive.infolist()])


def _in_source(files: dict[str, Any], mapping: str) -> Files:
    """The files as bytes: texts as UTF-8, other values as JSON."""
    raw = {
        name: content if isinstance(content, bytes | str) else json.dumps(content) for name, content in files.items()
    }
    given = {name: content.encode() if isinstance(content, str) else content for name, content in raw.items()}
    inside = {f"source/{name}": content for name, content in given.items() if name != "codebook.yaml"}
    return inside | {"mapping.yaml": mapping.encode()} | {
        name: content for name, content in given.items() if name == "codebook.yaml"
    }  # fmt: skip


def _one(kind: str, name: str, content: Any, mapping: str, format: str) -> Seed:  # noqa: A002
    return Seed(kind, _in_source({name: content}, mapping), f"source/{name}", format)


def _brat() -> Seed:
    lines = ("T1\tStatement 18 26\tsaid yes", "T2\tSpeaker 2 5;6 9\tAnn Lee", "T3\tParty 13 17\tAcme", "E1\tStatement:T1 speaker:T2 by2:T3",
             "A1\tSure E1", "M2\tTone T2 glad", "R1\tMember Arg1:T2 Arg2:T3", "*\tEquiv T2 T3", "N1\tReference T2 Wiki:Q1\tAnn",
             "#1\tAnnotatorNotes T1\ta note", "T4\tStatement 41 49\tBob said")  # fmt: skip
    files = {
        "a.txt": TEXT,
        "a.ann": "\n".join(lines) + "\n",
        "annotation.conf": "[entities]\nStatement\n",
        "b/c.txt": "x",
        "b/c.ann": "",
    }
    return Seed("brat", _in_source(files, STAR), "source", "brat")


def _w3c() -> Seed:
    url = "https://news.example/toll"
    place = [
        {"type": "RangeSelector", "startContainer": "/p[1]", "startOffset": 1},
        {"type": "TextPositionSelector", "start": 19, "end": 27},
        {"type": "TextQuoteSelector", "exact": "said yes", "prefix": "Acme ", "suffix": " to the"},
    ]
    row = {"id": "h1", "created": "2024-05-01T10:00:00+00:00", "user": "acct:eve@h.is", "uri": url, "tags": ["oppose", "x"], "text": "clear",
           "document": {"title": ["The toll"]}, "target": [{"source": url, "selector": place}]}  # fmt: skip
    reply = {**row, "id": "h2", "references": ["h1"], "target": [{"source": url}]}
    files = {"toll.json": {"total": 3, "rows": [row, reply, {**row, "id": "h3", "hidden": True}]}, "toll.txt": TEXT}
    return Seed("w3c", _in_source(files, STAR), "source/toll.json", "w3c")


def _catma() -> Seed:
    definition = {"name": "Support", "uuid": "g", "parentUuid": "", "systemPropertyDefinitions": {"s1": {"name": "catma_markupauthor"}},
                  "userDefinedPropertyDefinitions": {"u1": {"name": "speaker"}}}  # fmt: skip
    body = {
        "tagset": "tagsets/T1",
        "tag": "tagsets/T1/g",
        "properties": {"system": {"s1": ["eve"]}, "user": {"u1": ["Ann"]}},
    }
    items = [
        {"source": "D1", "selector": {"start": 3, "end": 10}},
        {"source": "D1", "selector": {"start": 19, "end": 27}},
    ]
    note = {"id": "collections/C1/annotations/a1", "body": body, "target": {"items": items}}
    files = {
        "documents/D1/header.json": {
            "gitContentInfoSet": {"title": "The toll", "author": ""},
            "gitTechInfoSet": {"fileName": "t"},
        },
        "documents/D1/D1.txt": TEXT,
        "collections/C1/header.json": {"name": "first", "responsibleUser": "max", "sourceDocumentId": "D1"},
        "collections/C1/annotations/eve_0.json": [note, {**note, "id": "a2"}],
        "tagsets/T1/header.json": {"name": "Stances"},
        "tagsets/T1/g/propertydefs.json": definition,
        "tagsets/T1/g/h/propertydefs.json": {**definition, "uuid": "h", "parentUuid": "g", "name": "Strong"},
    }
    return Seed("catma", _in_source(files, STAR), "source", "catma")


def _label_studio() -> Seed:
    text = "🏛 Ann Lee (Greens)\r\nsaid yes 💩 to it."
    places = {
        "a": (2, 9, "Ann Lee", "Speaker"),
        "g": (11, 17, "Greens", "Party"),
        "y": (20, 28, "said yes", "Statement"),
    }
    results: list[dict[str, Any]] = [
        {
            "id": name,
            "from_name": "label",
            "to_name": "t",
            "type": "labels",
            "value": {"start": a, "end": b, "text": quote, "labels": [label]},
        }
        for name, (a, b, quote, label) in places.items()
    ]
    value = {"start": 20, "end": 28}
    more = {
        "choices": ["support"],
        "taxonomy": [["Energy", "Coal"]],
        "rating": 4,
        "number": 1.5,
        "datetime": "2024-05-28",
        "text": ["sure"],
    }
    results += [{"id": "y", "from_name": name, "to_name": "t", "type": "textarea" if name == "text" else name, "value": {**value, name: part}}
                for name, part in more.items()]  # fmt: skip
    results.append({"type": "relation", "from_id": "y", "to_id": "a", "direction": "right", "labels": ["speaker"]})
    html = {"id": "z", "from_name": "label", "to_name": "h", "type": "hypertextlabels",
            "value": {"start": "/p[1]/text()[1]", "end": "/p[1]/text()[1]", "startOffset": 0, "endOffset": 3,
                      "globalOffsets": {"start": 0, "end": 3}, "text": "Ann", "hypertextlabels": ["Statement"]}}  # fmt: skip
    notes = [{"id": 5, "completed_by": {"email": "eve@x.org"}, "was_cancelled": False, "result": results},
             {"id": 6, "completed_by": 2, "was_cancelled": True, "result": results}, {"id": 7, "completed_by": 3, "result": [html]}]  # fmt: skip
    task = {"id": 1, "data": {"text": text, "html": "<p>Ann &amp; <b>Bob</b></p>", "meta": {"day": "2024"}}, "annotations": notes,
            "predictions": [{"result": results}], "file_upload": "x.json"}  # fmt: skip
    return _one("label-studio", "export.json", [task, {**task, "id": 2}], STAR, "label-studio")


def _doccano() -> Seed:
    entities = [
        {"id": n, "label": label, "start_offset": a + 1, "end_offset": b + 1}
        for n, (label, (a, b)) in enumerate(_SPANS.items())
    ]
    relations = [{"id": 1, "from_id": 2, "to_id": 0, "type": "speaker"}]
    rows = [{"id": 1, "text": TEXT, "entities": entities, "relations": relations, "Comments": ["x"], "day": "2024-05"},
            {"id": 2, "text": "One", "label": [[0, 3, "A"]]}]  # fmt: skip
    mapping = STAR + "options: {offset_unit: utf-16}\n"
    return _one("doccano", "all.jsonl", "".join(json.dumps(row) + "\n" for row in rows), mapping, "span-jsonl")


def _prodigy() -> Seed:
    tokens = [
        {"text": word, "start": TEXT.index(word), "end": TEXT.index(word) + len(word), "id": n}
        for n, word in enumerate(("Ann", "said", "no"))
    ]
    spans = [
        {"start": a, "end": b, "label": label, "token_start": 0, "token_end": 1} for label, (a, b) in _SPANS.items()
    ]
    side = {
        name: {key: spans[n][key] for key in ("start", "end", "label")}
        for n, name in ((2, "head_span"), (0, "child_span"))
    }
    row = {"text": TEXT, "tokens": tokens, "spans": spans, "relations": [{"head": 1, "child": 0, "label": "speaker", **side}],
           "answer": "accept", "_session_id": "d-eve", "_task_hash": 1, "meta": {"title": "a"}}  # fmt: skip
    rows = [row, {**row, "answer": "reject", "_task_hash": 2}, {**row, "_session_id": "d-max"}]
    return _one("prodigy", "p.jsonl", "".join(json.dumps(row) + "\n" for row in rows), STAR, "span-jsonl")


def _rows() -> list[dict[str, Any]]:
    row = {"nr": "1", "article": "Toll, the", "who": "eve", "from": "0", "to": "3", "words": "said yes", "speaker": "Ann Lee;Bob",
           "party": "Ministry", "issue": "the toll", "stance": "yes", "day": "2024-05-01"}  # fmt: skip
    return [
        row,
        {**row, "nr": "2", "stance": "both", "who": "max"},
        {**row, "nr": "3", "speaker": "Bob", "article": "B"},
    ]


def _csv() -> Seed:
    frame = pd.DataFrame(_rows())
    mapping = FULL.replace(", sheet: One", "").replace("One", "row").replace("codebook: codebook.yaml\n", "")
    return _one(
        "csv", "t.csv", "\ufeffsep=;\r\n" + frame.to_csv(index=False, sep=";", lineterminator="\r\n"), mapping, "tables"
    )


def _xlsx() -> Seed:
    book = openpyxl.Workbook()
    book.active.title = "One"
    for name in ("One", "Two"):
        sheet = book[name] if name in book.sheetnames else book.create_sheet(name)
        sheet.append(list(_rows()[0]))
        for row in _rows():
            sheet.append([pd.Timestamp(value).to_pydatetime() if key == "day" else value for key, value in row.items()])
        sheet["A2"] = 1.0
        sheet["L1"], sheet["L2"] = "flag", True
    buffer = io.BytesIO()
    book.save(buffer)
    files = {"t.xlsx": _packed_again(buffer.getvalue()), "codebook.yaml": CODEBOOK}
    return Seed("xlsx", _in_source(files, FULL), "source/t.xlsx", "tables")


def _refi() -> Seed:
    codes = ('<Code guid="A1" name="Stance" isCodable="true"><Description>x</Description><Code guid="{a2}" name="Yes" isCodable="true"/></Code>'
             '<Code guid="a3" name="Bridge" isCodable="true"/>')  # fmt: skip
    coding = '<Coding guid="c{0}" creatingUser="u1"><CodeRef targetGUID="a{1}"/></Coding>'
    spans = "".join(
        f'<PlainTextSelection guid="s{n}" startPosition="{a}" endPosition="{b}">{coding.format(n, n + 1)}</PlainTextSelection>'
        for n, (a, b) in enumerate(_SPANS.values())
    )
    qde = ('<?xml version="1.0" encoding="utf-8"?><Project xmlns="urn:QDA-XML:project:1.0" name="p" origin="a tool"><Users>'
           f'<User guid="u1" name="Ann"/></Users><CodeBook><Codes>{codes}</Codes><Sets><Set guid="s" name="S"/></Sets></CodeBook>'
           '<Variables><Variable guid="v1" name="published" typeOfVariable="Date"/></Variables><Cases><Case guid="k1" name="C">'
           '<VariableValue><VariableRef targetGUID="v1"/><DateValue>2024-05-01</DateValue></VariableValue><SourceRef targetGUID="t1"/></Case></Cases>'
           f'<Sources><TextSource guid="t1" name="One" plainTextPath="internal://t.txt">{spans}</TextSource>'
           '<TextSource guid="t2" name="Two"><PlainTextContent>Ann Lee said yes.</PlainTextContent></TextSource>'
           '<PDFSource guid="t3" name="P" path="internal://p.pdf"><Representation guid="r" plainTextPath="internal://t.txt"/></PDFSource>'
           '</Sources><Notes><Note guid="n1" name="N"/></Notes></Project>')  # fmt: skip
    members = [
        ("project.qde", b"\xef\xbb\xbf" + qde.encode()),
        ("sources/t.txt", TEXT.encode()),
        ("sources/p.pdf", b"%PDF"),
    ]
    return _one("refi-qda", "p.qdpx", packing(members), STAR, "refi-qda")


def _qdc() -> Seed:
    book = ('<?xml version="1.0"?><CodeBook xmlns="urn:QDA-XML:codebook:1.0" origin="x"><Codes><Code guid="a" name="A" isCodable="true">'
            '<Code guid="b" name="B" isCodable="true"/></Code></Codes></CodeBook>')  # fmt: skip
    return _one("refi-qda", "c.qdc", book, STAR, "refi-qda")


def _xmi() -> Seed:
    def described(name: str, parent: str, **features: str) -> str:
        listed = "".join(f"<featureDescription><name>{key}</name><rangeTypeName>uima.{kind}</rangeTypeName></featureDescription>"
                         for key, kind in features.items())  # fmt: skip
        head = f"<typeDescription><name>webanno.custom.{name}</name><supertypeName>uima.{parent}</supertypeName>"
        return f"{head}<features>{listed}</features></typeDescription>"

    types = (described("Span", "tcas.Annotation", value="cas.String", weight="cas.Integer", sure="cas.Boolean")
             + described("Link", "cas.TOP", role="cas.String", target="tcas.Annotation")
             + described("Claim", "tcas.Annotation", stance="cas.String", speaker="cas.FSArray", tags="cas.StringArray")
             + described("Says", "tcas.Annotation", Governor="tcas.Annotation", Dependent="tcas.Annotation", label="cas.String"))  # fmt: skip
    system = f'<typeSystemDescription xmlns="http://uima.apache.org/resourceSpecifier"><types>{types}</types></typeSystemDescription>'
    xmi = ('<xmi:XMI xmlns:xmi="http://www.omg.org/XMI" xmlns:cas="http:///uima/cas.ecore" xmlns:c="http:///webanno/custom.ecore" xmi:version="2.0">'
           '<cas:NULL xmi:id="0"/><c:Span xmi:id="10" sofa="1" begin="3" end="6" value="Ann" weight="2" sure="true"/>'
           '<c:Link xmi:id="11" role="speaker" target="10"/><c:Claim xmi:id="12" sofa="1" begin="7" end="15" stance="1" speaker="11">'
           '<tags>a</tags><tags>b</tags></c:Claim><c:Says xmi:id="13" sofa="1" begin="7" end="15" Governor="12" Dependent="10" label="x"/>'
           '<cas:Sofa xmi:id="1" sofaNum="1" sofaID="_InitialView" mimeType="text" sofaString="😀 Ann said yes.&#10;"/>'
           '<cas:View sofa="1" members="10 12 13"/></xmi:XMI>')  # fmt: skip
    return Seed("cas-xmi", _in_source({"TypeSystem.xml": system, "one.xmi": xmi}, STAR), "source/one.xmi", "uima-cas")


def _dna_2() -> Seed:
    """A database of the second version: texts in their place, milliseconds, attributes by value."""
    with tempfile.TemporaryDirectory() as folder:
        path = mini_corpus.dna(Path(folder))
        database = sqlite3.connect(path)
        database.executescript(
            "update SETTINGS set Value = '2.0b25'; delete from DATALONGTEXT; drop table DATASHORTTEXT; update DOCUMENTS set Date = Date * 1000;"
            "create table DATASHORTTEXT(ID integer primary key, StatementId integer, VariableId integer, Value text);"
            "insert into DATASHORTTEXT(StatementId, VariableId, Value) select ID, 1, 'Ana' from STATEMENTS;"
            "insert into DATASHORTTEXT(StatementId, VariableId, Value) select ID, 2, 'new pier' from STATEMENTS;"
            "insert into DATABOOLEAN(StatementId, VariableId, Value) select ID, 3, 1 from STATEMENTS;"
            "create table ATTRIBUTES(ID integer primary key, VariableId integer, Value text, Color text, Type text, Alias text, Notes text);"
            "insert into ATTRIBUTES(VariableId, Value, Type, Alias, Notes) values (1, 'Ana', 'person', 'A', '');"
            "drop table ATTRIBUTEVALUES; drop table ATTRIBUTEVARIABLES; drop table ENTITIES; vacuum;"
        )
        database.close()
        mapping = mini_corpus.FORMATS["dna"][1]
        return _one("dna", "old.dna", path.read_bytes(), mapping, "dna")


def _native() -> Seed:
    files: dict[str, Any] = {
        "x/codebook.yaml": CODEBOOK,
        **{f"x/articles/{name}": text for name, text in article("one").items()},
    }
    return Seed("native", _in_source(files, STAR), "source/x", "native")
