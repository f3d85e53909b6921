import os
import random
import sqlite3
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from analysis.errors import CorpusError, ParameterError
from analysis.readers import dna
from analysis.readers.found import Document, Mark
from analysis.readers.inputs import sqlite_input

SAMPLE = Path(os.environ.get("STANCEBOOK_DNA", "")) / "sample.dna"
EMOJI = "😀 Ann says yes.\r\nBob says no.\rEnd."
COMMON = """
CREATE TABLE SETTINGS(Property TEXT PRIMARY KEY, Value TEXT);
CREATE TABLE CODERS(ID INTEGER PRIMARY KEY, Name TEXT, Password TEXT);
CREATE TABLE DOCUMENTS(ID INTEGER PRIMARY KEY, Title TEXT, Text TEXT, Coder INTEGER, Author TEXT, Source TEXT,
    Section TEXT, Notes TEXT, Type TEXT, Date INTEGER);
CREATE TABLE STATEMENTTYPES(ID INTEGER PRIMARY KEY, Label TEXT);
CREATE TABLE VARIABLES(ID INTEGER PRIMARY KEY, Variable TEXT, DataType TEXT, StatementTypeId INTEGER);
CREATE TABLE STATEMENTS(ID INTEGER PRIMARY KEY, StatementTypeId INTEGER, DocumentId INTEGER, Start INTEGER,
    Stop INTEGER, Coder INTEGER);
CREATE TABLE DATABOOLEAN(ID INTEGER PRIMARY KEY, StatementId INTEGER, VariableId INTEGER, Value INTEGER);
CREATE TABLE DATAINTEGER(ID INTEGER PRIMARY KEY, StatementId INTEGER, VariableId INTEGER, Value INTEGER);
CREATE TABLE DATALONGTEXT(ID INTEGER PRIMARY KEY, StatementId INTEGER, VariableId INTEGER, Value TEXT);
INSERT INTO CODERS VALUES (1, 'Cleo', 'secret'), (2, 'Dan', 'secret');
INSERT INTO STATEMENTTYPES VALUES (1, 'DNA Statement'), (2, 'Annotation');
INSERT INTO VARIABLES VALUES (1, 'person', 'short text', 1), (2, 'concept', 'short text', 1),
    (3, 'agreement', 'boolean', 1), (4, 'weight', 'integer', 1), (5, 'note', 'long text', 2);
INSERT INTO STATEMENTS VALUES (1, 1, 1, 3, 15, 1), (2, 1, 1, 17, 28, 2), (3, 2, 2, 0, 3, NULL);
INSERT INTO DATABOOLEAN(StatementId, VariableId, Value) VALUES (1, 3, 1), (2, 3, 0);
INSERT INTO DATAINTEGER(StatementId, VariableId, Value) VALUES (1, 4, -2);
INSERT INTO DATALONGTEXT(StatementId, VariableId, Value) VALUES (3, 5, 'look again');
"""
VERSION_3 = """
CREATE TABLE ENTITIES(ID INTEGER PRIMARY KEY, VariableId INTEGER, Value TEXT, ChildOf INTEGER);
CREATE TABLE DATASHORTTEXT(ID INTEGER PRIMARY KEY, StatementId INTEGER, VariableId INTEGER, Entity INTEGER);
CREATE TABLE ATTRIBUTEVARIABLES(ID INTEGER PRIMARY KEY, VariableId INTEGER, AttributeVariable TEXT);
CREATE TABLE ATTRIBUTEVALUES(ID INTEGER PRIMARY KEY, EntityId INTEGER, AttributeVariableId INTEGER,
    AttributeValue TEXT);
INSERT INTO SETTINGS VALUES ('version', '3.0.7'), ('date', '2022-06-10');
INSERT INTO ENTITIES(ID, VariableId, Value) VALUES (7, 1, 'Ann'), (8, 1, ''), (9, 2, 'NA');
INSERT INTO DATASHORTTEXT(StatementId, VariableId, Entity) VALUES (1, 1, 7), (1, 2, 9), (2, 1, 8), (2, 2, 9);
INSERT INTO ATTRIBUTEVARIABLES VALUES (1, 1, 'Type'), (2, 1, 'type'), (3, 1, 'Born in');
INSERT INTO ATTRIBUTEVALUES(EntityId, AttributeVariableId, AttributeValue)
    VALUES (7, 1, 'minister'), (7, 2, 'x'), (7, 3, ''), (8, 1, 'nobody');
INSERT INTO DOCUMENTS VALUES (1, 'Talks', :text, 1, 'A. Uthor', 'Post', '', 'n', 'news', 1107302400),
    (2, 'Talks', 'Abc', 2, '', '', '', '', '', 1107338401);
"""
VERSION_2 = """
CREATE TABLE DATASHORTTEXT(ID INTEGER PRIMARY KEY, StatementId INTEGER, VariableId INTEGER, Value TEXT);
CREATE TABLE ATTRIBUTES(ID INTEGER PRIMARY KEY, VariableId INTEGER, Value TEXT, Type TEXT, Alias TEXT, Notes TEXT);
INSERT INTO SETTINGS VALUES ('version', '2.0 beta 25');
INSERT INTO DATASHORTTEXT(StatementId, VariableId, Value) VALUES (1, 1, 'Ann'), (1, 2, 'NA'), (2, 1, ''), (2, 2, 'NA');
INSERT INTO ATTRIBUTES(VariableId, Value, Type, Alias, Notes)
    VALUES (1, 'Ann', 'minister', 'A.', ''), (2, 'Ann', 'x', 'x', 'x'), (1, '', 'nobody', '', '');
INSERT INTO DOCUMENTS VALUES (1, 'Talks', :text, 1, NULL, 'Post', '', '', '', 1107298800000),
    (2, 'Talks', 'Abc', 2, '', '', '', '', '', NULL);
"""


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., Path]:
    """Writes a database: of a version, with its text, and then changed by the SQL given."""

    def make(version: str, *changes: str, text: str = EMOJI) -> Path:
        path = tmp_path / "talks.dna"
        path.unlink(missing_ok=True)
        database = sqlite3.connect(path)
        script = (COMMON + version).replace(":text", "'" + text.replace("'", "''") + "'")
        database.executescript(f"PRAGMA synchronous = OFF; BEGIN; {script} COMMIT;")
        for change in changes:
            database.executescript(change)
        database.commit()
        database.close()
        return path

    return make


