"""Attribution: Shapley values that are right, add up, and have intervals that cover; factors that mean what they say."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from virtu import cli
from virtu.errors import InputError
from virtu.laboratory import factors, shapley, trials
from virtu.laboratory import why as asking
from virtu.laboratory.why import why
from virtu.record import sequential, statistics
from virtu.scenario import Scenario, load, template
from virtu.scenario.vocabulary import traits
from virtu.show import reasons

from .small import CHUNK, TICKS, content, quickly, scenario

FACTORS = ("post deputy-administration", "work", "trait Berg.diligence", "tie Berg -> Okafor trust")


@pytest.fixture(autouse=True, scope="module")
def _small_blocks() -> Iterator[None]:
    with quickly(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(asking, "BLOCK", CHUNK)
        yield


# games


def play(values: np.ndarray) -> shapley.Game:
    """Return the game in which a coalition has a value, the same in the one history there is."""
    return lambda coalition: values[coalition : coalition + 1]


def by_orders(values: np.ndarray, count: int) -> np.ndarray:
    """Return Shapley values by their definition: the mean gain over all orders."""
    gains = np.zeros(count)
    orders = list(permutations(range(count)))
    for order in orders:
        coalition = 0
        for factor in order:
            gains[factor] += values[coalition | 1 << factor] - values[coalition]
            coalition |= 1 << factor
    return gains / len(orders)


def test_the_glove_game() -> None:
    """One left glove and two right ones: the left is worth 2/3, each right one 1/6 (Shapley 1953; a textbook case)."""
    values = np.array([float(bool(coalition & 1) and coalition > 1) for coalition in range(8)])
    assert shapley.exact(play(values), 3).gains[0] == pytest.approx([2 / 3, 1 / 6, 1 / 6])


@pytest.mark.parametrize("count", [1, 2, 5])
def test_exact_values_are_means_over_all_orders(count: int) -> None:
    """And add up; and so do the mean gains along orders and their reverses, over all orders."""
    values = np.random.default_rng(count).normal(size=2**count)
    found = shapley.exact(play(values), count)
    assert found.gains[0] == pytest.approx(by_orders(values, count))
    assert found.gains.sum() == pytest.approx(values[-1] - values[0])
    orders = [np.array(order) for order in permutations(range(count))]
    sampled = np.mean([shapley.sampled(play(values), count, order).gains[0] for order in orders], axis=0)
    assert sampled == pytest.approx(by_orders(values, count))


def test_what_never_matters_gets_nothing_and_equals_get_the_same() -> None:
    """Factor 2 is in no coalition's value, 0 and 1 can be exchanged."""
    values = np.array([float((coalition & 1) + (coalition >> 1 & 1)) ** 2 for coalition in range(8)])
    assert shapley.exact(play(values), 3).gains[0] == pytest.approx([2.0, 2.0, 0.0])


def test_reversed_orders_reduce_variance() -> None:
    """In a game of pairs an order and its reverse give the value itself, while single orders vary."""
    pairs = np.triu(np.random.default_rng(1).normal(size=(5, 5)))
    inside = np.arange(32)[:, None] >> np.arange(5) & 1
    values = np.einsum("ci,ij,cj->c", inside, pairs, inside)
    orders = [shapley.order(5, 3, block) for block in range(20)]
    exact = by_orders(values, 5)
    found = [shapley.sampled(play(values), 5, order).gains[0] for order in orders]
    assert np.array(found) == pytest.approx(np.tile(exact, (20, 1)))
    single = [shapley._along(play(values), {0: values[:1], 31: values[31:]}, order)[:, 0] for order in orders]
    assert np.std(single, axis=0).max() > 0.5


def test_orders_are_a_function_of_seed_and_block() -> None:
    """All orders come up alike; another seed gives others; a negative seed is one too."""
    drawn = [tuple(shapley.order(3, 7, block)) for block in range(1200)]
    assert drawn == [tuple(shapley.order(3, 7, block)) for block in range(1200)]
    assert drawn[:40] != [tuple(shapley.order(3, -7, block)) for block in range(40)]
    counts = np.array([drawn.count(order) for order in permutations(range(3))])
    assert ((counts - 200) ** 2 / 200).sum() < 20.5  # 99.9 % of chi-square with five degrees of freedom


