import csv
import datetime as dt
import io
import json
import os
import random
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import analysis
from analysis.errors import CorpusError, ParameterError, Problem
from analysis.readers import formats, tables
from analysis.readers.found import Document, Found, Mark
from analysis.readers.inputs.json_input import Problems
from analysis.readers.tables import delimited, parquet, sheet
from analysis.readers.tables import rows as table_rows
from analysis.readers.tables.sheet import Block, Row, shape_of

FIXTURES = os.environ.get("STANCEBOOK_FIXTURES", "")
NS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
HEADER = '<row r="1"><c r="A1" t="inlineStr"><is><t>doc</t></is></c></row>'


def read(folder: Path, content: str | bytes, name: str = "coding.csv", **options: str) -> Found:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return tables.read(path, options)


def features(found: Found) -> list[dict[str, Any]]:
    return [dict(mark.features) for mark in found.marks]


def problems(folder: Path, content: str | bytes, name: str = "coding.csv", **options: str) -> list[tuple[int, str]]:
    with pytest.raises(CorpusError) as error:
        read(folder, content, name, **options)
    assert {problem.file.split("/")[0] for problem in error.value.problems} == {name}
    return [(problem.line, problem.found) for problem in error.value.problems]


def workbook(folder: Path, *sheets: tuple[str, list[list[Any]]], name: str = "coding.xlsx") -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(folder / name)
    return folder / name


def altered(folder: Path, **parts: Callable[[str], str | bytes]) -> bytes:
    """A small workbook, with some of its parts written anew."""
    small = workbook(folder, ("Coding", [["doc", "x"], ["a", "b"]]), name="small.xlsx")
    out = io.BytesIO()
    with zipfile.ZipFile(small) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for member in source.namelist():
            part = source.read(member)
            change = parts.get(member.rpartition("/")[2].partition(".")[0])
            made.writestr(member, change(part.decode()) if change else part)
    return out.getvalue()


def sheet_of(rows: str, size: str = "A1:B2", end: str = "") -> str:
    return f'<worksheet xmlns="{NS}"><dimension ref="{size}"/><sheetData>{rows}</sheetData>{end}</worksheet>'


def test_a_row_is_a_mark_and_only_an_empty_cell_is_missing(tmp_path: Path) -> None:
    found = read(tmp_path, "article_id,speaker,n,when\na1,NA,1.0,2024-05-01\na1,,007,2024-05-01\n")
    assert found.marks == [
        Mark(
            *("a1", "main", "r2", "row", None, None, None, ()),
            features={"article_id": "a1", "speaker": "NA", "n": "1.0", "when": "2024-05-01"},
            where="coding.csv: line 2",
        ),
        Mark(
            *("a1", "main", "r3", "row", None, None, None, ()),
            features={"article_id": "a1", "n": "007", "when": "2024-05-01"},
            where="coding.csv: line 3",
        ),
    ]
    facts = {"article_id": "a1", "when": "2024-05-01"}
    assert found.documents == [Document("a1", None, facts, "coding.csv: line 2")]


def test_a_row_is_a_mapping_without_its_empty_cells() -> None:
    row = Row(shape_of(["a", "b", "c"]), ("1", "", ["x", "y"]))
    assert row == {"a": "1", "c": ["x", "y"]}
    assert (list(row), len(row), "b" in row, row.get("b"), row.get("z", "?")) == (["a", "c"], 2, False, None, "?")
    assert repr(row) == "{'a': '1', 'c': ['x', 'y']}"
    assert not Row(shape_of("ab"), ("", ""))
    with pytest.raises(KeyError):
        row["b"]


@pytest.mark.parametrize("content", ["who,what\n", "who,what\n,\n"])
def test_a_table_without_rows_is_counted_and_makes_no_corpus(tmp_path: Path, content: str) -> None:
    found = read(tmp_path, content)
    assert found.marks == []
    reason = "empty row" if "\n,\n" in content else "a table without rows"
    assert found.left_out == {reason: 1}
    with pytest.raises(CorpusError, match=f"there is nothing in it to import: 1 × {reason}"):
        analysis.read(tmp_path / "coding.csv", mapping="codes:\n  row: {stance: 1}\n")


