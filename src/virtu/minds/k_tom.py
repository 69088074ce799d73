"""k-ToM: a player who learns by simulating how the other learns (Devaine, Hollard & Daunizeau 2014).

A *0-ToM* takes its opponent for somebody whose inclination drifts. It tracks the log odds x of the opponent's choosing 1 with a Gaussian of
mean m and variance e^L; after the choice o, with volatility σ (on the log scale, like all that is called a log-variance here),

    s = 1/(1 + e^−m),   e^L' = 1/(1/(e^σ + e^L) + s(1 − s)),   m' = m + e^L'(o − s),

and expects 1 with the chance logistic(m/√(1 + .36 e^L)). Everybody then chooses 1 with the chance logistic(ΔU/e^τ + b), kept within
[.001, .999], where ΔU is the gain expected of 1 over 0, τ the temperature and b the bias.

A *k-ToM*, k ≥ 1, takes its opponent for a j-ToM, j < k, of unknown j and unknown θ = (σ, τ, b). For each j it simulates the opponent's
learning with its mean of θ, which gives x_j(θ), the log odds of the opponent's choice, and the slopes ∂x_j/∂θ. With w_j the
chance of level j, v_j = Σ_i e^{S_ij} (∂x_j/∂θ_i)² and s_j = logistic(x_j), it learns from o, in this order,

    w_j ∝ w_j · p̃_j^o (1 − p̃_j)^(1−o),   log p̃_j = log logistic((x_j − .319 v_j^.781)/√(1 + .205 v_j^.870))
    e^{S_ij} = 1/(1/(e^{S_ij} + e^σ [i is the volatility]) + w_j s_j (1 − s_j) (∂x_j/∂θ_i)²)
    μ_ij = μ_ij + w_j e^{S_ij} (o − s_j) ∂x_j/∂θ_i

and expects 1 with the chance Σ_j w_j logistic(x_j/√(1 + .36 v_j)). The constants are Daunizeau's (2017). Beliefs may be diluted before they
are revised: w_j ← (1 − d) w_j + d/k; no simulated opponent does so.

These are the equations of the package tomsup (Waade, Enevoldsen, Vermillet, Simonsen & Fusaroli 2022) and, but for one term, of the VBA
toolbox (Daunizeau, Adam & Rigoux 2014), which puts the expectation of log(1 − logistic(x)) in the place of log(1 − p̃). They are computed
differently in four ways.

- Slopes are exact derivatives, carried along with the simulated learning (`jax.jvp`, nested once a level). Both packages take differences,
  which single precision spoils from level 2 on. Only the volatility enters the learning, so it alone is carried through it.
- tomsup passes means through logistic and its inverse. In double precision a 0-ToM's mean above 36.7 becomes infinite by
  that, and stays so for ever; one below −36.7 does not. Against an opponent who alternates this does happen. Here means are left alone.
- tomsup reads the other player's table by rows of its own choice, so the two agree on an unsymmetric table if it is given transposed.
- Chances of levels are kept as logarithms, and means of parameters lie within ±`BOUND`, so that single precision holds in a long game.

`player(..., as_tomsup=True)` undoes the first two, to meet numbers that were computed with the package. The learning is sensitive: where
the simulated opponent's volatility is large, a difference of 1e-5 can grow to .5 in some fifteen rounds.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any, NamedTuple, TypeAlias

import jax
import jax.numpy as jnp

from virtu.errors import InputError
from virtu.minds.players import Game, within

DEEPEST = 3
"""The highest level there is."""

BOUND = 10.0
"""Largest absolute value of a parameter or of its mean, log scale or log odds."""

CERTAIN = 53.0 * math.log(2.0)
"""Log odds from which on a chance in double precision is exactly 1."""

TOMSUP_STEP = 1e-4
"""Distance over which tomsup takes slopes, times the parameter if that is above 1."""

CLEAREST = math.log(0.999 / 0.001)
"""Largest absolute log odds of a choice."""

SHRINK = 0.36
"""a of E[logistic(x)] ≈ logistic(m/√(1 + a v)) for x of mean m and variance v."""

LEAST_VARIANCE = 1e-30
"""Stands for nought, and keeps the slope of a power of the variance finite."""


class Parameters(NamedTuple):
    """What a player's conduct depends on, or anything that stands for each of them."""

    volatility: jax.Array  # log of the variance by which the opponent is thought to drift in a round
    temperature: jax.Array  # log of the payoff by which the log odds of a choice change by one
    bias: jax.Array  # log odds in favour of 1


