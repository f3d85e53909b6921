"""data/processed: rebuilt when contents change, never half-written, whatever the disk does."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path

import pandas as pd
import pytest
from corpus_builder import CODEBOOK, CODING, FRONT, TEXT, article, assert_equal_tables, corpus, write
from faulty_site import family, within
from filelock import FileLock
from rich.progress import Progress

import analysis
from analysis import disk, store
from analysis.errors import CorpusError, ParameterError, StoreError
from analysis.readers import native
from analysis.schema import NAMES

FIRST = CODING.replace("She agrees.", "First.")


def files(folder: Path) -> dict[str, bytes]:
    """Every file below the folder with its content, locks left out."""
    found = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock"]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def processed(project: Path) -> dict[str, bytes]:
    return files(project / "data" / "processed")


def change(project: Path) -> None:
    """Another gloss in the coding of article one."""
    write(project / "data/raw/town/articles/one.ann.yaml", CODING.replace("She agrees.", "Second."))


def run(project: Path, code: str, **options: object) -> subprocess.Popen[str]:
    """A Python process of its own that works on the project."""
    tests = Path(__file__).parent
    folders = os.pathsep.join([str(tests.parent), str(tests)])
    environment = os.environ | {"STANCEBOOK_ROOT": str(project), "PYTHONPATH": folders}
    command = [sys.executable, "-W", "error", "-c", code]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, env=environment, cwd=project, **pipes, **options)


@pytest.fixture
def town(project: Path) -> Path:
    """A project whose corpus `town` of two articles is built."""
    corpus(project, article("one", coding=FIRST) | article("two", coding=CODING.replace("She", "He")))
    store.load("town")
    return project


@pytest.fixture
def read_articles(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The ids of the articles that are read while the test runs."""
    seen: list[str] = []
    original = native.read_articles

    def spy(found: list[native.Source], book: object) -> object:
        seen.extend(source.article_id for source in found)
        return original(found, book)

    monkeypatch.setattr(native, "read_articles", spy)
    return seen


def test_loading_gives_what_reading_gives_down_to_the_types(town: Path) -> None:
    assert_equal_tables(store.load("town"), native.read(town / "data/raw/town"))
    assert_equal_tables(analysis.read(town / "data/raw/town"), native.read(town / "data/raw/town"))


def test_loading_tables_of_empty_columns_and_no_rows_keeps_the_types(project: Path) -> None:
    folder = corpus(project, article("one", coding="statements: []\n"))
    for _ in range(2):
        assert_equal_tables(store.load("town"), native.read(folder))


def test_what_did_not_change_is_not_read_again(town: Path, read_articles: list[str]) -> None:
    before = processed(town)
    for path in (town / "data/raw/town").rglob("*"):
        os.utime(path, (0, 0))
    store.load("town")
    assert read_articles == []
    assert processed(town) == before


def test_of_a_changed_corpus_only_the_changed_article_is_read(town: Path, read_articles: list[str]) -> None:
    change(town)
    write(town / "data/raw/town/articles/three.md", FRONT + TEXT)
    write(town / "data/raw/town/articles/three.ann.yaml", CODING)
    tables = store.load("town")
    assert sorted(read_articles) == ["one", "three"]
    assert_equal_tables(tables, native.read(town / "data/raw/town"))
    assert tables.statements["gloss"].tolist() == ["Second.", "She agrees.", "He agrees."]


def test_an_article_that_is_gone_leaves_nothing_behind(town: Path) -> None:
    for name in ("one.md", "one.ann.yaml"):
        (town / "data/raw/town/articles" / name).unlink()
    tables = store.load("town")
    assert tables.articles["article_id"].tolist() == ["two"]
    assert_equal_tables(tables, native.read(town / "data/raw/town"))


def test_another_codebook_means_reading_everything_again(town: Path, read_articles: list[str]) -> None:
    write(town / "data/raw/town/codebook.yaml", CODEBOOK.replace("Ann Lee", "Ann Roe"))
    assert store.load("town").actors["name"].tolist()[0] == "Ann Roe"
    assert sorted(read_articles) == ["one", "two"]


def test_other_code_means_reading_everything_again(town: Path, read_articles: list[str]) -> None:
    path = town / "data/processed/town/manifest.json"
    write(path, json.dumps(json.loads(path.read_text()) | {"code": "of yesterday"}))
    store.load("town")
    assert sorted(read_articles) == ["one", "two"]


