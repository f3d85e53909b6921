"""Exports read back: every format holds the network or the statements that went in, whatever their words are."""

import csv
import doctest
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import networkx as nx
import numpy as np
import openpyxl
import pandas as pd
import pytest
from corpus_builder import said, tables, write

import analysis
from analysis import exports, paths, schema
from analysis.errors import ParameterError, StoreError
from analysis.exports import workbook
from analysis.networks import Network
from analysis.schema import Tables

SUFFIXES = (".csv", ".xlsx", ".graphml", ".gexf")
READERS: dict[str, Callable[[Path], "nx.Graph[str]"]] = {".graphml": nx.read_graphml, ".gexf": nx.read_gexf}
HAZARDS = (
    "=1+1", "+1", "-1", "@SUM(1)", "#N/A", "NA", "nan", "007", "1e5", "TRUE", "a,b;c", 'say "no"', "two\nlines", "a\tb",
    "<script>alert(1)</script>", "&amp;", "]]>", "مرحبا \u200fRTL", "é e\u0301", "😀", " padded ", "row:x", "_x0041_",
)  # fmt: skip
ASKED: dict[str, dict[str, Any]] = {
    "two-mode": {"aggregation": "subtract", "isolates": True},
    "one-mode": {"kind": "one-mode", "aggregation": "subtract"},  # with weights below 0 and of 0
    "one label on both sides": {"columns": "organisation_id"},
    "no last digit": {"kind": "one-mode", "aggregation": "congruence", "normalization": "average"},
    "nothing": {"since": "1900", "until": "1900"},
    "nobody": {"since": "1900", "until": "1900", "kind": "one-mode"},
}


@pytest.fixture(scope="module")
def corpus() -> Tables:
    return analysis.load("russia-taliban")


@pytest.fixture(scope="module", params=[*ASKED, "hazards"])
def network(request: pytest.FixtureRequest, corpus: Tables) -> Network:
    return hazards() if request.param == "hazards" else analysis.network(corpus, **ASKED[request.param])


def hazards() -> Network:
    """Every hazard is a speaker and an issue, with a tie to itself and to the one before."""
    pairs = [(a, b) for at, a in enumerate(HAZARDS) for b in (a, HAZARDS[at - 1])]
    return of_pairs(*pairs)


def of_pairs(*pairs: tuple[str, str]) -> Network:
    statements = pd.DataFrame(pairs, columns=["speaker_id", "issue_id"]).assign(article_id="one")
    return analysis.network(statements, stance=None)


def test_the_networks_hold_what_they_are_to_test(corpus: Tables) -> None:
    mixed = analysis.network(corpus, columns="organisation_id")
    assert set(mixed.matrix.index) & set(mixed.matrix.columns)
    edges = analysis.network(corpus, kind="one-mode", aggregation="subtract").edges
    assert {-1.0, 0.0, 1.0} <= set(np.sign(edges["weight"]))


def sheet(path: Path, name: str, index_col: int | None = None) -> pd.DataFrame:
    """A sheet as an analyst would read it, no word taken for a gap."""
    return pd.read_excel(path, sheet_name=name, index_col=index_col, keep_default_na=False, na_values=[""])


def same_matrix(found: pd.DataFrame, network: Network) -> bool:
    same = [list(found.index), list(found.columns)] == [list(network.matrix.index), list(network.matrix.columns)]
    return same and np.array_equal(found.to_numpy(dtype=float), network.matrix.to_numpy())


def same_edges(found: pd.DataFrame, network: Network) -> bool:
    return found.to_numpy().tolist() == network.edges.to_numpy().tolist() and [*found] == [*network.edges]


