"""The meeting: an issue, an order of speech, clashes, a proposal by the last to speak, and a vote."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from virtu.classics.compromise import weighted_mean
from virtu.organisation.seats import standing
from virtu.organisation.state import Info, State, World, at_person, first, in_forum, others, place_of, separately, status_of
from virtu.scenario.vocabulary import Status


class Debate(NamedTuple):
    """One issue before the forum, in H histories."""

    issue: jax.Array  # (Q, H) one-hot
    position: jax.Array  # (F, H) 0 … 1 of the issue's scale
    salience: jax.Array  # (F, H) 0 … 1
    lateness: jax.Array  # (F, H) share of the other speakers who spoke before
    speaks: jax.Array  # (F, H) 1 for those of the forum
    votes: jax.Array  # (F, H) voting strength


class Ballot(NamedTuple):
    """What was proposed on the issue, and how it was voted on, in H histories."""

    proposer: jax.Array  # (F, H) bool, at most one
    proposal: jax.Array  # (H,) 0 … 1 of the issue's scale
    gain: jax.Array  # (F, H) how much nearer the proposal lies than what is in force, times salience
    ayes: jax.Array  # (F, H) bool; counts where there are votes
    support: jax.Array  # (H,) 0 … 1 share of the voting strength
    passed: jax.Array  # (H,) bool


def meeting(state: State, info: Info, world: World) -> tuple[State, Info]:
    """Phase 4. Debate, clashes, proposal and vote on the tick's issue."""
    state, debate, ballot = sitting(state, world)
    return _decide(state, info, world, debate, ballot)


def sitting(state: State, world: World) -> tuple[State, Debate, Ballot]:
    """Return the state after the clashes, the debate, and the vote that follows."""
    debate = separately(world.tick, _debate, state, world)
    state = _clash(state, world, debate, world.on["meeting"])
    return state, debate, _vote(state, world, debate, world.on["meeting"])


def _debate(state: State, world: World) -> Debate:
    """Draw the issue and the tick's positions; order the speakers.

    The urge to speak is display + ambition − patience · κ₂ + noise: those who foresee at depth 2 that the others will
    wear each other down wait for the last word.
    """
    setup, p = world.setup, world.parameters
    lot, _ = world.luck["agenda"]
    upper = jnp.cumsum(setup.issue_weight, axis=0)
    issue = ((lot < upper) & (lot >= upper - setup.issue_weight)).astype(jnp.float32)
    shift, whim = world.luck["meeting"]
    position = at_person(jnp.sum(setup.position * issue[None, :], axis=1), state.person) + p.issue_noise * shift
    salience = at_person(jnp.sum(setup.salience * issue[None, :], axis=1), state.person)
    speaks = in_forum(state).astype(jnp.float32)
    urge = world.mind.display + world.mind.ambition - p.patience * world.depth[2]
    urge = jnp.where(world.done.random_order > 0.0, 0.0, urge) + p.order_noise * whim + at_person(world.done.urge, state.person)
    before = (urge[None, :] > urge[:, None]) * speaks[None, :]
    lateness = jnp.sum(before, axis=1) / jnp.maximum(jnp.sum(speaks, axis=0) - 1.0, 1.0)
    votes = standing(setup, state).strength * (status_of(state) == int(Status.FORUM))
    return Debate(issue, jnp.clip(position, 0.0, 1.0), salience, lateness, speaks, votes)


def clash(debate: Debate) -> jax.Array:
    """Return how hard each pair clashes, s_i s_j |x_i − x_j| (1 − late_i)(1 − late_j), shape (F, F, H), 0 … 1.

    Who speaks last clashes with nobody: by then there is nobody left to answer.
    """
    voice = debate.salience * (1.0 - debate.lateness) * debate.speaks
    gap = jnp.abs(debate.position[:, None] - debate.position[None, :])
    return gap * voice[:, None] * voice[None, :] * others(voice.shape[0])


def _clash(state: State, world: World, debate: Debate, on: jax.Array) -> State:
    p = world.parameters
    heat = clash(debate) * on
    return state._replace(
        trust=jnp.clip(state.trust - p.clash_trust * heat, -1.0, 1.0),
        merit=jnp.maximum(state.merit - p.clash_standing * jnp.sum(heat, axis=1), 0.0),
    )


def _vote(state: State, world: World, debate: Debate, on: jax.Array) -> Ballot:
    """The last voting speaker proposes the weighted mean, shaded towards itself; all vote by distance, trust, dependence."""
    p = world.parameters
    may_propose = debate.votes > 0.0
    last = jnp.max(jnp.where(may_propose, debate.lateness, -1.0), axis=0)
    proposer = first((debate.lateness == last) & may_propose)
    middle = weighted_mean(debate.position, debate.votes * debate.salience, axis=0)
    own = jnp.sum(jnp.where(proposer, debate.position, 0.0), axis=0)
    proposal = middle + p.shade * (own - middle)
    now = jnp.sum(state.policy * debate.issue, axis=0)
    gain = debate.salience * (jnp.abs(now - debate.position) - jnp.abs(proposal - debate.position))
    bond = jnp.sum(jnp.where(proposer[None, :], p.vote_trust * state.trust + p.vote_dependence * state.dependence, 0.0), axis=1)
    lot, _ = world.luck["vote"]
    ayes = (lot < jax.nn.sigmoid(p.vote_precision * (gain + bond))) | proposer
    support = jnp.sum(ayes * debate.votes, axis=0) / jnp.maximum(jnp.sum(debate.votes, axis=0), 1e-9)
    passed = (support > 0.5) & jnp.any(proposer, axis=0) & (on > 0.0)
    return Ballot(proposer, proposal, gain, ayes, support, passed)


def _decide(state: State, info: Info, world: World, debate: Debate, ballot: Ballot) -> tuple[State, Info]:
    """What the vote changes: policy, benefit and harm put down to the proposer, and its merit.

    Benefit and harm are s_k (|q − x_k| − |y − x_k|) · policy weight, put down to the proposer; the proposer's merit
    moves by standing · (2 · support − 1).
    """
    p, on = world.parameters, world.on["meeting"]
    felt = p.policy_weight * ballot.gain * ballot.passed * debate.speaks
    to_proposer = felt[:, None] * ballot.proposer[None, :] * others(felt.shape[0])
    credit = p.proposal_standing * (2.0 * ballot.support - 1.0) * ballot.proposer * on
    state = state._replace(
        policy=jnp.where((debate.issue > 0.0) & ballot.passed, ballot.proposal, state.policy),
        merit=jnp.maximum(state.merit + credit, 0.0),
    )
    return state, info._replace(
        benefit=info.benefit + jnp.maximum(to_proposer, 0.0),
        harm=info.harm + jnp.maximum(-to_proposer, 0.0),
        proposer=place_of(ballot.proposer & (on > 0.0)),
        passed=ballot.passed.astype(jnp.float32),
    )
