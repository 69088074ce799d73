"""The scenario of the street: camps, their leaders, the public in its cells, the state, an elite and an outsider.

The models check each field on its own; `street_checks` looks at how fields fit together. Numbers of people are absolute,
everything called a share is a share of what its field names.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, model_validator

from virtu.errors import InputError, did_you_mean
from virtu.scenario.calendar import Unit
from virtu.scenario.fields import Name, Part, Share, Strength, Value, When
from virtu.scenario.parts import Archetype, Calendar, Case, Character, Facts, Label, Role, Sourced, Sources, level_copy
from virtu.scenario.street_vocabulary import MOST_CAMPS

Tactic: TypeAlias = Literal["none", "nonviolent", "confrontational", "violent"]
Sympathy: TypeAlias = Annotated[float, Field(ge=-1, le=1)]
Militancy: TypeAlias = Annotated[float, Field(ge=0, le=10_000)]
Weight: TypeAlias = Annotated[float, Field(ge=0, le=1_000)]
Rate: TypeAlias = Annotated[float, Field(ge=0, le=1_000_000)]
Offspring: TypeAlias = Annotated[float, Field(ge=0, le=100)]
Shift: TypeAlias = Annotated[float, Field(ge=-1, le=1)]

FEWEST_CAMPS = 2
MOST_CELLS = 2_000
OUTSIDERS_PROMISE = 0.8
MOST_PEOPLE = 10_000_000_000
OWN_OFFSPRING, RIVALS_OFFSPRING = 0.4, 0.2
"""Branching where the file states none: incidents of a camp's own that one of its incidents sets off, and of all its rivals together."""

ALL = "all"
"""The word by which interventions mean every camp."""

SHORT_FORMS: dict[tuple[str, ...], str] = {
    ("media", "selection"): "media_selection",
    ("media", "spread"): "intensity_spread",
    ("incidents", "half_life"): "half_life",
    ("incidents", "severity", "median"): "severity_median",
    ("incidents", "severity", "log_sd"): "severity_log_sd",
}
"""Fields that are another way to write a parameter, and the parameter."""

MEASURES: dict[str, str] = {
    "first_shot": "",
    "fired_first": "camp",
    "killed": "",
    "injured": "",
    "incidents": "camp",
    "support": "option",
    "reasonableness": "camp",
    "intensity": "camp",
    "overestimate": "camp",
    "turnout": "camp",
    "radical": "camp",
    "seen_radical": "camp",
    "concessions": "",
    "repression": "",
    "rules": "ruler",
    "order": "",
    "felt": "camp",
    "ran_away": "",
}
"""The measures of the street, and what each is of."""


class StreetCalendar(Calendar):
    """The stretch of time: a start or none, an end or a number of ticks, and what a tick is."""

    unit: Unit = Field(default="week", description="what a tick is")


class Figure(Part):
    """A leader of a camp, or a member of the elite. What is left out follows the archetype, then the population, then the vocabulary."""

    role: Role = ""
    archetype: Archetype = None
    traits: Character = {}
    source: Sourced = ()


class Radical(Part):
    """The radical wing of a camp."""

    share: Share = Field(default=0.05, description="share of the camp's supporters")
    intensity: Militancy = Field(default=1.0, description="militancy at the start, in the units of the camp's own")
    distinct: Share = Field(default=0.5, description="how far the public tells the wing from the rest of its camp")


class Camp(Part):
    """One side of the conflict."""

    label: Label = ""
    leader: Name = Field(description="who leads it; one person leads one camp")
    intensity: Militancy = Field(default=0.2, description="militancy of its moderate wing at the start")
    grievance: Militancy = Field(default=0.1, description="what drives it without any rival")
    reach: dict[Name, Weight] = Field(default={}, description="weight it gives each other camp; 1 for a camp left out, 0 to ignore it")
    reasonableness: Share = Field(default=0.7, description="how reasonable the public holds it to be at the start")
    promise: Share = Field(default=0.1, description="how far it promises order")
    tactic: Tactic = Field(default="confrontational", description="what it does in the street")
    background: Rate = Field(default=1.0, description="incidents a week it starts by itself at reference turnout, if confrontational")
    radical: Radical = Field(default=Radical(), description="its radical wing")
    source: Sourced = ()