def coverage(intervals: list[dict[str, Any]], truth: float, narrow: float = 1.0) -> float:
    """Return the share of intervals that cover the truth, after narrowing them round their middle."""
    return float(np.mean([abs(one["mean"] - truth) <= narrow * (one["high"] - one["mean"]) for one in intervals]))


class Noisy:
    """Experiments on a game of four factors in which every pair matters, with luck of its own in each history."""

    def __init__(self, blocks: int) -> None:
        random = np.random.default_rng(5)
        self.blocks, self.values, self.spread = blocks, random.normal(size=16), random.normal(size=16)
        self.truth = by_orders(self.values, 4)

    def gains(self, number: int) -> np.ndarray:
        """Return the gains of all blocks of an experiment, shape (blocks, 4)."""
        luck = np.random.default_rng([9, number]).normal(size=(self.blocks, 8))
        return np.concatenate([self._block(luck[block], number * self.blocks + block) for block in range(self.blocks)])

    def _block(self, luck: np.ndarray, block: int) -> np.ndarray:
        def value(coalition: int) -> np.ndarray:
            return self.values[coalition] + 4.0 * self.spread[coalition] * luck

        return shapley.sampled(value, 4, shapley.order(4, 0, block)).gains


def test_intervals_of_sampled_attributions_cover() -> None:
    """In 1,000 experiments of 16 blocks 93 to 97 % hold the value, chance and orders together; Student's, where normal ones fall short."""
    noisy = Noisy(16)
    found = np.stack([noisy.gains(number) for number in range(1000)])

    def covered(factor: int, narrow: float = 1.0) -> float:
        return coverage([statistics.mean_of_few(gains[:, factor]) for gains in found], noisy.truth[factor], narrow)

    assert all(0.93 <= covered(factor) <= 0.97 for factor in range(4))
    assert covered(0, narrow=0.5) < 0.8


def test_intervals_cover_where_the_run_stops_itself() -> None:
    """Stopped as soon as all four are narrow, at least 95 % hold the value: more, as they are valid whenever one looks."""
    noisy, rule = Noisy(60), sequential.Until(0.8)
    hits, stopped = [], []
    for number in range(300):
        gains = noisy.gains(number)
        ready = (
            count for count in range(16, 61) if all(sequential.is_narrow(one, rule, planned=64, different=0) for one in gains[:count].T)
        )
        count = next(ready, 60)
        stopped.append(count)
        for factor, truth in enumerate(noisy.truth):
            one = sequential.interval(gains[:count, factor], planned=64)
            hits.append(one["low"] <= truth <= one["high"])
    assert np.mean(hits) >= 0.95
    assert 16 < np.mean(stopped) < 60


# factors


def test_the_usual_factors_of_the_general_secretary() -> None:
    """What the file says of him beyond the ordinary, his post, ties both ways, and what his position draws on."""
    found = {one.name: one for one in factors.usual(load("politburo-1922"), "Stalin")}
    assert list(found) == [
        *(f"trait Stalin.{name}" for name in ("retention", "nerve", "diligence", "display", "hardness")),
        "post general-secretary",
        "ties to Stalin",
        "ties of Stalin",
        *("patronage", "work", "founder"),
    ]
    assert str(found["trait Stalin.nerve"].neutral[0]) == "trait Stalin.nerve = 0.5"
    assert str(found["post general-secretary"].neutral[0]) == "post general-secretary = nobody"
    ties = [str(one) for one in found["ties to Stalin"].neutral]
    assert "tie Molotov -> Stalin dependence = 0 @ 1922-04" in ties
    assert "tie Trotsky -> Stalin grievance = 0 @ 1922-04" in ties  # stated as mutual from Trotsky's side
    assert not any("Kirov" in tie for tie in ties)  # not there yet
    assert len(ties) == len(set(ties))


