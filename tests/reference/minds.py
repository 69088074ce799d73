"""The equations of `virtu.minds`, one number or one belief at a time."""

from __future__ import annotations

import math

INTENTS = (-0.5, -0.2, 0.0, 0.2, 0.5)


def logistic(value: float) -> float:
    """Return 1/(1 + exp(−x)) without overflow."""
    if value < 0.0:
        return math.exp(value) / (1.0 + math.exp(value))
    return 1.0 / (1.0 + math.exp(-value))


def clip(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)


def depth_weights(depth: float) -> tuple[float, float, float]:
    """Return a Poisson distribution truncated to the levels 0, 1 and 2."""
    terms = [depth**level / math.factorial(level) for level in range(3)]
    return terms[0] / sum(terms), terms[1] / sum(terms), terms[2] / sum(terms)


def attention(depth: tuple[float, float, float], precision: float) -> float:
    """Return the mean level as a share of the highest, times λ/(1 + λ)."""
    mean_level = sum(level * share for level, share in enumerate(depth))
    return mean_level / 2.0 * precision / (1.0 + precision)


def caring(behind: float, ahead: float, ledgers: float, gap: float) -> float:
    """Return w = α [behind] + β [ahead] + γ K − δ G, the last two as one number, never beyond .95 either way."""
    by_gap = behind if gap > 0.0 else ahead if gap < 0.0 else 0.0
    return clip(by_gap + ledgers, -0.95, 0.95)


def normalised(belief: list[float]) -> list[float]:
    return [share / sum(belief) for share in belief]


def prior(suspicion: float) -> list[float]:
    """Return b₀ ∝ exp(−h ω/.25)."""
    return normalised([math.exp(-suspicion * intent / 0.25) for intent in INTENTS])


def hostile(belief: list[float]) -> float:
    return sum(share for share, intent in zip(belief, INTENTS, strict=True) if intent < 0.0)


def seen_act(belief: list[float], act: float, evidence: float, rigidity: float) -> list[float]:
    """Return b ∝ b · σ(e (1 − rigidity) ω v)."""
    weight = evidence * (1.0 - rigidity) * act
    return normalised([share * logistic(weight * intent) for share, intent in zip(belief, INTENTS, strict=True)])


def shifted(belief: list[float], log_odds: float) -> list[float]:
    """Return b ∝ b · exp(−ω/.5 · shift)."""
    return normalised([share * math.exp(-intent / 0.5 * log_odds) for share, intent in zip(belief, INTENTS, strict=True)])
