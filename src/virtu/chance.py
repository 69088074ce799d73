"""Chance keyed by name: one draw = f(seed, history, site, tick, slot).

Every random number of a run is the value of a counter-based generator (Threefry-2x32 with 20 rounds; Salmon, Moraes, Dror &
Shaw 2011) at a counter made of *what the draw is for*: the key is folded from the seed, the number of the history and the
name of the decision site; the counter is the slot (a person, an office, or a pair of them) and the tick. No generator is ever
advanced or split, so an added draw, actor, measure or move changes nobody else's luck, and two arms that do the same thing
are equal bit for bit. Slots come from names, not from positions in a file, so the order of a file does not matter either.

Histories lie along the last axis everywhere. The generator is the one of `jax.random`, written out here because that one
takes a single key at a time and puts the batch of keys first; the tests compare the two bit for bit. No other file draws.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from typing import TypeAlias

import jax
import jax.numpy as jnp
import numpy as np

Key: TypeAlias = jax.Array
"""Two 32-bit words for each site and each of H histories, shape (2, sites, H), dtype uint32."""

SITES: tuple[str, ...] = (
    "traits",
    "natural death",
    "founder",
    "testament",
    "turnover",
    "applicants",
    "loyalty of applicants",
    "appointment",
    "agenda",
    "meeting",
    "vote",
    "estimate",
    "doubt",
    "move",
    "target",
    "side",
    "clients",
    "charge",
    "outer charge",
    "penalty",
    "result",
    "training",
    "shared experience",
    "game first",
    "game second",
    "street containability",
    "street estimate",
    "street activation",
    "street incidents",
    "street shots",
    "street victims",
    "street repression",
    "street council",
    "street tastes",
    "street say",
    "street revolt",
    "street persons",
)
"""Every decision site. A draw at a site that is not registered is an error."""

MOST_COUNTED = 12.0
"""Mean up to which a count is found by adding up chances; above, by its normal approximation with corrections."""

MOST_STEPS = 64
"""Steps of the sum of chances, many more than a count of such a mean ever needs."""

ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
PARITY = 0x1BD11BDA


def code(name: str) -> int:
    """Return the 32-bit code (CRC-32) of a name."""
    return zlib.crc32(name.encode())


def check_collisions(names: Iterable[str], what: str) -> None:
    """Raise ValueError if two names of one kind have the same code, which would make their luck the same.

    Parameters
    ----------
    names : iterable of str
        Names of sites, persons or offices.
    what : str
        What they name, for the message.
    """
    seen: dict[int, str] = {}
    for name in names:
        other = seen.setdefault(code(name), name)
        if other != name:
            raise ValueError(f"two {what} would share their chance: {other!r} and {name!r} have the same code; rename one")


check_collisions(SITES, "decision sites")


def threefry(key: jax.Array, first: jax.Array, second: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Encrypt two-word counters: Threefry-2x32, 20 rounds.

    Parameters
    ----------
    key : jax.Array
        Two words, shape (2, …, H), uint32; it broadcasts with the counters.
    first, second : jax.Array
        Words of the counters, shape (…, H), uint32.
    """
    words = (key[0], key[1], key[0] ^ key[1] ^ jnp.uint32(PARITY))
    one, two = first + words[0], second + words[1]
    for group in range(5):
        for by in ROTATIONS[group % 2]:
            one = one + two
            two = one ^ ((two << jnp.uint32(by)) | (two >> jnp.uint32(32 - by)))
        one, two = one + words[(group + 1) % 3], two + words[(group + 2) % 3] + jnp.uint32(group + 1)
    return one, two


def history_keys(seed: int, histories: jax.Array) -> Key:
    """Return the keys of histories, one for every site.

    Parameters
    ----------
    seed : int
        Any integer; its last 64 bits count. 0 is a seed like any other.
    histories : jax.Array
        Numbers of the histories, shape (H,), integer.
    """
    words = jnp.array([seed & 0xFFFFFFFF, (seed >> 32) & 0xFFFFFFFF], jnp.uint32)
    return seeded_keys(words, histories)


def seeded_keys(words: jax.Array, histories: jax.Array) -> Key:
    """Return the keys of histories from the two words of a seed, shape (2,) uint32; see `history_keys`."""
    number = histories.astype(jnp.uint32)
    mine = jnp.stack(threefry(words[:, None], number, jnp.zeros_like(number)))
    sites = jnp.array([code(name) for name in SITES], jnp.uint32)[:, None]
    sites = jnp.broadcast_to(sites, (len(SITES), *number.shape))
    return jnp.stack(threefry(mine, sites, jnp.zeros_like(sites)))


