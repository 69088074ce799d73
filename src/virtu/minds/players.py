"""Players of a repeated game of two, and the loop in which they play it.

A game is two by two: both choose 0 or 1 at once, are paid, see what the other chose, and play again. A player is a named tuple of
arrays that knows the chance with which it will choose 1 and what it becomes once a round is over. The players here are rules of thumb
against which learners are measured: one who draws from a fixed chance, win-stay lose-shift (Nowak & Sigmund 1993) and tit for tat
(Axelrod & Hamilton 1981). The learner that models its opponent is `virtu.minds.k_tom`.

Arrays broadcast: pairs that play at the same time, and histories, lie along the trailing axes (…, H), histories last.
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple, Protocol, TypeVar, runtime_checkable

import jax
import jax.core
import jax.numpy as jnp
import numpy as np

from virtu import chance
from virtu.errors import InputError


class Game(NamedTuple):
    """What a round pays, seen by one of the two players."""

    mine: jax.Array  # (2, 2) or (2, 2, …, H) own payoff by own choice and the other's; any unit
    theirs: jax.Array  # (2, 2) or (2, 2, …, H) the other's payoff by the other's choice and one's own

    def swapped(self) -> Game:
        """Return the game as the other player sees it."""
        return Game(self.theirs, self.mine)

    def gain(self, expected: jax.Array) -> jax.Array:
        """Return what choosing 1 rather than 0 is expected to pay, payoff units, if the other chooses 1 with the chance expected."""
        pay = self.mine
        return expected * (pay[1, 1] - pay[0, 1]) + (1.0 - expected) * (pay[1, 0] - pay[0, 0])

    def payoff(self, own: jax.Array, other: jax.Array) -> jax.Array:
        """Return the payoff of a round from both choices, 0 or 1, shape (…, H)."""
        pay = self.mine
        return jnp.where(own > 0, jnp.where(other > 0, pay[1, 1], pay[1, 0]), jnp.where(other > 0, pay[0, 1], pay[0, 0]))


def game(first: Any, second: Any) -> Game:
    """Return a game, as its first player sees it, from the two tables of payoffs.

    Parameters
    ----------
    first, second : array_like
        Payoffs of the two players by choice of the first (rows) and of the second (columns), shape (2, 2).

    Raises
    ------
    InputError
        If a table is not two by two, or a payoff is not a finite number.
    """
    tables = [np.asarray(table, np.float32) for table in (first, second)]
    for table in tables:
        if table.shape != (2, 2) or not np.isfinite(table).all():
            raise InputError(f"a table of payoffs is two by two and finite, not {table.tolist()}", "rows are the first player's choices")
    return Game(jnp.asarray(tables[0]), jnp.asarray(tables[1].T))


def matching_pennies() -> Game:
    """Return matching pennies as the first player sees it, who wins 1 when the two differ; the second wins 1 when they are alike."""
    alike = np.array([[1.0, -1.0], [-1.0, 1.0]], np.float32)
    return game(-alike, alike)


@runtime_checkable
class Player(Protocol):
    """Whoever plays: a named tuple of arrays that broadcast to (…, H)."""

    def chance(self, game: Game) -> jax.Array:
        """Return the chance in [0, 1] of choosing 1 in the coming round."""
        ...

    def learn(self, own: jax.Array, other: jax.Array, game: Game) -> Player:
        """Return the player after a round, given both choices, 0 or 1."""
        ...


class Biased(NamedTuple):
    """A player who chooses 1 with a fixed chance."""

    one: jax.Array  # (…, H) chance of 1

    def chance(self, game: Game) -> jax.Array:
        """Return the fixed chance."""
        return self.one

    def learn(self, own: jax.Array, other: jax.Array, game: Game) -> Biased:
        """Return the player unchanged."""
        return self


class WinStay(NamedTuple):
    """Win-stay lose-shift: repeats a choice that paid at least the mean of the own table, and changes one that paid less."""

    stay: jax.Array  # (…, H) chance of repeating after a win
    shift: jax.Array  # (…, H) chance of changing after a loss
    one: jax.Array  # (…, H) chance of 1 in the coming round; state

    def chance(self, game: Game) -> jax.Array:
        """Return the chance of 1 that the last round has left."""
        return self.one

    def learn(self, own: jax.Array, other: jax.Array, game: Game) -> WinStay:
        """Return the player after a round."""
        won = game.payoff(own, other) >= jnp.mean(game.mine, axis=(0, 1))
        again = jnp.where(won, self.stay, 1.0 - self.shift)
        return self._replace(one=jnp.where(own > 0, again, 1.0 - again))


class TitForTat(NamedTuple):
    """Tit for tat: does what the other did last; 1 is to cooperate, and is what it starts with."""

    copy: jax.Array  # (…, H) chance of copying faithfully
    one: jax.Array  # (…, H) chance of 1 in the coming round; state

    def chance(self, game: Game) -> jax.Array:
        """Return the chance of 1 that the last round has left."""
        return self.one

    def learn(self, own: jax.Array, other: jax.Array, game: Game) -> TitForTat:
        """Return the player after a round."""
        return self._replace(one=jnp.where(other > 0, self.copy, 1.0 - self.copy))


def biased(one: Any = 0.5) -> Biased:
    """Return a player who chooses 1 with a fixed chance.

    Parameters
    ----------
    one : array_like
        Chance of 1 in [0, 1], shape () or (…, H).
    """
    return Biased(probability("one", one))


def win_stay(stay: Any = 1.0, shift: Any = 1.0) -> WinStay:
    """Return a win-stay lose-shift player, who begins with either choice at even odds.

    Parameters
    ----------
    stay, shift : array_like
        Chance in [0, 1] of repeating what won and of changing what lost, shape () or (…, H).
    """
    return WinStay(probability("stay", stay), probability("shift", shift), jnp.float32(0.5))


def tit_for_tat(copy: Any = 1.0) -> TitForTat:
    """Return a tit-for-tat player, who begins with 1.

    Parameters
    ----------
    copy : array_like
        Chance in [0, 1] of doing what the other did last, shape () or (…, H).
    """
    return TitForTat(probability("copy", copy), jnp.float32(1.0))


def probability(name: str, value: Any) -> jax.Array:
    """Return a probability in single precision, or raise InputError naming it where it is none."""
    return within(name, value, 0.0, 1.0)


def within(name: str, value: Any, low: float, high: float) -> jax.Array:
    """Return numbers in single precision, or raise InputError if one is outside its range; what is being traced is let through."""
    if isinstance(value, jax.core.Tracer):
        return value.astype(jnp.float32)
    given = np.asarray(value, np.float32)
    if not ((given >= low) & (given <= high)).all():
        raise InputError(f"{name} lies between {low:g} and {high:g}, not {value}")
    return jnp.asarray(given)


class Match(NamedTuple):
    """What came of a match: of shape (rounds, …, H), and each player after the last round."""

    choices: tuple[jax.Array, jax.Array]  # 0 or 1 of the first and of the second player, int8
    chances: tuple[jax.Array, jax.Array]  # chance in [0, 1] of 1 beforehand, float32
    players: tuple[Any, Any]  # as they were given, but changed by what they learnt


@partial(jax.jit, static_argnames="rounds")
def play(first: Player, second: Player, game: Game, key: chance.Key, slots: jax.Array, rounds: int) -> Match:
    """Let two players play a game again and again; compiled once for each kind of pair, shape and number of rounds.

    Parameters
    ----------
    first, second : Player
        Players whose arrays broadcast to (…, H).
    game : Game
        The game as the first player sees it.
    key : chance.Key
        Keys of H histories, from `chance.history_keys`.
    slots : jax.Array
        Codes of the pairs, shape (…, H) or (…, 1), uint32; pairs with the same code in the same history have the same luck.
    rounds : int
        Number of rounds, at least 1.

    Returns
    -------
    Match
        Choices, chances and the players as they end.

    Raises
    ------
    InputError
        If there is no round to play, or a player's arrays do not broadcast to (…, H).
    """
    if rounds < 1:
        raise InputError(f"a match has at least one round, not {rounds}")
    shape = jnp.broadcast_shapes(slots.shape, key.shape[-1:])
    pair = spread(first, shape), spread(second, shape)

    def step(pair: tuple[Any, Any], now: jax.Array) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
        luck = chance.draws(key, ("game first", "game second"), now, slots)
        odds = pair[0].chance(game), pair[1].chance(game.swapped())
        one = (luck["game first"][0] < odds[0]).astype(jnp.int8)
        two = (luck["game second"][0] < odds[1]).astype(jnp.int8)
        return (pair[0].learn(one, two, game), pair[1].learn(two, one, game.swapped())), ((one, two), odds)

    pair, (choices, chances) = jax.lax.scan(step, pair, jnp.arange(rounds))
    return Match(choices, chances, pair)


Someone = TypeVar("Someone", bound=Player)


@jax.jit
def replay(player: Someone, game: Game, own: jax.Array, other: jax.Array) -> tuple[jax.Array, Someone]:
    """Lead a player through rounds that were played already.

    Parameters
    ----------
    player : Player
        Whose arrays broadcast to (…, H).
    game : Game
        The game as this player sees it.
    own, other : jax.Array
        Choices, 0 or 1, shape (rounds, …, H).

    Returns
    -------
    tuple
        Chance of 1 before each round, shape (rounds, …, H), and the player after the last.
    """

    def step(player: Any, seen: tuple[jax.Array, jax.Array]) -> tuple[Any, jax.Array]:
        return player.learn(*seen, game), player.chance(game)

    last, chances = jax.lax.scan(step, spread(player, own.shape[1:]), (own, other))
    return chances, last


def spread(player: Someone, shape: tuple[int, ...]) -> Someone:
    """Return a player of whose arrays each has the full shape, which differentiating number by number needs."""
    for part in jax.tree.leaves(player):
        if part.ndim > len(shape) or any(size not in {1, full} for size, full in zip(part.shape[::-1], shape[::-1], strict=False)):
            raise InputError(f"a player's array of shape {part.shape} does not broadcast to {shape}", "pairs first, histories last")
    return jax.tree.map(lambda part: jnp.broadcast_to(part, shape), player)
