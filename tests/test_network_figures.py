"""Networks as they are drawn: tested by the numbers on cells, artists and traces, over frames written by hand."""

import re

import corpus_builder as build
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import PathPatch, Rectangle
from test_figures import HOSTILE, Reader

import analysis
from analysis.figures import interactive, marks, sides, table, ties
from analysis.figures import print as printed
from analysis.networks.polarisation import Polarisation

NAMES = {"a": "Anna", "b": "Boris", "c": "Clara", "d": "Dora"}
ISSUES = pd.DataFrame(
    {"issue_id": ["talks_now", "trade"], "proposition": ["Talks should go on.", "Trade should grow."]}
)
MEMBERS = pd.DataFrame({"actor": list("abcd"), "coalition": pd.array([1, 1, 2, None], dtype="Int64")})
SURE = "expanded percentile 95%"


def tie(source: str, target: str, weight: float, articles: int, **more: object) -> dict[str, object]:
    return {
        "source": source, "target": target, "weight": weight, "n_statements": 2 * articles, "n_articles": articles,
        "ci_low": np.nan, "ci_high": np.nan, "ci_method": "thin", "share_kept": np.nan,
        "congruence": 0.5 + weight / 2, "conflict": 0.5 - weight / 2, **more,
    }  # fmt: skip


TIES = pd.DataFrame(
    [
        tie("a", "b", 0.5, 9, ci_low=0.1, ci_high=0.8, ci_method=SURE, share_kept=0.974),
        tie("a", "c", -0.25, 1, share_kept=0.66),
        tie("b", "c", 0.0, 2),
    ]
)


def said(actor: str, issue: str, quote: object, stance: float, **more: object) -> dict[str, object]:
    return {
        "actor": actor, "issue_id": issue, "quote": quote, "gloss": "in short", "speaker": NAMES[actor],
        "outlet": "The Paper", "stance": stance, "date_start": pd.Timestamp("2024-03-01"),
        "date_end": pd.Timestamp("2024-03-31"), "date_precision": "month", **more,
    }  # fmt: skip


SAID = pd.DataFrame(
    [
        said("a", "talks_now", "we talk", 1.0),
        said("b", "talks_now", np.nan, 0.5),
        said("a", "trade", "no trade", -1.0, speaker="Anna's aide"),
        said("c", "trade", "more trade", 1.0, outlet=np.nan),
        said("b", "trade", "some trade", 0.0),
        said("d", "rights", "alone", 1.0),
    ]
)
CELLS = pd.DataFrame(
    {"source": ["a", "b"], "target": ["trade", "trade"], "weight": [-1.0, 0.0], "n_statements": [1, 2], "n_articles": 1}
)


def matrix(rows: pd.DataFrame = TIES, statements: pd.DataFrame = SAID, **more: object) -> str:
    given = {"names": NAMES, "issues": ISSUES, "members": MEMBERS, "caption": "Ties"} | more
    return str(ties.matrix(rows, statements, **given))  # type: ignore[arg-type]


def popover(html: str, number: int) -> str:
    """The text of the popover of the tie of this number."""
    (found,) = re.findall(rf"<section [^>]*id='[^']*-{number}'.*?</section>", html)
    return Reader(found).text


# the matrix


def test_each_tie_stands_twice_and_both_open_the_one_popover_that_is_there() -> None:
    read = Reader(matrix())
    targets = [button["popovertarget"] for button in read.all("button") if "class" not in button]
    popovers = [section["id"] for section in read.all("section")]
    assert sorted(map(str, targets)) == sorted([*map(str, popovers)] * 2)
    assert len(set(popovers)) == len(TIES)
    assert all("popover" in section for section in read.all("section"))


def test_one_of_the_two_is_on_the_way_of_the_keyboard_and_has_a_name() -> None:
    buttons = [button for button in Reader(matrix()).all("button") if "class" not in button]
    assert [button["aria-label"] for button in buttons if "tabindex" not in button] == [
        "Anna and Boris: agreement +0.50", "Anna and Clara: conflict −0.25", "Boris and Clara: balance 0",
    ]  # fmt: skip
    assert len([button for button in buttons if button.get("tabindex") == "-1"]) == len(TIES)


