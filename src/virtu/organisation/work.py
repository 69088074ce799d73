"""Work builds merit, and makes others depend on whoever keeps the records."""

from __future__ import annotations

import jax.numpy as jnp

from virtu.organisation.seats import fall, holds
from virtu.organisation.state import NOBODY, Info, State, World, in_office, others
from virtu.scenario.vocabulary import Status


def work(state: State, info: Info, world: World) -> tuple[State, Info]:
    """Phase 1. Merit, the records, and natural deaths.

    Merit m ← (1 − decay) m + gain · diligence · competence, so that steady work is worth diligence · competence ·
    gain/decay. The keeper r of the records gains a share of everybody's still free dependence,
    D_jr ← (1 − decay) D_jr + gain · diligence_r (1 − Σ_k D_jk): work that others cannot do without.
    """
    p, mind = world.parameters, world.mind
    here = in_office(state).astype(jnp.float32)
    earned = world.on["work"] * p.merit_gain * mind.diligence * mind.competence * here
    keeper = jnp.where(holds(state, world.setup.post_records), mind.diligence, 0.0)
    free = 1.0 - jnp.sum(state.dependence, axis=1)
    gained = world.on["work"] * p.records_gain * keeper[None, :] * free[:, None]
    gained = gained * here[:, None] * here[None, :] * others(here.shape[0])
    state = state._replace(
        merit=(1.0 - p.merit_decay) * state.merit + earned,
        dependence=(1.0 - p.dependence_decay) * state.dependence + gained,
    )
    dies = world.luck["natural death"][0] < p.mortality
    dies = dies & in_office(state) & (state.person != world.setup.founder)
    grade = jnp.full(dies.shape, int(Status.DEAD), jnp.int32)
    return fall(state, info, dies, grade, "natural_death", jnp.full(dies.shape[1], NOBODY, jnp.int32))