def test_of_two_tables_one_may_be_without_rows(tmp_path: Path) -> None:
    (tmp_path / "ann.csv").write_text("article_id,who\na,Ann\n")
    (tmp_path / "bob.csv").write_text("article_id,who\n")
    found = formats.find(tmp_path)
    assert (len(found.marks), found.left_out) == (1, {"a table without rows": 1})


def test_the_options_name_the_columns(tmp_path: Path) -> None:
    content = "file\twho\tnr\tfrom\tto\tsaid\nd1\tann\t7\t0\t5\thello\nd1\tbob\t7\t\t\t\nd1\t\t7\t1\t2\te\n"
    found = read(
        tmp_path, content, "x.tsv", document="file", coder="who", id="nr", start="from", end="to", quote="said"
    )
    assert [mark[:7] for mark in found.marks] == [
        ("d1", "ann", "7", "row", 0, 5, "hello"),
        ("d1", "bob", "7", "row", None, None, None),
        ("d1", "main", "7", "row", 1, 2, "e"),
    ]


def test_without_a_column_for_it_the_file_is_one_document(tmp_path: Path) -> None:
    found = read(tmp_path, "speaker,statement_id\nann,s1\n", "talks.csv")
    assert [mark[:3] for mark in found.marks] == [("talks", "main", "s1")]


@pytest.mark.parametrize("column", ["article_id", "article", "document", "document_id", "doc"])
def test_the_usual_names_of_the_article_column(tmp_path: Path, column: str) -> None:
    assert read(tmp_path, f"x,{column}\n1,a7\n").marks[0].document == "a7"


def test_an_id_that_is_no_id_can_be_set_aside(tmp_path: Path) -> None:
    content = "doc,id\na,1\na,1\n"
    assert problems(tmp_path, content) == [(3, "the id '1' stands in a row before")]
    assert [mark.name for mark in read(tmp_path, content, id="").marks] == ["r2", "r3"]
    assert problems(tmp_path, "doc,id,x\na,,b\n") == [(2, "column 'id' is empty")]
    assert [mark.name for mark in read(tmp_path, "doc,id\na,1\nb,1\n").marks] == ["1", "1"]


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_the_separator_is_found(tmp_path: Path, sign: str) -> None:
    found = read(tmp_path, f'doc{sign}"a, b; c|d\te"{sign}n\n1{sign}2{sign}3\n')
    assert features(found) == [{"doc": "1", "a, b; c|d\te": "2", "n": "3"}]


def test_a_first_line_of_excel_says_the_separator_and_a_byte_order_mark_is_dropped(tmp_path: Path) -> None:
    found = read(tmp_path, "\ufeffsep=;\r\ndoc;a,b,c,d\r\n1;x\r\n")
    assert (features(found), found.marks[0].name) == ([{"doc": "1", "a,b,c,d": "x"}], "r3")


def test_cells_may_hold_line_ends_and_quotes_and_lines_are_still_counted(tmp_path: Path) -> None:
    found = read(tmp_path, 'doc,q\r\n1,"two\r\nlines ""here"""\r\n\r\n2,x\r\n,\r\n')
    assert features(found) == [{"doc": "1", "q": 'two\r\nlines "here"'}, {"doc": "2", "q": "x"}]
    assert [mark.name for mark in found.marks] == ["r2", "r5"]
    assert found.left_out == {"empty row": 1}


def test_a_cell_may_be_a_long_text_and_the_limit_of_the_csv_module_stays(tmp_path: Path) -> None:
    before = delimited.csv.field_size_limit()
    assert len(features(read(tmp_path, "doc,text\n1," + "x" * 200_000 + "\n"))[0]["text"]) == 200_000
    assert delimited.csv.field_size_limit() == before