class Cell(Part):
    """A part of the public: a region, a stratum, or both."""

    label: Label = ""
    share: Share = Field(default=1.0, description="share of all people; the cells sum to 1")
    hardship: Share = Field(default=0.5, description="0 to 1; 0.5 is neutral")
    core: dict[Name, Share] = Field(default={}, description="share of the cell's people that identify with each camp")
    leaning: dict[Name, Share] = Field(default={}, description="share of the cell's people that lean to each camp")
    cause: dict[Name, Sympathy] = Field(default={}, description="sympathy with each camp's cause, -1 to 1")
    police: Weight = Field(default=1.0, description="density of the police, as a factor of the state's")
    divided: Annotated[int, Field(ge=1, le=MOST_CELLS)] = Field(default=1, description="number of equal cells it is divided into")
    source: Sourced = ()


class Public(Part):
    """All people, in cells."""

    people: Annotated[int, Field(ge=1, le=MOST_PEOPLE)] = Field(description="number of people")
    cells: Annotated[dict[Name, Cell], Field(min_length=1)] = Field(description="parts of the public by key")
    source: Sourced = ()


class Authority(Part):
    """The state and its police."""

    legitimacy: Share = Field(default=0.6, description="at the start")
    police: Share = Field(default=0.004, description="per head of the people")
    reasonableness: Share = Field(default=0.7, description="how reasonable the public holds it to be at the start")
    promise: Share = Field(default=0.5, description="how far it promises order")
    source: Sourced = ()


class Outsider(Part):
    """Whom the elite may bargain with: a camp, or somebody outside of all camps."""

    camp: Name | None = Field(default=None, description="the camp it is; its support and its promise are then the camp's")
    label: str | None = Field(default=None, description="how to print it, where it is no camp")
    promise: Share | None = Field(default=None, description="how far it promises order, where it is no camp; 0.8 where absent")
    containability: Share = Field(default=0.3, description="true chance that a bargain contains it")
    source: Sourced = ()


class Member(Part):
    """A member of the elite."""

    weight: Weight = Field(default=1.0, description="weight in the elite's decisions")
    containability: Value | None = Field(
        default=None, description="believed chance that a bargain contains the outsider: number or distribution; the true one where absent"
    )
    source: Sourced = ()


class Elite(Part):
    """Those who decide between ignoring, conceding, repressing and bargaining."""

    members: Annotated[dict[Name, Member], Field(min_length=1)] = Field(description="persons by name")
    share: Annotated[float, Field(gt=0, lt=0.5)] = Field(default=0.05, description="their share of the people")
    inequality: Annotated[float, Field(gt=0, lt=1)] = Field(default=0.4, description="their share of all income")
    destruction: Share = Field(default=0.3, description="share of everything that a takeover destroys")
    source: Sourced = ()


class Media(Part):
    """What the media show: another way to write two parameters."""

    selection: Strength | None = Field(default=None, description="parameter media_selection")
    spread: Strength | None = Field(default=None, description="parameter intensity_spread")


class Severity(Part):
    """How severe an incident is: lognormal."""

    median: Strength | None = Field(default=None, description="parameter severity_median")
    log_sd: Strength | None = Field(default=None, description="parameter severity_log_sd")


class Incidents(Part):
    """How incidents set off further ones."""

    branching: tuple[tuple[Offspring, ...], ...] | None = Field(
        default=None,
        description="incidents of the camp of a row that follow one of the camp of a column; camps in the order of the file;"
        " spectral radius below 1",
    )
    half_life: Strength | None = Field(default=None, exclude=True, description="parameter half_life, in days")
    severity: Severity = Field(default=Severity(), exclude=True, description="how severe an incident is")
    source: Sourced = ()


class Shock(Part):
    """Something from outside that lasts for a time."""

    at: When = Field(description="its first tick")
    until: When | None = Field(default=None, description="its last tick; the first alone where absent")
    hardship: Shift = Field(default=0.0, description="added to the hardship of every cell")
    disorder: Shift = Field(default=0.0, description="added to disorder")
    legitimacy: Shift = Field(default=0.0, description="added to legitimacy")
    label: str = Field(default="", description="what it is")
    source: Sourced = ()


class StreetOutcome(Part):
    """What the scenario is about."""

    measure: Name = Field(default="order", description="a measure of the street")
    of: Name | None = Field(default=None, description="of which camp, option or ruler, where the measure is of one")