def test_agreement_conflict_balance_thin_and_no_tie_are_told_apart_by_more_than_colour() -> None:
    html = matrix()
    rows = re.findall(r"<tr[^>]*><th scope='row'>.*?</tr>", html)
    shown = [[re.sub("<[^>]+>", "|", cell).strip("|") for cell in re.findall("<td.*?</td>", row)] for row in rows]
    assert shown == [
        [" ", "+0.50|n 9", "−0.25|n 1", ""],
        ["+0.50|n 9", " ", "0|n 2", ""],
        ["−0.25|n 1", "0|n 2", " ", ""],
        ["", "", "", " "],
    ]
    assert re.findall("<td class='([^']+)'><button", "".join(rows[:2])) == [
        "sb-support", "sb-oppose sb-thin", "sb-support", "sb-neutral sb-thin",
    ]  # fmt: skip
    assert rows[0].count("sb-self") == 1
    assert "td:empty{background:repeating-linear-gradient" in html


def test_a_weight_that_rounds_to_nothing_keeps_its_sign() -> None:
    assert "+0.00<small>" in matrix(TIES.assign(weight=0.001))


def test_coalitions_are_set_apart_in_rows_and_columns() -> None:
    html = matrix()
    assert re.findall(r"<tr class=sb-cut><th scope='row'>(\w+)", html) == ["Clara", "Dora"]
    assert re.findall(r"nth-child\((\d)\)\{border-left", html) == ["4", "5"]
    assert "sb-cut>" not in matrix(members=MEMBERS.assign(coalition=1)).split("</style>")[1]


def test_a_popover_has_both_sides_by_issue_with_stance_date_and_source() -> None:
    html = matrix()
    assert popover(html, 0) == (
        "× agreement +0.50 = 0.75 − 0.25 · 18 statements in 9 articles · kept in 97% of draws · "
        "95% interval +0.10 to +0.80 Anna Boris "
        "talks now “we talk” +1.00 · 2024-03 · The Paper in short +0.50 · 2024-03 · The Paper "
        "trade “no trade” −1.00 · 2024-03 · Anna's aide · The Paper “some trade” 0.00 · 2024-03 · The Paper"
    )
    assert popover(html, 2).startswith(
        "× balance 0 = 0.50 − 0.50 · 4 statements in 2 articles · thin Boris Clara trade"
    )
    assert "“more trade” +1.00 · 2024-03" in popover(html, 2)


def test_only_issues_of_both_are_in_a_popover() -> None:
    html = matrix()
    assert "talks" not in popover(html, 1)
    assert "alone" not in html


def test_of_very_many_statements_the_latest_are_shown_and_the_rest_is_counted() -> None:
    many = pd.DataFrame([said("a", "trade", f"word {number}", 1.0) for number in range(15)])
    text = popover(matrix(statements=pd.concat([many, SAID[SAID["actor"] != "a"]])), 1)
    assert re.findall(r"word \d+", text) == [f"word {number}" for number in range(3, 15)]
    assert "and 3 earlier" in text


def test_what_an_article_says_is_shown_to_the_letter() -> None:
    html = matrix(statements=SAID.assign(quote=HOSTILE, outlet=HOSTILE), names=dict.fromkeys("abcd", HOSTILE))
    assert "<script" not in html
    assert "<script" not in matrix(statements=SAID.assign(quote=np.nan, gloss=HOSTILE, speaker=HOSTILE))
    assert "javascript:alert(1)" in Reader(html).text
    assert "<script" not in str(ties.spoken(CELLS, names={"a": HOSTILE}, issues=ISSUES, members=MEMBERS, caption="x"))


def test_it_has_caption_scopes_and_needs_no_script() -> None:
    html = matrix()
    assert [head["scope"] for head in Reader(html).all("th") if "scope" in head] == ["col"] * 5 + ["row"] * 4
    assert html.count("<caption>Ties</caption>") == 1
    assert "<script" not in html


def test_without_ties_it_says_so() -> None:
    assert "No tie in this selection." in Reader(matrix(TIES.head(0))).text
    assert "<table" not in matrix(TIES.head(0), members=MEMBERS.head(0))


