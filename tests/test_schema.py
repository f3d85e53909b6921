from dataclasses import replace

import pandas as pd
import pytest
from corpus_builder import happened, said, tables

from analysis import schema
from analysis.errors import CorpusError

TOWN = tables(
    [said("x", "ann", "bridge", 1), said("y", "bob", "toll", 0)],
    [happened("talks", "2024-03")],
    roles=[("talks", "ann", "actor")],
    mentions=[("talks", "x")],
)


@pytest.mark.parametrize("name", schema.NAMES)
def test_a_table_has_its_columns_and_types_whatever_the_number_of_rows(name: str) -> None:
    empty = schema.frame(name, [])
    assert len(empty) == 0
    assert list(empty) == list(getattr(TOWN, name)) == list(schema.CONTRACTS[name][1])
    pd.testing.assert_series_equal(empty.dtypes, getattr(TOWN, name).dtypes)


def test_tables_without_a_row_keep_the_contract() -> None:
    schema.check(schema.Tables(**{name: schema.frame(name, []) for name in schema.NAMES}))


def test_only_none_is_missing_and_na_is_a_name() -> None:
    rows = [{"actor_id": "NA", "name": "nan", "kind": "person", "role": "", "country": None}]
    assert schema.frame("actors", rows).isna().iloc[0].tolist() == [False, False, False, True, False, True]


@pytest.mark.parametrize(
    ("table", "changes", "message"),
    [
        (
            "statements",
            {"stance": 0.3},
            r"statements: column stance: \[0.3, 0.3\] in 2 rows\n    expected: isin\(\(1.0, ",
        ),
        ("statements", {"certainty": "sure"}, r"statements: column certainty: \['sure', 'sure'\] in 2 rows"),
        ("statements", {"speaker_id": "zed"}, "statements: speaker_id 'zed' is not in actors"),
        ("statements", {"article_id": "zed"}, "statements: article_id 'zed' is not in articles"),
        ("statements", {"issue_id": "zed"}, "statements: issue_id 'zed' is not in issues"),
        ("statements", {"organisation_id": "zed"}, "statements: organisation_id 'zed' is not in actors"),
        ("actors", {"organisation_id": "zed"}, "actors: organisation_id 'zed' is not in actors"),
        ("mentions", {"event_id": "zed"}, "mentions: event_id 'zed' is not in events"),
        ("event_actors", {"actor_id": "zed"}, "event_actors: actor_id 'zed' is not in actors"),
        ("events", {"quad_class": "war"}, r"events: column quad_class: \['war'\] in 1 rows"),
        ("articles", {"title": 1}, r"articles: column title is dtype\('int64'\)\n    expected: str"),
        ("articles", {"n_chars": 1.0}, r"articles: column n_chars is dtype\('float64'\)\n    expected: int64"),
        ("articles", {"extra": 1}, r"articles: the columns: \['extra'\] in 1 rows\n    expected: column_in_schema"),
        ("statements", {"statement_id": "s"}, r"statements: column statement_id: \['s', 's'\] in 2 rows"),
    ],
)
def test_a_broken_contract_is_told_by_table_and_column(table: str, changes: dict[str, object], message: str) -> None:
    changed = getattr(TOWN, table).assign(**changes)
    if changes.keys() <= set(schema.CONTRACTS[table][1]) and isinstance(next(iter(changes.values())), str):
        changed = changed.astype(getattr(TOWN, table).dtypes)
    with pytest.raises(CorpusError, match=f"^{message}"):
        schema.check(replace(TOWN, **{table: changed}))


def test_a_missing_column_and_a_missing_value_are_told() -> None:
    with pytest.raises(CorpusError, match=r"^statements: the columns: \['gloss'\] in 1 rows"):
        schema.check(replace(TOWN, statements=TOWN.statements.drop(columns="gloss")))
    hidden = TOWN.articles.assign(title=pd.Series([None, "y"], dtype="str"))
    with pytest.raises(CorpusError, match=r"^articles: column title: .* in 1 rows\n    expected: not_nullable$"):
        schema.check(replace(TOWN, articles=hidden))


def test_rows_that_stand_twice_are_told_even_with_their_old_index() -> None:
    with pytest.raises(
        CorpusError, match=r"^articles: column article_id: \[.*\] in 4 rows\n    expected: multiple_fields"
    ):
        schema.check(replace(TOWN, articles=pd.concat([TOWN.articles] * 2)))


def test_all_failures_come_at_once_with_at_most_five_rows_of_each() -> None:
    many = tables([said("x", "ann", "bridge", 1) for _ in range(9)])
    broken = many.statements.assign(stance=0.3, certainty="sure").astype(many.statements.dtypes)
    with pytest.raises(CorpusError) as error:
        schema.check(replace(many, statements=broken, articles=many.articles.iloc[:0]))
    assert [problem.found for problem in error.value.problems] == [
        "article_id 'x' is not in articles",
        "column certainty: ['sure', 'sure', 'sure', 'sure', 'sure'] in 9 rows",
        "column stance: [0.3, 0.3, 0.3, 0.3, 0.3] in 9 rows",
    ]


def test_the_documentation_names_every_column_with_type_and_meaning() -> None:
    text = schema.describe()
    for name, (key, columns) in schema.CONTRACTS.items():
        section = text.split(f"## {name}\n")[1].split("\n## ")[0]
        assert "Key: " + ", ".join(f"`{column}`" for column in key) in section
        assert [line.split(" | ")[0] for line in section.splitlines() if line.startswith("| ")][1:] == [
            f"| {column}" for column in columns
        ]
    assert (
        "| stance | float64 | yes | +1 support to −1 opposition; empty when mixed | 1 · 0.5 · 0 · -0.5 · -1 |" in text
    )


def test_tables_tell_their_sizes() -> None:
    assert repr(TOWN) == (
        "Tables(articles: 2, actors: 2, issues: 2, statements: 2, events: 1, event_actors: 1, mentions: 1)"
    )
