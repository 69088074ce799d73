"""Phase 8: whoever is on top removes one it believes hostile, and that person's officials."""

from __future__ import annotations

from types import SimpleNamespace as Record

from virtu.organisation.state import VACANT
from virtu.scenario.vocabulary import Status

from . import minds
from .chance import uniforms
from .outlook import caring, hostile, seen_ambition
from .state import fall, in_forum, in_office, largest, note_near, places, standing


def purge(state: Record, info: Record, world: Record) -> None:
    ruler = find_ruler(state, world)
    victim = None if ruler is None else find_victim(state, world, ruler)
    if ruler is None or victim is None:
        return
    guilty = caring(state, world, victim, ruler) < 0.0
    info.purged, info.innocent = 1.0, 0.0 if guilty else 1.0
    reward_executor(state, info, world, ruler, victim)
    purge_officials(state, info, world, ruler, victim)
    mind = world.mind[ruler]
    lot, _ = uniforms(world.key, "penalty", world.tick, world.slot[victim])
    grade = Status.DEAD if lot < mind.hardness * mind.nerve else Status.OUT
    fall(state, info, victim, int(grade), "purge", state.person[ruler])


def find_ruler(state: Record, world: Record) -> int | None:
    """Return who leads everybody of the forum by the margin, knows it, and is not the founder."""
    strength = standing(world.setup, state)
    forum = [place for place in places(state) if in_forum(state, place)]
    if not forum or not world.on["purge"]:
        return None
    top = max(forum, key=lambda place: strength[place].strength)
    best = strength[top].strength
    second = max((strength[place].strength for place in places(state) if in_forum(state, place) and place != top), default=-1.0)
    note_near(world, best, [(1.0 + world.p.purge_lead) * second], "lead")
    rivals = [state.estimate[top][place] for place in places(state) if place != top and in_office(state, place)]
    knows = all(state.estimate[top][top] >= estimate for estimate in rivals)
    note_near(world, state.estimate[top][top], rivals, "knowing to lead")
    leads = best > 0.0 and best > second and best >= (1.0 + world.p.purge_lead) * second
    return top if leads and knows and state.person[top] != world.setup.founder else None


def find_victim(state: Record, world: Record, ruler: int) -> int | None:
    """Return for whom (1 − w_rk)[rate q ambition S_r − cost] − w_rk S_rk − dread (1 − ν_r) is largest and more than nothing."""
    p = world.p
    here = [place for place in places(state) if in_office(state, place)]
    total = max(sum(state.estimate[ruler][place] for place in here), 1e-6)
    own = state.estimate[ruler][ruler] / total
    gains = {}
    for place in here:
        if place == ruler:
            continue
        guilty = caring(state, world, place, ruler) < 0.0
        lot, _ = uniforms(world.key, "charge", world.tick, world.slot[place])
        if lot >= (p.information_precision if guilty else 1.0 - p.information_precision):
            continue
        w = caring(state, world, ruler, place)
        guilt = posterior(hostile(state, ruler, place), p.information_precision)
        relief = p.threat_rate * guilt * seen_ambition(world, ruler, place) * own - p.purge_cost
        share = state.estimate[ruler][place] / total
        dread = p.dread_strike * (1.0 - world.mind[ruler].nerve) * world.on["dread"]
        gains[place] = (1.0 - w) * relief - w * share - dread
        note_near(world, gains[place], [0.0], "purge worth it")
    return largest(world, {place: gain for place, gain in gains.items() if gain > 0.0}, "victim")


def posterior(suspected: float, precision: float) -> float:
    """Return q = π HI/(π HI + (1 − π)(1 − HI))."""
    rightly = precision * suspected
    return rightly / max(rightly + (1.0 - precision) * (1.0 - suspected), 1e-9)


def reward_executor(state: Record, info: Record, world: Record, ruler: int, victim: int) -> None:
    """Whoever of the forum is most bound to the ruler gains merit and is suspected."""
    able = [place for place in places(state) if in_forum(state, place) and place not in (ruler, victim)]
    bound = {place: state.trust[place][ruler] + state.dependence[place][ruler] for place in able}
    executor = largest(world, bound, "executor")
    if executor is None:
        return
    info.executor = state.person[executor]
    state.merit[executor] += world.p.executor_gain
    belief = minds.shifted([share[ruler][executor] for share in state.belief], world.p.executor_suspicion)
    for intent, share in enumerate(belief):
        state.belief[intent][ruler][executor] = share


def purge_officials(state: Record, info: Record, world: Record, ruler: int, victim: int) -> None:
    """The victim's officials go with chance π · reliance, others but the ruler's with 1 − π for each share he held."""
    pi, person = world.p.information_precision, state.person[victim]
    share = state.patron.count(person) / max(len(state.patron), 1)
    for seat, patron in enumerate(state.patron):
        risk = (1.0 - pi) * share
        if patron == person:
            risk = pi * state.reliance[seat]
        elif patron == state.person[ruler]:
            risk = 0.0
        lot, _ = uniforms(world.key, "outer charge", world.tick, world.setup.outer_slot[seat])
        note_near(world, lot, [risk], "official")
        if lot < risk:
            state.patron[seat], state.reliance[seat] = VACANT, 0.0
            info.purged += 1.0
            info.innocent += patron != person
