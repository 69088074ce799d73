"""From answers to persons: the quick answer, and the thorough one, with a population that is stated or learnt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from scipy.special import softmax

from virtu.inference import laplace, posterior, priors, sampling
from virtu.inference.posterior import Posterior
from virtu.inference.priors import Prior
from virtu.inference.probes.family import Answers, Family, Session
from virtu.inference.probes.likelihood import joint, likelihood
from virtu.scenario.distributions import Level

KEPT = 1200
"""Draws kept of each person's posterior."""

CHAINS, WARMUP = 4, 60
"""Chains of each person and component; draws thrown away, while the length of a step is found."""

FEW = 0.005
"""Components with a smaller share of a person's posterior are left to the quick answer, which found the share."""


FORWARD = 4
"""Coordinates up to which derivatives are taken forwards, along the rounds, rather than back through all of them."""


class Learnt(NamedTuple):
    """What was learnt, how far chains agree, and what there is to say about it."""

    posterior: Posterior
    draws: laplace.Draws
    notes: tuple[str, ...]
    agreement: float | None = None  # largest split R̂
    diverged: int = 0  # draws whose trajectory ran away
    steps: float | None = None  # mean number of steps of a trajectory


def quick(family: Family, session: Session, own: Mapping[str, Level] | None = None, seed: int = 0) -> Learnt:
    """Return the quick answer: highest points, and draws by importance sampling around them.

    Parameters
    ----------
    family : Family
        What was played.
    session : Session
        Who answered what.
    own : mapping, optional
        Priors of one's own, by trait.
    seed : int
        Of the draws.
    """
    return at(family, session, priors.prior(family.asked(session.answers), own), seed)


def at(family: Family, session: Session, prior: Prior, seed: int) -> Learnt:
    """Return the quick answer for a prior; parameters as `quick`."""
    generator = np.random.default_rng(seed)
    evaluate = likelihood(family, prior, session.answers)
    levels = len(family.levels)
    peak = laplace.climb(evaluate, prior, len(session.persons), levels)
    draws = laplace.draw(evaluate, prior, peak, levels, generator)
    best = np.take_along_axis(peak.point, np.argmax(peak.weight, axis=1)[:, None, None], axis=1)[:, 0]
    point = laplace.resampled(draws, KEPT, generator)
    how = "highest point and Laplace's approximation, corrected by importance sampling"
    found = _described(session, prior, point, posterior.values(prior, best), draws, draws.effective, how)
    rough = [name for name, number in zip(session.persons, draws.effective, strict=True) if number < posterior.FEWEST]
    notes = [f"intervals are rough for {', '.join(rough)}: few effective draws"] if rough else []
    return Learnt(found, draws, tuple(notes))


def thorough(family: Family, session: Session, own: Mapping[str, Level] | None = None, seed: int = 0) -> Learnt:
    """Return the thorough answer: draws by the no-U-turn sampler, each person's population being stated; parameters as `quick`.

    Components, which may lie apart, are sampled apart, and their draws mixed in the shares that the quick answer has found.
    """
    first = quick(family, session, own, seed)
    prior, draws = first.posterior.prior, first.draws
    levels, kinds = len(family.levels), len(prior.shares)
    pool: dict[tuple[int, int], np.ndarray] = {}
    splits, diverged, steps = [1.0], 0, []
    effective = np.zeros((len(session.persons), kinds * levels))
    for level in range(levels):
        place = np.arange(kinds) * levels + level
        who, kind = np.nonzero(draws.share[:, place] >= FEW)
        if not who.size:
            continue
        part = _Part(level, who, place[kind])
        run, found = _sampled(family, session, prior, draws, part, seed)
        for number, (person, component) in enumerate(zip(who, part.component, strict=True)):
            split, count = sampling.agreement(run.point[number * CHAINS : (number + 1) * CHAINS])
            pool[int(person), int(component)] = found[number]
            splits.append(float(split.max()))
            effective[person, component] = count.min()
        diverged, steps = diverged + int(run.diverged.sum()), [*steps, run.steps]
    point = np.stack([_mixed(pool, draws.share, person, seed) for person in range(len(session.persons))])
    number = np.min(np.where(effective > 0.0, effective / np.maximum(draws.share, FEW), np.inf), axis=1)
    found = _described(session, prior, point, first.posterior.highest, draws, np.minimum(number, KEPT), "no-U-turn sampler")
    return Learnt(found, draws, (), max(splits), diverged, float(np.mean(steps)))


