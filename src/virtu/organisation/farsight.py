r"""Who will rule once a contest is decided: the ultimate ruling coalition as everybody sees it.

A contest removes one of two, and what is left may turn on its next victim. Whoever looks beyond the contest asks which coalition could
rule if j fell: the lightest that would not break up itself and that holds more than α of all strength, R(j); together with j it can throw
out everybody else. Where there is none, the rest stay for now, and are ruled in the end by φ(X∖{j}), the ultimate ruling coalition of
those who are left (Acemoglu, Egorov & Sonin 2008). What k may then expect is a multiple of the share of strength it holds now,

    r_k(j) = γ_X/γ_R  if k ∈ R(j), else 0;    where R(j) does not exist:  1  if k ∈ φ(X∖{j}), else 0.

Everybody works this out from its own estimates Ŵ. With everybody's estimates right, and `farsightedness` 1, the contest is the game
of the three authors, and ends in φ(X): `docs/model.md` argues why, and the tests play it out.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from virtu.classics.ruling_lattice import Lattice, Rule, lattice, ruling_without
from virtu.organisation.state import State, World, in_office
from virtu.scenario.vocabulary import MOST_FORESEEN


class Foresight(NamedTuple):
    """What is expected of a contest; histories along a last axis that is left out below."""

    ahead: jax.Array  # (F, F) r of column if the target falls, less r if the challenger does, as row sees it
    spared: jax.Array  # (2, F) 0 for whom the challenger could throw out with the target, and the target with the challenger


def nearness(world: World) -> jax.Array:
    """Return 1 − farsightedness, the weight of ties and of the contest at hand, shape ()."""
    return 1.0 - world.parameters.farsightedness


def looks_ahead(state: State, world: World) -> jax.Array | None:
    """Return whether anybody looks beyond the contest at hand, shape () bool; None in an organisation where nobody can."""
    return world.parameters.farsightedness > 0.0 if state.person.shape[0] <= MOST_FORESEEN else None


def remainders(state: State, world: World) -> jax.Array:
    """Return r_k(j) as row sees it, shape (F, F, F, H): observer, the one who falls, the one who is concerned."""
    seen, places = _seen(state, world), state.person.shape[0]

    def after(faller: jax.Array) -> jax.Array:
        return _multiple(ruling_without(seen, (jnp.arange(places) == faller)[:, None, None]))

    return jnp.swapaxes(jax.lax.map(after, jnp.arange(places)), 0, 1)


def foresee(state: State, world: World, challenger: jax.Array, target: jax.Array) -> Foresight:
    """Return what is expected of a contest; arguments mark one place each, shape (F, H).

    Everybody looks ahead with its own estimates, and whoever wins throws out whom it can do without by its own.
    """
    seen = _seen(state, world)
    first, second = (ruling_without(seen, gone[:, None]) for gone in (target, challenger))
    spared = [
        jnp.any((rule.members | ~rule.at_once[None]) & (winner > 0.0)[None], axis=1)
        for rule, winner in ((first, challenger), (second, target))
    ]
    return Foresight(_multiple(first) - _multiple(second), jnp.stack(spared).astype(jnp.float32))


def _seen(state: State, world: World) -> Lattice:
    """Coalitions with the strength of their members as each observer sees it; lots decide between equally strong ones."""
    seen = jnp.swapaxes(state.estimate * in_office(state)[None], 0, 1)
    _, lots = world.luck["side"]
    return lattice(seen, world.parameters.majority, lots[:, None])


def _multiple(rule: Rule) -> jax.Array:
    """Return r of each member, shape (F, F, H): observer, member."""
    gain = jnp.where(rule.at_once, 1.0 / jnp.maximum(rule.share, 1e-6), 1.0)
    return jnp.swapaxes(rule.members * gain[None], 0, 1)
