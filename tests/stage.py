"""A small stage on which single phases are played: one shape of organisation, so that each phase is compiled once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from virtu import chance
from virtu.organisation import build, phases
from virtu.organisation.state import Agenda, Info, Setup, State, World, clear_info
from virtu.scenario import loads
from virtu.scenario.vocabulary import MECHANISMS, Traits, parameters
from virtu.testing import quickly

NAMES = ("Ada", "Ben", "Cleo", "Dan", "Eve", "Finn")
ADA, BEN, CLEO, DAN, EVE, FINN = range(6)
"""Four members of the forum, a candidate, and one to be called in."""

SECRETARY, TREASURER, USHER = range(3)
"""Posts: the first appoints all else and keeps the records, the second appoints nothing, the third controls access."""

HISTORIES = 8
TICKS = 40

CONTENT: dict[str, Any] = {
    "scenario": "stage",
    "title": "Stage",
    "calendar": {"ticks": TICKS},
    "forum": {"seats": 4, "candidates": 1},
    "actors": {name: {"entry": entry} for name, entry in zip(NAMES, ["forum"] * 4 + ["candidate", "pool"], strict=True)},
    "posts": {
        "secretary": {"holder": "Ada", "weight": 1.0, "records": True, "appoints": ["treasurer", "usher", "officials", "forum"]},
        "treasurer": {"holder": "Ben", "weight": 0.5},
        "usher": {"holder": "Cleo", "weight": 0.0, "access": True},
    },
    "groups": {"officials": {"count": 4, "weight": 0.25, "turnover": 0.0, "patrons": {"Ada": 2}, "dependence": 0.5}},
    "issues": {"tax": {"scale": [0, 100], "status_quo": 40}},
}

FOUNDER: dict[str, Any] = {"actor": "Dan", "health": 0.8, "legitimacy": 2.0, "access": {"Ada": 0.5, "Ben": 0.25}}


class Stage(NamedTuple):
    """Everything a phase needs, in HISTORIES histories."""

    setup: Setup
    state: State
    info: Info
    world: World

    def but(self, **changes: Any) -> Stage:
        """Return the stage with parts of the state set to values that broadcast, such as merit of shape (F, 1)."""
        spread = {name: _like(getattr(self.state, name), value) for name, value in changes.items()}
        return self._replace(state=self.state._replace(**spread))

    def noted(self, **changes: Any) -> Stage:
        """Return the stage with parts of the notes set to values that broadcast."""
        spread = {name: _like(getattr(self.info, name), value) for name, value in changes.items()}
        return self._replace(info=self.info._replace(**spread))

    def with_luck(self, **luck: float) -> Stage:
        """Return the stage with the first number drawn at some sites set; underscores stand for spaces."""
        drawn = dict(self.world.luck)
        for name, value in luck.items():
            site = name.replace("_", " ")
            drawn[site] = (jnp.full_like(drawn[site][0], value), drawn[site][1])
        return self._replace(world=self.world._replace(luck=drawn))


def _like(part: jax.Array, value: Any) -> jax.Array:
    return jnp.broadcast_to(jnp.asarray(value, part.dtype), part.shape)


def stage(
    before: str = "meeting",
    *,
    content: Mapping[str, Any] | None = None,
    traits: Mapping[str, float | list[float]] | None = None,
    constants: Mapping[str, float] | None = None,
    off: Iterable[str] = (),
    now: int = 0,
    **done: Any,
) -> Stage:
    """Set the stage before one of the phases that look around.

    Parameters
    ----------
    before : str
        ``"work"`` or ``"meeting"``.
    content : mapping, optional
        Parts of the scenario that differ.
    traits : mapping, optional
        One value for everybody, or one for each of the six.
    constants : mapping, optional
        Parameters that differ.
    off : iterable of str
        Mechanisms switched off.
    now : int
        The tick.
    **done
        Other parts of the agenda of the tick.
    """
    scenario = loads(json.dumps({**CONTENT, **(content or {})}))
    agenda = _agenda(build.baseline(scenario, 1), traits or {}, constants or {}, off, done)
    setup, state, world = _open(build.setup(scenario), agenda, jnp.int32(now), before)
    return Stage(setup, state, clear_info(*state.person.shape), world)


def _agenda(
    agenda: Agenda, given: Mapping[str, Any], constants: Mapping[str, float], off: Iterable[str], done: Mapping[str, Any]
) -> Agenda:
    trait = agenda.trait.copy()
    for name, value in given.items():
        trait[:, Traits._fields.index(name)] = value
    parameter = agenda.parameter.copy()
    for name, value in constants.items():
        parameter[:, list(parameters()).index(name)] = value
    mechanism = agenda.mechanism.copy()
    for name in off:
        mechanism[:, MECHANISMS.index(name)] = 0.0
    parts = {name: np.broadcast_to(value, getattr(agenda, name).shape).astype(getattr(agenda, name).dtype) for name, value in done.items()}
    return agenda._replace(trait=trait, parameter=parameter, mechanism=mechanism, **parts)


@partial(quickly, static_argnums=3)
def _open(setup: Setup, agenda: Agenda, now: jax.Array, before: str) -> tuple[Setup, State, World]:
    setup, agenda = phases.with_histories(setup, agenda)
    done = agenda._replace(**{name: part[0] for name, part in agenda._asdict().items() if name not in phases.LISTS})
    key = chance.seeded_keys(jnp.array([7, 0], jnp.uint32), jnp.arange(HISTORIES))
    traits = phases.sample_traits(setup, key)
    state = phases.init(setup, traits)
    return setup, state, phases.look_around(setup, traits, done, state, key, now, before)


@cache
def _compiled(phase: phases.Phase) -> phases.Phase:
    return quickly(phase)


def play(phase: phases.Phase, before: Stage) -> Stage:
    """Return the stage after a phase."""
    state, info = _compiled(phase)(before.state, before.info, before.world)
    return before._replace(state=state, info=info)
