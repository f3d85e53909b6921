"""What changed between two states of a corpus: literal tables in and rows out, and known edits of drawn corpora."""

import datetime as dt
import json
import random
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd
import pytest
from corpus_builder import happened, said, tables

from analysis import changes, schema
from analysis.changes import standings
from analysis.errors import ParameterError
from analysis.intervals import LEAST
from analysis.schema import Tables
from analysis.stance import stance_cells
from analysis.tidy import select

SHORT = ["kind", "id", "change", "because", "fields", "before", "after"]


def edited(corpus: Tables, name: str, key: str, /, **values: Any) -> Tables:
    """The tables with the values of one row replaced."""
    table = getattr(corpus, name).copy()
    row = table[schema.CONTRACTS[name][0][0]] == key
    assert row.sum() == 1
    for column, value in values.items():
        table.loc[row, column] = value
    return replace(corpus, **{name: table})


def without(corpus: Tables, name: str, column: str, value: str) -> Tables:
    table = getattr(corpus, name)
    return replace(corpus, **{name: table[table[column] != value].reset_index(drop=True)})


def told(old: Tables, new: Tables, **more: Any) -> list[tuple[str, ...]]:
    return list(changes.evidence(old, new, **more)[SHORT].itertuples(index=False, name=None))


@pytest.fixture(scope="module")
def town() -> Tables:
    """In `one` Ann is for the bridge and Bob against the toll; in `two` Ann is of two minds on the toll."""
    return tables(
        [
            said("one", "ann", "bridge", 1.0, quote="Ann said yes", gloss="She agrees.", organisation_id="ministry"),
            said("one", "bob", "toll", -0.5, quote="Bob said no", start=20, end=31),
            said("two", "ann", "toll", None, quote="Ann would not say", condition="if it is small"),
        ],
        [happened("e1", "2024-05", label="Talks")],
        roles=[("e1", "ann", "actor"), ("e1", "bob", "recipient")],
        mentions=[("e1", "one")],
    )


def test_nothing_changed(town: Tables) -> None:
    for found in (changes.articles(town, town), changes.codebook(town, town), changes.evidence(town, town)):
        assert found.empty
        assert "change" in found
    summary = changes.compare(town, town, cells=(stance_cells(town), stance_cells(town)))
    assert summary.is_empty
    assert summary.sentence() == "No change."


def test_the_callers_frames_stay_as_they_are(town: Tables) -> None:
    before = {name: getattr(town, name).copy() for name in schema.NAMES}
    changes.compare(town, edited(town, "statements", "one/s0", stance=-1.0))
    for name, table in before.items():
        pd.testing.assert_frame_equal(getattr(town, name), table)


def test_a_recoded_stance_is_told_with_both_values(town: Tables) -> None:
    new = edited(town, "statements", "one/s0", stance=-1.0, certainty="possible")
    (row,) = changes.evidence(town, new).to_dict("records")
    assert [row[column] for column in SHORT] == [
        "statement", "one/s0", "revised", "recoding", "stance, certainty",
        "stance +1; certainty certain", "stance −1; certainty possible",
    ]  # fmt: skip
    assert row["speaker"] == "Ann"
    assert row["quote"] == "Ann said yes"
    assert row["title"] == "one"
    assert row["date_start"] == pd.Timestamp("2024-05-28")


def test_a_mixed_stance_is_a_value_of_its_own_and_missing_equals_missing(town: Tables) -> None:
    new = edited(town, "statements", "two/s2", stance=0.0, is_mixed=False)
    assert told(town, new) == [("statement", "two/s2", "revised", "recoding", "stance", "stance ±", "stance 0")]
    assert told(new, town)[0][5:] == ("stance 0", "stance ±")


def test_an_article_brings_and_takes_its_statements(town: Tables) -> None:
    old = without(without(town, "articles", "article_id", "two"), "statements", "article_id", "two")
    assert told(old, town) == [("statement", "two/s2", "new", "new article", "", "", "stance ±")]
    assert told(town, old) == [("statement", "two/s2", "withdrawn", "article withdrawn", "", "stance ±", "")]
    assert changes.articles(old, town)[["article_id", "change"]].to_numpy().tolist() == [["two", "new"]]
    assert changes.articles(town, old)[["article_id", "change"]].to_numpy().tolist() == [["two", "withdrawn"]]


def test_a_statement_more_or_less_in_a_known_article_is_recoding(town: Tables) -> None:
    old = without(town, "statements", "statement_id", "one/s1")
    assert told(old, town) == [("statement", "one/s1", "new", "recoding", "", "", "stance −0.5")]
    assert told(town, old) == [("statement", "one/s1", "withdrawn", "recoding", "", "stance −0.5", "")]


