"""Choices between two ways of dividing something: they show how much somebody cares, and nothing of how well he reads others.

A person chooses the first of two allocations with the chance of the logit response to its utility, `minds.empathy`: what the other has
counts by a weight that depends on whether one is behind or ahead, on a kindness received and on a grievance. Nobody else moves, so depth
and precision of theory of mind, suspicion and memory do not enter.

Payoffs are in units of the root mean square difference between the two allocations, so that the precision of choice has no currency.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from virtu.inference.priors import of_traits
from virtu.inference.probes.family import Array, Family, Probe, Values
from virtu.minds import empathy
from virtu.minds.theory_of_mind import response_between_two
from virtu.scenario.vocabulary import Trait

PRECISION = Trait({"lognormal": [4.5, 0.8]}, 0.0, 200.0, "1/payoff", "precision of choice, for a usual difference of payoffs")
"""Ours. In this unit the single precision of Bruhin, Fehr & Schunk (2019) is 4.2, and those of their three types 4.9, 8.7 and 2.2."""

CENTRES, RADIUS, ANGLES = ((-2.0, 2.0), (0.0, 0.0), (2.0, -2.0)), 0.5**0.5, 7
"""Standard set: pairs opposite each other on circles around points where one is behind, level and ahead; own payoff, then the other's.

The radius makes the root mean square difference 1."""


class Choices(NamedTuple):
    """Choices between two allocations."""

    own: Array  # (N, T, 2) own payoff in the first and in the second
    other: Array  # (N, T, 2) the other's
    kindness: Array  # (N, T) 0 … 1 of the other, remembered
    grievance: Array  # (N, T) 0 … 1 against the other
    first: Array  # (N, T) 1 where the first was chosen, 0 where the second
    known: Array  # (N, T) 1 where a choice was made, 0 where the series is filled up


def asked(answers: Choices) -> dict[str, Trait]:
    """Return what the choices depend on: reciprocity and vengefulness only where there was a kindness or a grievance."""
    names = ["empathy_behind", "empathy_ahead"]
    names += ["reciprocity"] if np.any(answers.kindness) else []
    names += ["vengefulness"] if np.any(answers.grievance) else []
    return of_traits(*names) | {"choice_precision": PRECISION}


def log_odds(values: Values, answers: Choices) -> jax.Array:
    """Return the log odds of the first allocation, shape (N, T, P), from traits of shape (N, P)."""
    none = jnp.zeros_like(values["empathy_ahead"])
    traits = values["empathy_behind"], values["empathy_ahead"], values.get("reciprocity", none), values.get("vengefulness", none)
    past = jnp.asarray(answers.kindness)[..., None], jnp.asarray(answers.grievance)[..., None]

    def worth(side: int) -> jax.Array:
        own, other = (jnp.asarray(part)[..., side, None] for part in (answers.own, answers.other))
        return empathy.utility(own, other, empathy.weight(*traits, other - own, *past))

    return values["choice_precision"][:, None] * (worth(0) - worth(1))


def log_likelihood(values: Values, answers: Choices, levels: tuple[int, ...] = (0,)) -> jax.Array:
    """Return the log-likelihood of all choices of a person, shape (N, P, 1), from traits of shape (N, P)."""
    odds = log_odds(values, answers)
    said = jax.nn.log_sigmoid(jnp.where(jnp.asarray(answers.first)[..., None] > 0.0, odds, -odds))
    return jnp.sum(said * jnp.asarray(answers.known)[..., None], axis=1)[..., None]


def practice(persons: int) -> Choices:
    """Return the standard set: 21 pairs, each after nothing, a kindness and a harm; the same for everybody."""
    own, other = pairs()
    past = np.repeat(np.arange(3), len(own))
    rows = (np.tile(own, (3, 1)), np.tile(other, (3, 1)), past == 1, past == 2, np.zeros(past.shape), np.ones(past.shape))
    return Choices(*(np.broadcast_to(np.asarray(row, np.float32), (persons, *row.shape)) for row in rows))


def pairs() -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs of the standard set, own and the other's payoff, shape (21, 2) each."""
    angle = (np.arange(ANGLES) + 0.5) * np.pi / ANGLES
    middle = np.array(CENTRES)[:, None, :, None]
    step = RADIUS * np.stack([np.cos(angle), np.sin(angle)], axis=-1)[None, :, :, None] * np.array([1.0, -1.0])
    return (middle[:, :, 0] + step[:, :, 0]).reshape(-1, 2), (middle[:, :, 1] + step[:, :, 1]).reshape(-1, 2)


def play(values: Values, answers: Choices, seed: int, level: np.ndarray) -> Choices:
    """Let persons choose."""
    odds = log_odds({name: jnp.asarray(value)[:, None] for name, value in values.items()}, answers)
    chance = np.asarray(response_between_two(odds))[..., 0]
    return answers._replace(first=(np.random.default_rng(seed).random(chance.shape) < chance).astype(np.float32))


def candidates() -> dict[str, Probe]:
    """Return the pairs of the standard set one by one."""
    every = practice(1)
    said = ("", " after a kindness", " after a harm")
    found = {}
    for number in range(every.known.shape[1]):
        one = Choices(*(part[:, number : number + 1] for part in every))
        (mine, mine_too), (theirs, theirs_too) = one.own[0, 0], one.other[0, 0]
        past = said[int(one.kindness[0, 0] + 2 * one.grievance[0, 0])]
        found[f"{mine:+.2f} for me and {theirs:+.2f} for you, or {mine_too:+.2f} and {theirs_too:+.2f}{past}"] = Probe(one, play)
    return found


def outcomes(answers: Choices) -> list[Choices]:
    """Return both answers to each pair; nothing where there are several choices."""
    return [answers._replace(first=np.full_like(answers.first, first)) for first in (0.0, 1.0)] if answers.first.shape[1] == 1 else []


def room(answers: Choices) -> int:
    """Return how many numbers a person and a point take."""
    return 6 * answers.known.shape[1]


FAMILY = Family(
    name="dictator",
    about="Choices between two ways of dividing something between oneself and another",
    asked=asked,
    log_likelihood=log_likelihood,
    practice=practice,
    play=play,
    candidates=candidates,
    outcomes=outcomes,
    room=room,
)
