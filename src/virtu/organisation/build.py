"""From a scenario to arrays: what all histories share, and the agenda of the baseline."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from virtu import chance
from virtu.errors import InputError
from virtu.organisation.state import NOBODY, Agenda, Setup
from virtu.scenario.distributions import quantiles
from virtu.scenario.schema import Scenario, places_of
from virtu.scenario.vocabulary import MECHANISMS, Status, parameters, traits


def setup(scenario: Scenario) -> Setup:
    """Return a scenario as arrays.

    Persons without a seat, a post or a call to come never take a place, so they are in nobody's arithmetic.

    Raises
    ------
    InputError
        If two names would share their chance.
    """
    names = scenario.person_names
    index = {name: number for number, name in enumerate(names)}
    posts = list(scenario.posts)
    try:
        chance.check_collisions(names, "persons")
        chance.check_collisions(_seat_names(scenario), "outer seats")
    except ValueError as error:
        raise InputError(str(error)) from error
    fields = {
        **_people(scenario),
        **_ties(scenario, index),
        **_issues(scenario),
        **_posts(scenario, index, posts),
        **_outer(scenario, index, posts),
        **_founder(scenario, index),
    }
    arrays: dict[str, Any] = {name: np.asarray(value) for name, value in fields.items()}
    return Setup(**arrays)


def _people(scenario: Scenario) -> dict[str, Any]:
    status = {"forum": int(Status.FORUM), "candidate": int(Status.CANDIDATE)}
    actors = scenario.actors
    entry = np.array([status.get(actor.entry, NOBODY) for actor in actors.values()], np.int32)
    pool = np.array([actor.entry == "pool" for actor in actors.values()])
    placed = np.flatnonzero(entry >= 0).astype(np.int32)
    _, spare = places_of(actor.entry for actor in actors.values())
    table = [
        [quantiles(scenario.trait_prior(person, name), trait.low, trait.high) for person in actors] for name, trait in traits().items()
    ]
    forum = scenario.forum
    return {
        "slot": np.array([chance.code(name) for name in actors], np.uint32),
        "entry": entry,
        "pool": pool,
        "place": np.concatenate([placed, np.full(spare, NOBODY, np.int32)]),
        "quantile": np.asarray(table, np.float32),
        "seats": np.int32(forum.seats),
        "candidate_seats": np.int32(forum.candidates),
        "seat_weight": np.array([forum.seat_weight, forum.candidate_weight, 0.0, 0.0, 0.0], np.float32),
        "modesty": np.float32(scenario.norms.modesty),
    }


def _ties(scenario: Scenario, index: dict[str, int]) -> dict[str, Any]:
    kinds = ("trust", "dependence", "grievance", "kindness")
    tables = {kind: np.zeros((len(index), len(index)), np.float32) for kind in kinds}
    for tie in scenario.ties:
        one, other = index[tie.from_], index[tie.to]
        for kind in kinds:
            tables[kind][one, other] = getattr(tie, kind)
            if tie.mutual:
                tables[kind][other, one] = getattr(tie, kind)
    return tables


def _issues(scenario: Scenario) -> dict[str, Any]:
    issues = scenario.issues
    weight = np.array([issue.weight for issue in issues.values()], np.float32)
    position, salience = [], []
    for actor in scenario.actors.values():
        held = [actor.positions.get(key, sum(issue.scale) / 2) for key, issue in issues.items()]
        position.append([_scaled(value, issue.scale) for value, issue in zip(held, issues.values(), strict=True)])
        salience.append([actor.salience.get(key, 0.5) for key in issues])
    return {
        "position": np.array(position, np.float32),
        "salience": np.array(salience, np.float32),
        "issue_weight": weight / max(float(weight.sum()), 1e-9),
        "status_quo": np.array([_scaled(issue.status_quo, issue.scale) for issue in issues.values()], np.float32),
    }


def _scaled(value: float, scale: tuple[float, float]) -> float:
    return (value - scale[0]) / (scale[1] - scale[0])


def _posts(scenario: Scenario, index: dict[str, int], posts: list[str]) -> dict[str, Any]:
    appointer = _appointers(scenario)
    values = scenario.posts.values()
    return {
        "post_weight": np.array([post.weight for post in values], np.float32),
        "post_holder": np.array([_person(index, post.holder) for post in values], np.int32),
        "post_appointer": np.array([_at(posts, appointer.get(name)) for name in posts], np.int32),
        "post_records": np.array([post.records for post in values], np.float32),
        "post_access": np.array([post.access for post in values], np.float32),
        "forum_appointer": np.int32(_at(posts, appointer.get("forum"))),
    }


def _appointers(scenario: Scenario) -> dict[str, str]:
    """Which post appoints what; where several are named, the first."""
    found: dict[str, str] = {}
    for name, post in scenario.posts.items():
        for what in post.appoints:
            found.setdefault(what, name)
    return found


def _at(names: list[str], name: str | None) -> int:
    return NOBODY if name is None else names.index(name)


def _person(index: dict[str, int], name: str | None) -> int:
    return NOBODY if name is None else index[name]


def _seat_names(scenario: Scenario) -> Iterable[str]:
    for key, group in scenario.groups.items():
        yield from (f"{key} {number}" for number in range(group.count))


def _outer(scenario: Scenario, index: dict[str, int], posts: list[str]) -> dict[str, Any]:
    appointer = _appointers(scenario)
    columns: dict[str, list[np.ndarray]] = {"weight": [], "turnover": [], "appointer": [], "patron": [], "reliance": []}
    for key, group in scenario.groups.items():
        patrons = [index[name] for name, count in group.patrons.items() for _ in range(count)]
        patron = np.array(patrons + [NOBODY] * (group.count - len(patrons)), np.int32)
        columns["weight"].append(np.full(group.count, group.weight, np.float32))
        columns["turnover"].append(np.full(group.count, group.turnover, np.float32))
        columns["appointer"].append(np.full(group.count, _at(posts, appointer.get(key)), np.int32))
        columns["patron"].append(patron)
        columns["reliance"].append(np.where(patron >= 0, np.float32(group.dependence), np.float32(0.0)))
    kinds = {"appointer": np.int32, "patron": np.int32}
    joined = {f"outer_{name}": np.concatenate([np.zeros(0, kinds.get(name, np.float32)), *parts]) for name, parts in columns.items()}
    return joined | {"outer_slot": np.array([chance.code(name) for name in _seat_names(scenario)], np.uint32)}


def _founder(scenario: Scenario, index: dict[str, int]) -> dict[str, Any]:
    founder = scenario.founder
    stroke = np.zeros(scenario.ticks, np.float32)
    access, condemned = np.zeros(len(index), np.float32), np.zeros(len(index), np.float32)
    none = {"stroke": stroke, "access": access, "condemned": condemned}
    if founder is None:
        nought, nobody = np.float32(0.0), np.int32(NOBODY)
        return none | {"founder": nobody, "health": nought, "legitimacy": nought, "death": nobody, "testament": nobody}
    for event in founder.strokes:
        stroke[scenario.tick_of(event.at)] += event.severity
    for name, share in founder.access.items():
        access[index[name]] = share
    testament = founder.testament
    for name, degree in testament.against.items() if testament else ():
        condemned[index[name]] = degree
    return none | {
        "founder": np.int32(index[founder.actor]),
        "health": np.float32(founder.health),
        "legitimacy": np.float32(founder.legitimacy),
        "death": np.int32(NOBODY if founder.death is None else scenario.tick_of(founder.death)),
        "testament": np.int32(scenario.tick_of(testament.read) if testament else NOBODY),
    }


def baseline(scenario: Scenario, ticks: int | None = None) -> Agenda:
    """Return the agenda of a scenario to which nothing is done, as numpy arrays that a copy may change.

    Parameters
    ----------
    scenario : Scenario
        Gives parameters and order of speech.
    ticks : int, optional
        Length; the scenario's own by default.
    """
    length = scenario.ticks if ticks is None else ticks
    persons, posts = len(scenario.actors), len(scenario.posts)
    values = [scenario.parameters.get(name, knob.default) for name, knob in parameters().items()]
    return Agenda(
        trait=np.full((length, len(traits()), persons), np.nan, np.float32),
        parameter=np.tile(np.array(values, np.float32), (length, 1)),
        mechanism=np.ones((length, len(MECHANISMS)), np.float32),
        move=np.full((length, persons), NOBODY, np.int32),
        target=np.full((length, persons), NOBODY, np.int32),
        urge=np.zeros((length, persons), np.float32),
        random_order=np.full(length, float(scenario.order_of_speech == "random"), np.float32),
        access=np.ones((length, persons), np.float32),
        holder=np.full((length, posts), NOBODY, np.int32),
        health=np.full(length, np.nan, np.float32),
        testament=np.full(length, -1.0, np.float32),
        trained=np.zeros((length, persons), np.float32),
        shared=np.zeros((length, persons), np.int32),
        forbid=np.zeros((0, 5), np.int32),
        tie=np.zeros((0, 5), np.float32),
    )


def fitted(setup: Setup, ticks: int) -> Setup:
    """Return a setup for a run of another length: strokes are cut off, or followed by none."""
    stroke = np.zeros(ticks, np.float32)
    kept = setup.stroke[:ticks]
    stroke[: len(kept)] = kept
    return setup._replace(stroke=stroke)