def test_a_statement_more_where_the_text_changed_is_because_of_the_article(town: Tables) -> None:
    old = without(town, "statements", "statement_id", "one/s1")
    new = edited(town, "articles", "one", text_sha256="1" * 64)
    assert told(old, new) == [("statement", "one/s1", "new", "article revised", "", "", "stance −0.5")]


def test_records_numbered_anew_are_no_change(town: Tables) -> None:
    new = edited(town, "statements", "one/s0", statement_id="one/x7")
    new = edited(new, "mentions", "one/e1~0", mention_id="one/e9")
    assert told(town, new) == []


def test_after_a_withdrawal_the_others_may_be_numbered_anew(town: Tables) -> None:
    new = without(town, "statements", "statement_id", "one/s0")
    new = edited(new, "statements", "one/s1", statement_id="one/s0")
    assert told(town, new) == [("statement", "one/s0", "withdrawn", "recoding", "", "stance +1", "")]


def test_a_statement_numbered_anew_and_recoded_is_revised(town: Tables) -> None:
    new = edited(town, "statements", "one/s1", statement_id="one/s9", stance=0.5)
    assert told(town, new) == [("statement", "one/s9", "revised", "recoding", "stance", "stance −0.5", "stance +0.5")]
    unquoted = edited(new, "statements", "one/s9", quote=None)
    assert [row[1:3] for row in told(edited(town, "statements", "one/s1", gloss="He refuses."),
                                     edited(unquoted, "statements", "one/s9", gloss="He refuses."))] == [
        ("one/s9", "revised")
    ]  # fmt: skip


def test_two_ids_that_changed_places_are_no_change(town: Tables) -> None:
    new = edited(town, "statements", "one/s0", statement_id="x")
    new = edited(new, "statements", "one/s1", statement_id="one/s0")
    new = edited(new, "statements", "x", statement_id="one/s1")
    assert told(town, new) == []


def test_a_span_that_moved_with_the_text_before_it_is_no_change(town: Tables) -> None:
    new = edited(town, "statements", "one/s1", start=25, end=36)
    new = edited(new, "articles", "one", text_sha256="1" * 64)
    assert told(town, new) == []
    recoded = edited(new, "statements", "one/s1", stance=0.0)
    assert [row[2:5] for row in told(town, recoded)] == [("revised", "recoding", "stance")]


def test_a_quote_that_differs_because_the_text_was_edited(town: Tables) -> None:
    new = edited(town, "statements", "one/s1", quote="Bob said: no", end=32)
    assert told(town, new)[0][3:] == ("recoding", "quote", "quote “Bob said no”", "quote “Bob said: no”")
    new = edited(new, "articles", "one", text_sha256="1" * 64)
    assert told(town, new)[0][2:5] == ("revised", "article revised", "quote")


def test_a_date_taken_from_the_article_differs_because_of_it(town: Tables) -> None:
    day = dt.datetime(2024, 6, 1)
    new = edited(town, "statements", "two/s2", date_start=day, date_end=day)
    assert told(town, new)[0][3:] == ("recoding", "date", "date 2024-05-28", "date 2024-06-01")
    new = edited(new, "articles", "two", published_start=day, published_end=day)
    assert told(town, new)[0][2:5] == ("revised", "article revised", "date")
    assert changes.articles(town, new)[["fields", "before", "after"]].to_numpy().tolist() == [
        ["published", "published 2024-05-28", "published 2024-06-01"]
    ]


def test_a_text_that_is_withheld_now_is_no_change_but_a_moved_span_in_it_is(town: Tables) -> None:
    dark = replace(town, statements=town.statements.assign(quote=pd.Series([None] * 3, dtype="str")))
    dark = replace(dark, articles=dark.articles.assign(has_text=True))
    assert told(town, dark) == told(dark, town) == []
    assert changes.articles(town, dark).empty
    moved = edited(dark, "statements", "one/s1", start=21)
    assert told(dark, moved)[0][2:] == ("revised", "recoding", "span", "span 20–31", "span 21–31")
    assert told(town, moved)[0][4] == "span"
    assert told(dark, edited(moved, "articles", "one", text_sha256="1" * 64)) == []


def test_an_actor_spelt_anew_is_the_codebooks_doing(town: Tables) -> None:
    new = edited(town, "actors", "bob", actor_id="bob-roe")
    new = edited(new, "statements", "one/s1", speaker_id="bob-roe")
    new = replace(new, event_actors=new.event_actors.replace({"actor_id": {"bob": "bob-roe"}}))
    assert [row[:5] for row in told(town, new)] == [
        ("statement", "one/s1", "revised", "codebook", "speaker"),
        ("event", "e1", "revised", "codebook", "recipients"),
    ]
    book = changes.codebook(town, new)
    assert book[["kind", "id", "change", "fields", "before", "after", "name"]].to_numpy().tolist() == [
        ["actor", "bob-roe", "changed", "id", "id bob", "id bob-roe", "Bob"]
    ]
    recoded = edited(new, "statements", "one/s1", stance=0.5)
    assert told(town, recoded)[0][3:5] == ("recoding", "stance, speaker")


