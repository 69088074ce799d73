"""What an actor sees before it moves: attractions, the contests it can imagine, and what each person's favour is worth.

All of it is seen with the actor's own estimates of strength Ŵ_ij, its own beliefs about intent, and its own depth and
precision of theory of mind. Dependence of a third party on a rival is seen only as far as it is visible, v_ij.

Attraction of k to j:  A_kj = a T_kj + b D_kj + c K_kj − d G_kj − e S_kj · ambition_j v_kj, with S the share of strength: the last term is
the wish to balance against somebody strong whose ambition is seen.

Standing = S_i (1 − threat_i), threat_i = max_j hazard_ij, hazard_ij = rate · HI_ij · ambition_j v_ij · (1 − P_ij), with P_ij the
predicted chance that i beats j. Prospect_i = max_j P_ij · spoils · S_ij. An actor values Π_i = standing + foresight · ambition_i ·
prospect_i. Its derivative by the attraction of k to i is what the favour of k is worth to i, and, turned round, what k's disfavour
towards the likeliest attacker or the best prey is worth. The parts of that derivative are kept apart, because the payoff of others is
valued by the same ones (`welfare`).

As far as people look beyond a contest (`farsight`), third parties lean by who will rule afterwards instead of by attraction.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import jax
import jax.numpy as jnp

from virtu.minds import contest as foreseen
from virtu.minds import empathy, suspicion
from virtu.minds.contest import NORMAL_BY_LOGISTIC
from virtu.organisation.farsight import looks_ahead, nearness, remainders
from virtu.organisation.perception import visibility
from virtu.organisation.state import State, World, either, in_forum, in_office, others, own, separately, turned


class Outlook(NamedTuple):
    """What each actor (row) expects of each other (column); histories along a last axis that is left out below."""

    acts: jax.Array  # (F,) 1 for those who can move
    here: jax.Array  # (F,) 1 for those in office
    pairs: jax.Array  # (F, F) 1 for two different people in office
    seen: jax.Array  # (F, F) estimate of strength, 0 for those who are gone
    total: jax.Array  # (F,) sum of the row's estimates
    share: jax.Array  # (F, F) share of strength
    hostile: jax.Array  # (F, F) believed chance of hostile intent
    ambition: jax.Array  # (F, F) ambition of column as far as row sees it
    caring: jax.Array  # (F, F) weight row puts on column's payoff
    attraction: jax.Array  # (F, F) of row to column
    wins: jax.Array  # (F, F) predicted chance that row beats column
    support: jax.Array  # (F, F) predicted share of strength on row's side against column
    slope: jax.Array  # (F, F) derivative of `wins` by that share
    hazard: jax.Array  # (F, F) believed chance to be struck down by column
    threat: jax.Array  # (F,) the largest of them
    attacker: jax.Array  # (F, F) 1 at the likeliest attacker
    prey: jax.Array  # (F, F) 1 at the most rewarding target
    spoil: jax.Array  # (F, F) share row would take from column
    danger: jax.Array  # (F, F) at the likeliest attacker, fall of its hazard by a unit of share on row's side
    chase: jax.Array  # (F, F) at the most rewarding target, rise of the prospect by that
    pull: jax.Array  # (F, F) share of strength that a unit of column's attraction moves where sides are open, as row sees it
    fear: jax.Array  # (F, F) fall of row's threat by a unit of that
    hope: jax.Array  # (F, F) rise of row's prospect by that
    bare: jax.Array  # (F, F) fall of row's threat by a unit of column's share, were column sure to stand by it
    hold: jax.Array  # (F, F) worth to row of column's favour against the likeliest attacker
    reach: jax.Array  # (F, F) worth to row of column's favour against the most rewarding target
    kept: jax.Array  # (F, F) multiple of its share that row expects to hold if column falls; 0 where nobody looks ahead
    left: jax.Array  # (F, F) multiple of its share that row expects column to hold if row falls; 0 where nobody looks ahead


def seen_ambition(world: World) -> jax.Array:
    """Return the ambition of column as far as row sees it, shape (F, F, H)."""
    return world.mind.ambition[None, :] * visibility(world)


def caring(state: State, world: World) -> jax.Array:
    """Return the weight row puts on column's payoff, shape (F, F, H), 0 on the diagonal.

    Without the mechanism of empathy nobody cares, by nature or in return for kindness; revenge goes with that of grievance.
    """
    mind, cares = world.mind, world.on["empathy"]
    gap = state.estimate - own(state.estimate)[:, None]
    behind, ahead, gratitude = mind.empathy_behind * cares, mind.empathy_ahead * cares, mind.reciprocity * cares
    grievance = state.grievance * world.on["grievance"]
    raw = empathy.weight(behind, ahead, gratitude, mind.vengefulness, gap, state.kindness, grievance)
    return raw * others(raw.shape[0])


def attraction(state: State, world: World, share: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Return the attraction of row to column without dependence, and the part due to dependence, shape (F, F, H) each."""
    p = world.parameters
    open_part = p.attraction_trust * state.trust + p.attraction_kindness * state.kindness
    open_part = open_part - p.attraction_grievance * state.grievance * world.on["grievance"]
    open_part = open_part - p.attraction_balance * world.on["balancing"] * share * seen_ambition(world)
    return open_part, p.attraction_dependence * state.dependence


