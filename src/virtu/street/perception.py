"""Perception: how hostile each leader takes the other camps to be."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from virtu import chance
from virtu.street.state import Info, State, World, others


def looked_at(mean: jax.Array, seen: jax.Array, attention: jax.Array) -> jax.Array:
    """Return what each observer makes of what is shown of each camp, v̄_g (m_g/v̄_g)^(1 − τ_f), shape (F, F, H).

    Parameters
    ----------
    mean, seen : jax.Array
        True mean intensity v̄ and the one shown m, ≥ 0, shape (F, H); seen is 0 where the mean is.
    attention : jax.Array
        τ, 0 … 1, of the observers, shape (F, H): at 1 they see through what is shown, at 0 they take it as it is.
    """
    there = (mean > 0.0) & (seen > 0.0)
    ratio = jnp.where(there, seen / jnp.where(there, mean, 1.0), 1.0)
    return mean[None] * jnp.power(ratio[None], 1.0 - attention[:, None])


def perception(state: State, info: Info, world: World) -> tuple[State, Info]:
    """Phase 2. Estimates of the other camps' intensity.

    ŷ_fg ← ρ ŷ_fg + (1 − ρ) v̄_g (m_g/v̄_g)^(1 − τ_f) · exp(noise): each leader mistakes what is shown for what is, as far as theory of mind
    does not correct it; here alone it acts. Who corrects a camp's estimates takes away a share of their error. One's own camp one knows.
    """
    p = world.parameters
    error, _ = chance.normals(world.luck["street estimate"])
    fresh = looked_at(info.mean, info.seen_mean, world.attention) * jnp.exp(p.perception_noise * error[:, : info.mean.shape[0]])
    estimate = p.perception_memory * state.estimate + (1.0 - p.perception_memory) * fresh
    true = jnp.broadcast_to(info.mean[None], estimate.shape)
    estimate = estimate + world.done.correct[:, None] * (true - estimate)
    misled = (world.on["misperception"] > 0.0) & (others(true.shape[0]) > 0.0)
    return state._replace(estimate=jnp.where(misled, estimate, true)), info


def believed_threat(state: State, world: World) -> jax.Array:
    """Return the intensity of its rivals as each camp sees it, Σ_g reach_fg ŷ_fg, shape (F, H)."""
    return jnp.sum(world.setup.reach * state.estimate, axis=1)