def problems(path: Path) -> list[str]:
    with pytest.raises(CorpusError) as error:
        dna.read(path, {})
    assert {problem.file for problem in error.value.problems} == {path.name}
    return [problem.found for problem in error.value.problems]


def test_version_3_is_read_with_entities_attributes_and_seconds(made: Callable[..., Path]) -> None:
    found = dna.read(made(VERSION_3), {})
    told = {"title": "Talks", "author": "A. Uthor", "source": "Post", "notes": "n", "type": "news"}
    text = "😀 Ann says yes.\nBob says no.\nEnd."
    assert found.documents == [
        Document("1", text, {**told, "published": "2005-02-02"}, "talks.dna: document 1"),
        Document(
            "2", "Abc", {"title": "Talks", "published": "2005-02-02", "time": "10:00:01"}, "talks.dna: document 2"
        ),
    ]
    assert [mark._replace(features={}) for mark in found.marks] == [
        Mark("1", "Cleo", "1", "DNA Statement", 2, 14, None, (), {}, "talks.dna: statement 1"),
        Mark("1", "Dan", "2", "DNA Statement", 16, 27, None, (), {}, "talks.dna: statement 2"),
        Mark("2", "main", "3", "Annotation", 0, 3, None, (), {}, "talks.dna: statement 3"),
    ]
    assert [text[mark.start : mark.end] for mark in found.marks[:2]] == ["Ann says yes", "Bob says no"]
    assert [mark.features for mark in found.marks][1:] == [{"concept": "NA", "agreement": "0"}, {"note": "look again"}]
    assert found.marks[0].features == {
        "person": "Ann",
        "person.type": "minister",
        "person.type (2)": "x",
        "concept": "NA",
        "agreement": "1",
        "weight": "-2",
    }


