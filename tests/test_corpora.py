"""The two corpora of the project: they read, they are complete, and no other's sentence is in the repository."""

import os
import re
import shutil
from pathlib import Path

import pytest

import analysis
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
        for record in document.get("events", ()):  # a second coder may have recorded statements only
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


@pytest.mark.parametrize(
    ("corpus", "coders", "totals"),
    [(RESTATED, ["restated-1", "restated-2"], [99, 72]), (ORIGINALS, ["originals-1"], [109])],
)
def test_a_readme_gives_the_numbers_of_its_corpus(corpus: str, coders: list[str], totals: list[int]) -> None:
    tables = read(corpus)
    said, mentions = (
        table.groupby(["coder_id", "article_id"]).size() for table in (tables.statements, tables.mentions)
    )
    assert said.groupby("coder_id").sum().to_dict() == dict(zip(coders, totals, strict=True))
    readme = (RAW / corpus / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"(?m)^\| ([a-z-]+) \| [^|]+ \| ([\d–| ]+) \| (\d+) \|$", readme)
    assert len(rows) == (5 if corpus == RESTATED else 0)  # the other one names its totals only
    for article, statements, told in rows:
        counts = [str(said.get((coder, article), "–")) for coder in coders]
        assert statements.split(" | ") == counts
        assert mentions[coders[0], article] == int(told)


def test_the_second_coder_recorded_statements_of_three_articles() -> None:
    tables = read(RESTATED)
    second = tables.statements[tables.statements["coder_id"] == "restated-2"]
    assert sorted(set(second["article_id"])) == ["lavrov-actual-power", "nebenzya-de-facto", "zakharova-kazakhstan"]
    assert set(tables.mentions["coder_id"]) == {"restated-1"}


def test_the_readme_gives_the_agreement_that_is_measured() -> None:
    tables = read(RESTATED)
    readme = " ".join((RAW / RESTATED / "README.md").read_text(encoding="utf-8").split())
    for row in analysis.agreement(tables).itertuples():
        facts = [row.percent, row.alpha, row.ci_low, row.ci_high]
        assert f"| {row.variable} | {row.n_units} | " + " | ".join(f"{fact:.2f}" for fact in facts) + " |" in readme
    row = analysis.agreement(tables, variables=["issue_id"]).iloc[0]
    assert f"Both recorded {row['n_units']} passages" in readme
    assert f"{row['n_alone']} more were recorded by one of them only" in readme
    assert f"({row['n_alone']} of {row['n_units'] + row['n_alone']}) are in no coefficient" in readme


def test_the_readme_says_how_few_articles_the_cells_rest_on() -> None:
    readme = " ".join((RAW / RESTATED / "README.md").read_text(encoding="utf-8").split())
    tables = analysis.one_coding(read(RESTATED))
    cells = analysis.stance_cells(tables)
    counts = cells["n_articles"].value_counts()
    assert f"Of {len(cells)} cells (actor by issue, with the coding of `restated-1`), {counts[1]} rest on one" in readme
    by_issue = tables.statements["issue_id"].value_counts()
    assert f"{by_issue['engagement']} of the {len(tables.statements)} statements are on engagement" in readme


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