def look(state: State, world: World) -> Outlook:
    """Return the outlook of every actor."""
    p, mind = world.parameters, world.mind
    here = in_office(state).astype(jnp.float32)
    pairs = here[:, None] * here[None, :] * others(here.shape[0])
    seen = state.estimate * here[None, :] * here[:, None]
    total = jnp.maximum(jnp.sum(seen, axis=1), 1e-6)
    share = seen / total[:, None]
    contest, (kept, left) = separately(world.tick, _contests, state, world, seen, total, share, pairs)
    hostile = suspicion.hostile(state.belief) * pairs
    ambition = seen_ambition(world)
    hazard = p.threat_rate * hostile * ambition * (1.0 - contest.wins) * in_forum(state)[None, :]
    threat = jnp.max(hazard, axis=1)
    spoil = p.spoils * share * pairs
    prospect = contest.wins * spoil
    attacker = ((hazard == threat[:, None]) & (hazard > 0.0)).astype(jnp.float32)
    prey = ((prospect == jnp.max(prospect, axis=1)[:, None]) & (prospect > 0.0)).astype(jnp.float32)
    slope = NORMAL_BY_LOGISTIC / contest.spread * contest.wins * (1.0 - contest.wins)
    danger, chase = separately(
        world.tick, lambda *parts: parts, attacker * p.threat_rate * hostile * ambition * slope, prey * spoil * slope
    )
    pull = (nearness(world) * world.precision * (world.depth[1] + world.depth[2]))[:, None] * share
    fear, hope, bare = (part * pairs for part in _openings(contest.sides, danger, chase))
    open_part, bound = attraction(state, world, share)
    return Outlook(
        acts=in_forum(state).astype(jnp.float32),
        here=here,
        pairs=pairs,
        seen=seen,
        total=total,
        share=share,
        hostile=hostile,
        ambition=ambition,
        caring=caring(state, world),
        attraction=open_part + bound,
        wins=contest.wins,
        support=contest.share,
        slope=slope,
        hazard=hazard,
        threat=threat,
        attacker=attacker,
        prey=prey,
        spoil=spoil,
        danger=danger,
        chase=chase,
        pull=pull,
        fear=fear,
        hope=hope,
        bare=bare,
        hold=own(share)[:, None] * pull * fear,
        reach=(p.foresight * mind.ambition)[:, None] * pull * hope,
        kept=kept,
        left=left,
    )


def _openings(sides: jax.Array, danger: jax.Array, chase: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
    """How much third parties (column) can still be moved in the contests that matter to row, `fear`, `hope` and `bare`, shape (F, F, H)."""
    apart = others(sides.shape[0])[None]
    doubt = sides * (1.0 - sides) * apart
    parts = doubt * danger[:, :, None], doubt * chase[:, :, None], (1.0 - sides) * apart * danger[:, :, None]
    fear, hope, bare = (jnp.sum(part, axis=1) for part in parts)
    return fear, hope, bare


Remainders: TypeAlias = tuple[jax.Array, jax.Array]
"""What row expects to keep if column falls, and column to keep if row falls, shape (F, F, H) each."""


def _contests(
    state: State, world: World, seen: jax.Array, total: jax.Array, share: jax.Array, pairs: jax.Array
) -> tuple[foreseen.Contest, Remainders]:
    """Every contest of row against column as row expects it, and what is left after it.

    `sides` has shape (F, F, F, H): challenger, target, third party.
    """
    apart = others(seen.shape[0])
    third = seen[:, None] * apart[:, None] * apart[None]
    strength, whole = own(seen)[:, None], total[:, None]
    lean, first, remaining = either(looks_ahead(state, world), _far_leanings, _leanings, state, world, share)
    expected = foreseen.share_of(first, third, strength, whole)
    beta = nearness(world) * world.parameters.bandwagon * world.on["bandwagon"]
    sides = separately(world.tick, foreseen.predict_sides, lean, expected, world.depth[:, :, None], world.precision[:, None], beta)
    contest = foreseen.tally(sides, third, strength, whole, world.parameters.majority)
    return contest._replace(wins=contest.wins * pairs), remaining


def _leanings(state: State, world: World, share: jax.Array) -> tuple[jax.Array, jax.Array, Remainders]:
    """Lean of every third party as row sees it, and the side a level-1 mind expects of it, shape (F, F, F, H) each; nothing is left."""
    lean = _lean(state, world, share)
    return lean, _first(state, world, lean), (jnp.zeros_like(share), jnp.zeros_like(share))


def _far_leanings(state: State, world: World, share: jax.Array) -> tuple[jax.Array, jax.Array, Remainders]:
    """As `_leanings`, by who will rule as far as people look ahead, and what is left."""
    after, place = remainders(state, world), jnp.arange(share.shape[0])
    left = after[place, place]
    lean = nearness(world) * _lean(state, world, share) + world.parameters.farsightedness * (after - left[:, None])
    return lean, _first(state, world, lean), (after[place, :, place], left)


def _lean(state: State, world: World, share: jax.Array) -> jax.Array:
    open_part, bound = attraction(state, world, share)
    for_rival = turned(open_part)[None] + visibility(world)[:, :, None] * turned(bound)[None]
    return turned(open_part + bound)[:, None] - for_rival


def _first(state: State, world: World, lean: jax.Array) -> jax.Array:
    return foreseen.first_sides(lean, state.focus[None, :], world.precision[:, None])
