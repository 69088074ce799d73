"""Histories of the organisation as one dataset, entered chunk by chunk."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from virtu.laboratory.arena import Chunk
from virtu.organisation import measures
from virtu.organisation.state import NOBODY, Agenda
from virtu.record.shards import PER_SHARD
from virtu.scenario import Scenario
from virtu.scenario.vocabulary import Status, parameters

MOMENTS = ("start", "middle", "end")

FINE = 2**24
"""Dependence is summed in whole numbers of so small a part, so that no sum depends on the order in which histories come."""

NUMBERS = {"strength": np.float32, "believed": np.float32, "satisfaction": np.float32}
MEANS = ("insight", "backing", "trusted")
"""What is kept as a mean over the time in office."""

CODES = {"status": np.int8, "move": np.int8, "outcome": np.int8, "side": np.int8}


class OrganisationTable:
    """Arrays by person that chunks are entered into as they come; the only thing here that changes."""

    def __init__(self, scenario: Scenario, histories: int, ticks: int, agenda: Agenda) -> None:
        self.scenario, self.ticks, self.margins = scenario, ticks, _lead_margins(agenda)
        persons = len(scenario.actors)
        self.index_type = np.int8 if persons < 127 else np.int16
        shape = (histories, ticks, persons)
        self.by_tick: dict[str, Any] = {name: np.full(shape, np.nan, kind) for name, kind in NUMBERS.items() if name != "satisfaction"}
        self.by_tick |= {name: np.full(shape, -1 if name == "status" else 0, kind) for name, kind in CODES.items()}
        self.by_tick["target"] = np.full(shape, NOBODY, self.index_type)
        self.felt = np.zeros((histories, persons), np.float32)
        self.means = {name: np.zeros((histories, persons), np.float32) for name in MEANS}
        self.falls = {name: np.full((histories, persons), -1, np.int32) for name in ("tick", "grade", "cause", "by")}
        self.leader = np.full((histories, ticks), NOBODY, np.int16)
        self.totals = {name: np.zeros(histories, np.float32) for name in ("purged", "innocent", "result")}
        self.executor = np.full((histories, ticks), NOBODY, np.int16)
        self.bonds = np.zeros((len(MOMENTS), persons, persons), np.int64)
        self.met = np.zeros((len(MOMENTS), persons, persons), np.int64)
        self.finished = np.zeros(histories, bool)

    @property
    def entered(self) -> int:
        """Number of histories entered."""
        return int(self.finished.sum())

    def enter(self, chunk: Chunk) -> None:
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
        self._enter_means(here, (history * persons + person)[present], raw, held, present)
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

    def _enter_means(self, here: slice, at: np.ndarray, raw: Any, held: np.ndarray, present: np.ndarray) -> None:
        """Means over the ticks at whose end a person is in office; 0 for who never is."""
        size = self.felt[here].size
        ticks = np.maximum(np.bincount(at, minlength=size), 1)
        for name, table in self.means.items():
            total = np.bincount(at, getattr(raw, name)[held][present], size)
            table[here] = (total / ticks).reshape(table[here].shape)

    def _enter_falls(self, first: int, trace: Any) -> None:
        """First fall of each person; later ones only deepen it and are in the events."""
        history, tick, place = np.nonzero(trace.fall >= 0)
        person = trace.fell[history, tick, place].astype(np.intp)
        order = np.lexsort((tick, person, history))[::-1]
        at = (history[order] + first, person[order])
        self.falls["tick"][at] = tick[order]
        for name, part in (("grade", trace.fall), ("cause", trace.cause), ("by", trace.by)):
            self.falls[name][at] = part[history[order], tick[order], place[order]]

    def _enter_bonds(self, chunk: Chunk) -> None:
        person = chunk.album.person.astype(np.intp)
        one, other = person[:, :, None], person[:, None]
        known = (one >= 0) & (other >= 0) & (one != other)
        persons = len(self.scenario.actors)
        moment = np.arange(len(MOMENTS))[:, None, None, None]
        at = (((moment * persons + one) * persons) + other)[known]
        size = self.bonds.size
        fine = np.rint(chunk.album.dependence[known].astype(np.float64) * FINE)
        self.bonds += np.bincount(at, fine, size).astype(np.int64).reshape(self.bonds.shape)
        self.met += np.bincount(at, minlength=size).reshape(self.met.shape)

    def dataset(self) -> xr.Dataset:
        """Return what was entered as a dataset."""
        part = self.part()
        return part.drop_dims(PER_SHARD).assign(means(part).data_vars)

    def part(self) -> xr.Dataset:
        """Return what was entered as a part of a longer run: with sums over its histories in place of means."""
        kept = slice(None) if self.finished.all() else self.finished
        numbers = np.flatnonzero(self.finished)
        leader = self.leader[kept]
        cube = ("history", "tick", "actor")
        variables: dict[str, Any] = {name: (cube, table[kept]) for name, table in self.by_tick.items()}
        variables |= {f"fall_{name}": (("history", "actor"), table[kept]) for name, table in self.falls.items()}
        variables |= {name: ("history", table[kept]) for name, table in self.totals.items()}
        variables |= {
            "leader": (("history", "tick"), leader),
            "on_top": ("history", leader[:, -1]),
            "sole_since": ("history", _since(leader)),
            "satisfaction": (("history", "actor"), self.felt[kept] / self.ticks),
            **{name: (("history", "actor"), table[kept]) for name, table in self.means.items()},
            "executor": (("history", "tick"), self.executor[kept]),
            "dependence_sum": ((PER_SHARD, "moment", "actor", "actor_to"), self.bonds[None]),
            "pairs": ((PER_SHARD, "moment", "actor", "actor_to"), self.met[None]),
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


def means(part: xr.Dataset) -> xr.Dataset:
    """Return the means over all histories of a run from the sums over those of its shards."""
    count = part["pairs"].sum(PER_SHARD)
    total = part["dependence_sum"].sum(PER_SHARD)
    return xr.Dataset({"dependence": (total / FINE / np.maximum(count, 1)).where(count > 0).astype(np.float32)})


def _lead_margins(agenda: Agenda) -> np.ndarray:
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
