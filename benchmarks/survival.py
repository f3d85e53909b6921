"""Whether the 95% interval of a tie holds its true weight in 95 of 100 corpora, and from how many articles on.

    python benchmarks/survival.py [--quick] [--details]

Corpora of 5 to 80 articles are drawn from eight made worlds (seeded). There are six actors and four issues. An article
takes up each issue with a chance of its own; on one that it takes up each actor speaks with a chance of its own, once
or twice, and keeps to one stance. Articles without a statement are not in a corpus. Little, some or much is said, or
every actor speaks to every issue in every article; and actors are divided, or of one mind with 2% dissent. The true
weight of a tie is its mean over 4,000 corpora of as many articles, those included in which the tie is missing.

The first table has a row per kind of network and number of articles: how many of the ties found have an interval (eight
articles, and not the same in all draws); how often it holds the true weight; how often the plain percentile interval of
the same draws does, for the same ties; how often ours does without the threshold of eight articles; and the lowest
coverage in a world where at least a tie in ten has an interval. Corpora differ as a whole, so that a share from 200 has
a standard error of about one point. `--details` adds a row per world. The second table is what the threshold rests on:
coverage by the number of articles behind the tie, and the lowest in a world with 500 such ties. The third is coverage
for numbers computed from a whole network.
"""

import argparse
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import shown

import analysis
from analysis.networks import Network, draws, resampling, ties

SIZES = (5, 8, 12, 20, 40, 80)
STANCES = np.array([-1, -0.5, 0, 0.5, 1])
ACTORS, ISSUES = 6, 4
AMOUNTS = {"little": (0.6, 0.15), "some": (0.6, 0.4), "much": (0.6, 0.9), "everything": (1.0, 5.0)}
LEANS = ("divided", "of one mind")
KINDS: dict[str, dict[str, Any]] = {
    "two-mode, ignore": {},
    "two-mode, subtract": {"aggregation": "subtract"},
    "two-mode, subtract by activity": {"aggregation": "subtract", "normalization": "activity"},
    "one-mode, congruence": {"kind": "one-mode", "aggregation": "congruence"},
    "one-mode, subtract by average": {"kind": "one-mode", "aggregation": "subtract", "normalization": "average"},
}
MEASURES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "sum of the ties": lambda stack: stack.sum(axis=(1, 2)),
    "sum of their sizes": lambda stack: np.abs(stack).sum(axis=(1, 2)),
    "number of ties": lambda stack: (stack != 0).sum(axis=(1, 2)).astype(float),
}
BEHIND = ((2, 2), (3, 3), (4, 4), (5, 5), (6, 6), (7, 7), (8, 8), (9, 9), (10, 11), (12, 15), (16, 25), (26, 80))
MANY = 500
FOUND, VARIED, OURS, PLAIN = range(4)
_AT_ONCE = 250
_TINY = 1e-9  # what rounding may move an end by


@dataclass(frozen=True)
class World:
    """The chance of each actor to speak to each issue that is taken up, and of each stance then."""

    amount: str
    lean: str

    @property
    def speaks(self) -> np.ndarray:
        """Actors × issues: some actors and issues are louder than others."""
        louder = np.linspace(1, 0.4, ACTORS)[:, None] * np.linspace(1, 0.6, ISSUES)
        return np.minimum(AMOUNTS[self.amount][1] * louder, 1)

    @property
    def leans(self) -> np.ndarray:
        """Actors × issues × stances."""
        rng = np.random.default_rng(7)
        if self.lean == "divided":
            return rng.dirichlet(np.full(len(STANCES), 0.7), size=(ACTORS, ISSUES))
        return np.array([(0.98, 0, 0, 0, 0.02), (0.02, 0, 0, 0, 0.98)])[rng.integers(0, 2, size=(ACTORS, ISSUES))]

    def random(self, what: int, size: int) -> np.random.Generator:
        """Random numbers for truth (0) or corpora (1) of this world and size."""
        return np.random.default_rng([what, size, list(AMOUNTS).index(self.amount), LEANS.index(self.lean)])

    def said(self, n_corpora: int, n_articles: int, rng: np.random.Generator) -> list[np.ndarray]:
        """Corpus, article, actor, issue and stance of every statement, as codes."""
        speaks = np.zeros((n_corpora, n_articles, ACTORS, ISSUES), dtype=bool)
        while not (is_told := speaks.any(axis=(2, 3))).all():
            n = int((~is_told).sum())
            takes_up = rng.random((n, 1, ISSUES)) < AMOUNTS[self.amount][0]
            speaks[~is_told] = takes_up & (rng.random((n, ACTORS, ISSUES)) < self.speaks)
        at = np.nonzero(speaks)
        bounds = self.leans.cumsum(axis=2)[at[2], at[3], :-1]
        stance = (rng.random(len(at[0]))[:, None] > bounds).sum(axis=1)
        times = 1 + (rng.random(len(stance)) < 0.3)
        return [np.repeat(codes, times) for codes in (*at, stance)]


