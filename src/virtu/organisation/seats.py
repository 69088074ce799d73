"""Strength, and the seats it comes from.

True strength γ_i = w_i + m_i + ℓ_i + Σ_j D_ji w_j: the weight of the seats held, merit, legitimacy, and the backing of
those who depend on i, in the forum and outside it. The first three are public; backing is hidden unless displayed.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from virtu import chance
from virtu.minds import suspicion
from virtu.organisation.state import CAUSE_CODE, NOBODY, VACANT, Info, Setup, State, World, in_forum, in_office, others, status_of
from virtu.scenario.vocabulary import Status


class Standing(NamedTuple):
    """Strength of the places of one history."""

    weight: jax.Array  # (F,) of the seats held
    public: jax.Array  # (F,) weight, merit and legitimacy
    owed: jax.Array  # (F,) weight owed to others in the forum
    backing: jax.Array  # (F,) weight owed to it by dependents
    strength: jax.Array  # (F,) public part and backing


def standing(setup: Setup, state: State) -> Standing:
    """Return the strength of every place; 0 where nobody in office holds it."""
    here = in_office(state).astype(jnp.float32)
    posts = (state.holder[None, :] == state.person[:, None]) * setup.post_weight[None, :]
    weight = here * (setup.seat_weight[jnp.minimum(status_of(state), int(Status.OUT))] + jnp.sum(posts, axis=1))
    clients = (state.patron[None, :] == state.person[:, None]) * (state.reliance * setup.outer_weight)[None, :]
    inner = jnp.sum(state.dependence * weight[:, None], axis=0)
    backing = here * (inner + jnp.sum(clients, axis=1))
    owed = weight * jnp.sum(state.dependence, axis=1)
    public = here * (weight + state.merit + state.legitimacy)
    return Standing(weight, public, owed, backing, public + backing)


def on_top(strength: jax.Array, margin: jax.Array) -> jax.Array:
    """Return a mask of the place that leads the second by the margin, shape (F,) bool; all false if none does.

    A tie is never broken: two equals are both not on top.
    """
    best = jnp.max(strength)
    second = jnp.max(jnp.where(strength == best, -1.0, strength))
    alone = jnp.sum(strength == best) == 1
    return (strength == best) & alone & (best > 0.0) & (best >= (1.0 + margin) * second)


def person_place(state: State, person: jax.Array) -> jax.Array:
    """Return a mask of the place a person holds in office, shape (…, F) bool; all false for nobody."""
    person = jnp.asarray(person)
    return (person[..., None] == state.person) & (person[..., None] >= 0) & in_office(state)


def fall(state: State, info: Info, who: jax.Array, grade: jax.Array, cause: str, by: jax.Array) -> tuple[State, Info]:
    """Take standing from those in a mask: their status, their posts, and their place in the notes of the tick.

    Parameters
    ----------
    state, info : State, Info
        Before the fall.
    who : jax.Array
        Mask of places, shape (F,) bool.
    grade : jax.Array
        New status, shape (F,) int32; never better than the old one.
    cause : str
        One of `CAUSES`.
    by : jax.Array
        Person who brought it about, shape () int32, or −1.
    """
    now = status_of(state)
    lower = who & (grade > now)
    persons = (state.person[:, None] == jnp.arange(state.status.shape[0])[None, :]) & lower[:, None]
    changed = jnp.any(persons, axis=0)
    status = jnp.where(changed, jnp.max(jnp.where(persons, grade[:, None], -1), axis=0), state.status)
    lost = jnp.any((state.holder[:, None] == state.person[None, :]) & lower[None, :], axis=1)
    gone = lower & (grade >= int(Status.OUT))
    orphaned = jnp.any((state.patron[:, None] == state.person[None, :]) & gone[None, :], axis=1)
    kept = 1.0 - gone.astype(jnp.float32)
    state = state._replace(
        status=status,
        fallen=state.fallen | changed,
        holder=jnp.where(lost, NOBODY, state.holder),
        patron=jnp.where(orphaned, NOBODY, state.patron),
        reliance=jnp.where(orphaned, 0.0, state.reliance),
        dependence=state.dependence * kept[:, None] * kept[None, :],
        merit=state.merit * kept,
        legitimacy=state.legitimacy * kept,
        focus=state.focus * kept,
    )
    info = info._replace(
        fall=jnp.where(lower, grade, info.fall),
        cause=jnp.where(lower, CAUSE_CODE[cause], info.cause),
        by=jnp.where(lower, by, info.by),
        fell=jnp.where(lower, state.person, info.fell),
    )
    return state, info


def vacancies(state: State, info: Info, world: World) -> tuple[State, Info]:
    """Phase 3. Fill what has fallen vacant: outer seats, then one post, one voting seat and one place a tick."""
    state = _refill_outer(state, world)
    state = _refill_post(state, world)
    state = _promote(state, world)
    return _call_in(state, world), info


def _loyalty_weight(world: World, threat: jax.Array) -> jax.Array:
    """Weight of loyalty against competence; a threatened patron wants it more (Egorov & Sonin 2011)."""
    p = world.parameters
    return jnp.clip(p.loyalty_weight + p.loyalty_weight_threat * threat, 0.0, 1.0)


def _refill_outer(state: State, world: World) -> State:
    """Outer seats fall vacant by turnover; whoever holds the power of appointment picks the better of two applicants."""
    setup, p = world.setup, world.parameters
    vacant = chance.draw(world.key, "turnover", world.tick, setup.outer_slot) < setup.outer_turnover
    vacant = vacant | (state.patron == VACANT)
    skill, other_skill = chance.draws(world.key, "applicants", world.tick, setup.outer_slot)
    loyal, other_loyal = chance.draws(world.key, "loyalty of applicants", world.tick, setup.outer_slot)
    appointer = jnp.where(setup.outer_appointer >= 0, state.holder[jnp.maximum(setup.outer_appointer, 0)], NOBODY)
    match = person_place(state, appointer)
    serves = jnp.any(match, axis=1) & (world.on["patronage"] > 0.0)
    weight = _loyalty_weight(world, jnp.sum(jnp.where(match, state.threat[None, :], 0.0), axis=1))
    better = weight * (other_loyal - loyal) + (1.0 - weight) * (other_skill - skill) > 0.0
    better = better & serves
    reliance = p.patron_dependence * jnp.where(better, other_loyal, loyal) * serves
    return state._replace(
        patron=jnp.where(vacant, jnp.where(serves, appointer, NOBODY), state.patron),
        reliance=jnp.where(vacant, reliance, state.reliance),
        skill=jnp.where(vacant, jnp.where(better, other_skill, skill), state.skill),
    )


def _appointer(state: State, world: World, post: jax.Array) -> jax.Array:
    """Mask (F,) of the place that fills a seat: the holder of the post that appoints it, or else the strongest."""
    holder = jnp.where(post >= 0, state.holder[jnp.maximum(post, 0)], NOBODY)
    named = person_place(state, holder) & in_forum(state)
    strength = jnp.where(in_forum(state), standing(world.setup, state).strength, -1.0)
    strongest = (strength == jnp.max(strength)) & in_forum(state)
    first = strongest & (jnp.cumsum(strongest) == 1)
    return jnp.where(jnp.any(named), named, first)


def _preference(state: State, world: World, by: jax.Array) -> jax.Array:
    """How the appointing place ranks the others: their bond to it against their competence, shape (F,)."""
    loyal = _loyalty_weight(world, jnp.sum(jnp.where(by, state.threat, 0.0)))
    bond = jnp.sum(jnp.where(by[:, None], state.trust + state.dependence.T, 0.0), axis=0)
    noise = chance.draw(world.key, "appointment", world.tick, world.slot)
    return loyal * bond + (1.0 - loyal) * world.mind.competence + world.parameters.appointment_noise * noise


def _bind(state: State, world: World, chosen: jax.Array, by: jax.Array) -> State:
    """The appointed come to depend on the one who appointed them."""
    room = 1.0 - jnp.sum(state.dependence, axis=1)
    loyalty = world.persons.loyalty[jnp.maximum(state.person, 0)]
    gain = world.parameters.patron_dependence * loyalty * room * world.on["patronage"]
    pairs = chosen[:, None] * by[None, :] * others(by.shape[0])
    return state._replace(dependence=state.dependence + pairs * gain[:, None])


def _first_best(score: jax.Array, allowed: jax.Array) -> jax.Array:
    """Mask of the best of those allowed, all false where there is none; equal scores go to the lower place."""
    masked = jnp.where(allowed, score, -jnp.inf)
    best = (masked == jnp.max(masked)) & allowed
    return best & (jnp.cumsum(best) == 1)


def _refill_post(state: State, world: World) -> State:
    """The heaviest vacant post goes to whom its appointer prefers among those of the forum, posts already held counting against."""
    setup = world.setup
    if setup.post_weight.shape[0] == 0:
        return state
    vacant = _first_best(setup.post_weight, state.holder < 0)
    by = _appointer(state, world, jnp.sum(jnp.where(vacant, setup.post_appointer, 0)))
    load = jnp.sum((state.holder[None, :] == state.person[:, None]) * setup.post_weight[None, :], axis=1)
    not_founder = state.person != setup.founder
    chosen = _first_best(_preference(state, world, by) - load, in_forum(state) & not_founder & ~by)
    filled = jnp.any(vacant) & jnp.any(chosen)
    person = jnp.sum(jnp.where(chosen, state.person, 0))
    state = state._replace(holder=jnp.where(vacant & filled, person, state.holder))
    return _bind(state, world, chosen & filled, by)


def _promote(state: State, world: World) -> State:
    """An open voting seat goes to the candidate its appointer prefers, unless it would rather leave it open."""
    status = status_of(state)
    by = _appointer(state, world, world.setup.forum_appointer)
    open_seats = world.setup.seats - jnp.sum(status == int(Status.FORUM))
    score = _preference(state, world, by)
    chosen = _first_best(score, (status == int(Status.CANDIDATE)) & (score > 0.0)) & (open_seats > 0)
    persons = jnp.any((state.person[:, None] == jnp.arange(state.status.shape[0])[None, :]) & chosen[:, None], axis=0)
    state = state._replace(status=jnp.where(persons, int(Status.FORUM), state.status))
    return _bind(state, world, chosen, by)


def _call_in(state: State, world: World) -> State:
    """A free place goes to the person of the pool whom the appointer prefers, if candidates are wanting."""
    setup, p = world.setup, world.parameters
    status = status_of(state)
    wanting = setup.candidate_seats + setup.seats - jnp.sum(status <= int(Status.CANDIDATE))
    by = _appointer(state, world, setup.forum_appointer)
    free = _first_best(jnp.zeros(by.shape), status >= int(Status.OUT))
    patron = jnp.sum(jnp.where(by, state.person, 0))
    loyal = _loyalty_weight(world, jnp.sum(jnp.where(by, state.threat, 0.0)))
    noise = chance.draw(world.key, "appointment", world.tick, setup.slot)
    bond = setup.trust[patron] + setup.dependence[:, patron]
    score = loyal * bond + (1.0 - loyal) * world.persons.competence + p.appointment_noise * noise
    chosen = _first_best(score, setup.pool & (state.status < 0))
    able = (wanting > 0) & jnp.any(free) & jnp.any(chosen)
    person = jnp.argmax(chosen).astype(jnp.int32)
    seated = seat(state, world, free & able, person)
    return _bind(seated, world, free & able, by & ~(free & able))


def seat(state: State, world: World, place: jax.Array, person: jax.Array) -> State:
    """Let a person take a place; what the last holder felt and was thought of is forgotten there.

    Parameters
    ----------
    state, world : State, World
        Before the change.
    place : jax.Array
        Mask (F,) bool with at most one place; all false changes nothing.
    person : jax.Array
        Index of the newcomer, shape () int32.
    """
    setup = world.setup
    index = jnp.maximum(jnp.where(place, person, state.person), 0)
    known = (state.person >= 0) | place
    row, column = place[:, None], place[None, :]
    touched = (row | column) & known[:, None] & known[None, :] & (index[:, None] != index[None, :])

    def tied(now: jax.Array, tie: jax.Array) -> jax.Array:
        fresh = jnp.where(row, tie[person][index][None, :], tie[:, person][index][:, None])
        return jnp.where(row | column, jnp.where(touched, fresh, 0.0), now)

    newcomer = jnp.arange(state.status.shape[0]) == person
    prior = suspicion.prior(jnp.where(place, world.persons.suspicion[person], world.mind.suspicion))
    state = state._replace(
        person=jnp.where(place, person, state.person),
        status=jnp.where(newcomer & jnp.any(place), int(Status.CANDIDATE), state.status),
        trust=tied(state.trust, setup.trust),
        dependence=tied(state.dependence, setup.dependence),
        grievance=tied(state.grievance, setup.grievance),
        kindness=tied(state.kindness, setup.kindness),
        belief=jnp.where((row | column)[..., None], prior[:, None, :], state.belief),
        merit=jnp.where(place, 0.0, state.merit),
        legitimacy=jnp.where(place, 0.0, state.legitimacy),
        focus=jnp.where(place, 0.0, state.focus),
        threat=jnp.where(place, 0.0, state.threat),
        access=jnp.where(place, 0.0, state.access),
    )
    seen = standing(setup, state).public
    return state._replace(estimate=jnp.where(row | column, seen[None, :], state.estimate))
