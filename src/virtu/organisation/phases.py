"""The schedule of a tick: nine phases in one numbered list, and one history from beginning to end."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp

from virtu import chance
from virtu.minds import suspicion, theory_of_mind
from virtu.organisation.choosing import move
from virtu.organisation.contests import contest
from virtu.organisation.founder import founder
from virtu.organisation.ledgers import remember
from virtu.organisation.meetings import meeting
from virtu.organisation.perception import perception
from virtu.organisation.purges import purge
from virtu.organisation.seats import fall, person_place, standing, vacancies
from virtu.organisation.state import (
    NOBODY,
    VACANT,
    Agenda,
    Info,
    Setup,
    State,
    World,
    clear_info,
    in_forum,
    in_office,
    others,
    status_of,
)
from virtu.organisation.work import work
from virtu.scenario.vocabulary import MECHANISMS, Parameters, Traits

Phase = Callable[[State, Info, World], tuple[State, Info]]

PHASES: tuple[tuple[int, str, Phase], ...] = (
    (1, "work", work),
    (2, "founder", founder),
    (3, "vacancies", vacancies),
    (4, "meeting", meeting),
    (5, "perception", perception),
    (6, "moves", move),
    (7, "contest", contest),
    (8, "purge", purge),
    (9, "memory", remember),
)
"""The schedule: what happens in a tick, in this order."""


class Trace(NamedTuple):
    """What is kept of a tick; F places."""

    person: jax.Array  # (F,) int16 who holds the place, −1 nobody
    status: jax.Array  # (F,) int8
    strength: jax.Array  # (F,) float32 true strength
    believed: jax.Array  # (F,) float32 mean of the others' estimates, NaN where there is nobody to believe
    satisfaction: jax.Array  # (F,) float32
    move: jax.Array  # (F,) int8
    target: jax.Array  # (F,) int8 place
    outcome: jax.Array  # (F,) int8
    side: jax.Array  # (F,) int8
    fall: jax.Array  # (F,) int8 new status or −1
    cause: jax.Array  # (F,) int8
    by: jax.Array  # (F,) int16 person or −1
    fell: jax.Array  # (F,) int16 person or −1
    purged: jax.Array  # () float32
    innocent: jax.Array  # () float32
    executor: jax.Array  # () int16 person or −1
    result: jax.Array  # () float32


class Album(NamedTuple):
    """Dependence at three moments: start, middle, end."""

    dependence: jax.Array  # (3, F, F)
    person: jax.Array  # (3, F) int32


def sample_traits(setup: Setup, key: chance.Key) -> jax.Array:
    """Draw everybody's traits for one history by inverse distribution functions, shape (traits, P).

    The two empathy weights of a person share one draw, so that a type (Bruhin, Fehr & Schunk 2019) stays a type.
    """
    names = Traits._fields
    codes = jnp.array([chance.code("empathy" if name.startswith("empathy_") else name) for name in names], jnp.uint32)
    lots = chance.draw(key, "traits", jnp.int32(0), chance.pair_slots(codes, setup.slot))
    knots = setup.quantile.shape[2]
    at = jnp.clip(lots * knots - 0.5, 0.0, knots - 1.0)
    low = jnp.floor(at).astype(jnp.int32)
    part = at - low
    below = jnp.take_along_axis(setup.quantile, low[..., None], axis=2)[..., 0]
    above = jnp.take_along_axis(setup.quantile, jnp.minimum(low + 1, knots - 1)[..., None], axis=2)[..., 0]
    return below + part * (above - below)


def init(setup: Setup, traits: jax.Array) -> State:
    """Return the state before the first tick.

    Parameters
    ----------
    setup : Setup
        The scenario as arrays.
    traits : jax.Array
        Traits of the history's persons, shape (traits, P).
    """
    person = setup.place
    index = jnp.maximum(person, 0)
    places = person.shape[0]
    known = ((person >= 0)[:, None] & (person >= 0)[None, :]) * others(places)
    mind = Traits(*traits[:, index])
    nought = jnp.zeros(places, jnp.float32)
    pairs = jnp.zeros((places, places), jnp.float32)
    outer = setup.outer_patron.shape[0]
    state = State(
        person=person,
        status=setup.entry,
        fallen=jnp.zeros(setup.entry.shape, bool),
        holder=setup.post_holder,
        patron=setup.outer_patron,
        reliance=setup.outer_reliance,
        skill=jnp.full(outer, 0.5, jnp.float32),
        trust=setup.trust[index][:, index] * known,
        dependence=setup.dependence[index][:, index] * known,
        grievance=setup.grievance[index][:, index] * known,
        kindness=setup.kindness[index][:, index] * known,
        estimate=pairs,
        belief=jnp.broadcast_to(suspicion.prior(mind.suspicion)[:, None, :], (places, places, 5)),
        merit=nought,
        legitimacy=jnp.where((person == setup.founder) & (person >= 0), setup.legitimacy, 0.0),
        focus=nought,
        threat=nought,
        access=setup.access[index] * (person >= 0),
        policy=setup.status_quo,
        health=setup.health,
        expected_result=jnp.float32(0.5),
    )
    true = standing(setup, state)
    seen = jnp.where(jnp.eye(places, dtype=bool), true.strength[:, None], true.public[None, :])
    return state._replace(estimate=seen)


def look_around(setup: Setup, traits: jax.Array, agenda: Agenda, state: State, key: jax.Array, tick: jax.Array) -> World:
    """Return what surrounds a history at a tick, with what is being done to it.

    Parameters
    ----------
    setup : Setup
        The scenario as arrays.
    traits : jax.Array
        Traits of the persons, shape (traits, P).
    agenda : Agenda
        What is done at this tick: without the axis of ticks.
    state : State
        Of the history.
    key : jax.Array
        Key of the history.
    tick : jax.Array
        Tick, shape () int32.
    """
    values = jnp.where(jnp.isnan(agenda.trait), traits, agenda.trait)
    person = jnp.maximum(state.person, 0)
    mind = Traits(*values[:, person])
    on = dict(zip(MECHANISMS, agenda.mechanism, strict=True))
    thinks = on["theory_of_mind"]
    depth = theory_of_mind.depth_weights(mind.theory_of_mind_depth * thinks)
    precision = mind.theory_of_mind_precision * thinks
    return World(
        setup=setup,
        persons=Traits(*values),
        mind=mind,
        parameters=Parameters(*agenda.parameter),
        on=on,
        done=agenda,
        key=key,
        tick=tick,
        slot=setup.slot[person],
        depth=depth,
        precision=precision,
        attention=theory_of_mind.attention(depth, precision),
    )


def intervene(state: State, info: Info, world: World) -> tuple[State, Info]:
    """Apply what is done to posts and ties before the first phase."""
    done = world.done
    holds = jnp.any(person_place(state, done.holder), axis=1)
    put = jnp.where(done.holder == VACANT, NOBODY, jnp.where(holds, done.holder, state.holder))
    state = state._replace(holder=put)
    if done.tie.shape[0] == 0:
        return state, info
    now = done.tie[:, 0] == world.tick.astype(jnp.float32)
    rows = done.tie[:, 1].astype(jnp.int32)[:, None] == state.person[None, :]
    columns = done.tie[:, 2].astype(jnp.int32)[:, None] == state.person[None, :]
    at = rows[:, :, None] & columns[:, None, :] & now[:, None, None]
    ties = {}
    for number, name in enumerate(("trust", "dependence", "grievance", "kindness")):
        here = at & (done.tie[:, 3] == number)[:, None, None]
        value = jnp.sum(jnp.where(here, done.tie[:, 4][:, None, None], 0.0), axis=0)
        ties[name] = jnp.where(jnp.any(here, axis=0), value, getattr(state, name))
    return state._replace(**ties), info


def tick(setup: Setup, traits: jax.Array, agenda: Agenda, state: State, key: jax.Array, now: jax.Array) -> tuple[State, Info]:
    """Run one tick: interventions, then the phases in their order; arguments as `look_around`."""
    info = clear_info(state.person.shape[0])
    state, info = intervene(state, info, look_around(setup, traits, agenda, state, key, now))
    for _, _, phase in PHASES:
        state, info = phase(state, info, look_around(setup, traits, agenda, state, key, now))
    return state, info


def observe(setup: Setup, state: State, info: Info) -> Trace:
    """Return what is kept of a tick."""
    here = in_office(state)
    watching = (in_forum(state)[:, None] & here[None, :]) * others(here.shape[0])
    strength = standing(setup, state).strength
    count = jnp.sum(watching, axis=0)
    believed = jnp.sum(state.estimate * watching, axis=0) / jnp.where(count > 0.0, count, jnp.nan)
    return Trace(
        person=state.person.astype(jnp.int16),
        status=status_of(state).astype(jnp.int8),
        strength=strength,
        believed=believed,
        satisfaction=info.satisfaction,
        move=info.move.astype(jnp.int8),
        target=info.target.astype(jnp.int8),
        outcome=info.outcome.astype(jnp.int8),
        side=info.side.astype(jnp.int8),
        fall=info.fall.astype(jnp.int8),
        cause=info.cause.astype(jnp.int8),
        by=info.by.astype(jnp.int16),
        fell=info.fell.astype(jnp.int16),
        purged=info.purged,
        innocent=info.innocent,
        executor=info.executor.astype(jnp.int16),
        result=info.result,
    )


def history(setup: Setup, agenda: Agenda, key: jax.Array) -> tuple[State, Trace, Album]:
    """Run one history from the first tick to the last.

    Parameters
    ----------
    setup : Setup
        The scenario as arrays.
    agenda : Agenda
        What is done, tick by tick.
    key : jax.Array
        Key of the history.

    Returns
    -------
    tuple
        Last state; trace with a leading axis of ticks; dependence at start, middle and end.
    """
    traits = sample_traits(setup, key)
    ticks = agenda.parameter.shape[0]
    start = init(setup, traits)
    pages = jnp.array([0, ticks // 2, ticks - 1])
    album = Album(jnp.zeros((3, *start.dependence.shape), jnp.float32), jnp.full((3, start.person.shape[0]), NOBODY, jnp.int32))
    lists = Agenda(*(part if name in ("forbid", "tie") else None for name, part in zip(Agenda._fields, agenda, strict=True)))

    def step(carry: tuple[State, Album], now: tuple[jax.Array, Agenda]) -> tuple[tuple[State, Album], Trace]:
        state, album = carry
        at, done = now
        done = done._replace(forbid=lists.forbid, tie=lists.tie)
        state, info = tick(setup, traits, done, state, key, at)
        page = pages == at
        album = Album(
            jnp.where(page[:, None, None], state.dependence[None], album.dependence),
            jnp.where(page[:, None], state.person[None], album.person),
        )
        return (state, album), observe(setup, state, info)

    per_tick = agenda._replace(forbid=None, tie=None)
    (last, album), trace = jax.lax.scan(step, (start, album), (jnp.arange(ticks, dtype=jnp.int32), per_tick))
    return last, trace, album
