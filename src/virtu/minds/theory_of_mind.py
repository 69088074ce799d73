"""Theory of mind: predicting what others will do, at a depth and with a precision.

Depth is a distribution over levels of reasoning {0, 1, 2} (Camerer, Ho & Chong 2004: a truncated Poisson, whose mean of
about 1.4 before truncation fits most one-shot games); precision is that of the quantal response attributed to others (Stahl &
Wilson 1995). Level 0 does not model anybody; level 1 predicts others from what moves them; level 2 also predicts that
they predict. Nothing in this file knows what anybody cares about: that is `empathy`, which this file never imports.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp


def depth_weights(depth: jax.Array) -> jax.Array:
    """Return the weights κ of the levels 0, 1, 2: a Poisson distribution truncated to them.

    κ_k ∝ τᵏ/k!, so depth 0 is all weight on level 0, and a large depth moves all weight to level 2.

    Parameters
    ----------
    depth : jax.Array
        τ ≥ 0, any shape.

    Returns
    -------
    jax.Array
        Weights, shape (3, …), summing to 1 over the first axis.
    """
    terms = jnp.stack([jnp.ones_like(depth), depth, 0.5 * depth * depth])
    return terms / jnp.sum(terms, axis=0)


def attention(weights: jax.Array, precision: jax.Array) -> jax.Array:
    """Return how far an observer sees through a modest or boastful display, in [0, 1].

    The mean level relative to the highest one, times λ/(1 + λ): 0 for a mind that never models others or does so
    without any precision, towards 1 for a deep and precise one.

    Parameters
    ----------
    weights : jax.Array
        Depth weights κ, shape (3, …).
    precision : jax.Array
        Precision λ ≥ 0 of predictions, shape (…).
    """
    return (0.5 * weights[1] + weights[2]) * precision / (1.0 + precision)


class Contest(NamedTuple):
    """What somebody expects of a contest in which third parties take sides: P of them, in H histories."""

    sides: jax.Array  # (…, P, H) predicted chance that each sides with the challenger
    share: jax.Array  # (…, H) expected share of strength on the challenger's side, 0 … 1
    spread: jax.Array  # (…, H) standard deviation of that share
    wins: jax.Array  # (…, H) predicted chance that the challenger's share passes the majority


NORMAL_BY_LOGISTIC = 1.702
"""Scale at which the logistic curve is within .01 of the standard normal one (Haley 1952)."""

LEAST_SPREAD = 0.02
"""Error of a share of strength that no counting of heads removes; keeps certainty from being absolute."""


def first_level_share(
    lean: jax.Array, strength: jax.Array, own: jax.Array, total: jax.Array, focus: jax.Array, precision: jax.Array
) -> jax.Array:
    """Return the share of strength s₁ a level-1 mind expects on the challenger's side.

    Each third party sides with the challenger with chance σ(λ lean + focus).

    Parameters
    ----------
    lean : jax.Array
        Attraction to the challenger less attraction to the target, as the predictor sees it, shape (…, P, H).
    strength : jax.Array
        Predictor's estimate of each third party's strength, 0 for those who do not count, shape (…, P, H).
    own, total : jax.Array
        Estimated strength of the challenger, and of all with challenger and target, shape (…, H).
    focus : jax.Array
        Log odds by which everybody expects everybody to turn on the target, shape (…, H).
    precision : jax.Array
        Precision λ of the predictor, shape (…, H).
    """
    sides = jax.nn.sigmoid(precision[..., None, :] * lean + focus[..., None, :])
    return (own + jnp.sum(strength * sides, axis=-2)) / total


def expected_share(
    lean: jax.Array,
    strength: jax.Array,
    own: jax.Array,
    total: jax.Array,
    focus: jax.Array,
    weights: jax.Array,
    precision: jax.Array,
) -> jax.Array:
    """Return the share a third party expects, reasoning one level below its own; arguments as `predict_contest`.

    Levels 0 and 1 take all others for undecided, s₀ = (own + ½ Σ strength)/total; level 2 expects s₁.
    """
    flat = (own + 0.5 * jnp.sum(strength, axis=-2)) / total
    first = first_level_share(lean, strength, own, total, focus, precision)
    return flat + weights[2] * (first - flat)


def predict_contest(
    lean: jax.Array,
    strength: jax.Array,
    own: jax.Array,
    total: jax.Array,
    focus: jax.Array,
    weights: jax.Array,
    precision: jax.Array,
    bandwagon: jax.Array,
    majority: jax.Array,
) -> Contest:
    """Predict the sides third parties take and who wins, as a mixture over levels of reasoning.

    Level 0 predicts nothing: every third party is as likely on either side. Level 1 predicts each from its own lean,
    σ(λ lean). Level 2 adds that they, too, look at who will win: σ(λ [lean + β (2 s₁ − 1)]). The chance to win is that of
    a sum of independent sides, normally approximated.

    Parameters
    ----------
    lean, strength, own, total, focus, precision : jax.Array
        As `first_level_share`.
    weights : jax.Array
        Depth weights of the predictor, shape (3, …, H).
    bandwagon, majority : jax.Array
        β ≥ 0 and the share α that decides, shape ().
    """
    scaled = precision[..., None, :] * lean
    expected = first_level_share(lean, strength, own, total, focus, precision)
    pull = precision * bandwagon * (2.0 * expected - 1.0)
    level = weights[..., None, :]
    sides = 0.5 * level[0] + level[1] * jax.nn.sigmoid(scaled) + level[2] * jax.nn.sigmoid(scaled + pull[..., None, :])
    share = (own + jnp.sum(strength * sides, axis=-2)) / total
    variance = jnp.sum(jnp.square(strength) * sides * (1.0 - sides), axis=-2) / jnp.square(total)
    spread = jnp.sqrt(variance + LEAST_SPREAD**2)
    wins = jax.nn.sigmoid(NORMAL_BY_LOGISTIC * (share - majority) / spread)
    return Contest(sides, share, spread, wins)
