"""Files made to do harm: each is refused with an error of ours, reads nothing else, writes nothing, and ends soon."""

# ruff: noqa: E501, S608  # files and views, a line each

import ctypes
import io
import json
import os
import resource
import socket
import sqlite3
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import mini_corpus
import pytest
from typer.testing import CliRunner

import analysis
from analysis.__main__ import app
from analysis.errors import StancebookError

SECRET = "swordfish-in-the-kitchen"  # noqa: S105  # what no message may show
XXE = '<!DOCTYPE a [<!ENTITY x SYSTEM "{secret}">]>'
PARAMETER = '<!DOCTYPE a [<!ENTITY % p SYSTEM "{secret}"> %p;]>'
LOL = '<!DOCTYPE a [<!ENTITY x0 "lol">' + "".join(f'<!ENTITY x{n} "{f"&x{n - 1};" * 10}">' for n in range(1, 10)) + "]>"
BLOWN = f'<!DOCTYPE a [<!ENTITY x "{"a" * 100_000}">]>'
DOCTYPES = {"outer": XXE, "parameter": PARAMETER, "laughs": LOL, "quadratic": BLOWN, "harmless": "<!DOCTYPE html>"}
_CAPABILITIES, _READ_ALL = 0x20080522, 1 << 1 | 1 << 2  # version 3; CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH
SINGLE = ("csv", "xlsx", "parquet", "jsonl", "label-studio", "doccano", "prodigy", "refi-qda", "dna")


def listing(folder: Path) -> dict[str, bytes | None]:
    """Every name below the folder, with its bytes where it is a file."""
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


@pytest.fixture(autouse=True)
def _all_ends_soon() -> Iterator[None]:
    start = time.process_time()
    yield
    assert time.process_time() - start < 5


def read(path: Path, name: str, format: str | None = None) -> analysis.Tables:  # noqa: A002
    return analysis.read(path, format, mini_corpus.FORMATS[name][1])


def refused(path: Path, name: str, format: str | None = None) -> str:  # noqa: A002
    """The message; the folder of the file is as it was."""
    before = listing(path.parent)
    with pytest.raises(StancebookError) as error:
        read(path, name, format)
    assert listing(path.parent) == before
    assert SECRET not in str(error.value)
    return str(error.value)


