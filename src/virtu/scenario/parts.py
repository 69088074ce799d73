"""The parts that scenarios of every arena are made of, and the scenario they have in common.

A field that several models have is described here once, as an annotated type, so that each model keeps the order of its own
fields: the hash of a scenario is taken over its fields in their order.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Generic, Protocol, TypeAlias, TypeVar

from pydantic import Field, PrivateAttr

from virtu.errors import InputError, did_you_mean
from virtu.scenario.archetypes import ARCHETYPES
from virtu.scenario.calendar import Horizon, Unit, date_of, horizon_of, tick_of
from virtu.scenario.displayed import Displayed
from virtu.scenario.distributions import Level
from virtu.scenario.fields import SLUG, Day, Name, Names, Part, Reference, Stated, Text, Value, When
from virtu.scenario.vocabulary import traits

MOST_ACTORS = 300

Sourced: TypeAlias = Annotated[Names, Field(description="keys of sources")]
Label: TypeAlias = Annotated[str, Field(description="how to print it; its key where empty")]
Role: TypeAlias = Annotated[str, Field(description="free text")]
Archetype: TypeAlias = Annotated[
    Annotated[str, Field(json_schema_extra={"enum": list(ARCHETYPES)})] | None, Field(description="a set of traits measured together")
]
Character: TypeAlias = Annotated[dict[str, Value], Field(description="what the person is like, by trait")]


class Fact(Part):
    """An entry of the chronicle shown in the report."""

    at: When = Field(description="when")
    text: Text = Field(description="what")
    source: Sourced = ()
    unconfirmed: bool = Field(default=False, description="whether it was not checked")


Facts: TypeAlias = Annotated[tuple[Fact, ...], Field(description="chronicle")]
Sources: TypeAlias = Annotated[dict[Name, Reference], Field(description="works by key")]


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


class Described(Protocol):
    """A person of whom traits may be stated."""

    @property
    def archetype(self) -> str | None:
        """A set of traits measured together."""
        ...

    @property
    def traits(self) -> Mapping[str, Stated]:
        """What the person is like, by trait."""
        ...


Span = TypeVar("Span", bound=Calendar)
if TYPE_CHECKING:
    Person = TypeVar("Person", bound=Described)
else:
    Person = TypeVar("Person")  # a protocol has no schema


class Case(Part, Displayed, Generic[Span, Person]):
    """What a scenario of any arena has: a name, a stretch of time, and people."""

    scenario: Annotated[str, Field(pattern=SLUG, max_length=80)] = Field(description="name: small letters, digits and single hyphens")
    extends: str | None = Field(
        default=None, description="a shipped scenario or a path relative to this file; this file wins, null removes a key"
    )
    title: Text = Field(description="one line")
    summary: str = Field(default="", description="a paragraph")
    calendar: Span = Field(description="the stretch of time")
    population: dict[str, Value] = Field(default={}, description="traits of everybody who has none of their own, by trait")
    actors: Annotated[dict[Name, Person], Field(min_length=2, max_length=MOST_ACTORS)] = Field(description="persons by name")

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
            return level_copy(actor.traits[trait].value)
        if actor.archetype is not None and trait in ARCHETYPES[actor.archetype].traits:
            return ARCHETYPES[actor.archetype].traits[trait]
        return level_copy(self.population[trait].value if trait in self.population else traits()[trait].prior)


def level_copy(level: Level) -> float | dict[str, list[float]]:
    """Return a number, or a distribution that may be changed."""
    return {kind: list(arguments) for kind, arguments in level.items()} if isinstance(level, Mapping) else float(level)
