"""The published filter of harmful intent: its numbers, its limits, and how far the model's own suspicion is the same."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from virtu.laboratory.validation import suspicion as family
from virtu.laboratory.validation import validate
from virtu.minds import intent_grid, suspicion
from virtu.minds.intent_grid import LEVELS, Attribution, Observer, attribute, levels, prior, report, unfairness, update
from virtu.scenario.archetypes import ARCHETYPES
from virtu.testing import quickly

few = settings(max_examples=20)
positive = st.floats(0.25, 4.0, width=32)
chances = st.floats(0.0625, 0.9375, width=32)
shares = st.floats(0.0, 1.0, width=32)
acts = arrays(np.float32, 8, elements=st.sampled_from([0.0, 1.0]))
beliefs = arrays(np.float32, (LEVELS, LEVELS), elements=st.floats(0.03125, 1.0, width=32)).map(lambda part: part / part.sum())


def array(value: Any) -> jax.Array:
    """Return numbers as the single precision the model computes in."""
    return jnp.asarray(value, jnp.float32)


def observer(**changes: float) -> Observer:
    """Return the flexible observer of the published numbers, with some of its parameters changed."""
    return Observer(*map(array, family.PARAMETERS["flexible"]))._replace(**{name: array(value) for name, value in changes.items()})


_attribute = quickly(attribute)


def told(one: Observer, splits: np.ndarray, another: int) -> Attribution:
    """Return what an observer reports of a series of splits in which one is the first of another partner."""
    return _attribute(one, array(splits), first(len(splits), another))


def first(count: int, at: int) -> jax.Array:
    """Return the marks of a series in which one split is the first of another partner."""
    return (jnp.arange(count) == at).astype(jnp.float32)


# the published numbers


def faults() -> list[str]:
    """Return the rows of the family that fail."""
    return [row["id"] for row in validate(["suspicion"])["rows"] if not row["pass"]]


def test_the_published_numbers_are_found_again() -> None:
    assert faults() == []
    assert len(validate(["suspicion"])["rows"]) == 8


def middle_of_range(chances: jax.Array) -> jax.Array:
    """Return the mean with levels reported as k/8."""
    value = (np.arange(LEVELS, dtype=np.float32) / (LEVELS - 1)).reshape(1, LEVELS, 1)
    return jnp.sum(chances * value, axis=1)


def spread(chance: jax.Array, doubt: jax.Array) -> jax.Array:
    """Return levels of a prior whose uncertainty is a share of indifference rather than a temperature."""
    plain = levels(chance, jnp.ones_like(doubt))
    return (plain + doubt / LEVELS) / (1.0 + doubt)


def believed(belief: jax.Array, doubt: jax.Array) -> jax.Array:
    """Return the belief itself as the report."""
    return belief + 0.0 * doubt


def forgotten(belief: jax.Array, base: jax.Array, kept: jax.Array) -> jax.Array:
    """Return what a new partner meets in one who forgets the last one wholly."""
    return base + 0.0 * (kept + belief)


@pytest.mark.parametrize(
    ("place", "name", "value"),
    [
        pytest.param(intent_grid, "_mean", middle_of_range, id="levels at k/8"),
        pytest.param(intent_grid, "LAPSE", 0.0, id="no lapses"),
        pytest.param(intent_grid, "report", believed, id="no temperature"),
        pytest.param(intent_grid, "levels", spread, id="another uncertainty"),
        pytest.param(suspicion, "fade", forgotten, id="nothing carried over"),
    ],
)
def test_another_discretisation_is_found_out(place: Any, name: str, value: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of the choices the equations leave open shows in the numbers, so that they pin the filter down."""
    monkeypatch.setattr(place, name, value)
    assert faults()


# limits


