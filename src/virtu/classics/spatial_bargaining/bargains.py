"""Bargains: what a challenger proposes, and which of the bargains that concern it an actor carries out.

An initiator i that expects to prevail over j with chance P proposes, dimension by dimension, the point between the two positions with
weights ω_i = (s_i P)^n and ω_j = (s_j (1 − P))^n, n = 1 or 2; or moves each side by what the other's chance exceeds its own. The
receiver may counter with the same rule and its own estimate of P. The positions of an actor's bargains and of no bargain at all then
stand in an election among all actors, each weighing the mean utility of all positions.

Arrays carry draws along the last axis.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

LEAST_WEIGHT = 1e-6
"""Weight of each side's own position beyond what salience and chance give it; it keeps 0/0 out."""
DECIMALS = 4
"""Digits of a proposed position, in units of the scale; finer ones are spurious."""


class Sides(NamedTuple):
    """The two sides of each initiator's contest, each of shape (initiators, dimensions, draws)."""

    initiator: jax.Array  # position in [0, 1]
    receiver: jax.Array
    initiator_salience: jax.Array  # in [0, 1]
    receiver_salience: jax.Array


class Bargain(NamedTuple):
    """A bargain of each initiator, each of shape (initiators, dimensions, draws)."""

    initiator: jax.Array  # position the initiator is to take, in [0, 1]
    receiver: jax.Array  # position the receiver is to take


def interpolate(rule: str, sides: Sides, chance: jax.Array) -> Bargain:
    """Return the bargain that one side's estimate of the contest gives.

    Parameters
    ----------
    rule : str
        A name of `rules.INTERPOLATION`.
    sides : Sides
        Positions and saliences.
    chance : jax.Array
        Estimated chance that the initiator prevails, shape (initiators, draws).
    """
    chance = chance[:, None]
    if rule == "s2pmax":
        return _by_excess(sides, chance)
    power = {"s1p1": 1, "s2p2": 2}[rule]
    first = (sides.initiator_salience * chance) ** power
    second = (sides.receiver_salience * (1 - chance)) ** power
    total = first + second + LEAST_WEIGHT
    return Bargain(
        _rounded(((first + LEAST_WEIGHT) * sides.initiator + second * sides.receiver) / total),
        _rounded((first * sides.initiator + (second + LEAST_WEIGHT) * sides.receiver) / total),
    )


def _by_excess(sides: Sides, chance: jax.Array) -> Bargain:
    first, second = sides.initiator_salience**2, sides.receiver_salience**2
    yields = jnp.maximum(1 - 2 * chance, 0)
    gains = jnp.maximum(2 * chance - 1, 0)
    first_moves = yields * second / (yields * second + LEAST_WEIGHT + (1 - yields) * first)
    second_moves = gains * first / (gains * first + LEAST_WEIGHT + (1 - gains) * second)
    apart = sides.receiver - sides.initiator
    return Bargain(sides.initiator + first_moves * apart, sides.receiver - second_moves * apart)


def _rounded(position: jax.Array) -> jax.Array:
    return jnp.floor(position * 10**DECIMALS + 0.5) / 10**DECIMALS


def compromise(mine: Bargain, yours: Bargain, power: jax.Array, other_power: jax.Array) -> Bargain:
    """Return the mean of the initiator's and the receiver's bargain, weighted by the power (capability × total salience) of each.

    Parameters
    ----------
    mine, yours : Bargain
        As the initiator and as the receiver see it.
    power, other_power : jax.Array
        Shape (initiators, draws), > 0.
    """
    share = (power / (power + other_power))[:, None]
    return Bargain(*(share * first + (1 - share) * second for first, second in zip(mine, yours, strict=True)))


class Agenda(NamedTuple):
    """The bargains on offer, and no bargain at all as the first option."""

    asked: Bargain  # positions asked for, each (bargains, dimensions, draws)
    owner: jax.Array  # initiator of each bargain, shape (bargains, 1)
    target: jax.Array  # receiver of each bargain, −1 where there is none, shape (bargains, draws)


def agenda(offers: list[Bargain], target: jax.Array) -> Agenda:
    """Return the bargains that stand for election.

    Parameters
    ----------
    offers : list of Bargain
        One or two bargains of each initiator.
    target : jax.Array
        Receiver each initiator challenges, −1 for none, shape (initiators, draws).
    """
    asked = Bargain(*(jnp.concatenate(part) for part in zip(*offers, strict=True)))
    owner = jnp.tile(jnp.arange(target.shape[0])[:, None], (len(offers), 1))
    return Agenda(asked, owner, jnp.tile(target, (len(offers), 1)))


def queues(options: Agenda, actors: int) -> jax.Array:
    """Return which options each actor has: none at all, and the bargains it is a party to; shape (actors, 1 + bargains, draws), bool."""
    who = jnp.arange(actors)[:, None, None]
    party = (options.target >= 0) & ((options.owner == who) | (options.target == who))
    return jnp.concatenate([jnp.ones_like(party[:, :1]), party], 1)


def choose(chance: jax.Array, luck: jax.Array | None) -> jax.Array:
    """Return the option each actor carries out.

    Parameters
    ----------
    chance : jax.Array
        Chance of each option in each actor's election, shape (actors, options, draws).
    luck : jax.Array, optional
        Uniform numbers in [0, 1), shape (actors, draws); without them the likeliest option is taken, the first among equals.

    Returns
    -------
    jax.Array
        Shape (actors, draws): 0 is to stay.
    """
    if luck is None:
        return chance.argmax(1)
    passed = (chance.cumsum(1) <= luck[:, None] * chance.sum(1, keepdims=True)).sum(1)
    return jnp.minimum(passed, chance.shape[1] - 1)


def carried_out(options: Agenda, chosen: jax.Array, position: jax.Array) -> jax.Array:
    """Return the positions after each actor has done its part of the option it chose, shape (actors, dimensions, draws)."""
    option = jnp.maximum(chosen - 1, 0)[:, None]
    owned = jnp.take(options.owner[:, 0], option) == jnp.arange(len(position))[:, None, None]
    first, second = (jnp.take_along_axis(asked, option, 0, mode="promise_in_bounds") for asked in options.asked)
    return jnp.where((chosen == 0)[:, None], position, jnp.where(owned, first, second))
