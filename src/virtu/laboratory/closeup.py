"""One history of the organisation seen close: who thinks what of whom, who owes what to whom, and every meeting.

A run keeps of each history what its results need, and pairs of people are too many to keep for thousands. So a single history is played
again, from the same seed and the same number, and noted in full. Recording changes nothing: the history is the same to the last bit.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from virtu import chance
from virtu.laboratory import interventions, kernel, programs
from virtu.laboratory.arenas import arena_of
from virtu.laboratory.simulate import check_arguments
from virtu.organisation import meetings, phases
from virtu.organisation.state import Agenda, Setup, State, World, place_of, separately
from virtu.scenario import Scenario


class CloseUp(NamedTuple):
    """A history tick by tick; places without a person have −1 as `person`, and what is noted of them means nothing."""

    person: Any  # (T, F) int16 who holds the place at the end of the tick, −1 nobody
    status: Any  # (T, F) int8
    strength: Any  # (T, F) float32, strength units
    estimate: Any  # (T, F, F) float32 strength of column as row sees it
    dependence: Any  # (T, F, F) float32 share of row's weight owed to column
    trust: Any  # (T, F, F) float32 −1 … 1 of row in column
    move: Any  # (T, F) int8
    met: Any  # (T, F) int16 who held the place when the meeting began
    issue: Any  # (T,) int8 number of the issue
    position: Any  # (T, F) float32 0 … 1 of the issue's scale
    lateness: Any  # (T, F) float32 share of the other speakers who spoke before
    speaks: Any  # (T, F) float32 1 for those of the forum
    votes: Any  # (T, F) float32 voting strength
    aye: Any  # (T, F) bool
    proposal: Any  # (T,) float32 0 … 1 of the issue's scale
    status_quo: Any  # (T,) float32 what was in force before the vote
    proposer: Any  # (T,) int8 place, −1 where there is no meeting
    support: Any  # (T,) float32 share of the voting strength
    passed: Any  # (T,) bool


LEAF: Any = 0
KEPT = CloseUp(*[LEAF] * len(CloseUp._fields))
"""A tree with the structure of what the program returns."""


def close_up(scenario: Scenario, history: int, seed: int = 0, ticks: int | None = None, do: Iterable[str] = ()) -> CloseUp:
    """Play one history of a run again and note it in full.

    Parameters
    ----------
    scenario : Scenario
        Of the organisation.
    history : int
        Its number in the run.
    seed, ticks, do
        Those of the run; see `virtu.laboratory.simulate.simulate`.

    Returns
    -------
    CloseUp
        Arrays of numpy.

    Raises
    ------
    InputError
        If an argument is at fault.
    """
    arena = arena_of(scenario)
    length = scenario.ticks if ticks is None else ticks
    check_arguments(history + 1, seed, length)
    setup = arena.fitted(arena.setup(scenario), length)
    done = interventions.parse_all(do, scenario, length)
    agenda = interventions.agenda(scenario, done, length, interventions.room_needed(scenario, done, length))
    arguments = (setup, agenda, kernel.seed_words(seed), np.array([history], np.int32))
    options = kernel.QUICKER if jax.default_backend() == "cpu" else None
    program = programs.program(_noted, arguments, KEPT, options)
    return CloseUp(*(np.asarray(part)[..., 0] for part in program(*arguments)))


def _noted(setup: Setup, agenda: Agenda, seed: jax.Array, numbers: jax.Array) -> CloseUp:
    key = chance.seeded_keys(seed, numbers)
    setup, agenda = phases.with_histories(setup, agenda)
    traits = phases.sample_traits(setup, key)

    def step(state: State, now: jax.Array) -> tuple[State, CloseUp]:
        state, _, close = noted_tick(setup, traits, phases.at_tick(agenda, now), state, key, now)
        return state, close

    _, noted = jax.lax.scan(step, phases.init(setup, traits), jnp.arange(agenda.parameter.shape[0], dtype=jnp.int32))
    return noted


def noted_tick(
    setup: Setup,
    traits: jax.Array,
    done: Agenda,
    state: State,
    key: chance.Key,
    now: jax.Array,
    watch: phases.Watch | None = None,
    afresh: chance.Key | None = None,
) -> tuple[State, phases.Trace, CloseUp]:
    """Run one tick and note it in full; arguments as `virtu.organisation.phases.tick`."""
    seen: dict[str, jax.Array] = {}

    def see(phase: str, state: State, world: World) -> None:
        _watch(seen, phase, state, world)
        if watch is not None:
            watch(phase, state, world)

    state, info = phases.tick(setup, traits, done, state, key, now, see, afresh)
    trace = phases.observe(setup, state, info)
    pairs = {name: getattr(state, name) for name in ("estimate", "dependence", "trust")}
    told = {name: getattr(trace, name) for name in ("person", "status", "strength", "move")}
    return state, trace, CloseUp(**told, **pairs, **seen)


def _watch(seen: dict[str, jax.Array], phase: str, state: State, world: World) -> None:
    """Note the meeting before it changes anything."""
    if phase != "meeting":
        return
    _, debate, ballot = separately(world.tick, meetings.sitting, state, world)
    held = world.on["meeting"] > 0.0
    seen |= {
        "met": state.person.astype(jnp.int16),
        "issue": jnp.argmax(debate.issue, axis=0).astype(jnp.int8),
        **{name: getattr(debate, name) for name in ("position", "lateness", "speaks", "votes")},
        "aye": ballot.ayes,
        "proposal": ballot.proposal,
        "status_quo": jnp.sum(state.policy * debate.issue, axis=0),
        "proposer": jnp.where(held, place_of(ballot.proposer), -1).astype(jnp.int8),
        "support": ballot.support,
        "passed": ballot.passed,
    }