@few
@given(chances, positive)
def test_a_prior_without_extra_doubt_is_binomial(chance: float, doubt: float) -> None:
    """Doubt 1 is the binomial distribution, doubt without bound is indifference, and more doubt is never more certain."""
    expected = stats.binom.pmf(np.arange(LEVELS), LEVELS - 1, chance)
    np.testing.assert_allclose(levels(array(chance), array(1.0)), expected, rtol=2e-5)
    np.testing.assert_allclose(levels(array(chance), array(1e7)), 1 / LEVELS, rtol=1e-4)
    sharp, blunt = (np.asarray(levels(array(chance), array(doubt * factor))) for factor in (1.0, 1.5))
    assert sharp.max() >= blunt.max() - 1e-6


@few
@given(acts, shares)
def test_who_sees_nothing_in_a_split_learns_nothing(splits: np.ndarray, kept: float) -> None:
    """Without weights every kind of partner splits alike: reports stay what they were at first."""
    blind = observer(harm_weight=0.0, interest_weight=0.0, kept=kept)
    found = told(blind, splits, 4)
    np.testing.assert_allclose(found.harm, found.harm[0], rtol=1e-5)
    np.testing.assert_allclose(found.interest, found.interest[0], rtol=1e-5)


@few
@given(acts)
def test_what_is_kept_of_the_last_partner(splits: np.ndarray) -> None:
    """η = 0 meets another partner as if he were the first, η = 1 as if he were the last one still."""
    fresh = told(observer(kept=0.0), splits, 4)
    again = told(observer(kept=0.3), splits[4:], 4)
    np.testing.assert_allclose(fresh.harm[4:], again.harm, atol=1e-6)
    same = told(observer(kept=1.0), splits, 4)
    np.testing.assert_allclose(same.harm, told(observer(), splits, 8).harm, atol=2e-6)


@few
@given(beliefs, chances)
def test_a_report_without_temperature_is_the_belief(belief: np.ndarray, unfair: float) -> None:
    """Up to lapses a temperature of 1 reports the belief, a low one its largest cell; chances sum to 1."""
    told = np.asarray(report(array(belief), array(1.0)))
    np.testing.assert_allclose(told, (belief + intent_grid.LAPSE) / 1.02, rtol=1e-5)
    np.testing.assert_allclose(report(array(belief), array(3.0)).sum(), 1.0, rtol=1e-5)
    assert np.argmax(report(array(belief), array(0.01))) == np.argmax(belief)


@few
@given(beliefs, chances, chances)
def test_a_split_is_evidence(belief: np.ndarray, harm: float, interest: float) -> None:
    """An unfair split raises both attributions and a fair one lowers them; the mean of the two is the belief held before."""
    chance = unfairness(observer(harm_weight=harm, interest_weight=interest))
    after = {act: np.asarray(update(array(belief), chance, array(act))) for act in (0.0, 1.0)}
    weight = float((array(belief) * chance).sum())
    np.testing.assert_allclose(weight * after[1.0] + (1.0 - weight) * after[0.0], belief, atol=1e-6)
    for axis in (0, 1):
        means = [float(part.sum(axis=1 - axis) @ np.arange(LEVELS)) for part in (after[0.0], belief, after[1.0])]
        assert means[0] <= means[1] + 1e-4 <= means[2] + 2e-4


def test_the_rigid_one_learns_less() -> None:
    """A sharper prior moves less at every turn of events."""
    found = np.asarray(family.attributions())
    moved = [np.ptp(column) for column in found.T]
    assert moved[1] < 0.5 * moved[0]


def test_every_parameter_can_be_learnt() -> None:
    """What is reported has a finite derivative by every parameter, and none is without effect."""
    splits = array([1.0] * 4 + [0.0] * 4)
    slopes = quickly(jax.grad(lambda one: attribute(one, splits, first(8, 4)).harm.sum()))(observer())
    assert all(np.isfinite(slope) and abs(slope) > 1e-4 for slope in slopes)


