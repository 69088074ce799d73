"""Utility, risk, and what an actor expects of challenging another.

With positions x in units of their scale and saliences s, actor i sees the position of j at the distance
d_ij = √(Σ_k s_ik² (x_jk − x_ik)² / Σ_k s_ik²), worth u = (1 − d)(1 + R d) to an actor of risk aversion R: −1 seeks risk, 0 is neutral, 1
shuns it. R follows from how likely the own position is to win among neutral actors: the likeliest winner is content, R = 1.

In h's eyes a challenge of i against j is decided by coalitions of capability × total salience. The two principals vote on their two
positions; a third party k compares siding with i to siding with j, by the positions of i, j and k that would result, its own being
worth 1: under full commitment it must take the winner's position, under semi-commitment only if it lost, under no commitment never.
With the chance P that i prevails, s_j the total salience of j, and utilities u_k of k in h's eyes, k expects of the challenge
against the status quo
(1 − s_j) 2u_k(x_i) + s_j [P 2u_k(x_i) + (1 − P) 2u_k(x_j)] − u_k(x_i) − u_k(x_j) = (u_k(x_i) − u_k(x_j)) (1 − 2 s_j (1 − P)).

Arrays carry draws along the last axis.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from virtu.classics.spatial_bargaining.votes import summed, vote

PRINCIPAL_FLOOR = 1e-10
"""Least strength of a side in a contest, capability × salience × utility."""
RISK_WEIGHT = {"none": 0.0, "one_third": 1 / 3, "half": 0.5, "two_thirds": 2 / 3, "full": 1.0}
"""Weight of another's true risk aversion, against one's own, in what one takes it to be."""


class Stakes(NamedTuple):
    """What the two principals of a contest have at stake, in the eyes of whoever expects it; they broadcast to (…, draws)."""

    initiator: jax.Array  # utility of the receiver's position to the initiator, at most 1
    receiver: jax.Array  # utility of the initiator's position to the receiver
    initiator_weight: jax.Array  # capability × total salience, ≥ 0
    receiver_weight: jax.Array
    resistance: jax.Array  # total salience of the receiver, in [0, 1]


class Bystanders(NamedTuple):
    """How all actors look on, in the same eyes; each of shape (actors, …, draws) or broadcasting to it."""

    initiator: jax.Array  # distance of the initiator's position
    receiver: jax.Array  # distance of the receiver's position
    risk: jax.Array  # risk aversion
    weight: jax.Array  # capability × total salience, ≥ 0
    third: jax.Array  # bool: neither of the two principals


def distances(position: jax.Array, salience: jax.Array, other: jax.Array) -> jax.Array:
    """Return how far each actor sees each position from its own, in units of the scale.

    Parameters
    ----------
    position, salience : jax.Array
        Shape (actors, dimensions, draws); positions in [0, 1], saliences ≥ 0 with a positive sum for each actor.
    other : jax.Array
        Shape (positions, dimensions, draws).

    Returns
    -------
    jax.Array
        Shape (actors, positions, draws), in [0, 1].
    """
    squared = salience**2
    apart = (squared[:, None] * (other[None, :] - position[:, None]) ** 2).sum(2)
    return jnp.sqrt(apart / squared.sum(1)[:, None])


def utility(distance: jax.Array, risk: jax.Array | float) -> jax.Array:
    """Return the utility (1 − d)(1 + R d) of a position at a distance d in [0, 1], for risk aversion R in [−1, 1]."""
    return (1 - distance) * (1 + risk * distance)


def risk_aversion(span: str, chance: jax.Array, present: jax.Array) -> jax.Array:
    """Return risk aversion from the chance that the own position wins.

    Parameters
    ----------
    span : str
        A name of `rules.RISK_RANGE`: the least likely winner has 0 (min), −½ (mid) or −1 (max), the likeliest has 1.
    chance : jax.Array
        Shape (actors, draws).
    present : jax.Array
        Actors at the table, shape (actors, draws), bool.

    Returns
    -------
    jax.Array
        Shape (actors, draws); 0 throughout where all are equally likely to win.
    """
    high = jnp.where(present, chance, 0).max(0)
    low = jnp.where(present, chance, 1).min(0)
    even = high <= low
    share = (chance - low) / jnp.where(even, 1, high - low)
    least = {"min": 0.0, "mid": -0.5, "max": -1.0}[span]
    return jnp.where(even | ~present, 0, least + (1 - least) * share)


def risk_estimates(rule: str, risk: jax.Array) -> jax.Array:
    """Return each actor's estimate of each other's risk aversion, anchored at its own: shape (estimator, actor, draws)."""
    weight = RISK_WEIGHT[rule]
    return (1 - weight) * risk[:, None] + weight * risk[None, :]


def contest(voting: str, commitment: str, odds: str, stakes: Stakes, bystanders: Bystanders) -> jax.Array:
    """Return the chance that the initiator prevails over the receiver.

    Parameters
    ----------
    voting, commitment, odds : str
        Names of `rules.VOTING`, `rules.COMMITMENT`, `rules.THIRD_PARTY_ODDS`.
    stakes : Stakes
        Of the two principals.
    bystanders : Bystanders
        Everybody else, and the principals among them.

    Returns
    -------
    jax.Array
        Shape (…, draws).
    """
    initiator = PRINCIPAL_FLOOR + vote(voting, stakes.initiator_weight, 1 - stakes.initiator)
    receiver = PRINCIPAL_FLOOR - vote(voting, stakes.receiver_weight, stakes.receiver - 1)

    def support(one: Bystanders) -> tuple[jax.Array, jax.Array]:
        first, second = utility(one.initiator, one.risk), utility(one.receiver, one.risk)
        direct = vote(voting, one.weight, first - second)
        siding = vote(voting, one.weight, _siding(commitment, first, second, *_odds(odds, initiator, receiver, direct)))
        cast = jnp.where(one.third, siding, 0)
        return jnp.maximum(cast, 0), jnp.maximum(-cast, 0)

    helping, opposing = summed(support, bystanders)
    return (initiator + helping) / (initiator + receiver + helping + opposing)


def _odds(odds: str, initiator: jax.Array, receiver: jax.Array, direct: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Return the initiator's chance in a contest of three, with the third party on its side and on the other."""
    help_given, total = jnp.maximum(direct, 0), initiator + receiver + jnp.abs(direct)
    if odds == "shared":
        chance = (initiator + help_given) / total
        return chance, chance
    return (initiator + jnp.abs(direct)) / total, initiator / total


def _siding(commitment: str, first: jax.Array, second: jax.Array, joined: jax.Array, opposed: jax.Array) -> jax.Array:
    """Return what a third party gains by siding with the initiator rather than the receiver, in sums of three utilities."""
    having_won = (first, second) if commitment == "full" else (1.0, 1.0)
    having_lost = (1.0, 1.0) if commitment == "none" else (first, second)
    with_initiator = joined * (2 * first + having_won[0]) + (1 - joined) * (2 * second + having_lost[1])
    with_receiver = opposed * (2 * first + having_lost[0]) + (1 - opposed) * (2 * second + having_won[1])
    return with_initiator - with_receiver


def expected_gains(stakes: Stakes, chance: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Return what the initiator and the receiver expect of a challenge, against the status quo.

    Parameters
    ----------
    stakes : Stakes
        Of the two principals.
    chance : jax.Array
        Chance that the initiator prevails.
    """
    part = 1 - 2 * stakes.resistance * (1 - chance)
    return (1 - stakes.initiator) * part, (stakes.receiver - 1) * part
