"""Training and shared experience: what is done to minds from outside, with effects of the size that was published.

Training acts on reading others and leaves feeling for them alone; a shared experience does the opposite. Both effects are in units of the
standard deviation of a trait in the default population, as a standardised mean difference is, and both are drawn once for each person
and history,

    d_i = effect + spread · z_i,   z_i standard normal,

so that many gain nothing and some lose. With d_i of the training, τ_i ← τ_i + d_i SD(τ) and λ_i ← λ_i + d_i SD(λ), kept within their
ranges (Dodell-Feder & Tamir 2018 on reading fiction; Wimmer et al. 2024). With d_i of the experience, α_ij ← α_i + d_i SD(α) and
β_ij ← β_i + d_i SD(β) towards those j with whom it was shared, and spill · d_i towards all others (Rennung & Göritz 2016 on moving in one
rhythm). Neither draw depends on the tick, so that it does not matter for the size of the effect when it begins.

Where nobody is trained or nothing is shared, neither is computed: a branch that the compiled program takes by the agenda.
"""

from __future__ import annotations

from functools import cache

import jax
import jax.numpy as jnp

from virtu import chance
from virtu.organisation.state import Agenda, at_person
from virtu.scenario.distributions import quantiles
from virtu.scenario.vocabulary import Parameters, Traits, traits

TRAINED = ("theory_of_mind_depth", "theory_of_mind_precision")
"""Traits on which training acts."""

BONDED = ("empathy_behind", "empathy_ahead")
"""Traits on which a shared experience acts."""

MOST_GROUPS = 31
"""Groups that may share an experience at the same time: bits of a code above 0."""

_KNOTS = 2**16 + 1
"""Points at which a distribution is looked up for its standard deviation; more change it by less than a part in 100 000."""


@cache
def deviation(trait: str) -> float:
    """Return the standard deviation of a trait in the default population, whatever a scenario says of its own people."""
    known = traits()[trait]
    return float(quantiles(known.prior, known.low, known.high, _KNOTS).std())


def effect(key: chance.Key, site: str, slots: jax.Array, mean: jax.Array, spread: jax.Array) -> jax.Array:
    """Draw what something does to each person, shape (…, H), in standard deviations; the same at all ticks.

    Parameters
    ----------
    key : chance.Key
        Keys of the histories.
    site : str
        Where it is drawn.
    slots : jax.Array
        Codes of the persons, shape (…, H), uint32.
    mean, spread : jax.Array
        Of the effect, shape ().
    """
    return mean + spread * chance.normals(chance.draws(key, (site,), 0, slots)[site])[0]


def train(mind: Traits, person: jax.Array, slots: jax.Array, done: Agenda, p: Parameters, key: chance.Key) -> Traits:
    """Return minds after training.

    Parameters
    ----------
    mind : Traits
        Of those in place, shape (F, H) each.
    person : jax.Array
        Who holds each place, shape (F, H) int32.
    slots : jax.Array
        Codes of those in place, shape (F, H), uint32.
    done : Agenda
        What is done at this tick.
    p : Parameters
        Constants in force.
    key : chance.Key
        Keys of the histories.
    """
    before = tuple(getattr(mind, name) for name in TRAINED)

    def after() -> tuple[jax.Array, ...]:
        gain = effect(key, "training", slots, p.training_effect, p.training_spread) * at_person(done.trained, person)
        moved = ((value + gain * deviation(name), traits()[name]) for value, name in zip(before, TRAINED, strict=True))
        return tuple(jnp.clip(value, trait.low, trait.high) for value, trait in moved)

    found = jax.lax.cond(jnp.any(done.trained > 0.0), after, lambda: before)
    return mind._replace(**dict(zip(TRAINED, found, strict=True)))


def bond(mind: Traits, person: jax.Array, slots: jax.Array, done: Agenda, p: Parameters, key: chance.Key) -> Traits:
    """Return minds whose empathy weights depend on towards whom they are: shape (F, F, H), of row towards column; arguments as `train`."""
    places, histories = person.shape
    before = tuple(jnp.broadcast_to(getattr(mind, name)[:, None], (places, places, histories)) for name in BONDED)

    def after() -> tuple[jax.Array, ...]:
        groups = at_person(done.shared, person)
        alike = (groups[:, None] & groups[None, :]) != 0
        towards = jnp.where(alike, 1.0, p.sharing_spill * (groups[:, None] != 0))
        lift = towards * effect(key, "shared experience", slots, p.sharing_effect, p.sharing_spread)[:, None]
        return tuple(weight + lift * deviation(name) for weight, name in zip(before, BONDED, strict=True))

    found = jax.lax.cond(jnp.any(done.shared > 0), after, lambda: before)
    return mind._replace(**dict(zip(BONDED, found, strict=True)))
