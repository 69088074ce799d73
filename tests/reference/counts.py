"""Counts from lots, one at a time: distribution functions added up in double precision, and the expansion for large ones."""

from __future__ import annotations

import math

from scipy.stats import norm

MOST_COUNTED = 12.0
CLOSE = 3e-5
"""A lot so near to where a count changes, or a count so near to the middle between two whole numbers, is too close to call."""

Near = list[str]


def poisson(lot: float, mean: float, near: Near) -> float:
    """Return the least count whose distribution function reaches the lot."""
    if mean > MOST_COUNTED:
        return max(expanded(lot, mean, mean, mean**-0.5, 1.0 / mean, near), 0.0)
    return added_up(
        lot, lambda count: math.exp(count * math.log(mean) - mean - math.lgamma(count + 1.0)) if mean > 0.0 else count == 0, near
    )


def binomial(lot: float, number: float, chance: float, near: Near) -> float:
    """Return a binomial count of a number that need not be whole: the last person is there with the chance of the fraction."""
    whole = math.floor(number)
    last = (number - whole) * chance
    if chance <= 0.5:
        return min(rare(lot, whole, chance, last, near), math.ceil(number))
    return min(max(whole + 1.0 - rare(1.0 - lot, whole, 1.0 - chance, 1.0 - last, near), 0.0), math.ceil(number))


def rare(lot: float, whole: int, chance: float, odd: float, near: Near) -> float:
    if whole * chance > MOST_COUNTED:
        variance = whole * chance * (1.0 - chance) + odd * (1.0 - odd)
        skewness, kurtosis = (1.0 - 2.0 * chance) / math.sqrt(variance), (1.0 - 6.0 * chance * (1.0 - chance)) / variance
        return min(max(expanded(lot, whole * chance + odd, variance, skewness, kurtosis, near), 0.0), whole + 1.0)

    def mass(count: float) -> float:
        return (1.0 - odd) * exactly(count, whole, chance) + odd * exactly(count - 1.0, whole, chance)

    return added_up(lot, mass, near)


def exactly(count: float, whole: int, chance: float) -> float:
    if not 0 <= count <= whole:
        return 0.0
    return math.comb(whole, int(count)) * chance**count * (1.0 - chance) ** (whole - count)


def added_up(lot: float, mass: object, near: Near) -> float:
    total, count = 0.0, -1
    while total < lot and count < 200:
        count += 1
        total += mass(float(count))  # type: ignore[operator]
        if abs(total - lot) < CLOSE * max(1e-2, min(lot, 1.0 - lot)):
            near.append("count")
    return float(count)


def expanded(lot: float, mean: float, variance: float, skewness: float, kurtosis: float, near: Near) -> float:
    """Return the Cornish-Fisher quantile, rounded, with 1/12 taken off the variance."""
    z = float(norm.ppf(lot))
    bent = z + skewness * (z**2 - 1.0) / 6.0 + kurtosis * (z**3 - 3.0 * z) / 24.0 - skewness**2 * (2.0 * z**3 - 5.0 * z) / 36.0
    value = mean + math.sqrt(variance - 1.0 / 12.0) * bent
    if abs(value + 0.5 - round(value + 0.5)) < CLOSE * max(value, 1.0):
        near.append("large count")
    return float(math.floor(value + 0.5))
