"""The compiled histories: one program per shape of scenario, kept between sessions, run in chunks on all processors."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from virtu import chance
from virtu.laboratory import programs
from virtu.laboratory.arena import Arena, Chunk

QUICKER: programs.Options = {"xla_cpu_experimental_ynn_fusion_type": "", "xla_cpu_multi_thread_eigen": False}
"""Options of the compiler on a CPU. On arrays as small as ours the library reductions it takes by default cost a third of the run, and
threads within an operation a seventh: chunks run side by side already. Wider vectors would save a tenth more, but with them the last bits
of a history depend on the size of its chunk."""


Program = Callable[[Any, Any, Any, Any], tuple[Any, Any]]
"""A compiled `virtu.laboratory.arena.Run`."""


def compiled(arena: Arena, setup: Any, agenda: Any, chunk: int) -> tuple[Program, float]:
    """Compile the histories of a scenario for chunks of a size.

    Parameters
    ----------
    arena : Arena
        Of the scenario.
    setup, agenda
        Only their shapes count.
    chunk : int
        Histories run at once, at least 1. Where JAX has several devices they are split among them; that changes no result.

    Returns
    -------
    tuple
        The program, and the seconds it took to get it; fewer where it was kept from an earlier session.
    """
    started = time.perf_counter()
    options = QUICKER if jax.default_backend() == "cpu" else None
    shapes = (setup, agenda, np.zeros(2, np.uint32), np.zeros(chunk, np.int32))
    program = programs.program(arena.run, shapes, arena.kept, options, devices(chunk))
    return program, time.perf_counter() - started


def devices(chunk: int) -> int:
    """Return over how many devices of JAX the histories of a chunk are split: as many as there are and as leave all alike."""
    return max(count for count in range(1, min(len(jax.devices()), chunk) + 1) if chunk % count == 0)


def sample_traits(arena: Arena, setup: Any, seed: int, histories: int) -> np.ndarray:
    """Return everybody's traits in the histories of a seed, shape (histories, traits, P)."""
    keys = chance.seeded_keys(jnp.asarray(seed_words(seed)), jnp.arange(histories))
    return np.moveaxis(np.asarray(jax.jit(arena.traits)(setup, keys)), -1, 0)


def seed_words(seed: int) -> np.ndarray:
    """Return the two 32-bit words of a seed; its last 64 bits count."""
    return np.array([seed & 0xFFFFFFFF, (seed >> 32) & 0xFFFFFFFF], np.uint32)


def run_chunk(program: Program, setup: Any, agenda: Any, seed: int, first: int, count: int, chunk: int) -> Chunk:
    """Run one chunk; histories beyond those asked for are run and left out, so that one program serves all chunks."""
    numbers = np.arange(first, first + chunk, dtype=np.int32)
    trace, album = program(setup, agenda, seed_words(seed), numbers)
    kept: tuple[Any, Any] = jax.tree.map(lambda part: np.asarray(part)[..., :count], (trace, album))
    return Chunk(first, count, *kept)


def chunks(histories: int, chunk: int) -> Iterator[tuple[int, int]]:
    """Yield (first history, count) of each chunk."""
    for first in range(0, histories, chunk):
        yield first, min(chunk, histories - first)


def in_parallel(jobs: Iterator[Callable[[], Any]], workers: int) -> Iterator[Any]:
    """Run jobs in threads, at most twice as many waiting as are running, and yield results as they come.

    The compiled program runs outside Python's lock, so threads are enough. Where the consumer stops, or is interrupted, jobs not yet
    begun are dropped.
    """
    with ThreadPoolExecutor(max(workers, 1)) as pool:
        running: set[Future[Any]] = set()
        try:
            for job in jobs:
                running.add(pool.submit(job))
                if len(running) >= 2 * workers:
                    done, running = wait(running, return_when=FIRST_COMPLETED)
                    yield from (future.result() for future in done)
            while running:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
        finally:
            for future in running:
                future.cancel()


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
