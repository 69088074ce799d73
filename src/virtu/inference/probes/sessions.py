"""From a table of choices to the arrays of a family of probes, person by person.

Series are filled up to a length that is a power of two, so that tables of about the same size share their compiled programs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from virtu.errors import Fault, InputError, Place, did_you_mean
from virtu.inference.probes.dictator import Choices
from virtu.inference.probes.exchange import RETURNED, SENT
from virtu.inference.probes.family import Session
from virtu.inference.probes.matching_pennies import Rounds
from virtu.inference.probes.matrix import Plays
from virtu.inference.probes.trust import Exchanges
from virtu.scenario.choices import Row, Table
from virtu.scenario.tables.refusal import refuse

SHORTEST = 32
"""Length to which a shorter series is filled up."""

ROUGH = 0.05
"""Mean distance of sums from the parts they are taken for from which on it is said, in parts of what could be sent or returned."""

Series = list[Row]


def read(game: str, table: Table, who: str | None = None) -> Session:
    """Return the answers of a table.

    Parameters
    ----------
    game : str
        Name of a family of probes.
    table : Table
        From `virtu.scenario.choices.read` with the columns of that game.
    who : str, optional
        The one person wanted; all by default.

    Raises
    ------
    ScenarioError
        If rows do not go together, each with its place.
    InputError
        If nobody is called `who`.
    """
    return _READERS[game](table, who)


def _dictator(table: Table, who: str | None) -> Session:
    people = _people(table.rows, ("person",), who, table.file)
    gaps = [row.values[f"{whose}_1"] - row.values[f"{whose}_2"] for row in table.rows for whose in ("own", "other")]
    unit = float(np.sqrt(np.mean(np.square(gaps))))
    if not unit:
        raise InputError("in no line do the two allocations differ", "nothing can be learnt from such choices", Place(table.file))

    own, other = (np.stack([_column(people, f"{whose}_{side}", unit) for side in (1, 2)], axis=-1) for whose in ("own", "other"))
    first = _filled(people, lambda row, _: float(row.values["chosen"] == "1"))
    answers = Choices(own, other, _column(people, "kindness"), _column(people, "grievance"), first, _known(people))
    return Session(tuple(people), answers, _counts(people), (f"payoffs are in units of {unit:.4g}, the root mean square difference",))


def _pennies(table: Table, who: str | None) -> Session:
    people = _people(table.rows, ("person",), who, table.file)
    faults = []
    for series in people.values():
        seat = series[0].values.get("seat")
        faults += [
            table.fault(row, "seat", "a person sits on one seat in a table", "give the person another name where the seat changes")
            for row in series
            if row.values.get("seat") != seat
        ]
    refuse(faults)
    seats = np.array([float(series[0].values.get("seat") != "alike") for series in people.values()], np.float32)
    own, other = _column(people, "own"), _column(people, "other")
    notes = () if "seat" in table.columns else ("every person is taken to win when the two choices differ",)
    return Session(tuple(people), Rounds(seats, own, other, _known(people)), _counts(people), notes)


def _matrix(table: Table, who: str | None) -> Session:
    refuse(_game_faults(table))
    people = _people(table.rows, ("person",), who, table.file)
    payoffs = np.array([[row.values["own"], row.values["other"]] for row in table.rows], float)
    unit = float(payoffs.std())
    if not unit:
        raise InputError("all payoffs are the same", "nothing can be learnt from such games", Place(table.file))
    own, other = _column(people, "own", unit), np.swapaxes(_column(people, "other", unit), -1, -2).copy()
    answers = Plays(own, other, np.maximum(_column(people, "chosen") - 1.0, 0.0).astype(np.int32), _known(people))
    return Session(tuple(people), answers, _counts(people), (f"payoffs are in units of {unit:.4g}, their standard deviation",))


def _game_faults(table: Table) -> list[Fault]:
    """Return what is wrong with games: tables of different shapes, and rows that are not there."""
    shape = np.shape(table.rows[0].values["own"])
    faults = []
    for row in table.rows:
        for name in ("own", "other"):
            found = np.shape(row.values[name])
            if found != shape:
                said = f"a game of {found[0]}×{found[1]} among games of {shape[0]}×{shape[1]}"
                faults.append(table.fault(row, name, said, "all games of a table have the same size; put others into a table of their own"))
        chosen = row.values["chosen"]
        if chosen != round(chosen) or not 1 <= chosen <= shape[0]:
            faults.append(table.fault(row, "chosen", f"there is no row {chosen:g}", f"rows are numbered from 1 to {shape[0]}"))
    return faults


def _trust(table: Table, who: str | None) -> Session:
    most = max(row.values["sent"] for row in table.rows)
    if not most:
        raise InputError("nobody ever sent anything", "say what could have been sent in a column 'endowment'", Place(table.file))
    refuse(_exchange_faults(table, most))
    people = _people(table.rows, ("investor", "trustee"), who, table.file)
    people = {name: _by_partner(series, name) for name, series in people.items()}
    refuse(_rule_faults(table, people))
    first = [series[0] for series in people.values()]
    multiplier, purse = (np.array([_rule(row, name, most) for row in first], np.float32) for name in ("multiplier", "purse"))
    role = _filled(people, lambda row, name: float(row.values["investor"] != name)).astype(np.int32)
    parts, known = _filled(people, lambda row, _: _parts(row, most)), _known(people)
    sent, returned = (_nearest(parts[..., place], grid) for place, grid in enumerate((SENT, RETURNED)))
    taken = np.stack([SENT[sent], RETURNED[returned]], axis=-1)
    away = np.abs(parts - taken)[known > 0.0].mean(axis=0).max()
    new, last = _new(people), _last(table, people)
    notes = ["" if "endowment" in table.columns else f"the most that was sent, {most:g}, is taken for everybody's endowment"]
    notes += ["" if "last" in table.columns else "no round is taken to be known as the last, but for partners who meet only once"]
    notes += [f"sums are taken for the nearest of five parts, from which they are {away:.2f} away on average" if away > ROUGH else ""]
    answers = Exchanges(multiplier, purse, role, sent, returned, new, last, known)
    return Session(tuple(people), answers, _counts(people), tuple(filter(None, notes)))


def _exchange_faults(table: Table, most: float) -> list[Fault]:
    """Return what cannot be in a round of the trust game."""
    faults = []
    for row in table.rows:
        endowment, arrived = row.values.get("endowment") or most, row.values["sent"] * (row.values.get("multiplier") or 3.0)
        if row.values["investor"] == row.values["trustee"]:
            faults.append(table.fault(row, "trustee", f"{row.values['trustee']!r} plays with himself"))
        if row.values["sent"] > endowment:
            faults.append(table.fault(row, "sent", f"{row.values['sent']:g} was sent out of an endowment of {endowment:g}"))
        if row.values["returned"] > arrived * (1.0 + 1e-9):
            hint = f"{row.values['sent']:g} was sent; what arrives is returned at most"
            faults.append(table.fault(row, "returned", f"{row.values['returned']:g} was returned of {arrived:g}", hint))
    return faults


def _rule_faults(table: Table, people: Mapping[str, Series]) -> list[Fault]:
    """Return where a person plays by several rules."""
    faults = []
    for series in people.values():
        for name in ("multiplier", "purse"):
            if name in table.columns:
                other = [row for row in series if row.values[name] != series[0].values[name]]
                faults += [table.fault(row, name, f"a person plays with several {name}s", "name persons apart by it") for row in other]
    return faults


def _rule(row: Row, name: str, most: float) -> float:
    found = row.values.get(name)
    if name == "multiplier":
        return 3.0 if found is None else found
    return (found or 0.0) / (row.values.get("endowment") or most)


def _parts(row: Row, most: float) -> tuple[float, float]:
    """Return what part of the endowment was sent, and what part of what arrived was returned."""
    sent, multiplier = row.values["sent"], row.values.get("multiplier") or 3.0
    return sent / (row.values.get("endowment") or most), row.values["returned"] / (multiplier * sent) if sent else 0.0


def _nearest(part: np.ndarray, grid: np.ndarray) -> np.ndarray:
    return np.argmin(np.abs(part[..., None] - grid), axis=-1).astype(np.int32)


def _partner(row: Row, name: str) -> str:
    return row.values["trustee"] if row.values["investor"] == name else row.values["investor"]


def _by_partner(series: Series, name: str) -> Series:
    """Put the rounds with each partner together: what is remembered of one has nothing to do with another."""
    first: dict[str, int] = {}
    for row in series:
        first.setdefault(_partner(row, name), row.line)
    return sorted(series, key=lambda row: (first[_partner(row, name)], row.line))


def _new(people: Mapping[str, Series]) -> np.ndarray:
    """Return 1 where a partner is met for the first time, (N, T)."""
    first = set()
    for name, series in people.items():
        met = {}
        for row in series:
            met.setdefault(_partner(row, name), row.line)
        first |= {(name, line) for line in met.values()}
    return _filled(people, lambda row, name: float((name, row.line) in first))


def _last(table: Table, people: Mapping[str, Series]) -> np.ndarray:
    if "last" in table.columns:
        return _filled(people, lambda row, _: float(row.values["last"] == "1"))
    met = {name: [_partner(row, name) for row in series] for name, series in people.items()}
    return _filled(people, lambda row, name: float(met[name].count(_partner(row, name)) == 1))


def _people(rows: Sequence[Row], columns: Sequence[str], who: str | None, file: str) -> dict[str, Series]:
    """Return the rows of each person, in the order in which persons come up."""
    found: dict[str, Series] = {}
    for row in rows:
        for column in columns:
            found.setdefault(row.values[column], []).append(row)
    if who is None:
        return found
    if who not in found:
        raise InputError(f"nobody in the table is called {who!r}", did_you_mean(who, found), Place(file))
    return {who: found[who]}


def _filled(people: Mapping[str, Series], value: Callable[[Row, str], Any]) -> np.ndarray:
    """Return what is said by each row of each person, as an array (N, T, …) of float32, filled up with nought."""
    rows = [[value(row, name) for row in series] for name, series in people.items()]
    found = np.zeros((len(rows), _length(people), *np.shape(rows[0][0])), np.float32)
    for number, series in enumerate(rows):
        found[number, : len(series)] = series
    return found


def _column(people: Mapping[str, Series], name: str, unit: float = 1.0) -> np.ndarray:
    """Return a column of numbers or of payoffs, in units; nought where a cell is empty."""

    def value(row: Row, _: str) -> Any:
        found = row.values.get(name)
        return 0.0 if found is None else np.asarray(found, float) / unit

    return _filled(people, value)


def _known(people: Mapping[str, Series]) -> np.ndarray:
    return _filled(people, lambda row, _: 1.0)


def _counts(people: Mapping[str, Series]) -> tuple[int, ...]:
    return tuple(map(len, people.values()))


def _length(people: Mapping[str, Series]) -> int:
    return max(SHORTEST, 1 << (max(_counts(people)) - 1).bit_length())


_READERS: dict[str, Callable[[Table, str | None], Session]] = {
    "dictator": _dictator,
    "matching-pennies": _pennies,
    "matrix": _matrix,
    "trust": _trust,
}
