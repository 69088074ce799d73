"""One quantity of one actor: its value, with the margin in the same cell or in columns of their own."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from virtu.errors import Fault, InputError, Place
from virtu.scenario.stakeholders.columns import Columns
from virtu.scenario.tables import amounts
from virtu.scenario.tables.grid import Grid, Line

NORMAL = Decimal("1.96")
"""Half a 95 % range in standard deviations."""


class Stated(NamedTuple):
    """A quantity as it stands in the table, in the unit in which it is written."""

    value: Decimal
    low: Decimal
    high: Decimal
    percent: bool  # whether with percent signs
    where: Place
    text: str


class Blank(NamedTuple):
    """A cell without a value."""

    where: Place


class Cells(NamedTuple):
    """A line of the table, and how to read its numbers."""

    grid: Grid
    line: Line
    style: amounts.Style | None

    def text(self, column: int) -> str:
        """Return a cell; empty where the line is too short."""
        return self.line.cells[column] if column < len(self.line.cells) else ""

    def place(self, column: int) -> Place:
        """Return the place of a cell."""
        return self.grid.place(self.line, column)


def stated(cells: Cells, columns: Columns, what: str, faults: list[Fault]) -> Stated | Blank | None:
    """Read a quantity.

    Parameters
    ----------
    cells : Cells
        The line.
    columns : Columns
        Where value and margin stand.
    what : str
        Such as ``the capability of 'UK'``.
    faults : list of Fault
        Gets what is wrong.

    Returns
    -------
    Stated, Blank or None
        Blank where there is no value; None where there is one at fault.
    """
    column = columns["value"]
    where, text = cells.place(column), cells.text(column)
    shown, margin = amounts.split_margin(text)
    if amounts.is_missing(shown):
        return Blank(where)
    try:
        value = amounts.read(shown, cells.style)
        low, high = _range(cells, columns, value, margin)
    except InputError as error:
        faults.append(Fault(f"{what}: {error.message}", error.where or where, error.hint))
        return None
    if not low <= value.value <= high:
        faults.append(Fault(f"{what}, {shown}, lies outside its range {low} … {high}", where, "low ≤ value ≤ high"))
        return None
    return Stated(value.value, low, high, value.percent, where, shown)


def _range(cells: Cells, columns: Columns, value: amounts.Amount, margin: str | None) -> tuple[Decimal, Decimal]:
    """Return the ends of the 95 % range; both are the value where none is stated."""
    given = {part: column for part, column in columns.items() if part != "value" and not amounts.is_missing(cells.text(column))}
    if margin is not None:
        if given:
            raise InputError("a margin stands in the cell and in a column of its own", "give one of them")
        amount = amounts.read(margin, cells.style)
        if amount.percent and not value.percent:
            raise InputError(f"the margin {margin} has a percent sign and the value has none", "give the margin in the unit of the value")
        return _around(value, amount.value)
    ends = {part: _end(cells, column, value) for part, column in given.items()}
    if "margin" in ends or "sd" in ends:
        return _around(value, ends["margin"] if "margin" in ends else NORMAL * ends["sd"])
    return ends.get("low", value.value), ends.get("high", value.value)


def _around(value: amounts.Amount, half: Decimal) -> tuple[Decimal, Decimal]:
    if half < 0:
        raise InputError(f"the margin {half} is below 0")
    return value.value - half, value.value + half


def _end(cells: Cells, column: int, value: amounts.Amount) -> Decimal:
    where = cells.place(column)
    try:
        amount = amounts.read(cells.text(column), cells.style)
    except InputError as error:
        raise InputError(error.message, error.hint, where) from None
    if amount.percent != value.percent:
        raise InputError("value and margin are written one with a percent sign and one without", "write both alike", where)
    return amount.value
