"""A small street on which single phases are played, and whole histories run: one shape of scenario, so that each is compiled once."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from virtu import chance
from virtu.laboratory.kernel import QUICKER
from virtu.scenario import loads
from virtu.scenario.street_schema import StreetScenario
from virtu.scenario.street_vocabulary import STREET_MECHANISMS, street_parameters
from virtu.scenario.vocabulary import Traits
from virtu.street import build, phases
from virtu.street.state import Agenda, Info, Setup, State, World, clear_info
from virtu.testing import quickly

TICKS = 40
HISTORIES = 8
RUN = 20
"""Histories on the stage, and histories of a run."""
REDS, BLUES = 0, 1
STATE, OUTSIDER, ABSTAIN = 2, 3, 4

CONTENT: dict[str, Any] = {
    "arena": "street",
    "scenario": "stage",
    "title": "Stage",
    "calendar": {"ticks": TICKS},
    "actors": {name: {} for name in ("Adler", "Braun", "Curtius", "Dorn")},
    "camps": {"reds": {"leader": "Adler"}, "blues": {"leader": "Braun"}},
    "public": {
        "people": 1_000_000,
        "cells": {
            "north": {
                "share": 0.6,
                "core": {"reds": 0.05, "blues": 0.05},
                "leaning": {"reds": 0.15, "blues": 0.15},
                "cause": {"reds": 0.5, "blues": -0.5},
                "divided": 13,
            },
            "south": {"share": 0.4, "core": {"reds": 0.1, "blues": 0.02}, "leaning": {"reds": 0.1, "blues": 0.2}, "divided": 7},
        },
    },
    "outsider": {"label": "Man", "promise": 0.8, "containability": 0.3},
    "elite": {"members": {"Curtius": {"containability": 0.8}, "Dorn": {"weight": 2.0}}},
}
"""Two camps, twenty cells, an outsider, and an elite of two who differ in what they believe of him."""


def street(**changes: Any) -> StreetScenario:
    """Return the scenario of the stage with some of its top-level fields replaced."""
    found = loads(json.dumps(CONTENT | changes))
    assert isinstance(found, StreetScenario)
    return found


class Stage(NamedTuple):
    """Everything a phase needs, in HISTORIES histories."""

    setup: Setup
    state: State
    info: Info
    world: World

    def but(self, **changes: Any) -> Stage:
        """Return the stage with parts of the state set to values that broadcast."""
        return self._replace(state=self.state._replace(**{name: _like(getattr(self.state, name), one) for name, one in changes.items()}))

    def noting(self, **changes: Any) -> Stage:
        """Return the stage with parts of the notes set to values that broadcast."""
        return self._replace(info=self.info._replace(**{name: _like(getattr(self.info, name), one) for name, one in changes.items()}))

    def having(self, **changes: Any) -> Stage:
        """Return the stage with constants set."""
        known = {name: jnp.float32(value) for name, value in changes.items()}
        return self._replace(world=self.world._replace(parameters=self.world.parameters._replace(**known)))

    def without(self, *mechanisms: str) -> Stage:
        """Return the stage with mechanisms switched off."""
        off = {name: jnp.float32(0.0) for name in mechanisms}
        assert off.keys() <= self.world.on.keys()
        return self._replace(world=self.world._replace(on=self.world.on | off))

    def minded(self, **traits: Any) -> Stage:
        """Return the stage with traits of the leaders set."""
        known = {name: jnp.broadcast_to(jnp.float32(value), self.world.mind.nerve.shape) for name, value in traits.items()}
        return self._replace(world=self.world._replace(mind=self.world.mind._replace(**known)))

    def set(self, **changes: Any) -> Stage:
        """Return the stage with parts of the setup set to values that broadcast, with a last axis of 1."""
        setup = self.world.setup._replace(**{name: _like(getattr(self.setup, name), one) for name, one in changes.items()})
        return self._replace(setup=setup, world=self.world._replace(setup=setup))

    def given(self, **changes: Any) -> Stage:
        """Return the stage with other parts of the world set, as they are."""
        return self._replace(world=self.world._replace(**{name: jnp.asarray(one) for name, one in changes.items()}))


def _like(old: jax.Array, value: Any) -> jax.Array:
    return jnp.broadcast_to(jnp.asarray(value, old.dtype), old.shape)


@cache
def stage(now: int = 5) -> Stage:
    """Return the stage at the start of a history, at a tick."""
    scenario = street()
    setup, agenda = phases.with_histories(*jax.tree.map(jnp.asarray, (build.setup(scenario), build.baseline(scenario))))
    done = Agenda(*(part[now] for part in agenda))
    key = chance.history_keys(1, jnp.arange(HISTORIES))
    state, world = _begin(setup, done, key, jnp.int32(now))
    return Stage(setup, state, clear_info(*state.radical.shape), world)


@quickly
def _begin(setup: Setup, done: Agenda, key: chance.Key, now: jax.Array) -> tuple[State, World]:
    mind = phases.sample(setup, key)
    return phases.init(setup, mind), phases.look_around(setup, mind, done, key, now)


PARAMETERS = {name: number for number, name in enumerate(street_parameters())}
MECHANISMS = {name: number for number, name in enumerate(STREET_MECHANISMS)}
TRAITS = {name: number for number, name in enumerate(Traits._fields)}


def agenda_with(agenda: Agenda, parameters: dict[str, float] | None = None, off: tuple[str, ...] = (), **parts: Any) -> Agenda:
    """Return a copy of an agenda with constants, mechanisms and other parts set for all ticks."""
    new = Agenda(*(np.array(part) for part in agenda))
    for name, value in (parameters or {}).items():
        new.parameter[:, PARAMETERS[name]] = value
    for name in off:
        new.mechanism[:, MECHANISMS[name]] = 0.0
    for name, value in parts.items():
        getattr(new, name)[...] = value
    return new


_PROGRAMS: dict[Any, Any] = {}


def run(setup: Setup, agenda: Agenda, histories: int = RUN, seed: int = 1, first: int = 0) -> tuple[State, phases.Trace]:
    """Run histories and return state and trace as numpy arrays; compiled as the laboratory compiles, once for each shape."""
    words, numbers = np.array([seed, 0], np.uint32), np.arange(first, first + histories, dtype=np.int32)
    arguments = setup, agenda, words, numbers
    shapes = tuple((part.shape, str(part.dtype)) for part in jax.tree.leaves(arguments))
    if shapes not in _PROGRAMS:
        _PROGRAMS[shapes] = jax.jit(_histories, compiler_options=QUICKER).lower(*arguments).compile()
    return jax.tree.map(np.asarray, _PROGRAMS[shapes](*arguments))


def _histories(setup: Setup, agenda: Agenda, words: jax.Array, numbers: jax.Array) -> tuple[State, phases.Trace]:
    return phases.histories(setup, agenda, chance.seeded_keys(words, numbers))
