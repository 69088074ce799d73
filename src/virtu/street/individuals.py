"""The individual mode: the same street with persons in the place of counts, to check the counts by.

Each person belongs to a cell and a group, supports one option, is hard up and averse to risk for good, and sits in jail for a term. Who
goes out (phase 4) and whom people support (phase 6b) is decided person by person; all other phases are the very functions of `phases`.
Where the counts of a cell are drawn anew each tick, here the same people are the bold ones every time: jail takes the boldest, and so
turnout falls below that of counts where many are jailed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from virtu import chance
from virtu.errors import InputError
from virtu.street import crowd, phases
from virtu.street.activation import conditions
from virtu.street.camps import camps
from virtu.street.elites import elite
from virtu.street.felt import felt
from virtu.street.incidents import incidents
from virtu.street.media import media
from virtu.street.perception import perception
from virtu.street.public import feelings, wished
from virtu.street.state import Agenda, Info, Setup, State, clear_info

MOST_PEOPLE = 10_000_000
MOST_CELLS = 65_535

TRAITS, GOING_OUT, THINKING = range(3)
"""Sites of the draws of persons."""


class Crowd(NamedTuple):
    """People, cell by cell and in a cell group by group, in blocks of persons of one cell."""

    people: Any  # (persons,) records `crowd.PERSON`
    first: np.ndarray  # (blocks + 1,) first person of each block, and the number of persons
    cell: np.ndarray  # (blocks,) cell of each block
    code: np.ndarray  # (blocks,) int64 code of its cell
    part: np.ndarray  # (blocks,) its number in the cell
    sizes: np.ndarray  # (cells, groups) persons


def gather(setup: Setup, seed: int, history: int = 0) -> Crowd:
    """Return the people of a scenario at the start.

    Groups have the persons of their shares, rounded so that cells and country keep their number; in each group the options have those of
    the profile. Traits are drawn.

    Parameters
    ----------
    setup : Setup
        The scenario as arrays, without an axis of histories.
    seed, history : int
        Seed, and number of the history, which has people of its own.

    Raises
    ------
    InputError
        If there are too many people or cells.
    """
    total, cells = round(float(setup.people)), len(setup.cell_share)
    if not 1 <= total <= MOST_PEOPLE or cells > MOST_CELLS:
        raise InputError(f"the individual mode takes up to {MOST_PEOPLE:,} people in {MOST_CELLS:,} cells, found {total:,} in {cells:,}")
    in_cell = apportion(np.asarray(setup.cell_share, float), total)
    sizes = np.stack([apportion(np.asarray(share, float), count) for share, count in zip(setup.group_share, in_cell.tolist(), strict=True)])
    people = np.zeros(total, crowd.PERSON)
    people["cell"] = np.repeat(np.arange(cells), in_cell)
    people["group"] = np.concatenate([np.repeat(np.arange(sizes.shape[1]), row) for row in sizes])
    stances = [apportion(np.asarray(setup.profile[group], float), count) for row in sizes.tolist() for group, count in enumerate(row)]
    people["stance"] = np.concatenate([np.repeat(np.arange(len(counts)), counts) for counts in stances])
    starts = [0, *np.cumsum(in_cell).tolist()]
    blocks = [
        (cell, part, int(start)) for cell in range(cells) for part, start in enumerate(range(starts[cell], starts[cell + 1], crowd.BLOCK))
    ]
    cell, part, first = (np.array(column, np.int64) for column in zip(*blocks, strict=True))
    found = Crowd(people, np.append(first, total), cell, np.asarray(setup.cell_slot, np.int64)[cell], part, sizes)
    crowd.draw_traits(people, found.first, _keys(found, seed, history, TRAITS, 0))
    return found


def apportion(shares: np.ndarray, total: int) -> np.ndarray:
    """Return whole numbers that sum to a total, as near to its shares as can be: what is left goes to the largest remainders."""
    exact = shares / shares.sum() * total
    whole = np.floor(exact + 1e-9).astype(np.int64)
    order = np.argsort(whole - exact, kind="stable")
    whole[order[: total - int(whole.sum())]] += 1
    return whole


def _keys(found: Crowd, seed: int, history: int, site: int, tick: int) -> np.ndarray:
    key = crowd.folded(np.uint64(seed & 0xFFFFFFFFFFFFFFFF), np.array([history, site, tick], np.int64))
    return crowd.block_keys(np.uint64(key), found.code, found.part)


class Steps(NamedTuple):
    """The parts of a tick between which persons decide, compiled."""

    start: Callable[..., tuple[phases.Mind, State]]  # what is drawn once, and the state before the first tick
    begin: Callable[..., tuple[State, Info, Any]]  # media, perception and camps; what decides who goes out
    middle: Callable[..., tuple[State, Info, jax.Array]]  # incidents and feelings; whom each group would choose
    end: Callable[..., tuple[State, phases.Trace]]  # elite and felt; what is kept


@lru_cache(maxsize=1)
def steps() -> Steps:
    """Return the compiled parts of a tick."""

    def begin(setup: Setup, mind: phases.Mind, done: Agenda, key: jax.Array, now: jax.Array, state: State) -> Any:
        world = phases.look_around(setup, mind, done, key, now)
        state, info = phases.imposed(state, world), clear_info(*state.radical.shape)
        for phase in (media, perception, camps):
            state, info = phase(state, info, world)
        return state, info, (conditions(state, world), world.flank * state.radical)

    def middle(setup: Setup, mind: phases.Mind, done: Agenda, key: jax.Array, now: jax.Array, state: State, info: Info) -> Any:
        world = phases.look_around(setup, mind, done, key, now)
        state, info = feelings(*incidents(state, info, world), world)
        return state, info, wished(state, info, world)

    def end(setup: Setup, mind: phases.Mind, done: Agenda, key: jax.Array, now: jax.Array, state: State, info: Info) -> Any:
        world = phases.look_around(setup, mind, done, key, now)
        state, info = felt(*elite(state, info, world), world)
        return state, phases.observe(state, info, world)

    def start(setup: Setup, key: jax.Array) -> Any:
        mind = phases.sample(setup, key)
        return mind, phases.init(setup, mind)

    return Steps(*(jax.jit(part) for part in (start, begin, middle, end)))


def simulate(setup: Setup, agenda: Agenda, seed: int, history: int = 0) -> phases.Trace:
    """Run one history with persons.

    Parameters
    ----------
    setup, agenda : Setup, Agenda
        As for `phases.histories`; at most `MOST_PEOPLE` people.
    seed, history : int
        Seed, and number of the history. What is drawn for the whole country has the luck of the same history of counts.

    Returns
    -------
    Trace
        With a leading axis of ticks and a last axis of 1.
    """
    found = gather(setup, seed, history)
    in_cell = found.sizes.sum(axis=1)
    setup = setup._replace(
        cell_share=(in_cell / in_cell.sum()).astype(np.float32),
        group_share=(found.sizes / np.maximum(in_cell, 1)[:, None]).astype(np.float32),
    )
    wide, plan = phases.with_histories(*jax.tree.map(jnp.asarray, (setup, agenda)))
    key = chance.history_keys(seed, jnp.array([history]))
    (mind, state), kept = steps().start(wide, key), []
    state = _supported(state, found, _supporters(found))
    for tick in range(plan.parameter.shape[0]):
        done, now = Agenda(*(part[tick] for part in plan)), jnp.int32(tick)
        around = wide, mind, done, key, now
        state, info, decides = steps().begin(*around, state)
        state = go_out(state, found, decides, done, _keys(found, seed, history, GOING_OUT, tick))
        state, info, target = steps().middle(*around, state, info)
        state = think_again(state, found, target, done, _keys(found, seed, history, THINKING, tick))
        state, trace = steps().end(*around, state, info)
        kept.append(jax.tree.map(np.asarray, trace))
    return phases.Trace(*(np.stack(parts) for parts in zip(*kept, strict=True)))


def _parameter(done: Agenda, name: str) -> float:
    return float(done.parameter[phases.StreetParameters._fields.index(name)])


def go_out(state: State, found: Crowd, decides: Any, done: Agenda, keys: np.ndarray) -> State:
    """Return the state after persons have gone out or not and some were jailed; the people are changed.

    Parameters
    ----------
    state : State
        Of one history.
    found : Crowd
        The people.
    decides : tuple
        `activation.Conditions`, and the share of the radical wing of each camp, shape (F, 1).
    done : Agenda
        Of the tick, with its constants.
    keys : np.ndarray
        Of the blocks.
    """
    rule, radical = decides
    shape = rule.push.shape[:2]
    columns = (rule.grievance, rule.push[..., 0], rule.risk[..., 0], rule.turnout[None, :, 0], rule.caught[..., 0])
    table = np.stack([np.broadcast_to(np.asarray(column, np.float64), shape) for column in columns], axis=-1)
    counts = np.zeros((len(keys), shape[1], 2, 2), np.int64)
    leaves = 1.0 / _parameter(done, "jail_term")
    stay = np.log1p(-leaves) if leaves < 1.0 else -np.inf
    crowd.go_out(found.people, found.first, keys, table, _parameter(done, "threshold"), np.asarray(radical)[:, 0], stay, counts)
    by_cell = np.zeros((len(found.sizes), *counts.shape[1:]), np.float32)
    np.add.at(by_cell, found.cell, counts)
    return state._replace(active=jnp.asarray(by_cell[..., 0])[..., None], jailed=jnp.asarray(by_cell[..., 1])[..., None])


def think_again(state: State, found: Crowd, target: jax.Array, done: Agenda, keys: np.ndarray) -> State:
    """Return the state after some persons have chosen anew whom to support; the people are changed.

    Parameters
    ----------
    state, found, done, keys
        As `go_out`.
    target : jax.Array
        Share of each group that would choose each option, shape (C, G, O, 1).
    """
    upto = np.cumsum(np.asarray(target, np.float64)[..., 0], axis=2)
    counts = np.zeros((len(keys), *upto.shape[1:]), np.int64)
    crowd.think_again(found.people, found.first, keys, upto, _parameter(done, "opinion_rate"), counts)
    by_cell = np.zeros(upto.shape, np.int64)
    np.add.at(by_cell, found.cell, counts)
    return _supported(state, found, by_cell)


def _supporters(found: Crowd) -> np.ndarray:
    """Number of persons by cell, group and option."""
    groups, options = found.sizes.shape[1], int(found.people["stance"].max()) + 1
    code = (found.people["cell"].astype(np.int64) * groups + found.people["group"]) * options + found.people["stance"]
    return np.bincount(code, minlength=len(found.sizes) * groups * options).reshape(len(found.sizes), groups, options)


def _supported(state: State, found: Crowd, counts: np.ndarray) -> State:
    """State with the shares of the options that persons support; a group of nobody keeps its own."""
    options = state.support.shape[2]
    whole = np.zeros((*counts.shape[:2], options))
    whole[..., : counts.shape[2]] = counts
    share = whole / np.maximum(found.sizes, 1)[..., None]
    kept = np.where((found.sizes > 0)[..., None], share, np.asarray(state.support)[..., 0])
    return state._replace(support=jnp.asarray(kept, jnp.float32)[..., None])