def test_empty_columns_at_the_end_are_padding_until_they_hold_something(tmp_path: Path) -> None:
    assert features(read(tmp_path, "doc,a,,\n1,2,,\n")) == [{"doc": "1", "a": "2"}]
    assert problems(tmp_path, "doc,a,,\n1,2,,3\n") == [(2, "a cell of this row is below no name")]


def test_everything_wrong_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    content = 'doc,a,a,,e\n1,2,3,4,5\n1,"x\ny"\ndoc,a,a,,e\n1,2,3,4,5,6\n'
    assert problems(tmp_path, content) == [
        (1, "the header has 'a' more than once"),
        (1, "the header has no name for column 4"),
        (3, "this row has 2 cells"),
        (5, "this row is the header again"),
        (6, "this row has 6 cells"),
    ]


@pytest.mark.parametrize(
    ("content", "line", "found"),
    [
        (b"", 0, "the file is empty"),
        (b"\xef\xbb\xbf \n", 0, "the file is empty"),
        (b",,\n1,2,3\n", 1, "the header is empty"),
        (b"doc,a\n1,\xff\n", 2, "the file is not UTF-8 text"),
        ("doc,a\n1,2\n".encode("utf-16"), 1, "the file is UTF-16"),
        (b"doc,a\n1,\0\n", 2, "this is no text: it has a NUL character"),
        (b'doc,a\n1,2\n1,"x\ny\n', 3, "a quoted cell that starts in this row is never closed"),
        (b'doc,a\n1,"x"y\n', 2, "this row is broken: ',' expected after '\"'"),
        (b"doc,a\n,1\n", 2, "column 'doc' is empty"),
    ],
)
def test_a_broken_file_is_told(tmp_path: Path, content: bytes, line: int, found: str) -> None:
    if content == b"\xef\xbb\xbf \n":
        content = b" \n"
    assert (line, found) in problems(tmp_path, content)


@pytest.mark.parametrize(("start", "end"), [("-1", "2"), ("2", "1"), ("1", "1"), ("1.5", "2"), ("1", ""), ("٣", "9")])
def test_offsets_that_are_no_span_are_told(tmp_path: Path, start: str, end: str) -> None:
    assert problems(tmp_path, f"doc,s,e\n1,{start},{end}\n", start="s", end="e") == [
        (2, f"the span {start!r}–{end!r} is none")
    ]


def test_columns_that_are_not_there_are_told(tmp_path: Path) -> None:
    assert problems(tmp_path, "speaker,b\n1,2\n", document="speeker", start="b") == [
        (0, "one of the options `start` and `end` is given without the other"),
        (0, "the column of the option `document`, 'speeker' is not known"),
    ]
    with pytest.raises(CorpusError, match="did you mean 'speaker'"):
        read(tmp_path, "speaker,b\n1,2\n", document="speeker")


def test_a_hundred_problems_are_counted_and_twenty_shown(tmp_path: Path) -> None:
    told = problems(tmp_path, "doc,a\n" + "1\n" * 100)
    assert (len(told), told[0]) == (21, (0, "100 problems, of which the first 20 are shown"))


def test_json_lines_keep_what_is_written(tmp_path: Path) -> None:
    content = '\ufeff{"doc": "x", "n": 1.0, "l": ["a", 2, null, ""], "t": true, "z": null, "e": ""}\n\n'
    content += '{"doc": 5, "m": 1e400}\n'
    found = read(tmp_path, content, "rows.jsonl")
    assert features(found) == [{"doc": "x", "n": "1.0", "l": ["a", "2"], "t": "true"}, {"doc": "5", "m": "1e400"}]
    assert [mark.where for mark in found.marks] == ["rows.jsonl: line 1", "rows.jsonl: line 3"]


