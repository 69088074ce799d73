"""What the organisation is made of: the setup all histories share, the state of one history, and what an observer notes.

Histories lie along the **last** axis of every array, written H: numbers that all histories share have 1 there, so plain
broadcasting does the rest, and the inner loop of every operation runs over histories, which is what processors are fast at (an axis of
histories in front cost four times the time; `docs/architecture.md`). Shapes below leave that axis out.

Letters in shapes: P persons of the scenario, F places (chairs in and around the forum, at most 32, each held by one
person or empty), S posts, O outer seats, Q issues, T ticks, M moves, E entries of a list. Only the places are dense in
pairs: persons who have left for good hand their place to newcomers, so the cost of a tick depends on the size of the
forum and not on how many people pass through it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

import jax
import jax.numpy as jnp
from jax.extend.core import jaxpr_as_fun

from virtu.scenario.vocabulary import CAUSES, MOVES, Array, Parameters, Status, Traits

Tree = TypeVar("Tree")

NOBODY = -1
"""Index of no person: an empty place, a vacant post, an official who depends on nobody."""

VACANT = -2
"""In place of an official's patron: the seat is to be filled."""

FINE = 2.0**20
"""Parts into which `total` cuts a unit."""


class Setup(NamedTuple):
    """The scenario as arrays; the same for all histories and arms."""

    slot: jax.Array  # (P,) uint32 code of the person's name
    entry: jax.Array  # (P,) int32 status at the start, −1 for those without a place
    pool: jax.Array  # (P,) bool may be called to a vacant place
    place: jax.Array  # (F,) int32 person at the start or −1
    quantile: jax.Array  # (traits, P, K) inverse distribution function of each trait
    trust: jax.Array  # (P, P) −1 … 1 of row in column, at the start
    dependence: jax.Array  # (P, P) 0 … 1 share of row's weight owed to column
    grievance: jax.Array  # (P, P) 0 … 1
    kindness: jax.Array  # (P, P) 0 … 1
    position: jax.Array  # (P, Q) 0 … 1 of the issue's scale
    salience: jax.Array  # (P, Q) 0 … 1
    issue_weight: jax.Array  # (Q,) chances, summing to 1
    status_quo: jax.Array  # (Q,) 0 … 1 of the issue's scale
    post_weight: jax.Array  # (S,) strength
    post_holder: jax.Array  # (S,) int32 person or −1
    post_appointer: jax.Array  # (S,) int32 post that appoints it, or −1: the strongest does
    post_records: jax.Array  # (S,) 1 where it keeps the records
    post_access: jax.Array  # (S,) 1 where it is in charge of access to the founder
    forum_appointer: jax.Array  # () int32 post that fills the forum, or −1
    seats: jax.Array  # () voting seats
    candidate_seats: jax.Array  # () non-voting places kept filled
    seat_weight: jax.Array  # (5,) strength by status
    outer_slot: jax.Array  # (O,) uint32
    outer_weight: jax.Array  # (O,) strength
    outer_turnover: jax.Array  # (O,) chance per tick
    outer_appointer: jax.Array  # (O,) int32 post or −1
    outer_patron: jax.Array  # (O,) int32 person or −1
    outer_reliance: jax.Array  # (O,) 0 … 1
    founder: jax.Array  # () int32 person or −1
    health: jax.Array  # () 0 … 1 at the start
    legitimacy: jax.Array  # () strength the founder's name lends
    access: jax.Array  # (P,) shares at the start
    stroke: jax.Array  # (T,) health lost
    death: jax.Array  # () int32 tick or −1
    testament: jax.Array  # () int32 tick at which it is read, or −1
    condemned: jax.Array  # (P,) 0 … 1
    modesty: jax.Array  # () 0 … 1 norm


