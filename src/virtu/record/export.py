"""Results as CSV, for spreadsheets and other tools.

A spreadsheet runs a cell that starts with ``=``, ``+``, ``-`` or ``@`` as a formula, and names come from files of others; such
text gets a leading apostrophe. Numbers are left as they are.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from virtu.errors import Place, RunError

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from pyarrow.dataset import Dataset as Log

FORMULA = ("=", "+", "-", "@", "\t", "\r")
MEASURED = ("arm", "history", "measure", "of", "value", "unit")
COLUMNS = ("scenario", "seed", "histories", "kind", "name", "mean", "low", "high", "unit")


def summary_csv(path: Path | str, summary: Mapping[str, Any]) -> Path:
    """Write the shares on top and the measures of a summary, one row each.

    Parameters
    ----------
    path : Path or str
        The file; replaced when it exists.
    summary : mapping
        What ``virtu run --json`` prints.

    Returns
    -------
    Path
        The file. Columns: scenario, seed, histories, kind (``on_top`` or ``measure``), name, mean, low, high, unit.

    Raises
    ------
    RunError
        If the disk refuses.
    """
    with replacing(Path(path)) as partial, partial.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows([harmless(cell) for cell in row] for row in _rows(summary))
    return Path(path)


def rows_csv(path: Path, heading: Sequence[str], rows: Iterable[Sequence[Any]]) -> Path:
    """Write a table, one line a row; text in it cannot run as a formula."""
    with replacing(path) as partial, partial.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(heading)
        writer.writerows([harmless(cell) for cell in row] for row in rows)
    return path


def measures_csv(path: Path, parts: Iterable[tuple[int, np.ndarray, Sequence[str], Sequence[str], np.ndarray]]) -> Path:
    """Write measures, one line for each measure of each history.

    Parameters
    ----------
    path : Path
        The file; replaced when it exists.
    parts : iterable of tuple
        Number of the arm, numbers of histories, names of measures (``name`` or ``name:whose``), their units, and values of shape (measures,
        histories).

    Returns
    -------
    Path
        The file. Columns: arm, history, measure, of (empty for measures of the whole), value, unit.
    """
    import numpy as np
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    schema = pa.schema(zip(MEASURED, (pa.int32(), pa.int64(), pa.string(), pa.string(), pa.float64(), pa.string()), strict=True))
    with replacing(path) as partial, arrow_csv.CSVWriter(partial, schema) as writer:
        for arm, histories, names, units, values in parts:
            number, count = len(histories), len(names)
            kinds = [harmless(name.partition(":")[0]) for name in names]
            whose = [harmless(name.partition(":")[2]) for name in names]
            columns = [np.full(number * count, arm), np.repeat(histories, count)]
            words = [pa.array([*one] * number, pa.string()) for one in (kinds, whose, [harmless(unit) for unit in units])]
            whole = [*columns, *words[:2], values.T.ravel(), words[2]]
            writer.write_batch(pa.record_batch([pa.array(one, kind) for one, kind in zip(whole, schema.types, strict=True)], schema=schema))
    return path


def events_csv(path: Path | str, events: pa.Table | Log) -> Path:
    """Write the log of events, one row each, with the columns of the table.

    Parameters
    ----------
    path : Path or str
        The file; replaced when it exists.
    events : pyarrow.Table or pyarrow.dataset.Dataset
        Columns history, tick, date, actor, move, target, outcome.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    RunError
        If the disk refuses.
    """
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    schema = pa.schema([(field.name, pa.string() if _is_text(field.type) else field.type) for field in events.schema])
    with replacing(Path(path)) as partial, arrow_csv.CSVWriter(partial, schema) as writer:
        for part in [events] if isinstance(events, pa.Table) else (fragment.to_table() for fragment in events.get_fragments()):
            for batch in part.to_batches(max_chunksize=250_000):
                writer.write_batch(pa.record_batch([_harmless_column(column) for column in batch.columns], schema=schema))
    return Path(path)


def harmless(cell: Any) -> Any:
    """Return the cell; text that a spreadsheet would run as a formula gets a leading apostrophe."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def _rows(summary: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    run = tuple(summary[key] for key in ("scenario", "seed", "histories"))
    for name, share in summary["on_top"].items():
        yield (*run, "on_top", name, *_interval(share), "share")
    for name, measure in summary["measures"].items():
        yield (*run, "measure", name, *_interval(measure), measure.get("unit", ""))


def _interval(value: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    return value["mean"], value["low"], value["high"]


def _is_text(kind: pa.DataType) -> bool:
    from pyarrow import types

    return types.is_dictionary(kind) or types.is_string(kind) or types.is_large_string(kind)


def _harmless_column(column: pa.Array) -> pa.Array:
    import pyarrow as pa
    from pyarrow import compute

    if not _is_text(column.type):
        return column
    options = compute.ReplaceSubstringOptions(r"^([=+\-@\t\r])", r"'\1")
    return compute.call_function("replace_substring_regex", [column.cast(pa.string())], options)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a file beside the path that takes its place at the end, or vanishes when something fails."""
    partial = path.with_name(f".{path.name}.partial-{uuid4().hex[:8]}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield partial
        partial.replace(path)
    except OSError as error:
        hint = "check the free space and the rights of the directory"
        raise RunError(f"the file could not be written: {error}", hint, Place(str(path))) from error
    finally:
        if partial.exists():
            partial.unlink()
