"""Which probe to try next: the one whose answer is expected to tell most about a person, given what is known."""

from __future__ import annotations

from typing import NamedTuple

import jax
import numpy as np

from virtu.inference import gain, priors
from virtu.inference.posterior import Posterior
from virtu.inference.priors import Prior
from virtu.inference.probes.family import Answers, Family, Probe, Session
from virtu.inference.probes.likelihood import likelihood
from virtu.inference.probes.measuring import levels_at

PERSONS = 12
"""Persons over which the gain is averaged, the first of the table, where there are many."""

DRAWS, PLAYED = 400, 128
"""Draws of a person by which gains are worked out: where answers can be counted, and where they are played."""


class Gain(NamedTuple):
    """What a probe is expected to tell."""

    probe: str
    bits: float  # mean over persons


def next_probes(family: Family, found: Posterior, session: Session, seed: int = 0) -> list[Gain]:
    """Return all candidates of a family, the one that tells most first.

    Parameters
    ----------
    family : Family
        What is played.
    found : Posterior
        What is known of persons.
    session : Session
        From what it is known, for their levels.
    seed : int
        Of levels and played answers.
    """
    candidates = family.candidates()
    few = all(family.outcomes(probe.answers) for probe in candidates.values())
    count, persons = (DRAWS if few else PLAYED), min(PERSONS, len(session.persons))
    point = found.point[:persons, :: max(1, found.point.shape[1] // count)][:, :count]
    some = jax.tree.map(lambda part: part[:persons], session.answers)
    shares = levels_at(family, found.prior, some, point)
    lots = np.random.default_rng(seed).random((*shares.shape[:2], 1))
    level = (lots > np.cumsum(shares, axis=-1)[..., :-1]).sum(axis=-1)
    bits = np.zeros(len(candidates))
    for drawn, levels in zip(point, level, strict=True):
        if few:
            bits += _counted(family, found.prior, list(candidates.values()), drawn, levels)
        else:
            bits += [_played(family, found.prior, probe, drawn, levels, seed) for probe in candidates.values()]
    gains = [Gain(name, float(value)) for name, value in zip(candidates, bits / persons, strict=True)]
    return sorted(gains, key=lambda one: -one.bits)


def _counted(family: Family, prior: Prior, probes: list[Probe], point: np.ndarray, level: np.ndarray) -> np.ndarray:
    """Return the gain of each probe for one person, where all its answers can be gone through."""
    every: Answers = jax.tree.map(lambda *parts: np.concatenate(parts), *[probe.answers for probe in probes])
    at = np.broadcast_to(point, (len(probes), *point.shape))
    answers = [likelihood(family, prior, one, given=True)(at) for one in family.outcomes(every)]
    chances = np.exp(np.stack([_of_level(one, level[None]) for one in answers], axis=-1))
    return gain.of_answers(chances)


def _played(family: Family, prior: Prior, probe: Probe, point: np.ndarray, level: np.ndarray, seed: int) -> float:
    """Return the gain of a probe for one person, from plays of all draws of him."""
    persons = len(point)
    blank = jax.tree.map(lambda part: np.repeat(part, persons, axis=0), probe.answers)
    values = {name: np.asarray(value) for name, value in priors.values(prior, point).items()}
    played = probe.play(values, blank, seed, level)
    at = np.broadcast_to(point, (persons, *point.shape))
    found = likelihood(family, prior, played, given=True)(at)
    return gain.of_play(_of_level(found, np.broadcast_to(level, (persons, persons))).astype(np.float64))


def _of_level(log_likelihood: np.ndarray, level: np.ndarray) -> np.ndarray:
    """Return the log-likelihood at the level of each draw, shape (N, S), from (N, S, L)."""
    return np.take_along_axis(log_likelihood, np.broadcast_to(level, log_likelihood.shape[:2])[..., None], axis=-1)[..., 0]
