"""What is new on a page: versions in a row, and the history they leave."""

import json
import shutil
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from corpus_builder import said, tables

import analysis
from analysis import history
from analysis.reports import announce, news, parameters, reads
from analysis.reports.version import CHANGED, FIRST, SAME, Version
from analysis.schema import Tables

KEY = {"articles or coding": "a", "notebook": "n", "code": "c"}
YES, NO = said("d", "ann", "x", 1.0, gloss="Yes."), said("d", "ann", "x", -1.0, gloss="No <b>&</b>.")
BOB = said("e", "bob", "y", 1.0)
STEPS: list[reads.Step] = [("one_coding", {"coder": ""}), ("select", {"actors": ["ann"]})]


class Report:
    """A report on ann that reads statements and makes cells, version after version."""

    def __init__(self) -> None:
        self.previous: dict[str, Any] | None = None
        self.n = 0
        self.more: list[reads.Read] = []

    def make(self, corpus: Tables, **key: str) -> news.News:
        """What is new when the corpus is like this."""
        self.n += 1
        at = f"2026-11-{self.n:02}T06:00:00.000Z"
        present = reads.Present({"town": corpus})
        read = reads.Read("town", STEPS, "statements")
        found = [reads.Read("town", STEPS, "statements", present.digest(read)), reads.Read("town", STEPS, cells={})]
        found += [replace(read, digest=present.digest(read)) for read in self.more]
        states = {"town": history.keep("town", corpus)}
        new = news.of(Version(KEY | key, states, self.previous), found)
        if self.previous is None or new.record != self.previous["news"]:
            version = {"at": at, "title": "Ann", "key": KEY | key, "reads": reads.written(found), "states": states}
            history.record(at, {"ann": json.loads(json.dumps(version | {"news": new.record}))})
            history.settle()
            self.previous = history.past()[-1]["reports"]["ann"]
        return new


@pytest.fixture
def report(project: Path) -> Report:
    del project
    news._state.cache_clear()  # a worker begins without
    return Report()


def test_the_first_version_says_so(report: Report) -> None:
    new = report.make(tables([YES]))
    assert new.record["kind"] == FIRST
    assert "there is no earlier one to compare it with" in new.html


def test_a_recoding_is_told_with_its_cell(report: Report) -> None:
    report.make(tables([YES]))
    new = report.make(tables([NO]))
    assert new.record["kind"] == CHANGED
    assert new.record["since"] == "2026-11-01T06:00:00.000Z"
    assert new.record["sentence"] == "1 statement revised; 1 cell flipped: Ann on x, support → oppose."
    assert "What is new since 2026-11-01 06:00 UTC" in new.html
    assert "<b>&</b>" not in new.html
    assert new.record["changes"]["counts"]["cell"] == {"flipped": 1}


def test_made_again_from_the_same_a_page_says_what_it_said(report: Report) -> None:
    report.make(tables([YES]))
    new = report.make(tables([NO]))
    assert report.make(tables([NO])) == new
    assert report.make(tables([NO, BOB]), **{"articles or coding": "b"}).record["sentence"] == new.record["sentence"]
    assert [run["at"][:10] for run in history.past()] == ["2026-11-01", "2026-11-02"]


def test_made_again_with_other_code_it_says_no_change_and_keeps_the_last_one(report: Report) -> None:
    report.make(tables([YES]))
    report.make(tables([NO]))
    for code in ("d", "e"):
        new = report.make(tables([NO]), code=code)
        assert new.record["kind"] == SAME
        assert new.record["sentence"] == (
            "No change in what this page rests on. It was made again with a change in: code."
        )
        assert "Before that, 2026-11-02 06:00 UTC: 1 statement revised;" in new.html


def test_what_the_report_does_not_show_is_not_news(report: Report) -> None:
    report.make(tables([YES]))
    new = report.make(tables([NO, BOB]))
    assert [row["id"] for row in new.record["changes"]["evidence"]] == [tables([NO]).statements["statement_id"][0]]
    assert new.record["changes"]["articles"] == []


def test_other_rows_that_changed_are_no_news_of_evidence(report: Report) -> None:
    report.make(tables([YES, BOB]))
    report.more = [reads.Read("town", [], "actors")]
    new = report.make(tables([YES, said("e", "zoe", "y", 1.0)]))
    assert (new.record["kind"], new.record["sentence"][:36]) == (SAME, "No change in evidence and cells. Oth")
    assert "Before that" not in new.html


def test_other_rows_that_changed_keep_the_last_news(report: Report) -> None:
    report.more = [reads.Read("town", [], "actors")]
    report.make(tables([YES, BOB]))
    report.make(tables([NO, BOB]))
    other = tables([NO, said("e", "zoe", "y", 1.0)])
    for new in (report.make(other), report.make(other), report.make(other, code="d"), report.make(tables([NO, BOB]))):
        assert new.record["kind"] == SAME
        assert new.record["before"]["at"] == "2026-11-02T06:00:00.000Z"
        assert "Before that, 2026-11-02 06:00 UTC: 1 statement revised; 1 cell flipped" in new.html


