"""Kernels and workers: forked ones give what plain ones give, limits hold, nothing outlives a run."""

import gc
import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import distributed
import nbformat
import psutil
import pytest
import small_site

from analysis import reports
from analysis.errors import ParameterError, ReportError
from analysis.reports import kernels, pool, run

PACKAGE = Path(reports.__file__).parents[2]
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")
SURROUNDINGS = """\
import os, sys, time, random
import numpy as np
import pandas as pd
print(hash("stance"), time.tzname, os.environ["LC_ALL"], os.getcwd())
print([name for name in sys.argv if "launcher" not in name and "json" not in name], len(sys.argv))
print(sys.path, sys.flags.hash_randomization, sys.stdin)
print(sorted(name for name in os.environ if not name.startswith("PYTEST")))
print(type(get_ipython()).__module__, __name__, sorted(globals()))
print(os.getpgid(0) == os.getpid(), os.read(0, 1))"""
DISPLAYS = """\
from IPython.display import display, Markdown
import matplotlib.pyplot as plt
import plotly.graph_objects as go
display(pd.DataFrame([range(30)] * 80), pd.Series(range(100)), pd.DataFrame([range(30)]).style)
display(go.Figure(go.Bar(x=[1, 2], y=[2, 1])))
figure, axes = plt.subplots()
axes.plot([1, 2, 3])
print(plt.get_backend(), plt.isinteractive())"""
OTHERS = """\
import subprocess, warnings
warnings.warn("beware")
sys.stderr.flush()  # or now this is passed on first, now that of the child
subprocess.run(["echo", "from a child"])
time.sleep(3)  # a thread of the kernel has to pass it on while the cell runs
random.seed(1); np.random.seed(1)
random.random(), np.random.random(), pd.options.display.max_columns, pd.DataFrame({"a": [1.5]})"""
NAKED = """\
from matplotlib.figure import Figure
Figure()"""
DRAWS = """\
import random, numpy as np
print(random.random(), np.random.random(), "seen" in globals())
seen = 1"""
IGNORES = (
    "import signal, time\nsignal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT, signal.SIGTERM])\ntime.sleep(100)"
)


