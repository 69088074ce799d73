"""One turn: everybody judges where they stand, challenges whom it pays to challenge, and carries out one bargain.

Everything is computed for all draws at once; the last axis of every array is the draw. Positions are in units of their scales.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from virtu.classics.spatial_bargaining import bargains, contests, votes
from virtu.classics.spatial_bargaining.rules import Rules

LEAST_GAIN = 1e-5
"""Expected gain in utility up to which a challenge is not worth making."""
OFFERS = {"initiator": ("proposal",), "both": ("proposal", "counter"), "compromise": ("compromise",)}
"""Bargains of an `Account` that each rule of proposals puts to the vote."""
INSIDE = "promise_in_bounds"
"""How arrays are indexed: numbers of actors are always within them."""
SAME_PLACE = 1e-3
"""Distance in units of the scale below which two positions count as one option."""


class Actors(NamedTuple):
    """What the actors bring to the table."""

    position: Any  # in [0, 1], shape (actors, dimensions, draws)
    capability: Any  # ≥ 0, shape (actors, draws); who has none is not at the table
    salience: Any  # in [0, 1] with a sum in (0, 1] for each actor, shape (actors, dimensions, draws)


class Assessment(NamedTuple):
    """How the actors judge where they stand."""

    distance: jax.Array  # of each position from each actor, shape (actors, positions, draws)
    chance: jax.Array  # to win among neutral actors, shape (actors, draws)
    risk: jax.Array  # risk aversion in [−1, 1], shape (actors, draws)
    regard: jax.Array  # each actor's estimate of each other's, shape (estimator, actor, draws)


class Challenges(NamedTuple):
    """Whom each actor challenges, and what the two sides make of it; each of shape (actors, draws)."""

    target: jax.Array  # number of the receiver, −1 where no challenge pays
    chance: jax.Array  # that the initiator prevails, in its own eyes
    gain: jax.Array  # what the initiator expects for itself, utility
    cost: jax.Array  # what it expects for the receiver
    seen_chance: jax.Array  # that the initiator prevails, in the receiver's eyes
    seen_gain: jax.Array  # what the receiver expects for the initiator
    seen_cost: jax.Array  # what the receiver expects for itself


class Account(NamedTuple):
    """All that happened in a turn."""

    challenges: Challenges
    proposal: bargains.Bargain  # what the initiator proposes, each (actors, dimensions, draws); meaningless without a target
    counter: bargains.Bargain  # what the receiver would propose
    compromise: bargains.Bargain  # the mean of the two by power
    worth: jax.Array  # mean utility of all positions to each actor after each option, shape (actors, options, draws)
    strength: jax.Array  # coalition for each option against each other, shape (options, options, draws)
    support: jax.Array  # chance of each option in each actor's election, shape (actors, options, draws)
    chosen: jax.Array  # option each carries out: 0 stays, 1 + i is i's bargain, 1 + actors + i the counter to it; shape (actors, draws)
    position: jax.Array  # after the turn, shape (actors, dimensions, draws)


def assess(rules: Rules, compatible: bool, actors: Actors) -> Assessment:
    """Return distances, chances to win, and risk aversions."""
    distance = contests.distances(actors.position, actors.salience, actors.position)
    present = actors.capability > 0
    strength = votes.coalitions(rules.voting, actors.capability, contests.utility(distance, 0.0), compatible)
    chance = votes.election(rules.election, rules.victory, strength, present[None])[0]
    risk = contests.risk_aversion(rules.risk_range, chance, present)
    return Assessment(distance, chance, risk, contests.risk_estimates(rules.risk_estimate, risk))


def challenge(rules: Rules, actors: Actors, found: Assessment) -> Challenges:
    """Return whom each actor challenges, and what the two sides expect of it."""
    stakes, onlookers = _own_eyes(actors, found)
    chance = contests.contest(rules.voting, rules.commitment, rules.third_party_odds, stakes, onlookers)
    gain, cost = contests.expected_gains(stakes, chance)
    present, number = actors.capability > 0, jnp.arange(len(chance))
    gain = jnp.where(present[:, None] & present & (number[:, None] != number)[..., None], gain, -1.0)
    best = gain.argmax(1)
    seen_stakes, seen_onlookers = _target_eyes(actors, found, best)
    seen = contests.contest(rules.voting, rules.commitment, rules.third_party_odds, seen_stakes, seen_onlookers)
    target = jnp.where(gain.max(1) > LEAST_GAIN, best, -1)
    return Challenges(target, _at(chance, best), gain.max(1), _at(cost, best), seen, *contests.expected_gains(seen_stakes, seen))


def _own_eyes(actors: Actors, found: Assessment) -> tuple[contests.Stakes, contests.Bystanders]:
    """Return every contest as its initiator sees it, with shape (initiators, receivers, draws)."""
    salience = actors.salience.sum(1)
    weight, number = actors.capability * salience, jnp.arange(len(salience))
    stakes = contests.Stakes(
        initiator=contests.utility(found.distance, found.risk[:, None]),
        receiver=contests.utility(found.distance.swapaxes(0, 1), found.regard),
        initiator_weight=weight[:, None],
        receiver_weight=weight,
        resistance=salience,
    )
    other = number[:, None] != number
    onlookers = contests.Bystanders(
        initiator=found.distance[:, :, None],
        receiver=found.distance[:, None],
        risk=found.regard.swapaxes(0, 1)[:, :, None],
        weight=weight[:, None, None],
        third=(other[:, :, None] & other[:, None])[..., None],
    )
    return stakes, onlookers


def _target_eyes(actors: Actors, found: Assessment, target: jax.Array) -> tuple[contests.Stakes, contests.Bystanders]:
    """Return the contest of each initiator with its target as the target sees it, with shape (initiators, draws)."""
    salience = actors.salience.sum(1)
    weight, number = actors.capability * salience, jnp.arange(len(salience))
    in_their_eyes, from_there = found.regard.swapaxes(0, 1), found.distance.swapaxes(0, 1)
    stakes = contests.Stakes(
        initiator=contests.utility(_at(found.distance, target), _at(in_their_eyes, target)),
        receiver=contests.utility(_at(from_there, target), _of(found.risk, target)),
        initiator_weight=weight,
        receiver_weight=_of(weight, target),
        resistance=_of(salience, target),
    )
    onlookers = contests.Bystanders(
        initiator=found.distance,
        receiver=jnp.take_along_axis(found.distance, target[None], 1, mode=INSIDE),
        risk=jnp.take_along_axis(in_their_eyes, target[None], 1, mode=INSIDE),
        weight=weight[:, None],
        third=(number[:, None] != number)[..., None] & (number[:, None, None] != target),
    )
    return stakes, onlookers


def _at(number: jax.Array, target: jax.Array) -> jax.Array:
    """Return, of what each actor has for each other, what it has for its target."""
    return jnp.take_along_axis(number, target[:, None], 1, mode=INSIDE)[:, 0]


def _of(number: jax.Array, target: jax.Array) -> jax.Array:
    """Return what the target of each actor has."""
    index = target.reshape(len(target), *(1,) * (number.ndim - 2), -1)
    return jnp.take_along_axis(number, index, 0, mode=INSIDE)


def turn(rules: Rules, compatible: bool, actors: Actors, luck: Any) -> Account:
    """Play a turn.

    Parameters
    ----------
    rules : Rules
        The variant played.
    compatible : bool
        Keep the defects of the reference.
    actors : Actors
        What the actors bring to the table.
    luck : array, optional
        Uniform numbers in [0, 1), shape (actors, draws), where the transition is stochastic.
    """
    found = assess(rules, compatible, actors)
    made = challenge(rules, actors, found)
    mine, yours, both = _offers(rules, compatible, actors, made)
    offers = {"proposal": mine, "counter": yours, "compromise": both}
    options = bargains.agenda([offers[name] for name in OFFERS[rules.proposals]], made.target)
    worth = _worth(actors, found, options)
    strength = votes.coalitions(rules.voting, actors.capability, worth, compatible)
    support = votes.election(rules.election, rules.victory, strength, bargains.queues(options, len(made.target)))
    chosen = bargains.choose(support, luck)
    position = bargains.carried_out(options, chosen, actors.position)
    return Account(made, mine, yours, both, worth, strength, support, chosen, position)


def _offers(rules: Rules, compatible: bool, actors: Actors, made: Challenges) -> tuple[bargains.Bargain, ...]:
    """Return the bargain each initiator proposes, the one its target would, and their compromise.

    The reference puts the initiator's gain, as the target sees it, where its chance to prevail belongs, and weighs the target's side of
    the compromise by the initiator's capability.
    """
    target = jnp.maximum(made.target, 0)
    salience = _of(actors.salience, target)
    sides = bargains.Sides(actors.position, _of(actors.position, target), actors.salience, salience)
    mine = bargains.interpolate(rules.interpolation, sides, made.chance)
    yours = bargains.interpolate(rules.interpolation, sides, made.seen_gain if compatible else made.seen_chance)
    capability = actors.capability if compatible else _of(actors.capability, target)
    both = bargains.compromise(mine, yours, actors.capability * actors.salience.sum(1), capability * salience.sum(1))
    return mine, yours, both


def _worth(actors: Actors, found: Assessment, options: bargains.Agenda) -> jax.Array:
    """Return the mean utility of all positions to each actor, as they are and after each bargain, shape (actors, 1 + bargains, draws)."""
    present = actors.capability > 0
    held = jnp.where(present[None], contests.utility(found.distance, found.risk[:, None]), 0)
    target = jnp.maximum(options.target, 0)[None]
    leaves = jnp.take(held, options.owner[:, 0], 1) + jnp.take_along_axis(held, target, 1, mode=INSIDE)
    asked = (contests.utility(contests.distances(actors.position, actors.salience, place), found.risk[:, None]) for place in options.asked)
    now = held.sum(1, keepdims=True)
    return jnp.concatenate([now, now + sum(asked, -leaves)], 1) / present.sum(0)


def standing(rules: Rules, actors: Actors, found: Assessment) -> jax.Array:
    """Return the chance that the position each actor holds wins, when nearly equal positions are one option, shape (actors, draws).

    Votes are proportional whatever the rule, and risk aversions are the true ones.
    """
    apart = jnp.sqrt(((actors.position[:, None] - actors.position[None]) ** 2).sum(2))
    same = (apart < SAME_PLACE) & (actors.capability > 0)[:, None] & (actors.capability > 0)
    first: list[jax.Array] = []
    for number in range(len(same)):
        taken = sum((first[other] & same[number, other] for other in range(number)), jnp.zeros_like(same[0, 0]))
        first.append(same[number, number] & ~taken.astype(bool))
    strength = votes.coalitions("proportional", actors.capability, contests.utility(found.distance, found.risk[:, None]))
    chance = votes.election(rules.election, rules.victory, strength, jnp.stack(first)[None])[0]
    share = same & jnp.stack(first)[None]
    last = jnp.where(share, jnp.arange(len(same))[:, None], -1).max(1)
    return jnp.where(jnp.arange(len(same))[:, None] == last[:, None], chance[None], 0).sum(1)
