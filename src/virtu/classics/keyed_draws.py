r"""Random numbers for compiled loops: each the value of a function of what it is for, from no generator that would be advanced.

A key is folded from a seed and from numbers that name the site of the draw, and a draw is made from a key and a slot, all by the finaliser
of SplitMix64: Steele, Lea & Flood (2014), "Fast splittable pseudorandom number generators", OOPSLA. Folding is one to one in the number, so
that two numbers never share a key below the same one. `virtu.chance` does the same for the simulations of the laboratory; its generator is
slower and safer, and lives in arrays.
"""

from __future__ import annotations

import numpy as np
from numba import njit

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
FIRST, SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
HALF = np.uint64(32)


@njit(cache=True, error_model="numpy")
def mix(word: np.uint64) -> np.uint64:
    """Return a word whose every bit depends on every bit of another, one to one."""
    word = (word ^ (word >> np.uint64(30))) * FIRST
    word = (word ^ (word >> np.uint64(27))) * SECOND
    return word ^ (word >> np.uint64(31))


@njit(cache=True, error_model="numpy")
def fold(key: np.uint64, number: int) -> np.uint64:
    """Return the key of one of many things that share a key; number ≥ -1."""
    return mix(key + GOLDEN * np.uint64(number + 2))


@njit(cache=True, error_model="numpy")
def below(key: np.uint64, slot: int, limit: int) -> int:
    """Return a whole number of 0 … limit - 1; uneven by less than limit/2³²."""
    return int(np.int64(((fold(key, slot) >> HALF) * np.uint64(limit)) >> HALF))


@njit(cache=True, error_model="numpy")
def uniform(key: np.uint64, slot: int) -> float:
    """Return a number in [0, 1)."""
    return np.float64(fold(key, slot) >> np.uint64(11)) * 2.0**-53


@njit(cache=True, error_model="numpy")
def uniforms(seed: np.uint64, addresses: np.ndarray) -> np.ndarray:
    """Return a number in [0, 1) for each address, shape (draws,).

    Parameters
    ----------
    seed : np.uint64
        Of all of them.
    addresses : np.ndarray
        (draws, numbers) what each draw is for, whole numbers of at least -1; the same address gives the same number.
    """
    found = np.empty(addresses.shape[0])
    for draw in range(addresses.shape[0]):
        key = mix(seed)
        for number in addresses[draw]:
            key = fold(key, number)
        found[draw] = uniform(key, 0)
    return found
