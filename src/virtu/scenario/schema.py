"""The scenario: what a file may say of an organisation, its people and its founder.

The models check each field on its own; `checks` looks at how fields fit together. A scenario is frozen, and the record
of a run keeps its text and the hash of its content.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, PrivateAttr

from virtu.errors import InputError, did_you_mean
from virtu.scenario.archetypes import ARCHETYPES
from virtu.scenario.calendar import Horizon, Unit, date_of, horizon_of, tick_of
from virtu.scenario.distributions import Level
from virtu.scenario.fields import SLUG, Day, Name, Names, Part, Reference, Share, Strength, Text, Value, When
from virtu.scenario.vocabulary import parameters, traits

Entry = Literal["forum", "candidate", "pool", "none"]
MOST_ACTORS = 300
MOST_PLACES = 32
FORUM = "forum"
"""The word by which `appoints` means the seats of the forum."""
COLLECTIVE = "collective"
"""The word by which results mean that nobody is on top."""


def _middle(data: dict[str, Any]) -> float:
    low, high = data["scale"]
    return low + (high - low) / 2


class Calendar(Part):
    """The stretch of time: a start or none, an end or a number of ticks, and what a tick is."""

    start: Day | None = Field(default=None, description="date of tick 0; without it moments are ticks")
    ticks: Annotated[int, Field(ge=1, le=10_000)] | None = Field(default=None, description="number of ticks")
    end: Day | None = Field(default=None, description="date in the last tick, instead of ticks")
    unit: Unit = Field(default="month", description="what a tick is")

    @property
    def horizon(self) -> Horizon:
        """The calendar as start, unit and number of ticks; InputError if it describes none."""
        return horizon_of(self.start, self.end, self.ticks, self.unit)


class Actor(Part):
    """A person. What is left out follows the archetype, then the population, then the vocabulary."""

    role: str = Field(default="", description="free text")
    entry: Entry = Field(
        "none", description="place at the start: a seat in the forum, a candidate's, in the pool for later vacancies, or none"
    )
    archetype: Annotated[str, Field(json_schema_extra={"enum": list(ARCHETYPES)})] | None = Field(
        None, description="a set of traits measured together"
    )
    traits: dict[str, Value] = Field(default={}, description="what the person is like, by trait")
    positions: dict[Name, float] = Field(
        default={}, description="position on each issue, on its scale; the middle of the scale where absent"
    )
    salience: dict[Name, Share] = Field(default={}, description="how much each issue matters to the person, 0 to 1; 0.5 where absent")
    source: Names = Field(default=(), description="keys of sources")


class Post(Part):
    """An office with a weight of its own."""

    label: str = Field(default="", description="how to print it; its key where empty")
    holder: Name | None = Field(default=None, description="who holds it at the start; vacant where absent")
    weight: Strength = Field(default=1.0, description="strength units; an ordinary seat of the forum is 1")
    appoints: Names = Field(default=(), description="posts and groups whose vacancies the holder fills, or the word forum")
    records: bool = Field(default=False, description="whether the holder keeps the records and the deadlines")
    access: bool = Field(default=False, description="whether the holder is in charge of access to the founder")
    source: Names = Field(default=(), description="keys of sources")


class Forum(Part):
    """The body in which the struggle takes place."""

    seats: Annotated[int, Field(ge=1, le=MOST_PLACES)] = Field(description="voting seats to be kept filled")
    candidates: Annotated[int, Field(ge=0, le=MOST_PLACES)] = Field(default=0, description="non-voting places to be kept filled")
    seat_weight: Strength = Field(default=1.0, description="strength of a voting seat")
    candidate_weight: Strength = Field(default=0.3, description="strength of a non-voting place")
    name: Name = Field(default="Forum", description="how to print it")
    source: Names = Field(default=(), description="keys of sources")


class Group(Part):
    """Outer seats, the selectorate, held by officials without a name."""

    label: str = Field(default="", description="how to print it; its key where empty")
    count: Annotated[int, Field(ge=1, le=100_000)] = Field(description="number of seats")
    weight: Strength = Field(default=0.2, description="strength of each seat")
    turnover: Share = Field(default=0.02, description="chance per tick that a seat falls vacant")
    patrons: dict[Name, Annotated[int, Field(ge=0)]] = Field(
        {}, description="how many of the seats depend on whom at the start; the rest on nobody"
    )
    dependence: Share = Field(default=0.5, description="dependence of those that depend on somebody at the start")
    source: Names = Field(default=(), description="keys of sources")


class Tie(Part):
    """What one person feels for and owes to another at the start."""

    from_: Name = Field(alias="from", description="who feels it")
    to: Name = Field(description="for whom")
    trust: Annotated[float, Field(ge=-1, le=1)] = Field(default=0.0, description="-1 to 1")
    dependence: Share = Field(default=0.0, description="share of the weight of the first owed to the second")
    grievance: Share = Field(default=0.0, description="remembered harm")
    kindness: Share = Field(default=0.0, description="remembered benefit")
    mutual: bool = Field(default=False, description="whether the same holds the other way round")
    source: Names = Field(default=(), description="keys of sources")


class Issue(Part):
    """A question on which positions differ."""

    label: str = Field(default="", description="how to print it; its key where empty")
    scale: tuple[float, float] = Field(default=(0.0, 100.0), description="lowest and highest position")
    status_quo: float = Field(default_factory=_middle, description="position in force at the start; the middle of the scale where absent")
    weight: Strength = Field(default=1.0, description="relative chance that it is on the agenda")
    source: Names = Field(default=(), description="keys of sources")


class Stroke(Part):
    """A loss of the founder's health."""

    at: When = Field(description="when")
    severity: Share = Field(description="share of health lost")
    source: Names = Field(default=(), description="keys of sources")


