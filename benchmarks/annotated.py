"""Made articles with annotations, as the text and JSON formats of other tools: nonsense, but sized like coded news.

An article has 3 to 5 kB of English-looking words and 20 annotations of five to fifteen words. One article in five has
emoji before its annotations, where tools count differently. In formats with features each annotation has a speaker, an
issue and a stance; in formats with labels or codes only, one of 60 labels. The same seed gives the same bytes.
"""

import json
import random
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path
from typing import Any, NamedTuple

SPANS = 20
_WORDS = 3000
_PARTS = ("ba", "cor", "de", "fin", "ga", "hal", "in", "lo", "mer", "no", "pre", "qui", "ras", "so", "tem", "ul", "ven")
_EMOJI = ("🚢", "🙂", "👍🏽")
_STANCES = ("1", "0.5", "0", "-0.5", "-1")


class Span(NamedTuple):
    """An annotation: its place in code points and in UTF-16 units, its words, and what it says."""

    start: int
    end: int
    start16: int
    end16: int
    quote: str
    fields: dict[str, str]
    label: str


class Article(NamedTuple):
    """A text with its annotations in order."""

    name: str
    text: str
    spans: list[Span]


def articles(seed: int = 0) -> Iterator[Article]:
    """Articles without end."""
    draw = random.Random(seed)
    words = ["".join(draw.choices(_PARTS, k=draw.randint(1, 3))) for _ in range(_WORDS)]
    speakers = [" ".join(part.title() for part in draw.sample(words, 2)) for _ in range(200)]
    issues = [" ".join(draw.sample(words, 3)) for _ in range(40)]
    labels = [f"{kind}/{name}" for kind in ("Speaker", "Issue", "Stance") for name in draw.sample(words, 20)]
    for number in count(1):
        sentences = [draw.choices(words, k=draw.randint(16, 28)) for _ in range(draw.randint(28, 44))]
        text, spans, shift = "", [], 0
        marked = {*draw.sample(range(1, len(sentences)), SPANS)}
        for at, sentence in enumerate(sentences):
            sign = f"{draw.choice(_EMOJI)} " if number % 5 == 0 and at % 9 == 0 else ""
            shift += sum(letter > "\uffff" for letter in sign)
            text += sign
            if at in marked:
                first = draw.randint(0, 4)
                quote = " ".join(sentence[first : first + draw.randint(5, 12)])
                start = len(text) + len(" ".join(sentence[:first])) + (first > 0)
                fields = {
                    "speaker": draw.choice(speakers),
                    "issue": draw.choice(issues),
                    "stance": draw.choice(_STANCES),
                }
                end = start + len(quote)
                spans.append(Span(start, end, start + shift, end + shift, quote, fields, draw.choice(labels)))
            text += " ".join(sentence) + (".\n\n" if at % 5 == 4 else ". ")
        yield Article(f"a{number:06}", text.strip(), spans)


def until(size: int, parts: Iterator[str]) -> Iterator[str]:
    """As many of the parts as make up `size` bytes."""
    written = 0
    while written < size:
        part = next(parts)
        written += len(part.encode())
        yield part


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def label_studio(folder: Path, size: int) -> Path:
    """One array of tasks, each annotation a label and a choice of its region."""

    def task(number: int, article: Article) -> str:
        results = []
        for at, span in enumerate(article.spans):
            base = {"id": f"r{at}", "to_name": "text", "origin": "manual"}
            place = {"start": span.start, "end": span.end, "text": span.quote}
            label, choice = {**place, "labels": ["Statement"]}, {**place, "choices": [span.fields["stance"]]}
            results += [
                {**base, "from_name": "label", "type": "labels", "value": label},
                {**base, "from_name": "stance", "type": "choices", "value": choice},
            ]
        annotation = {"id": number, "completed_by": 1, "result": results, "was_cancelled": False, "lead_time": 9.5}
        data = {"text": article.text, "title": article.name}
        return _dumped({"id": number, "annotations": [annotation], "data": data, "predictions": []})

    tasks = until(size, (task(number, article) for number, article in enumerate(articles(), 1)))
    return written_to(folder / "export.json", "[" + ",".join(tasks) + "]")


