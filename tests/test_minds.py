"""Minds: limits that are known in advance, and properties that hold for any numbers."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from virtu.minds import choice, empathy, memory, suspicion, theory_of_mind
from virtu.minds.contest import LEAST_SPREAD, one_level_below, predict_sides, tally


def array(*values: Any) -> jax.Array:
    """Return numbers as the single precision the model computes in."""
    return jnp.asarray(values[0] if len(values) == 1 else values, jnp.float32)


def numbers(low: float, high: float, *shape: int) -> st.SearchStrategy[np.ndarray]:
    """Return a strategy of arrays of single precision within bounds."""
    return arrays(np.float32, shape, elements=st.floats(low, high, width=32, allow_subnormal=False))


few = settings(max_examples=25)
"""Examples of each property: each of them costs a dozen small computations."""

beliefs = numbers(0.03125, 1.0, 5, 4).map(lambda part: part / part.sum(axis=0))

ONE_HOT = jnp.eye(3, dtype=jnp.float32)[:, :, None]
"""Minds of a single level: level, then levels of κ, then one history."""


# theory of mind


@few
@given(numbers(0.0, 50.0, 6))
def test_depth_is_a_distribution_over_levels(depth: np.ndarray) -> None:
    """Weights are probabilities, and a greater depth never puts less weight on the highest level."""
    weights = np.asarray(theory_of_mind.depth_weights(array(np.sort(depth))))
    assert (weights >= 0.0).all()
    np.testing.assert_allclose(weights.sum(axis=0), 1.0, rtol=1e-6)
    assert (np.diff(weights[2]) >= -1e-6).all()
    assert (np.diff(weights[0]) <= 1e-6).all()


def test_depth_has_its_limits() -> None:
    """No depth is level 0 alone, a large one level 2 alone, and τ = 1 is the Poisson distribution 2 : 2 : 1."""
    weights = theory_of_mind.depth_weights(array(0.0, 1e6, 1.0))
    np.testing.assert_allclose(weights[:, 0], [1, 0, 0])
    np.testing.assert_allclose(weights[:, 1], [0, 0, 1], atol=1e-5)
    np.testing.assert_allclose(weights[:, 2], [0.4, 0.4, 0.2], rtol=1e-6)


@few
@given(numbers(0.0, 5.0, 8), numbers(0.0, 10.0, 8))
def test_attention_is_a_share_that_grows(depth: np.ndarray, precision: np.ndarray) -> None:
    """Attention lies in [0, 1), grows with precision, and is nought without depth or without precision."""
    weights = theory_of_mind.depth_weights(array(depth))
    seen = theory_of_mind.attention(weights, array(precision))
    assert ((seen >= 0.0) & (seen < 1.0)).all()
    assert (theory_of_mind.attention(weights, array(precision) + 1.0) >= seen).all()
    assert (theory_of_mind.attention(weights, array(precision) * 0.0) == 0.0).all()
    assert (theory_of_mind.attention(theory_of_mind.depth_weights(array(depth) * 0.0), array(precision)) == 0.0).all()


@few
@given(numbers(-3.0, 3.0, 6, 1), st.floats(0.0, 1.0), st.floats(0.0, 10.0))
def test_level_0_is_undecided(lean: np.ndarray, expected: float, precision: float) -> None:
    """Who models nobody takes every third party for a coin."""
    sides = predict_sides(array(lean), array([expected]), ONE_HOT[0], array([precision]), array(1.0))
    np.testing.assert_array_equal(sides, 0.5)


@few
@given(numbers(0.015625, 3.0, 6, 1), numbers(0.0, 1.0, 6, 1))
def test_level_1_without_noise_is_level_k(size: np.ndarray, sign: np.ndarray) -> None:
    """As precision grows without bound, everybody is expected to follow the sign of his lean."""
    lean = array(np.where(sign < 0.5, -size, size))
    sides = predict_sides(lean, array([0.5]), ONE_HOT[1], array([1e6]), array(1.0))
    np.testing.assert_allclose(sides, lean > 0.0, atol=1e-6)


@few
@given(numbers(-3.0, 3.0, 6, 1), st.floats(0.5, 1.0), st.floats(0.0, 5.0), st.floats(0.0, 5.0))
def test_level_2_adds_the_side_that_is_expected_to_win(lean: np.ndarray, expected: float, precision: float, beta: float) -> None:
    """Level 2 moves every prediction towards the expected winner, and is level 1 where an even split is expected."""
    arguments = (array([precision]), array(beta))
    first = predict_sides(array(lean), array([expected]), ONE_HOT[1], *arguments)
    second = predict_sides(array(lean), array([expected]), ONE_HOT[2], *arguments)
    even = predict_sides(array(lean), array([0.5]), ONE_HOT[2], *arguments)
    assert (second >= first - 1e-6).all()
    np.testing.assert_allclose(even, first, rtol=1e-5)


@few
@given(numbers(0.0, 5.0, 5, 1), numbers(0.0, 1.0, 5, 1), st.floats(0.015625, 5.0), st.floats(0.015625, 5.0))
def test_certain_sides_are_counted_exactly(strength: np.ndarray, lot: np.ndarray, own: float, rival: float) -> None:
    """With certain sides the share is the sum of the strengths, its spread the least one, and a majority wins."""
    sides = (lot < 0.5).astype(np.float32)
    total = own + rival + strength.sum(axis=0)
    contest = tally(array(sides), array(strength), array([own]), array(total), array(0.5))
    expected = (own + (strength * sides).sum(axis=0)) / total
    np.testing.assert_allclose(contest.share, expected, rtol=1e-5)
    np.testing.assert_allclose(contest.spread, LEAST_SPREAD, rtol=1e-5)
    assert ((contest.wins > 0.5) == (contest.share > 0.5)).all()


def test_one_level_below() -> None:
    """Levels 0 and 1 expect an even split of third parties, level 2 the sides of level 1."""
    first, strength, own, total = array([[1.0], [0.0]]), array([[2.0], [1.0]]), array([1.0]), array([5.0])
    shares = [float(one_level_below(first, strength, own, total, weights)[0]) for weights in ONE_HOT]
    assert shares == pytest.approx([2.5 / 5, 2.5 / 5, 3 / 5])


# empathy


def weights_of(gap: Any, kindness: Any = 0.0, grievance: Any = 0.0, **traits: float) -> np.ndarray:
    """Return the weights one person puts on several others, in one history each."""
    names = ("empathy_behind", "empathy_ahead", "reciprocity", "vengefulness")
    behind, ahead, reciprocity, vengefulness = (array([[traits.get(name, 0.0)]]) for name in names)
    gaps = array(gap).reshape(1, -1, 1)
    ledgers = jnp.full_like(gaps, kindness), jnp.full_like(gaps, grievance)
    return np.asarray(empathy.weight(behind, ahead, reciprocity, vengefulness, gaps, *ledgers))[0, :, 0]


@few
@given(st.floats(-0.9, 0.9), st.floats(-0.9, 0.9), st.floats(-5.0, 5.0), st.floats(-5.0, 5.0))
def test_caring_nests_fehr_and_schmidt(behind: float, ahead: float, own: float, other: float) -> None:
    """With γ = δ = 0 the utility is Π_i − a max(Π_j − Π_i, 0) − b max(Π_i − Π_j, 0), with a = −α and b = β."""
    weight = weights_of([other - own], empathy_behind=behind, empathy_ahead=ahead)
    utility = empathy.utility(array(own), array(other), array(weight[0]))
    assert float(utility) == pytest.approx(own + behind * max(other - own, 0.0) - ahead * max(own - other, 0.0), abs=1e-4)


def test_no_empathy_no_history_is_selfish() -> None:
    """Without any of the four traits own payoff is all that counts, whatever was done."""
    weight = weights_of([-1.0, 0.0, 1.0], kindness=0.7, grievance=0.4)
    np.testing.assert_array_equal(weight, 0.0)
    np.testing.assert_array_equal(empathy.utility(array(2.0), array(-9.0), array(weight)), 2.0)


@few
@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.floats(0.0, 2.0), st.floats(0.0, 2.0))
def test_kindness_is_returned_and_harm_revenged(kindness: float, grievance: float, reciprocity: float, vengefulness: float) -> None:
    """The ledgers move the weight by γ K − δ G, within bounds."""
    weight = weights_of([0.0], kindness, grievance, reciprocity=reciprocity, vengefulness=vengefulness)[0]
    bound = empathy.LARGEST_WEIGHT
    assert weight == pytest.approx(np.clip(reciprocity * kindness - vengefulness * grievance, -bound, bound), abs=1e-5)


# suspicion


@few
@given(numbers(-1.0, 1.0, 6))
def test_prior_tilts_with_suspicion(suspicious: np.ndarray) -> None:
    """The prior sums to one, is even at nought, and hostility grows with suspicion."""
    prior = suspicion.prior(array(np.sort(suspicious)))
    np.testing.assert_allclose(prior.sum(axis=0), 1.0, rtol=1e-5)
    np.testing.assert_allclose(suspicion.prior(array([0.0])), 0.2, rtol=1e-6)
    assert (np.diff(np.asarray(suspicion.hostile(prior))) >= -1e-6).all()


@few
@given(beliefs, numbers(-1.0, 1.0, 4), numbers(0.0, 1.0, 4))
def test_acts_are_evidence(belief: np.ndarray, act: np.ndarray, rigidity: np.ndarray) -> None:
    """No act or full rigidity changes nothing; harm never makes the other look kinder; beliefs stay probabilities."""
    before = array(belief)
    after = suspicion.update(before, array(act), array(6.0), array(rigidity))
    np.testing.assert_allclose(after.sum(axis=0), 1.0, rtol=1e-5)
    still = (
        suspicion.update(before, array(act) * 0.0, array(6.0), array(rigidity)),
        suspicion.update(before, array(act), array(6.0), array(1.0)),
    )
    for same in still:
        np.testing.assert_allclose(same, before, rtol=1e-5)
    change = np.asarray(suspicion.hostile(after) - suspicion.hostile(before))
    assert (change * np.sign(act) <= 1e-5).all()


@few
@given(beliefs, numbers(-1.0, 1.0, 4), numbers(-1.0, 1.0, 4), numbers(0.0, 1.0, 4))
def test_evidence_counts_in_any_order(belief: np.ndarray, one: np.ndarray, other: np.ndarray, rigidity: np.ndarray) -> None:
    """Bayes: of two independent acts it does not matter which was seen first."""

    def after(*acts: np.ndarray) -> jax.Array:
        seen = array(belief)
        for act in acts:
            seen = suspicion.update(seen, array(act), array(6.0), array(rigidity))
        return seen

    np.testing.assert_allclose(after(one, other), after(other, one), rtol=1e-4, atol=1e-6)


@few
@given(beliefs, numbers(-3.0, 3.0, 4))
def test_a_claim_shifts_odds(belief: np.ndarray, claim: np.ndarray) -> None:
    """A claim changes the odds of the most hostile against the neutral type by its exponential."""
    after = np.asarray(suspicion.shift(array(belief), array(claim)))
    np.testing.assert_allclose(np.log(after[0] / after[2]) - np.log(belief[0] / belief[2]), claim, atol=1e-4)


@few
@given(beliefs, numbers(-1.0, 1.0, 4))
def test_what_was_learnt_fades(belief: np.ndarray, suspicious: np.ndarray) -> None:
    """Kept in full it stays, kept not at all the prior is back."""
    base = suspicion.prior(array(suspicious))
    np.testing.assert_allclose(suspicion.fade(array(belief), base, array(1.0)), belief, atol=1e-6)
    np.testing.assert_allclose(suspicion.fade(array(belief), base, array(0.0)), base, atol=1e-6)


def test_blame_needs_a_failure_and_conviction() -> None:
    """Nobody is blamed without disappointment or conviction, and then as far as he is held responsible."""
    responsibility = array([[[0.0], [1.0]], [[1.0], [0.0]]])
    shifts = suspicion.blame(array([0.5]), array([[1.0], [0.0]]), responsibility, array(2.0))
    np.testing.assert_allclose(shifts[:, :, 0], [[0.0, 1.0], [0.0, 0.0]])
    np.testing.assert_array_equal(suspicion.blame(array([0.0]), array([[1.0], [1.0]]), responsibility, array(2.0)), 0.0)


# memory and nerve


@few
@given(numbers(0.0, 1.0, 3, 3, 2), numbers(0.0, 1.0, 3, 3, 2))
def test_memory_has_its_limits(ledger: np.ndarray, event: np.ndarray) -> None:
    """μ = 1 never forgets, μ = 0 knows only today, g = 1 − μ is the moving average; a ledger stays in [0, 1]."""
    every = jnp.ones((3, 2), jnp.float32)
    kept = memory.remember(array(ledger), array(event), every, array(1.0))
    assert (kept >= ledger).all()
    assert (kept <= 1.0).all()
    np.testing.assert_array_equal(memory.remember(array(ledger), array(event) * 0.0, every, array(1.0)), ledger)
    np.testing.assert_array_equal(memory.remember(array(ledger), array(event), every * 0.0, array(1.0)), event)
    average = memory.remember(array(ledger), array(event), every * 0.75, array(0.25))
    np.testing.assert_allclose(average, 0.75 * ledger + 0.25 * event, atol=1e-6)


@few
@given(numbers(0.0, 1.0, 6), numbers(0.0, 1.0, 6))
def test_nerve_keeps_the_head_clear(nerve: np.ndarray, threat: np.ndarray) -> None:
    """Precision is full without threat, falls with threat, and falls less the steadier the nerve; risk costs nothing at full nerve."""
    precision = choice.precision(array(120.0), array(nerve), array(threat))
    np.testing.assert_allclose(choice.precision(array(120.0), array(nerve), array(0.0)), 120.0, rtol=1e-5)
    assert (precision <= 120.0 * (1 + 1e-6)).all()
    assert (choice.precision(array(120.0), array(nerve) + 0.1, array(threat)) >= precision - 1e-4).all()
    assert float(choice.precision(array(120.0), array(0.0), array(1.0))) < 0.2
    np.testing.assert_array_equal(choice.risk_price(array(0.5), array(1.0), array(threat), array(1.0)), 0.0)
