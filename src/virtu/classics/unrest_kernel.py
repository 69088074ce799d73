r"""The compiled steps of `civil_violence`: one person after another, in random order, each seeing what those before have done.

Chance is keyed by what it is for: one draw = f(seed, site, step, turn, slot), see `keyed_draws`. So somebody who needs a draw more changes
nobody else's luck.

Instead of looking around, everybody reads two numbers kept for his cell: how many cops and how many actives are in sight of it. They change
when a cop moves or somebody's state does, which is far rarer than looking.

State is in two arrays of records and the rules in one record. Arrays inside tuples would be counted in and out at every call, and the
compiler's cache could not be read once a class of this file had changed its name.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numba import njit

from virtu.classics.keyed_draws import below, fold, mix, uniform

COP = 2
"""Group of a cop; citizens are of group 0 or 1."""

NOBODY = -1
"""Group of an unused place among the people, and person in an empty cell."""

FREE = -1
"""Term of who is not in jail."""

CELL = np.dtype(
    [
        ("person", np.int64),  # who stands there, or NOBODY
        ("cops", np.int64),  # in a citizen's sight from there
        ("actives", np.int64),  # in a citizen's sight from there, whoever stands there left out
    ]
)
"""A cell of the torus; cells are numbered row by row."""

Cells: TypeAlias = Any
"""Array (cells,) of records `CELL`."""

PERSON = np.dtype(
    [
        ("group", np.int64),  # 0, 1, COP or NOBODY
        ("cell", np.int64),  # where, or NOBODY off the lattice
        ("active", np.int64),  # 0 or 1
        ("term", np.int64),  # steps still to sit, or FREE
        ("life", np.int64),  # steps to live, or below 0 for ever
        ("born", np.int64),  # step of birth, -1 for the first
        ("hardship", np.float64),  # 0 … 1
        ("aversion", np.float64),  # to risk, 0 … 1
    ]
)
"""A citizen or cop, or a place for one."""

People: TypeAlias = Any
"""Array (places,) of records `PERSON`."""

ROUNDINGS = ("floor", "round", "even", "none")
VIEWS = CITIZENS_VIEW, COPS_VIEW, BESIDE = tuple(range(3))
"""First index of the array of views (3, 2, most): what citizens and cops see of the torus, and the four cells beside one, each as cells
down, 0 … height - 1, and cells to the right, 0 … width - 1."""

COUNTS = ACTIVE, JAILED, LIVING, ARRESTED, KILLED = tuple(range(5))
"""First index of the record (5, 2, steps): counts by group at the end of each step; arrests and killings in it, by the victim's group."""

SITES = PLACE, TRAITS, ORDER, RELEASE, MOVE, ARREST, TERM, VICTIM, BIRTH = tuple(range(9))
TRIES = 64
"""Cells tried at random before all in sight are listed."""

CONDUCT = np.dtype(
    [
        ("height", np.int64),
        ("width", np.int64),
        ("citizens_sight", np.int64),  # cells in each view
        ("cops_sight", np.int64),
        ("beside", np.int64),
        ("threshold", np.float64),
        ("k", np.float64),
        ("deterrence", np.float64),  # Jᵅ
        ("rounding", np.int64),  # index into ROUNDINGS
        ("longest_term", np.int64),
        ("drawn", np.int64),  # turns are drawn with replacement; 0 or 1, as are the next three
        ("moves", np.int64),
        ("move_first", np.int64),
        ("stay", np.int64),  # the jailed stay in their cells
        ("birth", np.float64),  # below 0 in model I
        ("longest_life", np.int64),  # 0 for ever
    ]
)
"""The rules as numbers."""

Conduct: TypeAlias = Any
"""One record `CONDUCT`."""


@njit(cache=True, error_model="numpy")
def _shuffle(items: np.ndarray, key: np.uint64) -> None:
    for last in range(items.size - 1, 0, -1):
        other = below(key, last, last + 1)
        items[last], items[other] = items[other], items[last]


@njit(cache=True, error_model="numpy")
def _seen(views: np.ndarray, conduct: Conduct, view: int, row: int, column: int, nth: int) -> int:
    """Return the nth cell in sight of a place; by row and column, for to divide is slow, and who looks at many cells divides once."""
    row, column = row + views[view, 0, nth], column + views[view, 1, nth]
    row -= conduct.height if row >= conduct.height else 0
    column -= conduct.width if column >= conduct.width else 0
    return row * conduct.width + column


@njit(cache=True, error_model="numpy")
def _tell_of_cop(cells: Cells, views: np.ndarray, conduct: Conduct, cell: int, change: int) -> None:
    """Let every citizen in sight see a cop come or go; sight is mutual."""
    row, column = cell // conduct.width, cell % conduct.width
    for nth in range(conduct.citizens_sight):
        cells[_seen(views, conduct, CITIZENS_VIEW, row, column, nth)].cops += change


