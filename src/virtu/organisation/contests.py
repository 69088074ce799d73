"""The contest: a strike or an offer to resign, in which every third party takes a side."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from virtu.minds import contest as foreseen
from virtu.organisation.outlook import attraction
from virtu.organisation.perception import visibility
from virtu.organisation.seats import fall, standing
from virtu.organisation.state import (
    CAUSE_CODE,
    MOVE_CODE,
    OUTCOMES,
    Info,
    State,
    World,
    at_person,
    first,
    in_office,
    others,
    person_of,
    place_of,
    separately,
    status_of,
)
from virtu.scenario.vocabulary import Status


class Case(NamedTuple):
    """The question before the forum this tick, in H histories."""

    challenger: jax.Array  # (F, H) 1 for who strikes or offers to resign
    target: jax.Array  # (F, H) 1 for who is struck at; all 0 for an offer
    strike: jax.Array  # (H,) bool
    asked: jax.Array  # (F, H) 1 for third parties


class Vote(NamedTuple):
    """How a question was settled."""

    sides: jax.Array  # (F, H) 1 with the challenger, −1 against, 0 not asked
    share: jax.Array  # (H,) share of strength with the challenger
    carried: jax.Array  # (H,) bool


def contest(state: State, info: Info, world: World) -> tuple[State, Info]:
    """Phase 7. Settle one question a tick: the strike its mover thinks most of, or else such an offer to resign."""
    case = _case(state, info, world)
    vote = _vote(state, info, world, case)
    state, info = _remember_sides(state, info, world, case, vote)
    state, info = _settle_strike(state, info, world, case, vote)
    state, info = _settle_offer(state, info, world, case, vote)
    return state, _note(info, case, vote)


def _case(state: State, info: Info, world: World) -> Case:
    """Whose question is heard: forced moves first, then the highest score; strikes before offers."""
    striking = info.move == MOVE_CODE["strike"]
    asking = striking | ((info.move == MOVE_CODE["threaten_to_resign"]) & ~jnp.any(striking, axis=0))
    forced = asking & (at_person(world.done.move, state.person) == info.move)
    asking = jnp.where(jnp.any(forced, axis=0), forced, asking)
    rank = jnp.where(asking, info.score, -jnp.inf)
    heard = first(asking & (rank == jnp.max(rank, axis=0)))
    strike = jnp.any(heard & striking, axis=0)
    aimed = jnp.sum(jnp.where(heard, info.target, 0), axis=0)
    target = (jnp.arange(heard.shape[0])[:, None] == aimed) & strike
    asked = in_office(state) & ~heard & ~target & jnp.any(heard, axis=0)
    return Case(heard.astype(jnp.float32), target.astype(jnp.float32), strike, asked.astype(jnp.float32))


def side_chances(state: State, world: World, case: Case) -> jax.Array:
    """Return the chance that each third party sides with the challenger, shape (F, H).

    σ(precision · [A_kc − A_kt + β (2 P̂_k − 1)]); for an offer to resign A_kt is replaced by the readiness to let anybody go, −default.
    P̂_k is the share k expects on the challenger's side, from k's own estimates, reasoning one level below its own: whoever
    reasons at level 0 or 1 takes the others for undecided, level 2 expects them to follow their leanings and the focal point.
    """
    p = world.parameters
    here = in_office(state).astype(jnp.float32)
    seen = state.estimate * here[None, :]
    total = jnp.maximum(jnp.sum(seen, axis=1), 1e-6)
    open_part, bound = attraction(state, world, seen / total[:, None])
    lean = _towards(open_part + bound, case.challenger) - _towards(open_part + bound, case.target)
    kept_anyway = p.resign_default * (1.0 - case.strike.astype(jnp.float32))
    lean = lean + kept_anyway
    visible = visibility(world)
    for_one = _towards(open_part, case.challenger)[None, :] + _seen_bond(visible, bound, case.challenger)
    for_other = _towards(open_part, case.target)[None, :] + _seen_bond(visible, bound, case.target)
    apart = others(here.shape[0])
    third = seen * case.asked[None, :] * apart
    own = jnp.sum(seen * case.challenger[None, :], axis=1)
    known = jnp.sum(third, axis=1) + own + jnp.sum(seen * case.target[None, :], axis=1)
    focus = jnp.broadcast_to(jnp.sum(state.focus * case.target, axis=0), own.shape)
    first_sides = separately(world.tick, foreseen.first_sides, for_one - for_other + kept_anyway, focus, world.precision)
    expected = foreseen.one_level_below(first_sides, third, own, jnp.maximum(known, 1e-6), world.depth)
    pull = p.bandwagon * world.on["bandwagon"] * (2.0 * expected - 1.0)
    return jax.nn.sigmoid(p.side_precision * (lean + pull))


def _towards(matrix: jax.Array, whom: jax.Array) -> jax.Array:
    return jnp.sum(matrix * whom[None, :], axis=1)


def _seen_bond(visible: jax.Array, bound: jax.Array, whom: jax.Array) -> jax.Array:
    """Dependence of each third party (column) on somebody as each observer (row) sees it, shape (F, F, H)."""
    return jnp.sum(visible * whom[None, :], axis=1)[:, None] * _towards(bound, whom)[None, :]


def _vote(state: State, info: Info, world: World, case: Case) -> Vote:
    """Draw the sides; weigh them by true strength less what is owed to others; protectors stand by the target."""
    chances = side_chances(state, world, case)
    lot, _ = world.luck["side"]
    shields = jnp.sum(info.protects * case.target[None, :], axis=1) > 0.0
    sides = jnp.where((lot < chances) & ~shields, 1.0, -1.0) * case.asked
    true = standing(world.setup, state)
    weight = true.strength - true.owed
    counts = case.asked + (case.challenger + case.target) * case.strike
    whole = jnp.sum(weight * counts, axis=0)
    with_one = jnp.sum(weight * ((sides > 0.0) + case.challenger * case.strike), axis=0)
    share = with_one / jnp.maximum(whole, 1e-6)
    heard = jnp.any(case.challenger > 0.0, axis=0)
    return Vote(sides, jnp.where(heard, share, 0.0), heard & (share > world.parameters.majority))


def _remember_sides(state: State, info: Info, world: World, case: Case, vote: Vote) -> tuple[State, Info]:
    """Both contestants remember who stood where: a side is a benefit to the one and a harm to the other."""
    size = world.parameters.side_memory
    one, other = case.challenger[:, None], case.target[:, None]
    with_one = (vote.sides > 0.0).astype(jnp.float32)[None, :]
    with_other = (vote.sides < 0.0).astype(jnp.float32)[None, :]
    benefit = size * (one * with_one + other * with_other)
    harm = size * (one * with_other + other * with_one)
    return state, info._replace(benefit=info.benefit + benefit, harm=info.harm + harm)


def _settle_strike(state: State, info: Info, world: World, case: Case, vote: Vote) -> tuple[State, Info]:
    """The winner takes part of merit, legitimacy and clients; the loser falls by a grade, and more the wider the margin.

    Grades lost = 1 + ⌊margin/grade_margin · (½ + hardness of the winner)⌋, never beyond out of office.
    """
    p = world.parameters
    won = vote.carried
    winner = jnp.where(won, case.challenger, case.target) * case.strike
    loser = jnp.where(won, case.target, case.challenger) * case.strike
    true = standing(world.setup, state)
    lost_share = jnp.sum(true.strength * loser, axis=0) / jnp.maximum(jnp.sum(true.strength, axis=0), 1e-6)
    info = info._replace(harm=info.harm + lost_share * loser[:, None] * winner[None, :])
    merit = p.spoils * jnp.sum(state.merit * loser, axis=0)
    legitimacy = p.spoils * jnp.sum(state.legitimacy * loser, axis=0)
    lot, _ = world.luck["clients"]
    loser_person = person_of(state, loser > 0.0)
    taken = (state.patron == loser_person) & (lot < p.spoils) & (loser_person >= 0)
    state = state._replace(
        merit=state.merit + merit * winner - p.spoils * state.merit * loser,
        legitimacy=state.legitimacy + legitimacy * winner - p.spoils * state.legitimacy * loser,
        patron=jnp.where(taken, person_of(state, winner > 0.0), state.patron),
    )
    hardness = jnp.sum(world.mind.hardness * winner, axis=0)
    margin = jnp.abs(vote.share - p.majority)
    steps = 1 + jnp.floor(margin / jnp.maximum(p.grade_margin, 1e-6) * (0.5 + hardness)).astype(jnp.int32)
    grade = jnp.minimum(status_of(state) + steps, int(Status.OUT)).astype(jnp.int32)
    by = person_of(state, winner > 0.0)
    cause = jnp.where(won, CAUSE_CODE["strike"], CAUSE_CODE["failed_strike"])
    return fall(state, info, loser > 0.0, grade, cause, by)


def _settle_offer(state: State, info: Info, world: World, case: Case, vote: Vote) -> tuple[State, Info]:
    """Refused: standing is confirmed and those who voted to keep have committed themselves. Accepted: a grade and all posts are lost."""
    p = world.parameters
    offer = case.challenger * (1.0 - case.strike.astype(jnp.float32))
    kept = offer * vote.carried
    committed = kept[None, :] * (vote.sides > 0.0).astype(jnp.float32)[:, None]
    state = state._replace(
        merit=jnp.maximum(state.merit + p.resign_standing * (2.0 * vote.share - 1.0) * kept, 0.0),
        trust=state.trust + 0.5 * p.cultivate_gain * (1.0 - state.trust) * committed,
    )
    grade = jnp.minimum(status_of(state) + 1, int(Status.OUT)).astype(jnp.int32)
    return fall(state, info, (offer > 0.0) & ~vote.carried, grade, "resignation", person_of(state, offer > 0.0))


def _note(info: Info, case: Case, vote: Vote) -> Info:
    """Write down what became of every strike and offer of the tick."""
    code = {name: number for number, name in enumerate(OUTCOMES)}
    heard = case.challenger > 0.0
    strikes = jnp.where(vote.carried, code["carried"], code["failed"])
    offers = jnp.where(vote.carried, code["refused"], code["accepted"])
    asks = (info.move == MOVE_CODE["strike"]) | (info.move == MOVE_CODE["threaten_to_resign"])
    outcome = jnp.where(asks & ~heard, code["held back"], info.outcome)
    outcome = jnp.where(heard, jnp.where(case.strike, strikes, offers), outcome)
    return info._replace(outcome=outcome, side=vote.sides.astype(jnp.int32), settled=place_of(heard))
