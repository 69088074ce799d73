"""The logit equilibrium: everybody responds with noise, and everybody's prediction of everybody is right.

McKelvey & Palfrey (1995): p = softmax(λ U_own q) and q = softmax(λᵀ U_other p). There may be several. The principal branch is the curve of
equilibria that starts where precision is 0 and all actions are equally likely; it picks out one, and for almost every game ends in a Nash
equilibrium as precision grows. Where levels of reasoning stop somewhere, this is where they would go if beliefs had to come true.

The branch may turn back on itself, so it is followed by its length and not by precision (Turocy 2005). With scores z = (λ U_own q, λᵀ
U_other p), each less its mean in play, and a stage t that takes both precisions from 0 to their values, it is the curve of zeros (z, t) of
z − t · scores(softmax z) through the origin. A step goes along its tangent, and Newton's method corrects it at right angles. A step counts
only if no chance of an action moved far, and if the determinant of the Jacobian with the tangent as last row kept its sign: along a curve
it does, so a jump to another branch shows. In a symmetric game branches may truly cross; there the sign changes however small the step, and
a leap goes straight on, which keeps the symmetry. Where the branch passes the wanted precision more than once, the first time counts.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple, TypeAlias

import jax
import jax.numpy as jnp

from virtu.errors import InputError
from virtu.minds.theory_of_mind import actions

MOST_STEPS = 400
"""Steps tried along a branch before it is given up."""

FIRST_STEP, LEAST_STEP = 0.1, 3e-3
"""Lengths of steps, in units of score. Below the least, crossing branches are no longer told apart: the next step is a first one again."""

LARGEST_MOVE = 0.1
"""How far the chance of an action may move in a step."""

ON_BRANCH = 1e-5
"""How far the last correction of a step may move a chance."""

LEAST_COSINE = 0.7
"""How far the branch may turn in a step: about 45°."""

LARGEST_ERROR = 1e-5
"""How far the last correction of an equilibrium may move a chance if it is to count as found."""

CORRECTIONS = 4
"""Newton steps that correct a step along the branch."""

Map: TypeAlias = Callable[[jax.Array], jax.Array]

Stakes: TypeAlias = tuple[jax.Array, ...]
"""Payoffs times precisions."""


class Equilibrium(NamedTuple):
    """A logit equilibrium of two."""

    own: jax.Array  # (…, n) chance of each own action
    other: jax.Array  # (…, m) chance of each of the other's actions
    error: jax.Array  # (…) how far the last correction moved a chance
    converged: jax.Array  # (…) bool: the branch was followed to the end, and the error is within `LARGEST_ERROR`


class SymmetricEquilibrium(NamedTuple):
    """A logit equilibrium in which all do the same."""

    play: jax.Array  # (…, m) chance of each action
    error: jax.Array  # (…) how far the last correction moved a chance
    converged: jax.Array  # (…) bool: the branch was followed to the end, and the error is within `LARGEST_ERROR`


class _Walk(NamedTuple):
    """How far the branch has been followed."""

    point: jax.Array  # (N + 1,) scores and stage
    tangent: jax.Array  # (N + 1,) of length 1
    side: jax.Array  # () sign of the determinant
    step: jax.Array  # () length to try next
    leaps: jax.Array  # () bool: whether it may change sides
    tries: jax.Array  # () int32
    arrived: jax.Array  # () bool


class _Correction(NamedTuple):
    """A guess brought nearer to the branch."""

    point: jax.Array  # (N + 1,) scores and stage
    tangent: jax.Array  # (N + 1,) of the branch before the last correction, of length 1
    side: jax.Array  # () sign of the determinant there
    doubt: jax.Array  # () how far the last correction moved a chance


@jax.jit
def logit_equilibrium(own: jax.Array, other: jax.Array, precision: jax.Array, attributed: jax.Array | None = None) -> Equilibrium:
    """Return the logit equilibrium of a game of two on its principal branch.

    Differentiable by payoffs and precisions once, forwards or backwards, through the equations that define it.

    Parameters
    ----------
    own, other : jax.Array
        Payoffs, shapes (…, n, m) and (…, m, n): rows are the actions of the one who is paid.
    precision, attributed : jax.Array
        λ ≥ 0 of own responses and of the other's, 1/payoff, shape (…); by default the same for both.

    Returns
    -------
    Equilibrium
        Leading axes broadcast. Where `converged` is false the chances are those reached on the way, and are not to be used; so where
        another branch crosses exactly at the wanted precision. In symmetric games, where branches cross often,
        `symmetric_logit_equilibrium` is surer to arrive.

    Raises
    ------
    InputError
        If the two tables of payoffs are not of n × m and m × n actions.
    """
    actions(own, other)
    solve = jnp.vectorize(_of_two, signature="(n,m),(m,n),(),()->(n),(m),(),()")
    return Equilibrium(*solve(own, other, precision, precision if attributed is None else attributed))


@partial(jax.jit, static_argnames="players")
def symmetric_logit_equilibrium(payoff: jax.Array, precision: jax.Array, players: int = 2) -> SymmetricEquilibrium:
    """Return the logit equilibrium of a symmetric game of several on its principal branch, where all do the same.

    Parameters
    ----------
    payoff : jax.Array
        Payoff of an action against those of all others, shape (…, m, m, …, m) with one axis per player, one's own first; in which
        order the others stand does not matter.
    precision : jax.Array
        λ ≥ 0, 1/payoff, shape (…).
    players : int
        Number of players, ≥ 2.

    Raises
    ------
    InputError
        If the last axes do not hold the same number of actions for each player.
    """
    if players < 2 or payoff.ndim < players or len(set(payoff.shape[-players:])) > 1:
        raise InputError(f"payoffs of shape {payoff.shape} for {players} players", "a symmetric game has one equally long axis per player")
    solve = jnp.vectorize(partial(_of_alike, players), signature=f"({','.join('m' * players)}),()->(m),(),()")
    return SymmetricEquilibrium(*solve(payoff, precision))


def _of_two(own: jax.Array, other: jax.Array, precision: jax.Array, attributed: jax.Array) -> tuple[jax.Array, ...]:
    """Solve one game of two."""
    n = own.shape[0]
    stakes = precision * _centred(own), attributed * _centred(other)

    def play(scores: jax.Array) -> jax.Array:
        return jnp.concatenate([jax.nn.softmax(scores[:n]), jax.nn.softmax(scores[n:])])

    def scores(stakes: Stakes, chances: jax.Array) -> jax.Array:
        p, q = chances[:n], chances[n:]
        return jnp.concatenate([_beyond_own(stakes[0] @ q, p), _beyond_own(stakes[1] @ p, q)])

    chances, error, converged = _solve(play, scores, stakes, sum(own.shape))
    return chances[:n], chances[n:], error, converged


def _of_alike(players: int, payoff: jax.Array, precision: jax.Array) -> tuple[jax.Array, ...]:
    """Solve one symmetric game."""

    def scores(stakes: Stakes, chances: jax.Array) -> jax.Array:
        (expected,) = stakes
        for _ in range(players - 1):
            expected = expected @ chances
        return _beyond_own(expected, chances)

    return _solve(jax.nn.softmax, scores, (precision * _centred(payoff),), payoff.shape[0])


def _beyond_own(expected: jax.Array, chances: jax.Array) -> jax.Array:
    """What each action brings beyond play as it is: near 0 for actions in use, whatever the precision, so that rounding does not grow."""
    return expected - chances @ expected


def _centred(payoff: jax.Array) -> jax.Array:
    """Payoffs less their mean over own actions, on which no choice depends."""
    return payoff - jnp.mean(payoff, axis=0)


def _solve(play: Map, scores: Callable[[Stakes, jax.Array], jax.Array], stakes: Stakes, size: int) -> tuple[jax.Array, ...]:
    """Follow the branch to full stakes, then take one more Newton step, which alone carries derivatives.

    At a zero of f(z, stakes), the derivative of z − J⁻¹ f by the stakes, J and z held, is the one of the implicit function theorem.
    """
    held = jax.lax.stop_gradient(stakes)
    length = jnp.max(jnp.stack([jnp.max(jnp.abs(part)) for part in held]))
    unit = jnp.where(length > 0.0, length, 1.0)
    found, arrived = _follow(play, partial(scores, tuple(part / unit for part in held)), length, size)
    jacobian = jax.jacfwd(lambda at: at - scores(held, play(at)))(found)
    step = jnp.linalg.solve(jacobian, found - scores(stakes, play(found)))
    better = found - jnp.where(jnp.isfinite(step), step, 0.0)
    error = jnp.max(jnp.abs(play(better) - play(found)))
    return play(better), error, arrived & (error <= LARGEST_ERROR)


def _follow(play: Map, scores: Map, length: jax.Array, size: int) -> tuple[jax.Array, jax.Array]:
    """Follow the zeros of z − t · scores(play(z)) from z = 0, t = 0 to t = length; return z there and whether it was reached."""

    def gap(point: jax.Array) -> jax.Array:
        return point[:-1] - point[-1] * scores(play(point[:-1]))

    def unfinished(walk: _Walk) -> jax.Array:
        return ~walk.arrived & (walk.tries < MOST_STEPS)

    origin = jnp.zeros(size + 1, length.dtype)
    stage = origin.at[-1].set(1.0)
    tangent = origin.at[:-1].set(scores(play(origin[:-1]))) + stage
    ahead = tangent / jnp.linalg.norm(tangent)
    start = _Walk(origin, ahead, jnp.ones_like(length), jnp.full_like(length, FIRST_STEP), length < 0.0, jnp.int32(0), length <= 0.0)
    walk = jax.lax.while_loop(unfinished, partial(_advance, play, gap, stage, length), start)
    return walk.point[:-1], walk.arrived


def _advance(play: Map, gap: Map, stage: jax.Array, length: jax.Array, walk: _Walk) -> _Walk:
    """Try one step; take it if it stayed on the branch, else halve it. A step that would pass the end lands on it."""
    rate, here = walk.tangent[-1], walk.point[-1]
    lands = (rate > 0.0) & (here + walk.step * rate >= length)
    step = jnp.where(lands, (length - here) / jnp.where(lands, rate, 1.0), walk.step)
    guess = walk.point + step * walk.tangent
    guess = guess.at[-1].set(jnp.where(lands, length, guess[-1]))
    found = _corrected(play, gap, guess, jnp.where(lands, stage, walk.tangent))
    moved = jnp.max(jnp.abs(play(found.point[:-1]) - play(walk.point[:-1])))
    straight = (found.tangent @ walk.tangent >= LEAST_COSINE) & (lands | (found.point[-1] <= length))
    same = (found.side == walk.side) | walk.leaps
    taken = straight & same & (moved <= LARGEST_MOVE) & (found.doubt <= ON_BRANCH)
    growth = jnp.where(moved < 0.5 * LARGEST_MOVE, 2.0, 1.0)
    tried = _Walk(found.point, found.tangent, found.side, growth * step, jnp.zeros_like(lands), walk.tries + 1, lands)
    leap = ~walk.leaps & (step < 2.0 * LEAST_STEP)
    stayed = walk._replace(step=jnp.where(leap, FIRST_STEP, 0.5 * step), leaps=walk.leaps | leap, tries=walk.tries + 1)
    return jax.tree.map(partial(jnp.where, taken), tried, stayed)


def _corrected(play: Map, gap: Map, guess: jax.Array, across: jax.Array) -> _Correction:
    """Bring a guess back to the branch at right angles to a direction that is less than 90° off its tangent."""
    onwards = jnp.zeros_like(guess).at[-1].set(1.0)

    def newton(_: jax.Array, at: _Correction) -> _Correction:
        off = jnp.append(gap(at.point), 0.0)
        bordered = jnp.concatenate([jax.jacfwd(gap)(at.point), across[None]])
        step, tangent = jnp.linalg.solve(bordered, jnp.stack([off, onwards], axis=1)).T
        point = at.point - jnp.where(jnp.any(off != 0.0), step, 0.0)
        doubt = jnp.max(jnp.abs(play(point[:-1]) - play(at.point[:-1])))
        return _Correction(point, tangent / jnp.linalg.norm(tangent), jnp.linalg.slogdet(bordered).sign, doubt)

    return jax.lax.fori_loop(0, CORRECTIONS, newton, _Correction(guess, across, across[-1], across[-1]))
