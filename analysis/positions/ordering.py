"""The order of a tree's leaves in which neighbours lie nearest, of all orders that the tree allows.

scipy.cluster.hierarchy.optimal_leaf_ordering is meant to give it and often does not (scipy/scipy issue 11227): tests
hold ours against all orders. Method: Z. Bar-Joseph, D. Gifford and T. Jaakkola (2001), Fast optimal leaf ordering for
hierarchical clustering, Bioinformatics 17(S1). Time grows with the third power of the number of leaves.
"""

from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_UNITS = 10**12
_Floats = NDArray[np.float64]
_Ints = NDArray[np.int64]


class _Node(NamedTuple):
    leaves: list[int]
    parts: "tuple[_Node, ...]" = ()

    def ends(self) -> list[tuple[list[int], list[int]]]:
        """The leaves that may stand first, with those that may then stand last: the part that begins never ends."""
        one, other = [part.leaves for part in self.parts] or [self.leaves] * 2
        return [(one, other), (other, one)] if self.parts else [(one, other)]

    def last(self, first: int) -> list[int]:
        """The leaves that may stand last when `first` stands first; read backwards it is the same."""
        return next(stops for starts, stops in self.ends() if first in starts)


def leaf_order(tree: _Floats, distance: _Floats) -> list[int]:
    """The leaves of `tree` in the order in which the distances between neighbours have the least sum.

    Read backwards an order is as good: the direction is taken that begins with the smaller of the two outer leaves.

    Parameters
    ----------
    tree
        The merges that scipy.cluster.hierarchy.linkage returns.
    distance
        Of every two leaves, 0 to 1.

    Notes
    -----
    With u first and w last, a node's least sum is min over m, k of least(u … m) + distance(m, k) + least(k … w), where
    m ends the part that begins with u, and k begins the part that ends with w.

    Examples
    --------
    >>> from scipy.cluster.hierarchy import linkage
    >>> places = np.array([0.0, 0.1, 0.6, 0.3])
    >>> leaf_order(linkage(places[:, None], "average"), abs(places[:, None] - places))
    [0, 1, 3, 2]
    """
    gaps = np.rint(distance * _UNITS).astype(np.int64)  # whole numbers: sums that are equal compare as equal
    nodes = [_Node([leaf]) for leaf in range(len(gaps))]
    least = np.zeros_like(gaps)
    for one, other in tree[:, :2].astype(int).tolist():
        nodes.append(_Node(nodes[one].leaves + nodes[other].leaves, (nodes[one], nodes[other])))
        _fill(least, gaps, nodes[-1])
    starts, stops = nodes[-1].ends()[0]
    first, last = divmod(int(least[np.ix_(starts, stops)].argmin()), len(stops))
    order = _walk(least, gaps, nodes[-1], (starts[first], stops[last]))
    return order if order[0] <= order[-1] else order[::-1]


def _fill(least: _Ints, gaps: _Ints, node: _Node) -> None:
    """Put the least sums of this node into `least`: two leaves are the ends of one node only, where they first meet."""
    one, other = node.parts
    for (starts, middle), (near, stops) in product(one.ends(), other.ends()):
        way = _shortest(least[np.ix_(starts, middle)], gaps[np.ix_(middle, near)])
        way = _shortest(way, least[np.ix_(near, stops)])
        least[np.ix_(starts, stops)] = way
        least[np.ix_(stops, starts)] = way.T


def _shortest(one: _Ints, other: _Ints) -> _Ints:
    """The least sum of a step of `one` and the step of `other` that goes on from there; row by row, to save memory."""
    return np.array([(steps[:, None] + other).min(axis=0) for steps in one])


def _walk(least: _Ints, gaps: _Ints, root: _Node, ends: tuple[int, int]) -> list[int]:
    """The leaves from end to end. Not recursive: a tree may be as deep as it has leaves."""
    order: list[int] = []
    todo = [(root, *ends)]
    while todo:
        node, start, stop = todo.pop()
        if not node.parts:
            order += node.leaves
            continue
        one, other = node.parts if start in node.parts[0].leaves else node.parts[::-1]
        middle, near = one.last(start), other.last(stop)
        ways = least[start, middle][:, None] + gaps[np.ix_(middle, near)] + least[near, stop]
        at, then = divmod(int(ways.argmin()), len(near))
        todo += [(other, near[then], stop), (one, start, middle[at])]
    return order
