"""The kinds of intervention of the street, beside those that both arenas know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from virtu.laboratory.intervention_kinds import Intervention, Nothing, SetParameter, SetTrait, Switch

Quantity: TypeAlias = Literal["hardship", "disorder", "legitimacy"]
QUANTITIES: tuple[Quantity, ...] = ("hardship", "disorder", "legitimacy")
"""What a shock adds to, in the order of the agenda."""


@dataclass(frozen=True)
class SetTactic(Intervention):
    """A camp does something else in the street."""

    form = "tactic {camp} = {tactic}"
    sets = ("camp",)

    camp: str
    tactic: str


@dataclass(frozen=True)
class Oppose(Intervention):
    """The radical wing of a camp meets a counter-presence, 0 to 1, fully where no number is given."""

    form = "oppose {camp} = {value}"
    sets = ("camp",)

    camp: str
    value: float = 1.0


@dataclass(frozen=True)
class Correct(Intervention):
    """A share of the error in what a camp's leader, or all leaders, see of the others is corrected, all of it where no number is given."""

    form = "correct {camp|all} = {value}"
    sets = ("camp",)
    whole = ("camp",)

    camp: str | None
    value: float = 1.0


@dataclass(frozen=True)
class SetFlank(Intervention):
    """The radical wing of a camp stays away, is told from the rest of it, or is taken for the whole."""

    form = "flank {camp} {flank}"
    sets = ("camp",)

    camp: str
    flank: Literal["absent", "distinct", "merged"]


@dataclass(frozen=True)
class Repress(Intervention):
    """A camp is repressed with a force of 0 to 1, whatever the elite would do."""

    form = "repress {camp} = {value}"
    sets = ("camp",)

    camp: str
    value: float


@dataclass(frozen=True)
class Answer(Intervention):
    """The elite gives an answer whenever its council meets, whatever it would choose."""

    form = "elite {answer}"
    sets = ()

    answer: Literal["ignore", "concede", "repress", "bargain"]


@dataclass(frozen=True)
class AddShock(Intervention):
    """Hardship, disorder or legitimacy is higher or lower by so much."""

    form = "shock {quantity} = {value}"
    sets = ("quantity",)
    momentary = True

    quantity: Quantity
    value: float


KINDS: tuple[type[Intervention], ...] = (
    SetTrait,
    SetParameter,
    Switch,
    SetTactic,
    Oppose,
    Correct,
    SetFlank,
    Repress,
    Answer,
    AddShock,
    Nothing,
)
"""All kinds of intervention of the street."""
