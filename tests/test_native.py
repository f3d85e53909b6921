import hashlib
from pathlib import Path

import pandas as pd
import pytest
from corpus_builder import CODEBOOK, CODING, FRONT, TEXT, article, assert_equal_tables, corpus, write

from analysis.readers import native
from analysis.schema import NAMES, Tables

SHA256 = "84401d41264706376da463574606d22b44cf45279a1218f9985af3615417b843"


def listed(table: pd.DataFrame) -> list[dict[str, object]]:
    """The rows as plain values, None for missing."""
    return table.astype(object).where(table.notna(), None).to_dict("records")


def read(project: Path, *articles: dict[str, str], codebook: str = CODEBOOK) -> Tables:
    files = {name: content for each in articles for name, content in each.items()}
    return native.read(corpus(project, files, codebook=codebook))


def statements(records: str) -> str:
    return f"statements:\n{records}\n"


def test_an_article_and_its_coding_become_tidy_tables(project: Path) -> None:
    front = "---\ntitle: A bridge\noutlet: Post\nlanguage: en\npublished: 2024-05\nurl: https://x.example/1\n---\n\n"
    coding = """\
statements:
  - id: s1
    quote: Ann Lee said yes
    gloss: She agrees.
    speaker: ann
    on_behalf_of: ministry
    issue: bridge
    stance: 0.5
    certainty: probable
    condition: if it is cheap
    speech: indirect
    date: 2024-05-28
events:
  - id: e1
    quote: no to the toll
    gloss: A refusal.
    label: Refusal
    type: CONSULT
    mode: phone
    actors: [bob, ann]
    recipients: union
    start: 2024-05-01
    end: 2024-05-03
    basis: inferred
    status: ongoing
    place: Town, XA
"""
    tables = read(project, article("one", coding=coding, front=front))
    assert listed(tables.articles) == [
        {
            "article_id": "one",
            "title": "A bridge",
            "outlet": "Post",
            "language": "en",
            "published_start": pd.Timestamp("2024-05-01"),
            "published_end": pd.Timestamp("2024-05-31"),
            "published_precision": "month",
            "origin_id": None,
            "url": "https://x.example/1",
            "text_sha256": SHA256,
            "n_chars": 60,
            "has_text": True,
        }
    ]
    assert listed(tables.statements) == [
        {
            "statement_id": "one/s1",
            "article_id": "one",
            "coder_id": "main",
            "start": 0,
            "end": 16,
            "quote": "Ann Lee said yes",
            "gloss": "She agrees.",
            "speaker_id": "ann",
            "organisation_id": "ministry",
            "issue_id": "bridge",
            "stance": 0.5,
            "is_mixed": False,
            "certainty": "probable",
            "condition": "if it is cheap",
            "speech": "indirect",
            "date_start": pd.Timestamp("2024-05-28"),
            "date_end": pd.Timestamp("2024-05-28"),
            "date_precision": "day",
        }
    ]
    assert listed(tables.events) == [
        {
            "event_id": "e1",
            "label": "Refusal",
            "type": "CONSULT",
            "mode": "phone",
            "quad_class": "verbal_cooperation",
            "date_start": pd.Timestamp("2024-05-01"),
            "date_end": pd.Timestamp("2024-05-03"),
            "date_precision": "interval",
            "date_basis": "inferred",
            "status": "ongoing",
            "place": "Town, XA",
        }
    ]
    assert tables.event_actors.to_numpy().tolist() == [
        ["e1", "ann", "actor"],
        ["e1", "bob", "actor"],
        ["e1", "union", "recipient"],
    ]
    assert listed(tables.mentions) == [
        {
            "mention_id": "one/e1",
            "event_id": "e1",
            "article_id": "one",
            "coder_id": "main",
            "start": 45,
            "end": 59,
            "quote": "no to the toll",
            "gloss": "A refusal.",
        }
    ]


def test_fields_left_out_are_empty_or_what_the_codebook_says(project: Path) -> None:
    coding = statements("  - {id: 1, quote: Ann Lee, speaker: ann, issue: toll, stance: 0}")
    row = read(project, article("one", coding=coding)).statements.iloc[0]
    empty = ["gloss", "organisation_id", "condition", "speech"]
    assert row[empty].isna().all()
    assert row[["statement_id", "stance", "is_mixed", "certainty"]].tolist() == ["one/1", 0.0, False, "unspecified"]
    assert (row["date_start"], row["date_precision"]) == (pd.Timestamp("2024-05-28"), "day")


def test_a_mixed_stance_has_no_number_and_is_not_neutral(project: Path) -> None:
    coding = statements("  - {id: 1, quote: Ann Lee, speaker: ann, issue: toll, stance: mixed}")
    row = read(project, article("one", coding=coding)).statements.iloc[0]
    assert (pd.isna(row["stance"]), row["is_mixed"]) == (True, True)


