r"""Media: what is shown of a camp, and how much of its loudest.

Intensity within a wing is lognormal with mean v and log-sd σ. Media show an act with a weight that is a power η of its intensity, so what
is seen has the mean E[x^(1+η)]/E[x^η] = v exp(ησ²): a fringe is taken for the whole, and the more so the more unequal people are. The same
selection works between wings and between incidents of unequal severity.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from virtu.scenario.street_vocabulary import StreetParameters
from virtu.street.state import RADICAL, Info, State, World


class Shown(NamedTuple):
    """What is shown of each camp."""

    mean: jax.Array  # (F, H) mean intensity
    radical: jax.Array  # (F, H) share of the radical wing


def wings(radical: jax.Array) -> jax.Array:
    """Return the shares of the wings, shape (F, W, H), from that of the radical one, shape (F, H)."""
    return jnp.stack([1.0 - radical, radical], axis=1)


def mean_power(mean: jax.Array, spread: jax.Array, power: jax.Array) -> jax.Array:
    """Return E[xᵏ] = vᵏ exp(k (k − 1) σ²/2) of a lognormal intensity of mean v.

    Parameters
    ----------
    mean : jax.Array
        v ≥ 0, any shape.
    spread, power : jax.Array
        σ and k ≥ 0, shape ().
    """
    return jnp.power(mean, power) * jnp.exp(0.5 * power * (power - 1.0) * jnp.square(spread))


def shown(share: jax.Array, intensity: jax.Array, selection: jax.Array, spread: jax.Array, opposed: jax.Array) -> Shown:
    """Return what media show of camps that do what their people are like.

    Parameters
    ----------
    share, intensity : jax.Array
        Share of each wing among the camp's people and its mean intensity, shape (F, W, H).
    selection, spread : jax.Array
        η and σ, shape ().
    opposed : jax.Array
        How much more is shown of the radical wing because it is opposed, ≥ 0, shape (F, H).
    """
    loud = jnp.stack([jnp.ones_like(opposed), 1.0 + opposed], axis=1)
    weight = share * loud * mean_power(intensity, spread, selection)
    total = jnp.sum(weight, axis=1)
    seen = jnp.sum(share * loud * mean_power(intensity, spread, 1.0 + selection), axis=1)
    something = total > 0.0
    mean = jnp.where(something, seen / jnp.where(something, total, 1.0), 0.0)
    return Shown(mean, jnp.where(something, weight[:, RADICAL] / jnp.where(something, total, 1.0), 0.0))


def selection(world: World) -> jax.Array:
    """Return η in force, shape ()."""
    return world.parameters.media_selection * world.on["media_selection"]


def inflation(world: World) -> jax.Array:
    """Return how much severer the incidents shown are than those that happen, exp(η σ_s²), shape ()."""
    return jnp.exp(selection(world) * jnp.square(world.parameters.severity_log_sd))


def volume(violence: jax.Array, turnout: jax.Array, parameters: StreetParameters) -> jax.Array:
    """Return how much is shown of each camp, its violence and its numbers in the street, shape (F, H), severity.

    Parameters
    ----------
    violence : jax.Array
        Severity of what is shown of its incidents, ≥ 0, shape (F, H).
    turnout : jax.Array
        Share of the people in the street for it, 0 … 1, shape (F, H).
    parameters : StreetParameters
        Constants in force.
    """
    return violence + parameters.protest_shown * turnout


def media(state: State, info: Info, world: World) -> tuple[State, Info]:
    """Phase 1. What is shown: each camp's mean intensity, the share of its radical wing, and its part of all that is shown.

    Opposing a fringe shows more of it: its weight rises by `opposition_shown` times the counter-presence. Coverage is of what happened in
    the tick before.
    """
    p = world.parameters
    share = wings(state.radical * world.flank)
    opposed = jnp.broadcast_to(p.opposition_shown * world.done.oppose, state.radical.shape)
    seen = shown(share, state.intensity, selection(world), p.intensity_spread, opposed)
    total = jnp.sum(state.shown, axis=0)
    coverage = jnp.where(total > 0.0, state.shown / jnp.where(total > 0.0, total, 1.0), 0.0)
    mean = jnp.sum(share * state.intensity, axis=1)
    return state, info._replace(share=share, mean=mean, seen_mean=seen.mean, seen_radical=seen.radical, coverage=coverage)
