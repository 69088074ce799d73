"""Choice: quantal response whose precision gives way under threat, and aversion to risk in those without nerve."""

from __future__ import annotations

import jax
import jax.numpy as jnp

NEVER = -1e30
"""Score of a move that cannot be made; finite, so that differences of scores stay numbers."""

TIE = 1e-5
"""Scores closer than this share of the largest one are equal, as rounding may have parted them."""


def quantal_response(score: jax.Array, precision: jax.Array | None, axis: int = -1) -> jax.Array:
    """Return the chance of each option, softmax(λ · score): the logit response (McKelvey & Palfrey 1995).

    The organisation draws its moves with the same chances, as the largest of λ · score plus Gumbel noise.

    Parameters
    ----------
    score : jax.Array
        Payoff expected of each option, shape (…, n).
    precision : jax.Array, optional
        λ ≥ 0, 1/payoff, shape (…). None is its limit, the best response: equal chances for the options whose score is the largest,
        up to `TIE`; its derivative is 0.
    axis : int
        The axis of options; where it is not the last, λ has any shape that broadcasts with the scores.

    Returns
    -------
    jax.Array
        Chances, shape (…, n), summing to 1 over the axis of options.
    """
    behind = score - jax.lax.stop_gradient(jnp.max(score, axis=axis, keepdims=True))
    if precision is not None:
        return jax.nn.softmax((precision[..., None] if axis == -1 else precision) * behind, axis=axis)
    best = behind >= -TIE * jnp.max(jnp.abs(score), axis=axis, keepdims=True)
    return best / jnp.sum(best, axis=axis, keepdims=True, dtype=score.dtype)


def precision(base: jax.Array, nerve: jax.Array, threat: jax.Array) -> jax.Array:
    """Return the precision of choice λ = λ₀ ν/(ν + threat): full without a threat, falling the faster the less the nerve.

    Parameters
    ----------
    base : jax.Array
        λ₀ ≥ 0, shape ().
    nerve, threat : jax.Array
        ν in [0, 1] and the believed chance of being struck down, shape (…).
    """
    return base * (nerve + 1e-3) / (nerve + 1e-3 + threat)


def risk_price(aversion: jax.Array, nerve: jax.Array, threat: jax.Array, spread: jax.Array) -> jax.Array:
    """Return what risk costs: φ₀ (1 − ν)(1 + threat) · SD, payoff units.

    Parameters
    ----------
    aversion : jax.Array
        φ₀ ≥ 0, shape ().
    nerve, threat, spread : jax.Array
        ν in [0, 1], threat ≥ 0, and the standard deviation of the payoff; they broadcast.
    """
    return aversion * (1.0 - nerve) * (1.0 + threat) * spread
