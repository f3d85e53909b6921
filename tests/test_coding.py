import pandas as pd
from corpus_builder import happened, said, tables

from analysis import coding

TOWN = tables(
    [
        said("x", "ann", "bridge", 1, organisation_id="ministry", gloss="Yes."),
        said("x", "ann", "bridge", None, condition="if cheap", date_precision="month"),
        said("y", "bob", "bridge", 0, quote="well"),
    ],
    [happened("talks", "2024-03")],
    published={"x": "2024-05-28", "y": "2024-05", "z": "2023"},
    roles=[("talks", "ann", "actor"), ("talks", "ann", "recipient")],
    mentions=[("talks", "x"), ("talks", "x")],
)


def test_questions_to_the_coding_are_answered_in_counts_shares_and_places() -> None:
    checks = coding.coding_checks(TOWN).set_index("check")
    assert checks["n_statements"].to_dict() == {
        "quote is at hand": 1,
        "quote is withheld": 2,
        "has no gloss": 2,
        "is mixed (both sides in one span)": 1,
        "carries a condition": 1,
        "has no date but the article's": 2,
        "is dated to the day": 2,
        "speaks for no organisation": 2,
    }
    assert checks.loc["quote is at hand", ["share", "articles"]].tolist() == [1 / 3, "y"]
    assert checks.loc["has no gloss", "articles"] == "x, y"
    assert coding.coding_checks(tables())["share"].isna().all()


def test_lists_count_what_each_article_issue_and_actor_has_and_zero_where_none() -> None:
    articles = coding.article_list(TOWN)
    columns = ["article_id", "date", "n_statements", "n_speakers", "n_mentions"]
    assert articles[columns].to_numpy().tolist() == [
        ["z", "2023", 0, 0, 0],
        ["y", "2024-05", 1, 1, 0],
        ["x", "2024-05-28", 2, 1, 2],
    ]
    assert coding.issue_list(TOWN).to_numpy().tolist() == [["bridge", "bridge", 3, 2, 2]]
    actors = coding.actor_list(TOWN)
    assert actors[["actor_id", "n_statements", "n_spoken_for", "n_events"]].to_numpy().tolist() == [
        ["ann", 2, 0, 1],
        ["bob", 1, 0, 0],
        ["ministry", 0, 1, 0],
    ]


def test_coders_are_listed_with_what_each_recorded() -> None:
    corpus = tables(
        [said("x", "ann", "bridge", 1, coder_id="zoe"), said("y", "ann", "bridge", 1, coder_id="ada"),
         said("y", "bob", "bridge", 1, coder_id="ada"), said("z", "bob", "bridge", 1, coder_id="eve")],
        [happened("talks", "2024")], mentions=[("talks", "x"), ("talks", "x"), ("talks", "y")],
    )  # fmt: skip
    assert coding.coder_list(corpus).to_numpy().tolist() == [
        ["main", 2, 0, 3],
        ["ada", 1, 2, 0],
        ["eve", 1, 1, 0],
        ["zoe", 1, 1, 0],
    ]


def test_lists_of_nothing_have_the_types_of_full_ones() -> None:
    for measure in (coding.article_list, coding.issue_list, coding.actor_list, coding.coder_list, coding.coding_checks):
        empty = measure(tables())
        pd.testing.assert_series_equal(empty.dtypes, measure(TOWN).dtypes, obj=measure.__name__)
