"""The shards of a run: each a stretch of histories of some arms, written whole, its mark last.

A shard goes to files of its own: one per array of the Zarr store, which is cut where the run is cut, and one of events in Parquet. Its
mark, written when they are, holds their sizes and digests. A shard without a mark, or with files that differ from it, is run again; it
comes out the same to the last bit, so that it does not matter who writes it, when, or how often.
"""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

from virtu.errors import InputError, Place
from virtu.record import directory
from virtu.record.directory import DATASET, EVENTS, MARKS

if TYPE_CHECKING:
    import pyarrow as pa
    import xarray as xr
    from pyarrow.dataset import Dataset as Log

PER_SHARD = "shard"
"""Dimension of variables that a shard has one of, such as sums over its histories."""

FRAME = "frame.json"
"""File among the marks with the digests of all in the store that belongs to no shard: shapes, names, dates."""

INNER = 4
"""Parts of a shard that can be read alone."""


class Shard(NamedTuple):
    """A part of a run."""

    number: int
    where: tuple[tuple[str, int, int], ...]  # dimension, first, and the one after the last

    def size(self) -> int:
        """Return how much work it is: histories times arms."""
        product = 1
        for _, first, stop in self.where:
            product *= stop - first
        return product

    def stretch(self, dimension: str) -> tuple[int, int]:
        """Return first and the one after the last of a dimension."""
        return next((first, stop) for name, first, stop in self.where if name == dimension)


Cut = Mapping[str, tuple[int, int]]
"""Dimension: how many there are in all, and in a shard."""


def all_of(cut: Cut) -> list[Shard]:
    """Return the shards of a run in order."""
    steps = [[(name, first, min(first + step, total)) for first in range(0, total, step)] for name, (total, step) in cut.items()]
    return [Shard(number, where) for number, where in enumerate(itertools.product(*steps))]


def write(place: Path, about: Mapping[str, Any], shard: Shard, dataset: xr.Dataset, events: pa.Table | None = None) -> None:
    """Write a shard, unless it is there and whole.

    Parameters
    ----------
    place : Path
        The run directory.
    about : mapping
        What its ``run.json`` says.
    shard : Shard
        Which.
    dataset : xarray.Dataset
        Its histories, with all dimensions that the run is cut along, and `PER_SHARD` of size one where it has that.
    events : pyarrow.Table, optional
        Its log.

    Raises
    ------
    RunError
        If the disk refuses.
    """
    with directory.refusing(place):
        _ensure_store(place, about, dataset)
        if is_done(place, shard):
            return
        paths = _write_arrays(place / DATASET, dataset, shard, about["cut"])
        if events is not None:
            paths.append(_write_events(place, shard.number, events))
        files = {path.relative_to(place).as_posix(): directory.settled(path) for path in paths}
        _mark(place, shard.number).parent.mkdir(exist_ok=True)
        directory.write_json(_mark(place, shard.number), {"shard": shard.number, "where": shard.where, "files": files})


def is_done(place: Path, shard: Shard) -> bool:
    """Return whether a shard is there, whole and as it was written."""
    return _is_whole(place, _mark(place, shard.number))


def count_done(place: Path) -> int:
    """Return how many shards have a mark, whatever became of their files."""
    return sum(mark.name != FRAME for mark in (place / MARKS).glob("*.json"))


def dataset_of(place: Path, about: Mapping[str, Any], done: list[Shard] | None = None) -> xr.Dataset:
    """Return the histories of a run; values are read when used, and again when used again.

    Parameters
    ----------
    place : Path
        The run directory.
    about : mapping
        What its ``run.json`` says.
    done : list of Shard, optional
        The shards that are there, of a run that is cut along histories alone; all by default. Variables that a shard has one of are kept
        for them, and left out without.
    """
    import numpy as np
    import xarray as xr

    dataset = xr.open_dataset(place / DATASET, engine="zarr", consolidated=False, chunks=None, cache=False)
    words = {name: values for name, values in dataset.coords.items() if values.dtype.kind not in "biuf"}
    dataset = dataset.assign_coords({name: (values.dims, np.array(values.values.tolist())) for name, values in words.items()})
    dataset.attrs = dict(about["attrs"])
    if done is None:
        return dataset.drop_dims(PER_SHARD, errors="ignore")
    kept = {name: np.concatenate([np.arange(*shard.stretch(name)) for shard in done]) for name in about["cut"]} if done else {}
    kept = {name: numbers for name, numbers in kept.items() if numbers.size < dataset.sizes[name]}
    if PER_SHARD in dataset.dims and kept:
        kept[PER_SHARD] = np.array([shard.number for shard in done])
    return dataset.isel(kept)


