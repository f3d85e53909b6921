"""Reports that fail are marked, the others are made; and what people do to a project while and between runs."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import corpus_builder
import pytest
import small_site
from faulty_site import LIST, cells, report, site, states, unlinked

from analysis import history, reports
from analysis.errors import ParameterError
from analysis.reports import run

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
    assert reports.FAILED not in states(reports.make()).values()
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
    assert unlinked(root) == []
    for name in names:
        small_site.notebook(root, name, cells(f"print({name!r})"))
    assert reports.FAILED not in states(reports.make()).values()
    healed, other = site(root), ("one.", "index", "changes", "manifest")  # `one` was made twice more, and says so
    assert {name: healed[name] for name in good if not name.startswith(other)} == {
        name: good[name] for name in good if not name.startswith(other)
    }


NO_LIMIT = "STANCEBOOK_TIMEOUT is {!r}\n    expected: seconds, a whole number from 1 up"


@pytest.mark.parametrize("given", ["soon", "0", "-1", "1.5", "²"])
def test_a_time_limit_that_is_none_is_an_error(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STANCEBOOK_TIMEOUT", given)
    with pytest.raises(ParameterError, match=re.escape(NO_LIMIT.format(given))):
        run.limit()


def test_a_time_limit_that_is_none_is_told(root: Path) -> None:
    code, told = report(root, "one", "--force", env={"STANCEBOOK_TIMEOUT": "soon"})
    assert code == 1
    assert NO_LIMIT.format("soon") in told


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
    assert states(reports.make()) == {"one": "unchanged", "two": "unchanged", "town": "made"}
    assert b"out of date" not in site(root)["town.html"]


def test_a_stale_report_that_is_renamed_or_removed_leaves_no_trace(made: Path, root: Path) -> None:
    small_site.notebook(root, "two", cells("1 / 0"))
    assert states(reports.make())["two"] == reports.FAILED
    small_site.reports(root, LIST.replace("name: two", "name: second"))
    assert states(reports.make()) == {"one": "unchanged", "second": "failed", "town": "unchanged", "two": "removed"}
    assert unlinked(root) == []
    assert not (root / "reports/two.html").exists()
    small_site.notebook(root, "two", cells("print('two', n)"))
    small_site.reports(root, LIST)
    assert states(reports.make()) == {"one": "unchanged", "two": "made", "town": "unchanged", "second": "removed"}
    assert site(root) == site(made)
