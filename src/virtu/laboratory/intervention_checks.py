"""What can be wrong with an intervention in a scenario, whether it was written as text or made in Python."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from numbers import Real
from typing import Any, NamedTuple

from virtu.errors import InputError, did_you_mean
from virtu.laboratory.intervention_kinds import (
    SLOT,
    TIES,
    CutAccess,
    ForbidMove,
    ForceMove,
    Intervention,
    Moment,
    SetHealth,
    SetParameter,
    SetTestament,
    SetTie,
    SetTrait,
    ShareExperience,
    span,
)
from virtu.scenario import Scenario
from virtu.scenario.vocabulary import MECHANISMS, MOVES, SELF_MOVES, SPEECH_ORDERS, parameters, traits

LONGEST_WORD = 40

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
"""What each field that holds a word is called in messages."""

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
"""Words of the fields whose words are the same in all scenarios."""


class Flaw(NamedTuple):
    """Something wrong with an intervention: the field at fault, or "" for the whole, the rule broken, and a hint."""

    field: str
    message: str
    hint: str = ""
    number: int = 0
    """Which word of a field that holds several."""


def known(field: str, scenario: Scenario) -> tuple[str, ...]:
    """Return the words a field may hold in a scenario; one of the fields of `NOUNS`."""
    return WORDS.get(field) or (tuple(scenario.posts) if field == "post" else scenario.person_names)


def unknown_word(kind: type[Intervention], field: str, held: Any, scenario: Scenario) -> Flaw | None:
    """Return what is wrong with the word of a field, or the first of several, that the scenario or the vocabulary does not know."""
    slots = {slot["field"]: slot for slot in SLOT.finditer(kind.form)}
    words, none = known(field, scenario), slots[field]["none"]
    if held is None and (none or slots[field]["optional"]):
        return None
    listed = held if isinstance(held, tuple) else (held,)
    number = next((number for number, word in enumerate(listed) if word not in words), None)
    if number is None:
        return None
    shown = str(listed[number])[:LONGEST_WORD]
    hint = did_you_mean(shown, (*words, none) if none and len(listed) == 1 else words)
    return Flaw(field, f"unknown {NOUNS[field]} {shown!r}", hint, number)


def flaws(done: Intervention, scenario: Scenario, ticks: int | None = None) -> Iterator[Flaw]:
    """Yield everything wrong with an intervention.

    Parameters
    ----------
    done : Intervention
        To be checked.
    scenario : Scenario
        In which it is to be done.
    ticks : int, optional
        Length of the run; the scenario's own by default.
    """
    length = scenario.ticks if ticks is None else ticks
    held = [(field.name, getattr(done, field.name)) for field in fields(done)]
    wrong = [unknown_word(type(done), name, word, scenario) for name, word in held if name in NOUNS]
    late = [_untimely(name, when, scenario, length) for name, when in held if name in ("since", "until") and when is not None]
    found = [flaw for flaw in (*wrong, *late) if flaw is not None]
    yield from found
    if not found:
        yield from _out_of_range(done)
        yield from _ill_aimed(done)
        yield from _alone(done)
        yield from _without_founder(done, scenario)
        yield from _at_no_time(done, scenario, length)


def _untimely(field: str, when: Moment, scenario: Scenario, ticks: int) -> Flaw | None:
    if isinstance(when, bool) or not isinstance(when, int | str):
        return Flaw(field, f"a moment must be a date or a tick, found {when!r}")
    try:
        tick = scenario.tick_of(when, within=False)
    except InputError as error:
        return Flaw(field, error.message, error.hint)
    if 0 <= tick < ticks:
        return None
    return Flaw(field, f"{when} lies outside the run", f"it runs from {scenario.date_of(0)} to {scenario.date_of(ticks - 1)}")


def _bounds(done: Any) -> tuple[str, float, float, str] | None:
    """What the value is, its range, and a hint; None for those without a value."""
    if isinstance(done, SetTrait):
        trait = traits()[done.trait]
        return done.trait, trait.low, trait.high, trait.doc
    if isinstance(done, SetParameter):
        knob = parameters()[done.parameter]
        return done.parameter, knob.low, knob.high, knob.doc
    if isinstance(done, SetTie):
        return done.kind, -1.0 if done.kind == "trust" else 0.0, 1.0, ""
    return ("health", 0.0, 1.0, "") if isinstance(done, SetHealth) else None


def _out_of_range(done: Any) -> Iterator[Flaw]:
    bounds = _bounds(done)
    if bounds is None:
        return
    what, low, high, doc = bounds
    hint = f"{what}: {doc}" if doc else ""
    if isinstance(done.value, bool) or not isinstance(done.value, Real):
        yield Flaw("value", f"{what} must be a number, found {str(done.value)[:LONGEST_WORD]!r}", hint)
    elif not low <= float(done.value) <= high:
        yield Flaw("value", f"{what} must lie between {low:g} and {high:g}, found {float(done.value):g}", hint)


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
    for number, name in enumerate(named):
        if name in seen:
            yield Flaw("persons", f"{name} is named twice", "", number)
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


def _at_no_time(done: Intervention, scenario: Scenario, ticks: int) -> Iterator[Flaw]:
    when = span(done, scenario, ticks)
    if not when:
        yield Flaw("until", f"{done.until} lies before {done.since}", "write the earlier moment first")
    elif isinstance(done, SetTestament) and scenario.founder is not None and scenario.founder.testament is not None:
        read = scenario.tick_of(scenario.founder.testament.read)
        if read not in when:
            yield Flaw("since", f"the testament is read in {scenario.date_of(read)}, which is not among these ticks")


def clash(done: Sequence[Intervention], scenario: Scenario, ticks: int | None = None) -> tuple[int, int] | None:
    """Return the numbers of the first two interventions that set the same at the same tick, or None.

    Parameters
    ----------
    done : sequence of Intervention
        Without flaws.
    scenario, ticks
        As in `flaws`.
    """
    seen: dict[tuple[Any, ...], list[int]] = {}
    for later, one in enumerate(done):
        if one.sets is None:
            continue
        alike = seen.setdefault((type(one), *(getattr(one, name) for name in one.sets)), [])
        for earlier in alike:
            if _overlap(span(done[earlier], scenario, ticks), span(one, scenario, ticks)):
                return earlier, later
        alike.append(later)
    return None


def _overlap(one: range, other: range) -> bool:
    return one.start < other.stop and other.start < one.stop


def clash_message(one: Intervention, other: Intervention) -> str:
    """Return the message on two interventions that clash."""
    return f"'{one}' and '{other}' set the same at the same time"


CLASH_HINT = "leave one out, or give them times that do not overlap"
