"""What can be wrong with an intervention in a scenario, whether it was written as text or made in Python."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from numbers import Real
from typing import Any

from virtu.errors import InputError, did_you_mean
from virtu.laboratory.arena import Arena
from virtu.laboratory.arenas import ARENAS, arena_of
from virtu.laboratory.intervention_kinds import (
    SLOT,
    Bounds,
    Flaw,
    Intervention,
    Moment,
    SetParameter,
    SetTrait,
    span,
)
from virtu.scenario import AnyScenario
from virtu.scenario.vocabulary import traits

LONGEST_WORD = 40


def unknown_word(kind: type[Intervention], field: str, held: Any, scenario: AnyScenario) -> Flaw | None:
    """Return what is wrong with the word of a field, or the first of several, that the scenario or the vocabulary does not know."""
    arena = arena_of(scenario)
    slots = {slot["field"]: slot for slot in SLOT.finditer(kind.form)}
    words, none = arena.repertoire.known(field, scenario), slots[field]["none"]
    if held is None and (none or slots[field]["optional"]):
        return None
    listed = held if isinstance(held, tuple) else (held,)
    place = next((place for place, word in enumerate(listed) if word not in words), None)
    if place is None:
        return None
    shown, noun = str(listed[place])[:LONGEST_WORD], arena.repertoire.nouns[field]
    hint = did_you_mean(shown, (*words, none) if none and len(listed) == 1 else words)
    return Flaw(field, f"unknown {noun} {shown!r}", _elsewhere(arena, field, listed[place]) or hint, place)


def _elsewhere(arena: Arena, field: str, word: Any) -> str:
    """Return a hint where a word is one of another arena."""
    homes = [other.name for other in ARENAS.values() if other is not arena and word in other.repertoire.words.get(field, ())]
    return f"it is one of the {homes[0]}; this scenario is of the {arena.name}" if homes else ""


def flaws(done: Intervention, scenario: AnyScenario, ticks: int | None = None) -> Iterator[Flaw]:
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
    repertoire = arena_of(scenario).repertoire
    if type(done) not in repertoire.kinds:
        yield Flaw("", f"this cannot be done in the {arena_of(scenario).name}")
        return
    held = [(field.name, getattr(done, field.name)) for field in fields(done)]
    wrong = [unknown_word(type(done), name, word, scenario) for name, word in held if name in repertoire.nouns]
    late = [_untimely(name, when, scenario, length) for name, when in held if name in ("since", "until") and when is not None]
    found = [flaw for flaw in (*wrong, *late) if flaw is not None]
    yield from found
    if not found:
        yield from _out_of_range(done, _bounds(done, arena_of(scenario)))
        yield from repertoire.rules(done, scenario, length)
        yield from _at_no_time(done, scenario, length)


def _untimely(field: str, when: Moment, scenario: AnyScenario, ticks: int) -> Flaw | None:
    if isinstance(when, bool) or not isinstance(when, int | str):
        return Flaw(field, f"a moment must be a date or a tick, found {when!r}")
    try:
        tick = scenario.tick_of(when, within=False)
    except InputError as error:
        return Flaw(field, error.message, error.hint)
    if 0 <= tick < ticks:
        return None
    return Flaw(field, f"{when} lies outside the run", f"it runs from {scenario.date_of(0)} to {scenario.date_of(ticks - 1)}")


def _bounds(done: Any, arena: Arena) -> Bounds | None:
    if isinstance(done, SetTrait):
        trait = traits()[done.trait]
        return Bounds(done.trait, trait.low, trait.high, trait.doc)
    if isinstance(done, SetParameter):
        knob = arena.repertoire.parameters()[done.parameter]
        return Bounds(done.parameter, knob.low, knob.high, knob.doc)
    return arena.repertoire.bounds(done)


def _out_of_range(done: Any, bounds: Bounds | None) -> Iterator[Flaw]:
    if bounds is None:
        return
    what, low, high, doc = bounds
    hint = f"{what}: {doc}" if doc else ""
    if isinstance(done.value, bool) or not isinstance(done.value, Real):
        yield Flaw("value", f"{what} must be a number, found {str(done.value)[:LONGEST_WORD]!r}", hint)
    elif not low <= float(done.value) <= high:
        yield Flaw("value", f"{what} must lie between {low:g} and {high:g}, found {float(done.value):g}", hint)


def _at_no_time(done: Intervention, scenario: AnyScenario, ticks: int) -> Iterator[Flaw]:
    if not span(done, scenario, ticks):
        yield Flaw("until", f"{done.until} lies before {done.since}", "write the earlier moment first")


def clash(done: Sequence[Intervention], scenario: AnyScenario, ticks: int | None = None) -> tuple[int, int] | None:
    """Return the numbers of the first two interventions that set the same at the same tick, or None.

    Parameters
    ----------
    done : sequence of Intervention
        Without flaws.
    scenario, ticks
        As in `flaws`.
    """
    seen: dict[type[Intervention], list[int]] = {}
    for later, one in enumerate(done):
        for earlier in seen.setdefault(type(one), []):
            if _alike(done[earlier], one) and _overlap(span(done[earlier], scenario, ticks), span(one, scenario, ticks)):
                return earlier, later
        seen[type(one)].append(later)
    return None


def _alike(one: Intervention, other: Intervention) -> bool:
    """Whether two of a kind set the same."""
    if one.sets is None:
        return False
    held = ((name, getattr(one, name), getattr(other, name)) for name in one.sets)
    return all(mine == theirs or (name in one.whole and None in (mine, theirs)) for name, mine, theirs in held)


def _overlap(one: range, other: range) -> bool:
    return one.start < other.stop and other.start < one.stop


def clash_message(one: Intervention, other: Intervention) -> str:
    """Return the message on two interventions that clash."""
    return f"'{one}' and '{other}' set the same at the same time"


CLASH_HINT = "leave one out, or give them times that do not overlap"
