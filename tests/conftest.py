"""What every test shares: time zone, locale, Ctrl-C, drawn examples that are the same everywhere, an empty project."""

import locale
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

os.environ["TZ"] = "UTC"
time.tzset()
locale.setlocale(locale.LC_ALL, "C.UTF-8")
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in a job that a script has put into the background
    signal.signal(signal.SIGINT, signal.default_int_handler)  # or every process that a test starts would not hear it
_COMMON = settings(deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
settings.register_profile("fixed", parent=_COMMON, derandomize=True)
settings.register_profile("search", parent=_COMMON, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project folder: data/raw, data/processed and reports/ of the test lie in it."""
    monkeypatch.setenv("STANCEBOOK_ROOT", str(tmp_path))
    return tmp_path


@pytest.fixture(scope="session")
def made_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small project whose reports are made, once for all tests: they read it, or copy it, and leave it as it is."""
    import small_site  # noqa: PLC0415  # nbformat takes seconds, and most tests need no site

    from analysis import reports  # noqa: PLC0415

    root = small_site.build(tmp_path_factory.mktemp("site"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STANCEBOOK_ROOT", str(root))
        outcomes = reports.make()
    assert [str(outcome) for outcome in outcomes if outcome.failed] == []
    return root


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project of `faulty_site`, its reports made by the command, for the tests of a file to copy."""
    import faulty_site  # noqa: PLC0415  # as above

    return faulty_site.made(tmp_path_factory.mktemp("good"))


@pytest.fixture
def root(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of that project, to be hurt, which is then the project of this process."""
    import faulty_site  # noqa: PLC0415  # as above

    return faulty_site.copied(made, tmp_path / "site", monkeypatch)


@pytest.fixture
def full_disk_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], AbstractContextManager[None]]:
    """A block in which the disk is full when the file or folder of that number is to take another's place."""

    @contextmanager
    def refusing(call: int) -> Iterator[None]:
        original, calls = Path.replace, []

        def replace(path: Path, target: Path) -> Path:
            calls.append(path)
            if len(calls) == call:
                raise OSError(28, "No space left on device", str(path))
            return original(path, target)

        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", replace)
            yield

    return refusing
