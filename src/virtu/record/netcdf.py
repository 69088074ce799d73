"""A Dataset as netCDF 4, written block by block, so that it need not fit in memory."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from virtu.record.directory import plain
from virtu.record.tally import BLOCK

if TYPE_CHECKING:
    import xarray as xr


def write(path: Path, dataset: xr.Dataset, said: Mapping[str, Any]) -> None:
    """Write histories as netCDF.

    Parameters
    ----------
    path : Path
        The file; replaced when it exists.
    dataset : xarray.Dataset
        With the dimension history; values are read when written.
    said : mapping
        What the file says of itself; what is no text or number is written as JSON.
    """
    import h5netcdf
    import h5py

    with h5netcdf.File(path, "w") as file:
        file.dimensions = {str(name): size for name, size in dataset.sizes.items()}
        for name, values in dataset.variables.items():
            words = values.dtype.kind in "OUT"
            kind = h5py.string_dtype() if words else values.dtype
            packed = {} if words or not values.shape or 0 in values.shape else _packed(values)
            variable = file.create_variable(str(name), tuple(map(str, values.dims)), kind, **packed)
            if "history" in values.dims and not words:
                at = values.dims.index("history")
                for first in range(0, values.shape[at], BLOCK):
                    here = (slice(None),) * at + (slice(first, min(first + BLOCK, values.shape[at])),)
                    variable[here] = values[here].values
            elif 0 not in values.shape:
                variable[...] = values.values.astype(object) if words else values.values
            variable.attrs.update({key: _told(value) for key, value in values.attrs.items()})
        beside = [str(name) for name in dataset.coords if name not in dataset.dims]
        file.attrs.update({key: _told(value) for key, value in said.items()} | {"coordinates": " ".join(beside)})


def _packed(values: xr.Variable) -> dict[str, Any]:
    """How a variable is cut and packed: as it is written."""
    chunks = tuple(min(size, BLOCK) if dim == "history" else size for dim, size in values.sizes.items())
    return {"chunks": chunks, "compression": "gzip", "compression_opts": 4, "shuffle": True}


def _told(value: Any) -> Any:
    bare = plain(value)
    return bare if isinstance(bare, str | int | float) and not isinstance(bare, bool) else json.dumps(bare, ensure_ascii=False)
