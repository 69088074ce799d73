"""``virtu infer --scenario``: the chance of a logged move is that with which it is made, and what is learnt from a log is calibrated."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from scipy.stats import chi2, norm

from virtu import cli
from virtu.errors import InputError, VirtuError
from virtu.inference import kept
from virtu.inference.logs import answer, measuring, people, replay, tempering, trial
from virtu.inference.logs.replay import IMPOSSIBLE, Replays
from virtu.inference.outside_in import Inference
from virtu.scenario import load, loads
from virtu.scenario.choices.log import FALLS, Line, Log, read_log
from virtu.scenario.vocabulary import MOVES, SELF_MOVES, traits
from virtu.show import infer_figures, infer_tables, infer_words

from .small import quickly

EXAMPLE = Path(__file__).parents[1] / "examples" / "succession-1922-1929.csv"
NAMES = ("Ada", "Ben", "Cleo", "Dan")
COUNT, SEED, TICKS = 64, 5, 5


@pytest.fixture(autouse=True, scope="module")
def _sooner() -> Iterator[None]:
    """Compile in a hurry: histories here are few and short."""
    with quickly(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept, "QUICKER", {**kept.QUICKER, "xla_backend_optimization_level": 0})
        patch.setattr(replay, "CHUNK", 32)
        yield


@pytest.fixture(scope="module")
def given() -> people.People:
    return people.people(trial.practice())


@pytest.fixture(scope="module")
def so(given: people.People) -> trial.Played:
    return trial.played(given, COUNT, SEED, TICKS)


def act(tick: int, actor: str, move: str, target: str | None = None, outcome: str = "", weight: float = 1.0, cause: str = "") -> Line:
    return Line(tick + 2, tick, actor, move, target, outcome, cause, weight, "")


def chances(given: people.People, *lines: Line, count: int = COUNT) -> np.ndarray:
    """Return the log-likelihood of lines in histories of different people and luck."""
    generator = np.random.default_rng(1)
    replays = Replays(given.scenario, lines, 3)
    lots = people.lots(given, generator.standard_normal((count, len(given.owner))))
    return replays.log_chances(lots, generator.integers(0, 2**32, (count, replays.ticks), np.uint32))


def options(actor: str) -> list[Line]:
    """Return everything somebody may do first, but for pulling back those who fell, of whom there are none yet."""
    others = [name for name in NAMES if name != actor]
    aimed = [act(0, actor, move, other) for move in MOVES if move not in (*SELF_MOVES, "rescue") for other in others]
    return [act(0, actor, move) for move in SELF_MOVES] + aimed


def test_chances_of_all_moves_sum_to_one_and_are_those_with_which_they_are_made(given: people.People, so: trial.Played) -> None:
    """Beside the moves that people make first in the histories of a run, by a chi-square test over kinds of move."""
    said = np.array([chances(given, line)[0] for line in options("Ada")])
    np.testing.assert_allclose(np.exp(said).sum(axis=0), 1.0, atol=1e-4)
    made = [line for log in so.logs for line in log.lines if line.tick == 0 and line.move != FALLS]
    assert len(made) == COUNT * len(NAMES)
    expected = np.zeros(len(MOVES))
    for name in NAMES:
        for line in options(name):
            expected[MOVES.index(line.move)] += np.exp(chances(given, line)[0]).sum()
    counted = np.bincount([MOVES.index(line.move) for line in made], minlength=len(MOVES))
    open_to = expected > 5.0
    assert chi2.sf(np.sum((counted - expected)[open_to] ** 2 / expected[open_to]), open_to.sum() - 1) > 0.001
    assert chances(given, act(0, "Ada", "rescue", "Ben")).max() < IMPOSSIBLE


def test_a_history_made_again_is_possible_and_one_with_another_end_is_not(given: people.People, so: trial.Played) -> None:
    """With its own traits and luck every line of a log can be, outcomes and falls too, and no other outcome."""
    assert so.height.min() > IMPOSSIBLE
    assert np.all(so.height < 0.0)
    asked = [line for log in so.logs for line in log.lines if line.move == "strike" and line.outcome in ("carried", "failed")]
    assert asked, "somebody strikes in some history"
    both = [chances(given, act(0, "Dan", "strike", "Ada", ending)) for ending in ("carried", "failed", "")]
    possible = [(one[0] > IMPOSSIBLE) for one in both]
    assert not np.any(possible[0] & possible[1])
    np.testing.assert_array_equal(possible[0] | possible[1], possible[2])
    np.testing.assert_allclose(both[0][0][possible[0]], both[2][0][possible[0]], rtol=1e-5)


def test_a_line_that_may_be_wrong_could_be_anything(given: people.People) -> None:
    sure, doubted = (chances(given, act(0, "Ben", "strike", "Ada", weight=weight))[0] for weight in (1.0, 0.75))
    np.testing.assert_allclose(np.exp(doubted), 0.75 * np.exp(sure) + 0.25 / (len(MOVES) * len(NAMES)), rtol=1e-4)


def test_a_natural_death_happens_as_logged_and_ends_all_moves(given: people.People) -> None:
    died = act(2, "Cleo", FALLS, outcome="dead", cause="natural_death")
    said = chances(given, act(1, "Cleo", "bide"), died, act(3, "Cleo", "bide"))
    there = said[1] > IMPOSSIBLE
    assert there.mean() > 0.9
    np.testing.assert_array_equal(said[1][there], 0.0)
    assert said[2].max() < IMPOSSIBLE


def test_ticks_of_luck_are_apart(given: people.People) -> None:
    """Other luck after a tick leaves what was before it as it was."""
    generator = np.random.default_rng(2)
    replays = Replays(given.scenario, [act(tick, "Ada", "praise", "Ben") for tick in range(4)], 3)
    lots = people.lots(given, generator.standard_normal((32, len(given.owner))))
    luck = generator.integers(0, 2**32, (2, 32, 4), np.uint32)
    luck[1, :, :2] = luck[0, :, :2]
    one, other = (replays.log_chances(lots, part) for part in luck)
    np.testing.assert_array_equal(one[:2], other[:2])
    assert np.any(one[3] != other[3])


def test_coordinates_are_the_traits_of_a_run(given: people.People) -> None:
    """What is known has its value, what is open its distribution; the two weights of empathy are of one type."""
    office = load("politburo-1922")
    found = people.people(office, {"Stalin.nerve": 0.4, "ambition": {"uniform": [0.0, 0.5]}})
    value = people.values(found, np.random.default_rng(0).standard_normal((4000, len(found.owner))))
    names, stalin = list(traits()), office.person_names.index("Stalin")
    mine = {names[trait]: value[:, place] for place, trait in enumerate(found.trait) if found.person[place] == stalin}
    assert "nerve" not in mine
    assert people.fixed(found, "Stalin") == {"nerve": 0.4}
    assert mine["diligence"].mean() == pytest.approx(0.85, abs=0.02)
    assert mine["ambition"].max() <= 0.5
    pairs = {
        (round(float(behind), 3), round(float(ahead), 3))
        for behind, ahead in zip(mine["empathy_behind"], mine["empathy_ahead"], strict=True)
    }
    assert {(-0.435, -0.145), (0.065, 0.130), (0.159, 0.463)} <= pairs
    assert "reciprocity" in mine, "what the vocabulary gives everybody alike is wider here"


# the sampler, where the answer is known


def test_histories_are_drawn_to_the_posterior() -> None:
    """Mean, spread and evidence of a normal posterior; a coordinate that nothing depends on stays as it was."""
    parts = tempering.blocks(np.array([0, 0, 1]), np.array([4, 0]))

    def height(point: np.ndarray, luck: np.ndarray) -> np.ndarray:
        return norm.logpdf(1.5, point[:, 0] + 0.5 * point[:, 1], 0.3)

    cloud = tempering.begin(height, parts, 3, 4000, 1)
    *_, cloud = tempering.towards(height, parts, cloud, 1)
    paths = []
    for _ in range(12):
        cloud = tempering.moved(height, parts, cloud, 1)
        paths.append(cloud.point)
    drawn = np.stack(paths[4:], axis=1)
    whole = 1.25 + 0.09
    assert cloud.evidence == pytest.approx(norm.logpdf(1.5, 0.0, np.sqrt(whole)), abs=0.1)
    expected = np.array([1.5 / whole, 0.75 / whole, 0.0])
    variance = np.array([1.0 - 1.0 / whole, 1.0 - 0.25 / whole, 1.0])
    np.testing.assert_allclose(drawn.mean(axis=(0, 1)), expected, atol=0.1)
    np.testing.assert_allclose(drawn.var(axis=(0, 1)), variance, atol=0.08)
    effective = tempering.effective(drawn, cloud.family)
    assert np.all((effective > 100.0) & (effective < drawn.shape[0] * drawn.shape[1]))


def test_what_bars_nearly_everything_is_found() -> None:
    """Of a region with a chance of two in a thousand, luck and traits together, hardly any history is in it at first."""
    parts = tempering.blocks(np.array([0, 0]), np.array([4]))

    def height(point: np.ndarray, luck: np.ndarray) -> np.ndarray:
        barred = np.stack([point[:, 0] < 1.0, point[:, 1] < 1.0, luck[:, 1] > 2**28])
        return np.where(barred, measuring.BARRED, 0.0).sum(axis=0)

    cloud = tempering.begin(height, parts, 3, 1000, 4)
    assert np.mean(cloud.height == 0.0) < 0.01
    *_, cloud = tempering.towards(height, parts, cloud, 4)
    assert np.all(cloud.height == 0.0)
    assert cloud.evidence == pytest.approx(np.log(norm.sf(1.0) ** 2 / 16.0), abs=0.5)


def test_copies_count_once() -> None:
    generator = np.random.default_rng(3)
    independent = generator.standard_normal((400, 1, 1))
    copied = np.repeat(independent[:100], 4, axis=0)
    assert tempering.effective(independent, np.arange(400))[0] == pytest.approx(400, rel=0.3)
    assert tempering.effective(copied, np.repeat(np.arange(100), 4))[0] == pytest.approx(100, rel=0.4)
    assert tempering.effective(independent, np.zeros(400, int))[0] == 1.0


# calibration


def test_ranks_are_uniform_and_a_broken_likelihood_is_found_out(
    given: people.People, so: trial.Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Simulation-based calibration on short logs; where chances are taken for four times as sharp as they are it fails."""
    monkeypatch.setattr(measuring, "ROUNDS", 3)
    monkeypatch.setattr(measuring, "BURNT", 1)
    right = _trial(given, so, 16)
    true = Replays.log_chances
    monkeypatch.setattr(Replays, "log_chances", lambda self, *where: 4.0 * true(self, *where))
    wrong = _trial(given, so, 8)
    assert min(one.p for one in right) > 0.0005  # the least of nineteen
    assert {one.trait: one.p for one in wrong}[trial.LIKELIHOOD] < 1e-6
    assert 0.9 < np.mean([one.coverage[1] for one in right]) < 0.99


