"""Speed of the spatial bargain: draws of 13 actors in two dimensions to their ends, compiled and in plain loops, in one run.

Run from anywhere: ``python benchmarks/spatial_bargaining.py [--table FILE] [--draws N] [--out FILE]``. Without a table of the KTAB format
thirteen actors are drawn by chance. The loops are written to be read, not to be quick.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from benchmarks.organisation import machine
from tests.reference.spatial_bargaining import play

from virtu.classics.spatial_bargaining import Rules, Table, bargain_draws, draw_of, drawn, read_table

SEED = 1


def main() -> None:
    wanted = _arguments()
    table = read_table(wanted.table) if wanted.table else chance_table()
    draws = drawn(table, wanted.draws, SEED)
    compiled = time_compiled(draws, wanted.workers)
    loops = time_loops(draws, compiled["position"], wanted.seconds)
    ratio = loops["s_per_draw"] / compiled["s_per_draw"]
    print(f"{len(table.capability)} actors, {table.position.shape[1]} dimensions, {compiled['turns']} turns in all")
    print(f"compiled     {compiled['run_s']:10.2f} s for {wanted.draws} draws, after {compiled['compile_s']:.1f} s to compile")
    print(f"plain Python {loops['s_per_draw']:10.3f} s a draw")
    print(f"ratio        {ratio:10.0f}")
    if wanted.out:
        del compiled["position"]
        found = {"compiled": compiled, "plain_python": loops, "ratio": ratio, "machine": machine()}
        wanted.out.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--table", type=Path, help="stakeholder table in the KTAB format")
    parser.add_argument("--draws", type=int, default=10_000, help="draws to play to their ends")
    parser.add_argument("--workers", type=int, help="chunks run at once; one a processor by default")
    parser.add_argument("--seconds", type=float, default=20.0, help="how long to run the loops")
    parser.add_argument("--out", type=Path, help="file to write as JSON")
    return parser.parse_args()


def chance_table(actors: int = 13, dimensions: int = 2) -> Table:
    """Draw a table of actors that differ as much as they may."""
    noise = np.random.default_rng(SEED)
    salience = noise.uniform(0.15, 0.5, (actors, dimensions))
    names = tuple(str(number) for number in range(actors))
    return Table(noise.uniform(0, 100, (actors, dimensions)), noise.uniform(15, 100, actors), salience, names)


def time_compiled(draws: Table, workers: int | None) -> dict[str, Any]:
    """Play all draws to their ends, one turn of each beforehand to compile."""
    started = time.perf_counter()
    bargain_draws(draws, turns=1, workers=workers)
    compiled = time.perf_counter()
    ended = bargain_draws(draws, workers=workers)
    run_s = time.perf_counter() - compiled
    return {
        "run_s": run_s,
        "compile_s": compiled - started,
        "s_per_draw": run_s / len(ended.turns),
        "turns": int(ended.turns.sum()),
        "position": ended.position,
    }


def time_loops(draws: Table, ended: np.ndarray, seconds: float) -> dict[str, Any]:
    """Play draws one by one in plain Python until the time is up; each must end where the compiled one did."""
    started, done = time.perf_counter(), 0
    while done < ended.shape[-1] and time.perf_counter() - started < seconds:
        path = play(draw_of(draws, done), Rules(), 100)
        assert np.allclose(100 * np.array(path[-1]), ended[..., done], atol=1e-6)
        done += 1
    return {"s_per_draw": (time.perf_counter() - started) / done, "draws": done}


if __name__ == "__main__":
    main()
