"""Phase 5: estimates of strength, and the norm of modesty."""

from __future__ import annotations

import math
from types import SimpleNamespace as Record

from .chance import normals
from .minds import clip
from .state import both_in_office, in_office, places, standing


def visibility(world: Record, observer: int, seen: int) -> float:
    """Return v_ij = display_j + (1 − display_j) attention_i."""
    shown = world.mind[seen].display
    return shown + (1.0 - shown) * world.attention[observer]


def perception(state: Record, info: Record, world: Record) -> None:
    """Ŵ_ij ← ρ Ŵ_ij + (1 − ρ) [public_j + v_ij backing_j + boast_j] · noise, Ŵ_ii = γ_i; T_ij ← T_ij − tax · norm · display_j."""
    p = world.p
    strength = standing(world.setup, state)
    common, apart, doubt = [], [], []
    for slot in world.slot:
        together, by_observer = normals(world.key, "estimate", world.tick, slot)
        common.append(together)
        apart.append(by_observer)
        doubt.append(normals(world.key, "doubt", world.tick, slot)[0])
    for one in places(state):
        for other in places(state):
            true, display = strength[other], world.mind[other].display
            boast = p.boast * display * true.public * (1.0 - world.attention[one])
            seen = true.public + visibility(world, one, other) * true.backing + boast
            error = (common[other] + apart[one] * doubt[other]) / math.sqrt(2.0)
            fresh = seen * math.exp(p.estimate_noise * error)
            if one == other or not world.on["misperception"]:
                state.estimate[one][other] = true.strength
            else:
                state.estimate[one][other] = p.estimate_memory * state.estimate[one][other] + (1.0 - p.estimate_memory) * fresh
            if not in_office(state, other):
                state.estimate[one][other] = 0.0
            if both_in_office(state, one, other):
                tax = p.norm_tax * world.setup.modesty * world.on["norms"] * display
                state.trust[one][other] = clip(state.trust[one][other] - tax, -1.0, 1.0)
