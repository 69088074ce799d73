"""Intervals hold the truth as often as they say: a small run of `benchmarks/coverage.py`, which fails where an interval is broken."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

BENCHMARK: dict[str, Any] = runpy.run_path(str(Path(__file__).parents[1] / "benchmarks" / "coverage.py"))
EXPERIMENTS = 400
KINDS = {name: kind for name, kind in BENCHMARK["KINDS"].items() if kind.part >= 0.5}
"""Those that are quick; the indices of Sobol are covered in the tests of sweeps."""

BROKEN = 0.7
"""Width of a broken interval, as a part of a sound one: a normal interval so wide covers 83 %."""


def sound(found: Any, above: bool) -> bool:
    """Whether a coverage is 95 % within three errors of the number of experiments, or more where that is meant."""
    error = 3.0 * np.sqrt(0.05 * 0.95 / found.experiments)
    return found.share >= 0.95 - error and (above or found.share <= 0.95 + error)


@pytest.mark.parametrize("name", list(KINDS))
def test_intervals_hold_the_truth_and_broken_ones_are_seen(name: str) -> None:
    kind = KINDS[name]
    assert sound(BENCHMARK["coverage"](kind, EXPERIMENTS, 3), kind.above)
    if not kind.above:
        assert not sound(BENCHMARK["coverage"](kind, EXPERIMENTS, 3, BROKEN), kind.above)


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind.above])
def test_wide_ones_are_seen_when_they_hold_it_seldom(name: str) -> None:
    """Those above 95 % by construction have room, so that they are broken by more."""
    kind = KINDS[name]
    assert not sound(BENCHMARK["coverage"](kind, EXPERIMENTS // 2, 3, 0.15), kind.above)
