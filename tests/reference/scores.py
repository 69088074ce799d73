"""What each of the ten moves is thought to be worth to one actor, aimed at one other."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import SimpleNamespace as Record
from typing import NamedTuple

from virtu.scenario.vocabulary import Status

from . import welfare
from .minds import logistic
from .outlook import caring, stake, strongest
from .state import both_in_office, free_dependence, note_near, places, standing, status_of


class Score(NamedTuple):
    """Change of own and of the other's payoff, dread of the means, standard deviation, and the chance it comes from."""

    own: float
    other: float = 0.0
    dread: float = 0.0
    spread: float = 0.0
    chance: float = 0.5


class Case(NamedTuple):
    """Who thinks of moving against or for whom, and all it has to go by."""

    state: Record
    world: Record
    view: Record
    one: int
    other: int

    @property
    def p(self) -> Record:
        return self.world.p


def worth(case: Case, of: int) -> float:
    """Return what a unit of somebody's attraction is worth."""
    return case.view.hold[case.one][of] + case.view.reach[case.one][of]


def credence(case: Case, listener: int) -> float:
    """Return how far a listener believes the actor, c = (1 + T)/2."""
    if not both_in_office(case.state, listener, case.one):
        return 0.0
    return (1.0 + case.state.trust[listener][case.one]) / 2.0


def audience(case: Case) -> float:
    """Return what it is worth that all others turn from the target as far as they believe the actor."""
    found = 0.0
    for listener in places(case.state):
        if case.other in case.view.attacker[case.one]:
            found += case.view.hold[case.one][listener] * credence(case, listener)
        if case.other in case.view.prey[case.one]:
            found += case.view.reach[case.one][listener] * credence(case, listener)
    return found


def deserted(case: Case) -> float:
    """Return what the target loses if all others turn from it by a unit as far as they believe the actor."""
    found = 0.0
    for listener in places(case.state):
        if both_in_office(case.state, listener, case.other):
            found += credence(case, listener) * welfare.loss_of_favour(case.world, case.view, case.one, case.other, listener)
    return found


def focused(case: Case) -> float:
    """Return by how much a public statement moves the share that turns on its target: only level 2 sees it, by κ₂ λ β · 2 · ¼²."""
    world, one = case.world, case.one
    moved = world.depth[one][2] * world.precision[one] * case.p.bandwagon * world.on["bandwagon"] * 2.0 / 16.0
    return (1.0 - case.p.farsightedness) * case.p.praise_focus * (1.0 - case.state.trust[one][case.other]) / 2.0 * moved


def focal_worth(case: Case) -> float:
    """Return what it is worth to make the target the focal point."""
    return focused(case) * stake(case.world, case.view, case.one, case.other)


def focal_harm(case: Case) -> float:
    """Return what it costs the target to be made the focal point."""
    return focused(case) * welfare.loss_of_focus(case.view, case.one, case.other)


def dread(case: Case, amount: float) -> float:
    return amount * (1.0 - case.world.mind[case.one].nerve) * case.world.on["dread"]


def resentment(case: Case) -> float:
    """Return what the target's grievance, as far as intent is half believed, and its lost trust cost."""
    push = case.p.attraction_grievance * case.p.grievance_gain * 0.5 + case.p.attraction_trust
    return worth(case, case.other) * push * case.p.hostile_value


def warming(case: Case) -> float:
    """Return the attraction won by the trust of cultivating the target."""
    return case.p.attraction_trust * case.p.cultivate_gain * (1.0 - case.state.trust[case.other][case.one])


def bide(case: Case) -> Score:
    return Score(case.p.effort)


def cultivate(case: Case) -> Score:
    p = case.p
    grateful = p.attraction_kindness * p.kindness_gain * p.kind_value
    return Score(worth(case, case.other) * (warming(case) + grateful))


def praise(case: Case) -> Score:
    p, view, world = case.p, case.view, case.world
    share = view.share[case.one][case.other]
    alarm = p.attraction_balance * world.on["balancing"] * view.ambition[case.one][case.other] * share * (1.0 - share) * p.praise_gain
    pleasure = worth(case, case.other) * warming(case) * (1.0 - world.attention[case.other])
    return Score(alarm * audience(case) + pleasure + focal_worth(case), -alarm * deserted(case) - focal_harm(case))


def denounce(case: Case) -> Score:
    p = case.p
    lost = p.attraction_trust * p.denounce_trust
    favour = sum(worth(case, ruler) for ruler in strongest(case.world, case.view, case.one))
    shown = lost * case.view.hostile[case.one][case.other] * favour
    value = lost * audience(case) + shown + focal_worth(case) - resentment(case)
    return Score(value, -lost * deserted(case) - focal_harm(case), dread(case, p.dread_denounce))


def obstruct(case: Case) -> Score:
    p, view, one, other = case.p, case.view, case.one, case.other
    lost = p.obstruct_harm * case.state.merit[other] / view.total[one]
    easier = stake(case.world, view, one, other) * view.contests[one, other].share
    value = lost * (easier + view.share[one][one]) - resentment(case) * case.world.attention[other]
    return Score(value, -lost * welfare.gain_of_strength(case.state, case.world, view, one, other), dread(case, p.dread_obstruct))


