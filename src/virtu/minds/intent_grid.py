"""Harmful intent and self-interest on a grid of nine by nine levels: the published filter that `suspicion` is held against.

Somebody sees how others share money with him, unfairly or fairly, and says each time how much harm and how much self-interest
was behind it (Barnby, Bell, Mehta & Moutoussis 2020, PLoS Computational Biology 16(10), e1008372, in the parametric form of Barnby,
Mehta & Moutoussis 2022, PLoS Computational Biology 18(7), e1010326). With levels k = 0 … 8 of harmful intent HI and of self-interest SI:

* prior: b₀ = p_HI p_SI, each p(k) ∝ Binomial(k; 8, p)^(1/u), so a small u is a belief held with rigidity;
* likelihood of an unfair split: σ(w₀ + w_HI (k_HI − 4) + w_SI (k_SI − 4)); exact Bayes after each split;
* a new partner is met with b ← (1 − η) b₀ + η b, which is `suspicion.fade`;
* report: r ∝ b^(1/u_π), mixed with lapses, (r + ε)/(1 + 81 ε) with ε = .02/81; level k is reported as (k + ½)/9.

The mean that is published of HI is that of the report, not of the belief.

The five intents of `suspicion` are such a filter with positions −ω instead of k − 4 and without self-interest: `update` serves both, and
`suspicion.fade` forgets for both. They differ in what rigidity is, a sharp prior here and discounted evidence there. b₀^s L and
b₀ L^(1/s) are the same belief at temperatures s and 1, so an uncertainty of u/s answers to a discount of 1 − 1/s; `suspicion`
discounts within σ rather than σ itself, which is the same to first order in the evidence.
"""

from __future__ import annotations

from math import comb
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from virtu.minds import suspicion

LEVELS = 9
"""Levels of each attribute."""

LAPSE = 0.02 / LEVELS**2
"""Weight ε of a report given at random, for each cell of the grid."""

_LEVEL = np.arange(LEVELS, dtype=np.float32)
_LOG_WAYS = np.log([comb(LEVELS - 1, level) for level in range(LEVELS)]).astype(np.float32)


class Observer(NamedTuple):
    """Parameters of somebody who attributes intent; shapes broadcast, (…) below, one number per person for instance."""

    harm: jax.Array  # p_HI, 0 < p < 1, chance that makes the prior of harmful intent
    harm_doubt: jax.Array  # u_HI > 0, uncertainty of that prior; small is rigid
    interest: jax.Array  # p_SI, 0 < p < 1
    interest_doubt: jax.Array  # u_SI > 0
    report_doubt: jax.Array  # u_π > 0, temperature of the report
    bias: jax.Array  # w₀, log odds of an unfair split by a middling partner
    harm_weight: jax.Array  # w_HI ≥ 0, log odds per level
    interest_weight: jax.Array  # w_SI ≥ 0, log odds per level
    kept: jax.Array  # η in [0, 1], share of what was learnt of the last partner that is carried to the next


class Attribution(NamedTuple):
    """Mean of what is reported after each split, 0 … 1, each of shape (T, …)."""

    harm: jax.Array
    interest: jax.Array


def levels(chance: jax.Array, doubt: jax.Array) -> jax.Array:
    """Return the noisy binomial distribution over levels, p(k) ∝ Binomial(k; 8, chance)^(1/doubt).

    Parameters
    ----------
    chance, doubt : jax.Array
        0 < chance < 1 and doubt > 0, shape (…).

    Returns
    -------
    jax.Array
        Probabilities, shape (9, …), summing to 1 over the first axis. Doubt 1 is the binomial distribution itself.
    """
    level = _along(_LEVEL, chance)
    likely = _along(_LOG_WAYS, chance) + level * jnp.log(chance) + (LEVELS - 1 - level) * jnp.log1p(-chance)
    return jax.nn.softmax(likely / doubt, axis=0)


def prior(observer: Observer) -> jax.Array:
    """Return the belief about somebody never met, shape (9, 9, …): harmful intent, then self-interest."""
    harm = levels(observer.harm, observer.harm_doubt)
    interest = levels(observer.interest, observer.interest_doubt)
    return harm[:, None] * interest[None]


def unfairness(observer: Observer) -> jax.Array:
    """Return the chance with which a partner of each kind splits unfairly, as the observer sees it, shape (9, 9, …)."""
    middle = (LEVELS - 1) / 2
    harm = observer.harm_weight * (_along(_LEVEL, observer.harm_weight) - middle)
    interest = observer.interest_weight * (_along(_LEVEL, observer.interest_weight) - middle)
    return jax.nn.sigmoid(observer.bias + harm[:, None] + interest[None])


def update(belief: jax.Array, unfairness: jax.Array, unfair: jax.Array) -> jax.Array:
    """Return the belief after a split was seen, by the theorem of Bayes.

    Parameters
    ----------
    belief, unfairness : jax.Array
        Belief over kinds of partner and the chance that each splits unfairly, shape (A, B, …) for any numbers A and B of levels.
    unfair : jax.Array
        1 where the split was unfair, 0 where it was fair, shape (…).
    """
    likely = unfair * unfairness + (1.0 - unfair) * (1.0 - unfairness)
    weighed = belief * likely
    return weighed / jnp.sum(weighed, axis=(0, 1))


def report(belief: jax.Array, doubt: jax.Array) -> jax.Array:
    """Return the chances with which each cell of the grid is reported.

    Parameters
    ----------
    belief : jax.Array
        Shape (9, 9, …).
    doubt : jax.Array
        Temperature u_π > 0, shape (…); 1 reports each cell as often as it is believed, 0 the likeliest one only.
    """
    known = jnp.log(jnp.maximum(belief, jnp.finfo(jnp.float32).tiny))
    told = jax.nn.softmax(known / doubt, axis=(0, 1))
    return (told + LAPSE) / (1.0 + LAPSE * LEVELS**2)


def attribute(observer: Observer, unfair: jax.Array, new: jax.Array) -> Attribution:
    """Return what an observer reports after each of a series of splits.

    Parameters
    ----------
    observer : Observer
        Parameters of shape (…).
    unfair : jax.Array
        1 where the split was unfair, 0 where it was fair, shape (T, …).
    new : jax.Array
        1 where a split is the first of another partner, shape (T,) or (T, …); the first partner of all needs no mark.
    """
    base, chance = prior(observer), unfairness(observer)

    def see(belief: jax.Array, split: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
        act, another = split
        met = jnp.where(another > 0.0, suspicion.fade(belief, base, observer.kept), belief)
        after = update(met, chance, act)
        return after, report(after, observer.report_doubt)

    _, reports = jax.lax.scan(see, base, (unfair, new))
    return Attribution(_mean(jnp.sum(reports, axis=2)), _mean(jnp.sum(reports, axis=1)))


def _mean(chances: jax.Array) -> jax.Array:
    """Mean of what is reported, from chances of shape (T, 9, …)."""
    value = ((_LEVEL + 0.5) / LEVELS).reshape(1, LEVELS, *(1,) * (chances.ndim - 2))
    return jnp.sum(chances * value, axis=1) / jnp.sum(chances, axis=1)


def _along(values: np.ndarray, like: jax.Array) -> jax.Array:
    """Values along a new first axis, to go with an array of any shape."""
    return jnp.asarray(values).reshape(LEVELS, *(1,) * like.ndim)