@njit(cache=True, error_model="numpy")
def _tell_of_active(cells: Cells, views: np.ndarray, conduct: Conduct, cell: int, change: int) -> None:
    """Let every citizen in sight see an active come or go."""
    row, column = cell // conduct.width, cell % conduct.width
    for nth in range(conduct.citizens_sight):
        cells[_seen(views, conduct, CITIZENS_VIEW, row, column, nth)].actives += change


@njit(cache=True, error_model="numpy")
def _calm(cells: Cells, people: People, views: np.ndarray, conduct: Conduct, who: int) -> None:
    if people[who].active:
        people[who].active = 0
        _tell_of_active(cells, views, conduct, people[who].cell, -1)


@njit(cache=True, error_model="numpy")
def _empty_in_sight(cells: Cells, views: np.ndarray, conduct: Conduct, view: int, cell: int, key: np.uint64) -> int:
    """Return an empty cell in sight, each as likely, or the cell itself where there is none."""
    row, column = cell // conduct.width, cell % conduct.width
    size = conduct.citizens_sight if view == CITIZENS_VIEW else conduct.cops_sight if view == COPS_VIEW else conduct.beside
    for trial in range(TRIES if size else 0):
        target = _seen(views, conduct, view, row, column, below(key, trial, size))
        if cells[target].person == NOBODY:
            return target
    chosen, empty = cell, 0
    for nth in range(size):
        target = _seen(views, conduct, view, row, column, nth)
        if cells[target].person == NOBODY:
            empty += 1
            if below(key, TRIES + nth, empty) == 0:
                chosen = target
    return chosen


@njit(cache=True, error_model="numpy")
def _empty_anywhere(cells: Cells, key: np.uint64) -> int:
    """Return an empty cell of the lattice, each as likely, or NOBODY where there is none."""
    for trial in range(TRIES):
        target = below(key, trial, cells.size)
        if cells[target].person == NOBODY:
            return target
    chosen, empty = NOBODY, 0
    for target in range(cells.size):
        if cells[target].person == NOBODY:
            empty += 1
            if below(key, TRIES + target, empty) == 0:
                chosen = target
    return chosen


@njit(cache=True, error_model="numpy")
def _active_in_sight(cells: Cells, people: People, views: np.ndarray, conduct: Conduct, cell: int, key: np.uint64) -> int:
    """Return an active in a cop's sight, each as likely, or NOBODY."""
    # Both sights are of one shape, so a cop who sees no more cells than a citizen need not look where a citizen would see nobody active.
    if conduct.cops_sight <= conduct.citizens_sight and cells[cell].actives == 0:
        return NOBODY
    row, column = cell // conduct.width, cell % conduct.width
    chosen, found = NOBODY, 0
    for nth in range(conduct.cops_sight):
        who = cells[_seen(views, conduct, COPS_VIEW, row, column, nth)].person
        if who != NOBODY and people[who].active:
            found += 1
            if below(key, nth, found) == 0:
                chosen = who
    return chosen


@njit(cache=True, error_model="numpy")
def _victim_in_sight(cells: Cells, people: People, views: np.ndarray, conduct: Conduct, cell: int, group: int, key: np.uint64) -> int:
    """Return a member of a group in a citizen's sight who is not in jail, each as likely, or NOBODY."""
    row, column = cell // conduct.width, cell % conduct.width
    chosen, found = NOBODY, 0
    for nth in range(conduct.citizens_sight):
        who = cells[_seen(views, conduct, CITIZENS_VIEW, row, column, nth)].person
        if who != NOBODY and people[who].group == group and people[who].term == FREE:
            found += 1
            if below(key, nth, found) == 0:
                chosen = who
    return chosen


@njit(cache=True, error_model="numpy")
def _leave(cells: Cells, people: People, who: int) -> None:
    if people[who].cell != NOBODY:
        cells[people[who].cell].person = NOBODY
        people[who].cell = NOBODY


@njit(cache=True, error_model="numpy")
def _stand(cells: Cells, people: People, who: int, cell: int) -> None:
    _leave(cells, people, who)
    cells[cell].person = who
    people[who].cell = cell


@njit(cache=True, error_model="numpy")
def _remove(cells: Cells, people: People, views: np.ndarray, conduct: Conduct, who: int) -> None:
    _calm(cells, people, views, conduct, who)
    _leave(cells, people, who)
    people[who].group = NOBODY
    people[who].term = FREE


