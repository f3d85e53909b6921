"""Reports on a schedule: exit codes, the log, and that what docs/scheduling.md and deploy/ promise is so."""

import json
import os
import re
import shutil
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import small_site
import yaml
from filelock import FileLock
from typer.testing import CliRunner

from analysis import history
from analysis.__main__ import app

HOME = Path(__file__).parents[1]
PAGE = (HOME / "docs" / "scheduling.md").read_text(encoding="utf-8")
DEPLOY = HOME / "deploy"
GIT = {f"GIT_{who}_{what}": "a@b" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
BROKEN = [
    ("markdown", "# Broken"),
    ("parameters", 'corpus = "town"  # a corpus\n'),
    ("code", 'raise ValueError("é \\u2028 no")'),
]


@pytest.fixture
def site(made_site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A made site of one's own."""
    root = tmp_path / "site"
    shutil.copytree(made_site, root)
    monkeypatch.setenv("STANCEBOOK_ROOT", str(root))
    return root


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["report", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
    return result.exit_code, result.stdout, result.stderr


def logged(*arguments: str) -> tuple[int, list[dict[str, Any]]]:
    """The exit code and the lines of the log, which is all that is said."""
    code, stdout, stderr = run(*arguments, "--log", "json")
    assert stderr == ""
    assert stdout.isascii()
    lines = [json.loads(line) for line in stdout.splitlines()]
    assert [line["event"] for line in lines[:1] + lines[-1:]] == ["start", "end"]
    assert lines[-1]["exit_code"] == code
    assert all(datetime.fromisoformat(line["at"]).utcoffset() is not None for line in lines)
    return code, lines


def documented() -> dict[str, dict[str, Any]]:
    """The example of each event in the documentation."""
    block = re.search(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert block
    return {line["event"]: line for line in map(json.loads, block[1].splitlines())}


def fields(line: dict[str, Any]) -> dict[str, str]:
    return {name: type(value).__name__ for name, value in line.items()}


def break_one(root: Path) -> None:
    small_site.notebook(root, "01-corpus", BROKEN)


def test_done_is_zero_and_every_line_has_the_fields_of_the_documentation(site: Path) -> None:
    (site / "reports" / "corpus.html").unlink()
    code, lines = logged("--force", "--only", "corpus")
    assert (code, [line["event"] for line in lines]) == (0, ["start", "report", "end"])
    assert [fields(line) for line in lines] == [fields(documented()[line["event"]]) for line in lines]
    assert (lines[0]["names"], lines[1]["name"], lines[1]["state"]) == (["corpus"], "corpus", "made")
    code, lines = logged()
    assert (code, lines[-1]["unchanged"], [line.get("state") for line in lines[1:-1]]) == (0, 2, ["unchanged"] * 2)


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("names", [["corpus", "matrix"], ["matrix", "corpus"]], ids=" ".join)
def test_the_report_that_took_longest_is_begun_first(names: list[str]) -> None:
    history.keep_seconds(dict(zip(names, (9.0, 0.001), strict=True)))
    code, lines = logged("--force", "--jobs", "1")
    assert (code, [line["name"] for line in lines[1:-1]]) == (0, names)
    assert {name: taken < 9 for name, taken in history.seconds().items()} == dict.fromkeys(names, True)


def test_each_line_comes_when_its_report_is_done(site: Path) -> None:
    wait = [*small_site.CORPUS_CELLS, ("code", "import time\n\ntime.sleep(3)")]
    small_site.notebook(site, "01-corpus", wait)
    code, lines = logged("--force", "--jobs", "2")
    first, last = lines[1:-1]
    assert (code, first["name"], last["name"]) == (0, "matrix", "corpus")
    apart = datetime.fromisoformat(last["at"]) - datetime.fromisoformat(first["at"])
    assert apart.total_seconds() > 0.5
    assert 3 < last["seconds"] < 60


def test_a_failed_report_is_one_and_its_problem_is_in_its_line(site: Path) -> None:
    break_one(site)
    code, lines = logged()
    failed = lines[2]
    assert (code, failed["name"], failed["state"]) == (1, "corpus", "failed")
    problem = documented()["problem"]
    assert fields(failed["problem"]) == {
        name: kind for name, kind in fields(problem).items() if name in failed["problem"]
    }
    assert "ValueError: é" in failed["problem"]["found"]
    counts = {name: lines[-1][name] for name in ("made", "unchanged", "failed", "removed")}
    assert counts == {"made": 0, "unchanged": 1, "failed": 1, "removed": 0}
    assert run()[0] == 1


def test_what_stops_the_whole_run_is_one_and_a_problem_each(site: Path) -> None:
    small_site.reports(site, small_site.REPORTS.replace("actors:", "actor:").replace("01-corpus", "01-korpus"))
    code, lines = logged()
    problems = [line for line in lines if line["event"] == "problem"]
    assert (code, len(problems), lines[1:-1]) == (1, 2, problems)
    assert [fields(line) for line in problems] == [fields(documented()["problem"])] * 2
    assert {lines[-1][name] for name in ("made", "unchanged", "failed", "removed")} == {0}


def test_a_command_that_is_not_understood_is_two_and_leaves_the_log_empty(site: Path) -> None:
    before = (site / "reports" / "manifest.json").read_bytes()
    code, stdout, stderr = run("--log", "jsn")
    assert (code, stdout, "jsn" in stderr) == (2, "", True)
    assert run("--fast", "--log", "json")[:2] == (2, "")
    assert (site / "reports" / "manifest.json").read_bytes() == before


def test_another_run_at_work_is_three(site: Path) -> None:
    with FileLock(site / "reports" / ".lock"):
        code, lines = logged("--force")
        assert run("--force")[0] == 3
    assert (code, [line["event"] for line in lines]) == (3, ["start", "problem", "end"])
    assert "another run" in lines[1]["found"]


def test_why_is_told_in_lines_as_well(site: Path) -> None:
    break_one(site)
    code, lines = logged("--why")
    told = {line["name"]: line["reasons"] for line in lines if line["event"] == "why"}
    assert (code, told["matrix"], bool(told["corpus"])) == (0, [], True)
    assert "`why`" in PAGE


def test_the_page_and_the_help_list_every_exit_code() -> None:
    codes = ["0", "1", "2", "3", "130"]
    assert re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE) == codes
    help_text = CliRunner().invoke(app, ["--help"]).stdout
    assert [code for code in codes if not re.search(rf"\b{code}:\s", help_text)] == []


@pytest.fixture
def ready(tmp_path: Path) -> Path:
    """A project in ~/stancebook that is set up; its Python says what it was asked, and fails as it is told."""
    project = tmp_path / "home" / "stancebook"
    shutil.copytree(DEPLOY, project / "deploy", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(HOME / "Makefile", project)
    (project / "requirements.lock").write_text("")
    python = project / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(
        '#!/bin/sh\necho "unchanged  $*"\ncat ../said 2>/dev/null\nexit "$(cat ../code 2>/dev/null || echo 0)"\n'
    )
    python.chmod(0o755)
    (project / ".venv" / "ready").touch()
    return project


def poor(project: Path, line: str) -> subprocess.CompletedProcess[str]:
    """What a line of a crontab gives: sh, in the home folder, with next to no environment."""
    given = {"PATH": "/usr/bin:/bin", "HOME": str(project.parent), "SHELL": "/bin/sh", "LOGNAME": "you"}
    return subprocess.run(
        ["sh", "-c", line], env=given, cwd=project.parent, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("code", [0, 1, 3])
def test_run_ends_with_the_code_of_the_report_command(ready: Path, code: int) -> None:
    (ready.parent / "code").write_text(str(code))
    done = poor(ready, "stancebook/deploy/run --log json")
    assert (done.returncode, done.stdout) == (code, "unchanged  -m analysis report --log json\n")
    shutil.rmtree(ready / ".venv")
    done = poor(ready, "stancebook/deploy/run --log json")
    assert (done.returncode, done.stdout, "setting up" in done.stderr) == (1, "", True)


def test_the_line_of_the_crontab_says_nothing_unless_something_was_made_or_failed(ready: Path) -> None:
    line = next(line for line in (DEPLOY / "crontab").read_text().splitlines() if line[:1].isdigit())
    assert line in PAGE
    assert "%" not in line  # cron would take it for a line break
    command = line.split(maxsplit=5)[5]
    done = poor(ready, command)
    assert (done.stdout, done.stderr) == ("", "")
    (ready.parent / "said").write_text("failed     matrix\n")
    assert poor(ready, command).stdout == "failed     matrix\n"
    shutil.rmtree(ready / ".venv")
    assert "setting up .venv" in poor(ready, command).stdout


def test_what_is_published_is_whole_without_the_history(site: Path) -> None:
    command = re.search(r"^\$ (cp -R reports site .*)$", PAGE, re.MULTILINE)
    assert command
    subprocess.run(["sh", "-ec", command[1]], cwd=site, check=True)
    workflow = yaml.safe_load((HOME / ".github/workflows/reports.yml").read_text())
    steps = workflow["jobs"]["make"]["steps"]
    assert command[1] in [step.get("run") for step in steps]
    made = site / "site"
    assert not [name for name in ("history", "manifest.json", ".lock") if (made / name).exists()]
    pages = list(made.glob("*.html"))
    links = {
        link for page in pages for link in re.findall(r'(?:href|src)="([^"#]+)"', page.read_text(encoding="utf-8"))
    }
    assert {"matrix.html", "matrix.ipynb", "assets/plotly.min.js"} <= links
    assert [link for link in links if not (made / link).is_file()] == []


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, env=os.environ | GIT, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture
def clones(tmp_path: Path) -> list[Path]:
    """Two fresh clones of one repository, each as a run on a new machine finds it."""
    source = tmp_path / "source"
    (source / "deploy").mkdir(parents=True)
    shutil.copy(DEPLOY / "branch", source / "deploy")
    (source / ".gitignore").write_text("reports/\n")
    git(tmp_path, "init", "-q", "-b", "main", "source")
    git(source, "add", "-A")
    git(source, "commit", "-qm", "one")
    git(tmp_path, "clone", "-q", "--bare", "source", "remote.git")
    for name in ("first", "second"):
        git(tmp_path, "clone", "-q", "--depth=1", (tmp_path / "remote.git").as_uri(), name)
    return [tmp_path / "first", tmp_path / "second"]


def keep(clone: Path, what: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["deploy/branch", what], cwd=clone, env=os.environ | GIT, capture_output=True, text=True, check=False
    )


def test_the_branch_carries_site_and_history_from_run_to_run(clones: list[Path]) -> None:
    first, second = clones
    remote = first.parent / "remote.git"
    assert (keep(first, "restore").returncode, list((first / "reports").iterdir())) == (0, [])
    (first / "reports" / "history").mkdir()
    for name in ("index.html", "history/run.json", "gone.html", ".lock"):
        (first / "reports" / name).write_text(f"{name} é\r\n")
    assert keep(first, "save").returncode == 0
    assert keep(second, "restore").returncode == 0
    found = {
        path.relative_to(second / "reports").as_posix() for path in (second / "reports").rglob("*") if path.is_file()
    }
    assert found == {"index.html", "history/run.json", "gone.html"}
    assert (second / "reports" / "index.html").read_bytes() == "index.html é\r\n".encode()
    assert keep(second, "save").returncode == 0
    assert git(remote, "rev-list", "--count", "reports") == "1"  # nothing changed, no commit
    (second / "reports" / "gone.html").unlink()
    assert keep(second, "save").returncode == 0
    assert git(remote, "ls-tree", "-r", "--name-only", "reports").split() == ["history/run.json", "index.html"]
    assert git(remote, "rev-list", "--count", "reports") == "2"
    assert [git(clone, "status", "--porcelain") for clone in clones] == ["", ""]


def test_a_remote_that_does_not_answer_is_no_first_run(clones: list[Path]) -> None:
    shutil.move(clones[0].parent / "remote.git", clones[0].parent / "away.git")
    assert [keep(clones[0], what).returncode != 0 for what in ("restore", "save")] == [True, True]
    assert keep(clones[0], "drop").returncode != 0


class _Server(socketserver.StreamRequestHandler):
    """As much of a mail server as one mail needs."""

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            if line.upper().startswith(b"DATA"):
                self.wfile.write(b"354 go on\r\n")
                got = iter(self.rfile.readline, b".\r\n")
                self.server.mails.append(message_from_bytes(b"".join(got), policy=policy.default))  # type: ignore[attr-defined]
            self.wfile.write(b"221 bye\r\n" if line.upper().startswith(b"QUIT") else b"250 fine\r\n")


@contextmanager
def mail_server() -> Iterator[tuple[str, list[EmailMessage]]]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Server) as server:
        server.mails = []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}", server.mails  # type: ignore[attr-defined]
        server.shutdown()


def mail(page: Path, server: str, sent: Path) -> subprocess.CompletedProcess[str]:
    addresses = ["--to", "you@example.org", "--from", "reports@example.org"]
    command = [sys.executable, "-I", "-W", "error", str(DEPLOY / "mail.py"), str(page), *addresses]
    command += ["--server", server, "--sent", str(sent)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_mail_is_sent_once_and_again_only_when_it_changed(site: Path, tmp_path: Path) -> None:
    page, sent = site / "reports" / "email.html", tmp_path / "cache" / "sent"
    with mail_server() as (server, mails):
        assert [mail(page, server, sent).returncode for _ in range(2)] == [0, 0]
        assert len(mails) == 1
        page.write_text(page.read_text(encoding="utf-8").replace("</body>", "<p>News — é</p></body>"), encoding="utf-8")
        assert mail(page, server, sent).returncode == 0
    assert (len(mails), mails[1]["To"], mails[1]["Subject"]) == (2, "you@example.org", "Stancebook reports")
    html, text = mails[1].get_body(("html",)), mails[1].get_body(("plain",))
    assert html is not None
    assert text is not None
    assert html.get_content().splitlines() == page.read_text(encoding="utf-8").splitlines()
    assert "News — é" in text.get_content()
    assert "<" not in text.get_content()


def test_a_mail_that_was_not_taken_is_tried_again(site: Path, tmp_path: Path) -> None:
    page, sent = site / "reports" / "email.html", tmp_path / "sent"
    failed = mail(page, "127.0.0.1:1", sent)
    assert (failed.returncode, sent.exists()) == (1, False)
    assert failed.stderr.startswith("the mail was not sent: ")
    with mail_server() as (server, mails):
        assert (mail(page, server, sent).returncode, len(mails)) == (0, 1)


def test_every_file_and_folder_that_the_page_names_is_there() -> None:
    for link in re.findall(r"\]\(([^)#:]+)\)", PAGE):
        assert (HOME / "docs" / link).exists(), link
    assert "(docs/scheduling.md)" in (HOME / "README.md").read_text(encoding="utf-8")


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
def test_the_units_are_sound(ready: Path) -> None:
    units = sorted(str(path) for path in (DEPLOY / "systemd").iterdir())
    given = os.environ | {"HOME": str(ready.parent), "XDG_RUNTIME_DIR": str(ready.parent)}
    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", *units], env=given, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
