"""Whether intervals of ties keep their promise, in a small version of benchmarks/survival.py; and that it runs."""

import importlib
import os
import subprocess
import sys
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

import analysis
from analysis import paths
from analysis.networks import draws, resampling, support


@pytest.fixture
def survival(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(paths.root() / "benchmarks"))
    return importlib.import_module("survival")


# The ties of a corpus hang together: from 30 corpora the share of a kind has a standard error of up to two points, that
# of all kinds one. 93% is asked for, less two standard errors.
@pytest.mark.parametrize(
    ("amount", "lean", "size", "shown"),
    [("much", "divided", 20, 1500), ("some", "of one mind", 12, 400), ("everything", "divided", 8, 2500)],
)
def test_intervals_that_are_shown_hold_the_true_weight(
    survival: ModuleType, amount: str, lean: str, size: int, shown: int
) -> None:
    result = survival.simulated(survival.World(amount, lean), size, 30, 300, 1000)
    above = {kind: survival.above(counts) for kind, counts in result.ties.items()}
    every = sum(above.values())
    assert every[survival.VARIED] >= shown
    assert every[survival.OURS] / every[survival.VARIED] >= 0.91
    assert every[survival.OURS] > every[survival.PLAIN]
    often = {
        kind: one[survival.OURS] / one[survival.VARIED] for kind, one in above.items() if one[survival.VARIED] > 100
    }
    assert [kind for kind, held in often.items() if held < 0.89] == []


def test_the_simulation_counts_the_intervals_that_tie_intervals_shows(survival: ModuleType) -> None:
    world = survival.World("much", "divided")
    corpus = world.said(1, 20, np.random.default_rng(3))[1:]
    for kind in survival.KINDS:
        made = survival.network(corpus, kind)
        weights = survival.matrices([np.zeros_like(corpus[0]), *corpus], kind, 1)[0]
        counts = survival.above(survival.of_ties(made, np.concatenate(list(draws.stacks(made, 100, 0))), weights))
        told = analysis.tie_intervals(made, draws=100)
        assert told["weight"].tolist() == [
            weights[int(a[1:]), int(b[1:])] for a, b in zip(told["source"], told["target"], strict=True)
        ]
        is_shown = told["ci_low"].notna()
        is_held = (told["ci_low"] <= told["weight"]) & (told["weight"] <= told["ci_high"])
        assert (counts[survival.VARIED], counts[survival.OURS]) == (is_shown.sum(), is_held.sum())
        assert set(told["ci_method"][~is_shown]) <= {resampling.THIN, resampling.STILL}
        assert told["n_articles"][is_shown].min() >= 8


@pytest.mark.parametrize("size", [5, 7])
def test_fewer_articles_than_eight_show_no_interval(survival: ModuleType, size: int) -> None:
    result = survival.simulated(survival.World("everything", "divided"), size, 3, 50, 250)
    for counts in result.ties.values():
        assert survival.above(counts)[survival.VARIED] == 0
        assert survival.above(counts, 2)[survival.VARIED] > 0
    assert not sum(one.sum() for one in result.whole.values())


@pytest.mark.parametrize("room", [1, 30])
def test_articles_behind_ties_are_the_same_counted_in_parts(
    survival: ModuleType, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    corpus = survival.World("some", "divided").said(1, 20, np.random.default_rng(3))[1:]
    whole = survival.network(corpus, "one-mode, congruence").edges
    monkeypatch.setattr(support, "_ROOM", room)
    pd.testing.assert_frame_equal(survival.network(corpus, "one-mode, congruence").edges, whole)


@pytest.mark.parametrize("script", ["networks", "survival"])
def test_a_benchmark_prints_its_tables(script: str) -> None:
    command = [sys.executable, str(paths.root() / "benchmarks" / f"{script}.py"), "--quick"]
    surroundings = os.environ | {"PYTHONPATH": str(paths.root())}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=surroundings)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("|:---") == {"networks": 2, "survival": 3}[script]
