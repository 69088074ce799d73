"""Matching pennies played again and again: whoever wins what another loses shows how deeply he models him.

A person is a k-ToM (`minds.k_tom`) of level 0, 1 or 2 with a volatility, a temperature and a bias. A person of mean depth τ is of level k
with the chance κ_k(τ) of `minds.theory_of_mind`, the truncated Poisson distribution, so that levels are summed over and the trait that is
learnt is depth; but one person has one level, which says little of the mean of levels that it was drawn from. Report the level.

In a zero-sum game the weight on the other's payoff only rescales precision, so empathy is not asked for.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from virtu import chance
from virtu.inference.priors import of_traits
from virtu.inference.probes.family import Array, Family, Probe, Values
from virtu.minds import k_tom, players
from virtu.minds.theory_of_mind import depth_weights
from virtu.scenario.vocabulary import Trait

LEVELS = ("level 0", "level 1", "level 2")

OWN: dict[str, Trait] = {
    "volatility": Trait({"normal": [-2.0, 1.0]}, -8.0, 4.0, "log variance", "drift the opponent is thought to have in a round"),
    "temperature": Trait({"normal": [-1.0, 0.7]}, -6.0, 4.0, "log payoff", "payoff by which the log odds of a choice change by one"),
    "bias": Trait({"normal": [0.0, 0.5]}, -4.0, 4.0, "log odds", "inclination to choose 1"),
}
"""Parameters of a k-ToM that are no traits. Their middles are the defaults of Devaine, Hollard & Daunizeau (2014); the spreads are ours."""

ROUNDS = 60
"""Length of the standard session, against a 1-ToM."""

BLOCK = 20
"""Rounds of a session that is considered as the next one."""


class Rounds(NamedTuple):
    """Sessions of matching pennies."""

    seat: Array  # (N,) 1 for who wins when the two differ, 0 for who wins when they are alike
    own: Array  # (N, T) choice, 0 or 1
    other: Array  # (N, T) the opponent's
    known: Array  # (N, T) 1 where a round was played, 0 where the series is filled up; rounds played come first


def asked(answers: Rounds) -> dict[str, Trait]:
    """Return what the choices depend on."""
    return of_traits("theory_of_mind_depth") | OWN


def log_likelihood(values: Values, answers: Rounds, levels: tuple[int, ...] = (0, 1, 2)) -> jax.Array:
    """Return the log-likelihood of a person's choices at each of some levels, shape (N, P, L), from parameters of shape (N, P)."""
    return jnp.stack([at_level(level, values, answers) for level in levels], axis=-1)


def log_shares(values: Values) -> jax.Array:
    """Return the log of the chance of each level, shape (…, 3), for depths of shape (…)."""
    return jnp.moveaxis(jnp.log(jnp.maximum(depth_weights(values["theory_of_mind_depth"]), jnp.finfo(jnp.float32).tiny)), 0, -1)


def at_level(level: int, values: Values, answers: Rounds) -> jax.Array:
    """Return the log-likelihood of a person's choices at one level, shape (N, P).

    Parameters
    ----------
    level : int
        0 to 2.
    values : mapping
        volatility, temperature and bias, each of shape (N, P).
    answers : Rounds
        N sessions.
    """
    game = seen_from(jnp.asarray(answers.seat)[:, None])
    own, other, known = (jnp.asarray(part, jnp.float32).T[:, :, None] for part in (answers.own, answers.other, answers.known))
    whole = np.broadcast_shapes(values["volatility"].shape, own.shape[1:])
    start = players.spread(k_tom.player(level, values["volatility"], values["temperature"], values["bias"]), whole)

    def step(carry: tuple[k_tom.KToM, jax.Array], now: tuple[jax.Array, ...]) -> tuple[tuple[k_tom.KToM, jax.Array], None]:
        player, total = carry
        mine, theirs, made = now
        odds = k_tom.leaning(k_tom.predict(player.beliefs), player.parameters.temperature, player.parameters.bias, game)
        said = jax.nn.log_sigmoid(jnp.where(mine > 0.0, odds, -odds))
        return (player.learn(mine, theirs, game), total + made * said), None

    (_, total), _ = jax.lax.scan(step, (start, jnp.zeros(whole)), (own, other, known))
    return total


def seen_from(seat: jax.Array) -> players.Game:
    """Return matching pennies as a player sees it who wins when the two differ (1) or when they are alike (0); shape (2, 2, …)."""
    pennies = players.matching_pennies()
    sign = 2.0 * seat - 1.0
    return players.Game(*(part.reshape(2, 2, *(1,) * seat.ndim) * sign for part in pennies))


def practice(persons: int) -> Rounds:
    """Return the standard session for persons in alternate seats: 60 rounds against a 1-ToM, not yet played."""
    empty = np.zeros((persons, ROUNDS), np.float32)
    return Rounds(np.arange(persons, dtype=np.float32) % 2, empty, empty, np.ones_like(empty))


def play(values: Values, answers: Rounds, seed: int, level: np.ndarray) -> Rounds:
    """Let persons of these levels, shape (N,), play against a 1-ToM."""
    return against(k_tom.player(1), values, answers, seed, level)


def against(opponent: players.Player, values: Values, answers: Rounds, seed: int, level: np.ndarray) -> Rounds:
    """Let persons play against an opponent; parameters as `play`."""
    key = chance.history_keys(seed, jnp.arange(len(level)))
    game, rounds = seen_from(jnp.asarray(answers.seat)), answers.known.shape[1]
    volatility, temperature, bias = (np.asarray(values[name], np.float32) for name in OWN)
    matches = [
        players.play(k_tom.player(one, volatility, temperature, bias), opponent, game, key, jnp.zeros(1, jnp.uint32), rounds)
        for one in range(len(LEVELS))
    ]
    mine, theirs = (np.choose(level[:, None], [np.asarray(match.choices[who]).T for match in matches]) for who in (0, 1))
    return answers._replace(own=mine.astype(np.float32), other=theirs.astype(np.float32))


def candidates() -> dict[str, Probe]:
    """Return sessions of 20 rounds against opponents of several kinds."""
    empty = np.zeros((1, BLOCK), np.float32)
    session = Rounds(np.zeros(1, np.float32), empty, empty, np.ones_like(empty))
    opponents: dict[str, players.Player] = {
        "somebody who chooses 1 with chance .5": players.biased(0.5),
        "somebody who chooses 1 with chance .8": players.biased(0.8),
        "win-stay lose-shift": players.win_stay(0.9, 0.9),
        "tit for tat": players.tit_for_tat(0.9),
        **{f"a {level}-ToM": k_tom.player(level) for level in range(3)},
    }
    return {f"{BLOCK} rounds against {name}": Probe(session, partial(against, opponent)) for name, opponent in opponents.items()}


def outcomes(answers: Rounds) -> list[Rounds]:
    """Return nothing: twenty rounds can go in a million ways."""
    return []


def room(answers: Rounds) -> int:
    """Return how many numbers a person and a point take; rounds are gone through one by one."""
    return 120


FAMILY = Family(
    name="matching-pennies",
    about="Matching pennies played again and again, where one wins what the other loses",
    asked=asked,
    log_likelihood=log_likelihood,
    practice=practice,
    play=play,
    candidates=candidates,
    outcomes=outcomes,
    room=room,
    levels=LEVELS,
    log_shares=log_shares,
)
