"""Dates of incidents as moments: each gets a moment of the day, month or year it is dated to, by chance that hangs on what it is for.

Many incidents of one day are not at one instant, so that whatever is said about less than a date means is noise. The chance of an incident
is a function of the seed, its date, its side, and how many of the same date and side stand before it. So other incidents change nobody's
moment, and the order of the lines does not matter. Drawn tables are dated as coarsely as the one they are compared with.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Sequence
from typing import Literal, TypeAlias

import numpy as np

from virtu.classics.hawkes import Events, Hawkes, simulate_branching
from virtu.classics.keyed_draws import uniforms
from virtu.scenario.incidents import Incidents
from virtu.scenario.incidents.dates import GRAINS, Grain, Span, around

Unit: TypeAlias = Literal["day", "week", "month", "year"]

DAYS: dict[Unit, float] = {"day": 1.0, "week": 7.0, "month": 365.2425 / 12, "year": 365.2425}
"""Units of time in days; months and years are mean ones of the Gregorian calendar."""

UNITS: tuple[Unit, ...] = ("day", "week", "month", "year")

MOST_PERIODS = 240
"""Most periods in which incidents are counted."""

TOO_MANY = 20
"""So many times the incidents of the table, and a drawn table has run away."""


def main_grain(table: Incidents) -> Grain:
    """Return what most dates of a table mean."""
    counts = Counter(one.when.grain for one in table.incidents)
    return max(GRAINS, key=lambda grain: counts[grain])


def unit_of(table: Incidents) -> Unit:
    """Return the shortest unit that is no finer than most dates and has at least one incident on average; else the year."""
    grain, days = main_grain(table), table.end - table.start
    least = {"month": DAYS["month"], "year": DAYS["year"]}.get(grain, 1.0)
    fitting: list[Unit] = [unit for unit in UNITS if DAYS[unit] >= least and len(table.incidents) * DAYS[unit] >= days]
    return fitting[0] if fitting else UNITS[-1]


def period_of(table: Incidents) -> tuple[str, float]:
    """Return the shortest period, and its days, that is no finer than most dates and of which the watch has not too many."""
    grain, days = main_grain(table), table.end - table.start
    least = {"month": DAYS["month"], "year": DAYS["year"]}.get(grain, 1.0)
    longer = {"10 years": 10 * DAYS["year"], "100 years": 100 * DAYS["year"]}
    periods = {**{str(unit): length for unit, length in DAYS.items()}, **longer}
    return next((name, length) for name, length in periods.items() if length >= least and days / length <= MOST_PERIODS)


def moments(table: Incidents, seed: int, unit: float) -> Events:
    """Return the incidents as events, each at a moment of its date.

    Parameters
    ----------
    table : Incidents
        What happened.
    seed : int
        Any integer; the same seed gives the same moments.
    unit : float
        Of time, days.
    """
    seen: Counter[tuple[float, Grain, int]] = Counter()
    addresses = []
    for one in table.incidents:
        mine = (one.when.start, one.when.grain, one.side)
        side = zlib.crc32(table.sides[one.side].encode())
        addresses.append((round(86_400 * one.when.start), GRAINS.index(one.when.grain), side, seen[mine]))
        seen[mine] += 1
    lots = uniforms(np.uint64(seed & 0xFFFFFFFFFFFFFFFF), np.array(addresses, np.int64))
    return _events(table, [one.when for one in table.incidents], lots, np.array([one.side for one in table.incidents]), unit)


def drawn(table: Incidents, model: Hawkes, seed: int, number: int, unit: float) -> Events | None:
    """Return events drawn from a process and dated as coarsely as those of a table; None where they run away.

    Parameters
    ----------
    table : Incidents
        Its watch and its dates count; each drawn event is dated as some incident of it is.
    model : Hawkes
        The process, in units of time.
    seed, number : int
        Of the draw, ≥ 0.
    unit : float
        Of time, days.
    """
    rng = np.random.default_rng([seed & 0xFFFFFFFFFFFFFFFF, number])
    events = simulate_branching(model, int(rng.integers(2**63)), most=TOO_MANY * len(table.incidents))
    if events.ran_away:
        return None
    days = table.start + unit * events.times
    likes = rng.integers(len(table.incidents), size=len(days))
    spans = [around(day, table.incidents[like].when) for day, like in zip(days.tolist(), likes.tolist(), strict=True)]
    return _events(table, spans, rng.random(len(days)), events.kinds, unit)


def _events(table: Incidents, spans: Sequence[Span], lots: np.ndarray, sides: np.ndarray, unit: float) -> Events:
    """Return a moment for each span, as far as it lies in the watch, at the share of it that was drawn."""
    ends = np.array([(max(span.start, table.start), min(span.end, table.end)) for span in spans]).reshape(-1, 2)
    times = (ends[:, 0] + lots * (ends[:, 1] - ends[:, 0]) - table.start) / unit
    order = np.argsort(times, kind="stable")
    return Events(times[order], sides[order].astype(np.int64), (table.end - table.start) / unit)
