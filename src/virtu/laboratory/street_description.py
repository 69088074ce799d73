"""What the description of a street says that is peculiar to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from virtu.chance import SITES as ALL_SITES
from virtu.scenario import StreetScenario
from virtu.scenario.street_vocabulary import STREET_MECHANISMS as MECHANISMS
from virtu.scenario.street_vocabulary import street_parameters as parameters
from virtu.street import measures as known
from virtu.street import state
from virtu.street.phases import PHASES

__all__ = [
    "CONCEPTS",
    "MECHANISMS",
    "MOVES",
    "PHASES",
    "SETUP",
    "SITES",
    "SPACE",
    "STATE",
    "entities",
    "measures",
    "parameters",
    "recorded",
]

STATE, SETUP = state.State, state.Setup

MOVES: dict[str, Callable[..., Any]] = {}
"""Camps do not choose their tactics; the scenario and what is done to it do."""

SITES: tuple[str, ...] = tuple(site for site in ALL_SITES if site.startswith("street"))
"""Decisions at which chance enters."""

SPACE = (
    "Space is the cells of the public: regions, strata, or both, each mixed within itself and without neighbours (F below: camps; W wings;"
    " C cells; G groups of a cell's people; O options; P persons; M members of the elite; T ticks)."
)

CONCEPTS: tuple[Mapping[str, str], ...] = (
    {
        "name": "Basic principles",
        "text": "An arms race between camps that know each other from what media show; a threshold rule for who goes out; incidents that"
        " beget incidents; a public that chooses by what it is shown; an elite that weighs threats.",
    },
    {
        "name": "Emergence",
        "text": "Escalation, the first shot, backlash, concessions and changes of rule come from what leaders, people and the elite see and"
        " choose; none is imposed.",
    },
    {
        "name": "Adaptation",
        "text": "People go out or stay, and think again whom to support; leaders fire or hold; members of the elite choose among four"
        " answers by quantal response.",
    },
    {"name": "Objectives", "text": "Net grievance for who goes out; utility for whom to support; income kept for the elite."},
    {"name": "Learning", "text": "Leaders' beliefs about the rivals' intent are updated by own victims; estimates follow what is shown."},
    {"name": "Prediction", "text": "Members of the elite expect a revolt and an outsider's containment by what they believe."},
    {
        "name": "Sensing",
        "text": "Intensity is seen through media that select the loudest; a leader's theory of mind corrects it. People see the police and"
        " the crowd of their cell.",
    },
    {"name": "Interaction", "text": "Through what is shown of each other, through incidents and their victims, and through the state."},
    {"name": "Collectives", "text": "Camps with wings, and groups of the public; both are counts, with states of their own."},
)


def entities(scenario: StreetScenario) -> list[dict[str, str]]:
    """Return name and text of each kind of entity of a scenario."""
    camps = [
        f"{camp.label or key}, led by {camp.leader}, {camp.tactic}, radical wing {100 * camp.radical.share:g} %"
        for key, camp in scenario.camps.items()
    ]
    persons = [f"{name} ({actor.role})" if actor.role else name for name, actor in scenario.actors.items()]
    cells = [f"{cell.label or key}, {100 * cell.share:g} %" for key, cell in scenario.public.cells.items()]
    found = {
        f"Camps ({len(camps)})": "; ".join(camps),
        f"Persons ({len(persons)})": "; ".join(persons),
        "The public": f"{scenario.public.people:,} people, in cells: {'; '.join(cells)}",
        "The state": f"legitimacy {scenario.state.legitimacy:g}, {scenario.state.police:g} police a head",
        "The elite": "; ".join(scenario.elite.members) if scenario.elite else "none",
        "The outsider": "none"
        if scenario.outsider is None
        else scenario.outsider.camp or scenario.outsider.label or "apart from the camps",
    }
    return [{"name": name, "text": text} for name, text in found.items()]


def measures() -> list[dict[str, str]]:
    """Return form, unit and meaning of each measure."""
    return [
        {"name": f"{one.name}:{one.of.upper()}" if one.of else one.name, "unit": one.unit, "text": one.doc}
        for one in known.MEASURES.values()
    ]


def recorded(scenario: StreetScenario) -> str:
    """Return what a scenario is held against, or nothing."""
    return "what is on record of the conflict, stated in the file" if scenario.record else ""
