"""Dates and ticks: a horizon turns one into the other.

A date is ``YYYY-MM``, or ``YYYY-MM-DD`` where the day matters; a tick is an integer, or ``t12`` as results print it.
Months are counted, not days, so that a tick of a monthly, quarterly or yearly scenario begins where the first one does.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Literal, NamedTuple, TypeAlias

from virtu.errors import InputError

Unit: TypeAlias = Literal["week", "month", "quarter", "year"]

MONTHS: dict[Unit, int] = {"month": 1, "quarter": 3, "year": 12}
LONGEST = 10_000
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})(?:-([0-9]{2}))?")
_TICK = re.compile(r"t(0|[1-9][0-9]{0,8})")
_FORM = "a date is written YYYY-MM or YYYY-MM-DD"


class Horizon(NamedTuple):
    """The stretch of time of a scenario: date of tick 0 or None, unit of a tick, number of ticks (1 … 10000)."""

    start: str | None
    unit: Unit
    ticks: int


def day(text: str) -> date:
    """Return the day a date means: the first of the month where it names none.

    Raises
    ------
    InputError
        If the text is not a date of the calendar.
    """
    parts = _DATE.fullmatch(text)
    if parts is None:
        raise InputError(f"{text[:40]!r} is not a date", _FORM)
    try:
        return date(int(parts[1]), int(parts[2]), int(parts[3] or 1))
    except ValueError:
        raise InputError(f"{text!r} is not a day of the calendar", _FORM) from None


def is_tick(when: int | str) -> bool:
    """Return whether a moment is given as a tick, ``12`` or ``t12``, and not as a date."""
    return isinstance(when, int) or _TICK.fullmatch(when) is not None


def tick_of(when: int | str, horizon: Horizon) -> int:
    """Return the tick that contains a moment; it may lie outside the horizon.

    Parameters
    ----------
    when : int or str
        A tick, ``t`` and a tick, or a date.
    horizon : Horizon
        What ticks mean.

    Raises
    ------
    InputError
        If it is not a date, or the horizon gives dates no meaning, or a week is dated without the day.
    """
    if isinstance(when, int):
        return when
    if is_tick(when):
        return int(when[1:])
    moment = day(when)
    if horizon.start is None:
        raise InputError(f"the date {when} means nothing, since calendar has no start", "give a tick, such as 12, or add calendar: start")
    start = day(horizon.start)
    if horizon.unit != "week":
        return ((moment.year - start.year) * 12 + moment.month - start.month) // MONTHS[horizon.unit]
    if len(when) == len("YYYY-MM"):
        raise InputError(f"a scenario in weeks needs the day, found {when}", f"write {when}-01")
    return (moment - start).days // 7


def date_of(tick: int, horizon: Horizon) -> str:
    """Return the date on which a tick begins, or ``t12`` where the horizon has no dates.

    Parameters
    ----------
    tick : int
        From 0 to the last of the horizon; other ticks work as long as their year has four digits.
    horizon : Horizon
        What ticks mean.
    """
    if horizon.start is None:
        return f"t{tick}"
    start = day(horizon.start)
    if horizon.unit == "week":
        return (start + timedelta(weeks=tick)).isoformat()
    year, month = divmod(start.year * 12 + start.month - 1 + tick * MONTHS[horizon.unit], 12)
    return f"{year:04d}-{month + 1:02d}"


def horizon_of(start: str | None, end: str | None, ticks: int | None, unit: Unit) -> Horizon:
    """Return the horizon a calendar describes.

    Parameters
    ----------
    start : str or None
        Date of tick 0.
    end : str or None
        Date in the last tick.
    ticks : int or None
        Number of ticks; agrees with `end` where both are given.
    unit : {'week', 'month', 'quarter', 'year'}
        Length of a tick.

    Raises
    ------
    InputError
        If neither end nor ticks is given, they disagree, or the horizon is empty, too long or beyond the year 9999.
    """
    if ticks is None and end is None:
        raise InputError("calendar needs ticks or end", "write for example 'ticks: 60'")
    if end is not None and start is None:
        raise InputError(f"calendar has the end {end} but no start", "add start, or give ticks instead of end")
    counted = ticks if end is None else tick_of(end, Horizon(start, unit, 1)) + 1
    if counted is None or not 1 <= counted <= LONGEST:
        raise InputError(f"calendar must span 1 to {LONGEST:,} ticks, found {counted} from {start} to {end}", "check start, end and unit")
    if ticks is not None and ticks != counted:
        raise InputError(
            f"calendar says {ticks} ticks, but there are {counted} to the end {end}", "remove one (null removes an inherited one)"
        )
    _refuse_late_years(start, counted, unit)
    return Horizon(start, unit, counted)


def _refuse_late_years(start: str | None, ticks: int, unit: Unit) -> None:
    if start is None:
        return
    years = ticks * (7 / 365 if unit == "week" else MONTHS[unit] / 12)
    if day(start).year + years > 9999:
        raise InputError(f"calendar must end before the year 9999, found {ticks} ticks of a {unit} from {start}", "give fewer ticks")