@pytest.fixture(params=[pytest.param("forked", marks=LINUX), "plain"])
def each_kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The test runs with kernels of either kind."""
    monkeypatch.setenv(kernels.CHOICE, request.param)
    return str(request.param)


@pytest.fixture
def site(project: Path) -> Path:
    """A project whose only notebook is written by the test."""
    (project / "notebooks").mkdir()
    return project


def cells(site: Path, *sources: str) -> Path:
    return small_site.notebook(site, "note", [("code", source) for source in sources])


def printed(notebook: nbformat.NotebookNode) -> list[str]:
    return [output.text for cell in notebook.cells for output in cell.outputs if output.output_type == "stream"]


def within(seconds: float, happened: Callable[[], Any]) -> bool:
    end = time.monotonic() + seconds
    while not happened() and time.monotonic() < end:
        time.sleep(0.02)
    return bool(happened())


# Which kernels, and that they are alike


@LINUX
def test_a_report_is_made_though_the_process_that_kernels_are_forked_from_dies(site: Path, tmp_path: Path) -> None:
    told, temporary = tmp_path / "told", tmp_path / ("long" * 25)  # longer than a socket's path may be
    temporary.mkdir()
    once = f"import os, pathlib, time\ntold = pathlib.Path({str(told)!r})\nif not told.exists():\n"
    dies = f"{once}    told.touch()\n    os.kill(os.getppid(), 9)\n    time.sleep(60)"
    path = cells(site, dies, "print('on')")
    asked = f"[*pool.run({{n: ('executed', ('note', Path({str(path)!r}), {{}})) for n in (1, 2)}}, 1)]"
    code = f"from pathlib import Path\nfrom analysis.reports import kernels, pool\nprint({asked})"
    ran = subprocess.run(
        [sys.executable, "-c", f"{code}\nprint(kernels.server())"],
        env=os.environ | {"PYTHONPATH": str(PACKAGE), "TMPDIR": str(temporary)},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert ran.stdout.count('"on\\\\n"') == 2, ran.stdout + ran.stderr
    assert ran.stdout.splitlines()[-1] == "None"
    assert list(temporary.iterdir()) == []


def test_the_kind_of_kernels_and_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(kernels.CHOICE, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    assert kernels.kind() == "forked"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert kernels.kind() == "plain: on darwin processes cannot be forked safely"
    assert kernels.server() is None
    monkeypatch.setenv(kernels.CHOICE, "plain")
    assert kernels.kind() == "plain: STANCEBOOK_KERNELS asks for it"
    monkeypatch.setenv(kernels.CHOICE, "fork")
    with pytest.raises(ParameterError, match=r"STANCEBOOK_KERNELS 'fork' is not known\n.*forked, plain\n.*'forked'"):
        kernels.kind()


@LINUX
@pytest.mark.parametrize("sources", [(SURROUNDINGS, DISPLAYS, OTHERS), (NAKED,)], ids=["all", "naked"])
def test_a_forked_kernel_gives_the_bytes_of_a_plain_one(
    site: Path, sources: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = cells(site, *sources)
    monkeypatch.delenv("PYTEST_CURRENT_TEST")  # ipykernel would not catch what a child process prints
    forked = nbformat.writes(run.execute("x", path, {}, startup="begun = 1"))
    monkeypatch.setenv(kernels.CHOICE, "plain")
    assert forked == nbformat.writes(run.execute("x", path, {}, startup="begun = 1"))
    assert ("image/png" in forked) == (len(sources) > 1)
    assert ("from a child" in forked) == ("plotly.v1" in forked) == ("30 columns" in forked) == (len(sources) > 1)


@LINUX
@pytest.mark.parametrize("name", ["02-stance-matrix", "05-networks"])
def test_our_notebooks_are_the_same_from_either(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = PACKAGE / "notebooks" / f"{name}.ipynb"
    forked = nbformat.writes(run.execute(name, path, {}))
    monkeypatch.setenv(kernels.CHOICE, "plain")
    assert forked == nbformat.writes(run.execute(name, path, {}))


def test_every_kernel_is_fresh(site: Path, each_kind: str) -> None:  # noqa: ARG001
    path = cells(site, DRAWS)
    random.seed(0)
    one, other = ([line for text in printed(run.execute("x", path, {})) for line in text.split()] for _ in range(2))
    assert one[2] == other[2] == "False"
    assert len({*one[:2], *other[:2]}) == 4


def test_the_start_up_file_runs_first(site: Path, each_kind: str) -> None:  # noqa: ARG001
    path = cells(site, "begun += 1\nprint(begun)")
    assert printed(run.execute("x", path, {}, startup="begun = 1")) == ["2\n"]
    with pytest.raises(ReportError, match="name 'begun' is not defined"):
        run.execute("x", path, {})


# Limits


@pytest.mark.parametrize("source", ["while True: pass", IGNORES, "while True: print('x' * 99)"])
def test_a_report_that_takes_too_long_is_ended(site: Path, each_kind: str, source: str) -> None:
    path = cells(
        site, "import os\nopen('pid', 'w').write(str(os.getpid()))".replace("'pid'", repr(str(site / "pid"))), source
    )
    if each_kind == "forked":
        run.execute("warm", small_site.notebook(site, "warm", [("code", "1")]), {})
    with pytest.raises(
        ReportError, match=r"note.ipynb: report 'slow' stopped at cell 2 of 2: .* longer than \d+ seconds"
    ):
        run.execute("slow", path, {}, timeout=5 if each_kind == "forked" else 20)
    assert within(2, lambda: not psutil.pid_exists(int((site / "pid").read_text())))


@LINUX
def test_the_limit_is_for_the_whole_report(site: Path) -> None:
    run.execute("warm", cells(site, "1"), {})
    path = cells(site, *["import time; time.sleep(2)"] * 4)
    with pytest.raises(ReportError, match=r"stopped at cell [234] of 4: it took longer than 5 seconds"):
        run.execute("slow", path, {}, timeout=5)


@pytest.mark.parametrize("source", ["import os; os.kill(os.getpid(), 9)", "import os; os._exit(3)"])
def test_a_dead_kernel_is_told_at_once(site: Path, each_kind: str, source: str) -> None:  # noqa: ARG001
    run.execute("warm", cells(site, "1"), {})
    path = cells(site, "1", source)
    started = time.monotonic()
    with pytest.raises(ReportError, match=r"note.ipynb: report 'dead' stopped at cell 2 of 2: the kernel died"):
        run.execute("dead", path, {})
    assert time.monotonic() - started < 5


@LINUX
def test_where_nobody_forks_kernels_they_are_plain(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(kernels.ADDRESS, str(site / "nobody"))
    assert printed(run.execute("x", cells(site, "print(1)"), {})) == ["1\n"]


@LINUX
def test_a_kernel_that_cannot_start_is_told(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = site / "deaf"
    with socket.create_server(str(address), family=socket.AF_UNIX) as listener, ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: [listener.accept()[0].close() for _ in range(3)])  # it answers, and hangs up
        monkeypatch.setenv(kernels.ADDRESS, str(address))
        with pytest.raises(ReportError, match=r"forks kernels does not answer\n.*STANCEBOOK_KERNELS=plain"):
            run.execute("x", cells(site, "1"), {})


# What is left when a run ends


def family(process: psutil.Process) -> list[psutil.Process]:
    return [process, *process.children(recursive=True)]


def is_gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_outlives_a_run_that_is_ended(site: Path, each_kind: str, number: int, tmp_path: Path) -> None:
    begins = "import pathlib; pathlib.Path({!r}).write_text('x')"
    if each_kind == "forked":  # whose server ends what a kernel has started as well
        begins += "\nimport subprocess; child = subprocess.Popen(['sleep', '99'])"
    names = ["one", "two"]
    for name in names:
        sources = [("code", begins.format(str(tmp_path / name))), ("code", "while True: pass")]
        small_site.notebook(site, name, sources)
    small_site.reports(site, "reports:\n" + "".join(f"  - {{name: {n}, title: T, notebook: {n}}}\n" for n in names))
    scratch = tmp_path / "t"
    scratch.mkdir()
    given = os.environ | {"TMPDIR": str(scratch)}
    with subprocess.Popen(
        [sys.executable, "-m", "analysis", "report"], cwd=PACKAGE, env=given, stderr=subprocess.PIPE, text=True
    ) as main:
        try:
            assert within(60, lambda: all((tmp_path / name).exists() for name in names))
            time.sleep(0.3)
            running = family(psutil.Process(main.pid))
            assert len(running) > 6
            main.send_signal(number)
            # two seconds where nothing else runs; here other tests do
            assert within(10, lambda: all(map(is_gone, running))), [each for each in running if not is_gone(each)]
        finally:
            main.kill()
        assert "Traceback" not in str(main.stderr and main.stderr.read())
    if each_kind == "forked":
        assert within(5, lambda: not list(scratch.iterdir())), list(scratch.rglob("*"))


# Executors


JOBS = {n: ("executed", ("note", Path("notebooks/note.ipynb"), {"n": n})) for n in range(4)}


def made(site: Path, **given: Any) -> dict[int, bytes]:
    sources = [("parameters", "n = 0\n"), ("code", "import os\nprint(n, os.environ['STANCEBOOK_ROOT'])\n1 / (n - 3)")]
    path = small_site.notebook(site, "note", sources)
    calls = {n: ("executed", ("note", path, {"n": n})) for n in range(4)}
    results = dict(pool.run(calls, 2, **given))
    assert "cell 2 of 2: ZeroDivisionError" in str(results.pop(3))
    assert [str(site) in results[n].decode() for n in range(3)] == [True] * 3
    return results


def test_any_executor_gives_the_same_pages(site: Path) -> None:
    ours = made(site)
    with ThreadPoolExecutor(2) as threads:
        assert made(site, executor=threads) == ours
        assert made(site, executor=threads) == ours  # it was left open


@pytest.mark.usefixtures("site")
def test_a_failing_executor_is_told() -> None:
    class Breaks(ThreadPoolExecutor):
        def submit(self, *_: Any, **__: Any) -> Any:
            return super().submit(lambda: 1 / 0)

    with Breaks(1) as executor:
        (found,) = dict(pool.run({"x": JOBS[0]}, 1, executor=executor)).values()
    assert "the worker failed with ZeroDivisionError" in str(found)


@pytest.mark.parametrize("address", ["", "nonsense", "foo://x:1", "tcp://127.0.0.1:1", "127.0.0.1:99999"])
def test_a_wrong_address_is_told(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "_PATIENCE", 1)
    message = r"no Dask scheduler answers at '.*\n.*tcp://host:8786\n.*dask scheduler"
    gc.disable()
    try:
        with pytest.raises(ParameterError, match=message), pool.cluster(address):
            pass
        # one that is collected later, while another starts, would wait for ever
        assert not [each for each in gc.get_objects() if isinstance(each, distributed.Client)]
    finally:
        gc.enable()


def test_without_dask_the_installation_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    message = r'Dask, which is not installed\n.*pip install "stancebook\[cluster\]"'
    with pytest.raises(ParameterError, match=message), pool.cluster("tcp://127.0.0.1:8786"):
        pass


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler's address and its two workers, which know nothing of the project, each a process of its own."""
    told = tmp_path / "scheduler.json"
    given = {name: value for name, value in os.environ.items() if name not in ("STANCEBOOK_ROOT", "PYTHONPATH")}
    dask = [sys.executable, "-m", "dask"]
    quiet: dict[str, Any] = {"cwd": tmp_path, "env": given, "stderr": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
    with ExitStack() as started:

        def start(*words: str) -> subprocess.Popen[bytes]:
            process = started.enter_context(subprocess.Popen([*dask, *words], **quiet))
            started.callback(process.kill)
            return process

        start("scheduler", "--port", "0", "--no-dashboard", "--host", "127.0.0.1", "--scheduler-file", str(told))
        quoted = re.compile(r'"(tcp://[\d.:]+)"')  # the file is there before all is in it
        assert within(60, lambda: told.exists() and quoted.search(told.read_text()))
        address = quoted.findall(told.read_text())[0]
        workers = [start("worker", address, "--no-nanny", "--nthreads", "1", "--no-dashboard") for _ in range(2)]
        yield address, workers


def test_a_cluster_goes_on_when_a_worker_dies(site: Path, tmp_path: Path, scheduler: Any) -> None:
    address, workers = scheduler
    here = f"open({str(tmp_path)!r} + f'/at-{{n}}-{{os.getppid()}}', 'w').close()"
    slow = f"import os, time\n{here}\ntime.sleep(2)\nprint(n, os.environ['STANCEBOOK_ROOT'])"
    path = small_site.notebook(site, "note", [("parameters", "n = 0\n"), ("code", slow)])
    calls = {n: ("executed", ("note", path, {"n": n})) for n in range(4)}

    def kill_one() -> None:
        assert within(60, lambda: list(tmp_path.glob("at-*")))
        server = psutil.Process(int(next(tmp_path.glob("at-*")).name.split("-")[2]))
        assert server.ppid() in {worker.pid for worker in workers}
        psutil.Process(server.ppid()).kill()
        assert within(10, lambda: is_gone(server))

    with ThreadPoolExecutor(1) as thread:
        killed = thread.submit(kill_one)
        far = dict(pool.run(calls, None, scheduler=address))
        killed.result()
    assert sorted(worker.poll() is None for worker in workers) == [False, True]
    assert far == dict(pool.run(calls, None))
    assert [f"{n} {site}" in far[n].decode() for n in calls] == [True] * 4
