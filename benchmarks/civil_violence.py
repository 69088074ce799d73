"""Speed of civil violence on the lattice: compiled steps, a loop in plain Python, and Mesa's own example, in turn in one process.

Run from anywhere: ``python benchmarks/civil_violence.py [--out FILE]``. The comparison with Mesa needs ``pip install 'virtu[bench]'``;
without it the rest runs. Speeds are steps per second of processor time; each is the median of some turns, in which all take their measure
one after the other. The plain loop lives through the same history, bit for bit. Mesa's example gives everybody one turn, acts before it
moves, keeps the jailed in their cells, and rounds C/A to the nearest number, halves to the even one; so do our steps here. Numbers of
active and jailed are then compared, ours with as many people as Mesa happened to draw.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import os
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from tests.reference.civil_violence import Town

from virtu.classics.civil_violence import Rules, simulate

RIVAL = "mesa"
EXAMPLE = "mesa.examples.advanced.epstein_civil_violence.model"
AIM = 150
AS_RIVAL = Rules(turns="shuffled", order="act, move", jailed="in place", rounding="even")
BURN_IN = 60
"""Steps until the jails are as full as they stay."""

OURS = 8
"""Histories of ours to each of Mesa's."""


def main() -> None:
    wanted = _arguments()
    found: dict[str, Any] = {"machine": f"{platform.machine()}, {os.cpu_count()} processors, {platform.platform()}"}
    if not _has_rival():
        print(f"no comparison: {RIVAL} is not installed; pip install 'virtu[bench]'", file=sys.stderr)
    print(f"{'cells':>9} {'compiled':>12} {'plain loop':>12} {RIVAL:>12} {'of loop':>9} {'of ' + RIVAL:>9} {'aim':>5}")
    for side in wanted.sides:
        found[f"{side} x {side}"] = row = measure(side, wanted.turns, wanted.steps)
        rival, ratio = row.get(RIVAL, float("nan")), row.get(f"ratio_to_{RIVAL}", float("nan"))
        speeds = f"{row['compiled']:12,.0f} {row['loop']:12,.2f} {rival:12,.2f}"
        print(f"{side:4}x{side:<4} {speeds} {row['ratio_to_loop']:9,.0f} {ratio:9,.0f} {AIM:5}")
    if _has_rival() and wanted.histories > 1:
        found["agreement"] = agreement(wanted.histories, wanted.long)
    if wanted.out:
        wanted.out.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sides", type=int, nargs="+", default=[40, 100], help="cells along a side of the torus")
    parser.add_argument("--turns", type=int, default=5, help="turns of which the median is taken")
    parser.add_argument("--steps", type=int, default=3, help="steps of the slow ones in each turn; ours takes 200 times as many")
    parser.add_argument("--histories", type=int, default=6, help="histories of Mesa's whose counts are compared with ours; 0 for none")
    parser.add_argument("--long", type=int, default=300, help="steps of these histories")
    parser.add_argument("--out", type=Path, help="file to write as JSON")
    return parser.parse_args()


def _has_rival() -> bool:
    return importlib.util.find_spec(RIVAL) is not None


def rival(rules: Rules, seed: int) -> Any:
    """Return Mesa's example under the same rules, as far as it has them."""
    return importlib.import_module(EXAMPLE).EpsteinCivilViolence(
        width=rules.width,
        height=rules.height,
        citizen_density=rules.density,
        cop_density=rules.cops,
        legitimacy=rules.legitimacy,
        max_jail_term=rules.longest_term,
        max_iters=sys.maxsize,
        seed=seed,
    )


def measure(side: int, turns: int, steps: int) -> dict[str, float]:
    """Return steps per second of each, and ratios."""
    rules = AS_RIVAL._replace(height=side, width=side)
    started = time.process_time()
    simulate(rules, 1, 0)
    first_call_s = time.process_time() - started
    town, clock = Town(rules, 0), iter(range(turns * steps))
    runs: dict[str, Callable[[], int]] = {
        "compiled": lambda: simulate(rules, 200 * steps, 0).active.shape[1],
        "loop": lambda: len([town.step(next(clock), (rules.legitimacy, rules.legitimacy)) for _ in range(steps)]),
    }
    if _has_rival():
        other = rival(rules, 0)
        other.step()  # the first step looks up every neighbourhood
        runs[RIVAL] = lambda: len([other.step() for _ in range(steps)])
    speeds: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(turns):
        for name, run in runs.items():
            started = time.process_time()
            lived = run()
            speeds[name].append(lived / (time.process_time() - started))
    found = {name: median(values) for name, values in speeds.items()}
    ratios = {f"ratio_to_{name}": found["compiled"] / found[name] for name in runs if name != "compiled"}
    return {**found, **ratios, "first_call_s": first_call_s}


def agreement(histories: int, steps: int) -> dict[str, float]:
    """Compare mean numbers of active and jailed, history by history, with ours of as many citizens and cops."""
    differences = np.log([_means_of_rival(seed, steps) for seed in range(histories)])
    mean = differences.mean(axis=0)
    error = differences.std(axis=0, ddof=1) / np.sqrt(histories)
    found: dict[str, float] = {}
    for name, one, its_error in zip(("active", "jailed"), mean, error, strict=True):
        low, high = np.exp(one - 2 * its_error), np.exp(one + 2 * its_error)
        print(f"{name}: {RIVAL}'s mean over ours {np.exp(one):.3f}, 95 % interval {low:.3f} to {high:.3f}")
        found |= {f"{name}_ratio": float(np.exp(one)), f"{name}_log_error": float(its_error)}
    return found


def _means_of_rival(seed: int, steps: int) -> np.ndarray:
    """Return Mesa's mean numbers of active and jailed over those of our histories with as many people."""
    other, cells, counts = rival(AS_RIVAL, seed), AS_RIVAL.height * AS_RIVAL.width, []
    kinds = [type(person).__name__ for person in other.agents]
    for _ in range(steps):
        other.step()
        counts.append((other.ACTIVE, other.ARRESTED))
    rules = AS_RIVAL._replace(density=kinds.count("Citizen") / cells, cops=kinds.count("Cop") / cells)
    ours = [simulate(rules, steps, OURS * seed + nth) for nth in range(OURS)]
    means = [(one.active[0, BURN_IN:].mean(), one.jailed[0, BURN_IN:].mean()) for one in ours]
    return np.mean(counts[BURN_IN:], axis=0) / np.mean(means, axis=0)


if __name__ == "__main__":
    main()
