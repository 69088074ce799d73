"""Speed of the classics: power indices against the package `powerindex`, draws against single games, and the largest coalitions.

Run from anywhere: ``python benchmarks/classics.py [--out FILE]``. The comparison needs ``pip install 'virtu[bench]'``; without it the rest
is measured and the comparison is said to be missing. Both sides compute both indices; ours as fractions, theirs as floats.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import platform
import sys
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from virtu.classics.power_indices import power_indices, sampled_power_indices
from virtu.classics.ruling_coalition import ruling_coalition
from virtu.laboratory.validation.power_indices import ASSEMBLIES

RIVAL = "powerindex"
SEED = 1


def main() -> None:
    wanted = _arguments()
    found: dict[str, Any] = {name: time_assembly(name, wanted.repeats) for name in ASSEMBLIES}
    found["draws"] = time_draws(wanted.draws)
    found["coalitions"] = time_coalitions(wanted.members)
    if importlib.util.find_spec(RIVAL) is None:
        print(f"no comparison: {RIVAL} is not installed; pip install 'virtu[bench]'", file=sys.stderr)
    if wanted.out:
        found["machine"] = {"system": platform.platform(), "python": platform.python_version(), "numpy": np.__version__}
        wanted.out.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5, help="times each assembly is computed; the quickest counts")
    parser.add_argument("--draws", type=int, default=10_000, help="draws of uncertain weights of 27 members")
    parser.add_argument("--members", type=int, default=20, help="members of the ruling coalition's game")
    parser.add_argument("--out", type=Path, help="file to write as JSON")
    return parser.parse_args()


def time_assembly(name: str, repeats: int) -> dict[str, float]:
    """Compute both indices of an assembly here and by the other package, and how far they are apart."""
    weights, quota = list(ASSEMBLIES[name].weights), ASSEMBLIES[name].quota
    ours, indices = _quickest(lambda: power_indices(weights, quota), repeats)
    found = {"virtu_s": ours}
    print(f"{name:24s} virtu {1e3 * ours:9.2f} ms", end="")
    if importlib.util.find_spec(RIVAL):
        theirs, game = _quickest(lambda: _by_rival(weights, quota), repeats)
        shares = [*indices.banzhaf, *indices.shapley_shubik]
        apart = max(abs(float(here) - there) for here, there in zip(shares, [*game.banzhaf, *game.shapley_shubik], strict=True))
        found |= {"powerindex_s": theirs, "ratio": theirs / ours, "largest_difference": apart}
        print(f"   {RIVAL} {1e3 * theirs:9.2f} ms   ratio {theirs / ours:7.1f}   largest difference {apart:.1e}", end="")
    print()
    return found


def _by_rival(weights: list[int], quota: int) -> Any:
    game = importlib.import_module(RIVAL).Game(quota, weights=weights)
    game.calc_banzhaf()
    game.calc_shapley_shubik()
    return game


def time_draws(draws: int) -> dict[str, float]:
    """Compute both indices for draws of the weights of 27 members, a member being uncertain by a twentieth."""
    weights = np.array(ASSEMBLIES["nice-27"].weights) * np.random.default_rng(SEED).normal(1.0, 0.05, (draws, 27))
    run_s, found = _quickest(lambda: sampled_power_indices(weights, 0.65, least_members=15), 1)
    single_s, _ = _quickest(lambda: power_indices(np.rint(weights[0] * 1000 / weights[0].sum()).tolist(), 650), 1)
    print(f"{draws} draws of 27 members   {run_s:7.2f} s, error {found.banzhaf_error:.1e} and {found.shapley_shubik_error:.1e}", end="")
    print(f"   ratio to single exact games {single_s * draws / run_s:7.1f}")
    return {
        "draws": draws,
        "run_s": run_s,
        "ratio_to_single": single_s * draws / run_s,
        "banzhaf_error": found.banzhaf_error,
        "shapley_shubik_error": found.shapley_shubik_error,
    }


def time_coalitions(members: int) -> dict[str, float]:
    """Find the ruling coalition among powers too long for 64 bits, of a generic and of a tied kind."""
    uneven = np.random.default_rng(SEED).lognormal(0.0, 1.0, members).tolist()
    tied = [Fraction(place + 1) + Fraction(1, 3**60) for place in range(members)]
    uneven_s, _ = _quickest(lambda: ruling_coalition(uneven), 1)
    tied_s, _ = _quickest(lambda: ruling_coalition(tied), 1)
    print(f"ruling coalition of {members}    uneven powers {uneven_s:7.2f} s   close calls in long integers {tied_s:7.2f} s")
    return {"members": members, "uneven_s": uneven_s, "close_calls_s": tied_s}


def _quickest(work: Callable[[], Any], repeats: int) -> tuple[float, Any]:
    """Return the least time and the last result."""
    took, result = float("inf"), None
    for _ in range(repeats):
        started = time.perf_counter()
        result = work()
        took = min(took, time.perf_counter() - started)
    return took, result


if __name__ == "__main__":
    main()
