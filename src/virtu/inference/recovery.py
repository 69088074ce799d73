"""Whether what is inferred is so: persons are drawn from the prior, they answer, and they are inferred from their answers.

If likelihood and posterior are right, the share of the posterior below the true value is uniform over persons, whatever the answers tell
(simulation-based calibration: Cook, Gelman & Rubin 2006; Talts et al. 2018). How much they tell is another matter: the correlation
of posterior means with true values, and how narrow a central interval is that covers the truth as often as it says.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.stats import chi2

BINS = 20
"""Bins of shares over which persons are counted."""

COVER = (0.5, 0.95)
"""Central intervals whose coverage is counted."""

LEAST_CORRELATION = 0.3
"""A trait whose posterior means correlate less with the truth is said not to be recovered."""


class Recovery(NamedTuple):
    """How well one trait is recovered from the answers of N persons."""

    trait: str
    p: float  # of a chi-square test that shares are uniform
    correlation: float  # of posterior means with the truth, NaN where all means are equal
    contraction: float  # mean over persons
    coverage: tuple[float, ...]  # of the central intervals of `COVER`

    @property
    def recovered(self) -> bool:
        """Whether these answers say anything of it."""
        return self.correlation >= LEAST_CORRELATION


def recovery(
    names: tuple[str, ...], true: np.ndarray, value: np.ndarray, weight: np.ndarray, before: np.ndarray, tie: np.ndarray | float = 0.5
) -> list[Recovery]:
    """Compare what was inferred with what was so.

    Parameters
    ----------
    names : tuple of str
        Of the d traits.
    true : numpy.ndarray
        Values of N persons, shape (N, d).
    value : numpy.ndarray
        Draws of their posteriors, shape (N, S, d).
    weight : numpy.ndarray
        Of the draws, rows summing to 1, shape (N, S).
    before : numpy.ndarray
        Variance of each trait in the prior, shape (d,) or (N, d).
    tie : numpy.ndarray or float
        As in `shares`.
    """
    below = shares(true, value, weight, tie)
    mean = np.einsum("ns,nsd->nd", weight, value)
    variance = np.einsum("ns,nsd->nd", weight, value**2) - mean**2
    found = []
    for place, name in enumerate(names):
        told = float(np.corrcoef(mean[:, place], true[:, place])[0, 1]) if mean[:, place].std() > 0.0 else float("nan")
        covered = tuple(float(np.mean(np.abs(below[:, place] - 0.5) <= 0.5 * part)) for part in COVER)
        known = float(np.mean(1.0 - variance[:, place] / before[..., place]))
        found.append(Recovery(name, uniform(below[:, place]), told, known, covered))
    return found


def shares(true: np.ndarray, value: np.ndarray, weight: np.ndarray, tie: np.ndarray | float = 0.5) -> np.ndarray:
    """Return the share of each posterior below the truth, shape (N, d).

    Of what is equal to the truth, the part `tie` counts; where a trait comes in few values, only a part drawn at random for each person,
    shape (N, d), leaves shares uniform.
    """
    less = np.einsum("ns,nsd->nd", weight, (value < true[:, None]).astype(float))
    equal = np.einsum("ns,nsd->nd", weight, (value == true[:, None]).astype(float))
    return less + tie * equal


def uniform(shares: np.ndarray) -> float:
    """Return the p-value of a chi-square test that shares in [0, 1] are uniform, with `BINS` bins."""
    count = np.histogram(shares, BINS, (0.0, 1.0))[0]
    expected = len(shares) / BINS
    return float(chi2.sf(np.sum((count - expected) ** 2) / expected, BINS - 1))
