"""Choice, memory and blame: the limits of their equations, and that the organisation keeps to them."""

from __future__ import annotations

from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from virtu.minds import choice, memory, suspicion
from virtu.organisation import choosing, ledgers
from virtu.scenario.vocabulary import MOVES
from virtu.testing import moment, quickly

from .stage import ADA, BEN, CLEO, DAN, HISTORIES, Stage, play, stage

few = settings(max_examples=25)
shares = st.floats(0.0, 1.0, width=32, allow_subnormal=False)


def array(value: Any) -> jax.Array:
    """Return numbers as the single precision the model computes in."""
    return jnp.asarray(value, jnp.float32)


def numbers(low: float, high: float, *shape: int) -> st.SearchStrategy[np.ndarray]:
    """Return a strategy of arrays of single precision within bounds."""
    return arrays(np.float32, shape, elements=st.floats(low, high, width=32, allow_subnormal=False))


# quantal response


@few
@given(numbers(-1.0, 1.0, 3, 5), numbers(0.0, 20.0, 3), st.floats(-5.0, 5.0, width=32))
def test_the_log_odds_of_two_options_are_precision_times_their_difference(score: np.ndarray, precision: np.ndarray, shift: float) -> None:
    """Which is softmax; what all options share does not matter."""
    found = np.asarray(choice.quantal_response(array(score), array(precision)))
    np.testing.assert_allclose(found.sum(axis=1), 1.0, rtol=1e-5)
    odds = np.log(found[:, 1:]) - np.log(found[:, :1])
    np.testing.assert_allclose(odds, precision[:, None] * (score[:, 1:] - score[:, :1]), atol=1e-3)
    np.testing.assert_allclose(choice.quantal_response(array(score + np.float32(shift)), array(precision)), found, atol=1e-4)


@few
@given(st.lists(st.integers(-8, 8), min_size=4, max_size=4))
def test_precision_leads_from_indifference_to_the_best_response(levels: list[int]) -> None:
    """λ = 0 is indifference; λ → ∞ chooses the best, ties in equal parts, and None is that limit itself."""
    score = array(levels) / 8
    best = np.array(levels) == max(levels)
    np.testing.assert_allclose(choice.quantal_response(score, array(0.0)), 0.25, rtol=1e-6)
    np.testing.assert_allclose(choice.quantal_response(score, array(1e4)), best / best.sum(), atol=1e-6)
    np.testing.assert_array_equal(choice.quantal_response(score, None), (best / best.sum()).astype(np.float32))


DRAWS = 4000
PRECISION = 60.0


def drawn(scores: jax.Array) -> np.ndarray:
    """Return how often the first actor of an organisation draws each move on each of the others, of scores (moves, others)."""
    now = moment(0, DRAWS)
    places, others = now.on.shape[0], scores.shape[1]
    whole = jnp.full((len(MOVES), *now.on.shape), choice.NEVER).at[:, :, 1 : 1 + others].set(scores[:, None, :, None])
    precision = jnp.full((places, DRAWS), PRECISION)
    chosen, target, _ = quickly(choosing.choose)(whole, precision, now.world)
    counts = np.zeros(scores.shape, int)
    np.add.at(counts, (np.asarray(chosen[0]), np.asarray(target[0]) - 1), 1)
    return counts


def agreement(counts: np.ndarray, scores: jax.Array, precision: float) -> float:
    """Return the chance of counts as unlikely as these if draws come from the quantal response (chi-squared test)."""
    expected = np.asarray(choice.quantal_response(scores.ravel(), array(precision)), float)
    return float(stats.chisquare(counts.ravel(), DRAWS * expected / expected.sum()).pvalue)


def test_the_organisation_draws_from_the_quantal_response() -> None:
    """Moves and targets come as often as softmax(λ · score) says, and the count would show a precision a third lower."""
    scores = array(np.random.default_rng(3).uniform(0.0, 0.02, (len(MOVES), 4)))
    counts = drawn(scores)
    assert agreement(counts, scores, PRECISION) > 1e-4
    assert agreement(counts, scores, PRECISION * 2 / 3) < 1e-4


# nerve


@few
@given(shares, shares, st.floats(0.0, 200.0, width=32))
def test_precision_gives_way_by_its_equation(nerve: float, threat: float, base: float) -> None:
    """λ₀ ν/(ν + threat), up to the thousandth of nerve that everybody has; half where threat equals nerve; none without a base."""
    found = float(choice.precision(array(base), array(nerve), array(threat)))
    assert found == pytest.approx(base * (nerve + 1e-3) / (nerve + threat + 1e-3), rel=1e-5)
    assert float(choice.precision(array(base), array(nerve), array(nerve + 1e-3))) == pytest.approx(base / 2, rel=1e-5)


@few
@given(shares, shares, st.floats(0.0, 2.0, width=32), st.floats(0.0, 5.0, width=32))
def test_risk_costs_in_proportion_to_its_size(nerve: float, threat: float, spread: float, aversion: float) -> None:
    """φ₀ (1 − ν)(1 + threat) · SD: nothing without risk, without aversion or at full nerve, and twice for twice the risk."""
    twice = choice.risk_price(array(aversion), array(nerve), array(threat), array(2.0 * spread))
    price = float(choice.risk_price(array(aversion), array(nerve), array(threat), array(spread)))
    assert price == pytest.approx(aversion * (1.0 - nerve) * (1.0 + threat) * spread, rel=1e-5, abs=1e-9)
    assert float(twice) == pytest.approx(2.0 * price, rel=1e-5)
    for aversion_, nerve_, spread_ in ((0.0, nerve, spread), (aversion, 1.0, spread), (aversion, nerve, 0.0)):
        assert float(choice.risk_price(array(aversion_), array(nerve_), array(threat), array(spread_))) == 0.0


