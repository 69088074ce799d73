"""Social preferences measured from choices between two allocations: one weight for all, or a mixture of types.

The random-utility model of Bruhin, Fehr & Schunk (2019, JEEA 17(4), 1025-1069). A person chooses the first of two allocations with
probability 1/(1 + exp(−σ[U(first) − U(second)])), where U is the utility of `minds.empathy`,

    U = (1 − w) Π_self + w Π_other,   w = α·[behind] + β·[ahead] + γ·kindness − δ·grievance.

U is affine in θ = (α, β, γ, δ), so σ[U(first) − U(second)] = x'b with b = (σθ, σ): a logistic regression without intercept. Its
log-likelihood is concave in b, Newton's method finds its one maximum, and θ = b₁…₄/b₅ follows, with the delta method for its errors.

Persons differ. In the mixture each belongs to one of K types, of unknown share π_k and parameters b_k:

    log L = Σ_i log Σ_k π_k Π_{n of i} P(choice n | b_k),

maximised by EM (Dempster, Laird & Rubin 1977): memberships τ_ik given parameters, then a logistic regression for each type with τ as
weights. It has local maxima; restarts from perturbed pooled estimates show how often the best is reached. The number of types is compared
by BIC, with persons as the independent units, and by ICL = BIC + 2·(entropy of memberships) (Biernacki, Celeux & Govaert 2000).

Choices of one person are not independent. Standard errors are therefore clustered by person, from the observed information I and the
persons' scores s_i: (N − 1)/(N − P) · J/(J − 1) · I⁻¹ (Σ s_i s_i') I⁻¹, with N choices, J persons and P parameters (Liang & Zeger 1986).
For the mixture I is exact, not an approximation by outer products: see `_information`.

Experiments offer everybody the same few pairs of allocations. Choices are therefore counted by person and pair, and sums run over these
counts; what a person chose enters through Σ x alone, summed over choices of the first, for log P = x'b·[first] + log(1 − P(first)).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array
from scipy.special import expit, log_expit, logsumexp, softmax

from virtu.errors import InputError
from virtu.minds import empathy

START_WEIGHT, START_RECIPROCITY, START_PRECISION = 0.3, 0.1, 0.5
"""How far types start from the pooled estimate: standard deviations of α and β, of γ and δ, and of the logarithm of σ."""

NEWTON_STEPS, SMALLEST_STEP, EM_STEPS = 100, 1e-8, 2000
NEWTON_TOLERANCE, EM_TOLERANCE = 1e-13, 1e-12
"""What another step would still gain in log-likelihood, as a share of it."""

SAME_MAXIMUM = 0.01
"""Restarts this near to the best log-likelihood count as having reached it."""

SMALLEST_CURVATURE = 1e-10
"""Smallest eigenvalue of the information, its diagonal scaled to 1, at which a maximum still is a point."""


class Choices(NamedTuple):
    """Checked choices between two allocations, made by `gather`."""

    names: tuple[str, ...]  # of the parameters: behind, ahead, then reciprocity and vengefulness where measured, precision
    offers: np.ndarray  # x of each different pair of allocations: what each trait multiplies, then own payoff; (D, P)
    offer: np.ndarray  # index of the pair offered in each choice, (N,)
    seen: csr_array  # how often a person chose between a pair, (J, D)
    taken: np.ndarray  # sum of x over the choices in which a person took the first, (J, P)
    both: np.ndarray  # whether anybody took the first and whether anybody took the second of a pair, (D, 2)
    persons: np.ndarray  # labels, (J,)


class Fit(NamedTuple):
    """One set of parameters for everybody."""

    names: tuple[str, ...]
    values: np.ndarray  # behind, ahead, … weights; precision per unit of payoff; (P,)
    errors: np.ndarray  # standard errors, clustered by person, (P,)
    covariance: np.ndarray  # (P, P)
    log_likelihood: float
    bic: float


class Types(NamedTuple):
    """A mixture of types, the one that cares most first."""

    names: tuple[str, ...]
    shares: np.ndarray  # sum to 1, (K,)
    share_errors: np.ndarray  # (K,)
    values: np.ndarray  # (K, P)
    errors: np.ndarray  # standard errors, clustered by person, (K, P)
    log_likelihood: float
    bic: float
    icl: float
    persons: np.ndarray  # labels, (J,)
    memberships: np.ndarray  # posterior probability that a person is of a type, rows sum to 1, (J, K)
    reached: float  # share of the restarts that ended at the best maximum
    lost: int  # restarts in which a type died out or had no positive precision


def gather(
    own: np.ndarray,
    other: np.ndarray,
    first: np.ndarray,
    person: np.ndarray,
    kindness: np.ndarray | None = None,
    grievance: np.ndarray | None = None,
) -> Choices:
    """Check choices and lay them out for fitting.

    Parameters
    ----------
    own, other : numpy.ndarray
        Payoff of the chooser and of the other in the first and the second allocation, shape (N, 2).
    first : numpy.ndarray
        1 or True where the first was chosen, 0 or False where the second; shape (N,).
    person : numpy.ndarray
        Who chose: any labels, shape (N,). Errors allow the choices under one label to depend on each other.
    kindness, grievance : numpy.ndarray, optional
        What the other had done to the chooser before, in [0, 1], shape (N,). Reciprocity is fitted only with the one, vengefulness only
        with the other.

    Raises
    ------
    InputError
        If shapes or values are wrong, or the choices offered cannot tell the parameters apart.
    """
    own, other = _payoffs("own", own), _payoffs("other", other)
    count = own.shape[0]
    if other.shape != own.shape:
        raise InputError(f"own and other must have one shape, not {own.shape} and {other.shape}")
    past = [_within("kindness", kindness, count), _within("grievance", grievance, count)]
    chosen = _within("first", first, count)
    if chosen is None or not np.isin(chosen, (0.0, 1.0)).all():
        raise InputError("first must hold 0 and 1 only", "1 where the first allocation was chosen, 0 where the second was")
    persons, index = _labels(person, count)
    measured = (True, True, *(part is not None for part in past), True)
    names = tuple(name for name, known in zip((*empathy.Regard._fields, "precision"), measured, strict=True) if known)
    design = _design(own, other, *(np.zeros(count) if part is None else part for part in past))[:, measured]
    _check_identified(names, design)
    offers, offer = np.unique(design, axis=0, return_inverse=True)
    seen, firsts = (csr_array((times, (index, offer)), (persons.size, offers.shape[0])) for times in (np.ones(count), chosen))
    both = np.stack([firsts.sum(axis=0) > 0.0, firsts.sum(axis=0) < seen.sum(axis=0)], axis=1)
    return Choices(names, offers, offer, seen, firsts @ offers, both, persons)


def chance_of_first(choices: Choices, values: np.ndarray) -> np.ndarray:
    """Return the probability that the first allocation is chosen.

    Parameters
    ----------
    choices : Choices
        What was offered.
    values : numpy.ndarray
        One value for each of `choices.names`, shape (P,), or choice by choice, (N, P).

    Returns
    -------
    numpy.ndarray
        In the order in which the choices were given, shape (N,).
    """
    return expit((choices.offers[choices.offer] * _to_slopes(np.asarray(values, float))).sum(axis=-1))


def fit(choices: Choices) -> Fit:
    """Fit one set of parameters to everybody by maximum likelihood.

    Parameters
    ----------
    choices : Choices
        From `gather`.

    Raises
    ------
    InputError
        If there are too few persons, if some utility foretells every choice, so that there is no maximum, or if the precision that fits
        best is not positive.
    """
    _check_persons(choices, len(choices.names))
    _check_overlap(choices)
    slopes, reached = _maximise(choices, np.ones(choices.persons.size), np.zeros(len(choices.names)))
    if not reached:
        raise InputError(f"no maximum was reached in {NEWTON_STEPS} steps", "check the payoffs: some may be of another order of magnitude")
    if slopes[-1] <= 0.0:
        raise InputError(
            f"the precision that fits best is {slopes[-1]:.3g}, where it must be positive",
            "check which allocation is marked as chosen: these people choose what they like less",
        )
    log_likelihood = float(_by_person(choices, slopes).sum())
    information = _curvature(choices.offers, choices.seen.sum(axis=0), slopes)
    spread = _sandwich(information, _scores(choices, slopes), choices.offer.size)
    turn = _turn(slopes)
    covariance = turn @ spread @ turn.T
    bic = slopes.size * np.log(choices.persons.size) - 2.0 * log_likelihood
    return Fit(choices.names, _to_values(slopes), np.sqrt(np.diag(covariance)), covariance, log_likelihood, float(bic))


def fit_types(choices: Choices, types: int = 3, restarts: int = 20, seed: int = 0) -> Types:
    """Fit a finite mixture of types by EM.

    Parameters
    ----------
    choices : Choices
        From `gather`.
    types : int
        K ≥ 1; the K(P + 1) − 1 parameters must be fewer than the persons.
    restarts : int
        Runs of EM from different starts, at least 1; the best is returned.
    seed : int
        Seed of the starts, at least 0.

    Raises
    ------
    InputError
        If a number is out of range, one set of parameters cannot be fitted (see `fit`), or the best run does not end at a point that is a
        maximum.
    """
    for name, number, least in (("types", types, 1), ("restarts", restarts, 1), ("seed", seed, 0)):
        if number < least:
            raise InputError(f"{name} must be at least {least}, not {number}")
    _check_persons(choices, types * (len(choices.names) + 1) - 1)
    pooled = fit(choices).values
    generator = np.random.default_rng(seed)
    ends = [_climb(choices, _start(pooled, types, generator)) for _ in range(restarts)]
    found = [end for end in ends if end is not None]
    if not found:
        raise InputError(f"none of {restarts} runs found {types} types", "fit fewer types, or give more restarts")
    best = max(found, key=lambda end: end.log_likelihood)
    reached = sum(end.log_likelihood > best.log_likelihood - SAME_MAXIMUM for end in found) / restarts
    return _describe(choices, best, reached, restarts - len(found))


class _Climb(NamedTuple):
    """Where a run of EM stands."""

    slopes: np.ndarray  # b, (K, P)
    shares: np.ndarray  # (K,)
    memberships: np.ndarray  # (J, K)
    log_likelihood: float


def _payoffs(name: str, values: np.ndarray) -> np.ndarray:
    found = _numbers(name, values)
    if found.ndim != 2 or found.shape[1] != 2 or not found.size:
        raise InputError(f"{name} must have shape (choices, 2), one column for each allocation, not {found.shape}")
    return found


def _within(name: str, values: np.ndarray | None, count: int) -> np.ndarray | None:
    if values is None:
        return None
    found = _numbers(name, values)
    if found.shape != (count,):
        raise InputError(f"{name} must hold one number per choice, shape ({count},), not {found.shape}")
    if found.min() < 0.0 or found.max() > 1.0:
        raise InputError(f"{name} must lie within 0 and 1, not {found.min():g} to {found.max():g}")
    return found


def _labels(person: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the different labels, and the index of each choice's."""
    labels = np.asarray(person)
    if labels.shape != (count,):
        raise InputError(f"person must hold one label per choice, shape ({count},), not {labels.shape}")
    try:
        persons, index = np.unique(labels, return_inverse=True)
    except TypeError as error:
        raise InputError("person must hold labels of one kind", str(error)) from error
    if persons.dtype.kind == "f" and np.isnan(persons).any():
        raise InputError("person must name who made each choice, but some labels are missing", "leave choices by nobody out")
    return persons, index


