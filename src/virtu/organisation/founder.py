"""The founder: failing health, those who have access, the legitimacy that passes on, and a testament.

Whoever visits gains access; whoever has access carries messages, so that a disabled founder comes to trust whom the
messenger trusts; and legitimacy passes by access, slowly during illness and at once on death. A testament that condemns
somebody can be kept back by the one who has most access.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from virtu.organisation.seats import fall, holds
from virtu.organisation.state import NOBODY, Info, State, World, at_person, in_forum, in_office, only_if, others
from virtu.scenario.vocabulary import Status


def founder(state: State, info: Info, world: World) -> tuple[State, Info]:
    """Phase 2. Health, access, messages, legitimacy, death, testament; nothing where the scenario has no founder."""
    read = world.tick == world.setup.testament
    due = jnp.any(_founder_place(state, world)) | jnp.any(read)
    on = jnp.all(world.setup.founder >= 0) & (world.on["founder"] > 0.0) & due

    def live(state: State, info: Info) -> tuple[State, Info]:
        changed, noted = _death(_illness(state, world), info, world)
        return _testament(changed, world), noted

    return only_if(on, live, state, info)


def _founder_place(state: State, world: World) -> jax.Array:
    return (state.person == world.setup.founder) & (state.person >= 0) & in_office(state)


def _illness(state: State, world: World) -> State:
    """Health, access and what passes by access while the founder lives.

    Access a ← (1 − r) a + r · visits, visits in proportion to (1 + T_founder,i)/2 · (diligence_i + ambition_i)/2; whoever is in
    charge of access counts as one visitor more. A share (1 − health) · transfer of the founder's legitimacy passes by access, and
    the founder's trust moves by (1 − health) · filter · Σ_r a_r (T_rk − T_founder,k).
    """
    p = world.parameters
    here = _founder_place(state, world)
    alive = jnp.any(here, axis=0)
    health = _health(state, world)
    heard = jnp.sum(jnp.where(here[:, None], state.trust, 0.0), axis=0)
    access = _access(state, world, heard, here)
    visitors = in_forum(state) & ~here
    disabled = 1.0 - health
    passed = p.legitimacy_transfer * disabled * jnp.sum(jnp.where(here, state.legitimacy, 0.0), axis=0) * access
    pull = jnp.sum(access[:, None] * (state.trust - heard[None, :]) * others(access.shape[0]), axis=0)
    moved = jnp.clip(heard + p.messenger_filter * disabled * pull, -1.0, 1.0)
    trust = jnp.where(here[:, None] & visitors[None, :], moved[None, :], state.trust)
    legitimacy = state.legitimacy + passed - jnp.where(here, jnp.sum(passed, axis=0), 0.0)
    return state._replace(
        health=jnp.where(alive, health, state.health),
        access=jnp.where(alive, access, state.access),
        trust=trust,
        legitimacy=jnp.where(alive, legitimacy, state.legitimacy),
    )


def _health(state: State, world: World) -> jax.Array:
    """Health recovers towards where it began, drifts, falls by strokes, or is set from outside; shape (H,)."""
    setup, p = world.setup, world.parameters
    noise, _ = world.luck["founder"]
    regained = p.health_recovery * jnp.maximum(setup.health - state.health, 0.0)
    health = jnp.clip(state.health + regained + p.health_noise * noise[0] - setup.stroke[world.tick], 0.0, 1.0)
    return jnp.where(jnp.isnan(world.done.health), health, world.done.health)


def _access(state: State, world: World, heard: jax.Array, here: jax.Array) -> jax.Array:
    """Share of the founder's ear, shape (F, H); the founder's own place has none."""
    p, mind = world.parameters, world.mind
    visitors = in_forum(state) & ~here
    effort = 0.25 * (1.0 + heard) * (mind.diligence + mind.ambition)
    visits = visitors * (effort + holds(state, world.setup.post_access))
    visits = visits / jnp.maximum(jnp.sum(visits, axis=0), 1e-6)
    allowed = at_person(world.done.access, state.person)
    return ((1.0 - p.visit_rate) * state.access + p.visit_rate * visits) * allowed * visitors


def _death(state: State, info: Info, world: World) -> tuple[State, Info]:
    """On death all legitimacy passes by access; what was nobody's is lost. Setting the health from outside puts off a fixed date."""
    setup = world.setup
    fixed = setup.death >= 0
    now = jnp.where(fixed, (world.tick >= setup.death) & jnp.isnan(world.done.health), state.health <= 0.0)
    dies = _founder_place(state, world) & now
    inherited = jnp.sum(jnp.where(dies, state.legitimacy, 0.0), axis=0) * state.access
    state = state._replace(legitimacy=state.legitimacy + inherited)
    grade = jnp.full(dies.shape, int(Status.DEAD), jnp.int32)
    return fall(state, info, dies, grade, "natural_death", jnp.full(dies.shape[1], NOBODY, jnp.int32))


def _testament(state: State, world: World) -> State:
    """The testament is read, unless the one with most access, if condemned, dares and manages to keep it back.

    He dares with his nerve and manages with his share of access. Read out, it costs each person legitimacy and
    everybody's trust, and lowers what everybody thinks him to be worth, in proportion to the condemnation.
    """
    setup, p = world.setup, world.parameters
    condemned = at_person(setup.condemned, state.person) * in_forum(state)
    closest = (state.access == jnp.max(state.access, axis=0)) & (state.access > 0.0) & (condemned > 0.0)
    able = jnp.max(jnp.where(closest, world.mind.nerve * state.access, 0.0), axis=0)
    kept_back = world.luck["testament"][0][0] < able
    kept_back = jnp.where(world.done.testament < 0.0, kept_back, world.done.testament == 0.0)
    loss = p.testament_force * condemned * ((world.tick == setup.testament) & ~kept_back)
    of_others = others(loss.shape[0]) * in_office(state)[:, None] * loss[None, :]
    return state._replace(
        legitimacy=state.legitimacy * (1.0 - loss),
        trust=jnp.clip(state.trust - of_others, -1.0, 1.0),
        estimate=state.estimate * (1.0 - of_others),
    )
