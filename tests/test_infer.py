"""``virtu infer``: choices become posteriors that are right, reported whole, and refused with their place where a table is at fault."""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
import xarray as xr
from scipy.stats import binomtest

import virtu
from virtu import cli
from virtu.errors import InputError, VirtuError
from virtu.inference import laplace, posterior, priors
from virtu.inference.outside_in import Inference, inference
from virtu.inference.probes import FAMILIES, dictator, matching_pennies, matrix, sessions, trust
from virtu.inference.probes.likelihood import likelihood
from virtu.inference.probes.measuring import thorough
from virtu.inference.probes.trial import trial
from virtu.laboratory.validation import k_tom as k_tom_sessions
from virtu.minds import k_tom
from virtu.scenario.choices import GAMES, read
from virtu.show import infer_figures, infer_tables, infer_words

EXAMPLES = Path(__file__).parents[1] / "examples"
TABLES = {"dictator": "dividing.csv", "matching-pennies": "pennies.csv", "matrix": "games.csv", "trust": "lending.csv"}
TRUE = {
    "Ada": {"empathy_behind": 0.16, "empathy_ahead": 0.46, "reciprocity": 0.07, "vengefulness": 0.04, "choice_precision": 5.0},
    "Ben": {"empathy_behind": -0.43, "empathy_ahead": -0.15, "reciprocity": 0.07, "vengefulness": 0.20, "choice_precision": 5.0},
}
"""From what the example was drawn."""


@pytest.fixture(scope="module")
def found() -> Inference:
    return inference(EXAMPLES / TABLES["dictator"], "dictator", suggest=True)


def test_intervals_hold_what_the_example_was_drawn_from(found: Inference) -> None:
    """Of ten true values at least nine lie in their intervals, and the types are those of Ada and Ben."""
    people = found.result["people"]
    inside = [
        people[who]["traits"][trait]["low"] < value < people[who]["traits"][trait]["high"]
        for who in TRUE
        for trait, value in TRUE[who].items()
    ]
    assert sum(inside) >= 9
    assert people["Ada"]["types"]["strongly altruistic"] > 0.9
    assert people["Ben"]["types"]["behindness averse"] > 0.9
    assert people["Ada"]["traits"]["empathy_ahead"]["contraction"] > 0.8


def test_the_answer_is_json_repeatable_and_its_probes_are_in_order(found: Inference) -> None:
    json.dumps(found.result, allow_nan=False)
    again = virtu.infer(EXAMPLES / TABLES["dictator"], "dictator", suggest=True)
    assert {**again, "seconds": 0} == {**found.result, "seconds": 0}
    bits = [one["bits"] for one in again["next"]]
    assert bits == sorted(bits, reverse=True)
    assert 0.0 < bits[0] <= 1.0, "a choice between two tells at most a bit"
    assert virtu.infer(EXAMPLES / TABLES["dictator"], "dictator", seed=1)["people"] != again["people"]


def test_one_person_is_the_same_alone(found: Inference) -> None:
    alone = virtu.infer(EXAMPLES / TABLES["dictator"], "dictator", who="Ben")["people"]
    assert list(alone) == ["Ben"]
    for trait, value in alone["Ben"]["traits"].items():
        among = found.result["people"]["Ben"]["traits"][trait]
        assert value["mean"] == pytest.approx(among["mean"], abs=0.2 * among["sd"])


def test_levels_of_reasoning_are_found() -> None:
    people = virtu.infer(EXAMPLES / TABLES["matching-pennies"], "matching-pennies")["people"]
    assert [max(people[who]["levels"], key=people[who]["levels"].get) for who in ("Nils", "Ona", "Pia")] == [
        "level 0",
        "level 1",
        "level 2",
    ]


