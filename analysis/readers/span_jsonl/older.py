"""Records of doccano before version 1.5, in the form of later ones.

Quirks: all coders stand in one record, whose `annotations` each name a `user`. The label is a number, the name of which
is in the project only; some versions add it as `label_name`. Other tools have records with `annotations` too: doccano's
say who made each.
"""

import re
from collections.abc import Mapping
from typing import Any

from analysis.readers.inputs.json_input import Place, fact

SIGN = re.compile(rb'"annotations"\s*:\s*\[\s*\{[^{}]{0,400}"user"\s*:')
_WHOSE = ("user", "user_name", "label_name")


def by_coder(record: Mapping[str, Any], place: Place) -> dict[str, Mapping[str, Any]]:
    """The record as each coder would have it, by coder; as it is, for nobody, where it has no such annotations."""
    rest = {key: value for key, value in record.items() if key != "annotations"}
    parts: dict[str, dict[str, Any]] = {}
    for number, value in enumerate(place.need(record["annotations"], list, "annotations"), 1):
        each = place.inside(f"annotations {number}").need(value, dict, "the annotation")
        coder = fact(each.get("user_name")) or fact(each.get("user")) or "main"
        part = parts.setdefault(coder, {**rest, "entities": [], "cats": []})
        label = next((text for key in ("label_name", "label", "text") if (text := fact(each.get(key)))), None)
        if "start_offset" in each:
            named = {key: inner for key, inner in each.items() if key not in _WHOSE}
            part["entities"].append({**named, "label": label})
        elif label:
            part["cats"].append(label)
    return dict(parts) or {"": rest}
