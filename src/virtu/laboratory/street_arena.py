"""The street as the laboratory knows it."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from virtu import chance
from virtu.laboratory import street_description, street_events, street_summary
from virtu.laboratory.arena import Arena, Measured
from virtu.laboratory.street_factors import FACTORING
from virtu.laboratory.street_interventions import REPERTOIRE
from virtu.laboratory.street_table import StreetTable, means
from virtu.scenario import StreetScenario
from virtu.scenario.street_vocabulary import OTHER_OPTIONS, RULERS
from virtu.street import build, individuals, measures, phases
from virtu.street.state import Agenda, Setup

FEWEST, MOST = 16, 128
"""Histories in a chunk, however many cells there are."""

ROOM = 2_000_000
"""Numbers of people by cell, group and option that a chunk may hold, which bounds its memory: 8 megabytes for the largest array."""

HARMS = ("killed", "injured", "incidents", "repression", "overestimate", "ran_away")
"""Measures of which less is taken for the good."""

LEAF: Any = 0
KEPT = phases.Trace(*[LEAF] * len(phases.Trace._fields)), ()
"""A tree with the structure of what a run returns."""


def _run(setup: Setup, agenda: Agenda, seed: jax.Array, numbers: jax.Array) -> tuple[phases.Trace, tuple[()]]:
    return phases.histories(setup, agenda, chance.seeded_keys(seed, numbers))[1], ()


def _by_person(setup: Setup, agenda: Agenda, seed: jax.Array, numbers: jax.Array) -> tuple[phases.Trace, tuple[()]]:
    return individuals.histories(setup, agenda, np.asarray(seed), np.asarray(numbers)), ()


def _traits(setup: Setup, key: chance.Key) -> jax.Array:
    return phases.sample_traits(phases.wide(setup), key)


def _chunk(scenario: StreetScenario) -> int:
    """Return as many histories as fit, in steps of `FEWEST`."""
    camps, cells = len(scenario.camps), sum(cell.divided for cell in scenario.public.cells.values())
    fitting = ROOM // (cells * (2 * camps + 1) * (camps + len(OTHER_OPTIONS)))
    return min(max(fitting // FEWEST * FEWEST, FEWEST), MOST)


def _measures() -> dict[str, Measured]:
    return {name: Measured(one.unit, one.doc, one.of, name in HARMS) for name, one in measures.MEASURES.items()}


def _whose(of: str, scenario: StreetScenario) -> tuple[str, ...]:
    camps = scenario.camp_names
    return {"camp": camps, "option": (*camps, *OTHER_OPTIONS), "ruler": (*RULERS, *camps)}[of]


def _outcome(scenario: StreetScenario) -> str:
    stated = scenario.outcome
    return f"{stated.measure}:{stated.of}" if stated.of else stated.measure


STREET = Arena(
    name="street",
    stated={"arena": "street"},
    setup=build.setup,
    fitted=build.fitted,
    baseline=build.baseline,
    run=_run,
    by_person=_by_person,
    kept=KEPT,
    traits=_traits,
    chunk=_chunk,
    table=StreetTable,
    means=means,
    mean_names=(),
    measures=_measures,
    measured=measures.of_all,
    rates={},
    whose=_whose,
    subject="a camp",
    outcome=_outcome,
    felt="felt",
    repertoire=REPERTOIRE,
    factoring=FACTORING,
    summary=street_summary.parts,
    events=street_events.events,
    description=street_description,
)
"""All that the laboratory knows of the street."""
