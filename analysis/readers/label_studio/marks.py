"""The regions of a Label Studio annotation as marks, with what their relations say.

A region may carry several labels, and each makes a mark of its own. What was said of the whole text makes
a mark without a span, one for each control.
"""

from collections import Counter
from collections.abc import Iterator, Mapping

from analysis.readers.found import Feature, Mark
from analysis.readers.inputs.json_relations import Target, related
from analysis.readers.label_studio.regions import Coding

_LONGEST_TARGET = 2_000


def marks(found: Coding, texts: Mapping[str, tuple[str, str | None]], left_out: Counter[str]) -> Iterator[Mark]:
    """The regions as marks; `texts` gives for each annotated object, "" for others, its document and text.

    Raises
    ------
    CorpusError
        A relation points at a region that is too long to be quoted.
    """
    told = _related(found, texts, left_out)
    before = f"{found.place.file}:{found.place.line}: {found.place.what}, region "
    for name, region in found.regions.items():
        document = texts.get(region.about, texts[""])[0]
        where = f"{before}{name}"
        features = {key: given[0] if len(given) == 1 else _short(given) for key, given in region.features.items()}
        if region.span is None:
            for key, given in features.items():
                one = name if len(features) == 1 else f"{name}/{key}"
                yield Mark(document, found.coder, one, key, None, None, None, (), {key: given}, where)
            continue
        kinds = region.kinds or tuple(region.features)[:1]
        if not kinds or region.span.start == region.span.end:
            left_out["an empty span" if kinds else "without a label"] += 1
            continue
        span, quote = region.span, region.span.quote if region.span.kind == "plain" else None
        merged = _merged(told[name], features, found, name) if name in told else features
        for kind in kinds:
            one = name if kind == kinds[0] else f"{name}/{kind}"
            yield Mark(document, found.coder, one, kind, span.start, span.end, quote, (), merged, where)


def _merged(
    told: Mapping[str, Feature], features: Mapping[str, Feature], found: Coding, name: str
) -> Mapping[str, Feature]:
    both = told.keys() & features.keys()
    if both:
        hint = "rename the relation in the export"
        raise found.place.wrong(f"region {name}: {min(both)!r} is the name of a relation and of a control", "", hint)
    return {**told, **features}


def _short(given: list[str]) -> Feature:
    """One text, or the list of those that differ."""
    several = list(dict.fromkeys(given))
    return several[0] if len(several) == 1 else several


def _related(
    found: Coding, texts: Mapping[str, tuple[str, str | None]], left_out: Counter[str]
) -> dict[str, dict[str, Feature]]:
    """What relations add to the features of each region."""
    if not found.relations:
        return {}
    there = [each for each in found.relations if each[0] in found.regions and each[1] in found.regions]
    left_out["a relation to a region that is not there"] += len(found.relations) - len(there)
    targets = {target: _target(target, found, texts) for _, target, _ in there}
    return related(there, targets, found.place)


def _target(name: str, found: Coding, texts: Mapping[str, tuple[str, str | None]]) -> Target:
    region = found.regions[name]
    quote, span = name, region.span
    if span and span.quote is not None and span.kind == "plain":
        quote = span.quote
    elif span:
        if span.end - span.start > _LONGEST_TARGET:
            what = f"a relation points at region {name}, which is longer than {_LONGEST_TARGET} characters"
            raise found.place.wrong(what)
        quote = (texts.get(region.about, texts[""])[1] or "")[span.start : span.end]
    kind = "; ".join(region.kinds) or next(iter(region.features), "")
    return Target(quote, kind, {key: "; ".join(dict.fromkeys(given)) for key, given in region.features.items()})
