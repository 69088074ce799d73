r"""The elite: ignore, concede, repress, or bargain with an outsider; and the revolt it fears.

What concession and repression leave the elite is as in Acemoglu & Robinson (2006), see `classics.concession`, with waste C(τ) = c τ²/2.
There a threat is known; here each member believes in a revolt with a chance p, and the frequency of threats q is the running mean of it.
Concession is for the moment or for good, whichever leaves more.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from virtu.minds import choice
from virtu.scenario.street_vocabulary import ANSWERS, RULERS, StreetParameters
from virtu.street.state import NOBODY, Info, Setup, State, World, following, turnout

IGNORE, CONCEDE, REPRESS, BARGAIN = range(len(ANSWERS))
ELITE, COALITION, OUTSIDER = range(len(RULERS))

LEAST = 1e-9


class Stakes(NamedTuple):
    """What a society is like to its elite; fields broadcast."""

    inequality: jax.Array  # θ, share of income of the elite
    elite: jax.Array  # δ, share of the elite in the people
    destruction: jax.Array  # μ, share of income that a revolution destroys
    patience: jax.Array  # β
    waste: jax.Array  # c
    cost: jax.Array  # κ, share of income that repression costs


def worth(stakes: Stakes, frequency: jax.Array, revolt: jax.Array) -> jax.Array:
    """Return what ignoring, conceding and repressing leave the elite, as a share of all income for ever, shape (3, …).

    With revolt = 1 these are the values of `classics.concession.choice`, concession being the better of the temporary and the lasting.

    Parameters
    ----------
    stakes : Stakes
        The society.
    frequency, revolt : jax.Array
        q, and the believed chance p of a revolt now, 0 … 1.
    """
    theta, gap = stakes.inequality, stakes.inequality - stakes.elite
    short = theta - stakes.destruction
    weight = 1.0 - stakes.patience * (1.0 - frequency)
    best = jnp.minimum(gap / ((1.0 - stakes.elite) * stakes.waste), 1.0)
    most = _gain(stakes, best)
    danger = jnp.where(short > 0.0, revolt, 0.0)
    enough = short <= weight * most
    for_now = theta - weight * _loss(stakes, jnp.where(enough, _least_rate(stakes, short / weight), best))
    for_good = theta - _loss(stakes, best)
    conceded = jnp.maximum(jnp.where(enough, 1.0, 1.0 - danger) * for_now, jnp.where(short <= most, 1.0, 1.0 - danger) * for_good)
    return jnp.stack(jnp.broadcast_arrays(theta * (1.0 - danger), conceded, theta * (1.0 - weight * stakes.cost)))


def _gain(stakes: Stakes, rate: jax.Array) -> jax.Array:
    """G(τ), what the citizens gain by a tax."""
    return rate * (stakes.inequality - stakes.elite) - (1.0 - stakes.elite) * stakes.waste * 0.5 * jnp.square(rate)


def _loss(stakes: Stakes, rate: jax.Array) -> jax.Array:
    """L(τ), what the elite loses by it."""
    return rate * (stakes.inequality - stakes.elite) + stakes.elite * stakes.waste * 0.5 * jnp.square(rate)


def _least_rate(stakes: Stakes, needed: jax.Array) -> jax.Array:
    """τ̂, the least rate at which the gain is what is needed: the smaller root of a quadratic, so written that nothing cancels."""
    linear, bend = stakes.inequality - stakes.elite, (1.0 - stakes.elite) * stakes.waste
    missing = jnp.maximum(needed, 0.0)
    return 2.0 * missing / jnp.maximum(linear + jnp.sqrt(jnp.maximum(jnp.square(linear) - 2.0 * bend * missing, 0.0)), LEAST)


def revolt_chance(counted: jax.Array, police: jax.Array, p: StreetParameters) -> jax.Array:
    """Return the chance that those in the street would win, logistic in the logarithm of their number per policeman; all broadcast.

    An even bet at `revolt_ratio`. By default that is 3.5 % of the people against police of .4 %: no campaign of more than 3.5 % has been
    seen to fail (Chenoweth & Stephan 2011).
    """
    ratio = jnp.maximum(counted, LEAST) / jnp.maximum(police, LEAST)
    return jax.nn.sigmoid(p.revolt_slope * (jnp.log(ratio) - jnp.log(p.revolt_ratio))) * (counted > 0.0)


def counted(state: State, militancy: jax.Array, world: World) -> jax.Array:
    """Return the share of the people that each camp's turnout counts for, shape (F, H), by its intensity, true or as it is shown."""
    return jnp.sum(turnout(state.active, world.setup), axis=1) * (1.0 + world.parameters.militancy * militancy)


def backing_of_outsider(state: State, setup: Setup) -> jax.Array:
    """Return the share of the people that supports the outsider, shape (H,); 0 without one."""
    share = jnp.sum(setup.cell_share[:, None] * following(state.support, setup), axis=0)
    options = jnp.arange(share.shape[0], dtype=jnp.int32)[:, None]
    return jnp.sum(jnp.where(options == setup.outsider, share, 0.0), axis=0)


