"""Empathy measured: other names for one utility, and preferences recovered from choices, made up and real."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from virtu.errors import InputError
from virtu.inference import social_preferences
from virtu.inference.social_preferences import Choices, chance_of_first, fit, fit_types, gather
from virtu.laboratory.validation import social_preferences as validation
from virtu.laboratory.validation.rows import Gap, Row
from virtu.minds import empathy
from virtu.scenario.archetypes import ARCHETYPES

few = settings(max_examples=50)
payoff = st.integers(0, 1000).map(float)
trait = st.floats(-0.9, 0.9)
ledger = st.floats(0.0, 1.0)

TRUE = np.array([0.1, 0.3, 0.08, 0.05, 0.015])
"""Behind, ahead, reciprocity, vengefulness, precision."""

TRUE_TYPES = np.array([[0.2, 0.5, 0.1, 0.05, 0.02], [0.05, 0.1, 0.0, 0.02, 0.03], [-0.4, -0.1, 0.1, 0.05, 0.01]])
TRUE_SHARES = np.array([0.4, 0.45, 0.15])


# other names for one utility


def worth(regard: empathy.Regard, own: float, other: float, kindness: float = 0.0, grievance: float = 0.0, bounded: bool = False) -> float:
    """Return the utility of one allocation to one person, by the functions the model uses."""
    weigh = empathy.weight if bounded else empathy.linear_weight
    traits = empathy.Regard(*(jnp.full((1, 1), value) for value in regard))
    gap, kind, wrong = (jnp.full((1, 1, 1), value) for value in (other - own, kindness, grievance))
    caring = weigh(*traits, gap, kind, wrong)
    return float(empathy.utility(jnp.asarray(own), jnp.asarray(other), caring)[0, 0, 0])


@few
@given(st.floats(0.0, 4.0), st.floats(0.0, 1.0), payoff, payoff)
def test_fehr_schmidt_is_the_same_utility(envy: float, guilt: float, own: float, other: float) -> None:
    """Envy and guilt, as their authors write them, give every allocation the utility that behind and ahead give it."""
    regard = empathy.from_fehr_schmidt(envy, guilt)
    assert worth(regard, own, other) == pytest.approx(own - envy * max(other - own, 0.0) - guilt * max(own - other, 0.0), abs=1e-2)
    assert empathy.to_fehr_schmidt(regard) == pytest.approx((envy, guilt), abs=1e-6)


@few
@given(trait, trait, trait, payoff, payoff, st.booleans())
def test_charness_rabin_is_the_same_utility(rho: float, sigma: float, theta: float, own: float, other: float, misbehaved: bool) -> None:
    """So do ρ, σ and θ, misbehaviour being a grievance of 1."""
    regard = empathy.from_charness_rabin(rho, sigma, theta)
    share = rho * (own > other) + sigma * (own < other) - theta * misbehaved
    assert worth(regard, own, other, grievance=float(misbehaved)) == pytest.approx(share * other + (1.0 - share) * own, abs=1e-2)
    assert empathy.to_charness_rabin(regard) == pytest.approx((rho, sigma, theta), abs=1e-6)


@few
@given(st.floats(-40.0, 130.0), payoff, payoff)
def test_orientation_is_the_same_utility_in_other_units(angle: float, own: float, other: float) -> None:
    """An angle orders allocations as its weight does: the two utilities differ by a positive factor (unless payoffs are equal)."""
    regard, turn = empathy.from_orientation(angle), np.radians(angle)
    if own != other:
        published = np.cos(turn) * own + np.sin(turn) * other
        assert (np.cos(turn) + np.sin(turn)) * worth(regard, own, other) == pytest.approx(published, abs=1e-2)
    assert float(empathy.to_orientation(regard.behind)) == pytest.approx(angle, abs=1e-3)
    assert regard.behind == regard.ahead


@pytest.mark.parametrize(("angle", "caring"), [(0.0, 0.0), (45.0, 0.5), (90.0, 1.0)])
def test_orientations_with_a_name(angle: float, caring: float) -> None:
    """Selfishness is 0°, equal weight 45°, self-sacrifice 90°."""
    assert float(empathy.from_orientation(angle).ahead) == pytest.approx(caring, abs=1e-6)


@pytest.mark.parametrize("angle", [-50.0, 140.0, 180.0])
def test_no_weight_says_that_less_for_both_is_better(angle: float) -> None:
    """Outside −45° to 135° there is no weight, and none is made up."""
    assert np.isnan(float(empathy.from_orientation(angle).behind))


@few
@given(trait, trait, payoff, payoff, ledger, ledger)
def test_bounds_change_nothing_within_them(
    behind: float, ahead: float, own: float, other: float, kindness: float, grievance: float
) -> None:
    """The weight of the model is the linear one wherever that stays within ±.95."""
    regard = empathy.Regard(*map(jnp.asarray, (behind, ahead, 0.05, 0.05)))
    assert worth(regard, own, other, kindness, grievance) == worth(regard, own, other, kindness, grievance, bounded=True)


def test_what_fits_no_bounds_is_cut() -> None:
    """An envy of 4 is cut to .95 in the model, and is not cut in the identity."""
    regard = empathy.from_fehr_schmidt(4.0, 0.0)
    assert worth(regard, 100.0, 200.0) == pytest.approx(-300.0)
    assert worth(regard, 100.0, 200.0, bounded=True) == pytest.approx(5.0)


def test_names_convert_arrays() -> None:
    """All conversions take arrays, keep their shape, and can be differentiated."""
    angles = np.linspace(-40.0, 130.0, 12).reshape(3, 4)
    assert empathy.from_orientation(angles).ahead.shape == (3, 4)
    assert empathy.from_fehr_schmidt(angles, angles).reciprocity.shape == (3, 4)
    slope = jax.grad(lambda angle: empathy.from_orientation(angle).ahead)(45.0)
    assert float(slope) == pytest.approx(np.pi / 360.0, rel=1e-5)


def test_the_default_population_is_the_published_one() -> None:
    """Shares and weights stand in one place, and sum to one."""
    people = empathy.population()
    assert people.names == tuple(name for name, kind in ARCHETYPES.items() if kind.published)
    assert float(people.share.sum()) == pytest.approx(1.0)
    for name, share, behind, ahead in zip(*people, strict=True):
        stated = ARCHETYPES[name]
        traits = (stated.share, stated.traits["empathy_behind"], stated.traits["empathy_ahead"])
        assert (float(share), float(behind), float(ahead)) == pytest.approx(traits)


def test_the_slider_measure_orders_the_published_types() -> None:
    """The instrument finds the strongly altruistic the most, the behindness averse the least other-regarding."""
    people = empathy.population()
    angles = np.asarray(empathy.slider_angle(people.behind, people.ahead))
    assert (np.diff(angles) < 0.0).all()


def test_sliders_are_rounded_as_on_paper() -> None:
    """Positions are whole points, halves rounded up, as the sheets print them (quoted from memory)."""
    np.testing.assert_array_equal(empathy.SLIDERS[4, :, 0], [100, 94, 88, 81, 75, 69, 63, 56, 50])
    np.testing.assert_array_equal(empathy.SLIDERS[3, :, 0], [50, 54, 59, 63, 68, 72, 76, 81, 85])
    np.testing.assert_array_equal(empathy.SLIDERS[3, :, 1], [100, 89, 79, 68, 58, 47, 36, 26, 15])


def test_the_ring_measure_finds_an_angle() -> None:
    """Somebody who has an angle is measured within half the distance of two points of the ring."""
    angles = np.arange(-30.0, 125.0, 4.0)
    regard = empathy.from_orientation(angles)
    np.testing.assert_allclose(empathy.ring_angle(regard.behind, regard.ahead), angles, atol=7.501)


# made-up choices


class Experiment:
    """Games offered to persons, and chances worked out one choice at a time, sharing nothing with the package."""

    def __init__(self, persons: int, games: int, seed: int) -> None:
        generator = np.random.default_rng(seed)
        games_of = generator.integers(100, 1000, (games, 4)).astype(float)
        past = generator.integers(0, 3, games)
        self.person = np.repeat(np.arange(persons), games)
        self.own, self.other = (np.tile(games_of[:, columns], (persons, 1)) for columns in ([0, 1], [2, 3]))
        self.kindness, self.grievance = (np.tile((past == number).astype(float), persons) for number in (1, 2))

    def chances(self, values: np.ndarray) -> np.ndarray:
        """Return the chance of the first allocation for parameters of each choice, (N, 5) or (5,)."""
        values = np.broadcast_to(values, (self.person.size, 5))
        return np.array([self._chance(number, *row) for number, row in enumerate(values.tolist())])

    def _chance(self, number: int, behind: float, ahead: float, reciprocity: float, vengefulness: float, precision: float) -> float:
        worths = []
        for own, other in zip(self.own[number], self.other[number], strict=True):
            caring = behind if own < other else ahead if own > other else 0.0
            caring += reciprocity * self.kindness[number] - vengefulness * self.grievance[number]
            worths.append((1.0 - caring) * own + caring * other)
        return 1.0 / (1.0 + np.exp(-precision * (worths[0] - worths[1])))

    def gather(self, first: Any, **changed: Any) -> Choices:
        """Return these choices checked, some columns replaced."""
        columns = {"own": self.own, "other": self.other, "person": self.person, "kindness": self.kindness, "grievance": self.grievance}
        return gather(**{**columns, "first": first, **changed})


def drawn(chances: np.ndarray, seed: int) -> np.ndarray:
    """Return choices drawn with these chances."""
    return np.random.default_rng(seed).random(chances.size) < chances


@pytest.fixture(scope="module")
def alike() -> tuple[Experiment, np.ndarray]:
    """Return 120 persons of the same preferences, and their choices."""
    experiment = Experiment(120, 60, seed=1)
    return experiment, drawn(experiment.chances(TRUE), seed=2)


@pytest.fixture(scope="module")
def mixed() -> tuple[Choices, np.ndarray]:
    """Return the choices of 200 persons of three types, and the type of each."""
    experiment = Experiment(200, 60, seed=3)
    kind = np.random.default_rng(4).choice(3, 200, p=TRUE_SHARES)
    return experiment.gather(drawn(experiment.chances(TRUE_TYPES[kind][experiment.person]), seed=5)), kind


def test_chances_are_those_of_the_model(alike: tuple[Experiment, np.ndarray]) -> None:
    """The chances that are fitted are those worked out one by one."""
    experiment, first = alike
    np.testing.assert_allclose(chance_of_first(experiment.gather(first), TRUE), experiment.chances(TRUE), rtol=1e-10)


def test_known_preferences_come_back_with_honest_errors() -> None:
    """Over 100 made-up experiments estimates are right on average, and spread about the truth as their standard errors say."""
    experiment = Experiment(60, 60, seed=6)
    chances = experiment.chances(TRUE)
    fits = [fit(experiment.gather(drawn(chances, seed))) for seed in range(100)]
    scores = np.array([(one.values - TRUE) / one.errors for one in fits])
    assert (np.abs(scores.mean(axis=0)) < 0.4).all()
    assert (np.abs(scores.std(axis=0) - 1.0) < 0.25).all()
    assert ((np.abs(scores) < 1.96).mean(axis=0) > 0.87).all()


def test_errors_grow_with_dependence(alike: tuple[Experiment, np.ndarray]) -> None:
    """Each person counted twice tells nothing new: clustered errors stay, and errors by choice would shrink by √2."""
    experiment, first = alike
    twice = {name: np.concatenate([getattr(experiment, name)] * 2) for name in ("own", "other", "person", "kindness", "grievance")}
    doubled = np.concatenate([first, first])
    once = fit(experiment.gather(first))
    clustered = fit(gather(first=doubled, **twice))
    np.testing.assert_allclose(clustered.errors, once.errors, rtol=1e-3)
    apart = fit(gather(first=doubled, **{**twice, "person": np.arange(doubled.size)}))
    naive = fit(experiment.gather(first, person=np.arange(first.size)))
    np.testing.assert_allclose(apart.errors * np.sqrt(2.0), naive.errors, rtol=1e-3)


def test_names_of_things_do_not_matter(alike: tuple[Experiment, np.ndarray]) -> None:
    """Order of choices, which allocation comes first, labels and the unit of money change nothing but the unit of precision."""
    experiment, first = alike
    plain = fit(experiment.gather(first))
    turned = {"own": experiment.own[:, ::-1], "other": experiment.other[:, ::-1], "person": [f"subject {k}" for k in experiment.person]}
    np.testing.assert_allclose(fit(experiment.gather(~first, **turned)).values, plain.values, rtol=1e-6)
    mixed_up = np.random.default_rng(7).permutation(first.size)
    columns = ("own", "other", "person", "kindness", "grievance")
    shuffled = gather(first=first[mixed_up], **{name: getattr(experiment, name)[mixed_up] for name in columns})
    np.testing.assert_allclose(fit(shuffled).errors, plain.errors, rtol=1e-6)
    cents = fit(experiment.gather(first, own=100.0 * experiment.own, other=100.0 * experiment.other))
    np.testing.assert_allclose(cents.values * [1, 1, 1, 1, 100], plain.values, rtol=1e-6)


def test_every_choice_may_be_offered_once(alike: tuple[Experiment, np.ndarray]) -> None:
    """Data in which no two pairs of allocations are alike are fitted the same."""
    experiment, first = alike
    noise = 1e-6 * np.random.default_rng(8).random(experiment.own.shape)
    apart = experiment.gather(first, own=experiment.own + noise)
    assert apart.offers.shape[0] == first.size
    together = fit(experiment.gather(first))
    np.testing.assert_allclose(fit(apart).values, together.values, rtol=1e-5)
    np.testing.assert_allclose(fit(apart).errors, together.errors, rtol=1e-5)


def test_what_was_not_measured_is_not_fitted(alike: tuple[Experiment, np.ndarray]) -> None:
    """Without ledgers, only weights behind and ahead are fitted; to forget what mattered costs likelihood."""
    experiment, first = alike
    full = fit(experiment.gather(first))
    bare = fit(experiment.gather(first, kindness=None, grievance=None))
    assert bare.names == ("behind", "ahead", "precision")
    assert bare.log_likelihood < full.log_likelihood
    assert bare.bic == pytest.approx(3 * np.log(120) - 2 * bare.log_likelihood)


def test_a_mixture_finds_its_types(mixed: tuple[Choices, np.ndarray]) -> None:
    """Shares, parameters and the type of each person come back."""
    choices, kind = mixed
    found = fit_types(choices, 3, restarts=6)
    assert (np.abs(found.shares - np.bincount(kind) / kind.size) < 0.02).all()
    assert (np.abs(found.shares - TRUE_SHARES) < 3.0 * found.share_errors).all()
    assert (np.abs(found.values - TRUE_TYPES) < 4.0 * found.errors).all()
    assert (found.memberships.argmax(axis=1) == kind).mean() > 0.97
    np.testing.assert_allclose(found.memberships.sum(axis=1), 1.0)
    assert found.icl >= found.bic
    assert found.reached > 0.0


def test_criteria_find_the_number_of_types(mixed: tuple[Choices, np.ndarray]) -> None:
    """BIC and ICL are best at the three types there are; one type is the pooled fit; likelihood rises with types."""
    choices, _ = mixed
    fits = [fit_types(choices, types, restarts=6) for types in (1, 2, 3, 4)]
    assert np.argmin([one.bic for one in fits]) == 2
    assert np.argmin([one.icl for one in fits]) == 2
    assert (np.diff([one.log_likelihood for one in fits]) > 0.0).all()
    pooled = fit(choices)
    np.testing.assert_allclose(fits[0].values[0], pooled.values, rtol=1e-6)
    np.testing.assert_allclose(fits[0].errors[0], pooled.errors, rtol=1e-6)


def test_errors_of_a_mixture_are_those_of_automatic_differentiation(mixed: tuple[Choices, np.ndarray]) -> None:
    """Scores and information written out by hand agree with JAX's derivatives of the likelihood in shares and parameters themselves."""
    choices, _ = mixed
    found = fit_types(choices, 3, restarts=2)
    with jax.enable_x64(True):
        offers, seen, taken = (jnp.asarray(part) for part in (choices.offers, choices.seen.toarray(), choices.taken))

        def by_person(point: jax.Array) -> jax.Array:
            values = point[2:].reshape(3, 5)
            slopes = jnp.concatenate([values[:, :4] * values[:, 4:], values[:, 4:]], axis=1)
            shares = jnp.append(point[:2], 1.0 - point[:2].sum())
            each = taken @ slopes.T + seen @ jax.nn.log_sigmoid(-(offers @ slopes.T)) + jnp.log(shares)
            return jax.nn.logsumexp(each, axis=1)

        point = jnp.concatenate([jnp.asarray(found.shares[:2]), jnp.asarray(found.values).ravel()])
        score = jax.jit(jax.jacfwd(by_person))(point)
        inverse = jnp.linalg.inv(-jax.jit(jax.hessian(lambda at: by_person(at).sum()))(point))
        people, count = 200, choices.offer.size
        correction = (count - 1) / (count - 17) * people / (people - 1)
        errors = jnp.sqrt(correction * jnp.diag(inverse @ score.T @ score @ inverse))
        assert float(by_person(point).sum()) == pytest.approx(found.log_likelihood, rel=1e-10)
    np.testing.assert_allclose(found.share_errors[:2], errors[:2], rtol=1e-3)
    np.testing.assert_allclose(found.errors.ravel(), errors[2:], rtol=1e-3)


