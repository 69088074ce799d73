"""The cells of a file, with their lines: CSV with any of the usual delimiters, or the first sheet of an Excel workbook."""

from __future__ import annotations

import codecs
import csv
import io
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from virtu.errors import InputError, Place

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
EXCEL = (".xlsx", ".xlsm", ".xls", ".ods")
FIRST_LINES = 12
"""Lines among which the headings are looked for."""


class Sort(NamedTuple):
    """What sort of table is looked for in a file."""

    name: str  # such as "table of stakeholders"
    recognised: Callable[[Sequence[str]], int]  # how many different things the cells of a line name, if they are headings
    least: int  # how many of them a line of headings names
    columns: str  # what the headings are, for a file that holds nothing
    most_bytes: int  # largest file that is read


class Line(NamedTuple):
    """A line of cells that are not all empty."""

    number: int  # 1-based; of the first line where a cell in quotes has several
    cells: tuple[str, ...]


class Grid(NamedTuple):
    """All lines of a file that say something, and which of them holds the headings."""

    file: str
    lines: tuple[Line, ...]
    heading: int  # index of the line with the headings

    def place(self, line: Line, column: int | None = None) -> Place:
        """Return the place of a cell, its column counted from 0."""
        return Place(self.file, line.number, None if column is None else column + 1)


def read_grid(path: Path, sort: Sort) -> Grid:
    """Read a file.

    Parameters
    ----------
    path : Path
        CSV in UTF-8 or UTF-16, or an Excel workbook.
    sort : Sort
        The sort of table that is looked for.

    Raises
    ------
    InputError
        If it cannot be read, or holds nothing.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"the table cannot be read: {error.strerror or error}", where=Place(str(path))) from None
    if len(content) > sort.most_bytes:
        raise InputError(f"the file has {len(content):,} bytes, more than any {sort.name}", where=Place(str(path)))
    grids = [_workbook(path, content)] if path.suffix.lower() in EXCEL else _by_delimiter(path, content)
    best = max(grids, key=lambda grid: _likelihood(grid.lines, sort))
    if not best.lines:
        raise InputError("the table is empty", f"the first line names the columns: {sort.columns}", Place(str(path)))
    scores = [sort.recognised(line.cells) for line in best.lines[:FIRST_LINES]]
    return best._replace(heading=next((place for place, score in enumerate(scores) if score >= sort.least), 0))


def _likelihood(lines: tuple[Line, ...], sort: Sort) -> tuple[int, int]:
    """Return how well the lines look as cut by this delimiter: headings that are recognised, then cells."""
    return max((sort.recognised(line.cells) for line in lines[:FIRST_LINES]), default=0), sum(len(line.cells) for line in lines)


def _by_delimiter(path: Path, content: bytes) -> list[Grid]:
    text = _decoded(path, content)
    grids, wrong = [], None
    for delimiter in DELIMITERS:
        try:
            grids.append(Grid(str(path), tuple(_lines(text, delimiter)), 0))
        except csv.Error as error:
            wrong = error
    if not grids:
        raise InputError(f"the quotes of the file do not pair up: {wrong}", "a quote within quotes is written twice", Place(str(path)))
    return grids


def _decoded(path: Path, content: bytes) -> str:
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        wrong = "the file breaks off within a character" if wide else f"byte 0x{content[error.start]:02x} is not UTF-8"
        raise InputError(wrong, "save the table as CSV UTF-8", Place(str(path), line)) from None


def _lines(text: str, delimiter: str) -> Iterator[Line]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True)
    start = 1
    for cells in reader:
        tidy = tuple(cell.strip() for cell in cells)
        if any(tidy) and not tidy[0].startswith("#"):
            yield Line(start, tidy)
        start = reader.line_num + 1


def _workbook(path: Path, content: bytes) -> Grid:
    if path.suffix.lower() not in (".xlsx", ".xlsm"):
        raise InputError(f"{path.suffix} files are not read", "save the table as .xlsx or as CSV UTF-8", Place(str(path)))
    try:
        from openpyxl import load_workbook
    except ImportError:
        hint = "pip install 'virtu[excel]', or save the table as CSV UTF-8"
        raise InputError("Excel workbooks are read by openpyxl, which is not installed", hint, Place(str(path))) from None
    try:
        with warnings.catch_warnings(action="ignore", category=UserWarning):
            sheet = load_workbook(io.BytesIO(content), read_only=True, data_only=True).worksheets[0]
            rows = [tuple(_written(value) for value in row) for row in sheet.iter_rows(values_only=True)]
    except Exception as error:  # a damaged workbook shows as a bad archive, as bad XML, as a missing part or as a value out of range
        raise InputError(f"the workbook cannot be read: {error or type(error).__name__}", where=Place(str(path))) from None
    lines = (Line(number, cells) for number, cells in enumerate(rows, 1) if any(cells) and not cells[0].startswith("#"))
    return Grid(str(path), tuple(lines), 0)


def _written(value: object) -> str:
    """Return a cell of a workbook as text; a number with three decimals gets a fourth, so that they are not taken for thousands."""
    if isinstance(value, float):
        text = f"{value:.15g}"
        return f"{text}0" if re.fullmatch(r"-?[0-9]+\.[0-9]{3}", text) else text
    return "" if value is None else str(value).strip()
