"""Ultimate ruling coalitions: the worked examples, and the sizes under near-equal powers."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from virtu.classics.large_coalitions import ruling_sizes
from virtu.classics.ruling_coalition import ruling_coalition
from virtu.laboratory.validation.rows import Gap, Row

SOURCE = "Acemoglu, Egorov & Sonin 2008"

EXAMPLES: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...] = (
    ((3, 4, 5), (3, 4, 5)),
    ((3, 4, 5, 10), (3, 4, 5)),
    ((3, 4, 5, 12), (3, 4, 5, 12)),
    ((3, 4, 5, 13), (13,)),
    ((2, 4, 7, 10), (4, 7, 10)),
    ((2, 4, 8, 10), (2, 8, 10)),
    ((1, 2, 4, 8), (8,)),
    ((5, 6, 7, 8, 9), (5, 6, 7)),
    ((10, 11, 12, 13, 14, 15), (10, 13, 15)),
    ((2, 3, 4, 5, 6, 7), (2, 5, 7)),
)
"""Powers, all different, and who of them rules under a majority of one half."""

SIZES: dict[Fraction, tuple[int, ...]] = {
    Fraction(1, 2): (1, 3, 7, 15),
    Fraction(3, 5): (1, 2, 4, 7, 12),
    Fraction(2, 3): (1, 2, 4, 7, 11, 17),
    Fraction(3, 4): (1, 2, 3, 5, 7, 10, 14),
}
"""Majority, and the sizes k_m of ruling coalitions under near-equal powers."""


def rows(data: Path | None) -> Iterator[Row | Gap]:
    """Yield who rules in each example, and every size k_m, from the recursion and from all coalitions of k_m people."""
    del data
    for powers, published in EXAMPLES:
        yield _example(powers, published)
    for alpha, sizes in SIZES.items():
        found = ruling_sizes(max(sizes), alpha)
        for number, size in enumerate(sizes, 1):
            name = f"near-equal.{alpha.numerator}-{alpha.denominator}.k{number}"
            yield Row(f"{name}.recursion", found[number - 1], size, 0.0, SOURCE, "people")
            yield Row(f"{name}.ruling", _ruling_size(size, alpha), size, 0.0, SOURCE, f"people who rule among {size} of near-equal powers")


def _example(powers: tuple[int, ...], published: tuple[int, ...]) -> Row:
    places = tuple(powers.index(power) for power in published)
    found = ruling_coalition(powers).coalitions
    ours = places if places in found else found[0]
    note = "who rules, member i counting as 2 to the power of i" + (f"; {len(found)} of them tie" if len(found) > 1 else "")
    return Row("ruling." + "-".join(map(str, powers)), _code(ours), _code(places), 0.0, SOURCE, note)


def _code(coalition: tuple[int, ...]) -> int:
    return sum(1 << member for member in coalition)


def _ruling_size(members: int, alpha: Fraction) -> int:
    return len(ruling_coalition([1_000_000 + place**3 for place in range(members)], alpha).coalitions[0])
