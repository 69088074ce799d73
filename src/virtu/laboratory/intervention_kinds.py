"""What every intervention is, and the kinds of it that both arenas know.

Every kind states its form once. Texts are written by it here and read by it in `grammar`, so the two cannot part.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, NamedTuple, TypeAlias

from virtu.scenario import AnyScenario
from virtu.scenario.vocabulary import MOVES

Moment: TypeAlias = int | str

NAMES = ("person", "persons", "other", "target", "post", "camp")
"""Fields that hold names from the scenario, which may need quotes."""

SLOT = re.compile(r"\[?\{(?P<field>\w+)(?P<several>\+)?(?:\|(?P<none>[^}]+))?\}(?P<optional>\])?")
"""A place in a form: ``{field}``, ``{field+}`` for several, ``{field|word for None}``, or ``[{field}]`` for one that may be left out."""

UNQUOTABLE = re.compile('["@;]')
"""What a name written without quotes may not hold, because it begins quotes or times, or ends statements."""

_PLAIN = re.compile(r"\w(?:[\w'-]*\w)?")
_AMBIGUOUS = (*MOVES, "nobody", "all")


@dataclass(frozen=True)
class Intervention:
    """Something done to every history of an arm; without times, throughout.

    A moment is a date, a tick, or ``t`` and a tick. `since` is the first at which it is done, `until` the last.
    """

    form: ClassVar[str] = ""
    sets: ClassVar[tuple[str, ...] | None] = None
    """Fields that tell what is set, so that two interventions that set the same can be told; None for those that add to a list."""
    whole: ClassVar[tuple[str, ...]] = ()
    """Fields of `sets` in which None stands for all, so that it sets the same as any."""
    momentary: ClassVar[bool] = False
    """Whether one date means that tick alone and not from then on."""

    since: Moment | None = field(default=None, kw_only=True)
    until: Moment | None = field(default=None, kw_only=True)

    def __str__(self) -> str:
        """Write the intervention as text, which `grammar.parse` reads."""
        return SLOT.sub(lambda slot: _written(slot, getattr(self, slot["field"])), self.form).strip() + _times(self)


def _written(slot: re.Match[str], value: Any) -> str:
    if value is None:
        return slot["none"] or ""
    if isinstance(value, tuple):
        return " ".join(named(str(name)) for name in value)
    if isinstance(value, str):
        return named(value) if slot["field"] in NAMES else value
    return number(value)


def named(name: str) -> str:
    """Return a name as texts write it: in quotes unless it is one plain word that means nothing else."""
    if _PLAIN.fullmatch(name) and name not in _AMBIGUOUS:
        return name
    return '"' + name.replace("\\", r"\\").replace('"', r"\"") + '"'


def number(value: float) -> str:
    """Return a number in the shortest form that reads back the same."""
    return repr(float(value)).removesuffix(".0")


def _times(done: Intervention) -> str:
    since, until = (f"t{when}" if isinstance(when, int) else when for when in (done.since, done.until))
    if since is None and until is None:
        return ""
    alone = since == until if done.momentary else until is None
    return f" @ {since}" if alone else f" @ {since or ''}..{until or ''}"


@dataclass(frozen=True)
class SetTrait(Intervention):
    """A person's trait has a value, whatever was drawn."""

    form = "trait {person}.{trait} = {value}"
    sets = ("person", "trait")

    person: str
    trait: str
    value: float


@dataclass(frozen=True)
class SetParameter(Intervention):
    """A constant of the arena has a value."""

    form = "parameter {parameter} = {value}"
    sets = ("parameter",)

    parameter: str
    value: float


@dataclass(frozen=True)
class Switch(Intervention):
    """A mechanism is off or on."""

    form = "{state} {mechanism}"
    sets = ("mechanism",)

    mechanism: str
    state: Literal["off", "on"] = "off"


@dataclass(frozen=True)
class Nothing(Intervention):
    """The sham: nothing is done."""

    form = "nothing"


class Flaw(NamedTuple):
    """Something wrong with an intervention: the field at fault, or "" for the whole, the rule broken, and a hint."""

    field: str
    message: str
    hint: str = ""
    number: int = 0
    """Which word of a field that holds several."""


class Bounds(NamedTuple):
    """What the value of an intervention is, its range, and what it means, "" where that is plain."""

    what: str
    low: float
    high: float
    doc: str = ""


class Cell(NamedTuple):
    """A number in force at every tick of an intervention: field of the agenda, place in it, value."""

    field: str
    place: tuple[int | slice, ...]
    value: float


def span(done: Intervention, scenario: AnyScenario, ticks: int | None = None) -> range:
    """Return the ticks at which something is done.

    Parameters
    ----------
    done : Intervention
        With moments inside the run.
    scenario : Scenario
        Gives dates their meaning.
    ticks : int, optional
        Length of the run; the scenario's own by default.
    """
    length = scenario.ticks if ticks is None else ticks
    first = 0 if done.since is None else scenario.tick_of(done.since, within=False)
    last = length - 1 if done.until is None else scenario.tick_of(done.until, within=False)
    return range(first, last + 1)
