"""The faculties of a mind are separate: each claim holds for minds as they are, and is broken by a mind wired together on purpose.

(a) in zero-sum play caring only rescales precision; (b) a dictator's choice ignores reading others, suspicion and what is kept of
evidence; (c) predictions are as accurate whatever is felt; (d) suspicion without evidence acts only through the belief in hostile intent;
(e) without vengefulness what happened matters only through belief.

Every claim is a function of a mind, held against random numbers twice: once with the mind, once with a wired one, where it must fail.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from virtu.minds import choice, contest, empathy, memory, suspicion, theory_of_mind
from virtu.organisation import choosing
from virtu.organisation.moves import Move, Score
from virtu.organisation.outlook import Outlook, look
from virtu.organisation.state import State, World
from virtu.scenario.vocabulary import MOVES, Traits, traits
from virtu.testing import moment, quickly

Claim: TypeAlias = Callable[..., bool]

PRECISION = 8.0
"""Precision of choice of the minds of this file, 1/payoff."""


HEART = ("empathy_behind", "empathy_ahead", "reciprocity", "vengefulness")
"""Traits that feel for others."""


def array(value: Any) -> jax.Array:
    """Return numbers as the single precision the model computes in."""
    return jnp.asarray(value, jnp.float32)


def examine(claim: Claim, examples: int = 20, **drawn: st.SearchStrategy[Any]) -> None:
    """Hold a claim against random numbers; AssertionError where it does not hold."""

    @settings(max_examples=examples, database=None, phases=(Phase.explicit, Phase.generate))
    @given(**drawn)
    def check(**values: Any) -> None:
        assert claim(**values)

    check()


def refute(claim: Claim, examples: int = 100, **drawn: st.SearchStrategy[Any]) -> None:
    """Find random numbers for which a claim does not hold; AssertionError where there are none."""
    with pytest.raises(AssertionError):
        examine(claim, examples, **drawn)


def same(one: Any, other: Any) -> bool:
    """Return whether two trees of arrays are the same to the last bit."""
    pairs = zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True)
    return all(bool(np.array_equal(left, right)) for left, right in pairs)


def numbers(low: float, high: float, *shape: int) -> st.SearchStrategy[np.ndarray]:
    """Return a strategy of arrays of single precision within bounds."""
    return arrays(np.float32, shape, elements=st.floats(low, high, width=32, allow_subnormal=False))


def value_of(trait: str) -> st.SearchStrategy[float]:
    """Return a strategy of the values of a trait."""
    return st.floats(traits()[trait].low, traits()[trait].high, width=32, allow_subnormal=False)


persons = st.fixed_dictionaries({name: value_of(name) for name in Traits._fields}).map(
    lambda values: Traits(**{name: array([value]) for name, value in values.items()})
)
"""Whole minds of one person, each trait of shape (1,)."""

seeds = st.integers(0, 2**16)
payoffs = numbers(-1.0, 1.0, 6)


# one mind


def caring(mind: Traits, gap: jax.Array, grievance: float = 0.0) -> jax.Array:
    """Return the weights a person puts on the payoff of another, one for each gap between payoffs."""
    behind, ahead, reciprocity, vengefulness = (getattr(mind, name)[:, None] for name in HEART)
    ledger = jnp.full_like(gap, grievance)[None, :, None]
    return empathy.weight(behind, ahead, reciprocity, vengefulness, gap[None, :, None], 0.0 * ledger, ledger)[0, :, 0]


def respond(mind: Traits, value: jax.Array) -> jax.Array:
    """Return the chances of options of given values to an unthreatened person."""
    return choice.quantal_response(value, choice.precision(array(PRECISION), mind.nerve[0], array(0.0)))


# (a) zero-sum play


def indifferent_to_who_loses(weight: float, gains: np.ndarray) -> jax.Array:
    """Return the values of options in which the other loses what is won."""
    return empathy.utility(array(gains), array(-gains), array(weight))


def shrinking_from_great_harm(weight: float, gains: np.ndarray) -> jax.Array:
    """Return them for a mind in which caring is wired to nerve: it dreads what costs the other much."""
    return indifferent_to_who_loses(weight, gains) - abs(weight) * jnp.maximum(array(gains), 0.0) ** 2


def only_rescales(values: Callable[[float, np.ndarray], jax.Array], weight: float, gains: np.ndarray) -> bool:
    """Return whether a caring mind chooses as a selfish one of precision λ (1 − 2w)."""
    found = choice.quantal_response(values(weight, gains), array(PRECISION))
    selfish = choice.quantal_response(values(0.0, gains), array(PRECISION * (1.0 - 2.0 * weight)))
    return bool(np.allclose(found, selfish, rtol=1e-4, atol=1e-6))


weights = st.floats(-0.9375, 0.4375, width=32)


def test_a_caring_only_rescales_the_precision_of_zero_sum_play() -> None:
    examine(lambda **drawn: only_rescales(indifferent_to_who_loses, **drawn), weight=weights, gains=payoffs)
    refute(lambda **drawn: only_rescales(shrinking_from_great_harm, **drawn), weight=weights, gains=payoffs)


# (b) dictators

Dictator: TypeAlias = Callable[[Traits, jax.Array, jax.Array], jax.Array]


def dictate(mind: Traits, own: jax.Array, other: jax.Array) -> jax.Array:
    """Return the chances of ways to share that nobody else has a say in."""
    return respond(mind, empathy.utility(own, other, caring(mind, other - own)))


def guarded_by(trait: str) -> Dictator:
    """Return a dictator who gives the less, the more he has of a trait that is none of empathy's business."""

    def dictate_guarded(mind: Traits, own: jax.Array, other: jax.Array) -> jax.Array:
        guard = (getattr(mind, trait) - traits()[trait].low) / (traits()[trait].high - traits()[trait].low)
        return respond(mind, empathy.utility(own, other, caring(mind, other - own) * (1.0 - guard)))

    return dictate_guarded


