"""One tick of the street in plain numpy and loops, in double precision, for one history; from the equations in the docstrings of phases."""

from __future__ import annotations

import math
from types import SimpleNamespace as Record
from typing import Any

import numpy as np
from scipy.stats import norm

from virtu.scenario.street_vocabulary import STREET_MECHANISMS, StreetParameters
from virtu.scenario.vocabulary import Traits
from virtu.street.state import NOBODY, Agenda, Setup, State

from .chance import Words, gumbel, normals, pair_slot, uniforms
from .counts import binomial, poisson
from .minds import attention, caring, clip, depth_weights, hostile, logistic, normalised, prior, seen_act

NOTED = ("seen_radical", "seen_mean", "coverage", "incidents", "shots", "killed", "injured", "victims", "judged", "felt")


def plain(tree: Setup | State | Agenda, history: int) -> Record:
    """Return one history of a named tuple of arrays with histories last, in double precision; an axis of 1 is everybody's."""
    parts = {}
    for name, part in tree._asdict().items():
        one = np.asarray(part) if name in {"quantile", "member_belief"} else np.asarray(part)[..., history if part.shape[-1] > 1 else 0]
        parts[name] = one.astype(float) if one.dtype == np.float32 else one.copy()
    return Record(**parts)


class World:
    """What surrounds one history at a tick."""

    def __init__(self, setup: Record, traits: np.ndarray, believed: np.ndarray, done: Record, key: Words, now: int) -> None:
        self.setup, self.done, self.key, self.now, self.near = setup, done, key, now, list[str]()
        self.p = StreetParameters(*done.parameter.tolist())
        self.on = dict(zip(STREET_MECHANISMS, done.mechanism.tolist(), strict=True))
        people = np.where(np.isnan(done.trait), traits, done.trait)
        self.leader = [Record(**dict(zip(Traits._fields, people[:, person].tolist(), strict=True))) for person in setup.leader]
        self.member = [Record(**dict(zip(Traits._fields, people[:, person].tolist(), strict=True))) for person in setup.member]
        self.believed = believed
        self.camps, self.cells = range(len(setup.camp_slot)), range(len(setup.cell_slot))
        self.slot = [int(code) for code in setup.camp_slot]
        self.tactic = [int(one if one >= 0 else other) for one, other in zip(done.tactic, setup.tactic, strict=True)]
        self.flank = [0.0 if code == 1 else 1.0 for code in done.flank]
        self.distinct = [float({2: 1.0, 3: 0.0}.get(int(code), float(setup.distinct[f]))) for f, code in enumerate(done.flank)]

    def rivals(self, camp: int) -> list[int]:
        """Return the other camps."""
        return [other for other in self.camps if other != camp]


def tick(world: World, state: Record) -> Record:
    """Change the state by a tick and return the notes."""
    info = Record(**{name: np.zeros(len(world.camps)) for name in NOTED}, answer=NOBODY, victims_state=0.0, killed_state=0.0)
    forced = world.done.repress
    state.repression = np.where(np.isnan(forced), state.repression, forced)
    for phase in (media, perception, camps, activation, incidents, public, elite, felt):
        phase(state, info, world)
    return info


def power_of(mean: float, spread: float, power: float) -> float:
    return mean**power * math.exp(power * (power - 1.0) * spread**2 / 2.0)


def media(state: Record, info: Record, world: World) -> None:
    p = world.p
    eta = p.media_selection * world.on["media_selection"]
    info.share = np.array([[1.0 - x * flank, x * flank] for x, flank in zip(state.radical, world.flank, strict=True)])
    info.mean = (info.share * state.intensity).sum(axis=1)
    for f in world.camps:
        loud = [1.0, 1.0 + p.opposition_shown * world.done.oppose[f]]
        weight = [info.share[f, w] * loud[w] * power_of(state.intensity[f, w], p.intensity_spread, eta) for w in (0, 1)]
        seen = [info.share[f, w] * loud[w] * power_of(state.intensity[f, w], p.intensity_spread, 1.0 + eta) for w in (0, 1)]
        if sum(weight) > 0.0:
            info.seen_mean[f], info.seen_radical[f] = sum(seen) / sum(weight), weight[1] / sum(weight)
        if state.shown.sum() > 0.0:
            info.coverage[f] = state.shown[f] / state.shown.sum()


