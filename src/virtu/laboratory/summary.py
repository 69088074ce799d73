"""What a run says in numbers: who ends on top, the measures, and how it compares with the record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import xarray as xr

from virtu.laboratory.arena import Summary
from virtu.laboratory.arenas import arena_of, arena_that_made
from virtu.record.survival import Survival
from virtu.record.tally import blocks
from virtu.scenario import AnyScenario
from virtu.scenario.displayed import answering


@answering("run")
def summarise(dataset: xr.Dataset, scenario: AnyScenario) -> dict[str, Any]:
    """Return the summary of a run, ready for JSON; histories are read block by block.

    Parameters
    ----------
    dataset : xarray.Dataset
        From `simulate`.
    scenario : Scenario
        The scenario that was run.

    Returns
    -------
    dict
        scenario, histories, seed, ticks, unit, on_top, measures, survival, history_check, timing, versions. Shares have Wilson intervals,
        means normal ones, medians (of measures in ticks) those of a bootstrap, curves of survival Greenwood's, 95 % each.
    """
    summary = arena_of(scenario).summary(scenario)
    for block in blocks(dataset):
        summary.enter(block)
    return told(summary, {**dataset.attrs, "histories": dataset.sizes["history"], "ticks": dataset.sizes["tick"]}, scenario)


def told(summary: Summary, attrs: Mapping[str, Any], scenario: AnyScenario) -> dict[str, Any]:
    """Return what `summarise` does, of histories that were entered already.

    Parameters
    ----------
    summary : Summary
        With the histories.
    attrs : mapping
        What the Dataset of a run says of itself; ``histories`` is how many were entered.
    scenario : Scenario
        The scenario that was run.
    """
    histories, run_s = attrs["histories"], attrs["run_s"]
    return {
        "scenario": scenario.scenario,
        **arena_of(scenario).stated,
        "histories": histories,
        "seed": attrs["seed"],
        "ticks": attrs["ticks"],
        "unit": attrs["unit"],
        "do": attrs["do"],
        "interrupted": bool(attrs["interrupted"]),
        **({"individuals": True} if attrs["individuals"] else {}),
        **summary.told(),
        "record": None,
        "report": None,
        "timing": {
            "compile_s": attrs["compile_s"],
            "run_s": run_s,
            "histories_per_s": histories / max(run_s, 1e-9),
        },
        "versions": attrs["versions"],
    }


def survival(dataset: xr.Dataset) -> xr.Dataset:
    """Return how long it takes until somebody loses standing, or in the street until somebody fires, as Kaplan-Meier curves.

    Parameters
    ----------
    dataset : xarray.Dataset
        From `simulate`.

    Returns
    -------
    xarray.Dataset
        Dimensions of (persons, or anybody and the camps) and tick (0 to the horizon, from the first with a place, or from the start).
        surviving, low, high: share in which it has not happened after the tick, with 95 % interval; at_risk: histories that are watched
        still when the tick begins; events: histories in which it happens in it.
    """
    arena, found = arena_that_made(dataset), None
    for block in blocks(dataset):
        subjects, lifetimes = arena.lifetimes(block)
        found = found or Survival(subjects, dataset.sizes["tick"])
        found.enter(lifetimes)
    assert found is not None  # a run has a history
    return found.dataset().assign_attrs(unit=dataset.attrs["unit"])
