"""Draws of an uncertain stakeholder table, paired: the same seed gives the same luck to the same number of the same actor.

A number with the value m and the range a … b is drawn as m + z (m − a)/1.96 for z < 0 and m + z (b − m)/1.96 for z > 0, z standard
normal: its median is the value, and 95 % of the draws lie in the range. Draws are cut at the ends of the scale and of salience, and
capability and salience at a hundredth of their value, so that nobody who counts comes to count for nothing by chance.

The luck z of a number is a function of the seed, the number of the draw, and the names of actor, issue and kind of number. Adding,
dropping or changing an actor therefore leaves the luck of all others as it was.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from virtu import chance
from virtu.scenario.stakeholders import Quantity, Stakeholders

NORMAL = 1.96
"""Half a 95 % range in standard deviations."""

LEAST = 0.01
"""Least part of its value that a drawn capability or salience keeps."""


class Sample(NamedTuple):
    """D draws of a table of A actors and I issues."""

    position: np.ndarray  # (D, A, I) on the scales
    capability: np.ndarray  # (D, A) ≥ 0
    salience: np.ndarray  # (D, A, I) 0 … 1

    def weight(self, issue: int) -> np.ndarray:
        """Return capability × salience on an issue, (D, A)."""
        return self.capability * self.salience[..., issue]


def point(table: Stakeholders) -> Sample:
    """Return the values of the table as its one draw."""
    position, capability, salience = (np.array(part) for part in (table.position, table.capability, table.salience))
    return Sample(position[None, ..., 0], capability[None, ..., 0], salience[None, ..., 0])


def luck(table: Stakeholders, draws: int, seed: int) -> Sample:
    """Return a standard normal number for each number of the table in each draw, in the places of the numbers.

    Parameters
    ----------
    table : Stakeholders
        Only the names of its actors and issues count.
    draws : int
        How many, ≥ 1.
    seed : int
        Any integer; 0 is a seed like any other.
    """
    issues = len(table.issues)
    kinds = [f"{kind}\0{issue}" for kind in ("position", "salience") for issue in table.issues]
    names = [f"{actor}\0{kind}" for actor in table.actors for kind in ("capability", *kinds)]
    # Each name has a key of its own of 64 bits: its code, and that of the name read backwards.
    codes = np.array([[chance.code(name[::step]) for name in names] for step in (1, -1)], np.uint32)
    words = np.array([seed & 0xFFFFFFFF, (seed >> 32) & 0xFFFFFFFF], np.uint32)
    normal = np.asarray(_normals(words, codes, np.arange(draws, dtype=np.uint32)), float).reshape(draws, len(table.actors), 1 + 2 * issues)
    return Sample(normal[..., 1 : 1 + issues], normal[..., 0], normal[..., 1 + issues :])


@jax.jit
def _normals(words: jax.Array, codes: jax.Array, numbers: jax.Array) -> jax.Array:
    """Return standard normal numbers, shape (draws, names), float32."""
    key = jnp.stack(chance.threefry(words[:, None], codes[0], codes[1]))
    lots = chance.threefry(key[:, None], *jnp.broadcast_arrays(numbers[:, None], jnp.zeros_like(codes[:1])))
    uniform, other = (((word >> 9).astype(jnp.float32) + 0.5) * 2.0**-23 for word in lots)
    return chance.normals((uniform, other))[0]


def drawn(table: Stakeholders, by: Sample) -> Sample:
    """Return draws of the table.

    Parameters
    ----------
    table : Stakeholders
        The table with its ranges.
    by : Sample
        Its `luck`; the same for all tables that are to be compared.
    """
    bounds = np.array([(scale.low, scale.high) for scale in table.scale])
    position = np.clip(_moved(table.position, by.position), bounds[:, 0], bounds[:, 1])
    capability = _kept(table.capability, _moved(table.capability, by.capability))
    salience = np.minimum(_kept(table.salience, _moved(table.salience, by.salience)), 1.0)
    return Sample(position, capability, salience)


def with_uncertainty(table: Stakeholders, share: float) -> Stakeholders:
    """Return the table with a range for every number that has none.

    Parameters
    ----------
    table : Stakeholders
        The table.
    share : float
        Half the 95 % range, > 0: of the value for capability and salience, of the scale for positions.
    """

    def ranged(one: Quantity, half: float) -> Quantity:
        return Quantity(one.value, one.value - half, one.value + half) if one.certain else one

    lengths = [scale.length for scale in table.scale]
    return table._replace(
        capability=tuple(ranged(one, share * one.value) for one in table.capability),
        position=tuple(tuple(ranged(one, share * length) for one, length in zip(row, lengths, strict=True)) for row in table.position),
        salience=tuple(tuple(ranged(one, share * one.value) for one in row) for row in table.salience),
    )


def is_uncertain(table: Stakeholders) -> bool:
    """Return whether any number of the table has a range."""
    rows = (*table.position, *table.salience, table.capability)
    return not all(one.certain for row in rows for one in row)


def _moved(quantities: tuple, by: np.ndarray) -> np.ndarray:
    """Return value and luck put together, draws along the first axis."""
    value, low, high = np.moveaxis(np.array(quantities), -1, 0)
    return value + by * np.where(by < 0.0, value - low, high - value) / NORMAL


def _kept(quantities: tuple, moved: np.ndarray) -> np.ndarray:
    return np.maximum(moved, LEAST * np.array(quantities)[..., 0])