def test_version_2_is_read_with_texts_in_the_cells_and_milliseconds(made: Callable[..., Path]) -> None:
    path = made(VERSION_2)
    found = dna.read(path, {})
    assert [mark.features for mark in found.marks] == [
        {
            "person": "Ann",
            "person.type": "minister",
            "person.alias": "A.",
            "concept": "NA",
            "agreement": "1",
            "weight": "-2",
        },
        {"concept": "NA", "agreement": "0"},
        {"note": "look again"},
    ]
    assert found.documents[0].facts == {
        "title": "Talks",
        "source": "Post",
        "published": "2005-02-01",
        "time": "23:00:00",
    }
    assert found.documents[1].facts == {"title": "Talks"}
    there = dna.read(path, {"time_zone": "Europe/Berlin"})
    assert there.documents[0].facts == {"title": "Talks", "source": "Post", "published": "2005-02-02"}


def test_the_first_versions_2_have_no_attributes(made: Callable[..., Path]) -> None:
    found = dna.read(made(VERSION_2, "DROP TABLE ATTRIBUTES"), {})
    assert found.marks[0].features == {"person": "Ann", "concept": "NA", "agreement": "1", "weight": "-2"}


def test_dates_of_version_3_are_utc_whatever_the_zone(made: Callable[..., Path]) -> None:
    path = made(VERSION_3)
    assert dna.read(path, {"time_zone": "Asia/Kabul"}) == dna.read(path, {})
    with pytest.raises(ParameterError, match="the time zone 'Mars/Base' is not known"):
        dna.read(path, {"time_zone": "Mars/Base"})


def test_coders_of_one_name_are_kept_apart(made: Callable[..., Path]) -> None:
    found = dna.read(made(VERSION_3, "UPDATE CODERS SET Name = 'Cleo'"), {})
    assert [mark.coder for mark in found.marks] == ["Cleo (1)", "Cleo (2)", "main"]


def test_the_passwords_are_not_needed_and_nothing_is_written(made: Callable[..., Path]) -> None:
    path = made(VERSION_3, "ALTER TABLE CODERS DROP COLUMN Password")
    before = path.read_bytes(), path.stat().st_mtime_ns
    assert "secret" not in repr(dna.read(made(VERSION_3), {}))
    assert dna.read(path, {}).marks[0].coder == "Cleo"
    assert sorted(file.name for file in path.parent.iterdir()) == ["talks.dna"]
    made(VERSION_3, "ALTER TABLE CODERS DROP COLUMN Password")
    path.chmod(0o400)
    dna.read(path, {})
    assert path.read_bytes() == before[0]


