"""The street through the verbs of the laboratory: chance that stays put, arms that differ only in what is done, a log, a summary."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from virtu.errors import InputError
from virtu.laboratory import kernel
from virtu.laboratory.arenas import arena_of
from virtu.laboratory.compare import compare
from virtu.laboratory.events import events
from virtu.laboratory.simulate import sampled_traits
from virtu.laboratory.summary import summarise
from virtu.laboratory.verdict import verdict
from virtu.record import store
from virtu.scenario import load
from virtu.scenario.street_vocabulary import OTHER_OPTIONS, WINGS
from virtu.street import measures

from .compiling import _COMPILE as COMPILE
from .hot_street import CHUNK, HISTORIES, HOT, hot, run, same
from .small import quickly
from .street_stage import CONTENT, TICKS, street


@pytest.fixture(scope="module", autouse=True)
def _sooner() -> Iterator[None]:
    """Compile sooner, and once for each shape."""
    with quickly():
        yield


@pytest.fixture(scope="module")
def base() -> xr.Dataset:
    """Return the run all others are compared with."""
    return run()


ARMS = ("nothing", "correct all", "tactic reds = nonviolent @ 8", "trait Braun.theory_of_mind_precision = 4")


@pytest.fixture(scope="module")
def comparison() -> dict[str, Any]:
    """Return a comparison of several arms, by people killed."""
    return compare(hot(), ARMS, HISTORIES, chunk=CHUNK, workers=2)


# what a run returns


def test_a_run_has_the_dimensions_and_names_of_the_street(base: xr.Dataset) -> None:
    """Numbers by history and tick, none missing, in the types in which they were kept."""
    camps = list(hot().camp_names)
    assert dict(base.sizes) == {"history": HISTORIES, "tick": TICKS, "camp": 2, "camp_to": 2, "wing": 2, "option": 5}
    assert (list(base.camp.values), list(base.wing.values)) == (camps, list(WINGS))
    assert list(base.option.values) == [*camps, *OTHER_OPTIONS]
    assert base.support.dims == ("history", "tick", "option")
    assert base.believed.dims == ("history", "tick", "camp", "camp_to")
    assert all(np.isfinite(values).all() for values in base.data_vars.values())
    assert (base.ruler.dtype, base.fired.dtype, base.intensity.dtype) == (np.int8, bool, np.float32)
    assert (base.attrs["arena"], base.attrs["unit"], list(base.date.values[:2])) == ("street", "week", ["t0", "t1"])
    assert (base.shots.sum() > 20) and (base.killed.sum() > 10)


def test_measures_are_of_what_the_scenario_has(base: xr.Dataset) -> None:
    """Those computed are those promised, with the names of whose they are."""
    arena, found = arena_of(hot()), measures.of_all(base)
    promised = [
        f"{name}:{whose}" if one.of else name
        for name, one in arena.measures().items()
        for whose in (arena.whose(one.of, hot()) if one.of else ("",))
    ]
    assert list(found) == promised


def test_traits_are_drawn_as_in_the_organisation() -> None:
    """By name, whatever else there is."""
    drawn = sampled_traits(hot(), 8, 3)
    assert drawn.dims == ("history", "trait", "actor")
    more = sampled_traits(hot(actors={"Zoe": {}, **CONTENT["actors"]}), 8, 3)
    np.testing.assert_array_equal(more.sel(actor=list(drawn.actor.values)), drawn)


# the same chance


def test_chunks_workers_and_bystanders_change_nothing(base: xr.Dataset) -> None:
    """Seven histories at a time on two workers are the same to the last bit; so they are with one person more, of no camp."""
    assert same(run(chunk=7, workers=2), base)
    bystander = hot(actors={"Aaron": {}, **CONTENT["actors"]})
    assert same(run(bystander, chunk=7), base)
    assert same(run(histories=5, chunk=7), base.isel(history=slice(5)))


@pytest.mark.slow
def test_one_history_at_a_time_is_the_same_to_the_last_bit() -> None:
    """Compiled as users compile: one at a time, seven at a time, all at once, at the size that suits the scenario."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernel, "QUICKER", {key: value for key, value in kernel.QUICKER.items() if key != "xla_backend_optimization_level"})
        patch.setattr(kernel, "compiled", COMPILE)
        whole = run(chunk=None)
        for chunk in (1, 7, HISTORIES):
            assert same(run(chunk=chunk), whole)


def test_seeds_are_seeds(base: xr.Dataset) -> None:
    """0 is the seed 0 and no other."""
    assert same(run(seed=0), base)
    assert not same(run(seed=1), base)


def test_the_order_of_camps_does_not_matter() -> None:
    """With the camps turned round each has the history it had, but for rounding, as long as rounding decides nothing."""
    turned = run(street(**{**HOT, "camps": dict(reversed(HOT["camps"].items()))})).sel(camp=["reds", "blues"])
    first = run().isel(tick=slice(6))
    for name in ("intensity", "turnout", "radical", "felt"):
        np.testing.assert_allclose(turned[name].isel(tick=slice(6)), first[name], rtol=1e-3, atol=1e-4, err_msg=name)
    np.testing.assert_array_equal(turned.incidents.isel(tick=slice(6)), first.incidents)


def test_recording_changes_nothing(base: xr.Dataset, tmp_path: Path) -> None:
    """A run that is written is the run, and comes back as it was, with its log."""
    kept, log, found = base.copy(deep=True), events(base), hot()
    place = store.write(tmp_path / "run", base, log, summarise(base, found), found.text)
    assert base.identical(kept)
    back = store.read(place)
    assert same(back.dataset.load(), base)
    assert back.events.equals(log) and events(back.dataset).equals(log)
    assert back.summary["arena"] == "street"


