"""Fitting a scenario to facts: what can be asked of histories, quick surfaces, draws, coverage, and the whole on a small organisation."""

from __future__ import annotations

import json
import runpy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats
from typer.testing import CliRunner

from virtu.cli import app
from virtu.errors import InputError, RunError, ScenarioError
from virtu.inference import calibrate as calibrating
from virtu.inference import emulator, findings, surfaces, targets, tempering
from virtu.inference.surfaces import Design, Surfaces
from virtu.inference.targets import Target, Targets
from virtu.laboratory import designs, orders, organisation_rates, places, proposals, quantities, rates
from virtu.laboratory.compare import joined
from virtu.laboratory.quantities import Quantity
from virtu.laboratory.simulate import simulate
from virtu.scenario import load, template
from virtu.show import calibration_report, calibration_tables, calibration_words

from .hot_street import hot
from .small import TICKS, quickly, scenario

FREE = ("parameter effort = 0:0.02", "parameter grievance_gain = 0:3")
FACTS = ("hostility", "gini", "falls")


@pytest.fixture(scope="module", autouse=True)
def _compiled_once() -> Iterator[None]:
    with quickly():
        yield


def _table(folder: Path, lines: str, head: str = "measure,value,low,high,se,weight,source") -> Path:
    path = folder / "facts.csv"
    path.write_text(f"{head}\n{lines}\n", encoding="utf-8")
    return path


# what can be asked


def test_quantities_are_what_they_say() -> None:
    """A mean, a ratio of sums and a correlation, and the errors of each as many samples have them."""
    chance = np.random.default_rng(1)
    below = chance.gamma(3.0, 1.0, (400, 1, 200))
    above = 0.4 * below + chance.normal(0.0, 0.5, below.shape)
    parts = np.concatenate([above, below], axis=1)
    usual: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {
        "ratio": lambda x, y: x.sum() / y.sum(),
        "correlation": lambda x, y: np.corrcoef(x, y)[0, 1],
        "mean": lambda x, _: x.mean(),
    }
    for kind, by_hand in usual.items():
        found = quantities.estimates(Quantity("", kind, ("a", "b"), ""), parts)  # pyright: ignore[reportArgumentType]
        assert found.value[7] == pytest.approx(by_hand(above[7, 0], below[7, 0]))
        claimed = (found.influence**2).mean(axis=1) / (parts.shape[2] - 1)
        assert np.sqrt(claimed.mean()) == pytest.approx(found.value.std(), rel=0.12)