def events_of(place: Path, done: list[Shard]) -> pa.Table:
    """Return the log of the shards that are there, in their order."""
    import pyarrow as pa
    from pyarrow import parquet

    parts = [parquet.read_table(_events(place, shard.number)) for shard in done if _events(place, shard.number).is_file()]
    return parts[0] if len(parts) == 1 else pa.concat_tables(parts).unify_dictionaries() if parts else pa.table({})


def log_of(place: Path) -> Log:
    """Return the log of a run that is there whole, read from its files when used; without lines where it has none."""
    import pyarrow as pa
    from pyarrow import dataset

    files = sorted((place / EVENTS).glob("*.parquet"))
    return dataset.dataset(files, format="parquet") if files else dataset.dataset(pa.table({}))


def shorten(place: Path, about: dict[str, Any], dimension: str, total: int) -> dict[str, Any]:
    """Make an end of a run before all of it is done; return what its ``run.json`` says from now on.

    Parameters
    ----------
    place : Path
        The run directory; it holds all shards up to there.
    about : dict
        What its ``run.json`` says.
    dimension : str
        Along which the run ends sooner.
    total : int
        How many there are now; a whole number of shards, or all.
    """
    if about["cut"][dimension][0] == total:
        return about
    dataset = dataset_of(place, about, all_of(about["cut"]))
    shorter = {**about, "cut": {**about["cut"], dimension: [total, about["cut"][dimension][1]]}}
    shorter["attrs"] = {**about["attrs"], "histories": total}
    with directory.refusing(place):
        # First the mark of what belongs to no shard: killed after this, the run is mended by what its run.json says then.
        (place / MARKS / FRAME).unlink(missing_ok=True)
        directory.write_json(place / directory.ABOUT, shorter)
        shutil.rmtree(place / DATASET / dimension, ignore_errors=True)  # its numbers, which may be cut into other pieces now
        _ensure_store(place, shorter, dataset)
    return shorter


def add(place: Path, dataset: xr.Dataset) -> None:
    """Add variables of a whole run to its store, replacing those of their names."""
    import zarr

    if not dataset.data_vars:
        return
    with directory.refusing(place):
        store = zarr.open_group(place / DATASET, mode="r+", use_consolidated=False)
        for name, values in dataset.data_vars.items():
            shape, dims = values.shape, [str(dim) for dim in values.dims]
            array = store.create_array(
                str(name), shape=shape, chunks=_least(shape), dtype=values.dtype, dimension_names=dims, overwrite=True
            )
            array[...] = values.values


def check_no_others(place: Path, added: Iterable[str]) -> None:
    """Raise InputError where the parts of a run hold a file that none of its shards wrote.

    Parameters
    ----------
    place : Path
        The run directory.
    added : iterable of str
        Names of the variables that `add` added.
    """
    known: set[str] = set()
    for mark in (place / MARKS).glob("*.json"):
        known |= {mark.relative_to(place).as_posix(), *directory.read_json(mark, "")["files"]}
    for path in directory.files_of(place):
        name = path.relative_to(place).as_posix()
        part, *rest = name.split("/")
        if part in (DATASET, EVENTS, MARKS) and name not in known and rest[0] not in added:
            raise InputError(f"this file is not of the run: {name}", "remove it, or move it elsewhere", Place(str(path)))


def _mark(place: Path, number: int) -> Path:
    return place / MARKS / f"{number:06}.json"


def _events(place: Path, number: int) -> Path:
    return place / EVENTS / f"{number:06}.parquet"


def _write_events(place: Path, number: int, events: pa.Table) -> Path:
    from pyarrow import parquet

    path = _events(place, number)
    path.parent.mkdir(exist_ok=True)
    partial = path.with_name(f".{path.name}.partial-{uuid4().hex[:8]}")
    parquet.write_table(events, partial, compression="zstd")
    partial.replace(path)
    return path


