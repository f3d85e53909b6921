"""What changed between two states of a corpus, for readers who saw the former one: frames in, frames and pages out.

`evidence`, `articles` and `codebook` hold two states of the tables against each other, `cells` two stance matrices;
`compare` puts the four together as a `Summary`. `block` shows it at the top of a page, `email` and `feed` tell of many
reports, an `Entry` each. Nothing here writes a file.
"""

from analysis.changes.atom import MOST, feed
from analysis.changes.mail import email
from analysis.changes.pages import block
from analysis.changes.passages import evidence
from analysis.changes.shown import Entry
from analysis.changes.sources import articles, codebook
from analysis.changes.standings import cells
from analysis.changes.summary import Summary, compare

__all__ = ["MOST", "Entry", "Summary", "articles", "block", "cells", "codebook", "compare", "email", "evidence", "feed"]