def perception(state: Record, info: Record, world: World) -> None:
    p = world.p
    for f in world.camps:
        mind, thinks = world.leader[f], world.on["theory_of_mind"]
        sees = attention(depth_weights(mind.theory_of_mind_depth * thinks), mind.theory_of_mind_precision * thinks)
        for g in world.camps:
            if f == g or not world.on["misperception"]:
                state.estimate[f, g] = info.mean[g]
                continue
            error, _ = normals(world.key, "street estimate", world.now, pair_slot(world.slot[f], world.slot[g]))
            ratio = info.seen_mean[g] / info.mean[g] if info.mean[g] > 0.0 and info.seen_mean[g] > 0.0 else 1.0
            fresh = info.mean[g] * ratio ** (1.0 - sees) * math.exp(p.perception_noise * error)
            estimate = p.perception_memory * state.estimate[f, g] + (1.0 - p.perception_memory) * fresh
            state.estimate[f, g] = estimate + world.done.correct[f] * (info.mean[g] - estimate)


def fear(state: Record, world: World, f: int) -> float:
    return sum(world.setup.reach[f, g] * state.estimate[f, g] for g in world.camps)


def care(state: Record, world: World, f: int) -> float:
    total = 0.0
    for g in world.rivals(f):
        done_to, mind = state.harm[g, f], world.leader[f]
        ledger = hostile(state.belief[:, f, g].tolist()) * done_to / (1.0 + done_to)
        gap = state.victims[f] - state.victims[g]
        total += max(caring(mind.empathy_behind, mind.empathy_ahead, -mind.vengefulness * ledger, gap), 0.0)
    return total / len(world.rivals(f)) * world.on["empathy"]


def camps(state: Record, info: Record, world: World) -> None:
    p, on, setup = world.p, world.on, world.setup
    for f in world.camps:
        grievance = setup.grievance[f] * (1.0 - p.relief * state.concession * on["concession"])
        drive = p.reaction * fear(state, world, f) + grievance
        drive += p.victim_anger * on["victim_anger"] * math.log(1.0 + state.victims[f])
        harmed = math.log(1.0 + state.harm[f].sum() + state.harm_others[f])
        fatigue = p.fatigue + p.restraint * care(state, world, f) * harmed + p.repression_calm * state.repression[f] * on["repression"]
        for w in (0, 1):
            ratio = setup.intensity[f, w] / setup.intensity[f, 0] if setup.intensity[f, 0] > 0.0 else 1.0
            v = state.intensity[f, w]
            moved = max(p.ratchet * on["ratchet"] * state.peak[f, w], 0.0, v + p.adjustment * (ratio * drive - fatigue * v))
            state.ran_away = state.ran_away or moved >= p.ceiling
            state.intensity[f, w] = min(moved, p.ceiling)
            state.peak[f, w] = max(state.peak[f, w], state.intensity[f, w])
        x = state.radical[f]
        change = p.recruitment * x * (1.0 - x) * info.seen_radical[f] - p.leaving * x - p.sanction * world.done.oppose[f] * x
        state.radical[f] = clip(x + change * on["recruitment"], 0.0, 1.0)


def willing(a: float, push: float, risk: float, threshold: float) -> float:
    """Return (a/P)[S(u) − S(u − P/a)], S(u) = 0, u²/2, u − ½, or its limit, u kept within 0 and 1."""
    u = (a - threshold + push) / a
    if risk / a < 1e-9:
        return clip(u, 0.0, 1.0)

    def area(x: float) -> float:
        return 0.0 if x < 0.0 else x * x / 2.0 if x < 1.0 else x - 0.5

    return a / risk * (area(u) - area(u - risk / a))


def following(state: Record, world: World, c: int) -> np.ndarray:
    return np.asarray(world.setup.group_share[c] @ state.support[c])