def test_a_trait_like_everybodys_does_not_stand_out() -> None:
    """Nor does one the population of the scenario shares; neutral is the population's median."""
    actors = content()["actors"]
    actors["Berg"] = {**actors["Berg"], "traits": {"diligence": 0.9, "nerve": 0.55}}
    found = scenario(actors=actors, population={"diligence": 0.9, "competence": {"uniform": [0.2, 0.4]}})
    names = [one.name for one in factors.usual(found, "Berg")]
    assert not [name for name in names if name.startswith("trait")]
    assert str(factors.chosen(["trait Berg.competence"], found)[0].neutral[0]) == "trait Berg.competence = 0.3"


def test_every_usual_factor_can_be_written(small: Scenario) -> None:
    """The text of a factor reads back as the same factor."""
    for found, who in ((small, "Berg"), (load("editorial-office"), "Brandt"), (load("politburo-1922"), "Lenin")):
        usual = factors.usual(found, who)
        assert factors.chosen([one.text for one in usual], found) == usual


def test_a_factor_with_a_name_of_its_own(small: Scenario) -> None:
    """Several interventions are one factor; what stands in quotes or after @ is no name."""
    (found,) = factors.chosen(["Berg's gifts: trait Berg.nerve = 0.2; trait Berg.ambition = 0.2 @ 3"], small)
    assert found.name == "Berg's gifts"
    assert [str(one) for one in found.neutral] == ["trait Berg.nerve = 0.2", "trait Berg.ambition = 0.2 @ 2001-04"]
    assert "ambition is set to 0.2 from 2001-04 on" in found.meaning


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (["trait Borg.nerve"], "Borg"),
        (["trait Berg.nerv"], "nerv"),
        (["post deputy-reserch"], "deputy-research"),
        (["ties to Borg"], "Berg"),
        (["ties to Eriksen"], "no ties to Eriksen"),
        (["patronag"], "patronag"),
        (["tie Berg -> Berg trust"], "two different persons"),
        (["work", "off work"], "cannot be neutral together"),
        (["trait Berg.nerve", "x: trait Berg.nerve = 0.2"], "cannot be neutral together"),
    ],
)
def test_a_factor_at_fault_is_refused(small: Scenario, texts: list[str], told: str) -> None:
    """With what is wrong, and with what."""
    with pytest.raises(InputError, match=told) as caught:
        factors.chosen(texts, small)
    assert "factor" in str(caught.value)


# the model


@pytest.fixture(scope="module")
def small() -> Scenario:
    """Return the small organisation."""
    return scenario()


def ask(**arguments: Any) -> dict[str, Any]:
    """Ask why Berg has the share of strength he has."""
    given = {"measure": "share:Berg", "factors": FACTORS, "histories": 6 * CHUNK, "ticks": TICKS, "workers": 2, **arguments}
    return why(scenario(), "Berg", **given)


@pytest.fixture(scope="module")
def exact() -> dict[str, Any]:
    """Return the attribution from all coalitions."""
    return ask()


@pytest.fixture(scope="module")
def sampled() -> dict[str, Any]:
    """Return the attribution from sampled orders."""
    return ask(method="sampled")


def mean(value: dict[str, Any]) -> float:
    """Return what a factor contributes."""
    return value["attribution"]["mean"]


def test_attributions_add_up(exact: dict[str, Any], sampled: dict[str, Any]) -> None:
    """To the difference between as it is and neutral, and this is what a run of both gives."""
    for found in (exact, sampled):
        assert sum(map(mean, found["factors"])) == pytest.approx(found["total"]["mean"], abs=1e-12)
        assert found["total"]["mean"] == pytest.approx(found["as_it_is"]["mean"] - found["neutral"]["mean"], abs=1e-12)
    small = scenario()
    done = [one for factor in factors.chosen(FACTORS, small) for one in factor.neutral]
    trial = trials.prepare(small, [done], 6 * CHUNK, 0, TICKS, CHUNK)
    ends = [trials.measured(trial, trials.agenda(trial, arm), 0, 6 * CHUNK)["share:Berg"].mean() for arm in ([], done)]
    assert ends == pytest.approx([exact["as_it_is"]["mean"], exact["neutral"]["mean"]])
    assert exact["total"]["mean"] > 0.05  # not an equality of nothing


