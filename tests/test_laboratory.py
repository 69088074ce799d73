"""Runs and comparisons: chance that stays put, arms that differ only in what is done, and intervals that cover."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from ruamel.yaml import YAML

from virtu.errors import InputError
from virtu.laboratory import kernel
from virtu.laboratory.compare import compare
from virtu.laboratory.events import events
from virtu.laboratory.simulate import simulate
from virtu.laboratory.summary import summarise
from virtu.organisation import phases
from virtu.record import statistics, store
from virtu.scenario import Scenario, loads, template
from virtu.scenario.vocabulary import CAUSES, MOVES, Status

from .compiling import sharing

TICKS, HISTORIES, CHUNK = 12, 40, 20

ARMS = ("nothing", "off work", "trait Berg.nerve = 1", "move Eriksen strike Berg @ 3")


def content() -> dict[str, Any]:
    """Return the template as a mapping."""
    return YAML(typ="safe", pure=True).load(template("small"))


def scenario(**changes: Any) -> Scenario:
    """Return the template with parts changed."""
    return loads(json.dumps({**content(), **changes}))


def run(found: Scenario | None = None, **arguments: Any) -> xr.Dataset:
    """Run a few short histories."""
    return simulate(found or scenario(), **{"histories": HISTORIES, "ticks": TICKS, "chunk": CHUNK, "workers": 1, **arguments})


def same(one: xr.Dataset, other: xr.Dataset) -> bool:
    """Return whether two runs are equal to the last bit, in every variable and coordinate."""
    kept = [dataset.drop_attrs() for dataset in (one, other)]
    return kept[0].identical(kept[1])


@pytest.fixture(scope="module", autouse=True)
def comparison(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[str, Any], int]]:
    """Return a comparison of several arms, and how often the model was traced for it where no program was kept from before."""
    traced = []
    histories = phases.histories

    def counted(*arguments: Any) -> Any:
        traced.append(arguments)
        return histories(*arguments)

    with sharing(afresh=True):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
            patch.setattr(phases, "histories", counted)
            result = compare(scenario(), ARMS, HISTORIES, ticks=TICKS, chunk=CHUNK, workers=2)
        yield result, len(traced)


@pytest.fixture(scope="module")
def base() -> xr.Dataset:
    """Return the run all others are compared with."""
    return run()


# comparisons


def test_doing_nothing_changes_nothing(comparison: tuple[dict[str, Any], int]) -> None:
    """Every effect is exactly 0, unchanged in every history; and an arm that does something is not like that."""
    nothing, off_work = comparison[0]["arms"][:2]
    for name, effect in nothing["effects"].items():
        assert (effect["mean"], effect["low"], effect["high"]) == (0.0, 0.0, 0.0), name
        assert (effect["unchanged"], effect["helped"], effect["hurt"]) == (1.0, 0.0, 0.0), name
    assert nothing["pairing_horizon"] == {"median_tick": None, "share_diverged": 0.0, "ticks": TICKS}
    assert nothing["verdict"]["word"] == "did nothing"
    assert off_work["pairing_horizon"]["share_diverged"] == 1.0
    assert off_work["effects"]["share:Berg"]["unchanged"] < 1.0


def test_all_arms_run_one_program(comparison: tuple[dict[str, Any], int]) -> None:
    """Baseline and arms are traced once in all."""
    assert comparison[1] == 1
    assert len(comparison[0]["arms"]) == len(ARMS)


def test_arms_part_no_sooner_than_something_is_done(comparison: tuple[dict[str, Any], int]) -> None:
    """A strike at tick 3 parts histories at tick 3; a comparison is ready for JSON."""
    horizon = comparison[0]["arms"][3]["pairing_horizon"]
    assert horizon["share_diverged"] > 0.9  # but where one of the two has died
    assert horizon["median_tick"] == 3.0
    assert json.loads(json.dumps(comparison[0], allow_nan=False))["outcome"] == "on_top:Berg"


@pytest.mark.parametrize("outcome", ["on_topp:Berg", "on_top:Borg", "on_top", "gini:Berg"])
def test_an_unknown_outcome_is_refused(outcome: str) -> None:
    """Before anything is run."""
    with pytest.raises(InputError):
        compare(scenario(), ["nothing"], outcome=outcome)


# the same chance


@pytest.mark.parametrize(("chunk", "workers"), [(1, 1), (CHUNK, 2)])
def test_chunks_and_workers_change_nothing(base: xr.Dataset, chunk: int, workers: int) -> None:
    """However histories are cut and shared out, every variable is the same to the last bit, but for a logarithm's in `insight`."""
    again = run(chunk=chunk, workers=workers)
    assert same(again.drop_vars("insight"), base.drop_vars("insight"))
    xr.testing.assert_allclose(again.insight, base.insight, rtol=0.0, atol=1e-6)


