"""A street on which shots are fired, run through the laboratory."""

from __future__ import annotations

from typing import Any

import xarray as xr

from virtu.laboratory.simulate import simulate
from virtu.scenario import StreetScenario

from .street_stage import street

HISTORIES, CHUNK = 24, 24

HOT: dict[str, Any] = {
    "camps": {
        "reds": {"leader": "Adler", "background": 40, "tactic": "violent", "radical": {"share": 0.1}},
        "blues": {"leader": "Braun", "background": 40, "label": "The Blues"},
    },
    "parameters": {"shot_severity": 6},
    "outcome": {"measure": "killed"},
}
"""What makes the stage one on which shots are fired."""

_STREET = street(**HOT)


def hot(**changes: Any) -> StreetScenario:
    """Return a street in which there is enough to see, with some of its top-level fields replaced."""
    return street(**{**HOT, **changes}) if changes else _STREET


def run(found: StreetScenario | None = None, **arguments: Any) -> xr.Dataset:
    """Run a few short histories."""
    return simulate(found or _STREET, **{"histories": HISTORIES, "chunk": CHUNK, "workers": 1, **arguments})


def same(one: xr.Dataset, other: xr.Dataset) -> bool:
    """Return whether two runs are equal to the last bit, in every variable and coordinate."""
    return one.drop_attrs().identical(other.drop_attrs())