def test_many_observers_at_once() -> None:
    """Observers along further axes are the same as one by one."""
    both = Observer(*array(list(family.PARAMETERS.values())).T)
    splits = array([1.0, 1.0, 0.0, 0.0])
    together = _attribute(both, splits[:, None], first(4, 2)).harm
    for at in range(2):
        alone = told(Observer(*(part[at] for part in both)), np.asarray(splits), 2).harm
        np.testing.assert_allclose(together[:, at], alone, atol=1e-6)


# the model's own suspicion


five = arrays(np.float32, 5, elements=st.floats(0.03125, 1.0, width=32)).map(lambda part: part / part.sum())


@few
@given(five, st.floats(-1.0, 1.0, width=32), shares, st.floats(0.0, 12.0, width=32))
def test_suspicion_is_the_filter_without_self_interest(belief: np.ndarray, act: float, rigidity: float, evidence: float) -> None:
    """The model's step is the filter's, at positions −ω, where an act of size v is a split with weight e (1 − ρ) |v|."""
    weight = evidence * (1.0 - rigidity) * abs(act)
    harmful = jax.nn.sigmoid(array(-weight * suspicion.INTENTS))[:, None]
    filtered = update(array(belief)[:, None], harmful, array(act < 0.0))[:, 0]
    ours = suspicion.update(array(belief), array(act), array(evidence), array(rigidity))
    np.testing.assert_allclose(ours, filtered, rtol=1e-4, atol=1e-6)


def rigid_in_two_ways(sharper: float, size: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the belief after three small harms: with a sharp prior, blunted again by a temperature, and with discounted evidence."""
    base = suspicion.prior(array(0.3))
    sharp = base**sharper
    sharp, discounted = sharp / sharp.sum(), base
    for _ in range(3):
        sharp = suspicion.update(sharp, array(-size), array(1.0), array(0.0))
        discounted = suspicion.update(discounted, array(-size), array(1.0), array(1.0 - 1.0 / sharper))
    blunted = np.asarray(sharp) ** (1.0 / sharper)
    return blunted / blunted.sum(), np.asarray(discounted)


@few
@given(st.floats(1.5, 8.0, width=32), st.floats(0.125, 0.5, width=32))
def test_two_ways_to_be_rigid(sharper: float, size: float) -> None:
    """A sharp prior and discounted evidence are one belief at two temperatures, to first order in the evidence."""

    def apart(size: float) -> float:
        blunted, discounted = rigid_in_two_ways(sharper, size)
        return float(np.abs(blunted - discounted).max())

    def learnt(size: float) -> float:
        return float(np.abs(rigid_in_two_ways(sharper, size)[1] - np.asarray(suspicion.prior(array(0.3)))).max())

    assert apart(size) < 0.05 * learnt(size) + 1e-6


def test_what_was_learnt_fades_as_in_the_filter() -> None:
    """The organisation forgets as the filter meets another partner: (1 − η) b₀ + η b."""
    now, base = update(prior(observer()), unfairness(observer()), array(1.0)), prior(observer())
    np.testing.assert_allclose(suspicion.fade(now, base, array(0.5)), 0.5 * now + 0.5 * base, atol=1e-7)


def test_the_suspicious_archetypes_start_where_the_filter_starts() -> None:
    """Mean intent lies as far from the middle, and evidence counts as much less as the sharper prior amounts to."""
    kind = ARCHETYPES["paranoid_rigid"].traits
    flexible, rigid = (Observer(*map(array, family.PARAMETERS[name])) for name in ("flexible", "rigid"))
    centred = prior(flexible).sum(axis=1) @ (np.arange(LEVELS, dtype=np.float32) / 4 - 1)
    intent = suspicion.prior(array(kind["suspicion"])) @ suspicion.INTENTS
    assert float(-intent / suspicion.INTENTS.max()) == pytest.approx(float(centred), abs=0.005)
    assert ARCHETYPES["suspicious"].traits["suspicion"] == kind["suspicion"]
    assert 1.0 - kind["rigidity"] == pytest.approx(float(rigid.harm_doubt / flexible.harm_doubt))
