"""The kinds of intervention of the organisation, beside those that both arenas know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from virtu.laboratory.intervention_kinds import Intervention, Nothing, SetParameter, SetTrait, Switch

TIES: tuple[str, ...] = ("trust", "dependence", "grievance", "kindness")
"""Kinds of tie, in the order of their codes."""


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
"""All kinds of intervention of the organisation."""
