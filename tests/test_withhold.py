"""Text-free copies: no word of the text is left, and nothing else is lost."""

from pathlib import Path

import pytest
from corpus_builder import CODEBOOK, CODING, FRONT, TEXT, article, assert_equal_tables, corpus, write

from analysis import yaml12
from analysis.errors import CorpusError
from analysis.readers import native
from analysis.withhold import withheld

SHA256 = "84401d41264706376da463574606d22b44cf45279a1218f9985af3615417b843"


def copied(project: Path, source: Path) -> Path:
    for name, content in withheld(source).items():
        write(project / "copy" / name, content)
    return project / "copy"


def test_a_copy_has_offsets_and_hashes_in_place_of_words(project: Path) -> None:
    coding = """\
coder: ada
statements:
  - id: s1
    quote: said
    before: "Ann Lee "
    after: " yes"
    gloss: She agrees.
    speaker: ann
    issue: bridge
    stance: 1
events:
  - {id: e1, quote: no to the toll, label: Talks, type: CONSULT, actors: [ann, bob], start: 2024-05}
  - {id: e1, quote: Bob Roe}
"""
    assert withheld(corpus(project, article("one", coding=coding))) == {
        "codebook.yaml": CODEBOOK,
        "articles/one.md": FRONT.strip() + "\n",
        "articles/one.ann.yaml": f"""\
coder: ada
text_sha256: {SHA256}
n_chars: 60
statements:
- id: s1
  span: [8, 12]
  gloss: She agrees.
  speaker: ann
  issue: bridge
  stance: 1
events:
- id: e1
  span: [45, 59]
  label: Talks
  type: CONSULT
  actors:
  - ann
  - bob
  start: 2024-05
- id: e1
  span: [32, 39]
""",
    }


def test_no_words_of_the_text_are_in_the_copy(project: Path) -> None:
    content = "\n".join(withheld(corpus(project)).values())
    words = TEXT.split()
    assert not any(" ".join(words[at : at + 3]) in content for at in range(len(words) - 2))


def test_a_copy_reads_without_the_texts_and_comes_back_with_them(project: Path) -> None:
    source = corpus(project, article("one", coder="ada") | article("one", coder="ben") | article("two"))
    whole, copy = native.read(source), copied(project, source)
    bare = native.read(copy)
    assert bare.statements["quote"].isna().all()
    assert bare.mentions["quote"].isna().all()
    assert not bare.articles["has_text"].any()
    shared = [name for name in whole.statements if name != "quote"]
    assert bare.statements[shared].equals(whole.statements[shared])
    assert bare.events.equals(whole.events)
    assert bare.event_actors.equals(whole.event_actors)
    for name in ("one", "two"):
        write(copy / "texts" / f"{name}.txt", TEXT)
    assert_equal_tables(native.read(copy), whole)


def test_a_copy_of_a_copy_is_the_same(project: Path) -> None:
    source = corpus(project, article("one") | article("two", coding="statements: []\n"))
    assert withheld(copied(project, source)) == withheld(source)


def test_a_text_that_lies_apart_is_withheld_by_leaving_it_there(project: Path) -> None:
    source = corpus(project)
    copy = copied(project, source)
    write(copy / "texts" / "one.txt", TEXT)
    assert withheld(copy) == withheld(source)


def test_front_matter_is_kept_as_it_stands_whatever_the_line_ends(project: Path) -> None:
    files = article("one", front='---\ntitle: "A: é"   # ours\npublished: 2024\n---\n')
    windows = {name: content.replace("\n", "\r\n") for name, content in files.items()}
    front = withheld(corpus(project, windows))["articles/one.md"]
    assert front == '---\ntitle: "A: é"   # ours\npublished: 2024\n---\n'


def test_values_that_yaml_could_mistake_stay_what_they_are(project: Path) -> None:
    odd = 'gloss: "no: #1 \\u2028 ~"'
    coding = CODING.replace("gloss: She agrees.", odd).replace("id: s1", 'id: "007"')
    source = corpus(project, article("one", coding=coding))
    record = yaml12.load(withheld(source)["articles/one.ann.yaml"], "f")["statements"][0]
    assert (record["id"], record["gloss"], record["stance"]) == ("007", "no: #1 \u2028 ~", "1")


def test_what_cannot_be_read_is_not_withheld(project: Path) -> None:
    with pytest.raises(CorpusError, match=r"one.ann.yaml:1: broken YAML"):
        withheld(corpus(project, article("one", coding="statements: [\n")))
