"""k-ToM in plain Python: double precision, one player, slopes by central differences of the whole simulated learning."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

Table: TypeAlias = Sequence[Sequence[float]]
"""Payoffs by own choice and the other's."""

STEP = 1e-4
"""Half the distance over which slopes are taken: error of the formula 1e-8, of rounding under two nested differences the same."""


class Tracker(NamedTuple):
    """What a 0-ToM believes: mean of the log odds and log of their variance."""

    mean: float
    log_variance: float


class Guess(NamedTuple):
    """What is believed of an opponent of one level: parameters are volatility, temperature and bias."""

    weight: float
    leaning: float
    means: list[float]
    log_variances: list[float]
    slopes: list[float]
    mind: Beliefs


Beliefs: TypeAlias = Tracker | list[Guess]


def logistic(odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-odds)) if odds >= 0 else math.exp(odds) / (1.0 + math.exp(odds))


def prior(level: int) -> Beliefs:
    if level == 0:
        return Tracker(0.0, 0.0)
    return [Guess(1.0 / level, 0.0, [0.0] * 3, [0.0] * 3, [0.0, 0.0, 1.0], prior(below)) for below in range(level)]


def predict(beliefs: Beliefs) -> float:
    """Return the chance with which the opponent is expected to choose 1."""
    if isinstance(beliefs, Tracker):
        return logistic(beliefs.mean / math.sqrt(1.0 + 0.36 * math.exp(beliefs.log_variance)))
    return sum(guess.weight * logistic(guess.leaning / math.sqrt(1.0 + 0.36 * spread(guess))) for guess in beliefs)


def spread(guess: Guess) -> float:
    return sum(math.exp(one) * slope**2 for one, slope in zip(guess.log_variances, guess.slopes, strict=True))


def lean(beliefs: Beliefs, parameters: Sequence[float], mine: Table) -> float:
    """Return the log odds of choosing 1."""
    expected = predict(beliefs)
    gain = expected * (mine[1][1] - mine[0][1]) + (1.0 - expected) * (mine[1][0] - mine[0][0])
    largest = math.log(0.999 / 0.001)
    return min(max(gain / math.exp(parameters[1]) + parameters[2], -largest), largest)


def learn(
    beliefs: Beliefs,
    parameters: Sequence[float],
    own: int,
    other: int,
    tables: tuple[Table, Table],
    dilution: float | None = None,
    step: float = STEP,
) -> Beliefs:
    """Return beliefs after a round; tables are one's own and the opponent's, each by own choice and the other's."""
    if isinstance(beliefs, Tracker):
        return track(beliefs, parameters[0], other)
    revised = weigh(beliefs, other, dilution)
    return [revise(guess, weight, parameters[0], own, other, tables, step) for guess, weight in zip(beliefs, revised, strict=True)]


def track(seen: Tracker, volatility: float, other: int) -> Tracker:
    expected = logistic(seen.mean)
    variance = 1.0 / (1.0 / (math.exp(volatility) + math.exp(seen.log_variance)) + expected * (1.0 - expected))
    return Tracker(seen.mean + variance * (other - expected), math.log(variance))


def weigh(guesses: list[Guess], other: int, dilution: float | None) -> list[float]:
    """Return the chances of the levels after a choice."""
    before = [guess.weight for guess in guesses]
    if dilution is not None:
        lost = logistic(dilution)
        before = [(1.0 - lost) * weight + lost / len(guesses) for weight in before]
    ones = [logistic((one.leaning - 0.319 * spread(one) ** 0.781) / math.sqrt(1.0 + 0.205 * spread(one) ** 0.870)) for one in guesses]
    joint = [weight * (one if other else 1.0 - one) for weight, one in zip(before, ones, strict=True)]
    return [part / sum(joint) for part in joint]


def revise(guess: Guess, weight: float, volatility: float, own: int, other: int, tables: tuple[Table, Table], step: float) -> Guess:
    expected = logistic(guess.leaning)
    means, log_variances = [], []
    for number, (mean, log_variance, slope) in enumerate(zip(guess.means, guess.log_variances, guess.slopes, strict=True)):
        before = math.exp(log_variance) + (math.exp(volatility) if number == 0 else 0.0)
        variance = 1.0 / (1.0 / before + weight * expected * (1.0 - expected) * slope**2)
        means.append(mean + weight * variance * slope * (other - expected))
        log_variances.append(math.log(variance))
    mind, leaning = simulate(guess.mind, means, other, own, tables, step)
    return Guess(weight, leaning, means, log_variances, slopes_of(guess.mind, means, other, own, tables, step), mind)


def simulate(
    mind: Beliefs, means: Sequence[float], own: int, other: int, tables: tuple[Table, Table], step: float
) -> tuple[Beliefs, float]:
    """Let the opponent learn and lean; choices are the opponent's own and the other's, tables those of the one who simulates."""
    learnt = learn(mind, means, own, other, (tables[1], tables[0]), None, step)
    return learnt, lean(learnt, means, tables[1])


def slopes_of(mind: Beliefs, means: Sequence[float], own: int, other: int, tables: tuple[Table, Table], step: float) -> list[float]:
    """Return how the opponent's leaning changes with each parameter."""
    found = []
    for number in range(3):
        above, below = (
            simulate(mind, [mean + sign * step * (place == number) for place, mean in enumerate(means)], own, other, tables, step)[1]
            for sign in (1.0, -1.0)
        )
        found.append((above - below) / (2.0 * step))
    return found


def chance(beliefs: Beliefs, parameters: Sequence[float], mine: Table) -> float:
    """Return the chance of choosing 1."""
    return logistic(lean(beliefs, parameters, mine))