def draws(key: Key, sites: tuple[str, ...], tick: jax.Array | int, slots: jax.Array) -> dict[str, tuple[jax.Array, jax.Array]]:
    """Draw two independent uniform numbers for every slot at each of several sites.

    Sites that share their slots are drawn together because it is quicker; the numbers are the same one by one.

    Parameters
    ----------
    key : Key
        Keys of the histories, shape (2, sites, H).
    sites : tuple of str
        Names of decision sites, of `SITES`.
    tick : jax.Array or int
        Tick, shape ().
    slots : jax.Array
        Codes of the persons, offices or pairs that draw, shape (…, H) or (…, 1), uint32.

    Returns
    -------
    dict
        By site two arrays of shape (…, H), float32 in the open interval (0, 1).
    """
    unknown = set(sites) - set(SITES)
    if unknown:
        raise KeyError(f"unregistered decision sites: {', '.join(sorted(unknown))}")
    here = key[:, np.array([SITES.index(site) for site in sites])]
    here = here.reshape(2, len(sites), *(1,) * (slots.ndim - 1), key.shape[-1])
    now = jnp.full((), tick, jnp.uint32) if isinstance(tick, int) else tick.astype(jnp.uint32)
    shape = jnp.broadcast_shapes((len(sites), *slots.shape), here.shape[1:])
    counters = jnp.broadcast_to(slots, shape), jnp.broadcast_to(now, shape)
    # A branch the compiler cannot foresee; otherwise it copies all twenty rounds into every operation that uses a draw, pair by pair.
    words = jax.lax.cond(now < jnp.uint32(2**31), threefry, lambda *_: counters, here, *counters)
    first, second = (((word >> 9).astype(jnp.float32) + 0.5) * 2.0**-23 for word in words)
    return {site: (first[number], second[number]) for number, site in enumerate(sites)}


def draw(key: Key, site: str, tick: jax.Array | int, slots: jax.Array) -> jax.Array:
    """Draw one uniform number in (0, 1) for every slot; see `draws`."""
    return draws(key, (site,), tick, slots)[site][0]


