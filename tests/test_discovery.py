"""Scenario discovery: boxes that are known are found with their bounds, and what is no box is not made one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from virtu.errors import InputError
from virtu.laboratory import discovery
from virtu.laboratory import sweep as sweeping
from virtu.laboratory.sweep import sweep
from virtu.scenario import loads
from virtu.show import discovery_words, sweep_report, sweep_tables, sweep_words

from .small import TICKS, quickly, scenario

NAMES = ("trust", "parameter bandwagon @ 3..5", "idle")
VARY = ("Berg.nerve = 0:1", "parameter bandwagon = 0:1")

needs_workbench = pytest.mark.skipif(discovery.find_spec(discovery.LIBRARY) is None, reason="the EMA workbench is not installed")


@pytest.fixture(autouse=True, scope="module")
def _quickly() -> Iterator[None]:
    with quickly():
        yield


def space(points: int = 500, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0.0, 1.0, (points, 3))


def found(wanted: str, inputs: np.ndarray, values: np.ndarray) -> dict[str, Any]:
    return discovery.discover(discovery.rule(wanted), inputs, NAMES, values)


@needs_workbench
def test_a_known_box_is_found() -> None:
    """Its bounds to within a slice, none on what is idle; measures of the box are those of its points."""
    inputs = space()
    inside = (inputs[:, 0] > 0.6) & (inputs[:, 1] < 0.5)
    said = found("order > 1", inputs, np.where(inside, 2.0, 0.5))
    assert said["cases"] == inside.sum()
    box = said["boxes"][0]
    one, other = box["bounds"]
    assert (one["input"], one["high"], other["input"], other["low"]) == (NAMES[0], None, NAMES[1], None)
    assert one["low"] == pytest.approx(0.6, abs=0.05)
    assert other["high"] == pytest.approx(0.5, abs=0.05)
    assert max(one["p_low"], other["p_high"]) < 1e-6
    within = (inputs[:, 0] >= one["low"]) & (inputs[:, 1] <= other["high"])
    assert box["points"] == within.sum()
    assert box["coverage"] == pytest.approx((within & inside).sum() / inside.sum())
    assert box["density"] == pytest.approx((within & inside).sum() / within.sum())
    assert box["density"] >= discovery.DENSITY
    assert box["mass"] == pytest.approx(within.mean())
    assert {(step["coverage"], step["density"]) for step in box["path"]} >= {(box["coverage"], box["density"]), (1.0, inside.mean())}


@needs_workbench
def test_two_boxes_are_found_one_after_the_other() -> None:
    inputs = space()
    large = (inputs[:, 0] > 0.6) & (inputs[:, 1] > 0.4)
    small = (inputs[:, 0] > 0.1) & (inputs[:, 0] < 0.4) & (inputs[:, 1] < 0.2)
    first, second = found("order < 0", inputs, -(large | small).astype(float))["boxes"][:2]
    assert [bound["low"] for bound in first["bounds"]] == pytest.approx([0.6, 0.4], abs=0.05)
    assert (second["bounds"][0]["low"], second["bounds"][0]["high"]) == pytest.approx((0.1, 0.4), abs=0.05)
    assert second["bounds"][1]["high"] == pytest.approx(0.2, abs=0.05)
    assert first["coverage"] + second["coverage"] > 0.9


@needs_workbench
def test_chance_alone_makes_no_box() -> None:
    """Points of interest that are strewn about have no box; a search that takes the densest slice it meets would give one."""
    inputs = space()
    values = np.random.default_rng(2).uniform(0.0, 1.0, len(inputs))
    said = found("order > 0.5", inputs, values)
    assert said["boxes"] == []
    assert "no box in which at least 80" in discovery_words.answer(said)


@needs_workbench
@pytest.mark.parametrize(("wanted", "cases"), [("order > 2", 0), ("order < 2", 100)])
def test_what_is_nowhere_or_everywhere_has_no_box(wanted: str, cases: int) -> None:
    said = found(wanted, space(100), np.ones(100))
    assert (said["cases"], said["boxes"]) == (cases, [])
    assert discovery_words.answer(said).endswith(f"{cases} of 100 points.")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("on_top:Stalin > 0.5", ("on_top:Stalin", ">", 0.5)),
        ("share:Jan van Dyck<=-1e-3", ("share:Jan van Dyck", "<=", -1e-3)),
        (" killed >= 10 ", ("killed", ">=", 10.0)),
    ],
)
def test_rules_are_read(text: str, read: tuple[str, str, float]) -> None:
    assert tuple(discovery.rule(text)) == read
    assert discovery.rule(str(discovery.rule(text))) == discovery.rule(text)


@pytest.mark.parametrize("text", ["", "on_top:Stalin", "> 0.5", "killed > many", "killed > nan", "killed = 3", "killed >> 3"])
def test_what_is_no_rule_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="does not say what is of interest"):
        discovery.rule(text)


@needs_workbench
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"design": "morris", "points": 8}, "no boxes are found among them"),
        ({"design": "lhs", "points": 8}, "8 points are too few"),
        ({"design": "lhs", "points": 32, "discover": ["nonsense > 1"]}, "unknown measure 'nonsense'"),
    ],
)
def test_a_sweep_that_cannot_discover_is_refused(arguments: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        sweep(scenario(), VARY, histories=2, ticks=TICKS, **{"discover": ["gini > 0.1"], **arguments})


def test_without_the_workbench_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "find_spec", lambda name: None)
    with pytest.raises(InputError, match="needs the EMA workbench"):
        discovery.check(["gini > 0.1"], "lhs", 100)
    assert discovery.check([], "lhs", 100) == []


@needs_workbench
def test_a_sweep_says_where(tmp_path: Path) -> None:
    """What is asked for is measured, discovered, told, and part of the command that gives it again; without it nothing changes."""
    given = {"design": "lhs", "points": 40, "histories": 10, "seed": 3, "ticks": TICKS}
    said = sweep(scenario(), VARY, discover=["share:Berg > 0.2"], **given)
    (one,) = said["discovery"]
    means = np.array([point["measures"]["share:Berg"]["mean"] for point in said["points"]])
    assert one["cases"] == (means > 0.2).sum()
    assert json.loads(json.dumps(said)) == said
    page = sweep_report.write(tmp_path / "report.html", said, scenario()).read_text(encoding="utf-8")
    assert discovery_words.answer(one).replace(">", "&gt;") in page
    assert "--discover 'share:Berg > 0.2'" in sweep_words.command(said)
    sweep_tables.sweep(said)
    plain = sweeping.order(loads(scenario().canonical), VARY, "lhs", 40, 10, 3, TICKS, ["share:Berg"])
    assert "discover" not in json.loads(plain.asked)