def ignores(trait: str, dictator: Dictator, mind: Traits, value: float, own: np.ndarray, other: np.ndarray) -> bool:
    """Return whether another value of the trait changes nothing."""
    changed = mind._replace(**{trait: array([value])})
    return same(dictator(mind, array(own), array(other)), dictator(changed, array(own), array(other)))


@pytest.mark.parametrize(
    "trait",
    [
        pytest.param("theory_of_mind_depth", id="κ"),
        pytest.param("theory_of_mind_precision", id="λᵀ"),
        pytest.param("suspicion", id="h"),
        pytest.param("rigidity", id="rigidity"),
        pytest.param("belief_retention", id="η"),
    ],
)
def test_b_a_dictator_needs_no_theory_of_mind_and_no_suspicion(trait: str) -> None:
    drawn = {"mind": persons, "value": value_of(trait), "own": payoffs, "other": payoffs}
    examine(lambda **values: ignores(trait, dictate, **values), **drawn)
    refute(lambda **values: ignores(trait, guarded_by(trait), **values), **drawn)


# (c) predictions

Reader: TypeAlias = Callable[[Traits, jax.Array], jax.Array]


def read(mind: Traits, lean: jax.Array) -> jax.Array:
    """Return the chances with which third parties of known leanings are expected to take a side."""
    depth = theory_of_mind.depth_weights(mind.theory_of_mind_depth)
    return contest.predict_sides(lean[:, None], array([0.5]), depth, mind.theory_of_mind_precision, array(1.0))[:, 0]


def read_by_oneself(mind: Traits, lean: jax.Array) -> jax.Array:
    """Return them for a mind that takes others to care as it does."""
    return read(mind, lean + 0.5 * caring(mind, lean))


def accuracy(reader: Reader, mind: Traits, lean: np.ndarray, did: np.ndarray) -> float:
    """Return the quadratic score of a reader against what third parties did."""
    return float(-jnp.mean(jnp.square(reader(mind, array(lean)) - did)))


def reads_as_well(reader: Reader, mind: Traits, heart: Traits, lean: np.ndarray, did: np.ndarray) -> bool:
    """Return whether a mind with another's heart predicts as accurately."""
    felt = {name: getattr(heart, name) for name in HEART}
    return accuracy(reader, mind, lean, did) == accuracy(reader, mind._replace(**felt), lean, did)


def test_c_who_feels_more_reads_no_better() -> None:
    drawn = {"mind": persons, "heart": persons, "lean": numbers(-2.0, 2.0, 6), "did": numbers(0.0, 1.0, 6).map(np.round)}
    examine(lambda **values: reads_as_well(read, **values), **drawn)
    refute(lambda **values: reads_as_well(read_by_oneself, **values), **drawn)


# (d) suspicion

Truster: TypeAlias = Callable[[Traits, jax.Array, float], jax.Array]


def trust(mind: Traits, belief: jax.Array, stake: float) -> jax.Array:
    """Return the chances of keeping to oneself or trusting a partner who betrays if hostile."""
    risk = suspicion.hostile(belief)[0]
    return respond(mind, jnp.stack([array(0.0), stake * (1.0 - 2.0 * risk)]))


