"""Figures are tested by the numbers on their artists, traces and cells, over frames written by hand."""

import json
import re
from html.parser import HTMLParser

import matplotlib.colors
import matplotlib.text
import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import Rectangle

from analysis import events, schema, stance
from analysis.figures import agreement, fragments, interactive, lanes, marks, table, words
from analysis.figures import print as printed

HOSTILE = "</style><script>alert('1')</script> \"x\" $a_{b$ <b>%{x}</b> &amp; javascript:alert(1) " + "w" * 90
VOID = {"br", "input", "use", "path", "rect"}


def day(text: str) -> pd.Timestamp:
    return pd.Timestamp(text)


def cell(actor: str, issue: str, state: str, value: float, articles: int, **more: object) -> dict[str, object]:
    low, high = (value - 0.2, value + 0.1) if articles >= 3 else (np.nan, np.nan)
    counts = {f"n_{name}": int(name == state) * articles for name in ("support", "neutral", "oppose", "mixed")}
    return {
        "actor": actor, "issue_id": issue, "state": state, "stance": value, "n_articles": articles,
        "n_statements": articles, **counts, "ci_low": low, "ci_high": high,
        "ci_method": "Gaffke 95%" if articles >= 3 else "thin", "first": day("2024-01-01"),
        "last": day("2024-03-31"), **more,
    }  # fmt: skip


NAMES = {"a": "Anna", "b": "Boris", "c": "Clara", "silent": "Nobody"}
ISSUES = pd.DataFrame(
    {"issue_id": ["talks_now", "trade"], "proposition": ["Talks should go on.", "Trade should grow."]}
)
CELLS = pd.DataFrame(
    [
        cell("a", "talks_now", "support", 0.75, 4),
        cell("a", "trade", "oppose", -0.5, 1),
        cell("b", "talks_now", "neutral", 0.0, 3),
        cell("b", "trade", "mixed", np.nan, 2),
        cell("c", "trade", "mixed", 0.0, 3),
    ]
)
ROWS = ["a", "b", "c", "silent"]


def sentence(actor: str, issue: str, quote: object, **more: object) -> dict[str, object]:
    return {
        "actor": actor, "issue_id": issue, "quote": quote, "gloss": "in short", "speaker": NAMES[actor],
        "title": "A title",
        "outlet": "The Paper", "stance": 0.5, "is_mixed": False, "certainty": "probable", "condition": "only if paid",
        "speech": "direct", "date_start": day("2024-03-01"), "date_end": day("2024-03-31"),
        "date_precision": "month", **more,
    }  # fmt: skip


EVIDENCE = pd.DataFrame(
    [
        sentence("a", "talks_now", "we talk"),
        sentence("a", "trade", np.nan),
        sentence("b", "trade", "both ways", stance=np.nan, is_mixed=True),
    ]
)


def event(number: int, actor: str, start: str, end: str, precision: str, **more: object) -> dict[str, object]:
    return {
        "actor_id": actor, "name": NAMES.get(actor, actor), "role": "actor", "number": number, "event_id": f"e{number}",
        "label": f"Event {number}", "type": "CONSULT", "mode": None, "quad_class": "verbal_cooperation",
        "date_start": day(start), "date_end": day(end), "date_precision": precision, "date_basis": "stated",
        "status": "occurred", "place": None, "date": start, "actors": "Anna", "recipients": None, "n_mentions": 2,
        "n_articles": 1, **more,
    }  # fmt: skip


LANES = pd.DataFrame(
    [
        event(1, "a", "2023-06-01", "2024-12-31", "interval", quad_class="material_conflict"),
        event(2, "a", "2024-02-10", "2024-02-10", "day"),
        event(3, "a", "2024-02-10", "2024-02-10", "day", status="planned"),
        event(2, "b", "2024-02-10", "2024-02-10", "day", role="recipient"),
        event(4, "b", "2024-03-01", "2024-03-31", "month", quad_class="verbal_conflict"),
    ]
)
EVENTS = LANES.drop_duplicates("event_id").sort_values("number")
EMPTY_TABLES = schema.Tables(**{name: schema.frame(name, []) for name in schema.NAMES})


def period(start: str, end: str, quad: str, certain: int, expected: float, articles: int) -> dict[str, object]:
    return {
        "period_start": day(start), "period_end": day(end), "quad_class": quad, "n_certain": certain,
        "n_possible": int(expected > certain), "n_expected": expected, "n_articles": articles,
    }  # fmt: skip


SERIES = pd.DataFrame(
    [
        period(start, end, quad, *numbers, articles)
        for start, end, articles, counts in (
            ("2024-01-01", "2024-01-31", 2, {"verbal_cooperation": (2, 2.5), "verbal_conflict": (0, 0.25)}),
            ("2024-02-01", "2024-02-29", 0, {"material_conflict": (1, 1.0)}),
        )
        for quad, numbers in (dict.fromkeys(schema.QUAD_CLASSES, (0, 0.0)) | counts).items()
    ]
)


