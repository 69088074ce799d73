"""Contests foreseen: whom third parties are expected to side with, and who is expected to win.

A game of two actions, with the challenger or with the target, seen by somebody who is neither. Levels of reasoning, the logit response
and the mixture over levels are those of `theory_of_mind`; what is special here is that a third party at level 2 looks at who will win,
as in the bandwagon of Leibenstein (1950), instead of at one opponent.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from virtu.minds.theory_of_mind import mixture, response_between_two


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


def first_sides(lean: jax.Array, focus: jax.Array, precision: jax.Array) -> jax.Array:
    """Return the chance with which a level-1 mind takes each third party to side with the challenger, σ(λ lean + focus).

    Parameters
    ----------
    lean : jax.Array
        Attraction to the challenger less attraction to the target, as the predictor sees it, shape (…, P, H).
    focus : jax.Array
        Log odds by which everybody expects everybody to turn on the target, shape (…, H).
    precision : jax.Array
        Precision λ of the predictor, shape (…, H).
    """
    return response_between_two(precision[..., None, :] * lean + focus[..., None, :])


def share_of(sides: jax.Array, strength: jax.Array, own: jax.Array, total: jax.Array) -> jax.Array:
    """Return the expected share of strength on the challenger's side, shape (…, H).

    Parameters
    ----------
    sides : jax.Array
        Chance that each third party sides with the challenger, shape (…, P, H).
    strength : jax.Array
        Estimate of each third party's strength, 0 for those who do not count, shape (…, P, H).
    own, total : jax.Array
        Estimated strength of the challenger, and of all with challenger and target, shape (…, H).
    """
    return (own + jnp.sum(strength * sides, axis=-2)) / total


def one_level_below(first: jax.Array, strength: jax.Array, own: jax.Array, total: jax.Array, weights: jax.Array) -> jax.Array:
    """Return the share a third party expects, reasoning one level below its own.

    Levels 0 and 1 take all others for undecided, s₀ = (own + ½ Σ strength)/total; level 2 expects s₁.

    Parameters
    ----------
    first : jax.Array
        From `first_sides`, shape (…, P, H).
    strength, own, total : jax.Array
        As `share_of`.
    weights : jax.Array
        Depth weights of the predictor, shape (3, …, H).
    """
    flat = share_of(jnp.full_like(first, 0.5), strength, own, total)
    return flat + weights[2] * (share_of(first, strength, own, total) - flat)


def predict_sides(
    lean: jax.Array,
    expected: jax.Array,
    weights: jax.Array,
    precision: jax.Array,
    bandwagon: jax.Array,
) -> jax.Array:
    """Predict the sides third parties take, as a mixture over levels of reasoning.

    Level 0 predicts nothing: every third party is as likely on either side. Level 1 predicts each from its own lean,
    σ(λ lean). Level 2 adds that they, too, look at who will win: σ(λ [lean + β (2 s₁ − 1)]).

    Parameters
    ----------
    lean, precision : jax.Array
        As `first_sides`.
    expected : jax.Array
        s₁, the share of strength expected from `first_sides`, shape (…, H).
    weights : jax.Array
        Depth weights of the predictor, shape (3, …, H).
    bandwagon : jax.Array
        β ≥ 0, shape ().

    Returns
    -------
    jax.Array
        Chance that each sides with the challenger, shape (…, P, H).
    """
    scaled = precision[..., None, :] * lean
    pull = precision * bandwagon * (2.0 * expected - 1.0)
    levels = (0.5, response_between_two(scaled), response_between_two(scaled + pull[..., None, :]))
    return mixture(weights[..., None, :], levels)


def tally(sides: jax.Array, strength: jax.Array, own: jax.Array, total: jax.Array, majority: jax.Array) -> Contest:
    """Return what the predicted sides come to; the chance to win is that of a sum of independent sides, normally approximated.

    Parameters
    ----------
    sides : jax.Array
        From `predict_sides`, shape (…, P, H).
    strength, own, total : jax.Array
        As `share_of`.
    majority : jax.Array
        Share α that decides, shape ().
    """
    share = share_of(sides, strength, own, total)
    variance = jnp.sum(jnp.square(strength) * sides * (1.0 - sides), axis=-2) / jnp.square(total)
    spread = jnp.sqrt(variance + LEAST_SPREAD**2)
    wins = jax.nn.sigmoid(NORMAL_BY_LOGISTIC * (share - majority) / spread)
    return Contest(sides, share, spread, wins)
