"""Do the 95% intervals of ideal points hold the true positions in 95 of 100 cases? With a rival beside them.

    python benchmarks/scales.py [--quick]

Corpora are drawn (seeded), each of its own size: 3 to 30 actors, of whom some are often heard and some seldom, 2 to 12
issues, 5 to 300 articles with 1.5 to 31 positions each, a position being what an actor says on an issue in an article.
In a third of the corpora about three cells in ten are never heard of. The actors lie around one centre or in two camps.
In two thirds the expected stances are exactly those of one line, in the others a second line, half as steep, runs
across it. Articles are independent of each other, but within an article positions may share their luck. What is
expected of an actor on an issue lies between −1 and +1, and articles scatter around it in four ways:

    near    the two nearest steps of the scale
    rare    the same, but one in twenty says the opposite
    wide    half near, half far
    far     only +1 and −1

The truth is the line through the expected stances of the actors and issues that the scale has placed. Of their
stances, actors may agree on the whole (on each issue nearly all are on one side), differ, or differ strongly.

The tables tell the share of intervals that hold the truth. The rival is the percentile bootstrap from the same draws.
The first has a row per number of articles that an actor has, the second per kind of corpus, with the number of corpora
drawn, of those whose scale is given intervals, and the median of the correlation of found and true positions over the
latter. The third shows what happens where the limits that `ideal_points` sets to intervals are not kept. Intervals of
one scale miss together: standard errors, in points, are from the differences between corpora.

The last table is about stances that follow no line at all (+1 or −1 by lot, half of all cells of each article): the
reliability that comes out, and how many such scales are given intervals, by the number of actors and articles.
"""

import argparse
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
import shown

from analysis.positions.factor import Fit, Sample, best_fit
from analysis.positions.scale import LEAST_ACTORS, LEAST_ARTICLES, LEAST_IN_ALL, LEAST_RELIABILITY, is_linked, is_shown

DRAWS = 400
STEP = 0.5
SHAPES = {"agree": (0.2, 0.8), "differ": (0.45, 0.2), "differ strongly": (0.9, 0.05)}  # slopes and heights up to
NOISE = ("near", "rare", "wide", "far")
SIZES = (2, 3, 4, 5, 7, 10, 15, 25, 50, 300)
RARE = 0.05


@dataclass(frozen=True)
class Corpus:
    """What is expected of each actor on each issue, how often it is heard of, and what the articles say."""

    kind: tuple[str, str]
    expected: np.ndarray
    chances: np.ndarray
    stances: pd.DataFrame


class Remembered(Sample):
    """A sample that keeps what it drew, for the rival."""

    def drawn(self, fit: Fit, draws: int, seed: int) -> np.ndarray:
        """The positions in each draw."""
        self.seen = super().drawn(fit, draws, seed)
        return self.seen


