"""Intervals: 95 %, for means, shares and paired differences; and when people lose standing, which summary and pictures both count."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from virtu.scenario.vocabulary import CAUSES

if TYPE_CHECKING:
    import xarray as xr

Z = 1.959963984540054
"""Two-sided 95 % point of the standard normal distribution."""

BAND_DRAWS = 20_000
"""Draws from which the width of a simultaneous band is taken; its own error is then about one per cent."""


def mean(values: np.ndarray) -> dict[str, float | None]:
    """Return mean and normal 95 % interval of independent values; low and high are None for a single value.

    Parameters
    ----------
    values : numpy.ndarray
        One per history, shape (n,), n ≥ 1.
    """
    centre = float(values.mean())
    return mean_of_moments(values.size, centre, float(((values - centre) ** 2).sum()))


def mean_of_moments(count: int, centre: float, squares: float) -> dict[str, float | None]:
    """Return mean and normal 95 % interval of `count` independent values, from their mean and the sum of squares about it; see `mean`."""
    if count < 2:
        return {"mean": centre, "low": None, "high": None}
    half = float(Z * np.sqrt(squares / (count - 1)) / np.sqrt(count))
    return {"mean": centre, "low": centre - half, "high": centre + half}


def mean_of_few(values: np.ndarray) -> dict[str, float | None]:
    """Return mean, standard error and Student's 95 % interval of independent values; for means of groups, of which there are few.

    Parameters
    ----------
    values : numpy.ndarray
        One per group, shape (n,), n ≥ 1; for a single one there is no error and no interval.
    """
    from scipy.special import stdtrit

    centre = float(values.mean())
    if values.size < 2:
        return {"mean": centre, "low": None, "high": None, "error": None}
    error = float(values.std(ddof=1) / np.sqrt(values.size))
    half = float(stdtrit(values.size - 1, 0.975)) * error
    return {"mean": centre, "low": centre - half, "high": centre + half, "error": error}


def share(hits: int, count: int) -> dict[str, float]:
    """Return a share with its 95 % interval (Wilson 1927), which stays within 0 and 1 and has width at 0 and n.

    Parameters
    ----------
    hits, count : int
        0 ≤ hits ≤ count, count ≥ 1.
    """
    centre = (hits + 0.5 * Z**2) / (count + Z**2)
    half = Z / (count + Z**2) * np.sqrt(hits * (count - hits) / count + 0.25 * Z**2)
    low = 0.0 if hits == 0 else max(float(centre - half), 0.0)
    high = 1.0 if hits == count else min(float(centre + half), 1.0)
    return {"mean": float(hits / count), "low": low, "high": high}


def is_share(values: np.ndarray) -> bool:
    """Return whether all values are 0 or 1."""
    return bool(np.isin(values, (0.0, 1.0)).all())


def estimate(values: np.ndarray) -> dict[str, float | None]:
    """Return mean and 95 % interval: Wilson's where all values are 0 or 1, else the normal one."""
    if is_share(values):
        return {**share(int(values.sum()), values.size)}
    return mean(values)


def paired(base: np.ndarray, arm: np.ndarray) -> dict[str, float | None]:
    """Return the effect of an arm on one measure, history by history.

    Parameters
    ----------
    base, arm : numpy.ndarray
        Values in the same histories, shape (n,).

    Returns
    -------
    dict
        mean, low, high of arm − base; unchanged, helped, hurt: shares of histories in which it is exactly the same, greater, smaller;
        variance_reduction: variance of an unpaired comparison over that of this one, None where nothing varies.
    """
    difference = arm - base
    shares = tuple(float(found.mean()) for found in (difference == 0.0, difference > 0.0, difference < 0.0))
    return effect(mean(difference), shares, float(base.var() + arm.var()), float(difference.var()))


def effect(found: Mapping[str, float | None], shares: tuple[float, ...], unpaired: float, paired: float) -> dict[str, float | None]:
    """Return what `paired` does, from what is known of the differences.

    Parameters
    ----------
    found : mapping
        Their mean with its interval.
    shares : tuple of float
        Shares of them that are nought, above and below.
    unpaired, paired : float
        Variance of a difference between histories that are not paired, and between those that are.
    """
    told = dict(zip(("unchanged", "helped", "hurt"), shares, strict=True))
    return {**found, **told, "variance_reduction": unpaired / paired if paired > 0.0 else None}


def median(values: np.ndarray) -> dict[str, float | None]:
    """Return the median of independent values with the 95 % percentile interval of its bootstrap; low and high are None for a single value.

    The bootstrap is that of infinitely many draws and needs no chance: the m-th smallest of n redrawn values is at most the j-th smallest
    value with the chance that at least m of n draws are among the j smallest (Efron 1979, Annals of Statistics 7(1), section 3). Of an even
    number of values the lower of the two in the middle gives the lower bound and the upper one the upper bound.

    Parameters
    ----------
    values : numpy.ndarray
        One per history, shape (n,), n ≥ 1. Where many are the same, the interval covers more than 95 %.
    """
    from scipy.special import bdtrc

    count, ordered = values.size, np.sort(values)
    centre = float(np.median(ordered))
    if count < 2:
        return {"median": centre, "low": None, "high": None}
    among = np.arange(1, count + 1) / count
    low = np.searchsorted(bdtrc((count + 1) // 2 - 1, count, among), 0.025)
    high = np.searchsorted(bdtrc(count // 2, count, among), 0.975)
    return {"median": centre, "low": float(ordered[low]), "high": float(ordered[min(int(high), count - 1)])}


def simultaneous(values: np.ndarray, seed: int = 0) -> tuple[np.ndarray, np.ndarray, float]:
    """Return bounds that hold all means at once with 95 %: the sup-t band.

    Every interval is as many standard errors wide as the largest of all errors is likely to need, by draws from the normal distribution
    with the correlations found (Montiel Olea & Plagborg-Møller 2019, Journal of Applied Econometrics 34(1)).

    Parameters
    ----------
    values : numpy.ndarray
        Independent rows, shape (n, k), n ≥ 2; columns in which nothing varies get a bound of no width.
    seed : int
        Of the draws.

    Returns
    -------
    tuple
        Lower and upper bounds, shape (k,) each, and the number of standard errors; between 1.96 and that for k independent means.
    """
    centre, error = values.mean(axis=0), values.std(axis=0, ddof=1) / np.sqrt(len(values))
    varies = error > 0.0
    critical = Z
    if varies.sum() > 1:
        sizes, ways = np.linalg.eigh(np.corrcoef(values[:, varies], rowvar=False))
        draws = np.random.default_rng(seed & (2**64 - 1)).normal(size=(BAND_DRAWS, len(sizes)))
        largest = np.abs(draws * np.sqrt(np.maximum(sizes, 0.0)) @ ways.T).max(axis=1)
        critical = max(Z, float(np.quantile(largest, 0.95)))
    return centre - critical * error, centre + critical * error, critical


def fall_ticks(dataset: xr.Dataset) -> np.ndarray:
    """Return the tick of each person's first loss of standing, −1 for none or a natural death; shape (histories, persons)."""
    natural = dataset["fall_cause"] == CAUSES.index("natural_death")
    return dataset["fall_tick"].where(~natural, -1).transpose("history", "actor").values
