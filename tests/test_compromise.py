"""Means, median, Nash bargain, losses and their comparison: closed forms, brute force, and maps that must not matter."""

from __future__ import annotations

from math import erf, exp, pi, sqrt
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from virtu.classics.compromise import (
    absolute_error,
    compare_losses,
    crps,
    hit_rate,
    nash_bargain,
    payoff,
    root_mean_square,
    unweighted_mean,
    weighted_mean,
    weighted_median,
)
from virtu.errors import InputError
from virtu.laboratory.validation.compromise import rows
from virtu.laboratory.validation.rows import Gap, Row
from virtu.organisation import meetings

Actors = list[tuple[float, float]]
actors = st.lists(st.tuples(st.integers(-20, 20).map(float), st.integers(1, 12).map(float)), min_size=2, max_size=7)


def _columns(table: Actors) -> tuple[np.ndarray, np.ndarray]:
    x, w = zip(*table, strict=True)
    return np.array(x), np.array(w)


def test_the_published_start_is_reproduced(data: Path) -> None:
    found = list(rows(data))
    assert [abs(row.ours - row.published) <= row.tolerance for row in found if isinstance(row, Row)] == [True, True]
    assert [row.id for row in found if isinstance(row, Gap)] == ["eu-decisions.mean-absolute-error"]


def test_the_median_and_mean_are_not_each_other(data: Path) -> None:
    """The tolerances of the rows would see one forecast put for the other, or the weights left out."""
    median, mean = (row for row in rows(data) if isinstance(row, Row))
    assert abs(mean.ours - median.published) > median.tolerance
    assert abs(median.ours - mean.published) > mean.tolerance


def test_one_mean_for_numpy_and_for_the_kernel() -> None:
    """The same function gives the meeting's numbers, inside a compiled kernel and where nobody has weight."""
    random = np.random.default_rng(0)
    x, w = random.random((4, 9), np.float32), random.random((4, 9), np.float32)
    w[:, 3] = 0.0
    compiled = jax.jit(lambda a, b: weighted_mean(a, b, axis=0))(jnp.asarray(x), jnp.asarray(w))
    assert compiled.dtype == jnp.float32
    assert meetings.weighted_mean is weighted_mean, "the meeting proposes by another mean"
    np.testing.assert_allclose(weighted_mean(x, w, axis=0), compiled, rtol=1e-6)
    assert compiled[3] == 0.0


@given(actors)
def test_no_position_beats_the_median(table: Actors) -> None:
    """In a vote of weights by distance the median loses against nobody's position (Black)."""
    x, w = _columns(table)
    for ties in ("low", "middle", "high"):
        median = weighted_median(x, w, ties)
        for other in x:
            assert (w * np.sign(np.abs(x - median) - np.abs(x - other))).sum() <= 0.0


@pytest.mark.parametrize(("ties", "expected"), [("low", 1.0), ("middle", 2.5), ("high", 4.0)])
def test_half_on_either_side(ties: str, expected: float) -> None:
    """An actor without weight inside the gap does not fill it, and thirds that do not add up exactly are still halves."""
    x, w = np.array([4.0, 1.0, 2.0, 0.0, 9.0]), np.array([0.1, 0.2, 0.0, 0.1, 0.2])
    assert weighted_median(x, w, ties) == expected  # type: ignore[arg-type]


@given(actors, st.randoms(use_true_random=False), st.sampled_from((0.5, 4.0)), st.sampled_from((-3.0, 16.0)))
def test_names_units_and_bystanders_do_not_matter(table: Actors, random: object, scale: float, shift: float) -> None:
    """Relabelling, a stretched and shifted scale, a unit of weight and actors without weight leave every forecast where it was."""
    x, w = _columns(table)
    order = sorted(range(x.size), key=lambda _: random.random())  # type: ignore[attr-defined]
    moved, weighed = scale * x[order] + shift, 3.0 * w[order]
    crowd = np.append(moved, moved.min() + (moved.max() - moved.min()) * np.array([0.3, 0.9])), np.append(weighed, [0.0, 0.0])
    for forecast in (weighted_mean, weighted_median, nash_bargain):
        expected = scale * forecast(x, w) + shift
        np.testing.assert_allclose(forecast(moved, weighed), expected, atol=1e-5)
        np.testing.assert_allclose(forecast(*crowd), expected, atol=1e-5)
    np.testing.assert_allclose(unweighted_mean(moved), scale * unweighted_mean(x) + shift, atol=1e-9)


@given(actors)
def test_the_bargain_has_both_means_as_limits(table: Actors) -> None:
    """With disagreement ever worse, the bargain of the risk-averse is the weighted mean, that of the neutral a weighted median."""
    x, w = _columns(table)
    span = max(float(x.max() - x.min()), 1.0)
    assert nash_bargain(x, w, -1e6, 2.0) == pytest.approx(weighted_mean(x, w), abs=1e-5 * span)
    neutral = nash_bargain(x, w, -1e6, 1.0)
    assert weighted_median(x, w, "low") - 1e-3 * span <= neutral <= weighted_median(x, w, "high") + 1e-3 * span


