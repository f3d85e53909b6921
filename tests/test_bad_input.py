"""Bad input: for each kind one message that says what, where, what would be right, and the next step."""

import errno
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from corpus_builder import CODEBOOK, CODING, EVENT, FRONT, STATEMENT, TEXT, article, corpus, write

from analysis import codebook, store, tidy
from analysis.errors import CorpusError
from analysis.readers import native

ANN, MD = "data/raw/town/articles/one.ann.yaml", "data/raw/town/articles/one.md"
ACTORS = "expected: one of ann, bob, ministry, union"
DATE = "expected: an ISO 8601 date: 2024, 2024-05, 2024-05-28, or an interval such as 2024-05/2024-12"
STANCES = "expected: one of 1, 0.5, 0, -0.5, -1, mixed"
RECORDS = "expected: a list of records, each `- id: …` and its fields"


def message(folder: Path) -> str:
    with pytest.raises(CorpusError) as error:
        native.read(folder)
    return str(error.value)


def coded(**changes: str | None) -> dict[str, str]:
    """An article with one statement, whose fields are changed or (None) left out."""
    fields = {"id": "s1", "quote": "Ann Lee said yes", "speaker": "ann", "issue": "bridge", "stance": "1"} | changes
    return article("one", coding="statements:\n" + record(fields))


def evented(**changes: str | None) -> dict[str, str]:
    """An article with one event mention, whose fields are changed or (None) left out."""
    fields = {"id": "e1", "quote": "no to the toll", "label": "Talks", "type": "CONSULT", "actors": "[ann, bob]"}
    return article("one", coding="events:\n" + record(fields | {"start": "2024-05"} | changes))


def record(fields: dict[str, str | None]) -> str:
    lines = [f"    {key}: {value}\n" for key, value in fields.items() if value is not None]
    return "  - " + "".join(lines).lstrip()


def withheld(**changes: str) -> dict[str, str]:
    """An article without text and its text-free coding."""
    head = {"text_sha256": "0" * 64, "n_chars": "60"} | changes
    span = head.pop("span", "[0, 16]")
    lines = "".join(f"{key}: {value}\n" for key, value in head.items() if value)
    statement = f"statements:\n  - {{id: s1, span: {span}, speaker: ann, issue: bridge, stance: 1}}\n"
    return article("one", text="", coding=lines + statement)


