"""Histories of the street as one dataset, entered chunk by chunk."""

from __future__ import annotations

import numpy as np
import xarray as xr

from virtu.laboratory.arena import Chunk
from virtu.scenario import StreetScenario
from virtu.scenario.street_vocabulary import OTHER_OPTIONS, WINGS
from virtu.street.phases import Trace
from virtu.street.state import Agenda

DIMENSIONS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("intensity", "turnout"), ("camp", "wing")),
    "believed": ("camp", "camp_to"),
    "support": ("option",),
    **dict.fromkeys(("radical", "seen_radical", "coverage", "incidents", "shots", "victims"), ("camp",)),
    **dict.fromkeys(("reasonableness", "repression", "felt", "fired"), ("camp",)),
}
"""What the variables are by, beside history and tick."""


class StreetTable:
    """Arrays by history and tick that chunks are entered into as they come; the only thing here that changes."""

    def __init__(self, scenario: StreetScenario, histories: int, ticks: int, _: Agenda) -> None:
        self.scenario, self.ticks = scenario, ticks
        self.finished = np.zeros(histories, bool)
        self.arrays: dict[str, np.ndarray] = {}

    @property
    def entered(self) -> int:
        """Number of histories entered."""
        return int(self.finished.sum())

    def enter(self, chunk: Chunk) -> None:
        """Enter a chunk."""
        here = slice(chunk.first, chunk.first + chunk.size)
        for name, part in chunk.trace._asdict().items():
            if name not in self.arrays:
                self.arrays[name] = np.zeros((self.finished.size, *part.shape[:-1]), part.dtype)
            self.arrays[name][here] = np.moveaxis(part, -1, 0)
        self.finished[here] = True

    def dataset(self) -> xr.Dataset:
        """Return what was entered as a dataset."""
        return self.part()

    def part(self) -> xr.Dataset:
        """Return what was entered as a part of a longer run."""
        kept = slice(None) if self.finished.all() else self.finished
        variables = {name: (("history", "tick", *DIMENSIONS.get(name, ())), self.arrays[name][kept]) for name in Trace._fields}
        camps = list(self.scenario.camp_names)
        coordinates = {
            "history": np.flatnonzero(self.finished),
            "tick": np.arange(self.ticks),
            "date": ("tick", [self.scenario.date_of(tick) for tick in range(self.ticks)]),
            "camp": camps,
            "camp_to": camps,
            "wing": list(WINGS),
            "option": [*camps, *OTHER_OPTIONS],
        }
        return xr.Dataset(variables, coordinates)


def means(_: xr.Dataset) -> xr.Dataset:
    """Return the means over all histories of a run; the street keeps none."""
    return xr.Dataset()