def _numbers(name: str, values: np.ndarray) -> np.ndarray:
    try:
        found = np.asarray(values, float)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} must hold numbers only", str(error)) from error
    bad = np.argwhere(~np.isfinite(found))
    if bad.size:
        raise InputError(f"{name} must be finite, but is not at {tuple(map(int, bad[0]))}", "leave choices with missing values out")
    return found


def _design(own: np.ndarray, other: np.ndarray, kindness: np.ndarray, grievance: np.ndarray) -> np.ndarray:
    """Return what each trait, then selfishness, multiplies in the utility of the first less that of the second, shape (N, 5).

    Utility is affine in the traits: what a trait multiplies is what one unit of it adds to the utility of a person without any. So the
    first of five persons judges all allocations without any, each of the others with one unit of one.
    """
    with jax.enable_x64(True):
        traits = empathy.Regard(*jnp.eye(5)[1:, :, None])
        past = jnp.asarray(kindness)[None, None], jnp.asarray(grievance)[None, None]

        def worth(side: int) -> np.ndarray:
            mine, others = jnp.asarray(own[:, side]), jnp.asarray(other[:, side])
            caring = empathy.linear_weight(*traits, (others - mine)[None, None], *past)[:, 0]
            return np.asarray(empathy.utility(mine, others, caring))

        advantage = worth(0) - worth(1)
    return np.column_stack([*(advantage[1:] - advantage[0]), advantage[0]])


