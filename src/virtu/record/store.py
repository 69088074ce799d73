"""One run, one directory: what was run, on what, and everything it gave.

A run directory holds three parts: ``dataset.zarr`` (the histories, Zarr version 3, zstd), ``events.parquet`` (the log of
moves and falls) and ``run.json`` (scenario text and hash, seed, versions, machine, design, summary, and size and digest of
every file of the other two). It is written beside its final place and renamed at the end, so that it is whole or absent.
Zarr reads a lost chunk as missing values without a word; that is why `read` checks every file against ``run.json``.
"""

from __future__ import annotations

import json
import math
import os
import platform
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import file_digest, sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

from virtu.errors import InputError, Place, RunError

if TYPE_CHECKING:
    import pyarrow as pa
    import xarray as xr

FORMAT = "virtu-run"
FORMAT_VERSION = 1
DATASET, EVENTS, ABOUT = "dataset.zarr", "events.parquet", "run.json"
BESIDE = ("report.html", "summary.csv", "events.csv")
"""What virtu itself puts beside the three parts; a new run may replace it."""

CHUNK_BYTES = 8_000_000
DISK = "check the free space and the rights of the directory"
ELSEWHERE = "choose another directory"
AGAIN = "the run is damaged; run it again"
NOT_A_RUN = "give a directory written by virtu run --out"
REQUIRED = ("format_version", "scenario", "design", "summary", "machine", "versions", "seed", "files")


class Run(NamedTuple):
    """A run read back: its Dataset (values are read when used), events, summary, scenario text, and where it came from."""

    dataset: xr.Dataset
    events: pa.Table
    summary: dict[str, Any]
    scenario_text: str
    provenance: dict[str, Any]


