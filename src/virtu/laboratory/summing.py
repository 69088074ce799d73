"""Measures of histories added up as these come: means, and medians of those that are times."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from virtu.record.tally import Tally

TIMES = "ticks"
"""Unit of measures whose median is told beside the mean: how long something takes is skewed, and cut off at the horizon."""

Found = Mapping[str, tuple[np.ndarray, str]]
"""Measures by name: values, shape (histories,), and unit."""


class Measures:
    """All measures of a run, entered block by block.

    Parameters
    ----------
    found : mapping
        Measures of any histories of the run; only names and units count.
    """

    def __init__(self, found: Found) -> None:
        self._units = {name: unit for name, (_, unit) in found.items()}
        self._tally = Tally(len(self._units), [row for row, unit in enumerate(self._units.values()) if unit == TIMES])

    def enter(self, found: Found) -> None:
        """Enter the measures of further histories."""
        self._tally.enter(np.stack([values for values, _ in found.values()]))

    def told(self, wanted: Callable[[str], bool], events: Callable[[str], bool] = lambda _: True) -> dict[str, Any]:
        """Return mean, low, high, unit of the measures that are wanted, of times also the median.

        Parameters
        ----------
        wanted : callable
            Whether a measure is, by its name.
        events : callable
            Whether a measure that is always 0 or 1 says of histories whether something happened, so that its interval is Wilson's.
        """
        return {name: self._one(row, name, events(name)) for row, name in enumerate(self._units) if wanted(name)}

    def _one(self, row: int, name: str, event: bool) -> dict[str, Any]:
        unit = self._units[name]
        found = {**(self._tally.estimate(row) if event else self._tally.mean(row)), "unit": unit}
        return {**found, "median": self._tally.median(row)} if unit == TIMES else found