class Testament(Part):
    """What the founder writes for the time after."""

    dictated: When = Field(description="when it is written")
    read: When = Field(description="when it is read out")
    against: dict[Name, Share] = Field(default={}, description="how far it condemns each, 0 to 1")
    source: Names = Field(default=(), description="keys of sources")


class Founder(Part):
    """Whoever the organisation owes its existence to."""

    actor: Name = Field(description="a person with a place")
    health: Share = Field(default=1.0, description="at the start")
    legitimacy: Strength = Field(default=3.0, description="strength units")
    access: dict[Name, Share] = Field(default={}, description="shares of access at the start")
    strokes: tuple[Stroke, ...] = Field(default=(), description="losses of health, in order of time")
    death: When | None = Field(default=None, description="fixed date; without it, when health is gone or of natural causes")
    testament: Testament | None = Field(default=None, description="what the founder leaves behind")
    source: Names = Field(default=(), description="keys of sources")


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
    source: Names = Field(default=(), description="keys of sources")


class Record(Part):
    """What happened, for comparison only; the run never looks at it."""

    exits: tuple[Exit, ...] = Field(default=(), description="losses of standing")
    on_top: Name | None = Field(default=None, description="who ended on top, or the word collective")
    notes: str = Field(default="", description="free text")


class Fact(Part):
    """An entry of the chronicle shown in the report."""

    at: When = Field(description="when")
    text: Text = Field(description="what")
    source: Names = Field(default=(), description="keys of sources")
    unconfirmed: bool = Field(default=False, description="whether it was not checked")