def activation(state: Record, info: Record, world: World) -> None:
    p, on, setup = world.p, world.on, world.setup
    before, dread = state.active.copy(), p.jail_term**p.jail_dread
    lacking = 1.0 - clip(state.legitimacy + world.done.shock[2], 0.0, 1.0)
    for c in world.cells:
        people = setup.people * setup.cell_share[c]
        seen, back = min(p.sight, people), following(state, world, c)
        a = max(clip(lacking * (0.5 + clip(setup.hardship[c] + world.done.shock[0], 0.0, 1.5)), 0.0, 2.0), 1e-6)
        for f in world.camps:
            police = seen * setup.police * setup.police_factor[c] * (1.0 + p.repression_police * state.repression[f] * on["repression"])
            ratio = police / (1.0 + before[c].sum() / max(people, 1.0) * seen)
            ratio = {0.0: ratio, 1.0: math.floor(ratio), 2.0: math.floor(ratio + 0.5)}[p.police_rounding]
            risk = (1.0 - math.exp(-p.arrest_constant * ratio)) * on["deterrence"]
            push = p.threat_push * on["threat"] * fear(state, world, f) + p.affinity_push * on["affinity"] * back[f]
            push += p.crowd_push * min(before[c, f].sum() / max(people * back[f], 1.0), 1.0)
            out = [0.0, p.turnout_nonviolent, p.turnout_confrontational, p.turnout_violent][world.tactic[f]]
            ready = willing(a, push, risk * dread, p.threshold) * out
            caught = clip(p.arrest_rate * risk * on["jail"], 0.0, 1.0)
            for w in (0, 1):
                wing = 1.0 - state.radical[f] * world.flank[f] if w == 0 else state.radical[f] * world.flank[f]
                slot = pair_slot(int(setup.cell_slot[c]), pair_slot(world.slot[f], w))
                first, second = uniforms(world.key, "street activation", world.now, slot)
                pool = max(people * back[f] * wing - state.jailed[c, f, w], 0.0)
                state.active[c, f, w] = binomial(first, pool, ready, world.near)
                arrested = binomial(second, state.active[c, f, w], caught, world.near)
                state.jailed[c, f, w] = state.jailed[c, f, w] * (1.0 - 1.0 / p.jail_term) + arrested


def median_severity(state: Record, info: Record, world: World, f: int) -> float:
    p = world.p
    total = (info.share[f] * state.intensity[f]).sum()
    acts = (info.share[f] * state.intensity[f] ** 2).sum() / total if total > 0.0 else 0.0
    return p.severity_median * [1.0, p.severity_nonviolent, 1.0, p.severity_violent][world.tactic[f]] * acts


def above(median: float, limit: float, sd: float) -> float:
    return float(norm.cdf(math.log(max(median, 1e-30) / limit) / max(sd, 1e-6)))


def fires(state: Record, info: Record, world: World, f: int) -> bool:
    p, nerve = world.p, world.leader[f].nerve
    seen = [
        hostile(state.belief[:, f, g].tolist()) * state.estimate[f, g] / max(state.estimate[f, g] + info.mean[f], 1e-30)
        for g in world.camps
        if world.setup.reach[f, g] > 0.0
    ]
    threat = p.threat_rate * max(seen, default=0.0)
    precision = p.shot_precision * (nerve + 1e-3) / (nerve + 1e-3 + threat)
    chance = logistic(precision * (threat - p.dread_shot * (1.0 - nerve)))
    lot = uniforms(world.key, "street shots", world.now, world.slot[f])[0]
    if abs(lot - chance) < 1e-5:
        world.near.append("first shot")
    return bool(state.fired[f]) or lot < chance or not world.on["hesitation"]


def incidents(state: Record, info: Record, world: World) -> None:
    p, on, setup, count = world.p, world.on, world.setup, len(world.camps)
    present = state.active.sum(axis=(0, 2)) / setup.people
    share = 1.0 - 0.5 ** (setup.tick_days / p.half_life)
    rates, hurt, fired = [0.0, p.rate_nonviolent, p.rate_confrontational, p.rate_violent], np.zeros(count), state.fired.copy()
    for f in world.camps:
        mean = setup.background[f] * rates[world.tactic[f]] * present[f] / p.turnout_reference
        mean += share * state.children[f] * on["excitation"]
        lots = uniforms(world.key, "street incidents", world.now, world.slot[f])
        info.incidents[f] = poisson(lots[0], mean, world.near)
        could = binomial(
            lots[1], info.incidents[f], above(median_severity(state, info, world, f), p.shot_severity, p.severity_log_sd), world.near
        )
        lots = uniforms(world.key, "street repression", world.now, world.slot[f])
        force = state.repression[f] * on["repression"] * p.repression_victims
        hurt[f] = poisson(lots[0], force * state.active[:, f].sum(), world.near)
        info.killed_state += binomial(lots[1], hurt[f], p.repression_deaths, world.near)
        info.shots[f] = could if fires(state, info, world, f) else 0.0
        fired[f] = state.fired[f] or info.shots[f] > 0
    state.children = state.children * (1.0 - share) + setup.branching @ info.incidents
    state.fired, info.victims_state = fired, hurt.sum()
    count_victims(state, info, world, present, hurt)


