"""Forecasts of stakeholder tables: published numbers, limits, invariances, paired arms, and what the command line says."""

from __future__ import annotations

import json
import math
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import virtu
from virtu import cli
from virtu.classics.power_indices import power_indices
from virtu.classics.ruling_coalition import ruling_coalition
from virtu.classics.spatial_bargaining import bargain, read_table
from virtu.errors import InputError
from virtu.laboratory import forecast_draws, forecast_models, forecast_power
from virtu.laboratory.forecast import _scores, forecast, read_actuals
from virtu.laboratory.forecast_changes import changed
from virtu.laboratory.forecast_models import MODELS
from virtu.scenario.stakeholders import Quantity, Scale, Stakeholders, read
from virtu.show import forecast_words

EXAMPLE = Path(__file__).parents[1] / "examples" / "harbour-fee.csv"
MEAN = 7.389955686853767
FEW = 40


def _table(rows: list[tuple[float, float, float]], scale: tuple[float, float] = (0.0, 10.0), names: str = "ABCDEFGH") -> Stakeholders:
    """Return a table of one issue from capabilities, positions and saliences."""
    capability, position, salience = zip(*([Quantity(value, value, value) for value in row] for row in rows), strict=True)
    return Stakeholders(
        file="table",
        actors=tuple(names[: len(rows)]),
        about=("",) * len(rows),
        issues=("position",),
        capability=capability,
        position=tuple((one,) for one in position),
        salience=tuple((one,) for one in salience),
        scale=(Scale(*scale, "given"),),
        full_salience=1.0,
        notes=(),
    )


@pytest.fixture(scope="module")
def cars(data: Path) -> Path:
    return data / "bdm" / "emission-standards.csv"


@pytest.fixture(scope="module")
def doings() -> list[Any]:
    return ["nothing", "salience UK = 0.2", "drop Belgium", ["capability UK * 2", "capability UK * 0.5"], "position UK = 9"]


@pytest.fixture(scope="module")
def result(cars: Path, doings: list[Any]) -> dict[str, Any]:
    """Return the emission standards with all that can be asked of them, a few draws each."""
    return forecast(cars, doings, FEW, seed=3, uncertainty="10%", actual=8.833)


@pytest.fixture(scope="module")
def issue(result: dict[str, Any]) -> dict[str, Any]:
    return result["issues"]["position"]


def test_emission_standards(issue: dict[str, Any]) -> None:
    models = issue["models"]
    assert list(models) == list(MODELS)
    assert models["baseline"]["point"] == pytest.approx(MEAN, abs=1e-12)
    assert models["median"]["point"] == 7.0
    assert models["mean"]["point"] == pytest.approx(6.7)
    assert models["expected_utility"]["point"] == pytest.approx(7.0)
    assert [round(one["mean"]["point"], 2) for one in issue["rounds"][:3]] == [7.39, 7.56, 7.05]
    assert issue["scale"] == {"low": 4.0, "high": 10.0, "source": "inferred"}


def test_every_model_is_scored(issue: dict[str, Any]) -> None:
    scores = issue["scores"]["models"]
    assert {model: score["absolute_error"] for model, score in scores.items()} == {
        model: pytest.approx(abs(one["point"] - 8.833)) for model, one in issue["models"].items()
    }
    assert scores["baseline"]["absolute_error"] == pytest.approx(8.833 - MEAN)


def test_draws_are_scored_as_a_distribution() -> None:
    """The point, first, counts for the absolute error alone; E|X − y| = 2 and E|X − X′| = 1."""
    assert _scores({"some": np.array([5.0, 4.0, 6.0])}, 7.0) == {"actual": 7.0, "models": {"some": {"absolute_error": 2.0, "crps": 1.5}}}


def test_disagreement(issue: dict[str, Any]) -> None:
    points = [one["point"] for one in issue["models"].values()]
    apart = issue["disagreement"]
    assert apart["range"] == pytest.approx(max(points) - min(points))
    assert apart["share_of_scale"] == pytest.approx(apart["range"] / 6.0)
    assert apart["sd"] == pytest.approx(np.std(points, ddof=1))
    assert issue["models"][apart["lowest"]]["point"] == min(points)