def test_a_text_that_appears_or_changes_in_texts_is_noticed(town: Path) -> None:
    folder = town / "data/raw/town"
    sha256 = store.load("town").articles["text_sha256"].tolist()[0]
    spans = FIRST.replace("quote: Ann Lee said yes", "span: [0, 16]").replace("quote: no to the toll", "span: [45, 59]")
    write(folder / "articles/one.md", FRONT)
    write(folder / "articles/one.ann.yaml", f"text_sha256: {sha256}\nn_chars: 60\n{spans}")
    assert store.load("town").statements["quote"].isna().tolist() == [True, False]
    write(folder / "texts/one.txt", TEXT)
    assert store.load("town").statements["quote"].tolist() == ["Ann Lee said yes"] * 2
    write(folder / "texts/one.txt", TEXT + "\n")
    with pytest.raises(CorpusError, match=r"one.ann.yaml:1: the text in data/raw/town/texts/one.txt has the SHA-256"):
        store.load("town")


def test_a_contradiction_with_an_article_that_did_not_change_is_noticed(town: Path) -> None:
    write(town / "data/raw/town/articles/one.ann.yaml", FIRST.replace("label: Talks", "label: Other"))
    message = (
        "one.ann.yaml:4: event e1: label is Other here and Talks at data/raw/town/articles/two.ann.yaml:4"
        "|two.ann.yaml:4: event e1: label is Talks here and Other at data/raw/town/articles/one.ann.yaml:4"
    )
    with pytest.raises(CorpusError, match=message):
        store.load("town")


def test_a_broken_corpus_leaves_the_last_good_tables(town: Path) -> None:
    before = processed(town)
    write(town / "data/raw/town/articles/one.ann.yaml", "statements: [\n")
    with pytest.raises(CorpusError, match="broken YAML"):
        store.load("town")
    assert processed(town) == before


def test_an_orphan_that_appears_is_an_error_though_nothing_else_changed(town: Path) -> None:
    write(town / "data/raw/town/articles/three.ann.yaml", CODING)
    with pytest.raises(CorpusError, match=r"three.ann.yaml: this annotation has no article"):
        store.load("town")


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        *[(name, "cut") for name in (*NAMES, "event_records", "manifest")],
        ("manifest", "gone"),
        ("manifest", "empty"),
        ("issues", "gone"),
        ("issues", "empty"),
    ],
)
def test_a_damaged_file_of_the_last_build_is_made_again(town: Path, name: str, damage: str) -> None:
    before = processed(town)
    path = next((town / "data/processed/town").glob(f"{name}.*"))
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[: 100 if damage == "cut" else 0])
    assert_equal_tables(store.load("town"), native.read(town / "data/raw/town"))
    assert processed(town) == before


def test_the_same_corpus_gives_the_same_bytes(town: Path) -> None:
    before = processed(town)
    shutil.rmtree(town / "data/processed")
    store.load("town")
    assert processed(town) == before


KILLED = """
import os, pathlib, signal
import pandas as pd
from analysis import disk, store
original, calls = {owner}.{name}, []
def stop(*given, **named):
    calls.append(1)
    if len(calls) == {call}:
        os.kill(os.getpid(), signal.SIGKILL)
    return original(*given, **named)
{owner}.{name} = stop
store.load("town")
"""


@pytest.mark.parametrize(
    ("owner", "name", "call"),
    [("pd.DataFrame", "to_parquet", 4), ("pathlib.Path", "replace", 1), ("pathlib.Path", "replace", 2)],
    ids=["while tables are written", "before the swap", "in the middle of the swap"],
)
def test_a_killed_build_changes_nothing_and_the_next_one_heals(town: Path, owner: str, name: str, call: int) -> None:
    before = processed(town)
    change(town)
    process = run(town, KILLED.format(owner=owner, name=name, call=call))
    assert (*process.communicate(timeout=60), process.returncode) == ("", "", -signal.SIGKILL)
    left = processed(town)
    if (owner, call) != ("pathlib.Path", 2):  # there the old folder has been moved aside, and the raw files heal it
        assert {key: value for key, value in left.items() if key.startswith("town/")} == before
    assert any(not key.startswith("town/") for key in left)
    assert store.load("town").statements["gloss"].tolist() == ["Second.", "He agrees."]
    assert {key.split("/")[0] for key in processed(town)} == {"town"}


def test_two_processes_that_load_at_once_both_succeed(project: Path) -> None:
    corpus(project, article("one") | article("two"))
    code = "from analysis import store\nprint(store.load('town'))"
    both = [run(project, code), run(project, code)]
    answers = [process.communicate(timeout=120) for process in both]
    told = "Tables(articles: 2, actors: 4, issues: 2, statements: 2, events: 1, event_actors: 2, mentions: 2)\n"
    assert answers == [(told, ""), (told, "")]
    assert {key.split("/")[0] for key in processed(project)} == {"town"}


