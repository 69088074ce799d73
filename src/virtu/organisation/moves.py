"""The ten moves: what each is thought to be worth, and what it does.

A move has two sides. Its **score** is a first-order look-ahead: with its own estimates and its own theory of mind the actor predicts
the change in its own payoff (standing and prospect, policy) and in the other's, in the same unit (`welfare`), and how much
ruthlessness is dreaded. Its **effect** is what it does to everybody's trust, beliefs, dependence and estimates, whoever makes it.
Scores are matrices (actor, target); effects receive a mask (actor, target) of who makes the move on whom and return a `Change`.

Notation in the docstrings: T trust, A attraction, S share of strength, w the weight on the other's payoff, hold_ik
and reach_ik the worth to i
of a unit of k's attraction against the likeliest attacker and the best prey (see `outlook`), worth = hold + reach.
c_ki = (1 + T_ki)/2 is how far
k believes i. A public statement works only through what those who hear it come to believe.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp

from virtu.minds.contest import LEAST_SPREAD, NORMAL_BY_LOGISTIC
from virtu.organisation import welfare
from virtu.organisation.farsight import nearness
from virtu.organisation.outlook import Outlook
from virtu.organisation.seats import standing
from virtu.organisation.state import State, World, at_person, others, own, product, status_of, turned
from virtu.scenario.vocabulary import MOVES, Status


class Score(NamedTuple):
    """What a move is thought to be worth, each (F, F, H) or broadcasting to it: actor, target, history."""

    own: jax.Array | float  # change of the actor's own payoff
    other: jax.Array | float = 0.0  # change of the target's payoff
    dread: jax.Array | float = 0.0  # dread of the means, payoff units
    spread: jax.Array | float = 0.0  # standard deviation of the own payoff
    allowed: jax.Array | bool = True  # where the move can be made


class Change(NamedTuple):
    """What moves change, each (F, F, H), (F, H) or 0: rows are those changed, columns whom it is about."""

    trust: jax.Array | float = 0.0
    dependence: jax.Array | float = 0.0
    claim: jax.Array | float = 0.0  # log odds towards hostility
    estimate: jax.Array | float = 0.0  # log strength
    merit: jax.Array | float = 0.0  # (F, H) strength
    focus: jax.Array | float = 0.0  # (F, H) log odds
    harm: jax.Array | float = 0.0
    benefit: jax.Array | float = 0.0
    grades: jax.Array | float = 0.0  # (F, H) grades of status regained
    protects: jax.Array | float = 0.0


class Move(NamedTuple):
    """One of the moves an actor can choose."""

    name: str
    score: Callable[[State, World, Outlook], Score]
    effect: Callable[[State, World, Outlook, jax.Array], Change]
    local: bool  # changes nothing but between actor and target


REGISTRY: dict[str, Move] = {}


def move(
    score: Callable[[State, World, Outlook], Score], *, local: bool
) -> Callable[[Callable[[State, World, Outlook, jax.Array], Change]], Move]:
    """Register a move: decorates its effect, whose name is the move's name.

    Parameters
    ----------
    score : callable
        ``score(state, world, outlook) -> Score``.
    local : bool
        True if bystanders are left untouched.
    """

    def register(effect: Callable[[State, World, Outlook, jax.Array], Change]) -> Move:
        name = effect.__name__
        REGISTRY[name] = Move(name, score, effect, local)
        return REGISTRY[name]

    return register


def credence(state: State, outlook: Outlook) -> jax.Array:
    """Return how far row believes what column says, (1 + T)/2, shape (F, F, H); 0 towards oneself."""
    return 0.5 * (1.0 + state.trust) * outlook.pairs


def worth(outlook: Outlook) -> jax.Array:
    """Return what a unit of column's attraction is worth to row, shape (F, F, H)."""
    return outlook.hold + outlook.reach


def audience(outlook: Outlook, heard: jax.Array) -> jax.Array:
    """Return what it is worth to row that all others turn from column by a unit as far as they believe row.

    Only the likeliest attacker and the best prey matter: [attacker] Σ_k hold_ik c_ki + [prey] Σ_k reach_ik c_ki, shape (F, F, H).
    """
    held = jnp.sum(outlook.hold * turned(heard), axis=1)
    reached = jnp.sum(outlook.reach * turned(heard), axis=1)
    return outlook.attacker * held[:, None] + outlook.prey * reached[:, None]