@pytest.mark.parametrize(("word", "number"), [("1", 1), ("+1", 1), ("1.0", 1), ("-0.5", -0.5), ("0", 0), ("-1", -1)])
def test_a_stance_is_its_number_however_it_is_written(project: Path, word: str, number: float) -> None:
    coding = statements(f"  - {{id: 1, quote: Ann Lee, speaker: ann, issue: toll, stance: {word}}}")
    assert read(project, article("one", coding=coding)).statements["stance"].tolist() == [number]


def test_a_list_of_statements_that_is_empty_gives_empty_tables_of_full_type(project: Path) -> None:
    empty = read(project, article("one", coding="statements: []\nevents: []\n"))
    full = native.read(corpus(project, name="other"))
    assert len(empty.statements) == len(empty.events) == len(empty.mentions) == 0
    for name in NAMES:
        pd.testing.assert_series_equal(getattr(empty, name).dtypes, getattr(full, name).dtypes)


def test_offsets_are_code_points_behind_emoji_and_combining_marks(project: Path) -> None:
    text = "👩‍👩‍👧 cafe\u0301 𝔄 – ‘yes’ x"
    coding = statements("  - {id: 1, quote: '‘yes’', speaker: ann, issue: toll, stance: 1}")
    row = read(project, article("one", text=text, coding=coding)).statements.iloc[0]
    composed = "👩‍👩‍👧 café 𝔄 – ‘yes’ x"
    assert (row["start"], row["end"]) == (15, 20)
    assert composed[15:20] == row["quote"] == "‘yes’"


def test_a_decomposed_quote_finds_its_composed_text_and_the_reverse(project: Path) -> None:
    coding = statements("  - {id: 1, quote: cafe\u0301 no, speaker: ann, issue: toll, stance: 1}")
    other = statements("  - {id: 1, quote: café no, speaker: ann, issue: toll, stance: 1}")
    tables = read(
        project,
        article("one", text="a café no", coding=coding),
        article("two", text="a cafe\u0301 no", coding=other),
    )
    assert tables.statements[["start", "end", "quote"]].to_numpy().tolist() == [[2, 9, "café no"]] * 2


def test_line_ends_and_byte_order_marks_of_other_systems_change_nothing(project: Path) -> None:
    files = article("one", text="Ann Lee said\nyes.\n\nBob Roe said no to the toll.", coding=CODING)
    files["one.ann.yaml"] = CODING.replace("Ann Lee said yes", '"Ann Lee said\\nyes"')
    plain = native.read(corpus(project, files, name="plain"))
    windows = {name: b"\xef\xbb\xbf" + content.replace("\n", "\r\n").encode() for name, content in files.items()}
    assert_equal_tables(native.read(corpus(project, windows, name="windows")), plain)
    assert plain.statements["quote"].tolist() == ["Ann Lee said\nyes"]


def test_blank_lines_around_the_text_count_for_nothing_but_indentation_does(project: Path) -> None:
    coding = statements("  - {id: 1, quote: x, speaker: ann, issue: toll, stance: 1}")
    tables = read(project, article("one", text="\n\n  x  \n\n", coding=coding))
    assert tables.articles["n_chars"].tolist() == [3]
    assert tables.statements["start"].tolist() == [2]


def test_dashes_in_the_text_do_not_end_the_front_matter_again(project: Path) -> None:
    coding = statements("  - {id: 1, quote: x, speaker: ann, issue: toll, stance: 1}")
    tables = read(project, article("one", text="a\n---\nx", coding=coding))
    assert (tables.articles["n_chars"].tolist(), tables.statements["start"].tolist()) == ([7], [6])


def test_before_and_after_pick_one_of_several_places(project: Path) -> None:
    records = """\
  - {id: 1, quote: said, before: "Ann Lee ", speaker: ann, issue: toll, stance: 1}
  - {id: 2, quote: said, after: " no", speaker: ann, issue: toll, stance: 1}"""
    assert read(project, article("one", coding=statements(records))).statements["start"].tolist() == [8, 40]


def test_a_quote_that_overlaps_itself_in_the_text_counts_as_two_places(project: Path) -> None:
    coding = statements("  - {id: 1, quote: aa, speaker: ann, issue: toll, stance: 1}")
    with pytest.raises(native.CorpusError, match="the quote 'aa' stands 2 times"):
        read(project, article("one", text="aaa", coding=coding))


def test_overlapping_and_equal_spans_are_all_kept(project: Path) -> None:
    records = """\
  - {id: 1, quote: Ann Lee said, speaker: ann, issue: toll, stance: 1}
  - {id: 2, quote: Lee said yes, speaker: ann, issue: bridge, stance: 1}
  - {id: 3, quote: Lee said yes, speaker: bob, issue: bridge, stance: 1}"""
    tables = read(project, article("one", coding=statements(records)))
    assert tables.statements[["statement_id", "start", "end"]].to_numpy().tolist() == [
        ["one/1", 0, 12],
        ["one/2", 4, 16],
        ["one/3", 4, 16],
    ]


