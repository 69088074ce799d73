"""What the street is made of: the setup all histories share, the agenda, the state of a history, and what an observer notes.

Histories lie along the **last** axis of every array, written H; shapes below leave it out. What all histories share has 1 there (see
`virtu.organisation.state`).

Letters in shapes: F camps (2 … 4), W wings (2: moderate, radical), C cells of the public, G groups of a cell's people (core and leaning
of each camp, then the undecided, 2F + 1), O options (the camps, state, outsider, nobody, F + 3), P persons (leaders and members of the
elite), M members of the elite (0 without one), T ticks, K knots of an inverse distribution function.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from virtu.scenario.street_vocabulary import StreetParameters
from virtu.scenario.vocabulary import Array, Traits

NOBODY = -1
"""Index of no person, no camp, no answer."""

MODERATE, RADICAL = 0, 1
"""Wings."""


class Setup(NamedTuple):
    """The scenario as arrays; the same for all histories and arms."""

    slot: jax.Array  # (P,) uint32 code of the person's name
    quantile: jax.Array  # (traits, P, K) inverse distribution function of each trait
    camp_slot: jax.Array  # (F,) uint32 code of the camp's name
    leader: jax.Array  # (F,) int32 person
    intensity: jax.Array  # (F, W) mean intensity of each wing at the start, ≥ 0
    grievance: jax.Array  # (F,) drive without any rival, intensity
    reach: jax.Array  # (F, F) weight of column among the rivals that row watches, 0 on the diagonal
    reasonableness: jax.Array  # (F, W) 0 … 1 of each wing at the start
    tactic: jax.Array  # (F,) int32 TACTICS
    background: jax.Array  # (F,) incidents a tick that come of themselves, at reference turnout in a confrontation
    radical: jax.Array  # (F,) share of the radical wing among the camp's supporters at the start
    distinct: jax.Array  # (F,) 0 … 1 how far the radical wing is seen as another matter
    seen_mean: jax.Array  # (F,) mean intensity as media show it at the start
    judged: jax.Array  # (F,) reasonableness by which the camp is judged at the start
    profile: jax.Array  # (G, O) share of each group's people for each option at the start
    branching: jax.Array  # (F, F) incidents of row that each incident of column provokes, spectral radius < 1
    people: jax.Array  # () number of people
    cell_slot: jax.Array  # (C,) uint32 code of the cell's name
    cell_share: jax.Array  # (C,) share of the people, summing to 1
    hardship: jax.Array  # (C,) 0 … 1, ½ is neutral
    group_share: jax.Array  # (C, G) share of the cell's people, rows summing to 1
    cause: jax.Array  # (C, F) −1 … 1 sympathy with the camp's cause
    police_factor: jax.Array  # (C,) police against the country's
    legitimacy: jax.Array  # () 0 … 1 at the start
    police: jax.Array  # () policemen a head
    state_reasonableness: jax.Array  # () 0 … 1 at the start
    promise: jax.Array  # (O,) 0 … 1 order promised; 0 for nobody
    outsider: jax.Array  # () int32 option by which the outsider is backed: a camp, F + 1, or −1 without one
    containability: jax.Array  # () true chance that a bargain contains the outsider
    member: jax.Array  # (M,) int32 person
    member_slot: jax.Array  # (M,) uint32 code of the member's name
    member_weight: jax.Array  # (M,) share in the council, summing to 1
    member_belief: jax.Array  # (M, K) inverse distribution function of the containability each believes
    elite_share: jax.Array  # () δ, of the people, 0 … ½
    inequality: jax.Array  # () θ, share of income of the elite, δ … 1
    destruction: jax.Array  # () μ, share of income a revolution destroys
    tick_days: jax.Array  # () days in a tick


class Agenda(NamedTuple):
    """Everything that may be done to a history, as values per tick; with none of it set, the baseline.

    Arms of a comparison differ in these numbers alone, so they run the same compiled program.
    """

    trait: Array  # (T, traits, P) value, NaN where not set
    parameter: Array  # (T, parameters) value in force
    mechanism: Array  # (T, mechanisms) 1 on, 0 off
    tactic: Array  # (T, F) int32 TACTICS, −1 as the scenario has it
    oppose: Array  # (T, F) 0 … 1 counter-presence against the radical wing
    correct: Array  # (T, F) 0 … 1 share of the errors of the camp's estimates that is corrected
    flank: Array  # (T, F) int32 FLANKS
    repress: Array  # (T, F) 0 … 1 repression in force, NaN where the state does as it does
    answer: Array  # (T,) int32 ANSWERS the elite is made to give, −1 as it chooses
    shock: Array  # (T, 3) hardship, disorder, legitimacy added while it lasts


class State(NamedTuple):
    """Exactly what the next tick needs."""

    intensity: jax.Array  # (F, W) mean intensity
    peak: jax.Array  # (F, W) highest so far
    estimate: jax.Array  # (F, F) column's intensity as row's leader sees it; own true mean on the diagonal
    radical: jax.Array  # (F,) share of the radical wing
    shown: jax.Array  # (F,) volume of what was shown of the camp last, severity
    active: jax.Array  # (C, F, W) people in the street last
    jailed: jax.Array  # (C, F, W) people in jail
    children: jax.Array  # (F,) incidents provoked that are still to come
    victims: jax.Array  # (F,) own victims remembered
    harm: jax.Array  # (F, F) victims in column remembered that row made
    harm_others: jax.Array  # (F,) police and bystanders remembered that the camp harmed
    belief: jax.Array  # (5, F, F) belief of row's leader over the intent of column
    fired: jax.Array  # (F,) bool has fired
    support: jax.Array  # (C, G, O) share of the group's people for each option
    reason: jax.Array  # (F, W) 0 … 1 reasonableness
    state_reason: jax.Array  # () 0 … 1 reasonableness of the state
    attention: jax.Array  # (F,) 0 … 1 attention to each camp
    disorder: jax.Array  # () 0 … 1
    legitimacy: jax.Array  # () 0 … 1
    concession: jax.Array  # () 0 … 1 of all that could be conceded
    repression: jax.Array  # (F,) 0 … 1
    threat: jax.Array  # () 0 … 1 believed frequency of threats to the elite
    ruler: jax.Array  # () int32 RULERS, 3 + f for camp f
    ran_away: jax.Array  # () bool


class Info(NamedTuple):
    """What an observer notes of one tick, and what its later phases take from its earlier ones."""

    share: jax.Array  # (F, W) of the camp's supporters, as far as the wings count in this tick
    mean: jax.Array  # (F,) true mean intensity of the camp before phase 3
    seen_radical: jax.Array  # (F,) share of the radical wing in what is shown of the camp
    seen_mean: jax.Array  # (F,) mean intensity as shown
    coverage: jax.Array  # (F,) share of all that is shown
    incidents: jax.Array  # (F,) number
    shots: jax.Array  # (F,) of them, with shots
    killed: jax.Array  # (F,) people the camp killed
    injured: jax.Array  # (F,) people the camp injured
    victims: jax.Array  # (F,) own people killed or injured, by others or by the state
    victims_state: jax.Array  # () people killed or injured by the state
    killed_state: jax.Array  # () of them, killed
    judged: jax.Array  # (F,) reasonableness by which the camp is judged
    answer: jax.Array  # () int32 ANSWERS, −1 where there was no council
    felt: jax.Array  # (F,) effect as the camp's people feel it


class World(NamedTuple):
    """What surrounds the histories at one tick: setup, minds, constants, and what is being done."""

    setup: Setup
    mind: Traits  # (F,) each, of the leaders
    council: Traits  # (M,) each, of the members of the elite
    believed_containability: jax.Array  # (M,)
    taste: jax.Array  # (M, 4) each member's taste for each of ANSWERS
    say: jax.Array  # () 0 … 1 lot by which one member has the say
    attention: jax.Array  # (F,) τ, how far each leader sees through a display
    parameters: StreetParameters
    on: dict[str, jax.Array]  # mechanisms, 1 on or 0 off, by name
    done: Agenda  # of this tick: without the axis T
    tick: jax.Array  # () int32
    luck: dict[str, tuple[jax.Array, jax.Array]]  # two uniform numbers for each slot, by site
    tactic: jax.Array  # (F,) int32 TACTICS in force
    distinct: jax.Array  # (F,) 0 … 1 how far the radical wing is seen as another matter, in force
    flank: jax.Array  # (F,) 0 where the radical wing is made absent, else 1
    hardship: jax.Array  # (C,) with the shock


def others(count: int) -> jax.Array:
    """Return a mask of the pairs of different camps, shape (F, F, 1), float32."""
    return 1.0 - jnp.eye(count, dtype=jnp.float32)[:, :, None]


def following(support: jax.Array, setup: Setup) -> jax.Array:
    """Return the share of each cell's people that supports each option, shape (C, O, H), from that of each group, shape (C, G, O, H)."""
    return jnp.sum(setup.group_share[:, :, None] * support, axis=1)