def plain_rows(path: Path) -> list[list[str | float]]:
    """The rows of a CSV as Python's own reader has them: what stands in quotation marks is text, all else a number."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, quoting=csv.QUOTE_NONNUMERIC))


def test_a_csv_of_edges_reads_back(network: Network, tmp_path: Path) -> None:
    path = analysis.export_network(network, tmp_path / "edges.csv")
    assert plain_rows(path) == [list(network.edges), *network.edges.to_numpy().tolist()]
    dtypes = {"source": "str", "target": "str"}
    found = pd.read_csv(path, dtype=dtypes, keep_default_na=False)
    assert same_edges(found, network)


def test_a_csv_of_the_matrix_reads_back(network: Network, tmp_path: Path) -> None:
    path = analysis.export_network(network, tmp_path / "matrix.csv", form="matrix")
    rows = plain_rows(path)
    assert rows[0] == [network.rows, *network.matrix.columns]
    assert rows[1:] == [
        [label, *row] for label, row in zip(network.matrix.index, network.matrix.to_numpy(), strict=True)
    ]
    found = pd.read_csv(path, index_col=0, dtype={0: "str"}, keep_default_na=False)
    assert same_matrix(found, network)


def test_a_csv_is_utf8_with_plain_line_ends_and_text_in_quotation_marks(tmp_path: Path) -> None:
    made = of_pairs(('é "x"', "=1"), ('é "x"', "=1"))
    assert analysis.export_network(made, tmp_path / "a.csv").read_bytes().decode() == (
        '"source","target","weight","n_statements","n_articles"\n"é ""x""","=1",2.0,2,1\n'
    )


def test_an_xlsx_reads_back(network: Network, tmp_path: Path) -> None:
    path = analysis.export_network(network, tmp_path / "network.xlsx")
    assert same_matrix(sheet(path, "matrix", index_col=0), network)
    assert same_edges(sheet(path, "edges"), network)
    labels = [*network.matrix.index, *(network.matrix.columns if network.kind == "two-mode" else ())]
    assert list(sheet(path, "nodes")["label"]) == labels
    about = dict(sheet(path, "about").itertuples(index=False, name=None))
    names = ("kind", "rows", "columns", "aggregation", "normalization", "duplicates")
    assert [about[name] for name in names] == [getattr(network, name) for name in names]
    assert about["statements counted"] == len(network.counted)
    assert about["statements left out, outside the dates"] == network.left_out["outside the dates"]


def test_no_cell_of_an_xlsx_is_a_formula_or_an_error(tmp_path: Path) -> None:
    path = analysis.export_network(hazards(), tmp_path / "hazards.xlsx")
    cells = [cell for page in openpyxl.load_workbook(path) for row in page.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} == {"s", "n", "b"}
    assert {cell.value for cell in cells if cell.data_type == "s"} >= set(HAZARDS)
    with ZipFile(path) as archive:
        assert not any(b"<f>" in archive.read(name) for name in archive.namelist())


@pytest.mark.parametrize("suffix", READERS)
def test_a_graph_reads_back(network: Network, suffix: str, tmp_path: Path) -> None:
    graph = READERS[suffix](analysis.export_network(network, tmp_path / f"network{suffix}"))
    assert not graph.is_directed()
    sides = ("row", "column") if network.kind == "two-mode" else ("", "")
    labels = {
        mode: [data["label"] for _, data in graph.nodes(data=True) if data.get("mode", "") == mode] for mode in sides
    }
    assert labels[sides[0]] == list(network.matrix.index)
    assert labels[sides[1]] == list(network.matrix.columns)
    found = [
        (*sorted((graph.nodes[end].get("bipartite", 0), graph.nodes[end]["label"]) for end in ends), data["weight"],
         data["n_statements"], data["n_articles"])
        for *ends, data in graph.edges(data=True)
    ]  # fmt: skip
    other = len(set(sides)) - 1
    expected = [((0, a), (other, b), *numbers) for a, b, *numbers in network.edges.itertuples(index=False, name=None)]
    assert sorted(found) == sorted(expected)
    assert {tuple(map(type, numbers)) for _, _, *numbers in found} <= {(float, int, int)}