ONE_MESSAGE = {
    "quote that is not there": (
        coded(quote="Ann Lee said maybe"),
        (
            f"{ANN}:3: statement s1: the quote 'Ann Lee said maybe' is not in the article\n"
            "    next: the nearest passage is 'Ann Lee said yes to'; paste the words as they stand"
        ),
    ),
    "quote with typographic signs for plain ones": (
        coded(quote="“Ann Lee” said yes to the"),
        (
            f"{ANN}:3: statement s1: the quote '“Ann Lee” said yes to the' is not in the article\n"
            "    next: the nearest passage is 'Ann Lee said yes to the bridge.'; paste the words as they stand"
        ),
    ),
    "quote that is like nothing in the text": (
        coded(quote="Zebra quux"),
        f"{ANN}:3: statement s1: the quote 'Zebra quux' is not in the article\n    next: check the article",
    ),
    "quote that stands twice": (
        coded(quote="said"),
        (
            f"{ANN}:3: statement s1: the quote 'said' stands 2 times in the article\n"
            "    expected: one place\n"
            '    next: paste the context of the one you mean, for text line 1: before: "Ann Lee "; '
            'for text line 1: before: "said yes to the bridge. Bob Roe "'
        ),
    ),
    "quote with a wrong before": (
        coded(quote="said", before="'Cid '"),
        (
            f"{ANN}:3: statement s1: the quote is there, but not between this before and after\n"
            "    expected: the exact characters around the quote\n"
            '    next: paste the context of the one you mean, for text line 1: before: "Ann Lee "; '
            'for text line 1: before: "said yes to the bridge. Bob Roe "'
        ),
    ),
    "no quote": (
        coded(quote=None),
        f"{ANN}:2: statement s1: it has no quote\n    next: quote the exact words of the span",
    ),
    "span beside a quote that stands elsewhere": (
        coded(span="[1, 17]"),
        f"{ANN}:3: statement s1: its span [1, 17] is not where its quote stands, [0, 16]\n    next: drop the span",
    ),
    "unknown actor": (
        coded(speaker="an"),
        f"{ANN}:4: statement s1: speaker is 'an'\n    {ACTORS}\n    next: did you mean 'ann'?",
    ),
    "unknown organisation": (
        coded(on_behalf_of="minstry"),
        f"{ANN}:7: statement s1: on_behalf_of is 'minstry'\n    {ACTORS}\n    next: did you mean 'ministry'?",
    ),
    "unknown issue": (
        coded(issue="brige"),
        f"{ANN}:5: statement s1: issue is 'brige'\n    expected: one of bridge, toll\n    next: did you mean 'bridge'?",
    ),
    "stance between the steps": (
        coded(stance="0.7"),
        f"{ANN}:6: statement s1: stance is '0.7'\n    {STANCES}\n    next: the nearest one is 0.5",
    ),
    "stance beyond the scale": (
        coded(stance="-inf"),
        f"{ANN}:6: statement s1: stance is '-inf'\n    {STANCES}\n    next: the nearest one is -1",
    ),
    "stance that is no number": (coded(stance="nan"), f"{ANN}:6: statement s1: stance is 'nan'\n    {STANCES}"),
    "stance misspelt": (
        coded(stance="mixd"),
        f"{ANN}:6: statement s1: stance is 'mixd'\n    {STANCES}\n    next: did you mean 'mixed'?",
    ),
    "stance left empty": (coded(stance=""), f"{ANN}:2: statement s1: the field 'stance' is missing or empty"),
    "unknown certainty": (
        coded(certainty="probably"),
        (
            f"{ANN}:7: statement s1: certainty is 'probably'\n"
            "    expected: one of certain, probable, possible, unspecified\n    next: did you mean 'probable'?"
        ),
    ),
    "unknown speech": (
        coded(speech="indirectly"),
        (
            f"{ANN}:7: statement s1: speech is 'indirectly'\n"
            "    expected: one of direct, indirect, paraphrase, anonymous\n    next: did you mean 'indirect'?"
        ),
    ),
    "impossible date": (
        coded(date="2024-02-30"),
        f"{ANN}:7: statement s1: date is '2024-02-30'\n    {DATE}\n    next: '2024-02-30' is not in the calendar",
    ),
    "date in another notation": (
        coded(date="28.5.2024"),
        f"{ANN}:7: statement s1: date is '28.5.2024'\n    {DATE}\n    next: '28.5.2024' is not a date",
    ),
    "date that ends before it starts": (
        coded(date="2024-05/2024-04"),
        (
            f"{ANN}:7: statement s1: date is '2024-05/2024-04'\n    {DATE}\n"
            "    next: it ends (2024-04-30) before it starts (2024-05-01)"
        ),
    ),
    "impossible date of publication": (
        article("one", front=FRONT.replace("05-28", "05-32")),
        f"{MD}:3: front matter: published is '2024-05-32'\n    {DATE}\n    next: '2024-05-32' is not in the calendar",
    ),
    "unknown event type": (
        evented(type="CONSLT"),
        f"{ANN}:5: event e1: type is 'CONSLT'\n    expected: one of CONSULT, REJECT\n    next: did you mean 'CONSULT'?",
    ),
    "unknown mode": (
        evented(mode="vist"),
        f"{ANN}:8: event e1: mode is 'vist'\n    expected: one of visit, phone\n    next: did you mean 'visit'?",
    ),
    "mode of another type": (
        evented(type="REJECT", mode="visit"),
        f"{ANN}:2: event e1: 'visit' is no mode of REJECT\n    expected: no mode: the codebook has none for REJECT",
    ),
    "unknown actor of an event": (
        evented(actors="[ann, bobb]"),
        f"{ANN}:6: event e1: actors is ['ann', 'bobb']\n    {ACTORS}\n    next: did you mean 'bob'?",
    ),
    "event without actors": (
        evented(actors="[]"),
        (
            f"{ANN}:2: event e1: no mention of it gives its actors\n"
            "    expected: label, type, actors and start at one mention"
        ),
    ),
    "event that no mention tells": (
        evented(label=None, type=None, actors=None, start=None),
        (
            f"{ANN}:2: event e1: no mention of it gives its label, type, start, actors\n"
            "    expected: label, type, actors and start at one mention"
        ),
    ),
    "event that ends before it starts": (
        evented(end="2024-04"),
        (
            f"{ANN}:2: event e1: it ends (2024-04-30) before it starts (2024-05-01)\n"
            "    expected: an end that is not before the start"
        ),
    ),
    "event with an end only": (
        evented(start=None, end="2024-04"),
        f"{ANN}:2: event e1: an end without a start\n    expected: start, and end where it is another date",
    ),
    "unknown basis": (
        evented(basis="state"),
        f"{ANN}:8: event e1: basis is 'state'\n    expected: one of stated, inferred\n    next: did you mean 'stated'?",
    ),
    "unknown status": (
        evented(status="plan"),
        (
            f"{ANN}:8: event e1: status is 'plan'\n    expected: one of occurred, planned, ongoing\n"
            "    next: did you mean 'planned'?"
        ),
    ),
    "mentions of one event that contradict each other": (
        article("one", coding=f"events:\n  - {EVENT}\n  - {{id: e1, quote: Bob Roe, label: Other}}\n"),
        (
            f"{ANN}:2: event e1: label is Talks here and Other at {ANN}:3\n"
            "    next: mentions of one event agree; give another event another id"
        ),
    ),
    "one mention twice": (
        article("one", coding=f"events:\n  - {EVENT}\n  - {{id: e1, quote: no to the toll}}\n"),
        (
            f"{ANN}:3: event e1: this mention stands on line 2 already\n"
            "    next: remove one of the two, or give it another id"
        ),
    ),
    "duplicate statement id": (
        article(
            "one", coding=f"statements:\n  - {STATEMENT}\n  - {STATEMENT.replace('Ann Lee said yes', 'Bob Roe')}\n"
        ),
        f"{ANN}:3: statement s1: this id stands on line 2 already\n    next: give one of the two another id",
    ),
    "id that would look like a further mention": (
        evented(id="e1~2"),
        f"{ANN}:2: event e1~2: id is 'e1~2'\n    expected: an id without `~`",
    ),
    "no id": (coded(id=None), f"{ANN}:2: statement (no id): the field 'id' is missing or empty"),
    "id that is a list": (coded(id="[a]"), f"{ANN}:2: statement ['a']: id is ['a']\n    expected: a text"),
    "misspelt field": (
        coded(speach="direct"),
        (
            f"{ANN}:7: statement s1: there is no field 'speach'\n"
            "    expected: one of id, quote, before, after, span, gloss, speaker, "
            "on_behalf_of, issue, stance, certainty, condition … (14 in all)\n    next: did you mean 'speech'?"
        ),
    ),
    "misspelt list": (
        article("one", coding="statments: []\n"),
        (
            f"{ANN}:1: annotation: there is no field 'statments'\n"
            "    expected: one of coder, text_sha256, n_chars, statements, events\n    next: did you mean 'statements'?"
        ),
    ),
    "list that is a word": (
        article("one", coding="statements: none\n"),
        f"{ANN}:1: annotation: statements is 'none'\n    {RECORDS}",
    ),
    "list that is a mapping": (
        article("one", coding="statements: {id: s1}\n"),
        f"{ANN}:1: annotation: statements is {{'id': 's1'}}\n    {RECORDS}",
    ),
    "record that is a word": (
        article("one", coding="# c\nstatements: [x]\n"),
        f"{ANN}:2: statements: 'x' is no record\n    expected: `- id: …` and its fields",
    ),
    "duplicate key": (
        coded(stance="1\n    stance: -1"),
        f"{ANN}:7: the key 'stance' stands on line 6 already\n    next: keep one of the two",
    ),
    "duplicate list": (
        article("one", coding="statements: []\nstatements: []\n"),
        f"{ANN}:2: the key 'statements' stands on line 1 already\n    next: keep one of the two",
    ),
    "tab": (
        article("one", coding="statements:\n\t- id: s1\n"),
        f"{ANN}:2: a tab indents this line\n    expected: spaces\n    next: replace the tab by spaces",
    ),
    "colon in a plain text": (
        coded(gloss="he said: no"),
        (
            f"{ANN}:7: broken YAML: mapping values are not allowed in this context\n"
            "    next: check the indentation and colons here; a value that holds ': ' or ' #' needs double quotes"
        ),
    ),
    "broken front matter": (
        article("one", front="---\ntitle: a: b\npublished: 2024\n---\n"),
        (
            f"{MD}:2: broken YAML: mapping values are not allowed in this context\n"
            "    next: check the indentation and colons here; a value that holds ': ' or ' #' needs double quotes"
        ),
    ),
    "no front matter": (
        article("one", front=""),
        (
            f"{MD}:1: the article has no front matter\n"
            "    expected: `---`, lines such as `title: …` and `published: 2024-05-28`, `---`, then the text"
        ),
    ),
    "front matter without a date": (
        article("one", front="---\ntitle: A\n---\n"),
        f"{MD}:2: front matter: the field 'published' is missing or empty",
    ),
    "article that is not UTF-8": (
        {"one.md": f"{FRONT}caf".encode() + b"\xe9", "one.ann.yaml": "statements: []\n"},
        f"{MD}:6: the file is not UTF-8 text\n    expected: UTF-8\n    next: save it as UTF-8",
    ),
    "annotation that is not UTF-8": (
        {"one.md": f"{FRONT}x", "one.ann.yaml": b"statements: []\n# caf\xe9\n"},
        f"{ANN}:2: the file is not UTF-8 text\n    expected: UTF-8\n    next: save it as UTF-8",
    ),
    "annotation without article": (
        {"one.ann.yaml": "statements: []\n"},
        (
            f"{ANN}: this annotation has no article\n"
            "    next: add articles/one.md, or rename the annotation to its article"
        ),
    ),
    "article without annotation": (
        {"one.md": FRONT},
        (
            f"{MD}: this article has no annotation\n"
            "    next: add articles/one.ann.yaml; `statements: []` says that there is nothing to code"
        ),
    ),
    "article whose name cannot be an id": (
        {"a b.md": f"{FRONT}x", "a b.ann.yaml": "statements: []\n"},
        (
            "data/raw/town/articles/a b.md: this name cannot be an id\n"
            "    expected: letters, digits, - and _\n    next: rename it"
        ),
    ),
    "empty corpus": (
        {},
        (
            "data/raw/town: the corpus has no article\n"
            "    next: add articles/<id>.md and articles/<id>.ann.yaml; docs/tutorial.md shows how"
        ),
    ),
    "coder named in two ways": (
        article("one", coding="coder: ben\nstatements: []\n", coder="ada"),
        "data/raw/town/articles/one.ada.ann.yaml:1: the coder is 'ben' here and 'ada' in the file's name",
    ),
    "hash that does not fit the text": (
        article("one", coding=f"text_sha256: {'0' * 64}\nn_chars: 60\nstatements: []\n"),
        (
            f"{ANN}:1: the text in {MD} has the SHA-256 84401d412647…, but 000000000000… was coded\n"
            f"    expected: the text that was coded\n"
            f"    next: put the text that was coded, byte for byte, into {MD}, or take it away"
        ),
    ),
    "no text and no hash": (
        withheld(text_sha256="", n_chars=""),
        (
            f"{MD}: the article has no text, and its annotation carries no text_sha256 and n_chars\n"
            "    expected: one of a text, a text-free coding\n"
            "    next: write the text below the front matter, or put it into texts/one.txt"
        ),
    ),
    "no text but a quote": (
        article("one", text="", coding=f"text_sha256: {'0' * 64}\nn_chars: 60\nstatements:\n  - {STATEMENT}\n"),
        (
            f"{ANN}:4: statement s1: it has a quote, but the article's text is not here\n"
            "    next: add the text, or withhold the quotes"
        ),
    ),
    "span behind the end of the text": (
        withheld(span="[0, 61]"),
        f"{ANN}:4: statement s1: its span ends at 61, but the text has 60 characters\n    next: code this text again",
    ),
    "span that ends before it starts": (
        withheld(span="[5, 3]"),
        (
            f"{ANN}:4: statement s1: span is ['5', '3']\n    expected: two whole numbers: [start, end]\n"
            "    next: the end must lie behind the start"
        ),
    ),
    "span of a fraction": (
        withheld(span="[1.5, 3]"),
        f"{ANN}:4: statement s1: span is ['1.5', '3']\n    expected: a whole number from 0",
    ),
    "span of astronomic size": (
        withheld(span="[1, 99999999999999999999]"),
        f"{ANN}:4: statement s1: span is ['1', '99999999999999999999']\n    expected: a whole number from 0",
    ),
}


