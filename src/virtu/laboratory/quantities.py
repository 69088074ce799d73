"""What a calibration compares with facts: the mean of a measure, a ratio or a correlation of two, or a rate.

======================================= ===============================================================
``strikes``, ``on_top:Berger``          mean of a measure over histories
``struck_down / falls``                 sum of one measure over the sum of another
``share:Berger ~ trusted:Berger``       correlation of two measures over histories
``hazard coup tenure 0:1``              a rate, see `virtu.laboratory.rates`
======================================= ===============================================================
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from virtu.errors import InputError
from virtu.laboratory import compare, rates
from virtu.laboratory.arenas import arena_of
from virtu.scenario import AnyScenario


class Quantity(NamedTuple):
    """Something a history, or all of them, can be asked for."""

    text: str
    kind: Literal["mean", "ratio", "correlation"]
    parts: tuple[str, ...]  # the measures, or parts of a rate, that it is made of
    unit: str
    low: float = -np.inf  # least and greatest value it can have
    high: float = np.inf


class Estimates(NamedTuple):
    """A quantity at A points, from the same H histories at each."""

    value: np.ndarray  # (A,) NaN where nothing was at risk, or a measure did not vary
    influence: np.ndarray  # (A, H) what each history adds to the error of the value; their mean is 0


def read(text: str, scenario: AnyScenario) -> Quantity:
    """Read what is asked for.

    Parameters
    ----------
    text : str
        In one of the forms above.
    scenario : Scenario
        Whose persons and dates it may name.

    Raises
    ------
    InputError
        If there is no such measure or rate.
    """
    plain = " ".join(text.split())
    if rates.is_rate(plain):
        hazard = rates.read(plain, arena_of(scenario).rates, scenario)
        return Quantity(hazard.text, "ratio", (hazard.part(rates.EVENTS), hazard.part(rates.YEARS)), "a year", 0.0)
    for sign, kind in ((" / ", "ratio"), (" ~ ", "correlation")):
        if sign in plain:
            pair = tuple(_measure(part.strip(), scenario) for part in plain.split(sign, 1))
            if kind == "correlation":
                return Quantity(sign.join(pair), "correlation", pair, kind, -1.0, 1.0)
            return Quantity(sign.join(pair), "ratio", pair, kind)
    name = _measure(plain, scenario)
    unit = arena_of(scenario).measures()[name.partition(":")[0]].unit
    return Quantity(name, "mean", (name,), unit, *((0.0, 1.0) if unit == "share" else ()))


def _measure(name: str, scenario: AnyScenario) -> str:
    if not name:
        raise InputError("a measure is missing", "such as strikes, struck_down / falls, or hazard coup tenure 0:1")
    return compare.outcome_of(name, scenario)


def estimates(quantity: Quantity, parts: np.ndarray) -> Estimates:
    """Return a quantity at many points.

    Parameters
    ----------
    quantity : Quantity
        Which.
    parts : numpy.ndarray
        Its parts by point and history, shape (A, parts, H).

    Returns
    -------
    Estimates
        Influences are those of the delta method: that of a ratio is (x − r y)/ȳ, that of a correlation u v − ρ (u² + v²)/2 of
        standardised values (Hampel 1974).
    """
    if quantity.kind == "mean":
        value = parts[:, 0].mean(axis=1)
        return Estimates(value, parts[:, 0] - value[:, None])
    if quantity.kind == "ratio":
        below = parts[:, 1].mean(axis=1)
        safe = np.where(below > 0.0, below, np.nan)
        value = parts[:, 0].mean(axis=1) / safe
        return Estimates(value, (parts[:, 0] - value[:, None] * parts[:, 1]) / safe[:, None])
    away = parts - parts.mean(axis=2, keepdims=True)
    spread = away.std(axis=2)
    scaled = away / np.where(spread > 0.0, spread, np.nan)[:, :, None]
    value = (scaled[:, 0] * scaled[:, 1]).mean(axis=1)
    return Estimates(value, scaled[:, 0] * scaled[:, 1] - 0.5 * value[:, None] * (scaled**2).sum(axis=1))
