"""What a calibration found, ready for JSON: what is known of each input, which trade off, and how far the facts are met."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
from scipy.stats import chi2, gaussian_kde

from virtu.inference import surfaces
from virtu.inference.posterior import LITTLE, TRADE_OFF
from virtu.inference.surfaces import Design, Surfaces
from virtu.inference.targets import Targets
from virtu.laboratory.designs import Input
from virtu.record.statistics import Z

PRESSED, EDGE = 0.2, 0.05
"""Posterior share in the outer twentieth of a range from which on an input is said to press against its end; the prior's is .05."""

ROUGH = 0.8
"""Share of new points that the surfaces foretell within their 95 % from which downwards they are said to be rough."""

TRIED = 4096
"""Points of the whole space at which it is looked for how a fact could be met alone."""

PLACES = 80
"""Places at which a density is given."""


def inputs(names: Sequence[str], values: np.ndarray, low: np.ndarray, high: np.ndarray) -> list[dict[str, Any]]:
    """Return what is known of each input.

    Parameters
    ----------
    names : sequence of str
        Of the d inputs.
    values : numpy.ndarray
        Draws from the posterior, shape (S, d).
    low, high : numpy.ndarray
        Ends of their ranges, which the uniform prior fills, shape (d,) each.
    """
    told = []
    for name, drawn, first, last in zip(names, values.T, low, high, strict=True):
        ends = np.quantile(drawn, (0.025, 0.5, 0.975))
        width = last - first
        one = {"mean": drawn.mean(), "sd": drawn.std(), "median": ends[1], "low": ends[0], "high": ends[2]}
        one["contraction"] = 1.0 - drawn.var() / (width**2 / 12.0)
        pressed = {"lower": np.mean(drawn < first + EDGE * width), "upper": np.mean(drawn > last - EDGE * width)}
        end = max(pressed, key=lambda side: pressed[side])
        told.append(
            {"name": name, "prior": [float(first), float(last)], **{key: float(value) for key, value in one.items()}}
            | {"pressed": end if pressed[end] > PRESSED else None}
        )
    return told


def trade_offs(names: Sequence[str], after: np.ndarray) -> list[dict[str, Any]]:
    """Return the pairs of inputs of which only a combination is known, the strongest first; draws of shape (S, d)."""
    tied = np.atleast_2d(np.corrcoef(after, rowvar=False))
    pairs = [(one, other) for one, other in combinations(range(len(names)), 2) if abs(tied[one, other]) >= TRADE_OFF]
    pairs.sort(key=lambda pair: -abs(tied[pair]))
    return [{"inputs": [names[one] for one in pair], "correlation": float(tied[pair])} for pair in pairs]


def facts(
    known: Surfaces, given: Targets, design: Design, after: np.ndarray, names: Sequence[str], generator: np.random.Generator
) -> list[dict[str, Any]]:
    """Return for each fact what the model gives, and what would be measured of it, with bands of 95 %.

    Parameters
    ----------
    known, given, design
        Surfaces, facts, and all that was simulated.
    after : numpy.ndarray
        Draws from the posterior in the unit cube, shape (S, d).
    names : sequence of str
        Of the inputs.
    generator : numpy.random.Generator
        Of the replications.

    Returns
    -------
    list of dict
        Each with measure, value, low and high of the fact; model and replicated (mean, low, high); met, p (two-sided, of the value among
        replications); lowest and highest result anywhere in the ranges; reachable; against (facts that are missed if this one is met) and
        moved_by (the change of the result over the range of each input, the others at their posterior means).
    """
    model, again = surfaces.replicated(known, given, after, generator)
    ends = np.quantile(model, (0.025, 0.975), axis=0), np.quantile(again, (0.025, 0.975), axis=0)
    slopes = _reach_of_inputs(known, after)
    below, above = given.errors
    told = []
    for place, one in enumerate(given.rows):
        values, noise = design.values[:, place], np.sqrt(design.variances[:, place])
        found = np.isfinite(values)
        lowest, highest = float(values[found].min()), float(values[found].max())
        lower, upper = one.value - Z * below[place], one.value + Z * above[place]
        spread = Z * float(noise[found].mean())
        met = bool(ends[1][0, place] <= one.value <= ends[1][1, place])
        reachable = bool(lower <= highest + spread and upper >= lowest - spread)
        tail = float(np.mean(again[:, place] <= one.value)), float(np.mean(again[:, place] >= one.value))
        told.append(
            {
                "measure": one.quantity.text,
                "unit": one.quantity.unit,
                "source": one.source,
                "weight": one.weight,
                "value": one.value,
                "low": float(lower),
                "high": float(upper),
                "model": _band(model[:, place], ends[0][:, place]),
                "replicated": _band(again[:, place], ends[1][:, place]),
                "met": met,
                "p": min(1.0, 2.0 * min(tail)),
                "lowest": lowest,
                "highest": highest,
                "reachable": reachable,
                "against": [] if met or not reachable else _against(known, given, place, after, generator),
                "moved_by": dict(zip(names, slopes[:, place].tolist(), strict=True)),
            }
        )
    return told


def _band(drawn: np.ndarray, ends: np.ndarray) -> dict[str, float]:
    return {"mean": float(drawn.mean()), "low": float(ends[0]), "high": float(ends[1])}


