"""Sweeps for other tools: a table with one row a point, as CSV and Parquet, and the archive that the EMA workbench reads."""

from __future__ import annotations

import csv
import gzip
import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from virtu.record.export import harmless, replacing

if TYPE_CHECKING:
    import pyarrow as pa


def table(sweep: Mapping[str, Any]) -> pa.Table:
    """Return a sweep as a table, one row a point.

    Parameters
    ----------
    sweep : mapping
        What ``virtu sweep --json`` prints.

    Returns
    -------
    pyarrow.Table
        Columns: point, each input by its name, and for each measure its mean, ``MEASURE low`` and ``MEASURE high``.
    """
    import pyarrow as pa

    points = sweep["points"]
    columns: dict[str, Any] = {"point": pa.array([one["point"] for one in points], pa.int64())}
    for number, one in enumerate(sweep["design"]["inputs"]):
        columns[one["name"]] = pa.array([point["inputs"][number] for point in points], pa.float64())
    for name in (one["measure"] for one in sweep["measures"]):
        for key, column in (("mean", name), ("low", f"{name} low"), ("high", f"{name} high")):
            columns[column] = pa.array([point["measures"][name][key] for point in points], pa.float64())
    return pa.table(columns)


def write(folder: Path, sweep: Mapping[str, Any]) -> dict[str, str]:
    """Write ``sweep.csv``, ``sweep.parquet`` and ``workbench.tar.gz``.

    Parameters
    ----------
    folder : Path
        Where to.
    sweep : mapping
        What ``virtu sweep --json`` prints.

    Returns
    -------
    dict
        csv, parquet, workbench: the names of the files.

    Raises
    ------
    RunError
        If the disk refuses.
    """
    from pyarrow import parquet

    found = table(sweep)
    files = {"csv": folder / "sweep.csv", "parquet": folder / "sweep.parquet", "workbench": folder / "workbench.tar.gz"}
    with replacing(files["csv"]) as partial, partial.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([[harmless(name) for name in found.column_names], *zip(*found.to_pydict().values(), strict=True)])
    with replacing(files["parquet"]) as partial:
        parquet.write_table(found, partial, compression="zstd")
    with replacing(files["workbench"]) as partial:
        partial.write_bytes(_archive(sweep))
    return {name: path.name for name, path in files.items()}


def _archive(sweep: Mapping[str, Any]) -> bytes:
    """Return the archive of experiments and outcomes that ``ema_workbench.load_results`` reads; the same for the same sweep."""
    names = [one["name"] for one in sweep["design"]["inputs"]]
    kinds = {**dict.fromkeys(names, "float64"), "scenario": "int64", "policy": "object", "model": "object"}
    rows = [[*point["inputs"], point["point"], "default", sweep["scenario"]] for point in sweep["points"]]
    parts = {"experiments.csv": _csv([list(kinds), *rows])}
    outcomes = []
    for number, one in enumerate(sweep["measures"]):
        file = f"outcome {number}.cls"
        parts[file] = _csv([[point["measures"][one["measure"]]["mean"]] for point in sweep["points"]])
        outcomes.append(["ScalarOutcome", one["measure"], file])
    parts["metadata.json"] = json.dumps({"version": 0.1, "outcomes": outcomes, "experiments": kinds}).encode()
    raw = io.BytesIO()
    with gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="") as zipped, tarfile.open(fileobj=zipped, mode="w") as archive:
        for name, content in parts.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return raw.getvalue()


def _csv(rows: list[list[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf-8")
