"""What holds at every tick of eventful histories, whatever happens in them."""

from __future__ import annotations

import json
from functools import cache
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from virtu import chance
from virtu.organisation import build, phases
from virtu.organisation.state import NOBODY, Agenda, Info, Setup, State
from virtu.scenario import loads
from virtu.scenario.vocabulary import MOVES, Status
from virtu.testing import quickly

from .stage import CONTENT, FOUNDER, TICKS

HISTORIES = 64

EVENTFUL = {
    **CONTENT,
    "founder": {
        **FOUNDER,
        "strokes": [{"at": 3, "severity": 0.5}],
        "death": 12,
        "testament": {"dictated": 5, "read": 15, "against": {"Ada": 0.5}},
    },
    "population": {"nerve": {"uniform": [0.5, 1.0]}, "empathy_behind": {"uniform": [-0.4, 0.2]}, "empathy_ahead": {"uniform": [-0.4, 0.2]}},
    "groups": {"officials": {"count": 4, "weight": 0.25, "turnover": 0.1, "patrons": {"Ada": 2}, "dependence": 0.5}},
    "parameters": {"mortality": 0.01, "dread_strike": 0.0, "threat_rate": 0.8, "purge_lead": 0.2, "purge_cost": 0.0},
}


class Chronicle(NamedTuple):
    """Every state and every note of some histories, as numpy arrays: tick first, history last."""

    state: State
    info: Info


@quickly
def _run(setup: Setup, agenda: Agenda, numbers: jax.Array) -> Chronicle:
    setup, agenda = phases.with_histories(setup, agenda)
    key = chance.seeded_keys(jnp.array([3, 0], jnp.uint32), numbers)
    traits = phases.sample_traits(setup, key)

    def step(state: State, now: jax.Array) -> tuple[State, Chronicle]:
        done = agenda._replace(**{name: part[now] for name, part in agenda._asdict().items() if name not in phases.LISTS})
        state, info = phases.tick(setup, traits, done, state, key, now)
        return state, Chronicle(state, info)

    return jax.lax.scan(step, phases.init(setup, traits), jnp.arange(TICKS))[1]


@cache
def chronicle() -> Chronicle:
    """Return eventful histories, run once for all tests."""
    scenario = loads(json.dumps(EVENTFUL))
    agenda = jax.tree.map(jnp.asarray, build.baseline(scenario))
    return jax.tree.map(np.asarray, _run(build.setup(scenario), agenda, jnp.arange(HISTORIES)))


def here(state: State) -> np.ndarray:
    """Return where a place is held by somebody in office, shape (T, F, H)."""
    person, status = np.asarray(state.person), np.asarray(state.status)
    held = np.take_along_axis(status, np.maximum(person, 0), axis=1)
    return (person >= 0) & (held <= int(Status.OFFICE))


def test_the_histories_are_eventful() -> None:
    """All moves are made, people fall for every cause, die, come back and are called in; else what follows would say little."""
    state, info = chronicle()
    assert set(np.unique(info.move)) == set(range(len(MOVES)))
    assert set(np.unique(info.cause)) >= {0, 1, 2, 4, 5}
    assert (info.purged > 0.0).any()
    assert (np.diff(state.person, axis=0) != 0).any()
    assert (np.diff(state.status, axis=0) == -1).any()


@pytest.mark.parametrize("name", State._fields)
def test_everything_is_a_number(name: str) -> None:
    """No part of a state is ever NaN or infinite."""
    assert np.isfinite(getattr(chronicle().state, name)).all()


def test_every_quantity_keeps_its_range() -> None:
    """Trust in [−1, 1], shares and ledgers in [0, 1], debts at most the whole weight, beliefs chances, strength not negative."""
    state = chronicle().state
    assert (np.abs(state.trust) <= 1.0).all()
    for name in ("dependence", "grievance", "kindness", "reliance", "skill", "policy", "health", "threat", "access"):
        part = getattr(state, name)
        assert (part >= 0.0).all(), name
        assert (part <= 1.0 + 1e-5).all(), name
    assert (state.dependence.sum(axis=2) <= 1.0 + 1e-5).all()
    assert (state.access.sum(axis=1) <= 1.0 + 1e-5).all()
    np.testing.assert_allclose(state.belief.sum(axis=1), 1.0, atol=1e-4)
    for name in ("belief", "merit", "legitimacy", "estimate"):
        assert (getattr(state, name) >= 0.0).all(), name


def test_nobody_rises_but_by_rescue_or_promotion() -> None:
    """Status improves by one grade where somebody was rescued, by promotion from candidate, or from the pool; the dead stay dead."""
    state, info = chronicle()
    before, after = state.status[:-1], state.status[1:]
    rises = np.argwhere((after < before) & (before >= 0))
    assert len(rises)
    for tick, person, history in rises:
        old, new = before[tick, person, history], after[tick, person, history]
        assert old < Status.OUT
        seat = np.flatnonzero(state.person[tick, :, history] == person)
        aimed = (info.move[tick + 1, :, history] == MOVES.index("rescue")) & (info.target[tick + 1, :, history] == seat)
        assert old - new <= int(aimed.any()) + int(min(old, Status.CANDIDATE) == Status.CANDIDATE and new == Status.FORUM)
    gone = before >= int(Status.OUT)
    assert (after[gone] >= before[gone]).all()


def test_nobody_out_of_office_holds_anything() -> None:
    """Posts and officials belong to people in office; what is empty carries nothing."""
    state = chronicle().state
    held = here(state)
    for name in ("holder", "patron"):
        owner = getattr(state, name)
        in_place = ((owner[:, :, None] == state.person[:, None]) & held[:, None]).any(axis=2)
        assert (in_place | (owner < 0)).all(), name
    assert (state.reliance[state.patron < 0] == 0.0).all()
    pairs = held[:, :, None] & held[:, None] & ~np.eye(held.shape[1], dtype=bool)[:, :, None]
    for name in ("trust", "dependence", "grievance", "kindness"):
        assert not getattr(state, name)[~pairs].any(), name
    for name in ("merit", "legitimacy", "focus"):
        assert not getattr(state, name)[~held].any(), name


def test_nobody_sits_in_two_places() -> None:
    """A person has one place at most, and a place is given away only when its holder is out."""
    state = chronicle().state
    ordered = np.sort(state.person, axis=1)
    assert ((np.diff(ordered, axis=1) != 0) | (ordered[:, 1:] == NOBODY)).all()
    changed = np.argwhere(np.diff(state.person, axis=0) != 0)
    assert len(changed)
    for tick, place, history in changed:
        left = state.person[tick, place, history]
        assert left == NOBODY or state.status[tick + 1, left, history] >= Status.OUT


def test_who_falls_is_noted() -> None:
    """Every loss of standing has its line: new status, cause, and a person in that place."""
    state, info = chronicle()
    worse = np.argwhere(np.diff(state.status, axis=0) > 0)
    noted = {
        (tick, person, history) for tick, place, history in np.argwhere(info.fell >= 0) for person in [info.fell[tick, place, history]]
    }
    assert len(worse)
    for tick, person, history in worse:
        if state.status[tick, person, history] >= 0:
            assert (tick + 1, person, history) in noted
    assert ((info.fall >= 0) == (info.cause > 0)).all()
