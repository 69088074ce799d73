"""Run a scenario: thousands of histories, as one dataset."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Iterable
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import xarray as xr

import virtu
from virtu.errors import InputError
from virtu.laboratory import interventions, kernel
from virtu.laboratory.arena import Arena, Chunk
from virtu.laboratory.arenas import arena_of, scenario_of
from virtu.scenario import AnyScenario
from virtu.scenario.vocabulary import traits

Progress: TypeAlias = Callable[[int, int], None]
"""Called with histories done and histories asked for; with none done as soon as the program is compiled."""

MOST_HISTORIES = 10_000_000


def simulate(
    scenario: AnyScenario | str | Path,
    histories: int = 1000,
    seed: int = 0,
    ticks: int | None = None,
    *,
    do: Iterable[str] = (),
    chunk: int | None = None,
    workers: int | None = None,
    individuals: bool = False,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Simulate a scenario.

    Main arguments
    --------------
    scenario : Scenario, str or Path
        A scenario, the name of a shipped one, or the path of a file.
    histories : int
        Number of histories, 1 to 10 million.
    seed : int
        Any integer from −2⁶³ to 2⁶⁴ − 1. The same seed gives the same histories, whatever the chunk and the workers.
    ticks : int, optional
        Length; the scenario's own by default.

    Other arguments
    ---------------
    do : iterable of str
        What is done, such as ``"trait Kamenev.nerve = 0.9 @ 1924-01"``; see `virtu.laboratory.interventions`.
    chunk : int, optional
        Histories run at once, 1 to 100 000; by default as many as suit the scenario.
    workers : int, optional
        Chunks run at once; all processors by default.
    individuals : bool
        In the street, run with persons in the place of counts, to check the counts by; up to ten million people, a history at a time.
    progress : callable, optional
        Called with histories done and asked for.

    Returns
    -------
    xarray.Dataset
        Dimensions history, tick, actor, moment. Interrupted with Ctrl-C it holds the histories that were finished, and the attribute
        `interrupted` is 1. See `docs/model.md` for the variables.

    Raises
    ------
    InputError
        If an argument is out of range or the scenario is at fault.
    """
    found = scenario_of(scenario)
    arena = arena_of(found)
    length = found.ticks if ticks is None else ticks
    size = (1 if individuals else arena.chunk(found)) if chunk is None else chunk
    check_arguments(histories, seed, length, size)
    setup = arena.fitted(arena.setup(found), length)
    done = interventions.parse_all(do, found, length)
    agenda = interventions.agenda(found, done, length, interventions.room_needed(found, done, length))
    program, compile_s = by_person(arena, found) if individuals else kernel.compiled(arena, setup, agenda, size)
    started = time.perf_counter()
    if progress:
        progress(0, histories)
    table = arena.table(found, histories, length, agenda)
    jobs = (partial(kernel.run_chunk, program, setup, agenda, seed, first, count, size) for first, count in kernel.chunks(histories, size))
    interrupted = False
    try:
        for part in kernel.in_parallel(jobs, workers or kernel.processors()):
            table.enter(part)
            if progress:
                progress(table.entered, histories)
    except KeyboardInterrupt:
        if not table.entered:
            raise
        interrupted = True
    run_s = time.perf_counter() - started
    dataset = table.dataset()
    dataset.attrs.update(
        arena=arena.name,
        scenario=found.scenario,
        seed=seed,
        histories=dataset.sizes["history"],
        ticks=length,
        unit=found.calendar.unit,
        do=[str(one) for one in done],
        individuals=int(individuals),
        interrupted=int(interrupted),
        compile_s=compile_s,
        run_s=run_s,
        versions=versions(),
    )
    return dataset


def by_person(arena: Arena, scenario: AnyScenario) -> tuple[kernel.Program, float]:
    """Return the histories with persons, which are compiled as they are run, and no seconds.

    Raises
    ------
    InputError
        If the arena of the scenario has no counts that persons could stand in for.
    """
    if arena.by_person is None:
        raise InputError(f"{scenario.scenario} has no individual mode: it describes persons already", "leave --individuals out")
    return arena.by_person, 0.0


def sampled_traits(scenario: AnyScenario | str | Path, histories: int = 1000, seed: int = 0) -> xr.DataArray:
    """Return the traits everybody has in the histories of a seed, before anything is done.

    Parameters
    ----------
    scenario, histories, seed
        As in `simulate`.

    Returns
    -------
    xarray.DataArray
        Dimensions history, trait, actor.
    """
    found = scenario_of(scenario)
    check_arguments(histories, seed, found.ticks)
    arena = arena_of(found)
    values = kernel.sample_traits(arena, arena.setup(found), seed, histories)
    names = {"history": np.arange(histories), "trait": list(traits()), "actor": list(found.person_names)}
    return xr.DataArray(values, names, ("history", "trait", "actor"), "trait")


def check_arguments(histories: int, seed: int, ticks: int, chunk: int = 1) -> None:
    """Raise InputError where a number is outside its range."""
    ranges = {
        "histories": (histories, 1, MOST_HISTORIES),
        "seed": (seed, -(2**63), 2**64 - 1),
        "ticks": (ticks, 1, 10_000),
        "chunk": (chunk, 1, 100_000),
    }
    for name, (value, low, high) in ranges.items():
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or not low <= value <= high:
            raise InputError(f"{name} must be a whole number from {low} to {high}, found {value!r}")


def versions() -> dict[str, str]:
    """Return the versions of what a result depends on."""
    names = ("jax", "numpy", "xarray")
    return {"virtu": virtu.__version__, **{name: metadata.version(name) for name in names}, "python": platform.python_version()}


def as_dataset(scenario: AnyScenario, chunk: Chunk, agenda: Any) -> xr.Dataset:
    """Return one chunk as a dataset of its own."""
    table = arena_of(scenario).table(scenario, chunk.size, agenda.parameter.shape[0], agenda)
    table.enter(chunk._replace(first=0))
    return table.dataset()