def _reach_of_inputs(known: Surfaces, after: np.ndarray) -> np.ndarray:
    """Return by how much each quantity rises from the lower to the upper end of each input, the others at their means, shape (d, m)."""
    size = after.shape[1]
    points = np.tile(after.mean(axis=0), (2, size, 1))
    points[0, np.arange(size), np.arange(size)], points[1, np.arange(size), np.arange(size)] = 0.0, 1.0
    means = known.foretold(points.reshape(-1, size))[0].reshape(2, size, -1)
    return means[1] - means[0]


def _against(known: Surfaces, given: Targets, place: int, after: np.ndarray, generator: np.random.Generator) -> list[str]:
    """Return the facts that are missed where this one is met best; those that are missed anyway are left out."""
    tried = np.concatenate([generator.random((TRIED, after.shape[1])), after])
    away, wide = surfaces.misfits(given, known.foretold(tried)[0])
    scaled = np.abs(away / wide)
    near = scaled[:, place] <= max(1.0, float(scaled[:, place].min()))
    best = np.flatnonzero(near)[np.argmin((scaled[near] ** 2).sum(axis=1))]
    usual = np.abs(np.divide(*surfaces.misfits(given, known.foretold(after.mean(axis=0)[None])[0])))[0]
    worse = [other for other in np.argsort(-scaled[best]) if other != place and scaled[best, other] > Z >= usual[other]]
    return [given.rows[other].quantity.text for other in worse[:3]]


def fit(known: Surfaces, given: Targets, after: np.ndarray) -> dict[str, Any]:
    """Return the least misfit of all facts together, χ² over the draws, with its degrees of freedom and p; None where there are none."""
    means, variances = known.foretold(after)
    away, wide = surfaces.misfits(given, means)
    total = known.shared + (variances + wide**2)[:, :, None] * np.eye(away.shape[1])
    squares = (away * np.linalg.solve(total, away[:, :, None])[:, :, 0]).sum(axis=1)
    left = away.shape[1] - after.shape[1]
    least = float(squares.min())
    return {"chi2": least, "degrees": left, "p": float(chi2.sf(least, left)) if left > 0 else None}


def settled(after: np.ndarray, before: np.ndarray) -> float | None:
    """Return how far the last round moved a posterior mean, in posterior standard deviations, the largest; None after one round."""
    if not len(before):
        return None
    return float(np.max(np.abs(after.mean(axis=0) - before.mean(axis=0)) / np.maximum(after.std(axis=0), 1e-9)))


def check(known: Surfaces, new: Design) -> dict[str, float]:
    """Return how well surfaces foretold points they had not seen: share within 95 %, and root mean square in standard deviations."""
    means, variances = known.foretold(new.points)
    # A rate of which no event was seen at a point has no variance there, but its error is that of its neighbours.
    own = np.maximum(new.variances - np.diag(new.shared), [one.error for one in known.emulators])
    scaled = (new.values - means) / np.sqrt(variances + own)
    found = np.isfinite(new.values)
    return {
        "points": float(len(new.points)),
        "within": float(np.mean(np.abs(scaled[found]) <= Z)),
        "error": float(np.sqrt(np.mean(scaled[found] ** 2))),
    }


def best(
    free: Sequence[Input], known: Surfaces, given: Targets, after: np.ndarray, bounds: tuple[np.ndarray, np.ndarray]
) -> dict[str, Any]:
    """Return the draw of the highest posterior density, as values and as what is to be done to have them."""
    top = after[np.argmax(surfaces.log_likelihood(known, given, after))]
    values = [float(f"{value:.4g}") for value in bounds[0] + top * (bounds[1] - bounds[0])]
    return {
        "values": dict(zip((one.name for one in free), values, strict=True)),
        "do": [one.at(value) for one, value in zip(free, values, strict=True)],
    }


def densities(names: Sequence[str], values: np.ndarray, low: np.ndarray, high: np.ndarray) -> dict[str, Any]:
    """Return posterior densities by input for figures: kernel estimates of Scott's bandwidth, mirrored at the ends of the range."""
    told = {}
    for name, drawn, first, last in zip(names, values.T, low, high, strict=True):
        at = np.linspace(first, last, PLACES)
        kernel = gaussian_kde(drawn)
        mirrored = kernel(at) + kernel(2.0 * first - at) + kernel(2.0 * last - at)
        told[name] = {"at": at.tolist(), "prior": float(1.0 / (last - first)), "posterior": mirrored.tolist()}
    return told


def warnings(posterior: Sequence[dict[str, Any]], met: Sequence[dict[str, Any]], checks: Sequence[dict[str, float]]) -> list[str]:
    """Return what is to be said of how far the answer can be relied on."""
    said = []
    for one in posterior:
        if one["pressed"]:
            said.append(f"{one['name']} presses against the {one['pressed']} end of its range: what fits may lie beyond")
        elif one["contraction"] < LITTLE:
            said.append(f"the facts say next to nothing of {one['name']}")
    for one in met:
        if not one["reachable"]:
            said.append(
                f"the model cannot reach {one['measure']}: {one['value']:.3g} was measured, and anywhere in the ranges it gives "
                f"{one['lowest']:.3g} to {one['highest']:.3g}"
            )
    if checks and checks[-1]["within"] < ROUGH:
        said.append(f"the surfaces foretold {100 * checks[-1]['within']:.0f} % of new points within their 95 %: add rounds or histories")
    return said
