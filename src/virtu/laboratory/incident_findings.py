"""What a fitted process of incidents says, ready for JSON: parameters with intervals, residuals, recovery, periods."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy import stats

from virtu.classics import hawkes, hawkes_intervals
from virtu.classics.hawkes import Events, Hawkes
from virtu.classics.hawkes_intervals import Interval
from virtu.classics.hawkes_search import Greatest, bounds
from virtu.laboratory.incident_pieces import REFUTED, brief, refitted
from virtu.laboratory.incident_times import DAYS, main_grain, period_of
from virtu.scenario.incidents import Incidents
from virtu.scenario.incidents.dates import GRAINS, written

ENOUGH = 10
"""Fewest drawn tables from which means are taken."""

POINTS = 60
"""Most points of a comparison of quantiles."""


class Redraw(NamedTuple):
    """A drawn table fitted again."""

    radius: float
    half_life: float
    distance: np.ndarray  # (D,) of residuals from exponential ones
    memory: np.ndarray  # (D,)


def dated(table: Incidents) -> dict[str, Any]:
    """Return what the dates of the table mean: how many mean a day, a month, a year; and how long they are on average, in days."""
    counts = Counter(one.when.grain for one in table.incidents)
    lengths = [one.when.length for one in table.incidents]
    return {
        "mostly": main_grain(table),
        "counts": {grain: counts[grain] for grain in GRAINS if counts[grain]},
        "mean_days": sum(lengths) / len(lengths),
    }


def essentials(found: Greatest, events: Events, days: float) -> dict[str, Any]:
    """Return spectral radius and half-life with intervals, and the share of incidents that are answers.

    Parameters
    ----------
    found : Greatest
        The fit.
    events : Events
        What it was fitted to.
    days : float
        The unit of time.
    """
    radius = hawkes.spectral_radius(found.model.branching)
    decay = hawkes_intervals.of_parameter(found, events, found.layout.place("decay"))
    half_life = Interval(math.log(2) / decay.high, math.log(2) / decay.low if decay.low else math.inf)
    point = brief(found)["half_life"]
    return {
        "pieces": found.layout.pieces,
        "log_likelihood": found.log_likelihood,
        "radius": _with_interval(radius, hawkes_intervals.of_radius(found, events)),
        "half_life": _with_interval(point, half_life) | {"days": None if point is None else point * days},
        "answers": _answers(found, events)[0],
    }


def parameters(table: Incidents, found: Greatest, events: Events, days: float) -> dict[str, Any]:
    """Return all parameters with their intervals.

    Parameters
    ----------
    table : Incidents
        What happened.
    found, events, days
        As `essentials`.
    """
    layout, model = found.layout, found.model
    zero = found.vector <= bounds(layout, events)[:, 0] + hawkes_intervals.EDGE
    sides = range(layout.kinds)
    branching = [[_branching(found, events, zero, to, by) for by in sides] for to in sides]
    _, of_sides, by_sides = _answers(found, events)
    edges = [written(table.start + days * edge) for edge in layout.edges[:-1]] + [written(table.end - 1e-9)]
    mu = np.where(zero[: model.background.size].reshape(model.background.shape), 0.0, model.background)
    return {
        **essentials(found, events, days),
        "of_sides": of_sides,
        "by_sides": by_sides,
        "branching": branching,
        "background": {
            "edges": edges,
            "sides": [
                [_with_interval(float(point), end) for point, end in zip(points, ends, strict=True)]
                for points, ends in zip(mu, hawkes_intervals.of_backgrounds(found, events), strict=True)
            ],
            "mean": [float(one) for one in mu.mean(axis=1)],
        },
    }


def _with_interval(point: float | None, ends: Interval) -> dict[str, float | None]:
    """Return a value and its interval; None where an end is not known."""
    return {"point": point, "low": ends.low, "high": ends.high if math.isfinite(ends.high) else None}


def _branching(found: Greatest, events: Events, zero: np.ndarray, to: int, by: int) -> dict[str, float | None]:
    place = found.layout.place("branching", to, by)
    point = 0.0 if zero[place] else math.exp(found.vector[place])
    return _with_interval(point, hawkes_intervals.of_parameter(found, events, place))


def _answers(found: Greatest, events: Events) -> tuple[float, list[float], list[list[float]]]:
    """Return the share of incidents that are answers: of all, of each side's, and of each side's (row) to each side's (column)."""
    model, size = found.model, found.layout.kinds
    arrived = 1.0 - np.exp(-model.decay[0, 0] * (events.end - events.times))
    born = model.branching * np.array([arrived[events.kinds == kind].sum() for kind in range(size)])
    counts = np.bincount(events.kinds, minlength=size)
    share = born / counts[:, None]
    return float(born.sum() / counts.sum()), [float(one) for one in share.sum(axis=1)], [[float(one) for one in row] for row in share]


