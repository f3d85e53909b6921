"""Which field of a Label Studio task is the text that was annotated, and its text as offsets count it.

Quirks: an export names the object that was annotated (`to_name`) but not the data field that it showed; that stands in
the labelling configuration only. So each field is tried: the one that all spans and their quotes fit is it. HTML is
counted in the text of its elements, with one character for a line break; the quote of a stretch of HTML is what the
browser showed, with blank lines between blocks, and may end elsewhere than the offsets do. A dialogue is counted by
paragraph; here it becomes one text with a line for each paragraph. Which of a paragraph's fields are its words, stands
in the configuration only too: `text`, or the longest, which the quotes must fit.
"""

import html
import re
from collections.abc import Mapping
from itertools import accumulate
from typing import Any, NamedTuple

from analysis.errors import CorpusError, Problem, one_of
from analysis.readers.inputs.json_input import Place, told

_TAG = re.compile(r"<!--.*?(?:-->|\Z)|(<br\b[^<>]*>)|<[A-Za-z/!?][^<>]*>", re.DOTALL | re.IGNORECASE)
_BLANK = re.compile(r"(?:\s|\\[nrt])+")
_IS_PLACE = re.compile(r"\s*(?:https?:|s3:|gs:|/|data:)\S*\s*")
_MOST_FIELDS = 100


class Span(NamedTuple):
    """A stretch of some text of the task: of which kind, from where to where, and the tool's quote."""

    kind: str
    start: int
    end: int
    quote: str | None


