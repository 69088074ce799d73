"""Phase 7: one strike or offer to resign is settled by the sides that third parties take."""

from __future__ import annotations

import math
from types import SimpleNamespace as Record

from virtu.organisation.state import MOVE_CODE, OUTCOMES
from virtu.scenario.vocabulary import Status

from .chance import uniforms
from .farsight import Mind, mind, multiple, rule_without
from .minds import logistic
from .outlook import bond, open_attraction
from .perception import visibility
from .state import fall, in_office, largest, note_near, places, standing, status_of

STRIKE, OFFER = MOVE_CODE["strike"], MOVE_CODE["threaten_to_resign"]


def contest(state: Record, info: Record, world: Record) -> None:
    challenger = first_heard(state, info, world)
    for place in places(state):
        if info.move[place] in (STRIKE, OFFER):
            info.outcome[place] = OUTCOMES.index("held back")
    if challenger is None:
        return
    target = info.target[challenger] if info.move[challenger] == STRIKE else None
    asked = [place for place in places(state) if in_office(state, place) and place not in (challenger, target)]
    sides = take_sides(state, info, world, challenger, target, asked)
    share = count(state, world, challenger, target, sides)
    carried = share > world.p.majority
    note_near(world, share, [world.p.majority], "majority of the contest")
    info.settled = challenger
    for place, side in sides.items():
        info.side[place] = side
        size = world.p.side_memory
        for contestant, friend in ((challenger, 1), (target, -1)):
            if contestant is not None:
                (info.benefit if side == friend else info.harm)[contestant][place] += size
    if target is None:
        settle_offer(state, info, world, challenger, share, carried)
    else:
        thrown_out = thrown_out_with(state, world, challenger, target, sides, share)
        settle_strike(state, info, world, challenger, target, share, thrown_out)


def first_heard(state: Record, info: Record, world: Record) -> int | None:
    """Strikes before offers; of those, forced ones first; of those, the one its mover thinks most of."""
    asking = [place for place in places(state) if info.move[place] == STRIKE]
    asking = asking or [place for place in places(state) if info.move[place] == OFFER]
    forced = [place for place in asking if world.done.move[state.person[place]] == info.move[place]]
    return largest(world, {place: info.score[place] for place in forced or asking}, "question heard")


def take_sides(state: Record, info: Record, world: Record, challenger: int, target: int | None, asked: list[int]) -> dict[int, int]:
    """Draw the sides; those who protect the target stand by it."""
    sides = {}
    for place in asked:
        chance = side_chance(state, world, challenger, target, asked, place)
        lot, _ = uniforms(world.key, "side", world.tick, world.slot[place])
        shields = target is not None and info.protects[place][target] > 0.0
        if not shields:
            note_near(world, lot, [chance], "side")
        sides[place] = 1 if lot < chance and not shields else -1
    return sides


def side_chance(state: Record, world: Record, challenger: int, target: int | None, asked: list[int], who: int) -> float:
    """Return σ(precision · [near (A_kc − A_kt + β (2 P̂_k − 1)) + ahead_k]); for an offer −A_kt is the readiness to keep anybody."""
    p, view = world.p, look_beyond(state, world, challenger, target, who)
    near = 1.0 if view is None else 1.0 - p.farsightedness
    lean = attraction(state, world, who, challenger, 1.0)
    lean += p.resign_default if target is None else -attraction(state, world, who, target, 1.0)
    expected = expectation(state, world, challenger, target, [place for place in asked if place != who], who, view)
    pull = p.bandwagon * world.on["bandwagon"] * (2.0 * expected - 1.0)
    return logistic(p.side_precision * (near * (lean + pull) + ahead(world, view, challenger, target, who)))


def look_beyond(state: Record, world: Record, challenger: int, target: int | None, who: int) -> Mind | None:
    """Return what somebody has to go by who asks who will rule after a strike; None where nobody asks."""
    return None if target is None or world.p.farsightedness == 0.0 else mind(state, world, who)


def ahead(world: Record, view: Mind | None, challenger: int, target: int | None, whose: int) -> float:
    """Return f [r(t) − r(c)] of somebody as the one whose view it is sees it."""
    if view is None:
        return 0.0
    after = [multiple(rule_without(world, view, gone), whose) for gone in (target, challenger)]
    return world.p.farsightedness * (after[0] - after[1])


