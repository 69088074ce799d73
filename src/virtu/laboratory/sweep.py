"""Sweeps: one scenario at many points of a space of inputs, on the same people and the same chance.

A point is an arm, so that one compiled program runs all points: what is varied are numbers in the agenda.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from virtu.laboratory import compare, designs, discovery, interventions, orders, places, sensitivity
from virtu.laboratory.arenas import arena_of, scenario_of
from virtu.laboratory.designs import Design
from virtu.laboratory.orders import Order
from virtu.laboratory.simulate import Progress, check_arguments, versions
from virtu.record import statistics
from virtu.scenario import AnyScenario
from virtu.scenario.displayed import answering


@answering("sweep")
def sweep(
    scenario: AnyScenario | str | Path,
    vary: Iterable[str],
    design: str = "grid",
    points: int | None = None,
    histories: int = 200,
    seed: int = 0,
    ticks: int | None = None,
    *,
    measures: Sequence[str] = (),
    do: Iterable[str] = (),
    discover: Iterable[str] = (),
    chunk: int | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
    on: str = places.LOCAL,
) -> dict[str, Any]:
    """Run a scenario at many points.

    Main arguments
    --------------
    scenario : Scenario, str or Path
        A scenario, the name of a shipped one, or the path of a file.
    vary : iterable of str
        What is varied, such as ``"Stalin.display = 0:1:11"`` or ``"parameter bandwagon = 0:1"``.
    design : str
        ``grid``, ``lhs``, ``sobol`` or ``morris``; see `virtu.laboratory.designs.design`.
    points : int, optional
        How many; what is counted depends on the design.
    histories, seed, ticks : int
        As in `simulate`; the histories are run at every point. The seed is that of the design too.

    Other arguments
    ---------------
    measures : sequence of str
        What is measured, such as ``"on_top:Stalin"``; the scenario's outcome by default.
    do : iterable of str
        What is done at all points.
    discover : iterable of str
        Outcomes whose part of the space is looked for, such as ``"on_top:Stalin > 0.5"``; see `virtu.laboratory.discovery`.
    chunk, workers, progress
        As in `simulate`; progress counts histories of all points.
    on : str
        Where it is run: ``local``, ``dask``, or the address of a scheduler.

    Returns
    -------
    dict
        Ready for JSON: scenario, do, design, histories, seed, ticks, unit, measures (each with measure, unit, variance, main, indices),
        points (each with point, inputs, measures: mean, low, high), discovery (where asked for), timing, versions.

    Raises
    ------
    InputError
        If an argument, an input or a measure is at fault.
    """
    found = scenario_of(scenario)
    given = order(found, vary, design, points, histories, seed, ticks, measures, do, discover)
    return run(given, found, on=on, chunk=chunk, workers=workers, progress=progress)


def run(
    given: Order,
    scenario: AnyScenario,
    *,
    on: str = places.LOCAL,
    chunk: int | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Run the order of a sweep and return what it says; arguments as in `sweep`."""
    parts, timing = places.gathered(given, on, workers, chunk, progress)
    return told(given, joined(parts), scenario, timing)


def order(
    scenario: AnyScenario,
    vary: Iterable[str],
    design: str,
    points: int | None,
    histories: int,
    seed: int,
    ticks: int | None,
    measures: Sequence[str] = (),
    do: Iterable[str] = (),
    discover: Iterable[str] = (),
) -> Order:
    """Return the order of a sweep, after checking all of it; arguments as in `sweep`."""
    length = scenario.ticks if ticks is None else ticks
    check_arguments(histories, seed, length)
    always = [str(one) for one in interventions.parse_all(do, scenario, length)]
    texts, looked_for = list(vary), list(discover)
    planned = designs.design(design, designs.inputs(texts, scenario, length), points, seed)
    rules = discovery.check(looked_for, design, len(planned.values))
    named = [*measures, *(one.measure for one in rules)]
    wanted = tuple(dict.fromkeys(compare.outcome_of(name, scenario) for name in named or [None]))
    arms = ([*always, *(one.at(value) for one, value in zip(planned.inputs, row, strict=True))] for row in planned.values)
    asked = {"vary": texts, "design": design, "points": planned.asked, "do": always} | ({"discover": looked_for} if looked_for else {})
    return orders.order("sweep", scenario, arms, histories, seed, length, wanted, asked)