class Tracker(NamedTuple):
    """What a 0-ToM believes."""

    mean: jax.Array  # (…, H) log odds of the opponent's choosing 1
    log_variance: jax.Array  # (…, H)


class RoundedTracker(NamedTuple):
    """A `Tracker` that, once it passes `CERTAIN`, stays there, as rounding has it in tomsup."""

    mean: jax.Array  # (…, H)
    log_variance: jax.Array  # (…, H)


class Guess(NamedTuple):
    """What a k-ToM believes of its opponent if that is a j-ToM."""

    log_weight: jax.Array  # (…, H) log of the chance of this level
    leaning: jax.Array  # (…, H) log odds x of the opponent's choosing 1 next, at the means
    doubt: jax.Array  # (…, H) variance v of the leaning that comes of not knowing the parameters
    means: Parameters  # (…, H) each
    log_variances: Parameters  # (…, H) each
    slopes: Parameters  # (…, H) each: change of the leaning with the parameter
    mind: Tracker | RoundedTracker | Modeller  # what the opponent believes, simulated


class Modeller(NamedTuple):
    """What a k-ToM believes, k ≥ 1: a guess for each level 0 … k − 1."""

    guesses: tuple[Guess, ...]


Beliefs: TypeAlias = Tracker | RoundedTracker | Modeller


class KToM(NamedTuple):
    """A k-ToM player; its level is the number of guesses in its beliefs."""

    parameters: Parameters
    beliefs: Beliefs
    dilution: jax.Array | None = None  # (…, H) log odds of d, or None for none

    def chance(self, game: Game) -> jax.Array:
        """Return the chance of choosing 1, in [.001, .999]."""
        return jax.nn.sigmoid(leaning(predict(self.beliefs), self.parameters.temperature, self.parameters.bias, game))

    def learn(self, own: jax.Array, other: jax.Array, game: Game) -> KToM:
        """Return the player after a round."""
        return self._replace(beliefs=learn(self.beliefs, self.parameters, own, other, game, self.dilution))


def player(
    level: int, volatility: Any = -2.0, temperature: Any = -1.0, bias: Any = 0.0, dilution: Any = None, as_tomsup: bool = False
) -> KToM:
    """Return a k-ToM player before its first round.

    Parameters
    ----------
    level : int
        k, 0 to 3. Time and memory about double or treble with each level.
    volatility, temperature : array_like
        σ and τ, log scale, within ±10, shape () or (…, H). The defaults are those of Devaine et al. (2014).
    bias : array_like
        b, log odds, within ±10, shape () or (…, H).
    dilution : array_like, optional
        Log odds, within ±10, of the share d of the beliefs about levels that is forgotten in a round; none by default.
    as_tomsup : bool
        Whether to compute slopes and certainty as tomsup does, to meet its numbers, up to level 2; see the head of this file.

    Raises
    ------
    InputError
        If the level is not one of 0 to 3, or a parameter is out of range.
    """
    if as_tomsup and level > 2:
        raise InputError(f"level {level} cannot be computed as tomsup does", "its differences of differences take minutes to compile")
    named = {"volatility": volatility, "temperature": temperature, "bias": bias}
    own = Parameters(**{name: within(name, value, -BOUND, BOUND) for name, value in named.items()})
    return KToM(own, prior(level, as_tomsup), None if dilution is None else within("dilution", dilution, -BOUND, BOUND))


def prior(level: int, as_tomsup: bool = False) -> Beliefs:
    """Return what a k-ToM believes before its first round.

    All levels are as likely; means and log-variances are 0; the leaning follows the bias and nothing else.

    Parameters
    ----------
    level : int
        k, 0 to 3.
    as_tomsup : bool
        Whether each 0-ToM, also a simulated one, is a `RoundedTracker`.

    Returns
    -------
    Tracker, RoundedTracker or Modeller
        Arrays of shape ().
    """
    if level not in range(DEEPEST + 1):
        raise InputError(f"a k-ToM has a level from 0 to {DEEPEST}, not {level}")
    zero, one = jnp.float32(0.0), jnp.float32(1.0)
    if level == 0:
        return RoundedTracker(zero, zero) if as_tomsup else Tracker(zero, zero)
    nothing, even = Parameters(zero, zero, zero), jnp.float32(-math.log(level))
    return Modeller(
        tuple(Guess(even, zero, one, nothing, nothing, Parameters(zero, zero, one), prior(below, as_tomsup)) for below in range(level))
    )


