"""Attribution in the street: the factors that are of camps, and shares that add up and agree however they are computed."""

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
from virtu.laboratory import factors, interventions, trials
from virtu.laboratory import why as asking
from virtu.laboratory.why import why
from virtu.scenario import load
from virtu.scenario.street_schema import StreetScenario
from virtu.scenario.street_vocabulary import street_parameters
from virtu.show import reasons

from .small import quickly
from .street_stage import RUN, TICKS, street

MEASURE = "turnout:reds"
FACTORS = ("tactic reds", "flank reds", "misperception")
SHOCKS = [{"at": 3, "until": 30, "hardship": 0.3}, {"at": 10, "disorder": 0.2, "legitimacy": -0.1}, {"at": 39, "hardship": 0.1}]


@pytest.fixture(autouse=True, scope="module")
def _small_blocks() -> Iterator[None]:
    with quickly(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(asking, "BLOCK", RUN)
        yield


@pytest.fixture(scope="module")
def exact() -> dict[str, Any]:
    return why(street(), "reds", MEASURE, FACTORS, histories=8 * RUN, seed=2)


@pytest.fixture(scope="module")
def sampled() -> dict[str, Any]:
    return why(street(), "reds", MEASURE, FACTORS, histories=16 * RUN, seed=2, method="sampled")


def means(result: dict[str, Any]) -> np.ndarray:
    return np.array([one["attribution"]["mean"] for one in result["factors"]])


def errors(result: dict[str, Any]) -> np.ndarray:
    return np.array([one["attribution"]["error"] for one in result["factors"]])


@pytest.mark.parametrize("method", ["exact", "sampled"])
def test_attributions_add_up(exact: dict[str, Any], sampled: dict[str, Any], method: str) -> None:
    found = exact if method == "exact" else sampled
    assert found["method"] == method
    total = found["as_it_is"]["mean"] - found["neutral"]["mean"]
    assert means(found).sum() == pytest.approx(total) == found["total"]["mean"]
    assert total > 0.0, "nobody is out for a camp that calls nobody out"


def test_sampled_agrees_with_exact(exact: dict[str, Any], sampled: dict[str, Any]) -> None:
    apart = np.abs(means(sampled) - means(exact))
    assert np.all(apart <= 3.0 * np.hypot(errors(sampled), errors(exact)))
    assert np.any(np.abs(means(exact)) > 6.0 * np.hypot(errors(sampled), errors(exact))), (
        "the test could not tell wrong shares from right ones"
    )


def test_the_whole_is_the_run_and_the_rest_what_is_done(exact: dict[str, Any]) -> None:
    """With all factors neutral the arm is the one in which all that is said of them is done."""
    given = street()
    trial = trials.prepare(given, [[]], 8 * RUN, 2, None, RUN)
    done = interventions.parse_all([one for factor in exact["factors"] for one in factor["neutral"]], given)
    for key, arm in (("as_it_is", []), ("neutral", done)):
        values = trials.measured(trial, trials.agenda(trial, arm), 0, 8 * RUN)[MEASURE]
        assert exact[key]["mean"] == pytest.approx(values.mean())


def test_the_usual_factors_of_a_camp() -> None:
    found = [one.name for one in factors.usual(street(shocks=SHOCKS), "reds")]
    assert found == ["tactic reds", "flank reds", "tactic blues", "media_selection", "misperception", "elite", "shocks"]
    without = {key: value for key, value in (("elite", None), ("outsider", None))}
    assert "elite" not in [one.name for one in factors.usual(street(**without), "reds")]


def test_a_leader_who_stands_out_is_a_factor() -> None:
    scenario = street(
        actors={name: {"traits": {"nerve": 0.99}} if name == "Adler" else {} for name in ("Adler", "Braun", "Curtius", "Dorn")}
    )
    assert "trait Adler.nerve" in [one.name for one in factors.usual(scenario, "reds")]
    assert "trait Adler.nerve" not in [one.name for one in factors.usual(scenario, "blues")]


@pytest.mark.parametrize("name", ["two-camps", "street-2017", "weimar-1929", "reform-with-a-flank"])
def test_every_usual_factor_can_be_written(name: str) -> None:
    scenario = load(name)
    assert isinstance(scenario, StreetScenario)
    for camp in scenario.camp_names:
        for one in factors.usual(scenario, camp):
            assert factors.chosen([one.text], scenario) == [one]


@pytest.mark.parametrize("ticks", [None, 20])
def test_without_shocks_nothing_comes_from_outside(ticks: int | None) -> None:
    """In runs of any length."""
    scenario = street(shocks=SHOCKS)
    (found,) = factors.chosen(["shocks"], scenario, ticks)
    assert np.any(interventions.agenda(scenario, [], ticks).shock)
    assert np.allclose(interventions.agenda(scenario, found.neutral, ticks).shock, 0.0)


def test_a_constant_is_neutral_at_its_default() -> None:
    scenario = street(parameters={"reaction": 0.4})
    (found,) = factors.chosen(["parameter reaction"], scenario)
    assert [str(one) for one in found.neutral] == [f"parameter reaction = {street_parameters()['reaction'].default:g}"]


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (["tactic greens"], "unknown camp 'greens'"),
        (["shocks"], "has no shocks"),
        (["tactic reds", "tactic reds = violent"], "cannot be neutral together"),
        (["ties to reds"], "in the factor"),
        (["post chair"], "in the factor"),
    ],
)
def test_a_factor_at_fault_is_refused(texts: list[str], told: str) -> None:
    with pytest.raises(InputError, match=told):
        factors.chosen(texts, street())


def test_no_camp_by_that_name() -> None:
    with pytest.raises(InputError, match="unknown camp 'greens'"):
        why(street(), "greens")


def test_the_outcome_is_the_camps_own_where_it_can_be() -> None:
    of_camps = street(outcome={"measure": "support", "of": "blues"})
    assert asking._outcome(of_camps, "reds") == "support:reds"
    assert asking._outcome(street(), "reds") == "order"


def test_the_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    place = tmp_path / "stage.yaml"
    place.write_text(json.dumps(json.loads(street().canonical)), encoding="utf-8")
    given = ["why", str(place), "--who", "reds", "--measure", "killed", *(word for one in FACTORS for word in ("--factor", one))]
    monkeypatch.setattr(sys, "argv", ["virtu", *given, "-n", str(RUN), "--seed", "2", "--json", "--out", str(tmp_path / "out")])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert not ended.value.code
    said = json.loads(capsys.readouterr().out)
    assert (said["who"], said["ticks"], said["measure_unit"]) == ("reds", TICKS, "people")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "calls nobody out" in page
    assert reasons.answer(said) in page.replace("&#39;", "'")
