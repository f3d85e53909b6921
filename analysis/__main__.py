"""The command line: python -m analysis check | build | report | refresh | withhold | mapping | import | export.

Exit code 0: done. 1: something in the corpus, the reports or the disk is wrong, and the message says what. 2: the
command itself was not understood. 3: another run is making the reports; nothing was done. 130: interrupted.
"""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from functools import wraps
from pathlib import Path
from typing import Annotated, ParamSpec, TypeVar

import typer

from analysis import paths
from analysis.errors import BusyError, ParameterError, Problem, StancebookError, StoreError, unknown
from analysis.reports import environment

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)
_P = ParamSpec("_P")
_R = TypeVar("_R")
_BUSY = 3
_Corpora = Annotated[list[str] | None, typer.Argument(help="names in data/raw; all when none is given")]


class Log(StrEnum):
    """How a run tells what it does: for a person, or a JSON object a line for a program."""

    TEXT = "text"
    JSON = "json"


def _told(command: Callable[_P, _R]) -> Callable[_P, _R]:
    """The command with its errors shown as messages on standard error and as exit code 1."""

    @wraps(command)
    def run(*args: _P.args, **options: _P.kwargs) -> _R:
        try:
            return command(*args, **options)
        except StancebookError as error:
            code, log = _BUSY if isinstance(error, BusyError) else 1, options.get("log")
            for problem in error.problems if log is Log.JSON else ():
                _tell(log, "problem", **asdict(problem))
            _end(log, code, text=str(error))
            raise typer.Exit(code) from None

    return run


def _tell(log: object, event: str, text: str = "", *, err: bool = False, **facts: object) -> None:
    """One line of the log: when, what, and the facts of it, in ASCII and thus one line for every reader; or `text`."""
    at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if log is Log.JSON:
        typer.echo(json.dumps({"at": at, "event": event, **facts}))
    elif text:
        typer.echo(text, err=err)


def _end(log: object, exit_code: int, states: Iterable[str] = (), *, text: str = "") -> None:
    """The last line of the log: the exit code, and how many reports came to which state; or the `text` of an error."""
    from analysis.reports import FAILED, MADE, REMOVED, UNCHANGED

    found = Counter(states)
    counts = {state: found[state] for state in (MADE, UNCHANGED, FAILED, REMOVED)}
    _tell(log, "end", text, err=True, exit_code=exit_code, **counts)


@app.command()
@_told
def check(corpora: _Corpora = None) -> None:
    """Read the corpora and say everything that is wrong with them; write nothing."""
    from analysis import store
    from analysis.readers import native

    _each(corpora, lambda name: native.read(store.corpus_folder(name)))


@app.command()
@_told
def build(corpora: _Corpora = None) -> None:
    """Build data/processed, or bring it up to date."""
    from analysis import store

    _each(corpora, store.load)


@app.command()
@_told
def report(  # noqa: PLR0913  # each an option of the command line
    names: Annotated[list[str] | None, typer.Argument(help="names in notebooks/reports.yaml; all when none")] = None,
    *,
    only: Annotated[list[str] | None, typer.Option("--only", help="a name; may be repeated")] = None,
    force: Annotated[bool, typer.Option("--force", help="make them again though nothing changed")] = False,
    why: Annotated[bool, typer.Option("--why", help="only say what changed since each page was made")] = False,
    jobs: Annotated[int | None, typer.Option(min=1, help="notebooks at once; default: one a core")] = None,
    scheduler: Annotated[str, typer.Option(help="a Dask cluster that runs them, such as tcp://host:8786")] = "",
    log: Annotated[Log, typer.Option(help="how to tell what is done")] = Log.TEXT,
) -> None:
    """Run the notebooks of notebooks/reports.yaml whose inputs changed, and make the site in reports/."""
    from analysis import reports
    from analysis.reports import kernels

    wanted = [*(names or ()), *(only or ())]
    _tell(log, "start", names=wanted)
    if why:
        for name, reasons in reports.why(wanted).items():
            _tell(log, "why", f"{name}: {'; '.join(reasons) or 'current'}", name=name, reasons=reasons)
        _end(log, 0)
        return

    def told(outcome: reports.Outcome) -> None:
        with suppress(BrokenPipeError):  # the reports are made though nobody listens any more
            _tell(log, "report", str(outcome), err=outcome.failed, **asdict(outcome))

    outcomes = reports.make(wanted, force=force, jobs=jobs, scheduler=scheduler, told=told)
    if any(outcome.state == reports.MADE for outcome in outcomes) and (kind := kernels.kind()) != "forked":
        _tell(log, "kernels", f"Kernels were started one by one ({kind}), which takes longer.", err=True, kind=kind)
    code = int(any(outcome.failed for outcome in outcomes))
    _end(log, code, (outcome.state for outcome in outcomes))
    if code:
        raise typer.Exit(code)


