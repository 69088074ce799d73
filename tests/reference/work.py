"""Phase 1: merit, the records, natural deaths."""

from __future__ import annotations

from types import SimpleNamespace as Record

from virtu.organisation.state import NOBODY
from virtu.scenario.vocabulary import Status

from .chance import uniforms
from .state import both_in_office, fall, free_dependence, in_office, places, posts_of


def work(state: Record, info: Record, world: Record) -> None:
    """Merit m ← (1 − decay) m + gain · diligence · competence; D_jr ← (1 − decay) D_jr + gain · diligence_r (1 − Σ_k D_jk)."""
    p, on = world.p, world.on["work"]
    free = [free_dependence(state, place) for place in places(state)]
    keepers = [place for place in places(state) if any(world.setup.post_records[post] for post in posts_of(state, place))]
    for one in places(state):
        mind = world.mind[one]
        state.merit[one] *= 1.0 - p.merit_decay
        if in_office(state, one):
            state.merit[one] += on * p.merit_gain * mind.diligence * mind.competence
        for other in places(state):
            state.dependence[one][other] *= 1.0 - p.dependence_decay
            if other in keepers and both_in_office(state, one, other):
                state.dependence[one][other] += on * p.records_gain * world.mind[other].diligence * free[one]
    for place in places(state):
        lot, _ = uniforms(world.key, "natural death", world.tick, world.slot[place])
        if lot < p.mortality and in_office(state, place) and state.person[place] != world.setup.founder:
            fall(state, info, place, int(Status.DEAD), "natural_death", NOBODY)
