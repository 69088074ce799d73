"""The scenario: what a file may say of an organisation, its people and its founder.

The models check each field on its own; `checks` looks at how fields fit together. A scenario is frozen, and the record
of a run keeps its text and the hash of its content.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import Field

from virtu.scenario.fields import Name, Names, Part, Share, Strength, When
from virtu.scenario.parts import Archetype, Calendar, Case, Character, Facts, Label, Role, Sourced, Sources

Entry = Literal["forum", "candidate", "pool", "none"]
MOST_PLACES = 32
SPARE_PLACES = 2
"""Places kept free for newcomers, as nobody's place is given away while he is in office."""
FORUM = "forum"
"""The word by which `appoints` means the seats of the forum."""
COLLECTIVE = "collective"
"""The word by which results mean that nobody is on top."""


def places_of(entries: Iterable[str | None]) -> tuple[int, int]:
    """Return how many places are taken at the start and how many kept free, given where everybody enters.

    No more are kept free than there are persons in the pool.
    """
    entered = Counter(entries)
    taken = entered["forum"] + entered["candidate"]
    return taken, min(SPARE_PLACES, entered["pool"], MOST_PLACES - taken)


def _middle(data: dict[str, Any]) -> float:
    low, high = data["scale"]
    return low + (high - low) / 2


class Actor(Part):
    """A person. What is left out follows the archetype, then the population, then the vocabulary."""

    role: Role = ""
    entry: Entry = Field(
        "none", description="place at the start: a seat in the forum, a candidate's, in the pool for later vacancies, or none"
    )
    archetype: Archetype = None
    traits: Character = {}
    positions: dict[Name, float] = Field(
        default={}, description="position on each issue, on its scale; the middle of the scale where absent"
    )
    salience: dict[Name, Share] = Field(default={}, description="how much each issue matters to the person, 0 to 1; 0.5 where absent")
    source: Sourced = ()


class Post(Part):
    """An office with a weight of its own."""

    label: Label = ""
    holder: Name | None = Field(default=None, description="who holds it at the start; vacant where absent")
    weight: Strength = Field(default=1.0, description="strength units; an ordinary seat of the forum is 1")
    appoints: Names = Field(default=(), description="posts and groups whose vacancies the holder fills, or the word forum")
    records: bool = Field(default=False, description="whether the holder keeps the records and the deadlines")
    access: bool = Field(default=False, description="whether the holder is in charge of access to the founder")
    source: Sourced = ()


class Forum(Part):
    """The body in which the struggle takes place."""

    seats: Annotated[int, Field(ge=1, le=MOST_PLACES)] = Field(description="voting seats to be kept filled")
    candidates: Annotated[int, Field(ge=0, le=MOST_PLACES)] = Field(default=0, description="non-voting places to be kept filled")
    seat_weight: Strength = Field(default=1.0, description="strength of a voting seat")
    candidate_weight: Strength = Field(default=0.3, description="strength of a non-voting place")
    name: Name = Field(default="Forum", description="how to print it")
    source: Sourced = ()


class Group(Part):
    """Outer seats, the selectorate, held by officials without a name."""

    label: Label = ""
    count: Annotated[int, Field(ge=1, le=100_000)] = Field(description="number of seats")
    weight: Strength = Field(default=0.2, description="strength of each seat")
    turnover: Share = Field(default=0.02, description="chance per tick that a seat falls vacant")
    patrons: dict[Name, Annotated[int, Field(ge=0)]] = Field(
        {}, description="how many of the seats depend on whom at the start; the rest on nobody"
    )
    dependence: Share = Field(default=0.5, description="dependence of those that depend on somebody at the start")
    source: Sourced = ()


