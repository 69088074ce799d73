"""The schedule of a tick: nine phases in one numbered list, and histories from beginning to end."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
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
from virtu.organisation.seats import person_place, standing
from virtu.organisation.state import (
    NOBODY,
    VACANT,
    Agenda,
    Info,
    Setup,
    State,
    World,
    at_person,
    clear_info,
    in_forum,
    in_office,
    others,
    separately,
    status_of,
    total,
)
from virtu.organisation.training import bond, train
from virtu.organisation.vacancies import vacancies
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

Watch = Callable[[str, State, World], None]
"""Called with the name of a phase, and the state and the world it starts from."""

LOOK_BEFORE = ("work", "meeting")
"""Phases before which the minds of those in place are looked up, and luck is drawn: newcomers arrive in the vacancies."""

DRAWN: dict[str, dict[str, tuple[str, ...]]] = {
    "work": {
        "places": ("natural death",),
        "persons": ("appointment",),
        "outer": ("turnover", "applicants", "loyalty of applicants"),
        "history": ("founder", "testament"),
    },
    "meeting": {
        "places": ("meeting", "vote", "estimate", "doubt", "side", "charge", "penalty"),
        "outer": ("clients", "outer charge"),
        "history": ("agenda", "result"),
    },
}
"""Sites drawn at for the phases that follow, by who draws. The choices of phase 6 draw for themselves."""

NORMAL = ("founder", "meeting", "estimate", "doubt", "result")
"""Sites whose numbers are standard normal rather than uniform."""


class Trace(NamedTuple):
    """What is kept of a tick; histories along a last axis that is left out below."""

    person: jax.Array  # (F,) int16 who holds the place, −1 nobody
    status: jax.Array  # (F,) int8
    strength: jax.Array  # (F,) float32 true strength
    believed: jax.Array  # (F,) float32 mean of the others' estimates, NaN where there is nobody to believe
    satisfaction: jax.Array  # (F,) float32
    insight: jax.Array  # (F,) float32
    backing: jax.Array  # (F,) float32 strength owed by others
    trusted: jax.Array  # (F,) float32 mean trust of the others of the forum
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
    """Draw everybody's traits by inverse distribution functions, shape (traits, P, H)."""
    return chance.inverse(setup.quantile, trait_lots(setup, key))


def trait_lots(setup: Setup, key: chance.Key) -> jax.Array:
    """Draw where everybody's traits lie in their distributions, in (0, 1), shape (traits, P, H).

    The two empathy weights of a person share one draw, so that a type (Bruhin, Fehr & Schunk 2019) stays a type.
    """
    names = ("empathy" if name.startswith("empathy_") else name for name in Traits._fields)
    codes = jnp.array([chance.code(name) for name in names], jnp.uint32)[:, None]
    return chance.draw(key, "traits", 0, chance.pair_slots(codes, setup.slot))


def init(setup: Setup, traits: jax.Array) -> State:
    """Return the state before the first tick.

    Parameters
    ----------
    setup : Setup
        The scenario as arrays with a last axis of 1.
    traits : jax.Array
        Traits of the persons, shape (traits, P, H).
    """
    histories = traits.shape[2]

    def spread(values: jax.Array) -> jax.Array:
        return jnp.broadcast_to(values, (*values.shape[:-1], histories))

    person = spread(setup.place)
    index = jnp.maximum(setup.place[:, 0], 0)
    places = person.shape[0]
    known = ((setup.place >= 0)[:, None] & (setup.place >= 0)[None, :]) * others(places)
    ties = {name: spread(getattr(setup, name)[index][:, index] * known) for name in ("trust", "dependence", "grievance", "kindness")}
    nought = jnp.zeros((places, histories), jnp.float32)
    prior = suspicion.prior(at_person(traits, person)[Traits._fields.index("suspicion")])
    state = State(
        person=person,
        status=spread(setup.entry),
        fallen=jnp.zeros((setup.entry.shape[0], histories), bool),
        holder=spread(setup.post_holder),
        patron=spread(setup.outer_patron),
        reliance=spread(setup.outer_reliance),
        skill=jnp.full((setup.outer_patron.shape[0], histories), 0.5, jnp.float32),
        **ties,
        estimate=jnp.zeros((places, places, histories), jnp.float32),
        belief=jnp.broadcast_to(prior[:, :, None], (5, places, places, histories)),
        merit=nought,
        legitimacy=jnp.where((person == setup.founder) & (person >= 0), setup.legitimacy, 0.0),
        focus=nought,
        threat=nought,
        access=at_person(setup.access, person) * (person >= 0),
        policy=spread(setup.status_quo),
        health=spread(setup.health),
        expected_result=jnp.full(histories, 0.5, jnp.float32),
    )
    true = standing(setup, state)
    seen = jnp.where(others(places) > 0.0, true.public[None, :], true.strength[:, None])
    return state._replace(estimate=seen)


