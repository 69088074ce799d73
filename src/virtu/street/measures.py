"""What is measured of a history of the street: one number per history, or one per history and camp, option or ruler.

A measure is a function of a dataset of histories, registered with `measure`. Comparisons pair it history by history, so it must be a number
in every history: what never happened counts as the horizon, or as nought.

The dataset has the dimensions history, tick, camp, wing, camp_to and option, and its variables are named as in `phases.Trace`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
import xarray as xr

from virtu.scenario.street_vocabulary import ANSWERS, RULERS


class Measure(NamedTuple):
    """A measure with its unit; `values` returns shape (histories,), or with a last axis for what it is of."""

    name: str
    unit: str
    doc: str
    of: str  # "", "camp", "option" or "ruler": one number for each, written ``name:camp``
    values: Callable[[xr.Dataset], np.ndarray]


MEASURES: dict[str, Measure] = {}

BLOCK = 500
"""Histories measured at a time, which bounds memory."""

Values = Callable[[xr.Dataset], np.ndarray]


def measure(unit: str, of: str = "") -> Callable[[Values], Values]:
    """Register a measure under the name of the function it decorates.

    Parameters
    ----------
    unit : str
        Unit, such as ``"share"`` or ``"ticks"``.
    of : str
        What there is one number for: "", "camp", "option" or "ruler".
    """

    def register(function: Values) -> Values:
        doc = (function.__doc__ or "").strip().split("\n")[0]
        MEASURES[function.__name__] = Measure(function.__name__, unit, doc, of, function)
        return function

    return register


def names_of(of: str, dataset: xr.Dataset) -> list[str]:
    """Return the names of the camps, options or rulers of a dataset, in the order of the last axis of a measure."""
    camps = [str(name) for name in dataset.camp.values]
    return {"camp": camps, "option": [str(name) for name in dataset.option.values], "ruler": [*RULERS, *camps]}[of]


def of_all(dataset: xr.Dataset) -> dict[str, tuple[np.ndarray, str]]:
    """Return all measures of a dataset by name, those of something as ``name:something``, with their units."""
    starts = range(0, dataset.sizes["history"], BLOCK)
    blocks = [dict(_of_block(dataset.isel(history=slice(start, start + BLOCK)))) for start in starts]
    return {name: (np.concatenate([block[name] for block in blocks]), _unit(name)) for name in blocks[0]}


def _unit(name: str) -> str:
    return MEASURES[name.split(":", 1)[0]].unit


def _of_block(dataset: xr.Dataset) -> Iterable[tuple[str, np.ndarray]]:
    for one in MEASURES.values():
        values = one.values(dataset).astype(np.float64)
        if one.of:
            yield from ((f"{one.name}:{name}", column) for name, column in zip(names_of(one.of, dataset), values.T, strict=True))
        else:
            yield one.name, values


def _shots(dataset: xr.Dataset) -> np.ndarray:
    """Tick of each camp's first shot, the horizon where there is none, shape (histories, camps)."""
    fired = dataset.shots.transpose("history", "tick", "camp").values > 0.0
    return np.where(fired.any(axis=1), fired.argmax(axis=1), dataset.sizes["tick"])


def _total(dataset: xr.Dataset, name: str) -> np.ndarray:
    """Sum over ticks, one after another, so that it does not depend on how many histories there are."""
    values = dataset[name].transpose("history", "tick", ...).values
    return np.cumsum(values.astype(np.float64), axis=1)[:, -1]


def _last(dataset: xr.Dataset, name: str) -> np.ndarray:
    return dataset[name].transpose("history", "tick", ...).values[:, -1]


@measure("ticks")
def first_shot(dataset: xr.Dataset) -> np.ndarray:
    """Ticks until anybody fires; the horizon where nobody does."""
    return _shots(dataset).min(axis=1)


@measure("share", of="camp")
def fired_first(dataset: xr.Dataset) -> np.ndarray:
    """1 where the camp fired, and no other before it; in the same tick both did."""
    shots = _shots(dataset)
    return (shots == shots.min(axis=1, keepdims=True)) & (shots < dataset.sizes["tick"])