def test_a_seed_fixes_the_mixture(mixed: tuple[Choices, np.ndarray]) -> None:
    """The same seed gives the same numbers to the last bit, and 0 is a seed."""
    choices, _ = mixed
    first, again, other = (fit_types(choices, 2, restarts=1, seed=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.values, again.values)
    assert (first.values != other.values).any()


# faults


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"own": np.ones(7200)}, "own must have shape"),
        ({"own": np.ones((7200, 3))}, "own must have shape"),
        ({"own": np.empty((0, 2))}, "own must have shape"),
        ({"other": np.ones((3, 2))}, "must have one shape"),
        ({"own": np.full((7200, 2), np.nan)}, "own must be finite"),
        ({"own": [["a", "b"]]}, "own must hold numbers"),
        ({"first": np.ones(3)}, "first must hold one number per choice"),
        ({"first": np.full(7200, 0.5)}, "first must hold 0 and 1"),
        ({"first": np.full(7200, 2)}, "first must lie within 0 and 1"),
        ({"person": np.ones(3)}, "one label per choice"),
        ({"person": np.array([None, "a"] * 3600)}, "labels of one kind"),
        ({"person": np.full(7200, np.nan)}, "some labels are missing"),
        ({"kindness": np.full(7200, 1.5)}, "kindness must lie within 0 and 1"),
        ({"grievance": np.ones((7200, 1))}, "grievance must hold one number per choice"),
        ({"grievance": np.zeros(7200)}, "say nothing about vengefulness"),
        ({"kindness": np.ones(7200), "grievance": np.ones(7200)}, "cannot tell"),
    ],
)
def test_what_cannot_be_fitted_is_refused(alike: tuple[Experiment, np.ndarray], changed: dict[str, Any], message: str) -> None:
    """Wrong shapes, wrong values and silent choices are named."""
    experiment, first = alike
    with pytest.raises(InputError, match=message):
        experiment.gather(**{"first": first, **changed})


