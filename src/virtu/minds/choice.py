"""Choice: quantal response whose precision gives way under threat, and aversion to risk in those without nerve."""

from __future__ import annotations

import jax

NEVER = -1e30
"""Score of a move that cannot be made; finite, so that differences of scores stay numbers."""


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
