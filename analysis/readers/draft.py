"""A first mapping from what a file holds: what is called as our fields are is mapped, the rest is named for editing."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from analysis.readers.found import Found
from analysis.readers.mapping import Code, Meanings, Source

_CALLED = {
    "speaker": ("speaker", "speaker_id", "person", "actor"),
    "on_behalf_of": ("on_behalf_of", "organisation", "organization", "organisation_id"),
    "issue": ("issue", "issue_id", "concept"),
    "stance": ("stance", "agreement", "position"),
    "certainty": ("certainty",),
    "condition": ("condition",),
    "speech": ("speech",),
    "date": ("date",),
    "gloss": ("gloss",),
}
_FACTS = {
    "title": ("title", "documentTitle"),
    "outlet": ("outlet", "source"),
    "language": ("language",),
    "published": ("published", "date"),
    "url": ("url",),
    "origin_id": ("origin_id",),
}
_NEEDED = {"speaker", "issue", "stance"}
_STANCES = dict.fromkeys(("support", "for", "pro", "yes", "true", "True", "agree"), "1") | dict.fromkeys(
    ("oppose", "against", "con", "no", "false", "False", "disagree"), "-1"
)
_SHOWN = 6


def draft(found: Found) -> Meanings:
    """A mapping of the kinds that carry a speaker, an issue and a stance under names that tell them."""
    codes: dict[str, Code | None] = {}
    for kind, features in _features(found).items():
        fields = {
            name: _source(name, called, features) for name, called in _CALLED.items() if set(called) & set(features)
        }
        if fields.keys() >= _NEEDED:
            codes[kind] = Code("statement", fields)
    facts = {fact for document in found.documents for fact in document.facts}
    documents = {
        name: Source(next(word for word in called if word in facts))
        for name, called in _FACTS.items()
        if facts & set(called)
    }
    return Meanings(codes, documents)


def _source(name: str, called: Iterable[str], features: Counter[str]) -> Source:
    """Where a field comes from; of true and false, which DNA writes as 1 and 0, the latter is against."""
    word = next(word for word in called if word in features)
    values = (_STANCES | ({"0": "-1"} if word == "agreement" else {"neutral": "0"})) if name == "stance" else {}
    return Source(word, values)


def _features(found: Found) -> dict[str, Counter[str]]:
    """How often marks of each kind have each feature; the kinds in order of their first mark."""
    features: dict[str, Counter[str]] = defaultdict(Counter)
    for mark in found.marks:
        features[mark.kind].update(mark.features.keys())
    return features


def as_text(found: Found, name: str, options: Mapping[str, str] | None = None) -> str:
    """A mapping to edit, as YAML with counts in its comments: what is drafted stands, all else is left out by name."""
    meanings = draft(found)
    lines = [f"# Drafted from {name}: {len(found.documents)} documents, {len(found.marks)} annotations."]
    lines += (
        [f"options: {{{', '.join(f'{key}: {_quoted(value)}' for key, value in options.items())}}}"] if options else []
    )
    lines.append("documents:")
    lines += [f"  {field}: {_quoted(source.name or '')}" for field, source in meanings.documents.items()]
    if "published" not in meanings.documents:
        lines.append("  published: {default: 1970}  # no date was found: put the year, month or day here")
    lines.append("codes:")
    counts = Counter(mark.kind for mark in found.marks)
    for kind, features in _features(found).items():
        told = ", ".join(f"{feature} ({n})" for feature, n in features.most_common(_SHOWN))
        lines.append(f"  # {counts[kind]} annotations; features: {told or 'none'}")
        lines += _code_lines(kind, meanings.codes.get(kind))
    return "\n".join(lines) + "\n"


def _code_lines(kind: str, code: Code | None) -> list[str]:
    if code is None:
        return [f"  {_quoted(kind)}: leave out"]
    lines = [f"  {_quoted(kind)}:"]
    for field, source in code.fields.items():
        values = ", ".join(f"{_quoted(text)}: {value}" for text, value in source.means.items())
        lines.append(
            f"    {field}: {{from: {_quoted(source.name or '')}" + (f", values: {{{values}}}}}" if values else "}")
        )
    return lines


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return text if text.replace("_", "a").isalnum() and text.isascii() else f'"{escaped}"'