@pytest.mark.parametrize("hazard", ONE_MESSAGE)
def test_each_hazard_has_one_located_message(project: Path, hazard: str) -> None:
    files, expected = ONE_MESSAGE[hazard]
    assert message(corpus(project, files)) == expected


def test_a_text_in_texts_whose_hash_does_not_fit_is_told_with_its_place(project: Path) -> None:
    folder = corpus(project, withheld())
    write(folder / "texts" / "one.txt", "short")
    assert message(folder) == (
        f"{ANN}:1: the text in data/raw/town/texts/one.txt has the SHA-256 f9b0078b5df5…, but 000000000000… was coded\n"
        "    expected: the text that was coded\n"
        "    next: put the text that was coded, byte for byte, into data/raw/town/texts/one.txt, or take it away"
    )


def test_a_text_in_texts_that_is_not_utf8_is_told_by_line(project: Path) -> None:
    folder = corpus(project, withheld())
    write(folder / "texts" / "one.txt", b"a\nb\xff")
    assert message(folder) == "data/raw/town/texts/one.txt:2: the text is not UTF-8\n    expected: UTF-8"


def test_a_missing_codebook_is_told_with_the_next_step(project: Path) -> None:
    assert message(corpus(project, codebook=None)) == (
        "data/raw/town/codebook.yaml: the file is missing\n"
        "    next: a corpus is a folder with codebook.yaml and articles/; docs/tutorial.md shows one"
    )


