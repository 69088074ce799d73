"""What can be done in the street: what can be wrong with it, how it enters the agenda, and how it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from virtu.laboratory.arena import Deed, Repertoire
from virtu.laboratory.intervention_kinds import Bounds, Cell, Flaw, Intervention, SetParameter, SetTrait, number, span
from virtu.laboratory.street_kinds import KINDS, QUANTITIES, AddShock, Answer, Correct, Oppose, Repress, SetFlank, SetTactic
from virtu.scenario import StreetScenario
from virtu.scenario.street_vocabulary import ANSWERS, FLANKS, STREET_MECHANISMS, TACTICS, street_parameters
from virtu.scenario.vocabulary import traits
from virtu.street.state import Agenda

NOUNS: dict[str, str] = {
    "person": "person",
    "trait": "trait",
    "parameter": "parameter",
    "mechanism": "mechanism",
    "state": "switch",
    "camp": "camp",
    "tactic": "tactic",
    "flank": "change of the radical flank",
    "answer": "answer of the elite",
    "quantity": "quantity",
}

WORDS: dict[str, tuple[str, ...]] = {
    "trait": tuple(traits()),
    "parameter": tuple(street_parameters()),
    "mechanism": STREET_MECHANISMS,
    "state": ("off", "on"),
    "tactic": TACTICS,
    "flank": FLANKS[1:],
    "answer": ANSWERS,
    "quantity": QUANTITIES,
}

AT_THE_START = ("radical_reason", "core_loyalty", "leaning_loyalty", "undecided_state", "undecided_abstain", "undecided_outsider")
"""Parameters that only say how things stand before the first tick, so that nothing comes of setting them later."""


def _names(field: str, scenario: StreetScenario) -> tuple[str, ...]:
    return scenario.camp_names if field == "camp" else scenario.person_names


def _bounds(done: Any) -> Bounds | None:
    if isinstance(done, AddShock):
        return Bounds("a shock", -1.0, 1.0)
    names = {Oppose: "opposition", Correct: "the share corrected", Repress: "repression"}
    return Bounds(names[type(done)], 0.0, 1.0) if type(done) in names else None


# what can be wrong


def _rules(done: Intervention, scenario: StreetScenario, ticks: int) -> Iterator[Flaw]:
    if isinstance(done, SetParameter) and done.parameter in AT_THE_START:
        yield Flaw("parameter", f"{done.parameter} counts only before the first tick", "change it in the scenario file")
    if not isinstance(done, Answer):
        return
    if scenario.elite is None:
        yield Flaw("", f"the scenario {scenario.scenario} has no elite")
    elif done.answer == "bargain" and scenario.outsider is None:
        yield Flaw("answer", f"the scenario {scenario.scenario} has no outsider to bargain with")
    else:
        yield from _without_council(done, scenario, ticks)


def _without_council(done: Answer, scenario: StreetScenario, ticks: int) -> Iterator[Flaw]:
    every = max(round(scenario.parameters.get("elite_interval", street_parameters()["elite_interval"].default)), 1)
    when = span(done, scenario, ticks)
    if when and not any(tick % every == 0 for tick in when):
        nearest = scenario.date_of(when.start - when.start % every)
        yield Flaw("since", "the elite holds no council at that time", f"it does so every {every} ticks, for instance in {nearest}")


# the agenda


def _camp(scenario: StreetScenario, name: str | None) -> int | slice:
    return slice(None) if name is None else scenario.camp_names.index(name)


_CELLS: dict[type[Intervention], Callable[[Any, StreetScenario], Cell]] = {
    SetTactic: lambda one, scenario: Cell("tactic", (_camp(scenario, one.camp),), TACTICS.index(one.tactic)),
    Oppose: lambda one, scenario: Cell("oppose", (_camp(scenario, one.camp),), one.value),
    Correct: lambda one, scenario: Cell("correct", (_camp(scenario, one.camp),), one.value),
    SetFlank: lambda one, scenario: Cell("flank", (_camp(scenario, one.camp),), FLANKS.index(one.flank)),
    Repress: lambda one, scenario: Cell("repress", (_camp(scenario, one.camp),), one.value),
    Answer: lambda one, _: Cell("answer", (), ANSWERS.index(one.answer)),
}


def _cells(one: Intervention, scenario: StreetScenario) -> Iterator[Cell]:
    if type(one) in _CELLS:
        yield _CELLS[type(one)](one, scenario)


def _added(plan: Agenda, done: Sequence[Intervention], scenario: StreetScenario, ticks: int, _: int) -> Agenda:
    """Add shocks to those of the scenario."""
    for one in done:
        if isinstance(one, AddShock):
            when = span(one, scenario, ticks)
            plan.shock[when.start : when.stop, QUANTITIES.index(one.quantity)] += one.value
    return plan


def _mover(one: Intervention, scenario: StreetScenario) -> str | None:
    """Return the camp an intervention names, or the one whose leader it is about."""
    if isinstance(one, SetTrait):
        return next((name for name, camp in scenario.camps.items() if camp.leader == one.person), None)
    return getattr(one, "camp", None)


# in plain words


def _label(scenario: StreetScenario, name: str) -> str:
    return scenario.camps[name].label or name


def _wing(scenario: StreetScenario, name: str) -> str:
    return f"the radical wing of {_label(scenario, name)}"


def _part(value: float) -> str:
    return "fully" if value == 1.0 else f"to {number(100.0 * value)} %"


def _seen(one: Correct, scenario: StreetScenario) -> str:
    whose = "all leaders see" if one.camp is None else f"the leader of {_label(scenario, one.camp)} sees"
    return f"what {whose} of the other camps is corrected {_part(one.value)}"


def _shock(one: AddShock, _: StreetScenario) -> str:
    return f"{one.quantity} is {'higher' if one.value >= 0 else 'lower'} by {number(abs(one.value))}"


_FLANKS = {"absent": "stays away", "distinct": "is told from the rest of the camp", "merged": "is taken for the whole camp"}
_DEEDS: dict[type[Intervention], Deed] = {
    SetTactic: lambda one, scenario: f"the tactic of {_label(scenario, one.camp)} is {one.tactic}",
    Oppose: lambda one, scenario: f"{_wing(scenario, one.camp)} is opposed in the street, {_part(one.value)}",
    Correct: _seen,
    SetFlank: lambda one, scenario: f"{_wing(scenario, one.camp)} {_FLANKS[one.flank]}",
    Repress: lambda one, scenario: f"{_label(scenario, one.camp)}: repression is set to {number(one.value)}",
    Answer: lambda one, _: f"the elite is made to {one.answer}{' with the outsider' if one.answer == 'bargain' else ''}",
    AddShock: _shock,
}

REPERTOIRE = Repertoire(
    kinds=KINDS,
    other_forms=((Oppose, "oppose {camp}"), (Correct, "correct {camp|all}")),
    nouns=NOUNS,
    words=WORDS,
    parameters=street_parameters,
    names=_names,
    bounds=_bounds,
    rules=_rules,
    cells=_cells,
    added=_added,
    room=lambda *_: 0,
    mover=_mover,
    deeds=_DEEDS,
    always={Answer: "at every council"},
)
"""All that can be done in the street."""