def test_an_organisation_that_follows_the_speakers_is_the_codebooks_doing(town: Tables) -> None:
    old = edited(town, "actors", "ann", organisation_id="ministry")
    union = schema.frame("actors", [{"actor_id": "union", "name": "Union", "kind": "organisation"}])
    new = replace(old, actors=pd.concat([old.actors, union], ignore_index=True))
    coded = edited(new, "statements", "one/s0", organisation_id="union")
    assert told(old, coded)[0][2:5] == ("revised", "recoding", "organisation")
    moved = edited(coded, "actors", "ann", organisation_id="union")
    assert told(old, moved)[0][2:] == (
        "revised", "codebook", "organisation", "organisation Ministry", "organisation Union"
    )  # fmt: skip
    assert told(old, edited(moved, "statements", "one/s0", stance=0.0))[0][3] == "recoding"
    book = changes.codebook(old, moved)
    assert book[["id", "change", "fields"]].to_numpy().tolist() == [
        ["union", "new", ""],
        ["ann", "changed", "organisation"],
    ]


def test_the_codebook_tells_actors_and_issues_from_recodings(town: Tables) -> None:
    new = edited(edited(town, "actors", "ann", name="Ann Lee", country="XA"), "issues", "toll", proposition="No toll!")
    new = without(new, "actors", "actor_id", "bob")
    assert changes.codebook(town, new)[["kind", "id", "change", "fields", "before", "after"]].to_numpy().tolist() == [
        ["actor", "ann", "changed", "name, country", "name “Ann”; country none", "name “Ann Lee”; country XA"],
        ["actor", "bob", "gone", "", "", ""],
        ["issue", "toll", "changed", "proposition", "proposition “toll”", "proposition “No toll!”"],
    ]
    assert told(town, edited(town, "actors", "ann", name="Ann Lee")) == []


def test_an_organisation_spelt_anew_does_not_change_its_members(town: Tables) -> None:
    old = edited(town, "actors", "ann", organisation_id="ministry")
    new = edited(edited(old, "actors", "ministry", actor_id="min"), "actors", "ann", organisation_id="min")
    new = edited(new, "statements", "one/s0", organisation_id="min")
    assert changes.codebook(old, new)[["id", "fields"]].to_numpy().tolist() == [["min", "id"]]
    assert told(old, new)[0][3:5] == ("codebook", "organisation")


def test_an_event_and_its_mention_are_told(town: Tables) -> None:
    old = replace(town, **{name: getattr(town, name).iloc[:0] for name in ("events", "event_actors", "mentions")})
    found = changes.evidence(old, town)
    assert found[SHORT].to_numpy().tolist() == [
        ["mention", "one/e1~0", "new", "recoding", "", "", ""],
        ["event", "e1", "new", "recoding", "", "", "type CONSULT"],
    ]
    row = found.iloc[0]
    assert (row["event"], row["date_precision"], row["article_id"]) == ("Talks", "month", "one")
    revised = edited(town, "events", "e1", status="planned", place="Town")
    assert told(town, revised)[0][2:] == (
        "revised", "recoding", "status, place", "status occurred; place none", "status planned; place Town"
    )  # fmt: skip


def test_an_event_changes_because_of_a_new_article_or_of_the_codebook(town: Tables) -> None:
    quad = edited(town, "events", "e1", quad_class="material_cooperation")
    assert told(town, quad)[0][3:5] == ("codebook", "quad class")
    assert told(town, edited(quad, "events", "e1", type="AID"))[0][3:5] == ("recoding", "type, quad class")
    mention = schema.frame("mentions", [{"mention_id": "new/e1", "event_id": "e1", "article_id": "new",
                                         "coder_id": "main", "start": 0, "end": 1}])  # fmt: skip
    article = town.articles.iloc[:1].assign(article_id="new", title="new")
    new = replace(edited(town, "events", "e1", place="Town"), mentions=pd.concat([town.mentions, mention]),
                  articles=pd.concat([town.articles, article]))  # fmt: skip
    assert [row[:4] for row in told(town, new)] == [
        ("mention", "new/e1", "new", "new article"), ("event", "e1", "revised", "new article")
    ]  # fmt: skip
    assert [row[3] for row in told(new, town)] == ["article withdrawn", "article withdrawn"]


def test_an_event_under_another_id_is_the_same_with_its_mentions(town: Tables) -> None:
    new = edited(town, "events", "e1", event_id="talks")
    spelt = {name: getattr(new, name).replace({"event_id": {"e1": "talks"}}) for name in ("mentions", "event_actors")}
    new = edited(replace(new, **spelt), "mentions", "one/e1~0", mention_id="one/talks")
    assert told(town, new) == []


