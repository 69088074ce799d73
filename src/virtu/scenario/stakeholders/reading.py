"""Reading a stakeholder table: all that is wrong with it is reported at once, and nothing that is missing is made up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from virtu.errors import Fault, InputError, Place, ScenarioError, did_you_mean
from virtu.scenario.stakeholders.cells import Blank, Cells, Stated, stated
from virtu.scenario.stakeholders.columns import Layout, layout
from virtu.scenario.stakeholders.headings import recognised
from virtu.scenario.stakeholders.table import MOST_ACTORS, Quantity, Scale, Stakeholders, has_weight
from virtu.scenario.tables import amounts
from virtu.scenario.tables.grid import Grid, Line, Sort, read_grid

TOTALS = frozenset(("total", "totals", "sum", "subtotal", "average", "mean"))
"""What a last line is called that is no actor."""

ASSUME = "give it, or say what to assume, as in --assume-salience 0.5"
FULL = "say what stands for full attention, as in --full-salience 10"
KTAB_SCALE = (0.0, 100.0)
SORT = Sort("table of stakeholders", recognised, 2, "actor, capability, position, salience", 5_000_000)


class Entry(NamedTuple):
    """What the table says of one actor; None where it was at fault."""

    name: str
    about: str
    capability: Stated | Blank | None
    position: list[Stated | Blank | None]  # one an issue
    salience: list[Stated | Blank | None]


class Options(NamedTuple):
    """What is known of a table beside the table."""

    scales: Mapping[str, tuple[float, float]]  # by issue; under the empty name for all
    assume_salience: float | None  # 0 … 1
    full_salience: float | None  # what stands for 1


def read(
    path: Path | str, *, scale: str | Iterable[str] = (), assume_salience: float | None = None, full_salience: float | None = None
) -> Stakeholders:
    """Read a stakeholder table.

    Parameters
    ----------
    path : Path or str
        CSV with comma, semicolon, tab or bar, the layout of the KTAB programs, or an Excel workbook.
    scale : str or iterable of str
        Ends of the issues, as ``0:10``, or ``tax=0:10`` where they differ; by default the outermost positions of the table.
    assume_salience : float, optional
        Salience 0 … 1 of actors for whom none is given; without it they are faults.
    full_salience : float, optional
        What stands for a salience of 1; by default 1 where no salience is above 1, else 100.

    Raises
    ------
    ScenarioError
        With all faults of the table, each with file, line and column.
    InputError
        If the file cannot be read, or an option is out of range.
    """
    options = _options([scale] if isinstance(scale, str) else scale, assume_salience, full_salience)
    grid = read_grid(Path(path), SORT)
    columns, faults = layout(grid)
    if columns.actor is None:
        raise ScenarioError(faults)
    if options.assume_salience is None:
        faults += [*_without_salience(grid, columns)]
    known = [issue.casefold() for issue in columns.issues]
    for issue in options.scales:
        if issue and issue.casefold() not in known:
            faults.append(
                Fault(f"--scale names an issue {issue!r} that the table does not have", None, did_you_mean(issue, columns.issues))
            )
    entries = _entries(grid, columns, options, faults)
    faults += _announced(grid, columns, len(entries))
    notes = list(_left_out(grid))
    full = _full_salience(entries, options, faults)
    table = _table(grid, columns, entries, full, options, faults, notes)
    if faults or table is None:
        raise ScenarioError(sorted(faults, key=lambda fault: (fault.where.line or 0, fault.where.column or 0) if fault.where else (0, 0)))
    return table


def _options(scales: Iterable[str], assume: float | None, full: float | None) -> Options:
    if assume is not None and not 0.0 <= assume <= 1.0:
        raise InputError(f"an assumed salience of {assume} is not between 0 and 1")
    if full is not None and not 0.0 < full < float("inf"):
        raise InputError(f"full salience cannot be {full}", "give the salience of somebody who cares for nothing else, such as 10")
    found: dict[str, tuple[float, float]] = {}
    for text in scales:
        issue, _, ends = text.rpartition("=")
        try:
            first, last = ends.split(":")
        except ValueError:
            raise InputError(f"{text!r} is no scale", "write its ends, as in --scale 0:10 or --scale tax=0:10") from None
        low, high = (float(amounts.read(end, ".").value) for end in (first, last))
        if not low < high:
            raise InputError(f"the scale {text!r} does not rise", "write the lower end first")
        found[issue.strip()] = (low, high)
    return Options(found, assume, full)


def _without_salience(grid: Grid, columns: Layout) -> Iterator[Fault]:
    for issue, parts in zip(columns.issues, columns.salience, strict=True):
        if not parts:
            of = f" of {issue!r}" if len(columns.issues) > 1 else ""
            yield Fault(f"the table has no column of saliences{of}", grid.place(grid.lines[grid.heading]), ASSUME)


def _entries(grid: Grid, columns: Layout, options: Options, faults: list[Fault]) -> list[Entry]:
    """Return what each line says, and report what is wrong within a line and between them."""
    lines = grid.lines[grid.heading + 1 :]
    numeric = [part for parts in (columns.capability, *columns.position, *columns.salience) for part in parts.values()]
    texts = [line.cells[column] for line in lines for column in numeric if column < len(line.cells)]
    style = amounts.style_of(text for text in texts if not amounts.is_missing(text))
    seen: dict[str, int] = {}
    entries = []
    for line in lines:
        cells = Cells(grid, line, style)
        name = " ".join(cells.text(columns.actor or 0).split())
        faults += _name_faults(cells, columns, name, seen)
        seen.setdefault(name.casefold(), line.number)
        entries.append(_entry(cells, columns, name, options, faults))
    if not entries:
        faults.append(Fault("the table has no actors", Place(grid.file), "each line below the headings is one"))
    if len(entries) > MOST_ACTORS:
        faults.append(Fault(f"{len(entries)} actors are more than {MOST_ACTORS}", Place(grid.file), "merge those who stand together"))
    return entries


def _name_faults(cells: Cells, columns: Layout, name: str, seen: Mapping[str, int]) -> Iterator[Fault]:
    where = cells.place(columns.actor or 0)
    if not name:
        yield Fault("the line names no actor", where, "a line of other things starts with #")
    elif name.casefold() in TOTALS:
        yield Fault(f"{name!r} is a sum and no actor", where, "remove the line, or start it with #")
    elif name.casefold() in seen:
        yield Fault(f"the actor {name!r} stands in line {seen[name.casefold()]} already", where, "merge the lines or rename one")
    for column, text in enumerate(cells.line.cells):
        named = column < len(columns.headings) and columns.headings[column].text
        if text and not named and column != columns.actor:
            yield Fault(f"{amounts.shortened(text)} stands below no heading", cells.place(column), "quote text that holds the delimiter")


def _entry(cells: Cells, columns: Layout, name: str, options: Options, faults: list[Fault]) -> Entry:
    def found(parts: dict[str, int], what: str, hint: str, optional: bool = False) -> Stated | Blank | None:
        if not parts:
            return Blank(cells.place(0)) if optional else None
        quantity = stated(cells, parts, f"the {what} of {name!r}", faults)
        if isinstance(quantity, Blank) and not optional:
            faults.append(Fault(f"the {what} of {name!r} is missing", quantity.where, hint))
        return quantity

    assumed = options.assume_salience is not None
    several = len(columns.issues) > 1
    about = "" if columns.about is None else " ".join(cells.text(columns.about).split())
    position = [
        found(parts, f"{issue} position" if several else "position", "an actor without a position has no place in the table")
        for issue, parts in zip(columns.issues, columns.position, strict=True)
    ]
    salience = [
        found(parts, f"{issue} salience" if several else "salience", ASSUME, assumed)
        for issue, parts in zip(columns.issues, columns.salience, strict=True)
    ]
    return Entry(name, about, found(columns.capability, "capability", "write 0 for an actor without any"), position, salience)


def _announced(grid: Grid, columns: Layout, actors: int) -> Iterator[Fault]:
    """Yield where the numbers of actors and issues announced above the headings are not those of the table."""
    before = _ktab(grid)
    if before is None:
        return
    line, (wanted, issues) = before
    if (wanted, issues) != (actors, len(columns.issues)):
        found = f"{actors} and {len(columns.issues)} follow"
        yield Fault(
            f"the first line announces {wanted} actors and {issues} issues, but {found}", grid.place(line), "correct the first line"
        )


def _ktab(grid: Grid) -> tuple[Line, tuple[int, int]] | None:
    """Return the first line of the KTAB layout with its numbers of actors and issues, None where there is none."""
    if grid.heading == 0:
        return None
    cells = [cell for cell in grid.lines[grid.heading - 1].cells if cell]
    if len(cells) < 3 or not all(re.fullmatch("[0-9]{1,4}", cell) for cell in cells[-2:]):
        return None
    return grid.lines[grid.heading - 1], (int(cells[-2]), int(cells[-1]))


def _left_out(grid: Grid) -> Iterator[str]:
    above = grid.lines[: grid.heading - (_ktab(grid) is not None)]
    if above:
        yield f"Left out above the headings: {'; '.join(' '.join(filter(None, line.cells)) for line in above)}."


def _full_salience(entries: Sequence[Entry], options: Options, faults: list[Fault]) -> float:
    """Return what stands for a salience of 1, among saliences without a percent sign, and report what leaves it open."""
    plain = [one for entry in entries for one in entry.salience if isinstance(one, Stated) and not one.percent]
    highest = max(plain, key=lambda one: one.value, default=None)
    if options.full_salience is not None:
        return options.full_salience
    if highest is None:
        return 100.0 if any(isinstance(one, Stated) for entry in entries for one in entry.salience) else 1.0
    if highest.value <= 1:
        return 1.0
    if highest.value <= 10:
        faults.append(Fault(f"saliences run up to {highest.text}, which is neither a share nor a percentage", highest.where, FULL))
    for one in plain:
        if 0 < one.value < 1:
            hint = f"write all as shares or all as percentages, or confirm with --full-salience 100; the highest is {highest.text}"
            faults.append(Fault(f"the salience {one.text} looks like a share among percentages", one.where, hint))
    return 100.0


def _table(
    grid: Grid, columns: Layout, entries: Sequence[Entry], full: float, options: Options, faults: list[Fault], notes: list[str]
) -> Stakeholders | None:
    """Return the table with its numbers in units; None where anything is at fault."""
    powers = [entry.capability for entry in entries]
    capability = [_checked(one, Decimal(1), "capability", faults) for one in powers]
    faults += [*_mixed("capability", powers)]
    for issue in range(len(columns.issues)):
        faults += [*_mixed("position", [entry.position[issue] for entry in entries])]
    salience = [[_salience(one, full, options, faults) for one in entry.salience] for entry in entries]
    position = [[_scaled(one, Decimal(1)) if isinstance(one, Stated) else None for one in entry.position] for entry in entries]
    if faults:
        return None
    table = Stakeholders(
        file=grid.file,
        actors=tuple(entry.name for entry in entries),
        about=tuple(entry.about for entry in entries),
        issues=columns.issues,
        capability=tuple(one for one in capability if one),
        position=tuple(tuple(one for one in row if one) for row in position),
        salience=tuple(tuple(one for one in row if one) for row in salience),
        scale=(),
        full_salience=full,
        notes=(*notes, *_notes(entries, full, options)),
    )
    scales = [_scale(grid, columns, entries, table, issue, options, faults) for issue in range(len(columns.issues))]
    return table._replace(scale=tuple(one for one in scales if one))


def _notes(entries: Sequence[Entry], full: float, options: Options) -> Iterator[str]:
    if full != 1.0:
        yield f"A salience of {full:g} is read as full attention."
    blank = [entry.name for entry in entries if any(isinstance(one, Blank) for one in entry.salience)]
    if blank:
        yield f"Salience {options.assume_salience:g} is assumed, as asked, for {', '.join(blank)}."


def _scaled(one: Stated, full: Decimal) -> Quantity:
    return Quantity(*(float(number / full) for number in (one.value, one.low, one.high)))


def _checked(one: Stated | Blank | None, full: Decimal, what: str, faults: list[Fault]) -> Quantity | None:
    """Return a quantity that must be 0 or more."""
    if not isinstance(one, Stated):
        return None
    if one.value < 0:
        faults.append(Fault(f"{what} must be 0 or more, not {one.text}", one.where, "power against an actor is that of the others"))
    elif one.value == 0 and one.high > 0:
        faults.append(Fault(f"a {what} of 0 cannot be uncertain", one.where, "give the best guess, which is above 0 if there may be any"))
    return _scaled(one, Decimal(100) if one.percent else full)


def _salience(one: Stated | Blank | None, full: float, options: Options, faults: list[Fault]) -> Quantity | None:
    if isinstance(one, Blank) and options.assume_salience is not None:
        return Quantity(*[options.assume_salience] * 3)
    quantity = _checked(one, Decimal(str(full)), "salience", faults)
    if isinstance(one, Stated) and quantity and quantity.value > 1.0:
        highest = "100 %" if one.percent else f"{full:g}"
        faults.append(Fault(f"salience must be at most {highest}, not {one.text}", one.where, FULL))
    return quantity


def _mixed(what: str, column: Sequence[Stated | Blank | None]) -> Iterator[Fault]:
    """Yield the values with a percent sign where others have none; where all have one, positions are percentages."""
    found = [one for one in column if isinstance(one, Stated)]
    if len({one.percent for one in found}) > 1:
        yield from (
            Fault(f"the {what} {one.text} has a percent sign and others have none", one.where, "write all alike")
            for one in found
            if one.percent
        )


def _scale(
    grid: Grid, columns: Layout, entries: Sequence[Entry], table: Stakeholders, issue: int, options: Options, faults: list[Fault]
) -> Scale | None:
    """Return the scale of an issue, and report where it cannot be one."""
    counts = [actor for actor in range(len(entries)) if has_weight(table, actor, issue)]
    held = [table.position[actor][issue] for actor in counts]
    head = grid.place(grid.lines[grid.heading], columns.position[issue]["value"])
    if len(counts) < 2:
        message = f"{'one actor has' if counts else 'nobody has'} capability and salience on {table.issues[issue]!r}"
        faults.append(Fault(message, head, "a forecast needs at least two actors with both above 0"))
        return None
    if len({one.value for one in held}) == 1:
        message = f"all who count hold the position {held[0].value:g} on {table.issues[issue]!r}"
        faults.append(Fault(message, head, "there is nothing to forecast; check the column"))
        return None
    named = {name.casefold(): ends for name, ends in options.scales.items()}
    given = named.get(table.issues[issue].casefold()) or named.get("")
    ends = given or (KTAB_SCALE if _ktab(grid) else None)
    if ends is None:
        return Scale(min(one.low for one in held), max(one.high for one in held), "inferred")
    for entry in entries:
        one = entry.position[issue]
        if isinstance(one, Stated) and not ends[0] <= one.value <= ends[1]:
            message = f"the position {one.text} of {entry.name!r} lies outside the scale {ends[0]:g}:{ends[1]:g}"
            faults.append(Fault(message, one.where, "correct it, or give a wider --scale"))
    return Scale(*ends, "given" if given else "format")
