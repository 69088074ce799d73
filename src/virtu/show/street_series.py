"""What the figures of the street draw: quantiles over histories, tick by tick, and where the camps stand between rest and running away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from virtu.record.tally import blocks
from virtu.scenario.street_schema import StreetScenario
from virtu.scenario.street_vocabulary import street_parameters
from virtu.show.series import BANDS, at_ticks, counted, shown_ticks

if TYPE_CHECKING:
    import xarray as xr

WINDOWS = 40
"""Most stretches of time over which incidents are averaged."""


class Bands(NamedTuple):
    """Quantiles over histories of one quantity, of each of some subjects."""

    ticks: list[int]
    dates: list[str]
    unit: str  # of a tick
    histories: int
    counted: str  # the same in words, and of how many where these are the first
    of: Mapping[str, Sequence[Sequence[float]]]  # by subject, the `BANDS` quantiles at each tick shown


class Pair(NamedTuple):
    """How two camps react to each other, as quantiles over histories."""

    camps: tuple[str, str]
    reaction: tuple[list[float], list[float]]  # of the first to the second and of the second to the first: `BANDS` quantiles
    loop: list[float]  # `BANDS` quantiles of the loop gain √(product)/fatigue
    beyond: float  # share of histories with a loop gain of 1 or more
    fatigue: float
    counted: str  # histories, in words


def intensity(dataset: xr.Dataset) -> tuple[Bands, Bands]:
    """Return the mean intensity of each camp as it is, and as the leaders of the other camps see it on average."""
    ticks = shown_ticks(dataset.sizes["tick"])
    believed = at_ticks(dataset[["believed"]], ticks)["believed"].transpose("history", "tick", "camp", "camp_to").values.astype(float)
    camps = np.arange(believed.shape[2])
    true = believed[:, :, camps, camps]
    seen = (believed.sum(axis=2) - true) / (len(camps) - 1)
    names = dataset["camp"].values.astype(str).tolist()
    return _bands(dataset, ticks, true, names), _bands(dataset, ticks, seen, names)


def support(dataset: xr.Dataset) -> Bands:
    """Return the share of the people for each option that anybody supports at any time."""
    ticks = shown_ticks(dataset.sizes["tick"])
    shares = at_ticks(dataset[["support"]], ticks)["support"].transpose("history", "tick", "option")
    some = np.flatnonzero((shares.values > 0.0).any(axis=(0, 1)))
    return _bands(dataset, ticks, shares.values[..., some].astype(float), dataset["option"].values.astype(str)[some].tolist())


def incidents(dataset: xr.Dataset) -> Bands:
    """Return the incidents of each camp a tick, averaged over stretches of time that end at the ticks shown."""
    ticks = dataset.sizes["tick"]
    ends = np.unique(np.linspace(0, ticks, min(WINDOWS, ticks) + 1).round().astype(int))

    def averaged(block: xr.Dataset) -> np.ndarray:
        numbers = block["incidents"].transpose("history", "tick", "camp").values.astype(float)
        total = np.concatenate([np.zeros_like(numbers[:, :1]), np.cumsum(numbers, axis=1)], axis=1)
        return np.diff(total[:, ends], axis=1) / np.diff(ends)[:, None]

    mean = np.concatenate([averaged(block) for block in blocks(dataset[["incidents"]])])
    return _bands(dataset, ends[1:] - 1, mean, dataset["camp"].values.astype(str).tolist())


def closest_to_running_away(dataset: xr.Dataset, scenario: StreetScenario) -> Pair:
    """Return the two camps with the highest product of reactions, by the constants and wings of the scenario and what leaders believed.

    A camp's reaction to another is `reaction` · reach · overestimate · ratio of the wings: by how much its mean intensity is driven up for
    each unit of the other's. The overestimate is the mean over time of the other's intensity as the leader sees it over what it is, in each
    history. Without ratchet, restraint, anger and repression intensity runs away where the product of both exceeds the square of fatigue.
    """
    camps = np.arange(dataset.sizes["camp"])
    over = np.concatenate([_overestimate(block) for block in blocks(dataset[["believed"]])])
    react = _constant(scenario, "reaction") * over * _reach(scenario)[None]
    product = np.where(camps[:, None] < camps, react * react.transpose(0, 2, 1), -1.0)
    one, other = np.unravel_index(int(np.median(product, axis=0).argmax()), product.shape[1:])
    both = react[:, one, other], react[:, other, one]
    fatigue = _constant(scenario, "fatigue")
    loop = np.sqrt(both[0] * both[1]) / fatigue
    names = dataset["camp"].values.astype(str)
    return Pair(
        (str(names[one]), str(names[other])),
        (_quantiles(both[0]), _quantiles(both[1])),
        _quantiles(loop),
        float((loop >= 1.0).mean()),
        fatigue,
        counted(dataset),
    )


def _overestimate(block: xr.Dataset) -> np.ndarray:
    """Mean over time of each camp's intensity as leaders see it over what it is, shape (histories, leaders, camps)."""
    believed = block["believed"].transpose("history", "tick", "camp", "camp_to").values.astype(float)
    camps = np.arange(believed.shape[2])
    true = believed[:, :, camps, camps]
    return (np.where(true > 0.0, 1.0 / np.where(true > 0.0, true, 1.0), 0.0)[:, :, None, :] * believed).mean(axis=1)


def _constant(scenario: StreetScenario, name: str) -> float:
    return float(scenario.parameters.get(name, street_parameters()[name].default))


def _reach(scenario: StreetScenario) -> np.ndarray:
    """Weight of each camp's rivals, times the drive of all its people against that of its moderate wing, shape (F, F)."""
    rows = []
    for name, camp in scenario.camps.items():
        radical = camp.radical.intensity / camp.intensity if camp.intensity > 0.0 else 1.0
        drive = 1.0 - camp.radical.share + camp.radical.share * radical
        rows.append([0.0 if other == name else camp.reach.get(other, 1.0) * drive for other in scenario.camps])
    return np.array(rows)


def _bands(dataset: xr.Dataset, ticks: np.ndarray, values: np.ndarray, names: Sequence[str]) -> Bands:
    """Bands of values by history, tick shown and subject."""
    found = np.quantile(values, BANDS, axis=0).transpose(2, 1, 0)
    dates = dataset["date"].values.astype(str)[ticks].tolist()
    kept = {name: band.tolist() for name, band in zip(names, found, strict=True)}
    return Bands(ticks.tolist(), dates, str(dataset.attrs.get("unit", "tick")), dataset.sizes["history"], counted(dataset), kept)


def _quantiles(values: np.ndarray) -> list[float]:
    return np.quantile(values, BANDS).tolist()
