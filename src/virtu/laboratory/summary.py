"""What a run says in numbers: who ends on top, the measures, and how it compares with the record."""

from __future__ import annotations

from typing import Any

import xarray as xr

from virtu.laboratory.arenas import arena_of
from virtu.scenario import AnyScenario
from virtu.scenario.displayed import answering


@answering("run")
def summarise(dataset: xr.Dataset, scenario: AnyScenario) -> dict[str, Any]:
    """Return the summary of a run, ready for JSON.

    Parameters
    ----------
    dataset : xarray.Dataset
        From `simulate`.
    scenario : Scenario
        The scenario that was run.

    Returns
    -------
    dict
        scenario, histories, seed, ticks, unit, on_top, measures, history_check, timing, versions. Shares have Wilson intervals, means
        normal ones, 95 % each.
    """
    arena, histories, run_s = arena_of(scenario), dataset.sizes["history"], dataset.attrs["run_s"]
    return {
        "scenario": scenario.scenario,
        **arena.stated,
        "histories": histories,
        "seed": dataset.attrs["seed"],
        "ticks": dataset.sizes["tick"],
        "unit": dataset.attrs["unit"],
        "do": dataset.attrs["do"],
        "interrupted": bool(dataset.attrs["interrupted"]),
        **({"individuals": True} if dataset.attrs["individuals"] else {}),
        **arena.summary(dataset, scenario),
        "record": None,
        "report": None,
        "timing": {
            "compile_s": dataset.attrs["compile_s"],
            "run_s": run_s,
            "histories_per_s": histories / max(run_s, 1e-9),
        },
        "versions": dataset.attrs["versions"],
    }
