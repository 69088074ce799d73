"""What a run of the organisation says in numbers: who ends on top, the measures, and how it compares with the record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from virtu.laboratory.summing import Measures
from virtu.organisation import measures
from virtu.record import statistics
from virtu.record.survival import Lifetimes, Survival
from virtu.scenario import Scenario
from virtu.scenario.schema import COLLECTIVE, Exit


class OrganisationSummary:
    """What the summary of a run says that is peculiar to the organisation, from histories entered block by block.

    Counts and sums are kept, of each history only when everybody first lost standing and what a median is taken of.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.persons = list(scenario.person_names)
        self._entered = np.zeros(len(self.persons), bool)
        self._on_top = np.zeros(len(self.persons) + 1, np.int64)  # the last is nobody
        self._falls: list[np.ndarray] = []
        self._measures: Measures | None = None
        self._survival: Survival | None = None

    def enter(self, block: xr.Dataset) -> None:
        """Enter further histories, in their order."""
        found, (subjects, times) = measures.of_all(block), lifetimes(block)
        if self._measures is None or self._survival is None:
            self._measures, self._survival = Measures(found), Survival(subjects, block.sizes["tick"])
        self._measures.enter(found)
        self._survival.enter(times)
        self._entered |= (block.status.values >= 0).any(axis=(0, 1))
        self._on_top += np.bincount(block.on_top.values % self._on_top.size, minlength=self._on_top.size)
        self._falls.append(statistics.fall_ticks(block).astype(np.int32))

    def told(self) -> dict[str, Any]:
        """Return on_top, measures, survival, history_check; those who never had a place are left out."""
        assert self._measures is not None and self._survival is not None  # a run has a history
        never = {f":{name}" for name, entered in zip(self.persons, self._entered, strict=True) if not entered}
        on_top, falls = self._shares_on_top(), np.concatenate(self._falls)
        return {
            "on_top": on_top,
            "measures": self._measures.told(
                lambda name: not name.startswith(("on_top:", "collective")) and name[name.find(":") :] not in never
            ),
            "survival": {"event": "loses standing", "since": "having a place", "curves": self._survival.told()},
            "history_check": history_check(on_top, dict(zip(self.persons, falls.T, strict=True)), self.scenario),
        }

    def _shares_on_top(self) -> dict[str, dict[str, float]]:
        """Share of histories in which each is on top at the horizon, the most frequent first."""
        counts = {COLLECTIVE: int(self._on_top[-1])}
        counts |= {self.persons[person]: int(self._on_top[person]) for person in np.flatnonzero(self._entered)}
        total = int(self._on_top.sum())
        return {name: statistics.share(counts[name], total) for name in sorted(counts, key=lambda name: -counts[name])}


def lifetimes(dataset: xr.Dataset) -> tuple[list[str], Lifetimes]:
    """Return all persons, and for how long each person had a place before losing standing, in ticks since the first with a place.

    Who dies a natural death is watched until then, all others to the horizon; who never has a place is not watched.
    """
    placed = dataset.status.transpose("history", "tick", "actor").values >= 0
    fell = statistics.fall_ticks(dataset)
    died = dataset.fall_tick.transpose("history", "actor").values
    ended = np.where(fell >= 0, fell, np.where(died >= 0, died, placed.shape[1]))
    times = np.maximum(ended - placed.argmax(axis=1), 0).astype(np.intp)
    return list(map(str, dataset.actor.values)), Lifetimes(times, fell >= 0, placed.any(axis=1))


def history_check(on_top: Mapping[str, dict[str, float]], falls: Mapping[str, np.ndarray], scenario: Scenario) -> dict[str, Any] | None:
    """Return how the run compares with what is on record, agreeing or not; None where nothing is.

    A recorded exit agrees if its person fell in at least half of the histories and the recorded tick lies between the 2.5 and
    97.5 % points of the ticks of the falls. The order is compared by Kendall's τ over pairs of recorded exits, those who never
    fell counting as last, pairs tied in the simulation as neither.

    Parameters
    ----------
    on_top : mapping
        Share of histories in which each is on top, by name.
    falls : mapping
        Tick of each person's first loss of standing by name, −1 for none, shape (histories,) each.
    scenario : Scenario
        With the record.
    """
    record = scenario.record
    if record is None or not (record.exits or record.on_top):
        return None
    return {
        "record_on_top": record.on_top,
        "share_on_top": on_top.get(record.on_top) if record.on_top else None,
        "exits": [_exit(falls[found.actor], scenario, found) for found in record.exits if found.actor in falls],
        "order": _order(falls, scenario, list(record.exits)),
        "note": record.notes,
    }


def _exit(ticks: np.ndarray, scenario: Scenario, found: Exit) -> dict[str, Any]:
    fallen = ticks[ticks >= 0]
    recorded = scenario.tick_of(found.at, within=False)
    low, middle, high = np.quantile(fallen, [0.025, 0.5, 0.975], method="nearest") if fallen.size else (None,) * 3
    dates = [None if tick is None else scenario.date_of(int(tick)) for tick in (low, middle, high)]
    share = statistics.share(fallen.size, ticks.size)
    agrees = low is not None and high is not None and share["mean"] >= 0.5 and bool(low <= recorded <= high)
    return {
        "actor": found.actor,
        "recorded_tick": recorded,
        "recorded_date": str(found.at),
        "share_fallen": share,
        "low_date": dates[0],
        "median_date": dates[1],
        "high_date": dates[2],
        "agrees": agrees,
    }


def _order(falls: Mapping[str, np.ndarray], scenario: Scenario, exits: list[Exit]) -> dict[str, Any] | None:
    first: dict[str, int] = {}
    for found in exits:
        tick = scenario.tick_of(found.at, within=False)
        first[found.actor] = min(first.get(found.actor, tick), tick)
    names = [name for name in first if name in falls]
    pairs = [(one, other) for one in names for other in names if first[one] < first[other]]
    if not pairs:
        return None
    late = {name: np.where(falls[name] < 0, np.inf, falls[name]) for name in names}
    agree = np.stack([late[one] < late[other] for one, other in pairs])
    against = np.stack([late[one] > late[other] for one, other in pairs])
    tau = (agree.sum(axis=0) - against.sum(axis=0)) / len(pairs)
    return {"pairs": len(pairs), "concordant": statistics.mean(agree.mean(axis=0)), "kendall_tau": statistics.mean(tau)}
