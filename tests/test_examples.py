"""The examples run, and show what they say."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.fixture(scope="module")
def minds() -> dict[tuple[str, str], dict[str, float]]:
    return runpy.run_path(str(EXAMPLES / "minds.py"))["table"](histories=500)


@pytest.mark.parametrize("feeling", ["low", "high"])
def test_reading_others_decides_what_is_foreseen_and_not_what_is_wanted(minds: dict, feeling: str) -> None:
    low, high = minds["low", feeling], minds["high", feeling]
    assert low["given"] == high["given"]
    assert high["won"] - low["won"] > 4.0 * (low["won_error"] ** 2 + high["won_error"] ** 2) ** 0.5
    assert abs(high["expected"] - 0.5) > 0.1
    assert low["expected"] == pytest.approx(0.5)


@pytest.mark.parametrize("reading", ["low", "high"])
def test_feeling_for_others_decides_what_is_wanted_and_not_what_is_foreseen(minds: dict, reading: str) -> None:
    low, high = minds[reading, "low"], minds[reading, "high"]
    assert high["given"] > low["given"] + 1.0
    assert high["expected"] == pytest.approx(low["expected"], abs=1e-6)
    assert high["sends"] > low["sends"]
    assert (high["won"] > 0.0) == (low["won"] > 0.0), "a duller choice wins or loses less, but on the same side"
