"""Text-free coding: a corpus with its texts and quotes taken out, and what is needed to put them back left in.

News text is often not ours to share; its coding is. Each record keeps its gloss and gets `span`, the offsets of its
quote; each annotation gets the text's SHA-256 and length. Where the text that was coded lies in texts/, the reader
fills the quotes again; a text with another hash is an error.
"""

import re
from pathlib import Path
from typing import Any

from analysis import codebook, yaml12
from analysis.readers import native
from analysis.schema import Tables

_ANCHORS = ("quote", "before", "after", "span")


def withheld(path: Path) -> dict[str, str]:
    """The files of a text-free copy of the corpus in the folder `path`: relative name to content.

    Raises
    ------
    CorpusError
        The corpus cannot be read as it stands; all that is wrong with it.
    """
    tables = native.read(path)
    files = {"codebook.yaml": codebook.text_of(path / "codebook.yaml", "codebook.yaml")}
    for source in native.sources(path)[0]:
        content = codebook.text_of(source.article, source.article.name)
        front = re.match(r"---.*?^---[ \t]*(?:\n|\Z)", content, re.DOTALL | re.MULTILINE)
        files[f"articles/{source.article.name}"] = front[0].rstrip() + "\n" if front else content
        for annotation in source.annotations:
            files[f"articles/{annotation.name}"] = _annotation(annotation, source.article_id, tables)
    return files


def _annotation(path: Path, article_id: str, tables: Tables) -> str:
    """One annotation file with spans in place of quotes."""
    document = yaml12.load(codebook.text_of(path, path.name), path.name)
    article = tables.articles.set_index("article_id").loc[article_id]
    head = {key: document[key] for key in ("coder",) if document.get(key)}
    facts = {"text_sha256": article["text_sha256"], "n_chars": str(article["n_chars"])}
    prefix = path.name.removesuffix(".ann.yaml")
    places = {
        "statements": tables.statements.set_index("statement_id"),
        "events": tables.mentions.set_index("mention_id"),
    }
    lists: dict[str, list[dict[str, Any]]] = {}
    for name, table in places.items():
        seen: dict[str, int] = {}
        lists[name] = []
        for record in document.get(name) or []:
            seen[record["id"]] = seen.get(record["id"], 0) + 1
            again = f"~{seen[record['id']]}" if seen[record["id"]] > 1 else ""
            row = table.loc[f"{prefix}/{record['id']}{again}"]
            kept = {key: value for key, value in record.items() if key not in _ANCHORS and value is not None}
            lists[name].append({"id": kept.pop("id"), "span": (str(row["start"]), str(row["end"]))} | kept)
    return yaml12.dump(head | facts | lists)
