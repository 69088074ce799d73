"""What if? Arms run on the same population and the same chance, compared history by history.

An arm differs from the baseline in its agenda alone, so both run the same compiled program on the same keys: where nothing differs,
nothing is different, to the last bit. The verdict puts the true effect on the stated outcome beside the felt one, the effect on the
mover's own satisfaction.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from virtu.errors import InputError, did_you_mean
from virtu.laboratory import interventions, orders, places
from virtu.laboratory.arenas import arena_of, scenario_of
from virtu.laboratory.interventions import Intervention
from virtu.laboratory.orders import Order
from virtu.laboratory.side_by_side import side_by_side
from virtu.laboratory.simulate import Progress, versions
from virtu.laboratory.verdict import verdict
from virtu.record import statistics
from virtu.scenario import AnyScenario
from virtu.scenario.displayed import answering


@answering("comparison")
def compare(
    scenario: AnyScenario | str | Path,
    arms: Sequence[str | Iterable[str]],
    histories: int = 1000,
    seed: int = 0,
    ticks: int | None = None,
    *,
    outcome: str | None = None,
    chunk: int | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
    on: str = places.LOCAL,
) -> dict[str, Any]:
    """Compare arms with the baseline, in which nothing is done.

    Main arguments
    --------------
    scenario : Scenario, str or Path
        A scenario, the name of a shipped one, or the path of a file.
    arms : sequence
        Each an intervention, such as ``"trait Kamenev.nerve = 0.9 @ 1924-01"``, or several that are made together.
    histories, seed, ticks : int
        As in `simulate`.

    Other arguments
    ---------------
    outcome : str, optional
        Measure by which the verdict is given, such as ``"on_top:Stalin"``; the scenario's own by default.
    chunk, workers, progress
        As in `simulate`.
    on : str
        Where it is run: ``local``, ``dask``, or the address of a scheduler.

    Returns
    -------
    dict
        Ready for JSON: scenario, histories, seed, ticks, unit, outcome, and per arm: do; effects by measure (mean,
        low, high, unit, unchanged, helped, hurt, variance_reduction); distribution of the outcome without and with the arm, see
        `virtu.laboratory.side_by_side`; felt; pairing_horizon; verdict.

    Raises
    ------
    InputError
        If an argument, an intervention or the outcome is at fault.
    """
    found = scenario_of(scenario)
    given = order(found, arms, histories, seed, ticks, outcome)
    parts, timing = places.gathered(given, on, workers, chunk, progress)
    return told(given, joined(parts), found, timing)


def order(
    scenario: AnyScenario, arms: Sequence[str | Iterable[str]], histories: int, seed: int, ticks: int | None, outcome: str | None
) -> Order:
    """Return the order of a comparison, after checking all of it.

    Parameters
    ----------
    scenario : Scenario
        What is run.
    arms, histories, seed, ticks, outcome
        As in `compare`.
    """
    if not arms:
        raise InputError("nothing to compare", "name at least one thing to do, or 'nothing' for a sham")
    sets = [[arm] if isinstance(arm, str) else list(arm) for arm in arms]
    return orders.order("comparison", scenario, [[], *sets], histories, seed, ticks, asked={"outcome": outcome_of(outcome, scenario)})


def joined(parts: Iterable[places.Done]) -> xr.Dataset:
    """Return the measures of shards as one dataset, whatever the order in which they came."""
    by_arm: dict[int, list[xr.Dataset]] = {}
    for part in sorted(parts, key=lambda one: one.shard.number):
        if part.dataset is not None:
            by_arm.setdefault(int(part.dataset["arm"].values[0]), []).append(part.dataset)
    how: dict[str, Any] = {"data_vars": "minimal", "coords": "minimal", "compat": "override"}
    return xr.concat([xr.concat(ones, "history", **how) for ones in by_arm.values()], "arm", **how)


def told(given: Order, dataset: xr.Dataset, scenario: AnyScenario, timing: dict[str, float]) -> dict[str, Any]:
    """Return what a comparison says, from the measures of all its arms.

    Parameters
    ----------
    given : Order
        Of the comparison.
    dataset : xarray.Dataset
        ``value`` (arm, measure, history), the baseline first, and ``diverged`` (arm, history).
    scenario : Scenario
        What was run.
    timing : dict
        Seconds.
    """
    target = json.loads(given.asked)["outcome"]
    values, diverged = dataset["value"].values, dataset["diverged"].values
    units = dict(zip(map(str, dataset["measure"].values), map(str, dataset["measure_unit"].values), strict=True))
    base, *others = (dict(zip(units, arm, strict=True)) for arm in values)
    done = [tuple(interventions.parse_all(arm, scenario, given.ticks)) for arm in given.arms[1:]]
    return {
        "scenario": scenario.scenario,
        **arena_of(scenario).stated,
        "histories": given.histories,
        "seed": given.seed,
        "ticks": given.ticks,
        "unit": scenario.calendar.unit,
        "outcome": target,
        "arms": [
            _arm(base, arm, units, parted, plan, target, scenario, given.ticks)
            for arm, parted, plan in zip(others, diverged[1:], done, strict=True)
        ],
        "timing": timing,
        "versions": versions(),
    }


def outcome_of(name: str | None, scenario: AnyScenario) -> str:
    """Return the measure by which moves are judged, ``name`` or ``name:person``.

    Parameters
    ----------
    name : str or None
        The measure asked for; None for the scenario's own.
    scenario : Scenario
        Whose persons it may be of.

    Raises
    ------
    InputError
        If there is no such measure, or it lacks the person it is of.
    """
    arena = arena_of(scenario)
    known, wanted = arena.measures(), name or arena.outcome(scenario)
    base, _, whom = wanted.partition(":")
    if base not in known:
        raise InputError(f"unknown measure {base!r}", did_you_mean(base, known))
    kind = known[base].of
    if whom and not kind:
        raise InputError(f"the measure {base} is not one of {arena.subject}", f"write {base}")
    if kind:
        _check_whose(wanted, kind, arena.whose(kind, scenario))
    return wanted


def _check_whose(wanted: str, kind: str, known: Sequence[str]) -> None:
    base, _, whom = wanted.partition(":")
    if whom and whom not in known:
        raise InputError(f"unknown {kind} {whom!r} in {wanted!r}", did_you_mean(whom, known))
    if not whom:
        raise InputError(f"the measure {base} is one of a {kind}", f"write {base}:NAME, for instance {base}:{known[0]}")


def _arm(
    base: dict[str, np.ndarray],
    arm: dict[str, np.ndarray],
    units: dict[str, str],
    diverged: np.ndarray,
    done: Sequence[Intervention],
    outcome: str,
    scenario: AnyScenario,
    ticks: int,
) -> dict[str, Any]:
    arena = arena_of(scenario)
    effects = {name: {**statistics.paired(base[name], arm[name]), "unit": units[name]} for name in base}
    mover = interventions.mover(done, scenario) or outcome.partition(":")[2] or None
    feeling = f"{arena.felt}:{mover}"
    felt = {**statistics.paired(base[feeling], arm[feeling]), "actor": mover} if feeling in base else None
    known = diverged[diverged >= 0]
    return {
        "do": [str(one) for one in done],
        "said": [interventions.describe(one, scenario) for one in done],
        "effects": effects,
        "distribution": side_by_side(outcome, base, arm),
        "felt": felt,
        "pairing_horizon": {
            "median_tick": float(np.median(known)) if known.size else None,
            "share_diverged": float((diverged >= 0).mean()),
            "ticks": ticks,
        },
        "verdict": verdict(outcome, effects[outcome], felt, arena.measures()[outcome.partition(":")[0]].less_is_better),
    }