def shun(case: Case) -> Score:
    p = case.p
    lost = p.attraction_trust * p.shun_harm
    return Score(lost * audience(case) - resentment(case), -lost * deserted(case), dread(case, p.dread_shun))


def binding(case: Case, share: float, benefit: float) -> float:
    """Return what a share of the target's free dependence and its gratitude for a benefit are worth."""
    p, view = case.p, case.view
    bound = share * free_dependence(case.state, case.other)
    seats = standing(case.world.setup, case.state)[case.other].weight / view.total[case.one]
    drawn = p.attraction_dependence * bound + p.attraction_kindness * p.kindness_gain * benefit
    return bound * seats + worth(case, case.other) * drawn


def rescue(case: Case) -> Score | None:
    p, state, weight = case.p, case.state, case.world.setup.seat_weight
    own, status = case.view.share[case.one][case.one], status_of(state, case.other)
    note_near(case.world, own, [p.rescue_share], "able to rescue")
    if own < p.rescue_share or not state.fallen[state.person[case.other]] or status not in (Status.CANDIDATE, Status.OFFICE):
        return None
    raised = (weight[status - 1] - weight[status]) / case.view.total[case.one]
    gained = raised * welfare.gain_of_strength(state, case.world, case.view, case.one, case.other)
    return Score(binding(case, p.rescue_dependence, p.rescue_value), gained)


def protect(case: Case) -> Score:
    p, price = case.p, 0.0
    rulers = strongest(case.world, case.view, case.one)
    disliked = sum(max(-case.state.trust[ruler][case.other], 0.0) for ruler in rulers)
    for ruler in rulers:
        price += worth(case, ruler) * p.attraction_trust * p.shun_harm * disliked
    return Score(binding(case, p.protect_dependence, p.kind_value) - price, welfare.gain_of_shelter(case.view, case.one, case.other))


def threaten_to_resign(case: Case) -> Score:
    state, world, view, one, p = case.state, case.world, case.view, case.one, case.p
    asked = [third for third in places(state) if both_in_office(state, one, third)]
    yes = {third: logistic(world.precision[one] * (view.open[third][one] + view.bond[third][one] + p.resign_default)) for third in asked}
    weight = {third: view.seen[one][third] for third in asked}
    total = max(sum(weight.values()), 1e-6)
    share = sum(weight[third] * yes[third] for third in asked) / total
    doubt = math.sqrt(sum(weight[third] ** 2 * yes[third] * (1.0 - yes[third]) for third in asked)) / total
    kept = logistic(1.702 * (share - p.majority) / (doubt + 0.02))
    committed = 0.0
    for third in asked:
        trust = 0.5 * p.cultivate_gain * (1.0 - state.trust[third][one])
        committed += worth(case, third) * yes[third] * trust * p.attraction_trust
    raised = p.resign_standing * (2.0 * share - 1.0) / view.total[one]
    lost = standing(world.setup, state)[one].weight / view.total[one]
    spread = math.sqrt(kept * (1.0 - kept)) * (committed + raised + lost)
    return Score(kept * (committed + raised) - (1.0 - kept) * lost, spread=spread, chance=kept)


def distance(case: Case, one: int, other: int) -> float:
    """Return how far one's positions are from another's, by the first one's salience and by the issues' chances."""
    setup, one, other = case.world.setup, case.state.person[one], case.state.person[other]
    return sum(
        weight * abs(setup.position[one][issue] - setup.position[other][issue]) * setup.salience[one][issue]
        for issue, weight in enumerate(setup.issue_weight)
    )


def strike(case: Case) -> Score:
    p, view, one, other = case.p, case.view, case.one, case.other
    wins, own, share = view.contests[one, other].wins, view.share[one][one], view.share[one][other]
    relief = own * view.hazard[one][other] if other in view.attacker[one] else 0.0
    gain = (1.0 - p.farsightedness) * (view.spoil[one][other] + relief + p.policy_weight * share * distance(case, one, other))
    if view.after is not None:
        gain += p.farsightedness * own * (view.after[one][other][one] - 1.0)
    loss = own * (1.0 - view.threat[one])
    spread = math.sqrt(wins * (1.0 - wins)) * abs(gain + loss)
    harm = welfare.gain_of_strike(case.world, view, one, other, distance(case, other, one))
    return Score(wins * gain - (1.0 - wins) * loss, harm, dread(case, p.dread_strike), spread, wins)


MOVES: tuple[Callable[[Case], Score | None], ...] = (
    bide,
    cultivate,
    praise,
    denounce,
    obstruct,
    shun,
    rescue,
    protect,
    threaten_to_resign,
    strike,
)
ALONE = (bide, threaten_to_resign)


def value(case: Case, kind: Callable[[Case], Score | None]) -> float | None:
    """Return (1 − w) (own − effort) + w other − dread − φ (1 − ν)(1 + threat) · SD, or None where the move cannot be made."""
    if (case.one == case.other) != (kind in ALONE):
        return None
    if kind not in ALONE and not both_in_office(case.state, case.one, case.other):
        return None
    score = kind(case)
    if score is None:
        return None
    w = caring(case.state, case.world, case.one, case.other)
    payoff = (1.0 - w) * (score.own - case.p.effort) + w * score.other
    risk = case.p.risk_aversion * (1.0 - case.world.mind[case.one].nerve) * (1.0 + case.view.threat[case.one])
    return payoff - score.dread - risk * score.spread
