"""The table of incidents as read: what happened when, by which side, how severe."""

from __future__ import annotations

from typing import NamedTuple

from virtu.scenario.incidents.dates import Span


class Incident(NamedTuple):
    """One incident of the table."""

    when: Span
    side: int  # index of its side
    severity: float | None  # > 0; None where the table does not say, or says 0
    line: int  # of the file, 1-based


class Incidents(NamedTuple):
    """A table of incidents, in the order of their dates."""

    file: str
    columns: dict[str, str | None]  # headings by what they hold: date, side, severity
    sides: tuple[str, ...]  # those of most incidents first; one, called "incidents", where no column names them
    incidents: tuple[Incident, ...]
    start: float  # of the watch, in days as `Span` counts them
    end: float  # of the watch, > start
    left_out: dict[str, int]  # lines left out: where, sides, outside
    unknown: dict[str, int]  # severities that are not there: blank, zero
    notes: tuple[str, ...]  # how the table was read, where it could be read otherwise

    def counts(self) -> list[int]:
        """Return how many incidents each side has, shape (sides,)."""
        found = [0] * len(self.sides)
        for one in self.incidents:
            found[one.side] += 1
        return found