def test_a_name_with_signs_of_an_address_is_only_a_name(made: Callable[..., Path]) -> None:
    path = made(VERSION_3)
    odd = path.rename(path.with_name("50% of it?mode=rw#x é.dna"))
    assert len(dna.read(odd, {}).marks) == 3
    assert [file.name for file in path.parent.iterdir()] == [odd.name]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("UPDATE STATEMENTS SET Stop = 99 WHERE ID = 1", "statement 1 of document 1: offset 99 is not in the text"),
        ("UPDATE STATEMENTS SET Start = -1 WHERE ID = 1", "statement 1 of document 1: offset -1 is not in the text"),
        ("UPDATE STATEMENTS SET Start = 1 WHERE ID = 1", "statement 1 of document 1: offset 1 is in the middle of"),
        ("UPDATE STATEMENTS SET Stop = 2 WHERE ID = 1", "statement 1 of document 1: the span ends at 2, before"),
        ("UPDATE STATEMENTS SET Stop = Start WHERE ID = 1", "statement 1 of document 1: its span is 3–3"),
        ("UPDATE STATEMENTS SET Start = 'x' WHERE ID = 1", "statement 1 of document 1: its span is 'x'–15"),
        ("UPDATE STATEMENTS SET Stop = NULL WHERE ID = 1", "statement 1 of document 1: its span is 3–missing"),
        ("UPDATE STATEMENTS SET Start = 1e300 WHERE ID = 1", "statement 1 of document 1: its span is 1e+300–15"),
        ("UPDATE STATEMENTS SET DocumentId = 77 WHERE ID = 1", "statement 1: its document is not in the database"),
        ("DELETE FROM STATEMENTTYPES WHERE ID = 2", "statement 3: its statement type is not in the database"),
        ("DELETE FROM CODERS WHERE ID = 1", "statement 1: its coder is not in the database"),
        ("UPDATE CODERS SET Name = NULL WHERE ID = 2", "CODERS 2: its name is missing"),
        ("UPDATE CODERS SET Name = x'00ff' WHERE ID = 2", "CODERS 2: its name is binary data"),
        ("UPDATE DOCUMENTS SET Text = NULL WHERE ID = 2", "document 2: text: no text, or not UTF-8"),
        (
            "UPDATE DOCUMENTS SET Title = x'00', Notes = CAST(x'ff' AS TEXT)",
            "document 2: title, notes: no text, or not",
        ),
        ("UPDATE DOCUMENTS SET Date = 'May' WHERE ID = 2", "document 2: its date is 'May'"),
        ("UPDATE DOCUMENTS SET Date = 9223372036854775807 WHERE ID = 2", "document 2: its date is 9223372036854775807"),
        ("DELETE FROM STATEMENTS WHERE ID = 1", "DATABOOLEAN: a value of statement 1, which is not in the database"),
        ("DELETE FROM VARIABLES WHERE ID = 3", "DATABOOLEAN: a value of variable 3, which is not in the database"),
        (
            "UPDATE DATABOOLEAN SET Value = 2 WHERE ID = 1",
            "DATABOOLEAN: statement 1, variable agreement: 2 is no value",
        ),
        ("UPDATE DATAINTEGER SET Value = 1.5", "DATAINTEGER: statement 1, variable weight: 1.5 is no value of it"),
        ("UPDATE DATALONGTEXT SET Value = x'00'", "DATALONGTEXT: statement 3, variable note: binary data is no value"),
        ("INSERT INTO DATALONGTEXT VALUES (9, 3, 5, 'b')", "DATALONGTEXT: statement 3, variable note: it stands twice"),
        ("UPDATE DATASHORTTEXT SET Entity = 66 WHERE ID = 1", "DATASHORTTEXT: statement 1, variable person: 66 is no"),
        ("UPDATE DATASHORTTEXT SET Entity = 9 WHERE ID = 1", "DATASHORTTEXT: statement 1, variable person: 9 is no"),
        ("UPDATE ENTITIES SET Value = x'00' WHERE ID = 7", "entity 7: binary data of variable 1"),
        ("UPDATE ATTRIBUTEVALUES SET EntityId = 9", "attribute 1 of entity 9: no entity of that variable, or no text"),
        ("UPDATE ATTRIBUTEVARIABLES SET AttributeVariable = NULL", "attribute 1: missing of variable 1"),
        ("UPDATE SETTINGS SET Value = '4.0'", "its version is '4.0'"),
        ("DELETE FROM SETTINGS", "its version is missing"),
        ("DROP TABLE SETTINGS", "it has no table SETTINGS"),
        ("ALTER TABLE STATEMENTS DROP COLUMN Coder", "STATEMENTS has no column Coder"),
        ("DROP TABLE CODERS; CREATE VIEW CODERS AS SELECT 1 AS ID, 'a' AS Name", "it has no table CODERS"),
        (
            "DROP TABLE CODERS; CREATE TABLE CODERS(ID INTEGER, Password TEXT, Name TEXT AS (Password))",
            "CODERS has no column Name",
        ),
        ("DROP TABLE DATASHORTTEXT; DROP TABLE ENTITIES", "it has no table ENTITIES"),
        ("PRAGMA writable_schema = 1; UPDATE sqlite_master SET sql = 'CREATE TABLE x('", "the database cannot be read"),
    ],
)
def test_what_is_wrong_is_told(made: Callable[..., Path], change: str, found: str) -> None:
    assert any(problem.startswith(found) for problem in problems(made(VERSION_3, change)))


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("UPDATE DATASHORTTEXT SET Value = x'00' WHERE ID = 1", "DATASHORTTEXT: statement 1, variable person: binary"),
        ("UPDATE ATTRIBUTES SET Notes = x'00' WHERE ID = 1", "ATTRIBUTES: variable 1, 'Ann': no such variable, or no"),
        ("UPDATE ATTRIBUTES SET VariableId = 9 WHERE ID = 1", "ATTRIBUTES: variable 9, 'Ann': no such variable, or no"),
        ("ALTER TABLE ATTRIBUTES DROP COLUMN Alias", "ATTRIBUTES has no column Alias"),
    ],
)
def test_what_is_wrong_in_version_2_is_told(made: Callable[..., Path], change: str, found: str) -> None:
    assert any(problem.startswith(found) for problem in problems(made(VERSION_2, change)))


