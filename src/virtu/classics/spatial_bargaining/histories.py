"""Whole bargains: turn after turn until hardly anybody moves, one at a time with every account kept, or many draws at once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, NamedTuple

import jax
import numpy as np
from numpy.typing import ArrayLike

from virtu.classics.spatial_bargaining.rules import Rules, checked_rules
from virtu.classics.spatial_bargaining.table import Table, checked_table, on_scale, unit_positions
from virtu.classics.spatial_bargaining.turns import OFFERS, Account, Actors, Assessment, assess, standing, turn
from virtu.errors import InputError

LONGEST = 100
"""Turns after which a bargain ends in any case."""
FIRST_MOVES = 1e-4
"""What is added to the moves of the first turn before others are measured by them, in units of the scale."""
CHUNK = 32
"""Draws in a compiled turn: enough to fill the processor's vectors, few enough to stay in its cache."""


class History(NamedTuple):
    """One bargain from the first position to the last."""

    table: Table
    rules: Rules
    position: np.ndarray  # on the scales, shape (turns + 1, actors, dimensions)
    assessment: Assessment  # before each turn and after the last: arrays with turns + 1 along the first axis
    chance: np.ndarray  # that the position each actor holds wins, nearly equal ones counted as one; shape (turns + 1, actors)
    moved: np.ndarray  # sum of all moves in units of the scales, shape (turns,)
    settled: bool  # whether it ended because hardly anybody moved
    accounts: Account  # arrays with turns along the first axis, in units of the scales


class Deed(NamedTuple):
    """One challenge and what came of it."""

    turn: int
    initiator: str
    receiver: str
    chance: float  # that the initiator prevails, in its own eyes
    gain: float  # what it expects for itself, utility
    counter: bool  # whether this is the receiver's bargain
    asks_initiator: tuple[float, ...]  # position the initiator is to take, on the scales
    asks_receiver: tuple[float, ...]  # position the receiver is to take
    initiator_moves: bool  # whether each side carried it out
    receiver_moves: bool


class Outcomes(NamedTuple):
    """How draws of a bargain ended."""

    position: np.ndarray  # on the scales, shape (actors, dimensions, draws)
    turns: np.ndarray  # turns played, shape (draws,)
    settled: np.ndarray  # bool, whether it ended because hardly anybody moved, shape (draws,)


def bargain(
    table: Table, rules: Rules | None = None, turns: int = LONGEST, compatible: bool = False, seed: int = 0, draw: int = 0
) -> History:
    """Play a bargain and keep every account.

    Parameters
    ----------
    table : Table
        Who bargains, without an axis of draws.
    rules : Rules, optional
        The variant played; that of the reference log by default.
    turns : int
        Turns at most, at least 1.
    compatible : bool
        Keep the defects of the reference, see the package.
    seed, draw : int
        Chance of a stochastic transition: the seed and the number of the draw; numbers ≥ 0.

    Raises
    ------
    InputError
        If the table, the rules or the number of turns is at fault.
    """
    table, rules = _checked(table, rules or Rules(), turns, axes=2)
    told: list[Account] = []
    moved: list[float] = []
    with jax.enable_x64(True):
        actors = Actors(*(part[..., None] for part in _actors(table)))
        states = [_state(rules, compatible, actors)]
        while len(moved) < turns and not (moved and _settled(rules, len(moved), moved[0], moved[-1])):
            account = _turn(rules, compatible, actors, _luck(rules, seed, [draw], [len(moved)], len(table.capability)))
            moved.append(float(_moves(account.position, actors.position)[0]))
            actors = actors._replace(position=account.position)
            told.append(account)
            states.append(_state(rules, compatible, actors))
    position, found, chances = _stacked(states)
    settled = bool(_settled(rules, len(moved), moved[0], moved[-1]))
    return History(table, rules, on_scale(table, position), found, chances, np.array(moved), settled, _stacked(told))


def bargain_draws(
    table: Table, rules: Rules | None = None, turns: int = LONGEST, compatible: bool = False, seed: int = 0, workers: int | None = None
) -> Outcomes:
    """Play many draws of a bargain, each to its own end.

    Parameters
    ----------
    table : Table
        With draws along the last axis of each array; see `drawn`.
    rules, turns, compatible, seed
        As in `bargain`; draw number k has the chance of ``bargain(…, seed=seed, draw=k)``.
    workers : int, optional
        Chunks of draws run at once; one a processor by default.

    Raises
    ------
    InputError
        If the table, the rules or the number of turns is at fault.
    """
    table, rules = _checked(table, rules or Rules(), turns, axes=3)
    actors, draws = _actors(table), table.capability.shape[1]
    ended = Outcomes(np.empty_like(actors.position), np.empty(draws, int), np.empty(draws, bool))
    workers = min(workers or _processors(), draws)
    play = partial(_play, rules, turns, compatible, seed, actors, ended)
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(play, (np.arange(first, draws, workers) for first in range(workers))))
    return ended._replace(position=np.moveaxis(on_scale(table, np.moveaxis(ended.position, 1, -1)), -1, 1))


class _Seats(NamedTuple):
    """The draws being played in a chunk; one that has ended leaves its place to the next."""

    number: np.ndarray  # of the draw, −1 where the place is free, shape (places,)
    actors: Actors
    played: np.ndarray  # turns, shape (places,)
    first: np.ndarray  # moves of the first turn, shape (places,)


