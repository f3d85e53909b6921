"""One line through a table of actors × issues with empty cells, and what drawing other articles does to it.

The model is s = alpha_i + beta_i theta_a + noise for an article's stance of actor a on issue i. Priors are normal with
mean 0: theta and beta with variance 1, alpha flat, noise with a standard deviation of one half, which is a step of the
codebook's scale. The mode of the posterior minimises

    Σ_ai w_ai (s_ai − alpha_i − beta_i theta_a)² + ¼ (Σ_a theta_a² + Σ_i beta_i²),

s_ai being the mean of a cell and w_ai its number of articles; an empty cell has w = 0 and is in no sum. Given the
positions each issue is a regression, given the issues each position is one, so they take turns. Where no cell is empty
and all weigh alike, the line is the table's first singular vector and the penalty takes ¼ off its singular value. It
keeps those of whom little is known near the middle, and leaves no line where next to nothing varies.

T. Hastie, R. Mazumder, J. Lee and R. Zadeh (2015), Matrix completion and low-rank SVD via fast alternating least
squares, Journal of Machine Learning Research 16: the turns, and what the penalty does to singular values.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.special import stdtrit

PENALTY = 0.25
NOTHING = 1e-6  # positions that spread less have no line: it is what the turns leave of it
_PAIR = 2
_TAIL = 0.025
_AT_ONCE = 4_000_000  # numbers in memory
_SWEEPS, _ROUNDS, _CLOSE = 20, 50, 1e-8
_DIGITS = 9
_LITTLE = 1e-9
_Floats = NDArray[np.float64]


class Fit(NamedTuple):
    """Positions (tables × actors), and the height and the slope of each issue (tables × issues)."""

    theta: _Floats
    alpha: _Floats
    beta: _Floats

    def turned(self, issue: int) -> "Fit":
        """The same line read from the end at which support of this issue is the greater."""
        sign = np.sign(self.beta[:, [issue]])
        return Fit(self.theta * sign, self.alpha, self.beta * sign)


def best_fit(weight: _Floats, total: _Floats) -> Fit:
    """The line of one table, actors × issues, as a stack of one.

    Alternation finds the nearest minimum, and a table with empty cells may have several. It starts once from every
    issue (positions are the stances on it) and once from every actor (positions are likenesses to it), as far as they
    fit in memory; the least wins.

    Parameters
    ----------
    weight, total
        The number of articles behind each cell, and the sum of their stances.
    """
    means = np.divide(total, weight, out=np.zeros_like(total), where=weight > 0)
    gaps = np.where(weight > 0, means - total.sum(axis=0) / np.maximum(weight.sum(axis=0), _LITTLE), 0.0)
    starts = np.vstack([gaps.T, gaps @ gaps.T])[: max(1, _AT_ONCE // weight.size)]
    weights, totals = (np.broadcast_to(one, (len(starts), *one.shape)) for one in (weight, total))
    fit = fitted(weights, totals, starts)
    misses = means - fit.alpha[:, None, :] - fit.theta[:, :, None] * fit.beta[:, None, :]
    loss = (weight * misses**2).sum(axis=(1, 2)) + PENALTY * ((fit.theta**2).sum(axis=1) + (fit.beta**2).sum(axis=1))
    at = int(np.argmin(loss.round(_DIGITS)))
    return Fit(*(part[at : at + 1] for part in fit))


def fitted(weight: _Floats, total: _Floats, theta: _Floats) -> Fit:
    """The line of each table of a stack (tables × actors × issues), from the positions `theta` to start with.

    Tables whose positions have come to rest are left alone: few need as many sweeps as the slowest.
    """
    theta = theta.copy()
    moving = np.arange(len(theta))
    for _ in range(_ROUNDS):
        weights, totals, new = weight[moving], total[moving], theta[moving]
        for _ in range(_SWEEPS):
            old, new = new, _swept(weights, totals, new)
        theta[moving] = new
        moving = moving[np.abs(new - old).max(axis=1) > _CLOSE]
        if not len(moving):
            break
    alpha, beta = _issues(weight, total, theta)
    return Fit(_positions(weight, total, alpha, beta), alpha, beta)


def _swept(weight: _Floats, total: _Floats, theta: _Floats) -> _Floats:
    """The positions after issues and actors had their turn.

    They are centred, which the heights take up, and their squares made to add up to those of the slopes: of all ways to
    write one line that has the least penalty, and the turns alone would near it slowly.
    """
    alpha, beta = _issues(weight, total, theta)
    theta = _positions(weight, total, alpha, beta)
    theta = theta - theta.mean(axis=1, keepdims=True)
    ratio = (beta**2).sum(axis=1) / np.maximum((theta**2).sum(axis=1), np.finfo(float).tiny)
    return np.asarray(theta * ratio[:, None] ** 0.25)


def _issues(weight: _Floats, total: _Floats, theta: _Floats) -> tuple[_Floats, _Floats]:
    """Height and slope of each issue: the regression of stances on positions, by Cramer's rule."""
    n = np.maximum(weight.sum(axis=1), _LITTLE)
    x, xx = np.einsum("dai,da->di", weight, theta), np.einsum("dai,da->di", weight, theta**2) + PENALTY
    y, xy = total.sum(axis=1), np.einsum("dai,da->di", total, theta)
    det = n * xx - x * x
    return (xx * y - x * xy) / det, (n * xy - x * y) / det


