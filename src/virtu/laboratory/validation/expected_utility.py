"""The expected-utility model on its authors' example: the rounds of the published table.

What was decided in the end is no number to reproduce; `virtu forecast --actual` scores every model against it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from virtu.classics.expected_utility import TABULATED, play
from virtu.laboratory.validation.compromise import TABLE, stakeholders
from virtu.laboratory.validation.rows import Gap, Row, table

BY_ROUND = (7.4, 7.5, 7.6, 7.3, 7.3, 7.4, 7.5, 7.6)
"""Weighted mean at the end of rounds 1 to 8."""

ROUNDING = 0.05
SOURCE = "Scholz, Calbert & Smith 2011, J. Theoretical Politics 23, table 2"


def rows(data: Path | None) -> Iterator[Row | Gap]:
    """Yield the means by round.

    Parameters
    ----------
    data : Path, optional
        Folder of published tables; the emission standards are read.
    """
    found = table(data, TABLE)
    if isinstance(found, Gap):
        yield found
        return
    who = stakeholders(found)
    mean = play(who.position, who.capability, who.salience, len(BY_ROUND), TABULATED).mean[1:, 0]
    for number, (ours, published) in enumerate(zip(mean, BY_ROUND, strict=True), 1):
        yield Row(f"emission-standards.round.{number}", float(ours), published, ROUNDING, SOURCE, _why(float(ours), published))


def _why(ours: float, published: float) -> str:
    note = "years; of 55,296 readings of the paper the one whose largest deviation from these eight is least"
    if abs(ours - published) <= ROUNDING:
        return note
    cut = "the printed digit is ours with the rest cut off" if published <= ours < published + 0.1 else "the printed digit is another"
    return f"{note}; no reading gives all eight rounds to the printed digit, and here {cut}"