@app.command()
@_told
def refresh() -> None:
    """Execute the committed notebooks in place, and make the pictures and tables of the documentation again."""
    from analysis import disk, reports
    from analysis.reports import alone

    with alone.ended_in_order():
        refreshed = [paths.shown(path) for path in reports.refresh()]
        from analysis import documents  # slow, and the processes for notebooks start first

        with disk.writing(paths.root() / "docs"):
            for name, content in documents.made().items():
                disk.write_atomically(paths.root() / name, content)
                refreshed.append(name)
    typer.echo("\n".join(refreshed))


@app.command()
@_told
def withhold(
    corpus: Annotated[str, typer.Argument(help="a name in data/raw")],
    to: Annotated[Path, typer.Option(help="the folder to make; it must not exist")],
) -> None:
    """Write a text-free copy of a corpus: offsets, hashes and glosses in place of texts and quotes."""
    from analysis import disk, store
    from analysis.withhold import withheld

    files = withheld(store.corpus_folder(corpus))
    with disk.writing(to):
        if to.exists():
            raise StoreError(Problem(str(to), 0, "this folder exists already", "a new folder", "name another one"))
        with disk.fresh_folder(to) as folder:
            for name, content in files.items():
                (folder / name).parent.mkdir(exist_ok=True)
                (folder / name).write_text(content, encoding="utf-8", newline="\n")
    typer.echo(f"{to}: {len(files)} files")


@app.command("mapping")
@_told
def draft(
    path: Annotated[Path, typer.Argument(help="a file or folder of another tool")],
    format: Annotated[str | None, typer.Option(help="its format; default: found from the content")] = None,  # noqa: A002
    option: Annotated[
        list[str] | None, typer.Option(help="key=value, what the file leaves open; may be repeated")
    ] = None,
) -> None:
    """Print a first draft of a mapping from what a file holds, with counts, to be edited."""
    from analysis.readers import draft, formats, mapping

    options = mapping.options_of(option or ())
    typer.echo(draft.as_text(formats.find(path, format, options), path.name, options), nl=False)


@app.command("import")
@_told
def import_(
    path: Annotated[Path, typer.Argument(help="a file or folder of another tool")],
    to: Annotated[str, typer.Option(help="the corpus to make in data/raw")],
    mapping: Annotated[Path | None, typer.Option(help="the file that says which code means what")] = None,
    format: Annotated[str | None, typer.Option(help="its format; default: found from the content")] = None,  # noqa: A002
    *,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="replace files that were edited since")] = False,
) -> None:
    """Write what another tool annotated as a corpus of the native format; say what did not come in."""
    from analysis import reading, store

    files, summary = reading.native_corpus(path, format, mapping)
    written = store.add(to, files, overwrite=overwrite)
    typer.echo(f"{summary}\n{written} of {len(files)} files written to {paths.shown(paths.raw(to))}")


@app.command()
@_told
def export(
    corpus: Annotated[str, typer.Argument(help="a name in data/raw")],
    to: Annotated[Path, typer.Option(help="the file or folder to make: .xlsx, .dna, or a folder")],
    form: Annotated[str, typer.Option(help="csv, parquet, xlsx, w3c or dna")] = "csv",
) -> None:
    """Write a corpus for other programs: its tables with a data dictionary, W3C annotations, or a DNA 3 database."""
    from analysis import store
    from analysis.exports.dna import export_dna
    from analysis.exports.tidy import export_tables
    from analysis.exports.w3c import export_w3c
    from analysis.readers.native.texts import article_texts

    forms = ("csv", "parquet", "xlsx", "w3c", "dna")
    if form not in forms:
        raise ParameterError(unknown("the form", form, forms))
    tables = store.load(corpus)
    if form in ("w3c", "dna"):
        texts = article_texts(store.corpus_folder(corpus))
        made = (export_w3c if form == "w3c" else export_dna)(tables, to, texts=texts)
    else:
        made = export_tables(tables, to, **({} if form == "xlsx" else {"form": form}))
    typer.echo(f"{made}")


def _each(corpora: list[str] | None, action: Callable[[str], object]) -> None:
    """Say what the action gives for each corpus, or for all; what is wrong with any comes at the end."""
    from analysis import store

    names = corpora or store.corpora()
    if not names:
        hint = "make a folder there with codebook.yaml and articles/; docs/tutorial.md shows how"
        raise StoreError(Problem(paths.shown(paths.raw()), 0, "there is no corpus", "", hint))
    wrong: list[Problem] = []
    for name in names:
        try:
            typer.echo(f"{name}: {action(name)}")
        except StancebookError as error:
            wrong += error.problems
    if wrong:
        raise StancebookError(wrong)


if __name__ == "__main__":
    environment.of_command()
    sys.exit(app())