def strongest(outlook: Outlook) -> jax.Array:
    """Return a mask of whom row takes for the strongest of the others, shape (F, F, H), float32."""
    rivals = outlook.seen * outlook.pairs
    best = jnp.max(rivals, axis=1)[:, None]
    return ((rivals == best) & (best > 0.0)).astype(jnp.float32)


def turned_on(state: State, world: World, outlook: Outlook) -> Score:
    """Return what making column the focal point is worth to row, and to column.

    Only minds of level 2 see that others follow where they expect others to go: a focus of f moves the share that a level-2
    contest turns on by κ₂ λ β · 2 · (mean doubt)² f to first order, doubt = sides (1 − sides) taken at ¼.
    """
    p = world.parameters
    moved = nearness(world) * world.depth[2] * world.precision * p.bandwagon * world.on["bandwagon"] * 2.0 * 0.25 * 0.25
    focus = p.praise_focus * enmity(state)
    return Score(own=focus * moved[:, None] * stake(world, outlook), other=-focus * welfare.made_focal(outlook, moved))


def stake(world: World, outlook: Outlook) -> jax.Array:
    """Return what a unit of share on row's side against the likeliest attacker or the best prey (column) is worth, shape (F, F, H)."""
    drive = (world.parameters.foresight * world.mind.ambition)[:, None]
    return own(outlook.share)[:, None] * outlook.danger + drive * outlook.chase


def enmity(state: State) -> jax.Array:
    """Return how hostile row is known to be to column, (1 − T)/2, shape (F, F, H), 0 on the diagonal."""
    return 0.5 * (1.0 - state.trust) * others(state.trust.shape[0])


def _dread(world: World, amount: jax.Array) -> jax.Array:
    return (amount * (1.0 - world.mind.nerve) * world.on["dread"])[:, None]


def _resentment(world: World, outlook: Outlook) -> jax.Array:
    """What the target's resentment of a hostile act costs the actor, worth_ij · (d · grievance + trust) of the harm seen."""
    p = world.parameters
    push = p.attraction_grievance * p.grievance_gain * 0.5 + p.attraction_trust
    return worth(outlook) * push * p.hostile_value


def _bide_score(state: State, world: World, outlook: Outlook) -> Score:
    alone = others(state.person.shape[0]) == 0.0
    return Score(own=world.parameters.effort, allowed=alone)


@move(_bide_score, local=True)
def bide(state: State, world: World, outlook: Outlook, on: jax.Array) -> Change:
    """Wait. Worth nothing, costs no effort, does nothing (the effort every other move costs is added back here)."""
    return Change()


def _cultivate_score(state: State, world: World, outlook: Outlook) -> Score:
    p = world.parameters
    warmer = p.attraction_trust * p.cultivate_gain * (1.0 - turned(state.trust)) + p.attraction_kindness * p.kindness_gain * p.kind_value
    return Score(own=worth(outlook) * warmer)


@move(_cultivate_score, local=True)
def cultivate(state: State, world: World, outlook: Outlook, on: jax.Array) -> Change:
    """Win somebody over: T_ji grows by gain (1 − T_ji), and j sees a small benefit.

    Score: worth_ij · [a · gain (1 − T_ji) + c · kindness]; to the other nothing, whose standing it leaves as it is.
    Gouldner (1960), the norm of reciprocity.
    """
    p = world.parameters
    return Change(trust=p.cultivate_gain * (1.0 - state.trust) * turned(on), benefit=p.kind_value * turned(on))


def _praise_score(state: State, world: World, outlook: Outlook) -> Score:
    p = world.parameters
    heard = credence(state, outlook)
    alarm = p.attraction_balance * world.on["balancing"] * outlook.ambition * outlook.share * (1.0 - outlook.share) * p.praise_gain
    pleased = p.attraction_trust * p.cultivate_gain * (1.0 - turned(state.trust)) * (1.0 - world.attention)[None, :]
    focal = turned_on(state, world, outlook)
    value = alarm * audience(outlook, heard) + worth(outlook) * pleased + focal.own
    return Score(own=value, other=focal.other - alarm * welfare.deserted(world, outlook, heard))