def test_a_quote_between_several_equal_places_is_shown_five_of_them(project: Path) -> None:
    files = coded(quote="ha") | {"one.md": FRONT + "\n".join(["ha"] * 9)}
    told = message(corpus(project, files))
    assert "the quote 'ha' stands 9 times in the article" in told
    assert re.findall(r"text line (\d+)", told) == ["1", "2", "3", "4", "5"]


def test_a_long_quote_is_cut_in_its_message_and_a_long_value_too(project: Path) -> None:
    told = message(corpus(project, coded(quote="z" * 500, stance="9" * 5000)))
    assert f"the quote '{'z' * 79}…' is not in the article" in told
    assert f"stance is '{'9' * 118}…" in told
    assert max(map(len, told.splitlines())) < 200


def test_the_nearest_passage_of_a_long_article_is_found_in_no_time(project: Path) -> None:
    text = "So it goes on and on. " * 20_000 + TEXT
    told = message(corpus(project, coded(quote="So it went on and on.") | {"one.md": FRONT + text}))
    assert "the nearest passage is 'So it goes on and on." in told


def test_everything_wrong_in_a_corpus_comes_in_one_run_sorted_by_file_and_line(project: Path) -> None:
    several = """\
speling: x
statements:
  - {id: s1, quote: nowhere at all, speaker: an, issue: bridge, stance: 7}
  - {id: s1, quote: Bob Roe, speaker: bob, issue: toll, stance: 1}
  - word
events:
  - {id: e1, quote: Bob Roe, label: Talks, type: CONSULT, actors: ann, start: 2024-05, end: 2024-04}
"""
    files = {
        **article("b", coding=several, front="---\ntitle: A bridge\npublished: 2024-05-28\nspeling: x\n---\n"),
        **article("c", coding=CODING, front="---\ntitle: a: b\n---\n"),
        **article("d", coding="statements: [\n"),
        **article("e", coding=f"statements:\n  - {STATEMENT.replace('ann,', 'an,')}\n", front="no front matter"),
        "f.md": FRONT,
        "a.ann.yaml": CODING,
        "c.ada.ann.yaml": CODING.replace("bridge, stance: 1", "bridg, stance: 1"),
    }
    with pytest.raises(CorpusError) as error:
        native.read(corpus(project, files))
    told = [(Path(problem.file).name, problem.line, problem.found[:44]) for problem in error.value.problems]
    assert told == [
        ("a.ann.yaml", 0, "this annotation has no article"),
        ("b.ann.yaml", 1, "annotation: there is no field 'speling'"),
        ("b.ann.yaml", 2, "statements: 'word' is no record"),
        ("b.ann.yaml", 3, "statement s1: speaker is 'an'"),
        ("b.ann.yaml", 3, "statement s1: stance is '7'"),
        ("b.ann.yaml", 3, "statement s1: the quote 'nowhere at all' is "),
        ("b.ann.yaml", 4, "statement s1: this id stands on line 3 alrea"),
        ("b.ann.yaml", 7, "event e1: it ends (2024-04-30) before it sta"),
        ("b.md", 4, "front matter: there is no field 'speling'"),
        ("c.ada.ann.yaml", 2, "statement s1: issue is 'bridg'"),
        ("c.md", 2, "broken YAML: mapping values are not allowed "),
        ("d.ann.yaml", 1, "broken YAML: did not find expected node cont"),
        ("e.ann.yaml", 2, "statement s1: speaker is 'an'"),
        ("e.md", 1, "the article has no front matter"),
        ("f.md", 0, "this article has no annotation"),
    ]
    assert str(error.value).endswith("\n15 problems")


