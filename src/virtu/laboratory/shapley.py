r"""Shapley attribution: what each factor adds, averaged over all orders in which the factors could be put in place.

A *game* gives a coalition of factors a value in each history. Shapley (1953) shares v(all) − v(none) out so that nothing is left over,
factors that never matter get nothing, and factors that are interchangeable get the same:

    φ_i = Σ_{S ∌ i} |S|! (n − |S| − 1)!/n! · [v(S ∪ i) − v(S)].

For few factors all 2ⁿ coalitions are run and each history has its own φ. For more, orders are sampled (Castro, Gómez & Tejada 2009,
"Polynomial calculation of the Shapley value based on sampling", Computers & Operations Research 36(5)): a block of histories draws one
order and uses it forwards and backwards, which cancels what depends on the place in the order to first order (antithetic permutations;
Mitchell, Cooper, Frank & Holmes 2022, "Sampling permutations for Shapley value estimation", JMLR 23(43)). The gains along one order add
up to v(all) − v(none), so that every block is exact in its sum.
"""

from __future__ import annotations

from collections.abc import Callable
from math import factorial
from typing import NamedTuple, TypeAlias

import numpy as np

Game: TypeAlias = Callable[[int], np.ndarray]
"""Value of a coalition in each history of a block, shape (histories,); bit i of the number of the coalition is factor i."""

MOST_EXACT = 6
"""Most factors whose coalitions are all run where nothing else is asked for."""


class Shares(NamedTuple):
    """What a block of histories says; rows are independent of one another: histories, or one row for the block."""

    gains: np.ndarray  # (rows, n) what each factor adds
    whole: np.ndarray  # (rows,) value with all factors in place
    bare: np.ndarray  # (rows,) value with none


def exact(game: Game, factors: int) -> Shares:
    """Return Shapley values history by history, from all coalitions.

    Parameters
    ----------
    game : Game
        Is asked for each of the 2ⁿ coalitions once.
    factors : int
        n ≥ 1.
    """
    values = np.stack([game(coalition) for coalition in range(2**factors)])
    return Shares((_weights(factors) @ values).T, values[-1], values[0])


def sampled(game: Game, factors: int, order: np.ndarray) -> Shares:
    """Return the gains of a block along an order and its reverse, as one row.

    Parameters
    ----------
    game : Game
        Is asked for 2n coalitions.
    factors : int
        n ≥ 1.
    order : numpy.ndarray
        A permutation of 0 … n − 1.
    """
    ends = {coalition: game(coalition) for coalition in (0, 2**factors - 1)}
    gains = np.zeros(factors)
    for way in (order, order[::-1]):
        gains += _along(game, ends, way).mean(axis=1) / 2.0
    return Shares(gains[None], ends[2**factors - 1].mean(keepdims=True), ends[0].mean(keepdims=True))


def order(factors: int, seed: int, block: int) -> np.ndarray:
    """Return the order a block draws: a function of seed, number of the block and number of factors."""
    key = np.array([seed & (2**64 - 1), block], np.uint64)
    return np.random.Generator(np.random.Philox(key=key)).permutation(factors)


def _along(game: Game, ends: dict[int, np.ndarray], way: np.ndarray) -> np.ndarray:
    """What each factor adds when they are put in place one after the other, shape (n, histories)."""
    gains, coalition, before = [ends[0]] * len(way), 0, ends[0]
    for factor in way:
        coalition |= 1 << int(factor)
        after = ends[coalition] if coalition in ends else game(coalition)
        gains[factor], before = after - before, after
    return np.stack(gains)


def _weights(factors: int) -> np.ndarray:
    """Weights of the values of all coalitions in each Shapley value, shape (n, 2ⁿ)."""
    coalitions = np.arange(2**factors)
    inside = (coalitions[None, :] >> np.arange(factors)[:, None]) & 1
    size = inside.sum(axis=0)
    chance = np.array([factorial(of) * factorial(factors - of - 1) for of in range(factors)]) / factorial(factors)
    joined = chance[np.maximum(size - 1, 0)]
    left = chance[np.minimum(size, factors - 1)]
    return np.where(inside == 1, joined, -left)
