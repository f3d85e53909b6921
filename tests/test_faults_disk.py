"""Full disks, folders that cannot be written, and damaged files: they are told, and a second run heals them."""

import json
import random
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import corpus_builder
import pytest
import small_site
from faulty_site import (
    LIST,
    cut,
    delete,
    empty,
    flip,
    garble,
    limited,
    report,
    site,
    states,
    unlinked,
    without_root_rights,
)

from analysis import history, reports, store
from analysis.reports import freshness


def test_a_disk_that_takes_no_more_keeps_the_site(made: Path, root: Path) -> None:
    (root / "reports/assets/plotly.min.js").unlink()
    code, told = report(root, "--force", preexec_fn=limited)
    assert code == 1
    assert "it cannot be written: File too large\n    next: free some space or allow writing" in told
    good = site(made)
    assert {name: content for name, content in good.items() if "plotly" not in name} == site(root)
    assert reports.FAILED not in states(reports.make()).values()
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
    assert unlinked(root) == []
    assert site(root)["one.html"] == site(made)["one.html"]
    assert reports.FAILED not in states(reports.make()).values()


def become_a_folder(path: Path) -> None:
    path.unlink()
    (path / "inner").mkdir(parents=True)


@pytest.mark.parametrize("damage", [cut, empty, garble, flip, become_a_folder, delete])
def test_damaged_files_heal(made: Path, root: Path, damage: Callable[[Path], None]) -> None:
    kinds = ("reports/*.html", "reports/*.ipynb", "reports/*.json", "reports/assets/*", "reports/history/*/*.json")
    kinds += ("reports/history/*/*/*", "data/processed/town/*")
    for path in [path for kind in kinds for path in root.glob(kind)]:
        damage(path)
    outcomes = reports.make()
    assert set(states(outcomes).values()) == {reports.MADE}
    assert site(root) == site(made)


@pytest.mark.parametrize(
    "name",
    ["one.html", "town.ipynb", "index.html", "changes.json", "feed.xml", "email.html", "assets/plotly.min.js"],
)
@pytest.mark.parametrize("damage", [flip, become_a_folder])
def test_one_damaged_file_is_noticed(made: Path, root: Path, name: str, damage: Callable[[Path], None]) -> None:
    path = root / "reports" / name
    before = path.read_bytes()
    damage(path)
    found = states(reports.make())
    assert [each for each, state in found.items() if state == reports.MADE] == [each for each in found if each in name]
    assert path.read_bytes() == before
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


def test_where_the_last_run_is_lost_an_old_one_of_which_little_is_kept_is_not_compared_with(root: Path) -> None:
    for title in ("Another", "A third"):
        small_site.reports(root, LIST.replace("title: One", f"title: {title}"))
        assert states(reports.make())["one"] == reports.MADE
    assert ["reads" in run["reports"]["one"] for run in history.past()] == [False, False, True]
    flip(max((root / "reports/history/runs").glob("*.json")))
    assert reports.FAILED not in states(reports.make(force=True)).values()
    told = json.loads((root / "reports/changes.json").read_text())["reports"]
    assert told["one"]["news"]["kind"] == "first"
    assert "reads" in history.past()[-1]["reports"]["one"]


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