def test_a_process_waits_while_another_one_loads(town: Path) -> None:
    change(town)
    before = processed(town)
    code = (
        "from analysis import store\nimport pandas\nprint('ready', flush=True)\nprint(len(store.load('town').articles))"
    )
    with FileLock(town / "data/processed/.town.lock"):
        process = run(town, code)
        assert process.stdout.readline() == "ready\n"
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(1)
        assert processed(town) == before
    assert process.communicate(timeout=60) == ("2\n", "")
    assert processed(town) != before


def test_reading_over_all_cores_gives_the_same_tables_and_the_same_errors(project: Path) -> None:
    many = [article(f"a{at}", coding=CODING.replace("e1", f"e{at}")) for at in range(150)]
    corpus(project, {name: content for each in many for name, content in each.items()})
    code = """
import pathlib
from analysis import store
from analysis.readers import native
from corpus_builder import assert_equal_tables
if __name__ == "__main__":
    assert_equal_tables(store.load("town"), native.read(pathlib.Path("data/raw/town")))
    pathlib.Path("data/raw/town/articles/a0.ann.yaml").write_text("statements: [")
    pathlib.Path("data/raw/town/articles/a99.ann.yaml").write_text("statements: [")
    codebook = pathlib.Path("data/raw/town/codebook.yaml")
    codebook.write_text(codebook.read_text() + "# changed")
    try:
        store.load("town")
    except store.CorpusError as error:
        print(*((problem.file, problem.line) for problem in error.problems))
"""
    out, err = run(project, code).communicate(timeout=120)
    told = [(f"data/raw/town/articles/{name}.ann.yaml", 1) for name in ("a0", "a99")]
    assert (out, err) == (f"{told[0]} {told[1]}\n", "")