def attractions(state: State, world: World, revolt: jax.Array, stakes: Stakes) -> jax.Array:
    """Return what each answer is worth to each member, times the member's precision, shape (M, 4, H).

    A bargain is ignoring with p_o B more, the outsider's backing, and (1 − ĉ_m) Z less, for he may not be contained; ĉ_m is what a member
    believes, or the truth where `overconfidence` is off. It needs an outsider who is not in government yet.

    Parameters
    ----------
    state, world : State, World
        Of the tick.
    revolt : jax.Array
        Believed chance of a revolt, shape (H,).
    stakes : Stakes
        The society.
    """
    p, setup = world.parameters, world.setup
    values = worth(stakes, state.threat, revolt)
    sure = jnp.where(world.on["overconfidence"] > 0.0, world.believed_containability, setup.containability)
    bargain = values[IGNORE] + backing_of_outsider(state, setup) * p.bargain_gain - (1.0 - sure) * p.bargain_loss
    members = bargain.shape[0]
    possible = (setup.outsider >= 0) & (state.ruler == ELITE)
    rows = [jnp.broadcast_to(one, bargain.shape) for one in values] + [jnp.where(possible, bargain, choice.NEVER)]
    precision = choice.precision(p.elite_precision, world.council.nerve, jnp.broadcast_to(revolt, (members, *revolt.shape)))
    return precision[:, None] * jnp.stack(rows, axis=1)


def preferred(attraction: jax.Array, taste: jax.Array) -> jax.Array:
    """Return the answer each member would give, shape (M, H): the greatest of attraction and taste.

    Tastes are standard Gumbel numbers, so that over histories the shares are quantal responses, softmax(attraction) (McFadden 1974;
    McKelvey & Palfrey 1995). A member's tastes last for a history: the answer changes only with what answers are worth.

    Parameters
    ----------
    attraction, taste : jax.Array
        Shape (M, 4, H).
    """
    return jnp.argmax(attraction + taste, axis=1)


def stakes_of(world: World) -> Stakes:
    """Return what the society is like to its elite."""
    p, setup = world.parameters, world.setup
    return Stakes(setup.inequality, setup.elite_share, setup.destruction, p.patience, p.waste, p.repression_cost)


def answered(state: State, world: World, revolt: jax.Array) -> jax.Array:
    """Return the answer given, shape (H,) int32: at a council that of the member who has the say, or the one forced; −1 without a council.

    Who has the say is drawn once for a history, by weight, so that over histories the chances of answers are members' quantal responses,
    weighted. A bargain that is forced where none is possible is none: the elite ignores.
    """
    p, forced = world.parameters, world.done.answer
    free = jnp.full(revolt.shape, NOBODY)
    if world.setup.member.shape[0]:
        would = preferred(attractions(state, world, revolt, stakes_of(world)), world.taste)
        upto = jnp.cumsum(world.setup.member_weight, axis=0)
        has_say = jnp.sum(world.say >= upto[:-1], axis=0)
        said = jnp.take_along_axis(would, has_say[None], axis=0)[0]
        free = jnp.where(world.on["elite"] > 0.0, said, NOBODY)
    given = jnp.where(forced >= 0, forced, free)
    impossible = (given == BARGAIN) & ((world.setup.outsider < 0) | (state.ruler != ELITE))
    sits = jnp.mod(world.tick.astype(jnp.float32), jnp.round(p.elite_interval)) < 0.5
    return jnp.where(sits & (state.ruler <= COALITION), jnp.where(impossible, IGNORE, given), NOBODY).astype(jnp.int32)


def carry_out(state: State, world: World, answer: jax.Array, most: jax.Array) -> State:
    """Return the state after an answer.

    Parameters
    ----------
    state, world : State, World
        Of the tick.
    answer : jax.Array
        ANSWERS or −1, shape (H,).
    most : jax.Array
        1 for the most threatening camp, shape (F, H).
    """
    p = world.parameters
    gives, strikes, deals = (jnp.where(answer == code, 1.0, 0.0) for code in (CONCEDE, REPRESS, BARGAIN))
    concession = state.concession * (1.0 - p.concession_fade)
    concession = concession + gives * p.concession_step * (1.0 - concession)
    repression = state.repression * (1.0 - p.repression_fade)
    repression = repression + strikes * most * p.repression_step * (1.0 - repression)
    won = gives * p.legitimacy_concession * (1.0 - state.legitimacy)
    partner = jnp.where(world.luck["street council"][1][0] < world.setup.containability, COALITION, OUTSIDER)
    return state._replace(
        concession=concession,
        repression=repression,
        legitimacy=state.legitimacy + won,
        ruler=jnp.where(deals > 0.0, partner, state.ruler),
    )


def overthrow(state: State, info: Info, world: World) -> State:
    """Return the state after revolts: a camp takes over with chance `revolt_rate` times that of winning; the strongest of several does.

    Whoever has taken over, camp or outsider, stays: what comes after is not this model's.
    """
    p, setup = world.parameters, world.setup
    win = revolt_chance(counted(state, jnp.sum(info.share * state.intensity, axis=1), world), setup.police, p)
    risen = (world.luck["street revolt"][0] < p.revolt_rate * win * world.on["revolt"]) & (state.ruler <= COALITION)
    first = jnp.argmax(jnp.where(risen, win, -1.0), axis=0).astype(jnp.int32)
    return state._replace(ruler=jnp.where(jnp.any(risen, axis=0), len(RULERS) + first, state.ruler))


def elite(state: State, info: Info, world: World) -> tuple[State, Info]:
    """Phase 7. The council answers, what it decides is done, and a revolt may overtake it.

    Its fear is of those in the street by what is shown of their intensity; whether they win depends on what is true.
    """
    p = world.parameters
    seen = counted(state, info.seen_mean, world)
    revolt = jnp.max(revolt_chance(seen, world.setup.police, p), axis=0)
    state = state._replace(threat=p.threat_memory * state.threat + (1.0 - p.threat_memory) * revolt)
    answer = answered(state, world, revolt)
    strongest = jnp.arange(seen.shape[0])[:, None] == jnp.argmax(seen, axis=0)
    state = carry_out(state, world, answer, strongest.astype(jnp.float32))
    return overthrow(state, info, world), info._replace(answer=answer)
