"""What a run of the street says in numbers: who rules, the measures, and how they compare with the record."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from virtu.laboratory.summing import Measures
from virtu.record import statistics
from virtu.record.survival import Lifetimes, Survival
from virtu.scenario import StreetScenario
from virtu.scenario.street_schema import Finding
from virtu.scenario.street_vocabulary import RULERS
from virtu.street import measures

EVENTS = ("fired_first", "ran_away")
"""Measures that say whether something happened, so that their means are shares of histories; other shares are of the people."""

ANYBODY = "anybody"
"""Who fires first, whichever camp that is."""


class StreetSummary:
    """What the summary of a run says that is peculiar to the street, from histories entered block by block.

    Counts and sums are kept, of each history only what a median or a comparison with the record is taken of.
    """

    def __init__(self, scenario: StreetScenario) -> None:
        self.scenario = scenario
        self.names = [*RULERS, *map(str, scenario.camp_names)]
        self._on_top = np.zeros(len(self.names), np.int64)
        self._since: list[np.ndarray] = []
        self._findings: list[list[np.ndarray]] = [[] for _ in (scenario.record.findings if scenario.record else ())]
        self._measures: Measures | None = None
        self._survival: Survival | None = None

    def enter(self, block: xr.Dataset) -> None:
        """Enter further histories, in their order."""
        found, (subjects, times) = measures.of_all(block), lifetimes(block)
        if self._measures is None or self._survival is None:
            self._measures, self._survival = Measures(found), Survival(subjects, block.sizes["tick"])
        self._measures.enter(found)
        self._survival.enter(times)
        ruler = block.ruler.transpose("history", "tick").values
        self._on_top += np.bincount(ruler[:, -1], minlength=len(self.names))
        record = self.scenario.record
        if record is None:
            return
        if record.on_top is not None and record.since is not None:
            self._since.append(_unbroken(ruler == self.names.index(record.on_top)))
        for finding, kept in zip(record.findings, self._findings, strict=True):
            span = _span(finding, self.scenario, block.sizes["tick"])
            if span is not None:
                kept.append(measures.of_all(block.isel(tick=span))[_name(finding)][0])

    def told(self) -> dict[str, Any]:
        """Return on_top, measures, survival, history_check."""
        assert self._measures is not None and self._survival is not None  # a run has a history
        return {
            "on_top": self._shares_on_top(),
            "measures": self._measures.told(lambda name: not name.startswith("rules:"), lambda name: name.partition(":")[0] in EVENTS),
            "survival": {"event": "fires", "since": "the start", "curves": self._survival.told()},
            "history_check": self._history_check(),
        }

    def _shares_on_top(self) -> dict[str, dict[str, float]]:
        """Share of histories in which each rules at the horizon, the most frequent first."""
        counts, total = dict(zip(self.names, self._on_top.tolist(), strict=True)), int(self._on_top.sum())
        return {name: statistics.share(counts[name], total) for name in sorted(counts, key=lambda name: -counts[name])}

    def _history_check(self) -> dict[str, Any] | None:
        """Return how the run compares with what is on record, agreeing or not; None where nothing is.

        A recorded number agrees if it lies between the 2.5 and 97.5 % points of the histories; counts are taken over the same stretch of
        time. What was recorded outside the run is listed and compared with nothing.
        """
        record = self.scenario.record
        if record is None:
            return None
        return {
            "record_on_top": record.on_top,
            "share_on_top": self._shares_on_top().get(record.on_top) if record.on_top else None,
            "since": _since(np.concatenate(self._since), self.scenario, record.since) if self._since and record.since is not None else None,
            "findings": [_finding(found, kept) for found, kept in zip(record.findings, self._findings, strict=True)],
            "note": record.notes,
        }


def lifetimes(dataset: xr.Dataset) -> tuple[list[str], Lifetimes]:
    """Return anybody and the camps, and for how long nobody fired, and each camp did not, in ticks; watched to the horizon."""
    fired = dataset.shots.transpose("history", "tick", "camp").values > 0.0
    fired = np.concatenate([fired.any(axis=2, keepdims=True), fired], axis=2)
    happened = np.asarray(fired.any(axis=1))
    times = np.where(happened, fired.argmax(axis=1), fired.shape[1])
    return [ANYBODY, *map(str, dataset.camp.values)], Lifetimes(times, happened, np.ones_like(happened))


def _unbroken(there: np.ndarray) -> np.ndarray:
    """Return since which tick it is so to the end, of the histories in which it is so there; from shape (histories, ticks)."""
    unbroken = np.cumprod(there[:, ::-1], axis=1).sum(axis=1)
    return there.shape[1] - unbroken[there[:, -1]]


def _since(ticks: np.ndarray, scenario: StreetScenario, since: int | str) -> dict[str, Any]:
    """Since when whoever rules on record does so to the end, in the histories in which that comes about."""
    recorded = scenario.tick_of(since, within=False)
    if not ticks.size:
        return {"recorded": str(since), "low_date": None, "median_date": None, "high_date": None, "agrees": False}
    low, median, high = (int(tick) for tick in np.quantile(ticks, [0.025, 0.5, 0.975], method="nearest"))
    dates = {name: scenario.date_of(tick) for name, tick in (("low_date", low), ("median_date", median), ("high_date", high))}
    return {"recorded": str(since), **dates, "agrees": low <= recorded <= high}


def _name(found: Finding) -> str:
    return f"{found.measure}:{found.of}" if found.of else found.measure


def _span(found: Finding, scenario: StreetScenario, ticks: int) -> slice | None:
    """The stretch of a finding; None where that lies outside the run."""
    first = 0 if found.since is None else scenario.tick_of(found.since, within=False)
    last = scenario.tick_of(found.at, within=False)
    return slice(first, last + 1) if 0 <= first <= last < ticks else None


def _finding(found: Finding, kept: list[np.ndarray]) -> dict[str, Any]:
    simulated = _simulated(np.concatenate(kept)) if kept else None
    return {
        "measure": _name(found),
        "unit": measures.MEASURES[found.measure].unit,
        "since": None if found.since is None else str(found.since),
        "at": str(found.at),
        "recorded": found.value,
        "simulated": simulated,
        "agrees": None if simulated is None else simulated["low"] <= found.value <= simulated["high"],
        "unconfirmed": found.unconfirmed,
        "note": found.note,
    }


def _simulated(values: np.ndarray) -> dict[str, float]:
    """Median, 2.5 and 97.5 % points of the histories."""
    low, median, high = np.quantile(values, [0.025, 0.5, 0.975])
    return {"median": float(median), "low": float(low), "high": float(high)}
