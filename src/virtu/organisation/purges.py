"""The purge: the strongest removes those it believes hostile, on information that is imprecise."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from virtu.minds import suspicion
from virtu.organisation.outlook import caring, seen_ambition
from virtu.organisation.seats import fall, on_top, standing
from virtu.organisation.state import VACANT, Info, State, World, first, in_forum, in_office, only_if, others, own, person_of
from virtu.scenario.vocabulary import Status


def purge(state: State, info: Info, world: World) -> tuple[State, Info]:
    """Phase 8. The one on top by the margin it takes may remove one person a tick, and that person's officials.

    Each tick a charge is raised against somebody with chance π if he truly wishes the ruler harm (w_kr < 0), and with 1 − π if
    he does not. The ruler, who knows only the charge and its own belief, thinks him guilty with
    q = π HI/(π HI + (1 − π)(1 − HI)) and removes the one for whom (1 − w_rk) · [rate q ambition S_r − cost] − w_rk
    S_rk − dread (1 − ν_r) is
    largest and positive. Those of the victim's officials who depend on him go with chance π · reliance, and others with
    (1 − π) for each share of the outer seats he held. The executor, whoever of the forum is most bound to the ruler, gains merit and
    becomes the next suspect. Gregory, Schröder & Sonin (2011).
    """
    ruler = _ruler(state, world)
    victim = _victim(state, world, ruler)
    return only_if(jnp.any(victim), lambda state, info: _carry_out(state, info, world, ruler, victim), state, info)


def _carry_out(state: State, info: Info, world: World, ruler: jax.Array, victim: jax.Array) -> tuple[State, Info]:
    guilty = jnp.sum(jnp.where(victim, _wishes_harm(state, world, ruler), 0.0), axis=0)
    state, info = _reward_executor(state, info, world, ruler, victim)
    state, info = _purge_officials(state, info, world, ruler, victim)
    lot, _ = world.luck["penalty"]
    deadly = lot < jnp.sum(jnp.where(ruler, world.mind.hardness * world.mind.nerve, 0.0), axis=0)
    grade = jnp.where(deadly, int(Status.DEAD), int(Status.OUT)).astype(jnp.int32)
    state, info = fall(state, info, victim, grade, "purge", person_of(state, ruler))
    any_victim = jnp.any(victim, axis=0).astype(jnp.float32)
    return state, info._replace(purged=info.purged + any_victim, innocent=info.innocent + any_victim * (1.0 - guilty))


def _ruler(state: State, world: World) -> jax.Array:
    """Mask of whoever truly leads by the purge's margin, knows it and is in the forum; all false where nobody does."""
    strength = standing(world.setup, state).strength * in_forum(state)
    leads = on_top(strength, world.parameters.purge_lead)
    rivals = state.estimate * others(strength.shape[0]) * in_office(state)[None, :]
    believes = own(state.estimate) >= jnp.max(rivals, axis=1)
    founder = state.person == world.setup.founder
    return leads & believes & ~founder & (world.on["purge"] > 0.0)


def _wishes_harm(state: State, world: World, ruler: jax.Array) -> jax.Array:
    """1 for those whose true weight on the ruler's payoff is negative, shape (F, H)."""
    weight = jnp.sum(jnp.where(ruler[None, :], caring(state, world), 0.0), axis=1)
    return (weight < 0.0).astype(jnp.float32)


def posterior_guilt(hostile: jax.Array, precision: jax.Array) -> jax.Array:
    """Return the chance that a person charged is guilty, π HI/(π HI + (1 − π)(1 − HI)); at π = ½ the charge says nothing."""
    true = precision * hostile
    return true / jnp.maximum(true + (1.0 - precision) * (1.0 - hostile), 1e-9)


def _victim(state: State, world: World, ruler: jax.Array) -> jax.Array:
    """Mask of whom the ruler removes, all false for nobody."""
    p = world.parameters

    def of_ruler(matrix: jax.Array) -> jax.Array:
        return jnp.sum(jnp.where(ruler[:, None], matrix, 0.0), axis=0)

    guilty = _wishes_harm(state, world, ruler)
    pi = p.information_precision
    lot, _ = world.luck["charge"]
    charged = lot < jnp.where(guilty > 0.0, pi, 1.0 - pi)
    believed = posterior_guilt(of_ruler(suspicion.hostile(state.belief)), pi)
    here = in_office(state)
    seen = of_ruler(state.estimate) * here
    share = seen / jnp.maximum(jnp.sum(seen, axis=0), 1e-6)
    own_share = jnp.sum(jnp.where(ruler, share, 0.0), axis=0)
    weight = of_ruler(caring(state, world))
    nerve = jnp.sum(jnp.where(ruler, world.mind.nerve, 0.0), axis=0)
    gain = p.threat_rate * believed * of_ruler(seen_ambition(world)) * own_share - p.purge_cost
    dread = p.dread_strike * (1.0 - nerve) * world.on["dread"]
    value = (1.0 - weight) * gain - weight * share - dread
    may = charged & here & ~ruler & jnp.any(ruler, axis=0) & (value > 0.0)
    value = jnp.where(may, value, -jnp.inf)
    return first(may & (value == jnp.max(value, axis=0)))


def _reward_executor(state: State, info: Info, world: World, ruler: jax.Array, victim: jax.Array) -> tuple[State, Info]:
    """Whoever of the forum is most bound to the ruler carries the purge out, gains by it, and is suspected for it."""
    p = world.parameters
    bond = jnp.sum(jnp.where(ruler[None, :], state.trust + state.dependence, 0.0), axis=1)
    able = in_forum(state) & ~ruler & ~victim & jnp.any(victim, axis=0)
    bond = jnp.where(able, bond, -jnp.inf)
    chosen = first(able & (bond == jnp.max(bond, axis=0)))
    log_odds = p.executor_suspicion * ruler[:, None].astype(jnp.float32) * chosen[None, :]
    state = state._replace(merit=state.merit + p.executor_gain * chosen, belief=suspicion.shift(state.belief, log_odds))
    return state, info._replace(executor=person_of(state, chosen))


def _purge_officials(state: State, info: Info, world: World, ruler: jax.Array, victim: jax.Array) -> tuple[State, Info]:
    """The victim's officials go with him, and, as information is imprecise, some who were not his."""
    pi = world.parameters.information_precision
    outer = max(state.patron.shape[0], 1)
    happened = jnp.any(victim, axis=0)
    his = ((state.patron == person_of(state, victim)) & happened).astype(jnp.float32)
    share = jnp.sum(his, axis=0) / outer
    risk = jnp.where(his > 0.0, pi * state.reliance, (1.0 - pi) * share * (state.patron != person_of(state, ruler)))
    lot, _ = world.luck["outer charge"]
    gone = (lot < risk) & happened
    state = state._replace(
        patron=jnp.where(gone, VACANT, state.patron),
        reliance=jnp.where(gone, 0.0, state.reliance),
    )
    removed = gone.astype(jnp.float32)
    return state, info._replace(
        purged=info.purged + jnp.sum(removed, axis=0), innocent=info.innocent + jnp.sum(removed * (1.0 - his), axis=0)
    )