def count_victims(state: Record, info: Record, world: World, present: np.ndarray, hurt: np.ndarray) -> None:
    p, count = world.p, len(world.camps)
    scale = 1.0 / max(p.victims_rivals + p.victims_state, 1.0)
    both = np.zeros((count, count + 2))
    for f in world.camps:
        there = {g: present[g] + 1e-9 for g in world.rivals(f)}
        split = [p.victims_rivals * scale * there.get(g, 0.0) / sum(there.values()) for g in world.camps]
        split += [p.victims_state * scale, 1.0 - p.victims_rivals * scale - p.victims_state * scale]
        severe = above(median_severity(state, info, world, f), p.injury_severity, p.severity_log_sd)
        for at, part in enumerate(split):
            slot = pair_slot(world.slot[f], world.slot[at] if at < count else at - count)
            lots = uniforms(world.key, "street victims", world.now, slot)
            killed = poisson(lots[0], info.shots[f] * p.lethality * part, world.near)
            injured = poisson(lots[1], info.incidents[f] * severe * p.injury_rate * part, world.near)
            info.killed[f], info.injured[f], both[f, at] = info.killed[f] + killed, info.injured[f] + injured, killed + injured
    info.victims = both[:, :count].sum(axis=0) + hurt
    state.victims = p.victim_memory * state.victims + info.victims
    state.harm = p.victim_memory * state.harm + both[:, :count]
    state.harm_others = p.victim_memory * state.harm_others + both[:, count:].sum(axis=1)
    for f in world.camps:
        mind = world.leader[f]
        for g in world.camps:
            base = prior(mind.suspicion)
            faded = [b + mind.belief_retention * (x - b) for b, x in zip(base, state.belief[:, f, g], strict=True)]
            state.belief[:, f, g] = normalised(seen_act(faded, -math.log(1.0 + both[g, f]), p.evidence, mind.rigidity))


def saturating(amount: float, scale: float) -> float:
    return 1.0 - math.exp(-amount / scale)


def lost(level: float, rate: float, harm: float, recovery: float, start: float) -> float:
    return clip(level - rate * level * harm + recovery * (start - level), 0.0, 1.0)


def public(state: Record, info: Record, world: World) -> None:
    p, on, setup = world.p, world.on, world.setup
    eta, psi = p.media_selection * on["media_selection"], p.backlash * on["backlash"]
    shown = np.zeros(len(world.camps))
    for f in world.camps:
        mean = median_severity(state, info, world, f) * math.exp(p.severity_log_sd**2 / 2.0)
        shown[f] = info.incidents[f] * mean * math.exp(eta * p.severity_log_sd**2)
        for w, part in enumerate((1.0 - info.seen_radical[f], info.seen_radical[f])):
            harm = saturating(shown[f] * part, p.violence_scale)
            rest = setup.reasonableness[f, 0] * (p.radical_reason if w else 1.0)
            state.reason[f, w] = lost(state.reason[f, w], psi, harm, p.reason_recovery, rest)
        state.shown[f] = shown[f] + p.protest_shown * state.active[:, f].sum() / setup.people
        state.attention[f] += p.attention_rate * (saturating(state.shown[f], p.attention_scale) - state.attention[f])
        pull = world.distinct[f] * p.contrast - (1.0 - world.distinct[f]) * p.contamination
        gap = state.reason[f, 0] - state.reason[f, 1]
        info.judged[f] = state.reason[f, 0] + pull * info.seen_radical[f] * on["flank"] * gap
    blood = saturating(info.victims_state, p.bloodshed_scale)
    state.state_reason = lost(state.state_reason, psi, blood, p.reason_recovery, setup.state_reasonableness)
    state.disorder += p.disorder_rate * (saturating(shown.sum(), p.disorder_scale) - state.disorder)
    worse = p.legitimacy_repression * blood + p.legitimacy_disorder * clip(state.disorder + world.done.shock[1], 0.0, 1.0)
    state.legitimacy = lost(state.legitimacy, 1.0, worse, p.legitimacy_recovery, setup.legitimacy)
    opinion(state, info, world)


