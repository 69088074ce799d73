"""The founder: failing health, those who have access, the legitimacy that passes on, and a testament.

Whoever visits gains access; whoever has access carries messages, so that a disabled founder comes to trust whom the
messenger trusts; and legitimacy passes by access, slowly during illness and at once on death. A testament that condemns
somebody can be kept back by the one who has most access.
"""

from __future__ import annotations

from typing import TypeVar

import jax
import jax.numpy as jnp

from virtu import chance
from virtu.organisation.seats import fall
from virtu.organisation.state import NOBODY, Info, State, World, in_forum, in_office, others, status_of
from virtu.scenario.vocabulary import Status

Tree = TypeVar("Tree", State, Info)


def founder(state: State, info: Info, world: World) -> tuple[State, Info]:
    """Phase 2. Health, access, messages, legitimacy, death, testament; nothing where the scenario has no founder."""
    on = (world.setup.founder >= 0) & (world.on["founder"] > 0.0)
    changed, noted = _testament(*_death(*_illness(state, info, world), world), world)
    return _if(on, changed, state), _if(on, noted, info)


def _if(condition: jax.Array, then: Tree, otherwise: Tree) -> Tree:
    return jax.tree.map(lambda a, b: jnp.where(condition, a, b), then, otherwise)


def _illness(state: State, info: Info, world: World) -> tuple[State, Info]:
    """Health, access and what passes by access while the founder lives.

    Access a ← (1 − r) a + r · visits, visits in proportion to (1 + T_founder,i)/2 · (diligence_i + ambition_i)/2, and the
    one in charge of access counts as the most faithful visitor. A share (1 − health) · transfer of the founder's
    legitimacy passes by access; trust moves by (1 − health) · filter · Σ_r a_r (T_rk − T_founder,k).
    """
    setup, p, mind = world.setup, world.parameters, world.mind
    is_founder = (state.person == setup.founder) & in_office(state)
    alive = jnp.any(is_founder)
    noise, _ = chance.normals(world.key, "founder", world.tick, setup.slot[jnp.maximum(setup.founder, 0)][None])
    regained = p.health_recovery * jnp.maximum(setup.health - state.health, 0.0)
    health = jnp.clip(state.health + regained + p.health_noise * noise[0] - setup.stroke[world.tick], 0.0, 1.0)
    health = jnp.where(jnp.isnan(world.done.health), health, world.done.health)
    visitors = in_forum(state) & ~is_founder
    charge = jnp.any((state.holder[None, :] == state.person[:, None]) & (setup.post_access > 0.0)[None, :], axis=1)
    heard = jnp.sum(jnp.where(is_founder[:, None], state.trust, 0.0), axis=0)
    visits = visitors * (0.5 * (1.0 + heard) * 0.5 * (mind.diligence + mind.ambition) + charge)
    visits = visits / jnp.maximum(jnp.sum(visits), 1e-6)
    allowed = world.done.access[jnp.maximum(state.person, 0)]
    access = ((1.0 - p.visit_rate) * state.access + p.visit_rate * visits) * allowed * visitors
    disabled = 1.0 - health
    left = jnp.sum(jnp.where(is_founder, state.legitimacy, 0.0))
    passed = p.legitimacy_transfer * disabled * left * access
    pull = jnp.sum(access[:, None] * (state.trust - heard[None, :]) * others(access.shape[0]), axis=0)
    moved = jnp.clip(heard + p.messenger_filter * disabled * pull, -1.0, 1.0)
    trust = jnp.where(is_founder[:, None] & visitors[None, :], moved[None, :], state.trust)
    legitimacy = state.legitimacy + passed - jnp.where(is_founder, jnp.sum(passed), 0.0)
    return state._replace(
        health=jnp.where(alive, health, state.health),
        access=jnp.where(alive, access, state.access),
        trust=jnp.where(alive, trust, state.trust),
        legitimacy=jnp.where(alive, legitimacy, state.legitimacy),
    ), info


def _death(state: State, info: Info, world: World) -> tuple[State, Info]:
    """On death all legitimacy passes by access; what was nobody's is lost."""
    setup = world.setup
    is_founder = (state.person == setup.founder) & in_office(state)
    fixed = setup.death >= 0
    now = jnp.where(fixed, (world.tick >= setup.death) & jnp.isnan(world.done.health), state.health <= 0.0)
    dies = is_founder & now
    inherited = jnp.sum(jnp.where(dies, state.legitimacy, 0.0)) * state.access
    state = state._replace(legitimacy=state.legitimacy + inherited)
    grade = jnp.full(dies.shape, int(Status.DEAD), jnp.int32)
    return fall(state, info, dies, grade, "natural_death", jnp.int32(NOBODY))


def _testament(state: State, info: Info, world: World) -> tuple[State, Info]:
    """The testament is read, unless the one with most access, if condemned, dares and manages to keep it back.

    He dares with his nerve and manages with his share of access. Read out, it costs each person legitimacy and
    everybody's trust, and lowers what everybody thinks him to be worth, in proportion to the condemnation.
    """
    setup, p = world.setup, world.parameters
    present = in_forum(state)
    condemned = setup.condemned[jnp.maximum(state.person, 0)] * present
    closest = (state.access == jnp.max(state.access)) & (state.access > 0.0)
    chance_to_suppress = jnp.max(jnp.where(closest & (condemned > 0.0), world.mind.nerve * state.access, 0.0))
    kept_back = chance.draw(world.key, "testament", world.tick, setup.slot[jnp.maximum(setup.founder, 0)][None])[0] < chance_to_suppress
    kept_back = jnp.where(world.done.testament < 0.0, kept_back, world.done.testament == 0.0)
    read = (world.tick == setup.testament) & ~kept_back
    loss = p.testament_force * condemned * read
    pairs = others(loss.shape[0]) * (status_of(state) < int(Status.OUT))[:, None]
    return state._replace(
        legitimacy=state.legitimacy * (1.0 - loss),
        trust=jnp.clip(state.trust - pairs * loss[None, :], -1.0, 1.0),
        estimate=state.estimate * (1.0 - pairs * loss[None, :]),
    ), info


