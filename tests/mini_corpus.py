"""One small corpus in every format that can be read, so that the same tables must come out of each.

Two articles with an emoji before a span, two statements in the first and one in the second. Where a format has labels
only, three codes stand on each span; where it has features, one annotation carries them.
"""

import json
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
from cassis import Cas, TypeSystem
from cassis.json import CasJsonSerializer

TEXTS = {
    "harbour": "A boat 🚢 came in. Ana said the pier must grow. Ben called the pier a mistake.",
    "market": "The market was full. Ana wants the market hall closed.",
}
PUBLISHED = {"harbour": "2024-05-03", "market": "2024-06-01"}
STATEMENTS = [
    ("harbour", "Ana said the pier must grow", "Ana", "new pier", 1),
    ("harbour", "Ben called the pier a mistake", "Ben", "new pier", -1),
    ("market", "Ana wants the market hall closed", "Ana", "market hall", -0.5),
]
FEATURES = """
documents: {published: published, title: title}
codes:
  Statement: {speaker: {from: speaker}, issue: {from: issue}, stance: {from: stance}}
"""
LABELS = """
documents: {published: {default: 2024-05}}
codes:
  "Speaker/*": {speaker: {from: "*"}}
  "Issue/*": {issue: {from: "*"}}
  "Stance/*": {stance: {from: "*"}}
"""


def spans() -> list[tuple[str, int, int, str, dict[str, str]]]:
    """Article, start and end in code points, quote, and the fields of each statement."""
    found = []
    for article, quote, speaker, issue, stance in STATEMENTS:
        start = TEXTS[article].index(quote)
        found.append(
            (article, start, start + len(quote), quote, {"speaker": speaker, "issue": issue, "stance": f"{stance:g}"})
        )
    return found


def labels(fields: dict[str, str]) -> list[str]:
    return [f"{name.capitalize()}/{value}" for name, value in fields.items()]


def utf16(article: str, at: int) -> int:
    return len(TEXTS[article][:at].encode("utf-16-le")) // 2


def table(folder: Path, suffix: str) -> Path:
    rows = [
        {"article_id": article, "published": PUBLISHED[article], "quote": quote, **fields}
        for article, _, _, quote, fields in spans()
    ]
    frame, path = pd.DataFrame(rows), folder / f"coding.{suffix}"
    if suffix == "csv":
        frame.to_csv(path, index=False)
    elif suffix == "xlsx":
        frame.to_excel(path, index=False, sheet_name="row")
    elif suffix == "parquet":
        frame.to_parquet(path, index=False)
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def label_studio(folder: Path) -> Path:
    tasks = []
    for number, (article, text) in enumerate(TEXTS.items(), start=1):
        results: list[dict[str, Any]] = []
        for at, (of, start, end, quote, fields) in enumerate(spans()):
            base = {"id": f"r{at}", "to_name": "text"}
            place = {"start": start, "end": end, "text": quote}
            if of == article:
                label = {"labels": ["Statement"], **place}
                results.append({**base, "from_name": "label", "type": "labels", "value": label})
                results += [
                    {**base, "from_name": name, "type": "choices", "value": {"choices": [value], **place}}
                    for name, value in fields.items()
                ]
        data = {"text": text, "title": article, "published": PUBLISHED[article]}
        annotation = {"id": number, "completed_by": 1, "result": results, "was_cancelled": False}
        tasks.append({"id": number, "data": data, "annotations": [annotation]})
    return _json(folder / "export.json", tasks)


def doccano(folder: Path) -> Path:
    rows = [
        {"id": article, "text": text,
         "label": [[start, end, name]
                   for of, start, end, _, fields in spans() if of == article for name in labels(fields)]}
        for article, text in TEXTS.items()
    ]  # fmt: skip
    return _lines(folder / "admin.jsonl", rows)


def prodigy(folder: Path) -> Path:
    rows = [
        {"text": text, "answer": "accept", "_input_hash": number, "_task_hash": number, "meta": {"title": article},
         "spans": [{"start": start, "end": end, "label": name, "token_start": 0, "token_end": 1}
                   for of, start, end, _, fields in spans() if of == article for name in labels(fields)]}
        for number, (article, text) in enumerate(TEXTS.items())
    ]  # fmt: skip
    return _lines(folder / "prodigy.jsonl", rows)