def predict(beliefs: Beliefs) -> jax.Array:
    """Return the chance in [0, 1] with which the opponent is expected to choose 1, shape (…, H)."""
    if not isinstance(beliefs, Modeller):
        return _mean_chance(beliefs.mean, jnp.exp(beliefs.log_variance))
    return sum((jnp.exp(guess.log_weight) * _mean_chance(guess.leaning, guess.doubt) for guess in beliefs.guesses), jnp.float32(0.0))


def leaning(expected: jax.Array, temperature: jax.Array, bias: jax.Array, game: Game) -> jax.Array:
    """Return the log odds of choosing 1, within ±log 999.

    Parameters
    ----------
    expected : jax.Array
        Chance with which the other is expected to choose 1, shape (…, H).
    temperature, bias : jax.Array
        τ, log scale, and b, log odds, shape (…, H).
    game : Game
        The game as the one who chooses sees it.
    """
    return jnp.clip(game.gain(expected) * jnp.exp(-temperature) + bias, -CLEAREST, CLEAREST)


def learn(
    beliefs: Beliefs, parameters: Parameters, own: jax.Array, other: jax.Array, game: Game, dilution: jax.Array | None = None
) -> Beliefs:
    """Return beliefs after a round.

    Parameters
    ----------
    beliefs : Tracker, RoundedTracker or Modeller
        Beliefs before it, all of the full shape (…, H).
    parameters : Parameters
        Of the one who learns; only the volatility matters here.
    own, other : jax.Array
        Choices of the one who learns and of the opponent, 0 or 1, shape (…, H).
    game : Game
        The game as the one who learns sees it.
    dilution : jax.Array, optional
        Log odds of the share of beliefs about levels that is forgotten first; none is by default.
    """
    if not isinstance(beliefs, Modeller):
        return _track(beliefs, parameters.volatility, other)
    weights = _weigh(beliefs.guesses, other, dilution)
    drift = jnp.exp(parameters.volatility)
    return Modeller(tuple(_revise(guess, weight, drift, own, other, game) for guess, weight in zip(beliefs.guesses, weights, strict=True)))


def _track(seen: Tracker | RoundedTracker, volatility: jax.Array, other: jax.Array) -> Tracker | RoundedTracker:
    """Learn as a 0-ToM; the small one of the two chances is never computed as one less the other, which would lose it."""
    one, nought = jax.nn.sigmoid(seen.mean), jax.nn.sigmoid(-seen.mean)
    before = jnp.exp(volatility) + jnp.exp(seen.log_variance)
    variance = 1.0 / (1.0 / before + one * nought)
    mean = seen.mean + variance * jnp.where(other > 0, nought, -one)
    if isinstance(seen, RoundedTracker):
        mean = jnp.where(seen.mean >= CERTAIN, seen.mean, mean)
    return seen._replace(mean=mean, log_variance=jnp.log(variance))


def _weigh(guesses: tuple[Guess, ...], other: jax.Array, dilution: jax.Array | None) -> list[jax.Array]:
    """Return the log of the chance of each level after a choice has been seen."""
    if len(guesses) == 1:
        return [guesses[0].log_weight]
    before = [guess.log_weight for guess in guesses]
    if dilution is not None:
        kept, even = jax.nn.log_sigmoid(-dilution), jax.nn.log_sigmoid(dilution) - math.log(len(guesses))
        before = [jnp.logaddexp(kept + weight, even) for weight in before]
    after = [weight + _log_likelihood(guess, other) for weight, guess in zip(before, guesses, strict=True)]
    largest = jax.lax.stop_gradient(jax.tree.reduce(jnp.maximum, after))
    total = largest + jnp.log(sum((jnp.exp(weight - largest) for weight in after), jnp.float32(0.0)))
    return [weight - total for weight in after]