def test_a_lost_state_is_told_and_does_not_stop_the_page(report: Report) -> None:
    report.make(tables([YES]))
    for table in (history.folder() / "states").glob("*/statements.parquet"):
        table.write_bytes(table.read_bytes()[:-9])
    new = report.make(tables([NO]))
    assert "cannot be read any more" in new.html
    assert new.record["kind"] == CHANGED


def test_a_damaged_state_is_written_again(report: Report) -> None:
    report.make(tables([YES]))
    (path,) = (history.folder() / "states").glob("*/statements.parquet")
    whole = path.read_bytes()
    path.write_bytes(whole[:30] + bytes([whole[30] ^ 255]) + whole[31:])
    digest = path.parent.name.removeprefix("town-")
    assert history.state("town", digest) is None
    assert history.keep("town", tables([YES])) == digest
    found = history.state("town", digest)
    assert found is not None
    pd.testing.assert_frame_equal(found.statements, tables([YES]).statements)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"at": 1}', '{"at": "x", "reports": [1]}'])
def test_a_damaged_run_is_left_out(report: Report, content: str) -> None:
    report.make(tables([YES]))
    (history.folder() / "runs" / "2026-12-01T060000.000Z.json").write_text(content)
    assert len(history.past()) == 1


def test_states_that_nothing_rests_on_are_removed(report: Report) -> None:
    report.make(tables([YES]))
    unused = history.keep("town", tables([BOB]))
    used = history.keep("town", tables([NO]))
    history.prune([("town", used)], in_full=200)
    assert history.state("town", unused) is None
    assert history.state("town", used) is not None
    assert len(list((history.folder() / "states").iterdir())) == 2


def test_readings_from_run_to_run(report: Report) -> None:
    for rows in ([YES], [YES, BOB], [NO, BOB], [BOB]):
        report.make(tables(rows))
    cells = analysis.stance_cells(tables([BOB, said("f", "ann", "x", 0.5)]))
    found = analysis.cell_history("town", cells)
    told = (
        found[["actor", "run", "state", "stance"]]
        .astype(object)
        .where(found[["actor", "run", "state", "stance"]].notna(), None)
    )
    assert told.to_numpy().tolist() == [
        ["ann", pd.Timestamp("2026-11-01 06:00"), "support", 1.0],
        ["ann", pd.Timestamp("2026-11-03 06:00"), "oppose", -1.0],
        ["ann", pd.Timestamp("2026-11-04 06:00"), None, None],
        ["ann", None, "support", 0.5],
    ]
    assert len(analysis.cell_history("town", cells, runs=0)) == 0
    assert analysis.cell_history("town", cells, runs=2)["run"].nunique() == 2
    shutil.rmtree(history.folder())
    assert len(analysis.cell_history("town", cells)) == 0


def test_the_feed_and_the_mail_tell_what_the_page_tells(report: Report, project: Path) -> None:
    (project / "notebooks").mkdir()
    (project / "notebooks/reports.yaml").write_text("reports: []\n")
    report.make(tables([YES]))
    report.make(tables([NO, BOB]))
    files = announce.files([parameters.Report("ann", "Ann", "", Path("ann.ipynb"), {}, {})], {"reports": {}})
    for name in ("feed.xml", "email.html"):
        text = unescape(files[name].decode())
        assert "1 statement revised; 1 cell flipped: Ann on x, support → oppose." in text
        assert "revised · Ann on x: No <b>&</b>." in unescape(text)


def test_the_history_stays_small(report: Report) -> None:
    for rows in ([YES], [NO], [YES, BOB], [NO, BOB], [YES]):
        report.make(tables(rows))
    before = [run["reports"]["ann"] for run in history.past()]
    for _ in range(2):
        history.prune([], in_full=2)
        after = [run["reports"]["ann"] for run in history.past()]
        assert after[3:] == before[3:]
        assert [set(before[0]) - set(made) for made in after] == [{"key", "reads"}] * 3 + [set()] * 2
        assert [made["news"] for made in after[:3]] == [
            {name: value for name, value in made["news"].items() if name != "changes"} for made in before[:3]
        ]
    assert report.make(tables([YES]), code="d").record["before"]["sentence"] == before[4]["news"]["sentence"]


def test_the_last_hundred_states_are_kept_and_what_a_page_rests_on(report: Report, monkeypatch: Any) -> None:
    monkeypatch.setattr(history, "_STATES", 3)
    corpora = [tables([said("d", "ann", "x", stance)]) for stance in (1.0, -1.0, 0.5, -0.5, 0.0, 1.0, -1.0)]
    for corpus in corpora:
        report.make(corpus)
    shown = [history.keep("town", corpus) for corpus in corpora[:4]]
    history.prune([("town", shown[2])], in_full=200)
    assert [history.state("town", digest) is not None for digest in shown] == [True, True, True, False]
    assert len(list((history.folder() / "states").iterdir())) == 4


def test_the_feed_links_only_pages_that_there_are(report: Report, project: Path) -> None:
    (project / "notebooks").mkdir()
    (project / "notebooks/reports.yaml").write_text("reports: []\n")
    for rows in ([YES], [NO]):
        report.make(tables(rows))
    ann = parameters.Report("ann", "Ann", "", Path("ann.ipynb"), {}, {})
    fed = [announce.files(reports, {"reports": {}})["feed.xml"] for reports in ([ann], [])]
    assert [feed.count(b"<entry>") for feed in fed] == [1, 0]