def test_broken_json_lines_are_told_at_once(tmp_path: Path) -> None:
    lines = [
        b'{"doc": NaN}',
        b"[1]",
        b'{"doc": {"a": 1}}',
        b'{"doc": [[1]]}',
        b'{"doc":',
        b'{"doc": "\xff"}',
        b'{"doc": "\\ud83d"}',
        b'{"doc":' + b"[" * 100_000,
        b'{"doc": ["a", "b"]}',
    ]
    assert problems(tmp_path, b"\n".join(lines), "rows.jsonl") == [
        (1, "NaN is no value of JSON"),
        (2, "this line is a list"),
        (3, "'doc' is an object that holds more than values"),
        (4, "'doc' is a list that holds more than values"),
        (5, "this line is no JSON at column 8"),
        (6, "this line is not UTF-8 text"),
        (7, "this line has half a character (\\ud800 to \\udfff without its other half)"),
        (8, "this line is nested too deeply"),
        (9, "column 'doc' is a list"),
    ]
    assert problems(tmp_path, lines[-1], "rows.jsonl") == [(1, "column 'doc' is a list")]
    assert problems(tmp_path, "\n\n", "rows.jsonl") == [(0, "the file has no rows")]


def test_a_workbook_gives_the_texts_that_its_cells_stand_for(tmp_path: Path) -> None:
    day, moment = dt.date(2024, 5, 1), dt.datetime(2024, 5, 1, 10, 30)
    rows = [["doc", "speaker", "day", "moment", "n", "share", "yes", "time"]]
    rows += [
        ["d1", "NA", day, moment, 1.0, 0.1, True, dt.time(9, 5)],
        [None] * 8,
        ["d2", "007", None, None, -3, 2.5, False],
    ]
    found = tables.read(workbook(tmp_path, ("Coding", rows), ("Empty", [])), {})
    assert features(found) == [
        {
            "doc": "d1",
            "speaker": "NA",
            "day": "2024-05-01",
            "moment": "2024-05-01T10:30:00",
            "n": "1",
            "share": "0.1",
            "yes": "TRUE",
            "time": "09:05:00",
        },
        {"doc": "d2", "speaker": "007", "n": "-3", "share": "2.5", "yes": "FALSE"},
    ]
    assert [(mark.kind, mark.name, mark.where) for mark in found.marks] == [
        ("row", "r2", "coding.xlsx: sheet Coding, row 2"),
        ("row", "r4", "coding.xlsx: sheet Coding, row 4"),
    ]


def test_of_several_sheets_each_is_a_kind_and_one_can_be_chosen(tmp_path: Path) -> None:
    sheets = ("Said", [["doc", "id"], ["d", 1]]), ("Done", [["doc", "id"], ["d", 1]])
    path = workbook(tmp_path, *sheets)
    assert [(mark.kind, mark.name) for mark in tables.read(path, {}).marks] == [("Said", "Said/1"), ("Done", "Done/1")]
    assert [(mark.kind, mark.name) for mark in tables.read(path, {"sheet": "Done"}).marks] == [("Done", "Done/1")]
    with pytest.raises(ParameterError, match=r"'Dome' is not known[\s\S]*one of Said, Done[\s\S]*'Done'"):
        tables.read(path, {"sheet": "Dome"})


def test_what_is_wrong_in_a_workbook_is_told_with_sheet_and_row(tmp_path: Path) -> None:
    path = workbook(
        tmp_path,
        ("A", [["doc", "x"], ["d", "=1+1"], ["doc", "x"], ["d", "#N/A"], ["d", "e", "f"], ["d", "e"], [None, "e"]]),
        ("B", [["doc", "doc"], ["d", "e"]]),
    )
    book = openpyxl.load_workbook(path)
    book["A"].merge_cells("A6:A7")
    book.save(path)
    told = problems(tmp_path, path.read_bytes(), "coding.xlsx")
    assert told == [
        (1, "sheet B: the header has 'doc' more than once"),
        (2, "sheet A: cell 'B2' holds a formula whose value is not saved"),
        (3, "sheet A: this row is the header again"),
        (4, "sheet A: cell 'B4' holds the error '#N/A'"),
        (5, "sheet A: there is a value in column C, which has no name"),
        (6, "sheet A: the cells A6:A7 are merged: only the first has the value"),
        (7, "sheet A: column 'doc' is empty"),
    ]


