r"""Intervals that hold however often one looks, and the rule that stops a run when they are narrow enough.

A 95 % interval made for a fixed number of histories misses the truth far more often than in 5 % of the cases where somebody watches it
and stops when it looks good. A confidence sequence is a run of intervals that *all* hold the truth with 95 %, so that stopping at any
moment, for any reason, is safe. The one used here is asymptotic (Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas 2024, "Time-uniform
central limit theory and asymptotic confidence sequences", Annals of Statistics 52(6), theorem 2.2):

    x̄_n ± s_n √(2 (nρ² + 1)/(n²ρ²) · log(√(nρ² + 1)/α)),   ρ² = (−2 log α + log(−2 log α) + 1)/n*,

narrowest near the count n* that is planned for. The price of looking is a width about 1.6 times that of the fixed interval at n*, and
coverage at the moment of stopping that is above 95 %: by construction, not by luck.

Values of known range could all be the same by chance, and an interval of no width would then stop a run at once. Two values at either
end of the range are therefore added when the spread is taken, as Agresti & Coull (1998, The American Statistician 52(2)) do for shares.
Where no range is known the run goes on until enough histories differ from the commonest value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from virtu.errors import InputError

ALPHA = 0.05
FIRST_LOOK = 256
"""Histories before the first look; the sequence is asymptotic."""

GROWTH = 1.25
"""Each look is so many times as many histories away from the start as the last."""

PLANNED = 5000
"""Histories at which the sequence is narrowest."""

ADDED = 2
"""Values added at either end of a known range."""

LEAST_DIFFERENT = 30
"""Histories that must differ from the commonest value before an interval without a known range is trusted."""

_RULE = re.compile(r"\s*half-width\s+(?P<width>[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?)\s*")


class Until(NamedTuple):
    """A rule for stopping: when half the width of the interval is so small."""

    half_width: float

    def __str__(self) -> str:
        """Write the rule as `until` reads it."""
        return f"half-width {self.half_width:g}"


def until(text: str) -> Until:
    """Read a rule for stopping.

    Parameters
    ----------
    text : str
        ``half-width NUMBER``, the number > 0 and in the unit of the measure.

    Raises
    ------
    InputError
        If it is anything else.
    """
    found = _RULE.fullmatch(text)
    if found is None or not 0.0 < float(found["width"]) < np.inf:
        raise InputError(f"unknown rule for stopping {text!r}", "write for instance: half-width 0.01")
    return Until(float(found["width"]))


def looks(most: int, first: int = FIRST_LOOK, growth: float = GROWTH) -> Iterator[int]:
    """Yield the counts at which one looks: ever further apart, the last one `most`."""
    count = first
    while count < most:
        yield count
        count = max(count + 1, int(count * growth))
    yield most


def interval(values: np.ndarray, bounds: tuple[float, float] | None = None, planned: int = PLANNED) -> dict[str, float]:
    """Return mean and bounds of a 95 % confidence sequence after so many values.

    Parameters
    ----------
    values : numpy.ndarray
        Independent and of one distribution, in the order in which they came, shape (n,), n ≥ 2.
    bounds : tuple of float, optional
        Range in which every value must lie, where there is one.
    planned : int
        Count at which the sequence is to be narrowest; must not depend on the values.

    Returns
    -------
    dict
        mean, low, high.
    """
    half = factor(values.size, planned) * _spread(values, bounds)
    centre = float(values.mean())
    return {"mean": centre, "low": centre - half, "high": centre + half}


def factor(count: int, planned: int = PLANNED) -> float:
    """Return half the width of the sequence after so many values, in standard deviations of a value."""
    twice = -2.0 * np.log(ALPHA)
    rho = (twice + np.log(twice) + 1.0) / planned
    grown = count * rho + 1.0
    return float(np.sqrt(2.0 * grown / (count**2 * rho) * np.log(np.sqrt(grown) / ALPHA)))


def is_narrow(
    values: np.ndarray,
    rule: Until,
    bounds: tuple[float, float] | None = None,
    planned: int = PLANNED,
    different: int = LEAST_DIFFERENT,
) -> bool:
    """Return whether a run may stop.

    Parameters
    ----------
    values, bounds, planned
        As in `interval`.
    rule : Until
        When it may.
    different : int
        Values that must differ from the commonest where no range is known; 0 for means of groups, which are close to normal.
    """
    if bounds is None and _different(values) < different:
        return False
    return factor(values.size, planned) * _spread(values, bounds) <= rule.half_width


def _spread(values: np.ndarray, bounds: tuple[float, float] | None) -> float:
    """Standard deviation of a value, with values added at the ends of a known range."""
    if bounds is not None:
        values = np.concatenate([values, np.repeat(bounds, ADDED)])
    return float(values.std(ddof=1))


def _different(values: np.ndarray) -> int:
    """How many values differ from the commonest."""
    return int(values.size - np.unique(values, return_counts=True)[1].max())
