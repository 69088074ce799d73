"""The tick: what is done to the history from outside, and the nine phases in their order."""

from __future__ import annotations

import copy
import math
from types import SimpleNamespace as Record

from virtu.organisation.state import NOBODY, VACANT

from .chance import Words
from .choosing import move
from .contests import contest
from .founder import founder
from .ledgers import remember
from .meetings import meeting
from .minds import attention, depth_weights
from .perception import perception
from .purges import purge
from .state import clear_info, people, place_of, places
from .training import bits, gain, train
from .vacancies import vacancies
from .work import work

TIES = ("trust", "dependence", "grievance", "kindness")


def tick(setup: Record, traits: list[list[float]], agenda: Record, state: Record, key: Words, now: int) -> tuple[Record, Record]:
    """Run one tick of one history.

    Parameters
    ----------
    setup, agenda, state : Record
        From `plain` and `plain_agenda`.
    traits : list of list of float
        One list of persons for each trait.
    key : tuple of int
        The two words of the history.
    now : int
        The tick.

    Returns
    -------
    tuple of Record
        State after the tick, and its notes, with the decisions that hang on less than rounding as ``near``.
    """
    state, info = copy.deepcopy(state), clear_info(len(state.person))
    info.near = []
    world = look_around(setup, traits, agenda, state, key, now, info.near)
    intervene(state, world)
    for phase in (work, founder, vacancies):
        phase(state, info, world)
    world = look_around(setup, traits, agenda, state, key, now, info.near)
    for phase in (meeting, perception, move, contest, purge, remember):
        phase(state, info, world)
    return state, info


def look_around(setup: Record, traits: list[list[float]], agenda: Record, state: Record, key: Words, now: int, near: list[str]) -> Record:
    """Return what surrounds the history: minds as they are in place, constants, mechanisms; an empty place has the first person's mind."""
    rows = [
        [own if math.isnan(given) else given for own, given in zip(row, rows_given, strict=True)]
        for row, rows_given in zip(traits, agenda.trait, strict=True)
    ]
    persons = people(rows)
    slots = [setup.slot[max(person, 0)] for person in state.person]
    train(persons, setup.slot, agenda, key)
    mind = [persons[max(person, 0)] for person in state.person]
    thinks = agenda.mechanism["theory_of_mind"]
    depth = [depth_weights(each.theory_of_mind_depth * thinks) for each in mind]
    precision = [each.theory_of_mind_precision * thinks for each in mind]
    return Record(
        setup=setup,
        persons=persons,
        mind=mind,
        p=Record(**agenda.parameter),
        on=agenda.mechanism,
        done=agenda,
        key=key,
        tick=now,
        near=near,
        slot=slots,
        groups=[bits(agenda.shared[max(person, 0)]) for person in state.person],
        warmth=[gain(key, "shared experience", slot, agenda.parameter, "sharing") for slot in slots],
        depth=depth,
        precision=precision,
        attention=[attention(weights, sharp) for weights, sharp in zip(depth, precision, strict=True)],
    )


def intervene(state: Record, world: Record) -> None:
    """Empty posts, fill them with those in office, and set ties."""
    for post, put in enumerate(world.done.holder):
        if put == VACANT:
            state.holder[post] = NOBODY
        elif place_of(state, put) is not None:
            state.holder[post] = put
    for when, one, other, kind, value in world.done.tie:
        for row in places(state):
            for column in places(state):
                if when == world.tick and (state.person[row], state.person[column]) == (one, other):
                    getattr(state, TIES[int(kind)])[row][column] = value
    for row in places(state):
        owed = max(sum(state.dependence[row]), 1.0)
        state.dependence[row] = [share / owed for share in state.dependence[row]]