class Agenda(NamedTuple):
    """Everything that may be done to a history, as values per tick; with none of it set, the baseline.

    Arms of a comparison differ in these numbers alone, so they run the same compiled program.
    """

    trait: Array  # (T, traits, P) value, NaN where not set
    parameter: Array  # (T, parameters) value in force
    mechanism: Array  # (T, mechanisms) 1 on, 0 off
    move: Array  # (T, P) int32 forced move or −1
    target: Array  # (T, P) int32 its target or −1
    urge: Array  # (T, P) added urge to speak: large first, very negative last
    random_order: Array  # (T,) 1 where the order of speech is drawn by lot
    access: Array  # (T, P) factor on access, 0 cut
    holder: Array  # (T, S) int32 person put on a post, −1 nobody is, −2 the post is emptied
    health: Array  # (T,) founder's health, NaN where not set
    testament: Array  # (T,) 1 read out, 0 suppressed, −1 as it comes
    trained: Array  # (T, P) 1 for those trained to read others
    shared: Array  # (T, P) int32 a bit for each group with which the person shares an experience
    forbid: Array  # (E, 5) int32 first tick, last tick, person, move, target or −1 for anybody
    tie: Array  # (E, 5) tick, from, to, kind 0 trust 1 dependence 2 grievance 3 kindness, value


class State(NamedTuple):
    """Exactly what the next tick needs."""

    person: jax.Array  # (F,) int32 who holds the place, −1 nobody
    status: jax.Array  # (P,) int32 Status, −1 for those who never had a place
    fallen: jax.Array  # (P,) bool has been pushed down
    holder: jax.Array  # (S,) int32 person or −1
    patron: jax.Array  # (O,) int32 person, −1 nobody, −2 the seat is vacant
    reliance: jax.Array  # (O,) 0 … 1 share of the official's weight owed to the patron
    skill: jax.Array  # (O,) 0 … 1 competence of the official
    trust: jax.Array  # (F, F) −1 … 1
    dependence: jax.Array  # (F, F) 0 … 1, rows sum to at most 1
    grievance: jax.Array  # (F, F) 0 … 1
    kindness: jax.Array  # (F, F) 0 … 1
    estimate: jax.Array  # (F, F) strength of column as row sees it
    belief: jax.Array  # (5, F, F) row's belief over column's intent
    merit: jax.Array  # (F,) strength earned by work
    legitimacy: jax.Array  # (F,) strength passed on by the founder
    focus: jax.Array  # (F,) log odds by which the place is the focal point of the next contest
    threat: jax.Array  # (F,) 0 … 1 chance to be struck down, as its holder sees it
    access: jax.Array  # (F,) share of the founder's ear
    policy: jax.Array  # (Q,) 0 … 1 of the issue's scale
    health: jax.Array  # () 0 … 1 founder's health
    expected_result: jax.Array  # () result the organisation has come to expect


class Info(NamedTuple):
    """What an observer notes of one tick."""

    move: jax.Array  # (F,) int32 move made
    target: jax.Array  # (F,) int32 place it was aimed at, own place where it has none
    score: jax.Array  # (F,) what the move was thought to be worth, payoff units
    outcome: jax.Array  # (F,) int32 OUTCOMES
    side: jax.Array  # (F,) int32 1 with the challenger, −1 against, 0 not asked
    settled: jax.Array  # () int32 place whose strike or offer was settled, or −1
    fall: jax.Array  # (F,) int32 new status where standing was lost, else −1
    cause: jax.Array  # (F,) int32 CAUSES
    by: jax.Array  # (F,) int32 person who brought the fall about, or −1
    fell: jax.Array  # (F,) int32 person who held the place when it fell
    protects: jax.Array  # (F, F) 1 where row shields column this tick
    harm: jax.Array  # (F, F) harm to row seen in column's acts, payoff units
    benefit: jax.Array  # (F, F) benefit to row seen in column's acts, payoff units
    satisfaction: jax.Array  # (F,) what the tick felt worth, payoff units
    insight: jax.Array  # (F,) how well friends are told from enemies, bits, at most 0
    purged: jax.Array  # () persons and officials removed by the ruler
    innocent: jax.Array  # () of them, those who meant no harm
    executor: jax.Array  # () int32 person who carried the purge out, or −1
    result: jax.Array  # () result of the organisation
    proposer: jax.Array  # () int32 place of the one who spoke last and proposed
    passed: jax.Array  # () 1 where the proposal was carried


OUTCOMES: tuple[str, ...] = ("", "carried", "failed", "refused", "accepted", "held back", "done")
"""What became of a move, in the order of the codes of `Info.outcome`."""


