"""What actors and issues are called: names from the data, made ids or matched to those of a codebook."""

import re
import unicodedata
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from itertools import count

import pandas as pd


@dataclass
class Named:
    """Actors or issues: how each is called, matched to a codebook's or made from what the data call them."""

    what: str
    aliases: Mapping[str, str]
    known: dict[str, str] = field(default_factory=dict)
    is_closed: bool = False
    made: dict[str, str] = field(default_factory=dict)

    def id_of(self, text: str) -> str | None:
        """The id of who or what is called so; None where the codebook has nothing of that name."""
        name = self.aliases.get(text, text)
        key = key_of(name)
        if key in self.known:
            return self.known[key]
        if self.is_closed:
            return None
        identifier = name if text in self.aliases else unique(slug(name), self.made)
        self.made.setdefault(identifier, text)
        self.known[key] = self.known[key_of(identifier)] = identifier
        return identifier


def called(table: pd.DataFrame, identifier: str, column: str) -> dict[str, str]:
    """The id of everything that is called by its name or id."""
    pairs = zip(table[identifier].astype(str), table[column].astype(str), strict=True)
    return {key_of(text): key for key, name in pairs for text in (name, key)}


def slug(name: str) -> str:
    """A name as an id: small letters, digits and hyphens, of any script."""
    words = re.findall(r"\w+", unicodedata.normalize("NFC", name).casefold())
    return "-".join(words).replace("_", "-") or "unnamed"


def unique(wanted: str, taken: Container[str]) -> str:
    """The id, with a number behind it where it is taken."""
    numbered = (wanted if n == 1 else f"{wanted}-{n}" for n in count(1))
    return next(name for name in numbered if name not in taken)


def key_of(name: str) -> str:
    """The name as it is compared: in any case of letters, however it is spaced and composed."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())
