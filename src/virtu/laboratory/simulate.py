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
from virtu.organisation import build, measures
from virtu.organisation.state import NOBODY, Agenda
from virtu.scenario import Scenario, load
from virtu.scenario.vocabulary import Status, parameters, traits

Progress: TypeAlias = Callable[[int, int], None]
"""Called with histories done and histories asked for."""

MOST_HISTORIES = 10_000_000
MOMENTS = ("start", "middle", "end")

NUMBERS = {"strength": np.float32, "believed": np.float32, "satisfaction": np.float32}
CODES = {"status": np.int8, "move": np.int8, "outcome": np.int8, "side": np.int8}


def simulate(
    scenario: Scenario | str | Path,
    histories: int = 1000,
    seed: int = 0,
    ticks: int | None = None,
    *,
    do: Iterable[str] = (),
    chunk: int = kernel.CHUNK,
    workers: int | None = None,
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
    chunk : int
        Histories run at once, 1 to 100 000.
    workers : int, optional
        Chunks run at once; all processors by default.
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
    found = scenario if isinstance(scenario, Scenario) else load(scenario)
    length = found.ticks if ticks is None else ticks
    check_arguments(histories, seed, length, chunk)
    setup = build.fitted(build.setup(found), length)
    done = interventions.parse_all(do, found, length)
    agenda = interventions.agenda(found, done, length, interventions.room_needed(found, done, length))
    program, compile_s = kernel.compiled(setup, agenda, chunk)
    started = time.perf_counter()
    table = _Table(found, histories, length, lead_margins(agenda))
    jobs = (
        partial(kernel.run_chunk, program, setup, agenda, seed, first, count, chunk) for first, count in kernel.chunks(histories, chunk)
    )
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
        scenario=found.scenario,
        seed=seed,
        histories=dataset.sizes["history"],
        ticks=length,
        unit=found.calendar.unit,
        do=[str(one) for one in done],
        interrupted=int(interrupted),
        compile_s=compile_s,
        run_s=run_s,
        versions=versions(),
    )
    return dataset


def sampled_traits(scenario: Scenario | str | Path, histories: int = 1000, seed: int = 0) -> xr.DataArray:
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
    found = scenario if isinstance(scenario, Scenario) else load(scenario)
    check_arguments(histories, seed, found.ticks, kernel.CHUNK)
    values = kernel.sample_traits(build.setup(found), seed, histories)
    names = {"history": np.arange(histories), "trait": list(traits()), "actor": list(found.person_names)}
    return xr.DataArray(values, names, ("history", "trait", "actor"), "trait")


def check_arguments(histories: int, seed: int, ticks: int, chunk: int) -> None:
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


def as_dataset(scenario: Scenario, chunk: kernel.Chunk, agenda: Agenda) -> xr.Dataset:
    """Return one chunk as a dataset of its own."""
    table = _Table(scenario, chunk.size, agenda.parameter.shape[0], lead_margins(agenda))
    table.enter(chunk._replace(first=0))
    return table.dataset()


