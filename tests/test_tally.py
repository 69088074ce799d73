"""Sums of histories as they come, medians and survival curves; and that nothing reads a whole course of all histories at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from xarray.backends import BackendArray
from xarray.core import indexing

from virtu.laboratory import stages
from virtu.laboratory.compare import compare
from virtu.laboratory.events import events
from virtu.laboratory.shams import Shams
from virtu.laboratory.simulate import simulate
from virtu.laboratory.summary import summarise, survival
from virtu.record import statistics, tally
from virtu.record.survival import Lifetimes, Survival, curve
from virtu.record.tally import Tally
from virtu.show import report, series

from .hot_street import hot
from .small import TICKS, quickly, scenario

HISTORIES = 70


@pytest.fixture(scope="module")
def run() -> Iterator[xr.Dataset]:
    with quickly():
        yield simulate(scenario(), HISTORIES, 5, TICKS)


def portions(values: np.ndarray, cuts: list[int]) -> Iterator[np.ndarray]:
    """Cut values along the last axis."""
    return iter(np.split(values, sorted({cut % (values.shape[1] + 1) for cut in cuts}), axis=1))


def tallied(values: np.ndarray, cuts: list[int], kept: tuple[int, ...] = ()) -> Tally:
    found = Tally(len(values), kept)
    for part in portions(values, cuts):
        found.enter(part)
    return found


@given(st.integers(0, 99), st.integers(1, 300), st.lists(st.integers(0, 300), max_size=5))
@settings(max_examples=50)
def test_up_to_a_stretch_every_bit_is_that_of_all_values_at_once(seed: int, count: int, cuts: list[int]) -> None:
    lots = np.random.default_rng(seed)
    values = np.stack([lots.normal(3.0, 2.0, count), lots.integers(0, 2, count).astype(float), lots.integers(0, 9, count).astype(float)])
    found, base, arm = tallied(values, cuts, (2,)), values[:1], values[2:]
    for row, one in enumerate(values):
        assert found.estimate(row) == statistics.estimate(one)
        assert found.mean(row) == statistics.mean(one)
    assert found.median(2) == statistics.median(values[2])
    both = tally.paired(tallied(base, cuts), tallied(arm, cuts), tallied(arm - base, cuts), 0)
    assert both == statistics.paired(base[0], arm[0])


@given(st.integers(0, 99), st.lists(st.integers(0, 400), max_size=6))
@settings(max_examples=30)
def test_no_sum_depends_on_the_portions_in_which_histories_come(seed: int, cuts: list[int]) -> None:
    """Over many stretches the sum is another than that of all at once by rounding alone, and always the same."""
    values = np.random.default_rng(seed).lognormal(0.0, 2.0, (2, 400))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tally, "STRETCH", 64)
        found, whole = tallied(values, cuts), tallied(values, [])
        assert [found.mean(row) for row in (0, 1)] == [whole.mean(row) for row in (0, 1)]
        assert found.mean(0) == pytest.approx(statistics.mean(values[0]), rel=1e-12)
        assert found.variance(1) == pytest.approx(float(values[1].var()), rel=1e-12)


class Watched(BackendArray):
    """An array that is read when used, and remembers the most histories that were read at once."""

    def __init__(self, values: np.ndarray, axis: int | None, most: list[int]) -> None:
        self.values, self.axis, self.most = values, axis, most
        self.shape, self.dtype = values.shape, values.dtype

    def __getitem__(self, key: Any) -> Any:
        return indexing.explicit_indexing_adapter(key, self.shape, indexing.IndexingSupport.OUTER, self._read)

    def _read(self, key: Any) -> np.ndarray:
        found = indexing.NumpyIndexingAdapter(self.values).oindex[indexing.OuterIndexer(key)]
        if self.axis is not None:
            self.most.append(found.shape[self.axis])
        return found


def watched(dataset: xr.Dataset) -> tuple[xr.Dataset, list[int]]:
    """Return the dataset read when used, and the list of how many histories of courses over time were read at a time."""
    most: list[int] = []

    def reading(one: xr.DataArray) -> indexing.LazilyIndexedArray:
        axis = one.dims.index("history") if {"history", "tick"} <= {*one.dims} else None
        return indexing.LazilyIndexedArray(Watched(one.values, axis, most))

    lazy = {name: (one.dims, reading(one)) for name, one in dataset.data_vars.items()}
    return xr.Dataset(lazy, dataset.coords, dataset.attrs), most


@pytest.mark.parametrize("arena", ["organisation", "street"])
def test_courses_are_read_block_by_block(arena: str, run: xr.Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Summary and report read no more histories of anything over time at once than a block; and tell what they tell of all in memory."""
    from virtu.show import street_report

    found: Any = scenario() if arena == "organisation" else hot()
    with quickly():
        dataset = run if arena == "organisation" else simulate(found, HISTORIES, 0, TICKS)
    write: Any = report.write if arena == "organisation" else street_report.write
    told, log = summarise(dataset, found), events(dataset)
    write(tmp_path / "all.html", dataset, log, told, found)
    lazy, most = watched(dataset)
    monkeypatch.setattr(tally.blocks, "__defaults__", (16,))
    assert summarise(lazy, found) == told
    write(tmp_path / "blocks.html", lazy, log, told, found)
    assert most and max(most) <= 16
    assert (tmp_path / "blocks.html").read_text() == (tmp_path / "all.html").read_text()
    _ = lazy[next(name for name, one in lazy.data_vars.items() if "tick" in one.dims)].values
    assert max(most) == HISTORIES  # and one who read all would be seen


