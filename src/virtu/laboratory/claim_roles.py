"""Who plays the parts that claims speak of, found in a scenario by rule, so that a claim can be put to any scenario of its arena.

In the organisation:

- *favourite*: whose outcome the scenario is about;
- *rival*: of the others in the forum, the founder left out, whom the favourite trusts least, grievance taken off; of equals the strongest;
- *contenders*: the three strongest of them; *weakest*: the weakest of them who has a vote and is not the rival;
- *office* and *appointer*: the post that fills the most strength of outer seats, and its holder; *keeper*: who holds the records;
- *needed* and *needy*: who is depended on by more than they depend on others, and the other way round;
- *each*, and *each but* a role: all who can ever have a place.

In the street: *camp*, that of the outcome, else the first; *other camp*, the first of the rest; *outsider*, or the camp that is one;
*promiser*, who promises most order. And in both: *year* 1.5, the tick that far from the start.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import product
from typing import TypeAlias

from virtu.errors import InputError
from virtu.laboratory.intervention_kinds import named
from virtu.scenario import AnyScenario, Scenario, StreetScenario
from virtu.scenario.street_vocabulary import RULERS

Cast: TypeAlias = Mapping[str, tuple[str, ...]]
"""Who plays each role; a role that nobody can play is missing."""

SLOT = re.compile(r"\{(?P<role>[a-z ]+?)(?: (?P<number>[0-9.]+))?\}")
YEAR = {"week": 52, "month": 12, "quarter": 4, "year": 1}
"""Ticks of a year."""

MOST_CONTENDERS = 3


def cast(scenario: AnyScenario) -> Cast:
    """Return who plays each role in a scenario."""
    found = _organisation(scenario) if isinstance(scenario, Scenario) else _street(scenario)
    return {role: names for role, names in found.items() if names}


def filled(text: str, scenario: AnyScenario, who: Cast, write: Callable[[str], str] = named) -> list[str]:
    """Return a text with its roles filled in, once for every way to fill them where several play one.

    Parameters
    ----------
    text : str
        Such as ``trait {favourite}.nerve = 0.9 @ {year 1}``.
    scenario : Scenario
        Whose calendar says what a year is.
    who : mapping
        From `cast`.
    write : callable
        How a name is written.

    Raises
    ------
    InputError
        If nobody in the scenario plays a role, or it is over before a year.
    """
    slots = list(dict.fromkeys(SLOT.findall(text)))
    choices = [_players(role, number, scenario, who) for role, number in slots]
    ways = [dict(zip(slots, way, strict=True)) for way in product(*choices)]
    return [SLOT.sub(lambda slot, way=way: _written(slot, way[slot["role"], slot["number"] or ""], write), text) for way in ways]


def _written(slot: re.Match[str], name: str, write: Callable[[str], str]) -> str:
    return name if slot["number"] else write(name)


def _players(role: str, number: str, scenario: AnyScenario, who: Cast) -> tuple[str, ...]:
    if role == "year" and number:
        return (_tick(float(number), scenario),)
    base, _, spared = role.partition(" but ")
    missing = next((one for one in (base, spared) if one and one not in who), None)
    if missing is not None:
        raise InputError(f"nobody in {scenario.scenario} is the {missing}")
    return tuple(name for name in who[base] if not spared or name not in who[spared])


def _tick(years: float, scenario: AnyScenario) -> str:
    tick = round(years * YEAR[scenario.calendar.unit])
    if tick >= scenario.ticks:
        raise InputError(f"{scenario.scenario} is over after {scenario.ticks} ticks, before year {years:g}")
    return f"t{tick}"


# the organisation


def _organisation(scenario: Scenario) -> dict[str, tuple[str, ...]]:
    strength = {name: _strength(scenario, name) for name in scenario.actors}
    favourite = scenario.outcome.actor
    founder = scenario.founder.actor if scenario.founder else None
    seated = [name for name, actor in scenario.actors.items() if actor.entry in ("forum", "candidate") and name not in (favourite, founder)]
    by_strength = sorted(seated, key=lambda name: -strength[name])
    rivals = sorted(by_strength, key=lambda name: _regard(scenario, favourite, name))[:1] if favourite else []
    voting = [name for name in by_strength if scenario.actors[name].entry == "forum" and name not in rivals]
    office = max(scenario.posts, key=lambda name: _fills(scenario, name), default=None)
    if office is not None and (_fills(scenario, office) == 0.0 or scenario.posts[office].holder is None):
        office = None
    needs = {name: _needs(scenario, name) for name in scenario.actors}
    return {
        "favourite": _if(favourite),
        "rival": tuple(rivals),
        "contenders": tuple(by_strength[:MOST_CONTENDERS]) if favourite else (),
        "weakest": tuple(voting[-1:]),
        "office": _if(office),
        "appointer": _if(office and scenario.posts[office].holder),
        "keeper": _if(next((post.holder for post in scenario.posts.values() if post.records), None)),
        "needed": tuple(name for name, balance in needs.items() if balance < 0.0),
        "needy": tuple(name for name, balance in needs.items() if balance > 0.0),
        "each": tuple(name for name, actor in scenario.actors.items() if actor.entry != "none"),
    }


def _if(name: str | None) -> tuple[str, ...]:
    return () if name is None else (name,)


def _own(scenario: Scenario, name: str) -> float:
    """Strength of a person's own seat and posts."""
    forum = scenario.forum
    seat = {"forum": forum.seat_weight, "candidate": forum.candidate_weight}.get(scenario.actors[name].entry, 0.0)
    return seat + sum(post.weight for post in scenario.posts.values() if post.holder == name)


