"""The likelihood of a family's answers at many points at once, cut into pieces that stay in the processor's cache."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import numpy as np

from virtu.inference import kept, priors
from virtu.inference.priors import Prior
from virtu.inference.probes.family import Answers, Family
from virtu.laboratory.kernel import in_parallel, processors

NUMBERS = 600_000
"""Numbers held at once by a piece: more do not fit the cache, which costs up to four times the time."""

FEWEST, MOST = 32, 256
"""Points in a piece: fewer leave the processor's wide registers empty, more are seldom asked for at once."""

Run = Callable[..., jax.Array]
"""A compiled likelihood: points, answers and the curves of a prior → log-likelihood by level."""


def likelihood(family: Family, prior: Prior, answers: Answers, given: bool = False) -> Callable[[np.ndarray], np.ndarray]:
    """Return the log-likelihood of answers as a function of coordinates.

    Parameters
    ----------
    family : Family
        Says how likely answers are.
    prior : Prior
        Says what coordinates mean.
    answers : Answers
        Of N persons.
    given : bool
        Whether a person's level is taken as given; by default the likelihood at a level is multiplied by the chance of that level.

    Returns
    -------
    callable
        Coordinates (N, P, d) → log-likelihood by level, (N, P, L), both numpy arrays.
    """
    room = family.room(answers)

    def evaluate(points: np.ndarray) -> np.ndarray:
        persons, count, _ = points.shape
        piece = int(np.clip(NUMBERS // room, FEWEST, MOST))
        together = min(persons, max(1, NUMBERS // (room * piece)))
        places = [(one, point) for one in range(0, persons, together) for point in range(0, count, piece)]
        run = _program(family, prior, together, piece, given, answers)
        jobs = (partial(_some, run, prior, points, answers, place, (together, piece)) for place in places)
        found = np.empty((persons, count, len(family.levels)), np.float32)
        for (one, point), values in in_parallel(iter(jobs), processors()):
            found[one : one + together, point : point + piece] = values
        return found

    return evaluate


def _some(run: Run, prior: Prior, points: np.ndarray, answers: Answers, place: tuple[int, int], size: tuple[int, int]) -> Any:
    """Evaluate some persons at some points; the last groups are filled up, so that one program serves all."""
    (one, point), (together, piece) = place, size
    some = points[one : one + together, point : point + piece]
    persons, count, _ = some.shape
    index = np.minimum(np.arange(together), persons - 1)
    whole = np.ascontiguousarray(some[index][:, np.minimum(np.arange(piece), count - 1)], np.float32)
    found = np.asarray(run(whole, jax.tree.map(lambda part: np.asarray(part)[one + index], answers), priors.curves(prior)))
    return place, found[:persons, :count]


def joint(
    family: Family, prior: Prior, points: jax.Array, answers: Answers, given: bool = False, levels: tuple[int, ...] | None = None
) -> jax.Array:
    """Return the log-likelihood by level, shape (N, P, L), at coordinates (N, P, d).

    Parameters
    ----------
    family, prior, answers, given
        As in `likelihood`.
    points : jax.Array
        Coordinates.
    levels : tuple of int, optional
        The levels asked for; all by default.
    """
    values = priors.values(prior, points)
    some = tuple(range(len(family.levels))) if levels is None else levels
    found = family.log_likelihood(values, answers, some)
    return found if given or family.log_shares is None else found + family.log_shares(values)[..., np.array(some)]


def _program(family: Family, prior: Prior, together: int, piece: int, given: bool, answers: Answers) -> Run:
    """Return the compiled likelihood of a family for so many persons and points."""

    def run(points: jax.Array, answers: Answers, curves: priors.Curves) -> jax.Array:
        return joint(family, priors.of_curves(prior.names, prior.fixed, curves), points, answers, given)

    run.__qualname__ = repr(("likelihood", family.name, given, prior.names, tuple(prior.fixed.items())))
    some = jax.tree.map(lambda part: np.repeat(np.asarray(part)[:1], together, axis=0), answers)
    return kept.program(run, (np.zeros((together, piece, prior.size), np.float32), some, priors.curves(prior)), 0)
