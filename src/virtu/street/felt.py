"""What its people feel a camp has achieved, whatever it has."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from virtu.street.state import Info, State, World, others, turnout


def believed_strength(state: State, world: World) -> jax.Array:
    """Return each camp's share of the strength in the street as it sees it, v̄_f A_f against Σ_g ŷ_fg A_g, shape (F, H)."""
    present = jnp.sum(turnout(state.active, world.setup), axis=1)
    seen = state.estimate * present[None]
    total = jnp.sum(seen, axis=1)
    own = jnp.sum(seen * (1.0 - others(present.shape[0])), axis=1)
    return jnp.where(total > 0.0, own / jnp.where(total > 0.0, total, 1.0), 0.0)


def felt(state: State, info: Info, world: World) -> tuple[State, Info]:
    """Phase 8. felt_f = w · coverage_f + (1 − w) · believed share of strength − cost · ln(1 + own victims remembered)."""
    p = world.parameters
    seen = p.felt_coverage * info.coverage + (1.0 - p.felt_coverage) * believed_strength(state, world)
    return state, info._replace(felt=seen - p.felt_cost * jnp.log1p(state.victims))
