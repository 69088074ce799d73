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

Key: TypeAlias = jax.Array
"""Two 32-bit words for each of H histories, shape (2, H), dtype uint32."""

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


def threefry(key: tuple[jax.Array, jax.Array], first: jax.Array, second: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Encrypt a two-word counter: Threefry-2x32, 20 rounds.

    Parameters
    ----------
    key : tuple of jax.Array
        Two words, uint32; they broadcast with the counter.
    first, second : jax.Array
        Words of the counter, uint32.
    """
    words = (*key, key[0] ^ key[1] ^ jnp.uint32(PARITY))
    first, second = first + words[0], second + words[1]
    for group in range(5):
        for turn in ROTATIONS[group % 2]:
            first = first + second
            second = first ^ ((second << turn) | (second >> (32 - turn)))
        first = first + words[(group + 1) % 3]
        second = second + words[(group + 2) % 3] + jnp.uint32(group + 1)
    return first, second


def history_keys(seed: int, histories: jax.Array) -> Key:
    """Return the keys of histories.

    Parameters
    ----------
    seed : int
        Any integer; its last 64 bits count. 0 is a seed like any other.
    histories : jax.Array
        Numbers of the histories, shape (H,), integer.
    """
    words = (jnp.uint32(seed & 0xFFFFFFFF), jnp.uint32((seed >> 32) & 0xFFFFFFFF))
    return seeded_keys(jnp.stack(words), histories)


def seeded_keys(words: jax.Array, histories: jax.Array) -> Key:
    """Return the keys of histories from the two words of a seed, shape (2,) uint32; see `history_keys`."""
    number = histories.astype(jnp.uint32)
    return jnp.stack(threefry((words[0], words[1]), number, jnp.zeros_like(number)))


def draws(key: Key, site: str, tick: jax.Array | int, slots: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Draw two independent uniform numbers for every slot.

    Parameters
    ----------
    key : Key
        Keys of the histories, shape (2, H).
    site : str
        Name of the decision site, one of `SITES`.
    tick : jax.Array or int
        Tick, shape ().
    slots : jax.Array
        Codes of the persons, offices or pairs that draw, shape (…, H) or (…, 1), uint32.

    Returns
    -------
    tuple of jax.Array
        Two arrays of shape (…, H), float32 in the open interval (0, 1).
    """
    if site not in SITES:
        raise KeyError(f"unregistered decision site {site!r}")
    site_key = threefry((key[0], key[1]), jnp.full_like(key[0], code(site)), jnp.zeros_like(key[0]))
    now = jnp.full((), tick, jnp.uint32) if isinstance(tick, int) else tick.astype(jnp.uint32)
    shape = jnp.broadcast_shapes(slots.shape, key[0].shape)
    words = threefry(site_key, jnp.broadcast_to(slots, shape), jnp.broadcast_to(now, shape))
    first, second = (((word >> 9).astype(jnp.float32) + 0.5) * 2.0**-23 for word in words)
    return first, second


def draw(key: Key, site: str, tick: jax.Array | int, slots: jax.Array) -> jax.Array:
    """Draw one uniform number in (0, 1) for every slot; see `draws`."""
    return draws(key, site, tick, slots)[0]


def normals(key: Key, site: str, tick: jax.Array | int, slots: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Draw two independent standard normal numbers for every slot (Box & Muller 1958); see `draws`."""
    first, second = draws(key, site, tick, slots)
    radius = jnp.sqrt(-2.0 * jnp.log(first))
    angle = (2.0 * jnp.pi) * second
    return radius * jnp.cos(angle), radius * jnp.sin(angle)


def gumbels(key: Key, site: str, tick: jax.Array | int, slots: jax.Array) -> jax.Array:
    """Draw a standard Gumbel number for every slot: the largest of score + Gumbel is a draw from softmax(score)."""
    return -jnp.log(-jnp.log(draw(key, site, tick, slots)))


def pair_slots(rows: jax.Array, columns: jax.Array) -> jax.Array:
    """Return a code for every ordered pair of slots, shape (rows, columns, H), from (rows, H) and (columns, H) or (…, 1).

    The row is spread by an odd multiplier before the column is added, so that (a, b) and (b, a) differ.
    """
    return rows[:, None] * jnp.uint32(0x9E3779B1) + columns[None, :]