def normals(uniforms: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
    """Return two independent standard normal numbers from two uniform ones in (0, 1) (Box & Muller 1958)."""
    radius = jnp.sqrt(-2.0 * jnp.log(uniforms[0]))
    angle = (2.0 * jnp.pi) * uniforms[1]
    return radius * jnp.cos(angle), radius * jnp.sin(angle)


def gumbels(key: Key, site: str, tick: jax.Array | int, slots: jax.Array) -> jax.Array:
    """Draw a standard Gumbel number for every slot: the largest of score + Gumbel is a draw from softmax(score)."""
    return -jnp.log(-jnp.log(draw(key, site, tick, slots)))


def pair_slots(rows: jax.Array, columns: jax.Array | np.ndarray) -> jax.Array:
    """Return a code for every ordered pair of slots, shape (rows, columns, H), from (rows, H) and (columns, H) or (…, 1).

    The row is spread by an odd multiplier before the column is added, so that (a, b) and (b, a) differ.
    """
    return rows[:, None] * jnp.uint32(0x9E3779B1) + columns[None, :]


def inverse(quantile: jax.Array, lots: jax.Array) -> jax.Array:
    """Return draws by an inverse distribution function that is given at K equally spaced probabilities (k + ½)/K.

    Parameters
    ----------
    quantile : jax.Array
        Values of the function, shape (…, K), ascending.
    lots : jax.Array
        Uniform numbers in (0, 1), shape (…, H).
    """
    knots = quantile.shape[-1]
    at = jnp.clip(lots * knots - 0.5, 0.0, knots - 1.0)
    low = jnp.floor(at).astype(jnp.int32)
    below = jnp.take_along_axis(quantile, low, axis=-1)
    above = jnp.take_along_axis(quantile, jnp.minimum(low + 1, knots - 1), axis=-1)
    return below + (at - low) * (above - below)


def poisson(lots: jax.Array, mean: jax.Array) -> jax.Array:
    """Return Poisson counts by their inverse distribution function: the larger the lot or the mean, the larger the count.

    Up to a mean of `MOST_COUNTED` chances are added up one after another, exact to the rounding of single precision. Above, the count is
    the Cornish-Fisher expansion of the normal quantile to the second order, rounded: its distribution function is off by less than
    4e-4 anywhere.

    Parameters
    ----------
    lots : jax.Array
        Uniform numbers in (0, 1), shape (…, H).
    mean : jax.Array
        ≥ 0, shape (…, H).

    Returns
    -------
    jax.Array
        Whole numbers as float32; exact up to 2²⁴.
    """
    few = mean <= MOST_COUNTED
    counted = jnp.where(few, mean, 0.0)
    exact = _added_up(lots, jnp.exp(-counted), lambda count: counted / count, few)
    variance = jnp.where(few, 1.0, mean)
    many = _expanded(lots, mean, variance, 1.0 / jnp.sqrt(variance), 1.0 / variance)
    return jnp.where(few, exact, jnp.maximum(many, 0.0))


def binomial(lots: jax.Array, count: jax.Array, share: jax.Array) -> jax.Array:
    """Return binomial counts by their inverse distribution function: the larger the lot, the number or the chance, the larger the count.

    A number that is not whole has its last person there with the chance of the fraction, so that the mean is number · chance always. The
    rarer of the two outcomes is counted; exactness is that of `poisson`.

    Parameters
    ----------
    lots : jax.Array
        Uniform numbers in (0, 1), shape (…, H).
    count : jax.Array
        ≥ 0, shape (…, H).
    share : jax.Array
        Chance of each, 0 … 1, shape (…, H).

    Returns
    -------
    jax.Array
        Whole numbers as float32, 0 … the number rounded up.
    """
    whole = jnp.floor(count)
    last = (count - whole) * share
    often = share > 0.5
    rare = jnp.where(often, 1.0 - share, share)
    odd = jnp.where(often, 1.0 - last, last)
    lot = jnp.where(often, 1.0 - lots, lots)
    few = whole * rare <= MOST_COUNTED
    counted = jnp.where(few, whole, 0.0)
    odds = rare / (1.0 - rare)
    none = jnp.exp(counted * jnp.log1p(-rare))
    exact = _added_up(lot, none, lambda number: odds * jnp.maximum(counted - number + 1.0, 0.0) / number, few, odd)
    variance = jnp.where(few, 1.0, whole * rare * (1.0 - rare) + odd * (1.0 - odd))
    skewness, bend = (1.0 - 2.0 * rare) / jnp.sqrt(variance), 1.0 - 6.0 * rare * (1.0 - rare)
    many = _expanded(lot, whole * rare + odd, variance, skewness, bend / variance)
    found = jnp.clip(jnp.where(few, exact, many), 0.0, whole + 1.0)
    return jnp.clip(jnp.where(often, whole + 1.0 - found, found), 0.0, jnp.ceil(count))


def _added_up(
    lots: jax.Array, none: jax.Array, ratio: Callable[[jax.Array], jax.Array], wanted: jax.Array, odd: jax.Array | float = 0.0
) -> jax.Array:
    """Return the least count whose chances add up to the lot; `ratio` is the chance of a count by that of one less.

    `odd` is the chance of one more, of whoever is there with another chance than the rest.
    """

    def unfinished(at: tuple[jax.Array, ...]) -> jax.Array:
        return jnp.any(at[4]) & (at[0] < MOST_STEPS)

    def one_more(at: tuple[jax.Array, ...]) -> tuple[jax.Array, ...]:
        step, count, chance, total, open_ = at
        following = chance * ratio(step + 1.0)
        total = total + (1.0 - odd) * following + odd * chance
        # Single precision cannot add what is left of the tail; nobody is sent beyond it.
        more = open_ & (total < lots) & (following > 1e-10)
        return step + 1.0, jnp.where(open_, step + 1.0, count), following, total, more

    shape = jnp.broadcast_shapes(lots.shape, none.shape)
    chance = jnp.broadcast_to(none, shape)
    total = (1.0 - odd) * chance
    start = jnp.float32(0.0), jnp.zeros(shape, jnp.float32), chance, total, wanted & (total < lots)
    return jax.lax.while_loop(unfinished, one_more, start)[1]


def _expanded(lots: jax.Array, mean: jax.Array, variance: jax.Array, skewness: jax.Array, kurtosis: jax.Array) -> jax.Array:
    """Return the quantile of a nearly normal count (Cornish & Fisher 1938, to the second order), rounded.

    Rounding adds 1/12 to a variance (Sheppard 1898), which is taken off beforehand.
    """
    z = jax.scipy.special.ndtri(lots)
    square = jnp.square(z)
    first = skewness * (square - 1.0) / 6.0
    second = kurtosis * z * (square - 3.0) / 24.0 - jnp.square(skewness) * z * (2.0 * square - 5.0) / 36.0
    return jnp.floor(mean + jnp.sqrt(variance - 1.0 / 12.0) * (z + first + second) + 0.5)


def sampler_keys(seed: int, chains: int) -> jax.Array:
    """Return a raw key of `jax.random` for each chain of a sampler that draws for itself, shape (chains, 2) uint32.

    Samplers of a posterior advance their own generators: nothing of a history depends on them.

    Parameters
    ----------
    seed : int
        Any integer; its last 32 bits count.
    chains : int
        Number of chains, at least 1.
    """
    return jax.random.key_data(jax.random.split(jax.random.key(seed & 0xFFFFFFFF), chains))