def test_an_article_under_another_name_is_the_same_article(town: Tables) -> None:
    new = edited(town, "articles", "two", article_id="zwei")
    new = edited(new, "statements", "two/s2", article_id="zwei", statement_id="zwei/s2")
    assert told(town, new) == []
    assert changes.articles(town, new)[["article_id", "change", "fields", "before", "after"]].to_numpy().tolist() == [
        ["zwei", "revised", "id", "id two", "id zwei"]
    ]


def test_a_revised_article_says_in_what(town: Tables) -> None:
    new = edited(town, "articles", "one", text_sha256="abcdef0123", n_chars=1200, origin_id="wire", title="One!")
    assert changes.articles(town, new)[["fields", "before", "after"]].to_numpy().tolist() == [
        ["text, origin, title", "text 00000000 (10 characters); origin none; title “one”",
         "text abcdef01 (1,200 characters); origin wire; title “One!”"]
    ]  # fmt: skip


def test_a_copy_is_told_as_one() -> None:
    one, two = said("one", "ann", "bridge", 1.0, gloss="a"), said("two", "ann", "bridge", 1.0, gloss="b")
    old, new = tables([one]), tables([one, two], origins={"two": "wire", "one": "wire"}, published={"two": "2024-06"})
    found = changes.evidence(old, new)
    assert found[["id", "is_copy"]].to_numpy().tolist() == [["two/s1", True]]
    assert changes.articles(old, new)[["article_id", "is_copy"]].to_numpy().tolist() == [["two", True], ["one", False]]
    summary = changes.compare(old, new)
    assert summary.sentence() == "1 new statement from 1 new article (1 of them a copy); 1 article revised."


def test_what_entered_or_left_the_selection_is_told_as_that(town: Tables) -> None:
    union = schema.frame("actors", [{"actor_id": "union", "name": "Union", "kind": "organisation"}])
    old = replace(town, actors=pd.concat([town.actors, union], ignore_index=True))
    new = edited(old, "statements", "one/s1", organisation_id="union")
    sides = [select(each, actors=["union"]) for each in (old, new)]
    assert told(*sides, whole=(old, new)) == [
        ("statement", "one/s1", "new", "selection", "organisation", "organisation none", "organisation Union")
    ]
    assert told(*reversed(sides), whole=(new, old))[0][:5] == (
        "statement", "one/s1", "withdrawn", "selection", "organisation"
    )  # fmt: skip
    assert told(*sides)[0][2:4] == ("new", "recoding")
    assert told(select(old, actors=["ann"]), select(old, actors=["bob"]), whole=(old, old)) == [
        ("statement", "one/s1", "new", "selection", "", "", ""),
        ("statement", "one/s0", "withdrawn", "selection", "", "", ""),
        ("statement", "two/s2", "withdrawn", "selection", "", "", ""),
    ]
    assert changes.compare(*sides, whole=(old, new)).sentence() == "1 statement entered the selection."


def test_a_selection_of_another_corpus_is_refused(town: Tables) -> None:
    whole = without(town, "statements", "statement_id", "one/s1")
    with pytest.raises(ParameterError, match=r"^statements: 'one/s1' is in the selection and not in the whole corpus"):
        changes.evidence(town, town, whole=(town, whole))


def test_tables_of_an_older_version_are_compared_in_what_both_have(town: Tables) -> None:
    older = town.statements.drop(columns=["certainty", "condition", "is_mixed", "date_precision"])
    older = older.astype({"stance": object, "speaker_id": "category", "start": "int32", "date_start": "datetime64[ns]"})
    older = older.assign(date_end=older["date_end"].dt.strftime("%Y-%m-%d"), quote=older["quote"].fillna(""))
    articles = town.articles.drop(columns=["text_sha256", "origin_id"]).assign(has_text="no")
    old = replace(town, statements=older, articles=articles, actors=town.actors[["actor_id", "kind"]])
    new = edited(town, "statements", "one/s0", stance=-1.0, certainty="possible")
    for some, other in ((old, new), (new, old)):
        found = changes.compare(some, other)
        assert found.evidence[["id", "change", "because", "fields"]].to_numpy().tolist() == [
            ["one/s0", "revised", "recoding", "stance"]
        ]
        assert found.articles.empty
        assert found.codebook.empty
        assert json.dumps(found.as_json())


@pytest.mark.parametrize("names", [*zip(schema.NAMES, schema.NAMES[3:] + schema.NAMES[:3], strict=True)], ids="-".join)
def test_a_table_without_columns_tells_nothing_and_breaks_nothing(town: Tables, names: tuple[str, str]) -> None:
    """In the old state one table, and another one in the new state."""
    summary = changes.compare(*(replace(town, **{name: pd.DataFrame(index=range(2))}) for name in names))
    assert summary.counts["statement"] == {}
    assert changes.block(summary)
    assert json.dumps(summary.as_json(), allow_nan=False)


