"""What relations add to the features of a mark: the quotes of their targets, and beside them kinds and features.

Who is said by whom often takes two steps, from statement to speaker to organisation; so a mark also carries the quote
of what its target points at, as `said_by.member_of`. Where a label has several targets, its lists are all in one order.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from analysis.readers.found import Feature
from analysis.readers.inputs.json_input import Place, told

_MOST_FEATURES = 100


class Target(NamedTuple):
    """What a relation points at: its quote, its kind, and its features, each as one text."""

    quote: str
    kind: str
    features: Mapping[str, str]


def related(
    relations: Iterable[tuple[str, str, str]], targets: Mapping[str, Target], place: Place
) -> dict[str, dict[str, Feature]]:
    """The features that relations (source, target, label) give to each source.

    Raises
    ------
    CorpusError
        The targets of one label have more features than any annotation scheme, and copying them would fill the memory.
    """
    ends: dict[str, dict[str, dict[str, None]]] = {}
    for source, target, label in relations:
        ends.setdefault(source, {}).setdefault(label, {})[target] = None
    steps = {
        name: {label: "; ".join(targets[target].quote for target in several) for label, several in ends[name].items()}
        for name in targets.keys() & ends.keys()
    }
    known = {
        name: target._replace(features={**steps.get(name, {}), **target.features}) for name, target in targets.items()
    }
    return {
        source: {key: given for label, names in labels.items() for key, given in _told(label, names, known, place)}
        for source, labels in ends.items()
    }


def _told(label: str, names: Iterable[str], known: Mapping[str, Target], place: Place) -> Iterator[tuple[str, Feature]]:
    """The features that one label gives its source: the quotes, their kinds, and their features."""
    targets = [known[name] for name in names]
    keys = dict.fromkeys(key for target in targets for key in target.features)
    if len(keys) > _MOST_FEATURES:
        raise place.wrong(f"the targets of {told(label)} have more than {_MOST_FEATURES} features")
    yield label, _all([target.quote for target in targets])
    yield f"{label}.kind", _all([target.kind for target in targets])
    for key in keys:
        yield f"{label}.{key}", _all([target.features.get(key, "") for target in targets])


def _all(several: list[str]) -> Feature:
    return several[0] if len(several) == 1 else several