def brat(folder: Path) -> Path:
    for article, text in TEXTS.items():
        lines = []
        for at, (of, start, end, quote, fields) in enumerate(spans(), start=1):
            if of == article:
                lines.append(f"T{at}\tStatement {start} {end}\t{quote}")
                lines += [f"A{at}{n}\t{name} T{at} {value}" for n, (name, value) in enumerate(fields.items())]
        (folder / f"{article}.txt").write_text(text, encoding="utf-8", newline="")
        (folder / f"{article}.ann").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="")
    return folder


def w3c(folder: Path) -> Path:
    for article, text in TEXTS.items():
        items = []
        for at, (of, start, end, quote, fields) in enumerate(spans()):
            selectors = [
                {"type": "TextQuoteSelector", "exact": quote, "prefix": text[max(0, start - 8) : start]},
                {"type": "TextPositionSelector", "start": utf16(article, start), "end": utf16(article, end)},
            ]
            bodies = [{"type": "TextualBody", "purpose": "tagging", "value": name} for name in labels(fields)]
            target = {"source": f"https://example.org/{article}", "selector": selectors}
            if of == article:
                items.append({"@context": "http://www.w3.org/ns/anno.jsonld", "type": "Annotation", "id": f"#a{at}",
                              "body": bodies, "target": target})  # fmt: skip
        _json(folder / f"{article}.json", items)
        (folder / f"{article}.txt").write_text(text, encoding="utf-8", newline="")
    return folder


def cas(folder: Path, suffix: str) -> Path:
    for article, text in TEXTS.items():
        types = TypeSystem()
        statement = types.create_type("webanno.custom.Statement", "uima.tcas.Annotation")
        for name in ("speaker", "issue", "stance"):
            types.create_feature(statement, name, "uima.cas.String")
        document = Cas(types)
        document.sofa_string, document.sofa_mime = text, "text/plain"
        document.add_all(
            [statement(begin=start, end=end, **fields) for of, start, end, _, fields in spans() if of == article]
        )
        if suffix == "json":
            (folder / f"{article}.json").write_text(
                str(CasJsonSerializer().serialize(None, document)), encoding="utf-8"
            )
        else:
            document.to_xmi(folder / f"{article}.xmi")
            types.to_xml(folder / "TypeSystem.xml")
    return folder


def refi(folder: Path) -> Path:
    names = sorted({label for *_, fields in spans() for label in labels(fields)})
    ids = {name: f"00000000-0000-0000-0000-{at:012}" for at, name in enumerate(names)}
    parents = sorted({name.partition("/")[0] for name in names})
    codes = "".join(
        f'<Code guid="10000000-0000-0000-0000-{at:012}" name="{parent}" isCodable="true">'
        + "".join(f'<Code guid="{ids[name]}" name="{name.partition("/")[2]}" isCodable="true"/>' for name in names
                  if name.startswith(f"{parent}/")) + "</Code>"
        for at, parent in enumerate(parents)
    )  # fmt: skip
    sources = ""
    for number, article in enumerate(TEXTS):
        selections = ""
        for at, (of, start, end, quote, fields) in enumerate(spans()):
            coded = "".join(f'<Coding guid="3{at}{n}"><CodeRef targetGUID="{ids[name]}"/></Coding>'
                            for n, name in enumerate(labels(fields)))  # fmt: skip
            if of == article:
                selections += (f'<PlainTextSelection guid="2{at}" name="{quote}" startPosition="{start}" '
                               f'endPosition="{end}">{coded}</PlainTextSelection>')  # fmt: skip
        path = f"internal://{article}.txt"
        sources += f'<TextSource guid="4{number}" name="{article}" plainTextPath="{path}">{selections}</TextSource>'
    project = (
        '<?xml version="1.0" encoding="utf-8"?><Project xmlns="urn:QDA-XML:project:1.0" name="mini" origin="QualCoder">'
        f"<CodeBook><Codes>{codes}</Codes></CodeBook><Sources>{sources}</Sources></Project>"
    )
    with zipfile.ZipFile(folder / "mini.qdpx", "w") as archive:
        archive.writestr("project.qde", project)
        for article, text in TEXTS.items():
            archive.writestr(f"sources/{article}.txt", text)
    return folder / "mini.qdpx"