def _check_identified(names: tuple[str, ...], design: np.ndarray) -> None:
    size = np.linalg.norm(design, axis=0)
    silent = [name for name, length in zip(names, size, strict=True) if length == 0.0]
    if silent:
        raise InputError(f"these choices say nothing about {' and '.join(silent)}", "no choice offered depends on it")
    if np.linalg.matrix_rank(design / size) < len(names):
        raise InputError(f"these choices cannot tell {', '.join(names)} apart", "offer allocations that differ in more ways")


def _check_persons(choices: Choices, parameters: int) -> None:
    if choices.persons.size <= parameters:
        raise InputError(
            f"{parameters} parameters need more than {parameters} persons, but choices are by {choices.persons.size}",
            "fit fewer types; or, to take choices of a person for independent, give each choice a label of its own",
        )


def _check_overlap(choices: Choices) -> None:
    """Refuse choices that some utility foretells without error: the likelihood then has no maximum (Albert & Anderson 1984)."""
    offers = choices.offers / np.abs(choices.offers).max(axis=0)
    signed = np.concatenate([offers[choices.both[:, 0]], -offers[choices.both[:, 1]]])
    answer = linprog(-signed.sum(axis=0), A_ub=-signed, b_ub=np.zeros(signed.shape[0]), bounds=(-1.0, 1.0))
    # A utility that foretells all does so the better the larger it is, and ends at the bounds; where there is none, only 0 is left.
    if np.abs(answer.x).max() > 0.5:
        raise InputError(
            "a utility without any chance foretells these choices, so they say nothing about its precision",
            "fit more persons together, or more varied choices",
        )


