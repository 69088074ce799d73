"""Who will rule once a contest is decided, as somebody sees it: coalitions gone through one by one."""

from __future__ import annotations

from types import SimpleNamespace as Record
from typing import NamedTuple

from .chance import uniforms
from .state import in_office, note_near, places

DOUBT = 1e-6
STEPS = 2**19 - 1
NEAR = 1e-5


class Rule(NamedTuple):
    """Who would rule, their share of all strength, and whether they could throw out all others now."""

    members: set[int]
    share: float
    at_once: bool


class Mind(NamedTuple):
    """What somebody has to go by: strength, shares of the coalitions that would last, and who comes first where several are as strong."""

    seen: list[float]
    lasting: list[tuple[set[int], float]]
    order: list[int]


def mind(state: Record, world: Record, one: int) -> Mind:
    """Return what somebody takes the others' strength to be, and which coalitions no part of theirs could and would reduce to itself."""
    seen = [state.estimate[one][place] if in_office(state, place) else 0.0 for place in places(state)]
    lots = [uniforms(world.key, "side", world.tick, world.slot[place])[1] for place in places(state)]
    able = [place for place in places(state) if seen[place] > 0.0]
    whole, lasting, strongest = max(sum(seen), 1e-30), [], [0.0]
    for mask in range(1, 1 << len(able)):
        members = {place for bit, place in enumerate(able) if mask >> bit & 1}
        power = sum(seen[place] for place in members)
        inside = max(strongest[mask & ~(1 << bit)] for bit in range(len(able)) if mask >> bit & 1)
        if len(members) > 1:
            note_near(world, inside / power, [world.p.majority], "self-enforcing", NEAR)
        stays = inside <= (world.p.majority + DOUBT) * power
        strongest.append(power if stays else inside)
        lasting += [(members, power / whole)] if stays else []
    return Mind(seen, lasting, sorted(places(state), key=lambda place: lots[place]))


def rule_without(world: Record, of: Mind, gone: int | None) -> Rule:
    """Return the lightest lasting coalition without somebody that is above α of all strength, or else above α of what is left."""
    left = 1.0 - (0.0 if gone is None else of.seen[gone] / max(sum(of.seen), 1e-30))
    others = [(members, share) for members, share in of.lasting if gone not in members]
    for at_once, bar in ((True, 1.0), (False, left)):
        for _, share in others:
            note_near(world, share, [world.p.majority * bar], "strong enough", NEAR)
        able = [(members, share) for members, share in others if share > (world.p.majority + DOUBT) * bar]
        if able:
            members, share = min(able, key=lambda each: (round(each[1] * STEPS), sum(1 << of.order.index(place) for place in each[0])))
            note_near(world, share, [other for these, other in able if these != members], "lightest coalition", NEAR)
            return Rule(members, share, at_once)
    return Rule({place for place in range(len(of.seen)) if place != gone}, 1.0, False)


def multiple(rule: Rule, who: int) -> float:
    """Return what multiple of its share somebody holds where these rule."""
    if who not in rule.members:
        return 0.0
    return 1.0 / rule.share if rule.at_once else 1.0