@measure("people")
def killed(dataset: xr.Dataset) -> np.ndarray:
    """People killed by the camps and by the state."""
    return _total(dataset, "killed")


@measure("people")
def injured(dataset: xr.Dataset) -> np.ndarray:
    """People injured by the camps and by the state."""
    return _total(dataset, "injured")


@measure("incidents", of="camp")
def incidents(dataset: xr.Dataset) -> np.ndarray:
    """Number of the camp's incidents."""
    return _total(dataset, "incidents")


@measure("share", of="option")
def support(dataset: xr.Dataset) -> np.ndarray:
    """Share of the people who support the option at the horizon."""
    return _last(dataset, "support")


@measure("0–1", of="camp")
def reasonableness(dataset: xr.Dataset) -> np.ndarray:
    """Reasonableness by which the camp is judged at the horizon."""
    return _last(dataset, "reasonableness")


@measure("intensity", of="camp")
def intensity(dataset: xr.Dataset) -> np.ndarray:
    """Mean intensity of the camp's supporters at the horizon."""
    wings, radical = _last(dataset, "intensity"), _last(dataset, "radical")
    return (1.0 - radical) * wings[..., 0] + radical * wings[..., 1]


@measure("ratio", of="camp")
def overestimate(dataset: xr.Dataset) -> np.ndarray:
    """Mean over time of the rivals' intensity as the camp's leader sees it, over what it is; 1 where it is nought."""
    believed = dataset.believed.transpose("history", "tick", "camp", "camp_to").values.astype(np.float64)
    camps = np.arange(believed.shape[2])
    true = believed[:, :, camps, camps]
    rivals = true.sum(axis=2, keepdims=True) - true
    seen = believed.sum(axis=3) - true
    return np.where(rivals > 0.0, seen / np.where(rivals > 0.0, rivals, 1.0), 1.0).mean(axis=1)


@measure("share", of="camp")
def turnout(dataset: xr.Dataset) -> np.ndarray:
    """Share of the people in the street for the camp, mean over time."""
    return dataset.turnout.transpose("history", "tick", "camp", "wing").values.astype(np.float64).sum(axis=3).mean(axis=1)


@measure("share", of="camp")
def radical(dataset: xr.Dataset) -> np.ndarray:
    """Share of the radical wing among the camp's supporters at the horizon."""
    return _last(dataset, "radical")


@measure("share", of="camp")
def seen_radical(dataset: xr.Dataset) -> np.ndarray:
    """Share of the radical wing in what is shown of the camp at the horizon."""
    return _last(dataset, "seen_radical")


@measure("concessions")
def concessions(dataset: xr.Dataset) -> np.ndarray:
    """Number of times the elite conceded."""
    return (dataset.answer.transpose("history", "tick").values == ANSWERS.index("concede")).sum(axis=1)


@measure("ticks")
def repression(dataset: xr.Dataset) -> np.ndarray:
    """Repression of the camp hardest hit, added up over time: ticks of full repression."""
    force = dataset.repression.transpose("history", "tick", "camp").values.max(axis=2)
    return np.cumsum(force.astype(np.float64), axis=1)[:, -1]


@measure("share", of="ruler")
def rules(dataset: xr.Dataset) -> np.ndarray:
    """1 where the elite, the coalition, the outsider or the camp rules at the horizon."""
    return _last(dataset, "ruler")[:, None] == np.arange(len(RULERS) + dataset.sizes["camp"])


@measure("0–1")
def order(dataset: xr.Dataset) -> np.ndarray:
    """Mean over time of what disorder leaves: 1 where there is none."""
    return 1.0 - dataset.disorder.transpose("history", "tick").values.astype(np.float64).mean(axis=1)


@measure("felt", of="camp")
def felt(dataset: xr.Dataset) -> np.ndarray:
    """What its people feel the camp achieves, mean over time: being shown, and strength as they see it, less their own victims."""
    return dataset.felt.transpose("history", "tick", "camp").values.astype(np.float64).mean(axis=1)


@measure("share")
def ran_away(dataset: xr.Dataset) -> np.ndarray:
    """1 where the history ran away: intensity or incidents beyond every bound."""
    return _last(dataset, "ran_away")
