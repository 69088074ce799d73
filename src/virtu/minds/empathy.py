"""Empathy: caring about others' payoff.

The utility of Bruhin, Fehr & Schunk (2019), U_i = (1 − w) Π_i + w Π_j, with the weight
w = α·[i behind] + β·[i ahead] + γ K_ij − δ G_ij, which nests Fehr & Schmidt (1999) and Charness & Rabin (2002).
K_ij and G_ij are the ledgers of kindness and grievance, both in [0, 1]. Caring never enters a prediction: predictions
are `theory_of_mind`, which this file never imports.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

LARGEST_WEIGHT = 0.95
"""Nobody weighs another's payoff as the only one that counts, nor harms another at any price."""


def weight(
    behind: jax.Array,
    ahead: jax.Array,
    reciprocity: jax.Array,
    vengefulness: jax.Array,
    gap: jax.Array,
    kindness: jax.Array,
    grievance: jax.Array,
) -> jax.Array:
    """Return the weight w each gives to each other's payoff.

    Parameters
    ----------
    behind, ahead : jax.Array
        α and β, shape (persons, H): H histories.
    reciprocity, vengefulness : jax.Array
        γ ≥ 0 and δ ≥ 0, shape (persons, H).
    gap : jax.Array
        Other's payoff less own, as seen by the one who cares, shape (persons, others, H); exactly 0 is neither.
    kindness, grievance : jax.Array
        Ledgers in [0, 1], shape (persons, others, H).

    Returns
    -------
    jax.Array
        w in [−.95, .95], shape (persons, others, H).
    """
    by_gap = jnp.where(gap > 0.0, behind[:, None], 0.0) + jnp.where(gap < 0.0, ahead[:, None], 0.0)
    raw = by_gap + reciprocity[:, None] * kindness - vengefulness[:, None] * grievance
    return jnp.clip(raw, -LARGEST_WEIGHT, LARGEST_WEIGHT)


def utility(own: jax.Array, other: jax.Array, caring: jax.Array) -> jax.Array:
    """Return (1 − w) Π_i + w Π_j; all arguments broadcast."""
    return (1.0 - caring) * own + caring * other