def _positions(weight: _Floats, total: _Floats, alpha: _Floats, beta: _Floats) -> _Floats:
    """Each actor's position: the regression of what exceeds the heights on the slopes."""
    pull = np.einsum("dai,di->da", total, beta) - np.einsum("dai,di->da", weight, alpha * beta)
    return np.asarray(pull / (np.einsum("dai,di->da", weight, beta**2) + PENALTY))


class Sample:
    """The stances on a scale as arrays, the line through them, and the lines through other samples of articles.

    Parameters
    ----------
    stances
        actor, issue_id, work (an article, or several copies of one text), stance; a row per actor, issue and work.
    """

    def __init__(self, stances: pd.DataFrame) -> None:
        codes = {key: pd.factorize(stances[key], sort=True) for key in ("actor", "issue_id", "work")}
        (at_actor, actors), (at_issue, issues), (at_work, works) = codes.values()
        self.issues = list(issues)
        self.n_articles = stances.groupby("actor")["work"].nunique().to_numpy(dtype=float)
        self.n_works = len(works)
        self._shape = len(actors), len(issues)
        where, size = (at_actor * len(issues) + at_issue, at_work), (len(actors) * len(issues), len(works))
        stance = stances["stance"].to_numpy(dtype=float)
        self._parts = [csr_array((values, where), shape=size) for values in (np.ones(len(stances)), stance)]

    def tables(self, times: _Floats) -> tuple[_Floats, _Floats]:
        """Articles behind each cell and the sum of their stances, each article as often as a row of `times` says."""
        weight, total = ((part @ times.T).T.reshape(-1, *self._shape) for part in self._parts)
        return weight, total

    def whole(self) -> tuple[_Floats, _Floats]:
        """The same, each article once."""
        return self.tables(np.ones((1, self.n_works)))

    def standard(self, theta: _Floats) -> tuple[_Floats, _Floats]:
        """Mean and standard deviation of each row of positions, an actor counting as often as it has articles.

        Positions of those who are seldom heard are noisy, and would make the unit of all others noisy too.
        """
        share = self.n_articles / self.n_articles.sum()
        mean = (theta * share).sum(axis=1, keepdims=True)
        spread = ((theta - mean) ** 2 * share).sum(axis=1, keepdims=True) ** 0.5
        return mean, np.where(spread > NOTHING, spread, np.nan)

    def fit(self) -> Fit | None:
        """The line through all articles, with mean 0 and standard deviation 1 of the positions; None without a line."""
        if not self.n_works:
            return None
        weight, total = self.whole()
        fit = best_fit(weight[0], total[0])
        mean, spread = self.standard(fit.theta)
        line = Fit((fit.theta - mean) / spread, fit.alpha + fit.beta * mean, fit.beta * spread)
        return None if np.isnan(spread).any() else line

    def explained(self, fit: Fit) -> float:
        """The share of the squared distance of stances from their issue's mean that the line accounts for."""
        weight, total = self.whole()
        cells = total / np.maximum(weight, 1)
        means = total.sum(axis=1, keepdims=True) / weight.sum(axis=1, keepdims=True)
        lines = fit.alpha[:, None, :] + fit.theta[:, :, None] * fit.beta[:, None, :]
        left, whole = ((weight * (cells - expected) ** 2).sum() for expected in (lines, means))
        return float(1 - left / whole)

    def interval(self, fit: Fit, draws: int, seed: int) -> tuple[_Floats, float]:
        """How far the interval of each position reaches to either side, and the reliability of all positions."""
        if draws < _PAIR:
            return np.full(self._shape[0], np.nan), np.nan
        n, freedom = self.n_articles, np.maximum(self.n_articles - 1, 1)
        variance = self.drawn(fit, draws, seed).var(axis=0, ddof=1)
        reliability = 1 - float((variance * n).sum() / n.sum())
        error = (variance * n / freedom / np.maximum(reliability, NOTHING)) ** 0.5
        return stdtrit(freedom, 1 - _TAIL) * error, reliability

    def drawn(self, fit: Fit, draws: int, seed: int) -> _Floats:
        """The positions in each draw of articles (draws × actors); a row of NaN where a draw leaves no line.

        A draw that misses all articles of an actor leaves it at the centre of the prior. Every draw starts from the
        estimate, and is turned so that it agrees with it.
        """
        articles, chances = np.random.default_rng(seed), np.full(self.n_works, 1 / self.n_works)
        at_once = max(1, _AT_ONCE // (self.n_works + self._shape[0] * self._shape[1]))
        blocks = []
        for n in (min(at_once, draws - first) for first in range(0, draws, at_once)):
            times = articles.multinomial(self.n_works, chances, size=n).astype(float)
            theta = fitted(*self.tables(times), np.repeat(fit.theta, n, axis=0)).theta
            mean, spread = self.standard(theta)
            blocks.append((theta - mean) / spread)
        drawn = np.concatenate(blocks)
        is_turned = (drawn * fit.theta * self.n_articles).sum(axis=1, keepdims=True) < 0
        return np.where(is_turned, -drawn, drawn)
