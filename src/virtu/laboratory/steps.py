"""Histories of the organisation a tick at a time: what stands before each choice, and what comes of it.

The phases are those of every run, in one compiled program for a tick, so that histories played step by step are those of a run; what is
noted of them may be rounded otherwise in the last bit. Beside what a close-up notes, the program says what each could do at the moment of
choice, and what each believed then.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr

from virtu import chance
from virtu.laboratory import closeup, kernel, programs
from virtu.laboratory.arena import Chunk
from virtu.laboratory.arenas import arena_of
from virtu.laboratory.closeup import CloseUp
from virtu.laboratory.simulate import as_dataset
from virtu.minds import choice
from virtu.organisation import choosing, outlook, phases
from virtu.organisation.state import Agenda, Setup, State, World, at_person, separately, status_of
from virtu.scenario import Scenario

LANES = 64
"""Histories side by side in the program; one that is played alone is in all of them."""

LASTING = ("traits", "training", "shared experience")
"""Sites at which is drawn what stays with a person for the whole of a history."""

MOST_LOADED = 6
"""Programs that stay loaded in a process."""

LEAF: Any = 0
_LOADED: OrderedDict[Any, programs.Program] = OrderedDict()


class Choice(NamedTuple):
    """What stands before the choice of moves; histories along a last axis that is left out below."""

    person: jax.Array  # (F,) int32 who holds the place, −1 nobody
    status: jax.Array  # (F,) int32 Status
    holder: jax.Array  # (S,) int32 person on each post, −1 nobody
    fallen: jax.Array  # (F,) bool has been pushed down
    acts: jax.Array  # (F,) 1 for those who can move
    estimate: jax.Array  # (F, F) strength of column as row sees it, strength units
    trust: jax.Array  # (F, F) −1 … 1 of row in column
    dependence: jax.Array  # (F, F) 0 … 1 share of row's weight owed to column
    hostile: jax.Array  # (F, F) 0 … 1 chance that column means row harm, as row believes
    wins: jax.Array  # (F, F) 0 … 1 chance that row beats column in a contest, as row foresees it
    hazard: jax.Array  # (F, F) 0 … 1 chance to be struck down by column, as row fears
    attention: jax.Array  # (F,) 0 … 1 how far row sees through a display
    score: jax.Array  # (M, F, F) what a move of row on column seems worth, payoff units; `choice.NEVER` where it cannot be made
    precision: jax.Array  # (F,) 1/payoff, how closely row follows what seems best
    banned: jax.Array  # (M, F, F) bool forbidden by what is done


class Tick(NamedTuple):
    """What a tick left: the state after it, what is kept of it, what is seen close, and what stood before the choice."""

    state: State
    trace: phases.Trace
    close: CloseUp
    choice: Choice


class Opening(NamedTuple):
    """Histories before their first tick."""

    traits: jax.Array  # (traits, P)
    state: State
    key: chance.Key


def _leaves(kind: Any) -> Any:
    return kind(*[LEAF] * len(kind._fields))


OPENED = Opening(LEAF, _leaves(State), LEAF)
STEPPED = Tick(_leaves(State), _leaves(phases.Trace), _leaves(CloseUp), _leaves(Choice))
"""Trees with the structure of what the programs return."""


class Steps:
    """The ticks of a scenario's histories; their programs are compiled when first needed.

    Parameters
    ----------
    scenario : Scenario
        Of the organisation.
    ticks : int
        Length of the histories.
    """

    def __init__(self, scenario: Scenario, ticks: int) -> None:
        arena = arena_of(scenario)
        self.setup: Setup = arena.fitted(arena.setup(scenario), ticks)
        self.persons = len(scenario.actors)

    def open(self, seed: int, history: int) -> Opening:
        """Return one history of a seed before its first tick, in every lane."""
        arguments = (self.setup, kernel.seed_words(seed), np.full(LANES, history, np.int32))
        return _program(_open, arguments, OPENED)(*arguments)

    def step(self, agenda: Agenda, opening: Opening, state: State, tick: int, forced: np.ndarray | None = None, afresh: Any = None) -> Tick:
        """Run one tick in every lane.

        Parameters
        ----------
        agenda : Agenda
            What is done, tick by tick.
        opening : Opening
            Traits and keys.
        state : State
            Before the tick.
        tick : int
            Its number.
        forced : numpy.ndarray, optional
            Moves forced beside those of the agenda, and their targets, shape (2, P, lanes) int32, −1 where there are none.
        afresh : chance.Key, optional
            Keys from the moves on; those of the histories by default.
        """
        none = np.full((2, self.persons, LANES), -1, np.int32) if forced is None else forced
        later = opening.key if afresh is None else afresh
        arguments = (self.setup, agenda, opening.traits, state, opening.key, later, none, np.int32(tick))
        return _program(_step, arguments, STEPPED)(*arguments)


def other_chance(key: chance.Key, seed: int, numbers: np.ndarray) -> chance.Key:
    """Return keys of other chance for every lane; what stays with a person for a whole history stays as it was.

    Parameters
    ----------
    key : chance.Key
        Of the histories that go on.
    seed : int
        Of the other chance.
    numbers : numpy.ndarray
        Which future each lane has, shape (lanes,), int32; lanes of the same number share their chance.
    """
    drawn = chance.seeded_keys(jnp.asarray(kernel.seed_words(seed)), jnp.asarray(numbers))
    lasting = np.array([site in LASTING for site in chance.SITES])[None, :, None]
    return jnp.where(lasting, key, drawn)


def dataset(scenario: Scenario, agenda: Agenda, traces: Sequence[phases.Trace], states: Sequence[State], since: int = 0) -> xr.Dataset:
    """Return histories that were played a tick at a time as a dataset, as runs have it.

    Parameters
    ----------
    scenario : Scenario
        Of the histories.
    agenda : Agenda
        What was done.
    traces, states : sequence
        What was kept of each tick, and the state after it, with an axis of lanes.
    since : int
        Number of the first of these ticks in the agenda.
    """
    pages = [states[0], states[len(states) // 2], states[-1]]
    kept: list[Any] = [np.stack(parts) for parts in zip(*traces, strict=True)]
    seen: list[Any] = [np.stack([getattr(page, name) for page in pages]) for name in phases.Album._fields]
    trace, album = phases.Trace(*kept), phases.Album(*seen)
    here = agenda._replace(parameter=agenda.parameter[since : since + len(traces)])
    return as_dataset(scenario, Chunk(0, trace.person.shape[-1], trace, album), here)


def alone(tree: Any) -> Any:
    """Return the first lane of every array, as numpy, the axis of lanes left out."""
    return jax.tree.map(lambda part: np.asarray(part)[..., 0], tree)


def side_by_side(tree: Any) -> Any:
    """Return a history that is alone in every lane."""
    return jax.tree.map(lambda part: np.ascontiguousarray(np.broadcast_to(part[..., None], (*part.shape, LANES))), tree)


def _program(function: Any, arguments: Any, result: Any) -> programs.Program:
    """Return the program for the shapes of its arguments; the latest few stay loaded."""
    options = kernel.QUICKER if jax.default_backend() == "cpu" else None
    shapes = (function, str(options), *((part.shape, str(part.dtype)) for part in jax.tree.leaves(arguments)))
    if shapes not in _LOADED:
        while len(_LOADED) >= MOST_LOADED:
            _LOADED.popitem(last=False)
        _LOADED[shapes] = programs.program(function, arguments, result, options)
    _LOADED.move_to_end(shapes)
    return _LOADED[shapes]


def _open(setup: Setup, seed: jax.Array, numbers: jax.Array) -> Opening:
    key = chance.seeded_keys(seed, numbers)
    wide = phases.wide(setup)
    traits = phases.sample_traits(wide, key)
    return Opening(traits, phases.init(wide, traits), key)


def _step(
    setup: Setup, agenda: Agenda, traits: jax.Array, state: State, key: chance.Key, afresh: chance.Key, forced: jax.Array, now: jax.Array
) -> Tick:
    setup, agenda = phases.with_histories(setup, agenda)
    done = phases.at_tick(agenda, now)
    done = done._replace(move=jnp.where(forced[0] >= 0, forced[0], done.move), target=jnp.where(forced[0] >= 0, forced[1], done.target))
    seen: list[Choice] = []

    def watch(phase: str, state: State, world: World) -> None:
        if phase == "moves":
            seen.append(_choice(state, world))

    state, trace, close = closeup.noted_tick(setup, traits, done, state, key, now, watch, afresh)
    return Tick(state, trace, close, seen[0])


def _choice(state: State, world: World) -> Choice:
    """Note what stands before the choice; the arithmetic is that of the choice itself."""
    view = separately(world.tick, outlook.look, state, world)
    score = separately(world.tick, choosing.score_moves, state, world, view)
    return Choice(
        person=state.person,
        status=status_of(state),
        holder=state.holder,
        fallen=at_person(state.fallen, state.person),
        acts=view.acts,
        estimate=state.estimate,
        trust=state.trust,
        dependence=state.dependence,
        hostile=view.hostile,
        wins=view.wins,
        hazard=view.hazard,
        attention=world.attention,
        score=score,
        precision=choice.precision(world.parameters.choice_precision, world.mind.nerve, view.threat),
        banned=choosing.bans(state, world),
    )
