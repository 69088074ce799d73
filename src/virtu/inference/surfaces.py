"""How likely facts make points of a space of inputs: quick surfaces of the model's results, and the errors of both sides.

    facts | point  ~  Normal(surface(point), errors of the facts + what is not known of the surface + what finite histories leave open)

The surfaces are emulators of the results of a design whose points all share their histories. What the points share of the errors of those
histories shifts a surface as a whole, which no number of points makes smaller; its covariance is added as measured.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from virtu.errors import RunError
from virtu.inference import emulator
from virtu.inference.emulator import Emulator
from virtu.inference.targets import Targets


class Design(NamedTuple):
    """What was simulated: n points, m quantities."""

    points: np.ndarray  # (n, d) in the unit cube
    values: np.ndarray  # (n, m) NaN where there is none
    variances: np.ndarray  # (n, m) of the values in repeated sampling
    shared: np.ndarray  # (m, m) covariance of what all points share of the errors


class Surfaces(NamedTuple):
    """Emulators of m quantities, and what all their points share of the errors."""

    emulators: tuple[Emulator, ...]
    shared: np.ndarray  # (m, m)
    widened: float = 1.0  # by which what is not known of them is multiplied, since earlier ones foretold worse than they said

    def foretold(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return means and variances of all quantities, shape (n, m) each."""
        means, variances = zip(*(emulator.foretold(one, points) for one in self.emulators), strict=True)
        return np.stack(means, axis=1), self.widened * np.stack(variances, axis=1)


def design_of(told: dict[str, Any], low: np.ndarray, high: np.ndarray) -> Design:
    """Return what a round of proposals told, with its points put to the unit cube."""
    values = np.array([[np.nan if value is None else value for value in row] for row in told["values"]])
    points = (np.array(told["points"]) - low) / (high - low)
    return Design(points, values, np.array(told["variances"]), np.array(told["shared"]))


def joined(rounds: list[Design]) -> Design:
    """Return all rounds as one design; what is shared is taken from the last, whose points lie where the answer is."""
    points, values, variances = (np.concatenate(parts) for parts in zip(*(one[:3] for one in rounds), strict=True))
    return Design(points, values, variances, rounds[-1].shared)


def fitted(design: Design, names: list[str]) -> Surfaces:
    """Fit a surface to each quantity.

    Raises
    ------
    RunError
        If a quantity could be worked out at too few points.
    """
    least = 2 * design.points.shape[1] + 4
    found = []
    for name, values, variances in zip(names, design.values.T, design.variances.T, strict=True):
        known = np.isfinite(values)
        if known.sum() < least:
            told = f"{name} could be worked out at {known.sum()} of {len(known)} points, fewer than the {least} needed"
            raise RunError(told, "take more --histories, or leave that target out")
        found.append(emulator.fitted(design.points[known], values[known], variances[known]))
    return Surfaces(tuple(found), design.shared)


def log_likelihood(surfaces: Surfaces, targets: Targets, points: np.ndarray) -> np.ndarray:
    """Return the log-likelihood of points given the facts, up to a constant, shape (n,) from (n, d)."""
    means, variances = surfaces.foretold(points)
    away, wide = misfits(targets, means)
    total = _covariance(surfaces, variances + wide**2)
    scaled = np.linalg.solve(total, away[:, :, None])[:, :, 0]
    # One normaliser for both halves of an error, so that the density has no step where a result passes the fact.
    usual = _covariance(surfaces, variances + targets.errors.mean(axis=0) ** 2)
    return -0.5 * (away * scaled).sum(axis=1) - 0.5 * np.linalg.slogdet(usual)[1]


def misfits(targets: Targets, means: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how far facts lie from results and the standard deviations of the facts' errors on that side, shape (n, m) each."""
    below, above = targets.errors
    away = targets.values - means
    return away, np.where(away > 0.0, below, above)


def _covariance(surfaces: Surfaces, own: np.ndarray) -> np.ndarray:
    return surfaces.shared + own[:, :, None] * np.eye(own.shape[1])


def replicated(surfaces: Surfaces, targets: Targets, points: np.ndarray, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return what the model would give at points, and what would be measured of it, a draw for each point, shape (n, m) each."""
    means, variances = surfaces.foretold(points)
    common = generator.multivariate_normal(np.zeros(means.shape[1]), surfaces.shared, len(points), method="eigh")
    ends = np.array([(one.quantity.low, one.quantity.high) for one in targets.rows]).T
    given = np.clip(means + common + np.sqrt(variances) * generator.standard_normal(means.shape), *ends)
    below, above = targets.errors
    over = generator.random(means.shape) < below / (below + above)
    size = np.abs(generator.standard_normal(means.shape))
    # What is measured lies above the truth by an error of the kind by which the truth lies below what is measured.
    return given, np.clip(given + np.where(over, below * size, -above * size), *ends)