@njit(cache=True, error_model="numpy")
def _rebels(people: People, conduct: Conduct, legitimacy: float, who: int, ratio: float) -> bool:
    """Say whether grievance less expected risk passes the threshold, at a ratio of cops to actives."""
    if conduct.rounding == 0:
        ratio = np.floor(ratio)
    elif conduct.rounding == 1:
        ratio = np.floor(ratio + 0.5)
    elif conduct.rounding == 2:
        ratio = np.rint(ratio)
    risk = people[who].aversion * (1.0 - np.exp(-conduct.k * ratio)) * conduct.deterrence
    return people[who].hardship * (1.0 - legitimacy) - risk > conduct.threshold


@njit(cache=True, error_model="numpy")
def _citizen(cells: Cells, people: People, views: np.ndarray, conduct: Conduct, legitimacy: float, who: int, key: np.uint64) -> bool:
    """Give a citizen his turn, but for killing; return whether he rebels."""
    if people[who].active:
        _calm(cells, people, views, conduct, who)
    old = people[who].cell
    new = _empty_in_sight(cells, views, conduct, CITIZENS_VIEW, old, key) if conduct.moves else old
    cells[old].person = NOBODY
    cell = new if conduct.move_first else old
    ratio = cells[cell].cops / (1.0 + cells[cell].actives)
    rebels = _rebels(people, conduct, legitimacy, who, ratio)
    cells[new].person, people[who].cell = who, new
    if rebels:
        people[who].active = 1
        _tell_of_active(cells, views, conduct, new, 1)
    return rebels


@njit(cache=True, error_model="numpy")
def _patrol(cells: Cells, people: People, views: np.ndarray, conduct: Conduct, who: int, key: np.uint64) -> None:
    old = people[who].cell
    new = _empty_in_sight(cells, views, conduct, COPS_VIEW, old, key)
    if new != old:
        _tell_of_cop(cells, views, conduct, old, -1)
        _stand(cells, people, who, new)
        _tell_of_cop(cells, views, conduct, new, 1)


@njit(cache=True, error_model="numpy")
def _cop(cells: Cells, people: People, views: np.ndarray, conduct: Conduct, who: int, turn: int, keys: np.ndarray) -> int:
    """Give a cop his turn; return whom he has arrested, or NOBODY."""
    if conduct.moves and conduct.move_first:
        _patrol(cells, people, views, conduct, who, fold(keys[MOVE], turn))
    taken = _active_in_sight(cells, people, views, conduct, people[who].cell, fold(keys[ARREST], turn))
    if taken != NOBODY:
        _calm(cells, people, views, conduct, taken)
        people[taken].term = below(fold(keys[TERM], turn), 0, conduct.longest_term + 1)
        if not conduct.stay:
            _leave(cells, people, taken)
    if conduct.moves and not conduct.move_first:
        _patrol(cells, people, views, conduct, who, fold(keys[MOVE], turn))
    return taken


@njit(cache=True, error_model="numpy")
def _settle(people: People, conduct: Conduct, who: int, group: int, step: int, key: np.uint64) -> None:
    """Fill an unused place with a new person, whose cell and hardship are still to come."""
    people[who].group = group
    people[who].born = step
    people[who].aversion = uniform(key, 0)
    people[who].life = below(key, 1, conduct.longest_life) + 1 if conduct.longest_life > 0 and group != COP else -1


@njit(cache=True, error_model="numpy")
def _beget(cells: Cells, people: People, views: np.ndarray, conduct: Conduct, who: int, step: int, key: np.uint64, unused: int) -> int:
    """Put a child beside its parent where chance and room allow; return where to look for the next unused place."""
    if uniform(key, -1) >= conduct.birth:
        return unused
    cell = _empty_in_sight(cells, views, conduct, BESIDE, people[who].cell, key)
    if cell == people[who].cell:
        return unused
    while people[unused].group != NOBODY:
        unused += 1
    _settle(people, conduct, unused, people[who].group, step, mix(key))
    people[unused].hardship = people[who].hardship
    _stand(cells, people, unused, cell)
    return unused


@njit(cache=True, error_model="numpy")
def _age(cells: Cells, people: People, views: np.ndarray, conduct: Conduct) -> None:
    for who in range(people.size):
        if people[who].group != NOBODY and people[who].life > 0:
            people[who].life -= 1
            if people[who].life == 0:
                _remove(cells, people, views, conduct, who)


@njit(cache=True, error_model="numpy")
def _release(cells: Cells, people: People, conduct: Conduct, key: np.uint64) -> None:
    """Count terms down; who has none left returns to a random empty cell, once there is one."""
    for who in range(people.size):
        if people[who].term > 0:
            people[who].term -= 1
        elif people[who].term == 0:
            if not conduct.stay:
                cell = _empty_anywhere(cells, fold(key, who))
                if cell == NOBODY:
                    continue
                _stand(cells, people, who, cell)
            people[who].term = FREE