class World(NamedTuple):
    """What surrounds the histories at one tick: setup, minds of those in place, constants, and what is being done."""

    setup: Setup
    persons: Traits  # (P,) each, before training
    mind: Traits  # (F,) each, of those in place; the two empathy weights (F, F), of row towards column
    parameters: Parameters
    on: dict[str, jax.Array]  # mechanisms, 1 on or 0 off, by name
    done: Agenda  # of this tick: without the axis T
    key: jax.Array  # (2, sites) uint32, by history
    luck: dict[str, tuple[jax.Array, jax.Array]]  # two numbers for each slot of the sites the coming phases draw at
    tick: jax.Array  # () int32
    slot: jax.Array  # (F,) uint32 of those in place
    depth: jax.Array  # (3, F) weights of the levels of theory of mind
    precision: jax.Array  # (F,) precision of predictions
    attention: jax.Array  # (F,) how far each sees through a display


def separately(now: jax.Array, compute: Callable[..., Tree], *arguments: Any) -> Tree:
    """Run a computation as a compiled unit of its own, whose results are written down before anything uses them.

    Otherwise the compiler merges whole phases into every operation that reads their results, and works them out anew for every
    pair and every third party. A branch on something it cannot foresee keeps them apart; the other branch is never taken.

    Parameters
    ----------
    now : jax.Array
        The tick, shape () int32, which is never negative.
    compute : callable
        Takes the arguments.
    *arguments
        Trees of arrays.
    """
    return _branch(now >= 0, compute, arguments)


def either(condition: jax.Array | None, compute: Callable[..., Tree], instead: Callable[..., Tree], *arguments: Any) -> Tree:
    """Run the one computation where a condition holds and the other where it does not; only one of them is worked out.

    Parameters
    ----------
    condition : jax.Array or None
        Shape () bool; where it is None it can never hold, and the first computation is not even compiled.
    compute, instead : callable
        Take the arguments and return trees of the same structure and shapes.
    *arguments
        Trees of arrays.
    """
    if condition is None:
        return instead(*arguments)
    return jax.lax.cond(condition, compute, instead, *arguments)


def only_if(condition: jax.Array, change: Callable[[State, Info], tuple[State, Info]], state: State, info: Info) -> tuple[State, Info]:
    """Make a change where a condition holds for any history of the chunk; where it holds for none, the change is not even worked out.

    Parameters
    ----------
    condition : jax.Array
        Shape () bool. Where it is false the change must be none.
    change : callable
        Takes and returns a state and the notes of the tick.
    state, info : State, Info
        Before the change.
    """
    return _branch(condition, change, (state, info), jax.tree.leaves((state, info)))


def _branch(
    condition: jax.Array, compute: Callable[..., Tree], arguments: tuple[Any, ...], instead: Sequence[jax.Array] | None = None
) -> Tree:
    """Run a computation in a branch, or else hand on what stands instead, by default zeros.

    What the computation only hands on stays outside, because a branch copies all that it returns.
    """
    traced, shapes = jax.make_jaxpr(compute, return_shape=True)(*arguments)
    given = jax.tree.leaves(arguments)
    results, structure = jax.tree.flatten(shapes)
    number_of = {id(variable): number for number, variable in enumerate(traced.jaxpr.invars)}
    sources = [number_of.get(id(variable)) for variable in traced.jaxpr.outvars]
    made = [number for number, source in enumerate(sources) if source is None]

    def run(*leaves: jax.Array) -> list[jax.Array]:
        found = jaxpr_as_fun(traced)(*leaves)
        return [found[number] for number in made]

    def skip(*_: jax.Array) -> list[jax.Array]:
        return [jnp.zeros(results[number].shape, results[number].dtype) if instead is None else instead[number] for number in made]

    found = iter(jax.lax.cond(condition, run, skip, *given))
    return jax.tree.unflatten(structure, [next(found) if source is None else given[source] for source in sources])


def at_person(values: jax.Array, person: jax.Array) -> jax.Array:
    """Return what belongs to the person at each place.

    Parameters
    ----------
    values : jax.Array
        By person along the last axis but one, shape (…, P, H) or (…, P, 1).
    person : jax.Array
        Person at each place, shape (F, H) int32; an empty place gets what is person 0's.

    Returns
    -------
    jax.Array
        Shape (…, F, H).
    """
    index = jnp.maximum(person, 0)
    lead = values.shape[:-2]
    whole = jnp.broadcast_to(values, (*values.shape[:-1], person.shape[-1]))
    return jnp.take_along_axis(whole, jnp.broadcast_to(index, (*lead, *index.shape)), axis=-2, mode="promise_in_bounds")