def test_tables_without_columns_on_both_sides_tell_nothing() -> None:
    bare = Tables(**{name: pd.DataFrame(index=range(2)) for name in schema.NAMES})
    assert changes.compare(bare, bare).is_empty


SILENCING = [  # without these nothing else of a table is looked at
    [("articles", "article_id"), ("statements", "statement_id"), ("events", "event_id")],
    [("issues", "issue_id"), ("statements", "article_id"), ("mentions", "mention_id")],
    [("actors", "actor_id"), ("mentions", "article_id")],
]


def missing(n: int = 4) -> list[list[tuple[str, str]]]:
    """Columns by table, to be left out together: silencing ones, and all others in turn, so that few are related."""
    found: list[list[tuple[str, str]]] = [[] for _ in range(n)]
    silencing = {each for some in SILENCING for each in some}
    for first, name in enumerate(schema.NAMES):
        others = [column for column in schema.CONTRACTS[name][1] if (name, column) not in silencing]
        for at, column in enumerate(others, first):
            found[at % n].append((name, column))
    return SILENCING + found


@pytest.fixture(scope="module")
def busy() -> tuple[Tables, Tables]:
    """Two states with something new, revised in two fields or more, and withdrawn of every kind."""
    kept = said("one", "ann", "bridge", 1.0, quote="Ann said yes", gloss="She agrees.", organisation_id="ministry")
    gone = said("one", "bob", "toll", -0.5, quote="Bob said no", statement_id="one/gone")
    old = tables(
        [kept, gone, said("gone", "bob", "toll", 0.5, quote="x")],
        [happened("e1", "2024-05", label="Talks"), happened("gone", "2023", label="A walk")],
        roles=[("e1", "ann", "actor"), ("gone", "bob", "recipient")],
        mentions=[("e1", "one"), ("gone", "gone")],
        published={"gone": "2023"},
    )
    old = edited(edited(old, "mentions", "gone/gone~1", quote="walked"), "mentions", "one/e1~0", quote="talked")
    new = tables(
        [kept | {"stance": None, "is_mixed": True, "certainty": "possible", "condition": "if"},
         said("one", "eve", "fee", 1.0, quote="Eve", statement_id="one/new"),
         said("new", "eve", "fee", 1.0, quote="y")],
        [happened("e1", "2024-05", label="Talks", place="Town", status="planned", type="AID", mode="visit"),
         happened("new", "2025", label="A run")],
        roles=[("e1", "ann", "recipient"), ("new", "eve", "actor")],
        mentions=[("e1", "one"), ("new", "new")],
        published={"new": "2025"},
    )  # fmt: skip
    new = edited(new, "mentions", "one/e1~0", gloss="They talked.", coder_id="eve", quote="talks")
    new = edited(edited(new, "actors", "ann", name="Ann Lee", country="XA"), "mentions", "new/new~1", quote="ran")
    new = edited(edited(new, "articles", "new", text_sha256="2" * 64), "articles", "one", text_sha256="1" * 64)
    old = edited(old, "articles", "gone", text_sha256="3" * 64)
    return old, edited(new, "articles", "one", title="One", outlet="Bell")


def rows(summary: changes.Summary) -> set[tuple[str, ...]]:
    """Kind, id, change and fields of all that is told but the codebook."""
    articles = summary.articles.assign(kind="article", id=summary.articles["article_id"])
    both = pd.concat([summary.evidence, articles])
    return set(both[["kind", "id", "change", "fields"]].itertuples(index=False, name=None))


REVISED = {
    ("statement", "one/s0"): ["stance", "certainty", "condition"],
    ("mention", "one/e1~0"): ["quote", "gloss", "coder"],
    ("event", "e1"): ["type", "mode", "status", "place", "actors", "recipients"],
    ("article", "one"): ["text", "title", "outlet"],
}
OTHER = {
    ("statement", "one/gone", "withdrawn"), ("statement", "gone/s2", "withdrawn"), ("statement", "one/new", "new"),
    ("statement", "new/s2", "new"), ("mention", "gone/gone~1", "withdrawn"), ("mention", "new/new~1", "new"),
    ("event", "gone", "withdrawn"), ("event", "new", "new"),
    ("article", "gone", "withdrawn"), ("article", "new", "new"),
}  # fmt: skip
KEYS = {("statements", "article_id"): "statement", ("mentions", "article_id"): "mention"} | {
    (f"{kind}s", f"{kind}_id"): kind for kind in ("statement", "mention", "event", "article")
}
UNHEARD = {
    ("mentions", "coder_id"): ["coder"], ("articles", "text_sha256"): ["text"],
    ("statements", "stance"): [], ("statements", "is_mixed"): [],
    **{("event_actors", column): ["actors", "recipients"] for column in schema.CONTRACTS["event_actors"][1]},
}  # fmt: skip


