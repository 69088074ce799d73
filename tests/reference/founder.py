"""Phase 2: health, access, messages, legitimacy, death, testament."""

from __future__ import annotations

import math
from types import SimpleNamespace as Record

from virtu.organisation.state import NOBODY
from virtu.scenario.vocabulary import Status

from .chance import normals, uniforms
from .minds import clip
from .state import fall, in_forum, in_office, note_near, place_of, places, posts_of


def founder(state: Record, info: Record, world: Record) -> None:
    if world.setup.founder < 0 or not world.on["founder"]:
        return
    place = place_of(state, world.setup.founder)
    if place is not None:
        state.health = health(state, world)
        state.access = access(state, world, place)
        pass_on(state, world, place)
        hear_messages(state, world, place)
        die(state, info, world, place)
    read_testament(state, world)


def health(state: Record, world: Record) -> float:
    """Recover towards the beginning, drift, fall by strokes; or what is set from outside."""
    if not math.isnan(world.done.health):
        return world.done.health
    noise, _ = normals(world.key, "founder", world.tick, 0)
    regained = world.p.health_recovery * max(world.setup.health - state.health, 0.0)
    return clip(state.health + regained + world.p.health_noise * noise - world.setup.stroke[world.tick], 0.0, 1.0)


def access(state: Record, world: Record, founder_place: int) -> list[float]:
    """Access a ← (1 − r) a + r · visits, visits ∝ (1 + T_founder,i)/2 · (diligence_i + ambition_i)/2, and 1 more for who is in charge."""
    visits = [0.0] * len(state.person)
    visitors = [place for place in places(state) if in_forum(state, place) and place != founder_place]
    for place in visitors:
        mind = world.mind[place]
        visits[place] = (1.0 + state.trust[founder_place][place]) / 2.0 * (mind.diligence + mind.ambition) / 2.0
        visits[place] += any(world.setup.post_access[post] for post in posts_of(state, place))
    total, rate = max(sum(visits), 1e-6), world.p.visit_rate
    fresh = [0.0] * len(state.person)
    for place in visitors:
        allowed = world.done.access[state.person[place]]
        fresh[place] = ((1.0 - rate) * state.access[place] + rate * visits[place] / total) * allowed
    return fresh


def pass_on(state: Record, world: Record, founder_place: int) -> None:
    """A share (1 − health) · transfer of the founder's legitimacy passes by access."""
    share = world.p.legitimacy_transfer * (1.0 - state.health) * state.legitimacy[founder_place]
    for place in places(state):
        state.legitimacy[place] += share * state.access[place]
        state.legitimacy[founder_place] -= share * state.access[place]


def hear_messages(state: Record, world: Record, founder_place: int) -> None:
    """The founder's trust moves by (1 − health) · filter · Σ_r a_r (T_rk − T_founder,k) for everybody of the forum."""
    heard = list(state.trust[founder_place])
    force = world.p.messenger_filter * (1.0 - state.health)
    for about in places(state):
        if about == founder_place or not in_forum(state, about):
            continue
        pull = 0.0
        for messenger in places(state):
            if messenger != about:
                pull += state.access[messenger] * (state.trust[messenger][about] - heard[about])
        state.trust[founder_place][about] = clip(heard[about] + force * pull, -1.0, 1.0)


def die(state: Record, info: Record, world: Record, place: int) -> None:
    """At the fixed date, unless health is set from outside, or without health; all legitimacy passes by access."""
    fixed = world.setup.death >= 0
    now = world.tick >= world.setup.death and math.isnan(world.done.health) if fixed else state.health <= 0.0
    if not now:
        return
    left = state.legitimacy[place]
    for other in places(state):
        state.legitimacy[other] += left * state.access[other]
    fall(state, info, place, int(Status.DEAD), "natural_death", NOBODY)


def read_testament(state: Record, world: Record) -> None:
    """Whoever has most access keeps it back, if condemned, with chance nerve · access; else each loses by condemnation."""
    if world.tick != world.setup.testament or kept_back(state, world):
        return
    for about in places(state):
        if not in_forum(state, about):
            continue
        loss = world.p.testament_force * world.setup.condemned[state.person[about]]
        state.legitimacy[about] *= 1.0 - loss
        for other in places(state):
            if other != about and in_office(state, other):
                state.trust[other][about] = clip(state.trust[other][about] - loss, -1.0, 1.0)
                state.estimate[other][about] *= 1.0 - loss


def kept_back(state: Record, world: Record) -> bool:
    if world.done.testament >= 0.0:
        return world.done.testament == 0.0
    most = max(state.access)
    able = 0.0
    for place in places(state):
        condemned = in_forum(state, place) and world.setup.condemned[state.person[place]] > 0.0
        if condemned and most > 0.0 and state.access[place] == most:
            able = max(able, world.mind[place].nerve * most)
    lot, _ = uniforms(world.key, "testament", world.tick, 0)
    note_near(world, lot, [able], "testament")
    return lot < able
