"""Facts that a scenario is fitted to: a table of numbers, each with what it is of and how sure it is.

A number counts as a measurement of what the model gives in the mean over histories, with an error of normal shape whose two halves may
differ in width: the distances to the two ends of its 95 % interval are 1.96 standard deviations each.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from virtu.errors import Fault, InputError, did_you_mean
from virtu.laboratory import quantities
from virtu.laboratory.quantities import Quantity
from virtu.record.statistics import Z
from virtu.scenario import AnyScenario
from virtu.scenario.choices import read
from virtu.scenario.choices.columns import Column
from virtu.scenario.choices.reading import Row, Table
from virtu.scenario.tables.refusal import refuse

SHIPPED = Path(__file__).with_name("facts")
"""Folder of the sets that come with virtu; ``benchmarks/facts.py`` makes them from published tables."""

COLUMNS = (
    Column("measure", "what the number is of, such as 'hazard coup tenure 0:1', 'strikes' or 'struck_down / falls'", "name"),
    Column("value", "the number"),
    Column("low", "lower end of its 95 % interval", needed=False),
    Column("high", "upper end of its 95 % interval", needed=False),
    Column("se", "its standard error, in place of the interval", needed=False, low=0.0),
    Column("weight", "as how many such numbers it counts; 1 by default", needed=False, low=0.0, high=1000.0),
    Column("source", "where it is from", "name", needed=False),
    Column("about", "what it is, in words", "name", needed=False),
)
"""Columns of a table of targets, one line a number."""


UNMEASURED = "unmeasured"
"""In place of a measure, of numbers that are shipped though virtu has no measure for them."""


class Target(NamedTuple):
    """A number to be met."""

    quantity: Quantity
    value: float
    below: float  # standard deviation of its error downwards
    above: float  # and upwards
    weight: float
    source: str


class Targets(NamedTuple):
    """All numbers to be met; m of them."""

    file: str
    rows: tuple[Target, ...]

    @property
    def values(self) -> np.ndarray:
        """The numbers, shape (m,)."""
        return np.array([one.value for one in self.rows])

    @property
    def errors(self) -> np.ndarray:
        """Standard deviations downwards and upwards, shape (2, m), as the weights make them."""
        return np.array([(one.below, one.above) for one in self.rows]).T / np.sqrt([one.weight for one in self.rows])


def shipped() -> list[str]:
    """Return the names of the sets that come with virtu."""
    return sorted(path.stem for path in SHIPPED.glob("*.csv"))


def path_of(named: Path | str) -> Path:
    """Return the file of a table of targets, given by its path or by the name of a shipped set.

    Raises
    ------
    InputError
        If there is no such set.
    """
    if "." in str(named) or "/" in str(named) or Path(named).exists():
        return Path(named)
    if str(named) not in shipped():
        raise InputError(f"no set of targets is called {str(named)!r}", did_you_mean(str(named), shipped()))
    return SHIPPED / f"{named}.csv"


def targets_in(named: Path | str, scenario: AnyScenario) -> Targets:
    """Read a table of targets.

    Parameters
    ----------
    named : Path or str
        CSV or an Excel workbook with `COLUMNS`, or the name of a shipped set.
    scenario : Scenario
        Whose persons and dates they may name.

    Raises
    ------
    ScenarioError
        With all faults of the table, each with file, line and column.
    InputError
        If the file cannot be read.
    """
    table = read(path_of(named), COLUMNS, "table of targets")
    faults: list[Fault] = []
    found: dict[str, Target] = {}
    for row in table.rows:
        one = _target(table, row, scenario, faults)
        if one is not None and one.quantity.text in found:
            faults.append(table.fault(row, "measure", f"{one.quantity.text} stands there twice", "one line a quantity"))
        elif one is not None:
            found[one.quantity.text] = one
    refuse(faults)
    return Targets(table.file, tuple(found.values()))


def _target(table: Table, row: Row, scenario: AnyScenario, faults: list[Fault]) -> Target | None:
    said = row.values
    errors = _errors(table, row, faults)
    weight = said.get("weight")
    if weight == 0.0:
        faults.append(table.fault(row, "weight", "a weight of 0 leaves the number out", "leave out the line"))
    if said["measure"] == UNMEASURED:
        told = f"virtu measures nothing of this kind: {said.get('about') or 'a number without a measure'}"
        faults.append(table.fault(row, "measure", told, "leave out the line; such numbers are there for those who can use them"))
        return None
    try:
        quantity = quantities.read(said["measure"], scenario)
    except InputError as error:
        faults.append(table.fault(row, "measure", error.message, error.hint))
        return None
    if errors is None:
        return None
    return Target(quantity, said["value"], *errors, 1.0 if weight is None else weight, said.get("source") or "")


def _errors(table: Table, row: Row, faults: list[Fault]) -> tuple[float, float] | None:
    """Return the standard deviations downwards and upwards, from the interval or the standard error."""
    value, low, high, error = row.values["value"], row.values.get("low"), row.values.get("high"), row.values.get("se")
    if error is not None and low is None and high is None:
        if error > 0.0:
            return error, error
        faults.append(table.fault(row, "se", "a standard error must be above 0", "no number is known for certain"))
    elif error is not None:
        faults.append(table.fault(row, "se", "the number has an interval and a standard error", "give one of them"))
    elif low is None or high is None:
        hint = "give low and high, its 95 % interval, or se, its standard error"
        faults.append(table.fault(row, "value", "it is not said how sure the number is", hint))
    elif low < value < high:
        return (value - low) / Z, (high - value) / Z
    else:
        faults.append(table.fault(row, "low", f"{value:g} does not lie inside {low:g} to {high:g}", "low, value and high must rise"))
    return None
