"""A made corpus of any size in the native format: nonsense to read, but shaped like coded news.

An article has some 500 words, 12 statements and 3 event mentions. Quotes are parts of sentences and stand once in their
text. One article in five is in Cyrillic, one in ten is a copy of an earlier one's report. A few speakers are heard
often and most seldom, five articles on average mention an event, and every mention gives all of its fields. Actors,
issues and event types are those of data/raw/russia-taliban. The same seed gives the same bytes.
"""

import datetime as dt
import random
import re
import shutil
from itertools import accumulate
from pathlib import Path

from analysis import codebook

SENTENCES, STATEMENTS, MENTIONS = 28, 12, 3
_FIRST_DAY = dt.date(2021, 1, 1)
_DAYS = 1460
_CYRILLIC = str.maketrans("abcdefghijklmnopqrstuvwxyz", "абцдефгхийклмнопярстувшщыз")
_STANCES = ("1", "0.5", "0", "-0.5", "-1", "mixed")
_LEANS = ((60, 20, 10, 5, 3, 2), (5, 10, 60, 10, 10, 5), (3, 5, 12, 20, 58, 2))


class Maker:
    """Draws the articles of one corpus; what is common to them (codebook, words, events) is drawn first."""

    def __init__(self, source: Path, n_articles: int, seed: int = 0) -> None:
        book = codebook.read(source / "codebook.yaml")
        self.random = random.Random(seed)
        self.modes = {kind: book.modes[kind] for kind in book.quad_classes}
        actors = book.actors["actor_id"].tolist()
        self.actors = self.random.sample(actors, len(actors))
        self.weights = list(accumulate(1 / rank for rank in range(1, len(actors) + 1)))
        self.organisations = book.actors.set_index("actor_id")["organisation_id"].dropna().to_dict()
        self.issues = book.issues["issue_id"].tolist()
        text = " ".join(path.read_text(encoding="utf-8") for path in sorted((source / "articles").glob("*.md")))
        self.words = sorted({word.lower() for word in re.findall(r"[A-Za-z]{2,}", text)})
        self.n_articles = n_articles
        self.leans = {(actor, issue): self.random.choice(_LEANS) for actor in self.actors for issue in self.issues}
        self.events = [self._event(number) for number in range(max(MENTIONS, n_articles * MENTIONS // 5))]

    def article(self, number: int) -> tuple[str, str]:
        """The article file and the annotation file of the article `number`."""
        words = [word.translate(_CYRILLIC) for word in self.words] if number % 5 == 4 else self.words
        sentences = [self.random.choices(words, k=self.random.randint(12, 24)) for _ in range(SENTENCES)]
        lines = [" ".join(sentence).capitalize() + "." for sentence in sentences]
        paragraphs = [" ".join(lines[start : start + 4]) for start in range(0, SENTENCES, 4)]
        origin = number - number % 10 if number % 10 == 9 else number
        front = [
            f'title: "Report {number}: {" ".join(words[:6])}"',
            f"outlet: Outlet {number % 12}",
            f"language: {'ru' if words is not self.words else 'en'}",
            f"published: {self._day(number)}",
            f"origin_id: o{origin}",
            f"url: https://example.org/{number}",
        ]
        article = "\n".join(["---", *front, "---", "", "\n\n".join(paragraphs), ""])
        chosen = self.random.sample(range(1, SENTENCES), STATEMENTS + MENTIONS)
        quotes = [self._quote(sentences[index]) for index in chosen]
        return article, self._annotation(number, quotes)

    def _day(self, number: int) -> dt.date:
        return _FIRST_DAY + dt.timedelta(days=number * _DAYS // self.n_articles)

    def _quote(self, sentence: list[str]) -> str:
        """Six or more words of a sentence after its first, as YAML: plain, or in double quotes."""
        length = self.random.randint(6, len(sentence) - 1)
        start = self.random.randint(1, len(sentence) - length)
        words = " ".join(sentence[start : start + length])
        return words if self.random.random() < 0.7 else f'"{words}"'

    def _annotation(self, number: int, quotes: list[str]) -> str:
        lines = ["coder: made", "statements:"]
        for index, quote in enumerate(quotes[:STATEMENTS], start=1):
            lines += self._statement(number, index, quote)
        near = number * len(self.events) // self.n_articles
        pool = range(max(0, near - 10), min(len(self.events), near + 10))
        lines.append("events:")
        for event, quote in zip(self.random.sample(pool, MENTIONS), quotes[STATEMENTS:], strict=True):
            lines += [
                f"  - id: e{event}",
                f"    quote: {quote}",
                f"    gloss: Article {number} reports the event {event}.",
            ]
            lines += self.events[event]
        return "\n".join([*lines, ""])

    def _statement(self, number: int, index: int, quote: str) -> list[str]:
        speaker = self.random.choices(self.actors, cum_weights=self.weights)[0]
        issue = self.random.choice(self.issues)
        organisation = self.organisations.get(speaker)
        lines = [
            f"  - id: s{index}",
            f"    quote: {quote}",
            f"    gloss: {speaker} speaks on {issue} here, which the coder tells in one sentence of a usual length.",
            f"    speaker: {speaker}",
            f"    issue: {issue}",
            f"    stance: {self.random.choices(_STANCES, self.leans[speaker, issue])[0]}",
            f"    certainty: {self.random.choice(['certain', 'probable', 'unspecified'])}",
            f"    speech: {self.random.choice(['direct', 'indirect', 'paraphrase'])}",
        ]
        if organisation:
            lines.append(f"    on_behalf_of: {organisation}")
        if index % 6 == 0:
            lines.append(f"    date: {self._day(number):%Y-%m}")
        if index % 10 == 0:
            lines.append("    condition: only if a condition is met first")
        return lines

    def _event(self, number: int) -> list[str]:
        """What every mention says of the event."""
        actor, recipient = self.random.sample(self.actors, 2)
        kind = self.random.choice(list(self.modes))
        day = _FIRST_DAY + dt.timedelta(days=number * _DAYS // max(1, self.n_articles * MENTIONS // 5))
        lines = [f"    label: Made event {number}", f"    type: {kind}"]
        if self.modes[kind]:
            lines.append(f"    mode: {self.random.choice(self.modes[kind])}")
        lines += [f"    actors: [{actor}]", f"    recipients: [{recipient}]"]
        lines.append(f"    start: {day if number % 3 else day.strftime('%Y-%m')}")
        return [*lines, "    basis: stated", "    status: occurred", "    place: Kabul, AF"]


def make(source: Path, target: Path, n_articles: int) -> None:
    """Write a corpus of `n_articles` into the new folder `target`, with the codebook of the corpus in `source`."""
    articles = target / "articles"
    articles.mkdir(parents=True)
    shutil.copy(source / "codebook.yaml", target)
    maker = Maker(source, n_articles)
    for number in range(n_articles):
        article, annotation = maker.article(number)
        (articles / f"a{number:05}.md").write_text(article, encoding="utf-8", newline="\n")
        (articles / f"a{number:05}.ann.yaml").write_text(annotation, encoding="utf-8", newline="\n")


def change(target: Path, number: int) -> None:
    """Change one word of the coding of one article."""
    path = target / "articles" / f"a{number:05}.ann.yaml"
    content = path.read_text(encoding="utf-8")
    path.write_text(content.replace("gloss: ", "gloss: Again, ", 1), encoding="utf-8", newline="\n")


def size(target: Path) -> str:
    """How long an article and its annotation are on average: characters of text, lines of YAML."""
    texts = [path.read_text(encoding="utf-8") for path in sorted((target / "articles").glob("*.md"))[:100]]
    codings = [path.read_text(encoding="utf-8") for path in sorted((target / "articles").glob("*.ann.yaml"))[:100]]
    words = sum(len(text.split()) for text in texts) / len(texts)
    return f"{words:.0f} words and {sum(map(len, codings)) / len(codings) / 1000:.1f} kB of coding an article"