def test_all_problems_come_at_once_and_a_flood_is_cut(made: Callable[..., Path]) -> None:
    changes = "UPDATE STATEMENTS SET Stop = 99; UPDATE DATABOOLEAN SET Value = 'x'"
    assert len(problems(made(VERSION_3, changes))) == 5
    flood = (
        "WITH RECURSIVE n(x) AS (SELECT 10 UNION ALL SELECT x + 1 FROM n LIMIT 5000)"
        " INSERT INTO DATABOOLEAN SELECT x, x, 3, 1 FROM n"
    )
    told = problems(made(VERSION_3, flood))
    assert (len(told), told[0]) == (21, "1000 problems, of which the first 20 are shown")


def test_two_documents_or_statements_of_one_number_are_told(made: Callable[..., Path]) -> None:
    for table in ("DOCUMENTS", "STATEMENTS"):
        twice = (
            "CREATE TABLE t AS SELECT * FROM x; INSERT INTO t SELECT * FROM x; DROP TABLE x; ALTER TABLE t RENAME TO x"
        )
        told = problems(made(VERSION_3, twice.replace("x", table)))
        assert f"{table.lower()[:-1]} 1: its number is not its own" in told


def test_changes_beside_the_file_are_not_passed_over(made: Callable[..., Path]) -> None:
    path = made(VERSION_3, "PRAGMA journal_mode = WAL")
    assert len(dna.read(path, {}).marks) == 3
    wal = path.with_name("talks.dna-wal")
    wal.touch()
    assert len(dna.read(path, {}).marks) == 3
    wal.write_bytes(b"x")
    assert problems(path)[0].startswith("there are changes beside it that are not in it yet")
    wal.unlink()
    journal = path.with_name("talks.dna-journal")
    journal.write_bytes(bytes(512))
    assert len(dna.read(path, {}).marks) == 3
    journal.write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7")
    assert problems(path)[0].startswith("there are changes beside it that are not in it yet")


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "the file is empty"),
        (b"<discourse/>", "this is no SQLite database"),
        (b"SQLite format 3\0" + b"x" * 2000, "the database cannot be read: file is not a database"),
    ],
)
def test_a_file_that_is_no_database_is_told(tmp_path: Path, content: bytes, found: str) -> None:
    (tmp_path / "x.dna").write_bytes(content)
    assert problems(tmp_path / "x.dna") == [found]