@dataclass(frozen=True)
class Result:
    """What was counted in the corpora of one world and size.

    `ties`, by kind: by number of articles behind them, ties that were `FOUND`, those that `VARIED` over the draws, and
    those whose true weight is held by `OURS` and by the `PLAIN` interval. `whole`, by kind and measure: intervals, and
    those that hold the true number.
    """

    world: World
    size: int
    ties: dict[str, np.ndarray] = field(default_factory=dict)
    whole: dict[tuple[str, str], np.ndarray] = field(default_factory=dict)


def network(codes: list[np.ndarray], kind: str) -> Network:
    """The network of these articles, actors, issues and stances."""
    names = (f"{letter}{{}}" for letter in "dai")
    columns = [
        np.array([name.format(code) for code in range(max(SIZES))], dtype=object)[at]
        for name, at in zip(names, codes, strict=False)
    ]
    frame = pd.DataFrame(dict(zip(("article_id", "speaker_id", "issue_id"), columns, strict=True)))
    return analysis.network(frame.assign(stance=STANCES[codes[3]]), scale=(-1, 1), **KINDS[kind])


def matrices(codes: list[np.ndarray], kind: str, n_corpora: int) -> np.ndarray:
    """The network of every corpus, corpora × rows × columns, all actors and issues in it."""
    like = network([part.ravel() for part in np.indices((1, ACTORS, ISSUES, len(STANCES)))], kind)
    corpus, _, actor, issue, stance = codes
    n_levels = like.parts.shape[2]
    level = stance if n_levels > 1 else 0 * stance
    places = ((corpus * ACTORS + actor) * n_levels + level) * ISSUES + issue
    counts = np.bincount(places, minlength=n_corpora * ACTORS * n_levels * ISSUES).astype(float)
    if like.kind == "one-mode":
        return ties.one_mode(counts.reshape(n_corpora, ACTORS, n_levels * ISSUES), like.parts, like)
    stack = counts.reshape(n_corpora, ACTORS, n_levels, ISSUES)
    return ties.two_mode([stack[:, :, at] for at in range(n_levels)], like.parts, like)