def expectation(state: Record, world: Record, challenger: int, target: int | None, thirds: list[int], who: int, view: Mind | None) -> float:
    """Return P̂_k one level below k's own: level 2 expects leanings and the focal point to be followed, others expect nothing."""
    seen = state.estimate[who]
    own, near = seen[challenger], 1.0 if view is None else 1.0 - world.p.farsightedness
    total = max(own + sum(seen[third] for third in thirds) + (0.0 if target is None else seen[target]), 1e-6)
    flat = (own + sum(seen[third] / 2.0 for third in thirds)) / total
    followed = own
    for third in thirds:
        lean = attraction(state, world, third, challenger, visibility(world, who, challenger))
        focus = 0.0
        if target is None:
            lean += world.p.resign_default
        else:
            lean -= attraction(state, world, third, target, visibility(world, who, target))
            focus = state.focus[target]
        lean = near * lean + ahead(world, view, challenger, target, third)
        followed += seen[third] * logistic(world.precision[who] * lean + focus)
    return flat + world.depth[who][2] * (followed / total - flat)


def attraction(state: Record, world: Record, one: int, other: int, visible: float) -> float:
    """Return A_kj with dependence as far as it is visible; the share of strength is as k sees it."""
    total = max(sum(state.estimate[one][place] for place in places(state) if in_office(state, place)), 1e-6)
    share = state.estimate[one][other] / total
    return open_attraction(state, world, one, other, share) + visible * bond(state, world, one, other)


def count(state: Record, world: Record, challenger: int, target: int | None, sides: dict[int, int]) -> float:
    """Return the share of true strength, less what is owed to others, on the challenger's side; an offer has none of its own."""
    weight = [each.strength - each.owed for each in standing(world.setup, state)]
    with_one = sum(weight[place] for place, side in sides.items() if side > 0)
    whole = sum(weight[place] for place in sides)
    if target is not None:
        with_one += weight[challenger]
        whole += weight[challenger] + weight[target]
    return with_one / max(whole, 1e-6)


def thrown_out_with(state: Record, world: Record, challenger: int, target: int, sides: dict[int, int], share: float) -> list[int]:
    """Return who falls with the loser: all whom the winner's coalition can do without, if it acts on that and is strong enough."""
    p = world.p
    winner, loser, side = (challenger, target, 1) if share > p.majority else (target, challenger, -1)
    lot, _ = uniforms(world.key, "side", world.tick, world.slot[winner])
    view = look_beyond(state, world, challenger, target, winner)
    if view is None or lot >= p.farsightedness:
        return []
    rule = rule_without(world, view, loser)
    if not rule.at_once or winner not in rule.members:
        return []
    weight = [each.strength - each.owed for each in standing(world.setup, state)]
    behind = weight[winner] + sum(weight[place] for place, taken in sides.items() if taken == side and place in rule.members)
    whole = weight[winner] + weight[loser] + sum(weight[place] for place in sides)
    note_near(world, behind / whole, [p.majority], "strength behind the winner")
    return [place for place in sides if place not in rule.members] if behind > p.majority * whole else []


def settle_strike(state: Record, info: Record, world: Record, challenger: int, target: int, share: float, thrown_out: list[int]) -> None:
    """Spoils to the winner; who falls loses 1 + ⌊margin/grade_margin · (½ + hardness of the winner)⌋ grades."""
    p, carried = world.p, share > world.p.majority
    winner, loser = (challenger, target) if carried else (target, challenger)
    info.outcome[challenger] = OUTCOMES.index("carried" if carried else "failed")
    strength = [each.strength for each in standing(world.setup, state)]
    steps = abs(share - p.majority) / max(p.grade_margin, 1e-6) * (0.5 + world.mind[winner].hardness)
    note_near(world, steps, [round(steps)], "grades lost")
    by, persons = state.person[winner], list(state.person)
    for place in (loser, *thrown_out):
        info.harm[place][winner] += strength[place] / max(sum(strength), 1e-6)
        for kind in (state.merit, state.legitimacy):
            taken = p.spoils * kind[place]
            kind[winner] += taken
            kind[place] -= taken
        for seat, slot in enumerate(world.setup.outer_slot):
            lot, _ = uniforms(world.key, "clients", world.tick, slot)
            if state.patron[seat] == persons[place] and lot < p.spoils:
                state.patron[seat] = by
        grade = min(status_of(state, place) + 1 + math.floor(steps), int(Status.OUT))
        fall(state, info, place, grade, "strike" if carried else "failed_strike", by)


def settle_offer(state: Record, info: Record, world: Record, challenger: int, share: float, carried: bool) -> None:
    """Kept: standing is confirmed, and those who voted for it trust more. Let go: a grade and all posts are lost."""
    p = world.p
    info.outcome[challenger] = OUTCOMES.index("refused" if carried else "accepted")
    if not carried:
        grade = min(status_of(state, challenger) + 1, int(Status.OUT))
        fall(state, info, challenger, grade, "resignation", state.person[challenger])
        return
    state.merit[challenger] = max(state.merit[challenger] + p.resign_standing * (2.0 * share - 1.0), 0.0)
    for place in places(state):
        if info.side[place] > 0:
            state.trust[place][challenger] += 0.5 * p.cultivate_gain * (1.0 - state.trust[place][challenger])
