r"""Where a body that must agree comes to rest: means, the median, the Nash bargain, and how wrong each of them was.

Actor i holds position x_i on one issue and weighs w_i = capability · salience. Four forecasts of the outcome, none of which looks at how
the actors deal with each other:

- the weighted mean Σ w x / Σ w. On the decisions of the European Union no model with more in it does better (Thomson, Stokman, Achen &
  König 2006, "The European Union Decides"), so it is the baseline of everything else;
- the unweighted mean;
- the weighted median, the position that no other beats in a vote of weights (Black 1948, J. Political Economy 56);
- the asymmetric Nash bargain argmax_y Σ w_i log(u_i(y) − d_i) (Nash 1950, Econometrica 18; weights: Kalai 1977, Int. J. Game Theory 6).

The Nash bargain needs what the data do not say; it is assumed that u_i(y) = 1 − (``|y − x_i|`` / span)^a_i, with a_i = 1 neutral to risk,
a_i > 1 averse and a_i < 1 fond of it; that d_i, what i has when nothing is agreed, is on the same scale and does not depend on y; that
nobody can be paid to agree; and that the weight in the bargain is w_i. As disagreement grows worse (d → −∞), log(u − d) turns linear in u:
the bargain then is the weighted median at a = 1 and the weighted mean at a = 2, so both are limits of one model (Achen 2006, in the same
book, derives the mean in this way).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np

from virtu.errors import InputError

Ties = Literal["low", "middle", "high"]

SAME = 1e-12
"""Two shares of the weight within this of each other are the same share."""

GRID = 257
"""Outcomes tried before the best of them is refined."""

GOLDEN = (5.0**0.5 - 1.0) / 2.0


def weighted_mean(position: Any, weight: Any, axis: int = -1) -> Any:
    """Return the mean position weighted by capability × salience.

    Written with operators and ``.sum`` alone, so that it takes arrays of NumPy and, inside a compiled kernel, of JAX.

    Parameters
    ----------
    position : array
        Positions of the actors, in the unit of the issue.
    weight : array
        Weights ≥ 0 that broadcast against the positions, both with the actors along `axis`.
    axis : int
        The axis of the actors.

    Returns
    -------
    array
        The mean, without that axis; 0 where nobody has weight, as a kernel cannot raise.
    """
    total = weight.sum(axis=axis)
    return (position * weight).sum(axis=axis) / (total + (total <= 0.0))


def unweighted_mean(position: np.ndarray, axis: int = -1) -> np.ndarray:
    """Return the mean position, each actor counting once; shapes as in `weighted_mean`."""
    return np.mean(position, axis=axis)


def weighted_median(position: np.ndarray, weight: np.ndarray, ties: Ties = "middle") -> np.ndarray:
    """Return the position at which the weight to the left passes half of all weight.

    Parameters
    ----------
    position, weight : numpy.ndarray
        Shape (..., actors), weight ≥ 0; they broadcast against each other.
    ties : {'low', 'middle', 'high'}
        Which position to take where exactly half of the weight lies on either side of a gap: no position in the gap beats another
        there, and its lower end, its middle or its upper end is returned.

    Returns
    -------
    numpy.ndarray
        Shape (...), in the unit of the position.

    Raises
    ------
    InputError
        If nobody has weight, or somebody has less than none.
    """
    position, weight = np.broadcast_arrays(*_checked(position, weight))
    order = np.argsort(position, axis=-1, kind="stable")
    x, w = np.take_along_axis(position, order, -1), np.take_along_axis(weight, order, -1)
    share = np.cumsum(w, axis=-1) / w.sum(axis=-1, keepdims=True)
    low = _at(x, np.argmax(share > 0.5 - SAME, axis=-1))
    high = _at(x, np.argmax(share > 0.5 + SAME, axis=-1))
    return {"low": low, "middle": (low + high) / 2.0, "high": high}[ties]


def _at(values: np.ndarray, index: np.ndarray) -> np.ndarray:
    return np.take_along_axis(values, index[..., None], -1)[..., 0]


def _checked(position: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    position, weight = np.asarray(position, float), np.asarray(weight, float)
    if not np.isfinite(position).all():
        raise InputError("a position is not a finite number", "leave out actors without a position")
    if not (weight >= 0.0).all():
        raise InputError(f"a weight is {np.min(weight)}, not ≥ 0", "weights are capability × salience")
    if not (weight.sum(axis=-1) > 0.0).all():
        raise InputError("nobody has any weight", "weights are capability × salience; give one actor more than 0")
    return position, weight


def payoff(
    position: np.ndarray,
    outcome: np.ndarray | float,
    span: np.ndarray | float,
    aversion: np.ndarray | float = 1.0,
) -> np.ndarray:
    """Return what an outcome is worth to each actor, 1 − (``|outcome − position|`` / span)^aversion.

    Parameters
    ----------
    position : numpy.ndarray
        Shape (..., actors).
    outcome : float or numpy.ndarray
        Broadcasts against the positions.
    span : float or numpy.ndarray
        Length of the scale, > 0: where the loss is 1.
    aversion : float or numpy.ndarray
        1 neutral to risk, > 1 averse, between 0 and 1 fond of it.
    """
    return 1.0 - (np.abs(outcome - position) / span) ** aversion


def nash_bargain(
    position: np.ndarray,
    weight: np.ndarray,
    disagreement: np.ndarray | float = -1.0,
    aversion: np.ndarray | float = 1.0,
    span: float | None = None,
) -> np.ndarray:
    """Return the outcome that maximises the weighted product of gains over disagreement.

    Parameters
    ----------
    position, weight : numpy.ndarray
        Shape (..., actors).
    disagreement : float or numpy.ndarray
        Payoff of each actor when nothing is agreed, on the scale of `payoff`, broadcasting against the positions; for a status quo s
        give ``payoff(position, s, span, aversion)``. Below 0 when it is worse than the far end of the scale.
    aversion : float or numpy.ndarray
        As in `payoff`, > 0.
    span : float, optional
        Length of the scale; by default the distance between the outermost positions of each draw.

    Returns
    -------
    numpy.ndarray
        Shape (...). Where all aversions are ≥ 1 the product has one peak, found to about 1e-7 of the span; else the best of a grid, of all
        positions and of what lies next to them. NaN where no outcome gives everybody who has weight more than disagreement.

    Raises
    ------
    InputError
        If weights, aversion or span are out of range.
    """
    x, w = np.broadcast_arrays(*_checked(position, weight))
    averse = np.asarray(aversion, float)
    if not (averse > 0.0).all() or (span is not None and not span > 0.0):
        raise InputError("aversion to risk and the length of the scale must be > 0", "1 is neutral to risk")
    low, high = x.min(axis=-1, keepdims=True), x.max(axis=-1, keepdims=True)
    length = np.where(high > low, high - low, 1.0) if span is None else np.full_like(low, span)

    room, counts = 1.0 - _per_actor(np.asarray(disagreement, float)), w[..., None, :] > 0.0

    def gain(outcome: np.ndarray) -> np.ndarray:
        """Return the log of the product at outcomes of shape (..., options), each factor as a share of the best that its actor can gain."""
        loss = 1.0 - payoff(x[..., None, :], outcome[..., None], length[..., None], _per_actor(averse))
        left = counts & (loss < room)
        # The share is 1 − loss / room, whose log keeps its digits where disagreement is far worse than anything on the scale.
        log = np.log1p(-np.where(left, loss, 0.0) / np.where(room > 0.0, room, 1.0))
        return np.where((counts & ~left).any(axis=-1), -np.inf, (w[..., None, :] * log).sum(axis=-1))

    options = np.sort(np.concatenate([low + (high - low) * np.linspace(0.0, 1.0, GRID), x], axis=-1), axis=-1)
    return _peak(gain, options)


def _per_actor(value: np.ndarray) -> np.ndarray:
    """Make room for the axis of outcomes before the last axis, that of the actors."""
    return value[..., None, :] if value.ndim else value


def _peak(gain: Callable[[np.ndarray], np.ndarray], options: np.ndarray) -> np.ndarray:
    """Return where the gain is largest, by golden section between the neighbours of the best of sorted options; NaN where it is nowhere."""
    height = gain(options)
    best = np.argmax(height, axis=-1)
    start = _at(options, best)[..., None]
    low = _at(options, np.maximum(best - 1, 0))[..., None]
    high = _at(options, np.minimum(best + 1, options.shape[-1] - 1))[..., None]
    for _ in range(60):
        inner, outer = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        left = gain(inner) >= gain(outer)
        low, high = np.where(left, low, inner), np.where(left, outer, high)
    refined = (low + high) / 2.0
    found = np.where(gain(refined) > gain(start), refined, start)[..., 0]
    return np.where(np.isfinite(height.max(axis=-1)), found, np.nan)


def absolute_error(forecast: np.ndarray | float, outcome: np.ndarray | float) -> np.ndarray:
    """Return ``|forecast − outcome|``, in the unit of the issue."""
    return np.abs(np.asarray(forecast, float) - outcome)


def root_mean_square(error: np.ndarray, axis: int = -1) -> np.ndarray:
    """Return the root of the mean square of errors along an axis: a few large errors count for more than many small ones."""
    return np.sqrt(np.mean(np.square(error), axis=axis))


def hit_rate(forecast: np.ndarray | float, outcome: np.ndarray | float, within: float, axis: int = -1) -> np.ndarray:
    """Return the share of forecasts that come within a distance ≥ 0 of the outcome, the distance itself included."""
    if within < 0.0:
        raise InputError(f"a hit within {within} is impossible", "give a distance ≥ 0 in the unit of the issue")
    return np.mean(absolute_error(forecast, outcome) <= within, axis=axis)


def crps(sample: np.ndarray, outcome: np.ndarray) -> np.ndarray:
    r"""Return the continuous ranked probability score of forecasts given as samples: E|X − y| − ½ E|X − X'| (smaller is better).

    With one draw it is the absolute error, so points and distributions can be compared on one scale (Gneiting & Raftery 2007,
    J. American Statistical Association 102).

    Parameters
    ----------
    sample : numpy.ndarray
        Shape (..., draws), at least one draw; the score is that of the distribution which puts equal mass on the draws.
    outcome : numpy.ndarray
        Shape (...).

    Returns
    -------
    numpy.ndarray
        Shape (...), in the unit of the issue.
    """
    x = np.sort(np.asarray(sample, float), axis=-1)
    count = x.shape[-1]
    if count == 0:
        raise InputError("a forecast without draws has no score", "give at least one draw")
    distance = np.abs(x - np.asarray(outcome, float)[..., None]).mean(axis=-1)
    # Σ_ij |x_i − x_j| of sorted values is 2 Σ_i (2i − n − 1) x_i with i from 1, which spares the pairs.
    rank = 2.0 * np.arange(1, count + 1) - count - 1.0
    return distance - (rank * x).sum(axis=-1) / count**2


class Comparison(NamedTuple):
    """Two forecasts on the same issues: how much larger the loss of the first is."""

    difference: float  # loss of the first less loss of the second, in the unit of the loss; < 0 where the first is better
    low: float  # ends of the interval
    high: float
    better: float  # share of resamples, 0 … 1, in which the first loses less


def compare_losses(
    first: np.ndarray,
    second: np.ndarray,
    seed: int,
    resamples: int = 10_000,
    level: float = 0.95,
    summary: Callable[..., np.ndarray] = np.mean,
) -> Comparison:
    """Compare two forecasts by a bootstrap over issues that keeps the two losses of an issue together.

    Parameters
    ----------
    first, second : numpy.ndarray
        Loss of each forecast on each issue, shape (issues,), at least 2 issues, taken as independent draws of issues.
    seed : int
        Seed of the resampling.
    resamples : int
        Number of resamples.
    level : float
        Share of the resampled differences inside the interval (percentile interval; Efron & Tibshirani 1993, ch. 13), 0 … 1.
    summary : callable
        What is compared, called with losses and ``axis=-1``: the mean, or `root_mean_square`.

    Raises
    ------
    InputError
        If the losses are not paired, or fewer than two.
    """
    first, second = np.asarray(first, float), np.asarray(second, float)
    if first.shape != second.shape or first.ndim != 1 or first.size < 2:
        raise InputError(
            f"losses of shapes {first.shape} and {second.shape} are not pairs", "give one loss an issue for both, of ≥ 2 issues"
        )
    pick = np.random.default_rng(seed).integers(first.size, size=(resamples, first.size))
    found = summary(first[pick], axis=-1) - summary(second[pick], axis=-1)
    low, high = np.quantile(found, [(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    difference = summary(first, axis=-1) - summary(second, axis=-1)
    return Comparison(float(difference), float(low), float(high), float(np.mean(found < 0.0)))
