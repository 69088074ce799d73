"""The models of a forecast, each on all draws of a table at once.

- ``baseline``: the mean of positions weighted by capability × salience;
- ``median``: the weighted median;  ``mean``: the unweighted mean of all who have weight;
- ``nash``: the Nash bargain with those weights, neutral to risk, disagreement one scale below the worst outcome;
- ``expected_utility``: the weighted median after eight rounds, the equations read as printed (`WRITTEN`);
- ``spatial_bargaining``: the mean of the positions held at the end of the spatial bargain, weighted by capability × salience. With
  several issues all are bargained over together; where the saliences of an actor add up to more than 1, all saliences of the table
  are divided by the largest sum, as this model takes them to be shares of an actor's attention.

Actors without weight take no part in any of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from virtu.classics.compromise import nash_bargain, weighted_mean, weighted_median
from virtu.classics.expected_utility import WRITTEN, play
from virtu.classics.spatial_bargaining import Outcomes, Table, bargain_draws
from virtu.laboratory.forecast_draws import Sample
from virtu.scenario.stakeholders import Scale, Stakeholders

MODELS = ("baseline", "median", "mean", "nash", "expected_utility", "spatial_bargaining")
ROUNDS = 8
"""Rounds of the expected-utility model, as in the tables of Scholz, Calbert & Smith (2011)."""

MOST_TRIADS = 2_000_000
"""Draws × actors³ that the expected-utility model holds in memory at once."""

MOST_NASH = 4_000_000
"""Draws × actors × outcomes that the Nash bargain holds in memory at once."""


class Course(NamedTuple):
    """Rounds of the expected-utility model on one issue, the start first."""

    mean: np.ndarray  # (ROUNDS + 1, D)
    median: np.ndarray  # (ROUNDS + 1, D)


class Forecasts(NamedTuple):
    """What all models say of D draws."""

    outcome: dict[str, np.ndarray]  # by model, (D, I) on the scales
    courses: tuple[Course, ...]  # one an issue
    turns: np.ndarray  # (D,) turns of the spatial bargain
    settled: np.ndarray  # (D,) bool: whether it ended because hardly anybody moved

    def part(self, rows: slice) -> Forecasts:
        """Return what is said of some of the draws."""
        return Forecasts(
            {model: values[rows] for model, values in self.outcome.items()},
            tuple(Course(course.mean[:, rows], course.median[:, rows]) for course in self.courses),
            self.turns[rows],
            self.settled[rows],
        )


def joined(samples: Sequence[Sample]) -> Sample:
    """Return draws of several tables of the same actors and issues as one sample."""
    return Sample(*(np.concatenate(parts) for parts in zip(*samples, strict=True)))


def forecasts(sample: Sample, table: Stakeholders) -> Forecasts:
    """Return what all models say of a sample.

    Parameters
    ----------
    sample : Sample
        Draws; actors may have no weight in some of them, but in each at least one has.
    table : Stakeholders
        Its scales are those of the issues.
    """
    issues = range(len(table.issues))
    ended = spatial(sample, table)
    courses = tuple(expected_utility(sample, issue, table.scale[issue]) for issue in issues)
    columns = [_standing_still(sample, issue, table.scale[issue]) for issue in issues]
    outcome = {model: np.stack([column[model] for column in columns], -1) for model in columns[0]}
    outcome["expected_utility"] = np.stack([course.median[-1] for course in courses], -1)
    held = np.moveaxis(ended.position, -1, 0)
    outcome["spatial_bargaining"] = np.stack([weighted_mean(held[..., issue], sample.weight(issue)) for issue in issues], -1)
    return Forecasts(outcome, courses, ended.turns, ended.settled)


def _standing_still(sample: Sample, issue: int, scale: Scale) -> dict[str, np.ndarray]:
    """Return the forecasts on an issue that do not look at how the actors deal with each other, each (D,)."""
    position, weight = sample.position[..., issue], sample.weight(issue)
    counts = weight > 0.0
    return {
        "baseline": weighted_mean(position, weight),
        "median": weighted_median(position, weight),
        "mean": weighted_mean(position, counts.astype(float)),
        "nash": _nash(position, weight, scale),
    }


def _nash(position: np.ndarray, weight: np.ndarray, scale: Scale) -> np.ndarray:
    """Return the Nash bargain, by the group of who counts: the others' positions are no outcomes to be tried."""
    found = np.empty(len(position))
    for rows, actors in _groups(weight > 0.0):
        for part in _parts(rows, MOST_NASH // (len(actors) * 300)):
            here = np.ix_(part, actors)
            found[part] = nash_bargain(position[here], weight[here], span=scale.length)
    return found


def expected_utility(sample: Sample, issue: int, scale: Scale) -> Course:
    """Return the rounds of the expected-utility model on one issue."""
    found = Course(*(np.empty((ROUNDS + 1, len(sample.position))) for _ in Course._fields))
    for rows, actors in _groups(sample.weight(issue) > 0.0):
        for part in _parts(rows, MOST_TRIADS // len(actors) ** 3):
            here = np.ix_(part, actors)
            quantities = (sample.position[..., issue], sample.capability, sample.salience[..., issue])
            course = play(*(one[here] for one in quantities), rounds=ROUNDS, reading=WRITTEN, span=scale.length)
            found.mean[:, part], found.median[:, part] = course.mean, course.median
    return found


def _groups(counts: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the draws in which the same actors count, and these actors."""
    kinds, which = np.unique(counts, axis=0, return_inverse=True)
    return [(np.flatnonzero(which == number), np.flatnonzero(kind)) for number, kind in enumerate(kinds)]


def _parts(rows: np.ndarray, size: int) -> list[np.ndarray]:
    return np.split(rows, range(max(size, 1), len(rows), max(size, 1)))


def attention(table: Stakeholders) -> float:
    """Return what saliences are divided by in the spatial bargain: the largest sum of an actor's, or 1."""
    return max(1.0, *(sum(one.value for one in row) for row in table.salience))


def spatial(sample: Sample, table: Stakeholders) -> Outcomes:
    """Return how the spatial bargain over all issues ends; who has no weight on any issue is not at the table."""
    salience = np.moveaxis(sample.salience, 0, -1) / attention(table)
    salience = salience / np.maximum(salience.sum(1, keepdims=True), 1.0)
    present = (salience.sum(1) > 0.0) & (sample.capability.T > 0.0)
    bargained = Table(
        position=np.moveaxis(sample.position, 0, -1),
        capability=np.where(present, sample.capability.T, 0.0),
        salience=np.where(present[:, None], salience, 1.0 / len(table.issues)),
        names=table.actors,
        dimensions=table.issues,
        scale=tuple((scale.low, scale.high) for scale in table.scale),
    )
    return bargain_draws(bargained)
