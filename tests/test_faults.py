"""Reports survive what can go wrong: kills, full disks, dead kernels, damaged files. A second run heals them."""

import contextlib
import ctypes
import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import corpus_builder
import killed_at
import psutil
import pytest
import small_site

from analysis import history, reports, store
from analysis.reports import freshness

PACKAGE = Path(reports.__file__).parents[2]
LIST = """\
reports:
  - {name: one, title: One, notebook: one}
  - {name: two, title: Two, notebook: two}
  - {name: town, title: Town, notebook: town}
"""
TIMED = ("history/", "feed.xml", "email.html")
_DROP, _DAC = 24, (1, 2)  # PR_CAPBSET_DROP, and the rights by which root writes where nobody may
_CAPACITY = 1_000_000


def cells(last: str) -> list[tuple[str, str]]:
    return [("markdown", "# Plain"), ("parameters", "n = 1\n"), ("code", last)]


def build(root: Path) -> Path:
    """A project of three reports, two of which need no package and run fast."""
    corpus_builder.corpus(root)
    (root / "notebooks").mkdir()
    for name in ("one", "two"):
        small_site.notebook(root, name, cells(f"print({name!r}, n)"))
    small_site.notebook(root, "town", small_site.CORPUS_CELLS)
    small_site.reports(root, LIST)
    return root


def started(root: Path, *words: str, **given: Any) -> "subprocess.Popen[str]":
    """`python -m analysis report` at work, with plain kernels, which cost a small site least."""
    surroundings = os.environ | {"STANCEBOOK_ROOT": str(root), "STANCEBOOK_KERNELS": "plain"} | given.pop("env", {})
    piped: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    command = [sys.executable, "-m", "analysis", "report", *words]
    return subprocess.Popen(command, cwd=PACKAGE, env=surroundings, start_new_session=True, **piped, **given)


def report(root: Path, *words: str, **given: Any) -> tuple[int, str]:
    """Exit code and output of `python -m analysis report`, which never shows a traceback."""
    with started(root, *words, **given) as process:
        told = process.communicate(timeout=120)[0]
    assert "Traceback" not in told, told
    return process.returncode, told


def site(root: Path) -> dict[str, bytes]:
    """The files of the made site that two runs have in common."""
    folder = root / "reports"
    names = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in names.items() if name != ".lock" and not name.startswith(TIMED)}


def assert_whole(root: Path, good: dict[str, bytes]) -> None:
    """Every page is there and as it was, and the index links nothing that is not there."""
    now = site(root)
    assert {name: now.get(name) for name in good if name.endswith((".html", ".ipynb", ".js"))} == {
        name: content for name, content in good.items() if name.endswith((".html", ".ipynb", ".js"))
    }
    assert_linked(root)


def assert_linked(root: Path) -> None:
    index = (root / "reports/index.html").read_text(encoding="utf-8")
    assert [link for link in re.findall(r'href="([^"#]+)"', index) if not (root / "reports" / link).is_file()] == []


def within(seconds: float, happened: Callable[[], Any]) -> bool:
    end = time.monotonic() + seconds
    while not happened() and time.monotonic() < end:
        time.sleep(0.02)
    return bool(happened())


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = build(tmp_path_factory.mktemp("good"))
    code, told = report(root)
    assert code == 0, told
    return root


