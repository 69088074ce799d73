"""The kinds of intervention, and how each is written.

Every kind states its form once. Texts are written by it here and read by it in `grammar`, so the two cannot part.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, TypeAlias

from virtu.scenario import Scenario
from virtu.scenario.vocabulary import MOVES

Moment: TypeAlias = int | str

TIES: tuple[str, ...] = ("trust", "dependence", "grievance", "kindness")
"""Kinds of tie, in the order of their codes."""

NAMES = ("person", "persons", "other", "target", "post")
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
    """A constant of the organisation has a value."""

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
class Appoint(Intervention):
    """A person holds a post as long as able to, or nobody does."""

    form = "post {post} = {person|nobody}"
    sets = ("post",)

    post: str
    person: str | None


@dataclass(frozen=True)
class ForceMove(Intervention):
    """A person makes a move wherever actor and target are there to make and to meet it; this goes before any ban."""

    form = "move {person} {move} [{target}]"
    sets = ("person",)
    momentary = True

    person: str
    move: str
    target: str | None = None


@dataclass(frozen=True)
class ForbidMove(Intervention):
    """A person, or everybody, may not make a move, against one target or at all."""

    form = "forbid {person|*} {move} [{target}]"

    person: str | None
    move: str
    target: str | None = None


@dataclass(frozen=True)
class OrderSpeech(Intervention):
    """The order of speech is drawn by lot, or comes about by itself."""

    form = "order speech {order}"
    sets = ()

    order: Literal["emergent", "random"]


@dataclass(frozen=True)
class Speak(Intervention):
    """A person speaks first or last."""

    form = "order {person} {turn}"
    sets = ("person",)

    person: str
    turn: Literal["first", "last"]


@dataclass(frozen=True)
class CutAccess(Intervention):
    """A person has no access to the founder."""

    form = "cut {person} access"
    sets = ("person",)

    person: str


@dataclass(frozen=True)
class SetHealth(Intervention):
    """The founder's health has a value."""

    form = "health = {value}"
    sets = ()

    value: float


@dataclass(frozen=True)
class SetTestament(Intervention):
    """The founder's testament is read out, or suppressed, whoever would keep it back."""

    form = "testament {fate}"
    sets = ()

    fate: Literal["read", "suppress"]


@dataclass(frozen=True)
class SetTie(Intervention):
    """What one person feels for or owes to another has a value."""

    form = "tie {person} -> {other} {kind} = {value}"
    sets = ("person", "other", "kind")
    momentary = True

    person: str
    other: str
    kind: Literal["trust", "dependence", "grievance", "kindness"]
    value: float


@dataclass(frozen=True)
class Train(Intervention):
    """A person, or everybody, is trained to read others; for some it does nothing, and some it misleads."""

    form = "train {person|all}"
    sets = ("person",)

    person: str | None


@dataclass(frozen=True)
class ShareExperience(Intervention):
    """Two persons or more, or all, share an experience and come to care for one another; towards others they stay as they are."""

    form = "share_experience {persons+|all}"

    persons: tuple[str, ...] | None


@dataclass(frozen=True)
class Nothing(Intervention):
    """The sham: nothing is done."""

    form = "nothing"


def span(done: Intervention, scenario: Scenario, ticks: int | None = None) -> range:
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


KINDS: tuple[type[Intervention], ...] = (
    SetTrait,
    SetParameter,
    Switch,
    Appoint,
    ForceMove,
    ForbidMove,
    OrderSpeech,
    Speak,
    CutAccess,
    SetHealth,
    SetTestament,
    SetTie,
    Train,
    ShareExperience,
    Nothing,
)
"""All kinds of intervention."""