def test_a_broken_mention_does_not_make_its_event_look_untold(project: Path) -> None:
    first = article("one", coding=f"events:\n  - {EVENT.replace('no to the toll', 'nowhere at all')}\n")
    second = article("two", coding="events:\n  - {id: e1, quote: Bob Roe}\n")
    told = message(corpus(project, first | second))
    assert told.splitlines()[0] == f"{ANN}:2: event e1: the quote 'nowhere at all' is not in the article"
    assert "no mention of it gives" not in told


def test_orphans_are_told_along_with_a_broken_codebook(project: Path) -> None:
    folder = corpus(project, article("one") | {"two.md": FRONT}, codebook=CODEBOOK.replace("person}", "persn}"))
    told = message(folder)
    assert "two.md: this article has no annotation" in told
    assert "codebook.yaml:3: kind 'persn' is not known" in told


def test_no_letter_taken_out_of_a_coding_ever_ends_in_a_traceback(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tidy, "parts", dict)  # the slow half, which sees sound rows only
    folder = corpus(project)
    book = codebook.read(folder / "codebook.yaml")
    found = native.sources(folder)[0]
    for at in range(len(CODING)):
        write(folder / "articles" / "one.ann.yaml", CODING[:at] + CODING[at + 1 :])
        problems = native.read_articles(found, book)[1]
        assert all(problem.file == ANN and problem.line in {1, 2, 3, 4, 5} for problem in problems), CODING[
            at : at + 20
        ]


