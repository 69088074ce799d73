"""What an actor sees before it moves: attractions, contests it can imagine, and what each person's favour is worth."""

from __future__ import annotations

import math
from types import SimpleNamespace as Record

from . import minds
from .farsight import mind, multiple, rule_without
from .perception import visibility
from .state import both_in_office, in_forum, in_office, matrix, note_near, places
from .training import regard


def caring(state: Record, world: Record, one: int, other: int) -> float:
    """Return the weight one puts on the other's payoff; strength as one sees it tells who is behind."""
    if one == other:
        return 0.0
    gap = state.estimate[one][other] - state.estimate[one][one]
    grievance = state.grievance[one][other] * world.on["grievance"]
    behind, ahead = (world.on["empathy"] * weight for weight in regard(world, one, other))
    gratitude = world.on["empathy"] * world.mind[one].reciprocity * state.kindness[one][other]
    return minds.caring(behind, ahead, gratitude - world.mind[one].vengefulness * grievance, gap)


def hostile(state: Record, one: int, other: int) -> float:
    """Return the chance one gives to the other's intent being hostile."""
    return minds.hostile([share[one][other] for share in state.belief])


def seen_ambition(world: Record, one: int, other: int) -> float:
    return world.mind[other].ambition * visibility(world, one, other)


def open_attraction(state: Record, world: Record, one: int, other: int, share: float) -> float:
    """Return a T + c K − d G − e S ambition v: the attraction of one to the other but for what it owes."""
    p, on = world.p, world.on
    warm = p.attraction_trust * state.trust[one][other] + p.attraction_kindness * state.kindness[one][other]
    cold = p.attraction_grievance * state.grievance[one][other] * on["grievance"]
    return warm - cold - p.attraction_balance * on["balancing"] * share * seen_ambition(world, one, other)


def bond(state: Record, world: Record, one: int, other: int) -> float:
    """Return b D: the attraction due to dependence."""
    return world.p.attraction_dependence * state.dependence[one][other]


def look(state: Record, world: Record) -> Record:
    """Return the outlook of everybody on everybody; `contests` holds those of row against column."""
    count = len(state.person)
    seen = [
        [state.estimate[one][other] if in_office(state, one) and in_office(state, other) else 0.0 for other in range(count)]
        for one in range(count)
    ]
    total = [max(sum(row), 1e-6) for row in seen]
    share = [[value / whole for value in row] for row, whole in zip(seen, total, strict=True)]
    view = Record(seen=seen, total=total, share=share)
    view.open = [[open_attraction(state, world, one, other, share[one][other]) for other in range(count)] for one in range(count)]
    view.bond = [[bond(state, world, one, other) for other in range(count)] for one in range(count)]
    view.after = after_falls(state, world)
    view.contests = {
        (one, other): imagine(state, world, view, one, other)
        for one in range(count)
        for other in range(count)
        if both_in_office(state, one, other)
    }
    fear(state, world, view)
    hope(state, world, view)
    value_favours(state, world, view)
    return view


def after_falls(state: Record, world: Record) -> list[list[list[float]]] | None:
    """Return what multiple of its share each keeps if another falls: as somebody sees it, the one who falls, the one concerned."""
    if world.p.farsightedness == 0.0:
        return None
    minds_of = [mind(state, world, one) if in_office(state, one) else None for one in places(state)]
    rules = [[rule_without(world, each, gone) for gone in places(state)] if each else [] for each in minds_of]
    return [[[multiple(rule, who) for who in places(state)] for rule in row] for row in rules]


def imagine(state: Record, world: Record, view: Record, one: int, other: int) -> Record:
    """Return the contest of one against the other as one expects it, over the levels of reasoning."""
    p, precision, depth = world.p, world.precision[one], world.depth[one]
    seen, total = view.seen[one], view.total[one]
    lean = {}
    for third in places(state):
        for_rival = view.open[third][other] + visibility(world, one, other) * view.bond[third][other]
        lean[third] = (1.0 - p.farsightedness) * (view.open[third][one] + view.bond[third][one] - for_rival)
        if view.after is not None:
            lean[third] += p.farsightedness * (view.after[one][other][third] - view.after[one][one][third])
    asked = [third for third in places(state) if third not in (one, other)]
    expected = seen[one]
    for third in asked:
        expected += seen[third] * minds.logistic(precision * lean[third] + state.focus[other])
    pull = (1.0 - p.farsightedness) * p.bandwagon * world.on["bandwagon"] * (2.0 * expected / total - 1.0)
    sides = {}
    for third in places(state):
        first, second = minds.logistic(precision * lean[third]), minds.logistic(precision * (lean[third] + pull))
        sides[third] = 0.5 * depth[0] + depth[1] * first + depth[2] * second
    won = (seen[one] + sum(seen[third] * sides[third] for third in asked)) / total
    variance = sum(seen[third] ** 2 * sides[third] * (1.0 - sides[third]) for third in asked) / total**2
    spread = math.sqrt(variance + 0.02**2)
    wins = minds.logistic(1.702 * (won - p.majority) / spread)
    return Record(sides=sides, share=won, wins=wins, slope=1.702 / spread * wins * (1.0 - wins))


