"""The organisation as the laboratory knows it."""

from __future__ import annotations

from typing import Any

import jax

from virtu import chance
from virtu.laboratory import organisation_description, organisation_events, organisation_summary
from virtu.laboratory.arena import Arena, Measured
from virtu.laboratory.organisation_factors import FACTORING
from virtu.laboratory.organisation_interventions import REPERTOIRE
from virtu.laboratory.organisation_rates import RATES
from virtu.laboratory.organisation_table import OrganisationTable, means
from virtu.organisation import build, measures, phases
from virtu.organisation.state import Agenda, Setup
from virtu.scenario import Scenario

CHUNK = 64
"""Histories in a chunk: enough to keep the processor's vectors full, few enough to stay in its cache."""

LEAF: Any = 0
KEPT = phases.Trace(*[LEAF] * len(phases.Trace._fields)), phases.Album(*[LEAF] * len(phases.Album._fields))
"""A tree with the structure of what a run returns."""


def _run(setup: Setup, agenda: Agenda, seed: jax.Array, numbers: jax.Array) -> tuple[phases.Trace, phases.Album]:
    _, trace, album = phases.histories(setup, agenda, chance.seeded_keys(seed, numbers))
    return trace, album


def _traits(setup: Setup, key: chance.Key) -> jax.Array:
    return phases.sample_traits(phases.wide(setup), key)


def _measures() -> dict[str, Measured]:
    return {name: Measured(one.unit, one.doc, "person" if one.personal else "") for name, one in measures.MEASURES.items()}


def _outcome(scenario: Scenario) -> str:
    stated = scenario.outcome
    return f"{stated.measure}:{stated.actor}" if stated.actor else stated.measure


ORGANISATION = Arena(
    name="organisation",
    stated={},
    setup=build.setup,
    fitted=build.fitted,
    baseline=build.baseline,
    run=_run,
    by_person=None,
    kept=KEPT,
    traits=_traits,
    chunk=lambda _: CHUNK,
    table=OrganisationTable,
    means=means,
    mean_names=("dependence",),
    measures=_measures,
    measured=measures.of_all,
    rates=RATES,
    whose=lambda _, scenario: scenario.person_names,
    subject="a person",
    outcome=_outcome,
    felt="satisfaction",
    repertoire=REPERTOIRE,
    factoring=FACTORING,
    summary=organisation_summary.parts,
    events=organisation_events.events,
    description=organisation_description,
)
"""All that the laboratory knows of the organisation."""