@njit(cache=True, error_model="numpy")
def _order(people: People, conduct: Conduct, key: np.uint64) -> np.ndarray:
    """Return whose turn it is, one after another: all who live once each, or as many drawn from them with replacement."""
    living, found = np.empty(people.size, np.int64), 0
    for who in range(people.size):
        if people[who].group != NOBODY:
            living[found] = who
            found += 1
    order = living[:found]
    if conduct.drawn:
        drawn = np.empty(found, np.int64)
        for turn in range(found):
            drawn[turn] = order[below(key, turn, found)]
        return drawn
    _shuffle(order, key)
    return order


@njit(cache=True, error_model="numpy")
def _count(people: People, record: np.ndarray, step: int) -> int:
    """Write the step's counts; return how many live, cops included."""
    living = 0
    for who in range(people.size):
        group = people[who].group
        living += group != NOBODY
        if group in (0, 1):
            record[LIVING, group, step] += 1
            record[ACTIVE, group, step] += people[who].active
            record[JAILED, group, step] += people[who].term != FREE
    return living


@njit(cache=True, error_model="numpy")
def _keys(seed: np.uint64, step: int) -> np.ndarray:
    """Return the key of each site in a step; step -1 is the beginning."""
    keys = np.empty(len(SITES), np.uint64)
    for site in range(len(SITES)):
        keys[site] = fold(fold(mix(seed), site), step)
    return keys


@njit(cache=True, error_model="numpy")
def populate(cells: Cells, people: People, views: np.ndarray, conduct: Conduct, members: tuple[int, int, int], seed: np.uint64) -> None:
    """Put citizens and cops on random cells.

    Parameters
    ----------
    cells, people : np.ndarray
        Records `CELL`, empty, and `PERSON`, unused; both are changed.
    views : np.ndarray
        (3, 2, most) see `VIEWS`.
    conduct : np.void
        A record `CONDUCT`.
    members : tuple of int
        Of group 0, of group 1, cops; together at most as many as cells.
    seed : np.uint64
        Of the run.
    """
    keys = _keys(seed, -1)
    places = np.arange(cells.size)
    _shuffle(places, keys[PLACE])
    who = 0
    for group in range(3):
        for _ in range(members[group]):
            key = fold(keys[TRAITS], who)
            _settle(people, conduct, who, group, -1, key)
            people[who].hardship = uniform(key, 2)
            _stand(cells, people, who, places[who])
            if group == COP:
                _tell_of_cop(cells, views, conduct, places[who], 1)
            who += 1


@njit(cache=True, error_model="numpy", nogil=True)
def run(
    cells: Cells,
    people: People,
    views: np.ndarray,
    conduct: Conduct,
    legitimacy: np.ndarray,
    seed: np.uint64,
    record: np.ndarray,
    step: int,
) -> int:
    """Live on from a step; return the step at which there are too few unused places for all children there might be, or the end.

    Parameters
    ----------
    cells, people, views, conduct, seed
        As `populate` has left them.
    legitimacy : np.ndarray
        (2, steps) 0 … 1.
    record : np.ndarray
        (5, 2, steps) see `COUNTS`; zeros from this step on, which are filled.
    step : int
        The first to live.
    """
    for now in range(step, legitimacy.shape[1]):
        keys = _keys(seed, now)
        _age(cells, people, views, conduct)
        _release(cells, people, conduct, keys[RELEASE])
        unused = 0
        for turn, who in enumerate(_order(people, conduct, keys[ORDER])):
            group = people[who].group
            if people[who].term != FREE or group == NOBODY or people[who].born == now:
                continue
            if group == COP:
                taken = _cop(cells, people, views, conduct, who, turn, keys)
                if taken != NOBODY:
                    record[ARRESTED, people[taken].group, now] += 1
                continue
            if _citizen(cells, people, views, conduct, legitimacy[group, now], who, fold(keys[MOVE], turn)) and conduct.birth >= 0:
                victim = _victim_in_sight(cells, people, views, conduct, people[who].cell, 1 - group, fold(keys[VICTIM], turn))
                if victim != NOBODY:
                    record[KILLED, 1 - group, now] += 1
                    _remove(cells, people, views, conduct, victim)
            if conduct.birth > 0:
                unused = _beget(cells, people, views, conduct, who, now, fold(keys[BIRTH], turn), unused)
        living = _count(people, record, now)
        if conduct.birth > 0 and people.size < 2 * living:
            return now + 1
    return legitimacy.shape[1]
