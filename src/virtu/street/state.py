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
    reasonableness: jax.Array  # (F,) 0 … 1 of the moderate wing at the start
    tactic: jax.Array  # (F,) int32 TACTICS
    background: jax.Array  # (F,) incidents a tick that come of themselves, at reference turnout in a confrontation
    radical: jax.Array  # (F,) share of the radical wing among the camp's supporters at the start
    distinct: jax.Array  # (F,) 0 … 1 how far the radical wing is seen as another matter
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
    violence: jax.Array  # (F, W) violence shown of each wing, severity
    answer: jax.Array  # () int32 ANSWERS, −1 where there was no council
    felt: jax.Array  # (F,) effect as the camp's people feel it


class World(NamedTuple):
    """What surrounds the histories at one tick: setup, minds, constants, and what is being done."""

    setup: Setup
    mind: Traits  # (F,) each, of the leaders
    council: Traits  # (M,) each, of the members of the elite
    believed_containability: jax.Array  # (M,)
    attention: jax.Array  # (F,) τ, how far each leader sees through a display
    parameters: StreetParameters
    on: dict[str, jax.Array]  # mechanisms, 1 on or 0 off, by name
    done: Agenda  # of this tick: without the axis T
    key: jax.Array  # (2, sites) uint32, by history
    tick: jax.Array  # () int32
    tactic: jax.Array  # (F,) int32 TACTICS in force
    radical: jax.Array  # (F,) share of the radical wing that counts, 0 where the flank is absent
    distinct: jax.Array  # (F,) in force
    repression: jax.Array  # (F,) in force
    hardship: jax.Array  # (C,) with the shock
    disorder: jax.Array  # () with the shock
    legitimacy: jax.Array  # () with the shock