def _trial(given: people.People, so: trial.Played, count: int) -> list[Any]:
    learnt = [measuring.learn(given, log, count=32, seed=100 + number) for number, log in enumerate(so.logs[:count])]
    return trial.compared(given, so, learnt, 1)


# logs


HEAD = "tick,actor,move,target,outcome,weight"


def _log(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ((HEAD, "0,Ada,praise,Bne,,"), "log.csv:2:4: council-of-four knows nobody called 'Bne' (did you mean 'Ben'?)"),
        ((HEAD, "0,Adda,praise,Ben,,"), "log.csv:2:2: council-of-four knows nobody called 'Adda'"),
        ((HEAD, "0,Ada,prase,Ben,,"), "log.csv:2:3: unknown move 'prase' (did you mean 'praise'?)"),
        ((HEAD, "0,Ada,strike,,,"), "log.csv:2:4: strike needs a target"),
        ((HEAD, "0,Ada,bide,Ben,,"), "log.csv:2:4: bide takes no target, found Ben"),
        ((HEAD, "0,Ada,shun,Ada,,"), "log.csv:2:4: Ada cannot shun Ada"),
        ((HEAD, "0,Ada,shun,Ben,carried,"), "log.csv:2:5: 'carried' is no outcome of shun"),
        ((HEAD, "0,Ada,falls,,dead:fever,"), "log.csv:2:5: 'fever' is no cause of a fall"),
        ((HEAD, "24,Ada,bide,,,"), "log.csv:2:1: 24 lies outside council-of-four (it runs from t0 to t23)"),
        ((HEAD, "soon,Ada,bide,,,"), "log.csv:2:1: 'soon' is not a date"),
        ((HEAD, "3,Ada,bide,,,", "2,Ben,bide,,,"), "log.csv:3:1: the line lies before the one above it"),
        ((HEAD, "3,Ada,bide,,,", "3,Ada,shun,Ben,,"), "log.csv:3:2: Ada moves in line 2 already, in the same tick"),
        ((HEAD, "3,Ada,falls,,dead,", "4,Ben,praise,Ada,,"), "log.csv:3:4: Ada is dead since line 2"),
        ((HEAD, "3,Ada,falls,,out_of_office,", "4,Ada,bide,,,"), "log.csv:3:2: Ada is out of office since line 2"),
        ((HEAD, "0,Ada,bide,,,1.5"), "log.csv:2:6: weight must be 1e-06 to 1, not 1.5"),
        (("actor,move", "Ada,bide"), "the log says no time"),
        ((HEAD + ",history", "0,Ada,bide,,,,1", "0,Ada,bide,,,,2"), "the log holds 2 histories (name one with --history)"),
    ],
)
def test_faults_are_placed(tmp_path: Path, lines: tuple[str, ...], told: str) -> None:
    with pytest.raises(InputError) as error:
        read_log(_log(tmp_path / "log.csv", *lines), trial.practice())
    assert told in str(error.value)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        read_log(_log(tmp_path / "log.csv", HEAD, "0,Adda,jump,Bne,,", "99,Ada,shun,Ada,,"), trial.practice())
    assert str(error.value).count("log.csv:") == 5