def trust_by_temper(mind: Traits, belief: jax.Array, stake: float) -> jax.Array:
    """Return them for a mind in which suspicion weighs beside belief."""
    return trust(mind, suspicion.shift(belief, 0.5 * mind.suspicion), stake)


def with_the_same_intent(belief: jax.Array) -> jax.Array:
    """Return another belief with the very same chance of hostile intent: all enemies deadly, all others indifferent."""
    risk = suspicion.hostile(belief)
    none = jnp.zeros_like(risk)
    return jnp.stack([risk, none, 1.0 - risk, none, none])


def acts_through_belief(truster: Truster, mind: Traits, temper: float, stake: float) -> bool:
    """Return whether a suspicious mind without evidence acts as any other that believes as much in hostile intent."""
    belief = suspicion.prior(mind.suspicion)
    other = mind._replace(suspicion=array([temper]))
    return same(truster(mind, belief, stake), truster(other, with_the_same_intent(belief), stake))


def more_suspicion_is_more_belief(mind: Traits, temper: float) -> bool:
    """Return whether the belief in hostile intent never falls with suspicion, where nothing was seen."""
    low, high = sorted((float(mind.suspicion[0]), temper))
    return float(suspicion.hostile(suspicion.prior(array([low])))[0]) <= float(suspicion.hostile(suspicion.prior(array([high])))[0]) + 1e-6


def test_d_suspicion_acts_through_belief_in_hostile_intent() -> None:
    drawn = {"mind": persons, "temper": value_of("suspicion"), "stake": st.floats(0.125, 1.0, width=32)}
    examine(lambda **values: acts_through_belief(trust, **values), **drawn)
    refute(lambda **values: acts_through_belief(trust_by_temper, **values), **drawn)
    examine(more_suspicion_is_more_belief, mind=persons, temper=value_of("suspicion"))


# (e) what happened

History: TypeAlias = tuple[jax.Array, jax.Array]
"""Belief, shape (5, 1), and grievance, shape (1, 1, 1), that a history leaves behind."""


def live_through(mind: Traits, harms: list[float]) -> History:
    """Return what a series of harms leaves in a mind that forgets grievances but keeps all evidence."""
    belief, ledger = suspicion.prior(mind.suspicion), jnp.zeros((1, 1, 1), jnp.float32)
    for harm in harms:
        belief = suspicion.update(belief, array([-harm]), array(6.0), mind.rigidity)
        ledger = memory.remember(ledger, array(harm)[None, None, None] * suspicion.hostile(belief), array([[0.5]]), array(1.0))
    return belief, ledger


Helper: TypeAlias = Callable[[Traits, History, float], jax.Array]


def help_or_not(mind: Traits, history: History, cost: float) -> jax.Array:
    """Return the chances of doing nothing for another, or helping him, who may be hostile, at a cost."""
    belief, ledger = history
    weight = caring(mind, array([0.5]), float(ledger[0, 0, 0]))[0]
    worth = 1.0 - suspicion.hostile(belief)[0]
    return respond(mind, jnp.stack([array(0.0), empathy.utility(array(-cost), worth, weight)]))


def help_unless_hurt(mind: Traits, history: History, cost: float) -> jax.Array:
    """Return them for a mind that resents without being vengeful."""
    return help_or_not(mind._replace(vengefulness=mind.vengefulness + 0.5), history, cost)


def forgives(helper: Helper, mind: Traits, harms: list[float], cost: float) -> bool:
    """Return whether histories that end in one belief but leave unlike grievances are one to a mind without vengefulness.

    Evidence counts alike in any order, whereas a grievance is the greater, the later the greater harms come.
    """
    meek = mind._replace(vengefulness=array([0.0]))
    ways = [helper(meek, live_through(meek, sorted(harms, reverse=turned)), cost) for turned in (False, True)]
    return bool(np.allclose(*ways, atol=1e-4))


def test_e_without_vengefulness_the_past_matters_through_belief() -> None:
    drawn = {"mind": persons, "harms": st.lists(st.floats(0.0, 1.0, width=32), min_size=2, max_size=4), "cost": st.floats(0.125, 0.5)}
    examine(lambda **values: forgives(help_or_not, **values), **drawn)
    refute(lambda **values: forgives(help_unless_hurt, **values), **drawn)


# the organisation's own scores


class Sight(NamedTuple):
    """What everybody expects, and what every move is worth to everybody."""

    outlook: Outlook
    scores: jax.Array