def luck(setup: Setup, state: State, key: chance.Key, now: jax.Array, phase: str) -> dict[str, tuple[jax.Array, jax.Array]]:
    """Draw for the phases from one on; arguments as `look_around`."""
    slots = {
        "places": at_person(setup.slot, state.person),
        "persons": setup.slot,
        "outer": setup.outer_slot,
        "history": jnp.zeros((1, 1), jnp.uint32),
    }
    drawn: dict[str, tuple[jax.Array, jax.Array]] = {}
    for who, sites in DRAWN[phase].items():
        drawn |= chance.draws(key, sites, now, slots[who])
    return {site: chance.normals(pair) if site in NORMAL else pair for site, pair in drawn.items()}


def look_around(setup: Setup, traits: jax.Array, agenda: Agenda, state: State, key: chance.Key, now: jax.Array, phase: str) -> World:
    """Return what surrounds the histories at a tick, with what is being done to them.

    Parameters
    ----------
    setup : Setup
        The scenario as arrays with a last axis of 1.
    traits : jax.Array
        Traits of the persons, shape (traits, P, H).
    agenda : Agenda
        What is done at this tick: without the axis of ticks, with a last axis of 1.
    state : State
        Of the histories.
    key : chance.Key
        Keys of the histories.
    now : jax.Array
        Tick, shape () int32.
    phase : str
        The phase that comes next, one of `LOOK_BEFORE`.
    """
    constants, person = Parameters(*agenda.parameter), state.person
    values = jnp.where(jnp.isnan(agenda.trait), traits, agenda.trait)
    mind, slot = Traits(*at_person(values, person)), at_person(setup.slot, person)
    mind = bond(train(mind, person, slot, agenda, constants, key), person, slot, agenda, constants, key)
    on = dict(zip(MECHANISMS, agenda.mechanism, strict=True))
    thinks = on["theory_of_mind"]
    depth = theory_of_mind.depth_weights(mind.theory_of_mind_depth * thinks)
    precision = mind.theory_of_mind_precision * thinks
    return World(
        setup=setup,
        persons=Traits(*values),
        mind=mind,
        parameters=constants,
        on=on,
        done=agenda,
        key=key,
        luck=luck(setup, state, key, now, phase),
        tick=now,
        slot=slot,
        depth=depth,
        precision=precision,
        attention=theory_of_mind.attention(depth, precision),
    )


def intervene(state: State, done: Agenda, now: jax.Array) -> State:
    """Apply what is done to posts and ties before the first phase; arguments as `look_around`.

    Nobody comes to owe more than the whole of his weight: a dependence set beyond that lessens the others in proportion.
    """
    able = jnp.any(person_place(state, jnp.broadcast_to(done.holder, state.holder.shape)), axis=0)
    put = jnp.where(done.holder == VACANT, NOBODY, jnp.where(able, done.holder, state.holder))
    state = state._replace(holder=put)
    entries = done.tie
    at = entries[:, 0] == now.astype(jnp.float32)
    rows = entries[:, 1].astype(jnp.int32)[:, None, None] == state.person[None]
    columns = entries[:, 2].astype(jnp.int32)[:, None, None] == state.person[None]
    hit = rows[:, :, None] & columns[:, None, :] & at[:, None, None, None]
    ties = {}
    for number, name in enumerate(("trust", "dependence", "grievance", "kindness")):
        here = hit & (entries[:, 3] == number)[:, None, None, None]
        value = jnp.sum(jnp.where(here, entries[:, 4][:, None, None, None], 0.0), axis=0)
        ties[name] = jnp.where(jnp.any(here, axis=0), value, getattr(state, name))
    ties["dependence"] = ties["dependence"] / jnp.maximum(jnp.sum(ties["dependence"], axis=1), 1.0)[:, None]
    return state._replace(**ties)


