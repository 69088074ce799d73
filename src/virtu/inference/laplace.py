"""The quick answer: where a posterior is highest, how wide it is there, and draws that are corrected for what that leaves out.

For each person and each component of prior and likelihood (types of empathy, levels of reasoning), the highest point z* of the log
posterior is climbed to by Newton's method, its derivatives taken by central differences: the likelihoods run through many rounds, for
some of which compiling second derivatives takes minutes. With H the negative second derivative there, Laplace's approximation is
Normal(z*, H⁻¹), and a component weighs e^(log posterior at z*) · |H|^(−½).

Draws from that mixture, its tails made heavier, and some from the prior, are weighed by posterior over proposal density (importance
sampling; Kong 1992 for the effective number), then fitted and weighed once more. So the draws are of the posterior itself, as far as
their effective number says; the normal approximation is only how they were found. Persons are independent given the population.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import gammaln, logsumexp

from virtu.inference.priors import Prior

PASSES = (800, 2000)
"""Proposals for each person: from Laplace's approximation, then from what that found."""

STEPS, LONGEST, SHORTEST = 30, 3.0, 0.02
"""Steps of Newton's method, the longest one, and the one at which it has arrived; standard coordinates."""

RENEWED = 4
"""Steps after which second derivatives are taken anew; they cost about as many points as there are pairs of traits."""

FIRST_DIFFERENCE, DIFFERENCES = 0.1, (0.01, 0.15)
"""Distance of the points from which derivatives are taken at first; then half a posterior deviation, within bounds."""

LEAST_CURVATURE = 0.25
"""Least curvature in any direction; that of the prior alone is 1."""

FREEDOM, WIDENED, FROM_PRIOR = 5.0, 1.2, 0.1
"""Degrees of freedom and widening of the proposals, and the share that comes from the prior."""

Likelihood = Callable[[np.ndarray], np.ndarray]
"""Coordinates (N, P, d) → log-likelihood by level (N, P, L)."""


class Peak(NamedTuple):
    """The highest points of the posteriors of N persons; K components."""

    point: np.ndarray  # (N, K, d) coordinates
    curvature: np.ndarray  # (N, K, d, d) negative second derivative of the log posterior
    weight: np.ndarray  # (N, K) share of the component by Laplace's approximation; rows sum to 1
    log_evidence: np.ndarray  # (N,) log of the chance of the observations, by Laplace's approximation
    arrived: np.ndarray  # (N, K) bool


class Draws(NamedTuple):
    """Weighted draws from the posteriors of N persons."""

    point: np.ndarray  # (N, S, d) coordinates
    weight: np.ndarray  # (N, S) rows sum to 1
    level: np.ndarray  # (N, L) posterior chance of each level
    kind: np.ndarray  # (N, C) posterior chance of each component of the prior
    share: np.ndarray  # (N, K) posterior chance of each pair of a component and a level, levels running faster
    middle: np.ndarray  # (N, K, d) mean of the draws of each such pair
    covariance: np.ndarray  # (N, K, d, d)
    effective: np.ndarray  # (N,) effective number of draws
    log_evidence: np.ndarray  # (N,) log of the chance of the observations


class _Components(NamedTuple):
    """The pairs of a component of the prior and a level of the likelihood."""

    centre: np.ndarray  # (K, d)
    log_share: np.ndarray  # (K,)
    level: np.ndarray  # (K,) index of the level
    kind: np.ndarray  # (K,) index of the component of the prior


def climb(likelihood: Likelihood, prior: Prior, persons: int, levels: int) -> Peak:
    """Climb to the highest points.

    Parameters
    ----------
    likelihood : callable
        Log-likelihood of the persons' observations.
    prior : Prior
        Of their coordinates.
    persons, levels : int
        N and L.
    """
    parts = _components(prior, levels)
    point = np.broadcast_to(parts.centre, (persons, *parts.centre.shape)).copy()
    distance = np.full_like(point, FIRST_DIFFERENCE)
    height, slope, curvature = _surface(likelihood, parts, point, distance)
    scale = np.ones(point.shape[:2])
    arrived = np.zeros(point.shape[:2], bool)
    for number in range(1, STEPS):
        step = np.linalg.solve(curvature, slope[..., None])[..., 0]
        length = np.linalg.norm(step, axis=-1, keepdims=True)
        step *= np.minimum(1.0, LONGEST / np.maximum(length, 1e-9)) * scale[..., None]
        arrived |= np.linalg.norm(step, axis=-1) < SHORTEST
        if arrived.all():
            break
        there = np.where(arrived[..., None], point, point + step)
        distance = _distances(curvature)
        found = _surface(likelihood, parts, there, distance, None if number % RENEWED == 0 else curvature)
        better = found[0] >= height - 1e-3
        scale = np.where(better, np.minimum(1.0, 2.0 * scale), 0.3 * scale)
        point = np.where(better[..., None], there, point)
        height, slope = np.where(better, found[0], height), np.where(better[..., None], found[1], slope)
        curvature = np.where(better[..., None, None], found[2], curvature)
    height, _, curvature = _surface(likelihood, parts, point, _distances(curvature))
    log_weight = height - 0.5 * np.linalg.slogdet(curvature)[1] + parts.log_share
    evidence = _log_sum(log_weight)
    return Peak(point, curvature, np.exp(log_weight - evidence[:, None]), evidence, arrived)


