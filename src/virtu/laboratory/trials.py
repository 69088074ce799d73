"""Many arms of one scenario, run by one compiled program on the same people and the same chance, and what is measured of each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from virtu.laboratory import interventions, kernel
from virtu.laboratory.arena import Arena
from virtu.laboratory.arenas import arena_of
from virtu.laboratory.interventions import Intervention
from virtu.laboratory.simulate import as_dataset, check_arguments
from virtu.scenario import AnyScenario


class Trial(NamedTuple):
    """A scenario ready to be run under any interventions for which there is room in the lists of its agendas."""

    arena: Arena
    scenario: AnyScenario
    ticks: int
    seed: int
    chunk: int  # histories run at once
    room: int  # entries of the lists in the agenda
    setup: Any
    program: kernel.Program
    compile_s: float


def prepare(
    scenario: AnyScenario,
    arms: Iterable[Sequence[Intervention]],
    histories: int,
    seed: int = 0,
    ticks: int | None = None,
    chunk: int | None = None,
) -> Trial:
    """Compile the program that serves all arms of a trial.

    Parameters
    ----------
    scenario : Scenario
        What is run.
    arms : iterable of sequence of Intervention
        The arms with the longest lists in their agendas; only how many they have counts here.
    histories, seed, ticks, chunk
        As in `simulate`, and checked as there.

    Raises
    ------
    InputError
        If a number is out of range or an arm is at fault.
    """
    arena = arena_of(scenario)
    length = scenario.ticks if ticks is None else ticks
    size = arena.chunk(scenario) if chunk is None else chunk
    check_arguments(histories, seed, length, size)
    room = _rounded(max((interventions.room_needed(scenario, arm, length) for arm in arms), default=0))
    setup = arena.fitted(arena.setup(scenario), length)
    program, compile_s = kernel.compiled(arena, setup, interventions.agenda(scenario, [], length, room), size)
    return Trial(arena, scenario, length, seed, size, room, setup, program, compile_s)


def agenda(trial: Trial, done: Iterable[Intervention], scenario: AnyScenario | None = None) -> Any:
    """Return the agenda of an arm; with another scenario of the same people and posts, its constants are in force."""
    return interventions.agenda(scenario or trial.scenario, done, trial.ticks, trial.room)


def histories(trial: Trial, plan: Any, first: int, count: int) -> xr.Dataset:
    """Run histories under an agenda and return them as a dataset.

    Parameters
    ----------
    trial : Trial
        What is run.
    plan : Agenda
        What is done; see `agenda`.
    first, count : int
        Number of the first history, and how many; at most a chunk.
    """
    run = kernel.run_chunk(trial.program, trial.setup, plan, trial.seed, first, count, trial.chunk)
    return as_dataset(trial.scenario, run, plan)


def values(trial: Trial, dataset: xr.Dataset) -> dict[str, np.ndarray]:
    """Return all measures of histories, ``name:person`` for those of a person, shape (histories,) each."""
    return {name: found for name, (found, _) in trial.arena.measured(dataset).items()}


def measured(trial: Trial, plan: Any, first: int, count: int) -> dict[str, np.ndarray]:
    """Run histories under an agenda and return their measures as `values` does.

    Parameters
    ----------
    trial, plan, first
        As in `histories`.
    count : int
        How many; they are run chunk by chunk.
    """
    parts = [values(trial, histories(trial, plan, first + start, size)) for start, size in kernel.chunks(count, trial.chunk)]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _rounded(room: int) -> int:
    """Room rounded up to a power of two, 8 at least, so that trials share programs; entries that are not used do nothing."""
    return room and max(8, 1 << (room - 1).bit_length())