@move(_praise_score, local=False)
def praise(state: State, world: World, outlook: Outlook, on: jax.Array) -> Change:
    """Say in public how strong somebody is: believers raise their estimate, an inattentive target is pleased.

    Ŵ_kj grows by gain · c_ki; T_ji by the gain of cultivating times (1 − attention_j); and where speaker and target are known to be
    at odds, the target becomes a focal point. Score: worth of the balancing it sets off in each believer, e ·
    ambition_j S_ij (1 − S_ij) gain ·
    audience_ij, plus the target's pleasure, plus the focal point's worth; to the other, the loss of those who balance and turn on it.
    Schelling (1960) on focal points.
    """
    p = world.parameters
    heard = credence(state, outlook)
    pleased = p.cultivate_gain * (1.0 - state.trust) * (1.0 - world.attention)[:, None] * turned(on)
    focus = p.praise_focus * jnp.sum(on * enmity(state), axis=0)
    return Change(estimate=p.praise_gain * (product(heard, on)) * others(on.shape[0]), trust=pleased, focus=focus)


def _denounce_score(state: State, world: World, outlook: Outlook) -> Score:
    p = world.parameters
    heard = credence(state, outlook)
    turn = p.attraction_trust * p.denounce_trust
    favour = jnp.sum(worth(outlook) * strongest(outlook), axis=1)[:, None]
    focal = turned_on(state, world, outlook)
    value = turn * (audience(outlook, heard) + outlook.hostile * favour) + focal.own - _resentment(world, outlook)
    harm = focal.other - turn * welfare.deserted(world, outlook, heard)
    return Score(own=value, other=harm, dread=_dread(world, p.dread_denounce))


@move(_denounce_score, local=False)
def denounce(state: State, world: World, outlook: Outlook, on: jax.Array) -> Change:
    """Say in public that somebody is an enemy: believers suspect and distrust him; it shows loyalty to the strongest.

    Each believer's odds of hostility shift by gain · c_ki and T_kj falls by c_ki; the strongest, so far as he
    himself holds j for hostile, trusts
    the denouncer more; j sees harm; j becomes a focal point. Score: a · trust lost · audience_ij + display of
    loyalty + focal point − resentment; to the other, the loss of those who turn from it and on it.
    Egorov & Sonin (2011) and Gregory, Schröder & Sonin (2011) on informers.
    """
    p = world.parameters
    heard = product(credence(state, outlook), on) * others(on.shape[0])
    ruler = strongest(outlook)
    shown = p.denounce_trust * turned(ruler) * product(outlook.hostile, turned(on))
    focus = p.praise_focus * jnp.sum(on * enmity(state), axis=0)
    return Change(trust=shown - p.denounce_trust * heard, claim=p.denounce_gain * heard, harm=p.hostile_value * turned(on), focus=focus)


def _obstruct_score(state: State, world: World, outlook: Outlook) -> Score:
    p = world.parameters
    lost = p.obstruct_harm * state.merit[None, :] / outlook.total[:, None]
    own_share = own(outlook.share)[:, None]
    eased = stake(world, outlook) * outlook.support
    value = lost * (eased + own_share) - _resentment(world, outlook) * world.attention[None, :]
    return Score(own=value, other=-lost * welfare.strengthened(world, outlook), dread=_dread(world, p.dread_obstruct))


@move(_obstruct_score, local=True)
def obstruct(state: State, world: World, outlook: Outlook, on: jax.Array) -> Change:
    """Get in the way of somebody's work: his merit falls; he notices as far as he pays attention.

    Score: share gained as his strength falls, and the contest against him made easier, less resentment as far as noticed; to the
    other, the share lost and its contests made harder.
    Svolik (2012) on struggles short of a coup.
    """
    p = world.parameters
    merit = -p.obstruct_harm * state.merit * jnp.minimum(jnp.sum(on, axis=0), 3.0)
    return Change(merit=merit, harm=p.hostile_value * world.attention[:, None] * turned(on))