class Scenario(Part):
    """An organisation with its people, as read from a file and everything it extends."""

    scenario: Annotated[str, Field(pattern=SLUG, max_length=80)] = Field(description="name: small letters, digits and single hyphens")
    extends: str | None = Field(
        default=None, description="a shipped scenario or a path relative to this file; this file wins, null removes a key"
    )
    title: Text = Field(description="one line")
    summary: str = Field(default="", description="a paragraph")
    calendar: Calendar = Field(description="the stretch of time")
    population: dict[str, Value] = Field(default={}, description="traits of everybody who has none of their own, by trait")
    actors: Annotated[dict[Name, Actor], Field(min_length=2, max_length=MOST_ACTORS)] = Field(description="persons by name")
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
    sources: dict[Name, Reference] = Field(default={}, description="works by key")
    facts: tuple[Fact, ...] = Field(default=(), description="chronicle")

    _text: str = PrivateAttr(default="")

    @property
    def text(self) -> str:
        """The text of the file; where it extends others, theirs follow, each after a comment with its name."""
        return self._text

    @property
    def canonical(self) -> str:
        """The whole content with all defaults as one line of JSON, which `loads` reads back."""
        content = self.model_dump(mode="json", by_alias=True, exclude={"extends"})
        return json.dumps(content, ensure_ascii=False, separators=(",", ":"))

    @property
    def sha256(self) -> str:
        """Hash of the canonical content: equal for files that say the same, whatever their layout."""
        return hashlib.sha256(self.canonical.encode()).hexdigest()

    @property
    def person_names(self) -> tuple[str, ...]:
        """Names of the persons in the order of the file."""
        return tuple(self.actors)

    @property
    def ticks(self) -> int:
        """Number of ticks."""
        return self.calendar.horizon.ticks

    def tick_of(self, when: int | str, within: bool = True) -> int:
        """Return the tick that contains a moment.

        Parameters
        ----------
        when : int or str
            A tick, ``t`` and a tick, or a date.
        within : bool
            Whether it must lie within the horizon.

        Raises
        ------
        InputError
            If it is not a moment of this scenario.
        """
        horizon = self.calendar.horizon
        tick = tick_of(when, horizon)
        if within and not 0 <= tick < horizon.ticks:
            ends = f"{date_of(0, horizon)} to {date_of(horizon.ticks - 1, horizon)}"
            raise InputError(f"{when} lies outside the scenario {self.scenario}", f"it runs from {ends}")
        return tick

    def date_of(self, tick: int) -> str:
        """Return the date on which a tick begins, ``1922-04``, or ``t12`` where the scenario has no dates."""
        return date_of(tick, self.calendar.horizon)

    def trait_prior(self, person: str, trait: str) -> float | dict[str, list[float]]:
        """Return what is known of a person's trait before the run: a number or a distribution.

        The actor's own traits go before the archetype, the archetype before the population, and the population before
        the vocabulary.

        Raises
        ------
        InputError
            If there is no such person or trait.
        """
        if person not in self.actors:
            raise InputError(f"unknown person {person!r}", did_you_mean(person, self.actors))
        if trait not in traits():
            raise InputError(f"unknown trait {trait!r}", did_you_mean(trait, traits()))
        actor = self.actors[person]
        if trait in actor.traits:
            return _copy(actor.traits[trait].value)
        if actor.archetype is not None and trait in ARCHETYPES[actor.archetype].traits:
            return ARCHETYPES[actor.archetype].traits[trait]
        return _copy(self.population[trait].value if trait in self.population else traits()[trait].prior)


def _copy(level: Level) -> float | dict[str, list[float]]:
    return {kind: list(arguments) for kind, arguments in level.items()} if isinstance(level, Mapping) else float(level)


def json_schema() -> dict[str, Any]:
    """Return the JSON schema of a scenario file, for editors: fields, ranges, and what each trait and parameter means."""
    schema = Scenario.model_json_schema()
    fields, actor = schema["properties"], schema["$defs"]["Actor"]["properties"]
    for where in (fields["population"], actor["traits"]):
        value = where.pop("additionalProperties")
        described = {name: f"{trait.doc}; {trait.low:g} to {trait.high:g}, {trait.unit}" for name, trait in traits().items()}
        where["properties"] = {name: {**value, "description": text} for name, text in described.items()}
        where["additionalProperties"] = False
    del fields["parameters"]["additionalProperties"]
    fields["parameters"]["additionalProperties"] = False
    fields["parameters"]["properties"] = {
        name: {"type": "number", "minimum": knob.low, "maximum": knob.high, "description": f"{knob.doc}; {knob.unit}"}
        for name, knob in parameters().items()
    }
    required = schema.pop("required")
    schema["required"] = ["scenario"]
    schema["anyOf"] = [{"required": required}, {"required": ["extends"]}]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
