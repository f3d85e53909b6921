"""The command line: python -m analysis check | build | report | refresh | withhold | mapping | import | export.

Exit code 0: done. 1: something in the corpus, the reports or the disk is wrong, and the message says what. 2: the
command itself was not understood.
"""

import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, ParamSpec, TypeVar

import typer

from analysis import paths
from analysis.errors import ParameterError, Problem, StancebookError, StoreError, unknown

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)
_P = ParamSpec("_P")
_R = TypeVar("_R")
_Corpora = Annotated[list[str] | None, typer.Argument(help="names in data/raw; all when none is given")]


def _told(command: Callable[_P, _R]) -> Callable[_P, _R]:
    """The command with its errors shown as messages on standard error and as exit code 1."""

    @wraps(command)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return command(*args, **kwargs)
        except StancebookError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(1) from None

    return run


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
def report(
    names: Annotated[list[str] | None, typer.Argument(help="names in notebooks/reports.yaml; all when none")] = None,
    *,
    force: Annotated[bool, typer.Option("--force", help="make them again though nothing changed")] = False,
    jobs: Annotated[int | None, typer.Option(min=1, help="notebooks at once; default: one a core")] = None,
) -> None:
    """Run the notebooks of notebooks/reports.yaml whose inputs changed, and make the site in reports/."""
    from analysis import reports

    failed = False
    for outcome in reports.make(names or (), force=force, jobs=jobs):
        typer.echo(str(outcome), err=outcome.failed)
        failed |= outcome.failed
    if failed:
        raise typer.Exit(1)


@app.command()
@_told
def refresh() -> None:
    """Execute the committed notebooks in place, and make the pictures and tables of the documentation again."""
    from analysis import documents, reports, store

    refreshed = [paths.shown(path) for path in reports.refresh()]
    with store.writing(paths.root() / "docs"):
        for name, content in documents.made().items():
            store.write_atomically(paths.root() / name, content)
            refreshed.append(name)
    typer.echo("\n".join(refreshed))


@app.command()
@_told
def withhold(
    corpus: Annotated[str, typer.Argument(help="a name in data/raw")],
    to: Annotated[Path, typer.Option(help="the folder to make; it must not exist")],
) -> None:
    """Write a text-free copy of a corpus: offsets, hashes and glosses in place of texts and quotes."""
    from analysis import store
    from analysis.withhold import withheld

    files = withheld(store.corpus_folder(corpus))
    with store.writing(to):
        if to.exists():
            raise StoreError(Problem(str(to), 0, "this folder exists already", "a new folder", "name another one"))
        with store.fresh_folder(to) as folder:
            for name, content in files.items():
                (folder / name).parent.mkdir(exist_ok=True)
                (folder / name).write_text(content, encoding="utf-8", newline="\n")
    typer.echo(f"{to}: {len(files)} files")


@app.command("mapping")
@_told
def draft(
    path: Annotated[Path, typer.Argument(help="a file or folder of another tool")],
    format: Annotated[str | None, typer.Option(help="its format; default: found from the content")] = None,  # noqa: A002
    offset_unit: Annotated[str | None, typer.Option(help="how the tool counts: code points, utf-16, graphemes")] = None,
) -> None:
    """Print a first draft of a mapping from what a file holds, with counts, to be edited."""
    from analysis.readers import draft, formats

    options = {"offset_unit": offset_unit} if offset_unit else {}
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
        made = (export_w3c if form == "w3c" else export_dna)(
            tables, to, texts=article_texts(store.corpus_folder(corpus))
        )
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
    sys.exit(app())
