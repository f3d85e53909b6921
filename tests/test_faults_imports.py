"""Imports survive kills: the corpus is what it was or what it shall be, and the next run leaves nothing beside it."""

import os
import shutil
import signal
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from corpus_builder import CODEBOOK, CODING, FRONT, TEXT, article, corpus, write
from filelock import FileLock

from analysis import store
from analysis.errors import ParameterError, StoreError
from analysis.readers import native

OLD, NEW = CODING.replace("She agrees.", "First."), CODING.replace("She agrees.", "Second.")
FILES = {
    "codebook.yaml": CODEBOOK,
    "articles/one.md": f"{FRONT}{TEXT}\n",
    "articles/one.ann.yaml": NEW,
    "articles/two.md": f"{FRONT}{TEXT}\n",
    "articles/two.ann.yaml": CODING,
}
WRITES = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "shutil.copyfile", "shutil.rmtree"}


def imported() -> None:
    """The import that the tests kill."""
    assert store.add("town", FILES, overwrite=True) in (0, 3)


def built() -> None:
    store.load("town")


def checked() -> None:
    """As `python -m analysis check`, which holds no lock."""
    native.read(store.corpus_folder("town"))


def killed(root: Path, moment: int, act: Callable[[], object]) -> bool:
    """Whether a fork of this process, which does this and kills itself just before its write of that number, was."""
    child = os.fork()
    if not child:
        count = 0

        def watch(event: str, given: tuple[Any, ...]) -> None:
            nonlocal count
            is_read = event == "open" and not (isinstance(given[2], int) and given[2] & (os.O_WRONLY | os.O_RDWR))
            is_ours = str(given[0] if given else "").startswith((f"{root}/data/raw", "one.", "two.", "new", "old"))
            if event in WRITES and not is_read and is_ours:  # what rmtree removes is named without its folder
                count += 1
                if count == moment:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(watch)
        try:
            act()
            os._exit(0)
        finally:
            os._exit(1)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, -signal.SIGKILL)
    return code != 0


def raw(root: Path) -> dict[str, bytes]:
    """All files of data/raw, hidden ones too; and its folders, which are empty files here."""
    folder = root / "data/raw"
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*")}
    return {name: path.read_bytes() if path.is_file() else b"" for name, path in found.items()}


@pytest.fixture
def town(project: Path) -> Path:
    """A corpus with files of its own, which an import does not know."""
    folder = corpus(project, article("one", coding=OLD))
    write(folder / "README.md", "# Town")
    write(project / "data/raw/.town-original/codebook.yaml", "a copy that somebody keeps")
    return project


@pytest.mark.parametrize("following", [imported, built, checked])
def test_an_import_killed_at_any_of_its_writes_leaves_a_whole_corpus(
    town: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, following: Callable[[], None]
) -> None:
    before, seen = raw(town), set()
    for moment in range(1, 100):
        root = Path(shutil.copytree(town, tmp_path_factory.mktemp("killed") / "site"))
        monkeypatch.setenv("STANCEBOOK_ROOT", str(root))
        was_killed = killed(root, moment, imported)
        left = raw(root)
        seen.add(("town/README.md" in left, any(".md" in name for name in left.keys() - before.keys())))
        assert "town" in store.corpora()
        following()
        whole = {name: content for name, content in raw(root).items() if name.startswith(("town", ".town-original"))}
        after = before | {"town/" + name: content.encode() for name, content in FILES.items()}
        assert whole == after if following is imported else whole in (before, after)
        assert following is checked or whole == raw(root)
        if not was_killed:
            break
    assert moment > 10
    assert seen == {(True, False), (True, True), (False, True)}  # also with no corpus in its place


def test_an_import_into_a_new_corpus_killed_at_any_of_its_writes_is_made_by_the_next(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for moment in range(1, 100):
        root = project / str(moment)
        monkeypatch.setenv("STANCEBOOK_ROOT", str(root))
        was_killed = killed(root, moment, lambda: store.add("town", FILES))
        assert store.corpora() in ([], ["town"])
        store.add("town", FILES)
        assert {name: content.decode() for name, content in raw(root).items() if content} == {
            f"town/{name}": content for name, content in FILES.items()
        }
        assert {path.name for path in (root / "data/raw").iterdir()} == {"town"}
        if not was_killed:
            break
    assert moment > 5


def test_a_corpus_that_was_made_again_by_hand_and_the_old_one_both_stay(town: Path) -> None:
    moment = next(at for at in range(1, 100) if killed(town, at, imported) and not (town / "data/raw/town").exists())
    assert moment > 5
    for name, content in FILES.items():
        write(town / "data/raw/town" / name, content)
    before = raw(town)
    store.load("town")
    assert raw(town) == before
    assert store.corpora() == ["town"]


def test_an_import_waits_while_somebody_reads_or_imports(town: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (town / "data/processed").mkdir()
    original = FileLock.acquire
    monkeypatch.setattr(FileLock, "acquire", lambda lock, **_: original(lock, timeout=0))
    with FileLock(town / "data/processed/.town.lock"), pytest.raises(StoreError, match="could not be acquired"):
        imported()


@pytest.mark.parametrize("call", [1, 2])
def test_a_disk_that_refuses_a_step_of_the_swap_keeps_the_corpus(
    town: Path, full_disk_at: Callable[[int], AbstractContextManager[None]], call: int
) -> None:
    before = raw(town)
    told = r"^data/raw/.*town.*: it cannot be written: No space left on device\n"
    with full_disk_at(call), pytest.raises(StoreError, match=told):
        imported()
    assert raw(town) == before


def test_a_corpus_that_never_was_is_not_known(town: Path) -> None:
    write(town / "data/raw/.city-original.old/codebook.yaml", "x")
    with pytest.raises(ParameterError, match=r"^the corpus 'city' is not known\n    expected: one of town$"):
        store.load("city")
