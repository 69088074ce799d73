"""The stakeholder table: who has a say in an issue, how much, what he wants and how much he cares."""

from __future__ import annotations

from typing import Literal, NamedTuple

MOST_ACTORS = 60
"""Most actors of a table; time and memory of the models grow with their cube."""


class Quantity(NamedTuple):
    """A number of the table, and the ends of the range that holds it with 95 %."""

    value: float
    low: float  # ≤ value
    high: float  # ≥ value

    @property
    def certain(self) -> bool:
        """Whether no range is stated."""
        return self.low == self.high


class Scale(NamedTuple):
    """The ends of an issue, and where they come from."""

    low: float
    high: float
    source: Literal["given", "format", "inferred"]

    @property
    def length(self) -> float:
        """Distance between the ends, above 0."""
        return self.high - self.low


class Stakeholders(NamedTuple):
    """A table of A actors and I issues."""

    file: str
    actors: tuple[str, ...]  # (A,)
    about: tuple[str, ...]  # (A,) what the table says of each; may be empty
    issues: tuple[str, ...]  # (I,)
    capability: tuple[Quantity, ...]  # (A,) ≥ 0 in any unit
    position: tuple[tuple[Quantity, ...], ...]  # (A, I), values within the scale
    salience: tuple[tuple[Quantity, ...], ...]  # (A, I), values 0 … 1
    scale: tuple[Scale, ...]  # (I,)
    full_salience: float  # what stands for a salience of 1 in the file
    notes: tuple[str, ...]  # how the table was read, where it could be read otherwise


def has_weight(table: Stakeholders, actor: int, issue: int) -> bool:
    """Return whether an actor counts in an issue: capability and salience are above 0."""
    return table.capability[actor].value > 0.0 and table.salience[actor][issue].value > 0.0