def test_several_coders_of_one_article_keep_their_records_apart(project: Path) -> None:
    tables = read(project, article("one", coder="ada"), article("one", coder="ben"))
    assert tables.statements[["statement_id", "coder_id"]].to_numpy().tolist() == [
        ["one.ada/s1", "ada"],
        ["one.ben/s1", "ben"],
    ]
    assert tables.mentions["mention_id"].tolist() == ["one.ada/e1", "one.ben/e1"]
    assert (len(tables.articles), len(tables.events)) == (1, 1)


def test_coders_may_differ_about_an_event_and_the_first_word_counts(project: Path) -> None:
    other = CODING.replace("label: Talks", "label: Other talks")
    tables = read(project, article("one", coder="ada"), article("one", coding=other, coder="ben"))
    assert tables.events["label"].tolist() == ["Talks"]


def test_the_coder_is_named_by_the_file_or_in_it(project: Path) -> None:
    tables = read(project, article("one", coding=f"coder: ada\n{CODING}"), article("two"))
    assert tables.statements[["statement_id", "coder_id"]].to_numpy().tolist() == [
        ["one/s1", "ada"],
        ["two/s1", "main"],
    ]


def test_mentions_of_one_event_share_its_id_across_and_within_articles(project: Path) -> None:
    short = "events:\n  - {id: e1, quote: Bob Roe, place: Town}\n  - {id: e1, quote: Ann Lee}\n"
    tables = read(project, article("one"), article("two", coding=short))
    assert tables.mentions["mention_id"].tolist() == ["one/e1", "two/e1~2", "two/e1"]
    assert tables.mentions["start"].tolist() == [45, 0, 32]
    assert listed(tables.events)[0] | {"place": "Town", "label": "Talks"} == listed(tables.events)[0]


def test_the_order_in_which_actors_are_written_is_no_contradiction(project: Path) -> None:
    turned = CODING.replace("[ann, bob]", "[bob, ann, bob]")
    tables = read(project, article("one"), article("two", coding=turned))
    assert tables.event_actors["actor_id"].tolist() == ["ann", "bob"]


def test_an_actor_may_be_called_na_or_no(project: Path) -> None:
    odd = CODEBOOK.replace("id: bob", "id: no").replace("id: union", "id: NA")
    records = """\
  - {id: 1, quote: Ann, speaker: no, issue: toll, stance: 1}
  - {id: 2, quote: Lee, speaker: NA, on_behalf_of: NA, issue: toll, stance: 1}"""
    said = read(project, article("one", coding=statements(records)), codebook=odd).statements
    assert said["speaker_id"].tolist() == ["no", "NA"]
    assert said["organisation_id"].isna().tolist() == [True, False]


WITHHELD = f"""\
text_sha256: {SHA256}
n_chars: 60
statements:
  - {{id: s1, span: [0, 16], speaker: ann, issue: bridge, stance: 1}}
"""


def test_text_free_coding_has_all_but_the_quotes(project: Path) -> None:
    tables = read(project, article("one", text="", coding=WITHHELD))
    assert tables.articles[["text_sha256", "n_chars", "has_text"]].to_numpy().tolist() == [[SHA256, 60, False]]
    assert tables.statements[["start", "end"]].to_numpy().tolist() == [[0, 16]]
    assert tables.statements["quote"].isna().all()


@pytest.mark.parametrize(("name", "content"), [("one.txt", TEXT), ("one.md", f"{FRONT}\n{TEXT}\n\n")])
def test_quotes_come_back_with_the_text_that_was_coded(project: Path, name: str, content: str) -> None:
    folder = corpus(project, article("one", text="", coding=WITHHELD))
    write(folder / "texts" / name, content)
    tables = native.read(folder)
    assert tables.statements["quote"].tolist() == ["Ann Lee said yes"]
    assert tables.articles[["text_sha256", "n_chars", "has_text"]].to_numpy().tolist() == [[SHA256, 60, True]]


def test_the_text_beside_the_front_matter_goes_before_one_in_texts(project: Path) -> None:
    folder = corpus(project)
    write(folder / "texts" / "one.txt", "another text")
    assert native.read(folder).statements["quote"].tolist() == ["Ann Lee said yes"]


def test_a_text_in_texts_is_taken_byte_for_byte(project: Path) -> None:
    text = "\ufeffAnn\r\nLee cafe\u0301 \n"
    coding = f"text_sha256: {hashlib.sha256(text.encode()).hexdigest()}\nn_chars: 17\n" + statements(
        "  - {id: 1, span: [6, 15], speaker: ann, issue: toll, stance: 1}"
    )
    folder = corpus(project, article("one", text="", coding=coding))
    write(folder / "texts" / "one.txt", text)
    assert native.read(folder).statements["quote"].tolist() == [text[6:15]] == ["Lee cafe\u0301"]


def test_other_files_in_the_folder_are_left_alone(project: Path) -> None:
    folder = corpus(project, article("one"))
    write(folder / "articles" / "notes.txt", b"\xff")
    write(folder / "README.md", b"\xff")
    assert len(native.read(folder).articles) == 1
