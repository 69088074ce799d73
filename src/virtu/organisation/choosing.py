"""Each actor of the forum chooses one move and one target, and all moves take effect at once."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from virtu import chance
from virtu.minds import choice, empathy, suspicion
from virtu.organisation.moves import ORDERED, Change
from virtu.organisation.outlook import Outlook, look
from virtu.organisation.state import (
    MOVE_CODE,
    OUTCOMES,
    Info,
    State,
    World,
    at_person,
    first,
    in_forum,
    in_office,
    others,
    own,
    place_of,
    separately,
    turned,
)
from virtu.scenario.vocabulary import MOVES, SELF_MOVES, Status

_SELF = tuple(MOVE_CODE[name] for name in SELF_MOVES)
_MOVE_SLOTS = np.array([chance.code(name) for name in MOVES], np.uint32)[:, None]


def move(state: State, info: Info, world: World) -> tuple[State, Info]:
    """Phase 6. Look, score, choose, act.

    Choice is softmax(λ · score) over all moves and targets, λ = λ₀ ν/(ν + threat), drawn as the largest of score plus Gumbel
    noise, first over moves (by the log-sum of their targets), then over targets.
    """
    outlook = separately(world.tick, look, state, world)
    scores = separately(world.tick, score_moves, state, world, outlook)
    precision = choice.precision(world.parameters.choice_precision, world.mind.nerve, outlook.threat)
    chosen, target, value = choose(scores, precision, world)
    chosen, target = _forced(state, world, chosen, target)
    acts = outlook.acts > 0.0
    chosen = jnp.where(acts, chosen, MOVE_CODE["bide"])
    place = jnp.arange(acts.shape[0], dtype=jnp.int32)[:, None]
    target = jnp.where(acts & _targeted(chosen), target, place)
    state, info = _act(state, info, world, outlook, chosen, target)
    return state._replace(threat=outlook.threat), info._replace(
        move=chosen,
        target=target,
        score=jnp.where(acts, value, 0.0),
        outcome=jnp.where(chosen == MOVE_CODE["bide"], 0, OUTCOMES.index("done")),
        satisfaction=_satisfaction(state, info, world, outlook),
    )


def _targeted(chosen: jax.Array) -> jax.Array:
    return ~jnp.any(jnp.stack([chosen == number for number in _SELF]), axis=0)


def score_moves(state: State, world: World, outlook: Outlook) -> jax.Array:
    """Return the score of every move on every target, payoff units, shape (moves, F, F, H); `choice.NEVER` where it cannot be made.

    (1 − w) · (own − effort) + w · other − dread − price of risk; without a target, own − effort − price of risk.
    """
    p = world.parameters
    nerve, threat = world.mind.nerve[:, None], outlook.threat[:, None]
    forbidden = bans(state, world)
    scores = []
    for number, kind in enumerate(ORDERED):
        score = kind.score(state, world, outlook)
        selfish = kind.name in SELF_MOVES
        kept = score.own - p.effort
        value = kept if selfish else empathy.utility(jnp.asarray(kept), jnp.asarray(score.other), outlook.caring)
        value = value - score.dread - choice.risk_price(p.risk_aversion, nerve, threat, jnp.asarray(score.spread))
        open_to = outlook.acts[:, None] > 0.0 if selfish else (outlook.acts[:, None] * outlook.pairs) > 0.0
        allowed = open_to & score.allowed & ~forbidden[number]
        scores.append(jnp.where(allowed, value, choice.NEVER))
    return jnp.stack(scores)


def choose(scores: jax.Array, precision: jax.Array, world: World) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Draw a move and a target for each actor from softmax(precision · score).

    Parameters
    ----------
    scores : jax.Array
        Payoff units, shape (moves, F, F, H).
    precision : jax.Array
        1/payoff, shape (F, H).
    world : World
        For its chance.

    Returns
    -------
    tuple of jax.Array
        Move, int32, target's place, int32, and the score of the two, each (F, H).
    """
    scaled = _scaled(scores, precision)
    by_move = _log_sum(scaled, world)
    slots = turned(chance.pair_slots(world.slot, _MOVE_SLOTS))
    chosen = _largest(by_move, _noise(world, "move", slots))
    picked = (chosen == jnp.arange(len(MOVES))[:, None, None])[:, :, None]
    targets = turned(jnp.sum(jnp.where(picked, scaled, 0.0), axis=0))
    pairs = turned(chance.pair_slots(world.slot, world.slot))
    target = _largest(targets, _noise(world, "target", pairs))
    at = target[:, None] == jnp.arange(target.shape[0])[None, :, None]
    value = jnp.sum(jnp.where(at, jnp.sum(jnp.where(picked, scores, 0.0), axis=0), 0.0), axis=1)
    return chosen, target, value


def log_chance(state: State, world: World, chosen: jax.Array, target: jax.Array) -> jax.Array:
    """Return the log of the chance with which each actor would make a move on a target, as `move` draws it.

    Parameters
    ----------
    state : State
        Before the moves.
    world : World
        What surrounds it.
    chosen : jax.Array
        A move for each place, shape (F, H) int32.
    target : jax.Array
        Place it is aimed at, shape (F, H) int32; it does not count where the move has no target.

    Returns
    -------
    jax.Array
        Shape (F, H), at most 0; `choice.NEVER` where the move cannot be made.
    """
    outlook = separately(world.tick, look, state, world)
    scores = separately(world.tick, score_moves, state, world, outlook)
    scaled = _scaled(scores, choice.precision(world.parameters.choice_precision, world.mind.nerve, outlook.threat))
    whole = jax.nn.logsumexp(_log_sum(scaled, world), axis=0)
    places = jnp.arange(target.shape[0], dtype=jnp.int32)
    at = jnp.where(_targeted(chosen), target, places[:, None])[:, None] == places[None, :, None]
    made = chosen == jnp.arange(len(MOVES))[:, None, None]
    one = jnp.sum(jnp.where(made[:, :, None] & at[None], scaled, 0.0), axis=(0, 2))
    return jnp.where((one > 0.5 * choice.NEVER) & (outlook.acts > 0.0), one - whole, choice.NEVER)