def _to_slopes(values: np.ndarray) -> np.ndarray:
    """Return b of (θ, σ)."""
    return np.concatenate([values[..., :-1] * values[..., -1:], values[..., -1:]], axis=-1)


def _to_values(slopes: np.ndarray) -> np.ndarray:
    """Return (θ, σ) of b."""
    return np.concatenate([slopes[..., :-1] / slopes[..., -1:], slopes[..., -1:]], axis=-1)


def _turn(slopes: np.ndarray) -> np.ndarray:
    """Return how (θ, σ) changes with b, shape (P, P)."""
    turn = np.eye(slopes.size) / slopes[-1]
    turn[:, -1] = -slopes / slopes[-1] ** 2
    turn[-1, -1] = 1.0
    return turn


def _by_person(choices: Choices, slopes: np.ndarray) -> np.ndarray:
    """Return the log-likelihood of each person's choices, shape (J,)."""
    return choices.taken @ slopes + choices.seen @ log_expit(-(choices.offers @ slopes))


def _scores(choices: Choices, slopes: np.ndarray) -> np.ndarray:
    """Return the gradient of each person's log-likelihood in b, shape (J, P)."""
    return choices.taken - choices.seen @ (choices.offers * expit(choices.offers @ slopes)[:, None])


def _curvature(offers: np.ndarray, seen: np.ndarray, slopes: np.ndarray) -> np.ndarray:
    """Return minus the second derivative in b of the log-likelihood of pairs seen so often, shape (P, P)."""
    chance = expit(offers @ slopes)
    return (offers * (seen * chance * (1.0 - chance))[:, None]).T @ offers


def _maximise(choices: Choices, weights: np.ndarray, slopes: np.ndarray) -> tuple[np.ndarray, bool]:
    """Return the maximum of the log-likelihood, persons weighted, by Newton's method with halved steps; and whether it was reached."""
    offers, seen, taken = choices.offers, choices.seen.T @ weights, weights @ choices.taken

    def log_likelihood(slopes: np.ndarray) -> float:
        return taken @ slopes + seen @ log_expit(-(offers @ slopes))

    level = log_likelihood(slopes)
    for _ in range(NEWTON_STEPS):
        gradient = taken - (seen * expit(offers @ slopes)) @ offers
        step = np.linalg.lstsq(_curvature(offers, seen, slopes), gradient, rcond=None)[0]
        if gradient @ step < NEWTON_TOLERANCE * max(1.0, -level):
            return slopes, True
        size = 1.0
        while (raised := log_likelihood(slopes + size * step)) < level and size > SMALLEST_STEP:
            size /= 2.0
        slopes, level = slopes + size * step, raised
    return slopes, False


def _start(pooled: np.ndarray, types: int, generator: np.random.Generator) -> _Climb:
    """Return types scattered around the pooled estimate, all of one share."""
    traits = pooled.size - 1
    scale = np.array([START_WEIGHT] * 2 + [START_RECIPROCITY] * (traits - 2))
    values = np.tile(pooled, (types, 1))
    values[:, :-1] += scale * generator.standard_normal((types, traits))
    values[:, -1] *= np.exp(START_PRECISION * generator.standard_normal(types))
    return _Climb(_to_slopes(values), np.full(types, 1.0 / types), np.empty((0, types)), -np.inf)


def _expect(choices: Choices, climb: _Climb) -> _Climb:
    """Return memberships and log-likelihood at these parameters."""
    each = np.stack([_by_person(choices, slopes) for slopes in climb.slopes], axis=1) + np.log(climb.shares)
    likelihood: Any = logsumexp(each, axis=1)
    return climb._replace(memberships=softmax(each, axis=1), log_likelihood=float(np.sum(likelihood)))