def planned_in(given: Order, scenario: AnyScenario) -> Design:
    """Return the design of an order, with its points as they are in the arms."""
    asked = json.loads(given.asked)
    varied = designs.inputs(asked["vary"], scenario, given.ticks)
    set_to: list[list[Any]] = [interventions.parse_all(arm[len(asked["do"]) :], scenario, given.ticks) for arm in given.arms]
    return Design(asked["design"], varied, asked["points"], np.array([[one.value for one in arm] for arm in set_to]))


def joined(parts: Iterable[places.Done]) -> xr.Dataset:
    """Return the measures of shards as one dataset, whatever the order in which they came."""
    by_arm: dict[int, list[xr.Dataset]] = {}
    for part in sorted(parts, key=lambda one: one.shard.number):
        if part.dataset is not None:
            by_arm.setdefault(int(part.dataset["arm"].values[0]), []).append(part.dataset)
    how: dict[str, Any] = {"data_vars": "minimal", "coords": "minimal", "compat": "override"}
    return xr.concat([xr.concat(ones, "history", **how) for ones in by_arm.values()], "arm", **how)


def told(given: Order, dataset: xr.Dataset, scenario: AnyScenario, timing: dict[str, float]) -> dict[str, Any]:
    """Return what a sweep says.

    Parameters
    ----------
    given : Order
        Of the sweep.
    dataset : xarray.Dataset
        ``value`` (arm, measure, history), an arm a point.
    scenario : Scenario
        What was run.
    timing : dict
        Seconds.
    """
    planned, names = planned_in(given, scenario), list(map(str, dataset["measure"].values))
    values = np.asarray(dataset["value"].transpose("measure", "arm", "history").values)
    units = map(str, dataset["measure_unit"].values)
    by_point = {name: [statistics.estimate(row) for row in found] for name, found in zip(names, values, strict=True)}
    return {
        "scenario": scenario.scenario,
        **arena_of(scenario).stated,
        "do": json.loads(given.asked)["do"],
        "design": designs.told(planned),
        "histories": given.histories,
        "seed": given.seed,
        "ticks": given.ticks,
        "unit": scenario.calendar.unit,
        "measures": [
            {"measure": name, "unit": unit, **_measured(planned, found, given.seed)}
            for name, unit, found in zip(names, units, values, strict=True)
        ],
        "points": [
            {"point": number, "inputs": row.tolist(), "measures": {name: by_point[name][number] for name in names}}
            for number, row in enumerate(planned.values)
        ],
        **_discovered(given, planned, dict(zip(names, values.mean(axis=2), strict=True))),
        "timing": timing,
        "versions": versions(),
    }


def _discovered(given: Order, planned: Design, means: dict[str, np.ndarray]) -> dict[str, Any]:
    """Return the boxes of all that was asked for, given means of measures of shape (points,); nothing where nothing was."""
    rules = discovery.check(json.loads(given.asked).get("discover", ()), planned.name, len(planned.values))
    names = [one.name for one in planned.inputs]
    return {"discovery": [discovery.discover(one, planned.values, names, means[one.measure]) for one in rules]} if rules else {}


def _measured(planned: Design, values: np.ndarray, seed: int) -> dict[str, Any]:
    """Return what is said of one measure, of values of shape (points, histories)."""
    enough = min(values.shape) > 1
    return {
        "variance": sensitivity.shares(values) if enough else {"inputs": None, "chance": None, "noise": None},
        "main": sensitivity.main_effects(planned, values),
        "indices": sensitivity.indices(planned, values, seed),
    }
