from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import ParameterError
from analysis.readers.inputs.offsets import code_points


def clusters(text: str) -> list[str]:
    """The text cut at each place that an offset in graphemes can point at."""
    units = code_points(text, "graphemes")
    cuts = [units.point(offset) for offset in range(units.n_units + 1)]
    return [text[start:end] for start, end in pairwise(cuts)]


@given(st.text(alphabet="aé\n\r中😀𝒳", max_size=12))
def test_utf16_offsets_are_those_of_the_encoded_text(text: str) -> None:
    units = code_points(text, "utf-16")
    wide = [len(text[:at].encode("utf-16-le")) // 2 for at in range(len(text) + 1)]
    assert [units.point(offset) for offset in wide] == list(range(len(text) + 1))
    for offset in sorted(set(range(wide[-1])) - set(wide)):
        with pytest.raises(ValueError, match="in the middle of a character"):
            units.point(offset)


@pytest.mark.parametrize("unit", ["code points", "utf-16", "graphemes"])
def test_plain_text_counts_the_same_in_every_unit(unit: str) -> None:
    units = code_points("naïve text", unit)
    assert (units.span(0, 5), units.span(10, 10), units.n_units) == ((0, 5), (10, 10), 10)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\r\nb", ["a", "\r\n", "b"]),
        ("\n\ra", ["\n", "\r", "a"]),
        ("e\u0301a\u0302\u0323x", ["e\u0301", "a\u0302\u0323", "x"]),
        ("\n\u0301\u0302a", ["\n", "\u0301\u0302", "a"]),
        ("🇩🇪🇫🇷🇮x", ["🇩🇪", "🇫🇷", "🇮", "x"]),
        ("a👳🏻\u200d♀️b", ["a", "👳🏻\u200d♀️", "b"]),
        ("👨\u200d👩\u200d👧👨", ["👨\u200d👩\u200d👧", "👨"]),
        ("🏳️\u200d🌈 ", ["🏳️\u200d🌈", " "]),
        ("a\u200d👨", ["a\u200d", "👨"]),
        ("", []),
    ],
)
def test_graphemes_are_what_a_reader_calls_a_character(text: str, expected: list[str]) -> None:
    assert clusters(text) == expected


@pytest.mark.parametrize("text", ["का", "क्षि", "\u1112\u1161\u11ab", "\u0600\u0661"])
def test_graphemes_that_are_not_certain_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"cannot be counted with certainty: it has U\+"):
        code_points(text, "graphemes")


@pytest.mark.parametrize(
    ("span", "reason"),
    [
        ((-1, 2), "offset -1 is not in the text"),
        ((0, 5), "offset 5 is not in the text, which has 4 characters"),
        ((3, 1), "ends at 1, before its start at 3"),
        ((0, 10**30), "is not in the text"),
    ],
)
@pytest.mark.parametrize("unit", ["code points", "utf-16"])
def test_spans_outside_the_text_are_errors(span: tuple[int, int], reason: str, unit: str) -> None:
    with pytest.raises(ValueError, match=reason):
        code_points("four", unit).span(*span)


def test_a_unit_that_does_not_exist_is_told_with_those_that_do() -> None:
    with pytest.raises(ParameterError, match=r"(?s)'utf16' is not known.*one of code points, utf-16, graphemes"):
        code_points("x", "utf16")