def made(seed: int) -> Corpus:
    """The corpus of this seed."""
    rng = np.random.default_rng(seed)
    kind = (str(rng.choice(list(SHAPES))), str(rng.choice(NOISE)))
    n_actors, n_issues = int(rng.integers(3, 31)), int(rng.integers(2, 13))
    n_articles = int(between(rng, 5, 300))
    expected = lines(rng, kind[0], n_actors, n_issues)
    heard = rng.permutation(1 / np.arange(1, n_actors + 1) ** rng.uniform(0, 1.2))
    chances = np.outer(heard, rng.dirichlet(np.full(n_issues, 2.0)))
    chances *= rng.random(chances.shape) >= rng.choice([0, 0, 0.3])
    works = np.repeat(np.arange(n_articles), 1 + rng.poisson(between(rng, 0.5, 30), n_articles))
    cells = rng.choice(chances.size, size=len(works), p=(chances / chances.sum()).ravel())
    keys = np.unique(works * chances.size + cells)
    works, cells = keys // chances.size, keys % chances.size
    luck = np.where((rng.random(n_articles) < rng.choice([0, 0.5, 1]))[works], rng.random(n_articles)[works], np.nan)
    luck = np.where(np.isnan(luck), rng.random(len(keys)), luck)
    stance = said(rng, kind[1], expected.ravel()[cells], luck)
    if kind[1] == "rare":
        expected = (1 - RARE) * expected - RARE * np.sign(expected)
    facts = {"actor": cells // n_issues, "issue_id": cells % n_issues, "work": works, "stance": stance}
    return Corpus(kind, expected, chances, pd.DataFrame(facts))


def between(rng: np.random.Generator, low: float, high: float) -> float:
    """A number between the two, small ones as often as large ones."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def lines(rng: np.random.Generator, shape: str, n_actors: int, n_issues: int) -> np.ndarray:
    """The expected stances: one line, and in a third of the corpora a second one across it."""
    slope, height = SHAPES[shape]
    theta = rng.standard_normal(n_actors)
    if rng.random() < 0.4:
        theta = np.where(np.arange(n_actors) % 2, 1, -1) + 0.2 * theta
    beta = rng.uniform(0.3, 1, n_issues) * rng.choice([-1, 1], n_issues) * slope
    second = rng.choice([0, 0, 0.5]) * np.outer(rng.standard_normal(n_actors), rng.permutation(beta))
    expected = rng.uniform(-height, height, n_issues) + np.outer(theta - theta.mean(), beta) + second
    return expected / max(1, np.abs(expected).max())


def said(rng: np.random.Generator, noise: str, expected: np.ndarray, luck: np.ndarray) -> np.ndarray:
    """A stance for each expected one, the greater the less `luck`."""
    below = np.floor(expected / STEP) * STEP
    near = below + STEP * (luck < (expected - below) / STEP)
    far = np.where(luck < (1 + expected) / 2, 1.0, -1.0)
    other = {"near": near, "far": far, "wide": far, "rare": -np.sign(expected)}[noise]
    return np.where(rng.random(len(luck)) < {"wide": 0.5, "rare": RARE}.get(noise, 1), other, near)


def measured(seed: int) -> pd.DataFrame:
    """A row per actor on the scale of a corpus: was the truth held, and how wide is the interval."""
    corpus = made(seed)
    sample = Remembered(corpus.stances[is_linked(corpus.stances)])
    fit = sample.fit()
    if fit is None:
        return pd.DataFrame({"seed": [seed], "kind": [corpus.kind], "n_actors": 0})
    truth = true_positions(corpus, sample, fit.theta[0])
    reach, reliability = sample.interval(fit, DRAWS, seed)
    low, high = np.quantile(sample.seen, [0.025, 0.975], axis=0)
    rows = {
        "n_articles": sample.n_articles,
        "is_shown": is_shown(sample, reliability),
        "ours": np.abs(truth - fit.theta[0]) <= reach + 1e-9,
        "rival": (low - 1e-9 <= truth) & (truth <= high + 1e-9),
        "width": 2 * reach,
        "rival_width": high - low,
    }
    alike = np.corrcoef(truth, fit.theta[0])[0, 1]
    facts = {"n_actors": len(truth), "n_works": sample.n_works, "reliability": reliability, "alike": alike}
    return pd.DataFrame(rows).assign(seed=seed, kind=[corpus.kind] * len(truth), **facts)


def true_positions(corpus: Corpus, sample: Sample, found: np.ndarray) -> np.ndarray:
    """The positions on the line through the expected stances, from the same end and in the same unit."""
    placed = corpus.stances[is_linked(corpus.stances)]
    at = np.ix_(sorted(placed["actor"].unique()), sorted(placed["issue_id"].unique()))
    weight = 1e6 * corpus.chances[at] / corpus.chances.sum()
    theta = best_fit(weight, weight * corpus.expected[at]).theta
    mean, spread = sample.standard(theta)
    truth = ((theta - mean) / spread)[0]
    return truth * (1 if (truth * found * sample.n_articles).sum() >= 0 else -1)


def share(rows: pd.DataFrame, column: str = "ours") -> str:
    """The share of intervals that hold the truth, with its standard error over corpora."""
    mean = rows[column].mean()
    sums = (rows[column] - mean).groupby(rows["seed"]).sum()
    return f"{mean:.1%} ± {100 * (sums**2).sum() ** 0.5 / len(rows):.1f}" if len(rows) else "–"


def by_articles(rows: pd.DataFrame) -> str:
    """A row per number of articles of an actor, of those that are given an interval."""
    rows = rows[rows["is_shown"]]
    lines = []
    for least, most in pairwise(SIZES):
        some = rows[rows["n_articles"].between(least + 1, most)]
        name = str(most) if most == least + 1 else f"{least + 1}–{most}"
        widths = [f"{some[column].median():.2f}" for column in ("width", "rival_width")]
        lines.append([name, str(len(some)), share(some), share(some, "rival"), *widths])
    lines.append(["all", str(len(rows)), share(rows), share(rows, "rival"), "", ""])
    return shown.table(["articles", "intervals", "ours", "percentile", "width, ours", "width, percentile"], lines)


def by_kind(rows: pd.DataFrame) -> str:
    """A row per kind of corpus."""
    lines = []
    for kind in [(shape, noise) for shape in SHAPES for noise in NOISE]:
        some = rows[rows["kind"] == kind]
        given = some[some["is_shown"]]
        alike = given.groupby("seed")["alike"].first().median()
        numbers = [str(part["seed"].nunique()) for part in (some, given)]
        lines.append(
            [", ".join(kind), *numbers, share(given), share(given, "rival"), f"{alike:.2f}" if len(given) else "–"]
        )
    return shown.table(["actors, noise", "corpora", "given intervals", "ours", "percentile", "correlation"], lines)


def by_limit(rows: pd.DataFrame) -> str:
    """A row per limit: our coverage where it alone is not kept, others being kept."""
    rows = rows.dropna(subset="reliability")
    limits = {
        "reliability": rows["reliability"] >= LEAST_RELIABILITY,
        "actors": rows["n_actors"] >= LEAST_ACTORS,
        "articles of the actor": rows["n_articles"] >= LEAST_ARTICLES,
        "articles in all": rows["n_works"] >= LEAST_IN_ALL,
    }
    parts = {"all": np.logical_and.reduce(list(limits.values()))}
    for broken, limit in limits.items():
        kept = np.logical_and.reduce([other for name, other in limits.items() if name != broken])
        parts[f"all but {broken}"] = kept & ~limit
    lines = [
        [name, str(part.sum()), share(rows[part]), f"{rows[part]['width'].median():.2f}"]
        for name, part in parts.items()
    ]
    return shown.table(["limits that are kept", "intervals", "ours", "width"], lines)


def by_lot(n_scales: int) -> str:
    """A row per size of a corpus without a line."""
    rng = np.random.default_rng(0)
    lines = []
    for n_actors, n_issues, n_works in [(5, 3, 8), (5, 3, 20), (5, 3, 80), (15, 6, 8), (15, 6, 20), (15, 6, 80)]:
        found = []
        for _ in range(n_scales):
            cells = np.argwhere(rng.random((n_actors, n_issues, n_works)) < 0.5)
            stances = pd.DataFrame(cells, columns=["actor", "issue_id", "work"])
            stances["stance"] = rng.choice([-1.0, 1.0], len(cells))
            sample = Sample(stances[is_linked(stances)])
            found.append(sample.interval(sample.fit(), DRAWS, 0)[1])
        given = np.mean(np.array(found) >= LEAST_RELIABILITY)
        lines.append([f"{n_actors} actors, {n_works} articles", f"{np.mean(found):.2f}", f"{given:.1%}"])
    return shown.table(["no line", "reliability", "given intervals"], lines)


def main() -> None:
    """Simulate, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a tenth of the corpora")
    n_corpora = 600 if parser.parse_args().quick else 6000
    with ProcessPoolExecutor() as pool:
        rows = pd.concat(pool.map(measured, range(n_corpora), chunksize=10), ignore_index=True)
    print(f"{n_corpora} corpora, {DRAWS} draws of the bootstrap\n")
    rows["is_shown"] = rows["is_shown"].fillna(value=False).astype(bool)
    print(by_articles(rows), end="\n\n")
    print(by_kind(rows), end="\n\n")
    print(by_limit(rows), end="\n\n")
    print(by_lot(n_corpora // 30))


if __name__ == "__main__":
    main()
