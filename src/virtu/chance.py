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
from collections.abc import Iterable
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
)
"""Every decision site. A draw at a site that is not registered is an error."""

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