def test_seeds_are_seeds(base: xr.Dataset) -> None:
    """0 is the seed 0 and no other; the same seed gives the same run."""
    assert same(run(seed=0), base)
    for seed in (1, -1, 2**32):
        assert not same(run(seed=seed), base)


def test_a_bystander_in_the_file_changes_nobody(base: xr.Dataset) -> None:
    """Somebody without seat, tie or voice, put first in the file, changes no other person's history by one bit.

    Nor do chunks of 7 rather than 20, which are run here to compile once for both.
    """
    before = content()["actors"]
    more = run(scenario(actors={"Aaron": {"entry": "none"}, **before}), chunk=7)
    names = list(before)
    for name in ("strength", "believed", "status", "move", "outcome", "side", "satisfaction", "fall_tick", "fall_grade", "fall_cause"):
        np.testing.assert_array_equal(more[name].sel(actor=names), base[name], err_msg=name)
    for name in ("leader", "target", "fall_by", "executor", "on_top"):
        found = more[name].sel(actor=names) if "actor" in more[name].dims else more[name]
        np.testing.assert_array_equal(np.where(found.values >= 0, found.values - 1, -1), np.maximum(base[name], -1), err_msg=name)
    for name in ("sole_since", "purged", "innocent", "result"):
        np.testing.assert_array_equal(more[name], base[name], err_msg=name)
    np.testing.assert_allclose(more.dependence.sel(actor=names, actor_to=names), base.dependence, rtol=1e-6)
    assert (more.status.sel(actor="Aaron") == -1).all()


def test_the_order_of_the_file_does_not_matter(base: xr.Dataset) -> None:
    """With the actors turned round, everybody's history is the same but for rounding, as long as rounding changes no choice."""
    turned = run(scenario(actors=dict(reversed(content()["actors"].items())))).sel(actor=base.actor.values)
    assert list(turned.actor.values) == list(base.actor.values)
    short = slice(0, 5)
    for name in ("strength", "believed"):
        np.testing.assert_allclose(turned[name].isel(tick=short), base[name].isel(tick=short), rtol=1e-3, err_msg=name)
    np.testing.assert_array_equal(turned.move.isel(tick=short), base.move.isel(tick=short))
    assert len(np.unique(base.move.isel(tick=short))) > 4


def test_recording_changes_nothing(base: xr.Dataset, tmp_path: Path) -> None:
    """A run that is written is the run, and comes back as it was."""
    found = scenario()
    kept = base.copy(deep=True)
    log = events(base)
    place = store.write(tmp_path / "run", base, log, summarise(base, found), found.text)
    assert base.identical(kept)
    back = store.read(place)
    assert same(back.dataset.load(), base)
    assert back.events.equals(log)


def test_interrupted_runs_keep_what_is_finished(base: xr.Dataset) -> None:
    """Ctrl-C after the first chunk leaves its histories, the same as in the whole run; before it, nothing."""

    def interrupt(done: int, _: int) -> None:
        if done >= CHUNK:
            raise KeyboardInterrupt

    cut = run(progress=interrupt)
    assert cut.attrs["interrupted"] == 1
    assert 0 < cut.sizes["history"] < HISTORIES
    whole = base.sel(history=cut.history).drop_vars("dependence")
    assert same(cut.drop_vars("dependence"), whole)


@pytest.mark.parametrize("arguments", [{"histories": 0}, {"ticks": 0}, {"chunk": 0}, {"seed": 2**64}, {"histories": 2.5}, {"seed": True}])
def test_numbers_out_of_range_are_refused(arguments: dict[str, Any]) -> None:
    """Before anything is compiled."""
    with pytest.raises(InputError, match=next(iter(arguments))):
        run(**arguments)


# what is done shows


def test_forced_moves_show() -> None:
    """Eriksen strikes at Berg at tick 3, in every history in which both are there."""
    done = run(do=["move Eriksen strike Berg @ 3"])
    there = (done.status.sel(actor=["Eriksen", "Berg"]).isel(tick=2) <= 1).all("actor").values
    move = done.move.sel(actor="Eriksen").isel(tick=3).values[there]
    target = done.target.sel(actor="Eriksen").isel(tick=3).values[there]
    assert there.sum() > HISTORIES / 2
    assert (move == MOVES.index("strike")).mean() > 0.9
    assert (done.actor.values[target[move == MOVES.index("strike")]] == "Berg").all()


def test_without_work_merit_falls(base: xr.Dataset) -> None:
    """Berg's strength, of which diligence is a source, is lower at once and stays so in the mean."""
    gap = (run(do=["off work"]).strength - base.strength).sel(actor="Berg").mean("history").values
    assert (gap[1:] < 0.0).all()
    assert gap[5] < gap[1]


