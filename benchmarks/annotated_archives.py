"""The made articles of `annotated.py` as UIMA CAS, as a REFI-QDA project, as a DNA database and as tables."""

import json
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from html import escape
from itertools import islice
from pathlib import Path
from typing import Any

from annotated import articles, until, written_to

_TYPE = "webanno.custom.Statement"
_DAY = 86_400
_TABLES = """
create table SETTINGS(Property text primary key, Value text);
insert into SETTINGS values ('version', '3.0');
create table CODERS(ID integer primary key, Name text);
insert into CODERS values (1, 'anna');
create table DOCUMENTS(ID integer primary key, Title text, Text text, Coder integer, Author text default '',
    Source text default '', Section text default '', Notes text default '', Type text default '', Date integer);
create table STATEMENTTYPES(ID integer primary key, Label text);
insert into STATEMENTTYPES values (1, 'DNA Statement');
create table VARIABLES(ID integer primary key, Variable text, DataType text, StatementTypeId integer);
insert into VARIABLES values (1, 'person', 'short text', 1), (2, 'concept', 'short text', 1),
    (3, 'agreement', 'boolean', 1);
create table STATEMENTS(ID integer primary key, StatementTypeId integer, DocumentId integer, Start integer,
    Stop integer, Coder integer);
create table ENTITIES(ID integer primary key, VariableId integer, Value text);
create table DATASHORTTEXT(ID integer primary key, StatementId integer, VariableId integer, Entity integer);
create table DATABOOLEAN(ID integer primary key, StatementId integer, VariableId integer, Value integer);
create table DATAINTEGER(ID integer primary key, StatementId integer, VariableId integer, Value integer);
create table DATALONGTEXT(ID integer primary key, StatementId integer, VariableId integer, Value text);
create table ATTRIBUTEVARIABLES(ID integer primary key, VariableId integer, AttributeVariable text);
create table ATTRIBUTEVALUES(ID integer primary key, EntityId integer, AttributeVariableId integer,
    AttributeValue text);
"""


def cas_xmi(folder: Path, size: int) -> Path:
    """An .xmi for each article, and the type system."""
    return _cas(folder, size, "xmi", lambda cas: str(cas.to_xmi()))


def cas_json(folder: Path, size: int) -> Path:
    """A CAS JSON file for each article."""
    return _cas(folder, size, "json", lambda cas: str(cas.to_json()))


def _cas(folder: Path, size: int, suffix: str, dumped: Callable[[Any], str]) -> Path:
    from cassis import Cas, TypeSystem  # noqa: PLC0415  # slow

    types = TypeSystem()
    statement = types.create_type(_TYPE, "uima.tcas.Annotation")
    for name in ("speaker", "issue", "stance"):
        types.create_feature(statement, name, "uima.cas.String")
    if suffix == "xmi":
        types.to_xml(folder / "TypeSystem.xml")
    written, made = 0, articles()
    while written < size:
        article = next(made)
        cas = Cas(types)
        cas.sofa_string, cas.sofa_mime = article.text, "text/plain"
        cas.add_all([statement(begin=span.start, end=span.end, **span.fields) for span in article.spans])
        content = dumped(cas)
        written_to(folder / f"{article.name}.{suffix}", content)
        written += len(content.encode())
    return folder


def refi(folder: Path, size: int) -> Path:
    """A .qdpx with 60 codes and a text file for each article."""
    labels = sorted({span.label for article in islice(articles(), 50) for span in article.spans})
    ids = {label: f"00000000-0000-4000-8000-{at:012}" for at, label in enumerate(labels)}
    codes = "".join(f'<Code guid="{ids[label]}" name="{label}" isCodable="true"/>' for label in labels)
    written, sources, made = 0, [], articles()
    with zipfile.ZipFile(folder / "made.qdpx", "w", zipfile.ZIP_DEFLATED) as archive:
        while written < size:
            article, number = next(made), len(sources)
            selections = "".join(
                f'<PlainTextSelection guid="2{number:07}-0000-4000-8000-{at:012}" name="{escape(span.quote)}" '
                f'startPosition="{span.start}" endPosition="{span.end}" creatingUser="u">'
                f'<Coding guid="3{number:07}-0000-4000-8000-{at:012}" creatingUser="u"><CodeRef '
                f'targetGUID="{ids[span.label]}"/></Coding></PlainTextSelection>'
                for at, span in enumerate(article.spans)
            )
            head = f'guid="4{number:07}" name="{article.name}" plainTextPath="internal://{article.name}.txt"'
            sources.append(f"<TextSource {head}>{selections}</TextSource>")
            archive.writestr(f"sources/{article.name}.txt", article.text)
            written += len(article.text.encode()) + len(sources[-1])
        root = '<Project xmlns="urn:QDA-XML:project:1.0" name="made" origin="QualCoder">'
        book = f'<Users><User guid="u" name="anna"/></Users><CodeBook><Codes>{codes}</Codes></CodeBook>'
        archive.writestr("project.qde", f"{root}{book}<Sources>{''.join(sources)}</Sources></Project>")
    return folder / "made.qdpx"