def _distances(curvature: np.ndarray) -> np.ndarray:
    """Return how far off derivatives are taken: half a posterior deviation, within bounds."""
    return np.clip(0.5 * np.sqrt(np.diagonal(np.linalg.inv(curvature), axis1=-2, axis2=-1)), *DIFFERENCES)


def draw(likelihood: Likelihood, prior: Prior, peak: Peak, levels: int, generator: np.random.Generator) -> Draws:
    """Draw from the posteriors by importance sampling.

    Parameters
    ----------
    likelihood, prior, levels
        As in `climb`.
    peak : Peak
        From `climb`.
    generator : numpy.random.Generator
        Of the draws.
    """
    parts = _components(prior, levels)
    found = peak.point, np.linalg.inv(peak.curvature), peak.weight
    first, last = PASSES
    _, _, *found = _weighed(likelihood, prior, parts, found, generator, first)
    drawn, evidence, middle, covariance, share = _weighed(likelihood, prior, parts, found, generator, last)
    point, weight = drawn
    level = np.stack([share[:, parts.level == one].sum(axis=1) for one in range(levels)], axis=1)
    kind = np.stack([share[:, parts.kind == one].sum(axis=1) for one in range(len(prior.shares))], axis=1)
    return Draws(point, weight, level, kind, share, middle, covariance, 1.0 / np.sum(weight**2, axis=1), evidence)


def _weighed(
    likelihood: Likelihood, prior: Prior, parts: _Components, proposal: Sequence[np.ndarray], generator: np.random.Generator, count: int
) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return points with their weights, the log evidence, and middle, covariance and share of each component among them."""
    middle, covariance, share = proposal
    point, log_proposal = _propose(prior, middle, covariance, share, generator, count)
    by_part = _by_part(likelihood, parts, point)
    whole = _log_sum(by_part)
    log_weight = whole - log_proposal
    total = _log_sum(log_weight)
    weight = np.exp(log_weight - total[:, None])
    owner = np.exp(by_part - whole[..., None]) * weight[..., None]
    return (point, weight), total - np.log(count), *_moments(point, owner, middle, covariance), owner.sum(axis=1)


def _log_sum(values: np.ndarray) -> np.ndarray:
    """Return the log of the sum of exponentials over the last axis."""
    return np.asarray(logsumexp(values, axis=-1))


def resampled(draws: Draws, count: int, generator: np.random.Generator) -> np.ndarray:
    """Return draws of equal weight, shape (N, count, d), by systematic resampling; their order is random."""
    start = generator.random((len(draws.weight), 1))
    at = (np.arange(count) + start) / count
    above = np.cumsum(draws.weight, axis=1)
    index = np.stack([np.searchsorted(row / row[-1], places) for row, places in zip(above, at, strict=True)])
    shuffled = generator.permuted(np.minimum(index, draws.weight.shape[1] - 1), axis=1)
    return np.take_along_axis(draws.point, shuffled[..., None], axis=1)


def _components(prior: Prior, levels: int) -> _Components:
    kinds = len(prior.shares)
    kind, level = np.repeat(np.arange(kinds), levels), np.tile(np.arange(levels), kinds)
    return _Components(prior.centres[kind], np.log(prior.shares)[kind], level, kind)


def _surface(
    likelihood: Likelihood, parts: _Components, point: np.ndarray, distance: np.ndarray, curvature: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return height (N, K), slope (N, K, d) and curvature (N, K, d, d) of the log posterior of each component at a point of its own.

    A curvature that is given is kept, which leaves the points out that only it needs.
    """
    persons, count, size = point.shape
    signs = _stencil(size)[: None if curvature is None else 2 * size + 1]
    at = point[:, :, None] + signs * distance[:, :, None]
    found = likelihood(at.reshape(persons, -1, size).astype(np.float32)).reshape(persons, count, len(signs), -1)
    log_level = np.take_along_axis(found, parts.level[None, :, None, None], axis=-1)[..., 0].astype(np.float64)
    height = log_level - 0.5 * np.sum((at - parts.centre[None, :, None]) ** 2, axis=-1)
    middle, plus, minus = height[..., 0], height[..., 1 : size + 1], height[..., size + 1 : 2 * size + 1]
    slope = (plus - minus) / (2.0 * distance)
    return middle, slope, _bend(height, distance) if curvature is None else curvature


