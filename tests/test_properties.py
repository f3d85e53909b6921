"""The contracts, held against drawn examples."""

import unicodedata
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from corpus_builder import CODEBOOK, FRONT, assert_equal_tables, corpus, said, tables, write
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analysis import codebook, schema, stance, yaml12
from analysis.readers import native
from analysis.schema import NAMES, STANCES, Tables
from analysis.withhold import withheld

HARD = "ab .,;:-#'\"\\{}[]&*!|>%@`~?=\t\n\r\u00a0\u0085\u2028\u200d\ufeffé\u0301\u0308ñ𝔄👩👧🇷🇺‘’“”–क\u093fک"
TEXTS = st.text(st.one_of(st.sampled_from(HARD), st.characters(exclude_categories=["Cs"])), min_size=1, max_size=40)
CRLF_TEXTS = st.lists(st.one_of(TEXTS, st.just("\r\n")), min_size=1, max_size=5).map("".join)


@pytest.fixture
def numbers() -> Iterator[int]:
    return count()


def canonical(text: str) -> str:
    """The text that offsets count in, told independently of the reader."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip("\n").rstrip()


def quoted(text: str, start: int, end: int) -> dict[str, object]:
    """A statement that quotes text[start:end], with all of the text around it where the words are not unique."""
    record = {"id": "s1", "quote": text[start:end], "speaker": "ann", "issue": "bridge", "stance": "1"}
    places = sum(text.startswith(text[start:end], at) for at in range(len(text)))
    around = {"before": text[:start], "after": text[end:]} if places > 1 else {}
    return record | {key: value for key, value in around.items() if value}


@given(st.data())
def test_a_quote_is_always_the_slice_of_its_text(project: Path, numbers: Iterator[int], data: st.DataObject) -> None:
    raw = data.draw(CRLF_TEXTS.filter(lambda drawn: canonical(drawn) != ""))
    text = canonical(raw)
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    coding = yaml12.dump({"statements": [quoted(text, start, end)]})
    folder = corpus(project, {"a.md": FRONT + raw, "a.ann.yaml": coding}, name=f"c{next(numbers)}")
    parts, problems = native.read_articles(native.sources(folder)[0], codebook.read(folder / "codebook.yaml"))
    assert problems == []
    row = parts["statements"].iloc[0]
    assert (row["start"], row["end"], row["quote"]) == (start, end, text[start:end])
    assert parts["articles"]["n_chars"].tolist() == [len(text)]


RECORDS = st.recursive(
    st.one_of(TEXTS, st.just("")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS.filter(str.strip), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), RECORDS, max_size=4))
@example({"a": "null", "b": "~", "c": "", "d": "no", "e": "2024-05-28", "f": "- x", "<<": "y", "": "z"})
@example({"line ends of YAML 1.1": "a\x85b\u2028c\u2029d", "of Windows": "a\r\nb", "invisible": "\ufeff\x00"})
def test_what_is_dumped_as_yaml_reads_back(record: dict[str, object]) -> None:
    assert yaml12.load(yaml12.dump(record), "f") == record


@st.composite
def corpora(draw: st.DrawFn) -> Tables:
    """Tables of up to twelve statements by three actors on three issues in four articles, some of them copies."""
    articles, issues = ["w", "x", "y", "z"], ["i", "j", "k"]
    rows = st.builds(
        said,
        st.sampled_from(articles),
        st.sampled_from(["a", "b", "c"]),
        st.sampled_from(issues),
        st.sampled_from([*STANCES, None]),
        organisation_id=st.sampled_from([None, "m", "n"]),
    )
    copies = draw(st.dictionaries(st.sampled_from(articles), st.sampled_from(["o", "p"]), max_size=3))
    return tables(draw(st.lists(rows, max_size=12)), origins=copies, is_checked=False)


@given(corpora(), st.sampled_from(stance.ACTORS))
@settings(max_examples=20)
def test_cells_keep_their_contract_whatever_was_said(drawn: Tables, actor: str) -> None:
    cells = stance.stance_cells(drawn, actor)
    parts = cells[["n_support", "n_neutral", "n_oppose", "n_mixed"]]
    assert (parts.sum(axis=1) == cells["n_statements"]).all()
    assert (cells["n_articles"] >= 1).all()
    assert (cells["n_articles"] <= cells["n_statements"]).all()
    assert cells["stance"].isna().equals(cells["n_mixed"] == cells["n_statements"])
    assert (cells.loc[cells["state"] == "neutral", ["stance", "n_support", "n_oppose", "n_mixed"]] == 0).all(axis=None)
    assert ((cells["ci_method"] == "thin") == cells["ci_low"].isna()).all()
    sure = cells.dropna(subset=["ci_low"])
    assert (sure["ci_low"] <= sure["stance"] + 1e-9).all()
    assert (sure["stance"] <= sure["ci_high"] + 1e-9).all()


@given(corpora(), st.sampled_from(stance.ACTORS))
@settings(max_examples=20)
def test_absent_is_never_neutral(drawn: Tables, actor: str) -> None:
    spoken = drawn.statements.dropna(subset=[actor])
    pairs = set(zip(spoken[actor], spoken["issue_id"], strict=True))
    cells = stance.stance_cells(drawn, actor)
    assert set(zip(cells["actor"], cells["issue_id"], strict=True)) == pairs
    matrix = stance.stance_matrix(cells, values="state", actors=["a", "b", "c", "m"], issues=["i", "j", "k"])
    for name in matrix.index:
        for issue in matrix.columns:
            assert pd.isna(matrix.loc[name, issue]) == ((name, issue) not in pairs)


@given(corpora(), st.randoms(use_true_random=False))
@settings(max_examples=20)
def test_the_order_of_rows_is_irrelevant(drawn: Tables, random: object) -> None:
    seed = np.random.default_rng(random.randrange(2**32))
    shuffled = Tables(
        **{name: getattr(drawn, name).sample(frac=1, random_state=seed, ignore_index=True) for name in NAMES}
    )
    for measure in (stance.stance_cells, stance.stance_points, stance.evidence):
        pd.testing.assert_frame_equal(measure(shuffled), measure(drawn), rtol=1e-12)


NOTES = st.text(st.one_of(st.sampled_from(HARD), st.characters(exclude_categories=["Cs"])), min_size=1, max_size=12)


@st.composite
def files(draw: st.DrawFn) -> dict[str, str]:
    """The files of a corpus of one to three articles with drawn texts, records, coders and events."""
    drawn: dict[str, str] = {}
    for article in draw(st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, unique=True)):
        text = draw(CRLF_TEXTS.filter(lambda candidate: canonical(candidate) != ""))
        drawn[f"{article}.md"] = FRONT + text
        for coder in draw(st.sampled_from([("",), (".ada", ".ben")])):
            lists = {"statements": _statements(draw, canonical(text)), "events": _mentions(draw, canonical(text))}
            drawn[f"{article}{coder}.ann.yaml"] = yaml12.dump(lists)
    return drawn


def _span(draw: st.DrawFn, text: str) -> dict[str, object]:
    start = draw(st.integers(0, len(text) - 1))
    anchor = quoted(text, start, draw(st.integers(start + 1, len(text))))
    return {key: anchor[key] for key in ("quote", "before", "after") if key in anchor} | {"gloss": draw(NOTES)}


def _statements(draw: st.DrawFn, text: str) -> list[dict[str, object]]:
    stances = st.sampled_from(["1", "0.5", "0", "-1", "mixed"])
    return [
        {"id": f"s{at}"} | _span(draw, text) | {"speaker": "bob", "issue": "toll", "stance": draw(stances)}
        for at in range(draw(st.integers(0, 2)))
    ]


def _mentions(draw: st.DrawFn, text: str) -> list[dict[str, object]]:
    told = {"label": "Talks", "type": "CONSULT", "actors": ["ann", "bob"], "start": "2024-05"}
    places = {span["quote"]: span for span in (_span(draw, text) for _ in range(draw(st.integers(0, 2))))}
    return [{"id": "e1"} | span | told for span in places.values()]


@given(files())
@settings(max_examples=10)
def test_keys_are_unique_and_resolve(project: Path, numbers: Iterator[int], drawn: dict[str, str]) -> None:
    read = native.read(corpus(project, drawn, name=f"c{next(numbers)}"))
    for name in NAMES:
        assert not getattr(read, name).duplicated(schema.CONTRACTS[name][0]).any()
    for table, column, other, key in (
        ("statements", "article_id", "articles", "article_id"),
        ("statements", "speaker_id", "actors", "actor_id"),
        ("statements", "issue_id", "issues", "issue_id"),
        ("mentions", "article_id", "articles", "article_id"),
        ("mentions", "event_id", "events", "event_id"),
        ("event_actors", "event_id", "events", "event_id"),
        ("event_actors", "actor_id", "actors", "actor_id"),
    ):
        assert set(getattr(read, table)[column]) <= set(getattr(read, other)[key])
    assert set(read.events["event_id"]) == set(read.mentions["event_id"])


@given(files())
@settings(max_examples=8)
def test_what_is_withheld_comes_back_with_the_texts(
    project: Path, numbers: Iterator[int], drawn: dict[str, str]
) -> None:
    source = corpus(project, drawn, name=f"c{next(numbers)}")
    copy = project / f"copy{next(numbers)}"
    for name, content in withheld(source).items():
        write(copy / name, content)
    whole, bare = native.read(source), native.read(copy)
    for name in NAMES:
        hidden = {"quote": None, "has_text": False}
        expected = getattr(whole, name)
        expected = expected.assign(**{key: value for key, value in hidden.items() if key in expected})
        pd.testing.assert_frame_equal(getattr(bare, name), expected.astype(getattr(whole, name).dtypes))
    for name in (name for name in drawn if name.endswith(".md")):
        write(copy / "texts" / name, drawn[name])
    assert_equal_tables(native.read(copy), whole)
    assert (copy / "codebook.yaml").read_text(encoding="utf-8") == CODEBOOK