def test_cells_are_read_where_they_stand_whatever_the_sheet_says_of_its_size(tmp_path: Path) -> None:
    rows = HEADER + '<row r="99999999999"><c r="A5" t="inlineStr"><is><t>x_x000D_</t></is></c></row>'
    content = altered(tmp_path, sheet1=lambda _: sheet_of(rows, "A1:XFD1048576"))
    found = read(tmp_path, content, "far.xlsx")
    assert [(mark.name, mark.document) for mark in found.marks] == [("r99999999999", "x\r")]


def test_a_formula_may_have_an_empty_text_as_its_value(tmp_path: Path) -> None:
    rows = HEADER + '<row r="2"><c r="A2" t="str"><f>A1</f><v>x</v></c><c r="B2" t="str"><f>""</f><v></v></c></row>'
    assert features(read(tmp_path, altered(tmp_path, sheet1=lambda _: sheet_of(rows)), "f.xlsx")) == [{"doc": "x"}]


@pytest.mark.parametrize(
    ("part", "made", "found"),
    [
        (
            "sheet1",
            '<!DOCTYPE x [<!ENTITY a "b">]>' + sheet_of(HEADER),
            "it has a DOCTYPE, whose entities could do harm",
        ),
        (
            "sheet1",
            ('<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x>' + sheet_of(HEADER)).encode("utf-16"),
            "it has a DOCTYPE, whose entities could do harm",
        ),
        ("sheet1", sheet_of(HEADER + " " * 50_000_000), "this member of the zip file grows too large"),
        ("sheet1", sheet_of('<row r="x"/>'), "the workbook cannot be read (ValueError)"),
        (
            "sheet1",
            sheet_of(HEADER + '<row r="2"><c r="A2"><v>nan</v></c></row>'),
            "sheet Coding: cell 'A2' cannot be read",
        ),
        (
            "sheet1",
            sheet_of(HEADER + '<row r="2"><c r="A2" t="s"><v>99</v></c></row>'),
            "sheet Coding: cell 'A2' cannot be read",
        ),
        ("sheet1", sheet_of(""), "there is nothing in the workbook"),
        ("sheet1", "<worksheet", "the workbook cannot be read (ParseError)"),
        ("workbook", "<x/>", "there is nothing in the workbook"),
        (
            "styles",
            f'<styleSheet xmlns="{NS}"><numFmts><numFmt formatCode="{"[" * 5000}"/></numFmts></styleSheet>',
            "endless number format",
        ),
    ],
)
def test_a_hostile_workbook_is_refused(tmp_path: Path, part: str, made: str | bytes, found: str) -> None:
    told = problems(tmp_path, altered(tmp_path, **{part: lambda _: made}), "x.xlsx")
    assert found in told[0][1]


def test_an_endless_print_area_is_not_looked_at(tmp_path: Path) -> None:
    area = '<definedName name="_xlnm.Print_Titles" localSheetId="0">' + "'" * 300_000 + "</definedName>"
    name = f"<definedNames>{area}</definedNames>"
    content = altered(tmp_path, workbook=lambda text: text.replace("<calcPr", name + "<calcPr"))
    assert features(read(tmp_path, content, "x.xlsx")) == [{"doc": "a", "x": "b"}]


def test_a_workbook_that_is_none_is_told(tmp_path: Path) -> None:
    assert problems(tmp_path, b"\xd0\xcf\x11\xe0" + b"x" * 600, "x.xlsx")[0][1].startswith("this is an old workbook")
    assert problems(tmp_path, b"PK\x03\x04" + b"x" * 600, "x.xlsx")[0][1] == "this is no sound zip file"
    cut = altered(tmp_path)[:-100]
    assert problems(tmp_path, cut, "x.xlsx")[0][1] == "this is no sound zip file"


