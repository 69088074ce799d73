"""Votes, coalitions, victories, and elections among options.

A voter k of weight w casts w·f(Δ) on a pair of options that differ by Δ = u_k(m) − u_k(m′) in its eyes. The coalition for m against
m′ is C_mm′ = ε + Σ_k max(w_k f(Δ), 0), its chance to win P_mm′ = g(C_mm′) / (g(C_mm′) + g(C_m′m)), and a probabilistic Condorcet
election (Wise & Bankes 2015) turns the square matrix P into one chance for each option:

- conditional: p_m ∝ Π_m′ P_mm′, the chance that m beats every option, given that some option does;
- Markov: the favourite i meets the challenger j with chance H_ji and the winner is the next favourite, until p = T p. H is even
  (Markov-uniform), or proportional to what the challengers can gain by force, C_ji P_ji (Markov-incentive).

Arrays carry draws along the last axis.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

FLOOR = 1e-8
"""Least strength of a coalition in an election, capability × utility; it keeps 0/0 out."""
BINARY_WIDTH = 1e-8
"""Difference in utility at which a binary vote is cast in full."""
INDIFFERENT = 1e-12
"""Difference in utility below which nobody votes: two equal states must not be told apart by the rounding of sums."""
BINARY_SHARE, CUBIC_SHARE, GAIN_SHARE = 0.2, 0.5, 2.0 / 3.0
"""Weight of the binary part in the first hybrid, of the cubic part in the second, and of gains against losses in the prospect rule."""
DECISIVE = 1.1
"""Ratio of strengths from which on the stronger side surely wins, where victory is binary."""
LEAST_ODDS = 1e-6
"""Odds of the weaker side beyond that ratio."""
TOLERANCE = {"markov_uniform": 1e-6, "markov_incentive": 1e-8}
"""Largest change of a chance in a step at which a Markov election has come to rest."""
LONGEST_MARKOV = 20_000
"""Steps after which a Markov election is taken as it stands."""
UNROLL = 16
"""Voters whose votes are counted in one pass."""
SELF_SUPPORT = 1e-10
"""What a favourite that nobody challenges meets: itself."""


def vote(rule: str, weight: jax.Array, difference: jax.Array) -> jax.Array:
    """Return the vote cast on a pair of options.

    Parameters
    ----------
    rule : str
        A name of `rules.VOTING`.
    weight : jax.Array
        Weight of the voter, ≥ 0; broadcasts with the difference.
    difference : jax.Array
        Utility of the first option less that of the second.

    Returns
    -------
    jax.Array
        Positive for the first option, negative for the second.
    """
    difference = jnp.where(jnp.abs(difference) < INDIFFERENT, 0, difference)
    binary = jnp.clip(difference / BINARY_WIDTH, -1.0, 1.0)
    shapes = {
        "proportional": lambda: difference,
        "binary": lambda: binary,
        "cubic": lambda: difference**3,
        "prop_bin": lambda: (1 - BINARY_SHARE) * difference + BINARY_SHARE * binary,
        "prop_cbc": lambda: (1 - CUBIC_SHARE) * difference + CUBIC_SHARE * difference**3,
        "asym_prosp": lambda: jnp.where(difference > 0, GAIN_SHARE * difference, difference),
    }
    return weight * shapes[rule]()


def coalitions(rule: str, weight: jax.Array, utility: jax.Array, compatible: bool = False) -> jax.Array:
    """Return the strength of the coalition for each option against each other.

    Parameters
    ----------
    rule : str
        A name of `rules.VOTING`.
    weight : jax.Array
        Shape (voters, draws).
    utility : jax.Array
        Utility of each option to each voter, shape (voters, options, draws).
    compatible : bool
        Count as the reference does, which looks at each pair once, from the option listed later: under the asymmetric rule the votes
        for that option are gains and those for the other are losses, so that the order of the list counts.

    Returns
    -------
    jax.Array
        Shape (options, options, draws).
    """

    def votes_of(sign: int, voter: tuple[jax.Array, jax.Array]) -> jax.Array:
        power, worth = voter
        return jnp.maximum(sign * vote(rule, power, sign * (worth[:, None] - worth[None])), 0)

    strength = FLOOR + summed(partial(votes_of, 1), (weight, utility), UNROLL)
    if compatible and rule == "asym_prosp":
        later = jnp.arange(utility.shape[1])
        as_losses = FLOOR + summed(partial(votes_of, -1), (weight, utility), UNROLL)
        return jnp.where((later[:, None] > later)[..., None], strength, as_losses)
    return strength


def summed(function: Callable[[Any], Any], voters: Any, unroll: int = 1) -> Any:
    """Return the sum over voters of a function of each; one voter after another, so that all else runs in vectors over draws.

    Parameters
    ----------
    function : callable
        Takes the arrays of one voter, returns arrays to add up.
    voters : arrays
        Each with voters along its first axis.
    unroll : int
        Voters taken in one pass over the arrays; worth it where the function is a few operations.
    """
    first = jax.tree.map(lambda part: part[0], voters)
    empty = jax.tree.map(lambda part: jnp.zeros(part.shape, part.dtype), jax.eval_shape(function, first))
    return jax.lax.scan(lambda total, voter: (jax.tree.map(jnp.add, total, function(voter)), None), empty, voters, unroll=unroll)[0]


def victory(model: str, strength: jax.Array, against: jax.Array) -> jax.Array:
    """Return the chance that a coalition beats another.

    Parameters
    ----------
    model : str
        A name of `rules.VICTORY`: a power of the ratio of strengths, or nearly certain from a ratio of 1.1 on.
    strength, against : jax.Array
        Strengths > 0 of the two coalitions.
    """
    if model == "binary":
        share = strength / (strength + against)
        near = (share * (DECISIVE + 1) - 1) / (DECISIVE - 1)
        return jnp.clip(near, LEAST_ODDS / (1 + LEAST_ODDS), 1 / (1 + LEAST_ODDS))
    power = {"linear": 1, "square": 2, "quartic": 4, "octic": 8}[model]
    return 1 / (1 + (against / strength) ** power)


def election(model: str, power: str, strength: jax.Array, inside: jax.Array) -> jax.Array:
    """Return the chance of each option in a probabilistic Condorcet election.

    Parameters
    ----------
    model : str
        A name of `rules.ELECTION`.
    power : str
        A name of `rules.VICTORY`.
    strength : jax.Array
        Strength of the coalition for each option against each other, shape (options, options, draws).
    inside : jax.Array
        Which options stand in which election, shape (elections, options, draws), bool.

    Returns
    -------
    jax.Array
        Shape (elections, options, draws), summing to 1 over the options; 0 for those that do not stand.
    """
    chance = victory(power, strength, strength.swapaxes(0, 1))
    if model == "conditional":
        rivals = inside.swapaxes(0, 1), jnp.log(chance).swapaxes(0, 1)
        worth = summed(lambda rival: jnp.where(rival[0][:, None], rival[1][None], 0), rivals)
        odds = jnp.where(inside, jnp.exp(worth - worth.max(1, keepdims=True, where=inside, initial=-1e6)), 0)
        return odds / odds.sum(1, keepdims=True)
    return _rest(_transition(chance, _challenges(model, strength * chance, inside)), inside, TOLERANCE[model])


def _challenges(model: str, incentive: jax.Array, inside: jax.Array) -> jax.Array:
    """Return the chance that j challenges when i is the favourite, shape (elections, j, i, draws)."""
    both = inside[:, :, None] & inside[:, None, :]
    if model == "markov_uniform":
        weight = both.astype(incentive.dtype)
    else:
        own = SELF_SUPPORT * jnp.eye(incentive.shape[0])[..., None]
        weight = jnp.where(both, incentive + own, 0)
    total = weight.sum(1, keepdims=True)
    return weight / jnp.where(total > 0, total, 1)


def _transition(chance: jax.Array, challenge: jax.Array) -> jax.Array:
    """Return the chance that i is the favourite after j was, shape (elections, i, j, draws)."""
    here = jnp.eye(chance.shape[0])[..., None]
    stays = (chance * challenge.swapaxes(1, 2)).sum(2)
    return chance * challenge + here * stays[:, :, None]


def _rest(transition: jax.Array, inside: jax.Array, tolerance: float) -> jax.Array:
    """Follow the Markov process from an even start, half a step at a time; each draw of each election stops when it has come to rest."""
    start = inside / inside.sum(1, keepdims=True)

    def still_moving(state: tuple[jax.Array, jax.Array, jax.Array]) -> jax.Array:
        return (state[1] > tolerance).any() & (state[2] < LONGEST_MARKOV)

    def step(state: tuple[jax.Array, jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array, jax.Array]:
        chance, change, steps = state
        after = (transition * chance[:, None]).sum(2)
        after /= after.sum(1, keepdims=True)
        moving = change > tolerance
        change = jnp.where(moving, jnp.abs(after - chance).max(1, keepdims=True), change)
        return jnp.where(moving, (chance + after) / 2, chance), change, steps + 1

    moving = jnp.ones_like(start[:, :1])
    return jax.lax.while_loop(still_moving, step, (start, moving, jnp.zeros((), int)))[0]