def test_the_quick_answer_is_the_posterior() -> None:
    """Mean, spread and evidence equal those of the posterior summed up on a grid, where two traits are open."""
    table = read(EXAMPLES / TABLES["dictator"], GAMES["dictator"], "table of choices")
    session = sessions.read("dictator", table, "Ada")
    known = {"empathy_behind": 0.1, "reciprocity": 0.07, "vengefulness": 0.04}
    prior = priors.prior(dictator.asked(session.answers), known)
    evaluate = likelihood(FAMILIES["dictator"], prior, session.answers)
    peak = laplace.climb(evaluate, prior, 1, 1)
    draws = laplace.draw(evaluate, prior, peak, 1, np.random.default_rng(0))
    ticks = np.linspace(-5.0, 9.0, 281)
    grid = np.stack(np.meshgrid(ticks, ticks, indexing="ij"), axis=-1).reshape(1, -1, 2).astype(np.float32)
    log_weight = evaluate(grid)[0, :, 0] + np.asarray(priors.log_density(prior, jnp.asarray(grid[0])))
    weight = np.exp(log_weight - log_weight.max())
    expected = posterior.values(prior, grid)[0]
    mean = weight @ expected / weight.sum()
    deviation = np.sqrt(weight @ (expected - mean) ** 2 / weight.sum())
    drawn = posterior.values(prior, draws.point)[0]
    ours = draws.weight[0] @ drawn
    assert (np.abs(ours - mean) < 0.15 * deviation).all()
    np.testing.assert_allclose(np.sqrt(draws.weight[0] @ (drawn - ours) ** 2), deviation, rtol=0.1)
    evidence = np.log(weight.sum()) + log_weight.max() + 2 * np.log(ticks[1] - ticks[0]) - np.log(2.0 * np.pi)
    assert draws.log_evidence[0] == pytest.approx(evidence, abs=0.1)
    assert peak.log_evidence[0] == pytest.approx(evidence, abs=0.3)


@pytest.mark.slow
def test_the_two_samplers_agree(found: Inference) -> None:
    learnt = thorough(FAMILIES["dictator"], found.session)
    assert learnt.agreement is not None
    assert learnt.agreement < 1.05
    quick, slow = found.posterior.value, learnt.posterior.value
    assert (np.abs(quick.mean(axis=1) - slow.mean(axis=1)) < 0.25 * slow.std(axis=1)).all()
    np.testing.assert_allclose(quick.std(axis=1), slow.std(axis=1), rtol=0.25)


def test_ranks_are_uniform_and_a_broken_likelihood_is_found_out() -> None:
    """Simulation-based calibration; with choices taken for three times as precise as they are it fails."""
    family = FAMILIES["dictator"]

    def sharper(values: Any, answers: Any, levels: tuple[int, ...] = (0,)) -> Any:
        return dictator.log_likelihood({**values, "choice_precision": 3.0 * values["choice_precision"]}, answers, levels)

    broken = family._replace(name="broken", log_likelihood=sharper)
    right, wrong = trial(family, 160, 3), trial(family, 160, 3, broken)
    assert min(one.p for one in right.traits) > 0.002  # the least of five
    assert min(one.p for one in wrong.traits) < 1e-6
    told = {one.trait: one for one in right.traits}
    assert told["empathy_ahead"].correlation > 0.8
    assert 0.89 < np.mean([one.coverage[1] for one in right.traits]) < 0.99


def test_a_series_of_rounds_has_the_chance_of_its_rounds() -> None:
    """The likelihood in matching pennies is the product of the chances with which a k-ToM makes each choice, whatever its seat."""
    table = read(EXAMPLES / TABLES["matching-pennies"], GAMES["matching-pennies"], "table of choices")
    answers = sessions.read("matching-pennies", table, "Ona").answers
    for seat in (0.0, 1.0):
        given = answers._replace(seat=np.array([seat], np.float32))
        values = {"volatility": -1.0, "temperature": -0.5, "bias": 0.2}
        player, game = k_tom.player(1, -1.0, -0.5, 0.2), matching_pennies.seen_from(jnp.asarray(seat))
        total = 0.0
        for own, other in zip(answers.own[0, :60], answers.other[0, :60], strict=True):
            chance = float(player.chance(game))
            total += np.log(chance if own else 1.0 - chance)
            player = player.learn(jnp.asarray(own), jnp.asarray(other), game)
        ours = matching_pennies.at_level(1, {name: jnp.full((1, 1), value, jnp.float32) for name, value in values.items()}, given)
        assert float(ours[0, 0]) == pytest.approx(total, rel=1e-4)


@pytest.mark.parametrize("module", [dictator, matrix])
def test_chances_of_all_answers_sum_to_one(module: Any) -> None:
    probe = next(iter(module.candidates().values())).answers
    prior = priors.prior(module.asked(module.practice(1)))
    point = priors.draw(prior, 50, np.random.default_rng(0))[None]
    total = sum(np.exp(likelihood(module.FAMILY, prior, one)(point)) for one in module.outcomes(probe))
    np.testing.assert_allclose(total, 1.0, atol=1e-5)


