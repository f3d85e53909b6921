"""A network as GraphML or GEXF, for Gephi, visone, igraph and networkx."""

import re
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

import networkx as nx
import pandas as pd

from analysis.exports.rows import PICTURES, about, nodes_of, rows_of
from analysis.networks import Network
from analysis.schema import Tables


def as_xml(network: Network, tables: Tables | None, suffix: str) -> bytes:
    """GraphML or GEXF, with the parameters as its description in place of the day and the version of networkx."""
    made = BytesIO()
    told = "; ".join(f"{name}: {value}" for name, value in about(network).items() if value not in (None, "", False))
    told = escape(told.translate(PICTURES))
    if suffix == ".gexf":
        nx.write_gexf(_graph(network, tables), made)
        place, words = rb"<meta.*?</meta>", f"<meta><description>{told}</description></meta>"
    else:
        # Gephi takes keys of the id d3 for labels, as yEd names them: keys get the names of what they hold
        nx.write_graphml_xml(_graph(network, tables), made, named_key_ids=True)
        place, words = rb"(?<=>)(?=\s*<(?:key|graph)\b)", f"<desc>{told}</desc>"
    return re.sub(place, lambda _: words.encode(), made.getvalue(), count=1, flags=re.DOTALL)


def _graph(network: Network, tables: Tables | None) -> "nx.Graph[str]":
    prefixes = ("row:", "column:") if network.kind == "two-mode" else ("", "")
    graph: nx.Graph[str] = nx.Graph()
    for node in nodes_of(network, tables).to_dict("records"):
        facts: dict[str, Any] = {
            str(name): value.translate(PICTURES) for name, value in node.items() if not pd.isna(value)
        }
        side = int(facts.get("mode") == "column")
        graph.add_node(prefixes[side] + facts["label"], **facts | ({"bipartite": side} if prefixes[0] else {}))
    for source, target, weight, n_statements, n_articles in rows_of(network.edges)[1:]:
        ends = (prefix + label.translate(PICTURES) for prefix, label in zip(prefixes, (source, target), strict=True))
        graph.add_edge(*ends, weight=weight, n_statements=n_statements, n_articles=n_articles)
    return graph