def repacked(path: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The zip file with its members changed."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED if data else zipfile.ZIP_STORED)
    return path


def with_doctype(data: bytes, doctype: str) -> bytes:
    text = data.decode()
    at = text.find("?>") + 2 if text.startswith("<?") else 0
    return (text[:at] + doctype + text[at:]).encode()


@pytest.mark.parametrize("doctype", DOCTYPES)
@pytest.mark.parametrize("name", ["refi-qda", "xlsx", "cas-xmi"])
def test_a_doctype_is_refused_and_reads_no_other_file(name: str, doctype: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    words = DOCTYPES[doctype].format(secret=secret.as_uri()) if "{secret}" in DOCTYPES[doctype] else DOCTYPES[doctype]
    source = tmp_path / "source"
    source.mkdir()
    path = mini_corpus.FORMATS[name][0](source)
    if path.is_dir():
        for file in sorted(path.iterdir()):
            file.write_bytes(with_doctype(file.read_bytes(), words))
    else:
        member = "project.qde" if name == "refi-qda" else "xl/workbook.xml"
        repacked(path, lambda members: members.update({member: with_doctype(members[member], words)}))
    assert "DOCTYPE" in refused(path, name)


def test_an_entity_in_any_part_of_a_workbook_is_refused(tmp_path: Path) -> None:
    for number, member in enumerate(("xl/worksheets/sheet1.xml", "xl/styles.xml", "[Content_Types].xml")):
        folder = tmp_path / str(number)
        folder.mkdir()
        path = mini_corpus.table(folder, "xlsx")
        repacked(path, lambda members, at=member: members.update({at: with_doctype(members[at], LOL)}))  # type: ignore[misc]
        assert "DOCTYPE" in refused(path, "xlsx")


def bomb(members: dict[str, bytes]) -> None:
    members["sources/harbour.txt"] = b" " * 60_000_000


def many(members: dict[str, bytes]) -> None:
    members.update({f"m{number}": b"" for number in range(20_001)})


def many_more(members: dict[str, bytes]) -> None:
    members.update({f"xl/worksheets/m{number}.xml": b" " * 1_000_000 for number in range(100)})


@pytest.mark.parametrize(("name", "change"), [("refi-qda", bomb), ("refi-qda", many), ("xlsx", many_more)])
def test_a_zip_bomb_is_refused_before_it_fills_the_memory(
    name: str, change: Callable[[dict[str, bytes]], None], tmp_path: Path
) -> None:
    path = repacked(mini_corpus.FORMATS[name][0](tmp_path), change)
    had = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    refused(path, name)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - had < 120_000  # kilobytes


def test_a_zip_in_a_zip_is_not_opened(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x", b"0" * 10_000_000)
    path = mini_corpus.refi(tmp_path)
    assert len(
        read(repacked(path, lambda members: members.update({"inner.zip": inner.getvalue()})), "refi-qda").articles
    )
    assert refused(repacked(path, lambda members: members.update({"project.qde": inner.getvalue()})), "refi-qda")


@pytest.mark.parametrize("outside", ["../../escaped.txt", "/tmp/escaped.txt", "..\\escaped.txt", "C:\\escaped.txt"])  # noqa: S108
def test_a_member_named_as_a_path_is_only_a_name(outside: str, tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    path = repacked(mini_corpus.refi(folder), lambda members: members.update({outside: b"x"}))
    before = listing(tmp_path)
    assert len(read(path, "refi-qda").articles) == 2
    assert listing(tmp_path) == before


def test_a_text_outside_of_the_project_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text(SECRET * 9)
    folder = tmp_path / "in"
    folder.mkdir()
    for place in ("internal://../../secret.txt", "internal://" + str(tmp_path / "secret.txt"), (tmp_path / "secret.txt").as_uri(),
                  "relative:///../secret.txt", "absolute://" + str(tmp_path / "secret.txt")):  # fmt: skip

        def moved(members: dict[str, bytes], to: str = place) -> None:
            members["project.qde"] = members["project.qde"].replace(b"internal://harbour.txt", to.encode())

        refused(repacked(mini_corpus.refi(folder), moved), "refi-qda")


@pytest.mark.parametrize("name", ["refi-qda", "xlsx"])
def test_a_zip_file_that_lies_is_refused(name: str, tmp_path: Path) -> None:
    path = mini_corpus.FORMATS[name][0](tmp_path)
    whole = path.read_bytes()
    central = whole.index(b"PK\x01\x02")
    lies = {"checksum": (central + 16, b"\0\0\0\0"), "locked": (central + 8, b"\x01\0"), "method": (central + 10, b"\x63\0"),
            "place": (central + 42, b"\xff\xff\xff\x7f")}  # fmt: skip
    for at, lie in lies.values():
        path.write_bytes(whole[:at] + lie + whole[at + len(lie) :])
        refused(path, name)


def changed(path: Path, script: str) -> Path:
    database = sqlite3.connect(path)
    database.executescript(script)
    database.close()
    return path


ENDLESS = "with recursive n(x) as (select 1 union all select x + 1 from n)"
VIEWS = {
    "plain": "alter table STATEMENTS rename to OLD; create view STATEMENTS as select * from OLD",
    "endless": f"alter table STATEMENTS rename to OLD; create view STATEMENTS as {ENDLESS} select x ID, 1 "
    "StatementTypeId, 1 DocumentId, 0 Start, 1 Stop, 1 Coder from n",
    "virtual": "drop table CODERS; create virtual table CODERS using fts5(ID, Name, Password)",
}


@pytest.mark.parametrize("kind", VIEWS)
def test_a_view_in_the_place_of_a_table_is_refused(kind: str, tmp_path: Path) -> None:
    assert "view" in refused(changed(mini_corpus.dna(tmp_path), VIEWS[kind]), "dna")


def test_triggers_do_nothing_and_the_database_is_not_touched(tmp_path: Path) -> None:
    path = changed(
        mini_corpus.dna(tmp_path), "create trigger t after update on STATEMENTS begin delete from DOCUMENTS; end"
    )
    path.chmod(0o400)
    before, stamp = listing(tmp_path), path.stat().st_mtime_ns
    assert len(read(path, "dna").statements) == 3
    assert listing(tmp_path) == before
    assert path.stat().st_mtime_ns == stamp


def test_a_database_with_changes_beside_it_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = mini_corpus.dna(tmp_path)
    database = sqlite3.connect(path)
    database.execute("pragma journal_mode=wal")
    database.execute("delete from STATEMENTS")
    database.commit()
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir() if not file.name.endswith("-shm")}
    assert "mini.dna-wal" in before
    with pytest.raises(StancebookError, match="changes beside it"):
        read(path, "dna")
    after = {file.name: file.read_bytes() for file in tmp_path.iterdir() if not file.name.endswith("-shm")}
    database.close()
    assert after == before


HOSTILE_YAML = {
    "object": "codes: !!python/object/apply:os.system [touch escaped]",
    "name": "codes: {A: !!python/name:os.system x}",
    "anchor": "codes: &a {A: {stance: 1}}",
    "alias": "a: &a [x]\ncodes: {A: {stance: *a}}",
    "merge": "codes: {A: &a {stance: 1}, B: {<<: *a}}",
    "laughs": "a: &a [x]\n" + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [{f'*{chr(97 + n)}, ' * 9}]\n" for n in range(9)),
    "deep list": "codes: " + "[" * 100_000,
    "deep map": "codes: " + "{a: " * 50_000,
    "deep lines": "codes:\n" + "".join(" " * n + "a:\n" for n in range(1, 1500)),
    "dashes": "codes:\n  " + "- " * 50_000 + "a",
    "twice": "codes: {A: {stance: 1}, A: {stance: -1}}",
    "documents": "codes: {A: {stance: 1}}\n---\ncodes: {}",
    "control": "codes: {A: \x00}",
    "huge": "codes: {row: {speaker: x, issue: y, stance: " + "9" * 1_000_000 + "}}",
    "lists": "format: [csv]\ncodebook: [x]\noptions: {sheet: {a: b}}\ncodes: [a]\naliases: x\n",
    "format": "format: {a: b}\ncodes: {row: {stance: 1}}",
    "codebook": "codebook: {a: b}\ncodes: {row: {stance: 1}}",
    "nothing": "\n\n",
}


@pytest.mark.parametrize("kind", HOSTILE_YAML)
def test_a_hostile_mapping_is_refused(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = mini_corpus.table(tmp_path, "csv")
    for mapping in (HOSTILE_YAML[kind] + "\n", tmp_path / "mapping.yaml"):
        if isinstance(mapping, Path):
            mapping.write_text(HOSTILE_YAML[kind])
        before = listing(tmp_path)
        with pytest.raises(StancebookError) as error:
            analysis.read(path, mapping=mapping)
        assert listing(tmp_path) == before
        assert len(str(error.value)) < 10_000


def test_a_mapping_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = mini_corpus.table(tmp_path, "csv")
    (tmp_path / "binary").write_bytes(b"codes: \xff\xfe\n")
    for mapping in (tmp_path / "binary", tmp_path, tmp_path / "missing", "missing", 7, {"codes": {}}, b"codes: {}\n"):
        with pytest.raises(StancebookError):
            analysis.read(path, mapping=mapping)


VALUES: dict[str, str] = {
    "deep": "[" * 100_000,
    "deep and closed": "[" * 100_000 + "]" * 100_000,
    "deep objects": '{"a":' * 50_000 + "1" + "}" * 50_000,
    "at the limit": "[" * 900 + "]" * 900,
    "digits": "9" * 100_000,
    "float": "1e400",
    "not a number": "NaN",
    "below": "-1",
    "beyond": "1" + "0" * 30,
    "null": "null",
    "half a character": '"\\ud800"',
    "nothing": "",
}


@pytest.mark.parametrize("kind", VALUES)
@pytest.mark.parametrize("name", ["label-studio", "doccano", "prodigy", "w3c", "cas-json", "jsonl"])
def test_a_hostile_value_of_json_is_refused_or_left_out(name: str, kind: str, tmp_path: Path) -> None:
    """In the place of every number and text of the file, one after the other, and of the file as a whole."""
    path = mini_corpus.FORMATS[name][0](tmp_path)
    file = min(path.glob("*.json")) if path.is_dir() else path
    content = file.read_text(encoding="utf-8")
    places = [part for key in ("start", "end", "text", "id", "label", "begin", "speaker", "quote", "exact")
              for part in (f'"{key}": ',) if part in content][:4]  # fmt: skip
    texts = [content.replace(part, part + VALUES[kind] + ', "x": ', 1) for part in places]
    for text in [VALUES[kind], *texts]:
        file.write_text(text, encoding="utf-8")
        try:
            read(path, name)
        except StancebookError as error:
            assert len(str(error)) < 20_000  # noqa: PT017  # it may be read as well


@pytest.mark.parametrize("junk", [b"", b"\0" * 5000, b"\xff\xfe" + b"x\0" * 99, b"\xff" * 99, b"\xef\xbb\xbf", b"PK\x03\x04", b"PAR1PAR1",
                                  b"SQLite format 3\0", b"[", b"{", b"<", b"\xd0\xcf\x11\xe0", b"\n" * 99, b'"', b"%PDF-1.7"])  # fmt: skip
@pytest.mark.parametrize("name", SINGLE)
def test_junk_is_refused_whatever_it_is_called(name: str, junk: bytes, tmp_path: Path) -> None:
    path = mini_corpus.FORMATS[name][0](tmp_path)
    path.write_bytes(junk)
    for format in (None, "dna", "label-studio", "uima-cas", "refi-qda", "catma", "brat", "w3c", "span-jsonl", "tables"):  # noqa: A001
        try:
            tables = read(path, name, format)
        except StancebookError:
            continue
        assert format == "tables" or name == "csv"  # as a table it is a header without rows
        assert not len(tables.statements) + len(tables.articles)


@pytest.mark.parametrize("stray", [b"\xff", b"\xed\xa0\x80", b"\xc3", b"\0"])
@pytest.mark.parametrize("name", [*SINGLE, "brat", "w3c", "cas-xmi", "cas-json"])
def test_stray_bytes_in_the_middle_are_refused(name: str, stray: bytes, tmp_path: Path) -> None:
    path = mini_corpus.FORMATS[name][0](tmp_path)
    for file in sorted(path.iterdir()) if path.is_dir() else [path]:
        whole = file.read_bytes()
        at = whole.find(b"Ana") + 1 or len(whole) // 2
        file.write_bytes(whole[:at] + stray + whole[at:])
    if name == "dna":
        return  # a byte more than its pages have: whether sqlite sees it depends on where; it must not fail otherwise
    refused(path, name)


def fifo(path: Path) -> None:
    os.mkfifo(path)


def loop(path: Path) -> None:
    path.symlink_to(path.name)


def dangling(path: Path) -> None:
    path.symlink_to("nothing")


def plug(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        before = Path.cwd()
        os.chdir(path.parent)  # a socket's address is short
        server.bind(path.name)
        os.chdir(before)


def empty_folder(path: Path) -> None:
    path.mkdir()


def nothing(path: Path) -> None:
    assert not path.exists()


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


NO_FILES = (fifo, loop, dangling, plug, empty_folder, nothing, device)


@pytest.mark.parametrize("made", NO_FILES)
@pytest.mark.parametrize("name", SINGLE)
def test_what_is_no_file_is_refused_at_once(name: str, made: Callable[[Path], None], tmp_path: Path) -> None:
    path = mini_corpus.FORMATS[name][0](tmp_path)
    path.unlink()
    made(path)
    for format in (None, "dna", "label-studio", "uima-cas", "refi-qda", "catma", "brat", "w3c", "span-jsonl", "tables"):  # noqa: A001
        with pytest.raises(StancebookError):
            read(path, name, format)


@pytest.mark.parametrize("made", NO_FILES)
@pytest.mark.parametrize("name", ["brat", "w3c", "cas-xmi", "cas-json"])
def test_what_is_no_file_in_a_folder_holds_nothing_up(name: str, made: Callable[[Path], None], tmp_path: Path) -> None:
    path = mini_corpus.FORMATS[name][0](tmp_path)
    for file in sorted(path.glob("harbour.*")):
        whole = file.read_bytes()
        file.unlink()
        made(file)
        try:
            tables = read(path, name)
        except StancebookError as error:
            assert "harbour" in str(error) or "no" in str(error)  # noqa: PT017  # it may be passed over as well
        else:
            assert len(tables.articles) <= 2
        file.rmdir() if file.is_dir() else file.unlink(missing_ok=True)
        file.write_bytes(whole)


@pytest.mark.parametrize(
    "path", ["x" * 300, "a/" * 3000, "nul\0byte", "", "\udcff", "http://example.org/x.json", "~root/x", "-", "--help"]
)
def test_what_is_no_path_is_refused(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for format in (None, "tables", "native", "brat"):  # noqa: A001
        with pytest.raises(StancebookError):
            analysis.read(path, format, mini_corpus.FEATURES)
        with pytest.raises(StancebookError):
            analysis.annotations(path, format)


@contextmanager
def without_root_rights() -> Iterator[None]:
    """A block in which this thread, if it is root's, may read no more than others: Linux grants that thread by thread."""
    libc, rights = ctypes.CDLL(None, use_errno=True), (ctypes.c_uint32 * 6)()
    thread = (ctypes.c_uint32 * 2)(_CAPABILITIES, 0)
    assert libc.capget(thread, rights) == 0
    had = rights[0]
    rights[0] = had & ~_READ_ALL
    assert libc.capset(thread, rights) == 0
    try:
        yield
    finally:
        rights[0] = had
        assert libc.capset(thread, rights) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="rights are taken away in Linux's way")
def test_what_may_not_be_read_is_refused(tmp_path: Path) -> None:
    for name in SINGLE:
        folder = tmp_path / name
        folder.mkdir()
        path = mini_corpus.FORMATS[name][0](folder)
        path.chmod(0)
        with without_root_rights(), pytest.raises(StancebookError, match="cannot be read"):
            read(path, name)
        folder.chmod(0)
        with without_root_rights(), pytest.raises(StancebookError, match="cannot be read"):
            read(path, name)
        folder.chmod(0o700)


def damaged(name: str, path: Path) -> None:
    """Something wrong in the last document alone."""
    file = max(path.iterdir()) if path.is_dir() else path
    if name == "dna":
        changed(file, "update STATEMENTS set Stop = 99999 where ID = 3")
    elif file.suffix in (".xlsx", ".parquet"):
        file.write_bytes(file.read_bytes()[:-9])
    elif file.suffix == ".qdpx":
        repacked(file, lambda members: members.update({"sources/market.txt": b"\xff\xfe\xff"}))
    else:
        file = max(path.iterdir(), key=lambda one: (one.suffix != ".txt", one.name)) if path.is_dir() else path
        file.write_bytes(file.read_bytes().rstrip()[:-3] + b'\xff"')


@pytest.mark.parametrize("name", mini_corpus.FORMATS)
def test_an_import_that_fails_writes_nothing(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All or nothing, into a corpus that is new and into one that is there."""
    root, source, mapping = tmp_path / "root", tmp_path / "source", tmp_path / "mapping.yaml"
    root.mkdir()
    source.mkdir()
    monkeypatch.setenv("STANCEBOOK_ROOT", str(root))
    mapping.write_text(mini_corpus.FORMATS[name][1], encoding="utf-8")
    path = mini_corpus.FORMATS[name][0](source)
    good = path.read_bytes() if path.is_file() else None
    command = ["import", str(path), "--to", "town", "--mapping", str(mapping)]
    files = {file: file.read_bytes() for file in sorted(path.iterdir())} if good is None else {path: good}
    for is_there in (False, True):
        if is_there:
            for file, content in files.items():
                file.write_bytes(content)
            assert CliRunner().invoke(app, command).exit_code == 0
        damaged(name, path)
        before = listing(tmp_path)
        failed = CliRunner().invoke(app, [*command, "--overwrite"])
        assert failed.exit_code == 1, failed.output
        assert failed.exception is None or isinstance(failed.exception, SystemExit)
        assert listing(tmp_path) == before


def test_a_line_of_each_kind_without_its_words_is_refused(tmp_path: Path) -> None:
    """Found by the fuzzer: the old M for A was not known to the message."""
    for kind in "TREAMN#*":
        mini_corpus.brat(tmp_path)
        with (tmp_path / "harbour.ann").open("a") as file:
            file.write(f"{kind}99\tName\n")
        assert "harbour.ann" in refused(tmp_path, "brat")


def test_a_member_without_a_name_is_a_name_as_well(tmp_path: Path) -> None:
    """Found by the fuzzer."""
    path = repacked(mini_corpus.refi(tmp_path), lambda members: members.update({"": b"x"}))
    assert len(read(path, "refi-qda").articles) == 2
    folder = tmp_path / "xlsx"
    folder.mkdir()
    path = repacked(mini_corpus.table(folder, "xlsx"), lambda members: members.update({"": b"x"}))
    assert len(read(path, "xlsx").articles) == 2


@pytest.mark.parametrize(
    "encoding", ["idna", "unicode_escape", "raw_unicode_escape", "utf-7", "rot13", "zip", "undefined", "punycode", "x"]
)
def test_a_page_in_an_encoding_that_is_none_is_taken_for_utf_8(encoding: str, tmp_path: Path) -> None:
    mini_corpus.w3c(tmp_path)
    (tmp_path / "harbour.txt").unlink()
    page = f'<html><head><meta charset="{encoding}"></head><body>{mini_corpus.TEXTS["harbour"]}</body></html>'
    (tmp_path / "harbour.html").write_text(page, encoding="utf-8")
    assert len(read(tmp_path, "w3c").articles) == 2


def test_coders_who_are_spelt_almost_alike_stay_two_in_files_and_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found by the fuzzer: their files had one name, and tables told other coders than the corpus on the disk."""
    monkeypatch.setenv("STANCEBOOK_ROOT", str(tmp_path))
    path = mini_corpus.label_studio(tmp_path)
    tasks = json.loads(path.read_text(encoding="utf-8"))
    names = ["Eve@x.org", "eve-x-org", "../../eve", "main ", "e" * 500]
    for task in tasks:
        (note,) = task["annotations"]
        task["annotations"] = [{**note, "completed_by": {"email": name}, "id": n} for n, name in enumerate(names)]
    path.write_text(json.dumps(tasks), encoding="utf-8")
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(mini_corpus.FEATURES)
    done = CliRunner().invoke(app, ["import", str(path), "--to", "town", "--mapping", str(mapping)])
    assert done.exit_code == 0, done.output
    coders = {"eve-x-org", "eve-x-org-2", "eve", "main-2", "e" * 40}
    assert set(analysis.load("town").statements["coder_id"]) == coders
    assert set(read(path, "label-studio").statements["coder_id"]) == coders


def test_an_import_of_nothing_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A corpus without a statement or an event could not be read back."""
    monkeypatch.setenv("STANCEBOOK_ROOT", str(tmp_path))
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text("documents: {published: {default: 2024}}\ncodes: {Else: {stance: 1}}\n")
    source = tmp_path / "source"
    source.mkdir()
    done = CliRunner().invoke(app, ["import", str(mini_corpus.brat(source)), "--to", "town", "--mapping", str(mapping)])
    assert done.exit_code == 1
    assert "nothing of it would come in" in done.output
    assert not (tmp_path / "data").exists()


def test_an_error_of_many_problems_stays_short(tmp_path: Path) -> None:
    rows = [{"text": "x", "label": [[5, 9, "A" * 5000]]} for _ in range(5000)]
    path = tmp_path / "all.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert len(refused(path, "doccano")) < 20_000


def test_a_few_hundred_damaged_files_give_tables_or_errors_of_ours(tmp_path: Path) -> None:
    """The small version of benchmarks/fuzz.py, in processes of its own."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
    try:
        import fuzz  # noqa: PLC0415  # a script beside the tests
    finally:
        sys.path.pop(0)
    tally = fuzz.Tally()
    for number, outcome in fuzz.outcomes(fuzz.Fuzzer(seed=7), 400, 2, tmp_path):
        tally.add(number, outcome)
    assert tally.failures == {}
    counts = {outcome: sum(n for (_, kind), n in tally.counts.items() if kind == outcome) for outcome in fuzz.OUTCOMES}
    assert counts["read"] > 40
    assert counts["refused"] > 100