def test_who_decides(issue: dict[str, Any], cars: Path) -> None:
    table = read(cars)
    weights = [Fraction(str(c.value)) * Fraction(str(s[0].value)) for c, s in zip(table.capability, table.salience, strict=True)]
    indices = power_indices(weights, sum(weights) / 2 + Fraction(1, 10**9))
    rule = ruling_coalition(weights)
    assert issue["pivotal"]["median_holders"] == ["Belgium", "Ireland", "Greece"]
    for actor, banzhaf, shapley in zip(table.actors, indices.banzhaf, indices.shapley_shubik, strict=True):
        found = issue["pivotal"]["actors"][actor]
        assert (found["banzhaf"]["point"], found["shapley_shubik"]["point"]) == (float(banzhaf), float(shapley))
    assert issue["coalition"]["members"] == [table.actors[one] for one in rule.coalitions[0]]
    assert issue["coalition"]["share"] == float(rule.share)
    assert {*issue["coalition"]["members"], *issue["coalition"]["excluded"]} == set(table.actors)


def test_the_last_word(issue: dict[str, Any]) -> None:
    word = issue["last_word"]
    assert list(word["actors"])[0] == "Denmark"
    assert word["actors"]["UK"]["shift"]["point"] == pytest.approx(word["shade"] * (10.0 - MEAN))
    assert word["actors"]["UK"]["gain"]["point"] == pytest.approx(0.9 * word["shade"] * (10.0 - MEAN))


def test_the_tornado_is_the_change_it_says(issue: dict[str, Any], cars: Path) -> None:
    row = next(row for row in issue["tornado"] if (row["kind"], row["actor"]) == ("salience", "UK"))
    table = read(cars)
    for value, change in zip((row["from"], row["to"]), row["models"]["baseline"], strict=True):
        sample = forecast_draws.point(changed(table, [f"salience UK = {value}"]))
        weight = sample.weight(0)[0]
        assert change == pytest.approx(float(weight @ sample.position[0, :, 0] / weight.sum()) - MEAN)
    swings = [max(map(abs, one["models"]["baseline"])) for one in issue["tornado"]]
    assert swings == sorted(swings, reverse=True)


def test_doing_nothing_is_exactly_nothing(result: dict[str, Any]) -> None:
    for arm in (result["arms"][0], result["arms"][3]):
        for effect in arm["issues"]["position"].values():
            assert (effect["point"], effect["mean"], effect["low"], effect["high"], effect["same"]) == (0.0, 0.0, 0.0, 0.0, 1.0)


def test_arms_are_paired(result: dict[str, Any], cars: Path) -> None:
    """An effect of the baseline varies far less over draws than the forecast itself does, and the median of draws that agree is equal."""
    effect = result["arms"][1]["issues"]["position"]["baseline"]
    table = read(cars)
    assert effect["point"] == pytest.approx(
        forecast_models._standing_still(forecast_draws.point(changed(table, ["salience UK = 0.2"])), 0, table.scale[0])["baseline"][0]
        - MEAN
    )
    assert effect["low"] < effect["mean"] < effect["high"] < 0.0
    assert effect["sd"] < result["issues"]["position"]["models"]["baseline"]["sd"]
    dropped = result["arms"][2]["issues"]["position"]
    assert dropped["median"]["point"] == 3.0


def test_dropping_is_never_having_been_there(cars: Path, tmp_path: Path) -> None:
    """To all models, the spatial bargain and every draw among them."""
    table = forecast_draws.with_uncertainty(read(cars, scale="4:10"), 0.1)
    text = "\n".join(line for line in cars.read_text(encoding="utf-8").splitlines() if not line.startswith("Belgium"))
    path = tmp_path / "without.csv"
    path.write_text(text, encoding="utf-8")
    without = forecast_draws.with_uncertainty(read(path, scale="4:10"), 0.1)
    luck, other = (forecast_draws.luck(one, FEW, 5) for one in (table, without))
    np.testing.assert_array_equal(np.delete(luck.position, 1, axis=1), other.position)
    arm = forecast_draws.drawn(changed(table, ["drop Belgium"]), luck)
    here, there = forecast_models.forecasts(arm, table), forecast_models.forecasts(forecast_draws.drawn(without, other), without)
    for model in MODELS:
        np.testing.assert_allclose(here.outcome[model], there.outcome[model], atol=1e-9, err_msg=model)


