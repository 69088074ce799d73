"""Phase 6: everybody of the forum chooses a move and a target, and all moves take effect at once."""

from __future__ import annotations

import math
from types import SimpleNamespace as Record

from virtu.organisation.state import OUTCOMES
from virtu.scenario.vocabulary import MOVES, SELF_MOVES

from . import scores
from .chance import code, gumbel, pair_slot
from .effects import act_all
from .outlook import caring, look
from .state import in_forum, in_office, largest, places

CLOSE = 1e-4
"""Difference of scaled scores and Gumbel noise below which single precision may choose otherwise."""


def move(state: Record, info: Record, world: Record) -> None:
    view = look(state, world)
    acts = []
    for place in places(state):
        info.target[place] = place
        if in_forum(state, place):
            chosen, target, info.score[place] = choose(state, world, view, place)
            chosen, target = forced(state, world, place) or (chosen, target)
            info.move[place], info.target[place] = chosen, target
            info.outcome[place] = OUTCOMES.index("done" if MOVES[chosen] != "bide" else "")
            acts.append((MOVES[chosen], place, target))
    satisfied = [satisfaction(state, world, view, place) if in_forum(state, place) else 0.0 for place in places(state)]
    act_all(state, info, world, view, acts)
    info.satisfaction, state.threat = satisfied, view.threat


def choose(state: Record, world: Record, view: Record, one: int) -> tuple[int, int, float]:
    """Draw a move from the log-sums over its targets, then a target; λ = λ₀ ν/(ν + threat)."""
    worth: dict[int, dict[int, float]] = {}
    for number, kind in enumerate(scores.MOVES):
        for other in places(state):
            value = scores.value(scores.Case(state, world, view, one, other), kind)
            if value is not None and not forbidden(state, world, one, number, other):
                worth.setdefault(number, {})[other] = value
    steady = world.mind[one].nerve + 1e-3
    precision = world.p.choice_precision * steady / (steady + view.threat[one])
    noisy = {}
    for number, values in worth.items():
        noise = gumbel(world.key, "move", world.tick, pair_slot(world.slot[one], code(MOVES[number])))
        noisy[number] = log_sum([precision * value for value in values.values()]) + noise
    chosen = largest(world, noisy, "move", CLOSE)
    if chosen is None:
        raise ValueError("a move must be open to everybody of the forum")
    aimed = {}
    for other, value in worth[chosen].items():
        noise = gumbel(world.key, "target", world.tick, pair_slot(world.slot[one], world.slot[other]))
        aimed[other] = precision * value + noise
    target = largest(world, aimed, "target", CLOSE)
    assert target is not None
    note_certain(world, scores.MOVES[chosen](scores.Case(state, world, view, one, target)))
    return chosen, target, worth[chosen][target]


def note_certain(world: Record, score: scores.Score | None) -> None:
    """Note a contest so certain that single precision loses its standard deviation."""
    if score is not None and score.chance * (1.0 - score.chance) < 1e-5:
        world.near.append("certain contest")


def log_sum(values: list[float]) -> float:
    most = max(values)
    return most + math.log(sum(math.exp(value - most) for value in values))


def forbidden(state: Record, world: Record, one: int, number: int, other: int) -> bool:
    for begin, end, person, which, whom in world.done.forbid:
        if begin <= world.tick <= end and (person, which) == (state.person[one], number) and whom in (-1, state.person[other]):
            return True
    return False


def forced(state: Record, world: Record, one: int) -> tuple[int, int] | None:
    """Return the move forced upon a place and its target, if there is one and the target is there to meet it."""
    person = state.person[one]
    number, whom = world.done.move[person], world.done.target[person]
    if number < 0:
        return None
    if MOVES[number] in SELF_MOVES:
        return number, one
    met = [place for place in places(state) if place != one and in_office(state, place) and state.person[place] == whom]
    return (number, met[0]) if met else None


def satisfaction(state: Record, world: Record, view: Record, one: int) -> float:
    """Standing, prospect, policy near one's wishes, and how those one cares about stand."""
    setup, person, mind = world.setup, state.person[one], world.mind[one]
    away = sum(
        abs(setup.position[person][issue] - state.policy[issue]) * setup.salience[person][issue] * weight
        for issue, weight in enumerate(setup.issue_weight)
    )
    felt = sum(caring(state, world, one, other) * view.share[one][other] for other in places(state))
    prospect = world.p.foresight * mind.ambition * max(view.prospect[one])
    return view.share[one][one] * (1.0 - view.threat[one]) + prospect + world.p.policy_weight * (1.0 - away) + felt
