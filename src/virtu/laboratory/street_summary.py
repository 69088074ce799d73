"""What a run of the street says in numbers: who rules, the measures, and how they compare with the record."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from virtu.record import statistics
from virtu.scenario import StreetScenario
from virtu.scenario.street_schema import Finding
from virtu.scenario.street_vocabulary import RULERS
from virtu.street import measures

EVENTS = ("fired_first", "ran_away")
"""Measures that say whether something happened, so that their means are shares of histories; other shares are of the people."""


def parts(dataset: xr.Dataset, scenario: StreetScenario) -> dict[str, Any]:
    """Return what the summary of a run says that is peculiar to the street: on_top, measures, history_check."""
    return {
        "on_top": _on_top(dataset),
        "measures": {
            name: {**(statistics.estimate if name.partition(":")[0] in EVENTS else statistics.mean)(values), "unit": unit}
            for name, (values, unit) in measures.of_all(dataset).items()
            if not name.startswith("rules:")
        },
        "history_check": history_check(dataset, scenario),
    }


def rulers(dataset: xr.Dataset) -> list[str]:
    """Return the names of all who can rule, in the order of their codes."""
    return [*RULERS, *map(str, dataset.camp.values)]


def _on_top(dataset: xr.Dataset) -> dict[str, dict[str, float]]:
    """Share of histories in which each rules at the horizon, the most frequent first."""
    ruler, histories = dataset.ruler.transpose("history", "tick").values[:, -1], dataset.sizes["history"]
    counts = {name: int((ruler == code).sum()) for code, name in enumerate(rulers(dataset))}
    return {name: statistics.share(counts[name], histories) for name in sorted(counts, key=lambda name: -counts[name])}


def history_check(dataset: xr.Dataset, scenario: StreetScenario) -> dict[str, Any] | None:
    """Return how the run compares with what is on record, agreeing or not; None where nothing is.

    A recorded number agrees if it lies between the 2.5 and 97.5 % points of the histories; counts are taken over the same stretch of time.
    What was recorded outside the run is listed and compared with nothing.
    """
    record = scenario.record
    if record is None:
        return None
    return {
        "record_on_top": record.on_top,
        "share_on_top": _on_top(dataset).get(record.on_top) if record.on_top else None,
        "since": None if record.on_top is None or record.since is None else _since(dataset, scenario, record.on_top, record.since),
        "findings": [_finding(dataset, scenario, found) for found in record.findings],
        "note": record.notes,
    }


def _since(dataset: xr.Dataset, scenario: StreetScenario, ruler: str, since: int | str) -> dict[str, Any]:
    """Since when whoever rules on record does so to the end, in the histories in which that comes about."""
    there = dataset.ruler.transpose("history", "tick").values == rulers(dataset).index(ruler)
    unbroken = np.cumprod(there[:, ::-1], axis=1).sum(axis=1)
    ticks = dataset.sizes["tick"] - unbroken[there[:, -1]]
    recorded = scenario.tick_of(since, within=False)
    if not ticks.size:
        return {"recorded": str(since), "low_date": None, "median_date": None, "high_date": None, "agrees": False}
    low, median, high = (int(tick) for tick in np.quantile(ticks, [0.025, 0.5, 0.975], method="nearest"))
    dates = {name: scenario.date_of(tick) for name, tick in (("low_date", low), ("median_date", median), ("high_date", high))}
    return {"recorded": str(since), **dates, "agrees": low <= recorded <= high}


def _finding(dataset: xr.Dataset, scenario: StreetScenario, found: Finding) -> dict[str, Any]:
    name = f"{found.measure}:{found.of}" if found.of else found.measure
    simulated = _simulated(dataset, scenario, found, name)
    within = None if simulated is None else simulated["low"] <= found.value <= simulated["high"]
    return {
        "measure": name,
        "unit": measures.MEASURES[found.measure].unit,
        "since": None if found.since is None else str(found.since),
        "at": str(found.at),
        "recorded": found.value,
        "simulated": simulated,
        "agrees": within,
        "unconfirmed": found.unconfirmed,
        "note": found.note,
    }


def _simulated(dataset: xr.Dataset, scenario: StreetScenario, found: Finding, name: str) -> dict[str, float] | None:
    """Median, 2.5 and 97.5 % points of the histories over the stretch of a finding; None where that lies outside the run."""
    first = 0 if found.since is None else scenario.tick_of(found.since, within=False)
    last = scenario.tick_of(found.at, within=False)
    if not 0 <= first <= last < dataset.sizes["tick"]:
        return None
    low, median, high = np.quantile(measures.of_all(dataset.isel(tick=slice(first, last + 1)))[name][0], [0.025, 0.5, 0.975])
    return {"median": float(median), "low": float(low), "high": float(high)}
