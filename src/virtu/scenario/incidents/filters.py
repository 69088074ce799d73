"""Which lines of a table are read: ``type=riot``, ``type=riot|lynching``, ``type!=war``, ``date!=``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from virtu.errors import Fault, InputError, did_you_mean
from virtu.scenario.incidents.columns import column_of
from virtu.scenario.tables.amounts import is_missing
from virtu.scenario.tables.grid import Grid, Line


class Filter(NamedTuple):
    """A condition a line must meet."""

    text: str  # as given
    column: int
    values: frozenset[str]  # as `alike` writes them; one of them is empty where an empty cell is meant
    wanted: bool  # whether the cell must be one of the values, or must not


def alike(text: str) -> str:
    """Return a cell in small letters with single spaces, and one that says nothing as empty, so that what means the same is the same."""
    return "" if is_missing(text) else " ".join(text.split()).casefold()


def filters(grid: Grid, texts: Iterable[str], faults: list[Fault]) -> list[Filter]:
    """Read conditions, and report those that name no column, or a value that no line has.

    Parameters
    ----------
    grid : Grid
        The table.
    texts : iterable of str
        Such as ``type=riot|lynching``.
    faults : list of Fault
        Gets what is wrong.
    """
    found = []
    for text in texts:
        heading, sign, values = text.partition("=")
        if not sign or not heading.strip(" !"):
            raise InputError(f"{text!r} is no condition", "write it as in --where type=riot, or type!=riot for all others")
        column = column_of(grid, heading.removesuffix("!").strip(), "--where", faults)
        if column is not None:
            one = Filter(text, column, frozenset(alike(value) for value in values.split("|")), not heading.endswith("!"))
            faults += _never_met(grid, one)
            found.append(one)
    return found


def kept(line: Line, conditions: Sequence[Filter]) -> bool:
    """Return whether a line meets all conditions."""
    return all((alike(line.cells[one.column] if one.column < len(line.cells) else "") in one.values) == one.wanted for one in conditions)


def _never_met(grid: Grid, one: Filter) -> list[Fault]:
    """Return a fault for each value that no line has."""
    lines = grid.lines[grid.heading + 1 :]
    there = {alike(line.cells[one.column]) for line in lines if one.column < len(line.cells)} | {""}
    heading = grid.lines[grid.heading].cells[one.column]
    where = grid.place(grid.lines[grid.heading], one.column)
    missing = sorted(one.values - there)
    return [
        Fault(f"--where {one.text}: no line has {value!r} as {heading!r}", where, did_you_mean(value, there - {""})) for value in missing
    ]
