"""One run, one directory: what was run, on what, and everything it gave.

A run directory holds ``dataset.zarr`` (the histories: Zarr version 3, chunked, sharded, zstd), ``events`` (the log of moves and falls, in
Parquet), ``shards`` (the mark of each shard, with the digests of its files) and ``run.json`` (see `directory`). Zarr reads a lost chunk as
missing values without a word; that is why `read` checks every file.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

from virtu.errors import InputError, Place
from virtu.record import directory, shards
from virtu.record.directory import ABOUT, plain

if TYPE_CHECKING:
    import pyarrow as pa
    import xarray as xr

SHARD_BYTES = 32_000_000
"""Most bytes of the largest variable in a shard of a Dataset that is written at once."""


class Run(NamedTuple):
    """A run read back: its Dataset (values are read when used), events, summary, scenario text, and where it came from."""

    dataset: xr.Dataset
    events: pa.Table
    summary: dict[str, Any]
    scenario_text: str
    provenance: dict[str, Any]


def write(
    place: Path | str,
    dataset: xr.Dataset,
    events: pa.Table,
    summary: Mapping[str, Any],
    scenario_text: str,
    *,
    design: Mapping[str, Any] | None = None,
) -> Path:
    """Write the directory of a run that is at hand, whole or not at all.

    Parameters
    ----------
    place : Path or str
        Where to; made with its parents. An earlier run there is replaced.
    dataset : xarray.Dataset
        The histories, dims ``history, tick, actor, …``.
    events : pyarrow.Table
        The log of events.
    summary : mapping
        What ``virtu run --json`` prints. Numbers that are not finite are written as null.
    scenario_text : str
        The scenario as it was run.
    design : mapping, optional
        What was asked for beyond the scenario (histories, interventions, …), JSON-ready.

    Returns
    -------
    Path
        The directory.

    Raises
    ------
    InputError
        If the directory holds anything virtu did not write, or is a file.
    RunError
        If the disk refuses.
    """
    final, attrs = Path(place).resolve(), plain(dataset.attrs)
    _check_replaceable(final)
    wanted = {key: attrs.get(key) for key in ("histories", "ticks", "unit")} | plain(design or {})
    cut = {"history": (dataset.sizes["history"], _histories_in_a_shard(dataset))}
    about = directory.about_run("run", (attrs.get("scenario"), scenario_text), attrs.get("seed"), wanted, cut, attrs)
    alone = [name for name, values in dataset.data_vars.items() if "history" not in values.dims]
    with directory.refusing(final), directory.beside(final) as partial:
        for shard in shards.all_of(cut):
            first, stop = shard.stretch("history")
            part = dataset.drop_vars(alone).isel(history=slice(first, stop))
            shards.write(partial, about, shard, part, _events_in(events, part))
        shards.add(partial, dataset[alone])
        directory.finish(partial, about, summary, attrs)
        _put(partial, final)
    return final


def read(place: Path | str) -> Run:
    """Read a run directory back, after checking that every part is there and unaltered.

    Parameters
    ----------
    place : Path or str
        A run directory.

    Raises
    ------
    InputError
        If it is no run directory, was written by another virtu, is unfinished, or has a part missing or altered; the part is named.
    """
    found = Path(place).resolve()
    about = checked(found)
    pieces = shards.all_of(about["cut"])
    provenance = {key: value for key, value in about.items() if key not in ("summary", "files")}
    events = shards.events_of(found, pieces)
    return Run(shards.dataset_of(found, about), events, about["summary"], about["scenario"]["text"], provenance)


def checked(place: Path) -> dict[str, Any]:
    """Return what ``run.json`` says of a run that is finished, after checking every file of it.

    Raises
    ------
    InputError
        As `read`.
    """
    about = directory.read_about(place)
    if about["finished"] is None:
        there, count = progress(place, about)
        hint = directory.AGAIN.format(place).replace("repair", "finish")
        raise InputError(f"the run is unfinished: {there} of {count} shards are there", hint, Place(str(place)))
    directory.check_files(place, about["files"])
    return about


def progress(place: Path, about: Mapping[str, Any]) -> tuple[int, int]:
    """Return how many shards of a run have been written, and how many it has."""
    return shards.count_done(place), len(shards.all_of(about["cut"]))


def _check_replaceable(place: Path) -> None:
    """Refuse a place that holds anything but an earlier run."""
    if not directory.is_run(place):
        directory.check_free(place)
    elif directory.foreign(place):
        what = ", ".join(map(repr, directory.foreign(place)[:3]))
        raise InputError(
            f"the directory is not empty and holds what virtu did not write: {what}", directory.ELSEWHERE, Place(str(place / ABOUT))
        )


def _put(partial: Path, place: Path) -> None:
    """Move the finished directory to its place; what was there goes only after that."""
    if not place.exists():
        partial.rename(place)
        return
    old = place.parent / f".{place.name}.old-{uuid4().hex[:8]}"
    place.rename(old)
    try:
        partial.rename(place)
    except OSError:
        old.rename(place)
        raise
    shutil.rmtree(old)


def _histories_in_a_shard(dataset: xr.Dataset) -> int:
    histories = max(1, dataset.sizes["history"])
    largest = max((values.nbytes // histories for values in dataset.data_vars.values() if "history" in values.dims), default=1)
    return min(histories, max(1, SHARD_BYTES // max(1, largest)))


def _events_in(events: pa.Table, dataset: xr.Dataset) -> pa.Table:
    """Return the log of the histories of a Dataset."""
    import pyarrow as pa
    from pyarrow import compute

    numbers = pa.array(dataset["history"].values).cast(events.schema.field("history").type)
    return events.filter(compute.call_function("is_in", [events["history"]], compute.SetLookupOptions(numbers)))