class Texts:
    """The texts of one task, by field: `plain` as they stand, `html` without tags, `dialogue` as lines."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._plain = {key: value for key, value in data.items() if isinstance(value, str)}
        dialogues = {key: _spoken(value) for key, value in data.items()}
        self.is_told = any(dialogues.values())
        if not self.is_told:
            dialogues = {key: _called_otherwise(value) for key, value in data.items()}
        self._dialogues = {key: lines for key, lines in dialogues.items() if lines is not None}
        self.authors = {key: _authors(data[key]) for key in self._dialogues}
        self._html: dict[str, str] = {}

    def of(self, kind: str, key: str) -> str | None:
        """The text of this field, None where the task has none."""
        if kind == "dialogue":
            return "\n".join(self._dialogues[key]) if key in self._dialogues else None
        if kind == "html" and key in self._plain:
            if key not in self._html:
                self._html[key] = without_tags(self._plain[key])
            return self._html[key]
        return self._plain.get(key)

    def fields(self, kind: str) -> list[str]:
        """The fields that hold a text of this kind."""
        return list(self._dialogues if kind == "dialogue" else self._plain)

    def dialogue(self, place: Place) -> tuple[list[str], list[int], list[str]]:
        """The paragraphs of the only dialogue of the task, the offset at which each starts, and who speaks."""
        if len(self._dialogues) != 1:
            found = f"a region of paragraphs, but {len(self._dialogues)} fields of the data are dialogues"
            raise place.wrong(found, "one field, a list of objects with `text`")
        ((key, lines),) = self._dialogues.items()
        return lines, [0, *accumulate(len(line) + 1 for line in lines)], self.authors[key]


class Fields:
    """For each annotated object, the fields that its spans fit so far, and the kind of its text."""

    def __init__(self, chosen: str | None) -> None:
        self._chosen = chosen
        self._fitting: dict[str, list[str]] = {}
        self._longest: dict[str, int] = {}
        self.kinds: dict[str, str] = {}

    def weigh(self, name: str, span: Span, texts: Texts, place: Place) -> None:
        """Keep of the fields those that this span of the object `name` fits; all, where it fits none."""
        if self.kinds.setdefault(name, span.kind) != span.kind:
            raise place.wrong(f"{name!r} is annotated as {span.kind} here, as {self.kinds[name]} before")
        before = self._fitting.get(name) or texts.fields(span.kind)
        if len(before) > _MOST_FIELDS:
            raise place.wrong(f"the data has {len(before)} texts", f"at most {_MOST_FIELDS} of which one was annotated")
        fitting = [key for key in before if fits(span, texts.of(span.kind, key))]
        self._fitting[name] = fitting or before

    def are_unchanged(self, name: str, span: tuple[str, int, int, str], texts: Texts) -> bool:
        """Whether the span fits all fields that are left for the object: then `weigh` does nothing."""
        kind, start, end, quote = span
        fitting = self._fitting.get(name)
        if not fitting or self.kinds[name] != kind or end - start != len(quote):
            return False
        for key in fitting:
            text = texts.of(kind, key)
            if text is None or text[start:end] != quote:
                return False
        return True

    def measure(self, texts: Texts) -> None:
        """Note which fields are texts, for a file without any span."""
        for key in texts.fields("plain"):
            text = texts.of("plain", key) or ""
            if not _IS_PLACE.fullmatch(text):
                self._longest[key] = self._longest.get(key, 0) + len(text)

    def chosen(self, file: str) -> dict[str, str]:
        """The field of each object that carries spans; without any span the one that is likeliest the text."""
        found = {name: self._of(name, fitting, file) for name, fitting in self._fitting.items() if fitting}
        if found or not (self._chosen or self._longest):
            return found
        likely = [self._chosen, "text", max(self._longest, key=self._longest.__getitem__, default=None)]
        return {"": next(key for key in likely if key and (key in self._longest or key == self._chosen))}

    def _of(self, name: str, fitting: list[str], file: str) -> str:
        named = [key for key in (self._chosen, name, "text") if key in fitting]
        if len(fitting) == 1 or named:
            return named[0] if named else fitting[0]
        found = f"the spans of {name!r} fit several fields of the data"
        hint = "take the fields that were not annotated out of the file"
        raise CorpusError(Problem(file, 0, found, f"one field; here {one_of(fitting)}", hint))


def fits(span: Span, text: str | None) -> bool:
    """Whether the span lies in this text, with its quote there."""
    if text is None or span.end > len(text):
        return False
    if span.quote is None:
        return True
    if span.kind == "plain":
        return text[span.start : span.end] == span.quote
    there, quoted = (_BLANK.sub("", part) for part in (text[span.start : span.end], span.quote))
    return bool(there and quoted) and (there.startswith(quoted) or quoted.startswith(there))


def without_tags(page: str) -> str:
    """The text of the elements of a page as Label Studio counts it: `<br>` is one character, CR LF too."""
    page = page.replace("\r\n", "\n").replace("\r", "\n")
    return html.unescape(_TAG.sub(lambda tag: "\n" if tag[1] else "", page))


def _spoken(value: Any) -> list[str] | None:
    """The paragraphs of a dialogue; None for what is none."""
    if not (isinstance(value, list) and value and all(isinstance(part, dict) for part in value)):
        return None
    lines = [part.get("text") for part in value]
    return lines if all(isinstance(line, str) for line in lines) else None


def _called_otherwise(value: Any) -> list[str] | None:
    """The paragraphs of a dialogue whose words are not called `text`: of the fields that all have, the longest."""
    if not (isinstance(value, list) and value and all(isinstance(part, dict) for part in value)):
        return None
    names = [name for name in value[0] if all(isinstance(part.get(name), str) for part in value)]
    texts = ([part[name] for part in value] for name in names)
    return max(texts, key=lambda lines: sum(map(len, lines)), default=None)


def _authors(dialogue: list[dict[str, Any]]) -> list[str]:
    return [author if isinstance(author := part.get("author"), str) else "" for part in dialogue]


def span_of(value: Mapping[str, Any], quote: str | None, texts: Texts, place: Place) -> tuple[Span, str]:
    """The span that the value of a result gives, and who speaks there if it is a dialogue."""
    start, end = value.get("start"), value.get("end")
    if isinstance(start, str) and start.startswith("/"):
        offsets = value.get("globalOffsets")
        if offsets is None:
            hint = "open and save the annotation in a newer Label Studio, which adds them, and export it again"
            raise place.wrong("a region of HTML has an XPath only", "`globalOffsets` beside it", hint)
        offsets = place.need(offsets, dict, "globalOffsets")
        return _checked("html", offsets.get("start"), offsets.get("end"), quote, place), ""
    if "startOffset" in value and "endOffset" in value:
        return _in_dialogue(value, quote, texts, place)
    return _checked("plain", start, end, quote, place), ""


def _checked(kind: str, start: Any, end: Any, quote: str | None, place: Place) -> Span:
    first, last = place.need(start, int, "start"), place.need(end, int, "end")
    if not 0 <= first <= last:
        raise place.wrong(f"the span {told(first)}–{told(last)} is reversed or negative", "0 ≤ start ≤ end")
    return Span(kind, first, last, quote)


def _in_dialogue(value: Mapping[str, Any], quote: str | None, texts: Texts, place: Place) -> tuple[Span, str]:
    lines, starts, authors = texts.dialogue(place)
    offsets = []
    for name in ("start", "end"):
        index = value.get(name)
        if isinstance(index, str) and index.isascii() and index.isdigit() and len(index) < len("1000000"):
            index = int(index)
        number, offset = place.need(index, int, name), place.need(value.get(f"{name}Offset"), int, f"{name}Offset")
        if not (0 <= number < len(lines) and 0 <= offset <= len(lines[number])):
            found = f"{name} is character {told(offset)} of paragraph {told(number)}"
            raise place.wrong(found, f"a place in the {len(lines)} paragraphs, which are counted from 0")
        found = "a paragraph with emoji, which offsets here may count twice, has no quote"
        if not texts.is_told:
            found = "a paragraph whose words are in no field `text` has no quote"
        if quote is None and (not texts.is_told or max(lines[number], default="") > "\uffff"):
            raise place.wrong(found, "a quote", 'set savetextresult="yes" on <Paragraphs>, and export it again')
        offsets.append(starts[number] + offset)
    first = int(value["start"])
    return _checked("dialogue", offsets[0], offsets[1], quote, place), authors[first]