def turnout(active: jax.Array, setup: Setup) -> jax.Array:
    """Return the people in the street as a share of all people, shape (F, W, H), from their number by cell, shape (C, F, W, H)."""
    return jnp.sum(active, axis=0) / setup.people


def saturating(amount: jax.Array, scale: jax.Array) -> jax.Array:
    """Return 1 − exp(−amount/scale): nothing for nothing, 63 % at the scale, never more than 1; any shape."""
    return -jnp.expm1(-amount / scale)


def legitimacy(state: State, world: World) -> jax.Array:
    """Return the legitimacy of the state with the shock there is, 0 … 1, shape (H,)."""
    return jnp.clip(state.legitimacy + world.done.shock[2], 0.0, 1.0)


def disorder(state: State, world: World) -> jax.Array:
    """Return disorder with the shock there is, 0 … 1, shape (H,)."""
    return jnp.clip(state.disorder + world.done.shock[1], 0.0, 1.0)


def clear_info(camps: int, histories: int) -> Info:
    """Return the notes of a tick in which nothing has happened yet."""
    each = jnp.zeros((camps, histories), jnp.float32)
    one = jnp.zeros(histories, jnp.float32)
    numbers = {name: one if name in {"victims_state", "killed_state"} else each for name in Info._fields}
    wing = jnp.zeros((camps, 2, histories), jnp.float32)
    return Info(**numbers | {"share": wing, "answer": jnp.full(histories, NOBODY, jnp.int32)})