def test_real_ties_are_those_of_the_network() -> None:
    tables = build.tables(
        [
            build.said("one", "ann", "bridge", 1.0),
            build.said("two", "bob", "bridge", 1.0),
            build.said("two", "bob", "toll", -1.0),
        ]
    )
    statements = analysis.evidence(tables)
    asked = {"rows": "actor", "kind": "one-mode", "normalization": "average", "scale": (-1, 1)}
    made = {
        name: analysis.network(statements, aggregation=name, **asked) for name in ("subtract", "congruence", "conflict")
    }
    tied = analysis.tie_intervals(made["subtract"]).assign(
        congruence=made["congruence"].edges["weight"], conflict=made["conflict"].edges["weight"]
    )
    found = analysis.coalitions(made["subtract"], resolutions=[1.0]).members
    html = str(
        ties.matrix(tied, made["subtract"].counted, names={}, issues=tables.issues, members=found, caption="Real")
    )
    assert html.count("+0.67<small>n 2</small>") == 2  # one pair that agrees, by 1 and 2 statements: 1 / 1.5
    assert "agreement +0.67 = 0.67 − 0.00 · 2 statements in 2 articles" in popover(html, 0)


# who speaks to what, divisions, words


def test_spoken_has_the_sum_and_the_number_of_statements() -> None:
    html = str(ties.spoken(CELLS, names=NAMES, issues=ISSUES, members=MEMBERS, caption="Spoken"))
    rows = re.findall(r"<tr[^>]*><th scope='row'>.*?</tr>", html)
    assert "<td></td><td class='sb-oppose'>−1.00<small>n 1</small></td>" in rows[0]
    assert "<td class='sb-neutral'>0<small>n 2</small></td>" in rows[1]
    assert [head["scope"] for head in Reader(html).all("th")] == ["col"] * 3 + ["row"] * 4
    assert "No statement in this selection." in str(
        ties.spoken(CELLS.head(0), names=NAMES, issues=ISSUES, members=MEMBERS.head(0), caption="Spoken")
    )


def division(score: float, one_camp: float, runs: int = 1) -> str:
    row = {"n_coalitions": 3, "n_runs": 100, "n_distinct": 2, "share_best": 0.56}
    camps = Polarisation(
        score=score, one_camp=one_camp, within=1.0, between=1.0, camps=pd.DataFrame(), n_best=1, is_exhaustive=True,
        n_starts=None, n_reached=None,
    )  # fmt: skip
    return Reader(str(ties.division(pd.DataFrame([row] * runs), camps))).text


def test_a_division_tells_how_often_it_came_up_and_what_two_camps_add() -> None:
    assert division(0.9, 0.6) == (
        "Those who have a tie fall into 3 coalitions . Of 100 runs 56% end in just this division; 2 came up in all. "
        "Split into two camps, the ties fit with a score of 0.90 ; left in one, with 0.60 ."
    )
    assert division(0.88, 0.89).endswith("A second camp explains nothing here.")
    assert (
        division(np.nan, np.nan)
        == division(0.9, 0.6, runs=0)
        == "No tie in this selection: there is nothing to divide."
    )


def test_ties_in_words() -> None:
    assert sides.pairs(TIES, NAMES) == [
        "Anna and Boris (agreement +0.50, 18 statements in 9 articles)",
        "Anna and Clara (conflict −0.25, 2 statements in 1 article)",
        "Boris and Clara (balance 0, 4 statements in 2 articles)",
    ]
    still = next(marks.each(TIES.assign(ci_low=np.nan, ci_method="no variation")))
    assert sides.survival(still) == "kept in 97% of draws · no variation"


def test_ties_lie_below_the_diagonal_and_coalitions_of_one_have_no_frame() -> None:
    turned = MEMBERS.iloc[[1, 0, 2, 3]]
    placed = sides.placed(TIES, turned)
    assert placed[["row", "column"]].to_numpy().tolist() == [[1, 0], [2, 1], [2, 0]]
    assert placed["state"].tolist() == ["support", "oppose", "neutral"]
    assert placed["is_thin"].tolist() == [False, True, True]
    assert sides.blocks(turned) == [(0, 1)]
    assert sides.starts(turned) == [False, False, True, True]
    assert sides.blocks(MEMBERS.head(0)) == sides.starts(MEMBERS.head(0)) == []