def test_always_ahead_says_nothing_of_being_behind(alike: tuple[Experiment, np.ndarray]) -> None:
    """A trait that no choice touches is named, not guessed."""
    experiment, first = alike
    with pytest.raises(InputError, match="say nothing about behind"):
        experiment.gather(first, own=experiment.own + 1000.0)


def test_choices_without_a_maximum_are_refused(alike: tuple[Experiment, np.ndarray]) -> None:
    """Choices by utility alone have no finite precision, and choices against it no positive one."""
    experiment, first = alike
    selfish = experiment.own[:, 0] > experiment.own[:, 1]
    with pytest.raises(InputError, match="without any chance"):
        fit(experiment.gather(selfish))
    with pytest.raises(InputError, match="must be positive"):
        fit(experiment.gather(~first))


def test_too_few_persons_are_refused(alike: tuple[Experiment, np.ndarray]) -> None:
    """Errors by person need more persons than parameters."""
    experiment, first = alike
    with pytest.raises(InputError, match="more than 5 persons"):
        fit(experiment.gather(first, person=experiment.person % 4))
    with pytest.raises(InputError, match="119 parameters"):
        fit_types(experiment.gather(first, person=experiment.person % 119), 20)


@pytest.mark.parametrize("changed", [{"types": 0}, {"restarts": 0}, {"seed": -1}])
def test_numbers_out_of_range_are_refused(mixed: tuple[Choices, np.ndarray], changed: dict[str, int]) -> None:
    """Types, restarts and seed have least values."""
    with pytest.raises(InputError, match=f"{next(iter(changed))} must be at least"):
        fit_types(mixed[0], **changed)


