"""Chance keyed by name: one draw = f(seed, history, site, tick, slot).

Every random number of a run is the value of a counter-based generator (Threefry-2x32, Salmon et al. 2011) at a counter
made of *what the draw is for*: the key is folded from the seed, the number of the history and the name of the decision
site; the counter is the slot (a person, an office, or a pair of them) and the tick. No generator is ever advanced or
split, so an added draw, actor, measure or move changes nobody else's luck, and two arms that do the same thing are equal
bit for bit. Slots come from names, not from positions in a file, so the order of a file does not matter either.

This is the only file that touches `jax.random`.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import TypeAlias

import jax
import jax.numpy as jnp
from jax.extend.random import threefry_2x32

Key: TypeAlias = jax.Array
"""Two 32-bit words, shape (2,), dtype uint32."""

SITES: tuple[str, ...] = (
    "traits",
    "empathy type",
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
"""Every decision site of the organisation. A draw at a site that is not registered is an error."""


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


def history_key(seed: int, history: jax.Array) -> Key:
    """Return the key of one history.

    Parameters
    ----------
    seed : int
        Any integer from −2⁶³ to 2⁶⁴ − 1; 0 is a seed like any other.
    history : jax.Array
        Number of the history, shape (), integer.
    """
    words = jnp.array([seed & 0xFFFFFFFF, (seed >> 32) & 0xFFFFFFFF], jnp.uint32)
    number = jnp.asarray(history).astype(jnp.uint32)
    return threefry_2x32(words, jnp.stack([number, jnp.zeros_like(number)]))


def draws(key: Key, site: str, tick: jax.Array, slots: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Draw two independent uniform numbers for every slot.

    Parameters
    ----------
    key : Key
        Key of the history.
    site : str
        Name of the decision site, one of `SITES`.
    tick : jax.Array
        Tick, shape (), integer.
    slots : jax.Array
        Codes of the persons, offices or pairs that draw, any shape, uint32.

    Returns
    -------
    tuple of jax.Array
        Two arrays of the shape of `slots`, float32 in the open interval (0, 1).
    """
    if site not in SITES:
        raise KeyError(f"unregistered decision site {site!r}")
    site_key = threefry_2x32(key, jnp.array([code(site), 0], jnp.uint32))
    flat = slots.reshape(-1)
    ticks = jnp.broadcast_to(jnp.asarray(tick).astype(jnp.uint32), flat.shape)
    bits = threefry_2x32(site_key, jnp.concatenate([flat, ticks]))
    uniform = ((bits >> 9).astype(jnp.float32) + 0.5) * jnp.float32(2.0**-23)
    first, second = jnp.split(uniform, 2)
    return first.reshape(slots.shape), second.reshape(slots.shape)


def draw(key: Key, site: str, tick: jax.Array, slots: jax.Array) -> jax.Array:
    """Draw one uniform number in (0, 1) for every slot; see `draws`."""
    return draws(key, site, tick, slots)[0]


def normals(key: Key, site: str, tick: jax.Array, slots: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Draw two independent standard normal numbers for every slot (Box–Muller); see `draws`."""
    first, second = draws(key, site, tick, slots)
    radius = jnp.sqrt(-2.0 * jnp.log(first))
    angle = (2.0 * jnp.pi) * second
    return radius * jnp.cos(angle), radius * jnp.sin(angle)


def pair_slots(rows: jax.Array, columns: jax.Array) -> jax.Array:
    """Return a code for every ordered pair of slots, shape (rows, columns), uint32.

    The row is spread by an odd multiplier before the column is added, so that (a, b) and (b, a) differ.
    """
    return rows[:, None] * jnp.uint32(0x9E3779B1) + columns[None, :]


def gumbels(key: Key, site: str, tick: jax.Array, slots: jax.Array) -> jax.Array:
    """Draw a standard Gumbel number for every slot: the largest of score + Gumbel is a draw from softmax(score)."""
    return -jnp.log(-jnp.log(draw(key, site, tick, slots)))
