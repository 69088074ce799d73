"""Speed of the organisation: the compiled histories, the tick in plain Python, their ratio, and where the time goes, in one run.

Run from anywhere: ``python benchmarks/organisation.py [--out FILE]``. The compiled program is the one that `virtu.simulate` runs;
the loops are written to be read, not to be quick.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import jax
import jax.numpy as jnp
import numpy as np
from benchmarks import time_spent
from tests.reference import plain, plain_agenda, tick
from tests.reference.chance import history_key

from virtu import chance
from virtu.laboratory import kernel
from virtu.laboratory.organisation_arena import CHUNK, ORGANISATION
from virtu.laboratory.simulate import versions
from virtu.organisation import build, phases
from virtu.organisation.state import Agenda, Setup
from virtu.scenario import load

SEED = 1


def main() -> None:
    wanted = _arguments()
    scenario = load(wanted.scenario)
    setup, agenda = build.setup(scenario), build.baseline(scenario)
    compiled = time_compiled(setup, agenda, wanted.histories, wanted.chunk, wanted.workers)
    loops = time_loops(setup, agenda, wanted.seconds)
    ratio = compiled["history_ticks_per_s"] / loops["ticks_per_s"]
    print(f"{wanted.scenario}: {compiled['ticks']} ticks, {setup.place.shape[0]} places, {setup.outer_slot.shape[0]} outer seats")
    print(f"compiled     {compiled['history_ticks_per_s']:12,.0f} histories × ticks per second, {wanted.workers} at once")
    print(f"plain Python {loops['ticks_per_s']:12,.1f} ticks per second")
    print(f"ratio        {ratio:12,.0f}")
    spent = profile(setup, agenda, wanted.chunk, wanted.profiled)
    tell(spent)
    if wanted.out:
        found = {"scenario": wanted.scenario, "compiled": compiled, "plain_python": loops, "ratio": ratio, "profile": spent}
        found["machine"] = machine()
        wanted.out.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenario", default="politburo-1922", help="a shipped scenario or a file")
    parser.add_argument("--histories", type=int, default=2048, help="histories to run")
    parser.add_argument("--chunk", type=int, default=CHUNK, help="histories in a compiled program")
    parser.add_argument("--workers", type=int, default=kernel.processors(), help="chunks run at once")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long to run the loops")
    parser.add_argument("--profiled", type=int, default=24, help="ticks of the run of one chunk that is profiled")
    parser.add_argument("--out", type=Path, help="file to write as JSON")
    return parser.parse_args()


def time_compiled(setup: Setup, agenda: Agenda, histories: int, chunk: int, workers: int) -> dict[str, Any]:
    """Run histories in chunks, one per worker beforehand to warm up, and count what is run per second."""
    program, compile_s = kernel.compiled(ORGANISATION, setup, agenda, chunk)

    def run(count: int) -> float:
        jobs = (partial(kernel.run_chunk, program, setup, agenda, SEED, *part, chunk) for part in kernel.chunks(count, chunk))
        started = time.perf_counter()
        done = sum(part.size for part in kernel.in_parallel(jobs, workers))
        assert done == count
        return time.perf_counter() - started

    whole = max(histories // chunk, workers) * chunk
    run(workers * chunk)
    run_s = run(whole)
    ticks = agenda.parameter.shape[0]
    return {
        "history_ticks_per_s": whole * ticks / run_s,
        "histories": whole,
        "ticks": ticks,
        "chunk": chunk,
        "workers": workers,
        "run_s": run_s,
        "compile_s": compile_s,
    }


def time_loops(setup: Setup, agenda: Agenda, seconds: float) -> dict[str, Any]:
    """Run one history in plain Python from its first tick, until it ends or the time is up."""
    wide, shared = phases.with_histories(setup, agenda)
    sampled = phases.sample_traits(wide, chance.history_keys(SEED, jnp.zeros(1, jnp.int32)))
    state, traits, given = plain(phases.init(wide, sampled), 0), np.asarray(sampled)[..., 0].tolist(), plain(wide, 0)
    key, ticks = history_key(SEED, 0), agenda.parameter.shape[0]
    done = [plain_agenda(_at(shared, now), 0) for now in range(ticks)]
    started, now = time.perf_counter(), 0
    while now < ticks and time.perf_counter() - started < seconds:
        state, _ = tick(given, traits, done[now], state, key, now)
        now += 1
    run_s = time.perf_counter() - started
    return {"ticks_per_s": now / run_s, "ticks": now, "run_s": run_s}


def _at(agenda: Agenda, now: int) -> Agenda:
    return Agenda(*(part if name in phases.LISTS else part[now] for name, part in agenda._asdict().items()))


def profile(setup: Setup, agenda: Agenda, chunk: int, ticks: int) -> dict[str, Any]:
    """Run one chunk of histories for some ticks under the profiler: where the time goes, and what bounds it."""
    shorter = Agenda(*(part if name in phases.LISTS else part[:ticks] for name, part in agenda._asdict().items()))
    given = (build.fitted(setup, ticks), shorter, kernel.seed_words(SEED), np.arange(chunk, dtype=np.int32))
    spent = time_spent.time_spent(ORGANISATION.run, given, kernel.QUICKER)
    done = chunk * ticks
    return {
        "compile_s": spent.compile_s,
        "history_ticks_per_s": done / spent.operations_s,
        "operations_per_tick": spent.operations / ticks,
        "short_operations": spent.short_share,
        "share": spent.share,
        "bytes_per_history_tick": spent.bytes / done,
        "bytes_per_s": spent.bytes / spent.operations_s,
        "copied_in_cache_per_s": time_spent.bandwidth(2**18),
        "copied_in_memory_per_s": time_spent.bandwidth(2**28),
    }


def tell(spent: dict[str, Any]) -> None:
    """Print a profile."""
    for part, share in spent["share"].items():
        print(f"  {share:6.1%} {part}")
    print(f"{spent['operations_per_tick']:.0f} operations a tick; {spent['short_operations']:.0%} of the time in those shorter than 3 µs")
    cache, memory = (spent["bytes_per_s"] / spent[f"copied_in_{where}_per_s"] for where in ("cache", "memory"))
    traffic = f"{spent['bytes_per_history_tick'] / 1e3:.0f} kB a history and tick, {spent['bytes_per_s'] / 1e9:.1f} GB/s"
    print(f"{traffic}: {cache:.0%} of what copying in the cache reaches, {memory:.0%} of copying in memory")
    print(f"compiled in {spent['compile_s']:.1f} s")


def machine() -> dict[str, Any]:
    """Return what the figures depend on."""
    return {
        "processor": _processor(),
        "processors": kernel.processors(),
        "backend": jax.default_backend(),
        "system": platform.platform(),
        "load_average": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "versions": versions(),
    }


def _processor() -> str:
    names = Path("/proc/cpuinfo")
    lines = names.read_text(encoding="utf-8").splitlines() if names.is_file() else []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()


if __name__ == "__main__":
    main()