@pytest.mark.parametrize("columns", [[], *missing()], ids=str)
def test_without_a_column_of_an_older_version_all_else_is_told(
    busy: tuple[Tables, Tables], columns: list[tuple[str, str]]
) -> None:
    old, new = busy
    for name, column in columns:
        old = replace(old, **{name: getattr(old, name).drop(columns=column)})
    found = changes.compare(old, new)
    silent = {KEYS.get(each) for each in columns}
    unheard = {(each[0], field) for each in columns for field in UNHEARD.get(each, [each[1]])}
    unheard |= {("events", field) for name, field in unheard if name == "event_actors"}
    told = {(kind, name): [field for field in fields if (f"{kind}s", field) not in unheard]
            for (kind, name), fields in REVISED.items()}  # fmt: skip
    expected = {(*key, "revised", ", ".join(fields)) for key, fields in told.items()} | {(*row, "") for row in OTHER}
    assert rows(found) == {row for row in expected if row[0] not in silent}
    short = found.evidence.set_index("id")[["before", "after"]]
    if "statement" not in silent:
        stance = "none" if ("statements", "stance") in columns else "−0.5"
        assert short.loc["one/gone"].tolist() == [f"stance {stance}", ""]
    if "event" not in silent:
        assert short.loc["gone", "before"] == f"type {'none' if ('events', 'type') in columns else 'CONSULT'}"


# What is told of cells.
CELL = {"actor": "ann", "issue_id": "toll", "state": "support", "stance": 0.5, "n_articles": 4, "ci_low": 0.1}


