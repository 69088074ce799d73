"""A quick stand-in for a simulation: from its results at some points, what it would give at others, and how far that is known.

Each quantity is a Gaussian process on the unit cube (Kennedy & O'Hagan 2001): a quadratic trend in each input, of vague weights, plus a
process with Matérn's covariance of smoothness 5/2 and a range of its own in each input, plus independent errors of which only the common
size is learnt, their proportions being known from the histories. Ranges and variances are at the highest point of their posterior; the
priors on their logarithms are wide and keep them where data say nothing.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.linalg import cho_solve, cholesky, solve_triangular
from scipy.optimize import minimize

ROOT5 = np.sqrt(5.0)
TREND = 10.0
"""Standard deviation of the weights of the trend, in standard deviations of the results."""

USUAL, SPREAD = (np.log(0.7), np.log(0.3)), 1.0
"""Middles of the priors of log range and of log standard deviation of the process, and the standard deviation of each."""

LEAST_ERROR = 1e-6
"""Least variance of the errors, in variances of the results."""

STARTS = (-1.0, 0.0)
"""Where the climb begins, as log ranges away from their middle."""


class Emulator(NamedTuple):
    """A fitted process; n points, d inputs."""

    points: np.ndarray  # (n, d) in the unit cube
    centre: float
    scale: float
    ranges: np.ndarray  # (d,)
    variance: float  # of the process, in variances of the results
    error: float  # mean variance of the errors, in squared units of the results
    weights: np.ndarray  # (n,) K⁻¹ y
    factor: np.ndarray  # (n, n) lower factor of K


def trend(points: np.ndarray) -> np.ndarray:
    """Return the terms of the trend: 1, each input and its square, from −1 to 1; shape (n, 1 + 2 d)."""
    away = 2.0 * points - 1.0
    return np.concatenate([np.ones((len(points), 1)), away, away**2], axis=1)


def matern(one: np.ndarray, other: np.ndarray, ranges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return Matérn's correlations of two sets of points and their distances in units of the ranges, shape (n, m) each."""
    apart = np.sqrt(np.maximum(((one[:, None] - other[None]) / ranges) ** 2, 0.0).sum(axis=2))
    return (1.0 + ROOT5 * apart + 5.0 / 3.0 * apart**2) * np.exp(-ROOT5 * apart), apart


def fitted(points: np.ndarray, values: np.ndarray, variances: np.ndarray) -> Emulator:
    """Fit a process.

    Parameters
    ----------
    points : numpy.ndarray
        In the unit cube, shape (n, d), n at least 2 + 2 d.
    values : numpy.ndarray
        Results, shape (n,).
    variances : numpy.ndarray
        Of their errors, of which only the proportions and the order of size count, shape (n,), at least 0.
    """
    scale = float(values.std()) or 1.0
    centre = float(values.mean())
    shape = np.maximum(variances, 0.1 * variances.mean())
    shape = shape / shape.mean() if shape.mean() > 0.0 else np.ones_like(values)
    expected = float(np.log(np.clip(variances.mean() / scale**2, 1e-4, 1.0)))
    given = (points, (values - centre) / scale, shape, expected)
    size = points.shape[1]
    begins = [np.array([*[USUAL[0] + start] * size, USUAL[1], expected]) for start in STARTS]
    bounds = [(np.log(0.05), np.log(20.0))] * size + [(np.log(1e-3), np.log(30.0)), (np.log(LEAST_ERROR), np.log(4.0))]
    low, high = np.array(bounds).T
    climbs = [minimize(_unlikely, np.clip(one, low, high), given, "L-BFGS-B", True, bounds=bounds) for one in begins]
    best = min(climbs, key=lambda found: found.fun).x
    factor = cholesky(_covariance(best, points, shape)[0], lower=True)
    weights = cho_solve((factor, True), given[1])
    return Emulator(points, centre, scale, np.exp(best[:size]), np.exp(2.0 * best[-2]), np.exp(best[-1]) * scale**2, weights, factor)


def foretold(emulator: Emulator, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and variance of what the simulation gives at points in the unit cube, without errors; shape (m,) each."""
    across = emulator.variance * matern(points, emulator.points, emulator.ranges)[0]
    terms = trend(points)
    across += TREND**2 * terms @ trend(emulator.points).T
    known = solve_triangular(emulator.factor, across.T, lower=True)
    before = emulator.variance + TREND**2 * (terms**2).sum(axis=1)
    variance = np.maximum(before - (known**2).sum(axis=0), 1e-10)
    return emulator.centre + emulator.scale * (across @ emulator.weights), emulator.scale**2 * variance


def _covariance(log: np.ndarray, points: np.ndarray, shape: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the covariance of the results, and of the process its covariance and distances."""
    correlation, apart = matern(points, points, np.exp(log[:-2]))
    process = np.exp(2.0 * log[-2]) * correlation
    terms = trend(points)
    return process + TREND**2 * terms @ terms.T + np.diag(np.exp(log[-1]) * shape + 1e-8), process, apart


def _unlikely(log: np.ndarray, points: np.ndarray, values: np.ndarray, shape: np.ndarray, expected: float) -> tuple[float, np.ndarray]:
    """Return the negative log posterior density of log ranges, log standard deviation and log error, and its gradient."""
    whole, process, apart = _covariance(log, points, shape)
    factor = cholesky(whole, lower=True)
    weights = cho_solve((factor, True), values)
    slack = np.outer(weights, weights) - cho_solve((factor, True), np.eye(len(values)))
    bend = np.exp(2.0 * log[-2]) * 5.0 / 3.0 * (1.0 + ROOT5 * apart) * np.exp(-ROOT5 * apart)
    slopes = [
        0.5 * (slack * bend * ((column[:, None] - column) / np.exp(size)) ** 2).sum() for column, size in zip(points.T, log, strict=False)
    ]
    slopes += [(slack * process).sum(), 0.5 * np.exp(log[-1]) * (np.diag(slack) * shape).sum()]
    away = log - np.array([*[USUAL[0]] * (len(log) - 2), USUAL[1], expected])
    found = -0.5 * values @ weights - np.log(np.diag(factor)).sum() - 0.5 * (away**2).sum() / SPREAD**2
    return -found, away / SPREAD**2 - np.array(slopes)