def _shun_score(state: State, world: World, outlook: Outlook) -> Score:
    p = world.parameters
    heard, turn = credence(state, outlook), p.attraction_trust * p.shun_harm
    value = turn * audience(outlook, heard) - _resentment(world, outlook)
    return Score(own=value, other=-turn * welfare.deserted(world, outlook, heard), dread=_dread(world, p.dread_shun))


@move(_shun_score, local=False)
def shun(state: State, world: World, outlook: Outlook, on: jax.Array) -> Change:
    """Cut somebody: those who follow the shunner trust the shunned less, without a word said against him.

    T_kj falls by harm · c_ki; j sees harm. Score: a · harm · audience_ij − resentment; to the other, the loss of those who turn from it.
    Williams (2007) on ostracism.
    """
    p = world.parameters
    heard = product(credence(state, outlook), on) * others(on.shape[0])
    return Change(trust=-p.shun_harm * heard, harm=p.hostile_value * turned(on))


def _rescue_score(state: State, world: World, outlook: Outlook) -> Score:
    p = world.parameters
    down = _pushed_down(state)
    able = own(outlook.share) >= p.rescue_share
    bound = p.rescue_dependence * (1.0 - jnp.sum(state.dependence, axis=1))[None, :]
    seat = standing(world.setup, state).weight[None, :] / outlook.total[:, None]
    bond = p.attraction_dependence * bound + p.attraction_kindness * p.kindness_gain * p.rescue_value
    raised = (_weight_of(world, status_of(state) - 1) - _weight_of(world, status_of(state)))[None, :] / outlook.total[:, None]
    gained = raised * welfare.strengthened(world, outlook)
    return Score(own=bound * seat + worth(outlook) * bond, other=gained, allowed=able[:, None] & down[None, :])


def _weight_of(world: World, status: jax.Array) -> jax.Array:
    """Strength that goes with a status, shape (F, H)."""
    return at_person(world.setup.seat_weight, status)


def _pushed_down(state: State) -> jax.Array:
    status = status_of(state)
    fallen = at_person(state.fallen, state.person)
    return fallen & ((status == int(Status.CANDIDATE)) | (status == int(Status.OFFICE)))


@move(_rescue_score, local=True)
def rescue(state: State, world: World, outlook: Outlook, on: jax.Array) -> Change:
    """Pull back somebody who was pushed down: one grade of status, dependence and gratitude.

    Score: strength gained through his dependence, and his favour; to the other, the weight of the status regained; open to those with
    the share of strength it takes.
    """
    p = world.parameters
    free = (1.0 - jnp.sum(state.dependence, axis=1))[:, None]
    bound = p.rescue_dependence * free * turned(on)
    raised = (jnp.sum(on, axis=0) > 0.0).astype(jnp.float32)
    return Change(dependence=bound, benefit=p.rescue_value * turned(on), grades=raised)


def _protect_score(state: State, world: World, outlook: Outlook) -> Score:
    p = world.parameters
    bound = p.protect_dependence * (1.0 - jnp.sum(state.dependence, axis=1))[None, :]
    seat = standing(world.setup, state).weight[None, :] / outlook.total[:, None]
    bond = p.attraction_dependence * bound + p.attraction_kindness * p.kindness_gain * p.kind_value
    ruler = strongest(outlook)
    disliked = product(ruler, jnp.maximum(-state.trust, 0.0))
    price = jnp.sum(worth(outlook) * ruler, axis=1)[:, None] * p.attraction_trust * p.shun_harm * disliked
    return Score(own=bound * seat + worth(outlook) * bond - price, other=welfare.sheltered(outlook))


@move(_protect_score, local=False)
def protect(state: State, world: World, outlook: Outlook, on: jax.Array) -> Change:
    """Stand before somebody: whoever strikes at him this tick meets the protector, and he comes to depend a little.

    The strongest resents protection of those he distrusts. Score: as `rescue`, with smaller bonds, less that price; to the other, a
    side that is sure.
    """
    p = world.parameters
    free = (1.0 - jnp.sum(state.dependence, axis=1))[:, None]
    ruler = strongest(outlook)
    resented = -p.shun_harm * turned(ruler) * product(jnp.maximum(-state.trust, 0.0), turned(on))
    return Change(dependence=p.protect_dependence * free * turned(on), benefit=p.kind_value * turned(on), protects=on, trust=resented)


