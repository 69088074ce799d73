"""Suspicion: what a mind believes of another's intent towards it.

Intent is the weight ω the other puts on my payoff, one of five types. The prior tilts by the trait of suspicion,
b₀ ∝ exp(−h ω/.25); observed acts are evidence, discounted by rigidity: a type ω does a kindness
rather than a harm of size v with chance σ(e ω v), so b ∝ b · σ(e ω v) (after the hostile-intent filters of Barnby et
al. 2022). Hostile intent is b(ω < 0).
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

INTENTS = np.array([-0.5, -0.2, 0.0, 0.2, 0.5], np.float32)
"""Types of intent: weight put on my payoff."""

TEMPER = 0.25
"""Scale of the prior's tilt."""


def prior(suspicion: jax.Array) -> jax.Array:
    """Return the prior belief over intents.

    Parameters
    ----------
    suspicion : jax.Array
        Tilt h towards hostility, shape (…).

    Returns
    -------
    jax.Array
        Probabilities, shape (5, …), summing to 1 over the first axis. h = 0 gives ⅕ each.
    """
    return jax.nn.softmax(-suspicion * _along(suspicion) / TEMPER, axis=0)


def hostile(belief: jax.Array) -> jax.Array:
    """Return the believed chance of hostile intent, b(ω < 0), shape (…), from a belief of shape (5, …)."""
    return belief[0] + belief[1]


def update(belief: jax.Array, act: jax.Array, evidence: jax.Array, rigidity: jax.Array) -> jax.Array:
    """Update beliefs by an act seen.

    Parameters
    ----------
    belief : jax.Array
        Probabilities, shape (5, …).
    act : jax.Array
        Benefit (positive) or harm (negative) seen in the act, payoff units, shape (…); 0 leaves the belief unchanged.
    evidence : jax.Array
        Weight e ≥ 0 of an act as evidence, shape () or (…).
    rigidity : jax.Array
        Share in [0, 1] by which evidence is discounted, shape (…).
    """
    weight = evidence * (1.0 - rigidity) * act
    return _normalised(belief * jax.nn.sigmoid(weight * _along(weight)))


def shift(belief: jax.Array, log_odds: jax.Array) -> jax.Array:
    """Shift beliefs towards hostility by a claim, b ∝ b · exp(−ω/.5 · shift), shape (5, …).

    A shift of s changes the odds of the most hostile against the neutral type by exp(s).
    """
    return _normalised(belief * jnp.exp(-2.0 * log_odds * _along(log_odds)))


def fade(belief: jax.Array, base: jax.Array, kept: jax.Array) -> jax.Array:
    """Let what was learnt fade towards the prior: (1 − η) b₀ + η b.

    Parameters
    ----------
    belief, base : jax.Array
        Probabilities, shape (5, …).
    kept : jax.Array
        Share η in [0, 1] that is kept, shape (…).
    """
    return base + kept * (belief - base)


def blame(disappointment: jax.Array, conviction: jax.Array, responsibility: jax.Array, weight: jax.Array) -> jax.Array:
    """Return the shift of belief, in log odds, that a bad result brings upon those responsible.

    The convinced cannot find the fault in the cause, so they find it in persons: weight · conviction · disappointment ·
    responsibility.

    Parameters
    ----------
    disappointment : jax.Array
        Expected less actual result where positive, else 0, shape (H,): one per history.
    conviction : jax.Array
        In [0, 1], shape (persons, H).
    responsibility : jax.Array
        Share of the result each puts down to each other, shape (persons, others, H).
    weight : jax.Array
        Log odds after a full disappointment at full conviction, shape ().
    """
    return weight * disappointment * conviction[:, None] * responsibility


def _normalised(belief: jax.Array) -> jax.Array:
    return belief / jnp.sum(belief, axis=0)


def _along(values: jax.Array) -> jax.Array:
    """Intents along a new first axis, to go with values of any shape."""
    return jnp.asarray(INTENTS).reshape(5, *(1,) * values.ndim)