def _log_likelihood(guess: Guess, other: jax.Array) -> jax.Array:
    """Return the log of the chance of a choice if the opponent is of the level guessed (Daunizeau 2017)."""
    log_variance = jnp.log(jnp.maximum(guess.doubt, LEAST_VARIANCE))
    odds = (guess.leaning - 0.319 * jnp.exp(0.781 * log_variance)) / jnp.sqrt(1.0 + 0.205 * jnp.exp(0.870 * log_variance))
    return jax.nn.log_sigmoid(jnp.where(other > 0, odds, -odds))


def _revise(guess: Guess, log_weight: jax.Array, drift: jax.Array, own: jax.Array, other: jax.Array, game: Game) -> Guess:
    """Revise what is believed of the opponent's parameters, and let the simulated opponent learn."""
    weight, expected = jnp.exp(log_weight), jax.nn.sigmoid(guess.leaning)
    information, surprise = weight * expected * (1.0 - expected), weight * (other - expected)
    drifts = Parameters(drift, jnp.float32(0.0), jnp.float32(0.0))
    before = [jnp.exp(one) + more for one, more in zip(guess.log_variances, drifts, strict=True)]
    variances = [1.0 / (1.0 / one + information * slope**2) for one, slope in zip(before, guess.slopes, strict=True)]
    steps = [one * slope * surprise for one, slope in zip(variances, guess.slopes, strict=True)]
    means = Parameters(*(jnp.clip(mean + step, -BOUND, BOUND) for mean, step in zip(guess.means, steps, strict=True)))
    simulated = guess.mind, means, other, own, game.swapped()
    mind, now, slopes = _simulate(*simulated)
    if _like_tomsup(mind):
        slopes = _differences(*simulated)
    doubt = sum((one * slope**2 for one, slope in zip(variances, slopes, strict=True)), jnp.float32(0.0))
    return Guess(log_weight, now, doubt, means, Parameters(*map(jnp.log, variances)), slopes, mind)


def _simulate(mind: Beliefs, parameters: Parameters, own: jax.Array, other: jax.Array, game: Game) -> tuple[Beliefs, jax.Array, Parameters]:
    """Let an opponent learn, seen from the opponent's side; return its beliefs, its leaning, and how that changes with its parameters."""

    def expectation(volatility: jax.Array) -> tuple[jax.Array, Beliefs]:
        learnt = learn(mind, parameters._replace(volatility=volatility), own, other, game)
        return predict(learnt), learnt

    def lean(expected: jax.Array, temperature: jax.Array, bias: jax.Array) -> jax.Array:
        return leaning(expected, temperature, bias, game)

    ones = jnp.ones_like(parameters.volatility)
    expected, change, learnt = jax.jvp(expectation, (parameters.volatility,), (ones,), has_aux=True)
    now, slopes_of = jax.vjp(lean, expected, parameters.temperature, parameters.bias)
    by_expected, by_temperature, by_bias = slopes_of(ones)
    return learnt, now, Parameters(by_expected * change, by_temperature, by_bias)


def _differences(mind: Beliefs, parameters: Parameters, own: jax.Array, other: jax.Array, game: Game) -> Parameters:
    """Return what tomsup has for slopes, (x(θ + h) − x(θ))/h, as x′ + h x″/2: single precision cannot take the difference itself."""

    def slope(name: str, value: jax.Array) -> jax.Array:
        return getattr(_simulate(mind, parameters._replace(**{name: value}), own, other, game)[2], name)

    found = {}
    for name, value in parameters._asdict().items():
        step = jnp.maximum(TOMSUP_STEP * jnp.abs(value), TOMSUP_STEP)
        exact, bend = jax.jvp(partial(slope, name), (value,), (step,))
        found[name] = exact + 0.5 * bend
    return Parameters(**found)


def _like_tomsup(mind: Beliefs) -> bool:
    return isinstance(mind.guesses[0].mind if isinstance(mind, Modeller) else mind, RoundedTracker)


def _mean_chance(mean: jax.Array, variance: jax.Array) -> jax.Array:
    return jax.nn.sigmoid(mean / jnp.sqrt(1.0 + SHRINK * variance))
