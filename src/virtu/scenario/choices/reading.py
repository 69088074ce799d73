"""Reading a table of choices: all that is wrong with it is reported at once, each fault with its file, line and column."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from virtu.errors import Fault, InputError, Place, did_you_mean
from virtu.scenario.choices.columns import Column
from virtu.scenario.tables import amounts
from virtu.scenario.tables.grid import Grid, Line, Sort, read_grid
from virtu.scenario.tables.headings import plain
from virtu.scenario.tables.refusal import refuse

MOST_BYTES = 100_000_000
"""Largest file that is read."""

Value = Any
"""A name or word (str), a number (float), payoffs (tuple of tuples of float), or None for an empty cell that may be empty."""


class Row(NamedTuple):
    """What a line says."""

    line: int
    values: Mapping[str, Value]  # by column, for those that are there


class Table(NamedTuple):
    """A table that was read."""

    file: str
    rows: tuple[Row, ...]
    columns: Mapping[str, int]  # where those are that are there, from 0

    def fault(self, row: Row, column: str, message: str, hint: str = "") -> Fault:
        """Return a fault of a cell; of the line where the column is not there."""
        at = self.columns.get(column)
        return Fault(message, Place(self.file, row.line, None if at is None else at + 1), hint)


def read(path: Path | str, columns: Sequence[Column], about: str) -> Table:
    """Read a table.

    Parameters
    ----------
    path : Path or str
        CSV with comma, semicolon, tab or bar, or an Excel workbook. Columns may come in any order; others are left aside.
    columns : sequence of Column
        What is looked for.
    about : str
        What sort of table it is, such as ``table of choices``.

    Raises
    ------
    ScenarioError
        With all faults of the table, each with file, line and column.
    InputError
        If the file cannot be read.
    """

    def recognised(cells: Sequence[str]) -> int:
        said = {plain(cell) for cell in cells}
        return sum(plain(column.name) in said for column in columns)

    needed = ", ".join(column.name for column in columns if column.needed)
    grid = read_grid(Path(path), Sort(about, recognised, 2, needed, MOST_BYTES))
    faults: list[Fault] = []
    places = _places(grid, columns, needed, faults)
    refuse(faults)
    lines = grid.lines[grid.heading + 1 :]
    if not lines:
        raise InputError(f"the {about} has no lines below its headings", where=grid.place(grid.lines[grid.heading]))
    rows = tuple(_rows(grid, lines, {column: places[column.name] for column in columns if column.name in places}, faults))
    refuse(faults)
    return Table(grid.file, rows, places)


def _places(grid: Grid, columns: Sequence[Column], needed: str, faults: list[Fault]) -> dict[str, int]:
    """Return where the columns are, and report those that are missing or there twice."""
    line = grid.lines[grid.heading]
    said = [plain(cell) for cell in line.cells]
    found: dict[str, int] = {}
    for column in columns:
        at = [place for place, heading in enumerate(said) if heading == plain(column.name)]
        if at:
            found[column.name] = at[0]
        if len(at) > 1:
            faults.append(Fault(f"two columns are called {column.name!r}", grid.place(line, at[1]), "rename one"))
        if not at and column.needed:
            near = did_you_mean(column.name, [cell for cell in line.cells if cell])
            hint = near if near.startswith("did you") else f"these are needed: {needed}"
            faults.append(Fault(f"the table has no column {column.name!r} ({column.about})", grid.place(line), hint))
    return found


def _rows(grid: Grid, lines: Sequence[Line], columns: Mapping[Column, int], faults: list[Fault]) -> Iterator[Row]:
    numbers = [column for column in columns if column.kind in ("number", "payoffs")]
    style = amounts.style_of(
        part for line in lines for column in numbers for part in _cell(line, columns[column]).replace(";", " ").split()
    )
    for line in lines:
        values: dict[str, Value] = {}
        for column, place in columns.items():
            try:
                values[column.name] = _value(_cell(line, place), column, style)
            except InputError as error:
                faults.append(Fault(error.message, grid.place(line, place), error.hint))
                values[column.name] = None
        yield Row(line.number, values)


def _cell(line: Line, column: int) -> str:
    return line.cells[column] if column < len(line.cells) else ""


def _value(text: str, column: Column, style: amounts.Style | None) -> Value:
    """Return what a cell says."""
    if amounts.is_missing(text):
        if column.needed:
            raise InputError(f"the cell says nothing: {column.about}", "leave the line out if it is not known")
        return None
    if column.kind == "name":
        return " ".join(text.split())
    if column.kind == "word":
        return _word(text, column)
    return _payoffs(text, style) if column.kind == "payoffs" else _number(text, column, style)


def _word(text: str, column: Column) -> str:
    said = text.casefold().strip()
    whole = said.removesuffix(".0")
    if whole in column.words:
        return whole
    raise InputError(f"{amounts.shortened(text)} is not one of {', '.join(column.words)}: {column.about}")


def _number(text: str, column: Column, style: amounts.Style | None) -> float:
    amount = amounts.read(text, style)
    value = float(amount.value) / (100.0 if amount.percent else 1.0)
    if not column.low <= value <= column.high:
        ends = f"at least {column.low:g}" if math.isinf(column.high) else f"{column.low:g} to {column.high:g}"
        raise InputError(f"{column.name} must be {ends}, not {text}", column.about)
    return value


def _payoffs(text: str, style: amounts.Style | None) -> tuple[tuple[float, ...], ...]:
    """Return the payoffs of a game, rows parted by semicolons and columns by spaces."""
    rows = tuple(tuple(float(amounts.read(part, style).value) for part in row.split()) for row in text.split(";"))
    if len(rows) < 2 or len({len(row) for row in rows}) > 1 or not rows[0]:
        raise InputError(f"{amounts.shortened(text)} is not a table of payoffs", "rows of equal length parted by semicolons, as '3 0; 5 1'")
    return rows
