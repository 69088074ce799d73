"""Points around the constants of a scenario, at which contrasts are repeated: a Latin hypercube within ±25 %.

Every constant of the arena is drawn, each from its own strata in an order of its own, so that another constant added to the model moves no
other. Draws stay within the range of a constant, and shares of one whole are scaled down together where they would pass it. Whole numbers
and switches stay as they are, and so does what is 0.
"""

from __future__ import annotations

import numpy as np

from virtu import chance
from virtu.laboratory.arenas import arena_of
from virtu.scenario import AnyScenario
from virtu.scenario.street_checks import WHOLES

SPREAD = 0.25
"""How far a constant may lie from its value in the scenario, as a share of it."""

WHOLE_NUMBERS = ("police_rounding", "elite_interval")
"""Constants that only mean something as whole numbers."""


def scenario_at(scenario: AnyScenario, point: int, points: int, seed: int) -> AnyScenario:
    """Return a scenario with its constants at a point.

    Parameters
    ----------
    scenario : Scenario
        Whose constants are the middle.
    point, points : int
        Number of the point, from 0, and how many there are.
    seed : int
        Of the design.
    """
    drawn = {}
    for name, knob in arena_of(scenario).repertoire.parameters().items():
        middle = scenario.parameters.get(name, knob.default)
        if name not in WHOLE_NUMBERS:
            middle = float(np.clip(middle * (1.0 + SPREAD * _offset(name, point, points, seed)), knob.low, knob.high))
        drawn[name] = middle
    for whole in WHOLES:
        total = sum(drawn.get(name, 0.0) for name in whole)
        drawn |= {name: drawn[name] / total for name in whole if total > 1.0}
    return scenario.model_copy(update={"parameters": drawn})


def _offset(name: str, point: int, points: int, seed: int) -> float:
    """Return where a constant lies between −1 and 1: in a stratum that no other point has."""
    rng = np.random.default_rng([chance.code(name), seed & (2**64 - 1)])
    strata, within = rng.permutation(points), rng.random(points)
    return float(2.0 * (strata[point] + within[point]) / points - 1.0)
