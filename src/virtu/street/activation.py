r"""Activation: who goes out into the street, and who is arrested there.

Epstein (2002): a person is willing iff H a + B − R P > T, with hardship H and aversion to risk R uniform in [0, 1], a = what the regime
lacks in legitimacy, times how hard life is, P the risk of arrest as it is seen, and here B a push of fear and fellowship. All people of a
cell see the same, so a share q of them is willing, and counts per cell stand for people: the cost grows with cells, not with people.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from virtu import chance
from virtu.scenario.street_vocabulary import StreetParameters
from virtu.street.media import wings
from virtu.street.perception import believed_threat
from virtu.street.state import Info, State, World, following, legitimacy

LEAST = 1e-6
"""Least grievance and risk that are divided by."""


def willing(grievance: jax.Array, push: jax.Array, risk: jax.Array, threshold: jax.Array) -> jax.Array:
    """Return the share q of people for whom H a + B − R P > T, where H and R are uniform in [0, 1].

    With u = (a − T + B)/a and d = P/a it is the mean of S'(u − R d) over R, S' being u kept within 0 and 1:
    q = (a/P) [S(u) − S(u − d)], S(u) = 0, u²/2, u − ½. Written as the share of R for which all are willing, plus that for which some are
    times how many, so that nothing cancels and P → 0 needs no other form. At B = 0 it is `classics.civil_violence.active_fraction`.

    Parameters
    ----------
    grievance, push, risk, threshold : jax.Array
        a ≥ 0, B, P ≥ 0 (times the power of the jail term) and T; they broadcast.
    """
    a = jnp.maximum(grievance, LEAST)
    most = (a - threshold + push) / a
    width = jnp.maximum(risk / a, LEAST)
    everybody = jnp.clip((most - 1.0) / width, 0.0, 1.0)
    nobody = jnp.clip((width - most) / width, 0.0, 1.0)
    middle = 0.5 * (jnp.clip(most, 0.0, 1.0) + jnp.clip(most - width, 0.0, 1.0))
    return everybody + (1.0 - everybody - nobody) * middle


def arrest_risk(police: jax.Array, active: jax.Array, constant: jax.Array, rounding: jax.Array) -> jax.Array:
    """Return the risk of arrest as people see it, 1 − exp(−K C/(1 + A)); who reckons counts himself among the actives.

    Parameters
    ----------
    police, active : jax.Array
        C and A in sight, ≥ 0; they broadcast.
    constant, rounding : jax.Array
        K; and 0 where C/(1 + A) is not rounded, 1 rounded down, 2 to the nearest whole number.
    """
    ratio = police / (1.0 + active)
    rounded = jnp.where(rounding > 1.5, jnp.floor(ratio + 0.5), jnp.where(rounding > 0.5, jnp.floor(ratio), ratio))
    return -jnp.expm1(-constant * rounded)


def by_tactic(tactic: jax.Array, values: tuple[jax.Array, ...]) -> jax.Array:
    """Return the value of each camp's tactic, of values for the tactics other than none, shape (F, H); 0 where nobody is called out."""
    return sum((jnp.where(tactic == code, value, 0.0) for code, value in enumerate(values, 1)), start=jnp.zeros(tactic.shape))


def turnout_of(tactic: jax.Array, p: StreetParameters) -> jax.Array:
    """Return the share of the willing that is in the street, by tactic, shape (F, H)."""
    return by_tactic(tactic, (p.turnout_nonviolent, p.turnout_confrontational, p.turnout_violent))


def risk(state: State, world: World) -> jax.Array:
    """Return the risk of arrest that the people of each camp see in each cell, shape (C, F, H).

    In sight are `sight` people of the cell or, where there are fewer, all; the police in proportion, and more of them against who is
    repressed.
    """
    p, setup = world.parameters, world.setup
    there = setup.people * setup.cell_share
    seen = jnp.minimum(p.sight, there)
    crowd = jnp.sum(state.active, axis=(1, 2)) / jnp.maximum(there, 1.0) * seen
    more = 1.0 + p.repression_police * state.repression * world.on["repression"]
    police = (seen * setup.police * setup.police_factor)[:, None] * more[None]
    return arrest_risk(police, crowd[:, None], p.arrest_constant, p.police_rounding) * world.on["deterrence"]


def push(state: State, world: World, backing: jax.Array) -> jax.Array:
    """Return B, the push of fear of the rivals, of neighbours who support the camp, and of the crowd seen last, shape (C, F, H).

    Parameters
    ----------
    state, world : State, World
        Of the tick.
    backing : jax.Array
        Share of each cell that supports each camp, shape (C, F, H).
    """
    p = world.parameters
    fear = p.threat_push * world.on["threat"] * believed_threat(state, world)
    people = backing * (world.setup.people * world.setup.cell_share)[:, None]
    crowd = jnp.sum(state.active, axis=2) / jnp.maximum(people, 1.0)
    return fear[None] + p.affinity_push * world.on["affinity"] * backing + p.crowd_push * jnp.minimum(crowd, 1.0)


class Conditions(NamedTuple):
    """What decides in a tick who goes out and who is jailed; the same for all people of a cell who support a camp."""

    grievance: jax.Array  # (C, H) a
    push: jax.Array  # (C, F, H) B
    risk: jax.Array  # (C, F, H) P Jᵞ
    caught: jax.Array  # (C, F, H) chance that somebody in the street is jailed
    turnout: jax.Array  # (F, H) share of the willing that is in the street


def conditions(state: State, world: World) -> Conditions:
    """Return what decides who goes out and who is jailed."""
    p = world.parameters
    backing = following(state.support, world.setup)[:, : world.setup.camp_slot.shape[0]]
    seen = risk(state, world)
    return Conditions(
        grievance=jnp.clip((1.0 - legitimacy(state, world)) * (0.5 + world.hardship), 0.0, 2.0),
        push=push(state, world, backing),
        risk=seen * jnp.power(p.jail_term, p.jail_dread),
        caught=jnp.clip(p.arrest_rate * seen * world.on["jail"], 0.0, 1.0),
        turnout=turnout_of(world.tactic, p),
    )


def pools(state: State, world: World) -> jax.Array:
    """Return the following of each wing in each cell that is not in jail, shape (C, F, W, H)."""
    setup = world.setup
    backing = following(state.support, setup)[:, : setup.camp_slot.shape[0]]
    people = (setup.people * setup.cell_share)[:, None] * backing
    return jnp.maximum(people[:, :, None] * wings(state.radical * world.flank)[None] - state.jailed, 0.0)


def activation(state: State, info: Info, world: World) -> tuple[State, Info]:
    """Phase 4. Who goes out, and who is jailed.

    Active ~ Binomial(N − jailed, q · turnout(tactic)), where N is the following of each wing in each cell; of them a share `arrest_rate`
    P is jailed, and of the jailed 1/J are let go in a tick.
    """
    p, found, pool = world.parameters, conditions(state, world), pools(state, world)
    ready = willing(found.grievance[:, None], found.push, found.risk, p.threshold) * found.turnout[None]
    lots = world.luck["street activation"]
    active = chance.binomial(lots[0], pool, jnp.broadcast_to(ready[:, :, None], pool.shape))
    arrested = chance.binomial(lots[1], active, jnp.broadcast_to(found.caught[:, :, None], pool.shape))
    return state._replace(active=active, jailed=state.jailed * (1.0 - 1.0 / p.jail_term) + arrested), info
