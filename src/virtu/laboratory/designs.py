"""What is varied in a sweep, and the points at which it is looked at: grids, Latin hypercubes, and the designs of Sobol and Morris."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from virtu.errors import InputError, Place, did_you_mean
from virtu.laboratory import grammar, interventions
from virtu.laboratory.arenas import arena_of
from virtu.laboratory.intervention_kinds import SLOT, Intervention
from virtu.scenario import AnyScenario

OPTION = "--vary"
"""Where messages place faults: the option by which the command line takes inputs."""

DESIGNS = ("grid", "lhs", "sobol", "morris")
LEVELS = 4
"""Levels of an input in a Morris design; Morris (1991) and Campolongo, Cariboni & Saltelli (2007) use 4."""

GRID = (11, 5)
"""Points of an input of a grid that states none: of the only input, and of one of several."""

POINTS = {"lhs": 100, "sobol": 64, "morris": 10}
"""Points, base points or trajectories where none are asked for."""

MOST_POINTS = 100_000
_NUMBER = r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
_RANGE = re.compile(rf"(?P<head>.*?=\s*)(?P<low>{_NUMBER})\s*:\s*(?P<high>{_NUMBER})(?:\s*:\s*(?P<points>[0-9]+))?(?P<tail>\s*(?:@.*)?)")
SHAPE = "write LOW:HIGH or LOW:HIGH:POINTS, for instance 'Stalin.display = 0:1:11'"


class Input(NamedTuple):
    """Something that is varied between two bounds."""

    name: str  # what is varied, as it is written: ``Stalin.display``
    done: Intervention  # with the lower bound as its value
    low: float
    high: float
    points: int | None  # of a grid, where stated

    def at(self, value: float) -> str:
        """Return the intervention at a value, as text."""
        return str(replace(self.done, value=float(value)))  # pyright: ignore[reportCallIssue]


class Design(NamedTuple):
    """Points of a sweep."""

    name: str
    inputs: tuple[Input, ...]
    asked: int  # points, base points, trajectories, or 0 of a grid
    values: np.ndarray  # (points, inputs)


def inputs(texts: Iterable[str], scenario: AnyScenario, ticks: int | None = None) -> tuple[Input, ...]:
    """Read what is varied.

    Parameters
    ----------
    texts : iterable of str
        Each an intervention that sets a number, with a range in place of it: ``trait Stalin.display = 0:1:11``,
        ``parameter bandwagon = 0:1``. The word ``trait`` may be left out.
    scenario, ticks
        As in `grammar.parse`.

    Raises
    ------
    InputError
        If one is at fault, with the column of the word that is, or two vary the same.
    """
    found = [_input(text, scenario, ticks) for text in texts]
    if not found:
        raise InputError("nothing is varied", f"name at least one range with {OPTION}; {SHAPE}")
    try:
        interventions.agenda(scenario, [one.done for one in found], ticks)
    except InputError as error:
        raise InputError(error.message, error.hint, Place(OPTION)) from None
    return tuple(found)


def _input(text: str, scenario: AnyScenario, ticks: int | None) -> Input:
    whole = _with_verb(text, scenario)
    added = len(whole) - len(text)
    found = _RANGE.fullmatch(whole)
    if found is None:
        at = whole.find("=") + 1
        _parsed(whole[:at] + " 0" if at else whole, whole, added, scenario, ticks, numbers=not at)
        blanks = len(whole[at:]) - len(whole[at:].lstrip())
        raise InputError(f"expected a range, found {whole[at:].strip()[:40]!r}", SHAPE, Place(OPTION, column=at + blanks - added + 1))
    low, high = float(found["low"]), float(found["high"])
    place = Place(OPTION, column=found.start("low") - added + 1)
    room = len(whole) - len(found["head"]) - len(found["tail"])  # blanks in place of what is left out keep columns where they are
    ends = [_parsed(f"{found['head']}{found[end]:{room}}{found['tail']}", whole, added, scenario, ticks) for end in ("low", "high")]
    if low >= high:
        raise InputError(
            f"the range must rise, found {low:g}:{high:g}", "write the lower bound first; a value that is fixed goes with --do", place
        )
    points = None if found["points"] is None else int(found["points"])
    if points is not None and points < 2:
        raise InputError(f"a range needs at least 2 points, found {points}", SHAPE, place)
    name = found["head"].rstrip("= ").removeprefix("trait ").strip()
    return Input(name + found["tail"].rstrip(), ends[0], low, high, points)


def _with_verb(text: str, scenario: AnyScenario) -> str:
    """Return the text of an input with the word ``trait`` before a person's trait."""
    verbs = {word for _, form in grammar.forms(arena_of(scenario).repertoire) for word in re.findall(r"^\w+", form)}
    plain = text.strip()
    dotted = re.match(r'(?:"[^"]*"|[^.="]+)\.\w+', plain)
    return f"trait {plain}" if dotted and plain.split(maxsplit=1)[0] not in verbs else plain


