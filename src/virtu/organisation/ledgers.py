"""Memory: what the tick leaves in everybody's ledgers, beliefs and trust, and who is blamed for the result."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from virtu.minds import memory, suspicion
from virtu.organisation.seats import standing
from virtu.organisation.state import Info, State, World, in_office, others


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
    return state, info


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

    Result = mean competence of all seats, weighted by strength, + noise. Responsibility is the share of strength as each sees it.
    """
    p = world.parameters
    setup = world.setup
    true = standing(setup, state)
    outer = jnp.sum(setup.outer_weight, axis=0)
    inside = jnp.sum(true.weight, axis=0)
    quality = jnp.sum(true.weight * world.mind.competence, axis=0) + jnp.sum(setup.outer_weight * state.skill, axis=0)
    noise, _ = world.luck["result"]
    result = quality / jnp.maximum(inside + outer, 1e-6) + p.result_noise * noise[0]
    disappointment = jnp.maximum(state.expected_result - result, 0.0)
    seen = state.estimate * pairs
    responsibility = seen / jnp.maximum(jnp.sum(seen, axis=1), 1e-6)[:, None]
    shift = suspicion.blame(disappointment, world.mind.conviction, responsibility, p.blame * world.on["blame"])
    state = state._replace(
        belief=suspicion.shift(state.belief, shift * pairs),
        expected_result=p.result_memory * state.expected_result + (1.0 - p.result_memory) * result,
    )
    return state, info._replace(result=result)
