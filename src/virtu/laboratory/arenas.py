"""The arenas, each as the one value by which the laboratory knows it."""

from __future__ import annotations

from pathlib import Path

import xarray as xr

from virtu.laboratory.arena import Arena
from virtu.laboratory.organisation_arena import ORGANISATION
from virtu.laboratory.street_arena import STREET
from virtu.scenario import AnyScenario, Scenario, StreetScenario, load

ARENAS: dict[type[AnyScenario], Arena] = {Scenario: ORGANISATION, StreetScenario: STREET}
"""All arenas by the type of their scenarios."""


def arena_of(scenario: AnyScenario) -> Arena:
    """Return the arena a scenario belongs to."""
    return ARENAS[type(scenario)]


def arena_that_made(dataset: xr.Dataset) -> Arena:
    """Return the arena in which a dataset was simulated; the organisation where it does not say, as of old."""
    name = dataset.attrs.get("arena", ORGANISATION.name)
    return next(arena for arena in ARENAS.values() if arena.name == name)


def scenario_of(given: AnyScenario | str | Path) -> AnyScenario:
    """Return a scenario, given as such, by the name of a shipped one, or by the path of a file."""
    return load(given) if isinstance(given, str | Path) else given
