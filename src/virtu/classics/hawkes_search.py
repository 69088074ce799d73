r"""The search for the Hawkes process that made given events, its likelihood and its parameters in one vector; see `hawkes`.

Parameters are searched for as logarithms, which keeps them above 0; a background or branching of 0 shows as the least value of the search.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import optimize

from virtu.classics import hawkes_kernel as kernel
from virtu.errors import InputError, RunError

LEAST, MOST = 1e-6, 20.0
"""Bounds of the branching while fitting."""

STEP = 1e-4
"""Step of the differences of slopes from which curvature is taken, in logarithms of parameters."""

FLAT = 1e-4
"""Slope of the log-likelihood in the logarithm of a parameter, for each event, below which a search has ended."""

LESS = "ask less of the events: fewer pieces of background, or one decay"
"""What to do when there are too few events for so many parameters."""


class Hawkes(NamedTuple):
    """A process of D kinds with P pieces of background, time in any unit."""

    background: np.ndarray  # (D, P) μ, events a unit of time, ≥ 0
    branching: np.ndarray  # (D, D) n: children of kind i (row) to an event of kind j (column), ≥ 0
    decay: np.ndarray  # (D, D) β a unit of time, > 0
    edges: np.ndarray  # (P + 1,) ends of the pieces, from 0 to the end of the watch


class Events(NamedTuple):
    """What happened in the watch, which starts at 0 and is empty before."""

    times: np.ndarray  # (events,) ascending, 0 … end
    kinds: np.ndarray  # (events,) 0 … D - 1
    end: float  # of the watch
    ran_away: bool = False  # whether drawing stopped at the largest number of events allowed, at the time that is then the end


class Layout(NamedTuple):
    """Where the parameters stand in one long vector."""

    kinds: int
    pieces: int
    one_decay: bool
    edges: np.ndarray

    def parts(self, vector: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Read something for each background, branching and decay."""
        d, p = self.kinds, self.pieces
        mu, n, beta = np.split(vector, [d * p, d * p + d * d])
        return mu.reshape(d, p), n.reshape(d, d), np.full((d, d), beta[0]) if self.one_decay else beta.reshape(d, d)

    def model(self, vector: np.ndarray) -> Hawkes:
        """Read the process whose parameters have these logarithms."""
        return Hawkes(*self.parts(np.exp(vector)), self.edges)

    def rest(self, vector: np.ndarray) -> np.ndarray:
        """Read branching, as it is, and the logarithm of decay, without the background; along the first axis."""
        start, size = self.kinds * self.pieces, self.kinds**2
        return np.concatenate([np.exp(vector[start : start + size]), vector[start + size :]])

    def place(self, part: Literal["background", "branching", "decay"], row: int = 0, column: int = 0) -> int:
        """Return where a parameter stands; with one decay for all, row and column do not matter."""
        first, wide = {
            "background": (0, self.pieces),
            "branching": (self.kinds * self.pieces, self.kinds),
            "decay": (self.kinds * (self.pieces + self.kinds), 0 if self.one_decay else self.kinds),
        }[part]
        return first + row * wide + (0 if part == "decay" and self.one_decay else column)

    def vector(self, mu: np.ndarray, n: np.ndarray, beta: np.ndarray) -> np.ndarray:
        """Write one number for each parameter; of slopes in decay, the sum where there is one decay."""
        return np.concatenate([mu.ravel(), n.ravel(), [beta.sum()] if self.one_decay else beta.ravel()])


class Greatest(NamedTuple):
    """Where the likelihood is greatest."""

    layout: Layout
    vector: np.ndarray  # (parameters,) their logarithms
    log_likelihood: float

    @property
    def model(self) -> Hawkes:
        """The process there; a background or branching at the least value of a search is meant as 0."""
        return self.layout.model(self.vector)

    @property
    def rest(self) -> np.ndarray:
        """Branching and logarithm of decay there, from which a search near by may start."""
        return self.layout.rest(self.vector)