def test_a_parquet_file_gives_each_type_as_text(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "doc": ["a", "NA", "a"],
            "whole": [1, 2, 3],
            "gap": [1.0, None, 0.25],
            "when": pd.to_datetime(["2024-01-01", "2024-01-02 03:04:05.5", None], format="mixed"),
            "there": pd.to_datetime(["2024-06-01", "2024-06-01 10:00", "2024-01-01"], format="mixed").tz_localize(
                "Asia/Kabul"
            ),
            "day": [dt.date(2024, 1, 1)] * 3,
            "yes": [True, False, None],
            "many": [["x", "y"], [], None],
            "kind": pd.Categorical(["u", None, "v"]),
            "none": [None] * 3,
        }
    )
    frame.to_parquet(tmp_path / "x.parquet", row_group_size=2)
    found = tables.read(tmp_path / "x.parquet", {})
    same = {"day": "2024-01-01"}
    assert features(found) == [
        {
            "doc": "a",
            "whole": "1",
            "gap": "1",
            "when": "2024-01-01",
            "there": "2024-06-01",
            "yes": "true",
            "many": ["x", "y"],
            "kind": "u",
            **same,
        },
        {
            "doc": "NA",
            "whole": "2",
            "when": "2024-01-02T03:04:05.5",
            "there": "2024-06-01T10:00:00",
            "yes": "false",
            **same,
        },
        {"doc": "a", "whole": "3", "gap": "0.25", "there": "2024-01-01", "kind": "v", **same},
    ]
    assert found.marks[2].where == "x.parquet: row 3"
    assert found.documents[0] == Document("a", None, {"doc": "a", **same}, "x.parquet: row 1")


def test_a_parquet_file_that_is_no_table_of_texts_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"a": [{"b": 1}], "c": [b"x"], "d": [[["x"]]]}), path)
    assert problems(tmp_path, path.read_bytes(), "x.parquet") == [
        (0, "column 'a' is of the type struct<b: int64>"),
        (0, "column 'c' is of the type binary"),
        (0, "column 'd' is of the type list<element: list<element: string>>"),
    ]
    for n_rows in (5_000_000, 60_000):
        pq.write_table(pa.table({"a": pa.nulls(n_rows)}), path)
        assert problems(tmp_path, path.read_bytes(), "x.parquet")[0][1].startswith(f"{n_rows} rows and 1 columns in")
    pq.write_table(pa.table({"a": ["x"]}), path)
    assert problems(tmp_path, path.read_bytes()[:-10], "x.parquet") == [
        (0, "the Parquet file cannot be read: it is damaged or cut off")
    ]


def test_damaged_bytes_give_our_errors_or_a_table(tmp_path: Path) -> None:
    pq.write_table(pa.table({"doc": ["a", "b"] * 50, "n": list(range(100))}), tmp_path / "x.parquet")
    rng = random.Random(5)  # noqa: S311  # seeded draws, no secrets
    for name, sound in {"x.parquet": (tmp_path / "x.parquet").read_bytes(), "x.xlsx": altered(tmp_path)}.items():
        refused = 0
        for _ in range(40):
            content = bytearray(sound)
            for _ in range(3):
                content[rng.randrange(4, len(content))] = rng.randrange(256)
            try:
                read(tmp_path, bytes(content), name)
            except CorpusError:
                refused += 1
        assert refused > 10


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.csv", "doc,a\n1,2\n", True),
        ("a.TSV", "doc\ta\n", True),
        ("a.txt", "doc,a\n1,2\n", False),
        ("a.csv", '"annotation_id","annotator","lead_time"\n1,2,3\n', False),
        ("a.tsv", "annotation_id\tannotator\tlead_time\n1\t2\t3\n", False),
        ("a.csv", '{"a": 1}', False),
        ("a.jsonl", '{"doc": "x", "speaker": "y", "label": "pro"}\n', True),
        ("a.jsonl", '\ufeff\n{"doc": "x", "codes": ["y"]}\n', True),
        ("a.jsonl", '{"text": "x", "label": [[0, 1, "A"]]}\n', False),
        ("a.jsonl", '{"text": "x", "entities": [], "relations": []}\n', False),
        ("a.jsonl", '{"text": "x", "_task_hash": 1, "answer": "accept"}\n', False),
        ("a.jsonl", '{"a": {"b": 1}}\n', False),
        ("a.jsonl", '{"a": \n', False),
        ("a.jsonl", '{"a":' * 100_000, False),
        ("a.jsonl", "[1]\n", False),
        ("a.parquet", "PAR1", True),
        ("a.xlsx", "PK\x03\x04", True),
        ("a.qdpx", "PK\x03\x04", False),
        ("a.bin", "\0\1\2", False),
    ],
)
def test_a_table_is_known_by_its_content(tmp_path: Path, name: str, content: str, *, expected: bool) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    assert tables.fits(path, path.read_bytes()[:4096]) is expected