class _Table:
    """Arrays by person that chunks are entered into as they come; the only thing here that changes."""

    def __init__(self, scenario: Scenario, histories: int, ticks: int, margins: np.ndarray) -> None:
        self.scenario, self.ticks, self.margins = scenario, ticks, margins
        persons = len(scenario.actors)
        self.index_type = np.int8 if persons < 127 else np.int16
        shape = (histories, ticks, persons)
        self.by_tick: dict[str, Any] = {name: np.full(shape, np.nan, kind) for name, kind in NUMBERS.items() if name != "satisfaction"}
        self.by_tick |= {name: np.full(shape, -1 if name == "status" else 0, kind) for name, kind in CODES.items()}
        self.by_tick["target"] = np.full(shape, NOBODY, self.index_type)
        self.felt = np.zeros((histories, persons), np.float32)
        self.falls = {name: np.full((histories, persons), -1, np.int32) for name in ("tick", "grade", "cause", "by")}
        self.leader = np.full((histories, ticks), NOBODY, np.int16)
        self.totals = {name: np.zeros(histories, np.float32) for name in ("purged", "innocent", "result")}
        self.executor = np.full((histories, ticks), NOBODY, np.int16)
        self.bonds = np.zeros((len(MOMENTS), persons, persons))
        self.met = np.zeros((len(MOMENTS), persons, persons))
        self.finished = np.zeros(histories, bool)

    @property
    def entered(self) -> int:
        """Number of histories entered."""
        return int(self.finished.sum())

    def enter(self, chunk: kernel.Chunk) -> None:
        """Enter a chunk."""
        here = slice(chunk.first, chunk.first + chunk.size)
        raw: Any = chunk.trace
        held = raw.person >= 0
        tick, place, history = np.nonzero(held)
        person = raw.person[held].astype(np.intp)
        entries = ((history + chunk.first) * self.ticks + tick) * len(self.scenario.actors) + person
        present = raw.status[held] <= int(Status.OFFICE)
        for name, table in self.by_tick.items():
            if name == "target":
                aimed = raw.target[held].astype(np.intp)
                values = np.where(aimed == place, NOBODY, raw.person[tick, aimed, history])
            else:
                values = getattr(raw, name)[held]
            if name in NUMBERS:
                values = np.where(present, values, np.float32(np.nan))
            table.reshape(-1)[entries] = values
        persons = self.felt.shape[1]
        felt = np.bincount(history * persons + person, raw.satisfaction[held], chunk.size * persons)
        self.felt[here] = felt.reshape(chunk.size, persons)
        trace: Any = type(raw)(*(np.moveaxis(part, -1, 0) for part in raw))
        self.by_tick["status"][here] = _lasting(self.by_tick["status"][here])
        self.leader[here] = measures.leaders(trace.strength, trace.status, trace.person, self.margins)
        self._enter_falls(chunk.first, trace)
        for name in self.totals:
            # One tick after the other: the order in which `sum` adds depends on the size of the chunk.
            total = np.cumsum(getattr(trace, name), axis=1)[:, -1]
            self.totals[name][here] = total / self.ticks if name == "result" else total
        self.executor[here] = trace.executor
        self._enter_bonds(chunk)
        self.finished[here] = True

    def _enter_falls(self, first: int, trace: Any) -> None:
        """First fall of each person; later ones only deepen it and are in the events."""
        history, tick, place = np.nonzero(trace.fall >= 0)
        person = trace.fell[history, tick, place].astype(np.intp)
        order = np.lexsort((tick, person, history))[::-1]
        at = (history[order] + first, person[order])
        self.falls["tick"][at] = tick[order]
        for name, part in (("grade", trace.fall), ("cause", trace.cause), ("by", trace.by)):
            self.falls[name][at] = part[history[order], tick[order], place[order]]

    def _enter_bonds(self, chunk: kernel.Chunk) -> None:
        person = chunk.album.person.astype(np.intp)
        one, other = person[:, :, None], person[:, None]
        known = (one >= 0) & (other >= 0) & (one != other)
        persons = len(self.scenario.actors)
        moment = np.arange(len(MOMENTS))[:, None, None, None]
        at = (((moment * persons + one) * persons) + other)[known]
        size = self.bonds.size
        self.bonds += np.bincount(at, chunk.album.dependence[known], size).reshape(self.bonds.shape)
        self.met += np.bincount(at, minlength=size).reshape(self.met.shape)

    def dataset(self) -> xr.Dataset:
        """Return what was entered as a dataset."""
        kept = slice(None) if self.finished.all() else self.finished
        numbers = np.flatnonzero(self.finished)
        leader = self.leader[kept]
        with np.errstate(invalid="ignore"):
            bonds = np.where(self.met > 0, self.bonds / np.maximum(self.met, 1), np.nan).astype(np.float32)
        cube = ("history", "tick", "actor")
        variables: dict[str, Any] = {name: (cube, table[kept]) for name, table in self.by_tick.items()}
        variables |= {f"fall_{name}": (("history", "actor"), table[kept]) for name, table in self.falls.items()}
        variables |= {name: ("history", table[kept]) for name, table in self.totals.items()}
        variables |= {
            "leader": (("history", "tick"), leader),
            "on_top": ("history", leader[:, -1]),
            "sole_since": ("history", _since(leader)),
            "satisfaction": (("history", "actor"), self.felt[kept] / self.ticks),
            "executor": (("history", "tick"), self.executor[kept]),
            "dependence": (("moment", "actor", "actor_to"), bonds),
        }
        names = list(self.scenario.person_names)
        dates = [self.scenario.date_of(tick) for tick in range(self.ticks)]
        coordinates = {
            "history": numbers,
            "tick": np.arange(self.ticks),
            "date": ("tick", dates),
            "actor": names,
            "actor_to": names,
            "moment": list(MOMENTS),
        }
        return xr.Dataset(variables, coordinates)


def lead_margins(agenda: Agenda) -> np.ndarray:
    """Return the lead over the second that counts as being on top, by tick, shape (T,)."""
    return np.asarray(agenda.parameter)[:, list(parameters()).index("lead_margin")]


def _lasting(status: np.ndarray) -> np.ndarray:
    """Status with those who are gone kept as gone after their place went to somebody else; shape (H, T, P)."""
    worst = np.maximum.accumulate(status, axis=1)
    return np.where((status < 0) & (worst >= int(Status.OUT)), worst, status)


def _since(leader: np.ndarray) -> np.ndarray:
    """Tick since which whoever is on top at the horizon has been so without a break, or −1."""
    same = leader[:, ::-1] == leader[:, -1:]
    unbroken = np.where(same.all(axis=1), same.shape[1], np.argmin(same, axis=1))
    return np.where(leader[:, -1] >= 0, leader.shape[1] - unbroken, -1).astype(np.int32)