def point(actor: str, start: str, end: str, value: float, **more: object) -> dict[str, object]:
    return {
        "actor": actor, "issue_id": "trade", "article_id": f"{actor}-{start}", "date_start": day(start),
        "date_end": day(end), "date_precision": "month", "stance": value, "n_statements": 1,
        "middle": day(start) + (day(end) - day(start)) / 2, **more,
    }  # fmt: skip


POINTS = pd.DataFrame(
    [
        point("a", "2024-01-01", "2024-01-31", -1.0),
        point("a", "2024-03-01", "2024-03-31", 0.5, n_statements=4),
        point("a", "2024-12-01", "2024-12-31", 1.0),
        point("b", "2024-03-01", "2024-03-31", 0.5),
        point("b", "2024-06-01", "2024-06-30", np.nan),
    ]
)


class Reader(HTMLParser):
    """The tags, attributes, texts and ids of a fragment; fails where tags do not close."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.texts.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


def matrix(cells: pd.DataFrame = CELLS, caption: str = "Who says what") -> Reader:
    return Reader(str(table.matrix(cells, EVIDENCE, names=NAMES, issues=ISSUES, actors=ROWS, caption=caption)))


# marks


def lightness(color: str) -> float:
    channels = matplotlib.colors.to_rgb(color)
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    luminance = sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    return 116 * luminance ** (1 / 3) - 16


def contrast(one: str, other: str) -> float:
    first, second = (((lightness(color) + 16) / 116) ** 3 + 0.05 for color in (one, other))
    return max(first, second) / min(first, second)


@pytest.mark.parametrize("colors", [[s.fill for s in marks.STATES.values()], [q.color for q in marks.QUADS.values()]])
def test_colours_stay_apart_in_grey(colors: list[str]) -> None:
    shades = sorted(map(lightness, colors))
    assert min(np.diff(shades)) >= 8


def test_no_state_quad_class_or_actor_is_told_by_colour_alone() -> None:
    assert [state.glyph for state in marks.STATES.values()] == ["+", "±", "−", "0"]
    assert (
        len({quad.symbol for quad in marks.QUADS.values()}) == len({quad.shape for quad in marks.QUADS.values()}) == 4
    )
    assert len({actor.symbol for actor in marks.ACTORS}) == len({actor.shape for actor in marks.ACTORS}) == 8


@pytest.mark.parametrize("state", marks.STATES)
def test_text_on_cells_has_contrast(state: str) -> None:
    look = marks.STATES[state]
    assert contrast(look.fill, look.ink) >= 4.5
    assert contrast(look.pale, marks.INK) >= 4.5


def test_states_and_quad_classes_of_the_measures_all_have_a_look() -> None:
    assert set(marks.STATES) == set(stance.STATES)
    assert set(marks.QUADS) == set(schema.QUAD_CLASSES)


@pytest.mark.parametrize(
    ("value", "shown"), [(0.75, "+0.75"), (-0.001, "0.00"), (0.004, "0.00"), (-1.0, "−1.00"), (np.nan, "")]
)
def test_stances_are_written_with_sign(value: float, shown: str) -> None:
    assert marks.number(value) == shown


def test_the_ninth_actor_is_one_of_the_others() -> None:
    looks = marks.actor_marks("abcdefghij")
    assert len(set(looks.values())) == 9
    assert looks["i"] == looks["j"] == marks.OTHERS


def test_direction_marks_and_control_characters_are_dropped() -> None:
    assert marks.literal("a\x00b\u202ec\u2066d\ne") == "abcd\ne"


def test_long_words_are_broken_and_long_texts_cut() -> None:
    assert marks.wrapped("x" * 25, 10) == ["x" * 10, "x" * 10, "x" * 5]
    assert marks.wrapped("one two three four", 9, lines=2) == ["one two", "three …"]
    assert marks.wrapped("", 9) == [""]


# lanes


def test_overlapping_spans_get_tracks_of_their_own() -> None:
    assert lanes.tracks([(0, 10), (2, 3), (2, 4), (11, 12)]) == [0, 1, 2, 0]


def test_swimlanes_are_cut_to_the_axis_and_say_so() -> None:
    placed = lanes.swimlanes(LANES, "2024-01", "2024-06").set_index(["actor_id", "number"])
    long = placed.loc[("a", 1)]
    assert (long.x0, long.x1) == (day("2024-01-01"), day("2024-07-01"))
    assert long.is_cut_left
    assert long.is_cut_right
    assert not placed.loc[("b", 4)].is_cut_right
    assert placed["y"].tolist() == [0, 1, 2, 3, 3]


def test_marks_and_their_numbers_never_share_a_place() -> None:
    placed = lanes.swimlanes(LANES, "", "")
    for _, track in placed.groupby("y"):
        assert (track["x1"].iloc[:-1].to_numpy() < track["x0"].iloc[1:].to_numpy()).all()


def test_an_event_wholly_outside_is_left_out() -> None:
    assert lanes.swimlanes(LANES, "2024-03", "2024-04")["number"].tolist() == [1, 4]


def test_an_actor_in_both_roles_has_one_mark() -> None:
    both = pd.DataFrame(
        [event(1, "a", "2024-01-01", "2024-01-01", "day", role=role) for role in ("recipient", "actor")]
    )
    assert lanes.swimlanes(both, "", "")["role"].tolist() == ["actor and recipient"]


def test_lines_break_at_half_a_year_of_silence_and_at_bare_years() -> None:
    own = POINTS[POINTS["actor"] == "a"]
    assert [len(piece) for piece in lanes.joined(marks.each(own))] == [2, 1]
    assert [len(piece) for piece in lanes.joined(marks.each(own), reach=400)] == [3]
    years = marks.each(own.assign(date_precision="year"))
    assert [len(piece) for piece in lanes.joined(years, reach=400)] == [1, 1, 1]


def test_marks_on_the_same_place_are_set_apart_inwards() -> None:
    same = pd.DataFrame([point(actor, "2024-01-01", "2024-01-31", 1.0) for actor in "abc"])
    assert lanes.dodged(same, step=0.1)["y"].round(2).tolist() == [1.0, 0.9, 0.8]
    assert lanes.dodged(same.assign(stance=-1.0), step=0.1)["y"].round(2).tolist() == [-1.0, -0.9, -0.8]


def test_only_events_dated_to_three_months_stand_behind() -> None:
    bars = lanes.known(EVENTS, day("2024-01-01"), day("2024-12-31"))
    assert [(start.day, end.day, numbers.strip()) for start, end, numbers in bars] == [(10, 11, "2, 3"), (1, 1, "4")]


# tables


def test_each_cell_with_evidence_is_a_button_that_opens_its_own_sentences() -> None:
    read = matrix()
    buttons = [button for button in read.all("button") if "sb-cell" in str(button["class"])]
    popovers = [section["id"] for section in read.all("section")]
    assert [button["popovertarget"] for button in buttons] == popovers
    assert len(popovers) == len(set(popovers)) == len(CELLS)
    assert all("popover" in section for section in read.all("section"))
    assert buttons[0]["aria-label"] == (
        "Anna: talks now: support +0.75, 4 articles, 4 statements, 95% interval +0.55 to +0.85. Show what was said."
    )


def test_thin_cells_and_the_five_states_are_told_apart() -> None:
    read = matrix()
    classes = [str(button["class"]) for button in read.all("button") if "sb-cell" in str(button["class"])]
    assert classes == [
        "sb-cell sb-support", "sb-cell sb-oppose sb-thin", "sb-cell sb-neutral", "sb-cell sb-mixed sb-thin",
        "sb-cell sb-mixed",
    ]  # fmt: skip
    assert [cell["class"] for cell in read.all("td") if cell] == ["sb-silent"] * 3
    assert read.text.count("no statement") == 3 + 1
    assert "+ 0.75 n 4 − 0.50 n 1" in read.text
    assert "± n 2 Clara" in read.text


def test_a_popover_has_quote_date_source_and_coding() -> None:
    text = matrix().text
    assert "2024-03 “we talk” Anna · A title , The Paper" in text
    assert "stance +0.50 · certainty probable · direct speech · condition: only if paid" in text
    assert "stance ± (both sides)" in text


def test_a_withheld_quote_shows_the_summary_and_says_so() -> None:
    text = matrix().text
    assert "in short coder’s summary; quote withheld" in text
    assert "nan" not in text.lower()


def test_a_matrix_has_caption_and_scopes() -> None:
    read = matrix()
    assert len(read.all("caption")) == 1
    assert [head["scope"] for head in read.all("th")] == ["col"] * 3 + ["row"] * 4
    assert "Trade should grow." in read.text


def test_two_matrices_of_one_page_share_no_id() -> None:
    ids = [section["id"] for caption in ("One", "Two") for section in matrix(caption=caption).all("section")]
    assert len(ids) == len(set(ids))


def test_plain_tables_show_what_is_missing_and_round() -> None:
    frame = pd.DataFrame({"n": [1, 1200], "x": [np.nan, -0.501], "t": [None, "b"], "d": [day("2024-01-02"), pd.NaT]})
    read = Reader(str(table.plain_table(frame, caption="T", columns={"d": "day", "n": "n", "x": "share", "t": "text"})))
    assert read.text == "T day n share text 2024-01-02 1 – – – 1,200 −0.50 b"
    assert [head["scope"] for head in read.all("th")] == ["col"] * 4


def test_html_is_text_html_with_a_short_plain_text() -> None:
    html = table.plain_table(pd.DataFrame({"n": [1]}), caption="T", columns={"n": "n"})
    assert repr(html) == "Table: T"
    assert html._repr_html_() == str(html)


# figures on paper


def drawn_texts(figure: object) -> list[str]:
    return [text.get_text() for text in figure.findobj(matplotlib.text.Text) if text.get_text()]  # type: ignore[attr-defined]


def test_the_printed_matrix_has_a_rectangle_and_a_glyph_per_cell() -> None:
    axes = printed.matrix(CELLS, names=NAMES, issues=ISSUES, actors=ROWS).axes[0]
    boxes = [box for box in axes.patches if isinstance(box, Rectangle)][1:]
    assert [(int(box.get_x()), int(box.get_y())) for box in boxes] == [(0, 0), (1, 0), (0, 1), (1, 1), (1, 2)]
    fills = [matplotlib.colors.to_hex(box.get_facecolor()) for box in boxes]
    looks = marks.STATES
    assert fills == [
        looks["support"].fill, looks["oppose"].pale, looks["neutral"].fill, looks["mixed"].pale, looks["mixed"].fill,
    ]  # fmt: skip
    texts = [text.get_text() for text in axes.texts]
    assert texts[:6] == ["+", "0.75", "n 4", "−", "0.50", "n 1"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["Anna", "Boris", "Clara", "Nobody"]


def test_printed_swimlanes_have_a_symbol_per_day_and_two_per_interval() -> None:
    axes = printed.swimlanes(LANES, since="2024-01", until="2024-06").axes[0]
    shown = [(line.get_marker(), len(line.get_xdata())) for line in axes.lines if line.get_marker() != "None"]
    assert shown[:4] == [("<", 1), (">", 1), ("D", 1), ("o", 1)]
    assert [text.get_text() for text in axes.texts] == ["1", "2", "3", "2", "4"]
    hollow = [line.get_markerfacecolor() for line in axes.lines if line.get_marker() == "o"]
    assert hollow == [marks.QUADS["verbal_cooperation"].color, marks.PAPER, marks.QUADS["verbal_cooperation"].color]


def test_printed_series_stack_cooperation_up_and_conflict_down() -> None:
    axes = printed.series(SERIES).axes[0]
    first, second = (matplotlib.dates.date2num(start) for start in sorted(set(SERIES["period_start"])))
    drawn = {
        stack.get_label(): {bar.get_x(): (bar.get_y(), bar.get_height()) for bar in stack} for stack in axes.containers
    }
    assert drawn["verbal cooperation, certain"] == {first: (0, 2)}
    assert drawn["verbal cooperation, possible"] == {first: (2, 0.5)}
    assert drawn["verbal conflict, possible"] == {first: (0, -0.25)}
    assert drawn["material conflict, certain"] == {second: (0, -1)}
    assert not drawn["material cooperation, certain"]


def test_a_period_without_article_is_hatched() -> None:
    axes = printed.series(SERIES).axes[0]
    spans = [patch for patch in axes.patches if matplotlib.colors.to_hex(patch.get_facecolor()) == "#f7f7f7"]
    assert len(spans) == 1
    assert spans[0].get_width() == 29


def test_printed_trajectories_have_points_lines_and_bars() -> None:
    axes = printed.trajectories(POINTS, EVENTS, names=NAMES, issues=ISSUES).axes[0]
    assert axes.get_title(loc="left") == "trade"
    points = [line for line in axes.lines if line.get_zorder() == 3]
    assert sorted(round(float(item.get_ydata()[0]), 2) for item in points) == [-1.0, 0.0, 0.39, 0.5, 1.0]
    sizes = [item.get_markersize() for item in points]
    assert max(sizes) == sizes[1] > sizes[0]
    joined = [line for line in axes.lines if line.get_zorder() == 2 and line.get_linewidth() == 1.1]
    assert [len(line.get_xdata()) for line in joined] == [2, 2]
    assert "±" in [text.get_text() for text in axes.texts]


def test_articles_per_period_have_a_sure_and_a_possible_part() -> None:
    periods = SERIES.drop_duplicates("period_start")
    bars = printed.coverage(periods).axes[0].containers
    assert [[bar.get_height() for bar in part] for part in bars] == [[2, 0], [0.5, 0]]


def test_svg_is_the_same_twice_and_needs_nothing_from_outside() -> None:
    one, two = (str(printed.shown(printed.series(SERIES), "alt")) for _ in range(2))
    assert one == two
    assert "<?xml" not in one
    assert "<!DOCTYPE" not in one
    assert "<metadata" not in one
    assert set(re.findall(r'https?://[^"\s)]+', one)) == {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


def test_svgs_of_one_page_share_no_id_and_every_reference_is_kept() -> None:
    svgs = [str(printed.shown(figure, "alt")) for figure in (printed.series(SERIES), printed.swimlanes(LANES))]
    ids = [re.findall(r' id="([^"]+)"', svg) for svg in svgs]
    assert not set(ids[0]) & set(ids[1])
    for found, svg in zip(ids, svgs, strict=True):
        assert len(found) == len(set(found))
        assert set(re.findall(r'(?:href="#|url\(#)([^")]+)', svg)) == set(found)


def test_a_picture_has_its_text_alternative() -> None:
    read = Reader(str(printed.shown(printed.series(SERIES), 'three "bars" <b>')))
    assert [(box["role"], box["aria-label"]) for box in read.all("div") if "role" in box] == [
        ("img", 'three "bars" <b>')
    ]


# figures for exploring


def chart(figure: object) -> dict[str, object]:
    bundle = interactive.shown(figure)._repr_mimebundle_()  # type: ignore[arg-type]
    assert set(bundle) == {"application/vnd.plotly.v1+json", "text/plain"}
    return dict(bundle["application/vnd.plotly.v1+json"])


def all_four(cells: pd.DataFrame, rows: pd.DataFrame, series: pd.DataFrame, points: pd.DataFrame) -> list[object]:
    return [
        interactive.matrix(cells, names=NAMES, issues=ISSUES, actors=ROWS),
        interactive.swimlanes(rows),
        interactive.series(series),
        interactive.trajectories(points, rows, names=NAMES, issues=ISSUES),
    ]


def test_every_interactive_figure_has_a_text_alternative_and_is_small() -> None:
    for figure in all_four(CELLS, LANES, SERIES, POINTS):
        shown = chart(figure)
        assert len(shown["layout"]["meta"]["alt"]) > 20  # type: ignore[index]
        assert len(json.dumps(shown)) < 40_000
        assert repr(interactive.shown(figure)) == shown["layout"]["meta"]["alt"]  # type: ignore[arg-type, index]


def test_the_interactive_matrix_hatches_silence_and_labels_cells() -> None:
    data = interactive.matrix(CELLS, names=NAMES, issues=ISSUES, actors=ROWS).data
    assert data[0].name == "no statement"
    assert data[0].fillpattern.shape == "/"
    assert list(data[0].x).count(None) == 3
    assert {trace.name for trace in data[1:-1]} == {
        "+ support", "± mixed", "± mixed, thin", "− oppose, thin", "0 neutral",
    }  # fmt: skip
    assert list(data[-1].text) == ["+ 0.75", "− 0.50", "0 0.00", "± ", "± 0.00"]
    assert "95% interval +0.55 to +0.85" in data[-1].hovertext[0]


def test_interactive_swimlanes_have_numbers_and_symbols() -> None:
    data = interactive.swimlanes(LANES, since="2024-01", until="2024-06").data
    symbols = [trace for trace in data if trace.mode == "markers+text"]
    assert [[text.strip() for text in trace.text] for trace in symbols] == [["2", "3", "2"], ["", "4"], ["", "1"]]
    assert list(symbols[2].marker.symbol) == ["triangle-left", "triangle-right"]
    assert list(symbols[0].marker.color)[1] == marks.PAPER


def test_interactive_series_have_the_same_heights_as_paper() -> None:
    bars = {trace.name: list(trace.y) for trace in interactive.series(SERIES).data if trace.type == "bar"}
    assert bars["verbal cooperation, certain"] == [2, None]
    assert bars["verbal cooperation, possible"] == [0.5, None]
    assert bars["verbal conflict, possible"] == [-0.25, None]
    assert bars["material conflict, certain"] == [None, -1]


def test_interactive_trajectories_break_their_lines() -> None:
    data = interactive.trajectories(POINTS, EVENTS, names=NAMES, issues=ISSUES).data
    lines = [trace for trace in data if trace.mode == "lines" and trace.line.width == 1.3]
    assert [list(trace.y) for trace in lines] == [[-1.0, 0.5, None], [0.39, 0.0, None]]
    assert [trace.name for trace in data if trace.mode == "markers"] == ["Anna", "Boris"]


# hostile texts, and nothing at all


def hostile_frames() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame, dict[str, str]]:
    texts = dict.fromkeys(("label", "place", "actors", "recipients", "name", "type", "date"), HOSTILE)
    issues = pd.DataFrame({"issue_id": [HOSTILE], "proposition": [HOSTILE]})
    return (
        CELLS.iloc[:1].assign(issue_id=HOSTILE),
        LANES.assign(**texts),
        POINTS.assign(issue_id=HOSTILE, article_id=HOSTILE),
        issues,
        dict.fromkeys(NAMES, HOSTILE),
    )


def test_tables_show_hostile_texts_to_the_letter() -> None:
    cells, _, _, issues, names = hostile_frames()
    texts = dict.fromkeys(("quote", "gloss", "speaker", "title", "outlet", "certainty", "condition", "speech"), HOSTILE)
    evidence = EVIDENCE.iloc[:1].assign(issue_id=HOSTILE, **texts)
    frame = pd.DataFrame({"x": [HOSTILE]})
    found = [
        table.matrix(cells, evidence, names=names, issues=issues, actors=["a", HOSTILE], caption=HOSTILE),
        table.plain_table(frame, caption=HOSTILE, columns={"x": HOSTILE}),
        table.plain_table(frame.head(0), caption=HOSTILE, columns={"x": HOSTILE}),
        words.finding("{x}", x=HOSTILE),
        words.selection(0, "statement", actors=[HOSTILE]),
        printed.shown(printed.series(SERIES), HOSTILE),
    ]
    for html in found:
        read = Reader(str(html))
        assert not [tag for tag, _ in read.tags if tag in ("script", "b", "a", "img")]
        assert len(read.all("style")) == 1
        attributes = {name for _, attrs in read.tags for name in attrs}
        assert not [name for name in attributes if name.startswith("on")]
    assert "</style><script>alert('1')</script>" in Reader(str(found[0])).text


def test_printed_figures_take_hostile_texts_to_the_letter() -> None:
    cells, rows, points, issues, names = hostile_frames()
    figures = [
        printed.matrix(cells, names=names, issues=issues, actors=["a", "b"]),
        printed.swimlanes(rows),
        printed.trajectories(points, rows, names=names, issues=issues),
    ]
    for figure in figures:
        read = Reader(str(printed.shown(figure, "alt")))
        assert not [tag for tag, _ in read.tags if tag in ("script", "b")]
        assert not any(text.get_parse_math() for text in figure.findobj(matplotlib.text.Text))


def test_interactive_figures_take_hostile_texts_to_the_letter() -> None:
    cells, rows, points, issues, names = hostile_frames()
    figures = [
        interactive.matrix(cells, names=names, issues=issues, actors=["a", "b"]),
        interactive.swimlanes(rows),
        interactive.trajectories(points, rows, names=names, issues=issues),
    ]
    for figure in figures:
        shown = chart(figure)
        shown["layout"].pop("meta")  # type: ignore[attr-defined]  # the text alternative is escaped by who shows it
        text = json.dumps(shown)
        assert "<script" not in text
        assert "</style" not in text
        assert "$" not in text
        assert not re.findall(r"<(?!/?b>|br>)\w+", text)


def test_a_script_that_the_font_lacks_is_no_error() -> None:
    figure = printed.matrix(CELLS, names=dict.fromkeys(NAMES, "外交部"), issues=ISSUES, actors=ROWS)
    assert "<svg" in str(printed.shown(figure, "alt"))


def test_an_empty_selection_says_so_in_every_figure() -> None:
    cells, points = stance.stance_cells(EMPTY_TABLES), stance.stance_points(EMPTY_TABLES)
    rows, series = events.swimlanes(EMPTY_TABLES), events.event_series(EMPTY_TABLES)
    none = "in this selection"
    listed = events.event_list(EMPTY_TABLES)
    on_paper = [
        printed.matrix(cells, names=NAMES, issues=ISSUES, actors=[]),
        printed.swimlanes(rows, since="2024", until="2024"),
        printed.series(series),
        printed.coverage(events.article_series(EMPTY_TABLES)),
        printed.trajectories(points, listed, names=NAMES, issues=ISSUES),
    ]
    for figure in on_paper:
        assert none in " ".join(drawn_texts(figure))
        assert "<svg" in str(printed.shown(figure, "alt"))
    for figure in all_four(cells, rows, series, points):
        assert none in figure.layout.annotations[0].text  # type: ignore[attr-defined]
    evidence = stance.evidence(EMPTY_TABLES)
    assert none in str(table.matrix(cells, evidence, names=NAMES, issues=ISSUES, actors=[], caption="M"))
    assert none in str(table.plain_table(listed, caption="E", columns={"label": "event"}))


def test_points_without_events_and_one_point_alone_are_drawn() -> None:
    one = POINTS.head(1).assign(date_end=POINTS["date_start"].iloc[0], date_precision="day")
    figure = printed.trajectories(one, events.event_list(EMPTY_TABLES), names=NAMES, issues=ISSUES)
    assert len(figure.axes) == 1


@pytest.mark.parametrize(("actors", "issues"), [(1, 1), (45, 11)])
def test_matrices_of_any_size_are_drawn(actors: int, issues: int) -> None:
    ids = [f"i{at}" for at in range(issues)]
    cells = pd.DataFrame([cell(f"a{at}", ids[at % issues], "support", 0.5, 3) for at in range(actors)])
    propositions = pd.DataFrame({"issue_id": ids, "proposition": ids})
    rows = list(cells["actor"])
    figure = printed.matrix(cells, names={}, issues=propositions, actors=rows)
    assert len(figure.axes[0].texts) == actors * 3
    assert "<svg" in str(printed.shown(figure, "alt"))
    assert len(interactive.matrix(cells, names={}, issues=propositions, actors=rows).data[-1].text) == actors


# sentences


def test_findings_count_and_list() -> None:
    found = words.finding("{n:article} by {who}; mean {m:stance}.", n=2, who=["A", "B", "C"], m=-0.5)
    assert repr(found) == "2 articles by A, B and C; mean −0.50."
    assert Reader(str(found)).text == "2 articles by A , B and C ; mean −0.50 ."


def test_a_selection_names_what_restricts_it_and_says_when_nothing_is_left() -> None:
    text = Reader(str(words.selection(0, "event", corpus="x", actors=["a", "b"], since=""))).text
    assert text == "corpus: x; actors: a, b. This selection holds no event . The figures and tables below are empty."


def test_cells_in_words() -> None:
    assert words.cells(CELLS.head(2), NAMES) == [
        "Anna on talks now (support +0.75, 4 articles)", "Anna on trade (oppose −0.50, 1 article)",
    ]  # fmt: skip


def test_slugs_of_like_captions_differ() -> None:
    assert fragments.slug("Who says what") != fragments.slug("Who says what?")


# agreement of coders


def compared(
    variable: str, alpha: float, low: float = np.nan, high: float = np.nan, **more: object
) -> dict[str, object]:
    return {
        "variable": variable, "group": None, "level": "nominal", "n_units": 40, "n_alone": 7, "n_coders": 2,
        "percent": 0.9, "alpha": alpha, "ci_low": low, "ci_high": high, "kappa": 0.8, "ac1": 0.85, **more,
    }  # fmt: skip


AGREED = pd.DataFrame(
    [
        compared("speaker_id", 0.9, 0.7, 1.0, n_units=41),
        compared("stance", 0.75, 0.5, 0.875, level="interval", percent=0.86),
        compared("certainty", -0.25, -0.5, 0.125),
        compared("speech", 0.6, n_units=8),
        compared("organisation_id", np.nan, n_units=3),
    ]
)
DIFFER = pd.DataFrame(
    [
        {"article_id": "x", "unit_id": unit, "variable": variable, "kind": kind, "coder_id_1": "ada",
         "coder_id_2": "bea", "statement_id_1": "x/s1", "statement_id_2": other}
        for unit, variable, kind, other in (
            ("x/u1", "issue_id", "values differ", "x.bea/s4"), ("x/u1", "stance", "values differ", "x.bea/s4"),
            ("x/u2", "speaker_id", "only one coder", np.nan), ("x/u2", "stance", "only one coder", np.nan),
        )
    ]
)  # fmt: skip


def coded(statement_id: str, **more: object) -> dict[str, object]:
    return {
        "statement_id": statement_id, "quote": "we talk", "gloss": "They talk.", "speaker_id": "ann",
        "organisation_id": np.nan, "issue_id": "talks_now", "stance": 0.5, "is_mixed": False, "certainty": "certain",
        **more,
    }  # fmt: skip


CODED = pd.DataFrame(
    [coded("x/s1"), coded("x.bea/s4", quote=np.nan, issue_id="trade", stance=np.nan, is_mixed=True, gloss="Both.")]
)


def test_the_finding_on_agreement_has_its_numbers() -> None:
    assert repr(agreement.finding(AGREED)) == (
        "2 coders worked on the same articles: 41 passages recorded by two or more of them, 7 by one only. "
        "On the stance they agree in 86% of 40 passages. Alpha is 0.75 (95% interval 0.50 to 0.88): enough for "
        "tentative conclusions only. Of 4 codes compared, alpha is lowest for certainty: −0.25."
    )


def test_without_an_interval_or_an_alpha_the_finding_says_why() -> None:
    few = repr(agreement.finding(pd.DataFrame([compared("stance", 0.9)])))
    assert "Alpha is 0.90 (too few passages for an interval): enough to rely on" in few
    none = repr(agreement.finding(pd.DataFrame([compared("stance", np.nan)])))
    assert "On the stance there is no alpha" in none
    assert "lowest" not in none
    alone = repr(agreement.finding(pd.DataFrame([compared("stance", np.nan, n_units=0)])))
    assert alone == "Several coders worked on the same articles, but no passage was recorded by two of them."
    assert "On the stance" not in repr(agreement.finding(pd.DataFrame([compared("speech", 0.9)])))


@pytest.mark.parametrize(
    ("alpha", "said"),
    [(0.8, "rely on"), (0.799, "tentative"), (0.667, "tentative"), (0.66, "too little"), (-1, "little")],
)
def test_levels_of_alpha_are_the_customary_ones(alpha: float, said: str) -> None:
    assert said in agreement.level(alpha)


def test_a_summary_is_the_finding_and_the_coefficients() -> None:
    summary = agreement.summary(AGREED)
    read = Reader(str(summary))
    assert repr(summary) == f"{agreement.finding(AGREED)!r}\nTable: Agreement of coders, by code"
    assert "speaker nominal 41 7 0.90 0.90 0.70 1.00 0.80 0.85" in read.text
    assert "organisation nominal 3 7 0.90 – – – 0.80 0.85" in read.text


def test_nothing_coded_twice_is_a_sentence_and_no_table() -> None:
    html = agreement.summary(AGREED.head(0))
    assert (
        repr(html)
        == "No article here was coded by more than one coder, so nothing is known about how far coders agree."
    )
    assert Reader(str(html)).all("table") == []
    assert "recorded by two coders" in repr(agreement.confusion(pd.DataFrame(), what="Stance"))
    assert "nothing to talk over" in repr(agreement.disagreements(DIFFER.head(0), CODED, titles={}))
    nothing = "No passage coded twice in this selection"
    assert nothing in drawn_texts(printed.agreement(AGREED.head(0)))
    assert interactive.agreement(AGREED.head(0)).layout.annotations[0].text == nothing


def test_printed_agreement_has_a_dot_a_code_and_a_bar_where_there_is_an_interval() -> None:
    axes = printed.agreement(AGREED).axes[0]
    dots = [line for line in axes.lines if line.get_marker() == "o"]
    assert [(line.get_xdata()[0], line.get_ydata()[0]) for line in dots] == [(0.9, 0), (0.75, 1), (-0.25, 2), (0.6, 3)]
    assert [line.get_markerfacecolor() == marks.PAPER for line in dots] == [False, False, False, True]
    bars = [list(line.get_xdata()) for line in axes.lines if line.get_linewidth() == 1.8]
    assert bars == [[0.7, 1.0], [0.5, 0.875], [-0.5, 0.125]]
    assert axes.texts[0].get_text() == "no alpha: too little to compare"
    assert [label.get_text() for label in axes.get_yticklabels()][:2] == ["speaker (n 41)", "stance (n 40)"]
    assert axes.get_xlim()[0] < -0.5


def test_interactive_agreement_has_the_same_dots_and_bars() -> None:
    figure = interactive.agreement(AGREED)
    (dots,) = figure.data
    assert (list(dots.x), list(dots.y)) == ([0.9, 0.75, -0.25, 0.6], [0, 1, 2, 3])
    assert list(dots.error_x.arrayminus) == [0.2, 0.25, 0.25, 0]
    assert list(dots.error_x.array) == [0.1, 0.125, 0.375, 0]
    assert list(dots.marker.color).index(marks.PAPER) == 3
    assert "stance 0.75 (95% 0.50 to 0.88)" in figure.layout.meta["alt"]
    assert "organisation no alpha" in figure.layout.meta["alt"]
    assert chart(figure)["layout"]["xaxis"]["range"][0] < -0.5  # type: ignore[index]


def test_an_agreement_without_any_alpha_is_drawn() -> None:
    none = AGREED.tail(1)
    assert "no alpha" in " ".join(drawn_texts(printed.agreement(none)))
    assert chart(interactive.agreement(none))["layout"]["xaxis"]["range"] == [-0.05, 1.05]  # type: ignore[index]


def test_a_confusion_has_a_table_a_pair_of_coders_with_the_diagonal_framed() -> None:
    rows = pd.DataFrame(
        [("ada", "bea", "1", "1", 5), ("ada", "bea", "1", "-0.5", 2), ("ada", "bea", "mixed", "1", 1),
         ("ada", "cid", "0", np.nan, 3)],
        columns=["coder_id_1", "coder_id_2", "value_1", "value_2", "n_units"],
    )  # fmt: skip
    read = Reader(str(agreement.confusion(rows, what="Stance")))
    assert "Stance: ada down, bea across +1.00 −0.50 mixed +1.00 5 2 0 −0.50 0 0 0 mixed 1 0 0" in read.text
    assert "Stance: ada down, cid across 0.00 none 0.00 0 3 none 0 0" in read.text
    framed = [at for at, cell in enumerate(read.all("td")) if "sb-same" in str(cell.get("class"))]
    assert framed == [1, 5, 9, 11, 14]  # each table starts with the empty field of its corner


def test_disagreements_stand_side_by_side_with_what_differs_in_bold() -> None:
    html = str(agreement.disagreements(DIFFER, CODED, titles={"x": "A title"}))
    read = Reader(html)
    assert read.text.startswith(
        "A title: 2 passages differs in ada bea issue, stance “we talk” They talk. s1: speaker ann"
    )
    assert "<strong>issue talks now</strong> · <strong>stance +0.50</strong> · certainty certain" in html
    assert "<strong>issue trade</strong> · <strong>stance both sides</strong>" in html
    assert "quote withheld Both. s4: speaker ann" in read.text
    assert "only one coder has it “we talk” They talk. s1: speaker ann · issue talks now · stance +0.50" in read.text
    assert read.text.endswith("no record")
    assert [cell["data-coder"] for cell in read.all("td")] == ["ada", "bea", "ada", "bea"]


def test_a_differing_code_that_is_missing_is_none() -> None:
    rows = DIFFER.head(1).assign(variable="organisation_id")
    assert "<strong>organisation none</strong>" in str(agreement.disagreements(rows, CODED, titles={}))


def test_agreement_shows_hostile_texts_to_the_letter() -> None:
    rows = DIFFER.assign(article_id=HOSTILE, coder_id_1=HOSTILE)
    said = CODED.assign(quote=HOSTILE, gloss=HOSTILE, speaker_id=HOSTILE, issue_id=HOSTILE)
    crossed = pd.DataFrame(
        [{"coder_id_1": HOSTILE, "coder_id_2": "b", "value_1": HOSTILE, "value_2": "1", "n_units": 1}]
    )
    found = [agreement.disagreements(rows, said, titles={}), agreement.confusion(crossed, what=HOSTILE)]
    for html in found:
        read = Reader(str(html))
        assert not [tag for tag, _ in read.tags if tag in ("script", "b", "a", "img")]
        assert "<script>alert('1')</script>" in read.text


def test_dates_in_tables_do_not_break_at_their_hyphens() -> None:
    frame = pd.DataFrame({"date": ["2024-06", "2023-12-29 to 2024-01-31", "2024-06 or so", "2024"]})
    html = str(table.plain_table(frame, caption="D", columns=["date"]))
    whole = re.findall(r'<span class="sb-date">([^<]+)</span>', html)
    assert whole == ["2024-06", "2023-12-29", "2024-01-31", "2024"]
    assert '<td dir="auto">2024-06 or so</td>' in html
    assert Reader(html).text == "D date 2024-06 2023-12-29 to 2024-01-31 2024-06 or so 2024"