def fear(state: Record, world: Record, view: Record) -> None:
    """hazard_ij = rate · HI_ij · ambition_j v_ij · (1 − P_ij) for those of the forum; the largest is the threat."""
    count = len(state.person)
    view.hostile, view.ambition, view.hazard = matrix(count), matrix(count), matrix(count)
    for (one, other), contest in view.contests.items():
        view.hostile[one][other] = hostile(state, one, other)
        view.ambition[one][other] = seen_ambition(world, one, other)
        rate = world.p.threat_rate * view.hostile[one][other] * view.ambition[one][other]
        view.hazard[one][other] = rate * (1.0 - contest.wins) * in_forum(state, other)
    view.threat = [max(row) for row in view.hazard]
    view.attacker = [at_most(world, row, "likeliest attacker") for row in view.hazard]


def hope(state: Record, world: Record, view: Record) -> None:
    """Prospect = P_ij · spoils · S_ij; the best is the prey."""
    count = len(state.person)
    view.spoil, view.prospect = matrix(count), matrix(count)
    for (one, other), contest in view.contests.items():
        view.spoil[one][other] = world.p.spoils * view.share[one][other]
        view.prospect[one][other] = contest.wins * view.spoil[one][other]
    view.prey = [at_most(world, row, "prey") for row in view.prospect]


def at_most(world: Record, values: list[float], what: str) -> list[int]:
    """Return where the largest of values stands, if it is more than nothing."""
    most = max(values)
    if most <= 0.0:
        return []
    note_near(world, most, (value for value in values if value != most), what)
    return [place for place, value in enumerate(values) if value == most]


def value_favours(state: Record, world: Record, view: Record) -> None:
    """What a unit of attraction of k is worth to i: against the likeliest attacker (hold) and the best prey (reach).

    A unit moves k's side by λ (κ₁ + κ₂) · sides (1 − sides), k's share of strength with it, and the chance to win by `slope`.
    """
    count = len(state.person)
    for name in ("danger", "chase", "fear", "hope", "hold", "reach"):
        setattr(view, name, matrix(count))
    for (one, other), contest in view.contests.items():
        if other in view.attacker[one]:
            rate = world.p.threat_rate * view.hostile[one][other] * view.ambition[one][other]
            view.danger[one][other] = rate * contest.slope
        if other in view.prey[one]:
            view.chase[one][other] = view.spoil[one][other] * contest.slope
    for one, favour in view.contests:
        rivals = [rival for rival in places(state) if (one, rival) in view.contests and rival != favour]
        for rival in rivals:
            side = view.contests[one, rival].sides[favour]
            view.fear[one][favour] += view.danger[one][rival] * side * (1.0 - side)
            view.hope[one][favour] += view.chase[one][rival] * side * (1.0 - side)
        moved = (
            (1.0 - world.p.farsightedness) * world.precision[one] * (world.depth[one][1] + world.depth[one][2]) * view.share[one][favour]
        )
        view.hold[one][favour] = moved * view.share[one][one] * view.fear[one][favour]
        view.reach[one][favour] = moved * world.p.foresight * world.mind[one].ambition * view.hope[one][favour]


def stake(world: Record, view: Record, one: int, other: int) -> float:
    """Return what a unit of share on one's side against the other is worth, if the other is attacker or prey."""
    drive = world.p.foresight * world.mind[one].ambition
    return view.share[one][one] * view.danger[one][other] + drive * view.chase[one][other]


def strongest(world: Record, view: Record, one: int) -> list[int]:
    """Return whom one takes for the strongest of the others."""
    rivals = [0.0] * len(view.total)
    for (row, other), _ in view.contests.items():
        if row == one:
            rivals[other] = view.seen[one][other]
    return at_most(world, rivals, "strongest rival")