def profiles(world: World) -> list[list[float]]:
    """Return whom core, leaning and undecided of each camp support as long as nothing is shown."""
    p, count = world.p, len(world.camps)
    rest = max(1.0 - p.undecided_state - p.undecided_abstain - p.undecided_outsider, 0.0)
    outsider = p.undecided_outsider if world.setup.outsider == count + 1 else 0.0
    plain = [rest / count] * count + [p.undecided_state, outsider, p.undecided_abstain]
    plain = [one / sum(plain) for one in plain]
    rows = []
    for loyal in (p.core_loyalty, p.leaning_loyalty):
        for f in world.camps:
            left = sum(plain) - plain[f]
            rows.append([loyal if o == f else (1.0 - loyal) * one / left for o, one in enumerate(plain)])
    return [*rows, plain]


def opinion(state: Record, info: Record, world: World) -> None:
    p, on, setup, count = world.p, world.on, world.setup, len(world.camps)
    upset = clip(state.disorder + world.done.shock[1], 0.0, 1.0)
    law = clip(state.legitimacy + world.done.shock[2], 0.0, 1.0)
    base = profiles(world)
    for c in world.cells:
        worth = np.array([p.order_weight * on["order"] * promise * upset for promise in setup.promise])
        for f in world.camps:
            worth[f] += p.reason_weight * (info.judged[f] - setup.judged[f])
            worth[f] += p.cause_weight * on["cause"] * setup.cause[c, f] * state.attention[f]
        worth[count] += p.reason_weight * (state.state_reason - setup.state_reasonableness) + p.legitimacy_weight * (law - setup.legitimacy)
        harder = clip(setup.hardship[c] + world.done.shock[0], 0.0, 1.5) - setup.hardship[c]
        worth[count] -= p.blame_weight * on["blame"] * harder
        for g, row in enumerate(base):
            mine = worth.copy()
            if g < 2 * count:
                knows = (p.core_acquaintance if g < count else p.leaning_acquaintance) * on["acquaintance"]
                mine[g % count] -= knows * p.reason_weight * (info.judged[g % count] - setup.judged[g % count])
            weight = np.array(row) * np.exp(mine)
            state.support[c, g] += p.opinion_rate * (weight / weight.sum() - state.support[c, g])


def values(world: World, frequency: float, revolt: float) -> list[float]:
    """Return what ignoring, conceding and repressing leave the elite."""
    p, setup = world.p, world.setup
    theta, delta, short = setup.inequality, setup.elite_share, setup.inequality - setup.destruction
    weight, gap, c = 1.0 - p.patience * (1.0 - frequency), theta - delta, p.waste
    best = min(gap / ((1.0 - delta) * c), 1.0)

    def gain(tau: float) -> float:
        return tau * gap - (1.0 - delta) * c * tau**2 / 2.0

    def loss(tau: float) -> float:
        return tau * gap + delta * c * tau**2 / 2.0

    danger, enough = revolt if short > 0.0 else 0.0, short <= weight * gain(best)
    rate = best
    if enough:
        low, high = 0.0, best
        for _ in range(100):
            middle = (low + high) / 2.0
            low, high = (low, middle) if weight * gain(middle) >= short else (middle, high)
        rate = high
    now = (theta - weight * loss(rate)) * (1.0 if enough else 1.0 - danger)
    good = (theta - loss(best)) * (1.0 if short <= gain(best) else 1.0 - danger)
    return [theta * (1.0 - danger), max(now, good), theta * (1.0 - weight * p.repression_cost)]