def _play(rules: Rules, turns: int, compatible: bool, seed: int, actors: Actors, ended: Outcomes, numbers: np.ndarray) -> None:
    """Play the draws of these numbers and note how each ended."""
    size = min(CHUNK, len(numbers))
    empty = Actors(*(np.repeat(part[..., :1], size, -1) for part in actors))
    seats = _Seats(np.full(size, -1), empty, np.zeros(size, int), np.ones(size))
    with jax.enable_x64(True):
        while len(numbers) or (seats.number >= 0).any():
            seats, numbers = _seated(seats, actors, numbers)
            luck = _luck(rules, seed, np.maximum(seats.number, 0), seats.played, len(actors.capability))
            position = np.asarray(_position_after(rules, compatible, seats.actors, luck))
            moved = _moves(position, seats.actors.position)
            first, played = np.where(seats.played == 0, moved, seats.first), seats.played + 1
            settled = _settled(rules, played, first, moved)
            over = (seats.number >= 0) & (settled | (played >= turns))
            for whole, part in zip(ended, (position, played, settled), strict=True):
                whole[..., seats.number[over]] = part[..., over]
            seats = _Seats(np.where(over, -1, seats.number), seats.actors._replace(position=position), played, first)


def _seated(seats: _Seats, actors: Actors, waiting: np.ndarray) -> tuple[_Seats, np.ndarray]:
    """Return the places with those free given to draws that wait, and the numbers of those that still wait."""
    free = np.flatnonzero(seats.number < 0)[: len(waiting)]
    taken = waiting[: len(free)]
    if not len(free):
        return seats, waiting
    new = jax.tree.map(np.array, seats)
    new.number[free], new.played[free] = taken, 0
    for part, whole in zip(new.actors, actors, strict=True):
        part[..., free] = whole[..., taken]
    return new, waiting[len(free) :]


@partial(jax.jit, static_argnums=(0, 1))
def _turn(rules: Rules, compatible: bool, actors: Actors, luck: np.ndarray | None) -> Account:
    return turn(rules, compatible, actors, luck)


@partial(jax.jit, static_argnums=(0, 1))
def _position_after(rules: Rules, compatible: bool, actors: Actors, luck: np.ndarray | None) -> jax.Array:
    return turn(rules, compatible, actors, luck).position


@partial(jax.jit, static_argnums=(0, 1))
def _state(rules: Rules, compatible: bool, actors: Actors) -> tuple[jax.Array, Assessment, jax.Array]:
    """Return what is told of the state before and after each turn: positions, how they are judged, chances to win."""
    found = assess(rules, compatible, actors)
    return actors.position, found, standing(rules, actors, found)


def _checked(table: Table, rules: Rules, turns: int, axes: int) -> tuple[Table, Rules]:
    if turns < 1:
        raise InputError(f"turns is {turns}, but at least one turn must be played")
    if np.ndim(table.position) != axes:
        hint = "bargain takes one table, bargain_draws takes draws along the last axis"
        raise InputError(f"positions have {np.ndim(table.position)} axes, but {axes} are wanted", hint)
    return checked_table(table), checked_rules(rules)


def _actors(table: Table) -> Actors:
    return Actors(unit_positions(table), table.capability, table.salience)


def _stacked(parts: list[Any]) -> Any:
    """Return the arrays of one draw with turns along the first axis."""
    return jax.tree.map(lambda *turns: np.stack([np.asarray(one)[..., 0] for one in turns]), *parts)


def _moves(after: ArrayLike, before: ArrayLike) -> np.ndarray:
    """Return the sum of the lengths of all moves, shape (draws,)."""
    return np.sqrt(((np.asarray(after) - np.asarray(before)) ** 2).sum(1)).sum(0)


def _settled(rules: Rules, played: ArrayLike, first: ArrayLike, last: ArrayLike) -> np.ndarray:
    """Return whether hardly anybody moved any more in the last turn played."""
    quiet = np.asarray(last) / (np.asarray(first) + FIRST_MOVES) < rules.still
    return quiet & (np.asarray(played) >= rules.shortest)


def _luck(rules: Rules, seed: int, draws: ArrayLike, played: ArrayLike, actors: int) -> np.ndarray | None:
    """Return a uniform number for each actor of each draw in its next turn, shape (actors, draws); the same whoever plays along."""
    if rules.transition == "deterministic":
        return None
    keys = zip(np.asarray(draws), np.asarray(played), strict=True)
    chance = [np.random.Generator(np.random.Philox(counter=[0, now, 0, 0], key=[seed, draw])) for draw, now in keys]
    return np.stack([one.random(actors) for one in chance], -1)


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def deeds(history: History) -> Iterator[Deed]:
    """Tell who challenged whom, with what bargain, and who carried it out.

    Parameters
    ----------
    history : History
        From `bargain`.

    Yields
    ------
    Deed
        In the order of turns and actors; two for each challenge where the receiver makes an offer of its own.
    """
    for played, target in enumerate(history.accounts.challenges.target):
        for number in np.flatnonzero(target >= 0):
            for counter, offer in enumerate(OFFERS[history.rules.proposals]):
                yield _deed(history, played, int(number), int(target[number]), bool(counter), offer)


def _deed(history: History, played: int, number: int, target: int, counter: bool, offer: str) -> Deed:
    told, names = history.accounts, history.table.names
    places = (tuple(on_scale(history.table, part[played, number]).tolist()) for part in getattr(told, offer))
    option = 1 + number + counter * len(names)
    made = told.challenges
    return Deed(
        turn=played,
        initiator=names[number],
        receiver=names[target],
        chance=float(made.chance[played, number]),
        gain=float(made.gain[played, number]),
        counter=counter,
        asks_initiator=next(places),
        asks_receiver=next(places),
        initiator_moves=bool(told.chosen[played, number] == option),
        receiver_moves=bool(told.chosen[played, target] == option),
    )
