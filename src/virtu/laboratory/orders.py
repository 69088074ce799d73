"""What is to be run, as data: an order, the shards it is cut into, and how a shard is run, here or on another machine.

An order holds nothing but text and numbers, so that it can be written down and sent. Whoever has the package, the order and the number of
a shard gets the same histories, to the last bit.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

import numpy as np
import xarray as xr

from virtu.laboratory import interventions, kernel, programs, rates
from virtu.laboratory.arena import Arena, Chunk
from virtu.laboratory.arenas import arena_of
from virtu.laboratory.events import events
from virtu.laboratory.simulate import as_dataset, by_person, check_arguments, versions
from virtu.record import directory, shards
from virtu.record.shards import Cut, Shard
from virtu.scenario import AnyScenario, loads

if TYPE_CHECKING:
    import pyarrow as pa

MOST_SHARDS = 64
"""Shards a run of few histories is cut into, so that all processors find work."""

SHARD = 1024
"""Most histories in a shard, counted once for every arm, which bounds what a kill can cost."""

NEVER_DIVERGED = -1

Kind: TypeAlias = Literal["run", "comparison", "sweep", "proposals"]
BY_ARM = ("sweep", "proposals")
"""Kinds whose many arms are cut into shards; arms of a comparison stay together."""


class Order(NamedTuple):
    """What is to be run."""

    kind: Kind
    scenario: str  # its text
    arms: tuple[tuple[str, ...], ...]  # what is done in each; of a comparison the first is the baseline
    histories: int
    seed: int
    ticks: int
    measures: tuple[str, ...] = ()  # those that are kept of a sweep or of proposals; without any, all
    asked: str = "{}"  # what else was asked for, as JSON


class Ready(NamedTuple):
    """An order with its compiled program."""

    order: Order
    arena: Arena
    scenario: AnyScenario
    arms: tuple[tuple[interventions.Intervention, ...], ...]
    room: int  # entries of the lists in the agendas
    setup: Any
    program: kernel.Program
    chunk: int
    compile_s: float

    def agenda(self, arm: int) -> Any:
        """Return what is done in an arm, tick by tick."""
        return interventions.agenda(self.scenario, self.arms[arm], self.order.ticks, self.room)

    def run(self, agenda: Any, first: int, stop: int) -> list[Chunk]:
        """Run histories chunk by chunk."""
        spans = kernel.chunks(stop - first, self.chunk)
        return [
            kernel.run_chunk(self.program, self.setup, agenda, self.order.seed, first + start, count, self.chunk) for start, count in spans
        ]


def order(
    kind: Kind,
    scenario: AnyScenario,
    arms: Iterable[Iterable[str]],
    histories: int,
    seed: int,
    ticks: int | None,
    measures: Sequence[str] = (),
    asked: Mapping[str, Any] | None = None,
) -> Order:
    """Return an order, after checking its numbers and interventions.

    Parameters
    ----------
    kind : str
        What becomes of the histories.
    scenario : Scenario
        What is run.
    arms : iterable of iterable of str
        What is done in each.
    histories, seed, ticks
        As in `simulate`.
    measures : sequence of str
        Those that are kept of a sweep.
    asked : mapping, optional
        What else was asked for, JSON-ready.

    Raises
    ------
    InputError
        If a number is out of range or an intervention is at fault.
    """
    length = scenario.ticks if ticks is None else ticks
    check_arguments(histories, seed, length)
    if (asked or {}).get("individuals"):
        by_person(arena_of(scenario), scenario)
    done = tuple(tuple(map(str, interventions.parse_all(arm, scenario, length))) for arm in arms)
    text = scenario.text if scenario.text and scenario.extends is None else scenario.canonical
    return Order(kind, text, done, histories, seed, length, tuple(measures), json.dumps(asked or {}, sort_keys=True))


@lru_cache(maxsize=4)
def scenario_in(given: str) -> AnyScenario:
    """Return the scenario that an order holds the text of."""
    return loads(given)


def identity(given: Order) -> str:
    """Return a digest of an order: equal for those that give the same."""
    return directory.digest(json.dumps(given._replace(scenario=scenario_in(given.scenario).canonical)))


def has_individuals(given: Order) -> bool:
    """Return whether an order is run with persons in the place of counts."""
    return bool(json.loads(given.asked).get("individuals"))


def cut(given: Order) -> Cut:
    """Return how an order is cut into shards; depends on nothing but the order."""
    scenario = scenario_in(given.scenario)
    chunk = 1 if has_individuals(given) else arena_of(scenario).chunk(scenario)
    together = len(given.arms) if given.kind == "comparison" else 1
    most = max(1, SHARD // (chunk * together))
    wanted = -(-given.histories // (MOST_SHARDS * chunk)) if given.kind not in BY_ARM else most
    step = min(given.histories, chunk * min(max(1, wanted), most))
    if given.kind not in BY_ARM:
        return {"history": (given.histories, step)}
    return {"arm": (len(given.arms), max(1, min(SHARD // step, len(given.arms)))), "history": (given.histories, step)}


def about(given: Order) -> dict[str, Any]:
    """Return what ``run.json`` says of an order that is begun."""
    scenario = scenario_in(given.scenario)
    design = {
        "histories": given.histories,
        "ticks": given.ticks,
        "unit": scenario.calendar.unit,
        "arms": [list(arm) for arm in given.arms],
        "measures": list(given.measures),
        "asked": json.loads(given.asked),
        "order": identity(given),
        "code": programs.source(),
    }
    attrs = {
        "arena": arena_of(scenario).name,
        "scenario": scenario.scenario,
        "seed": given.seed,
        "histories": given.histories,
        "ticks": given.ticks,
        "unit": scenario.calendar.unit,
        "versions": versions(),
    }
    if given.kind == "run":
        attrs |= {"do": list(given.arms[0]), "individuals": int(has_individuals(given)), "interrupted": 0}
    return directory.about_run(given.kind, (scenario.scenario, given.scenario), given.seed, design, cut(given), attrs)


def order_of(said: Mapping[str, Any]) -> Order:
    """Return the order that a ``run.json`` tells of."""
    design = said["design"]
    arms, asked = tuple(tuple(arm) for arm in design["arms"]), json.dumps(design["asked"], sort_keys=True)
    return Order(
        said["kind"], said["scenario"]["text"], arms, design["histories"], said["seed"], design["ticks"], tuple(design["measures"]), asked
    )


_COMPILING = threading.Lock()


def ready(given: Order, chunk: int | None = None) -> Ready:
    """Return an order with its program; compiled once for all its shards.

    Parameters
    ----------
    given : Order
        What is to be run.
    chunk : int, optional
        Histories run at once; changes no result.
    """
    with _COMPILING:
        return _ready(given, chunk)


@lru_cache(maxsize=2)
def _ready(given: Order, chunk: int | None) -> Ready:
    scenario = scenario_in(given.scenario)
    arena = arena_of(scenario)
    size = (1 if has_individuals(given) else arena.chunk(scenario)) if chunk is None else chunk
    check_arguments(given.histories, given.seed, given.ticks, size)
    arms = tuple(tuple(interventions.parse_all(arm, scenario, given.ticks)) for arm in given.arms)
    room = max(interventions.room_needed(scenario, arm, given.ticks) for arm in arms)
    setup = arena.fitted(arena.setup(scenario), given.ticks)
    if has_individuals(given):
        program, compile_s = by_person(arena, scenario)
    else:
        program, compile_s = kernel.compiled(arena, setup, interventions.agenda(scenario, [], given.ticks, room), size)
    return Ready(given, arena, scenario, arms, room, setup, program, size, compile_s)


def run_shard(prepared: Ready, shard: Shard) -> tuple[xr.Dataset, pa.Table | None]:
    """Run a shard; return what is kept of it, and its log where the order is a run."""
    first, stop = shard.stretch("history")
    if prepared.order.kind != "run":
        arms = shard.stretch("arm") if prepared.order.kind in BY_ARM else (0, len(prepared.arms))
        return _measured(prepared, range(*arms), first, stop), None
    agenda = prepared.agenda(0)
    table = prepared.arena.table(prepared.scenario, stop - first, prepared.order.ticks, agenda)
    for chunk in prepared.run(agenda, first, stop):
        table.enter(chunk._replace(first=chunk.first - first))
    part = table.part().assign_coords(history=np.arange(first, stop))
    part.attrs["arena"] = prepared.arena.name
    return part, events(part)


def _measured(prepared: Ready, arms: range, first: int, stop: int) -> xr.Dataset:
    """Return the measures of histories by arm, and when each parts from the first arm where the order is a comparison."""
    agendas = [prepared.agenda(arm) for arm in arms]
    pieces = []
    for start in range(first, stop, prepared.chunk):
        end = min(start + prepared.chunk, stop)
        runs = [prepared.run(agenda, start, end)[0] for agenda in agendas]
        pieces.append(_piece(prepared, runs, agendas, start))
    whole = xr.concat(pieces, "history", data_vars="minimal", coords="minimal", compat="override")
    return whole.assign_coords(arm=np.arange(arms.start, arms.stop))


def _piece(prepared: Ready, runs: Sequence[Chunk], agendas: Sequence[Any], first: int) -> xr.Dataset:
    datasets = [as_dataset(prepared.scenario, run, agenda) for run, agenda in zip(runs, agendas, strict=True)]
    arena, wanted = prepared.arena, prepared.order.measures
    found = [arena.measured(one) | rates.counted(arena.rates, one, prepared.scenario, wanted) for one in datasets]
    names = list(prepared.order.measures or found[0])
    values = np.array([[one[name][0] for name in names] for one in found], np.float64)
    coordinates: dict[str, Any] = {
        "measure": names,
        "measure_unit": ("measure", [found[0][name][1] for name in names]),
        "history": np.arange(first, first + runs[0].size),
    }
    variables: dict[str, Any] = {"value": (("arm", "measure", "history"), values)}
    if prepared.order.kind == "comparison":
        variables["diverged"] = (("arm", "history"), np.stack([_divergence(runs[0], run) for run in runs]).astype(np.int32))
    return xr.Dataset(variables, coordinates)


def _divergence(base: Chunk, arm: Chunk) -> np.ndarray:
    """First tick at which anything that is kept of a history differs, −1 where nothing does; shape (histories,)."""
    differs: Any = False
    for one, other in zip(base.trace, arm.trace, strict=True):
        apart = (one != other) & ~(_missing(one) & _missing(other))
        differs = differs | apart.any(axis=tuple(range(1, apart.ndim - 1)))
    return np.where(differs.any(axis=0), differs.argmax(axis=0), NEVER_DIVERGED)


def _missing(values: np.ndarray) -> np.ndarray:
    return np.isnan(values) if values.dtype.kind == "f" else np.zeros(values.shape, bool)


def shards_of(given: Order) -> list[Shard]:
    """Return the shards of an order."""
    return shards.all_of(cut(given))
