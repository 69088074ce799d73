"""All benchmarks of speed in one process and one table: virtu against other packages and against loops written to be read.

``python benchmarks/all.py [--short] [--out FILE]``, or ``make bench``. What is not installed is said and left out; the peers are in
``pip install 'virtu[bench]'``. Each ratio is of speeds that were measured one after the other here. Results go to a JSON file with all
that they depend on.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

import jax
from benchmarks import civil_violence, classics, devices, k_tom, organisation, spatial_bargaining, street

from virtu.classics.spatial_bargaining import drawn
from virtu.laboratory import kernel
from virtu.organisation import build
from virtu.scenario import load

PEERS = ("mesa", "tomsup", "powerindex")
PARTS = ("organisation", "street", "k-ToM", "power indices", "civil violence", "spatial bargain", "devices")


class Row(NamedTuple):
    """One ratio."""

    name: str
    ours: float  # speed of ours
    unit: str
    against: str
    theirs: float  # speed of theirs, in the same unit
    note: str = ""

    @property
    def ratio(self) -> float:
        """How many times as fast ours is."""
        return self.ours / self.theirs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="a minute or two, most of it compiling; ratios are rougher")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="parts to run")
    parser.add_argument("--out", type=Path, default=Path("bench.json"), help="file to write as JSON")
    wanted = parser.parse_args()
    for name in PEERS:
        if find_spec(name) is None:
            print(f"no comparison with {name}: it is not installed; pip install 'virtu[bench]'", file=sys.stderr)
    started = facts()
    runs: dict[str, Callable[[bool], Iterator[Row]]] = dict(
        zip(PARTS, (_organisation, _street, _k_tom, _power, _civil_violence, _spatial, _devices), strict=True)
    )
    rows: list[Row] = []
    for part in wanted.only:
        print(f"{part} …", file=sys.stderr, flush=True)
        rows += runs[part](wanted.short)
    print(table(rows))
    said = [{**row._asdict(), "ratio": row.ratio} for row in rows]
    found = {"short": wanted.short, "rows": said, "machine": started, "load_average_after": os.getloadavg()[0]}
    wanted.out.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def table(rows: list[Row]) -> str:
    """Return the rows as lines of text."""
    lines = [f"{'what':40s} {'ours':>12s} {'theirs':>12s} {'ratio':>10s}  unit, against"]
    for row in rows:
        note = f"; {row.note}" if row.note else ""
        lines.append(f"{row.name:40s} {row.ours:12,.4g} {row.theirs:12,.4g} {row.ratio:10,.1f}  {row.unit}, {row.against}{note}")
    return "\n".join(lines)


def facts() -> dict[str, Any]:
    """Return what the figures depend on: machine, versions, load and devices."""
    return organisation.machine() | {
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else None,
        "python": platform.python_version(),
        "devices": [f"{one.platform}: {one.device_kind}" for one in jax.devices()],
        "peers": {name: _version(name) for name in PEERS},
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _organisation(short: bool) -> Iterator[Row]:
    scenario = load("politburo-1922")
    setup, agenda = build.setup(scenario), build.baseline(scenario)
    workers, chunk = kernel.processors(), organisation.CHUNK
    ours = organisation.time_compiled(setup, agenda, 256 if short else 2048, chunk, workers)["history_ticks_per_s"]
    loops = organisation.time_loops(setup, agenda, 2.0 if short else 10.0)["ticks_per_s"]
    yield Row(f"organisation, {workers} at once", ours, "history × ticks/s", "plain Python", loops)
    if not short:
        spent = organisation.profile(setup, agenda, chunk, 24)
        moved = spent["bytes_per_s"] / 1e9, spent["copied_in_cache_per_s"] / 1e9
        chance = f"{spent['share']['chance']:.0%} of the time is chance"
        yield Row("organisation, memory traffic", moved[0], "GB/s", "copying within the cache", moved[1], chance)


def _street(short: bool) -> Iterator[Row]:
    workers = kernel.processors()
    cells, ticks, histories, chunk = (100, 50, 20, 10) if short else (1000, 200, 100, 50)
    few, many = (
        street.time_counts(*street.country(people, cells, ticks), histories, chunk, workers)["run_s"]
        for people in (street.BILLION, 10 * street.BILLION)
    )
    weeks = histories * ticks
    yield Row("street of 10 billion in cells", weeks / many, "history × weeks/s", "the street of a billion", weeks / few)
    people = 100_000 if short else 1_000_000
    week_s = street.time_persons(people, workers)["week_s"]
    ours, theirs = street.BILLION * weeks / few, people / week_s
    yield Row("street of a billion in cells", ours, "persons × weeks/s", "the street person by person", theirs)


def _k_tom(short: bool) -> Iterator[Row]:
    for pair in k_tom.PAIRS[1:2] if short else k_tom.PAIRS:
        found = k_tom.measure(pair, 1024 if short else 4096, 3 if short else 5, 0.3 if short else 1.0)
        for name in ("loop", k_tom.RIVAL):
            if name in found:
                yield Row(f"k-ToM {pair[0]} v {pair[1]}", found["compiled"], "rounds/s", _named(name), found[name])


def _power(short: bool) -> Iterator[Row]:
    for name in classics.ASSEMBLIES:
        found = classics.time_assembly(name, 1 if short else 5)
        if "powerindex_s" in found:
            apart = f"indices apart {found['largest_difference']:.0e} at most"
            yield Row(f"power indices, {name}", 1.0 / found["virtu_s"], "games/s", classics.RIVAL, 1.0 / found["powerindex_s"], apart)


def _civil_violence(short: bool) -> Iterator[Row]:
    for side in (40,) if short else (40, 100):
        found = civil_violence.measure(side, 3 if short else 5, 2 if short else 3)
        for name in ("loop", civil_violence.RIVAL):
            if name in found:
                yield Row(f"civil violence, {side} × {side}", found["compiled"], "steps/s", _named(name), found[name])


def _spatial(short: bool) -> Iterator[Row]:
    draws = drawn(spatial_bargaining.chance_table(), 200 if short else 10_000, spatial_bargaining.SEED)
    ours = spatial_bargaining.time_compiled(draws, None)
    loops = spatial_bargaining.time_loops(draws, ours["position"], 2.0 if short else 20.0)
    yield Row("spatial bargain of 13", 1.0 / ours["s_per_draw"], "draws/s", "plain Python", 1.0 / loops["s_per_draw"])


def _devices(short: bool) -> Iterator[Row]:
    for row in devices.compared(512 if short else 4096, 24 if short else None):
        speeds = 1.0 / row["gpu_s"], 1.0 / row["processor_s"]
        yield Row(
            f"{row['name']} on a GPU", speeds[0], "runs/s", "the processor", speeds[1], f"means apart {row['apart']:.1e} errors at most"
        )


def _named(name: str) -> str:
    return "plain Python" if name == "loop" else name


if __name__ == "__main__":
    main()
