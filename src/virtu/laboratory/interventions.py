r"""Interventions: what is done to the histories of an arm, as text, as objects, in plain words, and as an agenda.

Forms, each optionally followed by a time; what is done without a time is done throughout. In both arenas:

====================================== =====================================================================
``trait Kamenev.nerve = 0.9``          a person's trait
``parameter bandwagon = 0``            a constant of the arena
``off patronage``, ``on patronage``    a mechanism
``nothing``                            the sham
====================================== =====================================================================

In the organisation:

====================================== =====================================================================
``post general-secretary = Trotsky``   who holds a post; ``nobody`` keeps it vacant; either side may stand first
``move Zinoviev strike Stalin``        a forced move; ``bide`` and ``threaten_to_resign`` take no target
``forbid Zinoviev strike [Stalin]``    a forbidden move; ``*`` stands for everybody
``order speech random|emergent``       how the order of speech comes about
``order Stalin first|last``            when a person speaks
``cut Stalin access``                  access to the founder
``health = 1``                         the founder's health
``testament read|suppress``            the founder's testament
``tie Bukharin -> Stalin trust = 0.4`` ``trust``, ``dependence``, ``grievance`` or ``kindness`` of one for another
``train Kamenev``                      training to read others, of one person or ``all``
``share_experience Rykov Tomsky``      an experience shared by two persons or more, or by ``all``
====================================== =====================================================================

A time is ``@ DATE`` for from then on (``move`` and ``tie``: for that tick), ``@ DATE..DATE`` for from the first to the second, and
either may be left out of a range; a date is ``1924-01``, ``12`` or ``t12``. Names go without quotes unless they hold ``"``, ``@`` or
``;``, or could be read as something else, as in ``post chair = "nobody"``; in quotes, ``\"`` and ``\\`` stand for ``"`` and ``\``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from virtu.errors import InputError
from virtu.laboratory.arena import Deed, Repertoire
from virtu.laboratory.arenas import arena_of
from virtu.laboratory.grammar import parse, parse_all
from virtu.laboratory.intervention_checks import CLASH_HINT, clash, clash_message, flaws
from virtu.laboratory.intervention_kinds import Cell, Intervention, Nothing, SetParameter, SetTrait, Switch, number, span
from virtu.laboratory.organisation_kinds import (
    Appoint,
    CutAccess,
    ForbidMove,
    ForceMove,
    OrderSpeech,
    SetHealth,
    SetTestament,
    SetTie,
    ShareExperience,
    Speak,
    Train,
)
from virtu.scenario import AnyScenario

__all__ = [
    "Appoint",
    "CutAccess",
    "ForbidMove",
    "ForceMove",
    "Intervention",
    "Nothing",
    "OrderSpeech",
    "SetHealth",
    "SetParameter",
    "SetTestament",
    "SetTie",
    "SetTrait",
    "ShareExperience",
    "Speak",
    "Switch",
    "Train",
    "agenda",
    "describe",
    "mover",
    "parse",
    "parse_all",
    "room_needed",
]


def agenda(scenario: AnyScenario, interventions: Iterable[Intervention], ticks: int | None = None, room: int = 0) -> Any:
    """Return what is done in an arm, tick by tick.

    Parameters
    ----------
    scenario : Scenario
        To whose baseline it is done.
    interventions : iterable of Intervention
        In any order; without any, the baseline.
    ticks : int, optional
        Length of the run; the scenario's own by default.
    room : int
        Least number of entries of the lists in the agenda, so that arms share shapes; see `room_needed`.

    Returns
    -------
    Agenda
        That of the scenario's arena.

    Raises
    ------
    InputError
        If an intervention is at fault, or two set the same at the same tick.
    """
    done, arena = list(interventions), arena_of(scenario)
    _check(done, scenario, ticks)
    plan = arena.baseline(scenario, ticks)
    for one in done:
        when = span(one, scenario, ticks)
        for field, place, value in _cells(one, scenario, arena.repertoire):
            getattr(plan, field)[(slice(when.start, when.stop), *place)] = value
    return arena.repertoire.added(plan, done, scenario, scenario.ticks if ticks is None else ticks, room)


def room_needed(scenario: AnyScenario, interventions: Iterable[Intervention], ticks: int | None = None) -> int:
    """Return the length of the longest of the lists in an arm's agenda.

    Parameters
    ----------
    scenario, interventions, ticks
        As in `agenda`.

    Raises
    ------
    InputError
        As in `agenda`.
    """
    done = list(interventions)
    _check(done, scenario, ticks)
    return arena_of(scenario).repertoire.room(done, scenario, scenario.ticks if ticks is None else ticks)


def mover(interventions: Iterable[Intervention], scenario: AnyScenario) -> str | None:
    """Return whose feelings count as those of the one who acts: the first an intervention names, or None."""
    named = (arena_of(scenario).repertoire.mover(one, scenario) for one in interventions)
    return next((one for one in named if one is not None), None)


def _check(done: Sequence[Intervention], scenario: AnyScenario, ticks: int | None) -> None:
    for one in done:
        flaw = next(flaws(one, scenario, ticks), None)
        if flaw is not None:
            raise InputError(f"{flaw.message}, in '{one}'", flaw.hint)
    pair = clash(done, scenario, ticks)
    if pair is not None:
        raise InputError(clash_message(done[pair[0]], done[pair[1]]), CLASH_HINT)


def _cells(one: Any, scenario: AnyScenario, repertoire: Repertoire) -> Iterator[Cell]:
    words = repertoire.words
    if isinstance(one, SetTrait):
        yield Cell("trait", (words["trait"].index(one.trait), scenario.person_names.index(one.person)), one.value)
    elif isinstance(one, SetParameter):
        yield Cell("parameter", (words["parameter"].index(one.parameter),), one.value)
    elif isinstance(one, Switch):
        yield Cell("mechanism", (words["mechanism"].index(one.mechanism),), one.state == "on")
    else:
        yield from repertoire.cells(one, scenario)


def describe(intervention: Intervention, scenario: AnyScenario) -> str:
    """Return in plain words what is done and when.

    Parameters
    ----------
    intervention : Intervention
        Without faults in the scenario.
    scenario : Scenario
        Gives dates, and labels.

    Returns
    -------
    str
        Such as ``Kamenev's nerve is set to 0.9 from 1924-01 on``.
    """
    kind, repertoire = type(intervention), arena_of(scenario).repertoire
    deed = _DEEDS.get(kind) or repertoire.deeds[kind]
    always = _ALWAYS.get(kind, repertoire.always.get(kind, "throughout"))
    return " ".join(filter(None, (deed(intervention, scenario), _period(intervention, scenario, always))))


def _period(one: Intervention, scenario: AnyScenario, always: str) -> str:
    if one.since is None and one.until is None:
        return always
    ticks = span(one, scenario)
    first, last = (scenario.date_of(tick) for tick in (ticks.start, ticks.stop - 1))
    if one.since is None:
        return f"until {last}"
    if one.until is None:
        return f"from {first} on"
    if first != last:
        return f"from {first} to {last}"
    return f"{_DURING[scenario.calendar.unit] if scenario.calendar.start else 'at'} {first}"


def _spaced(identifier: str) -> str:
    return identifier.replace("_", " ")


_DURING = {"week": "in the week of", "month": "in", "quarter": "in the quarter from", "year": "in the year from"}
_ALWAYS: dict[type[Intervention], str] = {Nothing: ""}
_DEEDS: dict[type[Intervention], Deed] = {
    SetTrait: lambda one, _: f"{one.person}'s {_spaced(one.trait)} is set to {number(one.value)}",
    SetParameter: lambda one, _: f"the parameter {_spaced(one.parameter)} is set to {number(one.value)}",
    Switch: lambda one, _: f"the mechanism {_spaced(one.mechanism)} is switched {one.state}",
    Nothing: lambda one, _: "nothing is done",
}
