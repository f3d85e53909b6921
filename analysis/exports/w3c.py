"""Statements as W3C Web Annotations: a page of JSON-LD per article, and the text it is on."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd

from analysis.exports.folder import write_folder
from analysis.exports.places import Said, placed
from analysis.schema import Tables

_CONTEXT = 32
_TERMS = ("speaker", "on_behalf_of", "issue", "stance", "certainty", "condition", "speech", "date")
_TAGS = {"speaker": "Speaker", "on_behalf_of": "Organisation", "issue": "Issue", "certainty": "Certainty"}
_BOTH_SIDES = ("Stance/1", "Stance/-1")
_HEAD = {"@context": ["http://www.w3.org/ns/anno.jsonld", {name: f"urn:stancebook:{name}" for name in _TERMS}]}


def export_w3c(tables: Tables, path: str | Path, *, texts: Mapping[str, str] | None = None) -> Path:
    """The path of the folder that now holds the statements as Web Annotations: `<article_id>.json` and `.txt` for each.

    Parameters
    ----------
    tables
        A corpus, or what `select` kept of it. Events have no place here.
    path
        A new or empty folder, or one of an earlier export of these articles.
    texts
        The texts that were coded, by article_id; line ends become LF.

    Returns
    -------
    pathlib.Path
        The folder. An annotation per statement, with a TextQuoteSelector (32 characters before and after) and a
        TextPositionSelector (code points of the .txt); its creator is the coder. It says everything twice: as tags
        (`Statement`, `Speaker/<id>`, `Organisation/<id>`, `Issue/<id>`, `Stance/<value>`, `Certainty/<word>`; mixed is
        `Stance/1` and `Stance/-1`) and as bodies with the purposes speaker, on_behalf_of, issue, stance, certainty,
        condition, speech and date, which keep two statements on one span apart. The gloss is the comment.

    Raises
    ------
    ParameterError
        Texts are missing or are not those that were coded.
    StoreError
        The folder cannot be written, or holds other files; what stood there before is untouched.
    """
    words, said = placed(tables, texts, "a W3C export")
    pages: dict[str, list[str]] = {name: [] for name in words}
    sources = _sources(tables.articles)
    for one in said:
        pages[one.article_id].append(_json(_annotation(one, words[one.article_id], sources[one.article_id])))
    files: dict[str, bytes] = {}
    for name, items in pages.items():
        head = _json(_HEAD | {"id": f"{name}.json", "type": "AnnotationPage"}).removesuffix("}")
        files[f"{name}.json"] = (head + ', "items": [\n' + ",\n".join(items) + "\n]}\n").encode()
        files[f"{name}.txt"] = words[name].encode()
    return write_folder(path, files)


def _json(value: dict[str, Any]) -> str:
    """One line: an annotation on each, for whoever compares two exports."""
    return json.dumps(value, ensure_ascii=False)


def _sources(articles: pd.DataFrame) -> dict[str, str]:
    """What each article is called: its address, or its id where it has none or shares it with another."""
    own = articles["url"].where(~articles["url"].duplicated(keep=False) & (articles["url"] != ""))
    return dict(zip(articles["article_id"], own.fillna(articles["article_id"]), strict=True))


def _annotation(one: Said, text: str, source: str) -> dict[str, Any]:
    before, after = text[max(0, one.start - _CONTEXT) : one.start], text[one.end : one.end + _CONTEXT]
    selectors = [
        {"type": "TextQuoteSelector", "exact": one.quote, "prefix": before, "suffix": after},
        {"type": "TextPositionSelector", "start": one.start, "end": one.end},
    ]
    bodies = [_body("tagging", tag) for tag in _tags(one.fields)]
    bodies += [_body(name, one.fields[name]) for name in _TERMS if name in one.fields]
    bodies += [_body("commenting", one.fields["gloss"])] if "gloss" in one.fields else []
    return {
        "id": f"urn:stancebook:{quote(one.statement_id)}",
        "type": "Annotation",
        "motivation": "assessing",
        "creator": {"type": "Person", "name": one.coder_id},
        "body": bodies,
        "target": {"source": source, "selector": selectors},
    }


def _tags(said: Mapping[str, str]) -> list[str]:
    stances = _BOTH_SIDES if said["stance"] == "mixed" else (f"Stance/{said['stance']}",)
    named = {name: f"{tag}/{said[name]}" for name, tag in _TAGS.items() if name in said}
    certainty = named.pop("certainty")
    return ["Statement", *named.values(), *stances, certainty]


def _body(purpose: str, value: str) -> dict[str, str]:
    return {"type": "TextualBody", "purpose": purpose, "value": value}