def chance_to_win(world: World, there: float, militancy: float) -> float:
    p = world.p
    counted = there * (1.0 + p.militancy * militancy)
    if counted <= 0.0:
        return 0.0
    return logistic(p.revolt_slope * math.log(max(counted, 1e-9) / max(world.setup.police, 1e-9) / p.revolt_ratio))


def answer(state: Record, world: World, revolt: float) -> int:
    p, setup, count = world.p, world.setup, len(world.camps)
    if world.now % round(p.elite_interval) or state.ruler > 1:
        return NOBODY
    possible = setup.outsider >= 0 and state.ruler == 0
    given = int(world.done.answer)
    if given < 0:
        if not world.on["elite"] or not world.member:
            return NOBODY
        worth, say, before = values(world, state.threat, revolt), uniforms(world.key, "street say", 0, 0)[0], 0.0
        support = np.sum([setup.cell_share[c] * following(state, world, c) for c in world.cells], axis=0)
        backing = support[setup.outsider] if setup.outsider >= 0 else 0.0
        assert len(support) == count + 3
        for m, mind in enumerate(world.member):
            sure = world.believed[m] if world.on["overconfidence"] else setup.containability
            bargain = worth[0] + backing * p.bargain_gain - (1.0 - sure) * p.bargain_loss
            precision = p.elite_precision * (mind.nerve + 1e-3) / (mind.nerve + 1e-3 + revolt)
            drawn = [gumbel(world.key, "street tastes", 0, pair_slot(int(setup.member_slot[m]), answer)) for answer in range(4)]
            wish = precision * np.array([*worth, bargain if possible else -1e30]) + drawn
            if before <= say < before + setup.member_weight[m]:
                given = int(wish.argmax())
                if np.diff(np.sort(wish))[-1] < 1e-3:
                    world.near.append("council")
            before += setup.member_weight[m]
    return 0 if given == 3 and not possible else given


def elite(state: Record, info: Record, world: World) -> None:
    p, setup = world.p, world.setup
    there = state.active.sum(axis=(0, 2)) / setup.people
    seen = [there[f] * (1.0 + p.militancy * info.seen_mean[f]) for f in world.camps]
    revolt = max(chance_to_win(world, there[f], info.seen_mean[f]) for f in world.camps)
    state.threat = p.threat_memory * state.threat + (1.0 - p.threat_memory) * revolt
    info.answer = answer(state, world, revolt)
    state.concession *= 1.0 - p.concession_fade
    state.repression = state.repression * (1.0 - p.repression_fade)
    if info.answer == 1:
        state.concession += p.concession_step * (1.0 - state.concession)
        state.legitimacy += p.legitimacy_concession * (1.0 - state.legitimacy)
    if info.answer == 2:
        most = int(np.argmax(seen))
        state.repression[most] += p.repression_step * (1.0 - state.repression[most])
    if info.answer == 3:
        state.ruler = 1 if uniforms(world.key, "street council", world.now, 0)[1] < setup.containability else 2
    win = [chance_to_win(world, there[f], float((info.share[f] * state.intensity[f]).sum())) for f in world.camps]
    lots = [uniforms(world.key, "street revolt", world.now, world.slot[f])[0] for f in world.camps]
    risen = [f for f in world.camps if lots[f] < p.revolt_rate * win[f] * world.on["revolt"] and state.ruler <= 1]
    if risen:
        state.ruler = 3 + max(risen, key=lambda f: win[f])


def felt(state: Record, info: Record, world: World) -> None:
    p = world.p
    there = state.active.sum(axis=(0, 2)) / world.setup.people
    for f in world.camps:
        total = sum(state.estimate[f, g] * there[g] for g in world.camps)
        share = state.estimate[f, f] * there[f] / total if total > 0.0 else 0.0
        seen = p.felt_coverage * info.coverage[f] + (1.0 - p.felt_coverage) * share
        info.felt[f] = seen - p.felt_cost * math.log(1.0 + state.victims[f])


def agrees(found: Any, expected: Any, tolerance: float) -> bool:
    """Return whether two parts are the same, floating numbers to a tolerance."""
    one, other = np.asarray(found, float), np.asarray(expected, float)
    return one.shape == other.shape and bool(np.all(np.abs(one - other) <= tolerance * np.maximum(1.0, np.abs(other))))
