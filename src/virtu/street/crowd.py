"""The compiled loops over persons: who goes out, who is jailed, who thinks again; one draw = f(key of the tick, person), see `keyed_draws`.

People stand cell by cell. What is the same for all who support a camp in a cell comes in tables. A loop runs on one processor, outside
Python's lock, so that histories run side by side.
"""

from __future__ import annotations

from typing import Any, TypeAlias, no_type_check

import numpy as np
from numba import njit

from virtu.classics.keyed_draws import fold, uniform

PERSON = np.dtype(
    [
        ("hardship", np.float32),  # H, 0 … 1 by default
        ("aversion", np.float32),  # R to risk, 0 … 1
        ("rank", np.float32),  # 0 … 1, radical where below the share of the radical wing
        ("jail", np.uint16),  # ticks still to sit
        ("group", np.uint8),
        ("stance", np.uint8),  # option supported
    ]
)
"""A person: 16 bytes."""

People: TypeAlias = Any
"""Array (persons,) of records `PERSON`."""

LONGEST_TERM = 65535
"""Most ticks in jail."""


@no_type_check
@njit(cache=True, error_model="numpy", nogil=True)
def draw_traits(people: People, first: np.ndarray, keys: np.ndarray) -> None:
    """Draw hardship, aversion and rank of everybody.

    Parameters
    ----------
    people : array
        Records `PERSON`, changed.
    first : np.ndarray
        First person of each cell and, at the end, the number of persons, shape (cells + 1,).
    keys : np.ndarray
        Key of each cell, shape (cells,) uint64.
    """
    for cell in range(len(keys)):
        for one in range(first[cell], first[cell + 1]):
            slot = 3 * (one - first[cell])
            people[one].hardship = uniform(keys[cell], slot)
            people[one].aversion = uniform(keys[cell], slot + 1)
            people[one].rank = uniform(keys[cell], slot + 2)


@no_type_check
@njit(cache=True, error_model="numpy", nogil=True)
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
        People in the street and in jail by cell, camp and wing, changed; shape (cells, camps, 2, 2).
    """
    camps = rules.shape[1]
    for cell in range(len(keys)):
        counts[cell] = 0
        for one in range(first[cell], first[cell + 1]):
            person, camp = people[one], people[one].stance
            wing = 1 if camp < camps and person.rank < radical[camp] else 0
            if person.jail > 0:
                person.jail -= 1
            elif camp < camps:
                rule, slot = rules[cell, camp], 3 * (one - first[cell])
                if person.hardship * rule[0] + rule[1] - person.aversion * rule[2] > threshold and uniform(keys[cell], slot) < rule[3]:
                    counts[cell, camp, wing, 0] += 1
                    if uniform(keys[cell], slot + 1) < rule[4]:
                        sits = 1.0 + np.floor(np.log(1.0 - uniform(keys[cell], slot + 2)) / stay)
                        person.jail = np.uint16(min(sits, LONGEST_TERM))
            if camp < camps and person.jail > 0:
                counts[cell, camp, wing, 1] += 1


@no_type_check
@njit(cache=True, error_model="numpy", nogil=True)
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
        People by cell, group and option, changed; shape (cells, groups, options).
    """
    last = upto.shape[2] - 1
    for cell in range(len(keys)):
        counts[cell] = 0
        for one in range(first[cell], first[cell + 1]):
            person, slot = people[one], 2 * (one - first[cell])
            if uniform(keys[cell], slot) < rate:
                lot, chances = uniform(keys[cell], slot + 1), upto[cell, person.group]
                option = 0
                while option < last and lot >= chances[option]:
                    option += 1
                person.stance = option
            counts[cell, person.group, person.stance] += 1


@no_type_check
@njit(cache=True, error_model="numpy")
def cell_keys(seed: np.uint64, numbers: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """Return a key for each cell, shape (cells,), from a seed, numbers that say what is drawn, and the code of the cell."""
    key = seed
    for number in numbers:
        key = fold(key, number)
    keys = np.empty(len(cells), np.uint64)
    for cell in range(len(cells)):
        keys[cell] = fold(key, cells[cell])
    return keys
