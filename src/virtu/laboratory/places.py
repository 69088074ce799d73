"""Where shards are run: in this process, on a cluster of processes here, or on machines elsewhere.

Scaling out is dask.distributed's work. What is sent is the order and the number of the shard; what runs there is a function of the
installed package. Workers that see the run directory write to it themselves; others send back what they found.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import xarray as xr

from virtu.errors import InputError, RunError, did_you_mean
from virtu.laboratory import kernel, orders
from virtu.laboratory.orders import Order
from virtu.laboratory.simulate import Progress, check_arguments
from virtu.record import directory, shards
from virtu.record.shards import Shard

if TYPE_CHECKING:
    import pyarrow as pa
    from distributed import Client

LOCAL, DASK = "local", "dask"
_ADDRESS = re.compile(r"(?:tcp|tls|ucx|ws|wss)://\S+:[0-9]{1,5}")
PATIENCE = 30.0
"""Seconds in which a scheduler must answer."""

MOST_DEATHS = 20
"""Workers that may die over one shard before it is given up."""


class Done(NamedTuple):
    """A shard that was run: what was found, unless it was written where it was run."""

    shard: Shard
    dataset: xr.Dataset | None = None
    events: pa.Table | None = None


def check(on: str) -> None:
    """Raise InputError where a place to run at is none."""
    if on not in (LOCAL, DASK) and not _ADDRESS.fullmatch(on):
        hint = did_you_mean(on, (LOCAL, DASK)) if "/" not in on else "write tcp://HOST:PORT"
        raise InputError(
            f"unknown place to run on {on[:80]!r}", f"{hint}; it is local, dask, or the address of a scheduler, tcp://HOST:PORT"
        )
    if on != LOCAL:
        try:
            import distributed  # noqa: F401
        except ImportError:
            raise InputError(f"--on {on} needs dask.distributed", "install it with: pip install 'virtu[cluster]'") from None


Each: TypeAlias = Callable[[Sequence[Shard]], Generator["Done", None, None]]
"""Runs shards; yields them as they are done, in any order."""


@contextmanager
def each(given: Order, on: str, workers: int | None, chunk: int | None, place: Path | None) -> Iterator[Each]:
    """Open a place to run shards at, and give what runs them there; closed when all are through.

    Parameters
    ----------
    given : Order
        Of which they are.
    on : str
        ``local``, ``dask``, or the address of a scheduler.
    workers, chunk : int, optional
        As in `simulate`; workers of a scheduler are its own.
    place : Path, optional
        The run directory they are written to.

    Raises
    ------
    RunError
        If the cluster fails.
    """
    check_arguments(given.histories, given.seed, given.ticks, 1 if chunk is None else chunk)
    count = workers or kernel.processors()
    if on != LOCAL:
        with _cluster(on, count) as client:
            yield partial(_on_cluster, client, given, chunk, place)
        return
    prepared = orders.ready(given, chunk)

    def here(todo: Sequence[Shard]) -> Generator[Done, None, None]:
        yield from kernel.in_parallel((partial(_here, prepared, shard, place) for shard in todo), count)

    yield here


def gathered(
    given: Order, on: str, workers: int | None, chunk: int | None, progress: Progress | None
) -> tuple[list[Done], dict[str, float]]:
    """Run all shards of an order and keep what they found here; return that, and seconds for compiling and running.

    Parameters
    ----------
    given, on, workers, chunk
        As in `each`.
    progress : callable, optional
        As in `simulate`; counts histories of all shards.
    """
    check(on)
    todo = orders.shards_of(given)
    total = sum(shard.size() for shard in todo)
    started = time.perf_counter()
    compile_s = orders.ready(given, chunk).compile_s if on == LOCAL else 0.0
    if progress:
        progress(0, total)
    parts: list[Done] = []
    with each(given, on, workers, chunk, None) as run, closing(run(todo)) as running:
        for part in running:
            parts.append(part)
            if progress:
                progress(sum(one.shard.size() for one in parts), total)
    return parts, {"compile_s": compile_s, "run_s": time.perf_counter() - started - compile_s}


def _here(prepared: orders.Ready, shard: Shard, place: Path | None) -> Done:
    dataset, events = orders.run_shard(prepared, shard)
    if place is None:
        return Done(shard, dataset, events)
    shards.write(place, directory.read_about(place), shard, dataset, events)
    return Done(shard)


def on_worker(given: tuple[Any, ...], number: int, chunk: int | None, place: str | None) -> tuple[Any, ...]:
    """Run a shard on a worker.

    Parameters
    ----------
    given : tuple
        The fields of the order.
    number : int
        Of the shard.
    chunk : int or None
        Histories run at once.
    place : str or None
        The run directory; written to where this worker sees it and it is that of the order.

    Returns
    -------
    tuple
        The fields of a `Done`.
    """
    order = Order(*given)
    shard = orders.shards_of(order)[number]
    return tuple(_here(orders.ready(order, chunk), shard, _seen(place, order)))


def _seen(place: str | None, order: Order) -> Path | None:
    if place is None or not directory.is_run(Path(place)):
        return None
    about = directory.read_about(Path(place))
    return Path(place) if about["design"]["order"] == orders.identity(order) else None


@contextmanager
def _cluster(on: str, count: int) -> Iterator[Client]:
    """Give the client of a scheduler, of one's own with so many processes or of one elsewhere."""
    from dask import config
    from distributed import Client, LocalCluster

    quiet = {"distributed.scheduler.allowed-failures": MOST_DEATHS, "logging.distributed": "error", "distributed.comm.retry.count": 3}
    with config.set(quiet):
        try:
            cluster = LocalCluster(n_workers=count, threads_per_worker=1, dashboard_address="", silence_logs=50) if on == DASK else None
            client = Client(cluster or on, timeout=PATIENCE)
        except OSError as error:
            raise RunError(
                f"no scheduler answers at {on}: {error}", "start one with: dask scheduler, and workers with: dask worker"
            ) from None
        try:
            yield client
        finally:
            client.close()
            if cluster is not None:
                cluster.close()


def _on_cluster(client: Client, given: Order, chunk: int | None, place: Path | None, todo: Sequence[Shard]) -> Generator[Done, None, None]:
    from distributed import KilledWorker, as_completed

    where = None if place is None else str(place)
    try:
        futures = [client.submit(on_worker, tuple(given), shard.number, chunk, where, pure=False, retries=3) for shard in todo]
        for future in as_completed(futures):
            done = Done(*future.result())
            yield done._replace(shard=Shard(*done.shard))
            future.release()
    except KilledWorker as error:
        raise RunError(f"workers died over a shard again and again: {error}", "what is done is kept; look at the workers' memory") from None
