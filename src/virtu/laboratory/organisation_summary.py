"""What a run of the organisation says in numbers: who ends on top, the measures, and how it compares with the record."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from virtu.organisation import measures
from virtu.organisation.state import NOBODY
from virtu.record import statistics
from virtu.scenario import Scenario
from virtu.scenario.schema import COLLECTIVE, Exit


def parts(dataset: xr.Dataset, scenario: Scenario) -> dict[str, Any]:
    """Return what the summary of a run says that is peculiar to the organisation: on_top, measures, history_check."""
    return {
        "on_top": _on_top(dataset),
        "measures": {
            name: {**statistics.estimate(values), "unit": unit}
            for name, (values, unit) in measures.of_all(_ever(dataset)).items()
            if not name.startswith(("on_top:", "collective"))
        },
        "history_check": history_check(dataset, scenario),
    }


def _ever(dataset: xr.Dataset) -> xr.Dataset:
    """The dataset without those who never had a place in any history."""
    return of_persons(dataset, (dataset.status.values >= 0).any(axis=(0, 1)))


def of_persons(dataset: xr.Dataset, kept: np.ndarray) -> xr.Dataset:
    """Return the dataset restricted to some persons; indices of persons, as in `on_top`, follow.

    Parameters
    ----------
    dataset : xarray.Dataset
        From `simulate`.
    kept : numpy.ndarray
        Mask of persons, shape (actors,).
    """
    if kept.all():
        return dataset
    number = np.where(kept, np.cumsum(kept) - 1, NOBODY)
    number = np.append(number, NOBODY).astype(np.int16)
    smaller = dataset.isel(actor=np.flatnonzero(kept), actor_to=np.flatnonzero(kept))
    return smaller.assign(
        on_top=("history", number[dataset.on_top.values]),
        executor=(("history", "tick"), number[dataset.executor.values]),
    )


def _on_top(dataset: xr.Dataset) -> dict[str, dict[str, float]]:
    """Share of histories in which each is on top at the horizon, the most frequent first."""
    top, histories = dataset.on_top.values, dataset.sizes["history"]
    names = {NOBODY: COLLECTIVE, **dict(enumerate(dataset.actor.values))}
    entered = (dataset.status.values >= 0).any(axis=(0, 1))
    counts = {NOBODY: int((top == NOBODY).sum())}
    counts |= {int(person): int((top == person).sum()) for person in np.flatnonzero(entered)}
    ordered = sorted(counts, key=lambda person: -counts[person])
    return {str(names[person]): statistics.share(counts[person], histories) for person in ordered}


def history_check(dataset: xr.Dataset, scenario: Scenario) -> dict[str, Any] | None:
    """Return how the run compares with what is on record, agreeing or not; None where nothing is.

    A recorded exit agrees if its person fell in at least half of the histories and the recorded tick lies between the 2.5 and
    97.5 % points of the ticks of the falls. The order is compared by Kendall's τ over pairs of recorded exits, those who never
    fell counting as last, pairs tied in the simulation as neither.
    """
    record = scenario.record
    if record is None or not (record.exits or record.on_top):
        return None
    top = _on_top(dataset)
    exits = [_exit(dataset, scenario, found) for found in record.exits if found.actor in dataset.actor.values]
    return {
        "record_on_top": record.on_top,
        "share_on_top": top.get(record.on_top) if record.on_top else None,
        "exits": exits,
        "order": _order(dataset, scenario, list(record.exits)),
        "note": record.notes,
    }


def _exit(dataset: xr.Dataset, scenario: Scenario, found: Exit) -> dict[str, Any]:
    ticks = statistics.fall_ticks(dataset.sel(actor=[found.actor]))[:, 0].astype(np.float64)
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


def _order(dataset: xr.Dataset, scenario: Scenario, exits: list[Exit]) -> dict[str, Any] | None:
    first: dict[str, int] = {}
    for found in exits:
        tick = scenario.tick_of(found.at, within=False)
        first[found.actor] = min(first.get(found.actor, tick), tick)
    names = [name for name in first if name in dataset.actor.values]
    pairs = [(one, other) for one in names for other in names if first[one] < first[other]]
    if not pairs:
        return None
    ticks = dict(zip(names, statistics.fall_ticks(dataset.sel(actor=names)).T.astype(np.float64), strict=True))
    late = {name: np.where(found < 0, np.inf, found) for name, found in ticks.items()}
    agree = np.stack([late[one] < late[other] for one, other in pairs])
    against = np.stack([late[one] > late[other] for one, other in pairs])
    tau = (agree.sum(axis=0) - against.sum(axis=0)) / len(pairs)
    return {"pairs": len(pairs), "concordant": statistics.mean(agree.mean(axis=0)), "kendall_tau": statistics.mean(tau)}
