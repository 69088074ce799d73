"""Phase 9: results and blame, evidence of intent, grievance and kindness, trust drawn back, focal points fading."""

from __future__ import annotations

import math
from types import SimpleNamespace as Record

from . import minds
from .chance import normals
from .outlook import caring
from .state import both_in_office, in_office, places, standing


def remember(state: Record, info: Record, world: Record) -> None:
    disappointment = result(state, info, world)
    for one in places(state):
        for other in places(state):
            remember_pair(state, info, world, one, other, disappointment)
    for place in places(state):
        state.focus[place] *= 1.0 - world.p.focus_decay
    info.insight = [insight(state, world, place) for place in places(state)]


def insight(state: Record, world: Record, one: int) -> float:
    """Return the mean logarithm of the chance that a place gives to whether each of the others is an enemy, in bits."""
    bits = []
    for other in places(state):
        if both_in_office(state, one, other):
            hostile = minds.hostile([share[one][other] for share in state.belief])
            chance = hostile if caring(state, world, other, one) < 0.0 else 1.0 - hostile
            bits.append(math.log2(max(chance, 1e-6)))
    return sum(bits) / max(len(bits), 1)


def result(state: Record, info: Record, world: Record) -> float:
    """Return by how much the result, mean competence of all seats by their strength, falls short of what was expected."""
    setup, p = world.setup, world.p
    weight = [each.weight for each in standing(setup, state)]
    quality = sum(weight[place] * world.mind[place].competence for place in places(state))
    quality += sum(strength * skill for strength, skill in zip(setup.outer_weight, state.skill, strict=True))
    noise, _ = normals(world.key, "result", world.tick, 0)
    info.result = quality / max(sum(weight) + sum(setup.outer_weight), 1e-6) + p.result_noise * noise + p.result_shock
    disappointment = max(state.expected_result - info.result, 0.0)
    state.expected_result = p.result_memory * state.expected_result + (1.0 - p.result_memory) * info.result
    return disappointment


def remember_pair(state: Record, info: Record, world: Record, one: int, other: int, disappointment: float) -> None:
    """Blame, then evidence, then fading; only then the ledgers, and trust by the ledgers of before."""
    p, mind, on = world.p, world.mind[one], world.on
    together = both_in_office(state, one, other)
    belief = [share[one][other] for share in state.belief]
    if together:
        seen = sum(state.estimate[one][place] for place in places(state) if place != one and in_office(state, place))
        responsibility = state.estimate[one][other] / max(seen, 1e-6)
        belief = minds.shifted(belief, p.blame * on["blame"] * disappointment * mind.conviction * responsibility)
        belief = minds.seen_act(belief, info.benefit[one][other] - info.harm[one][other], p.evidence, mind.rigidity)
    prior = minds.prior(mind.suspicion)
    belief = [base + mind.belief_retention * (share - base) for share, base in zip(belief, prior, strict=True)]
    for intent, share in enumerate(belief):
        state.belief[intent][one][other] = share
    ledgers = (state.trust, state.grievance, state.kindness)
    if not together:
        for ledger in ledgers:
            ledger[one][other] = 0.0
        return
    trust, grievance, kindness = (ledger[one][other] for ledger in ledgers)
    base = 0.5 * (kindness - grievance)
    base += p.affinity * on["affinity"] * mind.hardness * (1.0 - 2.0 * world.mind[other].hardness)
    state.trust[one][other] = trust + p.trust_decay * (base - trust)
    hurt = info.harm[one][other] * minds.hostile(belief) * on["grievance"]
    state.grievance[one][other] = minds.clip(mind.retention * grievance + p.grievance_gain * hurt, 0.0, 1.0)
    state.kindness[one][other] = minds.clip(mind.retention * kindness + p.kindness_gain * info.benefit[one][other], 0.0, 1.0)
