"""Running means and spreads of many measures at once, so that memory does not grow with the number of histories.

Values are gathered in stretches of `STRETCH` histories and added up stretch by stretch (Chan, Golub & LeVeque 1983, The American
Statistician 37(3)). Stretches are counted from the first history on, so that no sum depends on the portions in which histories come. Up
to one stretch a mean is that of `statistics.mean` to the last bit; beyond it sums are taken in another order, and the last of sixteen
digits may differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from virtu.record import statistics

if TYPE_CHECKING:
    import xarray as xr

STRETCH = 2048
"""Histories that are added up at once."""

BLOCK = 500
"""Histories of a Dataset that are read at once."""


class Moments(NamedTuple):
    """Means of rows, and sums of squares about them."""

    number: int
    mean: np.ndarray
    squares: np.ndarray


class Tally:
    """What is known of the values of some rows, each a measure, of so many histories.

    Parameters
    ----------
    rows : int
        Number of measures.
    kept : sequence of int
        Rows whose values are kept one by one, 8 bytes each, such as those of which a median is wanted.
    """

    def __init__(self, rows: int, kept: Sequence[int] = ()) -> None:
        self.count = 0
        self._settled = Moments(0, np.zeros(rows), np.zeros(rows))
        self._waiting = np.empty((rows, STRETCH))
        self._binary = np.ones(rows, bool)
        self._ones, self._noughts, self._above, self._below = (np.zeros(rows, np.int64) for _ in range(4))
        self._kept: dict[int, list[np.ndarray]] = {row: [] for row in kept}

    def enter(self, values: np.ndarray) -> None:
        """Enter the values of further histories, in their order; shape (rows, histories)."""
        self._binary &= np.isin(values, (0.0, 1.0)).all(axis=1)
        self._ones += (values == 1.0).sum(axis=1)
        self._noughts += (values == 0.0).sum(axis=1)
        self._above += (values > 0.0).sum(axis=1)
        self._below += (values < 0.0).sum(axis=1)
        for row, found in self._kept.items():
            found.append(values[row].copy())
        done = 0
        while done < values.shape[1]:
            filled = self.count - self._settled.number
            some = values[:, done : done + STRETCH - filled]
            self._waiting[:, filled : filled + some.shape[1]] = some
            self.count, done = self.count + some.shape[1], done + some.shape[1]
            if self.count - self._settled.number == STRETCH:
                self._settled = self._moments()

    def mean(self, row: int) -> dict[str, float | None]:
        """Return mean and normal 95 % interval of a row, as `statistics.mean` does."""
        found = self._moments()
        return statistics.mean_of_moments(self.count, float(found.mean[row]), float(found.squares[row]))

    def estimate(self, row: int) -> dict[str, float | None]:
        """Return mean and 95 % interval of a row, Wilson's where all values are 0 or 1, as `statistics.estimate` does."""
        return {**statistics.share(int(self._ones[row]), self.count)} if self._binary[row] else self.mean(row)

    def variance(self, row: int) -> float:
        """Return the mean square about the mean of a row."""
        return float(self._moments().squares[row]) / self.count

    def is_share(self, row: int) -> bool:
        """Return whether all values of a row are 0 or 1."""
        return bool(self._binary[row])

    def signs(self, row: int) -> tuple[float, float, float]:
        """Return the shares of the values of a row that are nought, above and below."""
        nought, above, below = (float(found[row]) / self.count for found in (self._noughts, self._above, self._below))
        return nought, above, below

    def median(self, row: int) -> dict[str, float | None]:
        """Return the median of a row that is kept, with its interval; see `statistics.median`."""
        return statistics.median(self.values(row))

    def values(self, row: int) -> np.ndarray:
        """Return the values of a row that is kept, shape (histories,)."""
        found = self._kept[row]
        return np.concatenate(found) if found else np.empty(0)

    def _moments(self) -> Moments:
        """Return the moments of all values so far."""
        some = self.count - self._settled.number
        if not some:
            return self._settled
        values = self._waiting[:, :some]
        mean = values.mean(axis=1)
        squares = ((values - mean[:, None]) ** 2).sum(axis=1)
        before, apart = self._settled, mean - self._settled.mean
        if not before.number:
            return Moments(self.count, mean, squares)
        joined = before.mean + apart * (some / self.count)
        return Moments(self.count, joined, before.squares + squares + apart**2 * (before.number * some / self.count))


def paired(base: Tally, arm: Tally, difference: Tally, row: int) -> dict[str, float | None]:
    """Return the effect of an arm on one measure, as `statistics.paired` does, from what is known of both and of their differences."""
    unpaired = base.variance(row) + arm.variance(row)
    return statistics.effect(difference.mean(row), difference.signs(row), unpaired, difference.variance(row))


def blocks(dataset: xr.Dataset, size: int = BLOCK) -> Iterator[xr.Dataset]:
    """Yield the histories of a Dataset in memory, so many at a time, in their order."""
    for first in range(0, dataset.sizes["history"], size):
        yield dataset.isel(history=slice(first, first + size)).load()
