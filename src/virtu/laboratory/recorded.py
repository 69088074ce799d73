"""Orders that are written down while they are run, so that they can be killed at any instant and gone on with."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import xarray as xr

from virtu.errors import InputError, Place, RunError
from virtu.laboratory import compare, orders, places, programs, proposals, sweep
from virtu.laboratory.arenas import arena_of
from virtu.laboratory.orders import Order
from virtu.laboratory.simulate import Progress, versions
from virtu.laboratory.summary import summarise
from virtu.record import catalogue, directory, shards
from virtu.record.shards import PER_SHARD, Shard
from virtu.scenario import AnyScenario

if TYPE_CHECKING:
    import pyarrow as pa

Publish = Callable[[Path, xr.Dataset, "pa.Table", dict[str, Any], AnyScenario], dict[str, Any]]
"""Puts files beside the parts of a run and returns their names: of its directory, Dataset, log, what is told of it, and scenario."""

BESIDE = ("record", "report", "csv", "parquet", "workbench")
"""What is told of a run and names a file in its directory."""


def record(
    given: Order,
    place: Path | str,
    *,
    on: str = places.LOCAL,
    workers: int | None = None,
    chunk: int | None = None,
    progress: Progress | None = None,
    publish: Publish | None = None,
    listed: bool = True,
) -> dict[str, Any]:
    """Run an order into a directory, or go on with it there.

    Main arguments
    --------------
    given : Order
        What is to be run.
    place : Path or str
        A directory that is empty or absent, or holds a run of the same order, finished or not.
    on : str
        Where shards are run; see `virtu.laboratory.places`.

    Other arguments
    ---------------
    workers, chunk, progress
        As in `simulate`.
    publish : callable, optional
        Called at the end, to put a report and tables beside the parts.
    listed : bool
        Whether the run is entered in the catalogue.

    Returns
    -------
    dict
        What is told of the run. Interrupted with Ctrl-C, a run tells of the histories that are done.

    Raises
    ------
    InputError
        If the directory holds anything else, or was begun by another virtu.
    RunError
        If the disk refuses, or anything but a run was interrupted; what is done is kept.
    """
    found = Path(place).resolve()
    places.check(on)
    if not directory.is_run(found):
        directory.begin(found, orders.about(given))
    about = directory.read_about(found)
    if about["design"].get("order") != orders.identity(given):
        hint = "choose another directory, or delete that run with: virtu rm"
        raise InputError("the directory holds another run", hint, Place(str(found)))
    if listed:
        catalogue.enter(found)
    with directory.at_work(found):
        if about["finished"] is not None and _is_whole(found, about):
            return placed(about["summary"], found)
        _check_same_virtu(about, found)
        return placed(_go_on(given, found, about, on, workers, chunk, progress, publish), found)


def placed(told: Mapping[str, Any], place: Path) -> dict[str, Any]:
    """Return what is told of a run, with the names of files as paths, wherever the run lies now."""
    return {key: str(place / value) if key in BESIDE and value else value for key, value in told.items()}


def resume(place: Path | str, **how: Any) -> dict[str, Any]:
    """Go on with a run that was killed, or repair one that is damaged.

    Parameters
    ----------
    place : Path or str
        The run directory.
    **how
        As in `record`.

    Raises
    ------
    InputError
        If it is no run directory, or its histories were not run by virtu but handed over whole.
    """
    found = Path(place).resolve()
    return record(order_in(found), found, **how)


def order_in(place: Path) -> Order:
    """Return the order that a run directory was begun with.

    Raises
    ------
    InputError
        If it is none, or says of no order.
    """
    about = directory.read_about(place)
    if "order" not in about["design"]:
        raise InputError("this run was written whole and cannot be gone on with", "run it again", Place(str(place)))
    return orders.order_of(about)


def _is_whole(place: Path, about: Mapping[str, Any]) -> bool:
    try:
        directory.check_files(place, about["files"])
    except InputError:
        return False
    return True


def _check_same_virtu(about: Mapping[str, Any], place: Path) -> None:
    """Refuse to mix histories of two programs in one run."""
    mine = {**versions(), "code": programs.source()}
    theirs = {**(about["versions"] or {}), "code": about["design"]["code"]}
    changed = [name for name in mine if mine[name] != theirs.get(name)]
    if changed:
        told = ", ".join(name if name == "code" else f"{name} {theirs.get(name)} → {mine[name]}" for name in changed)
        hint = "go on with the virtu that began it, or run it anew in another directory"
        raise InputError(f"the run was begun by another program ({told}), which may give other histories", hint, Place(str(place)))


def _go_on(
    given: Order,
    place: Path,
    about: dict[str, Any],
    on: str,
    workers: int | None,
    chunk: int | None,
    progress: Progress | None,
    publish: Publish | None,
) -> dict[str, Any]:
    every = orders.shards_of(given)
    directory.tidy(place)
    whole = shards.mend(place)
    done = [shard for shard in every if shards.is_done(place, shard)]
    if not whole:
        done = [shard for shard in done if shard.number > 0]
    about = {**about, "finished": None, "summary": None, "files": None}
    directory.write_json(place / directory.ABOUT, about)
    interrupted, compile_s, run_s = _run_rest(given, place, every, done, on, workers, chunk, progress)
    if interrupted and (given.kind != "run" or not done):
        told = f"interrupted; {len(done)} of {len(every)} shards are kept"
        raise RunError(told, f"go on with: virtu resume {place}", Place(str(place)))
    scenario = orders.scenario_in(given.scenario)
    shards.check_no_others(place, arena_of(scenario).mean_names)
    dataset = _joined(place, about, scenario, sorted(done), interrupted)
    dataset.attrs |= {"compile_s": compile_s, "run_s": run_s, "histories": dataset.sizes["history"], "interrupted": int(interrupted)}
    told = _told(given, dataset, scenario)
    if interrupted:
        return told
    if publish is not None:
        told |= publish(place, dataset, shards.events_of(place, every), told, scenario)
    directory.finish(place, about, told, {**about["attrs"], **dataset.attrs})
    return told


def _run_rest(
    given: Order,
    place: Path,
    every: list[Shard],
    done: list[Shard],
    on: str,
    workers: int | None,
    chunk: int | None,
    progress: Progress | None,
) -> tuple[bool, float, float]:
    """Run what is not done and add it to what is; return whether that was interrupted, and seconds for compiling and running."""
    rest = [shard for shard in every if shard not in done]
    total, so_far = sum(shard.size() for shard in every), sum(shard.size() for shard in done)
    about = directory.read_about(place)
    interrupted, compile_s = False, 0.0
    started = time.perf_counter()
    try:
        if rest and on == places.LOCAL:
            compile_s = orders.ready(given, chunk).compile_s
            started = time.perf_counter()
        with closing(places.each(given, rest, on, workers, chunk, place)) as running:
            for found in running:
                if found.dataset is not None:
                    shards.write(place, about, found.shard, found.dataset, found.events)
                done.append(found.shard)
                so_far += found.shard.size()
                if progress:
                    progress(so_far, total)
    except KeyboardInterrupt:
        interrupted = True
        done[:] = [shard for shard in every if shards.is_done(place, shard)]  # some may have been written meanwhile
    return interrupted, compile_s, time.perf_counter() - started


def _joined(place: Path, about: Mapping[str, Any], scenario: AnyScenario, done: list[Shard], interrupted: bool) -> xr.Dataset:
    """Return the histories that are done, with means over them; of a whole run, these are added to its store."""
    parts = shards.dataset_of(place, about, done)
    if about["kind"] != "run" or PER_SHARD not in parts.dims:
        return parts
    means = arena_of(scenario).means(parts)
    if not interrupted:
        shards.add(place, means)
    return parts.drop_dims(PER_SHARD).assign(means.data_vars)


def _told(given: Order, dataset: xr.Dataset, scenario: AnyScenario) -> dict[str, Any]:
    """Return what is told of a run, by its kind."""
    if given.kind == "run":
        return summarise(dataset, scenario)
    timing = {name: dataset.attrs[name] for name in ("compile_s", "run_s")}
    tell = {"comparison": compare.told, "sweep": sweep.told, "proposals": proposals.told}
    return tell[given.kind](given, dataset, scenario, timing)
