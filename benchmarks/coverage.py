"""Does the 95% interval of a stance cell cover the true mean in 95 of 100 samples? With two rivals beside it.

    python benchmarks/coverage.py [--quick] [--details]

From each of several true distributions of article stances, samples of 3 to 80 articles are drawn (seeded), and the
share of intervals that hold the distribution's mean is counted. Student's t and the percentile bootstrap are what most
would use; both end in a point when all articles of a sample agree, and then miss. Widths are of the part between −1
and +1. A share from 4,000 draws has a standard error of 0.35 points where it is 95%.

The first table has a row per number of articles: the worst and the average coverage over the distributions, and the
average width. `--details` adds the coverage of each. The last table asks whether the ends of the interval are computed
rightly where there are many articles: by `share_above`, which is exact, the chance beyond each end should be 2.5%; it
shows the largest one that was found. Above 2.5% an interval is too short.
"""

import argparse
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import product

import numpy as np
import shown
from scipy.stats import t as student

from analysis.intervals import LEVEL, mean_interval, share_above

SIZES = (3, 4, 5, 8, 12, 20, 50, 80)
MANY = (50, 61, 80, 120, 200)
STANCES = np.array([-1, -0.5, 0, 0.5, 1])
RESAMPLES = 1000
TAIL = (1 - LEVEL) / 2
METHODS = ("ours", "Student's t", "bootstrap")
DISTRIBUTIONS: dict[str, tuple[tuple[float, ...], int]] = {  # chance of each stance, statements in an article
    "unanimous": ((0, 0, 0, 0, 1), 1),
    "dissent of 0.15%": ((0.0015, 0, 0, 0, 0.9985), 1),
    "dissent of 1%": ((0.01, 0, 0, 0, 0.99), 1),
    "dissent of 5%": ((0.05, 0, 0, 0, 0.95), 1),
    "dissent of 10%": ((0.1, 0, 0, 0, 0.9), 1),
    "dissent of 20%": ((0.2, 0, 0, 0, 0.8), 1),
    "reserve of 10%": ((0, 0, 0, 0.1, 0.9), 1),
    "balanced": ((0.35, 0.1, 0.1, 0.1, 0.35), 1),
    "skewed": ((0.05, 0.05, 0.1, 0.2, 0.6), 1),
    "neutral-heavy": ((0.05, 0.1, 0.7, 0.1, 0.05), 1),
    "two points, ±1": ((0.5, 0, 0, 0, 0.5), 1),
    "two points, 0 and 1": ((0, 0, 0.5, 0, 0.5), 1),
    "uniform": ((0.2, 0.2, 0.2, 0.2, 0.2), 1),
    "means of 2 statements": ((0.05, 0.05, 0.1, 0.2, 0.6), 2),
    "means of 3 statements": ((0.05, 0.05, 0.1, 0.2, 0.6), 3),
}


@dataclass(frozen=True)
class Result:
    """Coverage and mean width of each of `METHODS` for samples of `size` from one distribution."""

    name: str
    size: int
    coverage: tuple[float, ...]
    width: tuple[float, ...]


def simulated(name: str, size: int, n_draws: int) -> Result:
    """The methods on the same `n_draws` samples; equal samples are computed once and counted as often as they came."""
    chances, n_statements = DISTRIBUTIONS[name]
    rng = np.random.default_rng([list(DISTRIBUTIONS).index(name), size])
    drawn = rng.choice(STANCES, p=chances, size=(n_draws, size, n_statements)).mean(axis=2)
    samples, counts = np.unique(np.sort(drawn.round(12), axis=1), axis=0, return_counts=True)
    mean = float(STANCES @ np.array(chances))
    ends = [
        np.array([mean_interval(sample) for sample in samples.tolist()]),
        by_student(samples),
        resampled(samples, rng),
    ]
    held = [(end[:, 0] - 1e-9 <= mean) & (mean <= end[:, 1] + 1e-9) for end in ends]
    wide = [np.diff(end.clip(-1, 1), axis=1)[:, 0] for end in ends]
    coverage, width = ([float(np.average(one, weights=counts)) for one in many] for many in (held, wide))
    return Result(name, size, tuple(coverage), tuple(width))