See: TypeAlias = Callable[[State, World], Sight]
Rewire: TypeAlias = Callable[[State, World, Outlook], Outlook]


def seen(rewire: Rewire | None = None) -> See:
    """Return how people see, or would see if what they expect were wired otherwise."""

    def see(state: State, world: World) -> Sight:
        outlook = look(state, world)
        outlook = outlook if rewire is None else rewire(state, world, outlook)
        return Sight(outlook, choosing.score_moves(state, world, outlook))

    return quickly(see)


def guarded(_: State, world: World, outlook: Outlook) -> Outlook:
    """Whoever sees through others cares less."""
    return outlook._replace(caring=outlook.caring * (1.0 - world.attention[:, None]))


def projecting(_: State, __: World, outlook: Outlook) -> Outlook:
    """Whoever cares for somebody counts on his side."""
    return outlook._replace(support=outlook.support + 0.1 * outlook.caring)


def dreading(_: State, world: World, outlook: Outlook) -> Outlook:
    """Suspicion makes for fear beside belief."""
    return outlook._replace(hazard=outlook.hazard * jnp.exp(world.mind.suspicion)[:, None])


def resenting(state: State, _: World, outlook: Outlook) -> Outlook:
    """A grievance counts even with the meek."""
    return outlook._replace(caring=outlook.caring - 0.1 * state.grievance)


see, see_resenting = seen(), seen(resenting)


def with_constants(world: World, **constants: float) -> World:
    """Return a world with other constants."""
    parts = {name: jnp.full_like(getattr(world.parameters, name), value) for name, value in constants.items()}
    return world._replace(parameters=world.parameters._replace(**parts))


def with_traits(world: World, lot: int, *names: str) -> World:
    """Return a world in which everybody has other values of some traits, drawn from their whole range."""
    random = np.random.default_rng(lot)
    drawn = {name: random.uniform(traits()[name].low, traits()[name].high, getattr(world.mind, name).shape) for name in names}
    return world._replace(mind=world.mind._replace(**{name: array(value) for name, value in drawn.items()}))


def with_heads(world: World, lot: int) -> World:
    """Return a world in which everybody reads and suspects others otherwise, and keeps evidence otherwise."""
    world = with_traits(world, lot, "suspicion", "rigidity", "belief_retention", "theory_of_mind_depth", "theory_of_mind_precision")
    depth = theory_of_mind.depth_weights(world.mind.theory_of_mind_depth)
    precision = world.mind.theory_of_mind_precision
    return world._replace(depth=depth, precision=precision, attention=theory_of_mind.attention(depth, precision))


ANSWERED = ("strike", "threaten_to_resign")
"""Moves that others decide by taking sides; no dictator makes them."""


def dictates_alike(see: See, seed: int, lot: int) -> bool:
    """Return whether moves nobody has a say in are worth the same to other heads, where neither prospects nor threats count."""
    now = moment(seed)
    world = with_constants(now.world, foresight=0.0, threat_rate=0.0)
    alone = np.array([name not in ANSWERED for name in MOVES])
    return same(*(see(now.state, one).scores[alone] for one in (world, with_heads(world, lot))))


def test_b_in_the_organisation() -> None:
    wired = seen(guarded)
    examine(lambda **drawn: dictates_alike(see, **drawn), 8, seed=seeds, lot=seeds)
    refute(lambda **drawn: dictates_alike(wired, **drawn), seed=seeds, lot=seeds)


def foresees_alike(see: See, seed: int, lot: int) -> bool:
    """Return whether hearts of another kind foresee the same contests."""
    now = moment(seed)
    hearts = with_traits(now.world, lot, *HEART)
    outlooks = (see(now.state, world).outlook for world in (now.world, hearts))
    return same(*((one.support, one.wins, one.slope, one.hazard, one.attraction) for one in outlooks))


def test_c_in_the_organisation() -> None:
    wired = seen(projecting)
    examine(lambda **drawn: foresees_alike(see, **drawn), 8, seed=seeds, lot=seeds)
    refute(lambda **drawn: foresees_alike(wired, **drawn), seed=seeds, lot=seeds)


def suspects_by_belief(see: See, seed: int, lot: int) -> bool:
    """Return whether the suspicious, having seen nothing, expect and value all that others do who believe as much in hostile intent."""
    now = moment(seed)
    belief = jnp.broadcast_to(suspicion.prior(now.world.mind.suspicion)[:, :, None], now.state.belief.shape)
    other = with_traits(now.world, lot, "suspicion")
    return same(see(now.state._replace(belief=belief), now.world), see(now.state._replace(belief=with_the_same_intent(belief)), other))


