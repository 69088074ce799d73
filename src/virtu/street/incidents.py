r"""Incidents: clashes that beget clashes, how severe they are, who fires first, and who is hurt.

A discrete form of the self- and mutually exciting process of Hawkes (1971): what comes of itself follows the number in the street, and each
incident of camp g leaves n_fg children of camp f in a pool that is released at 1 − 2^(−tick/half-life) a tick from the next tick on. The
mean is (I − n)⁻¹ μ, as in continuous time.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from virtu import chance
from virtu.minds import choice, suspicion
from virtu.scenario.street_vocabulary import StreetParameters
from virtu.street.activation import by_tactic
from virtu.street.state import Info, State, World, others, turnout

MOST = 1e6
"""Incidents of a camp in a tick beyond which a history is said to have run away; victims in a tick are held there too."""

LEAST = 1e-30
"""Least severity of which a logarithm is taken."""


class Toll(NamedTuple):
    """People killed and injured by camps: of each camp, of the police, bystanders."""

    killed: jax.Array  # (F, F + 2, H)
    injured: jax.Array  # (F, F + 2, H)


def rate_of(tactic: jax.Array, p: StreetParameters) -> jax.Array:
    """Return the factor of a tactic on incidents that come of themselves, shape (F, H); nobody's if nobody is called out."""
    return by_tactic(tactic, (p.rate_nonviolent, p.rate_confrontational, p.rate_violent))


def severity_of(tactic: jax.Array, p: StreetParameters) -> jax.Array:
    """Return the factor of a tactic on severity, shape (F, H); that of a confrontation where nobody is called out."""
    one = jnp.ones((), jnp.float32)
    return jnp.where(tactic == 0, one, by_tactic(tactic, (p.severity_nonviolent, one, p.severity_violent)))


def released(half_life: jax.Array, tick_days: jax.Array) -> jax.Array:
    """Return the share of the pool that is released in a tick, 1 − 2^(−tick/half-life), from both in days, shape ()."""
    return -jnp.expm1(-jnp.log(2.0) * tick_days / half_life)


def next_pool(pool: jax.Array, events: jax.Array, branching: jax.Array, share: jax.Array) -> jax.Array:
    """Return the children still to come after a tick, shape (F, H).

    Parameters
    ----------
    pool, events : jax.Array
        Children to come before, and incidents of the tick, shape (F, H).
    branching : jax.Array
        n, shape (F, F, 1).
    share : jax.Array
        Of the pool that was released, shape ().
    """
    return pool * (1.0 - share) + jnp.sum(branching * events[None], axis=1)


def militancy_of_acts(share: jax.Array, intensity: jax.Array) -> jax.Array:
    """Return the intensity of those who act, Σ s v²/Σ s v, shape (F, H), from wings of shape (F, W, H).

    People act in proportion to their intensity, so that a radical wing of next to nobody does not set the severity of the whole camp.
    """
    total = jnp.sum(share * intensity, axis=1)
    return jnp.where(total > 0.0, jnp.sum(share * jnp.square(intensity), axis=1) / jnp.where(total > 0.0, total, 1.0), 0.0)


def median_severity(info: Info, state: State, world: World) -> jax.Array:
    """Return the median severity of each camp's incidents, shape (F, H)."""
    p = world.parameters
    return p.severity_median * severity_of(world.tactic, p) * militancy_of_acts(info.share, state.intensity)


def above(median: jax.Array, limit: jax.Array, log_sd: jax.Array) -> jax.Array:
    """Return the chance that a lognormal severity exceeds a limit > 0; all broadcast."""
    distance = jnp.log(jnp.maximum(median, LEAST)) - jnp.log(limit)
    return jax.scipy.special.ndtr(distance / jnp.maximum(log_sd, 1e-6))


def fire_chance(state: State, info: Info, world: World) -> jax.Array:
    """Return the chance that a leader who could fire the first shot does, shape (F, H).

    Firing scores the threat of the most threatening rival, threat_rate · HI_fg · ŷ_fg/(ŷ_fg + v̄_f), less the dread of it, dread_shot
    (1 − ν); holding scores 0. The choice is a quantal response whose precision falls with the threat.
    """
    p, nerve = world.parameters, world.mind.nerve
    stronger = state.estimate / jnp.maximum(state.estimate + info.mean[:, None], LEAST)
    seen = suspicion.hostile(state.belief) * stronger * (world.setup.reach > 0.0)
    threat = p.threat_rate * jnp.max(seen, axis=1)
    score = threat - p.dread_shot * (1.0 - nerve)
    precision = choice.precision(p.shot_precision, nerve, threat)
    return choice.quantal_response(jnp.stack([score, jnp.zeros_like(score)], axis=-1), precision)[..., 0]