@pytest.mark.parametrize("suffix", READERS)
def test_a_label_on_both_sides_is_two_nodes(suffix: str, tmp_path: Path) -> None:
    made = of_pairs(("a", "a"), ("column:a", "a"))
    graph = READERS[suffix](analysis.export_network(made, tmp_path / f"a{suffix}"))
    assert {node: (data["label"], data["mode"], data["bipartite"]) for node, data in graph.nodes(data=True)} == {
        "row:a": ("a", "row", 0),
        "row:column:a": ("column:a", "row", 0),
        "column:a": ("a", "column", 1),
    }
    assert sorted(map(sorted, graph.edges)) == [["column:a", "row:a"], ["column:a", "row:column:a"]]
    assert nx.is_bipartite(graph)


@pytest.mark.parametrize("suffix", READERS)
def test_nodes_have_the_facts_of_the_codebook_and_no_empty_ones(suffix: str, corpus: Tables, tmp_path: Path) -> None:
    made = analysis.network(corpus)
    graph = READERS[suffix](analysis.export_network(made, tmp_path / f"a{suffix}", tables=corpus))
    actors = corpus.actors.set_index("actor_id").loc[list(made.matrix.index)].reset_index(names="label")
    issues = corpus.issues.set_index("issue_id").loc[list(made.matrix.columns)].reset_index(names="label")
    expected = [
        {"mode": mode, "bipartite": side} | {name: value for name, value in row.items() if not pd.isna(value)}
        for side, (mode, facts) in enumerate((("row", actors), ("column", issues)))
        for row in facts.to_dict("records")
    ]
    assert [data for _, data in graph.nodes(data=True)] == expected
    assert sum("role" in data for data in expected) < len(actors)


def test_the_sheet_of_nodes_has_the_facts_of_the_codebook(corpus: Tables, tmp_path: Path) -> None:
    made = analysis.network(corpus, kind="one-mode", rows="organisation")
    found = sheet(analysis.export_network(made, tmp_path / "a.xlsx", tables=corpus), "nodes").set_index("label")
    assert list(found) == ["name", "kind", "organisation_id", "role", "country"]
    expected = corpus.actors.set_index("actor_id").loc[list(made.matrix.index)]
    assert found.astype("str").fillna("").to_numpy().tolist() == expected.fillna("").to_numpy().tolist()


def test_columns_that_no_codebook_knows_have_no_facts(corpus: Tables, tmp_path: Path) -> None:
    made = analysis.network(corpus, rows="article_id", columns="certainty")
    found = sheet(analysis.export_network(made, tmp_path / "a.xlsx", tables=corpus), "nodes")
    assert list(found) == ["label", "mode"]


@pytest.mark.parametrize("suffix", [".xlsx", *READERS])
def test_control_characters_become_their_pictures_where_the_format_has_none(suffix: str, tmp_path: Path) -> None:
    town = tables([said("one", "ann", "toll", 1.0)])
    town = replace(town, actors=town.actors.assign(name="a\x00b\x0bc\rd\x1fe\uffff"))
    made = of_pairs(("a\x1b", "toll"))
    path = analysis.export_network(made, tmp_path / f"label{suffix}")
    other = analysis.export_network(analysis.network(town), tmp_path / f"name{suffix}", tables=town)
    if suffix == ".xlsx":
        found = (sheet(path, "nodes").loc[0, "label"], sheet(other, "nodes").loc[0, "name"])
    else:
        node = READERS[suffix](path).nodes["row:a␛"]
        found = (node["label"], READERS[suffix](other).nodes["row:ann"]["name"])
    assert found == ("a␛", "a␀b␋c␍d␟e\ufffd")


