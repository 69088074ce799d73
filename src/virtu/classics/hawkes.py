r"""Events that beget events: incidents of several sides, each raising the rate of more, its own side's and the others'.

Hawkes (1971), "Spectra of some self-exciting and mutually exciting point processes", Biometrika 58(1), 83-90. Events of kind i come at the
rate

    λ_i(t) = μ_i(t) + Σ_j n_ij Σ_{t_k < t, kind j} β_ij exp(-β_ij (t - t_k)),

so that each event of kind j has on average n_ij children of kind i, after 1/β_ij on average (half of them within ln 2/β_ij). If the
spectral radius of n is below 1, families die out and the mean rate is (I - n)⁻¹ μ; otherwise the process runs away. The radius is the share
of events that are children, where it is one number for all kinds.

Two ways of drawing agree in distribution: thinning (Ogata 1981, "On Lewis' simulation method for point processes", IEEE Transactions on
Information Theory 27(1), 23-31) and branching, family by family (Hawkes & Oakes 1974, "A cluster process representation of a self-exciting
process", Journal of Applied Probability 11(3), 493-503). The likelihood is exact, in time proportional to the number of events; errors come
from its curvature. If the model is right, the times rescaled by its own expectation are a Poisson process of rate 1 (Papangelou 1972; Ogata
1988, "Statistical models for earthquake occurrences and residual analysis for point processes", JASA 83, 9-27): `residuals` and
`check_residuals`.

A background that is the same for all time makes every slow change look like excitation. So μ may differ from piece to piece of the watch,
and the branching found with one piece is an upper bound.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import stats

from virtu.classics import hawkes_kernel as kernel
from virtu.classics.hawkes_search import LESS, STEP, Events, Hawkes, Layout, bounds, check_watch, curvature, greatest, slopes, whole_edges
from virtu.errors import InputError, RunError

__all__ = [
    "Events",
    "Fit",
    "Hawkes",
    "ResidualCheck",
    "check_residuals",
    "expected_by",
    "fit",
    "log_likelihood",
    "mean_rate",
    "process",
    "residuals",
    "simulate_branching",
    "simulate_thinning",
    "spectral_radius",
    "spread_over_days",
]

FIRST_ROOM = 4096
"""Events for which thinning makes room at first."""


class Fit(NamedTuple):
    """A process fitted to events."""

    model: Hawkes
    error: Hawkes  # standard errors in the place of the parameters; NaN for those at a bound, which have none
    log_likelihood: float
    radius: float  # spectral radius of the branching
    radius_error: float  # by the delta method
    half_life: np.ndarray  # (D, D) ln 2/β, until half the children have come


class ResidualCheck(NamedTuple):
    """How far rescaled gaps are from independent exponential ones; one row a kind."""

    gaps: np.ndarray  # (D,) how many
    distance: np.ndarray  # (D,) Kolmogorov-Smirnov distance
    p_value: np.ndarray  # (D,) of the distance
    memory: np.ndarray  # (D,) correlation of a gap with the next, after a transformation to ranks; about 0 ± 1/√gaps


def process(background: npt.ArrayLike, branching: npt.ArrayLike, decay: npt.ArrayLike, end: float, edges: npt.ArrayLike = ()) -> Hawkes:
    """Return a process after a look at its parameters.

    Parameters
    ----------
    background : array_like
        μ, of shape (D,) or (D, P), ≥ 0; a number for one kind.
    branching : array_like
        n, (D, D) ≥ 0; a number for one kind.
    decay : array_like
        β > 0, (D, D) or one number for all pairs.
    end : float
        Of the watch, > 0.
    edges : array_like, optional
        (P - 1,) where the background changes, ascending inside the watch.

    Raises
    ------
    InputError
        If a parameter is out of range or shapes do not fit.
    """
    n = np.atleast_2d(np.asarray(branching, float))
    mu = np.asarray(background, float)
    mu = mu.reshape(-1, 1) if mu.ndim < 2 else mu
    if n.ndim != 2 or n.shape != (len(mu), len(mu)) or not _all(n >= 0):
        raise InputError(f"needs a branching of at least 0, {len(mu)} by {len(mu)} as there are backgrounds, not of shape {n.shape}")
    if np.shape(decay) not in {(), n.shape} or not _all(np.asarray(decay, float) > 0):
        raise InputError(f"needs a decay above 0, one for all or {len(mu)} by {len(mu)}, not of shape {np.shape(decay)}")
    ends = whole_edges(edges, end)
    if mu.shape[1] != len(ends) - 1 or not _all(mu >= 0):
        raise InputError(f"needs a background of at least 0 for each of {len(ends) - 1} pieces, not of shape {mu.shape}")
    return Hawkes(mu, n, np.broadcast_to(np.asarray(decay, float), n.shape).copy(), ends)


def spectral_radius(branching: npt.ArrayLike) -> float:
    """Return the largest absolute eigenvalue of the branching; the process is stable if it is below 1.

    Parameters
    ----------
    branching : array_like
        (D, D) n, or a number for one kind.
    """
    return float(np.abs(np.linalg.eigvals(np.atleast_2d(np.asarray(branching, float)))).max())


def mean_rate(model: Hawkes) -> np.ndarray:
    """Return (I - n)⁻¹ μ, the rate to which each piece of the background tends, shape (D, P).

    Parameters
    ----------
    model : Hawkes
        A stable process.

    Raises
    ------
    InputError
        If the process runs away.
    """
    radius = spectral_radius(model.branching)
    if radius >= 1:
        raise InputError(f"the spectral radius of the branching must be below 1, not {radius:g}", "there is no mean rate: it runs away")
    return np.linalg.solve(np.eye(len(model.branching)) - model.branching, model.background)


def simulate_thinning(model: Hawkes, seed: int, most: int = 10_000_000) -> Events:
    """Draw events one after another, each from the rate that those before have left.

    Parameters
    ----------
    model : Hawkes
        Stable or not.
    seed : int
        ≥ 0.
    most : int
        Events after which a run that runs away is stopped.
    """
    room = min(most, FIRST_ROOM)
    while True:
        times, kinds = np.empty(room), np.empty(room, np.int64)
        count, reached = kernel.thin(model.edges, model.background, model.branching, model.decay, np.uint64(seed), times, kinds)
        if reached >= model.edges[-1] or room == most:
            break
        room = min(most, 4 * room)
    return Events(times[:count], kinds[:count], float(reached), bool(reached < model.edges[-1]))


def simulate_branching(model: Hawkes, seed: int, most: int = 10_000_000) -> Events:
    """Draw who comes of himself, then their children, then theirs.

    Parameters
    ----------
    model, seed, most
        As `simulate_thinning`. Families know no present, so of a run that runs away the generations drawn so far are returned.
    """
    rng = np.random.default_rng(seed)
    times, kinds = _immigrants(model, rng)
    found, total = [(times, kinds)], len(times)
    while len(times) and total <= most:
        times, kinds = _children(model, times, kinds, rng)
        found.append((times, kinds))
        total += len(times)
    every, sort = np.concatenate([one for one, _ in found]), np.concatenate([one for _, one in found])
    order = np.argsort(every, kind="stable")
    return Events(every[order], sort[order], float(model.edges[-1]), total > most)


def log_likelihood(model: Hawkes, events: Events) -> float:
    """Return the logarithm of the density of the events.

    Parameters
    ----------
    model : Hawkes
        Whose watch ends with that of the events.
    events : Events
        What happened.
    """
    check_watch(model, events)
    return slopes(model, events)[0]


def fit(events: Events, kinds: int | None = None, edges: npt.ArrayLike = (), one_decay: bool = True) -> Fit:
    """Return the process of the greatest likelihood, with standard errors.

    Parameters
    ----------
    events : Events
        What happened; each kind at least twice.
    kinds : int, optional
        D; as many as the events show by default.
    edges : array_like, optional
        (P - 1,) where the background changes, ascending inside the watch.
    one_decay : bool
        Whether all pairs decay alike; otherwise there are D² decays, for which there must be enough events.

    Raises
    ------
    InputError
        If the events are not in order, inside the watch, or too few.
    RunError
        If the search does not end.
    """
    found = greatest(events, kinds, edges, one_decay)
    return _described(found.layout, events, found.vector, found.log_likelihood)


def residuals(model: Hawkes, events: Events) -> list[np.ndarray]:
    """Return for each kind the gaps between its events in expected events, which are exponential of mean 1 if the model is right.

    Parameters
    ----------
    model, events
        As `log_likelihood`.
    """
    check_watch(model, events)
    sums = kernel.expected(events.times, events.kinds, model.edges, model.background, model.branching, model.decay)
    return [np.diff(sums[events.kinds == kind], prepend=0.0) for kind in range(len(model.branching))]


def expected_by(model: Hawkes, events: Events, moments: npt.ArrayLike) -> np.ndarray:
    """Return how many events of each kind were to be expected from the start to each of some moments, shape (D, moments).

    Parameters
    ----------
    model, events
        As `log_likelihood`.
    moments : array_like
        (moments,) ascending, 0 … end.
    """
    check_watch(model, events)
    marks, size = np.asarray(moments, float), len(model.branching)
    order = np.argsort(np.concatenate([events.times, marks]), kind="stable")
    times = np.concatenate([events.times, marks])[order]
    # A mark is an event of a further kind, which comes at the rate of the kind looked at and begets nothing.
    kinds = np.concatenate([events.kinds, np.full(len(marks), size)])[order]
    found = []
    for kind in range(size):
        rows = [*range(size), kind]
        n = np.pad(model.branching[rows], ((0, 0), (0, 1)))
        beta = np.pad(model.decay[rows], ((0, 0), (0, 1)), constant_values=1.0)
        found.append(kernel.expected(times, kinds, model.edges, model.background[rows], n, beta)[kinds == size])
    return np.array(found)


def check_residuals(model: Hawkes, events: Events) -> ResidualCheck:
    """Compare the rescaled gaps with independent exponential ones.

    Parameters
    ----------
    model, events
        As `log_likelihood`; at least three events of each kind. Where the model was fitted to the same events, p-values are too large.
    """
    gaps = residuals(model, events)
    if min(map(len, gaps)) < 3:
        raise InputError("needs at least three events of each kind")
    tests = [stats.kstest(one, "expon") for one in gaps]
    memory = [stats.spearmanr(one[:-1], one[1:])[0] for one in gaps]
    return ResidualCheck(
        np.array([len(one) for one in gaps]),
        np.array([test.statistic for test in tests]),
        np.array([test.pvalue for test in tests]),
        np.array(memory),
    )


def spread_over_days(days: npt.ArrayLike, seed: int, kinds: npt.ArrayLike | None = None) -> Events:
    """Turn dates into times: each event gets a random time of its day, so that many on one day are not at one instant.

    What is said about less than a day is then noise; it is worth seeing how results vary with the seed.

    Parameters
    ----------
    days : array_like
        (events,) whole days, in any order, from any origin; the watch runs from the first day to the end of the last.
    seed : int
        ≥ 0.
    kinds : array_like, optional
        (events,) 0 … D - 1; all one kind by default.
    """
    dates = np.asarray(days, float)
    if not dates.size or not np.isfinite(dates).all() or (dates % 1 != 0).any():
        raise InputError("needs at least one date, all of them whole days")
    times = dates - dates.min() + np.random.default_rng(seed).random(dates.shape)
    order = np.argsort(times)
    sort = np.zeros(dates.shape, np.int64) if kinds is None else np.asarray(kinds, np.int64)
    return Events(times[order], sort[order], float(np.ptp(dates)) + 1.0)


def _immigrants(model: Hawkes, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    counts = rng.poisson(model.background * np.diff(model.edges))
    kinds, pieces = (np.repeat(place.ravel(), counts.ravel()) for place in np.indices(counts.shape))
    return rng.uniform(model.edges[pieces], model.edges[pieces + 1]), kinds


def _children(model: Hawkes, times: np.ndarray, kinds: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return the children of all these, of those born inside the watch."""
    counts = rng.poisson(model.branching[:, kinds])
    child, parent = (np.repeat(place.ravel(), counts.ravel()) for place in np.indices(counts.shape))
    born = times[parent] + rng.exponential(1 / model.decay[child, kinds[parent]])
    inside = born < model.edges[-1]
    return born[inside], child[inside]