# time


def windows() -> pd.DataFrame:
    days = [("ann", 1.0, "2024-03-05"), ("bob", -1.0, "2024-03-09"), ("ann", 1.0, "2024-06-01"), ("ann", 1.0, "2024")]
    rows = [
        build.said(f"p{at}", speaker, "bridge", stance, date_start=pd.Timestamp(day), date_end=pd.Timestamp(day))
        for at, (speaker, stance, day) in enumerate(days)
    ]
    rows[3] |= {"date_end": pd.Timestamp("2024-12-31"), "date_precision": "year"}
    statements = analysis.evidence(build.tables(rows))
    return sides.by_window(
        analysis.window(statements, unit="month", rows="actor", kind="one-mode", aggregation="subtract", scale=(-1, 1))
    )


def test_windows_run_from_the_first_to_the_last_with_a_statement_and_hold_silent_ones() -> None:
    rows = windows()
    assert rows["window"].tolist() == ["2024-03", "2024-04", "2024-05", "2024-06"]
    assert rows["n_statements"].tolist() == [2, 0, 0, 1]
    assert rows["n_possible"].tolist() == [1, 1, 1, 1]
    assert rows[["n_agreement", "n_conflict", "n_balance"]].to_numpy().tolist() == [[0, 1, 0], *[[0, 0, 0]] * 3]
    assert sides.silences(rows) == [(1, 2)]


def test_windows_without_any_statement_are_an_empty_table_with_its_columns() -> None:
    rows = sides.by_window([])
    assert rows.empty
    assert list(rows) == list(windows())
    assert "No statement dated to a window" in printed.windows(rows).texts[0].get_text()


def test_windows_are_bars_up_and_down_over_hatched_silence() -> None:
    rows = windows().assign(n_agreement=[3, 0, 0, 1], n_balance=[2, 0, 0, 0])
    (axes,) = printed.windows(rows).axes
    bars = {str(group.get_label()): [(bar.get_y(), bar.get_height()) for bar in group] for group in axes.containers}
    assert bars["agreement"] == [(0, 3), (0, 0), (0, 0), (0, 1)]
    assert bars["balance 0"] == [(3, 2), (0, 0), (0, 0), (1, 0)]
    assert bars["conflict"] == [(0, -1), (0, 0), (0, 0), (0, 0)]
    hatched = [patch for patch in axes.patches if isinstance(patch, Rectangle) and patch.get_hatch()]
    assert [(patch.get_x(), patch.get_width()) for patch in hatched] == [(0.5, 2.0)]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["2024-03", "2024-04", "2024-05", "2024-06"]


# on paper


def fields(figure: object) -> dict[str, set[tuple[int, int, int]]]:
    """The fields drawn in each colour: first column, last column, row."""
    (axes,) = figure.axes  # type: ignore[attr-defined]
    found = {}
    for patch in axes.patches:
        if isinstance(patch, PathPatch):
            corners = patch.get_path().vertices.reshape(-1, 5, 2)[:, :3].astype(int).tolist()
            found[to_hex(patch.get_facecolor())] = {(low[0], high[0] - 1, low[1]) for low, _, high in corners}
    return found


def test_paper_has_ties_below_and_shares_above_the_diagonal() -> None:
    figure = printed.ties(TIES, names=NAMES, members=MEMBERS)
    (axes,) = figure.axes
    texts = {(int(text.get_position()[0]), int(text.get_position()[1])): text.get_text() for text in axes.texts}
    assert texts == {(0, 1): "+", (0, 2): "−", (1, 2): "0", (1, 0): "97", (2, 0): "66", (2, 1): "–"}
    assert [label.get_text() for label in axes.get_yticklabels()] == ["Anna  1", "Boris  2", "Clara  3", "Dora  4"]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["1", "2", "3", "4"]


