"""Intervals of a fitted process hold the truth as often as they should, with few events, and are there where there are no answers."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest

from virtu.classics import hawkes_intervals
from virtu.classics.hawkes import Events, Hawkes, process, simulate_branching
from virtu.classics.hawkes_intervals import Interval, of_backgrounds, of_parameter, of_radius
from virtu.classics.hawkes_search import greatest

ONE = process(0.5, 0.5, 1.5, 120.0)
"""About 120 incidents, half of them answers."""

TABLES = 60
FEWEST = 51
"""Of 60 intervals of 95 % 57 are expected to hold, and fewer than 51 less than once in 500 tables of tests."""


def truths(model: Hawkes) -> dict[str, float]:
    return {"background": model.background.item(), "branching": model.branching.item(), "decay": float(np.ravel(model.decay)[0])}


def intervals(model: Hawkes, seed: int) -> dict[str, Interval]:
    events = simulate_branching(model, seed)
    found = greatest(events, 1)
    ends = {name: of_parameter(found, events, found.layout.place(name)) for name in ("branching", "decay")}
    return ends | {"background": of_backgrounds(found, events)[0][0]}


@cache
def drawn() -> list[dict[str, Interval]]:
    return [intervals(ONE, seed) for seed in range(TABLES)]


def holding(found: list[dict[str, Interval]], name: str, truth: float) -> int:
    return sum(one[name].low <= truth <= one[name].high for one in found)


@pytest.mark.parametrize("name", ["background", "branching", "decay"])
def test_intervals_hold_the_truth(name: str) -> None:
    """Of 60 tables of about 120 incidents, at least 51 intervals hold the truth; none is empty."""
    found = drawn()
    assert holding(found, name, truths(ONE)[name]) >= FEWEST
    assert all(one[name].low < one[name].high for one in found)


def test_intervals_half_as_wide_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """With half the distance of the likelihood, too few hold it."""
    monkeypatch.setattr(hawkes_intervals, "WIDTH", hawkes_intervals.WIDTH / 2)
    found = [intervals(ONE, seed) for seed in range(TABLES)]
    assert holding(found, "branching", truths(ONE)["branching"]) < FEWEST


def test_ends_are_where_the_likelihood_has_fallen_by_the_width() -> None:
    """At both ends the best likelihood with the branching held there is 1.92 below the greatest: of the definition, by a plain grid."""
    events = simulate_branching(ONE, 7)
    found = greatest(events, 1)
    place = found.layout.place("branching")
    for end in of_parameter(found, events, place):
        fallen = [_least_loss(events, end, decay) for decay in np.linspace(-3.0, 5.0, 1601)]
        assert min(fallen) + found.log_likelihood == pytest.approx(hawkes_intervals.WIDTH**2 / 2, abs=0.01)


def _least_loss(events: Events, branching: float, decay: float) -> float:
    """Minus the log-likelihood, written out, of a branching and a logarithm of the decay, at the best background on a grid."""
    times, end = events.times, events.end
    beta = math.exp(decay)
    excited = np.zeros(len(times))
    for place in range(1, len(times)):
        excited[place] = (excited[place - 1] + 1.0) * math.exp(-beta * (times[place] - times[place - 1]))
    answers = branching * float((1.0 - np.exp(-beta * (end - times))).sum())
    background = np.geomspace(0.05, 2.0, 400)[:, None]
    return float((background[:, 0] * end + answers - np.log(background + branching * beta * excited).sum(axis=1)).min())


def test_without_answers_the_branching_reaches_nought() -> None:
    """Poisson incidents: the interval of the branching begins at 0 in most tables, and that of the radius is the same."""
    nothing = process(1.0, 0.0, 1.5, 120.0)
    low = []
    for seed in range(12):
        events = simulate_branching(nothing, seed)
        found = greatest(events, 1)
        ends = of_parameter(found, events, found.layout.place("branching"))
        assert of_radius(found, events) == ends
        low.append(ends.low)
    assert sum(one == 0.0 for one in low) >= 9


def test_the_radius_of_two_sides_is_held() -> None:
    """Of 16 tables of two sides that answer each other, at least 12 intervals of the spectral radius hold the truth."""
    model = process([0.4, 0.3], [[0.3, 0.2], [0.2, 0.3]], 1.5, 150.0)
    held = 0
    for seed in range(16):
        events = simulate_branching(model, seed)
        ends = of_radius(greatest(events, 2), events)
        held += ends.low <= 0.5 <= ends.high
    assert held >= 12