def test_a_folder_or_a_missing_file_is_no_table(tmp_path: Path) -> None:
    (tmp_path / "x.csv").mkdir()
    assert not tables.fits(tmp_path / "x.csv", b"")
    with pytest.raises(CorpusError, match=r"gone\.csv: the file cannot be read: No such file"):
        tables.read(tmp_path / "gone.csv", {})


@pytest.mark.skipif(not FIXTURES, reason="STANCEBOOK_FIXTURES names no folder with other tools' files")
def test_no_other_tools_file_is_taken_for_a_table() -> None:
    files = [path for path in Path(FIXTURES).rglob("*") if path.is_file()]
    assert [path.name for path in files if tables.fits(path, path.read_bytes()[:4096])] == []


def made_csv(draw: random.Random) -> str:
    """A table with a header and some rows, most of them sound."""
    cells = {
        "doc": ["a", "a", "a", "b", "ü", "", '"q,1"', '"two\nlines"'],
        "nr": ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "", "a"],
        "who": ["", "ann", "bob"],
        "from": ["0", "3", "12", "", "x", "٣"],
        "to": ["5", "9", "20", "", "3", "1.0"],
        "said": ["no", "", '"a ""b"""', "🚢", "NA"],
    }
    odds = {name: draw.choice([1, 2, len(values)]) for name, values in cells.items()}
    lines = [",".join(cells) + draw.choice(["", ",", ",,"])]
    padding = lines[0].count(",") + 1 - len(cells)
    for number in range(draw.randint(0, 30)):
        row = [draw.choice(values[: odds[name]]) for name, values in cells.items()]
        if odds["nr"] == 1:
            row[1] = str(number)
        lines.append(",".join(row) + "," * padding)
        if draw.random() < 0.02:
            lines.append(
                draw.choice(["", "," * (len(cells) - 1 + padding), lines[0], "a,b", lines[-1] + ",x", '"x"y', '"'])
            )
    return draw.choice(["\n", "\r\n", "\r"]).join(lines) + draw.choice(["", "\n"])


def made_json(draw: random.Random) -> str:
    """Lines of objects, most of them alike."""
    values = [["a", "b", "", None, ["x", "y"], [], 5], ["1", 2, 3, None, "", ["1"]], ["ann", "", None], [0, 3, "x", ""]]
    names, odds = ["doc", "nr", "who", "from"], [draw.choice([1, 2, 9]) for _ in values]
    lines = []
    for number in range(draw.randint(1, 30)):
        row = {name: draw.choice(some[:odd]) for name, some, odd in zip(names, values, odds, strict=True)}
        row |= {"nr": str(number)} if odds[1] == 1 else {}
        row |= {"to": 9} if draw.random() < 0.9 else {}
        lines.append(json.dumps(row, ensure_ascii=False))
    return "\n".join(lines)


def outcome(path: Path, options: dict[str, str]) -> Found | list[Problem]:
    """What is found in a file, its mappings as dictionaries in their order; or what is wrong with it, in its order."""
    try:
        found = tables.read(path, options)
    except CorpusError as error:
        return error.problems
    marks = [mark._replace(features=tuple(mark.features.items())) for mark in found.marks]  # type: ignore[arg-type]
    documents = [document._replace(facts=tuple(document.facts.items())) for document in found.documents]  # type: ignore[arg-type]
    return Found(documents, marks, found.left_out)


