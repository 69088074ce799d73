"""Power indices of four assemblies, exact where the published number is a fraction, else to its last printed digit."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from virtu.classics.power_indices import Indices, power_indices
from virtu.laboratory.validation.rows import Gap, Row

SOURCE = "memory: figures commonly given, after Banzhaf 1965 and Shapley & Shubik 1954"

EXACT = 1e-15
"""Tolerance where the published number is a fraction: what a float leaves of it."""


class Assembly(NamedTuple):
    """A voting body, and published power of some of its members."""

    weights: tuple[int, ...]
    quota: int
    banzhaf: dict[str, tuple[int, float | Fraction, float]]  # who: his position, share of swings, tolerance
    shapley_shubik: dict[str, tuple[int, float | Fraction, float]]


def _printed(digits: int, *members: tuple[str, int, float]) -> dict[str, tuple[int, float | Fraction, float]]:
    return {who: (place, number, 0.5 * 10.0**-digits) for who, place, number in members}


def _fractions(*members: tuple[str, int, Fraction]) -> dict[str, tuple[int, float | Fraction, float]]:
    return {who: (place, number, EXACT) for who, place, number in members}


ASSEMBLIES: dict[str, Assembly] = {
    "eec-6": Assembly(
        (4, 4, 4, 2, 2, 1),
        12,
        _fractions(("large", 0, Fraction(5, 21)), ("middle", 3, Fraction(1, 7)), ("luxembourg", 5, Fraction(0))),
        _fractions(("large", 0, Fraction(7, 30)), ("middle", 3, Fraction(3, 20)), ("luxembourg", 5, Fraction(0))),
    ),
    "security-council": Assembly(
        (7,) * 5 + (1,) * 10,
        39,
        _printed(8, ("permanent", 0, 0.16692913), ("elected", 5, 0.01653543)),
        _fractions(("permanent", 0, Fraction(421, 2145)), ("elected", 5, Fraction(4, 2145))),
    ),
    "nice-27": Assembly(
        (29,) * 4 + (27,) * 2 + (14, 13) + (12,) * 5 + (10,) * 3 + (7,) * 5 + (4,) * 5 + (3,),
        255,
        _printed(5, ("de", 0, 0.07783), ("es", 4, 0.07420), ("ro", 6, 0.04259), ("nl", 7, 0.03974), ("mt", 26, 0.00942)),
        _printed(5, ("de", 0, 0.08674), ("es", 4, 0.07997), ("ro", 6, 0.03994), ("nl", 7, 0.03683), ("mt", 26, 0.00818)),
    ),
    "electoral-college-2024": Assembly(
        (54, 40, 30, 28, 19, 19, 17, 16, 16, 15, 14, 13, 12, *[11] * 4, *[10] * 5, *[9] * 2)
        + (*[8] * 3, 7, 7, *[6] * 6, 5, 5, *[4] * 7, *[3] * 7),
        270,
        _printed(5, ("ca", 0, 0.11080), ("tx", 1, 0.07636), ("wy", 50, 0.00546)),
        _printed(5, ("ca", 0, 0.10804), ("tx", 1, 0.07743), ("wy", 50, 0.00540)),
    ),
}
"""Members from the heaviest to the lightest; Maine and Nebraska count as one member each, as do all states."""


def rows(data: Path | None) -> Iterator[Row | Gap]:
    """Yield both indices of every member whose power was published."""
    del data
    for name, assembly in ASSEMBLIES.items():
        found = power_indices(assembly.weights, assembly.quota)
        yield from _rows(name, assembly, found)


def _rows(name: str, assembly: Assembly, found: Indices) -> Iterator[Row]:
    published = {"banzhaf": assembly.banzhaf, "shapley-shubik": assembly.shapley_shubik}
    ours = {"banzhaf": found.banzhaf, "shapley-shubik": found.shapley_shubik}
    for index, members in published.items():
        for who, (place, number, tolerance) in members.items():
            yield Row(f"{name}.{index}.{who}", float(ours[index][place]), float(number), tolerance, SOURCE, "share of all power")
