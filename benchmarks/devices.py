"""The same programs on the processor and on a GPU: how fast, and how far apart, where there is a GPU; the rest is said to be missing.

Run from anywhere: ``python benchmarks/devices.py [--histories N] [--out FILE]``: the organisation, the street of counts in cells, and
matches of k-ToM. The street by person is compiled for processors alone (`virtu.street.crowd`) and has no place here. Means of each result
over all histories are compared: on another device sums are made in another order, so that single histories part sooner or later.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import jax
import jax.numpy as jnp
import numpy as np
from benchmarks.organisation import machine

from virtu import chance
from virtu.laboratory import kernel
from virtu.laboratory.arenas import arena_of
from virtu.minds import k_tom, players
from virtu.scenario import load

SEED = 1
ROUNDS = 60
SCENARIOS = ("politburo-1922", "two-camps")
Program = tuple[Callable[..., Any], tuple[Any, ...]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--histories", type=int, default=4096, help="histories, and matches, run at once")
    parser.add_argument("--ticks", type=int, help="length of the histories; that of the scenario by default")
    parser.add_argument("--out", type=Path, help="file to write as JSON")
    wanted = parser.parse_args()
    found = compared(wanted.histories, wanted.ticks)
    for row in found:
        print(told(row))
    if wanted.out:
        wanted.out.write_text(json.dumps({"rows": found, "machine": machine()}, indent=2) + "\n", encoding="utf-8")


def told(row: dict[str, Any]) -> str:
    """Return a row of `compared` in words."""
    speeds = f"processor {row['processor_s']:8.3f} s   GPU {row['gpu_s']:8.3f} s   ratio {row['ratio']:8.1f}"
    return f"{row['name']:24s} {speeds}   means apart {row['apart']:.1e} of their standard errors at most"


def gpu() -> Any:
    """Return the first GPU that JAX sees, or None."""
    try:
        return jax.devices("gpu")[0]
    except RuntimeError:
        return None


def compared(histories: int, ticks: int | None, other: Any = None) -> list[dict[str, Any]]:
    """Return a row for each program: seconds on the processor and on the other device, their ratio, and how far means are apart.

    Parameters
    ----------
    histories : int
        Run at once.
    ticks : int, optional
        Length of histories.
    other : device, optional
        The first GPU by default; without one there are no rows, and it is said.
    """
    device = other or gpu()
    if device is None:
        print("no comparison of devices: JAX sees no GPU here", file=sys.stderr)
        return []
    programs = {name: partial(_histories, name, histories, ticks) for name in SCENARIOS} | {"k-ToM 1 v 2": partial(_matches, histories)}
    return [{"name": name, **_both(*make(), device)} for name, make in programs.items()]


def _histories(name: str, histories: int, ticks: int | None) -> Program:
    scenario = load(name)
    arena, length = arena_of(scenario), ticks or scenario.ticks
    setup = arena.fitted(arena.setup(scenario), length)
    numbers = np.arange(histories, dtype=np.int32)
    return arena.run, (setup, arena.baseline(scenario, length), kernel.seed_words(SEED), numbers)


def _matches(matches: int) -> Program:
    keys = chance.history_keys(SEED, jnp.arange(matches))
    given = (k_tom.player(1), k_tom.player(2), players.matching_pennies(), keys, jnp.zeros(1, jnp.uint32))
    return partial(players.play, rounds=ROUNDS), given


def _both(function: Callable[..., Any], given: tuple[Any, ...], device: Any) -> dict[str, float]:
    """Run on both in turn, three times after once to compile."""
    runs = [_on(function, given, place) for place in (jax.devices("cpu")[0], device)]
    results = [run() for run in runs]
    times = [[_seconds(run) for run in runs] for _ in range(3)]
    here, there = (median(turn[place] for turn in times) for place in (0, 1))
    return {"processor_s": here, "gpu_s": there, "ratio": here / there, "apart": _apart(*results)}


def _on(function: Callable[..., Any], given: tuple[Any, ...], device: Any) -> Callable[[], Any]:
    options = kernel.QUICKER if device.platform == "cpu" else None
    placed = jax.device_put(given, device)
    program = jax.jit(function, compiler_options=options)
    return lambda: jax.block_until_ready(program(*placed))


def _seconds(run: Callable[[], Any]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def _apart(one: Any, other: Any) -> float:
    """Return the largest difference of means over histories, in standard errors of such a difference between independent runs."""
    worst = 0.0
    for here, there in zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True):
        values = [np.asarray(part, np.float64) for part in (here, there)]
        missing = np.isnan(values[0]) | np.isnan(values[1])
        means, errors = zip(*(_moments(np.where(missing, 0.0, part)) for part in values), strict=True)
        gap = np.abs(means[0] - means[1])
        error = np.hypot(*errors)
        worst = max(worst, float(np.max(np.where(gap > 0.0, gap / np.maximum(error, 1e-6), 0.0), initial=0.0)))
    return worst


def _moments(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return values.mean(axis=-1), values.std(axis=-1) / np.sqrt(values.shape[-1])


if __name__ == "__main__":
    main()