# harm counts as far as intent is believed


@cache
def unforgetting() -> Stage:
    """Return a stage on which nobody changes his mind about intent, and grievances are twice the harm."""
    traits = {"rigidity": 1.0, "belief_retention": 1.0, "retention": 0.5}
    return stage(traits=traits, constants={"grievance_gain": 2.0}, off=["blame"]).but(grievance=0.0)


def hurt(belief: np.ndarray, harm: float) -> Stage:
    """Return a stage on which Ada was harmed by Ben, and everybody believes what is said of everybody."""
    before = unforgetting()
    harms = np.zeros(before.info.harm.shape, np.float32)
    harms[ADA, BEN] = harm
    return before.but(belief=belief[:, None, None, None]).noted(harm=harms)


def grievance_of(belief: np.ndarray, harm: float) -> float:
    """Return what Ada holds against Ben after the memory phase."""
    return float(play(ledgers.remember, hurt(belief, harm)).state.grievance[ADA, BEN, 0])


types = numbers(0.03125, 1.0, 5).map(lambda part: part / part.sum())


@settings(max_examples=10)
@given(types, st.floats(0.0, 0.5, width=32))
def test_harm_is_resented_as_far_as_it_was_meant(belief: np.ndarray, harm: float) -> None:
    """G = gain · harm · HI after one harm, so that a sure friend is forgiven and a sure enemy resented in full."""
    assert grievance_of(belief, harm) == pytest.approx(2.0 * harm * belief[:2].sum(), rel=1e-4, abs=1e-6)
    sure = np.eye(5, dtype=np.float32)
    assert [grievance_of(sure[kind], harm) for kind in range(5)] == pytest.approx([2.0 * harm] * 2 + [0.0] * 3, rel=1e-5)


def test_a_mind_that_resents_every_harm_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suspicion, "hostile", lambda belief: jnp.ones_like(belief[0]))
    before = hurt(np.eye(5, dtype=np.float32)[4], 0.25)
    state, _ = ledgers.remember(before.state, before.info, before.world)
    assert float(state.grievance[ADA, BEN, 0]) == pytest.approx(0.5)


@few
@given(shares, shares)
def test_a_ledger_forgets_by_halves(ledger: float, retention: float) -> None:
    """What is not added to fades by its retention each tick: μᵗ of it is left after t ticks."""
    now = array(ledger).reshape(1, 1, 1)
    for _ in range(3):
        now = memory.remember(now, jnp.zeros_like(now), array([[retention]]), array(1.0))
    assert float(now[0, 0, 0]) == pytest.approx(ledger * retention**3, rel=1e-4, abs=1e-7)


# blame


@few
@given(shares, numbers(0.0, 1.0, 3, 1), numbers(0.0, 1.0, 3, 3, 1), st.floats(0.0, 4.0, width=32))
def test_blame_is_in_proportion_to_everything(disappointment: float, conviction: np.ndarray, share: np.ndarray, weight: float) -> None:
    """Half the disappointment, conviction, responsibility or weight is half the blame."""
    parts = [array([disappointment]), array(conviction), array(share), array(weight)]
    whole = suspicion.blame(*parts)
    for at in range(4):
        halved = suspicion.blame(*(0.5 * part if at == number else part for number, part in enumerate(parts)))
        np.testing.assert_allclose(halved, 0.5 * whole, rtol=1e-5, atol=1e-9)


CONVICTIONS = [0.0, 0.25, 0.5, 1.0, 0.0, 0.0]
"""Of Ada, Ben, Cleo and Dan, and two who do not matter here."""


def suspicion_raised(off: tuple[str, ...] = (), expected: float = 1.0) -> np.ndarray:
    """Return by how much each of four suspects Dan, or Dan Ada, more after a result short of what was expected, in log odds."""
    traits: dict[str, float | list[float]] = {"conviction": CONVICTIONS, "belief_retention": 1.0, "rigidity": 1.0, "competence": 0.0}
    before = stage(traits=traits, constants={"result_noise": 0.0, "blame": 2.0}, off=off)
    before = before.but(expected_result=expected, skill=0.0, estimate=1.0)
    after = play(ledgers.remember, before).state.belief
    odds = [np.log(np.asarray(part[0] / part[2])) for part in (before.state.belief, after)]
    return (odds[1] - odds[0])[[ADA, BEN, CLEO, DAN], [DAN, DAN, DAN, ADA]]


def test_failure_is_blamed_on_persons_by_conviction() -> None:
    """Whoever doubts the cause blames nobody, and the suspicion of the others rises in proportion to their conviction (row M6)."""
    raised = suspicion_raised()
    assert raised.shape == (4, HISTORIES)
    np.testing.assert_allclose(raised, np.array(CONVICTIONS[:4])[:, None] * raised[3], atol=1e-5)
    np.testing.assert_allclose(raised[3], 2.0 / 4, rtol=1e-4)
    np.testing.assert_allclose(suspicion_raised(expected=0.5), 0.5 * raised, atol=1e-5)


@pytest.mark.parametrize(("off", "expected"), [(("blame",), 1.0), ((), 0.0)], ids=["switched off", "no disappointment"])
def test_without_disappointment_or_the_mechanism_nobody_is_blamed(off: tuple[str, ...], expected: float) -> None:
    np.testing.assert_allclose(suspicion_raised(off, expected), 0.0, atol=1e-6)