def targets(active: jax.Array, world: World) -> jax.Array:
    """Return of whom a camp's victims are: shares of each other camp, the police and bystanders, shape (F, F + 2, H).

    Of the other camps' share each takes part by how many it has in the street, or alike where none is there.

    Parameters
    ----------
    active : jax.Array
        Share of the people in the street for each camp, shape (F, H).
    world : World
        Of the tick.
    """
    p, count = world.parameters, active.shape[0]
    met = others(count) * (active[None] + 1e-9)
    met = met / jnp.sum(met, axis=1)[:, None]
    scale = 1.0 / jnp.maximum(p.victims_rivals + p.victims_state, 1.0)
    rivals, police = p.victims_rivals * scale, p.victims_state * scale
    rest = jnp.broadcast_to(jnp.stack([police, 1.0 - rivals - police])[None, :, None], (count, 2, active.shape[1]))
    return jnp.concatenate([rivals * met, rest], axis=1)


def toll(events: jax.Array, shots: jax.Array, state: State, info: Info, world: World) -> Toll:
    """Return who is killed and injured: Poisson, with a mean for each shot, and for each incident severe enough."""
    p = world.parameters
    split = targets(jnp.sum(turnout(state.active, world.setup), axis=1), world)
    severe = above(median_severity(info, state, world), p.injury_severity, p.severity_log_sd)
    mean = jnp.stack([shots * p.lethality, events * severe * p.injury_rate])[:, :, None] * split[None]
    return Toll(*chance.poisson(jnp.stack(world.luck["street victims"]), mean))


def incidents(state: State, info: Info, world: World) -> tuple[State, Info]:
    """Phase 5. Incidents, shots, victims, and what is made of them.

    N ~ Poisson(background · rate(tactic) · turnout/turnout_reference + released children). Severity is lognormal; shots are the incidents
    severer than `shot_severity`. Until its first shot a camp's leader may hold back each tick. The state hurts those it represses in
    proportion to their number. Own victims are evidence of intent.
    """
    p, setup, on, luck = world.parameters, world.setup, world.on, world.luck
    present = jnp.sum(turnout(state.active, setup), axis=1)
    share = released(p.half_life, setup.tick_days)
    own = setup.background * rate_of(world.tactic, p) * present / p.turnout_reference
    mean = own + share * state.children * on["excitation"]
    force = state.repression * on["repression"] * p.repression_victims
    means = jnp.stack([mean, force * present * setup.people])
    events, hurt = chance.poisson(jnp.stack([luck["street incidents"][0], luck["street repression"][0]]), jnp.minimum(means, MOST))
    deadly = above(median_severity(info, state, world), p.shot_severity, p.severity_log_sd)
    chances = jnp.stack([deadly, jnp.broadcast_to(p.repression_deaths, deadly.shape)])
    lots = jnp.stack([luck["street incidents"][1], luck["street repression"][1]])
    could, dead = chance.binomial(lots, jnp.stack([events, hurt]), chances)
    fires = state.fired | (luck["street shots"][0] < fire_chance(state, info, world)) | ~(on["hesitation"] > 0.0)
    shots = jnp.where(fires, could, 0.0)
    state = state._replace(
        children=next_pool(state.children, events, setup.branching, share),
        fired=state.fired | (shots > 0.0),
        ran_away=state.ran_away | jnp.any(mean >= MOST, axis=0),
    )
    info = info._replace(incidents=events, shots=shots, victims_state=jnp.sum(hurt, axis=0), killed_state=jnp.sum(dead, axis=0))
    return count(state, info, world, toll(events, shots, state, info, world), hurt)


def count(state: State, info: Info, world: World, hurt: Toll, by_state: jax.Array) -> tuple[State, Info]:
    """Enter victims of the camps, and of the state by camp, shape (F, H), into what is noted and remembered."""
    camps = by_state.shape[0]
    both = hurt.killed + hurt.injured
    between = both[:, :camps]
    mine = jnp.sum(between, axis=0) + by_state
    kept = world.parameters.victim_memory
    state = state._replace(
        victims=kept * state.victims + mine,
        harm=kept * state.harm + between,
        harm_others=kept * state.harm_others + jnp.sum(both[:, camps:], axis=1),
        belief=learn(state.belief, jnp.swapaxes(between, 0, 1), world),
    )
    return state, info._replace(killed=jnp.sum(hurt.killed, axis=1), injured=jnp.sum(hurt.injured, axis=1), victims=mine)


def learn(belief: jax.Array, suffered: jax.Array, world: World) -> jax.Array:
    """Return beliefs over intent after victims, shape (5, F, F, H): their logarithm is a harm, and what was learnt fades to the prior.

    Parameters
    ----------
    belief : jax.Array
        Shape (5, F, F, H).
    suffered : jax.Array
        Victims in row that column made in the tick, shape (F, F, H).
    world : World
        Of the tick.
    """
    mind = world.mind
    base = suspicion.prior(mind.suspicion)[:, :, None]
    faded = suspicion.fade(belief, base, mind.belief_retention[:, None])
    return suspicion.update(faded, -jnp.log1p(suffered), world.parameters.evidence, mind.rigidity[:, None])