def test_types_that_are_not_there_are_not_made_up(alike: tuple[Experiment, np.ndarray], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where every run ends without a maximum, none is returned."""
    experiment, first = alike
    monkeypatch.setattr(social_preferences, "EM_STEPS", 1)
    with pytest.raises(InputError, match="none of 2 runs found 2 types"):
        fit_types(experiment.gather(first), 2, restarts=2)


# real choices


def test_published_numbers_come_back(data: Path) -> None:
    """All published estimates, their errors and both log-likelihoods are reproduced to the digits printed."""
    found = list(validation.rows(data))
    rows = [one for one in found if isinstance(one, Row)]
    assert [one.id for one in rows if not abs(one.ours - one.published) <= one.tolerance] == []
    assert len(rows) == 7 + 11 + 3 + 30 + 1
    assert [one.id for one in found if isinstance(one, Gap)] == ["types.error.share"]


def test_published_numbers_need_the_published_sample(data: Path) -> None:
    """With the persons the authors left out, the numbers do not come back: the rows above can fail."""
    everybody = fit(validation.read(data / validation.CHOICES))
    assert abs(everybody.log_likelihood - validation.POOLED_LOG_LIKELIHOOD) > 100.0
    assert (np.abs(everybody.values - validation.POOLED) > 5e-5).all()


def test_the_mixture_stays_the_best(data: Path) -> None:
    """Most starts end at the published maximum."""
    choices = validation.read(data / validation.CHOICES, data / validation.DROPPED)
    assert fit_types(choices, 3, restarts=8, seed=1).reached > 0.5


def test_without_tables_only_ideal_persons_are_validated() -> None:
    """The slider angles need no data; the rest is a gap that says what to do."""
    found = list(validation.rows(None))
    assert [one.id for one in found if isinstance(one, Gap)] == [validation.CHOICES, validation.DROPPED]
    assert sum(isinstance(one, Row) for one in found) == 7
