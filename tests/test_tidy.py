from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from corpus_builder import CODING, article, assert_equal_tables, corpus, happened, said, tables

import analysis
from analysis import codebook, tidy
from analysis.errors import ParameterError
from analysis.readers import native
from analysis.schema import NAMES, Tables

TOWN = tables(
    [
        said("x", "ann", "bridge", 1, organisation_id="ministry"),
        said("x", "bob", "toll", 0, certainty="possible"),
        said("y", "cid", "bridge", -1, organisation_id="ann", certainty="probable"),
        said("y", "bob", "bridge", -1, date_start=pd.Timestamp("2023-01-01"), date_end=pd.Timestamp("2023-12-31")),
    ],
    [happened("talks", "2024-03"), happened("walk", "2024-05-28"), happened("plan", "2025", status="planned")],
    roles=[
        ("talks", "ann", "actor"),
        ("talks", "bob", "recipient"),
        ("walk", "cid", "actor"),
        ("plan", "bob", "actor"),
    ],
    mentions=[("talks", "x"), ("talks", "y"), ("walk", "y"), ("plan", "x")],
)


def kept(chosen: Tables) -> tuple[list[str], list[str]]:
    """The statements and events that are left, and that all else follows from them."""
    for name in ("articles", "actors", "issues"):
        pd.testing.assert_frame_equal(getattr(chosen, name), getattr(TOWN, name))
    for name in NAMES:
        assert getattr(chosen, name).index.tolist() == list(range(len(getattr(chosen, name))))
    events = chosen.events["event_id"].tolist()
    assert set(chosen.event_actors["event_id"]) == set(chosen.mentions["event_id"]) == set(events)
    return chosen.statements["statement_id"].tolist(), events


@pytest.mark.parametrize(
    ("asked", "statements", "events"),
    [
        ({}, ["x/s0", "x/s1", "y/s2", "y/s3"], ["talks", "walk", "plan"]),
        ({"actors": ["bob"]}, ["x/s1", "y/s3"], ["talks", "plan"]),
        ({"actors": ["ann"]}, ["x/s0", "y/s2"], ["talks"]),
        ({"actors": ["ministry", "cid"]}, ["x/s0", "y/s2"], ["walk"]),
        ({"issues": ["toll"]}, ["x/s1"], ["talks", "walk", "plan"]),
        ({"certainty": ["probable", "possible"]}, ["x/s1", "y/s2"], ["talks", "walk", "plan"]),
        ({"since": "2024-05-28"}, ["x/s0", "x/s1", "y/s2"], ["walk", "plan"]),
        ({"since": "2024-05-29"}, [], ["plan"]),
        ({"since": "2023-12-31", "until": "2024-03-01"}, ["y/s3"], ["talks"]),
        ({"until": "2023"}, ["y/s3"], []),
        ({"until": "2022"}, [], []),
        ({"actors": ["bob"], "issues": ["bridge"], "certainty": ["certain"], "until": "2024"}, ["y/s3"], ["talks"]),
    ],
)
def test_a_selection_keeps_what_was_asked_for_and_all_that_belongs_to_it(
    asked: dict[str, object], statements: list[str], events: list[str]
) -> None:
    assert kept(tidy.select(TOWN, **asked)) == (statements, events)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (
            {"actors": ["bbo"]},
            "^the actor 'bbo' is not known\n    expected: one of ann, bob, cid, ministry\n.*mean 'bob'",
        ),
        ({"issues": ["bridg"]}, "^the issue 'bridg' is not known\n    expected: one of bridge, toll\n.*mean 'bridge'"),
        ({"certainty": ["sure"]}, "^the certainty 'sure' is not known\n    expected: one of certain, probable, "),
        ({"since": "2024-13"}, "^since is '2024-13'\n    expected: an ISO 8601 date"),
        ({"until": "May"}, "^until is 'May'\n    expected: an ISO 8601 date"),
    ],
)
def test_asking_for_what_does_not_exist_is_an_error_and_no_empty_selection(
    asked: dict[str, object], message: str
) -> None:
    with pytest.raises(ParameterError, match=message):
        tidy.select(TOWN, **asked)


def test_a_selection_leaves_its_tables_as_they_were() -> None:
    before = {name: getattr(TOWN, name).copy() for name in NAMES}
    tidy.select(TOWN, actors=["bob"], issues=["toll"], since="2024", until="2024")
    assert_equal_tables(TOWN, Tables(**before))


def test_the_order_in_which_articles_are_read_is_irrelevant(project: Path) -> None:
    other = CODING.replace("e1", "e0").replace("2024-05", "2024-04")
    folder = corpus(project, article("a") | article("b", coding=other, coder="ada") | article("c"))
    book, found = codebook.read(folder / "codebook.yaml"), native.sources(folder)[0]
    forwards = tidy.assemble(native.read_articles(found, book)[0], book)
    pieces = [native.read_articles([source], book)[0] for source in reversed(found)]
    assert_equal_tables(tidy.assemble(tidy.join(pieces), book), forwards)
    assert forwards.events["event_id"].tolist() == ["e0", "e1"]
    assert forwards.articles["article_id"].tolist() == ["a", "b", "c"]


