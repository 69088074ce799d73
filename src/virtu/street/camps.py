"""The camps: how militant they become, and who joins their radical wing."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from virtu.minds import empathy, suspicion
from virtu.scenario.street_vocabulary import StreetParameters
from virtu.street.perception import believed_threat
from virtu.street.state import MODERATE, Info, State, World, others


def escalate(intensity: jax.Array, drive: jax.Array, fatigue: jax.Array, floor: jax.Array, adjustment: jax.Array) -> jax.Array:
    """Return intensity after a step, max{floor, v + a (drive − fatigue v)}; all of shapes that broadcast.

    With a drive k y + g and a constant fatigue this is an Euler step of Richardson's (1960) race.
    """
    return jnp.maximum(floor, intensity + adjustment * (drive - fatigue * intensity))


def care(state: State, world: World) -> jax.Array:
    """Return how far each leader cares for the people of the other camps, 0 … 1, shape (F, H): where it is ill will, 0.

    The weight of `minds.empathy`, mean over the other camps. Whose camp remembers fewer victims than the other is ahead; the grievance is
    the victims that camp made, saturating at h/(1 + h), as far as intent is believed.
    """
    mind = world.mind
    gap = state.victims[:, None] - state.victims[None, :]
    done_to = jnp.swapaxes(state.harm, 0, 1)
    grievance = suspicion.hostile(state.belief) * done_to / (1.0 + done_to)
    weight = empathy.weight(
        mind.empathy_behind, mind.empathy_ahead, mind.reciprocity, mind.vengefulness, gap, jnp.zeros_like(gap), grievance
    )
    camps = gap.shape[0]
    return jnp.sum(jnp.maximum(weight, 0.0) * others(camps), axis=1) / (camps - 1) * world.on["empathy"]


def intensity(state: State, info: Info, world: World) -> tuple[State, Info]:
    """Phase 3a. How militant the camps are.

    v_fw ← max{φ peak_fw, v_fw + a [r_w (k Σ_g reach ŷ_fg + g_f (1 − relief · concession) + ι ln(1 + own victims)) − (α + ε_f κ_f + π s_f)
    v_fw]}, where r_w is the wing's intensity at the start against the moderate one's, κ_f = ln(1 + harm to others), and s_f repression.
    Here alone empathy acts, as ε. Beyond the ceiling a history has run away: it is marked, and its intensity held there.
    """
    p, on, setup = world.parameters, world.on, world.setup
    base = setup.intensity[:, MODERATE]
    ratio = jnp.where(base[:, None] > 0.0, setup.intensity / jnp.where(base > 0.0, base, 1.0)[:, None], 1.0)
    grievance = setup.grievance * (1.0 - p.relief * state.concession * on["concession"])
    anger = p.victim_anger * on["victim_anger"] * jnp.log1p(state.victims)
    drive = p.reaction * believed_threat(state, world) + grievance + anger
    harmed = jnp.log1p(jnp.sum(state.harm, axis=1) + state.harm_others)
    fatigue = p.fatigue + p.restraint * care(state, world) * harmed + p.repression_calm * state.repression * on["repression"]
    floor = p.ratchet * on["ratchet"] * state.peak
    moved = escalate(state.intensity, ratio * drive[:, None], fatigue[:, None], jnp.maximum(floor, 0.0), p.adjustment)
    return _held(state, moved, p), info


def _held(state: State, moved: jax.Array, p: StreetParameters) -> State:
    beyond = jnp.any(moved >= p.ceiling, axis=(0, 1))
    held = jnp.minimum(moved, p.ceiling)
    return state._replace(intensity=held, peak=jnp.maximum(state.peak, held), ran_away=state.ran_away | beyond)


def recruitment(state: State, info: Info, world: World) -> tuple[State, Info]:
    """Phase 3b. Who is radical: x ← x + recruitment x (1 − x) · shown − leaving x − sanction · opposition x.

    Like joins like where it sees it, so a wing of nobody stays one. Opposition makes people leave, and shows more of the wing: its sign is
    not given.
    """
    p, x = world.parameters, state.radical
    change = p.recruitment * x * (1.0 - x) * info.seen_radical - p.leaving * x - p.sanction * world.done.oppose * x
    return state._replace(radical=jnp.clip(x + change * world.on["recruitment"], 0.0, 1.0)), info


def camps(state: State, info: Info, world: World) -> tuple[State, Info]:
    """Phase 3. Intensity, then recruitment."""
    return recruitment(*intensity(state, info, world), world)