def test_control_characters_stay_in_a_csv(tmp_path: Path) -> None:
    made = of_pairs(("a\x00\x1b\r\n\rb", "toll"))
    assert plain_rows(analysis.export_network(made, tmp_path / "a.csv"))[1][0] == "a\x00\x1b\r\n\rb"


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_same_network_gives_the_same_bytes(
    suffix: str, corpus: Tables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bytes_of(name: str) -> bytes:
        made = analysis.network(corpus, exclude={"issue_id": {"recognition", "delisting", "engagement"}})
        return analysis.export_network(made, tmp_path / f"{name}{suffix}", tables=corpus).read_bytes()

    before = bytes_of("one")
    monkeypatch.setattr("time.strftime", lambda *_: "2001-01-01")
    monkeypatch.setattr("time.time", lambda: 1e9)
    monkeypatch.setattr("time.localtime", lambda *_: (2001, 9, 9, 1, 46, 40, 6, 252, 0))
    assert bytes_of("two") == before


def test_no_file_bears_the_hour_of_its_making(corpus: Tables, tmp_path: Path) -> None:
    made = analysis.network(corpus)
    with ZipFile(analysis.export_network(made, tmp_path / "a.xlsx")) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert set(re.findall(rb"\d{4}-\d\d-\d\dT", archive.read("docProps/core.xml"))) == {b"1980-01-01T"}
    gexf = analysis.export_network(made, tmp_path / "a.gexf").read_text(encoding="utf-8")
    assert "lastmodifieddate" not in gexf
    assert 'defaultedgetype="undirected" mode="static"' in gexf


@pytest.mark.parametrize(("suffix", "element"), [(".graphml", "desc"), (".gexf", "description")])
def test_a_graph_is_described_by_its_parameters(suffix: str, element: str, tmp_path: Path) -> None:
    statements = pd.DataFrame({"speaker_id": ["a"] * 4, "<&>": ["x", "x", "y", "z"], "article_id": ["one"] * 4})
    made = analysis.network(statements, columns="<&>", stance=None, exclude={"<&>": set("yzuvwabcdefg")})
    text = analysis.export_network(made, tmp_path / f"a{suffix}").read_text(encoding="utf-8")
    told = (
        "kind: two-mode; rows: speaker_id; columns: &lt;&amp;&gt;; aggregation: ignore; normalization: no; "
        "duplicates: include; exclude: &lt;&amp;&gt; a, b, c, d, e, f, g, u, v, w, y, z; min_statements: 1; "
        "statements counted: 2; statements left out, value excluded: 2"
    )
    assert re.findall(f"<{element}>(.*?)</{element}>", text) == [told]


def test_gephi_takes_no_key_for_a_label(corpus: Tables, tmp_path: Path) -> None:
    """Its reader of GraphML holds a key of the id d3 for the label, whatever it is named."""
    path = analysis.export_network(analysis.network(corpus), tmp_path / "a.graphml", tables=corpus)
    keys = re.findall('<key id="(.*?)" for="(.*?)" attr.name="(.*?)"', path.read_text(encoding="utf-8"))
    assert {name for name, _, _ in keys} >= {"label", "kind", "weight"}
    assert all(name == title for name, _, title in keys)


def test_the_file_lies_where_it_was_asked_for_and_replaces_what_was_there(corpus: Tables, tmp_path: Path) -> None:
    path = tmp_path / "new" / "Edges.CSV"
    write(path, "old")
    assert analysis.export_network(analysis.network(corpus), str(path)) == path
    assert path.read_text(encoding="utf-8").startswith('"source"')
    assert [file.name for file in path.parent.iterdir()] == ["Edges.CSV"]


ALLOWED = r"\n    expected: one of \.csv, \.xlsx, \.graphml, \.gexf"


@pytest.mark.parametrize(
    ("path", "asked", "message"),
    [
        (
            "a.grapml",
            {},
            rf"^a\.grapml: the format '\.grapml' is not known{ALLOWED}\n    next: did you mean '\.graphml'\?$",
        ),
        ("edges", {}, rf"^edges: the format '' is not known{ALLOWED}$"),
        (
            "a.csv",
            {"form": "matrx"},
            r"'matrx' is not known\n    expected: one of edges, matrix\n    next: .* 'matrix'\?$",
        ),
    ],
)
def test_what_cannot_be_written_is_told_with_what_can(
    path: str, asked: dict[str, Any], message: str, corpus: Tables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ParameterError, match=message):
        analysis.export_network(analysis.network(corpus), path, **asked)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_is_an_error_of_ours(corpus: Tables, tmp_path: Path) -> None:
    write(tmp_path / "file", "no folder")
    for export in (lambda path: analysis.export_network(analysis.network(corpus), path),
                   lambda path: analysis.export_statements(corpus, path)):  # fmt: skip
        with pytest.raises(StoreError, match="file: it cannot be written: File exists\n    next: free some space"):
            export(tmp_path / "file" / "a.csv")


def test_a_disk_that_refuses_leaves_the_last_file(
    corpus: Tables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "a.csv", "good")

    def refuse(path: Path, _: Path) -> Path:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(StoreError, match="it cannot be written: No space left on device"):
        analysis.export_network(analysis.network(corpus), tmp_path / "a.csv")
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("a.csv", "good")]


