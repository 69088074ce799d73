r"""Interventions: what is done to the histories of an arm, as text, as objects, in plain words, and as an agenda.

Forms, each optionally followed by a time; what is done without a time is done throughout:

====================================== =====================================================================
``trait Kamenev.nerve = 0.9``          a person's trait
``parameter bandwagon = 0``            a constant of the organisation
``off patronage``, ``on patronage``    a mechanism
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
``nothing``                            the sham
====================================== =====================================================================

A time is ``@ DATE`` for from then on (``move`` and ``tie``: for that tick), ``@ DATE..DATE`` for from the first to the second, and
either may be left out of a range; a date is ``1924-01``, ``12`` or ``t12``. Names go without quotes unless they hold ``"``, ``@`` or
``;``, or could be read as something else, as in ``post chair = "nobody"``; in quotes, ``\"`` and ``\\`` stand for ``"`` and ``\``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from virtu.errors import InputError
from virtu.laboratory.grammar import parse, parse_all
from virtu.laboratory.intervention_checks import CLASH_HINT, clash, clash_message, flaws
from virtu.laboratory.intervention_kinds import (
    TIES,
    Appoint,
    CutAccess,
    ForbidMove,
    ForceMove,
    Intervention,
    Nothing,
    OrderSpeech,
    SetHealth,
    SetParameter,
    SetTestament,
    SetTie,
    SetTrait,
    ShareExperience,
    Speak,
    Switch,
    Train,
    number,
    span,
)
from virtu.organisation.build import baseline
from virtu.organisation.state import MOVE_CODE, NOBODY, VACANT, Agenda
from virtu.organisation.training import MOST_GROUPS
from virtu.scenario import Scenario
from virtu.scenario.vocabulary import MECHANISMS, parameters, traits

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

Entry: TypeAlias = tuple[float, ...]
"""An entry of a list of the agenda."""

SPEAKS_FIRST = 1000.0
"""Urge to speak beyond any that traits, patience and whims add up to."""

NO_BAN: Entry = (1, 0, NOBODY, NOBODY, NOBODY)
"""Entry of the list of bans that is never in force: its last tick lies before its first."""

NO_TIE: Entry = (-1.0, NOBODY, NOBODY, 0.0, 0.0)
"""Entry of the list of ties that is never in force: there is no tick −1."""


class Cell(NamedTuple):
    """A number in force at every tick of an intervention: field of the agenda, place in it, value."""

    field: str
    place: tuple[int | slice, ...]
    value: float


def agenda(scenario: Scenario, interventions: Iterable[Intervention], ticks: int | None = None, room: int = 0) -> Agenda:
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
        Least number of entries of the lists of bans and ties, so that arms share shapes; see `room_needed`.

    Raises
    ------
    InputError
        If an intervention is at fault, or two set the same at the same tick.
    """
    done = list(interventions)
    _check(done, scenario, ticks)
    plan = baseline(scenario, ticks)
    for one in done:
        when = span(one, scenario, ticks)
        for field, place, value in _cells(one, scenario):
            getattr(plan, field)[(slice(when.start, when.stop), *place)] = value
    for bit, one in enumerate(_groups(done)):
        when = span(one, scenario, ticks)
        members = slice(None) if one.persons is None else [_person(scenario, name) for name in one.persons]
        plan.shared[when.start : when.stop, members] |= 1 << bit
    forbid, tie = _lists(done, scenario, ticks)
    return plan._replace(
        forbid=np.array([*forbid, *[NO_BAN] * (room - len(forbid))], np.int32).reshape(-1, len(NO_BAN)),
        tie=np.array([*tie, *[NO_TIE] * (room - len(tie))], np.float32).reshape(-1, len(NO_TIE)),
    )