def test_those_who_cannot_be_there_are_named(tmp_path: Path) -> None:
    """After the founder's death, and without a place ever."""
    office = loads(json.dumps({**json.loads(load("politburo-1922").canonical)}))
    path = _log(tmp_path / "log.csv", "date,actor,move,target", "1924-02,Lenin,praise,Stalin", "1924-03-05,Stalin,praise,Lenin")
    with pytest.raises(InputError) as error:
        read_log(path, office)
    assert "log.csv:2:2: Lenin dies in 1924-01" in str(error.value)
    assert "log.csv:3:4: Lenin dies in 1924-01" in str(error.value)


def test_the_chronicle_can_be_read() -> None:
    """Every line has a source, and its dates fall into the months of the scenario."""
    log = read_log(EXAMPLE, load("politburo-1922"))
    assert all(line.source and 0.0 < line.weight < 1.0 for line in log.lines)
    assert [line.tick for line in log.lines if line.actor == "Bukharin"] == [75, 77]


def test_the_log_of_a_run_can_be_read(so: trial.Played, given: people.People, tmp_path: Path) -> None:
    """The log that a run writes is one that can be inferred from, one history at a time."""
    lines = so.logs[3].lines
    text = [f"3,{one.tick},{one.actor},{one.move},{one.target or ''},{_ending(one)}" for one in lines]
    path = _log(tmp_path / "log.csv", "history,tick,actor,move,target,outcome", "2,0,Ada,bide,,", *text)
    again = read_log(path, given.scenario, history=3).lines
    assert [one[1:] for one in again] == [one[1:] for one in lines]


