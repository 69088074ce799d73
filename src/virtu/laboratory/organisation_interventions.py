"""What can be done in the organisation: what can be wrong with it, how it enters the agenda, and how it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np

from virtu.errors import InputError
from virtu.laboratory.arena import Deed, Repertoire
from virtu.laboratory.intervention_kinds import Bounds, Cell, Flaw, Intervention, SetParameter, number, span
from virtu.laboratory.organisation_kinds import (
    KINDS,
    TIES,
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
from virtu.organisation.state import MOVE_CODE, NOBODY, VACANT, Agenda
from virtu.organisation.training import MOST_GROUPS
from virtu.scenario import Scenario
from virtu.scenario.schema import places_of
from virtu.scenario.vocabulary import (
    FORESEEN_HINT,
    MECHANISMS,
    MOST_FORESEEN,
    MOVES,
    SELF_MOVES,
    SPEECH_ORDERS,
    parameters,
    too_many_to_foresee,
    traits,
)

Entry: TypeAlias = tuple[float, ...]
"""An entry of a list of the agenda."""

SPEAKS_FIRST = 1000.0
"""Urge to speak beyond any that traits, patience and whims add up to."""

NO_BAN: Entry = (1, 0, NOBODY, NOBODY, NOBODY)
"""Entry of the list of bans that is never in force: its last tick lies before its first."""

NO_TIE: Entry = (-1.0, NOBODY, NOBODY, 0.0, 0.0)
"""Entry of the list of ties that is never in force: there is no tick −1."""

NOUNS: dict[str, str] = {
    "person": "person",
    "persons": "person",
    "other": "person",
    "target": "person",
    "post": "post",
    "trait": "trait",
    "parameter": "parameter",
    "mechanism": "mechanism",
    "move": "move",
    "kind": "kind of tie",
    "order": "order of speech",
    "turn": "turn to speak",
    "state": "switch",
    "fate": "fate of the testament",
}

WORDS: dict[str, tuple[str, ...]] = {
    "trait": tuple(traits()),
    "parameter": tuple(parameters()),
    "mechanism": MECHANISMS,
    "move": MOVES,
    "kind": TIES,
    "order": SPEECH_ORDERS,
    "turn": ("first", "last"),
    "state": ("off", "on"),
    "fate": ("read", "suppress"),
}


def _names(field: str, scenario: Scenario) -> tuple[str, ...]:
    return tuple(scenario.posts) if field == "post" else scenario.person_names


def _bounds(done: Any) -> Bounds | None:
    if isinstance(done, SetTie):
        return Bounds(done.kind, -1.0 if done.kind == "trust" else 0.0, 1.0)
    return Bounds("health", 0.0, 1.0) if isinstance(done, SetHealth) else None


# what can be wrong


def _rules(done: Intervention, scenario: Scenario, ticks: int) -> Iterator[Flaw]:
    yield from _ill_aimed(done)
    yield from _alone(done)
    yield from _without_founder(done, scenario)
    yield from _unheard(done, scenario, ticks)
    yield from _unforeseeable(done, scenario)


def _ill_aimed(done: Intervention) -> Iterator[Flaw]:
    if isinstance(done, SetTie) and done.person == done.other:
        yield Flaw("other", f"a tie needs two different persons, found {done.person} twice")
    if not isinstance(done, ForceMove | ForbidMove):
        return
    if done.move in SELF_MOVES and done.target is not None:
        yield Flaw("target", f"{done.move} takes no target, found {done.target}")
    elif done.target is not None and done.target == done.person:
        yield Flaw("target", f"{done.person} cannot {done.move} {done.person}", "name somebody else")
    if isinstance(done, ForceMove) and done.move not in SELF_MOVES and done.target is None:
        yield Flaw("move", f"{done.move} needs a target", f"write whom {done.person} is to {done.move}")
    if isinstance(done, ForbidMove) and done.move == "bide":
        yield Flaw("move", "bide cannot be forbidden", "it is what those do who make no other move")


def _alone(done: Intervention) -> Iterator[Flaw]:
    if not isinstance(done, ShareExperience) or done.persons is None:
        return
    named = (done.persons,) if isinstance(done.persons, str) else done.persons
    seen: set[str] = set()
    for place, name in enumerate(named):
        if name in seen:
            yield Flaw("persons", f"{name} is named twice", "", place)
            return
        seen.add(name)
    if len(seen) < 2:
        found = f"{named[0]} alone" if named else "nobody"
        yield Flaw("persons", f"an experience is shared by two persons or more, found {found}", "name the others too, or write all")


def _without_founder(done: Intervention, scenario: Scenario) -> Iterator[Flaw]:
    if not isinstance(done, CutAccess | SetHealth | SetTestament):
        return
    founder = scenario.founder
    if founder is None:
        yield Flaw("", f"the scenario {scenario.scenario} has no founder")
    elif isinstance(done, CutAccess) and done.person == founder.actor:
        yield Flaw("person", f"{done.person} is the founder, who needs no access")
    elif isinstance(done, SetTestament) and founder.testament is None:
        yield Flaw("", f"the founder of {scenario.scenario} leaves no testament")


def _unheard(done: Intervention, scenario: Scenario, ticks: int) -> Iterator[Flaw]:
    if not isinstance(done, SetTestament) or scenario.founder is None or scenario.founder.testament is None:
        return
    when, read = span(done, scenario, ticks), scenario.tick_of(scenario.founder.testament.read)
    if when and read not in when:
        yield Flaw("since", f"the testament is read in {scenario.date_of(read)}, which is not among these ticks")


def _unforeseeable(done: Intervention, scenario: Scenario) -> Iterator[Flaw]:
    """Yield that people are to look further ahead than all coalitions can be gone through."""
    if not isinstance(done, SetParameter) or done.parameter != "farsightedness" or done.value == 0.0:
        return
    places = sum(places_of(actor.entry for actor in scenario.actors.values()))
    if places > MOST_FORESEEN:
        yield Flaw("value", f"farsightedness {too_many_to_foresee(places)}", FORESEEN_HINT)


# the agenda


def _person(scenario: Scenario, name: str | None) -> int:
    return NOBODY if name is None else scenario.person_names.index(name)


_CELLS: dict[type[Intervention], Callable[[Any, Scenario], Cell]] = {
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


def _added(plan: Agenda, done: Sequence[Intervention], scenario: Scenario, ticks: int, room: int) -> Agenda:
    """Enter groups that share an experience, and the lists of bans and ties, which are filled up to so many entries."""
    for bit, one in enumerate(_groups(done)):
        when = span(one, scenario, ticks)
        members = slice(None) if one.persons is None else [_person(scenario, name) for name in one.persons]
        plan.shared[when.start : when.stop, members] |= 1 << bit
    forbid, tie = _lists(done, scenario, ticks)
    return plan._replace(
        forbid=np.array([*forbid, *[NO_BAN] * (room - len(forbid))], np.int32).reshape(-1, len(NO_BAN)),
        tie=np.array([*tie, *[NO_TIE] * (room - len(tie))], np.float32).reshape(-1, len(NO_TIE)),
    )


def _room(done: Sequence[Intervention], scenario: Scenario, ticks: int) -> int:
    """Return the length of the longer of the two lists: a ban for each person concerned, a tie for each tick."""
    _groups(done)
    return max(map(len, _lists(done, scenario, ticks)))


def _groups(done: Sequence[Intervention]) -> list[ShareExperience]:
    groups = [one for one in done if isinstance(one, ShareExperience)]
    if len(groups) > MOST_GROUPS:
        raise InputError(f"at most {MOST_GROUPS} groups can share an experience in one arm, found {len(groups)}")
    return groups


def _lists(done: Sequence[Intervention], scenario: Scenario, ticks: int) -> tuple[list[Entry], list[Entry]]:
    """Return the entries of the lists of bans and ties."""
    bans = [ban for one in done if isinstance(one, ForbidMove) for ban in _bans(one, scenario, ticks)]
    return bans, [tie for one in done if isinstance(one, SetTie) for tie in _ties(one, scenario, ticks)]


def _bans(one: ForbidMove, scenario: Scenario, ticks: int) -> Iterator[Entry]:
    """Yield (first tick, last tick, person, move, target or −1), for everybody who may ever have a place if nobody is named."""
    when = span(one, scenario, ticks)
    placed = [name for name, actor in scenario.actors.items() if actor.entry != "none" and name != one.target]
    for person in placed if one.person is None else [one.person]:
        yield when.start, when.stop - 1, _person(scenario, person), MOVE_CODE[one.move], _person(scenario, one.target)


def _ties(one: SetTie, scenario: Scenario, ticks: int) -> Iterator[Entry]:
    """Yield (tick, from, to, kind, value)."""
    for tick in span(one, scenario, ticks):
        yield tick, _person(scenario, one.person), _person(scenario, one.other), TIES.index(one.kind), one.value


def _mover(one: Intervention, _: Scenario) -> str | None:
    return getattr(one, "person", None) or next(iter(getattr(one, "persons", None) or ()), None)


# in plain words


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


_ORDERS = {"random": "is drawn by lot", "emergent": "comes about by itself"}
_FATES = {"read": "read out", "suppress": "suppressed"}
_BONDS = {"trust": "trust in", "dependence": "dependence on", "grievance": "grievance against", "kindness": "memory of kindness by"}
_DEEDS: dict[type[Intervention], Deed] = {
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
}

REPERTOIRE = Repertoire(
    kinds=KINDS,
    other_forms=((Appoint, "post {person} = {post}"),),
    nouns=NOUNS,
    words=WORDS,
    parameters=parameters,
    names=_names,
    bounds=_bounds,
    rules=_rules,
    cells=_cells,
    added=_added,
    room=_room,
    mover=_mover,
    deeds=_DEEDS,
    always={ForceMove: "at every tick", ForbidMove: "at any time", SetTie: "at every tick", SetTestament: ""},
)
"""All that can be done in the organisation."""