def spreads(found: Greatest, ways: Sequence[tuple[int, Events]]) -> list[dict[str, Any]]:
    """Return what is found where incidents get other moments of their dates; None where nothing is.

    Parameters
    ----------
    found : Greatest
        The fit.
    ways : sequence of (int, Events)
        Seeds and what they lead to.
    """
    fits = [(seed, refitted(events, found)) for seed, events in ways]
    missing: dict[str, float | None] = {"radius": None, "half_life": None}
    return [{"seed": seed, **(missing if one is None else brief(one))} for seed, one in fits]


def redrawn(found: Greatest, draw: Callable[[Hawkes, int], Events | None], draws: int) -> list[Redraw]:
    """Return drawn tables fitted again, those left out that ran away or have too little to be fitted.

    Parameters
    ----------
    found : Greatest
        The fit they are drawn from.
    draw : callable
        Draws the table of a number from a process.
    draws : int
        How many.
    """
    again = []
    for number in range(draws):
        events = draw(found.model, number)
        one = refitted(events, found)
        if events is not None and one is not None and np.bincount(events.kinds, minlength=found.layout.kinds).min() > 2:
            check, short = hawkes.check_residuals(one.model, events), brief(one)
            again.append(Redraw(short["radius"] or 0.0, short["half_life"] or math.nan, check.distance, check.memory))
    return again


def recovered(found: Greatest, again: Sequence[Redraw], draws: int) -> dict[str, Any] | None:
    """Return what comes out where the fit is the truth, and the spectral radius corrected for it; None where nothing was drawn.

    The correction takes off what tables drawn from the fit give too much on average, and its interval is 1.96 standard deviations of what
    they give to either side (Efron & Tibshirani 1993, An Introduction to the Bootstrap, section 10.6).

    Parameters
    ----------
    found : Greatest
        The fit.
    again : sequence of Redraw
        From `redrawn`.
    draws : int
        How many tables were drawn.
    """
    if len(again) < ENOUGH:
        return None
    radii, lives = np.array([one.radius for one in again]), [one.half_life for one in again if math.isfinite(one.half_life)]
    corrected = 2.0 * hawkes.spectral_radius(found.model.branching) - float(radii.mean())
    half = hawkes_intervals.WIDTH * float(radii.std(ddof=1))
    ends = {"point": max(0.0, corrected), "low": max(0.0, corrected - half), "high": max(0.0, corrected + half)}
    return {
        "drawn": draws,
        "fitted": len(again),
        "radius": float(radii.mean()),
        "half_life": float(np.median(lives)) if lives else None,
        "corrected": ends,
    }