def _ending(line: Line) -> str:
    return ":".join(filter(None, (line.outcome, line.cause)))


# the answer


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = ["0,Dan,denounce,Ada,,1", "1,Dan,strike,Ada,,0.9", "1,Ben,protect,Ada,,1", "2,Ben,cultivate,Ada,,1", "3,Dan,bide,,,1"]
    return _log(tmp_path_factory.mktemp("log") / "log.csv", HEAD, *rows)


@pytest.fixture(scope="module")
def found(path: Path) -> Inference:
    return answer.inference(path, trial.practice(), histories=32, seed=1)


def test_the_answer_says_what_is_known_and_what_not(found: Inference) -> None:
    result = found.result
    json.dumps(result, allow_nan=False)
    assert list(result["people"]) == ["Dan", "Ben"]
    dan = result["people"]["Dan"]
    assert dan["choices"] == 3
    assert set(dan["traits"]) == set(traits())
    assert sum(dan["types"].values()) == pytest.approx(1.0)
    assert {name for name, one in dan["traits"].items() if one["contraction"] < 0.1} <= set(dan["unknown"])
    assert "loyalty" in dan["unknown"]
    assert [one["line"] for one in result["lines"]] == [2, 3, 4, 5, 6]
    assert all(0.0 <= one["chance"] <= 1.0 for one in result["lines"])
    assert infer_words.command(result) == f"virtu infer {result['table']} --scenario council-of-four --histories 32 --seed 1"


