"""The window of a move: effects that are those of a comparison, bands that hold all of them, and a last moment that follows the rule."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from virtu import cli
from virtu.errors import InputError
from virtu.laboratory import when as asking
from virtu.laboratory.compare import compare
from virtu.laboratory.when import when
from virtu.record import statistics
from virtu.scenario import template
from virtu.show import windows

from .small import CHUNK, TICKS, quickly, scenario

MOVE = "move Eriksen strike Berg"


@pytest.fixture(autouse=True, scope="module")
def _quickly() -> Iterator[None]:
    with quickly():
        yield


def ask(move: str = MOVE, **arguments: Any) -> dict[str, Any]:
    """Ask until when a move changes Berg's share of strength."""
    given = {"outcome": "share:Berg", "histories": 40, "ticks": TICKS, "step": 4, "chunk": CHUNK, "workers": 2, **arguments}
    return when(scenario(), move, **given)


@pytest.fixture(scope="module")
def window() -> dict[str, Any]:
    """Return the window of a strike."""
    return ask()


def test_effects_are_those_of_a_comparison(window: dict[str, Any]) -> None:
    """At each moment the same numbers as the arm that makes the move at that tick."""
    assert [point["tick"] for point in window["points"]] == [0, 4, 8]
    arms = [f"{MOVE} @ {point['tick']}" for point in window["points"]]
    found = compare(scenario(), arms, 40, ticks=TICKS, outcome="share:Berg", chunk=CHUNK, workers=1)
    for point, arm in zip(window["points"], found["arms"], strict=True):
        effect = {key: value for key, value in arm["effects"]["share:Berg"].items() if key != "unit"}
        assert {key: point["effect"][key] for key in effect} == effect
        assert point["do"] == arm["do"]
        assert point["made"] > 0.8
    assert window["points"][0]["effect"]["unchanged"] < 0.5


def test_what_is_no_move_lasts_from_then_on() -> None:
    """A trait is set until the end, a tie for a tick; nothing was forced, so that nothing was made or not."""
    points = ask("trait Berg.nerve = 1; tie Berg -> Okafor trust = -1", histories=CHUNK)["points"]
    assert points[1]["do"] == ["trait Berg.nerve = 1 @ 2001-05", "tie Berg -> Okafor trust = -1 @ 2001-05"]
    assert points[1]["made"] is None


def test_a_move_that_cannot_be_made_is_not_made() -> None:
    """Fabri is in no place at the start."""
    found = ask("move Fabri strike Berg", histories=CHUNK, step=TICKS)
    assert found["points"][0]["made"] == 0.0
    assert found["points"][0]["effect"]["unchanged"] == 1.0
    assert found["last"] is None
    assert "not seen to change" in windows.answer(found)


def point(tick: int, low: float, high: float) -> dict[str, Any]:
    """Return a moment with a simultaneous interval."""
    effect = {"mean": (low + high) / 2, "low": low, "high": high, "unchanged": 0.0, "helped": 0.5, "hurt": 0.5, "variance_reduction": None}
    return {"tick": tick, "date": f"t{tick}", "do": [], "made": None, "effect": {**effect, "band_low": low, "band_high": high}}


def test_the_last_moment_is_the_last_whose_band_excludes_nothing(window: dict[str, Any]) -> None:
    """Above or below 0, and with a gap before; the rule is stated, and the sentence names the moment."""
    assert "simultaneous" in window["rule"]
    expected = [one["tick"] for one in window["points"] if one["effect"]["band_low"] > 0 or one["effect"]["band_high"] < 0]
    assert (window["last"] or {}).get("tick") == (expected[-1] if expected else None)
    points = [point(0, 0.1, 0.2), point(3, -0.1, 0.1), point(6, -0.3, -0.1), point(9, -0.1, 0.2)]
    assert [asking._matters(one["effect"]) for one in points] == [True, False, True, False]
    made_up = {**window, "points": points, "last": {"tick": 6, "date": "t6"}}
    assert "last in tick 6" in windows.answer(made_up)
    assert [row.matters for row in windows.moments(made_up)] == ["matters", "", "matters", ""]
    assert windows.window(made_up).to_dict(validate=False)["title"]["text"]


def test_bands_hold_all_effects_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """In 1,000 experiments with 12 related means 93 to 97 % of bands hold all; intervals of 1.96 errors hold far fewer."""
    monkeypatch.setattr(statistics, "BAND_DRAWS", 2000)
    random = np.random.default_rng(3)
    truth, paths = np.linspace(-1.0, 1.0, 12), np.tril(np.ones((12, 12)))
    held, pointwise, criticals = [], [], []
    for _ in range(1000):
        values = truth + random.normal(size=(150, 12)) @ paths.T * np.linspace(0.3, 2.0, 12)
        low, high, critical = statistics.simultaneous(values)
        held.append(((low <= truth) & (truth <= high)).all())
        criticals.append(critical)
        error = values.std(axis=0, ddof=1) / np.sqrt(150)
        pointwise.append((np.abs(values.mean(axis=0) - truth) <= statistics.Z * error).all())
    assert 0.93 <= np.mean(held) <= 0.97
    assert np.mean(pointwise) < 0.90
    assert 1.96 < np.mean(criticals) < 2.87  # 2.87: for 12 independent means


def test_a_band_of_one_is_the_interval() -> None:
    """And where nothing varies there is nothing to widen."""
    values = np.random.default_rng(1).normal(size=(50, 1))
    low, high, critical = statistics.simultaneous(np.hstack([values, np.zeros((50, 1))]))
    alone = statistics.mean(values[:, 0])
    assert critical == statistics.Z
    assert (low[0], high[0]) == pytest.approx((alone["low"], alone["high"]))
    assert (low[1], high[1]) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"move": f"{MOVE} @ 3"}, "leave the time out"),
        ({"move": "move Eriksen strike Borg"}, "Borg"),
        ({"step": 0}, "step"),
        ({"step": TICKS + 1}, "step"),
        ({"outcome": "luck"}, "luck"),
        ({"histories": 0}, "histories"),
    ],
)
def test_arguments_at_fault_are_refused(arguments: dict[str, Any], told: str) -> None:
    """Before anything is run."""
    with pytest.raises(InputError, match=told):
        ask(**arguments)


def test_the_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """One JSON object, a page with the figure, and a table for a person."""
    (tmp_path / "small.yaml").write_text(template("small"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    few = ("-n", "20", "--ticks", str(TICKS), "--chunk", str(CHUNK), "--workers", "1", "--step", "6", "--outcome", "share:Berg")

    def call(*words: str) -> str:
        monkeypatch.setattr(sys, "argv", ["virtu", "when", "small.yaml", "--move", MOVE, *few, *words])
        with pytest.raises(SystemExit) as left:
            cli.main()
        assert not left.value.code
        return capsys.readouterr().out

    found = json.loads(call("--json", "--out", "results"))
    assert len(found["points"]) == 2
    assert json.loads(Path("results/when.json").read_text(encoding="utf-8"))["points"] == found["points"]
    page = Path("results/report.html").read_text(encoding="utf-8")
    assert "virtu when small" in page
    assert "<svg" in page
    assert "made in" in call()