def test_interrupted_runs_keep_what_is_finished(base: xr.Dataset) -> None:
    """Ctrl-C after the first chunk leaves its histories, the same as in the whole run."""

    def interrupt(done: int, _: int) -> None:
        if done >= 7:
            raise KeyboardInterrupt

    cut = run(chunk=7, progress=interrupt)
    assert cut.attrs["interrupted"] == 1
    assert 0 < cut.sizes["history"] < HISTORIES
    assert same(cut, base.sel(history=cut.history))


def test_a_chunk_suits_the_number_of_cells() -> None:
    """Fewer histories at once where there are more cells, never none, and no more than are of use."""

    def cells(divided: int) -> int:
        return arena_of(hot()).chunk(street(public={"people": 10**6, "cells": {"all": {"divided": divided}}}))

    sizes = [cells(divided) for divided in (1, 100, 400, 2000)]
    assert sizes == sorted(sizes, reverse=True)
    assert (sizes[0], sizes[-1]) == (128, 32)
    assert sizes[2] * 400 * 5 * 5 <= 2_000_000


# comparisons


def test_doing_nothing_changes_nothing(comparison: dict[str, Any]) -> None:
    """Every effect is exactly 0, unchanged in every history; and an arm that does something is not like that."""
    nothing, correct = comparison["arms"][:2]
    for name, effect in nothing["effects"].items():
        assert (effect["mean"], effect["low"], effect["high"]) == (0.0, 0.0, 0.0), name
        assert (effect["unchanged"], effect["helped"], effect["hurt"]) == (1.0, 0.0, 0.0), name
    assert nothing["pairing_horizon"] == {"median_tick": None, "share_diverged": 0.0, "ticks": TICKS}
    assert (nothing["verdict"]["word"], nothing["felt"]) == ("did nothing", None)
    assert correct["pairing_horizon"]["share_diverged"] == 1.0
    assert correct["effects"]["overestimate:reds"]["high"] < 0.0


def test_a_comparison_says_which_arena_and_is_ready_for_json(comparison: dict[str, Any]) -> None:
    """With arms that part no sooner than something is done, and the same however they are cut into chunks."""
    assert (comparison["arena"], comparison["outcome"]) == ("street", "killed")
    assert comparison["arms"][2]["pairing_horizon"]["median_tick"] == 8.0
    assert json.loads(json.dumps(comparison, allow_nan=False)) == comparison
    again = compare(hot(), ARMS[1:2], HISTORIES, chunk=7, workers=1)
    assert again["arms"][0]["effects"] == comparison["arms"][1]["effects"]


def test_the_camp_that_moves_says_what_it_felt(comparison: dict[str, Any]) -> None:
    """The camp that is named, or whose leader it is, by its measure of what is felt; nobody where all camps are meant."""
    _, everybody, reds, braun = comparison["arms"]
    assert everybody["felt"] is None
    for arm, camp in ((reds, "reds"), (braun, "blues")):
        assert arm["felt"]["actor"] == camp
        assert {key: arm["felt"][key] for key in ("mean", "low", "high")} == {
            key: arm["effects"][f"felt:{camp}"][key] for key in ("mean", "low", "high")
        }
        assert camp in arm["verdict"]["sentence"]


def test_fewer_killed_is_help(comparison: dict[str, Any]) -> None:
    """Of a harm less is better: an arm with fewer people killed helped, and the same effect on support would have hurt."""
    arm = comparison["arms"][2]
    assert arm["effects"]["killed"]["high"] < 0.0
    assert arm["verdict"]["word"] == "helped"
    assert arm["verdict"]["sentence"].startswith("It helped: killed changed by -")
    assert verdict("support:reds", arm["effects"]["killed"], None)["word"] == "hurt"
    harms = {name for name, one in arena_of(hot()).measures().items() if one.less_is_better}
    assert harms == {"killed", "injured", "incidents", "repression", "overestimate", "ran_away"}


@pytest.mark.parametrize(
    ("outcome", "message", "hint"),
    [
        ("kiled", "unknown measure 'kiled'", "did you mean 'killed'?"),
        ("killed:reds", "the measure killed is not one of a camp", "write killed"),
        ("incidents", "the measure incidents is one of a camp", "for instance incidents:reds"),
        ("incidents:red", "unknown camp 'red' in 'incidents:red'", "did you mean 'reds'?"),
        ("support:sate", "unknown option 'sate' in 'support:sate'", "did you mean 'state'?"),
        ("rules:state", "unknown ruler 'state' in 'rules:state'", ""),
        ("rules", "the measure rules is one of a ruler", "for instance rules:elite"),
        ("on_top:reds", "unknown measure 'on_top'", ""),
    ],
)
def test_an_unknown_outcome_is_refused(outcome: str, message: str, hint: str) -> None:
    """Before anything is run, with what was meant."""
    with pytest.raises(InputError) as caught:
        compare(hot(), ["nothing"], outcome=outcome)
    assert message in caught.value.message
    assert hint in caught.value.hint


@pytest.mark.parametrize("name", ["two-camps", "weimar-1929", "street-2017", "reform-with-a-flank"])
def test_the_outcome_of_a_shipped_scenario_is_one(name: str) -> None:
    """And it is that by which moves are judged where no other is asked for."""
    found = load(name)
    arena = arena_of(found)
    base, _, whose = arena.outcome(found).partition(":")
    kind = arena.measures()[base].of
    assert whose in arena.whose(kind, found) if kind else not whose