def _climb(choices: Choices, climb: _Climb) -> _Climb | None:
    """Return where EM ends, or None where a type dies out, has no maximum or no positive precision."""
    climb = _expect(choices, climb)
    for _ in range(EM_STEPS):
        if (climb.memberships.sum(axis=0) < 1.0).any():
            return None
        fits = [_maximise(choices, weights, slopes) for weights, slopes in zip(climb.memberships.T, climb.slopes, strict=True)]
        if not all(reached for _, reached in fits):
            return None
        moved = climb._replace(slopes=np.stack([slopes for slopes, _ in fits]), shares=climb.memberships.mean(axis=0))
        before, climb = climb.log_likelihood, _expect(choices, moved)
        if climb.log_likelihood - before < EM_TOLERANCE * -before:
            return climb if (climb.slopes[:, -1] > 0.0).all() else None
    return None


def _information(choices: Choices, climb: _Climb) -> tuple[np.ndarray, np.ndarray]:
    """Return minus the second derivative of the mixture's log-likelihood, and each person's score, in (b_1, …, b_K, a_1, …, a_{K−1}).

    π = softmax(a), a_K = 0. With g_ik the gradient of the log-density of i under type k in all parameters, b_k and a together,
    the score is s_i = Σ_k τ_ik g_ik and the second derivative Σ_k τ_ik (∂g_ik + g_ik g_ik') − s_i s_i' (Louis 1982).
    """
    types, traits = climb.slopes.shape
    people, size = choices.persons.size, types * traits + types - 1
    score, second = np.zeros((people, size)), np.zeros((size, size))
    shares = climb.shares[:-1]
    for k, slopes in enumerate(climb.slopes):
        block, tau = slice(k * traits, (k + 1) * traits), climb.memberships[:, [k]]
        gradient = np.zeros((people, size))
        gradient[:, block] = _scores(choices, slopes)
        gradient[:, types * traits :] = (np.arange(types - 1) == k) - shares
        second[block, block] -= _curvature(choices.offers, choices.seen.T @ tau[:, 0], slopes)
        second += (tau * gradient).T @ gradient
        score += tau * gradient
    second[types * traits :, types * traits :] -= people * (np.diag(shares) - np.outer(shares, shares))
    return score.T @ score - second, score


def _sandwich(information: np.ndarray, score: np.ndarray, count: int) -> np.ndarray:
    """Return the covariance of estimates, clustered by person, with the correction of the module's docstring."""
    people, size = score.shape
    scale = np.sqrt(np.abs(np.diag(information)))
    if not scale.all() or np.linalg.eigvalsh(information / np.outer(scale, scale))[0] < SMALLEST_CURVATURE:
        raise InputError("the likelihood has no single highest point here", "fit fewer types, or more choices")
    inverse = np.linalg.inv(information)
    correction = (count - 1) / (count - size) * people / (people - 1)
    return correction * inverse @ (score.T @ score) @ inverse


def _describe(choices: Choices, climb: _Climb, reached: float, lost: int) -> Types:
    """Return the mixture in the terms of the model, with errors and criteria."""
    order = np.argsort(-_to_values(climb.slopes)[:, :2].sum(axis=1))
    climb = climb._replace(slopes=climb.slopes[order], shares=climb.shares[order], memberships=climb.memberships[:, order])
    types, traits = climb.slopes.shape
    information, score = _information(choices, climb)
    spread = _sandwich(information, score, choices.offer.size)
    turn = np.zeros((types * (traits + 1), spread.shape[0]))
    for k, slopes in enumerate(climb.slopes):
        block = slice(k * traits, (k + 1) * traits)
        turn[block, block] = _turn(slopes)
    turn[types * traits :, types * traits :] = (np.diag(climb.shares) - np.outer(climb.shares, climb.shares))[:, :-1]
    errors = np.sqrt(np.diag(turn @ spread @ turn.T))
    bic = float(spread.shape[0] * np.log(choices.persons.size) - 2.0 * climb.log_likelihood)
    sure = climb.memberships[climb.memberships > 0.0]
    return Types(
        names=choices.names,
        shares=climb.shares,
        share_errors=errors[types * traits :],
        values=_to_values(climb.slopes),
        errors=errors[: types * traits].reshape(types, traits),
        log_likelihood=climb.log_likelihood,
        bic=bic,
        icl=float(bic - 2.0 * (sure * np.log(sure)).sum()),
        persons=choices.persons,
        memberships=climb.memberships,
        reached=reached,
        lost=lost,
    )
