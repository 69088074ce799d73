"""95 % intervals for the parameters of a fitted Hawkes process, by the profile of its likelihood.

An interval holds the values at which twice the log-likelihood, all other parameters being chosen anew, lies within 3.84 of its greatest
(Wilks 1938, "The large-sample distribution of the likelihood ratio for testing composite hypotheses", Annals of Mathematical Statistics
9(1), 60-62; Venzon & Moolgavkar 1988, "A method for computing profile-likelihood-based confidence intervals", Applied Statistics 37(1),
87-94). It needs no standard error, does not leave the range of the parameter, is the same on every scale, and is there where the best value
is 0 or the likelihood is flat on one side. The pieces of the background are taken as given. As these can be many, the intervals of
backgrounds above 0 come from the curvature of the likelihood in their logarithms.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np
from scipy import optimize

from virtu.classics.hawkes_search import Events, Greatest, Layout, bounds, climb, climb_rest, curvature, loss_of_rest

WIDTH = 1.959963984540054
"""Two-sided 95 % point of the standard normal distribution, whose square is that of χ² with one degree of freedom."""

FIRST_STEP = 0.1
"""First step away from the best value, in its logarithm."""

EXACT = 1e-3
"""How exactly the logarithm of an end is found."""

EDGE = 1e-6
"""How near a bound of the search, in logarithms, a parameter is at it."""

ROOM = 100.0
"""By which factor a branching that is still to be scaled may go beyond the bounds of the search."""


class Interval(NamedTuple):
    """The ends of a 95 % interval."""

    low: float  # 0 where the least value of the search is not excluded
    high: float  # infinite where the greatest is not


def of_parameter(found: Greatest, events: Events, place: int) -> Interval:
    """Return the interval of one parameter.

    Parameters
    ----------
    found : Greatest
        Where the likelihood is greatest.
    events : Events
        The events it was found for.
    place : int
        Of the parameter, from `Layout.place`.
    """
    limits = bounds(found.layout, events)

    def least_cost(value: float, near: np.ndarray) -> optimize.OptimizeResult:
        held = limits.copy()
        held[place] = value
        return climb_rest(found.layout, events, near, held)

    return _ends(least_cost, found, found.vector[place], limits[place])


def of_backgrounds(found: Greatest, events: Events) -> list[list[Interval]]:
    """Return the intervals of all pieces of the background, D lists of P.

    Parameters
    ----------
    found, events
        As `of_parameter`.
    """
    layout, limits = found.layout, bounds(found.layout, events)
    free = (found.vector > limits[:, 0] + EDGE) & (found.vector < limits[:, 1] - EDGE)
    spread = _spread(found, events, free)
    places = np.arange(layout.kinds * layout.pieces).reshape(layout.kinds, layout.pieces)
    return [[_of_background(found, events, int(place), float(spread[place])) for place in row] for row in places]


def _of_background(found: Greatest, events: Events, place: int, spread: float) -> Interval:
    """Return the interval of one background by the standard error of its logarithm, or by the likelihood where there is none."""
    if not math.isfinite(spread):
        return of_parameter(found, events, place)
    return Interval(*(math.exp(found.vector[place] + sign * WIDTH * spread) for sign in (-1, 1)))


def _spread(found: Greatest, events: Events, free: np.ndarray) -> np.ndarray:
    """Return the standard errors of the logarithms of the parameters, shape (parameters,); NaN where there are none."""
    held = free.copy()
    held[found.layout.place("decay") :] = False
    errors = np.full(len(free), np.nan)
    # Where there are hardly any children the likelihood is flat in the decay; then it is held fast.
    for kept in (free, held):
        bent = curvature(found.layout, events, found.vector, kept)
        if np.linalg.eigvalsh(bent).min(initial=np.inf) > 0:
            errors[kept] = np.sqrt(np.diag(np.linalg.inv(bent)))
            break
    return errors


def of_radius(found: Greatest, events: Events) -> Interval:
    """Return the interval of the spectral radius of the branching.

    Parameters
    ----------
    found, events
        As `of_parameter`.
    """
    layout, size = found.layout, found.layout.kinds
    if size == 1:
        return of_parameter(found, events, layout.place("branching"))
    limits = bounds(layout, events)
    inside = np.column_stack([layout.rest(end) for end in limits.T])
    inside[: size * size] *= [1.0 / ROOM, ROOM]

    def least_cost(value: float, near: np.ndarray) -> optimize.OptimizeResult:
        scaled = near.copy()
        scaled[: size * size] *= math.exp(value) / _perron(near[: size * size].reshape(size, size))[0]
        return climb(_loss_at_radius, (layout, events, limits, value), scaled, inside, len(events.times))

    return _ends(least_cost, found, math.log(_perron(found.model.branching)[0]), limits[layout.place("branching")])


def _ends(least_cost: Callable[[float, np.ndarray], optimize.OptimizeResult], found: Greatest, best: float, limits: np.ndarray) -> Interval:
    """Return the interval of what is held fast while the cost is made least, given its best value and its limits, all logarithms."""
    latest = [found.rest]

    @cache
    def distance(value: float) -> float:
        """Return the root of twice the fall of the log-likelihood."""
        if value == best:
            return 0.0
        there = least_cost(value, latest[0])
        latest[0] = there.x
        return math.sqrt(max(0.0, 2.0 * (float(there.fun) + found.log_likelihood)))

    low = _passed(distance, best, float(limits[0]))
    latest[0] = found.rest
    high = _passed(distance, best, float(limits[1]))
    return Interval(0.0 if low is None else math.exp(low), math.inf if high is None else math.exp(high))


def _passed(distance: Callable[[float], float], best: float, limit: float) -> float | None:
    """Return where the distance passes the width on the way from the best value to a limit; None where it does not."""
    sign, step, inside = math.copysign(1.0, limit - best), FIRST_STEP, best
    while inside != limit:
        trial = limit if step >= abs(limit - best) else best + sign * step
        reached = distance(trial)
        if reached >= WIDTH:
            return float(
                optimize.root_scalar(lambda value: distance(value) - WIDTH, bracket=(inside, trial), method="brentq", xtol=EXACT).root
            )
        inside = trial
        # Near its best value the distance grows in proportion to the step.
        step *= min(4.0, max(1.5, 1.1 * WIDTH / max(reached, 1e-6)))
    return None


def _loss_at_radius(rest: np.ndarray, layout: Layout, events: Events, limits: np.ndarray, radius: float) -> tuple[float, np.ndarray]:
    """Return minus the log-likelihood and its slopes where the branching is scaled to a radius, of which the logarithm is given.

    With n = r m / ρ(m), a slope in m is r/ρ times that in n, less what all of n loses as ρ(m) grows; ∂ρ(m) / ∂m_ij is u_i v_j / u·v, with
    the eigenvectors u on the left and v on the right (Caswell 1978, "A general formula for the sensitivity of population growth rate to
    changes in life history parameters", Theoretical Population Biology 14, 215-230).
    """
    block, scaled = slice(0, layout.kinds**2), rest.copy()
    own, share = _perron(rest[block].reshape(layout.kinds, layout.kinds))
    factor = math.exp(radius) / own
    scaled[block] *= factor
    cost, slopes = loss_of_rest(scaled, layout, events, limits)
    slopes[block] = factor * (slopes[block] - (slopes[block] @ rest[block]) * share.ravel() / rest[block])
    return cost, slopes


def _perron(branching: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the spectral radius of a matrix of numbers above 0, and by which share of itself it grows with each of them, (D, D)."""
    values, right = np.linalg.eig(branching)
    others, left = np.linalg.eig(branching.T)
    v, u = np.abs(right[:, np.argmax(np.real(values))]), np.abs(left[:, np.argmax(np.real(others))])
    weight = u[:, None] * branching * v
    return float(np.real(values).max()), weight / weight.sum()
