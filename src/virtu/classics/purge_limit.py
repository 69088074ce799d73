r"""How far a ruler purges who cannot tell his enemies apart, and how many innocents fall with them.

Gregory, Schröder & Sonin (2011), "Rational dictators and the killing of innocents: data from Stalin's archives", Journal of
Comparative Economics 39(1), 34-42. Of a population, a share e are enemies. Of those taken by the evidence at hand, a share π is
guilty, the precision of information. After n are taken, the share of enemies among those left is (e − π n)/(1 − n); the ruler goes on until
it has fallen to the share r he can live with:

    n* = (e − r)/(π − r),    innocents (1 − π) n*.

The limit makes sense where π ≥ e, for taking people by lot already has precision e; there, and only there, n* ≤ 1.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from virtu.errors import InputError


class Purge(NamedTuple):
    """A purge, all as shares of the population before it; the shape is that of the arguments, joined."""

    taken: np.ndarray  # n*, 0 … 1
    guilty: np.ndarray  # π n*, 0 … e
    innocent: np.ndarray  # (1 − π) n*, 0 … 1
    missed: np.ndarray  # enemies left, e − π n*, 0 … e


def purge_limit(enemies: npt.ArrayLike, tolerated: npt.ArrayLike, precision: npt.ArrayLike) -> Purge:
    """Return how many are taken before the enemies left are few enough.

    Parameters
    ----------
    enemies : array_like
        e, share of enemies in the population, 0 … 1.
    tolerated : array_like
        r, share of enemies among those left with which the ruler stops, 0 ≤ r < 1. Nobody is taken where e ≤ r.
    precision : array_like
        π, share of the guilty among those taken, e … 1.

    Raises
    ------
    InputError
        If a share is out of range, or information is worse than drawing lots (π < e).
    """
    e, r, pi = np.broadcast_arrays(np.asarray(enemies, float), np.asarray(tolerated, float), np.asarray(precision, float))
    _check("the share of enemies must be in [0, 1]", (e >= 0) & (e <= 1), e)
    _check("the share tolerated must be in [0, 1)", (r >= 0) & (r < 1), r)
    _check("precision must be at most 1, and at least the share of enemies, which drawing lots attains", (pi >= e) & (pi <= 1), pi)
    # Where anybody is taken, π ≥ e > r.
    taken = np.where(e > r, e - r, 0.0) / np.where(e > r, pi - r, 1.0)
    return Purge(taken, pi * taken, (1 - pi) * taken, e - pi * taken)


def _check(rule: str, kept: np.ndarray, values: np.ndarray) -> None:
    if not kept.all():
        raise InputError(f"{rule}, not {values[~kept].flat[0]:g}")
