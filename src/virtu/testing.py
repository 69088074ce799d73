"""Checks for moves of one's own: what every move must do in any moment of any history.

Write a move as those in `virtu.organisation.moves` are written, then let a test of yours call `check_move`. It makes random moments and
says in plain words what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, NamedTuple, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np

from virtu import chance
from virtu.organisation import build, phases
from virtu.organisation.choosing import apply
from virtu.organisation.moves import Change, Move, Score
from virtu.organisation.outlook import Outlook, look
from virtu.organisation.state import Agenda, Setup, State, World, clear_info, in_forum, in_office, status_of
from virtu.scenario import loads
from virtu.scenario.vocabulary import Status

BY_PLACE = ("merit", "focus", "grades")
"""Parts of a change with one number per place; the others have one per pair."""

CLOSE = 1e-4
"""How far sums may differ that were made in another order, absolute and relative."""

_ORGANISATION = """\
scenario: moments-for-checks
title: Moments for checks
calendar: {ticks: 2}
forum: {seats: 4, candidates: 2}
actors:
  Ada: {entry: forum}
  Ben: {entry: forum}
  Cleo: {entry: forum}
  Dan: {entry: forum}
  Eve: {entry: candidate}
  Finn: {entry: candidate}
  Gus: {entry: pool}
posts:
  secretary: {holder: Ada, weight: 1.0, appoints: [officials]}
groups:
  officials: {count: 4, weight: 0.2, turnover: 0.1, patrons: {Ben: 2}}
"""


Around: TypeAlias = tuple[Setup, jax.Array, Agenda, chance.Key]
"""What there is to look at beside the state: setup, everybody's traits, what is done, chance."""


class Moment(NamedTuple):
    """A moment in H histories, histories along the last axis of every array."""

    around: Around
    state: State
    world: World
    outlook: Outlook
    on: jax.Array  # (F, F, H) 1 where row makes the move on column: one pair in each history


def check_move(move: Move, seeds: Iterable[int] = range(2), histories: int = 16) -> None:
    """Check a move in random moments.

    A move must return a `Score` and a `Change` of known shape in single precision, all of it numbers; do the same when asked again; do
    nothing where nobody makes it; leave bystanders alone if it is declared local; not depend on the order of the places; and keep every
    quantity of the state in its range.

    Parameters
    ----------
    move : Move
        The move.
    seeds : iterable of int
        Of the moments.
    histories : int
        Histories in each moment; in each of them somebody else makes the move on somebody else.

    Raises
    ------
    AssertionError
        If a check fails; it says which and where.
    """
    for seed in seeds:
        now = moment(seed, histories)
        score, change = move.score(now.state, now.world, now.outlook), _effect(move, now)
        _check_form(move, "score", score, Score, now)
        _check_form(move, "change", change, Change, now)
        _check_pure(move, now, score, change)
        _check_idle(move, now)
        if move.local:
            _check_bystanders(move, now, change)
        _check_relabelled(move, now, score, change)
        _check_ranges(move, now, change)


def moment(seed: int = 0, histories: int = 16) -> Moment:
    """Return a random moment in which people stand, feel, owe and believe anything that is possible.

    Parameters
    ----------
    seed : int
        Of the moment.
    histories : int
        Number of histories.
    """
    random = np.random.default_rng(seed)
    scenario = loads(_ORGANISATION)
    words = jnp.array([seed & 0xFFFFFFFF, 0], jnp.uint32)
    around, state = _begin(build.setup(scenario), build.baseline(scenario), words, jnp.arange(histories))
    state = stirred(random, state)
    return _seen(around, state, _pairs(random, state))


quickly = partial(jax.jit, compiler_options={"xla_backend_optimization_level": 0})
"""Compile without optimising: what is run a few times only is sooner done."""


@quickly
def _begin(setup: Setup, plan: Agenda, words: jax.Array, numbers: jax.Array) -> tuple[Around, State]:
    setup, plan = phases.with_histories(setup, plan)
    done = plan._replace(**{name: part[0] for name, part in plan._asdict().items() if name not in phases.LISTS})
    key = chance.seeded_keys(words, numbers)
    traits = phases.sample_traits(setup, key)
    return (setup, traits, done, key), phases.init(setup, traits)