class Finding(Part):
    """A recorded number."""

    measure: Name = Field(description="a measure of the street")
    of: Name | None = Field(default=None, description="of which camp, option or ruler, where the measure is of one")
    since: When | None = Field(default=None, description="first moment of a count; may lie outside the horizon")
    at: When = Field(description="moment of a level, or last of a count; may lie outside the horizon")
    value: float = Field(description="in the unit of the measure")
    note: str = Field(default="", description="how it was worked out")
    source: Sourced = ()
    unconfirmed: bool = Field(default=False, description="whether it was not checked")


class StreetRecord(Part):
    """What happened, for comparison only; the run never looks at it."""

    on_top: Name | None = Field(default=None, description="who ruled at the end: elite, coalition, outsider or a camp")
    since: When | None = Field(default=None, description="since when; may lie outside the horizon")
    findings: tuple[Finding, ...] = Field(default=(), description="recorded numbers")
    notes: str = Field(default="", description="free text")
    source: Sourced = ()


def _at(part: Part, steps: tuple[str, ...]) -> float | None:
    inner = getattr(part, steps[0])
    return _at(inner, steps[1:]) if len(steps) > 1 else inner


class StreetScenario(Case[StreetCalendar, Figure]):
    """Camps that escalate before a public, as read from a file and everything it extends."""

    arena: Literal["street"] = Field(description="what kind of scenario it is")
    camps: Annotated[dict[Name, Camp], Field(min_length=FEWEST_CAMPS, max_length=MOST_CAMPS)] = Field(description="sides by key")
    public: Public = Field(description="all people, in cells")
    state: Authority = Field(default=Authority(), description="the state and its police")
    outsider: Outsider | None = Field(default=None, description="whom the elite may bargain with")
    elite: Elite | None = Field(default=None, description="those who decide how to answer")
    media: Media = Field(default=Media(), exclude=True, description="what the media show")
    incidents: Incidents = Field(default=Incidents(), description="how incidents set off further ones")
    shocks: tuple[Shock, ...] = Field(default=(), description="what comes from outside")
    parameters: dict[str, float] = Field(default={}, description="constants of the street, by name")
    outcome: StreetOutcome = Field(default=StreetOutcome(), description="what the scenario is about")
    record: StreetRecord | None = Field(default=None, description="what happened")
    sources: Sources = {}
    facts: Facts = ()

    @model_validator(mode="after")
    def _spelt_out(self) -> StreetScenario:
        """Put what was written in short form among the parameters."""
        written = {parameter: _at(self, steps) for steps, parameter in SHORT_FORMS.items()}
        self.parameters.update({parameter: value for parameter, value in written.items() if value is not None})
        return self

    @property
    def camp_names(self) -> tuple[str, ...]:
        """Names of the camps in the order of the file."""
        return tuple(self.camps)

    @property
    def outsider_promise(self) -> float:
        """How far the outsider promises order: as the camp it is, or as the file says; 0 without an outsider."""
        if self.outsider is None:
            return 0.0
        if self.outsider.camp is not None:
            return self.camps[self.outsider.camp].promise
        return OUTSIDERS_PROMISE if self.outsider.promise is None else self.outsider.promise

    def containability_prior(self, member: str) -> float | dict[str, list[float]]:
        """Return the chance a member of the elite gives a bargain to contain the outsider: a number or a distribution, from 0 to 1.

        Where the file does not say, it is the true one; without an outsider it is 0.

        Raises
        ------
        InputError
            If the elite has no such member.
        """
        members = self.elite.members if self.elite is not None else {}
        if member not in members:
            raise InputError(f"unknown member of the elite {member!r}", did_you_mean(member, members))
        believed = members[member].containability
        if believed is None:
            return self.outsider.containability if self.outsider is not None else 0.0
        return level_copy(believed.value)

    @property
    def branching(self) -> tuple[tuple[float, ...], ...]:
        """Incidents of the camp of a row that follow one of the camp of a column, by the file or else by default; shape (F, F)."""
        if self.incidents.branching is not None:
            return self.incidents.branching
        camps = range(len(self.camps))
        return tuple(tuple(OWN_OFFSPRING if g == f else RIVALS_OFFSPRING / (len(camps) - 1) for f in camps) for g in camps)
