r"""What of an outcome goes back to which input of a sweep, and what to chance.

All points are run on the same histories. An outcome is then y_ph = m_p + c_h + e_ph: what the inputs make of it, what chance makes of it
at all points alike, and what chance makes of it here otherwise than there. c cancels from every difference between points; e does not, and
leaves σ²/H in the mean of H histories. Indices of means of few histories count that for an effect of the inputs, most of all of those
that interact. Here it is estimated (the residual of the two-way layout) and taken out of numerator and denominator.

Sobol indices: Saltelli et al. (2010, Computer Physics Communications 181(2)), by SALib: S_i is the share of the variance between points
that would go if input i were known, T_i the share that would stay if all others were. Morris: elementary effects (Morris 1991,
Technometrics 33(2); Campolongo, Cariboni & Saltelli 2007, Environmental Modelling & Software 22(10)), per unit of the input's range.
Intervals are normal with the spread of a bootstrap that redraws histories and base points, or trajectories, together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from virtu.laboratory.designs import LEVELS, Design
from virtu.record import statistics

REDRAWS = 500
"""Draws of the bootstrap."""

BINS = 10
"""Stretches into which the range of an input is cut where its points are not levels."""


class Spread(NamedTuple):
    """Variances of an outcome."""

    inputs: float  # between points, chance taken out; not below 0
    common: float  # between histories, the same at all points
    apart: float  # between histories, different from point to point: σ²
    means: float  # between the means of points, chance left in


def spread(values: np.ndarray) -> Spread:
    """Return what varies how much, from the two-way layout.

    Parameters
    ----------
    values : numpy.ndarray
        Outcomes, shape (points, histories), at least 2 of each.
    """
    points, histories = values.shape
    at_point, in_history, all_in_all = values.mean(axis=1), values.mean(axis=0), values.mean()
    residual = values - at_point[:, None] - in_history[None, :] + all_in_all
    apart = float((residual**2).sum() / ((points - 1) * (histories - 1)))
    means = float(at_point.var(ddof=1))
    common = float(in_history.var(ddof=1)) - apart / points
    return Spread(max(means - apart / histories, 0.0), max(common, 0.0), apart, means)


def shares(values: np.ndarray) -> dict[str, float | None]:
    """Return which share of the variance of an outcome goes back to the inputs, and which to chance.

    Parameters
    ----------
    values : numpy.ndarray
        As in `spread`.

    Returns
    -------
    dict
        inputs, chance: shares of the variance of one history at one point of the design, None where nothing varies; noise: share of the
        variance between the means of points that is chance, None where these are all the same.
    """
    found = spread(values)
    total = found.inputs + found.common + found.apart
    if total <= _nothing(values):
        return {"inputs": None, "chance": None, "noise": None}
    noise = None if found.means <= _nothing(values) else min(1.0, found.apart / values.shape[1] / found.means)
    return {"inputs": found.inputs / total, "chance": 1.0 - found.inputs / total, "noise": noise}


def _nothing(values: np.ndarray) -> float:
    """Variance that is none: rounding of numbers of this size."""
    return float((1e-12 * np.abs(values).max()) ** 2)


def indices(design: Design, values: np.ndarray, seed: int = 0) -> dict[str, Any] | None:
    """Return the indices a design allows for, None for grids and Latin hypercubes.

    Parameters
    ----------
    design : Design
        With d inputs.
    values : numpy.ndarray
        Outcomes, shape (points, histories).
    seed : int
        Of the bootstrap.

    Returns
    -------
    dict or None
        method; inputs: for each a dict with input and, of sobol, first and total, of morris, mu, mu_star, sigma, each with mean, low and
        high; why: None, or why there are none.
    """
    if design.name == "sobol":
        blocks, names, estimate = _blocks(design, values, len(design.inputs) + 2), ("first", "total"), _sobol
    elif design.name == "morris":
        blocks, names, estimate = _effects(design, values), ("mu", "mu_star", "sigma"), _morris
    else:
        return None
    told: dict[str, Any] = {"method": design.name, "inputs": [], "why": None}
    if values.shape[1] < 2:
        return told | {"why": "one history tells nothing of chance; take at least 2"}
    found = spread(values)
    if found.means <= _nothing(values):
        return told | {"why": "the outcome is the same at all points"}
    noise = found.apart / values.shape[1]
    of, to = estimate(blocks.mean(axis=2), noise)
    redrawn_of, redrawn_to = _redrawn(blocks, estimate, noise, seed)
    if to <= statistics.Z * redrawn_to.std(ddof=1):
        return told | {"why": "what varies between points cannot be told from chance; take more histories or points"}
    centre = of / to
    # The spread of a ratio to first order; ratios of redraws themselves run away where the variance between points is hardly known.
    half = statistics.Z * (redrawn_of - centre * redrawn_to[:, None, None]).std(axis=0, ddof=1) / to
    told["inputs"] = [
        {"input": one.name, **{name: _interval(float(centre[row, at]), float(half[row, at])) for row, name in enumerate(names)}}
        for at, one in enumerate(design.inputs)
    ]
    return told if design.name == "sobol" else told | {"noise": _floor(found, values)}


def _interval(centre: float, half: float) -> dict[str, float]:
    return {"mean": centre, "low": centre - half, "high": centre + half}


def _floor(found: Spread, values: np.ndarray) -> float:
    """The μ* that chance alone would give an input that does nothing: the mean size of the difference of two means."""
    return float(np.sqrt(2.0 / np.pi) * np.sqrt(2.0 * found.apart / values.shape[1]) / STEP)


def _blocks(design: Design, values: np.ndarray, size: int) -> np.ndarray:
    """Return values by base point or trajectory, shape (blocks, points of a block, histories)."""
    return values.reshape(len(design.values) // size, size, values.shape[1])


def _effects(design: Design, values: np.ndarray) -> np.ndarray:
    """Return the elementary effects of each trajectory per unit of the input's range, shape (trajectories, inputs, histories)."""
    size = len(design.inputs)
    blocks = _blocks(design, values, size + 1)
    low, high = (np.array([getattr(one, end) for one in design.inputs]) for end in ("low", "high"))
    unit = ((design.values - low) / (high - low)).reshape(len(blocks), size + 1, size)
    steps = np.diff(unit, axis=1)
    changed = np.abs(steps).argmax(axis=2)
    by_step = np.diff(blocks, axis=1) / np.take_along_axis(steps, changed[:, :, None], axis=2)
    effects = np.empty_like(by_step)
    np.put_along_axis(effects, changed[:, :, None], by_step, axis=1)
    return effects


