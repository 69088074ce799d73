"""Which columns of a table of incidents hold dates, sides and severities: those that are named, or those whose headings say so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from virtu.errors import Fault, did_you_mean
from virtu.scenario.tables.grid import Grid
from virtu.scenario.tables.headings import plain

WORDS: dict[str, tuple[str, ...]] = {
    "date": (
        *("date", "event date", "incident date", "date of event", "date of incident", "day", "when", "datetime", "timestamp", "time"),
        *("start date", "date start", "start", "begin", "beginning", "from", "month", "year", "event year", "start year", "datum"),
    ),
    "side": ("side", "camp", "faction", "wing", "bloc", "perpetrator", "party", "actor", "group"),
    "severity": ("severity", "fatalities", "deaths", "killed", "dead", "casualties", "victims", "injured", "intensity"),
}
"""Headings by what they hold, those that are taken first at the front."""

NONE = "none"
"""What is given for a column that is not to be read."""


def recognised(cells: Sequence[str]) -> int:
    """Return how many different things the cells of a line name, if they are headings."""
    said = {plain(cell) for cell in cells}
    return sum(any(word in said for word in words) for words in WORDS.values())


def column_of(grid: Grid, named: str, option: str, faults: list[Fault]) -> int | None:
    """Return the column with a heading, however its letters and signs are written; what is wrong with it is reported.

    Parameters
    ----------
    grid : Grid
        The table.
    named : str
        Its heading.
    option : str
        Where it was named, such as ``--side``.
    faults : list of Fault
        Gets what is wrong.
    """
    headings = grid.lines[grid.heading].cells
    for wanted, said in ((named, headings), (plain(named), [plain(one) for one in headings])):
        places = [column for column, heading in enumerate(said) if heading == wanted and wanted]
        if len(places) == 1:
            return places[0]
        if places:
            where = grid.place(grid.lines[grid.heading], places[1])
            faults.append(Fault(f"{option} names a column {named!r} that is there {len(places)} times", where, "rename all but one"))
            return None
    hint = did_you_mean(named, [one for one in headings if one])
    faults.append(Fault(f"{option} names a column {named!r} that is not there", grid.place(grid.lines[grid.heading]), hint))
    return None


def layout(grid: Grid, named: Mapping[str, str | None], faults: list[Fault]) -> dict[str, int | None]:
    """Return the columns of date, side and severity, and report what is wrong with them.

    Parameters
    ----------
    grid : Grid
        The table.
    named : mapping
        Headings by what they hold; None to look for one, ``none`` for a column that is not to be read.
    faults : list of Fault
        Gets what is wrong.
    """
    found: dict[str, int | None] = {}
    for what in WORDS:
        heading = named.get(what)
        if heading is None:
            found[what] = _looked_for(grid, what, faults)
        elif what == "date" or plain(heading) != NONE:
            found[what] = column_of(grid, heading, f"--{what}", faults)
        else:
            found[what] = None
    if found["date"] is None and named.get("date") is None:
        where = grid.place(grid.lines[grid.heading])
        faults.append(Fault("the table has no column of dates", where, "name it date, or say which it is, as in --date started"))
    return found


def _looked_for(grid: Grid, what: str, faults: list[Fault]) -> int | None:
    """Return the column whose heading says what it holds; None where there is none."""
    line = grid.lines[grid.heading]
    said = [plain(cell) for cell in line.cells]
    for word in WORDS[what]:
        places = [column for column, heading in enumerate(said) if heading == word]
        if len(places) > 1:
            faults.append(Fault(f"two columns are called {word!r}", grid.place(line, places[1]), "rename one"))
        if places:
            return places[0]
    return None