def doccano(folder: Path, size: int) -> Path:
    """One record a line with `label` as lists."""
    rows = (
        _dumped({"id": article.name, "text": article.text, "label": [[s.start, s.end, s.label] for s in article.spans]})
        for article in articles()
    )
    return written_to(folder / "all.jsonl", "".join(f"{row}\n" for row in until(size, rows)))


def brat(folder: Path, size: int) -> Path:
    """A .txt and an .ann for each article, with three attributes for each annotation."""
    written, made = 0, articles()
    while written < size:
        article, lines = next(made), []
        for at, span in enumerate(article.spans, 1):
            lines.append(f"T{at}\tStatement {span.start} {span.end}\t{span.quote}")
            told = {name: value.replace(" ", "_") for name, value in span.fields.items()}
            lines += [f"A{at}{n}\t{name} T{at} {value}" for n, (name, value) in enumerate(told.items())]
        content = "\n".join(lines) + "\n"
        written_to(folder / f"{article.name}.txt", article.text)
        written_to(folder / f"{article.name}.ann", content)
        written += len(article.text.encode()) + len(content.encode())
    return folder


def w3c(folder: Path, size: int) -> Path:
    """One file of annotations with quotes and positions, and the texts beside it."""

    def note(article: Article, at: int, span: Span) -> str:
        quote = {
            "type": "TextQuoteSelector",
            "exact": span.quote,
            "prefix": article.text[max(0, span.start - 32) : span.start],
            "suffix": article.text[span.end : span.end + 32],
        }
        place = {"type": "TextPositionSelector", "start": span.start16, "end": span.end16}
        body = [{"type": "TextualBody", "purpose": "tagging", "value": span.label}]
        target = {"source": f"https://example.org/{article.name}", "selector": [quote, place]}
        head = {"@context": "http://www.w3.org/ns/anno.jsonld", "type": "Annotation", "id": f"#{article.name}-{at}"}
        return _dumped({**head, "body": body, "target": target})

    notes, written, made = [], 0, articles()
    while written < size:
        article = next(made)
        found = [note(article, at, span) for at, span in enumerate(article.spans)]
        written_to(folder / f"{article.name}.txt", article.text)
        written += len(article.text.encode()) + sum(len(one.encode()) for one in found)
        notes += found
    return written_to(folder / "annotations.json", "[" + ",".join(notes) + "]")


def catma(folder: Path, size: int) -> Path:
    """A project's folder with one tagset, and a collection for each document."""
    for name in sorted({span.label for article in islice(articles(), 50) for span in article.spans}):
        tag = {"name": name, "uuid": f"T_{name.replace('/', '-')}", "parentUuid": ""}
        filed(folder / "tagsets/S/tags" / tag["uuid"] / "propertydefs.json", _dumped(tag))
    filed(folder / "tagsets/S/header.json", _dumped({"name": "Codes"}))
    written, made = 0, articles()
    while written < size:
        article = next(made)
        notes = _dumped([_catma_note(article, at, span) for at, span in enumerate(article.spans)])
        about = {"gitContentInfoSet": {"title": article.name}, "gitTechInfoSet": {"fileName": f"{article.name}.txt"}}
        filed(folder / f"documents/{article.name}/header.json", _dumped(about))
        filed(folder / f"documents/{article.name}/{article.name}.txt", article.text)
        collection = {"name": "Codes", "responsibleUser": "anna", "sourceDocumentId": article.name}
        filed(folder / f"collections/C_{article.name}/header.json", _dumped(collection))
        filed(folder / f"collections/C_{article.name}/annotations/anna_0.json", notes)
        written += len(article.text.encode()) + len(notes.encode())
    return folder


def _catma_note(article: Article, at: int, span: Span) -> dict[str, Any]:
    place = {"start": span.start16, "end": span.end16, "type": "TextPositionSelector"}
    item = {"source": article.name, "selector": place}
    body = {"tagset": "S", "tag": f"T_{span.label.replace('/', '-')}", "properties": {"system": {}, "user": {}}}
    head = {"@context": "http://www.w3.org/ns/anno.jsonld", "type": "Annotation", "id": f"{article.name}-{at}"}
    return {**head, "body": body, "target": {"type": "List", "items": [item]}}


def filed(path: Path, content: str) -> Path:
    """The file with its content, in folders that are made for it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return written_to(path, content)


def written_to(path: Path, content: str) -> Path:
    """The file with its content."""
    path.write_text(content, encoding="utf-8", newline="")
    return path
