"""The log and the summary of a run of the street say what its histories hold."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import xarray as xr

from virtu.laboratory.events import events
from virtu.laboratory.summary import summarise
from virtu.scenario.street_vocabulary import ANSWERS, RULERS

from .hot_street import HISTORIES, hot, run
from .small import quickly
from .street_stage import TICKS


@pytest.fixture(scope="module", autouse=True)
def _sooner() -> Iterator[None]:
    """Compile sooner, and once for each shape."""
    with quickly():
        yield


@pytest.fixture(scope="module")
def base() -> xr.Dataset:
    """Return the run all others are compared with."""
    return run()


def rows(log: Any, move: str) -> list[dict[str, Any]]:
    """Return the lines of a log with a move."""
    return [line for line in log.to_pylist() if line["move"] == move]


def test_the_log_tells_every_shot(base: xr.Dataset) -> None:
    """A line for each tick and camp with shots, with their number; a camp's first of each history is marked."""
    fires = rows(events(base), "fires")
    assert len(fires) == int((base.shots > 0).sum()) > 10
    assert sum(line["number"] for line in fires) == int(base.shots.sum())
    first = [line for line in fires if line["outcome"] == "first shot"]
    assert len(first) == int(base.fired.isel(tick=-1).sum())
    for line in first:
        before = base.fired.sel(history=line["history"], camp=line["actor"]).values
        assert not before[: line["tick"]].any() and before[line["tick"]]


def test_the_log_tells_what_the_elite_does_and_who_takes_over() -> None:
    """Bargains with what they led to, changes of ruler with whom they replaced; routine only where asked for."""
    done = run(do=["elite ignore @ ..3; elite bargain @ 4"])
    log = events(done)
    bargains, changes = rows(log, "bargain"), rows(log, "takes over")
    assert len(bargains) == len(changes) == int((done.answer == ANSWERS.index("bargain")).sum()) == HISTORIES
    for deal, change in zip(bargains, changes, strict=True):
        assert (deal["history"], deal["tick"], deal["actor"], deal["target"]) == (change["history"], 4, "elite", "outsider")
        assert {"contained": "coalition", "not contained": "outsider"}[deal["outcome"]] == change["actor"]
        assert (change["target"], change["outcome"]) == ("elite", "bargain")
    assert {change["actor"] for change in changes} == {"coalition", "outsider"}
    assert not rows(log, "ignore") and not rows(log, "incidents")
    whole = events(done, routine=True)
    assert len(rows(whole, "ignore")) == int((done.answer == ANSWERS.index("ignore")).sum())
    assert sum(line["number"] for line in rows(whole, "incidents")) == int(done.incidents.sum())
    assert sum(line["number"] for line in rows(whole, "victims")) == int(done.victims.sum())
    order = [(line["history"], line["tick"]) for line in whole.to_pylist()]
    assert order == sorted(order)


def test_the_log_names_whom_repression_hits() -> None:
    """The camp on which it grew most at that council."""
    done = run(do=["elite repress"])
    struck = rows(events(done), "repress")
    assert struck
    for line in struck[:40]:
        force = done.repression.sel(history=line["history"]).values
        before = force[line["tick"] - 1] if line["tick"] else np.zeros(2)
        assert line["target"] == str(done.camp.values[(force[line["tick"]] - before).argmax()])


def test_a_revolt_and_a_flight_are_told() -> None:
    """A camp that takes over by itself, and a history that ran away."""
    done = run(do=["parameter revolt_rate = 1; parameter revolt_ratio = 0.01; off elite"])
    revolts = rows(events(done), "takes over")
    assert revolts and {line["outcome"] for line in revolts} == {"revolt"}
    assert {line["actor"] for line in revolts} <= {"reds", "blues"}
    ran = run(do=["parameter reaction = 10; parameter ceiling = 20"])
    assert len(rows(events(ran), "runs away")) == int(ran.ran_away.isel(tick=-1).sum()) > 0


# the summary

RECORD = {
    "on_top": "outsider",
    "since": 20,
    "findings": [
        {"measure": "support", "of": "reds", "at": 10, "value": 0.99},
        {"measure": "killed", "since": 5, "at": 9, "value": 0},
        {"measure": "killed", "at": 9, "value": 1e6},
        {"measure": "support", "of": "reds", "at": 300, "value": 0.1},
    ],
    "notes": "made up",
}


def test_the_summary_says_who_rules(base: xr.Dataset) -> None:
    """Shares that add up to 1, most frequent first; the measures, without those of rulers; ready for JSON."""
    summary = summarise(base, hot())
    assert (summary["arena"], summary["histories"], summary["history_check"]) == ("street", HISTORIES, None)
    shares = [share["mean"] for share in summary["on_top"].values()]
    assert shares == sorted(shares, reverse=True) and sum(shares) == pytest.approx(1.0)
    assert set(summary["on_top"]) == {*RULERS, *hot().camp_names}
    assert not any(name.startswith("rules:") for name in summary["measures"])
    assert summary["measures"]["killed"]["mean"] == pytest.approx(float(base.killed.sum("tick").mean()))
    assert json.loads(json.dumps(summary, allow_nan=False)) == summary


def test_shares_of_the_people_have_the_interval_of_a_mean() -> None:
    """An outsider whom nobody can support has none, without doubt; a camp that never fired first might have, in other histories."""
    found = hot(outsider={"camp": "reds"})
    summary = summarise(run(found, do=["parameter shot_severity = 1000000"]), found)
    assert summary["measures"]["support:outsider"] == {"mean": 0.0, "low": 0.0, "high": 0.0, "unit": "share"}
    assert summary["measures"]["fired_first:reds"]["high"] > 0.1


def test_the_record_is_set_beside_the_run() -> None:
    """Levels at their moment, counts over their stretch of time; what lies outside the run is compared with nothing."""
    found = hot(record=RECORD)
    done = run(found)
    check = summarise(done, found)["history_check"]
    level, count, more, outside = check["findings"]
    support = np.quantile(done.support.sel(option="reds").isel(tick=10), [0.025, 0.5, 0.975])
    assert list(level["simulated"].values()) == pytest.approx([support[1], support[0], support[2]])
    killed = done.killed.values[:, 5:10].sum(axis=1)
    assert count["simulated"]["high"] == pytest.approx(np.quantile(killed, 0.975))
    assert (level["agrees"], more["agrees"], outside["agrees"], outside["simulated"]) == (False, False, None, None)
    assert more["simulated"]["median"] == pytest.approx(np.median(done.killed.values[:, :10].sum(axis=1)))
    assert check["share_on_top"]["mean"] == float((done.ruler.isel(tick=-1) == RULERS.index("outsider")).mean()) > 0.0
    assert check["since"]["recorded"] == "20"
    rules = (done.ruler == RULERS.index("outsider")).values
    begun = np.array([TICKS - np.argmin([*row[::-1], False]) for row in rules if row[-1]])
    assert check["since"]["median_date"] == f"t{int(np.quantile(begun, 0.5, method='nearest'))}"
    assert check["since"]["agrees"] == (np.quantile(begun, 0.025, method="nearest") <= 20 <= np.quantile(begun, 0.975, method="nearest"))