def by_student(samples: np.ndarray) -> np.ndarray:
    """Student's t interval of each row."""
    n = samples.shape[1]
    half = student.ppf(1 - TAIL, n - 1) * samples.std(axis=1, ddof=1) / n**0.5
    centre = samples.mean(axis=1)
    return np.column_stack([centre - half, centre + half])


def resampled(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The percentile bootstrap's interval of each row."""
    n = samples.shape[1]
    means = (sample[rng.integers(0, n, size=(RESAMPLES, n))].mean(axis=1) for sample in samples)
    return np.array([np.quantile(mean, [TAIL, 1 - TAIL]) for mean in means])


def by_size(results: list[Result]) -> str:
    """A row per number of articles, over all distributions."""
    columns = [f"{method}, {what}" for what in ("worst", "average", "width") for method in METHODS]
    rows = []
    for size in SIZES:
        coverage = np.array([result.coverage for result in results if result.size == size])
        width = np.array([result.width for result in results if result.size == size]).mean(axis=0)
        shares = [f"{share:.1%}" for share in (*coverage.min(axis=0), *coverage.mean(axis=0))]
        rows.append([str(size), *shares, *(f"{value:.2f}" for value in width)])
    return shown.table(["articles", *columns], rows)


def by_distribution(results: list[Result]) -> str:
    """A row per distribution and number of articles."""
    columns = [f"{method}, {what}" for what in ("coverage", "width") for method in METHODS]
    rows = [
        [
            result.name,
            str(result.size),
            *(f"{share:.1%}" for share in result.coverage),
            *(f"{w:.2f}" for w in result.width),
        ]
        for result in results
    ]
    return shown.table(["distribution", "articles", *columns], rows)


def beyond(sample: list[float]) -> float:
    """The larger of the exact chances beyond the two ends of the interval, which should both be 2.5%."""
    low, high = mean_interval(sample)
    below = 1 - share_above(sorted([*sample, -1.0]), low) if low > -1 else 0.0
    return max(below, share_above(sorted([*sample, 1.0]), high) if high < 1 else 0.0)


def many_points(n_draws: int) -> str:
    """The largest chance beyond an end, for one to three dissenters and for drawn samples, by number of articles."""
    rng = np.random.default_rng(0)
    rows = []
    for size in MANY:
        dissent = [beyond([-1.0] * few + [1.0] * (size - few)) for few in (1, 2, 3)]
        reserve = beyond([0.5] + [1.0] * (size - 1))
        chances = [DISTRIBUTIONS[name][0] for name in ("balanced", "skewed", "neutral-heavy", "uniform")]
        drawn = max(beyond(rng.choice(STANCES, p=p, size=size).tolist()) for p in chances for _ in range(n_draws))
        rows.append([str(size), *(f"{share:.2%}" for share in (*dissent, reserve, drawn))])
    return shown.table(["articles", "1 dissenter", "2 dissenters", "3 dissenters", "1 of reserve", "drawn"], rows)


def main() -> None:
    """Simulate, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a tenth of the draws")
    parser.add_argument("--details", action="store_true", help="also a row per distribution")
    options = parser.parse_args()
    n_draws = 400 if options.quick else 4000
    names, sizes = zip(*product(DISTRIBUTIONS, SIZES[::-1]), strict=True)
    with ProcessPoolExecutor() as pool:
        results = sorted(pool.map(simulated, names, sizes, [n_draws] * len(names)), key=lambda result: result.size)
    lowest = min(results, key=lambda result: result.coverage[0])
    error = (LEVEL * (1 - LEVEL) / n_draws) ** 0.5
    print(f"{n_draws} draws, {len(DISTRIBUTIONS)} distributions, {RESAMPLES} resamples of the bootstrap\n")
    print(by_size(results), end="\n\n")
    print(f"Our lowest coverage is {lowest.coverage[0]:.2%} ({lowest.name}, {lowest.size} articles);", end=" ")
    print(f"{LEVEL:.0%} less three standard errors of the simulation is {LEVEL - 3 * error:.2%}.\n")
    if options.details:
        print(by_distribution(results), end="\n\n")
    print(many_points(n_draws // 100))


if __name__ == "__main__":
    main()