def test_d_in_the_organisation() -> None:
    wired = seen(dreading)
    examine(lambda **drawn: suspects_by_belief(see, **drawn), 8, seed=seeds, lot=seeds)
    refute(lambda **drawn: suspects_by_belief(wired, **drawn), seed=seeds, lot=seeds)


def meek(world: World) -> World:
    """Return a world in which nobody wants revenge, and nobody sides against those who did him harm."""
    mind = world.mind._replace(vengefulness=jnp.zeros_like(world.mind.vengefulness))
    return with_constants(world._replace(mind=mind), attraction_grievance=0.0)


def without_grievances(world: World) -> World:
    """Return a world in which the mechanism is off."""
    return world._replace(on=world.on | {"grievance": jnp.zeros_like(world.on["grievance"])})


def lets_go(see: See, make: Callable[[World], World], seed: int, lot: int) -> bool:
    """Return whether other grievances leave everything as it is."""
    now = moment(seed)
    others = array(np.random.default_rng(lot).random(now.state.grievance.shape))
    world = make(now.world)
    return same(see(now.state, world), see(now.state._replace(grievance=others), world))


@pytest.mark.parametrize("make", [meek, without_grievances])
def test_e_in_the_organisation(make: Callable[[World], World]) -> None:
    examine(lambda **drawn: lets_go(see, make, **drawn), 8, seed=seeds, lot=seeds)
    refute(lambda **drawn: lets_go(see_resenting, make, **drawn), seed=seeds, lot=seeds)


@pytest.mark.parametrize("ledger", ["belief", "grievance", "kindness"])
def test_what_happened_does_matter(ledger: str) -> None:
    """Each of the traces of the past that the claims speak of changes what moves are worth; so none holds for want of a trace."""
    now, other = moment(1), moment(2)
    assert not same(see(now.state, now.world), see(now.state._replace(**{ledger: getattr(other.state, ledger)}), now.world))


def zero_sum(gain: jax.Array) -> Move:
    """Return a move whose gain is the target's loss."""
    return choosing.ORDERED[MOVES.index("shun")]._replace(score=lambda *_: Score(own=gain, other=-gain))


Compose: TypeAlias = Callable[[jax.Array, jax.Array, jax.Array], jax.Array]


def scores_of(compose: Compose) -> Callable[[State, World, Outlook, jax.Array], jax.Array]:
    """Return the organisation's scores of moves with given gains, composed of own and others' payoff in a given way."""

    def scores(state: State, world: World, outlook: Outlook, gains: jax.Array) -> jax.Array:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(choosing, "ORDERED", tuple(zero_sum(gain) for gain in gains))
            patch.setattr(empathy, "utility", compose)
            return choosing.score_moves(state, world, outlook)

    return quickly(scores)


def utility_and_dread(own: jax.Array, other: jax.Array, weight: jax.Array) -> jax.Array:
    """Return a utility in which caring is wired to dread of doing great harm."""
    return (1.0 - weight) * own + weight * other - jnp.abs(weight) * jnp.square(jnp.minimum(other, 0.0))


Scores: TypeAlias = Callable[[State, World, Outlook, jax.Array], jax.Array]


def rescales_alike(scores: Scores, seed: int, weight: float, gains: np.ndarray) -> bool:
    """Return whether zero-sum moves are worth (1 − 2w) times what they are to those who care for nobody."""
    now = moment(0)
    world = with_constants(now.world, effort=0.0, risk_aversion=0.0)
    random = np.random.default_rng(seed)
    own = array(gains)[:, None, None, None] * array(random.uniform(0.5, 1.0, now.on.shape))
    selfish, caring = (
        scores(now.state, world, now.outlook._replace(caring=jnp.full_like(now.outlook.caring, value)), own) for value in (0.0, weight)
    )
    made = np.asarray(selfish) > 0.5 * choice.NEVER
    return bool(made.any()) and np.allclose(
        np.asarray(caring)[made], (1.0 - 2.0 * weight) * np.asarray(selfish)[made], rtol=1e-4, atol=1e-6
    )


def test_a_in_the_organisation() -> None:
    drawn = {"seed": seeds, "weight": weights, "gains": payoffs}
    plain, wired = scores_of(empathy.utility), scores_of(utility_and_dread)
    examine(lambda **values: rescales_alike(plain, **values), 8, **drawn)
    refute(lambda **values: rescales_alike(wired, **values), **drawn)