def test_a_coder_with_two_files_for_one_article_would_count_twice(project: Path) -> None:
    files = article("one", coding="coder: ann\n" + CODING) | article("one", coder="ann")
    first, second = "data/raw/town/articles/one.ann.ann.yaml", ANN
    assert message(corpus(project, files)) == (
        f"{second}: the coder 'ann' has coded this article in {first} already\n"
        "    expected: one file a coder\n"
        "    next: put both into one file"
    )


@pytest.mark.parametrize("content", ["", "# nothing yet\n"])
def test_an_empty_annotation_is_not_taken_for_nothing_to_code(project: Path, content: str) -> None:
    assert message(corpus(project, article("one", coding=content))) == (
        f"{ANN}:1: the annotation is empty\n    next: `statements: []` says that nothing is to be coded"
    )


@pytest.mark.parametrize("what", ["articles", "one.md", "one.ann.yaml", "texts"])
def test_what_may_not_be_read_is_told_as_that(project: Path, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    corpus(project)

    def refuse(path: Path, kept: Callable[..., Any]) -> Any:
        if path.name == what:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return kept(path)

    (project / "data/raw/town/texts").mkdir()
    for name in ("iterdir", "read_bytes"):
        kept = getattr(Path, name)
        monkeypatch.setattr(Path, name, lambda path, kept=kept: refuse(path, kept))
    with pytest.raises(CorpusError, match=rf"{what}: the (folder|file) cannot be read: Permission denied"):
        store.load("town")
