"""Refusing a table: all that is wrong with it is said at once, in the order of its lines."""

from __future__ import annotations

from collections.abc import Sequence

from virtu.errors import Fault, ScenarioError

MOST_FAULTS = 25
"""Most faults that are shown one by one."""


def refuse(faults: Sequence[Fault]) -> None:
    """Raise all faults there are, the first of many.

    Parameters
    ----------
    faults : sequence of Fault
        In any order; nothing happens where there are none.

    Raises
    ------
    ScenarioError
        With the faults by line and column.
    """
    if not faults:
        return
    placed = sorted(faults, key=lambda fault: (fault.where.line or 0, fault.where.column or 0) if fault.where else (0, 0))
    more = len(placed) - MOST_FAULTS
    last = placed[-1].where
    told = [*placed[:MOST_FAULTS], Fault(f"{more} more faults, the last of them here", last)] if more > 0 else placed
    raise ScenarioError(told)
