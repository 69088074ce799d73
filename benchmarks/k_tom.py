"""Speed of k-ToM: compiled matches, the package tomsup, and a loop in plain Python, in turn in one process.

Run from anywhere: ``python benchmarks/k_tom.py [--out FILE]``. The comparison with the package needs ``pip install 'virtu[bench]'``;
without it the rest runs. All play matching pennies over 60 rounds at the same parameters and count a round when both have chosen and
learnt. Each figure is the median of some turns, in which the three are measured one after the other: a busy machine is busy for all.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import os
import platform
import random
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import jax
import jax.numpy as jnp
from tests.reference import k_tom as loops

from virtu import chance
from virtu.minds import k_tom, players

RIVAL = "tomsup"
ROUNDS = 60
PAIRS = ((0, 0), (0, 1), (1, 2))
AIMS = {(0, 0): 300, (0, 1): 700, (1, 2): 700}
"""Ratio to the package that is aimed at."""

PARAMETERS = (-2.0, -1.0, 0.0)
UNLIKE, ALIKE = ((-1, 1), (1, -1)), ((1, -1), (-1, 1))

Play = Callable[[], int]
"""Plays some matches and returns the number of rounds."""


def main() -> None:
    wanted = _arguments()
    if importlib.util.find_spec(RIVAL) is None:
        print(f"no comparison: {RIVAL} is not installed; pip install 'virtu[bench]'", file=sys.stderr)
    found = {
        "machine": f"{platform.machine()}, {os.cpu_count()} processors, {platform.platform()}",
        "rounds": ROUNDS,
        "matches": wanted.matches,
    }
    print(f"{'pair':6} {'compile s':>10} {'compiled':>14} {'plain loop':>12} {RIVAL:>12} {'of loop':>9} {'of ' + RIVAL:>10} {'aim':>5}")
    for pair in PAIRS:
        row = found[f"{pair[0]} v {pair[1]}"] = measure(pair, wanted.matches, wanted.turns, wanted.seconds)
        rival, ratio = row.get(RIVAL, float("nan")), row.get(f"ratio_to_{RIVAL}", float("nan"))
        speeds = f"{row['compiled']:14,.0f} {row['loop']:12,.0f} {rival:12,.0f}"
        print(f"{pair[0]} v {pair[1]}  {row['compile_s']:10.1f} {speeds} {row['ratio_to_loop']:9,.0f} {ratio:10,.0f} {AIMS[pair]:5}")
    if wanted.out:
        wanted.out.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--matches", type=int, default=4096, help="matches played at once")
    parser.add_argument("--turns", type=int, default=5, help="turns of which the median is taken")
    parser.add_argument("--seconds", type=float, default=1.0, help="least length of a measure")
    parser.add_argument("--out", type=Path, help="file to write as JSON")
    return parser.parse_args()


def measure(pair: tuple[int, int], matches: int, turns: int, seconds: float) -> dict[str, float]:
    """Return rounds per second of each, their ratios, and how long the compiler took."""
    run, compile_s = compiled(pair, matches)
    plays: dict[str, Play] = {"compiled": run, "loop": partial(in_loops, pair)}
    if importlib.util.find_spec(RIVAL):
        plays[RIVAL] = rival(pair)
    for play in plays.values():
        play()
    speeds = [{name: speed(play, seconds) for name, play in plays.items()} for _ in range(turns)]
    row = {name: median(turn[name] for turn in speeds) for name in plays}
    ratios = {f"ratio_to_{name}": median(turn["compiled"] / turn[name] for turn in speeds) for name in plays if name != "compiled"}
    return {**row, **ratios, "compile_s": compile_s}


def speed(play: Play, seconds: float) -> float:
    """Return rounds per second, playing for at least some seconds."""
    started, done = time.perf_counter(), 0
    while (spent := time.perf_counter() - started) < seconds or not done:
        done += play()
    return done / spent


def compiled(pair: tuple[int, int], matches: int) -> tuple[Play, float]:
    """Compile matches of two levels; return how to play them, and the seconds it took to trace and compile."""
    given = (*map(k_tom.player, pair), players.matching_pennies(), chance.history_keys(1, jnp.arange(matches)), jnp.zeros(1, jnp.uint32))
    jax.clear_caches()
    started = time.perf_counter()
    program = players.play.lower(*given, rounds=ROUNDS).compile()
    compile_s = time.perf_counter() - started

    def play() -> int:
        return int(jax.block_until_ready(program(*given)).choices[0].size)

    return play, compile_s


def rival(pair: tuple[int, int]) -> Play:
    """Return how the package plays a match."""
    package: Any = importlib.import_module(RIVAL)
    volatility, temperature, bias = PARAMETERS
    agents = [package.agent.TOM(level, volatility=volatility, b_temp=temperature, bias=bias) for level in pair]
    table = package.PayoffMatrix("penny_competitive")

    def play() -> int:
        return len(package.agent.compete(*agents, table, n_rounds=ROUNDS, return_val="list", verbose=False))

    return play


def in_loops(pair: tuple[int, int]) -> int:
    """Play a match in plain Python, with the seed of the day."""
    minds = [loops.prior(level) for level in pair]
    tables = (UNLIKE, ALIKE), (ALIKE, UNLIKE)
    for _ in range(ROUNDS):
        one, two = (int(random.random() < loops.chance(mind, PARAMETERS, mine[0])) for mind, mine in zip(minds, tables, strict=True))
        minds = [loops.learn(minds[0], PARAMETERS, one, two, tables[0]), loops.learn(minds[1], PARAMETERS, two, one, tables[1])]
    return ROUNDS


if __name__ == "__main__":
    main()