def _seen(around: Around, state: State, on: jax.Array) -> Moment:
    world, outlook = _look(*around, state)
    return Moment(around, state, world, outlook, on)


@quickly
def _look(setup: Setup, traits: jax.Array, done: Agenda, key: chance.Key, state: State) -> tuple[World, Outlook]:
    world = phases.look_around(setup, traits, done, state, key, jnp.int32(0), "meeting")
    return world, look(state, world)


def stirred(random: np.random.Generator, state: State) -> State:
    """Return a state with random standing, feelings, debts and beliefs, each in its range.

    Parameters
    ----------
    random : numpy.random.Generator
        Where the numbers come from.
    state : State
        Gives the shapes, and who has a place.
    """
    places, histories = state.person.shape
    before = np.asarray(state.status)
    moved = (random.random(before.shape) < 0.3) & (before >= 0)
    status = np.where(moved, random.integers(0, len(Status), before.shape), before).astype(np.int32)
    state = state._replace(status=jnp.asarray(status), fallen=jnp.asarray(status > int(Status.FORUM)))
    here = np.asarray(in_office(state))
    pair = here[:, None] & here[None] & ~np.eye(places, dtype=bool)[:, :, None]
    owed = random.exponential(1.0, pair.shape) * pair
    owed *= random.random((places, 1, histories)) / np.maximum(owed.sum(axis=1, keepdims=True), 1e-6)
    belief = random.exponential(1.0, (5, *pair.shape)) + 0.01
    values = {
        "trust": random.uniform(-1, 1, pair.shape) * pair,
        "dependence": owed,
        "grievance": random.random(pair.shape) * pair,
        "kindness": random.random(pair.shape) * pair,
        "estimate": random.exponential(1.0, pair.shape) + 0.1,
        "belief": belief / belief.sum(axis=0),
        "merit": random.exponential(0.5, here.shape) * here,
        "legitimacy": random.exponential(0.3, here.shape) * here,
        "focus": random.normal(0, 0.3, here.shape) * here,
        "threat": random.random(here.shape) * here,
    }
    return state._replace(**{name: jnp.asarray(value, jnp.float32) for name, value in values.items()})


def _pairs(random: np.random.Generator, state: State) -> jax.Array:
    """One actor of the forum and one other in office in each history, as far as there are two."""
    can, here = np.asarray(in_forum(state)), np.asarray(in_office(state))
    places, histories = can.shape
    on = np.zeros((places, places, histories), np.float32)
    for history in range(histories):
        pairs = [(one, other) for one in np.flatnonzero(can[:, history]) for other in np.flatnonzero(here[:, history]) if one != other]
        if pairs:
            on[(*pairs[random.integers(len(pairs))], history)] = 1.0
    return jnp.asarray(on)


def _effect(move: Move, now: Moment, on: jax.Array | None = None) -> Change:
    return move.effect(now.state, now.world, now.outlook, now.on if on is None else on)


def _check_form(move: Move, what: str, found: Any, kind: Callable[..., Any], now: Moment) -> None:
    """Kind, shapes, precision, and no NaN or infinity."""
    assert type(found) is kind, f"{move.name}: its {what} must be a {kind.__name__}, found {type(found).__name__}"
    for name, part in found._asdict().items():
        where = f"{move.name}: {name} of its {what}"
        shape = now.on.shape[1:] if name in BY_PLACE else now.on.shape
        values = jnp.asarray(part, jnp.bool_ if name == "allowed" else jnp.float32) if isinstance(part, bool | int | float) else part
        wanted = np.bool_ if name == "allowed" else np.float32
        assert values.dtype == wanted, f"{where} must be {np.dtype(wanted)}, found {values.dtype}"
        assert _fits(values.shape, shape), f"{where} must have the shape {shape} or broadcast to it, found {values.shape}"
        assert bool(jnp.isfinite(values).all()), f"{where} is not always a number"