def cells(*rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame([CELL | row for row in rows], columns=list(CELL))


HOW = [
    ([], [{}], "new"),
    ([{}], [], "emptied"),
    ([{}], [{"state": "oppose", "stance": -0.5}], "flipped"),
    ([{"state": "oppose", "stance": -0.1}], [{"stance": 0.1}], "flipped"),
    ([{}], [{"state": "neutral", "stance": 0.0}], "moved"),
    ([{"state": "mixed", "stance": None}], [{}], "moved"),
    ([{"state": "mixed", "stance": None}], [{"state": "mixed", "stance": 0.0}], None),
    ([{}], [{"stance": 0.75}], "moved"),
    ([{"stance": 0.1 + 0.2}], [{"stance": 0.55}], "moved"),
    ([{}], [{"stance": 0.74}], None),
    ([{"n_articles": 3}], [{"n_articles": 2, "ci_low": None}], "thinned"),
    ([{"n_articles": 3, "ci_low": None}], [{"n_articles": 2, "ci_low": None}], "thinned"),
    ([{}], [{"n_articles": 3, "ci_low": None}], "thinned"),
    ([{}], [{"ci_low": None}], "thinned"),
    ([{"n_articles": 5}], [{"n_articles": 3}], None),
    ([{"n_articles": 2, "ci_low": None}], [{"n_articles": 1, "ci_low": None}], None),
    ([{"n_articles": 2, "ci_low": None}], [{"n_articles": 3}], "firmed"),
    ([{"n_articles": 2, "ci_low": None}], [{"n_articles": 3, "ci_low": None}], "firmed"),
    ([{"n_articles": 3, "ci_low": None}], [{"n_articles": 4}], "firmed"),
    ([{"n_articles": 3}], [{"n_articles": 9}], None),
    ([{}], [{}], None),
    ([], [], None),
]


def test_how_a_cell_changed() -> None:
    """One actor for each line of the list."""
    before, after = (
        cells(*(row | {"actor": f"a{at:02}"} for at, case in enumerate(HOW) for row in case[side])) for side in (0, 1)
    )
    found = changes.cells(before, after).set_index("actor")["change"].to_dict()
    assert [found.get(f"a{at:02}") for at in range(len(HOW))] == [case[2] for case in HOW]
    assert standings.LEAST == LEAST


def test_changed_cells_are_sorted_by_strength_and_carry_both_sides() -> None:
    old = cells({"actor": "a"}, {"actor": "b"}, {"actor": "c"}, {"actor": "d", "n_articles": 2, "ci_low": None},
                {"actor": "e"}, {"actor": "f", "n_articles": 9})  # fmt: skip
    new = cells({"actor": "b", "state": "oppose", "stance": -0.5}, {"actor": "c", "stance": 1.0}, {"actor": "d"},
                {"actor": "e", "stance": 0.9}, {"actor": "f", "stance": 1.0},
                {"actor": "g", "n_articles": 1})  # fmt: skip
    found = changes.cells(old, new)
    assert found[["actor", "change"]].to_numpy().tolist() == [
        ["b", "flipped"], ["g", "new"], ["a", "emptied"], ["f", "moved"], ["c", "moved"],
        ["e", "moved"], ["d", "firmed"]
    ]  # fmt: skip
    assert found.iloc[0].to_dict() == {
        "actor": "b", "issue_id": "toll", "change": "flipped", "state_before": "support", "state_after": "oppose",
        "stance_before": 0.5, "stance_after": -0.5, "n_articles_before": 4, "n_articles_after": 4,
    }  # fmt: skip
    assert found.iloc[1]["n_articles_before"] == 0
    assert pd.isna(found.iloc[1]["state_before"])


def test_cells_of_an_older_version_are_compared_in_what_both_have() -> None:
    old = cells({}, {"actor": "bob"}).drop(columns=["ci_low", "n_articles"])
    new = cells({"n_articles": 1, "ci_low": None}, {"actor": "bob", "stance": -1.0, "state": "oppose"})
    assert changes.cells(old, new)[["actor", "change"]].to_numpy().tolist() == [["bob", "flipped"]]


def test_cells_of_an_actor_spelt_anew_are_the_same_cells(town: Tables) -> None:
    new = edited(edited(town, "actors", "bob", actor_id="rob"), "statements", "one/s1", speaker_id="rob")
    new = replace(new, event_actors=new.event_actors.replace({"actor_id": {"bob": "rob"}}))
    assert changes.compare(town, new, cells=(stance_cells(town), stance_cells(new))).cells.empty


# The summary.
def test_the_sentence_counts_and_names(town: Tables) -> None:
    one = said("three", "bob", "bridge", 1.0)
    new = edited(town, "statements", "one/s0", stance=-1.0)
    more = tables([one, one | {"issue_id": "toll"}], published={"three": "2024-07-01"})
    new = replace(new, statements=pd.concat([new.statements, more.statements], ignore_index=True),
                  articles=pd.concat([new.articles, more.articles], ignore_index=True))  # fmt: skip
    summary = changes.compare(town, new, cells=(stance_cells(town), stance_cells(new)))
    assert summary.sentence() == (
        "2 new statements from 1 new article, 1 revised; 1 cell is new, 2 flipped: "
        "Ann on bridge, support → oppose; Bob on toll, oppose → support."
    )
    assert summary.counts == {
        "statement": {"new": 2, "revised": 1}, "mention": {}, "event": {}, "article": {"new": 1}, "actor": {},
        "issue": {}, "cell": {"flipped": 2, "new": 1},
    }  # fmt: skip
    assert changes.compare(new, town).sentence() == "1 statement revised, 2 withdrawn; 1 article withdrawn."


def test_the_sentence_on_everything_else(town: Tables) -> None:
    def sentence(new: Tables) -> str:
        return changes.compare(town, new).sentence()

    assert sentence(edited(town, "actors", "ann", name="x")) == "In the codebook 1 actor changed."
    revised = edited(edited(town, "events", "e1", place="x"), "articles", "one", title="x")
    assert sentence(revised) == "1 event revised; 1 article revised."
    empty = replace(town, **{name: getattr(town, name).iloc[:0] for name in ("events", "event_actors", "mentions")})
    assert sentence(empty) == "1 event withdrawn; 1 mention withdrawn."
    silent = town.articles.iloc[:1].assign(article_id="quiet", text_sha256="1" * 64)
    more = changes.compare(empty, replace(town, articles=pd.concat([town.articles, silent])))
    assert more.sentence() == "1 new event; 1 new mention; 1 new article without coding."
    renamed = edited(edited(town, "issues", "toll", issue_id="fee"), "statements", "one/s1", issue_id="fee")
    renamed = edited(renamed, "statements", "two/s2", issue_id="fee")
    assert sentence(renamed) == "2 statements revised by the codebook; in the codebook 1 issue changed."
    assert sentence(edited(renamed, "statements", "one/s1", stance=1.0)) == (
        "2 statements revised (1 by the codebook); in the codebook 1 issue changed."
    )


def test_the_summary_as_json_is_plain_and_the_same_each_time(town: Tables) -> None:
    new = edited(town, "statements", "one/s0", stance=-1.0)
    made = [changes.compare(town, new, cells=(stance_cells(town), stance_cells(new))).as_json() for _ in range(2)]
    texts = [json.dumps(each, allow_nan=False) for each in made]
    assert texts[0] == texts[1]
    assert list(made[0]) == ["sentence", "counts", "names", "cells", "evidence", "articles", "codebook"]
    row = made[0]["evidence"][0]
    assert row["date_start"] == "2024-05-28"
    assert row["event"] is None
    assert row["is_copy"] is False
    (cell,) = made[0]["cells"]
    assert [cell[name] for name in ("actor", "issue_id", "change")] == ["ann", "bridge", "flipped"]
    assert (cell["stance_before"], cell["stance_after"]) == (1.0, -1.0)


# Known edits of drawn corpora: many small towns in one corpus, each with articles and people of its own.
def drawn(rng: random.Random, town: str) -> list[dict[str, Any]]:
    """Some articles with glossed and quoted statements of their own, each at a passage of its own."""
    return [
        said(f"{town}-a{article}", f"{town}-{rng.choice('pqrs')}", rng.choice("xyz"),
             rng.choice([1.0, 0.5, 0.0, -0.5, -1.0, None]),
             quote=f"words {article} {at}" if article % 3 else None, gloss=rng.choice([f"gloss {article} {at}", None]),
             start=at * 10, end=at * 10 + 5, statement_id=f"{town}-a{article}/s{at}",
             certainty=rng.choice(["certain", "possible"]), coder_id=f"c{article % 2}")
        for article in range(8)
        for at in range(rng.randrange(1, 6))
    ]  # fmt: skip


def drop(corpus: Tables, article: str) -> Tables:
    return without(without(corpus, "articles", "article_id", article), "statements", "article_id", article)


@dataclass
class Edits:
    """Two states of a corpus, and what is expected to be told of them."""

    old: Tables
    new: Tables
    statements: set[tuple[str, str, str]] = field(default_factory=set)
    articles: set[tuple[str, str]] = field(default_factory=set)
    actors: list[list[str]] = field(default_factory=list)

    def apply(self, rng: random.Random, town: str) -> None:
        """Edit one town in every way; the ids of its five articles are drawn."""
        of_town = sorted(name for name in set(self.old.articles["article_id"]) if name.startswith(f"{town}-"))
        gone, added, moved, numbered, recoded = rng.sample(of_town, 5)
        ids = self.old.statements.groupby("article_id")["statement_id"].agg(list)
        self.statements |= {(each, "withdrawn", "article withdrawn") for each in ids[gone]}
        self.statements |= {(each, "new", "new article") for each in ids[added]}
        self.articles |= {(gone, "withdrawn"), (added, "new"), (moved, "revised")}
        self.old, self.new = drop(self.old, added), drop(self.new, gone)
        rows = self.new.statements.copy()
        rows.loc[rows["article_id"] == moved, ["start", "end"]] += rng.randrange(1, 9)
        fresh = [f"{numbered}/n{at}" for at in rng.sample(range(50), len(ids[numbered]))]
        rows.loc[rows["article_id"] == numbered, "statement_id"] = fresh
        one = rows["statement_id"] == rng.choice(ids[recoded])
        was = rows.loc[one, "stance"].iloc[0]
        rows.loc[one, "stance"] = rng.choice([value for value in (1.0, 0.5, 0.0, -0.5, -1.0) if value != was])
        rows.loc[one, "is_mixed"] = False
        self.statements.add((rows.loc[one, "statement_id"].iloc[0], "revised", "recoding"))
        name = rng.choice(sorted(each for each in set(self.new.actors["actor_id"]) if each.startswith(f"{town}-")))
        self.actors.append([name, "changed", "name"])
        self.new = edited(replace(self.new, statements=rows), "articles", moved, text_sha256="f" * 64)
        self.new = edited(self.new, "actors", name, name="Another Name")


@pytest.mark.parametrize("seed", range(2))
def test_exactly_the_known_edits_of_a_drawn_corpus_are_told(seed: int) -> None:
    rng, towns = random.Random(seed), [f"t{at:02}" for at in range(8)]  # noqa: S311  # no secret
    made = tables([row for town in towns for row in drawn(rng, town)], is_checked=False)
    edits = Edits(made, made)
    for town in towns:
        edits.apply(rng, town)
    new = replace(edits.new, statements=edits.new.statements.sample(frac=1, random_state=seed).reset_index(drop=True))
    found = changes.compare(edits.old, new)
    told = found.evidence[["id", "change", "because"]]
    assert sorted(told.itertuples(index=False, name=None)) == sorted(edits.statements)
    assert set(found.articles[["article_id", "change"]].itertuples(index=False, name=None)) == edits.articles
    assert sorted(found.codebook[["id", "change", "fields"]].to_numpy().tolist()) == edits.actors
    assert len(changes.evidence(new, edits.old)) == len(edits.statements)


def test_exactly_the_known_edits_of_one_small_town_are_told() -> None:
    rng = random.Random(16)  # noqa: S311  # no secret
    made = tables(drawn(rng, "t"), is_checked=False)
    edits = Edits(made, made)
    edits.apply(rng, "t")
    found = changes.evidence(edits.old, edits.new)
    assert sorted(found[["id", "change", "because"]].itertuples(index=False, name=None)) == sorted(edits.statements)
