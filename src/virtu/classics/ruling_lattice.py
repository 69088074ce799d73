r"""The ultimate ruling coalition for many histories at once, inside a compiled program.

The definition is that of `virtu.classics.ruling_coalition`, which is exact and takes one list of powers:

    M(X) = γ_X if m(X) ≤ α γ_X, else m(X),    m(X) = max_{i ∈ X} M(X∖{i}),    X is self-enforcing where m(X) ≤ α γ_X,
    φ(X) = the lightest self-enforcing coalition inside X that holds more than α γ_X.

Here powers are arrays in single precision, and every operation is done for all observers and histories at once: coalitions are numbered
by their members along the first axis, and settled size by size. What rounding leaves in doubt counts as equal: α is taken a
millionth higher than it is, so that exactly α of the power is no majority. Whoever has no power is in no coalition.

A coalition's *rank* is one number in which its power stands before the number of its members' bits, so that the least rank is
the lightest coalition. Bits are given out in the order of lots. Of several that are equally strong, to within two parts in a million,
the lots thus decide, and not the order in which the members happen to be listed.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

LARGEST = 12
"""Most members: as many bits of a rank say who is in a coalition."""

DOUBT = 1e-6
"""Share of power by which one coalition must be stronger than another to count as stronger; sums in single precision are as close."""

STEPS = 2**19 - 1
"""Steps in which a rank counts power, from nothing to all."""

WEAK = np.uint32((STEPS + 1) << LARGEST)
"""Least rank of a coalition without a majority of all."""

NONE = np.uint32(2**32 - 1)
"""Rank of a coalition that would not last."""


class Lattice(NamedTuple):
    """Which of the coalitions of n members would last, as somebody with these powers in mind sees it; … are other axes."""

    rank: jax.Array  # (2ⁿ, …) uint32: the less, the lighter; first those above α of all power, then the others, then those that fall apart
    bit: jax.Array  # (n, …) uint32 bit of each member
    power: jax.Array  # (n, …) power of each member
    majority: jax.Array  # () α, a millionth higher


class Rule(NamedTuple):
    """The coalition that would rule."""

    members: jax.Array  # (n, …) bool
    share: jax.Array  # (…) its share of the power of all, those without whom it rules among them
    at_once: jax.Array  # (…) bool: it holds more than α of the power of all, so that it could throw out the rest now


def lattice(powers: jax.Array, alpha: jax.Array, lots: jax.Array) -> Lattice:
    """Settle which coalitions are self-enforcing.

    Parameters
    ----------
    powers : jax.Array
        γ_i ≥ 0, shape (n, …) with n up to `LARGEST`.
    alpha : jax.Array
        Share α of a coalition's power that must be exceeded to throw out the rest, shape ().
    lots : jax.Array
        Decide between coalitions that are equally strong, shape (n, …) or broadcasting to it.

    Raises
    ------
    ValueError
        If the members are more than `LARGEST`.
    """
    if powers.shape[0] > LARGEST:
        raise ValueError(f"at most {LARGEST} members can be combined, not {powers.shape[0]}")
    order = jnp.argsort(jnp.broadcast_to(lots, powers.shape), axis=0)
    majority = alpha + DOUBT
    power = subset_sums(jnp.take_along_axis(powers, order, axis=0))
    lasts = self_enforcing(power, majority)
    whole = jnp.maximum(power[-1], jnp.finfo(jnp.float32).tiny)
    steps = jnp.where(power > majority * whole, 0, STEPS + 1) + _steps(power, whole)
    rank = (steps.astype(jnp.uint32) << LARGEST) | _masks(power.shape[0], power.ndim)
    bit = jnp.argsort(order, axis=0).astype(jnp.uint32)
    return Lattice(jnp.where(lasts, rank, NONE), bit, powers, majority)


def _masks(count: int, axes: int) -> jax.Array:
    return jnp.arange(count, dtype=jnp.uint32).reshape(count, *(1,) * (axes - 1))


def _steps(power: jax.Array, whole: jax.Array) -> jax.Array:
    return jnp.minimum(jnp.round(power / whole * STEPS), STEPS).astype(jnp.int32)


def subset_sums(powers: jax.Array) -> jax.Array:
    """Return the power of every coalition, shape (2ⁿ, …) from (n, …); bit i of the position is member i."""
    sums = jnp.zeros((1, *powers.shape[1:]), powers.dtype)
    for each in powers:
        sums = jnp.concatenate([sums, sums + each])
    return sums


def self_enforcing(power: jax.Array, majority: jax.Array) -> jax.Array:
    """Tell which coalitions are self-enforcing, shape (2ⁿ, …) bool; the empty one is not.

    Parameters
    ----------
    power : jax.Array
        Of every coalition, shape (2ⁿ, …), from `subset_sums`.
    majority : jax.Array
        α, shape ().
    """
    strongest, lasts = jnp.zeros_like(power), jnp.zeros(power.shape, bool)
    for masks, less in _by_size(power.shape[0].bit_length() - 1):
        inside = strongest[less[0]]
        for one_less in less[1:]:
            inside = jnp.maximum(inside, strongest[one_less])
        stays = inside <= majority * power[masks]
        lasts = lasts.at[masks].set(stays, unique_indices=True, indices_are_sorted=True)
        strongest = strongest.at[masks].set(jnp.where(stays, power[masks], inside), unique_indices=True, indices_are_sorted=True)
    return lasts


def _by_size(members: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the coalitions of each size, and for each of them those that lack one of its members, shape (size, coalitions)."""
    sizes = np.bitwise_count(np.arange(1 << members, dtype=np.uint32))
    found = []
    for size in range(1, members + 1):
        masks = np.flatnonzero(sizes == size)
        less = [[mask & ~(1 << member) for member in range(members) if mask >> member & 1] for mask in masks.tolist()]
        found.append((masks, np.array(less).T))
    return found


def ruling(of: Lattice) -> Rule:
    """Return φ of all."""
    return ruling_without(of, jnp.zeros(()))


def ruling_without(of: Lattice, gone: jax.Array) -> Rule:
    """Return who would rule if one member were gone.

    That is the lightest self-enforcing coalition without him that holds more than α of the power of *all*, and so could have thrown him
    out together with everybody else. Where there is none, nobody else can be thrown out at once; what is left is then ruled by φ(X∖{j}).

    Parameters
    ----------
    of : Lattice
        Of all.
    gone : jax.Array
        1 for the member who is gone, shape (n, …) or broadcasting to it; where nobody is, φ of all is returned.
    """
    gone = jnp.broadcast_to(gone, of.power.shape) > 0.0
    whole = jnp.maximum(jnp.sum(of.power, axis=0), jnp.finfo(jnp.float32).tiny)
    left = jnp.sum(jnp.where(gone, 0.0, of.power), axis=0)
    bar = (_steps(of.majority * left, whole).astype(jnp.uint32) << LARGEST) + np.uint32(2**LARGEST - 1) + WEAK
    lacking = jnp.sum(jnp.where(gone, jnp.uint32(1) << of.bit, jnp.uint32(0)), axis=0, dtype=jnp.uint32)
    without = (_masks(of.rank.shape[0], of.rank.ndim) & lacking) == 0
    least = jnp.min(jnp.where(without & ((of.rank < WEAK) | (of.rank > bar)), of.rank, NONE), axis=0)
    # Where no coalition can rule nobody can be thrown out, and all who are not gone stay.
    members = jnp.where(least == NONE, ~gone, ((least >> of.bit) & np.uint32(1)) == 1)
    share = jnp.sum(jnp.where(members, of.power, 0.0), axis=0) / whole
    return Rule(members, share, least < WEAK)