def _fits(shape: tuple[int, ...], whole: tuple[int, ...]) -> bool:
    try:
        return np.broadcast_shapes(shape, whole) == whole
    except ValueError:
        return False


def _check_pure(move: Move, now: Moment, score: Score, change: Change) -> None:
    """Asked again, it says the same, bit for bit."""
    again = (move.score(now.state, now.world, now.outlook), _effect(move, now))
    for tree, other in zip((score, change), again, strict=True):
        for (where, one), (_, two) in zip(_parts(tree), _parts(other), strict=True):
            assert np.array_equal(one, two), f"{move.name}: asked again about the same moment, {where} is another"


def _check_idle(move: Move, now: Moment) -> None:
    for where, part in _parts(_effect(move, now, jnp.zeros_like(now.on))):
        assert not np.any(part), f"{move.name}: changes {where} where nobody makes it"


def _check_bystanders(move: Move, now: Moment, change: Change) -> None:
    concerned = np.asarray(jnp.any(now.on > 0.0, axis=1) | jnp.any(now.on > 0.0, axis=0))
    between = concerned[:, None] & concerned[None]
    for where, part in _parts(change):
        within = concerned if where in BY_PLACE else between
        assert not np.any(part * ~within), f"{move.name}: declared local, but changes {where} of bystanders"


def _check_relabelled(move: Move, now: Moment, score: Score, change: Change) -> None:
    """With the places turned round, the result is turned round and otherwise the same."""
    order = np.roll(np.arange(now.on.shape[0])[::-1], 1)
    turned = _seen(now.around, _reordered(now.state, order), now.on[order][:, order])
    again = (move.score(turned.state, turned.world, turned.outlook), _effect(move, turned))
    for tree, other in zip((score, change), again, strict=True):
        for (where, one), (_, two) in zip(_parts(tree, now.on.shape), _parts(other, now.on.shape), strict=True):
            same = one[order] if where in BY_PLACE else one[order][:, order]
            assert np.allclose(same, two, CLOSE, CLOSE), f"{move.name}: {where} depends on the order of the places"


def _reordered(state: State, order: np.ndarray) -> State:
    places = {name: getattr(state, name)[order] for name in ("person", "merit", "legitimacy", "focus", "threat", "access")}
    pairs = {name: getattr(state, name)[order][:, order] for name in ("trust", "dependence", "grievance", "kindness", "estimate")}
    return state._replace(**places, **pairs, belief=state.belief[:, order][:, :, order])


def _check_ranges(move: Move, now: Moment, change: Change) -> None:
    """After the change every quantity of the state is in its range."""
    state, _ = apply(now.state, clear_info(*now.state.person.shape), change, now.outlook)
    debts = jnp.sum(state.dependence, axis=1)
    kept = {
        "trust stays within −1 and 1": jnp.abs(state.trust) <= 1.0,
        "dependence stays at least 0": state.dependence >= 0.0,
        "nobody owes more than the whole weight": debts <= 1.0 + CLOSE,
        "beliefs stay chances": (state.belief >= 0.0) & (jnp.abs(jnp.sum(state.belief, axis=0) - 1.0) <= CLOSE),
        "estimates stay at least 0 and finite": (state.estimate >= 0.0) & jnp.isfinite(state.estimate),
        "merit stays at least 0": state.merit >= 0.0,
        "focal points stay finite": jnp.isfinite(state.focus),
        "nobody comes back from out of office or the dead": (status_of(state) <= int(Status.OFFICE)) <= in_office(now.state),
        "nobody falls by a move alone": status_of(state) <= status_of(now.state),
    }
    for rule, holds in kept.items():
        assert bool(jnp.all(holds)), f"{move.name}: broken after the change: {rule}"


def _parts(tree: Score | Change, shape: tuple[int, ...] = ()) -> Iterator[tuple[str, np.ndarray]]:
    """Name and values of every part, in full shape if one is given."""
    for name, part in tree._asdict().items():
        whole = shape[1:] if name in BY_PLACE else shape
        yield name, np.broadcast_to(np.asarray(part), whole) if shape else np.asarray(part)
