"""The stakeholder table: who sits at the table, with what capability, positions and saliences."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import NamedTuple

import numpy as np

from virtu.errors import InputError, Place

LOWEST, HIGHEST = 0.0, 100.0
"""Scale of a dimension where none is given."""
ROUNDING = 1e-9
"""By how much total salience may pass 1, as sums of decimals do."""


class Table(NamedTuple):
    """Actors at a table; for draws of uncertain inputs each array carries the draws along one more, last axis."""

    position: np.ndarray  # (actors, dimensions), within the scale
    capability: np.ndarray  # (actors,), ≥ 0: who has none is not at the table
    salience: np.ndarray  # (actors, dimensions), in [0, 1], with a sum in (0, 1] for each actor
    names: tuple[str, ...] = ()  # of the actors; their numbers by default
    dimensions: tuple[str, ...] = ()  # names of the dimensions; their numbers by default
    scale: tuple[tuple[float, float], ...] = ()  # lowest and highest position of each dimension; 0 and 100 by default


def read_table(path: Path) -> Table:
    """Read a table in the CSV format of the KTAB programs.

    The first line gives, last, the numbers of actors and of dimensions; the second the headings; then one line an actor: name,
    description, influence, and a position (0 to 100) and a salience (percent) for each dimension.

    Parameters
    ----------
    path : Path
        The file.

    Raises
    ------
    InputError
        If the file does not keep the format, or the numbers are out of range; with the line.
    """
    with path.open(newline="", encoding="utf-8") as file:
        lines = [[cell.strip() for cell in line if cell.strip()] for line in csv.reader(file)]
    try:
        actors, dimensions = (int(cell) for cell in lines[0][-2:])
        heads, rows = lines[1], lines[2 : 2 + actors]
    except (IndexError, ValueError):
        hint = "as in: scenario, description, 13, 2"
        raise InputError("the first line must end with the numbers of actors and of dimensions", hint, Place(str(path), 1)) from None
    if len(rows) != actors:
        raise InputError(f"the first line announces {actors} actors, but {len(rows)} follow", where=Place(str(path), 1))
    numbers = np.array([_numbers(row, dimensions, Place(str(path), 3 + line)) for line, row in enumerate(rows)])
    names = tuple(row[0] for row in rows)
    labels = tuple(head.removesuffix(" Position") for head in heads[3 : 3 + 2 * dimensions : 2])
    return checked_table(Table(numbers[:, 1::2], numbers[:, 0], numbers[:, 2::2] / 100, names, labels))


def _numbers(row: list[str], dimensions: int, where: Place) -> list[float]:
    wanted = 1 + 2 * dimensions
    try:
        found = [float(cell) for cell in row[2:]]
    except ValueError:
        raise InputError(f"influence, positions and saliences must be numbers, but the line reads {', '.join(row)}", where=where) from None
    if len(found) != wanted:
        raise InputError(f"{wanted} numbers must follow name and description, but there are {len(found)}", where=where)
    return found


def checked_table(table: Table) -> Table:
    """Return the table with arrays of floats, names and scales filled in, or say what is wrong with it.

    Raises
    ------
    InputError
        If shapes disagree, numbers are not finite or out of range, names are not unique, or fewer than two actors have capability.
    """
    position, capability, salience = (np.asarray(part, np.float64) for part in table[:3])
    _check_shapes(position, capability, salience)
    actors, dimensions = position.shape[:2]
    names = table.names or tuple(str(number) for number in range(actors))
    labels = table.dimensions or tuple(str(number) for number in range(dimensions))
    scale = table.scale or ((LOWEST, HIGHEST),) * dimensions
    if (len(names), len(labels), len(scale)) != (actors, dimensions, dimensions):
        raise InputError(f"{actors} actors and {dimensions} dimensions need as many names and scales")
    if len(set(names)) < actors:
        raise InputError(f"names of actors must differ, but {max(names, key=names.count)!r} stands there twice")
    whole = Table(position, capability, salience, names, labels, scale)
    _check_ranges(whole)
    return whole


def _check_shapes(position: np.ndarray, capability: np.ndarray, salience: np.ndarray) -> None:
    if position.ndim not in (2, 3) or salience.shape != position.shape or capability.shape != position.shape[:1] + position.shape[2:]:
        found = f"{position.shape}, {capability.shape} and {salience.shape}"
        raise InputError(
            f"position, capability and salience have the shapes {found}", "wanted: (actors, dimensions), (actors,), (actors, dimensions)"
        )
    if not all(np.isfinite(part).all() for part in (position, capability, salience)):
        raise InputError("positions, capabilities and saliences must be finite numbers")


def _check_ranges(table: Table) -> None:
    if any(low >= high for low, high in table.scale):
        raise InputError(f"a scale must rise from its lowest to its highest position, but they are {table.scale}")
    inside = unit_positions(table)
    faults = {
        "positions must lie within the scale": (inside < 0) | (inside > 1),
        "capability must be 0 or more": table.capability < 0,
        "salience must be 0 or more": table.salience < 0,
        "total salience must be more than 0 and at most 1": (table.salience.sum(1) <= 0) | (table.salience.sum(1) > 1 + ROUNDING),
    }
    for rule, broken in faults.items():
        if broken.any():
            raise InputError(f"{rule}, unlike that of {table.names[int(np.argwhere(broken)[0, 0])]!r}")
    if ((table.capability > 0).sum(0) < 2).any():
        raise InputError("at least two actors need capability", "with fewer there is nobody to bargain with")


def unit_positions(table: Table) -> np.ndarray:
    """Return the positions in units of their scales, 0 at the lowest and 1 at the highest, in the shape they have."""
    low, high = _bounds(table)
    return (table.position - low) / (high - low)


def on_scale(table: Table, position: np.ndarray) -> np.ndarray:
    """Return positions in units of their scales as positions on the scales; dimensions lie along the last axis."""
    low, high = np.array(table.scale, np.float64).T
    return low + position * (high - low)


def _bounds(table: Table) -> tuple[np.ndarray, np.ndarray]:
    low, high = np.array(table.scale, np.float64).T
    beyond = (slice(None),) + (None,) * (table.position.ndim - 2)
    return low[beyond], high[beyond]


def drawn(table: Table, draws: int, seed: int, position: float = 0.05, capability: float = 0.2, salience: float = 0.2) -> Table:
    """Return draws of a table whose numbers are uncertain.

    Parameters
    ----------
    table : Table
        The best guess.
    draws : int
        How many, at least 1.
    seed : int
        Seed of the draws.
    position : float
        Standard deviation of positions, share of the scale; they stay on it.
    capability, salience : float
        Standard deviation of the logarithms; where total salience passes 1 it is brought back to 1.

    Returns
    -------
    Table
        With draws along the last axis.
    """
    best = checked_table(table)
    noise = np.random.default_rng(seed)
    low, high = _bounds(best)
    moved = best.position[..., None] + position * (high - low)[..., None] * noise.standard_normal((*best.position.shape, draws))
    power = best.capability[:, None] * np.exp(capability * noise.standard_normal((len(best.capability), draws)))
    cares = best.salience[..., None] * np.exp(salience * noise.standard_normal((*best.salience.shape, draws)))
    cares /= np.maximum(cares.sum(1, keepdims=True), 1)
    return best._replace(position=np.clip(moved, low[..., None], high[..., None]), capability=power, salience=cares)


def draw_of(table: Table, number: int) -> Table:
    """Return one draw of a table with draws along the last axis; a number beyond them raises an IndexError."""
    return table._replace(**{name: getattr(table, name)[..., number] for name in ("position", "capability", "salience")})