def room_needed(scenario: Scenario, interventions: Iterable[Intervention], ticks: int | None = None) -> int:
    """Return the length of the longer of an arm's two lists: a ban for each person concerned, a tie for each tick.

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
    return max(map(len, _lists(done, scenario, ticks)))


def mover(interventions: Iterable[Intervention]) -> str | None:
    """Return the person whose feelings count as those of the one who acts: the first an intervention names, or None."""
    persons = (getattr(one, "person", None) or next(iter(getattr(one, "persons", None) or ()), None) for one in interventions)
    return next((person for person in persons if person is not None), None)


def _check(done: Sequence[Intervention], scenario: Scenario, ticks: int | None) -> None:
    for one in done:
        flaw = next(flaws(one, scenario, ticks), None)
        if flaw is not None:
            raise InputError(f"{flaw.message}, in '{one}'", flaw.hint)
    pair = clash(done, scenario, ticks)
    if pair is not None:
        raise InputError(clash_message(done[pair[0]], done[pair[1]]), CLASH_HINT)
    if len(_groups(done)) > MOST_GROUPS:
        raise InputError(f"at most {MOST_GROUPS} groups can share an experience in one arm, found {len(_groups(done))}")


def _groups(done: Sequence[Intervention]) -> list[ShareExperience]:
    return [one for one in done if isinstance(one, ShareExperience)]


def _person(scenario: Scenario, name: str | None) -> int:
    return NOBODY if name is None else scenario.person_names.index(name)


_CELLS: dict[type[Intervention], Callable[[Any, Scenario], Cell]] = {
    SetTrait: lambda one, scenario: Cell("trait", (list(traits()).index(one.trait), _person(scenario, one.person)), one.value),
    SetParameter: lambda one, _: Cell("parameter", (list(parameters()).index(one.parameter),), one.value),
    Switch: lambda one, _: Cell("mechanism", (MECHANISMS.index(one.mechanism),), one.state == "on"),
    Appoint: lambda one, scenario: Cell(
        "holder", (list(scenario.posts).index(one.post),), VACANT if one.person is None else _person(scenario, one.person)
    ),
    ForceMove: lambda one, scenario: Cell("move", (_person(scenario, one.person),), MOVE_CODE[one.move]),
    OrderSpeech: lambda one, _: Cell("random_order", (), one.order == "random"),
    Speak: lambda one, scenario: Cell("urge", (_person(scenario, one.person),), SPEAKS_FIRST if one.turn == "first" else -SPEAKS_FIRST),
    CutAccess: lambda one, scenario: Cell("access", (_person(scenario, one.person),), 0.0),
    SetHealth: lambda one, _: Cell("health", (), one.value),
    SetTestament: lambda one, _: Cell("testament", (), one.fate == "read"),
    Train: lambda one, scenario: Cell("trained", (slice(None) if one.person is None else _person(scenario, one.person),), 1.0),
}


def _cells(one: Intervention, scenario: Scenario) -> Iterator[Cell]:
    if type(one) in _CELLS:
        yield _CELLS[type(one)](one, scenario)
    if isinstance(one, ForceMove):
        yield Cell("target", (_person(scenario, one.person),), _person(scenario, one.target))


def _lists(done: Sequence[Intervention], scenario: Scenario, ticks: int | None) -> tuple[list[Entry], list[Entry]]:
    """Return the entries of the lists of bans and ties."""
    bans = [ban for one in done if isinstance(one, ForbidMove) for ban in _bans(one, scenario, ticks)]
    return bans, [tie for one in done if isinstance(one, SetTie) for tie in _ties(one, scenario, ticks)]


def _bans(one: ForbidMove, scenario: Scenario, ticks: int | None) -> Iterator[Entry]:
    """Yield (first tick, last tick, person, move, target or −1), for everybody who may ever have a place if nobody is named."""
    when = span(one, scenario, ticks)
    placed = [name for name, actor in scenario.actors.items() if actor.entry != "none" and name != one.target]
    for person in placed if one.person is None else [one.person]:
        yield when.start, when.stop - 1, _person(scenario, person), MOVE_CODE[one.move], _person(scenario, one.target)


def _ties(one: SetTie, scenario: Scenario, ticks: int | None) -> Iterator[Entry]:
    """Yield (tick, from, to, kind, value)."""
    for tick in span(one, scenario, ticks):
        yield tick, _person(scenario, one.person), _person(scenario, one.other), TIES.index(one.kind), one.value


def describe(intervention: Intervention, scenario: Scenario) -> str:
    """Return in plain words what is done and when.

    Parameters
    ----------
    intervention : Intervention
        Without faults in the scenario.
    scenario : Scenario
        Gives dates, and labels of posts.

    Returns
    -------
    str
        Such as ``Kamenev's nerve is set to 0.9 from 1924-01 on``.
    """
    return " ".join(filter(None, (_DEEDS[type(intervention)](intervention, scenario), _period(intervention, scenario))))


def _period(one: Intervention, scenario: Scenario) -> str:
    if one.since is None and one.until is None:
        return _ALWAYS.get(type(one), "throughout")
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


def _move(one: Any) -> str:
    return " ".join(filter(None, (_spaced(one.move), one.target)))


def _appointment(one: Any, scenario: Scenario) -> str:
    label = scenario.posts[one.post].label or one.post
    return f"the post {label} is kept vacant" if one.person is None else f"{one.person} holds the post {label}"


def _sharing(one: Any, _: Scenario) -> str:
    if one.persons is None:
        return "all share an experience"
    return f"{', '.join(one.persons[:-1])} and {one.persons[-1]} share an experience"


def _founder(scenario: Scenario) -> str:
    return scenario.founder.actor if scenario.founder else "the founder"


_DURING = {"week": "in the week of", "month": "in", "quarter": "in the quarter from", "year": "in the year from"}
_ALWAYS = {ForceMove: "at every tick", ForbidMove: "at any time", SetTie: "at every tick", SetTestament: "", Nothing: ""}
_ORDERS = {"random": "is drawn by lot", "emergent": "comes about by itself"}
_FATES = {"read": "read out", "suppress": "suppressed"}
_BONDS = {"trust": "trust in", "dependence": "dependence on", "grievance": "grievance against", "kindness": "memory of kindness by"}
_DEEDS: dict[type[Intervention], Callable[[Any, Scenario], str]] = {
    SetTrait: lambda one, _: f"{one.person}'s {_spaced(one.trait)} is set to {number(one.value)}",
    SetParameter: lambda one, _: f"the parameter {_spaced(one.parameter)} is set to {number(one.value)}",
    Switch: lambda one, _: f"the mechanism {_spaced(one.mechanism)} is switched {one.state}",
    Appoint: _appointment,
    ForceMove: lambda one, _: f"{one.person} is made to {_move(one)}",
    ForbidMove: lambda one, _: f"{'nobody may' if one.person is None else f'{one.person} may not'} {_move(one)}",
    OrderSpeech: lambda one, _: f"the order of speech {_ORDERS[one.order]}",
    Speak: lambda one, _: f"{one.person} speaks {one.turn}",
    CutAccess: lambda one, scenario: f"{one.person} is kept from {_founder(scenario)}",
    SetHealth: lambda one, scenario: f"{_founder(scenario)}'s health is set to {number(one.value)}",
    SetTestament: lambda one, _: f"the testament is {_FATES[one.fate]}",
    SetTie: lambda one, _: f"{one.person}'s {_BONDS[one.kind]} {one.other} is set to {number(one.value)}",
    Train: lambda one, _: f"{one.person or 'everybody'} is trained to read others",
    ShareExperience: _sharing,
    Nothing: lambda one, _: "nothing is done",
}