def write(
    directory: Path | str,
    dataset: xr.Dataset,
    events: pa.Table,
    summary: Mapping[str, Any],
    scenario_text: str,
    *,
    design: Mapping[str, Any] | None = None,
) -> Path:
    """Write a run directory, whole or not at all.

    Parameters
    ----------
    directory : Path or str
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
    place = Path(directory).resolve()
    _check_free(place)
    try:
        with _beside(place) as partial:
            _write_dataset(partial / DATASET, dataset)
            _write_events(partial / EVENTS, events)
            about = _about(dataset, summary, scenario_text, design) | {"files": _manifest(partial)}
            (partial / ABOUT).write_text(json.dumps(about, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
            _put(partial, place)
    except OSError as error:
        raise RunError(f"the run could not be written: {error}", DISK, Place(str(place))) from error
    return place


def read(directory: Path | str) -> Run:
    """Read a run directory back, after checking that every part is there and unaltered.

    Parameters
    ----------
    directory : Path or str
        What `write` made.

    Raises
    ------
    InputError
        If it is no run directory, was written by a later virtu, or has a part missing or altered; the part is named.
    """
    import numpy as np
    import xarray as xr
    from pyarrow import parquet

    place = Path(directory).resolve()
    about = _read_about(place)
    _check_files(place, about["files"])
    dataset = xr.open_zarr(place / DATASET, consolidated=False, chunks=None)
    names = {
        name: (values.dims, np.array(values.values.tolist())) for name, values in dataset.coords.items() if values.dtype.kind not in "biuf"
    }
    provenance = {key: value for key, value in about.items() if key not in ("summary", "files")}
    return Run(dataset.assign_coords(names), parquet.read_table(place / EVENTS), about["summary"], about["scenario"]["text"], provenance)


def plain(value: Any) -> Any:
    """Return the value as plain JSON data: mappings, lists, text, numbers, true, false, null.

    Numpy scalars and arrays become numbers and lists; numbers that are not finite become null, for JSON has none.
    """
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, bool | int) else str(value)


def _check_free(place: Path) -> None:
    """Refuse a place that holds anything but an earlier run."""
    if place.exists() and not place.is_dir():
        raise InputError("the run needs a directory, and this is a file", ELSEWHERE, Place(str(place)))
    held = sorted(item.name for item in place.iterdir()) if place.is_dir() else []
    foreign = [name for name in held if name not in (DATASET, EVENTS, ABOUT, *BESIDE)]
    if held and not foreign and ABOUT not in held:
        foreign = held
    if foreign:
        listed = ", ".join(repr(name) for name in foreign[:3]) + (", …" if len(foreign) > 3 else "")
        raise InputError(f"the directory is not empty and holds what virtu did not write: {listed}", ELSEWHERE, Place(str(place)))


@contextmanager
def _beside(place: Path) -> Iterator[Path]:
    """Give a new sibling directory, gone again unless it was moved away."""
    place.parent.mkdir(parents=True, exist_ok=True)
    partial = place.parent / f".{place.name}.partial-{uuid4().hex[:8]}"
    partial.mkdir()
    try:
        yield partial
    finally:
        shutil.rmtree(partial, ignore_errors=True)


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


def _write_dataset(path: Path, dataset: xr.Dataset) -> None:
    from zarr.codecs import ZstdCodec

    # Zarr 3 has no stable type for text of fixed length; as objects it becomes text of any length, which every reader knows.
    text = {name: values.astype(object) for name, values in dataset.coords.items() if values.dtype.kind in "UT"}
    ready = dataset.drop_encoding().assign_coords(text)
    ready.attrs = plain(ready.attrs)
    codec = (ZstdCodec(level=3),)
    encoding = {str(name): {"compressors": codec, "chunks": _chunks(values)} for name, values in ready.data_vars.items()}
    ready.to_zarr(path, mode="w-", zarr_format=3, consolidated=False, encoding=encoding)


def _chunks(values: xr.DataArray) -> tuple[int, ...]:
    """Return chunks of at most `CHUNK_BYTES` that cut the histories and nothing else."""
    if "history" not in values.dims:
        return tuple(max(1, size) for size in values.shape)
    histories = max(1, values.sizes["history"])
    each = max(1, values.nbytes // histories)
    rows = min(histories, max(1, CHUNK_BYTES // each))
    return tuple(rows if dim == "history" else max(1, size) for dim, size in values.sizes.items())


def _write_events(path: Path, events: pa.Table) -> None:
    from pyarrow import parquet

    parquet.write_table(events, path, compression="zstd")


def _about(dataset: xr.Dataset, summary: Mapping[str, Any], scenario_text: str, design: Mapping[str, Any] | None) -> dict[str, Any]:
    attrs = plain(dataset.attrs)
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "scenario": {"name": attrs.get("scenario"), "sha256": _digest(scenario_text), "text": scenario_text},
        "seed": attrs.get("seed"),
        "versions": attrs.get("versions"),
        "machine": machine(),
        "design": {key: attrs.get(key) for key in ("histories", "ticks", "unit")} | plain(design or {}),
        "summary": plain(summary),
    }


def machine() -> dict[str, Any]:
    """Return what of the machine may matter for the numbers: system, processor, cores, Python."""
    return {
        "system": platform.system(),
        "release": platform.release(),
        "processor": platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
    }


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8")).hexdigest()


def _manifest(directory: Path) -> dict[str, dict[str, Any]]:
    """Return size and digest of every file, by its path inside the directory."""
    files = sorted(path for path in directory.rglob("*") if path.is_file())
    return {path.relative_to(directory).as_posix(): {"bytes": path.stat().st_size, "sha256": _file_digest(path)} for path in files}


def _file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _read_about(place: Path) -> dict[str, Any]:
    path = place / ABOUT
    if not path.is_file():
        what = f"has no {ABOUT}" if place.is_dir() else "does not exist"
        raise InputError(f"this is no run directory: it {what}", NOT_A_RUN, Place(str(place)))
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{ABOUT} is not valid JSON: {error}", AGAIN, Place(str(path))) from error
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        raise InputError(f"{ABOUT} was not written by virtu", NOT_A_RUN, Place(str(path)))
    _check_about(about, path)
    return about


def _check_about(about: dict[str, Any], path: Path) -> None:
    lacking = [key for key in REQUIRED if key not in about]
    if lacking:
        raise InputError(f"{ABOUT} lacks {', '.join(lacking)}", AGAIN, Place(str(path)))
    if about["format_version"] != FORMAT_VERSION:
        raise InputError(
            f"the run has format version {about['format_version']!r}, this virtu reads {FORMAT_VERSION}",
            "use the virtu that wrote it",
            Place(str(path)),
        )
    scenario = about["scenario"]
    if not isinstance(scenario, dict) or _digest(str(scenario.get("text"))) != scenario.get("sha256"):
        raise InputError("the scenario text was altered after the run", "run the altered scenario anew", Place(str(path)))


def _check_files(place: Path, files: Any) -> None:
    """Raise on the first file that is missing or not as it was written."""
    parts = {name.split("/")[0] for name in files} if isinstance(files, dict) else set()
    if parts != {DATASET, EVENTS}:
        raise InputError(f"{ABOUT} does not list the files of {DATASET} and {EVENTS}", AGAIN, Place(str(place / ABOUT)))
    for name, known in files.items():
        path = place / name
        if not path.is_file():
            raise InputError(f"a part of the run is missing: {name}", AGAIN, Place(str(path)))
        if path.stat().st_size != known.get("bytes") or _file_digest(path) != known.get("sha256"):
            raise InputError(f"a part of the run was altered or damaged: {name}", "run it again", Place(str(path)))