def greatest(
    events: Events, kinds: int | None = None, edges: npt.ArrayLike = (), one_decay: bool = True, start: np.ndarray | None = None
) -> Greatest:
    """Return where the likelihood is greatest, without errors, which are not always there.

    Parameters
    ----------
    events, kinds, edges, one_decay
        As `fit`.
    start : np.ndarray, optional
        Branching and logarithm of decay near those looked for, as `Layout.rest` gives them; by default the search has several starts.

    Raises
    ------
    InputError, RunError
        As `fit`.
    """
    size = int(events.kinds.max(initial=0)) + 1 if kinds is None else kinds
    check(events, size)
    if np.bincount(events.kinds, minlength=size).min() < 2:
        raise InputError("needs at least two events of each kind")
    ends = whole_edges(edges, events.end)
    layout = Layout(size, len(ends) - 1, one_decay, ends)
    limits = bounds(layout, events)
    starts = _starts(layout, events) if start is None else [start]
    found = min((climb_rest(layout, events, one, limits) for one in starts), key=_cost)
    vector = with_background(found.x, layout, events, limits)
    cost, slope = loss(vector, layout, events)
    # A slope that leads out of bounds does not count.
    if np.abs(np.clip(vector - slope, *limits.T) - vector).max() > FLAT * len(events.times):
        raise RunError(f"no greatest likelihood was found: {found.message}", LESS)
    return Greatest(layout, vector, -cost)


def slopes(model: Hawkes, events: Events) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
    """Return the log-likelihood and its slopes in background, branching and decay.

    Parameters
    ----------
    model, events
        With the same watch.
    """
    pieces, spans = _pieces(model, events)
    return kernel.likelihood(events.times, events.kinds, pieces, spans, model.background, model.branching, model.decay, events.end)


def _pieces(model: Hawkes, events: Events) -> tuple[np.ndarray, np.ndarray]:
    """Return the piece of the background in which each event lies, and how long each piece is."""
    inside = np.clip(np.searchsorted(model.edges, events.times, side="right") - 1, 0, len(model.edges) - 2)
    return inside, np.diff(model.edges)


def loss(vector: np.ndarray, layout: Layout, events: Events) -> tuple[float, np.ndarray]:
    """Return minus the log-likelihood and its slopes in the logarithms of the parameters.

    Parameters
    ----------
    vector : np.ndarray
        (parameters,) logarithms.
    layout : Layout
        What they are of.
    events : Events
        What happened.
    """
    model = layout.model(vector)
    total, by_mu, by_n, by_beta = slopes(model, events)
    return -total, -layout.vector(by_mu * model.background, by_n * model.branching, by_beta * model.decay)


def curvature(layout: Layout, events: Events, vector: np.ndarray, free: np.ndarray) -> np.ndarray:
    """Return the curvature of minus the log-likelihood in the logarithms of some parameters, shape (free, free).

    Parameters
    ----------
    layout : Layout
        What the parameters are of.
    events : Events
        What happened.
    vector : np.ndarray
        (parameters,) logarithms.
    free : np.ndarray
        (parameters,) which of them count.
    """
    steps = STEP * np.eye(len(vector))[free]
    rows = [(loss(vector + step, layout, events)[1] - loss(vector - step, layout, events)[1])[free] / (2 * STEP) for step in steps]
    return (np.array(rows) + np.array(rows).T) / 2


def with_background(rest: np.ndarray, layout: Layout, events: Events, limits: np.ndarray) -> np.ndarray:
    """Return the whole vector, with the background that is best for a branching and decay.

    Parameters
    ----------
    rest : np.ndarray
        Branching and logarithm of decay, as `Layout.rest` gives them.
    layout : Layout
        What they are of.
    events : Events
        What happened.
    limits : np.ndarray
        (parameters, 2) bounds of the logarithms of the whole; equal ends hold a background fast.
    """
    size = layout.kinds**2
    whole = np.concatenate([np.zeros(layout.kinds * layout.pieces), np.log(rest[:size]), rest[size:]])
    model = layout.model(whole)
    pieces, spans = _pieces(model, events)
    ends = np.exp(limits[: layout.kinds * layout.pieces]).reshape(layout.kinds, layout.pieces, 2)
    mu = kernel.best_background(events.times, events.kinds, pieces, spans, model.branching, model.decay, ends)
    whole[: mu.size] = np.log(mu).ravel()
    return whole


def loss_of_rest(rest: np.ndarray, layout: Layout, events: Events, limits: np.ndarray) -> tuple[float, np.ndarray]:
    """Return minus the log-likelihood and its slopes where only branching and decay are given and the background is the best for them.

    At the best background the likelihood is flat in it, so that the slopes are those of the whole. In the branching as it is, and not its
    logarithm, the likelihood has one summit for a given decay, and its slope says whether a branching of nearly 0 ought to grow.

    Parameters
    ----------
    rest, layout, events, limits
        As `with_background`.
    """
    size = layout.kinds**2
    cost, slope = loss(with_background(rest, layout, events, limits), layout, events)
    inner = slope[layout.kinds * layout.pieces :].copy()
    inner[:size] /= rest[:size]
    return cost, inner


