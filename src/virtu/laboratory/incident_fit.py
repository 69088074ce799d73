"""What a table of dated incidents tells about the process behind it: who answers whom, how soon, and how much comes of itself.

The model is the mutually exciting process of `virtu.classics.hawkes` with one decay and a background that changes from piece to piece. The
table is fitted, tables are drawn from the fit, dated as coarsely as the one at hand, and fitted again: they tell whether fewer pieces would
do, whether the fit describes its own data, and which way its estimates err.
"""

from __future__ import annotations

import platform
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import Any, get_args

import virtu
from virtu.classics.hawkes import Events, Hawkes
from virtu.errors import InputError
from virtu.laboratory import incident_findings as findings
from virtu.laboratory import incident_pieces, incident_times
from virtu.laboratory.incident_severity import severity as severities
from virtu.laboratory.incident_times import DAYS, UNITS, Unit
from virtu.scenario.displayed import answering
from virtu.scenario.incidents import Incidents, read
from virtu.scenario.incidents.dates import Form, written
from virtu.scenario.incidents.reading import Options

FEWEST_REDRAWS, MOST_REDRAWS = 20, 10_000
"""Fewest tables drawn that can tell anything at the level of 5 %, and most."""

SPREADS = 5
"""Ways of giving incidents a moment of their date that are tried."""


@answering("fit")
def fit(
    path: Path | str,
    *,
    date: str | None = None,
    side: str | None = None,
    severity: str | None = None,
    dates: str | None = None,
    where: str | Iterable[str] = (),
    sides: int | None = None,
    start: str | None = None,
    end: str | None = None,
    unit: str | None = None,
    pieces: int | str = "auto",
    threshold: float | None = None,
    redraws: int = 20,
    seed: int = 0,
) -> dict[str, Any]:
    """Fit the incident process to a table of dated events.

    What the table is
    -----------------
    path : Path or str
        CSV or an Excel workbook, one line an incident.
    date, side, severity : str, optional
        Headings of the columns, where they are not found by themselves; ``"none"`` for a side or severity that is not to be read.
    dates : {'dmy', 'mdy', 'year.month', 'decimal'}, optional
        How to read dates that can be read in two ways and do not tell.
    where : str or iterable of str
        Conditions that lines must meet, such as ``"type=riot"``, ``"type=riot|lynching"`` or ``"type!=war"``.
    sides : int, optional
        How many sides are kept, those of most incidents; all by default.
    start, end : str, optional
        First and last date of the watch; those of the table by default. On the command line ``--from`` and ``--to``.

    How it is fitted
    ----------------
    unit : {'day', 'week', 'month', 'year'}, optional
        Unit of time of the results; by default the shortest that suits the dates and has an incident on average.
    pieces : int or str
        Pieces of the background, of equal length; ``"auto"`` for the fewest that drawn tables do not refute, ``"aic"`` or ``"bic"`` for the
        least of a criterion.
    threshold : float, optional
        Severity above which shares are given.
    redraws : int
        Tables drawn for each test, at least 20; 0 for none.
    seed : int
        Seed; the same seed gives the same moments and tables.

    Returns
    -------
    dict
        Ready for JSON; docs/fit.md says what it holds.

    Raises
    ------
    InputError
        If the table or an argument is at fault.
    RunError
        If the likelihood has no greatest value that can be found.
    """
    conditions = (where,) if isinstance(where, str) else tuple(where)
    choice = incident_pieces.checked(pieces)
    _check(unit, redraws, dates)
    form: Form | None = next((one for one in get_args(Form) if one == dates), None)
    table = read(path, Options(date, side, severity, form, conditions, sides, start, end))
    matching: list[Unit] = [one for one in UNITS if one == unit]
    taken = matching[0] if matching else incident_times.unit_of(table)
    options = {"date": date, "side": side, "severity": severity, "dates": dates, "where": list(conditions), "sides": sides}
    options |= {"start": start, "end": end, "unit": unit, "pieces": choice, "threshold": threshold}
    found = {
        "table": table.file,
        "columns": table.columns,
        "incidents": len(table.incidents),
        "sides": list(table.sides),
        "counts": table.counts(),
        "left_out": table.left_out,
        "watch": {"from": written(table.start), "to": written(table.end - 1e-9), "length": (table.end - table.start) / DAYS[taken]},
        "unit": taken,
        "dated": findings.dated(table),
        "notes": list(table.notes),
        "severity": severities(table, threshold),  # before the slow part, as a threshold may be at fault
        **_fitted(table, taken, choice, redraws, seed),
        "seed": seed,
        "redraws": redraws,
        "options": options,
        "versions": _versions(),
    }
    return found | {"scenario": {"incidents": findings.weekly(found)}}


def _check(unit: str | None, redraws: int, dates: str | None) -> None:
    if unit is not None and unit not in UNITS:
        raise InputError(f"{unit!r} is no unit of time", f"known: {', '.join(UNITS)}")
    if dates is not None and dates not in get_args(Form):
        raise InputError(f"{dates!r} is no form of dates", f"known: {', '.join(get_args(Form))}")
    if redraws and not FEWEST_REDRAWS <= redraws <= MOST_REDRAWS:
        raise InputError(f"cannot make {redraws} redraws", f"give {FEWEST_REDRAWS} to {MOST_REDRAWS:,}, or 0 for none")


def _fitted(table: Incidents, unit: Unit, choice: incident_pieces.Choice, redraws: int, seed: int) -> dict[str, Any]:
    """Return all that comes from fits."""
    days = DAYS[unit]

    def draw(model: Hawkes, number: int) -> Events | None:
        return incident_times.drawn(table, model, seed, number, days)

    events = incident_times.moments(table, seed, days)
    tried = incident_pieces.candidates(events, len(table.sides), choice)
    chosen = incident_pieces.choose(tried, choice, draw, redraws)
    found = next(one.found for one in tried if one.pieces == chosen.pieces)
    again = findings.redrawn(found, draw, redraws)
    others = [(other, incident_times.moments(table, other, days)) for other in range(seed + 1, seed + SPREADS)]
    return {
        "criteria": incident_pieces.as_json(tried, chosen),
        **findings.parameters(table, found, events, days),
        "constant": findings.essentials(tried[0].found, events, days),
        "spreads": findings.spreads(found, [(seed, events), *others]),
        "residuals": findings.residual_check(table, found, events, again),
        "redrawn": findings.recovered(found, again, redraws),
        "periods": findings.periods(table, found, events, days),
    }


def _versions() -> dict[str, str]:
    names = ("numpy", "scipy", "numba")
    return {"virtu": virtu.__version__, **{name: metadata.version(name) for name in names}, "python": platform.python_version()}
