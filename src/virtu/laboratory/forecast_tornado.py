"""Which input matters: the change of every forecast when one number of the table goes to either end of its range, the others staying."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from virtu.laboratory.forecast_draws import Sample
from virtu.laboratory.forecast_models import Forecasts
from virtu.scenario.stakeholders import Quantity, Scale, Stakeholders, has_weight


class Input(NamedTuple):
    """One number of the table that is varied."""

    kind: str  # "capability", "position" or "salience"
    actor: int
    issue: int | None  # None for a capability, which matters on all issues
    low: float
    high: float


def inputs(table: Stakeholders) -> list[Input]:
    """Return the numbers that have a range, of all who count, with the ends of the range that are possible."""
    found = []
    for actor, capability in enumerate(table.capability):
        on = [issue for issue in range(len(table.issues)) if has_weight(table, actor, issue)]
        if on and not capability.certain:
            found.append(Input("capability", actor, None, max(capability.low, 0.0), capability.high))
        for issue in on:
            position, salience = table.position[actor][issue], table.salience[actor][issue]
            found += _within("position", actor, issue, position, table.scale[issue])
            found += _within("salience", actor, issue, salience, Scale(0.0, 1.0, "format"))
    return found


def _within(kind: str, actor: int, issue: int, one: Quantity, scale: Scale) -> list[Input]:
    return [] if one.certain else [Input(kind, actor, issue, max(one.low, scale.low), min(one.high, scale.high))]


def varied(point: Sample, found: list[Input]) -> Sample:
    """Return the table with each input at its low end and then at its high end, as 2 draws an input."""
    arrays = Sample(*(np.repeat(part, 2 * len(found), axis=0) for part in point))
    for number, one in enumerate(found):
        array = getattr(arrays, one.kind)
        place = (one.actor,) if one.issue is None else (one.actor, one.issue)
        array[(2 * number, *place)], array[(2 * number + 1, *place)] = one.low, one.high
    return arrays


def tornado(table: Stakeholders, found: list[Input], at: Forecasts, moved: Forecasts, issue: int) -> list[dict[str, Any]]:
    """Return the swings on one issue, those that move the baseline most first.

    Parameters
    ----------
    table : Stakeholders
        The table.
    found : list of Input
        From `inputs`.
    at, moved : Forecasts
        Of the point, and of the sample from `varied`.
    issue : int
        Number of the issue.

    Returns
    -------
    list of dict
        kind; actor; from and to: the ends, in the unit of the table; models: by model the change at either end.
    """
    rows = []
    for number, one in enumerate(found):
        if one.issue in (None, issue):
            unit = table.full_salience if one.kind == "salience" else 1.0
            change = {
                model: (values[2 * number : 2 * number + 2, issue] - at.outcome[model][0, issue]).tolist()
                for model, values in moved.outcome.items()
            }
            rows.append(
                {"kind": one.kind, "actor": table.actors[one.actor], "from": one.low * unit, "to": one.high * unit, "models": change}
            )
    return sorted(rows, key=lambda row: -max(map(abs, row["models"]["baseline"])))