def test_paper_shades_by_state_and_by_share() -> None:
    drawn = fields(printed.ties(TIES, names=NAMES, members=MEMBERS))
    assert drawn[marks.STATES["support"].fill] == {(0, 0, 1)}
    assert drawn[marks.STATES["oppose"].pale] == {(0, 0, 2)}
    assert drawn[marks.STATES["neutral"].pale] == {(1, 1, 2)}
    assert drawn["#8f8f89"] == {(1, 1, 0)}
    assert drawn["#e4e4de"] == {(1, 2, 0)}  # neighbours are one field; the darker one lies over it


def test_paper_frames_coalitions_over_hatched_ground() -> None:
    (axes,) = printed.ties(TIES, names=NAMES, members=MEMBERS).axes
    plain = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    assert [patch.get_bbox().bounds for patch in plain if not patch.get_fill()] == [(0, 0, 2, 2)]
    assert [patch.get_bbox().bounds for patch in plain if patch.get_hatch()] == [(0, 0, 4, 4)]


def test_paper_is_the_same_in_every_run_and_says_what_it_shows() -> None:
    one, other = (
        str(printed.shown(printed.ties(TIES, names=NAMES, members=MEMBERS), alt="Three ties among four actors"))
        for _ in range(2)
    )
    assert one == other
    assert 'role="img" aria-label="Three ties among four actors"' in one


def test_names_are_drawn_to_the_letter() -> None:
    names = dict.fromkeys("abcd", "$x_{y$ & <b>")
    assert "<svg" in str(printed.shown(printed.ties(TIES, names=names, members=MEMBERS), alt="x"))


def test_paper_without_ties_says_so() -> None:
    figure = printed.ties(TIES.head(0), names=NAMES, members=MEMBERS.head(0))
    assert figure.texts[0].get_text() == "No tie in this selection"


# for exploring


def test_screen_has_the_same_two_halves() -> None:
    figure = interactive.ties(TIES, names=NAMES, members=MEMBERS)
    below, above = figure.data
    diagonal = [0, 1, 2, 3]
    assert (list(below.x), list(below.y)) == ([0, 0, 1, *diagonal], [1, 2, 2, *diagonal])
    assert list(below.z) == [0.5, -0.25, 0.0, *[None] * 4]
    assert list(below.text) == ["+", "−", "0", *[""] * 4]
    assert (below.zmin, below.zmax) == (-0.5, 0.5)
    assert (list(above.x), list(above.y)) == ([1, 2, 2, *diagonal], [0, 0, 1, *diagonal])
    assert list(above.text) == ["97", "66", "–", *[""] * 4]
    assert below.hovertext[0] == (
        "<b>Anna and Boris</b><br>agreement +0.50<br>18 statements in 9 articles<br>"
        "kept in 97% of draws · 95% interval +0.10 to +0.80"
    )
    assert [(shape.x0, shape.x1) for shape in figure.layout.shapes] == [(-0.5, 1.5)]


def test_screen_has_a_text_alternative() -> None:
    alt = interactive.ties(TIES, names=NAMES, members=MEMBERS).layout.meta["alt"]
    assert alt.startswith("Ties of 4 actors: 3 ties. Strongest: Anna and Boris (agreement +0.50")


def test_screen_shows_names_to_the_letter() -> None:
    figure = interactive.ties(TIES, names={"a": HOSTILE}, members=MEMBERS)
    assert "<script" not in figure.data[0].hovertext[0]
    assert "<script" not in "".join(map(str, figure.layout.yaxis.ticktext))


@pytest.mark.parametrize("weight", [0.0, 1.0])
def test_screen_of_one_kind_of_tie(weight: float) -> None:
    figure = interactive.ties(TIES.assign(weight=weight), names=NAMES, members=MEMBERS)
    assert figure.data[0].zmax == 1


def test_screen_without_ties_says_so() -> None:
    figure = interactive.ties(TIES.head(0), names=NAMES, members=MEMBERS.head(0))
    assert figure.layout.meta["alt"] == "No tie in this selection"


def test_a_number_of_a_coalition_that_may_be_missing_is_a_number_in_a_table() -> None:
    html = str(table.plain_table(MEMBERS, caption="Members", columns={"coalition": "coalition"}))
    assert re.findall(r'<td class="([^"]+)">(.)</td>', html) == [("sb-num", "1")] * 2 + [
        ("sb-num", "2"),
        ("sb-none sb-num", "–"),
    ]