def tick(
    setup: Setup,
    traits: jax.Array,
    agenda: Agenda,
    state: State,
    key: chance.Key,
    now: jax.Array,
    watch: Watch | None = None,
    afresh: chance.Key | None = None,
) -> tuple[State, Info]:
    """Run one tick: interventions, then the phases in their order; arguments as `look_around`, agenda that of the tick.

    `watch` is shown the state and the world before every phase; what it makes of them changes nothing. From the moves on, chance is that
    of the keys `afresh` where they are given: with those of the histories themselves, the tick is the same to the last bit.
    """
    info = clear_info(*state.person.shape)
    state = intervene(state, agenda, now)
    world = None
    for _, name, phase in PHASES:
        turned = name == "moves" and afresh is not None
        if world is None or turned or name in LOOK_BEFORE:
            look = partial(look_around, phase="meeting" if turned else name)
            world = separately(now, look, setup, traits, agenda, state, afresh if turned else key, now)
        if watch is not None:
            watch(name, state, world)
        state, info = separately(now, phase, state, info, world)
    return state, info


def at_tick(agenda: Agenda, now: jax.Array) -> Agenda:
    """Return what is done at a tick: an agenda without the axis of ticks; its lists stay whole."""
    return Agenda(*(part if name in LISTS else part[now] for name, part in agenda._asdict().items()))


def observe(setup: Setup, state: State, info: Info) -> Trace:
    """Return what is kept of a tick."""
    here = in_office(state)
    watching = (in_forum(state)[:, None] & here[None, :]) * others(here.shape[0])
    count = jnp.sum(watching, axis=0)
    believed = jnp.sum(state.estimate * watching, axis=0) / jnp.where(count > 0.0, count, jnp.nan)
    true = standing(setup, state)
    return Trace(
        person=state.person.astype(jnp.int16),
        status=status_of(state).astype(jnp.int8),
        strength=true.strength,
        believed=believed,
        satisfaction=info.satisfaction,
        insight=info.insight,
        backing=true.backing,
        trusted=total(state.trust * watching, axis=0) / jnp.maximum(count, 1.0),
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


LISTS = ("forbid", "tie")
"""Parts of an agenda that are lists of entries rather than values per tick."""


def wide(setup: Setup) -> Setup:
    """Give what all histories share a last axis of 1; tables that are looked up stay as they are."""
    return Setup(*(part if name == "quantile" else part[..., None] for name, part in setup._asdict().items()))


def with_histories(setup: Setup, agenda: Agenda) -> tuple[Setup, Agenda]:
    """Give what all histories share a last axis of 1; tables that are looked up, parameters and lists stay as they are."""
    plain = ("parameter", "mechanism", *LISTS)
    return wide(setup), Agenda(*(part if name in plain else part[..., None] for name, part in agenda._asdict().items()))


def histories(setup: Setup, agenda: Agenda, key: chance.Key) -> tuple[State, Trace, Album]:
    """Run histories from the first tick to the last.

    Parameters
    ----------
    setup : Setup
        The scenario as arrays.
    agenda : Agenda
        What is done, tick by tick.
    key : chance.Key
        Keys of the histories, shape (2, sites, H).

    Returns
    -------
    tuple
        Last state; trace with a leading axis of ticks; dependence at start, middle and end. Histories along the last axis.
    """
    setup, agenda = with_histories(setup, agenda)
    traits = sample_traits(setup, key)
    ticks = agenda.parameter.shape[0]
    start = init(setup, traits)
    pages = jnp.array([0, ticks // 2, ticks - 1])
    blank = Album(jnp.zeros((3, *start.dependence.shape), jnp.float32), jnp.full((3, *start.person.shape), NOBODY, jnp.int32))

    def step(carry: tuple[State, Album], now: jax.Array) -> tuple[tuple[State, Album], Trace]:
        state, album = carry
        state, info = tick(setup, traits, at_tick(agenda, now), state, key, now)
        page = pages == now
        album = Album(
            jnp.where(page[:, None, None, None], state.dependence[None], album.dependence),
            jnp.where(page[:, None, None], state.person[None], album.person),
        )
        return (state, album), observe(setup, state, info)

    (last, album), trace = jax.lax.scan(step, (start, blank), jnp.arange(ticks, dtype=jnp.int32))
    return last, trace, album
