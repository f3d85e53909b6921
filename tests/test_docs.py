"""The documentation holds: the tutorial runs as written, and what is generated is up to date."""

import doctest
import re
from pathlib import Path

import pytest

import analysis
from analysis import documents, paths

DOCS = paths.root() / "docs"
FILE = re.compile(r"File `([^`]+)`:\n\n```\w+\n(.*?)```", re.DOTALL)


@pytest.fixture
def tutorial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    text = (DOCS / "tutorial.md").read_text(encoding="utf-8")
    for name, content in FILE.findall(text):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    monkeypatch.setenv("STANCEBOOK_ROOT", str(tmp_path))
    return text


def test_the_tutorial_shows_the_message_that_its_mistake_gives(tutorial: str) -> None:
    with pytest.raises(analysis.StancebookError) as caught:
        analysis.load("harbour")
    assert f"```text\n{caught.value}\n```" in tutorial


def test_the_tutorial_ends_in_the_matrix_it_promises(tutorial: str, tmp_path: Path) -> None:
    coding = tmp_path / "data/raw/harbour/articles/pier-plan.ann.yaml"
    coding.write_text(coding.read_text(encoding="utf-8").replace("new_peer", "new_pier"), encoding="utf-8")
    tables = analysis.load("harbour")
    assert f"harbour: {tables}".startswith(re.search(r"`(harbour: Tables\(.*?) …", tutorial)[1])
    states = analysis.stance_matrix(analysis.stance_cells(tables), values="state").fillna("no statement")
    assert states.to_dict("index") == {
        "fishers": {"new_pier": "oppose", "night_ban": "no statement"},
        "mayor": {"new_pier": "support", "night_ban": "neutral"},
        "residents": {"new_pier": "no statement", "night_ban": "support"},
    }


def test_what_is_made_in_the_documentation_is_up_to_date() -> None:
    for name, content in documents.made().items():
        assert (paths.root() / name).read_bytes() == content, f"{name} is out of date; run `make refresh`"


def test_the_readme_says_what_the_corpora_say() -> None:
    readme = " ".join((paths.root() / "README.md").read_text(encoding="utf-8").split())
    tables = analysis.one_coding(analysis.load("russia-taliban"))
    coded = analysis.one_coding(analysis.load("russia-taliban-originals"))
    states = (
        analysis.stance_cells(tables).groupby("issue_id")["state"].agg(["size", lambda state: sum(state == "support")])
    )
    (contact, for_contact), (listed, for_delisting), (asked, for_recognition) = (
        states.loc[issue] for issue in ("engagement", "delisting", "recognition")
    )
    assert f"{for_contact} of the {contact} voices that speak of working contact" in readme
    assert f"{for_delisting} of {listed} support taking the Taliban off" in readme
    assert (for_recognition, f"none of the {asked} that speak of formally recognising" in readme) == (0, True)
    assert f"with {len(tables.statements)} coded statements and {len(tables.mentions)} event mentions" in readme
    assert f"with {len(coded.statements)} and {len(coded.mentions)}." in readme
    every = analysis.load("russia-taliban")
    stance = analysis.agreement(every, variables=["stance"]).iloc[0]
    ends = f"alpha is {stance['alpha']:.2f} ({stance['ci_low']:.2f} to {stance['ci_high']:.2f})"
    assert ends in readme
    assert every.statements.groupby("article_id")["coder_id"].nunique().eq(2).sum() == 3


def test_the_examples_on_networks_give_what_they_show() -> None:
    result = doctest.testfile(str(DOCS / "networks.md"), module_relative=False)
    assert result.attempted > 5
    assert result.failed == 0
