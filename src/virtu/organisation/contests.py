"""The contest: a strike or an offer to resign, in which every third party takes a side."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp

from virtu.minds import contest as foreseen
from virtu.organisation.farsight import foresee, looks_ahead
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
    either,
    first,
    in_office,
    only_if,
    others,
    own,
    person_of,
    place_of,
    status_of,
)
from virtu.scenario.vocabulary import Status


class Case(NamedTuple):
    """The question before the forum this tick, in H histories."""

    challenger: jax.Array  # (F, H) 1 for who strikes or offers to resign
    target: jax.Array  # (F, H) 1 for who is struck at; all 0 for an offer
    strike: jax.Array  # (H,) bool
    asked: jax.Array  # (F, H) 1 for third parties


class View(NamedTuple):
    """How everybody looks at the question."""

    sides: jax.Array  # (F, F, H) chance that column sides with the challenger, as row would expect at level 2
    lean: jax.Array  # (F, H) attraction to the challenger less that to the target, as far as it counts
    ahead: jax.Array  # (F, H) what is gained by who will rule if the target falls and not the challenger, as far as it counts
    spared: jax.Array  # (2, F, H) 1 for whom the challenger, and the target, could not do without


class Vote(NamedTuple):
    """How a question was settled."""

    sides: jax.Array  # (F, H) 1 with the challenger, −1 against, 0 not asked
    share: jax.Array  # (H,) share of strength with the challenger
    carried: jax.Array  # (H,) bool


def contest(state: State, info: Info, world: World) -> tuple[State, Info]:
    """Phase 7. Settle one question a tick: the strike its mover thinks most of, or else such an offer to resign."""
    case = _case(state, info, world)
    view = consider(state, world, case)
    vote = _vote(state, info, world, case, view)
    state, info = _remember_sides(state, info, world, case, vote)
    settle = partial(_settle_strike, world=world, case=case, vote=vote, view=view)
    state, info = only_if(jnp.any(case.strike), settle, state, info)
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


def consider(state: State, world: World, case: Case) -> View:
    """Return how everybody looks at the question.

    k leans to the challenger by A_kc − A_kt, dependence on either counted as far as it is visible, and takes the others to lean alike. For
    an offer to resign A_kt is replaced by the readiness to let anybody go, −default. Who looks beyond a strike leans by who will rule.
    """
    here = in_office(state).astype(jnp.float32)
    seen = state.estimate * here[None, :]
    total = jnp.maximum(jnp.sum(seen, axis=1), 1e-6)
    open_part, bound = attraction(state, world, seen / total[:, None])
    kept_anyway = world.parameters.resign_default * (1.0 - case.strike.astype(jnp.float32))
    lean = _towards(open_part + bound, case.challenger) - _towards(open_part + bound, case.target) + kept_anyway
    visible = visibility(world)
    for_one = _towards(open_part, case.challenger)[None, :] + _seen_bond(visible, bound, case.challenger)
    for_other = _towards(open_part, case.target)[None, :] + _seen_bond(visible, bound, case.target)
    looks = looks_ahead(state, world)
    looks = None if looks is None else looks & jnp.any(case.strike)
    return either(looks, _far_view, _view, state, world, case, lean, for_one - for_other + kept_anyway)


def _view(state: State, world: World, case: Case, lean: jax.Array, leanings: jax.Array) -> View:
    """The question as it looks to those who think of ties and of nothing that comes after."""
    focus = jnp.broadcast_to(jnp.sum(state.focus * case.target, axis=0), lean.shape)
    sides = foreseen.first_sides(leanings, focus, world.precision)
    return View(sides, lean, jnp.zeros_like(lean), jnp.ones((2, *lean.shape), jnp.float32))


def _far_view(state: State, world: World, case: Case, lean: jax.Array, leanings: jax.Array) -> View:
    """The question as it looks to those who ask who will rule after a strike."""
    far = world.parameters.farsightedness * case.strike
    foresight = foresee(state, world, case.challenger, case.target)
    near = _view(state, world, case, (1.0 - far) * lean, (1.0 - far) * leanings + far * foresight.ahead)
    return near._replace(ahead=far * own(foresight.ahead), spared=foresight.spared)


def side_chances(state: State, world: World, case: Case, view: View) -> jax.Array:
    """Return the chance that each third party sides with the challenger, shape (F, H).

    σ(precision · [(1 − f) (A_kc − A_kt + β (2 P̂_k − 1)) + f (r_k(t) − r_k(c))]), f being the farsightedness, 0 for an offer to resign.
    P̂_k is the share k expects on the challenger's side, from k's own estimates, reasoning one level below its own: whoever
    reasons at level 0 or 1 takes the others for undecided, level 2 expects them to follow their leanings and the focal point.
    """
    p = world.parameters
    seen = state.estimate * in_office(state)[None, :]
    third = seen * case.asked[None, :] * others(seen.shape[0])
    with_one = jnp.sum(seen * case.challenger[None, :], axis=1)
    known = jnp.sum(third, axis=1) + with_one + jnp.sum(seen * case.target[None, :], axis=1)
    expected = foreseen.one_level_below(view.sides, third, with_one, jnp.maximum(known, 1e-6), world.depth)
    near = 1.0 - p.farsightedness * case.strike
    pull = near * p.bandwagon * world.on["bandwagon"] * (2.0 * expected - 1.0)
    return jax.nn.sigmoid(p.side_precision * (view.lean + pull + view.ahead))


def _towards(matrix: jax.Array, whom: jax.Array) -> jax.Array:
    return jnp.sum(matrix * whom[None, :], axis=1)


def _seen_bond(visible: jax.Array, bound: jax.Array, whom: jax.Array) -> jax.Array:
    """Dependence of each third party (column) on somebody as each observer (row) sees it, shape (F, F, H)."""
    return jnp.sum(visible * whom[None, :], axis=1)[:, None] * _towards(bound, whom)[None, :]


def _vote(state: State, info: Info, world: World, case: Case, view: View) -> Vote:
    """Draw the sides; weigh them by true strength less what is owed to others; protectors stand by the target."""
    chances = side_chances(state, world, case, view)
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


def _settle_strike(state: State, info: Info, *, world: World, case: Case, vote: Vote, view: View) -> tuple[State, Info]:
    """The winner takes part of merit, legitimacy and clients of whoever falls, and they fall further the wider the margin.

    The loser falls, and all whom the winner's coalition can do without if it acts on that. Grades lost = 1 + ⌊margin/grade_margin · (½ +
    hardness of the winner)⌋, never beyond out of office.
    """
    p = world.parameters
    winner = jnp.where(vote.carried, case.challenger, case.target) * case.strike
    loser = jnp.where(vote.carried, case.target, case.challenger) * case.strike
    true = standing(world.setup, state)
    fallen = loser + _thrown_out(world, case, vote, view, winner, true.strength - true.owed) * in_office(state)
    lost_share = true.strength * fallen / jnp.maximum(jnp.sum(true.strength, axis=0), 1e-6)
    info = info._replace(harm=info.harm + lost_share[:, None] * winner[None, :])
    merit, legitimacy = p.spoils * state.merit * fallen, p.spoils * state.legitimacy * fallen
    lot, _ = world.luck["clients"]
    theirs = jnp.any((state.patron[:, None] == state.person[None, :]) & (fallen > 0.0)[None, :], axis=1)
    taken = theirs & (lot < p.spoils) & (state.patron >= 0)
    state = state._replace(
        merit=state.merit + jnp.sum(merit, axis=0) * winner - merit,
        legitimacy=state.legitimacy + jnp.sum(legitimacy, axis=0) * winner - legitimacy,
        patron=jnp.where(taken, person_of(state, winner > 0.0), state.patron),
    )
    hardness = jnp.sum(world.mind.hardness * winner, axis=0)
    margin = jnp.abs(vote.share - p.majority)
    steps = 1 + jnp.floor(margin / jnp.maximum(p.grade_margin, 1e-6) * (0.5 + hardness)).astype(jnp.int32)
    grade = jnp.minimum(status_of(state) + steps, int(Status.OUT)).astype(jnp.int32)
    by = person_of(state, winner > 0.0)
    cause = jnp.where(vote.carried, CAUSE_CODE["strike"], CAUSE_CODE["failed_strike"])
    return fall(state, info, fallen > 0.0, grade, cause, by)


def _thrown_out(world: World, case: Case, vote: Vote, view: View, winner: jax.Array, weight: jax.Array) -> jax.Array:
    """1 for third parties who fall with the loser, shape (F, H).

    With chance f the winner turns on all whom the coalition that could rule has no room for, as the winner sees it. It succeeds if
    those of the coalition who stand on the winner's side hold more than α of the strength thrown in.
    """
    spared = jnp.where(vote.carried, *view.spared)
    stood = (vote.sides > 0.0) == vote.carried
    counts = case.asked + case.challenger + case.target
    behind = jnp.sum(weight * spared * (case.asked * stood + winner), axis=0)
    able = behind > world.parameters.majority * jnp.sum(weight * counts, axis=0)
    lot, _ = world.luck["side"]
    acts = jnp.sum(lot * winner, axis=0) < world.parameters.farsightedness
    return case.asked * (1.0 - spared) * (able & acts & (jnp.sum(spared * winner, axis=0) > 0.0))


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