@given(st.floats(0.1, 10.0), st.floats(0.1, 10.0))
def test_two_bargainers_share_by_weight(first: float, second: float) -> None:
    """At the ends of the scale with nothing to fall back on, the outcome is w₂ / (w₁ + w₂); with a status quo, nobody loses by it."""
    x, w = np.array([0.0, 1.0]), np.array([first, second])
    assert nash_bargain(x, w, 0.0) == pytest.approx(second / (first + second), abs=1e-6)
    beyond = payoff(x, 1.5, 1.0, 2.0)
    agreed = nash_bargain(x, w, beyond, 2.0)
    assert (payoff(x, agreed, 1.0, 2.0) > beyond).all()


def test_some_find_no_bargain() -> None:
    """Where each has more by walking away there is no outcome; draws beside it keep theirs."""
    x, w = np.array([[0.0, 1.0], [0.0, 1.0]]), np.ones((2, 2))
    found = nash_bargain(x, w, np.array([[0.9, 0.9], [0.2, 0.2]]))
    assert np.isnan(found[0])
    assert found[1] == pytest.approx(0.5, abs=1e-6)
    # Fond of risk, each loses most from the first step away from its position: the middle is the worst outcome that all survive.
    fond = nash_bargain(x[1], w[1], -1.0, 0.5)
    assert abs(fond - 0.5) > 0.4


@pytest.mark.parametrize(
    "bad", [{"aversion": 0.0}, {"span": 0.0}, {"weight": [0.0, 0.0]}, {"weight": [-1.0, 2.0]}, {"position": [np.nan, 1.0]}]
)
def test_what_cannot_be_is_refused(bad: dict[str, object]) -> None:
    with pytest.raises(InputError):
        nash_bargain(**{"position": np.array([0.0, 1.0]), "weight": np.array([1.0, 1.0]), **bad})  # type: ignore[arg-type]


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=6), st.floats(-50, 50))
def test_the_score_of_a_point_is_its_error(sample: list[float], outcome: float) -> None:
    """One draw scores its absolute error, many draws score as the sum over pairs says."""
    x = np.array(sample)
    assert crps(x[:1], np.array(outcome)) == absolute_error(x[0], np.array(outcome))
    pairs = np.abs(x - outcome).mean() - 0.5 * np.abs(x[:, None] - x[None, :]).mean()
    assert crps(x, np.array(outcome)) == pytest.approx(pairs, abs=1e-9)
    assert crps(x, np.array(outcome)) >= -1e-9


def test_the_score_of_a_normal_forecast() -> None:
    """A large sample has the score of the normal distribution, y(2Φ(y) − 1) + 2φ(y) − 1/√π, and a wrong spread scores worse."""
    random = np.random.default_rng(1)
    sample, y = random.standard_normal(200_000), 0.7
    exact = y * erf(y / sqrt(2)) + 2 * exp(-y * y / 2) / sqrt(2 * pi) - 1 / sqrt(pi)
    assert crps(sample, np.array(y)) == pytest.approx(exact, abs=0.005)
    outcome = random.standard_normal(500)
    scores = [crps(np.broadcast_to(spread * sample[:2_000], (500, 2_000)), outcome).mean() for spread in (1.0, 0.3, 3.0)]
    assert scores[0] < min(scores[1:])


def test_losses_by_hand() -> None:
    forecast, outcome = np.array([1.0, 2.0, 5.0]), np.array([1.0, 4.0, 1.0])
    np.testing.assert_array_equal(absolute_error(forecast, outcome), [0.0, 2.0, 4.0])
    assert root_mean_square(forecast - outcome) == pytest.approx(sqrt(20.0 / 3.0))
    assert hit_rate(forecast, outcome, 2.0) == pytest.approx(2.0 / 3.0)
    with pytest.raises(InputError):
        hit_rate(forecast, outcome, -1.0)
    with pytest.raises(InputError):
        crps(np.zeros((2, 0)), np.zeros(2))


@pytest.mark.parametrize(("level", "low", "high"), [(0.95, 0.90, 0.98), (0.5, 0.40, 0.60)])
def test_intervals_cover_as_often_as_they_say(level: float, low: float, high: float) -> None:
    """Over 400 sets of 50 issues on which the first forecast loses .3 more on average, the interval holds .3 at its level."""
    random = np.random.default_rng(2)
    shared = random.exponential(2.0, (400, 50))
    second = shared + random.normal(0.0, 0.5, shared.shape)
    first = shared + random.normal(0.3, 0.5, shared.shape)
    found = [compare_losses(a, b, seed, 400, level) for seed, (a, b) in enumerate(zip(first, second, strict=True))]
    assert low < np.mean([one.low <= 0.3 <= one.high for one in found]) < high


def test_pairs_stay_together() -> None:
    """A constant difference has no uncertainty however unlike the issues are, and the seed decides the draws, 0 being one."""
    random = np.random.default_rng(3)
    loss = random.exponential(5.0, 30)
    constant = compare_losses(loss, loss + 1.0, 0, 200)
    assert (constant.difference, constant.low, constant.high, constant.better) == pytest.approx((-1.0, -1.0, -1.0, 1.0))
    other = random.exponential(5.0, 30)
    assert compare_losses(loss, other, 0, 200) == compare_losses(loss, other, 0, 200) != compare_losses(loss, other, 1, 200)
    squares = compare_losses(loss, other, 0, 200, summary=root_mean_square)
    assert squares.difference == pytest.approx(root_mean_square(loss) - root_mean_square(other))
    with pytest.raises(InputError):
        compare_losses(loss, other[:5], 0)
