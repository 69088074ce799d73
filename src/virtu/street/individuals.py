"""The individual mode: the same street with persons in the place of counts, to check the counts by.

Each person belongs to a cell and a group, supports one option, is hard up and averse to risk for good, and sits in jail for a term. Who
goes out (phase 4) and whom people support (phase 6b) is decided person by person; all other phases are the very functions of `phases`.
Where the counts of a cell are drawn anew each tick, here the same people are the bold ones every time: jail takes the boldest, and so
turnout falls below that of counts where many are jailed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise
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
    """People, cell by cell and in a cell group by group."""

    people: Any  # (persons,) records `crowd.PERSON`
    first: np.ndarray  # (cells + 1,) first person of each cell, and the number of persons
    code: np.ndarray  # (cells,) int64 code of the cell
    supporters: np.ndarray  # (cells, groups, options) persons at the start

    @property
    def sizes(self) -> np.ndarray:
        """Persons of each group, shape (cells, groups)."""
        return self.supporters.sum(axis=2)


def gather(setup: Setup, words: np.ndarray, history: int = 0) -> Crowd:
    """Return the people of a scenario at the start.

    Groups have the persons of their shares, rounded so that cells and country keep their number; in each group the options have those of
    the profile. Traits are drawn.

    Parameters
    ----------
    setup : Setup
        The scenario as arrays, without an axis of histories.
    words : np.ndarray
        Seed, two 32-bit words.
    history : int
        Number of the history, which has people of its own.

    Raises
    ------
    InputError
        If there are too many people or cells.
    """
    cells = len(setup.cell_share)
    if (total := round(float(setup.people))) > MOST_PEOPLE or cells > MOST_CELLS:
        raise InputError(
            f"the individual mode takes up to {MOST_PEOPLE:,} people in {MOST_CELLS:,} cells, found {total:,} in {cells:,}",
            "leave the mode out, for counts cost by the cell however many people there are; or lower public.people",
        )
    in_cell = apportion(np.asarray(setup.cell_share, float), total)
    supporters = np.stack([_supporters(setup, cell, count) for cell, count in enumerate(in_cell.tolist())])
    people = np.zeros(int(in_cell.sum()), crowd.PERSON)
    first = np.append(0, np.cumsum(in_cell))
    _, groups, options = supporters.shape
    places = np.append(0, np.cumsum(supporters))
    for place, (start, end) in enumerate(pairwise(places.tolist())):
        people["group"][start:end] = place // options % groups
        people["stance"][start:end] = place % options
    found = Crowd(people, first, np.asarray(setup.cell_slot, np.int64), supporters)
    crowd.draw_traits(people, first, _keys(found, words, history, TRAITS, 0))
    return found


def _supporters(setup: Setup, cell: int, count: int) -> np.ndarray:
    """Return how many of a cell's people support each option, by group, shape (groups, options)."""
    groups = apportion(np.asarray(setup.group_share[cell], float), count).tolist()
    return np.stack([apportion(np.asarray(shares, float), one) for shares, one in zip(setup.profile, groups, strict=True)])


def apportion(shares: np.ndarray, total: int) -> np.ndarray:
    """Return whole numbers that sum to a total, as near to its shares as can be: what is left goes to the largest remainders."""
    exact = shares / shares.sum() * total
    whole = np.floor(exact + 1e-9).astype(np.int64)
    order = np.argsort(whole - exact, kind="stable")
    whole[order[: total - int(whole.sum())]] += 1
    return whole


def _keys(found: Crowd, words: np.ndarray, history: int, site: int, tick: int) -> np.ndarray:
    return crowd.cell_keys(np.uint64(int(words[0]) | int(words[1]) << 32), np.array([history, site, tick], np.int64), found.code)


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


def histories(setup: Setup, agenda: Agenda, words: np.ndarray, numbers: np.ndarray) -> phases.Trace:
    """Run histories with persons, one after the other.

    Parameters
    ----------
    setup, agenda : Setup, Agenda
        As for `phases.histories`; at most `MOST_PEOPLE` people.
    words : np.ndarray
        Seed, two 32-bit words.
    numbers : np.ndarray
        Numbers of the histories, shape (H,). What is drawn for the whole country has the luck of the same history of counts.

    Returns
    -------
    Trace
        As of `phases.histories`, as numpy arrays.
    """
    runs = [_history(setup, agenda, np.asarray(words), int(number)) for number in np.asarray(numbers)]
    return jax.tree.map(lambda *parts: np.concatenate(parts, axis=-1), *runs)


def _history(setup: Setup, agenda: Agenda, words: np.ndarray, number: int) -> phases.Trace:
    """Run one history; shares of cells and groups are those of whole persons."""
    found = gather(setup, words, number)
    sizes = found.sizes
    in_cell = sizes.sum(axis=1)
    wide = phases.wide(
        setup._replace(
            people=np.float32(in_cell.sum()),
            cell_share=(in_cell / max(in_cell.sum(), 1)).astype(np.float32),
            group_share=(sizes / np.maximum(in_cell, 1)[:, None]).astype(np.float32),
        )
    )
    key = chance.seeded_keys(jnp.asarray(words), jnp.array([number]))
    mind, state = steps().start(wide, key)
    state, kept = _supported(state, found.supporters), []
    for tick in range(agenda.parameter.shape[0]):
        done, now = phases.with_histories(setup, Agenda(*(part[tick] for part in agenda)))[1], np.int32(tick)
        around = wide, mind, done, key, now
        state, info, decides = steps().begin(*around, state)
        state = go_out(state, found, decides, done, _keys(found, words, number, GOING_OUT, tick))
        state, info, target = steps().middle(*around, state, info)
        state = think_again(state, found, target, done, _keys(found, words, number, THINKING, tick))
        state, trace = steps().end(*around, state, info)
        kept.append(jax.tree.map(np.asarray, trace))
    return jax.tree.map(lambda *parts: np.stack(parts), *kept)


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
        Of the cells.
    """
    rule, radical = decides
    shape = rule.push.shape[:2]
    columns = (rule.grievance, rule.push[..., 0], rule.risk[..., 0], rule.turnout[None, :, 0], rule.caught[..., 0])
    table = np.stack([np.broadcast_to(np.asarray(column, np.float64), shape) for column in columns], axis=-1)
    counts = np.zeros((*shape, 2, 2), np.int64)
    leaves = 1.0 / _parameter(done, "jail_term")
    stay = np.log1p(-leaves) if leaves < 1.0 else -np.inf
    crowd.go_out(found.people, found.first, keys, table, _parameter(done, "threshold"), np.asarray(radical)[:, 0], stay, counts)
    active, jailed = jnp.moveaxis(jnp.asarray(counts, jnp.float32), -1, 0)[..., None]
    return state._replace(active=active, jailed=jailed)


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
    counts = np.zeros(upto.shape, np.int64)
    crowd.think_again(found.people, found.first, keys, upto, _parameter(done, "opinion_rate"), counts)
    return _supported(state, counts)


def _supported(state: State, counts: np.ndarray) -> State:
    """State with the shares of the options that persons support; a group of nobody keeps its own."""
    sizes = counts.sum(axis=2)[..., None]
    kept = np.where(sizes > 0, counts / np.maximum(sizes, 1), np.asarray(state.support)[..., 0])
    return state._replace(support=jnp.asarray(kept, jnp.float32)[..., None])
