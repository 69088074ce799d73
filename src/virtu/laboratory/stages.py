"""Runs in stages: all shards of an order, or as many as a rule for stopping asks for; and histories handed on without being kept.

A rule such as ``half-width 0.01`` is looked at when further shards are through, at counts that grow geometrically. It applies to the
deciding outcome: of a run the outcome of its scenario, of a comparison the difference every arm makes to its outcome. What it decides
depends on the order and the histories alone, so that a run that is killed stops where it would have stopped.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from virtu.laboratory import orders, places
from virtu.laboratory.arenas import arena_of
from virtu.laboratory.orders import Order
from virtu.laboratory.simulate import Progress
from virtu.record import sequential
from virtu.record.shards import Shard
from virtu.scenario import AnyScenario
from virtu.scenario.schema import COLLECTIVE

BOUNDED = ("share", "0–1")
"""Units of measures that lie between 0 and 1."""


class Watch:
    """The deciding outcome of an order, and the rule it is watched by.

    Parameters
    ----------
    given : Order
        A run or a comparison, with ``until`` and ``outcome`` among what is asked for.
    scenario : Scenario
        What is run.
    """

    def __init__(self, given: Order, scenario: AnyScenario) -> None:
        asked = json.loads(given.asked)
        self._given, self._arena = given, arena_of(scenario)
        self.outcome = asked["outcome"]
        self.rule = sequential.until(asked["until"])
        self.planned = min(sequential.PLANNED, given.histories)
        self._values: list[np.ndarray] = []
        unit = self._arena.measures()[self.outcome.partition(":")[0]].unit
        self.bounds = None if unit not in BOUNDED else (0.0, 1.0) if given.kind == "run" else (-1.0, 1.0)

    def enter(self, part: xr.Dataset) -> None:
        """Enter further histories, in their order."""
        if self._given.kind == "run":
            self._values.append(self._arena.measured(part)[self.outcome][0][None])
        else:
            values = part["value"].sel(measure=self.outcome).transpose("arm", "history").values
            self._values.append(values[1:] - values[:1])

    @property
    def entered(self) -> int:
        """Number of histories entered."""
        return sum(part.shape[1] for part in self._values)

    def is_enough(self) -> bool:
        """Return whether the rule is met."""
        values = np.concatenate(self._values, axis=1)
        return all(sequential.is_narrow(row, self.rule, self.bounds, self.planned) for row in values)

    def told(self) -> dict[str, Any]:
        """Return why the run stopped: rule, outcome, reached, most, histories, and the interval of each arm at that moment."""
        values, reached = np.concatenate(self._values, axis=1), self.is_enough()
        return {
            "rule": str(self.rule),
            "outcome": self.outcome,
            "reached": reached,
            "most": self._given.histories,
            "histories": values.shape[1],
            "intervals": [self._interval(row) for row in values],
        }

    def _interval(self, values: np.ndarray) -> dict[str, float]:
        found = sequential.interval(values, self.bounds, self.planned)
        low, high = self.bounds or (-np.inf, np.inf)
        return {"mean": found["mean"], "low": max(found["low"], low), "high": min(found["high"], high)}


class Passed(NamedTuple):
    """What is known of an order whose histories were handed on."""

    histories: int
    interrupted: bool
    timing: dict[str, float]
    stopped: dict[str, Any] | None  # why, where a rule was asked for


def watch(given: Order, scenario: AnyScenario) -> Watch | None:
    """Return the watch over an order, None where no rule for stopping is asked for."""
    return Watch(given, scenario) if json.loads(given.asked).get("until") else None


def asked(until: str | None, outcome: str) -> dict[str, str]:
    """Return what an order says of a rule for stopping, after checking it; nothing where there is none.

    Raises
    ------
    InputError
        If the rule cannot be read.
    """
    return {"until": str(sequential.until(until)), "outcome": outcome} if until is not None else {}


def with_reason(told: dict[str, Any], stopped: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the summary of a run with why it stopped; the interval of its outcome is then the one that allows for looking.

    Parameters
    ----------
    told : dict
        The summary.
    stopped : mapping or None
        From `Watch.told`; None where nobody looked.
    """
    if stopped is None:
        return told
    kind, _, whom = stopped["outcome"].partition(":")
    tables = {"on_top": (told["on_top"], whom), "rules": (told["on_top"], whom), COLLECTIVE: (told["on_top"], COLLECTIVE)}
    table, row = tables.get(kind, (told["measures"], stopped["outcome"]))
    if row in table:
        table[row] = {**table[row], **stopped["intervals"][0]}
    return {**told, "until": dict(stopped)}


def stages(every: Sequence[Shard], watched: bool) -> Iterator[list[Shard]]:
    """Yield the shards that are run before each look; all at once where nobody looks."""
    if not watched:
        yield list(every)
        return
    ends, done = [shard.stretch("history")[1] for shard in every], 0
    for count in sequential.looks(ends[-1]):
        stop = int(np.searchsorted(ends, count)) + 1
        if stop > done:
            yield list(every[done:stop])
            done = stop


def passed(
    given: Order,
    scenario: AnyScenario,
    enter: Callable[[xr.Dataset], None],
    *,
    on: str = places.LOCAL,
    workers: int | None = None,
    chunk: int | None = None,
    progress: Progress | None = None,
) -> Passed:
    """Run an order and hand its histories on, in their order, without keeping them.

    Parameters
    ----------
    given : Order
        A run or a comparison.
    scenario : Scenario
        What is run.
    enter : callable
        Called with the Dataset of each shard.
    on, workers, chunk, progress
        As in `virtu.laboratory.places.gathered`.

    Raises
    ------
    KeyboardInterrupt
        If it is interrupted before anything was handed on, or in a comparison; a run tells of what is done.
    """
    places.check(on)
    watched, every = watch(given, scenario), orders.shards_of(given)
    started = time.perf_counter()
    compile_s = orders.ready(given, chunk).compile_s if on == places.LOCAL else 0.0
    total, done, histories, interrupted = sum(shard.size() for shard in every), 0, 0, False
    if progress:
        progress(0, total)
    try:
        for shard, part in _watched(given, every, watched, on, workers, chunk):
            enter(part)
            done, histories = done + shard.size(), histories + part.sizes["history"]
            if progress:
                progress(done, total)
    except KeyboardInterrupt:
        if given.kind != "run" or not histories:
            raise
        interrupted = True
    timing = {"compile_s": compile_s, "run_s": time.perf_counter() - started - compile_s}
    return Passed(histories, interrupted, timing, watched.told() if watched else None)


def _watched(
    given: Order, every: Sequence[Shard], watched: Watch | None, on: str, workers: int | None, chunk: int | None
) -> Iterator[tuple[Shard, xr.Dataset]]:
    """Yield shards with their histories in their order, until all are done or the rule is met."""
    with places.each(given, on, workers, chunk, None) as each:
        for stage in stages(every, watched is not None):
            with closing(each(stage)) as running:
                for shard, part in _in_order(stage, running):
                    if watched:
                        watched.enter(part)
                    yield shard, part
            if watched and watched.is_enough():
                return


def _in_order(stage: Sequence[Shard], running: Iterable[places.Done]) -> Iterator[tuple[Shard, xr.Dataset]]:
    """Yield what was found in the order of the shards; at most as many wait as there are workers, twice."""
    arrived, waiting = iter(running), {}
    for shard in stage:
        while shard.number not in waiting:
            found = next(arrived)
            waiting[found.shard.number] = found.dataset
        yield shard, waiting.pop(shard.number)