def _parsed(text: str, whole: str, added: int, scenario: AnyScenario, ticks: int | None, *, numbers: bool = True) -> Intervention:
    """Read an intervention; faults are placed in the text that was written."""
    try:
        done = grammar.parse(text, scenario, ticks)
    except InputError as error:
        column = error.where.column if error.where and error.where.column else 1
        if not numbers and column > whole.find("="):
            return interventions.Nothing()
        raise InputError(error.message, error.hint, Place(OPTION, column=max(1, column - added))) from None
    if not any(slot["field"] == "value" for slot in SLOT.finditer(done.form)):
        raise InputError(f"'{text.strip()[:40]}' sets no number, and only numbers are varied", SHAPE, Place(OPTION, column=1))
    return done


def design(name: str, varied: Sequence[Input], points: int | None, seed: int) -> Design:
    """Return the points of a sweep.

    Parameters
    ----------
    name : str
        ``grid``: all combinations of equally spaced values. ``lhs``: a Latin hypercube (McKay, Beckman & Conover 1979). ``sobol``:
        Saltelli's design on a scrambled Sobol sequence. ``morris``: trajectories in which one input after the other is changed.
    varied : sequence of Input
        What is varied, d inputs.
    points : int, optional
        Of a grid, points of each input that states none; of a Latin hypercube, all; of sobol, base points, a power of two, of which each
        takes d + 2 points; of morris, trajectories, of which each takes d + 1.
    seed : int
        Of the design.

    Returns
    -------
    Design
        Its values have shape (points, d).

    Raises
    ------
    InputError
        If the design is unknown or the number does not suit it.
    """
    if name not in DESIGNS:
        raise InputError(f"unknown design {name!r}", did_you_mean(name, DESIGNS))
    asked = POINTS.get(name, 0) if points is None else points
    least = {"grid": 2, "lhs": 2, "sobol": 4, "morris": 2}[name]
    if (points is not None and asked < least) or asked > MOST_POINTS:
        raise InputError(f"points must be from {least} to {MOST_POINTS} for {name}, found {asked}")
    if name == "sobol" and asked & (asked - 1):
        raise InputError(
            f"a Sobol design needs a power of two as points, found {asked}",
            f"take {1 << (asked.bit_length() - 1)} or {1 << asked.bit_length()}",
        )
    if name == "grid":
        unit = _grid(varied, points)
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            unit = _unit(name, len(varied), asked, np.random.default_rng(seed & (2**64 - 1)))
    if len(unit) > MOST_POINTS:
        raise InputError(f"a sweep may have at most {MOST_POINTS} points, this has {len(unit)}", "take fewer points of each input")
    low, high = (np.array([getattr(one, end) for one in varied]) for end in ("low", "high"))
    return Design(name, tuple(varied), asked, low + unit * (high - low))


def _grid(varied: Sequence[Input], points: int | None) -> np.ndarray:
    usual = GRID[0] if len(varied) == 1 else GRID[1]
    counts = [one.points or points or usual for one in varied]
    if np.prod(counts, dtype=np.float64) > MOST_POINTS:
        raise InputError(
            f"a sweep may have at most {MOST_POINTS} points, this has {np.prod(counts, dtype=np.float64):g}", "take fewer of each input"
        )
    axes = np.meshgrid(*(np.linspace(0.0, 1.0, count) for count in counts), indexing="ij")
    return np.stack([axis.ravel() for axis in axes], axis=1)


def _unit(name: str, size: int, asked: int, chance: np.random.Generator) -> np.ndarray:
    """Return points of the unit cube, shape (points, size)."""
    problem = {"num_vars": size, "names": [f"x{number}" for number in range(size)], "bounds": [[0.0, 1.0]] * size}
    if name == "lhs":
        from scipy.stats import qmc

        return qmc.LatinHypercube(size, rng=chance).random(asked)
    if name == "sobol":
        from SALib.sample import sobol

        return sobol.sample(problem, asked, calc_second_order=False, seed=chance)
    from SALib.sample import morris

    return morris.sample(problem, asked, num_levels=LEVELS, seed=chance)


def told(planned: Design) -> dict[str, Any]:
    """Return a design as JSON data."""
    inputs_told = [{"name": one.name, "low": one.low, "high": one.high} for one in planned.inputs]
    return {"name": planned.name, "asked": planned.asked, "points": len(planned.values), "inputs": inputs_told}