def dna(folder: Path, size: int) -> Path:
    """A database of version 3, each statement with two short texts and a yes or no."""
    database = sqlite3.connect(folder / "made.dna")
    database.executescript(_TABLES)
    entities: dict[tuple[int, str], int] = {}
    written, number, made = 0, 0, articles()
    while written < size:
        article, number = next(made), number + 1
        row = (number, article.name, article.text, 1, number * _DAY)
        database.execute("insert into DOCUMENTS(ID, Title, Text, Coder, Date) values (?, ?, ?, ?, ?)", row)
        for at, span in enumerate(article.spans):
            one = number * 100 + at
            place = (one, number, span.start16, span.end16)
            database.execute("insert into STATEMENTS values (?, 1, ?, ?, ?, 1)", place)
            for variable, name in ((1, "speaker"), (2, "issue")):
                entity = entities.setdefault((variable, span.fields[name]), len(entities) + 1)
                insert = "insert into DATASHORTTEXT(StatementId, VariableId, Entity) values (?, ?, ?)"
                database.execute(insert, (one, variable, entity))
            agrees = not span.fields["stance"].startswith("-")
            insert = "insert into DATABOOLEAN(StatementId, VariableId, Value) values (?, 3, ?)"
            database.execute(insert, (one, agrees))
        written += len(article.text.encode()) + 80 * len(article.spans)
    rows = [(at, variable, value) for (variable, value), at in entities.items()]
    database.executemany("insert into ENTITIES values (?, ?, ?)", rows)
    database.commit()
    database.close()
    return folder / "made.dna"


def _rows() -> Iterator[dict[str, str]]:
    """Rows of a coder's table without end."""
    for article in articles():
        for span in article.spans:
            yield {"article_id": article.name, "published": "2024-05-03", "quote": span.quote, **span.fields}


def _table(size: int) -> list[dict[str, str]]:
    """Rows that take about `size` bytes in a table of text."""
    total, rows = 0, []
    for row in _rows():
        if total >= size:
            return rows
        total += sum(len(cell) + 1 for cell in row.values())
        rows.append(row)
    return rows


def csv(folder: Path, size: int) -> Path:
    """A CSV file."""
    import pandas as pd  # noqa: PLC0415  # slow

    pd.DataFrame(_table(size)).to_csv(folder / "coding.csv", index=False)
    return folder / "coding.csv"


def xlsx(folder: Path, size: int) -> Path:
    """A workbook whose files have `size` bytes when unpacked."""
    from openpyxl import Workbook  # noqa: PLC0415  # slow

    book = Workbook(write_only=True)
    sheet = book.create_sheet("coding")
    rows = _table(int(size * 0.3))
    sheet.append(list(rows[0]))
    for row in rows:
        sheet.append(list(row.values()))
    book.save(folder / "coding.xlsx")
    return folder / "coding.xlsx"


def parquet(folder: Path, size: int) -> Path:
    """A Parquet file of the rows of the CSV file."""
    import pandas as pd  # noqa: PLC0415  # slow

    pd.DataFrame(_table(2 * size)).to_parquet(folder / "coding.parquet", index=False)
    return folder / "coding.parquet"


def json_lines(folder: Path, size: int) -> Path:
    """One flat object a line."""
    rows = (json.dumps(row, ensure_ascii=False) + "\n" for row in _rows())
    return written_to(folder / "coding.jsonl", "".join(until(size, rows)))