def _resign_score(state: State, world: World, outlook: Outlook) -> Score:
    p = world.parameters
    yes = jax.nn.sigmoid(world.precision[:, None] * (turned(outlook.attraction) + p.resign_default)) * outlook.pairs
    weight = outlook.seen * outlook.pairs
    total = jnp.maximum(jnp.sum(weight, axis=1), 1e-6)
    share = jnp.sum(weight * yes, axis=1) / total
    doubt = jnp.sqrt(jnp.sum(jnp.square(weight) * yes * (1.0 - yes), axis=1)) / total
    kept = jax.nn.sigmoid(NORMAL_BY_LOGISTIC * (share - p.majority) / (doubt + LEAST_SPREAD))
    committed = jnp.sum(worth(outlook) * yes * 0.5 * p.cultivate_gain * (1.0 - turned(state.trust)), axis=1) * p.attraction_trust
    raised = p.resign_standing * (2.0 * share - 1.0) / outlook.total
    lost = standing(world.setup, state).weight / outlook.total
    value = kept * (committed + raised) - (1.0 - kept) * lost
    spread = jnp.sqrt(kept * (1.0 - kept)) * (committed + raised + lost)
    alone = others(state.person.shape[0]) == 0.0
    return Score(own=value[:, None], spread=spread[:, None], allowed=alone)


@move(_resign_score, local=True)
def threaten_to_resign(state: State, world: World, outlook: Outlook, on: jax.Array) -> Change:
    """Offer to resign; all others vote in the contest phase, and their answer shows who is friend or enemy.

    Score: chance to be kept times (trust of those who commit themselves by their vote + standing confirmed), less the chance
    to be let go times the weight of one's seats; its standard deviation counts as risk.
    """
    return Change()


def distance(state: State, world: World) -> jax.Array:
    """Return how far column's positions are from row's, weighted by row's salience and the issues' chances, shape (F, F, H)."""
    total = jnp.zeros((), jnp.float32)
    for issue in range(world.setup.position.shape[1]):
        position = at_person(world.setup.position[:, issue], state.person)
        salience = at_person(world.setup.salience[:, issue], state.person)
        total = total + world.setup.issue_weight[issue] * jnp.abs(position[:, None] - position[None, :]) * salience[:, None]
    return total


def _strike_score(state: State, world: World, outlook: Outlook) -> Score:
    p = world.parameters
    own_share = own(outlook.share)[:, None]
    relief = own_share * outlook.hazard * outlook.attacker
    policy = p.policy_weight * distance(state, world)
    gain = nearness(world) * (outlook.spoil + relief + outlook.share * policy) + p.farsightedness * own_share * (outlook.kept - 1.0)
    loss = own_share * (1.0 - outlook.threat)[:, None]
    value = outlook.wins * gain - (1.0 - outlook.wins) * loss
    spread = jnp.sqrt(outlook.wins * (1.0 - outlook.wins)) * jnp.abs(gain + loss)
    return Score(own=value, other=welfare.struck(world, outlook, policy), dread=_dread(world, p.dread_strike), spread=spread)


@move(_strike_score, local=True)
def strike(state: State, world: World, outlook: Outlook, on: jax.Array) -> Change:
    """Move to have somebody removed; settled in the contest phase.

    Score: P_ij (spoils · S_ij + threat relieved + policy freed from his weight) − (1 − P_ij) · all that is held, with its standard
    deviation as risk; to the other, the same with the ends changed over. As far as people look ahead, the change of one's own share once
    others have fallen too takes the place of what is won from the target.
    Acemoglu, Egorov & Sonin (2008) on eliminations in coalitions.
    """
    return Change()


ORDERED: tuple[Move, ...] = tuple(REGISTRY[name] for name in MOVES)
"""The moves in the order of their codes."""
