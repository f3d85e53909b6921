"""The two corpora of the project: they read, they are complete, and no other's sentence is in the repository."""

import os
import re
import shutil
from pathlib import Path

import pytest

from analysis import yaml12
from analysis.readers import native
from analysis.schema import Tables

ROOT = Path(__file__).parents[1]
RAW = ROOT / "data" / "raw"
RESTATED, ORIGINALS = "russia-taliban", "russia-taliban-originals"
SKIPPED = {".git", ".venv", "processed", "texts", "node_modules", "__pycache__"}
RUN = 10

both = pytest.mark.parametrize("corpus", [RESTATED, ORIGINALS])
needs_sources = pytest.mark.skipif(
    "STANCEBOOK_SOURCES" not in os.environ,
    reason="STANCEBOOK_SOURCES names no folder with the five press reports, which are not ours to share",
)


def read(corpus: str) -> Tables:
    return native.read(RAW / corpus)


@both
def test_a_corpus_is_large_enough_to_show_something(corpus: str) -> None:
    tables = read(corpus)
    assert len(tables.articles) == 5
    assert len(tables.statements) >= 60
    assert len(tables.mentions) >= 20
    assert len(tables.events) >= 15
    assert tables.statements["speaker_id"].nunique() >= 15
    assert len({*tables.statements["speaker_id"], *tables.event_actors["actor_id"]}) >= 20


def test_both_corpora_share_one_codebook() -> None:
    assert (RAW / RESTATED / "codebook.yaml").read_bytes() == (RAW / ORIGINALS / "codebook.yaml").read_bytes()


@both
def test_every_record_of_a_coder_has_its_gloss_and_every_statement_its_certainty(corpus: str) -> None:
    for path in sorted((RAW / corpus / "articles").glob("*.ann.yaml")):
        document = yaml12.load(path.read_text(encoding="utf-8"), path.name)
        for record in document["statements"]:
            assert all(record.get(field) for field in ("gloss", "certainty", "speech")), record["id"]
        for record in document["events"]:
            assert record.get("gloss"), record["id"]


def test_a_restated_article_has_the_length_of_a_short_press_report() -> None:
    for path in (RAW / RESTATED / "articles").glob("*.md"):
        body = path.read_text(encoding="utf-8").split("\n---\n", 1)[1]
        assert 400 <= len(body.split()) <= 700, path.name


def test_every_quote_of_the_restated_corpus_is_the_slice_of_its_article() -> None:
    tables = read(RESTATED)
    for table in (tables.statements, tables.mentions):
        for row in table.itertuples():
            body = (RAW / RESTATED / "articles" / f"{row.article_id}.md").read_text(encoding="utf-8")
            text = body.split("\n---\n", 1)[1].strip()
            assert text[row.start : row.end] == row.quote


def test_the_coding_of_the_originals_is_text_free() -> None:
    tables = read(ORIGINALS)
    assert not tables.articles["has_text"].any()
    assert tables.statements["quote"].isna().all()
    assert tables.mentions["quote"].isna().all()
    for path in (RAW / ORIGINALS / "articles").iterdir():
        assert not re.search(r"(?m)^\s*(- )?(quote|before|after):", path.read_text(encoding="utf-8")), path.name


def test_restated_articles_name_the_reports_that_the_originals_code() -> None:
    assert set(read(RESTATED).articles["origin_id"]) == set(read(ORIGINALS).articles["article_id"])


@pytest.mark.parametrize(("corpus", "total"), [(RESTATED, "99"), (ORIGINALS, "109")])
def test_a_readme_gives_the_numbers_of_its_corpus(corpus: str, total: str) -> None:
    tables = read(corpus)
    assert len(tables.statements) == int(total)
    readme = (RAW / corpus / "README.md").read_text(encoding="utf-8")
    for article, statements, mentions in re.findall(r"(?m)^\| ([a-z-]+) \| [^|]+ \| (\d+) \| (\d+) \|$", readme):
        assert (tables.statements["article_id"] == article).sum() == int(statements)
        assert (tables.mentions["article_id"] == article).sum() == int(mentions)


@needs_sources
def test_with_the_reports_at_hand_every_quote_comes_back(tmp_path: Path) -> None:
    sources = Path(os.environ["STANCEBOOK_SOURCES"])
    copy = tmp_path / ORIGINALS
    shutil.copytree(RAW / ORIGINALS, copy, ignore=shutil.ignore_patterns("texts"))
    shutil.copytree(sources, copy / "texts", ignore=lambda _, names: [name for name in names if name[-4:] != ".txt"])
    tables = native.read(copy)
    assert tables.articles["has_text"].all()
    for table in (tables.statements, tables.mentions):
        assert table["quote"].notna().all()
        for row in table.itertuples():
            text = (sources / f"{row.article_id}.txt").read_bytes().decode("utf-8")
            assert row.quote == text[row.start : row.end]
            assert row.quote == row.quote.strip()


def words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+(?:'[^\W_]+)*", text.lower().replace("’", "'"))


def runs(text: str) -> set[str]:
    """Every ten words of the text that stand next to each other."""
    found = words(text)
    return {" ".join(found[at : at + RUN]) for at in range(len(found) - RUN + 1)}


def readings(content: str) -> list[str]:
    """A file's text, also with its tags and the escapes of JSON taken out."""
    plain = re.sub(r'\\[ntr"]|",?\s*\n\s*"', " ", content)
    return [content, plain, re.sub(r"<[^>]+>", " ", plain)]


def repository() -> list[Path]:
    """The text files of the repository, with what is made from them (reports, notebooks) and without private texts."""
    found = [path for path in ROOT.rglob("*") if path.is_file() and not SKIPPED & set(path.relative_to(ROOT).parts)]
    return [path for path in found if path.stat().st_size < 3_000_000 and b"\0" not in path.read_bytes()]


@needs_sources
def test_no_ten_words_of_a_report_stand_in_the_repository() -> None:
    secret: set[str] = set()
    for path in Path(os.environ["STANCEBOOK_SOURCES"]).glob("*.txt"):
        secret |= runs(path.read_text(encoding="utf-8"))
    assert len(secret) > 2000
    files = repository()
    assert len(files) > 50
    for path in files:
        for text in readings(path.read_text(encoding="utf-8", errors="replace")):
            assert not runs(text) & secret, path


def test_runs_of_words_are_found_through_line_breaks_tags_and_escapes() -> None:
    wanted = runs("one two three four five six seven eight nine ten")
    assert len(wanted) == 1
    for text in (
        "So: One, two\n\nthree four – five six seven eight nine ten!",
        '["one two three\\n", "four five six seven",\n   "eight nine ten"]',
        "<p>one two <b>three</b> four five six seven</p><p>eight nine ten</p>",
    ):
        assert any(runs(reading) & wanted for reading in readings(text)), text
