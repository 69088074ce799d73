"""Intervals of Hawkes processes: they hold the truth as often as they say, are those of the likelihood, and know their limits."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from virtu.classics import hawkes, hawkes_intervals
from virtu.classics.hawkes import Events, process, simulate_branching, simulate_thinning
from virtu.classics.hawkes_search import bounds, climb, greatest, loss, with_background

SETS = 100
LEAST, MOST = 88, 100
"""How many of 100 intervals of 95 % hold the truth in all but about one of a thousand cases."""


def _two_sides(end: float = 600.0) -> hawkes.Hawkes:
    return process([0.4, 0.2], [[0.3, 0.5], [0.0, 0.2]], 1.5, end)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """Of 100 small histories with a background that changes, about 95 intervals of branching and half-life do; half as wide, too few do."""
    one = process([[0.3, 0.8]], 0.5, 2.0, 300.0, [150.0])
    held, narrow = np.zeros(2), np.zeros(2)
    for seed in range(SETS):
        events = simulate_branching(one, seed)
        found = greatest(events, edges=[150.0])
        for row, (part, truth) in enumerate((("branching", 0.5), ("decay", 2.0))):
            place = found.layout.place(part)
            low, high = hawkes_intervals.of_parameter(found, events, place)
            held[row] += low <= truth <= high
            centre = np.exp(found.vector[place])
            narrow[row] += np.sqrt(low * centre) <= truth <= np.sqrt(high * centre)
    assert (held >= LEAST).all()
    assert (held <= MOST).all()
    assert (narrow < LEAST).all()


def test_ends_are_where_the_likelihood_says() -> None:
    """At either end, all else chosen anew by a search of its own over everything at once, it has fallen by 1.92."""
    events = simulate_thinning(_two_sides(), 1)
    found = greatest(events, edges=[300.0])
    for place in (found.layout.place("background", 1, 1), found.layout.place("branching", 0, 1), found.layout.place("decay")):
        for end in hawkes_intervals.of_parameter(found, events, place):
            held = bounds(found.layout, events)
            held[place] = np.log(end)
            start = np.maximum(found.vector, -3.0)
            fallen = climb(loss, (found.layout, events), start, held, len(events.times)).fun + found.log_likelihood
            assert fallen == pytest.approx(hawkes_intervals.WIDTH**2 / 2, abs=0.02)


def test_the_interval_of_the_radius() -> None:
    """Nowhere inside has the likelihood fallen further, the radius being that of a branching made by hand; one side's is its branching's."""  # noqa: E501
    events = simulate_thinning(_two_sides(), 1)
    found = greatest(events)
    low, high = hawkes_intervals.of_radius(found, events)
    radius = hawkes.spectral_radius(found.model.branching)
    assert low < radius < high
    rng, limits, inside, outside = np.random.default_rng(0), bounds(found.layout, events), 0, 0
    for _ in range(400):
        rest = found.rest.copy()
        rest[:4] *= np.exp(rng.normal(0, 0.15, 4))
        vector = with_background(rest, found.layout, events, limits)
        if loss(vector, found.layout, events)[0] + found.log_likelihood < hawkes_intervals.WIDTH**2 / 2:
            inside += 1
            outside += not low <= hawkes.spectral_radius(found.layout.model(vector).branching) <= high
    assert inside > 20
    assert outside == 0
    alone = events._replace(kinds=np.zeros_like(events.kinds))
    one = greatest(alone)
    assert hawkes_intervals.of_radius(one, alone) == hawkes_intervals.of_parameter(one, alone, one.layout.place("branching"))


def test_slopes_at_a_radius() -> None:
    """Differences of the likelihood at a radius agree with its slopes."""
    events = simulate_thinning(_two_sides(), 2)
    found = greatest(events)
    limits, rest = bounds(found.layout, events), found.rest * np.exp(np.random.default_rng(0).normal(0, 0.2, 5))

    def cost(at: np.ndarray) -> tuple[float, np.ndarray]:
        return hawkes_intervals._loss_at_radius(at, found.layout, events, limits, np.log(0.5))

    steps = 1e-6 * np.eye(5)
    found_slopes = [(cost(rest + step)[0] - cost(rest - step)[0]) / 2e-6 for step in steps]
    np.testing.assert_allclose(cost(rest)[1], found_slopes, rtol=1e-4, atol=1e-3)


def test_the_best_background_is_the_best() -> None:
    """For given branching and decay no other background is likelier; without children it is the count over the span, and 0 where none came."""  # noqa: E501
    events = simulate_thinning(_two_sides(), 3)
    found = greatest(events, edges=[200.0, 400.0])
    limits = bounds(found.layout, events)
    best = with_background(found.rest, found.layout, events, limits)
    slope = loss(best, found.layout, events)[1][:6]
    assert np.abs(slope[best[:6] > limits[:6, 0] + 0.1]).max() < 1e-6 * len(events.times)
    childless = np.concatenate([np.full(4, 1e-300), [0.0]])
    alone = np.exp(with_background(childless, found.layout, events, limits)[:6]).reshape(2, 3)
    counts = [np.histogram(events.times[events.kinds == kind], [0, 200, 400, 600])[0] for kind in range(2)]
    np.testing.assert_allclose(alone, np.array(counts) / 200.0)
    empty = Events(events.times[events.times < 200.0], events.kinds[events.times < 200.0], 600.0)
    assert (with_background(found.rest, found.layout, empty, limits).reshape(-1)[[1, 2, 4, 5]] == limits[[1, 2, 4, 5], 0]).all()


def test_nothing_is_said_where_nothing_is_known() -> None:
    """Without children the branching may be 0, and any half-life will do; a background of 0 has an upper end and no other."""
    quiet = Events(np.arange(0.5, 60.0, 1.0), np.zeros(60, np.int64), 60.0)
    found = greatest(quiet)
    assert found.model.branching[0, 0] < 1e-4
    low, high = hawkes_intervals.of_parameter(found, quiet, found.layout.place("branching"))
    assert low == 0.0
    assert 0.0 < high < 0.3
    low, high = hawkes_intervals.of_parameter(found, quiet, found.layout.place("decay"))
    assert (low, high) == (0.0, np.inf)
    half = Events(quiet.times, quiet.kinds, 120.0)
    found = greatest(half, edges=[60.0])
    (first, second) = hawkes_intervals.of_backgrounds(found, half)[0]
    assert first.low < 1.0 < first.high
    assert second.low == 0.0
    assert 0.0 < second.high == pytest.approx(hawkes_intervals.WIDTH**2 / 2 / 60.0, rel=0.01)


def test_backgrounds_by_curvature_are_near_those_by_the_likelihood() -> None:
    """With plenty of events both say the same, to a tenth of the width."""
    events = simulate_thinning(process([[0.5, 1.0]], 0.4, 2.0, 2000.0, [1000.0]), 4)
    found = greatest(events, edges=[1000.0])
    for place, curved in enumerate(hawkes_intervals.of_backgrounds(found, events)[0]):
        profile = hawkes_intervals.of_parameter(found, events, place)
        np.testing.assert_allclose(curved, profile, atol=0.1 * (profile.high - profile.low))


def test_what_is_expected_by_a_moment() -> None:
    """It is the rate summed over time, for each kind and with a background that changes."""
    events = Events(np.array([0.5, 1.0, 2.5]), np.array([0, 1, 0]), 4.0)
    one = process([[0.3, 0.6], [0.2, 0.1]], [[0.4, 0.3], [0.2, 0.1]], [[1.0, 2.0], [0.5, 3.0]], 4.0, [2.0])
    moments = [0.0, 0.75, 2.0, 4.0]
    found = hawkes.expected_by(one, events, moments)

    def rate(time: float, kind: int) -> float:
        born = [
            one.branching[kind, by] * one.decay[kind, by] * np.exp(-one.decay[kind, by] * (time - at))
            for at, by in zip(events.times, events.kinds, strict=True)
            if at < time
        ]
        return float(one.background[kind, int(time >= 2.0)] + sum(born))

    for kind in range(2):
        for place, moment in enumerate(moments):
            cuts = sorted({0.0, moment, *(cut for cut in (0.5, 1.0, 2.0, 2.5) if cut < moment)})
            area = sum(quad(rate, a, b, args=(kind,))[0] for a, b in zip(cuts, cuts[1:], strict=False))
            assert found[kind, place] == pytest.approx(area, abs=1e-8)