def test_the_same_question_has_the_same_answer_and_an_interrupted_one_goes_on(path: Path, found: Inference, tmp_path: Path) -> None:
    told: list[float] = []

    def stop(share: float, _: str) -> None:
        told.append(share)
        if share > 0.7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        answer.inference(path, trial.practice(), histories=32, seed=1, folder=tmp_path, progress=stop)
    assert (tmp_path / measuring.KEPT).is_file()
    again = answer.inference(path, trial.practice(), histories=32, seed=1, folder=tmp_path, progress=lambda share, _: told.append(share))
    assert not (tmp_path / measuring.KEPT).exists()
    assert told == sorted(told)
    assert again.result["people"] == found.result["people"]
    other = answer.inference(path, trial.practice(), histories=32, seed=-2)
    assert other.result["people"] != found.result["people"]


def test_figures_tables_and_draws_show_the_answer(found: Inference, tmp_path: Path) -> None:
    from virtu.inference import export

    for draw in (infer_figures.densities, infer_figures.chart, infer_figures.correlations):
        assert "95\u00a0%" in " ".join(draw(found.result, 680).to_dict()["title"]["subtitle"])
    assert infer_tables.inference(found.result)
    with xr.open_datatree(export.write(tmp_path / "draws.nc", found), engine="h5netcdf") as tree:
        assert tree["posterior"]["nerve"].dims == ("chain", "draw", "person")
        assert tree["prior"]["nerve"].dims == ("chain", "draw", "person")
        assert tree["observed_data"]["tick"].shape == (2, 3)


def test_an_impossible_log_is_refused_with_its_lines(given: people.People) -> None:
    log = Log("log.csv", (act(0, "Ada", "bide"), act(1, "Ada", "rescue", "Ben")))
    with pytest.raises(InputError) as error:
        measuring.learn(given, log, count=16, seed=0)
    assert "log.csv:3" in str(error.value)
    assert "line 3 in 0%" in str(error.value)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"who": "Cleo"}, "nobody who acts in the log is called 'Cleo'"),
        ({"histories": 4}, "from 16 to 100,000"),
        ({"prior": {"Adda.nerve": 0.3}}, "knows nobody called 'Adda'"),
        ({"prior": {"nerves": 0.3}}, "did you mean 'nerve'?"),
        ({"prior": {"nerve": 3.0}}, "the prior of nerve"),
        ({"do": ["off nonsense"]}, "unknown mechanism"),
        ({"scenario": "two-camps"}, "a scenario of the street"),
    ],
)
def test_options_are_checked(path: Path, options: dict[str, Any], told: str) -> None:
    with pytest.raises(VirtuError) as error:
        answer.inference(path, **{"scenario": trial.practice(), **options})
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ((), "name either a game or a scenario"),
        (("--game", "trust", "--scenario", "politburo-1922"), "name either a game or a scenario"),
        (("--scenario", "politburo-1922", "--next"), "--next goes with --game"),
        (("--game", "trust", "--history", "1"), "--history goes with --scenario"),
        (("--scenario", "council.yaml"), "log.csv:2:2"),
    ],
)
def test_the_command_line_refuses_what_does_not_go_together(
    tmp_path: Path, options: tuple[str, ...], told: str, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    _log(tmp_path / "council.yaml", json.dumps(trial.COUNCIL))
    _log(tmp_path / "log.csv", HEAD, "0,Adda,bide,,,")
    monkeypatch.setattr(sys, "argv", ["virtu", "infer", "log.csv", *options])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    assert told in capsys.readouterr().err
