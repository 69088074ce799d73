"""Who decides: the holder of the median, power indices, the last word, and the ruling coalition, by weight = capability × salience."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from virtu.classics.compromise import weighted_mean, weighted_median
from virtu.classics.exact import as_fraction, as_integers
from virtu.classics.large_coalitions import LARGEST, sample_ruling_coalition, search_ruling_coalition
from virtu.classics.power_indices import power_indices, sampled_power_indices
from virtu.classics.ruling_coalition import ruling_coalition
from virtu.laboratory.forecast_draws import Sample
from virtu.record import statistics
from virtu.scenario.stakeholders import Stakeholders
from virtu.scenario.vocabulary import parameters

STRICT = 0.5 + 1e-6
"""Share of all weight that wins: more than half, also after the weights have been rounded."""

MOST_STEPS = 10**8
"""Members² × sum of the integer weights for which power indices are counted without rounding them."""

SEARCHED = 18
"""Most members whose coalitions are all examined; more are searched in order of power."""

MOST_COALITIONS = 2**22
"""Coalitions examined over all draws of a forecast."""

MOST_DRAWS = 400
"""Draws in which the ruling coalition is worked out again; enough for a share to within five points."""

DRAWN_STEPS = 10**6
"""Steps to which the weights of a draw are rounded before coalitions are compared."""


class Part(NamedTuple):
    """Those who count in an issue, at the point and in the draws."""

    names: tuple[str, ...]
    exact: tuple[Fraction, ...]  # weights as written
    position: np.ndarray  # (1 + D, A), the point first
    weight: np.ndarray  # (1 + D, A)
    salience: np.ndarray  # (1 + D, A)


def who_counts(table: Stakeholders, sample: Sample, issue: int) -> Part:
    """Return those who have weight in an issue.

    Parameters
    ----------
    table : Stakeholders
        The table.
    sample : Sample
        Its point and its draws, the point first.
    issue : int
        Number of the issue.
    """
    here = [actor for actor in range(len(table.actors)) if sample.weight(issue)[0, actor] > 0.0]
    exact = [as_fraction(table.capability[one].value, "") * as_fraction(table.salience[one][issue].value, "") for one in here]
    names = tuple(table.actors[one] for one in here)
    return Part(
        names, tuple(exact), *(one[:, here] for one in (sample.position[..., issue], sample.weight(issue), sample.salience[..., issue]))
    )


def pivotal(part: Part) -> dict[str, Any]:
    """Return who holds the weighted median and how often each is decisive at a majority of the weight.

    Returns
    -------
    dict
        quota: 0.5, to be exceeded; median_holders: names; actors: by name share (of all weight, at the point), holds_median
        (share of the draws, or None), banzhaf and shapley_shubik (point, low, high).
    """
    position, weight = part.position, part.weight
    ends = (weighted_median(position, weight, tie)[:, None] for tie in ("low", "high"))
    holds = np.logical_or(*(position == end for end in ends))
    whole = _integers(part.exact)
    point = power_indices(whole, sum(whole) // 2 + 1)
    drawn = sampled_power_indices(weight[1:], STRICT) if len(weight) > 1 else None
    actors = {}
    for one, name in enumerate(part.names):
        actors[name] = {
            "share": float(part.exact[one] / sum(part.exact)),
            "holds_median": float(holds[1:, one].mean()) if drawn else None,
            "banzhaf": spread(float(point.banzhaf[one]), drawn.banzhaf[:, one] if drawn else None),
            "shapley_shubik": spread(float(point.shapley_shubik[one]), drawn.shapley_shubik[:, one] if drawn else None),
        }
    return {"quota": 0.5, "median_holders": [name for name, has in zip(part.names, holds[0], strict=True) if has], "actors": actors}


def _integers(weights: tuple[Fraction, ...]) -> list[int]:
    """Return weights as integers: exactly where they are short enough to be counted, else rounded."""
    whole, _ = as_integers(weights, "a weight")
    most, total = MOST_STEPS // len(whole) ** 2, sum(whole)
    return whole if total <= most else [max(round(weight * most / total), 1) for weight in whole]


def last_word(part: Part) -> dict[str, Any]:
    """Return what each would gain by speaking last, by the rule of the organisation's meeting.

    Who speaks last proposes mean + shade · (own position − mean), the mean being the baseline, and gains salience × the distance by
    which the proposal lies nearer to it than the mean.

    Returns
    -------
    dict
        shade; actors: by name shift and gain (point, low, high), those who gain most first.
    """
    shade = float(parameters()["shade"].default)
    mean = weighted_mean(part.position, part.weight)[:, None]
    shift = shade * (part.position - mean)
    gain = part.salience * np.abs(shift)
    order = np.argsort(-gain[0], kind="stable")
    return {
        "shade": shade,
        "actors": {part.names[one]: {"shift": spread_of(shift[:, one]), "gain": spread_of(gain[:, one])} for one in order},
    }


def coalition(part: Part) -> dict[str, Any]:
    """Return the ruling coalition by weight: who is left when every ally of today may be the victim of tomorrow.

    Returns
    -------
    dict
        members, excluded: names; share: of all weight; exact: whether it is known to be the one; ties: other coalitions as strong;
        draws: those in which it was worked out again; inside: by name the share of these in which the actor is a member, with Wilson's
        interval, or None.
    """
    count = len(part.names)
    if count <= SEARCHED:
        found = ruling_coalition(part.exact)
        members, exact, ties = found.coalitions[0], True, len(found.coalitions) - 1
    else:
        bracket = search_ruling_coalition(part.exact) if count <= LARGEST else sample_ruling_coalition(part.exact)
        members, exact, ties = bracket.coalition, bracket.exact, 0
    draws = min(len(part.weight) - 1, MOST_DRAWS, MOST_COALITIONS >> count) if count <= SEARCHED else 0
    inside = _inside(part.weight[1 : 1 + draws])
    return {
        "members": [part.names[one] for one in members],
        "excluded": [name for one, name in enumerate(part.names) if one not in members],
        "share": float(sum(part.exact[one] for one in members) / sum(part.exact)),
        "exact": exact,
        "ties": ties,
        "draws": draws,
        "inside": {name: statistics.share(int(inside[one]), draws) for one, name in enumerate(part.names)} if draws else None,
    }


def _inside(weight: np.ndarray) -> np.ndarray:
    """Return in how many draws each is a member; of coalitions equally strong the first counts."""
    count = np.zeros(weight.shape[1], int)
    for row in weight:
        whole = np.maximum(np.rint(row / row.sum() * DRAWN_STEPS), 1.0).astype(int)
        count[list(ruling_coalition(whole.tolist()).coalitions[0])] += 1
    return count


def spread(point: float, drawn: np.ndarray | None) -> dict[str, float | None]:
    """Return a number at the point and the ends that hold 95 % of the draws; None without draws."""
    if drawn is None or not len(drawn):
        return {"point": point, "low": None, "high": None}
    low, high = np.quantile(drawn, [0.025, 0.975])
    return {"point": point, "low": float(low), "high": float(high)}


def spread_of(values: np.ndarray) -> dict[str, float | None]:
    """Return `spread` of values whose first is the point."""
    return spread(float(values[0]), values[1:])