def _described(layout: Layout, events: Events, found: np.ndarray, log_likelihood: float) -> Fit:
    model = layout.model(found)
    low, high = bounds(layout, events).T
    free = (found > low + 1e-6) & (found < high - 1e-6)
    spread = _covariance(layout, events, found, free)
    error = np.where(free, np.sqrt(np.diag(spread)), np.nan)
    radius = spectral_radius(model.branching)
    slope = np.array([(spectral_radius(layout.model(found + step).branching) - radius) / STEP for step in STEP * np.eye(len(found))])
    mu, n, decay = layout.parts(error)  # of logarithms, so relative
    errors = Hawkes(mu * model.background, n * model.branching, decay * model.decay, model.edges)
    return Fit(model, errors, log_likelihood, radius, float(np.sqrt(slope @ spread @ slope)), np.log(2) / model.decay)


def _covariance(layout: Layout, events: Events, found: np.ndarray, free: np.ndarray) -> np.ndarray:
    """Return the inverse of the curvature in the logarithms of the parameters, 0 for those at a bound."""
    bent = curvature(layout, events, found, free)
    if np.linalg.eigvalsh(bent).min(initial=np.inf) <= 0:
        raise RunError("the likelihood is flat at its greatest, so that there are no errors", LESS)
    spread = np.zeros((len(found), len(found)))
    spread[np.ix_(free, free)] = np.linalg.inv(bent)
    return spread


def _all(kept: np.ndarray) -> bool:
    return bool(np.all(kept))