def test_a_single_word_is_a_list_of_one() -> None:
    whole = tables([said("one", "ann", "bridge", 1.0), said("one", "bob", "bridge", -1.0)])
    assert list(tidy.select(whole, actors="ann").statements["speaker_id"]) == ["ann"]
    assert len(tidy.select(whole, actors="").statements) == 2


# One coding an article


def coded(statements: Iterable[tuple[str, str]], mentions: Iterable[tuple[str, str, str]] = ()) -> Tables:
    """Statements (article, coder) and mentions (event, article, coder); each event has ann as its actor."""
    mentions = list(mentions)
    names = sorted({event for event, _, _ in mentions})
    made = tables(
        [said(article, "ann", "bridge", 1, coder_id=coder) for article, coder in statements],
        [happened(name, "2024-05") for name in names],
        roles=[(name, "ann", "actor") for name in names],
        mentions=[(event, article) for event, article, _ in mentions],
    )
    coders = pd.Series([coder for _, _, coder in mentions], dtype="str")
    return replace(made, mentions=made.mentions.assign(coder_id=coders))


def standing(corpus: Tables, coder: str = "") -> list[str]:
    """Article and coder of each statement that one coding leaves."""
    said = analysis.one_coding(corpus, coder).statements
    return [f"{article} {who}" for article, who in zip(said["article_id"], said["coder_id"], strict=True)]


PAIR = [("x", "eve"), ("x", "dan"), ("x", "dan"), ("y", "eve"), ("z", "dan"), ("z", "eve")]  # eve has three, dan two


@pytest.mark.parametrize(
    ("statements", "coder", "left"),
    [
        (PAIR, "", ["x eve", "y eve", "z eve"]),
        (PAIR, "eve", ["x eve", "y eve", "z eve"]),
        (PAIR, "dan", ["x dan", "x dan", "y eve", "z dan"]),
        ([("x", "eve"), ("x", "dan")], "", ["x dan"]),  # a tie: by name
        ([("x", "eve"), ("y", "dan"), ("y", "dan")], "", ["x eve", "y dan", "y dan"]),  # disjoint
        ([("x", "eve"), ("y", "dan")], "dan", ["x eve", "y dan"]),
        ([*PAIR, ("u", "cid"), ("u", "dan")], "eve", ["x eve", "y eve", "z eve", "u dan"]),  # where eve is not: most
        ([], "", []),
    ],
)
def test_each_article_counts_with_one_coding(statements: list[tuple[str, str]], coder: str, left: list[str]) -> None:
    assert standing(coded(statements), coder) == left


def test_events_go_with_their_last_mention() -> None:
    both = [("talks", "x", "dan"), ("talks", "x", "eve"), ("walk", "x", "dan"), ("talks", "y", "eve")]
    kept = analysis.one_coding(coded([("x", "eve")], both))
    assert kept.mentions["mention_id"].tolist() == ["x/talks~1", "y/talks~3"]
    assert kept.events["event_id"].tolist() == kept.event_actors["event_id"].tolist() == ["talks"]
    other = analysis.one_coding(coded([("x", "eve")], both), "dan")
    assert other.mentions["mention_id"].tolist() == ["x/talks~0", "x/walk~2", "y/talks~3"]
    assert other.events["event_id"].tolist() == ["talks", "walk"]
    for name in NAMES:
        assert getattr(kept, name).index.tolist() == list(range(len(getattr(kept, name))))


def test_who_looked_for_no_events_leaves_those_of_another() -> None:
    corpus = coded([("x", "dan"), ("x", "eve"), ("y", "dan")], [("talks", "x", "eve")])
    for coder in ("", "dan"):
        kept = analysis.one_coding(corpus, coder)
        assert kept.statements["coder_id"].tolist() == ["dan", "dan"]
        assert kept.mentions["coder_id"].tolist() == ["eve"]
        assert kept.events["event_id"].tolist() == ["talks"]


def test_who_found_no_event_in_one_article_did_look() -> None:
    corpus = coded([("x", "dan"), ("x", "eve"), ("y", "dan")], [("talks", "x", "eve"), ("walk", "y", "dan")])
    assert analysis.one_coding(corpus, "dan").events["event_id"].tolist() == ["walk"]


def test_the_coding_of_one_coder_stays_as_it_is() -> None:
    assert_equal_tables(analysis.one_coding(TOWN), TOWN)
    assert_equal_tables(analysis.one_coding(TOWN, "main"), TOWN)
    silent = tables([], [happened("talks", "2024")])  # an event that no span mentions is not dropped with anyone's
    assert_equal_tables(analysis.one_coding(silent), silent)


def test_a_coder_that_does_not_exist_is_told() -> None:
    corpus = coded([("x", "eve")], [("talks", "x", "dan")])
    with pytest.raises(
        ParameterError, match=r"^the coder 'evi' is not known\n    expected: one of dan, eve\n.*mean 'eve'"
    ):
        analysis.one_coding(corpus, "evi")


def test_one_coding_leaves_its_tables_as_they_were() -> None:
    corpus = coded(PAIR, [("talks", "x", "dan")])
    before = {name: getattr(corpus, name).copy() for name in NAMES}
    analysis.one_coding(corpus, "dan")
    assert_equal_tables(corpus, Tables(**before))
