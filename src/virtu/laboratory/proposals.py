"""Proposals of a calibration: points in a space of inputs, each run on the same people and the same chance, and what comes of each.

Since all points share their histories, the errors of two points are nearly the same. What they share is told apart from what is each
one's own: the first shifts the whole surface, and only the second roughens it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import xarray as xr

from virtu.laboratory import interventions, orders, quantities
from virtu.laboratory.designs import Input
from virtu.laboratory.orders import Order
from virtu.laboratory.quantities import Quantity
from virtu.laboratory.simulate import versions
from virtu.scenario import AnyScenario

DIGITS = 8
"""Digits with which the inputs of a point are written down and run."""


def order(
    scenario: AnyScenario,
    free: Sequence[Input],
    points: np.ndarray,
    asked: Sequence[Quantity],
    histories: int,
    seed: int,
    ticks: int | None,
    do: Iterable[str] = (),
) -> Order:
    """Return the order of a round of proposals.

    Parameters
    ----------
    scenario : Scenario
        What is run.
    free : sequence of Input
        What is varied, d inputs.
    points : numpy.ndarray
        Their values, shape (points, d).
    asked : sequence of Quantity
        What is wanted of each point.
    histories, seed, ticks
        As in `simulate`; the histories are run at every point.
    do : iterable of str
        What is done at all points.

    Raises
    ------
    InputError
        If a number is out of range or an intervention is at fault.
    """
    length = scenario.ticks if ticks is None else ticks
    always = [str(one) for one in interventions.parse_all(do, scenario, length)]
    rounded = [[float(f"{value:.{DIGITS}g}") for value in row] for row in points]
    arms = ([*always, *(one.at(value) for one, value in zip(free, row, strict=True))] for row in rounded)
    parts = tuple(dict.fromkeys(part for one in asked for part in one.parts))
    said = {"free": [one.name for one in free], "points": rounded, "quantities": [one.text for one in asked], "do": always}
    return orders.order("proposals", scenario, arms, histories, seed, length, parts, said)


def told(given: Order, dataset: xr.Dataset, scenario: AnyScenario, timing: dict[str, float]) -> dict[str, Any]:
    """Return what came of the proposals.

    Parameters
    ----------
    given : Order
        Of the round.
    dataset : xarray.Dataset
        ``value`` (arm, measure, history), an arm a point.
    scenario : Scenario
        What was run.
    timing : dict
        Seconds.

    Returns
    -------
    dict
        Ready for JSON: scenario, free, quantities, points, values (by point and quantity; None where there is none), variances of the
        values in repeated sampling, shared (the covariance of what all points share of the errors, by two quantities), timing, versions.
    """
    asked = json.loads(given.asked)
    wanted = [quantities.read(text, scenario) for text in asked["quantities"]]
    by_name = dict(
        zip(map(str, dataset["measure"].values), np.asarray(dataset["value"].transpose("measure", "arm", "history")), strict=True)
    )
    found = [quantities.estimates(one, np.stack([by_name[part] for part in one.parts], axis=1)) for one in wanted]
    influence = np.stack([np.nan_to_num(one.influence) for one in found], axis=1)
    count = given.histories
    together = influence.mean(axis=0)
    return {
        "scenario": scenario.scenario,
        "free": asked["free"],
        "do": asked["do"],
        "quantities": asked["quantities"],
        "histories": count,
        "seed": given.seed,
        "ticks": given.ticks,
        "points": asked["points"],
        "values": [[None if np.isnan(value) else float(value) for value in row] for row in np.stack([one.value for one in found], axis=1)],
        "variances": ((influence**2).mean(axis=2) / max(count - 1, 1)).tolist(),
        "shared": (together @ together.T / count / max(count - 1, 1)).tolist(),
        "timing": timing,
        "versions": versions(),
    }
