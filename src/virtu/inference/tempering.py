"""Draws from a density on the unit cube that is quick to work out, in steps from the uniform distribution to it.

The method is that of Del Moral, Doucet & Jasra (2006). Particles spread over the cube are weighed by a power of the density that rises
from 0 to 1, resampled whenever their weights have become uneven, and moved each time by Metropolis steps whose covariance is that of the
particles. It finds several peaks where there are several.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.optimize import brentq
from scipy.special import logsumexp

KEPT = 0.6
"""Effective share of the particles at which a step of the power ends."""

MOVES = 6
"""Metropolis steps after each resampling."""

LAST_MOVES = 20
"""Metropolis steps at the full power."""


def draws(log_density: Callable[[np.ndarray], np.ndarray], size: int, count: int, generator: np.random.Generator) -> np.ndarray:
    """Return draws of equal weight from a density on the unit cube.

    Parameters
    ----------
    log_density : callable
        Points (n, size) → log density up to a constant, shape (n,), finite.
    size : int
        Dimensions.
    count : int
        Draws.
    generator : numpy.random.Generator
        Of all chance.

    Returns
    -------
    numpy.ndarray
        Shape (count, size).
    """
    at = generator.random((count, size))
    height, power = log_density(at), 0.0
    while power < 1.0:
        step = _step(height, 1.0 - power)
        power += step
        weight = np.exp(step * height - logsumexp(step * height))
        chosen = _resampled(weight, generator)
        at, height = at[chosen], height[chosen]
        at, height = _moved(log_density, at, height, power, MOVES if power < 1.0 else LAST_MOVES, generator)
    return at


def _step(height: np.ndarray, most: float) -> float:
    """Return the rise of the power at which the effective share of the particles falls to `KEPT`."""

    def left(step: float) -> float:
        weight = np.exp(step * (height - height.max()))
        return float(weight.sum() ** 2 / (weight**2).sum() / len(weight)) - KEPT

    if left(most) >= 0.0:
        return most
    found: Any = brentq(left, 0.0, most, xtol=1e-12)
    return float(found)


def _resampled(weight: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Systematic resampling: indices of equal weight."""
    count = len(weight)
    places = (generator.random() + np.arange(count)) / count
    return np.minimum(np.searchsorted(np.cumsum(weight), places), count - 1)


def _moved(
    log_density: Callable[[np.ndarray], np.ndarray],
    at: np.ndarray,
    height: np.ndarray,
    power: float,
    moves: int,
    generator: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Random-walk Metropolis at a power of the density, of steps that are reflected at the walls of the cube."""
    size = at.shape[1]
    spread = np.atleast_2d(np.cov(at, rowvar=False)) + 1e-12 * np.eye(size)
    factor = np.linalg.cholesky(spread)
    for move in range(moves):
        length = 2.38 / np.sqrt(size) * (1.0, 0.4)[move % 2]
        tried = _reflected(at + length * generator.standard_normal(at.shape) @ factor.T)
        found = log_density(tried)
        taken = np.log(generator.random(len(at))) < power * (found - height)
        at, height = np.where(taken[:, None], tried, at), np.where(taken, found, height)
    return at, height


def _reflected(at: np.ndarray) -> np.ndarray:
    """Fold points back into the unit cube."""
    folded = np.abs(at) % 2.0
    return np.where(folded > 1.0, 2.0 - folded, folded)