def _strength(scenario: Scenario, name: str) -> float:
    """Strength at the start: one's own, and what is owed by officials and by others."""
    owed = sum(group.patrons.get(name, 0) * group.weight * group.dependence for group in scenario.groups.values())
    bonds = _dependence(scenario)
    return _own(scenario, name) + owed + sum(share * _own(scenario, one) for (one, other), share in bonds.items() if other == name)


def _dependence(scenario: Scenario) -> dict[tuple[str, str], float]:
    bonds = {(tie.from_, tie.to): tie.dependence for tie in scenario.ties}
    return bonds | {(tie.to, tie.from_): tie.dependence for tie in scenario.ties if tie.mutual}


def _needs(scenario: Scenario, name: str) -> float:
    """How much a person depends on others, less how much they depend on it."""
    return sum(share * ((one == name) - (other == name)) for (one, other), share in _dependence(scenario).items())


def _regard(scenario: Scenario, one: str, other: str) -> float:
    """Trust of one in another at the start, less grievance."""
    ties = [tie for tie in scenario.ties if (tie.from_, tie.to) == (one, other) or (tie.mutual and (tie.to, tie.from_) == (one, other))]
    return sum(tie.trust - tie.grievance for tie in ties)


def _fills(scenario: Scenario, post: str) -> float:
    """Strength of the outer seats that a post fills."""
    groups = (scenario.groups[name] for name in scenario.posts[post].appoints if name in scenario.groups)
    return sum(group.count * group.weight for group in groups)


# the street


def _street(scenario: StreetScenario) -> dict[str, tuple[str, ...]]:
    camps, stated = scenario.camp_names, scenario.outcome.of
    camp = stated if stated in camps else camps[0]
    promises = {"state": scenario.state.promise} | {name: one.promise for name, one in scenario.camps.items()}
    outsider = None
    if scenario.outsider is not None:
        outsider = scenario.outsider.camp or RULERS[-1]
        promises[outsider] = scenario.outsider_promise
    return {
        "camp": (camp,),
        "other camp": tuple(name for name in camps if name != camp)[:1],
        "outsider": _if(outsider),
        "promiser": (max(promises, key=lambda name: promises[name]),),
    }