def test_draws_have_the_stated_ranges() -> None:
    table = _table([(2.0, 5.0, 0.5), (1.0, 8.0, 0.5)])
    table = table._replace(position=((Quantity(5.0, 4.0, 8.0),), (Quantity(8.0, 8.0, 8.0),)))
    drawn = forecast_draws.drawn(table, forecast_draws.luck(table, 20_000, 0)).position[..., 0]
    assert np.quantile(drawn[:, 0], [0.025, 0.5, 0.975]) == pytest.approx([4.0, 5.0, 8.0], abs=0.1)
    assert (drawn[:, 1] == 8.0).all()
    assert drawn.max() <= 10.0


def test_chance_hangs_on_names_and_seed_alone() -> None:
    table = _table([(2.0, 5.0, 0.5), (1.0, 8.0, 0.5), (1.0, 2.0, 0.5)])
    turned = table._replace(actors=table.actors[::-1])
    first = forecast_draws.luck(table, 50, 0)
    np.testing.assert_array_equal(first.position, forecast_draws.luck(turned, 50, 0).position[:, ::-1])
    np.testing.assert_array_equal(first.position[:20], forecast_draws.luck(table, 20, 0).position)
    assert not np.array_equal(first.position, forecast_draws.luck(table, 50, 1).position)
    every = np.concatenate([part.reshape(50, -1) for part in first], axis=1)
    assert len(np.unique(every)) > 0.99 * every.size


