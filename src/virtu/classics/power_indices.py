r"""Banzhaf's and Shapley & Shubik's indices: how often the vote of a member decides.

A coalition wins if its weight reaches the quota, in a game of several conditions if it reaches every quota (a double majority is one
condition on members and one on people). Member i *swings* a losing coalition S that wins with him. With η_i(s) such coalitions of s others,

    Penrose-Banzhaf  β'_i = Σ_s η_i(s) / 2ⁿ⁻¹,    normalised  β_i = Σ_s η_i(s) / Σ_j Σ_s η_j(s),
    Shapley-Shubik   σ_i = Σ_s s! (n − 1 − s)! / n! · η_i(s).

Penrose (1946), Journal of the Royal Statistical Society 109(1), 53-57; Banzhaf (1965), Rutgers Law Review 19, 317-343; Shapley & Shubik
(1954), American Political Science Review 48(3), 787-792.

*Exact.* Coalitions are counted by generating functions, Π_j (1 + y x^{w_j}) (Mann & Shapley 1962; Brams & Affuso 1976), all coefficients of
one power of y packed into one long integer: multiplying by x^w is a shift, and taking a member out again is a subtraction, so there
is no rounding and no recomputation. Weights too long for that, of few members, are counted coalition by coalition.

*Uncertain weights.* Thousands of draws of the weights are rounded to integers and counted in 64 bits, exactly for the rounded weights.
What is left is the error of rounding, measured on some of the draws with steps four times finer.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple, TypeAlias

import numpy as np

from virtu.classics.exact import Number, as_fraction, as_integers, subset_sums
from virtu.errors import InputError

MOST_BITS = 2**32
"""Longest table of coalitions, in bits."""

MOST_LISTED = 20
"""Most members whose coalitions are counted one by one where their weights are too long for a table."""

MOST_DRAWN = 62
"""Most members whose coalitions can be counted in 64 bits."""

SHORT_COUNTS = 30
"""Most members whose coalitions can be counted in 32 bits, which is quicker."""

FINER = 4
"""How much finer the steps are by which the error of rounding is measured."""

Counts: TypeAlias = dict[tuple[int, ...], int]
"""Coalitions by size and by their weights in all conditions but the last; packed by the weight in the last condition."""


class Condition(NamedTuple):
    """One condition a coalition must meet to win."""

    weights: Sequence[Number]  # (n,) weight of each member, ≥ 0
    quota: Number  # weight that must be reached, above 0


class Indices(NamedTuple):
    """Power of n members, exact."""

    swings: tuple[int, ...]  # coalitions of others that each turns from losing to winning
    banzhaf: tuple[Fraction, ...]  # share of all swings, sums to 1
    penrose: tuple[Fraction, ...]  # chance to be decisive when all others vote by the toss of a coin
    shapley_shubik: tuple[Fraction, ...]  # chance to be the one who turns the vote when all join in random order, sums to 1


class Sampled(NamedTuple):
    """Power of n members in each of D draws of the weights."""

    banzhaf: np.ndarray  # (D, n) share of all swings
    shapley_shubik: np.ndarray  # (D, n)
    banzhaf_error: float  # largest absolute change of any share when the steps are four times finer, in the draws checked
    shapley_shubik_error: float  # likewise


class _Game(NamedTuple):
    weights: tuple[tuple[int, ...], ...]  # of each member, one in each condition, the longest condition last
    quotas: tuple[int, ...]
    digit: int  # bits of a packed number of coalitions


def power_indices(weights: Sequence[Number], quota: Number) -> Indices:
    """Return both indices of a weighted voting game, exactly.

    Parameters
    ----------
    weights : (n,) real numbers
        Weight of each member, ≥ 0; floats are read as the decimals they print as.
    quota : real number
        Weight that must be reached to win, above 0 and at most the sum of the weights.

    Raises
    ------
    InputError
        If a number is out of range, or the weights are too long to be counted.
    """
    return joint_power_indices([Condition(weights, quota)])


def joint_power_indices(conditions: Iterable[Condition]) -> Indices:
    """Return both indices of a game whose winning coalitions must meet every one of several conditions, exactly.

    Parameters
    ----------
    conditions : iterable of Condition
        At least one; as `power_indices`, all for the same members.
    """
    game = _game(list(conditions))
    members = len(game.weights)
    by_size = _swings_by_listing(game) if _bits(game) > MOST_BITS else _swings_by_table(game)
    swings = tuple(sum(sizes) for sizes in by_size)
    orders = [Fraction(math.factorial(size) * math.factorial(members - 1 - size), math.factorial(members)) for size in range(members)]
    return Indices(
        swings=swings,
        banzhaf=tuple(Fraction(count, sum(swings)) for count in swings),
        penrose=tuple(Fraction(count, 2 ** (members - 1)) for count in swings),
        shapley_shubik=tuple(sum((o * count for o, count in zip(orders, sizes, strict=True)), Fraction(0)) for sizes in by_size),
    )


def _game(conditions: list[Condition]) -> _Game:
    if len({len(condition.weights) for condition in conditions}) != 1 or not len(conditions[0].weights):
        raise InputError("a voting game needs at least one condition and one member, and as many weights in every condition")
    whole = sorted((_whole(condition) for condition in conditions), key=lambda condition: sum(condition[0]))
    game = _Game(tuple(zip(*(weights for weights, _ in whole), strict=True)), tuple(quota for _, quota in whole), len(whole[0][0]) + 1)
    if (bits := _bits(game)) > MOST_BITS and len(game.weights) > MOST_LISTED:
        raise InputError(
            f"counting the coalitions would take 1e{math.log10(bits):.0f} bits, not 1e{math.log10(MOST_BITS):.0f}", "round the weights"
        )
    return game


def _bits(game: _Game) -> int:
    """Return an upper bound of the length of the table of coalitions."""
    return math.prod((sum(weights) + 1 for weights in zip(*game.weights, strict=True)), start=game.digit**2)


def _whole(condition: Condition) -> tuple[list[int], int]:
    """Write weights as integers without a common divisor, and the quota as the least integer that is enough."""
    weights, unit = as_integers(condition.weights, "a weight")
    quota = as_fraction(condition.quota, "the quota")
    if min(weights) < 0:
        raise InputError(f"weights must be at least 0, not {min(weights) * unit}")
    if not 0 < quota <= sum(weights) * unit:
        raise InputError(f"the quota must be above 0 and at most all weights, {sum(weights) * unit}, not {quota}")
    return weights, math.ceil(quota / unit)


def _swings_by_listing(game: _Game) -> list[list[int]]:
    """Count the swings of each member by size, going through all coalitions."""
    members = len(game.weights)
    coalitions = np.arange(1 << members)
    wins = np.ones(len(coalitions), bool)
    for weights, quota in zip(zip(*game.weights, strict=True), game.quotas, strict=True):
        wins &= (subset_sums(list(weights)) >= quota).astype(bool)
    sizes = np.bitwise_count(coalitions)
    swings = [sizes[wins & (coalitions >> member & 1 == 1) & ~wins[coalitions & ~(1 << member)]] for member in range(members)]
    return [np.bincount(joined, minlength=members + 1)[1:].tolist() for joined in swings]


def _swings_by_table(game: _Game) -> list[list[int]]:
    """Count the swings of each member by size, once for members of equal weights."""
    counts = _counts(game)
    by_kind = {kind: _swings_by_size(_without(counts, kind, game), kind, game) for kind in set(game.weights)}
    return [by_kind[kind] for kind in game.weights]


def _counts(game: _Game) -> Counts:
    counts: Counts = {(0,) * len(game.quotas): 1}
    for *outer, last in game.weights:
        joined: Counts = defaultdict(int, counts)
        for key, packed in counts.items():
            joined[_moved(key, outer, 1)] += packed << game.digit * last
        counts = dict(joined)
    return counts


def _without(counts: Counts, member: tuple[int, ...], game: _Game) -> Counts:
    """Take a member out: what was counted, less the coalitions without him that he joined."""
    *outer, last = member
    left: Counts = {}
    for key in sorted(counts):
        before = left.get(_moved(key, outer, -1), 0)
        if rest := counts[key] - (before << game.digit * last):
            left[key] = rest
    return left


def _moved(key: tuple[int, ...], outer: Sequence[int], step: int) -> tuple[int, ...]:
    return (key[0] + step, *(have + step * weight for have, weight in zip(key[1:], outer, strict=True)))


def _swings_by_size(others: Counts, member: tuple[int, ...], game: _Game) -> list[int]:
    """Count, by size, coalitions of others that win with the member, less those that win without him."""
    swings = [0] * len(game.weights)
    needed = [quota - weight for quota, weight in zip(game.quotas, member, strict=True)]
    for (size, *outer), packed in others.items():
        swings[size] += _meeting(outer, packed, needed, game.digit) - _meeting(outer, packed, game.quotas, game.digit)
    return swings


def _meeting(outer: list[int], packed: int, quotas: Sequence[int], digit: int) -> int:
    if any(have < quota for have, quota in zip(outer, quotas[:-1], strict=True)):
        return 0
    # The remainder by 2ᵈ − 1 is the sum of the digits of d bits, for there are fewer than 2ᵈ − 1 coalitions in all.
    return (packed >> digit * max(quotas[-1], 0)) % ((1 << digit) - 1)


def sampled_power_indices(weights: np.ndarray, share: float, least_members: int = 0, steps: int = 1000, checked: int = 20) -> Sampled:
    """Return both indices for every draw of uncertain weights.

    Parameters
    ----------
    weights : np.ndarray
        (D, n) weights ≥ 0 with a positive sum in each draw, for up to `MOST_DRAWN` members.
    share : float
        Share of all weight that must be reached to win, in (0, 1].
    least_members : int
        Members a winning coalition must have besides, 0 … n.
    steps : int
        Steps into which all weight of a draw is divided; a weight is rounded to the nearest.
    checked : int
        Draws, the first ones, in which the error of rounding is measured; at least 1.

    Raises
    ------
    InputError
        If an argument is out of range.
    """
    drawn = np.asarray(weights, float)
    _check_draws(drawn, share, least_members, steps, checked)
    found = _indices_of_draws(drawn, share, least_members, steps)
    finer = _indices_of_draws(drawn[:checked], share, least_members, FINER * steps)
    banzhaf_error, shapley_shubik_error = (float(np.abs(fine - rough[:checked]).max()) for fine, rough in zip(finer, found, strict=True))
    return Sampled(*found, banzhaf_error, shapley_shubik_error)


def _check_draws(drawn: np.ndarray, share: float, least_members: int, steps: int, checked: int) -> None:
    if drawn.ndim != 2 or not drawn.size or drawn.shape[1] > MOST_DRAWN:
        raise InputError(f"weights must be a table of draws by up to {MOST_DRAWN} members, not of shape {drawn.shape}")
    if not (np.isfinite(drawn).all() and (drawn >= 0).all() and (drawn.sum(axis=1) > 0).all()):
        raise InputError("weights must be finite, at least 0, and above 0 for someone in every draw")
    if not (0 < share <= 1 and 0 <= least_members <= drawn.shape[1]):
        raise InputError(f"needs a share in (0, 1] and 0 to {drawn.shape[1]} members, not {share} and {least_members}")
    if steps < 1 or checked < 1:
        raise InputError(f"needs at least 1 step and 1 draw checked, not {steps} and {checked}")


def _indices_of_draws(drawn: np.ndarray, share: float, least_members: int, steps: int) -> tuple[np.ndarray, np.ndarray]:
    members = drawn.shape[1]
    whole = np.rint(drawn / drawn.sum(axis=1, keepdims=True) * steps).astype(np.int64)
    if not whole.any(axis=1).all():
        raise InputError(f"{steps} steps round every weight to 0", "take more steps")
    # The quota is a share of the rounded weights, so that errors common to all of them cancel; rounding of the product must not decide.
    quotas = np.maximum(np.ceil(share * whole.sum(axis=1) - 1e-9).astype(np.int64), 1)
    places = _Places.of(members)
    by_size = np.stack([_drawn_swings(row, int(quota), least_members, places) for row, quota in zip(whole, quotas, strict=True)])
    orders = np.array([1 / (members * math.comb(members - 1, size)) for size in range(members)])
    swings = by_size.sum(axis=2)
    return swings / swings.sum(axis=1, keepdims=True), by_size @ orders


class _Places(NamedTuple):
    """Where in the table of counts the terms of Σ_k (−1)ᵏ F(s − k, x − k w) stand, all (s, k) with k ≤ s in a row."""

    row: np.ndarray  # s − k
    times: np.ndarray  # k
    sign: np.ndarray  # (−1)ᵏ
    starts: np.ndarray  # first term of each s
    number: np.ndarray  # (n,) coalitions of s others

    @classmethod
    def of(cls, members: int) -> _Places:
        size, times = np.tril_indices(members)
        number = np.array([math.comb(members - 1, others) for others in range(members)])
        return cls(size - times, times, 1 - 2 * (times % 2), np.flatnonzero(times == 0), number)


def _drawn_swings(weights: np.ndarray, quota: int, least_members: int, places: _Places) -> np.ndarray:
    """Count the swings of each member by size, (n, n), for integer weights."""
    members = len(weights)
    dual = int(weights.sum()) + 1 - quota
    lighter = _lighter(weights, min(quota, dual))
    below_quota = _others_lighter(lighter, np.full(members, min(quota, dual)), weights, places)
    below_need = _others_lighter(lighter, min(quota, dual) - weights, weights, places)
    if dual < quota:
        # Of a coalition and the others' remainder, one is heavy where the other is light; the light are fewer to count.
        below_quota, below_need = places.number - below_need[:, ::-1], places.number - below_quota[:, ::-1]
    if least_members:
        # With one member short, a coalition loses whatever its weight; with more missing, so does the larger one.
        below_quota[:, least_members - 1] = places.number[least_members - 1]
        below_need[:, : least_members - 1] = below_quota[:, : least_members - 1]
    return below_quota - below_need


def _lighter(weights: np.ndarray, quota: int) -> np.ndarray:
    """Return the number of coalitions of each size that weigh less than x, (n + 1, quota + 1), for x = 0 … quota."""
    counts = np.zeros((len(weights) + 1, quota + 1), np.int32 if len(weights) <= SHORT_COUNTS else np.int64)
    counts[0, 1] = 1
    heaviest = 0
    for done, weight in enumerate(np.sort(weights).tolist()):
        if weight < quota:
            heaviest = min(heaviest + weight, quota - 1)
            counts[1 : done + 2, 1 + weight : heaviest + 2] += counts[: done + 1, 1 : heaviest + 2 - weight]
    return np.cumsum(counts, axis=1, out=counts)


def _others_lighter(lighter: np.ndarray, bound: np.ndarray, weights: np.ndarray, places: _Places) -> np.ndarray:
    """Return, for each member and size, the coalitions of others that weigh less than a bound of his, (n, n).

    Coalitions with a member are those without him, shifted by his weight; so those without him are an alternating sum of all.
    """
    column = np.maximum(bound[:, None] - places.times * weights[:, None], 0)
    terms = lighter.ravel()[places.row * lighter.shape[1] + column] * places.sign
    return np.add.reduceat(terms, places.starts, axis=1)