@pytest.fixture
def root(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the made project, to be hurt."""
    monkeypatch.setenv("STANCEBOOK_ROOT", str(tmp_path / "site"))
    monkeypatch.setenv("STANCEBOOK_KERNELS", "plain")
    return Path(shutil.copytree(made, tmp_path / "site"))


def states(outcomes: list[reports.Outcome]) -> dict[str, str]:
    return {outcome.name: outcome.state for outcome in outcomes}


# Killed


def test_a_run_killed_at_any_moment_leaves_whole_pages_and_the_next_one_heals(made: Path, root: Path) -> None:
    good, drawn = site(made), random.Random(7)  # noqa: S311
    begun = time.monotonic()
    report(root, "--force")
    whole = time.monotonic() - begun
    for _ in range(8):
        with started(root, "--force") as process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(drawn.uniform(0.3, 1) * whole)
            process.kill()
        assert_whole(root, good)
    assert report(root)[0] == 0
    assert site(root) == good


def test_a_run_killed_at_each_of_its_writes_heals(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, killed_at.__file__, str(tmp_path), "7"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(PACKAGE), str(PACKAGE / "tests")])},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(done.stdout.split()[0]) >= 35


def children(process: "subprocess.Popen[str]") -> list[psutil.Process]:
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process(process.pid).children(recursive=True)
    return []


@pytest.mark.parametrize("victim", ["worker", "kernel"])
def test_a_process_that_is_killed_takes_no_other_report_along(root: Path, victim: str) -> None:
    told = root / "told"
    line = f"import os, pathlib, time; me = pathlib.Path({str(told)!r}); begun = me.exists()"
    waits = (
        f"{line}; me.write_text(f'{{os.getppid()}} {{os.getpid()}}'); time.sleep(0 if begun else 60); print('two', n)"
    )
    small_site.notebook(root, "two", cells(waits))
    with started(root, "--force") as process:
        assert within(60, lambda: told.exists() and told.read_text().count(" "))
        os.kill(int(told.read_text().split()[victim == "kernel"]), signal.SIGKILL)
        printed = process.communicate(timeout=60)[0]
    assert "Traceback" not in printed
    assert printed.count("made  ") == (3 if victim == "worker" else 2), printed
    assert process.returncode == (victim == "kernel")
    assert ("stopped at cell 3 of 3: the kernel died" in printed) == (victim == "kernel")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("send", [os.kill, os.killpg], ids=["process", "group"])
@pytest.mark.parametrize("at", ["while workers start", "in a cell"])
def test_a_run_that_is_told_to_end_ends_at_once(
    root: Path, number: int, code: int, send: Callable[[int, int], None], at: str
) -> None:
    begun = root / "begun"
    for name in ("one", "two"):
        last = f"import pathlib, time; pathlib.Path({str(begun)!r}).touch(); time.sleep(60)"
        small_site.notebook(root, name, cells(last))
    lock = root / "reports/.lock"
    lock.unlink(missing_ok=True)
    with started(root) as process:
        assert within(60, begun.exists if at == "in a cell" else lock.exists)
        family = children(process)
        send(process.pid, number)
        asked = time.monotonic()
        printed = process.communicate(timeout=20)[0]
        # alone on a machine it takes less than two seconds; other tests run beside this one
        assert within(10 - (time.monotonic() - asked), lambda: not any(each.is_running() for each in family))
    assert process.returncode == code
    assert {130: "Interrupted.", 143: "Terminated."}[code] in printed.splitlines()
    assert "Traceback" not in printed


# Notebooks that fail


FAULTS = {
    "cell": ("1 / 0", "stopped at cell 3 of 3: ZeroDivisionError"),
    "strange": ("raise ValueError('\\ud800 \\x00')", "stopped at cell 3 of 3"),
    "kernel": ("import os; os.kill(os.getpid(), 9)", "the kernel died"),
    "worker": ("import os; os.kill(os.getppid(), 9)", "the worker failed with BrokenProcessPool"),
    "endless": ("while True: pass", "it took longer than 8 seconds"),
}


def test_reports_that_fail_are_marked_and_the_others_are_made(root: Path) -> None:
    names = [*FAULTS, "one"]
    small_site.reports(
        root, "reports:\n" + "".join(f"  - {{name: {name}, title: T, notebook: {name}}}\n" for name in names)
    )
    for name in names:
        small_site.notebook(root, name, cells(f"print({name!r})"))
    assert report(root)[0] == 0
    good = site(root)
    for name in names:
        small_site.notebook(root, name, cells(FAULTS.get(name, ("print('another')",))[0]))
    code, told = report(root, env={"STANCEBOOK_TIMEOUT": "8"})
    assert (code, told.count("failed  "), told.count("made  ")) == (1, len(FAULTS), 1), told
    index = (root / "reports/index.html").read_text(encoding="utf-8")
    for name, (_, reason) in FAULTS.items():
        page = (root / f"reports/{name}.html").read_text(encoding="utf-8")
        assert "This page is out of date." in page
        assert all(reason in text for text in (page, index, told))
        assert (
            re.sub(r"<!--stale-->.*?<!--/stale-->", "<!--stale--><!--/stale-->", page, flags=re.DOTALL).encode()
            == (good[f"{name}.html"])
        )
    assert b"another" in (root / "reports/one.html").read_bytes()
    assert_linked(root)
    for name in names:
        small_site.notebook(root, name, cells(f"print({name!r})"))
    assert report(root)[0] == 0
    healed, other = site(root), ("one.", "index", "changes", "manifest")  # `one` was made twice more, and says so
    assert {name: healed[name] for name in good if not name.startswith(other)} == {
        name: good[name] for name in good if not name.startswith(other)
    }


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize("given", ["soon", "0", "-1", "1.5", "²"])
def test_a_time_limit_that_is_none_is_told(root: Path, given: str) -> None:
    code, told = report(root, "one", "--force", env={"STANCEBOOK_TIMEOUT": given})
    assert code == 1
    assert f"STANCEBOOK_TIMEOUT is {given!r}\n    expected: seconds, a whole number from 1 up" in told


# Disks


def limited() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (_CAPACITY, _CAPACITY))


def without_root_rights() -> None:
    """Let this process, if it is root, be refused what others are refused."""
    for right in _DAC:
        ctypes.CDLL(None).prctl(_DROP, right)


def test_a_disk_that_takes_no_more_keeps_the_site(made: Path, root: Path) -> None:
    (root / "reports/assets/plotly.min.js").unlink()
    code, told = report(root, "--force", preexec_fn=limited)
    assert code == 1
    assert "it cannot be written: File too large\n    next: free some space or allow writing" in told
    good = site(made)
    assert {name: content for name, content in good.items() if "plotly" not in name} == site(root)
    assert report(root)[0] == 0
    assert site(root) == good


@pytest.mark.parametrize("folder", ["reports", "reports/history/states", "reports/history/runs"])
def test_a_folder_that_cannot_be_written_is_told(made: Path, root: Path, folder: str) -> None:
    corpus_builder.write(root / "data/raw/town/README.md", "# Other")
    coding = corpus_builder.CODING.replace("She agrees.", "She does.")
    corpus_builder.write(root / "data/raw/town/articles/one.ann.yaml", coding)
    (root / folder).chmod(0o555)
    try:
        code, told = report(root, "town", preexec_fn=without_root_rights)
    finally:
        (root / folder).chmod(0o755)
    assert code == 1
    assert re.search(r"reports.*: it cannot be written: Permission denied\n    next: free some space or allow", told)
    assert_linked(root)
    assert site(root)["one.html"] == site(made)["one.html"]
    assert report(root)[0] == 0


# Damage


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def garble(path: Path) -> None:
    path.write_bytes(b"\xff\x00garbage" * 9)


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)


def become_a_folder(path: Path) -> None:
    path.unlink()
    (path / "inner").mkdir(parents=True)


def delete(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("damage", [cut, empty, garble, flip, become_a_folder, delete])
def test_damaged_files_heal(made: Path, root: Path, damage: Callable[[Path], None]) -> None:
    kinds = ("reports/*.html", "reports/*.ipynb", "reports/*.json", "reports/assets/*", "reports/history/*/*.json")
    kinds += ("reports/history/*/*/*", "data/processed/town/*")
    for path in [path for kind in kinds for path in root.glob(kind)]:
        damage(path)
    outcomes = reports.make()
    assert set(states(outcomes).values()) == {reports.MADE}
    assert site(root) == site(made)


@pytest.mark.parametrize("name", ["one.html", "town.ipynb", "index.html", "changes.json", "assets/plotly.min.js"])
@pytest.mark.parametrize("damage", [flip, become_a_folder])
def test_one_damaged_file_is_noticed(made: Path, root: Path, name: str, damage: Callable[[Path], None]) -> None:
    damage(root / "reports" / name)
    found = states(reports.make())
    assert [each for each, state in found.items() if state == reports.MADE] == [each for each in found if each in name]
    assert site(root) == site(made)


@pytest.mark.parametrize(
    "place", ["reports/assets", "reports/history", "reports/history/runs", "reports/history/states"]
)
def test_a_file_in_the_place_of_a_folder_makes_way(made: Path, root: Path, place: str) -> None:
    shutil.rmtree(root / place)
    (root / place).write_text("a file")
    reports.make(force=True)
    assert site(root) == site(made)


STRANGE = [
    *("", "null", "[]", "{}", '"x"', "{", "[" * 100_000, "\ud800", '{"reports": [], "site": 1}'),
    *(json.dumps({"site": "", "files": {}, "reports": {"one": entry}}) for entry in (1, [], {"reads": 1, "key": []})),
    *(json.dumps({"at": at, "reports": made}) for at, made in (("x", {}), ("2026-11-22T06:00:00.000Z", {"one": {}}))),
]


@pytest.mark.parametrize("content", STRANGE, ids=range(len(STRANGE)))
def test_a_record_that_is_none_of_ours_counts_for_nothing(root: Path, content: str) -> None:
    path = next((root / "reports/history/runs").glob("*.json"))
    for each in (
        path,
        root / "reports/manifest.json",
        path.with_suffix(".part"),
        root / "data/processed/town/manifest.json",
    ):
        each.write_bytes(content.encode(errors="surrogatepass"))
    assert freshness.read() == {"site": "", "files": {}, "reports": {}}
    assert history.past() == []
    assert history.unfinished() == {}
    assert len(store.load("town").statements) == 1


def test_no_flipped_bit_of_a_table_goes_unnoticed(root: Path) -> None:
    folder, drawn = next((root / "reports/history/states").iterdir()), random.Random(3)  # noqa: S311
    corpus, digest = folder.name.split("-")
    for path in folder.iterdir():
        content = path.read_bytes()
        for at in drawn.sample(range(len(content)), 20):
            path.write_bytes(content[:at] + bytes([content[at] ^ 1 << drawn.randrange(8)]) + content[at + 1 :])
            found = history.state(corpus, digest)
            assert found is None or path.name == "digests.json"  # white space may differ there
        path.write_bytes(content)
    assert history.state(corpus, digest) is not None


# What people do


def test_time_never_goes_back(root: Path) -> None:
    ahead = (datetime.now(UTC) + timedelta(days=1)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    before = history.past()[-1]["reports"]
    for clock in (lambda: ahead, history.now, history.now):
        history.record(clock(), before)
        history.settle()
    times = [run["at"] for run in history.past()]
    assert times == sorted(set(times))
    assert len(times) == 4
    corpus_builder.write(
        root / "data/raw/town/articles/one.ann.yaml", corpus_builder.CODING.replace("stance: 1", "stance: -1")
    )
    assert states(reports.make(["town"])) == {"town": reports.MADE}
    assert history.now() > history.past()[-1]["at"] > ahead
    assert "What is new since" in (root / "reports/town.html").read_text(encoding="utf-8")


def test_a_corpus_that_changes_meanwhile_is_noticed(root: Path) -> None:
    coding = root / "data/raw/town/articles/one.ann.yaml"
    other = corpus_builder.CODING.replace("stance: 1", "stance: -1")
    edits = f"import pathlib; pathlib.Path({str(coding)!r}).write_text({other!r})\n"
    source = [*small_site.CORPUS_CELLS[:-1], ("code", edits + small_site.CORPUS_CELLS[-1][1])]
    small_site.notebook(root, "town", source)
    before = site(root)["town.ipynb"]
    code, told = report(root)
    assert code == 1
    assert "the corpus town was changed while this report was made\n    next: run it again" in told
    assert site(root)["town.ipynb"] == before
    assert b"out of date" in site(root)["town.html"]
    code, told = report(root)
    assert (code, re.findall(r"made +(\w+)", told)) == (0, ["town"])
    assert b"out of date" not in site(root)["town.html"]


def test_a_stale_report_that_is_renamed_or_removed_leaves_no_trace(made: Path, root: Path) -> None:
    small_site.notebook(root, "two", cells("1 / 0"))
    assert states(reports.make())["two"] == reports.FAILED
    small_site.reports(root, LIST.replace("name: two", "name: second"))
    assert states(reports.make()) == {"one": "unchanged", "second": "failed", "town": "unchanged", "two": "removed"}
    assert_linked(root)
    assert not (root / "reports/two.html").exists()
    small_site.notebook(root, "two", cells("print('two', n)"))
    small_site.reports(root, LIST)
    assert states(reports.make()) == {"one": "unchanged", "two": "made", "town": "unchanged", "second": "removed"}
    assert site(root) == site(made)