def test_sampled_agrees_with_exact(exact: dict[str, Any], sampled: dict[str, Any]) -> None:
    """On four factors within three standard errors, in each."""
    assert (exact["method"], sampled["method"]) == ("exact", "sampled")
    assert (exact["runs"], sampled["runs"]) == (16 * 6 * CHUNK, 8 * 6 * CHUNK)
    for one, other in zip(exact["factors"], sampled["factors"], strict=True):
        error = np.hypot(one["attribution"]["error"], other["attribution"]["error"])
        assert abs(mean(one) - mean(other)) <= 3.0 * error
    assert max(one["attribution"]["error"] for one in sampled["factors"]) > 0.0


def test_workers_change_nothing(sampled: dict[str, Any]) -> None:
    """One worker or two, the numbers are the same to the last bit."""
    again = ask(method="sampled", workers=1)
    assert [one["attribution"] for one in again["factors"]] == [one["attribution"] for one in sampled["factors"]]


def test_it_stops_when_it_is_narrow_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before all histories are run, at the same block whatever the workers; and says so where it is not reached."""
    monkeypatch.setattr(asking, "FEWEST_BLOCKS", 2)
    found = [ask(method="sampled", until="half-width 0.2", workers=workers) for workers in (1, 2)]
    assert found[0]["until"] == {"rule": "half-width 0.2", "reached": True}
    assert CHUNK < found[0]["histories"] < 6 * CHUNK
    assert found[0]["factors"] == found[1]["factors"]
    assert all(one["attribution"]["high"] - mean(one) <= 0.2 for one in found[0]["factors"])
    assert ask(until="half-width 1e-6", histories=CHUNK)["until"]["reached"] is False


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"measure": "luck"}, "luck"),
        ({"measure": "share:Borg"}, "Borg"),
        ({"until": "soon"}, "half-width"),
        ({"until": "half-width 0"}, "half-width"),
        ({"histories": 0}, "histories"),
        ({"method": "exact", "factors": [f"trait Eriksen.{name}" for name in list(traits())[:13]]}, "at most 12"),
    ],
)
def test_arguments_at_fault_are_refused(arguments: dict[str, Any], told: str) -> None:
    """Before anything is run."""
    with pytest.raises(InputError, match=told):
        ask(**arguments)


def test_nobody_by_that_name() -> None:
    with pytest.raises(InputError, match="did you mean 'Berg'"):
        why(scenario(), "Borg")


# the command line


def test_the_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """One JSON object, a file and a page; a table for a person; faults with code 2 and before the run."""
    (tmp_path / "small.yaml").write_text(template("small"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    few = ("--measure", "share:Berg", "-n", str(CHUNK), "--ticks", str(TICKS), "--workers", "1", "--factor", "work")

    def call(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["virtu", "why", "small.yaml", *words])
        with pytest.raises(SystemExit) as left:
            cli.main()
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    code, out, _ = call("--who", "Berg", *few, "--json", "--out", "results")
    assert code == 0
    assert json.loads(out)["factors"][0]["neutral"] == ["off work"]
    assert json.loads(Path("results/why.json").read_text(encoding="utf-8"))["total"] == json.loads(out)["total"]
    page = Path("results/report.html").read_text(encoding="utf-8")
    assert "virtu why small" in page
    assert "<svg" in page
    assert "together" in call("--who", "Berg", *few)[1]
    for words, told in ((("--who", "Borg", *few), "Borg"), (("--who", "Berg", *few, "--method", "guess"), "guess")):
        code, out, err = call(*words)
        assert (code, out) == (2, "")
        assert told in err
    Path("results/why.json").rename("results/run.json")
    assert call("--who", "Berg", *few, "--out", "results")[0] == 2


# shown


def test_it_is_told(exact: dict[str, Any]) -> None:
    """Rows with the most important first and the sum last, a sentence with what contributes most, JSON without NaN."""
    json.dumps(exact, allow_nan=False)
    rows = reasons.reasons(exact)
    most = max(exact["factors"], key=lambda one: abs(mean(one)))
    assert rows[0].factor == most["factor"]
    assert rows[-1].factor == reasons.SUM
    assert most["factor"] in reasons.answer(exact)
    assert "--factor" in reasons.command(exact)
    drawn = reasons.attribution(exact).to_dict(validate=False)
    assert "Berg" in " ".join(drawn["title"]["text"])
