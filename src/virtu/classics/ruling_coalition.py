r"""The ultimate ruling coalition: who is left when every ally of today may be the victim of tomorrow.

Acemoglu, Egorov & Sonin (2008), "Coalition formation in non-democracies", Review of Economic Studies 75(4), 987-1009. A coalition
X of total power γ_X may throw out whom it likes if those who stay hold more than a share α of its power, but whoever
stays may be thrown out next by the same rule, and everybody foresees this. What is left in the end is

    φ(X) = argmin γ_Z  over  {X} ∪ {Z ⊊ X : γ_Z > α γ_X and Z ∈ φ(Z)}.

A coalition with Z ∈ φ(Z) is *self-enforcing*: none of its proper subsets is both self-enforcing and stronger than α γ_Z. So φ is
settled by the set of self-enforcing coalitions, and this set by one number a coalition, the power of the strongest self-enforcing
coalition inside it,

    M(X) = γ_X if m(X) ≤ α γ_X, else m(X),    m(X) = max_{i ∈ X} M(X∖{i}),

for every proper subset of X lies in some X∖{i}. That is n 2ⁿ comparisons in place of the 3ⁿ of the definition. Comparisons are
exact: powers become integers; those too long for 64 bits are rounded first, and if any comparison comes out closer than the rounding
allows, all are made again with integers of any length. Where several coalitions are equally strong the answer is a set, as in φ.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from virtu.classics.exact import Number, as_fraction, as_integers, subset_sums
from virtu.errors import InputError

LARGEST = 24
"""Most members that are searched in full; each one more doubles time and memory."""

LONGEST = 2**61
"""Largest product of a power and the denominator of α for which 64 bits are enough."""


class Ruling(NamedTuple):
    """The answer φ: coalitions of equal power, nearly always one."""

    coalitions: tuple[tuple[int, ...], ...]  # positions of the members, each in ascending order
    power: Fraction  # power of each of them, in the unit of the powers given
    share: Fraction  # the same, as a share of all power; above α, or 1


class Expectation(NamedTuple):
    """What somebody expects who takes the powers to be what he believes them to be."""

    coalitions: tuple[tuple[int, ...], ...]  # ruling coalitions, as in `Ruling`
    excluded: tuple[int, ...]  # who is in none of them
    uncertain: tuple[int, ...]  # who is in some and not in others: in nobody's beliefs without a tie
    thinks_next: bool  # whether he is among the excluded himself


class Lattice(NamedTuple):
    """All coalitions of n members, numbered by their members: bit i of the number is member i."""

    enforcing: np.ndarray  # (2ⁿ,) bool: whether the coalition is self-enforcing; the empty one counts as not
    power: np.ndarray  # (2ⁿ,) power of the coalition, an integer; rounded down where the powers are too long for 64 bits
    slack: int  # by how much two powers that are equal may differ here; 0 where nothing was rounded


def ruling_coalition(powers: Iterable[Number], alpha: Number = Fraction(1, 2)) -> Ruling:
    """Return the ultimate ruling coalition, or all of them where the powers tie.

    Parameters
    ----------
    powers : iterable of real numbers
        γ_i > 0 of each of up to `LARGEST` members. Integers and fractions are taken as they are, floats as the decimals they print as.
    alpha : real number
        Share α of a coalition's power that must be exceeded to throw out the rest, ½ ≤ α < 1.

    Raises
    ------
    InputError
        If a power or α is out of range, or the members are too many; see `virtu.classics.large_coalitions` for more.
    """
    whole, unit, majority = exact_powers(powers, alpha)
    lattice = coalitions_of(whole, majority)
    masks = [len(lattice.power) - 1] if lattice.enforcing[-1] else _winning(lattice, whole, majority)
    least = min(_power(mask, whole) for mask in masks)
    return Ruling(
        coalitions=tuple(sorted(_members(mask) for mask in masks if _power(mask, whole) == least)),
        power=least * unit,
        share=Fraction(least, sum(whole)),
    )


def self_enforcing(powers: Iterable[Number], alpha: Number = Fraction(1, 2)) -> np.ndarray:
    """Tell of every coalition whether it is self-enforcing.

    Parameters
    ----------
    powers, alpha
        As `ruling_coalition`.

    Returns
    -------
    np.ndarray
        (2ⁿ,) bool; bit i of the position is member i. The empty coalition counts as not self-enforcing.
    """
    whole, _, majority = exact_powers(powers, alpha)
    return coalitions_of(whole, majority).enforcing


def is_generic(powers: Iterable[Number]) -> bool:
    """Tell whether no two coalitions are equally strong: the assumption under which φ has exactly one element.

    Parameters
    ----------
    powers : iterable of real numbers
        As `ruling_coalition`.
    """
    whole, _, _ = exact_powers(powers, Fraction(1, 2))
    ordered = np.sort(subset_sums(whole))
    return bool((ordered[1:] != ordered[:-1]).all())


def expectations(beliefs: Sequence[Sequence[Number]] | np.ndarray, alpha: Number = Fraction(1, 2)) -> list[Expectation]:
    """Return whom each member expects to rule and whom to fall, and who thinks that he is next.

    Parameters
    ----------
    beliefs : (n, n) real numbers
        Row i: what member i believes the powers of all to be, his own among them.
    alpha : real number
        As `ruling_coalition`.

    Raises
    ------
    InputError
        As `ruling_coalition`, and if there are not as many beliefs in each row as rows.
    """
    rows = [list(row) for row in beliefs]
    for holder, row in enumerate(rows):
        if len(row) != len(rows):
            raise InputError(f"row {holder} of the beliefs has {len(row)} powers for {len(rows)} members", "give a square table")
    return [_expectation(holder, len(rows), ruling_coalition(row, alpha).coalitions) for holder, row in enumerate(rows)]


def _expectation(holder: int, members: int, coalitions: tuple[tuple[int, ...], ...]) -> Expectation:
    always, sometimes = set.intersection(*map(set, coalitions)), set.union(*map(set, coalitions))
    return Expectation(
        coalitions=coalitions,
        excluded=tuple(member for member in range(members) if member not in sometimes),
        uncertain=tuple(sorted(sometimes - always)),
        thinks_next=holder not in sometimes,
    )


def exact_powers(powers: Iterable[Number], alpha: Number) -> tuple[list[int], Fraction, Fraction]:
    """Check powers and majority and write the powers as integers.

    Returns
    -------
    whole : list of int
        Powers in units of `unit`.
    unit : Fraction
        What 1 stands for.
    majority : Fraction
        α.
    """
    majority = as_fraction(alpha, "the majority α")
    if not Fraction(1, 2) <= majority < 1:
        raise InputError(f"the majority α must be at least 1/2 and below 1, not {majority}")
    whole, unit = as_integers(powers, "a power")
    if not whole:
        raise InputError("a coalition needs at least one member")
    if min(whole) <= 0:
        raise InputError(f"powers must be above 0, not {min(whole) * unit}", "leave out who has no power: he can neither rule nor block")
    return whole, unit, majority


def coalitions_of(whole: list[int], majority: Fraction) -> Lattice:
    """Return all coalitions of members with the given integer powers, and which of them are self-enforcing."""
    if len(whole) > LARGEST:
        raise InputError(
            f"{len(whole)} members are more than the {LARGEST} whose coalitions can all be examined",
            "see virtu.classics.large_coalitions",
        )
    longest, total = LONGEST // majority.denominator, sum(whole)
    if total <= longest:
        return _settled(whole, majority, slack=0)[0]
    lattice, sure = _settled([power * longest // total for power in whole], majority, slack=len(whole))
    return lattice if sure else _settled(whole, majority, slack=0, kind=object)[0]


def _settled(whole: list[int], majority: Fraction, slack: int, kind: type = np.int64) -> tuple[Lattice, bool]:
    """Settle coalitions in order of size; also say whether every comparison was wider than the slack of both its sides."""
    above, below = majority.denominator, majority.numerator
    power = subset_sums(whole).astype(kind)
    strongest, enforcing = np.zeros_like(power), np.zeros(len(power), bool)
    sure, closest = True, 2 * above * slack
    for size, masks in enumerate(_by_size(len(whole)), 1):
        inside = _strongest_inside(strongest, masks, len(whole))
        excess = above * inside - below * power[masks]
        enforcing[masks] = stays = (excess <= 0).astype(bool)
        strongest[masks] = np.where(stays, power[masks], inside)
        # Who is alone has nobody inside him to compare with.
        sure = sure and (not slack or size == 1 or _apart(excess, closest))
    sure = sure and (not slack or _apart(above * power[enforcing] - below * power[-1], closest))
    return Lattice(enforcing, power, slack), sure


def _apart(excess: np.ndarray, closest: int) -> bool:
    return bool((np.abs(excess) > closest).all())


def _strongest_inside(strongest: np.ndarray, masks: np.ndarray, members: int) -> np.ndarray:
    """Return m: masks are still at 0 themselves, so that who is not a member changes nothing when taken out."""
    inside = strongest[masks & ~1]
    for member in range(1, members):
        np.maximum(inside, strongest[masks & ~(1 << member)], out=inside)
    return inside


def _by_size(members: int) -> list[np.ndarray]:
    sizes = np.bitwise_count(np.arange(1 << members, dtype=np.uint32))
    order = np.argsort(sizes, kind="stable").astype(np.int32)
    return np.split(order, np.cumsum(np.bincount(sizes))[:-1])[1:]


def _winning(lattice: Lattice, whole: list[int], majority: Fraction) -> list[int]:
    """Return the lightest self-enforcing coalitions that hold more than α of all, and those that rounding cannot tell from them."""
    bar = majority.numerator * lattice.power[-1]
    winning = np.flatnonzero(lattice.enforcing & (majority.denominator * lattice.power > bar).astype(bool))
    power = lattice.power[winning]
    return winning[power <= power.min() + lattice.slack].tolist()


def _power(mask: int, whole: list[int]) -> int:
    return sum(whole[member] for member in _members(mask))


def _members(mask: int) -> tuple[int, ...]:
    return tuple(member for member in range(int(mask).bit_length()) if mask >> member & 1)
