"""Memory: what the tick leaves in everybody's ledgers, beliefs and trust, and who is blamed for the result."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from virtu.minds import memory, suspicion
from virtu.organisation.outlook import caring
from virtu.organisation.seats import standing
from virtu.organisation.state import Info, State, World, in_office, others, separately, total, turned

LEAST_CHANCE = 1e-6
"""Least chance that is given to the truth when a belief is scored; twenty bits."""


def remember(state: State, info: Info, world: World) -> tuple[State, Info]:
    """Phase 9. Results and blame; evidence of intent; grievance and kindness; trust drawn back to its base; focal points fade."""
    p, mind = world.parameters, world.mind
    here = in_office(state).astype(jnp.float32)
    pairs = here[:, None] * here[None, :] * others(here.shape[0])
    state, info = _result(state, info, world, pairs)
    belief = suspicion.update(state.belief, (info.benefit - info.harm) * pairs, p.evidence, mind.rigidity[:, None])
    belief = suspicion.fade(belief, suspicion.prior(mind.suspicion)[:, :, None], mind.belief_retention[:, None])
    hurt = info.harm * suspicion.hostile(belief) * pairs * world.on["grievance"]
    state = state._replace(
        belief=belief,
        grievance=memory.remember(state.grievance, hurt, mind.retention, p.grievance_gain) * pairs,
        kindness=memory.remember(state.kindness, info.benefit * pairs, mind.retention, p.kindness_gain) * pairs,
        trust=(state.trust + p.trust_decay * (base_trust(state, world) - state.trust)) * pairs,
        focus=(1.0 - p.focus_decay) * state.focus,
    )
    return state, info._replace(insight=insight(state, world))


def insight(state: State, world: World) -> jax.Array:
    """Return how well each place tells its friends from its enemies, bits, shape (F, H); 0 where there is nobody to tell.

    The mean over the others in office of the logarithm of the chance that the belief gives to the truth, an enemy being who truly puts a
    negative weight on one's payoff: 0 is certainty, −1 a toss of a coin, and a difference is what was learnt (Good 1952 on the score).
    """
    here = in_office(state).astype(jnp.float32)
    pairs = here[:, None] * here[None, :] * others(here.shape[0])
    hostile = suspicion.hostile(state.belief)
    # Apart, or the logarithms are taken one at a time within the sum, at ten times the time.
    truly = separately(world.tick, caring, state, world)
    chance = jnp.where(turned(truly) < 0.0, hostile, 1.0 - hostile)
    bits = separately(world.tick, lambda parts: jnp.log2(jnp.maximum(parts, LEAST_CHANCE)), chance) * pairs
    return total(bits, axis=1) / jnp.maximum(jnp.sum(pairs, axis=1), 1.0)


def base_trust(state: State, world: World) -> jax.Array:
    """Return the trust to which row's trust in column is drawn back, shape (F, F, H).

    Half a kindness less half a grievance, and affinity · hardness_i (1 − 2 hardness_j): the hard are drawn to the soft and repelled by
    their like.
    """
    hard = world.mind.hardness
    drawn = world.parameters.affinity * world.on["affinity"] * hard[:, None] * (1.0 - 2.0 * hard)[None, :]
    return drawn + 0.5 * (state.kindness - state.grievance)


def _result(state: State, info: Info, world: World, pairs: jax.Array) -> tuple[State, Info]:
    """The organisation's result, and blame on persons where it falls short of what was expected.

    Result = mean competence of all seats, weighted by strength, + noise + shock. Responsibility is the share of strength as each sees it.
    """
    p = world.parameters
    setup = world.setup
    true = standing(setup, state)
    outer = jnp.sum(setup.outer_weight, axis=0)
    inside = jnp.sum(true.weight, axis=0)
    quality = jnp.sum(true.weight * world.mind.competence, axis=0) + jnp.sum(setup.outer_weight * state.skill, axis=0)
    noise, _ = world.luck["result"]
    result = quality / jnp.maximum(inside + outer, 1e-6) + p.result_noise * noise[0] + p.result_shock
    disappointment = jnp.maximum(state.expected_result - result, 0.0)
    seen = state.estimate * pairs
    responsibility = seen / jnp.maximum(jnp.sum(seen, axis=1), 1e-6)[:, None]
    shift = suspicion.blame(disappointment, world.mind.conviction, responsibility, p.blame * world.on["blame"])
    state = state._replace(
        belief=suspicion.shift(state.belief, shift * pairs),
        expected_result=p.result_memory * state.expected_result + (1.0 - p.result_memory) * result,
    )
    return state, info._replace(result=result)
