r"""The ultimate ruling coalition among more members than can all be combined: near-equal powers, and a search in order of power.

Two ways past the 2ⁿ coalitions of `virtu.classics.ruling_coalition`, both exact in what they claim.

*Near-equal powers* (Acemoglu, Egorov & Sonin 2008). Only the sizes k₁ = 1, k_{m+1} = ⌊k_m/α⌋ + 1 can be self-enforcing, whoever the
members are, and the lightest winning coalition of the largest such size rules. How near is near enough is worked out here: with p sorted,
the law of sizes holds if and only if, for every size k and the next one k' up to n,

    (1 − α) Σ (the k heaviest)  ≤  α Σ (the k' − k lightest)        (no k of them can throw out the rest of any k'),

and no s ≤ n powers are all equal where k = α s exactly (s who are all alike cannot be told apart by any k of them).

*Search in order of power.* The ruling coalition is the lightest self-enforcing one above α γ_N. Coalitions above that bar are listed from
the lightest upwards out of the sums of two halves (Horowitz & Sahni 1974) and tested one after another. A coalition that cannot
be settled, being too large, leaves a bracket: the ruling power is no less than that of the first unsettled coalition, and no more than that
of the first one found to be self-enforcing.

*Sampling.* Where the search ends without an answer, winning coalitions gathered at random give an upper limit: the lightest of those
that are self-enforcing. The lower limit is α γ_N, and the error is the distance between the two.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from virtu.classics.exact import Number, subset_sums
from virtu.classics.ruling_coalition import coalitions_of, exact_powers
from virtu.errors import InputError

LARGEST = 40
"""Most members whose halves' sums fit into memory: twice 2²⁰."""

SETTLED = 20
"""Largest coalition that is tested in full within the search."""

HEAVIEST = (6, 10, 14, SETTLED)
"""Numbers of heaviest members among whom a coalition is looked for that would throw out the rest; few first, being quick."""


class LawOfSizes(NamedTuple):
    """The ruling coalition under near-equal powers."""

    coalition: tuple[int, ...]  # one ruling coalition, positions of the members in ascending order
    power: Fraction  # its power, in the unit of the powers given
    unique: bool  # whether no other coalition is as light


class Bracket(NamedTuple):
    """What the search found out about the ruling power γ_φ(N)."""

    coalition: tuple[int, ...]  # lightest self-enforcing winning coalition found, or all members
    power: Fraction  # its power: the ruling power is not above it
    least: Fraction  # the ruling power is not below this
    exact: bool  # whether the coalition is the ruling one, or one of several equally strong
    tested: int  # coalitions tested