def test_figures_say_of_how_many_histories_they_are(run: xr.Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    assert series.strength_bands(series.drawn(run))["histories"] == str(HISTORIES)
    monkeypatch.setattr(series, "MOST_DRAWN", 40)
    few = series.strength_bands(series.drawn(run))
    assert few["histories"] == f"the first 40 of {HISTORIES}"
    assert few["bands"] == series.strength_bands(run.isel(history=slice(0, 40)))["bands"]


def redrawn(values: np.ndarray, draws: int = 20_000) -> list[float]:
    """The percentile interval of the median by draws."""
    lots = np.random.default_rng(0).integers(0, len(values), (draws, len(values)))
    return np.quantile(np.median(values[lots], axis=1), [0.025, 0.975]).tolist()


@pytest.mark.parametrize("count", [25, 101])
def test_the_median_is_bootstrapped_without_draws(count: int) -> None:
    """The closed form is what very many draws come to: within one value, which is where draws stop."""
    values = np.sort(np.random.default_rng(count).normal(size=count))
    found = statistics.median(values)
    for bound, drawn in zip((found["low"], found["high"]), redrawn(values), strict=True):
        assert bound is not None and abs(np.searchsorted(values, bound) - np.searchsorted(values, drawn)) <= 1
    assert statistics.median(values[:1]) == {"median": values[0], "low": None, "high": None}
    assert statistics.median(np.full(9, 3.0)) == {"median": 3.0, "low": 3.0, "high": 3.0}


def test_survival_of_a_known_table() -> None:
    """Remission in Gehan's trial (6-mercaptopurine; Freireich et al. 1963): the estimate and Greenwood's error that textbooks print."""
    happened, ended = np.zeros(36, int), np.zeros(36, int)
    for tick, count in {6: 3, 7: 1, 10: 1, 13: 1, 16: 1, 22: 1, 23: 1}.items():
        happened[tick] = count
    for tick, count in {6: 1, 9: 1, 10: 1, 11: 1, 17: 1, 19: 1, 20: 1, 25: 1, 32: 2, 34: 1, 35: 1}.items():
        ended[tick] = count
    found = curve(happened, ended)
    assert [round(float(found.surviving[tick]), 4) for tick in (5, 6, 7, 10, 13, 16, 22, 23, 35)] == [
        1.0, 0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482, 0.4482,
    ]  # fmt: skip
    assert found.at_risk[[0, 6, 7, 10]].tolist() == [21, 21, 17, 15]
    assert found.low[10] == pytest.approx(0.5032, abs=5e-5)
    assert found.high[10] == pytest.approx(0.8894, abs=5e-5)
    assert (found.low[0], found.high[0]) == (statistics.share(21, 21)["low"], 1.0)


def test_who_is_watched_to_the_horizon_is_not_taken_for_one_to_whom_it_happened() -> None:
    """Without censoring the curve is the share that is left; taking the censored for events, or leaving them out, gives another."""
    happened, ended = np.array([0, 4, 0, 2, 0]), np.array([0, 0, 3, 0, 1])
    found = curve(happened, ended)
    assert found.surviving.tolist() == pytest.approx([1.0, 0.6, 0.6, 0.2, 0.2])
    assert curve(happened + ended, 0 * ended).surviving.tolist() != pytest.approx(found.surviving.tolist())
    assert curve(happened, 0 * ended).surviving.tolist() != pytest.approx(found.surviving.tolist())
    assert np.isfinite([found.low, found.high]).all() and (found.low <= found.surviving).all() and (found.surviving <= found.high).all()
    never = curve(np.zeros(3, int), np.array([0, 0, 9]))
    assert (never.surviving == 1.0).all() and never.low[2] == statistics.share(9, 9)["low"]
    every = curve(np.array([0, 9]), np.array([0, 0]))
    assert (every.surviving[1], every.low[1], every.high[1]) == (0.0, 0.0, statistics.share(0, 9)["high"])


def test_survival_in_a_run(run: xr.Dataset) -> None:
    """Where nobody dies a natural death the curve at the horizon is the share of those who never fell; JSON and Dataset agree."""
    told, found = summarise(run, scenario())["survival"], survival(run)
    fell = statistics.fall_ticks(run)
    natural = (run.fall_tick.values >= 0) & (fell < 0)
    for one in told["curves"]:
        person = list(run.actor.values).index(one["of"])
        assert one["events"] == int((fell[:, person] >= 0).sum()) == int(found.events.sel(of=one["of"]).sum())
        assert one["surviving"][-1] == float(found.surviving.sel(of=one["of"])[-1])
        if not natural[:, person].any() and (run.status.values[:, 0, person] >= 0).all():
            assert one["surviving"][-1] == pytest.approx(float((fell[:, person] < 0).mean()))
    assert [one["events"] for one in told["curves"]] == sorted((one["events"] for one in told["curves"]), reverse=True)


def test_late_comers_are_watched_from_when_they_come() -> None:
    counted = Survival(["early", "late", "never"], 10)
    times, happened = np.array([[3, 2, 0], [10, 6, 0]]), np.array([[True, True, False], [False, False, False]])
    counted.enter(Lifetimes(times, happened, np.array([[True, True, False], [True, True, False]])))
    assert [one["of"] for one in counted.told()] == ["early", "late"]
    assert counted.told()[1]["median"] == {"median": 2, "low": 0, "high": None}


def test_shams_are_shams() -> None:
    """Turned round by lot, a sound interval misses nought in 5 % of cases; that of a mean of few huge values more often."""
    lots = np.random.default_rng(3)
    differences = np.stack([lots.normal(0.4, 1.0, 300), np.where(np.arange(300) < 4, 100.0, 0.0)])
    found = Shams(2000, 1)
    for part in np.array_split(np.arange(300), 7):
        found.enter(differences[:, part], part)
    told = found.told(["sound", "rare"])
    assert told["doubtful"] == {"rare": pytest.approx(0.125, abs=0.03)}  # all four fall to one side
    assert told["outside"] == pytest.approx((0.05 + 0.125) / 2, abs=0.02)
    assert Shams(5, 1).told([])["outside"] is None


def test_shams_do_not_depend_on_portions_nor_touch_the_result() -> None:
    with quickly():
        with_shams = compare(scenario(), ["off work"], HISTORIES, 5, TICKS, outcome="gini", sham=50)
        without = compare(scenario(), ["off work"], HISTORIES, 5, TICKS, outcome="gini")
    [arm], [bare] = with_shams["arms"], without["arms"]
    assert arm.pop("shams")["shams"] == 50
    assert arm == bare
    assert "median" in arm["effects"]["sole_rule"] and "median" not in arm["effects"]["gini"]


def test_stages_end_with_shards() -> None:
    """Looks are at counts that grow, each at the end of the shard that holds it."""
    from virtu.record.shards import all_of

    every = all_of({"history": (2000, 64)})
    parts = list(stages.stages(every, watched=True))
    assert [part[-1].stretch("history")[1] for part in parts][:3] == [256, 320, 448]
    assert [shard for part in parts for shard in part] == every
    assert list(stages.stages(every, watched=False)) == [every]
