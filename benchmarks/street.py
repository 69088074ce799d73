"""Speed of the street: a country of a billion in a thousand cells, ten times the people, and persons one by one, on one machine.

Run from anywhere: ``python benchmarks/street.py [--out FILE]``. Counts are run by the program that the laboratory compiles; a run of counts
costs by the cell and not by the person, and the second country shows it. Persons are the individual mode. Where a tick of counts spends its
time is measured by running parts of it alone, compiled the same way: what they share, or save by being fused, is in none of them.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import tracemalloc
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import jax
import jax.numpy as jnp
import numpy as np
from benchmarks.organisation import machine
from tests.street_stage import CONTENT, street

from virtu import chance
from virtu.laboratory import kernel
from virtu.street import activation, build, crowd, incidents, individuals, phases, public
from virtu.street.state import Agenda, Info, Setup, State, clear_info

SEED = 1
BILLION = 10**9


def main() -> None:
    wanted = _arguments()
    found: dict[str, Any] = {"counts": [], "machine": machine(), "load": os.getloadavg()[0]}
    for people in (BILLION, 10 * BILLION):
        one = time_counts(*country(people, wanted.cells, wanted.ticks), wanted.histories, wanted.chunk, wanted.workers)
        found["counts"].append(one | {"people": people})
        run = f"{wanted.cells} cells, {one['histories']} histories of {wanted.ticks} weeks"
        print(f"counts   {people:14,d} people, {run}: {one['run_s']:.1f} s")
    print(
        f"         compiled in {found['counts'][0]['compile_s']:.1f} s; ten times the people, {_ratio(found['counts']):.2f} times the time"
    )
    found["parts"] = parts = time_parts(*country(BILLION, wanted.cells, 1), wanted.chunk)
    said = ", ".join(f"{name} {100 * seconds / parts['whole']:.0f} %" for name, seconds in parts.items() if name != "whole")
    print(f"a tick   {1000 * parts['whole']:14.1f} ms for {wanted.chunk} histories, one at once; of it alone: {said}")
    found["persons"] = one = time_persons(wanted.people, wanted.workers)
    memory = f"{one['bytes']} bytes each, {one['most_bytes']:.1f} as they are gathered"
    print(f"persons  {wanted.people:14,d} people: {one['updates_per_s'] / 1e6:.1f} million updates per second, {one['workers']} at once")
    print(f"         {memory}; a whole week takes {one['week_s'] * 1000:.0f} ms")
    print(f"         load of the machine over the last minute: {found['load']:.1f}")
    if wanted.out:
        wanted.out.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", type=int, default=1000, help="cells of the public")
    parser.add_argument("--ticks", type=int, default=200, help="weeks")
    parser.add_argument("--histories", type=int, default=100, help="histories of counts")
    parser.add_argument("--chunk", type=int, default=50, help="histories in a compiled program")
    parser.add_argument("--workers", type=int, default=kernel.processors(), help="chunks run at once")
    parser.add_argument("--people", type=int, default=1_000_000, help="persons of the individual mode")
    parser.add_argument("--out", type=Path, help="file to write as JSON")
    return parser.parse_args()


def _ratio(counts: list[dict[str, Any]]) -> float:
    return counts[1]["run_s"] / counts[0]["run_s"]


def country(people: int, cells: int, ticks: int) -> tuple[Setup, Agenda]:
    """Return a country of two camps with so many cells, half of them of each kind."""
    kinds = {name: cell | {"divided": cells // 2} for name, cell in CONTENT["public"]["cells"].items()}
    scenario = street(public={"people": people, "cells": kinds}, calendar={"ticks": ticks})
    return build.setup(scenario), build.baseline(scenario)


def _run(setup: Setup, agenda: Agenda, words: jax.Array, numbers: jax.Array) -> phases.Trace:
    return phases.histories(setup, agenda, chance.seeded_keys(words, numbers))[1]


def time_counts(setup: Setup, agenda: Agenda, histories: int, chunk: int, workers: int) -> dict[str, Any]:
    """Run histories in chunks, one chunk per worker beforehand to warm up."""
    words = np.array([SEED, 0], np.uint32)
    started = time.perf_counter()
    program = jax.jit(_run, compiler_options=kernel.QUICKER).lower(setup, agenda, words, np.arange(chunk, dtype=np.int32)).compile()
    compile_s = time.perf_counter() - started

    def part(first: int) -> int:
        return program(setup, agenda, words, np.arange(first, first + chunk, dtype=np.int32)).turnout.block_until_ready().shape[-1]

    def run(count: int) -> float:
        began = time.perf_counter()
        done = sum(kernel.in_parallel((partial(part, first) for first in range(0, count, chunk)), workers))
        assert done >= count
        return time.perf_counter() - began

    run(workers * chunk)
    return {"run_s": run(histories), "histories": histories, "chunk": chunk, "workers": workers, "compile_s": compile_s}


def time_parts(setup: Setup, agenda: Agenda, histories: int) -> dict[str, float]:
    """Return seconds of a whole tick and of parts of it alone, the best of seven, at the first tick of a run."""
    wide, done = phases.with_histories(*jax.tree.map(jnp.asarray, (setup, agenda)))
    done, now = Agenda(*(part[0] for part in done)), jnp.int32(0)
    key = chance.seeded_keys(jnp.array([SEED, 0], jnp.uint32), jnp.arange(histories))
    mind = phases.sample(wide, key)
    state, info = phases.init(wide, mind), clear_info(len(setup.camp_slot), histories)
    world = phases.look_around(wide, mind, done, key, now)

    def tick(state: State, mind: phases.Mind, done: Agenda, key: chance.Key, now: jax.Array) -> tuple[State, Info]:
        return phases.tick(phases.look_around(wide, mind, done, key, now), state)

    def drawn(key: chance.Key, now: jax.Array) -> dict[str, tuple[jax.Array, jax.Array]]:
        return phases.luck(wide, key, now)

    def copied(state: State) -> State:
        return jax.tree.map(lambda part: part + jnp.ones((), part.dtype), state)

    parts: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
        "whole": (tick, (state, mind, done, key, now)),
        "chance": (drawn, (key, now)),
        "who goes out, binomials": (activation.activation, (state, info, world)),
        "incidents and victims": (incidents.incidents, (state, info, world)),
        "whom people support, softmax": (public.opinion, (state, info, world)),
        "one pass through the memory of a state": (copied, (state,)),
    }
    return {name: _best(jax.jit(part, compiler_options=kernel.QUICKER), given) for name, (part, given) in parts.items()}


def _best(part: Callable[..., Any], given: tuple[Any, ...], times: int = 7) -> float:
    """Return the least seconds of a compiled part, after a call that compiles it."""
    jax.block_until_ready(part(*given))
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        jax.block_until_ready(part(*given))
        taken.append(time.perf_counter() - began)
    return min(taken)


def time_persons(people: int, workers: int) -> dict[str, Any]:
    """Time the two loops over persons, a history a worker, and a whole week; the best of five, once compiled."""
    setup, agenda = country(people, 20, 12)
    words = kernel.seed_words(SEED)
    individuals.gather(setup, words)  # compiles
    tracemalloc.start()
    crowds = [individuals.gather(setup, words)]
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    crowds += [individuals.gather(setup, words, number) for number in range(1, workers)]
    times = []
    for _ in range(6):
        began = time.perf_counter()
        list(kernel.in_parallel((partial(_week, found) for found in crowds), workers))
        times.append(time.perf_counter() - began)

    def run(weeks: int) -> float:
        began = time.perf_counter()
        individuals.histories(setup, Agenda(*(part[:weeks] for part in agenda)), words, np.arange(1))
        return time.perf_counter() - began

    run(2)
    return {
        "people": people,
        "workers": workers,
        "updates_per_s": people * workers / min(times[1:]),
        "bytes": crowd.PERSON.itemsize,
        "most_bytes": most / people,
        "week_s": (run(12) - run(2)) / 10,
    }


def _week(found: individuals.Crowd) -> None:
    """Let everybody decide once whether to go out, and once whom to support."""
    cells, groups, options = found.supporters.shape
    keys = np.arange(cells).astype(np.uint64)
    rules = np.broadcast_to(np.array([0.4, 0.1, 0.6, 0.05, 0.03]), (cells, 2, 5)).copy()
    upto = np.cumsum(np.full((cells, groups, options), 1 / options), axis=2)
    crowd.go_out(found.people, found.first, keys, rules, 0.1, np.full(2, 0.05), np.log(0.75), np.zeros((cells, 2, 2, 2), np.int64))
    crowd.think_again(found.people, found.first, keys, upto, 0.05, np.zeros(upto.shape, np.int64))


if __name__ == "__main__":
    main()
