"""Histories in which the logged moves are made, and how likely each line of the log was in each of them.

A history is run tick by tick by the organisation itself. Whoever has a move in the log at a tick makes that move; everybody else, and all
that is left to chance, goes as it goes in any run. Before a logged move is made, its chance is noted: the logit response of its maker, who
weighs all moves and targets with his own traits, beliefs and estimates as they are in that history. What became of the move, and who
fell, either agrees with the log or does not; only natural deaths, of which nobody's mind is the cause, happen as logged. So a line l of
weight v has the likelihood

    v · chance of the move · [its outcome, or the fall, came about] + (1 − v) / (number of moves · number of persons)

in a history: what is wrongly written down could have been anything. The chance of a tick is that of the same tick of a history of the
seed, whose number is given tick by tick, so that the luck of some ticks can be changed and that of all others kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np

from virtu import chance
from virtu.inference import kept
from virtu.laboratory.kernel import in_parallel, processors, seed_words
from virtu.minds.choice import NEVER
from virtu.organisation import build, choosing, phases
from virtu.organisation.seats import fall
from virtu.organisation.state import (
    MOVE_CODE,
    NOBODY,
    OUTCOMES,
    Agenda,
    Info,
    Setup,
    State,
    World,
    at_person,
    clear_info,
    in_office,
)
from virtu.scenario import Scenario
from virtu.scenario.choices.log import FALLS, GRADES, Line
from virtu.scenario.vocabulary import CAUSES, MOVES, SELF_MOVES, Status, traits

Array: TypeAlias = Any
"""Of NumPy outside a compiled program, of JAX inside one."""

CHUNK = 64
"""Histories run at once, as in a run."""

IMPOSSIBLE = 0.5 * NEVER
"""Log-likelihood below which something could not be."""


class Wanted(NamedTuple):
    """What the log says at each tick of each person beside the moves, which are in the agenda; −1 where it says nothing."""

    outcome: Array  # (T, P) int32 code of what became of the move
    fall: Array  # (T, P) int32 status fallen to
    cause: Array  # (T, P) int32 code of the cause of the fall
    weight: Array  # (T, P) float32 chance that what is said of the move is right
    fall_weight: Array  # (T, P) float32 the same of the fall
    dies: Array  # (T, P) bool dies of natural causes


class Script(NamedTuple):
    """A log as a program takes it."""

    setup: Setup
    agenda: Agenda
    wanted: Wanted
    length: np.ndarray  # () int32 ticks up to the last that is logged


def script(scenario: Scenario, lines: Sequence[Line], agenda: Agenda | None = None) -> Script:
    """Return a log as a program takes it.

    Parameters
    ----------
    scenario : Scenario
        Whose organisation it is.
    lines : sequence of Line
        Of the log, without faults.
    agenda : Agenda, optional
        What else is done; nothing by default. The moves of the log are entered into it.
    """
    plan = build.baseline(scenario) if agenda is None else agenda
    index = {name: number for number, name in enumerate(scenario.person_names)}
    shape = plan.move.shape
    whole = {name: np.full(shape, NOBODY, np.int32) for name in ("outcome", "fall", "cause")}
    weight, fall_weight = np.ones(shape, np.float32), np.ones(shape, np.float32)
    dies = np.zeros(shape, bool)
    founder = scenario.founder.actor if scenario.founder else None
    for line in lines:
        at = line.tick, index[line.actor]
        if line.move == FALLS:
            whole["fall"][at] = GRADES.index(line.outcome) + int(Status.CANDIDATE) if line.outcome else int(Status.FORUM)
            whole["cause"][at] = CAUSES.index(line.cause) if line.cause else NOBODY
            fall_weight[at], dies[at] = line.weight, line.cause == "natural_death" and line.actor != founder
            continue
        plan.move[at], weight[at] = MOVE_CODE[line.move], line.weight
        plan.target[at] = NOBODY if line.move in SELF_MOVES or line.target is None else index[line.target]
        whole["outcome"][at] = OUTCOMES.index(line.outcome) if line.outcome not in ("", "done") else NOBODY
    length = np.asarray(max(line.tick for line in lines) + 1, np.int32)
    return Script(build.setup(scenario), plan, Wanted(**whole, weight=weight, fall_weight=fall_weight, dies=dies), length)


class Replays:
    """The histories of a log: traits and luck in, the likelihood of every line out."""

    def __init__(self, scenario: Scenario, lines: Sequence[Line], seed: int, agenda: Agenda | None = None) -> None:
        self.script = script(scenario, lines, agenda)
        self.seed = seed_words(seed)
        self.persons, self.ticks = len(scenario.actors), int(self.script.length)
        index = {name: number for number, name in enumerate(scenario.person_names)}
        self.weight = np.array([line.weight for line in lines])
        self.places = np.array([(int(line.move == FALLS), line.tick, index[line.actor]) for line in lines]).T

    def log_chances(self, lots: np.ndarray, luck: np.ndarray) -> np.ndarray:
        """Return the log-likelihood of each line, shape (lines, N); about `NEVER` where a line could not be.

        Parameters
        ----------
        lots : numpy.ndarray
            Where everybody's traits lie in their distributions, in (0, 1), shape (N, traits, P).
        luck : numpy.ndarray
            Number of the history whose chance a tick has, shape (N, T) uint32, T being the ticks up to the last that is logged.
        """
        count = len(lots)
        whole = np.zeros((count, self.script.agenda.move.shape[0]), np.uint32)
        whole[:, : self.ticks] = luck
        run = _program(self.script)
        found = np.empty((self.places.shape[1], count))
        jobs = (partial(self._some, run, lots, whole, first) for first in range(0, count, CHUNK))
        for first, values in in_parallel(jobs, processors()):
            found[:, first : first + CHUNK] = values
        return found

    def right(self, said: np.ndarray) -> np.ndarray:
        """Return the chance of what lines say if they are right, 0 where it could not be, from log-likelihoods; shape (lines, N) both."""
        wrong = (1.0 - self.weight) / (len(MOVES) * self.persons)
        found = (np.exp(np.maximum(said, -700.0)) - wrong[:, None]) / self.weight[:, None]
        return np.where((found > 1e-4 * wrong[:, None]) & (said > IMPOSSIBLE), found, 0.0)

    def _some(self, run: Any, lots: np.ndarray, luck: np.ndarray, first: int) -> tuple[int, np.ndarray]:
        """Run some histories; the last are filled up, so that one program serves all."""
        count = min(CHUNK, len(lots) - first)
        index = first + np.minimum(np.arange(CHUNK), count - 1)
        some = np.ascontiguousarray(np.moveaxis(lots[index], 0, -1), np.float32), np.ascontiguousarray(luck[index].T)
        said = np.asarray(run(*self.script, *some, self.seed))
        return first, said[tuple(self.places)][:, :count].astype(np.float64)


def _program(given: Script) -> Any:
    """Return the compiled histories for scripts of these shapes."""
    persons, ticks = given.agenda.move.shape[1], given.agenda.move.shape[0]
    lots, luck = np.zeros((len(traits()), persons, CHUNK), np.float32), np.zeros((ticks, CHUNK), np.uint32)
    return kept.program(replayed, (*given, lots, luck, np.zeros(2, np.uint32)), 0)


def replayed(
    setup: Setup, agenda: Agenda, wanted: Wanted, length: jax.Array, lots: jax.Array, luck: jax.Array, seed: jax.Array
) -> jax.Array:
    """Run histories in which the moves of an agenda are made, and return how likely what is wanted was.

    Parameters
    ----------
    setup, agenda, wanted, length
        As in `Script`.
    lots : jax.Array
        As in `Replays.log_chances`, histories last, shape (traits, P, H).
    luck : jax.Array
        As there, shape (T, H).
    seed : jax.Array
        Its two words, shape (2,) uint32.

    Returns
    -------
    jax.Array
        Log-likelihood of what is said of each person's move and fall at each tick, shape (2, T, P, H); 0 where nothing is said.
    """
    setup, agenda = phases.with_histories(setup, agenda)
    values = chance.inverse(setup.quantile, lots)
    blank = -jnp.log(jnp.float32(len(MOVES) * setup.entry.shape[0]))

    def step(carry: tuple[State, jax.Array, jax.Array]) -> tuple[State, jax.Array, jax.Array]:
        state, said, now = carry
        done = Agenda(*(part if name in phases.LISTS else part[now] for name, part in agenda._asdict().items()))
        asked = Wanted(*(part[now][:, None] for part in wanted))
        noted: dict[str, jax.Array] = {}

        def watch(phase: str, state: State, world: World) -> None:
            if phase == "moves":
                noted["chance"] = jax.lax.cond(jnp.any(done.move >= 0), _chances, _nothing, state, world)
                noted["person"] = state.person

        key = chance.seeded_keys(seed, luck[now])
        state, dead = _buried(state, asked.dies)
        state, info = phases.tick(setup, values, done, state, key, now, watch)
        rows = jnp.stack(_lines(asked, done, noted["chance"], noted["person"], info, dead, blank))
        return state, jax.lax.dynamic_update_index_in_dim(said, rows, now, 1), now + 1

    start = jnp.zeros((2, *agenda.move.shape[:2], lots.shape[-1]), jnp.float32)
    return jax.lax.while_loop(lambda carry: carry[2] < length, step, (phases.init(setup, values), start, jnp.int32(0)))[1]


def _buried(state: State, dies: jax.Array) -> tuple[State, jax.Array]:
    """The state after the natural deaths of a tick, which come first in it, and who was there to die, shape (P, H) bool."""
    lower = at_person(dies, state.person) & in_office(state)
    dead = jnp.full(lower.shape, int(Status.DEAD), jnp.int32)
    nobody = jnp.full(lower.shape[1], NOBODY, jnp.int32)
    after, _ = fall(state, clear_info(*lower.shape), lower, dead, "natural_death", nobody)
    return after, jnp.any((state.person[None] == jnp.arange(len(dies))[:, None, None]) & lower[None], axis=1)


def _chances(state: State, world: World) -> jax.Array:
    """Log of the chance of each move that is forced, shape (F, H); `NEVER` where it cannot be made."""
    forced, aimed, able = choosing.forced_moves(state, world)
    return jnp.where(able, choosing.log_chance(state, world, jnp.maximum(forced, 0), aimed), NEVER)


def _nothing(state: State, world: World) -> jax.Array:
    return jnp.full(state.person.shape, NEVER, jnp.float32)


def _lines(
    asked: Wanted, done: Agenda, chances: jax.Array, person: jax.Array, info: Info, dead: jax.Array, blank: jax.Array
) -> tuple[jax.Array, jax.Array]:
    """Log-likelihood of what is said of everybody's move and fall at a tick, shape (P, H) each."""
    here = person[None] == jnp.arange(asked.fall.shape[0])[:, None, None]
    agrees = (asked.outcome < 0)[:, None] | (info.outcome[None] == asked.outcome[:, None])
    moved = jnp.max(jnp.where(here & agrees, chances[None], NEVER), axis=1)
    fell = (info.fell[None] == jnp.arange(asked.fall.shape[0])[:, None, None]) & (info.fall >= 0)[None]
    grade = (asked.fall == int(Status.FORUM))[:, None] | (info.fall[None] == asked.fall[:, None])
    cause = (asked.cause < 0)[:, None] | (info.cause[None] == asked.cause[:, None])
    down = jnp.where(jnp.where(asked.dies, dead, jnp.any(fell & grade & cause, axis=1)), 0.0, NEVER)
    return (
        jnp.where(done.move >= 0, _doubted(moved, asked.weight, blank), 0.0),
        jnp.where(asked.fall >= 0, _doubted(down, asked.fall_weight, blank), 0.0),
    )


def _doubted(log_chance: jax.Array, weight: jax.Array, blank: jax.Array) -> jax.Array:
    """Log-likelihood of what is right with a chance, and could else be anything."""
    wrong = jnp.where(weight < 1.0, jnp.log1p(-jnp.minimum(weight, 1.0 - 2.0**-20)) + blank, NEVER)
    return jnp.logaddexp(jnp.log(weight) + log_chance, wrong)