def _scaled(scores: jax.Array, precision: jax.Array) -> jax.Array:
    """Scores times the actor's precision, shape (moves, F, F, H); `choice.NEVER` stays what it is."""
    return jnp.where(scores > 0.5 * choice.NEVER, scores * precision[None, :, None], choice.NEVER)


def _noise(world: World, site: str, slots: jax.Array) -> jax.Array:
    return separately(world.tick, lambda key, now, codes: chance.gumbels(key, site, now, codes), world.key, world.tick, slots)


def _log_sum(scaled: jax.Array, world: World) -> jax.Array:
    """Log of the sum of exponentials over targets, shape (moves, F, H)."""
    top = jnp.max(scaled, axis=2)
    parts = separately(world.tick, lambda scores, most: jnp.exp(scores - most[:, :, None]), scaled, top)
    return top + jnp.log(jnp.sum(parts, axis=2))


def _largest(score: jax.Array, noise: jax.Array) -> jax.Array:
    """Index along the first axis of the largest score plus noise, int32."""
    noisy = score + noise
    return place_of(first(noisy == jnp.max(noisy, axis=0)))


def bans(state: State, world: World) -> jax.Array:
    """Moves forbidden this tick, shape (moves, F, F, H) bool; entries are (first tick, last tick, person, move, target or −1)."""
    entries = world.done.forbid
    now = (entries[:, 0] <= world.tick) & (world.tick <= entries[:, 1])
    who = (entries[:, 2][:, None, None] == state.person[None]) & now[:, None, None]
    which = entries[:, 3][:, None] == jnp.arange(len(MOVES))[None, :]
    whom = (entries[:, 4][:, None, None] == state.person[None]) | (entries[:, 4] < 0)[:, None, None]
    return jnp.any(which[:, :, None, None, None] & who[:, None, :, None] & whom[:, None, None, :], axis=0)


def _forced(state: State, world: World, chosen: jax.Array, target: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Moves forced this tick, where actor and target are there to make and to meet them."""
    forced, aimed, able = forced_moves(state, world)
    return jnp.where(able, forced, chosen), jnp.where(able, aimed, target)


def forced_moves(state: State, world: World) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Return the moves forced this tick, the places they are aimed at, and where they can be made, shape (F, H) each."""
    forced = jnp.where(in_forum(state), at_person(world.done.move, state.person), -1)
    aimed = at_person(world.done.target, state.person)
    at = (aimed[:, None] == state.person[None, :]) & in_office(state)[None, :] & (others(aimed.shape[0]) > 0.0)
    able = (forced >= 0) & (jnp.any(at, axis=1) | ~_targeted(forced))
    return forced, jnp.argmax(at, axis=1).astype(jnp.int32), able


def _act(state: State, info: Info, world: World, outlook: Outlook, chosen: jax.Array, target: jax.Array) -> tuple[State, Info]:
    at = (target[:, None] == jnp.arange(target.shape[0])[None, :, None]).astype(jnp.float32) * outlook.acts[:, None]
    changes = [kind.effect(state, world, outlook, at * (chosen == number)[:, None]) for number, kind in enumerate(ORDERED)]
    change = Change(*(sum(parts[1:], parts[0]) for parts in zip(*changes, strict=True)))
    return apply(state, info, change, outlook)


def apply(state: State, info: Info, change: Change, outlook: Outlook) -> tuple[State, Info]:
    """Apply the sum of all changes and keep every quantity in its range."""
    pairs = outlook.pairs
    dependence = state.dependence + change.dependence * pairs
    dependence = dependence / jnp.maximum(jnp.sum(dependence, axis=1), 1.0)[:, None]
    persons = state.person[:, None] == jnp.arange(state.status.shape[0])[None, :, None]
    raised = jnp.sum(persons * (jnp.broadcast_to(change.grades, state.person.shape)[:, None] > 0.0), axis=0)
    return state._replace(
        trust=jnp.clip(state.trust + change.trust * pairs, -1.0, 1.0),
        dependence=dependence,
        belief=suspicion.shift(state.belief, change.claim * pairs),
        estimate=state.estimate * jnp.exp(change.estimate * pairs),
        merit=jnp.maximum(state.merit + change.merit, 0.0),
        focus=state.focus + change.focus,
        status=jnp.where(state.status > int(Status.FORUM), state.status - raised, state.status),
    ), info._replace(
        harm=info.harm + change.harm * pairs,
        benefit=info.benefit + change.benefit * pairs,
        protects=change.protects * pairs,
    )


def _satisfaction(state: State, info: Info, world: World, outlook: Outlook) -> jax.Array:
    """How good the tick felt: believed standing and prospect, policy near one's wishes, and grievances satisfied."""
    p = world.parameters
    setup = world.setup
    away = jnp.sum(jnp.abs(setup.position - state.policy[None]) * setup.salience * setup.issue_weight[None], axis=1)
    policy = p.policy_weight * (1.0 - at_person(away, state.person))
    standing = own(outlook.share) * (1.0 - outlook.threat)
    prospect = p.foresight * world.mind.ambition * jnp.max(outlook.wins * outlook.spoil, axis=1)
    others_felt = jnp.sum(outlook.caring * outlook.share, axis=1)
    return (standing + prospect + policy + others_felt) * outlook.acts