def test_what_nobody_could_choose_says_nothing() -> None:
    """A trustee who got nothing returns nothing, of which nothing is learnt; what he remembers of it is another matter."""
    prior = priors.prior(trust.asked(trust.practice(1)))
    point = priors.draw(prior, 4, np.random.default_rng(0))[None]
    nothing = trust.scripted(1, trust.TRUSTEE, [((trust.HARSH, 5),)])
    np.testing.assert_array_equal(likelihood(FAMILIES["trust"], prior, nothing)(point), 0.0)
    assert (likelihood(FAMILIES["trust"], prior, trust.scripted(1, trust.TRUSTEE, [((trust.KIND, 5),)]))(point) < 0.0).all()


def test_partners_are_kept_apart(tmp_path: Path) -> None:
    """Rounds with two partners, met by turns, are those with one and then those with the other."""
    head = "investor,trustee,sent,returned,endowment,last"
    with_a, with_b = [f"T,A,{sent},0,20,0" for sent in (20, 10, 0)], [f"T,B,{sent},20,20,0" for sent in (10, 15, 20)]
    turns = [line for pair in zip(with_a, with_b, strict=True) for line in pair]
    found = [
        sessions.read("trust", read(_table(tmp_path / "t.csv", head, *lines), GAMES["trust"], "table of choices"), "T").answers
        for lines in (with_a + with_b, turns)
    ]
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one, other)


def _table(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


DICTATOR = "person,own_1,other_1,own_2,other_2,chosen"


@pytest.mark.parametrize(
    ("game", "lines", "told"),
    [
        ("dictator", (DICTATOR, "A,1,2,3,4,1", "A,1,x,3,4,1"), "t.csv:3:3: 'x' is not a number"),
        ("dictator", (DICTATOR, "A,1,2,3,4,7"), "t.csv:2:6: '7' is not one of 1, 2"),
        ("dictator", (DICTATOR, "A,1,,3,4,1"), "t.csv:2:3: the cell says nothing"),
        ("dictator", (DICTATOR, ",1,2,3,4,1"), "t.csv:2:1"),
        ("dictator", (DICTATOR + ",kindness", "A,1,2,3,4,1,2"), "t.csv:2:7: kindness must be 0 to 1, not 2"),
        ("dictator", ("person,own_1,other_1,own_2,chosen", "A,1,2,3,1"), "no column 'other_2'"),
        ("dictator", (DICTATOR, "A,1,2,1,2,1"), "in no line do the two allocations differ"),
        ("dictator", (DICTATOR,), "no lines below its headings"),
        ("matching-pennies", ("person,own,other", "A,1,2"), "t.csv:2:3: '2' is not one of 0, 1"),
        ("matching-pennies", ("person,own,other,seat", "A,1,1,alike", "A,1,1,differ"), "t.csv:3:4: a person sits on one seat"),
        ("matrix", ("person,own,other,chosen", "A,3 0; 5 1,3 5; 0 1,3"), "t.csv:2:4: there is no row 3"),
        ("matrix", ("person,own,other,chosen", "A,3 0; 5 1,3 5; 0 1; 2 2,1"), "t.csv:2:3: a game of 3×2 among games of 2×2"),
        ("matrix", ("person,own,other,chosen", "A,3 0; 5,3 5; 0 1,1"), "t.csv:2:2: '3 0; 5' is not a table of payoffs"),
        ("trust", ("investor,trustee,sent,returned", "A,B,5,20"), "t.csv:2:4: 20 was returned of 15"),
        ("trust", ("investor,trustee,sent,returned,endowment", "A,B,5,2,4"), "t.csv:2:3: 5 was sent out of an endowment of 4"),
        ("trust", ("investor,trustee,sent,returned", "A,A,5,2"), "t.csv:2:2: 'A' plays with himself"),
        ("trust", ("investor,trustee,sent,returned", "A,B,0,0"), "nobody ever sent anything"),
        ("chess", (DICTATOR, "A,1,2,3,4,1"), "unknown game 'chess'"),
    ],
)
def test_faults_are_placed(tmp_path: Path, game: str, lines: tuple[str, ...], told: str) -> None:
    with pytest.raises(InputError) as error:
        virtu.infer(_table(tmp_path / "t.csv", *lines), game)
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"who": "Adda"}, "did you mean 'Ada'?"),
        ({"sampler": "gibbs"}, "unknown sampler"),
        ({"prior": {"depth": 1.0}}, "do not depend on 'depth'"),
        ({"prior": {"vengefulness": {"uniform": [1.0, 0.0]}}}, "the prior of vengefulness"),
    ],
)
def test_options_are_checked(options: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError) as error:
        virtu.infer(EXAMPLES / TABLES["dictator"], "dictator", **options)
    assert told in str(error.value)