@pytest.mark.parametrize(
    ("most", "message"),
    [
        (
            {"rows": 2},
            "^sheet matrix has 3 rows\n    expected: XLSX holds 2\n    next: write .csv or .gra",
        ),
        ({"columns": 2}, "^sheet matrix has 3 columns\n    expected: XLSX holds 2\n"),
        ({"characters in a cell": 9}, "^sheet matrix has 10 characters in a cell\n    expected: XLSX holds 9\n"),
    ],
)
def test_what_a_spreadsheet_would_cut_off_is_an_error(
    most: dict[str, int], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = of_pairs(("a", "x"), ("b", "y"))
    monkeypatch.setattr(workbook, "_MOST", workbook._MOST | most)
    with pytest.raises(ParameterError, match=message):
        analysis.export_network(made, tmp_path / "a.xlsx")


def test_excel_says_so_of_its_limits() -> None:
    assert workbook._MOST == {"rows": 2**20, "columns": 2**14, "characters in a cell": 2**15 - 1}


# --- statements ---

DNA = (
    "statement_id", "time", "person", "organization", "concept", "agreement", "start_position", "stop_position", "text",
    "coder", "document_id", "document_title", "document_author", "document_source", "document_section", "document_type",
)  # fmt: skip


def events(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def statements_of(rows: list[dict[str, str]]) -> pd.DataFrame:
    """The table `statements` from the columns of the file: only an empty cell is missing."""
    renamed = {"statement_id": "stancebook_id", "start": "start_position", "end": "stop_position", "quote": "text"}
    records = [
        {name: row[renamed.get(name, name)] or None for name in schema.CONTRACTS["statements"][1]} for row in rows
    ]
    for record in records:
        record |= {"is_mixed": record["is_mixed"] == "True"}
        record |= {name: pd.Timestamp(record[name]) for name in ("date_start", "date_end")}
    return schema.frame("statements", records)


@pytest.mark.parametrize("corpus_name", ["russia-taliban", "russia-taliban-originals"])
def test_the_same_statements_come_back(corpus_name: str, tmp_path: Path) -> None:
    loaded = analysis.load(corpus_name)
    rows = events(analysis.export_statements(loaded, tmp_path / "events.csv"))
    found = statements_of(rows).sort_values("statement_id", ignore_index=True)
    pd.testing.assert_frame_equal(found, loaded.statements.sort_values("statement_id", ignore_index=True))
    origins = loaded.articles.set_index("article_id")["origin_id"].fillna("")
    assert [row["origin_id"] for row in rows] == [origins[row["article_id"]] for row in rows]


def test_a_row_has_the_columns_of_dna_first_as_dna_writes_them(tmp_path: Path) -> None:
    statements = [
        said("two", "bob", "toll", -0.5, coder_id="zoe", start=7, end=12, quote='a; "b"\nc', organisation_id="union"),
        said("one", "ann", "bridge", 1.0, coder_id="amy"),
        said("one", "ann", "toll", 0.0, start=1, end=2, coder_id="amy"),
        said("one", "ann", "toll", None, start=1, end=3, coder_id="zoe"),
    ]
    town = tables(statements, published={"one": "2024-05", "two": "2024-04-01"})
    outlets = town.articles["article_id"].map({"one": "Post", "two": None}).astype("str")
    path = analysis.export_statements(replace(town, articles=town.articles.assign(outlet=outlets)), tmp_path / "a.csv")
    rows = events(path)
    assert [list(row.values())[: len(DNA)] for row in rows] == [
        ["1", "2024-04-01 00:00:00", "Bob", "Union", "toll", "0", "7", "12", 'a; "b"\nc', "2", "2", "two", *[""] * 4],
        ["2", "2024-05-01 00:00:00", "Ann", "", "bridge", "1", "0", "1", "", "1", "1", "one", "", "Post", "", ""],
        ["3", "2024-05-01 00:00:00", "Ann", "", "toll", "", "1", "2", "", "1", "1", "one", "", "Post", "", ""],
        ["4", "2024-05-01 00:00:00", "Ann", "", "toll", "", "1", "3", "", "2", "1", "one", "", "Post", "", ""],
    ]
    assert tuple(rows[0])[: len(DNA)] == DNA
    assert [(row["stancebook_id"], row["stance"]) for row in rows] == [
        ("two/s0", "-0.5"), ("one/s1", "1.0"), ("one/s2", "0.0"), ("one/s3", "")
    ]  # fmt: skip
    text = path.read_bytes().decode()
    assert text.startswith('"statement_id";"time";"person";"organization";"concept";"agreement";"start_position";')
    assert '\n1;2024-04-01 00:00:00;"Bob";"Union";"toll";0;7;12;"a; ""b""\nc";2;2;"two";"";"";"";"";"two/s0";' in text
    assert '\n2;2024-05-01 00:00:00;"Ann";"";"bridge";1;0;1;"";1;1;"one";"";"Post";"";"";"one/s1";;"one";' in text
    assert text.endswith('"day"\n')
    assert "\r" not in text


@pytest.mark.parametrize("word", [*HAZARDS, "a\x00\x1b\r\n\rb"])
def test_any_words_come_back(word: str, tmp_path: Path) -> None:
    town = tables([said("one", "ann", "toll", 1.0, quote=word, gloss=word, condition=word)])
    town = replace(town, actors=town.actors.assign(name=word), articles=town.articles.assign(title=word, outlet=word))
    (row,) = events(analysis.export_statements(town, tmp_path / "events.csv"))
    names = ("text", "gloss", "condition", "person", "document_title", "document_source")
    assert [row[name] for name in names] == [word] * len(names)


def test_no_statements_give_the_names_of_the_columns(tmp_path: Path) -> None:
    path = analysis.export_statements(tables(), tmp_path / "events.csv")
    assert (events(path), len(path.read_text().splitlines())) == ([], 1)


def test_statements_go_into_a_csv_only(corpus: Tables, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match=r"the format '\.xlsx' is not known\n    expected: one of \.csv\n"):
        analysis.export_statements(corpus, tmp_path / "events.xlsx")


# --- documentation ---


def test_the_documentation_does_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (paths.root() / "docs/exports.md").read_text(encoding="utf-8")
    examples = "\n".join(re.findall(r"```pycon\n(.*?)```", text, re.DOTALL))
    monkeypatch.chdir(tmp_path)
    test = doctest.DocTestParser().get_doctest(examples, {}, "docs/exports.md", None, 0)
    assert len(test.examples) > 5
    assert doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(test).failed == 0


def test_the_documentation_lists_the_columns_and_formats(corpus: Tables, tmp_path: Path) -> None:
    text = (paths.root() / "docs/exports.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `(\w+)`", text, re.MULTILINE)
    row = events(analysis.export_statements(corpus, tmp_path / "a.csv"))[0]
    assert [name for name in listed if name in row] == list(row)[: len(DNA)]
    assert all(f"`{suffix}`" in text for suffix in exports.FORMATS)