def _starts(layout: Layout, events: Events) -> list[np.ndarray]:
    """Return places to start from: about half of all events children, living a tenth, one or ten times the usual gap."""
    d, rate = layout.kinds, len(events.times) / events.end
    n = (0.4 * np.eye(d) + 0.1 / d) * np.ones((d, d))
    count = 1 if layout.one_decay else d * d
    return [np.concatenate([n.ravel(), np.full(count, np.log(decay))]) for decay in rate * np.array([0.02, 0.2, 2.0])]


def bounds(layout: Layout, events: Events) -> np.ndarray:
    """Return the least and the greatest logarithm of each parameter while searching, shape (parameters, 2).

    Parameters
    ----------
    layout : Layout
        What the parameters are of.
    events : Events
        What happened.
    """
    d, count = layout.kinds, len(events.times)
    backgrounds = np.log([LEAST * count / events.end, 10 * count / np.diff(layout.edges).min()])
    decays = np.log([0.1 / events.end, 1e4 * count / events.end])
    sizes = (d * layout.pieces, d * d, 1 if layout.one_decay else d * d)
    return np.repeat([backgrounds, np.log([LEAST, MOST]), decays], sizes, axis=0)


def climb(
    cost: Callable[..., tuple[float, np.ndarray]], given: tuple[object, ...], start: np.ndarray, limits: np.ndarray, count: int
) -> optimize.OptimizeResult:
    """Return the least cost within limits, by L-BFGS-B.

    Parameters
    ----------
    cost : callable
        Returns the cost at a vector and its slopes.
    given : tuple
        What it takes after the vector.
    start : np.ndarray
        (parameters,) where to start; moved inside the limits.
    limits : np.ndarray
        (parameters, 2) least and greatest; equal ends hold a parameter fast.
    count : int
        Events; slopes of a billionth of it are flat.
    """
    options = {"maxiter": 2000, "maxfun": 5000, "ftol": 1e-11, "gtol": 1e-9 * count}
    return optimize.minimize(cost, np.clip(start, *limits.T), given, "L-BFGS-B", jac=True, bounds=limits, options=options)


def climb_rest(layout: Layout, events: Events, start: np.ndarray, limits: np.ndarray) -> optimize.OptimizeResult:
    """Return the branching and decay of the least `loss_of_rest` within limits.

    Parameters
    ----------
    layout : Layout
        What the parameters are of.
    events : Events
        What happened.
    start : np.ndarray
        Where to start, as `Layout.rest` gives it.
    limits : np.ndarray
        (parameters, 2) bounds of the logarithms of the whole; equal ends hold a parameter fast.
    """
    inside = np.column_stack([layout.rest(end) for end in limits.T])
    return climb(loss_of_rest, (layout, events, limits), start, inside, len(events.times))


def _cost(found: optimize.OptimizeResult) -> float:
    return float(found.fun)


def whole_edges(inner: npt.ArrayLike, end: float) -> np.ndarray:
    """Return the ends of the pieces of a watch, after a look at them.

    Parameters
    ----------
    inner : array_like
        (P - 1,) where the background changes, ascending inside the watch.
    end : float
        Of the watch, > 0.
    """
    ends = np.concatenate([[0.0], np.ravel(np.asarray(inner, float)), [end]])
    if not (np.isfinite(ends).all() and (np.diff(ends) > 0).all()):
        raise InputError("needs pieces of background that ascend from 0 to a finite end of the watch")
    return ends


def check(events: Events, kinds: int) -> None:
    """Refuse events out of order, outside their watch, or of kinds that are not among so many."""
    times = np.asarray(events.times)
    inside = times.size == 0 or (times[0] >= 0 and times[-1] <= events.end)
    if not (inside and _all(np.diff(times) >= 0)):
        raise InputError("needs times in ascending order from 0 to the end of the watch")
    if events.kinds.shape != times.shape or not _all((events.kinds >= 0) & (events.kinds < kinds)):
        raise InputError(f"needs a kind in 0 … {kinds - 1} for each time")


def check_watch(model: Hawkes, events: Events) -> None:
    """Refuse events as `check` does, and those whose watch is not that of the process."""
    check(events, len(model.branching))
    if events.end != model.edges[-1]:
        raise InputError(
            f"the watch of the events ends at {events.end:g}, that of the process at {model.edges[-1]:g}", "make both the same"
        )


def _all(kept: np.ndarray) -> bool:
    return bool(np.all(kept))
