"""How long it takes until something happens: Kaplan-Meier curves with intervals, of what may not have happened when the watch ends.

A history in which it has not happened at the horizon says that it takes longer, and not how long; it is *censored* there (Kaplan & Meier
1958, Journal of the American Statistical Association 53). Intervals are pointwise, by Greenwood's variance on the scale of log(−log S)
(Kalbfleisch & Prentice 2002). Where it has happened in none, or in all, of those watched, that scale knows no interval, and Wilson's for
as many histories as are watched then stands in.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from virtu.record import statistics

if TYPE_CHECKING:
    import xarray as xr

MOST_POINTS = 60
"""Most ticks of a curve that are told as JSON; the ends are among them."""


class Lifetimes(NamedTuple):
    """Of histories and subjects: how many ticks, whether it happened then, and whether it could at all; shape (histories, subjects)."""

    times: np.ndarray  # ticks from the start of the watch until it happens or the watch ends
    happened: np.ndarray
    watched: np.ndarray


class Curve(NamedTuple):
    """Share in which it has not happened after each tick, shape (ticks + 1,) each."""

    surviving: np.ndarray
    low: np.ndarray
    high: np.ndarray
    at_risk: np.ndarray  # histories that are watched still when the tick begins
    events: np.ndarray  # histories in which it happens in the tick


class Survival:
    """Counts of lifetimes by subject and tick; its size does not depend on the number of histories.

    Parameters
    ----------
    subjects : sequence of str
        To whom it happens.
    ticks : int
        Length of the watch.
    """

    def __init__(self, subjects: Sequence[str], ticks: int) -> None:
        self.subjects = [str(name) for name in subjects]
        self._happened, self._ended = (np.zeros((len(self.subjects), ticks + 1), np.int64) for _ in range(2))

    def enter(self, found: Lifetimes) -> None:
        """Count further histories."""
        for counts, which in ((self._happened, found.happened & found.watched), (self._ended, ~found.happened & found.watched)):
            history, subject = np.nonzero(which)
            np.add.at(counts, (subject, found.times[history, subject]), 1)

    def curve(self, subject: int) -> Curve:
        """Return the curve of a subject, by its number."""
        return curve(self._happened[subject], self._ended[subject])

    def told(self) -> list[dict[str, Any]]:
        """Return the curves of all who were watched, ready for JSON: those to whom it happens most first.

        Returns
        -------
        list of dict
            of, histories (watched), events, median (median, low, high: the ticks by which it has happened in half, None where it has not),
            and by tick: tick, surviving, low, high, at_risk.
        """
        rows = [self._told(number) for number in range(len(self.subjects)) if self._happened[number].any() or self._ended[number].any()]
        return sorted(rows, key=lambda row: -row["events"])

    def dataset(self) -> xr.Dataset:
        """Return all curves: surviving, low, high, at_risk, events by subject and tick."""
        import xarray as xr

        curves = [self.curve(number) for number in range(len(self.subjects))]
        variables = {name: (("of", "tick"), np.stack(parts)) for name, parts in zip(Curve._fields, zip(*curves, strict=True), strict=True)}
        return xr.Dataset(variables, {"of": self.subjects, "tick": np.arange(self._happened.shape[1])})

    def _told(self, subject: int) -> dict[str, Any]:
        found = self.curve(subject)
        ticks = np.unique(np.linspace(0, found.surviving.size - 1, MOST_POINTS).round().astype(int))
        by_tick = {name: getattr(found, name)[ticks].tolist() for name in ("surviving", "low", "high", "at_risk")}
        median = {name: _half(values) for name, values in zip(("median", "low", "high"), found[:3], strict=True)}
        events = int(found.events.sum())
        return {"of": self.subjects[subject], "histories": int(found.at_risk[0]), "events": events, "median": median} | {
            "tick": ticks.tolist(),
            **by_tick,
        }


def curve(happened: np.ndarray, ended: np.ndarray) -> Curve:
    """Return the Kaplan-Meier curve of lifetimes that are counted by tick.

    Parameters
    ----------
    happened, ended : numpy.ndarray
        Histories by the tick in which it happened, or after which they are watched no longer, shape (ticks + 1,) each.
    """
    from scipy.stats import CensoredData, ecdf

    ticks = np.arange(happened.size)
    gone = np.cumsum(happened + ended)
    at_risk = gone[-1] - np.concatenate([[0], gone[:-1]])
    surviving, low, high = np.ones(happened.size), np.full(happened.size, np.nan), np.full(happened.size, np.nan)
    if happened.any():
        found = ecdf(CensoredData(np.repeat(ticks, happened), right=np.repeat(ticks, ended))).sf
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # where it has happened in none or in all
            bounds = found.confidence_interval(method="log-log")
        at = np.searchsorted(found.quantiles, ticks, side="right") - 1
        surviving = np.where(at >= 0, found.probabilities[at], 1.0)
        low, high = (np.where(at >= 0, bound.probabilities[at], np.nan) for bound in (bounds.low, bounds.high))
    return Curve(surviving, *_bounded(surviving, low, high, at_risk), at_risk, happened)


def _bounded(surviving: np.ndarray, low: np.ndarray, high: np.ndarray, at_risk: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the bounds, with Wilson's where all or none survive; nobody is watched beyond the last who was."""
    watched = np.maximum(at_risk, at_risk[at_risk > 0].min(initial=max(int(at_risk[0]), 1)))
    for tick in np.flatnonzero((surviving == 1.0) | (surviving == 0.0)):
        count = int(watched[tick])
        share = statistics.share(count if surviving[tick] else 0, count)
        low[tick], high[tick] = share["low"], share["high"]
    return low, high


def _half(values: np.ndarray) -> int | None:
    """The first tick after which at most half are left."""
    below = np.flatnonzero(values <= 0.5)
    return int(below[0]) if below.size else None
