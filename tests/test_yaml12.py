import pytest

from analysis import yaml12
from analysis.errors import CorpusError


def test_every_scalar_is_a_text_and_no_is_a_word() -> None:
    text = "a: no\nb: 1.0\nc: 2024-05-28\nd: 0x10\ne: [yes, on, 1e3]\nf: 12:30:45\ng: 007\n"
    assert yaml12.load(text, "f") == {
        "a": "no",
        "b": "1.0",
        "c": "2024-05-28",
        "d": "0x10",
        "e": ["yes", "on", "1e3"],
        "f": "12:30:45",
        "g": "007",
    }


def test_only_an_empty_value_is_missing() -> None:
    text = "a:\nb: ~\nc: null\nd: 'null'\ne: \"\"\nf: NA\ng: nan\nh: None\n"
    assert yaml12.load(text, "f") == {
        "a": None,
        "b": None,
        "c": None,
        "d": "null",
        "e": "",
        "f": "NA",
        "g": "nan",
        "h": "None",
    }


def test_records_know_their_lines_from_wherever_the_text_begins() -> None:
    record = yaml12.load("\na: 1\nb:\n  - c: 2\n    d: 3\n", "f", first_line=10)
    assert (record.line, record.lines) == (11, {"a": 11, "b": 12})
    assert (record["b"][0].line, record["b"][0].lines) == (13, {"c": 13, "d": 14})


def test_an_empty_text_is_an_empty_record_with_a_line() -> None:
    record = yaml12.load("# nothing\n", "f", first_line=2)
    assert (record, record.line, record.lines) == ({}, 2, {})


def test_signs_of_anchors_inside_texts_are_only_signs() -> None:
    assert yaml12.load("a: B & C * D\nb: '*x'\nc: \"&y\"\n", "f") == {"a": "B & C * D", "b": "*x", "c": "&y"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", "^f:3: the key 'a' stands on line 1 already\n    next: keep one of the two$"),
        ("x: {a: 1, a: 2}\n", "^f:1: the key 'a' stands on line 1 already"),
        ("a: &x 1\n", "^f:1: YAML anchors and aliases are not allowed\n    next: write it out$"),
        ("a: !!python/object:os.system ls\n", "^f:1: the tag '.*os.system' is not allowed\n    expected: plain text, "),
        ("a: !!int 1\n", "^f:1: the tag 'tag:yaml.org,2002:int' is not allowed"),
        ("- a\n", "^f:1: the file holds no mapping\n    expected: lines of the form `key: value`$"),
        ("hello\n", "^f:1: the file holds no mapping"),
        ("a:\n\t- b\n", "^f:2: a tab indents this line\n    expected: spaces\n    next: replace the tab by spaces$"),
        ("a:\n  - b: 1\n\tc: 2\n", "^f:3: a tab indents this line"),
        ("a: he said: no\n", "^f:1: broken YAML: mapping values are not allowed in this context\n    next: check the "),
        ('a: 1\nb: "x\nc: 2\n', "^f:3: broken YAML: .* while scanning a quoted scalar that begins on line 2\n"),
        ("a: 1\n---\nb: 2\n", "^f:2: broken YAML: but found another document"),
        ("é: 1\nü: 2\nb: \x01\n", "^f:3: broken YAML: control char.*\n    next: take the invisible character out$"),
        ("a: 1\n? [b, c]\n: d\n", "^f:2: a list or mapping stands in the place of a key\n    expected: a word$"),
        ("a: " + "[" * 100_000 + "]" * 100_000, "^f:1: this YAML is nested too deeply to be an annotation$"),
        ("a: " + "{a: " * 100_000 + "}" * 100_000, "^f:1: this YAML is nested too deeply"),
        ("- " * 100_000 + "a", "^f:1: this YAML is nested too deeply"),
    ],
    ids=lambda value: value[:20],
)
def test_what_could_mean_something_else_than_it_seems_to_is_refused(text: str, message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        yaml12.load(text, "f")


def test_an_alias_is_told_at_the_anchor_and_where_it_is_used() -> None:
    with pytest.raises(CorpusError) as error:
        yaml12.load("a: &x 1\nb: *x\n", "f")
    assert [(problem.line, problem.found) for problem in error.value.problems] == [
        (1, "YAML anchors and aliases are not allowed"),
        (2, "YAML anchors and aliases are not allowed"),
    ]


def test_many_records_on_one_line_each_are_not_taken_for_deep_nesting() -> None:
    text = "a:\n" + "  - {b: [1], c: {d: 2}}\n" * 500
    assert len(yaml12.load(text, "f")["a"]) == 500


def test_what_is_dumped_reads_back() -> None:
    record = {"a": "null", "b": ("1", "2"), "c": [{"d": "no: #x"}, {"d": ""}], "e": "two\nlines", "f": "- 'x'"}
    assert yaml12.load(yaml12.dump(record), "f") == record | {"b": ["1", "2"]}
    assert "b: ['1', '2']" in yaml12.dump(record) or "b: [1, 2]" in yaml12.dump(record)
