"""The compiled loops over persons: who goes out, who is jailed, who thinks again; one draw = f(key of the tick, person), see `keyed_draws`.

People stand cell by cell, in blocks of at most `BLOCK` persons of one cell. A block writes into a table of its own, so that blocks can be
worked off side by side, and counts do not depend on how many processors there are. What is the same for all who support a camp in a
cell comes in tables.
"""

from __future__ import annotations

from typing import Any, TypeAlias, no_type_check

import numpy as np
from numba import njit, prange

from virtu.classics.keyed_draws import fold, uniform

BLOCK = 16384
"""Most persons of a block."""

PERSON = np.dtype(
    [
        ("hardship", np.float32),  # H, 0 … 1 by default
        ("aversion", np.float32),  # R to risk, 0 … 1
        ("rank", np.float32),  # 0 … 1, radical where below the share of the radical wing
        ("cell", np.uint16),
        ("jail", np.uint16),  # ticks still to sit
        ("group", np.uint8),
        ("stance", np.uint8),  # option supported
        ("active", np.uint8),  # 1 in the street
        ("free", np.uint8),  # nothing, so that a person takes whole words
    ]
)
"""A person: 20 bytes."""

People: TypeAlias = Any
"""Array (persons,) of records `PERSON`."""

LONGEST_TERM = 65535
TURNOUT, ARREST, TERM, THINKS, CHOICE = range(5)
"""Draws of a person in a tick."""


@no_type_check
@njit(cache=True, error_model="numpy", parallel=True, nogil=True)
def draw_traits(people: People, first: np.ndarray, keys: np.ndarray) -> None:
    """Draw hardship, aversion and rank of everybody.

    Parameters
    ----------
    people : array
        Records `PERSON`, changed.
    first : np.ndarray
        First person of each block and, at the end, the number of persons, shape (blocks + 1,).
    keys : np.ndarray
        Key of each block, shape (blocks,) uint64.
    """
    for block in prange(len(keys)):
        for one in range(first[block], first[block + 1]):
            slot = 3 * (one - first[block])
            people[one].hardship = uniform(keys[block], slot)
            people[one].aversion = uniform(keys[block], slot + 1)
            people[one].rank = uniform(keys[block], slot + 2)


@no_type_check
@njit(cache=True, error_model="numpy", parallel=True, nogil=True)
def go_out(
    people: People,
    first: np.ndarray,
    keys: np.ndarray,
    rules: np.ndarray,
    threshold: float,
    radical: np.ndarray,
    stay: float,
    counts: np.ndarray,
) -> None:
    """Let everybody who is not in jail decide whether to go out, and jail some of those who do.

    Parameters
    ----------
    people, first, keys
        As `draw_traits`, the keys of the tick.
    rules : np.ndarray
        By cell and camp: a, B, P Jᵞ, share of the willing in the street, chance to be caught; shape (cells, camps, 5).
    threshold : float
        T.
    radical : np.ndarray
        Share of the radical wing of each camp, shape (camps,).
    stay : float
        Logarithm of the chance to stay in jail for another tick, below 0 or −∞.
    counts : np.ndarray
        People in the street and in jail by block, camp and wing, changed; shape (blocks, camps, 2, 2).
    """
    camps = rules.shape[1]
    for block in prange(len(keys)):
        counts[block] = 0
        for one in range(first[block], first[block + 1]):
            person, camp = people[one], people[one].stance
            person.active = 0
            wing = 1 if camp < camps and person.rank < radical[camp] else 0
            if person.jail > 0:
                person.jail -= 1
            elif camp < camps:
                rule, slot = rules[person.cell, camp], 3 * (one - first[block])
                if person.hardship * rule[0] + rule[1] - person.aversion * rule[2] > threshold and uniform(keys[block], slot) < rule[3]:
                    person.active = 1
                    counts[block, camp, wing, 0] += 1
                    if uniform(keys[block], slot + 1) < rule[4]:
                        sits = 1.0 + np.floor(np.log(1.0 - uniform(keys[block], slot + 2)) / stay)
                        person.jail = np.uint16(min(sits, LONGEST_TERM))
            if camp < camps and person.jail > 0:
                counts[block, camp, wing, 1] += 1


@no_type_check
@njit(cache=True, error_model="numpy", parallel=True, nogil=True)
def think_again(people: People, first: np.ndarray, keys: np.ndarray, upto: np.ndarray, rate: float, counts: np.ndarray) -> None:
    """Let a share of the people choose anew whom to support.

    Parameters
    ----------
    people, first, keys
        As `go_out`, with other keys.
    upto : np.ndarray
        Chances of the options added up, by cell and group, shape (cells, groups, options).
    rate : float
        Chance that a person thinks again.
    counts : np.ndarray
        People by block, group and option, changed; shape (blocks, groups, options).
    """
    last = upto.shape[2] - 1
    for block in prange(len(keys)):
        counts[block] = 0
        for one in range(first[block], first[block + 1]):
            person, slot = people[one], 2 * (one - first[block])
            if uniform(keys[block], slot) < rate:
                lot, chances = uniform(keys[block], slot + 1), upto[person.cell, person.group]
                option = 0
                while option < last and lot >= chances[option]:
                    option += 1
                person.stance = option
            counts[block, person.group, person.stance] += 1


@no_type_check
@njit(cache=True, error_model="numpy")
def block_keys(key: np.uint64, cells: np.ndarray, parts: np.ndarray) -> np.ndarray:
    """Return a key for each block, from the code of its cell and its number in the cell, shape (blocks,)."""
    keys = np.empty(len(cells), np.uint64)
    for block in range(len(cells)):
        keys[block] = fold(fold(key, cells[block]), parts[block])
    return keys


@no_type_check
@njit(cache=True, error_model="numpy")
def folded(seed: int, numbers: np.ndarray) -> np.uint64:
    """Return the key of a seed and of numbers that say what is drawn."""
    key = np.uint64(seed)
    for number in numbers:
        key = fold(key, number)
    return key
