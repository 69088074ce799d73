"""The public: what it makes of what it is shown, and whom it comes to support."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from virtu.scenario.street_vocabulary import StreetParameters
from virtu.street.incidents import median_severity
from virtu.street.media import inflation, volume
from virtu.street.state import MODERATE, RADICAL, Info, State, World, disorder, legitimacy, saturating, turnout


def profile(p: StreetParameters, camps: int, outsider: jax.Array) -> jax.Array:
    """Return whom each group supports as long as nothing is shown, shape (G, O).

    The undecided are for the state, for nobody, for the outsider if he is no camp, and for the camps alike; who belongs or leans to a camp
    is loyal to it in the share of the core or of those who lean, and otherwise like the undecided, the camp left out.

    Parameters
    ----------
    p : StreetParameters
        Constants, shape () each.
    camps : int
        F.
    outsider : jax.Array
        Option by which the outsider is backed, or −1.
    """
    apart = jnp.where(jnp.reshape(outsider, ()) == camps + 1, p.undecided_outsider, 0.0)
    rest = jnp.maximum(1.0 - p.undecided_state - p.undecided_abstain - p.undecided_outsider, 0.0) / camps
    plain = jnp.concatenate([jnp.full(camps, 1.0) * rest, jnp.stack([p.undecided_state, apart, p.undecided_abstain])])
    plain = plain / jnp.maximum(jnp.sum(plain), 1e-9)
    mine = jnp.eye(camps, camps + 3)
    left = plain[None] * (1.0 - mine)
    left = left / jnp.maximum(jnp.sum(left, axis=1, keepdims=True), 1e-9)
    members = [loyal * mine + (1.0 - loyal) * left for loyal in (p.core_loyalty, p.leaning_loyalty)]
    return jnp.concatenate([*members, plain[None]])


def judgement(reason: jax.Array, seen_radical: jax.Array, distinct: jax.Array, contrast: jax.Array, contamination: jax.Array) -> jax.Array:
    """Return the reasonableness by which each camp is judged, shape (F, H).

    r_M + [distinct · contrast − (1 − distinct) · contamination] · shown share of the radical wing · (r_M − r_R). With a contamination of 1
    and no distinction it is the mean of what is shown; a wing that nobody sees neither helps nor harms.

    Parameters
    ----------
    reason : jax.Array
        Of the wings, shape (F, W, H).
    seen_radical, distinct : jax.Array
        0 … 1, shape (F, H).
    contrast, contamination : jax.Array
        ≥ 0, shape ().
    """
    moderate = reason[:, MODERATE]
    pull = distinct * contrast - (1.0 - distinct) * contamination
    return moderate + pull * seen_radical * (moderate - reason[:, RADICAL])


def lose(level: jax.Array, rate: jax.Array, harm: jax.Array, recovery: jax.Array, start: jax.Array) -> jax.Array:
    """Return what is left of a good name: it loses in proportion to what remains, and recovers towards what it was; all broadcast."""
    return jnp.clip(level - rate * level * harm + recovery * (start - level), 0.0, 1.0)


def follow(level: jax.Array, amount: jax.Array, scale: jax.Array, rate: jax.Array) -> jax.Array:
    """Return a level of 0 … 1 after a tick in which it followed an amount, saturating at the scale; all broadcast."""
    return level + rate * (saturating(amount, scale) - level)


def shown_violence(info: Info, state: State, world: World) -> jax.Array:
    """Return the severity of what is shown of each camp's incidents, number · mean severity · inflation, shape (F, H)."""
    mean = median_severity(info, state, world) * jnp.exp(0.5 * jnp.square(world.parameters.severity_log_sd))
    return info.incidents * mean * inflation(world)


def feelings(state: State, info: Info, world: World) -> tuple[State, Info]:
    """Phase 6a. Reasonableness, attention, disorder and legitimacy.

    r_fw ← r_fw − ψ r_fw (1 − exp(−violence shown of the wing/scale)) + recovery (r⁰_fw − r_fw), where a radical wing's r⁰ is
    `radical_reason` times its camp's; the state's likewise by its victims.
    """
    p, on, setup = world.parameters, world.on, world.setup
    violence = shown_violence(info, state, world)
    by_wing = violence[:, None] * jnp.stack([1.0 - info.seen_radical, info.seen_radical], axis=1)
    amount = volume(violence, jnp.sum(turnout(state.active, setup), axis=1), p)
    blood = saturating(info.victims_state, p.bloodshed_scale)
    psi = p.backlash * on["backlash"]
    calm = setup.reasonableness[:, MODERATE]
    rest = jnp.stack([calm, p.radical_reason * calm], axis=1)
    reason = lose(state.reason, psi, saturating(by_wing, p.violence_scale), p.reason_recovery, rest)
    upset = follow(state.disorder, jnp.sum(violence, axis=0), p.disorder_scale, p.disorder_rate)
    state = state._replace(
        shown=amount,
        reason=reason,
        state_reason=lose(state.state_reason, psi, blood, p.reason_recovery, setup.state_reasonableness),
        attention=follow(state.attention, amount, p.attention_scale, p.attention_rate),
        disorder=upset,
    )
    lost = p.legitimacy_repression * blood + p.legitimacy_disorder * disorder(state, world)
    state = state._replace(legitimacy=lose(state.legitimacy, jnp.ones(()), lost, p.legitimacy_recovery, setup.legitimacy))
    judged = judgement(reason, info.seen_radical * on["flank"], world.distinct, p.contrast, p.contamination)
    return state, info._replace(judged=judged)