def truth(world: World, size: int, n_corpora: int) -> Iterator[tuple[str, np.ndarray, dict[str, float]]]:
    """By kind the mean matrix and the mean of every measure."""
    rng = world.random(0, size)
    drawn = [world.said(_AT_ONCE, size, rng) for _ in range(n_corpora // _AT_ONCE)]
    for kind in KINDS:
        stack = np.concatenate([matrices(codes, kind, _AT_ONCE) for codes in drawn])
        yield kind, stack.mean(axis=0), {name: float(measure(stack).mean()) for name, measure in MEASURES.items()}


def simulated(world: World, size: int, n_corpora: int, n_draws: int = 1000, n_true: int = 4000) -> Result:
    """How often intervals hold the true weights, over `n_corpora` corpora of `size` articles."""
    result, rng = Result(world, size), world.random(1, size)
    corpora = [world.said(1, size, rng)[1:] for _ in range(n_corpora)]
    for kind, weights, numbers in truth(world, size, n_true):
        counts = result.ties[kind] = np.zeros((4, max(SIZES) + 1), dtype=int)
        result.whole.update({(kind, name): np.zeros(2, dtype=int) for name in MEASURES})
        for seed, codes in enumerate(corpora):
            made = network(codes, kind)
            stack = np.concatenate(list(draws.stacks(made, n_draws, seed)))
            counts += of_ties(made, stack, weights)
            for name, measure in MEASURES.items():
                ends = resampling._ends(measure(stack)[None], np.array([size]))  # noqa: SLF001
                is_shown = size >= resampling.LEAST and not np.isnan(ends).any()
                result.whole[kind, name] += [is_shown, is_shown and bool(held(ends, numbers[name]).all())]
    return result


def of_ties(made: Network, stack: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The counts of `Result.ties` for one corpus."""
    edges = made.edges
    source, target = (edges[name] for name in ("source", "target"))
    values = stack[:, made.matrix.index.get_indexer(source), made.matrix.columns.get_indexer(target)].T
    n = edges["n_articles"].to_numpy()
    true = weights[source.str[1:].astype(int), target.str[1:].astype(int)]
    ours, plain = resampling._ends(values, n), np.quantile(values, [0.025, 0.975], axis=1)  # noqa: SLF001
    is_varied = ~np.isnan(ours[0])
    rows = (np.ones_like(is_varied), is_varied, held(ours, true), is_varied & held(plain, true))
    return np.array([np.bincount(n[row], minlength=max(SIZES) + 1) for row in rows])


def held(ends: np.ndarray, true: np.ndarray | float) -> np.ndarray:
    """Whether the true values lie between the ends."""
    return (ends[0] - _TINY <= true) & (true <= ends[1] + _TINY)


def share(part: float, whole: float) -> str:
    """A share in percent, or a dash where there is nothing to share."""
    return f"{part / whole:.1%}" if whole else "–"


def above(counts: np.ndarray, least: int = resampling.LEAST) -> np.ndarray:
    """The counts of ties with at least so many articles behind them."""
    return counts[:, least:].sum(axis=1)


def shares(counts: np.ndarray) -> list[str]:
    """The columns that the first table and that of `--details` share."""
    shown_, every = above(counts), above(counts, 2)
    return [
        share(shown_[VARIED], counts[FOUND].sum()),
        share(shown_[OURS], shown_[VARIED]),
        share(shown_[PLAIN], shown_[VARIED]),
        share(every[OURS], every[VARIED]),
    ]


SHARES = ("have an interval", "of these hold the true weight", "plain percentile interval", "without the threshold")


def lowest(counts: Iterable[np.ndarray]) -> str:
    """The lowest of our coverages, or a dash."""
    return min((share(one[OURS], one[VARIED]) for one in counts), key=lambda text: (len(text), text), default="–")


def by_size(results: list[Result]) -> str:
    """A row per kind and number of articles, over all worlds."""
    rows = []
    for kind, size in product(KINDS, SIZES):
        here = [result.ties[kind] for result in results if result.size == size]
        often = (above(counts) for counts in here if above(counts)[VARIED] > counts[FOUND].sum() / 10)
        rows.append([f"{kind}, {size} articles", *shares(sum(here)), lowest(often)])
    return shown.table(["ties found, over all worlds", *SHARES, "lowest of a world"], rows)


def by_world(results: list[Result]) -> str:
    """A row per kind, world and number of articles."""
    rows = [
        [kind, f"{result.world.amount}, {result.world.lean}", str(result.size), *shares(result.ties[kind])]
        for kind in KINDS
        for result in results
    ]
    return shown.table(["ties found", "world", "articles", *SHARES], rows)


def by_articles_behind(results: list[Result]) -> str:
    """A row per number of articles behind a tie: our coverage and the plain interval's, by kind and at the lowest."""
    worlds = {result.world for result in results}
    rows = []
    for low, high in BEHIND:
        behind = {
            (kind, world): sum(one.ties[kind][:, low : high + 1].sum(axis=1) for one in results if one.world == world)
            for kind, world in product(KINDS, worlds)
        }
        here = [sum(behind[kind, world] for world in worlds) for kind in KINDS]
        pairs = [f"{share(one[OURS], one[VARIED])} ({share(one[PLAIN], one[VARIED])})" for one in here]
        often = (counts for counts in behind.values() if counts[VARIED] >= MANY)
        rows.append([str(low) if low == high else f"{low} to {high}", *pairs, lowest(often)])
    return shown.table(["articles behind the tie: ours (plain)", *KINDS, "lowest of a world"], rows)


def of_wholes(results: list[Result]) -> str:
    """A row per kind and measure: coverage by number of articles, over all worlds."""
    sizes = [size for size in SIZES if size >= resampling.LEAST]
    rows = []
    for kind, name in product(KINDS, MEASURES):
        counts = [sum(one.whole[kind, name] for one in results if one.size == size) for size in sizes]
        rows.append([f"{kind}: {name}", *(share(n_held, n) for n, n_held in counts)])
    return shown.table(["intervals that hold the true number", *(f"{size} articles" for size in sizes)], rows)


def main() -> None:
    """Simulate, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one corpus of each world in place of 200")
    parser.add_argument("--details", action="store_true", help="also a row per world")
    options = parser.parse_args()
    sizes = (1, 50, _AT_ONCE) if options.quick else (200, 1000, 4000)
    worlds = [World(*names) for names in product(AMOUNTS, LEANS)]
    jobs = [(world, size, *sizes) for size, world in product(SIZES[::-1], worlds)]
    with ProcessPoolExecutor() as pool:
        results = list(pool.map(simulated, *zip(*jobs, strict=True)))
    tables = [by_size(results), *([by_world(results)] if options.details else [])]
    print(*tables, by_articles_behind(results), of_wholes(results), sep="\n\n")


if __name__ == "__main__":
    main()
