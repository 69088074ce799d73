"""From a scenario of the street to arrays: what all histories share, and the agenda of the baseline."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from virtu import chance
from virtu.errors import InputError
from virtu.scenario.calendar import MONTHS
from virtu.scenario.distributions import quantiles
from virtu.scenario.street_schema import Cell, StreetScenario
from virtu.scenario.street_vocabulary import STREET_MECHANISMS, TACTICS, StreetParameters, street_parameters
from virtu.scenario.vocabulary import traits
from virtu.street.media import shown, wings
from virtu.street.public import judgement, profile
from virtu.street.state import NOBODY, Agenda, Setup

DAYS_OF_A_MONTH = 365.25 / 12.0


def setup(scenario: StreetScenario) -> Setup:
    """Return a scenario as arrays; shares and estimates at the start are those of its own constants.

    Raises
    ------
    InputError
        If two names would share their chance.
    """
    camps = list(scenario.camps)
    cells = [(f"{name} {part}", cell) for name, cell in scenario.public.cells.items() for part in range(cell.divided)]
    try:
        chance.check_collisions(scenario.person_names, "persons")
        chance.check_collisions(camps, "camps")
        chance.check_collisions([name for name, _ in cells], "cells")
    except ValueError as error:
        raise InputError(str(error)) from error
    fields = {**_people(scenario), **_camps(scenario, camps), **_public(scenario, camps, cells), **_rulers(scenario, camps)}
    fields |= _derived(fields, StreetParameters(*jnp.array(constants(scenario), jnp.float32)))
    arrays: dict[str, Any] = {name: np.asarray(value) for name, value in fields.items()}
    return Setup(**arrays)


def constants(scenario: StreetScenario) -> list[float]:
    """Return the constants of a scenario, in the order of `StreetParameters`."""
    return [scenario.parameters.get(name, knob.default) for name, knob in street_parameters().items()]


def tick_days(scenario: StreetScenario) -> float:
    """Return how many days a tick has, on average."""
    unit = scenario.calendar.unit
    return 7.0 if unit == "week" else DAYS_OF_A_MONTH * MONTHS[unit]


def _codes(names: list[str] | tuple[str, ...]) -> np.ndarray:
    return np.array([chance.code(name) for name in names], np.uint32)


def _people(scenario: StreetScenario) -> dict[str, Any]:
    table = [
        [quantiles(scenario.trait_prior(person, name), trait.low, trait.high) for person in scenario.actors]
        for name, trait in traits().items()
    ]
    return {"slot": _codes(scenario.person_names), "quantile": np.asarray(table, np.float32), "tick_days": np.float32(tick_days(scenario))}


def _camps(scenario: StreetScenario, camps: list[str]) -> dict[str, Any]:
    values, person = list(scenario.camps.values()), list(scenario.person_names)
    reach = [[0.0 if one == other else camp.reach.get(other, 1.0) for other in camps] for one, camp in scenario.camps.items()]
    week = tick_days(scenario) / 7.0

    def column(name: str) -> np.ndarray:
        return np.array([getattr(camp, name) for camp in values], np.float32)

    return {
        "camp_slot": _codes(camps),
        "leader": np.array([person.index(camp.leader) for camp in values], np.int32),
        "intensity": np.array([[camp.intensity, camp.radical.intensity] for camp in values], np.float32),
        "grievance": column("grievance"),
        "reach": np.array(reach, np.float32),
        "reasonableness": column("reasonableness"),
        "tactic": np.array([TACTICS.index(camp.tactic) for camp in values], np.int32),
        "background": column("background") * np.float32(week),
        "radical": np.array([camp.radical.share for camp in values], np.float32),
        "distinct": np.array([camp.radical.distinct for camp in values], np.float32),
        "branching": np.array(scenario.branching, np.float32),
    }


def _public(scenario: StreetScenario, camps: list[str], cells: list[tuple[str, Cell]]) -> dict[str, Any]:
    known = [cell for _, cell in cells]
    member = np.array([[*(cell.core.get(camp, 0.0) for camp in camps), *(cell.leaning.get(camp, 0.0) for camp in camps)] for cell in known])
    undecided = np.maximum(1.0 - member.sum(axis=1, keepdims=True), 0.0)
    share = np.array([cell.share / cell.divided for cell in known])
    return {
        "people": np.float32(scenario.public.people),
        "cell_slot": _codes([name for name, _ in cells]),
        "cell_share": (share / share.sum()).astype(np.float32),
        "hardship": np.array([cell.hardship for cell in known], np.float32),
        "group_share": np.concatenate([member, undecided], axis=1).astype(np.float32),
        "cause": np.array([[cell.cause.get(camp, 0.0) for camp in camps] for cell in known], np.float32),
        "police_factor": np.array([cell.police for cell in known], np.float32),
    }


def _rulers(scenario: StreetScenario, camps: list[str]) -> dict[str, Any]:
    state, outsider, elite = scenario.state, scenario.outsider, scenario.elite
    apart = outsider is not None and outsider.camp is None
    backed = NOBODY if outsider is None else len(camps) + 1 if outsider.camp is None else camps.index(outsider.camp)
    promise = [*(camp.promise for camp in scenario.camps.values()), state.promise, scenario.outsider_promise if apart else 0.0, 0.0]
    members = {} if elite is None else elite.members
    weight = np.array([member.weight for member in members.values()], np.float32)
    belief = [quantiles(scenario.containability_prior(name), 0.0, 1.0) for name in members]
    person = list(scenario.person_names)
    return {
        "legitimacy": np.float32(state.legitimacy),
        "police": np.float32(state.police),
        "state_reasonableness": np.float32(state.reasonableness),
        "promise": np.array(promise, np.float32),
        "outsider": np.int32(backed),
        "containability": np.float32(0.0 if outsider is None else outsider.containability),
        "member": np.array([person.index(name) for name in members], np.int32),
        "member_slot": _codes(list(members)),
        "member_weight": weight / np.maximum(weight.sum(), np.float32(1e-9)),
        "member_belief": np.array(belief, np.float32).reshape(len(members), -1) if members else np.zeros((0, 1), np.float32),
        "elite_share": np.float32(0.05 if elite is None else elite.share),
        "inequality": np.float32(0.4 if elite is None else elite.inequality),
        "destruction": np.float32(0.3 if elite is None else elite.destruction),
    }


def _derived(fields: dict[str, Any], p: StreetParameters) -> dict[str, Any]:
    """What follows at the start from the file and the constants: what is shown, how camps are judged, whom groups support."""
    intensity, radical = jnp.asarray(fields["intensity"])[..., None], jnp.asarray(fields["radical"])[:, None]
    seen = shown(wings(radical), intensity, p.media_selection, p.intensity_spread, jnp.zeros_like(radical))
    moderate = fields["reasonableness"]
    reason = np.stack([moderate, moderate * p.radical_reason], axis=1)
    distinct = jnp.asarray(fields["distinct"])[:, None]
    return {
        "reasonableness": reason,
        "seen_mean": seen.mean[:, 0],
        "judged": judgement(jnp.asarray(reason)[..., None], seen.radical, distinct, p.contrast, p.contamination)[:, 0],
        "profile": profile(p, len(radical), jnp.asarray(fields["outsider"])),
    }


def baseline(scenario: StreetScenario, ticks: int | None = None) -> Agenda:
    """Return the agenda of a scenario to which nothing is done but its own shocks, as numpy arrays that a copy may change.

    Parameters
    ----------
    scenario : StreetScenario
        Gives parameters and shocks.
    ticks : int, optional
        Length; the scenario's own by default. Shocks beyond it are cut off.
    """
    length = scenario.ticks if ticks is None else ticks
    persons, camps = len(scenario.actors), len(scenario.camps)
    return Agenda(
        trait=np.full((length, len(traits()), persons), np.nan, np.float32),
        parameter=np.tile(np.array(constants(scenario), np.float32), (length, 1)),
        mechanism=np.ones((length, len(STREET_MECHANISMS)), np.float32),
        tactic=np.full((length, camps), NOBODY, np.int32),
        oppose=np.zeros((length, camps), np.float32),
        correct=np.zeros((length, camps), np.float32),
        flank=np.zeros((length, camps), np.int32),
        repress=np.full((length, camps), np.nan, np.float32),
        answer=np.full(length, NOBODY, np.int32),
        shock=shocks(scenario, length),
    )


def shocks(scenario: StreetScenario, length: int) -> np.ndarray:
    """Return what the scenario's shocks add by tick, shape (T, 3); those at the same time add up."""
    added = np.zeros((length, 3), np.float32)
    for shock in scenario.shocks:
        first = scenario.tick_of(shock.at)
        last = first if shock.until is None else scenario.tick_of(shock.until)
        added[first : last + 1] += np.array([shock.hardship, shock.disorder, shock.legitimacy], np.float32)
    return added


def fitted(setup: Setup, ticks: int) -> Setup:
    """Return a setup for a run of another length: the same, for nothing in it is told by the tick.

    Raises
    ------
    InputError
        If there is no tick.
    """
    if ticks < 1:
        raise InputError(f"a run has at least one tick, not {ticks}")
    return setup