def acquaintance(p: StreetParameters, camps: int) -> jax.Array:
    """Return how far each group knows each camp first hand, 0 … 1, shape (G, F): its core, those who lean to it, and nobody else."""
    mine = jnp.eye(camps)
    return jnp.concatenate([p.core_acquaintance * mine, p.leaning_acquaintance * mine, jnp.zeros((1, camps))])


def known(info: Info, world: World) -> jax.Array:
    """Return what first-hand knowledge of a camp is worth to each group, utility, shape (G, F, H).

    People judge a camp by what they know of it themselves, which has not changed, and by what is shown of it, in the proportion of their
    acquaintance a to 1 − a: as of a mean of two observations weighted by their precision. So of the change as shown, which `appeal`
    counts, they take a share a back: −a · reason_weight · (judged − judged at the start).
    """
    p = world.parameters
    change = info.judged - world.setup.judged
    mine = acquaintance(p, change.shape[0]) * world.on["acquaintance"]
    return -p.reason_weight * mine[:, :, None] * change[None]


def blame(world: World) -> jax.Array:
    """Return what hardship costs the state in each cell, blame_weight · (hardship now − at the start), utility, shape (C, 1).

    Who governs is judged by how people have fared (Lewis-Beck & Stegmaier 2000), so that falling hardship speaks for the state.
    """
    return world.parameters.blame_weight * world.on["blame"] * (world.hardship - world.setup.hardship)


def appeal(state: State, info: Info, world: World) -> jax.Array:
    """Return what each option has come to be worth in each cell beyond what it was at the start, utility, shape (C, O, H).

    A camp: reasonableness as shown, sympathy with its cause where it gets attention, order promised under disorder. The state:
    reasonableness, order, legitimacy and blame. The outsider: order. Nobody: nothing. At the start, with nothing shown, all of it is 0.
    """
    p, on, setup = world.parameters, world.on, world.setup
    camps = info.judged.shape[0]
    order = p.order_weight * on["order"] * setup.promise * disorder(state, world)
    own = p.reason_weight * (info.judged - setup.judged) + order[:camps]
    shared = p.cause_weight * on["cause"] * setup.cause * state.attention[None]
    state_own = p.reason_weight * (state.state_reason - setup.state_reasonableness)
    state_own = state_own + p.legitimacy_weight * (legitimacy(state, world) - setup.legitimacy) + order[camps]
    rest = jnp.stack(jnp.broadcast_arrays(state_own - blame(world), order[camps + 1], jnp.zeros_like(state_own)), axis=1)
    return jnp.concatenate([own[None] + shared, rest], axis=1)


def chosen(base: jax.Array, worth: jax.Array, own: jax.Array) -> jax.Array:
    """Return the share of each group that would choose each option, softmax(ln base + worth + own), shape (C, G, O, H).

    Parameters
    ----------
    base : jax.Array
        Shares where nothing is worth anything, shape (G, O); what is nobody's stays so.
    worth : jax.Array
        Utility to all groups of a cell, shape (C, O, H).
    own : jax.Array
        Utility of the camps to each group of all cells, shape (G, F, H).
    """
    # Two factors rather than one of their sum: exponentials by cell and option, and by group and camp, are few beside those of all four.
    more = jnp.concatenate([own, jnp.zeros((own.shape[0], base.shape[1] - own.shape[1], own.shape[2]))], axis=1)
    factor, mine = (jnp.exp(part - jnp.max(part, axis=1, keepdims=True)) for part in (worth, more))
    weight = (base[:, :, None] * mine)[None] * factor[:, None]
    return weight / jnp.maximum(jnp.sum(weight, axis=2, keepdims=True), 1e-30)


def wished(state: State, info: Info, world: World) -> jax.Array:
    """Return the share of each group of each cell that would choose each option now, shape (C, G, O, H)."""
    base = profile(world.parameters, info.judged.shape[0], world.setup.outsider)
    return chosen(base, appeal(state, info, world), known(info, world))


def opinion(state: State, info: Info, world: World) -> tuple[State, Info]:
    """Phase 6b. Support: P ← P + opinion_rate (softmax − P). Who is nearly certain hardly moves, as p (1 − p) is small."""
    moved = world.parameters.opinion_rate * (wished(state, info, world) - state.support)
    return state._replace(support=state.support + moved), info


def public(state: State, info: Info, world: World) -> tuple[State, Info]:
    """Phase 6. What people feel, then whom they support."""
    return opinion(*feelings(state, info, world), world)
