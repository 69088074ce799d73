"""Memory: ledgers of harm and of kindness.

Harm counts only as far as intent is believed; both ledgers fade by a retention. Retention and learning are kept apart,
G ← μ G + g · harm · HI, because in the moving-average form (1 − μ) harm one who never forgets would also never learn. The
moving average is the case g = 1 − μ.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp


def remember(ledger: jax.Array, event: jax.Array, retention: jax.Array, gain: jax.Array) -> jax.Array:
    """Fade a ledger and enter an event.

    Parameters
    ----------
    ledger : jax.Array
        In [0, 1], shape (persons, others, H): H histories.
    event : jax.Array
        Harm weighted by believed hostility, or benefit; payoff units, ≥ 0, same shape.
    retention : jax.Array
        Share μ in [0, 1] kept over a tick, shape (persons, H).
    gain : jax.Array
        Ledger units per unit of payoff, shape ().

    Returns
    -------
    jax.Array
        Ledger in [0, 1].
    """
    return jnp.clip(retention[:, None] * ledger + gain * event, 0.0, 1.0)