def status_of(state: State) -> jax.Array:
    """Return the status of whoever holds each place, shape (F, H) int32; OUT for an empty place."""
    return jnp.where(state.person >= 0, at_person(state.status, state.person), int(Status.OUT))


def in_office(state: State) -> jax.Array:
    """Return where a place is held by somebody still in office, shape (F, H) bool."""
    return status_of(state) <= int(Status.OFFICE)


def in_forum(state: State) -> jax.Array:
    """Return where a place is held by a member or candidate of the forum, who speak and move, shape (F, H) bool."""
    return status_of(state) <= int(Status.CANDIDATE)


def others(count: int) -> jax.Array:
    """Return a mask of the pairs of different places, shape (F, F, 1), float32."""
    return 1.0 - jnp.eye(count, dtype=jnp.float32)[:, :, None]


def own(pairs: jax.Array) -> jax.Array:
    """Return the diagonal of a matrix of pairs, shape (F, H) from (F, F, H)."""
    return jnp.sum(jnp.where(others(pairs.shape[0]) > 0.0, 0.0, pairs), axis=1)


def turned(pairs: jax.Array) -> jax.Array:
    """Return a matrix of pairs with rows and columns changed over, shape (F, F, H)."""
    return jnp.swapaxes(pairs, 0, 1)


def product(rows: jax.Array, columns: jax.Array) -> jax.Array:
    """Return the matrix product history by history, Σ_k rows_ik columns_kj, shape (F, F, H)."""
    return jnp.sum(rows[:, :, None] * columns[None, :, :], axis=1)


def total(parts: jax.Array, axis: int) -> jax.Array:
    """Sum over places what is only watched, in whole 2⁻²⁰ parts: no order of adding, and so no size of a chunk, touches the last bit.

    Parts must lie within ±60, so that 32 of them fit into 32 bits.
    """
    return jnp.sum(jnp.round(parts * FINE).astype(jnp.int32), axis=axis).astype(jnp.float32) / FINE


def first(mask: jax.Array) -> jax.Array:
    """Return a mask of the first true entry along the first axis, all false where there is none."""
    number = jnp.arange(mask.shape[0]).reshape(-1, *(1,) * (mask.ndim - 1))
    return mask & (number == jnp.min(jnp.where(mask, number, mask.shape[0]), axis=0))


def place_of(mask: jax.Array) -> jax.Array:
    """Return the index along the first axis of the one true entry of a mask, int32; −1 where there is none."""
    number = jnp.arange(mask.shape[0], dtype=jnp.int32).reshape(-1, *(1,) * (mask.ndim - 1))
    return jnp.max(jnp.where(mask, number, NOBODY), axis=0)


def person_of(state: State, mask: jax.Array) -> jax.Array:
    """Return the person at the one place of a mask, shape (H,) int32; −1 where there is none."""
    return jnp.max(jnp.where(mask, state.person, NOBODY), axis=0)


def clear_info(places: int, histories: int) -> Info:
    """Return the notes of a tick in which nothing has happened yet."""
    none = jnp.full((places, histories), NOBODY, jnp.int32)
    zero = jnp.zeros((places, histories), jnp.int32)
    nought = jnp.zeros((places, histories), jnp.float32)
    pairs = jnp.zeros((places, places, histories), jnp.float32)
    scalar = jnp.zeros(histories, jnp.float32)
    nobody = jnp.full(histories, NOBODY, jnp.int32)
    return Info(
        move=zero,
        target=none,
        score=nought,
        outcome=zero,
        side=zero,
        settled=nobody,
        fall=none,
        cause=zero,
        by=none,
        fell=none,
        protects=pairs,
        harm=pairs,
        benefit=pairs,
        satisfaction=nought,
        insight=nought,
        purged=scalar,
        innocent=scalar,
        executor=nobody,
        result=scalar,
        proposer=nobody,
        passed=scalar,
    )


CAUSE_CODE: dict[str, int] = {name: number for number, name in enumerate(CAUSES)}
"""Code of each cause of a fall."""

MOVE_CODE: dict[str, int] = {name: number for number, name in enumerate(MOVES)}
"""Code of each move."""
