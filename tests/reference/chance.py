"""Threefry-2x32 in whole numbers of Python, and the draws made of it."""

from __future__ import annotations

import math
import zlib
from functools import cache

Words = tuple[int, int]

WORD = 0xFFFFFFFF
PARITY = 0x1BD11BDA
ROTATIONS = (13, 15, 26, 6, 17, 29, 16, 24)
SPREAD = 0x9E3779B1


def threefry(key: Words, counter: Words) -> Words:
    """Encrypt a counter with 20 rounds; the key is added before the first round and after every fourth."""
    schedule = (key[0], key[1], key[0] ^ key[1] ^ PARITY)
    one, two = (counter[0] + schedule[0]) & WORD, (counter[1] + schedule[1]) & WORD
    for number in range(20):
        by = ROTATIONS[number % 8]
        one = (one + two) & WORD
        two = one ^ (((two << by) | (two >> (32 - by))) & WORD)
        if number % 4 == 3:
            step = number // 4 + 1
            one = (one + schedule[step % 3]) & WORD
            two = (two + schedule[(step + 1) % 3] + step) & WORD
    return one, two


@cache
def history_key(seed: int, history: int) -> Words:
    """Return the two words of a history."""
    return threefry((seed & WORD, (seed >> 32) & WORD), (history, 0))


def code(name: str) -> int:
    return zlib.crc32(name.encode())


@cache
def site_key(history: Words, site: str) -> Words:
    """Return the two words of a decision site in a history."""
    return threefry(history, (code(site), 0))


def pair_slot(row: int, column: int) -> int:
    """Return the code of an ordered pair of slots."""
    return (row * SPREAD + column) & WORD


def uniforms(history: Words, site: str, tick: int, slot: int) -> tuple[float, float]:
    """Draw two numbers: the upper 23 bits of each word, in the middle of their interval."""
    one, two = threefry(site_key(history, site), (slot, tick))
    return ((one >> 9) + 0.5) / 2**23, ((two >> 9) + 0.5) / 2**23


def normals(history: Words, site: str, tick: int, slot: int) -> tuple[float, float]:
    """Draw two standard normal numbers."""
    one, two = uniforms(history, site, tick, slot)
    radius = math.sqrt(-2.0 * math.log(one))
    return radius * math.cos(2.0 * math.pi * two), radius * math.sin(2.0 * math.pi * two)


def gumbel(history: Words, site: str, tick: int, slot: int) -> float:
    """Draw a standard Gumbel number."""
    return -math.log(-math.log(uniforms(history, site, tick, slot)[0]))
