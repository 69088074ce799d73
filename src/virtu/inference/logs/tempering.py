"""Draws from a posterior over traits and luck, by histories that are drawn towards the log step by step.

Everything unknown of a history is a point of standard normal coordinates, those of everybody's traits, and the numbers that give each tick
its chance. Given these the history is fixed, and so is its likelihood L; so the posterior of both, prior · L, is sampled exactly but for
Monte Carlo, and no likelihood of traits alone, summed over luck, is needed.

A cloud of N histories begins at the prior. It passes through prior · L^β, β rising from 0 to 1 by steps as long as leave half the
effective number (Del Moral, Doucet & Jasra 2006); after each step histories are drawn anew by their weights, and then move. A move takes
one person's traits, or the chance of a stretch of ticks, and proposes others: traits by z' = √(1 − s²) z + s ξ, luck afresh. Both leave the
prior as it is, so that L decides alone (Metropolis-Hastings). At β = 1 the histories keep moving, and their means over these moves are
compared: between families, by the history at the prior from which they descend, as only families are independent (Chan & Lai 2013).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeAlias

import numpy as np
from scipy.special import logsumexp

LEFT = 0.5
"""Share of the effective number of histories that a step of the power leaves."""

LUCKY = 0.25
"""Share of moves that change luck and not traits."""

ACCEPTED, FASTER, SHORTEST = 0.3, 1.5, 0.05
"""Share of moves of a person's traits that is aimed at, how fast their length follows, and the shortest; the longest is 1."""

ROUNDS, BURNT = 9, 3
"""Rounds of moves at the full likelihood, and how many of them come before the draws that are kept, one of each history and round."""

Height: TypeAlias = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Coordinates (N, D) and luck (N, T) → log-likelihood (N,), finite."""


class Cloud(NamedTuple):
    """N histories on their way from prior to posterior."""

    point: np.ndarray  # (N, D) standard normal coordinates
    luck: np.ndarray  # (N, T) uint32
    height: np.ndarray  # (N,) log-likelihood
    power: float  # of the likelihood, 0 … 1
    scale: np.ndarray  # (blocks,) length of the moves of each person's traits
    rounds: int  # of moves made, by which chance is keyed
    evidence: float  # log of the chance of the log, so far
    family: np.ndarray  # (N,) number of the history at the prior that it descends from


class Blocks(NamedTuple):
    """Whose each coordinate is, and how often each is moved."""

    owner: np.ndarray  # (D,) number of the block
    chance: np.ndarray  # (blocks,) with which a move of traits takes it
    moves: int  # in a round: about one for each block


def blocks(owner: np.ndarray, lines: np.ndarray) -> Blocks:
    """Return the blocks of coordinates; those of persons with lines of their own are moved three times as often.

    Parameters
    ----------
    owner : numpy.ndarray
        Person of each coordinate, shape (D,).
    lines : numpy.ndarray
        Number of lines of each person, shape (P,).
    """
    persons, block = np.unique(owner, return_inverse=True)
    weight = np.where(lines[persons] > 0, 3.0, 1.0)
    return Blocks(block, weight / weight.sum(), int(np.ceil(weight.sum() / 3.0 / (1.0 - LUCKY))) + 2)


def begin(height: Height, parts: Blocks, ticks: int, count: int, seed: int) -> Cloud:
    """Return histories drawn from the prior."""
    generator = np.random.default_rng([seed, 0])
    point = generator.standard_normal((count, len(parts.owner)))
    luck = generator.integers(0, 2**32, (count, ticks), np.uint32)
    return Cloud(point, luck, height(point, luck), 0.0, np.full(len(parts.chance), 0.7), 0, 0.0, np.arange(count))


def towards(height: Height, parts: Blocks, cloud: Cloud, seed: int) -> Iterator[Cloud]:
    """Yield the cloud after each step, the last of them at the full likelihood; parameters as `begin` and `moved`."""
    while cloud.power < 1.0:
        generator = np.random.default_rng([seed, 1, cloud.rounds])
        power = _next_power(cloud)
        log_weight = (power - cloud.power) * cloud.height
        whole = float(np.asarray(logsumexp(log_weight)))
        kept = _resampled(np.exp(log_weight - whole), generator)
        evidence = cloud.evidence + whole - float(np.log(len(kept)))
        drawn = {name: getattr(cloud, name)[kept] for name in ("point", "luck", "height", "family")}
        cloud = moved(height, parts, cloud._replace(**drawn, power=power, evidence=evidence), seed)
        yield cloud


def _next_power(cloud: Cloud) -> float:
    """Return the power up to which the effective number falls to its share."""
    low, high = cloud.power, 1.0
    least = LEFT * len(cloud.height)
    if _effective(cloud.height, high - cloud.power) >= least:
        return 1.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if _effective(cloud.height, middle - cloud.power) >= least else (low, middle)
    return high


def _effective(height: np.ndarray, step: float) -> float:
    weight = np.exp(step * (height - height.max()))
    return float(weight.sum() ** 2 / np.sum(weight**2))


def effective(values: np.ndarray, family: np.ndarray) -> np.ndarray:
    """Return how many independent draws the mean of each quantity is worth, shape (E,).

    Parameters
    ----------
    values : numpy.ndarray
        Draws of N histories while they move, shape (N, S, E).
    family : numpy.ndarray
        Family of each history, shape (N,).

    Returns
    -------
    numpy.ndarray
        Variance of the draws over that of their mean, from sums over families; 1 where there is but one family.
    """
    away = values.mean(axis=1) - values.mean(axis=(0, 1))
    known, place = np.unique(family, return_inverse=True)
    if len(known) < 2:
        return np.ones(values.shape[2])
    sums = np.zeros((len(known), values.shape[2]))
    np.add.at(sums, place, away)
    error = np.sum(sums**2, axis=0) / len(values) ** 2 * len(known) / (len(known) - 1.0)
    return np.clip(values.var(axis=(0, 1)) / np.maximum(error, 1e-300), 1.0, values.shape[0] * values.shape[1])


def _resampled(weight: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Return the numbers of histories that are kept, as often as they are, by systematic resampling."""
    above = np.cumsum(weight)
    at = (np.arange(len(weight)) + generator.random()) / len(weight)
    return np.minimum(np.searchsorted(above / above[-1], at), len(weight) - 1)


