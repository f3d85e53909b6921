"""Where quotes stand in texts, and what is nearest to them: right, and in bounded time whatever a text repeats."""

import random
import time
from difflib import SequenceMatcher

import pytest

from analysis.readers.native import spans


@pytest.mark.parametrize("text", ["a", "ab", "So it goes on and on. "])
@pytest.mark.parametrize(
    "words", ["a" * 299 + "b", "So it goes on and off. " * 13, "a" * 150 + "b" + "a" * 149, "ab" * 20_000]
)
def test_a_quote_is_looked_for_in_a_repetitive_text_in_no_time(text: str, words: str) -> None:
    text = text * (1_000_000 // len(text))
    start = time.process_time()
    for explain in (spans.absent, spans.ambiguous):
        assert len(str(explain(spans.Quote(words), text, file="f", line=1, what="w"))) < 5_000
    spans.find(spans.Quote(text[:10_000]), text)
    assert time.process_time() - start < 2


def test_the_longest_run_is_what_difflib_finds() -> None:
    draw = random.Random(3)  # noqa: S311  # not a secret
    for _ in range(300):
        text, words = ("".join(draw.choices("ab c", k=draw.randint(0, 40))) for _ in range(2))
        expected = SequenceMatcher(None, text, words, autojunk=False).find_longest_match().size
        in_words, in_text, size = spans._longest_run(words, text, 1)
        assert size == expected
        assert words[in_words : in_words + size] == text[in_text : in_text + size]