def test_a_missing_file_and_a_folder_are_told(tmp_path: Path) -> None:
    for path, reason in ((tmp_path / "gone.dna", "No such file"), (tmp_path, "Is a directory")):
        with pytest.raises(CorpusError, match=f"the file cannot be read: {reason}"):
            dna.read(path, {})


def test_a_truncated_database_is_told(made: Callable[..., Path]) -> None:
    path = made(VERSION_3, text="long " * 20_000)
    content = path.read_bytes()
    for size in (len(content) // 2, 8192, 4096, 1000, 100):
        path.write_bytes(content[:size])
        assert problems(path)[0].startswith("the database cannot be read")


@pytest.mark.parametrize(
    ("limits", "found"),
    [
        ({"_TEXT": 0, "_TEXT_PER_BYTE": 0}, "it holds more text than a file of its size can"),
        ({"_STEPS": 0, "_STEPS_PER_BYTE": 0, "_AT_ONCE": 1}, "it takes more steps than a file of its size needs"),
    ],
)
def test_a_database_that_leads_in_circles_is_given_up(
    made: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, limits: dict[str, int], found: str
) -> None:
    for name, value in limits.items():
        monkeypatch.setattr(sqlite_input, name, value)
    assert problems(made(VERSION_3))[0].endswith(found)


def dna_or_told(path: Path) -> bool:
    try:
        dna.read(path, {})
    except CorpusError:
        return False
    return True


def test_damaged_bytes_give_our_errors_or_a_result(made: Callable[..., Path]) -> None:
    sound = made(VERSION_3).read_bytes()
    path, rng = made(VERSION_3), random.Random(4)  # noqa: S311  # seeded draws, no secrets
    outcomes = Counter[bool]()
    for _ in range(300):
        content = bytearray(sound)
        for _ in range(6):
            content[rng.randrange(16, len(content))] = rng.randrange(256)
        path.write_bytes(content)
        outcomes[dna_or_told(path)] += 1
    assert outcomes[False] > 50


def test_a_database_is_known_by_its_tables(made: Callable[..., Path], tmp_path: Path) -> None:
    path = made(VERSION_3)
    head = path.read_bytes()[:4096]
    assert dna.fits(path, head)
    assert dna.fits(path.rename(tmp_path / "talks.sqlite"), head)
    other = tmp_path / "other.sqlite"
    database = sqlite3.connect(other)
    database.execute("CREATE TABLE STATEMENTS(x)")
    database.close()
    assert not dna.fits(other, other.read_bytes()[:4096])
    assert not dna.fits(tmp_path / "gone.sqlite", head)
    assert dna.fits(tmp_path / "old.dna", b"<?xml version='1.0'?><discourse>")
    assert not dna.fits(tmp_path / "x.dna", b"{}")
    assert not dna.fits(tmp_path, b"")


@pytest.mark.skipif(not SAMPLE.is_file(), reason="STANCEBOOK_DNA names no folder with DNA's own sample")
def test_the_sample_of_dna_is_read_whole() -> None:
    found = dna.read(SAMPLE, {})
    assert len(found.documents) == 7
    assert Counter(mark.kind for mark in found.marks) == {"DNA Statement": 40, "Annotation": 1}
    said = [mark for mark in found.marks if mark.kind == "DNA Statement"]
    assert all(mark.features.keys() >= {"organization", "concept", "agreement"} for mark in said)
    assert sum(mark.features["agreement"] == "1" for mark in said) == 29
    assert {document.facts["published"] for document in found.documents} >= {"2005-01-26", "2005-02-02", "2005-02-10"}
    texts = {document.name: document.text or "" for document in found.documents}
    quotes = [texts[mark.document][mark.start : mark.end] for mark in said]
    assert quotes[0].startswith("At the gas prices we are forecasting")
    assert all(quote.strip() for quote in quotes)