def test_a_quantity_nothing_is_at_risk_of_is_none() -> None:
    found = quantities.estimates(Quantity("", "ratio", ("a", "b"), ""), np.zeros((2, 2, 5)))
    assert np.isnan(found.value).all()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("strike", "did you mean 'strikes'"),
        ("on_top", "the measure on_top is one of a person"),
        ("strikes / fals", "did you mean 'falls'"),
        ("", "a measure is missing"),
        ("hazard coups tenure 0:1", "did you mean 'coup'"),
        ("hazard coup age 0:1", "is no rate"),
        ("hazard coup tenure 2:1", "is empty"),
        ("hazard coup tenure a:b", "expected years"),
        ("hazard coup period 1922-01:1923-01", "begins before the run"),
    ],
)
def test_a_faulty_quantity_is_refused(text: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        quantities.read(text, scenario())


def test_the_street_has_no_rates() -> None:
    with pytest.raises(InputError, match="this arena has no rates"):
        quantities.read("hazard coup tenure 0:1", hot())


def test_a_narrowed_lead_ends_no_rule_and_anothers_does() -> None:
    leader = np.array([[-1, 2, 2, -1, 2, 3, 3, -1]])
    rules = organisation_rates.incumbents(leader)
    assert rules.tolist() == [[-1, 2, 2, 2, 2, 3, 3, 3]]
    assert organisation_rates.tenures(rules).tolist() == [[0, 0, 1, 2, 3, 0, 1, 2]]


def test_rates_count_what_happened() -> None:
    """By tick of a run in which a ruler is struck down by force, and against a count by hand."""
    who = list(scenario().person_names)
    found = simulate(scenario(), 30, 5, TICKS, do=[f"move {who[1]} strike {who[0]} @ 6"])
    at_risk = organisation_rates.exits(found)
    status = found.status.values
    inside = (status >= 0) & (status <= 1)
    left = sum(inside[h, t, a] and not inside[h, t + 1 :, a].any() for h in range(30) for t in range(TICKS - 1) for a in range(len(who)))
    assert at_risk.ended.sum() == left > 0
    assert len(at_risk.history) == inside[:, :-1].sum()
    early = rates.counted({"exit": organisation_rates.RATES["exit"]}, found, scenario(), ["hazard exit tenure 0:0.5 (events)"])
    assert early["hazard exit tenure 0:0.5 (years)"][0].sum() == pytest.approx((at_risk.tenure < 6).sum() / 12)
    coups = organisation_rates.coups(found)
    rules = organisation_rates._in_office(found, organisation_rates.incumbents(found.leader.values))
    struck = (found.outcome.values[:, 6, 1] == 1) & (rules[:, 5] == 0)
    assert coups.ended[coups.tick == 5].sum() >= struck.sum()


# targets


@pytest.mark.parametrize(
    ("line", "told", "column"),
    [
        ("strikes,1,,,,,", "not said how sure", 2),
        ("strikes,1,0,2,.5,,", "an interval and a standard error", 5),
        ("strikes,1,1.5,2,,,", "does not lie inside", 3),
        ("strikes,1,,,0,,", "must be above 0", 5),
        ("strikes,1,,,.1,0,", "a weight of 0", 6),
        ("strike,1,,,.1,,", "did you mean 'strikes'", 1),
        ("strikes,1,,,.1,,\nstrikes,2,,,.1,,", "stands there twice", 1),
        ("strikes,many,,,.1,,", "is not a number", 2),
    ],
)
def test_a_faulty_target_is_placed(tmp_path: Path, line: str, told: str, column: int) -> None:
    with pytest.raises(ScenarioError, match=told) as caught:
        targets.targets_in(_table(tmp_path, line), scenario())
    assert [fault.where and fault.where.column for fault in caught.value.faults] == [column]


def test_targets_are_read(tmp_path: Path) -> None:
    """Both ways of saying how sure a number is, and weights that narrow its error."""
    found = targets.targets_in(_table(tmp_path, "strikes,1,0.5,3,,,Somebody 1999\nfalls / strikes,.4,,,.1,4,"), scenario())
    assert [one.quantity.text for one in found.rows] == ["strikes", "falls / strikes"]
    assert found.errors == pytest.approx(np.array([[0.5, 0.1 * 1.959964 / 2], [2.0, 0.1 * 1.959964 / 2]]) / 1.959964, rel=1e-5)
    assert found.rows[0].source == "Somebody 1999"
    with pytest.raises(InputError, match="no set of targets is called 'leaders'"):
        targets.path_of("leaders")


# surfaces and draws


def test_the_slopes_of_the_fit_of_a_surface_are_those_of_its_height() -> None:
    chance = np.random.default_rng(2)
    points, values = chance.random((20, 2)), chance.normal(size=20)
    given = (points, values, np.linspace(0.5, 1.5, 20), -3.0)
    log = np.array([-0.3, 0.4, -0.8, -2.0])
    by_hand = optimize.approx_fprime(log, lambda at: emulator._unlikely(at, *given)[0], 1e-6)
    assert emulator._unlikely(log, *given)[1] == pytest.approx(by_hand, rel=1e-3, abs=1e-3)


def test_a_surface_foretells_points_it_has_not_seen_as_well_as_it_says() -> None:
    chance = np.random.default_rng(3)

    def truth(at: np.ndarray) -> np.ndarray:
        return np.sin(4.0 * at[:, 0]) + at[:, 1] ** 2 * at[:, 0]

    points, new = chance.random((48, 2)), chance.random((500, 2))
    found = emulator.fitted(points, truth(points) + chance.normal(0.0, 0.05, 48), np.full(48, 0.0025))
    mean, variance = emulator.foretold(found, new)
    scaled = (truth(new) - mean) / np.sqrt(variance)
    assert np.sqrt(np.mean((truth(new) - mean) ** 2)) < 0.06
    assert np.mean(np.abs(scaled) < 1.96) > 0.85
    assert np.std(scaled) > 0.3


def test_a_flat_surface_is_flat() -> None:
    points = np.random.default_rng(0).random((16, 2))
    mean, variance = emulator.foretold(emulator.fitted(points, np.full(16, 3.0), np.zeros(16)), points)
    assert mean == pytest.approx(3.0)
    assert np.isfinite(variance).all()


@settings(max_examples=10)
@given(st.integers(1, 3), st.integers(0, 99))
def test_draws_stay_in_the_cube_and_a_flat_density_stays_flat(size: int, seed: int) -> None:
    found = tempering.draws(lambda at: np.zeros(len(at)), size, 400, np.random.default_rng(seed))
    assert found.min() >= 0.0
    assert found.max() <= 1.0
    assert stats.kstest(found[:, 0], "uniform").pvalue > 1e-6


def test_draws_follow_a_density_with_two_peaks() -> None:
    """A narrow one of a third and a wide one of two thirds of the weight, far apart."""

    def height(at: np.ndarray) -> np.ndarray:
        near = stats.norm.logpdf(at[:, 0], 0.2, 0.01) + np.log(1 / 3)
        return np.logaddexp(near, stats.norm.logpdf(at[:, 0], 0.75, 0.05) + np.log(2 / 3))

    found = tempering.draws(height, 2, 4000, np.random.default_rng(4))
    low = found[:, 0] < 0.5
    assert low.mean() == pytest.approx(1 / 3, abs=0.06)
    assert found[low, 0].std() == pytest.approx(0.01, rel=0.15)
    assert found[~low, 0].std() == pytest.approx(0.05, rel=0.15)
    assert stats.kstest(found[:, 1], "uniform").pvalue > 1e-3


# coverage


def _made_up(points: np.ndarray, histories: int, chance: np.random.Generator, own: float) -> np.ndarray:
    """Values of three quantities by point and history, shape (points, 3, histories): the histories are shared, but for a part."""
    x, y = points.T
    mean = np.stack([x + 0.3 * y, y**2 + 0.2 * x, np.sin(3.0 * x)], axis=1)[:, :, None]
    return mean + 0.8 * chance.normal(size=(1, 3, histories)) + own * chance.normal(size=(len(points), 3, histories))


def _design(points: np.ndarray, values: np.ndarray) -> Design:
    count = values.shape[2]
    influence = values - values.mean(axis=2, keepdims=True)
    together = influence.mean(axis=0)
    shared = together @ together.T / count / (count - 1)
    return Design(points, values.mean(axis=2), (influence**2).mean(axis=2) / (count - 1), shared)


def _facts(values: np.ndarray, error: float) -> Targets:
    rows = (Target(Quantity(str(place), "mean", (str(place),), ""), value, error, error, 1.0, "") for place, value in enumerate(values))
    return Targets("made up", tuple(rows))


def _ranks(broken: Callable[[Surfaces], Surfaces], count: int = 12) -> np.ndarray:
    """Share of each posterior that lies below the truth, shape (count, 2), from targets that the same model gave."""
    found = []
    for seed in range(count):
        chance = np.random.default_rng([7, seed])
        truth, error = chance.random(2), 0.05
        points = calibrating.qmc.Sobol(2, rng=chance).random(32)
        design = _design(points, _made_up(points, 60, chance, 0.3))
        exact = _made_up(truth[None], 1, np.random.default_rng(0), 0.0)[0, :, 0] - 0.8 * np.random.default_rng(0).normal(size=3)
        known = broken(surfaces.fitted(design, ["a", "b", "c"]))
        facts = _facts(exact + error * chance.normal(size=3), error)
        after = tempering.draws(lambda at, known=known, facts=facts: surfaces.log_likelihood(known, facts, at), 2, 500, chance)
        found.append((after < truth).mean(axis=0))
    return np.array(found)


def test_posteriors_cover_the_truth_and_broken_ones_do_not() -> None:
    """Shares of 24 intervals below the truth: uniform as they are, and not where the error that all points share is forgotten."""
    honest = _ranks(lambda known: known)
    assert stats.kstest(honest.ravel(), "uniform").pvalue > 0.05
    assert np.mean((honest > 0.025) & (honest < 0.975)) >= 21 / 24
    forgetful = _ranks(lambda known: known._replace(shared=np.zeros((3, 3))))
    assert stats.kstest(forgetful.ravel(), "uniform").pvalue < 0.01 or np.mean((forgetful > 0.025) & (forgetful < 0.975)) < 21 / 24


# the whole


@pytest.fixture(scope="module")
def met(tmp_path_factory: pytest.TempPathFactory) -> tuple[calibrating.Asked, calibrating.Calibration]:
    """Return a small organisation fitted to what it gave itself at known constants, with other histories."""
    small = scenario()
    given = designs.inputs(FREE, small, TICKS)
    wanted = [quantities.read(text, small) for text in FACTS]
    order = proposals.order(small, given, np.array([TRUTH]), wanted, 192, 99, TICKS)
    parts, timing = places.gathered(order, "local", None, None, None)
    told = proposals.told(order, joined(parts), small, timing)
    lines = [f"{name},{value},,,{error**0.5},," for name, value, error in zip(FACTS, told["values"][0], told["variances"][0], strict=True)]
    path = _table(tmp_path_factory.mktemp("facts"), "\n".join(lines))
    asked = calibrating.ask(small, path, FREE, 16, 2, 64, 3, TICKS)
    return asked, calibrating.calibration(asked)


TRUTH = (0.006, 1.2)


def test_known_constants_are_found_again(met: tuple[calibrating.Asked, calibrating.Calibration]) -> None:
    free = met[1].result["free"]
    for one, truth in zip(free, TRUTH, strict=True):
        assert one["low"] < truth < one["high"]
    assert max(one["contraction"] for one in free) > 0.5
    assert all(one["met"] for one in met[1].result["facts"])


def test_the_answer_is_told(met: tuple[calibrating.Asked, calibrating.Calibration], tmp_path: Path) -> None:
    """JSON without NaN, tables, words, a report with figures, and the command that gives it again."""
    asked, answer = met
    result = answer.result
    json.dumps(result, allow_nan=False)
    assert answer.draws.shape == (calibrating.DRAWS, 2)
    assert calibration_words.answer(result)[0].startswith(f"{len(FACTS)} of {len(FACTS)} facts")
    command = calibration_words.command(result)
    assert "--free 'parameter effort = 0.0:0.02'" in command
    assert f"--histories 64 --ticks {TICKS} --seed 3" in command
    page = calibration_report.write(tmp_path / "report.html", result, asked.scenario).read_text(encoding="utf-8")
    assert "Facts and model" in page
    assert page.count("<svg") == 4
    assert calibration_tables.calibration(result)


def test_a_fact_out_of_reach_is_named(met: tuple[calibrating.Asked, calibrating.Calibration]) -> None:
    """The same surfaces, with one fact that the model gives nowhere: it is missed, said to be, and the other inputs are not believed."""
    asked, answer = met
    rows = asked.targets.rows
    far = max(one["highest"] for one in answer.result["facts"] if one["measure"] == FACTS[0]) * 2.0
    wrong = asked._replace(targets=asked.targets._replace(rows=(rows[0]._replace(value=far, below=1.0, above=1.0), *rows[1:])), rounds=1)
    told = calibrating.calibration(wrong).result
    assert [one["measure"] for one in told["facts"] if not one["reachable"]] == [FACTS[0]]
    assert any("cannot reach hostility" in warning for warning in told["warnings"])
    assert told["fit"]["p"] < 1e-3
    assert any(one["pressed"] for one in told["free"])


def test_inputs_that_only_count_together_trade_off() -> None:
    chance = np.random.default_rng(5)
    first = chance.random(4000)
    after = np.stack([first, 1.0 - first + 0.05 * chance.normal(size=4000), chance.random(4000)], axis=1)
    (pair,) = findings.trade_offs(["a", "b", "c"], after)
    assert pair["inputs"] == ["a", "b"]
    assert pair["correlation"] < -0.9
    told = findings.inputs(["a", "b", "c"], after, np.zeros(3), np.ones(3))
    assert told[2]["contraction"] == pytest.approx(0.0, abs=0.1)
    assert findings.warnings(told, [], []) == [
        "the facts say next to nothing of a",
        "the facts say next to nothing of b",
        "the facts say next to nothing of c",
    ]


def test_too_few_points_with_a_result_are_refused() -> None:
    points = np.random.default_rng(0).random((16, 2))
    values = np.full((16, 1), np.nan)
    values[:4] = 1.0
    with pytest.raises(RunError, match="could be worked out at 4 of 16 points"):
        surfaces.fitted(Design(points, values, np.zeros((16, 1)), np.zeros((1, 1))), ["falls / strikes"])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"points": 48}, "points must be a power of two"),
        ({"points": 4}, "points must be a power of two from 8"),
        ({"rounds": 0}, "1 to 10 rounds"),
        ({"free": ["parameter effort = 0.02:0"]}, "must rise"),
        ({"free": ["parameter effort = 0:0.02"], "do": ["parameter effort = 0.01"]}, "set the same"),
        ({"histories": 0}, "histories must be"),
    ],
)
def test_what_cannot_be_asked_is_refused(tmp_path: Path, change: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        calibrating.ask(scenario(), _table(tmp_path, "strikes,1,,,.1,,"), **{"free": FREE, "ticks": TICKS, **change})


def test_a_faulty_range_is_placed_where_it_was_given(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--free:11"):
        calibrating.ask(scenario(), _table(tmp_path, "strikes,1,,,.1,,"), ["parameter efort = 0:1"])


# the command


def test_the_command_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rounds are kept: the same command runs nothing again and says the same, and other draws are written beside it."""
    (tmp_path / "small.yaml").write_text(scenario().text or template("small"), encoding="utf-8")
    facts = _table(tmp_path, "hostility,9,,,3,,\ngini,.2,.1,.3,,,")
    sizes = ["--points", "16", "--rounds", "2", "--histories", "20", "--ticks", str(TICKS), "--out", str(tmp_path / "out"), "--json"]
    words = ["fit", str(tmp_path / "small.yaml"), "--targets", str(facts), "--free", FREE[0], "--free", FREE[1], *sizes]
    first = CliRunner().invoke(app, words)
    assert first.exit_code == 0, first.output
    monkeypatch.setattr(orders, "run_shard", lambda *_: pytest.fail("a shard was run again"))
    again = CliRunner().invoke(app, words)
    told, retold = (json.loads(one.stdout) for one in (first, again))
    assert {key: value for key, value in told.items() if key != "timing"} == {
        key: value for key, value in retold.items() if key != "timing"
    }
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"rounds", "calibration.json", "report.html", "draws.csv"}
    shown = CliRunner().invoke(app, ["show", str(tmp_path / "out" / "rounds" / "round-2")])
    assert "a round of a calibration" in shown.output


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["ruling-group"], "is a scenario, not a table of events"),
        (["examples/two-camps.csv", "--points", "32"], "--points is about a scenario"),
        (["ruling-group", "--targets", "leaders-coups", "--from", "1900"], "--from is about a table of events"),
        (["ruling-group", "--targets", "leaders"], "no set of targets is called 'leaders'"),
        (["ruling-group", "--targets", "office-mails"], "virtu measures nothing of this kind"),
    ],
)
def test_a_muddled_command_is_refused(words: list[str], told: str) -> None:
    found = CliRunner().invoke(app, ["fit", *words])
    assert isinstance(found.exception, InputError)
    assert told in str(found.exception)


# the shipped facts


def test_shipped_facts_are_those_of_the_published_tables(data: Path) -> None:
    made = runpy.run_path(str(Path(__file__).parents[1] / "benchmarks" / "facts.py"))
    assert [one.name for one in sorted(made["SETS"])] == targets.shipped()
    for one in made["SETS"]:
        assert made["written"](one, data) == (targets.SHIPPED / f"{one.name}.csv").read_text(encoding="utf-8"), one.name


def test_shipped_facts_can_be_compared_with_what_they_name() -> None:
    for name, other in (("leaders-coups", "ruling-group"), ("politburo-exits", "politburo-1922"), ("ministers-exits", "ruling-group")):
        found = targets.targets_in(name, load(other))
        assert len(found.rows) >= 3
        assert all(one.source for one in found.rows)
