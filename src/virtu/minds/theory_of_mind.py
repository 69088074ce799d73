"""Theory of mind: predicting what others will do, at a depth and with a precision.

Depth is a distribution κ over levels of reasoning. Level 0 does not model anybody: it follows a habit, or any action is as likely as any
other. Level 1 predicts others from what moves them; level 2 also predicts that they predict. In a game with payoffs U_own and U_other,

    p_k = softmax(λ U_own q̄_{k−1}),   q_k = softmax(λᵀ U_other p̄_{k−1}),   prediction q = Σ_k κ_k Σ_τ b_τ q_{k,τ},

where p is own play, q that of the other, λ own precision, λᵀ the precision attributed to the other, and b a belief over types τ of the
other, who differ in their payoffs. A bar is what a level takes the levels below to do:

- only the next one below: level-k (Stahl & Wilson 1995; Nagel 1995), with λ → ∞ and all of κ on one level in its strict form;
- all of them, in the proportions of a Poisson distribution cut off below: the cognitive hierarchy (Camerer, Ho & Chong 2004), whose mean
  of about 1.4 fits most one-shot games.

With finite λ they are the quantal forms of the two: the logit response is that of McKelvey & Palfrey (1995), whose equilibrium is in
`logit_equilibrium`. Games with other shapes of payoff, such as contests in which third parties take sides (`contest`), use the same
response and the same mixture. Nothing in this file knows what anybody cares about: that is `empathy`, which this file never imports.

Levels and types lie along the first axis, actions along the last; axes between them, of actors, pairs or histories, broadcast.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp

from virtu.errors import InputError
from virtu.minds.choice import TIE, quantal_response


class Game(NamedTuple):
    """A game of two, as one of them sees it: own payoffs are known, the other has one of T types."""

    own: jax.Array  # (…, n, m) payoff of each own action against each action of the other
    other: jax.Array  # (T, …, m, n) payoff of each of the other's actions against each own action, by type
    types: jax.Array  # (T, …) belief over the types, summing to 1 over the first axis


class Levels(NamedTuple):
    """What each of L levels of reasoning does, level 0 first."""

    own: jax.Array  # (L, …, n) chance of each own action
    other: jax.Array  # (L, T, …, m) chance of each of the other's actions, by type


class Guesses(NamedTuple):
    """Guesses in a beauty contest."""

    levels: jax.Array  # (L, …) guess of each level
    mean: jax.Array  # (…) mean guess of a population of all levels


def depth_weights(depth: jax.Array) -> jax.Array:
    """Return the weights κ of the levels 0, 1, 2: a Poisson distribution truncated to them.

    κ_k ∝ τᵏ/k!, so depth 0 is all weight on level 0, and a large depth moves all weight to level 2. It is `truncated_poisson` with top 2,
    written out for the organisation, which asks for it in every tick.

    Parameters
    ----------
    depth : jax.Array
        τ ≥ 0, any shape.

    Returns
    -------
    jax.Array
        Weights, shape (3, …), summing to 1 over the first axis.
    """
    terms = jnp.stack([jnp.ones_like(depth), depth, 0.5 * depth * depth])
    return terms / jnp.sum(terms, axis=0)


@partial(jax.jit, static_argnames="top")
def truncated_poisson(depth: jax.Array, top: int) -> jax.Array:
    """Return the weights κ_k ∝ τᵏ/k! of the levels 0 … top.

    Neither large depths nor many levels overflow, and the derivative at 0 is finite: the share of the top level follows the recursion
    B_k = τ B_{k−1}/(k + τ B_{k−1}) of Erlang's (1917) loss formula.

    Parameters
    ----------
    depth : jax.Array
        τ ≥ 0, any shape: the mean of the distribution before truncation.
    top : int
        Highest level, ≥ 0.

    Returns
    -------
    jax.Array
        Weights, shape (top + 1, …), summing to 1 over the first axis.
    """
    return _truncations(depth, top)[-1]


@partial(jax.jit, static_argnames="top")
def levels_below(depth: jax.Array, top: int) -> jax.Array:
    """Return what each level of a cognitive hierarchy takes the levels of others to be (Camerer, Ho & Chong 2004).

    Level k knows how common the levels below it are relative to each other, and does not know of its own level or higher ones.

    Parameters
    ----------
    depth, top : jax.Array, int
        As `truncated_poisson`.

    Returns
    -------
    jax.Array
        Shape (top + 1, top + 1, …): row k is the belief of level k over the levels 0 … k − 1; row 0 is empty, all 0.
    """
    below = _truncations(depth, top)[:-1]
    return jnp.concatenate([jnp.zeros((1, top + 1, *depth.shape), depth.dtype), below])


def _truncations(depth: jax.Array, top: int) -> jax.Array:
    """Poisson distributions, row k truncated to the levels 0 … k, shape (top + 1, top + 1, …)."""

    def one_more(weights: jax.Array, level: jax.Array) -> tuple[jax.Array, jax.Array]:
        grown = depth * weights[level - 1]
        weights = (level * weights).at[level].set(grown) / (level + grown)
        return weights, weights

    alone = jnp.zeros((top + 1, *depth.shape), depth.dtype).at[0].set(1.0)
    _, rows = jax.lax.scan(one_more, alone, jnp.arange(1, top + 1))
    return jnp.concatenate([alone[None], rows])


def attention(weights: jax.Array, precision: jax.Array) -> jax.Array:
    """Return how far an observer sees through a modest or boastful display, in [0, 1].

    The mean level relative to the highest one, times λ/(1 + λ): 0 for a mind that never models others or does so
    without any precision, towards 1 for a deep and precise one.

    Parameters
    ----------
    weights : jax.Array
        Depth weights κ, shape (3, …).
    precision : jax.Array
        Precision λ ≥ 0 of predictions, shape (…).
    """
    return (0.5 * weights[1] + weights[2]) * precision / (1.0 + precision)


def mixture(weights: jax.Array, parts: Sequence[jax.Array | float] | jax.Array) -> jax.Array:
    """Return Σ_k w_k x_k, the mixture of predictions over levels or over types.

    Parameters
    ----------
    weights : jax.Array
        w, shape (K, …), K ≥ 1.
    parts : sequence of jax.Array, or jax.Array
        x, K of them; each broadcasts with one weight.
    """
    mixed = weights[0] * parts[0]
    for number in range(1, len(parts)):
        mixed = mixed + weights[number] * parts[number]
    return mixed


def response_between_two(score: jax.Array) -> jax.Array:
    """Return the chance of the first of two actions in the logit response: σ(score), any shape.

    Parameters
    ----------
    score : jax.Array
        λ times what the first action brings beyond the second, and log odds from elsewhere, if any.
    """
    return jax.nn.sigmoid(score)


def expected_payoff(payoff: jax.Array, play: jax.Array) -> jax.Array:
    """Return the payoff of each action expected against a mixed one, shape (…, n).

    Parameters
    ----------
    payoff : jax.Array
        Of each action against each of the opponent's, shape (…, n, m).
    play : jax.Array
        Chances of the opponent's actions, shape (…, m).
    """
    return jnp.einsum("...nm,...m->...n", payoff, play)


def known_game(own: jax.Array, other: jax.Array) -> Game:
    """Return a game against somebody whose payoffs are known: a single type.

    Parameters
    ----------
    own, other : jax.Array
        Payoffs, shapes (…, n, m) and (…, m, n): rows are the actions of the one who is paid.
    """
    return Game(own, other[None], jnp.ones(1, other.dtype))


def actions(own: jax.Array, other: jax.Array) -> tuple[int, int]:
    """Return the numbers n and m of actions of the two players of a game.

    Parameters
    ----------
    own, other : jax.Array
        Payoffs, shapes (…, n, m) and (…, m, n): rows are the actions of the one who is paid.

    Raises
    ------
    InputError
        If the two tables are not of such shapes.
    """
    n, m = own.shape[-2:]
    if other.shape[-2:] != (m, n):
        shape = "×".join(map(str, other.shape[-2:]))
        raise InputError(f"payoffs of {n}×{m} actions against {shape}", f"rows are the actions of the one who is paid: {m}×{n}")
    return n, m


@partial(jax.jit, static_argnames="top")
def reason(
    game: Game,
    top: int,
    precision: jax.Array | None,
    attributed: jax.Array | None,
    below: jax.Array | None = None,
    own_habit: jax.Array | None = None,
    other_habit: jax.Array | None = None,
) -> Levels:
    """Work out what each level of reasoning does.

    Parameters
    ----------
    game : Game
        Payoffs as the one who reasons takes them to be, and belief over types.
    top : int
        Highest level, ≥ 0.
    precision, attributed : jax.Array, optional
        λ ≥ 0 of own responses and λᵀ ≥ 0 of the other's, 1/payoff, shape (…); None for best responses.
    below : jax.Array, optional
        What each level takes the levels of others to be, as from `levels_below`, shape (top + 1, top + 1, …). By default only the level
        next below its own: level-k.
    own_habit, other_habit : jax.Array, optional
        What level 0 does, shapes (…, n) and (…, m); by default every action is as likely as any other.

    Raises
    ------
    InputError
        If the two tables of payoffs are not of n × m and m × n actions.
    """
    n, m = actions(game.own, game.other)
    owns = [jnp.full(n, 1.0 / n) if own_habit is None else own_habit]
    faced = [jnp.full(m, 1.0 / m) if other_habit is None else other_habit]
    by_type = [jnp.broadcast_to(faced[0], (game.types.shape[0], *faced[0].shape))]
    for level in range(1, top + 1):
        own_below, other_below = (_expected_of(level, below, plays) for plays in (owns, faced))
        owns.append(_answer(game.own, other_below, precision))
        by_type.append(jax.vmap(_answer, (0, None, None))(game.other, own_below, attributed))
        faced.append(mixture(game.types[..., None], by_type[-1]))
    return Levels(_stacked(owns), jnp.moveaxis(_stacked([jnp.moveaxis(each, 0, -2) for each in by_type]), -2, 1))


def prediction(levels: Levels, depth: jax.Array, types: jax.Array) -> jax.Array:
    """Return q = Σ_k κ_k Σ_τ b_τ q_{k,τ}, the predicted chance of each of the other's actions, shape (…, m).

    Parameters
    ----------
    levels : Levels
        From `reason`.
    depth : jax.Array
        Depth weights κ, shape (L, …).
    types : jax.Array
        Belief over types b, shape (T, …).
    """
    return mixture(depth[..., None], [mixture(types[..., None], each) for each in levels.other])


@partial(jax.jit, static_argnames="top")
def beauty_contest(factor: jax.Array, depth: jax.Array, top: int, start: jax.Array) -> Guesses:
    """Return the guesses of a cognitive hierarchy in a beauty contest of many: who is nearest to p times the mean guess wins.

    Level k guesses p times the mean of the levels below. With M_k the mean of the levels 0 … k and B_k the share of level k among them,
    g_k = p M_{k−1} and M_k = (1 − B_k) M_{k−1} + B_k g_k = start · Π_{j ≤ k} (1 − (1 − p) B_j). As depth grows without bound, the guesses
    become those of level-k, start · pᵏ (Nagel 1995).

    Parameters
    ----------
    factor : jax.Array
        p, shape (…).
    depth, top : jax.Array, int
        As `truncated_poisson`; the tail above top is cut off.
    start : jax.Array
        Mean guess of level 0, shape (…).

    Returns
    -------
    Guesses
        `levels` of shape (top + 1, …) and `mean` of shape (…), in the unit of `start`.
    """
    depth, factor, start = jnp.broadcast_arrays(depth, factor, start)
    shares = jnp.moveaxis(jnp.diagonal(_truncations(depth, top)), -1, 0)
    means = start * jnp.cumprod((1.0 - (1.0 - factor) * shares).at[0].set(1.0), axis=0)
    return Guesses(jnp.concatenate([start[None], factor * means[:-1]]), means[-1])


def _expected_of(level: int, below: jax.Array | None, plays: Sequence[jax.Array]) -> jax.Array:
    """Return what a level takes the levels below it to do, given what each of them does."""
    return plays[-1] if below is None else mixture(below[level, :level, ..., None], plays)


def _answer(payoff: jax.Array, play: jax.Array, precision: jax.Array | None) -> jax.Array:
    """Respond to play. Whether best responses tie is judged by the payoffs in the table, for those expected may cancel down to rounding."""
    expected = expected_payoff(payoff, play)
    if precision is None:
        behind = expected - jnp.max(expected, axis=-1, keepdims=True)
        rounding = TIE * jnp.max(jnp.abs(payoff), axis=(-2, -1))[..., None]
        expected = jnp.where(behind >= -rounding, 0.0, behind)
    return quantal_response(expected, precision)


def _stacked(plays: Sequence[jax.Array]) -> jax.Array:
    return jnp.stack(jnp.broadcast_arrays(*plays))
