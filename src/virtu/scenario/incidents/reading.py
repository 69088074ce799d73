"""Reading a table of incidents: all that is wrong with it is reported at once, and what is left out is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from virtu.errors import Fault, InputError, Place
from virtu.scenario.incidents import dates
from virtu.scenario.incidents.columns import layout, recognised
from virtu.scenario.incidents.dates import Form, Span, Style
from virtu.scenario.incidents.filters import alike, filters, kept
from virtu.scenario.incidents.table import Incident, Incidents
from virtu.scenario.tables import amounts
from virtu.scenario.tables.grid import Grid, Line, Sort, read_grid
from virtu.scenario.tables.refusal import refuse

SORT = Sort("table of incidents", recognised, 1, "date, and if known side and severity", 100_000_000)
FEWEST = 20
"""Fewest incidents from which a process is fitted."""
FEWEST_OF_A_SIDE = 10
"""Fewest incidents of each side."""
MOST_SIDES = 6
"""Most sides; the branching has the square of them as parameters."""
ALL = "incidents"
"""What the one side is called where no column names sides."""


class Options(NamedTuple):
    """What is known of a table beside the table."""

    date: str | None = None
    side: str | None = None
    severity: str | None = None
    form: Form | None = None
    where: tuple[str, ...] = ()
    sides: int | None = None
    start: str | None = None
    end: str | None = None


AS_IT_IS = Options()
"""Nothing known beside the table."""


class Row(NamedTuple):
    """What a line says; the severity is None where it says nothing, the side empty where no column names any."""

    when: Span
    side: str
    severity: float | None
    line: int


def read(path: Path | str, options: Options = AS_IT_IS) -> Incidents:
    """Read a table of incidents.

    Parameters
    ----------
    path : Path or str
        CSV with comma, semicolon, tab or bar, or an Excel workbook.
    options : Options
        Headings of columns where they are not found by themselves, with ``none`` for one that is not to be read; the form of dates that can
        be read in two ways; conditions that lines must meet; how many sides, those of most incidents; first and last date of the watch,
        by default those of the table.

    Raises
    ------
    ScenarioError
        With all faults of the table, each with file, line and column.
    InputError
        If the file cannot be read, or an option is out of range.
    """
    if options.form is not None and options.form not in dates.FORMS:
        raise InputError(f"{options.form!r} is no form of dates", f"known: {', '.join(dates.FORMS)}")
    if options.sides is not None and not 1 <= options.sides <= MOST_SIDES:
        raise InputError(f"cannot keep {options.sides} sides", f"give 1 to {MOST_SIDES}")
    grid = read_grid(Path(path), SORT)
    faults: list[Fault] = []
    columns = layout(grid, {"date": options.date, "side": options.side, "severity": options.severity}, faults)
    conditions = filters(grid, options.where, faults)
    refuse(faults)
    below = grid.lines[grid.heading + 1 :]
    lines = [line for line in below if kept(line, conditions)]
    style = dates.style_of(
        [text for line in lines if (text := _cell(line, columns["date"])) and not amounts.is_missing(text)], options.form
    )
    rows = _rows(grid, lines, columns, style, faults)
    refuse(faults)
    return _table(grid, columns, rows, style, options, len(below) - len(lines))


def _cell(line: Line, column: int | None) -> str:
    return line.cells[column] if column is not None and column < len(line.cells) else ""


def _rows(grid: Grid, lines: Sequence[Line], columns: Mapping[str, int | None], style: Style, faults: list[Fault]) -> list[Row]:
    """Return what the lines say, and report what is wrong with them."""
    severities = [text for line in lines if (text := _cell(line, columns["severity"])) and not amounts.is_missing(text)]
    number = amounts.style_of(severities)
    found = []
    for line in lines:
        when = _when(grid, line, columns["date"], style, faults)
        severity = _severity(grid, line, columns["severity"], number, faults)
        side = _cell(line, columns["side"])
        if columns["side"] is not None and amounts.is_missing(side):
            faults.append(Fault("the line names no side", grid.place(line, columns["side"]), _without(grid, columns["side"])))
        if when is not None:
            found.append(Row(when, side, severity, line.number))
    return found


def _when(grid: Grid, line: Line, column: int | None, style: Style, faults: list[Fault]) -> Span | None:
    text = _cell(line, column)
    if amounts.is_missing(text):
        faults.append(Fault("the line has no date", grid.place(line, column), _without(grid, column)))
        return None
    try:
        return dates.read(text, style)
    except InputError as error:
        faults.append(Fault(error.message, grid.place(line, column), error.hint))
        return None


def _without(grid: Grid, column: int | None) -> str:
    return f"leave such lines out with --where '{grid.lines[grid.heading].cells[column or 0]}!='"


def _severity(grid: Grid, line: Line, column: int | None, style: amounts.Style | None, faults: list[Fault]) -> float | None:
    text = _cell(line, column)
    if amounts.is_missing(text):
        return None
    try:
        value = float(amounts.read(text, style).value)
    except InputError as error:
        faults.append(
            Fault(error.message, grid.place(line, column), error.hint or "a severity is a number; leave the cell empty for unknown")
        )
        return None
    if value < 0:
        faults.append(Fault(f"a severity must be 0 or more, not {text}", grid.place(line, column), "leave the cell empty for unknown"))
    return value


def _table(grid: Grid, columns: Mapping[str, int | None], rows: Sequence[Row], style: Style, options: Options, filtered: int) -> Incidents:
    """Return the table of what the lines say, those of lesser sides and outside the watch left out."""
    headings = {what: None if column is None else grid.lines[grid.heading].cells[column] for what, column in columns.items()}
    names = _names(rows) if headings["side"] else {"": ALL}
    kept_sides = list(names)[: options.sides]
    mine = [row for row in rows if alike(row.side) in kept_sides]
    start, end = _watch(mine, style, options, grid.file)
    inside = sorted((row for row in mine if start <= row.when.start and row.when.end <= end), key=lambda row: (row.when.start, row.line))
    order = sorted(kept_sides, key=lambda side: (-sum(alike(row.side) == side for row in inside), side))
    found = Incidents(
        file=grid.file,
        columns=headings,
        sides=tuple(names[side] for side in order),
        incidents=tuple(Incident(row.when, order.index(alike(row.side)), row.severity or None, row.line) for row in inside),
        start=start,
        end=end,
        left_out={"where": filtered, "sides": len(rows) - len(mine), "outside": len(mine) - len(inside)},
        unknown=_unknown(inside) if headings["severity"] else {"blank": 0, "zero": 0},
        notes=(),
    )
    refuse([*_too_few(found, mine)])
    return found._replace(notes=tuple(_notes(found, style, names, options)))


def _names(rows: Sequence[Row]) -> dict[str, str]:
    """Return the sides by how `alike` writes them, each as it is written most often, those of most incidents first."""
    spellings: dict[str, Counter[str]] = {}
    for row in rows:
        spellings.setdefault(alike(row.side), Counter())[" ".join(row.side.split())] += 1
    order = sorted(spellings, key=lambda side: (-spellings[side].total(), side))
    return {side: min(spellings[side], key=lambda name: (-spellings[side][name], name)) for side in order}


def _watch(rows: Sequence[Row], style: Style, options: Options, file: str) -> tuple[float, float]:
    """Return begin and end of the watch, days."""
    if not rows:
        raise InputError("no incidents are left", "loosen --where", Place(file))
    ends = []
    for option, text in (("--from", options.start), ("--to", options.end)):
        try:
            ends.append(None if text is None else dates.read(text, style))
        except InputError as error:
            raise InputError(f"{option}: {error.message}", error.hint) from None
    start = min(row.when.start for row in rows) if ends[0] is None else ends[0].start
    end = max(row.when.end for row in rows) if ends[1] is None else ends[1].end
    if not start < end:
        raise InputError(f"the watch from {dates.written(start)} ends before it begins", "give a --to that is later than --from")
    return start, end


def _unknown(rows: Sequence[Row]) -> dict[str, int]:
    return {"blank": sum(row.severity is None for row in rows), "zero": sum(row.severity == 0 for row in rows)}


def _too_few(found: Incidents, rows: Sequence[Row]) -> Iterator[Fault]:
    """Yield what is missing for a fit."""
    where = Place(found.file)
    seen = f"from {dates.written(min(row.when.start for row in rows))} to {dates.written(max(row.when.end for row in rows) - 1e-9)}"
    if not found.incidents:
        watch = f"from {dates.written(found.start)} to {dates.written(found.end - 1e-9)}"
        yield Fault(f"all {len(rows)} incidents, {seen}, lie outside the watch {watch}", where, "give other --from and --to")
    elif len(found.incidents) < FEWEST:
        yield Fault(f"{len(found.incidents)} incidents are too few to fit a process", where, f"at least {FEWEST} are needed")
    else:
        few = [f"{name!r} ({count})" for name, count in zip(found.sides, found.counts(), strict=True) if count < FEWEST_OF_A_SIDE]
        if few:
            enough = len(found.sides) - len(few)
            hint = f"keep those of most incidents with --sides {enough}" if enough else "read them as one with --side none"
            yield Fault(f"fewer than {FEWEST_OF_A_SIDE} incidents of {', '.join(few)}", where, hint)
        elif len(found.sides) > MOST_SIDES:
            hint = f"keep those of most incidents with --sides {MOST_SIDES}, or read them as one with --side none"
            yield Fault(f"{len(found.sides)} sides are more than {MOST_SIDES}", where, hint)


def _notes(found: Incidents, style: Style, names: Mapping[str, str], options: Options) -> Iterator[str]:
    """Yield how the table was read, where it could be read otherwise."""
    read_as = [f"{what}s from {heading!r}" for what, heading in found.columns.items() if heading]
    yield f"Read: {', '.join(read_as).replace('severitys', 'severities')}."
    if style.number and any(one.when.grain in ("month", "part of a year") for one in found.incidents):
        said = {"year.month": "a year and a month, 1782.05 as May 1782, and 1782.1 as October", "decimal": "years with decimals"}
        yield f"Numbers in the column of dates are read as {said[style.number]}."
    if style.order:
        yield f"In dates with slashes the {'day' if style.order == 'dmy' else 'month'} comes first."
    if found.left_out["where"]:
        yield f"Left out by --where {' and '.join(options.where)}: {found.left_out['where']} lines."
    if found.left_out["sides"]:
        rest = [name for name in names.values() if name not in found.sides]
        listed = ", ".join(rest[:12]) + (", …" if len(rest) > 12 else "")
        yield f"Left out as none of the {len(found.sides)} sides of most incidents: {found.left_out['sides']} incidents of {listed}."
    if found.left_out["outside"]:
        yield f"Left out as outside the watch, or dated too coarsely to be surely inside: {found.left_out['outside']} incidents."
    for what, said in (("blank", "without a severity"), ("zero", "with a severity of 0, below any lognormal,")):
        if found.unknown[what]:
            yield f"{found.unknown[what]} incidents {said} count for their dates only."