def _ensure_store(place: Path, about: Mapping[str, Any], dataset: xr.Dataset) -> None:
    """Make the store without its values, unless it is there; of several who try, one succeeds, and all write the same."""
    path, mark = place / DATASET, place / MARKS / FRAME
    if mark.is_file():
        return
    partial = place / f".{DATASET}.partial-{uuid4().hex[:8]}"
    _write_frame(partial, about, dataset)
    files = [file.relative_to(partial) for file in sorted(partial.rglob("*")) if file.is_file()]
    known = {(DATASET / name).as_posix(): directory.settled(partial / name) for name in files}
    try:
        partial.rename(path)
    except OSError:
        if not path.is_dir():
            raise
        for name in files:  # somebody else was quicker, or parts of it were lost
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (partial / name).replace(path / name)
        shutil.rmtree(partial)
    mark.parent.mkdir(exist_ok=True)
    directory.write_json(mark, {"files": known})


def mend(place: Path) -> bool:
    """Return whether all that belongs to no shard is whole; where not, the next shard that is written restores it."""
    whole = _is_whole(place, place / MARKS / FRAME)
    if not whole:
        (place / MARKS / FRAME).unlink(missing_ok=True)
    return whole


def _is_whole(place: Path, mark: Path) -> bool:
    """Return whether all files of a mark are as they were written."""
    try:
        said = directory.read_json(mark, "")
        directory.check_seal(said, mark)
    except InputError:
        return False
    return all((place / name).is_file() and directory.described(place / name) == known for name, known in said["files"].items())


def _write_frame(path: Path, about: Mapping[str, Any], dataset: xr.Dataset) -> None:
    import numpy as np
    import zarr
    from zarr.codecs import ZstdCodec

    cut = about["cut"]
    coords = {name: values for name, values in dataset.drop_encoding().coords.items() if not set(values.dims) & set(cut)}
    # Zarr 3 has no stable type for text of fixed length; as objects it becomes text of any length, which every reader knows.
    frame = dataset.drop_vars(list(dataset.variables)).assign_coords(
        {name: values.astype(object) if values.dtype.kind in "UT" else values for name, values in coords.items()}
    )
    frame = frame.assign_coords({name: np.arange(total) for name, (total, _) in cut.items()})
    frame.attrs = {key: value for key, value in directory.plain(about["attrs"]).items() if key not in ("compile_s", "run_s", "interrupted")}
    frame.to_zarr(path, mode="w-", zarr_format=3, consolidated=False)
    store = zarr.open_group(path, mode="r+", use_consolidated=False)
    for name, values in dataset.data_vars.items():
        shape, pieces, chunks = _layout(values, cut, len(all_of(cut)))
        store.create_array(
            str(name),
            shape=shape,
            chunks=chunks,
            shards=pieces,
            dtype=values.dtype,
            compressors=ZstdCodec(level=3),
            dimension_names=[str(dim) for dim in values.dims],
            attributes=directory.plain(values.attrs),
        )


def _layout(values: xr.DataArray, cut: Cut, shards: int) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """Return shape of an array, of its part in a shard, and of the parts of that which can be read alone."""
    whole = {name: (total, min(step, total)) for name, (total, step) in cut.items()} | {PER_SHARD: (shards, 1)}
    sizes = [whole.get(str(dim), (size, size)) for dim, size in values.sizes.items()]
    shape, pieces = _least([total for total, _ in sizes], 0), _least([step for _, step in sizes])
    histories = [str(dim) == "history" for dim in values.dims]
    chunks = tuple(size // INNER if is_history and size % INNER == 0 else size for size, is_history in zip(pieces, histories, strict=True))
    return shape, pieces, chunks


def _least(shape: Any, least: int = 1) -> tuple[int, ...]:
    return tuple(max(least, size) for size in shape)


def _write_arrays(path: Path, dataset: xr.Dataset, shard: Shard, cut: Cut) -> list[Path]:
    """Write the arrays of a shard; return their files."""
    import zarr

    # Values that are all nought would not be written by default, and not be missed when lost.
    zarr.config.set({"array.write_empty_chunks": True})
    store = zarr.open_group(path, mode="r+", use_consolidated=False)
    spans = {name: (first, stop) for name, first, stop in shard.where} | {PER_SHARD: (shard.number, shard.number + 1)}
    starts = {name: first // cut[name][1] for name, first, _ in shard.where} | {PER_SHARD: shard.number}
    written = []
    for name, values in dataset.data_vars.items():
        if 0 in values.shape:
            continue
        array: Any = store[str(name)]
        file = path / str(name) / "/".join(["c", *(str(starts.get(str(dim), 0)) for dim in values.dims)])
        file.unlink(missing_ok=True)  # Zarr would read what is there first, and it may be damaged
        array[tuple(slice(*spans[str(dim)]) if dim in spans else slice(None) for dim in values.dims)] = values.values
        written.append(file)
    return written