def _sobol(means: np.ndarray, noise: float) -> tuple[np.ndarray, float]:
    """Return by how much each input alone, and all with it, changes the outcome, shape (2, inputs), and its variance; chance taken out.

    Parameters
    ----------
    means : numpy.ndarray
        By base point, shape (base points, inputs + 2).
    noise : float
        Variance of a mean that is chance.
    """
    from SALib.analyze import sobol

    centred = means - means.mean()
    one, other, mixed = centred[:, 0], centred[:, -1], centred[:, 1:-1]
    variance = float(np.var(np.concatenate([one, other])))
    if variance == 0.0:
        return np.zeros((2, mixed.shape[1])), 0.0
    first = [sobol.first_order(one, column, other) for column in mixed.T]
    total = [sobol.total_order(one, column, other) for column in mixed.T]
    return np.stack([np.array(first) * variance, np.array(total) * variance - noise]), variance - noise


STEP = LEVELS / (2.0 * (LEVELS - 1.0))
"""How far an input is changed in a trajectory, as a part of its range."""


def _morris(effects: np.ndarray, noise: float) -> tuple[np.ndarray, float]:
    """Return μ, μ* and σ of elementary effects, chance taken out of σ; shape (3, inputs), of effects of shape (trajectories, inputs)."""
    variance = effects.var(axis=0, ddof=1) - 2.0 * noise / STEP**2
    return np.stack([effects.mean(axis=0), np.abs(effects).mean(axis=0), np.sqrt(np.maximum(variance, 0.0))]), 1.0


def _redrawn(
    blocks: np.ndarray, estimate: Callable[[np.ndarray, float], tuple[np.ndarray, float]], noise: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return estimates from redrawn base points and histories, shape (redraws, …) and (redraws,)."""
    chance = np.random.default_rng([seed & (2**64 - 1), 1])
    count, _, histories = blocks.shape
    draws = []
    for _ in range(REDRAWS):
        weights = chance.multinomial(histories, np.full(histories, 1.0 / histories)) / histories
        # Redrawn means hold the chance of the means and that of the redraw.
        draws.append(estimate((blocks @ weights)[chance.integers(0, count, count)], 2.0 * noise))
    of, to = zip(*draws, strict=True)
    return np.stack(of), np.array(to)


def main_effects(design: Design, values: np.ndarray) -> list[dict[str, Any]]:
    """Return how the outcome goes with each input, the others as they come.

    Parameters
    ----------
    design : Design
        The points.
    values : numpy.ndarray
        Outcomes, shape (points, histories).

    Returns
    -------
    list of dict
        For each input: input, levels: at, mean, low, high, points. The intervals allow for chance, not for the choice of points.
    """
    return [{"input": one.name, "levels": _levels(design.values[:, number], values)} for number, one in enumerate(design.inputs)]


def _levels(at: np.ndarray, values: np.ndarray) -> list[dict[str, Any]]:
    exact = np.unique(np.round(at, 12))
    if len(exact) > 2 * BINS:
        order = np.array_split(np.argsort(at, kind="stable"), BINS)
    else:
        order = [np.flatnonzero(np.round(at, 12) == level) for level in exact]
    return [{"at": float(at[rows].mean()), **statistics.mean(values[rows].mean(axis=0)), "points": int(rows.size)} for rows in order]