def test_who_stops_reading_does_not_wait_for_all_the_rest(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    many = [article(f"a{at}", coding=CODING.replace("e1", f"e{at}")) for at in range(1000)]
    corpus(project, {name: content for each in many for name, content in each.items()})
    read, original = [], native.read_articles

    class Bar(Progress):
        def track(self, results: Iterable[object], *_: object, **__: object) -> Iterator[object]:
            yield next(iter(results))
            raise KeyboardInterrupt

    monkeypatch.setattr(native, "read_articles", lambda *given: (read.append(1), original(*given))[1])
    monkeypatch.setattr(store, "ProcessPoolExecutor", lambda **_: ThreadPoolExecutor(1))
    monkeypatch.setattr(store, "progress", Bar)
    with pytest.raises(KeyboardInterrupt):
        store.load("town")
    assert len(read) in {1, 2, 3}


def test_a_build_that_is_killed_takes_the_processes_along_that_read(project: Path) -> None:
    many = [article(f"a{at}", coding=CODING.replace("e1", f"e{at}")) for at in range(500)]
    corpus(project, {name: content for each in many for name, content in each.items()})
    process = run(project, "from analysis import store\nif __name__ == '__main__':\n    store.load('town')")
    assert within(60, lambda: len(family(project)) > 3)  # itself, two of multiprocessing's own, and those that read
    process.kill()
    assert within(10, lambda: not family(project)), family(project)
    process.communicate()


def refused(project: Path, message: str) -> None:
    """Loading fails with this message of ours, and the last good tables stay with nothing beside them."""
    before = processed(project)
    with pytest.raises(StoreError, match=message):
        store.load("town")
    assert processed(project) == before


NEXT = "\n    next: free some space or allow writing, then run it again; nothing was changed$"


def test_a_file_in_the_place_of_the_folder_is_an_error_of_ours(project: Path) -> None:
    corpus(project)
    write(project / "data/processed", "a file")
    with pytest.raises(StoreError, match="^data/processed: it cannot be written: File exists" + NEXT):
        store.load("town")


def test_a_file_in_the_place_of_the_tables_makes_way(project: Path) -> None:
    corpus(project)
    write(project / "data/processed/town", "a file")
    assert len(store.load("town").articles) == 1


@pytest.mark.parametrize("call", [1, 2])
def test_a_disk_that_refuses_the_swap_keeps_the_last_good_tables(
    town: Path, full_disk_at: Callable[[int], AbstractContextManager[None]], call: int
) -> None:
    change(town)
    with full_disk_at(call):
        refused(town, "^data/processed/.*: it cannot be written: No space left on device" + NEXT)
    assert store.load("town").statements["gloss"].tolist() == ["Second.", "He agrees."]


LIMITED = """
import resource
from analysis import store
from analysis.errors import StoreError
import pandas, pyarrow.parquet
store.load("town")
import pathlib
path = pathlib.Path("data/raw/town/articles/one.ann.yaml")
path.write_text(path.read_text().replace("First.", "Second."))
resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))
try:
    store.load("town")
except StoreError as error:
    print(error)
"""


@pytest.mark.parametrize("size", [0, 3000])
def test_a_full_disk_is_told_and_leaves_the_last_good_tables(town: Path, size: int) -> None:
    before = processed(town)
    out, err = run(town, LIMITED.format(size=size)).communicate(timeout=120)
    assert (out.splitlines()[0].partition(": it cannot")[2], err) == (" be written: File too large", "")
    assert out.endswith("next: free some space or allow writing, then run it again; nothing was changed\n")
    assert processed(town) == before


READ_ONLY = """
import os, pathlib
from analysis import store
from analysis.errors import StoreError
import pandas, pyarrow.parquet
tables = store.load("town")
path = pathlib.Path("data/raw/town/articles/one.ann.yaml")
path.write_text(path.read_text().replace("First.", "Second."))
for folder in ("data/processed/town", "data/processed"):
    os.chmod(folder, 0o555)
if os.geteuid() == 0:  # whom no mode stops
    os.seteuid(65534)
try:
    store.load("town")
except StoreError as error:
    print(error)
"""


def test_a_read_only_folder_is_told_and_keeps_the_last_good_tables() -> None:
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are closed to others
        project = Path(name)
        project.chmod(0o755)
        corpus(project, article("one", coding=FIRST))
        out, err = run(project, READ_ONLY).communicate(timeout=120)
        assert err == ""
        assert out.splitlines()[0].startswith("data/processed/.town")
        assert out.splitlines()[0].endswith(": it cannot be written: Permission denied")
        tables = {name: pd.read_parquet(project / "data/processed/town" / f"{name}.parquet") for name in NAMES}
        assert tables["statements"]["gloss"].tolist() == ["First."]
        (project / "data/processed").chmod(0o755)
        (project / "data/processed/town").chmod(0o755)


@pytest.mark.parametrize("name", ["../town", "..", ".", "", "a/b", "/etc", "town\n", ".hidden", "tówn", "-x"])
def test_a_name_that_could_lead_elsewhere_is_refused(town: Path, name: str) -> None:
    corpus(town, name="hidden").rename(town / "data/raw/.hidden")
    with pytest.raises(
        ParameterError, match="cannot be the name of a corpus\n    expected: a folder of data/raw named "
    ):
        store.load(name)


def test_an_unknown_corpus_is_told_with_the_nearest(town: Path) -> None:
    corpus(town, name="city")
    message = "^the corpus 'twon' is not known\n    expected: one of city, town\n    next: did you mean 'town'\\?$"
    with pytest.raises(ParameterError, match=message):
        store.load("twon")


def test_corpora_are_the_folders_of_data_raw_hidden_ones_left_out(project: Path) -> None:
    assert store.corpora() == []
    for name in ("b", "a", ".ipynb_checkpoints"):
        (project / "data/raw" / name).mkdir(parents=True)
    write(project / "data/raw/README.md", "x")
    assert store.corpora() == ["a", "b"]


def test_two_corpora_whose_names_begin_alike_do_not_touch_each_other(project: Path) -> None:
    corpus(project, name="town")
    corpus(project, name="town-hall")
    store.load("town-hall")
    (project / "data/processed/.town-hall-abcd1234").mkdir()
    (project / "data/processed/.town-abcd1234").mkdir()
    store.load("town")
    left = {path.name for path in (project / "data/processed").iterdir() if path.is_dir()}
    assert left == {"town", "town-hall", ".town-hall-abcd1234"}


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (
            {"format": "brrat"},
            "^the format 'brrat' is not known\n    expected: one of native(.|\n)*did you mean 'brat'",
        ),
        ({"mapping": {}}, "^a mapping was given\n    expected: none: native annotations name their own fields$"),
        ({"path": "nowhere"}, "^nowhere: there is no such file or folder$"),
        ({"path": "nowhere", "format": "native"}, "^nowhere: there is no such folder\n"),
        ({"path": __file__, "mapping": 7}, "^the mapping is 7\n"),
    ],
)
def test_reading_what_is_not_there_or_not_ours_is_refused(town: Path, asked: dict, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        analysis.read(**({"path": town / "data/raw/town"} | asked))


def test_a_file_is_written_whole_or_not_at_all(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = project / "deep" / "page.html"
    disk.write_atomically(path, b"old")
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"old", 0o644)

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    for owner, name in ((os, "fdopen"), (Path, "replace")):
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, refuse)
            with pytest.raises(OSError, match="No space"):
                disk.write_atomically(path, b"new")
        assert files(project) == {"deep/page.html": b"old"}
