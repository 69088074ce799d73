"""One-shot games of two who choose at once: rows against columns.

A person predicts what the other will choose, q = Σ_k κ_k Σ_ω b_ω q_{k,ω}, with levels κ of mean depth and a precision attributed to the
other (`minds.theory_of_mind`), and with his prior over the other's intent (`minds.suspicion`): an other of intent ω wants
(1 − ω) Π_other + ω Π_person. What is predicted is worked out from payoffs alone. He then chooses by the logit response to his own utility,
in which the other's payoff counts (`minds.empathy`): caring enters what he wants and never what he predicts.

Payoffs are in units of their root mean square deviation over all games of a table.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from virtu.inference.priors import of_traits
from virtu.inference.probes.family import Array, Family, Probe, Values, chosen
from virtu.minds import empathy, suspicion
from virtu.minds.choice import quantal_response
from virtu.minds.theory_of_mind import Game, depth_weights, expected_payoff, prediction, reason
from virtu.scenario.vocabulary import Trait

PRECISION = Trait({"lognormal": [3.0, 0.8]}, 0.0, 200.0, "1/payoff", "precision of choice, for payoffs of unit deviation")
"""Ours: with it the better of two rows that differ by a third of a deviation is chosen in about three of four cases."""

GAMES, ROWS, COLUMNS, HIGHEST, SERIES = 40, 3, 3, 9, 20
"""Standard set: so many games of so many rows and columns, with payoffs of 0 to so much; and the number of the series they are drawn as."""


class Plays(NamedTuple):
    """Games of n rows and m columns that persons, who choose rows, have played."""

    own: Array  # (N, T, n, m) payoff of the person, row by column
    other: Array  # (N, T, m, n) payoff of the other, column by row
    row: Array  # (N, T) int32 row chosen, 0 …
    known: Array  # (N, T) 1 where a game was played, 0 where the series is filled up


def asked(answers: Plays) -> dict[str, Trait]:
    """Return what the choices depend on."""
    names = ("theory_of_mind_depth", "theory_of_mind_precision", "empathy_behind", "empathy_ahead", "suspicion")
    return of_traits(*names) | {"choice_precision": PRECISION}


def chances(values: Values, answers: Plays) -> jax.Array:
    """Return the chance of each row, shape (N, P, T, n), from traits of shape (N, P)."""
    trait = {name: jnp.asarray(value)[..., None] for name, value in values.items()}
    own, other = jnp.asarray(answers.own)[:, None], jnp.asarray(answers.other)[:, None]
    theirs = jnp.swapaxes(own, -1, -2)
    by_intent = jnp.stack([(1.0 - intent) * other + intent * theirs for intent in suspicion.INTENTS])
    belief = suspicion.prior(trait["suspicion"])
    levels = reason(Game(own, by_intent, belief), 2, trait["choice_precision"], trait["theory_of_mind_precision"])
    foreseen = prediction(levels, depth_weights(trait["theory_of_mind_depth"]), belief)
    return quantal_response(expected_payoff(wanted(trait, own, other), foreseen), trait["choice_precision"])


def wanted(trait: Values, own: jax.Array, other: jax.Array) -> jax.Array:
    """Return the utility of each outcome, shape (N, P, T, n, m), from traits of shape (N, P, 1) and payoffs with an axis P of 1."""
    theirs = jnp.swapaxes(other, -1, -2)
    behind, ahead = (trait[name][..., None, None] for name in ("empathy_behind", "empathy_ahead"))
    none = jnp.zeros_like(behind)
    return empathy.utility(own, theirs, empathy.weight(behind, ahead, none[:, 0], none[:, 0], theirs - own, none, none))


def log_likelihood(values: Values, answers: Plays, levels: tuple[int, ...] = (0,)) -> jax.Array:
    """Return the log-likelihood of all choices of a person, shape (N, P, 1), from traits of shape (N, P)."""
    found = chances(values, answers)
    row = jnp.asarray(answers.row)[:, None, :, None]
    said = jnp.log(jnp.maximum(jnp.take_along_axis(found, row, axis=-1)[..., 0], jnp.finfo(jnp.float32).tiny))
    return jnp.sum(said * jnp.asarray(answers.known)[:, None], axis=-1)[..., None]


def games() -> tuple[np.ndarray, np.ndarray]:
    """Return the random games of the standard set: payoffs of the person and of the other, row by column, shape (40, 3, 3), integers."""
    own, other = np.random.default_rng(SERIES).integers(0, HIGHEST + 1, (2, GAMES, ROWS, COLUMNS))
    return own, other


def practice(persons: int) -> Plays:
    """Return the standard set, in units of the deviation of its payoffs; the same for everybody."""
    own, other = games()
    unit = np.stack([own, other]).std()
    series = ((own / unit).astype(np.float32), np.swapaxes(other / unit, -1, -2).astype(np.float32))
    rows = (*series, np.zeros(GAMES, np.int32), np.ones(GAMES, np.float32))
    return Plays(*(np.broadcast_to(row, (persons, *row.shape)) for row in rows))


def play(values: Values, answers: Plays, seed: int, level: np.ndarray) -> Plays:
    """Let persons choose."""
    found = np.asarray(chances({name: jnp.asarray(value)[:, None] for name, value in values.items()}, answers))[:, 0]
    return answers._replace(row=chosen(found, np.random.default_rng(seed).random(found.shape[:-1])).astype(np.int32))


def candidates() -> dict[str, Probe]:
    """Return the games of the standard set one by one."""
    every = practice(1)
    found = {}
    for number, (mine, theirs) in enumerate(zip(*games(), strict=True)):
        cells = "; ".join(" ".join(f"{a}/{b}" for a, b in zip(*row, strict=True)) for row in zip(mine, theirs, strict=True))
        found[cells] = Probe(Plays(*(part[:, number : number + 1] for part in every)), play)
    return found


def outcomes(answers: Plays) -> list[Plays]:
    """Return every row that may be chosen in each game; nothing where there are several games."""
    _, games, rows, _ = answers.own.shape
    return [answers._replace(row=np.full_like(answers.row, row)) for row in range(rows)] if games == 1 else []


def room(answers: Plays) -> int:
    """Return how many numbers a person and a point take."""
    _, games, rows, columns = answers.own.shape
    return games * rows * columns * (2 * len(suspicion.INTENTS) + 6)


FAMILY = Family(
    name="matrix",
    about="One-shot games of two who choose at once, row against column",
    asked=asked,
    log_likelihood=log_likelihood,
    practice=practice,
    play=play,
    candidates=candidates,
    outcomes=outcomes,
    room=room,
)
