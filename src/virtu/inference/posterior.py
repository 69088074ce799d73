"""What was learnt of persons: draws from their posteriors, and what is said of them, never a point without its spread.

The **contraction** of a trait is 1 − (posterior variance)/(prior variance): 0 where nothing was learnt, towards 1 where it is known;
below 0 where the observations made less likely what had seemed sure. Two traits **trade off** where more of the one can stand for more or
less of the other, so that only a combination of the two is known: their posterior correlation is large, and it is not that of the prior.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from virtu.inference import priors
from virtu.inference.priors import Prior

TRADE_OFF = 0.5
"""Size of a posterior correlation from which on two traits are said to trade off."""

OF_THE_PRIOR = 0.25
"""How far it must lie from the correlation in the prior."""

FEWEST = 100.0
"""Effective number of draws below which intervals are said to be rough."""

LITTLE = 0.1
"""Contraction below which a trait is said not to have been learnt."""

PRIOR_DRAWS, PRIOR_SEED = 20_000, 20_221_003


class Posterior(NamedTuple):
    """Draws from the posteriors of N persons."""

    prior: Prior
    persons: tuple[str, ...]
    point: np.ndarray  # (N, S, d) coordinates, of equal weight
    value: np.ndarray  # (N, S, d) values of the traits
    highest: np.ndarray  # (N, d) values at the highest point of the posterior
    before: np.ndarray  # (M, d) values drawn from the prior, or (N, M, d) where each person has one of their own
    level: np.ndarray  # (N, L) posterior chance of each level
    kind: np.ndarray  # (N, C) posterior chance of each type
    effective: np.ndarray  # (N,) effective number of draws
    method: str  # how the draws were made


def values(prior: Prior, point: np.ndarray) -> np.ndarray:
    """Return the values of the traits that are not fixed, shape (…, d), from coordinates of that shape."""
    found = priors.values(prior, np.asarray(point, np.float32))
    return np.stack([np.asarray(found[name]) for name in prior.names], axis=-1)


def before(prior: Prior) -> np.ndarray:
    """Return values drawn from the prior, shape (20 000, d); always the same."""
    return values(prior, priors.draw(prior, PRIOR_DRAWS, np.random.default_rng(PRIOR_SEED)))


def contraction(found: Posterior) -> np.ndarray:
    """Return how far each trait of each person is known, shape (N, d), at most 1."""
    return 1.0 - found.value.var(axis=1) / found.before.var(axis=0)


def correlations(found: Posterior) -> np.ndarray:
    """Return the posterior correlations of traits, shape (N, d, d)."""
    away = found.value - found.value.mean(axis=1, keepdims=True)
    spread = np.maximum(away.std(axis=1), 1e-12)
    return np.einsum("nsi,nsj->nij", away, away) / away.shape[1] / (spread[:, :, None] * spread[:, None])


def trade_offs(found: Posterior) -> list[list[dict[str, Any]]]:
    """Return for each person the pairs of traits that trade off, the strongest first."""
    after, prior = correlations(found), np.atleast_2d(np.corrcoef(found.before, rowvar=False))
    listed = []
    for person in after:
        pairs = [(one, other) for one, other in combinations(range(len(prior)), 2) if _trades(person[one, other], prior[one, other])]
        pairs.sort(key=lambda pair: -abs(person[pair]))
        listed.append([{"traits": [found.prior.names[one] for one in pair], "correlation": float(person[pair])} for pair in pairs])
    return listed


def _trades(after: float, prior: float) -> bool:
    return abs(after) >= TRADE_OFF and abs(after - prior) >= OF_THE_PRIOR


def summary(found: Posterior) -> dict[str, Any]:
    """Return what is said of each person, ready for JSON, by name.

    Returns
    -------
    dict
        By person: traits (each with mean, sd, median, low and high of the central 95 %, the highest point, contraction), levels and
        types with their chances where there are several, trade_offs, effective.
    """
    known, pairs = contraction(found), trade_offs(found)
    return {name: _person(found, number, known[number], pairs[number]) for number, name in enumerate(found.persons)}


def _person(found: Posterior, number: int, known: np.ndarray, pairs: list[dict[str, Any]]) -> dict[str, Any]:
    traits = {}
    for place, name in enumerate(found.prior.names):
        drawn = found.value[number, :, place]
        low, median, high = np.quantile(drawn, (0.025, 0.5, 0.975))
        told = {"mean": drawn.mean(), "sd": drawn.std(), "median": median, "low": low, "high": high}
        traits[name] = {key: float(value) for key, value in told.items()}
        traits[name] |= {"highest": float(found.highest[number, place]), "contraction": float(known[place])}
    said: dict[str, Any] = {"traits": traits, "trade_offs": pairs, "effective": float(found.effective[number])}
    return said | {"levels": found.level[number].tolist(), "types": found.kind[number].tolist()}


def prior_summary(prior: Prior) -> dict[str, Any]:
    """Return what is said of the prior, by trait: mean, sd, low and high of the central 95 %, unit, about; and what is fixed."""
    return spans(prior, before(prior)) | {name: {"fixed": value} for name, value in prior.fixed.items()}


def spans(prior: Prior, drawn: np.ndarray) -> dict[str, Any]:
    """Return what is said of draws from a prior, shape (M, d), by trait: mean, sd, low and high of the central 95 %, unit, about."""
    told = {}
    for place, (name, trait) in enumerate(zip(prior.names, prior.about, strict=True)):
        low, high = np.quantile(drawn[:, place], (0.025, 0.975))
        numbers = {"mean": drawn[:, place].mean(), "sd": drawn[:, place].std(), "low": low, "high": high}
        told[name] = {key: float(value) for key, value in numbers.items()} | {"unit": trait.unit, "about": trait.doc}
    return told
