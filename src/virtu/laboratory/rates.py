"""Rates at which something ends: how often it happens, over the time during which it could have, by tenure or between two dates.

A rate is written ``hazard KIND tenure LOW:HIGH``, in years of tenure with LOW included, or ``hazard KIND period DATE:DATE``, with the
second date left out. Its estimate from many histories is all events over all years at risk. Tenure is counted from the start of the run
for those who are there by then.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
import xarray as xr

from virtu.errors import InputError, did_you_mean
from virtu.scenario import AnyScenario

PER_YEAR: dict[str, float] = {"week": 365.25 / 7.0, "month": 12.0, "quarter": 4.0, "year": 1.0}
"""Ticks of a year, by their unit."""

EVENTS, YEARS = "events", "years"
_RATE = re.compile(r"hazard\s+(?P<kind>\w+)\s+(?P<by>\w+)\s+(?P<low>[^\s:]+)\s*:\s*(?P<high>[^\s:]+)")
SHAPE = "write 'hazard coup tenure 0:1' (years) or 'hazard exit period 1934-02:1939-01'"


class AtRisk(NamedTuple):
    """Ticks during which something could end; what a tick is at risk of happens, or does not, in the next one."""

    history: np.ndarray  # (n,) index of the history
    tick: np.ndarray  # (n,)
    tenure: np.ndarray  # (n,) ticks since it began
    ended: np.ndarray  # (n,) bool


class Rate(NamedTuple):
    """What ends, and how the ticks at risk are counted."""

    doc: str
    at_risk: Callable[[xr.Dataset], AtRisk]


class Hazard(NamedTuple):
    """A rate in a span of tenure or of the calendar."""

    kind: str
    by: Literal["tenure", "period"]
    low: float  # ticks, included
    high: float  # ticks, left out
    text: str

    def part(self, what: str) -> str:
        """Return the name under which its events or its years are kept of each history."""
        return f"{self.text} ({what})"


Rates: TypeAlias = Mapping[str, Rate]


def is_rate(text: str) -> bool:
    """Return whether a text is meant for a rate."""
    return text.split(maxsplit=1)[:1] == ["hazard"]


def read(text: str, rates: Rates, scenario: AnyScenario) -> Hazard:
    """Read a rate.

    Parameters
    ----------
    text : str
        As at the head of this file.
    rates : mapping
        Those of the arena.
    scenario : Scenario
        Whose calendar gives dates and years their meaning.

    Raises
    ------
    InputError
        If it is no rate of this arena, or its span is empty.
    """
    found = _RATE.fullmatch(" ".join(text.split()))
    if found is None or found["by"] not in ("tenure", "period"):
        raise InputError(f"{text!r} is no rate", SHAPE)
    if found["kind"] not in rates:
        hint = did_you_mean(found["kind"], rates) if rates else "this arena has no rates; take a measure"
        raise InputError(f"unknown rate {found['kind']!r}", hint)
    low, high = (_ticks(found[end], found["by"], scenario) for end in ("low", "high"))
    if not 0.0 <= low < high:
        raise InputError(f"the span {found['low']}:{found['high']} is empty or begins before the run", SHAPE)
    return Hazard(found["kind"], "tenure" if found["by"] == "tenure" else "period", low, high, found.group())


def _ticks(text: str, by: str, scenario: AnyScenario) -> float:
    if by == "period":
        return float(scenario.tick_of(int(text) if text.isdigit() else text, within=False))
    try:
        return float(text) * PER_YEAR[scenario.calendar.unit]
    except ValueError:
        raise InputError(f"expected years of tenure, found {text!r}", SHAPE) from None


def counted(rates: Rates, dataset: xr.Dataset, scenario: AnyScenario, names: Iterable[str]) -> dict[str, tuple[np.ndarray, str]]:
    """Return events and years of each history, by the names of the parts of rates; other names are left aside.

    Parameters
    ----------
    rates, scenario
        As in `read`.
    dataset : xarray.Dataset
        Of histories.
    names : iterable of str
        Such as ``hazard coup tenure 0:1 (events)``.
    """
    wanted = {name.rpartition(" (")[0] for name in names if is_rate(name)}
    found: dict[str, tuple[np.ndarray, str]] = {}
    known: dict[str, AtRisk] = {}
    for text in sorted(wanted):
        hazard = read(text, rates, scenario)
        if hazard.kind not in known:
            known[hazard.kind] = rates[hazard.kind].at_risk(dataset)
        events, years = _in_span(known[hazard.kind], hazard, dataset.sizes["history"], PER_YEAR[scenario.calendar.unit])
        found |= {hazard.part(EVENTS): (events, EVENTS), hazard.part(YEARS): (years, YEARS)}
    return found


def _in_span(found: AtRisk, hazard: Hazard, histories: int, per_year: float) -> tuple[np.ndarray, np.ndarray]:
    at: Any = found.tenure if hazard.by == "tenure" else found.tick
    inside = (at >= hazard.low) & (at < hazard.high)
    years = np.bincount(found.history[inside], minlength=histories) / per_year
    return np.bincount(found.history[inside & found.ended], minlength=histories).astype(np.float64), years
