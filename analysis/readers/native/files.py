"""What was imported as files of the native format, which an analyst can edit, compare and read again without loss.

A text goes into its article where the native format would read it back letter by letter; else (other line ends, letters
that are not composed, white space at an end) it lies untouched in texts/, and its records carry offsets.
"""

import hashlib
import unicodedata
from typing import Any

from analysis import yaml12
from analysis.codebook import Codebook
from analysis.readers.foreign import Article, Imported

_CONTEXT = 32
_EMPTY = hashlib.sha256(b"").hexdigest()
_ACTOR = {"actor_id": "id", "name": "name", "kind": "kind", "organisation_id": "organisation", "role": "role"}


def native_files(read: Imported, codebook: str | None = None) -> dict[str, str]:
    """Relative name and content of every file; `codebook` is the text of the one that the mapping names."""
    files = {"codebook.yaml": codebook or _codebook(read.meaning.book)}
    for article in read.articles.values():
        is_apart = article.text is not None and not _is_native(article.text)
        body = article.text if article.text and not is_apart else ""
        files[f"articles/{article.article_id}.md"] = (
            f"---\n{yaml12.dump(_front(article))}---\n\n{body}\n".rstrip() + "\n"
        )
        if is_apart:
            files[f"texts/{article.article_id}.txt"] = article.text or ""
    for (name, coder), lists in read.codings.items():
        article = read.articles[name]
        named = "" if coder == "main" else f".{coder}"
        files[f"articles/{article.article_id}{named}.ann.yaml"] = _annotation(article, coder, lists)
    return files


def _is_native(text: str) -> bool:
    """Whether the native reader would find just this text below the front matter."""
    clean = unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip("\n").rstrip()
    return bool(text) and clean == text and "\r" not in text


def _front(article: Article) -> dict[str, Any]:
    start, end, precision = article.front["published"]
    first, last = start.date().isoformat(), end.date().isoformat()
    width = {"day": 10, "month": 7, "year": 4}.get(precision, 10)
    date = first[:width] if precision != "interval" else f"{first}/{last}"
    return {**article.front, "published": date}


def _annotation(article: Article, coder: str, lists: dict[str, list[yaml12.Record]]) -> str:
    head: dict[str, Any] = {} if coder == "main" else {"coder": coder}
    if article.text is None:
        head |= {"text_sha256": _EMPTY, "n_chars": "0"}
    elif not _is_native(article.text):
        head |= {"text_sha256": hashlib.sha256(article.text.encode()).hexdigest(), "n_chars": str(len(article.text))}
    content = {
        name: [_anchored(record, article.text) for record in records] for name, records in lists.items() if records
    }
    return yaml12.dump(head | (content or {"statements": []}))


def _anchored(record: yaml12.Record, text: str | None) -> dict[str, Any]:
    """The record with its quote, and the context that makes it unique, in place of its offsets where that holds."""
    fields = dict(record)
    span = fields.pop("span", None)
    if span is None or text is None:
        return fields | ({"span": tuple(span)} if span else {})
    identifier, (start, end) = fields.pop("id"), map(int, span)
    quote = _quoted(text, start, end) if _is_native(text) else None
    return {"id": identifier, **(quote or {"span": tuple(span)}), **fields}


def _quoted(text: str, start: int, end: int) -> dict[str, str] | None:
    """The quote with as much context as makes it stand in one place; None where no context does."""
    words = text[start:end]
    for width in (0, _CONTEXT, 4 * _CONTEXT):
        before, after = text[max(0, start - width) : start], text[end : end + width]
        needle = before + words + after
        if words and text.find(needle) == start - len(before) and text.find(needle, start - len(before) + 1) < 0:
            context = {"before": before, "after": after}
            return {"quote": words, **{name: part for name, part in context.items() if part}}
    return None


def _codebook(book: Codebook) -> str:
    actors = [
        {name: str(row[column]) for column, name in _ACTOR.items() if isinstance(row[column], str)}
        for row in book.actors.to_dict("records")
    ]
    issues = [{"id": row["issue_id"], "proposition": row["proposition"]} for row in book.issues.to_dict("records")]
    return yaml12.dump({"actors": actors, "issues": issues})
