"""Vacancies: who fills them, and what the appointed come to owe."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from virtu.minds import suspicion
from virtu.organisation.seats import person_place, post_weight, standing
from virtu.organisation.state import (
    NOBODY,
    VACANT,
    Info,
    State,
    World,
    at_person,
    first,
    in_forum,
    only_if,
    others,
    person_of,
    place_of,
    status_of,
    turned,
)
from virtu.scenario.vocabulary import Status


def vacancies(state: State, info: Info, world: World) -> tuple[State, Info]:
    """Phase 3. Fill what has fallen vacant: outer seats, then one post, one voting seat and one place a tick."""
    state = _refill_outer(state, world)
    state, info = only_if(jnp.any(_unfilled(state, world)), lambda state, info: (_refill_post(state, world), info), state, info)
    state, info = only_if(jnp.any(_open_seats(state, world) > 0), lambda state, info: (_promote(state, world), info), state, info)
    wanted = jnp.any((_wanting(state, world) > 0) & jnp.any(_free(state, info), axis=0))
    return only_if(wanted, lambda state, info: (_call_in(state, info, world), info), state, info)


def _loyalty_weight(world: World, threat: jax.Array) -> jax.Array:
    """Weight of loyalty against competence; a threatened patron wants it more (Egorov & Sonin 2011)."""
    p = world.parameters
    return jnp.clip(p.loyalty_weight + p.loyalty_weight_threat * threat, 0.0, 1.0)


def _refill_outer(state: State, world: World) -> State:
    """Outer seats fall vacant by turnover; whoever holds the power of appointment picks the better of two applicants.

    Where nobody holds it, or patronage is switched off, the first applicant is taken and owes nothing to anybody.
    """
    setup, p = world.setup, world.parameters
    vacant = world.luck["turnover"][0] < setup.outer_turnover
    vacant = vacant | (state.patron == VACANT)
    skill, other_skill = world.luck["applicants"]
    loyal, other_loyal = world.luck["loyalty of applicants"]
    appointer = _holder(state, setup.outer_appointer)
    match = person_place(state, appointer)
    serves = jnp.any(match, axis=0) & (world.on["patronage"] > 0.0)
    weight = _loyalty_weight(world, jnp.sum(jnp.where(match, state.threat[:, None], 0.0), axis=0))
    better = (weight * (other_loyal - loyal) + (1.0 - weight) * (other_skill - skill) > 0.0) & serves
    reliance = p.patron_dependence * jnp.where(better, other_loyal, loyal) * serves
    return state._replace(
        patron=jnp.where(vacant, jnp.where(serves, appointer, NOBODY), state.patron),
        reliance=jnp.where(vacant, reliance, state.reliance),
        skill=jnp.where(vacant, jnp.where(better, other_skill, skill), state.skill),
    )


def _holder(state: State, post: jax.Array) -> jax.Array:
    """Person who holds a post, −1 for nobody and for no post; shape (n, H) from (n, 1)."""
    if state.holder.shape[0] == 0:
        return jnp.full((post.shape[0], state.person.shape[1]), NOBODY, jnp.int32)
    return jnp.where(post >= 0, at_person(state.holder, jnp.broadcast_to(post, (post.shape[0], state.person.shape[1]))), NOBODY)


def _appointer(state: State, world: World, post: jax.Array) -> jax.Array:
    """Mask (F, H) of the place that fills a seat: the holder of the post (H,) that appoints it, or else the strongest."""
    named = person_place(state, _holder(state, post[None, :])[0]) & in_forum(state)
    strength = jnp.where(in_forum(state), standing(world.setup, state).strength, -1.0)
    strongest = first((strength == jnp.max(strength, axis=0)) & in_forum(state))
    return jnp.where(jnp.any(named, axis=0), named, strongest)


def _of(by: jax.Array, values: jax.Array) -> jax.Array:
    """What belongs to the one place of a mask, shape (H,) from (F, H), or (F, H) from rows of (F, F, H)."""
    mask = by if values.ndim == by.ndim else by[:, None]
    return jnp.sum(jnp.where(mask, values, 0), axis=0)


def _preference(state: State, world: World, by: jax.Array) -> jax.Array:
    """How the appointing place ranks the others: their bond to it against their competence, shape (F, H)."""
    loyal = _loyalty_weight(world, _of(by, state.threat))
    bond = _of(by, state.trust) + jnp.sum(jnp.where(by[None, :], state.dependence, 0.0), axis=1)
    whim = at_person(world.luck["appointment"][0], state.person)
    return loyal * bond + (1.0 - loyal) * world.mind.competence + world.parameters.appointment_noise * whim


def _bind(state: State, world: World, chosen: jax.Array, by: jax.Array) -> State:
    """The appointed come to depend on the one who appointed them."""
    room = 1.0 - jnp.sum(state.dependence, axis=1)
    loyalty = at_person(world.persons.loyalty, state.person)
    gain = world.parameters.patron_dependence * loyalty * room * world.on["patronage"]
    pairs = chosen[:, None] * by[None, :] * others(by.shape[0])
    return state._replace(dependence=state.dependence + pairs * gain[:, None])


def _first_best(score: jax.Array, allowed: jax.Array) -> jax.Array:
    """Mask of the best of those allowed along the first axis, all false where there is none; of equals the first."""
    masked = jnp.where(allowed, score, -jnp.inf)
    return first((masked == jnp.max(masked, axis=0)) & allowed)


def _unfilled(state: State, world: World) -> jax.Array:
    """Posts that nobody holds and nothing keeps empty, shape (posts, H) bool."""
    return (state.holder < 0) & (world.done.holder != VACANT)


def _refill_post(state: State, world: World) -> State:
    """The heaviest vacant post goes to whom its appointer prefers in the forum; posts already held count against.

    A post that is kept empty from outside stays so.
    """
    setup = world.setup
    if setup.post_weight.shape[0] == 0:
        return state
    vacant = _first_best(jnp.broadcast_to(setup.post_weight, state.holder.shape), _unfilled(state, world))
    by = _appointer(state, world, jnp.sum(jnp.where(vacant, setup.post_appointer, 0), axis=0))
    open_to = in_forum(state) & (state.person != setup.founder) & ~by
    chosen = _first_best(_preference(state, world, by) - post_weight(setup, state), open_to)
    filled = jnp.any(vacant, axis=0) & jnp.any(chosen, axis=0)
    state = state._replace(holder=jnp.where(vacant & filled, person_of(state, chosen), state.holder))
    return _bind(state, world, chosen & filled, by)


def _open_seats(state: State, world: World) -> jax.Array:
    """Number of voting seats that are open, shape (H,) int32."""
    return world.setup.seats - jnp.sum(status_of(state) == int(Status.FORUM), axis=0)


def _promote(state: State, world: World) -> State:
    """An open voting seat goes to the candidate its appointer prefers, unless it would rather leave it open."""
    status = status_of(state)
    by = _appointer(state, world, jnp.broadcast_to(world.setup.forum_appointer, state.health.shape))
    score = _preference(state, world, by)
    chosen = _first_best(score, (status == int(Status.CANDIDATE)) & (score > 0.0)) & (_open_seats(state, world) > 0)
    persons = (state.person[:, None] == jnp.arange(state.status.shape[0])[None, :, None]) & chosen[:, None]
    state = state._replace(status=jnp.where(jnp.any(persons, axis=0), int(Status.FORUM), state.status))
    return _bind(state, world, chosen, by)


def _wanting(state: State, world: World) -> jax.Array:
    """Number of persons wanting in the forum and among the candidates, shape (H,) int32."""
    return world.setup.candidate_seats + world.setup.seats - jnp.sum(status_of(state) <= int(Status.CANDIDATE), axis=0)


def _free(state: State, info: Info) -> jax.Array:
    """Mask of the first place free for a newcomer, shape (F, H)."""
    return first((status_of(state) >= int(Status.OUT)) & (info.fall < 0))


def _call_in(state: State, info: Info, world: World) -> State:
    """A free place goes to the person of the pool whom the appointer prefers, if candidates are wanting.

    A place that fell free this tick waits for the next, so that the notes of the tick are of one person.
    """
    setup, p = world.setup, world.parameters
    by = _appointer(state, world, jnp.broadcast_to(setup.forum_appointer, state.health.shape))
    patron = (jnp.arange(state.status.shape[0])[:, None] == person_of(state, by))[None, :]
    loyal = _loyalty_weight(world, _of(by, state.threat))
    whim = world.luck["appointment"][0]
    bond = jnp.sum(jnp.where(patron, turned(setup.trust) + setup.dependence, 0.0), axis=1)
    score = loyal * bond + (1.0 - loyal) * world.persons.competence + p.appointment_noise * whim
    chosen = _first_best(score, setup.pool & (state.status < 0))
    place = _free(state, info) & (_wanting(state, world) > 0) & jnp.any(chosen, axis=0)
    return _bind(seat(state, world, place, place_of(chosen)), world, place, by & ~place)


def seat(state: State, world: World, place: jax.Array, person: jax.Array) -> State:
    """Let a person take a place; what the last holder felt and was thought of is forgotten there.

    Parameters
    ----------
    state, world : State, World
        Before the change.
    place : jax.Array
        Mask (F, H) bool with at most one place; all false changes nothing.
    person : jax.Array
        Index of the newcomer, shape (H,) int32.
    """
    setup = world.setup
    now = jnp.where(place, person, state.person)
    row, column = place[:, None], place[None, :]
    known = (now >= 0)[:, None] & (now >= 0)[None, :] & (others(now.shape[0]) > 0.0)
    newcomer = (jnp.arange(state.status.shape[0])[:, None] == person) & jnp.any(place, axis=0)

    def tied(before: jax.Array, tie: jax.Array) -> jax.Array:
        outward = at_person(jnp.sum(jnp.where(newcomer[:, None], tie, 0.0), axis=0), now)
        inward = at_person(jnp.sum(jnp.where(newcomer[None, :], tie, 0.0), axis=1), now)
        fresh = jnp.where(row, outward[None, :], inward[:, None])
        return jnp.where(row | column, jnp.where(known, fresh, 0.0), before)

    prior = suspicion.prior(at_person(world.persons.suspicion, now))
    state = state._replace(
        person=now,
        status=jnp.where(newcomer, int(Status.CANDIDATE), state.status),
        trust=tied(state.trust, setup.trust),
        dependence=tied(state.dependence, setup.dependence),
        grievance=tied(state.grievance, setup.grievance),
        kindness=tied(state.kindness, setup.kindness),
        belief=jnp.where(row | column, prior[:, :, None], state.belief),
        merit=jnp.where(place, 0.0, state.merit),
        legitimacy=jnp.where(place, 0.0, state.legitimacy),
        focus=jnp.where(place, 0.0, state.focus),
        threat=jnp.where(place, 0.0, state.threat),
        access=jnp.where(place, 0.0, state.access),
    )
    seen = standing(setup, state).public
    return state._replace(estimate=jnp.where(row | column, seen[None, :], state.estimate))