def test_without_uncertainty_forecasts_are_points(cars: Path, result: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """They are those of the draws' table; a tornado is still there; nothing is drawn."""
    monkeypatch.setattr(forecast_draws, "luck", None)
    found = forecast(cars)
    assert found["draws"] == 0
    assert "point forecasts" in forecast_words.design(found)
    for model, one in found["issues"]["position"]["models"].items():
        assert one["low"] is one["mean"] is None
        assert one["point"] == pytest.approx(result["issues"]["position"]["models"][model]["point"])
    assert len(found["issues"]["position"]["tornado"]) == 30
    json.dumps(found, allow_nan=False)


def test_the_spatial_bargain_of_several_issues(data: Path) -> None:
    """It is that of the model itself, over both issues together; what is forecast is the weighted mean of where all end."""
    path = data / "ktab" / "SOE-Pol-Comp.csv"
    reference = read_table(path)
    ended = bargain(reference).position[-1]
    weight = reference.capability[:, None] * reference.salience
    wanted = (ended * weight).sum(0) / weight.sum(0)
    table = read(path)
    said = forecast_models.forecasts(forecast_draws.point(table), table)
    np.testing.assert_allclose(said.outcome["spatial_bargaining"][0], wanted, atol=1e-9)


ROWS = st.lists(
    st.tuples(st.integers(1, 9).map(float), st.integers(0, 10).map(float), st.integers(1, 10).map(lambda tenth: tenth / 10)),
    min_size=2,
    max_size=5,
).filter(lambda rows: len({row[1] for row in rows}) > 1)


def _quick(table: Stakeholders) -> dict[str, float]:
    """Return what all models say but the spatial bargain, which is tried on one table."""
    point = forecast_draws.point(table)
    found = forecast_models._standing_still(point, 0, table.scale[0])
    found["expected_utility"] = forecast_models.expected_utility(point, 0, table.scale[0]).mean[-1]
    return {model: float(value[0]) for model, value in found.items()}


@settings(max_examples=25)
@given(ROWS, st.randoms(use_true_random=False))
def test_order_and_names_do_not_matter(rows: list[tuple[float, float, float]], random: Any) -> None:
    """To 1e-7 of the scale of 10, as exactly as the Nash bargain is found."""
    assert _quick(_table(random.sample(rows, len(rows)), names="HGFEDCBA")) == pytest.approx(_quick(_table(rows)), abs=1e-6)


@settings(max_examples=25)
@given(ROWS, st.integers(0, 10).map(float), st.booleans())
def test_actors_without_weight_do_not_matter(rows: list[tuple[float, float, float]], position: float, capable: bool) -> None:
    idle = (5.0, position, 0.0) if capable else (0.0, position, 1.0)
    table = _table([idle, *rows])
    assert _quick(table) == pytest.approx(_quick(_table(rows)), abs=1e-9)
    part = forecast_power.who_counts(table, forecast_draws.point(table), 0)
    assert part.names == table.actors[1:]


@settings(max_examples=25)
@given(ROWS, st.sampled_from([-3.0, -1.0, 0.25, 7.0]), st.integers(-50, 50).map(float))
def test_the_unit_of_the_scale_does_not_matter(rows: list[tuple[float, float, float]], factor: float, shift: float) -> None:
    moved = [(capability, factor * position + shift, salience) for capability, position, salience in rows]
    ends = sorted(factor * end + shift for end in (0.0, 10.0))
    wanted = {model: factor * value + shift for model, value in _quick(_table(rows)).items()}
    assert _quick(_table(moved, (ends[0], ends[1]))) == pytest.approx(wanted, abs=1e-5)


def test_the_spatial_bargain_is_invariant_too() -> None:
    """To order, to those without weight, who are only in the second and third table, and to the unit of the scale."""
    rows = [(2.0, 1.0, 0.7), (3.0, 4.0, 0.5), (1.5, 9.0, 0.9), (2.5, 6.0, 0.4), (0.0, 2.0, 0.5), (1.0, 3.0, 0.0)]
    tables = [_table(rows[:4]), _table(rows[::-1]), _table([(c, 2.0 * x - 7.0, s) for c, x, s in rows], (-7.0, 13.0))]
    found = []
    for table in tables:
        ended = forecast_models.forecasts(forecast_draws.point(table), table)
        found.append(float(ended.outcome["spatial_bargaining"][0, 0]))
    assert found[1] == pytest.approx(found[0], abs=1e-6)
    assert found[2] == pytest.approx(2.0 * found[0] - 7.0, abs=1e-6)


@pytest.mark.parametrize(
    ("doing", "kind", "value"),
    [
        ("salience a = 0.25", "salience", 0.25),
        ("importance A*50%", "salience", 0.25),
        ("salience A = 20 %", "salience", 0.2),
        ("power A * 2", "capability", 4.0),
        ("capability A + 1e0", "capability", 3.0),
        ("position A - 2", "position", 3.0),
        ('position "A" = 0', "position", 0.0),
        ("drop A", "capability", 0.0),
        ("position A = 1; position A * 3", "position", 3.0),
    ],
)
def test_changes(doing: str, kind: str, value: float) -> None:
    table = _table([(2.0, 5.0, 0.5), (1.0, 8.0, 0.5), (1.0, 2.0, 0.5)])
    done = changed(table, [doing])
    assert np.array(getattr(done, kind)).reshape(3, 3)[0] == pytest.approx(value)
    assert done.actors == table.actors
    assert done._replace(**{kind: getattr(table, kind)}) == table


@pytest.mark.parametrize(
    ("doing", "told"),
    [
        ("", "a change is missing"),
        ("dance", "unknown change 'dance'"),
        ("salence A = 1", "did you mean 'salience'?"),
        ("salience A", "cannot read"),
        ("salience A = much", "cannot read"),
        ("salience D = 1", "no actor is called 'D'"),
        ("salience A = 2", "lies between 0 and 1"),
        ("capability A = -1", "0 or more"),
        ("capability A = 1e99", "0 or more and below"),
        ("position A = 11", "outside the scale 0:10"),
        ("drop", "no actor is called ''"),
        ("drop A; drop B", "fewer than two actors"),
    ],
)
def test_changes_that_are_not_understood(doing: str, told: str) -> None:
    with pytest.raises(InputError) as raised:
        changed(_table([(2.0, 5.0, 0.5), (1.0, 8.0, 0.5), (1.0, 2.0, 0.5)]), [doing])
    assert told in str(raised.value)


def test_ranges_go_with_what_is_multiplied_or_moved() -> None:
    table = forecast_draws.with_uncertainty(_table([(2.0, 5.0, 0.5), (1.0, 8.0, 0.5)]), 0.1)
    assert changed(table, ["capability A * 2"]).capability[0] == pytest.approx((4.0, 3.6, 4.4))
    assert changed(table, ["position A + 1"]).position[0][0] == pytest.approx((6.0, 5.0, 7.0))
    assert changed(table, ["position A = 1"]).position[0][0].certain


def test_changes_of_one_issue_of_several(data: Path) -> None:
    table = read(data / "ktab" / "SOE-Pol-Comp.csv")
    done = changed(table, ["salience XJ.Competitive = 60"])
    assert (done.salience[0][1].value, done.salience[0][0]) == (0.6, table.salience[0][0])
    with pytest.raises(InputError, match="name the issue, as in XJ.Policy or XJ.Competitive"):
        changed(table, ["position XJ = 60"])


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"uncertainty": "lots"}, "not a number"),
        ({"uncertainty": -0.1}, "share above 0"),
        ({"uncertainty": "10"}, "share above 0"),
        ({"uncertainty": 0.1, "draws": 1}, "1 draws"),
        ({"actual": math.inf}, "finite"),
        ({"actual": {"tax": 1.0}}, "'tax'"),
        ({"scale": "0:10"}, "tables that are read"),
    ],
)
def test_arguments_are_checked(options: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        forecast(_table([(2.0, 5.0, 0.5), (1.0, 8.0, 0.5)]), **options)


def test_outcomes_are_read() -> None:
    assert read_actuals(["8.833"]) == {"": 8.833}
    assert read_actuals(["tax=8", "aid = 2"]) == {"tax": 8.0, "aid": 2.0}


class Said(NamedTuple):
    """What a command left."""

    code: int
    out: str
    err: str


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Return a function that runs ``virtu forecast`` in this process."""

    def call(*words: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["virtu", "forecast", *words])
        with pytest.raises(SystemExit) as left:
            cli.main()
        said = capsys.readouterr()
        return Said(int(left.value.code or 0), said.out, said.err)

    return call


def test_the_example_from_the_command_line(command: Any, tmp_path: Path) -> None:
    """One JSON object; a report that stands alone and does not run what a name says; the answer first for a person."""
    path = tmp_path / "fee.csv"
    path.write_text(EXAMPLE.read_text(encoding="utf-8").replace("Mayor", "<script>Mayor"), encoding="utf-8")
    words = (str(path), "--draws", str(FEW), "--do", "drop Greens", "--actual", "60")
    found = json.loads(command(*words, "--json", "--out", str(tmp_path / "out")).out)
    assert found["draws"] == FEW
    assert found["issues"]["position"]["positions"]["Dockers"]["position"] == {"value": 70.0, "low": 60.0, "high": 80.0}
    assert json.loads((tmp_path / "out" / "forecast.json").read_text(encoding="utf-8"))["issues"] == found["issues"]
    page = Path(found["report"]).read_text(encoding="utf-8")
    assert page.lstrip().lower().startswith("<!doctype html>")
    assert "<script" not in page
    assert "&lt;script&gt;Mayor" in page
    assert page.count("<figure>") == 4
    assert not [word for word in ("http://", "https://", "url(", "<img") if word in page.replace('xmlns="http://www.w3.org/2000/svg"', "")]
    told = command(*words)
    assert (told.code, told.err) == (0, "")
    assert "The baseline expects" in told.out.split("Forecasts on the scale")[0]
    assert "What if: drop Greens" in told.out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("no-such.csv",), "cannot be read"),
        ((str(EXAMPLE), "--do", "drop Nobody"), "Nobody"),
        ((str(EXAMPLE), "--do", "salience Mayor = 200"), "between 0 and 100"),
        ((str(EXAMPLE), "--scale", "60:70"), "outside the scale"),
        ((str(EXAMPLE), "--uncertainty", "none"), "not a number"),
        ((str(EXAMPLE), "--actual", "tax=1"), "tax"),
        ((str(EXAMPLE), "--draws", "0"), "draws"),
        ((str(EXAMPLE), "--out", str(EXAMPLE)), "--out"),
        ((), "TABLE"),
    ],
)
def test_bad_input_is_code_2(command: Any, words: tuple[str, ...], told: str) -> None:
    said = command(*words)
    assert (said.code, said.out) == (2, "")
    assert told in said.err
    assert "Traceback" not in said.err


def test_the_command_shown_gives_the_same_again(result: dict[str, Any], cars: Path) -> None:
    shown = forecast_words.command(result)
    wanted = f"--uncertainty 10% --actual 8.833 --draws {FEW} --seed 3"
    assert shown.startswith(f"virtu forecast {cars} --do nothing --do 'salience UK = 0.2'")
    assert shown.endswith(wanted)


def test_it_is_offered() -> None:
    assert virtu.forecast is forecast
