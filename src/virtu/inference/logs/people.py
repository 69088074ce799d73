"""What is unknown of the people of a scenario: everybody's traits, with the scenario's own distributions, as standard normal coordinates.

A trait of a person has a coordinate z and the value F⁻¹(Φ(z)), F being the distribution the scenario gives it: the very function by which
a run draws traits. The two weights of empathy share a coordinate, so that a type stays a type. Traits for which the scenario says a number
are known. Where it says nothing and the vocabulary gives everybody the same, the population is taken as wide as for games (`priors.WIDER`),
or nobody's could be learnt.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from scipy.special import ndtr

from virtu import chance
from virtu.errors import InputError, did_you_mean
from virtu.inference.priors import EMPATHY, WIDER
from virtu.organisation import build
from virtu.scenario import Scenario
from virtu.scenario.distributions import Level, flaws
from virtu.scenario.fields import Stated
from virtu.scenario.vocabulary import traits

FARTHEST = 1e-6
"""Least chance of a lot, so that none is 0 or 1."""


class People(NamedTuple):
    """The people of a scenario; D coordinates, E traits of persons that they stand for."""

    scenario: Scenario  # with the distributions that are used
    owner: np.ndarray  # (D,) person of each coordinate
    coordinate: np.ndarray  # (E,) coordinate of each open trait of a person
    trait: np.ndarray  # (E,) its trait
    person: np.ndarray  # (E,) its person
    quantile: np.ndarray  # (traits, P, K) inverse distribution functions


def people(scenario: Scenario, own: Mapping[str, Level] | None = None) -> People:
    """Return what is unknown of the people of a scenario.

    Parameters
    ----------
    scenario : Scenario
        Gives the distributions.
    own : mapping, optional
        Distributions of one's own in place of those, by trait for everybody or by ``Name.trait`` for one; a number takes it for known.

    Raises
    ------
    InputError
        If `own` names nobody or nothing, or a distribution is none of its trait.
    """
    given = _changed(scenario, own or {})
    names, placed = list(traits()), [number for number, one in enumerate(given.actors.values()) if one.entry != "none"]
    owner: list[int] = []
    entries: list[tuple[int, int, int]] = []
    for person in placed:
        shared: dict[str, int] = {}
        for number, name in enumerate(names):
            if not isinstance(given.trait_prior(given.person_names[person], name), Mapping):
                continue
            key = "empathy" if name in EMPATHY else name
            if key not in shared:
                shared[key] = len(owner)
                owner.append(person)
            entries.append((shared[key], number, person))
    if not owner:
        raise InputError("every trait is taken for known", "leave one open to be learnt")
    coordinate, trait, person = np.array(entries).T
    return People(given, np.array(owner), coordinate, trait, person, np.asarray(build.setup(given).quantile))


def _changed(scenario: Scenario, own: Mapping[str, Level]) -> Scenario:
    """Return the scenario with distributions of one's own, and with wider ones for what the vocabulary gives everybody alike."""
    population = {name: _stated(level) for name, level in WIDER.items() if name not in scenario.population}
    actors = dict(scenario.actors)
    for key, level in own.items():
        whose, _, name = key.rpartition(".")
        if name not in traits():
            raise InputError(f"unknown trait {name!r} in --prior", did_you_mean(name, traits()))
        if whose and whose not in actors:
            raise InputError(f"{scenario.scenario} knows nobody called {whose!r}", did_you_mean(whose, actors))
        for flaw in flaws(level, traits()[name].low, traits()[name].high):
            raise InputError(f"the prior of {key}: {flaw.message}", flaw.hint)
        for one in [whose] if whose else list(actors):
            stated = {**actors[one].traits, name: _stated(level)}
            actors[one] = actors[one].model_copy(update={"traits": stated})
    return scenario.model_copy(update={"population": {**scenario.population, **population}, "actors": actors})


def _stated(level: Level) -> Stated:
    """Return a number or distribution as a scenario has it."""
    if isinstance(level, Mapping):
        return Stated(value={kind: tuple(map(float, arguments)) for kind, arguments in level.items()})
    return Stated(value=float(level))


def lots(given: People, point: np.ndarray) -> np.ndarray:
    """Return where traits lie in their distributions, (N, traits, P), from coordinates (N, D); the middle where they are known."""
    found = np.full((len(point), len(traits()), len(given.scenario.actors)), 0.5, np.float32)
    found[:, given.trait, given.person] = np.clip(ndtr(point), FARTHEST, 1.0 - FARTHEST)[:, given.coordinate]
    return found


def values(given: People, point: np.ndarray) -> np.ndarray:
    """Return the values of the open traits of persons, shape (N, E), from coordinates (N, D)."""
    lot = np.clip(ndtr(point), FARTHEST, 1.0 - FARTHEST)[:, given.coordinate].T.astype(np.float32)
    return np.asarray(chance.inverse(jnp.asarray(given.quantile[given.trait, given.person]), jnp.asarray(lot))).T


def fixed(given: People, person: str) -> dict[str, float]:
    """Return the traits of a person that are known."""
    levels = {name: given.scenario.trait_prior(person, name) for name in traits()}
    return {name: level for name, level in levels.items() if not isinstance(level, Mapping)}