def residual_check(table: Incidents, found: Greatest, events: Events, again: Sequence[Redraw]) -> dict[str, Any]:
    """Return how far residuals are from independent exponential ones, and whether that is rare where the fit is the truth.

    Parameters
    ----------
    table : Incidents
        What happened.
    found, events
        As `essentials`.
    again : sequence of Redraw
        From `redrawn`; where there are too few, p-values are those of tables that were not fitted, which are too large.
    """
    check, gaps = hawkes.check_residuals(found.model, events), hawkes.residuals(found.model, events)
    sides = {}
    for place, name in enumerate(table.sides):
        distance, memory, count = float(check.distance[place]), float(check.memory[place]), int(check.gaps[place])
        drawn = len(again) >= ENOUGH
        logs, memories = np.log([one.distance[place] for one in again]), np.array([one.memory[place] for one in again])
        sides[name] = {
            "gaps": count,
            "distance": distance,
            "p_value": _above(math.log(distance), logs) if drawn else float(check.p_value[place]),
            "memory": memory,
            "memory_p_value": _apart(memory, memories) if drawn else 2.0 * float(stats.norm.sf(abs(memory) * math.sqrt(count))),
            "points": _quantiles(gaps[place]),
        }
    least = min(one[key] for one in sides.values() for key in ("p_value", "memory_p_value"))
    return {
        "fits": least >= REFUTED / (2 * len(sides)),
        "level": REFUTED,
        "drawn": len(again) if len(again) >= ENOUGH else 0,
        "sides": sides,
    }


def _above(value: float, drawn: np.ndarray) -> float:
    """Return the chance of a value at least as large as this, where drawn ones are normal."""
    return float(stats.t.sf((value - drawn.mean()) / (drawn.std(ddof=1) * math.sqrt(1 + 1 / len(drawn))), len(drawn) - 1))


def _apart(value: float, drawn: np.ndarray) -> float:
    """Return the chance of a value at least as far from the mean as this, where drawn ones are normal."""
    centre = float(drawn.mean())
    return 2.0 * _above(centre + abs(value - centre), drawn)


def _quantiles(gaps: np.ndarray) -> list[list[float]]:
    """Return quantiles of an exponential of mean 1 beside those of the gaps."""
    ordered, count = np.sort(gaps), len(gaps)
    places = np.unique(np.linspace(0, count - 1, min(count, POINTS)).round().astype(int))
    return [[-math.log1p(-(place + 0.5) / count), float(ordered[place])] for place in places]


def periods(table: Incidents, found: Greatest, events: Events, days: float) -> dict[str, Any]:
    """Return incidents period by period beside those expected, in all and from the background alone.

    Parameters
    ----------
    table, found, events, days
        As `parameters`.
    """
    name, length = period_of(table)
    count = math.ceil((table.end - table.start) / length - 1e-9)
    ends = np.minimum(np.arange(count + 1) * length / days, events.end)
    sides = range(len(table.sides))
    counts = [np.histogram(events.times[events.kinds == side], ends)[0].tolist() for side in sides]
    every, alone = hawkes.expected_by(found.model, events, ends), _background_by(found.model, ends)
    return {
        "period": name,
        "from": [written(table.start + days * one) for one in ends[:-1]],
        "days": [float(one) for one in np.diff(ends) * days],
        "counts": counts,
        "expected": [[float(one) for one in np.diff(side)] for side in every],
        "background": [[float(one) for one in np.diff(side)] for side in alone],
    }


def _background_by(model: Hawkes, moments: np.ndarray) -> np.ndarray:
    """Return how many incidents of each side come of themselves from the start to each moment, shape (D, moments)."""
    sums = np.concatenate([np.zeros((len(model.background), 1)), np.cumsum(model.background * np.diff(model.edges), axis=1)], axis=1)
    return np.array([np.interp(moments, model.edges, side) for side in sums])


def weekly(result: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters a scenario of the street would have: events a week, weeks, and the background on average over the watch.

    Parameters
    ----------
    result : dict
        Unit, branching, background, half-life and severity of a fit.
    """
    weeks = DAYS[result["unit"]] / DAYS["week"]
    known, half_life = result["severity"], result["half_life"]["point"]
    severity = None if known is None else {key: known["all"][key]["point"] for key in ("median", "log_sd")}
    return {
        "background": [one / weeks for one in result["background"]["mean"]],
        "branching": [[one["point"] for one in row] for row in result["branching"]],
        "half_life": None if half_life is None else half_life * weeks,
        "severity": severity,
    }
