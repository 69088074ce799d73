"""What a seat may know before it moves: the others as it sees them, what it can do, and what it learns of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from virtu.laboratory.steps import Choice
from virtu.minds.choice import NEVER
from virtu.scenario import Scenario
from virtu.scenario.vocabulary import MOVES, SELF_MOVES, Status

QUIET = ("bide", "cultivate", "obstruct")
"""Moves that bystanders do not see."""

STANDINGS = {int(Status.FORUM): "seat", int(Status.CANDIDATE): "candidate", int(Status.OFFICE): "office only"}


class Option(NamedTuple):
    """A move that can be made now, as the mind in the seat sees it."""

    move: str
    target: str | None
    worth: float  # payoff units
    chance: float  # with which that mind would make it, 0 … 1


class Other(NamedTuple):
    """Somebody in office, as the seat sees him."""

    name: str
    standing: str  # seat, candidate or office only
    posts: tuple[str, ...]
    strength: float  # as the seat takes it to be, strength units
    trusts: float  # −1 … 1, how far he trusts the seat
    trusted: float  # −1 … 1, how far the seat trusts him
    owes: float  # 0 … 1, share of his weight owed to the seat
    owed: float  # 0 … 1, share of the seat's weight owed to him
    hostile: float  # 0 … 1, believed chance that he means harm
    beaten: float  # 0 … 1, chance that the seat would win a contest against him, as it foresees it


class View(NamedTuple):
    """All that the seat may know before it moves."""

    tick: int
    date: str
    standing: str
    posts: tuple[str, ...]
    strength: float  # its own, strength units
    threat: float  # 0 … 1, the largest chance to be struck down by somebody, as it fears
    others: tuple[Other, ...]
    options: tuple[Option, ...]  # the likeliest first
    told: tuple[dict[str, Any], ...]  # what it learnt of since its last move: tick, date, actor, move, target, outcome


def options(now: Choice, row: int, scenario: Scenario) -> tuple[Option, ...]:
    """Return the moves open to a place, those first that the mind there would most likely make.

    Parameters
    ----------
    now : Choice
        What stands before the choice, of one history.
    row : int
        The place, of somebody who can move.
    scenario : Scenario
        Gives names.
    """
    score = now.score[:, row].astype(np.float64)
    open_to = score > 0.5 * NEVER
    scaled = np.where(open_to, score * float(now.precision[row]), -np.inf)
    chance = np.exp(scaled - scaled.max())
    chance /= chance.sum()
    found = [
        Option(MOVES[move], aimed(now, MOVES[move], place, scenario), float(score[move, place]), float(chance[move, place]))
        for move, place in np.argwhere(open_to)
    ]
    return tuple(sorted(found, key=lambda one: -one.chance))


def aimed(now: Choice, move: str, place: int, scenario: Scenario) -> str | None:
    """Return the name of whom a move is aimed at, None for moves without a target."""
    return None if move in SELF_MOVES else scenario.person_names[int(now.person[place])]


def posts(now: Choice, person: int, scenario: Scenario) -> tuple[str, ...]:
    """Return the posts that a person holds, by their labels."""
    held = zip(scenario.posts.items(), now.holder, strict=True)
    return tuple(post.label or name for (name, post), holder in held if holder == person)


def others(now: Choice, row: int, scenario: Scenario) -> tuple[Other, ...]:
    """Return everybody else in office as a place sees them, the strongest first; arguments as `options`."""
    here = [int(place) for place in np.flatnonzero((now.person >= 0) & (now.status <= int(Status.OFFICE))) if place != row]
    return tuple(sorted((_other(now, row, place, scenario) for place in here), key=lambda one: -one.strength))


def _other(now: Choice, row: int, place: int, scenario: Scenario) -> Other:
    person = int(now.person[place])
    return Other(
        name=scenario.person_names[person],
        standing=STANDINGS[int(now.status[place])],
        posts=posts(now, person, scenario),
        strength=float(now.estimate[row, place]),
        trusts=float(now.trust[place, row]),
        trusted=float(now.trust[row, place]),
        owes=float(now.dependence[place, row]),
        owed=float(now.dependence[row, place]),
        hostile=float(now.hostile[row, place]),
        beaten=float(now.wins[row, place]),
    )


def knows(event: Mapping[str, Any], seat: str, attentive: bool) -> bool:
    """Return whether a seat learns of an event: of what is done in public or to itself; of obstruction only where it is attentive."""
    if event["move"] not in QUIET or event["actor"] == seat:
        return event["move"] != "bide"
    return event["target"] == seat and (event["move"] != "obstruct" or attentive)