def test_draws_are_written_for_other_tools(found: Inference, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    out = tmp_path / "out"
    table = str(EXAMPLES / TABLES["dictator"])
    told = ["virtu", "infer", table, "--game", "dictator", "--prior", "vengefulness = {uniform: [0, 0.5]}", "--json", "--out", str(out)]
    monkeypatch.setattr(sys, "argv", told)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert not ended.value.code
    result = json.loads(capsys.readouterr().out)
    assert json.loads((out / "inference.json").read_text(encoding="utf-8"))["people"] == result["people"]
    page = (out / "report.html").read_text(encoding="utf-8")
    assert all(said in page for said in ("Ada", "Ben", "From prior to posterior", "vengefulness = {uniform: [0, 0.5]}"))
    with xr.open_datatree(out / "draws.nc", engine="h5netcdf") as tree:
        assert set(tree.children) == {"posterior", "prior", "observed_data"}
        drawn = tree["posterior"]["vengefulness"]
        assert drawn.dims == ("chain", "draw", "person")
        assert np.asarray(drawn)[..., 1].mean() == pytest.approx(result["people"]["Ben"]["traits"]["vengefulness"]["mean"], abs=1e-5)
        assert tree["observed_data"]["own"].shape == (2, 64, 2)


def test_arviz_reads_the_draws(found: Inference, tmp_path: Path) -> None:
    arviz = pytest.importorskip("arviz")
    from virtu.inference import export

    read_back = arviz.from_netcdf(export.write(tmp_path / "draws.nc", found))
    assert "empathy_ahead" in read_back["posterior"]


def test_figures_and_words_show_the_numbers(found: Inference) -> None:
    for draw in (infer_figures.densities, infer_figures.chart, infer_figures.correlations):
        for width in (680, 340):
            assert "95\u00a0%" in " ".join(draw(found.result, width).to_dict()["title"]["subtitle"])
    assert any(line.startswith("Ada: of the type strongly altruistic") for line in infer_words.answer(found.result))
    assert infer_words.rows(found.result, "Ada")[1][0] == "empathy ahead"
    assert infer_tables.inference(found.result)


def test_what_is_unknown_is_named() -> None:
    """Nothing can be learnt of a trait on which no choice depends; it is said, and its interval stays that of the prior."""
    people = virtu.infer(EXAMPLES / TABLES["matching-pennies"], "matching-pennies", who="Nils")
    told = people["people"]["Nils"]
    assert "theory_of_mind_depth" in told["unknown"]
    assert "no more is known than before of theory of mind depth" in infer_words.answer(people)[0]


@pytest.fixture(scope="module")
def known() -> dict[str, Any]:
    return runpy.run_path(str(EXAMPLES.parent / "benchmarks" / "known_minds.py"))


def test_levels_of_published_machines_are_found(known: dict[str, Any], data: Path) -> None:
    """From twenty choices each, machines of level 0 are told from those of level 1 and 2, as often as chance does not."""
    found = known["levels"](k_tom_sessions.read(data / known["SESSIONS"])[::3])
    right = found.confusion[0, 0] + found.confusion[1, 1:].sum()
    assert binomtest(int(right), int(found.confusion.sum()), 0.5).pvalue < 1e-3
    assert right > 0.6 * found.confusion.sum()
    assert found.log_score > np.log(1.0 / 3.0), "better than a guess"


def test_types_foretell_better_than_one_for_all_and_each_person_better_still(known: dict[str, Any], data: Path) -> None:
    """Of published choices that were left out; paired by person, beyond two standard errors."""
    scores = known["foretold"](data, most=60)
    for less, more in ((scores.pooled, scores.types), (scores.types, scores.alone)):
        gap = more - less
        assert gap.mean() > 2.0 * gap.std(ddof=1) / len(gap) ** 0.5


def test_errors_exit_with_two(monkeypatch: pytest.MonkeyPatch, capsys: Any, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "argv", ["virtu", "infer", str(_table(tmp_path / "t.csv", DICTATOR, "A,1,x,3,4,1")), "--game", "dictator"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    assert "t.csv:2:3" in capsys.readouterr().err
    assert issubclass(InputError, VirtuError)