def moved(height: Height, parts: Blocks, cloud: Cloud, seed: int) -> Cloud:
    """Return the cloud after a round of moves.

    Parameters
    ----------
    height : callable
        Log-likelihood.
    parts : Blocks
        What is moved together.
    cloud : Cloud
        Before.
    seed : int
        Of the chance, which is keyed by the number of the round.
    """
    generator = np.random.default_rng([seed, 2, cloud.rounds])
    count = len(cloud.point)
    tried, taken = np.zeros(len(parts.chance)), np.zeros(len(parts.chance))
    for _ in range(parts.moves):
        block = generator.choice(len(parts.chance), count, p=parts.chance)
        lucky = generator.random(count) < LUCKY
        point = np.where(lucky[:, None], cloud.point, _other_traits(cloud, parts, block, generator))
        luck = np.where(lucky[:, None], _other_luck(cloud.luck, generator), cloud.luck)
        found = height(point, luck)
        gain = cloud.power * (found - cloud.height)
        accepted = np.log(generator.random(count)) < gain
        cloud = cloud._replace(
            point=np.where(accepted[:, None], point, cloud.point),
            luck=np.where(accepted[:, None], luck, cloud.luck),
            height=np.where(accepted, found, cloud.height),
        )
        np.add.at(tried, block, ~lucky)
        np.add.at(taken, block, accepted & ~lucky)
    rate = np.where(tried > 0, taken / np.maximum(tried, 1.0), ACCEPTED)
    scale = np.clip(cloud.scale * np.exp(FASTER * (rate - ACCEPTED)), SHORTEST, 1.0) if cloud.power < 1.0 else cloud.scale
    return cloud._replace(scale=scale, rounds=cloud.rounds + 1)


def _other_traits(cloud: Cloud, parts: Blocks, block: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Return coordinates in which those of one person are moved: half the time all of them, else each by the toss of a coin."""
    count, size = cloud.point.shape
    part = (generator.random((count, size)) < 0.5) | (generator.random((count, 1)) < 0.5)
    part &= parts.owner == block[:, None]
    step = cloud.scale[block][:, None]
    return np.where(part, np.sqrt(1.0 - step**2) * cloud.point + step * generator.standard_normal((count, size)), cloud.point)


def _other_luck(luck: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Return luck with a stretch of ticks drawn afresh, of any length, the shorter the likelier."""
    count, ticks = luck.shape
    length = np.ceil(ticks ** generator.random((count, 1)))
    first = np.floor(generator.random((count, 1)) * (ticks - length + 1.0))
    at = np.arange(ticks)
    fresh = generator.integers(0, 2**32, luck.shape, np.uint32)
    return np.where((at >= first) & (at < first + length), fresh, luck)
