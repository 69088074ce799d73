"""What the loops work on, what can be read off it at once, and how standing is lost.

Records have the fields of `virtu.organisation.state`, as nested lists without the axis of histories.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace as Record
from typing import Any, TypeAlias

import numpy as np

from virtu.organisation.state import CAUSE_CODE, NOBODY, Agenda
from virtu.scenario.vocabulary import MECHANISMS, Parameters, Status, Traits

Matrix: TypeAlias = list[list[float]]

UNSHARED = ("parameter", "mechanism", "forbid", "tie")
"""Parts of an agenda that have no axis of histories."""


def plain(tree: Any, history: int) -> Record:
    """Return one history of a named tuple of arrays as a record of nested lists; an axis of 1 is shared by all histories."""
    parts = {name: np.asarray(part) for name, part in tree._asdict().items() if name != "quantile"}
    return Record(**{name: part[..., history if part.shape[-1] > 1 else 0].tolist() for name, part in parts.items()})


def plain_agenda(agenda: Agenda, history: int) -> Record:
    """Return what is done at a tick as a record, with parameters and mechanisms by name."""
    done = plain(agenda._replace(**dict.fromkeys(UNSHARED, np.zeros(1))), history)
    done.parameter = dict(zip(Parameters._fields, np.asarray(agenda.parameter).tolist(), strict=True))
    done.mechanism = dict(zip(MECHANISMS, np.asarray(agenda.mechanism).tolist(), strict=True))
    done.forbid, done.tie = np.asarray(agenda.forbid).tolist(), np.asarray(agenda.tie).tolist()
    return done


def people(traits: list[list[float]]) -> list[Record]:
    """Return one record of traits for each person, from a list of persons for each trait."""
    return [Record(**dict(zip(Traits._fields, values, strict=True))) for values in zip(*traits, strict=True)]


def matrix(count: int) -> Matrix:
    """Return a square of zeros."""
    return [[0.0] * count for _ in range(count)]


def clear_info(count: int) -> Record:
    """Return the notes of a tick in which nothing has happened yet."""
    zeros = {name: [0] * count for name in ("move", "outcome", "side", "cause")}
    nobodies = {name: [NOBODY] * count for name in ("target", "fall", "by", "fell")}
    floats = {name: [0.0] * count for name in ("score", "satisfaction", "insight")}
    pairs = {name: matrix(count) for name in ("protects", "harm", "benefit")}
    single = {"purged": 0.0, "innocent": 0.0, "result": 0.0, "passed": 0.0}
    nobody = {"settled": NOBODY, "executor": NOBODY, "proposer": NOBODY}
    return Record(**zeros, **nobodies, **floats, **pairs, **single, **nobody)


def places(state: Record) -> range:
    """Return the numbers of the places."""
    return range(len(state.person))


def status_of(state: Record, place: int) -> int:
    """Return the status of whoever holds a place; out for an empty one."""
    person = state.person[place]
    return int(Status.OUT) if person < 0 else state.status[person]


def in_office(state: Record, place: int) -> bool:
    return status_of(state, place) <= Status.OFFICE


def in_forum(state: Record, place: int) -> bool:
    return status_of(state, place) <= Status.CANDIDATE


def both_in_office(state: Record, one: int, other: int) -> bool:
    """Return whether two places are different and both held by somebody in office."""
    return one != other and in_office(state, one) and in_office(state, other)


def place_of(state: Record, person: int) -> int | None:
    """Return the place a person holds in office."""
    found = [place for place in places(state) if state.person[place] == person and in_office(state, place)]
    return found[0] if found and person >= 0 else None


def posts_of(state: Record, place: int) -> list[int]:
    """Return the posts held at a place."""
    person = state.person[place]
    return [post for post, holder in enumerate(state.holder) if person >= 0 and holder == person]


def post_weight(setup: Record, state: Record, place: int) -> float:
    return sum(setup.post_weight[post] for post in posts_of(state, place))


def free_dependence(state: Record, place: int) -> float:
    """Return the share of a place's weight that is not owed to anybody yet."""
    return 1.0 - sum(state.dependence[place])


def standing(setup: Record, state: Record) -> list[Record]:
    """Return weight, public part, backing, what is owed, and strength of every place: γ_i = w_i + m_i + ℓ_i + Σ_j D_ji w_j."""
    weight = [
        setup.seat_weight[status_of(state, place)] + post_weight(setup, state, place) if in_office(state, place) else 0.0
        for place in places(state)
    ]
    found = []
    for place in places(state):
        if not in_office(state, place):
            found.append(Record(weight=0.0, public=0.0, owed=0.0, backing=0.0, strength=0.0))
            continue
        public = weight[place] + state.merit[place] + state.legitimacy[place]
        backing = sum(state.dependence[other][place] * weight[other] for other in places(state))
        for seat, patron in enumerate(state.patron):
            if patron == state.person[place]:
                backing += state.reliance[seat] * setup.outer_weight[seat]
        owed = weight[place] * sum(state.dependence[place])
        found.append(Record(weight=weight[place], public=public, owed=owed, backing=backing, strength=public + backing))
    return found


def fall(state: Record, info: Record, place: int, grade: int, cause: str, by: int) -> None:
    """Lower a person to a grade: all posts are lost, and, out of office, clients, debts, merit, legitimacy and attention too."""
    person = state.person[place]
    if person < 0 or grade <= status_of(state, place):
        return
    state.holder = [NOBODY if holder == person else holder for holder in state.holder]
    state.status[person], state.fallen[person] = grade, True
    info.fall[place], info.cause[place], info.by[place], info.fell[place] = grade, CAUSE_CODE[cause], by, person
    if grade < Status.OUT:
        return
    for seat, patron in enumerate(state.patron):
        if patron == person:
            state.patron[seat], state.reliance[seat] = NOBODY, 0.0
    for other in places(state):
        state.dependence[place][other] = state.dependence[other][place] = 0.0
    state.merit[place] = state.legitimacy[place] = state.focus[place] = 0.0


def largest(world: Record, values: dict[int, float], what: str, within: float | None = None) -> int | None:
    """Return the key of the largest value, of equals the first, and note where the second comes within rounding of it."""
    if not values:
        return None
    chosen = max(values, key=lambda key: values[key])
    note_near(world, values[chosen], (value for key, value in values.items() if key != chosen), what, within)
    return chosen


def note_near(world: Record, value: float, others: Iterable[float], what: str, within: float | None = None) -> None:
    """Note that a decision hangs on a difference that single precision cannot tell from none."""
    width = 1e-5 * max(1e-3, min(1.0, abs(value))) if within is None else within
    if any(abs(value - other) < width for other in others):
        world.near.append(what)