def ruling_sizes(largest: int, alpha: Number = Fraction(1, 2)) -> tuple[int, ...]:
    """Return the sizes k₁ = 1, k_{m+1} = ⌊k_m/α⌋ + 1 of self-enforcing coalitions of near-equal powers.

    Parameters
    ----------
    largest : int
        Members there are; sizes up to it are returned.
    alpha : real number
        Majority, ½ ≤ α < 1.
    """
    _, _, majority = exact_powers([1], alpha)
    sizes = [1]
    while (following := sizes[-1] * majority.denominator // majority.numerator + 1) <= largest:
        sizes.append(following)
    return tuple(sizes)


def near_equal_ruling_coalition(powers: Iterable[Number], alpha: Number = Fraction(1, 2)) -> LawOfSizes:
    """Return the ruling coalition of any number of members whose powers are near enough for the law of sizes.

    Parameters
    ----------
    powers, alpha
        As `virtu.classics.ruling_coalition.ruling_coalition`, without its limit of members.

    Raises
    ------
    InputError
        If the powers are not near enough, or if more than `LARGEST` are so near the edge (α n members ruling) that a choice among
        all coalitions of one size is needed.
    """
    whole, unit, majority = exact_powers(powers, alpha)
    order = sorted(range(len(whole)), key=whole.__getitem__)
    ascending = [whole[member] for member in order]
    size = _size_by_law(ascending, majority)
    bar = majority * sum(whole)
    if sum(ascending[:size]) > bar:
        chosen, unique = list(range(size)), size == len(whole) or ascending[size - 1] < ascending[size]
    else:
        chosen, unique = _lightest_of_size(ascending, size, bar)
    return LawOfSizes(tuple(sorted(order[place] for place in chosen)), sum(ascending[place] for place in chosen) * unit, unique)


def _size_by_law(ascending: list[int], majority: Fraction) -> int:
    sizes = ruling_sizes(len(ascending), majority)
    for size, following in itertools.pairwise(sizes):
        if (1 - majority) * sum(ascending[-size:]) > majority * sum(ascending[: following - size]):
            raise InputError(
                f"the powers are too unequal for the law of sizes: the {size} strongest throw out {following - size} of {following}",
                "use virtu.classics.ruling_coalition, or search_ruling_coalition for more members",
            )
    most_alike = max(len(list(run)) for _, run in itertools.groupby(ascending))
    for size in sizes:
        if (edge := size / majority).denominator == 1 and edge <= most_alike:
            raise InputError(f"{edge} powers are equal, and {size} of them are exactly the majority", "give powers without ties")
    return sizes[-1]


def _lightest_of_size(ascending: list[int], size: int, bar: Fraction) -> tuple[list[int], bool]:
    """Return the lightest coalition of a size above the bar, joined from two halves, and whether there is no other as light."""
    if len(ascending) > LARGEST:
        raise InputError(f"{size} of {len(ascending)} members are too near the majority to be chosen without examining all")
    half = len(ascending) // 2
    left, right = _by_size(ascending[:half]), _by_size(ascending[half:])
    found = []
    for count, (sums, masks) in left.items():
        if (other := right.get(size - count)) is None:
            continue
        first = np.searchsorted(other[0], _floor(bar) - sums, side="right")
        reached = np.flatnonzero(first < len(other[0]))
        totals = sums[reached] + other[0][first[reached]]
        for here in reached[totals == totals.min()] if len(reached) else ():
            there = other[0] == other[0][first[here]]
            found += [(int(sums[here] + other[0][first[here]]), int(masks[here]) | int(mask) << half) for mask in other[1][there]]
    least = min(found)[0]
    lightest = [mask for power, mask in found if power == least]
    return _places(lightest[0]), len(lightest) == 1


def _by_size(powers: list[int]) -> dict[int, tuple[np.ndarray, np.ndarray]]:
    """Return, for each size, the sums of all coalitions of that size in ascending order, and their masks."""
    sums = subset_sums(powers)
    sizes = np.bitwise_count(np.arange(len(sums), dtype=np.uint32))
    parts = {}
    for size in range(len(powers) + 1):
        masks = np.flatnonzero(sizes == size)
        masks = masks[np.argsort(sums[masks], kind="stable")]
        parts[size] = (sums[masks], masks)
    return parts


def search_ruling_coalition(powers: Iterable[Number], alpha: Number = Fraction(1, 2), tests: int = 1000) -> Bracket:
    """Search for the ruling coalition of up to `LARGEST` members, from the lightest winning coalition upwards.

    Exact as long as no coalition met on the way is both too large to be tested and without a quick refutation, and the tests
    suffice; otherwise the ruling power is bracketed.

    Parameters
    ----------
    powers, alpha
        As `virtu.classics.ruling_coalition.ruling_coalition`.
    tests : int
        Most coalitions to test, ≥ 1.

    Raises
    ------
    InputError
        If the members are too many, or an argument is out of range.
    """
    whole, unit, majority = exact_powers(powers, alpha)
    if len(whole) > LARGEST or tests < 1:
        raise InputError(f"can search up to {LARGEST} members with at least 1 test, not {len(whole)} with {tests}")
    bar, unsettled, tested = majority * sum(whole), None, 0
    for power, mask in itertools.islice(_in_order_of_power(whole, bar), tests):
        tested += 1
        stays = _stays([whole[place] for place in _places(mask)], majority)
        if stays:
            least = power if unsettled is None else unsettled
            return Bracket(tuple(_places(mask)), power * unit, least * unit, unsettled is None, tested)
        if stays is None and unsettled is None:
            unsettled = power
        bar = power
    least = Fraction(bar if unsettled is None else unsettled)
    return Bracket(tuple(range(len(whole))), sum(whole) * unit, least * unit, False, tested)


def sample_ruling_coalition(powers: Iterable[Number], alpha: Number = Fraction(1, 2), draws: int = 1000, seed: int = 0) -> Bracket:
    """Bracket the ruling power by coalitions gathered at random, one member after another, until they win.

    Parameters
    ----------
    powers, alpha
        As `virtu.classics.ruling_coalition.ruling_coalition`, without its limit of members.
    draws : int
        Coalitions gathered, ≥ 1.
    seed : int
        Of NumPy's generator, ≥ 0.

    Returns
    -------
    Bracket
        `least` is α γ_N, which the ruling power exceeds. Never said to be exact.
    """
    whole, unit, majority = exact_powers(powers, alpha)
    if draws < 1 or seed < 0:
        raise InputError(f"can sample with at least 1 draw and a seed of at least 0, not {draws} and {seed}")
    generator, total = np.random.default_rng(seed), sum(whole)
    best, lightest = tuple(range(len(whole))), total
    for _ in range(draws):
        gathered = _gather(generator.permutation(len(whole)).tolist(), whole, majority * total)
        power = sum(whole[place] for place in gathered)
        if power < lightest and _stays([whole[place] for place in gathered], majority):
            best, lightest = tuple(sorted(gathered)), power
    return Bracket(best, lightest * unit, majority * total * unit, False, draws)


def _gather(order: list[int], whole: list[int], bar: Fraction) -> list[int]:
    sums = itertools.accumulate(whole[place] for place in order)
    return order[: 1 + next(count for count, power in enumerate(sums) if power > bar)]


def _in_order_of_power(whole: list[int], bar: Fraction) -> Iterator[tuple[int, int]]:
    """Yield power and mask of all coalitions above the bar, the lightest first."""
    half = len(whole) // 2
    left, right = subset_sums(whole[:half]), subset_sums(whole[half:])
    order = np.argsort(right, kind="stable")
    ascending = right[order]
    first = np.searchsorted(ascending, _floor(bar) - left, side="right")
    heap = [(int(left[here] + ascending[there]), int(here), int(there)) for here, there in enumerate(first) if there < len(ascending)]
    heapq.heapify(heap)
    while heap:
        power, here, there = heap[0]
        yield power, here | int(order[there]) << half
        if there + 1 < len(ascending):
            heapq.heapreplace(heap, (int(left[here] + ascending[there + 1]), here, there + 1))
        else:
            heapq.heappop(heap)


def _stays(powers: list[int], majority: Fraction) -> bool | None:
    """Tell whether a coalition is self-enforcing; None if it is too large to say and no few of its heaviest throw out the rest."""
    bar, descending = majority * sum(powers), sorted(powers, reverse=True)
    for heaviest in HEAVIEST:
        if heaviest >= len(powers):
            return bool(coalitions_of(descending, majority).enforcing[-1])
        lattice = coalitions_of(descending[:heaviest], majority)
        strongest = np.argmax(np.where(lattice.enforcing, lattice.power, 0))
        if sum(descending[place] for place in _places(int(strongest))) > bar:
            return False
    return None


def _floor(bar: Fraction) -> int:
    return bar.numerator // bar.denominator


def _places(mask: int) -> list[int]:
    return [place for place in range(mask.bit_length()) if mask >> place & 1]