def one_by_one(
    records: Iterable[delimited.Records], header: list[str], columns: list[str], found: Problems
) -> Iterator[Block]:
    """The rows of a table of text, each in a block of its own and without its columns."""
    for lines, cells in records:
        yield from (Block(*row) for row in delimited._rows(zip(lines, cells, strict=True), header, columns, found))


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_rows_in_blocks_are_as_rows_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    draw = random.Random(size)  # noqa: S311  # seeded draws, no secrets
    roles = {"document": "doc", "id": "nr", "coder": "who", "start": "from", "end": "to", "quote": "said"}
    seen: Counter[str] = Counter()
    for number in range(150):
        is_json = number % 3 == 0
        path = tmp_path / ("x.jsonl" if is_json else "x.csv")
        path.write_bytes((made_json(draw) if is_json else made_csv(draw)).encode())
        chosen = {role: name for role, name in roles.items() if draw.random() < 0.5}
        chosen |= {"document": ""} if draw.random() < 0.2 else {}
        with monkeypatch.context() as patch:
            patch.setattr(table_rows, "_at_once", lambda *_: None)
            patch.setattr(delimited, "_blocks", one_by_one)
            slow = outcome(path, chosen)
        with monkeypatch.context() as patch:
            patch.setattr(delimited, "ROWS", size)
            patch.setattr(sheet, "ROWS", size)
            assert outcome(path, chosen) == slow
        seen[type(slow).__name__] += 1
        seen["marks"] += isinstance(slow, Found) and len(slow.marks) > 1
    assert seen["list"] > 15 < seen["marks"]


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_records_have_the_lines_that_they_start_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(delimited, "ROWS", size)
    draw = random.Random(size)  # noqa: S311  # seeded draws, no secrets
    for _ in range(100):
        parts = ["a", "b", ",", "\n", "\r\n", "\r", '"x\ny"', '"a""b"', "ü", "\u2028", "\x0b", " "]
        text = "".join(draw.choices(parts, k=20))
        (tmp_path / "x.csv").write_bytes(text.encode())
        expected, line, reader = [], 1, csv.reader(io.StringIO(text, newline=""), strict=True)
        try:
            for record in reader:
                expected += [(line, record)] if record else []
                line = reader.line_num + 1
        except csv.Error as error:
            with pytest.raises(CorpusError, match=f"x.csv:{line}: this row is broken: {re.escape(str(error))}"):
                list(delimited._records(tmp_path / "x.csv", ","))
        else:
            found = delimited._records(tmp_path / "x.csv", ",")
            assert [each for lines, some in found for each in zip(lines, some, strict=True)] == expected


def test_a_parquet_file_is_read_in_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = [None, "", "x", "x", "y"] * 20
    table = pa.table({"doc": ["a"] * 50 + ["b"] * 50, "n": range(100), "w": words, "l": [["p", ""], []] * 50})
    pq.write_table(table, tmp_path / "x.parquet", row_group_size=33)
    expected = outcome(tmp_path / "x.parquet", {})
    monkeypatch.setattr(parquet, "ROWS", 7)
    assert outcome(tmp_path / "x.parquet", {}) == expected
    assert isinstance(expected, Found)
    assert [mark.where for mark in expected.marks] == [f"x.parquet: row {row}" for row in range(1, 101)]


def test_a_text_that_stands_in_many_rows_is_kept_once(tmp_path: Path) -> None:
    content = "doc,who,said\n" + "".join(f"a,ann{n % 3},word {n} of many\n" for n in range(3000))
    for text in (content, content.replace("ann", "x\nann").replace("x\nann", '"x\nann').replace(",word", '",word')):
        marks = read(tmp_path, text).marks
        assert len({id(mark.features["who"]) for mark in marks}) == 3
    lines = "".join(f'{{"doc": "a", "who": "ann{n % 3}"}}\n' for n in range(3000))
    assert len({id(mark.features["who"]) for mark in read(tmp_path, lines, "x.jsonl").marks}) == 3
