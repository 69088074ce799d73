"""Strength, and the seats it comes from.

True strength γ_i = w_i + m_i + ℓ_i + Σ_j D_ji w_j: the weight of the seats held, merit, legitimacy, and the backing of
those who depend on i, in the forum and outside it. The first three are public; backing is hidden unless displayed.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from virtu.organisation.state import CAUSE_CODE, NOBODY, Info, Setup, State, at_person, in_office, only_if, status_of
from virtu.scenario.vocabulary import Status


class Standing(NamedTuple):
    """Strength of the places, each shape (F, H)."""

    weight: jax.Array  # of the seats held
    public: jax.Array  # weight, merit and legitimacy
    owed: jax.Array  # weight owed to others in the forum
    backing: jax.Array  # weight owed to it by dependents
    strength: jax.Array  # public part and backing


def standing(setup: Setup, state: State) -> Standing:
    """Return the strength of every place; 0 where nobody in office holds it."""
    here = in_office(state).astype(jnp.float32)
    weight = here * (at_person(setup.seat_weight, status_of(state)) + post_weight(setup, state))
    clients = (state.patron[None, :] == state.person[:, None]) * (state.reliance * setup.outer_weight)[None, :]
    inner = jnp.sum(state.dependence * weight[:, None], axis=0)
    backing = here * (inner + jnp.sum(clients, axis=1))
    owed = weight * jnp.sum(state.dependence, axis=1)
    public = here * (weight + state.merit + state.legitimacy)
    return Standing(weight, public, owed, backing, public + backing)


def post_weight(setup: Setup, state: State) -> jax.Array:
    """Return the weight of the posts held at each place, shape (F, H)."""
    held = state.holder[None, :] == state.person[:, None]
    return jnp.sum(held * setup.post_weight[None, :], axis=1) * (state.person >= 0)


def holds(state: State, kind: jax.Array) -> jax.Array:
    """Return where a place holds a post of a kind, shape (F, H) bool, from a mark per post (S, 1)."""
    held = (state.holder[None, :] == state.person[:, None]) & (state.person >= 0)[:, None]
    return jnp.any(held & (kind > 0.0)[None, :], axis=1)


def on_top(strength: jax.Array, margin: jax.Array) -> jax.Array:
    """Return a mask of the place that leads the second by the margin, shape (F, H) bool; all false if none does.

    A tie is never broken: of two equals neither is on top.
    """
    best = jnp.max(strength, axis=0)
    is_best = strength == best
    second = jnp.max(jnp.where(is_best, -1.0, strength), axis=0)
    alone = jnp.sum(is_best, axis=0) == 1
    return is_best & alone & (best > 0.0) & (best >= (1.0 + margin) * second)


def person_place(state: State, person: jax.Array) -> jax.Array:
    """Return a mask of the place each person holds in office; all false for nobody.

    Parameters
    ----------
    state : State
        Of the histories.
    person : jax.Array
        Index of a person or −1, shape (H,), or (n, H) for several.

    Returns
    -------
    jax.Array
        Shape (F, H), or (F, n, H).
    """
    there = state.person if person.ndim == 1 else state.person[:, None]
    here = in_office(state) if person.ndim == 1 else in_office(state)[:, None]
    return (person[None] == there) & (there >= 0) & here


def fall(state: State, info: Info, who: jax.Array, grade: jax.Array, cause: str | jax.Array, by: jax.Array) -> tuple[State, Info]:
    """Take standing from those in a mask: their status, their posts, and a line in the notes of the tick.

    Parameters
    ----------
    state, info : State, Info
        Before the fall.
    who : jax.Array
        Mask of places, shape (F, H) bool.
    grade : jax.Array
        New status, shape (F, H) int32; those who stand no better are left alone.
    cause : str or jax.Array
        One of `CAUSES`, or codes of them, shape (H,) int32.
    by : jax.Array
        Person who brought it about, or −1, shape (H,) int32.
    """
    lower = who & (grade > status_of(state)) & (state.person >= 0)
    code = CAUSE_CODE[cause] if isinstance(cause, str) else cause

    def take(state: State, info: Info) -> tuple[State, Info]:
        notes = {"fall": grade, "cause": code, "by": by, "fell": state.person}
        noted = {name: jnp.where(lower, value, getattr(info, name)) for name, value in notes.items()}
        return _without(state, lower, grade), info._replace(**noted)

    return only_if(jnp.any(lower), take, state, info)


def _without(state: State, lower: jax.Array, grade: jax.Array) -> State:
    """What is left where those of a mask have fallen to a grade."""
    persons = (state.person[:, None] == jnp.arange(state.status.shape[0])[None, :, None]) & lower[:, None]
    touched = jnp.any(persons, axis=0)
    lost = jnp.any((state.holder[:, None] == state.person[None, :]) & lower[None, :], axis=1)
    gone = lower & (grade >= int(Status.OUT))
    orphaned = jnp.any((state.patron[:, None] == state.person[None, :]) & gone[None, :], axis=1)
    kept = 1.0 - gone.astype(jnp.float32)
    return state._replace(
        status=jnp.where(touched, jnp.max(jnp.where(persons, grade[:, None], -1), axis=0), state.status),
        fallen=state.fallen | touched,
        holder=jnp.where(lost, NOBODY, state.holder),
        patron=jnp.where(orphaned, NOBODY, state.patron),
        reliance=jnp.where(orphaned, 0.0, state.reliance),
        dependence=state.dependence * kept[:, None] * kept[None, :],
        merit=state.merit * kept,
        legitimacy=state.legitimacy * kept,
        focus=state.focus * kept,
    )