class Tie(Part):
    """What one person feels for and owes to another at the start."""

    from_: Name = Field(alias="from", description="who feels it")
    to: Name = Field(description="for whom")
    trust: Annotated[float, Field(ge=-1, le=1)] = Field(default=0.0, description="-1 to 1")
    dependence: Share = Field(default=0.0, description="share of the weight of the first owed to the second")
    grievance: Share = Field(default=0.0, description="remembered harm")
    kindness: Share = Field(default=0.0, description="remembered benefit")
    mutual: bool = Field(default=False, description="whether the same holds the other way round")
    source: Sourced = ()


class Issue(Part):
    """A question on which positions differ."""

    label: Label = ""
    scale: tuple[float, float] = Field(default=(0.0, 100.0), description="lowest and highest position")
    status_quo: float = Field(default_factory=_middle, description="position in force at the start; the middle of the scale where absent")
    weight: Strength = Field(default=1.0, description="relative chance that it is on the agenda")
    source: Sourced = ()


class Stroke(Part):
    """A loss of the founder's health."""

    at: When = Field(description="when")
    severity: Share = Field(description="share of health lost")
    source: Sourced = ()


class Testament(Part):
    """What the founder writes for the time after."""

    dictated: When = Field(description="when it is written")
    read: When = Field(description="when it is read out")
    against: dict[Name, Share] = Field(default={}, description="how far it condemns each, 0 to 1")
    source: Sourced = ()


class Founder(Part):
    """Whoever the organisation owes its existence to."""

    actor: Name = Field(description="a person with a place")
    health: Share = Field(default=1.0, description="at the start")
    legitimacy: Strength = Field(default=3.0, description="strength units")
    access: dict[Name, Share] = Field(default={}, description="shares of access at the start")
    strokes: tuple[Stroke, ...] = Field(default=(), description="losses of health, in order of time")
    death: When | None = Field(default=None, description="fixed date; without it, when health is gone or of natural causes")
    testament: Testament | None = Field(default=None, description="what the founder leaves behind")
    source: Sourced = ()


class Norms(Part):
    """What is held to be proper."""

    modesty: Share = Field(default=0.0, description="how far open ambition counts against a person")


class Outcome(Part):
    """What the scenario is about."""

    measure: Name = Field(default="on_top", description="a measure of the organisation")
    actor: Name | None = Field(default=None, description="whose")


class Exit(Part):
    """A recorded loss of standing."""

    actor: Name = Field(description="who")
    at: When = Field(description="when; may lie outside the horizon")
    grade: Literal["demoted", "out_of_forum", "out_of_office", "dead"] = Field(default="out_of_forum", description="how far down")
    cause: str = Field(default="", description="free text")
    source: Sourced = ()


class Record(Part):
    """What happened, for comparison only; the run never looks at it."""

    exits: tuple[Exit, ...] = Field(default=(), description="losses of standing")
    on_top: Name | None = Field(default=None, description="who ended on top, or the word collective")
    notes: str = Field(default="", description="free text")


class Scenario(Case[Calendar, Actor]):
    """An organisation with its people, as read from a file and everything it extends."""

    arena: Literal["organisation"] = Field(default="organisation", exclude=True, description="what kind of scenario it is")
    posts: dict[Name, Post] = Field(default={}, description="offices by key")
    forum: Forum = Field(description="the body in which the struggle takes place")
    groups: dict[Name, Group] = Field(default={}, description="outer seats by key")
    ties: tuple[Tie, ...] = Field(default=(), description="what persons feel for and owe to each other at the start")
    issues: Annotated[dict[Name, Issue], Field(min_length=1)] = Field(
        default={"policy": Issue(label="Policy")}, description="questions by key"
    )
    founder: Founder | None = Field(default=None, description="whoever the organisation owes its existence to")
    norms: Norms = Field(default=Norms(), description="what is held to be proper")
    parameters: dict[str, float] = Field(default={}, description="constants of the organisation, by name")
    order_of_speech: Literal["emergent", "random"] = Field(default="emergent", description="how the order of speech comes about")
    outcome: Outcome = Field(default=Outcome(), description="what the scenario is about")
    record: Record | None = Field(default=None, description="what happened")
    sources: Sources = {}
    facts: Facts = ()