def test_events_tell_every_fall(base: xr.Dataset) -> None:
    """As many lines of falls as first falls in the dataset, each with its cause."""
    log = events(base).to_pylist()
    falls = [line for line in log if line["move"] == "falls"]
    assert len(falls) == int((base.fall_tick >= 0).sum()) > 0
    assert {line["outcome"].split(":")[1] for line in falls} <= set(CAUSES)


def test_the_dead_are_counted_as_dead() -> None:
    """From the tick of a death on the dataset says so, though the place may have gone to somebody else."""
    done = run(do=["parameter mortality = 0.1"])
    dead = (done.fall_grade == int(Status.DEAD)) & (done.tick >= done.fall_tick)
    assert (done.status == int(Status.DEAD)).values[dead.transpose(*done.status.dims).values].all()
    assert (done.status.sel(actor="Fabri") >= 0).any()  # called in for one of them


# who appoints


def equals(**changes: Any) -> Scenario:
    """Return ten actors alike in everything but that the first holds a post without weight that appoints 30 officials."""
    traits = {"theory_of_mind_depth": 1.4, "theory_of_mind_precision": 1.0, "suspicion": 0.0, "rigidity": 0.3, "retention": 0.97}
    traits |= dict.fromkeys(("nerve", "diligence", "competence", "ambition", "display", "hardness", "conviction", "loyalty"), 0.5)
    traits |= {"empathy_behind": 0.05, "empathy_ahead": 0.15}
    return loads(
        json.dumps(
            {
                "scenario": "ten-alike",
                "title": "Ten alike",
                "calendar": {"ticks": 60},
                "forum": {"seats": 10},
                "actors": {f"P{number}": {"entry": "forum", "traits": traits} for number in range(10)},
                "posts": {"appointer": {"holder": "P0", "weight": 0.0, "appoints": ["officials"]}},
                "groups": {"officials": {"count": 30, "weight": 0.2, "turnover": 0.05}},
                **changes,
            }
        )
    )


def test_who_appoints_ends_on_top_and_by_lot_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of ten alike the holder of the power of appointment ends on top far more often than one in ten; by lot he does not.

    All are forbidden to offer to resign in the first half, which leaves them alike and shows that a ban is kept.
    """
    monkeypatch.setattr(kernel, "QUICKER", {**kernel.QUICKER, "xla_backend_optimization_level": 0})  # compiled sooner, for a short run
    ban = "forbid * threaten_to_resign @ 0..29"
    shares = {}
    for arm in ("on patronage", "off patronage"):
        done = simulate(equals(), 200, 5, do=[ban, arm], chunk=50, workers=2)
        offers = (done.move == MOVES.index("threaten_to_resign")).any(("history", "actor")).values
        assert not offers[:30].any()
        assert offers[30:].any()
        shares[arm] = statistics.share(int((done.on_top == 0).sum()), 200)
    assert shares["on patronage"]["low"] > 0.8
    assert shares["off patronage"]["high"] < 0.1


# intervals


def coverage(intervals: list[dict[str, Any]], truth: float, narrow: float = 1.0) -> float:
    """Return the share of intervals that cover the truth, after narrowing them round their middle."""
    middle = np.array([(one["low"] + one["high"]) / 2 for one in intervals])
    half = np.array([(one["high"] - one["low"]) / 2 for one in intervals]) * narrow
    return float((np.abs(middle - truth) <= half).mean())


def _means(random: np.random.Generator) -> dict[str, Any]:
    return statistics.mean(random.normal(0.3, 2.0, 60))


def _paired(random: np.random.Generator) -> dict[str, Any]:
    base = random.normal(5.0, 3.0, 60)
    return statistics.paired(base, base + random.normal(0.3, 1.0, 60))


def _shares(random: np.random.Generator) -> dict[str, Any]:
    return statistics.share(int(random.binomial(100, 0.3)), 100)


@pytest.mark.parametrize("experiment", [_means, _paired, _shares])
def test_intervals_cover(experiment: Callable[[np.random.Generator], dict[str, Any]]) -> None:
    """In 1,000 experiments 93 to 97 % of the intervals hold the truth; intervals of half the width would not pass."""
    random = np.random.default_rng(11)
    found = [experiment(random) for _ in range(1000)]
    assert 0.93 <= coverage(found, 0.3) <= 0.97
    assert coverage(found, 0.3, narrow=0.5) < 0.8


def test_pairing_reduces_variance_as_it_should() -> None:
    """With variances 9 and 10 unpaired and 1 paired, the factor is 19; a single value has no interval; a sham none to divide by."""
    random = np.random.default_rng(2)
    base = random.normal(0.0, 3.0, 20_000)
    effect = statistics.paired(base, base + random.normal(0.0, 1.0, base.size))
    assert effect["variance_reduction"] == pytest.approx(19.0, rel=0.05)
    assert statistics.paired(base, base)["variance_reduction"] is None
    assert statistics.mean(base[:1])["low"] is None
