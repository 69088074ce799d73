"""Dates as people write them in tables, and how long the stretch of time is that each of them means.

A date means a day, a month or a year; with a time, a minute or a second; a year with decimals, as long as its last decimal counts. What can
be read in two ways is read as the rest of its column is written, and asked about where the column does not tell: whether 03/04/1923 is in
March or April, and whether 1782.05 is May 1782 or the middle of January.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal, NamedTuple, TypeAlias, get_args

from virtu.errors import InputError
from virtu.scenario.tables.amounts import shortened

Grain: TypeAlias = Literal["time", "day", "month", "part of a year", "year"]
"""What a date means, the finest first."""

Form: TypeAlias = Literal["dmy", "mdy", "year.month", "decimal"]
"""Ways to read dates that can be read in two."""

FORMS: tuple[Form, ...] = get_args(Form)
GRAINS: tuple[Grain, ...] = get_args(Grain)

MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december")

ENOUGH = 10
"""Numbers that must look like a year and a month before a column is taken for one; decimals of years do so one by one with chance .13."""

MOSTLY, SELDOM = 0.9, 0.5
"""Shares of numbers that look like a year and a month, from which on they are, and up to which they are decimals."""

HELP = "a date is written 1923-11-09, 1923-11 or 1923"

_ISO = re.compile(
    r"(?P<year>[0-9]{4})(?P<sign>[-/])(?P<month>[0-9]{1,2})(?:(?P=sign)(?P<day>[0-9]{1,2})"
    r"(?:[T ](?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,][0-9]+)?)?(?:Z|[-+][0-9]{2}:?[0-9]{2})?)?)?"
)
_PLAIN = re.compile(r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})")
_TURNED = re.compile(r"(?P<first>[0-9]{1,2})(?P<sign>[./-])(?P<second>[0-9]{1,2})(?P=sign)(?P<year>[0-9]{4})")
_NAMED = re.compile(
    r"(?:(?P<before>[0-9]{1,2})\.? ?)?(?P<month>[a-z]{3,9})\.?,? (?:(?P<after>[0-9]{1,2})(?:st|nd|rd|th)?,? )?(?P<year>[0-9]{4})"
)
_YEAR = re.compile(r"[0-9]{3,4}")
_NUMBER = re.compile(r"(?P<year>[0-9]{3,4})[.,](?P<rest>[0-9]{1,9})")


class Span(NamedTuple):
    """The stretch of time a date means."""

    start: float  # days since the beginning of the year 1, in the Gregorian calendar
    length: float  # days, > 0
    grain: Grain

    @property
    def end(self) -> float:
        """Where it ends."""
        return self.start + self.length


class Style(NamedTuple):
    """How the dates of a column are written."""

    order: Literal["dmy", "mdy"] | None = None  # None where nothing tells
    number: Literal["year.month", "decimal"] | None = None
    decimals: int = 1  # most decimals of a year in the column
    timed: bool = True  # whether times are meant; a spreadsheet writes midnight beside every day


def style_of(texts: Sequence[str], form: Form | None = None) -> Style:
    """Return how the dates of a column are written.

    Parameters
    ----------
    texts : sequence of str
        The cells that are not empty.
    form : {'dmy', 'mdy', 'year.month', 'decimal'}, optional
        What is known of them.
    """
    tidy = [_tidied(text) for text in texts]
    rests = [found["rest"] for text in tidy if (found := _NUMBER.fullmatch(text))]
    times = [(found["hour"], found["minute"], found["second"]) for text in tidy if (found := _ISO.fullmatch(text)) and found["hour"]]
    return Style(
        order=form if form in ("dmy", "mdy") else _order(tidy),
        number=form if form in ("year.month", "decimal") else _number(rests),
        decimals=max(map(len, rests), default=1),
        timed=any(int(part or 0) for time in times for part in time),
    )


def read(text: str, style: Style) -> Span:
    """Read a date.

    Parameters
    ----------
    text : str
        Such as ``1923-11-09``, ``9.11.1923``, ``Nov 9, 1923``, ``1923-11``, ``1923`` or ``1923.86``.
    style : Style
        How its column is written.

    Raises
    ------
    InputError
        If it is no date, or can be read as two; without the place.
    """
    plain = _tidied(text)
    if (found := _ISO.fullmatch(plain) or _PLAIN.fullmatch(plain)) is not None:
        return _iso(found.groupdict(), style, text)
    if (found := _TURNED.fullmatch(plain)) is not None:
        first, second, year = (int(found[part]) for part in ("first", "second", "year"))
        day_first = _day_first(found, style, text)
        return _day(year, second if day_first else first, first if day_first else second, text)
    if (found := _NAMED.fullmatch(plain)) is not None:
        return _named(found, text)
    if _YEAR.fullmatch(plain):
        return _year(int(plain), text)
    if (found := _NUMBER.fullmatch(plain)) is not None:
        return _fraction(int(found["year"]), found["rest"], style, text)
    raise InputError(f"{shortened(text)} is not a date", HELP)


def written(days: float) -> str:
    """Return the day on which a moment lies, as ``1923-11-09``."""
    return date.fromordinal(int(days) + 1).isoformat()


def around(days: float, like: Span) -> Span:
    """Return the stretch of time in which a moment lies, as coarse as another.

    Parameters
    ----------
    days : float
        As `Span` counts them.
    like : Span
        A date of the coarseness that is wanted.
    """
    there = date.fromordinal(int(days) + 1)
    if like.grain == "month":
        return _month(there.year, there.month)
    if like.grain == "year":
        return _year(there.year, "")
    return Span(days // like.length * like.length, like.length, like.grain)


def _tidied(text: str) -> str:
    plain = " ".join(text.split())
    return plain.lower().replace("-", " ") if re.search("[A-Za-z]{3}", plain) else plain


def _order(texts: Iterable[str]) -> Literal["dmy", "mdy"] | None:
    """Return the order of day and month where some cell tells and none tells otherwise."""
    told: set[Literal["dmy", "mdy"]] = set()
    for text in texts:
        found = _TURNED.fullmatch(text)
        if found and found["sign"] != ".":
            told |= {"dmy"} if int(found["first"]) > 12 else set()
            told |= {"mdy"} if int(found["second"]) > 12 else set()
    return told.pop() if len(told) == 1 else None


def _number(rests: Sequence[str]) -> Literal["year.month", "decimal"] | None:
    """Return what stands behind the points of a column, where it tells."""
    telling = [rest for rest in rests if rest.strip("0")]
    share = sum(_looks_like_month(rest) for rest in telling) / len(telling) if telling else 1.0
    if share >= MOSTLY and len(telling) >= ENOUGH:
        return "year.month"
    return "decimal" if share <= SELDOM else None


def _looks_like_month(rest: str) -> bool:
    """Return whether decimals are 01 … 12, with 1 for a 10 that lost its zero, or a month and a day of two digits each."""
    if rest == "1":
        return True
    month, day = rest[:2], rest[2:]
    return len(rest) in (2, 4) and 1 <= int(month) <= 12 and (not day or 1 <= int(day) <= 31)


def _iso(parts: dict[str, str | None], style: Style, text: str) -> Span:
    year, month = int(parts["year"] or 0), int(parts["month"] or 0)
    if parts["day"] is None:
        if not 1 <= month <= 12 or not year:
            raise InputError(f"{shortened(text)} is not a month of the calendar", HELP)
        return _month(year, month)
    day = _day(year, month, int(parts["day"]), text)
    if parts.get("hour") is None or not style.timed:
        return day
    hour, minute, second = (int(parts[part] or 0) for part in ("hour", "minute", "second"))
    if hour > 23 or minute > 59 or second > 59:
        raise InputError(f"{shortened(text)} is not a time of the day", "times run from 00:00:00 to 23:59:59")
    length = 60 if parts["second"] is None else 1
    return Span(day.start + (3600 * hour + 60 * minute + second) / 86_400, length / 86_400, "time")


def _day_first(found: re.Match[str], style: Style, text: str) -> bool:
    """Return whether the day stands before the month."""
    first, second = int(found["first"]), int(found["second"])
    if found["sign"] == "." or style.order == "dmy" or first > 12:
        return True
    if style.order is None and second <= 12 and first != second:
        raise InputError(f"{shortened(text)} can be read with the day first or the month first", "say which, as in --dates dmy")
    return False


def _named(found: re.Match[str], text: str) -> Span:
    called = "sep" if found["month"] == "sept" else found["month"]
    names = [number for number, name in enumerate(MONTHS, 1) if name.startswith(called)]
    day = found["before"] or found["after"]
    if not names or (found["before"] and found["after"]):
        raise InputError(f"{shortened(text)} is not a date", HELP)
    return _month(int(found["year"]), names[0]) if day is None else _day(int(found["year"]), names[0], int(day), text)


def _fraction(year: int, rest: str, style: Style, text: str) -> Span:
    """Return the date of a number with something behind the point."""
    if style.number is None and rest.strip("0"):
        hint = "say which, as in --dates year.month or --dates decimal"
        raise InputError(f"{shortened(text)} can be read as a year and a month or as a year with decimals", hint)
    if style.number == "decimal":
        whole, unit = _year(year, text), 10.0**-style.decimals
        return Span(whole.start + (float(f"0.{rest}") - unit / 2) * whole.length, unit * whole.length, "part of a year")
    if not rest.strip("0"):
        return _year(year, text)
    if not _looks_like_month(rest):
        raise InputError(f"{shortened(text)} is not a year and a month", "months are written .01 to .12, days as .0115")
    month = 10 if rest == "1" else int(rest[:2])
    return _day(year, month, int(rest[2:]), text) if len(rest) == 4 else _month(year, month)


def _day(year: int, month: int, day: int, text: str) -> Span:
    try:
        return Span(date(year, month, day).toordinal() - 1.0, 1.0, "day")
    except ValueError:
        raise InputError(f"{shortened(text)} is not a day of the calendar", HELP) from None


def _month(year: int, month: int) -> Span:
    return Span(date(year, month, 1).toordinal() - 1.0, float(monthrange(year, month)[1]), "month")


def _year(year: int, text: str) -> Span:
    if not 1 <= year <= 9998:
        raise InputError(f"{shortened(text)} is not a year of the calendar", "years run from 1 to 9998")
    first = date(year, 1, 1).toordinal()
    return Span(first - 1.0, float(date(year + 1, 1, 1).toordinal() - first), "year")
