"""Perception: what each believes the others are worth, and what display does to it."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from virtu.organisation.seats import standing
from virtu.organisation.state import Info, State, World, in_office, others


def visibility(world: World) -> jax.Array:
    """Return how much of column's backing and ambition row sees, shape (F, F, H).

    v_ij = display_j + (1 − display_j) attention_i: what is not displayed is found by theory of mind.
    """
    shown = world.mind.display[None, :]
    return shown + (1.0 - shown) * world.attention[:, None]


def perception(state: State, info: Info, world: World) -> tuple[State, Info]:
    """Phase 5. Estimates of strength, and the norm of modesty.

    Ŵ_ij ← ρ Ŵ_ij + (1 − ρ) [public_j + v_ij · backing_j + boast_j] · noise, boast_j = boast · display_j · public_j ·
    (1 − attention_i): an attentive observer discounts a boast and finds hidden backing. The log of the noise is made of a number
    per person seen, and a number per observer times another per person seen, (e_j + e'_i e''_j)/√2, so that observers err
    partly together and partly apart at the cost of a draw per person. Oneself one knows.

    Where modesty is the norm, display costs everybody's trust: T_ij ← T_ij − tax · norm · display_j.
    """
    p, mind = world.parameters, world.mind
    here = in_office(state).astype(jnp.float32)
    true = standing(world.setup, state)
    common, by_observer = world.luck["estimate"]
    doubt, _ = world.luck["doubt"]
    error = jnp.exp(p.estimate_noise * 2.0**-0.5 * (common[None, :] + by_observer[:, None] * doubt[None, :]))
    boast = p.boast * (mind.display * true.public)[None, :] * (1.0 - world.attention)[:, None]
    seen = true.public[None, :] + visibility(world) * true.backing[None, :] + boast
    fresh = p.estimate_memory * state.estimate + (1.0 - p.estimate_memory) * seen * error
    misled = (world.on["misperception"] > 0.0) & (others(here.shape[0]) > 0.0)
    estimate = jnp.where(misled, fresh, true.strength[None, :]) * here[None, :]
    taxed = p.norm_tax * world.setup.modesty * world.on["norms"] * mind.display * here
    tax = taxed[None, :] * here[:, None] * others(here.shape[0])
    return state._replace(estimate=estimate, trust=jnp.clip(state.trust - tax, -1.0, 1.0)), info