class _Part(NamedTuple):
    """The posteriors that are sampled with one program: J components of persons, all at one level."""

    level: int
    who: np.ndarray  # (J,) index of the person
    component: np.ndarray  # (J,) index of the pair of kind and level


def _sampled(
    family: Family, session: Session, prior: Prior, draws: laplace.Draws, part: _Part, seed: int
) -> tuple[sampling.Chains, np.ndarray]:
    """Return the chains of a part, whitened and one below the other, and their draws in coordinates, shape (J, S, d)."""
    centre = prior.centres[part.component // len(family.levels)]
    middle, factor = draws.middle[part.who, part.component], np.linalg.cholesky(draws.covariance[part.who, part.component])
    answers = jax.tree.map(lambda one: np.asarray(one)[part.who][:, None], session.answers)
    data = jax.tree.map(lambda one: np.repeat(np.asarray(one), CHAINS, axis=0), (middle, factor, centre, answers))
    start = np.random.default_rng(seed).standard_normal((len(data[0]), prior.size))

    density = _density(family, prior.names, tuple(prior.fixed.items()), part.level)
    count = -(-KEPT // CHAINS)
    run = sampling.sample(density, start, data, priors.curves(prior), WARMUP, count, seed, forward=prior.size <= FORWARD)
    x = run.point.reshape(len(part.who), -1, prior.size)
    return run, middle[:, None] + np.einsum("nij,nsj->nsi", factor, x)


def _density(family: Family, names: tuple[str, ...], fixed: tuple[tuple[str, float], ...], level: int) -> Callable[..., jax.Array]:
    """Return the log posterior density of one chain at a level."""

    def log_density(x: jax.Array, data: Any, curves: priors.Curves) -> jax.Array:
        middle, factor, centre, answers = data
        point = middle + factor @ x
        found = joint(family, priors.of_curves(names, dict(fixed), curves), point[None, None], answers, levels=(level,))
        return found[0, 0, 0] - 0.5 * jnp.sum((point - centre) ** 2)

    log_density.__qualname__ = repr((family.name, level, names, fixed))
    return log_density


def _mixed(pool: Mapping[tuple[int, int], np.ndarray], share: np.ndarray, person: int, seed: int) -> np.ndarray:
    """Return draws of a person from all components, in proportion to their shares, shape (`KEPT`, d)."""
    generator = np.random.default_rng([seed, person])
    mine = {component: drawn for (who, component), drawn in pool.items() if who == person}
    weight = np.array([share[person, component] for component in mine])
    counts = np.diff(np.round(KEPT * np.append(0.0, np.cumsum(weight) / weight.sum()))).astype(int)
    picked = [drawn[generator.permutation(len(drawn))[:count]] for drawn, count in zip(mine.values(), counts, strict=True)]
    return generator.permutation(np.concatenate(picked))


def levels_at(family: Family, prior: Prior, answers: Answers, point: np.ndarray) -> np.ndarray:
    """Return the chance of each level at coordinates (N, S, d), shape (N, S, L)."""
    return softmax(likelihood(family, prior, answers)(point).astype(np.float64), axis=-1)


def _described(
    session: Session, prior: Prior, point: np.ndarray, highest: np.ndarray, draws: laplace.Draws, effective: np.ndarray, how: str
) -> Posterior:
    return Posterior(
        prior=prior,
        persons=session.persons,
        point=point,
        value=posterior.values(prior, point),
        highest=highest,
        before=posterior.before(prior),
        level=draws.level,
        kind=draws.kind,
        effective=effective,
        method=how,
    )