def _bend(height: np.ndarray, distance: np.ndarray) -> np.ndarray:
    """Return the negative second derivative from heights on the whole stencil."""
    size = distance.shape[-1]
    middle, plus, minus = height[..., 0], height[..., 1 : size + 1], height[..., size + 1 : 2 * size + 1]
    bend = np.zeros((*distance.shape, size))
    number = np.arange(size)
    bend[..., number, number] = plus + minus - 2.0 * middle[..., None]
    for place, (one, other) in enumerate(_couples(size)):
        both, neither = height[..., 1 + 2 * size + 2 * place], height[..., 2 + 2 * size + 2 * place]
        alone = plus[..., one] + minus[..., one] + plus[..., other] + minus[..., other]
        bend[..., one, other] = bend[..., other, one] = 0.5 * (both + neither - alone + 2.0 * middle)
    return _curved(-bend / (distance[..., :, None] * distance[..., None, :]))


def _stencil(size: int) -> np.ndarray:
    """Directions in which the surface is looked at: none, each axis up and down, each couple of axes up together and down together."""
    axes = np.eye(size)
    couples = [sign * (axes[one] + axes[other]) for one, other in _couples(size) for sign in (1.0, -1.0)]
    return np.concatenate([np.zeros((1, size)), axes, -axes, np.reshape(couples, (-1, size))])


def _couples(size: int) -> Iterator[tuple[int, int]]:
    return ((one, other) for one in range(size) for other in range(one + 1, size))


def _curved(matrix: np.ndarray) -> np.ndarray:
    """Return the nearest matrix that curves downwards everywhere, where a surface is not concave."""
    values, axes = np.linalg.eigh(matrix)
    return np.einsum("...ij,...j,...kj->...ik", axes, np.maximum(np.abs(values), LEAST_CURVATURE), axes)


def _by_part(likelihood: Likelihood, parts: _Components, point: np.ndarray) -> np.ndarray:
    """Return the log posterior density of each component, shape (N, S, K)."""
    found = likelihood(point.astype(np.float32)).astype(np.float64)[..., parts.level]
    size = point.shape[-1]
    away = np.sum((point[:, :, None] - parts.centre) ** 2, axis=-1)
    return found + parts.log_share - 0.5 * away - 0.5 * size * np.log(2.0 * np.pi)


def _propose(
    prior: Prior, middle: np.ndarray, covariance: np.ndarray, share: np.ndarray, generator: np.random.Generator, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return points (N, S, d) from a mixture of t distributions and the prior, and their log density (N, S)."""
    persons, parts, size = middle.shape
    share = (1.0 - FROM_PRIOR) * share / share.sum(axis=1, keepdims=True)
    factor = np.linalg.cholesky(WIDENED * covariance)
    lot = generator.random((persons, count, 1))
    part = (lot > np.cumsum(share, axis=1)[:, None]).sum(axis=-1)  # the last one, `parts`, is the prior
    known = np.minimum(part, parts - 1)
    row = np.arange(persons)[:, None]
    stretch = np.sqrt(FREEDOM / generator.chisquare(FREEDOM, (persons, count, 1)))
    normal = generator.standard_normal((persons, count, size))
    near = middle[row, known] + stretch * np.einsum("nsij,nsj->nsi", factor[row, known], normal)
    kind = generator.choice(len(prior.shares), (persons, count), p=prior.shares)
    point = np.where((part < parts)[..., None], near, prior.centres[kind] + normal).astype(np.float32).astype(np.float64)
    densities = [_log_t(point, middle[:, one], factor[:, one]) + np.log(share[:, one, None] + 1e-300) for one in range(parts)]
    away = np.sum((point[:, :, None] - prior.centres) ** 2, axis=-1)
    far = _log_sum(np.log(prior.shares) - 0.5 * away) - 0.5 * size * np.log(2.0 * np.pi)
    return point, _log_sum(np.stack([*densities, far + np.log(FROM_PRIOR)], axis=-1))


def _log_t(point: np.ndarray, middle: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """Return the log density of a multivariate t distribution, shape (N, S)."""
    size = point.shape[-1]
    scaled = np.linalg.solve(factor, np.swapaxes(point - middle[:, None], 1, 2))
    volume = np.sum(np.log(np.diagonal(factor, axis1=-2, axis2=-1)), axis=-1)
    constant = gammaln(0.5 * (FREEDOM + size)) - gammaln(0.5 * FREEDOM) - 0.5 * size * np.log(FREEDOM * np.pi)
    return constant - volume[:, None] - 0.5 * (FREEDOM + size) * np.log1p(np.sum(scaled**2, axis=1) / FREEDOM)


def _moments(point: np.ndarray, owner: np.ndarray, middle: np.ndarray, covariance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and covariance of the draws of each component; of one with too few draws, those it was proposed with."""
    total = owner.sum(axis=1)
    mean = np.einsum("nsk,nsd->nkd", owner, point) / np.maximum(total, 1e-12)[..., None]
    away = point[:, :, None] - mean[:, None]
    spread = np.einsum("nsk,nskd,nske->nkde", owner, away, away) / np.maximum(total, 1e-12)[..., None, None]
    size = point.shape[-1]
    effective = total**2 / np.maximum(np.sum(owner**2, axis=1), 1e-300)
    enough = effective > 10.0 * size
    return np.where(enough[..., None], mean, middle), np.where(enough[..., None, None], spread, covariance)