def dna(folder: Path) -> Path:
    path = folder / "mini.dna"
    database = sqlite3.connect(path)
    database.executescript(
        "create table SETTINGS(Property text primary key, Value text);"
        "insert into SETTINGS values ('version', '3.0');"
        "create table CODERS(ID integer primary key, Name text, Password text);"
        "insert into CODERS values (1, 'main', 'x');"
        "create table DOCUMENTS(ID integer primary key, Title text, Text text, Coder integer, Author text default '',"
        " Source text default '', Section text default '', Notes text default '', Type text default '', Date integer);"
        "create table STATEMENTTYPES(ID integer primary key, Label text, Red integer, Green integer, Blue integer);"
        "insert into STATEMENTTYPES values (1, 'DNA Statement', 0, 0, 0);"
        "create table VARIABLES(ID integer primary key, Variable text, DataType text, StatementTypeId integer);"
        "insert into VARIABLES values (1, 'speaker', 'short text', 1), (2, 'issue', 'short text', 1),"
        " (3, 'stance', 'long text', 1);"
        "create table STATEMENTS(ID integer primary key, StatementTypeId integer, DocumentId integer, Start integer,"
        " Stop integer, Coder integer);"
        "create table ENTITIES(ID integer primary key, VariableId integer, Value text);"
        "create table DATASHORTTEXT(ID integer primary key, StatementId integer, VariableId integer, Entity integer);"
        "create table DATABOOLEAN(ID integer primary key, StatementId integer, VariableId integer, Value integer);"
        "create table DATAINTEGER(ID integer primary key, StatementId integer, VariableId integer, Value integer);"
        "create table DATALONGTEXT(ID integer primary key, StatementId integer, VariableId integer, Value text);"
        "create table ATTRIBUTEVARIABLES(ID integer primary key, VariableId integer, AttributeVariable text);"
        "create table ATTRIBUTEVALUES(ID integer primary key, EntityId integer, AttributeVariableId integer,"
        " AttributeValue text);"
    )
    numbers = {article: number for number, article in enumerate(TEXTS, start=1)}
    for article, number in numbers.items():
        date = int(pd.Timestamp(PUBLISHED[article]).timestamp())
        row = (number, article, TEXTS[article], 1, date)
        database.execute("insert into DOCUMENTS(ID, Title, Text, Coder, Date) values (?, ?, ?, ?, ?)", row)
    for at, (article, start, end, _, fields) in enumerate(spans(), start=1):
        place = (at, numbers[article], utf16(article, start), utf16(article, end))
        database.execute("insert into STATEMENTS values (?, 1, ?, ?, ?, 1)", place)
        for variable, name in ((1, "speaker"), (2, "issue")):
            database.execute("insert into ENTITIES values (?, ?, ?)", (at * 10 + variable, variable, fields[name]))
            database.execute("insert into DATASHORTTEXT(StatementId, VariableId, Entity) values (?, ?, ?)",
                             (at, variable, at * 10 + variable))  # fmt: skip
        long = "insert into DATALONGTEXT(StatementId, VariableId, Value) values (?, 3, ?)"
        database.execute(long, (at, fields["stance"]))
    database.commit()
    database.close()
    return path


def _json(path: Path, content: Any) -> Path:
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


def _lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


UNDATED = FEATURES.replace("published: published", "published: {default: 2024-05}")
ROWS = FEATURES.replace("Statement", "row").replace("title: title", "title: article_id")
# How to write the corpus, the mapping that reads it, and whether the format holds the texts and the dates.
FORMATS: dict[str, tuple[Callable[[Path], Path], str, bool]] = {
    "csv": (lambda folder: table(folder, "csv"), ROWS, False),
    "xlsx": (lambda folder: table(folder, "xlsx"), ROWS, False),
    "parquet": (lambda folder: table(folder, "parquet"), ROWS, False),
    "jsonl": (lambda folder: table(folder, "jsonl"), ROWS, False),
    "label-studio": (label_studio, FEATURES, True),
    "doccano": (doccano, LABELS + "options: {offset_unit: code points}\n", True),
    "prodigy": (prodigy, LABELS, True),
    "brat": (brat, UNDATED, True),
    "w3c": (w3c, LABELS, True),
    "cas-xmi": (lambda folder: cas(folder, "xmi"), UNDATED, True),
    "cas-json": (lambda folder: cas(folder, "json"), UNDATED, True),
    "refi-qda": (refi, LABELS + "options: {end: exclusive}\n", True),
    "dna": (dna, FEATURES.replace("Statement", "DNA Statement"), True),
}  # fmt: skip
